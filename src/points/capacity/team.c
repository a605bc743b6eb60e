/* /capacity/team: a manager's people of one day, hours across: who may connect when, with which class, and who has which time.
 *
 * Whether somebody may connect at an hour is the gate's own fold, asked for that hour of that day (floor/right.h): grants, employment, holds and
 * risk decisions as they stand now. Places are not looked at: that is what the booked times are for. Each time leads to the page where it is changed
 * (page_slot.c), and so does each person's row. The same as CSV, and by `capacity team`.
 *
 * SECURITY: a manager sees those who report to her and nobody else, a coordinator any unit. Booked and planned times, never when somebody was in: it
 * is no clock to watch people by. Protected names stand in no list. What changes is asked again where it is done. */
#include "team.h"
#include "day.h"
#include "floor/frame.h"
#include "floor/mail.h"
#include "floor/right.h"
#include "points/capacity/capacity_team.html.h"

enum { CSV_MOST = 5000 };

/* --- a day --- */

enum err team_begin(struct rq *rq, struct instant at, struct team *ret)
{
	struct wall wall;

	*ret = (struct team){ .day = instant_midnight(at), .raises = NEW_MANY(rq->arena, CAPACITY_RAISED, struct capacity_raise) };
	ret->after = instant_midnight(instant_plus(ret->day, HOURS(36)));
	wall = instant_wall(ret->day);
	for (wall.hour = DAY_FIRST_HOUR; wall.hour <= DAY_LAST_HOUR; wall.hour++)
		TRY(wall_instant(wall, &ret->hour[wall.hour - DAY_FIRST_HOUR]));
	TRY(capacity_gateways(rq, &ret->known, &ret->n_known));
	return capacity_raises(rq, ret->raises, &ret->n_raises);
}

static enum err class_of(struct rq *rq, const struct team *team, int64_t unit, int64_t *ret)
{
	struct capacity_class_get_row row;
	enum err err = capacity_class_get(rq, unit, &row);

	if (err != OK)
		return err == ERR_NONE ? ERR_CORRUPT : err;
	*ret = capacity_raise_now(team->raises, team->n_raises, unit, rq->now) ? row.now : MAX(row.class, row.now);
	return OK;
}

enum err team_person(struct rq *rq, const struct team *team, int64_t person, int64_t unit, struct team_person *ret)
{
	struct capacity_team_times_row *times;

	*ret = (struct team_person){ 0 };
	TRY(class_of(rq, team, unit, &ret->class));
	for (int i = 0; i < DAY_HOURS; i++)
		for (size_t k = 0; k < MAX(team->n_known, (size_t)1) && !ret->may[i]; k++) {
			uint8_t may;
			TRY(right_of(rq, person, person + 1, team->n_known ? (int16_t)team->known[k].id : -1, team->hour[i], &may));
			ret->may[i] = may;
		}
	TRY(capacity_team_times(rq, person, team->day, team->after, &times, &ret->n_times));
	ret->times = times;
	return OK;
}

enum err team_may_change(struct rq *rq, int64_t person, struct people_get_row *ret)
{
	enum err err = people_get(rq, person, ret);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no such person."));
	TRY(err);
	if (rq->actor->person >= 0 && (person == rq->actor->person || (rq->actor->roles & ROLE_COORDINATOR)
	                               || (ret->manager.is && ret->manager.i == rq->actor->person)))
		return OK;
	return fail(rq, ERR_DENIED, _("Times are booked and called off by the person, her manager or a coordinator."));
}

enum err team_tell(struct change *change, int64_t person, struct instant from, bool is_booked)
{
	struct rq *rq = change_rq(change);
	struct out text = out_new(rq->arena);

	if (rq->actor->person == person || !mail_reaches(rq, person))
		return OK;
	enum language language = mail_language(rq, person);
	out_text(&text, tongue(language, is_booked ? N_("A time to connect has been booked for you:") : N_("A time to connect that was yours has been called off:")));
	out_byte(&text, ' ');
	tongue_instant(&text, language, from);
	out_text(&text, ".\n");
	return mail_say(change, &(struct mail){ .kind = "capacity.slot", .person = person, .at = STR("/capacity/slot"), .text = out_str(&text),
		.title = str_of(tongue(language, N_("Your times to connect have changed"))) });
}

/* --- whose: the filter --- */

struct chosen { struct people_filter filter; struct str unit, title; };

/* A coordinator may name a unit; everybody else sees her own people. */
static enum err choose(struct rq *rq, const struct visit *visit, struct chosen *ret)
{
	struct people_unit_named_row unit;

	*ret = (struct chosen){ { STR(""), -1, rq->actor->person }, STR(""), STR("") };
	struct str name = visit_field(visit, "unit");
	if (!name.len || !(rq->actor->roles & ROLE_COORDINATOR))
		return OK;
	enum err err = people_unit_named(rq, name, &unit);
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no unit called \"%.*s\"."), STR_ARG(str_utf8_first(name, 60)));
	TRY(err);
	*ret = (struct chosen){ { STR(""), unit.id, -1 }, name, name };
	return OK;
}

static bool is_there(const struct people_page_row *row, const struct team *team)
{
	return !row->left_at.is && !(row->employment_end.is && row->employment_end.i <= team->day.ms);
}

static struct str day_text(struct rq *rq, struct instant at)
{
	struct wall wall = instant_wall(at);
	return str_print(rq->arena, "%04d-%02d-%02d", wall.year, wall.month, wall.day);
}

static struct str list_at(struct rq *rq, const struct chosen *chosen, struct instant day, const struct people_key *key, bool is_csv)
{
	struct out out = out_new(rq->arena);

	out_print(&out, "/capacity/team?day=%.*s", STR_ARG(day_text(rq, day)));
	if (chosen->unit.len) {
		out_text(&out, "&unit=");
		out_url(&out, chosen->unit);
	}
	if (key)
		people_key_out(&out, *key);
	if (is_csv)
		out_text(&out, "&format=csv");
	return out_str(&out);
}

/* --- as CSV and NDJSON --- */

/* The hours in which she may, as stretches: each(of, from, until). */
static void each_stretch(const struct team *team, const struct team_person *person, void (*each)(void *, struct instant, struct instant), void *of)
{
	for (int i = 0, from = -1; i <= DAY_HOURS; i++) {
		bool may = i < DAY_HOURS && person->may[i];
		if (may && from < 0)
			from = i;
		if (!may && from >= 0) {
			each(of, team->hour[from], team->hour[i]);
			from = -1;
		}
	}
}

struct writing { struct rq *rq; struct out *out; const struct people_page_row *row; const char *unit; int64_t class; size_t n; };

static void csv_line(const struct writing *w, const char *kind, struct instant from, struct instant until, struct str gateway)
{
	out_csv(w->out, w->row->code);
	out_byte(w->out, ',');
	out_csv(w->out, w->row->is_protected ? STR("") : w->row->name);
	out_byte(w->out, ',');
	out_csv(w->out, str_of(w->unit));
	out_print(w->out, ",%lld,%s,", (long long)w->class, kind);
	if (from.ms)
		out_instant(w->out, from);
	out_byte(w->out, ',');
	if (from.ms)
		out_instant(w->out, until);
	out_byte(w->out, ',');
	out_csv(w->out, gateway);
	out_text(w->out, "\r\n");
}

static void csv_may(void *of, struct instant from, struct instant until)
{
	struct writing *w = of;

	csv_line(w, "may", from, until, STR(""));
	w->n++;
}

static struct instant end_of(const struct capacity_team_times_row *row)
{
	return instant_plus(row->from_at, (struct span){ row->slots * SLOT_MS });
}

static enum err csv_person(struct rq *rq, const struct team *team, const struct people_page_row *row, struct out *out)
{
	struct people_unit_get_row unit;
	struct team_person person;

	TRY(people_unit_get(rq, row->unit, &unit));
	TRY(team_person(rq, team, row->id, row->unit, &person));
	struct writing w = { rq, out, row, str_c(rq->arena, unit.name), person.class, 0 };
	each_stretch(team, &person, csv_may, &w);
	if (!w.n)
		csv_line(&w, "may_not", (struct instant){ 0 }, (struct instant){ 0 }, STR(""));
	for (size_t i = 0; i < person.n_times; i++)
		csv_line(&w, person.times[i].id < 0 ? "planned" : "booked", person.times[i].from_at, end_of(&person.times[i]), person.times[i].gateway_name);
	return OK;
}

static void json_may(void *of, struct instant from, struct instant until)
{
	struct writing *w = of;

	out_print(w->out, "%s{\"from\":\"", w->n++ ? "," : "");
	out_instant(w->out, from);
	out_text(w->out, "\",\"to\":\"");
	out_instant(w->out, until);
	out_text(w->out, "\"}");
}

static enum err json_person(struct rq *rq, const struct team *team, const struct people_page_row *row, struct out *out)
{
	struct team_person person;
	struct writing w = { .rq = rq, .out = out, .row = row };

	TRY(team_person(rq, team, row->id, row->unit, &person));
	out_text(out, "{\"person\":");
	out_json(out, row->code);
	out_print(out, ",\"class\":%lld,\"may\":[", (long long)person.class);
	each_stretch(team, &person, json_may, &w);
	out_text(out, "],\"times\":[");
	for (size_t i = 0; i < person.n_times; i++) {
		out_print(out, "%s{\"kind\":\"%s\",\"id\":%lld,\"from\":\"", i ? "," : "", person.times[i].id < 0 ? "planned" : "booked",
			(long long)(person.times[i].id < 0 ? -person.times[i].id : person.times[i].id));
		out_instant(out, person.times[i].from_at);
		out_text(out, "\",\"to\":\"");
		out_instant(out, end_of(&person.times[i]));
		out_text(out, "\",\"gateway\":");
		out_json(out, person.times[i].gateway_name);
		out_byte(out, '}');
	}
	out_text(out, "]}\n");
	return OK;
}

static enum err write_all(struct rq *rq, const struct team *team, const struct people_filter *filter,
                          enum err (*write)(struct rq *, const struct team *, const struct people_page_row *, struct out *), struct out *out)
{
	struct people_key key = { STR(""), -1 };
	struct people_found found;
	size_t n = 0;

	do {
		TRY(people_list(rq, filter, key, &found));
		n += found.n;
		if (n > CSV_MOST)
			return fail(rq, ERR_FULL, _("A copy holds at most %d people. Narrow the list down."), CSV_MOST);
		for (size_t i = 0; i < found.n; i++)
			if (is_there(&found.at[i], team))
				TRY(write(rq, team, &found.at[i], out));
		key = found.next;
	} while (found.has_more);
	return OK;
}

enum err team_run(struct rq *rq, const struct args *args, struct out *ret)
{
	struct people_get_row manager;
	struct team team;
	struct instant at = rq->now;
	struct str day = args_option(args, "day");

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("name one person"));
	TRY(people_find(rq, args->words[0], &manager));
	if (day.at && instant_parse_loose(day, &at) != OK)
		return fail(rq, ERR_INVALID, _("Enter the date like this: 2026-11-30"));
	TRY(team_begin(rq, at, &team));
	const struct people_filter filter = { STR(""), -1, manager.id };
	if (!args->json)
		out_text(ret, "person,name,unit,class,kind,from,until,gateway\r\n");
	return write_all(rq, &team, &filter, args->json ? json_person : csv_person, ret);
}

/* --- the page --- */

struct stretches { struct rq *rq; struct out *out; };

static void say_stretch(void *of, struct instant from, struct instant until)
{
	struct stretches *s = of;

	out_text(s->out, s->out->len ? ", " : "");
	tongue_clock(s->out, s->rq->language, from);
	out_text(s->out, "–");
	tongue_clock(s->out, s->rq->language, until);
}

static enum err fill_person(struct rq *rq, const struct team *team, const struct people_page_row *row, struct capacity_team_page_people *ret)
{
	struct capacity_team_page_people_hours *hours = NEW_MANY(rq->arena, DAY_HOURS, struct capacity_team_page_people_hours);
	struct people_unit_get_row unit;
	struct team_person person;
	struct out may = out_new(rq->arena);

	TRY(people_unit_get(rq, row->unit, &unit));
	TRY(team_person(rq, team, row->id, row->unit, &person));
	each_stretch(team, &person, say_stretch, &(struct stretches){ rq, &may });
	*ret = (struct capacity_team_page_people){ .name = people_shown_name(rq, row->name, row->is_protected), .code = row->code, .unit = unit.name,
		.class = person.class, .may = out_str(&may), .hours = hours, .n_hours = DAY_HOURS,
		.at = str_print(rq->arena, "/capacity/slot?day=%.*s&for=%lld", STR_ARG(day_text(rq, team->day)), (long long)row->id) };
	struct capacity_team_page_people_hours_times *times = NEW_MANY(rq->arena, person.n_times + 1, struct capacity_team_page_people_hours_times);
	for (size_t i = 0, k = 0; k < DAY_HOURS; k++) {
		hours[k] = (struct capacity_team_page_people_hours){ .times = &times[i] };
		/* What begins before the first hour or after the last stands in the hour that is nearest. */
		for (; i < person.n_times && (k + 1 == DAY_HOURS || instant_is_before(person.times[i].from_at, team->hour[k + 1])); i++, hours[k].n_times++)
			times[i] = (struct capacity_team_page_people_hours_times){ person.times[i].from_at, end_of(&person.times[i]),
				person.times[i].gateway_name, person.times[i].id < 0 };
	}
	return OK;
}

static enum err fill_feeds(struct rq *rq, const struct chosen *chosen, struct capacity_team_page *page)
{
	struct capacity_team_units_row *units = NULL;
	size_t n = 0;

	if (chosen->filter.manager >= 0)
		TRY(capacity_team_units(rq, (struct maybe_int){ true, chosen->filter.manager }, &units, &n));
	struct capacity_team_page_feeds *feeds = NEW_MANY(rq->arena, n + 1, struct capacity_team_page_feeds);
	if (chosen->unit.len)
		feeds[page->n_feeds++] = (struct capacity_team_page_feeds){ FEED_UNIT + chosen->filter.unit, chosen->unit };
	else if (rq->actor->roles & ROLE_MANAGER)
		feeds[page->n_feeds++] = (struct capacity_team_page_feeds){ FEED_TEAM, str_of(_("All who report to you")) };
	for (size_t i = 0; i < n && page->n_feeds; i++)
		feeds[page->n_feeds++] = (struct capacity_team_page_feeds){ FEED_UNIT + units[i].id, units[i].name };
	page->feeds = feeds;
	return OK;
}

enum err team_get(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct capacity_team_page_people people[PEOPLE_PAGE];
	struct capacity_team_page_hours hours[DAY_HOURS];
	struct people_key after = people_key_of(visit);
	struct people_found found;
	struct chosen chosen;
	struct team team;
	struct instant at;

	TRY(choose(rq, visit, &chosen));
	TRY(team_begin(rq, instant_parse_loose(visit_field(visit, "day"), &at) == OK ? at : rq->now, &team));
	if (visit->wants_csv) {
		out_text(&answer->body, "person,name,unit,class,kind,from,until,gateway\r\n");
		answer->type = "text/csv; charset=utf-8";
		answer->filename = STR("team.csv");
		return write_all(rq, &team, &chosen.filter, csv_person, &answer->body);
	}
	TRY(people_list(rq, &chosen.filter, after, &found));
	struct capacity_team_page page = { .day = team.day, .day_text = day_text(rq, team.day), .unit = chosen.unit, .people = people, .hours = hours,
		.n_hours = DAY_HOURS, .form_token = visit->form_token, .may_choose = (rq->actor->roles & ROLE_COORDINATOR) != 0,
		.csv_at = list_at(rq, &chosen, team.day, NULL, true), .before_at = list_at(rq, &chosen, instant_plus(team.day, HOURS(-12)), NULL, false),
		.after_at = list_at(rq, &chosen, team.after, NULL, false) };
	for (int i = 0; i < DAY_HOURS; i++)
		hours[i] = (struct capacity_team_page_hours){ team.hour[i] };
	for (size_t i = 0; i < found.n; i++)
		if (is_there(&found.at[i], &team))
			TRY(fill_person(rq, &team, &found.at[i], &people[page.n_people++]));
	page.pager.first_at = after.id >= 0 ? list_at(rq, &chosen, team.day, NULL, false) : STR("");
	page.pager.next_at = found.has_more ? list_at(rq, &chosen, team.day, &found.next, false) : STR("");
	TRY(fill_feeds(rq, &chosen, &page));
	answer->title = str_of(_("Who may connect when"));
	capacity_team_page(&answer->body, rq->language, &page);
	return OK;
}
