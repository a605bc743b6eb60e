/* Incidents need to be handled promptly. Make sure that they are captured and followed up as soon as possible, so that vulnerabilities that changed circumstances have caused are fixed quickly.
 *
 * Not built yet: the point stands in the table with its question, says nothing at the gate, and its question is unknown until
 * it has columns of its own. */
#include "point.h"

extern const struct point incidents_point;
const struct point incidents_point = {
	.name = "incidents",
	.question = N_("Are incidents taken care of?"),
	.wakes = N_("Open the report page to everyone, or register the first incident."),
};
