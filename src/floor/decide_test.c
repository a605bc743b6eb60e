/* Decisions: no order of moves, by whomever, reaches force without the signature of a right decider. Every move of the verbs is played at random by
 * every person with every kind of actor, against a naive model of what must be true; and the gate's lookup against a naive one. */
#include "floor/decide_house_test.h"
#include "floor/people.h"
#include "floor/session.sql.h"
#include "floor/setting.h"

/* CHEF holds level 3; VICE is his deputy on some days; LOW level 1; KO coordinates; FIA decides in the other body; ANNA it is for; BO asks. */
enum { CHEF, VICE, LOW, KO, FIA, ANNA, BO, SIV, PERSONS };

static struct instant day(const char *text)
{
	struct instant at;
	assert_int_equal(instant_parse_loose(str_of(text), &at), OK);
	return at;
}

static int set_up(void **state)
{
	static const struct fixture_person people[PERSONS] = {
		[CHEF] = { "chef", ROLE_MANAGEMENT, COUNCIL }, [VICE] = { "vice", ROLE_MANAGEMENT, COUNCIL }, [LOW] = { "low", ROLE_MANAGEMENT, COUNCIL },
		[KO] = { "ko", ROLE_COORDINATOR, COUNCIL }, [FIA] = { "fia", ROLE_MANAGEMENT, COMPANY }, [ANNA] = { "anna", ROLE_EMPLOYEE, COUNCIL },
		[BO] = { "bo", ROLE_MANAGER, COUNCIL }, [SIV] = { "siv", ROLE_SYSTEM_OWNER, COUNCIL } };

	house("2026-11-24 10:00", people, PERSONS);
	mandate(CHEF, COUNCIL, 3);
	mandate(LOW, COUNCIL, 1);
	mandate(FIA, COMPANY, 4);
	return 0;
}

/* Who acts from now on. `kind` 0: logged in without, 1: with a fresh second factor, 2: with an old one, 3: the command line, 4: a program. */
static void act_as(int64_t person, int kind)
{
	static char name[32];

	snprintf(name, sizeof name, "person:%lld", (long long)person);
	f->actor = (struct actor){ .person = kind >= 3 ? -1 : person, .name = str_of(name), .body = person == FIA ? COMPANY : COUNCIL,
		.roles = kind == 3 ? ROLE_HOST : kind == 4 ? ROLE_MACHINE : ROLE_STAFF };
	if (kind == 1)
		f->actor.stepped_up_at = instant_plus(f->rq.now, SECONDS(-5));
	if (kind == 2)
		f->actor.stepped_up_at = instant_plus(f->rq.now, SECONDS(-DECIDE_SECONDS - 1));
}

static struct decide_wish wish_for(int64_t asker, int64_t decider)
{
	return (struct decide_wish){ .asker = asker, .reason = STR("test.lowerable"), .title = STR("May she?"), .why = STR("It cannot wait."),
		.measures = STR("Logging."), .person = { true, ANNA }, .level = 2, .decider = decider, .until = instant_plus(f->rq.now, DAYS(10)),
		.choice = { { STR("yes"), STR("Theft."), STR("Seldom."), STR(""), STR("") }, { STR("nothing"), STR("Delay."), STR("Certain."), STR(""), STR("") } },
		.n_choices = 2 };
}

static int64_t asked(int64_t asker)
{
	struct decide_wish wish = wish_for(asker, CHEF);
	int64_t id = -1;

	act_as(asker, 0);
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), OK);
	assert_int_equal(JOB(decide_ask(&f->rq, id, asker, STR(""))), OK);
	return id;
}

static struct str hash_of(int64_t id)
{
	struct decide_get_row d;
	struct str text, hash;

	assert_int_equal(decide_get(&f->rq, id, &d), OK);
	assert_int_equal(decide_text(&f->rq, &d, &text, &hash), OK);
	return hash;
}

static enum decide_state state_of(int64_t id)
{
	struct decide_get_row d;
	assert_int_equal(decide_get(&f->rq, id, &d), OK);
	return decide_state(&d, f->rq.now);
}

/* What the gate would say of ANNA, one second from now. */
static int64_t lowered_by(int64_t person, const struct reason *reason)
{
	static struct decide_site site;
	struct instant until;

	assert_int_equal(decide_stand(&f->rq, NULL, 0, &site), OK);
	return decide_lowers(&site, &(struct decide_asked){ person, { person == FIA ? 2 : 1, person == FIA ? COMPANY : COUNCIL, INSTANT_NEVER }, -1,
		instant_plus(f->rq.now, SECONDS(1)), reason }, &until);
}

static enum err sign(int64_t id, int64_t who, int kind)
{
	act_as(who, kind);
	return JOB(decide_answer(&f->rq, id, DECIDE_YES, hash_of(id), STR(""), STR("Weighed.")));
}

/* --- the tests --- */

static void only_a_right_decider(void **state)
{
	for (int64_t who = 0; who < PERSONS; who++)
		for (int kind = 0; kind < 5; kind++) {
			if (who == CHEF && kind == 1)
				continue;
			int64_t id = asked(BO);
			assert_int_equal(sign(id, who, kind), ERR_DENIED);
			assert_int_equal(state_of(id), DECIDE_ASKED);
			assert_int_equal(lowered_by(ANNA, &lowerable), -1);
		}
	int64_t id = asked(BO);
	assert_int_equal(sign(id, CHEF, 1), OK);
	assert_int_equal(state_of(id), DECIDE_ACTIVE);
	assert_int_equal(lowered_by(ANNA, &lowerable), id);
	assert_int_equal(lowered_by(ANNA, &other), -1);
	assert_int_equal(lowered_by(ANNA, &hard), -1);
	assert_int_equal(lowered_by(BO, &lowerable), -1);
}

static void a_deputy_while_she_stands_in(void **state)
{
	int64_t id = asked(BO);

	act_as(CHEF, 0);
	f->actor.roles |= ROLE_COORDINATOR;
	assert_int_equal(JOB(people_deputise(&f->rq, &(struct people_deputising){ CHEF, VICE, day("2026-11-25"), day("2026-11-27") })), OK);
	assert_int_equal(sign(id, VICE, 1), ERR_DENIED);
	f->rq.now = day("2026-11-25 08:00");
	assert_int_equal(sign(id, VICE, 1), OK);
	id = asked(BO);
	f->rq.now = day("2026-11-27 00:00");
	assert_int_equal(sign(id, VICE, 1), ERR_DENIED);
	/* Asked by the deputy herself: not by her. */
	f->rq.now = day("2026-11-26 00:00");
	id = asked(VICE);
	assert_int_equal(sign(id, VICE, 1), ERR_DENIED);
	assert_int_equal(sign(id, CHEF, 1), OK);
}

static void another_text_is_not_signed(void **state)
{
	int64_t id = asked(BO);
	struct str before = hash_of(id);

	act_as(CHEF, 1);
	assert_int_equal(JOB(decide_answer(&f->rq, id, DECIDE_MORE, before, STR(""), STR("Why?"))), OK);
	act_as(BO, 0);
	assert_int_equal(JOB(decide_ask(&f->rq, id, BO, STR("Because."))), OK);
	act_as(CHEF, 1);
	assert_int_equal(JOB(decide_answer(&f->rq, id, DECIDE_YES, before, STR(""), STR("Weighed."))), ERR_CONFLICT);
	assert_int_equal(JOB(decide_answer(&f->rq, id, DECIDE_YES, STR(""), STR(""), STR("Weighed."))), ERR_CONFLICT);
	assert_int_equal(lowered_by(ANNA, &lowerable), -1);
	assert_int_equal(sign(id, CHEF, 1), OK);
}

static void what_cannot_be_asked(void **state)
{
	struct { const char *what; struct decide_wish wish; enum err err; } cases[14];
	size_t n = 0;
	int64_t id;

#define CASE(text, error, change) do { cases[n].what = text; cases[n].wish = wish_for(BO, CHEF); cases[n].err = error; \
		struct decide_wish *w = &cases[n++].wish; change; } while (0)
	CASE("not lowerable", ERR_DENIED, w->reason = STR("test.hard"));
	CASE("no such reason", ERR_INVALID, w->reason = STR("test.none"));
	CASE("asker decides", ERR_DENIED, w->decider = BO);
	CASE("for the decider", ERR_DENIED, w->person.i = CHEF);
	CASE("level too high", ERR_DENIED, w->level = 4);
	CASE("no such level", ERR_INVALID, w->level = 5);
	CASE("coordinator decides", ERR_DENIED, w->decider = KO);
	CASE("other body decides", ERR_DENIED, w->decider = FIA);
	CASE("too long", ERR_INVALID, w->until = instant_plus(f->rq.now, DAYS(DECIDE_DAYS + 2)));
	CASE("over", ERR_INVALID, w->until = instant_plus(f->rq.now, SECONDS(-1)));
	CASE("one option", ERR_INVALID, w->n_choices = 1);
	CASE("nothing makes up for it", ERR_INVALID, w->measures = STR(""));
	CASE("for nobody", ERR_INVALID, w->person.is = false);
	CASE("control characters", ERR_INVALID, w->why = STR("a\033[2J"));
	act_as(BO, 0);
	for (size_t i = 0; i < n; i++) {
		enum err err = JOB(decide_draft(&f->rq, &cases[i].wish, &id));
		if (err != cases[i].err || !f->trouble.text[0])
			print_error("%s: %s: %s\n", cases[i].what, err_name(err), f->trouble.text);
		assert_true(err == cases[i].err && f->trouble.text[0]);
	}
	struct decide_numbers_row *rows;
	assert_int_equal(decide_numbers(&f->rq, &rows, &n), OK);
	assert_int_equal(n, 0);
}

/* A renewal is of the same reason and scope, takes effect by its own signature alone, and then the former one has served. */
static void a_renewal(void **state)
{
	int64_t first = asked(BO), id;
	struct decide_wish wish = wish_for(BO, CHEF);

	wish.supersedes = (struct maybe_int){ true, first };
	act_as(BO, 0);
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_CONFLICT);          /* not signed: nothing to renew */
	assert_int_equal(sign(first, CHEF, 1), OK);
	act_as(BO, 0);
	struct decide_wish others[] = { wish, wish, wish, wish };
	others[0].reason = STR("test.other");
	others[1].person.i = SIV;
	others[2].person.is = false;
	others[2].unit = (struct maybe_int){ true, 1 };
	others[3].supersedes.i = 77;
	for (size_t i = 0; i < LENGTH(others); i++)
		assert_int_equal(JOB(decide_draft(&f->rq, &others[i], &id)), i == 3 ? ERR_NONE : ERR_INVALID);
	f->rq.now = instant_plus(f->rq.now, DAYS(8));
	wish.until = instant_plus(f->rq.now, DAYS(10));
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), OK);
	assert_int_equal(JOB(decide_ask(&f->rq, id, BO, STR(""))), OK);
	/* Until it is signed the first alone counts, and its own end stands. */
	assert_int_equal(lowered_by(ANNA, &lowerable), first);
	assert_int_equal(sign(id, BO, 1), ERR_DENIED);
	ended.n = 0;
	assert_int_equal(sign(id, CHEF, 1), OK);
	assert_int_equal(state_of(first), DECIDE_NOT_NEEDED);
	assert_int_equal(state_of(id), DECIDE_ACTIVE);
	assert_int_equal(lowered_by(ANNA, &lowerable), id);
	assert_true(ended.n == 1 && ended.subject == first);

	/* One that begins later leaves the former to its own end; a refused one leaves it too. */
	act_as(BO, 0);
	int64_t later, refused;
	wish.supersedes.i = id;
	wish.from_at = instant_plus(f->rq.now, DAYS(9));
	wish.until = instant_plus(f->rq.now, DAYS(20));
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &later)), OK);
	assert_int_equal(JOB(decide_ask(&f->rq, later, BO, STR(""))), OK);
	assert_int_equal(sign(later, CHEF, 1), OK);
	assert_int_equal(state_of(id), DECIDE_ACTIVE);
	assert_int_equal(lowered_by(ANNA, &lowerable), id);
	act_as(BO, 0);
	wish.from_at = (struct instant){ 0 };
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &refused)), OK);
	assert_int_equal(JOB(decide_ask(&f->rq, refused, BO, STR(""))), OK);
	act_as(CHEF, 1);
	assert_int_equal(JOB(decide_answer(&f->rq, refused, DECIDE_NO, hash_of(refused), STR(""), STR("Enough."))), OK);
	assert_int_equal(state_of(id), DECIDE_ACTIVE);
	/* Revoked is not renewed. */
	act_as(CHEF, 0);
	assert_int_equal(JOB(decide_revoke(&f->rq, id, CHEF, STR("Enough."))), OK);
	act_as(BO, 0);
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &refused)), ERR_CONFLICT);
}

/* A risk that is accepted goes the same way, needs no scope, may last as long as its level allows, and lowers nothing. */
static void a_risk_lowers_nothing(void **state)
{
	struct decide_wish wish = wish_for(BO, CHEF);
	int64_t id;

	wish.reason = DECIDE_RISK;
	wish.person.is = false;
	wish.until = instant_plus(f->rq.now, DAYS(DECIDE_DAYS + 100));
	act_as(BO, 0);
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), OK);
	assert_int_equal(JOB(decide_ask(&f->rq, id, BO, STR(""))), OK);
	for (int64_t who = 0; who < PERSONS; who++)
		if (who != CHEF)
			assert_int_equal(sign(id, who, 1), ERR_DENIED);
	assert_int_equal(sign(id, CHEF, 0), ERR_DENIED);
	assert_int_equal(sign(id, CHEF, 1), OK);
	assert_int_equal(state_of(id), DECIDE_ACTIVE);
	for (int64_t who = 0; who < PERSONS; who++)
		assert_true(lowered_by(who, &lowerable) == -1 && lowered_by(who, &other) == -1 && lowered_by(who, &hard) == -1);
	f->rq.now = wish.until;
	assert_int_equal(state_of(id), DECIDE_EXPIRED);
	/* Not longer than the level allows, and for nobody who decides on it herself. */
	act_as(BO, 0);
	wish.until = instant_plus(f->rq.now, DAYS(400));
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_INVALID);
	wish.until = instant_plus(f->rq.now, DAYS(30));
	wish.decider = BO;
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_DENIED);
	wish.decider = KO;
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), ERR_DENIED);
}

static void set_class(int64_t class)
{
	act_as(KO, 0);
	assert_int_equal(JOB(people_set_class(&f->rq, 1, STR("Arkiv"), class)), OK);
}

static void stale_is_kept_or_over(void **state)
{
	int64_t id = asked(BO), kept = asked(SIV);
	struct decide_get_row d;

	assert_int_equal(sign(id, CHEF, 1), OK);
	assert_int_equal(sign(kept, CHEF, 1), OK);
	assert_int_equal(JOB(decide_tick(&f->rq)), OK);
	assert_int_equal(decide_get(&f->rq, id, &d), OK);
	assert_false(d.stale_at.is);
	f->rq.now = instant_plus(f->rq.now, HOURS(1));
	set_class(1);
	assert_int_equal(JOB(decide_tick(&f->rq)), OK);
	assert_int_equal(decide_get(&f->rq, id, &d), OK);
	assert_true(d.stale_at.is);
	assert_int_equal(state_of(id), DECIDE_ACTIVE);
	/* Kept by a decider alone, in step-up. */
	act_as(BO, 1);
	assert_int_equal(JOB(decide_answer(&f->rq, kept, DECIDE_KEEP, hash_of(kept), STR(""), STR("Still so."))), ERR_DENIED);
	act_as(CHEF, 1);
	assert_int_equal(JOB(decide_answer(&f->rq, kept, DECIDE_KEEP, hash_of(kept), STR(""), STR("Still so."))), OK);
	f->rq.now = instant_plus(f->rq.now, DAYS(DECIDE_STALE_DAYS));
	assert_int_equal(state_of(id), DECIDE_EXPIRED);
	assert_int_equal(state_of(kept), DECIDE_ACTIVE);
	assert_int_equal(lowered_by(ANNA, &lowerable), kept);
}

static enum err connect(int64_t person, int64_t id)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "gate.accept", STR("x"), &change));
	return session_offer(change, &(struct session_offer_args){ .id = id, .person = { true, person }, .gateway = 0, .offered_at = f->rq.now,
		.until = instant_plus(f->rq.now, HOURS(4)), .nas_session = STR(""), .calling = STR("") });
}

/* Whoever may be in by it is told of in the commit that ends it: of a unit everybody who is in, and nobody of another. */
static void who_is_inside_is_told_of(void **state)
{
	struct decide_wish wish = wish_for(KO, CHEF);
	int64_t id = asked(BO);

	assert_int_equal(sign(id, CHEF, 1), OK);
	act_as(BO, 0);
	ended.n = 0;
	assert_int_equal(JOB(decide_withdraw(&f->rq, id, BO, STR(""))), OK);
	assert_true(ended.n == 1 && ended.person == ANNA && ended.subject == id);
	assert_int_equal(state_of(id), DECIDE_NOT_NEEDED);
	assert_int_equal(lowered_by(ANNA, &lowerable), -1);
	wish.person.is = false;
	wish.unit = (struct maybe_int){ true, 1 };
	act_as(KO, 0);
	assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), OK);
	assert_int_equal(JOB(decide_ask(&f->rq, id, KO, STR(""))), OK);
	assert_int_equal(sign(id, CHEF, 1), OK);
	assert_int_equal(lowered_by(ANNA, &lowerable), id);
	assert_int_equal(lowered_by(FIA, &lowerable), -1);
	assert_int_equal(JOB(connect(ANNA, 1001)), OK);
	assert_int_equal(JOB(connect(BO, 1002)), OK);
	assert_int_equal(JOB(connect(FIA, 1003)), OK);
	act_as(CHEF, 0);
	ended.n = 0;
	assert_int_equal(JOB(decide_revoke(&f->rq, id, CHEF, STR("Enough."))), OK);
	assert_true(ended.n == 2 && ended.person == BO && ended.subject == id);
}

/* What of a decision the model believes. */
struct model { int64_t asker; bool is_asked, is_signed, is_over; };

static enum err play(int move, int64_t id, int64_t who, int kind)
{
	struct str hash = hash_of(id), words = STR("Words.");
	int64_t by = kind == 3 ? who : f->actor.person;

	switch (move) {
	case 0: return JOB(decide_ask(&f->rq, id, by, words));
	case 1: return JOB(decide_withdraw(&f->rq, id, by, words));
	case 2: return JOB(decide_answer(&f->rq, id, DECIDE_YES, hash, STR(""), words));
	case 3: return JOB(decide_answer(&f->rq, id, DECIDE_NO, hash, STR(""), words));
	case 4: return JOB(decide_answer(&f->rq, id, DECIDE_MORE, hash, STR(""), words));
	case 5: return JOB(decide_answer(&f->rq, id, DECIDE_KEEP, hash, STR(""), words));
	case 6: return JOB(decide_state_answer(&f->rq, id, by, DECIDE_NO, words));
	case 7: return JOB(decide_state_answer(&f->rq, id, by, DECIDE_YES, words));
	case 8: return JOB(decide_state_answer(&f->rq, id, by, DECIDE_MORE, words));
	case 9: return JOB(decide_revoke(&f->rq, id, by, words));
	case 10: return JOB(decide_follow(&f->rq, id, by, words));
	default: return JOB(decide_tick(&f->rq));
	}
}

/* In force exactly when the model has seen a yes by CHEF in fresh step-up on a text that had been asked, and nothing has ended it. */
static void no_order_of_moves(void **state)
{
	uint64_t chance = 88172645463325252u;
	int n_signed = 0;

	for (int round = 0; round < 60; round++) {
		struct decide_wish wish = wish_for(round % 2 ? BO : SIV, CHEF);
		struct model model = { .asker = wish.asker };
		int64_t id;

		act_as(wish.asker, 0);
		assert_int_equal(JOB(decide_draft(&f->rq, &wish, &id)), OK);
		if (round % 3) {
			assert_int_equal(JOB(decide_ask(&f->rq, id, wish.asker, STR(""))), OK);
			model.is_asked = true;
		}
		for (int i = 0; i < 14; i++) {
			chance ^= chance << 13;
			chance ^= chance >> 7;
			chance ^= chance << 17;
			/* Often the asker or the decider, so that stories get far. */
			int move = (int)(chance % 12), kind = chance >> 8 & 1 ? 1 : (int)(chance >> 16) % 5;
			int64_t who = chance >> 24 & 1 ? model.asker : chance >> 25 & 1 ? CHEF : (int64_t)(chance >> 32) % PERSONS;
			act_as(who, kind);
			enum decide_state before = state_of(id);
			enum err err = play(move, id, who, kind);
			bool is_right = who == CHEF && kind == 1;
			if (err == OK && move == 2) {
				assert_true(is_right && model.is_asked && !model.is_signed && before == DECIDE_ASKED);
				model.is_signed = true;
				n_signed++;
			}
			if (err == OK && move != 11)
				assert_true(move != 7 && !(kind == 4));
			if (err == OK && move == 0) {
				assert_int_equal(who, model.asker);
				model.is_asked = true;
			}
			if (err == OK && (move == 4 || move == 8))
				model.is_asked = false;
			if (err == OK && (move == 1 || move == 3 || move == 6 || move == 9))
				model.is_over = true;
			if (err == OK && move == 9)
				assert_true(model.is_signed);
			bool is_in_force = model.is_signed && !model.is_over;
			assert_int_equal(lowered_by(ANNA, &lowerable), is_in_force ? id : -1);
			assert_int_equal(state_of(id) == DECIDE_ACTIVE, is_in_force);
		}
		if (model.is_signed && !model.is_over) {
			act_as(CHEF, 0);
			assert_int_equal(JOB(decide_revoke(&f->rq, id, CHEF, STR("Next."))), OK);
		}
	}
	/* The test has seen what it is about. */
	assert_true(n_signed >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_a_right_decider, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_deputy_while_she_stands_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_text_is_not_signed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_renewal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_risk_lowers_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stale_is_kept_or_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_inside_is_told_of, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_order_of_moves, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
