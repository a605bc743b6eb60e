/* /access/verification: the support's page when the telephone rings. Search, choose the errand, begin; below, what has been before.
 *
 * A link from another desk may name the person and its ticket: /access/verification?person=CODE&ticket=GLPI-1234. It chooses; it begins nothing.
 *
 * SECURITY: of a person nothing is shown before verification but name, unit and what makes the agent careful. There is no field for what somebody
 * knows. The button that begins is checked by the verb once more. Those who coordinate, audit and manage see the list alone. */
#include "points/access/verify.h"
#include "points/access/access_verify.html.h"

enum { PAGE = 50, FOUND = 8 };

struct state_page verify_shape(enum verify_end end)
{
	static const char *const kind[VERIFY_ENDS] = { "act", "ok", "ok", "fail", "unknown", "unknown" };

	return (struct state_page){ str_of(kind[end]), verify_end_word[end] };
}

/* --- who and what --- */

struct begin_form { struct access_verify_page_people people[FOUND]; size_t n; bool is_more, is_searched; struct verify_pack pack;
	struct access_verify_page_errands errands[VERIFY_ERRANDS]; };

static enum err add_person(struct rq *rq, struct begin_form *form, int64_t id, struct str chosen)
{
	struct access_verify_page_people *row = &form->people[form->n];
	struct people_get_row person;
	struct verify_failed_row failed;
	bool is_privileged;

	TRY(people_get(rq, id, &person));
	TRY(verify_is_privileged(rq, &person, &is_privileged));
	TRY(verify_failed(rq, id, instant_plus(rq->now, HOURS(-24)), instant_plus(rq->now, (struct span){ -form->pack.open.ms }), &failed));
	*row = (struct access_verify_page_people){ .number = str_print(rq->arena, "%lld", (long long)id),
		.name = people_shown_name(rq, person.name, person.is_protected), .unit = person.unit_name, .is_privileged = is_privileged,
		.is_without_number = person.phone.len == 0, .failed = failed.n,
		.is_new_number = person.phone.len && !verify_number_counts(&form->pack, &person, is_privileged, rq->now) };
	row->is_chosen = str_equal(chosen, row->number);
	form->n++;
	return OK;
}

/* Whom the link names, whom the form had, or whom the search finds. */
static enum err find_people(struct rq *rq, const struct visit *visit, struct begin_form *form)
{
	struct str q = visit_field(visit, "q"), named = visit_field(visit, "person"), who = visit_field(visit, "who");
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct people_get_row person;
	struct people_found found = { 0 };

	asking.trouble = &trouble;
	if (!q.len && named.len && people_find(&asking, named, &person) == OK)
		TRY(add_person(rq, form, person.id, STR("")));
	form->is_searched = q.len || named.len;
	if (q.len) {
		TRY(people_search(rq, &(const struct people_filter){ q, -1, -1 }, (struct people_key){ STR(""), -1 }, &found));
		form->is_more = found.n > FOUND || found.has_more;
		for (size_t i = 0; i < MIN(found.n, (size_t)FOUND); i++)
			TRY(add_person(rq, form, found.at[i].id, who));
	}
	if (form->n == 1)
		form->people[0].is_chosen = true;
	return OK;
}

static enum err fill_form(struct rq *rq, const struct visit *visit, struct begin_form *form)
{
	TRY(verify_pack(rq, &form->pack));
	for (size_t i = 0; i < form->pack.n_errands; i++)
		form->errands[i] = (struct access_verify_page_errands){ form->pack.errand[i].name, form->pack.errand[i].word,
			str_print(rq->arena, "%c", 'A' + (int)form->pack.errand[i].class - 1), str_equal(visit_field(visit, "errand"), form->pack.errand[i].name) };
	return find_people(rq, visit, form);
}

/* --- the list --- */

static enum err fill_list(struct rq *rq, const struct visit *visit, const struct verify_pack *pack, struct access_verify_page *page)
{
	struct access_verify_page_calls *calls = NEW_MANY(rq->arena, PAGE, struct access_verify_page_calls);
	struct verify_page_row *rows;
	int64_t before;
	size_t n;

	if (str_number(visit_field(visit, "before"), INT64_MAX - 1, &before) != OK)
		before = INT64_MAX;
	TRY(verify_page(rq, before, &rows, &n));
	for (size_t i = 0; i < MIN(n, (size_t)PAGE); i++) {
		const struct verify_page_row *row = &rows[i];
		const struct verify_errand *errand = verify_errand(pack, row->errand);
		struct verify_get_row moments = { .started_at = row->started_at, .approved_at = row->approved_at, .token_until = row->token_until,
			.used_at = row->used_at, .outcome = row->outcome };
		calls[i] = (struct access_verify_page_calls){ .at = str_print(rq->arena, "/access/verification/%lld", (long long)row->id),
			.number = str_print(rq->arena, "%lld", (long long)row->id), .person = access_shown_name(rq, row->name, row->is_protected),
			.errand = errand ? errand->word : row->errand, .agent = row->agent_name, .started_at = row->started_at,
			.state = verify_shape(verify_end_of(&moments, pack, rq->now)) };
	}
	page->calls = calls;
	page->n_calls = MIN(n, (size_t)PAGE);
	page->pager.first_at = before == INT64_MAX ? STR("") : STR("/access/verification");
	page->pager.next_at = n > PAGE ? str_print(rq->arena, "/access/verification?before=%lld", (long long)rows[PAGE - 1].id) : STR("");
	page->empty = (struct empty_page){ .what = str_of(_("Nobody has been verified yet.")), .next = STR(""), .next_at = STR("") };
	return OK;
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct begin_form *form = NEW(rq->arena, struct begin_form);
	struct maybe_int strict;

	TRY(fill_form(rq, visit, form));
	TRY(verify_strict_until(rq, &strict));
	struct str ticket = visit_field(visit, "ticket");
	struct access_verify_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .strict_until = { strict.is && !(rq->actor->roles & ROLE_SUPPORT) ? strict.i : 0 },
		.may_begin = (rq->actor->roles & ROLE_SUPPORT) != 0, .q = visit_field(visit, "q").at ? visit_field(visit, "q") : STR(""),
		.ticket_was = ticket.at ? ticket : STR(""), .self_at = STR("/access/verification"), .person = STR(""), .people = form->people, .n_people = form->n,
		.is_more = form->is_more, .is_searched = form->is_searched, .errands = form->errands, .n_errands = form->pack.n_errands,
		.ticket = field_again(visit, wrongs, "ticket", true), .caller = field_again(visit, wrongs, "caller", true) };
	TRY(fill_list(rq, visit, &form->pack, &page));
	answer->has_errors = wrongs->n != 0;
	access_verify_page(&answer->body, rq->language, &page);
	return OK;
}

enum err verify_get_desk(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw(rq, visit, &(struct wrongs){ 0 }, answer);
}

enum err verify_post_desk(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct verify_wish wish = { .agent = rq->actor->person, .errand = visit_field(visit, "errand"), .ticket = visit_field(visit, "ticket"),
		.caller = visit_field(visit, "caller") };
	struct str who = visit_field(visit, "who");
	struct wrongs wrongs = { 0 };
	int64_t id;

	if (str_number(who, INT32_MAX, &wish.person) != OK)
		wrong_add(&wrongs, "q", _("Search, and choose who it is."));
	if (!wish.errand.len)
		wrong_add(&wrongs, "errand-unlock", _("Choose what the caller wants."));
	enum err err = wrongs.n ? ERR_INVALID : verify_begin(rq, &wish, &id);
	if (err != OK && !wrongs.n && (err == ERR_INVALID || err == ERR_CONFLICT || err == ERR_DENIED || err == ERR_NONE)) {
		struct str who_at = str_print(rq->arena, "who-" STR_FMT, STR_ARG(who));
		wrong_add(&wrongs, err == ERR_INVALID ? "caller" : str_c(rq->arena, who_at), rq->trouble->text);
	}
	if (wrongs.n)
		return draw(rq, visit, &wrongs, answer);
	if (err != OK)
		return err;
	answer->status = 303;
	answer->location = str_print(rq->arena, "/access/verification/%lld", (long long)id);
	return OK;
}
