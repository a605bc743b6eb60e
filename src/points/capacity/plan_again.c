/* Yesterday's plan again, as far as today's allows: of all plans that serve each type as much as the one that was found, one in which the most of each type's places lie in
 * the slots in which the type had them before (`before`: how many of it in each slot).
 *
 * A flow of least cost: type -> (type, slot) -> (gateway, slot) -> free. Of a type's places in a slot the first `before` are worth one each, the others nothing; what a type
 * gets in all stays as it is, so classes, fairness and proofs stay too. The plan is a flow already. As long as a circle of changes gains something (a negative cycle of what can be
 * changed, found as Bellman and Ford find it) it is made; when there is none, no plan keeps more. Types with whole needs stay where they are.
 *
 * It looks at each change a bounded number of times: a problem too large for that ends with a plan that keeps less than could be, and says so. Without `before` nothing is done. */
#include "plan_flow.h"

static const int64_t LOOKS_MOST = 100000000;

struct arc { uint32_t from, to; int64_t flow, limit, want; };
struct again {
	const struct plan_problem *p;
	struct arc *arcs; size_t n_arcs;
	size_t      n_nodes;
	int32_t    *cost;
	uint32_t   *by, *seen;           /* [node]: the change that leads to it, arc * 2 + backwards + 1; when it was passed */
};

static void add(struct again *a, size_t from, size_t to, int64_t flow, int64_t limit, int64_t want)
{
	a->arcs[a->n_arcs++] = (struct arc){ (uint32_t)from, (uint32_t)to, flow, limit, MIN(want, limit) };
}

/* What one more costs along the arc, or one less against it, and how many at that cost; 0: none. */
static int64_t room(const struct arc *arc, bool is_back, int32_t *ret_cost)
{
	if (is_back) {
		*ret_cost = arc->flow <= arc->want;
		return arc->flow <= arc->want ? arc->flow : arc->flow - arc->want;
	}
	*ret_cost = -(arc->flow < arc->want);
	return (arc->flow < arc->want ? arc->want : arc->limit) - arc->flow;
}

static bool is_window(const struct plan_problem *p, size_t k, size_t t) { return p->windows[k * p->words + t / 64] >> t % 64 & 1; }

/* Nodes: types, then places, then (type, slot) as they come; the last is what is free. */
static void lay(struct again *a, struct arena *arena, const struct plan *plan, int64_t *load)
{
	const struct plan_problem *p = a->p;
	size_t n = 0, places = p->n_gateways * p->slots, node = p->n_types + places, f = 0;

	for (size_t k = 0; k < p->n_types; k++)
		for (size_t t = 0; t < p->slots; t++)
			n += is_window(p, k, t) && !p->types[k].is_whole ? 1 + p->sets[p->types[k].set].n : 0;
	a->arcs = NEW_MANY(arena, n + places + 1, struct arc);
	int64_t *at = NEW_MANY(arena, places + 1, int64_t);
	for (size_t k = 0; k < p->n_types; k++) {
		const struct plan_type *type = &p->types[k];
		memset(at, 0, places * sizeof at[0]);
		for (; f < plan->n_flows && plan->flows[f].type == k; f++)
			at[plan->flows[f].gateway * p->slots + plan->flows[f].slot] += plan->flows[f].n;
		for (size_t t = 0; t < p->slots; t++) {
			const struct plan_set *set = &p->sets[type->set];
			int64_t sum = 0;
			for (size_t i = 0; i < set->n; i++) {
				size_t place = set->gateways[i] * p->slots + t;
				sum += at[place];
				load[place] += type->is_whole ? 0 : at[place];
				load[places + place] += type->is_whole ? at[place] : 0;
			}
			if (!is_window(p, k, t) || type->is_whole)
				continue;
			add(a, k, node, sum, type->members, type->before ? type->before[t] : 0);
			for (size_t i = 0; i < set->n; i++)
				add(a, node, p->n_types + set->gateways[i] * p->slots + t, at[set->gateways[i] * p->slots + t], type->members, 0);
			node++;
		}
	}
	for (size_t i = 0; i < places; i++)
		add(a, p->n_types + i, node, load[i], p->places[i] - load[places + i], 0);
	a->n_nodes = node + 1;
}

/* Makes every circle that the last round has closed. */
static bool turn_circles(struct again *a)
{
	bool has_turned = false;

	memset(a->seen, 0, a->n_nodes * sizeof a->seen[0]);
	for (uint32_t start = 0; start < a->n_nodes; start++) {
		uint32_t node = start;
		while (a->by[node] && !a->seen[node]) {
			a->seen[node] = start + 1;
			struct arc *arc = &a->arcs[(a->by[node] - 1) / 2];
			node = (a->by[node] - 1) & 1 ? arc->to : arc->from;
		}
		if (!a->by[node] || a->seen[node] != start + 1)
			continue;
		int64_t most = INT64_MAX;
		uint32_t first = node;
		for (int pass = 0; pass < 2; pass++)
			do {
				struct arc *arc = &a->arcs[(a->by[node] - 1) / 2];
				bool is_back = (a->by[node] - 1) & 1;
				int32_t cost;
				if (pass == 0)
					most = MIN(most, room(arc, is_back, &cost));
				else
					arc->flow += is_back ? -most : most;
				node = is_back ? arc->to : arc->from;
			} while (node != first);
		has_turned = true;
	}
	return has_turned;
}

/* False: there is no circle that gains. */
static bool gain(struct again *a, int64_t *looks)
{
	memset(a->cost, 0, a->n_nodes * sizeof a->cost[0]);
	memset(a->by, 0, a->n_nodes * sizeof a->by[0]);
	for (bool has_changed = true; has_changed && *looks < LOOKS_MOST;) {
		has_changed = false;
		*looks += (int64_t)a->n_arcs;
		for (size_t i = 0; i < a->n_arcs; i++)
			for (int is_back = 0; is_back < 2; is_back++) {
				const struct arc *arc = &a->arcs[i];
				uint32_t from = is_back ? arc->to : arc->from, to = is_back ? arc->from : arc->to;
				int32_t cost;
				if (room(arc, is_back, &cost) <= 0 || a->cost[from] + cost >= a->cost[to])
					continue;
				a->cost[to] = a->cost[from] + cost;
				a->by[to] = (uint32_t)(i * 2 + (size_t)is_back + 1);
				has_changed = true;
			}
		if (has_changed && turn_circles(a))
			return true;
	}
	return false;
}

/* The changed flows in the plan, by type, slot and gateway; those of whole types as they were. */
static void put_back(struct again *a, struct arena *arena, struct plan *plan)
{
	const struct plan_problem *p = a->p;
	struct plan_flow *flows = NEW_MANY(arena, a->n_arcs + plan->n_flows + 1, struct plan_flow);
	size_t n = 0, arc = 0, f = 0;

	for (uint32_t k = 0; k < p->n_types; k++) {
		for (; f < plan->n_flows && plan->flows[f].type == k; f++)
			if (p->types[k].is_whole)
				flows[n++] = plan->flows[f];
		for (uint32_t t = 0; t < p->slots && !p->types[k].is_whole; t++) {
			if (!is_window(p, k, t))
				continue;
			const struct plan_set *set = &p->sets[p->types[k].set];
			arc++;
			for (size_t i = 0; i < set->n; i++, arc++)
				if (a->arcs[arc].flow)
					flows[n++] = (struct plan_flow){ .type = k, .gateway = set->gateways[i], .slot = t, .n = a->arcs[arc].flow };
		}
	}
	plan->flows = flows;
	plan->n_flows = n;
}

static int by_type(const void *a, const void *b)
{
	const struct plan_flow *x = a, *y = b;
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return x->slot != y->slot ? (x->slot < y->slot ? -1 : 1) : (x->gateway > y->gateway) - (x->gateway < y->gateway);
}

static int64_t count_as_before(const struct again *a)
{
	int64_t ret = 0;

	for (size_t i = 0; i < a->n_arcs; i++)
		ret += MIN(a->arcs[i].flow, a->arcs[i].want);
	return ret;
}

void plan_again(struct arena *arena, const struct plan_problem *p, struct plan *plan)
{
	struct again a = { .p = p };
	bool has_before = false;
	int64_t looks = 0;

	for (size_t k = 0; k < p->n_types; k++)
		has_before |= p->types[k].before && !p->types[k].is_whole;
	if (!has_before)
		return;
	if (plan->n_flows)
		qsort(plan->flows, plan->n_flows, sizeof plan->flows[0], by_type);
	lay(&a, arena, plan, NEW_MANY(arena, p->n_gateways * p->slots * 2 + 1, int64_t));
	a.cost = NEW_MANY(arena, a.n_nodes, int32_t);
	a.by = NEW_MANY(arena, a.n_nodes, uint32_t);
	a.seen = NEW_MANY(arena, a.n_nodes, uint32_t);
	while (gain(&a, &looks))
		;
	plan->has_before = true;
	plan->as_before = count_as_before(&a);
	plan->is_most_as_before = looks < LOOKS_MOST;
	put_back(&a, arena, plan);
}
