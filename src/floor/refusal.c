/* A ring of the latest refusals, and counters since the start.
 *
 * SECURITY: a ring of a fixed size, so that whoever knocks without end fills no memory; what a page shows of it is the page's to decide.
 *
 * What it does not do: nothing here outlives the process. What gateways that only watch would have refused stands with the session. */
#define LONG_LIVED
#include "floor/refusal.h"
#include <pthread.h>

enum { GATEWAYS = 256 };
static struct {
	pthread_mutex_t lock;
	struct refusal  ring[REFUSALS];
	uint64_t        n, n_watched, by[GATEWAYS];
} refusals = { .lock = PTHREAD_MUTEX_INITIALIZER };

void refusal_note(const struct refusal *refusal)
{
	pthread_mutex_lock(&refusals.lock);
	refusals.ring[refusals.n++ % REFUSALS] = *refusal;
	refusals.n_watched += refusal->is_watched;
	if (!refusal->is_watched && refusal->gateway >= 0 && refusal->gateway < GATEWAYS)
		refusals.by[refusal->gateway]++;
	pthread_mutex_unlock(&refusals.lock);
}

size_t refusal_latest(struct arena *arena, struct refusal **ret)
{
	struct refusal *copy = NEW_MANY(arena, REFUSALS, struct refusal);

	pthread_mutex_lock(&refusals.lock);
	size_t n = (size_t)MIN(refusals.n, (uint64_t)REFUSALS);
	for (size_t i = 0; i < n; i++)
		copy[i] = refusals.ring[(refusals.n - 1 - i) % REFUSALS];
	pthread_mutex_unlock(&refusals.lock);
	*ret = copy;
	return n;
}

uint64_t refusal_count(bool is_watched)
{
	pthread_mutex_lock(&refusals.lock);
	uint64_t n = is_watched ? refusals.n_watched : refusals.n;
	pthread_mutex_unlock(&refusals.lock);
	return n;
}

uint64_t refusal_by(int16_t gateway)
{
	if (gateway < 0 || gateway >= GATEWAYS)
		return 0;
	pthread_mutex_lock(&refusals.lock);
	uint64_t n = refusals.by[gateway];
	pthread_mutex_unlock(&refusals.lock);
	return n;
}

static struct { pthread_mutex_t lock; struct outage latest; _Atomic bool is_on; } outage = { .lock = PTHREAD_MUTEX_INITIALIZER };

void outage_note(struct instant at, bool is_leased)
{
	pthread_mutex_lock(&outage.lock);
	if (!outage.is_on)
		outage.latest = (struct outage){ .since = at };
	outage.is_on = true;
	outage.latest.leased += is_leased;
	outage.latest.refused += !is_leased;
	pthread_mutex_unlock(&outage.lock);
}

void outage_over(struct instant at)
{
	if (!outage.is_on)
		return;
	pthread_mutex_lock(&outage.lock);
	outage.latest.until = at;
	outage.is_on = false;
	pthread_mutex_unlock(&outage.lock);
}

struct outage outage_latest(void)
{
	pthread_mutex_lock(&outage.lock);
	struct outage ret = outage.latest;
	pthread_mutex_unlock(&outage.lock);
	return ret;
}
