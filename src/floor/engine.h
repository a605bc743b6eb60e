#ifndef FLOOR_ENGINE_H
#define FLOOR_ENGINE_H
/* What an engine must do; between store.c and store_sqlite.c, store_postgres.c alone.
 *
 * `conn` is the engine's connection, `held` its prepared statement or result. Errors come back with a sentence. */
#include "floor/store.h"

struct engine {
	enum err   (*open)(const char *at, bool may_write, bool may_make, struct trouble *, void **ret_conn);
	void       (*close)(void *conn);
	enum err   (*script)(void *conn, const char *sql, struct trouble *);              /* several statements, no result */
	/* Binds and runs; *held is kept for the statement when `name` is not NULL. */
	enum err   (*prepare)(void *conn, const char *name, const char *sql, struct trouble *, void **ret_held);
	enum err   (*start)(void *conn, void *held, const struct value *args, size_t n, struct trouble *);
	enum err   (*step)(void *conn, void *held, struct trouble *);                     /* OK a row, ERR_NONE the end */
	void       (*reset)(void *held);
	void       (*forget)(void *held);                                                 /* a statement not kept */
	int64_t    (*get_int)(void *held, int column);
	struct str (*get_text)(void *held, int column);
	enum value_kind (*get_kind)(void *held, int column);
	int64_t    (*changed)(void *conn, void *held);
	enum err   (*tidy)(void *conn, bool at_once);                                     /* checkpoint */
	enum err   (*backup)(void *conn, const char *to_path, struct trouble *);
	const char *token[5];                                                             /* {id} {i64} {blob} {json} {strict} */
};
extern const struct engine engine_sqlite;
#endif
