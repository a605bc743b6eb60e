/* Decisions at the gate: which signed decision lowers this reason for this person, gateway and moment.
 *
 * How it works: what is in force or to come stands in floor's site record, sorted by whom it is for: persons, then units, then gateways alone.
 * An ask looks in three places. Only an opinion that refuses with a reason that may be lowered asks at all, so a home without decisions
 * pays nothing.
 *
 * SECURITY: facts are compared with the ask's moment: begun after the signature, not over, for a person of the same legal body. A reason
 * that is not in the points' tables, or is not lowerable there, is never lowered, whatever the rows say: that of a standing decision is none
 * ("urgent:..."), so it is its confirmed uses alone that lower, each for one person, begun after the second one confirmed. A right that is lowered
 * into ends with the employment, too. What does not fit lowers nothing; the verbs refuse to sign it. */
#include "floor/decide.h"
#include "floor/urgent.h"

enum { FOR_PERSON = 1, FOR_UNIT, FOR_ALL };
enum { ANY_GATEWAY = -1, NO_GATEWAY = -2 };

static uint64_t key_of(int kind, int64_t id)
{
	return (uint64_t)kind << 56 | ((uint64_t)id & 0xffffffffffffff);
}

static int by_key(const void *a, const void *b)
{
	const struct decide_fact *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->decision > y->decision) - (x->decision < y->decision);
}

static int16_t number_of(const int64_t *gateways, size_t n, struct maybe_int id)
{
	if (!id.is)
		return ANY_GATEWAY;
	for (size_t i = 0; i < n; i++)
		if (gateways[i] == id.i)
			return (int16_t)i;
	return NO_GATEWAY;
}

static struct instant end_of(struct instant until, struct maybe_int stale_at)
{
	struct instant stale = stale_at.is ? instant_plus((struct instant){ stale_at.i }, DAYS(DECIDE_STALE_DAYS)) : INSTANT_NEVER;
	return instant_is_before(stale, until) ? stale : until;
}

/* Urgent cases under a standing decision, which ends them with it. */
static enum err stand_urgent(struct rq *rq, const int64_t *gateways, size_t n_gateways, struct decide_site *ret)
{
	struct urgent_in_force_row *rows;
	size_t n;

	TRY(urgent_in_force(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n && ret->n < DECIDE_IN_FORCE; i++) {
		const struct urgent_in_force_row *row = &rows[i];
		const struct reason *reason = urgent_reason(row->reason);
		struct instant latest = end_of(row->latest, row->stale_at);
		if (!reason || !reason->is_lowerable)
			continue;
		ret->at[ret->n++] = (struct decide_fact){ .key = key_of(FOR_PERSON, row->person), .reason = reason, .decision = row->decision,
			.until = instant_is_before(latest, row->until) ? latest : row->until, .gateway = number_of(gateways, n_gateways, row->gateway),
			.from_at = { row->confirmed_at.i + 1 }, .body = (uint16_t)row->body };
	}
	return OK;
}

enum err decide_stand(struct rq *rq, const int64_t *gateways, size_t n_gateways, struct decide_site *ret)
{
	struct decide_in_force_row *rows;
	size_t n;

	ret->n = 0;
	TRY(decide_in_force(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n && ret->n < DECIDE_IN_FORCE; i++) {
		const struct decide_in_force_row *row = &rows[i];
		const struct reason *reason = decide_reason(row->reason);
		if (!reason || !reason->is_lowerable)
			continue;
		ret->at[ret->n++] = (struct decide_fact){
			.key = row->person.is ? key_of(FOR_PERSON, row->person.i) : row->unit.is ? key_of(FOR_UNIT, row->unit.i) : key_of(FOR_ALL, 0),
			.reason = reason, .decision = row->id, .until = end_of(row->until, row->stale_at), .gateway = number_of(gateways, n_gateways, row->gateway),
			/* Never at the moment of the signature itself: only after it. */
			.from_at = { MAX(row->from_at.ms, row->signed_at.i + 1) }, .body = (uint16_t)row->body };
	}
	TRY(stand_urgent(rq, gateways, n_gateways, ret));
	if (ret->n)
		qsort(ret->at, ret->n, sizeof ret->at[0], by_key);
	return OK;
}

static void look(const struct decide_site *site, uint64_t key, const struct decide_asked *asked, int64_t *decision, struct instant *until)
{
	size_t low = 0, high = site->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (site->at[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < site->n && site->at[low].key == key; low++) {
		const struct decide_fact *fact = &site->at[low];
		if (fact->reason != asked->reason || fact->body != asked->place.body || instant_is_before(asked->at, fact->from_at)
		    || !instant_is_before(asked->at, fact->until) || (fact->gateway != ANY_GATEWAY && fact->gateway != asked->gateway))
			continue;
		/* Of several the one that ends last. */
		if (*decision < 0 || instant_is_before(*until, fact->until)) {
			*decision = fact->decision;
			*until = fact->until;
		}
	}
}

int64_t decide_lowers(const struct decide_site *site, const struct decide_asked *asked, struct instant *ret_until)
{
	int64_t decision = -1;
	struct instant until = { 0 };

	if (site->n == 0 || !asked->reason || !asked->reason->is_lowerable || !instant_is_before(asked->at, asked->place.ends_at))
		return -1;
	look(site, key_of(FOR_PERSON, asked->person), asked, &decision, &until);
	look(site, key_of(FOR_UNIT, asked->place.unit), asked, &decision, &until);
	look(site, key_of(FOR_ALL, 0), asked, &decision, &until);
	if (decision >= 0)
		*ret_until = instant_is_before(asked->place.ends_at, until) ? asked->place.ends_at : until;
	return decision;
}
