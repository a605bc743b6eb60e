#ifndef INCIDENTS_LAW_H
#define INCIDENTS_LAW_H
/* The law of one incident: its duties with their clocks, the proposal whether each applies, the text to hand in, what was handed in.
 *
 * A duty is one row (step) of a pack that was in use when the incident was opened. Whether the pack applies is decided by a person, with a
 * reason and a name (act "track"); the machine proposes (significance.h), and both stand in the log. */
#include "points/incidents/incidents.h"
#include "points/incidents/deadline.h"
#include "points/incidents/significance.h"

struct incidents_duty {
	struct str name;                         /* of the pack */
	const struct deadline_pack *pack;        /* NULL: there is no such pack */
	const struct deadline_row *row;          /* NULL with pack NULL */
	enum { DUTY_UNDECIDED, DUTY_APPLIES, DUTY_NOT } applies;
	struct str reason; struct maybe_int assessed_by; struct instant assessed_at;
	bool is_due; struct instant due_at; const char *needs;
	bool is_handed; struct instant handed_at; struct str receipt;
};
/* book: deadline_read's; NULL: it is read here. Read it once where many incidents are walked. */
enum err incidents_duties(struct rq *, const struct incidents_get_row *, const struct deadline_book *, struct incidents_duty **ret, size_t *ret_n);
/* "21 h 56 min left", "3 h 2 min late". */
struct str incidents_left(struct rq *, const struct incidents_duty *);
enum err   incidents_duty_find(struct rq *, const struct incidents_get_row *, struct str pack, struct str step, struct incidents_duty *ret);
/* When its clock began to run. */
struct instant incidents_duty_from(const struct incidents_get_row *, const struct incidents_duty *duties, size_t n, const struct incidents_duty *);


/* --- clocks.c: the clocks of all incidents, for the calendar, the alarms and the command --- */
/* A clock that runs: its duty applies or nobody has decided, it has a moment, it is not handed in. */
struct incidents_clock { const struct incidents_get_row *row; const struct incidents_duty *duty; struct instant from; };
enum err incidents_clocks(struct rq *, const struct deadline_book *, enum err (*each)(void *of, const struct incidents_clock *), void *of);
enum incidents_alarm { ALARM_HALF = 1, ALARM_SOON, ALARM_LATE, ALARMS };
struct instant incidents_alarm_at(const struct incidents_clock *, enum incidents_alarm);     /* half of its time is left; 2 hours are, or 1 of 6; it is late */
enum err incidents_alarms_tick(struct rq *, bool *ret_has_said);
enum err incidents_get_clocks(struct rq *, const struct visit *, struct answer *);
enum err incidents_post_clocks(struct rq *, const struct visit *, struct answer *);
enum err incidents_get_calendar(struct rq *, const struct visit *, struct answer *);
enum err incidents_run_clocks(struct rq *, const struct args *, struct out *);

/* --- propose.c --- */
/* The pack with all that is known of this incident: stated facts, and those that are counted from the record. */
enum err incidents_significance(struct rq *, const struct incidents_get_row *, struct significance *ret);
/* What the machine proposes of each pack now, into the log; the text for the timeline is put behind *out. */
enum err incidents_propose(struct rq *, struct change *, const struct incidents_get_row *, const struct significance *, struct out *);
extern const char *const incidents_says_mark[];      /* by enum significance_says: "?", "✓", "✗" */

/* --- paper.c --- */
/* What is handed in at that step: headings and paragraphs, of which the text and the PDF are drawn. */
struct incidents_paper_part { struct str label, value; };    /* value empty: nobody has said it yet */
struct incidents_paper { struct str title, under, from; struct incidents_paper_part *parts; size_t n; int64_t missing; struct str how; };
enum err   incidents_paper(struct rq *, const struct incidents_get_row *, const struct incidents_duty *, struct incidents_paper *ret);
struct str incidents_paper_text(struct rq *, const struct incidents_paper *);
enum err   incidents_paper_pdf(struct rq *, const struct incidents_paper *, struct out *);
enum err   incidents_get_paper(struct rq *, const struct visit *, struct answer *);
enum err   incidents_get_law(struct rq *, const struct visit *, struct answer *);
enum err   incidents_get_receipt(struct rq *, const struct visit *, struct answer *);
enum err   incidents_draw_law(struct rq *, const struct visit *, const struct incidents_get_row *, const struct wrongs *, struct answer *);
#endif
