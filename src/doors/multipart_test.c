/* Forms with a file: whole, in two pieces cut at every place, byte by byte; and everything that no browser sends. */
#define LONG_LIVED
#include "doors/web_multipart.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=----a'b"
#define CUT "------a'b"
#define FIELD(name, value) CUT "\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_OF(name, filename, content) CUT "\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" filename \
	"\"\r\nContent-Type: text/csv\r\n\r\n" content "\r\n"
#define END CUT "--\r\n"

struct read { enum err err; struct web_fields fields; struct str file; bool has_file; };
static struct arena *arena;

static struct read read_in_pieces(struct str type, struct str body, size_t first, size_t step)
{
	struct read *ret = NEW(arena, struct read);
	struct multipart m;

	assert_true(multipart_begin(&m, arena, type));
	for (size_t at = 0, n = first; at < body.len; at += n, n = step) {
		n = MIN(n, body.len - at);
		(void)multipart_feed(&m, (struct str){ body.at + at, n }, &ret->fields);
	}
	ret->err = multipart_finish(&m);
	ret->has_file = m.file >= 0;
	if (m.file >= 0) {
		assert_int_equal(channel_file_seal(m.file), OK);
		assert_int_equal(channel_file_read(arena, m.file, 1 << 20, &ret->file), OK);
		close(m.file);
	}
	return *ret;
}

static enum err read_whole(struct str body)
{
	return read_in_pieces(STR(TYPE), body, body.len, body.len).err;
}

static int start(void **unused)
{
	(void)unused;
	arena = arena_new(64 << 20);
	return 0;
}

static int stop(void **unused)
{
	(void)unused;
	arena_end(arena);
	return 0;
}

static void expect_form(struct read got)
{
	assert_int_equal(got.err, OK);
	assert_int_equal(got.fields.n, 3);
	assert_true(str_equal(form_field(&got.fields, "token")->value, STR("t k")));
	assert_true(str_equal(form_field(&got.fields, "act")->value, STR("a\nb")));
	assert_true(str_equal(form_field(&got.fields, "file")->value, STR("personal å.csv")));
	assert_true(got.has_file);
	assert_true(str_equal(got.file, STR("id,name\r\n------a'\r\n\r\n-----a'b\r\n--")));
}

static void test_a_form_is_the_same_however_it_comes(void **unused)
{
	struct str body = STR(FIELD("token", "t k") FILE_OF("file", "C:\\x\\personal å.csv", "id,name\r\n------a'\r\n\r\n-----a'b\r\n--") FIELD("act", "a\r\nb") END);
	(void)unused;

	expect_form(read_in_pieces(STR(TYPE), body, body.len, body.len));
	for (size_t first = 1; first < body.len; first++)
		expect_form(read_in_pieces(STR(TYPE), body, first, body.len));
	expect_form(read_in_pieces(STR(TYPE), body, 1, 1));
	for (size_t n = 0; n < body.len - 2; n++)
		assert_int_not_equal(read_whole(str_first(body, n)), OK);
}

static void test_no_file_chosen(void **unused)
{
	struct str body = STR(FILE_OF("file", "", "") END);
	struct read got = read_in_pieces(STR(TYPE), body, body.len, body.len);
	(void)unused;

	assert_int_equal(got.err, OK);
	assert_false(got.has_file);
	assert_true(str_equal(form_field(&got.fields, "file")->value, STR("")));
}

static void test_names_of_files_are_labels(void **unused)
{
	struct str bad = STR(FILE_OF("file", "a\x01" "b", "x") END), path = STR(FILE_OF("file", "../../etc/passwd", "x") END);
	(void)unused;

	struct read got = read_in_pieces(STR(TYPE), bad, bad.len, bad.len);
	assert_true(str_equal(form_field(&got.fields, "file")->value, STR("")));
	got = read_in_pieces(STR(TYPE), path, path.len, path.len);
	assert_true(str_equal(form_field(&got.fields, "file")->value, STR("passwd")));
}

static void test_what_no_browser_sends_is_refused(void **unused)
{
	static const char *const bodies[] = {
		"", "x", CUT, CUT "--x", "x" FIELD("a", "b") END, "\r\n" FIELD("a", "b") END, FIELD("a", "b") END "x", FIELD("a", "b") END "\r\n",
		FIELD("a", "b") FIELD("a", "c") END, FIELD("", "b") END, FIELD("a b", "b") END, FIELD("a", "\x01") END, FIELD("a", "\xff") END,
		FILE_OF("f", "1", "x") FILE_OF("g", "2", "y") END, CUT " \r\n" "Content-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n" END,
		CUT "\r\n\r\nb\r\n" END, CUT "\r\nContent-Disposition: form-data\r\n\r\nb\r\n" END,
		CUT "\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n" END, CUT "\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nb\r\n" END,
		CUT "\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nb\r\n" END,
		CUT "\r\nContent-Disposition: form-data; name=\"a\"; filename*=UTF-8''x\r\n\r\nb\r\n" END,
		CUT "\r\nContent-Disposition: form-data; name=\"a\r\n\r\nb\r\n" END,
		CUT "\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\nb\r\n" END,
		CUT "\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nb\r\n" END,
		CUT "\r\nContent-Disposition: form-data; name=\"a\"\n\r\n\r\nb\r\n" END,
	};
	(void)unused;

	for (size_t i = 0; i < LENGTH(bodies); i++)
		if (read_whole(str_of(bodies[i])) == OK)
			fail_msg("taken: %s", bodies[i]);
	assert_int_equal(read_whole(STR(FIELD("a", "b") END)), OK);
}

static void test_ceilings(void **unused)
{
	struct out long_field = out_new(arena), long_head = out_new(arena);
	(void)unused;

	out_text(&long_field, CUT "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n");
	memset(out_room(&long_field, MULTIPART_FIELDS + 1), 'x', MULTIPART_FIELDS + 1);
	out_text(&long_field, "\r\n" END);
	assert_int_equal(read_whole(out_str(&long_field)), ERR_FULL);
	out_text(&long_head, CUT "\r\nContent-Type: ");
	memset(out_room(&long_head, MULTIPART_HEAD), 'x', MULTIPART_HEAD);
	assert_int_equal(read_whole(out_str(&long_head)), ERR_INVALID);
}

static void test_boundaries(void **unused)
{
	static const char *const bad[] = { "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x",
		"multipart/form-data; boundary=\"a b\"", "multipart/form-data; boundary=x; boundary=y", "multipart/form-data; boundary=a\"b",
		"multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789x" };
	struct multipart m;
	(void)unused;

	for (size_t i = 0; i < LENGTH(bad); i++)
		if (multipart_begin(&m, arena, str_of(bad[i])))
			fail_msg("taken: %s", bad[i]);
	assert_true(multipart_begin(&m, arena, STR("Multipart/Form-Data; charset=utf-8; BOUNDARY=\"x\"")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_form_is_the_same_however_it_comes),
		cmocka_unit_test(test_no_file_chosen),
		cmocka_unit_test(test_names_of_files_are_labels),
		cmocka_unit_test(test_what_no_browser_sends_is_refused),
		cmocka_unit_test(test_ceilings),
		cmocka_unit_test(test_boundaries),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
