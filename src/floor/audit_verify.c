/* Checking the log in the store: everything is computed again from the leaves' own bytes, in one pass, leaf by leaf.
 *
 * One snapshot is read, so that the log may grow meanwhile. Parts are read beside the leaves, in the same order; documents
 * at the end. What stays in memory does not grow with persons: a few bytes for each document, erasure, fault.
 *
 * SECURITY: nothing stored is believed: not the stored hash, not the frontier, not the count. Who owns the database can make all of it
 * fit together again; what he cannot make is the signatures and what the seal process remembers: its size and root are
 * compared too. It does not see what was rewritten after the last checkpoint by somebody who has today's keys (SECURITY.md). */
#define LONG_LIVED
#include <sodium.h>
#include "floor/audit_check.h"
#include "floor/audit.sql.h"
#include "floor/note.h"
#include "floor/seal_door.h"
#include <stdarg.h>

enum { MOST_FAULTS = 1000 };

void check_fault(struct check *check, const char *kind, int64_t leaf, const char *format, ...)
{
	struct faults *faults = &check->ret->faults;
	char text[400];
	va_list list;

	if (faults->n > MOST_FAULTS)
		return;
	if (faults->n == faults->room) {
		size_t room = MAX(faults->room * 2, (size_t)16);
		struct fault *more = NEW_MANY(check->rq->arena, room, struct fault);
		if (faults->n)
			memcpy(more, faults->at, faults->n * sizeof more[0]);
		faults->at = more;
		faults->room = room;
	}
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	/* Names and keys come from a store that somebody may have changed: nothing in them commands a terminal. */
	for (unsigned char *p = (unsigned char *)text; *p; p++)
		if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0 && (p[1] = '?')))
			*p = '?';
	if (faults->n == MOST_FAULTS)
		faults->at[faults->n++] = (struct fault){ "more", leaf, STR("and more, which are not listed") };
	else
		faults->at[faults->n++] = (struct fault){ kind, leaf, str_copy(check->rq->arena, str_of(text)) };
}

/* --- small growing lists --- */

static void add_gap(struct rq *rq, struct gaps *gaps, struct gap gap)
{
	if (gaps->n == gaps->room) {
		size_t room = MAX(gaps->room * 2, (size_t)64);
		struct gap *more = NEW_MANY(rq->arena, room, struct gap);
		if (gaps->n)
			memcpy(more, gaps->at, gaps->n * sizeof more[0]);
		gaps->at = more;
		gaps->room = room;
	}
	gaps->at[gaps->n++] = gap;
}

static void add_named(struct rq *rq, struct nameds *nameds, struct named named)
{
	if (nameds->n == nameds->room) {
		size_t room = MAX(nameds->room * 2, (size_t)64);
		struct named *more = NEW_MANY(rq->arena, room, struct named);
		if (nameds->n)
			memcpy(more, nameds->at, nameds->n * sizeof more[0]);
		nameds->at = more;
		nameds->room = room;
	}
	nameds->at[nameds->n++] = named;
}

static int compare_gaps(const void *one, const void *other)
{
	const struct gap *a = one, *b = other;
	return a->leaf != b->leaf ? (a->leaf > b->leaf) - (a->leaf < b->leaf) : (a->write > b->write) - (a->write < b->write);
}

static int compare_named(const void *one, const void *other)
{
	const struct named *a = one, *b = other;
	int by_hash = memcmp(a->hash.byte, b->hash.byte, 32);
	return by_hash ? by_hash : (a->leaf > b->leaf) - (a->leaf < b->leaf);
}

static bool hex_hash(struct str hex, struct hash *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < hex.len; i++)
		if (hex.at[i] >= 'A' && hex.at[i] <= 'F')
			return false;
	return hex.len == 64 && sodium_hex2bin(ret->byte, 32, hex.at, hex.len, NULL, &n, NULL) == 0 && n == 32;
}

/* --- parts --- */

static enum err next_part(struct check *check)
{
	enum err err = store_step(&check->parts, check->rq->trouble);

	check->has_part = err == OK;
	if (err == OK)
		check->part = (struct gap){ store_int(&check->parts, 0), store_int(&check->parts, 1) };
	return err == ERR_NONE ? OK : err;
}

/* Passes over parts before this place: no write of the log has them. */
static enum err parts_up_to(struct check *check, struct gap place)
{
	while (check->has_part && compare_gaps(&check->part, &place) < 0) {
		check_fault(check, "part", check->part.leaf, "personal data are kept for write %lld, which has none", (long long)check->part.write);
		TRY(next_part(check));
	}
	return OK;
}

/* The personal columns behind a hash; STR_NONE when they are erased or wrong. */
static enum err check_part(struct check *check, struct gap place, struct hash said, struct str *ret)
{
	*ret = STR_NONE;
	TRY(parts_up_to(check, place));
	if (!check->has_part || compare_gaps(&check->part, &place) != 0) {
		check_fault(check, "part", place.leaf, "the personal data of write %lld are gone, and no leaf lists their erasure", (long long)place.write);
		return OK;
	}
	struct str salt = store_text(&check->parts, 2), columns = store_text(&check->parts, 3);
	if (!salt.at && !columns.at) {
		add_gap(check->rq, &check->gaps, place);
		return next_part(check);
	}
	struct hash hash = hash_of(salt, columns);
	if (memcmp(hash.byte, said.byte, 32) != 0)
		check_fault(check, "part", place.leaf, "the personal data of write %lld are not those that the leaf holds the hash of", (long long)place.write);
	else
		*ret = str_copy(check->sub.arena, columns);
	return next_part(check);
}

static void check_gaps(struct check *check)
{
	struct gaps *gaps = &check->gaps, *erased = &check->erased;
	size_t g = 0, e = 0;

	if (gaps->n)
		qsort(gaps->at, gaps->n, sizeof gaps->at[0], compare_gaps);
	if (erased->n)
		qsort(erased->at, erased->n, sizeof erased->at[0], compare_gaps);
	while (g < gaps->n || e < erased->n) {
		int order = g == gaps->n ? 1 : e == erased->n ? -1 : compare_gaps(&gaps->at[g], &erased->at[e]);
		if (order < 0)
			check_fault(check, "part", gaps->at[g].leaf, "the personal data of write %lld are erased, and no leaf lists it", (long long)gaps->at[g].write);
		if (order > 0)
			check_fault(check, "part", erased->at[e].leaf, "the personal data of write %lld are said to be erased, and are there",
			            (long long)erased->at[e].write);
		struct gap done = order > 0 ? erased->at[e] : gaps->at[g];
		while (g < gaps->n && compare_gaps(&gaps->at[g], &done) == 0)
			g++;
		while (e < erased->n && compare_gaps(&erased->at[e], &done) == 0)
			e++;
	}
}

/* --- writes --- */

static bool is_erasure(struct check *check, const struct write *write)
{
	struct str rest = str_from(write->key, 1), one;
	struct value leaf, nth;

	if (!write->is_delete || !str_equal(write->table, STR("audit_part")) || write->key.len < 2)
		return false;
	rest.len--;
	if (leaf_element(&rest, &one) != OK || leaf_value(check->sub.arena, one, VALUE_INT, &leaf) != OK
	    || leaf_element(&rest, &one) != OK || leaf_value(check->sub.arena, one, VALUE_INT, &nth) != OK || rest.len)
		return false;
	add_gap(check->rq, &check->erased, (struct gap){ leaf.i, nth.i });
	return true;
}

static enum err check_write(struct check *check, struct gap place, const struct write *write)
{
	struct str rest = write->columns, name, value, personal = STR_NONE;
	struct hash hash;
	enum err err;

	if (is_erasure(check, write))
		return OK;
	while ((err = leaf_column(&rest, &name, &value)) == OK) {
		if (!str_equal(name, STR("personal")))
			continue;
		if (value.len != 66 || !hex_hash((struct str){ value.at + 1, 64 }, &hash))
			return ERR_INVALID;
		TRY(check_part(check, place, hash, &personal));
	}
	if (err != ERR_NONE)
		return err;
	if (!check->replay)
		return OK;
	err = replay_write(check->replay, check->sub.arena, place.leaf, write, personal);
	if (err == ERR_NONE)
		check_fault(check, "replay", place.leaf, "there is no table " STR_FMT, STR_ARG(str_first(write->table, 60)));
	if (err == ERR_INVALID)
		check_fault(check, "replay", place.leaf, "write %lld does not fit table " STR_FMT, (long long)place.write, STR_ARG(str_first(write->table, 60)));
	return err == ERR_NONE || err == ERR_INVALID ? OK : err;
}

static enum err check_writes(struct check *check, int64_t id, const struct leaf *leaf)
{
	struct str rest = leaf->writes, one;
	struct write write;
	struct gap place = { id, 0 };
	struct hash hash;
	enum err err;

	for (; (err = leaf_write(&rest, &write)) == OK; place.write++) {
		err = check_write(check, place, &write);
		if (err != OK)
			break;
	}
	if (err == ERR_INVALID)
		check_fault(check, "leaf", id, "write %lld cannot be read", (long long)place.write);
	else if (err != ERR_NONE)
		return err;
	rest = leaf->documents;
	while ((err = leaf_element(&rest, &one)) == OK) {
		if (one.len != 66 || !hex_hash((struct str){ one.at + 1, 64 }, &hash)) {
			err = ERR_INVALID;
			break;
		}
		add_named(check->rq, &check->named, (struct named){ hash, id });
	}
	if (err == ERR_INVALID)
		check_fault(check, "leaf", id, "its documents cannot be read");
	return err == ERR_NONE || err == ERR_INVALID ? OK : err;
}

/* --- seals --- */

static void check_signatures(struct check *check, int64_t id, const struct note *note)
{
	static const char *const text[] = { "is missing", "", "is wrong" };
	struct str name = str_print(check->sub.arena, STR_FMT "/epoch", STR_ARG(check->origin));
	enum signature identity, epoch;

	if (!check->has_keys)
		return;
	if (!str_equal(note->origin, check->origin))
		check_fault(check, "checkpoint", id, "the checkpoint is of another log");
	identity = note_check(note, check->origin, check->identity);
	epoch = note_check(note, name, check->epoch_key);
	if (identity != SIGNATURE_GOOD)
		check_fault(check, "checkpoint", id, "the checkpoint's signature by the log's own key %s", text[identity]);
	if (epoch != SIGNATURE_GOOD)
		check_fault(check, "checkpoint", id, "the checkpoint's signature by the key of epoch %lld %s", (long long)check->epoch, text[epoch]);
}

static void check_root(struct check *check, int64_t id, const unsigned char root[32], const char *whose)
{
	struct hash ours = tree_root(&check->tree);

	if (memcmp(ours.byte, root, 32) == 0 || check->has_wrong_root)
		return;
	/* One wrong leaf makes all later roots wrong: it is said once. */
	check->has_wrong_root = true;
	check_fault(check, "checkpoint", id, "the leaves up to here do not give the root that %s holds", whose);
}

static enum err check_checkpoint(struct check *check, int64_t id)
{
	struct audit_checkpoint_get_row row;
	struct note note;
	enum err err = audit_checkpoint_get(&check->sub, id + 1, &row);

	if (check->unsigned_leaf >= 0)
		check_fault(check, "checkpoint", check->unsigned_leaf, "the checkpoint of this seal was never signed");
	check->unsigned_leaf = -1;
	if (err == ERR_NONE)
		check_fault(check, "checkpoint", id, "this seal has no checkpoint");
	if (err != OK)
		return err == ERR_NONE ? OK : err;
	if (row.note.len == 0) {
		check->unsigned_leaf = id;
	} else if (note_parse(row.note, &note) != OK) {
		check_fault(check, "checkpoint", id, "the checkpoint is no signed note");
	} else if (note.size != id + 1) {
		check_fault(check, "checkpoint", id, "the checkpoint is one of %lld leaves", (long long)note.size);
	} else {
		check_root(check, id, note.root, "the checkpoint");
		check_signatures(check, id, &note);
	}
	return OK;
}

static enum err check_seal(struct check *check, int64_t id, const struct leaf *leaf)
{
	unsigned char key[32];
	size_t n = 0;

	if (!leaf_is_seal(leaf)) {
		if (leaf->next.at)
			check_fault(check, "seal", id, "a leaf that is no seal names a key");
		return OK;
	}
	check->n_seals++;
	TRY(check_checkpoint(check, id));
	check->epoch++;
	if (!leaf->next.at || sodium_base642bin(key, 32, leaf->next.at, leaf->next.len, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 || n != 32)
		check_fault(check, "seal", id, "the seal names no next key");
	else
		memcpy(check->epoch_key, key, 32);
	return OK;
}

/* --- schemas --- */

static void check_schema_leaf(struct check *check, int64_t id, const struct leaf *leaf)
{
	struct instant at;

	if (!str_equal(leaf->action, STR("schema.apply")) || instant_parse(leaf->at, &at) != OK)
		return;
	for (size_t i = 0; i < check->n_schemas; i++) {
		struct audit_schema_known_row *row = &check->schemas[i];
		if (!row->component.at || row->at.ms != at.ms)
			continue;
		if (!str_equal(leaf->subject, str_print(check->sub.arena, "schema." STR_FMT ".%lld", STR_ARG(row->component), (long long)row->number)))
			continue;
		row->component = STR_NONE;
		return;
	}
	check_fault(check, "schema", id, "schema_applied does not say what this leaf does");
}

static void check_schemas(struct check *check)
{
	for (size_t i = 0; i < check->n_schemas; i++)
		if (check->schemas[i].component.at)
			check_fault(check, "schema", -1, "schema_applied says " STR_FMT " %lld, and no leaf does", STR_ARG(str_first(check->schemas[i].component, 60)),
			            (long long)check->schemas[i].number);
}

/* --- leaves --- */

static enum err check_leaf(void *of, const struct audit_leaves_row *row)
{
	struct check *check = of;
	struct leaf leaf;

	arena_empty(check->sub.arena);
	if (row->id != check->tree.size) {
		check_fault(check, "index", check->tree.size, "leaf %lld is missing (%lld comes next)", (long long)check->tree.size, (long long)row->id);
		/* The tree cannot go on: its size is made to fit again, so that what follows is looked at on its own. */
		check->tree.size = MAX(row->id, (int64_t)0);
		check->has_wrong_root = true;
	}
	struct hash hash = tree_leaf(row->leaf);
	tree_add(&check->tree, hash);
	if (row->hash.len != 32 || memcmp(hash.byte, row->hash.at, 32) != 0)
		check_fault(check, "leaf", row->id, "the leaf's bytes do not give the hash that stands beside it");
	if (leaf_parse(row->leaf, &leaf) != OK) {
		check_fault(check, "leaf", row->id, "it cannot be read as a leaf");
		return OK;
	}
	if (leaf.index != row->id)
		check_fault(check, "index", row->id, "it says that it is leaf %lld", (long long)leaf.index);
	if (leaf.epoch != check->epoch) {
		check_fault(check, "epoch", row->id, "it is of epoch %lld where epoch %lld is open", (long long)leaf.epoch, (long long)check->epoch);
		check->epoch = leaf.epoch;
	}
	TRY(check_writes(check, row->id, &leaf));
	check_schema_leaf(check, row->id, &leaf);
	TRY(check_seal(check, row->id, &leaf));
	if (check->has_keys && check->tree.size == check->sealed_size)
		check_root(check, row->id, check->sealed_root, "the seal");
	return OK;
}

/* --- at the end --- */

static enum err look_at_checkpoint(void *of, const struct audit_checkpoints_row *row)
{
	struct check *check = of;
	struct audit_leaf_get_row found;
	struct leaf leaf;

	arena_empty(check->sub.arena);
	enum err err = audit_leaf_get(&check->sub, row->id - 1, &found);
	if (err != OK && err != ERR_NONE)
		return err;
	if (err == ERR_NONE || leaf_parse(found.leaf, &leaf) != OK || !leaf_is_seal(&leaf))
		check_fault(check, "checkpoint", row->id - 1, "a checkpoint of %lld leaves follows no seal", (long long)row->id);
	return OK;
}

static enum err check_where_it_stands(struct check *check)
{
	struct audit_frontier_get_row frontier;
	struct audit_checkpoint_count_row checkpoints;
	enum err err = audit_frontier_get(&check->sub, &frontier);
	size_t n = 32 * (size_t)tree_frontier_count(check->tree.size);

	if (err == ERR_NONE || (err == OK && (frontier.size != check->tree.size || frontier.epoch != check->epoch || frontier.hashes.len != n
	                                      || (n && memcmp(frontier.hashes.at, check->tree.frontier, n) != 0))))
		check_fault(check, "frontier", -1, "the store's note of where the tree stands is not where it stands");
	else if (err != OK)
		return err;
	if (check->has_keys && check->sealed_size > check->tree.size)
		check_fault(check, "checkpoint", check->tree.size - 1, "the seal has signed %lld leaves, and the log has %lld",
		            (long long)check->sealed_size, (long long)check->tree.size);
	TRY(audit_checkpoint_count(&check->sub, &checkpoints));
	if (checkpoints.n != check->n_seals)
		TRY(audit_checkpoints(check->rq, look_at_checkpoint, check));
	return parts_up_to(check, (struct gap){ INT64_MAX, INT64_MAX });
}

static enum err check_document(void *of, const struct audit_documents_row *row)
{
	struct check *check = of;
	struct named key, *hit = NULL;
	struct hash hash = hash_of(row->body, STR_NONE);
	struct nameds *named = &check->named;

	bool is_right = hex_hash(row->hash, &key.hash) && memcmp(hash.byte, key.hash.byte, 32) == 0;
	size_t low = 0, high = named->n;
	while (is_right && low < high) {
		size_t middle = (low + high) / 2;
		if (memcmp(named->at[middle].hash.byte, hash.byte, 32) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (is_right && low < named->n && memcmp(named->at[low].hash.byte, hash.byte, 32) == 0)
		hit = &named->at[low];
	if (!is_right)
		check_fault(check, "document", -1, "document " STR_FMT " is not what its name says", STR_ARG(str_first(row->hash, 64)));
	else if (!hit)
		check_fault(check, "document", -1, "document " STR_FMT " is named by no leaf", STR_ARG(row->hash));
	/* Found ones are marked: what stays unmarked is missing. */
	for (; hit && hit < named->at + named->n && memcmp(hit->hash.byte, hash.byte, 32) == 0; hit++)
		hit->leaf = -1 - hit->leaf;
	return OK;
}

static enum err check_documents(struct check *check)
{
	struct nameds *named = &check->named;
	struct out hex = out_new(check->rq->arena);

	if (named->n)
		qsort(named->at, named->n, sizeof named->at[0], compare_named);
	TRY(audit_documents(check->rq, check_document, check));
	for (size_t i = 0; i < named->n; i++) {
		if (named->at[i].leaf < 0)
			continue;
		hex.len = 0;
		out_hex(&hex, named->at[i].hash.byte, 32);
		check_fault(check, "document", named->at[i].leaf, "document " STR_FMT " is missing or changed", STR_ARG(out_str(&hex)));
	}
	return OK;
}

/* --- all --- */

static enum err ask_seal(struct rq *rq, struct seal_door *door, struct known_seal *ret)
{
	struct str lines, name;

	TRY(seal_size(door, rq, &ret->size, ret->root));
	TRY(seal_keys(door, rq, &lines));
	if (note_key_parse(str_cut(&lines, '\n'), &ret->origin, ret->identity) != OK
	    || note_key_parse(str_cut(&lines, '\n'), &name, ret->first) != OK)
		return fail(rq, ERR_CORRUPT, _("the seal's keys cannot be read"));
	return OK;
}

static void know(struct check *check, const struct known_seal *known)
{
	check->has_keys = true;
	check->origin = known->origin;
	check->sealed_size = known->size;
	memcpy(check->identity, known->identity, 32);
	memcpy(check->epoch_key, known->first, 32);
	memcpy(check->sealed_root, known->root, 32);
}

static enum err read_all(struct check *check)
{
	/* The text is whole and constant; it is not in audit.sql because two readings must advance side by side. */
	TRY(audit_schema_known(check->rq, &check->schemas, &check->n_schemas));
	TRY(store_start_text(check->rq, "SELECT leaf, write, salt, columns FROM audit_part ORDER BY leaf, write", NULL, 0, &check->parts));
	enum err err = next_part(check);
	if (err == OK)
		err = audit_leaves(check->rq, INT64_MIN, INT64_MAX, check_leaf, check);
	if (err == OK)
		err = check_where_it_stands(check);
	store_finish(&check->parts);
	if (err != OK)
		return err;
	check_gaps(check);
	check_schemas(check);
	TRY(check_documents(check));
	return check->replay ? replay_compare(check->replay, check) : OK;
}

enum err audit_verify_replaying(struct rq *rq, const struct known_seal *known, struct replay *replay, struct verdict_of_log *ret)
{
	struct verdict_of_log verdict = { 0 };
	struct check check = { .rq = rq, .sub = *rq, .ret = &verdict, .unsigned_leaf = -1, .replay = replay };
	bool is_own = !rq->audit;                /* in a job the transaction is the job's */

	if (known)
		know(&check, known);
	check.sub.arena = arena_new((size_t)1 << 30);
	enum err err = !is_own ? OK : store_run_text(rq, store_is_postgres(rq->store)
		? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN", NULL, 0);
	if (err == OK) {
		err = read_all(&check);
		if (is_own)
			store_rollback(rq->store);
	}
	arena_end(check.sub.arena);
	if (err != OK)
		return err;
	struct hash root = tree_root(&check.tree);
	verdict.size = check.tree.size;
	memcpy(verdict.root, root.byte, 32);
	*ret = verdict;
	return OK;
}

enum err audit_verify_knowing(struct rq *rq, const struct known_seal *known, bool replay, struct verdict_of_log *ret)
{
	struct replay *laid = NULL;

	if (replay)
		TRY(replay_new(rq, &laid));
	enum err err = audit_verify_replaying(rq, known, laid, ret);
	replay_end(laid);
	return err;
}

enum err audit_verify(struct rq *rq, struct seal_door *door, bool replay, struct verdict_of_log *ret)
{
	struct known_seal known;

	/* Seal is asked before the snapshot is taken: what it has signed by then is committed. */
	if (door)
		TRY(ask_seal(rq, door, &known));
	return audit_verify_knowing(rq, door ? &known : NULL, replay, ret);
}
