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
#endif
