/* The CSV reader against RFC 4180, the encodings, and every kind of bad input; then the process over its channel. */
#include "doors/files.h"
#include "doors/logs.h"
#include "base/when.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define HEADER "id,name,email,phone,unit,manager,employment_end,roles,protected"

static struct { struct bytes records, problems; uint64_t n, n_bad; } got;

static void read_text(struct str text)
{
	free(got.records.at);
	free(got.problems.at);
	memset(&got, 0, sizeof got);
	/* A copy of exactly that size, so that the sanitizer sees every step past it. */
	char *copy = malloc(text.len ? text.len : 1);
	memcpy(copy, text.at, text.len);
	assert_int_equal(files_people((struct str){ copy, text.len }, &got.records, &got.problems, &got.n, &got.n_bad), OK);
	free(copy);
}

static const struct people_record *record(size_t i)
{
	size_t at = 0;

	for (;; i--) {
		const struct people_record *r = (const void *)(got.records.at + at);
		assert_true(at + sizeof *r <= got.records.len);
		assert_int_equal(at % 8, 0);
		assert_true(r->length >= sizeof *r && r->length <= got.records.len - at);
		if (i == 0)
			return r;
		at += r->length;
	}
}

static void expect_text(size_t i, enum people_column c, const char *text)
{
	const struct people_record *r = record(i);
	struct str s = { (const char *)(r + 1) + r->text[c].at, r->text[c].length };

	if (!str_equal(s, str_of(text)))
		fail_msg("record %zu %s: \"" STR_FMT "\", not \"%s\"", i, people_column[c], STR_ARG(s), text);
}

static const struct people_problem *problem(size_t i)
{
	assert_true((i + 1) * sizeof (struct people_problem) <= got.problems.len);
	return (const struct people_problem *)(const void *)got.problems.at + i;
}

static void expect_problem(size_t i, uint32_t row, int column, enum people_problem_kind kind)
{
	const struct people_problem *p = problem(i);

	if (p->row != row || p->column != column || p->kind != kind)
		fail_msg("problem %zu: row %u column %u: %s", i, p->row, p->column, people_problem_text[p->kind]);
}

static size_t n_problems(void)
{
	return got.problems.len / sizeof (struct people_problem);
}

/* --- RFC 4180 --- */

static void rows_become_records(void **state)
{
	(void)state;
	read_text(STR(HEADER "\r\n"
	              "u1,Siv Ek,siv@arkiv.example,+46 70 1,Arkiv,u2,2026-11-30,employee manager,yes\r\n"
	              " u2 , Bo Åk ,,,Arkiv,,,,\r\n"));
	assert_int_equal(got.n, 2);
	assert_int_equal(n_problems(), 0);
	expect_text(0, COLUMN_ID, "u1");
	expect_text(0, COLUMN_NAME, "Siv Ek");
	expect_text(0, COLUMN_EMAIL, "siv@arkiv.example");
	expect_text(0, COLUMN_PHONE, "+46 70 1");
	expect_text(0, COLUMN_UNIT, "Arkiv");
	expect_text(0, COLUMN_MANAGER, "u2");
	expect_text(0, COLUMN_LOGIN, "");
	assert_int_equal(record(0)->roles, 1 << 4 | 1 << 6);
	assert_true(record(0)->is_protected);
	expect_text(1, COLUMN_ID, "u2");
	expect_text(1, COLUMN_NAME, "Bo Åk");
	assert_false(record(1)->is_protected);
	assert_int_equal(record(1)->employment_end, NO_END);
	assert_int_equal(record(1)->row, 3);
}

static void columns_stand_in_any_order_and_semicolons_part_them(void **state)
{
	(void)state;
	read_text(STR("protected;roles;employment_end;manager;unit;phone;email;name;id;login\n"
	              "no;;;;\"A;B\";;;Siv, Ek;u1;\"KOM\\siv;siv@kom.example\"\n"));
	assert_int_equal(got.n, 1);
	assert_int_equal(n_problems(), 0);
	expect_text(0, COLUMN_UNIT, "A;B");
	expect_text(0, COLUMN_NAME, "Siv, Ek");
	expect_text(0, COLUMN_LOGIN, "KOM\\siv;siv@kom.example");
}

static void quotes_double_and_fields_may_hold_lines(void **state)
{
	(void)state;
	read_text(STR(HEADER "\n\"u1\",\"Siv \"\"Sivan\"\" Ek\",\"\",,\"Arkiv\r\noch\nregistratur\",,,,\nu2,Bo,,,\"\"\"A\"\"\",,,,"));
	assert_int_equal(n_problems(), 0);
	assert_int_equal(got.n, 2);
	expect_text(0, COLUMN_NAME, "Siv \"Sivan\" Ek");
	expect_text(0, COLUMN_UNIT, "Arkiv\noch\nregistratur");
	expect_text(1, COLUMN_UNIT, "\"A\"");
	assert_int_equal(record(1)->row, 3);       /* records are counted, not lines */
}

static void rows_without_content_are_passed_over_but_counted(void **state)
{
	(void)state;
	read_text(STR(HEADER "\n\n,,,,,,,,\nu1,Siv,,,A,,,,\n   \n\r\nu2,Bo,,,A,,,,\n\n"));
	assert_int_equal(got.n, 2);
	assert_int_equal(n_problems(), 0);
	assert_int_equal(record(0)->row, 4);
	assert_int_equal(record(1)->row, 7);
}

/* --- encodings --- */

static void utf8_with_bom_and_windows_1252_read_alike(void **state)
{
	(void)state;
	read_text(STR("\xef\xbb\xbf" HEADER "\nu1,Åsa Öst €,,,A,,,,\n"));
	expect_text(0, COLUMN_NAME, "Åsa Öst €");
	assert_int_equal(n_problems(), 0);
	read_text(STR(HEADER "\nu1,\xc5sa \xd6st \x80,,,A,,,,\n"));
	expect_text(0, COLUMN_NAME, "Åsa Öst €");
	assert_int_equal(n_problems(), 0);
	read_text(STR(HEADER "\nu1,\"\xc5sa \x93\"\"Sivan\"\"\x94\",,,A,,,,\n"));
	expect_text(0, COLUMN_NAME, "Åsa “\"Sivan\"”");
}

static void mixed_encodings_are_a_problem_of_the_rows_that_are_not_utf8(void **state)
{
	(void)state;
	read_text(STR(HEADER "\nu1,Åsa,,,A,,,,\nu2,\xc5sa,,,A,,,,\nu3,Bo,,,A,,,,\n"));
	assert_int_equal(got.n, 3);
	assert_int_equal(got.n_bad, 1);
	expect_problem(0, 3, PEOPLE_COLUMNS, PROBLEM_ENCODING);
	expect_text(1, COLUMN_ID, "u2");
	expect_text(1, COLUMN_NAME, "");           /* nothing that is not UTF-8 goes out */
	read_text(STR(HEADER "\nu1,\x81sa,,,A,,,,\n"));
	expect_problem(0, 2, PEOPLE_COLUMNS, PROBLEM_ENCODING);
	read_text(STR("\xff\xfei\0d\0,\0n\0a\0m\0e\0"));
	expect_problem(0, 1, PEOPLE_COLUMNS, PROBLEM_ENCODING);
	assert_int_equal(n_problems(), 1);
}

/* --- bad headers --- */

static void a_wrong_header_is_told_and_no_row_is_read(void **state)
{
	(void)state;
	read_text(STR(""));
	expect_problem(0, 1, PEOPLE_COLUMNS, PROBLEM_EMPTY_FILE);
	read_text(STR("\xef\xbb\xbf"));
	expect_problem(0, 1, PEOPLE_COLUMNS, PROBLEM_EMPTY_FILE);
	read_text(STR("\n\n"));
	expect_problem(0, 1, PEOPLE_COLUMNS, PROBLEM_EMPTY_FILE);
	read_text(STR("id,name,email,phone,unit,manager,employment_end,roles\nu1,Siv,,,A,,,\n"));
	expect_problem(0, 1, COLUMN_PROTECTED, PROBLEM_MISSING_COLUMN);
	assert_int_equal(got.n, 0);
	read_text(STR(HEADER ",id\n"));
	expect_problem(0, 1, COLUMN_ID, PROBLEM_DOUBLE_COLUMN);
	read_text(STR(HEADER ",sal\x1b\xc3\xa4ry\n"));
	expect_problem(0, 1, PEOPLE_COLUMNS, PROBLEM_UNKNOWN_COLUMN);
	assert_string_equal(problem(0)->heading, "sal?äry");
	read_text(STR(HEADER ",aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa4\n"));
	assert_string_equal(problem(0)->heading, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	read_text(STR("ID," HEADER "\n"));
	expect_problem(0, 1, PEOPLE_COLUMNS, PROBLEM_UNKNOWN_COLUMN);
	read_text(STR("\"id,name\n"));
	expect_problem(0, 1, PEOPLE_COLUMNS, PROBLEM_UNCLOSED);
	for (size_t i = 0; i < n_problems(); i++)
		assert_int_equal(problem(i)->row, 1);
}

/* --- bad rows --- */

static void one_bad_row(struct str row, int column, enum people_problem_kind kind)
{
	static const char before[] = HEADER ",login\nu0,Good,,,A,,,,,\n", behind[] = "\nu9,Good,,,A,,,,,\n";
	char text[400];
	size_t len = sizeof before - 1;

	memcpy(text, before, len);
	memcpy(text + len, row.at, row.len);              /* may hold a NUL */
	memcpy(text + len + row.len, behind, sizeof behind - 1);
	len += row.len + sizeof behind - 1;
	read_text((struct str){ text, len });
	if (n_problems() != 1)
		fail_msg("%zu problems for " STR_FMT, n_problems(), STR_ARG(row));
	expect_problem(0, 3, column, kind);
	assert_int_equal(got.n_bad, 1);
	assert_int_equal(got.n, 3);
	assert_true(record(1)->is_bad);
	assert_false(record(0)->is_bad || record(2)->is_bad);
}

static void every_kind_of_bad_cell_is_told_with_row_and_column(void **state)
{
	(void)state;
	one_bad_row(STR("u1,Siv,,,A,,,boss,,"), COLUMN_ROLES, PROBLEM_ROLE);
	one_bad_row(STR("u1,Siv,,,A,,,,maybe,"), COLUMN_PROTECTED, PROBLEM_PROTECTED);
	one_bad_row(STR("u1,Siv,,,A,,2026-02-30,,,"), COLUMN_END, PROBLEM_DATE);
	one_bad_row(STR("u1,Siv,,,A,,30/11 2026,,,"), COLUMN_END, PROBLEM_DATE);
	one_bad_row(STR("u1,Siv,,,A,,2026-11-30 08:00,,,"), COLUMN_END, PROBLEM_DATE);
	one_bad_row(STR("u1,=cmd,,,A,,,,,"), COLUMN_NAME, PROBLEM_FORMULA);
	one_bad_row(STR("u1, =cmd,,,A,,,,,"), COLUMN_NAME, PROBLEM_FORMULA);
	one_bad_row(STR("u1,\"\t=cmd\",,,A,,,,,"), COLUMN_NAME, PROBLEM_FORMULA);
	one_bad_row(STR("u1,\tx,,,A,,,,,"), COLUMN_NAME, PROBLEM_FORMULA);
	one_bad_row(STR("@u1,Siv,,,A,,,,,"), COLUMN_ID, PROBLEM_FORMULA);
	one_bad_row(STR("u1,Siv,-x@y.example,,A,,,,,"), COLUMN_EMAIL, PROBLEM_FORMULA);
	one_bad_row(STR("u1,Siv,,-46 70,A,,,,,"), COLUMN_PHONE, PROBLEM_FORMULA);
	one_bad_row(STR("u1,Siv,,,A,,,,,a;=b"), COLUMN_LOGIN, PROBLEM_FORMULA);
	one_bad_row(STR("u1,Si\0v,,,A,,,,,"), COLUMN_NAME, PROBLEM_CONTROL);
	one_bad_row(STR("u1,Si\x07v,,,A,,,,,"), COLUMN_NAME, PROBLEM_CONTROL);
	one_bad_row(STR("u1,Si\x7fv,,,A,,,,,"), COLUMN_NAME, PROBLEM_CONTROL);
	one_bad_row(STR("u1,Si\xc2\x85v,,,A,,,,,"), COLUMN_NAME, PROBLEM_CONTROL);
	one_bad_row(STR("u1,Si\rv,,,A,,,,,"), COLUMN_NAME, PROBLEM_CONTROL);
	one_bad_row(STR("\"u\n1\",Siv,,,A,,,,,"), COLUMN_ID, PROBLEM_CONTROL);
	one_bad_row(STR(",Siv,,,A,,,,,"), COLUMN_ID, PROBLEM_EMPTY);
	one_bad_row(STR("u1,,,,A,,,,,"), COLUMN_NAME, PROBLEM_EMPTY);
	one_bad_row(STR("u1,Siv,,,,,,,,"), COLUMN_UNIT, PROBLEM_EMPTY);
	one_bad_row(STR("u1,Siv,,,A,,,,"), PEOPLE_COLUMNS, PROBLEM_FIELD_COUNT);
	one_bad_row(STR("u1,Siv,,,A,,,,,,"), PEOPLE_COLUMNS, PROBLEM_FIELD_COUNT);
	one_bad_row(STR("u1,Si\"v,,,A,,,,,"), PEOPLE_COLUMNS, PROBLEM_QUOTES);
	one_bad_row(STR("u1,\"Siv\" Ek,,,A,,,,,"), PEOPLE_COLUMNS, PROBLEM_QUOTES);
	one_bad_row(STR("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg,Siv,,,A,,,,,"), COLUMN_ID, PROBLEM_TOO_LONG);
}

static void a_phone_may_begin_with_plus_and_an_id_is_measured_in_characters(void **state)
{
	(void)state;
	read_text(STR(HEADER "\n"
	              "åååååååååååååååååååååååååååååååååååååååååååååååååååååååååååååååå,Siv,,+46 70 1,A,,,,\n"));
	assert_int_equal(n_problems(), 0);
	assert_int_equal(got.n, 1);
}

static void one_row_may_have_several_problems_and_counts_once(void **state)
{
	(void)state;
	read_text(STR(HEADER "\nu1,=x,,,A,,never,boss,perhaps\n"));
	assert_int_equal(n_problems(), 4);
	assert_int_equal(got.n_bad, 1);
}

static void a_mark_that_swallows_rows_spoils_the_file(void **state)
{
	(void)state;
	read_text(STR(HEADER "\nu1,\"Siv,,,A,,,,\nu2,\"Bo\",,,A,,,,\nu3,Eva,,,A,,,,\n"));
	expect_problem(0, 2, PEOPLE_COLUMNS, PROBLEM_UNCLOSED);
	assert_true(people_problem_is_of_file(PROBLEM_UNCLOSED));
	read_text(STR(HEADER "\nu1,\"Siv"));
	expect_problem(n_problems() - 1, 2, PEOPLE_COLUMNS, PROBLEM_UNCLOSED);
}

static void large_fields_end_where_they_may(void **state)
{
	(void)state;
	static const struct { size_t n; bool is_bad; } field[] = { { FIELD_MOST, false }, { FIELD_MOST + 1, true }, { 10 << 20, true } };

	for (size_t i = 0; i < LENGTH(field); i++) {
		size_t head = strlen(HEADER "\nu1,"), n = field[i].n;
		char *text = malloc(head + n + 20);
		memcpy(text, HEADER "\nu1,", head);
		memset(text + head, 'x', n);
		memcpy(text + head + n, ",,,A,,,,\n", 9);
		read_text((struct str){ text, head + n + 9 });
		assert_int_equal(n_problems(), field[i].is_bad);
		if (field[i].is_bad)
			expect_problem(0, 2, COLUMN_NAME, PROBLEM_TOO_LONG);
		free(text);
	}
}

static void the_last_day_is_worked_across_both_clock_changes(void **state)
{
	(void)state;
	static const struct { const char *day, *first_moment_out; } end[] = {
		{ "2026-11-30", "2026-12-01T00:00:00+01:00" }, { "2026-10-24", "2026-10-25T00:00:00+02:00" },
		{ "2026-10-25", "2026-10-26T00:00:00+01:00" }, { "2027-03-28", "2027-03-29T00:00:00+02:00" },
		{ "2028-02-29", "2028-03-01T00:00:00+01:00" } };

	for (size_t i = 0; i < LENGTH(end); i++) {
		char text[200];
		struct instant at;
		snprintf(text, sizeof text, HEADER "\nu1,Siv,,,A,,%s,,\n", end[i].day);
		read_text(str_of(text));
		assert_int_equal(instant_parse(str_of(end[i].first_moment_out), &at), OK);
		assert_int_equal(record(0)->employment_end, at.ms);
	}
	read_text(STR(HEADER "\nu1,Siv,,,A,,9999-12-31,,\n"));
	assert_int_equal(n_problems(), 0);
	assert_int_equal(record(0)->employment_end, NO_END);
}

/* --- the process --- */

static void *serve(void *of)
{
	while (reader_turn(*(int *)of))
		;
	return NULL;
}

static void ask(int fd, int file, struct read_done *done, struct parcel *parcel)
{
	static char room[CHANNEL_MOST];
	struct read_file wish = { .what = READ_PEOPLE_CSV };

	assert_int_equal(channel_send(fd, (struct message){ .kind = MESSAGE_READ_FILE, .serial = 7 }, &wish.what,
	                              sizeof wish - sizeof wish.head, &file, 1), OK);
	close(file);
	assert_int_equal(channel_receive(fd, room, parcel), OK);
	assert_true(message_check(parcel, MESSAGE_READ_DONE));
	memcpy(done, parcel->at, sizeof *done);
	assert_int_equal(done->head.serial, 7);
}

static void the_process_hands_back_two_sealed_files(void **state)
{
	(void)state;
	enum { MANY = 20000 };
	int pair[2];
	pthread_t thread;
	struct parcel parcel;
	struct read_done done;
	size_t length, len = 0, room = 64 * MANY;
	char *text = malloc(room);

	assert_int_equal(channel_pair(pair), OK);
	assert_int_equal(pthread_create(&thread, NULL, serve, &pair[1]), 0);
	len += (size_t)snprintf(text, room, HEADER "\n");
	for (int i = 0; i < MANY; i++)
		len += (size_t)snprintf(text + len, room - len, "u%d,Name %d,,,A,,,%s,\n", i, i, i % 1000 ? "" : "boss");
	ask(pair[0], channel_file(text, len), &done, &parcel);
	assert_int_equal(done.err, OK);
	assert_int_equal(done.records, MANY);
	assert_int_equal(done.problems, MANY / 1000);
	assert_int_equal(parcel.n_files, 2);
	assert_true(channel_file_is_sealed(parcel.files[0], &length));
	assert_true(length > MANY * sizeof (struct people_record));
	assert_true(channel_file_is_sealed(parcel.files[1], &length));
	assert_int_equal(length, MANY / 1000 * sizeof (struct people_problem));
	close(parcel.files[0]);
	close(parcel.files[1]);
	/* Not sealed: refused, and the process lives on. */
	int open_file = channel_file_begin();
	assert_int_equal(write(open_file, text, len), (ssize_t)len);
	ask(pair[0], open_file, &done, &parcel);
	assert_int_equal(done.err, ERR_INVALID);
	assert_int_equal(parcel.n_files, 0);
	ask(pair[0], channel_file("", 0), &done, &parcel);
	assert_int_equal(done.err, OK);
	assert_int_equal(parcel.n_files, 2);
	close(parcel.files[0]);
	close(parcel.files[1]);
	close(pair[0]);
	pthread_join(thread, NULL);
	close(pair[1]);
	free(text);
}

int main(void)
{
	when_start();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_become_records),
		cmocka_unit_test(columns_stand_in_any_order_and_semicolons_part_them),
		cmocka_unit_test(quotes_double_and_fields_may_hold_lines),
		cmocka_unit_test(rows_without_content_are_passed_over_but_counted),
		cmocka_unit_test(utf8_with_bom_and_windows_1252_read_alike),
		cmocka_unit_test(mixed_encodings_are_a_problem_of_the_rows_that_are_not_utf8),
		cmocka_unit_test(a_wrong_header_is_told_and_no_row_is_read),
		cmocka_unit_test(every_kind_of_bad_cell_is_told_with_row_and_column),
		cmocka_unit_test(a_phone_may_begin_with_plus_and_an_id_is_measured_in_characters),
		cmocka_unit_test(one_row_may_have_several_problems_and_counts_once),
		cmocka_unit_test(a_mark_that_swallows_rows_spoils_the_file),
		cmocka_unit_test(large_fields_end_where_they_may),
		cmocka_unit_test(the_last_day_is_worked_across_both_clock_changes),
		cmocka_unit_test(the_process_hands_back_two_sealed_files),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(got.records.at);
	free(got.problems.at);
	return failed;
}
