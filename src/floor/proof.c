/* Questions to an OpenID provider, as rows. See proof.h. */
#include "floor/proof.h"

static bool is_there, is_told_codes;

void proofs_are(bool is_on, bool is_by_code)
{
	is_there = is_on;
	is_told_codes = is_by_code;
}

bool proof_is_on(void)
{
	return is_there;
}

struct str proof_hint(const struct people_get_row *person)
{
	return is_told_codes ? person->code : person->email;
}

enum err proof_ask(struct change *change, const struct proof_wish *wish)
{
	struct rq *rq = change_rq(change);
	struct proof_most_row most;

	TRY(proof_most(rq, &most));
	return proof_add(change, &(const struct proof_add_args){ most.id + 1, wish->person, wish->subject, wish->words, rq->now, wish->until });
}

enum err proof_settle(struct rq *rq, int64_t id, enum proof_answer answer, struct str cause)
{
	struct proof_get_row row;
	struct change *change;

	TRY(proof_get(rq, id, &row));
	if (row.answered_at.is || !instant_is_before(rq->now, row.until))
		return OK;
	TRY(audit_begin(rq, "proof.answered", str_print(rq->arena, "%lld", (long long)id), &change));
	event_say(change, (struct event){ .kind = EVENT_proof_answered, .person = row.person, .subject = id, .leaf = change_leaf(change) });
	return proof_answered(change, rq->now, answer, cause, id);
}
