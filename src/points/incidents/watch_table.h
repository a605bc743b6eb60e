#ifndef INCIDENTS_WATCH_TABLE_H
#define INCIDENTS_WATCH_TABLE_H
/* Memory of the watch's rules: tables of a fixed size that forget the oldest, rings of moments, sets of who, and names.
 *
 * An entry begins with struct watch_head; its key is a hash of 64 bits. Memory that has never been used is never touched, so a large table costs
 * nothing until it fills. */
#include "base/when.h"

struct watch_head { uint64_t key; uint32_t used; bool is_kept; };    /* is_kept: half-way to an alarm, evicted last */
struct watch_table {
	char     *entries;
	uint32_t *index;                  /* open addressing; entry + 1 */
	size_t    size, most, n, mask;
	uint32_t  hand, tick;             /* where evicting goes on, entry + 1; how often an entry was asked for */
};
bool  watch_table_new(struct watch_table *, size_t entry_size, size_t most);
void  watch_table_end(struct watch_table *);
/* The entry, made (zeroed) when it is not there: *ret_is_new. */
void *watch_table_get(struct watch_table *, uint64_t key, bool *ret_is_new);
/* Before the others, when several tables are about to be asked: their misses then overlap. First all hints, then all near. */
void  watch_table_hint(const struct watch_table *, uint64_t key);
void  watch_table_near(const struct watch_table *, uint64_t key);
void *watch_table_find(struct watch_table *, uint64_t key);   /* NULL: not there */

/* Moments in order, the newest last; when full the oldest goes. */
struct watch_mark { int64_t at; uint64_t who; int64_t line; };
struct watch_ring { uint16_t n; };
/* Where it went; -1 when it is older than all of a full ring. */
int   watch_ring_put(struct watch_ring *, struct watch_mark *marks, size_t room, struct watch_mark);
/* The first of `need` marks within `window` ms that have `at` among them; -1 none. */
int   watch_ring_find(const struct watch_ring *, const struct watch_mark *marks, int at, size_t need, int64_t window);

/* Who was seen, and when last: the least recent goes when full. */
struct watch_who { uint64_t who; int64_t at; };
void   watch_set_put(struct watch_who *, size_t room, uint64_t who, int64_t at);
size_t watch_set_count(const struct watch_who *, size_t room, int64_t from, int64_t to);

/* Names by their hash: the oldest goes. */
enum { WATCH_NAME = 112 };
struct watch_names;
struct watch_names *watch_names_new(void);
void       watch_names_end(struct watch_names *);
uint64_t   watch_name_hash(const struct watch_names *, struct str);    /* never 0 */
void       watch_name_keep(struct watch_names *, struct str, uint64_t hash);
struct str watch_name_text(const struct watch_names *, uint64_t); /* STR_NONE when it has gone */
uint64_t   watch_mix(uint64_t, uint64_t);
#endif
