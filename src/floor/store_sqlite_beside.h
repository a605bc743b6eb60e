#ifndef FLOOR_STORE_SQLITE_BESIDE_H
#define FLOOR_STORE_SQLITE_BESIDE_H
/* A checkpoint beside commits: the long wait for the disk is another thread's. For store_sqlite.c alone. */
#include <sqlite3.h>
#include "base/base.h"

struct beside;
struct beside *beside_new(const char *path);               /* NULL: no memory */
void           beside_end(struct beside *);                /* NULL is fine */
/* The next part; `writer` is the one connection that writes, between two transactions. True: all of the log stands in the file, for good. */
bool           beside_go_on(struct beside *, sqlite3 *writer);
/* Whatever is under way is let go, before a checkpoint in one piece. */
void           beside_leave(struct beside *);
#endif
