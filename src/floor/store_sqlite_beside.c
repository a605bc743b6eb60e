/* What makes a checkpoint long is the sync of the store's file: thousands of pages lie scattered in it. SQLite syncs the file only in a
 * checkpoint that reaches the log's end, and begins the log anew only after such a one; one that stops earlier copies and moves a mark. So:
 *
 *   FENCED   a reading connection has begun to read at the log's end, and holds it; commits go on behind it
 *   SYNCING  a checkpoint has copied up to the fence, without a sync; the fence is down, and a thread syncs the file
 *   after ROUNDS of this a checkpoint to the end finds little left to copy and to sync
 *
 * SECURITY: the thread's sync is done early, never instead: whether the log may begin anew is decided by SQLite, after its own sync. A failure here
 * leaves everything in the log, where it is safe. The thread uses the fence's file, and nobody else does meanwhile: opening and closing another
 * one would take the process's locks away.
 *
 * What it does not do: it makes no checkpoint by another connection than the writer's (store_sqlite.c says why). */
#define LONG_LIVED
#include <pthread.h>
#include <stdatomic.h>
#include "floor/store_sqlite_beside.h"

enum { ROUNDS = 2 };
enum { RESTING, FENCED, SYNCING };
struct beside {
	char           *path;
	sqlite3        *fence;
	pthread_t       thread;
	atomic_bool     is_synced;
	int             stage, round;
};

struct beside *beside_new(const char *path)
{
	struct beside *beside = calloc(1, sizeof *beside);

	if (!beside || !(beside->path = strdup(path))) {
		free(beside);
		return NULL;
	}
	return beside;
}

static bool begin_fence(struct beside *beside)
{
	if (!beside->fence && sqlite3_open_v2(beside->path, &beside->fence, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		sqlite3_close(beside->fence);
		beside->fence = NULL;
		return false;
	}
	return sqlite3_exec(beside->fence, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK;
}

static void end_fence(struct beside *beside)
{
	if (beside->fence && !sqlite3_get_autocommit(beside->fence))
		(void)sqlite3_exec(beside->fence, "ROLLBACK", NULL, NULL, NULL);
}

static void *sync_file(void *of)
{
	struct beside *beside = of;
	sqlite3_file *file = NULL;

	if (sqlite3_file_control(beside->fence, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK && file && file->pMethods)
		(void)file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
	beside->is_synced = true;
	return NULL;
}

static bool copy(sqlite3 *writer)
{
	int in_log = 0, done = 0;

	return sqlite3_wal_checkpoint_v2(writer, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &done) == SQLITE_OK && in_log == done;
}

void beside_leave(struct beside *beside)
{
	if (!beside)
		return;
	if (beside->stage == SYNCING)
		pthread_join(beside->thread, NULL);
	end_fence(beside);
	beside->stage = RESTING;
	beside->round = 0;
}

void beside_end(struct beside *beside)
{
	if (!beside)
		return;
	beside_leave(beside);
	sqlite3_close(beside->fence);
	free(beside->path);
	free(beside);
}

static bool finish(struct beside *beside, sqlite3 *writer)
{
	beside_leave(beside);
	return copy(writer);
}

bool beside_go_on(struct beside *beside, sqlite3 *writer)
{
	if (beside->stage == SYNCING) {
		if (!beside->is_synced)
			return false;
		pthread_join(beside->thread, NULL);
		beside->stage = RESTING;
		if (++beside->round == ROUNDS)
			return finish(beside, writer);
	}
	if (beside->stage == RESTING) {
		if (!begin_fence(beside))
			return finish(beside, writer);
		beside->stage = FENCED;
		return false;
	}
	bool is_all = copy(writer);
	end_fence(beside);
	beside->is_synced = false;
	if (is_all || pthread_create(&beside->thread, NULL, sync_file, beside) != 0)
		return finish(beside, writer);
	beside->stage = SYNCING;
	return false;
}
