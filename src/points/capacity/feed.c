/* Booked times as a calendar (RFC 5545): as a file for who is logged in, and as a feed at an address that calendars read without logging in.
 *
 * The address holds a key that is shown once and kept as a hash; a new one makes the old one void, and it can be made void at any time. There are three kinds:
 * one's own times, booked or given by a plan; for a manager those of all who report to her; and those of one unit, of which a manager sees her own people and a
 * coordinator all.
 *
 * SECURITY: whoever has the address reads the times, and a manager's feed has names in it: that is said where it is made. Wrong keys are counted by network, readings by
 * key. Who has left has no feed. Lines are folded at 75 octets and texts escaped, so that no name can add a line. */
#include "team.h"
#include "floor/account.h"
#include "floor/mail.h"
#include "floor/people.h"
#include "floor/tree.h"
#include "floor/writer.h"
#include "base/world.h"
#include "points/capacity/capacity_day.sql.h"

enum { KEY = 20, LINE = 75 };

/* --- making and ending one --- */

enum err capacity_feed_make(struct rq *rq, int64_t person, int64_t scope, struct str *ret)
{
	struct people_get_row who;
	struct change *change;
	struct out key = out_new(rq->arena);
	unsigned char random[KEY];

	TRY(people_get(rq, person, &who));
	if (!people_is_employed(&who, rq->now))
		return fail(rq, ERR_DENIED, _("Only who is employed can have a calendar address."));
	world.random(random, sizeof random);
	out_hex(&key, random, sizeof random);
	struct hash hash = hash_of(out_str(&key), STR_NONE);
	TRY(audit_begin(rq, "capacity.feed.make", who.code, &change));
	TRY(capacity_feed_set(change, person, scope, (struct str){ (const char *)hash.byte, sizeof hash.byte }, rq->now));
	*ret = out_str(&key);
	return OK;
}

enum err capacity_feed_void(struct rq *rq, int64_t person, int64_t scope)
{
	struct people_get_row who;
	struct change *change;

	TRY(people_get(rq, person, &who));
	TRY(audit_begin(rq, "capacity.feed.end", who.code, &change));
	enum err err = capacity_feed_end(change, person, scope);
	return err == ERR_NONE ? fail(rq, ERR_NONE, _("There is no such calendar address.")) : err;
}

/* --- the calendar --- */

static void put_utc(struct out *out, const char *name, struct instant at)
{
	struct out text = out_new(out->arena);

	out_instant_utc(&text, at);      /* 2026-11-24T08:00:00Z or with thousandths */
	const char *c = out_str(&text).at;
	out_print(out, "%s:%.4s%.2s%.2sT%.2s%.2s%.2sZ\r\n", name, c, c + 5, c + 8, c + 11, c + 14, c + 17);
}

/* RFC 5545 3.1 and 3.3.11: escaped, then folded between two letters. */
static void put_text(struct out *out, const char *name, struct str text)
{
	struct out line = out_new(out->arena);

	out_print(&line, "%s:", name);
	for (size_t i = 0; i < text.len; i++) {
		if (strchr(",;\\", text.at[i]) && text.at[i])
			out_byte(&line, '\\');
		out_byte(&line, (unsigned char)text.at[i] < ' ' ? ' ' : text.at[i]);
	}
	struct str rest = out_str(&line);
	for (size_t most = LINE; rest.len > most; most = LINE - 1) {
		struct str part = str_utf8_first(rest, most);
		out_put(out, part);
		out_text(out, "\r\n ");
		rest = str_from(rest, part.len);
	}
	out_put(out, rest);
	out_text(out, "\r\n");
}

struct event_of { int64_t id; const char *kind; struct instant from, made; int64_t slots; bool is_cancelled; struct str summary; };

static void put_event(struct out *out, const struct event_of *event)
{
	out_print(out, "BEGIN:VEVENT\r\nUID:%s-%lld@samordna\r\n", event->kind, (long long)event->id);
	put_utc(out, "DTSTAMP", event->made);
	put_utc(out, "DTSTART", event->from);
	put_utc(out, "DTEND", instant_plus(event->from, (struct span){ event->slots * SLOT_MS }));
	put_text(out, "SUMMARY", event->summary);
	out_text(out, event->is_cancelled ? "STATUS:CANCELLED\r\nEND:VEVENT\r\n" : "END:VEVENT\r\n");
}

static enum err put_own(struct rq *rq, int64_t person, enum language language, struct out *out)
{
	struct capacity_slots_of_row *rows;
	struct capacity_day_seats_of_row *seats;
	size_t n;

	TRY(capacity_slots_of(rq, person, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		bool is_missed = capacity_slot_state_of(&rows[i], rq->now) == SLOT_MISSED;
		put_event(out, &(struct event_of){ rows[i].id, "slot", rows[i].from_at, rows[i].made_at, 1, rows[i].cancelled_at.is,
			str_print(rq->arena, "%s, " STR_FMT, tongue(language, is_missed ? N_("Missed: booked time to connect") : N_("Booked time to connect")),
			STR_ARG(rows[i].gateway_name)) });
	}
	TRY(capacity_day_seats_of(rq, person, instant_plus(rq->now, DAYS(-1)), &seats, &n));
	for (size_t i = 0; i < n; i++)
		put_event(out, &(struct event_of){ seats[i].id, "seat", seats[i].from_at, seats[i].from_at, seats[i].slots, false,
			str_print(rq->arena, "%s, " STR_FMT, tongue(language, N_("Your time to connect")), STR_ARG(seats[i].gateway_name)) });
	return OK;
}

_Static_assert(sizeof (struct capacity_times_under_row) == sizeof (struct capacity_team_times_unit_row), "both give the same columns");

static enum err put_team(struct rq *rq, const struct people_get_row *who, int64_t scope, struct out *out)
{
	struct capacity_times_under_row *rows;
	size_t n;

	struct maybe_int manager = { true, who->id };
	if (scope == FEED_TEAM)
		TRY(capacity_times_under(rq, instant_plus(rq->now, DAYS(-1)), manager, &rows, &n));
	else
		TRY(capacity_team_times_unit(rq, instant_plus(rq->now, DAYS(-1)), scope - FEED_UNIT, (who->roles & ROLE_COORDINATOR) != 0, manager,
			(struct capacity_team_times_unit_row **)&rows, &n));
	for (size_t i = 0; i < n; i++)
		put_event(out, &(struct event_of){ rows[i].id < 0 ? -rows[i].id : rows[i].id, rows[i].id < 0 ? "seat" : "slot", rows[i].from_at, rows[i].from_at,
			rows[i].slots, false, str_print(rq->arena, STR_FMT ", " STR_FMT, STR_ARG(rows[i].name), STR_ARG(rows[i].gateway_name)) });
	return OK;
}

static enum err draw(struct rq *rq, const struct people_get_row *who, int64_t scope, enum language language, struct answer *answer)
{
	out_text(&answer->body, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Samordna//capacity//EN\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n");
	TRY(scope != FEED_OWN ? put_team(rq, who, scope, &answer->body) : put_own(rq, who->id, language, &answer->body));
	out_text(&answer->body, "END:VCALENDAR\r\n");
	answer->type = "text/calendar; charset=utf-8";
	answer->filename = STR("slots.ics");
	return OK;
}

/* --- at its address --- */

static enum err spend(struct rq *rq, void *of)
{
	return account_spend(rq, BUDGET_FEED, *(const struct str *)of, NULL);
}

/* Read too often, or tried with too many keys: OK, and the answer says so. */
static enum err count(struct rq *rq, struct str of, struct answer *answer, bool *ret_is_spent)
{
	*ret_is_spent = account_is_spent(rq, BUDGET_FEED, of);
	if (!*ret_is_spent)
		return writer_do(writer_of_core(), spend, &of, rq);
	answer->status = 429;
	answer->type = "text/plain; charset=utf-8";
	out_text(&answer->body, _("Too many readings in a short time. Try again in an hour."));
	return OK;
}

static enum err get_by_key(struct rq *rq, const struct visit *visit, struct str key, struct answer *answer)
{
	struct hash hash = hash_of(key, STR_NONE);
	struct out named = out_new(rq->arena);
	struct capacity_feed_find_row feed;
	struct people_get_row who;
	bool is_spent;
	enum err err = capacity_feed_find(rq, (struct str){ (const char *)hash.byte, sizeof hash.byte }, &feed);

	if (err == OK)
		TRY(people_get(rq, feed.person, &who));
	if (err == OK && !people_is_employed(&who, rq->now))
		err = ERR_NONE;
	if (err != OK && err != ERR_NONE)
		return err;
	out_text(&named, err == OK ? "key " : "network ");
	if (err == OK)
		out_hex(&named, hash.byte, sizeof hash.byte);
	else
		out_put(&named, account_network(rq->arena, visit->address));
	TRY(count(rq, out_str(&named), answer, &is_spent));
	if (is_spent)
		return OK;
	return err == OK ? draw(rq, &who, feed.scope, mail_language(rq, feed.person), answer)
		: fail(rq, ERR_NONE, _("There is no such calendar address."));
}

enum err capacity_get_ics(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str key = visit_field(visit, "key");

	if (key.at)
		return get_by_key(rq, visit, key, answer);
	if (rq->actor->person >= 0)
		return draw(rq, &(struct people_get_row){ .id = rq->actor->person }, FEED_OWN, rq->language, answer);
	answer->status = 303;
	answer->location = STR("/login?next=%2Fcapacity%2Fslot.ics");
	return OK;
}
