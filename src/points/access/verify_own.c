/* What others than the agent do in a verification: the manager vouches or does not; the employee says that it was not she who rang.
 *
 * SECURITY: both act for themselves alone. A manager answers when she is logged in as the one who was asked, within a quarter of an hour,
 * once, and only while she still may; opening the page says nothing. The employee may always say no, also after the errand is done: then her
 * remote connection is held and an incident opens in the same commit, so that nobody can go on with what was begun. */
#include "points/access/verify.h"
#include "floor/people.h"

enum err verify_stands_in(struct rq *rq, int64_t manager, int64_t deputy)
{
	struct access_stands_in_row *rows;
	struct people_get_row who;
	size_t n;

	TRY(access_stands_in(rq, deputy, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (rows[i].person == manager)
			return OK;
	TRY(people_get(rq, manager, &who));
	return fail(rq, ERR_DENIED, _("The first who vouches is the person's own manager, %.*s, or her deputy."), STR_ARG(who.name));
}

static enum err check_answer(struct rq *rq, const struct verification *v, const struct verify_voucher_get_row *row, bool is_yes)
{
	if (row->answered_at.is)
		return fail(rq, ERR_CONFLICT, "%s", _("You have answered already."));
	if (!instant_is_before(rq->now, row->until) || v->facts.end != VERIFY_OPEN)
		return fail(rq, ERR_CONFLICT, "%s", _("The request is too old or the call is over. Support asks again if it is still needed."));
	if (!is_yes)
		return OK;
	const char *why = verify_why_not(rq, v, VERIFY_VOUCH);
	return why ? fail(rq, ERR_CONFLICT, "%s", why) : OK;
}

enum err verify_answer(struct rq *rq, int64_t voucher, int64_t by, bool is_yes)
{
	struct verify_voucher_get_row row;
	struct verification v;
	struct change *change;
	enum err err = verify_voucher_get(rq, voucher, &row);

	if (err == ERR_NONE || (err == OK && row.person != by))
		return fail(rq, ERR_NONE, "%s", _("You are not asked to vouch for anybody here."));
	TRY(err);
	TRY(verify_read(rq, row.verification, &v));
	if (by == v.person.id || by == v.row.agent)
		return fail(rq, ERR_DENIED, "%s", _("Nobody vouches for herself."));
	TRY(check_answer(rq, &v, &row, is_yes));
	/* She may have lost the role since she was asked. */
	if (is_yes && !(v.person.manager.is && v.person.manager.i == by))
		TRY(access_holds(rq, by, ROLE_MANAGER, v.person.body));
	TRY(audit_begin(rq, is_yes ? "access.verify_vouch" : "access.verify_vouch_no", v.person.code, &change));
	TRY(verify_voucher_answer(change, rq->now, is_yes, row.id));
	return is_yes ? OK : verify_signal_denied(rq, change, &v, N_("The manager does not vouch"));
}

/* All that is going on in her name, not only the call that she points at. */
static enum err end_all(struct rq *rq, struct change *change, const struct verification *v)
{
	struct verify_still_open_row *rows;
	size_t n;

	TRY(verify_over(change, &(const struct verify_over_args){ rq->now, VERIFY_OUT_NOT_ME, STR(""), v->row.is_stated, v->row.id }));
	TRY(verify_still_open(rq, v->person.id, instant_plus(rq->now, (struct span){ -v->pack.open.ms - v->pack.token.ms }), &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (rows[i].id != v->row.id)
			TRY(verify_over(change, &(const struct verify_over_args){ rq->now, VERIFY_OUT_NOT_ME, STR(""), v->row.is_stated, rows[i].id }));
	return OK;
}

enum err verify_not_me(struct rq *rq, int64_t id, int64_t by)
{
	struct verification v;
	struct change *change;

	TRY(verify_read(rq, id, &v));
	if (by >= 0 && by != v.person.id)
		return fail(rq, ERR_NONE, _("There is no verification %lld."), (long long)id);
	const char *why = verify_why_not(rq, &v, VERIFY_NOT_ME);
	if (why)
		return fail(rq, ERR_CONFLICT, "%s", why);
	TRY(audit_begin(rq, "access.verify_not_me", v.person.code, &change));
	TRY(end_all(rq, change, &v));
	TRY(verify_hold(rq, change, &v.person, QUARANTINE_FRAUD, (struct maybe_int){ true, v.row.id }));
	TRY(verify_tell(rq, change, &v, NOTICE_NOT_ME, NOTICE_NOT_ME_MANAGER));
	return verify_signal_not_me(rq, change, &v);
}
