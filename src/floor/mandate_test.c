/* Mandates: who may decide at which level, for which body, when. The verbs against a naive model over many persons and moments. */
#include "floor/fixture.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/setting.h"

static struct fixture *f;
enum { BOSS, SIV, PER, EVA, KO, FIA, GONE, STAFF, PERSONS };          /* FIA and STAFF are of the other body */
enum { COUNCIL = 1, COMPANY = 2 };

static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	return OK;
}

static struct instant day(const char *text)
{
	struct instant at;
	assert_int_equal(instant_parse_loose(str_of(text), &at), OK);
	return at;
}

#define JOB(call) FIXTURE_JOB(f, hear, call)

static enum err add_people(void)
{
	static const struct fixture_house houses[] = { { "N\303\244mnden", "Arkiv" }, { "Bolaget", "Energi" } };
	const struct fixture_person p[PERSONS] = {
		[BOSS] = { "boss", ROLE_MANAGEMENT, COUNCIL }, [SIV] = { "siv", ROLE_SYSTEM_OWNER, COUNCIL },
		[PER] = { "per", ROLE_EMPLOYEE, COUNCIL }, [EVA] = { "eva", ROLE_EMPLOYEE, COUNCIL },
		[KO] = { "ko", ROLE_COORDINATOR, COUNCIL }, [FIA] = { "fia", ROLE_MANAGEMENT, COMPANY },
		[GONE] = { "gone", ROLE_MANAGEMENT, COUNCIL, day("2026-10-01") }, [STAFF] = { "staff", ROLE_EMPLOYEE, COMPANY } };

	return fixture_people(f, houses, LENGTH(houses), p, PERSONS);
}

static int set_up(void **state)
{
	f = fixture_new();
	f->rq.now = day("2026-11-24 10:00");
	assert_int_equal(JOB(add_people()), OK);
	return 0;
}

static int tear_down(void **state)
{
	fixture_end(f);
	return 0;
}

static enum err give(int64_t person, int64_t body, int level, const char *from, const char *until, int64_t by, int64_t *ret)
{
	struct mandate_wish wish = { person, body, level, day(from), { until != NULL, until ? day(until).ms : 0 } };
	return JOB(mandate_give(&f->rq, &wish, by, ret));
}

static int level(int64_t person, int64_t body, const char *at)
{
	int ret = -1;
	assert_int_equal(mandate_level(&f->rq, person, body, day(at), &ret), OK);
	return ret;
}

static void given_and_ended(void **state)
{
	int64_t id;

	assert_int_equal(give(SIV, COUNCIL, 2, "2026-12-01", "2027-01-01", BOSS, &id), OK);
	assert_int_equal(level(SIV, COUNCIL, "2026-11-30 23:59"), 0);
	assert_int_equal(level(SIV, COUNCIL, "2026-12-01"), 2);
	assert_int_equal(level(SIV, COUNCIL, "2026-12-31 23:59"), 2);
	assert_int_equal(level(SIV, COUNCIL, "2027-01-01"), 0);
	assert_int_equal(level(SIV, COMPANY, "2026-12-10"), 0);
	assert_int_equal(mandate_may(&f->rq, SIV, COUNCIL, 2, day("2026-12-10")), OK);
	assert_int_equal(mandate_may(&f->rq, SIV, COUNCIL, 3, day("2026-12-10")), ERR_DENIED);
	fixture_forgive(f);
	assert_int_equal(mandate_may(&f->rq, SIV, COUNCIL, 0, day("2026-12-10")), ERR_DENIED);
	fixture_forgive(f);
	/* Whom to ask instead. */
	assert_int_equal(mandate_may(&f->rq, PER, COUNCIL, 1, day("2026-12-10")), ERR_DENIED);
	assert_string_equal(f->trouble.text, "You cannot decide this. Ask siv or a deputy.");
	f->rq.now = day("2026-12-05");
	assert_int_equal(JOB(mandate_end(&f->rq, id, BOSS)), OK);
	assert_int_equal(level(SIV, COUNCIL, "2026-12-04"), 2);
	assert_int_equal(level(SIV, COUNCIL, "2026-12-05"), 0);
	assert_int_equal(JOB(mandate_end(&f->rq, id, BOSS)), ERR_CONFLICT);
	assert_int_equal(JOB(mandate_end(&f->rq, id + 1, BOSS)), ERR_NONE);
}

static void refused(void **state)
{
	struct actor person = *f->rq.actor;
	int64_t id = -7;

	person.roles &= ~(unsigned)ROLE_HOST;
	f->rq.actor = &person;
	assert_int_equal(give(SIV, COUNCIL, 0, "2026-11-24", NULL, BOSS, &id), ERR_INVALID);
	assert_int_equal(give(SIV, COUNCIL, 5, "2026-11-24", NULL, BOSS, &id), ERR_INVALID);
	assert_int_equal(give(SIV, COUNCIL, 1, "2026-12-24", "2026-12-24", BOSS, &id), ERR_INVALID);
	assert_int_equal(give(SIV, COUNCIL, 1, "2026-01-01", "2026-11-01", BOSS, &id), ERR_INVALID);
	assert_int_equal(give(SIV, COMPANY, 1, "2026-11-24", NULL, FIA, &id), ERR_DENIED);       /* another's body */
	assert_int_equal(give(SIV, COUNCIL, 1, "2026-11-24", NULL, FIA, &id), ERR_DENIED);       /* another's management */
	assert_int_equal(give(BOSS, COUNCIL, 1, "2026-11-24", NULL, BOSS, &id), ERR_DENIED);     /* herself */
	assert_int_equal(give(SIV, COUNCIL, 1, "2026-11-24", NULL, GONE, &id), ERR_DENIED);
	assert_int_equal(give(SIV, COUNCIL, 1, "2026-11-24", NULL, KO, &id), ERR_DENIED);
	assert_int_equal(give(KO, COUNCIL, 1, "2026-11-24", NULL, BOSS, &id), ERR_CONFLICT);     /* a coordinator decides no risk */
	assert_int_equal(give(GONE, COUNCIL, 1, "2026-11-24", NULL, BOSS, &id), ERR_CONFLICT);
	assert_int_equal(give(99, COUNCIL, 1, "2026-11-24", NULL, BOSS, &id), ERR_NONE);
	assert_int_equal(give(SIV, COUNCIL, 1, "2026-11-24", NULL, -1, &id), ERR_DENIED);        /* nobody, and not the command line */
	assert_int_equal(id, -7);
	assert_int_equal(give(SIV, COUNCIL, 1, "2026-11-24", NULL, BOSS, &id), OK);
	assert_int_equal(give(SIV, COUNCIL, 1, "2026-11-25", NULL, BOSS, &id), ERR_CONFLICT);
	/* Given today from a day that is over: it counts from now. */
	int64_t late;
	assert_int_equal(give(PER, COUNCIL, 2, "2026-01-01", NULL, BOSS, &late), OK);
	assert_int_equal(level(PER, COUNCIL, "2026-06-01"), 0);
	assert_int_equal(level(PER, COUNCIL, "2026-11-24 10:00"), 2);
	assert_int_equal(JOB(mandate_end(&f->rq, id, FIA)), ERR_DENIED);
	assert_int_equal(JOB(mandate_end(&f->rq, id, SIV)), OK);                                 /* given back */
	f->rq.actor = &f->actor;
}

static enum err stand_in(int64_t person, int64_t deputy, const char *from, const char *until)
{
	struct people_deputising d = { person, deputy, day(from), day(until) };
	return JOB(people_deputise(&f->rq, &d));
}

static void deputies(void **state)
{
	int64_t id;

	assert_int_equal(give(SIV, COUNCIL, 3, "2026-11-24", NULL, BOSS, &id), OK);
	assert_int_equal(stand_in(SIV, PER, "2026-12-01", "2026-12-15"), OK);
	assert_int_equal(level(PER, COUNCIL, "2026-11-30"), 0);
	assert_int_equal(level(PER, COUNCIL, "2026-12-01"), 3);
	assert_int_equal(level(PER, COUNCIL, "2026-12-15"), 0);
	assert_int_equal(level(PER, COMPANY, "2026-12-01"), 0);
	/* A deputy of a deputy holds nothing; neither does a coordinator. */
	assert_int_equal(stand_in(PER, EVA, "2026-12-01", "2026-12-15"), OK);
	assert_int_equal(level(EVA, COUNCIL, "2026-12-05"), 0);
	assert_int_equal(stand_in(SIV, KO, "2026-12-01", "2026-12-15"), OK);
	assert_int_equal(level(KO, COUNCIL, "2026-12-05"), 0);
	/* With the mandate goes the deputy's right. */
	f->rq.now = day("2026-12-02");
	assert_int_equal(JOB(mandate_end(&f->rq, id, BOSS)), OK);
	assert_int_equal(level(PER, COUNCIL, "2026-12-03"), 0);
}

static void bodies(void **state)
{
	int64_t id, body;

	assert_int_equal(mandate_body(&f->rq, STR_NONE, &body), ERR_INVALID);
	fixture_forgive(f);
	assert_int_equal(mandate_body(&f->rq, STR("Bolaget"), &body), OK);
	assert_int_equal(body, COMPANY);
	assert_int_equal(JOB(mandate_body_make(&f->rq, STR("Bolaget"), &body)), ERR_CONFLICT);
	assert_int_equal(JOB(mandate_body_make(&f->rq, STR(" \t"), &body)), ERR_INVALID);
	assert_int_equal(JOB(mandate_body_make(&f->rq, STR("=1+1"), &body)), ERR_INVALID);
	assert_int_equal(JOB(mandate_body_make(&f->rq, STR("Skoln\303\244mnden"), &body)), OK);
	assert_int_equal(body, 3);
	/* The unit moves to another body: its people's mandates for the old one count for nothing. */
	assert_int_equal(give(SIV, COUNCIL, 3, "2026-11-24", NULL, BOSS, &id), OK);
	assert_int_equal(level(SIV, COUNCIL, "2026-11-25"), 3);
	assert_int_equal(JOB(mandate_body_unit(&f->rq, STR("Arkiv"), body)), OK);
	assert_int_equal(level(SIV, COUNCIL, "2026-11-25"), 0);
	assert_int_equal(level(SIV, body, "2026-11-25"), 0);
	assert_int_equal(JOB(mandate_body_unit(&f->rq, STR("Ingen"), body)), ERR_NONE);
}

/* On the command line: stated, unless the setting forbids it; to end is always possible. */
static void stated(void **state)
{
	struct actor host = { .person = -1, .name = STR("cli:root"), .roles = ROLE_HOST, .body = -1 };
	const struct actor *before = f->rq.actor;
	struct change *change;
	int64_t id;

	f->rq.actor = &host;
	assert_int_equal(give(SIV, COUNCIL, 4, "2026-11-24", NULL, -1, &id), OK);
	change = fixture_begin(f, "setting.set");
	assert_int_equal(setting_set(change, STR("cli.state"), STR("no")), OK);
	fixture_commit(f);
	int64_t other;
	assert_int_equal(give(PER, COUNCIL, 1, "2026-11-24", NULL, -1, &other), ERR_DENIED);
	assert_int_equal(JOB(mandate_end(&f->rq, id, -1)), OK);
	f->rq.actor = before;
}

/* Against a model that knows the rules only as sentences. */
static void model(void **state)
{
	struct given { int64_t person; int level; int64_t from, until; } given[60];
	struct stands { int64_t person, deputy, from, until; } stands[20];
	int n = 0, m = 0;
	uint64_t seed = 4711;
	int64_t day0 = f->rq.now.ms, one = 86400000, id;
#define RANDOM(k) ((int64_t)((seed = seed * 6364136223846793005u + 1442695040888963407u) >> 33) % (k))

	for (int i = 0; i < 60; i++) {
		struct mandate_wish wish = { RANDOM(2) ? SIV + RANDOM(3) : RANDOM(PERSONS), COUNCIL, 1 + (int)RANDOM(4), { day0 + RANDOM(30) * one }, { true, 0 } };
		wish.until.i = wish.from_at.ms + (1 + RANDOM(20)) * one;
		if (JOB(mandate_give(&f->rq, &wish, BOSS, &id)) == OK)
			given[n++] = (struct given){ wish.person, wish.level, wish.from_at.ms, wish.until.i };
	}
	for (int i = 0; i < 20; i++) {
		struct people_deputising wish = { SIV + RANDOM(3), SIV + RANDOM(4), { day0 + RANDOM(30) * one }, { 0 } };
		wish.until.ms = wish.from_at.ms + (1 + RANDOM(20)) * one;
		if (JOB(people_deputise(&f->rq, &wish)) == OK)
			stands[m++] = (struct stands){ wish.person, wish.deputy, wish.from_at.ms, wish.until.ms };
	}
	assert_true(n >= 8 && m >= 5);
	fixture_forgive(f);
	int held = 0;
	for (int64_t at = day0; at < day0 + 60 * one; at += one / 2)
		for (int64_t person = 0; person < PERSONS; person++) {
			int wanted = 0, got;
			for (int i = 0; i < n; i++) {
				bool is_own = given[i].person == person, is_deputy = false;
				for (int k = 0; k < m; k++)
					is_deputy |= stands[k].deputy == person && stands[k].person == given[i].person && stands[k].from <= at && at < stands[k].until;
				if ((is_own || is_deputy) && given[i].from <= at && at < given[i].until && given[i].level > wanted)
					wanted = given[i].level;
			}
			if (person == KO || person == FIA || person == GONE || person == STAFF)
				wanted = 0;
			assert_int_equal(mandate_level(&f->rq, person, COUNCIL, (struct instant){ at }, &got), OK);
			assert_int_equal(got, wanted);
			assert_int_equal(mandate_level(&f->rq, person, COMPANY, (struct instant){ at }, &got), OK);
			assert_int_equal(got, 0);
			held += wanted > 0;
		}
	assert_true(held > 50);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = { TEST(given_and_ended), TEST(refused), TEST(deputies), TEST(bodies), TEST(stated), TEST(model) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
