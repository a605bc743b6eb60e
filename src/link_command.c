/* `samordna link check`: is a link one of our login pages? Pure with --own: no home, no server, the same answer for the same list.
 *
 * Links come as words, or one a line on standard input. Exit 6 when one imitates us, whatever else was wrong with the others.
 * SECURITY: links are text from strangers. They are echoed through out_json, or with their control characters taken out. */
#define LONG_LIVED
#include "link_command.h"
#include "base/input.h"
#include "doors/link.h"

enum { LIST_MOST = 64 << 20, ECHO_MOST = 2000 };
#define INPUT_MOST ((size_t)4 << 30)
#define SCRATCH_MOST ((size_t)256 << 20)

struct check {
	struct rq              *rq;
	const struct link_book *book;
	struct arena           *scratch;
	struct out             *out;
	bool                    json, imitates;
};

static const struct { const char *word, *text; } verdicts[] = {
	[LINK_OURS]     = { "ours",     N_("OURS: this is one of our pages") },
	[LINK_NOT_OURS] = { "not_ours", N_("NOT OURS: do not log in there") },
	[LINK_IMITATES] = { "imitates", N_("IMITATES US: do not log in there, and report it") },
};

static void put_json(struct check *check, struct str url, const struct link_finding *finding)
{
	const char *comma = "";

	out_text(check->out, "{\"url\":");
	out_json(check->out, str_utf8_first(url, ECHO_MOST));
	out_text(check->out, ",\"host\":");
	out_json(check->out, finding->host);
	out_print(check->out, ",\"verdict\":\"%s\",\"imitates\":", verdicts[finding->verdict].word);
	out_json(check->out, finding->imitates);
	out_text(check->out, ",\"reasons\":[");
	for (int i = 0; i < LINK_REASON_COUNT; i++)
		if (finding->reasons & (uint64_t)1 << i) {
			out_print(check->out, "%s\"%s\"", comma, link_reasons[i].code);
			comma = ",";
		}
	out_text(check->out, "]}\n");
}

static void put_text(struct check *check, struct str url, const struct link_finding *finding)
{
	struct rq *rq = check->rq;

	url = str_utf8_first(url, 200);
	for (size_t i = 0; i < url.len; i++)
		out_byte(check->out, (unsigned char)url.at[i] < 0x20 || url.at[i] == 0x7f ? '?' : url.at[i]);
	out_print(check->out, "\n    %s", _(verdicts[finding->verdict].text));
	if (finding->imitates.at)
		out_print(check->out, " (" STR_FMT ")", STR_ARG(finding->imitates));
	out_byte(check->out, '\n');
	for (int i = 0; i < LINK_REASON_COUNT; i++)
		if (finding->reasons & (uint64_t)1 << i)
			out_print(check->out, "    - %s\n", _(link_reasons[i].text));
}

static void check_one(struct check *check, struct str url)
{
	struct link_finding finding;

	if (!url.len)
		return;
	link_check(check->book, check->scratch, url, &finding);
	check->imitates |= finding.verdict == LINK_IMITATES;
	if (check->json)
		put_json(check, url, &finding);
	else
		put_text(check, url, &finding);
	arena_empty(check->scratch);
}

static enum err check_lines(struct check *check)
{
	struct str rest;

	TRY(input_whole(check->rq->arena, STR("-"), INPUT_MOST, &rest, check->rq->trouble));
	if (str_starts(rest, STR("\xef\xbb\xbf")))
		rest = str_from(rest, 3);
	while (rest.at) {
		struct str line = str_cut(&rest, '\n');
		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		check_one(check, line);
	}
	return OK;
}

static enum err check_all(struct check *check, const struct args *args)
{
	for (size_t i = 0; i < args->n_words; i++)
		if (str_equal(args->words[i], STR("-")))
			TRY(check_lines(check));
		else
			check_one(check, args->words[i]);
	return OK;
}

static enum err run_check(struct rq *rq, const struct args *args, struct out *ret)
{
	struct check check = { .rq = rq, .out = ret, .json = args->json };
	struct str own = args_option(args, "own"), list;
	struct link_book *book;
	struct trouble why = { 0 };

	if (!args->n_words)
		return fail(rq, ERR_INVALID, _("name a link, or - for one a line on standard input"));
	if (!own.at)
		return fail(rq, ERR_INVALID, _("--own FILE is missing: one host of ours a line, *.domain for all below it"));
	TRY(input_whole(rq->arena, own, LIST_MOST, &list, rq->trouble));
	TRY(link_book_new(rq->arena, &book, rq->trouble));
	enum err err = link_book_add_list(book, list, &why);
	if (err == OK)
		err = link_book_close(book, &why);
	if (err != OK)
		err = fail(rq, err, STR_FMT ": %s", STR_ARG(own), why.text);
	check.book = book;
	if (err == OK) {
		check.scratch = arena_new(SCRATCH_MOST);
		err = check_all(&check, args);
		arena_end(check.scratch);
	}
	link_book_end(book);
	return err == OK && check.imitates ? trouble_exit(rq->trouble, 6, ERR_CONFLICT) : err;
}

const struct command link_commands[] = {
	{ "link check", "[--own FILE] URL...|-", N_("Is a link one of ours, an imitation of us, or neither?"), COMMAND_PURE, run_check },
	{ 0 }
};
