/* "Your login": change the password, connect another phone, new saved codes, where one is logged in, log out everywhere.
 *
 *     /me/security   /me/security/password   /me/security/phone   /me/security/codes
 *
 * Another phone is connected as in set-up: the new key is drawn, and counts only when it has shown its first code. Until then the old one
 * works, so that an interrupted change locks nobody out.
 *
 * SECURITY: what changes a factor asks for the second factor again (a saved code will do: whoever has lost the phone
 * comes here that way), the password besides for the old one. Each change ends all other sessions. While a coordinator acts as somebody
 * else in the exercise these pages are closed: they would change the login of the wrong one. */
#include "floor/account.h"
#include "floor/event.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/seal_door.h"
#include "floor/setting.h"
#include "floor/security.html.h"
#include "floor/security_ask.html.h"
#include "floor/security_password.html.h"

static enum err be_oneself(struct rq *rq, const struct visit *visit)
{
	bool acts;

	if (account_real_person(rq, visit, &acts) < 0 || acts)
		return fail(rq, ERR_DENIED, _("You are somebody else now. Be yourself again first."));
	return OK;
}

static struct str own_code(struct rq *rq)
{
	return str_from(rq->actor->name, strlen("person:"));
}

static enum err end_others(struct rq *rq, const struct visit *visit)
{
	return account_or_none(account_session_drop_others(rq, rq->actor->person, account_hash(rq->arena, visit->session)));
}

static void reset_said(struct change *change)
{
	int64_t person = change_rq(change)->actor->person;
	event_say(change, (struct event){ .kind = EVENT_access_reset, .person = person, .subject = person, .leaf = change_leaf(change) });
}

/* --- the overview --- */

static struct str done_sentence(struct rq *rq, const struct visit *visit)
{
	if (visit_field(visit, "used").at)
		return str_of(_("You used a saved code. If the phone is lost, connect another one now."));
	if (visit_field(visit, "password").at)
		return str_of(_("The password is changed."));
	return visit_field(visit, "phone").at ? str_of(_("The new phone is connected.")) : STR("");
}

static enum err get_security(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct account_sessions_of_row *sessions;
	struct account_saved_left_row left;
	struct account_get_row account;
	size_t n;

	TRY(be_oneself(rq, visit));
	TRY(account_get(rq, rq->actor->person, &account));
	TRY(account_saved_left(rq, rq->actor->person, &left));
	TRY(account_sessions_of(rq, rq->actor->person, &sessions, &n));
	struct security_page_sessions *rows = NEW_MANY(rq->arena, n + 1, struct security_page_sessions);
	struct str here = account_hash(rq->arena, visit->session);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct security_page_sessions){ .address = sessions[i].address, .began_at = sessions[i].made_at,
			.seen_at = sessions[i].seen_at, .is_this = str_equal(sessions[i].hash, here) };
	security_page(&answer->body, rq->language, &(struct security_page){ .done = done_sentence(rq, visit), .form_token = visit->form_token,
		.changed_at = account.changed_at, .saved_codes = left.n, .few_codes = left.n < 3, .sessions = rows, .n_sessions = n });
	return OK;
}

static enum err post_security(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct change *change;

	TRY(be_oneself(rq, visit));
	TRY(audit_begin(rq, "account.logout_everywhere", own_code(rq), &change));
	TRY(account_or_none(account_session_drop_all(rq, rq->actor->person)));
	answer->cookie = STR("");
	answer->location = STR("/login");
	return OK;
}

/* --- password --- */

struct changing { struct wrongs wrongs; struct str box; bool is_old_wrong, is_spent; struct str budget; };

static enum err draw_password(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	security_password_page(&answer->body, rq->language, &(struct security_password_page){ .errors = wrongs_page(wrongs),
		.old = field_again(visit, wrongs, "old", false), .password = field_again(visit, wrongs, "password", false),
		.password_again = field_again(visit, wrongs, "password_again", false), .form_token = visit->form_token });
	answer->has_errors = wrongs->n > 0;
	return OK;
}

static enum err get_password(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	TRY(be_oneself(rq, visit));
	return draw_password(rq, visit, &(struct wrongs){ .n = 0 }, answer);
}

static enum err check_new(struct rq *rq, const struct visit *visit, struct changing *c)
{
	struct people_get_row person;
	struct str password = account_password(rq, visit, "password");

	TRY(people_get(rq, rq->actor->person, &person));
	const char *wrong = password_wrong(password, &(struct password_owner){ .roles = (unsigned)person.roles, .name = person.name,
		.email = person.email, .code = person.code, .organisation = setting_text(rq, "organisation.name") });
	if (wrong)
		wrong_add(&c->wrongs, "password", _(wrong));
	else if (!str_equal(password, account_password(rq, visit, "password_again")))
		wrong_add(&c->wrongs, "password_again", _("The two passwords differ"));
	return OK;
}

static enum err prepare_password(struct rq *rq, struct visit *visit)
{
	struct changing *c = NEW(rq->arena, struct changing);
	struct str old = account_password(rq, visit, "old");
	struct account_get_row account;
	bool again;

	visit->prepared = c;
	TRY(be_oneself(rq, visit));
	c->budget = str_print(rq->arena, "password of %lld", (long long)rq->actor->person);
	c->is_spent = account_is_spent(rq, BUDGET_SECOND, c->budget);
	if (old.len == 0)
		wrong_add(&c->wrongs, "old", _("Enter your password"));
	TRY(check_new(rq, visit, c));
	if (c->wrongs.n || c->is_spent)
		return OK;
	TRY(account_get(rq, rq->actor->person, &account));
	enum err err = seal_password_check(seal_of_core(), rq, str_first(old, 1001), account.password, &again);
	if (err != OK && err != ERR_DENIED)
		return err;
	trouble_clear(rq->trouble);
	c->is_old_wrong = err == ERR_DENIED;
	return c->is_old_wrong ? OK : seal_password_hash(seal_of_core(), rq, account_password(rq, visit, "password"), &c->box);
}

static enum err post_password(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct changing *c = visit->prepared;
	struct change *change;

	if (c->is_spent || account_is_spent(rq, BUDGET_SECOND, c->budget)) {
		wrong_add(&c->wrongs, "old", _("Too many tries. Wait 15 minutes, then try again"));
		answer->status = 429;
	} else if (c->is_old_wrong) {
		TRY(account_spend(rq, BUDGET_SECOND, c->budget, NULL));
		wrong_add(&c->wrongs, "old", _("The password does not match"));
	}
	if (c->wrongs.n)
		return draw_password(rq, visit, &c->wrongs, answer);
	TRY(audit_begin(rq, "account.password", own_code(rq), &change));
	TRY(account_set_password(change, c->box, rq->now, rq->actor->person));
	reset_said(change);
	TRY(account_refund(rq, BUDGET_SECOND, c->budget));
	TRY(end_others(rq, visit));
	answer->location = STR("/me/security?password=1");
	return OK;
}

/* --- another phone --- */

static enum err get_ask(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	TRY(be_oneself(rq, visit));
	security_ask_page(&answer->body, rq->language, &(struct security_ask_page){ .form_token = visit->form_token,
		.is_phone = str_ends(visit->path, STR("/phone")) });
	return OK;
}

static enum err prepare_phone(struct rq *rq, struct visit *visit)
{
	struct account_enrolment_row row = { .person = { true, rq->actor->person } };
	struct str base32;

	TRY(be_oneself(rq, visit));
	if (visit_field(visit, "otp").at)
		return account_enrolment_check(rq, visit);
	TRY(seal_totp_new(seal_of_core(), rq, &row.totp, &base32));
	TRY(seal_secret_box(seal_of_core(), rq, base32, &row.seed));
	return account_enrolment_hold(rq, visit, &row, base32);
}

static enum err finish_phone(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	const struct account_enrolling *e = visit->prepared;
	struct change *change;

	TRY(audit_begin(rq, "account.phone", own_code(rq), &change));
	TRY(account_set_totp(change, e->row.totp, rq->now, rq->actor->person));
	reset_said(change);
	TRY(account_totp_use(rq, rq->actor->person, e->counter));
	TRY(account_enrolment_drop(rq, account_hash(rq->arena, visit->session)));
	TRY(end_others(rq, visit));
	answer->location = STR("/me/security?phone=1");
	return OK;
}

static enum err post_phone(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	const struct account_enrolling *e = visit->prepared;

	if (!visit_field(visit, "otp").at)
		TRY(account_enrolment_add(rq, &(struct account_enrolment_add_args){ .hash = account_hash(rq->arena, visit->session),
			.person = e->row.person, .name = STR(""), .email = STR(""), .totp = e->row.totp, .seed = e->row.seed, .made_at = rq->now }));
	/* A row that set-up left has a code; this page takes only its own. */
	if (e->is_there && e->is_right && !e->row.code.is && e->row.person.is && e->row.person.i == rq->actor->person)
		return finish_phone(rq, visit, answer);
	if (!e->is_there) {
		answer->location = STR("/me/security/phone");
		return OK;
	}
	return account_enrolment_draw(rq, visit, answer);
}

/* --- new saved codes --- */

static enum err post_codes(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	char codes[ACCOUNT_SAVED_CODES][ACCOUNT_CODE];
	struct change *change;

	TRY(be_oneself(rq, visit));
	TRY(audit_begin(rq, "account.saved_codes", own_code(rq), &change));
	TRY(account_or_none(account_code_close_kind(change, rq->now, rq->actor->person, CODE_SAVED)));
	TRY(account_saved_codes_give(change, rq->actor->person, codes));
	return account_show_saved_codes(rq, answer, codes, STR("/me/security"));
}

const struct page account_own_pages[] = {
	{ .path = "/me/security", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_security, .post = post_security },
	{ .path = "/me/security/password", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_password, .prepare = prepare_password,
	  .post = post_password, .needs_step_up = true },
	{ .path = "/me/security/phone", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_ask, .prepare = prepare_phone,
	  .post = post_phone, .needs_step_up = true },
	{ .path = "/me/security/codes", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_ask, .post = post_codes,
	  .needs_step_up = true },
	{ 0 },
};
