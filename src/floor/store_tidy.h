#ifndef FLOOR_STORE_TIDY_H
#define FLOOR_STORE_TIDY_H
/* The writer's upkeep of SQLite's write-ahead log: what stands in it is copied into the store's own file (a checkpoint). Between writer.c and
 * the engines alone; PostgreSQL sees to its own. */
#include "floor/store.h"

enum tidy {
	TIDY_ALL,        /* nobody waits: whatever stands there */
	TIDY_LONG,       /* when the log is long, in one piece */
	TIDY_BESIDE,     /* when it is long, in parts between which commits go on: call it after each commit */
};
enum err store_tidy(struct store *, enum tidy);
#endif
