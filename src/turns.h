#ifndef TURNS_H
#define TURNS_H
/* Whose turn it is where places are short: how long each person has been connected in this working day and the one before, and who was turned
 * away for want of a place and has not come in since. Part of the count of places (places.h), which holds its lock around all calls.
 *
 * A person stands in line at one gateway, TURN_WAITS_MS long from when she was last turned away: as long as she may have been told to wait, and ten
 * minutes to come. What is kept: 12 bytes a person, and of those in line the latest 65,536. */
#include "point.h"

enum { TURN_WAITS_MS = 25 * 60 * 1000, TURNS_IN_LINE = 1 << 16 };
struct turns;
struct turns *turns_new(void);
void     turns_end(struct turns *);
/* She was connected; what lies further back than a working day does not count. */
void     turns_add(struct turns *, int64_t person, struct instant from, struct instant until);
uint8_t  turns_had(struct turns *, int64_t person, struct instant now);       /* enum had */
/* `taken`: of all gateways; their `waiting` is kept true. */
void     turns_wait(struct turns *, struct taken *taken, int64_t person, int16_t gateway, uint8_t class, struct instant now);
void     turns_come(struct turns *, struct taken *taken, int64_t person);     /* she is in */
void     turns_pass(struct turns *, struct taken *taken, struct instant now); /* those who have not come any more leave the line */
#endif
