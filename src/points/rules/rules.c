/* Which rules apply to remote work and to the use of systems outside the organisation? Are they current and relevant? Remind everyone of them, and make them easy to find.
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
