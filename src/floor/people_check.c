/* The check of a whole file against the store, and the plan that comes of it.
 *
 * Everyone known is read once, then every row is compared: codes, names to log in with, managers (unknown, or in a ring), what
 * has changed. Tables by hash; nothing is asked of the store row by row.
 *
 * SECURITY: records come from the reader process and are walked with their lengths checked; texts in them were checked there. A
 * row that is wrong in any way makes the whole file refused, unless the caller wants such rows passed over. */
#define LONG_LIVED
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include "floor/people_plan.h"
#include "floor/reading.h"

struct known { struct people_all_row row; int64_t record; };           /* record: the row of the file about this person, -1 none */
struct name { struct str text; int64_t id, person; uint8_t kind; bool is_wanted; };
struct index { uint32_t *at; size_t room; };                            /* index + 1; 0 free */

/* The plan file as it is written: buffered, hashed on the way. */
struct sink { int fd; bool has_failed; size_t n; char bytes[1 << 16]; crypto_hash_sha256_state hash; };

struct check {
	struct rq    *rq;
	struct arena *arena;
	const struct people_record **record; int64_t n_records;
	struct str   *code;               /* of each record */
	bool         *is_bad;
	int64_t      *person;             /* number of each record's person; new ones beyond those known */
	struct known *known; int64_t n_known, room_known;
	struct name  *names; int64_t n_names, room_names;
	int64_t      *first_name;         /* of each known person, n_known + 1 of them */
	struct index  by_code, by_record, by_name, taken;
	struct people_units_row *units; size_t n_units;
	struct str   *unit_names; int64_t n_all_units, room_units;
	struct people_bad *bad; size_t n_bad, room_bad;
	struct people_counts counts;
	struct sink   plan;
	int64_t       n_ops, next_person, next_name;
};

/* --- tables --- */

static struct index index_new(struct arena *arena, int64_t n)
{
	size_t room = 64;
	while (room < (size_t)n * 2)
		room *= 2;
	return (struct index){ NEW_MANY(arena, room, uint32_t), room };
}

/* Where the text stands or would; `text_of(of, index)` gives the texts. */
static uint32_t *slot(const struct index *table, struct str text, struct str (*text_of)(const struct check *, int64_t), const struct check *of)
{
	size_t at = str_hash(text) & (table->room - 1);

	while (table->at[at] && !str_equal(text_of(of, table->at[at] - 1), text))
		at = (at + 1) & (table->room - 1);
	return &table->at[at];
}

static struct str code_of_known(const struct check *check, int64_t i) { return check->known[i].row.code; }
static struct str code_of_record(const struct check *check, int64_t i) { return check->code[i]; }
static struct str text_of_name(const struct check *check, int64_t i) { return check->names[i].text; }

static struct str text_of(const struct people_record *record, int column)
{
	struct place p = record->text[column];
	return (struct str){ (const char *)(record + 1) + p.at, p.length };
}

/* --- reading in --- */

static enum err walk_records(struct check *check, struct str bytes)
{
	int64_t room = 0;

	for (int pass = 0; pass < 2; pass++) {
		size_t at = 0;
		check->n_records = 0;
		if (pass)
			check->record = NEW_MANY(check->arena, (size_t)room + 1, const struct people_record *);
		while (at < bytes.len) {
			const struct people_record *record = (const void *)(bytes.at + at);
			size_t left = bytes.len - at;
			if (left < sizeof *record || record->length < sizeof *record || record->length > left || record->length % 8)
				return fail(check->rq, ERR_CORRUPT, "the reader's records are broken");
			for (int c = 0; c < PEOPLE_COLUMNS; c++) {
				struct place p = record->text[c];
				if (p.at > record->length - sizeof *record || p.length > record->length - sizeof *record - p.at)
					return fail(check->rq, ERR_CORRUPT, "the reader's records are broken");
			}
			if (pass)
				check->record[check->n_records] = record;
			check->n_records++;
			at += record->length;
		}
		room = check->n_records;
	}
	return OK;
}

static void add_bad(struct check *check, uint32_t row, struct str column, const char *problem)
{
	if (check->n_bad == check->room_bad) {
		size_t room = MAX(check->room_bad * 2, (size_t)64);
		struct people_bad *more = NEW_MANY(check->arena, room, struct people_bad);
		if (check->n_bad)
			memcpy(more, check->bad, check->n_bad * sizeof more[0]);
		check->bad = more;
		check->room_bad = room;
	}
	check->bad[check->n_bad++] = (struct people_bad){ row, column, problem };
}

static void spoil(struct check *check, int64_t i, int column, enum people_problem_kind kind)
{
	add_bad(check, check->record[i]->row, str_of(people_column[column]), people_problem_text[kind]);
	check->is_bad[i] = true;
}

static enum err take_problems(struct check *check, struct str bytes)
{
	if (bytes.len % sizeof (struct people_problem))
		return fail(check->rq, ERR_CORRUPT, "the reader's problems are broken");
	for (size_t at = 0; at < bytes.len; at += sizeof (struct people_problem)) {
		struct people_problem p;
		memcpy(&p, bytes.at + at, sizeof p);
		p.heading[sizeof p.heading - 1] = '\0';
		struct str column = p.column < PEOPLE_COLUMNS ? str_of(people_column[p.column]) : str_copy(check->arena, str_of(p.heading));
		add_bad(check, p.row, column, p.kind < PROBLEMS ? people_problem_text[p.kind] : "?");
	}
	return OK;
}

static enum err take_known(void *of, const struct people_all_row *row)
{
	struct check *check = of;
	struct known *known = &check->known[check->n_known++];

	if (check->n_known > check->room_known || row->id != check->n_known - 1)
		return ERR_CORRUPT;
	known->row = *row;
	known->row.code = str_copy(check->arena, row->code);
	known->row.name = str_copy(check->arena, row->name);
	known->row.email = str_copy(check->arena, row->email);
	known->row.phone = str_copy(check->arena, row->phone);
	known->row.unit = str_copy(check->arena, row->unit);
	known->record = -1;
	return OK;
}

static enum err take_name(void *of, const struct people_logins_row *row)
{
	struct check *check = of;

	if (check->n_names == check->room_names) {
		int64_t room = MAX(check->room_names * 2, (int64_t)1024);
		struct name *more = NEW_MANY(check->arena, (size_t)room, struct name);
		if (check->n_names)
			memcpy(more, check->names, (size_t)check->n_names * sizeof more[0]);
		check->names = more;
		check->room_names = room;
	}
	check->names[check->n_names++] = (struct name){ str_copy(check->arena, row->name), row->id, row->person, (uint8_t)row->kind, false };
	return OK;
}

static enum err read_store(struct check *check)
{
	struct people_count_row count;
	struct people_login_most_row most;

	TRY(people_count(check->rq, &count));
	check->room_known = count.n;
	check->known = NEW_MANY(check->arena, (size_t)count.n + 1, struct known);
	TRY(people_all(check->rq, take_known, check));
	TRY(people_logins(check->rq, take_name, check));
	TRY(people_login_most(check->rq, &most));
	TRY(people_units(check->rq, &check->units, &check->n_units));
	check->next_person = check->n_known;
	check->next_name = most.n + 1;
	check->by_code = index_new(check->arena, check->n_known);
	for (int64_t i = 0; i < check->n_known; i++)
		*slot(&check->by_code, check->known[i].row.code, code_of_known, check) = (uint32_t)i + 1;
	check->first_name = NEW_MANY(check->arena, (size_t)check->n_known + 2, int64_t);
	for (int64_t i = 0, n = 0; i <= check->n_known; i++) {
		while (n < check->n_names && check->names[n].person < i)
			n++;
		check->first_name[i] = n;
	}
	return OK;
}

/* --- checks over the whole --- */

static void find_doubles(struct check *check)
{
	bool *is_told = NEW_MANY(check->arena, (size_t)check->n_records + 1, bool);

	check->by_record = index_new(check->arena, check->n_records);
	for (int64_t i = 0; i < check->n_records; i++) {
		check->code[i] = text_of(check->record[i], COLUMN_ID);
		if (!check->code[i].len)
			continue;
		uint32_t *at = slot(&check->by_record, check->code[i], code_of_record, check);
		if (!*at) {
			*at = (uint32_t)i + 1;
			continue;
		}
		int64_t first = *at - 1;
		if (!is_told[first])
			spoil(check, first, COLUMN_ID, PROBLEM_DOUBLE_ID);
		is_told[first] = true;
		spoil(check, i, COLUMN_ID, PROBLEM_DOUBLE_ID);
	}
}

static void number_persons(struct check *check)
{
	for (int64_t i = 0; i < check->n_records; i++) {
		uint32_t known = check->code[i].len ? *slot(&check->by_code, check->code[i], code_of_known, check) : 0;
		if (known && check->known[known - 1].record < 0)
			check->known[known - 1].record = i;
		check->person[i] = known ? (int64_t)known - 1 : -1;
	}
}

/* The record of a record's manager: -1 none or only known in the store. */
static int64_t manager_record(const struct check *check, int64_t i)
{
	struct str manager = text_of(check->record[i], COLUMN_MANAGER);
	return manager.len ? (int64_t)*slot(&check->by_record, manager, code_of_record, check) - 1 : -1;
}

static void check_managers(struct check *check)
{
	/* 0 not seen, 1 on the way now walked, 2 done */
	uint8_t *seen = NEW_MANY(check->arena, (size_t)check->n_records + 1, uint8_t);
	int64_t *way = NEW_MANY(check->arena, (size_t)check->n_records + 1, int64_t);

	for (int64_t i = 0; i < check->n_records; i++) {
		struct str manager = text_of(check->record[i], COLUMN_MANAGER);
		if (manager.len && manager_record(check, i) < 0 && !*slot(&check->by_code, manager, code_of_known, check))
			spoil(check, i, COLUMN_MANAGER, PROBLEM_NO_MANAGER);
	}
	for (int64_t i = 0; i < check->n_records; i++) {
		int64_t n = 0, at = i;
		while (at >= 0 && seen[at] == 0) {
			seen[at] = 1;
			way[n++] = at;
			at = manager_record(check, at);
		}
		if (at >= 0 && seen[at] == 1) {
			int64_t k = n;
			do
				spoil(check, way[--k], COLUMN_MANAGER, PROBLEM_CYCLE);
			while (way[k] != at);
		}
		while (n)
			seen[way[--n]] = 2;
	}
}

/* --- names --- */

struct wanted { struct str text[PLAN_NAMES]; uint8_t kind[PLAN_NAMES]; int n; };

static void want(struct check *check, struct wanted *wanted, struct str name, enum login_kind kind)
{
	char room[1024];
	struct str canonical;

	if (!people_canonical(name, room, sizeof room, &canonical) || wanted->n == PLAN_NAMES)
		return;
	for (int i = 0; i < wanted->n; i++)
		if (str_equal(wanted->text[i], canonical))
			return;
	wanted->text[wanted->n] = str_copy(check->arena, canonical);
	wanted->kind[wanted->n++] = kind;
}

static void wanted_of(struct check *check, int64_t i, struct wanted *ret)
{
	struct str logins = text_of(check->record[i], COLUMN_LOGIN);

	ret->n = 0;
	want(check, ret, check->code[i], LOGIN_CODE);
	want(check, ret, text_of(check->record[i], COLUMN_EMAIL), LOGIN_EMAIL);
	while (logins.at && logins.len)
		want(check, ret, str_trim(str_cut(&logins, ';')), LOGIN_NAME);
}

/* No two persons may answer to one name: not two rows of the file, nor a row and somebody who keeps the name. */
static enum err check_names(struct check *check)
{
	int64_t in_store = check->n_names;
	struct rq *rq = check->rq;
	struct wanted wanted;

	check->by_name = index_new(check->arena, check->n_names + 1);
	for (int64_t i = 0; i < in_store; i++)
		*slot(&check->by_name, check->names[i].text, text_of_name, check) = (uint32_t)i + 1;
	check->taken = index_new(check->arena, check->n_records * 4 + 64);
	for (int64_t i = 0; i < check->n_records; i++) {
		if (check->is_bad[i])
			continue;
		wanted_of(check, i, &wanted);
		for (int k = 0; k < wanted.n; k++) {
			uint32_t *owner = slot(&check->taken, wanted.text[k], text_of_name, check);
			uint32_t kept = *slot(&check->by_name, wanted.text[k], text_of_name, check);
			int64_t keeper = kept ? check->names[kept - 1].person : -1;
			bool is_kept = keeper >= 0 && keeper != check->person[i]
			            && (check->known[keeper].record < 0 || check->is_bad[check->known[keeper].record]);
			if (*owner || is_kept) {
				spoil(check, i, wanted.kind[k] == LOGIN_CODE ? COLUMN_ID : wanted.kind[k] == LOGIN_EMAIL ? COLUMN_EMAIL : COLUMN_LOGIN,
				      PROBLEM_NAME_TAKEN);
				break;
			}
			if ((size_t)(check->n_names - in_store) * 2 > check->taken.room)
				return fail(rq, ERR_FULL, _("The file has more log-in names than can be kept."));
			TRY(take_name(check, &(struct people_logins_row){ .name = wanted.text[k], .person = i }));
			*slot(&check->taken, wanted.text[k], text_of_name, check) = (uint32_t)check->n_names;
		}
	}
	check->n_names = in_store;
	return OK;
}

/* --- the plan --- */

static int64_t unit_number(struct check *check, struct str name)
{
	for (size_t i = 0; i < check->n_units; i++)
		if (str_equal(check->units[i].name, name))
			return check->units[i].id;
	for (int64_t i = 0; i < check->n_all_units; i++)
		if (str_equal(check->unit_names[i], name))
			return (int64_t)check->n_units + i;
	if (check->n_all_units == check->room_units) {
		int64_t room = MAX(check->room_units * 2, (int64_t)64);
		struct str *more = NEW_MANY(check->arena, (size_t)room, struct str);
		if (check->n_all_units)
			memcpy(more, check->unit_names, (size_t)check->n_all_units * sizeof more[0]);
		check->unit_names = more;
		check->room_units = room;
	}
	check->unit_names[check->n_all_units] = name;
	return (int64_t)check->n_units + check->n_all_units++;
}

static void sink_flush(struct sink *sink)
{
	crypto_hash_sha256_update(&sink->hash, (const unsigned char *)sink->bytes, sink->n);
	for (size_t done = 0; done < sink->n; ) {
		ssize_t put = write(sink->fd, sink->bytes + done, sink->n - done);
		if (put <= 0) {
			sink->has_failed = true;
			break;
		}
		done += (size_t)put;
	}
	sink->n = 0;
}

static void sink_put(struct sink *sink, const void *bytes, size_t n)
{
	for (size_t done = 0; done < n; ) {
		size_t part = MIN(n - done, sizeof sink->bytes - sink->n);
		memcpy(sink->bytes + sink->n, (const char *)bytes + done, part);
		sink->n += part;
		done += part;
		if (sink->n == sizeof sink->bytes)
			sink_flush(sink);
	}
}

static void put_op(struct check *check, struct plan_op *op, const struct plan_name *names, const struct str *texts, int n_texts)
{
	static const char zero[8];
	size_t n = sizeof *op + op->n_names * sizeof (struct plan_name);

	for (int i = 0; i < n_texts; i++)
		n += texts[i].len;
	op->length = (uint32_t)((n + 7) & ~(size_t)7);
	sink_put(&check->plan, op, sizeof *op);
	if (op->n_names)
		sink_put(&check->plan, names, op->n_names * sizeof names[0]);
	for (int i = 0; i < n_texts; i++)
		sink_put(&check->plan, texts[i].at, texts[i].len);
	sink_put(&check->plan, zero, op->length - n);
	check->n_ops++;
}

/* Names to drop and to add: what the person has against what the row wants. */
static int name_changes(struct check *check, int64_t i, struct plan_name *ret, struct str *ret_texts)
{
	struct wanted wanted;
	bool has[PLAN_NAMES] = { false };
	int n = 0;

	wanted_of(check, i, &wanted);
	if (check->person[i] >= 0 && check->person[i] < check->n_known)
		for (int64_t k = check->first_name[check->person[i]]; k < check->first_name[check->person[i] + 1] && n < PLAN_NAMES; k++) {
			int w = 0;
			while (w < wanted.n && !str_equal(wanted.text[w], check->names[k].text))
				w++;
			if (w < wanted.n)
				has[w] = true;
			else
				ret[n++] = (struct plan_name){ .id = check->names[k].id, .is_drop = 1 };
		}
	for (int w = 0; w < wanted.n && n < 2 * PLAN_NAMES; w++)
		if (!has[w]) {
			ret_texts[n] = wanted.text[w];
			ret[n++] = (struct plan_name){ .id = check->next_name++, .length = (uint32_t)wanted.text[w].len, .kind = wanted.kind[w] };
		}
	return n;
}

static int64_t manager_number(const struct check *check, int64_t i)
{
	struct str manager = text_of(check->record[i], COLUMN_MANAGER);
	int64_t record = manager_record(check, i);

	if (!manager.len)
		return PLAN_NO;
	if (record >= 0 && check->person[record] >= 0)
		return check->person[record];
	uint32_t known = *slot(&check->by_code, manager, code_of_known, check);
	return known ? (int64_t)known - 1 : PLAN_NO;
}

static int64_t maybe(struct maybe_int m)
{
	return m.is ? m.i : PLAN_NO;
}

static bool is_same(const struct check *check, const struct known *known, const struct plan_op *op, const struct people_record *record)
{
	(void)check;
	return str_equal(known->row.name, text_of(record, COLUMN_NAME)) && str_equal(known->row.email, text_of(record, COLUMN_EMAIL))
	    && str_equal(known->row.phone, text_of(record, COLUMN_PHONE)) && str_equal(known->row.unit, text_of(record, COLUMN_UNIT))
	    && maybe(known->row.manager) == op->manager && maybe(known->row.employment_end) == op->employment_end
	    && known->row.roles == op->roles && known->row.is_protected == (op->is_protected != 0) && !known->row.left_at.is
	    && op->n_names == 0;
}

static void plan_row(struct check *check, int64_t i)
{
	const struct people_record *record = check->record[i];
	struct known *known = check->person[i] < check->n_known ? &check->known[check->person[i]] : NULL;
	struct plan_name names[2 * PLAN_NAMES];
	struct str texts[5 + 2 * PLAN_NAMES] = { check->code[i], text_of(record, COLUMN_NAME), text_of(record, COLUMN_EMAIL),
		text_of(record, COLUMN_PHONE), STR("") };
	struct plan_op op = { .kind = known ? PLAN_CHANGE : PLAN_ADD, .id = check->person[i], .manager = manager_number(check, i),
		.roles = record->roles, .employment_end = record->employment_end == NO_END ? PLAN_NO : record->employment_end,
		.is_protected = record->is_protected };

	for (int t = 5; t < (int)LENGTH(texts); t++)
		texts[t] = STR("");
	op.n_names = (uint16_t)name_changes(check, i, names, texts + 5);
	if (known && is_same(check, known, &op, record)) {
		check->counts.unchanged++;
		return;
	}
	/* When a channel was changed decides whether it can vouch for anybody: -2 says "as before". */
	op.email_changed_at = known && str_equal(known->row.email, texts[2]) ? -2 : check->rq->now.ms;
	op.phone_changed_at = known && str_equal(known->row.phone, texts[3]) ? -2 : check->rq->now.ms;
	op.unit = unit_number(check, text_of(record, COLUMN_UNIT));
	texts[4] = people_sort_key(check->arena, texts[1]);
	op.code = (uint32_t)texts[0].len;
	op.name = (uint32_t)texts[1].len;
	op.email = (uint32_t)texts[2].len;
	op.phone = (uint32_t)texts[3].len;
	op.sort = (uint32_t)texts[4].len;
	put_op(check, &op, names, texts, 5 + op.n_names);
	if (known)
		check->counts.changed++;
	else
		check->counts.added++;
}

static void plan_leavers(struct check *check)
{
	for (int64_t i = 0; i < check->n_known; i++) {
		const struct known *known = &check->known[i];
		if (known->record >= 0 || known->row.left_at.is || str_starts(known->row.code, STR("local:")))
			continue;
		put_op(check, &(struct plan_op){ .kind = PLAN_LEAVE, .id = i }, NULL, NULL, 0);
		check->counts.left++;
	}
}

static int by_row(const void *a, const void *b)
{
	const struct people_bad *x = a, *y = b;
	return (x->row > y->row) - (x->row < y->row);
}

static void count_bad(struct check *check)
{
	if (check->n_bad)
		qsort(check->bad, check->n_bad, sizeof check->bad[0], by_row);
	for (size_t i = 0; i < check->n_bad; i++)
		check->counts.bad += i == 0 || check->bad[i].row != check->bad[i - 1].row;
}

static enum err make(struct check *check, struct str records, struct str problems, bool skip_bad, struct people_plan *ret)
{
	TRY(walk_records(check, records));
	TRY(take_problems(check, problems));
	bool has_bad_head = check->n_bad > 0 && check->bad[0].row == 1;
	size_t n = (size_t)check->n_records + 1;
	check->code = NEW_MANY(check->arena, n, struct str);
	check->is_bad = NEW_MANY(check->arena, n, bool);
	check->person = NEW_MANY(check->arena, n, int64_t);
	for (int64_t i = 0; i < check->n_records; i++)
		check->is_bad[i] = check->record[i]->is_bad;
	TRY(read_store(check));
	find_doubles(check);
	number_persons(check);
	check_managers(check);
	TRY(check_names(check));
	if (check->n_records == 0 && !has_bad_head)
		add_bad(check, 1, STR(""), people_problem_text[PROBLEM_EMPTY_FILE]);
	count_bad(check);
	for (int64_t i = 0; i < check->n_records; i++)
		if (!check->is_bad[i] && check->person[i] < 0)
			check->person[i] = check->next_person++;
	for (int64_t i = 0; i < check->n_records; i++)
		if (!check->is_bad[i])
			plan_row(check, i);
	plan_leavers(check);
	*ret = (struct people_plan){ .counts = check->counts, .bad = check->bad, .n_bad = check->n_bad, .n_ops = check->n_ops,
		.is_refused = check->n_bad && (!skip_bad || has_bad_head || check->n_records == 0),
		.units = check->unit_names, .n_units = check->n_all_units, .first_unit = (int64_t)check->n_units };
	return OK;
}

static enum err close_plan(struct check *check, struct people_plan *ret)
{
	unsigned char hash[32];
	struct rq *rq = check->rq;

	sink_flush(&check->plan);
	crypto_hash_sha256_final(&check->plan.hash, hash);
	sodium_bin2hex(ret->hash, sizeof ret->hash, hash, sizeof hash);
	bool is_kept = !check->plan.has_failed && fsync(check->plan.fd) == 0;
	int why = errno;
	close(check->plan.fd);
	return is_kept ? OK : fail(rq, why == ENOSPC ? ERR_FULL : ERR_IO, _("The import could not be kept on disk: %s. Nothing was changed."),
	                           strerror(why));
}

enum err people_plan_make(struct rq *rq, int records_file, int problems_file, bool skip_bad, const char *home, struct people_plan *ret)
{
	struct check *check = NEW(rq->arena, struct check);
	struct str records, problems;
	char path[400];

	check->rq = rq;
	check->arena = rq->arena;
	TRY(channel_file_read(rq->arena, records_file, (size_t)2 << 30, &records));
	TRY(channel_file_read(rq->arena, problems_file, (size_t)1 << 30, &problems));
	snprintf(path, sizeof path, "%s/store/import.plan.new", home);
	check->plan.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (check->plan.fd < 0)
		return fail(rq, ERR_IO, _("The import could not be kept on disk: %s. Nothing was changed."), strerror(errno));
	crypto_hash_sha256_init(&check->plan.hash);
	enum err err = make(check, records, problems, skip_bad, ret);
	enum err kept = close_plan(check, ret);
	return err != OK ? err : kept;
}

void people_plan_drop(const char *home)
{
	char path[400];

	snprintf(path, sizeof path, "%s/store/import.plan.new", home);
	unlink(path);
}

int64_t people_plan_vanish(const struct people_plan *plan)
{
	int64_t before = plan->counts.left + plan->counts.changed + plan->counts.unchanged;
	return before ? (plan->counts.left * 100 + before - 1) / before : 0;
}
