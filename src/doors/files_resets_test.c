/* Rows of resets: good ones, and every kind of wrong one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#define LONG_LIVED
#include "doors/files_resets.h"
#include "base/str.h"
#include "base/when.h"

static struct bytes got;
static uint64_t n, bad;

static const struct reset_record *read_text(const char *text)
{
	free(got.at);
	got = (struct bytes){ 0 };
	n = bad = 0;
	assert_int_equal(resets_read(str_of(text), &got, &n, &bad), OK);
	assert_int_equal(got.len, (n + bad) * sizeof (struct reset_record));
	return (const struct reset_record *)(const void *)got.at;
}

static void good(void **state)
{
	(void)state;
	const struct reset_record *r = read_text("time,person,kind,by\n2026-11-24T08:00:00Z,EX\\anna,password,helpdesk1\r\n\n\"2026-11-24 09:00\",\"Bo \"\"B\"\", Öberg\",mfa,\n");
	assert_int_equal(n, 2);
	assert_int_equal(r[0].at, 1795507200000);
	assert_string_equal(r[0].person, "EX\\anna");
	assert_string_equal(r[0].by, "helpdesk1");
	assert_string_equal(r[1].person, "Bo \"B\", Öberg");
	assert_string_equal(r[1].by, "");
	assert_int_equal(r[1].row, 4);
	r = read_text("\xef\xbb\xbf" "By;Extra;KIND;time;Person\nroot;x,y;mfa;2026-11-24T08:00:00+01:00;anna");
	assert_int_equal(n, 1);
	assert_string_equal(r[0].kind, "mfa");
	assert_string_equal(r[0].person, "anna");
}

static void wrong(void **state)
{
	static const struct { const char *text; uint32_t problem; } of[] = {
		{ "", RESET_HEADER }, { "time,person,kind\n", RESET_HEADER }, { "time,person,kind,by,time\n", RESET_HEADER }, { "time,person,kind,by\xff\n", RESET_HEADER },
		{ "\"time,person,kind,by\n", RESET_HEADER }, { "time,person,kind,by\n1,2,3\n", RESET_FIELDS }, { "time,person,kind,by\n1,2,3,4,5\n", RESET_FIELDS },
		{ "time,person,kind,by\n2026-11-24,\"anna,mfa,x\n", RESET_FIELDS }, { "time,person,kind,by\n2026-11-24,\"a\"b,mfa,x\n", RESET_FIELDS },
		{ "time,person,kind,by\nyesterday,anna,mfa,x\n", RESET_TIME }, { "time,person,kind,by\n2026-02-31,anna,mfa,x\n", RESET_TIME },
		{ "time,person,kind,by\n2026-11-24,,mfa,x\n", RESET_PERSON }, { "time,person,kind,by\n2026-11-24,anna,,x\n", RESET_KIND },
		{ "time,person,kind,by\n2026-11-24,anna,0123456789012345678901234567890123456789x,x\n", RESET_KIND },
		{ "time,person,kind,by\n2026-11-24,\"an\nna\",mfa,x\n", RESET_CONTROL_IN }, { "time,person,kind,by\n2026-11-24,an\x01na,mfa,x\n", RESET_CONTROL_IN },
	};
	(void)state;

	for (size_t i = 0; i < LENGTH(of); i++) {
		const struct reset_record *r = read_text(of[i].text);
		if (bad != 1 || n || r[0].problem != of[i].problem)
			print_error("row %zu: %llu bad, problem %u\n", i, (unsigned long long)bad, bad ? r[0].problem : 0);
		assert_true(bad == 1 && n == 0 && r[0].problem == of[i].problem && !r[0].person[0]);
	}
}

static void long_ones(void **state)
{
	static char text[256 * 1024];
	(void)state;

	size_t at = (size_t)snprintf(text, sizeof text, "time,person,kind,by\n2026-11-24,");
	memset(text + at, 'a', sizeof text - at - 1);
	read_text(text);
	assert_true(bad == 1 && n == 0);
	memset(text + at, ',', sizeof text - at - 1);
	read_text(text);
	assert_true(bad == 1 && n == 0);
	memset(text + at, '"', sizeof text - at - 1);
	read_text(text);
	assert_true(bad == 1 && n == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(good), cmocka_unit_test(wrong), cmocka_unit_test(long_ones) };

	when_start();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(got.at);
	return failed;
}
