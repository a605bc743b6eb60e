/* What time brings: each minute the points' tick, every five minutes a seal, once a day the erasure of personal parts whose time is over. Time never makes a state here: rights end by
 * comparison at each verdict; this thread only tells and seals.
 *
 * When the clock jumps by more than a minute it is in doubt: ticks wait, since a reminder sent on a wrong date cannot be called back,
 * until the system says that the clock is synchronised or a person confirms it. Sealing goes on: epochs count on a counter. */
#define LONG_LIVED
#include "digest.h"
#include "floor/account.h"
#include "floor/decide.h"
#include "floor/audit_erase.h"
#include "wall_state.h"
#include "floor/seal_door.h"
#include "base/world.h"
#include <pthread.h>

enum { TICK_SECONDS = 60, EPOCH_SECONDS = 300, ERASE_SECONDS = 24 * 3600, ERASE_FIRST_SECONDS = 3600 };

/* --- is the clock right? --- */

static struct { pthread_mutex_t lock; struct clock_doubt doubt; } judged = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct clock_doubt clock_doubt_now(void)
{
	pthread_mutex_lock(&judged.lock);
	struct clock_doubt doubt = judged.doubt;
	pthread_mutex_unlock(&judged.lock);
	return doubt;
}

void clock_confirm(void)
{
	pthread_mutex_lock(&judged.lock);
	judged.doubt.is_in_doubt = false;
	pthread_mutex_unlock(&judged.lock);
}

/* True while it may be trusted. The moment a doubt begins and ends is said. */
static bool trust(int64_t ticks)
{
	pthread_mutex_lock(&judged.lock);
	bool before = judged.doubt.is_in_doubt;
	clock_look(&judged.doubt, world.now(), ticks, world.is_synchronised());
	struct clock_doubt now = judged.doubt;
	pthread_mutex_unlock(&judged.lock);
	if (now.is_in_doubt && !before)
		world_log("core: the clock jumped by %lld seconds and is in doubt: what time brings waits until the system says that it is synchronised, "
		          "or: samordna clock confirm", (long long)now.step / 1000);
	if (before && !now.is_in_doubt)
		world_log("core: the clock is trusted again");
	return !now.is_in_doubt;
}

/* --- the thread --- */

static enum err tick_job(struct rq *rq, void *of)
{
	const struct point *point = of;
	return point->tick(rq);
}

static enum err tidy_job(struct rq *rq, void *of)
{
	(void)of;
	return account_tidy(rq);
}

static enum err decide_job(struct rq *rq, void *of)
{
	(void)of;
	return decide_tick(rq);
}

static enum err digest_job(struct rq *rq, void *of)
{
	(void)of;
	return digest_tick(rq);
}

static void tick(struct rq *rq)
{
	if (writer_do(core.writer, digest_job, NULL, rq) != OK) {
		world_log("core: what waits could not be told by mail: %s", rq->trouble->text);
		trouble_clear(rq->trouble);
	}
	if (writer_do(core.writer, decide_job, NULL, rq) != OK) {
		world_log("core: decisions that have become stale could not be marked: %s", rq->trouble->text);
		trouble_clear(rq->trouble);
	}
	if (writer_do(core.writer, tidy_job, NULL, rq) != OK) {
		world_log("core: old sessions could not be put away: %s", rq->trouble->text);
		trouble_clear(rq->trouble);
	}
	for (size_t i = 0; points[i]; i++)
		if (points[i]->tick && writer_do(core.writer, tick_job, (void *)(uintptr_t)points[i], rq) != OK) {
			world_log("%s: what time brings could not be told: %s", points[i]->name, rq->trouble->text);
			trouble_clear(rq->trouble);
		}
}

/* On a thread of its own: it reads the whole log, and a seal must not wait for it. */
static void *erase(void *of)
{
	struct worker *worker = core_worker();
	struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("system"), .body = -1 }, LANGUAGE_SV);
	int64_t n;
	(void)of;

	if (audit_erase_old(&rq, &n) != OK)
		world_log("core: personal data whose time is over could not be erased: %s", rq.trouble->text);
	else if (n)
		world_log("core: %lld personal parts were erased", (long long)n);
	core_worker_back(worker);
	return NULL;
}

static void *live(void *of)
{
	int64_t ticked = world.ticks(), sealed = ticked - (EPOCH_SECONDS - 5) * 1000, erased = ticked - (ERASE_SECONDS - ERASE_FIRST_SECONDS) * 1000;
	(void)of;

	for (;;) {
		usleep(500000);
		int64_t now = world.ticks();
		bool is_trusted = trust(now);
		bool is_tick_due = is_trusted && now - ticked >= TICK_SECONDS * 1000, is_seal_due = now - sealed >= EPOCH_SECONDS * 1000;
		if (core.boot.is_doorless || (!is_tick_due && !is_seal_due))
			continue;
		if (is_trusted && now - erased >= (int64_t)ERASE_SECONDS * 1000 && core_thread(erase, NULL) == OK)
			erased = now;
		struct worker *worker = core_worker();
		struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("system"), .body = -1 }, LANGUAGE_SV);
		if (is_tick_due) {
			tick(&rq);
			ticked = now;
		}
		if (is_seal_due) {
			if (audit_seal_now(&rq, core.seal, NULL) != OK)
				world_log("the log could not be sealed: %s", rq.trouble->text);
			sealed = now;
		}
		core_worker_back(worker);
	}
	return NULL;
}

void core_clock_start(void)
{
	if (core_thread(live, NULL) != OK)
		abort();
}
