/* `gate ask`: explains any verdict, takes no place, writes no leaf. The same fold as the gate's own thread. */
#include "core.h"
#include "floor/address.h"
#include "floor/people.h"

enum err gate_read_when(struct rq *rq, struct str when, struct str factor, struct ask *ask)
{
	ask->at = rq->now;
	if (when.at && instant_parse_loose(when, &ask->at) != OK)
		return fail(rq, ERR_INVALID, _("Write the moment like this: 2026-11-30 08:00, or with a zone: 2026-11-30T08:00:00+01:00."));
	ask->is_then = when.at && ask->at.ms / 60000 != rq->now.ms / 60000;
	if (!factor.at)
		return OK;
	ask->factor = str_equal(factor, STR("strong")) ? FACTOR_STRONG : str_equal(factor, STR("weak")) ? FACTOR_WEAK : FACTOR_UNKNOWN;
	return ask->factor ? OK : fail(rq, ERR_INVALID, _("The factor is weak or strong."));
}

static void put_plain(struct rq *rq, const struct gate_verdict *verdict, struct out *ret)
{
	out_print(ret, "%s\n", verdict_name[verdict->verdict]);
	gate_sentence(ret, rq->language, verdict);
	for (size_t i = 0; i < verdict->n_reasons; i++) {
		const struct gate_reason *reason = &verdict->reason[i];
		out_print(ret, "%s%s: %s%s%s", i || ret->at[ret->len - 1] != '\n' ? "\n" : "", reason->point ? reason->point->name : "gate",
		          verdict_name[reason->opinion.verdict], reason->opinion.reason ? ", " : "",
		          reason->opinion.reason ? reason->opinion.reason->code : "");
		if (reason->lowered_by >= 0)
			out_print(ret, _(", lowered by decision %lld"), (long long)reason->lowered_by);
	}
	out_byte(ret, '\n');
}

static enum err ask(struct rq *rq, const struct args *args, struct out *ret)
{
	char room[1024];
	struct str canonical, gateway = args_option(args, "gateway"), from = args_option(args, "from");
	struct ask ask = { .person = -1, .gateway = -1 };
	struct gate_verdict verdict;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("Who asks? gate ask PERSON"));
	TRY(gate_read_when(rq, args_option(args, "at"), args_option(args, "factor"), &ask));
	if (from.at && !(ask.has_address = address_read(from, ask.address)))
		return fail(rq, ERR_INVALID, _("Write an address like 192.0.2.7 or 2001:db8::7."));
	core_gate_wait();
	int reader = standing_reader(core.standing);
	if (reader < 0)
		return fail(rq, ERR_BUSY, _("Too much is asked at once. Try again in a moment."));
	standing_enter(core.standing, reader);
	if (people_canonical(args->words[0], room, sizeof room, &canonical))
		ask.person = standing_find(core.standing, canonical);
	ask.gateway = gate_gateway(core.standing, gateway);
	if (!gateway.at || ask.gateway >= 0)
		core_explain(&ask, &verdict);
	standing_leave(core.standing, reader);
	standing_reader_gone(core.standing, reader);
	if (gateway.at && ask.gateway < 0)
		return fail(rq, ERR_NONE, _("There is no gateway called \"%.*s\"."), STR_ARG(gateway));
	if (args->json) {
		gate_json(ret, rq->language, &verdict);
		out_byte(ret, '\n');
	} else {
		put_plain(rq, &verdict, ret);
	}
	return OK;
}

const struct command gate_commands[] = {
	{ "gate ask", "PERSON [--gateway G] [--at T] [--factor weak|strong] [--from ADDRESS]", N_("May this person connect, and why? Changes nothing"), COMMAND_READ, ask },
	{ 0 },
};
