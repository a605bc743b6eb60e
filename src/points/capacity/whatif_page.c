/* What if: /capacity/whatif and `capacity whatif`. Gathers what was recorded in the latest 14 days (or makes a day up), plays it as it is and as it would
 * be, and tells both, with what is assumed and how old the data is. Nothing is kept, so it is a GET.
 *
 * SECURITY: figures by class and hour, nobody's name; for those who work with the question. A wish has bounds, so that it ends. */
#include "whatif.h"
#include "floor/frame.h"
#include "floor/people.sql.h"
#include "floor/setting.h"
#include "points/capacity/capacity_whatif.html.h"

enum { PAST_DAYS = 14, MORE_MOST = 400, SESSIONS_MOST = 4000000, CHART = 120, HOURS_SHOWN = 24 };

struct asked { struct str gateway, lost; int64_t places, more; bool is_fiction; };
struct played {
	struct capacity_known *known; size_t n_known;
	struct whatif_session *sessions; size_t n, room;
	uint8_t               *class; int64_t n_people;
	struct rq             *rq;
	struct instant         first, last, midnight;      /* midnight: of the day that was looked up last */
	struct whatif_gateway  now[WHATIF_GATEWAYS], then[WHATIF_GATEWAYS];
	struct whatif_result   as_is, what_if;
};

/* --- what is played --- */

static enum err one_class(void *of, const struct capacity_past_people_row *row)
{
	struct played *p = of;

	if (row->id >= 0 && row->id < p->n_people)
		p->class[row->id] = (uint8_t)MAX(1, MIN(row->class, 4));
	return OK;
}

static enum err one_session(void *of, const struct capacity_past_row *row)
{
	struct played *p = of;
	struct rq *rq = p->rq;
	struct instant opened = { row->opened_at.i };
	int64_t to = MIN(row->closed_at.is ? row->closed_at.i : p->rq->now.ms, row->until.ms);

	if (row->gateway < 0 || row->gateway >= (int64_t)p->n_known || to <= opened.ms)
		return OK;
	if (p->n == SESSIONS_MOST)
		return fail(rq, ERR_FULL, _("More than %d sessions cannot be played."), SESSIONS_MOST);
	if (p->n == p->room) {
		struct whatif_session *more = NEW_MANY(rq->arena, p->room * 2 + 4096, struct whatif_session);
		if (p->n)
			memcpy(more, p->sessions, p->n * sizeof more[0]);
		p->sessions = more;
		p->room = p->room * 2 + 4096;
	}
	if (opened.ms < p->midnight.ms || opened.ms >= p->midnight.ms + HOURS(23).ms)
		p->midnight = instant_midnight(opened);
	bool is_known = row->person.is && row->person.i >= 0 && row->person.i < p->n_people;
	p->sessions[p->n++] = (struct whatif_session){ opened.ms, to, is_known ? MAX(p->class[row->person.i], 1) : 4, (uint8_t)row->gateway,
		(uint16_t)((opened.ms - p->midnight.ms) / SLOT_MS % WHATIF_BINS) };
	p->first.ms = p->n == 1 ? opened.ms : MIN(p->first.ms, opened.ms);
	p->last.ms = MAX(p->last.ms, opened.ms);
	return OK;
}

static enum err gather(struct rq *rq, const struct asked *asked, struct played *p)
{
	struct people_count_row count;

	TRY(people_count(rq, &count));
	p->rq = rq;
	p->n_people = count.n;
	p->class = NEW_MANY(rq->arena, (size_t)count.n + 1, uint8_t);
	TRY(capacity_past_people(rq, one_class, p));
	if (asked->is_fiction) {
		int64_t people[5] = { 0 };
		for (int64_t i = 0; i < count.n; i++)
			people[p->class[i] ? p->class[i] : 3]++;
		p->sessions = whatif_fiction(rq->arena, people, p->now, p->n_known, instant_midnight(rq->now).ms, &p->n);
		return OK;
	}
	TRY(capacity_past(rq, instant_plus(rq->now, DAYS(-PAST_DAYS)), rq->now, one_session, p));
	if (p->n == 0)
		return fail(rq, ERR_NONE, _("No session has been recorded in the last %d days. Play a made-up day instead."), PAST_DAYS);
	whatif_sort(rq->arena, p->sessions, p->n);
	return OK;
}

static enum err find_gateway(struct rq *rq, const struct played *p, struct str name, size_t *ret)
{
	for (size_t i = 0; i < p->n_known; i++)
		if (str_equal(p->known[i].name, name)) {
			*ret = i;
			return OK;
		}
	return fail(rq, ERR_NONE, _("There is no gateway called \"%.*s\"."), STR_ARG(str_utf8_first(name, 60)));
}

static enum err play(struct rq *rq, const struct asked *asked, struct played *p)
{
	struct whatif_wish wish = { p->now, 0, { 0 }, 0 };
	size_t at = 0;

	TRY(capacity_gateways(rq, &p->known, &p->n_known));
	if (p->n_known == 0 || p->n_known > WHATIF_GATEWAYS)
		return fail(rq, ERR_CONFLICT, _("There must be between 1 and %d gateways."), WHATIF_GATEWAYS);
	wish.n_gateways = p->n_known;
	wish.kept[2] = setting_number(rq, "capacity.kept_from_class_2");
	wish.kept[3] = setting_number(rq, "capacity.kept_from_class_3");
	for (size_t i = 0; i < p->n_known; i++) {
		const struct capacity_pool *pool = &p->known[i].pool;
		p->now[i] = p->then[i] = (struct whatif_gateway){ pool->is_set ? pool->places : -1, pool->reserve, false };
	}
	if (asked->places) {
		TRY(find_gateway(rq, p, asked->gateway, &at));
		if (p->then[at].places < 0)
			return fail(rq, ERR_CONFLICT, _("Gateway %.*s has no limit, so more places change nothing."), STR_ARG(asked->gateway));
		p->then[at].places = MAX(p->then[at].places + asked->places, (int64_t)0);
		p->then[at].reserve = MIN(p->then[at].reserve, p->then[at].places / 4);
	}
	if (asked->lost.len) {
		TRY(find_gateway(rq, p, asked->lost, &at));
		p->then[at].is_lost = true;
	}
	TRY(gather(rq, asked, p));
	whatif_play(rq->arena, p->sessions, p->n, &wish, &p->as_is);
	wish.gateways = p->then;
	wish.more = asked->more;
	whatif_play(rq->arena, p->sessions, p->n, &wish, &p->what_if);
	return OK;
}

/* --- telling --- */

static int64_t refused_of(const struct whatif_result *result)
{
	return result->refused[1] + result->refused[2] + result->refused[3] + result->refused[4];
}

static struct str data_of(struct rq *rq, const struct asked *asked, const struct played *p)
{
	struct out first = out_new(rq->arena), last = out_new(rq->arena), n = out_new(rq->arena);

	tongue_number(&n, rq->language, (int64_t)p->n);
	if (asked->is_fiction)
		return str_print(rq->arena, _("Made up: %.*s people on one day, half of them from half past seven to nine."), STR_ARG(out_str(&n)));
	tongue_instant(&first, rq->language, p->first);
	tongue_instant(&last, rq->language, p->last);
	return str_print(rq->arena, _("Recorded: %.*s sessions, the first %.*s, the latest %.*s."), STR_ARG(out_str(&n)), STR_ARG(out_str(&first)),
	                 STR_ARG(out_str(&last)));
}

static struct str answer_of(struct rq *rq, const struct played *p)
{
	struct out now = out_new(rq->arena), then = out_new(rq->arena), peak = out_new(rq->arena);

	tongue_number(&now, rq->language, refused_of(&p->as_is));
	tongue_number(&then, rq->language, refused_of(&p->what_if));
	tongue_number(&peak, rq->language, p->what_if.peak);
	return str_print(rq->arena, _("%.*s log-ins must wait, where it is %.*s with today's limits. At most %.*s are connected at once."),
	                 STR_ARG(out_str(&then)), STR_ARG(out_str(&now)), STR_ARG(out_str(&peak)));
}

struct hour { int64_t most, refused, most_then, refused_then; };
static void hours_of(const struct played *p, struct hour ret[HOURS_SHOWN])
{
	for (int h = 0; h < HOURS_SHOWN; h++) {
		ret[h] = (struct hour){ 0 };
		for (int b = h * 3; b < h * 3 + 3; b++) {
			ret[h].most = MAX(ret[h].most, p->as_is.most[b]);
			ret[h].most_then = MAX(ret[h].most_then, p->what_if.most[b]);
			ret[h].refused += p->as_is.refused_at[b];
			ret[h].refused_then += p->what_if.refused_at[b];
		}
	}
}

static void put_csv(const struct hour *hours, struct out *out)
{
	out_text(out, "hour,most,refused,most_then,refused_then\r\n");
	for (int h = 0; h < HOURS_SHOWN; h++)
		out_print(out, "%02d:00,%lld,%lld,%lld,%lld\r\n", h, (long long)hours[h].most, (long long)hours[h].refused, (long long)hours[h].most_then,
		          (long long)hours[h].refused_then);
}

static void fill_chart(struct rq *rq, const struct played *p, const struct hour *hours, struct capacity_whatif_page *page)
{
	struct capacity_whatif_page_bars *bars = NEW_MANY(rq->arena, HOURS_SHOWN * 2 + 1, struct capacity_whatif_page_bars);
	struct capacity_whatif_page_labels *labels = NEW_MANY(rq->arena, HOURS_SHOWN, struct capacity_whatif_page_labels);
	struct capacity_whatif_page_hours *rows = NEW_MANY(rq->arena, HOURS_SHOWN, struct capacity_whatif_page_hours);
	int64_t top = MAX(p->as_is.peak, p->what_if.peak), fullest = 0;

	if (p->what_if.places > 0 && p->what_if.places <= top * 2)
		top = MAX(top, p->what_if.places);
	top = MAX(top, (int64_t)1);
	for (int h = 0; h < HOURS_SHOWN; h++) {
		int64_t most[2] = { hours[h].most, hours[h].most_then };
		for (int i = 0; i < 2; i++) {
			int64_t height = most[i] * CHART / top;
			if (most[i])
				bars[page->n_bars++] = (struct capacity_whatif_page_bars){ str_of(i ? "plan" : ""),
					str_print(rq->arena, "%.2f", h * 100.0 / HOURS_SHOWN + i * 1.9), str_print(rq->arena, "%lld", (long long)(CHART + 4 - height)), STR("1.7"),
					str_print(rq->arena, "%lld", (long long)MAX(height, (int64_t)1)) };
		}
		if (h % 4 == 0)
			labels[page->n_labels++] = (struct capacity_whatif_page_labels){ str_print(rq->arena, "%.2f", h * 100.0 / HOURS_SHOWN), str_print(rq->arena, "%02d", h) };
		fullest = hours[h].most_then > hours[fullest].most_then ? h : fullest;
		if (most[0] || most[1] || hours[h].refused || hours[h].refused_then)
			rows[page->n_hours++] = (struct capacity_whatif_page_hours){ str_print(rq->arena, "%02d", h), hours[h].most, hours[h].refused,
				hours[h].most_then, hours[h].refused_then };
	}
	if (p->what_if.places > 0 && p->what_if.places <= top)
		bars[page->n_bars++] = (struct capacity_whatif_page_bars){ STR("unknown"), STR("0"),
			str_print(rq->arena, "%lld", (long long)(CHART + 4 - p->what_if.places * CHART / top)), STR("100"), STR("1") };
	page->bars = bars;
	page->labels = labels;
	page->hours = rows;
	page->said = str_print(rq->arena, _("The fullest hour begins at %lld: %lld at once, where it was %lld."), (long long)fullest,
	                       (long long)hours[fullest].most_then, (long long)hours[fullest].most);
}

static struct str self_at(struct rq *rq, const struct asked *asked)
{
	struct out out = out_new(rq->arena);

	out_print(&out, "/capacity/whatif?format=csv&places=%lld&more=%lld%s&gateway=", (long long)asked->places, (long long)asked->more,
	          asked->is_fiction ? "&fiction=yes" : "");
	out_url(&out, asked->gateway);
	out_text(&out, "&lost=");
	out_url(&out, asked->lost);
	return out_str(&out);
}

static void fill_result(struct rq *rq, const struct asked *asked, const struct played *p, struct capacity_whatif_page *page)
{
	struct capacity_whatif_page_classes *classes = NEW_MANY(rq->arena, 5, struct capacity_whatif_page_classes);
	struct hour hours[HOURS_SHOWN];

	for (int c = 1; c <= 4; c++)
		if (p->as_is.asked[c] || p->what_if.asked[c])
			classes[page->n_classes++] = (struct capacity_whatif_page_classes){ c, p->as_is.asked[c], p->as_is.refused[c], p->what_if.asked[c],
				p->what_if.refused[c] };
	hours_of(p, hours);
	fill_chart(rq, p, hours, page);
	page->classes = classes;
	page->has_result = true;
	page->data = data_of(rq, asked, p);
	page->answer = answer_of(rq, p);
	page->csv_at = self_at(rq, asked);
}

/* --- asking --- */

/* A whole number that may be negative; empty is 0. */
static enum err signed_number(struct str text, int64_t most, int64_t *ret)
{
	bool is_less = text.len && text.at[0] == '-';

	*ret = 0;
	if (!text.len)
		return OK;
	TRY(str_number(is_less ? str_from(text, 1) : text, most, ret));
	*ret = is_less ? -*ret : *ret;
	return OK;
}

static bool read_asked(struct rq *rq, struct str places, struct str more, struct asked *ret, struct wrongs *wrongs)
{
	if (signed_number(places, LIMIT_MOST, &ret->places) != OK)
		wrong_add(wrongs, "places", _("How many places? A whole number; a minus sign takes away."));
	if (signed_number(more, MORE_MOST, &ret->more) != OK || ret->more < -100)
		wrong_add(wrongs, "more", _("How many per cent? A whole number from -100 to 400."));
	return wrongs->n == 0;
}

enum err whatif_get(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str gateway = visit_field(visit, "gateway"), lost = visit_field(visit, "lost");
	struct asked asked = { .gateway = gateway.at ? gateway : STR(""), .lost = lost.at ? lost : STR(""), .is_fiction = visit_field(visit, "fiction").len != 0 };
	struct wrongs wrongs = { 0 };
	struct played p = { 0 };
	bool is_asked = visit_field(visit, "places").at || visit_field(visit, "more").at || lost.at;
	enum err err = OK;

	if (read_asked(rq, visit_field(visit, "places"), visit_field(visit, "more"), &asked, &wrongs) && is_asked)
		err = play(rq, &asked, &p);
	if (err == ERR_NONE || err == ERR_CONFLICT || err == ERR_FULL) {
		wrong_add(&wrongs, "places", str_c(rq->arena, str_of(rq->trouble->text)));
		trouble_clear(rq->trouble);
	} else {
		TRY(err);
	}
	if (!p.known)
		TRY(capacity_gateways(rq, &p.known, &p.n_known));
	if (visit->wants_csv && is_asked && !wrongs.n) {
		struct hour hours[HOURS_SHOWN];
		hours_of(&p, hours);
		put_csv(hours, &answer->body);
		answer->type = "text/csv; charset=utf-8";
		answer->filename = STR("what-if.csv");
		return OK;
	}
	struct capacity_whatif_page page = { .errors = wrongs_page(&wrongs), .places = field_again(visit, &wrongs, "places", true),
		.more = field_again(visit, &wrongs, "more", true), .is_fiction = asked.is_fiction, .data = STR(""), .answer = STR(""), .csv_at = STR(""), .said = STR("") };
	struct capacity_whatif_page_gateways *names = NEW_MANY(rq->arena, p.n_known + 1, struct capacity_whatif_page_gateways);
	for (size_t i = 0; i < p.n_known; i++)
		names[i] = (struct capacity_whatif_page_gateways){ p.known[i].name, str_equal(p.known[i].name, asked.gateway), str_equal(p.known[i].name, asked.lost) };
	page.gateways = names;
	page.n_gateways = p.n_known;
	if (is_asked && !wrongs.n)
		fill_result(rq, &asked, &p, &page);
	answer->has_errors = wrongs.n != 0;
	capacity_whatif_page(&answer->body, rq->language, &page);
	return OK;
}

enum err whatif_run(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str gateway = args_option(args, "gateway"), lost = args_option(args, "lost");
	struct asked asked = { .gateway = gateway.at ? gateway : STR(""), .lost = lost.at ? lost : STR(""), .is_fiction = args_option(args, "fiction").at != NULL };
	struct wrongs wrongs = { 0 };
	struct played p = { 0 };
	struct hour hours[HOURS_SHOWN];

	if (!read_asked(rq, args_option(args, "places"), args_option(args, "more"), &asked, &wrongs))
		return fail(rq, ERR_INVALID, _("How many? --places N --gateway G, --more PER_CENT: whole numbers, which may be negative."));
	TRY(play(rq, &asked, &p));
	hours_of(&p, hours);
	if (!args->json) {
		put_csv(hours, ret);
		return OK;
	}
	out_print(ret, "{\"sessions\":%zu,\"peak\":%lld,\"peak_then\":%lld,\"places_then\":%lld,\"full_minutes\":%lld,\"full_minutes_then\":%lld,\"data\":", p.n,
	          (long long)p.as_is.peak, (long long)p.what_if.peak, (long long)p.what_if.places, (long long)p.as_is.full_minutes, (long long)p.what_if.full_minutes);
	out_json(ret, data_of(rq, &asked, &p));
	out_text(ret, "}\n");
	for (int c = 1; c <= 4; c++)
		out_print(ret, "{\"class\":%d,\"asked\":%lld,\"refused\":%lld,\"asked_then\":%lld,\"refused_then\":%lld}\n", c, (long long)p.as_is.asked[c],
		          (long long)p.as_is.refused[c], (long long)p.what_if.asked[c], (long long)p.what_if.refused[c]);
	for (int h = 0; h < HOURS_SHOWN; h++)
		out_print(ret, "{\"hour\":%d,\"most\":%lld,\"refused\":%lld,\"most_then\":%lld,\"refused_then\":%lld}\n", h, (long long)hours[h].most,
		          (long long)hours[h].refused, (long long)hours[h].most_then, (long long)hours[h].refused_then);
	return OK;
}
