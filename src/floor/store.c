/* The narrow interface over two engines: statements kept per connection, rows stepped, texts expanded.
 *
 * A kept statement is found by the address of its description: a small open table, filled as statements are first used, so that
 * each is prepared once a connection. What is being stepped is remembered, so that a rollback, or a request that ended in the
 * middle of its rows, leaves nothing running.
 *
 * SECURITY: values travel as bound parameters only. The two functions that take a text are for texts put together from
 * names in store_tables: replay and comparison, which must speak of any table.
 *
 * What it does not do: it makes no threads safe; a connection belongs to one thread. */
#define LONG_LIVED
#include "floor/engine.h"
#include "floor/kept.h"

enum { KEPT = 2048, IN_USE = 16, WRITTEN = 32 };
struct store {
	const struct engine *engine;
	void                *conn;
	struct { const struct statement *statement; void *held; } kept[KEPT];
	size_t               n_kept;
	struct { void *held; bool is_kept; } in_use[IN_USE];
	uint64_t             writes;
	struct kept         *answers;              /* NULL: this connection keeps none */
	/* What has been written since the last commit; more tables than there is room for: any. */
	bool                 is_open, is_any_written;
	const struct table  *written[WRITTEN];
	size_t               n_written;
};

/* --- opening --- */

static bool is_ours(struct str component, int64_t number)
{
	for (size_t i = 0; store_schemas[i].sql; i++)
		if (str_equal(component, str_of(store_schemas[i].component)) && number == store_schemas[i].number)
			return true;
	return false;
}

static enum err newer(struct trouble *trouble, struct str component, int64_t number)
{
	char schema[100];

	snprintf(schema, sizeof schema, STR_FMT " %lld", STR_ARG(component), (long long)number);
	return trouble_owe(trouble, ERR_CONFLICT, N_("the store was made by a newer Samordna (it has schema %s, which this program does not know): "
	                   "use that program, or restore a backup"), schema);
}

/* A store that a newer program has changed may mean things that this one would misread: it is left alone. */
static enum err check_schemas(struct store *store, struct trouble *trouble)
{
	const struct engine *engine = store->engine;
	void *held;
	enum err err;

	if (!engine->has_table(store->conn, "schema_applied"))
		return OK;
	TRY(engine->prepare(store->conn, "SELECT component, number FROM schema_applied", NULL, trouble, &held));
	err = engine->start(store->conn, held, NULL, 0, trouble);
	while (err == OK && (err = engine->step(store->conn, held, trouble)) == OK) {
		struct str component = engine->get_text(held, 0);
		int64_t number = engine->get_int(held, 1);
		if (!is_ours(component, number))
			err = newer(trouble, component, number);
	}
	engine->reset(store->conn, held);
	engine->forget(store->conn, held);
	return err == ERR_NONE ? OK : err;
}

static enum err open_at(const struct store_place *place, bool may_write, bool may_make, struct trouble *trouble, struct store **ret)
{
	struct store *store = calloc(1, sizeof *store);

	if (!store)
		return trouble_owe(trouble, ERR_FULL, N_("no memory for a connection to the store"));
	store->engine = place->is_postgres ? &engine_postgres : &engine_sqlite;
	enum err err = store->engine->open(place->at, may_write, may_make, trouble, &store->conn);
	if (err != OK) {
		free(store);
		return err;
	}
	err = check_schemas(store, trouble);
	if (err != OK) {
		store_close(store);
		return err;
	}
	*ret = store;
	return OK;
}

enum err store_open(const struct store_place *place, bool may_write, struct trouble *trouble, struct store **ret)
{
	return open_at(place, may_write, false, trouble, ret);
}

enum err store_create(const struct store_place *place, struct trouble *trouble, struct store **ret)
{
	return open_at(place, true, true, trouble, ret);
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store_leave(store);
	for (size_t i = 0; i < KEPT; i++)
		if (store->kept[i].held)
			store->engine->forget(store->conn, store->kept[i].held);
	store->engine->close(store->conn);
	kept_end(store->answers);
	free(store);
}

void store_keeps(struct store *store)
{
	if (!store->answers)
		store->answers = kept_new();
}

/* --- what was written --- */

static void note_written(struct store *store, const struct table *table)
{
	for (size_t i = 0; i < store->n_written; i++)
		if (store->written[i] == table)
			return;
	if (table && store->n_written < WRITTEN)
		store->written[store->n_written++] = table;
	else
		store->is_any_written = true;
}

static void forget_written(struct store *store)
{
	store->n_written = 0;
	store->is_any_written = false;
}

static void publish(struct store *store)
{
	if (store->is_any_written)
		kept_publish(NULL, 0);
	else if (store->n_written)
		kept_publish(store->written, store->n_written);
	forget_written(store);
}

enum err store_apply(struct store *store, const struct schema *schema, struct trouble *trouble)
{
	const struct engine *engine = store->engine;
	struct arena *arena = arena_new(16 << 20);
	struct out out = out_new(arena);
	struct str rest = str_of(schema->sql);

	while (rest.len) {
		size_t i = 0;
		while (engine->token[i].token && !str_starts(rest, str_of(engine->token[i].token)))
			i++;
		const char *token = engine->token[i].token;
		out_put(&out, token ? str_of(engine->token[i].text) : str_first(rest, 1));
		rest = str_from(rest, token ? strlen(token) : 1);
	}
	out_byte(&out, '\0');
	note_written(store, NULL);
	enum err err = engine->script(store->conn, out.at, trouble);
	arena_end(arena);
	return err;
}

/* --- transactions --- */

enum err store_begin(struct store *store, struct trouble *trouble)
{
	TRY(store->engine->begin(store->conn, trouble));
	store->is_open = true;
	return OK;
}

enum err store_commit(struct store *store, struct trouble *trouble)
{
	enum err err = store->engine->commit(store->conn, trouble);

	/* Also after a failure: a server that went away in the middle may have committed. */
	publish(store);
	store->is_open = err != OK;
	return err;
}

static void put_away(struct store *store, void *held, bool is_kept)
{
	store->engine->reset(store->conn, held);
	if (!is_kept)
		store->engine->forget(store->conn, held);
	if (!store->is_open)
		publish(store);
}

void store_leave(struct store *store)
{
	for (size_t i = 0; i < IN_USE; i++) {
		if (store->in_use[i].held)
			put_away(store, store->in_use[i].held, store->in_use[i].is_kept);
		store->in_use[i].held = NULL;
	}
}

void store_rollback(struct store *store)
{
	store_leave(store);
	store->engine->rollback(store->conn);
	store->is_open = false;
	forget_written(store);
}

enum err store_tidy(struct store *store, enum tidy tidy)
{
	return store->engine->tidy(store->conn, tidy);
}

enum err store_checkpoint(struct store *store, bool at_once)
{
	return store_tidy(store, at_once ? TIDY_ALL : TIDY_LONG);
}

enum err store_backup(struct store *store, const char *to_path, struct trouble *trouble)
{
	return store->engine->backup(store->conn, to_path, trouble);
}

bool store_is_lost(const struct store *store)
{
	return store->engine->is_lost(store->conn);
}

/* --- statements --- */

static enum err held_of(struct store *store, const struct statement *statement, struct trouble *trouble, void **ret)
{
	size_t at = ((uintptr_t)statement >> 4) % KEPT;

	while (store->kept[at].statement && store->kept[at].statement != statement)
		at = (at + 1) % KEPT;
	if (!store->kept[at].statement) {
		assert(store->n_kept < KEPT / 2 || !"more statements than the table has room for: make KEPT larger");
		/* Replay makes its own statements and names no types: PostgreSQL then finds them out. */
		const char *args = statement->args ? statement->args : "";
		TRY(store->engine->prepare(store->conn, statement->sql, args, trouble, &store->kept[at].held));
		store->kept[at].statement = statement;
		store->n_kept++;
	}
	*ret = store->kept[at].held;
	return OK;
}

static size_t place_of(const struct store *store, const void *held)
{
	size_t i = 0;

	while (i < IN_USE && store->in_use[i].held != held)
		i++;
	return i;
}

/* A statement that failed counts as a write too: the caller must roll back (PostgreSQL takes nothing more until then). */
static enum err run(struct rq *rq, void *held, bool is_kept, const struct value *args, size_t n, struct cursor *ret)
{
	struct store *store = rq->store;
	size_t place = place_of(store, NULL);

	assert(place < IN_USE || !"more than 16 statements are being stepped");
	enum err err = store->engine->start(store->conn, held, args, n, rq->trouble);
	if (err != OK) {
		store->writes++;
		put_away(store, held, is_kept);
		return err;
	}
	store->in_use[place].held = held;
	store->in_use[place].is_kept = is_kept;
	*ret = (struct cursor){ .store = store, .of_engine = held, .is_kept = is_kept };
	return OK;
}

static enum err start(struct rq *rq, const struct statement *statement, const struct value *args, struct cursor *ret)
{
	void *held;

	TRY(held_of(rq->store, statement, rq->trouble, &held));
	assert(place_of(rq->store, held) == IN_USE || !"a statement is started again while its rows are being stepped");
	if (statement->kind != STATEMENT_READ) {
		rq->store->writes++;
		note_written(rq->store, statement->table);
	}
	return run(rq, held, true, args, statement->n_args, ret);
}

/* All rows, in the arena. */
static enum err read_rows(struct rq *rq, const struct statement *statement, const struct value *args, struct rows *ret)
{
	size_t n = 0, room = 0, width = statement->n_results;
	struct value *cells = NULL;
	struct cursor c;
	enum err err;

	TRY(start(rq, statement, args, &c));
	while ((err = store_step(&c, rq->trouble)) == OK) {
		if (n == room) {
			room = MAX(room * 2, (size_t)1);
			struct value *more = NEW_MANY(rq->arena, room * width, struct value);
			if (n)
				memcpy(more, cells, n * width * sizeof cells[0]);
			cells = more;
		}
		for (size_t i = 0; i < width; i++) {
			struct value *cell = &cells[n * width + i];
			cell->kind = store_kind(&c, (int)i);
			if (cell->kind == VALUE_INT)
				cell->i = store_int(&c, (int)i);
			else if (cell->kind != VALUE_NULL)
				cell->s = str_copy(rq->arena, store_text(&c, (int)i));
		}
		n++;
	}
	store_finish(&c);
	if (err != ERR_NONE)
		return err;
	*ret = (struct rows){ n, width, cells };
	return OK;
}

/* While rows are being stepped, or in a transaction, the connection sees the store as it was when that began: then nothing is remembered. */
static enum err start_kept(struct rq *rq, const struct statement *statement, const struct value *args, struct cursor *ret)
{
	struct store *store = rq->store;
	const struct rows *known = kept_find(store->answers, statement, args);

	if (!known) {
		struct rows *rows = NEW(rq->arena, struct rows);
		bool is_at_rest = store->engine->is_between(store->conn);
		for (size_t i = 0; i < IN_USE; i++)
			is_at_rest &= !store->in_use[i].held;
		uint64_t as_of = kept_commits();
		TRY(read_rows(rq, statement, args, rows));
		if (is_at_rest)
			kept_put(store->answers, statement, args, rows, as_of);
		known = rows;
	}
	*ret = (struct cursor){ .store = store, .rows = known };
	return OK;
}

enum err store_start(struct rq *rq, const struct statement *statement, const struct value *args, struct cursor *ret)
{
	return rq->store->answers && statement->reads ? start_kept(rq, statement, args, ret) : start(rq, statement, args, ret);
}

enum err store_start_text(struct rq *rq, const char *sql, const struct value *args, size_t n, struct cursor *ret)
{
	void *held;

	TRY(rq->store->engine->prepare(rq->store->conn, sql, NULL, rq->trouble, &held));
	return run(rq, held, false, args, n, ret);
}

enum err store_run_text(struct rq *rq, const char *sql, const struct value *args, size_t n)
{
	struct cursor c;
	enum err err;

	rq->store->writes++;
	note_written(rq->store, NULL);
	TRY(store_start_text(rq, sql, args, n, &c));
	while ((err = store_step(&c, rq->trouble)) == OK)
		;
	store_finish(&c);
	return err == ERR_NONE ? OK : err;
}

static const struct value *cell_of(const struct cursor *cursor, int column)
{
	return &cursor->rows->cells[(cursor->row - 1) * cursor->rows->n_results + (size_t)column];
}

enum err store_step(struct cursor *cursor, struct trouble *trouble)
{
	if (cursor->rows)
		return cursor->row++ < cursor->rows->n ? OK : ERR_NONE;
	enum err err = cursor->store->engine->step(cursor->store->conn, cursor->of_engine, trouble);

	cursor->store->writes += err != OK && err != ERR_NONE;
	return err;
}

int64_t store_int(const struct cursor *cursor, int column)
{
	if (cursor->rows)
		return cell_of(cursor, column)->kind == VALUE_INT ? cell_of(cursor, column)->i : 0;
	return cursor->store->engine->get_int(cursor->of_engine, column);
}

struct str store_text(const struct cursor *cursor, int column)
{
	if (cursor->rows)
		return cell_of(cursor, column)->kind >= VALUE_TEXT ? cell_of(cursor, column)->s : STR_NONE;
	return cursor->store->engine->get_text(cursor->of_engine, column);
}

enum value_kind store_kind(const struct cursor *cursor, int column)
{
	if (cursor->rows)
		return cell_of(cursor, column)->kind;
	return cursor->store->engine->get_kind(cursor->of_engine, column);
}

bool store_is_null(const struct cursor *cursor, int column)
{
	return store_kind(cursor, column) == VALUE_NULL;
}

void store_finish(struct cursor *cursor)
{
	if (cursor->rows)
		return;
	size_t place = place_of(cursor->store, cursor->of_engine);

	/* A callback may have rolled back: then it is put away already. */
	if (place == IN_USE)
		return;
	cursor->store->in_use[place].held = NULL;
	put_away(cursor->store, cursor->of_engine, cursor->is_kept);
}

enum err store_write_volatile(struct rq *rq, const struct statement *statement, const struct value *args, int64_t *ret)
{
	struct cursor c;
	enum err err;

	TRY(store_start(rq, statement, args, &c));
	while ((err = store_step(&c, rq->trouble)) == OK)
		;
	if (err == ERR_NONE)
		*ret = rq->store->engine->changed(rq->store->conn, c.of_engine);
	store_finish(&c);
	return err == ERR_NONE ? OK : err;
}

uint64_t store_writes(const struct store *store)
{
	return store->writes;
}

bool store_is_postgres(const struct store *store)
{
	return store->engine == &engine_postgres;
}

enum err store_prepare_all(struct store *store, struct trouble *trouble)
{
	void *held;

	for (size_t f = 0; store_statements[f]; f++)
		for (size_t i = 0; store_statements[f][i]; i++) {
			enum err err = held_of(store, store_statements[f][i], trouble, &held);
			if (err != OK) {
				struct trouble why = *trouble;
				trouble_clear(trouble);
				return trouble_say(trouble, err, "%s: %s", store_statements[f][i]->name, why.text);
			}
		}
	return OK;
}

/* One text of one row; all texts are ours. */
static enum err one_text(struct rq *rq, const char *sql, struct str *ret)
{
	struct cursor c;

	TRY(store_start_text(rq, sql, NULL, 0, &c));
	enum err err = store_step(&c, rq->trouble);
	if (err == OK)
		*ret = str_copy(rq->arena, store_text(&c, 0));
	store_finish(&c);
	return err;
}

enum err store_version(struct rq *rq, struct str *ret)
{
	struct str version;
	bool is_postgres = store_is_postgres(rq->store);

	TRY(one_text(rq, is_postgres ? "SHOW server_version" : "SELECT sqlite_version()", &version));
	*ret = str_print(rq->arena, "%s " STR_FMT, is_postgres ? "PostgreSQL" : "SQLite", STR_ARG(version));
	return OK;
}

enum err store_self_check(struct rq *rq, struct str *ret)
{
	struct str found;

	*ret = STR("");
	/* PostgreSQL checks each page as it reads it (data checksums) and has no question for the whole. */
	if (store_is_postgres(rq->store))
		return OK;
	TRY(one_text(rq, "PRAGMA quick_check(1)", &found));
	if (!str_equal(found, STR("ok")))
		*ret = found;
	return OK;
}
