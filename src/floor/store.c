/* The narrow interface over two engines: statements kept per connection, rows stepped, texts expanded.
 *
 * A kept statement is found by the address of its description: a small open table, filled as statements are first used.
 *
 * SECURITY: values travel as bound parameters only. The two functions that take a text are for texts put together from
 * names in store_tables: replay and comparison, which must speak of any table. */
#define LONG_LIVED
#include "floor/engine.h"

enum { KEPT = 1024 };
struct store {
	const struct engine *engine;
	void                *conn;
	struct { const struct statement *statement; void *held; } kept[KEPT];
	void                *in_use[16];      /* being stepped: reset by a rollback */
	uint64_t             writes;
};

static enum err open_at(const struct store_place *place, bool may_write, bool may_make, struct trouble *trouble, struct store **ret)
{
	struct store *store = calloc(1, sizeof *store);

	if (!store)
		return trouble_say(trouble, ERR_FULL, "no memory for a connection to the store");
	if (place->is_postgres) {
		free(store);
		return trouble_say(trouble, ERR_INVALID, "this build has no PostgreSQL yet: write store = sqlite");
	}
	store->engine = &engine_sqlite;
	enum err err = store->engine->open(place->at, may_write, may_make, trouble, &store->conn);
	if (err != OK) {
		free(store);
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
	for (size_t i = 0; i < KEPT; i++)
		if (store->kept[i].held)
			store->engine->forget(store->kept[i].held);
	store->engine->close(store->conn);
	free(store);
}

enum err store_apply(struct store *store, const struct schema *schema, struct trouble *trouble)
{
	static const char *const token[] = { "{id}", "{i64}", "{blob}", "{json}", "{strict}" };
	struct arena *arena = arena_new(16 << 20);
	struct out out = out_new(arena);
	struct str rest = str_of(schema->sql);

	while (rest.len) {
		size_t i = 0;
		while (i < LENGTH(token) && (rest.at[0] != '{' || !str_starts(rest, str_of(token[i]))))
			i++;
		out_put(&out, i < LENGTH(token) ? str_of(store->engine->token[i]) : str_first(rest, 1));
		rest = str_from(rest, i < LENGTH(token) ? strlen(token[i]) : 1);
	}
	out_byte(&out, '\0');
	enum err err = store->engine->script(store->conn, out.at, trouble);
	arena_end(arena);
	return err;
}

enum err store_begin(struct store *store, struct trouble *trouble)
{
	return store->engine->script(store->conn, store->engine == &engine_sqlite ? "BEGIN IMMEDIATE" : "BEGIN", trouble);
}

enum err store_commit(struct store *store, struct trouble *trouble)
{
	return store->engine->script(store->conn, "COMMIT", trouble);
}

void store_rollback(struct store *store)
{
	struct trouble ignored = { 0 };

	for (size_t i = 0; i < LENGTH(store->in_use); i++)
		if (store->in_use[i]) {
			store->engine->reset(store->in_use[i]);
			store->in_use[i] = NULL;
		}
	/* When the engine has rolled back by itself there is nothing left to end: that is no failure. */
	(void)store->engine->script(store->conn, "ROLLBACK", &ignored);
}

enum err store_checkpoint(struct store *store, bool at_once)
{
	return store->engine->tidy(store->conn, at_once);
}

enum err store_backup(struct store *store, const char *to_path, struct trouble *trouble)
{
	return store->engine->backup(store->conn, to_path, trouble);
}

/* --- statements --- */

static enum err held_of(struct store *store, const struct statement *statement, struct trouble *trouble, void **ret)
{
	size_t at = ((uintptr_t)statement >> 4) % KEPT;

	while (store->kept[at].statement && store->kept[at].statement != statement)
		at = (at + 1) % KEPT;
	if (!store->kept[at].statement) {
		TRY(store->engine->prepare(store->conn, statement->name, statement->sql, trouble, &store->kept[at].held));
		store->kept[at].statement = statement;
	}
	*ret = store->kept[at].held;
	return OK;
}

static void use(struct store *store, void *held)
{
	for (size_t i = 0; i < LENGTH(store->in_use); i++)
		if (!store->in_use[i]) {
			store->in_use[i] = held;
			return;
		}
	assert(!"more than 16 statements stepped at once");
}

static void leave(struct store *store, void *held)
{
	for (size_t i = 0; i < LENGTH(store->in_use); i++)
		if (store->in_use[i] == held)
			store->in_use[i] = NULL;
}

enum err store_start(struct rq *rq, const struct statement *statement, const struct value *args, struct cursor *ret)
{
	void *held;

	TRY(held_of(rq->store, statement, rq->trouble, &held));
	enum err err = rq->store->engine->start(rq->store->conn, held, args, statement->n_args, rq->trouble);
	rq->store->writes += statement->kind != STATEMENT_READ;
	if (err != OK) {
		rq->store->engine->reset(held);
		return err;
	}
	use(rq->store, held);
	*ret = (struct cursor){ .store = rq->store, .of_engine = held, .is_kept = true };
	return OK;
}

enum err store_start_text(struct rq *rq, const char *sql, const struct value *args, size_t n, struct cursor *ret)
{
	void *held;

	TRY(rq->store->engine->prepare(rq->store->conn, NULL, sql, rq->trouble, &held));
	enum err err = rq->store->engine->start(rq->store->conn, held, args, n, rq->trouble);
	if (err != OK) {
		rq->store->engine->forget(held);
		return err;
	}
	*ret = (struct cursor){ .store = rq->store, .of_engine = held };
	return OK;
}

enum err store_run_text(struct rq *rq, const char *sql, const struct value *args, size_t n)
{
	struct cursor c;
	enum err err;

	TRY(store_start_text(rq, sql, args, n, &c));
	while ((err = store_step(&c, rq->trouble)) == OK)
		;
	store_finish(&c);
	return err == ERR_NONE ? OK : err;
}

enum err store_step(struct cursor *cursor, struct trouble *trouble)
{
	return cursor->store->engine->step(cursor->store->conn, cursor->of_engine, trouble);
}

int64_t store_int(const struct cursor *cursor, int column)
{
	return cursor->store->engine->get_int(cursor->of_engine, column);
}

struct str store_text(const struct cursor *cursor, int column)
{
	return cursor->store->engine->get_text(cursor->of_engine, column);
}

enum value_kind store_kind(const struct cursor *cursor, int column)
{
	return cursor->store->engine->get_kind(cursor->of_engine, column);
}

bool store_is_null(const struct cursor *cursor, int column)
{
	return store_kind(cursor, column) == VALUE_NULL;
}

void store_finish(struct cursor *cursor)
{
	leave(cursor->store, cursor->of_engine);
	if (cursor->is_kept)
		cursor->store->engine->reset(cursor->of_engine);
	else
		cursor->store->engine->forget(cursor->of_engine);
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
	return store->engine != &engine_sqlite;
}

enum err store_prepare_all(struct store *store, struct trouble *trouble)
{
	void *held;

	for (size_t f = 0; store_statements[f]; f++)
		for (size_t i = 0; store_statements[f][i]; i++)
			TRY(held_of(store, store_statements[f][i], trouble, &held));
	return OK;
}
