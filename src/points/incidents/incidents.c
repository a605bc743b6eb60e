/* Question 8 of the leaflet: are incidents taken care of? They need to be handled promptly, captured and followed up as soon as
 * possible, so that vulnerabilities that changed circumstances have caused are fixed quickly.
 *
 * Our answer: anyone reports in half a minute, without an account. Every report is an event of an incident with an owner, a timeline that is only
 * added to, tasks, evidence and the law's clocks; it is not closed until the follow-up is whole. Where to look: act.c (the table of all
 * acts), report.c, closing.c (what must be there), law.c and deadline.c (the clocks), significance.c (the proposal), who.c (who sees it), desk.c.
 *
 * At the gate it speaks only of countermeasures (measure_gate.c). README.md says what is not here yet. */
#include "incidents.h"
#include "measure.h"

const struct setting incidents_settings[] = {
	{ "incidents.packs", SETTING_TEXT, .standard_text = "se-csl-2026 gdpr",
	  .sentence = N_("The legal clocks of new incidents: names of packs with blanks between") },
	{ "incidents.contracts", SETTING_TEXT, .standard_text = "",
	  .sentence = N_("Contracts by which we tell of new incidents, with hours from when it was known, like this: kund-ab 24; region 72") },
	{ "incidents.first_look_minutes", SETTING_NUMBER, 5, 24 * 60, 30, .sentence = N_("How soon somebody reads a report in office hours, in minutes") },
	{ "incidents.places_days", SETTING_NUMBER, 1, 3650, 90, .sentence = N_("After how many days the file of where addresses are is old") },
	{ "incidents.other_look_minutes", SETTING_NUMBER, 5, 48 * 60, 120, .sentence = N_("How soon somebody reads a report at other times, in minutes") },
	{ "incidents.office_from", SETTING_NUMBER, 0, 23, 8, .sentence = N_("The hour at which office hours begin, Monday to Friday") },
	{ "incidents.office_until", SETTING_NUMBER, 1, 24, 17, .sentence = N_("The hour at which office hours end") },
	{ "incidents.exercise_months", SETTING_NUMBER, 0, 60, 12,
	  .sentence = N_("How often the handling of incidents is exercised, in months; 0: nobody is reminded") },
	{ "incidents.silent_hours", SETTING_NUMBER, 1, 24 * 30, 24, .sentence = N_("After how many hours without a line a watched log is silent") },
	{ "incidents.sector", SETTING_TEXT, .standard_text = "public",
	  .sentence = N_("Whose limits count when nothing else is said: general, public, care, water, transport, electricity or digital") },
	{ "incidents.turnover", SETTING_NUMBER, 0, 1000000000000, 0, .sentence = N_("Last year's turnover or appropriation in kronor; 0: not known") },
	{ "incidents.block_minutes", SETTING_NUMBER, 0, 24 * 60, 0,
	  .sentence = N_("For how many minutes the watch itself blocks a source that guesses passwords; 0: never. Critical units come in all the same") },
	{ "incidents.idle_days", SETTING_NUMBER, 0, 366, 45,
	  .sentence = N_("After how many days without a login an account that is used again opens an incident; 0: never") },
	{ "incidents.rules", SETTING_TEXT, .standard_text = "",
	  .sentence = N_("Other numbers for the watch's rules, like this: R1.failed = 8; R5 = off") },
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
	.site_size = sizeof (struct measure_site), .site = measure_site, .opinion = measure_opinion, .reasons = measure_reasons,
	.about = measure_about, .mine = measure_mine,
	.figures = incidents_figures, .lends_to = "logins", .lends = incidents_lends, .due = incidents_due, .tick = incidents_tick, .hear = incidents_hear, .hides = incidents_hides, .find = incidents_find_work,
	.hears = 1 << EVENT_person_left | 1 << EVENT_suspected,
};
