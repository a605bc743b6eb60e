/* Pages of the yearly review and of the five steps.
 *
 * A manager answers for her own people, 50 at a time; each answer is its own leaf. Who coordinates sees who has how many left, and
 * closes the review; what is unanswered then stays overdue.
 *
 * SECURITY: the numbers of the grants come from the form, but access_review_say asks the store again whether this reader may answer. */
#include "access.h"
#include "points/access/review.h"
#include "floor/people.h"
#include "points/access/access_review.html.h"
#include "points/access/access_reviews.html.h"
#include "points/access/access_step.html.h"

enum { PAGE = 50 };

/* --- all reviews --- */

static struct state_page shape_of(struct rq *rq, bool is_closed, struct instant due_at, bool is_whole)
{
	if (is_closed)
		return (struct state_page){ STR("unknown"), N_("Closed") };
	if (!instant_is_before(rq->now, due_at) && !is_whole)
		return (struct state_page){ STR("fail"), N_("Overdue") };
	return is_whole ? (struct state_page){ STR("ok"), N_("Answered") } : (struct state_page){ STR("act"), N_("Going on") };
}

static enum err draw_reviews(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct access_review_all_row *rows;
	size_t n;

	TRY(access_review_all(rq, &rows, &n));
	struct access_reviews_page_reviews *reviews = NEW_MANY(rq->arena, n + 1, struct access_reviews_page_reviews);
	for (size_t i = 0; i < n; i++) {
		struct access_review_count_row count;
		TRY(access_review_count(rq, rows[i].id, rows[i].began_at, &count));
		reviews[i] = (struct access_reviews_page_reviews){ .at = str_print(rq->arena, "/access/review/%lld", (long long)rows[i].id),
			.name = rows[i].name, .began_at = rows[i].began_at, .due_at = rows[i].due_at, .all = count.n, .answered = count.answered,
			.state = shape_of(rq, rows[i].closed_at.is, rows[i].due_at, count.n == count.answered) };
	}
	struct access_reviews_page page = { .errors = wrongs_page(wrongs),
		.done = str_equal(visit_field(visit, "done"), STR("begin")) ? str_of(_("The review has begun. Every manager has it as a task."))
		      : STR(""),
		.lead = str_of(_("All open access is checked at least once a year.")), .reviews = reviews, .n_reviews = n,
		.empty = { .what = str_of(_("No review has been held yet.")), .next = STR(""), .next_at = STR("") },
		.may_begin = (rq->actor->roles & ROLE_COORDINATOR) != 0, .form_token = visit->form_token,
		.name = field_again(visit, wrongs, "name", true), .due = field_again(visit, wrongs, "due", true) };
	answer->has_errors = wrongs->n != 0;
	access_reviews_page(&answer->body, rq->language, &page);
	return OK;
}

enum err access_get_reviews(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_reviews(rq, visit, &(struct wrongs){ 0 }, answer);
}

enum err access_post_reviews(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct instant due;
	int64_t id;

	if (visit_field(visit, "name").len == 0)
		wrong_add(&wrongs, "name", _("Give the review a name of at most 200 characters."));
	if (access_read_day(visit_field(visit, "due"), true, &due) != OK)
		wrong_add(&wrongs, "due", _("Enter the date like this: 2026-11-30"));
	enum err err = wrongs.n ? ERR_INVALID : access_review_begin(rq, visit_field(visit, "name"), due, rq->actor->person, &id);
	if (err == ERR_INVALID && !wrongs.n)
		wrong_add(&wrongs, "due", rq->trouble->text);
	if (err == ERR_INVALID)
		return draw_reviews(rq, visit, &wrongs, answer);
	if (err != OK)
		return err;
	answer->status = 303;
	answer->location = STR("/access/review?done=begin");
	return OK;
}

/* --- one review --- */

/* Those that this reader may answer for: a manager's people; what has no manager is a system owner's of the same body. */
static bool is_mine(struct rq *rq, const struct access_review_open_row *row, bool is_escalated)
{
	if (row->person == rq->actor->person)
		return false;
	if (is_escalated && row->superior.is && row->superior.i == rq->actor->person)
		return true;
	return row->manager.is ? row->manager.i == rq->actor->person
	     : row->body == rq->actor->body && (rq->actor->roles & ROLE_SYSTEM_OWNER) != 0;
}

struct found_items { struct access_review_page_items at[PAGE]; size_t n; int64_t more; };

static enum err find_items(struct rq *rq, const struct access_review_get_row *review, struct found_items *ret)
{
	bool is_escalated = access_review_is_escalated(rq, review->due_at);
	int64_t after = 0;

	for (size_t n = 51; n == 51 && !review->closed_at.is; ) {
		struct access_review_open_row *rows;
		TRY(access_review_open(rq, &(const struct access_review_open_args){ review->began_at, rq->now, review->id, after,
			{ true, rq->actor->person }, rq->actor->roles & ROLE_SYSTEM_OWNER ? rq->actor->body : -1,
			{ is_escalated, rq->actor->person } }, &rows, &n));
		for (size_t i = 0; i < n; i++) {
			after = rows[i].id;
			if (!is_mine(rq, &rows[i], is_escalated))
				continue;
			if (ret->n == PAGE) {
				ret->more++;
				continue;
			}
			ret->at[ret->n++] = (struct access_review_page_items){ .number = str_print(rq->arena, "%lld", (long long)rows[i].id),
				.at = str_print(rq->arena, "/access/grant/%lld", (long long)rows[i].id),
				.person = access_shown_name(rq, rows[i].name, rows[i].is_protected), .service = rows[i].service,
				.purpose = rows[i].purpose, .until = rows[i].until };
		}
	}
	return OK;
}

static enum err draw_review(struct rq *rq, const struct visit *visit, int64_t id, const struct wrongs *wrongs, struct answer *answer)
{
	struct access_review_get_row review;
	struct access_review_count_row count;
	struct access_review_by_manager_row *rows = NULL;
	struct found_items *items = NEW(rq->arena, struct found_items);
	bool coordinates = (rq->actor->roles & (ROLE_COORDINATOR | ROLE_AUDITOR)) != 0;
	size_t n = 0;

	if (access_review_get(rq, id, &review) != OK)
		return fail(rq, ERR_NONE, _("There is no review %lld."), (long long)id);
	TRY(access_review_count(rq, id, review.began_at, &count));
	TRY(find_items(rq, &review, items));
	if (coordinates && !review.closed_at.is)
		TRY(access_review_by_manager(rq, review.began_at, rq->now, id, &rows, &n));
	struct access_review_page_managers *managers = NEW_MANY(rq->arena, n + 1, struct access_review_page_managers);
	for (size_t i = 0; i < n; i++) {
		struct access_person_row person;
		bool is_known = rows[i].manager.is && access_person(rq, rows[i].manager.i, &person) == OK;
		managers[i] = (struct access_review_page_managers){ .left = rows[i].n,
			.name = is_known ? access_shown_name(rq, person.name, person.is_protected) : str_of(_("No manager: the system owners")) };
	}
	struct access_review_page page = { .errors = wrongs_page(wrongs),
		.done = visit_field(visit, "done").len && !wrongs->n ? str_of(_("Your answers are saved.")) : STR(""), .form_token = visit->form_token,
		.self_at = str_print(rq->arena, "/access/review/%lld", (long long)id), .name = review.name, .due_at = review.due_at,
		.is_closed = review.closed_at.is, .all = count.n, .answered = count.answered, .items = items->at, .n_items = items->n,
		.is_overdue = !review.closed_at.is && count.answered < count.n && !instant_is_before(rq->now, review.due_at),
		.more = items->more, .managers = managers, .n_managers = n,
		.may_close = !review.closed_at.is && (rq->actor->roles & ROLE_COORDINATOR) != 0 };
	answer->has_errors = wrongs->n != 0;
	access_review_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err review_number(struct rq *rq, const struct visit *visit, int64_t *ret)
{
	return str_number(visit->rest, INT64_MAX, ret) == OK ? OK : fail(rq, ERR_NONE, _("There is no such review."));
}

enum err access_get_review(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	int64_t id;

	TRY(review_number(rq, visit, &id));
	return draw_review(rq, visit, id, &(struct wrongs){ 0 }, answer);
}

/* One field "answer-NUMBER" and its note. A "change" without a note is wrong before anything is written. */
static enum err read_answer(struct rq *rq, const struct visit *visit, const struct field *field, struct access_answered *ret)
{
	static const struct { const char *word; enum access_answer answer; } word[] = { { "keep", ACCESS_KEEP }, { "change", ACCESS_CHANGE },
		{ "remove", ACCESS_REMOVE } };

	TRY(str_number(str_from(field->name, 7), INT64_MAX, &ret->grant));
	for (size_t i = 0; i < LENGTH(word); i++)
		if (str_equal(field->value, str_of(word[i].word)))
			ret->answer = word[i].answer;
	ret->note = visit_field(visit, str_c(rq->arena, str_print(rq->arena, "note-%lld", (long long)ret->grant)));
	return ret->answer ? OK : ERR_INVALID;
}

enum err access_post_review(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct access_answered said[PAGE];
	size_t n = 0;
	int64_t id;

	TRY(review_number(rq, visit, &id));
	answer->status = 303;
	answer->location = str_print(rq->arena, "/access/review/%lld?done=yes", (long long)id);
	if (str_equal(visit_field(visit, "act"), STR("close")))
		return access_review_end(rq, id, rq->actor->person);
	for (size_t i = 0; i < visit->n_fields && n < PAGE; i++) {
		if (!str_starts(visit->fields[i].name, STR("answer-")))
			continue;
		said[n] = (struct access_answered){ .review = id, .by = rq->actor->person };
		if (read_answer(rq, visit, &visit->fields[i], &said[n]) != OK)
			return fail(rq, ERR_INVALID, _("Answer keep, change or remove."));
		if (said[n].answer == ACCESS_CHANGE && said[n].note.len == 0)
			wrong_add(&wrongs, str_c(rq->arena, str_print(rq->arena, "note-%lld", (long long)said[n].grant)), _("Say what must change."));
		n++;
	}
	if (n == 0)
		wrong_add(&wrongs, "act", _("Choose an answer for at least one of them."));
	if (wrongs.n) {
		answer->status = 0;
		answer->location = STR("");
		return draw_review(rq, visit, id, &wrongs, answer);
	}
	for (size_t i = 0; i < n; i++)
		TRY(access_review_say(rq, &said[i]));
	return OK;
}

/* --- the five steps --- */

static struct state_page step_shape(struct rq *rq, const struct access_step_all_row *row)
{
	if (!row)
		return state_page_of(STATE_UNKNOWN);
	bool is_old = !instant_is_before(rq->now, instant_plus_months(row->assessed_at, 12));
	return state_page_of(row->is_met && !is_old ? STATE_IN_ORDER : STATE_NEEDS_ACTION);
}

static struct str name_of(struct rq *rq, struct maybe_int who)
{
	struct access_person_row person;
	return who.is && access_person(rq, who.i, &person) == OK ? access_shown_name(rq, person.name, person.is_protected) : STR("");
}

static const struct access_step_all_row *step_in(const struct access_step_all_row *rows, size_t n, int64_t step)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == step)
			return &rows[i];
	return NULL;
}

static enum err draw_steps(struct rq *rq, const struct visit *visit, int64_t chosen, const struct wrongs *wrongs, struct answer *answer)
{
	struct access_step_page_steps steps[ACCESS_STEPS];
	struct access_step_all_row *rows;
	size_t n;
	int met = 0;

	TRY(access_step_all(rq, &rows, &n));
	for (int64_t i = 0; i < ACCESS_STEPS; i++) {
		const struct access_step_all_row *row = step_in(rows, n, i + 1);
		steps[i] = (struct access_step_page_steps){ .number = i + 1, .text = access_step_text[i], .state = step_shape(rq, row),
			.rule = row ? row->rule : STR(""), .owner = row ? name_of(rq, row->owner) : STR(""), .evidence = row ? row->evidence : STR(""),
			.assessed_at = row ? row->assessed_at : (struct instant){ 0 }, .assessed_by = row ? name_of(rq, row->assessed_by) : STR(""),
			.at = rq->actor->roles & ROLE_COORDINATOR ? str_print(rq->arena, "/access/step/%lld", (long long)(i + 1)) : STR("") };
		met += row && row->is_met;
	}
	struct access_step_page page = { .errors = wrongs_page(wrongs), .done = visit_field(visit, "done").len ? str_of(_("The assessment is saved.")) : STR(""),
		.lead = str_print(rq->arena, _("%d of %d steps are met."), met, ACCESS_STEPS), .steps = steps, .n_steps = ACCESS_STEPS,
		.form_token = visit->form_token, .chosen = chosen, .chosen_text = chosen ? access_step_text[chosen - 1] : NULL, .self_at = STR("") };
	if (chosen) {
		const struct access_step_all_row *row = step_in(rows, n, chosen);
		struct people_get_row owner;
		page.self_at = str_print(rq->arena, "/access/step/%lld", (long long)chosen);
		page.is_met = wrongs->n ? str_equal(visit_field(visit, "met"), STR("yes")) : row && row->is_met;
		page.rule = field_again(visit, wrongs, "rule", true);
		page.owner = field_again(visit, wrongs, "owner", true);
		page.evidence = field_again(visit, wrongs, "evidence", true);
		if (row && !wrongs->n) {
			page.rule.value = row->rule;
			page.evidence.value = row->evidence;
			page.owner.value = row->owner.is && people_get(rq, row->owner.i, &owner) == OK ? owner.code : STR("");
		}
	}
	answer->has_errors = wrongs->n != 0;
	access_step_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err step_number(struct rq *rq, const struct visit *visit, int64_t *ret)
{
	if (str_number(visit->rest, ACCESS_STEPS, ret) == OK && *ret >= 1)
		return OK;
	return fail(rq, ERR_NONE, _("There is no such step."));
}

enum err access_get_steps(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	int64_t chosen = 0;

	if (visit->rest.len)
		TRY(step_number(rq, visit, &chosen));
	return draw_steps(rq, visit, chosen, &(struct wrongs){ 0 }, answer);
}

enum err access_post_step(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct access_assessed a = { .is_met = str_equal(visit_field(visit, "met"), STR("yes")), .rule = visit_field(visit, "rule"),
		.evidence = visit_field(visit, "evidence"), .by = rq->actor->person };
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct people_get_row owner;
	struct wrongs wrongs = { 0 };

	TRY(step_number(rq, visit, &a.step));
	asking.trouble = &trouble;
	if (visit_field(visit, "owner").len) {
		if (people_find(&asking, visit_field(visit, "owner"), &owner) == OK)
			a.owner = (struct maybe_int){ true, owner.id };
		else
			wrong_add(&wrongs, "owner", trouble.text);
	}
	enum err err = wrongs.n ? ERR_INVALID : access_assess(rq, &a);
	if (err == ERR_INVALID && !wrongs.n)
		wrong_add(&wrongs, a.rule.len == 0 ? "rule" : !a.owner.is ? "owner" : "evidence", rq->trouble->text);
	if (err == ERR_INVALID)
		return draw_steps(rq, visit, a.step, &wrongs, answer);
	if (err != OK)
		return err;
	answer->status = 303;
	answer->location = STR("/access/step?done=yes");
	return OK;
}
