/* Settings: the standard until something else is set, ranges, unknown names, and a leaf for each change. */
#include "floor/fixture.h"
#include "floor/setting.h"
#include "floor/setting.sql.h"

static const struct setting table[] = {
	{ "test.months", SETTING_NUMBER, 1, 24, 12, .sentence = "months" },
	{ "test.may", SETTING_BOOL, .standard = 1, .sentence = "may" },
	{ "test.words", SETTING_TEXT, .standard_text = "hej", .sentence = "words" },
	{ 0 }
};

static void standards(void **state)
{
	struct fixture *f = fixture_new();

	setting_know(table);
	setting_know(table);
	assert_int_equal(setting_number(&f->rq, "test.months"), 12);
	assert_true(setting_bool(&f->rq, "test.may"));
	assert_true(str_equal(setting_text(&f->rq, "test.words"), STR("hej")));
	assert_null(setting_named(STR("test.none")));
	size_t n = 0;
	for (size_t at = 0; setting_next(&at); )
		n++;
	assert_true(n >= 5);
	fixture_end(f);
}

static void set_and_forget(void **state)
{
	struct fixture *f = fixture_new();
	int64_t before = audit_size(f->audit);

	struct change *change = fixture_begin(f, "settings.set");
	assert_int_equal(setting_set(change, STR("test.months"), STR(" 6 ")), OK);
	assert_int_equal(setting_set(change, STR("test.may"), STR("no")), OK);
	assert_int_equal(setting_set(change, STR("test.words"), STR("")), OK);
	fixture_commit(f);
	assert_int_equal(audit_size(f->audit), before + 1);
	assert_int_equal(setting_number(&f->rq, "test.months"), 6);
	assert_false(setting_bool(&f->rq, "test.may"));
	assert_true(str_equal(setting_text(&f->rq, "test.words"), STR("")));

	change = fixture_begin(f, "settings.set");
	assert_int_equal(setting_set(change, STR("test.months"), STR("12")), OK);
	assert_int_equal(setting_set(change, STR("test.months"), STR("12")), OK);
	fixture_commit(f);
	struct setting_all_row *rows;
	size_t n;
	assert_int_equal(setting_all(&f->rq, &rows, &n), OK);
	assert_int_equal(n, 2);
	fixture_end(f);
}

static void refused(void **state)
{
	struct fixture *f = fixture_new();
	struct change *change = fixture_begin(f, "settings.set");

	assert_int_equal(setting_set(change, STR("test.months"), STR("25")), ERR_INVALID);
	assert_string_equal(f->trouble.text, "test.months is a whole number from 1 to 24");
	fixture_forgive(f);
	assert_int_equal(setting_set(change, STR("test.months"), STR("-1")), ERR_INVALID);
	fixture_forgive(f);
	assert_int_equal(setting_set(change, STR("test.may"), STR("1")), ERR_INVALID);
	fixture_forgive(f);
	assert_int_equal(setting_set(change, STR("test.words"), STR("\xff")), ERR_INVALID);
	fixture_forgive(f);
	assert_int_equal(setting_set(change, STR("test.none"), STR("1")), ERR_NONE);
	assert_string_equal(f->trouble.text, "there is no setting \"test.none\"");
	fixture_rollback(f);
	/* A value that an older version allowed and this one does not counts as the standard. */
	change = fixture_begin(f, "settings.set");
	assert_int_equal(setting_put(change, STR("test.months"), STR("99")), OK);
	fixture_commit(f);
	assert_int_equal(setting_number(&f->rq, "test.months"), 12);
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(standards), cmocka_unit_test(set_and_forget), cmocka_unit_test(refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
