/* What time brings: each minute the points' tick, every five minutes a seal. Time never makes a state here: rights end by
 * comparison at each verdict; this thread only tells and seals. */
#define LONG_LIVED
#include "core.h"
#include "floor/account.h"
#include "floor/seal_door.h"
#include "base/world.h"

enum { TICK_SECONDS = 60, EPOCH_SECONDS = 300 };

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

static void tick(struct rq *rq)
{
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

static void *live(void *of)
{
	int64_t ticked = world.ticks(), sealed = ticked - (EPOCH_SECONDS - 5) * 1000;
	(void)of;

	for (;;) {
		usleep(500000);
		int64_t now = world.ticks();
		bool is_tick_due = now - ticked >= TICK_SECONDS * 1000, is_seal_due = now - sealed >= EPOCH_SECONDS * 1000;
		if (core.boot.is_doorless || (!is_tick_due && !is_seal_due))
			continue;
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
