/* /access/practice: practice calls, planned, agreed to and cancelled; results by team. And the same as commands.
 *
 * SECURITY: for those who coordinate, lead or audit: an agent who could read it would know. A team is shown when it has been called often enough that
 * nobody's own call can be told from it. */
#include "points/access/practice.h"
#include "points/access/verify.h"
#include "floor/frame.h"
#include "floor/words.h"
#include "points/access/access_practice.html.h"

static struct state_page shape_of(enum practice_state state)
{
	static const char *const kind[PRACTICE_STATES] = { "act", "ok", "ok", "unknown", "unknown" };
	return (struct state_page){ str_of(kind[state]), practice_state_word[state] };
}

static struct str name_of(struct rq *rq, int64_t id)
{
	struct people_get_row person;
	return people_get(rq, id, &person) == OK ? people_shown_name(rq, person.name, person.is_protected) : STR("");
}

static enum err read_teams(struct rq *rq, struct practice_by_unit_row **ret, size_t *ret_n, bool *ret_has_small)
{
	struct verify_pack pack;
	size_t n, kept = 0;

	TRY(verify_pack(rq, &pack));
	TRY(practice_by_unit(rq, instant_plus_months(rq->now, -PRACTICE_MONTHS), instant_plus(rq->now, (struct span){ -pack.open.ms }), ret, &n));
	for (size_t i = 0; i < n; i++)
		if ((*ret)[i].n >= PRACTICE_LEAST)
			(*ret)[kept++] = (*ret)[i];
	*ret_has_small = kept < n;
	*ret_n = kept;
	return OK;
}

static enum err fill_calls(struct rq *rq, struct access_practice_page *page)
{
	struct practice_all_row *rows;
	struct practice_get_row p;
	size_t n;

	TRY(practice_all(rq, &rows, &n));
	struct access_practice_page_calls *calls = NEW_MANY(rq->arena, n + 1, struct access_practice_page_calls);
	for (size_t i = 0; i < n && page->n_calls < 30; i++) {
		TRY(practice_get(rq, rows[i].id, &p));
		enum practice_state state = practice_state(&p, rq->now);
		bool is_open = state == PRACTICE_PLANNED || state == PRACTICE_AGREED, may = page->may_plan;
		calls[page->n_calls++] = (struct access_practice_page_calls){ .number = str_print(rq->arena, "%lld", (long long)p.id), .person = name_of(rq, p.person),
			.from = p.from_at, .until = p.until, .by = name_of(rq, p.planned_by), .state = shape_of(state), .may_cancel = may && is_open,
			.may_agree = may && state == PRACTICE_PLANNED && rq->actor->person != p.planned_by && rq->actor->person != p.person };
	}
	page->calls = calls;
	return OK;
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct access_practice_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .may_plan = (rq->actor->roles & PRACTICE_MAY) != 0,
		.person = field_again(visit, wrongs, "person", true), .from = field_again(visit, wrongs, "from", true),
		.until = field_again(visit, wrongs, "until", true), .least = PRACTICE_LEAST };
	struct practice_by_unit_row *teams;
	size_t n;

	TRY(read_teams(rq, &teams, &n, &page.has_small));
	struct access_practice_page_teams *drawn = NEW_MANY(rq->arena, n + 1, struct access_practice_page_teams);
	for (size_t i = 0; i < n; i++)
		drawn[i] = (struct access_practice_page_teams){ teams[i].unit_name, teams[i].n, teams[i].stopped };
	page.teams = drawn;
	page.n_teams = n;
	TRY(fill_calls(rq, &page));
	answer->has_errors = wrongs->n != 0;
	access_practice_page(&answer->body, rq->language, &page);
	return OK;
}

enum err practice_get_page(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw(rq, visit, &(struct wrongs){ 0 }, answer);
}

static enum err plan(struct rq *rq, const struct visit *visit, struct wrongs *wrongs)
{
	struct practice_wish wish = { .by = rq->actor->person };
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct people_get_row person;
	struct str from = visit_field(visit, "from");
	int64_t id;

	asking.trouble = &trouble;
	if (people_find(&asking, visit_field(visit, "person").at ? visit_field(visit, "person") : STR(""), &person) != OK)
		wrong_add(wrongs, "person", visit_field(visit, "person").len ? str_c(rq->arena, str_of(trouble.text)) : _("Say in whose name."));
	if (from.len && access_read_day(from, false, &wish.from_at) != OK)
		wrong_add(wrongs, "from", _("Write the moment like this: 2026-11-30 08:00"));
	if (access_read_day(visit_field(visit, "until"), true, &wish.until) != OK)
		wrong_add(wrongs, "until", _("Write the moment like this: 2026-11-30 08:00"));
	if (wrongs->n)
		return OK;
	wish.person = person.id;
	enum err err = practice_plan(rq, &wish, &id);
	if (err == ERR_INVALID || err == ERR_DENIED || err == ERR_CONFLICT) {
		wrong_add(wrongs, err == ERR_INVALID ? "until" : "person", rq->trouble->text);
		return OK;
	}
	return err;
}

enum err practice_post_page(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str act = visit_field(visit, "act");
	struct wrongs wrongs = { 0 };
	int64_t id;

	if (str_equal(act, STR("plan"))) {
		TRY(plan(rq, visit, &wrongs));
	} else {
		if (str_number(visit_field(visit, "practice"), INT64_MAX, &id) != OK)
			return fail(rq, ERR_INVALID, "%s", _("Say what to do with it."));
		TRY(str_equal(act, STR("agree")) ? practice_agree(rq, id, rq->actor->person) : practice_cancel(rq, id, rq->actor->person));
	}
	if (wrongs.n)
		return draw(rq, visit, &wrongs, answer);
	answer->status = 303;
	answer->location = STR("/access/practice");
	return OK;
}

/* --- commands --- */

static enum err put(struct rq *rq, const struct args *args, int64_t id, struct out *ret)
{
	struct practice_get_row p;
	struct people_get_row person, by;

	TRY(practice_get(rq, id, &p));
	TRY(people_get(rq, p.person, &person));
	TRY(people_get(rq, p.planned_by, &by));
	enum practice_state state = practice_state(&p, rq->now);
	if (!args->json) {
		out_print(ret, "%lld\t%.*s\t%s\n", (long long)id, STR_ARG(person.code), _(practice_state_word[state]));
		return OK;
	}
	out_print(ret, "{\"practice\":%lld,\"state\":\"%s\",\"person\":", (long long)id, practice_state_name[state]);
	out_json(ret, person.code);
	out_text(ret, ",\"planned_by\":");
	out_json(ret, by.code);
	out_text(ret, ",\"from\":\"");
	out_instant(ret, p.from_at);
	out_text(ret, "\",\"until\":\"");
	out_instant(ret, p.until);
	out_text(ret, "\"}\n");
	return OK;
}

static enum err by_of(struct rq *rq, const struct args *args, int64_t *ret)
{
	if (!args_option(args, "by").len)
		return words_usage(rq, _("Say who does it: --by PERSON."));
	return words_person(rq, args_option(args, "by"), ret);
}

enum err practice_run_plan(struct rq *rq, const struct args *args, struct out *ret)
{
	struct practice_wish wish = { .by = -1 };
	int64_t id;

	if (args->n_words != 1 || !args_option(args, "until").len)
		return words_usage(rq, _("Write: access practice plan PERSON --until T --by P"));
	TRY(words_person(rq, args->words[0], &wish.person));
	TRY(by_of(rq, args, &wish.by));
	TRY(words_moment(rq, args, "from", false, &wish.from_at));
	TRY(words_moment(rq, args, "until", true, &wish.until));
	TRY(practice_plan(rq, &wish, &id));
	return put(rq, args, id, ret);
}

static enum err run_move(struct rq *rq, const struct args *args, struct out *ret, enum err (*move)(struct rq *, int64_t, int64_t))
{
	int64_t id, by;

	TRY(words_number(rq, args, _("Name one practice call by its number."), &id));
	TRY(by_of(rq, args, &by));
	TRY(move(rq, id, by));
	return put(rq, args, id, ret);
}

enum err practice_run_agree(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_move(rq, args, ret, practice_agree);
}

enum err practice_run_cancel(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_move(rq, args, ret, practice_cancel);
}

enum err practice_run_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct practice_all_row *rows;
	size_t n;

	TRY(practice_all(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(put(rq, args, rows[i].id, ret));
	return OK;
}

enum err practice_run_results(struct rq *rq, const struct args *args, struct out *ret)
{
	struct practice_by_unit_row *teams;
	bool has_small;
	size_t n;

	TRY(read_teams(rq, &teams, &n, &has_small));
	for (size_t i = 0; i < n; i++) {
		if (!args->json) {
			out_print(ret, "%.*s\t%lld\t%lld\n", STR_ARG(teams[i].unit_name), (long long)teams[i].n, (long long)teams[i].stopped);
			continue;
		}
		out_text(ret, "{\"team\":");
		out_json(ret, teams[i].unit_name);
		out_print(ret, ",\"calls\":%lld,\"stopped\":%lld}\n", (long long)teams[i].n, (long long)teams[i].stopped);
	}
	return OK;
}
