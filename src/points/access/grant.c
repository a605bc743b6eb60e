/* The verbs of a grant: ask, state, and the moves of the table below. Each is one leaf with its rows.
 *
 * Requester, approver and executor are three different people; none decides for another legal body; nobody approves
 * what is for herself. Every grant has an end. A move that the table does not allow in the grant's present state is a conflict,
 * one that the person may not make is denied, with the reason in words.
 *
 * SECURITY: each verb reads persons, roles and the grant again inside the writer's transaction, so two moves at the same
 * moment cannot both pass; what a page showed is never believed. A stated grant (decided elsewhere) obeys the same rules and is
 * counted apart; the leaf's actor is the account that typed it.
 *
 * What it does not do: it cuts no sessions. It says that a grant has ended; who holds sessions hears it. */
#include "access.h"
#include "floor/people.h"
#include "floor/setting.h"

enum { LONGEST_TEXT = 1000, LONGEST_SERVICE = 64, ROWS_OF_ONE = 64 };

static enum err checked_text(struct rq *rq, struct str text, const char *what, size_t most)
{
	if (!str_is_utf8(text) || text.len > most)
		return fail(rq, ERR_INVALID, _("%s is longer than %zu characters or not UTF-8"), what, most);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 && text.at[i] != '\n' && text.at[i] != '\r')
			return fail(rq, ERR_INVALID, _("%s holds a control character"), what);
	return OK;
}

/* Two presses of one button ask once. */
static enum err check_not_twice(struct rq *rq, const struct access_asked *asked)
{
	struct access_service_named_row service;
	struct access_grant_same_row same;
	char room[4 * LONGEST_SERVICE];
	struct str folded;

	if (!people_canonical(asked->service, room, sizeof room, &folded))
		return fail(rq, ERR_INVALID, _("%s holds a control character"), "service");
	enum err err = access_service_named(rq, folded, &service);
	if (err == OK)
		err = access_grant_same(rq, asked->person, service.id, asked->from_at, asked->until, &same);
	if (err == OK)
		return fail(rq, ERR_CONFLICT, _("The same has already been requested, as grant %lld."), (long long)same.id);
	return err == ERR_NONE ? OK : err;
}

/* The service's number; a new name becomes one with its own leaf's write. */
static enum err service_number(struct rq *rq, struct change *change, struct str name, int64_t *ret)
{
	struct access_service_named_row known;
	struct access_service_most_row most;
	char room[4 * LONGEST_SERVICE];
	struct str folded;

	if (!people_canonical(name, room, sizeof room, &folded))
		return fail(rq, ERR_INVALID, _("%s holds a control character"), "service");
	enum err err = access_service_named(rq, folded, &known);
	if (err == OK) {
		*ret = known.id;
		return OK;
	}
	if (err != ERR_NONE)
		return err;
	TRY(access_service_most(rq, &most));
	if (most.id + 1 >= ACCESS_NO_SERVICE)
		return fail(rq, ERR_FULL, _("no more than %d services can be named"), ACCESS_NO_SERVICE - 1);
	TRY(access_service_add(change, most.id + 1, name, folded));
	change_touch_site(change);
	*ret = most.id + 1;
	return OK;
}

static enum err check_times(struct rq *rq, const struct access_asked *asked)
{
	int64_t months = setting_number(rq, "access.longest_months");

	if (!instant_is_before(asked->from_at, asked->until))
		return fail(rq, ERR_INVALID, _("The end must be after the beginning."));
	if (!instant_is_before(rq->now, asked->until))
		return fail(rq, ERR_INVALID, _("The end has already passed."));
	if (instant_is_before(instant_plus_months(asked->from_at, (int)months), asked->until))
		return fail(rq, ERR_INVALID, _("A grant lasts at most %lld months. Choose an earlier end and request it again in time."),
		            (long long)months);
	return OK;
}

enum err access_check_asked(struct rq *rq, struct access_asked *asked, struct access_person_row *ret)
{
	asked->service = str_trim(asked->service);
	asked->purpose = str_trim(asked->purpose);
	asked->from_at.ms -= asked->from_at.ms % 1000;
	asked->until.ms -= asked->until.ms % 1000;
	if (asked->service.len == 0)
		return fail(rq, ERR_INVALID, _("Say which service the grant is for."));
	TRY(checked_text(rq, asked->service, "service", LONGEST_SERVICE));
	if (str_find(asked->service, '\n') < asked->service.len || str_find(asked->service, '\r') < asked->service.len)
		return fail(rq, ERR_INVALID, _("%s holds a control character"), "service");
	TRY(checked_text(rq, asked->purpose, "purpose", LONGEST_TEXT));
	TRY(check_times(rq, asked));
	enum err err = access_person(rq, asked->person, ret);
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no person number %lld."), (long long)asked->person);
	if (err == OK && ((ret->left_at.is && ret->left_at.i <= rq->now.ms) || (ret->employment_end.is && ret->employment_end.i <= rq->now.ms)))
		return fail(rq, ERR_CONFLICT, _("%.*s is no longer employed and can get no access."), STR_ARG(ret->code));
	return err;
}

static enum err add_grant(struct rq *rq, struct change *change, const struct access_asked *asked, int64_t service, int64_t *ret)
{
	struct access_grant_most_row most;
	struct maybe_int now = { true, rq->now.ms };
	int64_t months = setting_number(rq, "access.review_months");
	bool is_stated = asked->executed_by.is;

	TRY(access_grant_most(rq, &most));
	TRY(access_grant_add(change, &(const struct access_grant_add_args){
		.id = most.id + 1, .person = asked->person, .service = service, .purpose = asked->purpose.at ? asked->purpose : STR(""),
		.from_at = asked->from_at, .until = asked->until,
		.requested_by = asked->requested_by, .requested_at = rq->now,
		.approved_by = asked->approved_by, .approved_at = is_stated ? now : (struct maybe_int){ 0 },
		.executed_by = asked->executed_by, .executed_at = is_stated ? now : (struct maybe_int){ 0 },
		.is_stated = is_stated, .review_due_at = instant_plus_months(rq->now, (int)months) }));
	*ret = most.id + 1;
	return OK;
}

/* The standing must have room for what is about to open; and the grant must be found there. */
enum err access_make_room(struct rq *rq, struct change *change, int64_t person)
{
	struct access_stand_count_row own;
	struct access_stand_crowd_row crowd;

	TRY(access_stand_count(rq, person, access_remembered(rq->now), &own));
	change_touch(change, person);
	if (own.n < ACCESS_SLOTS)
		return OK;
	TRY(access_stand_crowd(rq, person, access_remembered(rq->now), &crowd));
	if (own.n >= ROWS_OF_ONE)
		return fail(rq, ERR_FULL, _("a person can hold at most %d grants at a time; end those that are not needed"), ROWS_OF_ONE);
	if (crowd.n + (crowd.has_person ? 1 : own.n + 1) > ACCESS_MORE)
		return fail(rq, ERR_FULL, _("too many persons hold more than %d grants; end those that are not needed"), ACCESS_SLOTS);
	change_touch_site(change);
	return crowd.has_person ? OK : access_crowd_add(change, person);
}

enum err access_ask(struct rq *rq, const struct access_asked *given, int64_t *ret_grant)
{
	struct access_asked asked = *given;
	struct access_person_row person;
	struct change *change;
	int64_t service, grant;

	asked.approved_by = asked.executed_by = (struct maybe_int){ 0 };
	TRY(access_check_asked(rq, &asked, &person));
	if (asked.requested_by.is)
		TRY(access_holds(rq, asked.requested_by.i, ROLE_MANAGER | ROLE_SYSTEM_OWNER, person.body));
	TRY(check_not_twice(rq, &asked));
	TRY(audit_begin(rq, "access.ask", person.code, &change));
	TRY(service_number(rq, change, asked.service, &service));
	TRY(add_grant(rq, change, &asked, service, &grant));
	*ret_grant = grant;
	return OK;
}

enum err access_state_grant(struct rq *rq, const struct access_asked *given, int64_t *ret_grant)
{
	struct access_asked asked = *given;
	struct access_person_row person;
	struct change *change;
	int64_t service, grant;

	if (!setting_bool(rq, "cli.state"))
		return fail(rq, ERR_DENIED, _("Grants decided elsewhere are not taken in here (setting cli.state)."));
	if (!asked.requested_by.is || !asked.approved_by.is || !asked.executed_by.is)
		return fail(rq, ERR_INVALID, _("A stated grant names all three: who requested, who approved, who executed."));
	if (asked.requested_by.i == asked.approved_by.i || asked.requested_by.i == asked.executed_by.i
	    || asked.approved_by.i == asked.executed_by.i)
		return fail(rq, ERR_DENIED, _("Who requests, who approves and who executes must be three different people."));
	if (asked.approved_by.i == asked.person || asked.executed_by.i == asked.person)
		return fail(rq, ERR_DENIED, _("Nobody approves or executes access for herself."));
	TRY(access_check_asked(rq, &asked, &person));
	TRY(access_holds(rq, asked.requested_by.i, ROLE_MANAGER | ROLE_SYSTEM_OWNER, person.body));
	TRY(access_holds(rq, asked.approved_by.i, ROLE_MANAGER | ROLE_SYSTEM_OWNER, person.body));
	TRY(access_holds(rq, asked.executed_by.i, ROLE_SUPPORT, person.body));
	TRY(audit_begin(rq, "access.state", person.code, &change));
	TRY(service_number(rq, change, asked.service, &service));
	TRY(access_make_room(rq, change, asked.person));
	TRY(add_grant(rq, change, &asked, service, &grant));
	*ret_grant = grant;
	return OK;
}
