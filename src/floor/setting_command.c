/* setting list and setting set: the same verb as the page, with the same ranges and a leaf each.
 *
 * SECURITY: whoever owns HOME may set what a coordinator may; the account's name stands in the leaf and beside the setting. */
#include "floor/setting.h"
#include "floor/setting.sql.h"

static const char *type_name(const struct setting *s)
{
	static const char *const name[] = { [SETTING_NUMBER] = "number", [SETTING_BOOL] = "bool", [SETTING_TEXT] = "text" };
	return name[s->type];
}

static void put_json(struct rq *rq, const struct setting *s, struct out *ret)
{
	struct str value = setting_value(rq, s), standard = setting_standard(rq, s);

	out_print(ret, "{\"setting\":\"%s\",\"value\":", s->name);
	out_json(ret, value);
	out_text(ret, ",\"standard\":");
	out_json(ret, standard);
	out_print(ret, ",\"type\":\"%s\"", type_name(s));
	if (s->type == SETTING_NUMBER)
		out_print(ret, ",\"least\":%lld,\"most\":%lld", (long long)s->least, (long long)s->most);
	out_print(ret, ",\"fixed\":%s,\"sentence\":", s->is_fixed ? "true" : "false");
	out_json(ret, str_of(_(s->sentence)));
	out_text(ret, "}\n");
}

static enum err list(struct rq *rq, const struct args *args, struct out *ret)
{
	const struct setting *s;
	struct str under = args->n_words ? args->words[0] : STR("");

	for (size_t at = 0; (s = setting_next(&at)); ) {
		if (!str_starts(str_of(s->name), under))
			continue;
		if (args->json)
			put_json(rq, s, ret);
		else
			out_print(ret, "%s\t" STR_FMT "\t%s\n", s->name, STR_ARG(setting_value(rq, s)), _(s->sentence));
	}
	return ret->len || !under.len ? OK : fail(rq, ERR_NONE, _("there is no setting \"%.*s\""), STR_ARG(str_utf8_first(under, 60)));
}

static enum err set(struct rq *rq, const struct args *args, struct out *ret)
{
	struct change *change;

	if (args->n_words != 2)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("Write: setting set NAME VALUE.")));
	/* Before the leaf is begun: it holds the setting's own name, not whatever was typed. */
	const struct setting *s = setting_named(args->words[0]);
	if (!s)
		return fail(rq, ERR_NONE, _("there is no setting \"%.*s\""), STR_ARG(str_utf8_first(args->words[0], 60)));
	TRY(audit_begin(rq, "setting.set", str_of(s->name), &change));
	TRY(setting_set(change, args->words[0], args->words[1]));
	change_touch_site(change);
	if (args->json)
		put_json(rq, s, ret);
	else
		out_print(ret, "%s\t" STR_FMT "\n", s->name, STR_ARG(setting_value(rq, s)));
	return OK;
}

const struct command setting_commands[] = {
	{ "setting list", "[NAME]", N_("What the organisation has decided: every setting, its value and what it does"), COMMAND_READ, list },
	{ "setting set", "NAME VALUE", N_("Change a setting"), COMMAND_WRITE, set },
	{ 0 }
};
