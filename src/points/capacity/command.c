/* Commands of capacity. Limits, orders and texts are changed with a leaf each; `capacity show` tells how full each gateway is. */
#include "capacity.h"
#include "day.h"
#include "team.h"
#include "fetch.h"
#include "whatif.h"
#include "floor/people.h"

/* --- show --- */

static void put_maybe(struct out *out, const char *key, struct maybe_int i)
{
	out_print(out, ",\"%s\":", key);
	if (i.is)
		out_int(out, i.i);
	else
		out_text(out, "null");
}

static void put_moment(struct out *out, const char *key, struct maybe_int i)
{
	out_print(out, ",\"%s\":", key);
	if (i.is) {
		out_byte(out, '"');
		out_instant(out, (struct instant){ i.i });
		out_byte(out, '"');
	} else {
		out_text(out, "null");
	}
}

static void put_json(const struct capacity_known *known, const struct capacity_now *now, struct out *ret)
{
	const struct capacity_limits *limits = &known->limits;
	const struct capacity_pool *pool = &known->pool;
	struct maybe_int places = { pool->is_set, pool->places }, reserve = { pool->is_set, pool->reserve }, open = { pool->is_set, pool->open };

	out_text(ret, "{\"gateway\":");
	out_json(ret, known->name);
	out_print(ret, ",\"state\":\"%s\",\"taken\":%lld", capacity_state_name[capacity_state_of(pool, now->n)], (long long)now->n);
	put_maybe(ret, "places", places);
	put_maybe(ret, "reserve", reserve);
	put_maybe(ret, "open", open);
	out_print(ret, ",\"bound\":\"%s\"", capacity_bound_name[pool->bound]);
	put_maybe(ret, "licence", limits->licence);
	put_maybe(ret, "tested", limits->tested);
	put_moment(ret, "tested_at", limits->tested_at);
	put_maybe(ret, "addresses", limits->addresses);
	put_maybe(ret, "throughput_kbit", limits->throughput);
	put_maybe(ret, "share_kbit", limits->share);
	put_maybe(ret, "logins_a_minute", limits->logins);
	put_maybe(ret, "reduced", limits->reduced);
	out_print(ret, ",\"silent\":%lld", (long long)now->silent);
	put_maybe(ret, "listed", now->listed);
	put_moment(ret, "listed_at", now->listed_at);
	put_moment(ret, "list_lost_at", now->list_lost_at);
	out_text(ret, ",\"classes\":{");
	for (int class = 1; class <= 4; class++)
		out_print(ret, "%s\"%d\":%lld", class > 1 ? "," : "", class, (long long)now->by_class[class]);
	out_text(ret, "}}\n");
}

static enum err run_show(struct rq *rq, const struct args *args, struct out *ret)
{
	struct capacity_known *known, one;
	struct capacity_now *now;
	size_t n;

	if (args->n_words > 1)
		return fail(rq, ERR_INVALID, _("Name one gateway, or none for all."));
	if (args->n_words)
		TRY(capacity_gateway(rq, args->words[0], &one));
	TRY(capacity_gateways(rq, &known, &n));
	TRY(capacity_taken(rq, known, n, &now));
	for (size_t i = 0; i < n; i++) {
		const struct capacity_pool *pool = &known[i].pool;
		if (args->n_words && !str_equal(known[i].name, one.name))
			continue;
		if (args->json)
			put_json(&known[i], &now[i], ret);
		else if (pool->is_set)
			out_print(ret, "%.*s\t%s\t%lld / %d + %d\t%s\n", STR_ARG(known[i].name), _(capacity_state_word[capacity_state_of(pool, now[i].n)]),
			          (long long)now[i].n, pool->open, pool->reserve, _(capacity_bound_word[pool->bound]));
		else
			out_print(ret, "%.*s\t%s\t%lld\n", STR_ARG(known[i].name), _(capacity_state_word[POOL_UNSET]), (long long)now[i].n);
	}
	return OK;
}

/* --- limit --- */

static enum err read_limit(struct rq *rq, const struct args *args, const char *name, int64_t most, int64_t times, struct maybe_int *ret)
{
	struct str text = args_option(args, name);

	if (!text.at)
		return OK;
	if (capacity_read_number(text, most, ret) != OK)
		return fail(rq, ERR_INVALID, _("--%s takes a whole number from 0 to %lld, or - for not known."), name, (long long)most);
	if (ret->is)
		ret->i *= times;
	return OK;
}

static enum err read_day(struct rq *rq, const struct args *args, struct capacity_limits *ret)
{
	struct str day = args_option(args, "tested-on");
	struct instant at;

	if (!ret->tested.is)
		ret->tested_at = (struct maybe_int){ 0 };
	if (!day.at) {
		/* A new number without a day was tested today. */
		if (args_option(args, "tested").at && ret->tested.is)
			ret->tested_at = (struct maybe_int){ true, rq->now.ms };
		return OK;
	}
	if (instant_parse_loose(day, &at) != OK)
		return fail(rq, ERR_INVALID, _("Enter the date like this: 2026-11-30"));
	ret->tested_at = (struct maybe_int){ true, at.ms };
	return OK;
}

static enum err run_limit(struct rq *rq, const struct args *args, struct out *ret)
{
	struct capacity_known gateway;
	struct capacity_limits limits;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("Name the gateway: gateway list shows them."));
	TRY(capacity_gateway(rq, args->words[0], &gateway));
	limits = gateway.limits;
	TRY(read_limit(rq, args, "licence", LIMIT_MOST, 1, &limits.licence));
	TRY(read_limit(rq, args, "tested", LIMIT_MOST, 1, &limits.tested));
	TRY(read_day(rq, args, &limits));
	TRY(read_limit(rq, args, "addresses", LIMIT_MOST, 1, &limits.addresses));
	TRY(read_limit(rq, args, "throughput", LIMIT_MOST, 1000, &limits.throughput));
	TRY(read_limit(rq, args, "share", LIMIT_MOST, 1, &limits.share));
	TRY(read_limit(rq, args, "logins", LIMIT_MOST, 1, &limits.logins));
	TRY(read_limit(rq, args, "reduced", LIMIT_MOST, 1, &limits.reduced));
	TRY(capacity_set_limits(rq, &gateway, &limits));
	return run_show(rq, args, ret);
}

/* --- orders --- */

static enum err run_order(struct rq *rq, const struct args *args, struct out *ret)
{
	struct capacity_wish wish = { .note = args_option(args, "note") };
	struct str cost = args_option(args, "cost");
	int64_t id;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("Name the gateway: gateway list shows them."));
	wish.gateway = args->words[0];
	if (str_number(args_option(args, "places"), LIMIT_MOST, &wish.places) != OK)
		return fail(rq, ERR_INVALID, _("How many places are ordered? A whole number, at least 1."));
	if (cost.at && str_number(cost, INT32_MAX, &wish.cost) != OK)
		return fail(rq, ERR_INVALID, _("The cost is a whole number of kronor."));
	if (instant_parse_loose(args_option(args, "delivery"), &wish.delivery_at) != OK)
		return fail(rq, ERR_INVALID, _("Enter the date like this: 2026-11-30"));
	TRY(capacity_order(rq, &wish, &id));
	out_print(ret, args->json ? "{\"order\":%lld}\n" : "%lld\n", (long long)id);
	return OK;
}

static enum err order_over(struct rq *rq, const struct args *args, struct out *ret, bool is_delivered)
{
	int64_t id;

	if (args->n_words != 1 || str_number(args->words[0], INT32_MAX, &id) != OK)
		return fail(rq, ERR_INVALID, _("Name the order by its number: capacity orders shows them."));
	TRY(capacity_order_over(rq, id, is_delivered));
	out_print(ret, args->json ? "{\"order\":%lld}\n" : "%lld\n", (long long)id);
	return OK;
}

static enum err run_delivered(struct rq *rq, const struct args *args, struct out *ret) { return order_over(rq, args, ret, true); }
static enum err run_cancel(struct rq *rq, const struct args *args, struct out *ret) { return order_over(rq, args, ret, false); }

static enum err run_orders(struct rq *rq, const struct args *args, struct out *ret)
{
	struct capacity_orders_row *rows;
	size_t n;

	TRY(capacity_orders(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		struct out day = out_new(rq->arena);
		out_instant(&day, rows[i].delivery_at);
		if (args->json) {
			out_print(ret, "{\"order\":%lld,\"gateway\":", (long long)rows[i].id);
			out_json(ret, rows[i].gateway_name);
			out_print(ret, ",\"places\":%lld,\"delivery\":\"%.*s\",\"cost\":%lld,\"note\":", (long long)rows[i].places, STR_ARG(out_str(&day)),
			          (long long)rows[i].cost);
			out_json(ret, rows[i].note);
			out_text(ret, "}\n");
		} else {
			out_print(ret, "%lld\t%.*s\t%lld\t%.10s\t%lld\t%.*s\n", (long long)rows[i].id, STR_ARG(rows[i].gateway_name), (long long)rows[i].places,
			          out_str(&day).at, (long long)rows[i].cost, STR_ARG(rows[i].note));
		}
	}
	return OK;
}

/* --- units --- */

static enum err run_unit(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str reserve = args_option(args, "reserve"), instead = args_option(args, "instead");
	struct maybe_int is_reserve = { reserve.at != NULL, str_equal(reserve, STR("yes")) };

	if (args->n_words != 1 || (!reserve.at && !instead.at))
		return fail(rq, ERR_INVALID, _("Name the unit, and --reserve yes or no, or --instead TEXT."));
	if (reserve.at && !is_reserve.i && !str_equal(reserve, STR("no")))
		return fail(rq, ERR_INVALID, _("--reserve takes yes or no."));
	TRY(capacity_set_unit(rq, args->words[0], is_reserve, instead));
	if (args->json) {
		out_text(ret, "{\"unit\":");
		out_json(ret, args->words[0]);
		out_text(ret, "}\n");
	}
	return OK;
}

/* --- slots --- */

static enum err run_slot_book(struct rq *rq, const struct args *args, struct out *ret)
{
	struct people_get_row person;
	struct instant from;
	int64_t id;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("name one person"));
	TRY(people_find(rq, args->words[0], &person));
	if (instant_parse_loose(args_option(args, "at"), &from) != OK)
		return fail(rq, ERR_INVALID, _("Write the moment like this: 2026-11-30 08:00, or with a zone: 2026-11-30T08:00:00+01:00."));
	struct str gateway = args_option(args, "gateway");
	TRY(capacity_slot_book(rq, person.id, gateway.at ? gateway : STR(""), from, &id));
	out_print(ret, args->json ? "{\"slot\":%lld}\n" : "%lld\n", (long long)id);
	return OK;
}

static enum err run_slot_cancel(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;

	if (args->n_words != 1 || str_number(args->words[0], INT32_MAX, &id) != OK)
		return fail(rq, ERR_INVALID, _("Name the booked time by its number: capacity slot list shows them."));
	TRY(capacity_slot_cancel(rq, -1, id));
	out_print(ret, args->json ? "{\"slot\":%lld}\n" : "%lld\n", (long long)id);
	return OK;
}

static enum err run_slot_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct people_get_row person;
	struct capacity_slots_of_row *rows;
	size_t n;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("name one person"));
	TRY(people_find(rq, args->words[0], &person));
	TRY(capacity_slots_of(rq, person.id, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		enum capacity_slot_state state = capacity_slot_state_of(&rows[i], rq->now);
		struct out from = out_new(rq->arena);
		out_instant(&from, rows[i].from_at);
		if (args->json) {
			out_print(ret, "{\"slot\":%lld,\"gateway\":", (long long)rows[i].id);
			out_json(ret, rows[i].gateway_name);
			out_print(ret, ",\"from\":\"%.*s\",\"state\":\"%s\"}\n", STR_ARG(out_str(&from)), capacity_slot_state_name[state]);
		} else {
			out_print(ret, "%lld\t%.*s\t%.*s\t%s\n", (long long)rows[i].id, STR_ARG(rows[i].gateway_name), STR_ARG(out_str(&from)),
			          _(capacity_slot_state_word[state]));
		}
	}
	return OK;
}

static enum err run_warned(struct rq *rq, const struct args *args, struct out *ret)
{
	struct capacity_warned_row *rows;
	size_t n;

	TRY(capacity_warned(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		struct people_get_row who;
		struct out ends = out_new(rq->arena), back = out_new(rq->arena);
		TRY(people_get(rq, rows[i].person, &who));
		out_instant(&ends, rows[i].ends_at);
		out_instant(&back, rows[i].back_at);
		if (args->json) {
			out_text(ret, "{\"person\":");
			out_json(ret, who.code);
			out_text(ret, ",\"gateway\":");
			out_json(ret, rows[i].gateway_name);
			out_print(ret, ",\"class\":%lld,\"ends\":\"%.*s\",\"back\":\"%.*s\",\"gateway_keeps_it\":%s}\n", (long long)rows[i].class, STR_ARG(out_str(&ends)),
			          STR_ARG(out_str(&back)), !rows[i].told_at.is ? "null" : rows[i].refusal.is ? "false" : "true");
		} else {
			out_print(ret, "%.*s\t%.*s\t%lld\t%.*s\t%.*s\n", STR_ARG(who.code), STR_ARG(rows[i].gateway_name), (long long)rows[i].class,
			          STR_ARG(out_str(&ends)), STR_ARG(out_str(&back)));
		}
	}
	return OK;
}

const struct command capacity_commands[] = {
	{ "capacity show", "[GATEWAY]", N_("How full is each gateway, and what limits it?"), COMMAND_READ, run_show },
	{ "capacity limit", "GATEWAY [--licence N] [--tested N] [--tested-on DAY] [--addresses N] [--throughput MBIT] [--share KBIT] [--logins N] [--reduced N]",
	  N_("Say what a gateway can carry; - for not known"), COMMAND_WRITE, run_limit },
	{ "capacity order", "GATEWAY --places N --delivery DAY [--cost KRONOR] [--note TEXT]", N_("Write down that more places are ordered"), COMMAND_WRITE,
	  run_order },
	{ "capacity orders", "", N_("Which places are ordered and not delivered?"), COMMAND_READ, run_orders },
	{ "capacity delivered", "ORDER", N_("The places of an order are here; change the limit too"), COMMAND_WRITE, run_delivered },
	{ "capacity cancel", "ORDER", N_("The order will not come"), COMMAND_WRITE, run_cancel },
	{ "capacity unit", "UNIT [--reserve yes|no] [--instead TEXT]",
	  N_("May a unit use the reserve, and what can it do without a connection?"), COMMAND_WRITE, run_unit },
	{ "capacity raised", "", N_("Which units' classes were raised by hand, and what do they count as without a decision?"), COMMAND_READ, capacity_run_raised },
	{ "capacity shared", "", N_("How places were shared in this working day and the one before, by class: people, of these under 20 minutes, who only waited"),
	  COMMAND_READ, capacity_run_shared },
	{ "capacity warned", "", N_("Whose place is needed for work that goes first, and until when is it theirs?"), COMMAND_READ, run_warned },
	{ "capacity slot book", "PERSON --gateway G --at T", N_("Book 20 minutes in which a person has a place"), COMMAND_WRITE, run_slot_book },
	{ "capacity slot list", "PERSON", N_("What times has a person booked?"), COMMAND_READ, run_slot_list },
	{ "capacity slot cancel", "SLOT", N_("Cancel a booked time"), COMMAND_WRITE, run_slot_cancel },
	{ "capacity team", "MANAGER [--day DAY]", N_("Which of a manager's people may connect when, and who has which time? Without --json as CSV"), COMMAND_READ, team_run },
	{ "capacity fetch order", "PERSON --gateway G --what TEXT --megabytes N --level N --device TEXT --managed yes --erase-on DAY",
	  N_("Order a list of what a person wants to fetch to her computer while she is connected"), COMMAND_WRITE, fetch_run_order },
	{ "capacity fetch list", "PERSON", N_("What does a person want to fetch, and what has she fetched?"), COMMAND_READ, fetch_run_list },
	{ "capacity fetch begin", "LIST", N_("She fetches now: her place is not taken from her"), COMMAND_WRITE, fetch_run_begin },
	{ "capacity fetch done", "LIST", N_("It is fetched"), COMMAND_WRITE, fetch_run_done },
	{ "capacity fetch cancel", "LIST", N_("The list is given up"), COMMAND_WRITE, fetch_run_cancel },
	{ "capacity fetch erased", "LIST", N_("What was fetched is erased from the computer"), COMMAND_WRITE, fetch_run_erased },
	{ "capacity need", "UNIT --minutes N [--from 7:30] [--until 19:00] [--whole]", N_("How many minutes of a day do a unit's people need, in plans?"),
	  COMMAND_WRITE, day_run_need },
	{ "capacity plan make", "[DAY]", N_("Make a plan of who connects when on a day; it does not count before it is adopted"), COMMAND_LONG, day_run_make },
	{ "capacity plan list", "", N_("The latest plans"), COMMAND_READ, day_run_list },
	{ "capacity plan show", "PLAN", N_("What a plan gives, by class, and the hours in which more places would help"), COMMAND_READ, day_run_show },
	{ "capacity plan adopt", "PLAN", N_("Adopt a plan: its times become people's places"), COMMAND_LONG, day_run_adopt },
	{ "capacity plan undo", "PLAN", N_("Undo an adopted plan: its times that have not begun are called off"), COMMAND_LONG, day_run_undo },
	{ "capacity whatif", "[--places N --gateway G] [--lost G] [--more PER_CENT] [--fiction]",
	  N_("Play past sessions again with other limits or more people; without --json as CSV"), COMMAND_LONG, whatif_run },
	{ "capacity solve", "FILE.json [--deal]", N_("Plan who connects when, with a proof that no plan serves more"), COMMAND_PURE, capacity_solve },
	{ "capacity check", "FILE.json PLAN.ndjson", N_("Check a plan and its proofs, without trusting the planner"), COMMAND_PURE, capacity_check },
	{ 0 }
};
