/* Checks a plan against its problem. Shares nothing with the solver but the reader of problems and of JSON.
 *
 * How: the plan's lines are read and held against the problem: ids, windows, gateways, places, members, needs; what is said to be
 * served against what the flows add up to. Then, for each prefix of the classes, its flows alone are walked from the people who
 * still lack something: along arcs with room, and from a full gateway back to those who hold places there. Should the walk come
 * to a free place, more could be served, and the plan is not the best. If it does not, what it has reached is one side
 * of a cut; the cut's worth is counted from the problem and must equal the flows and what the certificate says.
 * Seats, when there are any, must add up to the flows, with no member twice in a slot, and all members of a type alike but for one.
 *
 * Where whole needs are among a prefix, no walk can say that nothing better is there: then the cut that the certificate names is counted from the
 * problem, and what it is worth beyond what is served must be the gap that is told. Each member has her whole need or nothing.
 *
 * Fairness is looked at too, and told, but is no fault: two plans that serve the same are both plans. A class is fair when nobody
 * could take a place, by whatever chain, from a type of a younger debt, or from one of the same that would still have the greater share afterwards.
 * Of a class with whole needs it is not judged.
 *
 * SECURITY: the plan is foreign; nothing in it is believed, a certificate least of all. */
#include "plan_check.h"

/* --- adding up --- */

static int by_type(const void *a, const void *b)
{
	const struct flow *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	return (x->gateway > y->gateway) - (x->gateway < y->gateway);
}

static struct str id_of(const struct checking *c, uint32_t type) { return str_utf8_first(c->p->types[type].id, 60); }

static bool may_use(const struct plan_problem *p, const struct flow *flow)
{
	const struct plan_set *set = &p->sets[p->types[flow->type].set];

	if (!(p->windows[flow->type * p->words + flow->slot / 64] >> flow->slot % 64 & 1))
		return false;
	for (size_t i = 0; i < set->n; i++)
		if (set->gateways[i] == flow->gateway)
			return true;
	return false;
}

/* Windows, gateways, members a slot, needs, places. */
static enum err feasible(struct checking *c)
{
	struct rq *rq = c->rq;
	struct flow *flows = c->flows.at;
	int64_t in_slot = 0;

	for (size_t i = 0; i < c->flows.n; i++) {
		const struct flow *flow = &flows[i], *before = i ? &flows[i - 1] : NULL;
		const struct plan_type *type = &c->p->types[flow->type];
		size_t place = flow->gateway * c->p->slots + flow->slot;
		bool is_same = before && before->type == flow->type && before->slot == flow->slot;
		in_slot = (is_same ? in_slot : 0) + flow->n;
		c->load[place] += flow->n;
		c->of_type[flow->type] += flow->n;
		c->served[type->class] += flow->n;
		if (is_same && before->gateway == flow->gateway)
			return FAULT(c, _("type %.*s, slot %u: two lines for the same gateway"), STR_ARG(id_of(c, flow->type)), flow->slot);
		if (!may_use(c->p, flow))
			return FAULT(c, _("type %.*s, slot %u: not in its windows, or not its gateway"), STR_ARG(id_of(c, flow->type)), flow->slot);
		if (in_slot > type->members)
			return FAULT(c, _("type %.*s, slot %u: more than its members"), STR_ARG(id_of(c, flow->type)), flow->slot);
		if (c->of_type[flow->type] > type->members * type->need)
			return FAULT(c, _("type %.*s: more than it needs"), STR_ARG(id_of(c, flow->type)));
		if (c->load[place] > c->p->places[place])
			return FAULT(c, _("gateway %.*s, slot %u: more than its places"), STR_ARG(str_utf8_first(c->p->gateway_ids[flow->gateway], 60)), flow->slot);
	}
	return OK;
}

/* What is served of a whole type is a number of members, and no slot holds more than those. */
static enum err wholes_are_whole(struct checking *c)
{
	const struct flow *flows = c->flows.at;
	struct rq *rq = c->rq;
	int64_t in_slot = 0;

	for (size_t i = 0; i < c->flows.n; i++) {
		const struct plan_type *type = &c->p->types[flows[i].type];
		bool is_same = i && flows[i - 1].type == flows[i].type && flows[i - 1].slot == flows[i].slot;
		in_slot = (is_same ? in_slot : 0) + flows[i].n;
		if (type->is_whole && (c->of_type[flows[i].type] % type->need || in_slot > c->of_type[flows[i].type] / type->need))
			return FAULT(c, _("type %.*s: a member gets her whole need or nothing"), STR_ARG(id_of(c, flows[i].type)));
	}
	return OK;
}

static enum err said_is_so(struct checking *c)
{
	struct rq *rq = c->rq;

	for (unsigned class = 1; class <= PLAN_CLASSES; class++) {
		if (!(c->has_class & 1u << class))
			continue;
		if (!(c->has_said & 1u << class))
			return FAULT(c, _("class %u: the first line does not say what is served"), class);
		if (c->said[class] != c->served[class])
			return FAULT(c, _("class %u: the flows add up to %lld, the first line says %lld"), class, (long long)c->served[class],
			             (long long)c->said[class]);
		c->verdict->served += c->served[class];
	}
	return OK;
}

/* --- seats --- */

static int by_member(const void *a, const void *b)
{
	const struct seat *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->member != y->member)
		return x->member < y->member ? -1 : 1;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

static enum err member_has(struct checking *c, const struct seat *seat, int64_t n)
{
	const struct plan_type *type = &c->p->types[seat->type];
	struct rq *rq = c->rq;
	int64_t all = c->of_type[seat->type], least = all / type->members, most = least + (all % type->members != 0);

	if (n > type->need)
		return FAULT(c, _("type %.*s, member %u: more than it needs"), STR_ARG(id_of(c, seat->type)), seat->member);
	if (type->is_whole)
		return n == type->need ? OK : FAULT(c, _("type %.*s: a member gets her whole need or nothing"), STR_ARG(id_of(c, seat->type)));
	return n >= least && n <= most ? OK : FAULT(c, _("type %.*s: its members differ by more than one slot"), STR_ARG(id_of(c, seat->type)));
}

static enum err seats_add_up(struct checking *c)
{
	struct seat *seats = c->seats.at;
	struct flow *flows = c->flows.at;
	struct rq *rq = c->rq;
	int64_t n = 0, seated = 0;

	if (c->seats.n == 0)
		return OK;
	qsort(seats, c->seats.n, sizeof seats[0], by_member);
	for (size_t i = 0; i < c->seats.n; i++) {
		const struct seat *seat = &seats[i], *after = i + 1 < c->seats.n ? &seats[i + 1] : NULL;
		bool is_same = after && after->type == seat->type && after->member == seat->member;
		struct flow key = { seat->type, seat->slot, seat->gateway, 0, 0 }, *flow;
		flow = c->flows.n ? bsearch(&key, flows, c->flows.n, sizeof key, by_type) : NULL;
		if (!flow || flow->seats++ == flow->n)
			return FAULT(c, _("type %.*s, slot %u: the seats do not add up to the flows"), STR_ARG(id_of(c, seat->type)), seat->slot);
		if (is_same && after->slot == seat->slot)
			return FAULT(c, _("type %.*s, member %u: twice in slot %u"), STR_ARG(id_of(c, seat->type)), seat->member, seat->slot);
		n++;
		if (is_same)
			continue;
		TRY(member_has(c, seat, n));
		n = 0;
		seated++;
		if (after && after->type == seat->type)
			continue;
		/* Those who have no seat at all are in no line. */
		int64_t members = c->p->types[seat->type].members;
		if (seated < members && c->of_type[seat->type] >= members && !c->p->types[seat->type].is_whole)
			return FAULT(c, _("type %.*s: its members differ by more than one slot"), STR_ARG(id_of(c, seat->type)));
		seated = 0;
	}
	for (size_t i = 0; i < c->flows.n; i++)
		if (flows[i].seats != flows[i].n)
			return FAULT(c, _("type %.*s, slot %u: the seats do not add up to the flows"), STR_ARG(id_of(c, flows[i].type)), flows[i].slot);
	return OK;
}

/* --- the walk --- */

static void order_by_place(struct checking *c)
{
	struct flow *flows = c->flows.at;
	size_t n_places = c->p->n_gateways * c->p->slots, *next = NEW_MANY(c->rq->arena, n_places + 1, size_t);

	c->place_from = NEW_MANY(c->rq->arena, n_places + 1, size_t);
	c->flow_from = NEW_MANY(c->rq->arena, c->p->n_types + 1, size_t);
	c->by_place = NEW_MANY(c->rq->arena, c->flows.n + 1, uint32_t);
	for (size_t i = 0; i < c->flows.n; i++) {
		c->place_from[flows[i].gateway * c->p->slots + flows[i].slot + 1]++;
		c->flow_from[flows[i].type + 1]++;
	}
	for (size_t i = 0; i < n_places; i++)
		c->place_from[i + 1] += c->place_from[i];
	for (size_t i = 0; i < c->p->n_types; i++)
		c->flow_from[i + 1] += c->flow_from[i];
	memcpy(next, c->place_from, (n_places + 1) * sizeof next[0]);
	for (size_t i = 0; i < c->flows.n; i++)
		c->by_place[next[flows[i].gateway * c->p->slots + flows[i].slot]++] = (uint32_t)i;
}

static void come_to_type(struct checking *c, uint32_t type)
{
	if (!c->is_type[type])
		c->stack[c->n_stack++] = type;
	c->is_type[type] = 1;
}

/* The type may be in this slot: then all its gateways there are reached, and from a full one all who hold places in it.
 * False: there is a free place. */
static bool come_to_slot(struct checking *c, unsigned most_class, uint32_t type, uint32_t slot)
{
	uint64_t *bits = &c->slots_of[type * c->p->words + slot / 64], bit = UINT64_C(1) << slot % 64;
	const struct plan_set *set = &c->p->sets[c->p->types[type].set];
	const struct flow *flows = c->flows.at;

	if (*bits & bit)
		return true;
	*bits |= bit;
	for (size_t i = 0; i < set->n; i++) {
		size_t place = set->gateways[i] * c->p->slots + slot;
		if (c->is_place[place])
			continue;
		if (c->load[place] < c->p->places[place])
			return false;
		c->is_place[place] = 1;
		for (size_t f = c->place_from[place]; f < c->place_from[place + 1]; f++) {
			uint32_t other = flows[c->by_place[f]].type;
			if (c->p->types[other].class > most_class)
				continue;
			come_to_type(c, other);
			if (!come_to_slot(c, most_class, other, slot))
				return false;
		}
	}
	return true;
}

/* All slots where the type has room; its flows lie in slot order. */
static bool come_to_slots(struct checking *c, unsigned most_class, uint32_t type)
{
	const struct flow *flows = c->flows.at;
	size_t f = c->flow_from[type], end = c->flow_from[type + 1];

	for (uint32_t slot = 0; slot < c->p->slots; slot++) {
		int64_t held = 0;
		for (; f < end && flows[f].slot == slot; f++)
			held += flows[f].n;
		if (c->p->windows[type * c->p->words + slot / 64] >> slot % 64 & 1 && held < c->p->types[type].members
		    && !come_to_slot(c, most_class, type, slot))
			return false;
	}
	return true;
}

/* The cut that the walk has drawn: what leads out of what it reached. */
static int64_t cut_of(const struct checking *c, unsigned most_class)
{
	size_t n_places = c->p->n_gateways * c->p->slots;
	int64_t cut = 0;

	for (size_t i = 0; i < n_places; i++)
		if (c->is_place[i])
			cut += c->p->places[i];
	for (uint32_t k = 0; k < c->p->n_types; k++) {
		const struct plan_type *type = &c->p->types[k];
		size_t n = 0;
		if (type->class > most_class)
			continue;
		for (size_t w = 0; w < c->p->words; w++)
			n += (size_t)__builtin_popcountll(c->p->windows[k * c->p->words + w] & ~c->slots_of[k * c->p->words + w]);
		cut += c->is_type[k] ? type->members * (int64_t)n : type->members * type->need;
	}
	return cut;
}

static enum err best_for(struct checking *c, unsigned most_class, int64_t served)
{
	const struct flow *flows = c->flows.at;
	struct rq *rq = c->rq;
	size_t n_places = c->p->n_gateways * c->p->slots;

	memset(c->load, 0, n_places * sizeof c->load[0]);
	memset(c->is_place, 0, n_places);
	memset(c->is_type, 0, c->p->n_types);
	memset(c->slots_of, 0, c->p->n_types * c->p->words * sizeof c->slots_of[0]);
	for (size_t i = 0; i < c->flows.n; i++)
		if (c->p->types[flows[i].type].class <= most_class)
			c->load[flows[i].gateway * c->p->slots + flows[i].slot] += flows[i].n;
	c->n_stack = 0;
	for (uint32_t k = 0; k < c->p->n_types; k++)
		if (c->p->types[k].class <= most_class && c->of_type[k] < c->p->types[k].members * c->p->types[k].need)
			come_to_type(c, k);
	while (c->n_stack)
		if (!come_to_slots(c, most_class, c->stack[--c->n_stack]))
			return FAULT(c, _("classes 1 to %u: more could be served than %lld"), most_class, (long long)served);
	int64_t cut = cut_of(c, most_class);
	return cut == served ? OK : FAULT(c, _("classes 1 to %u: the cut is worth %lld, served are %lld"), most_class, (long long)cut, (long long)served);
}

/* With whole needs: the places that the certificate names, and for each type what it could still use beside them. */
static enum err worth_of(struct checking *c, unsigned most_class, const struct proof *proof, int64_t served)
{
	const struct plan_problem *p = c->p;
	struct rq *rq = c->rq;
	int64_t cut = 0;

	for (size_t g = 0; proof->full && g < p->n_gateways; g++)
		for (size_t t = 0; t < p->slots; t++)
			cut += proof->full[g * p->words + t / 64] >> t % 64 & 1 ? p->places[g * p->slots + t] : 0;
	for (uint32_t k = 0; k < p->n_types; k++) {
		const struct plan_type *type = &p->types[k];
		const struct plan_set *set = &p->sets[type->set];
		int64_t n = 0;
		for (size_t t = 0; t < p->slots && type->class <= most_class; t++) {
			bool is_open = false;
			for (size_t i = 0; i < set->n && p->windows[k * p->words + t / 64] >> t % 64 & 1; i++)
				is_open |= !proof->full || !(proof->full[set->gateways[i] * p->words + t / 64] >> t % 64 & 1);
			n += is_open;
		}
		cut += type->class <= most_class ? type->members * MIN(n, type->need) : 0;
	}
	if (proof->cut != cut || cut < served || (proof->has_gap ? proof->gap : 0) != cut - served)
		return FAULT(c, _("classes 1 to %u: the cut is worth %lld, served are %lld"), most_class, (long long)cut, (long long)served);
	return OK;
}

/* --- fairness --- */

struct poor { uint32_t type; int64_t served, weight; unsigned debt; };

/* The oldest debt first; then by the share they would have with one place more. */
static int by_share(const void *a, const void *b)
{
	const struct poor *x = a, *y = b;
	if (x->debt != y->debt)
		return x->debt > y->debt ? -1 : 1;
	__int128 one = (__int128)(x->served + 1) * y->weight, other = (__int128)(y->served + 1) * x->weight;

	return one != other ? (one > other) - (one < other) : (x->type > y->type) - (x->type < y->type);
}

/* The walk once more, from the poorest first: who is reached is reached from the poorest that can. The loads are of the prefix. */
static bool is_fair(struct checking *c, unsigned class)
{
	struct poor *poor = NEW_MANY(c->rq->arena, c->p->n_types + 1, struct poor);
	size_t n = 0;

	memset(c->is_place, 0, c->p->n_gateways * c->p->slots);
	memset(c->is_type, 0, c->p->n_types);
	memset(c->slots_of, 0, c->p->n_types * c->p->words * sizeof c->slots_of[0]);
	for (uint32_t k = 0; k < c->p->n_types; k++) {
		int64_t weight = c->p->types[k].members * c->p->types[k].need;
		if (c->p->types[k].class == class && c->of_type[k] < weight)
			poor[n++] = (struct poor){ k, c->of_type[k], weight, c->p->types[k].debt };
	}
	if (n)
		qsort(poor, n, sizeof poor[0], by_share);
	for (size_t i = 0; i < n; i++) {
		come_to_type(c, poor[i].type);
		while (c->n_stack) {
			uint32_t k = c->stack[--c->n_stack];
			int64_t weight = c->p->types[k].members * c->p->types[k].need;
			bool is_alike = c->p->types[k].class == class && c->p->types[k].debt == poor[i].debt;
			if (c->p->types[k].class == class && c->p->types[k].debt < poor[i].debt && c->of_type[k] > 0)
				return false;
			if (is_alike
			    && (__int128)(poor[i].served + 1) * weight < (__int128)(c->of_type[k] - 1) * poor[i].weight)
				return false;
			if (!come_to_slots(c, class, k))
				return false;
		}
	}
	return true;
}

static enum err proved(struct checking *c)
{
	const struct proof *proofs = c->proofs.at;
	struct rq *rq = c->rq;
	unsigned prefix = 0;
	size_t n = 0;
	int64_t served = 0;
	bool has_whole = false;

	order_by_place(c);
	c->stack = NEW_MANY(rq->arena, c->p->n_types + 1, uint32_t);
	c->is_type = NEW_MANY(rq->arena, c->p->n_types + 1, uint8_t);
	c->is_place = NEW_MANY(rq->arena, c->p->n_gateways * c->p->slots + 1, uint8_t);
	c->slots_of = NEW_MANY(rq->arena, c->p->n_types * c->p->words + 1, uint64_t);
	for (unsigned class = 1; class <= PLAN_CLASSES; class++) {
		size_t found = 0;
		if (!(c->has_class & 1u << class))
			continue;
		prefix |= 1u << class;
		has_whole |= c->has_whole >> class & 1;
		served += c->served[class];
		n++;
		for (size_t i = 0; i < c->proofs.n; i++) {
			if (proofs[i].classes != prefix)
				continue;
			found++;
			if (has_whole && proofs[i].served == served)
				TRY(worth_of(c, class, &proofs[i], served));
			else if (proofs[i].cut != served || proofs[i].served != served || proofs[i].gap)
				return FAULT(c, _("classes 1 to %u: the certificate says cut %lld and served %lld, served are %lld"), class,
				             (long long)proofs[i].cut, (long long)proofs[i].served, (long long)served);
		}
		if (found != 1)
			return FAULT(c, _("classes 1 to %u: there must be one certificate, there are %zu"), class, found);
		if (has_whole)
			continue;
		TRY(best_for(c, class, served));
		c->verdict->is_unfair |= !is_fair(c, class);
		c->n_stack = 0;
	}
	return n == c->proofs.n ? OK : FAULT(c, _("there are certificates for classes that are no prefix of the problem's"));
}

static enum err check_all(struct checking *c, struct str plan)
{
	TRY(plan_lines(c, plan));
	c->verdict->n_flows = c->flows.n;
	c->verdict->n_seats = c->seats.n;
	c->verdict->n_proofs = c->proofs.n;
	if (c->flows.n)
		qsort(c->flows.at, c->flows.n, sizeof (struct flow), by_type);
	TRY(feasible(c));
	TRY(wholes_are_whole(c));
	TRY(said_is_so(c));
	TRY(seats_add_up(c));
	return proved(c);
}

enum err plan_check(struct rq *rq, const struct plan_problem *problem, struct str plan, struct plan_verdict *ret)
{
	struct plan_verdict verdict = { 0 };
	struct checking c = { .rq = rq, .p = problem, .verdict = &verdict };

	c.of_type = NEW_MANY(rq->arena, problem->n_types + 1, int64_t);
	c.load = NEW_MANY(rq->arena, problem->n_gateways * problem->slots + 1, int64_t);
	enum err err = check_all(&c, plan);
	if (err != OK && !verdict.has_fault)
		return err;
	*ret = verdict;
	return OK;
}
