/* Tests of the law's clocks: dated cases over both clock changes, ends of months, leap years and the turn of the year. */
#include "floor/fixture.h"
#include "deadline.h"

/* What is due "" cannot be said yet. */
static const struct { const char *pack, *step, *aware, *notified; bool is_running; const char *due; } cases[] = {
	{ "se-csl-2026", "early_warning", "2026-01-15T00:00:00+01:00", "", false, "2026-01-16T00:00:00+01:00" },
	{ "se-csl-2026", "notification", "2026-01-15T00:00:00+01:00", "", false, "2026-01-18T00:00:00+01:00" },
	{ "se-agency-2026", "early_warning", "2026-01-15T00:00:00+01:00", "", false, "2026-01-15T06:00:00+01:00" },
	{ "gdpr", "notification", "2026-01-15T00:00:00+01:00", "", false, "2026-01-18T00:00:00+01:00" },
	{ "se-csl-2026", "early_warning", "2026-03-28T01:59:59+01:00", "", false, "2026-03-29T01:59:59+01:00" },
	{ "se-csl-2026", "notification", "2026-03-28T01:59:59+01:00", "", false, "2026-03-31T02:59:59+02:00" },
	{ "se-agency-2026", "early_warning", "2026-03-28T01:59:59+01:00", "", false, "2026-03-28T07:59:59+01:00" },
	{ "gdpr", "notification", "2026-03-28T01:59:59+01:00", "", false, "2026-03-31T02:59:59+02:00" },
	{ "se-csl-2026", "early_warning", "2026-03-28T02:30:00+01:00", "", false, "2026-03-29T03:30:00+02:00" },
	{ "se-csl-2026", "notification", "2026-03-28T02:30:00+01:00", "", false, "2026-03-31T03:30:00+02:00" },
	{ "se-agency-2026", "early_warning", "2026-03-28T02:30:00+01:00", "", false, "2026-03-28T08:30:00+01:00" },
	{ "gdpr", "notification", "2026-03-28T02:30:00+01:00", "", false, "2026-03-31T03:30:00+02:00" },
	{ "se-csl-2026", "early_warning", "2026-03-28T23:00:00+01:00", "", false, "2026-03-30T00:00:00+02:00" },
	{ "se-csl-2026", "notification", "2026-03-28T23:00:00+01:00", "", false, "2026-04-01T00:00:00+02:00" },
	{ "se-agency-2026", "early_warning", "2026-03-28T23:00:00+01:00", "", false, "2026-03-29T06:00:00+02:00" },
	{ "gdpr", "notification", "2026-03-28T23:00:00+01:00", "", false, "2026-04-01T00:00:00+02:00" },
	{ "se-csl-2026", "early_warning", "2026-03-29T01:59:59+01:00", "", false, "2026-03-30T02:59:59+02:00" },
	{ "se-csl-2026", "notification", "2026-03-29T01:59:59+01:00", "", false, "2026-04-01T02:59:59+02:00" },
	{ "se-agency-2026", "early_warning", "2026-03-29T01:59:59+01:00", "", false, "2026-03-29T08:59:59+02:00" },
	{ "gdpr", "notification", "2026-03-29T01:59:59+01:00", "", false, "2026-04-01T02:59:59+02:00" },
	{ "se-csl-2026", "early_warning", "2026-03-29T03:00:00+02:00", "", false, "2026-03-30T03:00:00+02:00" },
	{ "se-csl-2026", "notification", "2026-03-29T03:00:00+02:00", "", false, "2026-04-01T03:00:00+02:00" },
	{ "se-agency-2026", "early_warning", "2026-03-29T03:00:00+02:00", "", false, "2026-03-29T09:00:00+02:00" },
	{ "gdpr", "notification", "2026-03-29T03:00:00+02:00", "", false, "2026-04-01T03:00:00+02:00" },
	{ "se-csl-2026", "early_warning", "2026-10-24T02:30:00+02:00", "", false, "2026-10-25T02:30:00+02:00" },
	{ "se-csl-2026", "notification", "2026-10-24T02:30:00+02:00", "", false, "2026-10-27T01:30:00+01:00" },
	{ "se-agency-2026", "early_warning", "2026-10-24T02:30:00+02:00", "", false, "2026-10-24T08:30:00+02:00" },
	{ "gdpr", "notification", "2026-10-24T02:30:00+02:00", "", false, "2026-10-27T01:30:00+01:00" },
	{ "se-csl-2026", "early_warning", "2026-10-24T12:00:00+02:00", "", false, "2026-10-25T11:00:00+01:00" },
	{ "se-csl-2026", "notification", "2026-10-24T12:00:00+02:00", "", false, "2026-10-27T11:00:00+01:00" },
	{ "se-agency-2026", "early_warning", "2026-10-24T12:00:00+02:00", "", false, "2026-10-24T18:00:00+02:00" },
	{ "gdpr", "notification", "2026-10-24T12:00:00+02:00", "", false, "2026-10-27T11:00:00+01:00" },
	{ "se-csl-2026", "early_warning", "2026-10-25T02:30:00+02:00", "", false, "2026-10-26T01:30:00+01:00" },
	{ "se-csl-2026", "notification", "2026-10-25T02:30:00+02:00", "", false, "2026-10-28T01:30:00+01:00" },
	{ "se-agency-2026", "early_warning", "2026-10-25T02:30:00+02:00", "", false, "2026-10-25T07:30:00+01:00" },
	{ "gdpr", "notification", "2026-10-25T02:30:00+02:00", "", false, "2026-10-28T01:30:00+01:00" },
	{ "se-csl-2026", "early_warning", "2026-10-25T02:30:00+01:00", "", false, "2026-10-26T02:30:00+01:00" },
	{ "se-csl-2026", "notification", "2026-10-25T02:30:00+01:00", "", false, "2026-10-28T02:30:00+01:00" },
	{ "se-agency-2026", "early_warning", "2026-10-25T02:30:00+01:00", "", false, "2026-10-25T08:30:00+01:00" },
	{ "gdpr", "notification", "2026-10-25T02:30:00+01:00", "", false, "2026-10-28T02:30:00+01:00" },
	{ "se-csl-2026", "early_warning", "2026-10-22T08:00:00+02:00", "", false, "2026-10-23T08:00:00+02:00" },
	{ "se-csl-2026", "notification", "2026-10-22T08:00:00+02:00", "", false, "2026-10-25T07:00:00+01:00" },
	{ "se-agency-2026", "early_warning", "2026-10-22T08:00:00+02:00", "", false, "2026-10-22T14:00:00+02:00" },
	{ "gdpr", "notification", "2026-10-22T08:00:00+02:00", "", false, "2026-10-25T07:00:00+01:00" },
	{ "se-csl-2026", "early_warning", "2026-12-31T23:59:59+01:00", "", false, "2027-01-01T23:59:59+01:00" },
	{ "se-csl-2026", "notification", "2026-12-31T23:59:59+01:00", "", false, "2027-01-03T23:59:59+01:00" },
	{ "se-agency-2026", "early_warning", "2026-12-31T23:59:59+01:00", "", false, "2027-01-01T05:59:59+01:00" },
	{ "gdpr", "notification", "2026-12-31T23:59:59+01:00", "", false, "2027-01-03T23:59:59+01:00" },
	{ "se-csl-2026", "early_warning", "2028-02-28T10:00:00+01:00", "", false, "2028-02-29T10:00:00+01:00" },
	{ "se-csl-2026", "notification", "2028-02-28T10:00:00+01:00", "", false, "2028-03-02T10:00:00+01:00" },
	{ "se-agency-2026", "early_warning", "2028-02-28T10:00:00+01:00", "", false, "2028-02-28T16:00:00+01:00" },
	{ "gdpr", "notification", "2028-02-28T10:00:00+01:00", "", false, "2028-03-02T10:00:00+01:00" },
	{ "se-csl-2026", "early_warning", "2027-03-26T09:15:00+01:00", "", false, "2027-03-27T09:15:00+01:00" },
	{ "se-csl-2026", "notification", "2027-03-26T09:15:00+01:00", "", false, "2027-03-29T10:15:00+02:00" },
	{ "se-agency-2026", "early_warning", "2027-03-26T09:15:00+01:00", "", false, "2027-03-26T15:15:00+01:00" },
	{ "gdpr", "notification", "2027-03-26T09:15:00+01:00", "", false, "2027-03-29T10:15:00+02:00" },
	{ "se-csl-2026", "early_warning", "2027-03-28T00:30:00Z", "", false, "2027-03-29T02:30:00+02:00" },
	{ "se-csl-2026", "notification", "2027-03-28T00:30:00Z", "", false, "2027-03-31T02:30:00+02:00" },
	{ "se-agency-2026", "early_warning", "2027-03-28T00:30:00Z", "", false, "2027-03-28T08:30:00+02:00" },
	{ "gdpr", "notification", "2027-03-28T00:30:00Z", "", false, "2027-03-31T02:30:00+02:00" },
	{ "se-csl-2026", "early_warning", "2026-06-30T22:00:00Z", "", false, "2026-07-02T00:00:00+02:00" },
	{ "se-csl-2026", "notification", "2026-06-30T22:00:00Z", "", false, "2026-07-04T00:00:00+02:00" },
	{ "se-agency-2026", "early_warning", "2026-06-30T22:00:00Z", "", false, "2026-07-01T06:00:00+02:00" },
	{ "gdpr", "notification", "2026-06-30T22:00:00Z", "", false, "2026-07-04T00:00:00+02:00" },
	{ "se-csl-2026", "final_report", "2026-01-30T05:00:00Z", "2026-01-31T12:00:00+01:00", false, "2026-02-28T12:00:00+01:00" },
	{ "se-agency-2026", "final_report", "2026-01-30T05:00:00Z", "2026-01-31T12:00:00+01:00", false, "2026-02-28T12:00:00+01:00" },
	{ "se-csl-2026", "progress_report", "2026-01-30T05:00:00Z", "2026-01-31T12:00:00+01:00", true, "2026-02-28T12:00:00+01:00" },
	{ "se-csl-2026", "final_report", "2026-02-27T08:00:00Z", "2026-02-28T15:00:00+01:00", false, "2026-03-28T15:00:00+01:00" },
	{ "se-agency-2026", "final_report", "2026-02-27T08:00:00Z", "2026-02-28T15:00:00+01:00", false, "2026-03-28T15:00:00+01:00" },
	{ "se-csl-2026", "progress_report", "2026-02-27T08:00:00Z", "2026-02-28T15:00:00+01:00", true, "2026-03-28T15:00:00+01:00" },
	{ "se-csl-2026", "final_report", "2026-03-30T00:00:00Z", "2026-03-31T08:00:00+02:00", false, "2026-04-30T08:00:00+02:00" },
	{ "se-agency-2026", "final_report", "2026-03-30T00:00:00Z", "2026-03-31T08:00:00+02:00", false, "2026-04-30T08:00:00+02:00" },
	{ "se-csl-2026", "progress_report", "2026-03-30T00:00:00Z", "2026-03-31T08:00:00+02:00", true, "2026-04-30T08:00:00+02:00" },
	{ "se-csl-2026", "final_report", "2026-02-26T19:30:00Z", "2026-02-28T02:30:00+01:00", false, "2026-03-28T02:30:00+01:00" },
	{ "se-agency-2026", "final_report", "2026-02-26T19:30:00Z", "2026-02-28T02:30:00+01:00", false, "2026-03-28T02:30:00+01:00" },
	{ "se-csl-2026", "progress_report", "2026-02-26T19:30:00Z", "2026-02-28T02:30:00+01:00", true, "2026-03-28T02:30:00+01:00" },
	{ "se-csl-2026", "final_report", "2027-02-26T19:30:00Z", "2027-02-28T02:30:00+01:00", false, "2027-03-28T03:30:00+02:00" },
	{ "se-agency-2026", "final_report", "2027-02-26T19:30:00Z", "2027-02-28T02:30:00+01:00", false, "2027-03-28T03:30:00+02:00" },
	{ "se-csl-2026", "progress_report", "2027-02-26T19:30:00Z", "2027-02-28T02:30:00+01:00", true, "2027-03-28T03:30:00+02:00" },
	{ "se-csl-2026", "final_report", "2026-09-23T18:30:00Z", "2026-09-25T02:30:00+02:00", false, "2026-10-25T02:30:00+02:00" },
	{ "se-agency-2026", "final_report", "2026-09-23T18:30:00Z", "2026-09-25T02:30:00+02:00", false, "2026-10-25T02:30:00+02:00" },
	{ "se-csl-2026", "progress_report", "2026-09-23T18:30:00Z", "2026-09-25T02:30:00+02:00", true, "2026-10-25T02:30:00+02:00" },
	{ "se-csl-2026", "final_report", "2026-08-30T09:45:00Z", "2026-08-31T17:45:00+02:00", false, "2026-09-30T17:45:00+02:00" },
	{ "se-agency-2026", "final_report", "2026-08-30T09:45:00Z", "2026-08-31T17:45:00+02:00", false, "2026-09-30T17:45:00+02:00" },
	{ "se-csl-2026", "progress_report", "2026-08-30T09:45:00Z", "2026-08-31T17:45:00+02:00", true, "2026-09-30T17:45:00+02:00" },
	{ "se-csl-2026", "final_report", "2026-12-30T16:59:59Z", "2026-12-31T23:59:59+01:00", false, "2027-01-31T23:59:59+01:00" },
	{ "se-agency-2026", "final_report", "2026-12-30T16:59:59Z", "2026-12-31T23:59:59+01:00", false, "2027-01-31T23:59:59+01:00" },
	{ "se-csl-2026", "progress_report", "2026-12-30T16:59:59Z", "2026-12-31T23:59:59+01:00", true, "2027-01-31T23:59:59+01:00" },
	{ "se-csl-2026", "final_report", "2028-01-28T03:00:00Z", "2028-01-29T10:00:00+01:00", false, "2028-02-29T10:00:00+01:00" },
	{ "se-agency-2026", "final_report", "2028-01-28T03:00:00Z", "2028-01-29T10:00:00+01:00", false, "2028-02-29T10:00:00+01:00" },
	{ "se-csl-2026", "progress_report", "2028-01-28T03:00:00Z", "2028-01-29T10:00:00+01:00", true, "2028-02-29T10:00:00+01:00" },
	{ "se-csl-2026", "final_report", "2028-01-30T03:00:00Z", "2028-01-31T10:00:00+01:00", false, "2028-02-29T10:00:00+01:00" },
	{ "se-agency-2026", "final_report", "2028-01-30T03:00:00Z", "2028-01-31T10:00:00+01:00", false, "2028-02-29T10:00:00+01:00" },
	{ "se-csl-2026", "progress_report", "2028-01-30T03:00:00Z", "2028-01-31T10:00:00+01:00", true, "2028-02-29T10:00:00+01:00" },
	{ "se-csl-2026", "final_report", "2027-01-28T03:00:00Z", "2027-01-29T10:00:00+01:00", false, "2027-02-28T10:00:00+01:00" },
	{ "se-agency-2026", "final_report", "2027-01-28T03:00:00Z", "2027-01-29T10:00:00+01:00", false, "2027-02-28T10:00:00+01:00" },
	{ "se-csl-2026", "progress_report", "2027-01-28T03:00:00Z", "2027-01-29T10:00:00+01:00", true, "2027-02-28T10:00:00+01:00" },
	{ "se-csl-2026", "final_report", "2026-10-23T19:30:00Z", "2026-10-25T02:30:00+01:00", false, "2026-11-25T02:30:00+01:00" },
	{ "se-agency-2026", "final_report", "2026-10-23T19:30:00Z", "2026-10-25T02:30:00+01:00", false, "2026-11-25T02:30:00+01:00" },
	{ "se-csl-2026", "progress_report", "2026-10-23T19:30:00Z", "2026-10-25T02:30:00+01:00", true, "2026-11-25T02:30:00+01:00" },
	{ "se-csl-2026", "final_report", "2026-05-30T16:30:00Z", "2026-05-31T22:30:00Z", false, "2026-07-01T00:30:00+02:00" },
	{ "se-agency-2026", "final_report", "2026-05-30T16:30:00Z", "2026-05-31T22:30:00Z", false, "2026-07-01T00:30:00+02:00" },
	{ "se-csl-2026", "progress_report", "2026-05-30T16:30:00Z", "2026-05-31T22:30:00Z", true, "2026-07-01T00:30:00+02:00" },
	{ "se-csl-2026", "final_report", "2026-11-28T17:00:00Z", "2026-11-30T00:00:00+01:00", false, "2026-12-30T00:00:00+01:00" },
	{ "se-agency-2026", "final_report", "2026-11-28T17:00:00Z", "2026-11-30T00:00:00+01:00", false, "2026-12-30T00:00:00+01:00" },
	{ "se-csl-2026", "progress_report", "2026-11-28T17:00:00Z", "2026-11-30T00:00:00+01:00", true, "2026-12-30T00:00:00+01:00" },
	{ "se-csl-2026", "final_report", "2026-09-29T15:30:00Z", "2026-09-30T23:30:00+02:00", false, "2026-10-30T23:30:00+01:00" },
	{ "se-agency-2026", "final_report", "2026-09-29T15:30:00Z", "2026-09-30T23:30:00+02:00", false, "2026-10-30T23:30:00+01:00" },
	{ "se-csl-2026", "progress_report", "2026-09-29T15:30:00Z", "2026-09-30T23:30:00+02:00", true, "2026-10-30T23:30:00+01:00" },
	{ "se-csl-2026", "final_report", "2026-01-15T00:00:00+01:00", "", false, "" },
	{ "se-csl-2026", "final_report", "2026-01-15T00:00:00+01:00", "2026-01-16T00:00:00+01:00", true, "" },
	{ "se-agency-2026", "final_report", "2026-01-15T00:00:00+01:00", "", false, "" },
	{ "se-agency-2026", "final_report", "2026-01-15T00:00:00+01:00", "2026-01-16T00:00:00+01:00", true, "" },
	{ "se-csl-2026", "progress_report", "2026-01-15T00:00:00+01:00", "", true, "" },
};

static const struct deadline_row *row_named(const char *pack, const char *step)
{
	for (const struct deadline_row *row = deadline_pack_named(str_of(pack))->rows; row->step; row++)
		if (strcmp(row->step, step) == 0)
			return row;
	return NULL;
}

static void dated_cases(void **state)
{
	struct arena *arena = arena_new(1 << 20);

	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct deadline_row *row = row_named(cases[i].pack, cases[i].step);
		struct deadline_case its = { .is_notified = cases[i].notified[0] != '\0', .is_running = cases[i].is_running };
		struct out out = out_new(arena);
		struct instant due;
		const char *needs;
		assert_non_null(row);
		assert_int_equal(instant_parse(str_of(cases[i].aware), &its.aware_at), OK);
		if (its.is_notified)
			assert_int_equal(instant_parse(str_of(cases[i].notified), &its.notified_at), OK);
		if (deadline_due(row, &its, &due, &needs))
			out_instant(&out, due);
		else
			assert_non_null(needs);
		out_byte(&out, '\0');
		assert_string_equal(out_str(&out).at, cases[i].due);
		arena_empty(arena);
	}
	arena_end(arena);
}

static void every_row_says_where_it_comes_from(void **state)
{
	for (const struct deadline_pack *pack = deadline_packs; pack->name; pack++) {
		assert_true(strlen(pack->source) > 3 && strlen(pack->checked_on) == 10 && pack->track[0]);
		for (const struct deadline_row *row = pack->rows; row->step; row++) {
			assert_true(strlen(row->basis) > 10);
			assert_true((row->hours == 0) != (row->months == 0));
		}
	}
	assert_null(deadline_pack_named(STR("gdp")));
	assert_null(deadline_pack_named(STR("gdpr2")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dated_cases),
		cmocka_unit_test(every_row_says_where_it_comes_from),
	};
	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
