/* Schema files, each once, in order, each with its leaf. The very first one makes the tables that the log itself stands in, so it
 * is applied before its leaf can be written, in the same transaction.
 *
 * A store with files that this program does not know is refused when it is opened (store.c). */
#include "floor/upgrade.h"
#include "floor/audit.sql.h"

struct known { struct audit_schema_known_row *rows; size_t n; };

static bool is_known(const struct known *known, const char *component, int number)
{
	for (size_t i = 0; i < known->n; i++)
		if (str_equal(known->rows[i].component, str_of(component)) && known->rows[i].number == number)
			return true;
	return false;
}

static enum err leave_leaf(struct rq *rq, const struct schema *schema, struct audit *audit)
{
	struct change *change;
	struct str subject = str_print(rq->arena, "schema.%s.%d", schema->component, schema->number);

	rq->audit = audit;
	enum err err = audit_begin(rq, "schema.apply", subject, &change);
	if (err == OK)
		err = change_document(change, str_of(schema->sql), NULL);
	if (err == OK)
		err = audit_schema_add(rq, str_of(schema->component), schema->number, rq->now);
	if (err == OK)
		err = audit_close(audit, rq);
	if (err == OK)
		err = audit_settle(audit, rq);
	rq->audit = NULL;
	return err;
}

static enum err apply(struct rq *rq, const struct schema *schema)
{
	struct audit *audit = NULL;

	TRY(store_begin(rq->store, rq->trouble));
	enum err err = store_apply(rq->store, schema, rq->trouble);
	if (err == OK)
		err = audit_open(rq, "", &audit);
	if (err == OK)
		err = leave_leaf(rq, schema, audit);
	audit_end(audit);
	if (err == OK)
		err = store_commit(rq->store, rq->trouble);
	if (err != OK)
		store_rollback(rq->store);
	return err;
}

/* A store without tables is one that init has just made. */
static enum err has_tables(struct rq *rq, bool *ret)
{
	struct cursor c;
	const char *sql = store_is_postgres(rq->store)
		? "SELECT count(*) FROM information_schema.tables WHERE table_name = 'schema_applied'"
		: "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_applied'";

	TRY(store_start_text(rq, sql, NULL, 0, &c));
	enum err err = store_step(&c, rq->trouble);
	*ret = err == OK && store_int(&c, 0) != 0;
	store_finish(&c);
	return err;
}

enum err upgrade_is_due(struct rq *rq, bool *ret)
{
	struct known known = { 0 };
	bool has_some;

	TRY(has_tables(rq, &has_some));
	if (has_some)
		TRY(audit_schema_known(rq, &known.rows, &known.n));
	*ret = false;
	for (size_t i = 0; has_some && store_schemas[i].sql; i++)
		*ret |= !is_known(&known, store_schemas[i].component, store_schemas[i].number);
	return OK;
}

enum err upgrade(struct rq *rq)
{
	return upgrade_some(rq, SIZE_MAX);
}

enum err upgrade_some(struct rq *rq, size_t n)
{
	struct known known = { 0 };
	bool has_some;

	TRY(has_tables(rq, &has_some));
	if (has_some)
		TRY(audit_schema_known(rq, &known.rows, &known.n));
	for (size_t i = 0; i < n && store_schemas[i].sql; i++)
		if (!is_known(&known, store_schemas[i].component, store_schemas[i].number))
			TRY(apply(rq, &store_schemas[i]));
	return OK;
}
