/* Replay: the tables are a pure fold over the log, and this is the fold. Each write of each leaf is laid, by table and column name, into
 * empty tables; no statement of the past is ever run again.
 *
 * For a check the tables are lenient copies of today's in a scratch store (same columns and defaults; no types, no constraints,
 * so that a broken log gives differences and not errors), each row with the leaf that touched it last; a deleted row leaves its key
 * behind, so that one who reappears is told with its leaf. audit_compare.c then reads both stores side by side.
 * The scratch store is a file beside the real one, without a name: what does not fit SQLite's cache is on disk, and gone at the end.
 *
 * audit_replay_into does the same into real tables, to take a log from one engine to another.
 *
 * SECURITY: names come from store_tables alone; what the log says is bound as values. A secret is known to the log as the hash of its
 * box: the check compares hashes, the move copies the box where it has that hash. Faults name tables, keys and columns, no values. */
#define LONG_LIVED
#include <sodium.h>
#include "floor/audit_check.h"
#include "floor/audit.sql.h"
#include "base/world.h"

enum { MOST_SHAPES = 512 };

/* One way in which writes touch a table: which columns. Its statements are made once. */
struct shape {
	const struct table *table;
	uint64_t            columns;             /* bits */
	bool                is_insert;           /* else, in real tables, an update; without columns a delete */
	struct statement    statement;
};

struct replay {
	struct arena  *arena;                    /* lives as long as the replay */
	struct trouble trouble;
	struct rq      rq;                       /* of the store being filled */
	bool           is_real;
	struct shape  *shapes;
	size_t         n_shapes;
	const struct table *last;
	int64_t        n_erased;                 /* values that stand in for erased ones */
};

/* --- statements --- */

void out_columns(struct out *out, const struct table *table, uint64_t which, const char *form, const char *between)
{
	bool is_first = true;

	for (int i = 0; i < table->n_columns; i++) {
		if (!(which >> i & 1))
			continue;
		if (!is_first)
			out_text(out, between);
		out_print(out, form, table->columns[i].name);
		is_first = false;
	}
}

uint64_t table_key_bits(const struct table *table)
{
	uint64_t bits = 0;

	for (int i = 0; i < table->n_columns; i++)
		bits |= (uint64_t)table->columns[i].is_key << i;
	return bits;
}

static void put_placeholders(struct out *out, int from, int n)
{
	for (int i = 0; i < n; i++)
		out_print(out, "%s$%d", i ? ", " : "", from + i);
}

/* "name" = $n, ... */
static void put_settings(struct out *out, const struct table *table, uint64_t which, int from, const char *between)
{
	bool is_first = true;

	for (int i = 0; i < table->n_columns; i++)
		if (which >> i & 1) {
			out_print(out, "%s\"%s\" = $%d", is_first ? "" : between, table->columns[i].name, from++);
			is_first = false;
		}
}

/* Scratch: one statement inserts or overwrites; arguments keys, columns, leaf. */
static void scratch_sql(struct out *out, const struct table *table, uint64_t columns, bool is_delete)
{
	uint64_t keys = table_key_bits(table);
	int n = __builtin_popcountll(keys) + __builtin_popcountll(columns);

	out_print(out, "INSERT %sINTO %s (", is_delete ? "OR REPLACE " : "", table->name);
	out_columns(out, table, keys, "\"%s\"", ", ");
	if (columns)
		out_text(out, ", ");
	out_columns(out, table, columns, "\"%s\"", ", ");
	out_text(out, ", replay_leaf, replay_gone) VALUES (");
	put_placeholders(out, 1, n + 1);
	out_text(out, is_delete ? ", 1)" : ", 0)");
	if (is_delete)
		return;
	out_text(out, " ON CONFLICT (");
	out_columns(out, table, keys, "\"%s\"", ", ");
	out_text(out, ") DO UPDATE SET ");
	out_columns(out, table, columns, "\"%1$s\" = excluded.\"%1$s\"", ", ");
	out_print(out, "%sreplay_leaf = excluded.replay_leaf, replay_gone = 0", columns ? ", " : "");
}

/* Real tables: arguments columns, keys (update, delete) or keys, columns (insert). */
static void real_sql(struct out *out, const struct table *table, uint64_t columns, bool is_insert)
{
	uint64_t keys = table_key_bits(table);
	int n_keys = __builtin_popcountll(keys), n = __builtin_popcountll(columns);

	if (is_insert) {
		out_print(out, "INSERT INTO %s (", table->name);
		out_columns(out, table, keys, "\"%s\"", ", ");
		out_text(out, n ? ", " : "");
		out_columns(out, table, columns, "\"%s\"", ", ");
		out_text(out, ") VALUES (");
		put_placeholders(out, 1, n_keys + n);
		out_text(out, ")");
		return;
	}
	out_print(out, columns ? "UPDATE %s SET " : "DELETE FROM %s", table->name);
	put_settings(out, table, columns, 1, ", ");
	out_text(out, " WHERE ");
	put_settings(out, table, keys, 1 + n, " AND ");
}

static struct statement *statement_for(struct replay *replay, const struct table *table, uint64_t columns, bool is_insert)
{
	struct shape *shape = replay->shapes;

	for (; shape < replay->shapes + replay->n_shapes; shape++)
		if (shape->table == table && shape->columns == columns && shape->is_insert == is_insert)
			return &shape->statement;
	if (replay->n_shapes == MOST_SHAPES)
		return NULL;
	struct out out = out_new(replay->arena);
	uint64_t all = columns | table_key_bits(table);
	if (replay->is_real)
		real_sql(&out, table, columns, is_insert);
	else
		scratch_sql(&out, table, columns, !is_insert);
	out_byte(&out, '\0');
	*shape = (struct shape){ .table = table, .columns = columns, .is_insert = is_insert, .statement = {
		.name = str_print(replay->arena, "replay_%zu", replay->n_shapes).at, .sql = out.at, .kind = STATEMENT_INSERT, .table = table,
		.n_args = (uint8_t)(__builtin_popcountll(all) + !replay->is_real) } };
	replay->n_shapes++;
	return &shape->statement;
}

/* --- what a write says --- */

struct row { const struct table *table; uint64_t set; struct value key[MOST_COLUMNS], value[MOST_COLUMNS]; };

static int column_named(const struct table *table, struct str name)
{
	for (int i = 0; i < table->n_columns; i++)
		if (str_equal(str_of(table->columns[i].name), name))
			return i;
	return -1;
}

static enum err take_column(struct arena *arena, struct row *row, struct str name, struct str value)
{
	int i = column_named(row->table, name);

	if (i < 0 || row->table->columns[i].is_key)
		return ERR_INVALID;
	row->set |= (uint64_t)1 << i;
	return leaf_value(arena, value, row->table->columns[i].kind, &row->value[i]);
}

/* The hash of a box, as text (scratch) or as the 32 bytes that stand in for the box (real). */
static enum err take_secret(struct arena *arena, struct row *row, int i, struct str value, bool is_real)
{
	unsigned char *bytes = arena_take(arena, 32);
	size_t n = 0;

	row->set |= (uint64_t)1 << i;
	if (str_equal(value, STR("null"))) {
		row->value[i] = (struct value){ .kind = VALUE_NULL };
		return OK;
	}
	if (value.len != 66 || sodium_hex2bin(bytes, 32, value.at + 1, 64, NULL, &n, NULL) != 0 || n != 32)
		return ERR_INVALID;
	row->value[i] = is_real && row->table->columns[i].kind == VALUE_BLOB ? value_blob((struct str){ (char *)bytes, 32 })
	                                                                   : value_text((struct str){ value.at + 1, 64 });
	return OK;
}

static enum err take_secrets(struct arena *arena, struct row *row, struct str value, bool is_real)
{
	struct str rest, name, one;
	enum err err;

	if (value.len < 2 || value.at[0] != '{') {
		for (int i = 0; i < row->table->n_columns; i++)
			if (row->table->columns[i].mark == MARK_SECRET)
				return take_secret(arena, row, i, value, is_real);
		return ERR_INVALID;
	}
	rest = (struct str){ value.at + 1, value.len - 2 };
	while ((err = leaf_column(&rest, &name, &one)) == OK) {
		int i = column_named(row->table, name);
		if (i < 0 || row->table->columns[i].mark != MARK_SECRET)
			return ERR_INVALID;
		TRY(take_secret(arena, row, i, one, is_real));
	}
	return err == ERR_NONE ? OK : err;
}

static enum err take_personal(struct arena *arena, struct row *row, struct str object)
{
	struct str rest = { object.at + 1, object.len - 2 }, name, value;
	enum err err;

	if (object.len < 2)
		return ERR_INVALID;
	while ((err = leaf_column(&rest, &name, &value)) == OK)
		TRY(take_column(arena, row, name, value));
	return err == ERR_NONE ? OK : err;
}

static enum err read_row(struct replay *replay, struct arena *arena, const struct write *write, struct str personal, struct row *row)
{
	struct str rest = write->columns, name, value;
	enum err err;

	TRY(leaf_key(arena, write->key, row->table, row->key));
	while ((err = leaf_column(&rest, &name, &value)) == OK) {
		if (str_equal(name, STR("personal")))
			err = personal.at ? take_personal(arena, row, personal) : OK;
		else if (str_equal(name, STR("secret")))
			err = take_secrets(arena, row, value, replay->is_real);
		else
			err = take_column(arena, row, name, value);
		if (err != OK)
			return err == ERR_NONE ? ERR_INVALID : err;
	}
	return err == ERR_NONE ? OK : err;
}

static int put_values(struct value *ret, const struct row *row, uint64_t columns)
{
	int n = 0;

	for (int i = 0; i < row->table->n_columns; i++)
		if (columns >> i & 1)
			ret[n++] = row->value[i];
	return n;
}

static enum err run(struct replay *replay, const struct statement *statement, const struct value *args, int64_t *ret)
{
	if (!statement)
		return fail(&replay->rq, ERR_FULL, "the log writes in more ways than a replay can keep");
	enum err err = store_write_volatile(&replay->rq, statement, args, ret);
	return err == ERR_NONE || err == ERR_INVALID ? ERR_IO : err;
}

static enum err write_scratch(struct replay *replay, int64_t leaf, const struct write *write, const struct row *row)
{
	struct value args[2 * MOST_COLUMNS + 1];
	int n = row->table->n_keys;
	int64_t changed;

	memcpy(args, row->key, (size_t)n * sizeof args[0]);
	n += put_values(args + n, row, row->set);
	args[n] = value_int(leaf);
	return run(replay, statement_for(replay, row->table, row->set, !write->is_delete), args, &changed);
}

/* Where a part was erased, columns that may not be NULL get something until a later write sets them: texts one that no other row has, since
 * they may have to be unique. */
static uint64_t fill_erased(struct replay *replay, struct arena *arena, struct row *row)
{
	uint64_t more = row->set;

	for (int i = 0; i < row->table->n_columns; i++) {
		const struct column *column = &row->table->columns[i];
		if (column->mark != MARK_PERSONAL || more >> i & 1 || column->may_be_null)
			continue;
		more |= (uint64_t)1 << i;
		struct str text = str_print(arena, "erased %lld", (long long)replay->n_erased++);
		row->value[i] = column->kind == VALUE_INT ? value_int(0) : column->kind == VALUE_TEXT ? value_text(text) : value_blob(text);
	}
	return more;
}

static enum err write_real(struct replay *replay, struct arena *arena, const struct write *write, struct row *row)
{
	struct value args[2 * MOST_COLUMNS];
	size_t n_keys = row->table->n_keys;
	int64_t changed = 0;

	if (write->is_delete || row->set) {
		int n = put_values(args, row, row->set);
		memcpy(args + n, row->key, n_keys * sizeof args[0]);
		TRY(run(replay, statement_for(replay, row->table, row->set, false), args, &changed));
	}
	if (write->is_delete || changed)
		return OK;
	uint64_t set = fill_erased(replay, arena, row);
	memcpy(args, row->key, n_keys * sizeof args[0]);
	put_values(args + n_keys, row, set);
	return run(replay, statement_for(replay, row->table, set, true), args, &changed);
}

enum err replay_write(struct replay *replay, struct arena *arena, int64_t leaf, const struct write *write, struct str personal)
{
	struct row *row = NEW(arena, struct row);

	if (!replay->last || !str_equal(str_of(replay->last->name), write->table)) {
		const struct table *const *table = store_tables;
		while (*table && !str_equal(str_of((*table)->name), write->table))
			table++;
		if (!*table || (*table)->is_volatile)
			return ERR_NONE;
		replay->last = *table;
	}
	row->table = replay->last;
	enum err err = read_row(replay, arena, write, personal, row);
	if (err != OK)
		return err;
	return replay->is_real ? write_real(replay, arena, write, row) : write_scratch(replay, leaf, write, row);
}

/* --- the scratch store --- */

static const char *scratch_folder;           /* long-lived: core's, set once at start */

void audit_scratch_is(const char *folder)
{
	scratch_folder = folder;
}

/* Beside the real store, where this process may write; a store in memory has its scratch in memory. */
static const char *scratch_place(struct rq *rq)
{
	struct cursor c;
	struct str path = scratch_folder ? str_print(rq->arena, "%s/log", scratch_folder) : STR("");
	unsigned char random[8];

	if (!store_is_postgres(rq->store)) {
		path = STR("");
		if (store_start_text(rq, "SELECT file FROM pragma_database_list WHERE name = 'main'", NULL, 0, &c) != OK)
			return ":memory:";
		if (store_step(&c, rq->trouble) == OK)
			path = str_copy(rq->arena, store_text(&c, 0));
		store_finish(&c);
	}
	if (!path.len)
		return ":memory:";
	struct out out = out_new(rq->arena);
	world.random(random, sizeof random);
	out_put(&out, path);
	out_text(&out, ".replay-");
	out_hex(&out, random, sizeof random);
	out_byte(&out, '\0');
	return out.at;
}

static bool has_number_key(const struct table *table)
{
	for (int i = 0; i < table->n_columns; i++)
		if (table->columns[i].is_key && table->columns[i].kind != VALUE_INT)
			return false;
	return table->n_keys == 1;
}

/* The same columns and defaults as the real table has, and no more. */
static enum err make_lenient(struct replay *replay, const struct table *table)
{
	struct rq *rq = &replay->rq;
	struct out make = out_new(replay->arena);
	struct cursor c;
	struct value name = value_text(str_of(table->name));
	bool is_numbered = has_number_key(table);
	enum err err;

	out_print(&make, "CREATE TABLE %s (", table->name);
	TRY(store_start_text(rq, "SELECT name, dflt_value, pk FROM pragma_table_info($1)", &name, 1, &c));
	while ((err = store_step(&c, rq->trouble)) == OK) {
		out_print(&make, "\"" STR_FMT "\"%s", STR_ARG(store_text(&c, 0)), is_numbered && store_int(&c, 2) ? " INTEGER PRIMARY KEY" : "");
		if (!store_is_null(&c, 1))
			out_print(&make, " DEFAULT " STR_FMT, STR_ARG(store_text(&c, 1)));
		out_text(&make, ", ");
	}
	store_finish(&c);
	if (err != ERR_NONE)
		return err;
	out_text(&make, "replay_leaf, replay_gone");
	if (!is_numbered) {
		out_text(&make, ", PRIMARY KEY (");
		out_columns(&make, table, table_key_bits(table), "\"%s\"", ", ");
		out_byte(&make, ')');
	}
	out_text(&make, is_numbered ? ")" : ") WITHOUT ROWID");
	out_byte(&make, '\0');
	TRY(store_run_text(rq, str_print(replay->arena, "DROP TABLE %s", table->name).at, NULL, 0));
	return store_run_text(rq, make.at, NULL, 0);
}

static enum err make_tables(struct replay *replay)
{
	for (size_t i = 0; store_schemas[i].sql; i++)
		TRY(store_apply(replay->rq.store, &store_schemas[i], replay->rq.trouble));
	for (size_t i = 0; store_tables[i]; i++)
		if (!store_tables[i]->is_volatile)
			TRY(make_lenient(replay, store_tables[i]));
	return OK;
}

static struct replay *replay_of(struct rq *rq, struct store *store, bool is_real)
{
	struct replay *replay = NEW(rq->arena, struct replay);

	*replay = (struct replay){ .arena = arena_new(64 << 20), .is_real = is_real, .rq = *rq };
	replay->rq.store = store;
	replay->rq.audit = NULL;
	replay->shapes = NEW_MANY(replay->arena, MOST_SHAPES, struct shape);
	return replay;
}

enum err replay_new(struct rq *rq, struct replay **ret)
{
	struct store_place place = { .at = scratch_place(rq) };
	struct store *store;
	bool is_file = place.at[0] == '/';

	TRY(store_create(&place, rq->trouble, &store));
	struct replay *replay = replay_of(rq, store, false);
	/* No journal on disk and no name: nothing is left of it, however we end. */
	enum err err = store_run_text(&replay->rq, "PRAGMA journal_mode = MEMORY", NULL, 0);
	if (err == OK)
		err = store_run_text(&replay->rq, "PRAGMA synchronous = OFF", NULL, 0);
	if (err == OK)
		err = store_run_text(&replay->rq, "PRAGMA foreign_keys = OFF", NULL, 0);
	if (is_file)
		unlink(place.at);
	if (err == OK)
		err = store_begin(store, rq->trouble);
	if (err == OK)
		err = make_tables(replay);
	if (err != OK) {
		replay_end(replay);
		return err;
	}
	*ret = replay;
	return OK;
}

enum err replay_new_real(struct rq *rq, struct store *store, struct replay **ret)
{
	*ret = replay_of(rq, store, true);
	return OK;
}

void replay_end(struct replay *replay)
{
	if (!replay)
		return;
	if (!replay->is_real)
		store_close(replay->rq.store);
	arena_end(replay->arena);
}

enum err replay_compare(struct replay *replay, struct check *check)
{
	return replay->is_real ? replay_complete(check->rq, &replay->rq) : compare_tables(check, &replay->rq, replay->arena);
}
