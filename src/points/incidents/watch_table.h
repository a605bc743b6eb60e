#ifndef INCIDENTS_WATCH_TABLE_H
#define INCIDENTS_WATCH_TABLE_H
/* Memory of the watch's rules: tables of a fixed size that forget the oldest, rings of moments, sets of who, and names.
 *
 * An entry begins with struct watch_head; its key is a hash of 64 bits. Memory that has never been used is never touched, so a large table costs
 * nothing until it fills. What is looked at together lies together: most of the watch's time is waiting for memory. */
#include "base/when.h"

struct watch_head { uint64_t key; uint32_t used; bool is_kept; };    /* is_kept: half-way to an alarm, evicted last */
struct watch_slot { uint32_t entry, tag; };      /* entry + 1, 0 empty; of its key what places and tells it, so that no entry is asked */
struct watch_table {
	char              *entries;
	struct watch_slot *index;         /* open addressing */
	size_t             size, most, n, mask;
	uint32_t           hand, tick;    /* where evicting goes on, entry + 1; how often an entry was asked for */
};
bool  watch_table_new(struct watch_table *, size_t entry_size, size_t most);
void  watch_table_end(struct watch_table *);
/* The entry, made (zeroed) when it is not there: *ret_is_new. */
void *watch_table_get(struct watch_table *, uint64_t key, bool *ret_is_new);
void *watch_table_find(const struct watch_table *, uint64_t key);   /* NULL: not there */
/* Well before an entry is asked for: first the hint for its place, some attempts later where it probably is, for hints of its own. */
void  watch_table_hint(const struct watch_table *, uint64_t key);
const void *watch_table_guess(const struct watch_table *, uint64_t key);   /* NULL: nothing is there; may be another's */

/* Moments in order, the newest last; when full the oldest goes. The marks lie in `room` times WATCH_MARK_WORDS int64_t: the moments, then the
 * lines, then who; a ring without who needs WATCH_MARK_WORDS - 1. */
enum { WATCH_MARK_WORDS = 3 };
struct watch_mark { int64_t at; uint64_t who; int64_t line; };
struct watch_ring { uint8_t n, head, room; bool has_who; };
int               watch_ring_push(struct watch_ring *, int64_t *marks, const struct watch_mark *);
struct watch_mark watch_ring_mark(const struct watch_ring *, const int64_t *marks, int i);
/* The first of `need` marks within `window` ms that have `at` among them; -1 none. */
int               watch_ring_look(const struct watch_ring *, const int64_t *marks, int at, size_t need, int64_t window);
static inline int64_t watch_ring_at(const struct watch_ring *ring, const int64_t *marks, int i)
{
	unsigned slot = (unsigned)ring->head + (unsigned)i;
	return marks[slot < ring->room ? slot : slot - ring->room];
}

static inline int watch_ring_find(const struct watch_ring *ring, const int64_t *marks, int at, size_t need, int64_t window)
{
	int first = at - (int)need + 1;

	if (at < 0 || ring->n < (int)need)
		return -1;
	if (at + 1 < ring->n)                    /* out of order */
		return watch_ring_look(ring, marks, at, need, window);
	return watch_ring_at(ring, marks, at) - watch_ring_at(ring, marks, first) <= window ? first : -1;
}

/* Where it went; -1 when it is older than all of a full ring. */
static inline int watch_ring_put(struct watch_ring *ring, int64_t *marks, struct watch_mark mark)
{
	unsigned slot = ring->head;
	bool is_full = ring->n == ring->room;

	if (ring->n && watch_ring_at(ring, marks, ring->n - 1) > mark.at)
		return watch_ring_push(ring, marks, &mark);
	if (is_full) {
		ring->head = (uint8_t)(ring->head + 1 == ring->room ? 0 : ring->head + 1);
	} else {
		slot += ring->n++;
		slot -= slot < ring->room ? 0 : ring->room;
	}
	marks[slot] = mark.at;
	marks[ring->room + slot] = mark.line;
	if (ring->has_who)
		marks[2 * ring->room + slot] = (int64_t)mark.who;
	return ring->n - 1;
}

/* Who was seen, and when last (after 1970): the least recent goes when full. `who` has room for `room` hashes, a multiple of four, and as many
 * moments behind them. */
void   watch_set_put(uint64_t *who, size_t room, uint64_t one, int64_t at);
size_t watch_set_count(const uint64_t *who, size_t room, int64_t from);
static inline int64_t watch_set_at(const uint64_t *who, size_t room, size_t i) { return (int64_t)who[room + i]; }
struct watch_set { uint64_t who[8]; };    /* of four */

/* Names by their hash: the oldest goes. */
enum { WATCH_NAME = 112 };
struct watch_names;
struct watch_names *watch_names_new(void);
void       watch_names_end(struct watch_names *);
uint64_t   watch_name_hash(const struct watch_names *, struct str);    /* never 0 */
void       watch_name_keep(struct watch_names *, struct str, uint64_t hash);
struct str watch_name_text(const struct watch_names *, uint64_t); /* STR_NONE when it has gone */
/* Zeroed memory at the beginning of a page, in large pages where there are such; NULL without. */
void      *watch_pages(size_t);
void       watch_pages_end(void *, size_t);

static inline uint64_t watch_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes a step: names are hashed at every line. */
static inline uint64_t watch_hash(struct str s)
{
	uint64_t hash = 0x9e3779b97f4a7c15u ^ s.len, word;

	for (; s.len > 8; s.at += 8, s.len -= 8) {
		memcpy(&word, s.at, 8);
		hash = watch_fold(hash ^ word, 0xd6e8feb86659fd93u);
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
	return watch_fold(hash ^ word, 0xa0761d6478bd642fu);
}

static inline uint64_t watch_mix(uint64_t a, uint64_t b)
{
	uint64_t x = (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2))) * 0xbf58476d1ce4e5b9u;

	return (x ^ x >> 31) | 1;
}
#endif
