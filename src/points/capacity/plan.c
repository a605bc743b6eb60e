/* The planner: classes in their order, and inside a class the fairest shares.
 *
 * Classes: the most that a prefix of the classes can get is a most flow; adding the next class never lowers an earlier one's, so
 * each class fills on top of those before it. What cannot reach a free place afterwards is closed off: there the class is short of
 * places and must be shared; the rest of the network stays open for the classes that follow.
 *
 * Shares: in a closed piece the types of the class have F places in all. If nothing but the sum held them back, each would get
 * the same share of its need (or all it can take, or what it has got for certain). That is tried, exactly, with fractions of a place.
 * When it fits, it is the fairest plan. When not, the least cut parts the piece in two: those inside get less than that share,
 * those outside more, and nothing that one of them holds could help the other; so each half is done alone, with its own F. (Fujishige
 * 1980, Groenevelt 1991: decomposition over a polymatroid.) The whole numbers beside each share are then filled by one more
 * flow: down first, then up until F is reached. Since bases of an integral polymatroid inside an integral box are integral, that fits.
 *
 * Debt: inside a class the types with the oldest debt come first, as a class of their own would; what the class gets in all is the same.
 *
 * What it does not do: prefer yesterday's plan (plan_again.c does, afterwards) or unbroken blocks. */
#include "plan_flow.h"

struct share { int64_t top, number; };                  /* places over weight: share = top / number */

struct making {
	struct net *net;
	const struct plan_problem *problem;
	int64_t *base, *top;             /* [type], in places: what it has for certain; the most it can get */
	int64_t *low, *high;             /* [type]: the whole numbers beside its share */
	uint8_t *is_free;                /* [type]: of the class that is being shared, not yet settled */
};

static int64_t weight(const struct making *m, uint32_t k)
{
	return m->problem->types[k].members * m->problem->types[k].need;
}

static size_t open_slots(const struct making *m, const struct piece *piece, uint32_t k, const uint64_t *reached, bool is_reached)
{
	uint32_t set = m->problem->types[k].set;
	size_t n = 0, words = m->problem->words;

	for (size_t w = 0; w < words; w++) {
		uint64_t bits = m->problem->windows[k * words + w] & piece->open_sets[set * words + w];
		if (reached)
			bits &= is_reached ? reached[set * words + w] : ~reached[set * words + w];
		n += (size_t)__builtin_popcountll(bits);
	}
	return n;
}

/* Half of a piece after a search: what is reached, or what is not. */
static struct piece half(struct making *m, const struct piece *piece, bool is_reached)
{
	struct net *net = m->net;
	struct piece ret = { .types = NEW_MANY(net->arena, piece->n + 1, uint32_t) };

	for (size_t i = 0; i < piece->n; i++)
		if ((net->level[piece->types[i]] != 0) == is_reached)
			ret.types[ret.n++] = piece->types[i];
	ret.open_sets = NEW_MANY(net->arena, net->n_sets * net->words + 1, uint64_t);
	ret.open_gates = NEW_MANY(net->arena, net->n_gateways * net->words + 1, uint64_t);
	for (size_t i = 0; i < net->n_sets * net->words; i++)
		ret.open_sets[i] = piece->open_sets[i] & (is_reached ? net->sets[i] : ~net->sets[i]);
	for (size_t i = 0; i < net->n_gateways * net->words; i++)
		ret.open_gates[i] = piece->open_gates[i] & (is_reached ? net->gates[i] : ~net->gates[i]);
	net_sort(net, &ret);
	return ret;
}

/* Bounds after the cut: arcs from the short side to the other are full for certain, those the other way are empty. */
static void bound(struct making *m, const struct piece *piece, const struct piece *part, bool is_reached)
{
	for (size_t i = 0; i < part->n; i++) {
		uint32_t k = part->types[i];
		if (!m->is_free[k])
			continue;
		int64_t members = m->problem->types[k].members;
		int64_t inside = members * (int64_t)open_slots(m, piece, k, m->net->sets, is_reached);
		if (!is_reached)
			m->base[k] += members * (int64_t)open_slots(m, piece, k, m->net->sets, true);
		m->top[k] = MIN(m->top[k], m->base[k] + inside);
	}
}

/* --- one share for all --- */

static int against(const struct making *m, struct share share, uint32_t k, int64_t places)     /* share * weight - places */
{
	__int128 one = (__int128)share.top * weight(m, k), other = (__int128)places * share.number;
	return (one > other) - (one < other);
}

/* The share at which the types' amounts, kept between base and top, add up to F. Those that are not `loose` afterwards stand at a
 * bound. Bounds are pegged on the side that overshoots more, as long as there is one (Bitran and Hax 1981). */
static struct share even_share(const struct making *m, const uint32_t *types, size_t n, int64_t places, uint8_t *loose)
{
	struct share share = { 0, 1 };
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		left += loose[types[i]] = m->is_free[types[i]];
	while (left > 0) {
		double over = 0, under = 0;
		share = (struct share){ places, 0 };
		for (size_t i = 0; i < n; i++)
			if (loose[types[i]])
				share.number += weight(m, types[i]);
		for (size_t i = 0; i < n; i++) {
			uint32_t k = types[i];
			double amount = (double)share.top / (double)share.number * (double)weight(m, k);
			if (!loose[k])
				continue;
			if (against(m, share, k, m->top[k]) >= 0)
				over += amount - (double)m->top[k];
			else if (against(m, share, k, m->base[k]) <= 0)
				under += (double)m->base[k] - amount;
		}
		size_t was = left;
		for (size_t i = 0; i < n; i++) {
			uint32_t k = types[i];
			if (!loose[k])
				continue;
			bool is_over = against(m, share, k, m->top[k]) >= 0;
			bool is_under = !is_over && against(m, share, k, m->base[k]) <= 0;
			if ((is_over && over >= under) || (is_under && under >= over)) {
				loose[k] = 0;
				places -= is_over ? m->top[k] : m->base[k];
				left--;
			}
		}
		if (left == was)
			break;
	}
	return share;
}

/* --- settling --- */

static void caps(struct making *m, const struct piece *piece, const int64_t *places)
{
	for (size_t i = 0; i < piece->n; i++)
		if (m->is_free[piece->types[i]])
			m->net->cap[piece->types[i]] = places[piece->types[i]] * m->net->unit;
}

static int64_t lacking(const struct making *m, const struct piece *piece, int64_t places)
{
	places *= m->net->unit;
	for (size_t i = 0; i < piece->n; i++)
		if (m->is_free[piece->types[i]])
			places -= m->net->served[piece->types[i]];
	return places;
}

/* The piece's shares are found: now in whole places, F in all. */
static void settle(struct making *m, struct piece *piece, int64_t places)
{
	net_round(m->net, piece);
	caps(m, piece, m->low);
	int64_t short_of = net_fill(m->net, piece);
	if (lacking(m, piece, places) > 0) {
		caps(m, piece, m->high);
		short_of = net_fill(m->net, piece);
	}
	if (lacking(m, piece, places) > 0) {        /* cannot happen; F counts for more than one unit of fairness */
		caps(m, piece, m->top);
		short_of = net_fill(m->net, piece);
	}
	(void)short_of;
	for (size_t i = 0; i < piece->n; i++) {
		m->is_free[piece->types[i]] = 0;
		m->net->cap[piece->types[i]] = m->net->served[piece->types[i]];
	}
}

static void share_out(struct making *m, const struct piece *piece, int64_t places, uint8_t *loose)
{
	struct share share = even_share(m, piece->types, piece->n, places, loose);

	for (size_t i = 0; i < piece->n; i++) {
		uint32_t k = piece->types[i];
		if (!m->is_free[k])
			continue;
		if (loose[k]) {
			__int128 top = (__int128)share.top * weight(m, k), number = share.number;
			m->low[k] = (int64_t)(top / number);
			m->high[k] = m->low[k] + (top % number != 0);
			m->net->cap[k] = m->low[k] * m->net->unit + (int64_t)(top % number * m->net->unit / number);
		} else {
			m->low[k] = m->high[k] = against(m, share, k, m->top[k]) >= 0 ? m->top[k] : m->base[k];
			m->net->cap[k] = m->low[k] * m->net->unit;
		}
	}
}

static size_t count_free(const struct making *m, const struct piece *piece)
{
	size_t n = 0;

	for (size_t i = 0; i < piece->n; i++)
		n += m->is_free[piece->types[i]];
	return n;
}

/* Shares F places among the free types of a closed piece. */
static void divide(struct making *m, struct piece *piece, int64_t places)
{
	size_t n = count_free(m, piece);

	if (n == 0)
		return;
	uint8_t *loose = NEW_MANY(m->net->arena, m->problem->n_types, uint8_t);
	net_enter(m->net, piece);
	share_out(m, piece, places, loose);
	if (net_fill(m->net, piece) == 0) {
		settle(m, piece, places);
		return;
	}
	struct piece poor = half(m, piece, false), rich = half(m, piece, true);
	if (count_free(m, &poor) == 0 || count_free(m, &rich) == 0) {
		settle(m, piece, places);
		return;
	}
	bound(m, piece, &poor, false);
	bound(m, piece, &rich, true);
	int64_t theirs = 0;
	for (size_t i = 0; i < poor.n; i++)
		if (m->is_free[poor.types[i]])
			theirs += m->net->served[poor.types[i]];
	theirs = (theirs + m->net->unit / 2) / m->net->unit;
	divide(m, &poor, theirs);
	divide(m, &rich, places - theirs);
}

/* --- classes --- */

static struct piece whole(struct making *m)
{
	struct net *net = m->net;
	struct piece ret = { .types = NEW_MANY(net->arena, net->n_types + 1, uint32_t) };

	ret.open_sets = NEW_MANY(net->arena, net->n_sets * net->words + 1, uint64_t);
	ret.open_gates = NEW_MANY(net->arena, net->n_gateways * net->words + 1, uint64_t);
	for (size_t t = 0; t < net->slots; t++) {
		for (size_t i = 0; i < net->n_sets; i++)
			ret.open_sets[i * net->words + t / 64] |= UINT64_C(1) << t % 64;
		for (size_t i = 0; i < net->n_gateways; i++)
			ret.open_gates[i * net->words + t / 64] |= UINT64_C(1) << t % 64;
	}
	return ret;
}

static void add_class(struct making *m, struct piece *open, unsigned class, unsigned debt)
{
	uint32_t *types = NEW_MANY(m->net->arena, m->net->n_types + 1, uint32_t);

	if (open->n)
		memcpy(types, open->types, open->n * sizeof types[0]);
	for (uint32_t k = 0; k < m->net->n_types; k++) {
		const struct plan_type *type = &m->problem->types[k];
		if (type->class != class || type->debt != debt)
			continue;
		types[open->n++] = k;
		m->is_free[k] = 1;
		m->base[k] = 0;
		m->top[k] = type->members * MIN(type->need, (int64_t)open_slots(m, open, k, NULL, true));
		m->net->cap[k] = m->top[k] * m->net->unit;
	}
	open->types = types;
	net_sort(m->net, open);
}

static void one_class(struct making *m, struct piece *open, unsigned class, unsigned debt)
{
	add_class(m, open, class, debt);
	net_enter(m->net, open);
	int64_t lack = net_fill(m->net, open), places = 0;
	if (lack == 0) {
		/* All of the class have what they can use; what is full now is closed at the next class that lacks something. */
		for (size_t i = 0; i < open->n; i++)
			m->is_free[open->types[i]] = 0;
		return;
	}
	struct piece poor = half(m, open, false), rich = half(m, open, true);
	bound(m, open, &poor, false);
	for (size_t i = 0; i < rich.n; i++)
		m->is_free[rich.types[i]] = 0;
	for (size_t i = 0; i < poor.n; i++)
		if (m->is_free[poor.types[i]])
			places += m->net->served[poor.types[i]];
	divide(m, &poor, places / m->net->unit);
	*open = rich;
}

enum err plan_flow_of(struct arena *arena, const struct plan_problem *problem, struct plan *ret)
{
	struct making m = { .problem = problem, .net = net_new(arena, problem) };
	size_t n = problem->n_types + 1;
	unsigned debts[PLAN_CLASSES + 1] = { 0 };

	m.base = NEW_MANY(arena, n, int64_t);
	m.top = NEW_MANY(arena, n, int64_t);
	m.low = NEW_MANY(arena, n, int64_t);
	m.high = NEW_MANY(arena, n, int64_t);
	m.is_free = NEW_MANY(arena, n, uint8_t);
	for (size_t k = 0; k < problem->n_types; k++)
		debts[problem->types[k].class] |= 1u << problem->types[k].debt;
	struct piece all = whole(&m), open = all;
	for (unsigned class = 1; class <= PLAN_CLASSES; class++)
		for (unsigned debt = PLAN_DEBTS; debt-- > 0;)
			if (debts[class] & 1u << debt)
				one_class(&m, &open, class, debt);
	return plan_deal(m.net, &all, ret);
}
