#ifndef FLOOR_RIGHT_H
#define FLOOR_RIGHT_H
/* Who has a right to be in at a moment, whatever places are free: the gate's fold of all points, for a point that plans ahead.
 *
 * What changes until then is not known: it is an answer about today's facts with their moments, and the gate judges anew at each log-in. */
#include "floor/rq.h"

/* Persons first .. last - 1, at the gateway (its number): ret[person - first] is 1 who would be let in with the second factor. Any thread. */
enum err right_of(struct rq *, int64_t first, int64_t last, int16_t gateway, struct instant at, uint8_t *ret);
/* Told once, by the fold; until then right_of refuses. */
void     right_is(enum err (*)(struct rq *, int64_t first, int64_t last, int16_t gateway, struct instant at, uint8_t *ret));
#endif
