/* A log taken from one store into another, of the other engine or not: this is how an installation changes engines, how PostgreSQL is
 * backed up into one file, and how that file comes back.
 *
 * audit_verify does the walking: each leaf is checked and its writes are laid into the new tables (audit_replay.c). What a log cannot
 * hold is copied here: the log's own tables as they stand, and the boxes of secrets, each where the leaf holds its hash. Volatile tables
 * stay empty. All in one transaction of the new store, so that it is whole or has no tables at all.
 *
 * SECURITY: a box is opened by the seal's key alone, and is as safe in the new store as in the old one. */
#include "floor/audit_check.h"

/* The log's own tables. Both ends of each copy name the same columns, whatever further ones an engine may have. */
static const struct statement into[] = {
	{ .name = "move_leaf", .sql = "INSERT INTO audit_leaf (id, hash, leaf) VALUES ($1, $2, $3)", .kind = STATEMENT_INSERT, .args = "ibt", .n_args = 3 },
	{ .name = "move_part", .sql = "INSERT INTO audit_part (leaf, write, salt, columns) VALUES ($1, $2, $3, $4)", .kind = STATEMENT_INSERT,
	  .args = "iibt", .n_args = 4 },
	{ .name = "move_checkpoint", .sql = "INSERT INTO audit_checkpoint (id, note) VALUES ($1, $2)", .kind = STATEMENT_INSERT, .args = "it", .n_args = 2 },
	{ .name = "move_document", .sql = "INSERT INTO audit_document (hash, body) VALUES ($1, $2)", .kind = STATEMENT_INSERT, .args = "tb", .n_args = 2 },
	{ .name = "move_frontier", .sql = "INSERT INTO audit_frontier (id, size, epoch, hashes) VALUES ($1, $2, $3, $4)", .kind = STATEMENT_INSERT,
	  .args = "iiib", .n_args = 4 },
	{ .name = "move_schema", .sql = "INSERT INTO schema_applied (component, number, at) VALUES ($1, $2, $3)", .kind = STATEMENT_INSERT,
	  .args = "tii", .n_args = 3 },
};
static const char *const from[] = {
	"SELECT id, hash, leaf FROM audit_leaf ORDER BY id",
	"SELECT leaf, write, salt, columns FROM audit_part ORDER BY leaf, write",
	"SELECT id, note FROM audit_checkpoint ORDER BY id",
	"SELECT hash, body FROM audit_document ORDER BY hash",
	"SELECT id, size, epoch, hashes FROM audit_frontier ORDER BY id",
	"SELECT component, number, at FROM schema_applied ORDER BY component, number",
};

static struct value value_at(const struct cursor *c, int column, char letter)
{
	if (store_is_null(c, column))
		return (struct value){ .kind = VALUE_NULL };
	return letter == 'i' ? value_int(store_int(c, column)) : letter == 't' ? value_text(store_text(c, column)) : value_blob(store_text(c, column));
}

static enum err copy_rows(struct rq *old, struct rq *new, const char *select, const struct statement *insert)
{
	struct value args[4];
	struct cursor c;
	int64_t n;
	enum err err;

	TRY(store_start_text(old, select, NULL, 0, &c));
	while ((err = store_step(&c, old->trouble)) == OK) {
		for (int i = 0; i < insert->n_args; i++)
			args[i] = value_at(&c, i, insert->args[i]);
		err = store_write_volatile(new, insert, args, &n);
		if (err != OK)
			break;
	}
	store_finish(&c);
	return err == ERR_NONE ? OK : err;
}

/* SELECT keys, secret FROM table, and UPDATE table SET secret = $1 WHERE keys = $2 ...: one secret column of a table. */
static enum err copy_boxes(struct rq *old, struct rq *new, const struct table *table, const struct column *secret)
{
	struct out select = out_new(old->arena), update = out_new(old->arena);
	char letters[16] = { secret->kind == VALUE_BLOB ? 'b' : 't' };
	struct value args[16];
	int n = 0;

	assert(table->n_keys < sizeof letters - 1);
	out_text(&select, "SELECT ");
	out_print(&update, "UPDATE %s SET \"%s\" = $1 WHERE ", table->name, secret->name);
	for (int i = 0; i < table->n_columns; i++) {
		const struct column *column = &table->columns[i];
		if (!column->is_key)
			continue;
		out_print(&select, "\"%s\", ", column->name);
		out_print(&update, "%s\"%s\" = $%d", n ? " AND " : "", column->name, n + 2);
		letters[++n] = column->kind == VALUE_INT ? 'i' : column->kind == VALUE_TEXT ? 't' : 'b';
	}
	out_print(&select, "\"%s\" FROM %s WHERE \"%s\" IS NOT NULL", secret->name, table->name, secret->name);
	out_byte(&select, '\0');
	out_byte(&update, '\0');
	struct cursor c;
	enum err err;
	TRY(store_start_text(old, select.at, NULL, 0, &c));
	while ((err = store_step(&c, old->trouble)) == OK) {
		args[0] = value_at(&c, n, letters[0]);
		for (int i = 0; i < n; i++)
			args[i + 1] = value_at(&c, i, letters[i + 1]);
		err = store_run_text(new, update.at, args, (size_t)n + 1);
		if (err != OK)
			break;
	}
	store_finish(&c);
	return err == ERR_NONE ? OK : err;
}

enum err replay_complete(struct rq *old, struct rq *new)
{
	for (size_t i = 0; i < LENGTH(into); i++)
		TRY(copy_rows(old, new, from[i], &into[i]));
	for (size_t t = 0; store_tables[t]; t++)
		for (int i = 0; i < store_tables[t]->n_columns && !store_tables[t]->is_volatile; i++)
			if (store_tables[t]->columns[i].mark == MARK_SECRET)
				TRY(copy_boxes(old, new, store_tables[t], &store_tables[t]->columns[i]));
	return OK;
}

/* What the new tables expect must have been applied to the old ones: a log of an older program is brought up to date first. */
static enum err check_schemas(struct rq *rq)
{
	for (size_t i = 0; store_schemas[i].sql; i++) {
		struct value args[] = { value_text(str_of(store_schemas[i].component)), value_int(store_schemas[i].number) };
		struct cursor c;
		TRY(store_start_text(rq, "SELECT number FROM schema_applied WHERE component = $1 AND number = $2", args, 2, &c));
		enum err err = store_step(&c, rq->trouble);
		store_finish(&c);
		if (err == ERR_NONE)
			return fail(rq, ERR_CONFLICT, _("The log lacks schema %s %d: it must be brought up to date first."), store_schemas[i].component,
			            store_schemas[i].number);
		TRY(err);
	}
	return OK;
}

enum err audit_replay_into(struct rq *rq, struct store *empty)
{
	struct verdict_of_log verdict;
	struct replay *replay;

	TRY(check_schemas(rq));
	TRY(store_begin(empty, rq->trouble));
	enum err err = OK;
	for (size_t i = 0; err == OK && store_schemas[i].sql; i++)
		err = store_apply(empty, &store_schemas[i], rq->trouble);
	if (err == OK)
		err = replay_new_real(rq, empty, &replay);
	if (err == OK) {
		err = audit_verify_replaying(rq, NULL, replay, &verdict);
		replay_end(replay);
	}
	if (err == OK && verdict.faults.n)
		err = fail(rq, ERR_CORRUPT, _("The log is not whole (leaf %lld: %s); samordna audit verify tells more."), (long long)verdict.faults.at[0].leaf,
		           str_print(rq->arena, STR_FMT, STR_ARG(verdict.faults.at[0].text)).at);
	if (err == OK)
		err = store_commit(empty, rq->trouble);
	if (err != OK)
		store_rollback(empty);
	return err;
}
