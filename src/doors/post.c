/* post: the process that will connect outwards.
 *
 * Its walls stand and keeper watches it like the others, so that what is built into it later is born inside them. There is no kind
 * of message that core may send it yet: whatever comes is foreign, is thrown away, and is said in the log once a minute at most.
 *
 * SECURITY: nothing that it receives is carried out; it holds no descriptor but its channels and the log. */
#include "doors/post.h"
#include "base/world.h"

enum { QUIET_MS = 60000 };

int post_run(int core_fd)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;
	enum err err;
	int64_t said = -QUIET_MS;
	uint64_t foreign = 0;

	while ((err = channel_receive(core_fd, room, &parcel)) != ERR_NONE && err != ERR_IO) {
		for (int i = 0; err == OK && i < parcel.n_files; i++)
			close(parcel.files[i]);
		foreign++;
		if (world.ticks() - said < QUIET_MS)
			continue;
		said = world.ticks();
		world_log("post: %llu messages of no kind that it knows were thrown away", (unsigned long long)foreign);
	}
	return 0;
}
