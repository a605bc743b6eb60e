/* The moves of a grant: what may be done with it in which state, and by whom. One table; the pages' buttons, the commands
 * and the checks are all read from it, so they cannot differ.
 *
 * SECURITY: access_do checks state, role, legal body and that the three are different people, on the row as it is inside the
 * writer's transaction. What the system does (a leaver's grants end) goes through access_hear and is one leaf with its cause. */
#include "points/access/verify.h"
#include "floor/setting.h"

const char *const access_state_name[ACCESS_STATES] = {
	[ACCESS_REQUESTED] = "requested", [ACCESS_RETURNED] = "returned", [ACCESS_APPROVED] = "approved", [ACCESS_COMING] = "approved",
	[ACCESS_ACTIVE] = "active", [ACCESS_SUSPENDED] = "suspended", [ACCESS_EXPIRED] = "expired", [ACCESS_REVOKED] = "revoked",
	[ACCESS_REJECTED] = "rejected", [ACCESS_WITHDRAWN] = "withdrawn",
};
const char *const access_state_word[ACCESS_STATES] = {
	[ACCESS_REQUESTED] = N_("Requested"), [ACCESS_RETURNED] = N_("Returned"), [ACCESS_APPROVED] = N_("Approved, to be executed"),
	[ACCESS_COMING] = N_("Not begun"), [ACCESS_ACTIVE] = N_("Active"), [ACCESS_SUSPENDED] = N_("Suspended"),
	[ACCESS_EXPIRED] = N_("Expired"), [ACCESS_REVOKED] = N_("Revoked"), [ACCESS_REJECTED] = N_("Rejected"),
	[ACCESS_WITHDRAWN] = N_("Withdrawn"),
};

static bool has_come(struct maybe_int at, struct instant now)
{
	return at.is && at.i <= now.ms;
}

enum access_state access_state(const struct access_moments *m, struct instant now)
{
	if (has_come(m->withdrawn_at, now))
		return ACCESS_WITHDRAWN;
	if (has_come(m->rejected_at, now))
		return ACCESS_REJECTED;
	if (has_come(m->ended_at, now))
		return ACCESS_REVOKED;
	if (!instant_is_before(now, m->until))
		return ACCESS_EXPIRED;
	if (has_come(m->suspended_at, now))
		return ACCESS_SUSPENDED;
	if (has_come(m->executed_at, now))
		return instant_is_before(now, m->from_at) ? ACCESS_COMING : ACCESS_ACTIVE;
	if (has_come(m->approved_at, now))
		return ACCESS_APPROVED;
	return has_come(m->returned_at, now) ? ACCESS_RETURNED : ACCESS_REQUESTED;
}

static enum err make_approve(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	return access_grant_approve(change, deed->by, rq->now, grant->is_stated || deed->is_stated, grant->id);
}

static enum err make_return(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	return access_grant_return(change, (struct maybe_int){ true, deed->by }, (struct maybe_int){ true, rq->now.ms }, deed->reason, grant->id);
}

/* What was not said anew stays as it was. */
static struct access_asked asked_again(const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	return (struct access_asked){ .person = grant->person, .service = grant->service_name,
		.purpose = deed->purpose.at ? deed->purpose : grant->purpose,
		.from_at = deed->from_at.ms ? deed->from_at : grant->from_at, .until = deed->until.ms ? deed->until : grant->until };
}

static enum err check_again(struct rq *rq, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	struct access_asked asked = asked_again(grant, deed);
	struct access_person_row person;

	return access_check_asked(rq, &asked, &person);
}

static enum err make_again(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	struct access_asked asked = asked_again(grant, deed);
	struct access_person_row person;

	TRY(access_check_asked(rq, &asked, &person));
	return access_grant_again(change, asked.purpose, asked.from_at, asked.until, grant->id);
}

static enum err make_reject(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	return access_grant_reject(change, deed->by, rq->now, deed->reason, grant->id);
}

static enum err make_withdraw(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	(void)deed;
	return access_grant_withdraw(change, rq->now, grant->id);
}

static enum err make_execute(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	TRY(access_make_room(rq, change, grant->person));
	return access_grant_execute(change, deed->by, rq->now, grant->is_stated || deed->is_stated, grant->id);
}

/* The right stops here and now: those who hold sessions hear it. */
static void say_ended(struct change *change, int64_t person, int64_t grant)
{
	change_touch(change, person);
	event_say(change, (struct event){ EVENT_grant_ended, person, grant, change_leaf(change) });
}

static enum err touch_crowd(struct rq *rq, struct change *change, int64_t person)
{
	struct access_stand_crowd_row crowd;

	change_touch(change, person);
	TRY(access_stand_crowd(rq, person, access_remembered(rq->now), &crowd));
	if (crowd.has_person)
		change_touch_site(change);
	return OK;
}

static enum err make_suspend(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	TRY(touch_crowd(rq, change, grant->person));
	TRY(access_grant_suspend(change, (struct maybe_int){ true, deed->by }, (struct maybe_int){ true, rq->now.ms }, deed->reason, grant->id));
	say_ended(change, grant->person, grant->id);
	return OK;
}

static enum err make_lift(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	(void)deed;
	TRY(touch_crowd(rq, change, grant->person));
	return access_grant_suspend(change, (struct maybe_int){ 0 }, (struct maybe_int){ 0 }, STR_NONE, grant->id);
}

static enum err make_revoke(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	TRY(touch_crowd(rq, change, grant->person));
	TRY(access_grant_end(change, (struct maybe_int){ deed->by >= 0, deed->by }, rq->now, deed->reason.at ? deed->reason : STR(""), grant->id));
	say_ended(change, grant->person, grant->id);
	return OK;
}

/* Checked and wanted still: the next check is a year on, at most. */
static enum err make_keep(struct rq *rq, struct change *change, const struct access_grant_get_row *grant, const struct access_deed *deed)
{
	(void)deed;
	return access_grant_reviewed(change, instant_plus_months(rq->now, (int)setting_number(rq, "access.review_months")), grant->id);
}

#define IN(state) (1u << ACCESS_##state)
#define DECIDES (ROLE_MANAGER | ROLE_SYSTEM_OWNER)
const struct access_move access_moves[] = {
	{ "approve", N_("Approve"), IN(REQUESTED), DECIDES, .is_others = true, .make = make_approve },
	{ "return", N_("Send back with a comment"), IN(REQUESTED), DECIDES, .is_others = true, .needs_reason = true, .make = make_return },
	{ "reject", N_("Reject"), IN(REQUESTED) | IN(RETURNED), DECIDES, .is_others = true, .needs_reason = true, .make = make_reject },
	{ "again", N_("Request again"), IN(RETURNED), DECIDES, .is_askers = true, .check = check_again, .make = make_again },
	{ "withdraw", N_("Withdraw the request"), IN(REQUESTED) | IN(RETURNED) | IN(APPROVED), DECIDES, .is_askers = true, .make = make_withdraw },
	{ "execute", N_("Execute"), IN(APPROVED), ROLE_SUPPORT, .is_others = true, .make = make_execute },
	{ "suspend", N_("Suspend"), IN(COMING) | IN(ACTIVE), ROLE_SUPPORT | ROLE_COORDINATOR, .needs_reason = true, .make = make_suspend },
	{ "lift", N_("Lift the suspension"), IN(SUSPENDED), ROLE_SUPPORT | ROLE_COORDINATOR, .needs_reason = true, .make = make_lift },
	{ "revoke", N_("Revoke"), IN(APPROVED) | IN(COMING) | IN(ACTIVE) | IN(SUSPENDED),
	  DECIDES | ROLE_SUPPORT | ROLE_COORDINATOR, .make = make_revoke },
	{ "keep", N_("Keep after review"), IN(COMING) | IN(ACTIVE), DECIDES, .is_not_own = true, .make = make_keep },
	{ 0 }
};

const struct access_move *access_move_named(struct str name)
{
	for (const struct access_move *move = access_moves; move->name; move++)
		if (str_equal(name, str_of(move->name)))
			return move;
	return NULL;
}

static bool is_somebody(struct maybe_int who, int64_t person)
{
	return who.is && who.i == person;
}

enum err access_may(struct rq *rq, const struct access_move *move, const struct access_grant_get_row *grant, int64_t by)
{
	enum access_state state = access_state(ACCESS_MOMENTS(grant), rq->now);
	struct access_person_row person;

	if (!(move->states >> state & 1))
		return fail(rq, ERR_CONFLICT, _("Grant %lld is %s; that cannot be done with it now."), (long long)grant->id,
		            access_state_name[state]);
	if (by < 0)
		return move->is_askers && !grant->requested_by.is && rq->actor->roles & ROLE_HOST ? OK
		     : fail(rq, ERR_INVALID, _("Say who does it."));
	if (move->is_askers && !is_somebody(grant->requested_by, by))
		return fail(rq, ERR_DENIED, _("Only who requested grant %lld may do that."), (long long)grant->id);
	if (move->is_others && (is_somebody(grant->requested_by, by) || is_somebody(grant->approved_by, by) || grant->person == by))
		return fail(rq, ERR_DENIED, _("Who requests, who approves and who executes must be three different people, "
		            "and none of them decides for oneself."));
	if (move->is_not_own && grant->person == by)
		return fail(rq, ERR_DENIED, _("Nobody decides about one's own access."));
	TRY(access_person(rq, grant->person, &person));
	return access_holds(rq, by, move->roles, person.body);
}

enum err access_do(struct rq *rq, const struct access_move *move, const struct access_deed *given)
{
	struct access_grant_get_row grant;
	struct access_person_row person;
	struct access_deed deed = *given;
	struct change *change;
	enum err err = access_grant_get(rq, deed.grant, &grant);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no grant %lld."), (long long)deed.grant);
	if (err != OK)
		return err;
	deed.reason = str_trim(deed.reason);
	if (!str_is_utf8(deed.reason) || deed.reason.len > 1000)
		return fail(rq, ERR_INVALID, _("%s is longer than %zu characters or not UTF-8"), "because", (size_t)1000);
	TRY(access_may(rq, move, &grant, deed.by));
	if (move->needs_reason && deed.reason.len == 0)
		return fail(rq, ERR_INVALID, _("Say why, in a few words."));
	if (move->check)
		TRY(move->check(rq, &grant, &deed));
	TRY(access_person(rq, grant.person, &person));
	TRY(audit_begin(rq, str_c(rq->arena, str_print(rq->arena, "access.%s", move->name)), person.code, &change));
	return move->make(rq, change, &grant, &deed);
}

static enum err end_all(struct rq *rq, int64_t person, struct change *change)
{
	struct access_grant_of_leaver_row *rows;
	size_t n;

	TRY(access_grant_of_leaver(rq, person, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(access_grant_end(change, (struct maybe_int){ 0 }, rq->now, STR("left"), rows[i].id));
		say_ended(change, person, rows[i].id);
	}
	return touch_crowd(rq, change, person);
}

/* Another unit, other duties: what was right there is checked at once. */
static enum err review_all(struct rq *rq, int64_t person, struct change *change)
{
	struct access_grant_of_mover_row *rows;
	size_t n;

	TRY(access_grant_of_mover(rq, person, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(access_grant_reviewed(change, rq->now, rows[i].id));
	return OK;
}

enum err access_hear(struct rq *rq, const struct event *event, struct change *change)
{
	if (event->kind == EVENT_person_left)
		return end_all(rq, event->person, change);
	if (event->kind == EVENT_phone_changed)
		return verify_hear_phone(rq, event, change);
	if (event->kind == EVENT_proof_answered)
		return verify_hear_proof(rq, event, change);
	return event->kind == EVENT_person_moved ? review_all(rq, event->person, change) : OK;
}
