/* Tests of point 8's records: the acts against a model of their table written out by hand, a random walk of acts by random people, who sees
 * what, the nine things before the closing, merging, a leaver, the same within six months. The store is in memory, the clock is set by hand. */
#include "test_house.h"

static void report_is_kept_once(void **state)
{
	(void)state;
	int64_t a = reported("He wanted my code", ""), b = reported("He wanted my code", "");
	struct incidents_event_count_row events;

	assert_int_equal(a, b);
	assert_int_equal(opened, 1);
	at("2026-11-24 10:11");
	assert_int_not_equal(reported("He wanted my code", ""), a);
	assert_int_equal(incidents_event_count(&f->rq, a, &events), OK);
	assert_int_equal(events.n, 1);
	at("2027-01-01 00:30");
	struct incidents_get_row row = row_of(reported("A new year", ""));
	assert_true(str_equal(row.number, STR("2027-1")));
	row = row_of(reported("Another", ""));
	assert_true(str_equal(row.number, STR("2027-2")));
}

static void bad_reports(void **state)
{
	(void)state;
	static const struct { struct incidents_reported r; const char *field; } bad[] = {
		{ { .kind = 0, .text = { "x", 1 } }, "kind-link" }, { { .kind = INCIDENTS_KINDS }, "kind-link" },
		{ { .kind = INCIDENTS_LINK, .text = { "a\0b", 3 } }, "text" }, { { .kind = INCIDENTS_LINK, .text = { "\xff", 1 } }, "text" },
		{ { .kind = INCIDENTS_LINK, .what = { "\x1b[2J", 4 } }, "what" }, { { .kind = INCIDENTS_LINK, .contact = { "anna@", 5 } }, "contact" },
		{ { .kind = INCIDENTS_LINK, .contact = { "@b.se", 5 } }, "contact" }, { { .kind = INCIDENTS_LINK, .contact = { "12", 2 } }, "contact" },
		{ { .kind = INCIDENTS_LINK, .contact = { "me", 2 } }, "contact" } };
	const char *field;

	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct incidents_reported r = bad[i].r;
		fixture_forgive(f);
		assert_int_equal(incidents_report_check(&f->rq, &r, &field), ERR_INVALID);
		assert_string_equal(field, bad[i].field);
	}
	char *long_text = arena_take(f->arena, 5000);
	memset(long_text, 'a', 5000);
	struct incidents_reported r = { .kind = INCIDENTS_LINK, .text = { long_text, 4001 } };
	fixture_forgive(f);
	assert_int_equal(incidents_report_check(&f->rq, &r, &field), ERR_INVALID);
	r.text.len = 4000;
	fixture_forgive(f);
	assert_int_equal(incidents_report_check(&f->rq, &r, &field), OK);
}

/* --- the moves against a model --- */

/* Written from the life cycle, not from the table: what each move leads to from each state; '.' nowhere.
 * States: r reported, a assessing, c confirmed, C contained, e eradicated, R recovered, v reviewing, X closed, d dismissed, m merged, o reopened. */
static const char states[] = "racCeRvXdmo";
static const struct { const char *name, *to; } model[] = {
	/*             racCeRvXdmo */
	{ "assess",    "a.........a" }, { "confirm",   ".c........c" }, { "contain",   "..C........" }, { "eradicate", "...e......." },
	{ "recover",   "....R......" }, { "review",    ".....v....." }, { "close",     "......X...." }, { "back",      "...cCeR...." },
	{ "dismiss",   "dd........d" }, { "merge",     "mmm.......m" }, { "reopen",    ".......oo.." },
};

static bool may_by_role(const char *name, int64_t by, int64_t owner)
{
	bool is_middle = !strcmp(name, "contain") || !strcmp(name, "eradicate") || !strcmp(name, "recover") || !strcmp(name, "back");

	if (!strcmp(name, "close"))
		return by == EVA || by == KIM;
	if (by == owner && (is_middle || !strcmp(name, "review")))
		return true;
	return by == EVA || by == KIM || by == PER || (is_middle && by == SIV);
}

static void table_is_the_model(void **state)
{
	(void)state;
	for (size_t m = 0; m < LENGTH(model); m++) {
		const struct incidents_act *one = incidents_act_named(str_of(model[m].name));
		assert_non_null(one);
		for (int s = 0; s < INCIDENTS_STATES; s++) {
			int to = one->to == INCIDENTS_STEPS_BACK ? s - 1 : one->to;
			char is = one->states >> s & 1 ? states[to] : '.';
			if (is != model[m].to[s])
				print_error("%s from %s: %c, the model says %c\n", model[m].name, incidents_state_name[s], is, model[m].to[s]);
			assert_int_equal(is, model[m].to[s]);
		}
	}
}

/* splitmix64: the same in every run. */
static uint64_t chance(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Whatever is tried, by whomever: the state is what the model says, the times agree with it, the timeline only grows. */
static void random_walk(void **state)
{
	(void)state;
	uint64_t seed = 20261124;
	int64_t into = reported("The one that stays", "");
	unsigned visited = 0;

	for (int walk = 0; walk < 30; walk++) {
		int64_t id = reported(str_c(f->arena, str_print(f->arena, "walk %d", walk)), ""), entries = 1;
		DO("classify", id, PER, "severity=3");
		DO("assign", id, PER, "owner=anna");
		entries += 2;
		for (int step = 0; step < 30; step++) {
			size_t m = chance(&seed) % LENGTH(model);
			int64_t by = (int64_t)(chance(&seed) % PERSONS);
			bool goes_on = chance(&seed) % 4 != 0;
			struct incidents_get_row before = row_of(id);
			/* Three of four times something that goes on, so that the walks come far. */
			for (size_t i = 0; i < LENGTH(model) && goes_on; i++)
				if (strchr("acCeRvo", model[(m + i) % LENGTH(model)].to[before.state])) {
					m = (m + i) % LENGTH(model);
					break;
				}
			char to = model[m].to[before.state];
			bool should = to != '.' && may_by_role(model[m].name, by, ANNA) && to != 'X';
			f->rq.now = instant_plus(f->rq.now, MINUTES(1));
			enum err err = act(model[m].name, id, by, to == 'm' ? "because=why|into=2026-1" : "because=why");
			struct incidents_get_row after = row_of(id);
			struct incidents_entry_of_row *rows;
			size_t n;
			assert_int_equal(err == OK, should);
			assert_int_equal(after.state, should ? strchr(states, to) - states : before.state);
			entries += should;
			assert_int_equal(incidents_entry_of(&f->rq, id, &rows, &n), OK);
			assert_int_equal(n, entries);
			assert_int_equal(after.closed_at.is, incidents_is_over(after.state));
			assert_true(!after.recovered_at.is || !incidents_is_running(after.state));
			if (after.state >= INCIDENTS_CONTAINED && after.state <= INCIDENTS_REVIEWING)
				assert_true(after.contained_at.is);
			assert_int_equal(after.merged_into.is, after.state == INCIDENTS_MERGED);
			visited |= 1u << after.state;
		}
	}
	assert_int_equal(visited | 1u << INCIDENTS_CLOSED | 1u << INCIDENTS_REPORTED, (1u << INCIDENTS_STATES) - 1);
	assert_int_equal(row_of(into).state, INCIDENTS_REPORTED);
}

/* --- the closing --- */

static void to_review(int64_t id, int64_t by, const char *severity)
{
	DO("assess", id, by, "");
	DO("classify", id, by, severity);
	DO("confirm", id, by, "");
	DO("contain", id, by, "");
	DO("eradicate", id, by, "");
	DO("recover", id, by, "");
	DO("review", id, by, "");
}

static int missing(int64_t id, int64_t closer)
{
	struct incidents_need needs[INCIDENTS_NEEDS];
	struct incidents_get_row row = row_of(id);
	int bits = 0;

	assert_int_equal(incidents_closing(&f->rq, &row, closer, needs), OK);
	for (int i = 0; i < INCIDENTS_NEEDS; i++) {
		bits |= needs[i].is_met ? 0 : 1 << i;
		assert_int_equal(needs[i].is_met, needs[i].why.len == 0);
	}
	return bits;
}
enum { CAUSE = 1, CHANGED = 2, TASKS = 4, DUTIES = 8, WEAK = 16, REVIEW = 32, TOLD = 64, TOUCHED = 128, SECOND = 256 };

static void closing_needs_all(void **state)
{
	(void)state;
	int64_t id = reported("He wanted my code", "anna@ex.example");

	to_review(id, EVA, "severity=2|rsit=fraud/masquerade");
	DO("task", id, EVA, "text=Call|owner=siv|due=2026-12-01");
	assert_int_equal(missing(id, EVA), CAUSE | CHANGED | TASKS | DUTIES | REVIEW | TOLD | TOUCHED | SECOND);
	assert_int_equal(missing(id, KIM), CAUSE | CHANGED | TASKS | DUTIES | REVIEW | TOLD | TOUCHED);
	DO("follow", id, EVA, "cause=No rule");
	assert_true(missing(id, EVA) & CAUSE);                         /* a cause without its class */
	DO("follow", id, EVA, "class=routine");
	assert_false(missing(id, EVA) & CAUSE);
	assert_int_equal(act("follow", id, EVA, "changed=yes"), ERR_INVALID);
	assert_string_equal(wrong_field, "why");
	DO("follow", id, EVA, "changed=yes|why=All at home");
	assert_int_equal(missing(id, EVA) & (CHANGED | WEAK), WEAK);
	DO("weakness", id, EVA, "text=No proof|cause=All at home|owner=siv|due=2026-12-01");
	assert_false(missing(id, EVA) & WEAK);
	DO("track", id, EVA, "pack=gdpr|applies=no|because=No names");
	assert_true(missing(id, EVA) & DUTIES);                        /* one of two */
	DO("track", id, EVA, "pack=se-csl-2026|applies=no|because=Below");
	assert_false(missing(id, EVA) & DUTIES);
	DO("follow", id, EVA, "review=waived|note=A small one|touched=none");
	DO("told", id, EVA, "how=Called");
	assert_int_equal(act("work", id, SIV, "task=1|move=verify"), ERR_CONFLICT);
	DO("work", id, SIV, "task=1|move=done");
	assert_int_equal(missing(id, EVA), TASKS);                     /* done is not verified; siv has handled it too */
	assert_int_equal(act("work", id, SIV, "task=1|move=verify"), ERR_DENIED);
	assert_int_equal(act("close", id, EVA, ""), ERR_CONFLICT);
	DO("work", id, EVA, "task=1|move=verify");
	assert_int_equal(missing(id, EVA), 0);
	DO("close", id, EVA, "");
	assert_int_equal(closed, 1);
	DO("reopen", id, PER, "because=Again");
	assert_int_equal(opened, 2);
}

/* At SEV1-2 never the one who alone has handled it; at SEV3 it does not matter. */
static void never_the_sole_handler(void **state)
{
	(void)state;
	static const char *const severity[] = { "severity=1", "severity=2", "severity=3" };

	for (int i = 0; i < 3; i++) {
		int64_t id = reported(severity[i], "");
		to_review(id, EVA, severity[i]);
		DO("follow", id, EVA, "unknown=No traces|changed=no|why=Same as ever|review=held|note=Friday|touched=none");
		DO("track", id, EVA, "pack=gdpr|applies=no|because=No names");
		DO("track", id, EVA, "pack=se-csl-2026|applies=no|because=Below");
		assert_int_equal(act("close", id, EVA, ""), i < 2 ? ERR_CONFLICT : OK);
		assert_int_equal(act("close", id, PER, ""), i < 2 ? ERR_DENIED : ERR_CONFLICT);
		if (i < 2)
			DO("close", id, KIM, "");
	}
}

/* --- who sees it --- */

static void confidential_to_few(void **state)
{
	(void)state;
	int64_t id = reported("About a colleague", "");
	struct incidents_get_row row;
	struct actor nobody = { .person = 99, .name = STR("person:x"), .roles = 0, .body = 1 };

	f->rq.actor = &nobody;
	for (int64_t who = 0; who < PERSONS; who++) {
		fixture_forgive(f);
		assert_int_equal(incidents_find(&f->rq, STR("2026-1"), who, &row), who == ANNA ? ERR_NONE : OK);
	}
	DO("classify", id, PER, "confidential=yes");
	DO("assign", id, EVA, "owner=anna");
	DO("task", id, EVA, "text=Look|owner=siv|due=2026-12-01");
	for (int64_t who = 0; who < PERSONS; who++) {
		bool sees = who == ANNA || who == SIV || who == EVA || who == KIM;
		fixture_forgive(f);
		assert_int_equal(incidents_find(&f->rq, STR("2026-1"), who, &row), sees ? OK : ERR_NONE);
	}
	struct incidents_list_open_row *rows;
	size_t n;
	assert_int_equal(incidents_list_open(&f->rq, true, false, (struct maybe_int){ true, PER }, INT64_MAX, &rows, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(incidents_list_open(&f->rq, false, false, (struct maybe_int){ true, SIV }, INT64_MAX, &rows, &n), OK);
	assert_int_equal(n, 1);
	f->rq.actor = &f->actor;
}

/* --- times, timeline --- */

static void times_follow_each_other(void **state)
{
	(void)state;
	int64_t id = reported("Late", "");

	assert_int_equal(act("times", id, PER, "aware=2026-11-25 08:00|because=x"), ERR_INVALID);
	assert_string_equal(wrong_field, "aware");
	assert_int_equal(act("times", id, PER, "aware=2026-11-23|because=x"), ERR_INVALID);
	assert_string_equal(wrong_field, "detected");
	assert_int_equal(act("times", id, PER, "occurred=2026-11-24 10:00:01|because=x"), ERR_INVALID);
	assert_int_equal(act("times", id, PER, "occurred=2026-02-30|because=x"), ERR_INVALID);
	assert_int_equal(act("times", id, PER, "aware=2026-11-23 08:00|detected=2026-11-23 07:00|occurred=2026-11-22 07:00"), ERR_INVALID);
	DO("times", id, PER, "aware=2026-11-23 08:00|detected=2026-11-23 07:00|occurred=2026-11-22 07:00|because=Told");
	struct incidents_get_row row = row_of(id);
	struct incidents_duty *duties;
	size_t n;
	assert_int_equal(incidents_duties(&f->rq, &row, NULL, &duties, &n), OK);
	assert_int_equal(duties[0].due_at.ms, instant_plus(row.aware_at, HOURS(24)).ms);
}

static void corrected_never_changed(void **state)
{
	(void)state;
	int64_t id = reported("One", ""), other = reported("Two", "");
	struct incidents_entry_of_row *rows;
	size_t n;

	DO("note", id, PER, "text=Twelve calls|at=2026-11-24 09:00");
	assert_int_equal(act("note", other, PER, "text=x|corrects=3"), ERR_INVALID);
	assert_int_equal(act("note", id, PER, "text=x|at=2026-11-24 10:01"), ERR_INVALID);
	DO("note", id, PER, "text=Two calls|corrects=3");
	assert_int_equal(incidents_entry_of(&f->rq, id, &rows, &n), OK);
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].kind, INCIDENTS_CORRECTION);
	assert_int_equal(rows[0].corrects.i, 3);
	assert_true(str_equal(rows[2].text, STR("Twelve calls")));
}

/* --- merging, watchers, leavers, recurrence --- */

static void merged_keeps_the_earliest(void **state)
{
	(void)state;
	int64_t a = reported("First", "anna@ex.example");
	at("2026-11-24 12:00");
	int64_t b = reported("Second", "");
	struct incidents_report_untold_row untold;

	assert_int_equal(act("merge", a, PER, "into=2026-1"), ERR_INVALID);
	assert_int_equal(act("merge", a, PER, "into=2026-9"), ERR_INVALID);
	assert_int_equal(act("merge", a, PER, ""), ERR_INVALID);
	DO("classify", a, EVA, "confidential=yes");
	assert_int_equal(act("merge", a, EVA, "into=2026-2"), ERR_INVALID);
	DO("classify", a, EVA, "confidential=no");
	DO("merge", a, PER, "into=2026-2");
	struct incidents_get_row first = row_of(a), second = row_of(b);
	assert_int_equal(second.aware_at.ms, first.aware_at.ms);
	assert_int_equal(incidents_report_untold(&f->rq, b, &untold), OK);
	assert_int_equal(untold.n, 1);
	assert_int_equal(act("merge", b, PER, "into=2026-1"), ERR_INVALID);
}

static enum err raise(const char *key, int64_t *ret)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "test.raise", STR("x"), &change));
	return incidents_raise(&f->rq, change, &(const struct incidents_raised){ .source = STR("vpn1"), .rule = STR("R1"), .key = str_of(key),
		.title = STR("Guessing"), .text = STR("20 tries"), .severity = 3, .at = f->rq.now }, ret);
}

static void one_attack_one_incident(void **state)
{
	(void)state;
	int64_t a, b;
	struct incidents_event_count_row events;

	assert_int_equal(JOB(raise("192.0.2.7", &a)), OK);
	assert_int_equal(JOB(raise("192.0.2.7", &b)), OK);
	assert_int_equal(a, b);
	assert_int_equal(incidents_event_count(&f->rq, a, &events), OK);
	assert_int_equal(events.n, 2);
	assert_int_equal(JOB(raise("192.0.2.8", &b)), OK);
	assert_int_not_equal(a, b);
	DO("dismiss", a, PER, "because=A test");
	at("2026-11-30 10:00");
	assert_int_equal(JOB(raise("192.0.2.7", &b)), OK);
	assert_int_equal(a, b);
	assert_int_equal(row_of(a).state, INCIDENTS_REOPENED);
	DO("dismiss", a, PER, "because=A test");
	at("2026-12-08 10:00");
	assert_int_equal(JOB(raise("192.0.2.7", &b)), OK);
	assert_int_not_equal(a, b);
	DO("merge", b, PER, str_c(f->arena, str_print(f->arena, "into=%.*s", STR_ARG(row_of(reported("Big", "")).number))));
	int64_t c;
	assert_int_equal(JOB(raise("192.0.2.7", &c)), OK);
	assert_int_equal(c, row_of(b).merged_into.i);
}

static enum err leave(int64_t person)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "test.leave", STR("x"), &change));
	event_say(change, (struct event){ EVENT_person_left, person, person, change_leaf(change) });
	return OK;
}

static void leaver_leaves_a_gap(void **state)
{
	(void)state;
	int64_t id = reported("Hers", "");

	DO("assign", id, PER, "owner=siv");
	DO("weakness", id, PER, "text=No proof|cause=All at home|owner=siv|due=2026-12-01");
	assert_false(missing(id, EVA) & WEAK);
	assert_int_equal(JOB(leave(SIV)), OK);
	assert_false(row_of(id).owner.is);
	assert_true(missing(id, EVA) & WEAK);
}

static void the_same_within_six_months(void **state)
{
	(void)state;
	struct incidents_again_row *rows;
	size_t n;
	int64_t ids[3];
	static const char *const when[] = { "2026-05-23 10:00", "2026-05-25 10:00", "2026-11-24 10:00" };

	for (int i = 0; i < 3; i++) {
		at(when[i]);
		ids[i] = reported(when[i], "");
		DO("classify", ids[i], PER, "rsit=fraud/phishing|severity=4");
		DO("follow", ids[i], PER, "class=routine|cause=No rule");
	}
	struct incidents_get_row row = row_of(ids[2]);
	assert_int_equal(incidents_recurring(&f->rq, &row, &rows, &n), OK);
	assert_int_equal(n, 1);
	assert_true(str_equal(rows[0].number, row_of(ids[1]).number));
}

static enum err set_packs(void)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "test.set", STR("x"), &change));
	return setting_set(change, STR("incidents.packs"), STR("gdpr  se-cls-2026"));
}

static void misspelt_pack_is_no_freedom(void **state)
{
	(void)state;
	assert_int_equal(JOB(set_packs()), OK);
	int64_t id = reported("One", "");

	DO("track", id, EVA, "pack=gdpr|applies=no|because=No names");
	assert_int_equal(act("track", id, EVA, "pack=se-cls-2026|applies=no|because=x"), ERR_INVALID);
	assert_int_equal(act("track", id, EVA, "pack=se-csl-2026|applies=no|because=x"), ERR_INVALID);
	assert_true(missing(id, EVA) & DUTIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		T(report_is_kept_once), T(bad_reports), T(table_is_the_model), T(random_walk), T(closing_needs_all), T(never_the_sole_handler),
		T(confidential_to_few), T(times_follow_each_other), T(corrected_never_changed), T(merged_keeps_the_earliest), T(one_attack_one_incident),
		T(leaver_leaves_a_gap), T(the_same_within_six_months), T(misspelt_pack_is_no_freedom),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
