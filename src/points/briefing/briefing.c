/* Question 3 of the leaflet: has management been told how things stand? The leaflet asks to communicate to
 * management regularly, short and concise: what you do, why, which risks there are and what they lead to;
 * and to bring material so that management can decide aware of the risks.
 *
 * Here so far: the decisions that wait for management. While one waits, the question needs action; while none does it is unknown, since
 * no briefing can be made yet, and unknown is never green. The point says nothing at the gate. */
#include "floor/decide.h"
#include "point.h"

static enum err figures(struct rq *rq, struct figures *ret)
{
	struct instant since;
	int64_t n;

	TRY(decide_waiting(rq, &n, &since));
	if (n == 0)
		return OK;
	struct out day = out_new(rq->arena);
	tongue_date(&day, rq->language, since);
	const char *said = tongue_n(rq->language, "%lld decision waits, since %.*s.", "%lld decisions wait, the oldest since %.*s.", n);
	*ret = (struct figures){ .state = STATE_NEEDS_ACTION, .sentence = str_print(rq->arena, said, (long long)n, STR_ARG(out_str(&day))),
		.evidence = str_of(_("The decisions")), .evidence_at = STR("/decisions"), .measured_at = rq->now,
		.next = str_of(_("Answer the decisions that wait")), .next_at = STR("/decisions") };
	return OK;
}

extern const struct point briefing_point;
const struct point briefing_point = {
	.name = "briefing",
	.question = N_("Has management been told how things stand?"),
	.wakes = N_("Make the first briefing for management."),
	.figures = figures,
};
