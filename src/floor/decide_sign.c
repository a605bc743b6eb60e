/* To answer a decision: yes, no, or more must be known; to keep one that has become stale, to revoke one, and to write down how it went.
 *
 * SECURITY: here and nowhere else is `is_yes` set. decide_answer takes its person from rq->actor alone and wants the second factor at most
 * DECIDE_SECONDS ago; only the router fills that in, from the session's row. So neither the command line, the API, a bearer token nor
 * an import can sign, whatever it sends. What was asked about must be, byte for byte, what was read. Time that has run out is no.
 *
 * What it does not do: undo. What was signed stands in the log; to revoke is a move of its own. */
#include "floor/decide.h"
#include "floor/decide_own.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/urgent.h"

/* --- what it is about, now --- */

struct frozen { int64_t unit, class, body; struct str scale; };

static enum err freeze(struct rq *rq, const struct decide_get_row *d, struct frozen *ret)
{
	struct people_get_row person;
	struct consequences scale;
	struct decide_unit_row unit;
	struct rq in_swedish = *rq;

	/* Not the reader's language: the same words whoever looks. */
	in_swedish.language = LANGUAGE_SV;
	*ret = (struct frozen){ .unit = -1, .body = d->body };
	TRY(consequence_scale(&in_swedish, &scale));
	ret->scale = d->level < 1 || d->level > scale.n ? STR("")
		: str_print(rq->arena, "%d/%d %.*s: %.*s", (int)d->level, scale.n, STR_ARG(scale.level[d->level].word), STR_ARG(scale.level[d->level].meaning));
	if (d->person.is) {
		TRY(people_get(rq, d->person.i, &person));
		*ret = (struct frozen){ person.unit, person.class, person.body, ret->scale };
	} else if (d->unit.is) {
		TRY(decide_unit(rq, d->unit.i, &unit));
		*ret = (struct frozen){ d->unit.i, unit.class, unit.body, ret->scale };
	}
	return OK;
}

enum err decide_differs(struct rq *rq, const struct decide_get_row *d, bool *ret)
{
	struct frozen now;

	*ret = false;
	if (!d->signed_at.is || !d->is_yes)
		return OK;
	TRY(freeze(rq, d, &now));
	*ret = now.unit != d->frozen_unit || now.class != d->frozen_class || now.body != d->body || !str_equal(now.scale, d->frozen_scale);
	return OK;
}

bool decide_is_stale(struct rq *rq, const struct decide_get_row *d)
{
	enum decide_state state = decide_state(d, rq->now);
	bool differs;

	if (state != DECIDE_ACTIVE && state != DECIDE_APPROVED)
		return false;
	return d->stale_at.is || decide_differs(rq, d, &differs) != OK || differs;
}

static enum err check_body(struct rq *rq, const struct decide_get_row *d, struct frozen *ret)
{
	TRY(freeze(rq, d, ret));
	return ret->body == d->body ? OK : fail(rq, ERR_CONFLICT, _("It belongs to another legal body now. It has to be asked for anew there."));
}

/* --- yes, no, more --- */

static enum err check_waiting(struct rq *rq, const struct decide_get_row *d)
{
	enum decide_state state = decide_state(d, rq->now);

	if (state == DECIDE_ASKED)
		return OK;
	return fail(rq, ERR_CONFLICT, _("Decision %lld: %s. It cannot be answered now."), (long long)d->id, _(decide_state_word[state]));
}

static struct maybe_int at_now(struct rq *rq)
{
	return (struct maybe_int){ true, rq->now.ms };
}

/* The one that this renews has served when this begins; one that begins later leaves it to its own end. */
static enum err end_renewed(struct change *change, const struct decide_get_row *d, int64_t by)
{
	struct rq *rq = change_rq(change);
	struct decide_get_row before;

	if (!d->supersedes.is || instant_is_before(rq->now, d->from_at))
		return OK;
	TRY(decide_find(rq, d->supersedes.i, &before));
	enum decide_state state = decide_state(&before, rq->now);
	if (state != DECIDE_ACTIVE && state != DECIDE_APPROVED)
		return OK;
	TRY(decide_step(change, before.id, (struct maybe_int){ true, by }, DECIDE_MOVE_END, str_print(rq->arena, _("Renewed by decision %lld."), (long long)d->id),
		STR("")));
	TRY(decide_set_ended(change, at_now(rq), before.id));
	return decide_over(change, &before);
}

static enum err sign(struct change *change, const struct decide_get_row *d, int64_t by, bool is_yes, const struct frozen *frozen, struct str terms,
                     struct str motive)
{
	struct rq *rq = change_rq(change);
	struct str text, hash;

	TRY(decide_text(rq, d, &text, &hash));
	TRY(change_document(change, text, NULL));
	TRY(decide_step(change, d->id, (struct maybe_int){ true, by }, is_yes ? DECIDE_MOVE_YES : DECIDE_MOVE_NO, motive, hash));
	TRY(decide_set_signed(change, &(struct decide_set_signed_args){ at_now(rq), { true, by }, is_yes, terms.at ? terms : STR(""), motive,
		frozen->unit, frozen->class, frozen->scale, d->id }));
	TRY(decide_mail_answered(change, d, is_yes ? DECIDE_YES : DECIDE_NO));
	if (!is_yes)
		return OK;
	TRY(end_renewed(change, d, by));
	change_touch_site(change);
	event_say(change, (struct event){ .kind = EVENT_decision_signed, .person = d->person.is ? d->person.i : -1, .subject = d->id });
	return OK;
}

static enum err more(struct change *change, const struct decide_get_row *d, int64_t by, struct str words)
{
	struct rq *rq = change_rq(change);

	TRY(decide_step(change, d->id, (struct maybe_int){ true, by }, DECIDE_MOVE_MORE, words, d->hash));
	TRY(decide_mail_answered(change, d, DECIDE_MORE));
	return decide_set_returned(change, at_now(rq), (struct maybe_int){ 0 }, d->id);
}

static struct str number(struct rq *rq, int64_t id)
{
	return str_print(rq->arena, "%lld", (long long)id);
}

static enum err check_room(struct rq *rq)
{
	struct decide_in_force_count_row count;

	TRY(decide_in_force_count(rq, rq->now, &count));
	return count.n < DECIDE_IN_FORCE ? OK : fail(rq, ERR_FULL, _("%d deviations are in force: no more fit. Revoke some first."), DECIDE_IN_FORCE);
}

static enum err answer_asked(struct rq *rq, const struct decide_get_row *d, int64_t by, enum decide_answer what, struct str terms, struct str words)
{
	static const char *const action[] = { [DECIDE_YES] = "decision.sign", [DECIDE_NO] = "decision.refuse", [DECIDE_MORE] = "decision.more" };
	struct change *change;
	struct frozen frozen;

	TRY(check_waiting(rq, d));
	TRY(check_body(rq, d, &frozen));
	TRY(decide_words(rq, words, what == DECIDE_MORE ? _("Write what you want to know.") : _("Write your reasons, in a sentence or two."), true));
	TRY(decide_words(rq, terms, "", false));
	if (what == DECIDE_YES) {
		const struct reason *reason = urgent_is(d->reason) ? urgent_reason(d->reason) : decide_reason(d->reason);
		if (!decide_is_risk(d->reason) && (!reason || !reason->is_lowerable))
			return fail(rq, ERR_DENIED, _("No decision lowers \"%.*s\"."), STR_ARG(d->reason));
		if (!decide_is_risk(d->reason))
			TRY(check_room(rq));
	}
	TRY(audit_begin(rq, action[what], number(rq, d->id), &change));
	if (what == DECIDE_MORE)
		return more(change, d, by, words);
	return sign(change, d, by, what == DECIDE_YES, &frozen, terms, words);
}

/* Kept although something has changed: by a decider, frozen as it is now. */
static enum err keep(struct rq *rq, const struct decide_get_row *d, int64_t by, struct str words)
{
	enum decide_state state = decide_state(d, rq->now);
	struct str text, hash;
	struct change *change;
	struct frozen frozen;

	if (state != DECIDE_ACTIVE && state != DECIDE_APPROVED)
		return fail(rq, ERR_CONFLICT, _("Decision %lld: %s. There is nothing to keep."), (long long)d->id, _(decide_state_word[state]));
	TRY(check_body(rq, d, &frozen));
	TRY(decide_words(rq, words, _("Write your reasons, in a sentence or two."), true));
	TRY(decide_text(rq, d, &text, &hash));
	TRY(audit_begin(rq, "decision.keep", number(rq, d->id), &change));
	TRY(change_document(change, text, NULL));
	TRY(decide_step(change, d->id, (struct maybe_int){ true, by }, DECIDE_MOVE_KEEP, words, hash));
	change_touch_site(change);
	return decide_set_frozen(change, &(struct decide_set_frozen_args){ frozen.unit, frozen.class, frozen.scale, { 0 }, d->id });
}

enum err decide_answer(struct rq *rq, int64_t id, enum decide_answer what, struct str hash, struct str terms, struct str words)
{
	const struct actor *actor = rq->actor;
	struct decide_get_row d;
	struct str text, now;

	TRY(decide_find(rq, id, &d));
	TRY(decide_may_answer(rq, &d, actor->person));
	if (!actor->stepped_up_at.ms || instant_is_before(instant_plus(actor->stepped_up_at, SECONDS(DECIDE_SECONDS)), rq->now)
	    || instant_is_before(rq->now, actor->stepped_up_at))
		return fail(rq, ERR_DENIED, _("A decision is signed with your second factor, on its page."));
	if (what != DECIDE_KEEP)
		TRY(check_waiting(rq, &d));
	TRY(decide_text(rq, &d, &text, &now));
	if (!str_equal(hash, now))
		return fail(rq, ERR_CONFLICT, _("The text has changed since you read it. Read it again."));
	return what == DECIDE_KEEP ? keep(rq, &d, actor->person, words) : answer_asked(rq, &d, actor->person, what, terms, words);
}

enum err decide_state_answer(struct rq *rq, int64_t id, int64_t by, enum decide_answer what, struct str words)
{
	struct decide_get_row d;

	if (what != DECIDE_NO && what != DECIDE_MORE)
		return fail(rq, ERR_DENIED, _("A decision is signed with your second factor, on its page."));
	TRY(decide_find(rq, id, &d));
	TRY(decide_may_do_as(rq, by));
	TRY(decide_may_answer(rq, &d, by));
	return answer_asked(rq, &d, by, what, STR(""), words);
}

/* --- its end --- */

/* Said of each whom it was for and who may be in by it, so that whoever holds sessions can look at theirs; of nobody when there is none. */
enum err decide_over(struct change *change, const struct decide_get_row *d)
{
	struct decide_inside_row *inside = NULL;
	struct rq *rq = change_rq(change);
	size_t n = 0;

	if (urgent_is(d->reason))
		return urgent_over(change, d);
	change_touch_site(change);
	if (!d->person.is)
		TRY(decide_inside(rq, rq->now, d->unit.is ? d->unit.i : -1, d->gateway.is ? d->gateway.i : -1, &inside, &n));
	for (size_t i = 0; i < n; i++)
		event_say(change, (struct event){ .kind = EVENT_decision_ended, .person = inside[i].person, .subject = d->id });
	if (!n)
		event_say(change, (struct event){ .kind = EVENT_decision_ended, .person = d->person.is ? d->person.i : -1, .subject = d->id });
	return OK;
}

enum err decide_revoke(struct rq *rq, int64_t id, int64_t by, struct str why)
{
	struct decide_get_row d;
	struct change *change;

	TRY(decide_find(rq, id, &d));
	/* The account that owns HOME may always take away; whoever is named there, or logged in, must be one who may decide. */
	if (by >= 0) {
		TRY(decide_may_do_as(rq, by));
		TRY(mandate_may(rq, by, d.body, (int)d.level, rq->now));
	} else if (!(rq->actor->roles & ROLE_HOST)) {
		return fail(rq, ERR_DENIED, _("Say who does it."));
	}
	TRY(decide_words(rq, why, _("Write your reasons, in a sentence or two."), true));
	enum decide_state state = decide_state(&d, rq->now);
	if (state != DECIDE_ACTIVE && state != DECIDE_APPROVED)
		return fail(rq, ERR_CONFLICT, _("Decision %lld: %s. There is nothing to revoke."), (long long)id, _(decide_state_word[state]));
	TRY(audit_begin(rq, "decision.revoke", number(rq, id), &change));
	TRY(decide_step(change, id, (struct maybe_int){ by >= 0, by }, DECIDE_MOVE_REVOKE, why, STR("")));
	TRY(decide_set_revoked(change, at_now(rq), (struct maybe_int){ by >= 0, by }, id));
	return decide_over(change, &d);
}

enum err decide_follow(struct rq *rq, int64_t id, int64_t by, struct str how)
{
	struct people_get_row person;
	struct decide_get_row d;
	struct change *change;

	TRY(decide_find(rq, id, &d));
	TRY(decide_may_do_as(rq, by));
	TRY(people_get(rq, by, &person));
	if (by != d.asker && !(person.roles & ROLE_COORDINATOR))
		return fail(rq, ERR_DENIED, _("The one who asked, or a coordinator, writes down how it went."));
	enum decide_state state = decide_state(&d, rq->now);
	if ((state != DECIDE_EXPIRED && state != DECIDE_REVOKED && state != DECIDE_NOT_NEEDED) || d.followed_at.is)
		return fail(rq, ERR_CONFLICT, _("How it went is written down once, after its end."));
	TRY(decide_words(rq, how, _("Write how it went."), true));
	TRY(audit_begin(rq, "decision.follow", number(rq, id), &change));
	TRY(decide_step(change, id, (struct maybe_int){ true, by }, DECIDE_MOVE_FOLLOW, how, STR("")));
	return decide_set_followed(change, at_now(rq), id);
}

/* --- what the clock sees --- */

static enum err look_at(struct rq *rq, int64_t id)
{
	struct decide_get_row d;
	struct change *change;
	bool differs;

	TRY(decide_get(rq, id, &d));
	enum decide_state state = decide_state(&d, rq->now);
	if (state != DECIDE_ACTIVE && state != DECIDE_APPROVED)
		return OK;
	TRY(decide_differs(rq, &d, &differs));
	if (differs == d.stale_at.is)
		return OK;
	TRY(audit_begin(rq, "decision.stale", number(rq, id), &change));
	if (differs)
		TRY(decide_step(change, id, (struct maybe_int){ 0 }, DECIDE_MOVE_STALE, STR(""), STR("")));
	change_touch_site(change);
	return decide_set_stale(change, (struct maybe_int){ differs, rq->now.ms }, id);
}

enum err decide_tick(struct rq *rq)
{
	struct decide_open_row *open;
	size_t n;

	TRY(decide_open(rq, rq->now, &open, &n));
	for (size_t i = 0; i < n; i++)
		TRY(look_at(rq, open[i].id));
	return OK;
}
