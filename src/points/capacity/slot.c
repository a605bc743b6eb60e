/* Slots: times of 20 minutes in which a person has a place at a gateway for sure.
 *
 * Part of what a gateway carries can be booked (setting capacity.slot_share), up to 14 days ahead, two times a person. In a slot whoever booked
 * it goes before all but class 1 and the reserve; the place is held for her for 10 minutes and then given to others. What a booking has become
 * (coming, now, used, missed, called off) follows from its moments and from the sessions, and is never stored. Who did not come, and did not cancel, may have one time
 * ahead instead of two for the rest of that working day and the next.
 *
 * SECURITY: a person books and cancels her own times; the command line, as the account that owns HOME, anybody's. The count is taken in the
 * writer's job that books, so no slot is given twice. */
#include "day.h"
#include "team.h"
#include "floor/setting.h"

const char *const capacity_slot_state_name[SLOT_STATES] = { "coming", "now", "used", "missed", "cancelled" };
const char *const capacity_slot_state_word[SLOT_STATES] = { N_("Coming"), N_("Now"), N_("Used"), N_("Missed"), N_("Called off") };

enum capacity_slot_state capacity_slot_state_of(const struct capacity_slots_of_row *row, struct instant now)
{
	if (row->cancelled_at.is)
		return SLOT_CANCELLED;
	if (instant_is_before(now, row->from_at))
		return SLOT_COMING;
	if (row->has_session)
		return SLOT_USED;
	return instant_is_before(now, instant_plus(row->from_at, (struct span){ SLOT_MS })) ? SLOT_NOW : SLOT_MISSED;
}

int32_t capacity_slot_places(struct rq *rq, const struct capacity_pool *pool)
{
	return pool->is_set ? (int32_t)((int64_t)pool->open * setting_number(rq, "capacity.slot_share") / 100) : 0;
}

static enum err may_book(struct rq *rq, int64_t person, const struct capacity_known *gateway, struct instant from)
{
	struct capacity_slots_ahead_row ahead;
	struct capacity_slot_count_row count;
	struct capacity_day_has_row has;
	struct capacity_slots_missed_row missed;
	int64_t held;

	if (!gateway->pool.is_set)
		return fail(rq, ERR_CONFLICT, _("Gateway %.*s has no limit, so there is nothing to book."), STR_ARG(gateway->name));
	if (from.ms % SLOT_MS)
		return fail(rq, ERR_INVALID, _("A booked time begins at :00, :20 or :40."));
	if (from.ms + SLOT_MS <= rq->now.ms || from.ms > rq->now.ms + DAYS(SLOT_DAYS).ms)
		return fail(rq, ERR_INVALID, _("A time can be booked from now on, and at most %d days ahead."), SLOT_DAYS);
	TRY(capacity_slots_ahead(rq, from, person, (struct instant){ rq->now.ms - SLOT_MS }, &ahead));
	if (ahead.same)
		return fail(rq, ERR_CONFLICT, _("You have booked that time already."));
	if (ahead.n >= SLOTS_AHEAD)
		return fail(rq, ERR_CONFLICT, _("At most %d times can be booked ahead. Cancel one first."), SLOTS_AHEAD);
	TRY(capacity_slots_missed(rq, rq->now, person, working_day_before(rq->now), &missed));
	if (missed.n && ahead.n >= SLOTS_AFTER_MISS)
		return fail(rq, ERR_CONFLICT, _("You did not come to a booked time, today or the working day before. Until the next working day is over, only %d time can be booked ahead."),
			SLOTS_AFTER_MISS);
	TRY(capacity_day_has(rq, person, (struct instant){ from.ms - DAY_SEAT_MOST * SLOT_MS }, from, &has));
	if (has.n)
		return fail(rq, ERR_CONFLICT, _("The plan has given you that time already."));
	TRY(capacity_slot_count(rq, gateway->id, from, &count));
	TRY(day_held(rq, gateway->id, from, &held));
	if (count.n + held >= capacity_slot_places(rq, &gateway->pool))
		return fail(rq, ERR_FULL, _("That time is full. Choose another."));
	return OK;
}

enum err capacity_slot_book(struct rq *rq, int64_t person, struct str gateway, struct instant from, int64_t *ret)
{
	struct capacity_known known;
	struct people_get_row who;
	struct capacity_slot_most_row most;
	struct change *change;

	TRY(capacity_gateway(rq, gateway, &known));
	TRY(people_get(rq, person, &who));
	if (!people_is_employed(&who, rq->now))
		return fail(rq, ERR_DENIED, _("Only who is employed can book a time."));
	TRY(may_book(rq, person, &known, from));
	TRY(capacity_slot_most(rq, &most));
	TRY(audit_begin(rq, "capacity.slot.book", who.code, &change));
	*ret = most.id + 1;
	TRY(capacity_slot_add(change, &(struct capacity_slot_add_args){ .id = *ret, .person = person, .gateway = known.id, .from_at = from,
		.made_at = rq->now }));
	change_touch(change, person);
	change_touch_site(change);
	return team_tell(change, person, from, true);
}

enum err capacity_slot_cancel(struct rq *rq, int64_t person, int64_t slot)
{
	struct capacity_slot_get_row row;
	struct people_get_row who;
	struct change *change;
	enum err err = capacity_slot_get(rq, slot, &row);

	if (err == ERR_NONE || (err == OK && person >= 0 && row.person != person))
		return fail(rq, ERR_NONE, _("There is no such booked time."));
	TRY(err);
	if (row.cancelled_at.is || row.from_at.ms + SLOT_MS <= rq->now.ms)
		return fail(rq, ERR_CONFLICT, _("That time is cancelled or over already."));
	TRY(people_get(rq, row.person, &who));
	TRY(audit_begin(rq, "capacity.slot.cancel", who.code, &change));
	TRY(capacity_slot_end(change, rq->now, slot));
	change_touch(change, row.person);
	change_touch_site(change);
	return team_tell(change, row.person, row.from_at, false);
}
