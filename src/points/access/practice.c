/* Practice calls: planned, agreed to, called, and what they are for the verification that they become.
 *
 * SECURITY: two people know of each before it counts, and neither is the one whose name is used. One practice is one call: the next one about that
 * person is real. The practice call itself can give nobody anything (verify_act.c): so whoever hears of it and rings in that time gains nothing.
 *
 * What it does not do: ring. Somebody does, from a telephone, as a stranger would. */
#include "points/access/practice.h"
#include "floor/people.h"
#include "floor/setting.h"

const char *const practice_state_name[PRACTICE_STATES] = { "planned", "agreed", "called", "cancelled", "over" };
const char *const practice_state_word[PRACTICE_STATES] = { N_("Waits for somebody to agree"), N_("Agreed"), N_("Called"), N_("Cancelled"), N_("Over, nobody called") };

enum practice_state practice_state(const struct practice_get_row *p, struct instant now)
{
	if (p->verification.is)
		return PRACTICE_CALLED;
	if (p->cancelled_at.is)
		return PRACTICE_CANCELLED;
	if (!instant_is_before(now, p->until))
		return PRACTICE_OVER;
	return p->agreed_at.is ? PRACTICE_AGREED : PRACTICE_PLANNED;
}

/* Somebody who coordinates or leads, as herself; stated on the command line. */
static enum err check_by(struct rq *rq, int64_t by)
{
	struct people_get_row who;

	if (by < 0)
		return fail(rq, ERR_DENIED, _("Say who does it."));
	if (rq->actor->person != by && !(rq->actor->roles & ROLE_HOST))
		return fail(rq, ERR_DENIED, _("Nobody decides in somebody else's name."));
	if (rq->actor->person != by && !setting_bool(rq, "cli.state"))
		return fail(rq, ERR_DENIED, _("Nothing is decided here in somebody's name (setting cli.state)."));
	TRY(people_get(rq, by, &who));
	if (!people_is_employed(&who, rq->now) || !(who.roles & PRACTICE_MAY))
		return fail(rq, ERR_DENIED, _("Practice calls are planned and agreed to by those who coordinate or lead."));
	return OK;
}

static enum err begin(struct rq *rq, const char *action, int64_t id, struct change **ret)
{
	return audit_begin(rq, action, str_print(rq->arena, "%lld", (long long)id), ret);
}

enum err practice_plan(struct rq *rq, const struct practice_wish *w, int64_t *ret)
{
	struct practice_most_row most;
	struct people_get_row person;
	struct change *change;

	TRY(check_by(rq, w->by));
	TRY(people_get(rq, w->person, &person));
	if (!people_is_employed(&person, rq->now))
		return fail(rq, ERR_CONFLICT, _("%.*s is no longer employed."), STR_ARG(person.code));
	if (w->person == w->by)
		return fail(rq, ERR_DENIED, _("Plan it in somebody else's name than your own."));
	struct instant from = instant_is_before(w->from_at, rq->now) ? rq->now : w->from_at;
	if (!instant_is_before(from, w->until))
		return fail(rq, ERR_INVALID, _("End time must be after start time"));
	if (instant_is_before(instant_plus(from, DAYS(PRACTICE_DAYS + 1)), w->until))
		return fail(rq, ERR_INVALID, _("A practice call is planned for at most %d days."), PRACTICE_DAYS);
	TRY(practice_most(rq, &most));
	*ret = most.n + 1;
	TRY(begin(rq, "access.practice_plan", *ret, &change));
	return practice_add(change, &(const struct practice_add_args){ *ret, w->person, w->by, rq->now, from, w->until });
}

static enum err find(struct rq *rq, int64_t id, struct practice_get_row *ret)
{
	enum err err = practice_get(rq, id, ret);
	return err == ERR_NONE ? fail(rq, ERR_NONE, _("There is no practice call %lld."), (long long)id) : err;
}

enum err practice_agree(struct rq *rq, int64_t id, int64_t by)
{
	struct practice_get_row p;
	struct change *change;

	TRY(find(rq, id, &p));
	TRY(check_by(rq, by));
	if (by == p.planned_by || by == p.person)
		return fail(rq, ERR_DENIED, _("Somebody agrees who did not plan it, and whose name is not used."));
	if (practice_state(&p, rq->now) != PRACTICE_PLANNED)
		return fail(rq, ERR_CONFLICT, _("Practice call %lld: %s."), (long long)id, _(practice_state_word[practice_state(&p, rq->now)]));
	TRY(begin(rq, "access.practice_agree", id, &change));
	return practice_set_agreed(change, (struct maybe_int){ true, rq->now.ms }, (struct maybe_int){ true, by }, id);
}

enum err practice_cancel(struct rq *rq, int64_t id, int64_t by)
{
	struct practice_get_row p;
	struct change *change;

	TRY(find(rq, id, &p));
	TRY(check_by(rq, by));
	enum practice_state state = practice_state(&p, rq->now);
	if (state != PRACTICE_PLANNED && state != PRACTICE_AGREED)
		return fail(rq, ERR_CONFLICT, _("Practice call %lld: %s."), (long long)id, _(practice_state_word[state]));
	TRY(begin(rq, "access.practice_cancel", id, &change));
	return practice_set_cancelled(change, (struct maybe_int){ true, rq->now.ms }, id);
}

/* --- for the verification --- */

enum err practice_call(struct rq *rq, struct change *change, int64_t verification, int64_t person, int64_t agent)
{
	struct people_get_row who;
	struct practice_now_row now;
	enum err err = practice_now(rq, person, rq->now, &now);

	if (err != OK)
		return err == ERR_NONE ? OK : err;
	TRY(people_get(rq, agent, &who));
	return practice_set_call(change, (struct maybe_int){ true, verification }, (struct maybe_int){ true, who.unit }, now.id);
}

enum err practice_is(struct rq *rq, int64_t verification, bool *ret)
{
	struct practice_of_row row;
	enum err err = practice_of(rq, (struct maybe_int){ true, verification }, &row);

	*ret = err == OK;
	return err == ERR_NONE ? OK : err;
}

enum err practice_due(struct rq *rq, struct tasks *ret)
{
	struct practice_waits_row *rows;
	size_t n;

	TRY(practice_waits(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Agree to practice call %lld, or cancel it"), (long long)rows[i].id),
			.where = STR("/access/practice"), .person = -1, .roles = ROLE_MANAGEMENT, .due_at = rows[i].until });
	return OK;
}
