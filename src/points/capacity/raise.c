/* A unit's class raised by hand is a deviation (K3): it counts while a signed decision says so, else the class from before counts.
 *
 * The first class that is set for a unit is its class, and so is each lower one; these need nobody. Setting a higher one leaves `capacity_class` where it
 * is. A decision is asked about with the reason capacity.raised for that unit, as any other; no opinion gives that reason, so nothing
 * else can be lowered by it. What is in force stands in the gate's site with its moments: time alone makes it count and ends it.
 *
 * SECURITY: everything about signatures, mandates and staleness is floor/decide's; here only what is signed, neither revoked nor over, is read, in the
 * same way as at the gate.
 *
 * What it does not do: a home whose classes were set before this was there has none written down; the first that is set from now on is. */
#include "capacity.h"
#include "floor/decide.h"

enum err capacity_class_heard(struct rq *rq, int64_t unit, struct change *change)
{
	struct capacity_class_get_row row;
	enum err err = capacity_class_get(rq, unit, &row);

	if (err == ERR_NONE)
		return OK;
	TRY(err);
	change_touch_site(change);
	return row.class == 0 || row.now > row.class ? capacity_class_set(change, unit, row.now) : OK;
}

static int16_t gateway_of(const struct capacity_known *known, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (known[i].id == id)
			return (int16_t)i;
	return INT16_MAX;                      /* one that is not there: counts nowhere */
}

enum err capacity_raises(struct rq *rq, struct capacity_raise *ret, int32_t *ret_n)
{
	struct decide_in_force_row *decisions;
	struct capacity_raised_row *raised;
	struct capacity_known *known;
	size_t n, n_raised, n_known;

	*ret_n = 0;
	TRY(capacity_raised(rq, &raised, &n_raised));
	if (n_raised == 0)
		return OK;
	TRY(capacity_gateways(rq, &known, &n_known));
	TRY(decide_in_force(rq, rq->now, &decisions, &n));
	for (size_t i = 0; i < n; i++) {
		const struct decide_in_force_row *d = &decisions[i];
		struct instant stale = d->stale_at.is ? instant_plus((struct instant){ d->stale_at.i }, DAYS(DECIDE_STALE_DAYS)) : INSTANT_NEVER;
		if (!d->unit.is || !str_equal(d->reason, str_of(capacity_raised_reason.code)))
			continue;
		for (size_t k = 0; k < n_raised && *ret_n < CAPACITY_RAISED; k++)
			if (raised[k].unit == d->unit.i)
				ret[(*ret_n)++] = (struct capacity_raise){ .decision = d->id, .unit = (int32_t)raised[k].unit, .class = (uint8_t)MAX(1, raised[k].class),
					.gateway = d->gateway.is ? gateway_of(known, n_known, d->gateway.i) : -1, .from = { MAX(d->from_at.ms, d->signed_at.i + 1) },
					.until = instant_is_before(stale, d->until) ? stale : d->until };
	}
	return OK;
}

const struct capacity_raise *capacity_raise_now(const struct capacity_raise *raises, int32_t n, int64_t unit, struct instant at)
{
	for (int32_t i = 0; i < n; i++)
		if (raises[i].unit == unit && raises[i].gateway < 0 && !instant_is_before(at, raises[i].from) && instant_is_before(at, raises[i].until))
			return &raises[i];
	return NULL;
}

enum err capacity_undecided(struct rq *rq, struct capacity_raised_row **ret, size_t *ret_n)
{
	struct capacity_raise *raises = NEW_MANY(rq->arena, CAPACITY_RAISED, struct capacity_raise);
	size_t n, kept = 0;
	int32_t n_raises;

	TRY(capacity_raised(rq, ret, &n));
	TRY(capacity_raises(rq, raises, &n_raises));
	for (size_t i = 0; i < n; i++)
		if (!capacity_raise_now(raises, n_raises, (*ret)[i].unit, rq->now))
			(*ret)[kept++] = (*ret)[i];
	*ret_n = kept;
	return OK;
}

enum err capacity_run_raised(struct rq *rq, const struct args *args, struct out *ret)
{
	struct capacity_raise *raises = NEW_MANY(rq->arena, CAPACITY_RAISED, struct capacity_raise);
	struct capacity_raised_row *rows;
	size_t n;
	int32_t n_raises;

	TRY(capacity_raised(rq, &rows, &n));
	TRY(capacity_raises(rq, raises, &n_raises));
	for (size_t i = 0; i < n; i++) {
		const struct capacity_raise *raise = capacity_raise_now(raises, n_raises, rows[i].unit, rq->now);
		long long counts = raise ? rows[i].class : rows[i].counts;
		if (!args->json) {
			out_print(ret, "%.*s\t%lld\t%lld\t%lld\n", STR_ARG(rows[i].name), (long long)rows[i].class, counts, raise ? (long long)raise->decision : 0);
			continue;
		}
		out_text(ret, "{\"unit\":");
		out_json(ret, rows[i].name);
		out_print(ret, ",\"class\":%lld,\"counts_as\":%lld,\"decision\":", (long long)rows[i].class, counts);
		if (raise)
			out_int(ret, raise->decision);
		else
			out_text(ret, "null");
		out_text(ret, "}\n");
	}
	return OK;
}
