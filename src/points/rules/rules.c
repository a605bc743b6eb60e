/* Question 5 of the leaflet: which rules apply to remote work and to systems outside the organisation; are
 * they current and relevant? The leaflet asks to remind everyone of them, and to make them easy to find.
 *
 * Not built yet: the point stands in the table with its question, says nothing at the gate, and its question is unknown until
 * it has columns of its own. */
#include "point.h"

extern const struct point rules_point;
const struct point rules_point = {
	.name = "rules",
	.question = N_("Are the rules up to date and known?"),
	.wakes = N_("Adopt the rules for remote work."),
};
