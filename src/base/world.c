/* The machine as it is. SAMORDNA_NOW is not read here: only test programs replace the table. */
#include "base/world.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static struct instant machine_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (struct instant){ (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 };
}

static int64_t machine_ticks(void)
{
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void machine_random(void *bytes, size_t n)
{
	unsigned char *at = bytes;

	while (n) {
		ssize_t got = getrandom(at, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		at += got;
		n -= (size_t)got;
	}
}

static bool machine_is_synchronised(void)
{
	struct timex kernel = { .modes = 0 };
	return adjtimex(&kernel) != -1 && !(kernel.status & STA_UNSYNC);
}

struct world world = { machine_now, machine_ticks, machine_ticks, machine_random, machine_is_synchronised };

void world_log(const char *format, ...)
{
	char line[1024];
	va_list list;

	va_start(list, format);
	int n = vsnprintf(line, sizeof line - 1, format, list);
	va_end(list);
	if (n < 0)
		return;
	size_t len = MIN((size_t)n, sizeof line - 2);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	(void)!write(2, line, len);
}

/* Wall clock and time since boot run side by side; a step of one against the other is a jump. */
void clock_look(struct clock_doubt *doubt, struct instant now, int64_t ticks, bool is_synchronised)
{
	int64_t offset = now.ms - ticks, step = offset - doubt->offset;

	if (doubt->is_known && (step > 60000 || step < -60000)) {
		doubt->is_in_doubt = true;
		doubt->step = step;
	} else if (doubt->is_in_doubt && is_synchronised) {
		doubt->is_in_doubt = false;
	}
	doubt->offset = offset;
	doubt->is_known = true;
}
