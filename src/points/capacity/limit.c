/* What each gateway can carry, what is on order, and what units do without a connection: the verbs, each with its leaf.
 *
 * A change of a limit counts from the next log-in on. It ends no session: a gateway that has more in than its new limit lets nobody in until
 * there are fewer.
 *
 * SECURITY: who may call them is the page's and the command's to say. Numbers have a ceiling, texts a length; a test cannot be from a day to
 * come. */
#include "capacity.h"
#include "floor/gateway.sql.h"
#include "floor/people.h"
#include "floor/people.sql.h"
#include "floor/setting.h"

enum { NOTE_MOST = 200, ORDER_MOST = 1000000000 };

static struct capacity_limits limits_of(const struct capacity_limits_row *row)
{
	return (struct capacity_limits){ row->licence, row->tested, row->tested_at, row->addresses, row->throughput, row->share, row->logins, row->reduced };
}

enum err capacity_gateways(struct rq *rq, struct capacity_known **ret, size_t *ret_n)
{
	struct gateway_all_row *rows;
	struct capacity_limits_row *limits;
	size_t n, n_limits;
	int64_t rush = setting_number(rq, "capacity.rush_minutes");

	TRY(gateway_all(rq, &rows, &n));
	TRY(capacity_limits(rq, &limits, &n_limits));
	struct capacity_known *made = NEW_MANY(rq->arena, n + 1, struct capacity_known);
	for (size_t i = 0; i < n; i++) {
		made[i] = (struct capacity_known){ .id = rows[i].id, .name = rows[i].name };
		for (size_t k = 0; k < n_limits; k++)
			if (limits[k].gateway == rows[i].id)
				made[i].limits = limits_of(&limits[k]);
		made[i].pool = capacity_pool_of(&made[i].limits, rush);
	}
	*ret = made;
	*ret_n = n;
	return OK;
}

enum err capacity_gateway(struct rq *rq, struct str name, struct capacity_known *ret)
{
	struct capacity_known *all;
	size_t n;

	TRY(capacity_gateways(rq, &all, &n));
	for (size_t i = 0; i < n; i++)
		if (str_equal(all[i].name, name)) {
			*ret = all[i];
			return OK;
		}
	return fail(rq, ERR_NONE, _("There is no gateway called \"%.*s\"."), STR_ARG(str_utf8_first(name, 60)));
}

enum err capacity_find(struct rq *rq, struct str name, struct refer_found *ret)
{
	struct capacity_known known;

	TRY(capacity_gateway(rq, name, &known));
	*ret = (struct refer_found){ .title = known.name, .at = STR("/capacity") };
	return OK;
}

enum err capacity_read_number(struct str text, int64_t most, struct maybe_int *ret)
{
	int64_t i;

	if (text.len == 0 || str_equal(text, STR("-"))) {
		*ret = (struct maybe_int){ 0 };
		return OK;
	}
	TRY(str_number(text, most, &i));
	*ret = (struct maybe_int){ true, i };
	return OK;
}

enum err capacity_set_limits(struct rq *rq, const struct capacity_known *gateway, const struct capacity_limits *limits)
{
	struct change *change;

	if (limits->throughput.is != limits->share.is)
		return fail(rq, ERR_INVALID, _("The line's throughput and the share of one session belong together: give both or neither."));
	if (limits->share.is && limits->share.i == 0)
		return fail(rq, ERR_INVALID, _("The share of one session cannot be 0."));
	if (limits->tested.is != limits->tested_at.is)
		return fail(rq, ERR_INVALID, _("A tested limit needs the day of its test, and the day the limit."));
	if (limits->tested_at.is && limits->tested_at.i > rq->now.ms)
		return fail(rq, ERR_INVALID, _("The test cannot be from a day to come."));
	TRY(audit_begin(rq, "capacity.limit", gateway->name, &change));
	TRY(capacity_limit_set(change, &(struct capacity_limit_set_args){ .gateway = gateway->id, .licence = limits->licence, .tested = limits->tested,
		.tested_at = limits->tested_at, .addresses = limits->addresses, .throughput = limits->throughput, .share = limits->share,
		.logins = limits->logins, .reduced = limits->reduced, .changed_at = rq->now }));
	change_touch_site(change);
	return OK;
}

enum err capacity_order(struct rq *rq, const struct capacity_wish *wish, int64_t *ret)
{
	struct capacity_known gateway;
	struct capacity_order_most_row most;
	struct change *change;

	TRY(capacity_gateway(rq, wish->gateway, &gateway));
	if (wish->places < 1 || wish->places > LIMIT_MOST)
		return fail(rq, ERR_INVALID, _("How many places are ordered? A whole number, at least 1."));
	if (wish->cost < 0 || wish->cost > ORDER_MOST)
		return fail(rq, ERR_INVALID, _("The cost is a whole number of kronor."));
	if (wish->note.len > NOTE_MOST || !str_is_utf8(wish->note))
		return fail(rq, ERR_INVALID, _("A note has at most %d bytes."), NOTE_MOST);
	TRY(capacity_order_most(rq, &most));
	TRY(audit_begin(rq, "capacity.order", gateway.name, &change));
	*ret = most.id + 1;
	return capacity_order_add(change, &(struct capacity_order_add_args){ .id = *ret, .gateway = gateway.id, .places = wish->places,
		.delivery_at = wish->delivery_at, .cost = wish->cost, .note = wish->note.at ? wish->note : STR(""), .ordered_at = rq->now });
}

enum err capacity_order_over(struct rq *rq, int64_t order, bool is_delivered)
{
	struct capacity_order_get_row row;
	struct change *change;
	enum err err = capacity_order_get(rq, order, &row);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no order %lld."), (long long)order);
	TRY(err);
	if (row.ended_at.is)
		return fail(rq, ERR_CONFLICT, _("Order %lld is already delivered or cancelled."), (long long)order);
	TRY(audit_begin(rq, is_delivered ? "capacity.delivered" : "capacity.cancelled", str_print(rq->arena, "%lld", (long long)order), &change));
	return capacity_order_end(change, rq->now, is_delivered, order);
}

enum err capacity_set_unit(struct rq *rq, struct str name, struct maybe_int is_reserve, struct str instead)
{
	struct people_unit_named_row unit;
	struct capacity_unit_get_row row = { .is_reserve = false, .instead = STR("") };
	struct capacity_unit_count_row count;
	struct people_of_unit_row *people;
	struct change *change;
	size_t n;

	enum err err = people_unit_named(rq, name, &unit);
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no unit called \"%.*s\"."), STR_ARG(str_utf8_first(name, 60)));
	TRY(err);
	err = capacity_unit_get(rq, unit.id, &row);
	if (err != OK && err != ERR_NONE)
		return err;
	TRY(capacity_unit_count(rq, &count));
	if (err == ERR_NONE && count.n >= CAPACITY_UNITS)
		return fail(rq, ERR_FULL, _("At most %d units can have a text of their own."), CAPACITY_UNITS);
	if (instead.at && (instead.len > CAPACITY_INSTEAD || !str_is_utf8(instead)))
		return fail(rq, ERR_INVALID, _("The text has at most %d bytes, so that it fits in what a refused connection says."), CAPACITY_INSTEAD);
	for (size_t i = 0; instead.at && i < instead.len; i++)
		if ((unsigned char)instead.at[i] < ' ')
			return fail(rq, ERR_INVALID, _("The text is one line."));
	TRY(audit_begin(rq, "capacity.unit", name, &change));
	TRY(capacity_unit_set(change, unit.id, is_reserve.is ? is_reserve.i != 0 : row.is_reserve, instead.at ? str_trim(instead) : row.instead));
	change_touch_site(change);
	if (!is_reserve.is)
		return OK;
	TRY(people_of_unit(rq, unit.id, &people, &n));
	for (size_t i = 0; i < n; i++)
		change_touch(change, people[i].id);
	return OK;
}
