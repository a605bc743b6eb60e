/* /access/practice: practice calls and links, planned, agreed to and cancelled; results by team. And the same as commands.
 *
 * SECURITY: for those who coordinate, lead or audit: an agent who could read it would know. A team is shown when it has been called often enough that
 * nobody's own call can be told from it. */
#include "points/access/practice.h"
#include "points/access/verify.h"
#include "floor/frame.h"
#include "floor/setting.h"
#include "floor/words.h"
#include "points/access/access_practice.html.h"

static struct state_page shape_of(enum practice_state state)
{
	static const char *const kind[PRACTICE_STATES] = { "act", "ok", "ok", "unknown", "unknown", "ok", "unknown" };
	return (struct state_page){ str_of(kind[state]), practice_state_word[state] };
}

static struct str name_of(struct rq *rq, int64_t id)
{
	struct people_get_row person;
	return people_get(rq, id, &person) == OK ? people_shown_name(rq, person.name, person.is_protected) : STR("");
}

static struct str team_of(struct rq *rq, int64_t unit)
{
	struct people_unit_get_row row;
	return people_unit_get(rq, unit, &row) == OK ? row.name : STR("");
}

/* The link itself is nobody's to read before it is agreed to. */
static struct str link_of(struct rq *rq, const struct practice_get_row *p, enum practice_state state)
{
	return state == PRACTICE_AGREED || state == PRACTICE_OPEN ? practice_link_address(rq, p->token) : STR("");
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
		bool is_open = state == PRACTICE_PLANNED || state == PRACTICE_AGREED || state == PRACTICE_OPEN, may = page->may_plan;
		calls[page->n_calls++] = (struct access_practice_page_calls){ .number = str_print(rq->arena, "%lld", (long long)p.id),
			.kind = p.person.is ? N_("Practice call") : N_("Practice link"), .about = p.person.is ? name_of(rq, p.person.i) : team_of(rq, p.unit.i),
			.link = p.person.is || !may ? STR("") : link_of(rq, &p, state),
			.from = p.from_at, .until = p.until, .by = name_of(rq, p.planned_by), .state = shape_of(state), .may_cancel = may && is_open,
			.may_agree = may && state == PRACTICE_PLANNED && rq->actor->person != p.planned_by && !(p.person.is && rq->actor->person == p.person.i) };
	}
	page->calls = calls;
	return OK;
}

static enum err read_links(struct rq *rq, struct practice_links_by_unit_row **ret, size_t *ret_n)
{
	return practice_links_by_unit(rq, instant_plus_months(rq->now, -PRACTICE_MONTHS), rq->now, ret, ret_n);
}

static enum err fill_links(struct rq *rq, struct access_practice_page *page)
{
	struct practice_links_by_unit_row *rows;
	size_t n;

	TRY(read_links(rq, &rows, &n));
	struct access_practice_page_links *links = NEW_MANY(rq->arena, n + 1, struct access_practice_page_links);
	for (size_t i = 0; i < n; i++)
		links[i] = (struct access_practice_page_links){ rows[i].unit_name, rows[i].n, rows[i].reported, rows[i].gone };
	page->links = links;
	page->n_links = n;
	return OK;
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct access_practice_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .may_plan = (rq->actor->roles & PRACTICE_MAY) != 0,
		.person = field_again(visit, wrongs, "person", true), .from = field_again(visit, wrongs, "from", true),
		.until = field_again(visit, wrongs, "until", true), .team = field_again(visit, wrongs, "team", true),
		.link_from = field_again(visit, wrongs, "link_from", true), .link_until = field_again(visit, wrongs, "link_until", true),
		.may_link = setting_text(rq, "practice.host").len != 0, .least = PRACTICE_LEAST };
	struct practice_by_unit_row *teams;
	size_t n;

	TRY(read_teams(rq, &teams, &n, &page.has_small));
	struct access_practice_page_teams *drawn = NEW_MANY(rq->arena, n + 1, struct access_practice_page_teams);
	for (size_t i = 0; i < n; i++)
		drawn[i] = (struct access_practice_page_teams){ teams[i].unit_name, teams[i].n, teams[i].stopped };
	page.teams = drawn;
	page.n_teams = n;
	TRY(fill_links(rq, &page));
	TRY(fill_calls(rq, &page));
	answer->has_errors = wrongs->n != 0;
	access_practice_page(&answer->body, rq->language, &page);
	return OK;
}

enum err practice_get_page(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw(rq, visit, &(struct wrongs){ 0 }, answer);
}

static void read_about(struct rq *rq, const struct visit *visit, struct practice_wish *wish, struct wrongs *wrongs)
{
	struct str typed = visit_field(visit, wish->is_link ? "team" : "person");
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct people_get_row person;
	struct people_unit_named_row unit;

	asking.trouble = &trouble;
	if (wish->is_link && (!typed.len || people_unit_named(&asking, typed, &unit) != OK))
		wrong_add(wrongs, "team", _("Name a unit as it stands among the people."));
	else if (wish->is_link)
		wish->unit = unit.id;
	else if (people_find(&asking, typed.at ? typed : STR(""), &person) != OK)
		wrong_add(wrongs, "person", typed.len ? str_c(rq->arena, str_of(trouble.text)) : _("Say in whose name."));
	else
		wish->person = person.id;
}

static enum err plan(struct rq *rq, const struct visit *visit, bool is_link, struct wrongs *wrongs)
{
	const char *from = is_link ? "link_from" : "from", *until = is_link ? "link_until" : "until";
	struct practice_wish wish = { .is_link = is_link, .person = -1, .by = rq->actor->person };
	int64_t id;

	read_about(rq, visit, &wish, wrongs);
	if (visit_field(visit, from).len && access_read_day(visit_field(visit, from), false, &wish.from_at) != OK)
		wrong_add(wrongs, from, _("Write the moment like this: 2026-11-30 08:00"));
	if (access_read_day(visit_field(visit, until), true, &wish.until) != OK)
		wrong_add(wrongs, until, _("Write the moment like this: 2026-11-30 08:00"));
	if (wrongs->n)
		return OK;
	enum err err = practice_plan(rq, &wish, &id);
	if (err == ERR_INVALID || err == ERR_DENIED || err == ERR_CONFLICT) {
		wrong_add(wrongs, err == ERR_INVALID ? until : is_link ? "team" : "person", rq->trouble->text);
		return OK;
	}
	return err;
}

enum err practice_post_page(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str act = visit_field(visit, "act");
	struct wrongs wrongs = { 0 };
	int64_t id;

	if (str_equal(act, STR("plan")) || str_equal(act, STR("link"))) {
		TRY(plan(rq, visit, str_equal(act, STR("link")), &wrongs));
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
	struct people_get_row person = { .code = STR("") }, by;

	TRY(practice_get(rq, id, &p));
	if (p.person.is)
		TRY(people_get(rq, p.person.i, &person));
	TRY(people_get(rq, p.planned_by, &by));
	enum practice_state state = practice_state(&p, rq->now);
	struct str about = p.person.is ? person.code : team_of(rq, p.unit.i), link = p.person.is ? STR("") : link_of(rq, &p, state);
	if (!args->json) {
		out_print(ret, "%lld\t%.*s\t%s\t%.*s\n", (long long)id, STR_ARG(about), _(practice_state_word[state]), STR_ARG(link));
		return OK;
	}
	out_print(ret, "{\"practice\":%lld,\"state\":\"%s\",\"%s\":", (long long)id, practice_state_name[state], p.person.is ? "person" : "team");
	out_json(ret, about);
	if (link.len) {
		out_text(ret, ",\"link\":");
		out_json(ret, link);
	}
	out_text(ret, ",\"planned_by\":");
	out_json(ret, by.code);
	out_text(ret, ",\"from\":\"");
	out_instant(ret, p.from_at);
	out_text(ret, "\",\"until\":\"");
	out_instant(ret, p.until);
	out_text(ret, "\"}\n");
	return OK;
}

enum err practice_run_plan(struct rq *rq, const struct args *args, struct out *ret)
{
	struct practice_wish wish = { .person = -1, .by = -1 };
	int64_t id;

	if (args->n_words != 1 || !args_option(args, "until").len)
		return words_usage(rq, _("Write: access practice plan PERSON --until T --by P"));
	TRY(words_person(rq, args->words[0], &wish.person));
	TRY(words_by(rq, args, &wish.by));
	TRY(words_moment(rq, args, "from", false, &wish.from_at));
	TRY(words_moment(rq, args, "until", true, &wish.until));
	TRY(practice_plan(rq, &wish, &id));
	return put(rq, args, id, ret);
}

enum err practice_run_link(struct rq *rq, const struct args *args, struct out *ret)
{
	struct practice_wish wish = { .is_link = true, .person = -1, .by = -1 };
	struct people_unit_named_row unit;
	int64_t id;

	if (args->n_words != 1 || !args_option(args, "until").len)
		return words_usage(rq, _("Write: access practice link UNIT --until T --by P"));
	if (people_unit_named(rq, args->words[0], &unit) != OK)
		return fail(rq, ERR_NONE, "%s", _("Name a unit as it stands among the people."));
	wish.unit = unit.id;
	TRY(words_by(rq, args, &wish.by));
	TRY(words_moment(rq, args, "from", false, &wish.from_at));
	TRY(words_moment(rq, args, "until", true, &wish.until));
	TRY(practice_plan(rq, &wish, &id));
	return put(rq, args, id, ret);
}

static enum err run_move(struct rq *rq, const struct args *args, struct out *ret, enum err (*move)(struct rq *, int64_t, int64_t))
{
	int64_t id, by;

	TRY(words_number(rq, args, _("Name one practice by its number."), &id));
	TRY(words_by(rq, args, &by));
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

static enum err put_links(struct rq *rq, const struct args *args, struct out *ret)
{
	struct practice_links_by_unit_row *rows;
	size_t n;

	TRY(read_links(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		long long links = rows[i].n, reported = rows[i].reported, gone = rows[i].gone;
		if (!args->json) {
			out_print(ret, "link\t%.*s\t%lld\t%lld\t%lld\n", STR_ARG(rows[i].unit_name), links, reported, gone);
			continue;
		}
		out_text(ret, "{\"team\":");
		out_json(ret, rows[i].unit_name);
		out_print(ret, ",\"links\":%lld,\"reported\":%lld,\"went_on\":%lld}\n", links, reported, gone);
	}
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
			out_print(ret, "call\t%.*s\t%lld\t%lld\n", STR_ARG(teams[i].unit_name), (long long)teams[i].n, (long long)teams[i].stopped);
			continue;
		}
		out_text(ret, "{\"team\":");
		out_json(ret, teams[i].unit_name);
		out_print(ret, ",\"calls\":%lld,\"stopped\":%lld}\n", (long long)teams[i].n, (long long)teams[i].stopped);
	}
	return put_links(rq, args, ret);
}
