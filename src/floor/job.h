#ifndef FLOOR_JOB_H
#define FLOOR_JOB_H
/* Long work that a person can watch: /me/job/ID. Its row is volatile, but set in the same commit as the steps it counts.
 *
 * `result` is for whoever made the job to read again: while it runs what it must not forget, afterwards how it ended. */
#include "floor/job.sql.h"
#include "floor/rq.h"

enum { JOB_IMPORT = 1 };                /* one at a time: the latest import has this number */

/* Both as jobs on the writer; from any other thread. */
enum err job_start(struct rq *, int64_t id, struct str title);
enum err job_over(struct rq *, int64_t id, struct str result);
#endif
