/* Tables with a ceiling: a hash over entries that lie in the order in which they came.
 *
 * When full a hand goes round and takes, of the next few, the one that was used longest ago, rather one that is not half-way to an
 * alarm: no chain has to be mended when an entry is used. Removing from open addressing moves later
 * entries back (no tombstones). Names lie in sets of four by their hash, the least recent of four goes.
 *
 * SECURITY: keys are hashes of what strangers sent, without a secret: who makes two sources collide in 64 bits has them counted as one,
 * which tells of more, never of less. */
#define LONG_LIVED
#include "watch_table.h"
#include <sys/mman.h>

enum { LOOK = 8, NAME_SETS = 1 << 15, WAYS = 4 };

struct name_set { uint64_t hash[WAYS]; uint32_t used[WAYS]; uint8_t len[WAYS]; };
struct watch_names { uint32_t tick; struct name_set sets[NAME_SETS]; char text[NAME_SETS][WAYS][WATCH_NAME]; };

uint64_t watch_mix(uint64_t a, uint64_t b)
{
	uint64_t x = (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2))) * 0xbf58476d1ce4e5b9u;

	return (x ^ x >> 31) | 1;
}

static struct watch_head *entry(const struct watch_table *table, uint32_t i)
{
	return (struct watch_head *)(table->entries + (size_t)(i - 1) * table->size);
}

/* Large pages spare a miss at each access. Without them it is slower, no more. */
static void want_large(void *at, size_t n)
{
	char *page = (char *)(((uintptr_t)at + 4095) & ~(uintptr_t)4095);

	if (at && n > (size_t)4 << 20)
		(void)madvise(page, (n - 4096) & ~(size_t)4095, MADV_HUGEPAGE);
}

bool watch_table_new(struct watch_table *table, size_t size, size_t most)
{
	size_t slots = 1024;

	while (slots < most * 2)
		slots *= 2;
	size = (size + 15) & ~(size_t)15;
	*table = (struct watch_table){ .entries = calloc(most, size), .index = calloc(slots, sizeof (uint32_t)), .size = size, .most = most,
		.mask = slots - 1 };
	if (!table->entries || !table->index)
		return false;
	want_large(table->entries, most * size);
	return true;
}

void watch_table_end(struct watch_table *table)
{
	free(table->entries);
	free(table->index);
}

static size_t slot_of(const struct watch_table *table, uint64_t key)
{
	size_t slot = (key >> 7) & table->mask;

	while (table->index[slot] && entry(table, table->index[slot])->key != key)
		slot = (slot + 1) & table->mask;
	return slot;
}

static void unindex(struct watch_table *table, uint64_t key)
{
	size_t hole = slot_of(table, key), at = hole;

	table->index[hole] = 0;
	for (;;) {
		at = (at + 1) & table->mask;
		if (!table->index[at])
			return;
		size_t home = (entry(table, table->index[at])->key >> 7) & table->mask;
		if (((at - home) & table->mask) >= ((at - hole) & table->mask)) {
			table->index[hole] = table->index[at];
			table->index[at] = 0;
			hole = at;
		}
	}
}

/* The hand goes round over the entries: of the next LOOK the one that was used longest ago, rather one that is not kept. */
static uint32_t evict(struct watch_table *table)
{
	uint32_t best = 0;

	for (int looked = 0; looked < LOOK; looked++) {
		table->hand = table->hand % (uint32_t)table->n + 1;
		struct watch_head *it = entry(table, table->hand), *its = best ? entry(table, best) : NULL;
		if (!its || (its->is_kept && !it->is_kept) || (its->is_kept == it->is_kept && table->tick - it->used > table->tick - its->used))
			best = table->hand;
	}
	unindex(table, entry(table, best)->key);
	memset(entry(table, best), 0, table->size);
	return best;
}

void watch_table_hint(const struct watch_table *table, uint64_t key)
{
	__builtin_prefetch(&table->index[(key >> 7) & table->mask]);
}

void watch_table_near(const struct watch_table *table, uint64_t key)
{
	uint32_t i = table->index[(key >> 7) & table->mask];

	if (!i)
		return;
	const char *at = (const char *)entry(table, i);
	for (size_t k = 0; k < table->size && k < 1024; k += 64)
		__builtin_prefetch(at + k);
}

void *watch_table_find(struct watch_table *table, uint64_t key)
{
	size_t slot = slot_of(table, key);
	return table->index[slot] ? entry(table, table->index[slot]) : NULL;
}

void *watch_table_get(struct watch_table *table, uint64_t key, bool *ret_is_new)
{
	size_t slot = slot_of(table, key);
	uint32_t i = table->index[slot];

	*ret_is_new = !i;
	if (!i) {
		if (table->n < table->most) {
			i = (uint32_t)++table->n;
		} else {
			i = evict(table);
			slot = slot_of(table, key);
		}
		entry(table, i)->key = key;
		table->index[slot] = i;
	}
	struct watch_head *it = entry(table, i);
	it->used = ++table->tick;
	return it;
}

int watch_ring_put(struct watch_ring *ring, struct watch_mark *marks, size_t room, struct watch_mark mark)
{
	int at = ring->n;

	if (ring->n == room) {
		if (mark.at < marks[0].at)
			return -1;
		memmove(marks, marks + 1, (room - 1) * sizeof *marks);
		ring->n--;
		at--;
	}
	while (at > 0 && marks[at - 1].at > mark.at) {
		marks[at] = marks[at - 1];
		at--;
	}
	marks[at] = mark;
	ring->n++;
	return at;
}

int watch_ring_find(const struct watch_ring *ring, const struct watch_mark *marks, int at, size_t need, int64_t window)
{
	int n = (int)need;

	if (at < 0 || ring->n < n)
		return -1;
	for (int first = MAX(0, at - n + 1); first <= at && first + n <= ring->n; first++)
		if (marks[first + n - 1].at - marks[first].at <= window)
			return first;
	return -1;
}

void watch_set_put(struct watch_who *set, size_t room, uint64_t who, int64_t at)
{
	size_t least = 0;

	for (size_t i = 0; i < room; i++) {
		if (set[i].who == who) {
			set[i].at = MAX(set[i].at, at);
			return;
		}
		if (!set[i].who) {
			set[i] = (struct watch_who){ who, at };
			return;
		}
		if (set[i].at < set[least].at)
			least = i;
	}
	set[least] = (struct watch_who){ who, at };
}

size_t watch_set_count(const struct watch_who *set, size_t room, int64_t from, int64_t to)
{
	size_t n = 0;

	for (size_t i = 0; i < room && set[i].who; i++)
		n += set[i].at >= from && set[i].at <= to;
	return n;
}

struct watch_names *watch_names_new(void)
{
	struct watch_names *names = calloc(1, sizeof *names);

	want_large(names, sizeof *names);
	return names;
}

void watch_names_end(struct watch_names *names)
{
	free(names);
}

uint64_t watch_name_hash(const struct watch_names *names, struct str s)
{
	uint64_t hash = watch_mix(str_hash(s), s.len);

	__builtin_prefetch(&names->sets[(hash >> 9) % NAME_SETS]);
	return hash;
}

void watch_name_keep(struct watch_names *names, struct str s, uint64_t hash)
{
	size_t at = (hash >> 9) % NAME_SETS;
	struct name_set *set = &names->sets[at];
	int least = 0;

	for (int i = 0; i < WAYS; i++) {
		if (set->hash[i] == hash) {
			set->used[i] = ++names->tick;
			return;
		}
		if (set->used[i] < set->used[least])
			least = i;
	}
	s = str_utf8_first(s, WATCH_NAME);
	set->hash[least] = hash;
	set->used[least] = ++names->tick;
	set->len[least] = (uint8_t)s.len;
	if (s.len)
		memcpy(names->text[at][least], s.at, s.len);
}

struct str watch_name_text(const struct watch_names *names, uint64_t hash)
{
	size_t at = (hash >> 9) % NAME_SETS;

	for (int i = 0; i < WAYS; i++)
		if (names->sets[at].hash[i] == hash)
			return (struct str){ names->text[at][i], names->sets[at].len[i] };
	return STR_NONE;
}
