/* Commands about people. Output by line or as NDJSON; what --json prints is fixed and tested from outside.
 *
 * SECURITY: lists go to whoever owns HOME, whole, with protected persons: it is the account that could read the store itself. */
#include "floor/people_import.h"
#include "floor/people.h"

enum { DIFF_MOST = 200 };

/* --- import --- */

struct asked { const struct rq *rq; const struct args *args; struct out *out; bool is_dry; };

static void put_bad(struct rq *rq, const struct args *args, const struct people_bad *bad, struct out *ret)
{
	const char *column = bad->column < PEOPLE_COLUMNS ? people_column[bad->column] : bad->heading;

	if (!args->json) {
		out_print(ret, _("row %u"), bad->row);
		out_print(ret, "%s%s: %s\n", column ? ", " : "", column ? column : "", _(people_problem_text[bad->kind]));
		return;
	}
	out_print(ret, "{\"row\":%u,\"column\":", bad->row);
	out_json(ret, str_of(column));
	out_text(ret, ",\"problem\":");
	out_json(ret, str_of(_(people_problem_text[bad->kind])));
	out_text(ret, "}\n");
}

static void put_counts(struct rq *rq, const struct args *args, struct people_counts c, struct out *ret)
{
	if (args->json)
		out_print(ret, "{\"added\":%lld,\"changed\":%lld,\"unchanged\":%lld,\"left\":%lld,\"bad\":%lld}\n", (long long)c.added,
		          (long long)c.changed, (long long)c.unchanged, (long long)c.left, (long long)c.bad);
	else
		out_print(ret, _("%lld added, %lld changed, %lld unchanged, %lld left, %lld bad rows\n"), (long long)c.added,
		          (long long)c.changed, (long long)c.unchanged, (long long)c.left, (long long)c.bad);
}

static enum err say_outcome(struct rq *rq, struct people_check *check, enum err verdict, void *of)
{
	const struct asked *asked = of;
	const struct people_outcome *outcome = people_check_outcome(check);
	struct people_counts counts = outcome->counts;

	/* A refused file adds and changes nobody, and that is what is said; a dry run shows what the good rows ask for. */
	if (verdict == ERR_INVALID && (!asked->is_dry || outcome->is_file_bad))
		counts = (struct people_counts){ .bad = counts.bad };
	/* Room at once: the list may have a line for each of a million rows. */
	size_t room = outcome->n_bad * 128 + 256;
	(void)out_room(asked->out, room);
	asked->out->len -= room;
	put_counts(rq, asked->args, counts, asked->out);
	for (size_t i = 0; i < outcome->n_bad; i++)
		put_bad(rq, asked->args, &outcome->bad[i], asked->out);
	if (asked->is_dry && !asked->args->json && verdict != ERR_INVALID)
		return people_check_diff(rq, check, DIFF_MOST, asked->out);
	return OK;
}

static void tell_import(void *of, enum people_phase phase, int64_t done, int64_t all)
{
	static const char *const words[] = { [PEOPLE_READING] = N_("Reading"), [PEOPLE_CHECKING] = N_("Checking"), [PEOPLE_APPLYING] = N_("Importing") };
	const struct asked *asked = of;
	const struct rq *rq = asked->rq;

	if (asked->args->tell)
		asked->args->tell(asked->args->tell_of, _(words[phase]), phase == PEOPLE_APPLYING ? done : 0, phase == PEOPLE_APPLYING ? all : 0);
}

static enum err import_command(struct rq *rq, const struct args *args, struct out *ret)
{
	struct people_wish wish = { .skip_bad = args_option(args, "skip-bad").at, .is_dry = args_option(args, "dry-run").at,
		.vanish = PEOPLE_VANISH, .title = args->file_name };
	struct asked asked = { rq, args, ret, wish.is_dry };

	if (args->file < 0)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("Which file?")));
	if (args_option(args, "vanish").at && str_number(args_option(args, "vanish"), 100, &wish.vanish) != OK)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("--vanish takes a percentage from 0 to 100.")));
	return people_import(rq, args->file, wish, (struct people_progress){ tell_import, &asked }, say_outcome, &asked);
}

/* --- list --- */

struct listing { struct rq *rq; const struct args *args; struct out *out; struct str *code; int64_t n; bool is_counting; };

static void put_person_json(struct listing *listing, const struct people_all_row *row)
{
	struct out *out = listing->out;
	const struct { const char *key; struct str value; } text[] = { { "id", row->code }, { "name", row->name }, { "email", row->email },
		{ "phone", row->phone }, { "unit", row->unit },
		{ "manager", row->manager.is && row->manager.i < listing->n ? listing->code[row->manager.i] : STR_NONE } };

	for (size_t i = 0; i < LENGTH(text); i++) {
		out_print(out, "%s\"%s\":", i ? "," : "{", text[i].key);
		out_json(out, text[i].value);
	}
	out_text(out, ",\"employment_end\":");
	if (row->employment_end.is) {
		struct wall last = instant_wall((struct instant){ row->employment_end.i - 1 });
		out_print(out, "\"%04d-%02d-%02d\"", last.year, last.month, last.day);
	} else {
		out_text(out, "null");
	}
	out_text(out, ",\"roles\":\"");
	people_roles_out(out, row->roles);
	out_print(out, "\",\"protected\":%s,\"left\":%s,\"class\":%d}\n", row->is_protected ? "true" : "false",
	          row->left_at.is ? "true" : "false", (int)row->class);
}

static enum err list_one(void *of, const struct people_all_row *row)
{
	struct listing *listing = of;
	struct rq *rq = listing->rq;

	if (listing->is_counting) {
		if (row->id < listing->n)
			listing->code[row->id] = str_copy(listing->rq->arena, row->code);
		return OK;
	}
	if (listing->args->json)
		put_person_json(listing, row);
	else
		out_print(listing->out, STR_FMT "\t" STR_FMT "\t" STR_FMT "%s%s\n", STR_ARG(row->code), STR_ARG(row->name), STR_ARG(row->unit),
		          row->left_at.is ? "\t" : "", row->left_at.is ? _("has left") : "");
	return OK;
}

static enum err list_command(struct rq *rq, const struct args *args, struct out *ret)
{
	struct people_count_row count;
	struct listing listing = { rq, args, ret, NULL, 0, true };

	TRY(people_count(rq, &count));
	listing.n = count.n;
	listing.code = NEW_MANY(rq->arena, (size_t)count.n + 1, struct str);
	TRY(people_all(rq, list_one, &listing));
	listing.is_counting = false;
	return people_all(rq, list_one, &listing);
}

/* --- units --- */

static enum err unit_command(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t class;
	struct people_unit_named_row unit;

	if (args->n_words != 1 || str_number(args_option(args, "class"), 4, &class) != OK || class < 1)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("Write: people unit NAME --class 1, 2, 3 or 4.")));
	enum err err = people_unit_named(rq, args->words[0], &unit);
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no unit called \"%.*s\"."), STR_ARG(args->words[0]));
	TRY(err);
	TRY(people_set_class(rq, unit.id, args->words[0], class));
	if (args->json) {
		out_text(ret, "{\"unit\":");
		out_json(ret, args->words[0]);
		out_print(ret, ",\"class\":%d}\n", (int)class);
	} else {
		out_print(ret, _("%.*s is of class %d now.\n"), STR_ARG(args->words[0]), (int)class);
	}
	return OK;
}

const struct command people_commands[] = {
	{ "people import", "FILE.csv [--dry-run] [--skip-bad] [--vanish PERCENT]", N_("Read HR's file: checked whole, then applied"),
	  COMMAND_LONG, import_command, .takes_file = true },
	{ "people list", "", N_("Everyone, with unit and class"), COMMAND_LONG, list_command },
	{ "people unit", "NAME --class N", N_("How critical a unit's work is, 1 most to 4"), COMMAND_WRITE, unit_command },
	{ 0 },
};
