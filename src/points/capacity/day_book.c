/* The acts on a plan for a day: make, adopt, undo; what a unit needs; giving a time back.
 *
 *     made -> being laid down -> adopted -> undone
 *
 * Made: figures and proof are kept, nobody has a place by it. Adopting gathers and solves once more, off the writer, and lays the seats down,
 * DAY_STEP to a leaf and a commit, the first together with the act; each step's seats count from its commit on. What a stop cuts off goes on when the plan
 * is adopted again. Undoing calls off all seats that have not begun, in steps too; to make a plan anew for a day, undo the one that is adopted.
 *
 * SECURITY: who may is the page's and the command's to say. What is laid down is what was shown, by its digest, or nothing. One plan counts for
 * a day. Bookings by hand are never touched. */
#include "day.h"
#include "team.h"
#include "floor/people.h"
#include "floor/people.sql.h"
#include "floor/writer.h"

enum { DAY_STEP = 3000 };

const char *const day_state_name[DAY_STATES] = { "made", "laying", "adopted", "undone" };
const char *const day_state_word[DAY_STATES] = { N_("Made, does not count"), N_("Being laid down"), N_("Adopted"), N_("Undone") };

enum day_state day_state_of(struct maybe_int adopted_at, struct maybe_int undone_at, int64_t laid, int64_t seats)
{
	if (undone_at.is)
		return DAY_UNDONE;
	if (!adopted_at.is)
		return DAY_MADE;
	return laid < seats ? DAY_LAYING : DAY_ADOPTED;
}

enum err day_plan(struct rq *rq, int64_t plan, struct capacity_day_plan_get_row *ret)
{
	enum err err = capacity_day_plan_get(rq, plan, ret);
	return err == ERR_NONE ? fail(rq, ERR_NONE, _("There is no plan %lld."), (long long)plan) : err;
}

static struct str number_of(struct rq *rq, int64_t plan) { return str_print(rq->arena, "%lld", (long long)plan); }

/* --- make --- */

/* The places of a proof, as stretches of time. A last slot of the day's clock change is as long as all others. */
static enum err keep_full(struct change *change, const struct day_kept *kept, const struct plan_proof *proof)
{
	const struct day *day = kept->day;

	for (size_t g = 0; g < day->n_gateways; g++) {
		const uint64_t *bits = proof->full + g * day->problem.words;
		for (size_t t = 0, from; t < day->problem.slots; t++) {
			if (!(bits[t / 64] >> t % 64 & 1) || day->problem.places[g * day->problem.slots + t] == 0)
				continue;
			for (from = t; t + 1 < day->problem.slots && bits[(t + 1) / 64] >> (t + 1) % 64 & 1; t++)
				;
			TRY(capacity_day_full_add(change, &(struct capacity_day_full_add_args){ .plan = kept->id, .class = proof->class,
				.gateway = day->gateways[g].id, .from_at = { day->from.ms + (int64_t)from * SLOT_MS },
				.until = { day->from.ms + (int64_t)(t + 1) * SLOT_MS } }));
		}
	}
	return OK;
}

enum err day_keep(struct rq *rq, void *of)
{
	struct day_kept *kept = of;
	const struct day_plan *made = kept->made;
	struct capacity_day_plan_most_row most;
	struct change *change;

	TRY(capacity_day_plan_most(rq, &most));
	kept->id = most.id + 1;
	TRY(audit_begin(rq, "capacity.plan.make", number_of(rq, kept->id), &change));
	TRY(capacity_day_plan_add(change, &(struct capacity_day_plan_add_args){ .id = kept->id, .day_at = kept->day->from,
		.digest = str_of(kept->day->digest), .made_at = rq->now, .people = (int64_t)kept->day->n_people, .seats = (int64_t)made->n_seats,
		.kept = made->kept }));
	for (size_t i = 0; i < made->n_units; i++) {
		const struct day_unit *unit = &made->units[i];
		TRY(capacity_day_unit_add(change, &(struct capacity_day_unit_add_args){ .plan = kept->id, .unit = unit->unit, .class = unit->class,
			.people = unit->people, .needed = unit->needed, .served = unit->served, .less = unit->less }));
	}
	for (size_t i = 0; i < made->plan.n_proofs; i++)
		TRY(keep_full(change, kept, &made->plan.proofs[i]));
	return OK;
}

enum err day_make(struct rq *rq, struct instant at, int64_t *ret)
{
	struct day day;
	struct day_plan made;
	struct day_kept kept = { &day, &made, 0 };

	TRY(day_gather(rq, at, &day));
	if (day.n_people == 0)
		return fail(rq, ERR_CONFLICT, _("Nobody needs a place that day: nobody has a right to connect, or no unit needs minutes."));
	TRY(day_solve(rq, &day, &made));
	TRY(writer_do(writer_of_core(), day_keep, &kept, rq));
	*ret = kept.id;
	return OK;
}

/* --- how many seats hold each slot --- */

enum { TALLY_SLOTS = 96 };                     /* of a day, and of what begins at its end */
struct tally { struct instant from; struct { int32_t begins, held; } at[CAPACITY_GATEWAYS][TALLY_SLOTS]; };

static struct tally *tally_new(struct rq *rq, struct instant day)
{
	struct tally *ret = NEW(rq->arena, struct tally);
	ret->from = instant_midnight(day);
	return ret;
}

static void tally_add(struct tally *tally, int64_t gateway, struct instant from, int64_t slots, int32_t sign)
{
	int64_t first = (from.ms - tally->from.ms) / SLOT_MS;

	if (gateway < 0 || gateway >= CAPACITY_GATEWAYS || first < 0 || first + slots > TALLY_SLOTS)
		return;
	tally->at[gateway][first].begins += sign;
	for (int64_t i = first; i < first + slots; i++)
		tally->at[gateway][i].held += sign;
}

static enum err tally_keep(struct change *change, const struct tally *tally)
{
	for (int64_t g = 0; g < CAPACITY_GATEWAYS; g++)
		for (int64_t i = 0; i < TALLY_SLOTS; i++)
			if (tally->at[g][i].begins || tally->at[g][i].held)
				TRY(capacity_day_held_add(change, g, (struct instant){ tally->from.ms + i * SLOT_MS }, tally->at[g][i].begins, tally->at[g][i].held));
	return OK;
}

/* --- adopt --- */

struct laying { const struct day *day; const struct day_plan *made; int64_t plan; size_t at, at_after; };

static enum err may_adopt(struct rq *rq, const struct capacity_day_plan_get_row *row, const struct day *day)
{
	struct capacity_day_plan_of_row other;

	if (row->undone_at.is)
		return fail(rq, ERR_CONFLICT, _("That plan is undone. Make it anew."));
	if (row->adopted_at.is && row->laid >= row->seats)
		return fail(rq, ERR_CONFLICT, _("That plan is adopted already."));
	enum err err = capacity_day_plan_of(rq, row->day_at, &other);
	if (err == OK && other.id != row->id)
		return fail(rq, ERR_CONFLICT, _("Plan %lld is adopted for that day. Undo it first."), (long long)other.id);
	if (err != OK && err != ERR_NONE)
		return err;
	if (!str_equal(row->digest, str_of(day->digest)))
		return fail(rq, ERR_CONFLICT, _("What the plan was made of has changed since: people, rights, limits or booked times. Make it anew and look at it."));
	return OK;
}

/* May run twice: where it came to stands in at_after. */
static enum err lay_step(struct rq *rq, void *of)
{
	struct laying *laying = of;
	struct capacity_day_plan_get_row row;
	struct capacity_day_seat_most_row most;
	struct change *change;

	struct tally *tally = tally_new(rq, laying->day->from);
	TRY(day_plan(rq, laying->plan, &row));
	TRY(may_adopt(rq, &row, laying->day));
	laying->at_after = (size_t)row.laid;
	TRY(capacity_day_seat_most(rq, &most));
	TRY(audit_begin(rq, row.adopted_at.is ? "capacity.plan.seats" : "capacity.plan.adopt", number_of(rq, row.id), &change));
	if (!row.adopted_at.is)
		TRY(capacity_day_plan_adopt(change, rq->now, row.id));
	for (int n = 0; n < DAY_STEP && laying->at_after < laying->made->n_seats; n++, laying->at_after++) {
		const struct day_seat *seat = &laying->made->seats[laying->at_after];
		if (n && n % 100 == 0 && writer_of_core() && writer_is_late(writer_of_core()))
			break;
		TRY(capacity_day_seat_add(change, &(struct capacity_day_seat_add_args){ .id = ++most.id, .plan = row.id, .person = seat->person,
			.gateway = laying->day->gateways[seat->gateway].id, .slots = seat->n,
			.from_at = { laying->day->from.ms + (int64_t)seat->slot * SLOT_MS } }));
		tally_add(tally, laying->day->gateways[seat->gateway].id, (struct instant){ laying->day->from.ms + (int64_t)seat->slot * SLOT_MS }, seat->n, 1);
		change_touch(change, seat->person);
	}
	TRY(tally_keep(change, tally));
	TRY(capacity_day_plan_laid(change, (int64_t)laying->at_after, row.id));
	change_touch_site(change);
	return OK;
}

enum err day_adopt(struct rq *rq, int64_t plan, struct day_tell tell)
{
	struct capacity_day_plan_get_row row;
	struct day day;
	struct day_plan made;
	struct laying laying = { &day, &made, plan, 0, 0 };

	TRY(day_plan(rq, plan, &row));
	TRY(day_gather(rq, row.day_at, &day));
	TRY(may_adopt(rq, &row, &day));
	TRY(day_solve(rq, &day, &made));
	do {
		TRY(writer_do_step(writer_of_core(), lay_step, &laying, rq));
		laying.at = laying.at_after;
		if (tell.tell)
			tell.tell(tell.of, _("Laid down"), (int64_t)laying.at, (int64_t)made.n_seats);
	} while (laying.at < made.n_seats);
	return OK;
}

/* --- undo --- */

struct undoing { int64_t plan, n, last, last_after; bool is_over; };

static enum err undo_step(struct rq *rq, void *of)
{
	struct undoing *undoing = of;
	struct capacity_day_plan_get_row row;
	struct capacity_day_seats_left_row *seats;
	struct change *change;
	size_t n;

	TRY(day_plan(rq, undoing->plan, &row));
	if (!row.adopted_at.is)
		return fail(rq, ERR_CONFLICT, _("That plan is not adopted, so there is nothing to undo."));
	TRY(capacity_day_seats_left(rq, row.id, undoing->last, rq->now, &seats, &n));
	struct tally *tally = tally_new(rq, row.day_at);
	undoing->n = (int64_t)n;
	undoing->last_after = n ? seats[n - 1].id : undoing->last;
	undoing->is_over = n == 0;
	if (row.undone_at.is && n == 0)
		return OK;
	TRY(audit_begin(rq, "capacity.plan.undo", number_of(rq, row.id), &change));
	if (!row.undone_at.is)
		TRY(capacity_day_plan_undo(change, rq->now, row.id));
	for (size_t i = 0; i < n; i++) {
		TRY(capacity_day_seat_end(change, rq->now, seats[i].id));
		tally_add(tally, seats[i].gateway, seats[i].from_at, seats[i].slots, -1);
		change_touch(change, seats[i].person);
	}
	TRY(tally_keep(change, tally));
	change_touch_site(change);
	return OK;
}

enum err day_undo(struct rq *rq, int64_t plan, struct day_tell tell)
{
	struct undoing undoing = { .plan = plan };
	struct capacity_day_plan_get_row row;
	int64_t done = 0;

	TRY(day_plan(rq, plan, &row));
	if (row.undone_at.is)
		return fail(rq, ERR_CONFLICT, _("That plan is undone already."));
	do {
		TRY(writer_do_step(writer_of_core(), undo_step, &undoing, rq));
		done += undoing.n;
		undoing.last = undoing.last_after;
		if (tell.tell)
			tell.tell(tell.of, _("Called off"), done, row.laid);
	} while (!undoing.is_over);
	return OK;
}

/* --- what units need, and one's own times --- */

enum err day_read_minute(struct str clock, int64_t *ret)
{
	struct str rest = clock, hour = str_cut(&rest, ':');
	int64_t h, m = 0;

	if (!clock.at || str_number(hour, 24, &h) != OK || (rest.at && rest.len && str_number(rest, 59, &m) != OK) || h * 60 + m > 24 * 60)
		return ERR_INVALID;
	*ret = h * 60 + m;
	return OK;
}

enum err day_set_need(struct rq *rq, const struct day_need *need)
{
	struct people_unit_named_row unit;
	struct change *change;

	enum err err = people_unit_named(rq, need->unit, &unit);
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no unit called \"%.*s\"."), STR_ARG(str_utf8_first(need->unit, 60)));
	TRY(err);
	if (need->minutes < 0 || need->minutes > 24 * 60)
		return fail(rq, ERR_INVALID, _("How many minutes of a day? A whole number, 0 for none."));
	if (need->from_minute < 0 || need->until_minute > 24 * 60 || need->from_minute >= need->until_minute)
		return fail(rq, ERR_INVALID, _("The hours must begin before they end, on the same day."));
	TRY(audit_begin(rq, "capacity.need", need->unit, &change));
	return capacity_day_need_set(change, &(struct capacity_day_need_set_args){ .unit = unit.id, .minutes = need->minutes,
		.from_minute = need->from_minute, .until_minute = need->until_minute, .is_whole = need->is_whole });
}

enum err day_give_back(struct rq *rq, int64_t person, int64_t seat)
{
	struct capacity_day_seat_get_row row;
	struct people_get_row who;
	struct change *change;
	enum err err = capacity_day_seat_get(rq, seat, &row);

	if (err == ERR_NONE || (err == OK && person >= 0 && row.person != person))
		return fail(rq, ERR_NONE, _("There is no such booked time."));
	TRY(err);
	if (row.cancelled_at.is || row.from_at.ms + row.slots * SLOT_MS <= rq->now.ms)
		return fail(rq, ERR_CONFLICT, _("That time is cancelled or over already."));
	TRY(people_get(rq, row.person, &who));
	TRY(audit_begin(rq, "capacity.seat.cancel", who.code, &change));
	TRY(capacity_day_seat_end(change, rq->now, seat));
	struct tally *tally = tally_new(rq, row.from_at);
	tally_add(tally, row.gateway, row.from_at, row.slots, -1);
	TRY(tally_keep(change, tally));
	change_touch(change, row.person);
	change_touch_site(change);
	return team_tell(change, row.person, row.from_at, false);
}

enum err day_held(struct rq *rq, int64_t gateway, struct instant slot, int64_t *ret)
{
	struct capacity_day_held_row *rows;
	size_t n;

	TRY(capacity_day_held(rq, gateway, slot, (struct instant){ slot.ms + 1 }, &rows, &n));
	*ret = n ? rows[0].n : 0;
	return OK;
}
