/* One write of a commit's pages where SQLite makes two a page: its write-ahead log is written in order, a head of 24 bytes and a page by
 * turns, and each call costs more than what it carries.
 *
 * A file system of SQLite's (a VFS) that is the usual one but for the log: there, what is written behind what was written last waits in
 * memory and goes out whole, before the log is synced, read, cut, measured or closed, and when the room is full. SQLite tells readers of a
 * commit only after the sync, so nobody looks for what waits.
 *
 * SECURITY: what could not be written is told by the sync, and SQLite then takes the commit back as it does when a write fails.
 *
 * What it does not do: readers do not use it, and it touches neither the store's own file nor a rollback journal. */
#define LONG_LIVED
#include <sqlite3.h>
#include <string.h>
#include "floor/store_sqlite_gather.h"

/* SQLite's unix file takes less than 128 KB in one call. */
enum { ROOM = 512 << 10, ONE_CALL = 124 << 10 };
struct gather {
	sqlite3_file   base;
	char          *room;
	sqlite3_int64  from;           /* where in the file the room's first byte belongs */
	int            n;
};

static sqlite3_vfs *usual;

/* The usual file lies behind ours in the same memory. */
static sqlite3_file *real(sqlite3_file *file)
{
	return (sqlite3_file *)((struct gather *)file + 1);
}

static int flush(sqlite3_file *file)
{
	struct gather *gather = (struct gather *)file;
	int n = gather->n, rc = SQLITE_OK;

	gather->n = 0;
	for (int at = 0; at < n && rc == SQLITE_OK; at += ONE_CALL)
		rc = real(file)->pMethods->xWrite(real(file), gather->room + at, n - at < ONE_CALL ? n - at : ONE_CALL, gather->from + at);
	return rc;
}

static int gather_close(sqlite3_file *file)
{
	int flushed = flush(file), closed = real(file)->pMethods->xClose(real(file));

	free(((struct gather *)file)->room);
	return flushed == SQLITE_OK ? closed : flushed;
}

static int gather_read(sqlite3_file *file, void *at, int n, sqlite3_int64 from)
{
	int flushed = flush(file);
	return flushed == SQLITE_OK ? real(file)->pMethods->xRead(real(file), at, n, from) : flushed;
}

static int gather_write(sqlite3_file *file, const void *at, int n, sqlite3_int64 from)
{
	struct gather *gather = (struct gather *)file;

	if (gather->n && (from != gather->from + gather->n || n > ROOM - gather->n)) {
		int flushed = flush(file);
		if (flushed != SQLITE_OK)
			return flushed;
	}
	if (n > ROOM)
		return real(file)->pMethods->xWrite(real(file), at, n, from);
	if (gather->n == 0)
		gather->from = from;
	memcpy(gather->room + gather->n, at, (size_t)n);
	gather->n += n;
	return SQLITE_OK;
}

static int gather_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int flushed = flush(file);
	return flushed == SQLITE_OK ? real(file)->pMethods->xTruncate(real(file), size) : flushed;
}

static int gather_sync(sqlite3_file *file, int flags)
{
	int flushed = flush(file);
	return flushed == SQLITE_OK ? real(file)->pMethods->xSync(real(file), flags) : flushed;
}

static int gather_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	int flushed = flush(file);
	return flushed == SQLITE_OK ? real(file)->pMethods->xFileSize(real(file), ret) : flushed;
}

/* Nobody locks the log itself: these are there to be whole. */
static int gather_lock(sqlite3_file *file, int kind) { return real(file)->pMethods->xLock(real(file), kind); }
static int gather_unlock(sqlite3_file *file, int kind) { return real(file)->pMethods->xUnlock(real(file), kind); }
static int gather_locked(sqlite3_file *file, int *ret) { return real(file)->pMethods->xCheckReservedLock(real(file), ret); }
static int gather_control(sqlite3_file *file, int op, void *of) { return real(file)->pMethods->xFileControl(real(file), op, of); }
static int gather_sector(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }
static int gather_traits(sqlite3_file *file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }

static const sqlite3_io_methods methods = { .iVersion = 1, .xClose = gather_close, .xRead = gather_read, .xWrite = gather_write,
	.xTruncate = gather_truncate, .xSync = gather_sync, .xFileSize = gather_size, .xLock = gather_lock, .xUnlock = gather_unlock,
	.xCheckReservedLock = gather_locked, .xFileControl = gather_control, .xSectorSize = gather_sector, .xDeviceCharacteristics = gather_traits };

static int gather_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct gather *gather = (struct gather *)file;

	if (!(flags & SQLITE_OPEN_WAL))
		return usual->xOpen(usual, name, file, flags, ret_flags);
	*gather = (struct gather){ .room = malloc(ROOM) };
	if (!gather->room)
		return SQLITE_NOMEM;
	int rc = usual->xOpen(usual, name, real(file), flags, ret_flags);
	if (rc == SQLITE_OK)
		gather->base.pMethods = &methods;
	else
		free(gather->room);
	return rc;
}

const char *store_gather(void)
{
	static sqlite3_vfs vfs;

	if (!usual) {
		usual = sqlite3_vfs_find(NULL);
		if (!usual)
			return NULL;
		vfs = *usual;
		vfs.pNext = NULL;
		vfs.zName = "gather";
		vfs.szOsFile = (int)sizeof(struct gather) + usual->szOsFile;
		vfs.xOpen = gather_open;
		if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
			usual = NULL;
	}
	return usual ? vfs.zName : NULL;
}
