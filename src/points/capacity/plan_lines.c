/* Reads the lines of a plan for plan_check.c: each for itself, against the ids and the numbers of the problem.
 *
 * The first line says what is served; after it the order is free, and keys that are not known are passed over. A line that is no
 * JSON is a fault of the plan as any other.
 *
 * SECURITY: foreign bytes. Numbers are held against the problem before they are used as an index. */
#include "plan_check.h"
#include "json.h"
#include <stdarg.h>

enum err plan_fault(struct checking *c, const char *format, ...)
{
	va_list list;

	if (c->verdict->has_fault)
		return ERR_CONFLICT;
	c->verdict->has_fault = true;
	va_start(list, format);
	vsnprintf(c->verdict->fault, sizeof c->verdict->fault, format, list);
	va_end(list);
	return ERR_CONFLICT;
}

static void *add(struct rq *rq, struct list *list, size_t size)
{
	if (list->n == list->room) {
		size_t room = list->room * 2 + 256;
		void *more = arena_take_many(rq->arena, room, size);
		if (list->n)
			memcpy(more, list->at, list->n * size);
		list->at = more;
		list->room = room;
	}
	return (char *)list->at + list->n++ * size;
}

/* --- ids --- */

static size_t start(struct str id, size_t size) { return (str_hash(id) * 0x9e3779b97f4a7c15u) >> 24 & (size - 1); }

static void make_tables(struct checking *c)
{
	for (c->type_size = 16; c->type_size < c->p->n_types * 2; c->type_size *= 2)
		;
	for (c->gateway_size = 16; c->gateway_size < c->p->n_gateways * 2; c->gateway_size *= 2)
		;
	c->type_table = NEW_MANY(c->rq->arena, c->type_size, uint32_t);
	c->gateway_table = NEW_MANY(c->rq->arena, c->gateway_size, uint32_t);
	for (uint32_t k = 0; k < c->p->n_types; k++) {
		size_t i = start(c->p->types[k].id, c->type_size);
		while (c->type_table[i])
			i = (i + 1) & (c->type_size - 1);
		c->type_table[i] = k + 1;
		c->has_class |= 1u << c->p->types[k].class;
		c->has_whole |= c->p->types[k].is_whole ? 1u << c->p->types[k].class : 0;
	}
	for (uint32_t g = 0; g < c->p->n_gateways; g++) {
		size_t i = start(c->p->gateway_ids[g], c->gateway_size);
		while (c->gateway_table[i])
			i = (i + 1) & (c->gateway_size - 1);
		c->gateway_table[i] = g + 1;
	}
}

static uint32_t type_of(const struct checking *c, struct str id)        /* number + 1, 0 unknown */
{
	size_t i = start(id, c->type_size);

	while (c->type_table[i] && !str_equal(c->p->types[c->type_table[i] - 1].id, id))
		i = (i + 1) & (c->type_size - 1);
	return c->type_table[i];
}

static uint32_t gateway_of(const struct checking *c, struct str id)
{
	size_t i = start(id, c->gateway_size);

	while (c->gateway_table[i] && !str_equal(c->p->gateway_ids[c->gateway_table[i] - 1], id))
		i = (i + 1) & (c->gateway_size - 1);
	return c->gateway_table[i];
}

/* --- reading --- */

static enum err whole_number(struct json *json, int64_t *ret)
{
	bool is_whole = false;

	*ret = -1;
	if (json_kind(json) != JSON_NUMBER)
		return json_skip(json);
	TRY(json_number(json, ret, &is_whole));
	if (!is_whole)
		*ret = -1;
	return OK;
}

enum field { FIELD_TYPE = 1, FIELD_GATEWAY = 2, FIELD_SLOT = 4, FIELD_N = 8, FIELD_MEMBER = 16 };

/* The object behind "flow" or "seat": what it must hold is in `wanted`; n stands for members too. */
static enum err read_place(struct checking *c, struct json *json, size_t line, unsigned wanted, struct flow *ret)
{
	static const char *const names[] = { "type", "gateway", "slot", "n", "member" };
	struct rq *rq = c->rq;
	bool first = true, has_more;
	struct str key, id;
	unsigned seen = 0;
	int64_t number[LENGTH(names)] = { 0 };

	if (json_kind(json) != JSON_OBJECT)
		return FAULT(c, _("line %zu: a flow or a seat must be an object"), line);
	for (;;) {
		TRY(json_member(json, &first, &key, &has_more));
		if (!has_more)
			break;
		size_t i = 0;
		while (i < LENGTH(names) && !(wanted & 1u << i && str_equal(key, str_of(names[i]))))
			i++;
		if (i == LENGTH(names)) {
			TRY(json_skip(json));
			continue;
		}
		if (seen & 1u << i)
			return FAULT(c, _("line %zu: %s stands twice"), line, names[i]);
		seen |= 1u << i;
		if (i >= 2) {
			TRY(whole_number(json, &number[i]));
		} else if (json_kind(json) == JSON_STRING) {
			TRY(json_string(json, &id));
			number[i] = i ? gateway_of(c, id) : type_of(c, id);
		} else {
			TRY(json_skip(json));
		}
	}
	if (seen != wanted)
		return FAULT(c, _("line %zu: something is missing in the flow or the seat"), line);
	if (!number[0] || !number[1])
		return FAULT(c, _("line %zu: the problem has no such %s"), line, number[0] ? names[1] : names[0]);
	if (number[2] < 0 || number[2] >= (int64_t)c->p->slots)
		return FAULT(c, _("line %zu: there is no such slot"), line);
	int64_t n = wanted & FIELD_N ? number[3] : number[4];
	const struct plan_type *type = &c->p->types[number[0] - 1];
	if (wanted & FIELD_N ? n < 1 || n > type->members : n < 0 || n >= type->members)
		return FAULT(c, _("line %zu: the type does not have so many members"), line);
	*ret = (struct flow){ (uint32_t)number[0] - 1, (uint32_t)number[2], (uint32_t)number[1] - 1, n, 0 };
	return OK;
}

static enum err read_flow(struct checking *c, struct json *json, size_t line)
{
	struct flow flow;

	TRY(read_place(c, json, line, FIELD_TYPE | FIELD_GATEWAY | FIELD_SLOT | FIELD_N, &flow));
	*(struct flow *)add(c->rq, &c->flows, sizeof flow) = flow;
	return OK;
}

static enum err read_seat(struct checking *c, struct json *json, size_t line)
{
	struct flow flow;

	TRY(read_place(c, json, line, FIELD_TYPE | FIELD_GATEWAY | FIELD_SLOT | FIELD_MEMBER, &flow));
	*(struct seat *)add(c->rq, &c->seats, sizeof (struct seat)) = (struct seat){ flow.type, (uint32_t)flow.n, flow.slot, flow.gateway };
	return OK;
}

/* [[from, to), ...]: into `bits`. */
static enum err read_stretches(struct checking *c, struct json *json, uint64_t *bits)
{
	bool first = true, has_more;

	if (json_kind(json) != JSON_LIST)
		return json_skip(json);
	for (;;) {
		int64_t end[2] = { 0 };
		bool first_inside = true;
		TRY(json_item(json, &first, &has_more));
		if (!has_more)
			return OK;
		if (json_kind(json) != JSON_LIST) {
			TRY(json_skip(json));
			continue;
		}
		for (size_t i = 0;; i++) {
			TRY(json_item(json, &first_inside, &has_more));
			if (!has_more)
				break;
			TRY(whole_number(json, &end[i & 1]));
		}
		for (int64_t t = MAX(end[0], (int64_t)0); t < MIN(end[1], (int64_t)c->p->slots); t++)
			bits[t / 64] |= UINT64_C(1) << t % 64;
	}
}

/* The places of a cut: what is no place of the problem is passed over, for whatever set it is, the cut is counted from it. */
static enum err read_full(struct checking *c, struct json *json, struct proof *proof)
{
	bool first = true, has_more;

	if (json_kind(json) != JSON_LIST)
		return json_skip(json);
	proof->full = NEW_MANY(c->rq->arena, c->p->n_gateways * c->p->words + 1, uint64_t);
	for (;;) {
		uint64_t bits[PLAN_WORDS_MOST] = { 0 };
		uint32_t gateway = 0;
		bool first_inside = true;
		struct str key, id;
		TRY(json_item(json, &first, &has_more));
		if (!has_more)
			return OK;
		if (json_kind(json) != JSON_OBJECT) {
			TRY(json_skip(json));
			continue;
		}
		for (;;) {
			TRY(json_member(json, &first_inside, &key, &has_more));
			if (!has_more)
				break;
			if (str_equal(key, STR("gateway")) && json_kind(json) == JSON_STRING) {
				TRY(json_string(json, &id));
				gateway = gateway_of(c, id);
			} else if (str_equal(key, STR("slots"))) {
				TRY(read_stretches(c, json, bits));
			} else {
				TRY(json_skip(json));
			}
		}
		for (size_t w = 0; gateway && w < c->p->words; w++)
			proof->full[(gateway - 1) * c->p->words + w] |= bits[w];
	}
}

static enum err read_proof(struct checking *c, struct json *json, size_t line)
{
	struct rq *rq = c->rq;
	struct proof proof = { .cut = -1, .served = -1 };
	bool first = true, first_item = true, has_more;
	struct str key;
	int64_t class;

	if (json_kind(json) != JSON_OBJECT)
		return FAULT(c, _("line %zu: a certificate must be an object"), line);
	for (;;) {
		TRY(json_member(json, &first, &key, &has_more));
		if (!has_more)
			break;
		if (str_equal(key, STR("cut"))) {
			TRY(whole_number(json, &proof.cut));
		} else if (str_equal(key, STR("served"))) {
			TRY(whole_number(json, &proof.served));
		} else if (str_equal(key, STR("gap"))) {
			proof.has_gap = true;
			TRY(whole_number(json, &proof.gap));
		} else if (str_equal(key, STR("full")) && !proof.full) {
			TRY(read_full(c, json, &proof));
		} else if (str_equal(key, STR("classes")) && !proof.is_list && json_kind(json) == JSON_LIST) {
			for (proof.is_list = true;;) {
				TRY(json_item(json, &first_item, &has_more));
				if (!has_more)
					break;
				TRY(whole_number(json, &class));
				if (class < 1 || class > PLAN_CLASSES || proof.classes & 1u << class)
					return FAULT(c, _("line %zu: a certificate's classes are not a prefix of the problem's"), line);
				proof.classes |= 1u << class;
			}
		} else {
			TRY(json_skip(json));
		}
	}
	*(struct proof *)add(c->rq, &c->proofs, sizeof proof) = proof;
	return OK;
}

static enum err read_served(struct checking *c, struct json *json)
{
	struct rq *rq = c->rq;
	bool first = true, has_more;
	struct str key;

	if (json_kind(json) != JSON_OBJECT)
		return FAULT(c, _("line %zu: served must be an object"), (size_t)1);
	for (;;) {
		int64_t class = 0, n;
		TRY(json_member(json, &first, &key, &has_more));
		if (!has_more)
			return OK;
		TRY(whole_number(json, &n));
		if (str_number(key, PLAN_CLASSES, &class) != OK || class < 1 || !(c->has_class & 1u << class) || c->has_said & 1u << class)
			return FAULT(c, _("line %zu: served names a class that the problem does not have, or one twice"), (size_t)1);
		c->has_said |= 1u << class;
		c->said[class] = n;
	}
}

static enum err read_line(struct checking *c, struct json *json, size_t line)
{
	struct rq *rq = c->rq;
	bool first = true, has_more, has_served = false;
	struct str key;

	if (json_kind(json) != JSON_OBJECT)
		return FAULT(c, _("line %zu: a line of a plan is an object"), line);
	for (;;) {
		TRY(json_member(json, &first, &key, &has_more));
		if (!has_more)
			break;
		if (line == 1 && !has_served && str_equal(key, STR("served"))) {
			has_served = true;
			TRY(read_served(c, json));
		} else if (line > 1 && str_equal(key, STR("flow"))) {
			TRY(read_flow(c, json, line));
		} else if (line > 1 && str_equal(key, STR("seat"))) {
			TRY(read_seat(c, json, line));
		} else if (line > 1 && str_equal(key, STR("certificate"))) {
			TRY(read_proof(c, json, line));
		} else {
			TRY(json_skip(json));
		}
	}
	TRY(json_end(json));
	return line > 1 || has_served ? OK : FAULT(c, _("line %zu: the plan must begin with what is served"), line);
}

enum err plan_lines(struct checking *c, struct str text)
{
	struct rq *rq = c->rq;
	struct trouble trouble = { 0 };
	struct rq inner = *rq;
	size_t line = 0;

	make_tables(c);
	inner.trouble = &trouble;
	while (text.at && text.len) {
		struct str one = str_trim(str_cut(&text, '\n'));
		line++;
		if (!one.len && line > 1)
			continue;
		struct json json = { .rq = &inner, .at = one.at, .begin = one.at, .end = one.at + one.len };
		enum err err = read_line(c, &json, line);
		if (err == ERR_INVALID)
			return FAULT(c, _("line %zu of the plan is not JSON"), line);
		TRY(err);
	}
	return line ? OK : FAULT(c, _("the plan is empty"));
}
