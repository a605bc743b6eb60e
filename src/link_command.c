/* `samordna link check`: is a link one of our login pages? Pure with --own: no home, no server, the same answer for the same list.
 *
 * It always runs where it is typed. Without --own the same command is asked of core, which answers with the hosts of the setting that
 * /lank asks too, one a line. Links come as words, or one a line on standard input. Exit 6 when one imitates us, whatever else was wrong with the others.
 * SECURITY: links are text from strangers. They are echoed through out_json, or with their control characters taken out. */
#define LONG_LIVED
#include "link_command.h"
#include "base/input.h"
#include "doors/link.h"
#include "floor/setting.h"

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

/* In core: what is ours. The links stay with the one who asks. */
static enum err run_hosts(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str hosts = setting_text(rq, "logins.own_hosts");

	for (size_t i = 0; i < hosts.len; i++)
		out_byte(ret, strchr(" ,;\t", hosts.at[i] ? hosts.at[i] : ' ') ? '\n' : hosts.at[i]);
	return OK;
}

static enum err list_of(struct rq *rq, struct str own, const struct here *here, struct str *ret)
{
	struct out out = out_new(rq->arena);
	int file = -1;

	if (own.at)
		return input_whole(rq->arena, own, LIST_MOST, ret, rq->trouble);
	int status = here->ask(here->of, &out, &file);
	if (file >= 0)
		close(file);
	if (status)
		return trouble_exit(rq->trouble, status, ERR_IO);
	*ret = str_trim(out_str(&out));
	return ret->len ? OK : fail(rq, ERR_CONFLICT, _("No host of ours is listed: give --own FILE, or set logins.own_hosts"));
}

static enum err check_here(struct rq *rq, const struct args *args, struct out *ret, const struct here *here)
{
	struct check check = { .rq = rq, .out = ret, .json = args->json };
	struct str own = args_option(args, "own"), list;
	struct link_book *book;
	struct trouble why = { 0 };

	if (!args->n_words)
		return fail(rq, ERR_INVALID, _("name a link, or - for one a line on standard input"));
	TRY(list_of(rq, own, here, &list));
	TRY(link_book_new(rq->arena, &book, rq->trouble));
	enum err err = link_book_add_list(book, list, &why);
	if (err == OK)
		err = link_book_close(book, &why);
	if (err != OK)
		err = fail(rq, err, STR_FMT ": %s", STR_ARG(own.at ? own : STR("logins.own_hosts")), why.text);
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
	{ "link check", "[--own FILE] URL...|-", N_("Is a link one of ours, an imitation of us, or neither?"), COMMAND_READ, run_hosts,
	  .here = check_here },
	{ 0 }
};
