/* Bringing a file in: the reader, the check, the verdict, the plan on disk, and its steps.
 *
 * Each step is a job on the writer: leaves of at most 1,000 operations each, as many as the writer has time for, and one commit, since a
 * commit writes each page of an index once however many of its rows are new. How many operations are done stands in the volatile table
 * `job`, in the same commit, so that a restart goes on exactly there: a step is never done twice. While an import is unfinished nobody
 * else may number a new person (people_next_id), since the plan has numbered its own.
 *
 * SECURITY: the plan file is 0600 beside the store and is removed when the last step is committed. It is gone on with only when its hash
 * is the one that the first leaf names. A step that finds another person behind a number than the check did stops the import. */
#define LONG_LIVED
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <nettle/sha2.h>
#include <sodium.h>
#include <sys/stat.h>
#include "floor/people_plan.h"
#include "floor/event.h"
#include "floor/job.h"
#include "floor/writer.h"

enum { STEP = 1000, LOOK_EVERY = 256, STEP_BYTES = 4 << 20 };

/* Whose turn it is: one import at a time. At the start it is nobody's until it is known whether one was cut off, for that one comes first. */
enum turn { FREE, NOT_KNOWN, TAKEN };
static struct { pthread_mutex_t lock; pthread_cond_t is_known; enum turn is; } turn = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, FREE };

static void turn_is(enum turn now)
{
	pthread_mutex_lock(&turn.lock);
	turn.is = now;
	pthread_cond_broadcast(&turn.is_known);
	pthread_mutex_unlock(&turn.lock);
}

static bool take_turn(void)
{
	pthread_mutex_lock(&turn.lock);
	while (turn.is == NOT_KNOWN)
		pthread_cond_wait(&turn.is_known, &turn.lock);
	bool is_mine = turn.is == FREE;
	if (is_mine)
		turn.is = TAKEN;
	pthread_mutex_unlock(&turn.lock);
	return is_mine;
}

struct applying {
	int              fd;
	struct plan_head head;
	char             hash[65];
	size_t           at, length;         /* in the file: the next operation, the end */
	int64_t          done;
	char            *room; size_t have;  /* what of it is read, from `at` on */
	size_t           at_after;
	int64_t          done_after;
	int64_t          job;
};

static struct maybe_int maybe(int64_t n)
{
	return (struct maybe_int){ n != PLAN_NO, n };
}

/* --- one operation --- */

static struct str take_text(const char **at, uint32_t length)
{
	struct str ret = { *at, length };
	*at += length;
	return ret;
}

static bool is_whole(const struct plan_op *op, size_t left)
{
	if (left < sizeof *op || op->length < sizeof *op || op->length % 8 || op->length > left || op->n_names > PLAN_NAMES)
		return false;
	size_t n = sizeof *op + op->n_names * sizeof op->names[0];
	if (n > op->length)
		return false;
	n += (size_t)op->code + op->name + op->email + op->phone + op->sort;
	for (int i = 0; i < op->n_names && n <= op->length; i++)
		n += op->names[i].length;
	return n <= op->length;
}

/* The lowest place among the person's names that is free. */
static int64_t free_place(uint64_t *taken)
{
	int place = __builtin_ctzll(~*taken);

	*taken |= (uint64_t)1 << place;
	return place;
}

/* Names that the person has and is not to have go, those that lack come; what is right stays. */
static enum err apply_names(struct change *change, const struct plan_op *op, const char *texts)
{
	struct rq *rq = change_rq(change);
	struct people_logins_of_row *has = NULL;
	size_t n_has = 0;
	struct str wanted[PLAN_NAMES];
	bool is_there[PLAN_NAMES] = { false };
	uint64_t taken = 0;

	for (int i = 0; i < op->n_names; i++)
		wanted[i] = take_text(&texts, op->names[i].length);
	if (op->kind == PLAN_CHANGE)
		TRY(people_logins_of(rq, op->id, &has, &n_has));
	for (size_t k = 0; k < n_has; k++) {
		int i = 0;
		while (i < op->n_names && !(str_equal(wanted[i], has[k].name) && op->names[i].kind == has[k].kind))
			i++;
		if (i == op->n_names) {
			TRY(people_login_drop(change, op->id, has[k].place));
			continue;
		}
		is_there[i] = true;
		taken |= has[k].place < 64 ? (uint64_t)1 << has[k].place : 0;
	}
	for (int i = 0; i < op->n_names; i++)
		if (!is_there[i])
			TRY(people_login_add(change, op->id, free_place(&taken), wanted[i], op->names[i].kind));
	return OK;
}

/* A number that HR only writes in another way has not been changed: else a tidied file would hold everybody's connection. */
static bool is_same_number(struct rq *rq, struct str was, struct str is)
{
	return str_equal(was, is) || (was.len && is.len && str_equal(people_number(rq->arena, was), people_number(rq->arena, is)));
}

static enum err change_person(struct change *change, const struct plan_op *op, struct str code, struct people_change_args *args)
{
	struct rq *rq = change_rq(change);
	struct people_get_row was;
	char a[1024], b[1024];
	struct str now, before;

	TRY(people_get(rq, op->id, &was));
	bool is_same = people_canonical(code, a, sizeof a, &now) && people_canonical(was.code, b, sizeof b, &before) && str_equal(now, before);
	if (!is_same && !op->is_adopted)
		return fail(rq, ERR_CORRUPT, _("person %lld is not who the check found there"), (long long)op->id);
	args->email_changed_at = str_equal(was.email, args->email) ? was.email_changed_at : rq->now;
	args->phone_changed_at = is_same_number(rq, was.phone, args->phone) ? was.phone_changed_at : rq->now;
	if (op->is_adopted)
		TRY(people_adopt(change, code, op->kept_roles, op->id));
	TRY(people_change(change, args));
	TRY(people_words_set(rq, op->id, was.is_protected ? STR_NONE : was.name, args->is_protected ? STR_NONE : args->name));
	if (was.unit != op->unit || was.manager.is != (op->manager != PLAN_NO) || (was.manager.is && was.manager.i != op->manager))
		event_say(change, (struct event){ .kind = EVENT_person_moved, .person = op->id });
	if (was.phone.len && !is_same_number(rq, was.phone, args->phone))
		event_say(change, (struct event){ .kind = EVENT_phone_changed, .person = op->id });
	return OK;
}

static enum err apply_person(struct change *change, const struct plan_op *op)
{
	const char *at = (const char *)&op->names[op->n_names];
	struct str code = take_text(&at, op->code), name = take_text(&at, op->name), email = take_text(&at, op->email),
	           phone = take_text(&at, op->phone), sort = take_text(&at, op->sort);

	change_touch(change, op->id);
	/* A channel of somebody new has not been changed: nobody knew another. */
	if (op->kind == PLAN_ADD) {
		TRY(people_words_set(change_rq(change), op->id, STR_NONE, op->is_protected ? STR_NONE : name));
		TRY(people_add(change, &(struct people_add_args){ .id = op->id, .code = code, .name = name, .email = email, .phone = phone,
			.sort = sort, .unit = op->unit, .manager = maybe(op->manager), .employment_end = maybe(op->employment_end),
			.roles = op->roles, .is_protected = op->is_protected }));
	} else {
		TRY(change_person(change, op, code, &(struct people_change_args){ .name = name, .email = email, .phone = phone, .sort = sort,
			.unit = op->unit, .manager = maybe(op->manager), .employment_end = maybe(op->employment_end), .roles = op->roles,
			.is_protected = op->is_protected, .id = op->id }));
	}
	return apply_names(change, op, at);
}

static enum err release_name(struct change *change, struct str name)
{
	struct people_login_named_row login;
	enum err err = people_login_named(change_rq(change), name, &login);

	if (err != OK)
		return err == ERR_NONE ? OK : err;
	change_touch(change, login.person);
	return people_login_drop(change, login.person, login.place);
}

static enum err apply_op(struct change *change, const struct plan_op *op)
{
	struct rq *rq = change_rq(change);
	struct str name = { (const char *)&op->names[0], op->name };

	switch (op->kind) {
	case PLAN_UNIT:
		return people_unit_add(change, op->id, name, 0, 3);
	case PLAN_RELEASE:
		return release_name(change, name);
	case PLAN_LEAVE:
		change_touch(change, op->id);
		event_say(change, (struct event){ .kind = EVENT_person_left, .person = op->id });
		return people_leave(change, maybe(rq->now.ms), op->id);
	case PLAN_ADD:
	case PLAN_CHANGE:
		return apply_person(change, op);
	default:
		return fail(rq, ERR_CORRUPT, _("the import's plan is broken"));
	}
}

/* --- steps --- */

static enum err broken(struct rq *rq)
{
	return fail(rq, ERR_CORRUPT, _("%s/store/import.plan is broken; the import stays where it is: import the file again"), people_home());
}

/* Reads on, so that at least one whole operation lies in the room. */
static enum err read_on(struct rq *rq, struct applying *applying)
{
	size_t want = MIN((size_t)STEP_BYTES, applying->length - applying->at);

	for (applying->have = 0; applying->have < want; ) {
		ssize_t got = pread(applying->fd, applying->room + applying->have, want - applying->have, (off_t)(applying->at + applying->have));
		if (got <= 0)
			return broken(rq);
		applying->have += (size_t)got;
	}
	return is_whole((const void *)applying->room, applying->have) ? OK : broken(rq);
}

static const struct plan_op *next_op(const struct applying *applying, size_t at)
{
	const struct plan_op *op = (const void *)(applying->room + at);
	return at < applying->have && is_whole(op, applying->have - at) ? op : NULL;
}

static enum err one_leaf(struct rq *rq, struct applying *applying, size_t *at)
{
	struct change *change;
	int n = 0;

	TRY(audit_begin(rq, "people.import.step", str_of(applying->hash), &change));
	for (const struct plan_op *op; n < STEP && (op = next_op(applying, *at)); n++, *at += op->length) {
		if (n && n % LOOK_EVERY == 0 && writer_is_late(writer_of_core()))
			break;
		TRY(apply_op(change, op));
	}
	applying->done_after += n;
	return OK;
}

/* Runs in a job, maybe twice: what it reached goes to the _after members. */
static enum err step(struct rq *rq, void *of)
{
	struct applying *applying = of;
	size_t at = 0;
	int n = 0;

	applying->done_after = applying->done;
	do
		TRY(one_leaf(rq, applying, &at));
	while (next_op(applying, at) && writer_has_time(writer_of_core(), ++n));
	applying->at_after = applying->at + at;
	return job_set(rq, applying->done_after, applying->job);
}

static enum err run_steps(struct rq *rq, struct applying *applying, struct people_progress progress)
{
	applying->room = malloc(STEP_BYTES);
	enum err err = applying->room ? OK : fail(rq, ERR_FULL, "no memory");

	while (err == OK && applying->at < applying->length) {
		err = read_on(rq, applying);
		if (err == OK)
			err = writer_do_step(writer_of_core(), step, applying, rq);
		applying->at = applying->at_after;
		applying->done = applying->done_after;
		if (err == OK && progress.tell)
			progress.tell(progress.of, PEOPLE_APPLYING, applying->done, applying->head.n_ops);
	}
	free(applying->room);
	applying->room = NULL;
	return err;
}

/* --- the plan on disk --- */

static void plan_path(char *ret, size_t size)
{
	snprintf(ret, size, "%s/store/import.plan", people_home());
}

static void drop_plan(void)
{
	char path[400];

	plan_path(path, sizeof path);
	unlink(path);
}

static enum err keep_plan(struct rq *rq, struct people_check *check, struct applying *ret)
{
	char path[400];
	struct stat about;
	int64_t n_ops;

	plan_path(path, sizeof path);
	ret->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (ret->fd < 0)
		return fail(rq, ERR_IO, _("The import could not be kept on disk: %s. Nothing was changed."), strerror(errno));
	TRY(plan_write(rq, check, ret->fd, ret->hash, &n_ops));
	if (fsync(ret->fd) != 0 || fstat(ret->fd, &about) != 0
	 || pread(ret->fd, &ret->head, sizeof ret->head, 0) != (ssize_t)sizeof ret->head)
		return fail(rq, ERR_IO, _("The import could not be kept on disk: %s. Nothing was changed."), strerror(errno));
	ret->at = sizeof ret->head;
	ret->length = (size_t)about.st_size;
	return OK;
}

/* The plan was made on a reading connection; it counts only when nobody has come in between. */
static enum err accept_plan(struct rq *rq, void *of)
{
	struct applying *applying = of;
	struct people_count_row persons;
	struct people_unit_count_row units;
	struct change *change;

	TRY(people_count(rq, &persons));
	TRY(people_unit_count(rq, &units));
	if (persons.n != applying->head.n_persons || units.n != applying->head.n_units)
		return fail(rq, ERR_CONFLICT, _("Somebody else changed the list of people in the meantime. Nothing was changed. Try again."));
	TRY(audit_begin(rq, "people.import", str_of(applying->hash), &change));
	return job_accept(rq, applying->head.n_ops, str_of(applying->hash), applying->job);
}

static struct str failed(struct rq *rq, enum err err)
{
	return str_print(rq->arena, "failed 0 0 0 0 0\n" STR_FMT, STR_ARG(trouble_told(rq, err)));
}

static enum err apply(struct rq *rq, struct people_check *check, struct people_progress progress, struct str *ret_result)
{
	struct applying applying = { .fd = -1, .job = JOB_IMPORT };
	enum err err = keep_plan(rq, check, &applying);

	if (err == OK && applying.head.n_ops)
		err = writer_do(writer_of_core(), accept_plan, &applying, rq);
	bool is_accepted = err == OK && applying.head.n_ops;
	if (is_accepted)
		err = run_steps(rq, &applying, progress);
	if (applying.fd >= 0)
		close(applying.fd);
	if (err == OK || !is_accepted)
		drop_plan();
	if (err != OK)
		*ret_result = is_accepted ? STR("unfinished") : failed(rq, err);
	return err;
}

/* --- the whole --- */

static enum err resume(struct rq *);

struct verdict_said {
	struct people_wish     wish;
	struct people_progress progress;
	enum err             (*said)(struct rq *, struct people_check *, enum err, void *);
	void                  *of;
};

static enum err verdict_of(struct rq *rq, const struct people_outcome *outcome, struct people_wish wish)
{
	int64_t vanish = people_vanish(outcome);

	if (outcome->is_file_bad || (outcome->n_bad && !wish.skip_bad))
		return trouble_exit(rq->trouble, 6, fail(rq, ERR_INVALID, "%s", outcome->is_file_bad
			? _("Nothing was imported: mend the file.") : _("Nothing was imported: mend the rows, or pass over them with --skip-bad.")));
	if (outcome->counts.left * 100 > wish.vanish * outcome->n_before)
		return fail(rq, ERR_CONFLICT, _("%lld people, %lld per cent, would vanish; at most %lld per cent may. Nothing was imported. "
		            "If the file is right: --vanish %lld"), (long long)outcome->counts.left, (long long)vanish, (long long)wish.vanish,
		            (long long)vanish);
	return OK;
}

static struct str result_of(struct rq *rq, const struct people_outcome *outcome, const char *word)
{
	struct out out = out_new(rq->arena);
	const struct people_counts *c = &outcome->counts;

	out_print(&out, "%s %lld %lld %lld %lld %lld\n", word, (long long)c->added, (long long)c->changed, (long long)c->unchanged,
	          (long long)c->left, (long long)c->bad);
	for (size_t i = 0; i < MIN(outcome->n_bad, (size_t)PEOPLE_RESULT_ROWS); i++)
		out_print(&out, "%u %u %u %s\n", outcome->bad[i].row, outcome->bad[i].column, outcome->bad[i].kind,
		          outcome->bad[i].heading ? outcome->bad[i].heading : "");
	return out_str(&out);
}

static enum err check_and_apply(struct rq *rq, const struct reading *reading, const struct verdict_said *with, struct str *ret_result)
{
	struct people_check *check;

	if (with->progress.tell)
		with->progress.tell(with->progress.of, PEOPLE_CHECKING, 0, (int64_t)reading->n);
	TRY(people_check(rq, reading, with->wish.skip_bad, &check));
	const struct people_outcome *outcome = people_check_outcome(check);
	enum err err = verdict_of(rq, outcome, with->wish), said = with->said(rq, check, err, with->of);
	*ret_result = result_of(rq, outcome, err == ERR_INVALID ? "bad" : err ? "vanish" : with->wish.is_dry ? "dry" : "done");
	if (err == OK)
		err = said;
	if (err == OK && !with->wish.is_dry)
		err = apply(rq, check, with->progress, ret_result);
	people_check_end(check);
	return err;
}

static enum err import(struct rq *rq, int file, const struct verdict_said *with)
{
	struct reading reading;
	struct str result = STR_NONE;

	TRY(resume(rq));
	TRY(job_start(rq, JOB_IMPORT, with->wish.title));
	if (with->progress.tell)
		with->progress.tell(with->progress.of, PEOPLE_READING, 0, 0);
	enum err err = reading_ask(rq, READ_PEOPLE_CSV, file, &reading);
	if (err == OK) {
		err = check_and_apply(rq, &reading, with, &result);
		close(reading.records);
		close(reading.problems);
	}
	if (!result.at)
		result = failed(rq, err);
	/* An accepted file that was not applied to the end stays the job's: it is finished at the next start. */
	if (!str_equal(result, STR("unfinished"))) {
		enum err over = job_over(rq, JOB_IMPORT, result);
		err = err == OK ? over : err;
	}
	return err;
}

enum err people_import(struct rq *rq, int file, struct people_wish wish, struct people_progress progress,
                       enum err (*said)(struct rq *, struct people_check *, enum err, void *), void *of)
{
	if (!take_turn())
		return fail(rq, ERR_BUSY, _("An import is running. Wait until it is done."));
	enum err err = import(rq, file, &(struct verdict_said){ wish, progress, said, of });
	turn_is(FREE);
	return err;
}

bool people_import_is_running(void)
{
	pthread_mutex_lock(&turn.lock);
	bool ret = turn.is == TAKEN;
	pthread_mutex_unlock(&turn.lock);
	return ret;
}

/* --- after a restart --- */

static enum err hash_file(struct rq *rq, struct applying *applying)
{
	struct sha256_ctx state;
	unsigned char hash[32];
	char *room = malloc(STEP_BYTES);
	ssize_t got = room ? 1 : -1;

	sha256_init(&state);
	for (size_t at = 0; got > 0 && at < applying->length; at += (size_t)got) {
		got = pread(applying->fd, room, STEP_BYTES, (off_t)at);
		if (got > 0)
			sha256_update(&state, (size_t)got, (const uint8_t *)room);
	}
	free(room);
	if (got <= 0 || pread(applying->fd, &applying->head, sizeof applying->head, 0) != (ssize_t)sizeof applying->head)
		return broken(rq);
	sha256_digest(&state, sizeof hash, hash);
	sodium_bin2hex(applying->hash, sizeof applying->hash, hash, sizeof hash);
	return OK;
}

/* Walks to the first operation that is not done yet. */
static enum err find_place(struct rq *rq, struct applying *applying, int64_t done)
{
	struct plan_op op;

	applying->at = sizeof applying->head;
	for (applying->done = 0; applying->done < done; applying->done++) {
		if (pread(applying->fd, &op, sizeof op, (off_t)applying->at) != (ssize_t)sizeof op || op.length < sizeof op || op.length % 8)
			return broken(rq);
		applying->at += op.length;
	}
	return applying->at <= applying->length ? OK : broken(rq);
}

static enum err finish(struct rq *rq, const struct job_get_row *job, struct applying *applying)
{
	struct stat about;

	if (fstat(applying->fd, &about) != 0)
		return broken(rq);
	applying->length = (size_t)about.st_size;
	TRY(hash_file(rq, applying));
	/* Another plan than the accepted one: a later file had been checked and not yet accepted. */
	if (!str_equal(str_first(job->result, 64), str_of(applying->hash)))
		return ERR_NONE;
	TRY(find_place(rq, applying, job->done));
	return run_steps(rq, applying, (struct people_progress){ 0 });
}

static enum err resume(struct rq *rq)
{
	char path[400];
	struct job_get_row job;
	struct applying applying = { .job = JOB_IMPORT };
	enum err err = job_get(rq, JOB_IMPORT, &job);

	if (err == ERR_NONE || (err == OK && job.ended_at.is)) {
		drop_plan();
		return OK;
	}
	TRY(err);
	plan_path(path, sizeof path);
	applying.fd = open(path, O_RDONLY | O_CLOEXEC);
	err = job.total && applying.fd >= 0 ? finish(rq, &job, &applying) : ERR_NONE;
	if (applying.fd >= 0)
		close(applying.fd);
	if (err != OK && err != ERR_NONE)
		return err;
	drop_plan();
	return job_over(rq, JOB_IMPORT, err == OK ? STR("done 0 0 0 0 0\n") : STR("lost 0 0 0 0 0\n"));
}

void people_import_wait(void)
{
	turn_is(NOT_KNOWN);
}

enum err people_import_owed(struct rq *rq, bool *ret)
{
	struct job_get_row job;
	enum err err = job_get(rq, JOB_IMPORT, &job);
	bool is_owed = err == OK && !job.ended_at.is;

	turn_is(is_owed ? TAKEN : FREE);
	if (err != OK && err != ERR_NONE)
		return err;
	*ret = is_owed;
	return OK;
}

enum err people_import_resume(struct rq *rq)
{
	turn_is(TAKEN);
	enum err err = resume(rq);
	turn_is(FREE);
	return err;
}
