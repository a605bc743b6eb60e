/* /decisions and /decisions/N: what waits, what is in force, and one decision with the buttons that the reader may press now.
 *
 * A decision is made on a phone: the question, what yes and no lead to side by side, four answers, and the code in the same form. What was
 * typed is there again when something was wrong.
 *
 * SECURITY: shown to those who coordinate, audit or support, to those who lead, manage or own systems in the same legal body, to the asker, the
 * one whom it is for, and whoever may answer it; for everyone else it does not exist. Buttons are drawn for those whom the verb would let, and
 * the verb looks again. The code is checked before the answer is, in the same commit; who signs is who is logged in. */
#include "floor/account.h"
#include "floor/decide.h"
#include "floor/decide_own.h"
#include "floor/decision.html.h"
#include "floor/decisions.html.h"
#include "floor/frame.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/urgent.h"

static const unsigned sees_all = ROLE_COORDINATOR | ROLE_AUDITOR | ROLE_SUPPORT, sees_own_body = ROLE_MANAGEMENT | ROLE_SYSTEM_OWNER | ROLE_MANAGER;

static bool may_answer(struct rq *rq, const struct decide_get_row *d, struct str *ret_why)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	bool may = decide_may_answer(&asking, d, rq->actor->person) == OK;
	*ret_why = may ? STR("") : str_copy(rq->arena, str_of(trouble.text));
	return may;
}

static bool may_revoke(struct rq *rq, const struct decide_get_row *d)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	return mandate_may(&asking, rq->actor->person, d->body, (int)d->level, rq->now) == OK;
}

bool decide_sees(struct rq *rq, const struct decide_get_row *d)
{
	int64_t me = rq->actor->person;
	struct str why;

	return rq->actor->roles & sees_all || (rq->actor->roles & sees_own_body && rq->actor->body == d->body) || me == d->asker || me == d->decider
	    || (d->person.is && d->person.i == me) || may_answer(rq, d, &why);
}

static enum err find(struct rq *rq, const struct visit *visit, struct decide_get_row *ret)
{
	int64_t id;

	if (str_number(visit->rest, INT64_MAX, &id) != OK || decide_get(rq, id, ret) != OK || !decide_sees(rq, ret))
		return fail(rq, ERR_NONE, _("There is no such decision."));
	return OK;
}

/* --- words --- */

struct str decide_person_name(struct rq *rq, struct maybe_int id)
{
	struct people_get_row person;

	if (!id.is || people_get(rq, id.i, &person) != OK)
		return STR("");
	return people_shown_name(rq, person.name, person.is_protected);
}

struct str decide_scope_words(struct rq *rq, const struct decide_get_row *d)
{
	struct decide_gateway_row gateway;
	struct decide_unit_row unit;
	struct str who = decide_person_name(rq, d->person);

	if (d->unit.is && decide_unit(rq, d->unit.i, &unit) == OK)
		who = unit.name;
	if (!d->gateway.is || decide_gateway(rq, d->gateway.i, &gateway) != OK)
		return who.len || (!decide_is_risk(d->reason) && !urgent_is(d->reason)) ? who : str_of(_("the organisation"));
	return who.len ? str_print(rq->arena, _("%.*s at %.*s"), STR_ARG(who), STR_ARG(gateway.name))
		: str_print(rq->arena, _("everybody at %.*s"), STR_ARG(gateway.name));
}

static struct state_page shape_of(enum decide_state state, bool is_stale)
{
	static const char *const shape[DECIDE_STATES] = { [DECIDE_DRAFT] = "unknown", [DECIDE_ASKED] = "act", [DECIDE_RETURNED] = "act",
		[DECIDE_UNANSWERED] = "fail", [DECIDE_WITHDRAWN] = "unknown", [DECIDE_REJECTED] = "fail", [DECIDE_APPROVED] = "ok", [DECIDE_ACTIVE] = "ok",
		[DECIDE_EXPIRED] = "unknown", [DECIDE_REVOKED] = "fail", [DECIDE_NOT_NEEDED] = "unknown" };
	return (struct state_page){ str_of(is_stale ? "act" : shape[state]), decide_state_word[state] };
}

static struct area_page area_again(const struct visit *visit, const struct wrongs *wrongs, const char *name, int64_t rows)
{
	struct str typed = visit_field(visit, name);
	return (struct area_page){ .error = wrong_of(wrongs, name), .value = typed.at ? typed : STR(""), .rows = rows };
}

/* --- the list --- */

enum { WAITING, IN_FORCE, OVER, GROUPS };

static int group_of(enum decide_state state)
{
	if (state == DECIDE_DRAFT || state == DECIDE_ASKED || state == DECIDE_RETURNED)
		return WAITING;
	return state == DECIDE_ACTIVE || state == DECIDE_APPROVED ? IN_FORCE : OVER;
}

static enum err get_list(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	static const char *const heading[GROUPS] = { N_("Waiting"), N_("In force"), N_("Over") };
	struct decisions_page_groups groups[GROUPS];
	struct decisions_page_groups_decisions *drawn[GROUPS];
	struct decide_numbers_row *rows;
	struct decide_get_row d;
	size_t n, count[GROUPS] = { 0 };
	(void)visit;

	TRY(decide_numbers(rq, &rows, &n));
	for (int g = 0; g < GROUPS; g++)
		drawn[g] = NEW_MANY(rq->arena, n + 1, struct decisions_page_groups_decisions);
	for (size_t i = 0; i < n; i++) {
		TRY(decide_get(rq, rows[i].id, &d));
		if (!decide_sees(rq, &d))
			continue;
		enum decide_state state = decide_state(&d, rq->now);
		bool is_stale = decide_is_stale(rq, &d);
		int g = group_of(state);
		drawn[g][count[g]++] = (struct decisions_page_groups_decisions){ .at = str_print(rq->arena, "/decisions/%lld", (long long)d.id), .title = d.title,
			.number = str_print(rq->arena, "%lld", (long long)d.id), .scope = decide_scope_words(rq, &d), .state = shape_of(state, is_stale),
			.is_stale = is_stale, .when = g == WAITING ? d.answer_by : decide_until(&d),
			.when_is = g == WAITING ? N_("answer by") : N_("until") };
	}
	for (int g = 0; g < GROUPS; g++)
		groups[g] = (struct decisions_page_groups){ .heading = heading[g], .decisions = drawn[g], .n_decisions = count[g] };
	struct decisions_page page = { .groups = groups, .n_groups = GROUPS,
		.may_ask = (rq->actor->roles & DECIDE_MAY_ASK) != 0,
		.lead = str_print(rq->arena, _("%zu waiting, %zu in force."), count[WAITING], count[IN_FORCE]) };
	decisions_page(&answer->body, rq->language, &page);
	return OK;
}

/* --- one --- */

static enum err fill_options(struct rq *rq, const struct decide_get_row *d, struct decision_page *page)
{
	struct decide_options_row *o;
	size_t n;

	TRY(decide_options(rq, d->id, &o, &n));
	if (n < 2)
		return fail(rq, ERR_CORRUPT, _("decision %lld has no options"), (long long)d->id);
	struct decision_page_pairs *pairs = NEW_MANY(rq->arena, 4, struct decision_page_pairs);
	const struct decision_page_pairs all[] = { { N_("What can happen"), o[0].happens, o[1].happens },
		{ N_("How likely"), o[0].likely, o[1].likely }, { N_("What it means"), o[0].means, o[1].means }, { N_("Cost"), o[0].cost, o[1].cost } };
	for (size_t i = 0; i < LENGTH(all); i++)
		if (all[i].yes.len || all[i].no.len)
			pairs[page->n_pairs++] = all[i];
	page->pairs = pairs;
	page->other = n > 2 ? o[2].name : STR("");
	page->other_happens = n > 2 ? o[2].happens : STR("");
	return OK;
}

static enum err fill_steps(struct rq *rq, const struct decide_get_row *d, struct decision_page *page)
{
	struct decide_steps_row *steps;
	size_t n;

	TRY(decide_steps(rq, d->id, &steps, &n));
	struct decision_page_steps *drawn = NEW_MANY(rq->arena, n + 1, struct decision_page_steps);
	for (size_t i = 0; i < n; i++) {
		bool is_known = steps[i].move >= 0 && steps[i].move < DECIDE_MOVES;
		bool is_terms = steps[i].move == DECIDE_MOVE_YES && d->terms.len;
		drawn[i] = (struct decision_page_steps){ steps[i].at, is_known ? decide_move_word[steps[i].move] : "", decide_person_name(rq, steps[i].person),
			is_terms ? str_print(rq->arena, _("%.*s Terms: %.*s"), STR_ARG(steps[i].words), STR_ARG(d->terms)) : steps[i].words };
	}
	page->steps = drawn;
	page->n_steps = n;
	return OK;
}

/* Is the second factor fresh enough to sign with? Else the form has a field for the code. */
static bool is_fresh(const struct rq *rq)
{
	return rq->actor->stepped_up_at.ms && !instant_is_before(instant_plus(rq->actor->stepped_up_at, SECONDS(DECIDE_SECONDS)), rq->now);
}

static void fill_buttons(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, const struct decide_get_row *d,
                         struct decision_page *page)
{
	enum decide_state state = decide_state(d, rq->now);
	bool is_on = state == DECIDE_ACTIVE || state == DECIDE_APPROVED, is_asker = rq->actor->person == d->asker;
	struct str why, said = visit_field(visit, "answer");
	bool may = may_answer(rq, d, &why);

	page->may_answer = state == DECIDE_ASKED && may;
	page->may_keep = is_on && decide_is_stale(rq, d) && may;
	page->why_not = state == DECIDE_ASKED && !may ? why : STR("");
	page->may_ask = is_asker && state == DECIDE_DRAFT;
	page->may_end = is_asker && is_on;
	page->may_withdraw = page->may_end || (is_asker && group_of(state) == WAITING) || (is_asker && state == DECIDE_UNANSWERED);
	if ((is_on || state == DECIDE_EXPIRED) && rq->actor->roles & DECIDE_MAY_ASK)
		page->renew_at = str_print(rq->arena, "/decisions/ask?renews=%lld", (long long)d->id);
	page->is_yes = str_equal(said, STR("yes"));
	page->is_terms = str_equal(said, STR("terms"));
	page->is_no = str_equal(said, STR("no"));
	page->is_more = str_equal(said, STR("more"));
	page->answer_wrong = wrong_of(wrongs, "answer");
	page->terms = area_again(visit, wrongs, "terms", 2);
	page->words = area_again(visit, wrongs, "words", 2);
	page->otp = field_again(visit, wrongs, "otp", false);
	page->needs_code = !is_fresh(rq);
}

/* The forms with nothing but a box of words. */
static void fill_forms(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, const struct decide_get_row *d, struct decision_page *page)
{
	static const struct { const char *act, *heading, *label, *field, *button; int rows; } known[] = {
		{ "tell", N_("Answer, and ask again"), N_("Your answer"), "tell", N_("Ask again"), 4 },
		{ "revoke", N_("Revoke it"), N_("Why"), "because", N_("Revoke the decision"), 2 },
		{ "follow", N_("How did it go?"), N_("Did the measures hold? Should the rule change?"), "how", N_("Write it down"), 4 },
	};
	enum decide_state state = decide_state(d, rq->now);
	bool is_on = state == DECIDE_ACTIVE || state == DECIDE_APPROVED, is_asker = rq->actor->person == d->asker;
	bool is_over = state == DECIDE_EXPIRED || state == DECIDE_REVOKED || state == DECIDE_NOT_NEEDED;
	const bool may[] = { is_asker && state == DECIDE_RETURNED, is_on && may_revoke(rq, d),
		is_over && !d->followed_at.is && (is_asker || rq->actor->roles & ROLE_COORDINATOR) };
	struct decision_page_forms *forms = NEW_MANY(rq->arena, LENGTH(known), struct decision_page_forms);

	for (size_t i = 0; i < LENGTH(known); i++) {
		if (!may[i])
			continue;
		struct area_page box = area_again(visit, wrongs, known[i].field, known[i].rows);
		box.label = known[i].label;
		forms[page->n_forms++] = (struct decision_page_forms){ .act = str_of(known[i].act), .heading = known[i].heading, .box = box,
			.button = known[i].button, .is_stop = strcmp(known[i].act, "revoke") == 0 };
	}
	page->forms = forms;
}

static struct str done_text(struct rq *rq, struct str done)
{
	static const struct { const char *name, *text; } said[] = { { "ask", N_("Asked. Nothing takes effect before it is signed.") },
		{ "draft", N_("Kept as a draft. Check it, then ask.") },
		{ "yes", N_("Signed. The next log-in is judged by it.") }, { "no", N_("Signed: the answer is no.") },
		{ "more", N_("Sent back with what you want to know.") }, { "tell", N_("Asked again, with your answer.") },
		{ "withdraw", N_("Withdrawn.") }, { "revoke", N_("Revoked. The next log-in is judged without it.") },
		{ "keep", N_("Kept, as it is now.") }, { "follow", N_("Written down.") } };

	for (size_t i = 0; i < LENGTH(said); i++)
		if (str_equal(done, str_of(said[i].name)))
			return str_of(_(said[i].text));
	return STR("");
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct decide_get_row *d, const struct wrongs *wrongs, struct answer *answer)
{
	const struct reason *reason = urgent_is(d->reason) ? urgent_reason(d->reason) : decide_reason(d->reason);
	struct urgent_terms_row terms = { 0 };
	enum decide_state state = decide_state(d, rq->now);
	struct consequences scale;
	struct str text, hash;

	TRY(decide_text(rq, d, &text, &hash));
	TRY(consequence_scale(rq, &scale));
	if (urgent_is(d->reason))
		TRY(urgent_terms(rq, d->id, &terms));
	struct decision_page page = { .errors = wrongs_page(wrongs), .done = wrongs->n ? STR("") : done_text(rq, visit_field(visit, "done")),
		.form_token = visit->form_token, .number = str_print(rq->arena, "%lld", (long long)d->id),
		.self_at = str_print(rq->arena, "/decisions/%lld", (long long)d->id), .title = d->title, .why = d->why, .state = shape_of(state, decide_is_stale(rq, d)),
		.is_stale = d->stale_at.is && group_of(state) == IN_FORCE, .is_changed = decide_is_stale(rq, d), .is_asked = state == DECIDE_ASKED, .answer_by = d->answer_by, .from_at = d->from_at,
		.until = decide_until(d), .proposal = d->proposal, .measures = d->measures, .asker = decide_person_name(rq, (struct maybe_int){ true, d->asker }),
		.decider = decide_person_name(rq, (struct maybe_int){ true, d->decider }), .scope = decide_scope_words(rq, d),
		.reason = reason ? str_of(_(reason->text)) : STR(""), .reason_code = d->reason, .level = d->level, .is_risk = decide_is_risk(d->reason),
		.is_standing = urgent_is(d->reason), .hours = terms.hours, .weekly = terms.weekly, .users = people_role_words(rq, terms.users),
		.renews = d->supersedes.is ? str_print(rq->arena, "%lld", (long long)d->supersedes.i) : STR(""),
		.renews_at = d->supersedes.is ? str_print(rq->arena, "/decisions/%lld", (long long)d->supersedes.i) : STR(""),
		.level_word = d->level >= 1 && d->level <= scale.n ? scale.level[d->level].word : STR(""), .hash = hash };
	TRY(fill_options(rq, d, &page));
	TRY(fill_steps(rq, d, &page));
	fill_buttons(rq, visit, wrongs, d, &page);
	fill_forms(rq, visit, wrongs, d, &page);
	page.may_list = rq->actor->roles & (DECIDE_MAY_ASK | ROLE_AUDITOR);
	answer->title = d->title;
	answer->has_errors = wrongs->n != 0;
	decision_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_one(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct decide_get_row d;

	TRY(find(rq, visit, &d));
	return draw(rq, visit, &d, &(struct wrongs){ 0 }, answer);
}

/* --- what was pressed --- */

static struct str text_of(const struct visit *visit, const char *name)
{
	struct str text = visit_field(visit, name);
	return text.at ? text : STR("");
}

/* The answer's own mistakes first, so that no code is spent on them. */
static enum err sign(struct rq *rq, const struct visit *visit, const struct decide_get_row *d, struct wrongs *wrongs, struct answer *answer, const char **done)
{
	static const struct { const char *said; enum decide_answer answer; const char *done; } answers[] = { { "yes", DECIDE_YES, "yes" },
		{ "terms", DECIDE_YES, "yes" }, { "no", DECIDE_NO, "no" }, { "more", DECIDE_MORE, "more" } };
	struct str said = text_of(visit, "answer"), words = text_of(visit, "words"), terms = text_of(visit, "terms");
	size_t i = 0;

	while (i < LENGTH(answers) && !str_equal(said, str_of(answers[i].said)))
		i++;
	if (i == LENGTH(answers)) {
		wrong_add(wrongs, "answer", _("Choose an answer."));
		return OK;
	}
	bool is_more = answers[i].answer == DECIDE_MORE;
	if ((is_more || strcmp(answers[i].said, "terms") == 0) && !terms.len)
		wrong_add(wrongs, "terms", is_more ? _("Write what you want to know.") : _("Write the terms."));
	if (!is_more && !words.len)
		wrong_add(wrongs, "words", _("Write your reasons, in a sentence or two."));
	if (!wrongs->n && !is_fresh(rq))
		TRY(account_confirm(rq, visit, wrongs, answer));
	if (wrongs->n)
		return OK;
	*done = answers[i].done;
	return decide_answer(rq, d->id, answers[i].answer, text_of(visit, "hash"), i == 1 ? terms : STR(""), is_more ? terms : words);
}

static enum err keep(struct rq *rq, const struct visit *visit, const struct decide_get_row *d, struct wrongs *wrongs, struct answer *answer)
{
	struct str words = text_of(visit, "words");

	if (!words.len)
		wrong_add(wrongs, "words", _("Write your reasons, in a sentence or two."));
	if (!wrongs->n && !is_fresh(rq))
		TRY(account_confirm(rq, visit, wrongs, answer));
	return wrongs->n ? OK : decide_answer(rq, d->id, DECIDE_KEEP, text_of(visit, "hash"), STR(""), words);
}

static enum err act(struct rq *rq, const struct visit *visit, const struct decide_get_row *d, struct wrongs *wrongs, struct answer *answer, const char **done)
{
	struct str what = text_of(visit, "act");
	int64_t me = rq->actor->person;

	if (str_equal(what, STR("answer")))
		return sign(rq, visit, d, wrongs, answer, done);
	if (str_equal(what, STR("keep"))) {
		*done = "keep";
		return keep(rq, visit, d, wrongs, answer);
	}
	static const struct { const char *act, *field, *missing; } needs[] = { { "tell", "tell", N_("Answer what the decider wants to know.") },
		{ "revoke", "because", N_("Write your reasons, in a sentence or two.") }, { "follow", "how", N_("Write how it went.") } };
	for (size_t i = 0; i < LENGTH(needs); i++)
		if (str_equal(what, str_of(needs[i].act)) && !text_of(visit, needs[i].field).len) {
			wrong_add(wrongs, needs[i].field, _(needs[i].missing));
			return OK;
		}
	*done = str_c(rq->arena, what);
	if (str_equal(what, STR("ask")))
		return decide_ask(rq, d->id, me, STR(""));
	if (str_equal(what, STR("tell")))
		return decide_ask(rq, d->id, me, text_of(visit, "tell"));
	if (str_equal(what, STR("withdraw")))
		return decide_withdraw(rq, d->id, me, STR(""));
	if (str_equal(what, STR("revoke")))
		return decide_revoke(rq, d->id, me, text_of(visit, "because"));
	if (str_equal(what, STR("follow")))
		return decide_follow(rq, d->id, me, text_of(visit, "how"));
	return fail(rq, ERR_INVALID, _("That cannot be done at this address."));
}

static enum err post_one(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct decide_get_row d;
	const char *done = "";

	TRY(find(rq, visit, &d));
	TRY(act(rq, visit, &d, &wrongs, answer, &done));
	if (wrongs.n)
		return draw(rq, visit, &d, &wrongs, answer);
	answer->status = 303;
	answer->location = str_print(rq->arena, "/decisions/%lld?done=%s", (long long)d.id, done);
	return OK;
}

PAGE_ACTS(decision_acts, "answer", "keep", "ask", "tell", "withdraw", "revoke", "follow")

const struct page decide_pages[] = {
	{ .path = "/decisions", .may_get = DECIDE_MAY_ASK | ROLE_AUDITOR, .get = get_list, .menu = N_("Decisions") },
	{ .path = "/decisions/ask", .may_get = DECIDE_MAY_ASK, .may_post = DECIDE_MAY_ASK, .get = decide_get_ask, .post = decide_post_ask },
	{ .path = "/decisions/:", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_one, .prepare = account_confirm_prepare, .post = post_one, .act = decision_acts },
	{ 0 }
};
