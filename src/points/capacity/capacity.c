/* How many can work remotely? Where connections are few, important activity goes first and other work is done locally; some can connect at different times.
 *
 * Not built yet: the point stands in the table with its question, says nothing at the gate, and its question is unknown until
 * it has columns of its own. */
#include "point.h"

extern const struct point capacity_point;
const struct point capacity_point = {
	.name = "capacity",
	.question = N_("Are there connections enough?"),
	.wakes = N_("Set a gateway's limit, or let the first session through it be counted."),
};
