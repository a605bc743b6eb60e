/* /incidents/measures: what is in force and what waits, what may be done with each, and a form for a new one; those that are over, by key.
 *
 * SECURITY: read by those who work with incidents. An incident that the reader may not see is not named. Each act is checked again by the verb. */
#include "incidents.h"
#include "measure.h"
#include "points/incidents/incidents_measures.html.h"

enum { SHOWN = 20 };

static const struct measure_act *act_named(const char *name)
{
	const struct measure_act *act = measure_acts;

	while (act->name && strcmp(act->name, name) != 0)
		act++;
	return act;
}

static bool may(struct rq *rq, const char *act, const struct measure_get_row *row)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	return rq->actor->person >= 0 && measure_may(&asking, act_named(act), row, rq->actor->person) == OK;
}

static enum err fill_one(struct rq *rq, int64_t id, struct incidents_measures_page_measures *ret)
{
	static const char *const shape[MEASURE_STATES] = { "act", "fail", "act", "unknown" };
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct measure_get_row row;
	struct incidents_get_row incident;

	TRY(measure_get(rq, id, &row));
	enum measure_state state = measure_state(&row, rq->now);
	*ret = (struct incidents_measures_page_measures){ .id = id, .kind = measure_kind_word[row.kind], .target = measure_target(rq, &row),
		.is_critical = row.is_critical, .state = { str_of(shape[state]), measure_state_word[state] },
		.until = row.removed_at.is ? (struct instant){ row.removed_at.i } : row.until, .because = row.because,
		.made_by = incidents_person(rq, row.made_by), .decided_by = incidents_person(rq, row.decided_by), .asked_by = incidents_person(rq, row.asked_by),
		.asked_why = row.asked_why, .removed_by = incidents_person(rq, row.removed_by), .removed_why = row.removed_why, .incident = STR(""),
		.incident_at = STR(""), .may_decide = may(rq, "decide", &row), .may_remove = may(rq, "remove", &row) };
	ret->may_ask = ret->may_remove || may(rq, "ask", &row);
	asking.trouble = &trouble;
	if (row.incident.is && incidents_get(&asking, row.incident.i, &incident) == OK
	    && incidents_find(&asking, incident.number, rq->actor->person, &incident) == OK) {
		ret->incident = incident.number;
		ret->incident_at = str_print(rq->arena, "/incidents/%.*s", STR_ARG(incident.number));
	}
	return OK;
}

static enum err fill_list(struct rq *rq, const struct visit *visit, struct incidents_measures_page *page)
{
	struct measure_running_row *running;
	struct measure_over_row *over;
	int64_t before;
	size_t n;

	if (str_number(visit_field(visit, "before"), INT64_MAX - 1, &before) != OK)
		before = INT64_MAX;
	if (page->is_over) {
		TRY(measure_over(rq, rq->now, before, &over, &n));
		running = (void *)over;
	} else {
		TRY(measure_running(rq, rq->now, &running, &n));
		size_t skip = 0;
		while (skip < n && running[skip].id >= before)
			skip++;
		running += skip;
		n -= skip;
	}
	struct incidents_measures_page_measures *rows = NEW_MANY(rq->arena, SHOWN, struct incidents_measures_page_measures);
	for (; page->n_measures < MIN(n, (size_t)SHOWN); page->n_measures++)
		TRY(fill_one(rq, running[page->n_measures].id, &rows[page->n_measures]));
	page->measures = rows;
	page->pager.first_at = before == INT64_MAX ? STR("") : str_of(page->is_over ? "/incidents/measures?view=over" : "/incidents/measures");
	page->pager.next_at = n <= SHOWN ? STR("") : str_print(rq->arena, "/incidents/measures?view=%s&before=%lld", page->is_over ? "over" : "now",
		(long long)rows[SHOWN - 1].id);
	return OK;
}
_Static_assert(sizeof (struct measure_running_row) == sizeof (struct measure_over_row), "both lists are numbers");

static enum err draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct incidents_select_page_choices choices[MEASURE_KINDS];
	struct str kind = visit_field(visit, "kind"), done = visit_field(visit, "done");
	struct incidents_measures_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token,
		.is_over = str_equal(visit_field(visit, "view"), STR("over")), .may_make = (rq->actor->roles & (MEASURE_MAKES | MEASURE_DECIDES_CRITICAL)) != 0,
		.target = field_again(visit, wrongs, "target", true), .hours = field_again(visit, wrongs, "hours", true),
		.incident = field_again(visit, wrongs, "incident", true), .ours = visit_field(visit, "ours").len > 0, .critical = visit_field(visit, "critical").len > 0 };
	size_t n = 0;

	page.done = str_of(wrongs->n ? "" : str_equal(done, STR("make")) ? _("The measure is made.") : str_equal(done, STR("decide")) ? _("The measure is in force.")
		: str_equal(done, STR("ask")) ? _("A coordinator is asked.") : str_equal(done, STR("remove")) ? _("The measure is removed.") : "");
	if (!page.hours.value.len)
		page.hours.value = STR("24");
	for (int k = MEASURE_BLOCK; k < MEASURE_KINDS; k++)
		choices[n++] = (struct incidents_select_page_choices){ str_of(measure_kind_name[k]), measure_kind_word[k], str_equal(kind, str_of(measure_kind_name[k])) };
	page.kind = (struct incidents_select_page){ .error = wrong_of(wrongs, "kind"), .none = N_("Choose"), .choices = choices, .n_choices = n };
	page.because = (struct incidents_area_page){ .error = wrong_of(wrongs, "because"), .value = visit_field(visit, "because").at ? visit_field(visit, "because") : STR("") };
	page.other_at = str_of(page.is_over ? "/incidents/measures" : "/incidents/measures?view=over");
	page.empty = (struct empty_page){ .what = str_of(page.is_over ? _("None is over yet.") : _("The gate stops nobody because of an incident.")) };
	TRY(fill_list(rq, visit, &page));
	answer->has_errors = wrongs->n != 0;
	answer->title = str_of(_("Countermeasures"));
	incidents_measures_page(&answer->body, rq->language, &page);
	return OK;
}

enum err measure_get_list(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw(rq, visit, &(struct wrongs){ 0 }, answer);
}

const char *measure_page_acts(size_t n)
{
	return n == 0 ? "make" : measure_acts[n - 1].name;
}

static enum err make(struct rq *rq, const struct visit *visit, const char **ret_wrong)
{
	struct str kind = visit_field(visit, "kind"), because = visit_field(visit, "because"), incident = visit_field(visit, "incident");
	struct measure_wish wish = { .target = visit_field(visit, "target").at ? visit_field(visit, "target") : STR(""), .by = rq->actor->person,
		.because = because.at ? because : STR(""), .incident = incident.at ? incident : STR(""), .is_critical = visit_field(visit, "critical").len > 0,
		.knows_ours = visit_field(visit, "ours").len > 0 };
	int64_t id;

	for (int k = MEASURE_BLOCK; k < MEASURE_KINDS; k++)
		if (str_equal(kind, str_of(measure_kind_name[k])))
			wish.kind = (enum measure_kind)k;
	if (str_number(visit_field(visit, "hours"), MEASURE_HOURS, &wish.hours) != OK)
		wish.hours = 0;
	enum err err = measure_make(rq, &wish, &id);
	*ret_wrong = wish.wrong;
	return err;
}

enum err measure_post_list(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct str act = visit_field(visit, "act");
	const char *wrong = NULL;
	int64_t id;
	enum err err;

	if (rq->actor->person < 0)
		return fail(rq, ERR_DENIED, _("A coordinator, the support or a system owner does that."));
	if (str_equal(act, STR("make")))
		err = make(rq, visit, &wrong);
	else if (str_number(visit_field(visit, "measure"), INT64_MAX, &id) != OK)
		return fail(rq, ERR_NONE, _("There is no such measure."));
	else
		err = measure_do(rq, act, id, rq->actor->person, visit_field(visit, "why"));
	if (err == ERR_INVALID || err == ERR_CONFLICT || err == ERR_FULL) {
		wrong_add(&wrongs, wrong ? wrong : "", rq->trouble->text);
		answer->status = err == ERR_CONFLICT ? 409 : 422;
		trouble_clear(rq->trouble);
		return draw(rq, visit, &wrongs, answer);
	}
	if (err != OK)
		return err;
	answer->status = 303;
	answer->location = str_print(rq->arena, "/incidents/measures?done=%.*s", STR_ARG(act));
	return OK;
}
