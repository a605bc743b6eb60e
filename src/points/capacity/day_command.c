/* Commands of the plans for a day: make, show, list, adopt, undo; and what a unit needs. */
#include "day.h"

static enum err plan_named(struct rq *rq, const struct args *args, int64_t *ret)
{
	if (args->n_words != 1 || str_number(args->words[0], INT32_MAX, ret) != OK)
		return fail(rq, ERR_INVALID, _("Name the plan by its number: capacity plan list shows them."));
	return OK;
}

static void put_moment(struct out *ret, const char *key, struct instant at)
{
	out_print(ret, ",\"%s\":\"", key);
	out_instant(ret, at);
	out_byte(ret, '"');
}

static enum err show(struct rq *rq, const struct args *args, int64_t id, struct out *ret)
{
	struct capacity_day_plan_get_row row;
	struct capacity_day_classes_row *classes;
	struct capacity_day_full_row *full;
	size_t n, n_full;

	TRY(day_plan(rq, id, &row));
	TRY(capacity_day_classes(rq, id, &classes, &n));
	TRY(capacity_day_full(rq, id, &full, &n_full));
	enum day_state state = day_state_of(row.adopted_at, row.undone_at, row.laid, row.seats);
	struct out day = out_new(rq->arena);
	out_instant(&day, row.day_at);
	if (args->json)
		out_print(ret, "{\"plan\":%lld,\"day\":\"%.10s\",\"state\":\"%s\",\"people\":%lld,\"seats\":%lld,\"laid\":%lld,\"kept\":%lld}\n", (long long)id,
		          out_str(&day).at, day_state_name[state], (long long)row.people, (long long)row.seats, (long long)row.laid, (long long)row.kept);
	else
		out_print(ret, "%lld\t%.10s\t%s\t%lld\t%lld\n", (long long)id, out_str(&day).at, _(day_state_word[state]), (long long)row.people, (long long)row.seats);
	for (size_t i = 0; i < n; i++)
		out_print(ret, args->json ? "{\"class\":%lld,\"people\":%lld,\"needed\":%lld,\"served\":%lld,\"less\":%lld}\n" : "%lld\t%lld\t%lld\t%lld\t%lld\n",
		          (long long)classes[i].class, (long long)classes[i].people, (long long)classes[i].needed, (long long)classes[i].served,
		          (long long)classes[i].less);
	for (size_t i = 0; i < n_full; i++) {
		if (!args->json)
			continue;
		out_print(ret, "{\"full_for_classes_to\":%lld,\"gateway\":", (long long)full[i].class);
		out_json(ret, full[i].gateway);
		put_moment(ret, "from", full[i].from_at);
		put_moment(ret, "until", full[i].until);
		out_text(ret, "}\n");
	}
	return OK;
}

enum err day_run_make(struct rq *rq, const struct args *args, struct out *ret)
{
	struct instant day = instant_plus(instant_midnight(rq->now), HOURS(36));
	int64_t id;

	if (args->n_words > 1 || (args->n_words == 1 && instant_parse_loose(args->words[0], &day) != OK))
		return fail(rq, ERR_INVALID, _("Enter the date like this: 2026-11-30"));
	TRY(day_make(rq, day, &id));
	return show(rq, args, id, ret);
}

enum err day_run_show(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;

	TRY(plan_named(rq, args, &id));
	return show(rq, args, id, ret);
}

enum err day_run_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct capacity_day_plans_row *rows;
	size_t n;

	TRY(capacity_day_plans(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		enum day_state state = day_state_of(rows[i].adopted_at, rows[i].undone_at, rows[i].laid, rows[i].seats);
		struct out day = out_new(rq->arena);
		out_instant(&day, rows[i].day_at);
		if (args->json)
			out_print(ret, "{\"plan\":%lld,\"day\":\"%.10s\",\"state\":\"%s\",\"people\":%lld}\n", (long long)rows[i].id, out_str(&day).at,
			          day_state_name[state], (long long)rows[i].people);
		else
			out_print(ret, "%lld\t%.10s\t%s\t%lld\n", (long long)rows[i].id, out_str(&day).at, _(day_state_word[state]), (long long)rows[i].people);
	}
	return OK;
}

enum err day_run_adopt(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;

	TRY(plan_named(rq, args, &id));
	TRY(day_adopt(rq, id, (struct day_tell){ args->tell, args->tell_of }));
	return show(rq, args, id, ret);
}

enum err day_run_undo(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;

	TRY(plan_named(rq, args, &id));
	TRY(day_undo(rq, id, (struct day_tell){ args->tell, args->tell_of }));
	return show(rq, args, id, ret);
}

enum err day_run_need(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str from = args_option(args, "from"), until = args_option(args, "until");
	struct day_need need = { .from_minute = 7 * 60, .until_minute = 19 * 60, .is_whole = args_option(args, "whole").at != NULL };

	if (args->n_words != 1 || str_number(args_option(args, "minutes"), 24 * 60, &need.minutes) != OK)
		return fail(rq, ERR_INVALID, _("How many minutes of a day? A whole number, 0 for none."));
	if ((from.at && day_read_minute(from, &need.from_minute) != OK) || (until.at && day_read_minute(until, &need.until_minute) != OK))
		return fail(rq, ERR_INVALID, _("Write the time like this: 7:30"));
	need.unit = args->words[0];
	TRY(day_set_need(rq, &need));
	if (args->json) {
		out_text(ret, "{\"unit\":");
		out_json(ret, need.unit);
		out_text(ret, "}\n");
	}
	return OK;
}
