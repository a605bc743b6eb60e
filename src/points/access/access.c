/* Question 1 of the leaflet: are there secure ways of working for assigning access for remote work?
 *
 * Our answer: nobody gets in without a grant; a grant is requested, approved and executed by three different people, has an end, is
 * checked at least once a year, and ends with the employment. Every step is a leaf. Where to look: opinion.c (the gate),
 * stand.c (facts in memory), grant.c (ask and state), move.c (what may be done with a grant), who.c (by whom), review.c, desk.c
 * (how the question stands, what waits), page.c and command.c (the two ways in).
 *
 * What it does not do: the support desk's verification of callers, which comes with its own columns; deviations, which are the floor's
 * (floor/decide.h) for all points. */
#include "points/access/verify.h"
#include "points/access/review.h"

const struct setting access_settings[] = {
	{ "access.longest_months", SETTING_NUMBER, 1, 24, 12, .sentence = N_("The longest that a grant may last, in months") },
	{ "access.review_months", SETTING_NUMBER, 1, 12, 12, .sentence = N_("How often each grant is checked, in months") },
	{ "access.remind_days", SETTING_NUMBER, 1, 60, 7, .sentence = N_("How many days before the last day of a review its reviewers are reminded by mail") },
	{ "access.escalate_days", SETTING_NUMBER, 1, 60, 7,
	  .sentence = N_("How many days after the last day of a review those above its reviewers are told, and may answer") },
	{ "access.duress", SETTING_BOOL, 0, 1, 0, .sentence = N_("May an employee who is forced say her code with the last digit one higher?") },
	{ 0 }
};

const struct point access_point = {
	.name = "access",
	.question = N_("Is access assigned in a safe way?"),
	.wakes = N_("Import people, then request the first access."),
	.pages = access_pages,
	.commands = access_commands,
	.settings = access_settings,
	.slice_size = sizeof (struct access_slice), .site_size = sizeof (struct access_site),
	.stand = access_stand, .site = access_stand_site, .opinion = access_opinion, .reasons = access_reasons,
	.figures = access_figures, .due = access_due, .about = access_about, .mine = verify_mine, .banner = verify_banner, .tick = access_tick,
	.hear = access_hear,
	.hears = 1 << EVENT_person_left | 1 << EVENT_person_moved | 1 << EVENT_phone_changed | 1 << EVENT_proof_answered,
};
