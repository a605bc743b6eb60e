/* To ask for a decision: everything that could not be decided on is refused while it is drafted, and looked at once more when it is asked.
 *
 * Asked by those who coordinate, own systems, manage, support or lead; managers and owners in their own legal body. A draft has no effect and
 * may be asked as it is or withdrawn; a change is a new draft.
 *
 * SECURITY: a reason that is not lowerable is refused here, and the gate would not lower it either. The decider is neither the asker nor the
 * one whom it is for, holds the mandate for that level now, and is asked again when it is answered. Never open-ended: at most DECIDE_DAYS, and never
 * longer than the level's own limit. */
#include "floor/decide.h"
#include "floor/decide_own.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/setting.h"
#include "floor/urgent.h"

/* --- shared with decide_sign.c --- */

enum err decide_step(struct change *change, int64_t id, struct maybe_int person, enum decide_move move, struct str words, struct str hash)
{
	struct rq *rq = change_rq(change);
	struct decide_step_most_row most;

	TRY(decide_step_most(rq, &most));
	return decide_step_add(change, &(struct decide_step_add_args){ most.n + 1, id, rq->now, person, move, words.at ? words : STR(""),
		hash.at ? hash : STR("") });
}

/* Who does it is who is logged in; on the command line it is stated. */
enum err decide_may_do_as(struct rq *rq, int64_t by)
{
	if (by < 0)
		return fail(rq, ERR_DENIED, _("Say who does it."));
	if (rq->actor->person == by)
		return OK;
	if (!(rq->actor->roles & ROLE_HOST))
		return fail(rq, ERR_DENIED, _("Nobody decides in somebody else's name."));
	return setting_bool(rq, "cli.state") ? OK : fail(rq, ERR_DENIED, _("Nothing is decided here in somebody's name (setting cli.state)."));
}

enum err decide_words(struct rq *rq, struct str words, const char *missing, bool is_needed)
{
	if (is_needed && words.len == 0)
		return fail(rq, ERR_INVALID, "%s", missing);
	if (words.len > DECIDE_TEXT || !str_is_utf8(words))
		return fail(rq, ERR_INVALID, _("A text has at most %d bytes."), DECIDE_TEXT);
	for (size_t i = 0; i < words.len; i++)
		if ((unsigned char)words.at[i] < ' ' && words.at[i] != '\n' && words.at[i] != '\r' && words.at[i] != '\t')
			return fail(rq, ERR_INVALID, _("A text holds no control characters."));
	return OK;
}

/* --- what is checked --- */

static enum err check_texts(struct rq *rq, const struct decide_wish *w)
{
	TRY(decide_words(rq, w->title, _("Write the question that is decided, in one sentence."), true));
	if (w->title.len > DECIDE_TITLE)
		return fail(rq, ERR_INVALID, _("The question has at most %d bytes."), DECIDE_TITLE);
	TRY(decide_words(rq, w->why, _("Write why it is needed."), true));
	TRY(decide_words(rq, w->proposal, "", false));
	TRY(decide_words(rq, w->measures, _("Write what makes up for it meanwhile."), true));
	if (w->n_choices < 2)
		return fail(rq, ERR_INVALID, _("Two options at least, of which one is to do nothing."));
	for (size_t i = 0; i < w->n_choices; i++) {
		const struct decide_choice *c = &w->choice[i];
		TRY(decide_words(rq, c->name, _("Write what the third option is."), true));
		TRY(decide_words(rq, c->happens, i == 0 ? _("Write what can happen if the answer is yes.")
			: i == 1 ? _("Write what happens if nothing is done.") : _("Write what the third option leads to."), true));
		TRY(decide_words(rq, c->likely, _("Write how likely it is."), i < 2));
		TRY(decide_words(rq, c->means, "", false));
		TRY(decide_words(rq, c->cost, "", false));
	}
	return OK;
}

static enum err check_reason(struct rq *rq, const struct decide_wish *w)
{
	const struct reason *reason = decide_reason(w->reason);
	struct str code = w->reason;

	if (w->is_standing) {
		TRY(urgent_check_terms(rq, &(struct urgent_terms_row){ w->hours, w->weekly, w->users }));
		if (decide_is_risk(code))
			return fail(rq, ERR_INVALID, _("A standing decision names what stops the connection in urgent cases."));
	}
	if (decide_is_risk(code))
		return OK;
	if (!reason)
		return fail(rq, ERR_INVALID, _("The gate has no reason called \"%.*s\"."), STR_ARG(str_utf8_first(code, 60)));
	if (!reason->is_lowerable)
		return fail(rq, ERR_DENIED, _("No decision lowers \"%s\"."), reason->code);
	return OK;
}

/* How long at most: of days and the level's own. Counted from when it can begin. */
static enum err check_times(struct rq *rq, const struct decide_wish *w)
{
	struct instant begins = instant_is_before(w->from_at, rq->now) ? rq->now : w->from_at;
	struct consequences scale;

	TRY(consequence_scale(rq, &scale));
	if (w->level < 1 || w->level > scale.n)
		return fail(rq, ERR_INVALID, _("A level is a whole number from 1 to %d."), scale.n);
	if (!instant_is_before(rq->now, w->until))
		return fail(rq, ERR_INVALID, _("That is over already."));
	if (!instant_is_before(begins, w->until))
		return fail(rq, ERR_INVALID, _("End time must be after start time"));
	bool is_risk = decide_is_risk(w->reason);
	int64_t days = is_risk ? scale.level[w->level].accept_days : MIN(scale.level[w->level].accept_days, (int64_t)DECIDE_DAYS);
	bool is_long = instant_is_before(instant_plus(instant_midnight(begins), DAYS(days + 1)), w->until);
	if (is_long && is_risk)
		return fail(rq, ERR_INVALID, _("A risk at level %d is accepted for at most %lld days, then it is decided on again."), w->level, (long long)days);
	if (is_long)
		return fail(rq, ERR_INVALID, _("A deviation at level %d lasts at most %lld days."), w->level, (long long)days);
	if (w->answer_by.ms && (!instant_is_before(rq->now, w->answer_by) || instant_is_before(w->until, w->answer_by)))
		return fail(rq, ERR_INVALID, _("The last moment for an answer lies between now and the end."));
	return OK;
}

/* Whose decision it is: that of the person's or the unit's legal body; of a gateway alone the asker's. */
static enum err check_scope(struct rq *rq, const struct decide_wish *w, const struct people_get_row *asker, int64_t *ret_body)
{
	struct people_get_row person;
	struct decide_unit_row unit;

	if (w->is_standing && w->person.is)
		return fail(rq, ERR_INVALID, _("A standing decision is for a unit, a gateway or the whole organisation, not for one person."));
	if (w->person.is && w->unit.is)
		return fail(rq, ERR_INVALID, _("A deviation is for one person or for one unit, not for both."));
	*ret_body = asker->body;
	if (w->person.is) {
		TRY(people_get(rq, w->person.i, &person));
		if (!people_is_employed(&person, rq->now))
			return fail(rq, ERR_CONFLICT, _("%.*s is no longer employed; no decision changes that."), STR_ARG(person.code));
		*ret_body = person.body;
	} else if (w->unit.is) {
		TRY(decide_unit(rq, w->unit.i, &unit));
		*ret_body = unit.body;
	} else if (!w->gateway.is && !decide_is_risk(w->reason) && !w->is_standing) {
		return fail(rq, ERR_INVALID, _("Say for whom: a person, a unit or a gateway."));
	}
	if (*ret_body != asker->body && !(asker->roles & (ROLE_COORDINATOR | ROLE_SUPPORT)))
		return fail(rq, ERR_DENIED, _("That is another legal body. Ask somebody there to ask for it."));
	return OK;
}

static struct str spelt(struct rq *rq, const struct decide_wish *w)
{
	return w->is_standing ? urgent_spelt(rq, w->reason) : w->reason;
}

/* A renewal is of the same: one reason, one scope. What was revoked or refused is not renewed, it is asked for anew. */
static enum err check_renewal(struct rq *rq, const struct decide_wish *w)
{
	struct decide_get_row d;

	if (!w->supersedes.is)
		return OK;
	TRY(decide_find(rq, w->supersedes.i, &d));
	enum decide_state state = decide_state(&d, rq->now);
	if (state != DECIDE_ACTIVE && state != DECIDE_APPROVED && state != DECIDE_EXPIRED)
		return fail(rq, ERR_CONFLICT, _("Decision %lld: %s. There is nothing to renew; ask anew."), (long long)d.id, _(decide_state_word[state]));
	bool is_same = str_equal(d.reason, spelt(rq, w)) && d.person.is == w->person.is && d.person.i == w->person.i && d.unit.is == w->unit.is && d.unit.i == w->unit.i
		&& d.gateway.is == w->gateway.is && d.gateway.i == w->gateway.i;
	return is_same ? OK : fail(rq, ERR_INVALID, _("A renewal is for the same reason and the same person, unit or gateway as decision %lld."), (long long)d.id);
}

static enum err check_asker(struct rq *rq, int64_t by, struct people_get_row *ret)
{
	struct decide_reports_row reports;

	TRY(decide_may_do_as(rq, by));
	enum err err = people_get(rq, by, ret);
	if (err != OK)
		return err == ERR_NONE ? fail(rq, ERR_NONE, _("There is no person number %lld."), (long long)by) : err;
	TRY(decide_reports(rq, (struct maybe_int){ true, by }, &reports));
	if (!people_is_employed(ret, rq->now))
		return fail(rq, ERR_DENIED, _("%.*s is no longer employed and can ask for nothing."), STR_ARG(ret->code));
	if (!((unsigned)ret->roles & DECIDE_MAY_ASK) && reports.n == 0)
		return fail(rq, ERR_DENIED, _("Ask your manager to ask for it: managers, system owners, the support and those who coordinate or lead can."));
	return OK;
}

static enum err check_decider(struct rq *rq, const struct decide_wish *w, int64_t body)
{
	if (w->decider == w->asker)
		return fail(rq, ERR_DENIED, _("Whoever asks does not decide. Choose somebody else."));
	if (w->person.is && w->decider == w->person.i)
		return fail(rq, ERR_DENIED, _("Nobody decides on a deviation for herself. Choose somebody else."));
	if (mandate_may(rq, w->decider, body, w->level, rq->now) == OK)
		return OK;
	trouble_clear(rq->trouble);
	return fail(rq, ERR_DENIED, _("That person may not decide at level %d there. The page of mandates says who may."), w->level);
}

/* --- the verbs --- */

static struct instant answer_by(const struct decide_wish *w, struct instant now)
{
	struct instant standard = instant_plus(now, DAYS(DECIDE_ANSWER_DAYS));

	if (w->answer_by.ms)
		return w->answer_by;
	return instant_is_before(w->until, standard) ? w->until : standard;
}

static enum err write_draft(struct change *change, const struct decide_wish *w, int64_t id, int64_t body)
{
	struct rq *rq = change_rq(change);
	struct decide_option_most_row most;

	TRY(decide_add(change, &(struct decide_add_args){ .id = id, .asker = w->asker, .body = body, .title = w->title, .why = w->why,
		.proposal = w->proposal.at ? w->proposal : STR(""), .measures = w->measures, .level = w->level, .decider = w->decider,
		.answer_by = answer_by(w, rq->now), .drafted_at = rq->now, .hash = STR(""), .terms = STR(""), .motive = STR(""), .frozen_unit = -1,
		.frozen_scale = STR(""), .supersedes = w->supersedes }));
	TRY(decide_deviation_add(change, &(struct decide_deviation_add_args){ id, id, spelt(rq, w), w->person, w->unit, w->gateway,
		instant_is_before(w->from_at, rq->now) ? rq->now : w->from_at, w->until }));
	if (w->is_standing)
		TRY(urgent_terms_add(change, id, w->hours, w->weekly, w->users));
	TRY(decide_option_most(rq, &most));
	for (size_t i = 0; i < w->n_choices; i++) {
		const struct decide_choice *c = &w->choice[i];
		TRY(decide_option_add(change, &(struct decide_option_add_args){ most.n + 1 + (int64_t)i, id, (int64_t)i, c->name, c->happens, c->likely,
			c->means.at ? c->means : STR(""), c->cost.at ? c->cost : STR("") }));
	}
	return decide_step(change, id, (struct maybe_int){ true, w->asker }, DECIDE_MOVE_DRAFT, STR(""), STR(""));
}

enum err decide_draft(struct rq *rq, const struct decide_wish *w, int64_t *ret)
{
	struct decide_most_row most;
	struct people_get_row asker;
	struct change *change;
	int64_t body;

	TRY(check_asker(rq, w->asker, &asker));
	TRY(check_reason(rq, w));
	TRY(check_texts(rq, w));
	TRY(check_scope(rq, w, &asker, &body));
	TRY(check_times(rq, w));
	TRY(check_decider(rq, w, body));
	TRY(check_renewal(rq, w));
	TRY(decide_most(rq, &most));
	int64_t id = most.n + 1;
	TRY(audit_begin(rq, "decision.draft", str_print(rq->arena, "%lld", (long long)id), &change));
	TRY(write_draft(change, w, id, body));
	*ret = id;
	return OK;
}

static enum err wish_of(struct rq *rq, const struct decide_get_row *d, struct decide_wish *ret)
{
	struct urgent_terms_row terms;

	*ret = (struct decide_wish){ .asker = d->asker, .reason = d->reason, .person = d->person, .unit = d->unit, .gateway = d->gateway,
		.level = (int)d->level, .decider = d->decider, .from_at = d->from_at, .until = d->until, .answer_by = d->answer_by,
		.supersedes = d->supersedes, .is_standing = urgent_is(d->reason) };
	if (!ret->is_standing)
		return OK;
	TRY(urgent_terms(rq, d->id, &terms));
	const struct reason *reason = urgent_reason(d->reason);
	ret->reason = reason ? str_of(reason->code) : d->reason;
	ret->hours = terms.hours;
	ret->weekly = terms.weekly;
	ret->users = terms.users;
	return OK;
}

/* As it is now: between the draft and this moment somebody may have left, or the time have run out. */
static enum err check_again(struct rq *rq, const struct decide_get_row *d)
{
	struct people_get_row asker;
	struct decide_wish wish;
	int64_t body;

	TRY(wish_of(rq, d, &wish));
	TRY(check_asker(rq, d->asker, &asker));
	TRY(check_reason(rq, &wish));
	TRY(check_scope(rq, &wish, &asker, &body));
	if (body != d->body)
		return fail(rq, ERR_CONFLICT, _("It belongs to another legal body now. Withdraw it and ask anew."));
	TRY(check_times(rq, &wish));
	TRY(check_renewal(rq, &wish));
	return check_decider(rq, &wish, body);
}

enum err decide_ask(struct rq *rq, int64_t id, int64_t by, struct str answer)
{
	struct decide_get_row d;
	struct str text, hash;
	struct change *change;

	TRY(decide_find(rq, id, &d));
	if (by != d.asker)
		return fail(rq, ERR_DENIED, _("Only the one who asks can do that."));
	enum decide_state state = decide_state(&d, rq->now);
	if (state != DECIDE_DRAFT && state != DECIDE_RETURNED)
		return fail(rq, ERR_CONFLICT, _("Decision %lld: %s. It cannot be asked now."), (long long)id, _(decide_state_word[state]));
	TRY(decide_words(rq, answer, _("Answer what the decider wants to know."), state == DECIDE_RETURNED));
	TRY(check_again(rq, &d));
	TRY(audit_begin(rq, state == DECIDE_RETURNED ? "decision.tell" : "decision.ask", str_print(rq->arena, "%lld", (long long)id), &change));
	if (state == DECIDE_RETURNED)
		TRY(decide_step(change, id, (struct maybe_int){ true, by }, DECIDE_MOVE_TELL, answer, STR("")));
	TRY(decide_text(rq, &d, &text, &hash));
	if (state == DECIDE_DRAFT)
		TRY(decide_step(change, id, (struct maybe_int){ true, by }, DECIDE_MOVE_ASK, STR(""), hash));
	TRY(change_document(change, text, NULL));
	TRY(decide_mail_asked(change, &d));
	return decide_set_asked(change, (struct maybe_int){ true, rq->now.ms }, hash, id);
}

enum err decide_withdraw(struct rq *rq, int64_t id, int64_t by, struct str why)
{
	struct decide_get_row d;
	struct change *change;

	TRY(decide_find(rq, id, &d));
	TRY(decide_may_do_as(rq, by));
	if (by != d.asker)
		return fail(rq, ERR_DENIED, _("Only the one who asks can do that."));
	TRY(decide_words(rq, why, "", false));
	enum decide_state state = decide_state(&d, rq->now);
	bool is_before = state == DECIDE_DRAFT || state == DECIDE_ASKED || state == DECIDE_RETURNED || state == DECIDE_UNANSWERED;
	if (!is_before && state != DECIDE_ACTIVE && state != DECIDE_APPROVED)
		return fail(rq, ERR_CONFLICT, _("Decision %lld: %s. There is nothing to take back."), (long long)id, _(decide_state_word[state]));
	TRY(audit_begin(rq, is_before ? "decision.withdraw" : "decision.end", str_print(rq->arena, "%lld", (long long)id), &change));
	TRY(decide_step(change, id, (struct maybe_int){ true, by }, is_before ? DECIDE_MOVE_WITHDRAW : DECIDE_MOVE_END, why, STR("")));
	if (is_before)
		return decide_set_withdrawn(change, (struct maybe_int){ true, rq->now.ms }, id);
	TRY(decide_set_ended(change, (struct maybe_int){ true, rq->now.ms }, id));
	return decide_over(change, &d);
}
