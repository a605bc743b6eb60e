/* The grants on the command line: the same verbs as the pages, with the same checks.
 *
 * Names, keys and exit codes of `access grant`, `access revoke` and `access list` are fixed. The other moves take the form
 * `access MOVE GRANT --by PERSON [--because TEXT]`, one row a move.
 *
 * SECURITY: whoever types is the account in the leaf; the person named with --by is stated by that account, and the grant is
 * marked and counted as stated. With the setting cli.state off, nothing can be decided here in somebody's name; to suspend
 * and to revoke is always possible, because they only take away. */
#include "points/access/reset.h"
#include "points/access/review.h"
#include "points/access/practice.h"
#include "points/access/verify.h"
#include "floor/people.h"
#include "floor/setting.h"

static enum err number_of(struct rq *rq, struct str name, struct maybe_int *ret)
{
	struct people_get_row person;

	if (!name.at)
		return OK;
	TRY(people_find(rq, name, &person));
	*ret = (struct maybe_int){ true, person.id };
	return OK;
}

static enum err moment_of(struct rq *rq, const struct args *args, const char *name, struct instant *ret)
{
	struct str text = args_option(args, name);

	if (!text.at)
		return fail(rq, ERR_INVALID, _("--%s is missing"), name);
	if (instant_parse_loose(text, ret) != OK)
		return fail(rq, ERR_INVALID, _("--%s: write the time like this: 2026-11-30 or 2026-11-30T08:00:00+01:00"), name);
	return OK;
}

static enum err grant_number(struct rq *rq, const struct args *args, int64_t *ret)
{
	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("name one grant by its number"));
	if (str_number(args->words[0], INT64_MAX, ret) != OK)
		return fail(rq, ERR_NONE, _("There is no grant %.*s."), (int)MIN(args->words[0].len, (size_t)40), args->words[0].at);
	return OK;
}

static enum err show(struct rq *rq, const struct args *args, int64_t id, struct out *ret)
{
	struct access_grant_get_row grant;

	TRY(access_grant_get(rq, id, &grant));
	enum access_state state = access_state(ACCESS_MOMENTS(&grant), rq->now);
	if (args->json)
		out_print(ret, "{\"grant\":%lld,\"state\":\"%s\"}\n", (long long)id, access_state_name[state]);
	else
		out_print(ret, "%lld\t%s\n", (long long)id, _(access_state_word[state]));
	return OK;
}

static enum err run_grant(struct rq *rq, const struct args *args, struct out *ret)
{
	struct access_asked asked = { .service = args_option(args, "service"), .purpose = args_option(args, "purpose") };
	struct maybe_int person = { 0 };
	int64_t grant;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("name one person"));
	TRY(number_of(rq, args->words[0], &person));
	asked.person = person.i;
	TRY(moment_of(rq, args, "from", &asked.from_at));
	TRY(moment_of(rq, args, "to", &asked.until));
	TRY(number_of(rq, args_option(args, "requested-by"), &asked.requested_by));
	TRY(number_of(rq, args_option(args, "approved-by"), &asked.approved_by));
	TRY(number_of(rq, args_option(args, "executed-by"), &asked.executed_by));
	if (asked.approved_by.is || asked.executed_by.is)
		TRY(access_state_grant(rq, &asked, &grant));
	else
		TRY(access_ask(rq, &asked, &grant));
	return show(rq, args, grant, ret);
}

static enum err run_move(struct rq *rq, const struct args *args, struct out *ret, const char *name)
{
	const struct access_move *move = access_move_named(str_of(name));
	bool takes_away = strcmp(name, "revoke") == 0 || strcmp(name, "suspend") == 0;
	struct access_deed deed = { .by = -1, .reason = args_option(args, "because"), .is_stated = true };
	struct maybe_int by = { 0 };

	TRY(grant_number(rq, args, &deed.grant));
	TRY(number_of(rq, args_option(args, "by"), &by));
	if (by.is)
		deed.by = by.i;
	if (!takes_away && !setting_bool(rq, "cli.state"))
		return fail(rq, ERR_DENIED, _("Nothing is decided here in somebody's name (setting cli.state)."));
	TRY(access_do(rq, move, &deed));
	return show(rq, args, deed.grant, ret);
}

#define MOVE(name, word) static enum err run_##name(struct rq *rq, const struct args *args, struct out *ret) \
	{ return run_move(rq, args, ret, word); }
MOVE(approve, "approve")
MOVE(return, "return")
MOVE(reject, "reject")
MOVE(withdraw, "withdraw")
MOVE(execute, "execute")
MOVE(suspend, "suspend")
MOVE(lift, "lift")
MOVE(revoke, "revoke")
MOVE(keep, "keep")

struct listing { struct rq *rq; const struct args *args; struct out *out; struct str person; };      /* person: a code, STR_NONE all */

static enum err one_line(void *of, const struct access_list_all_row *row)
{
	const struct listing *listing = of;
	struct rq *rq = listing->rq;
	struct out *out = listing->out;
	enum access_state state = access_state(ACCESS_MOMENTS(row), rq->now);
	struct str wanted = args_option(listing->args, "state"), person = listing->person;

	if (wanted.at && !str_equal(wanted, str_of(access_state_name[state])))
		return OK;
	if (person.at && !str_equal(person, row->code))
		return OK;
	if (listing->args->json) {
		out_print(out, "{\"grant\":%lld,\"person\":", (long long)row->id);
		out_json(out, row->code);
		out_text(out, ",\"service\":");
		out_json(out, row->service);
		out_text(out, ",\"from\":\"");
		out_instant(out, row->from_at);
		out_text(out, "\",\"to\":\"");
		out_instant(out, row->until);
		out_print(out, "\",\"state\":\"%s\",\"stated\":%s}\n", access_state_name[state], row->is_stated ? "true" : "false");
		return OK;
	}
	out_print(out, "%lld\t%.*s\t%.*s\t", (long long)row->id, STR_ARG(row->code), STR_ARG(row->service));
	out_instant(out, row->from_at);
	out_byte(out, '\t');
	out_instant(out, row->until);
	out_print(out, "\t%s\n", _(access_state_word[state]));
	return OK;
}

static enum err run_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct listing listing = { rq, args, ret, args_option(args, "person") };
	struct people_get_row person;

	if (listing.person.at) {
		TRY(people_find(rq, listing.person, &person));
		listing.person = person.code;
	}
	return access_list_all(rq, one_line, &listing);
}

/* How far each has come. */
static enum err run_reviews(struct rq *rq, const struct args *args, struct out *ret)
{
	struct access_review_all_row *rows;
	size_t n;

	TRY(access_review_all(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		struct access_review_count_row count;
		TRY(access_review_count(rq, rows[i].id, rows[i].began_at, &count));
		const char *state = rows[i].closed_at.is ? "closed" : count.n == count.answered ? "answered" : instant_is_before(rq->now, rows[i].due_at) ? "open" : "overdue";
		if (!args->json) {
			out_print(ret, "%lld\t%s\t%lld/%lld\t" STR_FMT "\n", (long long)rows[i].id, state, (long long)count.answered, (long long)count.n, STR_ARG(rows[i].name));
			continue;
		}
		out_print(ret, "{\"review\":%lld,\"state\":\"%s\",\"all\":%lld,\"answered\":%lld,\"name\":", (long long)rows[i].id, state, (long long)count.n,
		          (long long)count.answered);
		out_json(ret, rows[i].name);
		out_text(ret, ",\"due\":\"");
		out_instant(ret, rows[i].due_at);
		out_text(ret, "\"}\n");
	}
	return OK;
}

static enum err run_review(struct rq *rq, const struct args *args, struct out *ret)
{
	struct maybe_int by = { 0 };
	struct instant due;
	int64_t id;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("give the review a name"));
	TRY(moment_of(rq, args, "due", &due));
	TRY(number_of(rq, args_option(args, "by"), &by));
	TRY(access_review_begin(rq, args->words[0], due, by.is ? by.i : -1, &id));
	out_print(ret, args->json ? "{\"review\":%lld}\n" : "%lld\n", (long long)id);
	return OK;
}

static enum err run_answer(struct rq *rq, const struct args *args, struct out *ret)
{
	static const struct { const char *word; enum access_answer answer; } word[] = {
		{ "keep", ACCESS_KEEP }, { "change", ACCESS_CHANGE }, { "remove", ACCESS_REMOVE } };
	struct access_answered said = { .note = args_option(args, "because") };
	struct maybe_int by = { 0 };

	if (args->n_words != 3 || str_number(args->words[0], INT64_MAX, &said.review) != OK
	    || str_number(args->words[1], INT64_MAX, &said.grant) != OK)
		return fail(rq, ERR_INVALID, _("name the review, the grant, and keep, change or remove"));
	for (size_t i = 0; i < LENGTH(word); i++)
		if (str_equal(args->words[2], str_of(word[i].word)))
			said.answer = word[i].answer;
	TRY(number_of(rq, args_option(args, "by"), &by));
	if (!by.is)
		return fail(rq, ERR_INVALID, _("Say who does it."));
	said.by = by.i;
	if (said.answer != ACCESS_REMOVE && !setting_bool(rq, "cli.state"))
		return fail(rq, ERR_DENIED, _("Nothing is decided here in somebody's name (setting cli.state)."));
	TRY(access_review_say(rq, &said));
	return show(rq, args, said.grant, ret);
}

static enum err run_assess(struct rq *rq, const struct args *args, struct out *ret)
{
	struct access_assessed a = { .rule = args_option(args, "rule"), .evidence = args_option(args, "evidence"), .by = -1,
		.is_met = args_option(args, "met").at != NULL };

	if (args->n_words != 1 || args->words[0].len != 2 || (args->words[0].at[0] | 32) != 'a'
	    || str_number(str_from(args->words[0], 1), 9, &a.step) != OK)
		return fail(rq, ERR_INVALID, _("name a step, A1 to A5"));
	TRY(number_of(rq, args_option(args, "owner"), &a.owner));
	TRY(access_assess(rq, &a));
	out_print(ret, args->json ? "{\"step\":\"A%lld\"}\n" : "A%lld\n", (long long)a.step);
	return OK;
}

#define MOVES "GRANT --by PERSON [--because TEXT]"
const struct command access_commands[] = {
	{ "access grant", "PERSON --service S --from T --to T [--purpose TEXT] [--requested-by P] [--approved-by P] [--executed-by P]",
	  N_("Request access for a person; with all three names, state what was decided elsewhere"), COMMAND_WRITE, run_grant },
	{ "access list", "[--state STATE] [--person PERSON]", N_("All grants and their state now"), COMMAND_READ, run_list },
	{ "access approve", MOVES, N_("Approve a request"), COMMAND_WRITE, run_approve },
	{ "access return", MOVES, N_("Send a request back with a comment"), COMMAND_WRITE, run_return },
	{ "access reject", MOVES, N_("Reject a request"), COMMAND_WRITE, run_reject },
	{ "access withdraw", "GRANT [--by PERSON]", N_("Withdraw a request"), COMMAND_WRITE, run_withdraw },
	{ "access execute", MOVES, N_("Execute what is approved"), COMMAND_WRITE, run_execute },
	{ "access suspend", MOVES, N_("Suspend a grant for the time being"), COMMAND_WRITE, run_suspend },
	{ "access lift", MOVES, N_("Lift a suspension"), COMMAND_WRITE, run_lift },
	{ "access revoke", MOVES, N_("Revoke a grant"), COMMAND_WRITE, run_revoke },
	{ "access keep", MOVES, N_("Keep a grant after a review"), COMMAND_WRITE, run_keep },
	{ "access review", "NAME --due T [--by PERSON]", N_("Begin a review of all grants"), COMMAND_WRITE, run_review },
	{ "access reviews", "", N_("All reviews: how many of their grants are answered for, and until when"), COMMAND_READ, run_reviews },
	{ "access answer", "REVIEW GRANT keep|change|remove --by PERSON [--because TEXT]", N_("Answer for one grant in a review"),
	  COMMAND_WRITE, run_answer },
	{ "access assess", "STEP [--met] [--rule TEXT] [--owner PERSON] [--evidence TEXT]", N_("Assess one of the steps A1 to A5"),
	  COMMAND_WRITE, run_assess },
	{ "access reset import", "FILE", N_("Compare resets in a directory's or gateway's log with the verifications here; what has none opens an incident"),
	  COMMAND_LONG, reset_run_import, .takes_file = true },
	{ "access reset list", "", N_("The latest resets that were read in, and which had no verification"), COMMAND_READ, reset_run_list },
	{ "access sample", "[--of WHAT] [--from T] [--until T] [--size N] [--checkpoint SIZE]",
	  N_("A sample for the auditor, drawn by the log's sealed root: the same words draw the same again"), COMMAND_READ, sample_run },
	{ "access practice plan", "PERSON [--from T] --until T --by P", N_("Plan a practice call in somebody's name, who knows of it"), COMMAND_WRITE, practice_run_plan },
	{ "access practice link", "UNIT [--from T] --until T --by P", N_("Plan a practice link for a team: a false log-in link, to see whether it is reported"), COMMAND_WRITE, practice_run_link },
	{ "access practice agree", "PRACTICE --by P", N_("Agree to a practice call or link that somebody else has planned"), COMMAND_WRITE, practice_run_agree },
	{ "access practice cancel", "PRACTICE --by P", N_("Cancel a practice call that has not been made, or a practice link"), COMMAND_WRITE, practice_run_cancel },
	{ "access practice list", "", N_("All practice calls and links, the newest first"), COMMAND_READ, practice_run_list },
	{ "access practice results", "", N_("How many practice calls each team has stopped, and how often it reported a practice link, in 12 months"), COMMAND_READ, practice_run_results },
	{ "access verification start", "PERSON --errand ERRAND --by AGENT [--ticket TEXT] [--caller NUMBER]",
	  N_("Begin to verify somebody who rings the support"), COMMAND_WRITE, verify_run_start },
	{ "access verification call", "VERIFICATION --by AGENT", N_("Say that the number on record was rung up and answered"), COMMAND_WRITE, verify_run_call },
	{ "access verification code", "VERIFICATION --by AGENT [--read CODE]", N_("Give a code to the employee's own page, or check what she reads back"),
	  COMMAND_WRITE, verify_run_code },
	{ "access verification vouch", "VERIFICATION --by AGENT [--ask MANAGER]", N_("Ask a manager to vouch; she answers on her own page"),
	  COMMAND_WRITE, verify_run_vouch },
	{ "access verification app", "VERIFICATION --by AGENT", N_("Ask the person in an app of her own, through the OpenID provider of samordna.conf"),
	  COMMAND_WRITE, verify_run_app },
	{ "access verification present", "VERIFICATION --by AGENT --shown TEXT", N_("Say that the person is here and has shown who she is"),
	  COMMAND_WRITE, verify_run_present },
	{ "access verification approve", "VERIFICATION --by AGENT", N_("Approve; prints the token for this errand"), COMMAND_WRITE, verify_run_approve },
	{ "access verification use", "VERIFICATION --by AGENT --token TOKEN", N_("Say that the errand is done; the token is used up"),
	  COMMAND_WRITE, verify_run_use },
	{ "access verification hand", "VERIFICATION --by AGENT", N_("Ask a colleague to take over; until then it goes no further"), COMMAND_WRITE, verify_run_hand },
	{ "access verification take", "VERIFICATION --by AGENT", N_("Take over from a colleague who has asked for it"), COMMAND_WRITE, verify_run_take },
	{ "access verification close", "VERIFICATION --by AGENT --outcome deny|abort --because TEXT", N_("Deny the caller, or give up"),
	  COMMAND_WRITE, verify_run_close },
	{ "access verification list", "[--person PERSON]", N_("All verifications and how they ended"), COMMAND_READ, verify_run_list },
	{ "access verification show", "VERIFICATION", N_("One verification, and what is still missing"), COMMAND_READ, verify_run_show },
	{ 0 }
};
