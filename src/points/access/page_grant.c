/* The page of one grant: what it is, what has happened to it, and what the reader may do with it now. The buttons are the rows of
 * access_moves that access_may lets this reader make; there is no other list of them.
 *
 * SECURITY: shown to the person herself, her manager, those who took part in it, and those who work with access; to everyone else it
 * does not exist. The button that was pressed is checked by the verb on the row as it is then. */
#include "access.h"
#include "points/access/access_grant.html.h"

static const unsigned works_with_access = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SUPPORT | ROLE_SYSTEM_OWNER | ROLE_AUDITOR;

static bool took_part(const struct access_grant_get_row *g, int64_t who)
{
	const struct maybe_int part[] = { g->requested_by, g->approved_by, g->executed_by, g->returned_by, g->rejected_by };

	for (size_t i = 0; i < LENGTH(part); i++)
		if (part[i].is && part[i].i == who)
			return true;
	return g->person == who;
}

static enum err find(struct rq *rq, const struct visit *visit, struct access_grant_get_row *grant, struct access_person_row *person)
{
	int64_t id, me = rq->actor->person;

	if (str_number(visit->rest, INT64_MAX, &id) != OK || access_grant_get(rq, id, grant) != OK || access_person(rq, grant->person, person) != OK)
		return fail(rq, ERR_NONE, _("There is no such grant."));
	bool is_manager = (person->manager.is && person->manager.i == me) || (rq->actor->roles & ROLE_MANAGER && rq->actor->body == person->body);
	if (took_part(grant, me) || is_manager || rq->actor->roles & works_with_access)
		return OK;
	return fail(rq, ERR_NONE, _("There is no such grant."));
}

/* --- history --- */

struct history { struct rq *rq; struct access_grant_page_history at[16]; size_t n; };

static struct str name_of(struct rq *rq, struct maybe_int who)
{
	struct access_person_row person;

	if (!who.is || access_person(rq, who.i, &person) != OK)
		return STR("");
	return access_shown_name(rq, person.name, person.is_protected);
}

static void add(struct history *h, struct maybe_int at, const char *what, struct maybe_int who, struct str why)
{
	if (at.is)
		h->at[h->n++] = (struct access_grant_page_history){ .at = { at.i }, .what = what, .who = name_of(h->rq, who),
			.why = why.at ? why : STR(""), .leaf_at = STR(""), .leaf = STR("") };
}

static int newest_first(const void *a, const void *b)
{
	const struct access_grant_page_history *x = a, *y = b;
	return (x->at.ms < y->at.ms) - (x->at.ms > y->at.ms);
}

static void fill_history(struct history *h, const struct access_grant_get_row *g)
{
	const struct maybe_int nobody = { 0 };

	if (g->ended_at.is && str_equal(g->end_reason, STR("left")) && !g->ended_by.is)
		add(h, g->ended_at, N_("Ended with the employment"), nobody, STR(""));
	else
		add(h, g->ended_at, N_("Revoked"), g->ended_by, g->end_reason);
	add(h, g->suspended_at, N_("Suspended"), g->suspended_by, g->suspend_reason);
	add(h, g->executed_at, N_("Executed"), g->executed_by, STR(""));
	add(h, g->rejected_at, N_("Rejected"), g->rejected_by, g->reject_reason);
	add(h, g->withdrawn_at, N_("Withdrawn"), g->requested_by, STR(""));
	add(h, g->approved_at, N_("Approved"), g->approved_by, STR(""));
	add(h, g->returned_at, N_("Sent back"), g->returned_by, g->return_reason);
	add(h, (struct maybe_int){ true, g->requested_at.ms }, N_("Requested"), g->requested_by, STR(""));
	qsort(h->at, h->n, sizeof h->at[0], newest_first);
}

/* --- what the reader may do --- */

struct buttons { struct access_grant_page_moves at[16]; size_t n; bool needs_reason, may_again; };

static void fill_buttons(struct rq *rq, const struct access_grant_get_row *grant, struct buttons *ret)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	for (const struct access_move *move = access_moves; move->name; move++) {
		trouble_clear(&trouble);
		if (rq->actor->person < 0 || access_may(&asking, move, grant, rq->actor->person) != OK)
			continue;
		bool is_stop = strcmp(move->name, "revoke") == 0 || strcmp(move->name, "suspend") == 0 || strcmp(move->name, "reject") == 0;
		ret->needs_reason |= move->needs_reason || is_stop;
		ret->may_again |= strcmp(move->name, "again") == 0;
		ret->at[ret->n] = (struct access_grant_page_moves){ .name = str_of(move->name), .button = move->button,
			.is_primary = ret->n == 0 && !is_stop, .is_stop = is_stop };
		ret->n++;
	}
}

static struct str instead_of(struct rq *rq, enum access_state state)
{
	switch (state) {
	case ACCESS_REQUESTED: return str_of(_("It waits for a system owner or a manager who did not request it."));
	case ACCESS_RETURNED:  return str_of(_("It waits for the one who requested it to answer the comment."));
	case ACCESS_APPROVED:  return str_of(_("It waits for the support to execute it."));
	case ACCESS_COMING:
	case ACCESS_ACTIVE:    return str_of(_("Managers, system owners and the support can end it."));
	case ACCESS_SUSPENDED: return str_of(_("The support can lift the suspension."));
	default:               return STR("");
	}
}

static struct str done_text(struct rq *rq, struct str done)
{
	static const struct { const char *name, *text; } said[] = {
		{ "ask", N_("Requested. Somebody else approves it now.") }, { "approve", N_("Approved. The support executes it now.") },
		{ "return", N_("Sent back with your comment.") }, { "reject", N_("Rejected.") }, { "again", N_("Requested again.") },
		{ "withdraw", N_("Withdrawn.") }, { "execute", N_("Executed. It opens from now on, or from its first day.") },
		{ "suspend", N_("Suspended. The next log-in is refused.") }, { "lift", N_("The suspension is lifted.") },
		{ "revoke", N_("Revoked. The next log-in is refused.") }, { "keep", N_("Kept. It is checked again within a year.") } };

	for (size_t i = 0; i < LENGTH(said); i++)
		if (str_equal(done, str_of(said[i].name)))
			return str_of(_(said[i].text));
	return STR("");
}

static void draw(struct rq *rq, const struct visit *visit, const struct access_grant_get_row *grant, const struct access_person_row *person,
                 const struct wrongs *wrongs, struct answer *answer)
{
	enum access_state state = access_state(ACCESS_MOMENTS(grant), rq->now);
	struct history history = { .rq = rq };
	struct buttons buttons = { 0 };

	fill_history(&history, grant);
	fill_buttons(rq, grant, &buttons);
	struct access_grant_page page = { .errors = wrongs_page(wrongs), .done = wrongs->n ? STR("") : done_text(rq, visit_field(visit, "done")),
		.form_token = visit->form_token, .self_at = str_print(rq->arena, "/access/grant/%lld", (long long)grant->id),
		.number = str_print(rq->arena, "%lld", (long long)grant->id),
		.person = access_shown_name(rq, person->name, person->is_protected && grant->person != rq->actor->person), .person_at = STR(""),
		.service = grant->service_name, .purpose = grant->purpose, .from_at = grant->from_at, .until = grant->until,
		.state = access_state_shape(state), .is_stated = grant->is_stated,
		.rule = grant->rule_version.is ? str_print(rq->arena, "%lld", (long long)grant->rule_version.i) : STR(""),
		.review_due_at = state == ACCESS_ACTIVE || state == ACCESS_COMING ? grant->review_due_at : (struct instant){ 0 },
		.is_overdue = state == ACCESS_ACTIVE && !instant_is_before(rq->now, grant->review_due_at),
		.history = history.at, .n_history = history.n, .moves = buttons.at, .n_moves = buttons.n, .needs_reason = buttons.needs_reason,
		.reason = field_again(visit, wrongs, "reason", wrongs->n != 0), .may_again = buttons.may_again,
		.instead = buttons.n ? STR("") : instead_of(rq, state) };
	if (buttons.may_again) {
		page.purpose_again = field_again(visit, wrongs, "purpose", true);
		page.from_again = field_again(visit, wrongs, "from", true);
		page.until_again = field_again(visit, wrongs, "until", true);
		if (!page.purpose_again.value.len)
			page.purpose_again.value = grant->purpose;
		if (!page.from_again.value.len)
			page.from_again.value = access_day_text(rq, grant->from_at, false);
		if (!page.until_again.value.len)
			page.until_again.value = access_day_text(rq, grant->until, true);
	}
	answer->has_errors = wrongs->n != 0;
	access_grant_page(&answer->body, rq->language, &page);
}

enum err access_get_grant(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct access_grant_get_row grant;
	struct access_person_row person;

	TRY(find(rq, visit, &grant, &person));
	draw(rq, visit, &grant, &person, &(struct wrongs){ 0 }, answer);
	return OK;
}

static void read_again(struct rq *rq, const struct visit *visit, struct access_deed *deed, struct wrongs *wrongs)
{
	deed->purpose = visit_field(visit, "purpose");
	if (access_read_day(visit_field(visit, "from"), false, &deed->from_at) != OK)
		wrong_add(wrongs, "from", _("Enter the date like this: 2026-11-30"));
	if (access_read_day(visit_field(visit, "until"), true, &deed->until) != OK)
		wrong_add(wrongs, "until", _("Enter the date like this: 2026-11-30"));
}

/* Refusals before anything is written come back on the page; what fails later is the router's to say, and nothing stays. */
enum err access_post_grant(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	const struct access_move *move = access_move_named(visit_field(visit, "act"));
	struct access_deed deed = { .by = rq->actor->person, .reason = visit_field(visit, "reason") };
	struct access_grant_get_row grant;
	struct access_person_row person;
	struct wrongs wrongs = { 0 };

	TRY(find(rq, visit, &grant, &person));
	if (!move)
		return fail(rq, ERR_INVALID, _("Say what to do with it."));
	deed.grant = grant.id;
	if (strcmp(move->name, "again") == 0)
		read_again(rq, visit, &deed, &wrongs);
	enum err err = wrongs.n ? ERR_INVALID : access_do(rq, move, &deed);
	if (err == ERR_INVALID && !wrongs.n)
		wrong_add(&wrongs, strcmp(move->name, "again") == 0 ? "until" : "reason", rq->trouble->text);
	if (err == ERR_INVALID) {
		draw(rq, visit, &grant, &person, &wrongs, answer);
		return OK;
	}
	if (err != OK)
		return err;
	answer->status = 303;
	answer->location = str_print(rq->arena, "/access/grant/%lld?done=%s", (long long)grant.id, move->name);
	return OK;
}
