/* Pages of access: the list and the request. A person sees what is her own; a manager what her people have; those who approve, execute,
 * coordinate or audit see what waits and all.
 *
 * SECURITY: every list is a query of its own for what the reader may see; nothing is filtered after the fact. Names of protected
 * persons are not shown in lists. A request is checked by the verb once more when it is sent. */
#include "points/access/practice.h"
#include "points/access/review.h"
#include "points/access/verify.h"
#include "floor/people.h"
#include "floor/setting.h"
#include "points/access/access_ask.html.h"
#include "points/access/access_grants.html.h"

enum { PAGE = 50 };
#define DECIDES (ROLE_MANAGER | ROLE_SYSTEM_OWNER)
#define MOVES (DECIDES | ROLE_SUPPORT | ROLE_COORDINATOR)
static const unsigned sees_all = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SUPPORT | ROLE_SYSTEM_OWNER | ROLE_AUDITOR;

struct state_page access_state_shape(enum access_state state)
{
	static const char *const kind[ACCESS_STATES] = { [ACCESS_REQUESTED] = "act", [ACCESS_RETURNED] = "act", [ACCESS_APPROVED] = "act",
		[ACCESS_COMING] = "unknown", [ACCESS_ACTIVE] = "ok", [ACCESS_SUSPENDED] = "fail", [ACCESS_EXPIRED] = "unknown",
		[ACCESS_REVOKED] = "unknown", [ACCESS_REJECTED] = "unknown", [ACCESS_WITHDRAWN] = "unknown" };

	return (struct state_page){ str_of(kind[state]), access_state_word[state] };
}

/* --- the list --- */

/* One shape for the rows of four queries that give the same columns. */
struct rows { const struct access_list_page_row *at; size_t n; };
#define SAME_ROW(x) _Static_assert(sizeof (struct x) == sizeof (struct access_list_page_row), "lists give the same columns")
SAME_ROW(access_list_of_row);
SAME_ROW(access_list_managed_row);
SAME_ROW(access_list_waiting_row);

static const struct view { const char *name, *word; unsigned roles; } views[] = {
	{ "waiting", N_("Waiting"), ROLE_MANAGER | ROLE_SYSTEM_OWNER | ROLE_SUPPORT | ROLE_COORDINATOR },
	{ "people", N_("My people"), ROLE_MANAGER },
	{ "all", N_("All"), sees_all },
	{ "mine", N_("My own"), ROLE_STAFF },
};

static const struct view *view_of(const struct rq *rq, const struct visit *visit)
{
	struct str name = visit_field(visit, "view");
	const struct view *first = NULL;

	for (size_t i = 0; i < LENGTH(views); i++) {
		if (!(views[i].roles & rq->actor->roles))
			continue;
		if (str_equal(name, str_of(views[i].name)))
			return &views[i];
		if (!first || (rq->actor->roles & sees_all && views[i].name[0] == 'a'))
			first = &views[i];
	}
	return first;
}

static int64_t body_seen(const struct rq *rq)
{
	return rq->actor->roles & (ROLE_SUPPORT | ROLE_COORDINATOR) ? -1 : rq->actor->body;
}

/* All of one person: for those who see all, and for her manager. */
static enum err read_rows_of(struct rq *rq, int64_t person, struct rows *ret, struct str *ret_name)
{
	struct access_list_of_row *of;
	struct access_person_row who;
	enum err err = access_person(rq, person, &who);
	bool is_manager = err == OK && who.manager.is && who.manager.i == rq->actor->person;

	if (err != OK || !(rq->actor->roles & sees_all || is_manager || person == rq->actor->person))
		return fail(rq, ERR_NONE, _("There is no such person."));
	TRY(access_list_of(rq, person, &of, &ret->n));
	ret->at = (const void *)of;
	ret->n = MIN(ret->n, (size_t)PAGE);
	*ret_name = access_shown_name(rq, who.name, who.is_protected);
	return OK;
}

static enum err read_rows(struct rq *rq, const struct view *view, int64_t before, struct rows *ret)
{
	struct access_list_of_row *of;
	struct access_list_managed_row *managed;
	struct access_list_waiting_row *waiting;
	struct access_list_page_row *all;

	switch (view->name[0]) {
	case 'w':
		TRY(access_list_waiting(rq, before, body_seen(rq), &waiting, &ret->n));
		ret->at = (const void *)waiting;
		return OK;
	case 'p':
		TRY(access_list_managed(rq, (struct maybe_int){ true, rq->actor->person }, before, &managed, &ret->n));
		ret->at = (const void *)managed;
		return OK;
	case 'm':
		TRY(access_list_of(rq, rq->actor->person, &of, &ret->n));
		ret->at = (const void *)of;
		ret->n = MIN(ret->n, (size_t)PAGE);
		return OK;
	default:
		TRY(access_list_page(rq, before, &all, &ret->n));
		ret->at = all;
		return OK;
	}
}

static void write_csv(struct rq *rq, const struct rows *rows, struct answer *answer)
{
	struct out *out = &answer->body;

	out_text(out, "grant,person,service,from,to,state,stated\r\n");
	for (size_t i = 0; i < MIN(rows->n, (size_t)PAGE); i++) {
		const struct access_list_page_row *row = &rows->at[i];
		out_print(out, "%lld,", (long long)row->id);
		out_csv(out, row->code);
		out_byte(out, ',');
		out_csv(out, row->service);
		out_byte(out, ',');
		out_instant(out, row->from_at);
		out_byte(out, ',');
		out_instant(out, row->until);
		out_print(out, ",%s,%s\r\n", access_state_name[access_state(ACCESS_MOMENTS(row), rq->now)], row->is_stated ? "yes" : "no");
	}
	answer->type = "text/csv; charset=utf-8";
	answer->filename = STR("access.csv");
}

static struct str list_at(struct rq *rq, const struct view *view, int64_t before, bool is_csv)
{
	struct out out = out_new(rq->arena);

	out_print(&out, "/access?view=%s", view->name);
	if (before != INT64_MAX)
		out_print(&out, "&before=%lld", (long long)before);
	if (is_csv)
		out_text(&out, "&format=csv");
	return out_str(&out);
}

static void fill_rows(struct rq *rq, const struct rows *rows, struct access_grants_page_grants *ret)
{
	for (size_t i = 0; i < MIN(rows->n, (size_t)PAGE); i++) {
		const struct access_list_page_row *row = &rows->at[i];
		ret[i] = (struct access_grants_page_grants){ .at = str_print(rq->arena, "/access/grant/%lld", (long long)row->id),
			.number = str_print(rq->arena, "%lld", (long long)row->id), .person = access_shown_name(rq, row->name, row->is_protected),
			.service = row->service, .from_at = row->from_at, .until = row->until, .is_stated = row->is_stated,
			.state = access_state_shape(access_state(ACCESS_MOMENTS(row), rq->now)) };
	}
}

static struct str lead_of(struct rq *rq, const struct view *view, const struct access_figure_open_row *open)
{
	if (view->name[0] == 'w')
		return str_of(_("What waits for an approval or to be executed."));
	if (view->name[0] == 'p')
		return str_of(_("What the people you manage have been granted."));
	if (view->name[0] == 'm')
		return str_of(_("What you yourself have been granted."));
	struct out out = out_new(rq->arena);
	tongue_number(&out, rq->language, open->n);
	return str_print(rq->arena, tongue_n(rq->language, "%.*s access right is open now.", "%.*s access rights are open now.", open->n),
	                 STR_ARG(out_str(&out)));
}

enum err access_get_list(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct access_grants_page_grants grants[PAGE];
	struct access_grants_page_views links[LENGTH(views)];
	const struct view *view = view_of(rq, visit);
	struct access_figure_open_row open = { 0 };
	struct rows rows;
	struct str name = STR_NONE;
	int64_t before, person;

	if (str_number(visit_field(visit, "before"), INT64_MAX - 1, &before) != OK)
		before = INT64_MAX;
	if (str_number(visit_field(visit, "person"), INT32_MAX, &person) == OK)
		TRY(read_rows_of(rq, person, &rows, &name));
	else
		TRY(read_rows(rq, view, before, &rows));
	if (visit->wants_csv) {
		write_csv(rq, &rows, answer);
		return OK;
	}
	if (rq->actor->roles & sees_all)
		TRY(access_figure_open(rq, rq->now, &open));
	struct access_grants_page page = { .lead = lead_of(rq, view, &open), .done = STR(""), .grants = grants,
		.n_grants = MIN(rows.n, (size_t)PAGE), .views = links, .stated = view->name[0] == 'a' ? open.stated : 0,
		.may_ask = (rq->actor->roles & (ROLE_MANAGER | ROLE_SYSTEM_OWNER)) != 0, .csv_at = list_at(rq, view, before, true) };
	for (size_t i = 0; i < LENGTH(views); i++)
		if (views[i].roles & rq->actor->roles)
			links[page.n_views++] = (struct access_grants_page_views){ .word = views[i].word, .at = list_at(rq, &views[i], INT64_MAX, false),
				.is_current = &views[i] == view };
	fill_rows(rq, &rows, grants);
	page.pager.first_at = before == INT64_MAX ? STR("") : list_at(rq, view, INT64_MAX, false);
	page.pager.next_at = rows.n > PAGE ? list_at(rq, view, rows.at[PAGE - 1].id, false) : STR("");
	if (name.at) {
		page.lead = str_print(rq->arena, _("What %.*s has been granted."), STR_ARG(name));
		page.csv_at = str_print(rq->arena, "/access?person=%lld&format=csv", (long long)person);
		page.pager = (struct pager_page){ STR(""), STR("") };
	}
	page.empty = (struct empty_page){ .what = str_of(view->name[0] == 'w' ? _("Nothing waits for you here.") : _("No access yet.")),
		.next = page.may_ask ? str_of(_("Request access")) : STR(""), .next_at = STR("/access/ask") };
	page.may_verify = (rq->actor->roles & (ROLE_SUPPORT | ROLE_COORDINATOR | ROLE_AUDITOR | ROLE_MANAGEMENT)) != 0;
	page.may_review = (rq->actor->roles & (MOVES | ROLE_AUDITOR | ROLE_MANAGEMENT)) != 0;
	page.may_steps = (rq->actor->roles & sees_all) != 0;
	access_grants_page(&answer->body, rq->language, &page);
	return OK;
}

/* What stands on the page of a person: what is asked for, coming or open. What is over is in the list. */
enum err access_about(struct rq *rq, int64_t person, struct abouts *ret)
{
	struct access_list_of_row *rows;
	size_t n;

	TRY(access_list_of(rq, person, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		enum access_state state = access_state(ACCESS_MOMENTS(&rows[i]), rq->now);
		if (state == ACCESS_EXPIRED || state == ACCESS_REVOKED || state == ACCESS_REJECTED || state == ACCESS_WITHDRAWN)
			continue;
		abouts_add(rq, ret, &(struct about){ .what = rows[i].service, .at = str_print(rq->arena, "/access/grant/%lld", (long long)rows[i].id),
			.state = access_state_word[state], .shape = str_c(rq->arena, access_state_shape(state).kind), .from_at = rows[i].from_at,
			.until = rows[i].until });
	}
	return OK;
}

/* --- the request --- */

enum err access_read_day(struct str text, bool is_end, struct instant *ret)
{
	struct instant at;

	TRY(instant_parse_loose(text, &at));
	if (is_end && text.len <= 10)
		at = instant_midnight(instant_plus(at, HOURS(36)));
	*ret = at;
	return OK;
}

struct str access_day_text(struct rq *rq, struct instant at, bool is_end)
{
	struct wall w = instant_wall(is_end ? instant_plus(at, SECONDS(-1)) : at);
	return str_print(rq->arena, "%04d-%02d-%02d", w.year, w.month, w.day);
}

struct asking { struct access_asked asked; struct people_get_row person; };

/* Reads and checks the whole form; what is wrong stands in wrongs, field by field. */
static enum err read_form(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct asking *ret)
{
	struct rq asking = *rq;
	struct trouble trouble = { 0 };
	struct access_person_row row;

	asking.trouble = &trouble;
	ret->asked = (struct access_asked){ .service = visit_field(visit, "service"), .purpose = visit_field(visit, "purpose"),
		.requested_by = { true, rq->actor->person } };
	if (people_find(&asking, visit_field(visit, "person"), &ret->person) != OK)
		wrong_add(wrongs, "person", visit_field(visit, "person").len ? trouble.text : _("Say who needs it."));
	if (ret->asked.service.len == 0)
		wrong_add(wrongs, "service", _("Say which service the grant is for."));
	if (access_read_day(visit_field(visit, "from"), false, &ret->asked.from_at) != OK)
		wrong_add(wrongs, "from", _("Enter the date like this: 2026-11-30"));
	if (access_read_day(visit_field(visit, "until"), true, &ret->asked.until) != OK)
		wrong_add(wrongs, "until", _("Enter the date like this: 2026-11-30"));
	if (wrongs->n)
		return OK;
	ret->asked.person = ret->person.id;
	trouble_clear(&trouble);
	enum err err = access_check_asked(&asking, &ret->asked, &row);
	if (err == OK)
		err = access_holds(&asking, rq->actor->person, ROLE_MANAGER | ROLE_SYSTEM_OWNER, row.body);
	if (err == ERR_INVALID)
		wrong_add(wrongs, "until", trouble.text);
	else if (err == ERR_CONFLICT || err == ERR_DENIED || err == ERR_NONE)
		wrong_add(wrongs, "person", trouble.text);
	else
		return err;
	return OK;
}

static struct str deciders_of(struct rq *rq, int64_t body)
{
	struct access_deciders_row *rows;
	struct out out = out_new(rq->arena);
	size_t n;

	if (access_deciders(rq, body, ROLE_SYSTEM_OWNER, &rows, &n) != OK)
		return STR("");
	for (size_t i = 0; i < n; i++)
		if (rows[i].id != rq->actor->person)
			out_print(&out, "%s%.*s", out.len ? ", " : "", STR_ARG(rows[i].name));
	return out_str(&out);
}

static enum err draw_ask(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, const struct asking *checked, struct answer *answer)
{
	struct access_services_row *services;
	size_t n;

	TRY(access_services(rq, &services, &n));
	struct access_ask_page_services *named = NEW_MANY(rq->arena, n + 1, struct access_ask_page_services);
	for (size_t i = 0; i < n; i++)
		named[i].name = services[i].name;
	struct access_ask_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token,
		.person = field_again(visit, wrongs, "person", true), .service = field_again(visit, wrongs, "service", true),
		.services = named, .n_services = n, .purpose = field_again(visit, wrongs, "purpose", true),
		.from = field_again(visit, wrongs, "from", true), .until = field_again(visit, wrongs, "until", true),
		.most_months = setting_number(rq, "access.longest_months"),
		.person_name = STR(""), .person_code = STR(""), .service_name = STR(""), .purpose_said = STR(""), .approver = STR(""),
		.from_said = STR(""), .until_said = STR("") };
	if (checked) {
		page.is_check = true;
		page.person_name = access_shown_name(rq, checked->person.name, checked->person.is_protected);
		page.person_code = checked->person.code;
		page.service_name = checked->asked.service;
		page.purpose_said = checked->asked.purpose.at ? checked->asked.purpose : STR("");
		page.from_at = checked->asked.from_at;
		page.until_at = checked->asked.until;
		page.from_said = visit_field(visit, "from");
		page.until_said = visit_field(visit, "until");
		page.approver = deciders_of(rq, checked->person.body);
	}
	answer->has_errors = wrongs->n != 0;
	access_ask_page(&answer->body, rq->language, &page);
	return OK;
}

enum err access_get_ask(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_ask(rq, visit, &(struct wrongs){ 0 }, NULL, answer);
}

enum err access_post_ask(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct asking asking;
	int64_t grant;

	if (str_equal(visit_field(visit, "act"), STR("change")))
		return draw_ask(rq, visit, &wrongs, NULL, answer);
	TRY(read_form(rq, visit, &wrongs, &asking));
	if (wrongs.n || !str_equal(visit_field(visit, "act"), STR("send")))
		return draw_ask(rq, visit, &wrongs, wrongs.n ? NULL : &asking, answer);
	enum err err = access_ask(rq, &asking.asked, &grant);
	if (err == ERR_CONFLICT) {
		wrong_add(&wrongs, "person", rq->trouble->text);
		return draw_ask(rq, visit, &wrongs, NULL, answer);
	}
	if (err != OK)
		return err;
	answer->status = 303;
	answer->location = str_print(rq->arena, "/access/grant/%lld?done=ask", (long long)grant);
	return OK;
}

static const char *grant_acts(size_t n)
{
	return access_moves[n].name;
}

PAGE_ACTS(ask_acts, "check", "change", "send")
PAGE_ACTS(reviews_acts, "begin")
PAGE_ACTS(review_acts, "answer", "close")
PAGE_ACTS(vouch_acts, "vouch", "no")
PAGE_ACTS(practice_acts, "plan", "link", "agree", "cancel")

const struct page access_pages[] = {
	{ .path = "/access", .may_get = ROLE_STAFF, .get = access_get_list, .menu = N_("Access") },
	{ .path = "/access/ask", .may_get = DECIDES, .may_post = DECIDES, .get = access_get_ask, .post = access_post_ask, .act = ask_acts },
	{ .path = "/access/grant/:", .may_get = ROLE_STAFF, .may_post = MOVES, .get = access_get_grant, .post = access_post_grant, .act = grant_acts },
	{ .path = "/access/resets", .may_get = sees_all, .get = access_get_resets },
	{ .path = "/access/review", .may_get = MOVES | ROLE_AUDITOR | ROLE_MANAGEMENT, .may_post = ROLE_COORDINATOR,
	  .get = access_get_reviews, .post = access_post_reviews, .act = reviews_acts },
	{ .path = "/access/review/:", .may_get = MOVES | ROLE_AUDITOR | ROLE_MANAGEMENT, .may_post = DECIDES | ROLE_COORDINATOR,
	  .get = access_get_review, .post = access_post_review, .act = review_acts },
	{ .path = "/access/practice", .may_get = PRACTICE_MAY | ROLE_AUDITOR, .may_post = PRACTICE_MAY, .get = practice_get_page, .post = practice_post_page, .act = practice_acts },
	{ .path = "/access/login/:", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = practice_get_login, .post = practice_post_login },
	{ .path = "/access/step", .may_get = sees_all, .get = access_get_steps },
	{ .path = "/access/step/:", .may_get = ROLE_COORDINATOR, .may_post = ROLE_COORDINATOR, .get = access_get_steps, .post = access_post_step },
	{ .path = "/access/verification", .may_get = ROLE_SUPPORT | ROLE_COORDINATOR | ROLE_AUDITOR | ROLE_MANAGEMENT, .may_post = ROLE_SUPPORT,
	  .get = verify_get_desk, .post = verify_post_desk },
	{ .path = "/access/verification/:", .may_get = ROLE_SUPPORT | ROLE_COORDINATOR | ROLE_AUDITOR | ROLE_MANAGEMENT, .may_post = ROLE_SUPPORT,
	  .get = verify_get_one, .prepare = verify_prepare_one, .post = verify_post_one, .act = verify_one_acts },
	{ .path = "/access/vouch/:", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = verify_get_vouch, .post = verify_post_vouch, .act = vouch_acts },
	{ .path = "/access/denial/:", .may_post = ROLE_STAFF, .post = verify_post_denial },
	{ .path = "/access/call", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = verify_get_call, .post = verify_post_call },
	{ .path = "/akta", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = verify_get_call, .post = verify_post_call },
	{ .path = "/akta/:", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = verify_get_link, .post = verify_post_link },
	{ .path = "/api/v1/access/verification", .may_post = ROLE_MACHINE, .post = verify_api_begin, .api = &verify_begin_api },
	{ .path = "/api/v1/access/verification/:", .may_get = ROLE_MACHINE, .get = verify_api_show, .api = &verify_show_api },
	{ 0 }
};
