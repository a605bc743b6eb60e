/* Question 3 of the leaflet: has management been told how things stand? The leaflet asks to communicate to
 * management regularly, short and concise: what you do, why, which risks there are and what they lead to;
 * and to bring material so that management can decide aware of the risks.
 *
 * Not built yet: the point stands in the table with its question, says nothing at the gate, and its question is unknown until
 * it has columns of its own. */
#include "point.h"

extern const struct point briefing_point;
const struct point briefing_point = {
	.name = "briefing",
	.question = N_("Has management been told how things stand?"),
	.wakes = N_("Make the first briefing for management."),
};
