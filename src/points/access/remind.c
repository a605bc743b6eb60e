/* Reminders of a review: its reviewers by mail when it begins, some days before its last day and when that is past; and when still nothing has come, those
 * above them, who may then answer themselves.
 *
 * Who has been told what is read from the outbox of mail, so a restart neither repeats nor forgets; a batch a minute. Without a mail server the tasks stand in
 * everybody's list all the same.
 *
 * SECURITY: a reminder names the review and a number, never whose access it is. */
#include "access.h"
#include "points/access/review.h"
#include "floor/mail.h"
#include "floor/setting.h"

enum { BATCH = 50 };

enum stage { STAGE_BEGUN, STAGE_SOON, STAGE_OVERDUE, STAGE_ABOVE };
static const char *const kind[] = { "access.review.begun", "access.review.soon", "access.review.overdue", "access.review.above" };

struct telling { const struct access_review_all_row *review; enum stage stage; struct change *change; size_t told; };

bool access_review_is_escalated(struct rq *rq, struct instant due_at)
{
	return !instant_is_before(rq->now, instant_plus(due_at, DAYS(setting_number(rq, "access.escalate_days"))));
}

static enum stage stage_of(struct rq *rq, const struct access_review_all_row *review)
{
	if (!instant_is_before(rq->now, review->due_at))
		return STAGE_OVERDUE;
	return instant_is_before(rq->now, instant_plus(review->due_at, DAYS(-setting_number(rq, "access.remind_days")))) ? STAGE_BEGUN : STAGE_SOON;
}

static struct str words(struct rq *rq, enum language l, const struct telling *telling, int64_t n)
{
	struct out text = out_new(rq->arena), day = out_new(rq->arena);
	const char *name = str_c(rq->arena, telling->review->name);

	tongue_date(&day, l, instant_plus(telling->review->due_at, SECONDS(-1)));
	const char *last = str_c(rq->arena, out_str(&day));
	if (telling->stage == STAGE_ABOVE) {
		out_print(&text, tongue_n(l, "In the review %s, whose last day was %s, %lld answer is missing from managers who report to you.",
			"In the review %s, whose last day was %s, %lld answers are missing from managers who report to you.", n), name, last, (long long)n);
		out_text(&text, "\n\n");
		out_text(&text, tongue(l, "Talk to them, or answer yourself on the page of the review. What nobody answers for never counts as kept."));
		return out_str(&text);
	}
	out_print(&text, tongue_n(l, "The review %s asks whether %lld grant of your people is still needed.",
		"The review %s asks whether %lld grants of your people are still needed.", n), name, (long long)n);
	out_text(&text, "\n\n");
	if (telling->stage == STAGE_OVERDUE)
		out_print(&text, tongue(l, "The last day was %s. What nobody answers for never counts as kept, and your own manager is told."), last);
	else
		out_print(&text, tongue(l, "Answer at latest on %s: keep, change or remove."), last);
	return out_str(&text);
}

static enum err tell(struct rq *rq, struct telling *telling, int64_t person, int64_t n)
{
	struct mail_told_row told;
	struct access_person_row row;
	enum language l = mail_language(rq, person);
	struct str what = str_print(rq->arena, "%s/%lld", kind[telling->stage], (long long)telling->review->id);

	if (telling->told >= BATCH || !mail_reaches(rq, person) || access_person(rq, person, &row) != OK || row.left_at.is)
		return OK;
	enum err err = mail_told(rq, (struct maybe_int){ true, person }, what, telling->review->began_at, &told);
	if (err != ERR_NONE)
		return err;
	if (!telling->change)
		TRY(audit_begin(rq, "access.review.remind", telling->review->name, &telling->change));
	telling->told++;
	return mail_say(telling->change, &(struct mail){ .kind = what.at, .person = person, .text = words(rq, l, telling, n),
		.at = str_print(rq->arena, "/access/review/%lld", (long long)telling->review->id), .title = telling->stage == STAGE_ABOVE
			? str_of(tongue(l, "Answers in a review of access are overdue")) : telling->stage == STAGE_OVERDUE
			? str_of(tongue(l, "Your answers in a review of access are overdue")) : str_print(rq->arena, tongue_n(l, "%lld grant waits for your answer",
			"%lld grants wait for your answer", n), (long long)n) });
}

/* Whoever has the role, when nobody in particular is to be told. */
static enum err tell_role(struct rq *rq, struct telling *telling, unsigned role, int64_t n)
{
	struct mail_role_row *rows;
	size_t n_rows;

	TRY(mail_role(rq, role, &rows, &n_rows));
	for (size_t i = 0; i < n_rows; i++)
		TRY(tell(rq, telling, rows[i].id, n));
	return OK;
}

static bool is_employed(struct rq *rq, struct maybe_int person)
{
	struct access_person_row row;
	return person.is && access_person(rq, person.i, &row) == OK && !(row.left_at.is && row.left_at.i <= rq->now.ms)
	    && !(row.employment_end.is && row.employment_end.i <= rq->now.ms);
}

static enum err remind(struct rq *rq, const struct access_review_all_row *review)
{
	struct telling telling = { .review = review, .stage = stage_of(rq, review) };
	struct access_review_by_manager_row *rows;
	struct access_review_by_superior_row *above;
	size_t n;

	TRY(access_review_by_manager(rq, review->began_at, rq->now, review->id, &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(is_employed(rq, rows[i].manager) ? tell(rq, &telling, rows[i].manager.i, rows[i].n) : tell_role(rq, &telling, ROLE_SYSTEM_OWNER, rows[i].n));
	if (!access_review_is_escalated(rq, review->due_at))
		return OK;
	telling.stage = STAGE_ABOVE;
	TRY(access_review_by_superior(rq, review->began_at, rq->now, review->id, &above, &n));
	for (size_t i = 0; i < n; i++)
		TRY(is_employed(rq, above[i].superior) ? tell(rq, &telling, above[i].superior.i, above[i].n) : tell_role(rq, &telling, ROLE_COORDINATOR, above[i].n));
	return OK;
}

enum err access_tick(struct rq *rq)
{
	struct access_review_all_row *reviews;
	size_t n;

	if (!mail_is_on())
		return OK;
	TRY(access_review_all(rq, &reviews, &n));
	for (size_t i = 0; i < n; i++)
		if (!reviews[i].closed_at.is)
			TRY(remind(rq, &reviews[i]));
	return OK;
}

/* In the lists of those above: what managers who report to them have left unanswered. */
enum err access_due_above(struct rq *rq, const struct access_review_all_row *review, struct tasks *ret)
{
	struct access_review_by_superior_row *rows;
	size_t n;

	if (review->closed_at.is || !access_review_is_escalated(rq, review->due_at))
		return OK;
	TRY(access_review_by_superior(rq, review->began_at, rq->now, review->id, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		bool is_known = is_employed(rq, rows[i].superior);
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, tongue_n(rq->language,
			"%lld answer of managers who report to you is overdue in the review %.*s", "%lld answers of managers who report to you are overdue in the review %.*s",
			rows[i].n), (long long)rows[i].n, STR_ARG(review->name)), .where = str_print(rq->arena, "/access/review/%lld", (long long)review->id),
			.person = is_known ? rows[i].superior.i : -1, .roles = is_known ? 0 : ROLE_COORDINATOR, .due_at = review->due_at });
	}
	return OK;
}
