#ifndef FLOOR_STORE_TEST_H
#define FLOOR_STORE_TEST_H
/* A store in a file of a test's own. */
#include "floor/fixture.h"

struct place { char folder[64], path[80]; struct store_place at; struct trouble trouble; };
void    place_make(struct place *);                /* a folder, and where the store is to be */
void    place_fill(struct place *);                /* a store with every schema, and 400 bodies */
void    place_end(struct place *);
int64_t count_bodies(struct store *, struct trouble *, enum err *ret);
void    log_copied_beside(void **state);           /* a test: store_beside_test.c */
#endif
