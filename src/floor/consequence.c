/* The consequence scale out of its pack: three to six levels, numbered without gaps.
 *
 * What it does not do: judge. Points ask for the levels and their limits; who may decide at a level is mandate.c's. */
#include "floor/consequence.h"

static const struct pack_shape shape[] = {
	{ "level", "word* meaning* alone* informed* accept_days# treat_days#" },
	{ 0 }
};

enum err consequence_scale(struct rq *rq, struct consequences *ret)
{
	struct consequences made = { 0 };

	TRY(pack_read(rq, "consequence", shape, &made.pack));
	if (made.pack.n < 3 || made.pack.n > CONSEQUENCE_MOST)
		return fail(rq, ERR_INVALID, "packs/consequence.txt: a scale has 3 to %d levels", CONSEQUENCE_MOST);
	for (size_t i = 0; i < made.pack.n; i++) {
		const struct pack_row *row = &made.pack.rows[i];
		int64_t n;
		if (str_number(row->id, CONSEQUENCE_MOST, &n) != OK || n != (int64_t)i + 1)
			return fail(rq, ERR_INVALID, "packs/consequence.txt:%d: levels are numbered 1, 2, 3 in order", row->line);
		made.level[n] = (struct consequence){ pack_text(row, "word", rq->language), pack_text(row, "meaning", rq->language),
			pack_text(row, "alone", rq->language), pack_text(row, "informed", rq->language),
			pack_number(row, "accept_days"), pack_number(row, "treat_days") };
	}
	made.n = (int)made.pack.n;
	*ret = made;
	return OK;
}
