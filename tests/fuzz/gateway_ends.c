/* See gateway_ends.h. */
#include "gateway_ends.h"

void chance(void *at, size_t n)
{
	static uint64_t state = 1;
	for (size_t i = 0; i < n; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		((uint8_t *)at)[i] = (uint8_t)(state >> 33);
	}
}

int end_of(int type, int *ret_other)
{
	int pair[2];

	assert(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair) == 0);
	*ret_other = pair[1];
	return pair[0];
}
