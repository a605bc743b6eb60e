/* Question 6 at the gate: is there a place at this gateway for this person now?
 *
 * Pure: the gate's count of the places taken stands in the ask, the gateway's pool in the site, the class of the person's unit in the slice.
 *
 *   security and incident staff   while any place at all is free
 *   class 1                       while one is free outside the reserve; while lower classes are in, also from the reserve
 *   class 2, class 3              while more is free than what is kept for those before them (trunk reservation)
 *   class 4                       until the gateway is strained, and then not before it has come down again (80 / 70 %)
 *
 * Whoever has booked this time here, or has got it by a plan, goes before all but the first two, and until its end; for the first 10 minutes of it
 * a place is held for each who is not in yet. A wait lasts at most until one's own booked time.
 *
 * Inside a class who has been connected less in this working day and the one before goes first (K5): whoever was turned away and may still come is left a
 * place by those of her class who have had more, and by all of classes below. Class 1 and the reserve wait for nobody.
 *
 * The reserve's own people fill the reserve first, so that they take no place from others. Who asks for no gateway in particular is told of
 * the best one. A wait's moment is spread by person, so that those who are turned away do not come back together.
 *
 * Who asks once more for a place that she has keeps it to the end that it was given, also where it would not be given now.
 *
 * SECURITY: a place is never given above the limit, to nobody; the limit lies below the gateway's own, so that we refuse first, with a reason.
 * To find a place gives nobody a right: that is other points' to say. */
#include "capacity.h"

enum { HALF_DAY = 12 * 60 * 60 * 1000 / SLOT_MS };

const struct reason capacity_full = { "capacity.full", false,
	N_("You cannot connect now. All connections are used by, or kept for, work that goes first."), N_("Try again from") };
const struct reason capacity_full_until_slot = { "capacity.full", false,
	N_("You cannot connect now. All connections are used by, or kept for, work that goes first."), N_("Your booked time begins") };
const struct reason capacity_turn = { "capacity.turn", false,
	N_("You cannot connect now. Places are few, and those who have been connected less than you go first."), N_("Try again from") };
const struct reason capacity_local = { "capacity.local", true,
	N_("You cannot connect now. Connections are few, and your unit's work can be done without one."), N_("Try again from") };

/* Given by no opinion: it is what a decision is asked about. */
const struct reason capacity_raised_reason = { "capacity.raised", true,
	N_("Your unit's class has been raised by hand. It counts when somebody has decided it.") };

const struct reason *const capacity_reasons[] = { &capacity_full, &capacity_turn, &capacity_local, &capacity_raised_reason, NULL };

/* The unit's class; a raised one where and while a decision says so. */
static uint8_t class_at(const struct capacity_site *site, const struct capacity_slice *slice, int32_t gateway, struct instant at)
{
	for (int32_t i = 0; i < site->n_raised; i++) {
		const struct capacity_raise *raise = &site->raised[i];
		if (raise->unit == slice->unit && (raise->gateway < 0 || raise->gateway == gateway) && !instant_is_before(at, raise->from)
		    && instant_is_before(at, raise->until))
			return MIN(raise->class, (uint8_t)slice->class);
	}
	return slice->class;
}

static const char *instead_of(const struct capacity_site *site, uint16_t unit)
{
	int32_t low = 0, high = site->n_units;

	while (low < high) {
		int32_t middle = (low + high) / 2;
		if (site->instead[middle].unit < unit)
			low = middle + 1;
		else
			high = middle;
	}
	return low < site->n_units && site->instead[low].unit == unit && unit != CAPACITY_NO_UNIT ? site->instead[low].text : NULL;
}

/* A time within half a day of now, and not now, that she has booked here, or anywhere when no gateway is named. */
static bool has_booked_else(const struct capacity_slice *slice, int32_t gateway, struct instant at)
{
	for (int i = 0; i < slice->held; i++) {
		uint32_t since = booked_since(slice->booked[i], slot_number(at)), ahead = booked_since(slot_number(at), slice->booked[i]);
		bool is_near = (ahead > 0 && ahead <= HALF_DAY) || (since >= booked_slots(slice->booked[i]) && since <= HALF_DAY);
		if (is_near && (gateway < 0 || (int32_t)booked_gateway(slice->booked[i]) == gateway))
			return true;
	}
	return false;
}

/* Places held now for those who have booked here and are not in yet. */
static int32_t held_for_slots(const struct capacity_site *site, int32_t gateway, const struct taken *taken, struct instant at)
{
	uint32_t now = slot_number(at);
	int32_t low = 0, high = site->n_slots;

	if (at.ms % SLOT_MS >= SLOT_GRACE_MS)
		return 0;
	while (low < high) {
		int32_t middle = (low + high) / 2;
		if (site->slot[middle].slot < now || (site->slot[middle].slot == now && site->slot[middle].gateway < gateway))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == site->n_slots || site->slot[low].slot != now || site->slot[low].gateway != gateway)
		return 0;
	return MAX(site->slot[low].n - taken->booked, 0);
}

/* The time that it is now, when this person has booked it here: the number of the slot in which it began, and when it is over. */
static uint32_t booked_now(const struct capacity_slice *slice, int32_t gateway, struct instant at, struct instant *ret_until)
{
	for (int i = 0; i < slice->held; i++) {
		uint32_t since = booked_since(slice->booked[i], slot_number(at)), slots = booked_slots(slice->booked[i]);
		if (since >= slots || (int32_t)booked_gateway(slice->booked[i]) != gateway)
			continue;
		*ret_until = (struct instant){ ((int64_t)slot_number(at) - since + slots) * SLOT_MS };
		return slot_number(at) - since;
	}
	return 0;
}

/* Who stands in line before her: of the classes before hers; and of her own who have been connected less. */
static int32_t waiting_above(const struct taken *taken, int class)
{
	int32_t ret = 0;

	for (int before = 1; before < class; before++)
		for (int level = 0; level < HAD_LEVELS; level++)
			ret += taken->waiting[before][level];
	return ret;
}

static int32_t waiting_beside(const struct taken *taken, int class, int had)
{
	int32_t ret = 0;

	for (int level = 0; level < had; level++)
		ret += taken->waiting[class][level];
	return ret;
}

/* `room`: free outside the reserve. */
static bool has_place(const struct capacity_pool *pool, const struct taken *taken, const struct capacity_slice *slice, bool is_strained, int32_t room,
                      const int32_t kept[5])
{
	int32_t all = pool->places - taken->n;
	int class = slice->class;

	if (all <= 0)
		return false;
	if (slice->is_reserve)
		return true;
	if (class == 1)
		return room > 0 || taken->n > taken->by_class[1] + taken->of_reserve;
	if (class == 4 && is_strained)
		return false;
	return room > (int32_t)((int64_t)pool->open * kept[class] / 100);
}

static void look(const struct ask *ask, const struct capacity_slice *her, const struct capacity_site *site, int32_t gateway, struct opinion *ret)
{
	struct capacity_slice now = *her, *slice = &now;
	slice->class = class_at(site, her, gateway, ask->at) & 7;
	const struct capacity_pool *pool = &site->pool[gateway];
	const struct taken *taken = &ask->taken[gateway];
	int64_t others = taken->n - MIN(taken->of_reserve, pool->reserve);
	bool is_strained = others * 100 >= (int64_t)pool->open * (taken->is_strained ? STRAINED_UNTIL : STRAINED_AT);

	int32_t room = pool->open - (int32_t)others, held = held_for_slots(site, gateway, taken, ask->at);
	struct instant over;
	uint32_t slot = booked_now(slice, gateway, ask->at, &over);

	*ret = (struct opinion){ .verdict = VERDICT_PASS, .until = INSTANT_NEVER, .is_of_reserve = slice->is_reserve, .is_strained = is_strained,
		.slot = slot, .class = slice->class };
	if (slice->class != 1)
		room -= held + waiting_above(taken, slice->class);
	bool has_room = has_place(pool, taken, slice, is_strained, room, site->kept);
	int32_t beside = slice->is_reserve || slice->class == 1 ? 0 : waiting_beside(taken, slice->class, ask->had);
	if (has_room && (!beside || has_place(pool, taken, slice, is_strained, room - beside, site->kept)))
		return;
	if (slot && pool->open > others && pool->places > taken->n) {
		ret->until = over;
		return;
	}
	/* A renewal: the place is hers to its end, whoever has come since. She leaves it with a warning (relief.c), not at the next renewal. */
	if (instant_is_before(ask->at, ask->kept_until) && pool->places > 0) {
		ret->until = ask->kept_until;
		return;
	}
	ret->slot = 0;
	ret->reason = has_room ? &capacity_turn : slice->class == 4 && pool->open > others ? &capacity_local : &capacity_full;
	ret->instead = instead_of(site, slice->unit);
	ret->verdict = pool->places > 0 ? VERDICT_WAIT : VERDICT_DENY;
	ret->waits = pool->places > 0;
	if (pool->places > 0)
		ret->until = (struct instant){ (ask->at.ms / 60000 + 5 + ask->person % 11) * 60000 };
	for (int i = 0; i < slice->held; i++) {
		uint32_t ahead = (slice->booked[i] - slot_number(ask->at)) & 0xfffff;
		if (ahead == 0 || ahead > 0x7ffff || (int32_t)booked_gateway(slice->booked[i]) != gateway || pool->places == 0)
			continue;
		ret->until = (struct instant){ ((int64_t)slot_number(ask->at) + ahead) * SLOT_MS };
		ret->reason = &capacity_full_until_slot;
		ret->waits = false;            /* a place is held for her then */
		break;
	}
}

void capacity_opinion(const struct ask *ask, const void *of_slice, const void *of_site, struct opinion *ret)
{
	const struct capacity_slice *slice = of_slice;
	const struct capacity_site *site = of_site;
	struct opinion best = { .verdict = VERDICT_SILENT }, one;
	struct instant over;

	*ret = (struct opinion){ .verdict = VERDICT_SILENT, .until = INSTANT_NEVER, .is_of_reserve = slice->is_reserve,
		.slot = booked_now(slice, ask->gateway, ask->at, &over), .has_other_slot = has_booked_else(slice, ask->gateway, ask->at),
		.class = class_at(site, slice, ask->gateway, ask->at) };
	if (!ask->taken)
		return;
	if (ask->gateway >= 0) {
		if (ask->gateway < site->n && site->pool[ask->gateway].is_set)
			look(ask, slice, site, ask->gateway, ret);
		return;
	}
	for (int32_t i = 0; i < site->n; i++) {
		if (!site->pool[i].is_set)
			return;                /* there at least nothing is known to be full */
		look(ask, slice, site, i, &one);
		if (best.verdict == VERDICT_SILENT || one.verdict < best.verdict)
			best = one;
	}
	if (best.verdict != VERDICT_SILENT)
		*ret = best;
}
