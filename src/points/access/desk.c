/* How question 1 stands, and what waits for whom.
 *
 * The worst measure decides. Failing: somebody who has left holds an open grant. Needs action: a check is overdue, a request
 * has waited for more than five days, a gateway only watches, or a step A1-A5 lacks rule, owner or evidence. Unknown: nobody is
 * imported or nothing was ever granted; unknown is never green.
 *
 * What it does not do: it keeps no figures. Each is counted from the grants at the moment of the question. */
#include "points/access/practice.h"
#include "points/access/review.h"
#include "points/access/verify.h"
#include "access.h"
#include "points/access/reset.h"
#include "floor/gateway.sql.h"
#include "floor/session.sql.h"

enum { STEP_MONTHS = 12, WATCH_DAYS = 30 };
static const struct span patience = { (int64_t)5 * 24 * 3600 * 1000 };

struct tally {
	struct access_figure_open_row    open;
	struct access_figure_waiting_row waiting;
	int64_t                          unverified;            /* resets of 30 days in other systems' logs that had no verification here */
	int64_t                          leavers, steps;        /* steps met and assessed within a year */
	int64_t                          watching, against;     /* gateways that only watch; whom they let in and would have refused */
	struct maybe_int                 owner;                 /* of the first step: answers for the question */
};

static bool is_fresh(const struct access_step_all_row *step, struct instant now)
{
	return step->is_met && instant_is_before(now, instant_plus_months(step->assessed_at, STEP_MONTHS));
}

/* A gateway that only watches lets in whom the gate refuses: a deviation, however few they are. */
static enum err count_watching(struct rq *rq, struct tally *ret)
{
	struct gateway_all_row *gateways;
	struct session_against_row *against;
	size_t n;

	TRY(gateway_all(rq, &gateways, &n));
	for (size_t i = 0; i < n; i++)
		ret->watching += gateways[i].is_watch;
	TRY(session_against(rq, instant_plus(rq->now, DAYS(-WATCH_DAYS)), &against, &n));
	for (size_t i = 0; i < n; i++)
		ret->against += against[i].n;
	return OK;
}

static enum err count(struct rq *rq, struct tally *ret)
{
	struct access_figure_leavers_row leavers;
	struct reset_count_row resets;
	struct access_step_all_row *steps;
	size_t n;

	TRY(access_figure_open(rq, rq->now, &ret->open));
	TRY(access_figure_leavers(rq, rq->now, &leavers));
	TRY(access_figure_waiting(rq, rq->now, &ret->waiting));
	TRY(access_step_all(rq, &steps, &n));
	TRY(count_watching(rq, ret));
	TRY(reset_count(rq, instant_plus(rq->now, DAYS(-WATCH_DAYS)), &resets));
	ret->unverified = resets.unverified;
	ret->leavers = leavers.n;
	for (size_t i = 0; i < n; i++) {
		ret->steps += is_fresh(&steps[i], rq->now);
		if (steps[i].id == 1)
			ret->owner = steps[i].owner;
	}
	return OK;
}

static struct str percent_sentence(struct rq *rq, const struct tally *t)
{
	struct out out = out_new(rq->arena), n = out_new(rq->arena), traced = out_new(rq->arena);
	int64_t here = t->open.n - t->open.stated;

	tongue_number(&n, rq->language, t->open.n);
	tongue_number(&traced, rq->language, here);
	out_print(&out, _("%.*s of %.*s open grants (%lld %%) were requested, approved and executed here by three people."),
	          STR_ARG(out_str(&traced)), STR_ARG(out_str(&n)), (long long)(t->open.n ? here * 100 / t->open.n : 0));
	return out_str(&out);
}

/* Each measure that is not as it should be, the worst last, so that its words stand. */
static void weigh(struct rq *rq, const struct tally *t, struct figures *ret)
{
	if (t->steps < ACCESS_STEPS) {
		ret->state = STATE_NEEDS_ACTION;
		ret->next = str_print(rq->arena, _("Assess the steps: %lld of %d have a rule, an owner and evidence"), (long long)t->steps, ACCESS_STEPS);
		ret->next_at = STR("/access/step");
	}
	if (t->waiting.oldest.is && t->waiting.oldest.i + patience.ms < rq->now.ms) {
		ret->state = STATE_NEEDS_ACTION;
		ret->next = str_print(rq->arena, tongue_n(rq->language, "Decide %lld request that waits", "Decide %lld requests that wait",
			t->waiting.to_approve + t->waiting.to_execute), (long long)(t->waiting.to_approve + t->waiting.to_execute));
		ret->next_at = STR("/access/waiting");
	}
	if (t->open.overdue) {
		ret->state = STATE_NEEDS_ACTION;
		ret->next = str_print(rq->arena, tongue_n(rq->language, "Check %lld grant whose yearly check is overdue",
			"Check %lld grants whose yearly check is overdue", t->open.overdue), (long long)t->open.overdue);
		ret->next_at = STR("/access/review");
	}
	if (t->unverified) {
		ret->state = STATE_NEEDS_ACTION;
		ret->next = str_print(rq->arena, tongue_n(rq->language, "Look into %lld reset of 30 days without a verification",
			"Look into %lld resets of 30 days without a verification", t->unverified), (long long)t->unverified);
		ret->next_at = STR("/access/resets");
	}
	if (t->watching) {
		ret->state = STATE_NEEDS_ACTION;
		ret->next = str_print(rq->arena, tongue_n(rq->language, "Let the gateways enforce: %lld log-in of 30 days would have been refused",
			"Let the gateways enforce: %lld log-ins of 30 days would have been refused", t->against), (long long)t->against);
		ret->next_at = STR("/admin");
	}
	if (t->leavers) {
		ret->state = STATE_FAILING;
		ret->next = str_print(rq->arena, tongue_n(rq->language, "End %lld grant of somebody who has left",
			"End %lld grants of people who have left", t->leavers), (long long)t->leavers);
		ret->next_at = STR("/access");
	}
}

enum err access_figures(struct rq *rq, struct figures *ret)
{
	struct access_figure_people_row people;
	struct access_figure_grants_row grants;
	struct access_person_row owner;
	struct tally t = { 0 };

	TRY(access_figure_people(rq, &people));
	TRY(access_figure_grants(rq, &grants));
	ret->state = STATE_UNKNOWN;
	if (people.n == 0) {
		ret->sentence = str_of(_("No people are imported yet."));
		ret->next = str_of(_("Import people from the HR system"));
		ret->next_at = STR("/people/import");
		return OK;
	}
	if (grants.n == 0) {
		ret->sentence = str_of(_("No access has been requested here yet, so nobody gets in."));
		ret->next = str_of(_("Request the first access"));
		ret->next_at = STR("/access/ask");
		return OK;
	}
	TRY(count(rq, &t));
	ret->state = STATE_IN_ORDER;
	ret->sentence = percent_sentence(rq, &t);
	ret->evidence = str_of(_("All grants"));
	ret->evidence_at = STR("/access");
	ret->measured_at = rq->now;
	weigh(rq, &t, ret);
	if (t.owner.is && access_person(rq, t.owner.i, &owner) == OK)
		ret->owner = owner.name;
	return OK;
}

struct str access_shown_name(struct rq *rq, struct str name, bool is_protected)
{
	return is_protected ? str_of(_("Protected identity")) : name;
}

static void add_waiting(struct rq *rq, struct tasks *ret, const struct access_due_waiting_row *row)
{
	struct str name = access_shown_name(rq, row->name, row->is_protected);
	struct task task = { .where = str_print(rq->arena, "/access/grant/%lld", (long long)row->id), .person = -1,
		.due_at = instant_plus(row->requested_at, patience) };

	if (row->returned_at.is && !row->approved_at.is) {
		task.title = str_print(rq->arena, _("Answer the comment on access for %.*s"), STR_ARG(name));
		task.person = row->requested_by.is ? row->requested_by.i : -1;
		task.roles = row->requested_by.is ? 0 : ROLE_COORDINATOR;
	} else if (!row->approved_at.is) {
		task.title = str_print(rq->arena, _("Approve or reject access for %.*s to %.*s"), STR_ARG(name), STR_ARG(row->service));
		task.roles = ROLE_MANAGER | ROLE_SYSTEM_OWNER;
	} else {
		task.title = str_print(rq->arena, _("Execute access for %.*s to %.*s"), STR_ARG(name), STR_ARG(row->service));
		task.roles = ROLE_SUPPORT;
		if (instant_is_before(row->from_at, task.due_at))
			task.due_at = row->from_at;
	}
	tasks_add(rq, ret, &task);
}

static void add_steps(struct rq *rq, struct tasks *ret, const struct access_step_all_row *steps, size_t n)
{
	for (int64_t step = 1; step <= ACCESS_STEPS; step++) {
		const struct access_step_all_row *row = NULL;
		for (size_t i = 0; i < n; i++)
			if (steps[i].id == step)
				row = &steps[i];
		if (row && is_fresh(row, rq->now))
			continue;
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Assess step A%lld: %s"), (long long)step,
			_(access_step_text[step - 1])), .where = STR("/access/step"), .person = -1, .roles = ROLE_COORDINATOR,
			.due_at = row && row->is_met ? instant_plus_months(row->assessed_at, STEP_MONTHS) : rq->now });
	}
}

static enum err add_checks(struct rq *rq, struct tasks *ret)
{
	struct access_due_checks_row *rows;
	size_t n;

	TRY(access_due_checks(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, tongue_n(rq->language, "Check %lld grant of your people",
			"Check %lld grants of your people", rows[i].n), (long long)rows[i].n), .where = STR("/access/review"),
			.person = rows[i].manager.is ? rows[i].manager.i : -1, .roles = rows[i].manager.is ? 0 : ROLE_SYSTEM_OWNER,
			.due_at = { rows[i].oldest.i } });
	return OK;
}

static enum err add_reviews(struct rq *rq, struct tasks *ret)
{
	struct access_review_all_row *reviews;
	size_t n_reviews;

	TRY(access_review_all(rq, &reviews, &n_reviews));
	for (size_t i = 0; i < n_reviews; i++) {
		struct access_review_by_manager_row *rows;
		size_t n;
		if (reviews[i].closed_at.is)
			continue;
		TRY(access_due_above(rq, &reviews[i], ret));
		TRY(access_review_by_manager(rq, reviews[i].began_at, rq->now, reviews[i].id, &rows, &n));
		for (size_t k = 0; k < n; k++)
			tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, tongue_n(rq->language,
				"Answer for %lld grant in the review %.*s", "Answer for %lld grants in the review %.*s", rows[k].n),
				(long long)rows[k].n, STR_ARG(reviews[i].name)),
				.where = str_print(rq->arena, "/access/review/%lld", (long long)reviews[i].id),
				.person = rows[k].manager.is ? rows[k].manager.i : -1, .roles = rows[k].manager.is ? 0 : ROLE_SYSTEM_OWNER,
				.due_at = reviews[i].due_at });
	}
	return OK;
}

/* A manager who is asked to vouch has a quarter of an hour. */
static enum err add_vouching(struct rq *rq, struct tasks *ret)
{
	struct verify_asked_all_row *rows;
	size_t n;

	TRY(verify_asked_all(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Is it %.*s who rings support?"), STR_ARG(rows[i].name)),
			.where = str_print(rq->arena, "/access/vouch/%lld", (long long)rows[i].id), .person = rows[i].person, .due_at = rows[i].until });
	return OK;
}

static enum err add_hands(struct rq *rq, struct tasks *ret)
{
	struct verify_hands_open_row *rows;
	struct verify_pack pack;
	size_t n;

	TRY(verify_pack(rq, &pack));
	TRY(verify_hands_open(rq, instant_plus(rq->now, (struct span){ -pack.open.ms }), &rows, &n));
	for (size_t i = 0; i < n; i++)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Take over verification %lld"), (long long)rows[i].verification),
			.where = str_print(rq->arena, "/access/verification/%lld", (long long)rows[i].verification), .person = -1, .roles = ROLE_SUPPORT,
			.due_at = rows[i].asked_at });
	return OK;
}

enum err access_due(struct rq *rq, struct tasks *ret)
{
	struct access_due_waiting_row *waiting;
	struct access_figure_people_row people;
	struct access_step_all_row *steps;
	size_t n_waiting, n_steps;

	TRY(access_due_waiting(rq, rq->now, &waiting, &n_waiting));
	for (size_t i = 0; i < n_waiting; i++)
		add_waiting(rq, ret, &waiting[i]);
	TRY(add_vouching(rq, ret));
	TRY(add_hands(rq, ret));
	TRY(practice_due(rq, ret));
	TRY(add_checks(rq, ret));
	TRY(add_reviews(rq, ret));
	TRY(access_figure_people(rq, &people));
	TRY(access_step_all(rq, &steps, &n_steps));
	if (people.n)
		add_steps(rq, ret, steps, n_steps);
	return OK;
}
