/* Pages that change: the limits of a gateway and what is ordered for it, and what units do without a connection.
 *
 * SECURITY: for coordinators and system owners, in step-up, each change with a leaf; a limit decides who gets in. */
#include "capacity.h"
#include "day.h"
#include "team.h"
#include "fetch.h"
#include "whatif.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/people.sql.h"
#include "points/capacity/capacity_limit.html.h"
#include "points/capacity/capacity_of_unit.html.h"
#include "points/capacity/capacity_unit.html.h"

static struct str said(struct rq *rq)
{
	return str_of(str_c(rq->arena, str_of(rq->trouble->text)));
}

/* --- limits --- */

static struct str limit_at(struct rq *rq, struct str name)
{
	struct out at = out_new(rq->arena);

	out_text(&at, "/capacity/limit/");
	out_url(&at, name);
	return out_str(&at);
}

static struct str day_of(struct rq *rq, struct maybe_int at)
{
	struct wall wall = instant_wall((struct instant){ at.i });
	return at.is ? str_print(rq->arena, "%04d-%02d-%02d", wall.year, wall.month, wall.day) : STR("");
}

static struct str number_of(struct rq *rq, struct maybe_int i, int64_t by)
{
	return i.is ? str_print(rq->arena, "%lld", (long long)(i.i / by)) : STR("");
}

static struct str lead_of(struct rq *rq, const struct capacity_pool *pool)
{
	if (!pool->is_set)
		return str_of(_("No limit is known. Nobody is refused here for want of a place."));
	return str_print(rq->arena, tongue_n(rq->language, "%d place for everybody and %d in reserve. Limited by: %s.",
		"%d places for everybody and %d in reserve. Limited by: %s.", pool->open), pool->open, pool->reserve, _(capacity_bound_word[pool->bound]));
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct capacity_known *known, const struct wrongs *wrongs, struct answer *answer)
{
	struct capacity_orders_row *orders;
	struct capacity_now *now;
	size_t n;
	bool is_limit = wrongs->n && str_equal(visit_field(visit, "act"), STR("limit")), is_order = wrongs->n && !is_limit;

	TRY(capacity_orders(rq, &orders, &n));
	TRY(capacity_taken(rq, known, 1, &now));
	struct capacity_limit_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .name = known->name,
		.done = str_of(wrongs->n || !visit_field(visit, "done").len ? "" : _("It is saved. It counts from the next log-in on.")),
		.self_at = limit_at(rq, known->name), .lead = lead_of(rq, &known->pool),
		.state = capacity_state_shape(capacity_state_of(&known->pool, now[0].n)) };
	const struct capacity_limits *limits = &known->limits;
	const struct { struct field_page *field; const char *name; struct str stored; bool is_again; } fields[] = {
		{ &page.licence, "licence", number_of(rq, limits->licence, 1), is_limit },
		{ &page.tested, "tested", number_of(rq, limits->tested, 1), is_limit },
		{ &page.tested_on, "tested_on", day_of(rq, limits->tested_at), is_limit },
		{ &page.addresses, "addresses", number_of(rq, limits->addresses, 1), is_limit },
		{ &page.throughput, "throughput", number_of(rq, limits->throughput, 1000), is_limit },
		{ &page.share, "share", number_of(rq, limits->share, 1), is_limit },
		{ &page.logins, "logins", number_of(rq, limits->logins, 1), is_limit },
		{ &page.reduced, "reduced", number_of(rq, limits->reduced, 1), is_limit },
		{ &page.places, "places", STR(""), is_order }, { &page.delivery, "delivery", STR(""), is_order },
		{ &page.cost, "cost", STR(""), is_order }, { &page.note, "note", STR(""), is_order },
	};
	for (size_t i = 0; i < LENGTH(fields); i++) {
		*fields[i].field = field_again(visit, wrongs, fields[i].name, fields[i].is_again);
		if (!fields[i].is_again)
			fields[i].field->value = fields[i].stored;
	}
	struct capacity_limit_page_orders *rows = NEW_MANY(rq->arena, n + 1, struct capacity_limit_page_orders);
	for (size_t i = 0; i < n; i++)
		if (orders[i].gateway == known->id)
			rows[page.n_orders++] = (struct capacity_limit_page_orders){ orders[i].id, orders[i].places, orders[i].delivery_at, orders[i].cost, orders[i].note };
	page.orders = rows;
	struct refer_shown *refers;
	size_t n_refers;
	TRY(refer_to(rq, "capacity", known->name, &refers, &n_refers));
	struct capacity_limit_page_refers *belongs = NEW_MANY(rq->arena, n_refers + 1, struct capacity_limit_page_refers);
	for (size_t i = 0; i < n_refers; i++)
		belongs[page.n_refers++] = (struct capacity_limit_page_refers){ refers[i].found.title, refers[i].found.at };
	page.refers = belongs;
	answer->has_errors = wrongs->n != 0;
	capacity_limit_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_limit(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct capacity_known known;

	TRY(capacity_gateway(rq, visit->rest, &known));
	return draw(rq, visit, &known, &(struct wrongs){ 0 }, answer);
}

static void read_limits(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct capacity_limits *ret)
{
	const struct { const char *name; struct maybe_int *to; int64_t times; } fields[] = {
		{ "licence", &ret->licence, 1 }, { "tested", &ret->tested, 1 },
		{ "addresses", &ret->addresses, 1 }, { "throughput", &ret->throughput, 1000 }, { "share", &ret->share, 1 }, { "logins", &ret->logins, 1 },
		{ "reduced", &ret->reduced, 1 } };
	struct str day = visit_field(visit, "tested_on");
	struct instant at;

	for (size_t i = 0; i < LENGTH(fields); i++) {
		if (capacity_read_number(visit_field(visit, fields[i].name), LIMIT_MOST, fields[i].to) != OK)
			wrong_add(wrongs, fields[i].name, _("Write a whole number from 0 to 1,000,000, or nothing."));
		else
			fields[i].to->i *= fields[i].times;
	}
	if (day.len && instant_parse_loose(day, &at) != OK)
		wrong_add(wrongs, "tested_on", _("Enter the date like this: 2026-11-30"));
	else if (day.len)
		ret->tested_at = (struct maybe_int){ true, at.ms };
}

static enum err read_order(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct capacity_wish *ret)
{
	struct str cost = visit_field(visit, "cost");

	if (str_number(visit_field(visit, "places"), LIMIT_MOST, &ret->places) != OK || ret->places < 1)
		wrong_add(wrongs, "places", _("How many places are ordered? A whole number, at least 1."));
	if (instant_parse_loose(visit_field(visit, "delivery"), &ret->delivery_at) != OK)
		wrong_add(wrongs, "delivery", _("Enter the date like this: 2026-11-30"));
	if (cost.len && str_number(cost, INT32_MAX / 4, &ret->cost) != OK)
		wrong_add(wrongs, "cost", _("The cost is a whole number of kronor."));
	ret->note = visit_field(visit, "note");
	return wrongs->n ? ERR_INVALID : OK;
}

static enum err act_on(struct rq *rq, const struct visit *visit, const struct capacity_known *known, struct wrongs *wrongs)
{
	struct str act = visit_field(visit, "act");
	struct capacity_limits limits = { 0 };
	struct capacity_wish wish = { .gateway = known->name };
	const char *field = "licence";
	enum err err = ERR_INVALID;
	int64_t order;

	if (str_equal(act, STR("limit"))) {
		read_limits(rq, visit, wrongs, &limits);
		if (!wrongs->n)
			err = capacity_set_limits(rq, known, &limits);
		field = limits.tested.is != limits.tested_at.is || (limits.tested_at.is && limits.tested_at.i > rq->now.ms) ? "tested_on" : "share";
	} else if (str_equal(act, STR("order"))) {
		field = "note";
		err = read_order(rq, visit, wrongs, &wish);
		if (err == OK)
			err = capacity_order(rq, &wish, &order);
	} else if (str_number(visit_field(visit, "order"), INT32_MAX, &order) == OK) {
		return capacity_order_over(rq, order, str_equal(act, STR("delivered")));
	} else {
		return fail(rq, ERR_INVALID, _("There is no such act."));
	}
	if (err == ERR_INVALID && !wrongs->n)
		wrong_add(wrongs, field, said(rq).at);
	return err;
}

static enum err post_limit(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct capacity_known known;
	struct wrongs wrongs = { 0 };

	TRY(capacity_gateway(rq, visit->rest, &known));
	enum err err = act_on(rq, visit, &known, &wrongs);
	if (wrongs.n) {
		trouble_clear(rq->trouble);
		return draw(rq, visit, &known, &wrongs, answer);
	}
	TRY(err);
	answer->status = 303;
	answer->location = str_print(rq->arena, "%.*s?done=1", STR_ARG(limit_at(rq, known.name)));
	return OK;
}

/* --- units --- */

enum err capacity_choose_unit(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct capacity_of_unit_page *ret)
{
	struct people_units_row *all;
	size_t n;

	TRY(people_units(rq, &all, &n));
	struct capacity_of_unit_page_names *names = NEW_MANY(rq->arena, n + 1, struct capacity_of_unit_page_names);
	for (size_t i = 0; i < n; i++)
		names[i] = (struct capacity_of_unit_page_names){ all[i].name };
	*ret = (struct capacity_of_unit_page){ .names = names, .n_names = n, .unit = field_again(visit, wrongs, "unit", true) };
	return OK;
}

static enum err draw_units(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct capacity_units_list_row *units;
	size_t n;

	TRY(capacity_units_list(rq, &units, &n));
	struct capacity_unit_page_units *rows = NEW_MANY(rq->arena, n + 1, struct capacity_unit_page_units);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct capacity_unit_page_units){ units[i].name, units[i].class, units[i].is_reserve, units[i].instead };
	struct capacity_raised_row *up;
	struct capacity_raise *raises = NEW_MANY(rq->arena, CAPACITY_RAISED, struct capacity_raise);
	int32_t n_raises;
	size_t n_up;
	TRY(capacity_raised(rq, &up, &n_up));
	TRY(capacity_raises(rq, raises, &n_raises));
	struct capacity_unit_page_raised *raised = NEW_MANY(rq->arena, n_up + 1, struct capacity_unit_page_raised);
	for (size_t i = 0; i < n_up; i++) {
		const struct capacity_raise *raise = capacity_raise_now(raises, n_raises, up[i].unit, rq->now);
		raised[i] = (struct capacity_unit_page_raised){ up[i].name, up[i].class, raise ? up[i].class : up[i].counts,
			raise ? str_print(rq->arena, "/decisions/%lld", (long long)raise->decision) : STR(""), raise ? raise->decision : 0,
			raise ? raise->until : rq->now };
	}
	struct capacity_unit_page page = { .raised = raised, .n_raised = n_up, .errors = wrongs_page(wrongs), .form_token = visit->form_token, .units = rows, .n_units = n,
		.instead = field_again(visit, wrongs, "instead", true),
		.is_reserve = visit_field(visit, "reserve").at != NULL,
		.done = str_of(wrongs->n || !visit_field(visit, "done").len ? "" : _("It is saved. It counts from the next log-in on.")) };
	TRY(capacity_choose_unit(rq, visit, wrongs, &page.of_unit));
	answer->has_errors = wrongs->n != 0;
	capacity_unit_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_units(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_units(rq, visit, &(struct wrongs){ 0 }, answer);
}

static enum err post_units(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct str unit = visit_field(visit, "unit"), instead = visit_field(visit, "instead");
	enum err err = capacity_set_unit(rq, unit.at ? unit : STR(""), (struct maybe_int){ true, visit_field(visit, "reserve").at != NULL },
		instead.at ? instead : STR(""));

	if (err == ERR_NONE || err == ERR_INVALID || err == ERR_FULL) {
		wrong_add(&wrongs, err == ERR_INVALID ? "instead" : "unit", said(rq).at);
		trouble_clear(rq->trouble);
		return draw_units(rq, visit, &wrongs, answer);
	}
	TRY(err);
	answer->status = 303;
	answer->location = STR("/capacity/unit?done=1");
	return OK;
}

PAGE_ACTS(limit_acts, "limit", "order", "delivered", "cancel")
PAGE_ACTS(fetch_acts, "order", "begin", "done", "cancel", "erased")
PAGE_ACTS(plan_acts, "adopt", "undo")
PAGE_ACTS(slot_acts, "book", "cancel", "feed", "unfeed")

#define SEES_PLANS (ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SUPPORT | ROLE_SYSTEM_OWNER | ROLE_AUDITOR)
#define MAY_SET (ROLE_COORDINATOR | ROLE_SYSTEM_OWNER)
const struct page capacity_pages[] = {
	{ .path = "/capacity", .may_get = ROLE_STAFF, .get = capacity_get, .menu = N_("Capacity") },
	{ .path = "/capacity/limit/:", .may_get = MAY_SET, .may_post = MAY_SET, .get = get_limit, .post = post_limit, .act = limit_acts, .needs_step_up = true },
	{ .path = "/capacity/fetch", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = fetch_get, .post = fetch_post, .act = fetch_acts },
	{ .path = "/capacity/need", .may_get = ROLE_COORDINATOR, .may_post = ROLE_COORDINATOR, .get = day_get_needs, .post = day_post_needs },
	{ .path = "/capacity/plan", .may_get = SEES_PLANS, .may_post = ROLE_COORDINATOR, .get = day_get_plans, .prepare = day_prepare_plans,
	  .post = day_post_plans },
	{ .path = "/capacity/plan/:", .may_get = SEES_PLANS, .may_post = ROLE_COORDINATOR, .get = day_get_plan, .prepare = day_prepare_plan,
	  .post = day_post_plan, .act = plan_acts },
	{ .path = "/capacity/slot", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = capacity_get_slot, .post = capacity_post_slot, .act = slot_acts },
	{ .path = "/capacity/slot.ics", .may_get = ROLE_EVERYONE, .get = capacity_get_ics },
	{ .path = "/capacity/team", .may_get = ROLE_MANAGER | ROLE_COORDINATOR, .get = team_get, .needs_gate = true },
	{ .path = "/capacity/whatif", .may_get = SEES_PLANS, .get = whatif_get },
	{ .path = "/capacity/unit", .may_get = MAY_SET, .may_post = MAY_SET, .get = get_units, .post = post_units, .needs_step_up = true },
	{ 0 }
};
