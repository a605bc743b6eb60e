#ifndef PRACTICE_H
#define PRACTICE_H
/* Practice calls and practice links: does the desk stop a caller who is not who she says; does a team report a false log-in link? For access's own files.
 *
 * Both are planned by somebody who coordinates or leads, and agreed to beforehand by another of them, for at most PRACTICE_DAYS. A link is about a
 * team (floor/practice_link.h). A call is about one person who knows of it: the
 * first call about her in that time is the practice call, and no other; the agent sees no difference until it is over, and is then told.
 *
 * Such a call opens no incident, makes the desk no stricter, counts for no signal and gives no token: approving it ends it. That it could be a real caller's call
 * is why: whoever rings in her name in that time gets no further than anybody else. What the employee herself says ("that was not me") and duress stay real.
 * Results are by team, and only of teams with PRACTICE_LEAST calls or more: what one person did is nobody's to read. */
#include "points/access/access.h"
#include "floor/practice_link.h"
#include "points/access/practice.sql.h"

enum { PRACTICE_DAYS = 7, PRACTICE_LEAST = 3, PRACTICE_MONTHS = 12 };
#define PRACTICE_MAY (ROLE_COORDINATOR | ROLE_MANAGEMENT)

enum practice_state { PRACTICE_PLANNED, PRACTICE_AGREED, PRACTICE_CALLED, PRACTICE_CANCELLED, PRACTICE_OVER, PRACTICE_OPEN, PRACTICE_DONE, PRACTICE_STATES };
extern const char *const practice_state_name[PRACTICE_STATES], *const practice_state_word[PRACTICE_STATES];
enum practice_state practice_state(const struct practice_get_row *, struct instant now);

/* Verbs: each one leaf, inside a job on the writer. `by`: who is logged in, or stated on the command line (the setting cli.state). */
struct practice_wish { bool is_link; int64_t person, unit, by; struct instant from_at, until; };   /* person: of a call; unit: of a link */
enum err practice_plan(struct rq *, const struct practice_wish *, int64_t *ret);
enum err practice_agree(struct rq *, int64_t id, int64_t by);
enum err practice_cancel(struct rq *, int64_t id, int64_t by);

/* In the leaf of a call that begins: it is the practice call, if there is one now. */
enum err practice_call(struct rq *, struct change *, int64_t verification, int64_t person, int64_t agent);
enum err practice_is(struct rq *, int64_t verification, bool *ret);
enum err practice_due(struct rq *, struct tasks *ret);

enum err practice_get_page(struct rq *, const struct visit *, struct answer *);
enum err practice_post_page(struct rq *, const struct visit *, struct answer *);
enum err practice_get_login(struct rq *, const struct visit *, struct answer *);       /* page_practice_link.c */
enum err practice_post_login(struct rq *, const struct visit *, struct answer *);
#define PRACTICE_COMMANDS(X) X(plan) X(link) X(agree) X(cancel) X(list) X(results)
#define X(name) enum err practice_run_##name(struct rq *, const struct args *, struct out *);
PRACTICE_COMMANDS(X)
#undef X
#endif
