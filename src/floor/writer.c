/* The one writer. Jobs wait in a list; the thread takes the whole list, runs it in one transaction, commits once,
 * has the standing refreshed and answers everybody: group commit is worth 5 to 50 times a commit each.
 *
 * Steps of large changes and what else waits take turns: a step is alone in its batch, and goes again only when nobody else waits or a
 * batch of others has gone. While there are steps the database's log is copied in one piece, which may take as long as a step and waits for its
 * turn likewise; while only others write, in parts (store_tidy.h). A step writes for STEP_MS when nobody waits, and ends when somebody does
 * and STEP_LEAST_MS are over: no sooner, since a commit of few rows takes as long as one of many.
 *
 * A job that fails before it wrote costs the others nothing. One that fails after a write, or runs into its arena's
 * ceiling, makes the batch roll back; then each job of it runs in a transaction of its own.
 *
 * SECURITY: nothing is answered before its commit has returned. When a commit fails, every job of the batch is told so,
 * the log forgets what it had begun, and the standing is not touched: what is in memory never runs ahead of the disk. */
#define LONG_LIVED
#include "floor/writer.h"
#include "floor/store_tidy.h"
#include "floor/event.h"
#include "base/world.h"
#include <pthread.h>

enum { BATCH = 512, JOB_CEILING = 256 << 20, IDLE_MS = 200, STEP_MS = 130, STEP_LEAST_MS = 50, NOTICED_MS = 10, STEPS_GO_ON_MS = 2000 };

struct queue { struct job *first, **last; };

struct writer {
	struct store         *store;
	struct audit         *audit;
	struct writer_hooks   hooks;
	struct arena         *arena;
	pthread_t             thread;
	pthread_mutex_t       lock;
	pthread_cond_t        has_work;
	struct queue          jobs, steps;
	bool                  is_stopping, had_step;     /* had_step: the last batch was one */
	int64_t               began;                     /* ticks of the batch that runs; its own thread's */
	int64_t               stepped;                   /* ticks of the last step, likewise; 0: none yet */
	struct writer_counters counting, count;          /* its own thread's; and what others read, under the lock */
};

static void *live(void *of);

enum err writer_start(struct store *store, struct audit *audit, struct writer_hooks hooks, struct writer **ret)
{
	struct writer *writer = calloc(1, sizeof *writer);

	if (!writer)
		return ERR_FULL;
	*writer = (struct writer){ .store = store, .audit = audit, .hooks = hooks, .arena = arena_new(JOB_CEILING) };
	writer->jobs.last = &writer->jobs.first;
	writer->steps.last = &writer->steps.first;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&writer->has_work, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&writer->thread, NULL, live, writer) != 0) {
		arena_end(writer->arena);
		free(writer);
		return ERR_FULL;
	}
	*ret = writer;
	return OK;
}

void writer_stop(struct writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->is_stopping = true;
	pthread_cond_signal(&writer->has_work);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	arena_end(writer->arena);
	audit_end(writer->audit);
	store_close(writer->store);
	pthread_cond_destroy(&writer->has_work);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

void writer_put(struct writer *writer, struct job *job)
{
	struct queue *queue = job->is_step ? &writer->steps : &writer->jobs;

	job->next = NULL;
	pthread_mutex_lock(&writer->lock);
	*queue->last = job;
	queue->last = &job->next;
	pthread_cond_signal(&writer->has_work);
	pthread_mutex_unlock(&writer->lock);
}

/* At most n from the front. */
static struct job *take(struct queue *queue, size_t n)
{
	struct job *jobs = queue->first, *end = jobs;

	while (end && end->next && --n)
		end = end->next;
	if (end) {
		queue->first = end->next;
		end->next = NULL;
		if (!queue->first)
			queue->last = &queue->first;
	}
	return jobs;
}

/* Waits for work; NULL when idle for a while (then the log of the database is tidied) or when stopping. */
static struct job *take_turn(struct writer *writer, bool *ret_is_over)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += IDLE_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&writer->lock);
	while (!writer->jobs.first && !writer->steps.first && !writer->is_stopping)
		if (pthread_cond_timedwait(&writer->has_work, &writer->lock, &until) != 0)
			break;
	bool is_step = writer->steps.first && (!writer->jobs.first || !writer->had_step);
	struct job *jobs = is_step ? take(&writer->steps, 1) : take(&writer->jobs, BATCH);
	writer->had_step = is_step;
	*ret_is_over = writer->is_stopping && !jobs;
	pthread_mutex_unlock(&writer->lock);
	return jobs;
}

static struct rq rq_of(struct writer *writer, struct job *job, struct instant now)
{
	return (struct rq){ .arena = writer->arena, .store = writer->store, .audit = writer->audit, .actor = &job->actor,
	                    .language = job->language, .now = job->now.ms ? job->now : now, .trouble = &job->trouble };
}

/* Runs one job inside the open transaction. True: it may stay in the batch. */
static bool run_one(struct writer *writer, struct job *job, struct instant now)
{
	struct rq rq = rq_of(writer, job, now);
	uint64_t writes = store_writes(writer->store);

	trouble_clear(&job->trouble);
	ARENA_GUARD(writer->arena) {
		job->err = trouble_owe(&job->trouble, ERR_FULL, N_("the request needed more memory than it may have"));
		return false;
	}
	job->err = job->run(&rq, job->of);
	if (job->err == OK)
		job->err = audit_hear(writer->audit, &rq, writer->hooks.hear);
	if (job->err == OK)
		job->err = audit_close(writer->audit, &rq);
	if (job->err == OK)
		return true;
	/* Nothing written, nothing to undo: the others stay. */
	audit_drop(writer->audit);
	return store_writes(writer->store) == writes;
}

static enum err refresh(struct writer *writer, struct instant now)
{
	const int64_t *persons;
	size_t n = audit_touched(writer->audit, &persons);
	bool is_site = audit_touched_site(writer->audit);
	struct actor nobody = { .person = -1, .name = STR("system"), .body = -1 };
	struct trouble trouble = { 0 };
	struct rq rq = { .arena = writer->arena, .store = writer->store, .actor = &nobody, .now = now, .trouble = &trouble };

	if ((n == 0 && !is_site) || !writer->hooks.refresh)
		return OK;
	enum err err = writer->hooks.refresh(&rq, persons, n, is_site, writer->hooks.of);
	if (err != OK)
		world_log("standing could not be read again: %s", trouble.text);
	return err;
}

/* Commits what has run. The answer to each job is what it earned, or why the commit failed. */
static void commit(struct writer *writer, struct job *jobs, struct instant now)
{
	struct trouble trouble = { 0 };
	struct actor nobody = { .person = -1, .name = STR("system"), .body = -1 };
	struct rq rq = { .arena = writer->arena, .store = writer->store, .audit = writer->audit, .actor = &nobody, .now = now,
	                 .trouble = &trouble };
	enum err err = audit_settle(writer->audit, &rq);

	if (err == OK)
		err = store_commit(writer->store, &trouble);
	if (err != OK) {
		store_rollback(writer->store);
		audit_forget(writer->audit);
		for (struct job *job = jobs; job; job = job->next)
			if (job->err == OK)
				job->err = trouble_pass(&job->trouble, err, &trouble);
		return;
	}
	(void)refresh(writer, now);
	audit_committed(writer->audit);
}

static void answer(struct writer *writer, struct job *jobs)
{
	for (struct job *next; jobs; jobs = next) {
		next = jobs->next;
		writer->counting.jobs++;
		writer->counting.failed += jobs->err != OK;
		jobs->done(jobs, jobs->err, &jobs->trouble);
	}
	arena_empty(writer->arena);
}

static void say_to_all(struct job *jobs, enum err err, const struct trouble *trouble)
{
	for (struct job *job = jobs; job; job = job->next) {
		trouble_clear(&job->trouble);
		job->err = trouble_pass(&job->trouble, err, trouble);
	}
}

static void run_batch(struct writer *writer, struct job *jobs, struct instant now)
{
	struct trouble trouble = { 0 };
	enum err err = store_begin(writer->store, &trouble);
	bool is_alone = !jobs->next, may_stay = err == OK;

	if (err != OK) {
		say_to_all(jobs, err, &trouble);
		answer(writer, jobs);
		return;
	}
	for (struct job *job = jobs; job && may_stay; job = job->next)
		may_stay = run_one(writer, job, now);
	if (may_stay) {
		commit(writer, jobs, now);
		answer(writer, jobs);
		return;
	}
	store_rollback(writer->store);
	audit_forget(writer->audit);
	if (is_alone) {
		answer(writer, jobs);
		return;
	}
	for (struct job *next; jobs; jobs = next) {
		next = jobs->next;
		jobs->next = NULL;
		run_batch(writer, jobs, now);
	}
}

/* One that took its time was a turn: who has come meanwhile goes before the next step. */
static enum err tidy(struct writer *writer, enum tidy how)
{
	int64_t began = world.ticks();
	enum err err = store_tidy(writer->store, how);

	writer->had_step |= world.ticks() - began > NOTICED_MS;
	return err;
}

/* A large change writes more between two looks than another thread brings to the disk. */
static enum tidy how_to_tidy(struct writer *writer)
{
	if (writer->had_step)
		writer->stepped = writer->began;
	return writer->stepped && writer->began - writer->stepped < STEPS_GO_ON_MS ? TIDY_LONG : TIDY_BESIDE;
}

static void *live(void *of)
{
	struct writer *writer = of;
	bool is_over = false;

	while (!is_over) {
		struct job *jobs = take_turn(writer, &is_over);
		if (jobs) {
			writer->began = world.ticks();
			run_batch(writer, jobs, world.now());
			writer->counting.batches++;
			writer->counting.longest_ms = MAX(writer->counting.longest_ms, (uint64_t)(world.ticks() - writer->began));
			pthread_mutex_lock(&writer->lock);
			writer->count = writer->counting;
			bool others_first = writer->had_step && writer->jobs.first;
			pthread_mutex_unlock(&writer->lock);
			if (store_is_lost(writer->store)) {
				/* Whether the last commit stands is unknown: only a new start reads the log as it is. Keeper sees to it. */
				world_log("the store is lost: starting again");
				_exit(1);
			}
			enum tidy how = how_to_tidy(writer);
			if (!others_first)
				(void)tidy(writer, how);
		} else if (tidy(writer, TIDY_ALL) != OK) {
			/* A reader stands in the way; the next idle moment tries again. */
			continue;
		}
	}
	return NULL;
}

struct waiting { struct job job; pthread_mutex_t lock; pthread_cond_t over; bool is_over; };

static void wake(struct job *job, enum err err, const struct trouble *trouble)
{
	struct waiting *waiting = (struct waiting *)job;

	(void)err;
	(void)trouble;
	pthread_mutex_lock(&waiting->lock);
	waiting->is_over = true;
	pthread_cond_signal(&waiting->over);
	pthread_mutex_unlock(&waiting->lock);
}

static enum err put_and_wait(struct writer *writer, const struct job *job, struct rq *caller)
{
	struct waiting waiting = { .job = *job, .lock = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER };

	waiting.job.done = wake;
	waiting.job.actor = *caller->actor;
	waiting.job.language = caller->language;
	writer_put(writer, &waiting.job);
	pthread_mutex_lock(&waiting.lock);
	while (!waiting.is_over)
		pthread_cond_wait(&waiting.over, &waiting.lock);
	pthread_mutex_unlock(&waiting.lock);
	pthread_cond_destroy(&waiting.over);
	pthread_mutex_destroy(&waiting.lock);
	if (waiting.job.err == OK)
		return OK;
	return trouble_pass(caller->trouble, waiting.job.err, &waiting.job.trouble);
}

enum err writer_do_at(struct writer *writer, enum err (*run)(struct rq *, void *), void *of, struct rq *caller, struct instant now)
{
	return put_and_wait(writer, &(struct job){ .run = run, .of = of, .now = now }, caller);
}

enum err writer_do(struct writer *writer, enum err (*run)(struct rq *, void *), void *of, struct rq *caller)
{
	return put_and_wait(writer, &(struct job){ .run = run, .of = of }, caller);
}

enum err writer_do_step(struct writer *writer, enum err (*run)(struct rq *, void *), void *of, struct rq *caller)
{
	return put_and_wait(writer, &(struct job){ .run = run, .of = of, .is_step = true }, caller);
}

static int64_t time_of_step(const struct writer *writer)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&writer->lock;

	pthread_mutex_lock(lock);
	bool does_somebody_wait = writer->jobs.first;
	pthread_mutex_unlock(lock);
	return does_somebody_wait ? STEP_LEAST_MS : STEP_MS;
}

bool writer_has_time(const struct writer *writer, int n)
{
	return (world.ticks() - writer->began) * (n + 1) <= time_of_step(writer) * n;
}

bool writer_is_late(const struct writer *writer)
{
	return world.ticks() - writer->began > time_of_step(writer);
}

static struct writer *cores;

struct writer *writer_of_core(void)
{
	return cores;
}

void writer_is_cores(struct writer *writer)
{
	cores = writer;
}

struct audit *writer_audit(struct writer *writer)
{
	return writer->audit;
}

struct writer_counters writer_count(const struct writer *writer)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&writer->lock;

	pthread_mutex_lock(lock);
	struct writer_counters count = writer->count;
	pthread_mutex_unlock(lock);
	return count;
}
