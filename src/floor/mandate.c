/* Mandates and legal bodies: the rules and the verbs.
 *
 * How it works: every answer is read from the store for the moment asked for. That somebody has left or has moved to another body
 * needs no clean-up: the mandate stays in its row and counts for nothing.
 *
 * SECURITY: the same checks on every path. Nobody gives herself a mandate. A body is compared, never assumed: a mandate for body B counts
 * only while its holder belongs to B, and so does a deputyship. What stands in the past is not rewritten: to end is to set `until`.
 *
 * What it does not do: ask whether the asker of a decision is its decider. That is the decision's own rule. */
#include "floor/mandate.h"
#include "floor/consequence.h"
#include "floor/people.h"
#include "floor/setting.h"

enum { BODY_MOST = 200 };

/* --- may --- */

/* Whoever may decide at all: employed then, of this body, and no coordinator. */
static enum err is_eligible(struct rq *rq, int64_t person, int64_t body, struct instant at, bool *ret)
{
	struct people_get_row row;
	enum err err = people_get(rq, person, &row);

	if (err != OK && err != ERR_NONE)
		return err;
	*ret = err == OK && row.body == body && people_is_employed(&row, at) && !(row.roles & ROLE_COORDINATOR);
	return OK;
}

static enum err own_level(struct rq *rq, int64_t person, int64_t body, struct instant at, int *ret)
{
	struct mandate_own_row own;
	bool may;

	*ret = 0;
	TRY(is_eligible(rq, person, body, at, &may));
	if (!may)
		return OK;
	TRY(mandate_own(rq, person, body, at, &own));
	*ret = (int)own.level;
	return OK;
}

enum err mandate_level(struct rq *rq, int64_t person, int64_t body, struct instant at, int *ret)
{
	struct mandate_stands_in_row *rows;
	int level, best;
	size_t n;
	bool may;

	TRY(is_eligible(rq, person, body, at, &may));
	TRY(own_level(rq, person, body, at, &best));
	if (may) {
		TRY(mandate_stands_in(rq, person, at, &rows, &n));
		for (size_t i = 0; i < n; i++) {
			TRY(own_level(rq, rows[i].person, body, at, &level));
			best = MAX(best, level);
		}
	}
	*ret = best;
	return OK;
}

static struct str shown(struct rq *rq, struct str name, struct str code, bool is_protected)
{
	(void)rq;
	return is_protected ? code : name;
}

static enum err refuse(struct rq *rq, int64_t person, int64_t body, int level, struct instant at)
{
	struct mandate_holders_row *rows;
	size_t n;

	TRY(mandate_holders(rq, body, level, at, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		int held;
		TRY(own_level(rq, rows[i].person, body, at, &held));
		if (held >= level && rows[i].person != person)
			return fail(rq, ERR_DENIED, _("You cannot decide this. Ask %.*s or a deputy."),
			            STR_ARG(shown(rq, rows[i].name, rows[i].code, rows[i].is_protected)));
	}
	return fail(rq, ERR_DENIED, _("You cannot decide this. Nobody holds a mandate for level %d there; management gives one."), level);
}

enum err mandate_may(struct rq *rq, int64_t person, int64_t body, int level, struct instant at)
{
	int held;

	TRY(mandate_level(rq, person, body, at, &held));
	return held >= level && level >= 1 ? OK : refuse(rq, person, body, level, at);
}

/* --- who gives and ends --- */

static enum err may_state(struct rq *rq)
{
	if (!(rq->actor->roles & ROLE_HOST))
		return fail(rq, ERR_DENIED, _("Say who does it."));
	return setting_bool(rq, "cli.state") ? OK
		: fail(rq, ERR_DENIED, _("Nothing is decided here in somebody's name (setting cli.state)."));
}

/* Management of the body, employed, and not the one whom it is about. */
static enum err may_manage(struct rq *rq, int64_t by, int64_t about, int64_t body)
{
	struct people_get_row row;

	if (by < 0)
		return may_state(rq);
	enum err err = people_get(rq, by, &row);
	if (err != OK && err != ERR_NONE)
		return err;
	if (by == about)
		return fail(rq, ERR_DENIED, _("Nobody gives herself a mandate. Ask somebody else in management."));
	if (err == ERR_NONE || !people_is_employed(&row, rq->now) || !(row.roles & ROLE_MANAGEMENT) || row.body != body)
		return fail(rq, ERR_DENIED, _("Only management of the same legal body may do that."));
	return OK;
}

static enum err check_person(struct rq *rq, int64_t person, int64_t body, struct people_get_row *ret)
{
	enum err err = people_get(rq, person, ret);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no person number %lld."), (long long)person);
	TRY(err);
	if (!people_is_employed(ret, rq->now))
		return fail(rq, ERR_CONFLICT, _("%.*s is no longer employed and can decide nothing."), STR_ARG(ret->code));
	if (ret->body != body)
		return fail(rq, ERR_DENIED, _("%.*s belongs to another legal body, and nobody decides for another's."), STR_ARG(ret->code));
	return OK;
}

static enum err check_time(struct rq *rq, struct instant from_at, struct maybe_int until)
{
	if (until.is && until.i <= from_at.ms)
		return fail(rq, ERR_INVALID, _("End time must be after start time"));
	if (until.is && until.i <= rq->now.ms)
		return fail(rq, ERR_INVALID, _("That is over already."));
	return OK;
}

static enum err check_level(struct rq *rq, int level)
{
	struct consequences scale;

	TRY(consequence_scale(rq, &scale));
	return level >= 1 && level <= scale.n ? OK : fail(rq, ERR_INVALID, _("A level is a whole number from 1 to %d."), scale.n);
}

enum err mandate_give(struct rq *rq, const struct mandate_wish *wish, int64_t by, int64_t *ret)
{
	struct people_get_row person;
	struct mandate_same_row same;
	struct mandate_most_row most;
	struct change *change;

	TRY(check_level(rq, wish->level));
	TRY(check_time(rq, wish->from_at, wish->until));
	TRY(check_person(rq, wish->person, wish->body, &person));
	if (person.roles & ROLE_COORDINATOR)
		return fail(rq, ERR_CONFLICT, _("%.*s coordinates. Whoever coordinates decides on no risk."), STR_ARG(person.code));
	TRY(may_manage(rq, by, wish->person, wish->body));
	enum err err = mandate_same(rq, wish->person, wish->body, wish->level, rq->now, &same);
	if (err == OK)
		return fail(rq, ERR_CONFLICT, _("%.*s has that mandate already (number %lld). End it first."), STR_ARG(person.code), (long long)same.id);
	if (err != ERR_NONE)
		return err;
	TRY(mandate_most(rq, &most));
	TRY(audit_begin(rq, "mandate.give", person.code, &change));
	/* Never from a day that is over: nobody had it then, and what was decided without it is not mended afterwards. */
	TRY(mandate_add(change, &(struct mandate_add_args){ .id = most.n + 1, .person = wish->person, .body = wish->body, .level = wish->level,
		.from_at = instant_is_before(wish->from_at, rq->now) ? rq->now : wish->from_at, .until = wish->until }));
	*ret = most.n + 1;
	return OK;
}

/* A mandate may be given back by its holder too; on the command line to end is always possible, since it only takes away. */
static enum err may_end(struct rq *rq, int64_t by, int64_t about, int64_t body)
{
	if (by >= 0 ? by == about : (rq->actor->roles & ROLE_HOST) != 0)
		return OK;
	return may_manage(rq, by, about, body);
}

/* What has not begun ends where it begins. */
static struct instant end_at(struct rq *rq, struct instant from_at)
{
	return instant_is_before(rq->now, from_at) ? from_at : rq->now;
}

enum err mandate_end(struct rq *rq, int64_t id, int64_t by)
{
	struct mandate_get_row mandate;
	struct change *change;
	enum err err = mandate_get(rq, id, &mandate);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no mandate %lld."), (long long)id);
	TRY(err);
	TRY(may_end(rq, by, mandate.person, mandate.body));
	if (mandate.until.is && mandate.until.i <= rq->now.ms)
		return fail(rq, ERR_CONFLICT, _("It is over already."));
	TRY(audit_begin(rq, "mandate.end", mandate.code, &change));
	return mandate_set_until(change, (struct maybe_int){ true, end_at(rq, mandate.from_at).ms }, id);
}

/* --- legal bodies --- */

enum err mandate_body(struct rq *rq, struct str name, int64_t *ret)
{
	struct people_bodies_row *bodies;
	struct mandate_body_named_row named;
	size_t n;

	if (!name.at || name.len == 0) {
		TRY(people_bodies(rq, &bodies, &n));
		if (n != 1)
			return fail(rq, ERR_INVALID, _("Say which legal body: there are %zu."), n);
		*ret = bodies[0].id;
		return OK;
	}
	enum err err = mandate_body_named(rq, str_trim(name), &named);
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no legal body called \"%.*s\"."), STR_ARG(str_utf8_first(name, 80)));
	TRY(err);
	*ret = named.id;
	return OK;
}

static bool is_name(struct str name)
{
	if (name.len == 0 || name.len > BODY_MOST || !str_is_utf8(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] < ' ' || name.at[i] == 0x7f)
			return false;
	return !strchr("=+-@", name.at[0]);
}

enum err mandate_body_make(struct rq *rq, struct str name, int64_t *ret)
{
	struct mandate_body_named_row known;
	struct mandate_body_most_row most;
	struct change *change;

	name = str_trim(name);
	if (!is_name(name))
		return fail(rq, ERR_INVALID, _("A legal body's name has 1 to %d bytes, without control characters."), BODY_MOST);
	enum err err = mandate_body_named(rq, name, &known);
	if (err == OK)
		return fail(rq, ERR_CONFLICT, _("There is a legal body called \"%.*s\" already."), STR_ARG(name));
	if (err != ERR_NONE)
		return err;
	TRY(mandate_body_most(rq, &most));
	TRY(audit_begin(rq, "people.body", name, &change));
	TRY(people_body_add(change, most.n + 1, name));
	*ret = most.n + 1;
	return OK;
}

enum err mandate_body_unit(struct rq *rq, struct str unit, int64_t body)
{
	struct people_unit_named_row row;
	struct people_of_unit_row *people;
	struct change *change;
	size_t n;
	enum err err = people_unit_named(rq, unit, &row);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no unit called \"%.*s\"."), STR_ARG(str_utf8_first(unit, 80)));
	TRY(err);
	TRY(audit_begin(rq, "people.body.unit", unit, &change));
	TRY(mandate_unit_body(change, body, row.id));
	TRY(people_of_unit(rq, row.id, &people, &n));
	for (size_t i = 0; i < n; i++)
		change_touch(change, people[i].id);
	return OK;
}
