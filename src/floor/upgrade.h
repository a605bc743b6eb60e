#ifndef FLOOR_UPGRADE_H
#define FLOOR_UPGRADE_H
/* Brings a store up to this program's schema: each schema/N.sql once, in order, with leaf schema.COMPONENT.N.
 * On the writer's connection before the writer runs; opens and closes its own transactions. OK when nothing lacks.
 * ERR_CONFLICT when the store was made by a newer program. */
#include "floor/audit.h"

enum err upgrade(struct rq *);
/* The first n schema files alone: how a test makes a store of the past. */
enum err upgrade_some(struct rq *, size_t n);
/* Whether a schema lacks in a store that has some already: then a copy is made first. */
enum err upgrade_is_due(struct rq *, bool *ret);
#endif
