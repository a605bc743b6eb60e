/* Question 6 of the leaflet: how many can work remotely at a time, and are there connections enough?
 *
 * Our answer so far: the sessions that the gateways tell of are counted, those open now and the most at one moment of the last
 * 24 hours, and held against the number of places that somebody has set. Without that number the question stays unknown.
 *
 * Where to look: pool.c (how many places a gateway has), opinion.c (who gets one), stand.c (facts in memory), limit.c (the verbs), now.c (who
 * is in), page.c and command.c (the two ways in). */
#include "capacity.h"
#include "floor/setting.h"

const struct setting capacity_settings[] = {
	{ "capacity.places", SETTING_NUMBER, 0, 10000000, 0, .sentence = N_("How many can be connected at a time, in all; 0: not known") },
	{ "capacity.rush_minutes", SETTING_NUMBER, 1, 240, 15,
	  .sentence = N_("In how many minutes all may arrive: with the log-ins a minute it limits how many there is room for") },
	{ "capacity.kept_from_class_2", SETTING_NUMBER, 0, 50, 5, .sentence = N_("Per cent of a gateway's places that class 2 leaves free for class 1") },
	{ "capacity.kept_from_class_3", SETTING_NUMBER, 0, 50, 10, .sentence = N_("Per cent of a gateway's places that class 3 leaves free for classes 1 and 2") },
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

enum err capacity_figures(struct rq *rq, struct figures *ret)
{
	struct capacity_latest_row latest;
	struct stays stays = { .rq = rq };
	struct instant peak_at = rq->now;
	int64_t places = setting_number(rq, "capacity.places");

	ret->state = STATE_UNKNOWN;
	ret->next = str_of(_("Set how many can be connected at a time"));
	ret->next_at = STR("/admin#settings");
	TRY(capacity_latest(rq, &latest));
	if (!latest.offered_at.is) {
		ret->sentence = str_of(_("No session has been counted yet."));
		return OK;
	}
	/* A session lasts 12 hours at most: 36 hours back holds all that were open in the last 24. */
	TRY(capacity_since(rq, (struct instant){ rq->now.ms - HOURS(36).ms }, rq->now, one_stay, &stays));
	size_t kept = 0, open = 0;
	for (size_t i = 0; i < stays.n; i++) {
		open += stays.at[i].to.ms > rq->now.ms;      /* over at its end even when no gateway has said so */
		stays.at[i].from.ms = MAX(stays.at[i].from.ms, rq->now.ms - HOURS(24).ms);
		if (stays.at[i].to.ms > stays.at[i].from.ms)
			stays.at[kept++] = stays.at[i];
	}
	size_t peak = capacity_peak(rq->arena, stays.at, kept, &peak_at);
	ret->sentence = sentence(rq, (int64_t)open, peak, peak_at, places);
	ret->measured_at = rq->now;
	if (places == 0)
		return OK;
	ret->state = (int64_t)peak >= places ? STATE_FAILING : (int64_t)peak * 10 >= places * 9 ? STATE_NEEDS_ACTION : STATE_IN_ORDER;
	ret->next = ret->state == STATE_IN_ORDER ? STR_NONE : str_of(_("Get more connections, or spread the work over the day"));
	ret->next_at = ret->state == STATE_IN_ORDER ? STR_NONE : STR("/admin#settings");
	return OK;
}

const struct point capacity_point = {
	.name = "capacity",
	.question = N_("Are there connections enough?"),
	.wakes = N_("Set a gateway's limit, or let the first session through it be counted."),
	.settings = capacity_settings,
	.commands = capacity_commands,
	.slice_size = sizeof (struct capacity_slice), .site_size = sizeof (struct capacity_site),
	.stand = capacity_stand_in, .site = capacity_site_in, .opinion = capacity_opinion,
	.figures = capacity_figures,
};
