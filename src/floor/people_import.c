/* Applying a checked plan, step by step, and the commands about people.
 *
 * Each step is a job of about 1,000 operations with one leaf. How many operations are done stands in the volatile table `job`, in
 * the same commit, so that a restart goes on exactly there: a step is never done twice.
 *
 * SECURITY: the plan file is 0600 beside the store and is removed when the last step is committed. The number of a new person is
 * the next free one, decided at the check; one import runs at a time. */
#define LONG_LIVED
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include "floor/people_plan.h"
#include "floor/event.h"
#include "floor/job.sql.h"
#include "floor/reading.h"
#include "floor/writer.h"

enum { STEP = 1000, JOB_IMPORT = 1 };
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* The plan file is read through a window that holds a step's operations and more. */
enum { WINDOW = 4 << 20 };
struct applying {
	int                       fd;
	char                     *window;
	int64_t                   window_at, window_length;     /* of the file */
	int64_t                   at, done, at_after, done_after, all;
	const struct people_plan *plan;                          /* its units; NULL when resuming */
	const char               *hash;
};

/* The operation at `at`; NULL when the file is broken there. */
static const struct plan_op *op_at(struct applying *applying, int64_t at)
{
	for (int tries = 0; tries < 2; tries++) {
		int64_t from = at - applying->window_at, left = applying->window_length - from;
		const struct plan_op *op = (const void *)(applying->window + from);
		if (from >= 0 && left >= (int64_t)sizeof *op && op->length >= sizeof *op && op->length % 8 == 0 && op->length <= left)
			return op;
		ssize_t got = pread(applying->fd, applying->window, WINDOW, at);
		applying->window_at = at;
		applying->window_length = MAX(got, (ssize_t)0);
	}
	return NULL;
}

static struct maybe_int maybe(int64_t n)
{
	return (struct maybe_int){ n != PLAN_NO, n };
}

static struct str take_text(const char **at, uint32_t length)
{
	struct str ret = { *at, length };
	*at += length;
	return ret;
}

static enum err apply_names(struct change *change, const struct plan_op *op, const char *texts)
{
	for (int i = 0; i < op->n_names; i++) {
		const struct plan_name *name = &op->names[i];
		struct str text = take_text(&texts, name->length);
		TRY(name->is_drop ? people_login_drop(change, name->id) : people_login_add(change, name->id, text, op->id, name->kind));
	}
	return OK;
}

static enum err apply_person(struct change *change, const struct plan_op *op)
{
	struct rq *rq = change_rq(change);
	const char *at = (const char *)&op->names[op->n_names];
	struct str code = take_text(&at, op->code), name = take_text(&at, op->name), email = take_text(&at, op->email),
	           phone = take_text(&at, op->phone), sort = take_text(&at, op->sort);
	struct instant email_at = { op->email_changed_at }, phone_at = { op->phone_changed_at };

	change_touch(change, op->id);
	if (op->kind == PLAN_ADD) {
		TRY(people_add(change, &(struct people_add_args){ op->id, code, name, email, phone, sort, email_at, phone_at, op->unit,
			maybe(op->manager), maybe(op->employment_end), op->roles, op->is_protected, { false, 0 } }));
		return apply_names(change, op, at);
	}
	struct people_get_row was;
	TRY(people_get(rq, op->id, &was));
	TRY(people_change(change, &(struct people_change_args){ name, email, phone, sort,
		op->email_changed_at == -2 ? was.email_changed_at : email_at, op->phone_changed_at == -2 ? was.phone_changed_at : phone_at,
		op->unit, maybe(op->manager), maybe(op->employment_end), op->roles, op->is_protected, { false, 0 }, op->id }));
	TRY(apply_names(change, op, at));
	if (was.unit != op->unit || was.manager.is != maybe(op->manager).is || (was.manager.is && was.manager.i != op->manager))
		event_say(change, (struct event){ .kind = EVENT_person_moved, .person = op->id });
	return OK;
}

static enum err apply_op(struct change *change, const struct plan_op *op)
{
	struct rq *rq = change_rq(change);

	switch (op->kind) {
	case PLAN_LEAVE:
		change_touch(change, op->id);
		event_say(change, (struct event){ .kind = EVENT_person_left, .person = op->id });
		return people_leave(change, maybe(rq->now.ms), op->id);
	case PLAN_ADD:
	case PLAN_CHANGE:
		return apply_person(change, op);
	default:
		return fail(rq, ERR_CORRUPT, "the import's plan is broken");
	}
}

/* One step: from `at`, about STEP operations, one leaf. Runs in a job, maybe twice: what it reached goes to the _after members. */
static enum err step(struct rq *rq, void *of)
{
	struct applying *applying = of;
	struct change *change;
	int64_t n = 0;
	int64_t at = applying->at;

	TRY(audit_begin(rq, "people.import.step", str_of(applying->hash), &change));
	for (const struct plan_op *op; n < STEP && applying->done + n < applying->all; n++, at += op->length) {
		op = op_at(applying, at);
		if (!op)
			return fail(rq, ERR_CORRUPT, "the import's plan is broken");
		TRY(apply_op(change, op));
	}
	applying->at_after = at;
	applying->done_after = applying->done + n;
	return job_set(rq, applying->done_after, JOB_IMPORT);
}

static enum err begin(struct rq *rq, void *of)
{
	struct applying *applying = of;
	struct change *change;
	enum err err = job_drop(rq, JOB_IMPORT);

	if (err != OK && err != ERR_NONE)
		return err;
	TRY(audit_begin(rq, "people.import", str_of(applying->hash), &change));
	for (int64_t i = 0; i < applying->plan->n_units; i++)
		TRY(people_unit_add(change, applying->plan->first_unit + i, applying->plan->units[i], 0, 3));
	return job_begin(rq, &(struct job_begin_args){ .id = JOB_IMPORT, .title = STR("people import"), .total = applying->all,
		.began_at = rq->now, .result = str_of(applying->hash) });
}

static enum err end(struct rq *rq, void *of)
{
	(void)of;
	return job_end(rq, (struct maybe_int){ true, rq->now.ms }, JOB_IMPORT);
}

static enum err run_steps(struct rq *rq, struct applying *applying, void (*progress)(void *, int64_t, int64_t), void *of)
{
	while (applying->done < applying->all) {
		TRY(writer_do(writer_of_core(), step, applying, rq));
		applying->at = applying->at_after;
		applying->done = applying->done_after;
		if (progress)
			progress(of, applying->done, applying->all);
	}
	return writer_do(writer_of_core(), end, NULL, rq);
}

/* --- the plan on disk --- */

static enum err open_plan(struct rq *rq, const char *path, struct applying *applying)
{
	applying->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (applying->fd < 0)
		return errno == ENOENT ? ERR_NONE : fail(rq, ERR_IO, "%s: %s", path, strerror(errno));
	applying->window = arena_take(rq->arena, WINDOW);
	return OK;
}

static void paths(const char *home, char path[400], char made[400])
{
	snprintf(path, 400, "%s/store/import.plan", home);
	snprintf(made, 400, "%s/store/import.plan.new", home);
}

enum err people_plan_apply(struct rq *rq, struct people_plan *plan, const char *home, void (*progress)(void *, int64_t, int64_t), void *of)
{
	char path[400], made[400];
	struct applying applying = { .plan = plan, .all = plan->n_ops, .hash = plan->hash };

	paths(home, path, made);
	if (plan->n_ops == 0) {
		unlink(made);
		return OK;
	}
	if (rename(made, path) != 0)
		return fail(rq, ERR_IO, _("The import could not be kept on disk: %s. Nothing was changed."), strerror(errno));
	TRY(open_plan(rq, path, &applying));
	enum err err = writer_do(writer_of_core(), begin, &applying, rq);
	if (err == OK)
		err = run_steps(rq, &applying, progress, of);
	close(applying.fd);
	if (err == OK)
		unlink(path);
	return err;
}

static enum err check_hash(struct rq *rq, struct applying *applying, const char *path)
{
	crypto_hash_sha256_state state;
	unsigned char hash[32];
	char hex[65];
	ssize_t got;

	crypto_hash_sha256_init(&state);
	for (int64_t at = 0; (got = pread(applying->fd, applying->window, WINDOW, at)) > 0; at += got)
		crypto_hash_sha256_update(&state, (unsigned char *)applying->window, (size_t)got);
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	if (strcmp(hex, applying->hash) != 0)
		return fail(rq, ERR_CORRUPT, "%s is not the plan that was begun; the import stays where it is", path);
	return OK;
}

/* Passes over what is done already, then goes on. */
static enum err go_on(struct rq *rq, struct applying *applying, const char *path, int64_t done)
{
	TRY(check_hash(rq, applying, path));
	while (applying->done < done) {
		const struct plan_op *op = op_at(applying, applying->at);
		if (!op)
			return fail(rq, ERR_CORRUPT, "%s is broken; the import stays where it is", path);
		applying->at += op->length;
		applying->done++;
	}
	return run_steps(rq, applying, NULL, NULL);
}

enum err people_plan_resume(struct rq *rq, const char *home)
{
	char path[400], made[400];
	struct applying applying = { .fd = -1 };
	struct job_get_row job;

	paths(home, path, made);
	unlink(made);
	enum err err = open_plan(rq, path, &applying);
	if (err != OK)
		return err == ERR_NONE ? OK : err;
	err = job_get(rq, JOB_IMPORT, &job);
	if (err == OK && !job.ended_at.is) {
		applying.hash = str_c(rq->arena, job.result);
		applying.all = job.total;
		err = go_on(rq, &applying, path, job.done);
	} else if (err == ERR_NONE) {
		/* The first leaf was never committed: nobody was told that it would be applied. */
		err = OK;
	}
	close(applying.fd);
	if (err == OK)
		unlink(path);
	return err;
}

/* --- commands --- */

static void put_bad(struct rq *rq, const struct args *args, const struct people_bad *bad, struct out *ret)
{
	if (!args->json) {
		out_print(ret, _("row %u"), bad->row);
		out_print(ret, "%s" STR_FMT ": %s\n", bad->column.len ? ", " : "", STR_ARG(bad->column), _(bad->problem));
		return;
	}
	out_print(ret, "{\"row\":%u,\"column\":", bad->row);
	out_json(ret, bad->column);
	out_text(ret, ",\"problem\":");
	out_json(ret, str_of(_(bad->problem)));
	out_text(ret, "}\n");
}

static void put_counts(struct rq *rq, const struct args *args, const struct people_plan *plan, struct out *ret)
{
	const struct people_counts *c = &plan->counts;

	if (args->json)
		out_print(ret, "{\"added\":%lld,\"changed\":%lld,\"unchanged\":%lld,\"left\":%lld,\"bad\":%lld}\n", (long long)c->added,
		          (long long)c->changed, (long long)c->unchanged, (long long)c->left, (long long)c->bad);
	else
		out_print(ret, _("%lld added, %lld changed, %lld unchanged, %lld left, %lld bad rows\n"), (long long)c->added,
		          (long long)c->changed, (long long)c->unchanged, (long long)c->left, (long long)c->bad);
	for (size_t i = 0; i < plan->n_bad; i++)
		put_bad(rq, args, &plan->bad[i], ret);
}

static enum err import(struct rq *rq, const struct args *args, const struct reading *reading, struct out *ret)
{
	bool skip_bad = args_option(args, "skip-bad").at != NULL, is_dry = args_option(args, "dry-run").at != NULL;
	int64_t most = 5;
	struct people_plan plan;

	if (args_option(args, "vanish").at && str_number(args_option(args, "vanish"), 100, &most) != OK)
		return fail(rq, ERR_INVALID, _("--vanish takes a percentage from 0 to 100."));
	TRY(people_plan_make(rq, reading->records, reading->problems, skip_bad, people_home(), &plan));
	put_counts(rq, args, &plan, ret);
	if (plan.is_refused || is_dry || people_plan_vanish(&plan) > most)
		people_plan_drop(people_home());
	if (plan.is_refused)
		return trouble_exit(rq->trouble, 6, fail(rq, ERR_INVALID, _("Nothing was imported: mend the rows above, or pass over them with --skip-bad.")));
	if (people_plan_vanish(&plan) > most)
		return fail(rq, ERR_CONFLICT, _("%lld people, %lld per cent, would vanish; at most %lld per cent may. Nothing was imported. "
		            "If the file is right: --vanish %lld"), (long long)plan.counts.left, (long long)people_plan_vanish(&plan),
		            (long long)most, (long long)people_plan_vanish(&plan));
	return is_dry ? OK : people_plan_apply(rq, &plan, people_home(), NULL, NULL);
}

static enum err import_command(struct rq *rq, const struct args *args, struct out *ret)
{
	struct reading reading;

	if (args->file < 0)
		return fail(rq, ERR_INVALID, _("Which file?"));
	if (pthread_mutex_trylock(&one_at_a_time) != 0)
		return fail(rq, ERR_BUSY, _("An import is running. Wait until it is done."));
	enum err err = reading_ask(rq, READ_PEOPLE_CSV, args->file, &reading);
	if (err == OK) {
		err = import(rq, args, &reading, ret);
		close(reading.records);
		close(reading.problems);
	}
	pthread_mutex_unlock(&one_at_a_time);
	return err;
}

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

	if (listing->is_counting) {
		listing->code[row->id] = str_copy(listing->rq->arena, row->code);
		return OK;
	}
	if (listing->args->json)
		put_person_json(listing, row);
	else
		out_print(listing->out, STR_FMT "\t" STR_FMT "\t" STR_FMT "%s\n", STR_ARG(row->code), STR_ARG(row->name), STR_ARG(row->unit),
		          row->left_at.is ? "\t(left)" : "");
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

static enum err unit_command(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t class;
	struct people_unit_named_row unit;
	struct people_of_unit_row *people;
	struct change *change;
	size_t n;

	if (args->n_words != 1 || str_number(args_option(args, "class"), 4, &class) != OK || class < 1)
		return fail(rq, ERR_INVALID, _("Write: people unit NAME --class 1, 2, 3 or 4."));
	enum err err = people_unit_named(rq, args->words[0], &unit);
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no unit called \"%.*s\"."), STR_ARG(args->words[0]));
	TRY(err);
	TRY(audit_begin(rq, "people.unit", args->words[0], &change));
	TRY(people_unit_class(change, class, unit.id));
	TRY(people_of_unit(rq, unit.id, &people, &n));
	for (size_t i = 0; i < n; i++)
		change_touch(change, people[i].id);
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
