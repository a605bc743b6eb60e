#ifndef CAPACITY_PLAN_CHECK_H
#define CAPACITY_PLAN_CHECK_H
/* A plan as it was read, for plan_check.c and plan_lines.c alone. */
#include "plan.h"

struct flow { uint32_t type, slot, gateway; int64_t n, seats; };
struct seat { uint32_t type, member, slot, gateway; };
struct proof { unsigned classes; bool is_list, has_gap; int64_t cut, served, gap; uint64_t *full; };    /* full: [gateway * words], or NULL */
struct list { void *at; size_t n, room; };

/* All that is known of the plan that is being checked. */
struct checking {
	struct rq                 *rq;
	const struct plan_problem *p;
	struct plan_verdict       *verdict;
	struct list                flows, seats, proofs;
	uint32_t                  *type_table, *gateway_table;
	size_t                     type_size, gateway_size;
	int64_t                    said[PLAN_CLASSES + 1], served[PLAN_CLASSES + 1];
	unsigned                   has_class, has_said, has_whole;      /* whole: classes with a type whose needs are whole */
	int64_t                   *of_type;             /* served of each */
	/* The walk. */
	uint32_t                  *by_place;            /* flows by (gateway, slot), ... */
	size_t                    *place_from;          /* ... where each begins */
	int64_t                   *load;                /* [gateway * slots + slot] of the prefix */
	uint8_t                   *is_type, *is_place;
	uint64_t                  *slots_of;            /* [type * words]: reached (type, slot) */
	size_t                    *flow_from;           /* [type]: first of its flows */
	uint32_t                  *stack; size_t n_stack;
};

/* The first fault stays. ERR_CONFLICT comes up to plan_check, which takes it for an answer. */
#define FAULT(c, ...) plan_fault((c), __VA_ARGS__)
enum err plan_fault(struct checking *, const char *format, ...) CHECKED_FORMAT(2, 3);
enum err plan_lines(struct checking *, struct str plan);       /* plan_lines.c: reads them all; each is right in itself */
#endif
