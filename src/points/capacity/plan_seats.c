/* Members dealt to the flows of their type: each once in a slot at most, all alike but for one slot, and in few stretches.
 *
 * In rows: place p of the type's places in each slot is row p, so a row is whole where the type has more than p places. The rows
 * are laid end to end and cut into pieces, one a member, of the lengths that fairness gives. A member thus stays in its row from
 * slot to slot, and begins anew only where the row is broken or its piece passes to the next row. Where rows are shorter than a
 * piece a member could come twice into a slot; then the type is dealt in a ring: each flow takes the next n, round and round,
 * which is always right and seldom in few stretches.
 *
 * The fewest stretches of all plans that serve the same are NP-hard to find (3-partition); `starts_least` is a bound that no plan goes
 * below, so the gap is seen. */
#include "plan_flow.h"

enum { SEATS_MOST = 500000000 };        /* beyond that many, rings alone: they need no memory */

uint32_t plan_member(const struct plan_flow *flow, int64_t i)
{
	return flow->members ? flow->members[i] : (uint32_t)((flow->first + i) % flow->ring);
}

struct dealer {
	const struct plan_problem *p;
	struct plan *plan;
	uint32_t    *seats;                 /* the next free */
	uint64_t    *next;                  /* [row]: number of its next place, all rows end to end */
	uint16_t    *last;                  /* [member]: slot + 1 where it was last, 0 nowhere */
	int64_t      places[PLAN_SLOTS_MOST];   /* of this type in each slot */
};

/* The first number of each row: row p has a place in every slot with more than p. */
static size_t lay_rows(struct dealer *d)
{
	int64_t most = 0;
	uint64_t before = 0;

	for (size_t t = 0; t < d->p->slots; t++)
		most = MAX(most, d->places[t]);
	memset(d->next, 0, (size_t)(most + 1) * sizeof d->next[0]);
	for (size_t t = 0; t < d->p->slots; t++)
		if (d->places[t])
			d->next[d->places[t] - 1]++;
	for (int64_t row = most - 2; row >= 0; row--)
		d->next[row] += d->next[row + 1];
	for (int64_t row = 0; row < most; row++) {
		uint64_t length = d->next[row];
		d->next[row] = before;
		before += length;
	}
	return before;
}

/* Returns the number of starts, or -1 when a member would be twice in a slot. */
static int64_t deal_rows(struct dealer *d, uint32_t k, struct plan_flow *flows, size_t n)
{
	uint64_t members = (uint64_t)d->p->types[k].members, all = lay_rows(d), less = all / members, longer = all % members;
	uint64_t border = longer * (less + 1);
	uint32_t *seat = d->seats;
	int64_t starts = 0, row = 0;

	memset(d->last, 0, members * sizeof d->last[0]);
	for (size_t i = 0; i < n; i++) {
		if (i && flows[i].slot != flows[i - 1].slot)
			row = 0;
		for (int64_t j = 0; j < flows[i].n; j++) {
			uint64_t number = d->next[row++]++;
			uint32_t member = (uint32_t)(number < border ? number / (less + 1) : longer + (number - border) / less);
			if (d->last[member] == flows[i].slot + 1)
				return -1;
			starts += d->last[member] != flows[i].slot || d->last[member] == 0;
			d->last[member] = (uint16_t)(flows[i].slot + 1);
			*seat++ = member;
		}
	}
	for (size_t i = 0; i < n; i++) {
		flows[i].members = d->seats;
		d->seats += flows[i].n;
	}
	return starts;
}

static int64_t deal_ring(struct dealer *d, uint32_t k, struct plan_flow *flows, size_t n)
{
	int64_t members = d->p->types[k].members, next = 0, starts = 0, before = 0;

	for (size_t i = 0, t; i < n; i++) {
		flows[i].first = (uint32_t)next;
		flows[i].ring = (uint32_t)members;
		next = (next + flows[i].n) % members;
		if (i + 1 < n && flows[i + 1].slot == flows[i].slot)
			continue;
		/* Who was in the slot before stands just behind in the ring; those come again who the ring has come round to. */
		t = flows[i].slot;
		int64_t again = t && d->places[t - 1] ? MAX(0, before + d->places[t] - members) : 0;
		starts += d->places[t] - again;
		before = d->places[t];
	}
	return starts;
}

/* The longest stretch of slots where the type may be and there is a place at all. */
static int64_t longest_stretch(const struct plan_problem *p, uint32_t k)
{
	const struct plan_set *set = &p->sets[p->types[k].set];
	int64_t longest = 1, length = 0;

	for (size_t t = 0; t < p->slots; t++) {
		bool has_places = false;
		for (size_t i = 0; i < set->n && p->windows[k * p->words + t / 64] >> t % 64 & 1; i++)
			has_places |= p->places[set->gateways[i] * p->slots + t] > 0;
		length = has_places ? length + 1 : 0;
		longest = MAX(longest, length);
	}
	return longest;
}

/* Whoever has a place begins once, and once more for each time that even the longest stretch is too short. */
static int64_t least(const struct plan_problem *p, uint32_t k, int64_t served)
{
	int64_t members = p->types[k].members, less = served / members, longer = served % members, stretch = longest_stretch(p, k);

	return longer * ((less + stretch) / stretch) + (members - longer) * ((less + stretch - 1) / stretch);
}

void plan_seats(struct arena *arena, const struct plan_problem *p, struct plan *plan)
{
	struct dealer *d = NEW(arena, struct dealer);
	int64_t members = 0, all = 0;

	*d = (struct dealer){ .p = p, .plan = plan };
	for (size_t k = 0; k < p->n_types; k++) {
		members = MAX(members, p->types[k].members);
		all += plan->served[k];
	}
	plan->is_dealt = true;
	if (all <= SEATS_MOST) {
		d->seats = NEW_MANY(arena, (size_t)all + 1, uint32_t);
		d->next = NEW_MANY(arena, (size_t)members + 2, uint64_t);
		d->last = NEW_MANY(arena, (size_t)members + 1, uint16_t);
	}
	for (size_t i = 0, n; i < plan->n_flows; i += n) {
		uint32_t k = plan->flows[i].type;
		memset(d->places, 0, sizeof d->places);
		for (n = 0; i + n < plan->n_flows && plan->flows[i + n].type == k; n++)
			d->places[plan->flows[i + n].slot] += plan->flows[i + n].n;
		int64_t starts = d->seats ? deal_rows(d, k, plan->flows + i, n) : -1;
		plan->starts += starts >= 0 ? starts : deal_ring(d, k, plan->flows + i, n);
		plan->starts_least += least(p, k, plan->served[k]);
	}
}
