/* The table of points: the eight questions of the leaflet, in its order. All that the product does as a whole is a fold over
 * this table. A ninth point is one line here and one in src/meson.build; tools/new-point makes its files and both lines. */
#include "point.h"

#define POINTS(row) \
	row(access) \
	row(continuity) \
	row(briefing) \
	row(changes) \
	row(rules) \
	row(capacity) \
	row(logins) \
	row(incidents) \
	/* a new point goes above this line */

#define DECLARED(name) extern const struct point name##_point;
#define ADDRESS(name) &name##_point,

POINTS(DECLARED)

const struct point *const points[] = { POINTS(ADDRESS) NULL };
