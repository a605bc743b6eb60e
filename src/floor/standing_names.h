#ifndef FLOOR_STANDING_NAMES_H
#define FLOOR_STANDING_NAMES_H
/* The standing's index from names to persons, between standing*.c alone: 12 bytes a place, open addressing, as many places as it takes.
 *
 * One thread at a time puts and grows; any number look meanwhile. A table that has grown is a new one: the old is the caller's to free, when
 * nobody looks in it any more. */
#include "base/base.h"

struct names {
	size_t             room, used;               /* used counts what was ever put in */
	_Atomic uint64_t  *hash;                     /* 0: free */
	_Atomic uint32_t  *person;                   /* NAMES_GONE: the name is nobody's any more */
};
#define NAMES_GONE UINT32_MAX
struct name_found { uint64_t hash; uint32_t person, spare; };

/* Room for n more below three quarters full. The same table when it has it; else a larger one without what is nobody's; NULL: no memory. */
struct names *names_grown(struct names *, size_t n);
void          names_end(struct names *);
void          names_put(struct names *, uint64_t hash, uint32_t person);
int64_t       names_find(const struct names *, uint64_t hash);          /* -1: nobody's */
/* Of the persons whose bit is set in `changed` (numbers below n): what is not among `present` becomes nobody's. Sorts `present`. */
void          names_forget(struct names *, const uint64_t *changed, int64_t n, struct name_found *present, size_t n_present);
size_t        names_bytes(const struct names *);
#endif
