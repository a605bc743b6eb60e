#ifndef FLOOR_FIXTURE_H
#define FLOOR_FIXTURE_H
/* For tests (brings cmocka with it; include it first): an empty home in memory with every schema applied, and a request that may write.
 *
 *     struct fixture *f = fixture_new();
 *     struct change *change = fixture_begin(f, "test.act");
 *     ... generated writes with change ...
 *     fixture_commit(f);                       // leaves closed, settled and committed
 *     ... reads with &f->rq ...
 *     fixture_end(f);
 *
 * The moment is 2026-11-24 08:00 UTC until the test sets f->rq.now. What should not fail and does ends the test program
 * with the sentence. With SAMORDNA_TEST_POSTGRES set (libpq's conninfo of an empty database) the home stands there instead, with
 * SAMORDNA_TEST_FILE in that file, which must not be there yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail                         /* cmocka's; ours says a sentence */
#include "floor/audit.h"
#include "floor/event.h"

struct fixture {
	struct rq      rq;
	struct arena  *arena;
	struct trouble trouble;
	struct actor   actor;           /* "test:coordinator", every role, in step-up; person -1 */
	struct audit  *audit;
};
struct store_place fixture_place(void);                                /* where fixture_new makes its home */
struct fixture *fixture_new(void);
void            fixture_end(struct fixture *);
struct change  *fixture_begin(struct fixture *, const char *action);   /* begins a transaction too */
void            fixture_commit(struct fixture *);
void            fixture_rollback(struct fixture *);
/* Forget a trouble that the test expected. */
void            fixture_forgive(struct fixture *);

/* What a job on the writer is: transaction, events heard (`hear` may be NULL), leaves closed, commit; or all of it rolled back.
 *     #define JOB(call) FIXTURE_JOB(f, hear, call) */
enum err        fixture_job_begin(struct fixture *);
enum err        fixture_job_end(struct fixture *, enum err err, enum err (*hear)(struct rq *, const struct event *, struct change *));
#define FIXTURE_JOB(f, hear, call) (fixture_job_begin(f) == OK ? fixture_job_end(f, call, hear) : ERR_IO)

/* Bodies and units 1, 2 ... (each unit of class 3 and of the body with its number), and persons 0, 1 ... who are called as their code is and log
 * in with it. Inside a job. */
struct fixture_house { const char *body, *unit; };
struct fixture_person { const char *code; int64_t roles, unit; struct instant left_at; };   /* ms 0: has not left */
enum err        fixture_people(struct fixture *, const struct fixture_house *, size_t n_houses, const struct fixture_person *, size_t n);
#endif
