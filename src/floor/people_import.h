#ifndef FLOOR_PEOPLE_IMPORT_H
#define FLOOR_PEOPLE_IMPORT_H
/* HR's file in: checked whole against the store, then applied in steps: leaves of 1,000 persons, as many to a commit as the
 * writer has time for, so that the gate's accepts get in between.
 *
 * "All or nothing" means: a refused file changes nothing; an accepted one is applied whole, at the latest after a restart. The checked
 * plan lies as HOME/store/import.plan until the last step is done; its hash stands in the first leaf. It is no document of the log,
 * because it holds names and addresses, which must be erasable.
 *
 * Persons whose code begins with "local:" were made at set-up or by hand; no file makes them leave. A row that bears the mail address or
 * a log-in name of one of them *is* that person: it takes the row's id, and keeps the roles that were given here. */
#include "floor/people.h"
#include "floor/reading.h"

struct people_counts { int64_t added, changed, unchanged, left, bad; };
/* column PEOPLE_COLUMNS: the whole row; heading: of an unknown column */
struct people_bad { uint32_t row; uint16_t column, kind; const char *heading; };
struct people_outcome {
	struct people_counts counts;            /* what the file asks for; bad counts rows */
	struct people_bad   *bad; size_t n_bad; /* by row; one row may have several */
	bool                 is_file_bad;       /* nothing can be made of it, whatever may be passed over */
	int64_t              n_before;          /* persons that earlier files brought and who have not left */
};

struct people_check;
/* Judges the whole file. `skip_bad`: a person whose row is bad neither changes nor leaves, and the rest is judged without them. Reads
 * the store once; not on the writer. The check has memory of its own, with a ceiling: end it. The outcome's lists lie in it. */
enum err people_check(struct rq *, const struct reading *, bool skip_bad, struct people_check **ret);
void     people_check_end(struct people_check *);
const struct people_outcome *people_check_outcome(const struct people_check *);
int64_t  people_vanish(const struct people_outcome *);      /* who would leave, in per cent of n_before, rounded up */
/* What would change, person by person: '+' new, '~' changed, '-' leaves; of a change, each column that differs. The texts live for the call. */
struct people_diff { char what; struct str code, name; bool is_back; size_t n;
	struct { enum people_column column; struct str was, becomes; } column[PEOPLE_COLUMNS]; };
enum err people_check_each(struct rq *, struct people_check *, enum err (*each)(void *of, const struct people_diff *), void *of);
/* The same as lines, at most `most`: "+ u7 Eva Ek", "~ u3 Bo Ask: unit, phone", "- u2 Siv Ek". */
enum err people_check_diff(struct rq *, struct people_check *, int64_t most, struct out *);

struct people_wish { bool skip_bad, is_dry; int64_t vanish; struct str title; };   /* per cent that may leave; the job's title */
enum { PEOPLE_VANISH = 5 };
/* How it ended, as job JOB_IMPORT keeps it: a first line "done|dry|bad|vanish|failed|lost ADDED CHANGED UNCHANGED LEFT BAD"; then the
 * sentence of a failure, or up to 100 lines "ROW COLUMN KIND HEADING" of what is bad. */
enum { PEOPLE_RESULT_ROWS = 100 };
enum people_phase { PEOPLE_READING, PEOPLE_CHECKING, PEOPLE_APPLYING };
struct people_progress {
	void (*tell)(void *of, enum people_phase, int64_t done, int64_t all);   /* may be NULL */
	void  *of;
};
/* All of it: read, check, tell the outcome, apply. `said` is called once, with the verdict that will be returned unless applying fails:
 * OK, ERR_INVALID (bad rows), ERR_CONFLICT (too many would vanish). ERR_BUSY when another import is running. Blocks: on a thread of
 * its own, not on the writer. */
enum err people_import(struct rq *, int file, struct people_wish, struct people_progress,
                       enum err (*said)(struct rq *, struct people_check *, enum err verdict, void *of), void *of);
/* At start: who wants to import waits from here on, until it is known whether a kill left one unfinished. */
void     people_import_wait(void);
/* Did it? Then that one has the turn, and people_import_resume is called; else whoever waits goes on. */
enum err people_import_owed(struct rq *, bool *ret);
/* On a thread of its own, with the turn that people_import_owed has taken: finishes what a kill left. OK when there is nothing. */
enum err people_import_resume(struct rq *);
bool     people_import_is_running(void);

/* HOME of the running core, for commands and pages. Defined by core. */
const char *people_home(void);
#endif
