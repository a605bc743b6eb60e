/* The page of one person, which others see of her (me.c draws her own): what the gate says now, what each point tells, the latest connections, contact, roles,
 * deputies. It is a fold: what a point's `about` tells is shown, and no list of points stands here.
 *
 * The sentence on both pages is the gate's own, word for word what a refused connection says.
 *
 * SECURITY: a person's page is for those who coordinate, decide, support, own systems or audit, and for her manager; to all others it does
 * not exist. Contact channels are shown to coordinators, support and her manager; of a protected person, and the name too, to
 * coordinators and the manager alone. Roles are given by a coordinator in step-up; deputies are named by the person or a coordinator,
 * in step-up as well. */
#include "person.h"
#include "core.h"
#include "floor/account.sql.h"
#include "floor/deputies.html.h"
#include "floor/frame.h"
#include "floor/gateway.sql.h"
#include "floor/people.h"
#include "floor/person_roles.html.h"
#include "floor/session.sql.h"

enum { SEES_ALL = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SUPPORT | ROLE_SYSTEM_OWNER | ROLE_AUDITOR, WAIT_SHOWN = 5, SESSIONS_SHOWN = 10 };

/* --- what both pages show --- */

struct state_page person_verdict_shape(enum verdict verdict)
{
	static const struct { const char *kind, *word; } shapes[] = { [VERDICT_SILENT] = { "unknown", N_("Says nothing") },
		[VERDICT_PASS] = { "ok", N_("May connect") }, [VERDICT_WAIT] = { "act", N_("Must wait") }, [VERDICT_DENY] = { "fail", N_("May not connect") } };

	return (struct state_page){ str_of(shapes[verdict].kind), shapes[verdict].word };
}

enum err person_judge(struct rq *rq, int64_t person, struct gate_verdict *ret)
{
	struct ask ask = { .person = person, .at = rq->now, .gateway = -1 };
	int reader = standing_reader(core.standing);

	if (reader < 0)
		return fail(rq, ERR_BUSY, _("Too much is asked at once. Try again in a moment."));
	standing_enter(core.standing, reader);
	core_explain(&ask, ret);
	standing_leave(core.standing, reader);
	standing_reader_gone(core.standing, reader);
	return OK;
}

struct str person_sentence(struct rq *rq, const struct gate_verdict *verdict, const char *pass)
{
	struct out out = out_new(rq->arena);

	if (verdict->verdict == VERDICT_PASS)
		out_text(&out, pass);
	else
		gate_sentence(&out, rq->language, verdict);
	return out_str(&out);
}

struct instant person_right_ends(const struct gate_verdict *verdict)
{
	bool ends = verdict->verdict == VERDICT_PASS && verdict->until.ms != INSTANT_NEVER.ms;
	return ends ? verdict->until : (struct instant){ 0 };
}

enum err person_sessions(struct rq *rq, int64_t person, struct connections_page *ret)
{
	struct session_of_row *rows;
	struct gateway_all_row *gateways;
	size_t n, n_gateways;

	TRY(session_of(rq, person, &rows, &n));
	TRY(gateway_all(rq, &gateways, &n_gateways));
	n = MIN(n, (size_t)SESSIONS_SHOWN);
	struct connections_page_sessions *at = NEW_MANY(rq->arena, n + 1, struct connections_page_sessions);
	for (size_t i = 0; i < n; i++) {
		bool is_over = rows[i].closed_at.is || !instant_is_before(rq->now, rows[i].until);
		at[i] = (struct connections_page_sessions){ .gateway = STR(""), .began_at = { rows[i].opened_at.is ? rows[i].opened_at.i : rows[i].offered_at.ms },
			.ended_at = { rows[i].closed_at.is ? rows[i].closed_at.i : 0 }, .is_open = rows[i].opened_at.is && !is_over,
			.is_offered = !rows[i].opened_at.is };
		for (size_t k = 0; k < n_gateways; k++)
			if (gateways[k].id == rows[i].gateway)
				at[i].gateway = gateways[k].name;
	}
	*ret = (struct connections_page){ .sessions = at, .n_sessions = n };
	return OK;
}

enum err person_about(struct rq *rq, int64_t person, struct abouts *ret)
{
	for (size_t i = 0; points[i]; i++)
		if (points[i]->about)
			TRY(points[i]->about(rq, person, ret));
	return OK;
}

static struct state_page shape_of_about(const struct about *about)
{
	return (struct state_page){ str_of(about->shape), about->state };
}

struct str person_manager_name(struct rq *rq, const struct people_get_row *person)
{
	struct people_get_row manager;

	if (!person->manager.is || people_get(rq, person->manager.i, &manager) != OK)
		return STR("");
	return people_shown_name(rq, manager.name, manager.is_protected);
}

/* The last day of a deputyship, as people say it: the day that holds its last moment. */
struct instant person_last_moment(struct instant until)
{
	return instant_plus(until, SECONDS(-1));
}

/* The sentence, kept, since the trouble is forgotten when the form is drawn again. */
static const char *said(struct rq *rq)
{
	return str_c(rq->arena, str_of(rq->trouble->text));
}

/* --- the page of a person --- */

/* Who may see whom; to others nobody is there. */
static enum err find(struct rq *rq, const struct visit *visit, struct people_get_row *ret)
{
	int64_t id, me = rq->actor->person;

	if (str_number(visit->rest, INT32_MAX, &id) != OK || people_get(rq, id, ret) != OK) {
		trouble_clear(rq->trouble);
		return fail(rq, ERR_NONE, _("There is no such person."));
	}
	bool is_manager = ret->manager.is && ret->manager.i == me;
	if (rq->actor->roles & SEES_ALL || is_manager || id == me)
		return OK;
	return fail(rq, ERR_NONE, _("There is no such person."));
}

static bool must_know(const struct rq *rq, const struct people_get_row *person)
{
	unsigned roles = ROLE_COORDINATOR | (person->is_protected ? 0 : ROLE_SUPPORT);
	int64_t me = rq->actor->person;

	return rq->actor->roles & roles || person->id == me || (person->manager.is && person->manager.i == me);
}

static bool may_deputise(const struct rq *rq, int64_t person)
{
	return person == rq->actor->person || rq->actor->roles & ROLE_COORDINATOR;
}

static enum err fill_logins(struct rq *rq, int64_t person, struct str *ret)
{
	struct people_logins_of_row *rows;
	struct out out = out_new(rq->arena);
	size_t n;

	TRY(people_logins_of(rq, person, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (rows[i].kind == LOGIN_NAME)
			out_print(&out, "%s%.*s", out.len ? ", " : "", STR_ARG(rows[i].name));
	*ret = out_str(&out);
	return OK;
}

size_t person_reasons(struct rq *rq, const struct gate_verdict *verdict, struct person_page_reasons **ret)
{
	size_t n = 0;
	struct person_page_reasons *reasons = NEW_MANY(rq->arena, verdict->n_reasons + 1, struct person_page_reasons);

	for (size_t i = 0; i < verdict->n_reasons; i++) {
		const struct gate_reason *reason = &verdict->reason[i];
		bool is_silent = reason->opinion.verdict == VERDICT_SILENT && !reason->opinion.reason;
		if (is_silent)
			continue;
		reasons[n++] = (struct person_page_reasons){ .point = reason->point ? reason->point->question : N_("The gate"),
			.text = reason->opinion.reason ? str_of(_(reason->opinion.reason->text)) : STR(""), .state = person_verdict_shape(reason->opinion.verdict),
			.lowered_by = reason->lowered_by >= 0 ? str_print(rq->arena, "%lld", (long long)reason->lowered_by) : STR("") };
	}
	*ret = reasons;
	return n;
}

static enum err fill_verdict(struct rq *rq, int64_t person, struct person_page *page)
{
	struct gate_verdict verdict;
	struct abouts abouts = { 0 };

	TRY(person_judge(rq, person, &verdict));
	page->verdict_state = person_verdict_shape(verdict.verdict);
	page->verdict = person_sentence(rq, &verdict, _("Yes, with the right password and second factor."));
	page->verdict_until = person_right_ends(&verdict);
	struct person_page_reasons *reasons;
	page->n_reasons = person_reasons(rq, &verdict, &reasons);
	page->reasons = reasons;
	TRY(person_about(rq, person, &abouts));
	struct person_page_abouts *at = NEW_MANY(rq->arena, abouts.n + 1, struct person_page_abouts);
	for (size_t i = 0; i < abouts.n; i++)
		at[i] = (struct person_page_abouts){ .at = abouts.at[i].at, .what = abouts.at[i].what, .from_at = abouts.at[i].from_at,
			.until = abouts.at[i].until, .state = shape_of_about(&abouts.at[i]) };
	page->abouts = at;
	page->n_abouts = abouts.n;
	return person_sessions(rq, person, &page->connections);
}

static enum err fill_deputies(struct rq *rq, int64_t person, struct person_page *page)
{
	struct people_deputies_row *rows;
	size_t n;

	TRY(people_deputies(rq, person, &rows, &n));
	struct person_page_deputies *at = NEW_MANY(rq->arena, n + 1, struct person_page_deputies);
	for (size_t i = 0; i < n; i++)
		if (instant_is_before(rq->now, rows[i].until) && instant_is_before(rows[i].from_at, rows[i].until))
			at[page->n_deputies++] = (struct person_page_deputies){ .name = people_shown_name(rq, rows[i].name, rows[i].is_protected),
				.at = str_print(rq->arena, "/people/%lld", (long long)rows[i].deputy), .from_at = rows[i].from_at,
				.until = person_last_moment(rows[i].until) };
	page->deputies = at;
	return OK;
}

static struct str done_of(struct rq *rq, const struct visit *visit)
{
	struct str done = visit_field(visit, "done");

	if (str_equal(done, STR("roles")))
		return str_of(_("The roles are set. They work from now on."));
	return STR("");
}

static enum err fill_person(struct rq *rq, const struct people_get_row *person, struct person_page *page)
{
	struct people_roles_of_row roles;
	struct people_managed_count_row managed;
	struct account_get_row account;
	struct people_bodies_row *bodies;
	size_t n;

	TRY(people_roles_of(rq, person->id, &roles));
	TRY(people_managed_count(rq, (struct maybe_int){ true, person->id }, &managed));
	TRY(people_bodies(rq, &bodies, &n));
	for (size_t i = 0; i < n; i++)
		if (bodies[i].id == person->body)
			page->body = bodies[i].name;
	page->roles = people_role_words(rq, roles.roles);
	page->given = people_role_words(rq, roles.kept_roles);
	page->managed = managed.n;
	page->managed_at = str_print(rq->arena, "/people?manager=%lld", (long long)person->id);
	if (person->manager.is)
		page->manager_at = str_print(rq->arena, "/people/%lld", (long long)person->manager.i);
	if (page->shows_contact)
		TRY(fill_logins(rq, person->id, &page->logins));
	enum err err = account_get(rq, person->id, &account);
	if (err != OK && err != ERR_NONE)
		return err;
	page->has_account = err == OK && account.password.at;
	page->account_changed_at = page->has_account ? account.changed_at : (struct instant){ 0 };
	return OK;
}

static enum err get_person(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct people_get_row person;
	const struct str none = STR("");

	TRY(find(rq, visit, &person));
	bool knows = must_know(rq, &person), sees_all = rq->actor->roles & SEES_ALL, is_employed = people_is_employed(&person, rq->now);
	struct person_page page = { .done = done_of(rq, visit), .form_token = visit->form_token, .code = person.code, .unit = person.unit_name,
		.name = people_shown_name(rq, person.name, person.is_protected && !knows), .class = person.class, .body = none,
		.manager = person_manager_name(rq, &person), .manager_at = none, .managed_at = none, .roles = none, .given = none, .shows_contact = knows,
		.email = person.email, .email_changed_at = person.email_changed_at, .phone = person.phone, .phone_changed_at = person.phone_changed_at,
		.logins = none, .until = { person.employment_end.is ? person.employment_end.i - 1 : 0 }, .has_left = !is_employed,
		.is_protected = person.is_protected, .access_at = str_print(rq->arena, "/access?person=%lld", (long long)person.id),
		.ask_at = rq->actor->roles & (ROLE_MANAGER | ROLE_SYSTEM_OWNER) && is_employed ? STR("/access/ask") : none,
		.deputy_at = may_deputise(rq, person.id) && is_employed ? str_print(rq->arena, "/people/deputy/%lld", (long long)person.id) : none,
		.roles_at = rq->actor->roles & ROLE_COORDINATOR && is_employed ? str_print(rq->arena, "/people/role/%lld", (long long)person.id) : none,
		.may_invite = rq->actor->roles & (ROLE_COORDINATOR | ROLE_SUPPORT) && is_employed };
	TRY(fill_person(rq, &person, &page));
	if (!sees_all)
		page.manager_at = none;
	TRY(fill_verdict(rq, person.id, &page));
	TRY(fill_deputies(rq, person.id, &page));
	answer->title = page.name;
	person_page(&answer->body, rq->language, &page);
	return OK;
}

/* --- roles --- */

static const struct { enum role role; const char *name, *may; } given_roles[] = {
	{ ROLE_COORDINATOR, "coordinator", N_("runs Samordna, brings people in, watches over all questions") },
	{ ROLE_MANAGEMENT, "management", N_("decides on risks, adopts rules") },
	{ ROLE_SYSTEM_OWNER, "system_owner", N_("approves access to the systems they answer for") },
	{ ROLE_SUPPORT, "support", N_("gives the access that others have approved, makes start codes") },
	{ ROLE_MANAGER, "manager", N_("requests access for their people") },
	{ ROLE_AUDITOR, "auditor", N_("sees everything, changes nothing") },
};

static enum err draw_roles(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct person_roles_page_roles rows[LENGTH(given_roles)];
	struct people_get_row person;
	struct people_roles_of_row roles;

	TRY(find(rq, visit, &person));
	TRY(people_roles_of(rq, person.id, &roles));
	bool is_local = str_starts(person.code, STR("local:"));
	int64_t given = is_local ? roles.roles : roles.kept_roles;
	for (size_t i = 0; i < LENGTH(rows); i++)
		rows[i] = (struct person_roles_page_roles){ .role = str_of(given_roles[i].name), .word = frame_role(given_roles[i].role),
			.may = given_roles[i].may, .is_chosen = wrongs->n ? visit_field(visit, given_roles[i].name).at != NULL : given & given_roles[i].role };
	struct person_roles_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .name = person.name,
		.person_at = str_print(rq->arena, "/people/%lld", (long long)person.id), .self_at = visit->path, .roles = rows, .n_roles = LENGTH(rows),
		.from_file = is_local ? STR("") : people_role_words(rq, roles.roles & ~roles.kept_roles) };
	answer->has_errors = wrongs->n != 0;
	person_roles_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_roles(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_roles(rq, visit, &(struct wrongs){ 0 }, answer);
}

static enum err post_roles(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct people_get_row person;
	struct wrongs wrongs = { 0 };
	int64_t roles = 0;

	TRY(find(rq, visit, &person));
	for (size_t i = 0; i < LENGTH(given_roles); i++)
		if (visit_field(visit, given_roles[i].name).at)
			roles |= given_roles[i].role;
	enum err err = people_give_roles(rq, person.id, roles);
	if (err == ERR_CONFLICT || err == ERR_DENIED) {
		wrong_add(&wrongs, "roles", said(rq));
		trouble_clear(rq->trouble);
		return draw_roles(rq, visit, &wrongs, answer);
	}
	TRY(err);
	answer->location = str_print(rq->arena, "/people/%lld?done=roles", (long long)person.id);
	return OK;
}

/* --- deputies --- */

static enum err fill_deputy_rows(struct rq *rq, int64_t person, struct deputies_page *page)
{
	struct people_deputies_row *rows;
	size_t n;

	TRY(people_deputies(rq, person, &rows, &n));
	struct deputies_page_rows *at = NEW_MANY(rq->arena, n + 1, struct deputies_page_rows);
	for (size_t i = 0; i < n; i++) {
		bool is_over = !instant_is_before(rq->now, rows[i].until), is_coming = instant_is_before(rq->now, rows[i].from_at);
		if (!instant_is_before(rows[i].from_at, rows[i].until))
			continue;
		struct state_page state = is_over ? (struct state_page){ STR("unknown"), N_("Over") }
			: is_coming ? (struct state_page){ STR("unknown"), N_("Later") } : (struct state_page){ STR("ok"), N_("Now") };
		at[page->n_rows++] = (struct deputies_page_rows){ .number = str_print(rq->arena, "%lld", (long long)rows[i].id),
			.name = people_shown_name(rq, rows[i].name, rows[i].is_protected), .from_at = rows[i].from_at, .until = person_last_moment(rows[i].until),
			.state = state, .may_end = !is_over };
	}
	page->rows = at;
	return OK;
}

static enum err find_own(struct rq *rq, const struct visit *visit, struct people_get_row *ret)
{
	TRY(find(rq, visit, ret));
	return may_deputise(rq, ret->id) ? OK : fail(rq, ERR_DENIED, _("A deputy is named by the person or by a coordinator."));
}

static enum err draw_deputies(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct people_get_row person;
	struct str done = visit_field(visit, "done");

	TRY(find_own(rq, visit, &person));
	struct deputies_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .name = person.name, .self_at = visit->path,
		.done = str_equal(done, STR("add")) ? str_of(_("The deputy is named.")) : str_equal(done, STR("end")) ? str_of(_("The deputyship has ended.")) : STR(""),
		.back_at = person.id == rq->actor->person ? STR("/me") : str_print(rq->arena, "/people/%lld", (long long)person.id),
		.deputy = field_again(visit, wrongs, "deputy", true), .from = field_again(visit, wrongs, "from", true),
		.until = field_again(visit, wrongs, "until", true), .most_months = PEOPLE_DEPUTY_MONTHS };
	TRY(fill_deputy_rows(rq, person.id, &page));
	answer->has_errors = wrongs->n != 0;
	deputies_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_deputies(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_deputies(rq, visit, &(struct wrongs){ 0 }, answer);
}

static enum err read_deputy(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct people_deputising *ret)
{
	struct people_get_row deputy;
	enum err err = people_find(rq, visit_field(visit, "deputy"), &deputy);

	if (err == ERR_NONE)
		wrong_add(wrongs, "deputy", visit_field(visit, "deputy").len ? said(rq) : _("Say who stands in."));
	else if (err != OK)
		return err;
	trouble_clear(rq->trouble);
	ret->deputy = err == OK ? deputy.id : -1;
	if (instant_parse_loose(visit_field(visit, "from"), &ret->from_at) != OK)
		wrong_add(wrongs, "from", _("Enter the date like this: 2026-11-30"));
	if (instant_parse_loose(visit_field(visit, "until"), &ret->until) != OK)
		wrong_add(wrongs, "until", _("Enter the date like this: 2026-11-30"));
	else
		ret->until = instant_midnight(instant_plus(instant_midnight(ret->until), HOURS(36)));
	return OK;
}

static enum err post_deputies(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct people_get_row person;
	struct wrongs wrongs = { 0 };
	struct people_deputising deputising = { 0 };
	int64_t number;
	bool ends = str_equal(visit_field(visit, "act"), STR("end"));
	enum err err = OK;

	TRY(find_own(rq, visit, &person));
	if (ends) {
		if (str_number(visit_field(visit, "number"), INT64_MAX, &number) != OK)
			return fail(rq, ERR_NONE, _("There is no such deputy."));
		err = people_deputy_stop(rq, person.id, number);
	} else {
		TRY(read_deputy(rq, visit, &wrongs, &deputising));
		deputising.person = person.id;
		if (wrongs.n)
			return draw_deputies(rq, visit, &wrongs, answer);
		err = people_deputise(rq, &deputising);
	}
	if (!ends && (err == ERR_CONFLICT || err == ERR_INVALID)) {
		wrong_add(&wrongs, err == ERR_INVALID ? "until" : "deputy", said(rq));
		trouble_clear(rq->trouble);
		return draw_deputies(rq, visit, &wrongs, answer);
	}
	TRY(err);
	answer->location = str_print(rq->arena, "/people/deputy/%lld?done=%s", (long long)person.id, ends ? "end" : "add");
	return OK;
}

PAGE_ACTS(deputy_acts, "add", "end")

const struct page person_pages[] = {
	{ .path = "/people/:", .may_get = SEES_ALL | ROLE_MANAGER, .get = get_person },
	{ .path = "/people/role/:", .may_get = ROLE_COORDINATOR, .may_post = ROLE_COORDINATOR, .get = get_roles, .post = post_roles, .needs_step_up = true },
	{ .path = "/people/deputy/:", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_deputies, .post = post_deputies, .act = deputy_acts, .needs_step_up = true },
	{ 0 }
};
