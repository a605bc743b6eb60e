/* /decisions/urgent and /decisions/urgent/N: to ask in an urgent case, and one case with the buttons that the reader may press now.
 *
 * Made for a telephone in the night: the one who asks fills in five fields, the second person reads one screen and types a code.
 *
 * SECURITY: seen by those who see the standing decision, and by whoever had a part in the case; for everyone else it does not exist. Buttons are drawn
 * for those whom the verb would let, and the verb looks again. The code is checked before the confirmation, in the same commit. */
#include "floor/account.h"
#include "floor/decide_own.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/urgent.h"
#include "floor/urgent.html.h"
#include "floor/urgents.html.h"

#define MAY_LIST (DECIDE_MAY_ASK | ROLE_AUDITOR)

static struct area_page area_again(const struct visit *visit, const struct wrongs *wrongs, const char *name, int64_t rows)
{
	struct str typed = visit_field(visit, name);
	return (struct area_page){ .error = wrong_of(wrongs, name), .value = typed.at ? typed : STR(""), .rows = rows };
}

static struct state_page shape_of(enum urgent_state state)
{
	static const char *const shape[URGENT_STATES] = { [URGENT_ASKED] = "act", [URGENT_LAPSED] = "unknown", [URGENT_REFUSED] = "fail", [URGENT_WITHDRAWN] = "unknown",
		[URGENT_ACTIVE] = "ok", [URGENT_OVER] = "unknown", [URGENT_REVERSED] = "fail" };
	return (struct state_page){ str_of(shape[state]), urgent_state_word[state] };
}

static struct str number(struct rq *rq, int64_t n)
{
	return str_print(rq->arena, "%lld", (long long)n);
}

static struct str sentence_of(struct rq *rq, const struct decide_get_row *d)
{
	const struct reason *reason = urgent_reason(d->reason);
	return reason ? str_of(_(reason->text)) : d->reason;
}

/* --- the list, and to ask --- */

static bool may_use(struct rq *rq, const struct decide_get_row *d, const struct urgent_terms_row *terms)
{
	return decide_state(d, rq->now) == DECIDE_ACTIVE && rq->actor->body == d->body && (rq->actor->roles & terms->users);
}

static enum err fill_standing(struct rq *rq, const struct visit *visit, struct urgents_page *page)
{
	struct str chosen = visit_field(visit, "standing");
	struct urgent_standing_row *rows;
	struct urgent_terms_row terms;
	struct decide_get_row d;
	size_t n;

	TRY(urgent_standing(rq, rq->now, &rows, &n));
	struct urgents_page_standing *drawn = NEW_MANY(rq->arena, n + 1, struct urgents_page_standing);
	for (size_t i = 0; i < n; i++) {
		TRY(decide_get(rq, rows[i].id, &d));
		TRY(urgent_terms(rq, d.id, &terms));
		if (!may_use(rq, &d, &terms))
			continue;
		struct str id = number(rq, d.id);
		drawn[page->n_standing++] = (struct urgents_page_standing){ .number = id, .at = str_print(rq->arena, "/decisions/%lld", (long long)d.id), .title = d.title,
			.scope = decide_scope_words(rq, &d), .reason = sentence_of(rq, &d), .hours = terms.hours, .users = people_role_words(rq, terms.users),
			.is_chosen = str_equal(chosen, id) };
	}
	/* When there is but one it needs no choosing. */
	if (page->n_standing == 1)
		drawn[0].is_chosen = true;
	page->standing = drawn;
	page->may_ask = page->n_standing > 0;
	return OK;
}

static enum err fill_cases(struct rq *rq, struct urgents_page *page)
{
	struct urgent_numbers_row *rows;
	struct urgent u;
	size_t n;

	TRY(urgent_numbers(rq, -1, &rows, &n));
	struct urgents_page_cases *drawn = NEW_MANY(rq->arena, n + 1, struct urgents_page_cases);
	for (size_t i = 0; i < n && page->n_cases < 30; i++) {
		TRY(urgent_read(rq, rows[i].id, &u));
		if (!urgent_sees(rq, &u))
			continue;
		drawn[page->n_cases++] = (struct urgents_page_cases){ str_print(rq->arena, "/decisions/urgent/%lld", (long long)u.row.id), number(rq, u.row.id),
			decide_person_name(rq, (struct maybe_int){ true, u.row.person }), decide_person_name(rq, (struct maybe_int){ true, u.row.asker }), u.row.asked_at,
			shape_of(u.state), u.row.is_yes && !u.row.reviewed_at.is };
	}
	page->cases = drawn;
	return OK;
}

static enum err draw_list(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct urgents_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .standing_wrong = wrong_of(wrongs, "standing"),
		.person = field_again(visit, wrongs, "person", true), .gateway = field_again(visit, wrongs, "gateway", true),
		.hours = field_again(visit, wrongs, "hours", true), .why = area_again(visit, wrongs, "why", 3) };

	if (!page.hours.value.len)
		page.hours.value = number(rq, URGENT_HOURS);
	TRY(fill_standing(rq, visit, &page));
	TRY(fill_cases(rq, &page));
	answer->has_errors = wrongs->n != 0;
	urgents_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_list(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_list(rq, visit, &(struct wrongs){ 0 }, answer);
}

static void read_wish(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct urgent_wish *ret)
{
	struct str person = visit_field(visit, "person"), gateway = visit_field(visit, "gateway");
	struct decide_gateway_named_row where;
	struct people_get_row who;
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	if (str_number(visit_field(visit, "standing"), INT64_MAX, &ret->decision) != OK)
		wrong_add(wrongs, "standing", _("Choose a standing decision."));
	if (!person.len)
		wrong_add(wrongs, "person", _("Say for whom."));
	else if (people_find(&asking, person, &who) != OK)
		wrong_add(wrongs, "person", str_c(rq->arena, str_of(trouble.text)));
	else
		ret->person = who.id;
	ret->why = visit_field(visit, "why");
	if (!ret->why.len)
		wrong_add(wrongs, "why", _("Write why it cannot wait."));
	if (str_number(visit_field(visit, "hours"), URGENT_HOURS_MOST, &ret->hours) != OK || ret->hours < 1)
		wrong_add(wrongs, "hours", str_c(rq->arena, str_print(rq->arena, _("An urgent case lasts for 1 to %d hours."), URGENT_HOURS_MOST)));
	if (!gateway.len)
		return;
	if (decide_gateway_named(rq, gateway, &where) == OK)
		ret->gateway = (struct maybe_int){ true, where.id };
	else
		wrong_add(wrongs, "gateway", _("There is no gateway called that."));
}

static enum err post_list(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct urgent_wish wish = { 0 };
	int64_t id;

	read_wish(rq, visit, &wrongs, &wish);
	if (!wrongs.n) {
		enum err err = urgent_ask(rq, &wish, &id);
		/* Nothing has been written when the verb refuses: the form is drawn again with its sentence. */
		if (err == ERR_INVALID || err == ERR_DENIED || err == ERR_CONFLICT)
			wrong_add(&wrongs, err == ERR_INVALID ? "hours" : "person", rq->trouble->text);
		else if (err != OK)
			return err;
	}
	if (wrongs.n)
		return draw_list(rq, visit, &wrongs, answer);
	answer->status = 303;
	answer->location = str_print(rq->arena, "/decisions/urgent/%lld?done=ask", (long long)id);
	return OK;
}

/* --- one --- */

static enum err find(struct rq *rq, const struct visit *visit, struct urgent *ret)
{
	int64_t id;

	if (str_number(visit->rest, INT64_MAX, &id) != OK || urgent_read(rq, id, ret) != OK || !urgent_sees(rq, ret)) {
		trouble_clear(rq->trouble);
		return fail(rq, ERR_NONE, _("There is no such urgent case."));
	}
	return OK;
}

static bool is_fresh(const struct rq *rq)
{
	return rq->actor->stepped_up_at.ms && !instant_is_before(instant_plus(rq->actor->stepped_up_at, SECONDS(DECIDE_SECONDS)), rq->now);
}

/* OK without its sentence in the reader's own trouble. */
static bool asked(struct rq *rq, const struct urgent *u, enum err (*may)(struct rq *, const struct urgent *, int64_t), struct str *ret_why)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	bool is_ok = may(&asking, u, rq->actor->person) == OK;
	*ret_why = is_ok ? STR("") : str_copy(rq->arena, str_of(trouble.text));
	return is_ok;
}

static void fill_buttons(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, const struct urgent *u, struct urgent_page *page)
{
	struct str why, verdict = visit_field(visit, "verdict");
	bool may = asked(rq, u, urgent_may_confirm, &why);

	page->waits = u->state == URGENT_ASKED;
	page->may_confirm = page->waits && may;
	page->why_not = page->waits && !may ? why : STR("");
	page->otp = field_again(visit, wrongs, "otp", false);
	page->needs_code = !is_fresh(rq);
	page->may_withdraw = page->waits && rq->actor->person == u->row.asker;
	page->may_review = u->row.is_yes && !u->row.reviewed_at.is && asked(rq, u, urgent_may_review, &why);
	page->is_right = str_equal(verdict, STR("right"));
	page->is_wrong = str_equal(verdict, STR("wrong"));
	page->verdict_wrong = wrong_of(wrongs, "verdict");
	page->review = area_again(visit, wrongs, "review", 2);
}

/* The forms with nothing but a box of words. */
static void fill_forms(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, const struct urgent *u, struct urgent_page *page)
{
	static const struct { const char *act, *heading, *text, *label, *button; } known[] = {
		{ "refuse", N_("Is it not right?"), N_("Then nobody is let in."), N_("Why"), N_("Refuse it") },
		{ "reverse", N_("End it now"), N_("It ends at once, at the next log-in and for who is in. Management is told."), N_("Why"), N_("Reverse it") },
		{ "clean", N_("Put right what followed"), N_("The review said that it was not right. Undo what was done by it."), N_("What was put right"), N_("Write it down") },
	};
	struct str why;
	const bool may[] = { page->may_confirm, u->state == URGENT_ACTIVE && asked(rq, u, urgent_may_reverse, &why),
		u->row.reviewed_at.is && !u->row.is_right && !u->row.cleaned_at.is && (rq->actor->person == u->row.asker || rq->actor->roles & ROLE_COORDINATOR) };
	struct urgent_page_forms *forms = NEW_MANY(rq->arena, LENGTH(known), struct urgent_page_forms);

	for (size_t i = 0; i < LENGTH(known); i++) {
		if (!may[i])
			continue;
		struct area_page box = area_again(visit, wrongs, known[i].act, 2);
		box.label = known[i].label;
		box.name = str_of(known[i].act);
		forms[page->n_forms++] = (struct urgent_page_forms){ str_of(known[i].act), known[i].heading, known[i].text, box, known[i].button };
	}
	page->forms = forms;
}

static void fill_steps(struct rq *rq, const struct urgent *u, struct urgent_page *page)
{
	const struct urgent_get_row *row = &u->row;
	const struct { struct maybe_int at; const char *what; struct maybe_int who; struct str words; } all[] = {
		{ { true, row->asked_at.ms }, N_("Asked"), { true, row->asker }, STR("") },
		{ row->withdrawn_at, N_("Withdrawn"), { true, row->asker }, STR("") },
		{ row->answered_at, row->is_yes ? N_("Confirmed by a second person") : N_("Refused"), row->answered_by, row->is_yes ? STR("") : row->words },
		{ row->reversed_at, N_("Reversed"), row->reversed_by, row->words },
		{ row->reviewed_at, row->is_right ? N_("Reviewed: it was right") : N_("Reviewed: it was not right"), row->reviewed_by, row->review },
		{ row->cleaned_at, N_("Put right"), { 0 }, row->cleaned } };
	struct urgent_page_steps *steps = NEW_MANY(rq->arena, LENGTH(all), struct urgent_page_steps);

	for (size_t i = 0; i < LENGTH(all); i++)
		if (all[i].at.is)
			steps[page->n_steps++] = (struct urgent_page_steps){ { all[i].at.i }, all[i].what, decide_person_name(rq, all[i].who), all[i].words };
	page->steps = steps;
}

static struct str done_text(struct rq *rq, struct str done)
{
	static const struct { const char *name, *text; } said[] = { { "ask", N_("Asked. Now somebody else confirms it, within an hour. Nothing takes effect before.") },
		{ "confirm", N_("Confirmed. The next log-in is judged by it, and management has been told.") }, { "refuse", N_("Refused. Nobody is let in.") },
		{ "withdraw", N_("Withdrawn.") }, { "reverse", N_("Reversed. The next log-in is judged without it.") }, { "review", N_("Written down.") },
		{ "clean", N_("Written down.") } };

	for (size_t i = 0; i < LENGTH(said); i++)
		if (str_equal(done, str_of(said[i].name)))
			return str_of(_(said[i].text));
	return STR("");
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct urgent *u, const struct wrongs *wrongs, struct answer *answer)
{
	struct decide_gateway_row gateway = { .name = STR("") };

	if (u->row.gateway.is)
		TRY(decide_gateway(rq, u->row.gateway.i, &gateway));
	struct urgent_page page = { .errors = wrongs_page(wrongs), .done = wrongs->n ? STR("") : done_text(rq, visit_field(visit, "done")), .form_token = visit->form_token,
		.self_at = str_print(rq->arena, "/decisions/urgent/%lld", (long long)u->row.id), .number = number(rq, u->row.id), .state = shape_of(u->state),
		.person = decide_person_name(rq, (struct maybe_int){ true, u->row.person }), .why = u->row.why, .scope_at = gateway.name,
		.reason = sentence_of(rq, &u->standing), .asker = decide_person_name(rq, (struct maybe_int){ true, u->row.asker }),
		.second = u->row.is_yes ? decide_person_name(rq, u->row.answered_by) : STR(""), .hours = u->row.hours,
		.confirm_by = instant_plus(u->row.asked_at, MINUTES(URGENT_CONFIRM_MINUTES)), .until = u->row.is_yes ? u->until : (struct instant){ 0 },
		.standing = number(rq, u->standing.id), .may_list = (rq->actor->roles & MAY_LIST) != 0,
		.standing_at = decide_sees(rq, &u->standing) ? str_print(rq->arena, "/decisions/%lld", (long long)u->standing.id) : STR(""), .standing_title = u->standing.title };
	fill_buttons(rq, visit, wrongs, u, &page);
	fill_forms(rq, visit, wrongs, u, &page);
	fill_steps(rq, u, &page);
	answer->has_errors = wrongs->n != 0;
	urgent_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_one(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct urgent u;

	TRY(find(rq, visit, &u));
	return draw(rq, visit, &u, &(struct wrongs){ 0 }, answer);
}

/* --- what was pressed --- */

static struct str text_of(const struct visit *visit, const char *name)
{
	struct str text = visit_field(visit, name);
	return text.at ? text : STR("");
}

/* Whether she may at all first, so that no code is spent on what is refused anyway. */
static enum err confirm(struct rq *rq, const struct visit *visit, const struct urgent *u, struct wrongs *wrongs, struct answer *answer)
{
	TRY(urgent_may_confirm(rq, u, rq->actor->person));
	if (!is_fresh(rq))
		TRY(account_confirm(rq, visit, wrongs, answer));
	return wrongs->n ? OK : urgent_confirm(rq, u->row.id);
}

static enum err review(struct rq *rq, const struct visit *visit, const struct urgent *u, struct wrongs *wrongs)
{
	struct str verdict = text_of(visit, "verdict");
	bool is_right = str_equal(verdict, STR("right"));

	if (!is_right && !str_equal(verdict, STR("wrong")))
		wrong_add(wrongs, "verdict", _("Choose an answer."));
	if (!text_of(visit, "review").len)
		wrong_add(wrongs, "review", _("Write your reasons, in a sentence or two."));
	return wrongs->n ? OK : urgent_review(rq, u->row.id, rq->actor->person, is_right, text_of(visit, "review"));
}

static enum err act(struct rq *rq, const struct visit *visit, const struct urgent *u, struct wrongs *wrongs, struct answer *answer)
{
	struct str what = text_of(visit, "act");
	int64_t id = u->row.id, me = rq->actor->person;

	if (str_equal(what, STR("confirm")))
		return confirm(rq, visit, u, wrongs, answer);
	if (str_equal(what, STR("review")))
		return review(rq, visit, u, wrongs);
	if (str_equal(what, STR("withdraw")))
		return urgent_withdraw(rq, id, me);
	struct str words = text_of(visit, str_c(rq->arena, what));
	if (!words.len) {
		wrong_add(wrongs, str_c(rq->arena, what), str_equal(what, STR("clean")) ? _("Write what was put right.") : _("Write your reasons, in a sentence or two."));
		return OK;
	}
	return str_equal(what, STR("refuse")) ? urgent_refuse(rq, id, me, words) : str_equal(what, STR("reverse")) ? urgent_reverse(rq, id, me, words)
	     : urgent_clean(rq, id, me, words);
}

static enum err post_one(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct urgent u;

	TRY(find(rq, visit, &u));
	TRY(act(rq, visit, &u, &wrongs, answer));
	if (wrongs.n)
		return draw(rq, visit, &u, &wrongs, answer);
	answer->status = 303;
	answer->location = str_print(rq->arena, "/decisions/urgent/%lld?done=%.*s", (long long)u.row.id, STR_ARG(text_of(visit, "act")));
	return OK;
}

PAGE_ACTS(one_acts, "confirm", "refuse", "withdraw", "reverse", "review", "clean")

const struct page urgent_pages[] = {
	{ .path = "/decisions/urgent", .may_get = MAY_LIST, .may_post = DECIDE_MAY_ASK, .get = get_list, .post = post_list },
	{ .path = "/decisions/urgent/:", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_one, .prepare = account_confirm_prepare, .post = post_one, .act = one_acts },
	{ 0 }
};
