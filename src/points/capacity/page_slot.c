/* /capacity/slot: the calendar of one day as a table of links, one's own booked times, and the addresses of calendars of them.
 *
 * A link leads to the same page with the time chosen, where it is booked with one button. To change a time is to book another and cancel this one, in
 * one act when the form says which.
 *
 * A manager or a coordinator does the same for somebody else (`for`), who is told of it by mail; it begins at /capacity/team.
 *
 * SECURITY: shows how many places are left, never who has booked. One's own times, and of those whose manager one is (team_may_change). A calendar's address is shown in the answer to the form that made it, and
 * never again. */
#include "day.h"
#include "team.h"
#include "floor/frame.h"
#include "floor/mail.h"
#include "points/capacity/capacity_slot.html.h"

enum { PER_HOUR = 3 };

/* Whose times: another's or one's own. */
struct whose { struct people_get_row who; int64_t person; bool is_other; };

static enum err read_whose(struct rq *rq, const struct visit *visit, struct whose *ret)
{
	struct str number = visit_field(visit, "for");

	*ret = (struct whose){ .person = rq->actor->person };
	if (!number.len)
		return OK;
	if (str_number(number, INT32_MAX, &ret->person) != OK)
		return fail(rq, ERR_NONE, _("There is no such person."));
	ret->is_other = ret->person != rq->actor->person;
	return ret->is_other ? team_may_change(rq, ret->person, &ret->who) : OK;
}

static struct str for_text(struct rq *rq, const struct whose *whose)
{
	return whose->is_other ? str_print(rq->arena, "&for=%lld", (long long)whose->person) : STR("");
}

static struct str stamp_of(struct rq *rq, struct instant at)
{
	struct wall wall = instant_wall(at);
	return str_print(rq->arena, "%04d-%02d-%02dT%02d:%02d", wall.year, wall.month, wall.day, wall.hour, wall.minute);
}

static struct instant day_asked(struct rq *rq, const struct visit *visit)
{
	struct instant at;
	return instant_midnight(instant_parse_loose(visit_field(visit, "day"), &at) == OK ? at : rq->now);
}

static struct str day_at(struct rq *rq, struct instant day, struct str gateway, const struct whose *whose)
{
	struct out out = out_new(rq->arena);

	out_print(&out, "/capacity/slot?day=%.10s&gateway=", stamp_of(rq, day).at);
	out_url(&out, gateway);
	out_put(&out, for_text(rq, whose));
	return out_str(&out);
}

/* The gateway asked for; else the first with a limit. */
static enum err choose(struct rq *rq, const struct visit *visit, struct capacity_known *ret, bool *ret_is_there)
{
	struct capacity_known *all;
	struct str name = visit_field(visit, "gateway");
	size_t n;

	*ret_is_there = false;
	TRY(capacity_gateways(rq, &all, &n));
	for (size_t i = 0; i < n; i++)
		if (all[i].pool.is_set && (!*ret_is_there || str_equal(all[i].name, name))) {
			*ret = all[i];
			*ret_is_there = true;
		}
	return OK;
}

/* Hours as rows. A clock time that comes twice or not at all that day is what wall_instant makes of it. */
static enum err fill_day(struct rq *rq, const struct capacity_known *known, struct instant day, const struct whose *whose, struct capacity_slot_page *page)
{
	struct capacity_slots_day_row *counts;
	struct capacity_slot_page_hours *rows = NEW_MANY(rq->arena, DAY_HOURS, struct capacity_slot_page_hours);
	struct wall wall = instant_wall(day);
	int64_t most = capacity_slot_places(rq, &known->pool);
	size_t n;

	struct capacity_day_held_row *held;
	size_t n_held;
	TRY(capacity_slots_day(rq, known->id, day, instant_plus(day, HOURS(25)), &counts, &n));
	TRY(capacity_day_held(rq, known->id, day, instant_plus(day, HOURS(25)), &held, &n_held));
	for (wall.hour = DAY_FIRST_HOUR; wall.hour < DAY_LAST_HOUR; wall.hour++) {
		struct capacity_slot_page_hours *row = &rows[page->n_hours++];
		struct instant at;
		wall.minute = 0;
		TRY(wall_instant(wall, &at));
		*row = (struct capacity_slot_page_hours){ .hour = at };
		struct { struct str *at; int64_t *left; struct instant *clock; } cells[PER_HOUR] = { { &row->at_0, &row->left_0, &row->clock_0 },
			{ &row->at_1, &row->left_1, &row->clock_1 }, { &row->at_2, &row->left_2, &row->clock_2 } };
		for (int i = 0; i < PER_HOUR; i++) {
			struct instant from = { at.ms + i * SLOT_MS };
			int64_t left = most;
			for (size_t k = 0; k < n; k++)
				left -= counts[k].from_at.ms == from.ms ? counts[k].n : 0;
			for (size_t k = 0; k < n_held; k++)
				left -= held[k].at.ms == from.ms ? held[k].n : 0;
			left = MAX(left, (int64_t)0);
			bool may = left > 0 && from.ms + SLOT_MS > rq->now.ms && from.ms <= rq->now.ms + DAYS(SLOT_DAYS).ms;
			struct out link = out_new(rq->arena);
			out_print(&link, "/capacity/slot?at=%.*s&gateway=", STR_ARG(stamp_of(rq, from)));
			out_url(&link, known->name);
			out_put(&link, for_text(rq, whose));
			*cells[i].at = may ? out_str(&link) : STR("");
			*cells[i].left = left;
			*cells[i].clock = from;
		}
	}
	page->hours = rows;
	page->before_at = rq->now.ms < day.ms ? day_at(rq, instant_midnight(instant_plus(day, HOURS(-12))), known->name, whose) : STR("");
	page->after_at = day_at(rq, instant_midnight(instant_plus(day, HOURS(36))), known->name, whose);
	return OK;
}

static enum err fill_own(struct rq *rq, const struct whose *whose, struct capacity_slot_page *page)
{
	static const char *const kind[SLOT_STATES] = { "ok", "ok", "ok", "fail", "unknown" };
	struct capacity_slots_of_row *rows;
	size_t n;

	TRY(capacity_slots_of(rq, whose->person, &rows, &n));
	struct capacity_slot_page_own *own = NEW_MANY(rq->arena, n + 1, struct capacity_slot_page_own);
	for (size_t i = 0; i < n; i++) {
		enum capacity_slot_state state = capacity_slot_state_of(&rows[i], rq->now);
		own[i] = (struct capacity_slot_page_own){ rows[i].id, rows[i].from_at, rows[i].gateway_name,
			{ str_of(kind[state]), capacity_slot_state_word[state] }, state == SLOT_COMING || state == SLOT_NOW };
	}
	page->own = own;
	page->n_own = n;
	struct capacity_day_seats_of_row *seats;
	TRY(capacity_day_seats_of(rq, whose->person, (struct instant){ rq->now.ms - DAY_SEAT_MOST * SLOT_MS }, &seats, &n));
	struct capacity_slot_page_seats *given = NEW_MANY(rq->arena, n + 1, struct capacity_slot_page_seats);
	for (size_t i = 0; i < n; i++) {
		struct instant until = { seats[i].from_at.ms + seats[i].slots * SLOT_MS };
		if (instant_is_before(rq->now, until))
			given[page->n_seats++] = (struct capacity_slot_page_seats){ seats[i].id, seats[i].from_at, until, seats[i].gateway_name };
	}
	page->seats = given;
	return OK;
}

static enum err fill_feeds(struct rq *rq, struct capacity_slot_page *page)
{
	struct capacity_feeds_row *rows;
	struct people_unit_get_row unit;
	size_t n;

	if (rq->actor->person < 0)
		return OK;
	TRY(capacity_feeds(rq, rq->actor->person, &rows, &n));
	struct capacity_slot_page_feeds *feeds = NEW_MANY(rq->arena, n + 2, struct capacity_slot_page_feeds);
	page->feeds = feeds;
	page->n_feeds = rq->actor->roles & ROLE_MANAGER ? 2 : 1;
	for (size_t scope = 0; scope < 2; scope++)
		feeds[scope] = (struct capacity_slot_page_feeds){ .scope = (int64_t)scope,
			.what = str_of(scope == FEED_TEAM ? _("Times of all who report to you, with their names") : _("Your own times")) };
	for (size_t i = 0; i < n; i++) {
		struct capacity_slot_page_feeds *feed = &feeds[rows[i].scope >= 0 && rows[i].scope < FEED_UNIT ? (size_t)rows[i].scope : page->n_feeds++];
		if (rows[i].scope >= FEED_UNIT) {
			enum err err = people_unit_get(rq, rows[i].scope - FEED_UNIT, &unit);
			if (err != OK && err != ERR_NONE)
				return err;
			*feed = (struct capacity_slot_page_feeds){ .scope = rows[i].scope,
				.what = str_print(rq->arena, _("Times of unit %.*s, with names"), STR_ARG(err == OK ? unit.name : STR("?"))) };
		}
		feed->is_there = true;
		feed->made_at = rows[i].made_at;
	}
	return OK;
}

static const char *done_sentence(struct rq *rq, struct str done)
{
	if (!done.len)
		return "";
	if (str_equal(done, STR("book")))
		return _("The time is booked. The place is held for 10 minutes.");
	return str_equal(done, STR("unfeed")) ? _("The calendar address is void.") : _("The time is cancelled.");
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct whose *whose, const struct wrongs *wrongs, struct str address, struct answer *answer)
{
	struct capacity_known known;
	struct instant day = day_asked(rq, visit), chosen;
	bool is_there;

	TRY(choose(rq, visit, &known, &is_there));
	struct capacity_slot_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .before_at = STR(""), .after_at = STR(""),
		.done = str_of(wrongs->n ? "" : done_sentence(rq, visit_field(visit, "done"))), .address = address, .gateway = is_there ? known.name : STR(""),
		.minutes = SLOT_MS / 60000, .chosen = STR(""), .other = STR(""), .other_id = STR("") };
	if (whose->is_other) {
		page.other = people_shown_name(rq, whose->who.name, whose->who.is_protected);
		page.other_id = str_print(rq->arena, "%lld", (long long)whose->person);
	}
	if (instant_parse_loose(visit_field(visit, "at"), &chosen) == OK) {
		day = instant_midnight(chosen);
		page.chosen = stamp_of(rq, chosen);
		page.chosen_at = chosen;
	}
	page.day = day;
	page.team_at = str_print(rq->arena, "/capacity/team?day=%.10s", stamp_of(rq, day).at);
	page.may_team = (rq->actor->roles & (ROLE_MANAGER | ROLE_COORDINATOR)) != 0;
	if (is_there)
		TRY(fill_day(rq, &known, day, whose, &page));
	TRY(fill_own(rq, whose, &page));
	if (!whose->is_other)
		TRY(fill_feeds(rq, &page));
	answer->has_errors = wrongs->n != 0;
	answer->title = whose->is_other ? str_print(rq->arena, _("Book a time for %.*s"), STR_ARG(page.other)) : str_of(_("Book a time"));
	capacity_slot_page(&answer->body, rq->language, &page);
	return OK;
}

enum err capacity_get_slot(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct whose whose;

	TRY(read_whose(rq, visit, &whose));
	return draw(rq, visit, &whose, &(struct wrongs){ 0 }, STR(""), answer);
}

/* A scope that this reader may not have is refused; what it holds is asked again at each reading. */
static enum err read_scope(struct rq *rq, const struct visit *visit, int64_t *ret)
{
	if (str_number(visit_field(visit, "scope"), INT32_MAX, ret) != OK)
		*ret = FEED_OWN;
	if (*ret != FEED_OWN && !(rq->actor->roles & (*ret == FEED_TEAM ? ROLE_MANAGER : ROLE_MANAGER | ROLE_COORDINATOR)))
		return fail(rq, ERR_DENIED, _("Your role does not have this page."));
	return OK;
}

static enum err post_feed(struct rq *rq, const struct visit *visit, bool is_made, struct answer *answer)
{
	struct out address = out_new(rq->arena);
	struct str key;
	int64_t scope;

	TRY(read_scope(rq, visit, &scope));
	if (is_made) {
		TRY(capacity_feed_make(rq, rq->actor->person, scope, &key));
		out_put(&address, mail_origin());
		out_text(&address, "/capacity/slot.ics?key=");
		out_put(&address, key);
		return draw(rq, visit, &(struct whose){ .person = rq->actor->person }, &(struct wrongs){ 0 }, out_str(&address), answer);
	}
	TRY(capacity_feed_void(rq, rq->actor->person, scope));
	answer->status = 303;
	answer->location = STR("/capacity/slot?done=unfeed");
	return OK;
}

/* What a form with a time says: books, cancels, or books instead of another. */
static enum err act_on(struct rq *rq, const struct visit *visit, const struct whose *whose, bool is_cancel)
{
	struct instant from;
	struct str gateway = visit_field(visit, "gateway");
	int64_t slot, seat, made;

	if (str_number(visit_field(visit, "slot"), INT32_MAX, &slot) == OK)
		TRY(capacity_slot_cancel(rq, whose->person, slot));
	else if (is_cancel && str_number(visit_field(visit, "seat"), INT64_MAX, &seat) == OK)
		return day_give_back(rq, whose->person, seat);
	else if (is_cancel)
		return fail(rq, ERR_NONE, _("There is no such booked time."));
	if (is_cancel)
		return OK;
	if (instant_parse_loose(visit_field(visit, "at"), &from) != OK)
		return fail(rq, ERR_INVALID, _("Enter the date like this: 2026-11-30"));
	return capacity_slot_book(rq, whose->person, gateway.at ? gateway : STR(""), from, &made);
}

enum err capacity_post_slot(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str act = visit_field(visit, "act");
	struct wrongs wrongs = { 0 };
	struct whose whose;
	bool is_cancel = str_equal(act, STR("cancel"));

	if (rq->actor->person < 0)
		return fail(rq, ERR_DENIED, _("Only who is employed can book a time."));
	if (str_equal(act, STR("feed")) || str_equal(act, STR("unfeed")))
		return post_feed(rq, visit, str_equal(act, STR("feed")), answer);
	TRY(read_whose(rq, visit, &whose));
	enum err err = act_on(rq, visit, &whose, is_cancel);
	if (err == ERR_CONFLICT || err == ERR_FULL || err == ERR_INVALID) {
		wrong_add(&wrongs, "calendar", str_c(rq->arena, str_of(rq->trouble->text)));
		trouble_clear(rq->trouble);
		return draw(rq, visit, &whose, &wrongs, STR(""), answer);
	}
	TRY(err);
	answer->status = 303;
	answer->location = str_print(rq->arena, "/capacity/slot?done=%s%.*s", is_cancel ? "cancel" : "book", STR_ARG(for_text(rq, &whose)));
	return OK;
}
