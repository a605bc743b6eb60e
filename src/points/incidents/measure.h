#ifndef INCIDENTS_MEASURE_H
#define INCIDENTS_MEASURE_H
/* Countermeasures: what the gate does for a time, at once, against a source or for an account. For this point's own files.
 *
 *     pending          made by the watch, or for a critical unit by somebody who may not decide that: acts not at all
 *     active           acts in the gate from the commit on
 *     pending removal  somebody has asked that it be removed; acts until somebody who may has done it, or its end
 *     removed          by a person, or by itself at its end; a pending one that nobody decided has lapsed
 *
 * The state follows from the moments at each reading, and the gate compares the end with the moment it is asked: nothing has to run for a
 * measure to end. What stops people of units of class 1 is decided by a coordinator or the management, never by a machine. */
#include "points/incidents/measure.sql.h"
#include "floor/address.h"
#include "point.h"

enum measure_kind { MEASURE_BLOCK = 1, MEASURE_HOLD, MEASURE_FACTOR, MEASURE_KINDS };
enum measure_state { MEASURE_PENDING, MEASURE_ACTIVE, MEASURE_PENDING_REMOVAL, MEASURE_REMOVED, MEASURE_STATES };
extern const char *const measure_kind_name[MEASURE_KINDS], *const measure_kind_word[MEASURE_KINDS];      /* from 1; word N_() */
extern const char *const measure_state_name[MEASURE_STATES], *const measure_state_word[MEASURE_STATES];
enum measure_state measure_state(const struct measure_get_row *, struct instant now);

enum { MEASURE_HOURS = 24 * 30, MEASURES_MOST = 1024,
	MEASURE_MAKES = ROLE_COORDINATOR | ROLE_SUPPORT | ROLE_SYSTEM_OWNER, MEASURE_DECIDES_CRITICAL = ROLE_COORDINATOR | ROLE_MANAGEMENT };

/* --- verbs: each one leaf, inside a job on the writer --- */
struct measure_wish {
	enum measure_kind kind;
	struct str        target;            /* an address, a network, or a person's name */
	int64_t           hours, by;
	struct str        because, incident; /* the incident's number; empty: none */
	bool              is_critical;       /* a source: for people of class 1 too */
	bool              knows_ours;        /* our own people come in from there, and that is known */
	const char       *wrong;             /* out: the field that the refusal is about */
};
enum err measure_make(struct rq *, struct measure_wish *, int64_t *ret);
/* What may be done with one that is there. */
struct measure_act { const char *name, *button; unsigned states; bool needs_reason;
	enum err (*make)(struct rq *, const struct measure_get_row *, int64_t by, struct str because); };
extern const struct measure_act measure_acts[];              /* ended by .name NULL */
enum err measure_do(struct rq *, struct str act, int64_t measure, int64_t by, struct str because);
/* May she? OK, or the sentence why not. */
enum err measure_may(struct rq *, const struct measure_act *, const struct measure_get_row *, int64_t by);
/* What it is about, for people: the source, or the person's name. */
struct str measure_target(struct rq *, const struct measure_get_row *);
/* By the watch, in the commit of what it saw, when the setting says so: never for class 1, never where our own people come from. */
enum err measure_by_watch(struct rq *, struct change *, int64_t incident, struct str key);
/* Persons of ours who came in from there within a day. */
enum err measure_ours(struct rq *, const struct network *, int64_t *ret_n, int64_t **ret_live, size_t *ret_n_live);

/* --- at the gate (measure_gate.c) --- */
struct measure_block { struct network network; bool is_critical; int64_t from, until; };
struct measure_held { int64_t person, from, until; bool is_factor; };
struct measure_site {
	int32_t              n_blocks, n_held, n_lengths;
	uint8_t              length[128];                    /* the lengths that there are: blocks lie in their order */
	struct measure_block block[MEASURES_MOST];           /* by length, then address */
	struct measure_held  held[MEASURES_MOST];            /* by person */
};
enum err measure_site(struct rq *, void *site);
void     measure_opinion(const struct ask *, const void *slice, const void *site, struct opinion *);
extern const struct reason measure_blocked, measure_is_held, measure_needs_factor;
extern const struct reason *const measure_reasons[];

/* --- what is told of them (measure_tell.c), pages and commands --- */
enum err measure_mine(struct rq *, int64_t person, struct mines *);
enum err measure_about(struct rq *, int64_t person, struct abouts *);
enum err measure_due(struct rq *, struct tasks *);
enum err measure_get_list(struct rq *, const struct visit *, struct answer *);
enum err measure_post_list(struct rq *, const struct visit *, struct answer *);
const char *measure_page_acts(size_t n);
enum err measure_run_make(struct rq *, const struct args *, struct out *);
enum err measure_run_act(struct rq *, const struct args *, struct out *);
enum err measure_run_list(struct rq *, const struct args *, struct out *);
enum err measure_run_blocks(struct rq *, const struct args *, struct out *);
#endif
