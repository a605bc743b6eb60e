/* Question 8 of the leaflet: are incidents taken care of? They need to be handled promptly, captured and followed up as soon as
 * possible, so that vulnerabilities that changed circumstances have caused are fixed quickly.
 *
 * Our answer: anyone reports in half a minute, without an account. Every report is an event of an incident with an owner, a timeline that is only
 * added to, tasks, evidence and the law's clocks; it is not closed until the follow-up is whole. Where to look: act.c (the table of all
 * acts), report.c, closing.c (what must be there), law.c and deadline.c (the clocks), significance.c (the proposal), who.c (who sees it), desk.c.
 *
 * The point says nothing at the gate. README.md says what is not here yet. */
#include "incidents.h"

const struct setting incidents_settings[] = {
	{ "incidents.packs", SETTING_TEXT, .standard_text = "se-csl-2026 gdpr",
	  .sentence = N_("The legal clocks of new incidents: names of packs with blanks between") },
	{ "incidents.first_look_minutes", SETTING_NUMBER, 5, 24 * 60, 30, .sentence = N_("How soon somebody reads a report in office hours, in minutes") },
	{ "incidents.silent_hours", SETTING_NUMBER, 1, 24 * 30, 24, .sentence = N_("After how many hours without a line a watched log is silent") },
	{ "incidents.sector", SETTING_TEXT, .standard_text = "public",
	  .sentence = N_("Whose limits count when nothing else is said: general, public, care, water, transport, electricity or digital") },
	{ "incidents.turnover", SETTING_NUMBER, 0, 1000000000000, 0, .sentence = N_("Last year's turnover or appropriation in kronor; 0: not known") },
	{ "incidents.phone", SETTING_TEXT, .standard_text = "", .sentence = N_("The telephone number on the report page for what is urgent") },
	{ 0 }
};

extern const struct point incidents_point;
const struct point incidents_point = {
	.name = "incidents",
	.question = N_("Are incidents taken care of?"),
	.wakes = N_("Open the report page to everyone, or register the first incident."),
	.pages = incidents_pages,
	.commands = incidents_commands,
	.settings = incidents_settings,
	.figures = incidents_figures, .due = incidents_due, .tick = incidents_tick, .hear = incidents_hear,
	.hears = 1 << EVENT_person_left | 1 << EVENT_suspected,
};
