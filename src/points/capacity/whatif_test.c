/* Tests of "what if": against a naive count, against the gate's own rule, and how long a million takes. */
#include "floor/fixture.h"
#include "whatif.h"
#include "base/world.h"

static uint32_t seed;
static int64_t below(int64_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (int64_t)((uint64_t)(seed >> 4) * (uint64_t)n >> 28);
}

/* Minute by minute, with nothing clever: the same admissions, asked of the gate's own opinion. */
static void as_the_gate_would(void **state)
{
	struct arena *arena = arena_new((size_t)256 << 20);

	seed = 5;
	for (int round = 0; round < 200; round++) {
		enum { N = 300 };
		struct whatif_session s[N];
		static struct capacity_site site;
		struct taken taken[2] = { 0 };
		struct whatif_gateway gateways[2];
		struct whatif_wish wish = { gateways, 2, { 0, 0, 5, 10, 0 }, 0 };
		struct whatif_result result;
		int in[N], n_in = 0;
		int64_t asked[5] = { 0 }, refused[5] = { 0 }, peak = 0;
		site = (struct capacity_site){ .n = 2, .kept = { 0, 0, 5, 10, 0 } };
		for (int g = 0; g < 2; g++) {
			int32_t places = 5 + (int32_t)below(40);
			site.pool[g] = (struct capacity_pool){ .is_set = true, .places = places, .reserve = 2, .open = places - 2 };
			gateways[g] = (struct whatif_gateway){ places, 2, false };
		}
		for (int i = 0; i < N; i++) {
			int64_t from = below(600) * 60000;
			s[i] = (struct whatif_session){ from, from + 60000 + below(120) * 60000, (uint8_t)(1 + below(4)), (uint8_t)below(2), (uint16_t)(from / 1200000 % WHATIF_BINS) };
		}
		whatif_sort(arena, s, N);
		for (int i = 1; i < N; i++)
			assert_true(s[i - 1].from <= s[i].from);
		for (int i = 0; i < N; i++) {
			int kept = 0;
			for (int k = 0; k < n_in; k++) {
				struct taken *of = &taken[s[in[k]].gateway];
				if (s[in[k]].to > s[i].from) {
					in[kept++] = in[k];
					continue;
				}
				of->n--;
				of->by_class[s[in[k]].class]--;
			}
			n_in = kept;
			struct capacity_slice slice = { .class = s[i].class & 7 };
			struct ask ask = { .at = { s[i].from }, .gateway = s[i].gateway, .taken = taken };
			struct opinion opinion;
			capacity_opinion(&ask, &slice, &site, &opinion);
			asked[s[i].class]++;
			taken[s[i].gateway].is_strained = opinion.is_strained;
			if (opinion.verdict != VERDICT_PASS) {
				refused[s[i].class]++;
				continue;
			}
			taken[s[i].gateway].n++;
			taken[s[i].gateway].by_class[s[i].class]++;
			in[n_in++] = i;
			peak = MAX(peak, (int64_t)n_in);
		}
		whatif_play(arena, s, N, &wish, &result);
		for (int c = 1; c <= 4; c++) {
			assert_int_equal(result.asked[c], asked[c]);
			assert_int_equal(result.refused[c], refused[c]);
		}
		assert_int_equal(result.peak, peak);
		assert_int_equal(result.places, gateways[0].places + gateways[1].places);
		arena_empty(arena);
	}
	arena_end(arena);
}

/* More places refuse nobody more of class 1; a gateway that is gone is used by nobody; percentages add and take the number that they say. */
static void what_changes_and_how(void **state)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct whatif_gateway gateways[2] = { { 60, 3, false }, { 60, 3, false } };
	struct whatif_wish wish = { gateways, 2, { 0, 0, 5, 10, 0 }, 0 };
	int64_t people[5] = { 0, 40, 120, 200, 140 };
	struct whatif_result now, more, lost, crowd, fewer;
	size_t n, again;

	struct whatif_session *s = whatif_fiction(arena, people, gateways, 2, 0, &n), *t = whatif_fiction(arena, people, gateways, 2, 0, &again);
	assert_int_equal(n, 500);
	assert_memory_equal(s, t, n * sizeof s[0]);
	whatif_play(arena, s, n, &wish, &now);
	gateways[0].places = 6000;
	whatif_play(arena, s, n, &wish, &more);
	gateways[0] = (struct whatif_gateway){ 60, 3, true };
	whatif_play(arena, s, n, &wish, &lost);
	gateways[0].is_lost = false;
	wish.more = 40;
	whatif_play(arena, s, n, &wish, &crowd);
	wish.more = -100;
	whatif_play(arena, s, n, &wish, &fewer);
	int64_t all_now = 0, all_more = 0, all_lost = 0, all_crowd = 0, asked = 0;
	for (int c = 1; c <= 4; c++) {
		all_now += now.refused[c];
		all_more += more.refused[c];
		all_lost += lost.refused[c];
		all_crowd += crowd.refused[c];
		asked += crowd.asked[c];
		assert_int_equal(now.asked[c], people[c]);
	}
	assert_true(all_more < all_now && all_now < all_lost && all_now < all_crowd);
	assert_true(lost.peak <= 60 && lost.places == 60 && now.peak <= 120);
	assert_int_equal(asked, 700);
	assert_int_equal(fewer.peak, 0);
	/* The bins hold who is in also while nobody comes: one who stays from 10:05 to 11:30. */
	struct whatif_session alone = { 605 * 60000, 690 * 60000, 3, 0, 30 };
	wish.more = 0;
	whatif_play(arena, &alone, 1, &wish, &fewer);
	for (int b = 0; b < WHATIF_BINS; b++)
		assert_int_equal(fewer.most[b], b >= 30 && b <= 34);
	assert_true(now.full_minutes > 0 && more.full_minutes < now.full_minutes);
	gateways[0].places = -1;
	wish.more = 0;
	whatif_play(arena, s, n, &wish, &more);
	assert_int_equal(more.places, -1);
	gateways[0] = gateways[1] = (struct whatif_gateway){ 60, 3, true };
	whatif_play(arena, s, n, &wish, &lost);
	assert_int_equal(lost.refused[1], people[1]);
	arena_end(arena);
}

/* A million sessions of ten days; the time is told, and held against a bound that is wide here, where sanitizers are on. */
static void a_million(void **state)
{
	struct arena *arena = arena_new((size_t)2 << 30);
	struct whatif_gateway gateways[4] = { { 9000, 450, false }, { 9000, 450, false }, { 9000, 450, false }, { 9000, 450, false } };
	struct whatif_wish wish = { gateways, 4, { 0, 0, 5, 10, 0 }, 40 };
	struct whatif_result result;
	enum { N = 1000000 };
	struct whatif_session *s = NEW_MANY(arena, N, struct whatif_session);

	seed = 1;
	for (size_t i = 0; i < N; i++) {
		int64_t from = below(10) * 86400000 + 25200000 + below(36000000);
		s[i] = (struct whatif_session){ from, from + below(14400000), (uint8_t)(1 + below(4)), (uint8_t)below(4), (uint16_t)(from % 86400000 / 1200000) };
	}
	int64_t began = world.ticks();
	whatif_sort(arena, s, N);
	int64_t sorted = world.ticks();
	whatif_play(arena, s, N, &wish, &result);
	int64_t played = world.ticks();
	printf("what if, 1,000,000 sessions, 40 %% more: sorted in %lld ms, played in %lld ms\n", (long long)(sorted - began), (long long)(played - sorted));
	assert_int_equal(result.asked[1] + result.asked[2] + result.asked[3] + result.asked[4], N / 100 * 140);
	assert_true(played - began < 20000);
	arena_end(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(as_the_gate_would), cmocka_unit_test(what_changes_and_how), cmocka_unit_test(a_million) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
