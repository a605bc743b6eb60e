/* Practice calls and links: planned and agreed to; and what a call is for the verification that it becomes.
 *
 * SECURITY: two people know of each before it counts, and neither is the one whose name is used. One practice is one call: the next one about that
 * person is real. The practice call itself can give nobody anything (verify_act.c): so whoever hears of it and rings in that time gains nothing.
 *
 * What it does not do: ring, or send the link. Somebody does, as a stranger would. */
#include "points/access/practice.h"
#include "floor/people.h"
#include "floor/setting.h"

const char *const practice_state_name[PRACTICE_STATES] = { "planned", "agreed", "called", "cancelled", "over", "open", "done" };
const char *const practice_state_word[PRACTICE_STATES] = { N_("Waits for somebody to agree"), N_("Agreed"), N_("Called"), N_("Cancelled"), N_("Over, nobody called"),
	N_("Under way"), N_("Over") };

enum practice_state practice_state(const struct practice_get_row *p, struct instant now)
{
	if (p->verification.is)
		return PRACTICE_CALLED;
	if (p->cancelled_at.is)
		return PRACTICE_CANCELLED;
	if (!instant_is_before(now, p->until))
		return p->person.is ? PRACTICE_OVER : PRACTICE_DONE;
	if (!p->person.is && p->agreed_at.is && !instant_is_before(now, p->from_at))
		return PRACTICE_OPEN;
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
		return fail(rq, ERR_DENIED, _("Practice is planned and agreed to by those who coordinate or lead."));
	return OK;
}

static enum err begin(struct rq *rq, const char *action, int64_t id, struct change **ret)
{
	return audit_begin(rq, action, str_print(rq->arena, "%lld", (long long)id), ret);
}

static enum err check_call(struct rq *rq, const struct practice_wish *w)
{
	struct people_get_row person;

	TRY(people_get(rq, w->person, &person));
	if (!people_is_employed(&person, rq->now))
		return fail(rq, ERR_CONFLICT, _("%.*s is no longer employed."), STR_ARG(person.code));
	if (w->person == w->by)
		return fail(rq, ERR_DENIED, _("Plan it in somebody else's name than your own."));
	return OK;
}

static enum err check_link(struct rq *rq, const struct practice_wish *w)
{
	struct practice_link_team_row team;

	if (!setting_text(rq, "practice.host").len)
		return fail(rq, ERR_CONFLICT, "%s", _("Set practice.host first: a host name that leads here and is none of your own."));
	TRY(practice_link_team(rq, w->unit, rq->now, &team));
	if (team.n < PRACTICE_TEAM)
		return fail(rq, ERR_DENIED, _("A team of fewer than %d cannot be told from its people. Choose a larger one."), PRACTICE_TEAM);
	return OK;
}

enum err practice_plan(struct rq *rq, const struct practice_wish *w, int64_t *ret)
{
	struct practice_most_row most;
	struct change *change;

	TRY(check_by(rq, w->by));
	TRY(w->is_link ? check_link(rq, w) : check_call(rq, w));
	struct instant from = instant_is_before(w->from_at, rq->now) ? rq->now : w->from_at;
	if (!instant_is_before(from, w->until))
		return fail(rq, ERR_INVALID, _("End time must be after start time"));
	if (instant_is_before(instant_plus(from, DAYS(PRACTICE_DAYS + 1)), w->until))
		return fail(rq, ERR_INVALID, _("Practice is planned for at most %d days."), PRACTICE_DAYS);
	TRY(practice_most(rq, &most));
	*ret = most.n + 1;
	TRY(begin(rq, "access.practice_plan", *ret, &change));
	if (w->is_link)
		return practice_link_add(change, &(const struct practice_link_add_args){ *ret, w->unit, practice_link_make(rq), w->by, rq->now, from, w->until });
	return practice_add(change, &(const struct practice_add_args){ *ret, w->person, w->by, rq->now, from, w->until });
}

static enum err find(struct rq *rq, int64_t id, struct practice_get_row *ret)
{
	enum err err = practice_get(rq, id, ret);
	return err == ERR_NONE ? fail(rq, ERR_NONE, _("There is no practice %lld."), (long long)id) : err;
}

enum err practice_agree(struct rq *rq, int64_t id, int64_t by)
{
	struct practice_get_row p;
	struct change *change;

	TRY(find(rq, id, &p));
	TRY(check_by(rq, by));
	if (by == p.planned_by || (p.person.is && by == p.person.i))
		return fail(rq, ERR_DENIED, _("Somebody agrees who did not plan it, and whose name is not used."));
	if (practice_state(&p, rq->now) != PRACTICE_PLANNED)
		return fail(rq, ERR_CONFLICT, _("Practice %lld: %s."), (long long)id, _(practice_state_word[practice_state(&p, rq->now)]));
	TRY(begin(rq, "access.practice_agree", id, &change));
	struct maybe_int at = { true, rq->now.ms }, who = { true, by };
	return p.person.is ? practice_set_agreed(change, at, who, id) : practice_link_set_agreed(change, at, who, id);
}

enum err practice_cancel(struct rq *rq, int64_t id, int64_t by)
{
	struct practice_get_row p;
	struct change *change;

	TRY(find(rq, id, &p));
	TRY(check_by(rq, by));
	enum practice_state state = practice_state(&p, rq->now);
	if (state != PRACTICE_PLANNED && state != PRACTICE_AGREED && state != PRACTICE_OPEN)
		return fail(rq, ERR_CONFLICT, _("Practice %lld: %s."), (long long)id, _(practice_state_word[state]));
	TRY(begin(rq, "access.practice_cancel", id, &change));
	struct maybe_int at = { true, rq->now.ms };
	return p.person.is ? practice_set_cancelled(change, at, id) : practice_link_set_cancelled(change, at, id);
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
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Agree to practice %lld, or cancel it"), (long long)rows[i].id),
			.where = STR("/access/practice"), .person = -1, .roles = ROLE_MANAGEMENT, .due_at = rows[i].until });
	return OK;
}
