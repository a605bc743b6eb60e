/* What follows from a verification: who is told, what is held at the gate, and the signals that open an incident.
 *
 *     S1  the employee says that it was not she              incident, severe; her connection is held
 *     S2  three verifications of one person came to nothing in a day
 *     S3  three persons from one number in an hour, or three whose verification failed with one agent: a campaign, and the desk is stricter
 *     S4  a second reset of one person in a day
 *     S6  a new second factor or phone is asked for, and a session is open, or was let in within the hour or since the call began
 *     --  an agent, or the manager who was asked, says no
 *     --  a code under duress
 *
 * All in the commit of what they follow from. Incidents hear of them as an event; this point knows nothing of incidents.
 *
 * A notice is a row that the employee, or the manager, finds on her own page, and a mail, and an SMS where there is a gateway, in the same commit. It cannot be
 * switched off. */
#include "points/access/practice.h"
#include "points/access/verify.h"
#include "floor/event.h"
#include "floor/mail.h"
#include "floor/people.h"
#include "floor/setting.h"

const char *const quarantine_word[] = { [QUARANTINE_RESET] = N_("after a reset of your login"),
	[QUARANTINE_NUMBER] = N_("after your telephone number was changed"), [QUARANTINE_FRAUD] = N_("after a suspected fraud"),
	[QUARANTINE_DURESS] = N_("after a reset of your login") };

/* --- told, held --- */

struct str verify_notice_text(struct rq *rq, enum verify_notice kind, struct str errand, struct str name)
{
	switch (kind) {
	case NOTICE_APPROVED: return str_print(rq->arena, _("Support has verified you for: %.*s. Was it not you? Say so at once."), STR_ARG(errand));
	case NOTICE_MANAGER:  return str_print(rq->arena, _("Support has verified %.*s for: %.*s. Does it sound wrong? Call support."), STR_ARG(name), STR_ARG(errand));
	case NOTICE_NOT_ME:   return str_of(_("You said that it was not you who rang. An incident is open, and your remote connection is held for a time."));
	default:              return str_print(rq->arena, _("%.*s says that it was somebody else who rang support. An incident is open."), STR_ARG(name));
	}
}

/* A copy of the request that speaks the recipient's language, and the errand in it. */
static enum err in_language_of(struct rq *rq, int64_t person, const struct verification *v, struct rq *ret, struct str *ret_errand)
{
	const struct verify_errand *errand;
	struct verify_pack pack;

	*ret = *rq;
	ret->language = mail_language(rq, person);
	TRY(verify_pack(ret, &pack));
	errand = verify_errand(&pack, v->row.errand);
	*ret_errand = errand ? errand->word : v->row.errand;
	return OK;
}

static enum err tell(struct rq *rq, struct change *change, const struct verification *v, int64_t person, enum verify_notice kind)
{
	static const struct { const char *kind, *title; } mail[] = { [NOTICE_APPROVED] = { "verification.approved", N_("Support has verified you") },
		[NOTICE_MANAGER] = { "verification.approved", N_("Support has verified one of your people") },
		[NOTICE_NOT_ME] = { "verification.not_me", N_("You said that it was not you") },
		[NOTICE_NOT_ME_MANAGER] = { "verification.not_me", N_("Somebody rang support in the name of one of your people") } };
	struct verify_notice_most_row most;
	struct str errand;
	struct rq theirs;

	TRY(verify_notice_most(rq, &most));
	TRY(verify_notice_add(change, &(const struct verify_notice_add_args){ most.id + 1, v->row.id, person, kind, rq->now }));
	TRY(in_language_of(rq, person, v, &theirs, &errand));
	return mail_say(change, &(const struct mail){ .kind = mail[kind].kind, .person = person, .title = str_of(tongue(theirs.language, mail[kind].title)),
		.text = verify_notice_text(&theirs, kind, errand, v->person.name), .at = STR("/me"), .by_sms = true });
}

enum err verify_tell(struct rq *rq, struct change *change, const struct verification *v, enum verify_notice to_person, enum verify_notice to_manager)
{
	int64_t manager;

	TRY(verify_told_instead(rq, &v->person, v->row.agent, &manager));
	TRY(tell(rq, change, v, v->person.id, to_person));
	return manager >= 0 ? tell(rq, change, v, manager, to_manager) : OK;
}

/* With the code, though not the code: whoever is called in her name learns of it at once, and can say no with one press. */
enum err verify_tell_call(struct rq *rq, struct change *change, const struct verification *v)
{
	struct people_get_row agent;
	struct str errand;
	struct rq theirs;

	if (!mail_reaches(rq, v->person.id) && !sms_is_on())
		return OK;
	TRY(people_get(rq, v->row.agent, &agent));
	TRY(in_language_of(rq, v->person.id, v, &theirs, &errand));
	struct str name = agent.is_protected ? STR("") : str_first(agent.name, str_find(agent.name, ' '));
	return mail_say(change, &(const struct mail){ .kind = "verification.call", .person = v->person.id,
		.title = str_of(tongue(theirs.language, N_("Support is calling you"))),
		.text = str_print(rq->arena, tongue(theirs.language, N_("Support (%.*s) is calling you about: %.*s. Have you not asked for help? Open the page and say so.")),
		                  STR_ARG(name), STR_ARG(errand)),
		.at = str_print(rq->arena, "/akta/%.*s", STR_ARG(verify_link(rq, v->row.id))), .by_sms = true });
}

enum err verify_tell_voucher(struct rq *rq, struct change *change, const struct verification *v, int64_t voucher, int64_t request)
{
	struct str errand;
	struct rq theirs;

	if (!mail_reaches(rq, voucher))
		return OK;
	TRY(in_language_of(rq, voucher, v, &theirs, &errand));
	return mail_say(change, &(const struct mail){ .kind = "verification.vouch", .person = voucher,
		.title = str_print(rq->arena, tongue(theirs.language, N_("Is it %.*s who rings support?")), STR_ARG(v->person.name)),
		.text = str_print(rq->arena, tongue(theirs.language, N_("Support asks you to vouch. It is about: %.*s.")), STR_ARG(errand)),
		.at = str_print(rq->arena, "/access/vouch/%lld", (long long)request) });
}

enum err verify_hold(struct rq *rq, struct change *change, const struct people_get_row *person, enum quarantine_kind kind, struct maybe_int verification)
{
	struct verify_hold_most_row most;
	struct verify_pack pack;
	bool is_privileged;

	TRY(verify_pack(rq, &pack));
	TRY(verify_is_privileged(rq, person, &is_privileged));
	TRY(verify_hold_most(rq, &most));
	change_touch(change, person->id);
	/* On the grid that the gate counts in, so that all name one moment. */
	struct instant until = instant_plus(rq->now, is_privileged ? pack.hold_privileged : pack.hold);
	int64_t unit = SECONDS(ACCESS_HELD_UNIT).ms;
	until.ms = (until.ms + unit - 1) / unit * unit;
	/* Who is in by what may be stolen is put out; a changed number, or a person who is forced, shall not notice. */
	if (kind == QUARANTINE_RESET || kind == QUARANTINE_FRAUD)
		event_say(change, (struct event){ .kind = EVENT_connection_held, .person = person->id, .leaf = change_leaf(change) });
	return verify_hold_add(change, &(const struct verify_hold_add_args){ .id = most.id + 1, .person = person->id, .kind = kind, .from_at = rq->now,
		.until = until, .verification = verification });
}

enum err verify_hear_phone(struct rq *rq, const struct event *event, struct change *change)
{
	struct people_get_row person;

	TRY(people_get(rq, event->person, &person));
	return verify_hold(rq, change, &person, QUARANTINE_NUMBER, (struct maybe_int){ 0 });
}

/* --- signals --- */

struct seen { const char *rule; struct str key, title, text; int severity; };

static enum err say(struct rq *rq, struct change *change, int64_t person, int64_t verification, struct seen seen)
{
	struct suspicion *what = NEW(rq->arena, struct suspicion);
	bool is_practice;

	/* What was agreed on beforehand is no suspicion; what the employee herself says of it still is one. */
	TRY(practice_is(rq, verification, &is_practice));
	if (is_practice && strcmp(seen.rule, "S1") != 0 && strcmp(seen.rule, "duress") != 0)
		return OK;
	*what = (struct suspicion){ .source = "access", .rule = seen.rule, .key = seen.key, .title = seen.title, .text = seen.text, .severity = seen.severity };
	event_say(change, (struct event){ EVENT_suspected, person, verification, change_leaf(change), what });
	return OK;
}

static struct str told(struct rq *rq, const struct verification *v)
{
	struct people_get_row agent;
	struct str name = people_get(rq, v->row.agent, &agent) == OK ? agent.name : STR("");

	return str_print(rq->arena, _("Verification %lld of %.*s (%.*s), for %.*s. Agent: %.*s. Number shown: %s%.*s. Ticket: %.*s."), (long long)v->row.id,
	                 STR_ARG(v->person.name), STR_ARG(v->person.code), STR_ARG(v->errand->word), STR_ARG(name), v->row.caller_end.len ? "…" : "-",
	                 STR_ARG(v->row.caller_end), STR_ARG(v->row.ticket));
}

/* From now on what was B is C, for some hours. */
static enum err be_strict(struct rq *rq, struct change *change, int64_t verification)
{
	struct verify_strict_most_row most;
	struct verify_pack pack;
	bool is_practice;

	TRY(practice_is(rq, verification, &is_practice));
	if (is_practice)
		return OK;
	TRY(verify_pack(rq, &pack));
	TRY(verify_strict_most(rq, &most));
	return verify_strict_add(change, most.id + 1, rq->now, instant_plus(rq->now, pack.strict), verification);
}

enum err verify_device_lives(struct rq *rq, const struct verification *v, struct instant since, bool *ret)
{
	const struct verify_errand *asked = verify_errand(&v->pack, v->row.errand);
	struct verify_device_row device;

	/* Of the errands that replace what she logs in with; a password may be asked for by whoever is in. */
	*ret = false;
	if (!asked || asked->class < VERIFY_C || !asked->is_reset)
		return OK;
	TRY(verify_device(rq, v->person.id, rq->now, since, &device));
	*ret = device.n > 0;
	return OK;
}

enum err verify_signal_device(struct rq *rq, struct change *change, const struct verification *v, struct instant since)
{
	bool lives;

	TRY(verify_device_lives(rq, v, since, &lives));
	return !lives ? OK : say(rq, change, v->person.id, v->row.id, (struct seen){ "S6", v->person.code,
		str_of(_("A new device is asked for, and the old one still logs in")), told(rq, v), 2 });
}

enum err verify_signal_begun(struct rq *rq, struct change *change, int64_t id, int64_t person, int64_t agent, struct str caller)
{
	struct instant since = instant_plus(rq->now, HOURS(-1));
	struct verify_from_number_row from = { 0 };
	struct verify_pack pack;
	struct verification v;
	(void)agent;

	TRY(verify_pack(rq, &pack));
	TRY(verify_read(rq, id, &v));
	TRY(verify_signal_device(rq, change, &v, since));
	if (caller.at)
		TRY(verify_from_number(rq, caller, since, &from));
	if (from.n < pack.persons)
		return OK;
	TRY(be_strict(rq, change, id));
	return say(rq, change, person, id, (struct seen){ "S3", str_print(rq->arena, "number %.*s", STR_ARG(v.row.caller_end)),
		str_of(_("One number has rung about several persons: a campaign?")), told(rq, &v), 2 });
}

/* Three whose verification came to nothing with one agent: somebody tries this agent out. */
static enum err look_at_agent(struct rq *rq, struct change *change, const struct verification *v)
{
	struct verify_through_agent_row through;

	TRY(verify_through_agent(rq, v->row.agent, instant_plus(rq->now, HOURS(-1)), &through));
	if (through.n < v->pack.persons)
		return OK;
	TRY(be_strict(rq, change, v->row.id));
	return say(rq, change, v->person.id, v->row.id, (struct seen){ "S3", str_print(rq->arena, "agent %lld", (long long)v->row.agent),
		str_of(_("Several persons could not be verified within an hour: a campaign?")), told(rq, v), 2 });
}

enum err verify_signal_denied(struct rq *rq, struct change *change, const struct verification *v, const char *title)
{
	return say(rq, change, v->person.id, v->row.id, (struct seen){ "denied", v->person.code, str_of(_(title)), told(rq, v), 3 });
}

enum err verify_signal_failed(struct rq *rq, struct change *change, const struct verification *v)
{
	struct verify_failed_row failed;

	TRY(verify_failed(rq, v->person.id, instant_plus(rq->now, HOURS(-24)), instant_plus(rq->now, (struct span){ -v->pack.open.ms }), &failed));
	if (v->row.outcome == VERIFY_OUT_DENIED)
		TRY(verify_signal_denied(rq, change, v, N_("A caller was not believed")));
	if (failed.n >= v->pack.failed)
		TRY(say(rq, change, v->person.id, v->row.id, (struct seen){ "S2", v->person.code,
			str_of(_("Somebody rings again and again as one person and is not verified")), told(rq, v), 3 }));
	return look_at_agent(rq, change, v);
}

enum err verify_signal_reset(struct rq *rq, struct change *change, const struct verification *v)
{
	struct verify_resets_row *rows;
	size_t n;

	TRY(verify_resets(rq, v->person.id, instant_plus(rq->now, HOURS(-24)), v->row.id, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const struct verify_errand *errand = verify_errand(&v->pack, rows[i].errand);
		if (errand && errand->is_reset)
			return say(rq, change, v->person.id, v->row.id, (struct seen){ "S4", v->person.code,
				str_of(_("A second reset of the same person within a day")), told(rq, v), 2 });
	}
	return OK;
}

enum err verify_signal_not_me(struct rq *rq, struct change *change, const struct verification *v)
{
	return say(rq, change, v->person.id, v->row.id, (struct seen){ "S1", v->person.code,
		str_of(_("A caller pretended to be an employee, who says: that was not me")), told(rq, v), 1 });
}

enum err verify_signal_duress(struct rq *rq, struct change *change, const struct verification *v)
{
	TRY(verify_hold(rq, change, &v->person, QUARANTINE_DURESS, (struct maybe_int){ true, v->row.id }));
	return say(rq, change, v->person.id, v->row.id, (struct seen){ "duress", v->person.code,
		str_of(_("An employee gave the code under duress")), told(rq, v), 1 });
}
