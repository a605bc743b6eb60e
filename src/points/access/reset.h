#ifndef RESET_H
#define RESET_H
/* Resets seen in other systems' logs, and the auditor's sample: for access's own files. */
#include "points/access/access.h"
#include "points/access/reset.sql.h"

/* Good rows, inside a job: one leaf for those that are new, and a suspicion for each without a verification. */
struct reset_record;
struct reset_counts { int64_t fresh, known, verified, unverified; };
enum err reset_take(struct rq *, const struct reset_record *, size_t n, struct reset_counts *ret);
/* The same of a watched log's lines as they come. A directory may tell of one reset in several lines: those of a minute are one. */
enum err reset_see(struct rq *, const struct reset_record *, size_t n);

/* A sample that anybody can draw again: each number of the population is ranked by SHA-256(seed, number), the lowest come first; the seed is
 * SHA-256 of the checkpoint's root, what is drawn from and the two moments. Whoever holds the signed checkpoint can tell that nobody has chosen. */
enum { SAMPLE_MOST = 200, SAMPLE_STANDARD = 25 };
enum sample_of { SAMPLE_VERIFICATIONS, SAMPLE_RESETS };
struct sample { int64_t size; struct str root; struct instant known_at; int64_t all; int64_t at[SAMPLE_MOST]; size_t n; };
/* size: of the checkpoint, -1 the latest. ERR_NONE: there is no such checkpoint; ERR_CONFLICT: nothing is sealed yet. */
enum err sample_draw(struct rq *, enum sample_of, struct instant from, struct instant until, int64_t size, size_t most, struct sample *ret);

/* Commands: rows in access's table. */
enum err reset_run_import(struct rq *, const struct args *, struct out *);
enum err reset_run_list(struct rq *, const struct args *, struct out *);
enum err sample_run(struct rq *, const struct args *, struct out *);
#endif
