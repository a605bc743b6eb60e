#ifndef FLOOR_STORE_SQLITE_GATHER_H
#define FLOOR_STORE_SQLITE_GATHER_H
/* For store_sqlite.c alone: the name of the file system that gathers the log's writes; NULL: SQLite's own is to be used. Called first by
 * the one thread that opens a store for writing. */
#include "base/base.h"

const char *store_gather(void);
#endif
