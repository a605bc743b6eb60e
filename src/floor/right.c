/* The way from a point that plans to the gate's fold, which knows all points: floor knows neither, so the fold says once who answers.
 *
 * SECURITY: it only tells; nobody gets in by it. */
#include "floor/right.h"

static enum err (*asked)(struct rq *, int64_t first, int64_t last, int16_t gateway, struct instant at, uint8_t *ret);

void right_is(enum err (*answers)(struct rq *, int64_t first, int64_t last, int16_t gateway, struct instant at, uint8_t *ret))
{
	asked = answers;
}

enum err right_of(struct rq *rq, int64_t first, int64_t last, int16_t gateway, struct instant at, uint8_t *ret)
{
	if (!asked)
		return fail(rq, ERR_CONFLICT, "nobody here knows who has a right to connect");
	return asked(rq, first, last, gateway, at, ret);
}
