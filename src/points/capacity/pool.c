/* How many places a gateway has, and of these how many are kept: rules K1 and K2.
 *
 * Pure: limits in, numbers out. The smallest limit that is known counts. The line carries throughput / share sessions. The server of
 * passwords lets in its log-ins a minute times the minutes in which all may arrive (setting capacity.rush_minutes): more could not get in.
 * The reserve is 5 places or 5 %, whichever is more, but never more than a quarter; under four places there is none.
 *
 * What it does not do: a gateway of which no limit is known has no pool; nobody is refused there for want of a place. */
#include "capacity.h"

const char *const capacity_bound_name[BOUNDS] = { "none", "licence", "tested", "addresses", "throughput", "logins", "reduced" };
const char *const capacity_bound_word[BOUNDS] = { N_("No limit is known"), N_("The licence"), N_("The tested limit"), N_("The addresses to hand out"),
	N_("The line's throughput"), N_("How fast people can log in"), N_("Reduced for now") };
const char *const capacity_state_name[POOL_STATES] = { "unset", "normal", "strained", "full", "reduced" };
const char *const capacity_state_word[POOL_STATES] = { N_("No limit is set"), N_("Normal"), N_("Strained"), N_("Full"), N_("Reduced") };

struct capacity_pool capacity_pool_of(const struct capacity_limits *limits, int64_t rush_minutes)
{
	const struct maybe_int none = { 0 };
	const struct maybe_int *share = &limits->share, *line = &limits->throughput;
	struct maybe_int by[BOUNDS] = { [BOUND_LICENCE] = limits->licence, [BOUND_TESTED] = limits->tested, [BOUND_ADDRESSES] = limits->addresses,
		[BOUND_THROUGHPUT] = line->is && share->is && share->i > 0 ? (struct maybe_int){ true, line->i / share->i } : none,
		[BOUND_LOGINS] = limits->logins.is ? (struct maybe_int){ true, limits->logins.i * rush_minutes } : none,
		[BOUND_REDUCED] = limits->reduced };
	struct capacity_pool ret = { .is_reduced = limits->reduced.is };
	int64_t places = INT32_MAX;

	for (uint8_t i = 0; i < BOUNDS; i++)
		if (by[i].is && by[i].i < places) {
			places = by[i].i;
			ret.bound = i;
		}
	ret.is_set = ret.bound != BOUND_NONE;
	if (!ret.is_set)
		return ret;
	ret.places = (int32_t)places;
	ret.reserve = places < 4 ? 0 : (int32_t)MIN(MAX((int64_t)5, (places * 5 + 99) / 100), places / 4);
	ret.open = ret.places - ret.reserve;
	return ret;
}

enum capacity_state capacity_state_of(const struct capacity_pool *pool, int64_t taken)
{
	if (!pool->is_set)
		return POOL_UNSET;
	if (taken >= pool->open)
		return POOL_FULL;
	if (pool->is_reduced)
		return POOL_REDUCED;
	return taken * 100 >= (int64_t)pool->open * STRAINED_AT ? POOL_STRAINED : POOL_NORMAL;
}
