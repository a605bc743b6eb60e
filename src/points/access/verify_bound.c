/* A second proof by the second factor that is still hers: the six digits that her app shows now, read to the agent.
 *
 * SECURITY: checked in seal, off the writer; a counter is used once, for logging in and here alike, so what was overheard opens nothing more. Wrong
 * ones spend the person's own budget of second factors, as at the log-in. It proves nothing for a new second factor: that is class C. */
#include "points/access/verify.h"
#include "floor/account.h"
#include "floor/seal_door.h"

enum err verify_prepare_one(struct rq *rq, struct visit *visit)
{
	struct verify_bound_proof *proof = NEW(rq->arena, struct verify_bound_proof);
	struct account_get_row account;
	struct verify_get_row row;
	int64_t id;

	if (!str_equal(visit_field(visit, "act"), STR("bound")) || str_number(visit->rest, INT64_MAX, &id) != OK || verify_get(rq, id, &row) != OK)
		return OK;
	visit->prepared = proof;
	if (row.agent != rq->actor->person || account_is_spent(rq, BUDGET_SECOND, str_print(rq->arena, "%lld", (long long)row.person)))
		return OK;
	enum err err = account_get(rq, row.person, &account);
	if (err != OK || !account.totp.at)
		return err == ERR_NONE ? OK : err;
	proof->is_checked = true;
	err = seal_totp_check(seal_of_core(), rq, account_digits(rq, visit_field(visit, "otp")), account.totp, rq->now, &proof->counter);
	if (err != OK && err != ERR_DENIED)
		return err;
	proof->is_right = err == OK;
	trouble_clear(rq->trouble);
	return OK;
}

enum err verify_make_bound(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	const struct verify_bound_proof *proof = deed->proof;
	struct account_totp_used_row used;
	struct change *change;

	/* The command line has none to give. */
	if (!proof || !proof->is_checked)
		return fail(rq, ERR_CONFLICT, "%s", _("This person's second factor cannot be asked for here. Ask the manager to vouch, or let the person come here."));
	enum err err = account_totp_used(rq, v->person.id, &used);
	if (err != OK && err != ERR_NONE)
		return err;
	if (!proof->is_right || (err == OK && proof->counter <= used.counter)) {
		*ret = (struct verify_done){ true, -1 };
		return account_spend(rq, BUDGET_SECOND, str_print(rq->arena, "%lld", (long long)v->person.id), NULL);
	}
	TRY(audit_begin(rq, "access.verify_bound", v->person.code, &change));
	TRY(account_totp_use(rq, v->person.id, proof->counter));
	return verify_bound(change, rq->now, v->row.id);
}
