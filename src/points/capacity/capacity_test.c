/* Tests of point 6: the peak against a naive count, and how the question stands. */
#include "floor/fixture.h"
#include "capacity.h"
#include "fetch.h"
#include "floor/gateway.sql.h"
#include "floor/refusal.h"
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

/* K1 and K2, by hand. */
static void a_pool_is_its_smallest_limit(void **state)
{
	static const struct { struct capacity_limits limits; int32_t places, reserve; enum capacity_bound bound; } expected[] = {
		{ { .licence = { false, 0 } }, 0, 0, BOUND_NONE },
		{ { .licence = { true, 500 } }, 500, 25, BOUND_LICENCE },
		{ { .licence = { true, 500 }, .addresses = { true, 254 } }, 254, 13, BOUND_ADDRESSES },
		{ { .licence = { true, 500 }, .tested = { true, 120 } }, 120, 6, BOUND_TESTED },
		{ { .throughput = { true, 1000000 }, .share = { true, 2330 } }, 429, 22, BOUND_THROUGHPUT },
		{ { .throughput = { true, 1000000 } }, 0, 0, BOUND_NONE },
		{ { .logins = { true, 4 }, .licence = { true, 100 } }, 60, 5, BOUND_LOGINS },
		{ { .licence = { true, 100 }, .reduced = { true, 30 } }, 30, 5, BOUND_REDUCED },
		{ { .licence = { true, 20 } }, 20, 5, BOUND_LICENCE }, { { .licence = { true, 19 } }, 19, 4, BOUND_LICENCE },
		{ { .licence = { true, 4 } }, 4, 1, BOUND_LICENCE }, { { .licence = { true, 3 } }, 3, 0, BOUND_LICENCE },
		{ { .licence = { true, 0 } }, 0, 0, BOUND_LICENCE }, { { .licence = { true, 101 } }, 101, 6, BOUND_LICENCE },
	};

	for (size_t i = 0; i < LENGTH(expected); i++) {
		struct capacity_pool pool = capacity_pool_of(&expected[i].limits, 15);
		assert_int_equal(pool.places, expected[i].places);
		assert_int_equal(pool.reserve, expected[i].reserve);
		assert_int_equal(pool.open, expected[i].places - expected[i].reserve);
		assert_int_equal(pool.bound, expected[i].bound);
		assert_int_equal(pool.is_set, expected[i].bound != BOUND_NONE);
	}
}

/* The states at their edges; reduced stands before strained, full before all. */
static void a_pool_says_how_full_it_is(void **state)
{
	struct capacity_pool pool = { .is_set = true, .places = 105, .open = 100, .reserve = 5 }, unset = { .is_set = false };
	static const struct { int64_t taken; enum capacity_state state, reduced; } expected[] = { { 0, POOL_NORMAL, POOL_REDUCED }, { 79, POOL_NORMAL, POOL_REDUCED },
		{ 80, POOL_STRAINED, POOL_REDUCED }, { 99, POOL_STRAINED, POOL_REDUCED }, { 100, POOL_FULL, POOL_FULL }, { 105, POOL_FULL, POOL_FULL } };

	for (size_t i = 0; i < LENGTH(expected); i++) {
		pool.is_reduced = false;
		assert_int_equal(capacity_state_of(&pool, expected[i].taken), expected[i].state);
		pool.is_reduced = true;
		assert_int_equal(capacity_state_of(&pool, expected[i].taken), expected[i].reduced);
	}
	assert_int_equal(capacity_state_of(&unset, 1000), POOL_UNSET);
	/* Nothing can be had of it. */
	assert_int_equal(capacity_state_of(&(struct capacity_pool){ .is_set = true }, 0), POOL_FULL);
}

static struct opinion opine(const struct capacity_site *site, const struct taken *taken, struct capacity_slice slice)
{
	struct opinion ret;
	struct ask ask = { .person = 3, .at = { 60000 * 1000 }, .gateway = 0, .taken = taken };

	capacity_opinion(&ask, &slice, site, &ret);
	return ret;
}

/* What holds for every pool and every count: nobody above the limit; who may in before whom; the critical one as long as there is a place and a
 * lower class is in; the reserve's people as long as there is a place at all. */
static void nobody_passes_those_before(void **state)
{
	static struct capacity_site site;
	uint32_t seed = 11;
	int passes = 0;

	site = (struct capacity_site){ .n = 1, .kept = { 0, 0, 5, 10, 0 } };
	for (int round = 0; round < 200000; round++) {
		struct taken taken = { 0 };
		struct opinion by[6];
		seed = seed * 1664525 + 1013904223;
		site.pool[0] = capacity_pool_of(&(struct capacity_limits){ .licence = { true, seed >> 8 & 127 } }, 15);
		for (int class = 0; class <= 4; class++) {
			seed = seed * 1664525 + 1013904223;
			taken.n += taken.by_class[class] = (int32_t)(seed >> 8) % (site.pool[0].places / 3 + 1);
		}
		taken.of_reserve = taken.by_class[3] / 2;
		taken.is_strained = seed >> 30 & 1;
		for (uint8_t class = 1; class <= 4; class++)
			by[class] = opine(&site, &taken, (struct capacity_slice){ .class = class });
		by[5] = opine(&site, &taken, (struct capacity_slice){ .class = 3, .is_reserve = 1 });
		bool is_free = taken.n < site.pool[0].places;
		for (int i = 1; i <= 5; i++) {
			assert_true(by[i].verdict != VERDICT_SILENT);
			assert_true((by[i].verdict == VERDICT_PASS) == (by[i].reason == NULL));
			assert_true(is_free || by[i].verdict != VERDICT_PASS);
			assert_true(by[i].verdict != VERDICT_WAIT || by[i].until.ms > 60000 * 1000);
			passes += by[i].verdict == VERDICT_PASS;
		}
		for (int class = 1; class < 4; class++)
			assert_true(by[class].verdict <= by[class + 1].verdict);
		assert_int_equal(by[5].verdict == VERDICT_PASS, is_free);
		if (is_free && taken.by_class[2] + taken.by_class[4] > 0)
			assert_int_equal(by[1].verdict, VERDICT_PASS);
	}
	assert_true(passes > 10000);
}

/* Who had less goes first inside a class: with whoever stands in line, more time never helps, a lower class never passes a higher, nobody comes above
 * the limit; and each place that comes free goes to somebody. */
static void who_had_less_goes_first(void **state)
{
	static struct capacity_site site;
	uint32_t seed = 5;
	int turned = 0;

	site = (struct capacity_site){ .n = 1, .kept = { 0, 0, 5, 10, 10 } };
	for (int round = 0; round < 100000; round++) {
		struct taken taken = { 0 };
		enum verdict by[5][HAD_LEVELS];
		seed = seed * 1664525 + 1013904223;
		site.pool[0] = capacity_pool_of(&(struct capacity_limits){ .licence = { true, seed >> 8 & 63 } }, 15);
		for (int class = 0; class <= 4; class++) {
			seed = seed * 1664525 + 1013904223;
			taken.n += taken.by_class[class] = (int32_t)(seed >> 8) % (site.pool[0].places / 4 + 1);
			for (int had = 0; had < HAD_LEVELS; had++)
				taken.waiting[class][had] = (int32_t)(seed >> (5 * had) & 15) % 4;
		}
		for (uint8_t class = 1; class <= 4; class++)
			for (uint8_t had = 0; had < HAD_LEVELS; had++) {
				struct capacity_slice slice = { .class = class & 7 };
				struct ask ask = { .person = 3, .at = { 60000 * 1000 }, .gateway = 0, .taken = &taken, .had = had };
				struct opinion ret;
				capacity_opinion(&ask, &slice, &site, &ret);
				by[class][had] = ret.verdict;
				turned += ret.reason == &capacity_turn;
				assert_true(ret.reason != &capacity_turn || (class > 1 && had > 0));
				assert_true(ret.verdict != VERDICT_PASS || taken.n < site.pool[0].places);
				assert_int_equal(ret.waits, ret.verdict == VERDICT_WAIT);
				if (had)
					assert_true(by[class][had - 1] <= ret.verdict);
				if (class > 1)
					assert_true(by[class - 1][had] <= ret.verdict);
			}
		/* Nobody stands before the first in line of the highest class that waits. */
		if (taken.n + 4 < site.pool[0].open)
			assert_int_equal(by[1][HAD_HOURS], VERDICT_PASS);
	}
	assert_true(turned > 1000);
}

/* K6: those who are turned away together do not come back together: a thousand of them within eleven minutes, as many each minute, five minutes off at least. */
static void nobody_comes_back_at_once(void **state)
{
	static struct capacity_site site;
	struct taken taken = { .n = 10, .by_class = { [3] = 10 } };
	struct capacity_slice slice = { .class = 3 };
	int by_minute[16] = { 0 };

	site = (struct capacity_site){ .n = 1 };
	site.pool[0] = (struct capacity_pool){ .is_set = true, .places = 10, .open = 10 };
	for (int64_t person = 0; person < 1100; person++) {
		struct ask ask = { .person = person, .at = { 1000 * HOURS(1).ms + 30000 }, .taken = &taken };
		struct opinion ret;
		capacity_opinion(&ask, &slice, &site, &ret);
		assert_int_equal(ret.verdict, VERDICT_WAIT);
		int64_t minutes = (ret.until.ms - 1000 * HOURS(1).ms) / MINUTES(1).ms;
		assert_true(minutes >= 5 && minutes <= 15);
		by_minute[minutes]++;
	}
	for (int minute = 5; minute <= 15; minute++)
		assert_int_equal(by_minute[minute], 100);
}

static void class_4_comes_back_at_seventy(void **state)
{
	static struct capacity_site site;
	struct taken taken = { 0 };
	bool let_in[101];

	site = (struct capacity_site){ .n = 1, .kept = { 0, 0, 5, 10, 0 } };
	site.pool[0] = (struct capacity_pool){ .is_set = true, .places = 100, .open = 100 };
	for (taken.n = 0; taken.n <= 100; taken.n++) {
		struct opinion opinion = opine(&site, &taken, (struct capacity_slice){ .class = 4 });
		taken.is_strained = opinion.is_strained;
		let_in[taken.n] = opinion.verdict == VERDICT_PASS;
	}
	assert_true(let_in[79] && !let_in[80] && !let_in[100]);
	for (taken.n = 100; taken.n >= 0; taken.n--) {
		struct opinion opinion = opine(&site, &taken, (struct capacity_slice){ .class = 4 });
		taken.is_strained = opinion.is_strained;
		assert_int_equal(opinion.verdict == VERDICT_PASS, taken.n < 70);
		assert_true(opinion.verdict == VERDICT_PASS || taken.n == 100 || opinion.reason == &capacity_local);
	}
}

/* Without a count it says nothing; of no gateway in particular it tells of the best, and nothing while one has no limit. */
static void what_is_not_known_is_not_said(void **state)
{
	static struct capacity_site site;
	struct taken taken[2] = { { .n = 4, .by_class = { [3] = 4 } }, { .n = 1, .by_class = { [3] = 1 } } };
	struct capacity_slice slice = { .class = 3, .unit = 7 };
	struct ask ask = { .gateway = 0 };
	struct opinion ret;

	site = (struct capacity_site){ .n = 2, .n_units = 1 };
	site.instead[0].unit = 7;
	strncpy(site.instead[0].text, "Work locally.", CAPACITY_INSTEAD);
	site.pool[0] = capacity_pool_of(&(struct capacity_limits){ .licence = { true, 5 } }, 15);
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_SILENT);
	ask.taken = taken;
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_WAIT);
	assert_string_equal(ret.reason->code, "capacity.full");
	assert_string_equal(ret.instead, "Work locally.");
	ask.gateway = 1;
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_SILENT);
	ask.gateway = -1;
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_SILENT);
	site.pool[1] = site.pool[0];
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_PASS);
	taken[1] = taken[0];
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_WAIT);
}

/* Booked places: held for those who are not in yet, for ten minutes; the one who has booked gets one whatever is kept for others. */
static void a_booked_place_is_held(void **state)
{
	static struct capacity_site site;
	struct taken taken = { .n = 7, .by_class = { [3] = 7 } };
	struct instant begins = { (int64_t)1000 * SLOT_MS };
	struct capacity_slice plain = { .class = 3 }, booked = { .class = 4, .held = 1, .booked = { booked_of(1000, 0, 1) } };
	struct ask ask = { .at = begins, .gateway = 0, .taken = &taken };
	struct opinion ret;

	site = (struct capacity_site){ .n = 1, .n_slots = 1 };
	site.pool[0] = (struct capacity_pool){ .is_set = true, .places = 10, .open = 10 };
	site.slot[0].slot = 1000;
	site.slot[0].n = 3;
	capacity_opinion(&ask, &plain, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_WAIT);
	capacity_opinion(&ask, &booked, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_PASS);
	assert_int_equal(ret.slot, 1000);
	assert_int_equal(ret.until.ms, begins.ms + SLOT_MS);
	/* One of the three is in: one place is left over. */
	taken = (struct taken){ .n = 7, .by_class = { [3] = 7 }, .booked = 1 };
	capacity_opinion(&ask, &plain, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_PASS);
	taken.booked = 0;
	ask.at.ms = begins.ms + SLOT_GRACE_MS - 1;
	capacity_opinion(&ask, &plain, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_WAIT);
	ask.at.ms++;
	capacity_opinion(&ask, &plain, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_PASS);
	/* Full is full, also for who has booked; and before the time the wait is until it. */
	taken.n = 10;
	capacity_opinion(&ask, &booked, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_WAIT);
	ask.at.ms = begins.ms - 1;
	capacity_opinion(&ask, &booked, &site, &ret);
	assert_ptr_equal(ret.reason, &capacity_full_until_slot);
	assert_int_equal(ret.until.ms, begins.ms);
}

/* What a list may weigh is what one session carries in 20 minutes; how long it takes follows from its size. */
static void a_list_fits_in_a_booked_time(void **state)
{
	const struct capacity_limits unknown = { .licence = { true, 500 } }, share = { .throughput = { true, 1000000 }, .share = { true, 2330 } },
		narrow = { .throughput = { true, 1000 }, .share = { true, 1 } };

	assert_int_equal(fetch_most(&unknown, 350), 350);
	assert_int_equal(fetch_most(&share, 350), 349);
	assert_int_equal(fetch_most(&share, 100), 100);
	assert_int_equal(fetch_most(&narrow, 350), 1);
	for (int64_t mb = 1; mb <= 349; mb++) {
		struct span time = fetch_time(&share, 350, mb);
		assert_true(time.ms >= MINUTES(5).ms && time.ms <= SLOT_MS);
		/* Enough for its size at the rate that is planned for one session. */
		assert_true(time.ms * 2330 / 1000 + 2330 >= mb * 8000 - 8000);
	}
	assert_int_equal(fetch_time(&share, 350, 349).ms, SLOT_MS);
	assert_int_equal(fetch_time(&narrow, 350, 1000).ms, SLOT_MS);
}

static void a_list_is_what_its_moments_say(void **state)
{
	struct instant now = { DAYS(20000).ms };
	struct capacity_fetch_of_row row = { .erase_at = { now.ms + 1000 } };

	assert_int_equal(fetch_state_of(&row, now), FETCH_ORDERED);
	row.began_at = (struct maybe_int){ true, now.ms - 10 };
	row.until = (struct maybe_int){ true, now.ms + 1 };
	assert_int_equal(fetch_state_of(&row, now), FETCH_NOW);
	row.until.i--;
	assert_int_equal(fetch_state_of(&row, now), FETCH_TOO_LONG);
	row.over_at = (struct maybe_int){ true, now.ms };
	assert_int_equal(fetch_state_of(&row, now), FETCH_GIVEN_UP);
	row.is_fetched = true;
	assert_int_equal(fetch_state_of(&row, now), FETCH_HERE);
	row.erase_at = now;
	assert_int_equal(fetch_state_of(&row, now), FETCH_LATE);
	row.erased_at = (struct maybe_int){ true, now.ms };
	assert_int_equal(fetch_state_of(&row, now), FETCH_ERASED);
}

/* What must be seen on the page: a gateway that has fallen silent, one whose list cannot be read, a store that is gone; and the reserve that is not there, in red. */
static void the_page_says_what_is_wrong(void **state)
{
	struct fixture *f = fixture_new();
	struct answer answer = { .body = out_new(f->arena) };
	struct visit visit = { .form_token = STR("t") };
	struct instant began = { f->rq.now.ms - HOURS(2).ms };

	setting_know(capacity_settings);
	struct change *change = fixture_begin(f, "test.sessions");
	assert_int_equal(gateway_add(change, 0, STR("vpn1"), false, STR("")), OK);
	for (int64_t i = 0; i < 2; i++) {
		assert_int_equal(session_offer(change, &(struct session_offer_args){ .id = 100 + i, .person = { true, i }, .gateway = 0, .offered_at = began,
			.until = instant_plus(began, HOURS(12)), .nas_session = STR(""), .calling = STR("") }), OK);
		assert_int_equal(session_open(change, began, STR("s"), 100 + i), OK);
		assert_int_equal(session_count_up(&f->rq, 100 + i, (struct instant){ f->rq.now.ms - MINUTES(14 + i).ms }, 0, 0), OK);
	}
	fixture_commit(f);
	change = fixture_begin(f, "capacity.limit");
	assert_int_equal(capacity_limit_set(change, &(struct capacity_limit_set_args){ .gateway = 0, .licence = { true, 3 }, .changed_at = began }), OK);
	fixture_commit(f);
	assert_int_equal(capacity_get(&f->rq, &visit, &answer), OK);
	const char *page = str_c(f->arena, out_str(&answer.body));
	assert_non_null(strstr(page, "<b class=\"state fail\">None</b>"));
	assert_null(strstr(page, "has told nothing since"));
	assert_null(strstr(page, "could not be written down"));
	f->rq.now = instant_plus(f->rq.now, MINUTES(5));
	assert_int_equal(gateway_contact_lost(&f->rq, 0, f->rq.now), OK);
	outage_note(f->rq.now, true);
	outage_note(f->rq.now, false);
	answer = (struct answer){ .body = out_new(f->arena) };
	assert_int_equal(capacity_get(&f->rq, &visit, &answer), OK);
	page = str_c(f->arena, out_str(&answer.body));
	assert_non_null(strstr(page, "vpn1 has told nothing since"));
	assert_non_null(strstr(page, "2 sessions there count until their end"));
	assert_non_null(strstr(page, "The list of who is in at vpn1 cannot be read since"));
	assert_non_null(strstr(page, "log-ins cannot be written down. By decision 1 of classes 1 and 2 were let in, for 15 minutes each; 1 had to wait."));
	outage_over(f->rq.now);
	answer = (struct answer){ .body = out_new(f->arena) };
	assert_int_equal(capacity_get(&f->rq, &visit, &answer), OK);
	assert_non_null(strstr(str_c(f->arena, out_str(&answer.body)), "log-ins could not be written down."));
	fixture_end(f);
}

/* Who is in asks once more: whatever has come since, the place is hers to the end that it was given; not after it, and not where nobody may be. */
static void a_renewal_is_no_arrival(void **state)
{
	static struct capacity_site site;
	struct taken taken = { .n = 9, .by_class = { [1] = 5, [2] = 4 } };
	struct capacity_slice slice = { .class = 4 };
	struct ask ask = { .at = { 1000000 }, .gateway = 0, .taken = &taken };
	struct opinion ret;

	site = (struct capacity_site){ .n = 1, .kept = { 0, 0, 5, 10, 0 } };
	site.pool[0] = (struct capacity_pool){ .is_set = true, .places = 10, .open = 10 };
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_WAIT);
	ask.kept_until.ms = 2000000;
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_PASS);
	assert_int_equal(ret.until.ms, 2000000);
	ask.at = ask.kept_until;
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_WAIT);
	ask.at.ms = 1000000;
	site.pool[0] = (struct capacity_pool){ .is_set = true };
	capacity_opinion(&ask, &slice, &site, &ret);
	assert_int_equal(ret.verdict, VERDICT_DENY);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_booked_place_is_held), cmocka_unit_test(peak_is_the_naive_one), cmocka_unit_test(figures_live_on_sessions),
		cmocka_unit_test(a_pool_is_its_smallest_limit), cmocka_unit_test(nobody_passes_those_before), cmocka_unit_test(who_had_less_goes_first), cmocka_unit_test(the_page_says_what_is_wrong), cmocka_unit_test(a_pool_says_how_full_it_is), cmocka_unit_test(nobody_comes_back_at_once),
		cmocka_unit_test(a_list_fits_in_a_booked_time), cmocka_unit_test(a_list_is_what_its_moments_say),
		cmocka_unit_test(a_renewal_is_no_arrival), cmocka_unit_test(class_4_comes_back_at_seventy), cmocka_unit_test(what_is_not_known_is_not_said) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
