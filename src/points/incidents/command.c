/* The law's clocks on the command line: pure, so that anybody can work a case out without a home.
 *
 * Keys and exit codes of `incidents deadlines` are fixed: 2 for a moment that does not exist or is missing, 3 for an unknown pack,
 * and nothing on standard output then. */
#include "block.h"
#include "parties.h"
#include "log.h"
#include "measure.h"
#include "watch_page.h"

static enum err moment(struct rq *rq, const struct args *args, const char *name, bool *ret_is, struct instant *ret)
{
	struct str text = args_option(args, name);

	*ret_is = text.at != NULL;
	if (!text.at)
		return OK;
	if (instant_parse(text, ret) != OK)
		return fail(rq, ERR_INVALID, _("--%s: write an existing moment with its zone, like this: 2026-11-30T08:00:00+01:00"), name);
	return OK;
}

static void json_row(const struct deadline_pack *pack, const struct deadline_row *row, bool is_due,
                     struct instant due, const char *needs, struct out *out)
{
	out_print(out, "{\"track\":\"%.*s\",\"step\":\"%.*s\",\"due\":", STR_ARG(pack->track), STR_ARG(row->step));
	if (is_due) {
		out_byte(out, '"');
		out_instant(out, due);
		out_byte(out, '"');
	} else {
		out_text(out, "null");
	}
	out_text(out, ",\"basis\":");
	out_json(out, row->basis);
	if (needs) {
		out_text(out, ",\"needs\":");
		out_json(out, str_of(needs));
	}
	out_text(out, "}\n");
}

static void text_row(struct rq *rq, const struct deadline_row *row, bool is_due, struct instant due, const char *needs,
                     struct out *out)
{
	out_print(out, "%-16.*s ", STR_ARG(row->step));
	if (is_due)
		tongue_instant(out, rq->language, due);
	else
		out_print(out, _("cannot be said yet: needs %s"), _(needs));
	out_print(out, "\n                 %.*s\n", STR_ARG(row->basis));
}

static void say_source(struct rq *rq, const struct deadline_pack *pack, struct out *out)
{
	struct wall day = instant_wall(pack->checked_on);

	out_print(out, _("Verify at the authority before you rely on it. Rows of %.*s, checked on %04d-%02d-%02d.\n"), STR_ARG(pack->source), day.year, day.month, day.day);
}

static enum err run_deadlines(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str name = args_option(args, "pack");
	struct deadline_case its = { .is_running = args_option(args, "still-running").at != NULL };
	bool is_aware;

	if (args->n_words)
		return fail(rq, ERR_INVALID, _("nothing may stand behind the command but its options"));
	if (!name.at)
		return fail(rq, ERR_INVALID, _("--%s is missing"), "pack");
	TRY(moment(rq, args, "aware", &is_aware, &its.aware_at));
	TRY(moment(rq, args, "notified", &its.is_notified, &its.notified_at));
	if (!is_aware)
		return fail(rq, ERR_INVALID, _("--%s is missing"), "aware");
	if (its.is_notified && instant_is_before(its.notified_at, its.aware_at))
		return fail(rq, ERR_INVALID, _("--notified lies before --aware: nobody reports what is not known yet"));
	struct deadline_book *book = NEW(rq->arena, struct deadline_book);
	TRY(deadline_read(rq, book));
	const struct deadline_pack *pack = deadline_pack_in(book, name);
	if (!pack || deadline_is_contract(name))
		return fail(rq, ERR_NONE, _("There is no pack %.*s; there are se-csl-2026, se-agency-2026 and gdpr."),
		            (int)MIN(name.len, (size_t)40), name.at);
	for (const struct deadline_row *row = pack->rows; row < pack->rows + pack->n; row++) {
		struct instant due = { 0 };
		const char *needs;
		if (row->when == WHEN_RUNNING && !its.is_running)
			continue;
		bool is_due = deadline_due(row, &its, &due, &needs);
		if (args->json)
			json_row(pack, row, is_due, due, needs ? _(needs) : NULL, ret);
		else
			text_row(rq, row, is_due, due, needs, ret);
	}
	if (!args->json)
		say_source(rq, pack, ret);
	return OK;
}

const struct command incidents_commands[] = {
	{ "incidents deadlines", "--pack NAME --aware T [--notified T] [--still-running]",
	  N_("When the law wants which report of an incident"), COMMAND_PURE, run_deadlines },
	{ "incidents report", "--kind link|call|clicked|lost|other [--text TEXT] [--what TEXT] [--contact TEXT] [--by PERSON]",
	  N_("Report an incident"), COMMAND_LONG, incidents_run_report },
	{ "incidents links", "", N_("Reported links, siblings together: how many, the first and the latest"), COMMAND_READ, incidents_run_links },
	{ "incidents block", "HOST --by PERSON --because TEXT [--days N] [--below]", N_("Block a host, or a domain with all names below it, until a day"),
	  COMMAND_LONG, incidents_run_block },
	{ "incidents leave", "HOST --by PERSON --because TEXT [--days N]", N_("Leave a reported host alone, until a day"), COMMAND_LONG, incidents_run_leave },
	{ "incidents unblock", "HOST --by PERSON --because TEXT", N_("End what was decided about a host"), COMMAND_WRITE, incidents_run_unblock },
	{ "incidents blocks", "[--format hosts|stix|csv]", N_("The block list, as a list or a file for other systems"), COMMAND_READ, incidents_run_blocks },
	{ "incidents list", "[--state STATE] [--severity N]", N_("All incidents and their state now"), COMMAND_READ, incidents_run_list },
	{ "incidents logs", "", N_("Watched logs: the age of the last line, lines, logins, unreadable, thrown away"), COMMAND_READ, incidents_run_logs },
	{ "incidents clocks", "", N_("The legal clocks that run, the next to strike first"), COMMAND_READ, incidents_run_clocks },
	{ "incidents measure make", "ADDRESS|NETWORK|PERSON --kind block|hold|factor --because TEXT --by PERSON [--hours N] [--incident INCIDENT] [--ours] [--critical]",
	  N_("Block a source, hold an account or require the second factor, for a time"), COMMAND_WRITE, measure_run_make },
	{ "incidents measure do", "MEASURE decide|ask|remove --by PERSON [--because TEXT]", N_("Put a measure in force, ask that it be removed, or remove it"),
	  COMMAND_WRITE, measure_run_act },
	{ "incidents measure list", "[--over]", N_("Countermeasures that wait or are in force"), COMMAND_READ, measure_run_list },
	{ "incidents measure blocks", "", N_("Blocked sources with their end, for firewalls"), COMMAND_READ, measure_run_blocks },
	{ "incidents rules", "", N_("The rules of the watch and their numbers now"), COMMAND_READ, watch_run_rules },
	{ "incidents show", "INCIDENT", N_("One incident with its timeline, tasks, legal clocks and what is missing"), COMMAND_READ,
	  incidents_run_show },
	{ "incidents assess", "INCIDENT --by PERSON [--because TEXT] [--at T]", N_("Begin to assess an incident"), COMMAND_WRITE, incidents_run_assess },
	{ "incidents confirm", "INCIDENT --by PERSON [--because TEXT] [--at T]", N_("Confirm an incident"), COMMAND_WRITE, incidents_run_confirm },
	{ "incidents contain", "INCIDENT --by PERSON [--because TEXT] [--at T]", N_("It does no more harm"), COMMAND_WRITE, incidents_run_contain },
	{ "incidents eradicate", "INCIDENT --by PERSON [--because TEXT] [--at T]", N_("Its cause is gone"), COMMAND_WRITE, incidents_run_eradicate },
	{ "incidents recover", "INCIDENT --by PERSON [--because TEXT] [--at T]", N_("All works as before"), COMMAND_WRITE, incidents_run_recover },
	{ "incidents review", "INCIDENT --by PERSON [--because TEXT] [--at T]", N_("Begin the evaluation"), COMMAND_WRITE, incidents_run_review },
	{ "incidents close", "INCIDENT --by PERSON [--because TEXT] [--at T]", N_("Close an incident; says what is missing when it cannot be"),
	  COMMAND_WRITE, incidents_run_close },
	{ "incidents back", "INCIDENT --by PERSON --because TEXT [--at T]", N_("Take a step back"), COMMAND_WRITE, incidents_run_back },
	{ "incidents dismiss", "INCIDENT --by PERSON --because TEXT [--at T]", N_("Dismiss what was no incident"), COMMAND_WRITE, incidents_run_dismiss },
	{ "incidents merge", "INCIDENT --into INCIDENT --by PERSON [--because TEXT]", N_("Merge an incident into another"), COMMAND_WRITE,
	  incidents_run_merge },
	{ "incidents reopen", "INCIDENT --by PERSON --because TEXT [--at T]", N_("Reopen an incident"), COMMAND_WRITE, incidents_run_reopen },
	{ "incidents assign", "INCIDENT --owner PERSON --by PERSON", N_("Say who answers for an incident"), COMMAND_WRITE, incidents_run_assign },
	{ "incidents classify", "INCIDENT --by PERSON [--title TEXT] [--severity 1-5] [--rsit CATEGORY] [--cert 1-10] [--effect KRT]"
	  " [--personal yes|no] [--confidential yes|no]", N_("Assess an incident: severity, categories, effect"), COMMAND_WRITE, incidents_run_classify },
	{ "incidents times", "INCIDENT --by PERSON --because TEXT [--occurred T] [--detected T] [--aware T]",
	  N_("When it happened, was detected and was known"), COMMAND_WRITE, incidents_run_times },
	{ "incidents note", "INCIDENT --text TEXT --by PERSON [--kind KIND] [--at T] [--corrects ENTRY]", N_("Add to the timeline"), COMMAND_WRITE,
	  incidents_run_note },
	{ "incidents task", "INCIDENT --text TEXT --owner PERSON --due T --by PERSON", N_("Add a task"), COMMAND_WRITE, incidents_run_task },
	{ "incidents weakness", "INCIDENT --text TEXT --cause TEXT --owner PERSON --due T --by PERSON [--rule CODE] [--change CODE] [--capacity GATEWAY]",
	  N_("Add a vulnerability that changed circumstances have caused"), COMMAND_WRITE, incidents_run_weakness },
	{ "incidents work", "INCIDENT --task N --move start|block|done|verify|return|cancel|move --by PERSON [--because TEXT] [--owner PERSON] [--due T]",
	  N_("Change the state of a task or a vulnerability"), COMMAND_WRITE, incidents_run_work },
	{ "incidents evidence", "FILE INCIDENT --name TEXT --place TEXT --by PERSON", N_("Keep evidence with its hash"), COMMAND_WRITE,
	  incidents_run_evidence, .takes_file = true },
	{ "incidents told", "INCIDENT --how TEXT --by PERSON", N_("The reporter has been told"), COMMAND_WRITE, incidents_run_told },
	{ "incidents follow", "INCIDENT --by PERSON [--cause TEXT] [--class CLASS] [--unknown TEXT] [--changed yes|no] [--why TEXT]"
	  " [--review held|waived] [--note TEXT] [--touched TEXT] [--lesson TEXT]", N_("Follow an incident up"), COMMAND_WRITE, incidents_run_follow },
	{ "incidents facts", "INCIDENT --by PERSON [--sector SECTOR] [--facts TEXT]",
	  N_("State facts that significance is judged by: name=value; name=value"), COMMAND_WRITE, incidents_run_facts },
	{ "incidents track", "INCIDENT --pack NAME --applies yes|no --because TEXT --by PERSON", N_("Decide whether a legal duty applies"), COMMAND_WRITE,
	  incidents_run_track },
	{ "incidents handed", "INCIDENT --pack NAME --step STEP --receipt TEXT --by PERSON [--at T]", N_("A report has been handed in to the authority"),
	  COMMAND_WRITE, incidents_run_handed },
	{ "incidents supplier", "INCIDENT --name TEXT --by PERSON [--contract TEXT] [--contact TEXT] [--hours N] [--knew T] [--told T]",
	  N_("Name the supplier of an incident, its contract and its clock"), COMMAND_WRITE, incidents_run_supplier },
	{ "incidents said", "INCIDENT --text TEXT --by PERSON [--at T] [--next T]", N_("What the supplier has said, and when it says more"), COMMAND_WRITE,
	  incidents_run_said },
	{ "incidents share", "INCIDENT --bodies NAMES --by PERSON", N_("A report of its own for each legal body, with ; between the names"), COMMAND_WRITE,
	  incidents_run_share },
	{ "incidents paper", "DIR [INCIDENT]", N_("Contact list and incident form on paper; with an incident, its filled reports too"), COMMAND_LONG,
	  incidents_run_paper, .takes_directory = true },
	{ 0 },
};
