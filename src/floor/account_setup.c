/* Set-up: from a one-time start code to a login. Two steps, each a page of its own.
 *
 *     /setup       the code, a password (and who the first coordinator is)  -> a row in enrolment, by the session's new token
 *     /setup/otp   the drawing of the second factor's key, a code from the phone -> account, ten saved codes, logged in
 *
 * The code of a new home makes the first coordinator: a person by hand ("local:7"), or, when HR's file has the mail address already,
 * that person. The code of an invitation or a recovery belongs to a person and makes or renews that one's login.
 *
 * SECURITY: a state machine with two states, bound to the session's token, the code and the person: the second step without the first finds
 * no row, another session's row is not found, and the code is looked at again in the same commit that uses it. Nothing is
 * logged in before the second factor has worked. Until then the seed lies in a second box, so that the drawing can be shown
 * again after a mistyped code; it goes with the row. Saved codes are shown in the one answer and never again. */
#include "floor/account.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/seal_door.h"
#include "floor/setting.h"
#include "floor/saved_codes.html.h"
#include "floor/setup.html.h"
#include "floor/setup_totp.html.h"

enum { LONGEST_NAME = 120, LONGEST_EMAIL = 250, LONGEST_ISSUER = 40 };

/* --- the start code --- */

struct start { struct account_code_find_row code; struct people_get_row person; bool has_person; };

static bool is_first_start(struct rq *rq)
{
	struct account_any_row any;
	return account_any(rq, &any) == ERR_NONE;
}

/* ERR_NONE: not a code, used, too old, or its person has left. */
static enum err find_start(struct rq *rq, struct str typed, struct start *ret)
{
	char code[ACCOUNT_CODE];

	*ret = (struct start){ .has_person = false };
	if (!account_code_read(typed, code))
		return ERR_NONE;
	TRY(account_code_find(rq, account_hash(rq->arena, str_of(code)), &ret->code));
	if (ret->code.kind == CODE_SAVED || ret->code.used_at.is || !instant_is_before(rq->now, ret->code.until))
		return ERR_NONE;
	/* Once somebody can log in, the code of a new home opens nothing, used or not. */
	if (!ret->code.person.is)
		return ret->code.kind == CODE_SETUP && is_first_start(rq) ? OK : ERR_NONE;
	TRY(people_get(rq, ret->code.person.i, &ret->person));
	ret->has_person = true;
	return people_is_employed(&ret->person, rq->now) ? OK : ERR_NONE;
}

/* The code of a row in enrolment, in the commit that uses it. */
static enum err start_still_stands(struct rq *rq, const struct account_enrolment_row *row)
{
	struct account_code_open_row *open;
	struct account_any_row any;
	size_t n;

	if (!row->code.is)
		return ERR_NONE;
	if (!row->person.is) {
		enum err err = account_any(rq, &any);
		return err == OK ? ERR_NONE : err == ERR_NONE ? OK : err;
	}
	for (int kind = CODE_INVITATION; kind <= CODE_RECOVERY; kind++) {
		TRY(account_code_open(rq, row->person.i, kind, &open, &n));
		for (size_t i = 0; i < n; i++)
			if (open[i].id == row->code.i && instant_is_before(rq->now, open[i].until))
				return OK;
	}
	return ERR_NONE;
}

/* --- first step --- */

static enum err draw_setup(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	setup_page(&answer->body, rq->language, &(struct setup_page){ .errors = wrongs_page(wrongs),
		.code = field_again(visit, wrongs, "code", true), .name = field_again(visit, wrongs, "name", true),
		.email = field_again(visit, wrongs, "email", true), .password = field_again(visit, wrongs, "password", false),
		.password_again = field_again(visit, wrongs, "password_again", false), .form_token = visit->form_token,
		.is_first = is_first_start(rq) });
	answer->is_bare = true;
	answer->has_errors = wrongs->n > 0;
	return OK;
}

static enum err get_setup(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_setup(rq, visit, &(struct wrongs){ .n = 0 }, answer);
}

struct setting_up { struct wrongs wrongs; bool is_code_wrong, is_spent; struct start start; struct str name, email, password, totp, seed; };

static void check_first_person(struct rq *rq, const struct visit *visit, struct setting_up *s)
{
	char room[LONGEST_EMAIL + 8];
	struct str canonical;
	size_t at;

	s->name = visit_field(visit, "name");
	s->email = visit_field(visit, "email");
	at = str_find(s->email, '@');
	if (s->name.len == 0)
		wrong_add(&s->wrongs, "name", _("Enter your name"));
	else if (s->name.len > LONGEST_NAME || !people_canonical(s->name, room, sizeof room, &canonical))
		wrong_add(&s->wrongs, "name", _("The name has characters that a name cannot have, or is too long"));
	if (s->email.len == 0)
		wrong_add(&s->wrongs, "email", _("Enter your e-mail address"));
	else if (at == 0 || at + 1 >= s->email.len || s->email.len > LONGEST_EMAIL || str_find(s->email, ' ') < s->email.len
	         || !people_canonical(s->email, room, sizeof room, &canonical))
		wrong_add(&s->wrongs, "email", _("Enter an e-mail address like name@example.org"));
}

static void check_password(struct rq *rq, const struct visit *visit, struct setting_up *s)
{
	struct password_owner owner = { .roles = ROLE_COORDINATOR, .name = s->name, .email = s->email,
		.organisation = setting_text(rq, "organisation.name") };
	struct str again = account_password(rq, visit, "password_again");

	if (s->start.has_person)
		owner = (struct password_owner){ .roles = (unsigned)s->start.person.roles, .name = s->start.person.name,
			.email = s->start.person.email, .code = s->start.person.code, .organisation = owner.organisation };
	s->password = account_password(rq, visit, "password");
	const char *wrong = password_wrong(s->password, &owner);
	if (wrong)
		wrong_add(&s->wrongs, "password", _(wrong));
	else if (!str_equal(s->password, again))
		wrong_add(&s->wrongs, "password_again", _("The two passwords differ"));
}

static enum err make_secrets(struct rq *rq, struct setting_up *s)
{
	struct str base32;

	TRY(seal_password_hash(seal_of_core(), rq, s->password, &s->password));
	TRY(seal_totp_new(seal_of_core(), rq, &s->totp, &base32));
	return seal_secret_box(seal_of_core(), rq, base32, &s->seed);
}

static enum err prepare_setup(struct rq *rq, struct visit *visit)
{
	struct setting_up *s = NEW(rq->arena, struct setting_up);

	visit->prepared = s;
	s->is_spent = account_is_spent(rq, BUDGET_START, account_network(rq->arena, visit->address));
	if (s->is_spent)
		return OK;
	enum err err = find_start(rq, visit_field(visit, "code"), &s->start);
	if (err != OK && err != ERR_NONE)
		return err;
	s->is_code_wrong = err == ERR_NONE;
	if (s->is_code_wrong)
		wrong_add(&s->wrongs, "code", _("The code does not match, has been used, or is too old. Ask for a new one"));
	if (!s->is_code_wrong && !s->start.has_person)
		check_first_person(rq, visit, s);
	if (!s->is_code_wrong)
		check_password(rq, visit, s);
	return s->wrongs.n ? OK : make_secrets(rq, s);
}

static enum err post_setup(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct setting_up *s = visit->prepared;

	if (s->is_spent) {
		wrong_add(&s->wrongs, "code", _("Too many tries. Wait 15 minutes, then try again"));
		answer->status = 429;
	}
	if (s->is_code_wrong)
		TRY(account_spend(rq, BUDGET_START, account_network(rq->arena, visit->address), NULL));
	if (s->wrongs.n)
		return draw_setup(rq, visit, &s->wrongs, answer);
	TRY(account_session_begin(rq, visit, answer, (struct account_session_wish){ .stepped_up_at = { 0 } }));
	TRY(account_enrolment_add(rq, &(struct account_enrolment_add_args){ .hash = account_hash(rq->arena, answer->cookie),
		.code = { true, s->start.code.id }, .person = s->start.code.person, .name = s->name.at ? s->name : STR(""),
		.email = s->email.at ? s->email : STR(""), .password = s->password, .totp = s->totp, .seed = s->seed, .made_at = rq->now }));
	answer->location = STR("/setup/otp");
	return OK;
}

/* --- second step --- */

/* ERR_NONE: this session has no first step behind it, or a stale one. */
static enum err find_enrolment(struct rq *rq, const struct visit *visit, struct account_enrolment_row *ret)
{
	if (!visit->session.len)
		return ERR_NONE;
	TRY(account_enrolment(rq, account_hash(rq->arena, visit->session), ret));
	return instant_is_before(instant_plus(ret->made_at, MINUTES(ACCOUNT_ENROLMENT)), rq->now) ? ERR_NONE : OK;
}

/* "otpauth://totp/Issuer:user?secret=..." as authenticator apps read it. */
static struct str key_uri(struct rq *rq, struct str user, struct str base32)
{
	struct out uri = out_new(rq->arena);
	struct str issuer = str_utf8_first(setting_text(rq, "organisation.name"), LONGEST_ISSUER);

	if (!issuer.len)
		issuer = STR("Samordna");
	out_text(&uri, "otpauth://totp/");
	out_url(&uri, issuer);
	out_byte(&uri, ':');
	out_url(&uri, user);
	out_text(&uri, "?secret=");
	out_put(&uri, base32);
	out_text(&uri, "&issuer=");
	out_url(&uri, issuer);
	return out_str(&uri);
}

static struct str in_fours(struct rq *rq, struct str base32)
{
	struct out out = out_new(rq->arena);

	for (size_t i = 0; i < base32.len; i++) {
		if (i && i % 4 == 0)
			out_byte(&out, ' ');
		out_byte(&out, base32.at[i]);
	}
	return out_str(&out);
}

static enum err draw_key(struct rq *rq, const struct visit *visit, const struct account_enrolment_row *row, struct str base32,
                         const struct wrongs *wrongs, struct answer *answer)
{
	struct people_get_row person;
	struct str user = row->email;
	struct qr_run *runs = NULL;
	size_t n = 0;
	int64_t modules = 0;

	if (row->person.is) {
		TRY(people_get(rq, row->person.i, &person));
		user = person.code;
	}
	struct str uri = key_uri(rq, user, base32);
	/* Too long for a drawing: the text stands there still. */
	(void)qr_draw(rq->arena, uri, &runs, &n, &modules);
	struct setup_totp_page_runs *drawn = NEW_MANY(rq->arena, n + 1, struct setup_totp_page_runs);
	for (size_t i = 0; i < n; i++)
		drawn[i] = (struct setup_totp_page_runs){ runs[i].x, runs[i].y, runs[i].width };
	setup_totp_page(&answer->body, rq->language, &(struct setup_totp_page){ .errors = wrongs_page(wrongs),
		.otp = field_again(visit, wrongs, "otp", false), .form_token = visit->form_token, .is_change = !row->code.is, .uri = uri,
		.secret = in_fours(rq, base32),
		.modules = modules, .runs = drawn, .n_runs = n });
	answer->is_bare = row->code.is;
	answer->has_errors = wrongs->n > 0;
	return OK;
}

static enum err begin_again(struct answer *answer)
{
	answer->status = 303;
	answer->location = STR("/setup");
	return OK;
}

static enum err get_otp(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct account_enrolment_row row;
	struct str base32;

	enum err err = find_enrolment(rq, visit, &row);
	if (err == ERR_NONE || (err == OK && !row.code.is))
		return begin_again(answer);
	TRY(err);
	TRY(seal_secret_open(seal_of_core(), rq, row.seed, &base32));
	return draw_key(rq, visit, &row, base32, &(struct wrongs){ .n = 0 }, answer);
}

struct str account_digits(struct rq *rq, struct str typed)
{
	struct out out = out_new(rq->arena);

	for (size_t i = 0; i < typed.len && i < 64; i++)
		if (typed.at[i] != ' ' && typed.at[i] != '-')
			out_byte(&out, typed.at[i]);
	return out_str(&out);
}

enum err account_enrolment_check(struct rq *rq, struct visit *visit)
{
	struct account_enrolling *e = NEW(rq->arena, struct account_enrolling);

	visit->prepared = e;
	enum err err = find_enrolment(rq, visit, &e->row);
	if (err == ERR_NONE)
		return OK;
	TRY(err);
	e->is_there = true;
	e->is_spent = account_is_spent(rq, BUDGET_SECOND, visit->session);
	TRY(seal_secret_open(seal_of_core(), rq, e->row.seed, &e->base32));
	if (e->is_spent)
		return OK;
	err = seal_totp_check(seal_of_core(), rq, account_digits(rq, visit_field(visit, "otp")), e->row.totp, rq->now, &e->counter);
	if (err != OK && err != ERR_DENIED)
		return err;
	e->is_right = err == OK;
	trouble_clear(rq->trouble);
	return OK;
}

static enum err unit_of_locals(struct change *change, struct str name, int64_t *ret)
{
	struct rq *rq = change_rq(change);
	struct people_unit_named_row unit;
	struct people_unit_count_row units;

	enum err err = people_unit_named(rq, name, &unit);
	if (err == OK)
		*ret = unit.id;
	if (err != ERR_NONE)
		return err;
	TRY(people_unit_count(rq, &units));
	TRY(people_unit_add(change, units.n, name, 0, 3));
	*ret = units.n;
	return OK;
}

static enum err add_name(struct change *change, struct str name, int64_t person, enum login_kind kind)
{
	struct people_logins_of_row *has;
	size_t n;
	int64_t place = 0;
	char room[LONGEST_EMAIL + 64];
	struct str canonical;
	struct rq *rq = change_rq(change);

	if (!people_canonical(name, room, sizeof room, &canonical))
		return fail(rq, ERR_INVALID, _("The name has characters that a name cannot have, or is too long"));
	TRY(people_logins_of(rq, person, &has, &n));
	for (size_t i = 0; i < n; i++)
		place = MAX(place, has[i].place + 1);
	return people_login_add(change, person, place, str_copy(rq->arena, canonical), kind);
}

/* A person by hand. Whose mail address HR's file has already is that person. */
static enum err first_coordinator(struct change *change, const struct account_enrolment_row *row, int64_t *ret)
{
	struct rq *rq = change_rq(change);
	struct people_get_row known;
	int64_t unit;

	enum err err = people_find(rq, row->email, &known);
	if (err == OK && people_is_employed(&known, rq->now)) {
		*ret = known.id;
		change_touch(change, known.id);
		return account_give_role(change, ROLE_COORDINATOR, ROLE_COORDINATOR, known.id);
	}
	if (err == OK)
		return fail(rq, ERR_CONFLICT, _("The e-mail address belongs to somebody who has left. Begin again with another one."));
	if (err != ERR_NONE)
		return err;
	trouble_clear(rq->trouble);
	TRY(people_next_id(rq, ret));
	TRY(unit_of_locals(change, str_of(_("Coordination")), &unit));
	struct str code = str_print(rq->arena, "local:%lld", (long long)*ret);
	TRY(people_add(change, &(struct people_add_args){ .id = *ret, .code = code, .name = row->name, .email = row->email, .phone = STR(""),
		.sort = people_sort_key(rq->arena, row->name), .email_changed_at = rq->now, .phone_changed_at = rq->now, .unit = unit,
		.roles = ROLE_COORDINATOR | ROLE_EMPLOYEE }));
	TRY(account_give_role(change, ROLE_COORDINATOR, ROLE_COORDINATOR | ROLE_EMPLOYEE, *ret));
	TRY(people_words_set(rq, *ret, STR_NONE, row->name));
	TRY(add_name(change, code, *ret, LOGIN_CODE));
	TRY(add_name(change, row->email, *ret, LOGIN_EMAIL));
	change_touch(change, *ret);
	return OK;
}

static enum err put_account(struct change *change, const struct account_enrolment_row *row, int64_t person)
{
	struct rq *rq = change_rq(change);
	struct account_get_row account;

	enum err err = account_get(rq, person, &account);
	if (err == ERR_NONE)
		return account_add(change, &(struct account_add_args){ .person = person, .password = row->password, .totp = row->totp,
			.made_at = rq->now, .changed_at = rq->now });
	TRY(err);
	/* That it was reset has been said when its code was made. */
	return account_renew(change, row->password, row->totp, rq->now, person);
}

enum err account_show_saved_codes(struct rq *rq, struct answer *answer, char codes[ACCOUNT_SAVED_CODES][ACCOUNT_CODE], struct str next)
{
	struct saved_codes_page_codes *rows = NEW_MANY(rq->arena, ACCOUNT_SAVED_CODES, struct saved_codes_page_codes);

	for (size_t i = 0; i < ACCOUNT_SAVED_CODES; i++)
		rows[i].code = str_copy(rq->arena, str_of(codes[i]));
	saved_codes_page(&answer->body, rq->language, &(struct saved_codes_page){ .codes = rows, .n_codes = ACCOUNT_SAVED_CODES,
		.next_at = next });
	return OK;
}

/* All in one leaf: the person, the code used, the account, the saved codes. And the log-in. */
static enum err finish(struct rq *rq, const struct visit *visit, const struct account_enrolling *e, struct answer *answer)
{
	char codes[ACCOUNT_SAVED_CODES][ACCOUNT_CODE];
	struct change *change;
	int64_t person = e->row.person.i;
	struct people_get_row row;

	if (e->row.person.is)
		TRY(account_act_as(rq, person));
	TRY(audit_begin(rq, "account.setup", e->row.person.is ? str_from(rq->actor->name, strlen("person:")) : STR("first coordinator"), &change));
	if (!e->row.person.is)
		TRY(first_coordinator(change, &e->row, &person));
	else
		TRY(account_or_none(account_code_close(change, rq->now, person)));
	TRY(account_code_use(change, rq->now, e->row.code.i));
	TRY(put_account(change, &e->row, person));
	TRY(account_saved_codes_give(change, person, codes));
	TRY(people_get(rq, person, &row));
	TRY(account_act_as(rq, person));
	TRY(account_or_none(account_session_drop_all(rq, person)));
	TRY(account_enrolment_drop(rq, account_hash(rq->arena, visit->session)));
	TRY(account_totp_use(rq, person, e->counter));
	/* Another password: what was tried with the old one is over. */
	struct str number = str_print(rq->arena, "%lld", (long long)person);
	TRY(account_refund(rq, BUDGET_SECOND, number));
	TRY(account_refund(rq, BUDGET_SECOND_DAY, number));
	TRY(account_session_begin(rq, visit, answer, (struct account_session_wish){ .person = { true, person }, .stepped_up_at = rq->now }));
	answer->is_bare = true;
	return account_show_saved_codes(rq, answer, codes, STR("/"));
}

enum err account_enrolment_hold(struct rq *rq, struct visit *visit, const struct account_enrolment_row *row, struct str base32)
{
	struct account_enrolling *e = NEW(rq->arena, struct account_enrolling);

	*e = (struct account_enrolling){ .is_there = true, .is_new = true, .row = *row, .base32 = base32 };
	visit->prepared = e;
	return OK;
}

/* Again, with what was wrong; for a new key without. */
enum err account_enrolment_draw(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	const struct account_enrolling *e = visit->prepared;
	struct wrongs wrongs = { .n = 0 };
	int64_t left = 0;

	if (e->is_spent) {
		answer->status = 429;
		wrong_add(&wrongs, "otp", _("Too many tries. Wait 15 minutes, then try again"));
	} else if (!e->is_new) {
		TRY(account_spend(rq, BUDGET_SECOND, visit->session, &left));
		wrong_add(&wrongs, "otp", str_c(rq->arena, str_print(rq->arena,
			tongue_n(rq->language, "The code does not match. %lld try left.", "The code does not match. %lld tries left.", left),
			(long long)left)));
	}
	return draw_key(rq, visit, &e->row, e->base32, &wrongs, answer);
}

static enum err post_otp(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	const struct account_enrolling *e = visit->prepared;

	if (!e->is_there || !e->row.code.is)
		return begin_again(answer);
	if (!e->is_right)
		return account_enrolment_draw(rq, visit, answer);
	enum err err = start_still_stands(rq, &e->row);
	if (err == ERR_NONE)
		return begin_again(answer);
	TRY(err);
	return finish(rq, visit, e, answer);
}

const struct page account_setup_pages[] = {
	{ .path = "/setup", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = get_setup, .prepare = prepare_setup, .post = post_setup },
	{ .path = "/setup/otp", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = get_otp,
	  .prepare = account_enrolment_check, .post = post_otp },
	{ 0 },
};
