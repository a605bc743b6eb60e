/* `serve --one`: every process of the table as a thread of keeper's, for a debugger and for nothing else.
 *
 * The parts are the same and speak over the same channels; each still takes its descriptors by message, so it owns what it uses. What is
 * left out are the walls: no ids of their own, no Landlock, no lists of system calls. doctor finds that, and fails. No part is ever
 * started again: when one ends, all end, where the debugger stands.
 *
 * SECURITY: one fault in what reads strangers' bytes has the store, the keys and the log. It is said at the start and by doctor. */
#define LONG_LIVED
#include "keeper.h"
#include "base/world.h"
#include <errno.h>
#include <pthread.h>

struct part { enum row row; int channel; int (*be)(enum row, int channel); };

static pthread_t threads[ROWS];
static _Atomic bool is_stopping;

static void *live(void *of)
{
	struct part part = *(struct part *)of;

	free(of);
	int status = part.be(part.row, part.channel);
	if (!is_stopping) {
		world_log("samordna: %s ended (status %d); with --one nobody starts it again", process_name[row_process[part.row]], status);
		exit(status ? status : 1);
	}
	return NULL;
}

enum err one_start(enum row row, int channel, int (*be)(enum row, int channel))
{
	struct part *part = malloc(sizeof *part);
	char name[16];

	if (!part)
		return ERR_FULL;
	*part = (struct part){ row, channel, be };
	errno = pthread_create(&threads[row], NULL, live, part);
	if (errno) {
		free(part);
		return ERR_IO;
	}
	snprintf(name, sizeof name, "%s", process_name[row_process[row]]);
	pthread_setname_np(threads[row], name);
	return OK;
}

void one_stop(struct keeper *keeper, int milliseconds)
{
	struct child *core = &keeper->child[ROW_CORE];
	struct timespec until;

	is_stopping = true;
	if (!core->pid || core->channel < 0)
		return;
	close(core->channel);
	core->channel = -1;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += milliseconds / 1000;
	(void)pthread_timedjoin_np(threads[ROW_CORE], NULL, &until);
}
