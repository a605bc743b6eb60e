/* Erasing personal parts: what no table holds goes when its days are over, what a table holds stays, the check accepts the listed gaps and
 * finds one that is not listed, and a log with gaps is laid into real tables all the same. On both engines. */
#include "floor/fixture.h"
#include "floor/audit_erase.h"
#include "floor/people.h"

enum { ANNA, BO, CIA, DAN, EVA, PERSONS };
static struct fixture *f;
static int64_t people;                       /* the leaf; person i is write 2 i of it behind one body and one unit, the name 2 i + 1 */

#define JOB(call) FIXTURE_JOB(f, NULL, call)
static int64_t part_of(int64_t person) { return 2 + 2 * person; }
static int64_t name_of(int64_t person) { return 3 + 2 * person; }

static enum err rename_one(int64_t person, const char *name)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "test.rename", STR(""), &change));
	return people_change(change, &(const struct people_change_args){ .name = str_of(name), .email = STR("x@ex.example"), .phone = STR(""), .sort = STR(""),
		.unit = 1, .roles = ROLE_EMPLOYEE, .id = person });
}

static enum err drop_name(int64_t person)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "test.drop", STR(""), &change));
	return people_login_drop(change, person, 0);
}

static enum err give_name(int64_t person, const char *name)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "test.give", STR(""), &change));
	return people_login_add(change, person, 0, str_of(name), LOGIN_CODE);
}

/* A day later one person is called otherwise, and two have lost their names. */
static int set_up(void **state)
{
	static const struct fixture_person p[PERSONS] = { { "anna", ROLE_EMPLOYEE, 1 }, { "bo", ROLE_EMPLOYEE, 1 }, { "cia", ROLE_EMPLOYEE, 1 },
		{ "dan", ROLE_EMPLOYEE, 1 }, { "eva", ROLE_EMPLOYEE, 1 } };
	(void)state;

	f = fixture_new();
	people = audit_size(f->audit);
	assert_int_equal(JOB(fixture_people(f, &(const struct fixture_house){ "One", "One" }, 1, p, PERSONS)), OK);
	f->rq.now.ms += DAYS(1).ms;
	assert_int_equal(JOB(rename_one(BO, "Bo Ask")), OK);
	assert_int_equal(JOB(drop_name(CIA)), OK);
	assert_int_equal(JOB(drop_name(DAN)), OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_end(f);
	return 0;
}

static size_t erasable(struct instant before, struct part_place **ret)
{
	size_t n = 0;

	*ret = NULL;
	assert_int_equal(audit_erasable(&f->rq, before, f->arena, ret, &n), OK);
	return n;
}

static struct instant after_all(void)
{
	return (struct instant){ f->rq.now.ms + 1 };
}

static bool is_among(const struct part_place *parts, size_t n, int64_t leaf, int64_t write)
{
	for (size_t i = 0; i < n; i++)
		if (parts[i].leaf == leaf && parts[i].write == write)
			return true;
	return false;
}

static enum err erase_all(void)
{
	struct part_place *parts;
	struct change *change;
	size_t n = erasable(after_all(), &parts);

	assert_true(n > 0);
	TRY(audit_begin(&f->rq, "audit.erase", STR(""), &change));
	for (size_t i = 0; i < n; i++)
		TRY(change_erase(change, parts[i].leaf, parts[i].write));
	return OK;
}

/* 0: whole. Else the fault's leaf; -2 when there are several. */
static int64_t faulty(struct rq *rq, const char *word)
{
	struct verdict_of_log verdict;

	assert_int_equal(audit_verify(rq, NULL, true, &verdict), OK);
	for (size_t i = 0; i < verdict.faults.n; i++)
		if (!memmem(verdict.faults.at[i].text.at, verdict.faults.at[i].text.len, word, strlen(word)))
			print_message("leaf %lld: " STR_FMT "\n", (long long)verdict.faults.at[i].leaf, STR_ARG(verdict.faults.at[i].text));
	return verdict.faults.n == 1 ? verdict.faults.at[0].leaf : verdict.faults.n ? -2 : 0;
}

static void what_no_table_holds_is_erased_when_its_days_are_over(void **state)
{
	struct part_place *parts;
	(void)state;

	/* Replaced at that moment, and not before it. */
	assert_int_equal(erasable(f->rq.now, &parts), 0);
	size_t n = erasable(after_all(), &parts);
	assert_int_equal(n, 3);
	assert_true(is_among(parts, n, people, part_of(BO)) && is_among(parts, n, people, name_of(CIA)) && is_among(parts, n, people, name_of(DAN)));
	assert_int_equal(JOB(erase_all()), OK);
	assert_int_equal(faulty(&f->rq, ""), 0);
	/* Erased once. */
	assert_int_equal(erasable(after_all(), &parts), 0);
}

static void a_gap_that_no_leaf_lists_is_found(void **state)
{
	(void)state;
	assert_int_equal(JOB(erase_all()), OK);
	/* The name of somebody who still has it, and one that nobody has any more but which was not listed. */
	assert_int_equal(JOB(rename_one(ANNA, "Anna Ek")), OK);
	const char *erase = str_print(f->arena, "UPDATE audit_part SET salt = NULL, columns = NULL WHERE leaf = %lld AND write = %lld", (long long)people,
	                              (long long)part_of(ANNA)).at;
	assert_int_equal(store_run_text(&f->rq, erase, NULL, 0), OK);
	assert_int_equal(faulty(&f->rq, "no leaf lists it"), people);
}

static void a_gap_that_is_listed_and_is_none_is_found(void **state)
{
	(void)state;
	assert_int_equal(JOB(erase_all()), OK);
	const char *restore = str_print(f->arena, "UPDATE audit_part SET columns = '{}' WHERE leaf = %lld AND write = %lld", (long long)people,
	                                (long long)part_of(BO)).at;
	assert_int_equal(store_run_text(&f->rq, restore, NULL, 0), OK);
	assert_int_equal(faulty(&f->rq, "are not those"), -2);
}

/* The name that comes again has a part of its own; so has a person who is called as before again. */
static void what_comes_again_stays(void **state)
{
	struct part_place *parts;
	(void)state;

	assert_int_equal(JOB(give_name(CIA, "cia")), OK);
	assert_int_equal(JOB(rename_one(BO, "bo")), OK);
	size_t n = erasable(after_all(), &parts);
	assert_int_equal(n, 4);
	assert_int_equal(JOB(erase_all()), OK);
	assert_int_equal(faulty(&f->rq, ""), 0);
	struct people_login_named_row login;
	assert_int_equal(people_login_named(&f->rq, STR("cia"), &login), OK);
	assert_int_equal(login.person, CIA);
}

/* Two names are erased where names must be unique: a backup's tables are laid all the same. */
static void a_log_with_gaps_is_laid_into_real_tables(void **state)
{
	struct rq from = f->rq, copy = f->rq;
	(void)state;

	assert_int_equal(JOB(erase_all()), OK);
	from.audit = copy.audit = NULL;
	assert_int_equal(store_create(&(struct store_place){ .at = ":memory:" }, f->rq.trouble, &copy.store), OK);
	enum err err = audit_replay_into(&from, copy.store);
	if (err != OK)
		print_message("not laid: %s\n", f->trouble.text);
	assert_int_equal(err, OK);
	assert_int_equal(faulty(&copy, ""), 0);
	store_close(copy.store);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_no_table_holds_is_erased_when_its_days_are_over),
		CASE(a_gap_that_no_leaf_lists_is_found),
		CASE(a_gap_that_is_listed_and_is_none_is_found),
		CASE(what_comes_again_stays),
		CASE(a_log_with_gaps_is_laid_into_real_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
