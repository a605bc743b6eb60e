/* From the planner's plan to persons: members of a type become people, and slots that lie together become one time.
 *
 * Which person is which member is free, since they are alike: so that it is as it was yesterday, a member who begins in a slot is first sought among
 * those whose last plan began there; the others follow in the order of their numbers. That is the most that can be kept inside a type; which
 * slots a type gets the planner has decided before, without looking at yesterday. Pure. */
#include "day.h"

struct seating {
	struct rq             *rq;
	const struct day      *day;
	const struct day_plan *made;
	uint32_t              *at;                /* [member]: where its slots begin; all types' members end to end */
	struct held { uint16_t slot, gateway; } *held;
	uint32_t              *person;            /* [member]: of day.people */
};

/* Each member's slots, in their order: the flows of a type lie in slot order. */
static void list_slots(struct seating *s)
{
	const struct plan *plan = &s->made->plan;
	struct arena *arena = s->rq->arena;
	size_t n = s->day->n_people;

	s->at = NEW_MANY(arena, n + 2, uint32_t);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < plan->n_flows; i++) {
			const struct plan_flow *flow = &plan->flows[i];
			for (int64_t j = 0; j < flow->n; j++) {
				size_t member = s->day->first[flow->type] + plan_member(flow, j);
				if (pass == 0)
					s->at[member + 2]++;
				else
					s->held[s->at[member + 1]++] = (struct held){ (uint16_t)flow->slot, (uint16_t)flow->gateway };
			}
		}
		if (pass)
			break;
		for (size_t m = 0; m < n; m++)
			s->at[m + 2] += s->at[m + 1];
		s->held = NEW_MANY(arena, s->at[n + 1] + 1, struct held);
	}
}

static void match_type(struct seating *s, size_t k, uint32_t *queue, uint32_t *of_slot, int64_t *ret_kept)
{
	size_t first = s->day->first[k], end = s->day->first[k + 1], slots = s->day->problem.slots;

	/* People of the type, by where they began, each slot's in a chain. */
	memset(of_slot, 0, (slots + 2) * sizeof of_slot[0]);
	for (size_t i = end; i-- > first;) {
		uint32_t slot = MIN((uint32_t)s->day->people[i].before, (uint32_t)slots + 1);
		queue[i] = of_slot[slot];
		of_slot[slot] = (uint32_t)i + 1;
	}
	for (size_t m = first; m < end; m++) {
		s->person[m] = UINT32_MAX;
		if (s->at[m] == s->at[m + 1])
			continue;
		uint32_t *chain = &of_slot[s->held[s->at[m]].slot + 1];
		if (*chain == 0)
			continue;
		s->person[m] = *chain - 1;
		*chain = queue[*chain - 1];
		++*ret_kept;
	}
	/* The others: first members who have a time, then those who have none. */
	uint8_t *is_taken = NEW_MANY(s->rq->arena, end - first + 1, uint8_t);
	for (size_t m = first; m < end; m++)
		if (s->person[m] != UINT32_MAX)
			is_taken[s->person[m] - first] = 1;
	size_t next = first;
	for (int pass = 0; pass < 2; pass++)
		for (size_t m = first; m < end; m++) {
			if (s->person[m] != UINT32_MAX || (s->at[m] == s->at[m + 1]) != (pass == 1))
				continue;
			while (is_taken[next - first])
				next++;
			s->person[m] = (uint32_t)next++;
		}
}

static int by_person(const void *a, const void *b)
{
	const struct day_seat *x = a, *y = b;
	if (x->person != y->person)
		return x->person < y->person ? -1 : 1;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

static void cut_into_seats(struct seating *s, struct day_plan *made)
{
	size_t n = s->day->n_people;

	made->seats = NEW_MANY(s->rq->arena, s->at[n] + 1, struct day_seat);
	for (size_t m = 0; m < n; m++)
		for (uint32_t i = s->at[m]; i < s->at[m + 1]; i++) {
			const struct held *held = &s->held[i];
			struct day_seat *last = i > s->at[m] ? &made->seats[made->n_seats - 1] : NULL;
			if (last && last->slot + last->n == held->slot && last->gateway == held->gateway && last->n < DAY_SEAT_MOST)
				last->n++;
			else
				made->seats[made->n_seats++] = (struct day_seat){ s->day->people[s->person[m]].person, held->slot, held->gateway, 1 };
		}
	if (made->n_seats)
		qsort(made->seats, made->n_seats, sizeof made->seats[0], by_person);
}

static void sum_units(struct seating *s, struct day_plan *made)
{
	int32_t most = 0;

	for (size_t i = 0; i < s->day->n_people; i++)
		most = MAX(most, s->day->people[i].unit);
	struct day_unit *of = NEW_MANY(s->rq->arena, (size_t)most + 1, struct day_unit);
	for (size_t m = 0; m < s->day->n_people; m++) {
		const struct day_person *person = &s->day->people[s->person[m]];
		struct day_unit *unit = &of[person->unit];
		int64_t need = s->day->problem.types[person->type].need, got = s->at[m + 1] - s->at[m];
		*unit = (struct day_unit){ person->unit, person->class, unit->people + 1, unit->needed + need, unit->served + got, unit->less + (got < need) };
	}
	for (int32_t i = 0; i <= most; i++)
		if (of[i].people)
			of[made->n_units++] = of[i];
	made->units = of;
}

enum err day_solve(struct rq *rq, const struct day *day, struct day_plan *ret)
{
	struct day_plan made = { 0 };
	struct seating s = { .rq = rq, .day = day, .made = &made };
	uint32_t *queue = NEW_MANY(rq->arena, day->n_people + 1, uint32_t), *of_slot = NEW_MANY(rq->arena, day->problem.slots + 2, uint32_t);

	enum err err = plan_solve(rq->arena, &day->problem, true, &made.plan);
	if (err == ERR_CORRUPT)
		return fail(rq, err, _("The plan does not pass its own proof. Please report this."));
	TRY(err);
	s.person = NEW_MANY(rq->arena, day->n_people + 1, uint32_t);
	list_slots(&s);
	for (size_t k = 0; k < day->problem.n_types; k++)
		match_type(&s, k, queue, of_slot, &made.kept);
	cut_into_seats(&s, &made);
	sum_units(&s, &made);
	*ret = made;
	return OK;
}
