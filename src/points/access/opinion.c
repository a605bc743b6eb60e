/* Question 1 at the gate: has this person a grant that opens this gateway at that moment?
 *
 * Pure: the facts of one person's slice and of the site are compared with the ask's moment. Zero grants means that nobody
 * gets in. The right ends with the last grant that follows on without a gap, or with the employment, whichever is first.
 *
 * Order of the answers: employment over; held for a time (after a reset, a changed number, a suspicion); an open grant; a suspended one; one that begins later; one that is over; none.
 *
 * SECURITY: nothing is stored as "may enter": a grant that ends at noon has ended at noon whether or not anything ran. Moments
 * are kept in whole seconds, rounded down, so an end is never late. What does not fit into a slice stands in the site; a
 * person whose rows are missing there has no grant, never a wider one. What was revoked or lifted since a past moment
 * is not in the slice; the gate says so for every such ask. */
#include "access.h"

static const int64_t epoch = 1577836800;      /* 2020-01-01T00:00:00Z */

const struct reason access_left = { "access.left", false,
	N_("Your employment here has ended. If that is wrong, ask your manager to have it corrected.") };
const struct reason access_no_grant = { "access.no_grant", true,
	N_("You have no access to this connection. Ask your manager to request it.") };
const struct reason access_not_yet = { "access.not_yet", true,
	N_("Your access has not begun yet.") };
const struct reason access_expired = { "access.expired", true,
	N_("Your access has ended. Ask your manager to request it again.") };
const struct reason access_suspended = { "access.suspended", false,
	N_("Your access is suspended. Call the support.") };

const struct reason access_quarantined = { "access.quarantine", true,
	N_("Your log-in was changed or somebody may have tried to take it over, so your remote connection is held for a time. Your own page says why.") };

const struct reason *const access_reasons[] = { &access_left, &access_quarantined, &access_no_grant, &access_not_yet, &access_expired, &access_suspended, NULL };

uint32_t access_second(struct instant at)
{
	if (at.ms / 1000 < epoch)
		return 0;
	return at.ms / 1000 - epoch >= UINT32_MAX ? UINT32_MAX : (uint32_t)(at.ms / 1000 - epoch);
}

struct instant access_moment(uint32_t second)
{
	return second == UINT32_MAX ? INSTANT_NEVER : (struct instant){ (epoch + second) * 1000 };
}

/* All facts of one person, wherever they stand. */
struct facts { const struct access_slice *slice; const struct access_open *more; size_t n; };

static struct facts facts_of(const struct ask *ask, const struct access_slice *slice, const struct access_site *site)
{
	size_t low = 0, high = site->n_more;

	if (!slice->has_more)
		return (struct facts){ slice, NULL, slice->n };
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (site->more[middle].person < ask->person)
			low = middle + 1;
		else
			high = middle;
	}
	size_t n = 0;
	while (low + n < site->n_more && site->more[low + n].person == ask->person)
		n++;
	return (struct facts){ NULL, &site->more[low], n };
}

static struct access_open fact(const struct facts *facts, size_t i)
{
	const struct access_slice *s = facts->slice;
	if (facts->more)
		return facts->more[i];
	return (struct access_open){ 0, s->from[i], s->until[i], s->service[i], (s->suspended >> i & 1) != 0 };
}

static uint16_t service_of(const struct ask *ask, const struct access_site *site)
{
	if (ask->gateway < 0 || ask->gateway >= site->n_gateways)
		return ACCESS_ANY_SERVICE;
	return site->service[ask->gateway];
}

struct found { bool is_open, is_suspended, is_over; uint32_t until, next; };

/* One pass: what of the facts covers the second, what comes, what is over. */
static struct found look(const struct facts *facts, uint16_t service, uint32_t at)
{
	struct found found = { .next = UINT32_MAX };

	for (size_t i = 0; i < facts->n; i++) {
		struct access_open one = fact(facts, i);
		if (service != ACCESS_ANY_SERVICE && one.service != service)
			continue;
		if (one.until <= at) {
			found.is_over = true;
		} else if (one.is_suspended) {
			found.is_suspended |= one.from <= at;
		} else if (one.from > at) {
			found.next = MIN(found.next, one.from);
		} else {
			found.is_open = true;
			found.until = MAX(found.until, one.until);
		}
	}
	return found;
}

/* The end of the unbroken right that is open now: grants that follow on carry it further. */
static uint32_t end_of(const struct facts *facts, uint16_t service, uint32_t until)
{
	for (bool has_grown = true; has_grown; ) {
		has_grown = false;
		for (size_t i = 0; i < facts->n; i++) {
			struct access_open one = fact(facts, i);
			if (one.is_suspended || (service != ACCESS_ANY_SERVICE && one.service != service))
				continue;
			if (one.from <= until && one.until > until) {
				until = one.until;
				has_grown = true;
			}
		}
	}
	return until;
}

void access_opinion(const struct ask *ask, const void *of_slice, const void *of_site, struct opinion *ret)
{
	const struct access_slice *slice = of_slice;
	const struct access_site *site = of_site;
	uint32_t at = access_second(ask->at);

	*ret = (struct opinion){ .verdict = VERDICT_DENY, .until = INSTANT_NEVER, .reason = &access_left };
	if (at >= slice->ends)
		return;
	if (at / ACCESS_HELD_UNIT < slice->held) {
		*ret = (struct opinion){ VERDICT_WAIT, access_moment(slice->held * ACCESS_HELD_UNIT), &access_quarantined };
		return;
	}
	uint16_t service = service_of(ask, site);
	struct facts facts = facts_of(ask, slice, site);
	struct found found = look(&facts, service, at);
	if (found.is_open) {
		uint32_t until = MIN(end_of(&facts, service, found.until), slice->ends);
		*ret = (struct opinion){ .verdict = VERDICT_PASS, .until = access_moment(until) };
	} else if (found.is_suspended) {
		ret->reason = &access_suspended;
	} else if (found.next < slice->ends) {
		*ret = (struct opinion){ .verdict = VERDICT_WAIT, .until = access_moment(found.next), .reason = &access_not_yet };
	} else {
		ret->reason = found.is_over ? &access_expired : &access_no_grant;
	}
}
