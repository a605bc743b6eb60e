/* From a check that found nothing in the way to the plan's bytes.
 *
 * The records are walked once more; each person who is new or changed becomes an operation that says how the row will stand, so that
 * doing it twice changes nothing. Sort keys are made here, off the writer.
 *
 * SECURITY: the plan is hashed as it is written; the hash stands in the import's first leaf, and a plan that does not have it is
 * not gone on with. */
#define LONG_LIVED
#include <nettle/sha2.h>
#include <sodium.h>
#include "floor/people_plan.h"

struct writing {
	struct rq                *rq;
	struct people_check      *check;
	struct sha256_ctx         hash;
	int                       fd;
	struct arena             *keys;              /* of one person's sort key */
	char                     *room; size_t used;
	int64_t                   n;
	enum err                  err;
};
enum { ROOM = 2 << 20 };

static void flush(struct writing *writing)
{
	size_t done = 0;

	sha256_update(&writing->hash, writing->used, (const uint8_t *)writing->room);
	while (writing->err == OK && done < writing->used) {
		ssize_t put = write(writing->fd, writing->room + done, writing->used - done);
		if (put <= 0)
			writing->err = ERR_FULL;
		else
			done += (size_t)put;
	}
	writing->used = 0;
}

static void put_op(struct writing *writing, struct plan_op *op, const struct wanted *wanted, const struct str *texts, int n_texts)
{
	size_t names = wanted ? (size_t)wanted->n * sizeof (struct plan_name) : 0, n = sizeof *op + names;

	for (int i = 0; i < n_texts; i++)
		n += texts[i].len;
	for (int i = 0; wanted && i < wanted->n; i++)
		n += wanted->text[i].len;
	op->length = (uint32_t)((n + 7) & ~(size_t)7);
	op->n_names = wanted ? (uint16_t)wanted->n : 0;
	if (op->length > PLAN_OP_MOST) {                  /* cannot be: every text is at most 64 KiB */
		writing->err = ERR_FULL;
		return;
	}
	if (writing->used + op->length > ROOM)
		flush(writing);
	char *at = writing->room + writing->used;
	writing->used += op->length;
	memset(at + op->length - 8, 0, 8);
	at = mempcpy(at, op, sizeof *op);
	for (int i = 0; wanted && i < wanted->n; i++)
		at = mempcpy(at, &(struct plan_name){ (uint16_t)wanted->text[i].len, wanted->kind[i] }, sizeof (struct plan_name));
	for (int i = 0; i < n_texts; i++)
		at = texts[i].len ? mempcpy(at, texts[i].at, texts[i].len) : at;
	for (int i = 0; wanted && i < wanted->n; i++)
		at = mempcpy(at, wanted->text[i].at, wanted->text[i].len);
	writing->n++;
}

static void put_text_op(struct writing *writing, enum plan_kind kind, int64_t id, struct str name)
{
	put_op(writing, &(struct plan_op){ .kind = (uint16_t)kind, .id = id, .name = (uint32_t)name.len }, NULL, &name, 1);
}

static void put_person(struct writing *writing, const struct row *row, const struct people_record *record)
{
	struct people_check *check = writing->check;
	struct str texts[5] = { record_text(record, COLUMN_ID), record_text(record, COLUMN_NAME), record_text(record, COLUMN_EMAIL),
		record_text(record, COLUMN_PHONE) };
	struct plan_op op = { .kind = row->what == WHAT_ADD ? PLAN_ADD : PLAN_CHANGE, .id = row->person,
		.manager = check_manager(check, row), .employment_end = record->employment_end == NO_END ? PLAN_NO : record->employment_end,
		.roles = check_roles(check, row, record), .is_protected = record->is_protected, .is_adopted = row->is_adopted };
	uint32_t unit = 0;

	if (row->is_adopted)
		op.kept_roles = check->stored[row->person].kept_roles;
	(void)lookup_get(&check->units.table, check_hash(check, record_text(record, COLUMN_UNIT)), &unit);
	op.unit = unit;
	arena_empty(writing->keys);
	/* The place of a protected person in a list must not tell the name. */
	texts[4] = people_sort_key(writing->keys, record->is_protected ? texts[0] : texts[1]);
	op.code = (uint32_t)texts[0].len;
	op.name = (uint32_t)texts[1].len;
	op.email = (uint32_t)texts[2].len;
	op.phone = (uint32_t)texts[3].len;
	op.sort = (uint32_t)texts[4].len;
	put_op(writing, &op, check_wanted(check, record), texts, LENGTH(texts));
}

bool check_leaves(const struct stored *stored)
{
	return !stored->is_in_file && !stored->has_left && !stored->is_local;
}

static enum err put_all(struct writing *writing)
{
	struct people_check *check = writing->check;
	const struct people_record *record;

	for (size_t i = 0; i < check->units.n; i++)
		put_text_op(writing, PLAN_UNIT, (int64_t)(check->units.n_stored + i), check->units.name[i]);
	for (size_t i = 0; i < check->n_releases; i++)
		put_text_op(writing, PLAN_RELEASE, 0, check->releases[i]);
	for (size_t i = 0; i < check->n_stored; i++)
		if (check_leaves(&check->stored[i]))
			put_text_op(writing, PLAN_LEAVE, (int64_t)i, STR(""));
	for (size_t i = 0; i < check->n_rows && writing->err == OK; i++) {
		const struct row *row = &check->rows[i];
		if (row->is_bad || row->what == WHAT_NOTHING)
			continue;
		TRY(check_record(writing->rq, check, row, &record));
		put_person(writing, row, record);
	}
	return OK;
}

enum err plan_write(struct rq *rq, struct people_check *check, int fd, char ret_hash[65], int64_t *ret_n_ops)
{
	struct people_counts *counts = &check->outcome.counts;
	int64_t n_ops = counts->left + counts->added + counts->changed + (int64_t)(check->units.n + check->n_releases);
	struct plan_head head = { (int64_t)check->n_stored, (int64_t)check->units.n_stored, n_ops };
	struct writing writing = { .rq = rq, .check = check, .fd = fd, .keys = arena_new(1 << 20), .room = arena_take(check->arena, ROOM) };
	unsigned char hash[32];

	sha256_init(&writing.hash);
	memcpy(writing.room, &head, sizeof head);
	writing.used = sizeof head;
	enum err err = put_all(&writing);
	flush(&writing);
	arena_end(writing.keys);
	TRY(err);
	if (writing.err != OK)
		return fail(rq, ERR_FULL, _("The import could not be kept on disk. Nothing was changed."));
	if (writing.n != n_ops)
		return fail(rq, ERR_CORRUPT, _("the import's plan has %lld steps, not %lld"), (long long)writing.n, (long long)n_ops);
	sha256_digest(&writing.hash, sizeof hash, hash);
	sodium_bin2hex(ret_hash, 65, hash, sizeof hash);
	*ret_n_ops = n_ops;
	return OK;
}
