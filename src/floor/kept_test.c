/* Answers that are kept: true until a commit touches what they were read from, and found by nobody afterwards. On both engines. */
#include "floor/fixture.h"
#include "floor/kept.h"
#include "floor/people.sql.h"
#include "floor/setting.sql.h"
#include <pthread.h>

static const struct table *table_of(const char *name)
{
	size_t i = 0;

	while (strcmp(store_tables[i]->name, name) != 0)
		i++;
	return store_tables[i];
}

static void kept_alone(void **state)
{
	const struct table *unit = table_of("unit"), *body = table_of("body"), *person = table_of("person");
	const struct table *const reads[] = { unit, body, NULL };
	const struct statement one = { .name = "one", .n_args = 2, .reads = reads }, other = one;
	struct value args[] = { value_text(STR("Åsa")), value_int(7) }, cells[] = { value_text(STR("a")), value_int(1), value_text(STR("b")), { 0 } };
	struct rows rows = { 2, 2, cells };
	struct kept *kept = kept_new();

	assert_null(kept_find(kept, &one, args));
	kept_put(kept, &one, args, &rows, kept_commits());
	const struct rows *found = kept_find(kept, &one, args);
	assert_true(found && found->n == 2 && found->cells != cells && str_equal(found->cells[2].s, STR("b")) && found->cells[3].kind == VALUE_NULL);
	assert_null(kept_find(kept, &other, args));              /* another statement, other arguments */
	args[1] = value_int(8);
	assert_null(kept_find(kept, &one, args));
	args[1] = (struct value){ 0 };
	assert_null(kept_find(kept, &one, args));
	args[1] = value_int(7);
	kept_publish(&person, 1);                                /* it was not read from that one */
	assert_non_null(kept_find(kept, &one, args));
	uint64_t before = kept_commits();
	kept_publish(&body, 1);
	assert_null(kept_find(kept, &one, args));
	kept_put(kept, &one, args, &rows, before);               /* read before that commit */
	assert_null(kept_find(kept, &one, args));
	kept_put(kept, &one, args, &(struct rows){ 0, 2, NULL }, kept_commits());
	found = kept_find(kept, &one, args);
	assert_true(found && found->n == 0);                     /* that there is nothing is an answer too */
	kept_publish(NULL, 0);
	assert_null(kept_find(kept, &one, args));
	/* More questions than there is room for: what is found is right. */
	for (int64_t i = 0; i < 5000; i++) {
		args[1] = value_int(i);
		cells[1] = value_int(i);
		kept_put(kept, &one, args, &rows, kept_commits());
	}
	int n_found = 0;
	for (int64_t i = 0; i < 5000; i++) {
		args[1] = value_int(i);
		found = kept_find(kept, &one, args);
		n_found += found != NULL;
		assert_true(!found || found->cells[1].i == i);
	}
	assert_in_range(n_found, 500, 1024);
	kept_end(kept);
}

static void set_name(struct fixture *f, const char *name)
{
	struct change *change = fixture_begin(f, "test.setting");

	assert_int_equal(setting_put(change, STR("organisation.name"), str_of(name)), OK);
	fixture_commit(f);
}

static struct str name_now(struct fixture *f)
{
	struct setting_get_row row;
	return setting_get(&f->rq, STR("organisation.name"), &row) == OK ? row.value : STR("none");
}

/* A change shows in the next answer, whichever way it was written; what was read in a transaction is not remembered. */
static void kept_answers(void **state)
{
	struct fixture *f = fixture_new();
	struct people_unit_size_row size;

	store_keeps(f->rq.store);
	assert_true(str_equal(name_now(f), STR("none")));
	set_name(f, "Sundby");
	assert_true(str_equal(name_now(f), STR("Sundby")) && str_equal(name_now(f), STR("Sundby")));
	set_name(f, "Norrby");
	assert_true(str_equal(name_now(f), STR("Norrby")));
	assert_int_equal(store_run_text(&f->rq, "UPDATE setting SET value = 'Västby'", NULL, 0), OK);
	assert_true(str_equal(name_now(f), STR("Västby")));

	struct change *change = fixture_begin(f, "test.setting");
	assert_int_equal(setting_put(change, STR("organisation.name"), STR("Österby")), OK);
	fixture_rollback(f);
	assert_true(str_equal(name_now(f), STR("Västby")));

	change = fixture_begin(f, "test.units");
	assert_int_equal(people_body_add(change, 1, STR("Kommunstyrelsen")), OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(people_unit_add(change, i, str_print(f->arena, "unit %d", i), 1, 3), OK);
	fixture_commit(f);
	assert_int_equal(people_unit_size(&f->rq, 1, &size), OK);
	assert_int_equal(size.n, 0);
	assert_int_equal(store_begin(f->rq.store, &f->trouble), OK);
	assert_int_equal(store_run_text(&f->rq, "UPDATE setting SET value = 'Söderby'", NULL, 0), OK);
	assert_int_equal(store_run_text(&f->rq, "DELETE FROM unit", NULL, 0), OK);
	struct people_unit_get_row unit;
	assert_int_equal(people_unit_get(&f->rq, 2, &unit), ERR_NONE);
	store_rollback(f->rq.store);
	assert_int_equal(people_unit_get(&f->rq, 2, &unit), OK);
	fixture_end(f);
}

/* Two threads publish while a third reads what they count: an answer is never older than what was published before it was asked for. */
static _Atomic int64_t truth;
static _Atomic bool is_over;

static void *publish(void *of)
{
	const struct table *unit = table_of("unit");
	(void)of;

	for (int i = 0; i < 200000; i++) {
		truth++;
		kept_publish(&unit, 1);
	}
	is_over = true;
	return NULL;
}

static void kept_at_once(void **state)
{
	const struct table *const reads[] = { table_of("unit"), NULL };
	const struct statement one = { .name = "one", .reads = reads };
	struct kept *kept = kept_new();
	struct value cell = value_int(0);
	pthread_t thread[2];

	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, publish, NULL), 0);
	while (!is_over) {
		const struct rows *found = kept_find(kept, &one, NULL);
		if (found)
			continue;
		uint64_t as_of = kept_commits();
		cell.i = truth;
		kept_put(kept, &one, NULL, &(struct rows){ 1, 1, &cell }, as_of);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	/* All is published now: what is kept is the last, or is not found. */
	const struct rows *found = kept_find(kept, &one, NULL);
	assert_true(!found || found->cells[0].i == truth);
	kept_end(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(kept_alone), cmocka_unit_test(kept_answers), cmocka_unit_test(kept_at_once) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
