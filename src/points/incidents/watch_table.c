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

enum { LARGE_PAGE = 1 << 21, LOOK = 8, FIRST_INDEX = 1 << 13, NAME_SETS = 1 << 15, WAYS = 4, NAME_ROOM = WATCH_NAME + 1 };

/* `text` is the number of its text + 1; texts lie in the order in which places came to be used. */
struct name_set { uint64_t hash[WAYS]; uint32_t used[WAYS], text[WAYS]; };
struct watch_names { struct name_set sets[NAME_SETS]; uint32_t tick, n; char text[NAME_SETS * WAYS][NAME_ROOM]; };    /* a byte: its length */
static_assert(sizeof (struct name_set) == 64);

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
	size = (size + 63) & ~(size_t)63;
	*table = (struct watch_table){ .entries = watch_pages(most * size), .index = watch_pages(FIRST_INDEX * sizeof (struct watch_slot)), .size = size,
		.most = most, .mask = FIRST_INDEX - 1 };
	return table->entries && table->index;
}

void watch_table_end(struct watch_table *table)
{
	watch_pages_end(table->entries, table->most * table->size);
	watch_pages_end(table->index, (table->mask + 1) * sizeof (struct watch_slot));
}

/* A table has fewer slots than a tag has values: it tells the first place too. */
static uint32_t tag_of(uint64_t key)
{
	return (uint32_t)(key >> 7);
}

/* Keys whose tags are the same are told apart by the entries. */
static size_t slot_of(const struct watch_table *table, uint64_t key)
{
	uint32_t tag = tag_of(key);
	size_t slot = tag & table->mask;

	while (table->index[slot].entry && !(table->index[slot].tag == tag && entry(table, table->index[slot].entry)->key == key))
		slot = (slot + 1) & table->mask;
	return slot;
}

/* Twice as many slots: a table is as large as what it holds. */
static bool index_grow(struct watch_table *table)
{
	size_t mask = table->mask * 2 + 1;
	struct watch_slot *more = watch_pages((mask + 1) * sizeof *more);

	if (!more)
		return false;
	for (size_t i = 0; i <= table->mask; i++) {
		size_t slot = table->index[i].tag & mask;
		if (!table->index[i].entry)
			continue;
		while (more[slot].entry)
			slot = (slot + 1) & mask;
		more[slot] = table->index[i];
	}
	watch_pages_end(table->index, (table->mask + 1) * sizeof *more);
	table->index = more;
	table->mask = mask;
	return true;
}

static void unindex(struct watch_table *table, uint32_t gone)
{
	size_t hole = tag_of(entry(table, gone)->key) & table->mask, at;

	while (table->index[hole].entry != gone)
		hole = (hole + 1) & table->mask;
	at = hole;
	table->index[hole].entry = 0;
	for (;;) {
		at = (at + 1) & table->mask;
		if (!table->index[at].entry)
			return;
		size_t home = table->index[at].tag & table->mask;
		if (((at - home) & table->mask) >= ((at - hole) & table->mask)) {
			table->index[hole] = table->index[at];
			table->index[at].entry = 0;
			hole = at;
		}
	}
}

/* Of the next LOOK from the hand the one that was used longest ago, rather one that is not kept. */
static uint32_t oldest(const struct watch_table *table)
{
	uint32_t best = 0, hand = table->hand;
	const struct watch_head *its = NULL;

	for (int looked = 0; looked < LOOK; looked++) {
		hand = hand >= table->n ? 1 : hand + 1;
		const struct watch_head *it = entry(table, hand);
		if (!its || (its->is_kept && !it->is_kept) || (its->is_kept == it->is_kept && table->tick - it->used > table->tick - its->used)) {
			best = hand;
			its = it;
		}
	}
	return best;
}

/* The hand goes round over the entries. The one that will probably go next is asked for already. */
static uint32_t evict(struct watch_table *table)
{
	uint32_t best = oldest(table);

	unindex(table, best);
	memset(entry(table, best), 0, table->size);
	table->hand = (uint32_t)((table->hand + LOOK - 1) % table->n + 1);
	struct watch_head *next = entry(table, oldest(table));
	__builtin_prefetch(&table->index[tag_of(next->key) & table->mask], 1);
	for (size_t k = 0; k < table->size && k < 256; k += 64)
		__builtin_prefetch((char *)next + k, 1);
	for (uint32_t i = LOOK + 1; i <= 2 * LOOK; i++)
		__builtin_prefetch(entry(table, (uint32_t)((table->hand + i - 1) % table->n + 1)));
	return best;
}

void watch_table_hint(const struct watch_table *table, uint64_t key)
{
	__builtin_prefetch(&table->index[tag_of(key) & table->mask]);
}

const void *watch_table_guess(const struct watch_table *table, uint64_t key)
{
	uint32_t tag = tag_of(key);
	size_t slot = tag & table->mask;

	for (int i = 0; i < 4 && table->index[slot].entry; i++, slot = (slot + 1) & table->mask)
		if (table->index[slot].tag == tag)
			return entry(table, table->index[slot].entry);
	return NULL;
}

void *watch_table_find(const struct watch_table *table, uint64_t key)
{
	size_t slot = slot_of(table, key);
	return table->index[slot].entry ? entry(table, table->index[slot].entry) : NULL;
}

void *watch_table_get(struct watch_table *table, uint64_t key, bool *ret_is_new)
{
	size_t slot = slot_of(table, key);
	uint32_t i = table->index[slot].entry;

	*ret_is_new = !i;
	if (!i) {
		bool has_room = table->n < table->most, is_full = has_room && table->n * 2 > table->mask;
		if (is_full && !index_grow(table))
			has_room = false;            /* without memory for more it forgets earlier */
		i = has_room ? (uint32_t)++table->n : evict(table);
		if (is_full || !has_room)
			slot = slot_of(table, key);
		entry(table, i)->key = key;
		table->index[slot] = (struct watch_slot){ i, tag_of(key) };
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

/* A mark to the place behind it. */
static void ring_move(const struct watch_ring *ring, int64_t *marks, int i)
{
	unsigned from = ring_slot(ring, i), to = ring_slot(ring, i + 1);

	for (int k = 0; k < 2 + ring->has_who; k++, marks += ring->room)
		marks[to] = marks[from];
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

/* In general; in order it is watch_ring_put alone. A full ring gives its oldest away first. */
int watch_ring_push(struct watch_ring *ring, int64_t *marks, const struct watch_mark *mark)
{
	int at = ring->n;

	if (ring->n == ring->room) {
		if (mark->at < marks[ring->head])
			return -1;
		ring->head = (uint8_t)(ring->head + 1 == ring->room ? 0 : ring->head + 1);
		at--;
	} else {
		ring->n++;
	}
	for (; at > 0 && watch_ring_at(ring, marks, at - 1) > mark->at; at--)
		ring_move(ring, marks, at - 1);
	ring_set(ring, marks, at, *mark);
	return at;
}

int watch_ring_look(const struct watch_ring *ring, const int64_t *marks, int at, size_t need, int64_t window)
{
	int n = (int)need;

	if (at < 0 || ring->n < n)
		return -1;
	for (int first = MAX(0, at - n + 1); first <= at && first + n <= ring->n; first++)
		if (watch_ring_at(ring, marks, first + n - 1) - watch_ring_at(ring, marks, first) <= window)
			return first;
	return -1;
}

/* The latest first, so that who goes is the last; a place that is empty was seen at 0, before all. */
void watch_set_put(uint64_t *who, size_t room, uint64_t one, int64_t at)
{
	int64_t *seen = (int64_t *)who + room;
	size_t i = 0, to;

	if (who[0] == one) {
		seen[0] = MAX(seen[0], at);
		return;
	}
	while (i < room && (who[i] != one) & (who[i + 1] != one) & (who[i + 2] != one) & (who[i + 3] != one))
		i += 4;
	while (i < room && who[i] != one)
		i++;
	if (i < room)
		at = MAX(seen[i], at);
	else
		i = room - 1;
	for (to = 0; to < i && seen[to] > at; to++)      /* a moment out of order */
		;
	memmove(who + to + 1, who + to, (i - to) * sizeof *who);
	memmove(seen + to + 1, seen + to, (i - to) * sizeof *seen);
	who[to] = one;
	seen[to] = at;
}

size_t watch_set_count(const uint64_t *who, size_t room, int64_t from)
{
	size_t n = 0;

	while (n < room && who[n] && watch_set_at(who, room, n) >= from)
		n++;
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
	struct name_set *set = &names->sets[(hash >> 9) % NAME_SETS];
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
	if (!set->text[least])
		set->text[least] = ++names->n;
	set->hash[least] = hash;
	set->used[least] = ++names->tick;
	char *text = names->text[set->text[least] - 1];
	text[0] = (char)s.len;
	if (s.len)
		memcpy(text + 1, s.at, s.len);
}

struct str watch_name_text(const struct watch_names *names, uint64_t hash)
{
	const struct name_set *set = &names->sets[(hash >> 9) % NAME_SETS];

	for (int i = 0; i < WAYS; i++)
		if (set->text[i] && set->hash[i] == hash) {
			const char *text = names->text[set->text[i] - 1];
			return (struct str){ text + 1, (unsigned char)text[0] };
		}
	return STR_NONE;
}
