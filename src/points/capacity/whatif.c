/* Plays recorded sessions again under other limits: see whatif.h. Pure and deterministic.
 *
 * One walk over the moments at which somebody comes, beside it a heap of the ends of those who are in. More people: every session comes once more as
 * often as the percentage says, spread evenly over the list, in the same minute; fewer: some are left out in the same way. The rule at a gateway is
 * opinion.c's, said once more for counts alone; a test holds one against the other. */
#include "whatif.h"

struct in { int64_t to; uint8_t class, gateway; };
struct house {
	const struct whatif_wish *wish;
	struct in *heap; size_t n;
	int64_t in[WHATIF_GATEWAYS], critical[WHATIF_GATEWAYS], all;
	bool    is_strained[WHATIF_GATEWAYS];
};

/* --- ends, the next first --- */

static void heap_put(struct house *h, struct in one)
{
	size_t i = h->n++;

	for (; i && h->heap[(i - 1) / 2].to > one.to; i = (i - 1) / 2)
		h->heap[i] = h->heap[(i - 1) / 2];
	h->heap[i] = one;
}

static struct in heap_take(struct house *h)
{
	struct in ret = h->heap[0], last = h->heap[--h->n];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && h->heap[child + 1].to < h->heap[child].to)
			child++;
		if (last.to <= h->heap[child].to)
			break;
		h->heap[i] = h->heap[child];
	}
	if (h->n)
		h->heap[i] = last;
	return ret;
}

/* --- at the gateway --- */

static int64_t free_at(const struct house *h, size_t g)
{
	const struct whatif_gateway *gateway = &h->wish->gateways[g];

	if (gateway->is_lost)
		return INT64_MIN;
	return gateway->places < 0 ? INT64_MAX : gateway->places - gateway->reserve - h->in[g];
}

/* Her own, or when that is gone the one with most places free; -1: there is none. */
static int choose(const struct house *h, uint8_t own)
{
	int best = own;

	if (own < h->wish->n_gateways && !h->wish->gateways[own].is_lost)
		return own;
	best = -1;
	for (size_t g = 0; g < h->wish->n_gateways; g++)
		if (!h->wish->gateways[g].is_lost && (best < 0 || free_at(h, g) > free_at(h, (size_t)best)))
			best = (int)g;
	return best;
}

static bool lets_in(struct house *h, size_t g, int class)
{
	const struct whatif_gateway *gateway = &h->wish->gateways[g];
	int64_t open = gateway->places - gateway->reserve, room = open - h->in[g];

	if (gateway->places < 0)
		return true;
	h->is_strained[g] = h->in[g] * 100 >= open * (h->is_strained[g] ? STRAINED_UNTIL : STRAINED_AT);
	if (gateway->places <= h->in[g])
		return false;
	if (class == 1)
		return room > 0 || h->in[g] > h->critical[g];
	if (class == 4 && h->is_strained[g])
		return false;
	return room > open * h->wish->kept[class] / 100;
}

static void leave_until(struct house *h, int64_t at)
{
	while (h->n && h->heap[0].to <= at) {
		struct in gone = heap_take(h);
		h->in[gone.gateway]--;
		h->critical[gone.gateway] -= gone.class == 1;
		h->all--;
	}
}

static void come(struct house *h, const struct whatif_session *session, struct whatif_result *ret)
{
	int g = choose(h, session->gateway), class = session->class;

	ret->asked[class]++;
	if (g < 0 || !lets_in(h, (size_t)g, class)) {
		ret->refused[class]++;
		ret->refused_at[session->bin]++;
		return;
	}
	h->in[g]++;
	h->critical[g] += class == 1;
	h->all++;
	heap_put(h, (struct in){ session->to, (uint8_t)class, (uint8_t)g });
	ret->most[session->bin] = MAX(ret->most[session->bin], h->all);
	ret->peak = MAX(ret->peak, h->all);
}

/* Times at which nobody comes: who is still in stands in their bins too. */
static void pass_time(struct house *h, int64_t from, uint16_t bin, int64_t until, struct whatif_result *ret)
{
	enum { BIN_MS = SLOT_MS };

	for (from += BIN_MS; h->n && from < until; from += BIN_MS) {
		leave_until(h, from);
		bin = (uint16_t)((bin + 1) % WHATIF_BINS);
		ret->most[bin] = MAX(ret->most[bin], h->all);
	}
}

void whatif_play(struct arena *arena, const struct whatif_session *sessions, size_t n, const struct whatif_wish *wish, struct whatif_result *ret)
{
	struct house *h = NEW(arena, struct house);
	int64_t owed = 0, refused_at = INT64_MIN;

	*ret = (struct whatif_result){ 0 };
	h->wish = wish;
	h->heap = NEW_MANY(arena, n * (size_t)(1 + MAX(wish->more + 99, (int64_t)0) / 100) + 1, struct in);
	for (size_t g = 0; g < wish->n_gateways; g++)
		if (!wish->gateways[g].is_lost && ret->places >= 0)
			ret->places = wish->gateways[g].places < 0 ? -1 : ret->places + wish->gateways[g].places;
	for (size_t i = 0; i < n; i++) {
		if (i)
			pass_time(h, sessions[i - 1].from, sessions[i - 1].bin, sessions[i].from, ret);
		leave_until(h, sessions[i].from);
		ret->most[sessions[i].bin] = MAX(ret->most[sessions[i].bin], h->all);
		int64_t before = ret->refused[1] + ret->refused[2] + ret->refused[3] + ret->refused[4];
		for (owed += 100 + wish->more; owed >= 100; owed -= 100)
			come(h, &sessions[i], ret);
		int64_t after = ret->refused[1] + ret->refused[2] + ret->refused[3] + ret->refused[4];
		if (after > before && sessions[i].from / 60000 != refused_at) {
			refused_at = sessions[i].from / 60000;
			ret->full_minutes++;
		}
	}
	if (n)
		pass_time(h, sessions[n - 1].from, sessions[n - 1].bin, INT64_MAX, ret);
}

/* By three bytes of minutes and then the rest: a million in some hundredths of a second. */
void whatif_sort(struct arena *arena, struct whatif_session *sessions, size_t n)
{
	struct whatif_session *other = NEW_MANY(arena, n + 1, struct whatif_session), *from = sessions, *to = other;
	int64_t least = INT64_MAX, most = INT64_MIN;

	for (size_t i = 0; i < n; i++) {
		least = MIN(least, sessions[i].from);
		most = MAX(most, sessions[i].from);
	}
	for (int shift = 0; n && shift < 64 && (shift == 0 || (uint64_t)(most - least) >> shift); shift += 11) {
		size_t *count = NEW_MANY(arena, 2049, size_t);
		for (size_t i = 0; i < n; i++)
			count[((uint64_t)(from[i].from - least) >> shift & 2047) + 1]++;
		for (size_t i = 0; i < 2048; i++)
			count[i + 1] += count[i];
		for (size_t i = 0; i < n; i++)
			to[count[(uint64_t)(from[i].from - least) >> shift & 2047]++] = from[i];
		struct whatif_session *swap = from;
		from = to;
		to = swap;
	}
	if (from != sessions && n)
		memcpy(sessions, from, n * sizeof sessions[0]);
}

/* --- made up --- */

static uint32_t next(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(*seed >> 4) * below >> 28);
}

struct whatif_session *whatif_fiction(struct arena *arena, const int64_t people[5], const struct whatif_gateway *gateways, size_t n_gateways,
                                      int64_t midnight, size_t *ret_n)
{
	static const uint32_t minutes[5] = { 0, 480, 420, 90, 60 };      /* in at the most, by class; a third of it at least */
	size_t n = 0, made = 0;
	uint32_t seed = 2020;

	for (int class = 1; class <= 4; class++)
		n += (size_t)people[class];
	struct whatif_session *ret = NEW_MANY(arena, n + 1, struct whatif_session);
	for (uint32_t class = 1; class <= 4; class++)
		for (int64_t i = 0; i < people[class]; i++) {
			bool is_early = next(&seed, 2) == 0;
			int64_t from = midnight + (is_early ? 450 * 60000 + next(&seed, 90 * 60000) : 540 * 60000 + next(&seed, 420 * 60000));
			int64_t stay = (int64_t)(minutes[class] / 3 + next(&seed, minutes[class] * 2 / 3 + 1)) * 60000;
			ret[made++] = (struct whatif_session){ from, from + stay, (uint8_t)class, (uint8_t)(n_gateways ? next(&seed, (uint32_t)n_gateways) : 0),
				(uint16_t)((from - midnight) / (20 * 60000) % WHATIF_BINS) };
		}
	(void)gateways;
	whatif_sort(arena, ret, made);
	*ret_n = made;
	return ret;
}
