/* The table of points: the eight questions of the leaflet, in its order. All that the product does as a whole is a fold over
 * this table. A ninth point is one line here and one word in points/meson.build. */
#include "point.h"

extern const struct point access_point, continuity_point, briefing_point, changes_point, rules_point, capacity_point, logins_point,
	incidents_point;

const struct point *const points[] = {
	&access_point,
	&continuity_point,
	&briefing_point,
	&changes_point,
	&rules_point,
	&capacity_point,
	&logins_point,
	&incidents_point,
	NULL
};
