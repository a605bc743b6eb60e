/* Tests of point 6: the peak against a naive count, and how the question stands. */
#include "floor/fixture.h"
#include "capacity.h"
#include "floor/gateway.sql.h"
#include "floor/session.sql.h"
#include "floor/setting.h"

static void peak_is_the_naive_one(void **state)
{
	struct arena *arena = arena_new(16 << 20);
	uint32_t seed = 7;

	for (int round = 0; round < 300; round++) {
		struct capacity_stay stay[30];
		size_t n = round % 30, most = 0;
		struct instant at = { -1 }, first = { -1 };
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			stay[i].from.ms = seed >> 8 & 31;
			stay[i].to.ms = stay[i].from.ms + (seed >> 16 & 15) - 2;
		}
		for (int64_t ms = 0; ms < 64; ms++) {
			size_t there = 0;
			for (size_t i = 0; i < n; i++)
				there += stay[i].from.ms <= ms && ms < stay[i].to.ms;
			if (there > most) {
				most = there;
				first.ms = ms;
			}
		}
		assert_int_equal(capacity_peak(arena, stay, n, &at), most);
		assert_int_equal(at.ms, first.ms);
		arena_empty(arena);
	}
	arena_end(arena);
}

static void figures_live_on_sessions(void **state)
{
	struct fixture *f = fixture_new();
	struct figures figures = { 0 };

	setting_know(capacity_settings);
	assert_int_equal(capacity_figures(&f->rq, &figures), OK);
	assert_int_equal(figures.state, STATE_UNKNOWN);
	struct change *change = fixture_begin(f, "test.sessions");
	assert_int_equal(gateway_add(change, 0, STR("vpn1"), false, STR("")), OK);
	for (int64_t i = 0; i < 10; i++) {
		struct instant began = { f->rq.now.ms - HOURS(4).ms + MINUTES(i).ms };
		assert_int_equal(session_offer(change, &(struct session_offer_args){ .id = 100 + i, .person = { true, i }, .gateway = 0, .offered_at = began,
			.until = instant_plus(began, HOURS(12)), .nas_session = STR(""), .calling = STR("") }), OK);
		assert_int_equal(session_open(change, began, STR("s"), 100 + i), OK);
		if (i < 7)
			assert_int_equal(session_close(change, instant_plus(began, HOURS(1)), 1, 100 + i), OK);
	}
	fixture_commit(f);
	assert_int_equal(capacity_figures(&f->rq, &figures), OK);
	assert_int_equal(figures.state, STATE_UNKNOWN);
	assert_true(str_starts(figures.sentence, STR("3 are connected now. At most 10 at a time")));
	static const struct { const char *places; enum state state; } expected[] = { { "10", STATE_FAILING }, { "11", STATE_NEEDS_ACTION },
		{ "12", STATE_IN_ORDER } };
	for (size_t i = 0; i < LENGTH(expected); i++) {
		change = fixture_begin(f, "settings.set");
		assert_int_equal(setting_set(change, STR("capacity.places"), str_of(expected[i].places)), OK);
		fixture_commit(f);
		figures = (struct figures){ 0 };
		assert_int_equal(capacity_figures(&f->rq, &figures), OK);
		assert_int_equal(figures.state, expected[i].state);
	}
	f->rq.now.ms += DAYS(3).ms;
	assert_int_equal(capacity_figures(&f->rq, &figures), OK);
	assert_int_equal(figures.state, STATE_IN_ORDER);
	assert_true(str_starts(figures.sentence, STR("0 are connected now. Nobody")));
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(peak_is_the_naive_one), cmocka_unit_test(figures_live_on_sessions) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
