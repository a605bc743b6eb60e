#ifndef CAPACITY_PLAN_FLOW_H
#define CAPACITY_PLAN_FLOW_H
/* The network of a plan, for plan*.c alone.
 *
 *     type --members--> (slot, set of gateways) --> (slot, gateway) --places--> taken
 *
 * Amounts are counted in fractions of one place, `unit` to a place, so that a share can stand between two whole numbers.
 * A type's arcs lie in slot order; where one still has room, and where one is used, stands in a bit for each slot: a search
 * for what can still reach a free place is a handful of ANDs a type. */
#include "plan.h"

struct gate_set { uint32_t set, index; };              /* the gateway is number `index` of that set */

struct net {
	struct arena              *arena;
	const struct plan_problem *problem;
	size_t    slots, words, n_gateways, n_sets, n_types;
	int64_t   unit;
	int64_t  *members, *cap, *served;                  /* of each type, in fractions */
	uint64_t *room, *used;                             /* [type * words]: arcs with room, arcs with flow */
	size_t   *arcs;                                    /* [type]: its first arc */
	uint16_t *rank;                                    /* [type * words]: how many of its arcs lie before the word */
	int64_t  *x;                                       /* [arc] */
	int64_t  *limit, *load;                            /* [gateway * slots + slot] */
	size_t   *set_at;                                  /* [set]: its first in `split` */
	int64_t  *split;                                   /* [set_at[set] + index * slots + slot]: how the set's load is spread */
	struct gate_set **sets_of; size_t *n_sets_of;      /* [gateway] */

	/* The search: levels count steps to a free place. Gateways and types have odd ones, sets even ones, 0 is out of reach. */
	uint32_t *level, *gate_level, *set_level;          /* [type] [gateway * slots + slot] [set * slots + slot] */
	uint64_t **layers; size_t n_layers, room_layers;   /* [level / 2][set * words]: which are still worth a try */
	uint64_t *used_in; size_t used_words;              /* [slot * used_words]: types (by their place in the piece) with flow there */
	uint32_t *place_of;                                /* [type]: in the piece */
	uint32_t *cursor, *gate_cursor;                    /* [set * slots + slot] [gateway * slots + slot] */
	uint32_t *waiting, *n_waiting;                     /* types not reached yet, by set */
	uint64_t *fresh_gates, *gates, *fresh_sets, *sets, *from_types;     /* bits of the search */
};

/* A part of the network that is closed: nothing outside it can help what is inside. Its types are ordered by set. */
struct piece {
	uint32_t *types; size_t n;
	uint32_t *set_from;                                /* [set]: first of its types; [n_sets] = n */
	uint64_t *open_sets, *open_gates;                  /* [set * words] [gateway * words] */
};

struct net  *net_new(struct arena *, const struct plan_problem *);
void         net_enter(struct net *, struct piece *);                  /* before anything below is called for it */
/* Gives back what is above the caps, then takes as much as can be had below them. Returns what is lacking; the levels then
 * tell which types, sets and gateways can reach a free place: 0 cannot. */
int64_t      net_fill(struct net *, struct piece *);
void         net_search(struct net *, struct piece *);                 /* the levels alone */
void         net_put(struct net *, uint32_t type, size_t slot, uint32_t index, int64_t amount);    /* may be negative */
bool         net_is_reached(const uint64_t *bits, size_t slot);
size_t       net_arc(const struct net *, uint32_t type, size_t slot);
void         net_sort(struct net *, struct piece *);                   /* its types by set, and set_from */
/* Makes every amount of the piece a multiple of the unit, by giving up less than one unit an arc. */
void         net_round(struct net *, struct piece *);
/* plan_deal.c: the finished flows as a plan, with its proofs. `all`: everything open. The net is used up. */
enum err     plan_deal(struct net *, struct piece *all, struct plan *ret);
/* plan_again.c: the same amounts, and most of them where they were before. */
void         plan_again(struct arena *, const struct plan_problem *, struct plan *);
/* plan_seats.c: the members of each flow; the flows of a type stand together, in slot order. */
void         plan_seats(struct arena *, const struct plan_problem *, struct plan *);
/* plan.c: the plan of a problem as if no need were whole. */
enum err     plan_flow_of(struct arena *, const struct plan_problem *, struct plan *ret);
#endif
