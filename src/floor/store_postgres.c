/* The other engine: a PostgreSQL server, by libpq over a unix socket (a server elsewhere stands behind pgbouncer on this host).
 *
 * The same statements as in SQLite, prepared once a connection with the types of their signatures; values travel in binary. Rows
 * come one by one (single-row mode), so that a million of them need no memory; when another statement wants the connection in
 * the middle, the rest of the first one's rows is read into memory. Texts compare by bytes (COLLATE "C" on every column), as
 * in SQLite, whatever the database was made with.
 *
 * One writer: an advisory lock of the session, taken when the connection is opened for writing, so a second core is refused. A
 * reader that has lost its server connects anew by itself. A writer never does: whether its last commit stands is unknown then, so
 * store_is_lost says it, and the process starts again and reads the log as it is.
 *
 * SECURITY: values are parameters, never text. Readers' sessions are read-only. What the server says is shown to whoever runs the
 * command, cut to one line; conninfo, which may hold a password, never is.
 *
 * What it does not do: no statement is tried again by itself; no backup (pg_dump knows how); texts with a zero byte, which SQLite
 * would keep, are refused by the server. */
#define LONG_LIVED
#include <libpq-fe.h>
#include "floor/engine.h"

/* Types by their numbers in the server's catalogue, which never change. */
enum { TYPE_BOOL = 16, TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_TEXT = 25, TYPE_VARCHAR = 1043,
	TYPE_NAME = 19, TYPE_NUMERIC = 1700, TYPE_JSONB = 3802 };
enum { MOST_ARGS = 64, MOST_RESULTS = 64 };

struct held;
struct conn {
	PGconn      *pg;
	bool         may_write, is_lost;
	unsigned     n_names, life;     /* life: grows with each new session, so that old prepared names are known as gone */
	struct held *streaming;         /* whose rows are still coming */
};

/* Rows read ahead: for each column a length (-1 NULL) and its bytes. */
struct ahead { char *at; size_t len, room, next; };

struct held {
	char        *sql, name[16];
	char         args[MOST_ARGS + 1];
	bool         is_kept;
	unsigned     life;              /* session in which it is prepared; 0 in none */
	PGresult    *row;               /* of single-row mode; or the last one, with the number of rows */
	struct ahead ahead;
	bool         is_ahead;          /* the current row is in `ahead` */
	enum err     ahead_err;         /* how reading ahead ended: ERR_NONE the end */
	struct trouble ahead_trouble;
	int          n;
	Oid          type[MOST_RESULTS];
	struct { const char *at; int len; } column[MOST_RESULTS];     /* of the current row; at NULL is NULL */
	int64_t      changed;
};

/* --- what the server says --- */

static int first_line(const char *message)
{
	return (int)strcspn(message, "\n");
}

static bool is_state(const char *state, const char *prefix)
{
	return strncmp(state, prefix, strlen(prefix)) == 0;
}

static enum err say(struct conn *conn, const PGresult *result, struct trouble *trouble)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *why = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	char line[240];

	if (!state)
		state = "";
	if (!why)
		why = PQerrorMessage(conn->pg);
	snprintf(line, sizeof line, "%.*s", first_line(why), why);
	/* A server that stops says so once before the connection is seen to be gone. */
	if (PQstatus(conn->pg) == CONNECTION_BAD || is_state(state, "57P0") || is_state(state, "08")) {
		conn->is_lost = true;
		return trouble_owe(trouble, ERR_IO, N_("the connection to PostgreSQL is lost: %s"), line);
	}
	if (is_state(state, "23"))
		return trouble_owe(trouble, ERR_CONFLICT, N_("the store refuses: %s"), line);
	if (is_state(state, "53100"))
		return trouble_owe(trouble, ERR_FULL, N_("the disk that holds the store is full; nothing of this request was kept"));
	if (is_state(state, "25006"))
		return trouble_owe(trouble, ERR_IO, N_("the store cannot be written: %s"), line);
	if (is_state(state, "XX001") || is_state(state, "XX002"))
		return trouble_owe(trouble, ERR_CORRUPT, N_("the store is broken (%s); restore a backup"), line);
	if (is_state(state, "40") || is_state(state, "55P03") || is_state(state, "53300"))
		return trouble_owe(trouble, ERR_BUSY, N_("PostgreSQL is busy: %s"), line);
	if (is_state(state, "22021") || is_state(state, "22P05"))
		return trouble_owe(trouble, ERR_INVALID, N_("a text holds bytes that the store cannot keep: %s"), line);
	return trouble_owe(trouble, ERR_IO, N_("the store failed: %s"), line);
}

/* --- rows --- */

static void ahead_put(struct ahead *ahead, const void *bytes, size_t n)
{
	if (ahead->room - ahead->len < n) {
		ahead->room = MAX(ahead->room * 2, ahead->len + n + 65536);
		ahead->at = realloc(ahead->at, ahead->room);
		if (!ahead->at)
			abort();
	}
	if (n)
		memcpy(ahead->at + ahead->len, bytes, n);
	ahead->len += n;
}

static void note_columns(struct held *held, const PGresult *result)
{
	held->n = PQnfields(result);
	assert(held->n <= MOST_RESULTS);
	for (int i = 0; i < held->n; i++)
		held->type[i] = PQftype(result, i);
}

/* The next row from the server, into held->row. ERR_NONE at the end, with the number of rows written. */
static enum err row_come(struct conn *conn, struct held *held, struct trouble *trouble)
{
	PQclear(held->row);
	held->row = PQgetResult(conn->pg);
	switch (held->row ? PQresultStatus(held->row) : PGRES_FATAL_ERROR) {
	case PGRES_SINGLE_TUPLE:
		return OK;
	case PGRES_TUPLES_OK: case PGRES_COMMAND_OK: {
		struct str tuples = str_of(PQcmdTuples(held->row));
		if (str_number(tuples, INT64_MAX, &held->changed) != OK)
			held->changed = 0;
		conn->streaming = NULL;
		PQclear(PQgetResult(conn->pg));      /* NULL: the connection is free */
		return ERR_NONE;
	}
	default: {
		enum err err = say(conn, held->row, trouble);
		conn->streaming = NULL;
		for (PGresult *rest; (rest = PQgetResult(conn->pg)); )
			PQclear(rest);
		return err;
	}
	}
}

/* Another statement wants the connection: what is still coming for this one is kept in memory. */
static void read_ahead(struct conn *conn)
{
	struct held *held = conn->streaming;
	PGresult *current = held->row;

	held->row = NULL;
	while ((held->ahead_err = row_come(conn, held, &held->ahead_trouble)) == OK) {
		note_columns(held, held->row);
		for (int i = 0; i < held->n; i++) {
			int32_t length = PQgetisnull(held->row, 0, i) ? -1 : PQgetlength(held->row, 0, i);
			ahead_put(&held->ahead, &length, sizeof length);
			if (length > 0)
				ahead_put(&held->ahead, PQgetvalue(held->row, 0, i), (size_t)length);
		}
	}
	PQclear(held->row);
	held->row = current;      /* its bytes are what the caller is looking at */
	held->is_ahead = true;
}

static void row_of_ahead(struct held *held)
{
	struct ahead *ahead = &held->ahead;

	for (int i = 0; i < held->n; i++) {
		int32_t length;
		memcpy(&length, ahead->at + ahead->next, sizeof length);
		ahead->next += sizeof length;
		held->column[i].at = length < 0 ? NULL : ahead->at + ahead->next;
		held->column[i].len = length;
		ahead->next += length > 0 ? (size_t)length : 0;
	}
}

static enum err step(void *of, void *of_held, struct trouble *trouble)
{
	struct conn *conn = of;
	struct held *held = of_held;

	if (held->is_ahead) {
		if (held->ahead.next < held->ahead.len) {
			row_of_ahead(held);
			return OK;
		}
		if (held->ahead_err != ERR_NONE)
			return trouble_pass(trouble, held->ahead_err, &held->ahead_trouble);
		return ERR_NONE;
	}
	if (conn->streaming != held)
		return ERR_NONE;
	TRY(row_come(conn, held, trouble));
	note_columns(held, held->row);
	for (int i = 0; i < held->n; i++) {
		held->column[i].at = PQgetisnull(held->row, 0, i) ? NULL : PQgetvalue(held->row, 0, i);
		held->column[i].len = PQgetlength(held->row, 0, i);
	}
	return OK;
}

/* --- running --- */

/* A simple command; the answer's tag must be `tag` when one is given. */
static enum err command(struct conn *conn, const char *sql, const char *tag, struct trouble *trouble)
{
	if (conn->streaming)
		read_ahead(conn);
	PGresult *result = PQexec(conn->pg, sql);
	ExecStatusType status = PQresultStatus(result);
	enum err err = OK;

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		err = say(conn, result, trouble);
	else if (tag && strcmp(PQcmdStatus(result), tag) != 0)
		err = trouble_owe(trouble, ERR_IO, N_("the store did not %s: an earlier statement had failed"), tag);
	PQclear(result);
	return err;
}

static enum err script(void *conn, const char *sql, struct trouble *trouble)
{
	return command(conn, sql, NULL, trouble);
}

static Oid type_of(char letter)
{
	return letter == 'i' ? TYPE_INT8 : letter == 'b' ? TYPE_BYTEA : TYPE_TEXT;
}

/* Gives the statement its name in this session, when it has none. */
static enum err name_it(struct conn *conn, struct held *held, struct trouble *trouble)
{
	Oid type[MOST_ARGS];
	int n = (int)strlen(held->args);

	if (held->life == conn->life)
		return OK;
	if (conn->streaming)
		read_ahead(conn);
	for (int i = 0; i < n; i++)
		type[i] = type_of(held->args[i]);
	snprintf(held->name, sizeof held->name, "s%u", conn->n_names++);
	PGresult *result = PQprepare(conn->pg, held->name, held->sql, n, type);
	enum err err = PQresultStatus(result) == PGRES_COMMAND_OK ? OK : say(conn, result, trouble);
	PQclear(result);
	if (err == OK)
		held->life = conn->life;
	return err;
}

static enum err prepare(void *of, const char *sql, const char *args, struct trouble *trouble, void **ret)
{
	struct conn *conn = of;
	struct held *held = calloc(1, sizeof *held);

	if (!held || !(held->sql = strdup(sql)))
		abort();
	held->is_kept = args != NULL;
	assert(!args || strlen(args) < sizeof held->args);
	if (args)
		snprintf(held->args, sizeof held->args, "%s", args);
	enum err err = args ? name_it(conn, held, trouble) : OK;
	if (err != OK) {
		free(held->sql);
		free(held);
		return err;
	}
	*ret = held;
	return OK;
}

static int64_t from_network(const char *bytes, int n)
{
	uint64_t ret = (int8_t)bytes[0] < 0 ? UINT64_MAX : 0;

	for (int i = 0; i < n; i++)
		ret = ret << 8 | (unsigned char)bytes[i];
	return (int64_t)ret;
}

static void to_network(int64_t i, char ret[8])
{
	for (int k = 7; k >= 0; k--, i >>= 8)
		ret[k] = (char)i;
}

static enum err connect_anew(struct conn *conn, struct trouble *trouble);

static enum err start(void *of, void *of_held, const struct value *args, size_t n, struct trouble *trouble)
{
	struct conn *conn = of;
	struct held *held = of_held;
	const char *value[MOST_ARGS];
	int length[MOST_ARGS], format[MOST_ARGS], sent;
	Oid type[MOST_ARGS];
	char number[MOST_ARGS][8];

	assert(n <= MOST_ARGS);
	if (conn->is_lost)
		TRY(connect_anew(conn, trouble));
	if (conn->streaming)
		read_ahead(conn);
	for (size_t i = 0; i < n; i++) {
		format[i] = 1;
		value[i] = args[i].kind == VALUE_NULL ? NULL : args[i].kind == VALUE_INT ? number[i] : args[i].s.at;
		length[i] = args[i].kind == VALUE_INT ? 8 : args[i].kind == VALUE_NULL ? 0 : (int)args[i].s.len;
		type[i] = args[i].kind == VALUE_INT ? TYPE_INT8 : args[i].kind == VALUE_BLOB ? TYPE_BYTEA : args[i].kind == VALUE_TEXT ? TYPE_TEXT : 0;
		if (args[i].kind == VALUE_INT)
			to_network(args[i].i, number[i]);
	}
	if (held->is_kept) {
		TRY(name_it(conn, held, trouble));
		sent = PQsendQueryPrepared(conn->pg, held->name, (int)n, value, length, format, 1);
	} else {
		sent = PQsendQueryParams(conn->pg, held->sql, (int)n, type, value, length, format, 1);
	}
	if (!sent || !PQsetSingleRowMode(conn->pg))
		return say(conn, NULL, trouble);
	conn->streaming = held;
	held->changed = 0;
	return OK;
}

static void reset(void *of, void *of_held)
{
	struct conn *conn = of;
	struct held *held = of_held;
	struct trouble ignored = { 0 };

	/* Whatever still comes is read and thrown away; an error in it has nobody left to hear it. */
	while (conn->streaming == held && row_come(conn, held, &ignored) == OK)
		;
	PQclear(held->row);
	held->row = NULL;
	free(held->ahead.at);
	held->ahead = (struct ahead){ 0 };
	held->is_ahead = false;
	trouble_clear(&held->ahead_trouble);
}

static void forget(void *of, void *of_held)
{
	struct held *held = of_held;

	/* Its name lives in the session and goes with it; only statements that are used for ever have one. */
	free(held->sql);
	free(held);
}

/* --- values --- */

/* NUMERIC, as sum() of whole numbers gives it: digits of base 10,000, the first of weight `weight`. */
static int64_t from_numeric(const char *bytes, int len)
{
	int digits = len >= 8 ? (int)from_network(bytes, 2) : 0, weight = len >= 8 ? (int)from_network(bytes + 2, 2) : 0;
	bool is_negative = len >= 8 && from_network(bytes + 4, 2) == 0x4000;
	int64_t ret = 0;

	for (int i = 0; i <= weight; i++) {
		int64_t digit = i < digits && 8 + 2 * i + 2 <= len ? from_network(bytes + 8 + 2 * i, 2) : 0;
		if (__builtin_mul_overflow(ret, 10000, &ret) || __builtin_add_overflow(ret, digit, &ret))
			return is_negative ? INT64_MIN : INT64_MAX;
	}
	return is_negative ? -ret : ret;
}

static int64_t get_int(void *of_held, int i)
{
	struct held *held = of_held;
	const char *at = held->column[i].at;

	if (!at)
		return 0;
	switch (held->type[i]) {
	case TYPE_INT8: case TYPE_INT4: case TYPE_INT2:
		return from_network(at, held->column[i].len);
	case TYPE_BOOL:
		return at[0] != 0;
	case TYPE_NUMERIC:
		return from_numeric(at, held->column[i].len);
	default:
		return 0;
	}
}

static struct str get_text(void *of_held, int i)
{
	struct held *held = of_held;
	int version = held->type[i] == TYPE_JSONB;     /* one byte before the text */

	if (!held->column[i].at)
		return STR_NONE;
	return (struct str){ held->column[i].at + version, (size_t)(held->column[i].len - version) };
}

static enum value_kind get_kind(void *of_held, int i)
{
	struct held *held = of_held;

	if (!held->column[i].at)
		return VALUE_NULL;
	switch (held->type[i]) {
	case TYPE_INT8: case TYPE_INT4: case TYPE_INT2: case TYPE_BOOL: case TYPE_NUMERIC: return VALUE_INT;
	case TYPE_BYTEA: return VALUE_BLOB;
	default: return VALUE_TEXT;
	}
}

static int64_t changed(void *of, void *of_held)
{
	struct held *held = of_held;
	return held->changed;
}

/* --- transactions --- */

static enum err begin(void *of, struct trouble *trouble)
{
	struct conn *conn = of;

	if (conn->is_lost)
		TRY(connect_anew(conn, trouble));
	return command(conn, "BEGIN", "BEGIN", trouble);
}

/* In a transaction that has failed COMMIT answers ROLLBACK, and calls that success. */
static enum err commit(void *conn, struct trouble *trouble)
{
	return command(conn, "COMMIT", "COMMIT", trouble);
}

static void rollback(void *of)
{
	struct conn *conn = of;
	struct trouble ignored = { 0 };

	if (!conn->is_lost && PQtransactionStatus(conn->pg) != PQTRANS_IDLE)
		(void)!command(conn, "ROLLBACK", NULL, &ignored);
}

/* --- opening --- */

static bool answers(struct conn *conn, const char *sql, const char *expected)
{
	PGresult *result = PQexec(conn->pg, sql);
	bool ret = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), expected) == 0;

	PQclear(result);
	return ret;
}

static bool has_table(void *of, const char *name)
{
	struct conn *conn = of;
	const char *value[] = { name };
	PGresult *result = PQexecParams(conn->pg, "SELECT 1 FROM pg_catalog.pg_class WHERE relname = $1 AND relkind = 'r' "
	                                "AND pg_catalog.pg_table_is_visible(oid)", 1, NULL, value, NULL, NULL, 0);
	bool ret = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;

	PQclear(result);
	return ret;
}

static void be_quiet(void *of, const char *message)
{
}

/* What a new session needs. The number of the lock is "SAMO". */
static enum err set_up(struct conn *conn, struct trouble *trouble)
{
	PQsetNoticeProcessor(conn->pg, be_quiet, NULL);
	if (!answers(conn, "SHOW server_encoding", "UTF8"))
		return trouble_owe(trouble, ERR_INVALID, N_("the database must be made with ENCODING 'UTF8'"));
	TRY(command(conn, "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET synchronous_commit = on;"
	                  "SET default_transaction_isolation = 'read committed'; SET idle_in_transaction_session_timeout = 0", NULL, trouble));
	if (!conn->may_write)
		return command(conn, "SET default_transaction_read_only = on", NULL, trouble);
	TRY(command(conn, "SET default_transaction_read_only = off", NULL, trouble));
	if (!answers(conn, "SELECT pg_catalog.pg_try_advisory_lock(1396788559)", "t"))
		return trouble_owe(trouble, ERR_BUSY, N_("another Samordna writes to this database: stop that one first"));
	return OK;
}

static enum err connect_anew(struct conn *conn, struct trouble *trouble)
{
	if (conn->may_write)
		return trouble_owe(trouble, ERR_IO, N_("the connection to PostgreSQL was lost; what was being written may or may not stand: "
		                   "start again"));
	PQreset(conn->pg);
	conn->life++;
	conn->streaming = NULL;
	if (PQstatus(conn->pg) != CONNECTION_OK)
		return say(conn, NULL, trouble);
	conn->is_lost = false;
	return set_up(conn, trouble);
}

static enum err check_made(struct conn *conn, bool may_make, struct trouble *trouble)
{
	bool is_empty = answers(conn, "SELECT count(*) FROM pg_catalog.pg_class WHERE relkind = 'r' AND pg_catalog.pg_table_is_visible(oid) "
	                              "AND relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())", "0");

	if (may_make && !is_empty)
		return trouble_owe(trouble, ERR_CONFLICT, N_("the database \"%s\" has tables already"), PQdb(conn->pg));
	if (!may_make && is_empty)
		return trouble_owe(trouble, ERR_NONE, N_("the database \"%s\" holds no store; make one: samordna init"), PQdb(conn->pg));
	return OK;
}

static void close_session(void *of)
{
	struct conn *conn = of;

	PQfinish(conn->pg);
	free(conn);
}

static enum err open_session(const char *conninfo, bool may_write, bool may_make, struct trouble *trouble, void **ret)
{
	/* What conninfo says comes last and wins. GSS would look for its files, which the jail does not have. */
	static const char *const name[] = { "connect_timeout", "gssencmode", "fallback_application_name", "dbname", NULL };
	const char *const value[] = { "10", "disable", "samordna", conninfo, NULL };
	struct conn *conn = calloc(1, sizeof *conn);

	if (!conn)
		return trouble_owe(trouble, ERR_FULL, N_("no memory for a connection to the store"));
	*conn = (struct conn){ .pg = PQconnectdbParams(name, value, 1), .may_write = may_write, .life = 1 };
	enum err err = OK;
	if (PQstatus(conn->pg) != CONNECTION_OK) {
		const char *why = PQerrorMessage(conn->pg);
		char line[240];
		snprintf(line, sizeof line, "%.*s", first_line(why), why);
		err = trouble_owe(trouble, ERR_IO, N_("PostgreSQL cannot be reached: %s"), line);
	}
	if (err == OK)
		err = set_up(conn, trouble);
	if (err == OK)
		err = check_made(conn, may_make, trouble);
	if (err != OK) {
		close_session(conn);
		return err;
	}
	*ret = conn;
	return OK;
}

static bool is_lost(void *of)
{
	struct conn *conn = of;
	return conn->is_lost;
}

static bool is_between(void *of)
{
	struct conn *conn = of;
	return PQtransactionStatus(conn->pg) == PQTRANS_IDLE;
}

static enum err tidy(void *of, enum tidy how)
{
	return OK;
}

static enum err backup(void *of, const char *to_path, struct trouble *trouble)
{
	return trouble_owe(trouble, ERR_INVALID, N_("a store on PostgreSQL is backed up with pg_dump --format=custom"));
}

const struct engine engine_postgres = {
	open_session, close_session, script, begin, commit, rollback, has_table, prepare, start, step, reset, forget,
	get_int, get_text, get_kind, changed, is_lost, is_between, tidy, backup,
	{ { "{id}", "BIGINT PRIMARY KEY" }, { "{i64}", "BIGINT" }, { "{blob}", "BYTEA" }, { "{json}", "JSONB" }, { "{strict}", "" }, { "{keyed}", "" },
	  { " TEXT", " TEXT COLLATE \"C\"" } },
};
