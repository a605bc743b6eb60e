/* Base: text, arena, escaping, moments across both clock changes, messages. */
#include "base/channel.h"
#include "base/trouble.h"
#include "base/world.h"
#include <setjmp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/address.h"
#include <arpa/inet.h>

static struct instant at(const char *text)
{
	struct instant ret = { 0 };
	assert_int_equal(instant_parse_loose(str_of(text), &ret), OK);
	return ret;
}

static void expect_at(struct instant got, const char *want)
{
	struct arena *arena = arena_new(4096);
	struct out out = out_new(arena);
	out_instant(&out, got);
	out_byte(&out, '\0');
	assert_string_equal(out.at, want);
	arena_end(arena);
}

static void numbers_take_digits_only(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "+1", "-1", " 1", "1 ", "0x1", "1.0", "99999999999999999999", "11" };
	int64_t n = 77;

	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_int_equal(str_number(str_of(bad[i]), 10, &n), ERR_INVALID);
	assert_int_equal(n, 77);
	assert_int_equal(str_number(STR("0010"), 10, &n), OK);
	assert_int_equal(n, 10);
}

static void utf8_is_checked_and_cut_between_characters(void **state)
{
	(void)state;
	assert_true(str_is_utf8(STR("räksmörgås €😀")));
	static const char *const bad[] = { "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xc3", "\xe2\x82" };
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_false(str_is_utf8(str_of(bad[i])));
	assert_true(str_equal(str_utf8_first(STR("aö"), 2), STR("a")));
	assert_true(str_equal(str_utf8_first(STR("aö"), 3), STR("aö")));
}

static bool is_too_much(struct arena *arena, size_t size, size_t n)
{
	ARENA_GUARD(arena)
		return true;
	if (n > 2)
		arena_take_many(arena, n, size);
	for (size_t i = 0; i < n; i++)
		arena_take(arena, size);
	return false;
}

static void end_well(void)
{
	_exit(7);
}

static void arena_past_its_ceiling_returns_to_the_guard(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1000);

	assert_true(is_too_much(arena, 600, 2));
	arena_empty(arena);
	assert_true(is_too_much(arena, 8, SIZE_MAX / 2));
	arena_empty(arena);
	assert_false(is_too_much(arena, 600, 1));
	/* Whoever guarded is gone: nobody is come back to, the program ends. */
	arena_no_memory = end_well;
	pid_t child = fork();
	if (child == 0) {
		arena_take(arena, 600);
		_exit(1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	arena_no_memory = NULL;
	arena_end(arena);
}

static void writers_escape_for_their_place(void **state)
{
	(void)state;
	struct arena *arena = arena_new(65536);
	struct out out = out_new(arena);

	out_html(&out, STR("<a href=\"x\">'&"));
	assert_true(str_equal(out_str(&out), STR("&lt;a href=&quot;x&quot;&gt;&#39;&amp;")));
	out = out_new(arena);
	out_json(&out, STR("å\"\\\n\x01\xff€"));
	assert_true(str_equal(out_str(&out), STR("\"å\\\"\\\\\\n\\u0001\xef\xbf\xbd€\"")));
	out = out_new(arena);
	out_csv(&out, STR("=1+1"));
	assert_true(str_equal(out_str(&out), STR("\"'=1+1\"")));
	out = out_new(arena);
	out_int(&out, INT64_MIN);
	assert_true(str_equal(out_str(&out), STR("-9223372036854775808")));
	out = out_new(arena);
	out_base64(&out, "ab", 2);
	assert_true(str_equal(out_str(&out), STR("YWI=")));
	arena_end(arena);
}

static void hours_elapse_across_both_clock_changes(void **state)
{
	(void)state;
	expect_at(instant_plus(at("2026-10-24T12:00:00+02:00"), HOURS(24)), "2026-10-25T11:00:00+01:00");
	expect_at(instant_plus(at("2027-03-27T12:00:00+01:00"), HOURS(24)), "2027-03-28T13:00:00+02:00");
}

static void a_time_that_comes_twice_is_the_earlier_and_a_gap_keeps_the_offset_before(void **state)
{
	(void)state;
	expect_at(at("2026-10-25 02:30"), "2026-10-25T02:30:00+02:00");
	expect_at(at("2027-03-28 02:30"), "2027-03-28T03:30:00+02:00");
	expect_at(at("2027-03-28"), "2027-03-28T00:00:00+01:00");
}

static void months_are_calendar_months_clamped(void **state)
{
	(void)state;
	expect_at(instant_plus_months(at("2027-01-31 10:00"), 1), "2027-02-28T10:00:00+01:00");
	expect_at(instant_plus_months(at("2028-01-31 10:00"), 1), "2028-02-29T10:00:00+01:00");
	expect_at(instant_plus_months(at("2026-09-25 02:30"), 1), "2026-10-25T02:30:00+02:00");
	expect_at(instant_plus_months(at("2026-03-31 10:00"), -1), "2026-02-28T10:00:00+01:00");
	expect_at(instant_plus_months(at("2026-11-30 10:00"), 2), "2027-01-30T10:00:00+01:00");
}

static void moments_that_do_not_exist_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
		"2026-01-01T00:00:00", "2026-1-1T00:00:00Z", "2026-01-01T00:00:00+25:00", "2026-01-01T00:00:00Zx", "" };
	struct instant ret;
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_int_equal(instant_parse(str_of(bad[i]), &ret), ERR_INVALID);
	assert_int_equal(instant_parse(STR("1969-12-31T23:59:59.500Z"), &ret), OK);
	assert_int_equal(ret.ms, -500);
}

static void every_hour_of_two_years_goes_to_the_wall_and_back(void **state)
{
	(void)state;
	for (struct instant t = at("2026-01-01"); instant_is_before(t, at("2028-01-01")); t = instant_plus(t, MINUTES(30))) {
		struct instant back;
		assert_int_equal(wall_instant(instant_wall(t), &back), OK);
		/* only the second coming of an hour may come back as the first */
		assert_true(back.ms == t.ms || back.ms == t.ms - 3600 * 1000);
	}
	assert_int_equal(wall_week(instant_wall(at("2026-11-23"))), 48);
	assert_int_equal(wall_week(instant_wall(at("2027-01-01"))), 53);
	assert_int_equal(wall_week(instant_wall(at("2025-12-29"))), 1);
}

static void messages_arrive_whole_with_their_files(void **state)
{
	(void)state;
	static char room[CHANNEL_MOST];
	int pair[2], file = channel_file("hej", 3);
	struct parcel got;
	struct arena *arena = arena_new(1000);
	struct str text;

	assert_int_equal(channel_pair(pair), OK);
	assert_int_equal(channel_send(pair[0], (struct message){ .kind = 7, .serial = 9 }, "abc", 3, &file, 1), OK);
	assert_int_equal(channel_receive(pair[1], room, &got), OK);
	assert_int_equal(got.length, sizeof (struct message) + 3);
	assert_int_equal(got.n_files, 1);
	assert_int_equal(channel_file_read(arena, got.files[0], 100, &text), OK);
	assert_true(str_equal(text, STR("hej")));
	assert_int_equal(channel_file_read(arena, got.files[0], 2, &text), ERR_FULL);
	assert_int_equal((int)write(got.files[0], "x", 1), -1);
	assert_int_equal(send(pair[0], "short", 5, 0), 5);
	assert_int_equal(channel_receive(pair[1], room, &got), ERR_INVALID);
	close(pair[0]);
	assert_int_equal(channel_receive(pair[1], room, &got), ERR_NONE);
	close(pair[1]);
	close(file);
	arena_end(arena);
}

static void a_jump_of_the_clock_is_doubted_until_somebody_vouches(void **state)
{
	(void)state;
	struct clock_doubt doubt = { 0 };
	int64_t wall = 1800000000000, ticks = 5000;

	clock_look(&doubt, (struct instant){ wall }, ticks, false);
	assert_false(doubt.is_in_doubt);
	/* Time passes, an hour between two looks too: both clocks run. A correction of a minute is no jump. */
	clock_look(&doubt, (struct instant){ wall += 3600000 }, ticks += 3600000, false);
	clock_look(&doubt, (struct instant){ wall += 60500 }, ticks += 500, false);
	assert_false(doubt.is_in_doubt);
	/* Forwards, and while nobody vouches it stays in doubt, though no further jump comes. */
	clock_look(&doubt, (struct instant){ wall += 60501 }, ticks, false);
	assert_true(doubt.is_in_doubt);
	assert_int_equal(doubt.step, 60501);
	clock_look(&doubt, (struct instant){ wall += 500 }, ticks += 500, false);
	assert_true(doubt.is_in_doubt);
	clock_look(&doubt, (struct instant){ wall += 500 }, ticks += 500, true);
	assert_false(doubt.is_in_doubt);
	/* Backwards, by ten years; a synchronised clock that jumps is doubted for one look. */
	clock_look(&doubt, (struct instant){ wall -= 10 * 365 * INT64_C(86400000) }, ticks += 500, true);
	assert_true(doubt.is_in_doubt);
	clock_look(&doubt, (struct instant){ wall += 500 }, ticks += 500, true);
	assert_false(doubt.is_in_doubt);
}

/* What address_six says is what the C library says; what it calls short is what that would write. */
static void six_is_the_library_s(void **state)
{
	static const char *const texts[] = { "::", "::1", "1::", "2001:db8::1", "2001:DB8::1", "2001:0db8::1", "1:0:0:2:0:0:0:3", "1:0:0:2::3", "1::2:0:0:0:3", "1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1::2::3", ":1", "1:", "::ffff:1.2.3.4", "::1.2.3.4", "::102:304", "::ffff:102:304", "::ffff:0:1",
		"0:0:0:0:0:0:0:0", "fe80::1%eth0", "12345::", "1:2:3:4:5:6:7:8:9", "g::", "", ":", ":::", "2001:db8:0:1::", "0:1::", "::1:0:0", "1:0::", "1::0", "64:ff9b::1" };
	uint64_t chance = 88172645463325252u;
	char room[64], written[64];
	uint8_t ours[16], its[16];
	bool is_short;

	for (size_t i = 0; i < LENGTH(texts) + 200000; i++) {
		size_t n = 0;
		if (i < LENGTH(texts)) {
			n = (size_t)snprintf(room, sizeof room, "%s", texts[i]);
		} else {
			chance ^= chance << 13;
			chance ^= chance >> 7;
			chance ^= chance << 17;
			for (uint64_t rest = chance; n < 2 + chance % 30; rest = rest * 6364136223846793005u + 1)
				room[n++] = "00:::1fA"[rest >> 61];
			room[n] = '\0';
		}
		bool is_six = address_six((struct str){ room, n }, ours, &is_short), is_its = inet_pton(AF_INET6, room, its) == 1;
		if (strchr(room, '.')) {
			assert_false(is_six);
			continue;
		}
		assert_int_equal(is_six, is_its);
		if (!is_six)
			continue;
		assert_memory_equal(ours, its, 16);
		assert_non_null(inet_ntop(AF_INET6, its, written, sizeof written));
		assert_true(!is_short || strcmp(room, written) == 0);
		if (!strchr(written, '.') && strcmp(room, written) == 0 && memcmp(its, "\0\0\0\0\0\0\0\0\0", 10) != 0)
			assert_true(is_short);
	}
}

static const char *owed(struct trouble *trouble, const char *swedish)
{
	trouble_reword(trouble, swedish);
	return trouble->text;
}

static void an_owed_sentence_keeps_its_holes_for_another_language(void **state)
{
	struct trouble trouble = { 0 }, other = { 0 };
	char room[400];

	assert_int_equal(trouble_owe(&trouble, ERR_IO, "%s cannot be made: %s", "/a%s", "no room"), ERR_IO);
	assert_string_equal(trouble.text, "/a%s cannot be made: no room");
	assert_string_equal(owed(&trouble, "%s kan inte skapas: %s"), "/a%s kan inte skapas: no room");
	/* The first cause wins, and goes on whole to who asked. */
	assert_int_equal(trouble_owe(&trouble, ERR_FULL, "later"), ERR_FULL);
	assert_int_equal(trouble_pass(&other, ERR_BUSY, &trouble), ERR_BUSY);
	assert_string_equal(owed(&other, "inte %s, %s"), "inte /a%s, no room");
	assert_int_equal(other.err, ERR_BUSY);
	/* More than there is room for is cut; what comes behind it is there. */
	memset(room, 'x', sizeof room - 1);
	room[sizeof room - 1] = '\0';
	trouble_clear(&trouble);
	assert_int_equal(trouble_owe(&trouble, ERR_IO, "%s|%s|%s", room, room, "end"), ERR_IO);
	assert_true(strlen(trouble.text) < sizeof trouble.text && strncmp(trouble.text, "xxx", 3) == 0);
	assert_string_equal(owed(&trouble, "|"), "|");
}

int main(void)
{
	when_start();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_take_digits_only),
		cmocka_unit_test(utf8_is_checked_and_cut_between_characters),
		cmocka_unit_test(arena_past_its_ceiling_returns_to_the_guard),
		cmocka_unit_test(writers_escape_for_their_place),
		cmocka_unit_test(hours_elapse_across_both_clock_changes),
		cmocka_unit_test(a_time_that_comes_twice_is_the_earlier_and_a_gap_keeps_the_offset_before),
		cmocka_unit_test(months_are_calendar_months_clamped),
		cmocka_unit_test(moments_that_do_not_exist_are_refused),
		cmocka_unit_test(every_hour_of_two_years_goes_to_the_wall_and_back),
		cmocka_unit_test(messages_arrive_whole_with_their_files),
		cmocka_unit_test(a_jump_of_the_clock_is_doubted_until_somebody_vouches),
		cmocka_unit_test(six_is_the_library_s),
		cmocka_unit_test(an_owed_sentence_keeps_its_holes_for_another_language),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
