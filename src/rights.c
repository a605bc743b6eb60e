/* Who would be let in at a moment, person by person: the gate's fold, asked for many, for a plan that is made ahead.
 *
 * Places are not looked at: the plan is what divides them. The standing is entered for some hundred persons at a time, so that the writer, which
 * waits for whoever is in it, waits some ten microseconds.
 *
 * SECURITY: nothing is let in by it. */
#include "core.h"
#include "floor/right.h"

enum { AT_A_TIME = 256 };

static enum err rights_of(struct rq *rq, int64_t first, int64_t last, int16_t gateway, struct instant at, uint8_t *ret)
{
	/* No waiting: the caller may be the writer, which opens the gate. */
	if (!core_gate_is_open())
		return fail(rq, ERR_BUSY, _("The gate is starting and has not yet read what it must know. Try again in a moment."));
	int reader = standing_reader(core.standing);
	if (reader < 0)
		return fail(rq, ERR_BUSY, _("Too much is asked at once. Try again in a moment."));
	for (int64_t from = first; from < last; from += AT_A_TIME) {
		standing_enter(core.standing, reader);
		for (int64_t person = from; person < MIN(last, from + AT_A_TIME); person++) {
			struct gate_verdict verdict;
			gate_judge(core.standing, &(struct ask){ .person = person, .at = at, .gateway = gateway, .factor = FACTOR_STRONG }, &verdict);
			ret[person - first] = verdict.verdict == VERDICT_PASS;
		}
		standing_leave(core.standing, reader);
	}
	standing_reader_gone(core.standing, reader);
	return OK;
}

void rights_tell(void) { right_is(rights_of); }
