/* Question 6 of the leaflet: how many can work remotely at a time, and are there connections enough?
 *
 * Our answer: each gateway has a limit, the smallest of those that are known, and a reserve; the gate lets nobody in above it, critical work
 * first, and tells whoever must wait why, when to try again and what can be done without a connection. The question lives on the sessions
 * that gateways tell of: those open now and the most at one moment of the last 24 hours, held against the limits. Without limits, and
 * without the number that somebody may set for all, it stays unknown.
 *
 * Where to look: pool.c (how many places a gateway has), opinion.c (who gets one), stand.c (facts in memory), limit.c (the verbs), now.c (who
 * is in), page.c and command.c (the two ways in). */
#include "capacity.h"
#include "fetch.h"
#include "floor/outbox.sql.h"
#include "floor/refusal.h"
#include "floor/session.sql.h"
#include "floor/setting.h"

const struct setting capacity_settings[] = {
	{ "capacity.places", SETTING_NUMBER, 0, 10000000, 0, .sentence = N_("How many can be connected at a time, in all; 0: not known") },
	{ "capacity.rush_minutes", SETTING_NUMBER, 1, 240, 15,
	  .sentence = N_("In how many minutes all may arrive: with the log-ins a minute it limits how many there is room for") },
	{ "capacity.kept_from_class_2", SETTING_NUMBER, 0, 50, 5,
	  .sentence = N_("Per cent of a gateway's places that class 2 leaves free for class 1") },
	{ "capacity.kept_from_class_3", SETTING_NUMBER, 0, 50, 10,
	  .sentence = N_("Per cent of a gateway's places that class 3 leaves free for classes 1 and 2") },
	{ "capacity.slot_share", SETTING_NUMBER, 0, 100, 50, .sentence = N_("Per cent of a gateway's places that can be booked for the same time") },
	{ "capacity.need_minutes", SETTING_NUMBER, 0, 1440, 20,
	  .sentence = N_("Minutes of a day that each person needs a connection, in plans, where the unit has not said; 0: only units that have said are planned") },
	{ "capacity.day_from", SETTING_NUMBER, 0, 23, 7, .sentence = N_("The hour at which a planned day begins, where the unit has not said") },
	{ "capacity.day_until", SETTING_NUMBER, 1, 24, 19, .sentence = N_("The hour at which a planned day ends, where the unit has not said") },
	{ "capacity.warning_seconds", SETTING_NUMBER, 5, 86400, 600,
	  .sentence = N_("How long before the end somebody is warned whose place critical work needs, in seconds; under 600 only after a risk decision") },
	{ "capacity.fetch_level", SETTING_NUMBER, 0, 6, 2,
	  .sentence = N_("Up to which level of the consequence scale information may be fetched to a computer; 0: nothing") },
	{ "capacity.fetch_megabytes", SETTING_NUMBER, 1, 1000000, 350, .sentence = N_("How many MB a fetch list may weigh, where the line does not carry less in a booked time") },
	{ "capacity.fetch_days", SETTING_NUMBER, 1, 365, 30, .sentence = N_("After how many days at most what was fetched is erased from the computer") },
	{ "capacity.test_months", SETTING_NUMBER, 1, 24, 6, .sentence = N_("How old the test of a gateway's limit may be, in months") },
	{ 0 }
};

struct stays { struct rq *rq; struct capacity_stay *at; size_t n, room; };

static enum err one_stay(void *of, const struct capacity_since_row *row)
{
	struct stays *stays = of;
	int64_t end = MIN(row->closed_at.is ? row->closed_at.i : stays->rq->now.ms + 1, row->until.ms);

	if (stays->n == stays->room) {
		struct capacity_stay *more = NEW_MANY(stays->rq->arena, stays->room * 2 + 256, struct capacity_stay);
		if (stays->n)
			memcpy(more, stays->at, stays->n * sizeof more[0]);
		stays->at = more;
		stays->room = stays->room * 2 + 256;
	}
	stays->at[stays->n++] = (struct capacity_stay){ { row->opened_at.i }, { end } };
	return OK;
}

static struct str sentence(struct rq *rq, int64_t open, size_t peak, struct instant peak_at, int64_t places)
{
	struct out out = out_new(rq->arena), when = out_new(rq->arena);

	tongue_instant(&when, rq->language, peak_at);
	out_print(&out, tongue_n(rq->language, "%lld is connected now.", "%lld are connected now.", open), (long long)open);
	out_byte(&out, ' ');
	if (peak && places)
		out_print(&out, _("At most %zu of %lld at a time in the last 24 hours, %.*s."), peak, (long long)places, STR_ARG(out_str(&when)));
	else if (peak)
		out_print(&out, _("At most %zu at a time in the last 24 hours, %.*s. How many there is room for is not set."), peak,
		          STR_ARG(out_str(&when)));
	else
		out_text(&out, _("Nobody has connected in the last 24 hours."));
	return out_str(&out);
}

/* How many there is room for: the gateways' own limits, when each has one; else the number that somebody has set for all. */
static enum err room(struct rq *rq, int64_t *ret, size_t *ret_set, size_t *ret_unset)
{
	struct capacity_known *known;
	size_t n;
	int64_t sum = 0;

	*ret_set = *ret_unset = 0;
	TRY(capacity_gateways(rq, &known, &n));
	for (size_t i = 0; i < n; i++) {
		*ret_set += known[i].pool.is_set;
		*ret_unset += !known[i].pool.is_set;
		sum += known[i].pool.open;
	}
	*ret = *ret_set && !*ret_unset ? sum : setting_number(rq, "capacity.places");
	return OK;
}

/* Class 1 that was refused in the last 24 hours: that must be none. */
static int64_t critical_refused(struct rq *rq)
{
	struct refusal *refusals;
	size_t n = refusal_latest(rq->arena, &refusals);
	int64_t ret = 0;

	for (size_t i = 0; i < n; i++)
		ret += refusals[i].class == 1 && !refusals[i].is_watched && strncmp(refusals[i].code, "capacity.", 9) == 0
			&& rq->now.ms - refusals[i].at.ms < DAYS(1).ms;
	return ret;
}

/* The most at a time in the last 24 hours. A session lasts 12 hours at most: 36 hours back holds all that were open then. */
static enum err peak_of_a_day(struct rq *rq, size_t *ret, struct instant *ret_at, size_t *ret_open)
{
	struct stays stays = { .rq = rq };
	size_t kept = 0;

	TRY(capacity_since(rq, (struct instant){ rq->now.ms - HOURS(36).ms }, rq->now, one_stay, &stays));
	*ret_open = 0;
	for (size_t i = 0; i < stays.n; i++) {
		*ret_open += stays.at[i].to.ms > rq->now.ms;      /* over at its end even when no gateway has said so */
		stays.at[i].from.ms = MAX(stays.at[i].from.ms, rq->now.ms - HOURS(24).ms);
		if (stays.at[i].to.ms > stays.at[i].from.ms)
			stays.at[kept++] = stays.at[i];
	}
	*ret = capacity_peak(rq->arena, stays.at, kept, ret_at);
	return OK;
}

enum err capacity_figures(struct rq *rq, struct figures *ret)
{
	struct capacity_latest_row latest;
	struct instant peak_at = rq->now;
	size_t n_set, n_unset, peak, open;
	int64_t places;

	TRY(room(rq, &places, &n_set, &n_unset));
	ret->state = STATE_UNKNOWN;
	ret->evidence = str_of(_("Now against the limit"));
	ret->evidence_at = STR("/capacity");
	ret->next = str_of(n_unset ? _("Set what each gateway can carry") : _("Set how many can be connected at a time"));
	ret->next_at = n_unset ? STR("/capacity#gateways") : STR("/admin#settings");
	TRY(capacity_latest(rq, &latest));
	if (!latest.offered_at.is) {
		ret->sentence = str_of(_("No session has been counted yet."));
		return OK;
	}
	TRY(peak_of_a_day(rq, &peak, &peak_at, &open));
	ret->sentence = sentence(rq, (int64_t)open, peak, peak_at, places);
	ret->measured_at = rq->now;
	if (places == 0 && n_set == 0)
		return OK;
	int64_t critical = critical_refused(rq);
	struct capacity_unstored_row unstored;
	TRY(capacity_unstored(rq, instant_plus(rq->now, DAYS(-1)), &unstored));
	if (unstored.n)
		ret->sentence = str_print(rq->arena, tongue_n(rq->language, "%lld log-in was let in without being written down in the last 24 hours, by decision. %.*s",
			"%lld log-ins were let in without being written down in the last 24 hours, by decision. %.*s", unstored.n), (long long)unstored.n,
			STR_ARG(ret->sentence));
	if (critical)
		ret->sentence = str_print(rq->arena, tongue_n(rq->language, "%lld log-in of class 1 was refused in the last 24 hours. %.*s",
			"%lld log-ins of class 1 were refused in the last 24 hours. %.*s", critical), (long long)critical, STR_ARG(ret->sentence));
	ret->state = critical || (places && (int64_t)peak >= places) ? STATE_FAILING
		: unstored.n || places == 0 || (int64_t)peak * 10 >= places * 9 ? STATE_NEEDS_ACTION : STATE_IN_ORDER;
	if (places == 0)
		return OK;
	ret->next = ret->state == STATE_IN_ORDER ? STR_NONE : str_of(_("Get more connections, or spread the work over the day"));
	ret->next_at = ret->state == STATE_IN_ORDER ? STR_NONE : STR("/capacity");
	return OK;
}

/* --- what waits --- */

static void due_of(struct rq *rq, const struct capacity_known *known, struct tasks *ret)
{
	int64_t months = setting_number(rq, "capacity.test_months");
	struct instant due = known->limits.tested_at.is ? instant_plus_months((struct instant){ known->limits.tested_at.i }, (int)months) : rq->now;
	struct out at = out_new(rq->arena);
	struct task task = { .person = -1, .roles = ROLE_COORDINATOR | ROLE_SYSTEM_OWNER, .due_at = rq->now };

	out_text(&at, "/capacity/limit/");
	out_url(&at, known->name);
	task.where = out_str(&at);
	if (!known->pool.is_set) {
		task.title = str_print(rq->arena, _("Set how many gateway %.*s can carry"), STR_ARG(known->name));
		tasks_add(rq, ret, &task);
	} else if (!instant_is_before(rq->now, due)) {
		task.title = str_print(rq->arena, _("Test how many gateway %.*s can carry"), STR_ARG(known->name));
		task.due_at = due;
		tasks_add(rq, ret, &task);
	}
}

enum err capacity_due(struct rq *rq, struct tasks *ret)
{
	struct capacity_known *known;
	struct capacity_orders_row *orders;
	struct capacity_raised_row *raised;
	size_t n, n_orders, n_raised;

	TRY(capacity_gateways(rq, &known, &n));
	for (size_t i = 0; i < n; i++)
		due_of(rq, &known[i], ret);
	TRY(capacity_undecided(rq, &raised, &n_raised));
	for (size_t i = 0; i < n_raised; i++)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Ask for a decision: %.*s was raised to class %lld"), STR_ARG(raised[i].name),
			(long long)raised[i].class), .where = STR("/capacity/unit#raised"), .person = -1, .roles = ROLE_COORDINATOR, .due_at = rq->now });
	TRY(fetch_due(rq, ret));
	TRY(capacity_orders(rq, &orders, &n_orders));
	for (size_t i = 0; i < n_orders; i++) {
		struct out at = out_new(rq->arena);
		if (instant_is_before(rq->now, orders[i].delivery_at))
			continue;
		out_text(&at, "/capacity/limit/");
		out_url(&at, orders[i].gateway_name);
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Are the ordered places for gateway %.*s here?"),
			STR_ARG(orders[i].gateway_name)), .where = out_str(&at), .person = -1, .roles = ROLE_COORDINATOR | ROLE_SYSTEM_OWNER,
			.due_at = orders[i].delivery_at });
	}
	return OK;
}

enum err capacity_about(struct rq *rq, int64_t person, struct abouts *ret)
{
	struct capacity_instead_of_row row;
	struct capacity_warned_of_row *warned;
	size_t n;

	TRY(capacity_warned_of(rq, person, &warned, &n));
	for (size_t i = 0; i < n; i++) {
		struct out what = out_new(rq->arena);
		out_text(&what, _("Your place is needed for work that goes first. You can connect again from"));
		out_byte(&what, ' ');
		tongue_instant(&what, rq->language, warned[i].back_at);
		out_byte(&what, '.');
		abouts_add(rq, ret, &(struct about){ .what = out_str(&what), .at = STR(""), .until = warned[i].ends_at,
			.state = N_("Your connection ends"), .shape = "warn" });
	}
	struct capacity_slots_missed_row missed;
	TRY(capacity_slots_missed(rq, rq->now, person, working_day_before(rq->now), &missed));
	if (missed.n)
		abouts_add(rq, ret, &(struct about){ .what = str_of(_("You did not come to your time, so the place went to others. Cancel a time that you do not need.")),
			.at = STR("/capacity/slot"), .from_at = { missed.from_at.i }, .state = N_("Missed"), .shape = "fail" });
	struct capacity_day_seats_of_row *seats;
	TRY(capacity_day_seats_of(rq, person, (struct instant){ rq->now.ms - 16 * (int64_t)SLOT_MS }, &seats, &n));
	for (size_t i = 0; i < n; i++) {
		struct instant until = { seats[i].from_at.ms + seats[i].slots * SLOT_MS };
		struct out from = out_new(rq->arena);
		tongue_instant(&from, rq->language, seats[i].from_at);
		if (instant_is_before(rq->now, until))
			abouts_add(rq, ret, &(struct about){ .what = str_print(rq->arena, _("A place at %.*s from %.*s"), STR_ARG(seats[i].gateway_name), STR_ARG(out_str(&from))),
				.at = STR("/capacity/slot"), .from_at = seats[i].from_at, .until = until, .state = N_("Your time to connect"), .shape = "ok" });
	}
	TRY(fetch_about(rq, person, ret));
	struct span had;
	TRY(capacity_had(rq, person, &had));
	if (had.ms >= MINUTES(1).ms)
		abouts_add(rq, ret, &(struct about){ .what = str_print(rq->arena, tongue_n(rq->language,
			"You have been connected %lld minute, today and the working day before. Where places are few, who has had less goes first.",
			"You have been connected %lld minutes, today and the working day before. Where places are few, who has had less goes first.", had.ms / MINUTES(1).ms),
			(long long)(had.ms / MINUTES(1).ms)), .at = STR(""), .state = N_("Your share"), .shape = "ok" });
	struct capacity_feeds_row *feeds;
	TRY(capacity_feeds(rq, person, &feeds, &n));
	for (size_t i = 0; i < n; i++)
		abouts_add(rq, ret, &(struct about){ .what = str_of(_("Whoever has the address of your calendar can read it; make it void if somebody else has got it")),
			.at = STR("/capacity/slot"), .from_at = feeds[i].made_at, .state = N_("Calendar address"), .shape = "ok" });
	enum err err = capacity_instead_of(rq, person, &row);

	if (err == ERR_NONE)
		return OK;
	TRY(err);
	abouts_add(rq, ret, &(struct about){ .what = row.instead, .at = STR(""), .state = N_("Without a connection"), .shape = "unknown" });
	return OK;
}

/* Whose right has ended may still be in: each session goes to the outbox in the same commit. Whether another right keeps the person in is judged
 * when it is carried out. */
enum err capacity_hear(struct rq *rq, const struct event *event, struct change *change)
{
	struct session_live_of_row *live;
	struct outbox_most_row most;
	struct outbox_waiting_row waiting;
	size_t n;

	if (event->kind == EVENT_class_set)
		return capacity_class_heard(rq, event->subject, change);
	TRY(session_live_of(rq, (struct maybe_int){ true, event->person }, rq->now, &live, &n));
	for (size_t i = 0; i < n; i++) {
		enum err err = outbox_waiting(rq, STR("session.end"), live[i].id, &waiting);
		if (err == OK)
			continue;
		if (err != ERR_NONE)
			return err;
		TRY(outbox_most(rq, &most));
		TRY(outbox_add(change, &(struct outbox_add_args){ .id = most.id + 1, .kind = STR("session.end"), .person = { true, event->person },
			.subject = live[i].id, .made_at = rq->now }));
	}
	return OK;
}

const struct point capacity_point = {
	.name = "capacity",
	.question = N_("Are there connections enough?"),
	.wakes = N_("Set a gateway's limit, or let the first session through it be counted."),
	.settings = capacity_settings,
	.pages = capacity_pages,
	.commands = capacity_commands,
	.slice_size = sizeof (struct capacity_slice), .site_size = sizeof (struct capacity_site),
	.stand = capacity_stand_in, .site = capacity_site_in, .opinion = capacity_opinion, .reasons = capacity_reasons,
	.hear = capacity_hear, .hears = 1 << EVENT_grant_ended | 1 << EVENT_person_left | 1 << EVENT_decision_ended | 1 << EVENT_connection_held
		| 1 << EVENT_class_set,
	.relieve = capacity_relieve,
	.find = capacity_find, .figures = capacity_figures, .due = capacity_due, .about = capacity_about,
};
