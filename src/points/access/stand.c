/* Fills the access slice of a range of persons, and the record of what is common to all.
 *
 * Two ordered reads a range, whatever its size: the grants that can open something (answered from one partial index) and the
 * ends of employments. A person with more grants than a slice has room for is listed in access_crowd since the grant that
 * was one too many; all rows of such persons stand in the site, ordered by person, and the slice says so.
 *
 * Grants that ended up to 90 days ago are kept, so that the gate can say "ended" instead of "none". How long somebody's connections are held
 * (verify_signal.c) is a third, short read.
 *
 * What it does not do: it concludes nothing. Whether a fact counts at a moment is opinion.c's to say. */
#include "points/access/verify.h"
#include "floor/gateway.sql.h"
#include "floor/people.h"

struct instant access_remembered(struct instant now)
{
	return (struct instant){ now.ms - DAYS(90).ms };
}

static enum err one_grant(void *of, const struct access_stand_grants_row *row)
{
	const struct slices *slices = of;
	struct access_slice *slice = slice_of(*slices, row->person);

	if (slice->n == ACCESS_SLOTS)
		slice->has_more = true;
	if (slice->has_more)
		return OK;
	unsigned i = slice->n++ & (ACCESS_SLOTS - 1);
	slice->from[i] = access_second(row->from_at);
	slice->until[i] = access_second(row->until);
	slice->service[i] = (uint16_t)row->service;
	slice->suspended |= (unsigned)row->suspended_at.is << i & 15;
	return OK;
}

static enum err one_end(void *of, const struct access_stand_ends_row *row)
{
	const struct slices *slices = of;
	struct access_slice *slice = slice_of(*slices, row->id);

	if (row->employment_end.is)
		slice->ends = access_second((struct instant){ row->employment_end.i });
	if (row->left_at.is)
		slice->ends = MIN(slice->ends, access_second((struct instant){ row->left_at.i }));
	return OK;
}

/* Rounded up: held is never shorter than it was meant to be. */
static enum err one_held(void *of, const struct verify_stand_row *row)
{
	const struct slices *slices = of;
	struct access_slice *slice = slice_of(*slices, row->person);
	uint32_t held = MIN((access_second(row->until) + ACCESS_HELD_UNIT - 1) / ACCESS_HELD_UNIT, (uint32_t)0xffffff);

	if (held > slice->held)
		slice->held = held & 0xffffff;
	return OK;
}

enum err access_stand(struct rq *rq, struct slices slices)
{
	for (int64_t person = slices.first; person < slices.last; person++)
		((struct access_slice *)slice_of(slices, person))->ends = UINT32_MAX;
	TRY(access_stand_grants(rq, slices.first, slices.last, access_remembered(rq->now), one_grant, &slices));
	TRY(verify_stand(rq, slices.first, slices.last, rq->now, one_held, &slices));
	return access_stand_ends(rq, slices.first, slices.last, one_end, &slices);
}

/* A service that nobody has been granted opens to nobody; that is not the same as no service asked for. */
static uint16_t number_of(struct str name, const struct access_services_row *services, size_t n)
{
	char room[512];
	struct str folded;

	if (name.len == 0)
		return ACCESS_ANY_SERVICE;
	if (!people_canonical(name, room, sizeof room, &folded))
		return ACCESS_NO_SERVICE;
	for (size_t i = 0; i < n; i++)
		if (str_equal(folded, services[i].folded))
			return (uint16_t)services[i].id;
	return ACCESS_NO_SERVICE;
}

static enum err one_more(void *of, const struct access_stand_many_row *row)
{
	struct access_site *site = of;

	/* The verbs refuse the grant that would not fit; should one be here all the same, it opens nothing. */
	if (site->n_more < ACCESS_MORE)
		site->more[site->n_more++] = (struct access_open){ (uint32_t)row->person, access_second(row->from_at),
			access_second(row->until), (uint16_t)row->service, row->suspended_at.is };
	return OK;
}

enum err access_stand_site(struct rq *rq, void *of)
{
	struct access_site *site = of;
	struct access_services_row *services;
	struct gateway_all_row *gateways;
	size_t n_services, n_gateways;

	TRY(access_services(rq, &services, &n_services));
	TRY(gateway_all(rq, &gateways, &n_gateways));
	site->n_gateways = (uint16_t)MIN(n_gateways, (size_t)ACCESS_GATEWAYS);
	for (size_t i = 0; i < site->n_gateways; i++)
		site->service[i] = number_of(gateways[i].service, services, n_services);
	site->n_more = 0;
	return access_stand_many(rq, access_remembered(rq->now), one_more, site);
}
