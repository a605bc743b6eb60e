/* The legal clocks of one incident: each row of each pack that was in use when it was opened, with what is decided, due and handed in.
 *
 * The clock runs from the moment it was known, also while nobody has decided whether the duty applies. A name in the setting that is no pack is shown
 * as one that cannot be decided: it stops the closing, so a misspelt setting is not taken for no duty.
 *
 * Does not decide significance: a person does, with a reason. */
#include "incidents.h"

static const struct { const char *step, *word; } steps[] = {
	{ "early_warning", N_("First notice") }, { "notification", N_("Incident notification") }, { "progress_report", N_("Progress report") },
	{ "final_report", N_("Final report") } };
static const struct { const char *track, *word; } packs[] = {
	{ "csl", N_("Cybersecurity Act") }, { "agency", N_("State agencies") }, { "gdpr", N_("Personal data (GDPR)") } };

const char *incidents_step_word(const char *step)
{
	for (size_t i = 0; i < LENGTH(steps); i++)
		if (strcmp(step, steps[i].step) == 0)
			return steps[i].word;
	return step;
}

const char *incidents_pack_word(const char *track)
{
	for (size_t i = 0; i < LENGTH(packs); i++)
		if (strcmp(track, packs[i].track) == 0)
			return packs[i].word;
	return track;
}

struct facts {
	struct incidents_track_of_row *tracks; size_t n_tracks;
	struct incidents_handed_of_row *handed; size_t n_handed;
};

static const struct incidents_handed_of_row *handed_in(const struct facts *facts, struct str pack, const char *step)
{
	for (size_t i = 0; i < facts->n_handed; i++)
		if (str_equal(facts->handed[i].pack, pack) && str_equal(facts->handed[i].step, str_of(step)))
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
		}
}

static void fill(const struct facts *facts, const struct incidents_get_row *row, struct incidents_duty *duty)
{
	const struct incidents_handed_of_row *own = handed_in(facts, duty->name, duty->row->step), *first = handed_in(facts, duty->name, "notification");
	struct deadline_case its = { .aware_at = row->aware_at, .is_notified = first != NULL, .is_running = incidents_is_running(row->state) };

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

enum err incidents_duties(struct rq *rq, const struct incidents_get_row *row, struct incidents_duty **ret, size_t *ret_n)
{
	struct incidents_duty *duties = NEW_MANY(rq->arena, 64, struct incidents_duty);
	struct facts facts;
	struct str rest = row->packs;
	size_t n = 0;

	TRY(incidents_track_of(rq, row->id, &facts.tracks, &facts.n_tracks));
	TRY(incidents_handed_of(rq, row->id, &facts.handed, &facts.n_handed));
	while (rest.len) {
		struct incidents_duty duty = { .name = str_cut(&rest, ' '), .receipt = STR("") };
		if (duty.name.len == 0)
			continue;
		duty.pack = deadline_pack_named(duty.name);
		decide(&facts, &duty);
		if (!duty.pack && n < 64)
			duties[n++] = duty;
		for (duty.row = duty.pack ? duty.pack->rows : NULL; duty.row && duty.row->step && n < 64; duty.row++)
			if (is_asked(&facts, row, duty.name, duty.row)) {
				struct incidents_duty one = duty;
				fill(&facts, row, &one);
				duties[n++] = one;
			}
	}
	*ret = duties;
	*ret_n = n;
	return OK;
}
