/* The yearly review of grants, and the self-assessment of the five steps.
 *
 * A review is one row: it covers every grant that was executed and open when it began, however many. An answer is a row; what
 * nobody has answered is no row, so it can never be counted as "keep". "Remove" revokes in the same commit, "keep" sets the
 * next check at most a year on, "change" stays a task of the reviewer until the grant is ended and another is requested.
 *
 * SECURITY: an answer obeys the table of moves: nobody reviews what is for herself, nor in another legal body. */
#include "access.h"
#include "points/access/review.h"

const char *const access_step_text[ACCESS_STEPS] = {
	N_("Access is approved by the right person, and three different people request, approve and execute."),
	N_("Every grant has an end and is checked at least once a year."),
	N_("There is a register of all grants and a log of every change."),
	N_("Access changes the same day as the employment ends or changes."),
	N_("Suppliers get access only after a request, and for a set time."),
};

enum err access_review_begin(struct rq *rq, struct str name, struct instant due_at, int64_t by, int64_t *ret)
{
	struct access_review_most_row most;
	struct change *change;

	name = str_trim(name);
	if (name.len == 0 || name.len > 200 || !str_is_utf8(name))
		return fail(rq, ERR_INVALID, _("Give the review a name of at most 200 characters."));
	if (!instant_is_before(rq->now, due_at) || instant_is_before(instant_plus_months(rq->now, 12), due_at))
		return fail(rq, ERR_INVALID, _("The last day must be within a year from now."));
	if (by >= 0)
		TRY(access_holds(rq, by, ROLE_COORDINATOR, -1));
	TRY(access_review_most(rq, &most));
	TRY(audit_begin(rq, "access.review", name, &change));
	TRY(access_review_add(change, &(const struct access_review_add_args){ most.id + 1, name, rq->now, due_at, { by >= 0, by } }));
	*ret = most.id + 1;
	return OK;
}

static enum err find_review(struct rq *rq, int64_t id, struct access_review_get_row *ret)
{
	enum err err = access_review_get(rq, id, ret);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no review %lld."), (long long)id);
	if (err == OK && ret->closed_at.is)
		return fail(rq, ERR_CONFLICT, _("Review %lld is closed."), (long long)id);
	return err;
}

enum err access_review_say(struct rq *rq, const struct access_answered *said)
{
	struct access_review_get_row review;
	struct access_review_answered_row before;
	struct access_review_item_most_row most;
	struct access_grant_get_row grant;
	struct access_person_row person;
	struct change *change;

	if (said->answer < ACCESS_KEEP || said->answer > ACCESS_REMOVE)
		return fail(rq, ERR_INVALID, _("Answer keep, change or remove."));
	struct str note = str_trim(said->note);
	if (note.len > 1000 || !str_is_utf8(note))
		return fail(rq, ERR_INVALID, _("%s is longer than %zu characters or not UTF-8"), "note", (size_t)1000);
	if (said->answer == ACCESS_CHANGE && note.len == 0)
		return fail(rq, ERR_INVALID, _("Say what must change."));
	TRY(find_review(rq, said->review, &review));
	enum err err = access_grant_get(rq, said->grant, &grant);
	if (err == ERR_NONE || (err == OK && (!grant.executed_at.is || grant.executed_at.i > review.began_at.ms)))
		return fail(rq, ERR_NONE, _("Grant %lld is not part of review %lld."), (long long)said->grant, (long long)said->review);
	if (err != OK)
		return err;
	if (access_review_answered(rq, said->review, said->grant, &before) == OK)
		return fail(rq, ERR_CONFLICT, _("Grant %lld has been answered in this review."), (long long)said->grant);
	const struct access_move *keep = access_move_named(STR("keep"));
	const struct access_move *revoke = access_move_named(STR("revoke"));
	struct access_move move = said->answer == ACCESS_REMOVE ? *revoke : *keep;
	move.states |= revoke->states;
	move.is_not_own = true;
	TRY(access_may(rq, &move, &grant, said->by));
	TRY(access_person(rq, grant.person, &person));
	TRY(audit_begin(rq, "access.review.answer", person.code, &change));
	TRY(access_review_item_most(rq, &most));
	TRY(access_review_answer(change, &(const struct access_review_answer_args){ most.id + 1, said->review, said->grant, said->answer,
		note.at ? note : STR(""), said->by, rq->now }));
	struct access_deed deed = { .grant = said->grant, .by = said->by, .reason = STR("review") };
	return said->answer == ACCESS_CHANGE ? OK : move.make(rq, change, &grant, &deed);
}

enum err access_review_end(struct rq *rq, int64_t id, int64_t by)
{
	struct access_review_get_row review;
	struct change *change;

	TRY(find_review(rq, id, &review));
	if (by >= 0)
		TRY(access_holds(rq, by, ROLE_COORDINATOR, -1));
	TRY(audit_begin(rq, "access.review.close", review.name, &change));
	return access_review_close(change, rq->now, id);
}

enum err access_assess(struct rq *rq, const struct access_assessed *given)
{
	struct access_assessed a = *given;
	struct access_person_row owner;
	struct change *change;

	a.rule = str_trim(a.rule);
	a.evidence = str_trim(a.evidence);
	if (a.step < 1 || a.step > ACCESS_STEPS)
		return fail(rq, ERR_NONE, _("There is no step A%lld."), (long long)a.step);
	if (a.rule.len > 1000 || a.evidence.len > 1000 || !str_is_utf8(a.rule) || !str_is_utf8(a.evidence))
		return fail(rq, ERR_INVALID, _("%s is longer than %zu characters or not UTF-8"), "text", (size_t)1000);
	if (a.is_met && (a.rule.len == 0 || !a.owner.is || a.evidence.len == 0))
		return fail(rq, ERR_INVALID, _("A step that is met has a rule, an owner and something that shows it."));
	if (a.owner.is && access_person(rq, a.owner.i, &owner) != OK)
		return fail(rq, ERR_NONE, _("There is no person number %lld."), (long long)a.owner.i);
	if (a.by >= 0)
		TRY(access_holds(rq, a.by, ROLE_COORDINATOR, -1));
	TRY(audit_begin(rq, "access.assess", str_print(rq->arena, "A%lld", (long long)a.step), &change));
	return access_step_set(change, &(const struct access_step_set_args){ a.step, a.is_met, a.rule.at ? a.rule : STR(""), a.owner,
		a.evidence.at ? a.evidence : STR(""), { a.by >= 0, a.by }, rq->now });
}
