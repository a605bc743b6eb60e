#ifndef BASE_WORLD_H
#define BASE_WORLD_H
/* The few things the program asks of the machine besides files it was handed: clock, randomness.
 * They go through one table, so that a test can hold the clock and a seed can replay a run.
 * Only programs and the loops of processes ask; requests read rq->now. */
#include "base/when.h"

struct world {
	struct instant (*now)(void);                    /* wall clock */
	int64_t        (*ticks)(void);                  /* CLOCK_BOOTTIME in milliseconds: leases, timeouts */
	int64_t        (*lasted)(void);                 /* the same; where a test holds the clock, that one: how long rights and places have lasted */
	void           (*random)(void *, size_t);       /* getrandom; aborts rather than give less */
	bool           (*is_synchronised)(void);        /* does the kernel say that the wall clock follows another? */
};

/* Is the wall clock to be trusted? A step of over a minute against the ticks puts it in doubt, until the kernel says that it is synchronised; who
 * may say so instead clears is_in_doubt. Looked at twice a second by core's clock. */
struct clock_doubt { int64_t offset, step; bool is_known, is_in_doubt; };
void clock_look(struct clock_doubt *, struct instant now, int64_t ticks, bool is_synchronised);

extern struct world world;                              /* tests overwrite it */
void world_log(const char *format, ...) CHECKED_FORMAT(1, 2);   /* one line on standard error, control bytes escaped */
#endif
