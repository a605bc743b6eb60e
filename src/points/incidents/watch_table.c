/* Tables with a ceiling: a hash over entries that lie in the order in which they came.
 *
 * When full a hand goes round and takes, of the next few, the one that was used longest ago, rather one that is not half-way to an
 * alarm: no chain has to be mended when an entry is used. Removing from open addressing moves later
 * entries back (no tombstones). Names lie in sets of four by their hash, the least recent of four goes. Rings go round in their room, so that a
 * mark that comes in order is one write.
 *
 * SECURITY: keys are hashes of what strangers sent, without a secret: who makes two sources collide in 64 bits has them counted as one,
 * which tells of more, never of less. */
#define LONG_LIVED
#include "watch_table.h"
#include <sys/mman.h>

enum { LARGE_PAGE = 1 << 21, LOOK = 8, NAME_SETS = 1 << 15, WAYS = 4 };

struct name_set { uint64_t hash[WAYS]; uint32_t used[WAYS]; uint8_t len[WAYS]; uint8_t to_a_line[12]; };
struct watch_names { struct name_set sets[NAME_SETS]; char text[NAME_SETS][WAYS][WATCH_NAME]; uint32_t tick; };
static_assert(sizeof (struct name_set) == 64);

static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes a step: names are hashed at every line. */
uint64_t watch_hash(struct str s)
{
	uint64_t hash = 0x9e3779b97f4a7c15u ^ s.len, word;

	for (; s.len > 8; s.at += 8, s.len -= 8) {
		memcpy(&word, s.at, 8);
		hash = fold(hash ^ word, 0xd6e8feb86659fd93u);
	}
	if (s.len == 8) {
		memcpy(&word, s.at, 8);
	} else if (s.len >= 4) {                 /* two halves that overlap: the length is in the hash already */
		uint32_t low, high;
		memcpy(&low, s.at, 4);
		memcpy(&high, s.at + s.len - 4, 4);
		word = (uint64_t)high << 32 | low;
	} else {
		word = 0;
		for (size_t i = 0; i < s.len; i++)
			word |= (uint64_t)(unsigned char)s.at[i] << 8 * i;
	}
	return fold(hash ^ word, 0xa0761d6478bd642fu);
}

uint64_t watch_mix(uint64_t a, uint64_t b)
{
	uint64_t x = (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2))) * 0xbf58476d1ce4e5b9u;

	return (x ^ x >> 31) | 1;
}

/* Large pages spare a walk at each access, and want to begin at a multiple of their size. Without them it is slower, no more. */
void *watch_pages(size_t n)
{
	char *at = mmap(NULL, n + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	char *from = (char *)(((uintptr_t)at + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1));
	size_t whole = (n + 4095) & ~(size_t)4095, before = (size_t)(from - at), after = LARGE_PAGE - before - (whole - n) / 4096 * 4096;
	if (before)
		munmap(at, before);
	if (after > whole - n)
		munmap(from + whole, after - (whole - n));
	if (n >= LARGE_PAGE / 2)
		(void)madvise(from, n, MADV_HUGEPAGE);
	return from;
}

void watch_pages_end(void *at, size_t n)
{
	if (at)
		munmap(at, n);
}

static struct watch_head *entry(const struct watch_table *table, uint32_t i)
{
	return (struct watch_head *)(table->entries + (size_t)(i - 1) * table->size);
}

bool watch_table_new(struct watch_table *table, size_t size, size_t most)
{
	size_t slots = 1024;

	while (slots < most * 2)
		slots *= 2;
	size = (size + 63) & ~(size_t)63;
	*table = (struct watch_table){ .entries = watch_pages(most * size), .index = watch_pages(slots * sizeof (uint32_t)), .size = size, .most = most,
		.mask = slots - 1 };
	return table->entries && table->index;
}

void watch_table_end(struct watch_table *table)
{
	watch_pages_end(table->entries, table->most * table->size);
	watch_pages_end(table->index, (table->mask + 1) * sizeof (uint32_t));
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

const void *watch_table_guess(const struct watch_table *table, uint64_t key)
{
	uint32_t i = table->index[(key >> 7) & table->mask];

	return i ? entry(table, i) : NULL;
}

void *watch_table_find(const struct watch_table *table, uint64_t key)
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

static unsigned ring_slot(const struct watch_ring *ring, int i)
{
	unsigned slot = (unsigned)ring->head + (unsigned)i;

	return slot < ring->room ? slot : slot - ring->room;
}

static void ring_set(const struct watch_ring *ring, int64_t *marks, int i, struct watch_mark mark)
{
	unsigned slot = ring_slot(ring, i);

	marks[slot] = mark.at;
	marks[ring->room + slot] = mark.line;
	if (ring->has_who)
		marks[2 * ring->room + slot] = (int64_t)mark.who;
}

struct watch_mark watch_ring_mark(const struct watch_ring *ring, const int64_t *marks, int i)
{
	unsigned slot = ring_slot(ring, i);

	return (struct watch_mark){ marks[slot], ring->has_who ? (uint64_t)marks[2 * ring->room + slot] : 0, marks[ring->room + slot] };
}

int watch_ring_put(struct watch_ring *ring, int64_t *marks, struct watch_mark mark)
{
	int at = ring->n;

	if (ring->n == ring->room) {
		if (mark.at < marks[ring->head])
			return -1;
		ring->head = (uint8_t)(ring->head + 1 == ring->room ? 0 : ring->head + 1);
		at--;
	} else {
		ring->n++;
	}
	for (; at > 0 && watch_ring_at(ring, marks, at - 1) > mark.at; at--)
		ring_set(ring, marks, at, watch_ring_mark(ring, marks, at - 1));
	ring_set(ring, marks, at, mark);
	return at;
}

int watch_ring_find(const struct watch_ring *ring, const int64_t *marks, int at, size_t need, int64_t window)
{
	int n = (int)need;

	if (at < 0 || ring->n < n)
		return -1;
	for (int first = MAX(0, at - n + 1); first <= at && first + n <= ring->n; first++)
		if (watch_ring_at(ring, marks, first + n - 1) - watch_ring_at(ring, marks, first) <= window)
			return first;
	return -1;
}

/* Four at a time. A place that is empty was seen at 0, before all. */
void watch_set_put(uint64_t *who, size_t room, uint64_t one, int64_t at)
{
	int64_t *seen = (int64_t *)who + room;
	size_t least = 0;

	for (size_t i = 0; i < room; i += 4) {
		if ((who[i] != one) & (who[i + 1] != one) & (who[i + 2] != one) & (who[i + 3] != one))
			continue;
		while (who[i] != one)
			i++;
		seen[i] = MAX(seen[i], at);
		return;
	}
	for (size_t i = 1; i < room; i++)
		least = seen[i] < seen[least] ? i : least;
	who[least] = one;
	seen[least] = at;
}

size_t watch_set_count(const uint64_t *who, size_t room, int64_t from)
{
	size_t n = 0;

	for (size_t i = 0; i < room; i++)
		n += who[i] && watch_set_at(who, room, i) >= from;
	return n;
}

struct watch_names *watch_names_new(void)
{
	return watch_pages(sizeof (struct watch_names));
}

void watch_names_end(struct watch_names *names)
{
	watch_pages_end(names, sizeof *names);
}

uint64_t watch_name_hash(const struct watch_names *names, struct str s)
{
	uint64_t hash = watch_hash(s) | 1;

	__builtin_prefetch(&names->sets[(hash >> 9) % NAME_SETS], 1);
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
