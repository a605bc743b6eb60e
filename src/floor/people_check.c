/* The check of a whole file against the store.
 *
 * The store is read once and the file's records are walked a few times, front to back; of both only numbers are kept (keyed hashes of
 * codes, names and contents), some 300 MB for a million persons known and a million rows. Order: rows by themselves, doubles of ids and
 * names, managers (unknown, or in a ring), names that somebody else keeps; then, where bad rows are passed over, the last two again until
 * nothing new is bad, since who stays as before may stand in the way.
 *
 * SECURITY: the texts of records were checked in the reader process, and are walked in people_hash.c. Hashes may collide, so steps compare
 * codes. */
#define LONG_LIVED
#include <sodium.h>
#include "floor/people_plan.h"
#include "base/world.h"
#include <fcntl.h>

enum { CHECK_CEILING = 640 << 20 };

/* --- problems --- */

static struct people_bad *add_bad(struct people_check *check, uint32_t number, int column, enum people_problem_kind kind)
{
	struct people_outcome *outcome = &check->outcome;

	if (outcome->n_bad == check->room_bad) {
		size_t room = MAX(check->room_bad * 2, (size_t)64);
		struct people_bad *more = NEW_MANY(check->arena, room, struct people_bad);
		if (outcome->n_bad)
			memcpy(more, outcome->bad, outcome->n_bad * sizeof more[0]);
		outcome->bad = more;
		check->room_bad = room;
	}
	struct people_bad *bad = &outcome->bad[outcome->n_bad++];
	*bad = (struct people_bad){ .row = number, .column = (uint16_t)column, .kind = (uint16_t)kind };
	return bad;
}

static void spoil(struct people_check *check, struct row *row, int column, enum people_problem_kind kind)
{
	add_bad(check, row->number, column, kind);
	row->is_bad = true;
}

static enum err take_problems(struct rq *rq, struct people_check *check, int fd)
{
	struct people_problem p;
	size_t length;

	if (!channel_file_is_sealed(fd, &length) || length % sizeof p)
		return check_is_broken(rq);
	for (size_t at = 0; at < length; at += sizeof p) {
		if (pread(fd, &p, sizeof p, (off_t)at) != (ssize_t)sizeof p || p.kind >= PROBLEMS || p.column > PEOPLE_COLUMNS)
			return check_is_broken(rq);
		p.heading[sizeof p.heading - 1] = '\0';
		struct people_bad *bad = add_bad(check, p.row, p.column, p.kind);
		if (p.heading[0])
			bad->heading = str_c(check->arena, str_of(p.heading));
		check->outcome.is_file_bad |= p.row == 1 || people_problem_is_of_file(p.kind);
	}
	return OK;
}

/* --- the store --- */

struct taking { struct rq *rq; struct people_check *check; size_t n; };

static enum err take_stored(void *of, const struct people_all_row *row)
{
	struct taking *taking = of;
	struct people_check *check = taking->check;

	if (taking->n >= check->n_stored || row->id != (int64_t)taking->n)
		return fail(taking->rq, ERR_CORRUPT, tongue(taking->rq->language, "the numbers of persons have gaps: %lld"), (long long)row->id);
	struct stored *stored = &check->stored[taking->n++];
	*stored = (struct stored){ .manager = row->manager.is ? (uint32_t)row->manager.i : NOBODY,
		.row = NO_ROW, .has_left = row->left_at.is, .is_local = str_starts(row->code, STR("local:")),
		.kept_roles = (uint8_t)row->kept_roles };
	if (stored->is_local)
		stored->kept_roles = (uint8_t)row->roles;
	stored->digest = check_digest(check, &(struct person_facts){ row->name, row->email, row->phone, row->unit,
		row->manager.is ? row->manager.i : PLAN_NO, row->employment_end.is ? row->employment_end.i : PLAN_NO, (uint32_t)row->roles,
		row->is_protected, row->left_at.is });
	lookup_put(check, &check->codes, check_hash_of_name(check, row->code), (uint32_t)row->id, 0);
	check->outcome.n_before += !stored->has_left && !stored->is_local;
	return OK;
}

static enum err take_name(void *of, const struct people_logins_row *row)
{
	struct taking *taking = of;
	struct people_check *check = taking->check;
	uint64_t hash = check_hash(check, row->name);

	if (row->person < 0 || row->person >= (int64_t)check->n_stored)
		return fail(taking->rq, ERR_CORRUPT, tongue(taking->rq->language, "a log-in name belongs to nobody"));
	lookup_put(check, &check->names, hash, (uint32_t)row->person, (uint8_t)row->kind);
	check->stored[row->person].names += hash * (uint64_t)(2 * row->kind + 1);
	return OK;
}

static enum err read_store(struct rq *rq, struct people_check *check)
{
	struct people_count_row count;
	struct people_units_row *units;
	struct taking taking = { rq, check, 0 };

	TRY(people_count(rq, &count));
	check->n_stored = (size_t)count.n;
	check->stored = NEW_MANY(check->arena, check->n_stored + 1, struct stored);
	check->codes = lookup_new(check->arena, check->n_stored);
	check->names = lookup_new(check->arena, check->n_stored * 2 + 64);
	TRY(people_all(rq, take_stored, &taking));
	TRY(people_logins(rq, take_name, &taking));
	TRY(people_units(rq, &units, &check->units.n_stored));
	check->units.table = lookup_new(check->arena, check->units.n_stored);
	for (size_t i = 0; i < check->units.n_stored; i++)
		lookup_put(check, &check->units.table, check_hash(check, units[i].name), (uint32_t)units[i].id, 0);
	return OK;
}

/* --- rows by themselves and against each other --- */

static int column_of(int kind)
{
	return kind == LOGIN_CODE ? COLUMN_ID : kind == LOGIN_EMAIL ? COLUMN_EMAIL : COLUMN_LOGIN;
}

static void claim_code(struct people_check *check, struct row *row)
{
	uint32_t first;

	if (!lookup_get(&check->file_codes, row->code, &first)) {
		lookup_put(check, &check->file_codes, row->code, (uint32_t)(row - check->rows), 0);
		return;
	}
	if (!check->rows[first].is_told)
		spoil(check, &check->rows[first], COLUMN_ID, PROBLEM_DOUBLE_ID);
	check->rows[first].is_told = true;
	spoil(check, row, COLUMN_ID, PROBLEM_DOUBLE_ID);
	row->is_told = true;
}

/* No two rows may bear one name; rows with one id are told of that alone. */
static void claim_names(struct people_check *check, struct row *row, const struct wanted *wanted)
{
	uint32_t first;

	for (int i = 0; i < wanted->n; i++) {
		if (!lookup_get(&check->file_names, wanted->hash[i], &first)) {
			lookup_put(check, &check->file_names, wanted->hash[i], (uint32_t)(row - check->rows), wanted->kind[i]);
			continue;
		}
		struct row *other = &check->rows[first];
		if (other->code == row->code)
			continue;
		if (!other->is_told)
			spoil(check, other, column_of(lookup_kind(&check->file_names, wanted->hash[i])), PROBLEM_NAME_TAKEN);
		other->is_told = true;
		if (!row->is_told)
			spoil(check, row, column_of(wanted->kind[i]), PROBLEM_NAME_TAKEN);
		row->is_told = true;
	}
}

/* Which person of the store the row is about: by id; else one made here by hand whose name it bears. A bad row without a known id at
 * least keeps whoever has its mail address from being taken for gone. */
static void find_person(struct people_check *check, struct row *row, const struct wanted *wanted)
{
	uint32_t person;

	if (lookup_get(&check->codes, row->code, &person)) {
		row->person = person;
		check->stored[person].is_in_file = true;
		if (check->stored[person].row == NO_ROW)
			check->stored[person].row = (uint32_t)(row - check->rows);
		return;
	}
	for (int i = 0; i < wanted->n; i++) {
		if (!lookup_get(&check->names, wanted->hash[i], &person))
			continue;
		struct stored *stored = &check->stored[person];
		if (row->is_bad && !stored->has_left)
			stored->is_in_file = true;
		if (row->is_bad || !stored->is_local || stored->row != NO_ROW)
			continue;
		row->person = person;
		row->is_adopted = true;
		stored->is_in_file = true;
		stored->row = (uint32_t)(row - check->rows);
		return;
	}
}

static enum err read_rows(struct rq *rq, struct people_check *check, uint64_t n)
{
	const struct people_record *record;
	uint32_t ignored;

	if (n > check->records.length / sizeof *record)
		return check_is_broken(rq);
	check->rows = NEW_MANY(check->arena, (size_t)n + 1, struct row);
	check->seen = NEW_MANY(check->arena, (size_t)n + check->n_stored + 1, uint8_t);
	check->way = NEW_MANY(check->arena, (size_t)n + check->n_stored + 1, uint32_t);
	check->file_codes = lookup_new(check->arena, (size_t)n);
	check->file_names = lookup_new(check->arena, (size_t)n * 2);
	for (size_t at = 0; at < check->records.length; at += record->length) {
		TRY(check_record_at(rq, check, at, &record));
		if (check->n_rows == n)
			return check_is_broken(rq);
		struct row *row = &check->rows[check->n_rows++];
		*row = (struct row){ .at = (uint32_t)(at / 8), .number = record->row, .person = NOBODY, .is_bad = record->is_bad,
			.code = check_hash_of_name(check, record_text(record, COLUMN_ID)),
			.manager = check_hash_of_name(check, record_text(record, COLUMN_MANAGER)) };
		if (row->code)
			claim_code(check, row);
		if (str_starts(record_text(record, COLUMN_ID), STR("local:")) && !lookup_get(&check->codes, row->code, &ignored))
			spoil(check, row, COLUMN_ID, PROBLEM_RESERVED);
		const struct wanted *wanted = check_wanted(check, record);
		if (!row->is_bad && wanted->has_too_many)
			spoil(check, row, COLUMN_LOGIN, PROBLEM_MANY_NAMES);
		if (!row->is_bad)
			claim_names(check, row, wanted);
		find_person(check, row, wanted);
	}
	return OK;
}

/* --- managers --- */

static void check_managers(struct people_check *check)
{
	uint32_t ignored;

	for (size_t i = 0; i < check->n_rows; i++) {
		struct row *row = &check->rows[i];
		if (row->manager && !lookup_get(&check->file_codes, row->manager, &ignored) && !lookup_get(&check->codes, row->manager, &ignored))
			spoil(check, row, COLUMN_MANAGER, PROBLEM_NO_MANAGER);
	}
}

/* Finds rings: `up` gives the next of n things, or n and more for none; `ring` is told each thing on one. */
static void find_rings(struct people_check *check, size_t n, size_t (*up)(const struct people_check *, size_t),
                       void (*ring)(struct people_check *, size_t))
{
	/* 0 not seen, 1 on the way now walked, 2 done */
	uint8_t *seen = check->seen;
	uint32_t *way = check->way;

	memset(seen, 0, n + 1);
	for (size_t i = 0; i < n; i++) {
		size_t k = 0, at = i;
		while (at < n && seen[at] == 0) {
			seen[at] = 1;
			way[k++] = (uint32_t)at;
			at = up(check, at);
		}
		if (at < n && seen[at] == 1) {
			size_t back = k;
			do
				ring(check, way[--back]);
			while (way[back] != at);
		}
		while (k)
			seen[way[--k]] = 2;
	}
}

static size_t manager_row(const struct people_check *check, size_t i)
{
	uint32_t row;
	return check->rows[i].manager && lookup_get(&check->file_codes, check->rows[i].manager, &row) ? row : SIZE_MAX;
}

static void ring_of_rows(struct people_check *check, size_t i)
{
	spoil(check, &check->rows[i], COLUMN_MANAGER, PROBLEM_CYCLE);
}

/* As it would be afterwards when bad rows are passed over: the row's manager, or the one of the store. Things: persons of the store, then
 * rows (of new persons). */
static size_t manager_afterwards(const struct people_check *check, size_t i)
{
	const struct stored *stored = i < check->n_stored ? &check->stored[i] : NULL;
	uint32_t n = stored ? stored->row : (uint32_t)(i - check->n_stored), at;

	if (n == NO_ROW || check->rows[n].is_bad)
		return stored && stored->is_in_file && stored->manager != NOBODY ? stored->manager : SIZE_MAX;
	if (!check->rows[n].manager)
		return SIZE_MAX;
	if (lookup_get(&check->file_codes, check->rows[n].manager, &at))
		return check->rows[at].person == NOBODY ? check->n_stored + at : check->rows[at].person;
	return lookup_get(&check->codes, check->rows[n].manager, &at) ? at : SIZE_MAX;
}

static void ring_afterwards(struct people_check *check, size_t i)
{
	uint32_t n = i < check->n_stored ? check->stored[i].row : (uint32_t)(i - check->n_stored);

	if (n != NO_ROW && !check->rows[n].is_bad)
		spoil(check, &check->rows[n], COLUMN_MANAGER, PROBLEM_CYCLE);
}

/* --- names that somebody keeps --- */

static bool keeps_names(const struct people_check *check, uint32_t person)
{
	const struct stored *stored = &check->stored[person];

	if (stored->row != NO_ROW)
		return check->rows[stored->row].is_bad;
	return !stored->has_left && (stored->is_local || stored->is_in_file);
}

static void release(struct people_check *check, struct str name)
{
	if (check->n_releases == check->room_releases) {
		size_t room = MAX(check->room_releases * 2, (size_t)64);
		struct str *more = NEW_MANY(check->arena, room, struct str);
		if (check->n_releases)
			memcpy(more, check->releases, check->n_releases * sizeof more[0]);
		check->releases = more;
		check->room_releases = room;
	}
	check->releases[check->n_releases++] = str_copy(check->arena, name);
}

static enum err check_names(struct rq *rq, struct people_check *check)
{
	const struct people_record *record;
	uint32_t keeper;

	check->n_releases = 0;
	for (size_t i = 0; i < check->n_rows && check->names.used; i++) {
		struct row *row = &check->rows[i];
		if (row->is_bad)
			continue;
		TRY(check_record(rq, check, row, &record));
		const struct wanted *wanted = check_wanted(check, record);
		for (int k = 0; k < wanted->n && !row->is_bad; k++) {
			if (!lookup_get(&check->names, wanted->hash[k], &keeper) || keeper == row->person)
				continue;
			if (keeps_names(check, keeper))
				spoil(check, row, column_of(wanted->kind[k]), PROBLEM_NAME_TAKEN);
			else
				release(check, wanted->text[k]);
		}
	}
	return OK;
}

/* --- what is to be done --- */

int64_t check_manager(const struct people_check *check, const struct row *row)
{
	uint32_t at;

	if (!row->manager)
		return PLAN_NO;
	if (lookup_get(&check->file_codes, row->manager, &at) && check->rows[at].person != NOBODY)
		return check->rows[at].person;
	if (lookup_get(&check->codes, row->manager, &at))
		return at;
	/* A new person whose row is bad: for now as before. */
	if (row->person < check->n_stored && check->stored[row->person].manager != NOBODY)
		return check->stored[row->person].manager;
	return PLAN_NO;
}

uint32_t check_roles(const struct people_check *check, const struct row *row, const struct people_record *record)
{
	return record->roles | (row->person < check->n_stored ? check->stored[row->person].kept_roles : 0);
}

static void know_unit(struct people_check *check, struct str unit)
{
	struct units *units = &check->units;
	uint64_t hash = check_hash(check, unit);
	uint32_t ignored;

	if (lookup_get(&units->table, hash, &ignored))
		return;
	if (units->n % 256 == 0) {
		struct str *more = NEW_MANY(check->arena, units->n + 256, struct str);
		if (units->n)
			memcpy(more, units->name, units->n * sizeof more[0]);
		units->name = more;
	}
	units->name[units->n] = str_copy(check->arena, unit);
	lookup_put(check, &units->table, hash, (uint32_t)(units->n_stored + units->n), 0);
	units->n++;
}

static enum what compare(struct people_check *check, const struct row *row, const struct people_record *record)
{
	if (row->person >= check->n_stored)
		return WHAT_ADD;
	const struct stored *stored = &check->stored[row->person];
	const struct wanted *wanted = check_wanted(check, record);
	uint64_t names = 0;
	for (int i = 0; i < wanted->n; i++)
		names += wanted->hash[i] * (uint64_t)(2 * wanted->kind[i] + 1);
	uint64_t digest = check_digest(check, &(struct person_facts){ record_text(record, COLUMN_NAME), record_text(record, COLUMN_EMAIL),
		record_text(record, COLUMN_PHONE), record_text(record, COLUMN_UNIT), check_manager(check, row),
		record->employment_end == NO_END ? PLAN_NO : record->employment_end, check_roles(check, row, record), record->is_protected, false });
	return names == stored->names && digest == stored->digest && !row->is_adopted ? WHAT_NOTHING : WHAT_CHANGE;
}

static enum err decide(struct rq *rq, struct people_check *check)
{
	struct people_counts *counts = &check->outcome.counts;
	const struct people_record *record;

	for (size_t i = 0; i < check->n_rows; i++)
		if (!check->rows[i].is_bad && check->rows[i].person == NOBODY)
			check->rows[i].person = (uint32_t)(check->n_stored + check->n_new++);
	for (size_t i = 0; i < check->n_rows; i++) {
		struct row *row = &check->rows[i];
		if (row->is_bad)
			continue;
		TRY(check_record(rq, check, row, &record));
		row->what = compare(check, row, record);
		counts->added += row->what == WHAT_ADD;
		counts->changed += row->what == WHAT_CHANGE;
		counts->unchanged += row->what == WHAT_NOTHING;
		if (row->what != WHAT_NOTHING)
			know_unit(check, record_text(record, COLUMN_UNIT));
	}
	for (size_t i = 0; i < check->n_stored; i++)
		counts->left += !check->stored[i].is_in_file && !check->stored[i].has_left && !check->stored[i].is_local;
	return OK;
}

static int by_row(const void *a, const void *b)
{
	const struct people_bad *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return x->column != y->column ? (x->column < y->column ? -1 : 1) : (x->kind > y->kind) - (x->kind < y->kind);
}

static enum err judge(struct rq *rq, struct people_check *check, const struct reading *reading)
{
	struct people_outcome *outcome = &check->outcome;

	TRY(take_problems(rq, check, reading->problems));
	TRY(read_store(rq, check));
	if (!outcome->is_file_bad) {
		TRY(read_rows(rq, check, reading->n));
		check_managers(check);
		find_rings(check, check->n_rows, manager_row, ring_of_rows);
		for (size_t before = SIZE_MAX; before != outcome->n_bad; ) {
			before = outcome->n_bad;
			TRY(check_names(rq, check));
			if (check->skip_bad && outcome->n_bad)
				find_rings(check, check->n_stored + check->n_rows, manager_afterwards, ring_afterwards);
			if (!check->skip_bad)
				break;
		}
		TRY(decide(rq, check));
	}
	if (outcome->n_bad)
		qsort(outcome->bad, outcome->n_bad, sizeof outcome->bad[0], by_row);
	for (size_t i = 0; i < outcome->n_bad; i++)
		outcome->counts.bad += i == 0 || outcome->bad[i].row != outcome->bad[i - 1].row;
	return OK;
}

/* In a function of its own, so that nothing the guard's second coming needs lives in a register. */
static enum err guarded(struct rq *rq, struct people_check *check, const struct reading *reading)
{
	ARENA_GUARD(check->arena)
		return fail(rq, ERR_FULL, _("The file is larger than can be checked."));
	return judge(rq, check, reading);
}

enum err people_check(struct rq *rq, const struct reading *reading, bool skip_bad, struct people_check **ret)
{
	struct arena *arena = arena_new(CHECK_CEILING);
	struct people_check *check = NEW(arena, struct people_check);
	size_t length = 0;

	check->arena = arena;
	check->skip_bad = skip_bad;
	world.random(check->key, sizeof check->key);
	bool is_sealed = channel_file_is_sealed(reading->records, &length) && length / 8 <= UINT32_MAX;
	check->records = (struct window){ .fd = reading->records, .length = length, .at = arena_take(arena, PLAN_WINDOW + sizeof (struct people_record)) };
	enum err err = is_sealed ? guarded(rq, check, reading) : check_is_broken(rq);
	if (err != OK) {
		people_check_end(check);
		return err;
	}
	*ret = check;
	return OK;
}

void people_check_end(struct people_check *check)
{
	if (check)
		arena_end(check->arena);
}

const struct people_outcome *people_check_outcome(const struct people_check *check)
{
	return &check->outcome;
}

int64_t people_vanish(const struct people_outcome *outcome)
{
	return outcome->n_before ? (outcome->counts.left * 100 + outcome->n_before - 1) / outcome->n_before : 0;
}
