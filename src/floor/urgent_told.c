/* Who is told of an urgent case: those who answer for the standing decision, at once and by mail; and what waits for whom.
 *
 * SECURITY: a mail passes through others' servers, so it names nobody and says nothing of what it is about; its link opens a page that changes nothing
 * by being read. */
#include "floor/mail.h"
#include "floor/urgent_own.h"

enum { MOST_TOLD = 16 };
struct told { int64_t at[MOST_TOLD]; size_t n; };

static void add(struct told *told, int64_t person)
{
	for (size_t i = 0; i < told->n; i++)
		if (told->at[i] == person)
			return;
	if (told->n < MOST_TOLD)
		told->at[told->n++] = person;
}

/* Who was asked to decide, who signed, and whoever stands in for one of them today. */
static enum err who_answers(struct rq *rq, const struct urgent *u, struct told *ret)
{
	const int64_t of[] = { u->standing.decider, u->standing.signed_by.is ? u->standing.signed_by.i : u->standing.decider };
	struct decide_deputies_row *deputies;
	size_t n;

	for (size_t i = 0; i < LENGTH(of); i++) {
		add(ret, of[i]);
		TRY(decide_deputies(rq, of[i], rq->now, &deputies, &n));
		for (size_t k = 0; k < n; k++)
			add(ret, deputies[k].deputy);
	}
	return OK;
}

static struct str page_of(struct rq *rq, const struct urgent *u)
{
	return str_print(rq->arena, "/decisions/urgent/%lld", (long long)u->row.id);
}

enum err urgent_mail(struct change *change, const struct urgent *u, enum urgent_mail what)
{
	static const struct { const char *kind, *title, *text; } mail[] = {
		[URGENT_MAIL_USED] = { "decision.urgent", N_("Standing decision %lld has been used"),
			N_("Two people have let somebody in for some hours, by a standing decision that you answer for. Look at it, and write whether it was right. "
			   "Was it not? Then end it at once on its page.") },
		[URGENT_MAIL_REVERSED] = { "decision.urgent_reversed", N_("A use of standing decision %lld was reversed"),
			N_("Somebody was let in by a standing decision that you answer for, and it has been ended before its time. Why stands on its page. Look at it, and write whether it was right.") } };
	struct rq *rq = change_rq(change);
	struct told told = { .n = 0 };

	if (!mail_is_on())
		return OK;
	TRY(who_answers(rq, u, &told));
	for (size_t i = 0; i < told.n; i++) {
		enum language language = mail_language(rq, told.at[i]);
		TRY(mail_say(change, &(struct mail){ .kind = mail[what].kind, .person = told.at[i], .at = page_of(rq, u),
			.title = str_print(rq->arena, tongue(language, mail[what].title), (long long)u->row.decision), .text = str_of(tongue(language, mail[what].text)) }));
	}
	return OK;
}

static bool may_review(struct rq *rq, const struct urgent *u, int64_t person)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	return urgent_may_review(&asking, u, person) == OK;
}

/* To those who answer for it; to all of management when each of them had a part in it. */
static enum err due_review(struct rq *rq, const struct urgent *u, struct task task, struct tasks *ret)
{
	struct told told = { .n = 0 };
	bool is_somebodys = false;

	TRY(who_answers(rq, u, &told));
	for (size_t i = 0; i < told.n; i++) {
		task.person = told.at[i];
		if (!may_review(rq, u, task.person))
			continue;
		is_somebodys = true;
		tasks_add(rq, ret, &task);
	}
	task.person = -1;
	task.roles = ROLE_MANAGEMENT;
	if (!is_somebodys)
		tasks_add(rq, ret, &task);
	return OK;
}

enum err urgent_due(struct rq *rq, struct tasks *ret)
{
	struct urgent_open_row *open;
	struct urgent u;
	size_t n;

	TRY(urgent_open(rq, instant_plus(rq->now, MINUTES(-URGENT_CONFIRM_MINUTES)), &open, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(urgent_read(rq, open[i].id, &u));
		struct task task = { .where = page_of(rq, &u), .person = -1 };
		if (u.state == URGENT_ASKED) {
			task.title = str_print(rq->arena, _("Urgent: confirm or refuse case %lld, as the second person"), (long long)u.row.id);
			task.roles = (unsigned)u.terms.users;
			task.due_at = instant_plus(u.row.asked_at, MINUTES(URGENT_CONFIRM_MINUTES));
			tasks_add(rq, ret, &task);
		} else if (!u.row.reviewed_at.is) {
			task.title = str_print(rq->arena, _("Standing decision %lld was used: look at urgent case %lld"), (long long)u.row.decision, (long long)u.row.id);
			task.due_at = instant_plus((struct instant){ u.row.answered_at.i }, DAYS(URGENT_REVIEW_DAYS));
			TRY(due_review(rq, &u, task, ret));
		} else {
			task.title = str_print(rq->arena, _("Urgent case %lld was not right: put right what followed"), (long long)u.row.id);
			task.person = u.row.asker;
			task.due_at = instant_plus((struct instant){ u.row.reviewed_at.i }, DAYS(URGENT_REVIEW_DAYS));
			tasks_add(rq, ret, &task);
		}
	}
	return OK;
}
