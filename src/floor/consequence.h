#ifndef FLOOR_CONSEQUENCE_H
#define FLOOR_CONSEQUENCE_H
/* The one consequence scale, the same for all points: levels from 1, the mildest, with their words and the limits within which a risk
 * may be accepted. Pack data (packs/consequence.txt). */
#include "floor/pack.h"

enum { CONSEQUENCE_MOST = 6 };
struct consequence {
	struct str word, meaning;
	struct str alone, informed;        /* who may accept it alone; who must be told */
	int64_t    accept_days, treat_days;   /* the longest acceptance; by when it must be treated */
};
struct consequences { int n; struct consequence level[CONSEQUENCE_MOST + 1]; struct pack pack; };   /* level[1 .. n] */

/* In rq's language. ERR_INVALID when the pack is broken, with file and line. */
enum err consequence_scale(struct rq *, struct consequences *ret);
#endif
