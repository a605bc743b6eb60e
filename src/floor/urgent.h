#ifndef FLOOR_URGENT_H
#define FLOOR_URGENT_H
/* Urgent cases: nobody with a mandate can be reached in the night, and somebody must get in. Only under a standing decision that was signed earlier.
 *
 * A standing decision is a risk decision like any other (decide.h), but the reason in its deviation is written "urgent:access.no_grant", which is no
 * reason of the gate: by itself it lowers nothing for anybody. Its terms, part of the text that is signed, say who may use it, for how many hours
 * at most and how often in a week; its unit and gateway say where.
 *
 *     asked -> confirmed by a second person: in force -> over | reversed
 *           -> refused, withdrawn, or nobody confirmed within URGENT_CONFIRM_MINUTES
 *     in force, over, reversed -> reviewed by somebody with the mandate: right | not right -> cleaned up
 *
 * Two people, each with a role that the terms name and of the same legal body: the one who asks, and another who confirms with her second factor,
 * neither of them the one whom it is for. Who they are is read from rq->actor alone, so no command, token or import can be either.
 * Every use is reviewed afterwards. A review that says no ends what is still in force, and the asker has something to clean up.
 * States are read out of the moments; nothing has to run for the effect to end. Whoever reverses only takes away, and needs no mandate. */
#include "floor/decide.h"
#include "floor/urgent.sql.h"

enum { URGENT_HOURS = 4, URGENT_HOURS_MOST = 24, URGENT_WEEKLY_MOST = 50, URGENT_CONFIRM_MINUTES = 60, URGENT_REVIEW_DAYS = 5 };
#define URGENT_USERS (ROLE_SUPPORT | ROLE_MANAGER | ROLE_COORDINATOR | ROLE_SYSTEM_OWNER)

/* Is this the reason of a standing decision? And the reason within, as the gate knows it; NULL when it knows none such. */
bool                 urgent_is(struct str reason);
const struct reason *urgent_reason(struct str reason);
struct str           urgent_spelt(struct rq *, struct str reason);              /* "urgent:" before it */
enum err             urgent_check_terms(struct rq *, const struct urgent_terms_row *);

enum urgent_state { URGENT_ASKED, URGENT_LAPSED, URGENT_REFUSED, URGENT_WITHDRAWN, URGENT_ACTIVE, URGENT_OVER, URGENT_REVERSED, URGENT_STATES };
extern const char *const urgent_state_name[URGENT_STATES], *const urgent_state_word[URGENT_STATES];

struct urgent {
	struct urgent_get_row   row;
	struct decide_get_row   standing;
	struct urgent_terms_row terms;
	enum urgent_state       state;
	struct instant          until;      /* of the effect, when it was confirmed */
};
enum err urgent_read(struct rq *, int64_t id, struct urgent *ret);              /* ERR_NONE with a sentence */
bool     urgent_sees(struct rq *, const struct urgent *);

/* --- verbs: each one leaf, inside a job on the writer --- */
struct urgent_wish { int64_t decision, person, hours; struct maybe_int gateway; struct str why; };
enum err urgent_ask(struct rq *, const struct urgent_wish *, int64_t *ret);     /* who asks is who is logged in */
enum err urgent_confirm(struct rq *, int64_t id);                               /* who confirms is who is logged in, with the second factor just shown */
/* May this person be the second one? OK, or a sentence why not. */
enum err urgent_may_confirm(struct rq *, const struct urgent *, int64_t person);
/* These give nothing, so they may be stated with `by` on the command line (the setting cli.state). */
enum err urgent_refuse(struct rq *, int64_t id, int64_t by, struct str why);
enum err urgent_withdraw(struct rq *, int64_t id, int64_t by);
enum err urgent_reverse(struct rq *, int64_t id, int64_t by, struct str why);   /* by -1: the account that owns HOME */
enum err urgent_may_reverse(struct rq *, const struct urgent *, int64_t person);
enum err urgent_review(struct rq *, int64_t id, int64_t by, bool is_right, struct str words);
enum err urgent_may_review(struct rq *, const struct urgent *, int64_t person);
enum err urgent_clean(struct rq *, int64_t id, int64_t by, struct str how);

/* The standing decision is over: whoever is in by a use of it is told of. */
enum err urgent_over(struct change *, const struct decide_get_row *);
enum err urgent_due(struct rq *, struct tasks *ret);

extern const struct command urgent_commands[];
extern const struct page urgent_pages[];
#endif
