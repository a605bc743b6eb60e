#ifndef FLOOR_DECIDE_H
#define FLOOR_DECIDE_H
/* Risk decisions and deviations: "any deviation from the rules only after a conscious risk decision", for all points.
 *
 * Two records. The decision: what is asked, at least two options of which one is to do nothing, what each leads to, what makes up for it, the level
 * of the consequence scale, who should decide and by when. The deviation: the one reason of one point that it lowers at the gate, for
 * one person, unit or gateway, between two moments. They are drafted together, and the deviation has no effect but through its decision.
 *
 *     draft -> asked -> (returned, answered) -> signed yes: approved -> active -> expired | revoked | not needed
 *                    -> signed no, or no answer in time; withdrawn at any time before
 *
 * Signed means: by a person who holds the mandate for that level and legal body at that moment (deputies too), who is neither the asker
 * nor the one whom it is for, who showed the second factor at most DECIDE_SECONDS ago, with the hash of the text decided on in the leaf.
 * decide_answer reads who that is from rq->actor alone: there is no argument by which anybody could sign in another's name.
 * A risk decision that lowers nothing (DECIDE_RISK) is the same two records: what is accepted, by whom, and until when it is looked at again.
 * A standing decision for urgent cases is the same two records too, and lowers nothing by itself: see urgent.h.
 * States are read out of the moments; nothing has to run for a deviation to begin or to end.
 *
 * Stale: the scope is no longer what it was when it was signed (the person's unit, the unit's class, the meaning of the level). Seen by
 * the clock; kept by a decider or over DECIDE_STALE_DAYS later. Its unit having gone to another legal body ends it at once. */
#include "floor/consequence.h"
#include "floor/decide.sql.h"
#include "floor/page.h"
#include "floor/reason.h"
#include "floor/standing.h"

enum { DECIDE_SECONDS = 60, DECIDE_STALE_DAYS = 7, DECIDE_DAYS = 90, DECIDE_ANSWER_DAYS = 5, DECIDE_TEXT = 2000, DECIDE_TITLE = 160,
       DECIDE_IN_FORCE = 2048 };

enum decide_state {
	DECIDE_DRAFT, DECIDE_ASKED, DECIDE_RETURNED, DECIDE_UNANSWERED, DECIDE_WITHDRAWN, DECIDE_REJECTED,
	DECIDE_APPROVED,        /* signed; its time has not begun */
	DECIDE_ACTIVE, DECIDE_EXPIRED, DECIDE_REVOKED, DECIDE_NOT_NEEDED, DECIDE_STATES
};
extern const char *const decide_state_name[DECIDE_STATES], *const decide_state_word[DECIDE_STATES];
enum decide_state decide_state(const struct decide_get_row *, struct instant now);
/* When its effect ends or ended: its own end, or the days after it was seen to be stale. */
struct instant    decide_until(const struct decide_get_row *);

enum decide_move { DECIDE_MOVE_DRAFT, DECIDE_MOVE_ASK, DECIDE_MOVE_MORE, DECIDE_MOVE_TELL, DECIDE_MOVE_WITHDRAW, DECIDE_MOVE_YES, DECIDE_MOVE_NO,
                   DECIDE_MOVE_REVOKE, DECIDE_MOVE_END, DECIDE_MOVE_STALE, DECIDE_MOVE_KEEP, DECIDE_MOVE_FOLLOW, DECIDE_MOVES };
extern const char *const decide_move_word[DECIDE_MOVES];

/* The reasons of all points, ended by NULL: told once at start by the fold that knows the points. Until then nothing can be asked or lowered. */
void                 decide_reasons_are(const struct reason *const *);
const struct reason *decide_reason(struct str code);
const struct reason *const *decide_reasons(void);

/* A risk that is accepted and lowers nothing at the gate: stands where a reason's code would; no point's code is like it. */
#define DECIDE_RISK STR("risk")
static inline bool decide_is_risk(struct str reason) { return str_equal(reason, DECIDE_RISK); }

struct decide_choice { struct str name, happens, likely, means, cost; };
struct decide_wish {
	int64_t              asker;
	struct str           reason, title, why, proposal, measures;
	struct maybe_int     person, unit, gateway;     /* a person or a unit, perhaps at one gateway; or a gateway alone */
	int                  level;
	int64_t              decider;
	struct instant       from_at, until, answer_by; /* from_at, answer_by ms 0: at once; the default */
	struct decide_choice choice[4]; size_t n_choices;   /* 0: yes, 1: nothing is done, then others */
	struct maybe_int     supersedes;                /* renews that one: of the same reason and scope; when this is signed, that ends */
	bool                 is_standing;               /* for urgent cases (urgent.h): lowers nothing by itself; then with these terms: */
	int64_t              hours, weekly, users;
};

/* --- verbs: each one leaf, inside a job on the writer. Of those with `by`: who does it; on the command line stated, under cli.state --- */
/* A draft, checked whole: everything that could not be asked is refused here. */
enum err decide_draft(struct rq *, const struct decide_wish *, int64_t *ret);
/* The asker asks, or asks again with an answer to what the decider wanted to know. */
enum err decide_ask(struct rq *, int64_t id, int64_t by, struct str answer);
enum err decide_withdraw(struct rq *, int64_t id, int64_t by, struct str why);     /* before it is signed; then: not needed any more */
/* `hash`: of the text that was read. `words`: the reasons for yes or no, or what more must be known. */
enum decide_answer { DECIDE_YES, DECIDE_NO, DECIDE_MORE, DECIDE_KEEP };
enum err decide_answer(struct rq *, int64_t id, enum decide_answer, struct str hash, struct str terms, struct str words);
/* No, or more: nothing takes effect by it, so it may be stated on the command line. */
enum err decide_state_answer(struct rq *, int64_t id, int64_t by, enum decide_answer, struct str words);
/* At once: by one who may decide at that level; on the command line by the account that owns HOME, since it only takes away. */
enum err decide_revoke(struct rq *, int64_t id, int64_t by, struct str why);
enum err decide_follow(struct rq *, int64_t id, int64_t by, struct str how);       /* after its end: did it work? */

enum err decide_find(struct rq *, int64_t id, struct decide_get_row *ret);         /* ERR_NONE with a sentence */
/* May this person answer it now? OK, or a sentence why not. */
enum err decide_may_answer(struct rq *, const struct decide_get_row *, int64_t person);
/* The text that is decided on, as it is kept, and its SHA-256 in hex. */
enum err decide_text(struct rq *, const struct decide_get_row *, struct str *ret, struct str *ret_hash);
/* Is what it is about no longer what it was when it was signed? */
enum err decide_differs(struct rq *, const struct decide_get_row *, bool *ret);
/* That, as it is shown: also from when the clock has seen it. Unknown is stale. */
bool     decide_is_stale(struct rq *, const struct decide_get_row *);
/* How many wait for an answer in time, and since when the oldest. */
enum err decide_waiting(struct rq *, int64_t *ret_n, struct instant *ret_since);
enum err decide_tick(struct rq *);                        /* a job: sees what has become stale */
enum err decide_due(struct rq *, struct tasks *ret);

/* --- the gate: what is in force, as facts with their moments (decide_stand.c, pure but for reading) --- */
struct decide_fact { uint64_t key; const struct reason *reason; int64_t decision; struct instant from_at, until; int16_t gateway; uint16_t body; };
struct decide_site { size_t n; struct decide_fact at[DECIDE_IN_FORCE]; };
/* `gateways`: their ids by their numbers at the gate. */
enum err decide_stand(struct rq *, const int64_t *gateways, size_t n_gateways, struct decide_site *ret);
/* The decision that lowers this reason now, and until when; -1: none. */
struct decide_asked { int64_t person; struct standing_place place; int16_t gateway; struct instant at; const struct reason *reason; };
int64_t  decide_lowers(const struct decide_site *, const struct decide_asked *, struct instant *ret_until);

extern const struct command decide_commands[];
extern const struct page decide_pages[];
#endif
