/* The standing: a view (count, chunk pointers, common records) behind one atomic pointer, and an index from names to persons.
 *
 * A refresh copies the view's pointers and the touched chunks, fills the copies, swaps the view, waits until every reader that
 * entered before has left, and frees what was replaced. Readers only publish that they are in: two stores and two loads.
 *
 * The index (standing_names.c) maps SipHash-2-4 of a canonical name, keyed by chance at start, to a person.
 * Each person's slice keeps the sum of its names' hashes, so that a refresh sees whether names have changed at all.
 *
 * Reading everyone goes by ranges of persons, which threads take one after the other; each range is filled into a block of its own, so that
 * each point asks the store once, and then laid into its chunks. No snapshot joins the ranges: whom a commit touches meanwhile is read
 * again before the standing opens, and until then nothing here is asked.
 *
 * SECURITY: two names with the same 64-bit keyed hash would be taken for one. With 3,000,000 names the chance that a
 * foreign name hits any of them is 2e-13 a try, the key is never seen, and the upstream has already checked the credentials
 * of whoever comes under that name. */
#define LONG_LIVED
#include "floor/standing.h"
#include "floor/standing.sql.h"
#include "floor/standing_names.h"
#include "base/world.h"
#include <pthread.h>
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

enum { RANGE = 32 * STANDING_CHUNK };    /* how many are read at a time: some 1.3 MB, and a tenth of a second at the most */
enum { NEAR = 16 };             /* who stand closer are read in one go: sixteen persons more cost less than one more question of each point */

struct standing {
	const struct standing_part *parts;
	size_t                      n_parts, stride, offset[STANDING_PARTS];
	_Atomic(struct view *)      view;
	_Atomic(struct names *)     names;
	unsigned char               key[crypto_shorthash_KEYBYTES];
	struct instant              loaded_at;
	_Atomic bool                is_loaded;
	_Atomic int64_t             next, read;      /* while everyone is read: where the next range begins, how many are in */
	pthread_mutex_t             putting;         /* names, by the threads that read ranges */
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

/* Makes room for n more names; what it replaces is freed when nobody looks in it. */
static enum err names_reserve(struct standing *standing, size_t n)
{
	struct names *old = atomic_load(&standing->names), *new = names_grown(old, n);

	if (!new)
		return ERR_FULL;
	if (new != old) {
		atomic_store(&standing->names, new);
		wait_for_readers(standing);
		names_end(old);
	}
	return OK;
}

int64_t standing_find(const struct standing *standing, struct str canonical)
{
	return names_find(atomic_load(&standing->names), hash_of(standing, canonical));
}

/* --- filling --- */

/* names: those that were met, with whose they are. */
struct filling { struct standing *standing; struct rq *rq; struct slices slices; struct name_found *names; size_t n, room; };

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
	if (filling->n == filling->room) {
		size_t room = MAX(filling->room * 2, (size_t)64);
		struct name_found *more = realloc(filling->names, room * sizeof *more);
		if (!more)
			return ERR_FULL;
		filling->names = more;
		filling->room = room;
	}
	filling->names[filling->n++] = (struct name_found){ .hash = hash, .person = (uint32_t)row->person };
	return OK;
}

/* Fills the zeroed records of a range: floor's facts and names, then each part's slices. What is found of names is for the caller to put in, and to free. */
static enum err fill(struct filling *filling)
{
	const struct standing *standing = filling->standing;
	struct slices records = filling->slices;

	TRY(standing_facts(filling->rq, records.first, records.last, fill_facts, filling));
	TRY(standing_names(filling->rq, records.first, records.last, add_name, filling));
	for (size_t i = 0; i < standing->n_parts; i++) {
		struct slices slices = records;
		slices.at += standing->offset[i];
		if (standing->parts[i].stand)
			TRY(standing->parts[i].stand(filling->rq, slices));
	}
	return OK;
}

/* From the name number `from` on. */
static enum err put_names(struct filling *filling, size_t from)
{
	struct standing *standing = filling->standing;

	pthread_mutex_lock(&standing->putting);
	enum err err = names_reserve(standing, filling->n - from);
	struct names *names = atomic_load(&standing->names);
	for (size_t i = from; err == OK && i < filling->n; i++)
		names_put(names, filling->names[i].hash, filling->names[i].person);
	pthread_mutex_unlock(&standing->putting);
	return err;
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

enum err standing_new(struct rq *rq, const struct standing_part *parts, size_t n, struct standing **ret)
{
	struct standing *standing = aligned_alloc(64, (sizeof *standing + 63) & ~(size_t)63);

	if (!standing || n > STANDING_PARTS)
		return fail(rq, ERR_FULL, "no room for what the gate must know");
	memset(standing, 0, sizeof *standing);
	standing->parts = parts;
	standing->n_parts = n;
	standing->epoch = 1;
	pthread_mutex_init(&standing->putting, NULL);
	world.random(standing->key, sizeof standing->key);
	standing->view = view_new(0);
	enum err err = standing->view ? lay_out(standing, rq) : ERR_FULL;
	if (err == OK)
		err = names_reserve(standing, 1);
	if (err != OK) {
		standing_end(standing);
		return err;
	}
	*ret = standing;
	return OK;
}

enum err standing_size(struct standing *standing, struct rq *rq)
{
	struct standing_persons_row persons;

	TRY(standing_persons(rq, &persons));
	size_t n_chunks = ((size_t)persons.n + STANDING_CHUNK - 1) / STANDING_CHUNK;
	struct view *view = view_new(n_chunks);
	if (!view || names_reserve(standing, (size_t)persons.n * 2) != OK) {
		free(view);
		return fail(rq, ERR_FULL, "no memory for what the gate must know of %lld persons", (long long)persons.n);
	}
	for (size_t i = 0; i < n_chunks; i++)
		view->chunks[i] = chunk_new(standing);
	view->n = persons.n;
	struct view *empty = atomic_exchange(&standing->view, view);
	wait_for_readers(standing);
	free(empty);
	return OK;
}

static enum err take_range(struct standing *standing, struct rq *rq, int64_t first, int64_t last, char *block)
{
	const struct view *view = atomic_load(&standing->view);
	struct filling filling = { .standing = standing, .rq = rq, .slices = { first, last, block, standing->stride } };

	memset(block, 0, RANGE * standing->stride);
	enum err err = fill(&filling);
	if (err == OK)
		err = put_names(&filling, 0);
	free(filling.names);
	for (int64_t person = first; err == OK && person < last; person += STANDING_CHUNK)
		memcpy(record_of(standing, view, person), slice_of(filling.slices, person),
		       (size_t)MIN((int64_t)STANDING_CHUNK, last - person) * standing->stride);
	if (err == OK)
		atomic_fetch_add(&standing->read, last - first);
	return err;
}

enum err standing_take(struct standing *standing, struct rq *rq, const _Atomic bool *stop)
{
	int64_t n = standing_count(standing);
	char *block = malloc(RANGE * standing->stride);
	enum err err = block ? OK : fail(rq, ERR_FULL, "no memory for what the gate must know");

	while (err == OK && !(stop && *stop)) {
		int64_t first = atomic_fetch_add(&standing->next, (int64_t)RANGE);
		if (first >= n)
			break;
		err = take_range(standing, rq, first, MIN(first + RANGE, n), block);
	}
	free(block);
	return err;
}

void standing_open(struct standing *standing, struct instant now)
{
	standing->loaded_at = now;
	atomic_store(&standing->is_loaded, true);
}

bool standing_is_loaded(const struct standing *standing)
{
	return atomic_load_explicit(&standing->is_loaded, memory_order_acquire);
}

int64_t standing_read(const struct standing *standing)
{
	return atomic_load_explicit(&standing->read, memory_order_relaxed);
}

enum err standing_load(struct rq *rq, const struct standing_part *parts, size_t n, struct standing **ret)
{
	struct standing *standing;

	TRY(standing_new(rq, parts, n, &standing));
	enum err err = standing_size(standing, rq);
	if (err == OK)
		err = standing_take(standing, rq, NULL);
	if (err == OK)
		err = standing_refresh(standing, rq, NULL, 0, true);
	if (err != OK) {
		standing_end(standing);
		return err;
	}
	standing_open(standing, rq->now);
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
	pthread_mutex_destroy(&standing->putting);
	free(standing);
}

size_t standing_bytes(const struct standing *standing)
{
	const struct view *view = atomic_load(&standing->view);
	return view->n_chunks * STANDING_CHUNK * standing->stride + names_bytes(atomic_load(&standing->names));
}

/* --- refreshing --- */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* One run of near neighbours is read again in one go, into fresh records, and then laid into the new view. Names gather in `filling` over all runs. */
static enum err refresh_run(struct filling *filling, struct view *old, struct view *new, int64_t first, int64_t last)
{
	struct standing *standing = filling->standing;
	size_t before = filling->n;
	char *records = calloc(1, (size_t)(last - first) * standing->stride + 1);

	if (!records)
		return ERR_FULL;
	filling->slices = (struct slices){ first, last, records, standing->stride };
	enum err err = fill(filling);
	if (err == OK)
		err = put_names(filling, before);
	for (int64_t person = first; err == OK && person < last; person++) {
		size_t chunk = (size_t)person / STANDING_CHUNK;
		if (chunk < old->n_chunks && new->chunks[chunk] == old->chunks[chunk]) {
			new->chunks[chunk] = chunk_new(standing);
			memcpy(new->chunks[chunk], old->chunks[chunk], STANDING_CHUNK * standing->stride);
		}
		memcpy(record_of(standing, new, person), slice_of(filling->slices, person), standing->stride);
	}
	free(records);
	return err;
}

/* Names that persons had and have no more become nobody's. What all the touched persons have now stands in the table already, so
 * that nobody is unknown for a moment. The table is walked once: a bit for each person whose names have changed. */
static void forget_names(struct filling *filling, const struct view *old, const struct view *new, const int64_t *persons, size_t n)
{
	const struct standing *standing = filling->standing;
	uint64_t *changed = NULL;

	for (size_t i = 0; i < n; i++) {
		if (persons[i] >= old->n)
			continue;
		const struct facts *was = (const void *)record_of(standing, old, persons[i]);
		const struct facts *is = (const void *)record_of(standing, new, persons[i]);
		if (was->names == is->names)
			continue;
		if (!changed)
			changed = NEW_MANY(filling->rq->arena, (size_t)old->n / 64 + 1, uint64_t);
		changed[persons[i] / 64] |= (uint64_t)1 << persons[i] % 64;
	}
	if (changed)
		names_forget(atomic_load(&standing->names), changed, old->n, filling->names, filling->n);
}

static enum err refresh_persons(struct standing *standing, struct rq *rq, struct view *old, struct view *new,
                                const int64_t *persons, size_t n)
{
	struct filling filling = { .standing = standing, .rq = rq };
	enum err err = OK;

	for (size_t i = 0, end; err == OK && i < n; i = end) {
		for (end = i + 1; end < n && persons[end] <= persons[end - 1] + NEAR; end++)
			;
		err = refresh_run(&filling, old, new, persons[i], persons[end - 1] + 1);
	}
	if (err == OK)
		forget_names(&filling, old, new, persons, n);
	free(filling.names);
	return err;
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
