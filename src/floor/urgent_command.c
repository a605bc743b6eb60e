/* decision urgent list, show, use, refuse, withdraw, reverse, review, clean: the same verbs as the pages, and one that always says no.
 *
 * SECURITY: the command line can neither ask in an urgent case nor confirm one: those two people are known by their sessions. What takes away, and the
 * review, may be stated with --by (the setting cli.state); the account that owns HOME may always reverse. */
#include "floor/people.h"
#include "floor/urgent.h"
#include "floor/words.h"

static enum err number_of(struct rq *rq, const struct args *args, int64_t *ret)
{
	return words_number(rq, args, _("Name one urgent case by its number."), ret);
}

/* --- what is printed --- */

static enum err put(struct rq *rq, const struct args *args, int64_t id, struct out *ret)
{
	struct urgent u;

	TRY(urgent_read(rq, id, &u));
	struct str person = words_code(rq, (struct maybe_int){ true, u.row.person });
	if (!args->json) {
		out_print(ret, "%lld\t%s\t%lld\t" STR_FMT "\t" STR_FMT "\n", (long long)id, _(urgent_state_word[u.state]), (long long)u.row.decision, STR_ARG(person), STR_ARG(u.row.why));
		return OK;
	}
	out_print(ret, "{\"urgent\":%lld,\"state\":\"%s\",\"decision\":%lld", (long long)id, urgent_state_name[u.state], (long long)u.row.decision);
	words_put_text(ret, "reason", u.standing.reason);
	words_put_text(ret, "person", person);
	words_put_text(ret, "why", u.row.why);
	out_print(ret, ",\"hours\":%lld", (long long)u.row.hours);
	words_put_text(ret, "asker", words_code(rq, (struct maybe_int){ true, u.row.asker }));
	words_put_text(ret, "second", u.row.is_yes ? words_code(rq, u.row.answered_by) : STR_NONE);
	words_put_moment(ret, "asked_at", (struct maybe_int){ true, u.row.asked_at.ms });
	words_put_moment(ret, "until", (struct maybe_int){ u.row.is_yes, u.until.ms });
	words_put_moment(ret, "reversed_at", u.row.reversed_at);
	words_put_moment(ret, "reviewed_at", u.row.reviewed_at);
	out_print(ret, ",\"right\":%s}\n", !u.row.reviewed_at.is ? "null" : u.row.is_right ? "true" : "false");
	return OK;
}

static enum err list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct urgent_numbers_row *rows;
	int64_t of = -1;
	size_t n;

	if (args->n_words && str_number(args->words[0], INT64_MAX, &of) != OK)
		return words_usage(rq, _("Name one decision by its number."));
	TRY(urgent_numbers(rq, of, &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(put(rq, args, rows[i].id, ret));
	return OK;
}

static enum err show(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;

	TRY(number_of(rq, args, &id));
	return put(rq, args, id, ret);
}

/* --- moves --- */

static enum err use(struct rq *rq, const struct args *args, struct out *ret)
{
	(void)args;
	(void)ret;
	return fail(rq, ERR_DENIED, _("The command line cannot ask in an urgent case, nor confirm one: two people do, on the page /decisions/urgent."));
}

static enum err refuse(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by;

	TRY(number_of(rq, args, &id));
	TRY(words_by(rq, args, &by));
	TRY(urgent_refuse(rq, id, by, args_option(args, "because")));
	return put(rq, args, id, ret);
}

static enum err withdraw(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by;

	TRY(number_of(rq, args, &id));
	TRY(words_by(rq, args, &by));
	TRY(urgent_withdraw(rq, id, by));
	return put(rq, args, id, ret);
}

static enum err reverse(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by = -1;

	TRY(number_of(rq, args, &id));
	if (args_option(args, "by").at)
		TRY(words_by(rq, args, &by));
	TRY(urgent_reverse(rq, id, by, args_option(args, "because")));
	return put(rq, args, id, ret);
}

static enum err review(struct rq *rq, const struct args *args, struct out *ret)
{
	bool is_right = args_option(args, "right").at, is_wrong = args_option(args, "wrong").at;
	int64_t id, by;

	TRY(number_of(rq, args, &id));
	TRY(words_by(rq, args, &by));
	if (is_right == is_wrong)
		return words_usage(rq, _("Say --right or --wrong."));
	TRY(urgent_review(rq, id, by, is_right, args_option(args, "because")));
	return put(rq, args, id, ret);
}

static enum err clean(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by;

	TRY(number_of(rq, args, &id));
	TRY(words_by(rq, args, &by));
	TRY(urgent_clean(rq, id, by, args_option(args, "how")));
	return put(rq, args, id, ret);
}

const struct command urgent_commands[] = {
	{ "decision urgent list", "[DECISION]", N_("Urgent cases, the newest first; of one standing decision"), COMMAND_READ, list },
	{ "decision urgent show", "NUMBER", N_("One urgent case"), COMMAND_READ, show },
	{ "decision urgent use", "[NUMBER] [--by P]", N_("Refused: two people ask and confirm, on the page"), COMMAND_READ, use },
	{ "decision urgent refuse", "NUMBER --by P --because T", N_("State that the second person says no"), COMMAND_WRITE, refuse },
	{ "decision urgent withdraw", "NUMBER --by P", N_("Take back an urgent case that nobody has answered"), COMMAND_WRITE, withdraw },
	{ "decision urgent reverse", "NUMBER --because T [--by P]", N_("End an urgent case now: the next log-in is judged without it"), COMMAND_WRITE, reverse },
	{ "decision urgent review", "NUMBER [--right] [--wrong] --by P --because T", N_("State afterwards whether an urgent case was right; when not, it ends now"), COMMAND_WRITE, review },
	{ "decision urgent clean", "NUMBER --by P --how T", N_("Write down what was put right after a review that said no"), COMMAND_WRITE, clean },
	{ 0 }
};
