#ifndef CAPACITY_H
#define CAPACITY_H
/* Point 6, capacity: for its own files alone. */
#include "points/capacity/capacity.sql.h"
#include "point.h"

struct capacity_stay { struct instant from, to; };      /* half-open */
/* The most that were there at one moment, and the first such moment. Pure; sorts the stays. */
size_t capacity_peak(struct arena *, const struct capacity_stay *, size_t n, struct instant *ret_at);

enum err capacity_figures(struct rq *, struct figures *ret);
extern const struct setting capacity_settings[];
extern const struct command capacity_commands[];      /* capacity_plan.c */
extern const struct point capacity_point;
#endif
