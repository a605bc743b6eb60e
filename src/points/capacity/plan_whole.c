/* Whole needs: a member who gets all that she needs or nothing (a computer that must be patched in one go, an exam).
 *
 * To serve the most of them is NP-hard (three slots for each, exact cover), so this is a bounded improvement, and the gap is told. First all is
 * planned as if no need were whole: that gives the cut, which no plan goes above. Then the whole types, in the order of their classes and debts,
 * keep what makes whole members of what they got and of places that nobody has: j members can be made of x places a slot exactly when the
 * sum of min(x, j) is j x need or more (Gale and Ryser). What they give up is planned anew for all others, who lose nothing by it: their own flow is
 * still there. So classes before the first whole one are served as well as can be, and for the others cut - served says how much is not known.
 *
 * What it does not do: move others out of the way so that one more member becomes whole. */
#include "plan_flow.h"

enum { ROUNDS = 4 };

struct keeping {
	struct arena              *arena;
	const struct plan_problem *p;
	int64_t *spare, *own;             /* [gateway * slots + slot]: of nobody; of the type that is looked at */
	int64_t *whole;                  /* [type]: members that are served */
	size_t  *first;                  /* [type]: its first flow in the first plan, where they stand together */
	struct plan_flow *flows; size_t n_flows, room;
};

static void keep_flow(struct keeping *k, struct plan_flow flow)
{
	if (k->n_flows == k->room) {
		size_t room = k->room * 2 + 256;
		struct plan_flow *more = NEW_MANY(k->arena, room, struct plan_flow);
		if (k->n_flows)
			memcpy(more, k->flows, k->n_flows * sizeof more[0]);
		k->flows = more;
		k->room = room;
	}
	k->flows[k->n_flows++] = flow;
}

static int64_t in_slot(const struct keeping *k, const struct plan_set *set, const int64_t *of, size_t t)
{
	int64_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += of[set->gateways[i] * k->p->slots + t];
	return n;
}

/* The most members that can be whole with these places a slot: the sum is concave in their number, so a bisection finds it. */
static int64_t most_whole(const int64_t *x, size_t slots, int64_t members, int64_t need)
{
	int64_t low = 0, high = members;

	while (low < high) {
		int64_t j = low + (high - low + 1) / 2;
		__int128 sum = 0;
		for (size_t t = 0; t < slots; t++)
			sum += MIN(x[t], j);
		if (sum >= (__int128)j * need)
			low = j;
		else
			high = j - 1;
	}
	return low;
}

/* Its own places first, then those of nobody; in the order of the slots. */
static void take(struct keeping *k, uint32_t type, int64_t j, int64_t *taken, const struct plan_set *set, int64_t *from, int64_t *left)
{
	for (size_t t = 0; t < k->p->slots; t++)
		for (size_t i = 0; i < set->n && *left > 0; i++) {
			size_t at = set->gateways[i] * k->p->slots + t;
			int64_t n = MIN(MIN(from[at], j - taken[t]), *left);
			if (n <= 0 || !(k->p->windows[type * k->p->words + t / 64] >> t % 64 & 1))
				continue;
			keep_flow(k, (struct plan_flow){ .type = type, .gateway = set->gateways[i], .slot = (uint32_t)t, .n = n });
			from[at] -= n;
			taken[t] += n;
			*left -= n;
		}
}

static void keep_whole(struct keeping *k, uint32_t type, const struct plan_flow *flows, size_t n)
{
	const struct plan_type *of = &k->p->types[type];
	const struct plan_set *set = &k->p->sets[of->set];
	int64_t x[PLAN_SLOTS_MOST] = { 0 }, taken[PLAN_SLOTS_MOST] = { 0 };

	memset(k->own, 0, k->p->n_gateways * k->p->slots * sizeof k->own[0]);
	for (size_t i = k->first[type]; i < n && flows[i].type == type; i++)
		k->own[flows[i].gateway * k->p->slots + flows[i].slot] += flows[i].n;
	for (size_t t = 0; t < k->p->slots; t++)
		if (k->p->windows[type * k->p->words + t / 64] >> t % 64 & 1)
			x[t] = in_slot(k, set, k->own, t) + in_slot(k, set, k->spare, t);
	int64_t j = k->whole[type] = most_whole(x, k->p->slots, of->members, of->need), left = j * of->need;
	take(k, type, j, taken, set, k->own, &left);
	take(k, type, j, taken, set, k->spare, &left);
	assert(left == 0);
	for (size_t i = 0; i < k->p->n_gateways * k->p->slots; i++)
		k->spare[i] += k->own[i];
}

static int by_type_slot_gateway(const void *a, const void *b)
{
	const struct plan_flow *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	return (x->gateway > y->gateway) - (x->gateway < y->gateway);
}

/* All others, on what is left. */
static enum err plan_others(struct keeping *k)
{
	struct plan_problem rest = *k->p;
	uint32_t *number = NEW_MANY(k->arena, k->p->n_types + 1, uint32_t);
	struct plan plan;

	rest.types = NEW_MANY(k->arena, k->p->n_types + 1, struct plan_type);
	rest.windows = NEW_MANY(k->arena, k->p->n_types * k->p->words + 1, uint64_t);
	rest.places = NEW_MANY(k->arena, k->p->n_gateways * k->p->slots + 1, int64_t);
	rest.n_types = 0;
	memcpy(rest.places, k->p->places, k->p->n_gateways * k->p->slots * sizeof rest.places[0]);
	for (size_t i = 0; i < k->n_flows; i++)
		rest.places[k->flows[i].gateway * k->p->slots + k->flows[i].slot] -= k->flows[i].n;
	for (uint32_t i = 0; i < k->p->n_types; i++) {
		if (k->p->types[i].is_whole)
			continue;
		memcpy(rest.windows + rest.n_types * rest.words, k->p->windows + i * k->p->words, rest.words * sizeof rest.windows[0]);
		number[rest.n_types] = i;
		rest.types[rest.n_types++] = k->p->types[i];
	}
	TRY(plan_flow_of(k->arena, &rest, &plan));
	for (size_t i = 0; i < plan.n_flows; i++) {
		plan.flows[i].type = number[plan.flows[i].type];
		keep_flow(k, plan.flows[i]);
	}
	/* A place may have been taken in two parts, a type's own and a free one. */
	size_t n = 0;
	if (k->n_flows)
		qsort(k->flows, k->n_flows, sizeof k->flows[0], by_type_slot_gateway);
	for (size_t i = 0; i < k->n_flows; i++)
		if (n && by_type_slot_gateway(&k->flows[n - 1], &k->flows[i]) == 0)
			k->flows[n - 1].n += k->flows[i].n;
		else
			k->flows[n++] = k->flows[i];
	k->n_flows = n;
	return OK;
}

/* One round; returns how many places whole members hold then. */
static int64_t keep_in_order(struct keeping *k, const struct plan_flow *flows, size_t n)
{
	int64_t held = 0;

	k->flows = NULL;
	k->n_flows = k->room = 0;
	for (size_t i = 0; i < k->p->n_types; i++)
		k->first[i] = n;
	for (size_t i = n; i-- > 0;)
		k->first[flows[i].type] = i;
	for (unsigned class = 1; class <= PLAN_CLASSES; class++)
		for (unsigned debt = PLAN_DEBTS; debt-- > 0;)
			for (uint32_t i = 0; i < k->p->n_types; i++)
				if (k->p->types[i].is_whole && k->p->types[i].class == class && k->p->types[i].debt == debt) {
					keep_whole(k, i, flows, n);
					held += k->whole[i] * k->p->types[i].need;
				}
	return held;
}

/* The proofs are of the first plan; what is served is of this one. */
static void sum_up(const struct keeping *k, struct plan *plan)
{
	bool has_whole = false;
	int64_t served = 0;

	plan->flows = k->flows;
	plan->n_flows = k->n_flows;
	memset(plan->served, 0, k->p->n_types * sizeof plan->served[0]);
	memset(plan->served_class, 0, sizeof plan->served_class);
	for (size_t i = 0; i < k->n_flows; i++) {
		plan->served[k->flows[i].type] += k->flows[i].n;
		plan->served_class[k->p->types[k->flows[i].type].class] += k->flows[i].n;
	}
	for (size_t i = 0; i < plan->n_proofs; i++) {
		struct plan_proof *proof = &plan->proofs[i];
		for (size_t m = 0; m < k->p->n_types; m++)
			has_whole |= k->p->types[m].is_whole && k->p->types[m].class == proof->class;
		served += plan->served_class[proof->class];
		proof->served = served;
		proof->has_whole = has_whole;
	}
}

enum err plan_solve(struct arena *arena, const struct plan_problem *p, bool is_dealt, struct plan *ret)
{
	struct keeping k = { .arena = arena, .p = p };
	size_t n_places = p->n_gateways * p->slots;
	bool has_whole = false;

	for (size_t i = 0; i < p->n_types; i++)
		has_whole |= p->types[i].is_whole;
	TRY(plan_flow_of(arena, p, ret));
	if (!has_whole) {
		plan_again(arena, p, ret);
		if (is_dealt)
			plan_seats(arena, p, ret);
		return OK;
	}
	k.spare = NEW_MANY(arena, n_places + 1, int64_t);
	k.own = NEW_MANY(arena, n_places + 1, int64_t);
	k.whole = NEW_MANY(arena, p->n_types + 1, int64_t);
	k.first = NEW_MANY(arena, p->n_types + 1, size_t);
	memcpy(k.spare, p->places, n_places * sizeof k.spare[0]);
	for (size_t i = 0; i < ret->n_flows; i++)
		k.spare[ret->flows[i].gateway * p->slots + ret->flows[i].slot] -= ret->flows[i].n;
	/* What a later type gave up an earlier one may use in the next round. */
	const struct plan_flow *flows = ret->flows;
	size_t n = ret->n_flows;
	for (int64_t round = 0, before = -1, held = 0; round < ROUNDS && held > before; round++) {
		before = held;
		held = keep_in_order(&k, flows, n);
		flows = k.flows;
		n = k.n_flows;
	}
	TRY(plan_others(&k));
	sum_up(&k, ret);
	for (size_t i = 0; i < ret->n_proofs; i++)
		if (ret->proofs[i].cut < ret->proofs[i].served || (!ret->proofs[i].has_whole && ret->proofs[i].cut != ret->proofs[i].served))
			return ERR_CORRUPT;
	plan_again(arena, p, ret);
	if (!is_dealt)
		return OK;
	/* Dealt among those that are served: then each has exactly her need. */
	struct plan_problem whole = *p;
	whole.types = NEW_MANY(arena, p->n_types + 1, struct plan_type);
	memcpy(whole.types, p->types, p->n_types * sizeof whole.types[0]);
	for (size_t i = 0; i < p->n_types; i++)
		if (p->types[i].is_whole)
			whole.types[i].members = k.whole[i];
	plan_seats(arena, &whole, ret);
	return OK;
}
