/* The writer among many threads: what was answered with OK is in the log and in the tables, what was refused left nothing, and whoever was in
 * the same batch as a refused job lost nothing by it. The test that ThreadSanitizer looks at (tests/races.sh). */
#include "floor/fixture.h"
#include "floor/audit.sql.h"
#include "floor/setting.sql.h"
#include "floor/writer.h"
#include <pthread.h>

enum { ASKERS = 8, EACH = 60 };

struct asker { pthread_t thread; struct writer *writer; int number, n_ok, n_refused; };
struct wish { int asker, turn; bool is_refused; int64_t leaf; };

static _Atomic int refreshed, heard;

/* Writes first, so that a refusal has something to roll back. */
static enum err put(struct rq *rq, void *of)
{
	struct wish *wish = of;
	struct change *change;
	struct str name = str_print(rq->arena, "test.%d.%d", wish->asker, wish->turn);

	TRY(audit_begin(rq, "test.put", name, &change));
	wish->leaf = change_leaf(change);
	TRY(setting_put(change, name, str_print(rq->arena, "%d", wish->turn)));
	change_touch(change, wish->asker);
	return wish->is_refused ? fail(rq, ERR_CONFLICT, "turn %d is refused", wish->turn) : OK;
}

static void *ask(void *of)
{
	struct asker *asker = of;
	struct arena *arena = arena_new(1 << 20);
	struct actor actor = { .person = -1, .name = STR("test"), .body = -1 };

	for (int turn = 0; turn < EACH; turn++) {
		struct trouble trouble = { 0 };
		struct rq rq = { .arena = arena, .actor = &actor, .trouble = &trouble };
		struct wish wish = { asker->number, turn, turn % 7 == 3, -1 };
		enum err err = writer_do(asker->writer, put, &wish, &rq);
		asker->n_ok += err == OK && wish.leaf >= 0;
		asker->n_refused += err == ERR_CONFLICT && strstr(trouble.text, "is refused") != NULL;
		arena_empty(arena);
	}
	arena_end(arena);
	return NULL;
}

static enum err refresh(struct rq *rq, const int64_t *persons, size_t n, bool is_site, void *of)
{
	(void)rq; (void)persons; (void)is_site; (void)of;
	refreshed += n > 0;
	return OK;
}

static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	(void)rq; (void)event; (void)change;
	heard++;
	return OK;
}

static enum err each_leaf(void *of, const struct audit_leaves_row *row)
{
	static const char wanted[] = "\"action\":\"test.put\"";
	*(int *)of += memmem(row->leaf.at, row->leaf.len, wanted, sizeof wanted - 1) != NULL;
	return OK;
}

static void many_threads_one_writer(void **state)
{
	(void)state;
	struct fixture *f = fixture_new();
	struct writer *writer;
	struct asker asker[ASKERS] = { 0 };
	int n_ok = 0, n_refused = 0, leaves = 0;
	struct setting_all_row *rows;
	size_t n;

	assert_int_equal(writer_start(f->rq.store, f->audit, (struct writer_hooks){ refresh, hear, NULL }, &writer), OK);
	for (int i = 0; i < ASKERS; i++) {
		asker[i] = (struct asker){ .writer = writer, .number = i };
		assert_int_equal(pthread_create(&asker[i].thread, NULL, ask, &asker[i]), 0);
	}
	for (int i = 0; i < ASKERS; i++) {
		pthread_join(asker[i].thread, NULL);
		n_ok += asker[i].n_ok;
		n_refused += asker[i].n_refused;
	}
	assert_int_equal(n_ok + n_refused, ASKERS * EACH);
	assert_int_equal(n_refused, ASKERS * ((EACH + 3) / 7));
	struct writer_counters count = writer_count(writer);
	assert_true(count.batches < ASKERS * EACH);      /* jobs that wait together are committed together */
	assert_true(refreshed > 0);
	/* The writer is idle now: its connection can be read from here. */
	assert_int_equal(audit_leaves(&f->rq, 0, INT64_MAX, each_leaf, &leaves), OK);
	assert_int_equal(leaves, n_ok);
	assert_int_equal(setting_all(&f->rq, &rows, &n), OK);
	assert_int_equal(n, n_ok);
	writer_stop(writer);                             /* closes the store and the log */
	arena_end(f->arena);
	free(f);
}

/* --- turns --- */

struct turn { struct job job; char name; };
static struct { pthread_mutex_t lock; pthread_cond_t changed; bool may_go; char order[16]; size_t n, n_done; } turns = {
	.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static enum err take_turn(struct rq *rq, void *of)
{
	const struct turn *turn = of;
	struct change *change;

	pthread_mutex_lock(&turns.lock);
	while (!turns.may_go)
		pthread_cond_wait(&turns.changed, &turns.lock);
	turns.order[turns.n++] = turn->name;
	pthread_mutex_unlock(&turns.lock);
	TRY(audit_begin(rq, "test.turn", STR(""), &change));
	return setting_put(change, str_print(rq->arena, "turn.%c", turn->name), STR("1"));
}

static void count_turn(struct job *job, enum err err, const struct trouble *trouble)
{
	(void)job; (void)trouble;
	pthread_mutex_lock(&turns.lock);
	turns.n_done += err == OK;
	pthread_cond_signal(&turns.changed);
	pthread_mutex_unlock(&turns.lock);
}

/* While the first one holds the writer, others gather: a step goes alone, and what else waits goes between two steps. */
static void steps_and_others_take_turns(void **state)
{
	(void)state;
	struct fixture *f = fixture_new();
	struct writer *writer;
	static struct turn turn[] = { { .name = '0' }, { .name = 'A' }, { .name = 'B' }, { .name = '1' }, { .name = '2' } };

	assert_int_equal(writer_start(f->rq.store, f->audit, (struct writer_hooks){ 0 }, &writer), OK);
	for (size_t i = 0; i < LENGTH(turn); i++) {
		turn[i].job = (struct job){ .run = take_turn, .done = count_turn, .of = &turn[i], .actor = f->actor, .is_step = turn[i].name >= 'A' };
		writer_put(writer, &turn[i].job);
		/* The first must be taken alone. */
		for (int k = 0; i == 0 && k < 20; k++)
			usleep(10000);
	}
	pthread_mutex_lock(&turns.lock);
	turns.may_go = true;
	pthread_cond_broadcast(&turns.changed);
	while (turns.n_done < LENGTH(turn))
		pthread_cond_wait(&turns.changed, &turns.lock);
	pthread_mutex_unlock(&turns.lock);
	assert_string_equal(turns.order, "0A12B");
	writer_stop(writer);
	arena_end(f->arena);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(many_threads_one_writer), cmocka_unit_test(steps_and_others_take_turns) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
