/* Incidents on the command line: report, list, show, and a command for each act, with the fields as its options.
 *
 * SECURITY: whoever types is the account in the leaf; the person named with --by is stated by that account, must hold the role herself and
 * sees what she may see. With the setting cli.state off nothing is done here in somebody's name but to report. */
#include "block.h"
#include "parties.h"
#include "floor/people.h"
#include "floor/setting.h"
#include "floor/writer.h"

void incidents_json_moment(struct out *out, const char *key, struct maybe_int at)
{
	out_print(out, ",\"%s\":", key);
	if (!at.is) {
		out_text(out, "null");
		return;
	}
	out_byte(out, '"');
	out_instant(out, (struct instant){ at.i });
	out_byte(out, '"');
}

void incidents_json_text(struct out *out, const char *key, struct str text)
{
	out_print(out, ",\"%s\":", key);
	out_json(out, text);
}

static enum err say_state(struct rq *rq, const struct args *args, int64_t id, struct out *ret)
{
	struct incidents_get_row row;

	TRY(incidents_get(rq, id, &row));
	if (args->json)
		out_print(ret, "{\"incident\":\"%.*s\",\"state\":\"%s\"}\n", STR_ARG(row.number), incidents_state_name[row.state]);
	else
		out_print(ret, "%.*s\t%s\n", STR_ARG(row.number), _(incidents_state_word[row.state]));
	return OK;
}

static enum err person_named(struct rq *rq, struct str name, int64_t *ret)
{
	struct people_get_row person;

	*ret = -1;
	if (!name.at)
		return OK;
	TRY(people_find(rq, name, &person));
	*ret = person.id;
	return OK;
}

static enum err run_act(struct rq *rq, const struct args *args, struct out *ret, const char *name)
{
	struct incidents_deed deed = { .fields = args->options, .n_fields = args->n_options, .prefix = "", .file = args->file };
	struct incidents_get_row row;

	size_t files = args->file >= 0;      /* the file stands first among the words */
	if (args->n_words != files + 1)
		return fail(rq, ERR_INVALID, _("name one incident by its number, like this: 2026-118"));
	TRY(person_named(rq, args_option(args, "by"), &deed.by));
	if (deed.by < 0)
		return fail(rq, ERR_INVALID, _("Say who does it."));
	if (!setting_bool(rq, "cli.state"))
		return fail(rq, ERR_DENIED, _("Nothing is decided here in somebody's name (setting cli.state)."));
	TRY(incidents_find(rq, args->words[files], deed.by, &row));
	TRY(incidents_do(rq, incidents_act_named(str_of(name)), row.id, &deed));
	return say_state(rq, args, row.id, ret);
}

#define X(name) enum err incidents_run_##name(struct rq *rq, const struct args *args, struct out *ret) { return run_act(rq, args, ret, #name); }
INCIDENTS_COMMANDS(X)
#undef X

/* The number is made in the job's memory, which ends with it. */
struct report_job { struct incidents_reported r; char number[32]; bool is_practice; };

static enum err report_job(struct rq *rq, void *of)
{
	struct report_job *job = of;
	struct incidents_reported r = job->r;

	TRY(incidents_report(rq, &r));
	job->is_practice = r.is_practice;
	memcpy(job->number, str_c(rq->arena, str_first(r.number, sizeof job->number - 1)), MIN(r.number.len, sizeof job->number - 1) + 1);
	return OK;
}

enum err incidents_run_report(struct rq *rq, const struct args *args, struct out *ret)
{
	struct incidents_reported r = { .text = args_option(args, "text"), .what = args_option(args, "what"), .contact = args_option(args, "contact") };
	struct str kind = args_option(args, "kind");
	int64_t by;

	if (args->n_words)
		return fail(rq, ERR_INVALID, _("nothing may stand behind the command but its options"));
	for (enum incidents_kind k = INCIDENTS_LINK; k < INCIDENTS_KINDS; k++)
		if (str_equal(kind, str_of(incidents_kinds[k].name)))
			r.kind = k;
	if (!r.kind)
		return fail(rq, ERR_INVALID, _("--%s: choose link, call, clicked, lost or other"), "kind");
	TRY(person_named(rq, args_option(args, "by"), &by));
	r.reporter = (struct maybe_int){ by >= 0, by };
	struct block_seen seen = { .host = STR("") };
	if (r.kind == INCIDENTS_LINK || r.kind == INCIDENTS_CLICKED)
		block_look(rq, str_trim(r.what.len ? r.what : r.text), &seen);
	r.link = &seen;
	struct report_job job = { .r = r };
	TRY(writer_do(writer_of_core(), report_job, &job, rq));
	r.number = str_of(job.number);
	if (job.is_practice)
		out_print(ret, "%s\n", args->json ? "{\"incident\":null,\"state\":\"practice\"}" : _("The link was practice, agreed on beforehand. No incident was opened, and what you wrote is not kept."));
	else if (args->json)
		out_print(ret, "{\"incident\":\"%.*s\",\"state\":\"reported\"}\n", STR_ARG(r.number));
	else
		out_print(ret, "%.*s\n%s\n", STR_ARG(r.number), _(incidents_kinds[r.kind].advice));
	return OK;
}

/* --- list --- */

struct listing { struct rq *rq; const struct args *args; struct out *out; };

static enum err one_line(void *of, const struct incidents_list_every_row *row)
{
	const struct listing *listing = of;
	struct rq *rq = listing->rq;
	struct out *out = listing->out;
	struct str wanted = args_option(listing->args, "state"), severity = args_option(listing->args, "severity");
	int64_t n;

	if (wanted.at && !str_equal(wanted, STR("open")) && !str_equal(wanted, str_of(incidents_state_name[row->state])))
		return OK;
	if ((wanted.at && str_equal(wanted, STR("open")) && row->closed_at.is) || (str_number(severity, 5, &n) == OK && n != row->severity))
		return OK;
	if (!listing->args->json) {
		out_print(out, "%.*s\t%s\tSEV%lld\t", STR_ARG(row->number), _(incidents_state_word[row->state]), (long long)row->severity);
		out_instant(out, row->opened_at);
		out_print(out, "\t%.*s\n", STR_ARG(row->title));
		return OK;
	}
	out_print(out, "{\"incident\":\"%.*s\",\"state\":\"%s\",\"severity\":%lld", STR_ARG(row->number), incidents_state_name[row->state],
	          (long long)row->severity);
	incidents_json_text(out, "title", row->title);
	incidents_json_text(out, "owner", incidents_code(rq, row->owner));
	incidents_json_moment(out, "opened_at", (struct maybe_int){ true, row->opened_at.ms });
	incidents_json_moment(out, "closed_at", row->closed_at);
	out_print(out, ",\"confidential\":%s}\n", row->is_confidential ? "true" : "false");
	return OK;
}

enum err incidents_run_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct listing listing = { rq, args, ret };
	struct str state = args_option(args, "state"), severity = args_option(args, "severity");
	bool is_known = !state.at || str_equal(state, STR("open"));
	int64_t n;

	for (size_t i = 0; i < INCIDENTS_STATES; i++)
		is_known |= str_equal(state, str_of(incidents_state_name[i]));
	if (!is_known)
		return fail(rq, ERR_INVALID, _("There is no state %.*s."), STR_ARG(str_utf8_first(state, 40)));
	if (severity.at && str_number(severity, 5, &n) != OK)
		return fail(rq, ERR_INVALID, _("--%s: a number from 0 to 5"), "severity");
	return incidents_list_every(rq, one_line, &listing);
}

/* --- show --- */

static enum err show_entries(struct rq *rq, const struct incidents_get_row *row, struct out *out)
{
	struct incidents_entry_of_row *rows;
	size_t n;

	TRY(incidents_entry_of(rq, row->id, &rows, &n));
	out_text(out, ",\"timeline\":[");
	for (size_t i = 0; i < n; i++) {
		out_print(out, "%s{\"entry\":%lld,\"kind\":\"%s\"", i ? "," : "", (long long)rows[i].id, incidents_entry_name[rows[i].kind]);
		incidents_json_moment(out, "at", (struct maybe_int){ true, rows[i].at.ms });
		incidents_json_text(out, "by", incidents_code(rq, rows[i].made_by));
		incidents_json_text(out, "act", rows[i].act);
		incidents_json_text(out, "text", rows[i].text);
		if (rows[i].corrects.is)
			out_print(out, ",\"corrects\":%lld", (long long)rows[i].corrects.i);
		out_byte(out, '}');
	}
	out_byte(out, ']');
	return OK;
}

/* What a vulnerability belongs to, as far as it is found. */
static enum err show_belongs(struct rq *rq, const struct incidents_get_row *row, int64_t work, struct out *out)
{
	struct refer_shown *shown;
	size_t n;

	TRY(refer_from(rq, "incidents", incidents_work_name_of(rq, row->number, work), &shown, &n));
	out_text(out, ",\"belongs_to\":[");
	for (size_t i = 0; i < n; i++) {
		out_print(out, "%s{\"point\":\"%.*s\"", i ? "," : "", STR_ARG(shown[i].point));
		incidents_json_text(out, "name", shown[i].name);
		out_print(out, ",\"checked\":%s}", shown[i].found.is_checked ? "true" : "false");
	}
	out_byte(out, ']');
	return OK;
}

static enum err show_work(struct rq *rq, const struct incidents_get_row *row, struct out *out)
{
	struct incidents_work_of_row *rows;
	size_t n;

	TRY(incidents_work_of(rq, row->id, &rows, &n));
	out_text(out, ",\"tasks\":[");
	for (size_t i = 0; i < n; i++) {
		out_print(out, "%s{\"task\":%lld,\"kind\":\"%s\",\"state\":\"%s\"", i ? "," : "", (long long)rows[i].id,
		          rows[i].is_weakness ? "vulnerability" : "task", incidents_work_name[rows[i].state]);
		incidents_json_text(out, "text", rows[i].text);
		incidents_json_text(out, "owner", incidents_code(rq, rows[i].owner));
		incidents_json_moment(out, "due", (struct maybe_int){ true, rows[i].due_at.ms });
		if (rows[i].is_weakness) {
			incidents_json_text(out, "cause", rows[i].cause);
			TRY(show_belongs(rq, row, rows[i].id, out));
		}
		out_byte(out, '}');
	}
	out_byte(out, ']');
	return OK;
}

static enum err show_duties(struct rq *rq, const struct incidents_get_row *row, struct out *out)
{
	static const char *const applies[] = { "null", "true", "false" };
	struct incidents_duty *duties;
	size_t n;

	TRY(incidents_duties(rq, row, NULL, &duties, &n));
	out_text(out, ",\"duties\":[");
	for (size_t i = 0; i < n; i++) {
		out_print(out, "%s{\"pack\":", i ? "," : "");
		out_json(out, duties[i].name);
		incidents_json_text(out, "step", duties[i].row ? duties[i].row->step : STR_NONE);
		out_print(out, ",\"applies\":%s", applies[duties[i].applies]);
		incidents_json_moment(out, "due", (struct maybe_int){ duties[i].is_due, duties[i].due_at.ms });
		incidents_json_moment(out, "handed_in", (struct maybe_int){ duties[i].is_handed, duties[i].handed_at.ms });
		out_byte(out, '}');
	}
	out_byte(out, ']');
	return OK;
}

static enum err show_missing(struct rq *rq, const struct incidents_get_row *row, int64_t closer, struct out *out)
{
	struct incidents_need needs[INCIDENTS_NEEDS];
	struct incidents_again_row *again;
	size_t n, shown = 0;

	TRY(incidents_closing(rq, row, closer, needs));
	out_text(out, ",\"missing\":[");
	for (size_t i = 0; i < INCIDENTS_NEEDS; i++)
		if (!needs[i].is_met)
			out_print(out, "%s\"%s\"", shown++ ? "," : "", needs[i].name);
	out_text(out, "],\"recurs\":[");
	TRY(incidents_recurring(rq, row, &again, &n));
	for (size_t i = 0; i < n; i++)
		out_print(out, "%s\"%.*s\"", i ? "," : "", STR_ARG(again[i].number));
	out_byte(out, ']');
	return OK;
}

static void show_text(struct rq *rq, const struct incidents_get_row *row, struct out *out)
{
	out_print(out, "%.*s  %s  SEV%lld\n%.*s\n", STR_ARG(row->number), _(incidents_state_word[row->state]), (long long)row->severity,
	          STR_ARG(row->title));
	struct str owner = incidents_person(rq, row->owner);
	out_print(out, "%s: %.*s\n", _("Owner"), STR_ARG(owner.len ? owner : str_of(_("Nobody yet"))));
}

/* The account on the server sees every incident, as whoever owns HOME sees its store. */
enum err incidents_run_show(struct rq *rq, const struct args *args, struct out *ret)
{
	struct incidents_get_row row;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("name one incident by its number, like this: 2026-118"));
	TRY(incidents_find(rq, args->words[0], -1, &row));
	if (!args->json) {
		show_text(rq, &row, ret);
		return OK;
	}
	out_print(ret, "{\"incident\":\"%.*s\",\"state\":\"%s\",\"severity\":%lld", STR_ARG(row.number), incidents_state_name[row.state],
	          (long long)row.severity);
	incidents_json_text(ret, "title", row.title);
	incidents_json_text(ret, "owner", incidents_code(rq, row.owner));
	incidents_json_text(ret, "rsit", row.rsit);
	out_print(ret, ",\"cert_se\":%lld,\"confidential\":%s", (long long)row.cert, row.is_confidential ? "true" : "false");
	incidents_json_moment(ret, "occurred_at", row.occurred_at);
	incidents_json_moment(ret, "detected_at", (struct maybe_int){ true, row.detected_at.ms });
	incidents_json_moment(ret, "aware_at", (struct maybe_int){ true, row.aware_at.ms });
	incidents_json_moment(ret, "significant_at", row.significant_at);
	incidents_json_moment(ret, "contained_at", row.contained_at);
	incidents_json_moment(ret, "recovered_at", row.recovered_at);
	incidents_json_moment(ret, "closed_at", row.closed_at);
	TRY(show_duties(rq, &row, ret));
	TRY(show_work(rq, &row, ret));
	TRY(show_missing(rq, &row, row.owner.is ? row.owner.i : -1, ret));
	TRY(incidents_parties_json(rq, &row, ret));
	TRY(show_entries(rq, &row, ret));
	out_text(ret, "}\n");
	return OK;
}
