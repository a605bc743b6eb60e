#ifndef FLOOR_PROOF_H
#define FLOOR_PROOF_H
/* Proofs by an OpenID provider (CIBA): a person is asked in an app of her own, which logs her in elsewhere already, whether it is she.
 *
 *     TRY(proof_ask(change, &(struct proof_wish){ person, verification, words, until }));      then core and post ask (core_post.c, doors/post_proof.c)
 *     hear EVENT_proof_answered, whose subject is the question: proof_get                      the answer, in a leaf of its own
 *
 * What a site plugs in is its provider, by ciba.* of samordna.conf. While there is none nothing can be asked: proof_is_on.
 *
 * SECURITY: an answer counts before `until` and once. Whatever goes wrong is PROOF_FAILED with its cause, never a yes. */
#include "floor/event.h"
#include "floor/people.h"
#include "floor/proof.sql.h"

enum proof_answer { PROOF_YES = 1, PROOF_NO, PROOF_LATE, PROOF_FAILED };

void proofs_are(bool is_on, bool is_by_code);            /* core's, at start. by code: the provider knows people by their code, not their mail address */
bool proof_is_on(void);
/* What the provider knows her by; empty: it cannot be asked about her. */
struct str proof_hint(const struct people_get_row *);
struct proof_wish { int64_t person, subject; struct str words; struct instant until; };
enum err proof_ask(struct change *, const struct proof_wish *);
/* core's, in a leaf of its own. What is answered already, or too late, is let be. */
enum err proof_settle(struct rq *, int64_t id, enum proof_answer, struct str cause);
#endif
