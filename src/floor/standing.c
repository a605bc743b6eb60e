/* The standing: a view (count, chunk pointers, common records) behind one atomic pointer, and an index from names to persons.
 *
 * A refresh copies the view's pointers and the touched chunks, fills the copies, swaps the view, waits until every reader that
 * entered before has left, and frees what was replaced. Readers only publish that they are in: two stores and two loads.
 *
 * The index maps SipHash-2-4 of a canonical name, keyed by chance at start, to a person: 12 bytes a name, open addressing.
 * Each person's slice keeps the sum of its names' hashes, so that a refresh sees whether names have changed at all.
 *
 * SECURITY: two names with the same 64-bit keyed hash would be taken for one. With 3,000,000 names the chance that a
 * foreign name hits any of them is 2e-13 a try, the key is never seen, and the upstream has already checked the credentials
 * of whoever comes under that name. */
#define LONG_LIVED
#include "floor/standing.h"
#include "floor/standing.sql.h"
#include "base/world.h"
#include <sched.h>
#include <sodium.h>
#include <stdatomic.h>

struct facts { uint32_t names; uint8_t class, is_left; uint16_t body; uint32_t unit, ends; };   /* ends: seconds since 2020, rounded down */

struct view {
	int64_t n;
	size_t  n_chunks;
	char   *site[STANDING_PARTS];
	char   *chunks[];
};

struct names {
	size_t             room, used;               /* room is a power of two; used counts what was ever put in */
	_Atomic uint64_t  *hash;                     /* 0: free */
	_Atomic uint32_t  *person;                   /* GONE: the name is nobody's any more */
};
enum { GONE = UINT32_MAX };
enum { NEAR = 16 };             /* who stand closer are read in one go: sixteen persons more cost less than one more question of each point */

struct standing {
	const struct standing_part *parts;
	size_t                      n_parts, stride, offset[STANDING_PARTS];
	_Atomic(struct view *)      view;
	_Atomic(struct names *)     names;
	unsigned char               key[crypto_shorthash_KEYBYTES];
	struct instant              loaded_at;
	_Atomic uint64_t            epoch;
	/* By reader: the epoch it entered in, 0 when outside. Each on a cache line of its own. */
	struct { _Alignas(64) _Atomic uint64_t inside; _Atomic bool is_taken; } reader[STANDING_READERS];
};

/* --- readers --- */

int standing_reader(struct standing *standing)
{
	for (int i = 0; i < STANDING_READERS; i++) {
		bool is_taken = false;
		if (atomic_compare_exchange_strong(&standing->reader[i].is_taken, &is_taken, true))
			return i;
	}
	return -1;
}

void standing_reader_gone(struct standing *standing, int reader)
{
	atomic_store(&standing->reader[reader].is_taken, false);
}

void standing_enter(const struct standing *of, int reader)
{
	struct standing *standing = (struct standing *)(uintptr_t)of;
	atomic_store(&standing->reader[reader].inside, atomic_load(&standing->epoch));
}

void standing_leave(const struct standing *of, int reader)
{
	struct standing *standing = (struct standing *)(uintptr_t)of;
	atomic_store_explicit(&standing->reader[reader].inside, 0, memory_order_release);
}

/* Everybody who is in has entered after this began. */
static void wait_for_readers(struct standing *standing)
{
	uint64_t now = atomic_fetch_add(&standing->epoch, 1) + 1;

	for (int i = 0; i < STANDING_READERS; i++)
		for (;;) {
			uint64_t inside = atomic_load(&standing->reader[i].inside);
			if (inside == 0 || inside >= now)
				break;
			sched_yield();
		}
}

int64_t standing_count(const struct standing *standing)
{
	return atomic_load(&standing->view)->n;
}

static char *record_of(const struct standing *standing, const struct view *view, int64_t person)
{
	return view->chunks[person / STANDING_CHUNK] + (size_t)(person % STANDING_CHUNK) * standing->stride;
}

const void *standing_slice(const struct standing *standing, int64_t person, size_t part)
{
	const struct view *view = atomic_load_explicit(&standing->view, memory_order_acquire);

	if (person < 0 || person >= view->n)
		return NULL;
	return record_of(standing, view, person) + standing->offset[part];
}

const void *standing_site(const struct standing *standing, size_t part)
{
	return atomic_load_explicit(&standing->view, memory_order_acquire)->site[part];
}

static const struct facts *facts_of(const struct standing *standing, int64_t person)
{
	const struct view *view = atomic_load_explicit(&standing->view, memory_order_acquire);
	return person < 0 || person >= view->n ? NULL : (const struct facts *)(const void *)record_of(standing, view, person);
}

int standing_class(const struct standing *standing, int64_t person)
{
	const struct facts *facts = facts_of(standing, person);
	return facts ? facts->class : 0;
}

static const int64_t epoch_2020 = 1577836800;
static uint32_t second_of(struct maybe_int at)
{
	return !at.is ? UINT32_MAX : (uint32_t)MAX(MIN(at.i / 1000 - epoch_2020, (int64_t)UINT32_MAX - 1), (int64_t)0);
}

struct standing_place standing_place(const struct standing *standing, int64_t person)
{
	const struct facts *facts = facts_of(standing, person);

	if (!facts)
		return (struct standing_place){ 0 };
	return (struct standing_place){ facts->unit, facts->body,
		facts->ends == UINT32_MAX ? INSTANT_NEVER : (struct instant){ (epoch_2020 + facts->ends) * 1000 } };
}

struct instant standing_loaded_at(const struct standing *standing)
{
	return standing->loaded_at;
}

/* --- names --- */

static uint64_t hash_of(const struct standing *standing, struct str name)
{
	uint64_t hash;

	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)(name.at ? name.at : ""), name.len, standing->key);
	return hash ? hash : 1;
}

static struct names *names_new(size_t room)
{
	struct names *names = calloc(1, sizeof *names);

	if (!names)
		return NULL;
	*names = (struct names){ .room = room, .hash = calloc(room, sizeof *names->hash),
	                         .person = calloc(room, sizeof *names->person) };
	if (names->hash && names->person)
		return names;
	free(names->hash);
	free(names->person);
	free(names);
	return NULL;
}

static void names_end(struct names *names)
{
	if (!names)
		return;
	free(names->hash);
	free(names->person);
	free(names);
}

/* Where the hash stands, or the free place where it would. */
static size_t names_at(const struct names *names, uint64_t hash)
{
	size_t at = hash & (names->room - 1);

	for (;;) {
		uint64_t found = atomic_load_explicit(&names->hash[at], memory_order_acquire);
		if (found == hash || found == 0)
			return at;
		at = (at + 1) & (names->room - 1);
	}
}

static void names_put(struct names *names, uint64_t hash, uint32_t person)
{
	size_t at = names_at(names, hash);

	atomic_store_explicit(&names->person[at], person, memory_order_relaxed);
	if (atomic_load_explicit(&names->hash[at], memory_order_relaxed) == 0) {
		atomic_store_explicit(&names->hash[at], hash, memory_order_release);
		names->used++;
	}
}

/* Makes room for n more names below three quarters full; drops names that are nobody's on the way. */
static enum err names_reserve(struct standing *standing, size_t n)
{
	struct names *old = atomic_load(&standing->names);

	if (old && (old->used + n) * 4 <= old->room * 3)
		return OK;
	size_t room = 1024;
	while (room * 3 < ((old ? old->used : 0) + n) * 4 + room / 2)
		room *= 2;
	struct names *new = names_new(room);
	if (!new)
		return ERR_FULL;
	for (size_t i = 0; old && i < old->room; i++)
		if (old->hash[i] && old->person[i] != GONE)
			names_put(new, old->hash[i], old->person[i]);
	atomic_store(&standing->names, new);
	wait_for_readers(standing);
	names_end(old);
	return OK;
}

int64_t standing_find(const struct standing *standing, struct str canonical)
{
	const struct names *names = atomic_load(&standing->names);
	size_t at = names_at(names, hash_of(standing, canonical));

	if (atomic_load_explicit(&names->hash[at], memory_order_acquire) == 0)
		return -1;
	uint32_t person = atomic_load_explicit(&names->person[at], memory_order_relaxed);
	return person == GONE ? -1 : (int64_t)person;
}

/* --- filling --- */

struct hashes { uint64_t *at; size_t n, room; };
/* present: where the hashes of the names that were met are kept; NULL when nobody asks. */
struct filling { struct standing *standing; struct rq *rq; struct slices slices; struct hashes *present; };

static void keep_hash(struct rq *rq, struct hashes *hashes, uint64_t hash)
{
	if (hashes->n == hashes->room) {
		size_t room = MAX(hashes->room * 2, (size_t)256);
		uint64_t *more = NEW_MANY(rq->arena, room, uint64_t);
		if (hashes->n)
			memcpy(more, hashes->at, hashes->n * sizeof more[0]);
		hashes->at = more;
		hashes->room = room;
	}
	hashes->at[hashes->n++] = hash;
}

static enum err fill_facts(void *of, const struct standing_facts_row *row)
{
	struct filling *filling = of;
	struct facts *facts = slice_of(filling->slices, row->id);

	facts->class = (uint8_t)row->class;
	facts->body = (uint16_t)row->body;
	facts->is_left = row->left_at.is;
	facts->unit = (uint32_t)row->unit;
	facts->ends = MIN(second_of(row->left_at), second_of(row->employment_end));
	return OK;
}

static enum err add_name(void *of, const struct standing_names_row *row)
{
	struct filling *filling = of;
	struct facts *facts = slice_of(filling->slices, row->person);
	uint64_t hash = hash_of(filling->standing, row->name);

	facts->names += (uint32_t)hash;
	if (filling->present)
		keep_hash(filling->rq, filling->present, hash);
	TRY(names_reserve(filling->standing, 1));
	names_put(atomic_load(&filling->standing->names), hash, (uint32_t)row->person);
	return OK;
}

/* Fills the zeroed records of a range: floor's facts and names, then each part's slices. */
static enum err fill(struct standing *standing, struct rq *rq, struct slices records, struct hashes *present)
{
	struct filling filling = { .standing = standing, .rq = rq, .slices = records, .present = present };

	TRY(standing_facts(rq, records.first, records.last, fill_facts, &filling));
	TRY(standing_names(rq, records.first, records.last, add_name, &filling));
	for (size_t i = 0; i < standing->n_parts; i++) {
		struct slices slices = records;
		slices.at += standing->offset[i];
		if (standing->parts[i].stand)
			TRY(standing->parts[i].stand(rq, slices));
	}
	return OK;
}

static enum err fill_sites(struct standing *standing, struct rq *rq, struct view *view)
{
	for (size_t i = 0; i < standing->n_parts; i++) {
		if (!standing->parts[i].site_size)
			continue;
		view->site[i] = calloc(1, standing->parts[i].site_size);
		if (!view->site[i])
			return fail(rq, ERR_FULL, "no memory for what the gate must know");
		if (standing->parts[i].site)
			TRY(standing->parts[i].site(rq, view->site[i]));
	}
	return OK;
}

static struct view *view_new(size_t n_chunks)
{
	struct view *view = calloc(1, sizeof *view + n_chunks * sizeof view->chunks[0]);
	if (view)
		view->n_chunks = n_chunks;
	return view;
}

/* Some 60 KB. Without them there is no gate: better no process, which keeper starts again, than a wrong one. */
static char *chunk_new(const struct standing *standing)
{
	char *chunk = calloc(STANDING_CHUNK, standing->stride);
	if (!chunk)
		abort();
	return chunk;
}

/* --- loading --- */

static enum err lay_out(struct standing *standing, struct rq *rq)
{
	size_t at = sizeof (struct facts);

	for (size_t i = 0; i < standing->n_parts; i++) {
		standing->offset[i] = at;
		at += (standing->parts[i].slice_size + 7) & ~(size_t)7;
	}
	if (at > STANDING_MOST)
		return fail(rq, ERR_FULL, "the points' slices take %zu bytes a person; %d is the most", at, STANDING_MOST);
	standing->stride = at;
	return OK;
}

/* Everyone is filled into one block, so that each point asks the store once, and then cut into chunks. */
static enum err load(struct standing *standing, struct rq *rq)
{
	struct standing_persons_row persons;

	TRY(standing_persons(rq, &persons));
	size_t n_chunks = ((size_t)persons.n + STANDING_CHUNK - 1) / STANDING_CHUNK;
	struct view *view = view_new(n_chunks);
	char *all = calloc((size_t)persons.n + 1, standing->stride);
	if (!view || !all || names_reserve(standing, (size_t)persons.n * 2) != OK) {
		free(view);
		free(all);
		return fail(rq, ERR_FULL, "no memory for what the gate must know of %lld persons", (long long)persons.n);
	}
	atomic_store(&standing->view, view);
	enum err err = fill(standing, rq, (struct slices){ 0, persons.n, all, standing->stride }, NULL);
	if (err == OK)
		err = fill_sites(standing, rq, view);
	for (size_t i = 0; i < n_chunks; i++) {
		view->chunks[i] = chunk_new(standing);
		size_t n = MIN((size_t)STANDING_CHUNK, (size_t)persons.n - i * STANDING_CHUNK);
		memcpy(view->chunks[i], all + i * STANDING_CHUNK * standing->stride, n * standing->stride);
	}
	view->n = persons.n;
	free(all);
	return err;
}

enum err standing_load(struct rq *rq, const struct standing_part *parts, size_t n, struct standing **ret)
{
	struct standing *standing = aligned_alloc(64, (sizeof *standing + 63) & ~(size_t)63);

	if (!standing || n > STANDING_PARTS)
		return fail(rq, ERR_FULL, "no room for what the gate must know");
	memset(standing, 0, sizeof *standing);
	standing->parts = parts;
	standing->n_parts = n;
	standing->epoch = 1;
	standing->loaded_at = rq->now;
	world.random(standing->key, sizeof standing->key);
	enum err err = lay_out(standing, rq);
	if (err == OK)
		err = load(standing, rq);
	if (err != OK) {
		standing_end(standing);
		return err;
	}
	*ret = standing;
	return OK;
}

static void view_end(struct standing *standing, struct view *view)
{
	for (size_t i = 0; i < view->n_chunks; i++)
		free(view->chunks[i]);
	for (size_t i = 0; i < standing->n_parts; i++)
		free(view->site[i]);
	free(view);
}

void standing_end(struct standing *standing)
{
	if (!standing)
		return;
	if (standing->view)
		view_end(standing, standing->view);
	names_end(standing->names);
	free(standing);
}

size_t standing_bytes(const struct standing *standing)
{
	const struct view *view = atomic_load(&standing->view);
	return view->n_chunks * STANDING_CHUNK * standing->stride + atomic_load(&standing->names)->room * 12;
}

/* --- refreshing --- */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* One run of near neighbours is read again in one go, into fresh records, and then laid into the new view. */
static enum err refresh_run(struct standing *standing, struct rq *rq, struct view *old, struct view *new, int64_t first, int64_t last,
                            struct hashes *present)
{
	size_t bytes = (size_t)(last - first) * standing->stride;
	char *records = calloc(1, bytes + 1);

	if (!records)
		return ERR_FULL;
	enum err err = fill(standing, rq, (struct slices){ first, last, records, standing->stride }, present);
	for (int64_t person = first; err == OK && person < last; person++) {
		size_t chunk = (size_t)person / STANDING_CHUNK;
		if (chunk < old->n_chunks && new->chunks[chunk] == old->chunks[chunk]) {
			new->chunks[chunk] = chunk_new(standing);
			memcpy(new->chunks[chunk], old->chunks[chunk], STANDING_CHUNK * standing->stride);
		}
		memcpy(record_of(standing, new, person), records + (size_t)(person - first) * standing->stride, standing->stride);
	}
	free(records);
	return err;
}

static int by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* Names that persons had and have no more become nobody's. `present` are all that the touched persons have now; they stand in the table already, so
 * that nobody is unknown for a moment. The table is walked once: a bit for each person whose names have changed. */
static void forget_names(struct standing *standing, struct rq *rq, const struct view *old, const struct view *new,
                         const int64_t *persons, size_t n, struct hashes *present)
{
	struct names *names = atomic_load(&standing->names);
	uint64_t *changed = NULL;

	for (size_t i = 0; i < n; i++) {
		if (persons[i] >= old->n)
			continue;
		const struct facts *was = (const void *)record_of(standing, old, persons[i]);
		const struct facts *is = (const void *)record_of(standing, new, persons[i]);
		if (was->names == is->names)
			continue;
		if (!changed)
			changed = NEW_MANY(rq->arena, (size_t)old->n / 64 + 1, uint64_t);
		changed[persons[i] / 64] |= (uint64_t)1 << persons[i] % 64;
	}
	if (!changed)
		return;
	if (present->n)
		qsort(present->at, present->n, sizeof present->at[0], by_hash);
	for (size_t at = 0; at < names->room; at++) {
		uint32_t person = atomic_load_explicit(&names->person[at], memory_order_relaxed);
		uint64_t hash = atomic_load_explicit(&names->hash[at], memory_order_relaxed);
		bool is_theirs = hash && person != GONE && (int64_t)person < old->n && changed[person / 64] >> person % 64 & 1;
		if (is_theirs && !(present->n && bsearch(&hash, present->at, present->n, sizeof hash, by_hash)))
			atomic_store_explicit(&names->person[at], GONE, memory_order_relaxed);
	}
}

static enum err refresh_persons(struct standing *standing, struct rq *rq, struct view *old, struct view *new,
                                const int64_t *persons, size_t n)
{
	struct hashes present = { 0 };

	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && persons[end] <= persons[end - 1] + NEAR; end++)
			;
		TRY(refresh_run(standing, rq, old, new, persons[i], persons[end - 1] + 1, &present));
	}
	forget_names(standing, rq, old, new, persons, n, &present);
	return OK;
}

static void free_replaced(struct standing *standing, struct view *gone, const struct view *stays)
{
	for (size_t i = 0; i < gone->n_chunks; i++)
		if (i >= stays->n_chunks || gone->chunks[i] != stays->chunks[i])
			free(gone->chunks[i]);
	for (size_t i = 0; i < standing->n_parts; i++)
		if (gone->site[i] != stays->site[i])
			free(gone->site[i]);
	free(gone);
}

enum err standing_refresh(struct standing *standing, struct rq *rq, const int64_t *touched, size_t n, bool is_site)
{
	struct view *old = atomic_load(&standing->view);
	int64_t *persons = NEW_MANY(rq->arena, n + 1, int64_t), most = old->n - 1;

	for (size_t i = 0; i < n; i++)
		most = MAX(most, persons[i] = touched[i]);
	if (n)
		qsort(persons, n, sizeof persons[0], by_number);
	struct view *new = view_new(((size_t)most + STANDING_CHUNK) / STANDING_CHUNK);
	if (!new)
		return fail(rq, ERR_FULL, "no memory for what the gate must know");
	new->n = most + 1;
	memcpy(new->chunks, old->chunks, old->n_chunks * sizeof old->chunks[0]);
	memcpy(new->site, old->site, sizeof old->site);
	for (size_t i = old->n_chunks; i < new->n_chunks; i++)
		new->chunks[i] = chunk_new(standing);
	enum err err = refresh_persons(standing, rq, old, new, persons, n);
	if (err == OK && is_site) {
		memset(new->site, 0, sizeof new->site);
		err = fill_sites(standing, rq, new);
	}
	if (err != OK) {
		free_replaced(standing, new, old);
		return err;
	}
	atomic_store(&standing->view, new);
	wait_for_readers(standing);
	free_replaced(standing, old, new);
	return OK;
}
