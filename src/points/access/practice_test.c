/* Practice calls and links: what must be true before one counts, and that a call opens no incident, makes nobody stricter and gives no token, while all that is real stays real. */
#include "floor/fixture.h"
#include "points/access/practice.h"
#include "points/access/verify.h"
#include "floor/account.h"
#include "floor/event.h"
#include "floor/mail.h"
#include "floor/setting.h"

static struct fixture *f;
static char said[32][16];
static int n_said;

static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	if (event->kind == EVENT_suspected)
		snprintf(said[n_said++], sizeof said[0], "%s", event->what->rule);
	return OK;
}
#define JOB(call) FIXTURE_JOB(f, hear, call)

enum { KO, CHEF, ANNA, GUS, PER, PERSONS };

static enum err add_people(void)
{
	static const struct fixture_house houses[] = { { "N\303\244mnden", "Arkiv" }, { "Bolaget", "Energi" } };
	static const struct fixture_person p[PERSONS] = { [KO] = { "ko", ROLE_COORDINATOR, 1 }, [CHEF] = { "chef", ROLE_MANAGEMENT, 1 },
		[ANNA] = { "anna", ROLE_EMPLOYEE, 1 }, [GUS] = { "gus", ROLE_EMPLOYEE, 1 }, [PER] = { "per", ROLE_SUPPORT, 1 } };
	struct change *change;

	TRY(fixture_people(f, houses, LENGTH(houses), p, PERSONS));
	TRY(audit_begin(&f->rq, "test.accounts", STR("people"), &change));
	for (int64_t i = 0; i < PERSONS; i++) {
		TRY(account_add(change, &(const struct account_add_args){ .person = i, .password = STR("x"), .totp = STR("x"), .made_at = f->rq.now, .changed_at = f->rq.now }));
		TRY(people_change(change, &(const struct people_change_args){ .name = str_of(p[i].code), .email = STR(""), .phone = STR("070-174 06 05"), .sort = STR(""),
			.unit = 1, .roles = p[i].roles, .id = i }));
	}
	return OK;
}

static int set_up(void **state)
{
	f = fixture_new();
	setting_know(access_settings);
	assert_int_equal(instant_parse_loose(STR("2026-11-24 10:00"), &f->rq.now), OK);
	assert_int_equal(JOB(add_people()), OK);
	n_said = 0;
	return 0;
}

static int tear_down(void **state)
{
	fixture_end(f);
	return 0;
}

static void as(int64_t person)
{
	f->actor = (struct actor){ .person = person, .name = STR("x"), .body = 1, .roles = ROLE_STAFF };
}

static void later(struct span span)
{
	f->rq.now = instant_plus(f->rq.now, span);
}

static int64_t planned(int64_t by)
{
	struct practice_wish wish = { .person = ANNA, .by = by, .until = instant_plus(f->rq.now, DAYS(2)) };
	int64_t id = -1;

	as(by);
	assert_int_equal(JOB(practice_plan(&f->rq, &wish, &id)), OK);
	return id;
}

static int64_t agreed(void)
{
	int64_t id = planned(KO);

	as(CHEF);
	assert_int_equal(JOB(practice_agree(&f->rq, id, CHEF)), OK);
	later(SECONDS(1));
	return id;
}

static int64_t begun(int64_t person)
{
	int64_t id = -1;

	as(PER);
	assert_int_equal(JOB(verify_begin(&f->rq, &(const struct verify_wish){ .person = person, .agent = PER, .errand = STR("unlock"), .caller = STR("0701740699") }, &id)), OK);
	return id;
}

static enum err does(const char *act, int64_t id, struct str text)
{
	struct verify_done done;
	return JOB(verify_do(&f->rq, verify_act_named(str_of(act)), &(const struct verify_deed){ .id = id, .by = PER, .said = text, .why = STR("because") }, &done));
}

static bool is_practice(int64_t id)
{
	bool is;
	assert_int_equal(practice_is(&f->rq, id, &is), OK);
	return is;
}

static void two_agree(void **state)
{
	struct practice_wish wish = { .person = ANNA, .by = PER, .until = instant_plus(f->rq.now, DAYS(2)) };
	int64_t id;

	as(PER);
	assert_int_equal(JOB(practice_plan(&f->rq, &wish, &id)), ERR_DENIED);
	as(KO);
	assert_int_equal(JOB(practice_plan(&f->rq, &wish, &id)), ERR_DENIED);
	wish.by = KO;
	wish.until = instant_plus(f->rq.now, DAYS(9));
	assert_int_equal(JOB(practice_plan(&f->rq, &wish, &id)), ERR_INVALID);
	wish.until = instant_plus(f->rq.now, DAYS(2));
	wish.person = KO;
	assert_int_equal(JOB(practice_plan(&f->rq, &wish, &id)), ERR_DENIED);
	id = planned(KO);
	assert_int_equal(JOB(practice_agree(&f->rq, id, KO)), ERR_DENIED);
	as(PER);
	assert_int_equal(JOB(practice_agree(&f->rq, id, PER)), ERR_DENIED);
	/* Not agreed to: the call is real. */
	int64_t call = begun(ANNA);
	assert_false(is_practice(call));
	assert_int_equal(does("deny", call, STR("")), OK);
	assert_int_equal(n_said, 1);
	as(CHEF);
	assert_int_equal(JOB(practice_agree(&f->rq, id, CHEF)), OK);
	assert_int_equal(JOB(practice_agree(&f->rq, id, CHEF)), ERR_CONFLICT);
	assert_int_equal(JOB(practice_cancel(&f->rq, id, CHEF)), OK);
	later(SECONDS(1));
	assert_false(is_practice(begun(ANNA)));
}

/* Denied: no incident. The next call about her is real, and opens one. */
static void stopped(void **state)
{
	struct practice_by_unit_row *teams;
	size_t n;

	for (int i = 0; i < 4; i++) {
		agreed();
		int64_t id = begun(ANNA);
		assert_true(is_practice(id));
		assert_int_equal(does("deny", id, STR("")), OK);
		later(HOURS(1));
	}
	struct maybe_int strict;
	assert_int_equal(verify_strict_until(&f->rq, &strict), OK);
	assert_true(n_said == 0 && !strict.is);
	assert_int_equal(practice_by_unit(&f->rq, (struct instant){ 0 }, f->rq.now, &teams, &n), OK);
	assert_true(n == 1 && teams[0].n == 4 && teams[0].stopped == 4);
	int64_t id = begun(ANNA);
	assert_false(is_practice(id));
	assert_int_equal(does("deny", id, STR("")), OK);
	assert_int_equal(n_said, 1);
}

/* Let through: there is no token, and nobody can do anything by it. */
static void let_through(void **state)
{
	struct verify_get_row row;
	struct verification v;

	agreed();
	assert_false(is_practice(begun(GUS)));
	int64_t id = begun(ANNA);
	assert_int_equal(does("call", id, STR("")), OK);
	assert_int_equal(does("code", id, STR("")), OK);
	assert_int_equal(verify_get(&f->rq, id, &row), OK);
	assert_int_equal(does("read", id, verify_code(&f->rq, id, row.codes)), OK);
	enum err err = does("approve", id, STR(""));
	/* Nobody above her could be told in this small house; then it stops there, practice or not. */
	assert_true(err == OK || err == ERR_CONFLICT);
	assert_int_equal(verify_read(&f->rq, id, &v), OK);
	assert_false(v.facts.is_token_live);
	assert_int_equal(does("use", id, verify_token(&f->rq, id)), ERR_CONFLICT);
	assert_int_equal(n_said, 0);
	/* What she says herself is real. */
	as(ANNA);
	assert_int_equal(JOB(verify_not_me(&f->rq, id, ANNA)), OK);
	assert_true(n_said == 1 && strcmp(said[0], "S1") == 0);
	assert_int_equal(err, OK);
}

/* --- links --- */

static int64_t told(struct str token, enum practice_link_what what)
{
	struct practice_link_named_row link;
	struct practice_link_count_of_row row = { 0, 0 };

	if (practice_link_find(&f->rq, token, &link) != OK || practice_link_count_of(&f->rq, link.id, &row) != OK)
		return 0;
	return what == PRACTICE_GONE ? row.gone : row.reported;
}

static bool reported(const char *host, struct str typed)
{
	bool is = false;
	assert_int_equal(JOB(practice_link_reported(&f->rq, str_of(host), typed, &is)), OK);
	return is;
}

static enum err set_host(void)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "test.setting", STR("practice.host"), &change));
	return setting_set(change, STR("practice.host"), STR("login.example"));
}

static void links(void **state)
{
	struct practice_wish wish = { .is_link = true, .person = -1, .unit = 1, .by = KO, .until = instant_plus(f->rq.now, DAYS(2)) };
	struct practice_link_named_row link;
	struct practice_get_row p;
	int64_t id = -1, call;

	as(KO);
	assert_int_equal(JOB(practice_plan(&f->rq, &wish, &id)), ERR_CONFLICT);
	assert_int_equal(JOB(set_host()), OK);
	wish.unit = 2;
	assert_int_equal(JOB(practice_plan(&f->rq, &wish, &id)), ERR_DENIED);
	wish.unit = 1;
	call = planned(KO);
	assert_int_equal(JOB(practice_plan(&f->rq, &wish, &id)), OK);
	assert_int_equal(id, call + 1);
	assert_int_equal(practice_get(&f->rq, id, &p), OK);
	struct str address = practice_link_address(&f->rq, p.token), token = p.token;
	assert_true(!p.person.is && p.unit.i == 1 && practice_state(&p, f->rq.now) == PRACTICE_PLANNED);
	/* Not agreed to: it leads nowhere, and a report of it is a report. */
	assert_int_equal(practice_link_find(&f->rq, token, &link), ERR_NONE);
	assert_false(reported("login.example", address));
	assert_int_equal(JOB(practice_agree(&f->rq, id, KO)), ERR_DENIED);
	as(CHEF);
	assert_int_equal(JOB(practice_agree(&f->rq, id, CHEF)), OK);
	assert_int_equal(practice_get(&f->rq, id, &p), OK);
	assert_int_equal(practice_state(&p, f->rq.now), PRACTICE_OPEN);
	/* Only under its own name: nobody hides his link behind it. */
	assert_true(reported("login.example", address));
	assert_false(reported("evil.example", str_print(f->rq.arena, "https://evil.example/access/login/%.*s", STR_ARG(token))));
	assert_false(reported("login.example", STR("https://login.example/access/login/0000000000000")));
	assert_false(reported("login.example", STR("https://login.example/")));
	assert_int_equal(practice_link_find(&f->rq, token, &link), OK);
	assert_int_equal(JOB(practice_link_count(&f->rq, &link, PRACTICE_GONE)), OK);
	assert_true(told(token, PRACTICE_REPORTED) == 1 && told(token, PRACTICE_GONE) == 1);
	/* Afterwards it is still known, and counted no more. */
	later(DAYS(3));
	assert_true(reported("login.example", address));
	assert_true(told(token, PRACTICE_REPORTED) == 1);
	struct practice_links_by_unit_row *teams;
	size_t n;
	assert_int_equal(practice_links_by_unit(&f->rq, (struct instant){ 0 }, f->rq.now, &teams, &n), OK);
	assert_true(n == 1 && teams[0].n == 1 && teams[0].reported == 1 && teams[0].gone == 1);
	assert_int_equal(JOB(practice_cancel(&f->rq, id, CHEF)), ERR_CONFLICT);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(two_agree, set_up, tear_down), cmocka_unit_test_setup_teardown(stopped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(let_through, set_up, tear_down), cmocka_unit_test_setup_teardown(links, set_up, tear_down) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
