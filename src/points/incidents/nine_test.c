/* The nine rules of handling incidents, I1 to I9, a row each: what the record itself enforces whoever asks, page or command, since both go through the one
 * table of acts. What a door adds (the budget of reports, the form in print) is walked by tests/incidents.sh and tests/incidents_parties.sh. */
#include "test_house.h"
#include "parties.h"

/* I1: anyone reports, staff or stranger, with nothing but what happened; nothing is asked that would stop it. */
static void i1_simple_reporting(void)
{
	const char *field;

	for (enum incidents_kind kind = INCIDENTS_LINK; kind < INCIDENTS_KINDS; kind++) {
		struct incidents_reported r = { .kind = kind, .text = STR(""), .contact = STR("") };
		assert_int_equal(incidents_report_check(&f->rq, &r, &field), OK);
	}
	int64_t id = reported("From a supplier's telephone", "");
	assert_int_equal(row_of(id).state, INCIDENTS_REPORTED);
}

/* I2: sorted against criteria before it is confirmed, and again when something new is known. */
static void i2_triage_and_again(void)
{
	int64_t id = reported("Slow mail", "");
	struct incidents_proposal_of_row *rows;
	size_t n;

	DO("assess", id, PER, "");
	assert_int_equal(act("confirm", id, PER, ""), ERR_INVALID);
	assert_int_equal(row_of(id).state, INCIDENTS_ASSESSING);
	DO("classify", id, PER, "severity=4|rsit=availability/outage");
	DO("confirm", id, PER, "");
	DO("facts", id, PER, "facts=limited=10; malicious=no");
	assert_int_equal(incidents_proposal_of(&f->rq, id, &rows, &n), OK);
	int64_t first = rows[n - 1].says;
	DO("facts", id, PER, "facts=limited=600");
	DO("classify", id, PER, "severity=2");
	assert_int_equal(incidents_proposal_of(&f->rq, id, &rows, &n), OK);
	assert_int_not_equal(first, rows[n - 1].says);
	assert_int_equal(rows[n - 1].says, SIGNIFICANCE_MUST);
}

static struct instant due_of(const char *beginning)
{
	struct tasks tasks = { 0 };

	assert_int_equal(incidents_due(&f->rq, &tasks), OK);
	for (size_t i = 0; i < tasks.n; i++)
		if (str_starts(tasks.at[i].title, str_of(beginning)))
			return tasks.at[i].due_at;
	return (struct instant){ 0 };
}

static struct instant moment(const char *text)
{
	struct instant at;
	assert_int_equal(instant_parse_loose(str_of(text), &at), OK);
	return at;
}

/* I3: read within half an hour in office hours and two hours otherwise; the reporter has an answer the same day. */
static void i3_first_look(void)
{
	static const struct { const char *at, *look, *answer; } cases[] = {
		{ "2026-10-25 01:30", "2026-10-25 02:30", "2026-10-26 00:00" },       /* a Sunday, and an hour that comes twice: two hours of time */
		{ "2026-11-24 10:00", "2026-11-24 10:30", "2026-11-25 00:00" },       /* a Tuesday */
		{ "2026-11-24 07:59", "2026-11-24 09:59", "2026-11-25 00:00" },
		{ "2026-11-24 16:59", "2026-11-24 17:29", "2026-11-25 00:00" },
		{ "2026-11-24 17:00", "2026-11-24 19:00", "2026-11-26 00:00" },
		{ "2026-11-28 10:00", "2026-11-28 12:00", "2026-11-29 00:00" },       /* a Saturday */
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		at(cases[i].at);
		int64_t id = reported(cases[i].at, "anna@ex.example");
		char *title = str_c(f->arena, str_print(f->arena, "Assign an owner to incident %.*s", STR_ARG(row_of(id).number)));
		assert_int_equal(due_of(title).ms, i == 0 ? instant_plus(f->rq.now, HOURS(2)).ms : moment(cases[i].look).ms);
		title = str_c(f->arena, str_print(f->arena, "Answer who reported incident %.*s", STR_ARG(row_of(id).number)));
		assert_int_equal(due_of(title).ms, moment(cases[i].answer).ms);
	}
}

/* I4 has a test of its own for each demand (record_test.c, closing_needs_all): here that there are nine, each with its sentence while it lacks. */
static void i4_closing_demands(void)
{
	struct incidents_need needs[INCIDENTS_NEEDS];
	int64_t id = reported("Two", "anna@ex.example");
	struct incidents_get_row row = row_of(id);
	size_t lacking = 0;

	DO("classify", id, PER, "severity=1");
	DO("task", id, EVA, "text=Call|owner=siv|due=2026-12-01");
	row = row_of(id);
	row.changed = 1;
	assert_int_equal(incidents_closing(&f->rq, &row, EVA, needs), OK);
	for (size_t i = 0; i < INCIDENTS_NEEDS; i++)
		lacking += !needs[i].is_met && needs[i].why.len && needs[i].what && needs[i].name;
	assert_int_equal(lacking, 7);                  /* changed was answered, and others have handled it */
}

/* I5: what is not known is named and nothing is guessed: with a fact missing the proposal is neither yes nor no. */
static void i5_cannot_decide(void)
{
	int64_t id = reported("Something", "");
	struct incidents_get_row row = row_of(id);
	struct significance s;
	struct proposal p;

	assert_int_equal(incidents_significance(&f->rq, &row, &s), OK);
	assert_int_equal(significance_propose(&f->rq, &s, STR("gdpr"), &p), OK);
	assert_int_equal(p.says, SIGNIFICANCE_CANNOT);
	assert_true(p.needs.len > 0 && p.needs_words.len > 0);
}

/* I6: the machine proposes, a person decides; both stand in one leaf, and without a name or a reason nothing is decided. */
static void i6_person_decides(void)
{
	int64_t id = reported("Something", "");
	struct incidents_track_of_row *tracks;
	struct incidents_proposal_of_row *proposals;
	size_t n;

	DO("facts", id, PER, "facts=malicious=yes");
	assert_int_equal(incidents_track_of(&f->rq, id, &tracks, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(act("track", id, EVA, "pack=gdpr|applies=yes"), ERR_INVALID);
	assert_int_equal(act("track", id, EVA, "pack=gdpr|because=x"), ERR_INVALID);
	assert_int_equal(act("track", id, PER, "pack=gdpr|applies=yes|because=x"), ERR_DENIED);
	assert_int_equal(act("track", id, -1, "pack=gdpr|applies=yes|because=x"), ERR_INVALID);
	DO("track", id, EVA, "pack=gdpr|applies=yes|because=Names");
	assert_int_equal(incidents_track_of(&f->rq, id, &tracks, &n), OK);
	assert_int_equal(tracks[0].assessed_by, EVA);
	assert_int_equal(incidents_proposal_of(&f->rq, id, &proposals, &n), OK);
	assert_int_equal(n, 2);
}

/* I7: what was kept on paper is entered afterwards: each step and note has its own moment, and beside it when it was entered. */
static void i7_entered_afterwards(void)
{
	int64_t id = reported("The mail was down", "");
	struct incidents_entry_of_row *rows;
	struct incidents_sheet sheet;
	struct out text = out_new(f->arena);
	size_t n;

	DO("times", id, EVA, "aware=2026-11-22 08:00|detected=2026-11-22 07:50|occurred=2026-11-22 03:00|because=Kept on paper");
	DO("assess", id, EVA, "at=2026-11-22 08:05");
	DO("classify", id, EVA, "severity=2");
	DO("confirm", id, EVA, "at=2026-11-22 08:20");
	assert_int_equal(act("contain", id, EVA, "at=2026-11-22 07:00"), ERR_INVALID);
	assert_string_equal(wrong_field, "at");
	assert_int_equal(act("contain", id, EVA, "at=2026-11-24 10:01"), ERR_INVALID);
	DO("contain", id, EVA, "at=2026-11-22 11:00");
	DO("eradicate", id, EVA, "at=2026-11-22 12:00");
	assert_int_equal(act("recover", id, EVA, "at=2026-11-22 10:59"), ERR_INVALID);
	DO("recover", id, EVA, "at=2026-11-22 15:00");
	DO("note", id, EVA, "text=The number was blocked|kind=mitigation|at=2026-11-22 09:00");
	struct incidents_get_row row = row_of(id);
	assert_int_equal(row.contained_at.i, moment("2026-11-22 11:00").ms);
	assert_int_equal(row.recovered_at.i, moment("2026-11-22 15:00").ms);
	assert_int_equal(incidents_entry_of(&f->rq, id, &rows, &n), OK);
	size_t earlier = 0;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rows[i].made_at.ms, f->rq.now.ms);
		earlier += instant_is_before(rows[i].at, rows[i].made_at);
	}
	assert_int_equal(earlier, 6);
	assert_int_equal(incidents_form_sheet(&f->rq, &sheet), OK);
	incidents_form_text(&sheet, &text);
	assert_true(str_find(out_str(&text), '_') < text.len);
}

/* I8: each act is on the timeline with its maker, evidence is kept by its hash, and the handling is exercised at intervals. */
static void i8_logged_and_exercised(void)
{
	int64_t id = reported("Evidence", "");
	struct incidents_evidence_of_row *evidence;
	struct incidents_handlers_row *handlers;
	size_t n;

	DO("evidence", id, PER, "name=Calls|place=The exchange|content=070 at 09:12");
	assert_int_equal(incidents_evidence_of(&f->rq, id, &evidence, &n), OK);
	assert_int_equal(evidence[0].hash.len, 64);
	assert_int_equal(incidents_handlers(&f->rq, id, &handlers, &n), OK);
	assert_int_equal(handlers[0].made_by.i, PER);
	assert_int_equal(due_of("Exercise").ms, 0);
	at("2027-11-24 10:01");
	assert_int_equal(due_of("Exercise").ms, moment("2027-11-24 10:00").ms);
	int64_t exercise = reported("An exercise", "");
	DO("classify", exercise, PER, "severity=5|rsit=test/test");
	DO("dismiss", exercise, PER, "because=It was an exercise");
	assert_int_not_equal(due_of("Exercise").ms, 0);             /* put aside is not carried through */
	DO("reopen", exercise, PER, "because=In earnest");
	DO("confirm", exercise, PER, "");
	DO("contain", exercise, PER, "");
	DO("eradicate", exercise, PER, "");
	DO("recover", exercise, PER, "");
	DO("review", exercise, PER, "");
	DO("follow", exercise, EVA, "unknown=None|changed=no|why=It is an exercise|review=held|note=At once|touched=none");
	DO("track", exercise, EVA, "pack=gdpr|applies=no|because=An exercise");
	DO("track", exercise, EVA, "pack=se-csl-2026|applies=no|because=An exercise");
	DO("close", exercise, EVA, "");
	assert_int_equal(due_of("Exercise").ms, 0);
}

/* I9: nothing is sent by itself: a filled text goes to a person, who keeps the receipt; and without one nothing counts as handed in. */
static void i9_text_and_receipt(void)
{
	int64_t id = reported("Names went out", "");
	struct incidents_get_row row = row_of(id);
	struct incidents_duty duty;
	struct incidents_paper paper;

	DO("track", id, EVA, "pack=gdpr|applies=yes|because=Names");
	assert_int_equal(act("handed", id, EVA, "pack=gdpr|step=notification"), ERR_INVALID);
	assert_string_equal(wrong_field, "receipt");
	assert_int_equal(incidents_duty_find(&f->rq, &row, STR("gdpr"), STR("notification"), &duty), OK);
	assert_int_equal(incidents_paper(&f->rq, &row, &duty, &paper), OK);
	assert_true(paper.n > 3);
	DO("handed", id, EVA, "pack=gdpr|step=notification|receipt=IMY-7");
	struct incidents_receipt_of_row *receipts;
	size_t n;
	assert_int_equal(incidents_receipt_of(&f->rq, id, &receipts, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(receipts[0].paper.len, 64);
}

static const struct { const char *rule; void (*test)(void); } rules[] = {
	{ "I1", i1_simple_reporting }, { "I2", i2_triage_and_again }, { "I3", i3_first_look }, { "I4", i4_closing_demands }, { "I5", i5_cannot_decide },
	{ "I6", i6_person_decides }, { "I7", i7_entered_afterwards }, { "I8", i8_logged_and_exercised }, { "I9", i9_text_and_receipt },
};

static void nine_rules(void **state)
{
	for (size_t i = 0; i < LENGTH(rules); i++) {
		print_message("%s\n", rules[i].rule);
		set_up(state);
		f->rq.language = LANGUAGE_EN;
		rules[i].test();
		tear_down(state);
	}
	set_up(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(nine_rules, NULL, tear_down) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
