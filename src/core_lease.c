/* Rule K8: what becomes of an accept that cannot be written down. By itself nobody gets in. While a signed decision about gate.cannot_store is in force
 * for her, somebody of class 1 or 2 is let in for 15 minutes, kept here, and written down when the store is back, with a leaf of its own
 * (gate.lease) and the reason beside the session: so each is counted afterwards. That it happens is said in the operations log and on /capacity.
 *
 * A time without a store longer than gate.unstored_minutes lets nobody in any more.
 *
 * SECURITY: the decision is read from the standing as it was before the store was lost; the place is held as any other, so no limit is passed. The leases
 * of a process that is ended in between are lost to the log, not to the operations log: their sessions are adopted when their gateway tells of them.
 *
 * Threads: the writer, whose jobs fail; the thread that looks each second. */
#define LONG_LIVED
#include "core.h"
#include "floor/refusal.h"
#include "floor/setting.h"
#include "base/world.h"
#include <pthread.h>

enum { LEASES = 4096, AT_ONCE = 200, AGAIN_SECONDS = 5 * 60 };
static struct {
	pthread_mutex_t    lock;
	struct core_accept at[LEASES];
	size_t             n;
	_Atomic int64_t    longest_ms;
} leases = { .lock = PTHREAD_MUTEX_INITIALIZER, .longest_ms = 60 * 60000 };

void core_leases_rule(struct rq *rq)
{
	leases.longest_ms = MINUTES(setting_number(rq, "gate.unstored_minutes")).ms;
}

static bool keep(struct core_accept *accept, struct instant now)
{
	struct outage outage = outage_latest();
	bool is_too_long = outage.since.ms && !outage.until.ms && now.ms - outage.since.ms > leases.longest_ms;
	struct instant until = instant_plus(now, SECONDS(GATE_LEASE_SECONDS));

	if (!accept->may_lease || is_too_long)
		return false;
	if (instant_is_before(until, accept->until))
		accept->until = until;
	accept->seconds = (uint32_t)MAX((accept->until.ms - now.ms) / 1000, (int64_t)1);
	accept->is_leased = true;
	accept->leaf = -1;                     /* no Class: its session is found by its name */
	accept->against = &gate_cannot_store;
	pthread_mutex_lock(&leases.lock);
	size_t i = 0;
	while (i < leases.n && (accept->place == PLACE_NONE || leases.at[i].place != accept->place))
		i++;
	/* The same log-in asked once more: one lease, one place, which waits for one job. */
	bool is_again = i < leases.n, is_kept = i < LEASES;
	if (is_kept)
		leases.at[i] = *accept;
	leases.n += is_kept && !is_again;
	pthread_mutex_unlock(&leases.lock);
	if (is_kept)
		places_lease(core.places, accept->place, accept->until);
	if (is_again)
		places_give_back(core.places, accept->place);
	return is_kept;
}

bool core_accept_over(struct core_accept *accept, enum err err, struct gate_verdict *ret_refusal)
{
	struct instant now = world.now();

	if (err == OK) {
		places_name(core.places, accept->place, accept->leaf);
		outage_over(now);
		return true;
	}
	bool is_in = keep(accept, now);
	outage_note(now, is_in);
	if (is_in) {
		world_log("gate: an accept of class %d could not be stored: let in for %u seconds, by decision", accept->class, accept->seconds);
		return true;
	}
	places_give_back(core.places, accept->place);
	struct instant until = { (now.ms / 1000 + AGAIN_SECONDS + (accept->person & 63)) * 1000 };
	*ret_refusal = (struct gate_verdict){ 0 };
	gate_refuse(ret_refusal, &gate_cannot_store, until);
	refusal_note(&(struct refusal){ .at = now, .until = until, .person = accept->person, .gateway = accept->gateway, .class = accept->class,
		.code = gate_cannot_store.code, .why = gate_cannot_store.text });
	return false;
}

/* --- when the store is back --- */

struct batch { struct core_accept accept[AT_ONCE]; size_t n; };

static enum err store_batch(struct rq *rq, void *of)
{
	struct batch *batch = of;

	for (size_t i = 0; i < batch->n; i++)
		TRY(core_store_accept(rq, &batch->accept[i]));
	return OK;
}

/* Its time is over and it is still not stored: the place is free, the record is kept. On the looking thread, the only one that takes away. */
static void free_ended(struct instant now)
{
	pthread_mutex_lock(&leases.lock);
	for (size_t i = 0; i < leases.n; i++)
		if (leases.at[i].place != PLACE_NONE && now.ms > leases.at[i].until.ms + MINUTES(1).ms) {
			places_give_back(core.places, leases.at[i].place);
			leases.at[i].place = PLACE_NONE;
		}
	pthread_mutex_unlock(&leases.lock);
}

void core_leases_store(void)
{
	static struct batch batch;
	struct worker *worker;

	pthread_mutex_lock(&leases.lock);
	batch.n = MIN(leases.n, (size_t)AT_ONCE);
	memcpy(batch.accept, leases.at, batch.n * sizeof batch.accept[0]);
	pthread_mutex_unlock(&leases.lock);
	if (batch.n == 0)
		return;
	worker = core_worker();
	struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("gateway"), .body = -1 }, LANGUAGE_SV);
	if (writer_do(core.writer, store_batch, &batch, &rq) != OK) {
		trouble_clear(&worker->trouble);
		free_ended(rq.now);
	} else {
		for (size_t i = 0; i < batch.n; i++)
			places_name(core.places, batch.accept[i].place, batch.accept[i].leaf);
		pthread_mutex_lock(&leases.lock);
		memmove(leases.at, leases.at + batch.n, (leases.n - batch.n) * sizeof leases.at[0]);
		leases.n -= batch.n;
		pthread_mutex_unlock(&leases.lock);
		outage_over(rq.now);
		world_log("gate: %zu accepts that could not be stored then are stored now", batch.n);
	}
	core_worker_back(worker);
}
