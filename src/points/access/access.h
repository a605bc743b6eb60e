#ifndef ACCESS_H
#define ACCESS_H
/* Point 1, access: for its own files alone.
 *
 * A grant goes requested -> approved -> (executed) -> active, by three different people. Its state is read out of its moments
 * and the present one; nothing has to run for a grant to begin or to end. What may be done with a grant in a state, and
 * by whom, is one table (access_moves); pages show the rows of it that apply as their only buttons. */
#include "points/access/access.sql.h"
#include "floor/frame.h"
#include "point.h"

enum access_state {
	ACCESS_REQUESTED,       /* begärd */
	ACCESS_RETURNED,        /* återremiss: sent back with a comment */
	ACCESS_APPROVED,        /* waits for the one who executes */
	ACCESS_COMING,          /* executed, its time has not begun; "approved" to the outside */
	ACCESS_ACTIVE,
	ACCESS_SUSPENDED,
	ACCESS_EXPIRED,         /* its time is over; a request too, when nobody decided in time */
	ACCESS_REVOKED,
	ACCESS_REJECTED,
	ACCESS_WITHDRAWN,
	ACCESS_STATES
};
extern const char *const access_state_name[ACCESS_STATES];     /* command line and API */
extern const char *const access_state_word[ACCESS_STATES];     /* N_(): pages */

struct access_moments {
	struct instant   from_at, until;
	struct maybe_int approved_at, executed_at, rejected_at, withdrawn_at, returned_at, suspended_at, ended_at;
};
/* From any row that has columns of these names. */
#define ACCESS_MOMENTS(row) (&(const struct access_moments){ (row)->from_at, (row)->until, (row)->approved_at, (row)->executed_at, \
	(row)->rejected_at, (row)->withdrawn_at, (row)->returned_at, (row)->suspended_at, (row)->ended_at })
enum access_state access_state(const struct access_moments *, struct instant now);

/* --- the slice and the site: facts for the gate (opinion.c, pure) --- */
enum { ACCESS_SLOTS = 4, ACCESS_GATEWAYS = 256, ACCESS_MORE = 2048 };
enum { ACCESS_ANY_SERVICE = 0, ACCESS_NO_SERVICE = UINT16_MAX };
/* Moments here are seconds since 2020-01-01 UTC; UINT32_MAX is never. `held` counts in units of two minutes, rounded up: enough until 2083. */
enum { ACCESS_HELD_UNIT = 120 };
struct access_slice {
	uint32_t from[ACCESS_SLOTS], until[ACCESS_SLOTS];
	uint16_t service[ACCESS_SLOTS];
	uint32_t ends;                  /* when employment ends or ended, or the person left HR's file */
	uint32_t n : 3;                 /* how many slots */
	uint32_t suspended : 4;         /* bit i: slot i is suspended */
	uint32_t has_more : 1;          /* more than the slots hold: all of it stands in the site */
	uint32_t held : 24;             /* until when remote connections are held after a reset or a suspicion; 0 not */
};
struct access_open { uint32_t person, from, until; uint16_t service; bool is_suspended; };
struct access_site {
	uint16_t n_gateways, service[ACCESS_GATEWAYS];      /* what a grant must be for, by the gateway's number */
	uint32_t n_more;
	struct access_open more[ACCESS_MORE];               /* by person */
};
void     access_opinion(const struct ask *, const void *slice, const void *site, struct opinion *ret);
uint32_t access_second(struct instant);                         /* rounded down, kept inside */
struct instant access_moment(uint32_t second);
extern const struct reason *const access_reasons[];
extern const struct reason access_left, access_no_grant, access_not_yet, access_expired, access_suspended, access_quarantined;

/* stand.c */
enum err access_stand(struct rq *, struct slices);
enum err access_stand_site(struct rq *, void *site);
struct instant access_remembered(struct instant now);           /* grants that ended before this are not in the standing */

/* --- verbs (grant.c): each one leaf, inside a job on the writer --- */
struct access_asked {
	int64_t          person;
	struct str       service, purpose;
	struct instant   from_at, until;
	struct maybe_int requested_by;          /* absent: the account on the server */
	struct maybe_int approved_by, executed_by;     /* both with a stated grant only */
};
enum err access_ask(struct rq *, const struct access_asked *, int64_t *ret_grant);
/* Decided elsewhere: the three differ, exist and hold the roles. */
enum err access_state_grant(struct rq *, const struct access_asked *, int64_t *ret_grant);
/* Checked and trimmed in place, times in whole seconds; the person as the store knows her. For grant.c and move.c. */
enum err access_check_asked(struct rq *, struct access_asked *, struct access_person_row *ret);
/* The standing must have room for what is about to open; touches what must be read again. */
enum err access_make_room(struct rq *, struct change *, int64_t person);

struct access_deed {
	int64_t    grant, by;
	struct str reason;
	struct str purpose; struct instant from_at, until;      /* of "again" alone */
	bool       is_stated;                                   /* said at the command line in somebody's name */
};
struct access_move {
	const char *name;               /* "approve": command, form field and last part of the leaf's action */
	const char *button;             /* N_() */
	unsigned    states;             /* 1 << enum access_state */
	unsigned    roles;
	bool        is_others;          /* neither who asked, who approved nor the person herself */
	bool        is_not_own;         /* not the person herself */
	bool        is_askers;          /* only who asked */
	bool        needs_reason;
	enum err  (*check)(struct rq *, const struct access_grant_get_row *, const struct access_deed *);    /* before anything is written; may be absent */
	enum err  (*make)(struct rq *, struct change *, const struct access_grant_get_row *, const struct access_deed *);
};
extern const struct access_move access_moves[];                 /* ended by .name NULL */
const struct access_move *access_move_named(struct str);
/* May this person do that with this grant now? OK, or the sentence that says why not. */
enum err access_may(struct rq *, const struct access_move *, const struct access_grant_get_row *, int64_t by);
enum err access_do(struct rq *, const struct access_move *, const struct access_deed *);
/* A leaver's grants end, a mover's are reviewed. */
enum err access_hear(struct rq *, const struct event *, struct change *);

/* --- who may (who.c) --- */
/* OK when the person is employed and holds one of the roles for that legal body, self or as somebody's deputy. */
enum err access_holds(struct rq *, int64_t person, unsigned roles, int64_t body);

/* desk.c */
enum err access_figures(struct rq *, struct figures *ret);
enum err access_due(struct rq *, struct tasks *ret);
enum err access_about(struct rq *, int64_t person, struct abouts *ret);

extern const struct command access_commands[];
extern const struct page access_pages[];
/* Handlers of the pages: page.c (list, ask), page_grant.c, page_reset.c; of reviews in review.h. */
enum err access_get_list(struct rq *, const struct visit *, struct answer *);
enum err access_get_ask(struct rq *, const struct visit *, struct answer *);
enum err access_post_ask(struct rq *, const struct visit *, struct answer *);
enum err access_get_grant(struct rq *, const struct visit *, struct answer *);
enum err access_post_grant(struct rq *, const struct visit *, struct answer *);
enum err access_get_resets(struct rq *, const struct visit *, struct answer *);
struct state_page access_state_shape(enum access_state);
struct str access_shown_name(struct rq *, struct str name, bool is_protected);
/* A date as a form has it. `is_end`: a day without a time means through that day. */
enum err access_read_day(struct str, bool is_end, struct instant *ret);
struct str access_day_text(struct rq *, struct instant, bool is_end);
extern const struct setting access_settings[];
extern const struct point access_point;
#endif
