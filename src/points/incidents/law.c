/* The legal clocks of one incident: each row of each pack that was in use when it was opened, with what is decided, due and handed in.
 *
 * The clock runs from the moment it was known, also while nobody has decided whether the duty applies. A name in the setting that is no pack is shown
 * as one that cannot be decided: it stops the closing, so a misspelt setting is not taken for no duty.
 *
 * Does not decide significance: a person does, with a reason; propose.c proposes. */
#include "law.h"

struct facts {
	struct incidents_track_of_row *tracks; size_t n_tracks;
	struct incidents_handed_of_row *handed; size_t n_handed;
};

static const struct incidents_handed_of_row *handed_in(const struct facts *facts, struct str pack, struct str step)
{
	for (size_t i = 0; i < facts->n_handed; i++)
		if (str_equal(facts->handed[i].pack, pack) && str_equal(facts->handed[i].step, step))
			return &facts->handed[i];
	return NULL;
}

static void decide(const struct facts *facts, struct incidents_duty *duty)
{
	duty->reason = STR("");
	for (size_t i = 0; i < facts->n_tracks; i++)
		if (str_equal(facts->tracks[i].pack, duty->name)) {
			duty->applies = facts->tracks[i].applies ? DUTY_APPLIES : DUTY_NOT;
			duty->reason = facts->tracks[i].reason;
			duty->assessed_by = (struct maybe_int){ true, facts->tracks[i].assessed_by };
			duty->assessed_at = facts->tracks[i].assessed_at;
		}
}

static void fill(const struct facts *facts, const struct incidents_get_row *row, struct incidents_duty *duty)
{
	const struct incidents_handed_of_row *own = handed_in(facts, duty->name, duty->row->step), *first = handed_in(facts, duty->name, STR("notification"));
	struct deadline_case its = { .aware_at = row->aware_at, .is_notified = first != NULL, .is_running = incidents_is_running(row->state),
		.ended_at = row->recovered_at };

	duty->receipt = STR("");
	if (first)
		its.notified_at = first->at;
	duty->is_due = deadline_due(duty->row, &its, &duty->due_at, &duty->needs);
	if (own) {
		duty->is_handed = true;
		duty->handed_at = own->at;
		duty->receipt = own->receipt;
	}
}

/* A report for a running incident is not asked for when it is over, unless it was handed in. */
static bool is_asked(const struct facts *facts, const struct incidents_get_row *row, struct str pack, const struct deadline_row *step)
{
	return step->when != WHEN_RUNNING || incidents_is_running(row->state) || handed_in(facts, pack, step->step);
}

enum err incidents_duties(struct rq *rq, const struct incidents_get_row *row, const struct deadline_book *book, struct incidents_duty **ret, size_t *ret_n)
{
	enum { MOST = 64 };
	struct incidents_duty *duties = NEW_MANY(rq->arena, MOST, struct incidents_duty);
	struct facts facts;
	struct str rest = row->packs;
	size_t n = 0;

	if (!book) {
		struct deadline_book *own = NEW(rq->arena, struct deadline_book);
		TRY(deadline_read(rq, own));
		book = own;
	}
	TRY(incidents_track_of(rq, row->id, &facts.tracks, &facts.n_tracks));
	TRY(incidents_handed_of(rq, row->id, &facts.handed, &facts.n_handed));
	while (rest.len) {
		struct incidents_duty duty = { .name = str_cut(&rest, ' '), .receipt = STR("") };
		if (duty.name.len == 0)
			continue;
		duty.pack = deadline_pack_in(book, duty.name);
		decide(&facts, &duty);
		if (!duty.pack && n < MOST)
			duties[n++] = duty;
		for (size_t i = 0; duty.pack && i < duty.pack->n && n < MOST; i++) {
			duty.row = &duty.pack->rows[i];
			if (!is_asked(&facts, row, duty.name, duty.row))
				continue;
			duties[n] = duty;
			fill(&facts, row, &duties[n++]);
		}
	}
	*ret = duties;
	*ret_n = n;
	return OK;
}

struct instant incidents_duty_from(const struct incidents_get_row *row, const struct incidents_duty *duties, size_t n, const struct incidents_duty *duty)
{
	if (!duty->row || duty->row->starts == START_AWARE)
		return row->aware_at;
	for (size_t i = 0; i < n; i++)
		if (duties[i].is_handed && str_equal(duties[i].name, duty->name) && str_equal(duties[i].row->step, STR("notification")))
			return duties[i].handed_at;
	return row->aware_at;
}

struct str incidents_left(struct rq *rq, const struct incidents_duty *duty)
{
	int64_t ms = duty->due_at.ms - rq->now.ms, minutes = (ms < 0 ? -ms : ms) / MINUTES(1).ms;
	if (minutes >= 5 * 24 * 60)
		return str_print(rq->arena, ms < 0 ? _("%lld d %lld h late") : _("%lld d %lld h left"), (long long)(minutes / 1440), (long long)(minutes / 60 % 24));
	const char *way = ms < 0 ? _("%lld h %lld min late") : _("%lld h %lld min left");

	return str_print(rq->arena, way, (long long)(minutes / 60), (long long)(minutes % 60));
}
