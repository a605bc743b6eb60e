#ifndef FUZZ_GATEWAY_ENDS_H
#define FUZZ_GATEWAY_ENDS_H
/* The gateway process for a fuzzer: chance that is the same in each run, and sockets whose other ends the fuzzer holds. */
#include "doors/gateway_loop.h"

/* world.random for a fuzzer. */
void chance(void *at, size_t n);
/* One end of a pair of sockets of this type that do not wait; the other in *ret_other. */
int  end_of(int type, int *ret_other);
#endif
