/* Verifying a caller on the command line: the same acts as the pages, with the same refusals.
 *
 * SECURITY: the agent is named with --by and stated by the account that types (setting cli.state; the verification is marked). The two proofs
 * that are not the agent's own cannot be given here: a manager vouches, and an employee reads her code and says no, on their own pages.
 * The code is never printed, to anybody. The token is, once, to who approves. */
#include "points/access/verify.h"
#include "floor/account.h"
#include "floor/people.h"
#include "floor/setting.h"

static enum err agent_of(struct rq *rq, const struct args *args, int64_t *ret)
{
	struct people_get_row person;

	if (!args_option(args, "by").len)
		return fail(rq, ERR_INVALID, "%s", _("Say who does it."));
	if (!setting_bool(rq, "cli.state"))
		return fail(rq, ERR_DENIED, "%s", _("Nothing is decided here in somebody's name (setting cli.state)."));
	TRY(people_find(rq, args_option(args, "by"), &person));
	*ret = person.id;
	return OK;
}

static enum err number_of(struct rq *rq, const struct args *args, int64_t *ret)
{
	if (args->n_words != 1 || str_number(args->words[0], INT64_MAX, ret) != OK)
		return fail(rq, ERR_INVALID, "%s", _("name one verification by its number"));
	return OK;
}

static void say_lacks(struct out *out, const struct verification *v)
{
	static const struct { unsigned bit; const char *name; } lack[] = { { VERIFY_LACKS_CALL, "call" }, { VERIFY_LACKS_CODE, "code" },
		{ VERIFY_LACKS_SECOND, "second" }, { VERIFY_LACKS_STRONG, "strong" }, { VERIFY_LACKS_PERSON, "person" },
		{ VERIFY_LACKS_CHANNEL, "channel" } };
	unsigned lacks = v->facts.end == VERIFY_OPEN ? verify_lacks(&v->facts) : 0;

	out_text(out, ",\"missing\":[");
	for (size_t i = 0, n = 0; i < LENGTH(lack); i++)
		if (lacks & lack[i].bit)
			out_print(out, "%s\"%s\"", n++ ? "," : "", lack[i].name);
	out_byte(out, ']');
}

static void say_field(struct out *out, const char *name, struct str value)
{
	out_print(out, ",\"%s\":", name);
	out_json(out, value);
}

void verify_json(struct rq *rq, struct out *out, const struct verification *v)
{
	struct people_get_row agent;

	out_print(out, "{\"verification\":%lld", (long long)v->row.id);
	say_field(out, "person", v->person.code);
	say_field(out, "errand", v->row.errand);
	if (people_get(rq, v->row.agent, &agent) == OK)
		say_field(out, "agent", agent.code);
	say_field(out, "ticket", v->row.ticket);
	out_print(out, ",\"class\":\"%c\",\"state\":\"%s\",\"started\":\"", 'A' + (int)v->facts.class - 1, verify_end_name[v->facts.end]);
	out_instant(out, v->row.started_at);
	out_byte(out, '"');
	if (v->facts.is_token_live) {
		out_text(out, ",\"until\":\"");
		out_instant(out, (struct instant){ v->row.token_until.i });
		out_byte(out, '"');
	}
	say_lacks(out, v);
}

/* `tells`: to the agent, who goes on with it: the number, the words, and after the approval the token. */
static enum err show(struct rq *rq, const struct args *args, int64_t id, bool tells, struct out *ret)
{
	struct verification v;
	struct str words;

	TRY(verify_read(rq, id, &v));
	if (!args->json) {
		out_print(ret, "%lld\t%.*s\t%.*s\t%c\t%s\n", (long long)id, STR_ARG(v.person.code), STR_ARG(v.errand->word), 'A' + (int)v.facts.class - 1,
		          _(verify_end_word[v.facts.end]));
		if (tells && v.facts.end == VERIFY_OPEN) {
			TRY(verify_words_of(rq, id, &words));
			out_print(ret, _("Call number %.*s, words: %.*s\n"), STR_ARG(verify_number(rq, id)), STR_ARG(words));
		} else if (tells && v.facts.is_token_live) {
			out_print(ret, _("Token: %.*s\n"), STR_ARG(verify_token(rq, id)));
		}
		return OK;
	}
	verify_json(rq, ret, &v);
	if (tells && v.facts.end == VERIFY_OPEN) {
		TRY(verify_words_of(rq, id, &words));
		say_field(ret, "number", verify_number(rq, id));
		say_field(ret, "words", words);
	} else if (tells && v.facts.is_token_live) {
		say_field(ret, "token", verify_token(rq, id));
	}
	out_text(ret, "}\n");
	return OK;
}

enum err verify_run_start(struct rq *rq, const struct args *args, struct out *ret)
{
	struct verify_wish wish = { .errand = args_option(args, "errand"), .ticket = args_option(args, "ticket"), .caller = args_option(args, "caller"),
		.is_stated = true };
	struct people_get_row person;
	int64_t id;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, "%s", _("name one person"));
	TRY(people_find(rq, args->words[0], &person));
	wish.person = person.id;
	TRY(agent_of(rq, args, &wish.agent));
	TRY(verify_begin(rq, &wish, &id));
	return show(rq, args, id, true, ret);
}

static enum err run_act(struct rq *rq, const struct args *args, struct out *ret, const char *name, struct str said)
{
	struct verify_deed deed = { .said = said, .why = args_option(args, "because"), .is_stated = true };
	struct verify_done done;

	TRY(number_of(rq, args, &deed.id));
	TRY(agent_of(rq, args, &deed.by));
	TRY(verify_do(rq, verify_act_named(str_of(name)), &deed, &done));
	if (done.is_wrong && args->json)
		out_print(ret, "{\"verification\":%lld,\"right\":false,\"tries\":%lld}\n", (long long)deed.id, (long long)done.tries_left);
	else if (done.is_wrong)
		out_print(ret, tongue_n(rq->language, "The code does not match. %lld try left.", "The code does not match. %lld tries left.", done.tries_left),
		          (long long)done.tries_left), out_byte(ret, '\n');
	return done.is_wrong ? OK : show(rq, args, deed.id, true, ret);
}

enum err verify_run_call(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_act(rq, args, ret, "call", STR(""));
}

enum err verify_run_code(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str read = args_option(args, "read");
	return run_act(rq, args, ret, read.at ? "read" : "code", read.at ? read : STR(""));
}

enum err verify_run_vouch(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_act(rq, args, ret, "ask", args_option(args, "ask"));
}

enum err verify_run_app(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_act(rq, args, ret, "app", STR(""));
}

enum err verify_run_present(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_act(rq, args, ret, "present", args_option(args, "shown"));
}

enum err verify_run_approve(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_act(rq, args, ret, "approve", STR(""));
}

enum err verify_run_use(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_act(rq, args, ret, "use", args_option(args, "token"));
}

enum err verify_run_hand(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_act(rq, args, ret, "hand", STR(""));
}

enum err verify_run_take(struct rq *rq, const struct args *args, struct out *ret)
{
	return run_act(rq, args, ret, "take", STR(""));
}

enum err verify_run_close(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str outcome = args_option(args, "outcome");

	if (!str_equal(outcome, STR("deny")) && !str_equal(outcome, STR("abort")))
		return fail(rq, ERR_INVALID, "%s", _("--outcome is deny or abort"));
	return run_act(rq, args, ret, str_equal(outcome, STR("deny")) ? "deny" : "abort", STR(""));
}

enum err verify_run_show(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;

	TRY(number_of(rq, args, &id));
	return show(rq, args, id, false, ret);
}

enum err verify_run_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str person = args_option(args, "person");
	struct people_get_row who = { 0 };
	struct verify_page_row *rows;
	int64_t before = INT64_MAX;
	size_t n;

	if (person.at)
		TRY(people_find(rq, person, &who));
	do {
		TRY(verify_page(rq, before, &rows, &n));
		for (size_t i = 0; i < MIN(n, (size_t)50); i++)
			if (!person.at || rows[i].person == who.id)
				TRY(show(rq, args, rows[i].id, false, ret));
		before = n ? rows[MIN(n, (size_t)50) - 1].id : 0;
	} while (n > 50);
	return OK;
}
