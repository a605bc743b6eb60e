/* From flows to a plan: gateways dealt to types, and the proof for every prefix of the classes.
 *
 * In each (slot, set) the places lie in a row, gateway by gateway; types take from it in the order of their classes.
 *
 * The proof of a prefix is made from that prefix's own flows, from nothing: what cannot reach a free place is one side of a
 * cut, and its worth must equal what is served. A plan that does not pass is not handed out. */
#include "plan_flow.h"

struct dealing {
	struct net  *net;
	struct plan *plan;
	int64_t     *rest;               /* as net.split: what is not dealt yet */
	uint32_t    *turn;               /* [set * slots + slot]: the first gateway with something left */
};

static void deal_slot(struct dealing *deal, uint32_t k, size_t t, int64_t amount)
{
	struct net *net = deal->net;
	uint32_t set = net->problem->types[k].set, *turn = &deal->turn[set * net->slots + t];

	while (amount > 0) {
		assert(*turn < net->problem->sets[set].n);
		size_t at = net->set_at[set] + *turn * net->slots + t;
		int64_t n = MIN(amount, deal->rest[at]);
		if (n == 0) {
			++*turn;
			continue;
		}
		uint32_t g = net->problem->sets[set].gateways[*turn];
		deal->plan->flows[deal->plan->n_flows++] = (struct plan_flow){ .type = k, .gateway = g, .slot = (uint32_t)t, .n = n };
		deal->rest[at] -= n;
		net->split[at] += n;
		net->load[g * net->slots + t] += n;
		amount -= n;
	}
}

static void deal_type(struct dealing *deal, uint32_t k)
{
	struct net *net = deal->net;
	int64_t served = 0;

	for (size_t w = 0; w < net->words; w++)
		for (uint64_t bits = net->used[k * net->words + w]; bits; bits &= bits - 1) {
			size_t t = w * 64 + (size_t)__builtin_ctzll(bits);
			int64_t amount = net->x[net_arc(net, k, t)];
			deal_slot(deal, k, t, amount);
			served += amount;
		}
	deal->plan->served[k] = served;
	deal->plan->served_class[net->problem->types[k].class] += served;
}

/* Fractions become places, and the counts begin anew: loads and splits are of the types that are dealt. */
static void begin(struct dealing *deal)
{
	struct net *net = deal->net;
	const struct plan_problem *p = net->problem;
	size_t n_flows = 0, n_split = 0;

	for (size_t m = 0; m < net->n_sets; m++)
		n_split += p->sets[m].n * net->slots;
	deal->rest = NEW_MANY(net->arena, n_split + 1, int64_t);
	deal->turn = NEW_MANY(net->arena, net->n_sets * net->slots + 1, uint32_t);
	for (size_t i = 0; i < n_split; i++) {
		deal->rest[i] = net->split[i] / net->unit;
		net->split[i] = 0;
		n_flows += deal->rest[i] > 0;
	}
	for (size_t i = 0; i < net->n_gateways * net->slots; i++) {
		net->load[i] = 0;
		net->limit[i] /= net->unit;
	}
	for (size_t k = 0; k < net->n_types; k++) {
		for (size_t a = net->arcs[k]; a < net->arcs[k + 1]; a++) {
			net->x[a] /= net->unit;
			n_flows += net->x[a] > 0;
		}
		net->members[k] = p->types[k].members;
		net->cap[k] = net->served[k] = 0;
	}
	deal->plan->flows = NEW_MANY(net->arena, n_flows + 1, struct plan_flow);
	deal->plan->served = NEW_MANY(net->arena, net->n_types + 1, int64_t);
}

static int64_t cut_of_types(const struct net *net, const struct piece *piece)
{
	int64_t cut = 0;

	for (size_t i = 0; i < piece->n; i++) {
		uint32_t k = piece->types[i];
		const struct plan_type *type = &net->problem->types[k];
		size_t n = 0;
		for (size_t w = 0; w < net->words; w++)
			n += (size_t)__builtin_popcountll(net->problem->windows[k * net->words + w] & net->sets[type->set * net->words + w]);
		cut += type->members * (net->level[k] ? type->need : (int64_t)n);
	}
	return cut;
}

static enum err prove(struct dealing *deal, struct piece *piece, unsigned class)
{
	struct net *net = deal->net;
	struct plan *plan = deal->plan;
	struct plan_proof *proof = &plan->proofs[plan->n_proofs++];

	net_search(net, piece);
	*proof = (struct plan_proof){ .class = (uint8_t)class, .cut = cut_of_types(net, piece) };
	for (unsigned c = 1; c <= class; c++)
		proof->served += plan->served_class[c];
	proof->full = NEW_MANY(net->arena, net->n_gateways * net->words + 1, uint64_t);
	for (size_t g = 0; g < net->n_gateways; g++)
		for (size_t t = 0; t < net->slots; t++)
			if (!net_is_reached(net->gates + g * net->words, t)) {
				proof->full[g * net->words + t / 64] |= UINT64_C(1) << t % 64;
				proof->cut += net->limit[g * net->slots + t];
			}
	return proof->cut == proof->served ? OK : ERR_CORRUPT;
}

enum err plan_deal(struct net *net, struct piece *all, struct plan *ret)
{
	struct plan plan = { 0 };
	struct dealing deal = { .net = net, .plan = &plan };
	uint32_t *types = NEW_MANY(net->arena, net->n_types + 1, uint32_t);
	size_t n = 0;

	begin(&deal);
	for (unsigned class = 1; class <= PLAN_CLASSES; class++) {
		size_t was = n;
		for (uint32_t k = 0; k < net->n_types; k++)
			if (net->problem->types[k].class == class) {
				deal_type(&deal, k);
				types[n++] = k;
			}
		if (n == was)
			continue;
		all->types = types;
		all->n = n;
		net_sort(net, all);
		plan.has_class[class] = true;
		TRY(prove(&deal, all, class));
	}
	*ret = plan;
	return OK;
}
