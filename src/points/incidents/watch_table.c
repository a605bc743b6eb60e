/* Tables with a ceiling: a hash over entries that hang in one chain from the oldest to the newest.
 *
 * When full the oldest goes, but of the few oldest rather one that is not half-way to an alarm. Removing from open addressing moves later
 * entries back (no tombstones). Names lie in sets of four by their hash, the least recent of four goes.
 *
 * SECURITY: keys are hashes of what strangers sent, without a secret: who makes two sources collide in 64 bits has them counted as one,
 * which tells of more, never of less. */
#define LONG_LIVED
#include "watch_table.h"

enum { LOOK = 32, NAME_SETS = 1 << 15, WAYS = 4 };

struct name { uint64_t hash; uint32_t used; uint8_t len; char text[WATCH_NAME]; };
struct watch_names { uint32_t tick; struct name names[NAME_SETS][WAYS]; };

uint64_t watch_mix(uint64_t a, uint64_t b)
{
	uint64_t x = (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2))) * 0xbf58476d1ce4e5b9u;

	return (x ^ x >> 31) | 1;
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
	size = (size + 15) & ~(size_t)15;
	*table = (struct watch_table){ .entries = calloc(most, size), .index = calloc(slots, sizeof (uint32_t)), .size = size, .most = most,
		.mask = slots - 1 };
	return table->entries && table->index;
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

static void unchain(struct watch_table *table, uint32_t i)
{
	struct watch_head *it = entry(table, i);

	if (it->older)
		entry(table, it->older)->newer = it->newer;
	else
		table->oldest = it->newer;
	if (it->newer)
		entry(table, it->newer)->older = it->older;
	else
		table->newest = it->older;
	it->older = it->newer = 0;
}

static void chain(struct watch_table *table, uint32_t i)
{
	struct watch_head *it = entry(table, i);

	it->older = table->newest;
	it->newer = 0;
	if (table->newest)
		entry(table, table->newest)->newer = i;
	else
		table->oldest = i;
	table->newest = i;
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

static uint32_t evict(struct watch_table *table)
{
	uint32_t i = table->oldest;

	for (int looked = 0; looked < LOOK && entry(table, i)->is_kept && entry(table, i)->newer; looked++)
		i = entry(table, i)->newer;
	if (entry(table, i)->is_kept)
		i = table->oldest;
	unindex(table, entry(table, i)->key);
	unchain(table, i);
	memset(entry(table, i), 0, table->size);
	return i;
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
		chain(table, i);
	} else if (table->newest != i) {
		unchain(table, i);
		chain(table, i);
	}
	return entry(table, i);
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
	return calloc(1, sizeof (struct watch_names));
}

void watch_names_end(struct watch_names *names)
{
	free(names);
}

uint64_t watch_name(struct watch_names *names, struct str s)
{
	uint64_t hash = watch_mix(str_hash(s), s.len);
	struct name *set = names->names[(hash >> 9) % NAME_SETS], *least = set;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].hash == hash) {
			set[i].used = ++names->tick;
			return hash;
		}
		if (set[i].used < least->used)
			least = &set[i];
	}
	s = str_utf8_first(s, WATCH_NAME);
	least->hash = hash;
	least->used = ++names->tick;
	least->len = (uint8_t)s.len;
	if (s.len)
		memcpy(least->text, s.at, s.len);
	return hash;
}

struct str watch_name_text(const struct watch_names *names, uint64_t hash)
{
	const struct name *set = names->names[(hash >> 9) % NAME_SETS];

	for (int i = 0; i < WAYS; i++)
		if (set[i].hash == hash)
			return (struct str){ set[i].text, set[i].len };
	return STR_NONE;
}
