/* The acts of verifying a caller. Each is one leaf: the step is asked of the machine, with the facts as they are in this job, and only then
 * written. A refusal writes nothing; a wrong code is written, since it is one of three.
 *
 * SECURITY: only the agent who began goes on, and never for herself. The voucher is neither the person nor the agent, holds a manager's role
 * at that moment, and answers herself: there is no argument that says so in her name. The code under duress goes the very way of the right
 * one: the same statements, the same answer; what it opens besides is opened for both ways by the same function, which does nothing for one.
 *
 * What it does not do: it resets nothing in a directory. The token says that it may be done; doing it is the agent's, in her own tool. */
#include "points/access/practice.h"
#include "points/access/verify.h"
#include "floor/account.h"
#include "floor/event.h"
#include "floor/hook.h"
#include "floor/mail.h"
#include "floor/people.h"
#include "floor/setting.h"

enum { LONGEST_TICKET = 64, LONGEST_WHY = 1000 };

static enum err begin(struct rq *rq, const char *act, const struct people_get_row *person, struct change **ret)
{
	return audit_begin(rq, str_c(rq->arena, str_print(rq->arena, "access.verify_%s", act)), person->code, ret);
}

static enum err checked_line(struct rq *rq, struct str text, const char *what, size_t most)
{
	if (!str_is_utf8(text) || text.len > most)
		return fail(rq, ERR_INVALID, _("%s is longer than %zu characters or not UTF-8"), what, most);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20)
			return fail(rq, ERR_INVALID, _("%s holds a control character"), what);
	return OK;
}

/* --- to begin --- */

static enum err check_parties(struct rq *rq, const struct verify_wish *wish, struct people_get_row *person)
{
	enum err err = people_get(rq, wish->person, person);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no person number %lld."), (long long)wish->person);
	TRY(err);
	if (wish->agent == wish->person)
		return fail(rq, ERR_DENIED, "%s", _("Nobody verifies herself. A colleague does it."));
	if (!people_is_employed(person, rq->now))
		return fail(rq, ERR_CONFLICT, _("%.*s is no longer employed. Deny the caller and report the call."), STR_ARG(person->code));
	return access_holds(rq, wish->agent, ROLE_SUPPORT, person->body);
}

/* One at a time with one person. ERR_NONE: there is none; OK: the agent's own, with the same errand. */
static enum err find_open(struct rq *rq, const struct verify_wish *wish, const struct verify_pack *pack, int64_t *ret)
{
	struct verify_open_of_row open;
	struct verify_get_row row;
	struct people_get_row agent;

	TRY(verify_open_of(rq, wish->person, instant_plus(rq->now, (struct span){ -pack->open.ms }), &open));
	TRY(verify_get(rq, open.id, &row));
	*ret = open.id;
	if (open.agent == wish->agent && str_equal(row.errand, wish->errand))
		return OK;
	if (open.agent == wish->agent)
		return fail(rq, ERR_CONFLICT, _("You have begun verification %lld of the same person, for another errand. Close it first."), (long long)open.id);
	TRY(people_get(rq, open.agent, &agent));
	return fail(rq, ERR_CONFLICT, _("%.*s is verifying this person right now. Talk to each other: one of the callers is not who she says."),
	            STR_ARG(agent.name));
}

static enum err check_texts(struct rq *rq, struct verify_wish *wish)
{
	wish->ticket = wish->ticket.at ? str_trim(wish->ticket) : STR("");
	wish->caller = verify_digits(rq, wish->caller.at ? wish->caller : STR(""));
	TRY(checked_line(rq, wish->ticket, "ticket", LONGEST_TICKET));
	for (size_t i = 0; i < wish->caller.len; i++)
		if ((wish->caller.at[i] < '0' || wish->caller.at[i] > '9') && !(i == 0 && wish->caller.at[i] == '+'))
			return fail(rq, ERR_INVALID, "%s", _("Write the number with digits, or leave it out."));
	if (wish->caller.len && (wish->caller.len < 5 || wish->caller.len > 20))
		return fail(rq, ERR_INVALID, "%s", _("Write the number with digits, or leave it out."));
	return OK;
}

/* The number that the employee can check must be hers alone while it lives: a verification's own number is passed over when it is not. */
static enum err free_id(struct rq *rq, int64_t *ret)
{
	struct verify_most_row most;
	struct verify_call_numbered_row taken;

	TRY(verify_most(rq, &most));
	for (int64_t id = most.id + 1; id < most.id + 1000; id++) {
		enum err err = verify_call_numbered(rq, verify_keyed(rq, VERIFY_SECRET_NUMBER, 0, verify_number(rq, id)), (struct instant){ 0 }, &taken);
		if (err == ERR_NONE) {
			*ret = id;
			return OK;
		}
		TRY(err);
	}
	return fail(rq, ERR_BUSY, "%s", _("Too many calls at once. Try again in a moment."));
}

static enum err set_call(struct rq *rq, int64_t id, struct str code, struct instant until)
{
	return verify_call_set(rq, &(const struct verify_call_set_args){ .id = id, .code = code, .until = until,
		.number = verify_keyed(rq, VERIFY_SECRET_NUMBER, 0, verify_number(rq, id)), .link = account_hash(rq->arena, verify_link(rq, id)) });
}

enum err verify_begin(struct rq *rq, const struct verify_wish *given, int64_t *ret)
{
	struct verify_wish wish = *given;
	struct people_get_row person;
	struct verify_pack pack;
	struct change *change;
	bool is_privileged;
	int64_t id;

	TRY(check_parties(rq, &wish, &person));
	TRY(verify_pack(rq, &pack));
	if (!verify_errand(&pack, wish.errand))
		return fail(rq, ERR_INVALID, "%s", _("Choose what the caller wants."));
	TRY(check_texts(rq, &wish));
	enum err err = find_open(rq, &wish, &pack, ret);
	if (err != ERR_NONE)
		return err;
	TRY(account_or_none(verify_call_tidy(rq, rq->now)));
	TRY(free_id(rq, &id));
	TRY(verify_is_privileged(rq, &person, &is_privileged));
	TRY(begin(rq, "start", &person, &change));
	struct str caller = wish.caller.len ? verify_keyed(rq, VERIFY_SECRET_CALLER, 0, people_number(rq->arena, wish.caller)) : STR_NONE;
	TRY(verify_add(change, &(const struct verify_add_args){ .id = id, .person = wish.person, .errand = wish.errand, .agent = wish.agent,
		.ticket = wish.ticket, .caller = caller, .caller_end = wish.caller.len ? str_from(wish.caller, wish.caller.len - 2) : STR(""),
		.is_stated = wish.is_stated, .number_counts = verify_number_counts(&pack, &person, is_privileged, rq->now), .started_at = rq->now }));
	TRY(set_call(rq, id, STR("-"), instant_plus(rq->now, pack.token)));
	TRY(practice_call(rq, change, id, wish.person, wish.agent));
	*ret = id;
	return verify_signal_begun(rq, change, id, wish.person, wish.agent, caller);
}

/* --- steps --- */

static enum err make_call(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct change *change;
	(void)ret;

	TRY(begin(rq, "call", &v->person, &change));
	/* With no code to come, this is when she learns that somebody is called in her name. */
	if (!v->facts.has_page)
		TRY(verify_tell_call(rq, change, v));
	return verify_called(change, rq->now, v->row.is_stated || deed->is_stated, v->row.id);
}

static enum err make_code(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct instant until = instant_plus(rq->now, v->pack.code);
	struct change *change;
	(void)ret;

	TRY(begin(rq, "code", &v->person, &change));
	TRY(verify_coded(change, &(const struct verify_coded_args){ rq->now, until, v->row.codes + 1, v->row.is_stated || deed->is_stated, v->row.id }));
	TRY(verify_tell_call(rq, change, v));
	struct str code = verify_code(rq, v->row.id, v->row.codes + 1);
	return set_call(rq, v->row.id, verify_keyed(rq, VERIFY_SECRET_CODE, v->row.id, code), instant_plus(rq->now, v->pack.token));
}

/* The code as it is said by somebody who is forced: the last digit one more. What was typed, taken back by one. */
static struct str one_less(struct rq *rq, struct str said)
{
	struct str copy = str_print(rq->arena, STR_FMT, STR_ARG(said));
	char *last = (char *)&copy.at[copy.len - 1];

	*last = *last == '0' ? '9' : (char)(*last - 1);
	return copy;
}

static enum err read_code(struct rq *rq, const struct verification *v, struct str said, bool *ret_right, bool *ret_forced)
{
	struct verify_call_get_row call;
	enum err err = verify_call_get(rq, v->row.id, &call);

	if (err == ERR_NONE)
		return fail(rq, ERR_CONFLICT, "%s", _("The code is no longer valid. Give a new one."));
	TRY(err);
	struct str expected = verify_keyed(rq, VERIFY_SECRET_CODE, v->row.id, verify_code(rq, v->row.id, v->row.codes));
	if (!verify_same(expected, call.code))
		return fail(rq, ERR_CONFLICT, "%s", _("The server was started again and the code with it is gone. Give a new one."));
	bool is_right = verify_same(verify_keyed(rq, VERIFY_SECRET_CODE, v->row.id, said), call.code);
	bool is_forced = verify_same(verify_keyed(rq, VERIFY_SECRET_CODE, v->row.id, one_less(rq, said)), call.code);
	*ret_forced = is_forced & setting_bool(rq, "access.duress");
	*ret_right = is_right | *ret_forced;
	return OK;
}

static enum err make_read(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct str said = verify_digits(rq, deed->said);
	bool is_right, is_forced, is_stated = v->row.is_stated || deed->is_stated;
	struct change *change;

	for (size_t i = 0; i < said.len; i++)
		if (said.at[i] < '0' || said.at[i] > '9')
			return fail(rq, ERR_INVALID, "%s", _("The code has 6 digits."));
	if (said.len != 6)
		return fail(rq, ERR_INVALID, _("The code has 6 digits. You entered %zu."), said.len);
	TRY(read_code(rq, v, said, &is_right, &is_forced));
	TRY(begin(rq, "read", &v->person, &change));
	if (!is_right) {
		verify_take(&v->facts, VERIFY_WRONG);
		*ret = (struct verify_done){ true, VERIFY_TRIES - v->facts.wrong };
		TRY(verify_was_wrong(change, v->row.wrong + 1, is_stated, v->row.id));
		return v->facts.wrong >= VERIFY_TRIES ? verify_signal_failed(rq, change, v) : OK;
	}
	TRY(verify_was_right(change, rq->now, is_stated, v->row.id));
	return is_forced ? verify_signal_duress(rq, change, v) : OK;
}

/* Who may vouch: the manager, or who stands in for her; a second one is any manager of the same legal body. */
static enum err check_voucher(struct rq *rq, const struct verification *v, const struct people_get_row *voucher)
{
	bool is_first = true;

	if (voucher->id == v->person.id)
		return fail(rq, ERR_DENIED, "%s", _("Nobody vouches for herself."));
	if (voucher->id == v->row.agent)
		return fail(rq, ERR_DENIED, "%s", _("Who verifies does not vouch as well. Ask another manager."));
	for (size_t i = 0; i < v->n_vouchers; i++)
		is_first &= !v->vouchers[i].is_yes;
	bool is_own = v->person.manager.is && v->person.manager.i == voucher->id;
	if (is_own && people_is_employed(voucher, rq->now))
		return OK;
	TRY(access_holds(rq, voucher->id, ROLE_MANAGER, v->person.body));
	return is_first && v->facts.class < VERIFY_C && v->facts.number_counts && v->person.manager.is && !is_own
	     ? verify_stands_in(rq, v->person.manager.i, voucher->id) : OK;
}

static enum err make_ask(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct instant until = instant_plus(rq->now, v->pack.vouch);
	struct verify_voucher_most_row most;
	const struct verify_vouchers_row *asked = NULL;
	struct people_get_row voucher;
	struct change *change;
	(void)ret;

	if (deed->said.len)
		TRY(people_find(rq, deed->said, &voucher));
	else if (v->person.manager.is)
		TRY(people_get(rq, v->person.manager.i, &voucher));
	else
		return fail(rq, ERR_INVALID, "%s", _("Say which manager is to vouch."));
	TRY(check_voucher(rq, v, &voucher));
	for (size_t i = 0; i < v->n_vouchers; i++)
		if (v->vouchers[i].person == voucher.id)
			asked = &v->vouchers[i];
	if (asked && asked->answered_at.is)
		return fail(rq, ERR_CONFLICT, "%s", _("She has answered already. Ask another manager."));
	TRY(verify_voucher_most(rq, &most));
	TRY(begin(rq, "ask", &v->person, &change));
	TRY(verify_tell_voucher(rq, change, v, voucher.id, asked ? asked->id : most.id + 1));
	return asked ? verify_voucher_again(change, rq->now, until, asked->id) : verify_voucher_add(change, &(const struct verify_voucher_add_args){ most.id + 1, v->row.id, voucher.id, rq->now, until });
}

static enum err make_present(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct str how = str_trim(deed->said);
	struct change *change;
	(void)ret;

	if (how.len == 0)
		return fail(rq, ERR_INVALID, "%s", _("Say what identity document you have looked at, and where."));
	TRY(checked_line(rq, how, "document", 200));
	TRY(begin(rq, "present", &v->person, &change));
	return verify_present(change, rq->now, how, v->row.is_stated || deed->is_stated, v->row.id);
}

/* The desk that sent the agent here, by its own ticket. */
static enum err tell_desk(struct change *change, const struct verification *v, const char *event)
{
	return hook_say(change, &(struct hook_said){ event, "verification", v->row.id, v->person.id, v->row.ticket });
}

static enum err make_approve(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct str token = account_hash(rq->arena, verify_token(rq, v->row.id));
	struct change *change;
	(void)ret;

	TRY(begin(rq, "approve", &v->person, &change));
	TRY(verify_approve(change, &(const struct verify_approve_args){ .approved_at = rq->now, .token = token,
		.token_until = v->is_practice ? rq->now : instant_plus(rq->now, v->pack.token), .is_stated = v->row.is_stated || deed->is_stated, .id = v->row.id }));
	/* Nothing is to be done by it, and everybody who knows of it knows. */
	if (v->is_practice)
		return OK;
	TRY(verify_tell(rq, change, v, NOTICE_APPROVED, NOTICE_MANAGER));
	TRY(tell_desk(change, v, "verification.verified"));
	TRY(verify_signal_device(rq, change, v, v->row.started_at));
	return v->errand->is_reset ? verify_signal_reset(rq, change, v) : OK;
}

/* As people type it: small letters, without hyphens. */
struct str verify_token_typed(struct rq *rq, struct str said)
{
	struct out out = out_new(rq->arena);

	said = verify_digits(rq, said);
	for (size_t i = 0; i < said.len; i++) {
		if (i && i % 4 == 0)
			out_byte(&out, '-');
		out_byte(&out, said.at[i] >= 'a' && said.at[i] <= 'z' ? (char)(said.at[i] - 32) : said.at[i]);
	}
	return out.len ? out_str(&out) : STR("");
}

static enum err make_use(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct change *change;
	(void)ret;

	if (!verify_same(account_hash(rq->arena, verify_token_typed(rq, deed->said)), v->row.token))
		return fail(rq, ERR_DENIED, "%s", _("That is not the token of this verification."));
	TRY(begin(rq, "use", &v->person, &change));
	TRY(verify_used(change, rq->now, v->row.is_stated || deed->is_stated, v->row.id));
	if (!v->errand->is_reset)
		return OK;
	event_say(change, (struct event){ .kind = EVENT_access_reset, .person = v->person.id, .subject = v->row.id, .leaf = change_leaf(change) });
	return verify_hold(rq, change, &v->person, QUARANTINE_RESET, (struct maybe_int){ true, v->row.id });
}

static enum err finish(struct rq *rq, struct verification *v, const struct verify_deed *deed, const char *act, enum verify_outcome outcome)
{
	struct str why = deed->why.at ? str_trim(deed->why) : STR("");
	struct change *change;

	if (why.len == 0)
		return fail(rq, ERR_INVALID, "%s", _("Say why, in a few words."));
	if (!str_is_utf8(why) || why.len > LONGEST_WHY)
		return fail(rq, ERR_INVALID, _("%s is longer than %zu characters or not UTF-8"), "because", (size_t)LONGEST_WHY);
	TRY(begin(rq, act, &v->person, &change));
	TRY(verify_over(change, &(const struct verify_over_args){ rq->now, outcome, why, v->row.is_stated || deed->is_stated, v->row.id }));
	v->row.outcome = outcome;
	TRY(tell_desk(change, v, outcome == VERIFY_OUT_DENIED ? "verification.denied" : "verification.aborted"));
	return verify_signal_failed(rq, change, v);
}

static enum err make_deny(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	(void)ret;
	return finish(rq, v, deed, "deny", VERIFY_OUT_DENIED);
}

static enum err make_abort(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	(void)ret;
	return finish(rq, v, deed, "abort", VERIFY_OUT_ABORTED);
}

/* A colleague is called in, with words that tell whoever looks over her shoulder nothing. */
static enum err hand_text(struct rq *rq, enum language language, void *of, struct mail *mail)
{
	const struct verification *v = of;

	mail->kind = "verification.hand";
	mail->title = str_print(rq->arena, tongue(language, N_("Take over verification %lld")), (long long)v->row.id);
	mail->text = str_of(tongue(language, N_("A colleague asks you to go on with a call. Open the page, take over, and ring back.")));
	mail->at = str_print(rq->arena, "/access/verification/%lld", (long long)v->row.id);
	return OK;
}

static enum err make_hand(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct verify_hand_most_row most;
	struct change *change;
	(void)ret;

	TRY(verify_hand_most(rq, &most));
	TRY(begin(rq, "hand", &v->person, &change));
	TRY(verify_hand_add(change, most.id + 1, v->row.id, rq->now, deed->by));
	return mail_is_on() ? mail_say_roles(change, ROLE_SUPPORT, hand_text, v) : OK;
}

/* Another agent, who has no other part in it: from now on it is hers alone. */
static enum err make_take(struct rq *rq, struct verification *v, const struct verify_deed *deed, struct verify_done *ret)
{
	struct verify_hand_row hand;
	struct change *change;
	(void)ret;

	if (deed->by == v->row.agent || deed->by == v->person.id)
		return fail(rq, ERR_DENIED, "%s", _("A colleague takes over, not you."));
	for (size_t i = 0; i < v->n_vouchers; i++)
		if (v->vouchers[i].person == deed->by)
			return fail(rq, ERR_DENIED, "%s", _("Who was asked to vouch does not verify as well."));
	TRY(verify_hand(rq, v->row.id, &hand));
	TRY(begin(rq, "take", &v->person, &change));
	TRY(verify_hand_taken(change, rq->now, deed->by, hand.id));
	return verify_set_agent(change, deed->by, v->row.id);
}

const struct verify_act verify_acts[] = {
	{ "call", N_("I have hung up, rung up and got an answer"), VERIFY_CALL, make_call },
	{ "code", N_("Give a code"), VERIFY_CODE, make_code },
	{ "read", N_("Check the code"), VERIFY_RIGHT, make_read },
	{ "ask", N_("Ask the manager to vouch"), VERIFY_ASK, make_ask },
	{ "bound", N_("Check the code of the second factor"), VERIFY_BOUND, verify_make_bound },
	{ "app", N_("Ask in the app"), VERIFY_BOUND, verify_make_app },      /* asks for that step; the answer takes it */
	{ "present", N_("The person is here"), VERIFY_PRESENT, make_present },
	{ "approve", N_("Approve"), VERIFY_APPROVE, make_approve },
	{ "use", N_("It is done"), VERIFY_USE, make_use },
	{ "deny", N_("Deny and report"), VERIFY_DENY, make_deny },
	{ "abort", N_("Break off"), VERIFY_ABORT, make_abort },
	{ "hand", N_("Take over"), VERIFY_HAND, make_hand },
	{ "take", N_("Take over"), VERIFY_TAKEN, make_take },
	{ 0 }
};

const struct verify_act *verify_act_named(struct str name)
{
	for (const struct verify_act *act = verify_acts; act->name; act++)
		if (str_equal(name, str_of(act->name)))
			return act;
	return NULL;
}

enum err verify_do(struct rq *rq, const struct verify_act *act, const struct verify_deed *given, struct verify_done *ret)
{
	struct verify_deed deed = *given;
	struct verification v;

	TRY(verify_read(rq, deed.id, &v));
	if (!deed.said.at)
		deed.said = STR("");
	if (v.row.agent != deed.by && act->step != VERIFY_TAKEN)
		return fail(rq, ERR_DENIED, "%s", _("Another agent began this verification. Only she can go on with it."));
	TRY(access_holds(rq, deed.by, ROLE_SUPPORT, v.person.body));
	const char *why = verify_why_not(rq, &v, act->step);
	if (why)
		return fail(rq, ERR_CONFLICT, "%s", why);
	*ret = (struct verify_done){ 0 };
	return act->make(rq, &v, &deed, ret);
}
