/* Room for critical work: while class 1 stands in the reserve, who is of a lower class is asked to leave, in time, and then ended.
 *
 * Looked at every second with the gate's own count. For each place that is used beyond what is open to all, and for each person of class 1 who had
 * to wait lately, somebody is warned: of the lowest class first; then who has not been asked today; then who has been in longest. Nobody is
 * warned who has booked this time, who is of class 1, or who is security or incident staff. The warning says when it ends
 * (setting capacity.warning_seconds, standard ten minutes) and when to come back: a time is booked for her where one is left. When that
 * moment has come and the place is still needed, her session goes to the outbox, with the sentence that she reads; else the warning
 * lapses. When the gateway has come down to 70 per cent all warnings there lapse at once, as class 4 is let in again.
 *
 * Class 1 comes in at once, from the reserve, which this fills again; it is refused only when more of it come within the warning's time than the
 * reserve holds and all other places are taken.
 *
 * SECURITY: a gateway that only watches ends nobody. Whom it hits is decided by class and time in, never by person. */
#include "capacity.h"
#include "day.h"
#include "floor/gateway.sql.h"
#include "floor/mail.h"
#include "floor/outbox.sql.h"
#include "floor/people.h"
#include "floor/refusal.h"
#include "floor/session.sql.h"
#include "floor/setting.h"

struct scene {
	const struct capacity_known *known;
	enum language                language;
	int64_t                      needed;      /* places to be freed */
	bool                         is_calm;
};

/* Persons of class 1 who had to wait here since then, each once. */
static int64_t critical_waiting(struct rq *rq, int16_t gateway, struct instant since)
{
	struct refusal *refusals;
	size_t n = refusal_latest(rq->arena, &refusals);
	int64_t seen[64], n_seen = 0;

	for (size_t i = 0; i < n && n_seen < (int64_t)LENGTH(seen); i++) {
		bool is_again = false;
		if (instant_is_before(refusals[i].at, since))
			break;
		if (refusals[i].gateway != gateway || refusals[i].class != 1 || refusals[i].is_watched || refusals[i].person < 0
		    || strcmp(refusals[i].code, capacity_full.code) != 0)
			continue;
		for (int64_t k = 0; k < n_seen; k++)
			is_again |= seen[k] == refusals[i].person;
		if (!is_again)
			seen[n_seen++] = refusals[i].person;
	}
	return n_seen;
}

/* --- when to come back --- */

/* The first time after `after` that is not all booked here, booked for her when she may have one more. */
static enum err find_return(struct rq *rq, struct change *change, const struct scene *scene, int64_t person, struct instant after, struct instant *ret,
                            struct maybe_int *ret_slot)
{
	struct capacity_slots_ahead_row ahead;
	struct capacity_slot_count_row count;
	struct capacity_slot_most_row most;
	int64_t held;
	int32_t places = capacity_slot_places(rq, &scene->known->pool);
	struct instant from = { (after.ms / SLOT_MS + 1) * SLOT_MS };

	*ret = from;
	*ret_slot = (struct maybe_int){ 0 };
	TRY(capacity_slots_ahead(rq, from, person, (struct instant){ rq->now.ms - SLOT_MS }, &ahead));
	for (int i = 0; i < 24 && places && !ahead.same && ahead.n < SLOTS_AHEAD; i++, from.ms += SLOT_MS) {
		TRY(capacity_slot_count(rq, scene->known->id, from, &count));
		TRY(day_held(rq, scene->known->id, from, &held));
		if (count.n + held >= places)
			continue;
		TRY(capacity_slot_most(rq, &most));
		*ret = from;
		*ret_slot = (struct maybe_int){ true, most.id + 1 };
		change_touch(change, person);
		change_touch_site(change);
		return capacity_slot_add(change, &(struct capacity_slot_add_args){ .id = most.id + 1, .person = person, .gateway = scene->known->id,
			.from_at = from, .made_at = rq->now });
	}
	return OK;
}

/* --- warn --- */

static enum err mail_warning(struct rq *rq, struct change *change, int64_t person, struct instant ends, struct instant back)
{
	enum language language = mail_language(rq, person);
	struct out text = out_new(rq->arena);

	if (!mail_reaches(rq, person))
		return OK;
	out_text(&text, tongue(language, N_("Your place is needed for work that goes first. Save your work: your connection ends")));
	out_byte(&text, ' ');
	tongue_instant(&text, language, ends);
	out_text(&text, ". ");
	out_text(&text, tongue(language, N_("You can connect again from")));
	out_byte(&text, ' ');
	tongue_instant(&text, language, back);
	out_text(&text, ".\n");
	return mail_say(change, &(struct mail){ .kind = "capacity.warned", .person = person, .at = STR("/me"), .text = out_str(&text),
		.title = str_of(tongue(language, N_("Your connection ends soon"))) });
}

/* The gateway that takes another end for a session keeps it by itself. */
static enum err tell_gateway(struct rq *rq, const struct scene *scene, int64_t session, struct instant ends)
{
	struct out text = out_new(rq->arena);

	out_text(&text, tongue(scene->language, N_("Your place is needed for work that goes first. Save your work: your connection ends")));
	out_byte(&text, ' ');
	tongue_instant(&text, scene->language, ends);
	out_byte(&text, '.');
	return session_limit_set(rq, session, ends, out_str(&text));
}

static enum err warn(struct rq *rq, const struct scene *scene, const struct capacity_victim_row *victim)
{
	struct capacity_notice_most_row most;
	struct people_get_row who;
	struct change *change;
	struct instant ends = instant_plus(rq->now, SECONDS(setting_number(rq, "capacity.warning_seconds"))), back;
	struct maybe_int slot;

	TRY(people_get(rq, victim->person, &who));
	TRY(audit_begin(rq, "capacity.warn", who.code, &change));
	TRY(find_return(rq, change, scene, victim->person, ends, &back, &slot));
	TRY(capacity_notice_most(rq, &most));
	TRY(mail_warning(rq, change, victim->person, ends, back));
	TRY(tell_gateway(rq, scene, victim->session, ends));
	return capacity_notice_add(change, &(struct capacity_notice_add_args){ .id = most.id + 1, .session = victim->session, .person = victim->person,
		.gateway = scene->known->id, .class = victim->class, .made_at = rq->now, .ends_at = ends, .back_at = back, .slot = slot });
}

static enum err warn_as_many(struct rq *rq, const struct scene *scene, int64_t n)
{
	struct capacity_victim_row victim;
	struct instant today = { rq->now.ms - DAYS(1).ms }, slot = { rq->now.ms / SLOT_MS * SLOT_MS };

	for (; n > 0; n--) {
		enum err err = capacity_victim(rq, rq->now, scene->known->id, slot, today, &victim);
		if (err == ERR_NONE)
			return OK;
		TRY(err);
		TRY(warn(rq, scene, &victim));
	}
	return OK;
}

/* --- end, or let stay --- */

static enum err carry_out(struct rq *rq, const struct scene *scene, const struct capacity_notices_row *notice)
{
	struct outbox_most_row most;
	struct people_get_row who;
	struct change *change;
	struct out text = out_new(rq->arena);

	out_text(&text, tongue(scene->language, N_("Your place is needed for work that goes first. You can connect again from")));
	out_byte(&text, ' ');
	tongue_instant(&text, scene->language, notice->back_at);
	out_byte(&text, '.');
	struct capacity_instead_of_row instead;
	if (capacity_instead_of(rq, notice->person, &instead) == OK) {
		out_byte(&text, ' ');
		out_put(&text, instead.instead);
	}
	TRY(people_get(rq, notice->person, &who));
	TRY(audit_begin(rq, "capacity.preempt", who.code, &change));
	TRY(outbox_most(rq, &most));
	TRY(outbox_add_saying(change, &(struct outbox_add_saying_args){ .id = most.id + 1, .kind = STR("session.preempt"), .person = { true, notice->person },
		.subject = notice->session, .made_at = rq->now, .say = out_str(&text) }));
	return capacity_notice_over(change, rq->now, STR("ended"), notice->id);
}

static enum err lapse(struct rq *rq, const struct capacity_notices_row *notice)
{
	struct people_get_row who;
	struct change *change;

	TRY(people_get(rq, notice->person, &who));
	TRY(audit_begin(rq, notice->is_over ? "capacity.left" : "capacity.unwarn", who.code, &change));
	/* Who stays needs no time to come back. */
	if (!notice->is_over && notice->slot.is) {
		TRY(capacity_slot_end(change, rq->now, notice->slot.i));
		change_touch(change, notice->person);
		change_touch_site(change);
	}
	struct session_get_row session;
	if (!notice->is_over && session_get(rq, notice->session, &session) == OK)
		TRY(session_limit_set(rq, notice->session, session.until, STR("")));
	return capacity_notice_over(change, rq->now, notice->is_over ? STR("left") : STR("lapsed"), notice->id);
}

static enum err relieve_one(struct rq *rq, struct scene *scene)
{
	struct capacity_notices_row *notices;
	int64_t waiting = 0;
	size_t n;

	TRY(capacity_notices(rq, rq->now, (struct instant){ rq->now.ms / SLOT_MS * SLOT_MS }, scene->known->id, &notices, &n));
	for (size_t i = 0; i < n; i++) {
		bool has_come = !instant_is_before(rq->now, notices[i].ends_at);
		if (notices[i].is_over || scene->is_calm || (has_come && scene->needed <= 0)) {
			TRY(lapse(rq, &notices[i]));
		} else if (has_come && !notices[i].is_booked) {
			TRY(carry_out(rq, scene, &notices[i]));
			scene->needed--;
		} else {
			waiting++;
		}
	}
	return warn_as_many(rq, scene, scene->needed - waiting);
}

/* Those that are on their way out count as gone: their places are only waited for. */
enum err capacity_relieve(struct rq *rq, const struct taken *taken)
{
	struct capacity_known *known;
	struct gateway_all_row *gateways;
	struct capacity_leaving_row *leaving;
	size_t n, n_gateways, n_leaving;
	struct instant since = { rq->now.ms - SECONDS(setting_number(rq, "capacity.warning_seconds")).ms };

	TRY(capacity_gateways(rq, &known, &n));
	TRY(gateway_all(rq, &gateways, &n_gateways));
	TRY(capacity_leaving(rq, &leaving, &n_leaving));
	for (size_t i = 0; i < MIN(n, n_gateways); i++) {
		const struct capacity_pool *pool = &known[i].pool;
		if (!pool->is_set || gateways[i].is_watch || i >= CAPACITY_GATEWAYS)
			continue;
		int64_t others = taken[i].n - MIN(taken[i].of_reserve, pool->reserve);
		for (size_t k = 0; k < n_leaving; k++)
			others -= leaving[k].gateway == known[i].id ? leaving[k].n : 0;
		bool is_english = gateways[i].language.at && str_equal(gateways[i].language, STR("en"));
		struct scene scene = { .known = &known[i], .language = is_english ? LANGUAGE_EN : LANGUAGE_SV,
			.needed = MAX(others - pool->open, (int64_t)0) + critical_waiting(rq, (int16_t)i, since),
			.is_calm = others * 100 <= (int64_t)pool->open * STRAINED_UNTIL };
		/* What class 1 has taken beyond all others' places cannot be freed by anybody. */
		scene.needed = MIN(scene.needed, others);
		TRY(relieve_one(rq, &scene));
	}
	return OK;
}
