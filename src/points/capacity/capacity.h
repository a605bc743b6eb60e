#ifndef CAPACITY_H
#define CAPACITY_H
/* Point 6, capacity: for its own files alone. */
#include "points/capacity/capacity.sql.h"
#include "points/capacity/capacity_day.sql.h"
#include "point.h"
#include "floor/state.html.h"

/* --- how many are in (peak.c) --- */
struct capacity_stay { struct instant from, to; };      /* half-open */
/* The most that were there at one moment, and the first such moment. Pure; sorts the stays. */
size_t capacity_peak(struct arena *, const struct capacity_stay *, size_t n, struct instant *ret_at);

/* --- how many there is room for (pool.c; pure) --- */
struct capacity_limits { struct maybe_int licence, tested, tested_at, addresses, throughput, share, logins, reduced; };
enum capacity_bound { BOUND_NONE, BOUND_LICENCE, BOUND_TESTED, BOUND_ADDRESSES, BOUND_THROUGHPUT, BOUND_LOGINS, BOUND_REDUCED, BOUNDS };
struct capacity_pool {
	bool    is_set, is_reduced;
	uint8_t bound;                 /* enum capacity_bound: what sets the limit */
	int32_t places;                /* the smallest limit */
	int32_t reserve;               /* of these, for security and incident staff */
	int32_t open;                  /* places - reserve: K1's effective capacity */
};
struct capacity_pool capacity_pool_of(const struct capacity_limits *, int64_t rush_minutes);
extern const char *const capacity_bound_name[BOUNDS], *const capacity_bound_word[BOUNDS];
enum capacity_state { POOL_UNSET, POOL_NORMAL, POOL_STRAINED, POOL_FULL, POOL_REDUCED, POOL_STATES };
extern const char *const capacity_state_name[POOL_STATES], *const capacity_state_word[POOL_STATES];
enum capacity_state capacity_state_of(const struct capacity_pool *, int64_t taken);
enum { STRAINED_AT = 80, STRAINED_UNTIL = 70 };         /* per cent of what is open */

/* --- at the gate (stand.c, opinion.c) --- */
/* A booked time in 32 bits: 20 of the slot's number, which come round after 39 years, 8 of the gateway's, 4 of the length in slots less one.
 * `held` says how many of `booked` there are. */
enum { CAPACITY_BOOKED = 3 };
struct capacity_slice { uint8_t class : 3, is_reserve : 1, held : 4; uint8_t spare; uint16_t unit; uint32_t booked[CAPACITY_BOOKED]; };
static inline uint32_t booked_of(uint32_t slot, uint32_t gateway, uint32_t slots) { return (slot & 0xfffff) | gateway << 20 | (slots - 1) << 28; }
static inline uint32_t booked_gateway(uint32_t booked) { return booked >> 20 & 0xff; }
static inline uint32_t booked_slots(uint32_t booked) { return (booked >> 28) + 1; }
/* How many slots before it this one begins; a time to come gives a large number. */
static inline uint32_t booked_since(uint32_t booked, uint32_t slot) { return (slot - booked) & 0xfffff; }
enum { CAPACITY_GATEWAYS = 256, CAPACITY_INSTEAD = 160, CAPACITY_UNITS = 512, CAPACITY_NO_UNIT = 0xffff, CAPACITY_SLOTS = 2048, CAPACITY_RAISED = 64 };
struct capacity_site {
	int32_t              n;        /* gateways */
	struct capacity_pool pool[CAPACITY_GATEWAYS];
	int32_t              n_slots;
	struct { uint32_t slot; uint16_t gateway, n; } slot[CAPACITY_SLOTS];     /* how many have booked, by number and gateway */
	int32_t              kept[5];  /* by class: per cent of what is open that it leaves free */
	int32_t              n_units;
	struct { int32_t unit; char text[CAPACITY_INSTEAD + 4]; } instead[CAPACITY_UNITS];
	int32_t              n_raised;
	struct capacity_raise { int64_t decision; struct instant from, until; int32_t unit; int16_t gateway; uint8_t class; } raised[CAPACITY_RAISED];
};
enum err capacity_stand_in(struct rq *, struct slices);
enum err capacity_site_in(struct rq *, void *site);
void     capacity_opinion(const struct ask *, const void *slice, const void *site, struct opinion *ret);
extern const struct reason *const capacity_reasons[];
extern const struct reason capacity_full, capacity_full_until_slot, capacity_turn, capacity_local;

/* --- the verbs (limit.c): each a leaf --- */
struct capacity_known { int64_t id; struct str name; struct capacity_limits limits; struct capacity_pool pool; };
/* All gateways with their limits, in the order of their numbers. */
enum err capacity_gateways(struct rq *, struct capacity_known **ret, size_t *ret_n);
enum err capacity_gateway(struct rq *, struct str name, struct capacity_known *ret);
enum err capacity_find(struct rq *, struct str name, struct refer_found *ret);        /* a gateway, for records that refer to it */
enum err capacity_set_limits(struct rq *, const struct capacity_known *, const struct capacity_limits *);
struct capacity_wish { struct str gateway, note; int64_t places, cost; struct instant delivery_at; };
enum err capacity_order(struct rq *, const struct capacity_wish *, int64_t *ret);
enum err capacity_order_over(struct rq *, int64_t order, bool is_delivered);
enum err capacity_set_unit(struct rq *, struct str unit, struct maybe_int is_reserve, struct str instead);
/* A number of people's: empty or `-` is NULL. */
enum err capacity_read_number(struct str, int64_t most, struct maybe_int *ret);
enum { LIMIT_MOST = 1000000 };

/* --- classes raised by hand (raise.c) --- */
/* Those that a signed decision lets count now or later; gateway: number, -1 every one. At most CAPACITY_RAISED. */
enum err capacity_raises(struct rq *, struct capacity_raise *ret, int32_t *ret_n);
/* The one of these that counts for the unit at a moment, at every gateway; NULL: none. */
const struct capacity_raise *capacity_raise_now(const struct capacity_raise *, int32_t n, int64_t unit, struct instant);
/* Units whose raise no decision lets count now. */
enum err capacity_undecided(struct rq *, struct capacity_raised_row **ret, size_t *ret_n);
enum err capacity_class_heard(struct rq *, int64_t unit, struct change *);     /* the event that a unit's class was set */
enum err capacity_run_raised(struct rq *, const struct args *, struct out *);
extern const struct reason capacity_raised_reason;

/* --- slots (slot.c) --- */
enum { SLOTS_AHEAD = 2, SLOTS_AFTER_MISS = 1, SLOT_DAYS = 14, SLOT_GRACE_MS = 10 * 60000 };
enum capacity_slot_state { SLOT_COMING, SLOT_NOW, SLOT_USED, SLOT_MISSED, SLOT_CANCELLED, SLOT_STATES };
extern const char *const capacity_slot_state_name[SLOT_STATES], *const capacity_slot_state_word[SLOT_STATES];
enum capacity_slot_state capacity_slot_state_of(const struct capacity_slots_of_row *, struct instant now);
int32_t  capacity_slot_places(struct rq *, const struct capacity_pool *);      /* how many can book the same time */
enum err capacity_slot_book(struct rq *, int64_t person, struct str gateway, struct instant from, int64_t *ret);
enum err capacity_slot_cancel(struct rq *, int64_t person, int64_t slot);      /* person -1: anybody's */

/* --- calendar feeds (feed.c): verbs of the person herself; *ret: the key, said this once --- */
enum err capacity_feed_make(struct rq *, int64_t person, int64_t scope, struct str *ret);     /* scope: team.h */
enum err capacity_feed_void(struct rq *, int64_t person, int64_t scope);

/* --- room for critical work (relief.c) --- */
enum err capacity_relieve(struct rq *, const struct taken *);

/* --- how places were shared (shared.c): K5 --- */
/* In this working day and the one before, by class: who was connected, who of these under 20 minutes, who only had to wait. */
struct capacity_share { int64_t people, little, none; };
enum err capacity_shares(struct rq *, struct capacity_share ret[5]);
/* How long this person has been connected in that time. */
enum err capacity_had(struct rq *, int64_t person, struct span *ret);
enum err capacity_run_shared(struct rq *, const struct args *, struct out *);

/* --- now (now.c) --- */
enum { SUSPECT_MINUTES = 15 };        /* three reports in a row that have not come */
/* silent: of those that are open, how many were not heard of for so long. listed: how many the gateway's own list named when it was last read; list_lost_at: since when it cannot be. */
struct capacity_now { int64_t n, by_class[5], silent; struct maybe_int listed, listed_at, list_lost_at; };
enum err capacity_taken(struct rq *, const struct capacity_known *, size_t n, struct capacity_now **ret);

/* --- pages (page.c, page_limit.c) --- */
struct state_page capacity_state_shape(enum capacity_state);
/* The field of a form that says which unit, with the names of all. */
struct wrongs;
struct capacity_of_unit_page;
enum err capacity_choose_unit(struct rq *, const struct visit *, const struct wrongs *, struct capacity_of_unit_page *ret);
enum err capacity_get_slot(struct rq *, const struct visit *, struct answer *);
enum err capacity_post_slot(struct rq *, const struct visit *, struct answer *);
enum err capacity_get_ics(struct rq *, const struct visit *, struct answer *);
enum err capacity_get(struct rq *, const struct visit *, struct answer *);

enum err capacity_hear(struct rq *, const struct event *, struct change *);
enum err capacity_figures(struct rq *, struct figures *ret);
enum err capacity_about(struct rq *, int64_t person, struct abouts *ret);
enum err capacity_due(struct rq *, struct tasks *ret);
extern const struct setting capacity_settings[];
extern const struct page capacity_pages[];
extern const struct command capacity_commands[];      /* command.c */
enum err capacity_solve(struct rq *, const struct args *, struct out *ret);   /* capacity_plan.c */
enum err capacity_check(struct rq *, const struct args *, struct out *ret);
extern const struct point capacity_point;
#endif
