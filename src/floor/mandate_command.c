/* people mandate and people body: the same verbs as the pages.
 *
 * SECURITY: on the command line a mandate is stated: it was decided elsewhere, the account's name stands in the leaf, and the setting
 * cli.state refuses it. To end is always possible. With --by the named person does it, under the same rules as on the page. */
#include "floor/mandate.h"
#include "floor/consequence.h"
#include "floor/people.h"
#include "floor/setting.h"
#include "floor/words.h"

static enum err by_of(struct rq *rq, const struct args *args, int64_t *ret)
{
	*ret = -1;
	if (!args_option(args, "by").at)
		return OK;
	if (!setting_bool(rq, "cli.state"))
		return fail(rq, ERR_DENIED, _("Nothing is decided here in somebody's name (setting cli.state)."));
	return words_person(rq, args_option(args, "by"), ret);
}

static void put_mandate(struct rq *rq, const struct args *args, const struct mandate_open_row *row, struct out *ret)
{
	bool counts = row->own_body == row->body && !(row->roles & ROLE_COORDINATOR) && !(row->left_at.is && row->left_at.i <= rq->now.ms)
		&& !(row->employment_end.is && row->employment_end.i <= rq->now.ms) && row->from_at.ms <= rq->now.ms;

	if (args->json) {
		out_print(ret, "{\"mandate\":%lld,\"person\":", (long long)row->id);
		out_json(ret, row->code);
		out_text(ret, ",\"body\":");
		out_json(ret, row->body_name);
		out_print(ret, ",\"level\":%lld", (long long)row->level);
		words_put_moment(ret, "from", (struct maybe_int){ true, row->from_at.ms });
		words_put_moment(ret, "until", row->until);
		out_print(ret, ",\"counts\":%s}\n", counts ? "true" : "false");
		return;
	}
	out_print(ret, "%lld\t" STR_FMT "\t" STR_FMT "\t%lld\t", (long long)row->id, STR_ARG(row->code), STR_ARG(row->body_name), (long long)row->level);
	out_instant(ret, row->from_at);
	out_byte(ret, '\t');
	if (row->until.is)
		out_instant(ret, (struct instant){ row->until.i });
	out_print(ret, "\t%s\n", counts ? _("counts") : _("does not count now"));
}

static enum err list_mandates(struct rq *rq, const struct args *args, struct out *ret)
{
	struct mandate_open_row *rows;
	size_t n;

	TRY(mandate_open(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		put_mandate(rq, args, &rows[i], ret);
	return OK;
}

static void put_number(struct rq *rq, const struct args *args, const char *what, int64_t number, struct out *ret)
{
	(void)rq;
	out_print(ret, args->json ? "{\"%s\":%lld}\n" : "%s %lld\n", what, (long long)number);
}

static enum err give(struct rq *rq, const struct args *args, struct out *ret)
{
	struct mandate_wish wish = { .from_at = rq->now };
	struct instant until = { 0 };
	int64_t by, level, id;

	if (args->n_words == 0 && !args_option(args, "level").at)
		return list_mandates(rq, args, ret);
	if (args->n_words != 1 || str_number(args_option(args, "level"), CONSEQUENCE_MOST, &level) != OK)
		return words_usage(rq, _("Write: people mandate PERSON --level N [--body B] [--from T] [--until T]."));
	wish.level = (int)level;
	TRY(words_person(rq, args->words[0], &wish.person));
	TRY(mandate_body(rq, args_option(args, "body"), &wish.body));
	TRY(words_moment(rq, args, "from", false, &wish.from_at));
	TRY(words_moment(rq, args, "until", true, &until));
	if (args_option(args, "until").at)
		wish.until = (struct maybe_int){ true, until.ms };
	TRY(by_of(rq, args, &by));
	TRY(mandate_give(rq, &wish, by, &id));
	put_number(rq, args, "mandate", id, ret);
	return OK;
}

static enum err number_of(struct rq *rq, const struct args *args, int64_t *ret)
{
	return words_number(rq, args, _("Name one by its number."), ret);
}

static enum err end_mandate(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id, by;

	TRY(number_of(rq, args, &id));
	TRY(by_of(rq, args, &by));
	TRY(mandate_end(rq, id, by));
	put_number(rq, args, "mandate", id, ret);
	return OK;
}

static enum err list_bodies(struct rq *rq, const struct args *args, struct out *ret)
{
	struct mandate_bodies_row *rows;
	size_t n;

	TRY(mandate_bodies(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (args->json) {
			out_text(ret, "{\"body\":");
			out_json(ret, rows[i].name);
			out_print(ret, ",\"units\":%lld,\"people\":%lld}\n", (long long)rows[i].units, (long long)rows[i].people);
		} else {
			out_print(ret, STR_FMT "\t%lld\t%lld\n", STR_ARG(rows[i].name), (long long)rows[i].units, (long long)rows[i].people);
		}
	}
	return OK;
}

static enum err make_body(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;

	if (args->n_words != 1)
		return words_usage(rq, _("Write: people body make NAME."));
	TRY(mandate_body_make(rq, args->words[0], &id));
	return list_bodies(rq, args, ret);
}

static enum err unit_body(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t body;

	if (args->n_words != 1 || !args_option(args, "body").at)
		return words_usage(rq, _("Write: people body unit UNIT --body B."));
	TRY(mandate_body(rq, args_option(args, "body"), &body));
	TRY(mandate_body_unit(rq, args->words[0], body));
	return list_bodies(rq, args, ret);
}

const struct command mandate_commands[] = {
	{ "people mandate", "[PERSON --level N] [--body B] [--from T] [--until T] [--by P]",
	  N_("State that a person may decide at a level of the consequence scale; without a person: all mandates"), COMMAND_WRITE, give },
	{ "people mandate end", "NUMBER [--by P]", N_("End a mandate now"), COMMAND_WRITE, end_mandate },
	{ "people body list", "", N_("The legal bodies, with their units and people"), COMMAND_READ, list_bodies },
	{ "people body make", "NAME", N_("A new legal body: nobody decides for another's"), COMMAND_WRITE, make_body },
	{ "people body unit", "UNIT --body B", N_("Which legal body a unit belongs to"), COMMAND_WRITE, unit_body },
	{ 0 }
};
