#ifndef FLOOR_STANDING_H
#define FLOOR_STANDING_H
/* The standing: what the gate must know about everyone, in memory.
 *
 * One record per person, cut into slices, one per part (floor's own first, then each point's); at most 128 bytes together.
 * Records stand in chunks of 512. A slice holds facts with their instants, never conclusions, so time alone touches
 * none. Order of a change: rows and leaf commit -> the writer copies the touched chunks, fills, swaps their pointers ->
 * the caller is answered. A chunk is freed when no verdict that began before the swap is running.
 *
 * Threads: one writer (load, refresh); any number of readers, each between standing_enter and standing_leave. What a reader
 * gets in between stays whole until it leaves. Readers never wait; the writer waits for them, some microseconds. */
#include "floor/rq.h"

/* Persons first .. last-1, and where the slice of the first one is; the next lies `stride` bytes on. Zeroed when handed to fill. */
struct slices { int64_t first, last; char *at; size_t stride; };
static inline void *slice_of(struct slices s, int64_t person) { return s.at + (size_t)(person - s.first) * s.stride; }

/* What fills a slice and the record of what is common to all. Either function may be absent. */
struct standing_part {
	size_t     slice_size, site_size;
	enum err (*stand)(struct rq *, struct slices);
	enum err (*site)(struct rq *, void *site);
};
enum { STANDING_MOST = 128, STANDING_PARTS = 16, STANDING_CHUNK = 512 };

/* Reads everyone from the store. `parts` must outlive it. ERR_FULL when the slices pass STANDING_MOST. */
enum err standing_load(struct rq *, const struct standing_part *parts, size_t n, struct standing **ret);
/* The same in steps, beside the doors: a new one knows nobody and is not loaded; who gives verdicts asks standing_is_loaded first. From standing_new
 * on, whom a commit touches is noted by the caller. standing_size, then standing_take by any threads, each with a connection of its own,
 * until all ranges are taken or `stop` (may be NULL). Then, on the writer, where nothing is committed meanwhile: standing_refresh of all who were noted and
 * of the site, and standing_open. Several ranges need no snapshot in common: what has changed in between was noted. */
enum err standing_new(struct rq *, const struct standing_part *parts, size_t n, struct standing **ret);
enum err standing_size(struct standing *, struct rq *);
enum err standing_take(struct standing *, struct rq *, const _Atomic bool *stop);
void     standing_open(struct standing *, struct instant now);
bool     standing_is_loaded(const struct standing *);
int64_t  standing_read(const struct standing *);            /* how many persons have been read so far */
void     standing_end(struct standing *);
/* Reads these persons again (new numbers make it grow), and the common records when `is_site`. */
enum err standing_refresh(struct standing *, struct rq *, const int64_t *persons, size_t n, bool is_site);

/* A thread's place among the readers; -1 when all are taken (STANDING_READERS). Give it back when the thread ends. */
enum { STANDING_READERS = 64 };
int      standing_reader(struct standing *);
void     standing_reader_gone(struct standing *, int reader);
void     standing_enter(const struct standing *, int reader);
void     standing_leave(const struct standing *, int reader);

/* Between enter and leave: */
int64_t     standing_count(const struct standing *);
const void *standing_slice(const struct standing *, int64_t person, size_t part);   /* NULL: no such person */
const void *standing_site(const struct standing *, size_t part);
/* The person who is called that, in canonical form (people_canonical); -1 unknown. */
int64_t     standing_find(const struct standing *, struct str canonical);
int         standing_class(const struct standing *, int64_t person);                 /* 1-4; 0: no such person */
/* Where somebody belongs, and when the employment ends or has ended (INSTANT_NEVER: no end known). */
struct standing_place { int64_t unit, body; struct instant ends_at; };
struct standing_place standing_place(const struct standing *, int64_t person);
struct instant standing_loaded_at(const struct standing *);
size_t      standing_bytes(const struct standing *);        /* memory held: records and names */
#endif
