/* HR's file from its bytes to the rows: every kind of bad row against the store, the vanish stop, passing over bad rows, names that go
 * from one to another, adoption, and an import that is killed between any two steps. Real store file, real writer; the reader's
 * function is called here instead of the process. */
#include "floor/people_import_home_test.h"
#include "floor/job.h"
#include "floor/setting.sql.h"
#include "floor/upgrade.h"
#include "floor/writer.h"
#include "base/world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#undef fail
#include <cmocka.h>
#undef fail

#define HEADER "id,name,email,phone,unit,manager,employment_end,roles,protected,login\n"

/* --- asking --- */

static struct people_counts counts;
static struct people_bad bad[64];
static size_t n_bad;

static enum err keep_outcome(struct rq *own, struct people_check *check, enum err verdict, void *of)
{
	const struct people_outcome *outcome = people_check_outcome(check);
	(void)own; (void)verdict; (void)of;

	counts = outcome->counts;
	n_bad = outcome->n_bad;
	for (size_t i = 0; i < MIN(n_bad, LENGTH(bad)); i++)
		bad[i] = outcome->bad[i];
	return OK;
}

static struct people_progress progress;
static struct people_wish wish = { .vanish = PEOPLE_VANISH };

static enum err import(const char *rows)
{
	struct str text = str_print(arena, "%s%s", HEADER, rows);
	int file = channel_file(text.at, text.len);

	trouble_clear(&trouble);
	enum err err = people_import(&rq, file, wish, progress, keep_outcome, NULL);
	close(file);
	return err;
}

static void expect(int64_t added, int64_t changed, int64_t unchanged, int64_t left, int64_t n)
{
	if (counts.added != added || counts.changed != changed || counts.unchanged != unchanged || counts.left != left || counts.bad != n)
		fprintf(stderr, "added %d changed %d unchanged %d left %d bad %d\n", (int)counts.added, (int)counts.changed, (int)counts.unchanged,
		        (int)counts.left, (int)counts.bad);
	assert_int_equal(counts.added, added);
	assert_int_equal(counts.changed, changed);
	assert_int_equal(counts.unchanged, unchanged);
	assert_int_equal(counts.left, left);
	assert_int_equal(counts.bad, n);
}

static void expect_bad(size_t i, uint32_t row, int column, enum people_problem_kind kind)
{
	assert_true(i < n_bad);
	if (bad[i].row != row || bad[i].column != column || bad[i].kind != kind)
		fprintf(stderr, "problem %zu: row %u column %u %s\n", i, bad[i].row, bad[i].column, people_problem_text[bad[i].kind]);
	assert_int_equal(bad[i].row, row);
	assert_int_equal(bad[i].column, column);
	assert_int_equal(bad[i].kind, kind);
}

static struct people_get_row person(const char *name)
{
	struct people_get_row row;
	must(people_find(&rq, str_of(name), &row));
	return row;
}

static bool is_nobody(const char *name)
{
	struct people_get_row row;
	bool ret = people_find(&rq, str_of(name), &row) == ERR_NONE;
	trouble_clear(&trouble);
	return ret;
}

static int64_t n_people(void)
{
	struct people_count_row row;
	must(people_count(&rq, &row));
	return row.n;
}

/* --- the good way --- */

static void a_file_brings_people_changes_them_and_lets_them_go(void **state)
{
	(void)state;
	wish.vanish = 100;
	must(import("u1,Siv Ek,siv@a.example,+46 70,Arkiv,u2,2026-11-30,employee,yes,\"KOM\\siv; siv.ek\"\n"
	            "u2,Bo Åk,bo@a.example,,Arkiv,,,manager,,\n"));
	expect(2, 0, 0, 0, 0);
	assert_int_equal(n_people(), 2);
	assert_string_equal(person("kom\\SIV").code.at, "u1");
	assert_string_equal(person("Siv@A.example").code.at, "u1");
	assert_int_equal(person("u1").manager.i, person("u2").id);
	assert_true(person("u1").is_protected);
	assert_int_equal(person("u1").email_changed_at.ms, 0);
	assert_int_equal(person("u1").class, 3);
	must(import("u1,Siv Ek,siv@a.example,+46 70,Arkiv,u2,2026-11-30,employee,yes,\"KOM\\siv; siv.ek\"\n"
	            "u2,Bo Åk,bo@a.example,,Arkiv,,,manager,,\n"));
	expect(0, 0, 2, 0, 0);
	int64_t size = audit_size(audit);
	must(import("u1,Siv Ek,siv@b.example,+46 70,Arkiv,,,employee,yes,siv.ek\n"));
	expect(0, 1, 0, 1, 0);
	assert_int_equal(audit_size(audit), size + 2);          /* people.import and one step */
	assert_true(person("u2").left_at.is);
	assert_int_equal(heard[EVENT_person_left], 1);
	assert_int_equal(heard[EVENT_person_moved], 1);
	assert_true(person("u1").email_changed_at.ms > 0);
	assert_int_equal(person("u1").phone_changed_at.ms, 0);
	assert_false(person("u1").manager.is);
	assert_false(person("u1").employment_end.is);
	assert_true(is_nobody("kom\\siv"));
	assert_true(is_nobody("siv@a.example"));
	must(import("u1,Siv Ek,siv@b.example,+46 70,Arkiv,,,employee,yes,siv.ek\nu2,Bo Åk,bo@a.example,,Arkiv,,,manager,,\n"));
	expect(0, 1, 1, 0, 0);
	assert_false(person("u2").left_at.is);
	wish.vanish = PEOPLE_VANISH;
}

static void one_id_in_two_writings_is_one_person(void **state)
{
	(void)state;
	must(import("A-1,Siv,,,Arkiv,,,,,\n"));
	must(import("a-1,Siv,,,Arkiv,,,,,\n"));
	expect(0, 0, 1, 0, 0);
	assert_int_equal(import("A-1,Siv,,,Arkiv,,,,,\na-1,Bo,,,Arkiv,,,,,\n"), ERR_INVALID);
	expect_bad(0, 2, COLUMN_ID, PROBLEM_DOUBLE_ID);
	expect_bad(1, 3, COLUMN_ID, PROBLEM_DOUBLE_ID);
}

static void names_go_from_one_person_to_another(void **state)
{
	(void)state;
	must(import("u1,Siv,a@a.example,,A,,,,,x\nu2,Bo,b@a.example,,A,,,,,y\nu3,Eva,,,A,,,,,\n"));
	must(import("u1,Siv,b@a.example,,A,,,,,y\nu2,Bo,a@a.example,,A,,,,,\nu3,Eva,,,A,,,,,x\n"));
	expect(0, 3, 0, 0, 0);
	assert_string_equal(person("b@a.example").code.at, "u1");
	assert_string_equal(person("a@a.example").code.at, "u2");
	assert_string_equal(person("x").code.at, "u3");
	/* Of one who leaves, too. */
	wish.vanish = 100;
	must(import("u1,Siv,b@a.example,,A,,,,,y\nu3,Eva,a@a.example,,A,,,,,x\n"));
	expect(0, 1, 1, 1, 0);
	assert_string_equal(person("a@a.example").code.at, "u3");
	assert_true(person("u2").left_at.is);
	wish.vanish = PEOPLE_VANISH;
}

/* --- bad rows against each other and the store --- */

static void doubles_are_told_on_every_row(void **state)
{
	(void)state;
	assert_int_equal(import("u1,Siv,,,A,,,,,\nu2,Bo,,,A,,,,,\nu1,Eva,,,A,,,,,\nu1,Ia,,,A,,,,,\n"), ERR_INVALID);
	expect_bad(0, 2, COLUMN_ID, PROBLEM_DOUBLE_ID);
	expect_bad(1, 4, COLUMN_ID, PROBLEM_DOUBLE_ID);
	expect_bad(2, 5, COLUMN_ID, PROBLEM_DOUBLE_ID);
	assert_int_equal(n_bad, 3);
	assert_int_equal(trouble.exit, 6);
	assert_int_equal(n_people(), 0);
	assert_int_equal(import("u1,Siv,a@a.example,,A,,,,,\nu2,Bo,,,A,,,,,A@A.EXAMPLE\nu3,Eva,,,A,,,,,U1\n"), ERR_INVALID);
	expect_bad(0, 2, COLUMN_EMAIL, PROBLEM_NAME_TAKEN);
	expect_bad(1, 3, COLUMN_LOGIN, PROBLEM_NAME_TAKEN);
	expect_bad(2, 4, COLUMN_LOGIN, PROBLEM_NAME_TAKEN);
}

static void managers_must_exist_and_form_no_ring(void **state)
{
	(void)state;
	must(import("u9,Old,,,A,,,,,\n"));
	wish.vanish = 100;
	must(import("u1,Siv,,,A,u9,,,,\n"));                /* gone, but known */
	assert_int_equal(import("u1,Siv,,,A,u8,,,,\n"), ERR_INVALID);
	expect_bad(0, 2, COLUMN_MANAGER, PROBLEM_NO_MANAGER);
	assert_int_equal(import("u1,Siv,,,A,u1,,,,\n"), ERR_INVALID);
	expect_bad(0, 2, COLUMN_MANAGER, PROBLEM_CYCLE);
	/* u4 and u5 lead into the ring and do not stand on it. */
	assert_int_equal(import("u5,E,,,A,u4,,,,\nu4,D,,,A,u1,,,,\nu1,A,,,A,u2,,,,\nu2,B,,,A,u3,,,,\nu3,C,,,A,u1,,,,\nu6,F,,,A,,,,,\n"), ERR_INVALID);
	assert_int_equal(n_bad, 3);
	for (uint32_t i = 0; i < 3; i++)
		expect_bad(i, 4 + i, COLUMN_MANAGER, PROBLEM_CYCLE);
	wish.vanish = PEOPLE_VANISH;
}

static void too_many_names_and_our_own_ids_are_refused(void **state)
{
	(void)state;
	char rows[1000] = "u1,Siv,,,A,,,,,\"";
	for (int i = 0; i < 40; i++)
		snprintf(rows + strlen(rows), sizeof rows - strlen(rows), "n%d;", i);
	snprintf(rows + strlen(rows), sizeof rows - strlen(rows), "\"\nlocal:7,Bo,,,A,,,,,\n");
	assert_int_equal(import(rows), ERR_INVALID);
	expect_bad(0, 2, COLUMN_LOGIN, PROBLEM_MANY_NAMES);
	expect_bad(1, 3, COLUMN_ID, PROBLEM_RESERVED);
}

static const char *hundred(int from, int n, const char *tail)
{
	struct out out = out_new(arena);
	for (int i = from; i < from + n; i++)
		out_print(&out, "p%d,Person %d,p%d@a.example,,Unit %d,,,,,\n", i, i, i, i % 7);
	out_print(&out, "%s", tail);
	out_byte(&out, '\0');
	return out.at;
}

static void too_many_leavers_stop_the_import(void **state)
{
	(void)state;
	must(import(hundred(0, 100, "")));
	assert_int_equal(import(hundred(6, 94, "")), ERR_CONFLICT);
	assert_int_equal(err_exit(trouble.err), 5);
	expect(0, 0, 94, 6, 0);
	assert_false(person("p0").left_at.is);
	must(import(hundred(5, 95, "")));
	expect(0, 0, 95, 5, 0);
	/* Those who have left count no longer: 5 of 95 are more than 5 per cent. */
	assert_int_equal(import(hundred(10, 90, "")), ERR_CONFLICT);
	wish.vanish = 6;
	must(import(hundred(10, 90, "")));
	wish.vanish = PEOPLE_VANISH;
	assert_int_equal(import(""), ERR_CONFLICT);
	expect(0, 0, 0, 90, 0);
}

static void a_dry_run_tells_and_changes_nothing(void **state)
{
	(void)state;
	must(import(hundred(0, 30, "u1,Siv,,070,A,,,,,\n")));
	int64_t size = audit_size(audit);
	wish.is_dry = true;
	must(import(hundred(1, 30, "u1,Siv,,071,A,p1,,,,\n")));
	wish.is_dry = false;
	expect(1, 1, 29, 1, 0);
	assert_int_equal(audit_size(audit), size);
	assert_string_equal(person("u1").phone.at, "070");
	char path[200];
	snprintf(path, sizeof path, "%s/store/import.plan", home);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* --- passing over bad rows --- */

static void who_stands_on_a_bad_row_neither_changes_nor_leaves(void **state)
{
	(void)state;
	must(import(hundred(0, 100, "u1,Siv,siv@a.example,070,A,,,,,\nu2,Bo,bo@a.example,,A,u1,,,,\n")));
	wish.skip_bad = true;
	must(import(hundred(0, 99, "u1,Siv,siv@a.example,071,A,,,boss,,\nu2,=Bo,,,A,,,,,\nu3,Ny,,,A,u2,,,,\n")));
	expect(1, 0, 99, 1, 2);
	assert_string_equal(person("u1").phone.at, "070");
	assert_false(person("u2").left_at.is);
	assert_int_equal(person("u2").manager.i, person("u1").id);
	assert_true(person("p99").left_at.is);
	assert_int_equal(person("u3").manager.i, person("u2").id);
	/* A bad id: known by the mail address. Too few fields: by the id. */
	must(import(hundred(0, 99, "=u1,Siv,siv@a.example,071,A,,,,,\nu2,Bo\nu3,Ny,,,A,u2,,,,\n")));
	expect(0, 0, 100, 0, 2);
	assert_false(person("u1").left_at.is);
	assert_false(person("u2").left_at.is);
	wish.skip_bad = false;
}

static void a_new_manager_on_a_bad_row_is_nobody_yet(void **state)
{
	(void)state;
	wish.skip_bad = true;
	must(import("u1,Siv,,,A,,,boss,,\nu2,Bo,,,A,u1,,,,\n"));
	expect(1, 0, 0, 0, 1);
	assert_true(is_nobody("u1"));
	assert_false(person("u2").manager.is);
	wish.skip_bad = false;
	must(import("u1,Siv,,,A,,,,,\nu2,Bo,,,A,u1,,,,\n"));
	expect(1, 1, 0, 0, 0);
	assert_int_equal(person("u2").manager.i, person("u1").id);
}

static void who_stays_as_before_keeps_name_and_manager(void **state)
{
	(void)state;
	must(import("u1,Siv,a@a.example,,A,,,,,\nu2,Bo,b@a.example,,A,u1,,,,\nu3,Eva,c@a.example,,A,,,,,\n"));
	wish.skip_bad = true;
	/* u1's row is bad, so u1 keeps a@; u2 may not have it, keeps b@, so u3 may not have that. */
	must(import("u1,Siv,x@a.example,,A,,,boss,,\nu2,Bo,a@a.example,,A,u1,,,,\nu3,Eva,b@a.example,,A,,,,,\n"));
	expect(0, 0, 0, 0, 3);
	expect_bad(1, 3, COLUMN_EMAIL, PROBLEM_NAME_TAKEN);
	expect_bad(2, 4, COLUMN_EMAIL, PROBLEM_NAME_TAKEN);
	assert_string_equal(person("b@a.example").code.at, "u2");
	/* u2 stays under u1; u1 may not go under u2. */
	must(import("u1,Siv,a@a.example,,A,u2,,,,\nu2,Bo,b@a.example,,A,,,boss,,\nu3,Eva,c@a.example,,A,,,,,\n"));
	expect(0, 0, 1, 0, 2);
	expect_bad(0, 2, COLUMN_MANAGER, PROBLEM_CYCLE);
	wish.skip_bad = false;
}

static void a_broken_file_is_not_passed_over(void **state)
{
	(void)state;
	must(import(hundred(0, 10, "")));
	wish.skip_bad = true;
	assert_int_equal(import("p0,\"Person,,,A,,,,,\np1,Bo,,,A,,,,,\n"), ERR_INVALID);
	assert_int_equal(trouble.exit, 6);
	wish.skip_bad = false;
	assert_false(person("p9").left_at.is);
}

/* --- persons made here --- */

static enum err make_local(struct rq *of_writer, void *of)
{
	struct change *change;
	int64_t id;
	(void)of;

	TRY(audit_begin(of_writer, "test.local", STR("local:1"), &change));
	TRY(people_next_id(of_writer, &id));
	TRY(people_unit_add(change, 0, STR("Kansli"), 0, 3));
	TRY(people_add(change, &(struct people_add_args){ .id = id, .code = STR("local:1"), .name = STR("Karin"), .email = STR("k@a.example"),
		.phone = STR(""), .sort = STR("k"), .unit = 0, .roles = ROLE_COORDINATOR }));
	TRY(people_login_add(change, id, 0, STR("local:1"), LOGIN_CODE));
	return people_login_add(change, id, 1, STR("k@a.example"), LOGIN_EMAIL);
}

static void who_was_made_here_stays_and_is_adopted_by_mail(void **state)
{
	(void)state;
	must(writer_do(writer, make_local, NULL, &rq));
	must(import(hundred(0, 30, "")));
	expect(30, 0, 0, 0, 0);
	assert_false(person("k@a.example").left_at.is);
	must(import(hundred(0, 30, "u7,Karin Nyberg,K@a.example,070,Stab,,,employee,,\n")));
	expect(0, 1, 30, 0, 0);
	assert_string_equal(person("k@a.example").code.at, "u7");
	assert_int_equal(person("u7").id, 0);
	assert_int_equal(person("u7").roles, ROLE_COORDINATOR | ROLE_EMPLOYEE);
	assert_true(is_nobody("local:1"));
	/* The role that was given here stays as long as HR has the person; the person goes when HR says so. */
	must(import(hundred(0, 30, "u7,Karin Nyberg,K@a.example,070,Stab,,,manager,,\n")));
	assert_int_equal(person("u7").roles, ROLE_COORDINATOR | ROLE_MANAGER);
	must(import(hundred(0, 30, "")));
	assert_true(person("u7").left_at.is);
}

/* --- steps --- */

/* With a clock that runs a step takes one leaf, with one that stands all of them, with one that hurries not even one: each look at it counts.
 * The writer's thread looks at it too. */
enum { STANDING = 0, RUNNING = 30, HURRYING = 1000 };
static _Atomic int64_t pace = RUNNING;

static int64_t played_ticks(void)
{
	static _Atomic int64_t now = 1;
	return now += pace;
}

static int n_steps;

static void count_step(void *of, enum people_phase phase, int64_t done, int64_t all)
{
	(void)of; (void)done; (void)all;
	n_steps += phase == PEOPLE_APPLYING;
}

static void a_step_takes_as_many_leaves_as_there_is_time_for(void **state)
{
	(void)state;
	progress.tell = count_step;
	for (int k = 0; k < 2; k++) {
		int64_t size = audit_size(audit);
		n_steps = 0;
		pace = k ? RUNNING : STANDING;
		wish.vanish = 100;
		must(import(hundred(k * 3500, 3500, "")));
		/* people.import, and leaves of 1,000: units, leavers, persons */
		assert_int_equal(audit_size(audit), size + 1 + (k ? 7 : 4));
		assert_int_equal(n_steps, k ? 7 : 1);
	}
	int64_t size = audit_size(audit);
	pace = HURRYING;
	must(import(hundred(7000, 1000, "")));
	assert_int_equal(audit_size(audit), size + 1 + (3500 + 1000 + 255) / 256);
	pace = RUNNING;
	progress.tell = NULL;
	wish.vanish = PEOPLE_VANISH;
	assert_int_equal(n_people(), 8000);
}

/* --- stops in the middle --- */

static int stop_after;

static void stop(void *of, enum people_phase phase, int64_t done, int64_t all)
{
	(void)of; (void)done; (void)all;
	if (phase == PEOPLE_APPLYING && stop_after-- == 0)
		_exit(0);
}

static void an_import_killed_between_any_two_steps_is_finished_at_the_next_start(void **state)
{
	(void)state;
	for (int k = 0; k < 4; k++) {
		struct job_get_row job;
		close_home();
		pid_t child = fork();
		if (child == 0) {
			open_home();
			stop_after = k;
			progress.tell = stop;
			wish.vanish = 100;
			(void)import(hundred(k * 2500, 3500, ""));
			_exit(1);
		}
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		open_home();
		must(job_get(&rq, JOB_IMPORT, &job));
		assert_false(job.ended_at.is);
		assert_int_equal(writer_do(writer, make_local, NULL, &rq), ERR_BUSY);
		trouble_clear(&trouble);
		must(people_import_resume(&rq));
		must(people_import_resume(&rq));
		must(job_get(&rq, JOB_IMPORT, &job));
		assert_true(job.ended_at.is);
		wish.is_dry = true;
		must(import(hundred(k * 2500, 3500, "")));
		wish.is_dry = false;
		expect(0, 0, 3500, 0, 0);
		assert_int_equal(n_people(), 3500 + k * 2500);
	}
}

static void a_plan_that_was_meddled_with_is_not_gone_on_with(void **state)
{
	(void)state;
	char path[200];
	close_home();
	pid_t child = fork();
	if (child == 0) {
		open_home();
		stop_after = 1;
		progress.tell = stop;
		(void)import(hundred(0, 3500, ""));
		_exit(1);
	}
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	snprintf(path, sizeof path, "%s/store/import.plan", home);
	FILE *f = fopen(path, "r+");
	fseek(f, -9, SEEK_END);
	fputc('X', f);
	fclose(f);
	open_home();
	must(people_import_resume(&rq));
	struct job_get_row job;
	must(job_get(&rq, JOB_IMPORT, &job));
	assert_true(str_starts(job.result, STR("lost ")));
	assert_int_equal(n_people(), 1993);                    /* 7 units and 1,993 persons were done */
	must(import(hundred(0, 3500, "")));
	expect(3500 - 1993, 0, 1993, 0, 0);
}

int main(void)
{
	when_start();
	world.ticks = played_ticks;
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		T(a_file_brings_people_changes_them_and_lets_them_go),
		T(one_id_in_two_writings_is_one_person),
		T(names_go_from_one_person_to_another),
		T(doubles_are_told_on_every_row),
		T(managers_must_exist_and_form_no_ring),
		T(too_many_names_and_our_own_ids_are_refused),
		T(too_many_leavers_stop_the_import),
		T(a_dry_run_tells_and_changes_nothing),
		T(who_stands_on_a_bad_row_neither_changes_nor_leaves),
		T(a_new_manager_on_a_bad_row_is_nobody_yet),
		T(who_stays_as_before_keeps_name_and_manager),
		T(a_broken_file_is_not_passed_over),
		T(who_was_made_here_stays_and_is_adopted_by_mail),
		T(a_step_takes_as_many_leaves_as_there_is_time_for),
		T(an_import_killed_between_any_two_steps_is_finished_at_the_next_start),
		T(a_plan_that_was_meddled_with_is_not_gone_on_with),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
