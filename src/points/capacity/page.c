/* /capacity: how full the gateways are now, when they will be, who had to wait and why, whom to ask to work locally, what is on order.
 *
 * The chart is of one gateway, the fullest unless another is asked for; its table stands below it. The forecast goes on with the net rate of the
 * last ten minutes. Whom to ask: units of the gateway from class 4 upwards, until the sum is enough; class 1 is never asked.
 *
 * SECURITY: all staff see numbers; who had to wait is shown by unit, never by person, and to those who work with the question. Limits are
 * changed on pages of their own (page_limit.c). */
#include "capacity.h"
#include "day.h"
#include "fetch.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/outbox.sql.h"
#include "floor/people.sql.h"
#include "floor/refusal.h"
#include "floor/setting.h"
#include "points/capacity/capacity.html.h"

enum { SEES_ALL = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SUPPORT | ROLE_SYSTEM_OWNER | ROLE_AUDITOR,
	MAY_SET = ROLE_COORDINATOR | ROLE_SYSTEM_OWNER,
	REFUSED_SHOWN = 30, REFUSED_READ = 1000, ENDS_SHOWN = 50, FORECAST_MINUTES = 10, FORECAST_HOURS = 4, FULL_SHOWN = 20, SILENT_MINUTES = 16 };

struct view {
	struct capacity_known       *known;
	struct capacity_now         *now;
	size_t                       n;
	const struct capacity_known *shown;
	const struct capacity_now   *shown_now;
};

struct state_page capacity_state_shape(enum capacity_state state)
{
	static const char *const kind[POOL_STATES] = { "unknown", "ok", "act", "fail", "act" };
	return (struct state_page){ str_of(kind[state]), capacity_state_word[state] };
}

static enum err read_view(struct rq *rq, struct str gateway, struct view *ret)
{
	double fullest = -1;

	*ret = (struct view){ 0 };
	TRY(capacity_gateways(rq, &ret->known, &ret->n));
	TRY(capacity_taken(rq, ret->known, ret->n, &ret->now));
	for (size_t i = 0; i < ret->n; i++) {
		const struct capacity_pool *pool = &ret->known[i].pool;
		double full = !pool->is_set ? 0 : pool->open ? (double)ret->now[i].n / pool->open : 1;
		if (str_equal(ret->known[i].name, gateway))
			full = 1e9;
		if (full > fullest) {
			fullest = full;
			ret->shown = &ret->known[i];
			ret->shown_now = &ret->now[i];
		}
	}
	return OK;
}

/* --- the head --- */

static struct str lead_of(struct rq *rq, const struct view *view)
{
	struct out now = out_new(rq->arena), open = out_new(rq->arena), kept = out_new(rq->arena);
	int64_t n = 0, n_open = 0, n_kept = 0;
	bool is_whole = view->n > 0;

	for (size_t i = 0; i < view->n; i++) {
		n += view->now[i].n;
		n_open += view->known[i].pool.open;
		n_kept += view->known[i].pool.reserve;
		is_whole &= view->known[i].pool.is_set;
	}
	tongue_number(&now, rq->language, n);
	tongue_number(&open, rq->language, n_open);
	tongue_number(&kept, rq->language, n_kept);
	if (!is_whole)
		return str_print(rq->arena, tongue_n(rq->language, "%.*s is connected. How many there is room for is not known.",
			"%.*s are connected. How many there is room for is not known.", n), STR_ARG(out_str(&now)));
	return str_print(rq->arena, tongue_n(rq->language, "%.*s of %.*s places is used. The reserve is %.*s.",
		"%.*s of %.*s places are used. The reserve is %.*s.", n), STR_ARG(out_str(&now)), STR_ARG(out_str(&open)), STR_ARG(out_str(&kept)));
}

/* When the shown gateway is full, if people come as they have come in the last minutes. */
static enum err forecast(struct rq *rq, const struct view *view, struct str *ret)
{
	struct instant then = instant_plus(rq->now, MINUTES(-FORECAST_MINUTES));
	struct span lease = SECONDS(-setting_number(rq, "gate.lease_seconds"));
	struct capacity_in_at_row *rows;
	size_t n;
	int64_t before = 0;

	*ret = STR("");
	if (!view->shown || !view->shown->pool.is_set)
		return OK;
	TRY(capacity_in_at(rq, instant_plus(then, HOURS(-13)), then, instant_plus(then, lease), &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (rows[i].gateway == view->shown->id)
			before = rows[i].n;
	int64_t more = view->shown_now->n - before, left = view->shown->pool.open - view->shown_now->n;
	if (left <= 0) {
		*ret = str_print(rq->arena, _("%.*s is full."), STR_ARG(view->shown->name));
		return OK;
	}
	if (more <= 0 || left * FORECAST_MINUTES / more > FORECAST_HOURS * 60)
		return OK;
	struct out at = out_new(rq->arena);
	tongue_clock(&at, rq->language, instant_plus(rq->now, MINUTES(left * FORECAST_MINUTES / more)));
	*ret = str_print(rq->arena, _("If it goes on like this, %.*s is full at %.*s."), STR_ARG(view->shown->name), STR_ARG(out_str(&at)));
	return OK;
}

/* The worst of the gateways. */
static enum capacity_state worst_of(const struct view *view)
{
	static const int badness[POOL_STATES] = { [POOL_NORMAL] = 0, [POOL_UNSET] = 1, [POOL_STRAINED] = 2, [POOL_REDUCED] = 3, [POOL_FULL] = 4 };
	enum capacity_state worst = view->n ? POOL_NORMAL : POOL_UNSET;

	for (size_t i = 0; i < view->n; i++) {
		enum capacity_state state = capacity_state_of(&view->known[i].pool, view->now[i].n);
		if (badness[state] > badness[worst])
			worst = state;
	}
	return worst;
}

/* --- the chart --- */

static void fill_chart(struct rq *rq, const struct view *view, struct capacity_page *page)
{
	static const char *const kind[5] = { "part", "", "plan", "part", "" };
	static const char *const word[5] = { N_("Strangers"), N_("Class 1"), N_("Class 2"), N_("Class 3"), N_("Class 4") };
	struct capacity_page_bars *bars = NEW_MANY(rq->arena, 8, struct capacity_page_bars);
	struct capacity_page_labels *labels = NEW_MANY(rq->arena, 8, struct capacity_page_labels);
	const struct capacity_pool *pool = &view->shown->pool;
	int64_t whole = MAX(MAX(view->shown_now->n, pool->is_set ? (int64_t)pool->places : 0), (int64_t)1), at = 0, label = -100;
	struct out said = out_new(rq->arena);

	for (int i = 1; i <= 6; i++) {
		int class = i <= 4 ? i : 0;
		int64_t n = i <= 5 ? view->shown_now->by_class[class] : MAX(pool->places - at, (int64_t)0);
		const char *name = i <= 5 ? word[class] : n >= pool->reserve && pool->reserve == n ? N_("Reserve") : N_("Free");
		if (n == 0 || (i == 6 && !pool->is_set))
			continue;
		bars[page->n_bars++] = (struct capacity_page_bars){ str_of(i <= 5 ? kind[class] : "unknown"),
			str_print(rq->arena, "%.1f", 100.0 * (double)at / (double)whole),
			str_print(rq->arena, "%.1f", MAX(100.0 * (double)n / (double)whole - 0.4, 0.4)) };
		/* Words that would lie on each other are left to the table. */
		if (at * 100 - label * whole >= 14 * whole && at * 100 <= 86 * whole) {
			labels[page->n_labels++] = (struct capacity_page_labels){ bars[page->n_bars - 1].x, n, name };
			label = at * 100 / whole;
		}
		out_print(&said, "%s%s: %lld", said.len ? ", " : "", _(name), (long long)n);
		at += n;
	}
	page->bars = bars;
	page->labels = labels;
	page->shown = view->shown->name;
	page->said = str_print(rq->arena, "%.*s.", STR_ARG(out_str(&said)));
}

static void fill_classes(struct rq *rq, const struct view *view, const struct refusal *refusals, size_t n, struct capacity_page *page)
{
	static const char *const word[5] = { N_("Strangers, let in where a gateway only watches"), N_("1, must never stop"), N_("2, needed every day"),
		N_("3, fetches documents"), N_("4, works locally") };
	static const char *const rule[5] = { N_("When the gateway enforces: never"), N_("Always, from the reserve while others are in"),
		N_("Every day, after class 1"), N_("While more is free than what is kept for classes 1 and 2"), N_("While the gateway is not strained") };
	struct capacity_page_classes *rows = NEW_MANY(rq->arena, 5, struct capacity_page_classes);

	for (int i = 1; i <= 5; i++) {
		int class = i % 5;
		struct capacity_page_classes row = { word[class], view->shown_now->by_class[class], 0, rule[class] };
		for (size_t k = 0; k < n; k++)
			row.refused += refusals[k].class == class && refusals[k].gateway == view->shown - view->known;
		if (class || row.now)
			rows[page->n_classes++] = row;
	}
	page->classes = rows;
}

static void fill_lists(struct rq *rq, const struct view *view, struct capacity_page *page)
{
	struct capacity_page_lists *rows = NEW_MANY(rq->arena, view->n + 1, struct capacity_page_lists);

	for (size_t i = 0; i < view->n; i++) {
		const struct capacity_now *now = &view->now[i];
		if (now->listed_at.is || now->list_lost_at.is)
			rows[page->n_lists++] = (struct capacity_page_lists){ .name = view->known[i].name, .listed = now->listed.i, .at = { now->listed_at.i },
				.lost = { now->list_lost_at.i }, .is_lost = now->list_lost_at.is };
	}
	page->lists = rows;
}

/* Three reports that did not come: of a gateway that has told of one of those that are in. */
static enum err fill_silent(struct rq *rq, const struct view *view, struct capacity_page *page)
{
	struct capacity_heard_row *heard;
	size_t n;

	TRY(capacity_heard(rq, rq->now, &heard, &n));
	struct capacity_page_silent *rows = NEW_MANY(rq->arena, n + 1, struct capacity_page_silent);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < view->n; k++)
			if (view->known[k].id == heard[i].gateway && heard[i].at.is && rq->now.ms - heard[i].at.i > MINUTES(SILENT_MINUTES).ms)
				rows[page->n_silent++] = (struct capacity_page_silent){ view->known[k].name, heard[i].n, { heard[i].at.i } };
	page->silent = rows;
	return OK;
}

static void fill_outage(struct capacity_page *page)
{
	struct outage outage = outage_latest();

	page->unstored = outage.since;
	page->stored = outage.until;
	page->leased = (int64_t)outage.leased;
	page->turned_away = (int64_t)outage.refused;
}

static void fill_gateways(struct rq *rq, const struct view *view, struct capacity_page *page)
{
	struct capacity_page_gateways *rows = NEW_MANY(rq->arena, view->n + 1, struct capacity_page_gateways);
	struct capacity_page_tabs *tabs = NEW_MANY(rq->arena, view->n + 1, struct capacity_page_tabs);

	for (size_t i = 0; i < view->n; i++) {
		const struct capacity_known *known = &view->known[i];
		struct out at = out_new(rq->arena), tab = out_new(rq->arena);
		out_text(&at, "/capacity/limit/");
		out_url(&at, known->name);
		out_text(&tab, "/capacity?gateway=");
		out_url(&tab, known->name);
		tabs[i] = (struct capacity_page_tabs){ known->name, out_str(&tab), known == view->shown };
		rows[i] = (struct capacity_page_gateways){ .name = known->name, .at = page->may_set ? out_str(&at) : STR(""),
			.state = capacity_state_shape(capacity_state_of(&known->pool, view->now[i].n)), .taken = view->now[i].n, .open = known->pool.open,
			.reserve = known->pool.reserve, .has_reserve = known->pool.reserve > 0, .bound = capacity_bound_word[known->pool.bound],
			.is_set = known->pool.is_set, .has_test = known->limits.tested_at.is, .tested_at = { known->limits.tested_at.i } };
		if (page->may_set && !page->act_at.len && known == view->shown) {
			page->act_at = out_str(&at);
			page->act = N_("Change the limits");
		}
	}
	page->gateways = rows;
	page->n_gateways = view->n;
	page->tabs = tabs;
	page->n_tabs = view->n > 1 ? view->n : 0;
}

/* --- who had to wait --- */

/* Those for want of a place, of the last 24 hours, newest first. */
static size_t read_refusals(struct rq *rq, struct refusal **ret)
{
	size_t n = refusal_latest(rq->arena, ret), kept = 0;

	for (size_t i = 0; i < n; i++)
		if (strncmp((*ret)[i].code, "capacity.", 9) == 0 && !(*ret)[i].is_watched && rq->now.ms - (*ret)[i].at.ms < DAYS(1).ms)
			(*ret)[kept++] = (*ret)[i];
	return kept;
}

static enum err fill_refused(struct rq *rq, const struct refusal *refusals, size_t n, struct capacity_page *page)
{
	struct capacity_page_refused *rows = NEW_MANY(rq->arena, REFUSED_SHOWN, struct capacity_page_refused);
	int64_t *seen = NEW_MANY(rq->arena, REFUSED_READ, int64_t);
	size_t n_seen = 0;

	for (size_t i = 0; i < MIN(n, (size_t)REFUSED_READ); i++) {
		struct people_get_row person;
		bool is_again = false;
		size_t row = 0;
		for (size_t k = 0; k < n_seen; k++)
			is_again |= seen[k] == refusals[i].person;
		enum err err = refusals[i].person < 0 ? ERR_NONE : people_get(rq, refusals[i].person, &person);
		if (err != OK && err != ERR_NONE)
			return err;
		struct str unit = err == OK ? person.unit_name : str_of(_("Strangers"));
		while (row < page->n_refused && !(str_equal(rows[row].unit, unit) && rows[row].why == refusals[i].why))
			row++;
		if (row == REFUSED_SHOWN)
			continue;
		if (row == page->n_refused)
			rows[page->n_refused++] = (struct capacity_page_refused){ .at = refusals[i].at, .unit = unit, .why = refusals[i].why,
				.next = refusals[i].until, .has_next = refusals[i].until.ms != INSTANT_NEVER.ms };
		rows[row].people += !is_again;
		if (!is_again)
			seen[n_seen++] = refusals[i].person;
	}
	page->refused = rows;
	return OK;
}

/* --- whom to ask --- */

static enum err fill_moves(struct rq *rq, const struct view *view, int64_t wanted, struct capacity_page *page)
{
	struct capacity_units_in_row *units;
	size_t n;
	int64_t sum = 0;

	if (!wanted || !view->shown)
		return OK;
	TRY(capacity_units_in(rq, view->shown->id, rq->now, instant_plus(rq->now, SECONDS(-setting_number(rq, "gate.lease_seconds"))), &units, &n));
	struct capacity_page_moves *rows = NEW_MANY(rq->arena, n + 1, struct capacity_page_moves);
	for (size_t i = 0; i < n && sum < wanted && units[i].class > 1; i++) {
		sum += units[i].n;
		rows[page->n_moves++] = (struct capacity_page_moves){ units[i].name, units[i].class, units[i].n, sum,
			units[i].instead.at ? units[i].instead : STR("") };
	}
	page->moves = rows;
	page->is_enough = sum >= wanted;
	return OK;
}

static enum err fill_orders(struct rq *rq, struct capacity_page *page)
{
	struct capacity_orders_row *orders;
	size_t n;

	TRY(capacity_orders(rq, &orders, &n));
	struct capacity_page_orders *rows = NEW_MANY(rq->arena, n + 1, struct capacity_page_orders);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct capacity_page_orders){ orders[i].gateway_name, orders[i].places, orders[i].delivery_at, orders[i].cost, orders[i].note,
			instant_is_before(instant_plus(orders[i].delivery_at, DAYS(1)), rq->now) };
	page->orders = rows;
	page->n_orders = n;
	return OK;
}

/* The bottleneck by the proof of the plan that counts today. */
static enum err fill_full(struct rq *rq, struct capacity_page *page)
{
	struct capacity_day_plan_of_row plan;
	enum err err = capacity_day_plan_of(rq, instant_midnight(rq->now), &plan);

	if (err == ERR_NONE)
		return OK;
	TRY(err);
	TRY(day_fulls(rq, plan.id, FULL_SHOWN, &page->full, &page->has_full));
	page->has_plan = true;
	page->plan = plan.id;
	return OK;
}

static enum err fill_ends(struct rq *rq, struct capacity_page *page)
{
	struct outbox_sessions_row *rows;
	size_t n;

	TRY(outbox_sessions(rq, &rows, &n));
	struct capacity_page_ends *ends = NEW_MANY(rq->arena, n + 1, struct capacity_page_ends);
	for (size_t i = 0; i < MIN(n, (size_t)ENDS_SHOWN); i++)
		if (!rows[i].closed_at.is)
			ends[page->n_ends++] = (struct capacity_page_ends){ rows[i].gateway_name, rows[i].made_at };
	page->ends = ends;

	struct capacity_warned_row *warned;
	TRY(capacity_warned(rq, &warned, &n));
	struct capacity_page_warned *to = NEW_MANY(rq->arena, n + 1, struct capacity_page_warned);
	for (size_t i = 0; i < n; i++)
		to[i] = (struct capacity_page_warned){ warned[i].gateway_name, warned[i].class, warned[i].ends_at, warned[i].back_at };
	page->warned = to;
	page->n_warned = n;
	struct capacity_fetch_now_row fetching;
	TRY(capacity_fetch_now(rq, rq->now, &fetching));
	page->fetching = fetching.n;
	return OK;
}

/* Asked for with a link, since it reads two days of sessions. */
static enum err fill_shares(struct rq *rq, const struct visit *visit, struct capacity_page *page)
{
	struct capacity_share shares[5];

	page->has_shares = visit_field(visit, "shared").len > 0;
	if (!page->has_shares)
		return OK;
	TRY(capacity_shares(rq, shares));
	struct capacity_page_shares *rows = NEW_MANY(rq->arena, 4, struct capacity_page_shares);
	for (int class = 1; class <= 4; class++)
		rows[page->n_shares++] = (struct capacity_page_shares){ class, shares[class].people, shares[class].little, shares[class].none };
	page->shares = rows;
	return OK;
}

enum err capacity_get(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct refusal *refusals;
	struct view view;
	int64_t wanted = 0;

	TRY(read_view(rq, visit_field(visit, "gateway"), &view));
	if (str_number(visit_field(visit, "free"), LIMIT_MOST, &wanted) != OK)
		wanted = 0;
	struct capacity_page page = { .lead = lead_of(rq, &view), .done = STR(""), .state = capacity_state_shape(worst_of(&view)), .measured_at = rq->now,
		.sees_refused = (rq->actor->roles & SEES_ALL) != 0, .may_move = (rq->actor->roles & SEES_ALL) != 0 && view.n > 0,
		.may_set = (rq->actor->roles & MAY_SET) != 0, .may_team = (rq->actor->roles & (ROLE_MANAGER | ROLE_COORDINATOR)) != 0, .act_at = STR(""), .shown = STR(""), .wanted = wanted };
	TRY(forecast(rq, &view, &page.forecast));
	size_t n_refusals = read_refusals(rq, &refusals);
	fill_gateways(rq, &view, &page);
	fill_lists(rq, &view, &page);
	fill_outage(&page);
	TRY(fill_silent(rq, &view, &page));
	if (view.shown) {
		fill_chart(rq, &view, &page);
		fill_classes(rq, &view, refusals, n_refusals, &page);
	}
	if (page.sees_refused) {
		TRY(fill_refused(rq, refusals, n_refusals, &page));
		TRY(fill_ends(rq, &page));
		TRY(fill_shares(rq, visit, &page));
	}
	TRY(fill_moves(rq, &view, page.may_move ? wanted : 0, &page));
	TRY(fill_orders(rq, &page));
	TRY(fill_full(rq, &page));
	answer->title = str_of(_("Capacity"));
	capacity_page(&answer->body, rq->language, &page);
	return OK;
}
