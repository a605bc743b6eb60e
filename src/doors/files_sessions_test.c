/* A VPN server's own list: as it is, and every kind of wrong one, of which nothing may remain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#define LONG_LIVED
#include "doors/files_sessions.h"
#include "base/str.h"

static struct bytes got;
static uint64_t n, bad;

static const struct listed_record *read_text(const char *text)
{
	free(got.at);
	got = (struct bytes){ 0 };
	n = bad = 0;
	assert_int_equal(listed_read(str_of(text), &got, &n, &bad), OK);
	assert_int_equal(got.len, (n + bad) * sizeof (struct listed_record));
	return (const struct listed_record *)(const void *)got.at;
}

#define ANNA "{ \"ID\": 5192, \"Username\": \"anna\", \"Groupname\": \"(none)\", \"State\": \"connected\", \"Remote IP\": \"10.199.0.2\", \"IPv4\": \"10.9.0.46\"," \
	" \"User-Agent\": \"x } ] \\\" {\", \"Full session\": \"IQ0d/QDtmh3GzFxM11Eht+tz6tI=\", \"Session\": \"IQ0d/Q\", \"DNS\":\t[], \"Routes\": [\"a\", \"b\"] }"
#define KNOCKING "{ \"ID\": 7, \"Username\": \"(none)\", \"State\": \"pre-auth\", \"Full session\": \"x\" }"

static void good(void **state)
{
	(void)state;
	const struct listed_record *r = read_text("[\n  " ANNA ",\n " KNOCKING ", { \"ID\": 8, \"Username\": \"EX\\\\b\\u00f6\", \"Full session\": \"s2\" } ]\n");
	assert_int_equal(n, 2);
	assert_int_equal(bad, 0);
	assert_int_equal(r[0].number, 5192);
	assert_string_equal(r[0].user, "anna");
	assert_string_equal(r[0].session, "IQ0d/QDtmh3GzFxM11Eht+tz6tI=");
	assert_string_equal(r[0].calling, "10.199.0.2");
	assert_string_equal(r[0].framed, "10.9.0.46");
	assert_string_equal(r[1].user, "EX\\b\xc3\xb6");
	read_text(" [ ] ");
	assert_int_equal(n + bad, 0);
	read_text("[ " KNOCKING " ]");
	assert_int_equal(n + bad, 0);
}

static void wrong(void **state)
{
	static const char *const not_a_list[] = { "", "{}", "[", "[" ANNA, "[" ANNA ",", "[" ANNA ",]", "[" ANNA " " ANNA "]", "[" ANNA "] x", "[1]", "[" ANNA ", 1]",
		"[ { \"ID\": } ]", "[ { ]", "\xff", "[" ANNA ", {\"Username\": \"\xff\"}]" };
	static const char *const not_a_session[] = { "[ { \"ID\": 1, \"Username\": \"\", \"Full session\": \"s\" } ]", "[ { \"ID\": 1, \"Username\": \"a\" } ]",
		"[ { \"ID\": -1, \"Username\": \"a\", \"Full session\": \"s\" } ]", "[ { \"ID\": 1, \"Username\": \"a\\u0007\", \"Full session\": \"s\" } ]",
		"[ { \"ID\": 1, \"Username\": \"a\", \"Full session\": \"0123456789012345678901234567890123456789012345678901234567890123\" } ]" };
	(void)state;

	for (size_t i = 0; i < LENGTH(not_a_list); i++) {
		const struct listed_record *r = read_text(not_a_list[i]);
		assert_int_equal(n, 0);
		assert_int_equal(bad, 1);
		assert_int_equal(r[0].problem, LISTED_JSON);
	}
	for (size_t i = 0; i < LENGTH(not_a_session); i++) {
		const struct listed_record *r = read_text(not_a_session[i]);
		assert_int_equal(n, 0);
		assert_int_equal(r[0].problem, LISTED_FIELDS);
		assert_int_equal(r[0].row, 1);
	}
}

static void many(void **state)
{
	char *text = malloc(200 * (LISTED_MOST + 2)), *to = text;
	(void)state;

	*to++ = '[';
	for (int i = 0; i <= LISTED_MOST; i++)
		to += snprintf(to, 200, "%s{\"ID\":%d,\"Username\":\"u%d\",\"Full session\":\"s%d\"}", i ? "," : "", i, i, i);
	snprintf(to, 2, "]");
	assert_int_equal(read_text(text)[0].problem, LISTED_MANY);
	assert_int_equal(n, 0);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(good), cmocka_unit_test(wrong), cmocka_unit_test(many) };
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(got.at);
	return failed;
}
