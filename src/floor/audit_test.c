/* The log in the store: what a write leaves, that the check is silent on an honest log, and that it finds one changed, one removed and
 * one added row in every logged table there is, and each way of meddling with the log's own tables.
 *
 * For tests/audit.sh, which meddles with the sqlite3 program: `audit_test make FILE` leaves a store with rows in every table,
 * `audit_test check FILE` prints what a check of it finds, one fault a line; `audit_test older FILE`, for tests/upgrades.sh;
 * `audit_test move CONNINFO` takes a log into an empty PostgreSQL and back (tests/backup.sh). */
#include "floor/fixture.h"
#include "floor/audit.sql.h"
#include "floor/people.sql.h"
#include "floor/setting.sql.h"
#include "floor/upgrade.h"

enum { ROWS = 3 };

static struct verdict_of_log check(struct fixture *f)
{
	struct verdict_of_log verdict;

	enum err err = audit_verify(&f->rq, NULL, true, &verdict);
	if (err != OK)
		print_message("verify: %s\n", f->trouble.text);
	assert_int_equal(err, OK);
	return verdict;
}

static void expect_whole(struct fixture *f)
{
	struct verdict_of_log verdict = check(f);

	for (size_t i = 0; i < verdict.faults.n; i++)
		print_message("leaf %lld %s: " STR_FMT "\n", (long long)verdict.faults.at[i].leaf, verdict.faults.at[i].kind, STR_ARG(verdict.faults.at[i].text));
	assert_int_equal(verdict.faults.n, 0);
	assert_int_equal(verdict.size, audit_size(f->audit));
}

/* Some fault of this kind, at this leaf (-2: any), with this word in its text. */
static void expect_fault(struct fixture *f, const char *kind, int64_t leaf, const char *word)
{
	struct verdict_of_log verdict = check(f);

	for (size_t i = 0; i < verdict.faults.n; i++) {
		const struct fault *fault = &verdict.faults.at[i];
		if (strcmp(fault->kind, kind) == 0 && (leaf == -2 || fault->leaf == leaf) && memmem(fault->text.at, fault->text.len, word, strlen(word)))
			return;
	}
	for (size_t i = 0; i < verdict.faults.n; i++)
		print_message("only: leaf %lld %s: " STR_FMT "\n", (long long)verdict.faults.at[i].leaf, verdict.faults.at[i].kind, STR_ARG(verdict.faults.at[i].text));
	print_message("wanted: leaf %lld %s %s\n", (long long)leaf, kind, word);
	assert_true(!"fault not found");
}

static void sql(struct fixture *f, const char *text)
{
	enum err err = store_run_text(&f->rq, text, NULL, 0);
	if (err != OK)
		print_message("%s: %s\n", text, f->trouble.text);
	assert_int_equal(err, OK);
}

/* --- every table --- */

static struct value value_for(struct arena *arena, const struct column *column, int row, int i)
{
	if (column->kind == VALUE_INT)
		return value_int(row * 100 + i);
	struct str text = str_print(arena, "%s \"%d\" \\ \n\001 r\303\244v", column->name, row);
	return column->kind == VALUE_TEXT ? value_text(text) : value_blob(text);
}

/* INSERT of all columns, with the RETURNING clause that sqlgen would make. */
static const struct statement *insert_of(struct arena *arena, const struct table *table)
{
	struct out out = out_new(arena), returning = out_new(arena);
	uint8_t *returned = NEW_MANY(arena, table->n_columns, uint8_t), n = 0;
	struct statement *statement = NEW(arena, struct statement);

	out_print(&out, "INSERT INTO %s (", table->name);
	for (int i = 0; i < table->n_columns; i++)
		out_print(&out, "%s%s", i ? ", " : "", table->columns[i].name);
	out_text(&out, ") VALUES (");
	for (int i = 0; i < table->n_columns; i++)
		out_print(&out, "%s$%d", i ? ", " : "", i + 1);
	for (int pass = 0; pass < 2; pass++)
		for (uint8_t i = 0; i < table->n_columns; i++)
			if (table->columns[i].is_key == (pass == 0)) {
				out_print(&returning, "%s%s", n ? ", " : "", table->columns[i].name);
				returned[n++] = i;
			}
	out_print(&out, ") RETURNING " STR_FMT, STR_ARG(out_str(&returning)));
	out_byte(&out, '\0');
	*statement = (struct statement){ .name = table->name, .sql = out.at, .kind = STATEMENT_INSERT, .table = table, .returned = returned,
		.n_args = table->n_columns, .n_results = n };
	return statement;
}

static void fill_all_tables(struct fixture *f)
{
	for (size_t t = 0; store_tables[t]; t++) {
		const struct table *table = store_tables[t];
		if (table->is_volatile)
			continue;
		const struct statement *statement = insert_of(f->arena, table);
		for (int row = 1; row <= ROWS; row++) {
			struct value values[64];
			struct change *change = fixture_begin(f, "test.fill");
			for (int i = 0; i < table->n_columns; i++)
				values[i] = row == ROWS && table->columns[i].may_be_null ? (struct value){ .kind = VALUE_NULL }
				                                                        : value_for(f->arena, &table->columns[i], row, i);
			enum err err = change_write(change, statement, values);
			if (err != OK)
				print_message("%s: %s\n", table->name, f->trouble.text);
			assert_int_equal(err, OK);
			fixture_commit(f);
		}
	}
}

/* "k" = 100 and so on: the row that fill_all_tables made as number `row`. */
static char *where(struct fixture *f, const struct table *table, int row)
{
	struct out out = out_new(f->arena);

	for (int i = 0; i < table->n_columns; i++)
		if (table->columns[i].is_key) {
			out_text(&out, out.len ? " AND " : "");
			if (table->columns[i].kind == VALUE_INT)
				out_print(&out, "\"%s\" = %d", table->columns[i].name, row * 100 + i);
			else
				out_print(&out, "CAST(\"%s\" AS TEXT) LIKE '%% \"%d\" %%'", table->columns[i].name, row);
		}
	out_byte(&out, '\0');
	return out.at;
}

static int64_t leaf_of(struct fixture *f, int64_t first, const struct table *table, int row)
{
	for (size_t t = 0; store_tables[t] != table; t++)
		first += store_tables[t]->is_volatile ? 0 : ROWS;
	return first + row - 1;
}

/* What a check finds now: of one kind, so and so many, and among them each that is asked for. */
static void expect_one(const struct verdict_of_log *verdict, int64_t leaf, const char *word)
{
	for (size_t i = 0; i < verdict->faults.n; i++) {
		const struct fault *fault = &verdict->faults.at[i];
		if (strcmp(fault->kind, "replay") == 0 && fault->leaf == leaf && memmem(fault->text.at, fault->text.len, word, strlen(word)))
			return;
	}
	print_message("wanted: leaf %lld replay %s\n", (long long)leaf, word);
	assert_true(!"fault not found");
}

/* Each logged table that has column i outside its key. */
static const struct table *next_table(size_t *at, int i)
{
	for (; store_tables[*at]; ++*at) {
		const struct table *table = store_tables[*at];
		if (!table->is_volatile && (i < 0 || (i < table->n_columns && !table->columns[i].is_key)))
			return store_tables[(*at)++];
	}
	return NULL;
}

/* The same column of every table at once: a check reads the whole log, and there are hundreds of columns. */
static void tamper_column(struct fixture *f, int64_t first, int i)
{
	const struct table *table;
	struct verdict_of_log verdict;
	size_t n = 0;

	sql(f, "BEGIN");
	for (size_t t = 0; (table = next_table(&t, i)); n++) {
		const struct column *column = &table->columns[i];
		sql(f, str_print(f->arena, "UPDATE %s SET \"%s\" = %s WHERE %s", table->name, column->name,
			column->kind == VALUE_INT ? "4711" : column->kind == VALUE_TEXT ? "'other'" : "X'00'", where(f, table, 2)).at);
	}
	verdict = check(f);
	for (size_t t = 0; (table = next_table(&t, i));)
		expect_one(&verdict, leaf_of(f, first, table, 2), str_print(f->arena, ": %s is not", table->columns[i].name).at);
	assert_int_equal(verdict.faults.n, n);
	sql(f, "ROLLBACK");
}

static void tamper_rows(struct fixture *f, int64_t first)
{
	const struct table *table;
	struct verdict_of_log verdict;
	size_t n = 0;

	sql(f, "BEGIN");
	for (size_t t = 0; (table = next_table(&t, -1)); n++)
		sql(f, str_print(f->arena, "DELETE FROM %s WHERE %s", table->name, where(f, table, 1)).at);
	verdict = check(f);
	for (size_t t = 0; (table = next_table(&t, -1));)
		expect_one(&verdict, leaf_of(f, first, table, 1), "gone");
	assert_int_equal(verdict.faults.n, n);
	sql(f, "ROLLBACK");
}

/* A row that no leaf tells of, in each table by itself: it is found by the table's name alone. */
static void add_row(struct fixture *f, const struct table *table)
{
	struct out columns = out_new(f->arena);

	for (int i = 0; i < table->n_columns; i++)
		out_print(&columns, i ? ", %s\"%s\"%s" : "%s\"%s\"%s", table->columns[i].kind == VALUE_INT ? "" : table->columns[i].kind == VALUE_TEXT
			? "'x' || " : "CAST('x' || CAST(", table->columns[i].name, table->columns[i].kind == VALUE_INT ? " + 5000" :
			table->columns[i].kind == VALUE_TEXT ? "" : " AS TEXT) AS BLOB)");
	sql(f, str_print(f->arena, "INSERT INTO %s SELECT " STR_FMT " FROM %s WHERE %s", table->name, STR_ARG(out_str(&columns)), table->name,
		where(f, table, 1)).at);
}

static void tamper_by_adding(struct fixture *f)
{
	const struct table *table;
	struct verdict_of_log verdict;
	size_t n = 0;

	sql(f, "BEGIN");
	for (size_t t = 0; (table = next_table(&t, -1)); n++)
		add_row(f, table);
	verdict = check(f);
	for (size_t t = 0; (table = next_table(&t, -1));)
		expect_one(&verdict, -1, str_print(f->arena, "%s", table->name).at);
	for (size_t i = 0; i < verdict.faults.n; i++)
		assert_non_null(memmem(verdict.faults.at[i].text.at, verdict.faults.at[i].text.len, "does not have", 13));
	assert_int_equal(verdict.faults.n, n);
	sql(f, "ROLLBACK");
}

static void every_table(void **state)
{
	struct fixture *f = fixture_new();
	int64_t first = audit_size(f->audit);
	const struct table *table;
	int most = 0;
	(void)state;

	sql(f, "PRAGMA foreign_keys = OFF");
	fill_all_tables(f);
	expect_whole(f);
	for (size_t t = 0; (table = next_table(&t, -1));)
		most = MAX(most, table->n_columns);
	for (int i = 0; i < most; i++)
		tamper_column(f, first, i);
	tamper_rows(f, first);
	tamper_by_adding(f);
	expect_whole(f);
	fixture_end(f);
}

/* --- the log's own tables --- */

static void add_person(struct fixture *f, struct change *change, int id, const char *name)
{
	struct str text = str_of(name);
	struct people_add_args args = { .id = id, .code = str_print(f->arena, "p%d", id), .name = text, .email = STR("a@b.example"), .phone = STR("1"),
		.sort = text, .email_changed_at = f->rq.now, .phone_changed_at = f->rq.now, .unit = 0, .roles = ROLE_EMPLOYEE };
	assert_int_equal(people_add(change, &args), OK);
}

static void change_person(struct change *change, int id, const char *name)
{
	struct people_change_args args = { .name = str_of(name), .email = STR(""), .phone = STR(""), .sort = STR(""), .unit = 0,
		.roles = ROLE_EMPLOYEE, .id = id };
	assert_int_equal(people_change(change, &args), OK);
}

/* A small house: 12 leaves with persons, settings, a document. */
static int64_t fill_some(struct fixture *f)
{
	int64_t first = audit_size(f->audit);
	struct change *change = fixture_begin(f, "test.house");

	assert_int_equal(people_body_add(change, 0, STR("Kommunen")), OK);
	assert_int_equal(people_unit_add(change, 0, STR("Arkiv"), 0, 3), OK);
	assert_int_equal(change_document(change, STR("why we did it"), NULL), OK);
	fixture_commit(f);
	for (int i = 0; i < 10; i++) {
		change = fixture_begin(f, "test.person");
		add_person(f, change, 2 * i, "Siv \"Snabb\"");
		add_person(f, change, 2 * i + 1, "Bj\303\266rn\n\tX");
		assert_int_equal(people_login_add(change, 2 * i, 0, str_print(f->arena, "login%d", i), 1), OK);
		fixture_commit(f);
	}
	change = fixture_begin(f, "test.more");
	change_person(change, 3, "Annat Namn");
	assert_int_equal(people_login_drop(change, 4, 0), OK);
	assert_int_equal(setting_put(change, STR("a.b"), STR("v\303\244rde")), OK);
	fixture_commit(f);
	return first;
}

/* One statement, one kind of fault, then undone. */
static void tamper(struct fixture *f, const char *statement, const char *kind, int64_t leaf, const char *word)
{
	sql(f, "BEGIN");
	sql(f, statement);
	expect_fault(f, kind, leaf, word);
	sql(f, "ROLLBACK");
}

static void the_logs_own_tables(void **state)
{
	struct fixture *f = fixture_new();
	int64_t first = fill_some(f), size = audit_size(f->audit);
	struct arena *a = f->arena;
	(void)state;

	expect_whole(f);
	for (int64_t i = 0; i < size; i++) {
		tamper(f, str_print(a, "UPDATE audit_leaf SET leaf = replace(leaf, '\"at\":\"2', '\"at\":\"1') WHERE id = %lld", (long long)i).at, "leaf", i, "bytes");
		tamper(f, str_print(a, "UPDATE audit_leaf SET hash = X'00' WHERE id = %lld", (long long)i).at, "leaf", i, "bytes");
		tamper(f, str_print(a, "UPDATE audit_leaf SET leaf = leaf || ' ' WHERE id = %lld", (long long)i).at, "leaf", i, "read");
		if (i < size - 1)
			tamper(f, str_print(a, "DELETE FROM audit_leaf WHERE id = %lld", (long long)i).at, "index", i, "missing");
	}
	tamper(f, str_print(a, "DELETE FROM audit_leaf WHERE id = %lld", (long long)size - 1).at, "frontier", -1, "tree");
	tamper(f, str_print(a, "INSERT INTO audit_leaf SELECT %lld, hash, leaf FROM audit_leaf WHERE id = 1", (long long)size).at, "index", size, "says");
	tamper(f, "INSERT INTO audit_leaf SELECT -1, hash, leaf FROM audit_leaf WHERE id = 1", "index", 0, "missing");
	tamper(f, "UPDATE audit_frontier SET epoch = 4", "frontier", -1, "tree");
	tamper(f, "DELETE FROM audit_frontier", "frontier", -1, "tree");
	int64_t leaf = first + 3;
	tamper(f, str_print(a, "DELETE FROM audit_part WHERE leaf = %lld AND write = 1", (long long)leaf).at, "part", leaf, "gone");
	tamper(f, str_print(a, "UPDATE audit_part SET columns = replace(columns, 'rn', 'rm') WHERE leaf = %lld AND write = 1", (long long)leaf).at, "part", leaf, "not those");
	tamper(f, str_print(a, "UPDATE audit_part SET salt = X'00' WHERE leaf = %lld AND write = 0", (long long)leaf).at, "part", leaf, "not those");
	tamper(f, str_print(a, "UPDATE audit_part SET salt = NULL, columns = NULL WHERE leaf = %lld AND write = 0", (long long)leaf).at, "part", leaf, "no leaf lists");
	tamper(f, str_print(a, "INSERT INTO audit_part VALUES (%lld, 9, X'00', '{}')", (long long)leaf).at, "part", leaf, "has none");
	tamper(f, "UPDATE audit_document SET body = X'00' WHERE hash = (SELECT max(hash) FROM audit_document)", "document", -2, "missing or changed");
	tamper(f, "DELETE FROM audit_document", "document", first, "missing");
	tamper(f, "INSERT INTO audit_document VALUES ('00', X'00')", "document", -1, "not what");
	tamper(f, "INSERT INTO audit_document VALUES ('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d', X'00')", "document", -1, "by no leaf");
	tamper(f, "INSERT INTO audit_checkpoint VALUES (2, 'x')", "checkpoint", 1, "follows no seal");
	expect_whole(f);
	fixture_end(f);
}

/* --- what must not be a fault --- */

static void erasure(void **state)
{
	struct fixture *f = fixture_new();
	int64_t first = fill_some(f), leaf = first + 3;      /* persons 4 and 5 */
	struct audit_leaf_get_row row;
	(void)state;

	struct change *change = fixture_begin(f, "test.anonymous");
	change_person(change, 4, "");
	fixture_commit(f);
	change = fixture_begin(f, "audit.erase");
	assert_int_equal(change_erase(change, leaf, 0), OK);
	assert_int_equal(change_erase(change, leaf, 77), ERR_NONE);
	fixture_commit(f);
	expect_whole(f);
	/* The leaf of old is as it was; neither name nor salt stands anywhere. */
	assert_int_equal(audit_leaf_get(&f->rq, leaf, &row), OK);
	assert_null(memmem(row.leaf.at, row.leaf.len, "Siv", 3));
	tamper(f, str_print(f->arena, "UPDATE audit_part SET salt = X'00', columns = '{}' WHERE leaf = %lld AND write = 0", (long long)leaf).at, "part", leaf, "are there");
	/* Erased, though the row still holds the values. */
	change = fixture_begin(f, "audit.erase");
	assert_int_equal(change_erase(change, leaf, 1), OK);
	fixture_commit(f);
	expect_fault(f, "replay", leaf, "name is not");
	fixture_end(f);
}

static void rollback_leaves_nothing(void **state)
{
	struct fixture *f = fixture_new();
	unsigned char before[32], after[32];
	(void)state;

	fill_some(f);
	audit_root(f->audit, before);
	int64_t size = audit_size(f->audit);
	struct change *change = fixture_begin(f, "test.gone");
	change_person(change, 1, "Borta");
	assert_int_equal(audit_close(f->audit, &f->rq), OK);
	fixture_rollback(f);
	audit_root(f->audit, after);
	assert_memory_equal(before, after, 32);
	assert_int_equal(audit_size(f->audit), size);
	expect_whole(f);
	/* A job may begin several changes: leaves in that order. */
	change = fixture_begin(f, "test.one");
	struct change *two;
	assert_int_equal(audit_begin(&f->rq, "test.two", STR("x"), &two), OK);
	assert_int_equal(change_leaf(two), change_leaf(change) + 1);
	change_person(two, 1, "Tv\303\245");
	change_person(change, 2, "Ett");
	assert_int_equal(setting_put(change, STR("none.such"), STR("x")), OK);
	fixture_commit(f);
	expect_whole(f);
	assert_int_equal(audit_size(f->audit), size + 2);
	/* And it opens again where it stood. */
	struct audit *again;
	assert_int_equal(audit_open(&f->rq, "test.example", &again), OK);
	audit_root(again, after);
	audit_root(f->audit, before);
	assert_memory_equal(before, after, 32);
	audit_end(again);
	fixture_end(f);
}

/* Deleted, added again by hand, replaced: told with the leaf that touched it last. */
static void a_deleted_row_comes_back(void **state)
{
	struct fixture *f = fixture_new();
	(void)state;

	fill_some(f);
	int64_t last = audit_size(f->audit) - 1;
	tamper(f, "INSERT INTO login VALUES (4, 0, 'login2', 1)", "replay", last, "does not have");
	struct change *change = fixture_begin(f, "test.again");
	assert_int_equal(people_login_add(change, 4, 0, STR("new2"), 1), OK);
	fixture_commit(f);
	expect_whole(f);
	fixture_end(f);
}

static int make(void)
{
	struct fixture *f = fixture_new();

	sql(f, "PRAGMA foreign_keys = OFF");
	fill_all_tables(f);
	struct change *change = fixture_begin(f, "test.document");
	assert_int_equal(change_document(change, STR("why we did it"), NULL), OK);
	fixture_commit(f);
	fixture_end(f);
	return 0;
}

/* A store as a program left it that knew floor's first schema alone, with a small house in it. */
static int make_older(const char *path)
{
	struct store_place place = { .at = path };
	struct fixture f = { .arena = arena_new(256 << 20) };

	when_start();
	f.rq = (struct rq){ .arena = f.arena, .actor = &f.actor, .trouble = &f.trouble };
	f.actor = (struct actor){ .person = -1, .name = STR("test:older"), .roles = ROLE_HOST, .body = 0 };
	assert_int_equal(instant_parse(STR("2026-01-08T08:00:00Z"), &f.rq.now), OK);
	assert_int_equal(store_create(&place, &f.trouble, &f.rq.store), OK);
	assert_int_equal(upgrade_some(&f.rq, 1), OK);
	assert_int_equal(audit_open(&f.rq, "", &f.audit), OK);
	f.rq.audit = f.audit;
	(void)fill_some(&f);
	audit_end(f.audit);
	store_close(f.rq.store);
	arena_end(f.arena);
	return 0;
}

static int check_file(const char *path)
{
	struct store_place place = { .at = path };
	struct fixture f = { .arena = arena_new(256 << 20) };
	struct verdict_of_log verdict;

	f.rq = (struct rq){ .arena = f.arena, .actor = &f.actor, .trouble = &f.trouble };
	enum err err = store_open(&place, true, &f.trouble, &f.rq.store);
	if (err == OK)
		err = audit_verify(&f.rq, NULL, true, &verdict);
	if (err != OK)
		print_message("not checked: %s\n", f.trouble.text);
	for (size_t i = 0; err == OK && i < verdict.faults.n; i++)
		print_message("%s leaf %lld: " STR_FMT "\n", verdict.faults.at[i].kind, (long long)verdict.faults.at[i].leaf, STR_ARG(verdict.faults.at[i].text));
	store_close(f.rq.store);
	arena_end(f.arena);
	return err == OK ? 0 : 1;
}

static int64_t whole(struct rq *rq, const char *where)
{
	struct verdict_of_log verdict = { 0 };
	enum err err = audit_verify(rq, NULL, true, &verdict);

	for (size_t i = 0; err == OK && i < verdict.faults.n; i++)
		print_message("%s: leaf %lld: " STR_FMT "\n", where, (long long)verdict.faults.at[i].leaf, STR_ARG(verdict.faults.at[i].text));
	return err == OK && !verdict.faults.n ? verdict.size : -1;
}

static enum err move_to(struct rq *from, struct store_place place, const char *no_foreign_keys, struct rq *ret)
{
	*ret = *from;
	TRY(store_create(&place, from->trouble, &ret->store));
	/* The rows of this test are any values: they refer to nothing. */
	TRY(store_run_text(ret, no_foreign_keys, NULL, 0));
	return audit_replay_into(from, ret->store);
}

/* Rows in every table, from SQLite into PostgreSQL and from there into SQLite again: whole and equal row for row in each. */
static int move(const char *conninfo)
{
	unsetenv("SAMORDNA_TEST_POSTGRES");
	struct fixture *f = fixture_new();
	struct rq there = { .store = NULL }, back = { .store = NULL };

	sql(f, "PRAGMA foreign_keys = OFF");
	fill_all_tables(f);
	f->rq.audit = NULL;
	enum err err = move_to(&f->rq, (struct store_place){ true, conninfo }, "SET session_replication_role = replica", &there);
	if (err == OK)
		err = move_to(&there, (struct store_place){ .at = ":memory:" }, "PRAGMA foreign_keys = OFF", &back);
	if (err != OK)
		print_message("not moved: %s\n", f->trouble.text);
	int64_t size = err == OK ? whole(&f->rq, "before") : -1;
	bool is_same = size > 0 && whole(&there, "in PostgreSQL") == size && whole(&back, "back in SQLite") == size;
	if (is_same)
		print_message("moved there and back: %lld leaves\n", (long long)size);
	store_close(there.store);
	store_close(back.store);
	fixture_end(f);
	return is_same ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "move") == 0)
		return move(argv[2]);
	if (argc == 3 && strcmp(argv[1], "make") == 0 && setenv("SAMORDNA_TEST_FILE", argv[2], 1) == 0)
		return make();
	if (argc == 3 && strcmp(argv[1], "older") == 0)
		return make_older(argv[2]);
	if (argc == 3 && strcmp(argv[1], "check") == 0)
		return check_file(argv[2]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_table),
		cmocka_unit_test(the_logs_own_tables),
		cmocka_unit_test(erasure),
		cmocka_unit_test(rollback_leaves_nothing),
		cmocka_unit_test(a_deleted_row_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
