/* One's own page: may I connect now, and if not why and what to do; my access, my latest connections, what waits, who stands in for me.
 *
 * The sentence is the gate's own, word for word what a refused connection says: whoever reads it on the VPN client's screen finds it here.
 *
 * SECURITY: shows the reader alone, whoever she is; there is no other person's number in its address. The log-in itself (password,
 * codes) is changed elsewhere. */
#include "desk.h"
#include "person.h"
#include "router.h"
#include "floor/frame.h"
#include "floor/me.html.h"

enum { WAIT_SHOWN = 5 };

static enum err fill_verdict(struct rq *rq, struct me_page *page)
{
	struct gate_verdict verdict;
	struct person_page_reasons *reasons;

	TRY(person_judge(rq, rq->actor->person, &verdict));
	page->verdict_state = person_verdict_shape(verdict.verdict);
	page->verdict = person_sentence(rq, &verdict, _("You can connect now, with your password and your second factor."));
	page->verdict_until = person_right_ends(&verdict);
	page->n_reasons = person_reasons(rq, &verdict, &reasons);
	struct me_page_reasons *at = NEW_MANY(rq->arena, page->n_reasons + 1, struct me_page_reasons);
	for (size_t i = 0; i < page->n_reasons; i++)
		at[i] = (struct me_page_reasons){ .point = reasons[i].point, .text = reasons[i].text, .state = reasons[i].state };
	page->reasons = at;
	return OK;
}

static enum err fill_rights(struct rq *rq, struct me_page *page)
{
	struct abouts abouts = { 0 };

	TRY(person_about(rq, rq->actor->person, &abouts));
	struct me_page_abouts *at = NEW_MANY(rq->arena, abouts.n + 1, struct me_page_abouts);
	for (size_t i = 0; i < abouts.n; i++)
		at[i] = (struct me_page_abouts){ .what = abouts.at[i].what, .at = abouts.at[i].at, .until = abouts.at[i].until,
			.state = { str_of(abouts.at[i].shape), abouts.at[i].state } };
	page->abouts = at;
	page->n_abouts = abouts.n;
	TRY(person_sessions(rq, rq->actor->person, &page->connections));
	page->has_connected = page->connections.n_sessions > 0;
	return OK;
}

static enum err fill_mine(struct rq *rq, struct me_page *page)
{
	struct mines mines = { 0 };

	for (size_t i = 0; points[i]; i++)
		if (points[i]->mine)
			TRY(points[i]->mine(rq, rq->actor->person, &mines));
	struct me_page_mine *at = NEW_MANY(rq->arena, mines.n + 1, struct me_page_mine);
	for (size_t i = 0; i < mines.n; i++) {
		const struct mine *mine = &mines.at[i];
		at[i] = (struct me_page_mine){ .title = mine->title, .text = mine->text, .words = mine->words, .code = mine->code, .until = mine->until,
			.at_moment = mine->at_moment, .at = mine->at, .button = mine->button ? mine->button : "", .no_at = mine->no_at };
	}
	page->mine = at;
	page->n_mine = mines.n;
	return OK;
}

static enum err fill_deputies(struct rq *rq, struct me_page *page)
{
	struct people_deputies_row *mine;
	struct people_deputy_for_row *others;
	size_t n, n_others;

	TRY(people_deputies(rq, rq->actor->person, &mine, &n));
	TRY(people_deputy_for(rq, rq->actor->person, rq->now, &others, &n_others));
	struct me_page_deputies *at = NEW_MANY(rq->arena, n + 1, struct me_page_deputies);
	struct me_page_deputising *to = NEW_MANY(rq->arena, n_others + 1, struct me_page_deputising);
	for (size_t i = 0; i < n; i++)
		if (instant_is_before(rq->now, mine[i].until) && instant_is_before(mine[i].from_at, mine[i].until))
			at[page->n_deputies++] = (struct me_page_deputies){ .name = people_shown_name(rq, mine[i].name, mine[i].is_protected),
				.from_at = mine[i].from_at, .until = person_last_moment(mine[i].until) };
	for (size_t i = 0; i < n_others; i++)
		if (instant_is_before(others[i].from_at, others[i].until))
			to[page->n_deputising++] = (struct me_page_deputising){ .name = people_shown_name(rq, others[i].name, others[i].is_protected),
				.from_at = others[i].from_at, .until = person_last_moment(others[i].until) };
	page->deputies = at;
	page->deputising = to;
	return OK;
}

static enum err fill_wait(struct rq *rq, struct me_page *page)
{
	struct tasks tasks;

	TRY(desk_tasks(rq, false, &tasks));
	struct me_page_wait *at = NEW_MANY(rq->arena, WAIT_SHOWN, struct me_page_wait);
	for (size_t i = 0; i < MIN(tasks.n, (size_t)WAIT_SHOWN); i++)
		at[page->n_wait++] = (struct me_page_wait){ .title = tasks.at[i].title, .at = tasks.at[i].where };
	page->wait = at;
	page->waiting = (int64_t)tasks.n;
	return OK;
}

/* The address of a page that another column brings, once it is there. */
static struct str if_there(const char *path)
{
	struct str rest;
	const struct page *page = router_find(str_of(path), &rest);
	return page && !rest.len ? str_of(path) : STR("");
}

static enum err get_me(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct people_get_row person;

	if (rq->actor->person < 0)
		return fail(rq, ERR_NONE, _("There is no such person."));
	TRY(people_get(rq, rq->actor->person, &person));
	struct me_page page = { .done = STR(""), .form_token = visit->form_token, .name = person.name, .unit = person.unit_name, .manager = person_manager_name(rq, &person),
		.phone = person.phone, .email = person.email, .email_changed_at = person.email_changed_at, .phone_changed_at = person.phone_changed_at,
		.roles = people_role_words(rq, rq->actor->roles & ROLE_STAFF & ~(unsigned)ROLE_EMPLOYEE),
		.ask_at = rq->actor->roles & (ROLE_MANAGER | ROLE_SYSTEM_OWNER) ? if_there("/access/ask") : STR(""),
		.deputy_at = str_print(rq->arena, "/people/deputy/%lld", (long long)person.id), .security_at = if_there("/me/security"),
		.rules_at = if_there("/rules") };
	TRY(fill_mine(rq, &page));
	TRY(fill_verdict(rq, &page));
	TRY(fill_rights(rq, &page));
	TRY(fill_deputies(rq, &page));
	TRY(fill_wait(rq, &page));
	answer->title = str_of(_("My page"));
	me_page(&answer->body, rq->language, &page);
	return OK;
}

const struct page me_pages[] = {
	{ .path = "/me", .may_get = ROLE_STAFF, .get = get_me },
	{ 0 }
};
