/* The folds behind the start page: figures, tasks, and the three things to do first.
 *
 * No list of features stands here: whatever a point gives is shown, whatever it lacks is unknown.
 *
 * SECURITY: what the start page shows is for those who coordinate, decide, own systems or audit; everyone else lands on their
 * own page. Unknown is never green: figures without a source are unknown even when they forgot to say so. */
#include "desk.h"
#include "router.h"
#include "floor/decide.h"
#include "floor/urgent.h"
#include "floor/frame.h"
#include "floor/gateway.sql.h"
#include "floor/hook.h"
#include "floor/mail.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/tasks.html.h"

static const enum role may_see = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_AUDITOR | ROLE_SYSTEM_OWNER | ROLE_SUPPORT;

static struct str join(struct rq *rq, const char *a, const char *b)
{
	return str_print(rq->arena, "%s%s", a, b);
}

/* --- questions --- */

static void make_unknown(struct rq *rq, const struct point *point, struct figures *figures)
{
	*figures = (struct figures){ .state = STATE_UNKNOWN, .sentence = str_of(_("Nothing answers this question yet.")) };
	if (point->wakes)
		figures->next = str_of(_(point->wakes));
}

/* What other points know of this question. It makes the answer worse, never better: of the rest nothing is known by it. */
static void add_lent(struct rq *rq, const struct point *point, struct figures *ret)
{
	for (size_t i = 0; points[i]; i++) {
		struct figures part = { 0 };
		if (!points[i]->lends || strcmp(points[i]->lends_to, point->name) != 0 || points[i]->lends(rq, &part) != OK || !part.sentence.len)
			continue;
		bool is_alone = ret->measured_at.ms == 0;
		if (part.state > ret->state) {
			ret->state = part.state;
			ret->next = part.next;
			ret->next_at = part.next_at;
		} else if (!is_alone) {
			continue;
		}
		ret->sentence = is_alone && part.state < STATE_NEEDS_ACTION ? str_print(rq->arena, _("%.*s The rest is not known yet."), STR_ARG(part.sentence)) : part.sentence;
		ret->evidence = part.evidence;
		ret->evidence_at = part.evidence_at;
		ret->measured_at = part.measured_at;
	}
}

/* Four eyes need four: two coordinators, and a decider who is neither of them. */
static enum err check_staffing(struct rq *rq, struct figures *first)
{
	struct people_with_role_row coordinators;
	struct people_deciders_row deciders;

	TRY(people_with_role(rq, ROLE_COORDINATOR, &coordinators));
	TRY(people_deciders(rq, ROLE_MANAGEMENT, ROLE_COORDINATOR, &deciders));
	if (coordinators.n >= 2 && deciders.n >= 1)
		return OK;
	if (first->state < STATE_NEEDS_ACTION)
		first->state = STATE_NEEDS_ACTION;
	first->next = str_of(coordinators.n < 2 ? _("Appoint a second coordinator: one alone cannot keep four eyes on anything")
	                                        : _("Appoint somebody in management who decides and does not coordinate"));
	first->next_at = STR("/people");
	return OK;
}

enum err desk_questions(struct rq *rq, struct desk_question *ret, size_t *ret_n)
{
	size_t n = 0;

	for (; points[n]; n++) {
		struct figures *figures = &ret[n].figures;
		assert(n < DESK_QUESTIONS);
		ret[n].point = points[n];
		*figures = (struct figures){ 0 };
		if (!points[n]->figures || points[n]->figures(rq, figures) != OK || !figures->sentence.len)
			make_unknown(rq, points[n], figures);
		else if (figures->state == STATE_IN_ORDER && figures->measured_at.ms == 0)
			figures->state = STATE_UNKNOWN;
		add_lent(rq, points[n], figures);
		trouble_clear(rq->trouble);
	}
	if (n)
		TRY(check_staffing(rq, &ret[0].figures));
	*ret_n = n;
	return OK;
}

/* --- tasks --- */

static int by_due(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	/* What has no time limit comes last. */
	int64_t a_ms = x->due_at.ms ? x->due_at.ms : INT64_MAX, b_ms = y->due_at.ms ? y->due_at.ms : INT64_MAX;
	return (a_ms > b_ms) - (a_ms < b_ms);
}

/* What waits in the house itself: a gateway of which nobody has decided what it does when we are silent, a body for which nobody may decide. */
static enum err house_due(struct rq *rq, struct tasks *ret)
{
	struct gateway_undecided_row *gateways;
	struct mandate_bodies_row *bodies;
	struct mandate_holders_row *holders;
	size_t n_gateways, n_bodies, n;

	TRY(gateway_undecided(rq, &gateways, &n_gateways));
	for (size_t i = 0; i < n_gateways; i++) {
		struct out at = out_new(rq->arena);
		out_text(&at, "/admin/gateway/");
		out_url(&at, gateways[i].name);
		out_text(&at, "#when-silent");
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Write down what %.*s does when we are silent"),
			STR_ARG(gateways[i].name)), .where = out_str(&at), .person = -1, .roles = ROLE_COORDINATOR | ROLE_SYSTEM_OWNER });
	}
	TRY(mandate_bodies(rq, &bodies, &n_bodies));
	for (size_t i = 0; i < n_bodies; i++) {
		TRY(mandate_holders(rq, bodies[i].id, 1, rq->now, &holders, &n));
		if (!n && bodies[i].people)
			tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Give somebody a mandate: nobody may decide on risks for %.*s"),
				STR_ARG(bodies[i].name)), .where = STR("/people/mandates"), .person = -1, .roles = ROLE_MANAGEMENT });
	}
	return OK;
}

static bool is_mine(const struct rq *rq, const struct task *task)
{
	return (task->person >= 0 && task->person == rq->actor->person) || (task->roles & rq->actor->roles);
}

enum err desk_tasks(struct rq *rq, bool is_all, struct tasks *ret)
{
	struct tasks all = { 0 };

	for (size_t i = 0; points[i]; i++)
		if (points[i]->due)
			TRY(points[i]->due(rq, &all));
	TRY(house_due(rq, &all));
	TRY(decide_due(rq, &all));
	TRY(urgent_due(rq, &all));
	TRY(mail_due_tasks(rq, &all));
	TRY(hook_due_tasks(rq, &all));
	*ret = (struct tasks){ 0 };
	for (size_t i = 0; i < all.n; i++)
		if (is_all || is_mine(rq, &all.at[i]))
			tasks_add(rq, ret, &all.at[i]);
	if (ret->n)
		qsort(ret->at, ret->n, sizeof ret->at[0], by_due);
	return OK;
}

/* --- the start page --- */

/* Each plural stands here by itself, so that po-update finds the pair. */
static const char *count_word(const struct rq *rq, enum state state, int64_t n)
{
	switch (state) {
	case STATE_FAILING:      return tongue_n(rq->language, "%lld is failing.", "%lld are failing.", n);
	case STATE_NEEDS_ACTION: return tongue_n(rq->language, "%lld needs action.", "%lld need action.", n);
	default:                 return tongue_n(rq->language, "%lld is unknown.", "%lld are unknown.", n);
	}
}

/* "3 of 8 questions are in order. 2 are failing. 1 needs action. 2 are unknown." */
static struct str lead(struct rq *rq, const struct desk_question *questions, size_t n)
{
	static const enum state rest[] = { STATE_FAILING, STATE_NEEDS_ACTION, STATE_UNKNOWN };
	int64_t of[STATE_FAILING + 1] = { 0 };
	struct out out = out_new(rq->arena);

	for (size_t i = 0; i < n; i++)
		of[questions[i].figures.state]++;
	out_print(&out, _("%lld of %zu questions are in order."), (long long)of[STATE_IN_ORDER], n);
	for (size_t i = 0; i < LENGTH(rest); i++)
		if (of[rest[i]]) {
			out_byte(&out, ' ');
			out_print(&out, count_word(rq, rest[i], of[rest[i]]), (long long)of[rest[i]]);
		}
	return out_str(&out);
}

/* What is closed to this reader stands as words, without a link. */
static void close_links(const struct rq *rq, struct figures *figures)
{
	if (figures->next_at.len && !router_may_open(rq, figures->next_at))
		figures->next_at = STR("");
	if (figures->evidence_at.len && !router_may_open(rq, figures->evidence_at))
		figures->evidence_at = STR("");
}

static struct str page_of(struct rq *rq, const struct point *point)
{
	struct str at = join(rq, "/", point->name);
	return router_may_open(rq, at) ? at : STR("/help");
}

static struct home_page_questions question_row(struct rq *rq, const struct desk_question *q)
{
	const struct figures *f = &q->figures;
	struct wall then = instant_wall(f->measured_at), today = instant_wall(rq->now);

	return (struct home_page_questions){
		.question = q->point->question, .at = page_of(rq, q->point), .state = state_page_of(f->state),
		.sentence = f->sentence, .evidence = f->evidence, .evidence_at = f->evidence_at, .is_measured = f->measured_at.ms != 0,
		.is_old = then.day != today.day || then.month != today.month || then.year != today.year,
		.measured_at = f->measured_at, .measured_on = f->measured_at, .next = f->next, .next_at = f->next_at, .owner = f->owner,
	};
}

/* Three things to do first: failing questions, then those that need action, each by its next step; then what waits longest. */
static size_t fill_first(struct rq *rq, const struct desk_question *questions, size_t n, const struct tasks *tasks,
                         struct home_page_first *ret)
{
	size_t k = 0;

	for (enum state state = STATE_FAILING; state >= STATE_NEEDS_ACTION; state--)
		for (size_t i = 0; i < n && k < 3; i++) {
			const struct figures *f = &questions[i].figures;
			if (f->state == state && f->next_at.len)
				ret[k++] = (struct home_page_first){ .heading = f->next, .text = f->sentence, .act = str_of(_("Open")),
					.at = f->next_at, .is_primary = k == 0 };
		}
	for (size_t i = 0; i < tasks->n && k < 3; i++)
		ret[k++] = (struct home_page_first){ .heading = tasks->at[i].title, .text = STR(""), .act = str_of(_("Open")),
			.at = tasks->at[i].where, .is_primary = k == 0 };
	return k;
}

static enum err get_home(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct desk_question questions[DESK_QUESTIONS];
	struct home_page_questions rows[DESK_QUESTIONS];
	struct home_page_first first[3];
	enum state states[DESK_QUESTIONS];
	struct tasks tasks;
	size_t n;

	if (!(rq->actor->roles & may_see)) {
		answer->status = 303;
		answer->location = STR("/me");
		return OK;
	}
	TRY(desk_questions(rq, questions, &n));
	TRY(desk_tasks(rq, (rq->actor->roles & ROLE_COORDINATOR) != 0, &tasks));
	for (size_t i = 0; i < n; i++) {
		close_links(rq, &questions[i].figures);
		rows[i] = question_row(rq, &questions[i]);
		states[i] = questions[i].figures.state;
	}
	struct home_page page = { .lead = lead(rq, questions, n), .today = rq->now, .week = wall_week(instant_wall(rq->now)),
		.updated_at = rq->now, .done = STR(""), .questions = rows, .n_questions = n, .first = first, .waiting = (int64_t)tasks.n };
	page.n_first = fill_first(rq, questions, n, &tasks, first);
	home_columns(rq, states, n, &page);
	home_page(&answer->body, rq->language, &page);
	return OK;
}

/* --- what waits --- */

static struct str who_of(struct rq *rq, const struct task *task)
{
	struct people_get_row person;

	if (task->person < 0 || people_get(rq, task->person, &person) != OK)
		return people_role_words(rq, task->roles);
	return people_shown_name(rq, person.name, person.is_protected);
}

static enum err get_tasks(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct tasks tasks;
	struct tasks_page page = { 0 };
	(void)visit;

	TRY(desk_tasks(rq, (rq->actor->roles & ROLE_COORDINATOR) != 0, &tasks));
	struct tasks_page_mine *mine = NEW_MANY(rq->arena, tasks.n + 1, struct tasks_page_mine);
	struct tasks_page_others *others = NEW_MANY(rq->arena, tasks.n + 1, struct tasks_page_others);
	for (size_t i = 0; i < tasks.n; i++) {
		const struct task *task = &tasks.at[i];
		bool is_overdue = task->due_at.ms && instant_is_before(task->due_at, rq->now);
		if (!is_mine(rq, task)) {
			others[page.n_others++] = (struct tasks_page_others){ task->title, task->where, who_of(rq, task), task->due_at, is_overdue };
			continue;
		}
		mine[page.n_mine++] = (struct tasks_page_mine){ task->title, task->where, task->due_at, is_overdue };
		page.overdue += is_overdue;
	}
	page.mine = mine;
	page.others = others;
	page.total = (int64_t)page.n_mine;
	tasks_page(&answer->body, rq->language, &page);
	return OK;
}

const struct page desk_pages[] = {
	{ .path = "/", .may_get = ROLE_STAFF, .get = get_home, .menu = N_("Where we stand") },
	{ .path = "/tasks", .may_get = ROLE_STAFF, .get = get_tasks },
	{ 0 },
};
