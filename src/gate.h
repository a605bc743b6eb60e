#ifndef GATE_H
#define GATE_H
/* The gate: the fold of all points' opinions into one verdict, with its whole explanation.
 *
 * The strictest wins: PASS < WAIT < DENY. All opinions are kept. An unknown person is refused before any point is asked.
 * When no point passes (all silent), the verdict is deny: nothing fails open.
 *
 * A verdict is pure given the standing: no store, no clock, under a microsecond. Call between standing_enter and
 * standing_leave, unless the caller is the only thread. */
#include "point.h"

enum { GATE_POINTS = 15, GATE_INSTEAD = 192 };      /* with floor's own, STANDING_PARTS */
struct gate_reason { const struct point *point; struct opinion opinion; int64_t lowered_by; };   /* point NULL: the gate's own */
struct gate_verdict {
	enum verdict       verdict;         /* PASS, WAIT or DENY */
	struct instant     until;           /* WAIT: when it may be otherwise. PASS: when the right to be in ends */
	int                class;           /* 1-4; 0 unknown person */
	bool               is_watched;      /* the gateway only watches: what stands here was not enforced */
	uint32_t           slot;            /* booked, and now; 0 none */
	bool               is_of_reserve, is_strained;   /* what the opinions want remembered of the place and of the gateway */
	char               instead[GATE_INSTEAD];        /* of a refusal: what can be done without a connection; may be empty */
	size_t             n_reasons;
	struct gate_reason reason[GATE_POINTS + 2];
};

/* Everyone's facts, for all points; the writer refreshes it through gate_refresh. */
enum err gate_load(struct rq *, struct standing **ret);
enum err gate_new(struct rq *, struct standing **ret);         /* not loaded yet: every verdict is "wait" (standing.h, core_standing.c) */
/* `ask->person` -1: unknown. */
void     gate_judge(const struct standing *, const struct ask *, struct gate_verdict *ret);
void     gate_not_yet(struct gate_verdict *ret);               /* "wait", since the standing is still being read */
/* The reason that decided: of a pass NULL, else the strictest, of several the first in the leaflet's order. */
const struct reason *gate_because(const struct gate_verdict *);
bool     gate_waits(const struct gate_verdict *);              /* nothing keeps her out but that there is no place */
/* Rule K8: what happens to an accept that cannot be written down is a signed decision about this reason, for a person, a unit or a gateway. While one is
 * in force, class 1 and 2 are let in for GATE_LEASE_SECONDS; all others wait. */
extern const struct reason gate_cannot_store;
enum { GATE_LEASE_SECONDS = 15 * 60 };
bool     gate_may_lease(const struct standing *, const struct ask *, const struct gate_verdict *);
/* A refusal that no point has given. */
void     gate_refuse(struct gate_verdict *, const struct reason *, struct instant until);
/* Number of a gateway by name, -1 when unknown or empty. */
int16_t  gate_gateway(const struct standing *, struct str name);
bool     gate_is_watched(const struct standing *, int16_t gateway);
/* In which language this gateway tells people why not. */
enum language gate_language(const struct standing *, int16_t gateway);
/* The sentence for the person: what, until when, and what to do instead. At most 253 octets: what does not fit is cut between two words. */
void     gate_sentence(struct out *, enum language, const struct gate_verdict *);
/* {"verdict","until","class","reasons":[...]} */
void     gate_json(struct out *, enum language, const struct gate_verdict *);

extern const struct command gate_commands[], gateway_commands[], list_commands[];
extern const char *const verdict_name[];
#endif
