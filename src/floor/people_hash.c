/* What the check knows things by: keyed hashes of codes, names and contents, the tables of them, and the file's records that they are made of.
 *
 * A table is open addressing by the hash itself; it grows in the check's arena, which gives nothing back before the end. Records are
 * walked front to back through a window; of a record that is asked for again, the window is filled from there.
 *
 * SECURITY: records come from the reader process: sealed, and walked with their lengths checked. A table holds no text, so that two names
 * are taken for one when their 64-bit hashes, keyed by chance for this check, are equal: 1e-7 a file. */
#define LONG_LIVED
#include <sodium.h>
#include "floor/people_plan.h"

enum { WINDOW = PLAN_WINDOW };

/* --- tables --- */

static size_t slot_of(const struct lookup *table, uint64_t hash)
{
	size_t at = hash & (table->room - 1);

	while (table->hash[at] && table->hash[at] != hash)
		at = (at + 1) & (table->room - 1);
	return at;
}

struct lookup lookup_new(struct arena *arena, size_t n)
{
	size_t room = 64;

	while (room * 2 < n * 3)
		room *= 2;
	return (struct lookup){ .hash = NEW_MANY(arena, room, uint64_t), .value = NEW_MANY(arena, room, uint32_t),
		.kind = NEW_MANY(arena, room, uint8_t), .room = room };
}

bool lookup_get(const struct lookup *table, uint64_t hash, uint32_t *ret)
{
	size_t at = slot_of(table, hash);

	if (hash == 0 || table->hash[at] == 0)
		return false;
	*ret = table->value[at];
	return true;
}

uint8_t lookup_kind(const struct lookup *table, uint64_t hash)
{
	return table->kind[slot_of(table, hash)];
}

void lookup_put(struct people_check *check, struct lookup *table, uint64_t hash, uint32_t value, uint8_t kind)
{
	if ((table->used + 1) * 4 > table->room * 3) {
		struct lookup more = lookup_new(check->arena, table->room * 3 / 2);
		for (size_t i = 0; i < table->room; i++)
			if (table->hash[i])
				lookup_put(check, &more, table->hash[i], table->value[i], table->kind[i]);
		*table = more;
	}
	size_t at = slot_of(table, hash);
	table->used += table->hash[at] == 0;
	table->hash[at] = hash;
	table->value[at] = value;
	table->kind[at] = kind;
}

uint64_t check_hash(const struct people_check *check, struct str bytes)
{
	uint64_t hash;

	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)(bytes.at ? bytes.at : ""), bytes.len, check->key);
	return hash ? hash : 1;
}

/* Of a name in its canonical form; 0 when it has none. */
uint64_t check_hash_of_name(const struct people_check *check, struct str name)
{
	char room[1024];
	struct str canonical;

	return people_canonical(name, room, sizeof room, &canonical) ? check_hash(check, canonical) : 0;
}

/* --- records --- */

enum err check_is_broken(struct rq *rq)
{
	return fail(rq, ERR_CORRUPT, _("the reader's records are broken"));
}

static enum err fill_window(struct window *window, size_t from)
{
	window->from = from;
	window->have = 0;
	size_t want = MIN((size_t)WINDOW, window->length - from);
	while (window->have < want) {
		ssize_t got = pread(window->fd, window->at + window->have, want - window->have, (off_t)(from + window->have));
		if (got <= 0)
			return ERR_IO;
		window->have += (size_t)got;
	}
	return OK;
}

enum err check_record_at(struct rq *rq, struct people_check *check, size_t at, const struct people_record **ret)
{
	struct window *window = &check->records;
	const struct people_record *record = (const void *)(window->at + (at - window->from));
	size_t left = window->length - at;

	bool is_inside = at >= window->from && at + sizeof *record <= window->from + window->have
	              && at + record->length <= window->from + window->have;
	if (!is_inside) {
		if (fill_window(window, at) != OK)
			return check_is_broken(rq);
		record = (const void *)window->at;
	}
	if (left < sizeof *record || record->length < sizeof *record || record->length % 8 || record->length > MIN(left, (size_t)WINDOW))
		return check_is_broken(rq);
	for (int c = 0; c < PEOPLE_COLUMNS; c++) {
		struct place p = record->text[c];
		if (p.at > record->length - sizeof *record || p.length > record->length - sizeof *record - p.at)
			return check_is_broken(rq);
	}
	*ret = record;
	return OK;
}

enum err check_record(struct rq *rq, struct people_check *check, const struct row *row, const struct people_record **ret)
{
	return check_record_at(rq, check, (size_t)row->at * 8, ret);
}

struct str record_text(const struct people_record *record, enum people_column column)
{
	struct place p = record->text[column];
	return (struct str){ (const char *)(record + 1) + p.at, p.length };
}

static void want(struct people_check *check, struct str name, enum login_kind kind)
{
	struct wanted *wanted = &check->wanted;
	struct str canonical;

	if (!people_canonical(name, wanted->room + wanted->used, 1024, &canonical))
		return;
	uint64_t hash = check_hash(check, canonical);
	for (int i = 0; i < wanted->n; i++)
		if (wanted->hash[i] == hash)
			return;
	if (wanted->n == PLAN_NAMES) {
		wanted->has_too_many = true;
		return;
	}
	wanted->used += canonical.len;
	wanted->text[wanted->n] = canonical;
	wanted->hash[wanted->n] = hash;
	wanted->kind[wanted->n++] = kind;
}

const struct wanted *check_wanted(struct people_check *check, const struct people_record *record)
{
	struct str logins = record_text(record, COLUMN_LOGIN);

	check->wanted.n = 0;
	check->wanted.used = 0;
	check->wanted.has_too_many = false;
	want(check, record_text(record, COLUMN_ID), LOGIN_CODE);
	want(check, record_text(record, COLUMN_EMAIL), LOGIN_EMAIL);
	while (logins.at && logins.len)
		want(check, str_cut(&logins, ';'), LOGIN_NAME);
	return &check->wanted;
}

/* --- contents --- */

uint64_t check_digest(const struct people_check *check, const struct person_facts *facts)
{
	crypto_generichash_state state;
	const struct str text[] = { facts->name, facts->email, facts->phone, facts->unit };
	struct { int64_t manager, end; uint32_t roles, flags; uint32_t length[4]; } fixed = { facts->manager, facts->employment_end,
		facts->roles, (uint32_t)facts->is_protected | (uint32_t)facts->has_left << 1, { 0 } };
	uint64_t ret;
	char room[512];
	size_t n = sizeof fixed;

	for (size_t i = 0; i < LENGTH(text); i++)
		fixed.length[i] = (uint32_t)text[i].len;
	memcpy(room, &fixed, sizeof fixed);
	for (size_t i = 0; i < LENGTH(text) && n <= sizeof room; i++) {
		if (text[i].len <= sizeof room - n && text[i].len)
			memcpy(room + n, text[i].at, text[i].len);
		n = text[i].len <= sizeof room - n ? n + text[i].len : sizeof room + 1;
	}
	if (n <= sizeof room)
		return check_hash(check, (struct str){ room, n });
	/* Long texts go the slow way. */
	unsigned char hash[16];
	crypto_generichash_init(&state, check->key, sizeof check->key, sizeof hash);
	crypto_generichash_update(&state, (const unsigned char *)&fixed, sizeof fixed);
	for (size_t i = 0; i < LENGTH(text); i++)
		crypto_generichash_update(&state, (const unsigned char *)text[i].at, text[i].len);
	crypto_generichash_final(&state, hash, sizeof hash);
	memcpy(&ret, hash, sizeof ret);
	return ret;
}
