/* Which clocks run after an incident, and when does each strike?
 *
 * The rows below are data with a date: a new version of a law is a new pack beside the old one, so that an old incident keeps the
 * clocks it was handled by. The clock runs from awareness (kännedom), not from the later moment when the incident is found to be
 * significant. Without a notification the final report has no date: the month counts from the notification.
 *
 * Does not decide whether a duty applies: that is a person's decision, with the facts that significance needs. */
#include "deadline.h"

static const struct deadline_row csl[] = {
	{ "early_warning", 24, 0, START_AWARE, WHEN_ALWAYS,
	  N_("Cybersecurity Act, chapter 2 section 5: a first notice within 24 hours of becoming aware of a significant incident") },
	{ "notification", 72, 0, START_AWARE, WHEN_ALWAYS,
	  N_("Cybersecurity Act, chapter 2 section 6: incident notification within 72 hours of becoming aware") },
	{ "progress_report", 0, 1, START_NOTIFIED, WHEN_RUNNING,
	  N_("NIS 2 article 23(4): progress report within one month of the notification when the incident still runs") },
	{ "final_report", 0, 1, START_NOTIFIED, WHEN_OVER,
	  N_("Cybersecurity Act, chapter 2 section 8: final report within one month of the notification") },
	{ 0 },
};
static const struct deadline_row agency[] = {
	{ "early_warning", 6, 0, START_AWARE, WHEN_ALWAYS,
	  N_("MCFFS 2026:7: a state agency warns within 6 hours of identifying the incident") },
	{ "notification", 72, 0, START_AWARE, WHEN_ALWAYS, N_("MCFFS 2026:7: report within 72 hours") },
	{ "progress_report", 0, 1, START_NOTIFIED, WHEN_RUNNING,
	  N_("MCFFS 2026:7: progress report within one month of the report when the incident still runs") },
	{ "final_report", 0, 1, START_NOTIFIED, WHEN_OVER, N_("MCFFS 2026:7: final report within one month of the report") },
	{ 0 },
};
static const struct deadline_row gdpr[] = {
	{ "notification", 72, 0, START_AWARE, WHEN_ALWAYS,
	  N_("GDPR article 33(1): notify the supervisory authority within 72 hours of becoming aware, later parts in phases") },
	{ 0 },
};

const struct deadline_pack deadline_packs[] = {
	{ "se-csl-2026", "csl", "cybersäkerhetslagen, NIS 2 (EU) 2022/2555", "2026-07-09", csl },
	{ "se-agency-2026", "agency", "MCFFS 2026:7", "2026-07-09", agency },
	{ "gdpr", "gdpr", "(EU) 2016/679", "2026-07-09", gdpr },
	{ 0 },
};

const struct deadline_pack *deadline_pack_named(struct str name)
{
	for (const struct deadline_pack *pack = deadline_packs; pack->name; pack++)
		if (str_equal(name, str_of(pack->name)))
			return pack;
	return NULL;
}

bool deadline_due(const struct deadline_row *row, const struct deadline_case *its, struct instant *ret, const char **ret_needs)
{
	if (row->when == WHEN_OVER && its->is_running)
		*ret_needs = N_("the end of the incident: its month begins then");
	else if (row->starts == START_NOTIFIED && !its->is_notified)
		*ret_needs = N_("the moment of the notification: its month begins then");
	else
		*ret_needs = NULL;
	if (*ret_needs)
		return false;
	struct instant start = row->starts == START_AWARE ? its->aware_at : its->notified_at;
	*ret = row->months ? instant_plus_months(start, row->months) : instant_plus(start, HOURS(row->hours));
	return true;
}
