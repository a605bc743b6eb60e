/* Most flow in the network of a plan, from any flow that is already there.
 *
 * How: as Dinic does, in phases. A search from the free places backwards gives every type, set and gateway its distance; then each
 * type that lacks something pushes along arcs that lead one step nearer, until none is left. After a phase every distance has grown,
 * so there are few phases; what remains unreached in the end is one side of a least cut.
 * Two things make it fast where types are many and slots are few: a type's arcs are bits of machine words, in the search and in
 * the choice of arcs; and all types that differ in windows alone meet in the same (slot, set) nodes, so a place that one gives up
 * is found in a row of bits, not in lists. A first pass without any search fills the emptiest slots, those with the
 * narrowest windows first.
 *
 * What it does not do: it knows no classes and no fairness; caps say how much each type may get (plan.c). */
#include "plan_flow.h"

bool net_is_reached(const uint64_t *bits, size_t slot)
{
	return bits[slot / 64] >> slot % 64 & 1;
}

size_t net_arc(const struct net *net, uint32_t type, size_t slot)
{
	size_t word = type * net->words + slot / 64;

	return net->arcs[type] + net->rank[word]
	     + (size_t)__builtin_popcountll(net->problem->windows[word] & ((UINT64_C(1) << slot % 64) - 1));
}

/* An arc's amount changes, and with it the bits that tell of it. */
static inline void arc_add(struct net *net, uint32_t type, size_t slot, size_t arc, int64_t amount)
{
	size_t word = type * net->words + slot / 64;
	uint64_t bit = UINT64_C(1) << slot % 64;
	int64_t was = net->x[arc], is = was + amount;

	net->x[arc] = is;
	if (is < net->members[type])
		net->room[word] |= bit;
	else
		net->room[word] &= ~bit;
	if ((was > 0) == (is > 0))
		return;
	uint32_t place = net->place_of[type];
	net->used[word] ^= bit;
	net->used_in[slot * net->used_words + place / 64] ^= UINT64_C(1) << place % 64;
}

void net_put(struct net *net, uint32_t type, size_t slot, uint32_t index, int64_t amount)
{
	uint32_t set = net->problem->types[type].set;

	arc_add(net, type, slot, net_arc(net, type, slot), amount);
	net->split[net->set_at[set] + index * net->slots + slot] += amount;
	net->load[net->problem->sets[set].gateways[index] * net->slots + slot] += amount;
	net->served[type] += amount;
}

/* --- making --- */

static void make_types(struct net *net)
{
	const struct plan_problem *p = net->problem;
	size_t n_arcs = 0;

	net->members = NEW_MANY(net->arena, p->n_types + 1, int64_t);
	net->cap = NEW_MANY(net->arena, p->n_types + 1, int64_t);
	net->served = NEW_MANY(net->arena, p->n_types + 1, int64_t);
	net->level = NEW_MANY(net->arena, p->n_types + 1, uint32_t);
	net->place_of = NEW_MANY(net->arena, p->n_types + 1, uint32_t);
	net->waiting = NEW_MANY(net->arena, p->n_types + 1, uint32_t);
	net->arcs = NEW_MANY(net->arena, p->n_types + 1, size_t);
	net->rank = NEW_MANY(net->arena, p->n_types * net->words + 1, uint16_t);
	net->room = NEW_MANY(net->arena, p->n_types * net->words + 1, uint64_t);
	net->used = NEW_MANY(net->arena, p->n_types * net->words + 1, uint64_t);
	if (p->n_types)
		memcpy(net->room, p->windows, p->n_types * net->words * sizeof net->room[0]);
	for (size_t k = 0; k < p->n_types; k++) {
		size_t before = 0;
		net->arcs[k] = n_arcs;
		for (size_t w = 0; w < net->words; w++) {
			net->rank[k * net->words + w] = (uint16_t)before;
			before += (size_t)__builtin_popcountll(p->windows[k * net->words + w]);
		}
		n_arcs += before;
		net->members[k] = p->types[k].members * net->unit;
	}
	net->arcs[p->n_types] = n_arcs;
	net->x = NEW_MANY(net->arena, n_arcs + 1, int64_t);
	net->used_words = (p->n_types + 63) / 64 + 1;
	net->used_in = NEW_MANY(net->arena, net->slots * net->used_words, uint64_t);
}

static void make_sets(struct net *net)
{
	const struct plan_problem *p = net->problem;
	size_t n_split = 0;

	net->set_at = NEW_MANY(net->arena, net->n_sets + 1, size_t);
	net->sets_of = NEW_MANY(net->arena, net->n_gateways + 1, struct gate_set *);
	net->n_sets_of = NEW_MANY(net->arena, net->n_gateways + 1, size_t);
	for (size_t m = 0; m < net->n_sets; m++) {
		net->set_at[m] = n_split;
		n_split += p->sets[m].n * net->slots;
		for (size_t i = 0; i < p->sets[m].n; i++)
			net->n_sets_of[p->sets[m].gateways[i]]++;
	}
	for (size_t g = 0; g < net->n_gateways; g++) {
		net->sets_of[g] = NEW_MANY(net->arena, net->n_sets_of[g] + 1, struct gate_set);
		net->n_sets_of[g] = 0;
	}
	for (uint32_t m = 0; m < net->n_sets; m++)
		for (uint32_t i = 0; i < p->sets[m].n; i++) {
			uint32_t g = p->sets[m].gateways[i];
			net->sets_of[g][net->n_sets_of[g]++] = (struct gate_set){ m, i };
		}
	net->split = NEW_MANY(net->arena, n_split + 1, int64_t);
	net->set_level = NEW_MANY(net->arena, net->n_sets * net->slots + 1, uint32_t);
	net->cursor = NEW_MANY(net->arena, net->n_sets * net->slots + 1, uint32_t);
	net->n_waiting = NEW_MANY(net->arena, net->n_sets + 1, uint32_t);
	net->fresh_sets = NEW_MANY(net->arena, net->n_sets * net->words + 1, uint64_t);
	net->sets = NEW_MANY(net->arena, net->n_sets * net->words + 1, uint64_t);
	net->from_types = NEW_MANY(net->arena, net->n_sets * net->words + 1, uint64_t);
}

struct net *net_new(struct arena *arena, const struct plan_problem *p)
{
	struct net *net = NEW(arena, struct net);
	int64_t members = 0, most = 1;

	*net = (struct net){ .arena = arena, .problem = p, .slots = p->slots, .words = p->words, .n_gateways = p->n_gateways,
		.n_sets = p->n_sets, .n_types = p->n_types, .unit = 1 << 24 };
	for (size_t k = 0; k < p->n_types; k++) {
		members += p->types[k].members;
		most += p->types[k].members * (int64_t)MIN((size_t)p->types[k].need, p->slots);
	}
	while (most > INT64_MAX / 4 / net->unit)
		net->unit /= 2;
	make_types(net);
	make_sets(net);
	net->limit = NEW_MANY(arena, net->n_gateways * net->slots + 1, int64_t);
	net->load = NEW_MANY(arena, net->n_gateways * net->slots + 1, int64_t);
	net->gate_cursor = NEW_MANY(arena, net->n_gateways * net->slots + 1, uint32_t);
	net->gate_level = NEW_MANY(arena, net->n_gateways * net->slots + 1, uint32_t);
	net->fresh_gates = NEW_MANY(arena, net->n_gateways * net->words + 1, uint64_t);
	net->gates = NEW_MANY(arena, net->n_gateways * net->words + 1, uint64_t);
	/* More places than there are people are never full. */
	for (size_t i = 0; i < net->n_gateways * net->slots; i++)
		net->limit[i] = MIN(p->places[i], members + 1) * net->unit;
	return net;
}

void net_sort(struct net *net, struct piece *piece)
{
	uint32_t *sorted = NEW_MANY(net->arena, piece->n + 1, uint32_t), *next = NEW_MANY(net->arena, net->n_sets + 1, uint32_t);

	piece->set_from = NEW_MANY(net->arena, net->n_sets + 1, uint32_t);
	for (size_t i = 0; i < piece->n; i++)
		piece->set_from[net->problem->types[piece->types[i]].set + 1]++;
	for (size_t m = 0; m < net->n_sets; m++)
		piece->set_from[m + 1] += piece->set_from[m];
	memcpy(next, piece->set_from, net->n_sets * sizeof next[0]);
	for (size_t i = 0; i < piece->n; i++)
		sorted[next[net->problem->types[piece->types[i]].set]++] = piece->types[i];
	piece->types = sorted;
}

void net_enter(struct net *net, struct piece *piece)
{
	net->used_words = (piece->n + 63) / 64 + 1;
	memset(net->used_in, 0, net->slots * net->used_words * sizeof net->used_in[0]);
	for (uint32_t i = 0; i < piece->n; i++) {
		uint32_t k = piece->types[i];
		net->place_of[k] = i;
		for (size_t w = 0; w < net->words; w++)
			for (uint64_t bits = net->used[k * net->words + w]; bits; bits &= bits - 1) {
				size_t slot = w * 64 + (size_t)__builtin_ctzll(bits);
				net->used_in[slot * net->used_words + i / 64] |= UINT64_C(1) << i % 64;
			}
	}
}

/* --- the search --- */

static uint64_t *layer_of(struct net *net, size_t level)
{
	size_t i = level / 2;

	if (i >= net->room_layers) {
		size_t room = net->room_layers * 2 + 32;
		uint64_t **more = NEW_MANY(net->arena, room, uint64_t *);
		if (net->n_layers)
			memcpy(more, net->layers, net->n_layers * sizeof more[0]);
		net->layers = more;
		net->room_layers = room;
	}
	while (net->n_layers <= i)
		net->layers[net->n_layers++] = NEW_MANY(net->arena, net->n_sets * net->words + 1, uint64_t);
	return net->layers[i];
}

static void begin_search(struct net *net, struct piece *piece)
{
	memset(net->gate_cursor, 0, net->n_gateways * net->slots * sizeof net->gate_cursor[0]);
	memset(net->gate_level, 0, net->n_gateways * net->slots * sizeof net->gate_level[0]);
	memset(net->set_level, 0, net->n_sets * net->slots * sizeof net->set_level[0]);
	memset(net->sets, 0, net->n_sets * net->words * sizeof net->sets[0]);
	memset(net->from_types, 0, net->n_sets * net->words * sizeof net->sets[0]);
	memset(net->fresh_gates, 0, net->n_gateways * net->words * sizeof net->gates[0]);
	for (size_t m = 0; m < net->n_sets; m++) {
		net->n_waiting[m] = piece->set_from[m + 1] - piece->set_from[m];
		for (uint32_t i = piece->set_from[m]; i < piece->set_from[m + 1]; i++) {
			net->waiting[i] = piece->types[i];
			net->level[piece->types[i]] = 0;
		}
		for (size_t t = 0; t < net->slots; t++)
			net->cursor[m * net->slots + t] = piece->set_from[m] / 64;
	}
	for (size_t g = 0; g < net->n_gateways; g++)
		for (size_t t = 0; t < net->slots; t++)
			if (net->load[g * net->slots + t] < net->limit[g * net->slots + t]
			    && net_is_reached(piece->open_gates + g * net->words, t)) {
				net->fresh_gates[g * net->words + t / 64] |= UINT64_C(1) << t % 64;
				net->gate_level[g * net->slots + t] = 1;
			}
	memcpy(net->gates, net->fresh_gates, net->n_gateways * net->words * sizeof net->gates[0]);
}

/* The sets that lead to fresh gateways, or whose places fresh types could give up. */
static bool reach_sets(struct net *net, struct piece *piece, uint32_t level)
{
	uint64_t *layer = layer_of(net, level), any = 0;

	for (size_t m = 0; m < net->n_sets; m++) {
		const struct plan_set *set = &net->problem->sets[m];
		for (size_t w = 0; w < net->words; w++) {
			uint64_t bits = net->from_types[m * net->words + w];
			for (size_t i = 0; i < set->n; i++)
				bits |= net->fresh_gates[set->gateways[i] * net->words + w];
			bits &= piece->open_sets[m * net->words + w] & ~net->sets[m * net->words + w];
			net->sets[m * net->words + w] |= bits;
			net->fresh_sets[m * net->words + w] = layer[m * net->words + w] = bits;
			any |= bits;
			for (; bits; bits &= bits - 1)
				net->set_level[m * net->slots + w * 64 + (size_t)__builtin_ctzll(bits)] = level;
		}
	}
	return any != 0;
}

/* The full gateways where a fresh set has places: it can make room there. */
static void reach_gates(struct net *net, struct piece *piece, uint32_t level)
{
	memset(net->fresh_gates, 0, net->n_gateways * net->words * sizeof net->fresh_gates[0]);
	for (size_t m = 0; m < net->n_sets; m++)
		for (size_t w = 0; w < net->words; w++)
			for (uint64_t bits = net->fresh_sets[m * net->words + w]; bits; bits &= bits - 1) {
				size_t t = w * 64 + (size_t)__builtin_ctzll(bits);
				uint64_t bit = bits & -bits;
				for (size_t i = 0; i < net->problem->sets[m].n; i++) {
					size_t g = net->problem->sets[m].gateways[i];
					if (net->split[net->set_at[m] + i * net->slots + t] == 0
					    || !(piece->open_gates[g * net->words + w] & ~net->gates[g * net->words + w] & bit))
						continue;
					net->gates[g * net->words + w] |= bit;
					net->fresh_gates[g * net->words + w] |= bit;
					net->gate_level[g * net->slots + t] = level;
				}
			}
}

/* The types with room in a fresh set. Returns how many of them lack something. */
static size_t reach_types(struct net *net, struct piece *piece, uint32_t level)
{
	size_t lacking = 0, words = net->words;

	for (size_t m = 0; m < net->n_sets; m++) {
		const uint64_t *fresh = net->fresh_sets + m * words;
		uint64_t *from = net->from_types + m * words, any = 0;
		uint32_t *waiting = net->waiting + piece->set_from[m], kept = 0;
		memset(from, 0, words * sizeof from[0]);
		for (size_t w = 0; w < words; w++)
			any |= fresh[w];
		if (!any)
			continue;
		for (uint32_t i = 0; i < net->n_waiting[m]; i++) {
			uint32_t k = waiting[i];
			const uint64_t *room = net->room + k * words;
			uint64_t meets = 0;
			for (size_t w = 0; w < words; w++)
				meets |= room[w] & fresh[w];
			if (!meets) {
				waiting[kept++] = k;
				continue;
			}
			net->level[k] = level;
			lacking += net->served[k] < net->cap[k];
			for (size_t w = 0; w < words; w++)
				from[w] |= net->used[k * words + w];
		}
		net->n_waiting[m] = kept;
	}
	return lacking;
}

/* Returns how many types that lack something are reached. Stops early when all of them (wanted, not 0) are. */
static size_t search(struct net *net, struct piece *piece, size_t wanted)
{
	size_t found = 0;

	begin_search(net, piece);
	for (uint32_t level = 2; reach_sets(net, piece, level); level += 2) {
		reach_gates(net, piece, level + 1);
		found += reach_types(net, piece, level + 1);
		if (wanted && found == wanted)
			break;
	}
	return found;
}

void net_search(struct net *net, struct piece *piece)
{
	(void)search(net, piece, 0);
}

/* --- pushing --- */

static int64_t push_set(struct net *, const struct piece *, size_t t, uint32_t set, uint32_t level, int64_t amount);

static int64_t push_type(struct net *net, const struct piece *piece, uint32_t k, int64_t amount)
{
	uint32_t set = net->problem->types[k].set, level = net->level[k];
	const uint64_t *layer = net->layers[level / 2] + set * net->words;
	int64_t done = 0;

	for (size_t w = 0; w < net->words; w++)
		for (uint64_t bits = net->room[k * net->words + w] & layer[w]; bits; bits &= bits - 1) {
			size_t t = w * 64 + (size_t)__builtin_ctzll(bits), arc = net_arc(net, k, t);
			int64_t got = push_set(net, piece, t, set, level - 1, MIN(amount - done, net->members[k] - net->x[arc]));
			if (got)
				arc_add(net, k, t, arc, got);
			done += got;
			if (done == amount)
				return done;
		}
	net->level[k] = 0;
	return done;
}

/* Into the gateways one step nearer: those with free places, or where another set can go elsewhere. */
static int64_t push_gates(struct net *net, const struct piece *piece, size_t t, uint32_t set, uint32_t level, int64_t amount)
{
	const struct plan_set *gateways = &net->problem->sets[set];
	int64_t done = 0;

	for (size_t i = 0; i < gateways->n && done < amount; i++) {
		size_t g = gateways->gateways[i], at = g * net->slots + t;
		int64_t *split = &net->split[net->set_at[set] + i * net->slots + t];
		if (net->gate_level[at] != level - 1)
			continue;
		if (level == 2) {
			int64_t got = MIN(amount - done, net->limit[at] - net->load[at]);
			net->load[at] += got;
			*split += got;
			done += got;
			continue;
		}
		/* Who has nothing to give now will have nothing in this phase: all amounts move downwards. */
		for (uint32_t *o = &net->gate_cursor[at]; *o < net->n_sets_of[g] && done < amount; ++*o) {
			struct gate_set other = net->sets_of[g][*o];
			int64_t *theirs = &net->split[net->set_at[other.set] + other.index * net->slots + t];
			if (net->set_level[other.set * net->slots + t] != level - 2 || *theirs == 0)
				continue;
			int64_t got = push_set(net, piece, t, other.set, level - 2, MIN(amount - done, *theirs));
			*theirs -= got;
			*split += got;
			done += got;
			if (done == amount)
				break;
		}
	}
	return done;
}

static int64_t push_set(struct net *net, const struct piece *piece, size_t t, uint32_t set, uint32_t level, int64_t amount)
{
	uint64_t *layer = net->layers[level / 2] + set * net->words, bit = UINT64_C(1) << t % 64;

	if (!(layer[t / 64] & bit))
		return 0;
	int64_t done = push_gates(net, piece, t, set, level, amount);
	uint32_t *cursor = &net->cursor[set * net->slots + t], from = piece->set_from[set], to = piece->set_from[set + 1];
	for (; level > 2 && done < amount && *cursor * 64 < to; ++*cursor) {
		uint64_t bits = net->used_in[t * net->used_words + *cursor];
		if (*cursor == from / 64)
			bits &= ~UINT64_C(0) << from % 64;
		if (to / 64 == *cursor)
			bits &= (UINT64_C(1) << to % 64) - 1;
		for (; bits; bits &= bits - 1) {
			uint32_t j = piece->types[*cursor * 64 + (uint32_t)__builtin_ctzll(bits)];
			if (net->level[j] != level - 1)
				continue;
			size_t arc = net_arc(net, j, t);
			int64_t got = push_type(net, piece, j, MIN(amount - done, net->x[arc]));
			if (got)
				arc_add(net, j, t, arc, -got);
			done += got;
			if (done == amount)
				return done;
		}
	}
	if (done < amount)
		layer[t / 64] &= ~bit;
	return done;
}

/* --- the first pass, and giving back --- */

struct slot_room { int64_t places; uint32_t slot; };

static int by_room(const void *a, const void *b)
{
	const struct slot_room *x = a, *y = b;
	return x->places != y->places ? (x->places < y->places) - (x->places > y->places) : (x->slot > y->slot) - (x->slot < y->slot);
}

static void order_slots(struct net *net, struct piece *piece, struct slot_room *slots)
{
	for (uint32_t t = 0; t < net->slots; t++) {
		slots[t] = (struct slot_room){ 0, t };
		for (size_t g = 0; g < net->n_gateways; g++)
			if (net_is_reached(piece->open_gates + g * net->words, t))
				slots[t].places += net->limit[g * net->slots + t] - net->load[g * net->slots + t];
	}
	qsort(slots, net->slots, sizeof slots[0], by_room);
}

static int64_t room_in(struct net *net, struct piece *piece, uint32_t k, size_t t)
{
	uint32_t set = net->problem->types[k].set;
	const struct plan_set *gateways = &net->problem->sets[set];
	int64_t places = 0;

	if (t >= net->slots || !(net->room[k * net->words + t / 64] & piece->open_sets[set * net->words + t / 64] & UINT64_C(1) << t % 64))
		return 0;
	for (size_t i = 0; i < gateways->n; i++)
		places += net->limit[gateways->gateways[i] * net->slots + t] - net->load[gateways->gateways[i] * net->slots + t];
	return places;
}

static void fill_slot(struct net *net, uint32_t k, size_t t)
{
	const struct plan_set *gateways = &net->problem->sets[net->problem->types[k].set];
	int64_t most = MIN(net->cap[k] - net->served[k], net->members[k] - net->x[net_arc(net, k, t)]);

	for (uint32_t i = 0; i < gateways->n && most > 0; i++) {
		size_t at = gateways->gateways[i] * net->slots + t;
		int64_t got = MIN(most, net->limit[at] - net->load[at]);
		if (got > 0)
			net_put(net, k, t, i, got);
		most -= MAX(got, 0);
	}
}

/* From the emptiest slot outwards, to the emptier side, so that what a type gets lies together. */
static void fill_directly(struct net *net, struct piece *piece, uint32_t k, const struct slot_room *slots)
{
	for (size_t s = 0; s < net->slots && slots[s].places > 0 && net->served[k] < net->cap[k]; s++) {
		size_t left = slots[s].slot, right = left + 1;
		int64_t before = 1, behind = room_in(net, piece, k, left);
		if (behind == 0)
			continue;
		fill_slot(net, k, left);
		while (net->served[k] < net->cap[k]) {
			before = left ? room_in(net, piece, k, left - 1) : 0;
			behind = room_in(net, piece, k, right);
			if (before == 0 && behind == 0)
				break;
			fill_slot(net, k, before > behind ? --left : right++);
		}
	}
}

static void give_back(struct net *net, struct piece *piece, uint32_t k)
{
	uint32_t set = net->problem->types[k].set;

	for (size_t w = net->words; w-- > 0;)
		for (uint64_t bits = net->used[k * net->words + w] & piece->open_sets[set * net->words + w]; bits; bits &= bits - 1) {
			size_t t = w * 64 + (size_t)__builtin_ctzll(bits);
			int64_t most = MIN(net->served[k] - net->cap[k], net->x[net_arc(net, k, t)]);
			for (uint32_t i = 0; i < net->problem->sets[set].n && most > 0; i++) {
				int64_t got = MIN(most, net->split[net->set_at[set] + i * net->slots + t]);
				if (got > 0)
					net_put(net, k, t, i, -got);
				most -= got;
			}
			if (net->served[k] <= net->cap[k])
				return;
		}
}

/* Those who lack something, the narrowest windows first. */
static uint32_t *lacking_types(struct net *net, struct piece *piece, size_t *ret_n)
{
	size_t *next = NEW_MANY(net->arena, net->slots + 2, size_t), n = 0;
	uint32_t *wide = NEW_MANY(net->arena, piece->n + 1, uint32_t), *list = NEW_MANY(net->arena, piece->n + 1, uint32_t);

	for (size_t i = 0; i < piece->n; i++) {
		uint32_t k = piece->types[i];
		if (net->served[k] >= net->cap[k])
			continue;
		for (size_t w = 0; w < net->words; w++)
			wide[i] += (uint32_t)__builtin_popcountll(net->room[k * net->words + w]);
		next[wide[i] + 1]++;
		n++;
	}
	for (size_t i = 0; i <= net->slots; i++)
		next[i + 1] += next[i];
	for (size_t i = 0; i < piece->n; i++)
		if (net->served[piece->types[i]] < net->cap[piece->types[i]])
			list[next[wide[i]]++] = piece->types[i];
	*ret_n = n;
	return list;
}

int64_t net_fill(struct net *net, struct piece *piece)
{
	struct slot_room slots[PLAN_SLOTS_MOST];
	size_t n = 0;
	int64_t lack = 0;

	for (size_t i = 0; i < piece->n; i++)
		if (net->served[piece->types[i]] > net->cap[piece->types[i]])
			give_back(net, piece, piece->types[i]);
	uint32_t *list = lacking_types(net, piece, &n);
	for (size_t i = 0; i < n; i++) {
		if (i % 32 == 0)
			order_slots(net, piece, slots);
		fill_directly(net, piece, list[i], slots);
	}
	for (;;) {
		size_t kept = 0;
		for (size_t i = 0; i < n; i++)
			if (net->served[list[i]] < net->cap[list[i]])
				list[kept++] = list[i];
		n = kept;
		if (search(net, piece, n) == 0)
			break;
		for (size_t i = 0; i < n; i++)
			if (net->level[list[i]])
				net->served[list[i]] += push_type(net, piece, list[i], net->cap[list[i]] - net->served[list[i]]);
	}
	for (size_t i = 0; i < n; i++)
		lack += net->cap[list[i]] - net->served[list[i]];
	return lack;
}
