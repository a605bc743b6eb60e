/* What must be there before an incident is closed (rule I4), as one table that is walked by the page, which shows what is missing, and by
 * the act, which refuses. And: has the same come back within half a year?
 *
 * Fails closed: what cannot be read is an error, never "met". */
#include "parties.h"

struct closing { const struct incidents_get_row *row; int64_t closer; struct incidents_work_of_row *work; size_t n_work; };

static struct str words(struct rq *rq, bool is_met, const char *why)
{
	return is_met ? STR("") : str_of(tongue(rq->language, why));
}

static enum err cause(struct rq *rq, const struct closing *c, struct incidents_need *need)
{
	need->is_met = (c->row->cause.len && c->row->cause_class) || c->row->unknown_because.len;
	need->why = words(rq, need->is_met, N_("Write the cause and its class, or why it is not known."));
	return OK;
}

static enum err changed(struct rq *rq, const struct closing *c, struct incidents_need *need)
{
	need->is_met = c->row->changed != 0;
	need->why = words(rq, need->is_met, N_("Answer whether it arose from the changed circumstances."));
	return OK;
}

static enum err tasks(struct rq *rq, const struct closing *c, struct incidents_need *need)
{
	int64_t open = 0;

	for (size_t i = 0; i < c->n_work; i++)
		open += !c->work[i].is_weakness && c->work[i].state < INCIDENTS_VERIFIED;
	need->is_met = open == 0;
	need->why = need->is_met ? STR("") : str_print(rq->arena, tongue_n(rq->language, "%lld task is not verified or cancelled.",
		"%lld tasks are not verified or cancelled.", open), (long long)open);
	return OK;
}

static enum err tracks(struct rq *rq, const struct closing *c, struct incidents_need *need)
{
	struct incidents_duty *duties;
	struct out names = out_new(rq->arena);
	struct str last = STR_NONE;
	size_t n;

	TRY(incidents_duties(rq, c->row, NULL, &duties, &n));
	for (size_t i = 0; i < n; i++) {
		if (duties[i].applies != DUTY_UNDECIDED || str_equal(last, duties[i].name))
			continue;
		last = duties[i].name;
		out_print(&names, "%s%.*s", names.len ? ", " : "", STR_ARG(duties[i].pack ? duties[i].pack->word : last));
	}
	TRY(incidents_bodies_undecided(rq, c->row, &names));
	need->is_met = names.len == 0;
	need->why = need->is_met ? STR("") : str_print(rq->arena, _("Decide yes or no, with the reason: %.*s."), STR_ARG(out_str(&names)));
	return OK;
}

static enum err weaknesses(struct rq *rq, const struct closing *c, struct incidents_need *need)
{
	bool is_any = false, has_all = true;

	for (size_t i = 0; i < c->n_work; i++) {
		is_any |= c->work[i].is_weakness;
		has_all &= !c->work[i].is_weakness || c->work[i].state >= INCIDENTS_VERIFIED || c->work[i].owner.is;
	}
	need->is_met = has_all && (is_any || c->row->changed != 1);
	need->why = words(rq, need->is_met, has_all ? N_("It arose from the changed circumstances: add the vulnerability, with an owner and a day.")
	                                            : N_("A vulnerability has no owner."));
	return OK;
}

static enum err review(struct rq *rq, const struct closing *c, struct incidents_need *need)
{
	need->is_met = c->row->review != 0 && c->row->review_note.len;
	need->why = words(rq, need->is_met, N_("Hold the evaluation, or say why it is not needed."));
	return OK;
}

static enum err told(struct rq *rq, const struct closing *c, struct incidents_need *need)
{
	struct incidents_report_untold_row untold;

	TRY(incidents_report_untold(rq, c->row->id, &untold));
	need->is_met = untold.n == 0;
	need->why = words(rq, need->is_met, N_("Tell who reported it how it went."));
	return OK;
}

static enum err touched(struct rq *rq, const struct closing *c, struct incidents_need *need)
{
	need->is_met = c->row->touched.len != 0;
	need->why = words(rq, need->is_met, N_("Name the rules and plans that change because of it, or write that none do."));
	return OK;
}

/* At the two highest severities the one who closes is not the only one who has handled it. */
static enum err second(struct rq *rq, const struct closing *c, struct incidents_need *need)
{
	struct incidents_handlers_row *rows;
	bool is_other = false;
	size_t n;

	TRY(incidents_handlers(rq, c->row->id, &rows, &n));
	for (size_t i = 0; i < n; i++)
		is_other |= rows[i].made_by.i != c->closer;
	need->is_met = c->row->severity > 2 || is_other;
	need->why = words(rq, need->is_met, N_("At severity 1 and 2 somebody else closes than the one who alone has handled it."));
	return OK;
}

static const struct { const char *what, *name; enum err (*look)(struct rq *, const struct closing *, struct incidents_need *); } table[INCIDENTS_NEEDS] = {
	{ N_("cause"), "cause", cause }, { N_("changed circumstances"), "changed", changed }, { N_("tasks"), "tasks", tasks },
	{ N_("legal duties"), "duties", tracks }, { N_("vulnerabilities"), "vulnerabilities", weaknesses }, { N_("evaluation"), "evaluation", review },
	{ N_("answer to the reporter"), "reporter", told }, { N_("rules and plans"), "rules", touched }, { N_("a second person"), "second", second },
};

enum err incidents_closing(struct rq *rq, const struct incidents_get_row *row, int64_t closer, struct incidents_need ret[INCIDENTS_NEEDS])
{
	struct closing c = { .row = row, .closer = closer };

	TRY(incidents_work_of(rq, row->id, &c.work, &c.n_work));
	for (size_t i = 0; i < INCIDENTS_NEEDS; i++) {
		ret[i] = (struct incidents_need){ .what = table[i].what, .name = table[i].name, .why = STR("") };
		TRY(table[i].look(rq, &c, &ret[i]));
	}
	return OK;
}

/* The same kind and the same class of cause within six months before it was opened, or after. Bodies' own reports of one shared incident are one. */
enum err incidents_recurring(struct rq *rq, const struct incidents_get_row *row, struct incidents_again_row **ret, size_t *ret_n)
{
	*ret_n = 0;
	if (!row->cause_class || !row->rsit.len)
		return OK;
	struct incidents_again_row *rows;
	int64_t root, other;
	size_t n;

	TRY(incidents_again(rq, &(const struct incidents_again_args){ .cause_class = row->cause_class, .rsit = row->rsit,
		.opened_at = instant_plus_months(row->opened_at, -6), .until = instant_plus_months(row->opened_at, 6), .id = row->id }, &rows, &n));
	TRY(incidents_root(rq, row->id, &root));
	for (size_t i = 0; i < n; i++) {
		TRY(incidents_root(rq, rows[i].id, &other));
		if (other != root)
			rows[(*ret_n)++] = rows[i];
	}
	*ret = rows;
	return OK;
}
