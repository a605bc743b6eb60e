/* How the question stands, and what waits for whom; and what a leaver leaves behind.
 *
 * Failing: a legal report is past its time, or a serious incident has nobody an hour after it was reported. Needs action: anything has nobody, a
 * task or a vulnerability is past its day. Without any incident ever the question is unknown: nobody can tell whether reports would arrive.
 *
 * SECURITY: the question is answered from what its reader may see: who may not see confidential incidents has none of them in any number, sentence
 * or link. Tasks of a confidential incident name its number alone, and go to its people. */
#include "block.h"
#include "law.h"
#include "log.h"
#include "measure.h"
#include "parties.h"
#include "floor/setting.h"

static const struct span unowned_for = HOURS(1), undecided_for = HOURS(4);

static struct str at_incident(struct rq *rq, struct str number, const char *anchor)
{
	return str_print(rq->arena, "/incidents/%.*s%s", STR_ARG(number), anchor);
}

/* --- the legal clocks of all --- */

struct legal { int64_t late, undecided; struct instant oldest; struct str first; };

static enum err one_incident(struct rq *rq, const struct incidents_get_row *row, const struct deadline_book *book, struct legal *legal, struct tasks *tasks)
{
	struct incidents_duty *duties;
	struct str last = STR_NONE;
	size_t n;

	if (row->state == INCIDENTS_DISMISSED || row->state == INCIDENTS_MERGED)
		return OK;
	TRY(incidents_duties(rq, row, book, &duties, &n));
	for (size_t i = 0; i < n; i++) {
		const struct incidents_duty *duty = &duties[i];
		if (duty->applies == DUTY_NOT || duty->is_handed)
			continue;
		if (duty->applies == DUTY_UNDECIDED && !str_equal(last, duty->name) && row->state != INCIDENTS_REPORTED) {
			last = duty->name;
			legal->undecided++;
			if (tasks)
				tasks_add(rq, tasks, &(struct task){ .title = str_print(rq->arena, _("Decide whether incident %.*s must be reported: %s"),
					STR_ARG(row->number), str_c(rq->arena, duty->pack ? duty->pack->word : duty->name)),
					.where = at_incident(rq, row->number, "#law"), .person = -1, .roles = ROLE_COORDINATOR,
					.due_at = instant_plus(row->aware_at, undecided_for) });
		}
		if (duty->applies != DUTY_APPLIES || !duty->is_due)
			continue;
		if (!instant_is_before(rq->now, duty->due_at)) {
			legal->first = legal->late++ ? legal->first : row->number;
			legal->oldest = legal->late == 1 || instant_is_before(duty->due_at, legal->oldest) ? duty->due_at : legal->oldest;
		}
		if (tasks)
			tasks_add(rq, tasks, &(struct task){ .title = str_print(rq->arena, _("Hand in for incident %.*s: %.*s, %.*s"),
				STR_ARG(row->number), STR_ARG(duty->pack->word), STR_ARG(duty->row->word)),
				.where = at_incident(rq, row->number, "#law"), .person = -1, .roles = ROLE_COORDINATOR, .due_at = duty->due_at });
	}
	return OK;
}

static enum err walk_legal(struct rq *rq, struct legal *legal, struct tasks *tasks)
{
	struct incidents_due_legal_row *rows;
	struct deadline_book *book = NEW(rq->arena, struct deadline_book);
	struct incidents_get_row row;
	size_t n;

	TRY(deadline_read(rq, book));
	TRY(incidents_due_legal(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(incidents_get(rq, rows[i].id, &row));
		/* Tasks go to who may see it; the figures are for whoever reads them. */
		if (row.is_confidential && !tasks && !incidents_sees_confidential(rq))
			continue;
		TRY(one_incident(rq, &row, book, legal, tasks));
	}
	return OK;
}

/* --- the question --- */

static struct str hours(struct rq *rq, struct instant since)
{
	int64_t n = MAX(instant_since(rq->now, since).ms / HOURS(1).ms, (int64_t)0);

	return n < 48 ? str_print(rq->arena, tongue_n(rq->language, "%lld hour", "%lld hours", n), (long long)n)
	              : str_print(rq->arena, tongue_n(rq->language, "%lld day", "%lld days", n / 24), (long long)(n / 24));
}

static void worst(struct figures *ret, enum state state, struct str sentence, struct str next, struct str next_at)
{
	if (state <= ret->state)
		return;
	ret->state = state;
	ret->sentence = sentence;
	ret->next = next;
	ret->next_at = next_at;
}

static void weigh(struct rq *rq, const struct incidents_figure_open_row *open, const struct incidents_figure_work_row *work,
                  const struct legal *legal, struct figures *ret)
{
	struct str list = STR("/incidents?sort=severity");

	if (legal->late)
		worst(ret, STATE_FAILING, str_print(rq->arena, tongue_n(rq->language, "%lld report to an authority is late, the oldest by %.*s.",
			"%lld reports to authorities are late, the oldest by %.*s.", legal->late), (long long)legal->late, STR_ARG(hours(rq, legal->oldest))),
			str_print(rq->arena, _("Hand in what is late for incident %.*s"), STR_ARG(legal->first)), at_incident(rq, legal->first, "#law"));
	if (open->serious)
		worst(ret, STATE_FAILING, str_print(rq->arena, tongue_n(rq->language, "%lld serious incident has no owner after an hour.",
			"%lld serious incidents have no owner after an hour.", open->serious), (long long)open->serious), str_of(_("Assign an owner")), list);
	if (open->unowned)
		worst(ret, STATE_NEEDS_ACTION, str_print(rq->arena, tongue_n(rq->language, "%lld of %lld open incidents has no owner after an hour; the oldest is %.*s old.",
			"%lld of %lld open incidents have no owner after an hour; the oldest is %.*s old.", open->unowned), (long long)open->unowned, (long long)open->n,
			STR_ARG(hours(rq, (struct instant){ open->oldest.i }))), str_of(_("Assign an owner")), list);
	if (work->weak || work->tasks)
		worst(ret, STATE_NEEDS_ACTION, str_print(rq->arena, _("%lld tasks and %lld vulnerabilities of incidents are past their day, the oldest by %.*s."),
			(long long)work->tasks, (long long)work->weak, STR_ARG(hours(rq, (struct instant){ work->oldest.i }))), str_of(_("See what is late")),
			STR("/tasks"));
	if (legal->undecided)
		worst(ret, STATE_NEEDS_ACTION, str_print(rq->arena, tongue_n(rq->language, "For open incidents %lld legal duty is not decided.",
			"For open incidents %lld legal duties are not decided.", legal->undecided), (long long)legal->undecided), str_of(_("Decide the legal duties")), list);
}

enum err incidents_figures(struct rq *rq, struct figures *ret)
{
	struct incidents_figure_any_row any;
	struct incidents_figure_open_row open;
	struct incidents_figure_work_row work;
	struct legal legal = { .first = STR("") };

	bool sees = incidents_sees_confidential(rq);

	TRY(incidents_figure_any(rq, sees, &any));
	ret->state = STATE_UNKNOWN;
	if (!any.n) {
		ret->sentence = str_of(_("No incident has been reported yet, so it is not known whether reports arrive."));
		ret->next = str_of(_("Try the report page"));
		ret->next_at = STR("/incidents/report");
		return OK;
	}
	TRY(incidents_figure_open(rq, instant_plus(rq->now, (struct span){ -unowned_for.ms }), sees, &open));
	TRY(incidents_figure_work(rq, rq->now, sees, &work));
	TRY(walk_legal(rq, &legal, NULL));
	ret->state = STATE_IN_ORDER;
	ret->sentence = open.n == 0 ? str_of(_("No open incidents."))
	              : str_print(rq->arena, tongue_n(rq->language, "%lld open incident, with an owner and in time; it is %.*s old.",
	                "%lld open incidents, all with an owner and in time; the oldest is %.*s old.", open.n), (long long)open.n,
	                STR_ARG(hours(rq, (struct instant){ open.oldest.i })));
	ret->evidence = str_of(_("All incidents"));
	ret->evidence_at = STR("/incidents");
	ret->measured_at = rq->now;
	weigh(rq, &open, &work, &legal, ret);
	return OK;
}

/* A silent log: nobody knows whether anybody tries to get in. */
enum err incidents_lends(struct rq *rq, struct figures *ret)
{
	struct incidents_logs logs;

	TRY(incidents_logs_figures(rq, &logs));
	if (!logs.n)
		return OK;
	*ret = (struct figures){ .state = STATE_IN_ORDER, .evidence = str_of(_("Watched logs")), .evidence_at = STR("/incidents/logs"), .measured_at = logs.quietest,
		.sentence = str_print(rq->arena, tongue_n(rq->language, "%lld log of logins is watched and not silent.", "%lld logs of logins are watched, and none is silent.", logs.n),
			(long long)logs.n) };
	if (logs.silent)
		worst(ret, STATE_NEEDS_ACTION, str_print(rq->arena, _("%lld of %lld watched logs are silent; nothing has come from %.*s for %.*s."), (long long)logs.silent, (long long)logs.n,
			STR_ARG(logs.first), STR_ARG(hours(rq, logs.oldest))), str_of(_("See the watched logs")), STR("/incidents/logs"));
	return OK;
}

/* --- what waits --- */

/* Monday to Friday, between the hours of the settings. */
static bool is_office(struct rq *rq, struct instant at)
{
	struct wall wall = instant_wall(at);

	return wall.weekday <= 5 && wall.hour >= setting_number(rq, "incidents.office_from") && wall.hour < setting_number(rq, "incidents.office_until");
}

static struct instant first_look_by(struct rq *rq, struct instant opened)
{
	return instant_plus(opened, MINUTES(setting_number(rq, is_office(rq, opened) ? "incidents.first_look_minutes" : "incidents.other_look_minutes")));
}

/* The same day; what came after office hours, the day after. */
static struct instant answer_by(struct instant made)
{
	bool is_evening = instant_wall(made).hour >= 17;

	return instant_midnight(instant_plus(instant_midnight(made), HOURS(is_evening ? 60 : 36)));
}

static enum err due_owners(struct rq *rq, struct tasks *ret)
{
	struct incidents_due_unowned_row *rows;
	size_t n;

	TRY(incidents_due_unowned(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Assign an owner to incident %.*s"), STR_ARG(rows[i].number)),
			.where = at_incident(rq, rows[i].number, ""), .person = -1, .roles = rows[i].is_confidential ? ROLE_COORDINATOR : ROLE_COORDINATOR | ROLE_SUPPORT,
			.due_at = first_look_by(rq, rows[i].opened_at) });
	return OK;
}

static enum err due_work(struct rq *rq, struct tasks *ret)
{
	struct incidents_due_work_row *rows;
	size_t n;

	TRY(incidents_due_work(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const struct incidents_due_work_row *row = &rows[i];
		bool is_done = row->state == INCIDENTS_DONE;
		struct str text = str_utf8_first(row->text, 80);
		struct str title = row->is_confidential ? str_print(rq->arena, _("Task %lld of incident %.*s"), (long long)row->id, STR_ARG(row->number))
		                 : is_done ? str_print(rq->arena, _("Verify in incident %.*s: %.*s"), STR_ARG(row->number), STR_ARG(text))
		                           : str_print(rq->arena, _("Incident %.*s: %.*s"), STR_ARG(row->number), STR_ARG(text));
		tasks_add(rq, ret, &(struct task){ .title = title, .where = at_incident(rq, row->number, row->is_weakness ? "#weak" : "#tasks"),
			.person = !is_done && row->owner.is ? row->owner.i : -1, .roles = is_done || !row->owner.is ? ROLE_COORDINATOR : 0, .due_at = row->due_at });
	}
	return OK;
}

static enum err due_told(struct rq *rq, struct tasks *ret)
{
	struct incidents_due_untold_row *rows;
	size_t n;

	TRY(incidents_due_untold(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Answer who reported incident %.*s"), STR_ARG(rows[i].number)),
			.where = at_incident(rq, rows[i].number, "#reports"), .person = rows[i].owner.is ? rows[i].owner.i : -1,
			.roles = rows[i].owner.is ? 0 : rows[i].is_confidential ? ROLE_COORDINATOR : ROLE_SUPPORT | ROLE_COORDINATOR, .due_at = answer_by(rows[i].made_at) });
	return OK;
}

/* The handling itself is tried at intervals: an exercise is an incident of the category Test that somebody has taken to its end. */
static enum err due_exercise(struct rq *rq, struct tasks *ret)
{
	int64_t months = setting_number(rq, "incidents.exercise_months");
	struct parties_exercise_row row;

	TRY(parties_exercise(rq, &row));
	if (!months || !row.first_at.is)
		return OK;
	struct instant due = instant_plus_months((struct instant){ row.last_at.is ? row.last_at.i : row.first_at.i }, (int)months);
	if (!instant_is_before(rq->now, due))
		tasks_add(rq, ret, &(struct task){ .title = str_of(_("Exercise how incidents are handled: report one, and close it with the category Test")),
			.where = STR("/incidents/form"), .person = -1, .roles = ROLE_COORDINATOR, .due_at = due });
	return OK;
}

enum err incidents_due(struct rq *rq, struct tasks *ret)
{
	struct legal legal = { .first = STR("") };

	TRY(incidents_logs_due(rq, ret));
	TRY(measure_due(rq, ret));
	TRY(due_owners(rq, ret));
	TRY(due_work(rq, ret));
	TRY(due_told(rq, ret));
	TRY(block_due(rq, ret));
	TRY(incidents_parties_due(rq, ret));
	TRY(due_exercise(rq, ret));
	return walk_legal(rq, &legal, ret);
}

/* --- a leaver --- */

/* What she answered for has nobody now: it is asked for at once, and an incident does not close over it. */
/* What another point has seen becomes an event of an incident. */
static enum err hear_suspicion(struct rq *rq, const struct suspicion *what, struct change *change)
{
	int64_t incident;

	TRY(incidents_raise(rq, change, &(const struct incidents_raised){ .source = str_of(what->source), .rule = str_of(what->rule), .key = what->key,
		.title = what->title, .text = what->text, .severity = what->severity, .at = rq->now }, &incident));
	return strcmp(what->source, "watch") == 0 ? measure_by_watch(rq, change, incident, what->key) : OK;
}

enum err incidents_hear(struct rq *rq, const struct event *event, struct change *change)
{
	struct maybe_int leaver = { true, event->person };
	struct incidents_of_leaver_row *incidents;
	struct incidents_work_of_leaver_row *work;
	size_t n;

	if (event->kind == EVENT_suspected && event->what)
		return hear_suspicion(rq, event->what, change);
	if (event->kind != EVENT_person_left)
		return OK;
	TRY(incidents_of_leaver(rq, leaver, &incidents, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(incidents_assign(change, (struct maybe_int){ 0 }, rq->now, incidents[i].id));
		TRY(incidents_note(rq, change, &(const struct incidents_noted){ .incident = incidents[i].id, .kind = INCIDENTS_STATUS, .at = rq->now,
			.text = incidents_code(rq, leaver), .act = "left" }));
	}
	TRY(incidents_work_of_leaver(rq, leaver, &work, &n));
	for (size_t i = 0; i < n; i++)
		TRY(incidents_work_owner(change, (struct maybe_int){ 0 }, work[i].due_at, work[i].id));
	return OK;
}
