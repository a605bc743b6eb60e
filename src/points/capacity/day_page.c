/* Pages of the plans for a day: /capacity/plan (the latest, and the form that makes one), /capacity/plan/N (what it gives, where it is tight, adopt and
 * undo), /capacity/need (what units need).
 *
 * Making and adopting take as long as gathering and solving (a second at a million people), and put their own jobs: both are a page's `prepare`, off
 * the writer; its post only leads on.
 *
 * SECURITY: coordinators plan, with the second factor shown lately; others who work with the question see figures by class and unit, no person. */
#include "day.h"
#include "floor/frame.h"
#include "floor/people.sql.h"
#include "floor/setting.h"
#include "points/capacity/capacity_need.html.h"
#include "points/capacity/capacity_plan.html.h"
#include "points/capacity/capacity_plans.html.h"

static struct state_page shape_of(enum day_state state)
{
	static const char *const kind[DAY_STATES] = { "unknown", "act", "ok", "unknown" };
	return (struct state_page){ str_of(kind[state]), day_state_word[state] };
}

/* What an act said, for the page that is drawn again; what is not the reader's to mend stays an error. */
static bool is_answerable(enum err err) { return err == ERR_CONFLICT || err == ERR_INVALID || err == ERR_NONE || err == ERR_FULL; }

/* `prepared` of a page here: where it leads, or the sentence why not, behind a `!`. */
static enum err answer_of(struct rq *rq, struct visit *visit, enum err err, struct str location)
{
	if (err != OK && !is_answerable(err))
		return err;
	struct str said = err == OK ? location : str_print(rq->arena, "!%s", rq->trouble->text);
	if (err != OK)
		trouble_clear(rq->trouble);
	visit->prepared = (void *)(uintptr_t)str_c(rq->arena, said);
	return OK;
}

/* --- the plans --- */

static enum err draw_plans(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct capacity_day_plans_row *rows;
	size_t n;

	TRY(capacity_day_plans(rq, &rows, &n));
	struct capacity_plans_page_plans *plans = NEW_MANY(rq->arena, n + 1, struct capacity_plans_page_plans);
	for (size_t i = 0; i < n; i++)
		plans[i] = (struct capacity_plans_page_plans){ rows[i].id, rows[i].day_at,
			shape_of(day_state_of(rows[i].adopted_at, rows[i].undone_at, rows[i].laid, rows[i].seats)), rows[i].people, rows[i].made_at };
	struct capacity_plans_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .plans = plans, .n_plans = n,
		.day = field_again(visit, wrongs, "day", true), .may_plan = (rq->actor->roles & ROLE_COORDINATOR) != 0 };
	if (!page.day.value.len && !wrongs->n) {
		struct wall wall = instant_wall(instant_plus(instant_midnight(rq->now), HOURS(36)));
		page.day.value = str_print(rq->arena, "%04d-%02d-%02d", wall.year, wall.month, wall.day);
	}
	answer->has_errors = wrongs->n != 0;
	capacity_plans_page(&answer->body, rq->language, &page);
	return OK;
}

enum err day_get_plans(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_plans(rq, visit, &(struct wrongs){ 0 }, answer);
}

enum err day_prepare_plans(struct rq *rq, struct visit *visit)
{
	struct instant day;
	int64_t plan = 0;
	enum err err = instant_parse_loose(visit_field(visit, "day"), &day);

	err = err == OK ? day_make(rq, day, &plan) : fail(rq, ERR_INVALID, _("Enter the date like this: 2026-11-30"));
	return answer_of(rq, visit, err, str_print(rq->arena, "/capacity/plan/%lld", (long long)plan));
}

enum err day_post_plans(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	const char *said = visit->prepared;

	if (!said || said[0] == '!') {
		wrong_add(&wrongs, "day", said ? said + 1 : _("Send the form again."));
		return draw_plans(rq, visit, &wrongs, answer);
	}
	answer->status = 303;
	answer->location = str_of(said);
	return OK;
}

/* --- one plan --- */

enum err day_fulls(struct rq *rq, int64_t plan, size_t most, struct capacity_fulls_page *ret, bool *ret_is_any)
{
	struct capacity_day_full_row *full;
	size_t n;

	TRY(capacity_day_full(rq, plan, &full, &n));
	struct capacity_fulls_page_rows *rows = NEW_MANY(rq->arena, n + 1, struct capacity_fulls_page_rows);
	*ret = (struct capacity_fulls_page){ .rows = rows };
	for (size_t i = 0; i < MIN(n, most); i++)
		rows[ret->n_rows++] = (struct capacity_fulls_page_rows){ full[i].class, full[i].gateway, full[i].from_at, full[i].until };
	*ret_is_any = ret->n_rows > 0;
	return OK;
}

static enum err fill_plan(struct rq *rq, int64_t id, struct capacity_plan_page *page)
{
	struct capacity_day_classes_row *classes;
	struct capacity_day_less_row *less;
	size_t n, n_less;

	TRY(capacity_day_classes(rq, id, &classes, &n));
	TRY(day_fulls(rq, id, 40, &page->full, &page->has_full));
	TRY(capacity_day_less(rq, id, &less, &n_less));
	struct capacity_plan_page_classes *to = NEW_MANY(rq->arena, n + 1, struct capacity_plan_page_classes);
	struct capacity_plan_page_units *units = NEW_MANY(rq->arena, n_less + 1, struct capacity_plan_page_units);
	for (size_t i = 0; i < n; i++)
		to[i] = (struct capacity_plan_page_classes){ classes[i].class, classes[i].people, classes[i].needed, classes[i].served, classes[i].less };
	for (size_t i = 0; i < n_less; i++)
		units[i] = (struct capacity_plan_page_units){ less[i].name, less[i].class, less[i].people, less[i].served, less[i].needed, less[i].less };
	page->classes = to;
	page->n_classes = n;
	page->units = units;
	page->n_units = n_less;
	return OK;
}

static enum err draw_plan(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct capacity_day_plan_get_row row;
	struct str done = visit_field(visit, "done");
	int64_t id = -1;

	if (str_number(visit->rest, INT32_MAX, &id) != OK)
		return fail(rq, ERR_NONE, _("There is no plan %lld."), (long long)id);
	TRY(day_plan(rq, id, &row));
	enum day_state state = day_state_of(row.adopted_at, row.undone_at, row.laid, row.seats);
	bool may = (rq->actor->roles & ROLE_COORDINATOR) && instant_is_before(rq->now, instant_plus(row.day_at, HOURS(23)));
	struct capacity_plan_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .id = id, .day = row.day_at, .state = shape_of(state),
		.people = row.people, .seats = row.seats, .kept = row.kept, .laid = row.laid, .may_adopt = may && state == DAY_MADE,
		.may_go_on = may && state == DAY_LAYING, .may_undo = may && (state == DAY_LAYING || state == DAY_ADOPTED), .is_draft = state == DAY_MADE,
		.done = str_of(wrongs->n || !done.len ? "" : str_equal(done, STR("adopt")) ? _("The plan is adopted. Each person sees her times on her own page.")
			: _("The plan is undone. Its times that had not begun are called off.")) };
	TRY(fill_plan(rq, id, &page));
	answer->has_errors = wrongs->n != 0;
	capacity_plan_page(&answer->body, rq->language, &page);
	return OK;
}

enum err day_get_plan(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_plan(rq, visit, &(struct wrongs){ 0 }, answer);
}

enum err day_prepare_plan(struct rq *rq, struct visit *visit)
{
	bool is_adopt = str_equal(visit_field(visit, "act"), STR("adopt"));
	int64_t id = -1;
	enum err err = str_number(visit->rest, INT32_MAX, &id);

	if (err != OK)
		err = fail(rq, ERR_NONE, _("There is no plan %lld."), (long long)id);
	else
		err = is_adopt ? day_adopt(rq, id, (struct day_tell){ 0 }) : day_undo(rq, id, (struct day_tell){ 0 });
	return answer_of(rq, visit, err, str_print(rq->arena, "/capacity/plan/%lld?done=%s", (long long)id, is_adopt ? "adopt" : "undo"));
}

enum err day_post_plan(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	const char *said = visit->prepared;

	if (!said || said[0] == '!') {
		wrong_add(&wrongs, "full", said ? said + 1 : _("Send the form again."));
		return draw_plan(rq, visit, &wrongs, answer);
	}
	answer->status = 303;
	answer->location = str_of(said);
	return OK;
}

/* --- what units need --- */

static enum err draw_needs(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct capacity_day_needs_row *rows;
	size_t n;

	TRY(capacity_day_needs(rq, &rows, &n));
	struct capacity_need_page_units *units = NEW_MANY(rq->arena, n + 1, struct capacity_need_page_units);
	for (size_t i = 0; i < n; i++)
		units[i] = (struct capacity_need_page_units){ rows[i].name, rows[i].minutes, str_print(rq->arena, "%lld:%02lld–%lld:%02lld",
			(long long)rows[i].from_minute / 60, (long long)rows[i].from_minute % 60, (long long)rows[i].until_minute / 60,
			(long long)rows[i].until_minute % 60), rows[i].is_whole };
	struct capacity_need_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .units = units, .n_units = n,
		.minutes = setting_number(rq, "capacity.need_minutes"), .from_hour = setting_number(rq, "capacity.day_from"),
		.until_hour = setting_number(rq, "capacity.day_until"),
		.need = field_again(visit, wrongs, "need", true), .from = field_again(visit, wrongs, "from", true),
		.until = field_again(visit, wrongs, "until", true), .is_whole = visit_field(visit, "whole").at != NULL,
		.done = str_of(wrongs->n || !visit_field(visit, "done").len ? "" : _("It is saved.")) };
	TRY(capacity_choose_unit(rq, visit, wrongs, &page.of_unit));
	answer->has_errors = wrongs->n != 0;
	capacity_need_page(&answer->body, rq->language, &page);
	return OK;
}

enum err day_get_needs(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_needs(rq, visit, &(struct wrongs){ 0 }, answer);
}

enum err day_post_needs(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct str unit = visit_field(visit, "unit");
	struct day_need need = { .unit = unit.at ? unit : STR(""), .is_whole = visit_field(visit, "whole").at != NULL };

	if (str_number(visit_field(visit, "need"), 24 * 60, &need.minutes) != OK)
		wrong_add(&wrongs, "need", _("How many minutes of a day? A whole number, 0 for none."));
	if (day_read_minute(visit_field(visit, "from"), &need.from_minute) != OK)
		wrong_add(&wrongs, "from", _("Write the time like this: 7:30"));
	if (day_read_minute(visit_field(visit, "until"), &need.until_minute) != OK)
		wrong_add(&wrongs, "until", _("Write the time like this: 7:30"));
	if (wrongs.n)
		return draw_needs(rq, visit, &wrongs, answer);
	enum err err = day_set_need(rq, &need);
	if (is_answerable(err)) {
		wrong_add(&wrongs, err == ERR_NONE ? "unit" : "from", str_c(rq->arena, str_of(rq->trouble->text)));
		trouble_clear(rq->trouble);
		return draw_needs(rq, visit, &wrongs, answer);
	}
	TRY(err);
	answer->status = 303;
	answer->location = STR("/capacity/need?done=1");
	return OK;
}
