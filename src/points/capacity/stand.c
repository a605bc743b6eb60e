/* Fills the capacity slice of a range of persons, and the record of what is common to all: the gateways' pools, what is kept for whom, and what
 * units do without a connection.
 *
 * The reserve is for the people of units that are marked so, and for coordinators, who lead the work when something has happened.
 *
 * What it does not do: it counts nothing. How many places are taken comes with each ask. */
#include "capacity.h"
#include "floor/gateway.sql.h"
#include "floor/setting.h"

static enum err one_person(void *of, const struct capacity_stand_row *row)
{
	const struct slices *slices = of;
	struct capacity_slice *slice = slice_of(*slices, row->id);

	*slice = (struct capacity_slice){ .class = (uint8_t)MAX(1, MIN(row->class, 4)) & 7,
		.is_reserve = (row->is_reserve.is && row->is_reserve.i) || row->roles & ROLE_COORDINATOR,
		.unit = row->unit >= 0 && row->unit < CAPACITY_NO_UNIT ? (uint16_t)row->unit : CAPACITY_NO_UNIT };
	return OK;
}

/* The three that begin first. */
static void keep_booked(const struct slices *slices, int64_t person, struct instant from, int64_t gateway, int64_t slots)
{
	struct capacity_slice *slice = slice_of(*slices, person);
	uint32_t slot = slot_number(from);
	int i = slice->held;

	if (gateway < 0 || gateway >= CAPACITY_GATEWAYS || slots < 1 || slots > 16)
		return;
	for (; i > 0 && booked_since(slice->booked[i - 1], slot) > 0x7ffff; i--)        /* it begins later than this one */
		if (i < CAPACITY_BOOKED)
			slice->booked[i] = slice->booked[i - 1];
	if (i == CAPACITY_BOOKED)
		return;
	slice->booked[i] = booked_of(slot, (uint32_t)gateway, (uint32_t)slots);
	slice->held = (uint8_t)MIN(slice->held + 1, CAPACITY_BOOKED);
}

static enum err one_slot(void *of, const struct capacity_stand_slots_row *row)
{
	keep_booked(of, row->person, row->from_at, row->gateway, 1);
	return OK;
}

struct seats { const struct slices *slices; struct instant now; };

static enum err one_seat(void *of, const struct capacity_day_stand_row *row)
{
	const struct seats *seats = of;

	if (row->from_at.ms + row->slots * SLOT_MS > seats->now.ms)
		keep_booked(seats->slices, row->person, row->from_at, row->gateway, row->slots);
	return OK;
}

enum err capacity_stand_in(struct rq *rq, struct slices slices)
{
	struct seats seats = { &slices, rq->now };

	TRY(capacity_stand(rq, slices.first, slices.last, one_person, &slices));
	TRY(capacity_stand_slots(rq, slices.first, slices.last, instant_plus(rq->now, (struct span){ -SLOT_MS }), one_slot, &slices));
	return capacity_day_stand(rq, slices.first, slices.last, instant_plus(rq->now, (struct span){ -16 * (int64_t)SLOT_MS }), one_seat, &seats);
}

/* How many begin in a slot at a gateway: by hand and by plans, both in the order of time and gateway, merged. */
static enum err count_booked(struct rq *rq, struct capacity_site *site)
{
	struct instant after = instant_plus(rq->now, (struct span){ -SLOT_MS });
	struct capacity_slots_coming_row *slots;
	struct capacity_day_coming_row *seats;
	size_t n, n_seats, i = 0, k = 0;

	TRY(capacity_slots_coming(rq, after, &slots, &n));
	TRY(capacity_day_coming(rq, after, &seats, &n_seats));
	while ((i < n || k < n_seats) && site->n_slots < CAPACITY_SLOTS) {
		bool is_slot = i < n && (k == n_seats || slots[i].from_at.ms < seats[k].from_at.ms
			|| (slots[i].from_at.ms == seats[k].from_at.ms && slots[i].gateway <= seats[k].gateway));
		uint32_t slot = slot_number(is_slot ? slots[i].from_at : seats[k].from_at);
		int64_t gateway = is_slot ? slots[i].gateway : seats[k].gateway, more = is_slot ? slots[i++].n : seats[k++].n;
		int32_t last = site->n_slots - 1;
		if (last >= 0 && site->slot[last].slot == slot && site->slot[last].gateway == gateway)
			site->slot[last].n = (uint16_t)MIN(site->slot[last].n + more, 65535);
		else
			site->slot[site->n_slots++] = (typeof(site->slot[0])){ slot, (uint16_t)gateway, (uint16_t)MIN(more, 65535) };
	}
	return OK;
}

enum err capacity_site_in(struct rq *rq, void *of)
{
	struct capacity_site *site = of;
	struct capacity_known *known;
	struct capacity_units_said_row *units;
	size_t n, n_units;

	TRY(capacity_gateways(rq, &known, &n));
	site->n = (int32_t)MIN(n, (size_t)CAPACITY_GATEWAYS);
	for (int32_t i = 0; i < site->n; i++)
		site->pool[i] = known[i].pool;
	site->kept[2] = (int32_t)setting_number(rq, "capacity.kept_from_class_2");
	/* Whoever comes after leaves at least as much. */
	site->kept[4] = site->kept[3] = MAX((int32_t)setting_number(rq, "capacity.kept_from_class_3"), site->kept[2]);
	TRY(count_booked(rq, site));
	TRY(capacity_raises(rq, site->raised, &site->n_raised));
	TRY(capacity_units_said(rq, &units, &n_units));
	for (size_t i = 0; i < n_units && site->n_units < CAPACITY_UNITS; i++) {
		struct str text = str_utf8_first(units[i].instead, CAPACITY_INSTEAD);
		if (text.len == 0)
			continue;
		site->instead[site->n_units].unit = (int32_t)units[i].unit;
		memcpy(site->instead[site->n_units++].text, text.at, text.len);
	}
	return OK;
}
