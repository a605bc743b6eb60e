/* Erasing personal parts whose time is over.
 *
 * A write's personal columns stand beside its leaf as salt and values (audit_part). They are needed as long as a table holds them, since the
 * tables are a fold over the log. When later writes of the same row have set every one of those columns anew, or the row is gone,
 * nothing comes of the part any more; a setting says for how many days it is kept after that. Then salt and values go, and a leaf lists the
 * gap: whoever checks the log (audit_verify.c) finds an unlisted one.
 *
 * The log is walked backwards, a few leaves at a time, from the last one before the days that are kept: what is met first has been written
 * last. Of each row of a table only a hash is remembered, and which of its columns have been met.
 *
 * SECURITY: a row is known by a hash of 128 bits keyed by chance, so that no two are taken for one. A leaf or a part that cannot be read
 * ends the walk before anything is erased. What was erased stays in backups made before; SQLite overwrites what it frees, PostgreSQL
 * when it vacuums.
 *
 * What it does not do: it erases nothing that a table still holds. That is for whoever changes or removes the row. */
#define LONG_LIVED
#include <sodium.h>
#include "floor/audit_erase.h"
#include "floor/audit.sql.h"
#include "floor/leaf.h"
#include "floor/setting.h"
#include "floor/writer.h"
#include "base/world.h"
#include <pthread.h>

enum { WINDOW = 16, MOST_TABLES = 32, PORTION = 1000, CEILING = 640 << 20 };
static const uint64_t all_columns = UINT64_MAX;

/* One write that set personal columns of a row, or took the row away. */
struct touch { int64_t leaf, write; const struct table *table; unsigned char row[16]; uint64_t columns; bool is_delete, is_erased; };
struct touches { struct touch *at; size_t n, room, next; };
/* Open addressing; columns 0: free. */
struct met { unsigned char row[16]; uint64_t columns; };

struct walk {
	struct rq     *rq;
	struct arena  *arena;                    /* as long as the walk */
	struct arena  *window;                   /* of some leaves */
	struct instant before;
	unsigned char  key[16];
	const struct table *tables[MOST_TABLES]; /* that have personal columns */
	size_t         n_tables;
	struct touches touches;                  /* of these leaves, in order */
	struct met    *met; size_t n_met, room_met;
	struct part_place *found; size_t n_found, room_found;
};

/* --- what the leaves of a window say --- */

static void know_tables(struct walk *walk)
{
	for (size_t i = 0; store_tables[i]; i++) {
		int c = 0, n = store_tables[i]->n_columns;
		while (c < n && store_tables[i]->columns[c].mark != MARK_PERSONAL)
			c++;
		assert(walk->n_tables < MOST_TABLES);
		if (c < n)
			walk->tables[walk->n_tables++] = store_tables[i];
	}
}

static const struct table *personal_table(const struct walk *walk, struct str name)
{
	for (size_t i = 0; i < walk->n_tables; i++)
		if (str_equal(str_of(walk->tables[i]->name), name))
			return walk->tables[i];
	return NULL;
}

static struct touch *add_touch(struct walk *walk)
{
	struct touches *touches = &walk->touches;

	if (touches->n == touches->room) {
		size_t room = MAX(touches->room * 2, (size_t)256);
		struct touch *more = NEW_MANY(walk->window, room, struct touch);
		if (touches->n)
			memcpy(more, touches->at, touches->n * sizeof more[0]);
		touches->at = more;
		touches->room = room;
	}
	return &touches->at[touches->n++];
}

static bool has_personal(struct str columns)
{
	struct str name, value;

	while (leaf_column(&columns, &name, &value) == OK)
		if (str_equal(name, STR("personal")))
			return true;
	return false;
}

static void take_write(struct walk *walk, int64_t leaf, int64_t nth, const struct write *write)
{
	const struct table *table = personal_table(walk, write->table);

	if (!table || (!write->is_delete && !has_personal(write->columns)))
		return;
	struct touch *touch = add_touch(walk);
	*touch = (struct touch){ .leaf = leaf, .write = nth, .table = table, .is_delete = write->is_delete };
	struct str row = str_print(walk->window, "%s " STR_FMT, table->name, STR_ARG(write->key));
	crypto_shorthash_siphashx24(touch->row, (const unsigned char *)row.at, row.len, walk->key);
}

static enum err take_leaf(void *of, const struct audit_leaves_row *row)
{
	struct walk *walk = of;
	struct leaf leaf;
	struct write write;
	struct instant at;
	enum err err;

	if (leaf_parse(row->leaf, &leaf) != OK || instant_parse(leaf.at, &at) != OK)
		return fail(walk->rq, ERR_CORRUPT, tongue(walk->rq->language, "leaf %lld cannot be read; nothing was erased: samordna audit verify"), (long long)row->id);
	if (!instant_is_before(at, walk->before))
		return OK;
	int64_t nth = 0;
	for (; (err = leaf_write(&leaf.writes, &write)) == OK; nth++)
		take_write(walk, row->id, nth, &write);
	return err == ERR_NONE ? OK
	     : fail(walk->rq, ERR_CORRUPT, tongue(walk->rq->language, "leaf %lld cannot be read; nothing was erased: samordna audit verify"), (long long)row->id);
}

static enum err take_part(void *of, const struct audit_parts_row *row)
{
	struct walk *walk = of;
	struct touches *touches = &walk->touches;
	struct str rest, name, value;
	enum err err;

	while (touches->next < touches->n && (touches->at[touches->next].leaf < row->leaf
	       || (touches->at[touches->next].leaf == row->leaf && touches->at[touches->next].write < row->write)))
		touches->next++;
	struct touch *touch = &touches->at[touches->next];
	if (touches->next == touches->n || touch->leaf != row->leaf || touch->write != row->write)
		return OK;
	touch->is_erased = !row->columns.at;
	if (touch->is_erased || row->columns.len < 2)
		return OK;
	rest = (struct str){ row->columns.at + 1, row->columns.len - 2 };
	while ((err = leaf_column(&rest, &name, &value)) == OK)
		for (int i = 0; i < touch->table->n_columns; i++)
			if (str_equal(str_of(touch->table->columns[i].name), name))
				touch->columns |= (uint64_t)1 << i;
	return err == ERR_NONE ? OK
	     : fail(walk->rq, ERR_CORRUPT, tongue(walk->rq->language, "a part of leaf %lld cannot be read; nothing was erased: samordna audit verify"), (long long)row->leaf);
}

/* --- backwards --- */

static struct met *met_of(struct walk *walk, const unsigned char row[16])
{
	uint64_t at;

	memcpy(&at, row, sizeof at);
	for (at &= walk->room_met - 1; walk->met[at].columns && memcmp(walk->met[at].row, row, 16) != 0; )
		at = (at + 1) & (walk->room_met - 1);
	return &walk->met[at];
}

static void meet(struct walk *walk, const unsigned char row[16], uint64_t columns)
{
	if (walk->n_met * 4 >= walk->room_met * 3) {
		struct met *old = walk->met;
		size_t n = walk->room_met;
		walk->room_met = MAX(n * 2, (size_t)1024);
		walk->met = NEW_MANY(walk->arena, walk->room_met, struct met);
		for (size_t i = 0; i < n; i++)
			if (old[i].columns)
				*met_of(walk, old[i].row) = old[i];
	}
	struct met *met = met_of(walk, row);
	walk->n_met += !met->columns;
	memcpy(met->row, row, sizeof met->row);
	met->columns |= columns;
}

static void find(struct walk *walk, const struct touch *touch)
{
	if (walk->n_found == walk->room_found) {
		size_t room = MAX(walk->room_found * 2, (size_t)256);
		struct part_place *more = NEW_MANY(walk->arena, room, struct part_place);
		if (walk->n_found)
			memcpy(more, walk->found, walk->n_found * sizeof more[0]);
		walk->found = more;
		walk->room_found = room;
	}
	walk->found[walk->n_found++] = (struct part_place){ touch->leaf, touch->write };
}

static enum err walk_window(struct walk *walk, int64_t first, int64_t last)
{
	TRY(audit_leaves(walk->rq, first, last, take_leaf, walk));
	if (walk->touches.n)
		TRY(audit_parts(walk->rq, first, last, take_part, walk));
	for (size_t i = walk->touches.n; i--; ) {
		const struct touch *touch = &walk->touches.at[i];
		uint64_t later = walk->room_met ? met_of(walk, touch->row)->columns : 0;
		if (!touch->is_delete && touch->columns && !(touch->columns & ~later))
			find(walk, touch);
		if (touch->is_delete || touch->columns)
			meet(walk, touch->row, touch->is_delete ? all_columns : touch->columns);
	}
	return OK;
}

/* In functions of their own, so that nothing the guards' second coming needs lives in a register. */
static enum err window_guarded(struct walk *walk, int64_t first, int64_t last)
{
	arena_empty(walk->window);
	walk->touches = (struct touches){ 0 };
	ARENA_GUARD(walk->window)
		return ERR_FULL;
	return walk_window(walk, first, last);
}

static enum err walk_all(struct walk *walk)
{
	struct audit_leaf_count_row leaves;

	TRY(audit_leaf_count(walk->rq, &leaves));
	for (int64_t last = leaves.n, first; last > 0; last = first) {
		first = MAX(last - WINDOW, (int64_t)0);
		TRY(window_guarded(walk, first, last));
	}
	return OK;
}

static enum err walk_guarded(struct walk *walk)
{
	ARENA_GUARD(walk->arena)
		return ERR_FULL;
	return walk_all(walk);
}

enum err audit_erasable(struct rq *rq, struct instant before, struct arena *arena, struct part_place **ret, size_t *ret_n)
{
	struct walk walk = { .rq = rq, .arena = arena, .window = arena_new(CEILING), .before = before };

	know_tables(&walk);
	world.random(walk.key, sizeof walk.key);
	enum err err = walk_guarded(&walk);
	arena_end(walk.window);
	if (err == ERR_FULL) {
		store_leave(rq->store);
		err = fail(rq, ERR_FULL, "the log is larger than can be walked for erasure; nothing was erased");
	}
	if (err != OK)
		return err;
	*ret = walk.found;
	*ret_n = walk.n_found;
	return OK;
}

/* --- the erasing --- */

struct erasing { const struct part_place *at; size_t n, done, done_after; };

static enum err one_leaf(struct rq *rq, struct erasing *erasing)
{
	struct change *change;
	size_t end = MIN(erasing->done_after + PORTION, erasing->n);

	TRY(audit_begin(rq, "audit.erase", STR(""), &change));
	for (; erasing->done_after < end; erasing->done_after++) {
		const struct part_place *part = &erasing->at[erasing->done_after];
		enum err err = change_erase(change, part->leaf, part->write);
		if (err != OK)
			return err == ERR_NONE ? fail(rq, ERR_CORRUPT, _("a part of leaf %lld is not there any more"), (long long)part->leaf) : err;
	}
	return OK;
}

/* Runs in a job, maybe twice: what it reached goes to done_after. */
static enum err step(struct rq *rq, void *of)
{
	struct erasing *erasing = of;
	int n = 0;

	erasing->done_after = erasing->done;
	do
		TRY(one_leaf(rq, erasing));
	while (erasing->done_after < erasing->n && writer_has_time(writer_of_core(), ++n));
	return OK;
}

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static enum err erase(struct rq *rq, struct arena *arena, struct instant before, int64_t *ret_n)
{
	struct part_place *parts = NULL;
	size_t n = 0;

	TRY(audit_erasable(rq, before, arena, &parts, &n));
	struct erasing erasing = { .at = parts, .n = n };
	while (erasing.done < n) {
		TRY(writer_do_step(writer_of_core(), step, &erasing, rq));
		erasing.done = erasing.done_after;
	}
	*ret_n = (int64_t)n;
	return OK;
}

enum err audit_erase_old(struct rq *rq, int64_t *ret_n)
{
	int64_t days = setting_number(rq, "audit.personal_days");
	struct arena *arena;

	*ret_n = 0;
	if (days == 0)
		return OK;
	if (pthread_mutex_trylock(&one_at_a_time) != 0)
		return fail(rq, ERR_BUSY, _("Personal data are being erased already. Wait until it is done."));
	arena = arena_new(CEILING);
	enum err err = erase(rq, arena, (struct instant){ rq->now.ms - DAYS(days).ms }, ret_n);
	arena_end(arena);
	pthread_mutex_unlock(&one_at_a_time);
	return err;
}
