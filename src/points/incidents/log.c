/* Watched logs as people see them: which there are, how old the last line of each is, what of it could not be read, and what was thrown
 * away. One from which nothing has come for long is silent: then nobody knows whether anybody tries to get in, and the question says so.
 *
 * Among them stands the file of where addresses are (watch.places), which is no log: its last line is when it was built, and it is old or of no use.
 *
 * SECURITY: counts and names of sources only; what lines hold stands in incidents. */
#include "incidents.h"
#include "log.h"
#include "points/incidents/incidents_logs.html.h"
#include "points/incidents/log.sql.h"
#include "floor/setting.h"

/* By enum log_kind (doors/message_log.h): how a page names it, and the command. */
static const struct { const char *word, *code; } kinds[] = { { "", "" }, { N_("file"), "file" }, { "syslog, UDP", "udp" }, { "syslog, TCP", "tcp" },
	{ "syslog, TLS", "tls" }, { N_("systemd journal"), "journal" }, { N_("where addresses are"), "places" } };
enum { PLACES = 6 };
static size_t kind_of(int64_t kind) { return kind > 0 && kind < (int64_t)LENGTH(kinds) ? (size_t)kind : 0; }

static struct span silence(struct rq *rq)
{
	return HOURS(setting_number(rq, "incidents.silent_hours"));
}

static struct instant heard_at(const struct log_source_all_row *row)
{
	return row->last_at.is ? (struct instant){ row->last_at.i } : row->since;
}

static bool is_silent(struct rq *rq, const struct log_source_all_row *row)
{
	return row->kind != PLACES && instant_is_before(instant_plus(heard_at(row), silence(rq)), rq->now);
}

/* How one stands: as a page says it, and doctor. */
enum stand { FINE, SILENT, USELESS, OLD };
static const struct { const char *kind, *word, *task; } stands[] = { [FINE] = { "ok", N_("In order"), NULL },
	[SILENT] = { "act", N_("Silent"), N_("Find out why nothing comes from the watched log %.*s") },
	[USELESS] = { "act", N_("Cannot be used"), N_("Put a file with coordinates in place of the one that watch.places names (%.*s)") },
	[OLD] = { "act", N_("Old"), N_("Fetch a newer file of where addresses are (%.*s)") } };

static struct span places_last(struct rq *rq)
{
	return DAYS(setting_number(rq, "incidents.places_days"));
}

static enum stand stand_of(struct rq *rq, const struct log_source_all_row *row)
{
	if (row->kind != PLACES)
		return is_silent(rq, row) ? SILENT : FINE;
	return !row->last_at.is ? USELESS : instant_is_before(instant_plus(heard_at(row), places_last(rq)), rq->now) ? OLD : FINE;
}

enum err incidents_logs_have_places(struct rq *rq, bool *ret)
{
	struct log_source_all_row *rows;
	size_t n;

	*ret = false;
	TRY(log_source_all(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		*ret |= rows[i].kind == PLACES && rows[i].last_at.is;
	return OK;
}

static struct str why_of(struct rq *rq, const struct log_source_all_row *row, enum stand stand)
{
	struct out at = out_new(rq->arena);

	if (stand == USELESS)
		return str_of(_("The file cannot be read, or holds no coordinates: rule R8 on impossible travel is off."));
	if (!row->last_at.is)
		return str_of(stand == SILENT ? _("Nothing has come from it for long.") : _("Nothing has come from it yet."));
	tongue_instant(&at, rq->language, heard_at(row));
	return row->kind == PLACES ? str_print(rq->arena, stand == OLD ? _("The file was built %.*s: addresses have moved since.") : _("The file was built %.*s."), STR_ARG(out_str(&at)))
	     : str_print(rq->arena, stand == SILENT ? _("Nothing has come from it since %.*s.") : _("The last line came %.*s."), STR_ARG(out_str(&at)));
}

enum err incidents_logs_seen(struct rq *rq, struct incidents_log_seen **ret, size_t *ret_n)
{
	struct log_source_all_row *rows;

	TRY(log_source_all(rq, &rows, ret_n));
	*ret = NEW_MANY(rq->arena, *ret_n + 1, struct incidents_log_seen);
	for (size_t i = 0; i < *ret_n; i++) {
		enum stand stand = stand_of(rq, &rows[i]);
		(*ret)[i] = (struct incidents_log_seen){ rows[i].name, why_of(rq, &rows[i], stand), stand != FINE };
	}
	return OK;
}

enum err incidents_logs_figures(struct rq *rq, struct incidents_logs *ret)
{
	struct log_source_all_row *rows;
	size_t n;

	*ret = (struct incidents_logs){ 0 };
	TRY(log_source_all(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (rows[i].kind != PLACES && (!ret->n++ || instant_is_before(heard_at(&rows[i]), ret->quietest)))
			ret->quietest = heard_at(&rows[i]);
		if (!is_silent(rq, &rows[i]))
			continue;
		if (!ret->silent++ || instant_is_before(heard_at(&rows[i]), ret->oldest)) {
			ret->oldest = heard_at(&rows[i]);
			ret->first = rows[i].name;
		}
	}
	return OK;
}

enum err incidents_logs_due(struct rq *rq, struct tasks *ret)
{
	struct log_source_all_row *rows;
	size_t n;

	TRY(log_source_all(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (stands[stand_of(rq, &rows[i])].task)
			tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _(stands[stand_of(rq, &rows[i])].task), STR_ARG(rows[i].name)),
				.where = STR("/incidents/logs"), .person = -1, .roles = ROLE_COORDINATOR | ROLE_SUPPORT,
				.due_at = rows[i].kind != PLACES ? instant_plus(heard_at(&rows[i]), silence(rq)) : rows[i].last_at.is ? instant_plus(heard_at(&rows[i]), places_last(rq))
				        : rows[i].since });
	return OK;
}

/* Said once a silence, to every point; it ends with the next line. */
enum err incidents_logs_tick(struct rq *rq, bool *ret_has_said)
{
	struct log_source_all_row *rows;
	struct change *change;
	size_t n;

	TRY(log_source_all(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (rows[i].silent_since.is || !is_silent(rq, &rows[i]))
			continue;
		TRY(log_source_silent(rq, (struct maybe_int){ true, rq->now.ms }, rows[i].name));
		TRY(audit_begin(rq, "incidents.silent", rows[i].name, &change));
		event_say(change, (struct event){ EVENT_source_silent, -1, 0, change_leaf(change) });
		*ret_has_said = true;
		return OK;                       /* a leaf a tick: the next in a minute */
	}
	return OK;
}

static const char *const stand_code[] = { "ok", "silent", "useless", "old" };

enum err incidents_run_logs(struct rq *rq, const struct args *args, struct out *ret)
{
	struct log_source_all_row *rows;
	size_t n;

	if (args->n_words)
		return fail(rq, ERR_INVALID, _("nothing may stand behind the command but its options"));
	TRY(log_source_all(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const struct log_source_all_row *row = &rows[i];
		const char *kind = kinds[kind_of(row->kind)].code;
		if (!args->json) {
			out_print(ret, "%-24.*s %-7s %10lld %10lld %8lld %8lld  ", STR_ARG(row->name), kind, (long long)row->lines, (long long)row->logins,
			          (long long)row->unreadable, (long long)row->dropped);
			if (row->last_at.is)
				tongue_instant(ret, rq->language, heard_at(row));
			else
				out_text(ret, _("nothing yet"));
			enum stand stand = stand_of(rq, row);
			out_print(ret, "%s%s\n", stand ? "  " : "", stand == FINE ? "" : stand == SILENT ? _("silent") : _(stands[stand].word));
			continue;
		}
		out_text(ret, "{\"log\":");
		out_json(ret, row->name);
		out_print(ret, ",\"kind\":\"%s\",\"lines\":%lld,\"logins\":%lld,\"unreadable\":%lld,\"dropped\":%lld,\"last\":", kind, (long long)row->lines,
		          (long long)row->logins, (long long)row->unreadable, (long long)row->dropped);
		if (row->last_at.is) {
			out_byte(ret, '"');
			out_instant(ret, heard_at(row));
			out_byte(ret, '"');
		} else {
			out_text(ret, "null");
		}
		out_print(ret, ",\"silent\":%s,\"state\":\"%s\"}\n", is_silent(rq, row) ? "true" : "false", stand_code[stand_of(rq, row)]);
	}
	return OK;
}

enum err incidents_get_logs(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct log_source_all_row *rows;
	size_t n;
	(void)visit;

	TRY(log_source_all(rq, &rows, &n));
	struct incidents_logs_page_logs *logs = NEW_MANY(rq->arena, n + 1, struct incidents_logs_page_logs);
	for (size_t i = 0; i < n; i++)
		logs[i] = (struct incidents_logs_page_logs){ .name = rows[i].name, .kind = kinds[kind_of(rows[i].kind)].word,
			.state = { str_of(stands[stand_of(rq, &rows[i])].kind), stands[stand_of(rq, &rows[i])].word },
			.has_line = rows[i].last_at.is, .last_at = heard_at(&rows[i]), .lines = rows[i].lines, .logins = rows[i].logins,
			.unreadable = rows[i].unreadable, .dropped = rows[i].dropped };
	struct incidents_logs_page page = { .logs = logs, .n_logs = n, .hours = setting_number(rq, "incidents.silent_hours") };
	page.empty = (struct empty_page){ .what = str_of(_("No log is watched. Add watch.file, watch.journal or watch.syslog to samordna.conf and start again.")) };
	answer->title = str_of(_("Watched logs"));
	incidents_logs_page(&answer->body, rq->language, &page);
	return OK;
}
