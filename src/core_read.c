/* core's side of the reader: hands over a foreign file, waits for the typed records. One file at a time.
 *
 * SECURITY: what comes back is checked like a foreign thing: sealed, and every record's places inside its length (the one who
 * walks the records does that, see people_import.c). */
#define LONG_LIVED
#include "core.h"
#include "floor/reading.h"
#include "base/sandbox.h"
#include <poll.h>
#include <pthread.h>

enum { LONGEST_MS = 120000 };     /* a file of 256 MB takes some seconds */

static struct { pthread_mutex_t lock; int fd; uint32_t serial; } reader = { PTHREAD_MUTEX_INITIALIZER, -1, 0 };

void core_reader_is(int fd)
{
	pthread_mutex_lock(&reader.lock);
	if (reader.fd >= 0)
		close(reader.fd);
	reader.fd = fd;
	pthread_mutex_unlock(&reader.lock);
}

static enum err ask(struct rq *rq, enum read_kind what, int file, char *room, struct reading *ret)
{
	struct parcel parcel;
	struct read_file wish = { .what = what };

	if (reader.fd < 0 || channel_send(reader.fd, (struct message){ .kind = MESSAGE_READ_FILE, .serial = ++reader.serial },
	                                  &wish.what, sizeof wish - sizeof wish.head, &file, 1) != OK)
		return fail(rq, ERR_BUSY, _("The file cannot be read right now. Try again in a moment."));
	struct pollfd wait = { .fd = reader.fd, .events = POLLIN };
	enum err err = poll(&wait, 1, LONGEST_MS) == 0 ? ERR_BUSY : channel_receive(reader.fd, room, &parcel);
	bool is_right = err == OK && message_check(&parcel, MESSAGE_READ_DONE)
	             && ((const struct read_done *)parcel.at)->head.serial == reader.serial;
	if (!is_right) {
		/* Nonsense or silence: what comes later on this channel answers no question of ours. */
		for (int i = 0; err == OK && i < parcel.n_files; i++)
			close(parcel.files[i]);
		close(reader.fd);
		reader.fd = -1;
		if (err == OK || err == ERR_BUSY || err == ERR_INVALID)
			core_is_stuck(PROCESS_READER);
	}
	if (!is_right)
		return fail(rq, ERR_BUSY, _("The reader of files stopped while it read this one. Nothing was changed. Try again."));
	const struct read_done *done = parcel.at;
	if (done->err == OK && parcel.n_files == 2) {
		*ret = (struct reading){ parcel.files[0], parcel.files[1], done->records, done->problems };
		return OK;
	}
	for (int i = 0; i < parcel.n_files; i++)
		close(parcel.files[i]);
	if (done->err == ERR_FULL)
		return fail(rq, ERR_FULL, _("The file is larger than can be read. At most 256 MB."));
	return fail(rq, ERR_INVALID, _("The file cannot be read."));
}

enum err reading_ask(struct rq *rq, enum read_kind what, int file, struct reading *ret)
{
	char *room = malloc(CHANNEL_MOST);

	if (!room)
		return fail(rq, ERR_FULL, "no memory");
	pthread_mutex_lock(&reader.lock);
	enum err err = ask(rq, what, file, room, ret);
	pthread_mutex_unlock(&reader.lock);
	free(room);
	return err;
}
