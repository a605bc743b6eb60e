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

	*slice = (struct capacity_slice){ .class = (uint8_t)MAX(1, MIN(row->class, 4)),
		.is_reserve = (row->is_reserve.is && row->is_reserve.i) || row->roles & ROLE_COORDINATOR,
		.unit = row->unit >= 0 && row->unit < CAPACITY_NO_UNIT ? (uint16_t)row->unit : CAPACITY_NO_UNIT };
	return OK;
}

static enum err one_slot(void *of, const struct capacity_stand_slots_row *row)
{
	const struct slices *slices = of;
	struct capacity_slice *slice = slice_of(*slices, row->person);
	int i = slice->slot[0] ? 1 : 0;

	if (slice->slot[i] || row->gateway < 0 || row->gateway >= CAPACITY_GATEWAYS)
		return OK;                     /* the verbs allow two ahead */
	slice->slot[i] = slot_number(row->from_at);
	slice->slot_gateway[i] = (uint8_t)row->gateway;
	return OK;
}

enum err capacity_stand_in(struct rq *rq, struct slices slices)
{
	TRY(capacity_stand(rq, slices.first, slices.last, one_person, &slices));
	return capacity_stand_slots(rq, slices.first, slices.last, instant_plus(rq->now, (struct span){ -SLOT_MS }), one_slot, &slices);
}

enum err capacity_site_in(struct rq *rq, void *of)
{
	struct capacity_site *site = of;
	struct capacity_known *known;
	struct capacity_units_said_row *units;
	struct capacity_slots_coming_row *slots;
	size_t n, n_units, n_slots;

	TRY(capacity_gateways(rq, &known, &n));
	site->n = (int32_t)MIN(n, (size_t)CAPACITY_GATEWAYS);
	for (int32_t i = 0; i < site->n; i++)
		site->pool[i] = known[i].pool;
	site->kept[2] = (int32_t)setting_number(rq, "capacity.kept_from_class_2");
	site->kept[3] = (int32_t)setting_number(rq, "capacity.kept_from_class_3");
	TRY(capacity_slots_coming(rq, instant_plus(rq->now, (struct span){ -SLOT_MS }), &slots, &n_slots));
	for (size_t i = 0; i < n_slots && site->n_slots < CAPACITY_SLOTS; i++) {
		site->slot[site->n_slots].slot = slot_number(slots[i].from_at);
		site->slot[site->n_slots].gateway = (uint16_t)slots[i].gateway;
		site->slot[site->n_slots++].n = (uint16_t)MIN(slots[i].n, 65535);
	}
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
