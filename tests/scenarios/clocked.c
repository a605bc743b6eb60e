/* A clock that a scenario holds: linked to the release's own objects it makes samordna-clocked, which tests/scenarios/run drives.
 *
 * The wall clock is eight bytes of the file that SAMORDNA_CLOCK names: milliseconds since 1970, which the runner writes. The page is
 * mapped before main, so before any wall goes up, and is shared: each process sees the runner's hand at once, without a system call.
 * Time stands still until the runner moves it. Timeouts (world.ticks) go on as ever.
 *
 * SECURITY: nothing of this is in what users run: build/samordna neither has this file nor reads that variable (tests/scenarios.sh
 * checks both). Without the variable this program refuses to begin. */
#include "base/world.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const _Atomic int64_t *hand;

static struct instant held_now(void)
{
	return (struct instant){ atomic_load(hand) };
}

static int64_t held_lasted(void)
{
	return atomic_load(hand);
}

/* Whoever moves the hand means it: no jump puts the clock in doubt. */
static bool held_is_right(void)
{
	return true;
}

__attribute__((constructor)) static void hold_the_clock(void)
{
	const char *path = getenv("SAMORDNA_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED) {
		fprintf(stderr, "samordna-clocked: SAMORDNA_CLOCK must name the file that holds the clock\n");
		exit(2);
	}
	close(fd);
	hand = at;
	world.now = held_now;
	world.lasted = held_lasted;
	world.is_synchronised = held_is_right;
}
