/* Fetch lists: the verbs.
 *
 * The leaflet says that some can connect at other times, "for instance to fetch documents from server to computer". That moves information out of the
 * server, so a list says what, how much, of which level on the consequence scale, to which computer, and by which day it is erased there. It is refused above the
 * ceiling, to a computer that is not encrypted and managed, when it weighs more than one session carries in a booked time, and without a day.
 *
 * Fetching is begun by its owner while she is connected, once, and lasts as long as its size needs there, at most a booked time. A list that was ordered
 * after she was warned does not put the warning off.
 *
 * SECURITY: a person's lists are her own; the command line, as the account that owns HOME, does anybody's. What a computer is, is stated by her; nothing is
 * measured, and nothing is kept from being copied: this says what is right and who said it.
 * What is fetched is a personal column: its words stand outside the log. */
#include "fetch.h"
#include "floor/consequence.h"
#include "floor/people.h"
#include "floor/session.sql.h"
#include "floor/setting.h"

const char *const fetch_state_name[FETCH_STATES] = { "ordered", "fetching", "too_long", "fetched", "to_erase", "erased", "given_up" };
const char *const fetch_state_word[FETCH_STATES] = { N_("Ordered"), N_("Fetching now"), N_("Its time is over"), N_("Fetched"), N_("To be erased"), N_("Erased"),
	N_("Given up") };

enum fetch_state fetch_state_of(const struct capacity_fetch_of_row *row, struct instant now)
{
	if (row->erased_at.is)
		return FETCH_ERASED;
	if (row->over_at.is && !row->is_fetched)
		return FETCH_GIVEN_UP;
	if (row->over_at.is)
		return instant_is_before(now, row->erase_at) ? FETCH_HERE : FETCH_LATE;
	if (!row->began_at.is)
		return FETCH_ORDERED;
	return now.ms < row->until.i ? FETCH_NOW : FETCH_TOO_LONG;
}

/* kbit a second, for 20 minutes, in MB. */
static int64_t carried(const struct capacity_limits *limits)
{
	return limits->share.is && limits->share.i > 0 ? MAX(limits->share.i * (SLOT_MS / 1000) / 8000, (int64_t)1) : INT64_MAX;
}

int64_t fetch_most(const struct capacity_limits *limits, int64_t setting)
{
	return MIN(carried(limits), setting);
}

struct span fetch_time(const struct capacity_limits *limits, int64_t setting, int64_t megabytes)
{
	int64_t most = MAX(fetch_most(limits, setting), (int64_t)1), ms = SLOT_MS * MIN(megabytes, most) / most;
	return (struct span){ MAX(MIN(ms, (int64_t)SLOT_MS), MINUTES(5).ms) };
}

/* --- order --- */

static enum err is_text(struct rq *rq, struct str text, size_t most)
{
	if (text.len == 0 || text.len > most || !str_is_utf8(text))
		return fail(rq, ERR_INVALID, _("Write something here, at most %zu bytes."), most);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ')
			return fail(rq, ERR_INVALID, _("The text is one line."));
	return OK;
}

static enum err check_level(struct rq *rq, int64_t level)
{
	struct consequences scale;
	int64_t most = setting_number(rq, "capacity.fetch_level");

	TRY(consequence_scale(rq, &scale));
	if (level < 1 || level > scale.n)
		return fail(rq, ERR_INVALID, _("Choose the level of the information, from 1 to %d."), scale.n);
	if (most == 0)
		return fail(rq, ERR_DENIED, _("Nothing may be fetched to a computer here. Work with it while you are connected."));
	if (level > most)
		return fail(rq, ERR_DENIED, _("Information of level %lld may not be fetched to a computer: at most level %lld. Work with it while you are connected."),
			(long long)level, (long long)most);
	return OK;
}

static enum err check(struct rq *rq, const struct fetch_wish *wish, const struct capacity_known *gateway, const char **field)
{
	int64_t most = fetch_most(&gateway->limits, setting_number(rq, "capacity.fetch_megabytes")), days = setting_number(rq, "capacity.fetch_days");

	*field = "what";
	TRY(is_text(rq, wish->what, FETCH_TEXT));
	*field = "level";
	TRY(check_level(rq, wish->level));
	*field = "megabytes";
	if (wish->megabytes < 1 || wish->megabytes > most)
		return fail(rq, ERR_INVALID, _("A list weighs from 1 to %lld MB: that is what one session at %.*s carries in 20 minutes. Share it over several times."),
			(long long)most, STR_ARG(gateway->name));
	*field = "device";
	TRY(is_text(rq, wish->device, FETCH_DEVICE));
	*field = "managed";
	if (!wish->is_managed)
		return fail(rq, ERR_DENIED, _("Documents are fetched to a computer that is encrypted and managed by us, to no other. Ask the support for one."));
	*field = "erase_on";
	if (wish->erase_at.ms <= rq->now.ms || wish->erase_at.ms > rq->now.ms + DAYS(days).ms)
		return fail(rq, ERR_INVALID, _("Say by which day it is erased from the computer: from tomorrow on, at most %lld days ahead."), (long long)days);
	return OK;
}

enum err fetch_order(struct rq *rq, int64_t person, const struct fetch_wish *wish, int64_t *ret, const char **ret_field)
{
	struct capacity_known gateway;
	struct people_get_row who;
	struct capacity_fetch_waiting_row waiting;
	struct capacity_fetch_most_row most;
	struct change *change;

	*ret_field = "gateway";
	TRY(capacity_gateway(rq, wish->gateway, &gateway));
	*ret_field = "what";
	TRY(people_get(rq, person, &who));
	if (!people_is_employed(&who, rq->now))
		return fail(rq, ERR_DENIED, _("Only who is employed can order a list."));
	TRY(capacity_fetch_waiting(rq, person, &waiting));
	if (waiting.n >= FETCH_AHEAD)
		return fail(rq, ERR_CONFLICT, _("At most %d lists can wait. Fetch one, or give it up, first."), FETCH_AHEAD);
	TRY(check(rq, wish, &gateway, ret_field));
	TRY(capacity_fetch_most(rq, &most));
	TRY(audit_begin(rq, "capacity.fetch.order", who.code, &change));
	*ret = most.id + 1;
	return capacity_fetch_add(change, &(struct capacity_fetch_add_args){ .id = *ret, .person = person, .gateway = gateway.id, .what = wish->what,
		.device = wish->device, .megabytes = wish->megabytes, .level = wish->level, .erase_at = wish->erase_at, .made_at = rq->now });
}

/* --- fetch, give up, erase --- */

static enum err find(struct rq *rq, int64_t person, int64_t id, struct capacity_fetch_get_row *ret, struct people_get_row *ret_who)
{
	enum err err = capacity_fetch_get(rq, id, ret);

	if (err == ERR_NONE || (err == OK && person >= 0 && ret->person != person))
		return fail(rq, ERR_NONE, _("There is no such list."));
	TRY(err);
	return people_get(rq, ret->person, ret_who);
}

static enum err gateway_numbered(struct rq *rq, int64_t id, struct capacity_known *ret)
{
	struct capacity_known *known;
	size_t n;

	TRY(capacity_gateways(rq, &known, &n));
	for (size_t i = 0; i < n; i++)
		if (known[i].id == id) {
			*ret = known[i];
			return OK;
		}
	return fail(rq, ERR_NONE, _("There is no such list."));
}

enum err fetch_begin(struct rq *rq, int64_t person, int64_t id)
{
	struct capacity_fetch_get_row row;
	struct capacity_fetch_session_row session;
	struct capacity_fetch_warned_row warned;
	struct capacity_known gateway;
	struct people_get_row who;
	struct change *change;

	TRY(find(rq, person, id, &row, &who));
	if (row.began_at.is || row.over_at.is)
		return fail(rq, ERR_CONFLICT, _("Fetching that list has begun already, or it is over. Order a new one."));
	TRY(gateway_numbered(rq, row.gateway, &gateway));
	enum err err = capacity_fetch_session(rq, (struct maybe_int){ true, row.person }, row.gateway, rq->now, &session);
	if (err == ERR_NONE)
		return fail(rq, ERR_CONFLICT, _("Connect to %.*s first, then begin to fetch."), STR_ARG(gateway.name));
	TRY(err);
	TRY(capacity_fetch_warned(rq, row.person, row.gateway, &warned));
	if (warned.made_at.is && warned.made_at.i <= row.made_at.ms)
		return fail(rq, ERR_CONFLICT, _("Your place is needed for work that goes first. Fetch this list the next time."));
	struct instant until = instant_plus(rq->now, fetch_time(&gateway.limits, setting_number(rq, "capacity.fetch_megabytes"), row.megabytes));
	until.ms = MIN(until.ms, session.until.ms);
	/* The gateway may have been told of the warning's end, and would keep it. */
	if (warned.made_at.is)
		TRY(session_limit_set(rq, session.id, until, str_of(_("Your place is needed for work that goes first. Your connection ends when you have fetched."))));
	TRY(audit_begin(rq, "capacity.fetch.begin", who.code, &change));
	return capacity_fetch_begin(change, rq->now, until, id);
}

enum err fetch_over(struct rq *rq, int64_t person, int64_t id, bool is_fetched)
{
	struct capacity_fetch_get_row row;
	struct people_get_row who;
	struct change *change;

	TRY(find(rq, person, id, &row, &who));
	if (row.over_at.is)
		return fail(rq, ERR_CONFLICT, _("That list is over already."));
	if (is_fetched && !row.began_at.is)
		return fail(rq, ERR_CONFLICT, _("Fetching that list has not begun."));
	TRY(audit_begin(rq, is_fetched ? "capacity.fetch.done" : "capacity.fetch.cancel", who.code, &change));
	return capacity_fetch_end(change, rq->now, is_fetched, id);
}

enum err fetch_erase(struct rq *rq, int64_t person, int64_t id)
{
	struct capacity_fetch_get_row row;
	struct people_get_row who;
	struct change *change;

	TRY(find(rq, person, id, &row, &who));
	if (!row.is_fetched || row.erased_at.is)
		return fail(rq, ERR_CONFLICT, _("Only what was fetched, and is still there, can be erased."));
	TRY(audit_begin(rq, "capacity.fetch.erase", who.code, &change));
	return capacity_fetch_erase(change, rq->now, id);
}

/* --- what waits, and what is told of a person --- */

enum err fetch_due(struct rq *rq, struct tasks *ret)
{
	struct capacity_fetch_kept_row *rows;
	size_t n;

	TRY(capacity_fetch_kept(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		tasks_add(rq, ret, &(struct task){ .title = str_of(_("Erase from your computer what you fetched, and say so")), .where = STR("/capacity/fetch"),
			.person = rows[i].person, .due_at = rows[i].erase_at });
	return OK;
}

enum err fetch_about(struct rq *rq, int64_t person, struct abouts *ret)
{
	struct capacity_fetch_of_row *rows;
	size_t n;

	TRY(capacity_fetch_of(rq, person, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		enum fetch_state state = fetch_state_of(&rows[i], rq->now);
		if (state >= FETCH_ERASED)
			continue;
		abouts_add(rq, ret, &(struct about){ .what = str_print(rq->arena, tongue_n(rq->language, "%lld MB to fetch at %.*s", "%lld MB to fetch at %.*s",
			rows[i].megabytes), (long long)rows[i].megabytes, STR_ARG(rows[i].gateway_name)), .at = STR("/capacity/fetch"),
			.until = state == FETCH_NOW ? (struct instant){ rows[i].until.i } : state >= FETCH_HERE ? rows[i].erase_at : (struct instant){ 0 },
			.state = fetch_state_word[state], .shape = state == FETCH_LATE ? "fail" : "ok" });
	}
	return OK;
}
