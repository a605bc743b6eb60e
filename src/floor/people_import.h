#ifndef FLOOR_PEOPLE_IMPORT_H
#define FLOOR_PEOPLE_IMPORT_H
/* HR's file in: checked whole against the store, then applied in steps of about 1,000 rows, each with leaf and commit, so that
 * the gate's accepts get in between.
 *
 * "All or nothing" means: a refused file changes nothing; an accepted one is applied whole, at the latest after a restart. The checked
 * plan lies as HOME/store/import.plan until the last step is done; its hash stands in the first leaf. It is no document of the log,
 * because it holds names and addresses, which must be erasable.
 *
 * Persons whose code begins with "local:" were made at set-up or by hand; no file makes them leave. */
#include "floor/people.h"

struct people_counts { int64_t added, changed, unchanged, left, bad; };
struct people_bad { uint32_t row; struct str column; const char *problem; };    /* problem: N_() */
struct people_plan {
	struct people_counts counts;
	struct people_bad   *bad; size_t n_bad;
	bool                 is_refused;        /* a row is bad and bad rows may not be passed over */
	struct str          *units; int64_t n_units, first_unit;    /* new ones, in the order of their numbers */
	int64_t              n_ops;
	char                 hash[65];          /* of the plan file */
};

/* `skip_bad`: a person whose row is bad neither changes nor leaves. Reads the store once; not on the writer. The steps go to
 * HOME/store/import.plan.new, so that a million of them need no memory. */
enum err people_plan_make(struct rq *, int records_file, int problems_file, bool skip_bad, const char *home, struct people_plan *ret);
void     people_plan_drop(const char *home);            /* a plan that is not to be applied */
/* Persons who would vanish, in per cent of those in the file before. */
int64_t  people_plan_vanish(const struct people_plan *);
/* Keeps the plan, then puts its steps to the writer. progress(of, done, all) after each; may be NULL. */
enum err people_plan_apply(struct rq *, struct people_plan *, const char *home, void (*progress)(void *, int64_t, int64_t), void *of);
/* At start: finishes what a kill left. OK when there is nothing. */
enum err people_plan_resume(struct rq *, const char *home);
/* HOME of the running core, for commands and pages. Defined by core. */
const char *people_home(void);
#endif
