/* Question 8 at the gate: is there a countermeasure against this person or against where she comes from?
 *
 * Pure: the measures in force stand in the site, the ends are compared with the moment of the ask. Silent when there is none: this point never
 * lets anybody in. The blocks lie sorted by the length of the network, then the address: a search a length.
 *
 *   a held account          waits until the end, whatever its class: a person has decided it for class 1
 *   the second factor       refused unless the gateway says that the log-in was strong; one that says nothing counts as weak
 *   a blocked source        waits until the end; people of class 1 come in from there all the same, unless somebody decided otherwise
 *
 * SECURITY: none of the reasons is lowerable: a decision that lets somebody else's attack in is no risk decision. A gateway that hands over no
 * address (Calling-Station-Id) is not protected by blocks of sources; /help and the page say so. */
#include "incidents.h"
#include "measure.h"

const struct reason measure_blocked = { "incidents.blocked", false,
	N_("Connections from the network where you are are stopped for a time. Connect from another network, or call the support."),
	N_("From there you can connect again from") };
const struct reason measure_is_held = { "incidents.held", false,
	N_("Your remote connection is held while an incident is handled. Call the support on the number that you know. Your own page says what to do.") };
const struct reason measure_needs_factor = { "incidents.factor", false,
	N_("You can connect with your second factor only, for a time. Log in with it, or call the support.") };
const struct reason *const measure_reasons[] = { &measure_is_held, &measure_blocked, &measure_needs_factor, NULL };

/* --- the site --- */

static int by_network(const void *a, const void *b)
{
	const struct measure_block *x = a, *y = b;
	return x->network.prefix != y->network.prefix ? x->network.prefix - y->network.prefix : memcmp(x->network.at, y->network.at, sizeof x->network.at);
}

static int by_person(const void *a, const void *b)
{
	const struct measure_held *x = a, *y = b;
	return (x->person > y->person) - (x->person < y->person);
}

enum err measure_site(struct rq *rq, void *of)
{
	struct measure_site *site = of;
	struct measure_stand_row *rows;
	size_t n;

	TRY(measure_stand(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		struct network network;
		if (rows[i].person.is && site->n_held < MEASURES_MOST)
			site->held[site->n_held++] = (struct measure_held){ rows[i].person.i, rows[i].decided_at.i, rows[i].until.ms, rows[i].kind == MEASURE_FACTOR };
		else if (rows[i].kind == MEASURE_BLOCK && site->n_blocks < MEASURES_MOST && network_read(rows[i].network, &network))
			site->block[site->n_blocks++] = (struct measure_block){ network, rows[i].is_critical, rows[i].decided_at.i, rows[i].until.ms };
	}
	qsort(site->block, (size_t)site->n_blocks, sizeof site->block[0], by_network);
	qsort(site->held, (size_t)site->n_held, sizeof site->held[0], by_person);
	for (int32_t i = 0; i < site->n_blocks; i++)
		if (!i || site->block[i].network.prefix != site->block[i - 1].network.prefix)
			site->length[site->n_lengths++] = site->block[i].network.prefix;
	return OK;
}

/* --- the opinion --- */

/* The first of those that are not before `one`. */
static int32_t first_block(const struct measure_site *site, const struct measure_block *one)
{
	int32_t low = 0, high = site->n_blocks;

	while (low < high) {
		int32_t middle = (low + high) / 2;
		if (by_network(&site->block[middle], one) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int64_t blocked_until(const struct measure_site *site, const struct ask *ask)
{
	int64_t until = 0;

	for (int32_t k = 0; k < site->n_lengths; k++) {
		struct measure_block one = { 0 };
		network_of(ask->address, site->length[k], &one.network);
		for (int32_t i = first_block(site, &one); i < site->n_blocks && by_network(&site->block[i], &one) == 0; i++)
			if (site->block[i].from <= ask->at.ms && (ask->class != 1 || site->block[i].is_critical))
				until = MAX(until, site->block[i].until);
	}
	return until;
}

static int64_t held_until(const struct measure_site *site, const struct ask *ask, bool is_factor)
{
	int32_t low = 0, high = site->n_held;
	int64_t until = 0;

	while (low < high) {
		int32_t middle = (low + high) / 2;
		if (site->held[middle].person < ask->person)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < site->n_held && site->held[low].person == ask->person; low++)
		if (site->held[low].from <= ask->at.ms && site->held[low].is_factor == is_factor)
			until = MAX(until, site->held[low].until);
	return until;
}

void measure_opinion(const struct ask *ask, const void *slice, const void *of_site, struct opinion *ret)
{
	const struct measure_site *site = of_site;
	int64_t held = site->n_held ? held_until(site, ask, false) : 0, blocked = site->n_blocks && ask->has_address ? blocked_until(site, ask) : 0;
	(void)slice;

	if (held > ask->at.ms)
		*ret = (struct opinion){ .verdict = VERDICT_WAIT, .until = { held }, .reason = &measure_is_held };
	else if (blocked > ask->at.ms)
		*ret = (struct opinion){ .verdict = VERDICT_WAIT, .until = { blocked }, .reason = &measure_blocked };
	else if (site->n_held && ask->factor != FACTOR_STRONG && held_until(site, ask, true) > ask->at.ms)
		*ret = (struct opinion){ .verdict = VERDICT_DENY, .until = INSTANT_NEVER, .reason = &measure_needs_factor };
}
