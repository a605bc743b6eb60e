/* Start codes for others: an invitation, another coordinator's reset of a lost login, and the last resort on the server.
 *
 *     /people/invite?person=CODE    asks whether to; the form on a person's page posts straight here, field `person`
 *     samordna people recover PERSON    (without PERSON: while nobody has a login yet, a new start code for the first coordinator)
 *
 * A code is shown once and works for 24 hours; an older one of the same person stops. Whoever has a login loses it at once when a
 * new code is made: password, phone, saved codes and sessions. What the person has decided stands: only the login is reset.
 *
 * SECURITY: support invites those without a role of trust and without a login, nobody else; nobody makes a code for
 * herself; a login that there is, and a role of trust, ask for a coordinator in step-up. On the server it is the account that owns
 * HOME, and the banner of a week tells coordinators and management. The code is in no leaf: its hash is. */
#include "floor/account.h"
#include "floor/event.h"
#include "floor/frame.h"
#include "floor/mail.h"
#include "floor/people.h"
#include "floor/invite.html.h"
#include "floor/message.html.h"

static enum err has_login(struct rq *rq, int64_t person, bool *ret_has, bool *ret_is_open)
{
	struct account_get_row account;
	enum err err = account_get(rq, person, &account);

	*ret_has = err == OK;
	*ret_is_open = err == OK && account.password.at;
	return err == ERR_NONE ? OK : err;
}

/* Closes what the person has and gives a new code. */
static enum err give(struct change *change, int64_t person, enum account_code_kind kind, char ret[ACCOUNT_CODE])
{
	struct rq *rq = change_rq(change);
	bool has, is_open;

	TRY(has_login(rq, person, &has, &is_open));
	TRY(account_or_none(account_code_close(change, rq->now, person)));
	if (has) {
		TRY(account_close(change, STR_NONE, STR_NONE, rq->now, person));
		event_say(change, (struct event){ .kind = EVENT_access_reset, .person = person, .subject = person, .leaf = change_leaf(change) });
		TRY(account_or_none(account_session_drop_all(rq, person)));
	}
	account_code_make(ret);
	return account_code_give(change, (struct maybe_int){ true, person }, kind, instant_plus(rq->now, HOURS(ACCOUNT_START_HOURS)), ret);
}

/* Her own word on it: whoever did not ask for that must be able to say so at once. */
static enum err tell_of_reset(struct change *change, int64_t person)
{
	enum language language = mail_language(change_rq(change), person);

	return mail_say(change, &(struct mail){ .kind = "account.reset", .person = person, .at = STR("/rapportera"),
		.title = str_of(tongue(language, "Your login to Samordna has been reset")), .text = str_of(tongue(language,
		"Your password and your second factor in Samordna count no more. You get a new start code from a coordinator.\n\n"
		"Did you not ask for it? Then report it now, on the page below or to the support.")) });
}

/* --- who may --- */

struct invited { struct people_get_row person; bool has, is_open; };

static enum err may_invite(struct rq *rq, const struct invited *in)
{
	bool is_trusted = (in->person.roles & ROLE_PRIVILEGED) != 0;

	if (!people_is_employed(&in->person, rq->now))
		return fail(rq, ERR_CONFLICT, _("Who has left gets no login."));
	if (in->person.id == rq->actor->person)
		return fail(rq, ERR_DENIED, _("Nobody makes a start code for herself. Ask another coordinator."));
	if ((is_trusted || in->is_open) && !(rq->actor->roles & ROLE_COORDINATOR))
		return fail(rq, ERR_DENIED, in->is_open ? _("A login that somebody has is reset by a coordinator.")
		                                        : _("Who has a role of trust is invited by a coordinator."));
	return OK;
}

static bool needs_step_up(const struct rq *rq, const struct invited *in)
{
	return ((in->person.roles & ROLE_PRIVILEGED) || in->is_open) && !account_is_stepped_up(rq);
}

/* 303 to the second factor, and from there to the question again. OK with a location: do nothing more. */
static enum err find_invited(struct rq *rq, const struct visit *visit, struct invited *ret, struct answer *answer)
{
	struct out here = out_new(rq->arena);

	TRY(people_find(rq, visit_field(visit, "person"), &ret->person));
	TRY(has_login(rq, ret->person.id, &ret->has, &ret->is_open));
	TRY(may_invite(rq, ret));
	if (!needs_step_up(rq, ret))
		return OK;
	out_text(&here, "/people/invite?person=");
	out_url(&here, ret->person.code);
	answer->status = 303;
	answer->location = account_step_up_at(rq, out_str(&here));
	return OK;
}

enum { MAIL_QUIET_DAYS = 7 };

/* --- pages --- */

/* "coordinator, support": the roles of trust. */
static struct str trusted_roles(struct rq *rq, unsigned roles)
{
	struct out words = out_new(rq->arena);

	for (unsigned bit = 1; bit <= ROLE_STAFF; bit <<= 1)
		if (roles & bit & ROLE_PRIVILEGED)
			out_print(&words, "%s%s", words.len ? ", " : "", _(frame_role(bit)));
	return out_str(&words);
}

/* By mail goes only what opens nothing yet and can do little: the first login of somebody without a role of trust, to an address that has stood for a
 * while. Whoever changes an address in HR's file does not get a login by it the same day. */
static bool may_mail(struct rq *rq, const struct invited *in)
{
	return mail_reaches(rq, in->person.id) && !in->is_open && !(in->person.roles & ROLE_PRIVILEGED)
	    && instant_is_before(in->person.email_changed_at, instant_plus(rq->now, DAYS(-MAIL_QUIET_DAYS)));
}

static enum err mail_code(struct change *change, int64_t person, const char *code)
{
	struct rq *rq = change_rq(change);
	enum language language = mail_language(rq, person);
	struct out text = out_new(rq->arena);

	out_print(&text, tongue(language, "You are invited to Samordna. Your start code: %s"), code);
	out_text(&text, "\n\n");
	out_text(&text, tongue(language, "It works once, for 24 hours. Open the page and choose a password; you also need an app for codes in your phone."));
	out_text(&text, "\n\n");
	out_text(&text, tongue(language, "Nobody asks you for this code by phone or by mail. Did you not expect it? Tell your manager."));
	return mail_say(change, &(struct mail){ .kind = "account.invited", .person = person, .at = STR("/setup"), .text = out_str(&text),
		.title = str_of(tongue(language, "Your start code for Samordna")) });
}

static enum err get_invite(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct account_code_open_row *open;
	struct invited in;
	size_t n = 0;

	TRY(find_invited(rq, visit, &in, answer));
	if (answer->location.len)
		return OK;
	TRY(account_code_open(rq, in.person.id, CODE_INVITATION, &open, &n));
	invite_page(&answer->body, rq->language, &(struct invite_page){ .form_token = visit->form_token,
		.name = people_shown_name(rq, in.person.name, in.person.is_protected), .code = in.person.code, .unit = in.person.unit_name,
		.roles = trusted_roles(rq, (unsigned)in.person.roles), .has_login = in.is_open, .has_code = n > 0, .may_mail = may_mail(rq, &in) });
	return OK;
}

static enum err log_out(struct rq *rq, const struct invited *in, struct answer *answer)
{
	struct change *change;

	TRY(audit_begin(rq, "account.end_sessions", in->person.code, &change));
	TRY(account_or_none(account_session_drop_all(rq, in->person.id)));
	message_page(&answer->body, rq->language, &(struct message_page){ .heading = str_of(_("Logged out everywhere")),
		.lead = people_shown_name(rq, in->person.name, in->person.is_protected), .next = str_of(_("To the people")),
		.next_at = STR("/people"), .is_done = true });
	return OK;
}

static enum err post_invite(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct invited in;
	struct change *change;
	char code[ACCOUNT_CODE];

	TRY(find_invited(rq, visit, &in, answer));
	if (answer->location.len)
		return OK;
	if (str_equal(visit_field(visit, "act"), STR("log_out")))
		return log_out(rq, &in, answer);
	TRY(audit_begin(rq, in.has ? "account.reset" : "account.invite", in.person.code, &change));
	TRY(give(change, in.person.id, CODE_INVITATION, code));
	if (in.has)
		TRY(tell_of_reset(change, in.person.id));
	if (str_equal(visit_field(visit, "act"), STR("mail"))) {
		if (!may_mail(rq, &in))
			return fail(rq, ERR_DENIED, _("This start code must be handed over: it does not go by mail."));
		TRY(mail_code(change, in.person.id, code));
		message_page(&answer->body, rq->language, &(struct message_page){ .heading = str_of(_("The start code is on its way by mail")),
			.lead = people_shown_name(rq, in.person.name, in.person.is_protected), .is_done = true,
			.text = str_of(_("It works once, for 24 hours. If the mail cannot be delivered, that is shown in the outbox.")),
			.next = str_of(_("To the people")), .next_at = STR("/people") });
		return OK;
	}
	struct str name = people_shown_name(rq, in.person.name, in.person.is_protected);
	message_page(&answer->body, rq->language, &(struct message_page){ .heading = str_print(rq->arena, _("Start code for %.*s"),
		STR_ARG(name)), .lead = str_of(_("Write it down now: it is not shown again.")), .code = str_of(code),
		.text = str_of(_("It works once, for 24 hours. Give it to the person, who begins at /setup and chooses a password.")),
		.next = str_of(_("To the people")), .next_at = STR("/people") });
	return OK;
}

PAGE_ACTS(invite_acts, "", "invite", "log_out", "mail")

const struct page account_invite_pages[] = {
	{ .path = "/people/invite", .may_get = ROLE_COORDINATOR | ROLE_SUPPORT, .may_post = ROLE_COORDINATOR | ROLE_SUPPORT,
	  .get = get_invite, .post = post_invite, .act = invite_acts },
	{ 0 },
};

/* --- on the server --- */

/* Nobody has a login yet and the start code is lost: a new one for the home. */
static enum err recover_home(struct rq *rq, const struct args *args, struct out *ret)
{
	struct account_any_row any;
	struct change *change;
	char code[ACCOUNT_CODE];

	enum err err = account_any(rq, &any);
	if (err == OK)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("Write: people recover PERSON.")));
	if (err != ERR_NONE)
		return err;
	TRY(audit_begin(rq, "account.recover", STR("first coordinator"), &change));
	TRY(account_or_none(account_code_close_setup(change, rq->now, CODE_SETUP)));
	account_code_make(code);
	TRY(account_code_give(change, (struct maybe_int){ .is = false }, CODE_SETUP, INSTANT_NEVER, code));
	if (args->json)
		out_print(ret, "{\"code\":\"%s\"}\n", code);
	else
		out_print(ret, _("Nobody has a login yet. Start code for the first coordinator, at /setup: %s\n"), code);
	return OK;
}

static enum err recover(struct rq *rq, const struct args *args, struct out *ret)
{
	struct people_get_row person;
	struct change *change;
	bool has, is_open;
	char code[ACCOUNT_CODE];

	if (!(rq->actor->roles & ROLE_HOST))
		return fail(rq, ERR_DENIED, _("Only the account that owns this home may do that."));
	if (args->n_words == 0)
		return recover_home(rq, args, ret);
	if (args->n_words != 1)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("Write: people recover PERSON.")));
	TRY(people_find(rq, args->words[0], &person));
	if (!people_is_employed(&person, rq->now))
		return fail(rq, ERR_CONFLICT, _("Who has left gets no login."));
	TRY(audit_begin(rq, "account.recover", person.code, &change));
	TRY(has_login(rq, person.id, &has, &is_open));
	TRY(give(change, person.id, CODE_RECOVERY, code));
	if (has)
		TRY(tell_of_reset(change, person.id));
	if (args->json)
		out_print(ret, "{\"code\":\"%s\"}\n", code);
	else
		out_print(ret, _("Start code for %.*s: %s\nIt works once, for 24 hours, at /setup. "
			"Coordinators and management see for 7 days that it was made.\n"),
		          STR_ARG(person.name), code);
	return OK;
}

const struct command account_commands[] = {
	{ "people recover", "[PERSON]", N_("The last resort: a one-time code for somebody who cannot log in any more"), COMMAND_WRITE, recover },
	{ 0 },
};
