/* Reads a capacity problem: what stands where, and a sentence with the place when something else stands there.
 *
 * The text is gone over twice: first for what is no JSON at all (line and column) and to find the three parts, whose order is
 * free; then each part in turn, so that a type's windows and gateways can be held against the slots and gateways at once.
 * Windows become a bit for each slot; types with the same gateways share one set.
 *
 * SECURITY: foreign bytes. Every number has a ceiling before it is used as a size, and nothing is sized by a number of the file
 * alone: places and types are counted as they come. A key that stands twice, or is unknown, is an error: two readers of one
 * file must not see two problems. */
#include "plan.h"
#include "json.h"

static const int64_t places_most = 1000000000000000, members_most = 10000000, members_all = 999999999, need_most = 1000000000;

struct reading {
	struct json          json;
	struct rq           *rq;
	struct plan_problem *problem;
	struct str           parts[3];          /* slots, gateways, types: where each begins */
	size_t               room;              /* of the list that is read */
	int64_t              members;
	uint32_t            *gateway_table, *set_table;   /* by hash: number + 1 */
	size_t               table_size;
};

/* The sentence is looked up only when it is needed. */
#define WANT(is_right, place, what) do { if (!(is_right)) return fail(rq, ERR_INVALID, "%s: %s", (place), (what)); } while (0)

/* A whole number between least and most. */
static enum err number(struct reading *r, const char *place, int64_t least, int64_t most, int64_t *ret)
{
	struct rq *rq = r->rq;
	int64_t n = 0;
	bool is_whole = false;

	if (json_kind(&r->json) == JSON_NOTHING)
		return json_broken(&r->json);
	if (json_kind(&r->json) == JSON_NUMBER)
		TRY(json_number(&r->json, &n, &is_whole));
	if (is_whole && n >= least && n <= most) {
		*ret = n;
		return OK;
	}
	if (most == INT64_MAX)
		return fail(rq, ERR_INVALID, _("%s: this must be a whole number from %lld"), place, (long long)least);
	return fail(rq, ERR_INVALID, _("%s: this must be a whole number from %lld to %lld"), place, (long long)least, (long long)most);
}

static enum err text(struct reading *r, const char *place, struct str *ret)
{
	struct rq *rq = r->rq;

	WANT(json_kind(&r->json) == JSON_STRING, place, _("this must be a text"));
	TRY(json_string(&r->json, ret));
	WANT(ret->len > 0, place, _("this must not be empty"));
	return OK;
}

/* A key that begins with ? may be absent. */
static const char *name_of(const char *key) { return key + (key[0] == '?'); }

/* Which of the keys it is; it may stand once. */
static enum err key_of(struct reading *r, const char *place, struct str key, const char *const *keys, unsigned *seen, int *ret)
{
	struct rq *rq = r->rq;
	const char *dot = *place ? "." : "";

	for (int i = 0; keys[i]; i++)
		if (str_equal(key, str_of(name_of(keys[i])))) {
			if (*seen & 1u << i)
				return fail(rq, ERR_INVALID, _("%s%s%s: this key stands twice"), place, dot, name_of(keys[i]));
			*seen |= 1u << i;
			*ret = i;
			return OK;
		}
	struct out name = out_new(rq->arena);
	out_json(&name, str_utf8_first(key, 60));
	return fail(rq, ERR_INVALID, _("%s%s%.*s: there is no such key"), place, dot, STR_ARG(out_str(&name)));
}

static enum err all_there(struct reading *r, const char *place, const char *const *keys, unsigned seen)
{
	struct rq *rq = r->rq;

	for (int i = 0; keys[i]; i++)
		if (!(seen & 1u << i) && keys[i][0] != '?')
			return fail(rq, ERR_INVALID, _("%s%s%s: this is missing"), place, *place ? "." : "", keys[i]);
	return OK;
}

/* Room for one more, doubled when it is full. */
static void *grown(struct reading *r, void *at, size_t n, size_t size)
{
	if (n < r->room)
		return at;
	size_t room = r->room * 2 + 64;
	void *more = arena_take_many(r->rq->arena, room, size);
	if (n)
		memcpy(more, at, n * size);
	r->room = room;
	return more;
}

/* --- ids and sets by hash --- */

static uint32_t *slot_of(struct reading *r, uint32_t *table, uint64_t hash, bool (*is_same)(const struct plan_problem *, uint32_t, const void *),
                         const void *wanted)
{
	size_t i = (hash * 0x9e3779b97f4a7c15u) >> 20 & (r->table_size - 1);

	while (table[i] && !is_same(r->problem, table[i] - 1, wanted))
		i = (i + 1) & (r->table_size - 1);
	return &table[i];
}

static bool is_gateway(const struct plan_problem *problem, uint32_t i, const void *wanted)
{
	return str_equal(problem->gateway_ids[i], *(const struct str *)wanted);
}

static bool is_type(const struct plan_problem *problem, uint32_t i, const void *wanted)
{
	return str_equal(problem->types[i].id, *(const struct str *)wanted);
}

static bool is_set(const struct plan_problem *problem, uint32_t i, const void *wanted)
{
	const struct plan_set *set = &problem->sets[i], *other = wanted;
	return set->n == other->n && memcmp(set->gateways, other->gateways, set->n * sizeof set->gateways[0]) == 0;
}

/* --- gateways --- */

static enum err places(struct reading *r, const char *place, int64_t *to)
{
	struct rq *rq = r->rq;
	bool first = true, has_more;
	size_t n = 0;
	char here[128];

	WANT(json_kind(&r->json) == JSON_LIST, place, _("this must be a list"));
	for (;; n++) {
		TRY(json_item(&r->json, &first, &has_more));
		if (!has_more || n == r->problem->slots)
			break;
		snprintf(here, sizeof here, "%s[%zu]", place, n);
		TRY(number(r, here, 0, INT64_MAX, &to[n]));
		to[n] = MIN(to[n], places_most);
	}
	if (has_more || n != r->problem->slots)
		return fail(rq, ERR_INVALID, _("%s: there must be exactly %zu numbers, one for each slot"), place, r->problem->slots);
	return OK;
}

/* An object with these keys, each once; `value` reads what stands behind one. */
static enum err object(struct reading *r, const char *place, const char *const *keys, size_t i,
                       enum err (*value)(struct reading *, int which, const char *here, size_t i))
{
	struct rq *rq = r->rq;
	bool first = true, has_more;
	unsigned seen = 0;
	int which;
	char here[80];
	struct str key;

	WANT(json_kind(&r->json) == JSON_OBJECT, place, _("this must be an object"));
	for (;;) {
		TRY(json_member(&r->json, &first, &key, &has_more));
		if (!has_more)
			return all_there(r, place, keys, seen);
		TRY(key_of(r, place, key, keys, &seen, &which));
		snprintf(here, sizeof here, "%s.%s", place, name_of(keys[which]));
		TRY(value(r, which, here, i));
	}
}

static enum err value_of_gateway(struct reading *r, int which, const char *here, size_t i)
{
	struct plan_problem *problem = r->problem;
	struct rq *rq = r->rq;

	if (which == 1)
		return places(r, here, problem->places + i * problem->slots);
	TRY(text(r, here, &problem->gateway_ids[i]));
	uint32_t *there = slot_of(r, r->gateway_table, str_hash(problem->gateway_ids[i]), is_gateway, &problem->gateway_ids[i]);
	WANT(!*there, here, _("this id stands twice"));
	*there = (uint32_t)i + 1;
	return OK;
}

static enum err gateway(struct reading *r, size_t i)
{
	static const char *const keys[] = { "id", "places", NULL };
	char place[64];

	snprintf(place, sizeof place, "gateways[%zu]", i);
	return object(r, place, keys, i, value_of_gateway);
}

static enum err gateways(struct reading *r)
{
	struct plan_problem *problem = r->problem;
	struct rq *rq = r->rq;
	bool first = true, has_more;
	size_t room = 0;

	WANT(json_kind(&r->json) == JSON_LIST, "gateways", _("this must be a list"));
	for (;; problem->n_gateways++) {
		TRY(json_item(&r->json, &first, &has_more));
		if (!has_more)
			return OK;
		r->room = room;
		problem->gateway_ids = grown(r, problem->gateway_ids, problem->n_gateways, sizeof problem->gateway_ids[0]);
		r->room = room;
		problem->places = grown(r, problem->places, problem->n_gateways, problem->slots * sizeof problem->places[0]);
		room = r->room;
		TRY(gateway(r, problem->n_gateways));
	}
}

/* --- types --- */

static enum err windows(struct reading *r, const char *place, uint64_t *bits)
{
	static const char *const ends[] = { "from", "to" };
	struct rq *rq = r->rq;
	bool first = true, has_more;
	size_t n = 0;
	char here[128], inside[160];

	WANT(json_kind(&r->json) == JSON_LIST, place, _("this must be a list"));
	for (;; n++) {
		int64_t end[2] = { 0 };
		bool first_inside = true;
		TRY(json_item(&r->json, &first, &has_more));
		if (!has_more)
			break;
		snprintf(here, sizeof here, "%s[%zu]", place, n);
		WANT(json_kind(&r->json) == JSON_LIST, here, _("a window is a list of two slots, [from, to)"));
		for (size_t i = 0;; i++) {
			TRY(json_item(&r->json, &first_inside, &has_more));
			WANT(has_more == (i < LENGTH(ends)), here, _("a window is a list of two slots, [from, to)"));
			if (!has_more)
				break;
			snprintf(inside, sizeof inside, "%s[%zu]", here, i);
			TRY(number(r, inside, 0, (int64_t)r->problem->slots, &end[i]));
		}
		WANT(end[0] < end[1], here, _("a window must not be empty"));
		for (int64_t t = end[0]; t < end[1]; t++) {
			WANT(!(bits[t / 64] >> t % 64 & 1), here, _("this window overlaps another one"));
			bits[t / 64] |= UINT64_C(1) << t % 64;
		}
	}
	WANT(n > 0, place, _("there must be at least one window"));
	return OK;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static enum err set(struct reading *r, const char *place, uint32_t *ret)
{
	struct plan_problem *problem = r->problem;
	struct rq *rq = r->rq;
	bool first = true, has_more;
	uint32_t small[64], *list = small;
	struct plan_set set = { 0 };
	uint64_t hash = 0;
	char here[128];
	struct str id;

	WANT(json_kind(&r->json) == JSON_LIST, place, _("this must be a list"));
	if (problem->n_gateways > LENGTH(small))
		list = NEW_MANY(rq->arena, problem->n_gateways, uint32_t);
	for (;;) {
		TRY(json_item(&r->json, &first, &has_more));
		if (!has_more)
			break;
		snprintf(here, sizeof here, "%s[%zu]", place, set.n);
		TRY(text(r, here, &id));
		uint32_t *there = slot_of(r, r->gateway_table, str_hash(id), is_gateway, &id);
		WANT(*there != 0, here, _("there is no gateway with this id"));
		for (size_t i = 0; i < set.n; i++)
			WANT(list[i] != *there - 1, here, _("this id stands twice"));
		list[set.n++] = *there - 1;
	}
	WANT(set.n > 0, place, _("there must be at least one gateway"));
	set.gateways = list;
	qsort(list, set.n, sizeof list[0], by_number);
	for (size_t i = 0; i < set.n; i++)
		hash = (hash ^ list[i]) * 0x100000001b3u;
	uint32_t *there = slot_of(r, r->set_table, hash, is_set, &set);
	if (!*there) {
		set.gateways = memcpy(NEW_MANY(rq->arena, set.n, uint32_t), list, set.n * sizeof list[0]);
		problem->sets[problem->n_sets++] = set;
		*there = (uint32_t)problem->n_sets;
	}
	*ret = *there - 1;
	return OK;
}

/* true or false */
static enum err yes_or_no(struct reading *r, const char *place, bool *ret)
{
	struct rq *rq = r->rq;

	if (json_kind(&r->json) == JSON_NOTHING)
		return json_broken(&r->json);
	bool is_word = json_kind(&r->json) == JSON_WORD && (*r->json.at == 't' || *r->json.at == 'f');
	WANT(is_word, place, _("this must be true or false"));
	*ret = *r->json.at == 't';
	return json_skip(&r->json);
}

enum key { KEY_ID, KEY_CLASS, KEY_NEED, KEY_MEMBERS, KEY_WINDOWS, KEY_GATEWAYS, KEY_DEBT, KEY_WHOLE, KEY_BEFORE };

static enum err value_of_type(struct reading *r, int key, const char *here, size_t i)
{
	struct plan_problem *problem = r->problem;
	struct plan_type *type = &problem->types[i];
	struct rq *rq = r->rq;
	int64_t n = 0;

	switch ((enum key)key) {
	case KEY_ID: return text(r, here, &type->id);
	case KEY_CLASS:
		TRY(number(r, here, 1, PLAN_CLASSES, &n));
		type->class = (uint8_t)n;
		return OK;
	case KEY_NEED:
		TRY(number(r, here, 1, INT64_MAX, &n));
		type->need = MIN(n, need_most);
		return OK;
	case KEY_MEMBERS:
		TRY(number(r, here, 1, members_most, &type->members));
		r->members += type->members;
		WANT(r->members <= members_all, here, _("there must be fewer than 1,000,000,000 members in all"));
	return OK;
	case KEY_WINDOWS: return windows(r, here, problem->windows + i * problem->words);
	case KEY_GATEWAYS: return set(r, here, &type->set);
	case KEY_DEBT:
		TRY(number(r, here, 0, PLAN_DEBTS - 1, &n));
		type->debt = (uint8_t)n;
		return OK;
	case KEY_WHOLE: return yes_or_no(r, here, &type->is_whole);
	case KEY_BEFORE: {
		int64_t *before = NEW_MANY(rq->arena, problem->slots, int64_t);
		type->before = before;
		return places(r, here, before);
	}
	}
	return OK;
}

static enum err type(struct reading *r, uint32_t *table, size_t i)
{
	static const char *const keys[] = { "id", "class", "need", "members", "windows", "gateways", "?debt", "?whole", "?before", NULL };
	struct rq *rq = r->rq;
	char place[64], here[80];

	snprintf(place, sizeof place, "types[%zu]", i);
	TRY(object(r, place, keys, i, value_of_type));
	struct str *id = &r->problem->types[i].id;
	uint32_t *there = slot_of(r, table, str_hash(*id), is_type, id);
	snprintf(here, sizeof here, "%s.id", place);
	WANT(!*there, here, _("this id stands twice"));
	*there = (uint32_t)i + 1;
	return OK;
}

static enum err types(struct reading *r)
{
	struct plan_problem *problem = r->problem;
	struct rq *rq = r->rq;
	bool first = true, has_more;
	size_t room = 0;
	uint32_t *table = NEW_MANY(rq->arena, r->table_size, uint32_t);

	r->set_table = NEW_MANY(rq->arena, r->table_size, uint32_t);
	WANT(json_kind(&r->json) == JSON_LIST, "types", _("this must be a list"));
	for (;; problem->n_types++) {
		TRY(json_item(&r->json, &first, &has_more));
		if (!has_more)
			return OK;
		r->room = room;
		problem->types = grown(r, problem->types, problem->n_types, sizeof problem->types[0]);
		r->room = room;
		problem->sets = grown(r, problem->sets, problem->n_types, sizeof problem->sets[0]);
		r->room = room;
		problem->windows = grown(r, problem->windows, problem->n_types, problem->words * sizeof problem->windows[0]);
		room = r->room;
		TRY(type(r, table, problem->n_types));
	}
}

/* --- the whole --- */

static const char *const part_names[] = { "slots", "gateways", "types", NULL };

static enum err find_parts(struct reading *r)
{
	struct rq *rq = r->rq;
	bool first = true, has_more;
	unsigned seen = 0;
	int which;
	struct str key;
	struct json whole = r->json;

	TRY(json_skip(&whole));
	TRY(json_end(&whole));
	if (json_kind(&r->json) != JSON_OBJECT)
		return fail(rq, ERR_INVALID, _("line 1: a capacity problem is an object with slots, gateways and types"));
	for (;;) {
		TRY(json_member(&r->json, &first, &key, &has_more));
		if (!has_more)
			break;
		TRY(key_of(r, "", key, part_names, &seen, &which));
		r->parts[which].at = r->json.at;
		TRY(json_skip(&r->json));
		r->parts[which].len = (size_t)(r->json.at - r->parts[which].at);
	}
	return all_there(r, "", part_names, seen);
}

enum err problem_read(struct rq *rq, struct str text_of_it, struct plan_problem *ret)
{
	struct plan_problem problem = { 0 };
	struct reading r = { .rq = rq, .problem = &problem };
	int64_t slots = 0;

	r.json = (struct json){ .rq = rq, .at = text_of_it.at, .begin = text_of_it.at, .end = text_of_it.at + text_of_it.len };
	TRY(find_parts(&r));
	r.json.at = r.parts[0].at;
	TRY(number(&r, "slots", 1, PLAN_SLOTS_MOST, &slots));
	problem.slots = (size_t)slots;
	problem.words = (problem.slots + 63) / 64;
	r.json.at = r.parts[1].at;
	/* No gateway and no type is written in 16 bytes, so no table becomes full. */
	r.table_size = 64;
	while (r.table_size < text_of_it.len / 16)
		r.table_size *= 2;
	r.gateway_table = NEW_MANY(rq->arena, r.table_size, uint32_t);
	TRY(gateways(&r));
	r.json.at = r.parts[2].at;
	TRY(types(&r));
	*ret = problem;
	return OK;
}
