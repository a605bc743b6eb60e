/* A gateway's own list of who is in, handed over by a command: for VPN servers that speak RADIUS and whose list is read by a tool of their
 * own, like ocserv's `occtl`, whose socket is its root's alone. A timer on the gateway's machine pipes one into the other.
 *
 * The list wins over accounting as OpenVPN's does (core_account.c): who stands in it and was not known is counted, who does not and was not heard of lately
 * has ended. The answer says who is to end there, by the number that the server disconnects them by, so that the same timer can do it.
 *
 * SECURITY: whoever may give commands is believed about who is in; that shuts nobody out of a gateway and lets nobody in. A list that cannot be
 * read to its end changes nothing. */
#include "core.h"
#include "floor/reading.h"
#include "floor/gateway.sql.h"

/* As old as a list may be when it is read: what was heard of since is not missed in it. */
enum { LIST_AGE_SECONDS = 30 };

static enum err find_client(struct rq *rq, struct str name, uint16_t *ret)
{
	for (uint32_t i = 0; i < core.boot.n_gateways; i++)
		if (str_equal(str_of(core.boot.gateway[i].name), name)) {
			*ret = (uint16_t)i;
			return OK;
		}
	return fail(rq, ERR_NONE, _("There is no gateway called \"%.*s\"."), STR_ARG(str_utf8_first(name, 60)));
}

static void put_end(const struct args *args, const struct listed_record *who, struct str why, struct out *ret)
{
	if (!args->json) {
		out_print(ret, "%lld\t%s\t" STR_FMT "\n", (long long)who->number, who->user, STR_ARG(why));
		return;
	}
	out_print(ret, "{\"end\":%lld,\"user\":", (long long)who->number);
	out_json(ret, str_of(who->user));
	out_text(ret, ",\"session\":");
	out_json(ret, str_of(who->session));
	out_text(ret, ",\"why\":");
	out_json(ret, why);
	out_text(ret, "}\n");
}

static enum err take_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str name = args_option(args, "gateway");
	struct listed_record *listed;
	struct core_ending *endings;
	size_t n, n_endings;
	uint16_t client;

	if (args->file < 0 || !name.at)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("Write: gateway listed FILE --gateway NAME.")));
	TRY(find_client(rq, name, &client));
	/* Before that the count is not there, and who may stay cannot be judged. */
	if (!core_gate_is_open())
		return fail(rq, ERR_BUSY, _("The gate is starting and has not yet read what it must know. Try again in a moment."));
	TRY(reading_listed(rq, args->file, &listed, &n));
	struct account_record *records = NEW_MANY(rq->arena, n + 1, struct account_record);
	for (size_t i = 0; i < n; i++) {
		records[i] = (struct account_record){ .serial = ACCOUNT_NOBODY_WAITS };
		memcpy(records[i].user, listed[i].user, sizeof records[i].user);
		memcpy(records[i].session, listed[i].session, sizeof records[i].session);
		memcpy(records[i].calling, listed[i].calling, sizeof records[i].calling);
		memcpy(records[i].framed, listed[i].framed, sizeof records[i].framed);
	}
	TRY(core_list_take(rq, client, LIST_AGE_SECONDS, records, n));
	TRY(core_endings(rq, core_gateway_of(client), &endings, &n_endings));
	if (args->json)
		out_print(ret, "{\"listed\":%zu}\n", n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_endings; k++)
			if (str_equal(str_of(listed[i].session), endings[k].nas_session)) {
				put_end(args, &listed[i], endings[k].why, ret);
				break;
			}
	return OK;
}

const struct command list_commands[] = {
	{ "gateway listed", "FILE --gateway NAME", N_("Take in a VPN server's own list of who is in, as \"occtl -j show users\" prints it, and tell who is to be ended there"),
	  COMMAND_LONG, take_list, .takes_file = true },
	{ 0 }
};
