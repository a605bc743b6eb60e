#ifndef CAPACITY_PLAN_H
#define CAPACITY_PLAN_H
/* The planner: who connects when, where places are few. Pure: arrays in, arrays out; no store, no clock.
 *
 * A type is a number of people who are alike: class, need, windows, gateways. A plan serves as many (member, slot) pairs of class 1
 * as can be, then of class 2, and so on; inside a class the types' shares, served / (members x need), are lexicographically
 * max-min, each rounded to one of the two whole numbers beside the exact plan; members of a type differ by one slot at most.
 * Debt: how many of the latest days a type got less than it needed. Inside a class the older debt gets all that can be had, before the
 * younger. Whole: a member gets all of her need or nothing, which is NP-hard to do best: see plan_whole.c.
 * Before: of all plans that serve each type the same, one that has most of each type where it was in the plan before.
 * The same input gives the same plan, byte for byte. */
#include "floor/rq.h"

enum { PLAN_SLOTS_MOST = 1000, PLAN_CLASSES = 9, PLAN_DEBTS = 10, PLAN_WORDS_MOST = (PLAN_SLOTS_MOST + 63) / 64 };

struct plan_type {
	struct str id;
	int64_t    need, members;
	uint32_t   set;                /* of gateways */
	uint8_t    class, debt;        /* 1 ... 9, 0 ... 9 */
	bool       is_whole;
	const int64_t *before;         /* [slot]: how many of it had a place there in the plan before; NULL: nobody knows */
};
struct plan_set { uint32_t *gateways; size_t n; };       /* ascending, distinct */

struct plan_problem {
	size_t            slots, words;          /* words of 64 bits that hold a bit for each slot */
	size_t            n_gateways, n_types, n_sets;
	struct str       *gateway_ids;
	int64_t          *places;                /* [gateway * slots + slot] */
	struct plan_type *types;
	uint64_t         *windows;               /* [type * words + word] */
	struct plan_set  *sets;
};

/* n members of the type hold places of the gateway in the slot: which, says plan_member. */
struct plan_flow { uint32_t type, gateway, slot, first, ring; const uint32_t *members; int64_t n; };

/* For the classes up to this one: nobody could serve more of them than the cut, since these places (a bit for each slot, a row for
 * each gateway) are all that there are, and the other windows of those who wait are full too. cut = served, but where whole needs are
 * among them: then no plan serves more than cut - served beyond this one. */
struct plan_proof { uint8_t class; bool has_whole; int64_t cut, served; uint64_t *full; };

struct plan {
	struct plan_flow *flows; size_t n_flows;             /* by type, slot, gateway */
	int64_t          *served;                            /* of each type */
	bool              has_class[PLAN_CLASSES + 1];
	int64_t           served_class[PLAN_CLASSES + 1];
	struct plan_proof proofs[PLAN_CLASSES]; size_t n_proofs;
	bool    has_before, is_most_as_before;               /* of all plans that serve each type the same none keeps more */
	int64_t as_before;                                   /* (member, slot) pairs that their type had before (plan_again.c) */
	bool    is_dealt;
	int64_t starts, starts_least;                        /* dealt: times that somebody begins; what no plan that serves the same goes below */
};

/* ERR_CORRUPT when the plan does not pass its own proof: then there is no plan. */
enum err plan_solve(struct arena *, const struct plan_problem *, bool is_dealt, struct plan *ret);
/* The member in place i, 0 ... n - 1, of a flow of a dealt plan. */
uint32_t plan_member(const struct plan_flow *, int64_t i);

/* problem.c: reads the text of a problem. ERR_INVALID with one sentence that begins with the place. */
enum err problem_read(struct rq *, struct str text, struct plan_problem *ret);

/* plan_check.c: shares nothing with the solver. OK with what it found in ret: the first fault in one sentence, or none. That shares
 * are not the fairest is told, but no fault. */
struct plan_verdict { bool has_fault, is_unfair; char fault[320]; int64_t served; size_t n_flows, n_seats, n_proofs; };
enum err plan_check(struct rq *, const struct plan_problem *, struct str plan, struct plan_verdict *ret);
#endif
