/* Countermeasures on the command line, and the list of blocked sources for firewalls.
 *
 * `incidents measure blocks` prints a network a line with its end behind a #, or an object each: a firewall's own script fetches it every few minutes, so
 * that what has ended here ends there too.
 *
 * SECURITY: as all of incidents' commands: whoever types is the account in the leaf, --by must hold the role, cli.state switches it off. */
#include "incidents.h"
#include "measure.h"
#include "floor/people.h"
#include "floor/setting.h"

static enum err by_of(struct rq *rq, const struct args *args, int64_t *ret)
{
	struct str name = args_option(args, "by");
	struct people_get_row person;

	if (!name.at)
		return fail(rq, ERR_INVALID, _("Say who does it."));
	if (!setting_bool(rq, "cli.state"))
		return fail(rq, ERR_DENIED, _("Nothing is decided here in somebody's name (setting cli.state)."));
	TRY(people_find(rq, name, &person));
	*ret = person.id;
	return OK;
}

static void json_text(struct out *out, const char *key, struct str text)
{
	out_print(out, ",\"%s\":", key);
	if (text.at)
		out_json(out, text);
	else
		out_text(out, "null");
}

static enum err say_one(struct rq *rq, const struct args *args, int64_t id, struct out *ret)
{
	struct measure_get_row row;
	struct incidents_get_row incident;
	enum measure_state state;

	TRY(measure_get(rq, id, &row));
	state = measure_state(&row, rq->now);
	struct str target = row.person.is ? incidents_code(rq, row.person) : row.network;
	if (!args->json) {
		out_print(ret, "%lld\t%s\t%.*s\t%s\t", (long long)id, _(measure_kind_word[row.kind]), STR_ARG(target), _(measure_state_word[state]));
		tongue_instant(ret, rq->language, row.until);
		out_byte(ret, '\n');
		return OK;
	}
	out_print(ret, "{\"measure\":%lld,\"kind\":\"%s\",\"state\":\"%s\"", (long long)id, measure_kind_name[row.kind], measure_state_name[state]);
	json_text(ret, "target", target);
	out_text(ret, ",\"until\":\"");
	out_instant(ret, row.until);
	out_print(ret, "\",\"critical\":%s", row.is_critical ? "true" : "false");
	json_text(ret, "by", incidents_code(rq, row.decided_by));
	json_text(ret, "incident", row.incident.is && incidents_get(rq, row.incident.i, &incident) == OK ? incident.number : STR_NONE);
	out_text(ret, "}\n");
	return OK;
}

enum err measure_run_make(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str kind = args_option(args, "kind"), hours = args_option(args, "hours");
	struct measure_wish wish = { .target = args->n_words ? args->words[0] : STR(""), .because = args_option(args, "because"),
		.incident = args_option(args, "incident"), .is_critical = args_option(args, "critical").at != NULL, .knows_ours = args_option(args, "ours").at != NULL,
		.hours = 24 };
	int64_t id;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("Name one address, network or person."));
	for (int k = MEASURE_BLOCK; k < MEASURE_KINDS; k++)
		if (str_equal(kind, str_of(measure_kind_name[k])))
			wish.kind = (enum measure_kind)k;
	if (!wish.kind)
		return fail(rq, ERR_INVALID, _("--%s: choose block, hold or factor"), "kind");
	if (hours.at && str_number(hours, MEASURE_HOURS, &wish.hours) != OK)
		wish.hours = 0;
	if (!wish.because.at)
		wish.because = STR("");
	TRY(by_of(rq, args, &wish.by));
	TRY(measure_make(rq, &wish, &id));
	return say_one(rq, args, id, ret);
}

enum err measure_run_act(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by;

	if (args->n_words != 2 || str_number(args->words[0], INT64_MAX, &id) != OK)
		return fail(rq, ERR_INVALID, _("Name a measure by its number, and what to do: decide, ask or remove."));
	TRY(by_of(rq, args, &by));
	TRY(measure_do(rq, args->words[1], id, by, args_option(args, "because")));
	return say_one(rq, args, id, ret);
}

enum err measure_run_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct measure_running_row *running;
	struct measure_over_row *over;
	size_t n, n_over;

	TRY(measure_running(rq, rq->now, &running, &n));
	for (size_t i = 0; i < n; i++)
		TRY(say_one(rq, args, running[i].id, ret));
	if (!args_option(args, "over").at)
		return OK;
	TRY(measure_over(rq, rq->now, INT64_MAX, &over, &n_over));
	for (size_t i = 0; i < n_over; i++)
		TRY(say_one(rq, args, over[i].id, ret));
	return OK;
}

enum err measure_run_blocks(struct rq *rq, const struct args *args, struct out *ret)
{
	struct measure_stand_row *rows;
	size_t n;

	TRY(measure_stand(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (rows[i].kind != MEASURE_BLOCK)
			continue;
		if (args->json) {
			out_text(ret, "{\"network\":");
			out_json(ret, rows[i].network);
			out_text(ret, ",\"until\":\"");
			out_instant_utc(ret, rows[i].until);
			out_print(ret, "\",\"measure\":%lld}\n", (long long)rows[i].id);
		} else {
			out_print(ret, "%.*s # ", STR_ARG(rows[i].network));
			out_instant_utc(ret, rows[i].until);
			out_byte(ret, '\n');
		}
	}
	return OK;
}
