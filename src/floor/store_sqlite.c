/* The embedded engine: SQLite in WAL mode with synchronous=FULL, so that what was acknowledged survives a power cut.
 *
 * Exactly one connection in the whole system is opened to write and to checkpoint; readers are READONLY and leave the log of
 * the database alone (SQLite 3.7.0-3.51.2, "WAL-reset bug"). No mmap, no trust in the schema's own expressions. The writer
 * checkpoints when it has nothing to do, or when the log has grown past about 16 MB; while many write, in parts from 8 MB on, and another
 * thread waits for the disk (store_sqlite_beside.c).
 *
 * SECURITY: the file is made 0600, and its companions (-wal, -shm) take its mode. Double-quoted texts are refused, so a misspelt
 * column is never read as a text; the schema table cannot be written. What is erased is overwritten (secure_delete).
 *
 * What it does not do: it does not look through the whole file when it opens it; a page that is broken is told of when it is
 * read. `audit verify --replay` reads everything. */
#define LONG_LIVED
#include "floor/engine.h"
#include "floor/store_sqlite_beside.h"
#include "floor/store_sqlite_gather.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

enum { LONG_LOG = 4096, LONG_BESIDE = 2048, LONGEST_BESIDE = 32768 };      /* pages of 4 KB */
struct conn { sqlite3 *db; int in_log; bool may_write, is_lost; struct beside *beside; };

static enum err say(sqlite3 *db, struct trouble *trouble)
{
	const char *why = db ? sqlite3_errmsg(db) : "no memory";

	switch (db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM) {
	case SQLITE_FULL:
		return trouble_owe(trouble, ERR_FULL, N_("the disk that holds the store is full; nothing of this request was kept"));
	case SQLITE_READONLY:
		return trouble_owe(trouble, ERR_IO, N_("the store cannot be written (%s): look at the rights of its file and folder"), why);
	case SQLITE_CORRUPT: case SQLITE_NOTADB:
		return trouble_owe(trouble, ERR_CORRUPT, N_("the store is broken (%s); restore a backup: samordna backup restore FILE"), why);
	case SQLITE_BUSY: case SQLITE_LOCKED:
		return trouble_owe(trouble, ERR_BUSY, N_("another program holds the store: %s"), why);
	case SQLITE_CONSTRAINT:
		return trouble_owe(trouble, ERR_CONFLICT, N_("the store refuses: %s"), why);
	case SQLITE_CANTOPEN:
		return trouble_owe(trouble, ERR_IO, N_("the store cannot be opened (%s): look at the rights of its file and folder"), why);
	case SQLITE_INTERRUPT:
		return trouble_owe(trouble, ERR_BUSY, N_("the store was asked to stop"));
	default:
		return trouble_owe(trouble, ERR_IO, N_("the store failed: %s"), why);
	}
}

static enum err sqlite_script(void *of, const char *sql, struct trouble *trouble)
{
	struct conn *conn = of;
	return sqlite3_exec(conn->db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : say(conn->db, trouble);
}

/* --- opening --- */

static int log_grew(void *of, sqlite3 *db, const char *name, int pages)
{
	struct conn *conn = of;

	conn->in_log = pages;
	return SQLITE_OK;
}

static enum err set_up(struct conn *conn, struct trouble *trouble)
{
	sqlite3 *db = conn->db;

	sqlite3_busy_timeout(db, 5000);
	sqlite3_extended_result_codes(db, 1);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !conn->may_write, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	TRY(sqlite_script(conn, "PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA mmap_size=0; PRAGMA wal_autocheckpoint=0;"
	                        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000", trouble));
	if (!conn->may_write)
		return sqlite_script(conn, "PRAGMA query_only=ON; SELECT count(*) FROM sqlite_schema", trouble);
	TRY(sqlite_script(conn, "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA cache_size=-131072; PRAGMA journal_mode=WAL", trouble));
	/* The first read touches the file itself: a foreign file or a broken head shows here. */
	TRY(sqlite_script(conn, "SELECT count(*) FROM sqlite_schema", trouble));
	if (sqlite3_db_readonly(db, "main"))
		return trouble_owe(trouble, ERR_IO, N_("the store cannot be written: look at the rights of its file and folder"));
	sqlite3_wal_hook(db, log_grew, conn);
	return OK;
}

/* The file is there, and is ours alone to read. */
static enum err file_ready(const char *at, bool may_make, struct trouble *trouble)
{
	struct stat about;
	int fd = may_make ? open(at, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

	if (fd >= 0) {
		close(fd);
		return OK;
	}
	if (may_make && errno == EEXIST && stat(at, &about) == 0 && about.st_size > 0)
		return trouble_owe(trouble, ERR_CONFLICT, N_("there is a store at %s already"), at);
	if (may_make && errno != EEXIST)
		return trouble_owe(trouble, errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO, N_("%s cannot be made: %s"), at, strerror(errno));
	if (stat(at, &about) != 0)
		return errno == ENOENT ? trouble_owe(trouble, ERR_NONE, N_("there is no store at %s; make one: samordna init"), at)
		                       : trouble_owe(trouble, ERR_IO, N_("the store at %s cannot be reached"), at);
	return OK;
}

static enum err sqlite_open(const char *at, bool may_write, bool may_make, struct trouble *trouble, void **ret)
{
	int flags = SQLITE_OPEN_NOMUTEX | (may_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	bool is_file = strcmp(at, ":memory:") != 0;

	if (is_file)
		TRY(file_ready(at, may_make, trouble));
	struct conn *conn = calloc(1, sizeof *conn);
	if (!conn)
		return trouble_owe(trouble, ERR_FULL, N_("no memory for a connection to the store"));
	conn->may_write = may_write;
	/* Nobody asks how much it holds; counting costs a lock at each piece of memory. Refused, harmlessly, once it runs. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	int rc = sqlite3_open_v2(at, &conn->db, is_file ? flags : flags | SQLITE_OPEN_CREATE, is_file && may_write ? store_gather() : NULL);
	enum err err = rc == SQLITE_OK ? set_up(conn, trouble) : say(conn->db, trouble);
	conn->beside = err == OK && is_file && may_write ? beside_new(at) : NULL;
	if (err != OK) {
		sqlite3_close_v2(conn->db);
		free(conn);
		return err;
	}
	*ret = conn;
	return OK;
}

static void sqlite_close(void *of)
{
	struct conn *conn = of;

	beside_end(conn->beside);
	sqlite3_close_v2(conn->db);
	free(conn);
}

static bool has_table(void *of, const char *name)
{
	struct conn *conn = of;

	return sqlite3_table_column_metadata(conn->db, "main", name, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

/* --- transactions --- */

static enum err begin(void *conn, struct trouble *trouble)
{
	return sqlite_script(conn, "BEGIN IMMEDIATE", trouble);
}

/* Without memory it is unknown whether a commit stands: who wrote must look at the log as it is. */
static enum err commit(void *of, struct trouble *trouble)
{
	struct conn *conn = of;
	enum err err = sqlite_script(conn, "COMMIT", trouble);
	int code = err == OK ? SQLITE_OK : sqlite3_extended_errcode(conn->db);

	conn->is_lost |= code == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM;
	return err;
}

/* After a full disk SQLite has rolled back by itself: then there is nothing to end. */
static void rollback(void *of)
{
	struct conn *conn = of;

	if (!sqlite3_get_autocommit(conn->db) && sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
		conn->is_lost |= !sqlite3_get_autocommit(conn->db);
}

/* --- statements --- */

static enum err prepare(void *of, const char *sql, const char *args, struct trouble *trouble, void **ret)
{
	struct conn *conn = of;
	sqlite3_stmt *st;

	if (sqlite3_prepare_v3(conn->db, sql, -1, args ? SQLITE_PREPARE_PERSISTENT : 0, &st, NULL) != SQLITE_OK)
		return say(conn->db, trouble);
	*ret = st;
	return OK;
}

/* SQLITE_STATIC: the caller's texts live until the statement is finished. */
static int bind(sqlite3_stmt *st, int i, const struct value *v)
{
	switch (v->kind) {
	case VALUE_INT: return sqlite3_bind_int64(st, i, v->i);
	case VALUE_TEXT: return sqlite3_bind_text64(st, i, v->s.at, v->s.len, SQLITE_STATIC, SQLITE_UTF8);
	case VALUE_BLOB: return sqlite3_bind_blob64(st, i, v->s.at, v->s.len, SQLITE_STATIC);
	default: return sqlite3_bind_null(st, i);
	}
}

static enum err start(void *of, void *held, const struct value *args, size_t n, struct trouble *trouble)
{
	struct conn *conn = of;

	for (size_t i = 0; i < n; i++)
		if (bind(held, (int)i + 1, &args[i]) != SQLITE_OK)
			return say(conn->db, trouble);
	return OK;
}

static enum err step(void *of, void *held, struct trouble *trouble)
{
	struct conn *conn = of;

	switch (sqlite3_step(held)) {
	case SQLITE_ROW: return OK;
	case SQLITE_DONE: return ERR_NONE;
	default: return say(conn->db, trouble);
	}
}

static void reset(void *of, void *held)
{
	sqlite3_reset(held);
	sqlite3_clear_bindings(held);
}

static void forget(void *of, void *held)
{
	sqlite3_finalize(held);
}

static int64_t get_int(void *held, int column)
{
	return sqlite3_column_int64(held, column);
}

/* One look at the column, then at the value: a connection belongs to one thread, so nobody changes it in between. */
static struct str get_text(void *held, int column)
{
	sqlite3_value *value = sqlite3_column_value(held, column);

	if (sqlite3_value_type(value) == SQLITE_NULL)
		return STR_NONE;
	const char *at = sqlite3_value_blob(value);
	return (struct str){ at ? at : "", (size_t)sqlite3_value_bytes(value) };
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

static int64_t changed(void *of, void *held)
{
	struct conn *conn = of;
	return sqlite3_changes64(conn->db);
}

static bool is_lost(void *of)
{
	struct conn *conn = of;
	return conn->is_lost;
}

static bool is_between(void *of)
{
	struct conn *conn = of;
	return sqlite3_get_autocommit(conn->db) != 0;
}

/* --- upkeep --- */

/* A passive checkpoint waits for nobody: what readers still need stays in the log until the next one. A failure leaves everything in the log,
 * where it is safe; the next one tries again. */
static enum err tidy(void *of, enum tidy how)
{
	struct conn *conn = of;
	int in_log = 0, done = 0;

	if (!conn->may_write || conn->in_log < (how == TIDY_ALL ? 1 : how == TIDY_LONG ? LONG_LOG : LONG_BESIDE))
		return OK;
	if (how == TIDY_BESIDE && conn->beside && conn->in_log < LONGEST_BESIDE) {
		if (beside_go_on(conn->beside, conn->db))
			conn->in_log = 0;
		return OK;
	}
	beside_leave(conn->beside);
	if (sqlite3_wal_checkpoint_v2(conn->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &done) == SQLITE_OK && in_log == done)
		conn->in_log = 0;
	return OK;
}

/* One read transaction copies the whole: in WAL mode the writer goes on meanwhile, so call it on a reader's connection. The copy
 * is one file with no companions. */
static enum err copy_pages(sqlite3 *from, sqlite3 *to, struct trouble *trouble)
{
	sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");

	if (!copy)
		return say(to, trouble);
	int rc = sqlite3_backup_step(copy, -1);
	sqlite3_backup_finish(copy);
	if (rc != SQLITE_DONE)
		return sqlite3_errcode(to) != SQLITE_OK ? say(to, trouble) : say(from, trouble);
	return sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) == SQLITE_OK ? OK : say(to, trouble);
}

static enum err sync_folder(const char *path, struct trouble *trouble)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_done = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return is_done ? OK : trouble_owe(trouble, ERR_IO, N_("the backup in %s is not safe on the disk: %s"), folder, strerror(errno));
}

static enum err backup(void *of, const char *to_path, struct trouble *trouble)
{
	struct conn *conn = of;
	sqlite3 *to = NULL;
	int fd = open(to_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return trouble_owe(trouble, errno == EEXIST ? ERR_CONFLICT : errno == ENOSPC ? ERR_FULL : ERR_IO, N_("%s cannot be written: %s"),
		                   to_path, strerror(errno));
	close(fd);
	enum err err = sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK ? copy_pages(conn->db, to, trouble)
	                                                                                      : say(to, trouble);
	sqlite3_close(to);
	if (err == OK)
		err = sync_folder(to_path, trouble);
	if (err != OK)
		unlink(to_path);
	return err;
}

const struct engine engine_sqlite = {
	sqlite_open, sqlite_close, sqlite_script, begin, commit, rollback, has_table, prepare, start, step, reset, forget,
	get_int, get_text, get_kind, changed, is_lost, is_between, tidy, backup,
	{ { "{id}", "INTEGER PRIMARY KEY" }, { "{i64}", "INTEGER" }, { "{blob}", "BLOB" }, { "{json}", "TEXT" }, { "{strict}", "STRICT" },
	  { "{keyed}", "STRICT, WITHOUT ROWID" } },
};
