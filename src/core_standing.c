/* The standing is read beside the doors: pages and commands are answered from the store at once, the gate when everyone has been read.
 *
 * Two threads, each with a reading connection of its own, take ranges of persons. From before the first row is read until the end the writer's
 * hook notes whom each commit touches. Those are read again: on this thread in rounds while they are many, and the last of them, with what is
 * common to all and the places taken, in one step on the writer, where no commit comes between. Only then is the gate open.
 *
 * Until then: the gate's thread keeps what the gateway asks (core_gate.c), log-ins over HTTP and the command `gate ask` wait, sessions are
 * ended by nobody, accounting waits with the asks, and a page says that the gate is loading.
 *
 * When it cannot be read, core ends with the sentence and its exit status; keeper, which has never heard LOADED, ends too.
 *
 * SECURITY: nothing fails open. No verdict is given by half a standing (gate_judge refuses to), and what is committed while everyone is read is never
 * lost to the standing: noted before it is answered. */
#define LONG_LIVED
#include "core.h"
#include "base/world.h"
#include <pthread.h>
#include <stdatomic.h>

enum { FEW = 500, ROUNDS = 50, READER_CEILING = 256 << 20 };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t  opened;
	int64_t        *touched;       /* by commits since the start, each once or more */
	size_t          n, room;
	pthread_t       thread;
	bool            has_thread;
	_Atomic bool    is_open, is_stopping;
} loading = { .lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER };

static const struct actor nobody = { .person = -1, .name = { "system", 6 }, .body = -1 };

bool core_gate_is_open(void)
{
	return loading.is_open;
}

void core_gate_wait(void)
{
	if (loading.is_open)
		return;
	pthread_mutex_lock(&loading.lock);
	while (!loading.is_open)
		pthread_cond_wait(&loading.opened, &loading.lock);
	pthread_mutex_unlock(&loading.lock);
}

/* --- on the writer --- */

static void note(const int64_t *persons, size_t n)
{
	pthread_mutex_lock(&loading.lock);
	if (loading.n + n > loading.room) {
		size_t room = MAX(loading.room * 2, loading.n + n + 1024);
		int64_t *more = realloc(loading.touched, room * sizeof more[0]);
		if (!more)
			abort();
		loading.touched = more;
		loading.room = room;
	}
	if (n)
		memcpy(loading.touched + loading.n, persons, n * sizeof persons[0]);
	loading.n += n;
	pthread_mutex_unlock(&loading.lock);
}

enum err core_standing_refresh(struct rq *rq, const int64_t *persons, size_t n, bool is_site)
{
	if (loading.is_open)
		return standing_refresh(core.standing, rq, persons, n, is_site);
	note(persons, n);       /* what is common to all is read at the end in any case */
	return OK;
}

/* The last of it: a step of its own, so that it runs once. */
static enum err open_gate(struct rq *rq, void *of)
{
	(void)of;
	TRY(standing_refresh(core.standing, rq, loading.touched, loading.n, true));
	standing_open(core.standing, rq->now);
	TRY(core_places_load(rq));
	pthread_mutex_lock(&loading.lock);
	loading.is_open = true;
	free(loading.touched);
	loading.touched = NULL;
	pthread_cond_broadcast(&loading.opened);
	pthread_mutex_unlock(&loading.lock);
	return OK;
}

/* --- reading --- */

struct reader { struct arena *arena; struct store *store; struct trouble trouble; enum err err; };

static struct rq rq_of(struct reader *reader)
{
	return (struct rq){ .arena = reader->arena, .store = reader->store, .actor = &nobody, .language = LANGUAGE_SV, .now = world.now(),
	                    .trouble = &reader->trouble };
}

static enum err open_reader(struct reader *reader)
{
	reader->arena = arena_new(READER_CEILING);
	return store_open(&core.place, false, &reader->trouble, &reader->store);
}

static void end_reader(struct reader *reader)
{
	if (reader->store)
		store_close(reader->store);
	arena_end(reader->arena);
}

static void *help(void *of)
{
	struct reader *reader = of;
	struct rq rq = rq_of(reader);

	reader->err = open_reader(reader);
	rq.arena = reader->arena;
	rq.store = reader->store;
	if (reader->err == OK)
		reader->err = standing_take(core.standing, &rq, &loading.is_stopping);
	return NULL;
}

/* Who has been touched meanwhile is read again here, as long as they are many: the writer is held for few. */
static enum err catch_up(struct rq *rq)
{
	for (int round = 0; round < ROUNDS && !loading.is_stopping; round++) {
		pthread_mutex_lock(&loading.lock);
		size_t n = loading.n;
		int64_t *persons = n > FEW ? NEW_MANY(rq->arena, n, int64_t) : NULL;
		if (persons) {
			memcpy(persons, loading.touched, n * sizeof persons[0]);
			loading.n = 0;
		}
		pthread_mutex_unlock(&loading.lock);
		if (!persons)
			break;
		TRY(standing_refresh(core.standing, rq, persons, n, false));
		arena_empty(rq->arena);
	}
	return OK;
}

/* Builds with sanitizers only: SAMORDNA_SLOW_GATE=SECONDS leaves that long for a test to write, to ask and to kill. */
static void wait_for_test(void)
{
	const char *seconds = SANITIZED ? getenv("SAMORDNA_SLOW_GATE") : NULL;

	for (long i = seconds ? strtol(seconds, NULL, 10) * 20 : 0; i > 0 && !loading.is_stopping; i--)
		usleep(50000);
}

static enum err read_everyone(struct reader *reader)
{
	struct reader second = { 0 };
	pthread_t thread;

	TRY(open_reader(reader));
	struct rq rq = rq_of(reader);
	TRY(standing_size(core.standing, &rq));
	bool has_second = pthread_create(&thread, NULL, help, &second) == 0;
	enum err err = standing_take(core.standing, &rq, &loading.is_stopping);
	if (has_second)
		pthread_join(thread, NULL);
	if (err == OK && second.err != OK)
		err = trouble_pass(rq.trouble, second.err, &second.trouble);
	end_reader(&second);
	wait_for_test();
	if (err == OK)
		err = core_places_begin(&rq);
	if (err == OK)
		err = catch_up(&rq);
	if (err != OK || loading.is_stopping)
		return err;
	return writer_do_step(core.writer, open_gate, NULL, &rq);
}

static void *live(void *of)
{
	struct reader reader = { 0 };
	struct ready ready = { .process = PEER_KINDS };
	(void)of;

	enum err err = read_everyone(&reader);
	if (err != OK) {
		trouble_speak(&reader.trouble, language_here());
		world_log("samordna: %s", reader.trouble.text[0] ? reader.trouble.text : err_name(err));
		_exit(err_exit(err));
	}
	end_reader(&reader);
	if (!loading.is_stopping)
		(void)channel_send(core.keeper_fd, (struct message){ .kind = MESSAGE_LOADED }, &ready.process, sizeof ready - sizeof ready.head, NULL, 0);
	return NULL;
}

void core_standing_start(void)
{
	if (pthread_create(&loading.thread, NULL, live, NULL) != 0)
		abort();
	loading.has_thread = true;
}

void core_standing_stop(void)
{
	loading.is_stopping = true;
	if (loading.has_thread)
		pthread_join(loading.thread, NULL);
}
