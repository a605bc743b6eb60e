/* Countermeasures: who may decide what, how the states follow from the moments, what the gate says, what nobody is hit by who should not be. */
#include "floor/fixture.h"
#include "points/incidents/incidents.h"
#include "measure.h"
#include "floor/people.h"
#include "floor/session.sql.h"
#include "floor/setting.h"

enum { CIA, PER, SIV, ANNA, CHEF };
static const struct fixture_house houses[] = { { "Kommunen", "Arkiv" }, { "Kommunen", "Vård" } };
static const struct fixture_person people[] = { { "cia", ROLE_COORDINATOR | ROLE_EMPLOYEE, 1 }, { "per", ROLE_SUPPORT | ROLE_EMPLOYEE, 1 },
	{ "siv", ROLE_EMPLOYEE, 2 }, { "anna", ROLE_EMPLOYEE, 1 }, { "chef", ROLE_MANAGEMENT | ROLE_EMPLOYEE, 1 } };

static int said;
static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	(void)rq;
	(void)change;
	said += event->kind == EVENT_connection_held;
	return OK;
}
#define JOB(call) FIXTURE_JOB(f, hear, call)

static struct fixture *begin(void)
{
	struct fixture *f = fixture_new();

	setting_know(incidents_settings);
	assert_int_equal(JOB(fixture_people(f, houses, LENGTH(houses), people, LENGTH(people))), OK);
	assert_int_equal(JOB(people_set_class(&f->rq, 2, STR("Vård"), 1)), OK);
	said = 0;
	return f;
}

static struct measure_wish wish(enum measure_kind kind, const char *target, int64_t by)
{
	return (struct measure_wish){ .kind = kind, .target = str_of(target), .hours = 2, .by = by, .because = STR("Seen in the log"), .incident = STR("") };
}

static struct measure_get_row get(struct fixture *f, int64_t id)
{
	struct measure_get_row row;
	assert_int_equal(measure_get(&f->rq, id, &row), OK);
	return row;
}

static struct opinion asked(struct fixture *f, int64_t person, uint8_t class, const char *from, enum factor factor)
{
	static struct measure_site site;
	struct ask ask = { .person = person, .at = f->rq.now, .gateway = -1, .factor = factor, .class = class };
	struct opinion opinion = { .verdict = VERDICT_SILENT };

	memset(&site, 0, sizeof site);
	assert_int_equal(measure_site(&f->rq, &site), OK);
	ask.has_address = address_read(str_of(from), ask.address);
	measure_opinion(&ask, NULL, &site, &opinion);
	return opinion;
}

static void accounts(void **state)
{
	struct fixture *f = begin();
	struct measure_wish w = wish(MEASURE_HOLD, "anna", PER);
	int64_t id;

	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), OK);
	struct measure_get_row row = get(f, id);
	assert_int_equal(measure_state(&row, f->rq.now), MEASURE_ACTIVE);
	assert_int_equal(said, 1);                 /* her sessions are judged again */
	assert_ptr_equal(asked(f, ANNA, 3, "", FACTOR_STRONG).reason, &measure_is_held);
	assert_int_equal(asked(f, CHEF, 3, "", FACTOR_WEAK).verdict, VERDICT_SILENT);
	/* It ends by itself. */
	struct instant now = f->rq.now;
	f->rq.now = instant_plus(now, HOURS(2));
	assert_int_equal(measure_state(&row, f->rq.now), MEASURE_REMOVED);
	assert_int_equal(asked(f, ANNA, 3, "", FACTOR_WEAK).verdict, VERDICT_SILENT);
	assert_int_equal(JOB(measure_do(&f->rq, STR("remove"), id, CIA, STR("Over"))), ERR_CONFLICT);
	fixture_forgive(f);
	f->rq.now = now;
	/* Asked for, then removed by who may. */
	assert_int_equal(JOB(measure_do(&f->rq, STR("ask"), id, CHEF, STR("She was at the desk"))), OK);
	row = get(f, id);
	assert_int_equal(measure_state(&row, now), MEASURE_PENDING_REMOVAL);
	assert_int_equal(asked(f, ANNA, 3, "", FACTOR_WEAK).verdict, VERDICT_WAIT);
	assert_int_equal(JOB(measure_do(&f->rq, STR("remove"), id, ANNA, STR("I want in"))), ERR_DENIED);
	fixture_forgive(f);
	assert_int_equal(JOB(measure_do(&f->rq, STR("remove"), id, CIA, STR(" "))), ERR_INVALID);
	fixture_forgive(f);
	assert_int_equal(JOB(measure_do(&f->rq, STR("remove"), id, CIA, STR("Verified"))), OK);
	assert_int_equal(asked(f, ANNA, 3, "", FACTOR_WEAK).verdict, VERDICT_SILENT);
	/* The second factor. */
	w = wish(MEASURE_FACTOR, "anna", PER);
	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), OK);
	assert_ptr_equal(asked(f, ANNA, 3, "", FACTOR_UNKNOWN).reason, &measure_needs_factor);
	assert_int_equal(asked(f, ANNA, 3, "", FACTOR_STRONG).verdict, VERDICT_SILENT);
	fixture_end(f);
}

static void critical(void **state)
{
	struct fixture *f = begin();
	struct measure_wish w = wish(MEASURE_HOLD, "siv", PER);
	int64_t id;

	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), OK);
	struct measure_get_row row = get(f, id);
	assert_int_equal(measure_state(&row, f->rq.now), MEASURE_PENDING);
	assert_int_equal(said, 0);
	assert_int_equal(asked(f, SIV, 1, "", FACTOR_WEAK).verdict, VERDICT_SILENT);
	assert_int_equal(JOB(measure_do(&f->rq, STR("decide"), id, PER, STR_NONE)), ERR_DENIED);
	fixture_forgive(f);
	assert_int_equal(JOB(measure_do(&f->rq, STR("decide"), id, CHEF, STR_NONE)), OK);
	assert_int_equal(said, 1);
	assert_int_equal(asked(f, SIV, 1, "", FACTOR_WEAK).verdict, VERDICT_WAIT);
	/* Not against oneself, not by anybody, not for ever. */
	w = wish(MEASURE_HOLD, "cia", CIA);
	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), ERR_INVALID);
	fixture_forgive(f);
	w = wish(MEASURE_HOLD, "cia", ANNA);
	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), ERR_DENIED);
	fixture_forgive(f);
	w = wish(MEASURE_HOLD, "anna", CIA);
	w.hours = MEASURE_HOURS + 1;
	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), ERR_INVALID);
	fixture_end(f);
}

static void came_in(struct fixture *f, int64_t id, int64_t person, const char *calling)
{
	struct change *change = fixture_begin(f, "gate.accept");

	assert_int_equal(session_offer(change, &(struct session_offer_args){ .id = id, .person = { true, person }, .gateway = 0, .offered_at = f->rq.now,
		.until = instant_plus(f->rq.now, HOURS(8)), .nas_session = STR("s"), .calling = str_of(calling), .against = STR_NONE }), OK);
	fixture_commit(f);
}

static void sources(void **state)
{
	struct fixture *f = begin();
	struct measure_wish w = wish(MEASURE_BLOCK, "192.0.2.77/24", PER);
	int64_t id;

	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), OK);
	assert_true(str_equal(get(f, id).network, STR("192.0.2.0/24")));
	assert_ptr_equal(asked(f, ANNA, 3, "192.0.2.1", FACTOR_STRONG).reason, &measure_blocked);
	assert_int_equal(asked(f, ANNA, 3, "::ffff:192.0.2.255", FACTOR_STRONG).verdict, VERDICT_WAIT);
	assert_int_equal(asked(f, ANNA, 3, "192.0.2.9:4022", FACTOR_STRONG).verdict, VERDICT_WAIT);
	/* Nobody else: a neighbour, no address, a telephone number, a MAC address, class 1. */
	static const char *const others[] = { "192.0.3.1", "", "0701740605", "00-11-22-33-44-55", "192.0.2", "192.0.2.1.example", "192.0.02.1", "::192.0.2.1" };
	for (size_t i = 0; i < LENGTH(others); i++)
		assert_int_equal(asked(f, ANNA, 3, others[i], FACTOR_STRONG).verdict, VERDICT_SILENT);
	assert_int_equal(asked(f, SIV, 1, "192.0.2.1", FACTOR_STRONG).verdict, VERDICT_SILENT);
	w = wish(MEASURE_BLOCK, "192.0.2.1", PER);
	w.is_critical = true;
	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), OK);
	assert_int_equal(asked(f, SIV, 1, "192.0.2.1", FACTOR_STRONG).verdict, VERDICT_SILENT);
	assert_int_equal(JOB(measure_do(&f->rq, STR("decide"), id, CIA, STR_NONE)), OK);
	assert_int_equal(asked(f, SIV, 1, "192.0.2.1", FACTOR_STRONG).verdict, VERDICT_WAIT);
	assert_int_equal(asked(f, SIV, 1, "192.0.2.2", FACTOR_STRONG).verdict, VERDICT_SILENT);
	w = wish(MEASURE_BLOCK, "[2001:db8:7::1]/48", PER);
	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), OK);
	assert_int_equal(asked(f, ANNA, 3, "2001:db8:7:1::5", FACTOR_STRONG).verdict, VERDICT_WAIT);
	assert_int_equal(asked(f, ANNA, 3, "2001:db8:8::5", FACTOR_STRONG).verdict, VERDICT_SILENT);
	static const char *const wrong[] = { "", "10.0.0.0/8", "2001::/16", "192.0.2.1/33", "192.0.2.1/0", "host.example", "192.0.2.1 192.0.2.2", "::/0", "0.0.0.0/0" };
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		w = wish(MEASURE_BLOCK, wrong[i], CIA);
		assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), ERR_INVALID);
		assert_string_equal(w.wrong, "target");
		fixture_forgive(f);
	}
	/* Where our own people come from. */
	came_in(f, 900, ANNA, "198.51.100.7");
	w = wish(MEASURE_BLOCK, "198.51.100.0/24", CIA);
	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), ERR_CONFLICT);
	assert_string_equal(w.wrong, "ours");
	fixture_forgive(f);
	w.knows_ours = true;
	said = 0;
	assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), OK);
	assert_int_equal(said, 1);                 /* who is in from there is judged again */
	fixture_end(f);
}

static enum err watch_blocks(struct fixture *f, const char *key)
{
	struct change *change;
	int64_t incident;

	TRY(audit_begin(&f->rq, "test.watch", STR("x"), &change));
	TRY(setting_set(change, STR("incidents.block_minutes"), STR("30")));
	TRY(incidents_raise(&f->rq, change, &(const struct incidents_raised){ .source = STR("watch"), .rule = STR("R1"), .key = str_of(key), .title = STR("Guessing"),
		.text = STR("20"), .severity = 3, .at = f->rq.now }, &incident));
	return measure_by_watch(&f->rq, change, incident, str_of(key));
}

/* Nothing stops class 1 before a person has decided it: no kind, whoever asks for it, nor the watch by itself. */
static void never_class_1_without_a_decision(void **state)
{
	(void)state;
	static const struct { enum measure_kind kind; const char *target; bool is_critical; } kinds[] = { { MEASURE_HOLD, "siv" }, { MEASURE_FACTOR, "siv" },
		{ MEASURE_BLOCK, "192.0.2.1" }, { MEASURE_BLOCK, "192.0.2.1", true } };
	static const enum factor factors[] = { FACTOR_UNKNOWN, FACTOR_WEAK, FACTOR_STRONG };

	for (size_t k = 0; k < LENGTH(kinds); k++) {
		struct fixture *f = begin();
		struct measure_wish w = wish(kinds[k].kind, kinds[k].target, PER);
		int64_t id;
		w.is_critical = kinds[k].is_critical;
		assert_int_equal(JOB(measure_make(&f->rq, &w, &id)), OK);
		for (size_t i = 0; i < LENGTH(factors); i++)
			assert_int_equal(asked(f, SIV, 1, "192.0.2.1", factors[i]).verdict, VERDICT_SILENT);
		struct measure_get_row row = get(f, id);
		if (row.is_critical) {
			assert_int_equal(measure_state(&row, f->rq.now), MEASURE_PENDING);
			/* Left alone it lapses without ever having acted. */
			f->rq.now = instant_plus(row.until, MINUTES(1));
			assert_int_equal(asked(f, SIV, 1, "192.0.2.1", FACTOR_WEAK).verdict, VERDICT_SILENT);
			assert_int_equal(measure_state(&row, f->rq.now), MEASURE_REMOVED);
		}
		fixture_end(f);
	}
	struct fixture *f = begin();
	assert_int_equal(JOB(watch_blocks(f, "192.0.2.7")), OK);
	assert_ptr_equal(asked(f, ANNA, 3, "192.0.2.7", FACTOR_STRONG).reason, &measure_blocked);
	assert_int_equal(asked(f, SIV, 1, "192.0.2.7", FACTOR_WEAK).verdict, VERDICT_SILENT);
	f->rq.now = instant_plus(f->rq.now, MINUTES(31));
	assert_int_equal(asked(f, ANNA, 3, "192.0.2.7", FACTOR_STRONG).verdict, VERDICT_SILENT);      /* it ended by itself */
	came_in(f, 900, ANNA, "198.51.100.7");
	assert_int_equal(JOB(watch_blocks(f, "198.51.100.7")), OK);
	assert_int_equal(asked(f, ANNA, 3, "198.51.100.7", FACTOR_STRONG).verdict, VERDICT_SILENT);   /* our own people come from there */
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts),
		cmocka_unit_test(critical),
		cmocka_unit_test(sources),
		cmocka_unit_test(never_class_1_without_a_decision),
	};
	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
