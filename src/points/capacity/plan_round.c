/* From fractions to whole places: see net_round.
 *
 * First each arc of a type gives up what it has beyond whole places. Then the places of each (slot, set) are whole in sum, but may
 * be split over its gateways in fractions: these are put together, and what does not fit where it was moves along a chain of
 * sets inside the slot. Such a chain exists, since a fraction of it was there before and all limits are whole. */
#include "plan_flow.h"

/* One place for the set in the slot; others move if they must. */
static bool squeeze(struct net *net, uint64_t *tried, uint32_t set, size_t t, int64_t amount)
{
	const struct plan_set *gateways = &net->problem->sets[set];

	for (size_t i = 0; i < gateways->n; i++) {
		size_t g = gateways->gateways[i], at = g * net->slots + t;
		if (net->limit[at] - net->load[at] < amount)
			continue;
		net->load[at] += amount;
		net->split[net->set_at[set] + i * net->slots + t] += amount;
		return true;
	}
	for (size_t i = 0; i < gateways->n; i++) {
		size_t g = gateways->gateways[i];
		if (net_is_reached(tried, g))
			continue;
		tried[g / 64] |= UINT64_C(1) << g % 64;
		for (size_t o = 0; o < net->n_sets_of[g]; o++) {
			struct gate_set other = net->sets_of[g][o];
			int64_t *theirs = &net->split[net->set_at[other.set] + other.index * net->slots + t];
			if (*theirs < amount || !squeeze(net, tried, other.set, t, amount))
				continue;
			*theirs -= amount;
			net->split[net->set_at[set] + i * net->slots + t] += amount;
			return true;
		}
	}
	return false;
}

static void whole_arcs(struct net *net, struct piece *piece, uint32_t k)
{
	uint32_t set = net->problem->types[k].set;

	for (size_t w = 0; w < net->words; w++)
		for (uint64_t bits = net->used[k * net->words + w] & piece->open_sets[set * net->words + w]; bits; bits &= bits - 1) {
			size_t t = w * 64 + (size_t)__builtin_ctzll(bits);
			int64_t rest = net->x[net_arc(net, k, t)] % net->unit;
			for (int pass = 0; pass < 2; pass++)        /* where fractions stand first */
				for (uint32_t i = 0; i < net->problem->sets[set].n && rest > 0; i++) {
					int64_t split = net->split[net->set_at[set] + i * net->slots + t];
					int64_t got = MIN(rest, pass ? split : split % net->unit);
					if (got > 0)
						net_put(net, k, t, i, -got);
					rest -= got;
				}
		}
}

void net_round(struct net *net, struct piece *piece)
{
	int64_t *over = NEW_MANY(net->arena, net->n_sets + 1, int64_t);
	uint64_t *tried = NEW_MANY(net->arena, net->n_gateways / 64 + 1, uint64_t);

	for (size_t i = 0; i < piece->n; i++)
		whole_arcs(net, piece, piece->types[i]);
	for (size_t t = 0; t < net->slots; t++) {
		for (size_t m = 0; m < net->n_sets; m++) {
			over[m] = 0;
			for (size_t i = 0; net_is_reached(piece->open_sets + m * net->words, t) && i < net->problem->sets[m].n; i++) {
				int64_t *split = &net->split[net->set_at[m] + i * net->slots + t], rest = *split % net->unit;
				*split -= rest;
				net->load[net->problem->sets[m].gateways[i] * net->slots + t] -= rest;
				over[m] += rest;
			}
		}
		for (uint32_t m = 0; m < net->n_sets; m++)
			for (; over[m] > 0; over[m] -= net->unit) {
				memset(tried, 0, (net->n_gateways / 64 + 1) * sizeof tried[0]);
				bool is_placed = squeeze(net, tried, m, t, net->unit);
				assert(is_placed && over[m] >= net->unit);
			}
	}
}
