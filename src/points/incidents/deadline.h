#ifndef INCIDENTS_DEADLINE_H
#define INCIDENTS_DEADLINE_H
/* When an incident must be reported, and to whom: the law's clocks, as versioned rows. Pure.
 *
 * Each pack is one duty as it stood at a date; its rows are read in order. Verify at the authority before relying on it: the
 * rows carry where they come from. Hours are elapsed hours; a month is the same clock time in Stockholm in the next month,
 * clamped to its last day (base/when.h). */
#include "floor/rq.h"

enum deadline_start { START_AWARE, START_NOTIFIED };   /* kännedom; the day the notification was handed in */
struct deadline_row {
	const char         *step;          /* "early_warning" */
	int                 hours, months; /* one of them is 0 */
	enum deadline_start starts;
	enum { WHEN_ALWAYS, WHEN_OVER, WHEN_RUNNING } when;    /* is the incident over, or does it still run? */
	const char         *basis;         /* N_(): the rule, in one sentence with its paragraph */
};
struct deadline_pack {
	const char *name, *track;          /* "se-csl-2026", "csl" */
	const char *source, *checked_on;   /* where the rows come from, and the day somebody looked */
	const struct deadline_row *rows;   /* ended by .step NULL */
};
const struct deadline_pack *deadline_pack_named(struct str name);  /* NULL: there is none */
extern const struct deadline_pack deadline_packs[];                /* ended by .name NULL */

struct deadline_case {
	struct instant aware_at;
	bool           is_notified, is_running;
	struct instant notified_at;
};
/* When the row's duty is due. False: it cannot be said yet, and *ret_needs (N_()) says what is missing. */
bool deadline_due(const struct deadline_row *, const struct deadline_case *, struct instant *ret, const char **ret_needs);
#endif
