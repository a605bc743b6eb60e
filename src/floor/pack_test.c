/* Packs: each way to be wrong has its sentence with file and line; the program's own are whole in both languages. */
#include "floor/fixture.h"
#include "floor/consequence.h"

static const struct pack_shape shape[] = { { "row", "name* phone? days#" }, { 0 } };
#define HEAD "pack = t\ndate = 2026-11-20\nstatus = verify\ntitle.sv = a\ntitle.en = b\nsource.sv = c\nsource.en = d\n"
#define ROW "[row one]\nname.sv = Ett\nname.en = One\ndays = 7\n"

static void whole(void **state)
{
	struct fixture *f = fixture_new();
	struct pack pack;

	assert_int_equal(pack_parse(&f->rq, "t", STR("# c\n\n" HEAD ROW "phone = 1\n[row two]\nname.sv=Tv\303\245\nname.en=Two\r\ndays=0"), shape, &pack), ERR_INVALID);
	fixture_forgive(f);
	assert_int_equal(pack_parse(&f->rq, "t", STR("# c\n\n" HEAD ROW "phone = 1 = 2\n[row two]\nname.sv=Tv\303\245\nname.en=Two\ndays=0"), shape, &pack), OK);
	assert_int_equal(pack.n, 2);
	assert_int_equal(pack.status, PACK_VERIFY);
	assert_true(str_equal(pack_text(&pack.head, "title", LANGUAGE_EN), STR("b")));
	assert_true(str_equal(pack_text(&pack.rows[1], "name", LANGUAGE_SV), STR("Tv\303\245")));
	assert_true(str_equal(pack_text(&pack.rows[0], "phone", LANGUAGE_SV), STR("1 = 2")));
	assert_true(str_equal(pack_text(&pack.rows[1], "phone", LANGUAGE_SV), STR("")));
	assert_int_equal(pack_number(&pack.rows[0], "days"), 7);
	assert_int_equal(pack_number(&pack.rows[0], "phone"), -1);
	fixture_end(f);
}

static void broken(void **state)
{
	static const struct { const char *bytes, *said; } cases[] = {
		{ "", "packs/t.txt:1: the row before this line lacks: \"title.sv\"" },
		{ HEAD "x = 1\n", "packs/t.txt:8: unknown key: \"x\"" },
		{ HEAD "date = 2026-11-20\n", "packs/t.txt:8: this key stands twice: \"date\"" },
		{ "pack = other\n", "packs/t.txt:1: the pack is not called what its file is: \"other\"" },
		{ "date = 2026-02-30\n", "packs/t.txt:1: write the date as 2026-11-30: \"2026-02-30\"" },
		{ "status = fine\n", "packs/t.txt:1: status is verify, verified or standard: \"fine\"" },
		{ HEAD "word\n", "packs/t.txt:8: write key = value: \"word\"" },
		{ HEAD "[row]\n", "packs/t.txt:8: write [kind id]: \"[row]\"" },
		{ HEAD "[row one\n", "packs/t.txt:8: write [kind id]: \"[row one\"" },
		{ HEAD "[other one]\n", "packs/t.txt:8: no such kind of row: \"other\"" },
		{ HEAD ROW "[row one]\n", "packs/t.txt:12: this row stands twice: \"one\"" },
		{ HEAD ROW "days = 8\n", "packs/t.txt:12: this key stands twice: \"days\"" },
		{ HEAD ROW "phone =\n", "packs/t.txt:12: a value is missing after: \"phone\"" },
		{ HEAD ROW "phone.sv = 1\n", "packs/t.txt:12: unknown key: \"phone.sv\"" },
		{ HEAD "[row one]\nname = Ett\n", "packs/t.txt:9: unknown key: \"name\"" },
		{ HEAD "[row one]\ndays = -1\n", "packs/t.txt:9: not a whole number: \"-1\"" },
		{ HEAD "[row one]\nname.sv = Ett\ndays = 1\n[row two]\n", "packs/t.txt:11: the row before this line lacks: \"name.en\"" },
		{ HEAD "[row one]\nname.sv = Ett\nname.en = One", "packs/t.txt:10: the row before this line lacks: \"days\"" },
		{ HEAD "[row one]\nname.sv = \377", "packs/t.txt:0: the file is not UTF-8: \"\"" },
		{ HEAD "a\tb = c", "packs/t.txt:8: a control character: \"a\"" },
		{ "title.sv = a\ntitle.en = b\nsource.sv = c\nsource.en = d\n", "packs/t.txt:5: the head needs pack, date and status: \"\"" },
	};
	struct fixture *f = fixture_new();
	struct pack pack = { .n = 99 };

	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(pack_parse(&f->rq, "t", str_of(cases[i].bytes), shape, &pack), ERR_INVALID);
		assert_string_equal(f->trouble.text, cases[i].said);
		fixture_forgive(f);
	}
	assert_int_equal(pack.n, 99);
	fixture_end(f);
}

static void scale(void **state)
{
	static const char *const word[LANGUAGES][4] = {
		[LANGUAGE_SV] = { "f\303\266rsumbar", "m\303\245ttlig", "betydande", "allvarlig" },
		[LANGUAGE_EN] = { "negligible", "moderate", "significant", "serious" } };
	struct fixture *f = fixture_new();

	for (enum language language = 0; language < LANGUAGES; language++) {
		struct consequences scale;
		f->rq.language = language;
		assert_int_equal(consequence_scale(&f->rq, &scale), OK);
		assert_int_equal(scale.n, 4);
		for (int i = 1; i <= scale.n; i++) {
			assert_true(str_equal(scale.level[i].word, str_of(word[language][i - 1])));
			assert_true(scale.level[i].accept_days >= 1 && scale.level[i].accept_days <= (i > 2 ? 90 : 366));
			assert_true(scale.level[i].treat_days >= 1);
		}
	}
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whole), cmocka_unit_test(broken), cmocka_unit_test(scale) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
