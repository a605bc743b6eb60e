/* Question 2 of the leaflet: are there continuity plans, and are they followed? Where plans are missing,
 * the leaflet asks to get a conversation going about which parts of the activity are critical.
 *
 * Not built yet: the point stands in the table with its question, says nothing at the gate, and its question is unknown until
 * it has columns of its own. */
#include "point.h"

extern const struct point continuity_point;
const struct point continuity_point = {
	.name = "continuity",
	.question = N_("Are there continuity plans, and are they followed?"),
	.wakes = N_("Enter the first plan, or begin the conversation about what must not stop."),
};
