/* Reminders of a review: who is told when, once each; and those above from then on. */
#include "floor/fixture.h"
#include "points/access/access.h"
#include "points/access/review.h"
#include "floor/mail.h"
#include "floor/people.h"
#include "floor/setting.h"

enum { CHEF, BO, FIA, ANNA, EVA, CIA, PERSONS };
static struct fixture *f;

static void go_on(int days)
{
	f->rq.now = instant_plus(f->rq.now, DAYS(days));
}

static void job(enum err err)
{
	if (err != OK)
		print_error("%s\n", f->trouble.text);
	assert_int_equal(err, OK);
	fixture_commit(f);
}

static void begin(void)
{
	assert_int_equal(store_begin(f->rq.store, &f->trouble), OK);
}

/* CHEF leads BO and FIA; ANNA is BO's; FIA's EVA; CIA coordinates. */
static enum err add_people(void)
{
	static const struct { const char *code; int64_t manager, roles; } p[PERSONS] = { [CHEF] = { "chef", -1, ROLE_MANAGER }, [BO] = { "bo", CHEF, ROLE_MANAGER },
		[FIA] = { "fia", CHEF, ROLE_MANAGER }, [ANNA] = { "anna", BO, ROLE_EMPLOYEE }, [EVA] = { "eva", FIA, ROLE_SUPPORT }, [CIA] = { "cia", -1, ROLE_COORDINATOR | ROLE_SYSTEM_OWNER } };
	struct change *change;

	TRY(audit_begin(&f->rq, "test.people", STR("people"), &change));
	TRY(people_body_add(change, 1, STR("One")));
	TRY(people_unit_add(change, 1, STR("One"), 1, 3));
	for (int64_t i = 0; i < PERSONS; i++)
		TRY(people_add(change, &(const struct people_add_args){ .id = i, .code = str_of(p[i].code), .name = str_of(p[i].code), .sort = str_of(p[i].code),
			.email = str_print(f->arena, STR_FMT "@ex.example", STR_ARG(str_of(p[i].code))), .phone = STR(""), .unit = 1, .roles = p[i].roles,
			.manager = { p[i].manager >= 0, p[i].manager } }));
	return OK;
}

static void grant(int64_t person, int64_t manager)
{
	struct access_asked asked = { .person = person, .service = STR("vpn"), .purpose = STR("x"), .from_at = f->rq.now,
		.until = instant_plus(f->rq.now, DAYS(200)), .requested_by = { true, manager }, .approved_by = { true, CIA }, .executed_by = { true, EVA } };
	int64_t id;

	begin();
	job(access_state_grant(&f->rq, &asked, &id));
}

/* Which mails there are to that person: their kinds in order, joined. */
static const char *told(int64_t person)
{
	struct out kinds = out_new(f->arena);
	struct mail_get_row row;

	for (int64_t id = 1; mail_get(&f->rq, id, &row) == OK; id++)
		if (row.person.is && row.person.i == person) {
			out_put(&kinds, row.kind);
			out_byte(&kinds, ' ');
		}
	out_byte(&kinds, '\0');
	return out_str(&kinds).at;
}

static void tick(void)
{
	for (int i = 0; i < 3; i++) {
		begin();
		job(access_tick(&f->rq));
	}
}

static size_t tasks_of(int64_t person, const char *part)
{
	struct tasks tasks = { 0 };
	size_t n = 0;

	assert_int_equal(access_due(&f->rq, &tasks), OK);
	for (size_t i = 0; i < tasks.n; i++)
		n += tasks.at[i].person == person && memmem(tasks.at[i].title.at, tasks.at[i].title.len, part, strlen(part)) != NULL;
	return n;
}

static void each_stage_once(void **state)
{
	int64_t review;
	(void)state;

	f = fixture_new();
	f->rq.language = LANGUAGE_EN;
	setting_know(access_settings);
	mail_is_from(STR("samordna@ex.example"), STR("https://s.example"));
	begin();
	job(add_people());
	grant(ANNA, BO);
	go_on(1);
	begin();
	job(access_review_begin(&f->rq, STR("Autumn"), instant_plus(f->rq.now, DAYS(30)), CIA, &review));
	tick();
	assert_string_equal(told(BO), "access.review.begun/1 ");
	assert_string_equal(told(FIA), "");
	go_on(24);
	tick();
	assert_string_equal(told(BO), "access.review.begun/1 access.review.soon/1 ");
	assert_string_equal(told(CHEF), "");
	assert_int_equal(tasks_of(CHEF, "report to you"), 0);
	go_on(7);
	tick();
	assert_string_equal(told(BO), "access.review.begun/1 access.review.soon/1 access.review.overdue/1 ");
	assert_string_equal(told(CHEF), "");
	go_on(7);
	tick();
	assert_string_equal(told(BO), "access.review.begun/1 access.review.soon/1 access.review.overdue/1 ");
	assert_string_equal(told(CHEF), "access.review.above/1 ");
	assert_string_equal(told(CIA), "");
	assert_int_equal(tasks_of(CHEF, "report to you"), 1);
	/* She answers herself: then nobody is told any more. */
	begin();
	job(access_review_say(&f->rq, &(struct access_answered){ .review = review, .grant = 1, .by = CHEF, .answer = ACCESS_KEEP }));
	assert_int_equal(tasks_of(CHEF, "report to you"), 0);
	go_on(7);
	tick();
	assert_string_equal(told(CHEF), "access.review.above/1 ");
	fixture_end(f);
}

/* No mail server: no mails, the tasks all the same. */
static void without_mail(void **state)
{
	int64_t review;
	(void)state;

	f = fixture_new();
	f->rq.language = LANGUAGE_EN;
	mail_is_from(STR(""), STR(""));
	begin();
	job(add_people());
	grant(ANNA, BO);
	grant(CHEF, BO);
	go_on(1);
	begin();
	job(access_review_begin(&f->rq, STR("Autumn"), instant_plus(f->rq.now, DAYS(1)), CIA, &review));
	go_on(9);
	tick();
	assert_string_equal(told(BO), "");
	assert_int_equal(tasks_of(CHEF, "report to you"), 1);
	/* Nobody above: the coordinators. */
	assert_int_equal(tasks_of(-1, "report to you"), 1);
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_stage_once), cmocka_unit_test(without_mail) };

	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
