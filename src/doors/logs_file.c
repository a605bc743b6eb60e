/* Files that are followed: whole lines are read as they come, over rotations, and once.
 *
 * Renamed (rename): the file that has the name now comes from keeper as a new descriptor; the one before is read on until it has rested, since
 * its daemon may write to it a little longer. Copied and cut off (copytruncate): the file is shorter than what was read of it, or begins
 * otherwise; what was not read before the cut stands in the copy beside it, which keeper hands over too. After a start the place that core
 * kept says where to go on, in whichever of them it lies; what lies before it is read again, WARM bytes of it, for the memory of the rules.
 *
 * SECURITY: a file is only read. A line of any length costs at most BUFFER; its end counts when it comes. */
#include "doors/logs_parts.h"

enum { CHUNK = 24 << 10, BUFFER = 1 << 20, WARM = 2 << 20, REST_MS = 30000, LAST_LINE_MS = 2000, COPY_MS = 2000 };

static char buffer[BUFFER];

static uint64_t head_of(int fd, uint32_t length)
{
	char room[LOG_HEAD];
	ssize_t got = pread(fd, room, MIN(length, (uint32_t)LOG_HEAD), 0);

	return got == (ssize_t)length ? str_hash((struct str){ room, length }) : 0;
}

static bool has_head(int fd, const struct log_position *at)
{
	return at->head_length == 0 || head_of(fd, at->head_length) == at->head;
}

/* The place as core is to keep it: with as much of a head as has been read. */
static void set_head(struct log_file *file)
{
	uint32_t length = (uint32_t)MIN(file->at.offset, (int64_t)LOG_HEAD);

	if (length <= file->at.head_length)
		return;
	file->at.head = head_of(file->fd, length);
	file->at.head_length = length;
}

/* The jail has no stat: keeper says which file it is, and its end tells its size. */
static int64_t size_of(int fd)
{
	return (int64_t)lseek(fd, 0, SEEK_END);
}

static const struct log_position *kept_place(const struct log_state *state, const struct log_open *of)
{
	for (uint32_t i = 0; i < logs.from.n; i++) {
		const struct log_position *at = &logs.from.at[i];
		if (at->source == (uint32_t)(state - logs.state) && at->device == of->device && at->inode == of->inode)
			return at;
	}
	return NULL;
}

static void close_file(struct log_state *state, int i)
{
	close(state->file[i].fd);
	state->n_files--;
	memmove(&state->file[i], &state->file[i + 1], (size_t)(state->n_files - i) * sizeof state->file[0]);
}

static struct log_file *add_file(struct log_state *state, int fd, int64_t device, int64_t inode, bool is_leaving)
{
	if (state->n_files == LOG_OPEN_FILES)
		close_file(state, 0);
	struct log_file *file = &state->file[state->n_files++];
	*file = (struct log_file){ .fd = fd, .read_at = logs.ticks, .is_leaving = is_leaving,
		.at = { .device = device, .inode = inode } };
	return file;
}

/* Reading goes on at the kept place, after the lines before it have warmed the rules. */
static void go_on(struct log_file *file, const struct log_position *at, int64_t size)
{
	char byte;
	int64_t from = MAX(at->offset - WARM, (int64_t)0);

	file->at = *at;
	if (!logs.from.is_cold || at->offset > size || !has_head(file->fd, at))
		return;                          /* when it was cut off the next turn sees it */
	while (from > 0 && from < at->offset && (pread(file->fd, &byte, 1, from - 1) != 1 || byte != '\n'))
		from++;
	file->warm_until = at->offset;
	file->at.offset = from;
}

void logs_file_open(struct log_state *state, const struct log_open *of, int fd)
{
	for (int i = 0; i < state->n_files; i++)
		if (state->file[i].at.device == of->device && state->file[i].at.inode == of->inode) {
			close(fd);
			return;
		}
	const struct log_position *place = kept_place(state, of);
	if (of->is_older && !(place && place->offset <= size_of(fd) && has_head(fd, place))) {
		if (state->older >= 0)
			close(state->older);
		state->older = fd;
		state->older_device = of->device;
		state->older_inode = of->inode;
		return;
	}
	for (int i = 0; i < state->n_files && !of->is_older; i++)
		state->file[i].is_leaving = true;
	struct log_file *file = add_file(state, fd, of->device, of->inode, of->is_older);
	if (place)
		go_on(file, place, size_of(fd));
}

/* --- cut off --- */

static bool is_cut(const struct log_file *file, int64_t size)
{
	return size < MAX(file->at.offset, file->warm_until) || !has_head(file->fd, &file->at);
}

/* What was not read before the cut stands in the copy, when there is one. False: it may still come. */
static bool take_cut(struct log_state *state, struct log_file *file)
{
	struct log_position at = file->at;
	bool has_copy = state->older >= 0 && size_of(state->older) >= at.offset && has_head(state->older, &at);

	if (!file->cut_at)
		file->cut_at = logs.ticks;
	if (!has_copy && logs.ticks - file->cut_at < COPY_MS)
		return false;
	file->at = (struct log_position){ .device = at.device, .inode = at.inode };
	file->warm_until = file->cut_at = 0;
	file->is_again = true;
	if (has_copy && at.head_length) {
		int copy = state->older;
		state->older = -1;
		struct log_file *rest = add_file(state, copy, state->older_device, state->older_inode, true);    /* may move the others: file is not used again */
		int64_t device = rest->at.device, inode = rest->at.inode;
		rest->at = at;
		rest->at.device = device;
		rest->at.inode = inode;
	}
	return true;
}

/* --- reading --- */

/* So many bytes of whole lines lie in the buffer. */
static size_t whole_lines(const struct log_file *file, size_t got, size_t room)
{
	const char *end = memrchr(buffer, '\n', got);
	bool is_last = file->is_leaving && logs.ticks - file->read_at > LAST_LINE_MS;

	return end ? (size_t)(end - buffer) + 1 : got == room && room == BUFFER ? got : is_last ? got : 0;
}

/* One chunk. False: nothing whole was there. */
static bool read_chunk(struct log_state *state, struct log_file *file)
{
	bool is_warm = file->at.offset < file->warm_until;
	size_t room = is_warm ? MIN((size_t)CHUNK, (size_t)(file->warm_until - file->at.offset)) : CHUNK;
	ssize_t got = pread(file->fd, buffer, room, file->at.offset);

	if (got <= 0)
		return false;
	size_t n = whole_lines(file, (size_t)got, room);
	if (!n && got == (ssize_t)room && !is_warm) {
		room = BUFFER;
		got = pread(file->fd, buffer, room, file->at.offset);
		n = got > 0 ? whole_lines(file, (size_t)got, room) : 0;
	}
	if (!n && is_warm)
		n = (size_t)got;
	if (!n)
		return false;
	int64_t from = file->at.offset;
	logs_take(state, (struct str){ buffer, n }, false);
	file->at.offset += (int64_t)n;
	file->read_at = logs.ticks;
	if (!is_warm)
		set_head(file);
	logs_send(state, &file->at, from, is_warm ? LOG_WARM : file->is_again ? LOG_AGAIN : 0);
	file->is_again &= is_warm;
	return true;
}

bool logs_file_turn(struct log_state *state)
{
	bool is_more = false;

	for (int i = 0; i < state->n_files && logs_may_send(); i++) {
		struct log_file *file = &state->file[i];
		if (is_cut(file, size_of(file->fd))) {
			is_more |= take_cut(state, file);
			continue;
		}
		file->cut_at = 0;
		if (read_chunk(state, file)) {
			is_more = true;
		} else if (file->is_leaving && logs.ticks - file->read_at > REST_MS) {
			logs_send(state, &file->at, file->at.offset, LOG_FORGET);
			close_file(state, i--);
		}
	}
	return is_more;
}
