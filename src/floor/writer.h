#ifndef FLOOR_WRITER_H
#define FLOOR_WRITER_H
/* The one writer: a thread that takes all jobs that wait, commits once, refreshes the standing, then answers.
 *
 * A job is a function that runs inside the transaction with a request of its own (writer's connection, the job's actor,
 * one moment for the whole batch). Nothing is answered before the commit is durable. A job that fails
 * after it wrote rolls the batch back, and the others run again one by one; so run() may run twice and
 * must keep no state but what it writes and what it puts into *of afresh each time.
 *
 * Nothing holds the writer longer than 250 ms: a large change is cut into steps, a job each. A step runs in a batch of its own, by turns
 * with what else waits, so that an accept waits for one step at the most. */
#include "floor/audit.h"

struct writer;
struct job {
	struct job    *next;                                    /* the writer's */
	enum err     (*run)(struct rq *, void *of);
	/* On the writer's thread, after the commit or the refusal; must be quick. The job may be freed in it. */
	void         (*done)(struct job *, enum err, const struct trouble *);
	void          *of;
	struct actor   actor;                                   /* its texts live until done */
	enum language  language;
	struct instant now;                                     /* ms 0: the batch's */
	bool           is_step;                                 /* of a large change: in a batch of its own */
	enum err       err;                                     /* the writer's */
	struct trouble trouble;
};

/* What the writer calls between commit and answers: the touched persons, and whether the common facts were touched. */
struct writer_hooks {
	enum err (*refresh)(struct rq *, const int64_t *persons, size_t n, bool is_site, void *of);
	enum err (*hear)(struct rq *, const struct event *, struct change *);   /* the fold over the points */
	void      *of;
};

/* Takes over the store (opened for writing) and the log. */
enum err writer_start(struct store *, struct audit *, struct writer_hooks, struct writer **ret);
void     writer_stop(struct writer *);                      /* finishes what waits */
void     writer_put(struct writer *, struct job *);         /* any thread */
/* Runs run() as a job of the caller's actor, language and, with `keep_now`, moment; waits; says the trouble in the caller's. */
enum err writer_do(struct writer *, enum err (*run)(struct rq *, void *), void *of, struct rq *caller);
enum err writer_do_at(struct writer *, enum err (*run)(struct rq *, void *), void *of, struct rq *caller, struct instant now);
/* A step of a large change. In run(), writer_has_time says whether it may take one more portion like the n that it has taken: a commit
 * costs much the same for one portion or three, and the writer's time is what the others wait for. With somebody waiting there is less of it. */
enum err writer_do_step(struct writer *, enum err (*run)(struct rq *, void *), void *of, struct rq *caller);
bool     writer_has_time(const struct writer *, int n);
bool     writer_is_late(const struct writer *);             /* its time is over: end here, even within a portion */
/* Where commands put their jobs; set by core at start. */
struct writer *writer_of_core(void);
void     writer_is_cores(struct writer *);
struct audit *writer_audit(struct writer *);                /* for sealing, inside a job */

struct writer_counters { uint64_t batches, jobs, failed, longest_ms; };
struct writer_counters writer_count(const struct writer *);
#endif
