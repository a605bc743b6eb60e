/* Tests of the law of an incident: facts and proposals, papers, the clocks of all incidents and their alarms. Cases of the clocks themselves stand in
 * incidents_test.c. */
#include "test_house.h"
#include "floor/calendar.h"
#include "floor/mail.h"

static enum err alarms(void)
{
	bool has_said = false;
	return incidents_alarms_tick(&f->rq, &has_said);
}

/* "1 2 3": the alarms that were said of one report. */
static struct str said_of(int64_t incident, const char *pack, const char *step)
{
	struct incidents_alarm_of_row *rows;
	struct out out = out_new(f->arena);
	size_t n;

	assert_int_equal(incidents_alarm_of(&f->rq, incident, &rows, &n), OK);
	for (size_t i = 0; i < n; i++)
		if (str_equal(rows[i].pack, str_of(pack)) && str_equal(rows[i].step, str_of(step)))
			out_print(&out, "%s%lld", out.len ? " " : "", (long long)rows[i].which);
	return out_str(&out);
}
#define SAID(text, ...) assert_true(str_equal(said_of(__VA_ARGS__), STR(text)))

static void alarms_are_said_once(void **state)
{
	(void)state;
	int64_t id = reported("A call", "");                        /* known 10:00 on the 24th: 24 h and 72 h */

	mail_is_from(STR("samordna@ex.example"), STR("https://samordna.example"));
	DO("assess", id, PER, "");
	at("2026-11-24 21:59");
	assert_int_equal(JOB(alarms()), OK);
	SAID("", id, "se-csl-2026", "early_warning");
	at("2026-11-24 22:00");                                     /* half of 24 h */
	assert_int_equal(JOB(alarms()), OK);
	assert_int_equal(JOB(alarms()), OK);
	SAID("1", id, "se-csl-2026", "early_warning");
	SAID("", id, "gdpr", "notification");
	at("2026-11-25 08:00");                                     /* 2 h are left */
	assert_int_equal(JOB(alarms()), OK);
	SAID("1 2", id, "se-csl-2026", "early_warning");
	DO("track", id, EVA, "pack=gdpr|applies=no|because=No names");
	at("2026-11-27 11:00");                                     /* all are over; half of 72 h and 2 h were never said: the last alone is */
	assert_int_equal(JOB(alarms()), OK);
	SAID("1 2 3", id, "se-csl-2026", "early_warning");
	SAID("3", id, "se-csl-2026", "notification");
	SAID("", id, "gdpr", "notification");                       /* it does not apply */
	SAID("", id, "se-csl-2026", "final_report");                /* it has no moment yet */
	mail_is_from(STR(""), STR(""));
}

static void what_is_handed_in_is_silent(void **state)
{
	(void)state;
	int64_t id = reported("A call", "");

	mail_is_from(STR("samordna@ex.example"), STR("https://samordna.example"));
	DO("assess", id, PER, "");
	DO("track", id, EVA, "pack=se-csl-2026|applies=yes|because=Essential");
	DO("handed", id, EVA, "pack=se-csl-2026|step=early_warning|receipt=MCF-1");
	int64_t dismissed = reported("Nothing", "");
	DO("dismiss", dismissed, PER, "because=Nothing");
	at("2026-11-25 12:00");
	assert_int_equal(JOB(alarms()), OK);
	SAID("", id, "se-csl-2026", "early_warning");
	SAID("", dismissed, "se-csl-2026", "early_warning");
	mail_is_from(STR(""), STR(""));
	int64_t other = reported("Another", "");
	DO("assess", other, PER, "");
	at("2026-11-30 12:00");
	assert_int_equal(JOB(alarms()), OK);                        /* no mail: nothing is said, the tasks stand */
	SAID("", other, "se-csl-2026", "early_warning");
}

static void facts_and_proposals_are_kept(void **state)
{
	(void)state;
	struct incidents_proposal_of_row *rows;
	struct incidents_entry_of_row *entries;
	int64_t id = reported("A call", "");
	size_t n;

	DO("assess", id, PER, "");
	assert_int_equal(act("facts", id, MAJ, "limited=1"), ERR_DENIED);
	assert_int_equal(act("facts", id, PER, "limited=-1"), ERR_INVALID);
	assert_string_equal(wrong_field, "limited");
	assert_int_equal(act("facts", id, PER, "malicious=perhaps"), ERR_INVALID);
	assert_int_equal(act("facts", id, PER, "sector=moon"), ERR_INVALID);
	assert_int_equal(act("facts", id, PER, "facts=recurs=4"), ERR_INVALID);          /* counted: nobody states it */
	assert_int_equal(act("facts", id, PER, "limited="), ERR_INVALID);                /* nothing new */
	assert_string_equal(wrong_field, "sector");
	DO("facts", id, PER, "facts=limited = 300; malicious=yes");
	assert_int_equal(incidents_proposal_of(&f->rq, id, &rows, &n), OK);
	assert_int_equal(n, 2);
	assert_true(rows[0].says == SIGNIFICANCE_CANNOT && str_equal(rows[0].needs, STR("risk, personal_data")));
	assert_true(rows[1].says == SIGNIFICANCE_MUST && str_equal(rows[1].because, STR("public-limited")));
	at("2026-11-24 11:00");
	DO("facts", id, PER, "limited=");                                                /* taken back: missing again */
	assert_int_equal(incidents_proposal_of(&f->rq, id, &rows, &n), OK);
	assert_int_equal(rows[1].says, SIGNIFICANCE_CANNOT);
	DO("facts", id, PER, "sector=care|limited=61");
	assert_int_equal(incidents_proposal_of(&f->rq, id, &rows, &n), OK);
	assert_true(str_equal(rows[1].because, STR("care-limited")));
	DO("track", id, EVA, "pack=se-csl-2026|applies=no|because=Not ours");             /* a person may decide otherwise */
	assert_int_equal(incidents_entry_of(&f->rq, id, &entries, &n), OK);
	assert_true(memmem(entries[0].text.at, entries[0].text.len, "care-limited", 12) && memmem(entries[0].text.at, entries[0].text.len, "Not ours", 8));
}

/* The machine counts repeated causes and their cost; what is not known of one of them is missing. */
static void recurrence_is_counted(void **state)
{
	(void)state;
	struct significance s;
	struct change *change;
	int64_t first = reported("First", ""), second;

	assert_int_equal(JOB((audit_begin(&f->rq, "test.set", STR("x"), &change) == OK) ? setting_set(change, STR("incidents.turnover"), STR("1000000")) : ERR_IO), OK);
	at("2026-12-24 10:00");
	second = reported("Second", "");
	for (int64_t id = first; id <= second; id++) {
		DO("classify", id, PER, "rsit=fraud/phishing|severity=4");
		DO("follow", id, PER, "class=routine|cause=No rule");
	}
	DO("facts", second, PER, "cost=30000");
	struct incidents_get_row row = row_of(second);
	assert_int_equal(incidents_significance(&f->rq, &row, &s), OK);
	assert_int_equal(significance_fact_named(&s, STR("recurs"))->number.i, 2);
	assert_int_equal(significance_fact_named(&s, STR("cost_permille"))->number.i, 30);
	assert_false(significance_fact_named(&s, STR("costs_permille"))->number.is);
	DO("facts", first, PER, "cost=21000");
	assert_int_equal(incidents_significance(&f->rq, &row, &s), OK);
	assert_int_equal(significance_fact_named(&s, STR("costs_permille"))->number.i, 51);
	struct proposal proposal;
	assert_int_equal(significance_propose(&f->rq, &s, STR("csl"), &proposal), OK);
	assert_true(proposal.says == SIGNIFICANCE_MUST && str_equal(proposal.because, STR("recurring")));
}

static void calendars_are_folded_and_escaped(void **state)
{
	(void)state;
	struct out out = out_new(f->arena);
	struct calendar_event event = { .uid = STR("a@b"), .title = STR("Rad 1\nBEGIN:VEVENT, a; b\\c"),
		.text = STR("åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö åäö"), .at_url = STR(""), .at = f->rq.now, .made_at = f->rq.now,
		.alarms = { HOURS(2) }, .n_alarms = 1 };

	calendar_begin(&out, STR("Klockor"));
	calendar_event(&out, &event);
	calendar_end(&out);
	size_t width = 0, lines = 0, events = 0;
	for (struct str rest = out_str(&out); rest.len; lines++) {
		struct str line = str_cut(&rest, '\n');
		assert_true(str_ends(line, STR("\r")) && line.len <= 76 && str_is_utf8(line));
		width = MAX(width, line.len);
		events += str_starts(line, STR("BEGIN:VEVENT"));
	}
	assert_int_equal(events, 1);
	assert_true(lines > 15 && width > 60);
	struct str text = out_str(&out);
	assert_non_null(memmem(text.at, text.len, "SUMMARY:Rad 1\\nBEGIN:VEVENT\\, a\\; b\\\\c\r\n", 40));
	assert_non_null(memmem(text.at, text.len, "TRIGGER:-PT120M\r\n", 17));
	assert_non_null(memmem(text.at, text.len, "DTSTART:20261124T090000Z\r\n", 26));
}

static enum err set_contracts(const char *text)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "test.set", STR("x"), &change));
	return setting_set(change, STR("incidents.contracts"), str_of(text));
}

/* Contracts run beside the law, each with its own hours, as they were when the incident was opened. */
static void contracts_are_tracks(void **state)
{
	(void)state;
	struct incidents_duty *duties;
	struct incidents_get_row row;
	struct proposal proposal;
	struct significance s;
	size_t n, contracts = 0;

	assert_int_equal(JOB(set_contracts("Kund AB 24; region 6; nonsense")), OK);
	row = row_of(reported("A call", ""));
	assert_int_equal(JOB(set_contracts("Kund AB 1")), OK);
	assert_int_equal(incidents_duties(&f->rq, &row, NULL, &duties, &n), OK);
	for (size_t i = 0; i < n; i++) {
		if (str_equal(duties[i].name, STR("contract-kund-ab-24")))
			assert_int_equal(duties[i].due_at.ms, instant_plus(row.aware_at, HOURS(24)).ms);
		if (str_equal(duties[i].name, STR("contract-region-6")))
			assert_int_equal(duties[i].due_at.ms, instant_plus(row.aware_at, HOURS(6)).ms);
		contracts += duties[i].pack && deadline_is_contract(duties[i].name);
	}
	assert_int_equal(contracts, 2);
	assert_true(str_equal(duties[n - 1].name, STR("contract-nonsense")) && !duties[n - 1].pack);      /* no hours: it stops the closing */
	assert_int_equal(incidents_significance(&f->rq, &row, &s), OK);
	assert_int_equal(significance_propose(&f->rq, &s, STR("contract"), &proposal), OK);
	assert_int_equal(proposal.says, SIGNIFICANCE_CANNOT);                                             /* only who reads it can say */
	DO("track", row.id, EVA, "pack=contract-region-6|applies=yes|because=Clause 7");
	DO("handed", row.id, EVA, "pack=contract-region-6|step=notification|receipt=By telephone");
	assert_int_equal(act("track", row.id, EVA, "pack=contract-region-7|applies=yes|because=x"), ERR_INVALID);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = { T(alarms_are_said_once), T(contracts_are_tracks), T(what_is_handed_in_is_silent), T(facts_and_proposals_are_kept), T(recurrence_is_counted),
		T(calendars_are_folded_and_escaped) };

	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
