/* The index of names. A hash's place is its share of the room (hash * room / 2^64), so that the room may be any number: a table of a power of two
 * would stand half empty after each growth. Who stands there already pushes the next ones on.
 *
 * Since places rise with the hashes, a table is copied into a larger one in the order in which both lie in memory.
 *
 * What it does not do: it never takes a place back. A name that is nobody's keeps its own until the table grows. */
#define LONG_LIVED
#include "floor/standing_names.h"
#include <stdatomic.h>

enum { LEAST = 1024 };

static struct names *names_new(size_t room)
{
	struct names *names = calloc(1, sizeof *names);

	if (!names)
		return NULL;
	*names = (struct names){ .room = room, .hash = calloc(room, sizeof *names->hash), .person = calloc(room, sizeof *names->person) };
	if (names->hash && names->person)
		return names;
	names_end(names);
	return NULL;
}

void names_end(struct names *names)
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
	size_t at = (size_t)(((unsigned __int128)hash * names->room) >> 64);

	for (;;) {
		uint64_t found = atomic_load_explicit(&names->hash[at], memory_order_acquire);
		if (found == hash || found == 0)
			return at;
		if (++at == names->room)
			at = 0;
	}
}

void names_put(struct names *names, uint64_t hash, uint32_t person)
{
	size_t at = names_at(names, hash);

	atomic_store_explicit(&names->person[at], person, memory_order_relaxed);
	if (atomic_load_explicit(&names->hash[at], memory_order_relaxed) == 0) {
		atomic_store_explicit(&names->hash[at], hash, memory_order_release);
		names->used++;
	}
}

struct names *names_grown(struct names *old, size_t n)
{
	size_t live = 0;

	if (old && (old->used + n) * 4 <= old->room * 3)
		return old;
	for (size_t i = 0; old && i < old->room; i++)
		live += old->hash[i] && old->person[i] != NAMES_GONE;
	/* 62 % full: growing by one name at a time copies each some four times in all. */
	struct names *new = names_new(MAX((live + n) * 8 / 5, (size_t)LEAST));
	if (!new)
		return NULL;
	for (size_t i = 0; old && i < old->room; i++)
		if (old->hash[i] && old->person[i] != NAMES_GONE)
			names_put(new, old->hash[i], old->person[i]);
	return new;
}

int64_t names_find(const struct names *names, uint64_t hash)
{
	size_t at = names_at(names, hash);

	if (atomic_load_explicit(&names->hash[at], memory_order_acquire) == 0)
		return -1;
	uint32_t person = atomic_load_explicit(&names->person[at], memory_order_relaxed);
	return person == NAMES_GONE ? -1 : (int64_t)person;
}

static int by_hash(const void *a, const void *b)
{
	uint64_t x = ((const struct name_found *)a)->hash, y = ((const struct name_found *)b)->hash;
	return (x > y) - (x < y);
}

void names_forget(struct names *names, const uint64_t *changed, int64_t n, struct name_found *present, size_t n_present)
{
	if (n_present)
		qsort(present, n_present, sizeof present[0], by_hash);
	for (size_t at = 0; at < names->room; at++) {
		uint32_t person = atomic_load_explicit(&names->person[at], memory_order_relaxed);
		uint64_t hash = atomic_load_explicit(&names->hash[at], memory_order_relaxed);
		bool is_theirs = hash && person != NAMES_GONE && (int64_t)person < n && changed[person / 64] >> person % 64 & 1;
		struct name_found wanted = { .hash = hash };
		if (is_theirs && !(n_present && bsearch(&wanted, present, n_present, sizeof wanted, by_hash)))
			atomic_store_explicit(&names->person[at], NAMES_GONE, memory_order_relaxed);
	}
}

size_t names_bytes(const struct names *names)
{
	return names->room * (sizeof *names->hash + sizeof *names->person);
}
