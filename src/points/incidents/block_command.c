/* Reported links and the block list on the command line.
 *
 * SECURITY: as with incidents, the person named with --by must hold the role, and nothing is decided in somebody's name with cli.state off. A
 * host is read by the reader process before it is decided about, as on the page. */
#include "block.h"
#include "floor/people.h"
#include "floor/reading.h"
#include "floor/setting.h"
#include "floor/writer.h"

static const char *const verdict_name[] = { [LINK_OURS] = "ours", [LINK_NOT_OURS] = "not_ours", [LINK_IMITATES] = "imitates" };

static void moment(struct out *out, const char *key, struct instant at)
{
	out_print(out, ",\"%s\":\"", key);
	out_instant(out, at);
	out_byte(out, '"');
}

enum err incidents_run_links(struct rq *rq, const struct args *args, struct out *ret)
{
	struct block_groups_row *rows;
	size_t n = 31;

	if (args->n_words)
		return fail(rq, ERR_INVALID, _("nothing may stand behind the command but its options"));
	for (int64_t before = INT64_MAX; n == 31; before = n ? rows[n - 1].newest : 0) {
		TRY(block_groups(rq, true, before, &rows, &n));
		for (size_t i = 0; i < n; i++) {
			if (!args->json) {
				out_print(ret, "%-40.*s %6lld  %-9s ", STR_ARG(rows[i].domain), (long long)rows[i].n, verdict_name[MIN(MAX(rows[i].verdict, (int64_t)0), (int64_t)2)]);
				tongue_instant(ret, rq->language, rows[i].first_at);
				out_text(ret, " - ");
				tongue_instant(ret, rq->language, rows[i].last_at);
				out_byte(ret, '\n');
				continue;
			}
			out_text(ret, "{\"domain\":");
			out_json(ret, rows[i].domain);
			out_print(ret, ",\"reports\":%lld,\"hosts\":%lld,\"verdict\":\"%s\",\"imitates\":", (long long)rows[i].n, (long long)rows[i].hosts,
			          verdict_name[MIN(MAX(rows[i].verdict, (int64_t)0), (int64_t)2)]);
			out_json(ret, rows[i].imitates.len ? rows[i].imitates : STR_NONE);
			moment(ret, "first", rows[i].first_at);
			moment(ret, "last", rows[i].last_at);
			out_text(ret, "}\n");
		}
	}
	return OK;
}

static enum err decide_job(struct rq *rq, void *of)
{
	struct block_wish wish = *(struct block_wish *)of;

	return block_decide(rq, &wish);
}

static enum err one_host(struct rq *rq, const struct args *args, int64_t *ret_by)
{
	struct people_get_row person;
	struct str by = args_option(args, "by");

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, "%s", _("name one host, like this: login-kommun.example"));
	if (!by.at)
		return fail(rq, ERR_INVALID, "%s", _("Say who does it."));
	if (!setting_bool(rq, "cli.state"))
		return fail(rq, ERR_DENIED, _("Nothing is decided here in somebody's name (setting cli.state)."));
	TRY(people_find(rq, by, &person));
	*ret_by = person.id;
	return OK;
}

static enum err run_decision(struct rq *rq, const struct args *args, struct out *ret, bool is_left)
{
	struct block_wish wish = { .is_left = is_left, .is_below = args_option(args, "below").at != NULL, .because = args_option(args, "because"), .days = BLOCK_DAYS };
	struct str days = args_option(args, "days");

	TRY(one_host(rq, args, &wish.by));
	if (days.at && str_number(days, BLOCK_DAYS_MOST, &wish.days) != OK)
		wish.days = 0;
	TRY(block_look_at_host(rq, args->words[0], &wish.seen));
	TRY(writer_do(writer_of_core(), decide_job, &wish, rq));
	if (args->json) {
		out_text(ret, "{\"host\":");
		out_json(ret, wish.seen.host);
		out_print(ret, ",\"decided\":\"%s\"}\n", is_left ? "leave" : "block");
	} else {
		out_print(ret, "%.*s\t%s\n", STR_ARG(wish.seen.host), is_left ? _("Left alone") : _("Blocked"));
	}
	return OK;
}

enum err incidents_run_block(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_decision(rq, args, ret, false);
}

enum err incidents_run_leave(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_decision(rq, args, ret, true);
}

enum err incidents_run_unblock(struct rq *rq, const struct args *args, struct out *ret)
{
	struct block_over over = { .because = args_option(args, "because") };

	TRY(one_host(rq, args, &over.by));
	over.host = args->words[0];
	TRY(block_undo(rq, &over));
	if (args->json) {
		out_text(ret, "{\"host\":");
		out_json(ret, over.host);
		out_text(ret, ",\"decided\":null}\n");
	}
	return OK;
}

static enum err list_them(struct rq *rq, const struct args *args, struct out *ret)
{
	struct block_list_row *rows;
	size_t n, n_times;
	int64_t median;

	TRY(block_list(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const struct block_list_row *row = &rows[i];
		if (row->ended_at.is)
			continue;
		if (!args->json) {
			out_print(ret, "%-40.*s %s ", STR_ARG(row->host), row->is_below ? "*" : " ");
			tongue_date(ret, rq->language, row->until_at);
			if (row->first_at.is)
				out_print(ret, "  %.*s", STR_ARG(block_span(rq, row->decided_at.ms - row->first_at.i)));
			out_byte(ret, '\n');
			continue;
		}
		out_text(ret, "{\"host\":");
		out_json(ret, row->host);
		out_print(ret, ",\"below\":%s", row->is_below ? "true" : "false");
		moment(ret, "blocked", row->decided_at);
		moment(ret, "until", row->until_at);
		if (row->first_at.is)
			out_print(ret, ",\"minutes\":%lld}\n", (long long)((row->decided_at.ms - row->first_at.i) / MINUTES(1).ms));
		else
			out_text(ret, ",\"minutes\":null}\n");
	}
	TRY(block_median(rq, &median, &n_times));
	if (n_times && !args->json)
		out_print(ret, _("%.*s from the first report to the block, the median of %zu in 90 days.\n"), STR_ARG(block_span(rq, median)), n_times);
	return OK;
}

enum err incidents_run_blocks(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str name = args_option(args, "format");
	int64_t kept;

	if (args->n_words)
		return fail(rq, ERR_INVALID, _("nothing may stand behind the command but its options"));
	if (!name.at)
		return list_them(rq, args, ret);
	for (int i = 0; i < BLOCK_FORMATS; i++)
		if (str_equal(name, str_of(block_formats[i].name)))
			return block_export(rq, i, ret, &kept);
	return fail(rq, ERR_INVALID, _("--%s: choose hosts, stix or csv"), "format");
}
