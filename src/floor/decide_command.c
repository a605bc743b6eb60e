/* decision ask, list, show, refuse, more, tell, withdraw, revoke, follow: the same verbs as the pages, and one that always says no.
 *
 * SECURITY: the command line cannot sign. A signature is the second factor of the person who decides, shown seconds ago, and no second
 * factor passes here; `decision sign` says where it is done. What has no effect at the gate may be stated with --by (the setting cli.state). */
#include "floor/decide.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/urgent.h"
#include "floor/words.h"

static enum err number_of(struct rq *rq, const struct args *args, int64_t *ret)
{
	return words_number(rq, args, _("Name one decision by its number."), ret);
}

/* --- what is printed --- */

static void put_person(struct rq *rq, struct out *ret, const char *key, struct maybe_int person)
{
	words_put_text(ret, key, words_code(rq, person));
}

static struct str gateway_name(struct rq *rq, struct maybe_int id)
{
	struct decide_gateway_row gateway;
	return id.is && decide_gateway(rq, id.i, &gateway) == OK ? gateway.name : STR_NONE;
}

static struct str unit_name(struct rq *rq, struct maybe_int id)
{
	struct decide_unit_row unit;
	return id.is && decide_unit(rq, id.i, &unit) == OK ? unit.name : STR_NONE;
}

static enum err put_json(struct rq *rq, const struct decide_get_row *d, struct out *ret)
{
	out_print(ret, "{\"decision\":%lld,\"state\":\"%s\",\"stale\":%s", (long long)d->id, decide_state_name[decide_state(d, rq->now)],
	          decide_is_stale(rq, d) ? "true" : "false");
	words_put_text(ret, "title", d->title);
	words_put_text(ret, "reason", d->reason);
	put_person(rq, ret, "person", d->person);
	words_put_text(ret, "unit", unit_name(rq, d->unit));
	words_put_text(ret, "gateway", gateway_name(rq, d->gateway));
	out_print(ret, ",\"level\":%lld", (long long)d->level);
	put_person(rq, ret, "asker", (struct maybe_int){ true, d->asker });
	put_person(rq, ret, "decider", (struct maybe_int){ true, d->decider });
	words_put_moment(ret, "from", (struct maybe_int){ true, d->from_at.ms });
	words_put_moment(ret, "until", (struct maybe_int){ true, decide_until(d).ms });
	words_put_moment(ret, "answer_by", (struct maybe_int){ true, d->answer_by.ms });
	words_put_moment(ret, "signed_at", d->signed_at);
	put_person(rq, ret, "signed_by", d->signed_by);
	words_put_text(ret, "hash", d->hash.len ? d->hash : STR_NONE);
	out_text(ret, "}\n");
	return OK;
}

static void put_plain(struct rq *rq, const struct decide_get_row *d, struct out *ret)
{
	out_print(ret, "%lld\t%s\t" STR_FMT "\t", (long long)d->id, _(decide_state_word[decide_state(d, rq->now)]), STR_ARG(d->reason));
	out_instant(ret, decide_until(d));
	out_print(ret, "\t" STR_FMT "%s\n", STR_ARG(d->title), decide_is_stale(rq, d) ? _(" (something has changed)") : "");
}

static enum err put(struct rq *rq, const struct args *args, int64_t id, struct out *ret)
{
	struct decide_get_row d;

	TRY(decide_find(rq, id, &d));
	if (args->json)
		return put_json(rq, &d, ret);
	put_plain(rq, &d, ret);
	return OK;
}

static enum err list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct decide_numbers_row *rows;
	size_t n;

	TRY(decide_numbers(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(put(rq, args, rows[i].id, ret));
	return OK;
}

static enum err show(struct rq *rq, const struct args *args, struct out *ret)
{
	struct decide_get_row d;
	struct str text, hash;
	int64_t id;

	TRY(number_of(rq, args, &id));
	TRY(put(rq, args, id, ret));
	if (args->json)
		return OK;
	TRY(decide_find(rq, id, &d));
	TRY(decide_text(rq, &d, &text, &hash));
	out_print(ret, STR_FMT "\nSHA-256 " STR_FMT "\n", STR_ARG(text), STR_ARG(hash));
	return OK;
}

/* --- to ask --- */

static enum err scope_of(struct rq *rq, const struct args *args, struct decide_wish *wish)
{
	struct people_unit_named_row unit;
	struct decide_gateway_named_row gateway;
	struct str name;
	enum err err;

	if ((name = args_option(args, "person")).at) {
		wish->person.is = true;
		TRY(words_person(rq, name, &wish->person.i));
	}
	if ((name = args_option(args, "unit")).at) {
		err = people_unit_named(rq, name, &unit);
		if (err == ERR_NONE)
			return fail(rq, ERR_NONE, _("There is no unit called \"%.*s\"."), STR_ARG(str_utf8_first(name, 80)));
		TRY(err);
		wish->unit = (struct maybe_int){ true, unit.id };
	}
	if ((name = args_option(args, "gateway")).at) {
		err = decide_gateway_named(rq, name, &gateway);
		if (err == ERR_NONE)
			return fail(rq, ERR_NONE, _("There is no gateway called \"%.*s\"."), STR_ARG(str_utf8_first(name, 80)));
		TRY(err);
		wish->gateway = (struct maybe_int){ true, gateway.id };
	}
	return OK;
}

static void choices_of(const struct args *args, struct decide_wish *wish)
{
	wish->choice[0] = (struct decide_choice){ STR("yes"), args_option(args, "yes"), args_option(args, "yes-likely"),
		args_option(args, "yes-means"), args_option(args, "yes-cost") };
	wish->choice[1] = (struct decide_choice){ STR("do nothing"), args_option(args, "no"), args_option(args, "no-likely"),
		args_option(args, "no-means"), args_option(args, "no-cost") };
	wish->n_choices = 2;
	if (args_option(args, "other").at)
		wish->choice[wish->n_choices++] = (struct decide_choice){ args_option(args, "other"), args_option(args, "other-happens"), STR(""), STR(""), STR("") };
}

/* Of a standing decision: each is said. */
static enum err terms_of(struct rq *rq, const struct args *args, struct decide_wish *wish)
{
	struct str bad = STR("");

	wish->is_standing = args_option(args, "standing").at;
	if (!wish->is_standing)
		return OK;
	if (str_number(args_option(args, "hours"), URGENT_HOURS_MOST, &wish->hours) != OK || str_number(args_option(args, "weekly"), URGENT_WEEKLY_MOST, &wish->weekly) != OK
	    || !args_option(args, "users").at || !people_roles(args_option(args, "users"), &wish->users, &bad))
		return words_usage(rq, _("A standing decision says --hours N, --weekly N and --users \"support manager\"."));
	return OK;
}

static enum err ask(struct rq *rq, const struct args *args, struct out *ret)
{
	struct decide_wish wish = { .title = args_option(args, "title"), .why = args_option(args, "because"),
		.proposal = args_option(args, "proposal"), .measures = args_option(args, "measures") };
	struct str before = args_option(args, "renews");
	int64_t level, id;

	if (args->n_words != 1 || str_number(args_option(args, "level"), CONSEQUENCE_MOST, &level) != OK || !args_option(args, "until").at
	    || !args_option(args, "decider").at)
		return words_usage(rq, _("Write: decision ask REASON --person P --level N --until T --decider P --by P and the texts; the manual says which."));
	wish.reason = args->words[0];
	wish.level = (int)level;
	TRY(words_by(rq, args, &wish.asker));
	TRY(words_person(rq, args_option(args, "decider"), &wish.decider));
	TRY(scope_of(rq, args, &wish));
	TRY(words_moment(rq, args, "from", false, &wish.from_at));
	TRY(words_moment(rq, args, "until", true, &wish.until));
	TRY(words_moment(rq, args, "answer-by", true, &wish.answer_by));
	if (before.at) {
		wish.supersedes.is = true;
		if (str_number(before, INT64_MAX, &wish.supersedes.i) != OK)
			return words_usage(rq, _("Name one decision by its number."));
	}
	choices_of(args, &wish);
	TRY(terms_of(rq, args, &wish));
	TRY(decide_draft(rq, &wish, &id));
	if (!args_option(args, "draft").at)
		TRY(decide_ask(rq, id, wish.asker, STR("")));
	return put(rq, args, id, ret);
}

/* --- the other moves --- */

static enum err sign(struct rq *rq, const struct args *args, struct out *ret)
{
	struct decide_get_row d;
	int64_t id;
	(void)ret;

	TRY(number_of(rq, args, &id));
	TRY(decide_find(rq, id, &d));
	return fail(rq, ERR_DENIED, _("The command line cannot sign: a signature is the decider's second factor. It is done on the page /decisions/%lld."),
	            (long long)id);
}

static enum err tell(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by;

	TRY(number_of(rq, args, &id));
	TRY(words_by(rq, args, &by));
	TRY(decide_ask(rq, id, by, args_option(args, "answer")));
	return put(rq, args, id, ret);
}

static enum err withdraw(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by;

	TRY(number_of(rq, args, &id));
	TRY(words_by(rq, args, &by));
	TRY(decide_withdraw(rq, id, by, args_option(args, "because")));
	return put(rq, args, id, ret);
}

static enum err answer(struct rq *rq, const struct args *args, enum decide_answer what, struct out *ret)
{
	int64_t id, by;

	TRY(number_of(rq, args, &id));
	TRY(words_by(rq, args, &by));
	TRY(decide_state_answer(rq, id, by, what, args_option(args, "because")));
	return put(rq, args, id, ret);
}

static enum err refuse(struct rq *rq, const struct args *args, struct out *ret)
{
	return answer(rq, args, DECIDE_NO, ret);
}

static enum err more(struct rq *rq, const struct args *args, struct out *ret)
{
	return answer(rq, args, DECIDE_MORE, ret);
}

static enum err end_now(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by = -1;

	TRY(number_of(rq, args, &id));
	if (args_option(args, "by").at)
		TRY(words_by(rq, args, &by));
	TRY(decide_revoke(rq, id, by, args_option(args, "because")));
	return put(rq, args, id, ret);
}

static enum err follow(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by;

	TRY(number_of(rq, args, &id));
	TRY(words_by(rq, args, &by));
	TRY(decide_follow(rq, id, by, args_option(args, "how")));
	return put(rq, args, id, ret);
}

const struct command decide_commands[] = {
	{ "decision ask", "REASON [--person P] [--unit U] [--gateway G] --title T --because T --yes T --yes-likely T [--yes-means T] [--yes-cost T] --no T "
	  "--no-likely T [--no-means T] [--no-cost T] [--other T --other-happens T] --measures T [--proposal T] --level N [--from T] --until T "
	  "[--answer-by T] --decider P --by P [--renews N] [--draft] [--standing --hours N --weekly N --users ROLES]",
	  N_("Ask for a deviation, or with the reason \"risk\" that a risk is accepted: for whom, until when, and what yes and no lead to"), COMMAND_WRITE, ask },
	{ "decision tell", "NUMBER --by P [--answer T]", N_("Ask with a draft, or answer what the decider wants to know"), COMMAND_WRITE, tell },
	{ "decision list", "", N_("All decisions, the newest first"), COMMAND_READ, list },
	{ "decision show", "NUMBER", N_("One decision, with the text that is decided on and its hash"), COMMAND_READ, show },
	{ "decision sign", "NUMBER [--by P]", N_("Refused: a decision is signed on its page, with the second factor"), COMMAND_READ, sign },
	{ "decision refuse", "NUMBER --by P --because T", N_("State that the answer is no"), COMMAND_WRITE, refuse },
	{ "decision more", "NUMBER --by P --because T", N_("State what the decider wants to know first"), COMMAND_WRITE, more },
	{ "decision withdraw", "NUMBER --by P [--because T]", N_("Take back what was asked; when it is in force: it is not needed any more"), COMMAND_WRITE, withdraw },
	{ "decision revoke", "NUMBER --because T [--by P]", N_("End a deviation now: the next log-in is judged without it"), COMMAND_WRITE, end_now },
	{ "decision follow", "NUMBER --by P --how T", N_("Write down how a deviation went, after its end"), COMMAND_WRITE, follow },
	{ 0 }
};
