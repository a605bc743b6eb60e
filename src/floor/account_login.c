/* Logging in and out, and showing the second factor again.
 *
 *     /login     user and password -> a session that waits for the second factor -> a code from the phone or a saved code -> logged in
 *     /step-up   the second factor again, before acts that ask for it
 *     /logout
 *
 * Which of its two steps a POST to /login is stands in its fields: `otp` is the second. Each step has a session of its own with a new
 * token. Log-in, log-out and step-up are leaves: who was there when, and who had just shown the second factor.
 *
 * SECURITY: an unknown name, a name without login, one who has left and a wrong password get the same sentence after the same argon2id
 * work. Wrong tries are counted in the commit that answers them, and a try that comes when the budget is spent is refused even
 * when it is right, so many at once gain nothing. A TOTP counter is used once and never an older one after it. A saved code
 * is only asked for after the password. What failed is said in the operations log, once a burst, with the person when there is one,
 * never with what was typed. */
#include "floor/account.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/seal_door.h"
#include "floor/login.html.h"
#include "floor/otp.html.h"
#include "base/world.h"

static struct str with_next(struct rq *rq, const char *path, struct str next)
{
	struct out at = out_new(rq->arena);

	out_text(&at, path);
	if (next.len) {
		out_text(&at, "?next=");
		out_url(&at, next);
	}
	return out_str(&at);
}

static const char *too_many(struct rq *rq)
{
	return _("Too many tries. Wait 15 minutes, then try again");
}

/* --- the page --- */

/* The session that waits for the second factor. ERR_NONE: there is none, or it has waited too long. */
static enum err find_waiting(struct rq *rq, const struct visit *visit, struct account_session_row *ret)
{
	if (!visit->session.len)
		return ERR_NONE;
	TRY(account_session(rq, account_hash(rq->arena, visit->session), ret));
	if (!ret->waiting_for.is || instant_is_before(instant_plus(ret->made_at, MINUTES(ACCOUNT_SECOND)), rq->now))
		return ERR_NONE;
	return OK;
}

/* Why somebody with an old session stands here. */
static struct str why_here(struct rq *rq, const struct visit *visit)
{
	struct account_session_row session;

	if (!visit->session.len || account_session(rq, account_hash(rq->arena, visit->session), &session) != OK)
		return STR("");
	if (session.waiting_for.is)
		return str_of(_("The code took too long. Enter your password again."));
	return session.person.is ? str_of(_("You were away too long. Log in again.")) : STR("");
}

static enum err draw_login(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct account_kept kept = account_kept(rq, visit);
	struct login_page_kept *fields = NEW_MANY(rq->arena, kept.n + 1, struct login_page_kept);

	for (size_t i = 0; i < kept.n; i++)
		fields[i] = (struct login_page_kept){ kept.fields[i].name, kept.fields[i].value };
	login_page(&answer->body, rq->language, &(struct login_page){ .errors = wrongs_page(wrongs),
		.user = field_again(visit, wrongs, "user", true), .password = field_again(visit, wrongs, "password", false),
		.form_token = visit->form_token, .next = account_next(visit), .kept = fields, .n_kept = kept.n, .notice = wrongs->n ? STR("") : why_here(rq, visit) });
	answer->is_bare = true;
	answer->has_errors = wrongs->n > 0;
	return OK;
}

enum err account_login_draw(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_login(rq, visit, &(struct wrongs){ .n = 0 }, answer);
}

static enum err draw_otp(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, bool is_step_up, struct answer *answer)
{
	struct account_kept kept = account_kept(rq, visit);
	struct otp_page_kept *fields = NEW_MANY(rq->arena, kept.n + 1, struct otp_page_kept);

	for (size_t i = 0; i < kept.n; i++)
		fields[i] = (struct otp_page_kept){ kept.fields[i].name, kept.fields[i].value };
	/* Right behind the password the session is a new one, and so is its token. */
	struct str token = answer->cookie.len ? account_form_token(rq->arena, answer->cookie) : visit->form_token;
	otp_page(&answer->body, rq->language, &(struct otp_page){ .errors = wrongs_page(wrongs), .otp = field_again(visit, wrongs, "otp", false),
		.form_token = token, .next = account_next(visit), .kept = is_step_up ? NULL : fields, .n_kept = is_step_up ? 0 : kept.n, .to = is_step_up ? STR("/step-up") : STR("/login"),
		.is_step_up = is_step_up, .may_use_saved_code = true });
	answer->is_bare = !is_step_up;
	answer->has_errors = wrongs->n > 0;
	return OK;
}

static enum err get_login(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct account_session_row session;
	struct wrongs wrongs = { .n = 0 };

	if (rq->actor->person >= 0) {
		struct str next = account_next(visit);
		answer->location = next.len ? next : STR("/");
		return OK;
	}
	enum err err = visit_field(visit, "again").at ? ERR_NONE : find_waiting(rq, visit, &session);
	if (err != OK && err != ERR_NONE)
		return err;
	return err == OK ? draw_otp(rq, visit, &wrongs, false, answer) : draw_login(rq, visit, &wrongs, answer);
}

/* --- first step --- */

struct try { struct wrongs wrongs; struct str name, here, network, again; bool is_spent, is_right, is_counted; int64_t person; };

static bool is_first_spent(struct rq *rq, const struct try *try)
{
	return account_is_spent(rq, BUDGET_NAME_HERE, try->here) || account_is_spent(rq, BUDGET_NAME, try->name)
	    || account_is_spent(rq, BUDGET_NETWORK, try->network);
}

/* The box of who is called that, when she may log in; STR_NONE otherwise. */
static enum err find_box(struct rq *rq, struct try *try, struct str *ret)
{
	struct people_named_row named;
	struct people_get_row person;
	struct account_get_row account;

	*ret = STR_NONE;
	enum err err = people_named(rq, try->name, &named);
	if (err == OK)
		err = people_get(rq, named.person, &person);
	if (err == OK)
		err = account_get(rq, named.person, &account);
	if (err == OK && people_is_employed(&person, rq->now)) {
		try->person = named.person;
		*ret = account.password;
	}
	return err == ERR_NONE ? OK : err;
}

static enum err check_password(struct rq *rq, struct str password, struct try *try)
{
	struct str box;
	bool has_to_be_hashed_again = false;

	TRY(find_box(rq, try, &box));
	enum err err = seal_password_check(seal_of_core(), rq, password, box, &has_to_be_hashed_again);
	if (err != OK && err != ERR_DENIED)
		return err;
	try->is_right = err == OK;
	trouble_clear(rq->trouble);
	if (try->is_right && has_to_be_hashed_again)
		TRY(seal_password_hash(seal_of_core(), rq, password, &try->again));
	return OK;
}

static enum err prepare_first(struct rq *rq, struct visit *visit)
{
	struct try *try = NEW(rq->arena, struct try);
	struct str user = visit_field(visit, "user"), password = account_password(rq, visit, "password"), canonical;
	char *room = arena_take(rq->arena, 1024);

	visit->prepared = try;
	try->person = -1;
	if (user.len == 0)
		wrong_add(&try->wrongs, "user", _("Enter your user name"));
	if (password.len == 0)
		wrong_add(&try->wrongs, "password", _("Enter your password"));
	if (try->wrongs.n)
		return OK;
	try->network = account_network(rq->arena, visit->address);
	/* What cannot be a name is nobody's, and is counted all the same. */
	try->name = people_canonical(user, room, 1024, &canonical) ? canonical : str_first(user, 1000);
	try->here = str_print(rq->arena, STR_FMT " " STR_FMT, STR_ARG(try->network), STR_ARG(try->name));
	try->is_counted = true;
	try->is_spent = is_first_spent(rq, try);
	if (try->is_spent)
		return OK;
	return check_password(rq, str_first(password, 1001), try);
}

/* Said where those who run the server look: the first of a burst, and the last. */
static enum err count_wrong(struct rq *rq, const struct visit *visit, const struct try *try)
{
	int64_t left = 0;

	TRY(account_spend(rq, BUDGET_NAME_HERE, try->here, &left));
	TRY(account_spend(rq, BUDGET_NAME, try->name, NULL));
	TRY(account_spend(rq, BUDGET_NETWORK, try->network, NULL));
	if (left == 9 || left == 0)
		world_log("core: wrong password for %s%lld from " STR_FMT "%s", try->person < 0 ? "nobody, " : "person ", (long long)try->person,
		          STR_ARG(visit->address), left ? "" : "; stopped for 15 minutes");
	return OK;
}

static enum err post_first(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct try *try = visit->prepared;

	try->is_spent = try->is_spent || (try->is_counted && is_first_spent(rq, try));
	if (try->is_spent) {
		wrong_add(&try->wrongs, "user", too_many(rq));
		answer->status = 429;
	} else if (try->is_counted && !try->is_right) {
		TRY(count_wrong(rq, visit, try));
		wrong_add(&try->wrongs, "user", _("User name or password is wrong"));
	}
	if (try->wrongs.n)
		return draw_login(rq, visit, &try->wrongs, answer);
	TRY(account_refund(rq, BUDGET_NAME_HERE, try->here));
	if (try->again.len) {
		struct change *change;
		TRY(account_act_as(rq, try->person));
		TRY(audit_begin(rq, "account.rehash", str_from(rq->actor->name, strlen("person:")), &change));
		TRY(account_rehash(change, try->again, try->person));
	}
	TRY(account_session_begin(rq, visit, answer, (struct account_session_wish){ .waiting_for = { true, try->person } }));
	if (account_kept(rq, visit).n)
		return draw_otp(rq, visit, &(struct wrongs){ .n = 0 }, false, answer);
	answer->location = with_next(rq, "/login", account_next(visit));
	return OK;
}

/* --- second step --- */

struct second {
	bool           is_there, is_spent, is_right, is_saved;
	int64_t        person, counter;
	struct str     budget, code_hash;
	struct wrongs  wrongs;
};

static bool is_second_spent(struct rq *rq, const struct second *second)
{
	return account_is_spent(rq, BUDGET_SECOND, second->budget) || account_is_spent(rq, BUDGET_SECOND_DAY, second->budget);
}

static enum err check_second(struct rq *rq, const struct visit *visit, struct second *second)
{
	struct str typed = visit_field(visit, "otp"), digits = account_digits(rq, typed);
	struct account_get_row account;
	char code[ACCOUNT_CODE];

	second->is_there = true;
	second->budget = str_print(rq->arena, "%lld", (long long)second->person);
	second->is_spent = is_second_spent(rq, second);
	if (typed.len == 0)
		wrong_add(&second->wrongs, "otp", _("Enter the code"));
	if (second->is_spent || second->wrongs.n)
		return OK;
	enum err err = account_get(rq, second->person, &account);
	if (err == ERR_NONE || (err == OK && !account.totp.at))
		return OK;
	TRY(err);
	if (account_code_read(typed, code)) {
		second->is_saved = true;
		second->code_hash = account_hash(rq->arena, str_of(code));
		return OK;
	}
	err = seal_totp_check(seal_of_core(), rq, digits, account.totp, rq->now, &second->counter);
	if (err != OK && err != ERR_DENIED)
		return err;
	second->is_right = err == OK;
	trouble_clear(rq->trouble);
	return OK;
}

static enum err prepare_second(struct rq *rq, struct visit *visit)
{
	struct second *second = NEW(rq->arena, struct second);
	struct account_session_row session;

	visit->prepared = second;
	enum err err = find_waiting(rq, visit, &session);
	if (err == ERR_NONE)
		return OK;
	TRY(err);
	second->person = session.waiting_for.i;
	return check_second(rq, visit, second);
}

/* In the commit: the counter is newer than any used, or the saved code is hers and unused. ret_code: which. */
static enum err use_second(struct rq *rq, struct second *second, int64_t *ret_code)
{
	struct account_totp_used_row used;
	struct account_code_find_row code;

	*ret_code = -1;
	if (second->is_saved) {
		enum err err = account_code_find(rq, second->code_hash, &code);
		if (err != OK && err != ERR_NONE)
			return err;
		second->is_right = err == OK && code.kind == CODE_SAVED && code.person.is && code.person.i == second->person && !code.used_at.is;
		if (second->is_right)
			*ret_code = code.id;
		return OK;
	}
	if (!second->is_right)
		return OK;
	enum err err = account_totp_used(rq, second->person, &used);
	if (err != OK && err != ERR_NONE)
		return err;
	second->is_right = err == ERR_NONE || used.counter < second->counter;
	return second->is_right ? account_totp_use(rq, second->person, second->counter) : OK;
}

/* OK with wrongs: the code was not right, and has been counted. */
static enum err judge_second(struct rq *rq, const struct visit *visit, struct second *second, int64_t *ret_code, struct answer *answer)
{
	int64_t left;

	*ret_code = -1;
	if (second->wrongs.n)
		return OK;
	second->is_spent = second->is_spent || is_second_spent(rq, second);
	if (second->is_spent) {
		wrong_add(&second->wrongs, "otp", account_is_spent(rq, BUDGET_SECOND_DAY, second->budget)
			? _("Too many tries today. Ask a coordinator for a new start code") : too_many(rq));
		answer->status = 429;
		return OK;
	}
	TRY(use_second(rq, second, ret_code));
	if (second->is_right)
		return account_refund(rq, BUDGET_SECOND, second->budget);
	TRY(account_spend(rq, BUDGET_SECOND, second->budget, &left));
	TRY(account_spend(rq, BUDGET_SECOND_DAY, second->budget, NULL));
	if (left == 4 || left == 0)
		world_log("core: wrong second factor for person %lld from " STR_FMT "%s", (long long)second->person, STR_ARG(visit->address),
		          left ? "" : "; stopped for 15 minutes");
	const char *said = tongue_n(rq->language, "The code does not match. %lld try left.", "The code does not match. %lld tries left.", left);
	wrong_add(&second->wrongs, "otp", str_c(rq->arena, str_print(rq->arena, said, (long long)left)));
	return OK;
}

static enum err post_second(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct second *second = visit->prepared;
	struct account_session_row session;
	struct people_get_row person;
	struct change *change;
	int64_t code;

	enum err err = second->is_there ? find_waiting(rq, visit, &session) : ERR_NONE;
	if (err == ERR_NONE && account_kept(rq, visit).n)
		return account_login_draw(rq, visit, answer);
	if (err == ERR_NONE) {
		answer->location = with_next(rq, "/login", account_next(visit));
		return OK;
	}
	TRY(err);
	TRY(judge_second(rq, visit, second, &code, answer));
	if (second->wrongs.n)
		return draw_otp(rq, visit, &second->wrongs, false, answer);
	TRY(people_get(rq, second->person, &person));
	if (!people_is_employed(&person, rq->now))
		return fail(rq, ERR_DENIED, _("Your employment has ended. Ask your manager."));
	TRY(account_act_as(rq, second->person));
	TRY(audit_begin(rq, code < 0 ? "account.login" : "account.login_saved_code", person.code, &change));
	if (code >= 0)
		TRY(account_code_use(change, rq->now, code));
	TRY(account_session_begin(rq, visit, answer, (struct account_session_wish){ .person = { true, second->person },
		.stepped_up_at = rq->now }));
	struct account_kept kept = account_kept(rq, visit);
	if (kept.n)
		return account_kept_done(rq, &kept, answer);
	struct str next = account_next(visit);
	answer->location = code >= 0 ? STR("/me/security?used=1") : next.len ? next : STR("/");
	return OK;
}

static bool is_second(const struct visit *visit)
{
	return visit_field(visit, "otp").at != NULL;
}

static enum err prepare_login(struct rq *rq, struct visit *visit)
{
	return is_second(visit) ? prepare_second(rq, visit) : prepare_first(rq, visit);
}

static enum err post_login(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return is_second(visit) ? post_second(rq, visit, answer) : post_first(rq, visit, answer);
}

/* --- again, before an act --- */

static enum err get_step_up(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_otp(rq, visit, &(struct wrongs){ .n = 0 }, true, answer);
}

static enum err prepare_step_up(struct rq *rq, struct visit *visit)
{
	struct second *second = NEW(rq->arena, struct second);
	bool acts;

	visit->prepared = second;
	second->person = account_real_person(rq, visit, &acts);
	if (second->person < 0)
		return fail(rq, ERR_DENIED, _("Log in again."));
	return check_second(rq, visit, second);
}

static enum err post_step_up(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct second *second = visit->prepared;
	struct change *change;
	int64_t code;

	TRY(judge_second(rq, visit, second, &code, answer));
	if (second->wrongs.n)
		return draw_otp(rq, visit, &second->wrongs, true, answer);
	TRY(audit_begin(rq, "account.step_up", str_from(rq->actor->name, strlen("person:")), &change));
	if (code >= 0)
		TRY(account_code_use(change, rq->now, code));
	TRY(account_session_step_up(rq, rq->now, account_hash(rq->arena, visit->session)));
	struct str next = account_next(visit);
	answer->location = next.len ? next : STR("/");
	return OK;
}

/* --- with the act itself, in one form --- */

enum err account_confirm_prepare(struct rq *rq, struct visit *visit)
{
	return visit_field(visit, "otp").len ? prepare_step_up(rq, visit) : OK;
}

enum err account_confirm(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct answer *answer)
{
	struct second *second = visit->prepared;
	struct actor *actor = NEW(rq->arena, struct actor);
	struct change *change;
	int64_t code;

	if (!second) {
		wrong_add(wrongs, "otp", _("Enter the code"));
		return OK;
	}
	TRY(judge_second(rq, visit, second, &code, answer));
	if (second->wrongs.n) {
		wrong_add(wrongs, "otp", str_c(rq->arena, second->wrongs.at[0].text));
		return OK;
	}
	TRY(audit_begin(rq, "account.step_up", str_from(rq->actor->name, strlen("person:")), &change));
	if (code >= 0)
		TRY(account_code_use(change, rq->now, code));
	TRY(account_session_step_up(rq, rq->now, account_hash(rq->arena, visit->session)));
	*actor = *rq->actor;
	actor->stepped_up_at = rq->now;
	rq->actor = actor;
	return OK;
}

/* The step-up in the place of a form that was sent too late. Its fields go along unsealed: they are the visitor's own, and are judged as
 * any form's when they come. */
enum err account_step_up_draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct otp_page_kept *kept = NEW_MANY(rq->arena, visit->n_fields + 1, struct otp_page_kept);
	size_t n = 0;

	for (size_t i = 0; i < visit->n_fields; i++)
		if (!str_equal(visit->fields[i].name, STR("otp")))
			kept[n++] = (struct otp_page_kept){ visit->fields[i].name, visit->fields[i].value };
	otp_page(&answer->body, rq->language, &(struct otp_page){ .errors = wrongs_page(wrongs), .otp = field_again(visit, wrongs, "otp", false),
		.form_token = visit->form_token, .next = STR(""), .to = visit->path, .kept = kept, .n_kept = n, .is_step_up = true,
		.may_use_saved_code = true });
	answer->has_errors = wrongs->n > 0;
	return OK;
}

enum err account_step_up_post(struct rq *rq, const struct page *page, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { .n = 0 };

	TRY(account_confirm(rq, visit, &wrongs, answer));
	return wrongs.n ? account_step_up_draw(rq, visit, &wrongs, answer) : page->post(rq, visit, answer);
}

/* --- out --- */

static enum err post_logout(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct change *change;

	TRY(audit_begin(rq, "account.logout", str_from(rq->actor->name, strlen("person:")), &change));
	TRY(account_or_none(account_session_drop(rq, account_hash(rq->arena, visit->session))));
	answer->cookie = STR("");
	answer->location = STR("/login");
	return OK;
}

const struct page account_login_pages[] = {
	{ .path = "/login", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = get_login, .prepare = prepare_login, .post = post_login },
	{ .path = "/step-up", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_step_up, .prepare = prepare_step_up,
	  .post = post_step_up },
	{ .path = "/logout", .may_post = ROLE_STAFF, .post = post_logout },
	{ 0 },
};
