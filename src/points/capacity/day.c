/* From what Samordna knows to a problem of the planner: who needs places on a day, which gateways would let her in, what is left of them.
 *
 * In a plan is who would be let in at noon of that day by some gateway that has a limit, whose unit needs minutes, and who has booked no time of
 * that day by hand. What a unit needs of a day stands in capacity_need; else all need the same (capacity.need_minutes, between two hours). Of a
 * gateway a plan may use what can be booked of it, less what is booked by hand. Debt: on how many of the latest three planned days she got less
 * than she needs now; who was in none of those plans has got nothing and comes first too.
 *
 * People who are alike are one type; its number is where the first of them stands, so the same facts give the same problem, and its digest says so.
 *
 * What it does not do: it knows no person's own hours, and it cannot know who will leave or be suspended until then. */
#include <nettle/sha2.h>
#include "day.h"
#include "floor/people.sql.h"
#include "floor/right.h"
#include "floor/setting.h"

struct profile { int64_t slots, from, until; bool is_whole; };       /* from, until: slots of the day */
struct needs { struct profile *at; size_t n; uint32_t *of_unit; int64_t n_units; };        /* 0 is everybody's */

struct gathering {
	struct rq    *rq;
	struct day   *day;
	struct needs  needs;
	int64_t       n;                   /* persons */
	int32_t      *unit;                /* [person], -1 none */
	uint8_t      *class, *debt, *is_out;
	uint16_t     *before, *held;
	uint64_t     *gateways;            /* [person]: a bit for each of day.gateways that would let her in */
	uint32_t     *type_of, *table; size_t table_size;
	struct key { uint64_t gateways; uint32_t profile; uint8_t class, debt; } *keys;
	size_t        n_types, room;
};

/* --- needs --- */

static int64_t slot_at(const struct day *day, int64_t minute, bool is_end)
{
	struct wall wall = instant_wall(day->from);
	struct instant at;

	if (minute >= 24 * 60)
		return (day->until.ms - day->from.ms) / SLOT_MS;
	wall.hour = (int)(minute / 60);
	wall.minute = (int)(minute % 60);
	if (wall_instant(wall, &at) != OK)
		at = day->from;
	return (at.ms - day->from.ms + (is_end ? 0 : SLOT_MS - 1)) / SLOT_MS;
}

static struct profile profile_of(struct rq *rq, const struct day *day, int64_t minutes, int64_t from, int64_t until, bool is_whole)
{
	struct profile ret = { (minutes * 60000 + SLOT_MS - 1) / SLOT_MS, slot_at(day, from, false), slot_at(day, until, true), is_whole };
	/* A time that has begun is given to nobody. */
	int64_t now = rq->now.ms > day->from.ms ? (rq->now.ms - day->from.ms + SLOT_MS - 1) / SLOT_MS : 0;

	ret.from = MAX(ret.from, now);
	if (ret.until <= ret.from)
		ret = (struct profile){ 0 };
	return ret;
}

static enum err gather_needs(struct gathering *g)
{
	struct rq *rq = g->rq;
	struct capacity_day_needs_row *rows;
	struct people_units_row *units;
	size_t n, n_units;

	TRY(capacity_day_needs(rq, &rows, &n));
	TRY(people_units(rq, &units, &n_units));
	for (size_t i = 0; i < n_units; i++)
		g->needs.n_units = MAX(g->needs.n_units, units[i].id + 1);
	g->needs.of_unit = NEW_MANY(rq->arena, (size_t)g->needs.n_units + 1, uint32_t);
	g->needs.at = NEW_MANY(rq->arena, n + 1, struct profile);
	g->needs.at[g->needs.n++] = profile_of(rq, g->day, setting_number(rq, "capacity.need_minutes"), setting_number(rq, "capacity.day_from") * 60,
		setting_number(rq, "capacity.day_until") * 60, false);
	for (size_t i = 0; i < n; i++) {
		struct profile one = profile_of(rq, g->day, rows[i].minutes, rows[i].from_minute, rows[i].until_minute, rows[i].is_whole);
		size_t k = 0;
		while (k < g->needs.n && memcmp(&g->needs.at[k], &one, sizeof one) != 0)
			k++;
		if (k == g->needs.n)
			g->needs.at[g->needs.n++] = one;
		g->needs.of_unit[rows[i].unit] = (uint32_t)k;
	}
	return OK;
}

static const struct profile *need_of(const struct gathering *g, int64_t person)
{
	return &g->needs.at[g->unit[person] >= 0 && g->unit[person] < g->needs.n_units ? g->needs.of_unit[g->unit[person]] : 0];
}

/* --- people --- */

static enum err one_person(void *of, const struct capacity_stand_row *row)
{
	struct gathering *g = of;

	if (row->id >= 0 && row->id < g->n) {
		g->unit[row->id] = (int32_t)row->unit;
		g->class[row->id] = (uint8_t)MAX(1, MIN(row->class, 4));
	}
	return OK;
}

struct given { struct gathering *g; int64_t *n; struct instant day_at; bool is_latest; };

static enum err one_given(void *of, const struct capacity_day_given_row *row)
{
	struct given *given = of;

	if (row->person < 0 || row->person >= given->g->n)
		return OK;
	given->n[row->person] = row->n;
	if (given->is_latest) {
		given->g->before[row->person] = (uint16_t)((row->from_at.ms - given->day_at.ms) / SLOT_MS + 1);
		given->g->held[row->person] = (uint16_t)MIN(row->n, (int64_t)UINT16_MAX);
	}
	return OK;
}

/* What is raised by hand and decided counts in a plan for that noon; a decision for one gateway alone does not. */
static enum err raise_classes(struct gathering *g, struct instant noon)
{
	struct rq *rq = g->rq;
	struct capacity_raise *raises = NEW_MANY(rq->arena, CAPACITY_RAISED, struct capacity_raise);
	int32_t n;

	TRY(capacity_raises(rq, raises, &n));
	for (int32_t i = 0; i < n; i++)
		for (int64_t p = 0; p < g->n && raises[i].gateway < 0 && !instant_is_before(noon, raises[i].from) && instant_is_before(noon, raises[i].until); p++)
			if (g->unit[p] == raises[i].unit)
				g->class[p] = MIN(g->class[p], raises[i].class);
	return OK;
}

static enum err gather_debts(struct gathering *g)
{
	struct rq *rq = g->rq;
	struct capacity_day_before_row *plans;
	size_t n;

	TRY(capacity_day_before(rq, g->day->from, &plans, &n));
	int64_t *got = NEW_MANY(rq->arena, (size_t)g->n + 1, int64_t);
	for (size_t i = 0; i < n; i++) {
		struct given given = { g, got, plans[i].day_at, i == 0 };
		memset(got, 0, (size_t)g->n * sizeof got[0]);
		TRY(capacity_day_given(rq, plans[i].id, one_given, &given));
		for (int64_t p = 0; p < g->n; p++)
			g->debt[p] = (uint8_t)(g->debt[p] + (got[p] < need_of(g, p)->slots));
	}
	return OK;
}

static enum err gather_people(struct gathering *g)
{
	struct rq *rq = g->rq;
	struct people_count_row count;
	struct capacity_day_by_hand_row *by_hand;
	struct instant noon = { MAX(g->day->from.ms + HOURS(12).ms, rq->now.ms) };
	size_t n_by_hand;

	TRY(people_count(rq, &count));
	g->n = count.n;
	size_t n = (size_t)count.n + 1;
	g->unit = NEW_MANY(rq->arena, n, int32_t);
	g->class = NEW_MANY(rq->arena, n, uint8_t);
	g->debt = NEW_MANY(rq->arena, n, uint8_t);
	g->is_out = NEW_MANY(rq->arena, n, uint8_t);
	g->before = NEW_MANY(rq->arena, n, uint16_t);
	g->held = NEW_MANY(rq->arena, n, uint16_t);
	g->gateways = NEW_MANY(rq->arena, n, uint64_t);
	for (int64_t p = 0; p < g->n; p++)
		g->unit[p] = -1;
	TRY(capacity_stand(rq, 0, g->n, one_person, g));
	TRY(capacity_day_by_hand(rq, g->day->from, g->day->until, &by_hand, &n_by_hand));
	for (size_t i = 0; i < n_by_hand; i++)
		if (by_hand[i].person >= 0 && by_hand[i].person < g->n)
			g->is_out[by_hand[i].person] = 1;
	uint8_t *may = NEW_MANY(rq->arena, n, uint8_t);
	for (size_t i = 0; i < g->day->n_gateways; i++) {
		TRY(right_of(rq, 0, g->n, (int16_t)g->day->gateways[i].id, noon, may));
		for (int64_t p = 0; p < g->n; p++)
			g->gateways[p] |= (uint64_t)(may[p] & 1) << i;
	}
	TRY(raise_classes(g, noon));
	return gather_debts(g);
}

/* --- types --- */

static uint32_t type_of(struct gathering *g, const struct key *key)
{
	uint64_t hash = (key->gateways ^ (uint64_t)key->profile << 20 ^ (uint64_t)key->class << 8 ^ key->debt) * 0x9e3779b97f4a7c15u;
	size_t i = hash >> 24 & (g->table_size - 1);

	for (; g->table[i]; i = (i + 1) & (g->table_size - 1)) {
		const struct key *other = &g->keys[g->table[i] - 1];
		if (other->gateways == key->gateways && other->profile == key->profile && other->class == key->class && other->debt == key->debt)
			return g->table[i] - 1;
	}
	g->keys[g->n_types] = *key;
	g->table[i] = (uint32_t)++g->n_types;
	return (uint32_t)g->n_types - 1;
}

static void sort_into_types(struct gathering *g)
{
	struct day *day = g->day;
	struct arena *arena = g->rq->arena;
	size_t n = 0;

	for (g->table_size = 1024; g->table_size < (size_t)g->n * 2; g->table_size *= 2)
		;
	g->table = NEW_MANY(arena, g->table_size, uint32_t);
	g->keys = NEW_MANY(arena, (size_t)g->n + 1, struct key);
	g->type_of = NEW_MANY(arena, (size_t)g->n + 1, uint32_t);
	for (int64_t p = 0; p < g->n; p++) {
		g->is_out[p] |= g->unit[p] < 0 || !g->gateways[p] || need_of(g, p)->slots == 0;
		if (g->is_out[p])
			continue;
		uint32_t profile = (uint32_t)(need_of(g, p) - g->needs.at);
		g->type_of[p] = type_of(g, &(struct key){ g->gateways[p], profile, g->class[p], g->debt[p] });
		n++;
	}
	day->n_people = n;
	day->people = NEW_MANY(arena, n + 1, struct day_person);
	day->first = NEW_MANY(arena, g->n_types + 2, size_t);
	for (int64_t p = 0; p < g->n; p++)
		if (!g->is_out[p])
			day->first[g->type_of[p] + 1]++;
	for (size_t k = 0; k < g->n_types; k++)
		day->first[k + 1] += day->first[k];
	size_t *next = memcpy(NEW_MANY(arena, g->n_types + 1, size_t), day->first, (g->n_types + 1) * sizeof next[0]);
	for (int64_t p = 0; p < g->n; p++)
		if (!g->is_out[p])
			day->people[next[g->type_of[p]]++] = (struct day_person){ p, g->unit[p], g->type_of[p], g->before[p], g->held[p], g->class[p] };
}

/* How many of the type had each slot by the last plan before: from where each began, as many as she had. */
static const int64_t *had_before(struct gathering *g, size_t k)
{
	size_t slots = g->day->problem.slots;
	int64_t *had = NULL;

	for (size_t i = g->day->first[k]; i < g->day->first[k + 1]; i++) {
		const struct day_person *person = &g->day->people[i];
		if (!person->before)
			continue;
		if (!had)
			had = NEW_MANY(g->rq->arena, slots + 1, int64_t);
		for (size_t t = person->before - 1u; t < slots && t < person->before - 1u + person->held; t++)
			had[t]++;
	}
	return had;
}

static void make_types(struct gathering *g)
{
	struct plan_problem *p = &g->day->problem;
	struct arena *arena = g->rq->arena;

	p->n_types = g->n_types;
	p->types = NEW_MANY(arena, g->n_types + 1, struct plan_type);
	p->windows = NEW_MANY(arena, g->n_types * p->words + 1, uint64_t);
	p->sets = NEW_MANY(arena, g->n_types + 1, struct plan_set);
	uint64_t *masks = NEW_MANY(arena, g->n_types + 1, uint64_t);
	for (size_t k = 0; k < g->n_types; k++) {
		const struct key *key = &g->keys[k];
		const struct profile *need = &g->needs.at[key->profile];
		size_t set = 0;
		while (set < p->n_sets && masks[set] != key->gateways)
			set++;
		if (set == p->n_sets) {
			struct plan_set *made = &p->sets[p->n_sets++];
			masks[set] = key->gateways;
			made->gateways = NEW_MANY(arena, DAY_GATEWAYS, uint32_t);
			for (uint32_t i = 0; i < g->day->n_gateways; i++)
				if (key->gateways >> i & 1)
					made->gateways[made->n++] = i;
		}
		p->types[k] = (struct plan_type){ .id = STR(""), .need = need->slots, .members = (int64_t)(g->day->first[k + 1] - g->day->first[k]),
			.set = (uint32_t)set, .class = key->class, .debt = key->debt, .is_whole = need->is_whole, .before = had_before(g, k) };
		for (int64_t t = need->from; t < need->until; t++)
			p->windows[k * p->words + (size_t)t / 64] |= UINT64_C(1) << t % 64;
	}
}

static enum err gather_places(struct rq *rq, struct day *day)
{
	struct plan_problem *p = &day->problem;

	p->n_gateways = day->n_gateways;
	p->gateway_ids = NEW_MANY(rq->arena, day->n_gateways + 1, struct str);
	p->places = NEW_MANY(rq->arena, day->n_gateways * p->slots + 1, int64_t);
	for (size_t i = 0; i < day->n_gateways; i++) {
		struct capacity_slots_day_row *booked;
		size_t n;
		p->gateway_ids[i] = day->gateways[i].name;
		for (size_t t = 0; t < p->slots; t++)
			p->places[i * p->slots + t] = capacity_slot_places(rq, &day->gateways[i].pool);
		TRY(capacity_slots_day(rq, day->gateways[i].id, day->from, day->until, &booked, &n));
		for (size_t k = 0; k < n; k++) {
			int64_t *places = &p->places[i * p->slots + (size_t)((booked[k].from_at.ms - day->from.ms) / SLOT_MS)];
			*places = MAX(*places - booked[k].n, (int64_t)0);
		}
	}
	return OK;
}

/* --- the digest --- */

static void put(struct sha256_ctx *hash, const void *at, size_t n) { if (n) sha256_update(hash, n, at); }

static void digest(struct day *day)
{
	const struct plan_problem *p = &day->problem;
	struct sha256_ctx hash;
	uint8_t bytes[SHA256_DIGEST_SIZE];

	sha256_init(&hash);
	put(&hash, &day->from.ms, sizeof day->from.ms);
	put(&hash, p->places, p->n_gateways * p->slots * sizeof p->places[0]);
	put(&hash, p->windows, p->n_types * p->words * sizeof p->windows[0]);
	for (size_t i = 0; i < day->n_gateways; i++)
		put(&hash, &day->gateways[i].id, sizeof day->gateways[i].id);
	for (size_t k = 0; k < p->n_types; k++) {
		int64_t facts[] = { p->types[k].need, p->types[k].members, p->types[k].class, p->types[k].debt, p->types[k].is_whole };
		put(&hash, facts, sizeof facts);
		put(&hash, p->sets[p->types[k].set].gateways, p->sets[p->types[k].set].n * sizeof p->sets[0].gateways[0]);
	}
	for (size_t i = 0; i < day->n_people; i++) {
		int64_t facts[] = { day->people[i].person, day->people[i].unit, day->people[i].type, day->people[i].before, day->people[i].held };
		put(&hash, facts, sizeof facts);
	}
	sha256_digest(&hash, sizeof bytes, bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(day->digest + 2 * i, 3, "%02x", bytes[i]);
}

enum err day_gather(struct rq *rq, struct instant at, struct day *ret)
{
	struct day day = { .from = instant_midnight(at) };
	struct gathering g = { .rq = rq, .day = &day };
	struct capacity_known *known;
	size_t n;

	day.until = instant_midnight(instant_plus(day.from, HOURS(36)));
	day.problem.slots = (size_t)((day.until.ms - day.from.ms) / SLOT_MS);
	day.problem.words = (day.problem.slots + 63) / 64;
	if (!instant_is_before(rq->now, day.until))
		return fail(rq, ERR_INVALID, _("That day is over."));
	if (day.from.ms > rq->now.ms + DAYS(SLOT_DAYS).ms)
		return fail(rq, ERR_INVALID, _("A plan can be made for today, and at most %d days ahead."), SLOT_DAYS);
	TRY(capacity_gateways(rq, &known, &n));
	day.gateways = NEW_MANY(rq->arena, n + 1, struct capacity_known);
	for (size_t i = 0; i < n && day.n_gateways < DAY_GATEWAYS; i++)
		if (known[i].pool.is_set)
			day.gateways[day.n_gateways++] = known[i];
	if (day.n_gateways == 0)
		return fail(rq, ERR_CONFLICT, _("No gateway has a limit, so there is nothing to plan. Set the limits first."));
	TRY(gather_needs(&g));
	TRY(gather_people(&g));
	TRY(gather_places(rq, &day));
	sort_into_types(&g);
	make_types(&g);
	digest(&day);
	*ret = day;
	return OK;
}
