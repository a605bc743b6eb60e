#ifndef FLOOR_STANDING_H
#define FLOOR_STANDING_H
/* The standing: what the gate must know about everyone, in memory.
 *
 * One record per person, cut into a slice of floor's own facts and one slice per point; at most 128 bytes together.
 * Records stand in chunks of 512. A slice holds facts with their instants, never conclusions, so time alone
 * touches none. Order of a change: rows and leaf commit -> the writer copies the touched chunks, fills, swaps their pointers ->
 * the caller is answered. A chunk is freed when no verdict that began before the swap is running.
 *
 * Threads: one writer (standing_load, standing_refresh); any number of readers between standing_enter and standing_leave. */
#include "floor/rq.h"

/* Persons first .. last-1, and where the slice of the first one is; the next lies `stride` bytes on. */
struct slices { int64_t first, last; char *at; size_t stride; };
static inline void *slice_of(struct slices s, int64_t person) { return s.at + (size_t)(person - s.first) * s.stride; }
#endif
