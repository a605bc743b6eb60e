/* How many are in now, by gateway and class: counted from the sessions in the store, as the gate's own count began.
 *
 * What it does not do: the gate's count (places.h) also knows accepts of this very second; the two differ by those. */
#include "capacity.h"
#include "floor/gateway.sql.h"
#include "floor/setting.h"

static enum err fill_lists(struct rq *rq, const struct capacity_known *known, size_t n, struct capacity_now *ret)
{
	struct gateway_contacts_row *rows;
	size_t n_rows;

	TRY(gateway_contacts(rq, &rows, &n_rows));
	for (size_t i = 0; i < n_rows; i++)
		for (size_t k = 0; k < n; k++)
			if (known[k].id == rows[i].gateway) {
				ret[k].listed = rows[i].listed;
				ret[k].listed_at = rows[i].listed_at;
				ret[k].list_lost_at = rows[i].lost_at;
			}
	return OK;
}

static enum err fill_silent(struct rq *rq, const struct capacity_known *known, size_t n, struct capacity_now *ret)
{
	struct capacity_silent_row *rows;
	size_t n_rows;

	TRY(capacity_silent(rq, rq->now, instant_plus(rq->now, MINUTES(-SUSPECT_MINUTES)), &rows, &n_rows));
	for (size_t i = 0; i < n_rows; i++)
		for (size_t k = 0; k < n; k++)
			if (known[k].id == rows[i].gateway)
				ret[k].silent = rows[i].n;
	return OK;
}

enum err capacity_taken(struct rq *rq, const struct capacity_known *known, size_t n, struct capacity_now **ret)
{
	struct capacity_now_row *rows;
	size_t n_rows;
	struct instant offered = instant_plus(rq->now, SECONDS(-setting_number(rq, "gate.lease_seconds")));

	TRY(capacity_now(rq, rq->now, offered, &rows, &n_rows));
	struct capacity_now *made = NEW_MANY(rq->arena, n + 1, struct capacity_now);
	memset(made, 0, (n + 1) * sizeof made[0]);
	for (size_t i = 0; i < n_rows; i++)
		for (size_t k = 0; k < n; k++)
			if (known[k].id == rows[i].gateway && rows[i].class >= 0 && rows[i].class <= 4) {
				made[k].n += rows[i].n;
				made[k].by_class[rows[i].class] += rows[i].n;
			}
	*ret = made;
	TRY(fill_silent(rq, known, n, made));
	return fill_lists(rq, known, n, made);
}
