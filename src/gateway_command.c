/* Gateways: which there are, whether each enforces what the gate says or only watches, and in which language it tells why.
 *
 * A gateway becomes known from a radius.client line, or from the first ask of a token of that name. Watching is for the first
 * weeks: all is decided, recorded and counted, but whoever has the right credentials gets in.
 *
 * SECURITY: to watch is to let in; it is a leaf with the account's name, it stands on the start page as needing action with the
 * number of log-ins that would have been refused, and here. */
#include "core.h"
#include "floor/gateway.sql.h"
#include "floor/session.sql.h"

enum { WINDOW_DAYS = 30 };

static enum err find(struct rq *rq, const struct args *args, size_t n_words, struct gateway_all_row *ret)
{
	struct gateway_all_row *rows;
	size_t n;

	if (args->n_words != n_words)
		return fail(rq, ERR_INVALID, _("Name the gateway: gateway list shows them."));
	TRY(gateway_all(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (str_equal(rows[i].name, args->words[0])) {
			*ret = rows[i];
			return OK;
		}
	return fail(rq, ERR_NONE, _("There is no gateway called \"%.*s\"."), STR_ARG(str_utf8_first(args->words[0], 60)));
}

static const struct radius_mark { bool is_client, is_authorise_only, no_message_authenticator; } *marks_of(struct rq *rq, struct str name)
{
	struct radius_mark *ret = NEW(rq->arena, struct radius_mark);

	for (uint32_t i = 0; i < core.boot.n_gateways; i++)
		if (str_equal(str_of(core.boot.gateway[i].name), name))
			*ret = (struct radius_mark){ true, core.boot.gateway[i].is_authorise_only, core.boot.gateway[i].no_message_authenticator };
	return ret;
}

static void put_line(struct rq *rq, const struct args *args, const struct gateway_all_row *row, int64_t n_against, struct out *ret)
{
	const struct radius_mark *marks = marks_of(rq, row->name);
	const char *mode = row->is_watch ? "watch" : "enforce", *language = row->language.at ? str_c(rq->arena, row->language) : "sv";

	if (!args->json) {
		out_print(ret, STR_FMT "\t%s\t%s\t" STR_FMT "\t%lld\n", STR_ARG(row->name), mode, language, STR_ARG(row->service), (long long)n_against);
		return;
	}
	out_text(ret, "{\"gateway\":");
	out_json(ret, row->name);
	out_print(ret, ",\"mode\":\"%s\",\"language\":\"%s\",\"service\":", mode, language);
	out_json(ret, row->service);
	out_print(ret, ",\"against\":%lld,\"days\":%d,\"radius\":%s,\"authorise_only\":%s,\"message_authenticator\":%s}\n", (long long)n_against,
	          WINDOW_DAYS, marks->is_client ? "true" : "false", marks->is_authorise_only ? "true" : "false",
	          marks->no_message_authenticator ? "false" : "true");
}

static enum err list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct session_against_row *against;
	struct gateway_all_row *rows;
	size_t n, n_against;

	TRY(gateway_all(rq, &rows, &n));
	TRY(session_against(rq, instant_plus(rq->now, DAYS(-WINDOW_DAYS)), &against, &n_against));
	for (size_t i = 0; i < n; i++) {
		int64_t count = 0;
		for (size_t k = 0; k < n_against; k++)
			if (against[k].gateway == rows[i].id)
				count = against[k].n;
		put_line(rq, args, &rows[i], count, ret);
	}
	return OK;
}

static enum err show(struct rq *rq, const struct args *args, struct out *ret, size_t n_words)
{
	struct gateway_all_row row;

	TRY(find(rq, args, n_words, &row));
	put_line(rq, args, &row, 0, ret);
	return OK;
}

static enum err set_watch(struct rq *rq, const struct args *args, struct out *ret, bool is_watch)
{
	struct gateway_all_row row;
	struct change *change;

	TRY(find(rq, args, 1, &row));
	if (row.is_watch != is_watch) {
		TRY(audit_begin(rq, is_watch ? "gateway.watch" : "gateway.enforce", row.name, &change));
		TRY(gateway_set_watch(change, is_watch, row.id));
		change_touch_site(change);
	}
	return show(rq, args, ret, 1);
}

static enum err watch(struct rq *rq, const struct args *args, struct out *ret) { return set_watch(rq, args, ret, true); }
static enum err enforce(struct rq *rq, const struct args *args, struct out *ret) { return set_watch(rq, args, ret, false); }

static enum err set_language(struct rq *rq, const struct args *args, struct out *ret)
{
	struct gateway_all_row row;
	struct change *change;

	TRY(find(rq, args, 2, &row));
	if (!str_equal(args->words[1], STR("sv")) && !str_equal(args->words[1], STR("en")))
		return fail(rq, ERR_INVALID, _("The language is sv or en."));
	TRY(audit_begin(rq, "gateway.language", row.name, &change));
	TRY(gateway_set_language(change, args->words[1], row.id));
	change_touch_site(change);
	return show(rq, args, ret, 2);
}

static enum err set_service(struct rq *rq, const struct args *args, struct out *ret)
{
	struct gateway_all_row row;
	struct change *change;

	TRY(find(rq, args, 2, &row));
	if (args->words[1].len > 60 || !str_is_utf8(args->words[1]))
		return fail(rq, ERR_INVALID, _("A service has at most %d letters."), 60);
	TRY(audit_begin(rq, "gateway.service", row.name, &change));
	TRY(gateway_set_service(change, args->words[1], row.id));
	change_touch_site(change);
	return show(rq, args, ret, 2);
}

const struct command gateway_commands[] = {
	{ "gateway list", "", N_("All gateways: mode, language, service, and how many log-ins were let in against a reason"), COMMAND_READ, list },
	{ "gateway watch", "NAME", N_("Decide and record, but let in whoever has the right credentials"), COMMAND_WRITE, watch },
	{ "gateway enforce", "NAME", N_("Let in only whom the gate passes"), COMMAND_WRITE, enforce },
	{ "gateway language", "NAME sv|en", N_("In which language a refusal is told"), COMMAND_WRITE, set_language },
	{ "gateway service", "NAME SERVICE", N_("Which service a grant must be for; an empty text: any"), COMMAND_WRITE, set_service },
	{ 0 }
};
