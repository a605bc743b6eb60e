/* Whose turn it is: how long somebody has been connected over working days, and the line against a naive one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail
#include "turns.h"

static struct instant at(const char *text)
{
	struct instant ret;
	assert_int_equal(instant_parse_loose(str_of(text), &ret), OK);
	return ret;
}

static void a_working_day_holds_its_weekend(void **state)
{
	/* 2026-03-13 is a Friday. */
	int64_t friday = working_day(at("2026-03-13 09:00"));

	assert_int_equal(working_day(at("2026-03-14")), friday);
	assert_int_equal(working_day(at("2026-03-15 23:59")), friday);
	assert_int_equal(working_day(at("2026-03-16")), friday + 1);
	assert_int_equal(working_day(at("2026-03-12 23:59")), friday - 1);
	assert_int_equal(working_day_before(at("2026-03-16 08:00")).ms, at("2026-03-13").ms);
	assert_int_equal(working_day_before(at("2026-03-17 08:00")).ms, at("2026-03-16").ms);
	assert_int_equal(working_day_before(at("2026-03-15 08:00")).ms, at("2026-03-12").ms);
	assert_int_equal(working_day_before(at("2026-03-14 08:00")).ms, at("2026-03-12").ms);
	assert_int_equal(working_day_before(at("2026-03-13 08:00")).ms, at("2026-03-12").ms);
	/* Over both changes of the clock, and over the years' ends, one by one. */
	struct instant day = at("2026-01-01");
	for (int i = 0; i < 1500; i++) {
		struct instant next = instant_midnight(instant_plus(day, HOURS(36)));
		int weekday = instant_wall(next).weekday;
		assert_int_equal(working_day(next), working_day(day) + (weekday <= 5));
		assert_int_equal(working_day(working_day_before(next)), working_day(next) - 1);
		assert_true(instant_wall(working_day_before(next)).weekday <= 5);
		day = next;
	}
}

static void time_counts_for_two_working_days(void **state)
{
	struct turns *turns = turns_new();

	assert_int_equal(turns_had(turns, 7, at("2026-03-13 10:00")), HAD_NO_TIME);
	turns_add(turns, 7, at("2026-03-13 08:00"), at("2026-03-13 08:19"));
	assert_int_equal(turns_had(turns, 7, at("2026-03-13 10:00")), HAD_NO_TIME);
	/* Piece by piece, as it is told of. */
	for (int i = 0; i < 60; i++)
		turns_add(turns, 7, instant_plus(at("2026-03-13 09:00"), SECONDS(61 * i)), instant_plus(at("2026-03-13 09:00"), SECONDS(61 * (i + 1))));
	assert_int_equal(turns_had(turns, 7, at("2026-03-13 10:30")), HAD_AN_HOUR);
	assert_int_equal(turns_had(turns, 6, at("2026-03-13 10:30")), HAD_NO_TIME);
	assert_int_equal(turns_had(turns, 7, at("2026-03-16 08:00")), HAD_AN_HOUR);
	turns_add(turns, 7, at("2026-03-16 08:00"), at("2026-03-16 10:00"));
	assert_int_equal(turns_had(turns, 7, at("2026-03-16 10:00")), HAD_HOURS);
	/* Told late of the day before; and a moment that lies the wrong way round is nothing. */
	turns_add(turns, 8, at("2026-03-16 08:00"), at("2026-03-16 08:01"));
	turns_add(turns, 8, at("2026-03-13 08:00"), at("2026-03-13 08:30"));
	turns_add(turns, 8, at("2026-03-16 09:00"), at("2026-03-16 08:00"));
	assert_int_equal(turns_had(turns, 8, at("2026-03-16 10:00")), HAD_A_TIME);
	assert_int_equal(turns_had(turns, 7, at("2026-03-17 10:00")), HAD_AN_HOUR);
	assert_int_equal(turns_had(turns, 7, at("2026-03-18 10:00")), HAD_NO_TIME);
	turns_end(turns);
}

enum { PEOPLE = 40, GATEWAYS = 3 };
static struct taken taken[256];

static void the_line_is_the_naive_one(void **state)
{
	struct turns *turns = turns_new();
	struct { int64_t until; int gateway, class, had; } naive[PEOPLE] = { 0 };
	struct instant now = at("2026-03-16 08:00");
	uint64_t chance = 88172645463325252u;

	for (int step = 0; step < 60000; step++) {
		chance ^= chance << 13;
		chance ^= chance >> 7;
		chance ^= chance << 17;
		int person = (int)(chance >> 20 & 0xffff) % PEOPLE, gateway = (int)(chance >> 8 & 0xff) % GATEWAYS, class = 1 + (int)(chance >> 2 & 3);
		now.ms += (int64_t)(chance >> 40 & 0xffff);
		turns_pass(turns, taken, now);
		if (chance >> 60 < 6) {
			turns_wait(turns, taken, person, (int16_t)gateway, (uint8_t)class, now);
			naive[person] = (typeof(naive[0])){ now.ms + TURN_WAITS_MS, gateway, class, turns_had(turns, person, now) };
		} else if (chance >> 60 < 9) {
			turns_come(turns, taken, person);
			naive[person].until = 0;
		} else {
			turns_add(turns, person, now, instant_plus(now, MINUTES(9)));
		}
		int32_t waiting[GATEWAYS][5][HAD_LEVELS] = { 0 };
		for (int i = 0; i < PEOPLE; i++)
			if (naive[i].until > now.ms)
				waiting[naive[i].gateway][naive[i].class][naive[i].had]++;
		for (int i = 0; i < GATEWAYS; i++)
			assert_memory_equal(waiting[i], taken[i].waiting, sizeof waiting[i]);
	}
	turns_end(turns);
}

/* More than the line holds: the first leave it; and a clock that goes back keeps nobody standing. */
static void a_full_line_forgets_its_first(void **state)
{
	struct turns *turns = turns_new();
	struct instant now = at("2026-03-16 08:00");

	memset(taken, 0, sizeof taken);
	for (int32_t i = 0; i < TURNS_IN_LINE + 100; i++)
		turns_wait(turns, taken, i, 5, 3, now);
	assert_int_equal(taken[5].waiting[3][HAD_NO_TIME], TURNS_IN_LINE);
	turns_come(turns, taken, 50);
	assert_int_equal(taken[5].waiting[3][HAD_NO_TIME], TURNS_IN_LINE);
	turns_come(turns, taken, 150);
	assert_int_equal(taken[5].waiting[3][HAD_NO_TIME], TURNS_IN_LINE - 1);
	turns_pass(turns, taken, instant_plus(now, DAYS(-1)));
	assert_int_equal(taken[5].waiting[3][HAD_NO_TIME], 0);
	turns_wait(turns, taken, -1, 5, 3, now);
	turns_wait(turns, taken, INT64_MAX, 5, 3, now);
	assert_int_equal(taken[5].waiting[3][HAD_NO_TIME], 0);
	turns_end(turns);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_working_day_holds_its_weekend), cmocka_unit_test(time_counts_for_two_working_days),
		cmocka_unit_test(the_line_is_the_naive_one), cmocka_unit_test(a_full_line_forgets_its_first) };

	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
