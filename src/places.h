#ifndef PLACES_H
#define PLACES_H
/* The places taken at each gateway, in memory: never fewer than there are sessions, and at most so many as were let in.
 *
 * A place is taken in the same critical section as the verdict that gives it (hold, judge, take, let go), so no two verdicts see the same free
 * place. It is OFFERED until the gateway says that the session began, then OPEN, and is freed when the gateway says that it ended; or by
 * itself:
 *   offered  after a lease, when this gateway is known to tell of beginnings; else at the end of the right that was given
 *   open     a grace after that end, and not before three reports in a row have failed to come
 * What the gateway tells of and nobody has let in (its session's id is below 0) takes a place too, above any limit: the gateway's own list is
 * the truth. It is freed when three reports have failed to come from a gateway that reports.
 *
 * The store holds the same as rows; after a start the count is laid anew from them. Ends are compared with the moment of the ask, on the clock as it
 * ran when the book was begun: when the wall's clock jumps (over 2 s back, over 60 s ahead), nothing ends sooner or later by that.
 *
 * Threads: hold and let go enclose all that says so below; every other function holds by itself. */
#include "point.h"

struct places;
struct places_rules { struct span lease, grace, silence; };    /* silence: after so long without a word an open one is not trusted any more */

struct places *places_new(void);
void places_end(struct places *);
void places_rule(struct places *, struct places_rules);

/* --- between hold and let go --- */
void places_hold(struct places *, struct instant now);         /* frees what is over */
void places_let_go(struct places *);
const struct taken *places_taken(const struct places *);       /* by gateway, PLACES_GATEWAYS of them */
enum { PLACES_GATEWAYS = 256, PLACE_NONE = -1 };

struct place_wish {
	int64_t        person;
	int16_t        gateway;        /* -1: takes none */
	uint8_t        class;
	bool           is_of_reserve;
	uint32_t       slot;           /* of the verdict */
	uint64_t       key;            /* of the gateway's own name for the log-in (place_key); 0: it has none */
	struct instant now, until;
};
uint64_t place_key(int16_t gateway, int64_t person, struct str session);
/* The place that the same log-in has already, asked once more (a packet sent again, a renewal); PLACE_NONE. While its person is judged it is
 * not counted: leave out, then put back or take over. */
int32_t places_find(const struct places *, uint64_t key);
/* Until when it was given; ms 0: there is no such place. */
struct instant places_until(const struct places *, int32_t place);
void    places_leave_out(struct places *, int32_t place);
void    places_put_back(struct places *, int32_t place);
/* Its number until it is named. `old`: the place left out that this one takes over, or PLACE_NONE. PLACE_NONE: no memory; then nobody is let in. */
int32_t places_take(struct places *, const struct place_wish *, int32_t old);
void    places_strain(struct places *, int16_t gateway, bool is_strained);
/* How much she has been connected of late (enum had); she was turned away for want of a place, and stands in line until she takes one. */
uint8_t places_had(struct places *, int64_t person);
void    places_wait(struct places *, int64_t person, int16_t gateway, uint8_t class);

/* --- after the commit, or instead of it --- */
enum { PLACE_UNNAMED = INT32_MIN };
int64_t places_id(struct places *, int32_t place);             /* the session that stood there before; PLACE_UNNAMED: none */
void    places_name(struct places *, int32_t place, int64_t id);    /* the accept is stored: this is its session */
void    places_give_back(struct places *, int32_t place);      /* it could not be stored */

/* It could not be stored, and she is let in until then all the same: the place stays taken until it is named or given back. */
void    places_lease(struct places *, int32_t place, struct instant until);

/* --- what gateways tell --- */
struct place_told {
	int64_t        id, person;
	int16_t        gateway;
	uint8_t        class;
	bool           is_of_reserve, is_open;
	uint32_t       slot;
	uint64_t       key;
	struct instant offered_at, until, heard_at;
};
void places_tells(struct places *, int16_t gateway);           /* it tells of beginnings */
void places_reports(struct places *, int16_t gateway);         /* and of how they go on */
void places_told(struct places *, const struct place_told *);  /* it is there: known, known again, or taken anew */
void places_over(struct places *, int64_t id, struct instant now);
/* She was connected before this book was begun. */
void places_had_been(struct places *, int64_t person, struct instant from, struct instant until);

/* For pages: a copy. */
void places_count(struct places *, struct instant now, struct taken ret[PLACES_GATEWAYS]);
#endif
