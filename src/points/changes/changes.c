/* Question 4 of the leaflet: are changes that can wait postponed? The leaflet asks to postpone planned,
 * non-essential system changes.
 *
 * Not built yet: the point stands in the table with its question, says nothing at the gate, and its question is unknown until
 * it has columns of its own. */
#include "point.h"

extern const struct point changes_point;
const struct point changes_point = {
	.name = "changes",
	.question = N_("Are changes that can wait postponed?"),
	.wakes = N_("Enter the planned changes, or decide on a freeze."),
};
