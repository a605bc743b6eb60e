/* How places were shared in this working day and the one before, by class: what K5 promises, that nobody goes without.
 *
 * The gate counts each person's time in memory (turns.h); here it is read from the sessions in the store, for pages and the command. Who only had to wait is
 * read from the refusals that are remembered since the start.
 *
 * SECURITY: numbers by class; a person's own time to that person alone. */
#include "capacity.h"
#include "floor/people.h"
#include "floor/refusal.h"
#include "floor/session.sql.h"

enum { REFUSED_READ = 1000 };

enum err capacity_had(struct rq *rq, int64_t person, struct span *ret)
{
	struct session_past_of_row *rows;
	size_t n;

	TRY(session_past_of(rq, (struct maybe_int){ true, person }, working_day_before(rq->now), &rows, &n));
	*ret = (struct span){ 0 };
	for (size_t i = 0; i < n; i++) {
		int64_t until = rows[i].closed_at.is ? rows[i].closed_at.i : MIN(rq->now.ms, rows[i].until.ms);
		ret->ms += MAX(until - rows[i].opened_at.i, (int64_t)0);
	}
	return OK;
}

/* Each person once who was turned away for want of a place and has not been connected at all. */
static enum err only_waited(struct rq *rq, struct capacity_share ret[5])
{
	struct refusal *refusals;
	struct instant since = working_day_before(rq->now);
	size_t n = refusal_latest(rq->arena, &refusals), n_seen = 0;
	int64_t *seen = NEW_MANY(rq->arena, REFUSED_READ, int64_t);

	for (size_t i = 0; i < n && n_seen < REFUSED_READ && !instant_is_before(refusals[i].at, since); i++) {
		const struct refusal *refusal = &refusals[i];
		struct session_past_of_row *rows;
		size_t n_rows;
		bool is_again = false;
		if (refusal->person < 0 || refusal->is_watched || refusal->class < 1 || refusal->class > 4 || strncmp(refusal->code, "capacity.", 9) != 0)
			continue;
		for (size_t k = 0; k < n_seen; k++)
			is_again |= seen[k] == refusal->person;
		if (is_again)
			continue;
		seen[n_seen++] = refusal->person;
		TRY(session_past_of(rq, (struct maybe_int){ true, refusal->person }, since, &rows, &n_rows));
		ret[refusal->class].none += n_rows == 0;
	}
	return OK;
}

enum err capacity_shares(struct rq *rq, struct capacity_share ret[5])
{
	struct capacity_shared_row *rows;
	size_t n;

	memset(ret, 0, 5 * sizeof ret[0]);
	TRY(capacity_shared(rq, rq->now, working_day_before(rq->now), &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (rows[i].class >= 1 && rows[i].class <= 4) {
			ret[rows[i].class].people = rows[i].people;
			ret[rows[i].class].little = rows[i].little;
		}
	return only_waited(rq, ret);
}

enum err capacity_run_shared(struct rq *rq, const struct args *args, struct out *ret)
{
	struct capacity_share shares[5];

	if (args->n_words)
		return fail(rq, ERR_INVALID, _("It takes no name."));
	TRY(capacity_shares(rq, shares));
	for (int class = 1; class <= 4; class++)
		out_print(ret, args->json ? "{\"class\":%d,\"people\":%lld,\"under_20_minutes\":%lld,\"only_waited\":%lld}\n" : "%d\t%lld\t%lld\t%lld\n", class,
		          (long long)shares[class].people, (long long)shares[class].little, (long long)shares[class].none);
	return OK;
}
