/* Question 7 of the leaflet: are the logins for remote work secure? And has IT what it needs to keep them
 * secure, to install security updates quickly and to handle incidents?
 *
 * Not built yet: the point stands in the table with its question, says nothing at the gate, and its question is unknown until
 * it has columns of its own. What stands in its answer of the watched logs and their age, incidents lends it. */
#include "point.h"

static const struct setting logins_settings[] = {
	{ "logins.own_hosts", SETTING_TEXT, .standard_text = "",
	  .sentence = N_("The hosts of our own login pages, with blanks between; *.DOMAIN for all below it. /lank compares links with them") },
	{ 0 }
};

extern const struct point logins_point;
const struct point logins_point = {
	.name = "logins",
	.question = N_("Are the logins secure?"),
	.settings = logins_settings,
	.wakes = N_("Read in the catalogue of exploited vulnerabilities and the inventory of login services."),
};
