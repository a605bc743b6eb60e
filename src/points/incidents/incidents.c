/* Question 8 of the leaflet: are incidents taken care of? They need to be handled promptly, captured and followed up as soon as
 * possible, so that vulnerabilities that changed circumstances have caused are fixed quickly.
 *
 * What stands here now are the law's clocks (deadline.c), which anybody can ask. The point says nothing at the gate, and its
 * question is unknown until it has records of its own. */
#include "incidents.h"

extern const struct point incidents_point;
const struct point incidents_point = {
	.name = "incidents",
	.question = N_("Are incidents taken care of?"),
	.wakes = N_("Open the report page to everyone, or register the first incident."),
	.commands = incidents_commands,
};
