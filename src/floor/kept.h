#ifndef FLOOR_KEPT_H
#define FLOOR_KEPT_H
/* Answers of the statements marked "-- kept" in their x.sql: a connection remembers them until a commit touches a table that they
 * were read from. Between store.c and kept.c alone; who calls a kept statement sees no difference but the time it takes.
 *
 * Only where all commits are made by this process (store_keeps, store.h), since the counters of commits stand in its memory. */
#include "floor/store.h"

struct rows { size_t n; size_t n_results; const struct value *cells; };   /* row by row */

/* The counters. kept_commits: how many commits have been published; read it before the statement's first row is asked for.
 * kept_publish: after a commit and before anybody is told of it; `tables` NULL: any table may have changed. */
uint64_t kept_commits(void);
void     kept_publish(const struct table *const *tables, size_t n);

struct kept;
struct kept *kept_new(void);                   /* NULL: no memory; then nothing is kept */
void         kept_end(struct kept *);
/* NULL: not known, or no longer true. What it gives lives until the next kept_put. */
const struct rows *kept_find(struct kept *, const struct statement *, const struct value *args);
/* As it was when kept_commits() said `as_of`. What is too large is not kept. */
void         kept_put(struct kept *, const struct statement *, const struct value *args, const struct rows *, uint64_t as_of);
#endif
