/* The embedded engine: SQLite in WAL mode with synchronous=FULL, so that what was acknowledged survives a power cut.
 *
 * Exactly one connection in the whole system is opened to write and to checkpoint; readers are READONLY and leave the log of
 * the database alone (SQLite 3.7.0-3.51.2, "WAL-reset bug"). No mmap, no trust in the schema's own expressions.
 *
 * SECURITY: the file is 0600. A disk that is full, a file that is broken or read-only, come back as a sentence. */
#define LONG_LIVED
#include "floor/engine.h"
#include <sqlite3.h>
#include <sys/stat.h>

static enum err say(sqlite3 *db, struct trouble *trouble)
{
	const char *why = db ? sqlite3_errmsg(db) : "no memory";

	switch (db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM) {
	case SQLITE_FULL:
		return trouble_say(trouble, ERR_FULL, "the disk that holds the store is full; nothing of this request was kept");
	case SQLITE_READONLY:
		return trouble_say(trouble, ERR_IO, "the store cannot be written: %s", why);
	case SQLITE_CORRUPT: case SQLITE_NOTADB:
		return trouble_say(trouble, ERR_CORRUPT, "the store is broken (%s); restore a backup: samordna backup restore FILE", why);
	case SQLITE_BUSY: case SQLITE_LOCKED:
		return trouble_say(trouble, ERR_BUSY, "another program holds the store: %s", why);
	case SQLITE_CONSTRAINT:
		return trouble_say(trouble, ERR_CONFLICT, "the store refuses: %s", why);
	case SQLITE_CANTOPEN:
		return trouble_say(trouble, ERR_IO, "the store cannot be opened: %s", why);
	default:
		return trouble_say(trouble, ERR_IO, "the store failed: %s", why);
	}
}

static enum err script(void *conn, const char *sql, struct trouble *trouble)
{
	return sqlite3_exec(conn, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : say(conn, trouble);
}

static enum err set_up(sqlite3 *db, bool may_write, struct trouble *trouble)
{
	sqlite3_busy_timeout(db, 5000);
	sqlite3_extended_result_codes(db, 1);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !may_write, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	TRY(script(db, "PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA mmap_size=0; PRAGMA wal_autocheckpoint=0;"
	               "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000", trouble));
	if (!may_write)
		return script(db, "PRAGMA query_only=ON", trouble);
	return script(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536", trouble);
}

static enum err open_file(const char *at, bool may_write, bool may_make, struct trouble *trouble, void **ret)
{
	sqlite3 *db = NULL;
	struct stat about;
	int flags = SQLITE_OPEN_NOMUTEX | (may_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | (may_make ? SQLITE_OPEN_CREATE : 0);
	bool is_file = strcmp(at, ":memory:") != 0;

	if (is_file && !may_make && stat(at, &about) != 0)
		return trouble_say(trouble, ERR_NONE, "there is no store at %s; make one: samordna init", at);
	mode_t before = umask(077);
	int rc = sqlite3_open_v2(at, &db, flags, NULL);
	enum err err = rc == SQLITE_OK ? set_up(db, may_write, trouble) : say(db, trouble);
	umask(before);
	/* The first read touches the file itself: a foreign file or a broken head shows here. */
	if (err == OK)
		err = script(db, "SELECT count(*) FROM sqlite_schema", trouble);
	if (err != OK) {
		sqlite3_close_v2(db);
		return err;
	}
	*ret = db;
	return OK;
}

static void close_file(void *conn)
{
	sqlite3_close_v2(conn);
}

static enum err prepare(void *conn, const char *name, const char *sql, struct trouble *trouble, void **ret)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v3(conn, sql, -1, name ? SQLITE_PREPARE_PERSISTENT : 0, &st, NULL) != SQLITE_OK)
		return say(conn, trouble);
	*ret = st;
	return OK;
}

/* SQLITE_STATIC is right for kept texts of the caller: they outlive the stepping; step happens before they die. */
static int bind(sqlite3_stmt *st, int i, const struct value *v)
{
	switch (v->kind) {
	case VALUE_INT: return sqlite3_bind_int64(st, i, v->i);
	case VALUE_TEXT: return sqlite3_bind_text64(st, i, v->s.at, v->s.len, SQLITE_STATIC, SQLITE_UTF8);
	case VALUE_BLOB: return sqlite3_bind_blob64(st, i, v->s.at, v->s.len, SQLITE_STATIC);
	default: return sqlite3_bind_null(st, i);
	}
}

static enum err start(void *conn, void *held, const struct value *args, size_t n, struct trouble *trouble)
{
	for (size_t i = 0; i < n; i++)
		if (bind(held, (int)i + 1, &args[i]) != SQLITE_OK)
			return say(conn, trouble);
	return OK;
}

static enum err step(void *conn, void *held, struct trouble *trouble)
{
	switch (sqlite3_step(held)) {
	case SQLITE_ROW: return OK;
	case SQLITE_DONE: return ERR_NONE;
	default: return say(conn, trouble);
	}
}

static void reset(void *held)
{
	sqlite3_reset(held);
	sqlite3_clear_bindings(held);
}

static void forget(void *held)
{
	sqlite3_finalize(held);
}

static int64_t get_int(void *held, int column)
{
	return sqlite3_column_int64(held, column);
}

static struct str get_text(void *held, int column)
{
	if (sqlite3_column_type(held, column) == SQLITE_NULL)
		return STR_NONE;
	const char *at = sqlite3_column_blob(held, column);
	return (struct str){ at ? at : "", (size_t)sqlite3_column_bytes(held, column) };
}

static enum value_kind get_kind(void *held, int column)
{
	switch (sqlite3_column_type(held, column)) {
	case SQLITE_NULL: return VALUE_NULL;
	case SQLITE_INTEGER: return VALUE_INT;
	case SQLITE_BLOB: return VALUE_BLOB;
	default: return VALUE_TEXT;
	}
}

static int64_t changed(void *conn, void *held)
{
	(void)held;
	return sqlite3_changes64(conn);
}

/* Past about 16 MB, or when idle: a passive checkpoint waits for nobody. */
static enum err tidy(void *conn, bool at_once)
{
	int in_log = 0, done = 0;
	static _Thread_local int since;

	if (!at_once && ++since < 64)
		return OK;
	since = 0;
	(void)sqlite3_wal_checkpoint_v2(conn, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &done);
	return OK;
}

static enum err backup(void *conn, const char *to_path, struct trouble *trouble)
{
	sqlite3 *to = NULL;
	mode_t before = umask(077);
	int rc = sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	umask(before);
	sqlite3_backup *copy = rc == SQLITE_OK ? sqlite3_backup_init(to, "main", conn, "main") : NULL;
	if (copy) {
		do
			rc = sqlite3_backup_step(copy, 1000);
		while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
		sqlite3_backup_finish(copy);
	}
	enum err err = copy && rc == SQLITE_DONE ? OK : say(to, trouble);
	sqlite3_close(to);
	return err;
}

const struct engine engine_sqlite = {
	open_file, close_file, script, prepare, start, step, reset, forget, get_int, get_text, get_kind, changed, tidy, backup,
	{ "INTEGER PRIMARY KEY", "INTEGER", "BLOB", "TEXT", "STRICT" },
};
