#ifndef FLOOR_ENGINE_H
#define FLOOR_ENGINE_H
/* What an engine must do; between store.c and store_sqlite.c, store_postgres.c alone.
 *
 * `conn` is the engine's connection, `held` a prepared statement with its running result. Errors come back with a sentence.
 * store.c sees to it that a held statement is started only when it is at rest, and that reset comes after every start. */
#include "floor/store_tidy.h"

struct engine {
	enum err   (*open)(const char *at, bool may_write, bool may_make, struct trouble *, void **ret_conn);
	void       (*close)(void *conn);
	enum err   (*script)(void *conn, const char *sql, struct trouble *);              /* several statements, no result */
	enum err   (*begin)(void *conn, struct trouble *);
	enum err   (*commit)(void *conn, struct trouble *);
	void       (*rollback)(void *conn);                                               /* nothing when no transaction is open */
	bool       (*has_table)(void *conn, const char *name);
	/* `args`: a letter for each argument (struct statement), NULL for a text that is used once. */
	enum err   (*prepare)(void *conn, const char *sql, const char *args, struct trouble *, void **ret_held);
	enum err   (*start)(void *conn, void *held, const struct value *args, size_t n, struct trouble *);
	enum err   (*step)(void *conn, void *held, struct trouble *);                     /* OK a row, ERR_NONE the end */
	void       (*reset)(void *conn, void *held);
	void       (*forget)(void *conn, void *held);
	int64_t    (*get_int)(void *held, int column);
	struct str (*get_text)(void *held, int column);
	enum value_kind (*get_kind)(void *held, int column);
	int64_t    (*changed)(void *conn, void *held);                                    /* rows written, when stepped to the end */
	bool       (*is_lost)(void *conn);
	bool       (*is_between)(void *conn);                                             /* no transaction is open */
	enum err   (*tidy)(void *conn, enum tidy);
	enum err   (*backup)(void *conn, const char *to_path, struct trouble *);
	struct { const char *token, *text; } token[8];                                    /* of a schema; ended by .token NULL */
};
extern const struct engine engine_sqlite, engine_postgres;
#endif
