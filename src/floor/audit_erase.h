#ifndef FLOOR_AUDIT_ERASE_H
#define FLOOR_AUDIT_ERASE_H
/* Personal parts whose time is over: what no table holds any more, and has not held for `audit.personal_days` days, is erased. Each
 * thousand is one leaf `audit.erase`, which lists them; the leaf that they belonged to stays as it is and can be checked as before. */
#include "floor/audit.h"

struct part_place { int64_t leaf, write; };
/* The parts of which every column has been written anew, or whose row was removed, by a leaf older than `before`. Reads the log once; on any
 * connection, not on the writer. The list lies in `arena`. ERR_CORRUPT: the log cannot be read. */
enum err audit_erasable(struct rq *, struct instant before, struct arena *arena, struct part_place **ret, size_t *ret_n);
/* Finds and erases them, in steps. Blocks; not on the writer. Core's clock once a day, and `audit erase`. With the setting at 0 never. */
enum err audit_erase_old(struct rq *, int64_t *ret_n);
#endif
