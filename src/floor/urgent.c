/* Urgent cases: one asks, another confirms, and both are known by their sessions alone.
 *
 * Everything that the effect stands on is read again when it is confirmed: the standing decision, both people's roles, the one whom it is for, how
 * often it has been used. The gate reads the same rows once more (decide_stand.c), and lowers nothing when the two are one.
 *
 * SECURITY: urgent_ask and urgent_confirm take their person from rq->actor, which the router fills in from the session's row; a command, a token and an
 * import have none. The confirmation wants the second factor at most DECIDE_SECONDS ago, and a decision that was signed before the case was asked.
 *
 * What it does not do: sign. A standing decision is asked for and signed as any other (decide_ask.c, decide_sign.c). */
#include "floor/urgent.h"
#include "floor/decide_own.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/urgent_own.h"

const char *const urgent_state_name[URGENT_STATES] = { "asked", "lapsed", "refused", "withdrawn", "active", "over", "reversed" };
const char *const urgent_state_word[URGENT_STATES] = { N_("Waits for a second person"), N_("Nobody confirmed: no"), N_("Refused"), N_("Withdrawn"), N_("In force"),
	N_("Over"), N_("Reversed") };

#define URGENT_PREFIX STR("urgent:")

bool urgent_is(struct str reason)
{
	return reason.len > URGENT_PREFIX.len && str_equal(str_first(reason, URGENT_PREFIX.len), URGENT_PREFIX);
}

const struct reason *urgent_reason(struct str reason)
{
	return urgent_is(reason) ? decide_reason(str_from(reason, URGENT_PREFIX.len)) : NULL;
}

struct str urgent_spelt(struct rq *rq, struct str reason)
{
	return str_print(rq->arena, STR_FMT STR_FMT, STR_ARG(URGENT_PREFIX), STR_ARG(reason));
}

enum err urgent_check_terms(struct rq *rq, const struct urgent_terms_row *terms)
{
	if (terms->hours < 1 || terms->hours > URGENT_HOURS_MOST)
		return fail(rq, ERR_INVALID, _("An urgent case lasts for 1 to %d hours."), URGENT_HOURS_MOST);
	if (terms->weekly < 1 || terms->weekly > URGENT_WEEKLY_MOST)
		return fail(rq, ERR_INVALID, _("It is used 1 to %d times a week."), URGENT_WEEKLY_MOST);
	if (!terms->users || (terms->users & ~(int64_t)URGENT_USERS))
		return fail(rq, ERR_INVALID, _("Say who may use it: support, managers, those who coordinate or own systems."));
	return OK;
}

/* --- how one stands --- */

/* When the effect ends at the latest: with its hours, and with the decision that it is under. */
static struct instant end_of(const struct urgent *u)
{
	struct instant until = u->row.until;
	const struct maybe_int ends[] = { u->standing.revoked_at, u->standing.ended_at, { true, decide_until(&u->standing).ms } };

	for (size_t i = 0; i < LENGTH(ends); i++)
		if (ends[i].is && ends[i].i < until.ms)
			until.ms = ends[i].i;
	return until;
}

static enum urgent_state state_of(const struct urgent *u, struct instant now)
{
	const struct urgent_get_row *row = &u->row;

	if (row->withdrawn_at.is)
		return URGENT_WITHDRAWN;
	if (!row->answered_at.is)
		return instant_is_before(now, instant_plus(row->asked_at, MINUTES(URGENT_CONFIRM_MINUTES))) ? URGENT_ASKED : URGENT_LAPSED;
	if (!row->is_yes)
		return URGENT_REFUSED;
	if (row->reversed_at.is && row->reversed_at.i < u->until.ms)
		return URGENT_REVERSED;
	return instant_is_before(now, u->until) ? URGENT_ACTIVE : URGENT_OVER;
}

enum err urgent_read(struct rq *rq, int64_t id, struct urgent *ret)
{
	enum err err = urgent_get(rq, id, &ret->row);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no urgent case %lld."), (long long)id);
	TRY(err);
	TRY(decide_find(rq, ret->row.decision, &ret->standing));
	TRY(urgent_terms(rq, ret->row.decision, &ret->terms));
	ret->until = end_of(ret);
	ret->state = state_of(ret, rq->now);
	return OK;
}

bool urgent_sees(struct rq *rq, const struct urgent *u)
{
	int64_t me = rq->actor->person;

	return decide_sees(rq, &u->standing) || me == u->row.asker || me == u->row.person || (u->row.answered_by.is && me == u->row.answered_by.i);
}

/* --- who may --- */

/* One of those who may use it: employed, of that legal body, with a role that the terms name. */
static enum err holds_a_role(struct rq *rq, const struct decide_get_row *standing, const struct urgent_terms_row *terms, int64_t id)
{
	struct decide_reports_row reports;
	struct people_get_row person;

	if (id < 0)
		return fail(rq, ERR_DENIED, _("An urgent case is asked for and confirmed on its page, by people who are logged in."));
	TRY(people_get(rq, id, &person));
	TRY(decide_reports(rq, (struct maybe_int){ true, id }, &reports));
	int64_t roles = person.roles | (reports.n ? ROLE_MANAGER : 0);
	if (!people_is_employed(&person, rq->now) || person.body != standing->body || !(roles & terms->users))
		return fail(rq, ERR_DENIED, _("Decision %lld is used by: %.*s."), (long long)standing->id, STR_ARG(people_role_words(rq, terms->users)));
	return OK;
}

static enum err check_standing(struct rq *rq, const struct decide_get_row *d)
{
	const struct reason *reason = urgent_reason(d->reason);
	enum decide_state state = decide_state(d, rq->now);

	if (!reason || !reason->is_lowerable)
		return fail(rq, ERR_DENIED, _("Decision %lld is not for urgent cases."), (long long)d->id);
	if (state != DECIDE_ACTIVE)
		return fail(rq, ERR_CONFLICT, _("Decision %lld: %s. It cannot be used now."), (long long)d->id, _(decide_state_word[state]));
	return OK;
}

/* For whom: somebody of that legal body, and of the unit when the decision names one. */
static enum err check_person(struct rq *rq, const struct decide_get_row *d, int64_t id)
{
	struct people_get_row person;

	TRY(people_get(rq, id, &person));
	if (!people_is_employed(&person, rq->now))
		return fail(rq, ERR_CONFLICT, _("%.*s is no longer employed; no decision changes that."), STR_ARG(person.code));
	if (person.body != d->body || (d->unit.is && person.unit != d->unit.i))
		return fail(rq, ERR_DENIED, _("Decision %lld is not for %.*s's unit."), (long long)d->id, STR_ARG(person.code));
	return OK;
}

static enum err check_often(struct rq *rq, const struct decide_get_row *d, const struct urgent_terms_row *terms)
{
	struct decide_in_force_count_row decisions;
	struct urgent_in_force_count_row count;
	struct urgent_used_row used;

	TRY(urgent_used(rq, d->id, instant_plus(rq->now, DAYS(-7)), &used));
	if (used.n >= terms->weekly)
		return fail(rq, ERR_CONFLICT, _("Decision %lld has been used %lld times in a week, and no more is allowed. Ask for a risk decision."), (long long)d->id, (long long)used.n);
	TRY(urgent_in_force_count(rq, rq->now, &count));
	TRY(decide_in_force_count(rq, rq->now, &decisions));
	return count.n + decisions.n < DECIDE_IN_FORCE ? OK : fail(rq, ERR_FULL, _("%d deviations are in force: no more fit. Revoke some first."), DECIDE_IN_FORCE);
}

/* --- to ask --- */

static enum err begin(struct rq *rq, const char *action, int64_t id, struct change **ret)
{
	return audit_begin(rq, action, str_print(rq->arena, "%lld", (long long)id), ret);
}

static enum err check_wish(struct rq *rq, const struct urgent_wish *w, const struct decide_get_row *d, const struct urgent_terms_row *terms)
{
	struct urgent_waits_row waits;

	TRY(holds_a_role(rq, d, terms, rq->actor->person));
	if (rq->actor->person == w->person)
		return fail(rq, ERR_DENIED, _("It is for you, so somebody else asks for it."));
	TRY(check_person(rq, d, w->person));
	if (w->hours < 1 || w->hours > terms->hours)
		return fail(rq, ERR_INVALID, _("Decision %lld gives at most %lld hours."), (long long)d->id, (long long)terms->hours);
	if (d->gateway.is && w->gateway.is && w->gateway.i != d->gateway.i)
		return fail(rq, ERR_DENIED, _("Decision %lld is for another gateway."), (long long)d->id);
	TRY(decide_words(rq, w->why, _("Write why it cannot wait."), true));
	TRY(check_often(rq, d, terms));
	enum err err = urgent_waits(rq, d->id, w->person, instant_plus(rq->now, MINUTES(-URGENT_CONFIRM_MINUTES)), &waits);
	if (err == OK)
		return fail(rq, ERR_CONFLICT, _("Urgent case %lld for the same person waits for somebody to confirm it."), (long long)waits.id);
	return err == ERR_NONE ? OK : err;
}

enum err urgent_ask(struct rq *rq, const struct urgent_wish *w, int64_t *ret)
{
	struct urgent_terms_row terms;
	struct urgent_most_row most;
	struct decide_get_row d;
	struct change *change;

	TRY(decide_find(rq, w->decision, &d));
	TRY(check_standing(rq, &d));
	TRY(urgent_terms(rq, d.id, &terms));
	TRY(check_wish(rq, w, &d, &terms));
	TRY(urgent_most(rq, &most));
	int64_t id = most.n + 1;
	TRY(begin(rq, "decision.urgent_ask", id, &change));
	*ret = id;
	return urgent_add(change, &(struct urgent_add_args){ .id = id, .decision = d.id, .person = w->person, .gateway = w->gateway.is ? w->gateway : d.gateway,
		.why = w->why, .hours = w->hours, .asker = rq->actor->person, .asked_at = rq->now });
}

/* --- to confirm --- */

static enum err check_waits(struct rq *rq, const struct urgent *u)
{
	return u->state == URGENT_ASKED ? OK : fail(rq, ERR_CONFLICT, _("Urgent case %lld: %s. It cannot be answered now."), (long long)u->row.id,
	                                            _(urgent_state_word[u->state]));
}

enum err urgent_may_confirm(struct rq *rq, const struct urgent *u, int64_t person)
{
	TRY(holds_a_role(rq, &u->standing, &u->terms, person));
	if (person == u->row.asker)
		return fail(rq, ERR_DENIED, _("You asked for it, so somebody else confirms it."));
	if (person == u->row.person)
		return fail(rq, ERR_DENIED, _("It is for you, so somebody else confirms it."));
	return OK;
}

/* All of it as it is now; and the decision was there before the case was. */
static enum err check_all(struct rq *rq, const struct urgent *u)
{
	TRY(check_waits(rq, u));
	TRY(check_standing(rq, &u->standing));
	if (u->standing.signed_at.i >= u->row.asked_at.ms)
		return fail(rq, ERR_CONFLICT, _("The decision was signed after the case was asked for. Ask anew."));
	if (holds_a_role(rq, &u->standing, &u->terms, u->row.asker) != OK) {
		trouble_clear(rq->trouble);
		return fail(rq, ERR_CONFLICT, _("The one who asked may use the decision no more. Somebody else asks anew."));
	}
	TRY(check_person(rq, &u->standing, u->row.person));
	return check_often(rq, &u->standing, &u->terms);
}

enum err urgent_confirm(struct rq *rq, int64_t id)
{
	const struct actor *actor = rq->actor;
	struct instant until;
	struct change *change;
	struct urgent u;

	TRY(urgent_read(rq, id, &u));
	TRY(urgent_may_confirm(rq, &u, actor->person));
	if (!actor->stepped_up_at.ms || instant_is_before(instant_plus(actor->stepped_up_at, SECONDS(DECIDE_SECONDS)), rq->now)
	    || instant_is_before(rq->now, actor->stepped_up_at))
		return fail(rq, ERR_DENIED, _("An urgent case is confirmed with your second factor, on its page."));
	TRY(check_all(rq, &u));
	until = instant_plus(rq->now, HOURS(MIN(u.row.hours, u.terms.hours)));
	if (instant_is_before(decide_until(&u.standing), until))
		until = decide_until(&u.standing);
	TRY(begin(rq, "decision.urgent_confirm", id, &change));
	TRY(urgent_set_answered(change, &(struct urgent_set_answered_args){ { true, rq->now.ms }, { true, actor->person }, true, until, STR(""), id }));
	change_touch_site(change);
	event_say(change, (struct event){ .kind = EVENT_decision_signed, .person = u.row.person, .subject = u.row.decision });
	return urgent_mail(change, &u, URGENT_MAIL_USED);
}

/* --- what only takes away --- */

static enum err says_why(struct rq *rq, struct str why)
{
	return decide_words(rq, why, _("Write your reasons, in a sentence or two."), true);
}

enum err urgent_refuse(struct rq *rq, int64_t id, int64_t by, struct str why)
{
	struct change *change;
	struct urgent u;

	TRY(urgent_read(rq, id, &u));
	TRY(decide_may_do_as(rq, by));
	TRY(urgent_may_confirm(rq, &u, by));
	TRY(check_waits(rq, &u));
	TRY(says_why(rq, why));
	TRY(begin(rq, "decision.urgent_refuse", id, &change));
	return urgent_set_answered(change, &(struct urgent_set_answered_args){ { true, rq->now.ms }, { true, by }, false, { 0 }, why, id });
}

enum err urgent_withdraw(struct rq *rq, int64_t id, int64_t by)
{
	struct change *change;
	struct urgent u;

	TRY(urgent_read(rq, id, &u));
	TRY(decide_may_do_as(rq, by));
	if (by != u.row.asker)
		return fail(rq, ERR_DENIED, _("Only the one who asks can do that."));
	TRY(check_waits(rq, &u));
	TRY(begin(rq, "decision.urgent_withdraw", id, &change));
	return urgent_set_withdrawn(change, (struct maybe_int){ true, rq->now.ms }, id);
}

static enum err end_now(struct change *change, const struct urgent *u, struct maybe_int by, struct str why)
{
	struct rq *rq = change_rq(change);

	TRY(urgent_set_reversed(change, (struct maybe_int){ true, rq->now.ms }, by, why, u->row.id));
	change_touch_site(change);
	event_say(change, (struct event){ .kind = EVENT_decision_ended, .person = u->row.person, .subject = u->row.decision });
	return urgent_mail(change, u, URGENT_MAIL_REVERSED);
}

/* Anyone of those who may use it, whoever may decide at that level, and those who coordinate. */
enum err urgent_may_reverse(struct rq *rq, const struct urgent *u, int64_t person)
{
	struct people_get_row who;

	if (holds_a_role(rq, &u->standing, &u->terms, person) == OK)
		return OK;
	trouble_clear(rq->trouble);
	if (person >= 0 && people_get(rq, person, &who) == OK && (who.roles & ROLE_COORDINATOR) && people_is_employed(&who, rq->now))
		return OK;
	return mandate_may(rq, person, u->standing.body, (int)u->standing.level, rq->now);
}

enum err urgent_reverse(struct rq *rq, int64_t id, int64_t by, struct str why)
{
	struct change *change;
	struct urgent u;

	TRY(urgent_read(rq, id, &u));
	if (by >= 0) {
		TRY(decide_may_do_as(rq, by));
		TRY(urgent_may_reverse(rq, &u, by));
	} else if (!(rq->actor->roles & ROLE_HOST)) {
		return fail(rq, ERR_DENIED, _("Say who does it."));
	}
	if (u.state != URGENT_ACTIVE)
		return fail(rq, ERR_CONFLICT, _("Urgent case %lld: %s. There is nothing to reverse."), (long long)id, _(urgent_state_word[u.state]));
	TRY(says_why(rq, why));
	TRY(begin(rq, "decision.urgent_reverse", id, &change));
	return end_now(change, &u, (struct maybe_int){ by >= 0, by }, why);
}

/* --- afterwards --- */

enum err urgent_may_review(struct rq *rq, const struct urgent *u, int64_t person)
{
	if (person < 0)
		return fail(rq, ERR_DENIED, _("Say who does it."));
	if (person == u->row.asker || person == u->row.person || (u->row.answered_by.is && person == u->row.answered_by.i))
		return fail(rq, ERR_DENIED, _("You had a part in it, so somebody else reviews it."));
	return mandate_may(rq, person, u->standing.body, (int)u->standing.level, rq->now);
}

enum err urgent_review(struct rq *rq, int64_t id, int64_t by, bool is_right, struct str words)
{
	struct change *change;
	struct urgent u;

	TRY(urgent_read(rq, id, &u));
	TRY(decide_may_do_as(rq, by));
	TRY(urgent_may_review(rq, &u, by));
	if (!u.row.answered_at.is || !u.row.is_yes || u.row.reviewed_at.is)
		return fail(rq, ERR_CONFLICT, _("An urgent case is reviewed once, after it was confirmed."));
	TRY(says_why(rq, words));
	TRY(begin(rq, "decision.urgent_review", id, &change));
	TRY(urgent_set_reviewed(change, &(struct urgent_set_reviewed_args){ { true, rq->now.ms }, { true, by }, is_right, words, id }));
	return is_right || u.state != URGENT_ACTIVE ? OK : end_now(change, &u, (struct maybe_int){ true, by }, words);
}

enum err urgent_clean(struct rq *rq, int64_t id, int64_t by, struct str how)
{
	struct people_get_row person;
	struct change *change;
	struct urgent u;

	TRY(urgent_read(rq, id, &u));
	TRY(decide_may_do_as(rq, by));
	TRY(people_get(rq, by, &person));
	if (by != u.row.asker && !(person.roles & ROLE_COORDINATOR))
		return fail(rq, ERR_DENIED, _("The one who asked, or a coordinator, writes down what was put right."));
	if (!u.row.reviewed_at.is || u.row.is_right || u.row.cleaned_at.is)
		return fail(rq, ERR_CONFLICT, _("There is nothing to put right."));
	TRY(decide_words(rq, how, _("Write what was put right."), true));
	TRY(begin(rq, "decision.urgent_clean", id, &change));
	return urgent_set_cleaned(change, (struct maybe_int){ true, rq->now.ms }, how, id);
}

enum err urgent_over(struct change *change, const struct decide_get_row *d)
{
	struct rq *rq = change_rq(change);
	struct urgent_inside_row *inside;
	size_t n;

	change_touch_site(change);
	TRY(urgent_inside(rq, d->id, rq->now, &inside, &n));
	for (size_t i = 0; i < n; i++)
		event_say(change, (struct event){ .kind = EVENT_decision_ended, .person = inside[i].person, .subject = d->id });
	return OK;
}
