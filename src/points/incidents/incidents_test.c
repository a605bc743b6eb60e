/* Tests of the law's clocks: dated cases over both clock changes, ends of months, leap years and the turn of the year. */
#include "floor/fixture.h"
#include "deadline.h"
#include "significance.h"

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

static struct deadline_book book;

static const struct deadline_row *row_named(const char *pack, const char *step)
{
	const struct deadline_pack *its = deadline_pack_in(&book, str_of(pack));

	for (size_t i = 0; i < its->n; i++)
		if (str_equal(its->rows[i].step, str_of(step)))
			return &its->rows[i];
	return NULL;
}

static void dated_cases(void **state)
{
	struct fixture *f = fixture_new();

	assert_true(LENGTH(cases) >= 100);
	assert_int_equal(deadline_read(&f->rq, &book), OK);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct deadline_row *row = row_named(cases[i].pack, cases[i].step);
		struct deadline_case its = { .is_notified = cases[i].notified[0] != '\0', .is_running = cases[i].is_running };
		struct out out = out_new(f->arena);
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
	}
	fixture_end(f);
}

/* One that still ran when its month was over has had a progress report; the final report counts from the end. */
static void the_end_of_a_long_one(void **state)
{
	static const struct { const char *ended, *due; } ends[] = { { "2026-02-10T12:00:00+01:00", "2026-02-28T12:00:00+01:00" },
		{ "2026-02-28T12:00:00+01:00", "2026-02-28T12:00:00+01:00" }, { "2026-03-31T09:00:00+02:00", "2026-04-30T09:00:00+02:00" } };
	struct fixture *f = fixture_new();

	assert_int_equal(deadline_read(&f->rq, &book), OK);
	for (size_t i = 0; i < LENGTH(ends); i++) {
		struct deadline_case its = { .is_notified = true };
		struct instant ended, due;
		struct out out = out_new(f->arena);
		const char *needs;
		assert_int_equal(instant_parse(STR("2026-01-30T12:00:00+01:00"), &its.aware_at), OK);
		assert_int_equal(instant_parse(STR("2026-01-31T12:00:00+01:00"), &its.notified_at), OK);
		assert_int_equal(instant_parse(str_of(ends[i].ended), &ended), OK);
		its.ended_at = (struct maybe_int){ true, ended.ms };
		assert_true(deadline_due(row_named("se-csl-2026", "final_report"), &its, &due, &needs));
		out_instant(&out, due);
		out_byte(&out, '\0');
		assert_string_equal(out_str(&out).at, ends[i].due);
	}
	fixture_end(f);
}

static void every_pack_says_where_it_comes_from(void **state)
{
	struct fixture *f = fixture_new();

	for (enum language language = 0; language < LANGUAGES; language++) {
		f->rq.language = language;
		assert_int_equal(deadline_read(&f->rq, &book), OK);
		for (size_t k = 0; k < DEADLINE_PACKS; k++) {
			const struct deadline_pack *pack = &book.packs[k];
			assert_true(pack->source.len > 3 && pack->checked_on.ms > 0 && pack->track.len && pack->word.len && pack->to.len && pack->how.len);
			for (size_t i = 0; i < pack->n; i++) {
				assert_true(pack->rows[i].basis.len > 10 && pack->rows[i].word.len && pack->rows[i].asks.len);
				assert_true((pack->rows[i].hours == 0) != (pack->rows[i].months == 0));
			}
		}
	}
	assert_null(deadline_pack_in(&book, STR("gdp")));
	assert_null(deadline_pack_in(&book, STR("gdpr2")));
	fixture_end(f);
}

/* --- significance --- */

/* "limited=241 malicious=yes" put into the facts; what is proposed, with criteria or missing facts. */
static const struct { const char *track, *sector, *facts; bool is_running; enum significance_says says; const char *which; } judged[] = {
	{ "csl", "public", "limited=241", true, SIGNIFICANCE_MUST, "public-limited" },
	{ "csl", "public", "limited=240", true, SIGNIFICANCE_CANNOT, "limited" },          /* it may still grow */
	{ "csl", "public", "limited=240", false, SIGNIFICANCE_CANNOT, "reserve" },
	{ "csl", "general", "limited=241", false, SIGNIFICANCE_CANNOT, "reserve" },
	{ "csl", "general", "limited=721 reserve=0", false, SIGNIFICANCE_MUST, "general-limited" },
	{ "agency", "care", "limited=61 ambulance=yes", false, SIGNIFICANCE_MUST, "care-limited, care-ambulance" },
	{ "csl", "water", "reserve=481", false, SIGNIFICANCE_MUST, "water-reserve" },
	{ "csl", "water", "reserve=480", false, SIGNIFICANCE_CANNOT, "limited" },
	{ "csl", "electricity", "limited=121 users=2000", true, SIGNIFICANCE_MUST, "electricity-users" },
	{ "csl", "electricity", "limited=121 users=1999", true, SIGNIFICANCE_CANNOT, "users" },
	{ "csl", "transport", "departures_percent=6", false, SIGNIFICANCE_MUST, "transport-rail" },
	{ "csl", "public", "persons=500", true, SIGNIFICANCE_MUST, "persons" },
	{ "csl", "public", "persons=499", true, SIGNIFICANCE_CANNOT, "persons" },
	{ "csl", "public", "cost_permille=51", true, SIGNIFICANCE_MUST, "cost" },
	{ "csl", "public", "recurs=2 costs_permille=51", true, SIGNIFICANCE_MUST, "recurring" },
	{ "csl", "public", "recurs=1 costs_permille=51", true, SIGNIFICANCE_CANNOT, "limited" },
	{ "csl", "digital", "intruder=yes malicious=yes", true, SIGNIFICANCE_MUST, "digital-intruder" },
	{ "csl", "digital", "intruder=yes", true, SIGNIFICANCE_CANNOT, "malicious" },
	{ "csl", "public", "limited=240 reserve=720 protected=no cost_permille=50 others_protected=no persons=499 environment=no crisis=no injury=no recurs=1", false,
	  SIGNIFICANCE_NEED_NOT, "" },
	{ "csl", "public", "limited=240 reserve=720 protected=no cost_permille=50 others_protected=no persons=499 environment=no crisis=no injury=no recurs=1", true,
	  SIGNIFICANCE_CANNOT, "limited" },
	{ "csl", "public", "limited=240 reserve=720 protected=no others_protected=no persons=499 environment=no crisis=no injury=no recurs=1", false,
	  SIGNIFICANCE_CANNOT, "cost_permille" },
	{ "gdpr", "public", "personal_data=no", true, SIGNIFICANCE_NEED_NOT, "" },
	{ "gdpr", "public", "personal_data=yes", true, SIGNIFICANCE_CANNOT, "risk" },
	{ "gdpr", "public", "personal_data=yes risk=yes", true, SIGNIFICANCE_MUST, "gdpr" },
	{ "gdpr", "public", "risk=yes", true, SIGNIFICANCE_CANNOT, "personal_data" },
	{ "contract", "public", "limited=9999", true, SIGNIFICANCE_CANNOT, "" },           /* no criteria: nothing is proposed */
};

static bool stands_in(struct str list, const char *word)
{
	while (list.at) {
		if (str_equal(str_trim(str_cut(&list, ',')), str_of(word)))
			return true;
	}
	return word[0] == '\0';
}

static void significance_is_proposed(void **state)
{
	struct fixture *f = fixture_new();

	for (size_t i = 0; i < LENGTH(judged); i++) {
		struct significance s;
		struct proposal proposal;
		assert_int_equal(significance_read(&f->rq, &s), OK);
		s.sector = str_of(judged[i].sector);
		s.is_running = judged[i].is_running;
		for (struct str rest = str_of(judged[i].facts); rest.at; ) {
			struct str value = str_cut(&rest, ' '), name = str_cut(&value, '=');
			struct significance_fact *fact = significance_fact_named(&s, name);
			assert_non_null(fact);
			fact->number = (struct maybe_int){ true, str_equal(value, STR("yes")) };
			if (!str_equal(value, STR("yes")) && !str_equal(value, STR("no")))
				assert_int_equal(str_number(value, INT64_MAX, &fact->number.i), OK);
		}
		assert_int_equal(significance_propose(&f->rq, &s, str_of(judged[i].track), &proposal), OK);
		if (proposal.says != judged[i].says)
			print_message("case %zu: %.*s / %.*s\n", i, STR_ARG(proposal.because), STR_ARG(proposal.needs));
		assert_int_equal(proposal.says, judged[i].says);
		if (judged[i].says == SIGNIFICANCE_MUST)
			assert_true(str_equal(proposal.because, str_of(judged[i].which)));
		else
			assert_true(stands_in(proposal.needs, judged[i].which));
		assert_int_equal(proposal.needs_words.len > 0, proposal.needs.len > 0);
	}
	fixture_end(f);
}

/* A sector asks for what its criteria need and no more; every criterion can be read. */
static void facts_are_those_of_the_sector(void **state)
{
	struct fixture *f = fixture_new();
	struct significance s;

	assert_int_equal(significance_read(&f->rq, &s), OK);
	assert_int_equal(s.n_sectors, 7);
	for (size_t i = 0; i < s.n_sectors; i++) {
		s.sector = s.sectors[i].name;
		assert_int_equal(significance_choose(&f->rq, &s), OK);
		assert_true(significance_fact_named(&s, STR("persons"))->is_asked && significance_fact_named(&s, STR("police"))->is_asked
		            && significance_fact_named(&s, STR("cost"))->is_asked && significance_fact_named(&s, STR("malicious"))->is_asked);
		assert_false(significance_fact_named(&s, STR("recurs"))->is_asked);
		assert_int_equal(significance_fact_named(&s, STR("ambulance"))->is_asked, str_equal(s.sector, STR("care")));
		assert_int_equal(significance_fact_named(&s, STR("control_lost"))->is_asked, str_equal(s.sector, STR("electricity")));
	}
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dated_cases),
		cmocka_unit_test(the_end_of_a_long_one),
		cmocka_unit_test(every_pack_says_where_it_comes_from),
		cmocka_unit_test(significance_is_proposed),
		cmocka_unit_test(facts_are_those_of_the_sector),
	};
	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
