#ifndef FLOOR_STORE_H
#define FLOOR_STORE_H
/* The store: one connection to one database, behind one narrow interface for two engines.
 *
 * Nobody writes SQL calls by hand: statements stand in x.sql, and sqlgen makes a typed function of
 * each, which calls what is declared here. A connection belongs to one thread.
 * Exactly one connection in the whole system is opened for writing (writer.h): SQLite 3.7.0 to 3.51.2
 * can corrupt a database when two connections write or checkpoint at the same moment.
 *
 * A row being stepped lives until the next step; sqlgen's functions copy it into the arena. */
#include "floor/rq.h"

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB };
struct value { enum value_kind kind; union { int64_t i; struct str s; }; };

static inline struct value value_int(int64_t i) { return (struct value){ VALUE_INT, { .i = i } }; }
static inline struct value value_text(struct str s) { return (struct value){ s.at ? VALUE_TEXT : VALUE_NULL, { .s = s } }; }
static inline struct value value_blob(struct str s) { return (struct value){ s.at ? VALUE_BLOB : VALUE_NULL, { .s = s } }; }
struct maybe_int { bool is; int64_t i; };
static inline struct value value_maybe(struct maybe_int m) { return (struct value){ m.is ? VALUE_INT : VALUE_NULL, { .i = m.i } }; }

/* The schema as data, made by sqlgen from schema/N.sql. */
enum mark { MARK_PLAIN, MARK_PERSONAL, MARK_SECRET };
struct column { const char *name; enum value_kind kind; enum mark mark; bool is_key, may_be_null; };
struct table { const char *name; bool is_volatile; const struct column *columns; uint8_t n_columns, n_keys; _Atomic uint64_t *touched; };
struct schema { const char *component; int number; const char *sql; };  /* with the five tokens unexpanded */
extern const struct table *const store_tables[];    /* all logged and volatile tables, ended by NULL */
extern const struct schema store_schemas[];         /* in the order they are applied, ended by .sql NULL */
struct statement;
extern const struct statement *const *const store_statements[];   /* of every x.sql; both levels ended by NULL */

enum statement_kind { STATEMENT_READ, STATEMENT_INSERT, STATEMENT_UPDATE, STATEMENT_DELETE };
struct statement {
	const char         *name, *sql;   /* a logged write ends in RETURNING keys and the columns it set, but for plain INSERTs */
	enum statement_kind kind;
	const struct table *table;        /* of a write */
	const uint8_t      *returned;     /* of a logged write: which column of the table result i is */
	const uint8_t      *given;        /* of a plain INSERT of its arguments, which returns nothing: which argument result i is */
	const char         *args;         /* a letter each: i number, t text, b blob */
	const struct table *const *reads; /* of a read marked "-- kept": its tables, ended by NULL */
	uint8_t             n_args, n_results;
};

/* Where a store is. */
struct store_place { bool is_postgres; const char *at; };   /* a file's path, ":memory:", or libpq's conninfo */

/* Open. `may_write` is for the writer, offline tools and tests. ERR_NONE: no store there; ERR_CONFLICT: made by a newer
 * program; ERR_CORRUPT, ERR_IO, ERR_FULL with a sentence. store_create makes an empty one with no tables. */
enum err store_open(const struct store_place *, bool may_write, struct trouble *, struct store **ret);
enum err store_create(const struct store_place *, struct trouble *, struct store **ret);
void     store_close(struct store *);
/* A reader's connection in the process whose writer makes all commits: answers of statements marked "-- kept" are remembered until a
 * commit touches a table that they were read from (kept.h). */
void     store_keeps(struct store *);

/* Apply a schema file's tokens for this engine and run it. Inside a transaction. */
enum err store_apply(struct store *, const struct schema *, struct trouble *);

enum err store_begin(struct store *, struct trouble *);      /* the write lock, at once */
enum err store_commit(struct store *, struct trouble *);     /* durable when OK */
void     store_rollback(struct store *);                     /* also leaves any row being stepped; fine without a transaction */
void     store_leave(struct store *);                        /* leaves any row being stepped: for who catches a full arena */
bool     store_is_lost(const struct store *);                /* the server is gone, or what stands is unknown: a writer must start anew, with the log */
uint64_t store_writes(const struct store *);                 /* statements that wrote, ever: has a job anything to roll back? */
bool     store_is_postgres(const struct store *);
enum err store_checkpoint(struct store *, bool at_once);     /* writer only; when idle or the log is long */
/* A copy in one new file (ERR_CONFLICT when it is there); on a reader's connection the writer goes on meanwhile. */
enum err store_backup(struct store *, const char *to_path, struct trouble *);

/* Rows. start binds and runs; step gives OK with a row, ERR_NONE at the end; finish always.
 * While one statement is being stepped it cannot be started again on the same connection; others can. After an error inside a
 * transaction nothing but store_rollback is of use: PostgreSQL takes no more statements then. */
struct rows;
struct cursor { struct store *store; void *of_engine; bool is_kept; const struct rows *rows; size_t row; };
enum err   store_start(struct rq *, const struct statement *, const struct value *args, struct cursor *ret);
enum err   store_step(struct cursor *, struct trouble *);
int64_t    store_int(const struct cursor *, int column);             /* 0 for NULL */
struct str store_text(const struct cursor *, int column);            /* STR_NONE for NULL; bytes of a blob too */
bool       store_is_null(const struct cursor *, int column);
void       store_finish(struct cursor *);

/* A write to a volatile table, and its number of rows. Logged tables are written by change_write only. */
enum err store_write_volatile(struct rq *, const struct statement *, const struct value *args, int64_t *ret);

/* A statement whose text is put together at run time, from names in store_tables alone (replay, compare, schema): not kept. */
enum err store_start_text(struct rq *, const char *sql, const struct value *args, size_t n_args, struct cursor *ret);
/* Runs such a text to its end; `args` may be NULL. */
enum err store_run_text(struct rq *, const char *sql, const struct value *args, size_t n_args);
enum value_kind store_kind(const struct cursor *, int column);
enum err store_version(struct rq *, struct str *ret);                 /* engine and version, in words */
enum err store_self_check(struct rq *, struct str *ret);              /* what the engine itself finds broken; empty: nothing. Reads all of it */
enum err store_prepare_all(struct store *, struct trouble *);        /* every statement of sqlgen: start-up and tests */
#endif
