/* /access/verification/ID: one call, step by step. The agent who began it sees what comes next; others who may see it read what has happened.
 *
 * The answer to the number on record comes with the code in one press, and the right code with the approval when nothing else is missing: each is
 * an act and a leaf of its own all the same.
 *
 * SECURITY: the page shows what verify_may allows; what was pressed is asked again in the verb. The number, the words and the token are shown to
 * the agent alone, the number only while it is to be rung up; the code to nobody here. */
#include "floor/frame.h"
#include "points/access/verify.h"
#include "floor/account.h"
#include "floor/proof.h"
#include "points/access/access_verify_one.html.h"

static struct str name_of(struct rq *rq, int64_t id)
{
	struct people_get_row person;
	return people_get(rq, id, &person) == OK ? people_shown_name(rq, person.name, person.is_protected) : STR("");
}

static struct str spaced(struct rq *rq, struct str digits)
{
	return str_print(rq->arena, "%.3s %.3s", digits.at, digits.at + 3);
}

/* --- what has happened --- */

struct history { struct access_verify_one_page_history at[32]; size_t n; };

static void add(struct history *h, struct maybe_int at, const char *what, struct str who)
{
	if (at.is && h->n < LENGTH(h->at))
		h->at[h->n++] = (struct access_verify_one_page_history){ { at.i }, what, who };
}

static int oldest_first(const void *a, const void *b)
{
	const struct access_verify_one_page_history *x = a, *y = b;
	return (x->at.ms > y->at.ms) - (x->at.ms < y->at.ms);
}

/* The second factor that is still hers, or an app of hers: which, the answer of that moment says. */
static void add_second(struct rq *rq, const struct verify_get_row *row, struct history *h)
{
	const char *what = N_("A code of the second factor was right");
	struct proof_of_row *rows;
	size_t n = 0;

	if (proof_of(rq, row->id, &rows, &n) != OK)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		bool is_yes = rows[i].answer == PROOF_YES;
		add(h, (struct maybe_int){ true, rows[i].asked_at.ms }, N_("The person's app was asked"), STR(""));
		if (is_yes && row->bound_at.is && row->bound_at.i == rows[i].answered_at.i)
			what = N_("The person said yes in the app");
		else if (rows[i].answer == PROOF_NO)
			add(h, rows[i].answered_at, N_("The person said no in the app"), STR(""));
	}
	add(h, row->bound_at, what, STR(""));
}

static void fill_history(struct rq *rq, const struct verification *v, struct history *h)
{
	static const char *const over[] = { [VERIFY_OUT_DENIED] = N_("Denied"), [VERIFY_OUT_ABORTED] = N_("Given up"),
		[VERIFY_OUT_NOT_ME] = N_("The employee says: that was not me") };
	const struct verify_get_row *row = &v->row;
	struct str agent = name_of(rq, row->agent);

	add(h, (struct maybe_int){ true, row->started_at.ms }, N_("Begun"), agent);
	add(h, row->called_at, N_("Rung up and answered"), STR(""));
	add(h, row->code_at, N_("A code was given"), STR(""));
	add(h, row->right_at, N_("The code was right"), STR(""));
	for (size_t i = 0; i < v->n_vouchers; i++) {
		add(h, (struct maybe_int){ true, v->vouchers[i].asked_at.ms }, N_("A manager was asked"), v->vouchers[i].name);
		add(h, v->vouchers[i].answered_at, v->vouchers[i].is_yes ? N_("The manager vouches") : N_("The manager does not vouch"), v->vouchers[i].name);
	}
	add_second(rq, row, h);
	add(h, row->present_at, N_("The person was here"), row->present_how);
	struct verify_hands_row *hands;
	size_t n = 0;
	if (verify_hands(rq, row->id, &hands, &n) != OK)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		add(h, (struct maybe_int){ true, hands[i].asked_at.ms }, N_("A colleague was asked to take over"), name_of(rq, hands[i].asked_by));
		add(h, hands[i].taken_at, N_("Taken over"), hands[i].taken_by.is ? name_of(rq, hands[i].taken_by.i) : STR(""));
	}
	add(h, row->approved_at, N_("Approved"), agent);
	add(h, row->used_at, N_("The errand was done"), agent);
	if (row->outcome)
		add(h, row->ended_at, over[row->outcome], row->why);
	qsort(h->at, h->n, sizeof h->at[0], oldest_first);
}

static enum err fill_told(struct rq *rq, const struct verification *v, struct access_verify_one_page *page)
{
	static const char *const what[] = { [NOTICE_APPROVED] = N_("verified"), [NOTICE_MANAGER] = N_("verified"),
		[NOTICE_NOT_ME] = N_("said no"), [NOTICE_NOT_ME_MANAGER] = N_("said no") };
	struct verify_notices_of_row *rows;
	size_t n;

	TRY(verify_notices_of(rq, v->row.id, &rows, &n));
	struct access_verify_one_page_told *told = NEW_MANY(rq->arena, n + 1, struct access_verify_one_page_told);
	for (size_t i = 0; i < n; i++)
		told[i] = (struct access_verify_one_page_told){ rows[i].name, what[rows[i].kind], rows[i].made_at };
	page->told = told;
	page->n_told = n;
	return OK;
}

static void fill_vouchers(struct rq *rq, const struct verification *v, struct access_verify_one_page *page)
{
	struct access_verify_one_page_vouchers *vouchers = NEW_MANY(rq->arena, v->n_vouchers + 1, struct access_verify_one_page_vouchers);

	for (size_t i = 0; i < v->n_vouchers; i++) {
		const struct verify_vouchers_row *row = &v->vouchers[i];
		bool is_old = !row->answered_at.is && !instant_is_before(rq->now, row->until);
		vouchers[i] = (struct access_verify_one_page_vouchers){ row->name, row->is_yes ? (struct state_page){ STR("ok"), N_("vouches") }
			: row->answered_at.is ? (struct state_page){ STR("fail"), N_("does not vouch") }
			: is_old ? (struct state_page){ STR("unknown"), N_("has not answered in time") } : (struct state_page){ STR("act"), N_("is asked") } };
	}
	page->vouchers = vouchers;
	page->n_vouchers = v->n_vouchers;
}

static bool may(const struct verification *v, enum verify_step step)
{
	return verify_may(&v->facts, step) == VERIFY_MAY;
}

/* Her app: what became of each question, and whether another may be asked. */
static enum err fill_apps(struct rq *rq, const struct verification *v, struct access_verify_one_page *page)
{
	static const struct { const char *shape, *word; } said[] = { { "act", N_("is asked") }, [PROOF_YES] = { "ok", N_("said yes") }, [PROOF_NO] = { "fail", N_("said no") },
		[PROOF_LATE] = { "unknown", N_("has not answered in time") }, [PROOF_FAILED] = { "unknown", N_("could not be asked") } };
	struct proof_of_row *rows;
	bool is_open = false;
	size_t n;

	TRY(proof_of(rq, v->row.id, &rows, &n));
	struct access_verify_one_page_apps *apps = NEW_MANY(rq->arena, n + 1, struct access_verify_one_page_apps);
	for (size_t i = 0; i < n; i++) {
		bool is_late = !rows[i].answered_at.is && !instant_is_before(rq->now, rows[i].until);
		int64_t k = is_late ? PROOF_LATE : rows[i].answer;
		apps[i] = (struct access_verify_one_page_apps){ { str_of(said[k].shape), said[k].word }, rows[i].cause };
		is_open |= k == 0 || k == PROOF_NO;
	}
	page->apps = apps;
	page->n_apps = n;
	page->may_app = proof_is_on() && !is_open && may(v, VERIFY_BOUND) && v->facts.class == VERIFY_B && v->facts.number_counts;
	return OK;
}

/* --- what comes next --- */

static bool has_factor(struct rq *rq, int64_t person)
{
	struct account_get_row account;
	return account_get(rq, person, &account) == OK && account.totp.at;
}

static enum err fill_steps(struct rq *rq, const struct verification *v, struct access_verify_one_page *page)
{
	page->may_call = may(v, VERIFY_CALL);
	page->may_code = may(v, VERIFY_CODE);
	page->may_read = may(v, VERIFY_RIGHT);
	page->may_bound = may(v, VERIFY_BOUND) && v->facts.class == VERIFY_B && v->facts.number_counts && has_factor(rq, v->person.id);
	TRY(fill_apps(rq, v, page));
	page->may_prove = may(v, VERIFY_PRESENT) || may(v, VERIFY_ASK);
	page->may_approve = may(v, VERIFY_APPROVE);
	page->may_hand = may(v, VERIFY_HAND);
	page->is_handed = v->facts.is_handed;
	page->call_number = spaced(rq, verify_number(rq, v->row.id));
	if (page->may_call) {
		page->phone = v->person.phone;
		page->phone_at = page_dial(rq, v->person.phone);
	}
	page->has_page = v->facts.has_page;
	if (v->facts.has_page ? v->row.codes && !v->row.right_at.is : v->facts.is_called && !page->may_approve)
		TRY(verify_words_of(rq, v->row.id, &page->words));
	page->code_until = (struct instant){ v->row.code_until.is ? v->row.code_until.i : 0 };
	page->tries_left = VERIFY_TRIES - v->facts.wrong;
	if (!page->may_call && !page->may_approve)
		page->lacks = str_of(v->facts.wrong >= VERIFY_TRIES ? _("Three wrong codes. Deny it, or give it up and begin again.")
		                     : verify_why_not(rq, v, VERIFY_APPROVE));
	return OK;
}

static void fill_token(struct rq *rq, const struct verification *v, struct access_verify_one_page *page)
{
	struct str token = verify_token(rq, v->row.id);

	page->may_use = true;
	page->secret_until = (struct instant){ v->row.token_until.i };
	page->needs_typed = !verify_same(account_hash(rq->arena, token), v->row.token);
	page->secret = page->needs_typed ? STR("") : token;
}

static enum err draw(struct rq *rq, const struct visit *visit, int64_t id, const struct wrongs *wrongs, struct answer *answer)
{
	struct history history = { .n = 0 };
	struct verification v;
	struct maybe_int strict;

	TRY(verify_read(rq, id, &v));
	TRY(verify_strict_until(rq, &strict));
	bool is_agent = v.row.agent == rq->actor->person && (rq->actor->roles & ROLE_SUPPORT);
	struct access_verify_one_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token,
		.self_at = str_print(rq->arena, "/access/verification/%lld", (long long)id), .number = str_print(rq->arena, "%lld", (long long)id),
		.person = people_shown_name(rq, v.person.name, v.person.is_protected), .unit = v.person.unit_name,
		.errand = v.errand->word.at ? v.errand->word : v.row.errand, .class = str_print(rq->arena, "%c", 'A' + (int)v.facts.class - 1),
		.state = verify_shape(v.facts.end), .strict_until = { strict.is && !(rq->actor->roles & ROLE_SUPPORT) ? strict.i : 0 }, .ticket = v.row.ticket, .agent = name_of(rq, v.row.agent),
		.is_mine = is_agent && v.facts.end == VERIFY_OPEN, .is_privileged = v.is_privileged, .number_counts = v.facts.number_counts,
		.has_channel = v.facts.has_channel, .phone = STR(""), .phone_at = STR(""), .call_number = STR(""), .words = STR(""), .secret = STR(""),
		.lacks = STR(""), .is_denied = v.facts.end == VERIFY_DENIED && !v.is_practice, .code = field_again(visit, wrongs, "code", false),
		.otp = field_again(visit, wrongs, "otp", false), .manager = field_again(visit, wrongs, "manager", true), .shown = field_again(visit, wrongs, "shown", true),
		.why = field_again(visit, wrongs, "why", true), .typed = field_again(visit, wrongs, "said", false) };
	page.is_practice = is_agent && v.is_practice && v.facts.end != VERIFY_OPEN;
	page.is_let_through = v.row.approved_at.is;
	page.may_take = !is_agent && (rq->actor->roles & ROLE_SUPPORT) && rq->actor->person != v.person.id && may(&v, VERIFY_TAKEN);
	TRY(verify_device_lives(rq, &v, instant_plus(v.row.started_at, HOURS(-1)), &page.is_device_live));
	if (page.is_mine)
		TRY(fill_steps(rq, &v, &page));
	if (is_agent && v.facts.is_token_live)
		fill_token(rq, &v, &page);
	if (!page.manager.value.len && v.person.manager.is && !v.n_vouchers) {
		struct people_get_row manager;
		TRY(people_get(rq, v.person.manager.i, &manager));
		page.manager.value = manager.code;
	}
	fill_vouchers(rq, &v, &page);
	fill_history(rq, &v, &history);
	page.history = history.at;
	page.n_history = history.n;
	TRY(fill_told(rq, &v, &page));
	answer->has_errors = wrongs->n != 0;
	access_verify_one_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err number_of(struct rq *rq, const struct visit *visit, int64_t *ret)
{
	return str_number(visit->rest, INT64_MAX, ret) == OK ? OK : fail(rq, ERR_NONE, "%s", _("There is no such verification."));
}

enum err verify_get_one(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	int64_t id;

	TRY(number_of(rq, visit, &id));
	return draw(rq, visit, id, &(struct wrongs){ 0 }, answer);
}

/* Which field an act's refusal stands beside, and what it takes from the form. */
static const struct { const char *act, *field; } fields[] = { { "read", "code" }, { "bound", "otp" }, { "ask", "manager" }, { "present", "shown" }, { "use", "said" },
	{ "deny", "why" }, { "abort", "why" } };

static const char *field_of(struct str act)
{
	for (size_t i = 0; i < LENGTH(fields); i++)
		if (str_equal(act, str_of(fields[i].act)))
			return fields[i].field;
	return "";
}

static bool may_now(struct rq *rq, int64_t id, enum verify_step step)
{
	struct verification v;
	return verify_read(rq, id, &v) == OK && verify_may(&v.facts, step) == VERIFY_MAY;
}

/* One press, and what follows from it of itself. */
static enum err press(struct rq *rq, struct str name, const struct verify_deed *deed, struct verify_done *done)
{
	struct verify_done then;

	TRY(verify_do(rq, verify_act_named(name), deed, done));
	if (str_equal(name, STR("call")) && may_now(rq, deed->id, VERIFY_CODE))
		return verify_do(rq, verify_act_named(STR("code")), deed, &then);
	if (str_equal(name, STR("read")) && !done->is_wrong && may_now(rq, deed->id, VERIFY_APPROVE))
		return verify_do(rq, verify_act_named(STR("approve")), deed, &then);
	return OK;
}

enum err verify_post_one(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str act = visit_field(visit, "act");
	const char *field = field_of(act);
	struct verify_deed deed = { .by = rq->actor->person, .said = *field ? visit_field(visit, field) : STR(""), .why = visit_field(visit, "why"),
		.proof = visit->prepared };
	struct wrongs wrongs = { 0 };
	struct verify_done done = { 0 };

	TRY(number_of(rq, visit, &deed.id));
	if (!verify_act_named(act))
		return fail(rq, ERR_INVALID, "%s", _("Say what to do with it."));
	enum err err = press(rq, act, &deed, &done);
	if (err == ERR_NONE && str_equal(act, STR("ask")))
		err = ERR_INVALID;
	if (err == ERR_INVALID || err == ERR_CONFLICT || err == ERR_DENIED) {
		wrong_add(&wrongs, field, rq->trouble->text);
	} else if (err != OK) {
		return err;
	}
	if (done.is_wrong && done.tries_left < 0) {
		wrong_add(&wrongs, field, _("The code does not match. Wait for the next one."));
	} else if (done.is_wrong) {
		struct str said = str_print(rq->arena, tongue_n(rq->language, "The code does not match. %lld try left.", "The code does not match. %lld tries left.",
			done.tries_left), (long long)done.tries_left);
		wrong_add(&wrongs, done.tries_left ? "code" : "why", str_c(rq->arena, said));
	}
	if (wrongs.n)
		return draw(rq, visit, deed.id, &wrongs, answer);
	answer->status = 303;
	answer->location = str_print(rq->arena, "/access/verification/%lld", (long long)deed.id);
	return OK;
}

const char *verify_one_acts(size_t n)
{
	return verify_acts[n].name;
}
