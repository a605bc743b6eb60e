/* How fast is a verdict, and how long does it take to read everyone? In one process, on a home's own store, read only.
 *
 *   verdict HOME        prints JSON: persons, load_seconds, bytes_a_person, verdicts_a_second (one core, persons in random order) */
#include "gate.h"
#include "floor/event.h"
#include "floor/reading.h"
#include "floor/setting.h"
#include "base/world.h"

/* No reader process runs beside a bench. */
enum err reading_ask(struct rq *rq, enum read_kind what, int file, struct reading *ret)
{
	(void)what;
	(void)file;
	(void)ret;
	return fail(rq, ERR_BUSY, "no reader");
}

int main(int argc, char **argv)
{
	static char path[400];
	struct trouble trouble = { 0 };
	struct actor actor = { .person = -1, .name = STR("bench"), .body = -1 };
	struct arena *arena = arena_new((size_t)2 << 30);
	struct rq rq = { .arena = arena, .actor = &actor, .now = world.now(), .trouble = &trouble };
	struct standing *standing;
	static struct taken taken[256];        /* as the gate hands its count over: nobody is in */
	enum { N = 4000000 };

	when_start();
	if (argc != 2) {
		fprintf(stderr, "verdict HOME\n");
		return 2;
	}
	snprintf(path, sizeof path, "%s/store/samordna.db", argv[1]);
	for (size_t i = 0; points[i]; i++)
		setting_know(points[i]->settings);
	int64_t began = world.ticks();
	if (store_open(&(struct store_place){ .at = path }, false, &trouble, &rq.store) != OK || gate_load(&rq, &standing) != OK) {
		fprintf(stderr, "verdict: %s\n", trouble.text);
		return 1;
	}
	int64_t loaded = world.ticks();
	int64_t n = standing_count(standing), passes = 0;
	uint64_t chance = 88172645463325252u;
	for (int i = 0; i < N && n; i++) {
		struct gate_verdict verdict;
		chance ^= chance << 13;
		chance ^= chance >> 7;
		chance ^= chance << 17;
		gate_judge(standing, &(struct ask){ .person = (int64_t)(chance % (uint64_t)n), .at = rq.now, .gateway = 0, .taken = taken }, &verdict);
		passes += verdict.verdict == VERDICT_PASS;
	}
	int64_t judged = MAX(world.ticks() - loaded, (int64_t)1);
	printf("{\"persons\":%lld,\"load_seconds\":%.2f,\"bytes_a_person\":%.0f,\"verdicts_a_second\":%lld,\"passes\":%lld}\n", (long long)n,
	       (double)(loaded - began) / 1000, n ? (double)standing_bytes(standing) / (double)n : 0, (long long)N * 1000 / judged, (long long)passes);
	standing_end(standing);
	store_close(rq.store);
	arena_end(arena);
	return 0;
}
