/* Writing the log: changes collect what generated writes did, audit_close makes a leaf of each, and the tree grows.
 *
 * The tree's frontier stands in memory as it would be after the commit, and as it was at the last one, so that a rollback
 * is a copy. Leaves, parts and frontier are rows of the same transaction as what they tell of.
 *
 * SECURITY: personal columns stand in the leaf as one hash over a fresh 128-bit salt and the values: erasing salt and values
 * leaves every proof whole and nothing to guess at. Secrets stand as the hash of their box. No path writes without a leaf:
 * sqlgen makes writes to logged tables of change_write alone, and a change comes only from audit_begin. */
#define LONG_LIVED
#include "floor/audit.h"
#include "floor/audit.sql.h"
#include "floor/event.h"
#include "floor/tree.h"
#include "base/world.h"
#include <sodium.h>

enum { SALT = 16, SALTS = 64 };

struct part { struct part *next; int64_t write; unsigned char salt[SALT]; struct str columns; };
struct said { struct event event; int depth; };

struct change {
	struct change *next;
	struct audit  *audit;
	struct rq     *rq;
	const char    *action;
	struct str     subject, next_key;          /* next_key: of a seal */
	int64_t        leaf;
	struct out     writes, documents, columns; /* columns: room for the personal ones of one row */
	int64_t        n_writes;
	struct part   *parts, **last_part;
	struct said   *said;
	size_t         n_said, said_room;
	int            depth;                      /* of the event now being heard */
};

struct audit {
	struct tree    tree, committed;
	int64_t        epoch, committed_epoch;
	struct change *open, **last_open;
	int64_t        n_open;
	int64_t       *touched;
	size_t         n_touched, room_touched;
	bool           is_site_touched;
	unsigned char  salts[SALTS][SALT];         /* drawn ahead: an import asks for millions */
	int            n_salts;
};

static enum err rebuild_one(void *of, const struct audit_leaves_row *row)
{
	struct hash hash;

	if (row->hash.len != sizeof hash)
		return ERR_CORRUPT;
	memcpy(hash.byte, row->hash.at, sizeof hash);
	tree_add(of, hash);
	return OK;
}

enum err audit_open(struct rq *rq, const char *origin, struct audit **ret)
{
	struct audit *audit = calloc(1, sizeof *audit);
	struct audit_frontier_get_row frontier;
	struct audit_leaf_count_row leaves;
	(void)origin;

	if (!audit)
		return fail(rq, ERR_FULL, "no memory for the log");
	audit->last_open = &audit->open;
	enum err err = audit_leaf_count(rq, &leaves);
	if (err == OK)
		err = audit_frontier_get(rq, &frontier);
	if (err == OK && frontier.size == leaves.n && frontier.hashes.len == 32 * (size_t)tree_frontier_count(frontier.size)) {
		audit->tree.size = frontier.size;
		audit->epoch = frontier.epoch;
		memcpy(audit->tree.frontier, frontier.hashes.at, frontier.hashes.len);
	} else if (err == OK) {
		err = audit_leaves(rq, 0, INT64_MAX, rebuild_one, &audit->tree);
		audit->epoch = frontier.epoch;
	} else if (err == ERR_NONE && leaves.n == 0) {
		err = OK;
	}
	if (err != OK) {
		audit_end(audit);
		return err == ERR_NONE ? fail(rq, ERR_CORRUPT, _("the log has leaves and no record of its size")) : err;
	}
	audit->committed = audit->tree;
	audit->committed_epoch = audit->epoch;
	*ret = audit;
	return OK;
}

void audit_end(struct audit *audit)
{
	if (audit)
		free(audit->touched);
	free(audit);
}

/* --- changes --- */

enum err audit_begin(struct rq *rq, const char *action, struct str subject, struct change **ret)
{
	struct audit *audit = rq->audit;

	if (!audit)
		return fail(rq, ERR_DENIED, "a change was begun outside the writer: %s", action);
	struct change *change = NEW(rq->arena, struct change);
	*change = (struct change){ .audit = audit, .rq = rq, .action = action, .subject = str_copy(rq->arena, subject),
		.leaf = audit->tree.size + audit->n_open, .writes = out_new(rq->arena), .documents = out_new(rq->arena), .columns = out_new(rq->arena) };
	change->last_part = &change->parts;
	*audit->last_open = change;
	audit->last_open = &change->next;
	audit->n_open++;
	*ret = change;
	return OK;
}

int64_t change_leaf(const struct change *change)
{
	return change->leaf;
}

struct rq *change_rq(struct change *change)
{
	return change->rq;
}

enum err change_document(struct change *change, struct str bytes, struct str *ret)
{
	struct hash hash = hash_of(bytes, STR_NONE);
	struct out hex = out_new(change->rq->arena);

	out_hex(&hex, hash.byte, sizeof hash.byte);
	enum err err = audit_document_add(change->rq, out_str(&hex), bytes);
	if (err != OK && err != ERR_NONE)
		return err;
	out_print(&change->documents, "%s\"" STR_FMT "\"", change->documents.len ? "," : "", STR_ARG(out_str(&hex)));
	if (ret)
		*ret = out_str(&hex);
	return OK;
}

void change_touch(struct change *change, int64_t person)
{
	struct audit *audit = change->audit;

	if (audit->n_touched == audit->room_touched) {
		size_t room = MAX(audit->room_touched * 2, (size_t)64);
		int64_t *more = realloc(audit->touched, room * sizeof *more);
		if (!more)
			abort();
		audit->touched = more;
		audit->room_touched = room;
	}
	audit->touched[audit->n_touched++] = person;
}

void change_touch_site(struct change *change)
{
	change->audit->is_site_touched = true;
}

bool change_is_touched(const struct change *change)
{
	return change->audit->n_touched > 0 || change->audit->is_site_touched;
}

void change_next_key(struct change *change, struct str base64)
{
	change->next_key = base64;
}

/* --- what a write did --- */

/* One row that a statement wrote: as the database gives it back, or, of a plain INSERT, its arguments. */
struct row { const struct statement *st; const struct cursor *c; const struct value *args; };

static struct value value_of(const struct row *row, int i)
{
	if (row->st->given)
		return row->args[row->st->given[i]];
	enum value_kind kind = store_kind(row->c, i);
	return kind == VALUE_INT ? value_int(store_int(row->c, i)) : (struct value){ kind, { .s = store_text(row->c, i) } };
}

static void put_value(struct out *out, const struct row *row, int i)
{
	struct value value = value_of(row, i);

	switch (value.kind) {
	case VALUE_NULL: out_text(out, "null"); break;
	case VALUE_INT: out_int(out, value.i); break;
	case VALUE_TEXT: out_json(out, value.s); break;
	case VALUE_BLOB:
		out_byte(out, '"');
		out_base64(out, value.s.at, value.s.len);
		out_byte(out, '"');
	}
}

static void put_name(struct out *out, const char *name)
{
	if (out->at[out->len - 1] != '{')
		out_byte(out, ',');
	out_byte(out, '"');
	out_text(out, name);
	out_put(out, STR("\":"));
}

static void put_hash(struct out *out, struct hash hash)
{
	out_byte(out, '"');
	out_hex(out, hash.byte, sizeof hash.byte);
	out_byte(out, '"');
}

/* Each salt goes out once, and nothing of it stays behind. */
static void draw_salt(struct audit *audit, unsigned char ret[SALT])
{
	if (audit->n_salts == 0) {
		world.random(audit->salts, sizeof audit->salts);
		audit->n_salts = SALTS;
	}
	unsigned char *salt = audit->salts[--audit->n_salts];
	memcpy(ret, salt, SALT);
	sodium_memzero(salt, SALT);
}

/* The personal columns that the row sets, as one hash; their values and salt are kept for audit_part. */
static void put_personal(struct change *change, const struct row *row)
{
	const struct statement *st = row->st;
	struct out *columns = &change->columns;
	struct part *part = NEW(change->rq->arena, struct part);

	columns->len = 0;
	out_byte(columns, '{');
	for (int i = 0; i < st->n_results; i++) {
		const struct column *column = &st->table->columns[st->returned[i]];
		if (column->mark != MARK_PERSONAL)
			continue;
		put_name(columns, column->name);
		put_value(columns, row, i);
	}
	out_byte(columns, '}');
	*part = (struct part){ .write = change->n_writes, .columns = str_copy(change->rq->arena, out_str(columns)) };
	draw_salt(change->audit, part->salt);
	*change->last_part = part;
	change->last_part = &part->next;
	put_name(&change->writes, "personal");
	put_hash(&change->writes, hash_of((struct str){ (char *)part->salt, SALT }, part->columns));
}

static void put_secret_hash(struct out *out, const struct row *row, int i)
{
	struct value value = value_of(row, i);
	struct str box = value.kind == VALUE_NULL ? STR_NONE : value.s;

	if (box.at)
		put_hash(out, hash_of(box, STR_NONE));
	else
		out_text(out, "null");
}

static void put_secrets(struct change *change, const struct row *row)
{
	const struct statement *st = row->st;
	struct out *out = &change->writes;
	int n = 0;

	/* The object names the columns when the table has several, however many this write sets: or nobody could tell which. */
	for (int i = 0; i < st->table->n_columns; i++)
		n += st->table->columns[i].mark == MARK_SECRET;
	put_name(out, "secret");
	if (n > 1)
		out_byte(out, '{');
	for (int i = 0; i < st->n_results; i++) {
		const struct column *column = &st->table->columns[st->returned[i]];
		if (column->mark != MARK_SECRET)
			continue;
		if (n > 1)
			put_name(out, column->name);
		put_secret_hash(out, row, i);
	}
	if (n > 1)
		out_byte(out, '}');
}

static void put_key(struct out *out, const struct row *row)
{
	int n = row->st->table->n_keys;

	if (n > 1)
		out_byte(out, '[');
	for (int i = 0; i < n; i++) {
		if (i)
			out_byte(out, ',');
		put_value(out, row, i);
	}
	if (n > 1)
		out_byte(out, ']');
}

/* One row: [table,key,{columns}] or [table,key,null]. The statement returns keys first. */
static void put_row(struct change *change, const struct row *row)
{
	const struct statement *st = row->st;
	struct out *out = &change->writes;
	int n_of[3] = { 0 };

	if (change->n_writes)
		out_byte(out, ',');
	out_put(out, STR("[\""));
	out_text(out, st->table->name);
	out_put(out, STR("\","));
	put_key(out, row);
	if (st->kind == STATEMENT_DELETE) {
		out_text(out, ",null]");
		change->n_writes++;
		return;
	}
	out_text(out, ",{");
	for (int i = st->table->n_keys; i < st->n_results; i++) {
		const struct column *column = &st->table->columns[st->returned[i]];
		n_of[column->mark]++;
		if (column->mark != MARK_PLAIN)
			continue;
		put_name(out, column->name);
		put_value(out, row, i);
	}
	if (n_of[MARK_PERSONAL])
		put_personal(change, row);
	if (n_of[MARK_SECRET])
		put_secrets(change, row);
	out_text(out, "}]");
	change->n_writes++;
}

enum err change_write(struct change *change, const struct statement *st, const struct value *args)
{
	struct rq *rq = change->rq;
	struct cursor c;
	enum err err;
	int64_t before = change->n_writes;

	TRY(store_start(rq, st, args, &c));
	while ((err = store_step(&c, rq->trouble)) == OK)
		put_row(change, &(struct row){ st, &c, args });
	store_finish(&c);
	if (err != ERR_NONE)
		return err;
	if (st->given)
		put_row(change, &(struct row){ st, NULL, args });
	return change->n_writes > before ? OK : ERR_NONE;
}

enum err change_erase(struct change *change, int64_t leaf, int64_t write)
{
	TRY(audit_part_erase(change->rq, leaf, write));
	out_print(&change->writes, "%s[\"audit_part\",[%lld,%lld],null]", change->n_writes ? "," : "", (long long)leaf, (long long)write);
	change->n_writes++;
	return OK;
}

/* --- events --- */

void event_say(struct change *change, struct event event)
{
	if (change->n_said == change->said_room) {
		size_t room = MAX(change->said_room * 2, (size_t)8);
		struct said *more = NEW_MANY(change->rq->arena, room, struct said);
		if (change->n_said)
			memcpy(more, change->said, change->n_said * sizeof more[0]);
		change->said = more;
		change->said_room = room;
	}
	event.leaf = change->leaf;
	change->said[change->n_said++] = (struct said){ event, change->depth + 1 };
}

enum err audit_hear(struct audit *audit, struct rq *rq, enum err (*hear)(struct rq *, const struct event *, struct change *))
{
	for (struct change *change = audit->open; hear && change; change = change->next) {
		for (size_t i = 0; i < change->n_said; i++) {
			struct event event = change->said[i].event;
			change->depth = change->said[i].depth;
			if (change->depth > 4)
				return fail(rq, ERR_CORRUPT, _("what was decided calls for more than four further decisions in a row"));
			TRY(hear(rq, &event, change));
		}
		change->depth = 0;
	}
	return OK;
}

/* --- leaves --- */

static void put_moment(struct out *out, struct instant at)
{
	struct out whole = *out;

	out_instant_utc(&whole, at);
	*out = whole;
	out->len--;                                   /* the Z */
	out_print(out, ".%03dZ", (int)((at.ms % 1000 + 1000) % 1000));
}

static struct str leaf_text(struct change *change)
{
	struct out out = out_new(change->rq->arena);

	out_print(&out, "{\"index\":%lld,\"epoch\":%lld,\"at\":\"", (long long)change->leaf, (long long)change->audit->epoch);
	put_moment(&out, change->rq->now);
	out_text(&out, "\",\"actor\":");
	out_json(&out, change->rq->actor->name);
	out_print(&out, ",\"action\":\"%s\",\"subject\":", change->action);
	out_json(&out, change->subject.at ? change->subject : STR(""));
	out_text(&out, ",\"writes\":[");
	out_put(&out, out_str(&change->writes));
	out_text(&out, "],\"documents\":[");
	out_put(&out, out_str(&change->documents));
	out_byte(&out, ']');
	if (change->next_key.len) {
		out_text(&out, ",\"next\":");
		out_json(&out, change->next_key);
	}
	out_byte(&out, '}');
	return out_str(&out);
}

static enum err close_one(struct audit *audit, struct change *change)
{
	struct str text = leaf_text(change);
	struct hash hash = tree_leaf(text);
	struct rq *rq = change->rq;

	assert(change->leaf == audit->tree.size);
	TRY(audit_leaf_add(rq, change->leaf, (struct str){ (char *)hash.byte, 32 }, text));
	for (struct part *part = change->parts; part; part = part->next)
		TRY(audit_part_add(rq, change->leaf, part->write, (struct str){ (char *)part->salt, SALT }, part->columns));
	tree_add(&audit->tree, hash);
	if (change->next_key.len)
		audit->epoch++;
	return OK;
}

void audit_drop(struct audit *audit)
{
	audit->open = NULL;
	audit->last_open = &audit->open;
	audit->n_open = 0;
}

enum err audit_close(struct audit *audit, struct rq *rq)
{
	if (!audit->open)
		return OK;
	for (struct change *change = audit->open; change; change = change->next)
		TRY(close_one(audit, change));
	audit_drop(audit);
	return OK;
}

enum err audit_settle(struct audit *audit, struct rq *rq)
{
	if (audit->tree.size == audit->committed.size)
		return OK;
	struct str hashes = { (char *)audit->tree.frontier, 32 * (size_t)tree_frontier_count(audit->tree.size) };
	return audit_frontier_set(rq, 0, audit->tree.size, audit->epoch, hashes);
}

void audit_forget(struct audit *audit)
{
	audit_drop(audit);
	audit->tree = audit->committed;
	audit->epoch = audit->committed_epoch;
	audit->n_touched = 0;
	audit->is_site_touched = false;
}

void audit_committed(struct audit *audit)
{
	audit->committed = audit->tree;
	audit->committed_epoch = audit->epoch;
	audit->n_touched = 0;
	audit->is_site_touched = false;
}

size_t audit_touched(const struct audit *audit, const int64_t **ret)
{
	*ret = audit->touched;
	return audit->n_touched;
}

bool audit_touched_site(const struct audit *audit)
{
	return audit->is_site_touched;
}

int64_t audit_size(const struct audit *audit)
{
	return audit->committed.size;
}

void audit_root(const struct audit *audit, unsigned char ret[32])
{
	struct hash root = tree_root(&audit->committed);
	memcpy(ret, root.byte, 32);
}

int64_t audit_epoch(const struct audit *audit)
{
	return audit->epoch;
}
