/* Risk decisions: how one stands, the text that is decided on, who may answer it, and what waits for whom.
 *
 * The text is one JSON object with all that the decider reads: the question, the options, the measures, the scope, the moments, and what was
 * asked and answered meanwhile. Its hash stands in the leaf when it is asked and again when it is signed; a form that was read before the
 * text changed carries another hash, and is refused.
 *
 * SECURITY: nothing is stored as "active". Who may answer is asked of mandate.c for the decision's own body, level and this moment.
 *
 * What it does not do: write. See decide_ask.c and decide_sign.c. */
#include <sodium.h>
#include "floor/decide.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/urgent.h"

const char *const decide_state_name[DECIDE_STATES] = { "draft", "asked", "returned", "unanswered", "withdrawn", "rejected", "approved", "active",
	"expired", "revoked", "not_needed" };
const char *const decide_state_word[DECIDE_STATES] = { N_("Draft"), N_("Waits for an answer"), N_("More is asked for"), N_("Nobody answered: no"),
	N_("Withdrawn"), N_("No"), N_("Yes, not begun"), N_("In force"), N_("Over"), N_("Revoked"), N_("Not needed any more") };
const char *const decide_move_word[DECIDE_MOVES] = { N_("Drafted"), N_("Asked"), N_("Sent back: more is asked for"), N_("Answered and asked again"),
	N_("Withdrawn"), N_("Signed: yes"), N_("Signed: no"), N_("Revoked"), N_("Ended: not needed any more"),
	N_("Seen to be stale"), N_("Kept, although something has changed"), N_("Followed up") };

static const struct reason *const *reasons;

void decide_reasons_are(const struct reason *const *all)
{
	reasons = all;
}

const struct reason *const *decide_reasons(void)
{
	static const struct reason *const none[] = { NULL };
	return reasons ? reasons : none;
}

const struct reason *decide_reason(struct str code)
{
	for (size_t i = 0; reasons && reasons[i]; i++)
		if (str_equal(code, str_of(reasons[i]->code)))
			return reasons[i];
	return NULL;
}

/* --- how it stands --- */

struct instant decide_until(const struct decide_get_row *d)
{
	struct instant stale = d->stale_at.is ? instant_plus((struct instant){ d->stale_at.i }, DAYS(DECIDE_STALE_DAYS)) : INSTANT_NEVER;
	return instant_is_before(stale, d->until) ? stale : d->until;
}

enum decide_state decide_state(const struct decide_get_row *d, struct instant now)
{
	if (d->withdrawn_at.is)
		return DECIDE_WITHDRAWN;
	if (!d->signed_at.is) {
		if (!d->asked_at.is)
			return d->returned_at.is ? DECIDE_RETURNED : DECIDE_DRAFT;
		return instant_is_before(now, d->answer_by) && instant_is_before(now, d->until) ? DECIDE_ASKED : DECIDE_UNANSWERED;
	}
	if (!d->is_yes)
		return DECIDE_REJECTED;
	/* What came first counts: a revocation after the end ends nothing. */
	if (d->revoked_at.is && d->revoked_at.i < decide_until(d).ms)
		return DECIDE_REVOKED;
	if (d->ended_at.is && d->ended_at.i < decide_until(d).ms)
		return DECIDE_NOT_NEEDED;
	if (!instant_is_before(now, decide_until(d)))
		return DECIDE_EXPIRED;
	return instant_is_before(now, d->from_at) ? DECIDE_APPROVED : DECIDE_ACTIVE;
}

enum err decide_find(struct rq *rq, int64_t id, struct decide_get_row *ret)
{
	enum err err = decide_get(rq, id, ret);
	return err == ERR_NONE ? fail(rq, ERR_NONE, _("There is no decision %lld."), (long long)id) : err;
}

/* --- the text --- */

static void put(struct out *out, const char *key, struct str text)
{
	out_print(out, ",\"%s\":", key);
	out_json(out, text.at ? text : STR(""));
}

static void put_moment(struct out *out, const char *key, struct instant at)
{
	out_print(out, ",\"%s\":\"", key);
	out_instant_utc(out, at);
	out_byte(out, '"');
}

static void put_number(struct out *out, const char *key, struct maybe_int number)
{
	out_print(out, ",\"%s\":", key);
	if (number.is)
		out_int(out, number.i);
	else
		out_text(out, "null");
}

static enum err put_options(struct rq *rq, int64_t id, struct out *out)
{
	struct decide_options_row *options;
	size_t n;

	TRY(decide_options(rq, id, &options, &n));
	out_text(out, ",\"options\":[");
	for (size_t i = 0; i < n; i++) {
		out_print(out, "%s{\"number\":%lld", i ? "," : "", (long long)options[i].number);
		put(out, "name", options[i].name);
		put(out, "happens", options[i].happens);
		put(out, "likely", options[i].likely);
		put(out, "means", options[i].means);
		put(out, "cost", options[i].cost);
		out_byte(out, '}');
	}
	out_byte(out, ']');
	return OK;
}

/* What the decider wanted to know, and what was answered. */
static enum err put_talk(struct rq *rq, int64_t id, struct out *out)
{
	struct decide_steps_row *steps;
	size_t n, k = 0;

	TRY(decide_steps(rq, id, &steps, &n));
	out_text(out, ",\"talk\":[");
	for (size_t i = 0; i < n; i++)
		if (steps[i].move == DECIDE_MOVE_MORE || steps[i].move == DECIDE_MOVE_TELL) {
			out_text(out, k++ ? "," : "");
			out_json(out, steps[i].words);
		}
	out_byte(out, ']');
	return OK;
}

/* Of a standing decision: who may use it, how long and how often. */
static enum err put_terms(struct rq *rq, const struct decide_get_row *d, struct out *out)
{
	struct urgent_terms_row terms;

	if (!urgent_is(d->reason))
		return OK;
	TRY(urgent_terms(rq, d->id, &terms));
	out_print(out, ",\"hours\":%lld,\"weekly\":%lld,\"users\":\"", (long long)terms.hours, (long long)terms.weekly);
	people_roles_out(out, terms.users);
	out_byte(out, '"');
	return OK;
}

enum err decide_text(struct rq *rq, const struct decide_get_row *d, struct str *ret, struct str *ret_hash)
{
	struct out out = out_new(rq->arena), hex = out_new(rq->arena);
	unsigned char hash[crypto_hash_sha256_BYTES];

	out_print(&out, "{\"decision\":%lld", (long long)d->id);
	put(&out, "title", d->title);
	put(&out, "why", d->why);
	put(&out, "proposal", d->proposal);
	put(&out, "measures", d->measures);
	put_number(&out, "asker", (struct maybe_int){ true, d->asker });
	put_number(&out, "body", (struct maybe_int){ true, d->body });
	put_number(&out, "level", (struct maybe_int){ true, d->level });
	put(&out, "reason", d->reason);
	put_number(&out, "person", d->person);
	put_number(&out, "unit", d->unit);
	put_number(&out, "gateway", d->gateway);
	put_moment(&out, "from", d->from_at);
	put_moment(&out, "until", d->until);
	put_moment(&out, "answer_by", d->answer_by);
	put_number(&out, "renews", d->supersedes);
	TRY(put_terms(rq, d, &out));
	TRY(put_options(rq, d->id, &out));
	TRY(put_talk(rq, d->id, &out));
	out_byte(&out, '}');
	*ret = out_str(&out);
	crypto_hash_sha256(hash, (const unsigned char *)ret->at, ret->len);
	out_hex(&hex, hash, sizeof hash);
	*ret_hash = out_str(&hex);
	return OK;
}

/* --- who may answer --- */

enum err decide_may_answer(struct rq *rq, const struct decide_get_row *d, int64_t person)
{
	if (person < 0)
		return fail(rq, ERR_DENIED, _("Say who does it."));
	if (person == d->asker)
		return fail(rq, ERR_DENIED, _("You asked for it, so somebody else decides."));
	if (d->person.is && person == d->person.i)
		return fail(rq, ERR_DENIED, _("It is for you, so somebody else decides."));
	return mandate_may(rq, person, d->body, (int)d->level, rq->now);
}

/* --- what waits --- */

static struct str page_of(struct rq *rq, int64_t id)
{
	return str_print(rq->arena, "/decisions/%lld", (long long)id);
}

static bool can_answer(struct rq *rq, const struct decide_get_row *d, int64_t person)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	return decide_may_answer(&asking, d, person) == OK;
}

/* To the one who was asked and whoever stands in today; to those who coordinate when neither may answer. */
static enum err for_deciders(struct rq *rq, const struct decide_get_row *d, struct task task, struct tasks *ret)
{
	struct decide_deputies_row *deputies;
	bool is_somebodys = false;
	size_t n;

	TRY(decide_deputies(rq, d->decider, rq->now, &deputies, &n));
	for (size_t i = 0; i <= n; i++) {
		task.person = i ? deputies[i - 1].deputy : d->decider;
		if (!can_answer(rq, d, task.person))
			continue;
		is_somebodys = true;
		tasks_add(rq, ret, &task);
	}
	if (!is_somebodys)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Nobody who was asked may answer decision %lld"), (long long)d->id),
			.where = task.where, .person = -1, .roles = ROLE_COORDINATOR, .due_at = task.due_at });
	return OK;
}

static enum err due_of(struct rq *rq, const struct decide_get_row *d, struct tasks *ret)
{
	struct task task = { .where = page_of(rq, d->id), .person = d->asker };
	enum decide_state state = decide_state(d, rq->now);
	struct str title = str_utf8_first(d->title, 90);

	if (state == DECIDE_ASKED) {
		task.title = str_print(rq->arena, _("Decide: %.*s"), STR_ARG(title));
		task.due_at = d->answer_by;
		return for_deciders(rq, d, task, ret);
	}
	if ((state == DECIDE_ACTIVE || state == DECIDE_APPROVED) && d->stale_at.is) {
		task.title = str_print(rq->arena, _("Keep or revoke, since something has changed: %.*s"), STR_ARG(title));
		task.due_at = decide_until(d);
		TRY(for_deciders(rq, d, task, ret));
	}
	if (state == DECIDE_RETURNED) {
		task.title = str_print(rq->arena, _("Answer what the decider wants to know: %.*s"), STR_ARG(title));
		task.due_at = d->answer_by;
	} else if (state == DECIDE_UNANSWERED) {
		task.title = str_print(rq->arena, _("Nobody answered, so it is no. Ask anew or withdraw it: %.*s"), STR_ARG(title));
	} else if (state == DECIDE_ACTIVE && !instant_is_before(instant_plus(rq->now, DAYS(7)), decide_until(d))) {
		task.title = str_print(rq->arena, _("Ends soon: %.*s"), STR_ARG(title));
		task.due_at = decide_until(d);
	} else if ((state == DECIDE_EXPIRED || state == DECIDE_NOT_NEEDED || state == DECIDE_REVOKED) && !d->followed_at.is) {
		task.title = str_print(rq->arena, _("Write down how it went: %.*s"), STR_ARG(title));
		task.due_at = instant_plus(decide_until(d), DAYS(14));
	} else {
		return OK;
	}
	tasks_add(rq, ret, &task);
	return OK;
}

enum err decide_waiting(struct rq *rq, int64_t *ret_n, struct instant *ret_since)
{
	struct decide_waits_row waits;

	TRY(decide_waits(rq, rq->now, &waits));
	*ret_n = waits.n;
	*ret_since = (struct instant){ waits.since.is ? waits.since.i : 0 };
	return OK;
}

enum err decide_due(struct rq *rq, struct tasks *ret)
{
	struct decide_open_row *open;
	struct decide_get_row d;
	size_t n;

	TRY(decide_open(rq, instant_plus(rq->now, DAYS(-60)), &open, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(decide_get(rq, open[i].id, &d));
		TRY(due_of(rq, &d, ret));
	}
	return OK;
}
