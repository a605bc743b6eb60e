/* Which reset a verification covers: of that person, about then, for an errand that resets, one of a kind. The file and the incidents: tests/resets.sh. */
#include "floor/fixture.h"
#include "points/access/reset.h"
#include "points/access/verify.h"
#include "floor/event.h"
#include "floor/reading.h"

enum { ANNA, BO, PER, PERSONS };
static struct fixture *f;
static int suspected;

static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	(void)rq;
	(void)change;
	suspected += event->kind == EVENT_suspected && event->what && event->what->key.len;
	return OK;
}

static enum err add_people(struct change *change)
{
	static const char *const code[PERSONS] = { "anna", "bo", "per" };

	TRY(people_body_add(change, 1, STR("One")));
	TRY(people_unit_add(change, 1, STR("One"), 1, 3));
	for (int64_t i = 0; i < PERSONS; i++) {
		TRY(people_add(change, &(const struct people_add_args){ .id = i, .code = str_of(code[i]), .name = str_of(code[i]), .sort = str_of(code[i]),
			.email = STR(""), .phone = STR(""), .unit = 1 }));
		TRY(people_login_add(change, i, 0, str_of(code[i]), LOGIN_CODE));
	}
	return OK;
}

/* A verification whose token was used so many minutes from now; `is_over`: and which was denied afterwards. */
static void verification(int64_t id, int64_t person, const char *errand, int minutes, bool is_over)
{
	struct change *change = fixture_begin(f, "test.verification");
	struct instant used = instant_plus(f->rq.now, MINUTES(minutes));

	assert_int_equal(verify_add(change, &(struct verify_add_args){ .id = id, .person = person, .errand = str_of(errand), .agent = PER, .ticket = STR(""),
		.caller_end = STR(""), .started_at = used }), OK);
	assert_int_equal(verify_used(change, used, false, id), OK);
	if (is_over)
		assert_int_equal(verify_over(change, &(struct verify_over_args){ used, VERIFY_OUT_NOT_ME, STR("not me"), false, id }), OK);
	fixture_commit(f);
}

static struct reset_record reset(const char *person, const char *kind, int minutes)
{
	struct reset_record ret = { .at = instant_plus(f->rq.now, MINUTES(minutes)).ms, .row = 2 };

	memcpy(ret.person, person, strlen(person));
	memcpy(ret.kind, kind, strlen(kind));
	return ret;
}

static struct reset_counts take(const struct reset_record *records, size_t n)
{
	struct reset_counts counts;

	suspected = 0;
	assert_int_equal(store_begin(f->rq.store, &f->trouble), OK);
	assert_int_equal(reset_take(&f->rq, records, n, &counts), OK);
	assert_int_equal(audit_hear(f->audit, &f->rq, hear), OK);
	fixture_commit(f);
	return counts;
}

static void takes(struct reset_record record, bool is_verified)
{
	struct reset_counts counts = take(&record, 1);

	assert_int_equal(counts.fresh, 1);
	assert_int_equal(counts.verified, is_verified);
	assert_int_equal(counts.unverified, !is_verified);
	assert_int_equal(suspected, !is_verified);
}

static void what_covers(void **state)
{
	(void)state;
	f = fixture_new();
	struct change *change = fixture_begin(f, "test.people");
	assert_int_equal(add_people(change), OK);
	fixture_commit(f);

	verification(1, ANNA, "password", 0, false);
	takes(reset("bo", "password", 0), false);              /* another's */
	takes(reset("anna", "password", 31), false);           /* too late */
	takes(reset("anna", "password", -31), false);          /* too early */
	takes(reset("nobody", "password", 0), false);
	takes(reset("anna", "password", 29), true);
	takes(reset("anna", "password", 1), false);            /* used up for that kind */
	takes(reset("ANNA", "mfa", -29), true);                /* another kind, the same errand */
	struct reset_record again = reset("anna", "password", 29);
	assert_int_equal(take(&again, 1).known, 1);
	assert_int_equal(suspected, 0);

	verification(2, BO, "unlock", 0, false);               /* resets nothing */
	takes(reset("bo", "password", 2), false);
	verification(3, BO, "password", 0, true);              /* "that was not me" */
	takes(reset("bo", "password", 3), false);
	verification(4, BO, "password", 0, false);
	takes(reset("bo", "password", 4), true);
	/* In one file: two resets and one verification. */
	verification(5, BO, "factor", 100, false);
	struct reset_record two[] = { reset("bo", "mfa", 100), reset("bo", "mfa", 101) };
	struct reset_counts counts = take(two, 2);
	assert_true(counts.verified == 1 && counts.unverified == 1 && suspected == 1);
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_covers) };

	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
