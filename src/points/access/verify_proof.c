/* A second proof by an app of the employee's own, asked for through the organisation's OpenID provider (floor/proof.h): BankID, Freja and the like through a
 * broker, or whatever the site logs people in with. The app shows the two words that she has just heard.
 *
 * SECURITY: it counts as the second factor that is still hers does, in class B alone and on top of call and code: what is asked for in her app is asked for by
 * whoever is on the telephone, and could be relayed. A no is told as a manager's no is. What nobody answers, or what fails, proves nothing. */
#include "points/access/verify.h"
#include "floor/proof.h"

/* One question at a time; a no is an answer. */
static enum err check_earlier(struct rq *rq, int64_t verification)
{
	struct proof_of_row *rows;
	size_t n;

	TRY(proof_of(rq, verification, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (rows[i].answer == PROOF_NO)
			return fail(rq, ERR_CONFLICT, "%s", _("The answer in the app was no. Deny the caller and report the call."));
		if (!rows[i].answered_at.is && instant_is_before(rq->now, rows[i].until))
			return fail(rq, ERR_CONFLICT, "%s", _("The app has been asked already. Wait for the answer."));
	}
	return n < 8 ? OK : fail(rq, ERR_CONFLICT, "%s", _("The app has been asked too often. Ask the manager to vouch, or let the person come here."));
}

enum err verify_make_app(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct change *change;
	struct str words;
	(void)deed;
	(void)ret;

	if (!proof_is_on())
		return fail(rq, ERR_CONFLICT, "%s", _("No app can be asked here: samordna.conf names no provider (ciba.ask)."));
	if (v->facts.class != VERIFY_B || !v->facts.number_counts)
		return fail(rq, ERR_CONFLICT, "%s", _("An answer in the app is not enough here. Ask two managers to vouch, or let the person come here."));
	if (!proof_hint(&v->person).len)
		return fail(rq, ERR_CONFLICT, "%s", _("There is no mail address by which the app would know this person."));
	TRY(check_earlier(rq, v->row.id));
	TRY(verify_words_of(rq, v->row.id, &words));
	TRY(audit_begin(rq, "access.verify_app", v->person.code, &change));
	return proof_ask(change, &(const struct proof_wish){ v->person.id, v->row.id, words, instant_plus(rq->now, v->pack.code) });
}

enum err verify_hear_proof(struct rq *rq, const struct event *event, struct change *change)
{
	struct proof_get_row proof;
	struct verification v;

	TRY(proof_get(rq, event->subject, &proof));
	TRY(verify_read(rq, proof.subject, &v));
	if (v.person.id != proof.person)
		return OK;
	if (proof.answer == PROOF_NO)
		return verify_signal_denied(rq, change, &v, N_("The employee said no in her app"));
	/* Asked once more: what was right to ask may be over by now. */
	if (proof.answer != PROOF_YES || v.facts.class != VERIFY_B || !v.facts.number_counts || verify_may(&v.facts, VERIFY_BOUND) != VERIFY_MAY)
		return OK;
	return verify_bound(change, rq->now, v.row.id);
}
