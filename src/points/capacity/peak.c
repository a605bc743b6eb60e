/* The most that were connected at one moment: a sweep over beginnings and ends.
 *
 * Pure: stays in, a number out. At one moment an end comes before a beginning, so two sessions that follow each other on
 * one place count as one. n log n. */
#include "capacity.h"

static int by_ms(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

size_t capacity_peak(struct arena *arena, const struct capacity_stay *stay, size_t n, struct instant *ret_at)
{
	int64_t *from = NEW_MANY(arena, n + 1, int64_t), *to = NEW_MANY(arena, n + 1, int64_t);
	size_t real = 0, ended = 0, most = 0;

	for (size_t i = 0; i < n; i++)
		if (instant_is_before(stay[i].from, stay[i].to)) {
			from[real] = stay[i].from.ms;
			to[real++] = stay[i].to.ms;
		}
	qsort(from, real, sizeof from[0], by_ms);
	qsort(to, real, sizeof to[0], by_ms);
	for (size_t begun = 0; begun < real; begun++) {
		while (to[ended] <= from[begun])
			ended++;
		if (begun + 1 - ended > most) {
			most = begun + 1 - ended;
			ret_at->ms = from[begun];
		}
	}
	return most;
}
