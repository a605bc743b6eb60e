/* After a replay: today's tables beside those that the log makes, row for row.
 *
 * Both stores are read in the order of their keys, side by side. A row that one of them lacks, or a column that differs, is a fault, told with
 * the leaf that touched the row last. Deleted rows have left their key behind in the scratch store, so that one who reappears is told so too.
 *
 * SECURITY: names come from store_tables alone. A secret is known to the log as the hash of its box: hashes are compared. Faults name tables, keys
 * and columns, no values. */
#define LONG_LIVED
#include <sodium.h>
#include "floor/audit_check.h"

static int compare_values(const struct cursor *a, const struct cursor *b, int i)
{
	enum value_kind kind = store_kind(a, i);

	if (kind != store_kind(b, i))
		return (int)kind - (int)store_kind(b, i);
	if (kind == VALUE_NULL)
		return 0;
	if (kind == VALUE_INT)
		return (store_int(a, i) > store_int(b, i)) - (store_int(a, i) < store_int(b, i));
	return str_compare(store_text(a, i), store_text(b, i));
}

static bool secret_fits(const struct cursor *live, const struct cursor *ours, int i)
{
	char hex[65];
	struct str box = store_text(live, i);

	if (!box.at || store_is_null(ours, i))
		return !box.at && store_is_null(ours, i);
	sodium_bin2hex(hex, sizeof hex, hash_of(box, STR_NONE).byte, 32);
	return str_equal(store_text(ours, i), str_of(hex));
}

/* Columns in the order of the query: keys, then the rest; which[i] is the table's column. */
struct pair { const struct table *table; struct cursor live, ours; bool has_live, has_ours; int which[MOST_COLUMNS]; };

static struct str key_text(struct arena *arena, const struct cursor *c, const struct table *table)
{
	struct out out = out_new(arena);

	for (int i = 0; i < table->n_keys; i++) {
		if (i)
			out_text(&out, ", ");
		if (store_kind(c, i) == VALUE_INT)
			out_int(&out, store_int(c, i));
		else if (store_kind(c, i) == VALUE_TEXT)
			out_put(&out, str_utf8_first(store_text(c, i), 60));
		else
			out_hex(&out, store_text(c, i).at, MIN(store_text(c, i).len, (size_t)16));
	}
	return out_str(&out);
}

static void compare_row(struct check *check, struct pair *pair)
{
	const struct table *table = pair->table;
	int64_t leaf = store_int(&pair->ours, table->n_columns);

	for (int i = table->n_keys; i < table->n_columns; i++) {
		const struct column *column = &table->columns[pair->which[i]];
		bool is_same = column->mark == MARK_SECRET ? secret_fits(&pair->live, &pair->ours, i) : compare_values(&pair->live, &pair->ours, i) == 0;
		if (!is_same)
			check_fault(check, "replay", leaf, "%s " STR_FMT ": %s is not what the log says", table->name,
			            STR_ARG(key_text(check->sub.arena, &pair->live, table)), column->name);
	}
}

static enum err advance(struct rq *rq, struct cursor *c, bool *ret_has)
{
	enum err err = store_step(c, rq->trouble);

	*ret_has = err == OK;
	return err == ERR_NONE ? OK : err;
}

static enum err compare_rows(struct check *check, struct rq *ours, struct pair *pair)
{
	const struct table *table = pair->table;

	TRY(advance(check->rq, &pair->live, &pair->has_live));
	TRY(advance(ours, &pair->ours, &pair->has_ours));
	while (pair->has_live || pair->has_ours) {
		int order = pair->has_live && pair->has_ours ? 0 : pair->has_live ? -1 : 1;
		arena_empty(check->sub.arena);
		for (int i = 0; order == 0 && pair->has_live && pair->has_ours && i < table->n_keys; i++)
			order = compare_values(&pair->live, &pair->ours, i);
		bool is_gone = order >= 0 && store_int(&pair->ours, table->n_columns + 1);
		int64_t leaf = order >= 0 ? store_int(&pair->ours, table->n_columns) : -1;
		if (order < 0 || (order == 0 && is_gone))
			check_fault(check, "replay", leaf, "%s " STR_FMT ": a row that the log does not have", table->name,
			            STR_ARG(key_text(check->sub.arena, &pair->live, table)));
		else if (order > 0 && !is_gone)
			check_fault(check, "replay", leaf, "%s " STR_FMT ": the row is gone", table->name,
			            STR_ARG(key_text(check->sub.arena, &pair->ours, table)));
		else if (order == 0)
			compare_row(check, pair);
		if (order <= 0)
			TRY(advance(check->rq, &pair->live, &pair->has_live));
		if (order >= 0)
			TRY(advance(ours, &pair->ours, &pair->has_ours));
	}
	return OK;
}

/* SELECT keys, others FROM table ORDER BY keys, bytewise in both engines. */
static char *select_sql(struct arena *arena, const struct table *table, const char *more, bool is_postgres, int *which)
{
	struct out out = out_new(arena);
	uint64_t keys = table_key_bits(table), all = ((uint64_t)1 << table->n_columns) - 1;
	int n = 0;

	for (int pass = 0; which && pass < 2; pass++)
		for (int i = 0; i < table->n_columns; i++)
			if ((keys >> i & 1) == (pass == 0))
				which[n++] = i;
	out_text(&out, "SELECT ");
	out_columns(&out, table, keys, "\"%s\"", ", ");
	if (all & ~keys)
		out_text(&out, ", ");
	out_columns(&out, table, all & ~keys, "\"%s\"", ", ");
	out_print(&out, "%s FROM %s ORDER BY ", more, table->name);
	bool is_first = true;
	for (int i = 0; i < table->n_columns; i++)
		if (keys >> i & 1) {
			out_print(&out, "%s\"%s\"%s", is_first ? "" : ", ", table->columns[i].name,
			          is_postgres && table->columns[i].kind == VALUE_TEXT ? " COLLATE \"C\"" : "");
			is_first = false;
		}
	out_byte(&out, '\0');
	return out.at;
}

enum err compare_tables(struct check *check, struct rq *ours, struct arena *arena)
{
	for (size_t t = 0; store_tables[t]; t++) {
		struct pair pair = { .table = store_tables[t] };
		if (pair.table->is_volatile)
			continue;
		const char *live = select_sql(arena, pair.table, "", store_is_postgres(check->rq->store), pair.which);
		const char *made = select_sql(arena, pair.table, ", replay_leaf, replay_gone", false, NULL);
		TRY(store_start_text(check->rq, live, NULL, 0, &pair.live));
		enum err err = store_start_text(ours, made, NULL, 0, &pair.ours);
		if (err == OK) {
			err = compare_rows(check, ours, &pair);
			store_finish(&pair.ours);
		}
		store_finish(&pair.live);
		TRY(err);
	}
	return OK;
}
