/* Urgent cases: in every order of moves, by everybody with every kind of actor, the gate lowers exactly when a model has seen a standing decision signed, a case
 * asked for after that by one person, and confirmed by another in fresh step-up; and no longer than the hours, the decision and a reversal allow. */
#include "floor/decide_house_test.h"
#include "floor/people.h"
#include "floor/setting.h"
#include "floor/urgent.h"

/* PER, PIA support; CHEF decides; ANNA it is for; BO manages; KO coordinates; FIA supports in the other body. */
enum { CHEF, PER, PIA, ANNA, BO, KO, FIA, PERSONS };

static int set_up(void **state)
{
	static const struct fixture_person people[PERSONS] = { [CHEF] = { "chef", ROLE_MANAGEMENT, COUNCIL }, [PER] = { "per", ROLE_SUPPORT, COUNCIL },
		[PIA] = { "pia", ROLE_SUPPORT, COUNCIL }, [ANNA] = { "anna", ROLE_EMPLOYEE, COUNCIL }, [BO] = { "bo", ROLE_MANAGER, COUNCIL },
		[KO] = { "ko", ROLE_COORDINATOR, COUNCIL }, [FIA] = { "fia", ROLE_SUPPORT, COMPANY } };

	house("2026-11-24 22:00", people, PERSONS);
	mandate(CHEF, COUNCIL, 3);
	return 0;
}

/* `kind` 0: logged in without, 1: with a fresh second factor, 2: with an old one, 3: the command line, 4: a program. */
static void act_as(int64_t person, int kind)
{
	f->actor = (struct actor){ .person = kind >= 3 ? -1 : person, .name = STR("x"), .body = person == FIA ? COMPANY : COUNCIL,
		.roles = kind == 3 ? ROLE_HOST : kind == 4 ? ROLE_MACHINE : ROLE_STAFF };
	if (kind == 1)
		f->actor.stepped_up_at = instant_plus(f->rq.now, SECONDS(-5));
	if (kind == 2)
		f->actor.stepped_up_at = instant_plus(f->rq.now, SECONDS(-DECIDE_SECONDS - 1));
}

static struct decide_wish standing_wish(void)
{
	return (struct decide_wish){ .asker = BO, .reason = STR("test.lowerable"), .title = STR("May support?"), .why = STR("Nights."), .measures = STR("Two people."),
		.level = 2, .decider = CHEF, .until = instant_plus(f->rq.now, DAYS(60)), .is_standing = true, .hours = 4, .weekly = 3, .users = ROLE_SUPPORT,
		.choice = { { STR("yes"), STR("Theft."), STR("Seldom."), STR(""), STR("") }, { STR("nothing"), STR("Delay."), STR("Certain."), STR(""), STR("") } },
		.n_choices = 2 };
}

static int64_t standing_asked(void)
{
	struct decide_wish wish = standing_wish();
	int64_t id = -1;

	act_as(BO, 0);
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), OK);
	assert_int_equal(JOB(decide_ask(&f->rq, id, BO, STR(""))), OK);
	return id;
}

static void sign(int64_t id)
{
	struct decide_get_row d;
	struct str text, hash;

	act_as(CHEF, 1);
	assert_int_equal(decide_get(&f->rq, id, &d), OK);
	assert_int_equal(decide_text(&f->rq, &d, &text, &hash), OK);
	assert_non_null(memmem(text.at, text.len, "\"hours\":4,\"weekly\":3,\"users\":\"support\"", 38));
	assert_int_equal(JOB(decide_answer(&f->rq, id, DECIDE_YES, hash, STR(""), STR("Weighed."))), OK);
	f->rq.now = instant_plus(f->rq.now, SECONDS(1));
}

static int64_t lowered_by(int64_t person, const struct reason *reason, struct instant at)
{
	static struct decide_site site;
	struct instant until;

	assert_int_equal(decide_stand(&f->rq, NULL, 0, &site), OK);
	return decide_lowers(&site, &(struct decide_asked){ person, { person == FIA ? 2 : 1, person == FIA ? COMPANY : COUNCIL, INSTANT_NEVER }, -1, at, reason }, &until);
}

static int64_t lowers_now(int64_t person)
{
	return lowered_by(person, &lowerable, instant_plus(f->rq.now, SECONDS(1)));
}

static enum err ask(int64_t decision, int64_t who, int kind, int64_t person, int64_t hours, int64_t *ret)
{
	struct urgent_wish wish = { .decision = decision, .person = person, .hours = hours, .why = STR("The pumps stand still.") };

	act_as(who, kind);
	return JOB(urgent_ask(&f->rq, &wish, ret));
}

static enum err confirm(int64_t id, int64_t who, int kind)
{
	act_as(who, kind);
	return JOB(urgent_confirm(&f->rq, id));
}

static int64_t in_force(int64_t decision)
{
	int64_t id = -1;

	assert_int_equal(ask(decision, PER, 0, ANNA, 4, &id), OK);
	assert_int_equal(confirm(id, PIA, 1), OK);
	assert_int_equal(lowers_now(ANNA), decision);
	return id;
}

static enum urgent_state state_of(int64_t id)
{
	struct urgent u;
	assert_int_equal(urgent_read(&f->rq, id, &u), OK);
	return u.state;
}

/* --- the tests --- */

/* By itself, signed, a standing decision lowers nothing for anybody; and unsigned it cannot be used. */
static void by_itself_nothing(void **state)
{
	int64_t decision = standing_asked(), id;

	assert_int_equal(ask(decision, PER, 0, ANNA, 4, &id), ERR_CONFLICT);
	sign(decision);
	for (int64_t who = 0; who < PERSONS; who++)
		for (int r = 0; reasons[r]; r++)
			assert_int_equal(lowered_by(who, reasons[r], instant_plus(f->rq.now, SECONDS(1))), -1);
}

static void two_people(void **state)
{
	int64_t decision = standing_asked(), id;

	sign(decision);
	for (int64_t who = 0; who < PERSONS; who++)
		for (int kind = 0; kind < 5; kind++)
			if ((who != PER && who != PIA) || kind >= 3)
				assert_int_equal(ask(decision, who, kind, ANNA, 4, &id), ERR_DENIED);
	assert_int_equal(ask(decision, PER, 1, PER, 4, &id), ERR_DENIED);
	assert_int_equal(ask(decision, PER, 0, FIA, 4, &id), ERR_DENIED);
	assert_int_equal(ask(decision, PER, 0, ANNA, 5, &id), ERR_INVALID);
	assert_int_equal(ask(decision, PER, 0, ANNA, 4, &id), OK);
	assert_int_equal(ask(decision, PIA, 0, ANNA, 4, &id), ERR_CONFLICT);
	for (int64_t who = 0; who < PERSONS; who++)
		for (int kind = 0; kind < 5; kind++) {
			if (who == PIA && kind == 1)
				continue;
			assert_int_equal(confirm(id, who, kind), ERR_DENIED);
			assert_int_equal(lowers_now(ANNA), -1);
		}
	assert_int_equal(confirm(id, PIA, 1), OK);
	assert_int_equal(confirm(id, PIA, 1), ERR_CONFLICT);
	assert_int_equal(lowers_now(ANNA), decision);
	/* For her, this reason, from now, and for its hours; nobody has to do anything for it to end. */
	assert_int_equal(lowers_now(BO), -1);
	assert_int_equal(lowered_by(ANNA, &other, instant_plus(f->rq.now, SECONDS(1))), -1);
	assert_int_equal(lowered_by(ANNA, &lowerable, f->rq.now), -1);
	assert_int_equal(lowered_by(ANNA, &lowerable, instant_plus(f->rq.now, HOURS(4))), -1);
	f->rq.now = instant_plus(f->rq.now, HOURS(4));
	assert_int_equal(state_of(id), URGENT_OVER);
	assert_int_equal(lowers_now(ANNA), -1);
}

static void too_late_too_often(void **state)
{
	int64_t decision = standing_asked(), id;

	sign(decision);
	assert_int_equal(ask(decision, PER, 0, ANNA, 4, &id), OK);
	f->rq.now = instant_plus(f->rq.now, MINUTES(URGENT_CONFIRM_MINUTES));
	assert_int_equal(state_of(id), URGENT_LAPSED);
	assert_int_equal(confirm(id, PIA, 1), ERR_CONFLICT);
	for (int i = 0; i < 3; i++) {
		in_force(decision);
		f->rq.now = instant_plus(f->rq.now, HOURS(5));
	}
	assert_int_equal(ask(decision, PER, 0, ANNA, 4, &id), ERR_CONFLICT);
	f->rq.now = instant_plus(f->rq.now, DAYS(7));
	in_force(decision);
	/* The decision's own end ends them, and its revocation. */
	f->rq.now = instant_plus(f->rq.now, DAYS(1));
	id = in_force(decision);
	act_as(CHEF, 0);
	ended.n = 0;
	assert_int_equal(JOB(decide_revoke(&f->rq, decision, CHEF, STR("Enough."))), OK);
	assert_true(ended.n == 1 && ended.person == ANNA);
	assert_int_equal(lowers_now(ANNA), -1);
	assert_int_equal(state_of(id), URGENT_OVER);
	assert_int_equal(ask(decision, PER, 0, ANNA, 4, &id), ERR_CONFLICT);
}

static void reversed_and_reviewed(void **state)
{
	int64_t decision = standing_asked();

	sign(decision);
	/* By anyone of the roles, a coordinator, who decides, or the account on the server; by nobody else. */
	const struct { int64_t who; int kind; } may[] = { { PER, 0 }, { KO, 0 }, { CHEF, 0 } };
	for (size_t i = 0; i < LENGTH(may); i++) {
		int64_t id = in_force(decision);
		act_as(ANNA, 1);
		assert_int_equal(JOB(urgent_reverse(&f->rq, id, ANNA, STR("No."))), ERR_DENIED);
		act_as(FIA, 1);
		assert_int_equal(JOB(urgent_reverse(&f->rq, id, FIA, STR("No."))), ERR_DENIED);
		act_as(may[i].who, may[i].kind);
		assert_int_equal(JOB(urgent_reverse(&f->rq, id, may[i].who, STR(""))), ERR_INVALID);
		ended.n = 0;
		assert_int_equal(JOB(urgent_reverse(&f->rq, id, may[i].who, STR("It was a trick."))), OK);
		assert_true(ended.n == 1 && ended.person == ANNA);
		assert_int_equal(lowers_now(ANNA), -1);
		assert_int_equal(state_of(id), URGENT_REVERSED);
		assert_int_equal(JOB(urgent_reverse(&f->rq, id, may[i].who, STR("Again."))), ERR_CONFLICT);
	}
	f->rq.now = instant_plus(f->rq.now, DAYS(8));
	int64_t id = in_force(decision);
	/* Reviewed by somebody with the mandate who had no part in it; no ends it. */
	for (int64_t who = 0; who < PERSONS; who++) {
		act_as(who, 1);
		if (who != CHEF)
			assert_int_equal(JOB(urgent_review(&f->rq, id, who, true, STR("Fine."))), ERR_DENIED);
	}
	struct tasks tasks = { 0 };
	assert_int_equal(urgent_due(&f->rq, &tasks), OK);
	assert_int_equal(tasks.n, 4);
	assert_true(tasks.at[3].person == CHEF);
	act_as(CHEF, 0);
	assert_int_equal(JOB(urgent_review(&f->rq, id, CHEF, false, STR("It could have waited."))), OK);
	assert_int_equal(lowers_now(ANNA), -1);
	assert_int_equal(state_of(id), URGENT_REVERSED);
	tasks = (struct tasks){ 0 };
	assert_int_equal(urgent_due(&f->rq, &tasks), OK);
	assert_true(tasks.n == 4 && tasks.at[3].person == PER);
	act_as(PIA, 0);
	assert_int_equal(JOB(urgent_clean(&f->rq, id, PIA, STR("Undone."))), ERR_DENIED);
	act_as(PER, 0);
	assert_int_equal(JOB(urgent_clean(&f->rq, id, PER, STR("Undone."))), OK);
}

static void what_is_no_standing_decision(void **state)
{
	struct decide_wish wish = standing_wish();
	int64_t id;

	act_as(BO, 0);
	wish.hours = 25;
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_INVALID);
	wish = standing_wish();
	wish.weekly = 0;
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_INVALID);
	wish = standing_wish();
	wish.users = ROLE_EMPLOYEE;
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_INVALID);
	wish = standing_wish();
	wish.person = (struct maybe_int){ true, ANNA };
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_INVALID);
	wish = standing_wish();
	wish.reason = STR("test.hard");
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_DENIED);
	wish.reason = DECIDE_RISK;
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_INVALID);
	/* The spelling alone makes none: an ordinary wish with that reason is refused. */
	wish = standing_wish();
	wish.is_standing = false;
	wish.reason = STR("urgent:test.lowerable");
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_INVALID);
}

static void no_order_of_moves(void **state)
{
	uint64_t chance = 88172645463325252u;
	int n_on = 0;

	for (int round = 0; round < 40; round++) {
		int64_t decision = standing_asked(), id = -1, asker = -1;
		bool is_signed = false, is_on = false;
		for (int i = 0; i < 14; i++) {
			chance ^= chance << 13;
			chance ^= chance >> 7;
			chance ^= chance << 17;
			int move = (int)(chance % 7), kind = chance >> 8 & 1 ? 1 : (int)(chance >> 16) % 5;
			int64_t who = chance >> 24 & 1 ? PER : chance >> 25 & 1 ? PIA : (int64_t)(chance >> 32) % PERSONS, by = kind == 3 ? who : f->actor.person;
			enum err err = OK;
			act_as(who, kind);
			by = kind == 3 ? who : f->actor.person;
			switch (move) {
			case 0: if (!is_signed) { sign(decision); is_signed = true; } break;
			case 1: err = ask(decision, who, kind, ANNA, 2, &id);
				if (err == OK) { assert_true(is_signed && kind < 3 && (who == PER || who == PIA)); asker = who; } break;
			case 2: case 3: err = id < 0 ? ERR_NONE : confirm(id, who, kind);
				if (err == OK) { assert_true(kind == 1 && who != asker && (who == PER || who == PIA)); is_on = true; n_on++; } break;
			case 4: err = id < 0 ? ERR_NONE : JOB(urgent_refuse(&f->rq, id, by, STR("No."))); break;
			case 5: err = id < 0 ? ERR_NONE : JOB(urgent_withdraw(&f->rq, id, by)); break;
			default: err = id < 0 ? ERR_NONE : JOB(urgent_reverse(&f->rq, id, by, STR("No.")));
				if (err == OK) { assert_true(is_on); is_on = false; } break;
			}
			assert_int_equal(lowers_now(ANNA), is_on ? decision : -1);
		}
		act_as(CHEF, 0);
		if (is_signed)
			assert_int_equal(JOB(decide_revoke(&f->rq, decision, CHEF, STR("Next."))), OK);
	}
	assert_true(n_on >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_itself_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_people, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_late_too_often, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reversed_and_reviewed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_standing_decision, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_order_of_moves, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
