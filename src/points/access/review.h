#ifndef ACCESS_REVIEW_H
#define ACCESS_REVIEW_H
/* Yearly reviews of grants, and the self-assessment of the steps A1 to A5: for access's own files.
 *
 * A review holds all grants that were in force when it began; who answers is the manager, and those above when she has not in time. Nothing is
 * written for what nobody has answered, and no answer never means "keep". */
#include "points/access/access.h"

enum access_answer { ACCESS_KEEP = 1, ACCESS_CHANGE, ACCESS_REMOVE };
struct access_answered { int64_t review, grant, by; enum access_answer answer; struct str note; };
enum err access_review_begin(struct rq *, struct str name, struct instant due_at, int64_t by, int64_t *ret);
enum err access_review_say(struct rq *, const struct access_answered *);
enum err access_review_end(struct rq *, int64_t review, int64_t by);
/* remind.c: by mail, and to those above when its last day is long past; from then on they may answer. */
enum err access_tick(struct rq *);
bool     access_review_is_escalated(struct rq *, struct instant due_at);
struct access_review_all_row;
enum err access_due_above(struct rq *, const struct access_review_all_row *, struct tasks *ret);
struct access_assessed { int64_t step; bool is_met; struct str rule, evidence; struct maybe_int owner; int64_t by; };
enum { ACCESS_STEPS = 5 };
extern const char *const access_step_text[ACCESS_STEPS];        /* N_(): what A1-A5 ask */
enum err access_assess(struct rq *, const struct access_assessed *);

/* page_review.c */
enum err access_get_reviews(struct rq *, const struct visit *, struct answer *);
enum err access_post_reviews(struct rq *, const struct visit *, struct answer *);
enum err access_get_review(struct rq *, const struct visit *, struct answer *);
enum err access_post_review(struct rq *, const struct visit *, struct answer *);
enum err access_get_steps(struct rq *, const struct visit *, struct answer *);
enum err access_post_step(struct rq *, const struct visit *, struct answer *);
#endif
