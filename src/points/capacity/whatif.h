#ifndef CAPACITY_WHATIF_H
#define CAPACITY_WHATIF_H
/* What if there were more places, a gateway fewer, more people at home: the sessions of past days played again. Pure: arrays in, figures out.
 *
 * Assumed, and said with each answer: people come at the same times, stay as long and choose the same gateways; who finds a gateway gone
 * goes to the one with most places free; more people behave as those who came; who is refused does not come back. The rules at the gate are
 * those of today (classes, reserve, what is kept); booked times are not looked at. */
#include "capacity.h"

enum { WHATIF_BINS = 72, WHATIF_GATEWAYS = 64 };          /* a bin: 20 minutes by the clock on the wall, over all days */

struct whatif_session { int64_t from, to; uint8_t class, gateway; uint16_t bin; };      /* class 1-4; bin: of `from` */
struct whatif_gateway { int64_t places, reserve; bool is_lost; };                       /* reserve: of the places; places < 0: no limit is known */
struct whatif_wish {
	struct whatif_gateway *gateways; size_t n_gateways;
	int64_t kept[5];               /* per cent, by class */
	int64_t more;                  /* per cent of people that come besides; -100 ... 1000 */
};
struct whatif_result {
	int64_t asked[5], refused[5];  /* by class */
	int64_t most[WHATIF_BINS];     /* in at once, over all gateways, at the fullest day's moment in this bin */
	int64_t refused_at[WHATIF_BINS];
	int64_t peak, places;          /* in at once at all; places of all gateways that are left, -1 not known */
	int64_t full_minutes;          /* in which somebody was refused */
};
/* `sessions` by from; they are not changed. */
void whatif_play(struct arena *, const struct whatif_session *sessions, size_t n, const struct whatif_wish *, struct whatif_result *ret);
void whatif_sort(struct arena *, struct whatif_session *, size_t n);          /* by from, then as they stood */

/* A day of a made-up municipality: so many people, half of whom arrive between half past seven and nine. The same number gives the same day.
 * `midnight` and offset of the wall in ms. */
struct whatif_session *whatif_fiction(struct arena *, const int64_t people[5], const struct whatif_gateway *, size_t n_gateways,
                                      int64_t midnight, size_t *ret_n);

/* Pages and command (whatif_page.c). */
enum err whatif_get(struct rq *, const struct visit *, struct answer *);
enum err whatif_run(struct rq *, const struct args *, struct out *);
#endif
