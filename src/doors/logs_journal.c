/* The systemd journal, followed: entries are read from journald's own files as they come, over rotation, and once.
 *
 * keeper hands over each file of the directory that has a new name; archived ones first. An entry has a number that goes on over the files of one
 * stream (seqnum under a seqnum_id), so the place that core keeps is that number, and it matters not in which file it lies now. Of several
 * files of one stream that with the lowest unread number is read; an archived one is closed when its end is reached, and a stream that has no
 * file any more is forgotten. So an archived file of a stream that is not known is read when it began after the last entry that was read of
 * its source, and else passed over: watching begins with the file that is written now.
 *
 * The files are read with pread, as systemd.io/JOURNAL_FILE_FORMAT says: a chain of arrays of entries, whose length stands in the header; an
 * entry names its fields' objects. Fields over 512 bytes are compressed with zstd. Of an entry a line of RFC 5424 is made, and
 * read like any other.
 *
 * SECURITY: journald writes the files, and anybody on that machine what stands in them: every offset and length is checked, arrays only go
 * forward, and what is no object of its kind is counted as unreadable. Nothing is mapped, so a file that is cut off kills nobody. What
 * a person's own process says (a session's, not root's) is no daemon's word: it is passed over, so that nobody accuses another with logger(1). */
#include <zstd.h>
#include "doors/logs_parts.h"
#include "base/world.h"

enum { HEADER = 208, ENTRY_ROOM = 8192, DATA_ROOM = 512, TEXT_MOST = 60000, PACKED_MOST = 1 << 20, A_TURN = 256, WARM_ENTRIES = 8192,
       OBJECT_DATA = 1, OBJECT_ENTRY = 3, OBJECT_ARRAY = 6, ZSTD = 4, PACKED = 7, KNOWN_FLAGS = 31, FLAG_COMPACT = 16, ARCHIVED = 2, KEPT = 1024 };

/* --- bytes --- */

static uint64_t le(const void *at, int n)
{
	const unsigned char *byte = at;
	uint64_t value = 0;

	for (int i = n - 1; i >= 0; i--)
		value = value << 8 | byte[i];
	return value;
}

static bool read_at(const struct journal *j, uint64_t offset, void *room, size_t n)
{
	return offset < INT64_MAX - n && pread(j->fd, room, n, (off_t)offset) == (ssize_t)n;
}

/* The head of an object of that kind, and its whole size; false when there is none. */
static bool object_at(const struct journal *j, uint64_t offset, int kind, size_t least, uint64_t *ret_size, int *ret_flags)
{
	unsigned char head[16];

	if (offset < HEADER || offset % 8 || !read_at(j, offset, head, sizeof head) || head[0] != kind)
		return false;
	*ret_size = le(head + 8, 8);
	*ret_flags = head[1];
	return *ret_size >= least && *ret_size < (uint64_t)1 << 40;
}

/* What the header says now; false when it is none that can be read. */
static bool look(struct journal *j)
{
	unsigned char head[HEADER];

	if (!read_at(j, 0, head, sizeof head) || memcmp(head, "LPKSHHRH", 8) != 0 || (le(head + 12, 4) & ~(uint64_t)KNOWN_FLAGS) || le(head + 88, 8) < HEADER)
		return false;
	j->is_compact = le(head + 12, 4) & FLAG_COMPACT;
	j->is_archived = head[16] == ARCHIVED;
	j->stream_device = (int64_t)le(head + 72, 8);
	j->stream_inode = (int64_t)(le(head + 80, 8) | 1);        /* never both 0: that is a door's */
	j->tail = (int64_t)le(head + 160, 8);
	j->head = (int64_t)le(head + 168, 8);
	j->first_array = le(head + 176, 8);
	j->n = (int64_t)MIN(le(head + 152, 8), (uint64_t)1 << 40);
	j->began_at = (int64_t)MIN(le(head + 184, 8), (uint64_t)INT64_MAX) / 1000;
	return j->head >= 0 && j->tail >= 0 && j->tail < INT64_MAX - 1;
}

/* --- which entry: the arrays --- */

static int item_size(const struct journal *j) { return j->is_compact ? 4 : 8; }

/* The array at `offset`: how many items it has room for, and the next; false when there is none. */
static bool array_at(const struct journal *j, uint64_t offset, int64_t *ret_n, uint64_t *ret_next)
{
	uint64_t size;
	unsigned char next[8];
	int flags;

	if (!object_at(j, offset, OBJECT_ARRAY, 24 + 8, &size, &flags) || !read_at(j, offset + 16, next, 8))
		return false;
	*ret_n = (int64_t)((size - 24) / (uint64_t)item_size(j));
	*ret_next = le(next, 8);
	return *ret_next == 0 || *ret_next > offset;
}

/* Makes the entry of that index the next one: its array is found from the beginning of the chain. */
static bool go_to(struct journal *j, int64_t index)
{
	uint64_t at = j->first_array, next;
	int64_t before = 0, n;

	j->index = index;
	j->array = 0;
	while (at && array_at(j, at, &n, &next)) {
		if (index < before + n) {
			j->array = at;
			j->array_from = before;
			j->array_n = n;
			return true;
		}
		before += n;
		at = next;
	}
	return false;
}

/* The offset of the entry at j->index, which is smaller than j->n; 0 when there is none. */
static uint64_t entry_offset(struct journal *j)
{
	unsigned char item[8];

	if ((!j->array || j->index >= j->array_from + j->array_n) && !go_to(j, j->index))
		return 0;
	uint64_t at = j->array + 24 + (uint64_t)(j->index - j->array_from) * (uint64_t)item_size(j);
	return read_at(j, at, item, (size_t)item_size(j)) ? le(item, item_size(j)) : 0;
}

static int64_t number_at(struct journal *j, int64_t index)
{
	unsigned char entry[24];
	uint64_t offset;

	if (j->array && index < j->array_from)
		j->array = 0;
	j->index = index;
	offset = entry_offset(j);
	return offset && read_at(j, offset, entry, sizeof entry) ? (int64_t)le(entry + 16, 8) : 0;
}

/* The first index whose number is not smaller; numbers only grow. */
static int64_t index_of(struct journal *j, int64_t number)
{
	int64_t low = 0, high = j->n;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		if (number_at(j, middle) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- what an entry says --- */

enum field { NOTHING, MESSAGE, IDENTIFIER, COMM, SYSLOG_PID, PID, HOST, UID, OWNER, FIELDS };
static const char *const field_name[FIELDS] = { [MESSAGE] = "MESSAGE=", [IDENTIFIER] = "SYSLOG_IDENTIFIER=", [COMM] = "_COMM=", [SYSLOG_PID] = "SYSLOG_PID=",
	[PID] = "_PID=", [HOST] = "_HOSTNAME=", [UID] = "_UID=", [OWNER] = "_SYSTEMD_OWNER_UID=" };
enum { SHORT = 72 };

/* The same host, program and uid stand in most entries, as one object: what it was is remembered. */
static struct kept { uint64_t offset, file; uint8_t field, n; char text[SHORT]; } kept[KEPT];
struct said { struct str of[FIELDS]; char room[FIELDS][SHORT]; bool is_lacking; };

static char text_room[TEXT_MOST + 64], packed_room[PACKED_MOST];

static enum field field_of(struct str s)
{
	for (enum field f = MESSAGE; f < FIELDS; f++)
		if (str_starts(s, str_of(field_name[f])))
			return f;
	return NOTHING;
}

/* Unpacked as far as there is room: what is longer is cut like a long line. */
static struct str unpack(const struct journal *j, uint64_t at, uint64_t n)
{
	static ZSTD_DStream *stream;
	size_t some = (size_t)MIN(n, (uint64_t)PACKED_MOST);
	ZSTD_outBuffer out = { text_room, TEXT_MOST, 0 };

	if (!stream && !(stream = ZSTD_createDStream()))
		abort();                         /* no memory: keeper starts the reader anew */
	if (!read_at(j, at, packed_room, some))
		return STR_NONE;
	ZSTD_inBuffer in = { packed_room, some, 0 };
	ZSTD_initDStream(stream);
	for (size_t left = 1; left && out.pos < out.size && in.pos < in.size; )
		if (ZSTD_isError(left = ZSTD_decompressStream(stream, &out, &in)))
			return STR_NONE;
	return (struct str){ text_room, out.pos };
}

static struct str data_text(const struct journal *j, uint64_t offset, struct said *said)
{
	static unsigned char room[DATA_ROOM];
	size_t head = j->is_compact ? 72 : 64;
	uint64_t size;
	int flags;

	/* The last object of a file may be shorter than the room. */
	ssize_t got = pread(j->fd, room, sizeof room, (off_t)offset);
	if (offset < HEADER || offset % 8 || got < (ssize_t)head || room[0] != OBJECT_DATA || (size = le(room + 8, 8)) < head)
		return STR_NONE;
	flags = room[1] & PACKED;
	if (flags == ZSTD)
		return unpack(j, offset + head, size - head);
	said->is_lacking |= flags != 0;
	if (flags)
		return STR_NONE;
	if (size <= (uint64_t)got)
		return (struct str){ (const char *)room + head, (size_t)size - head };
	enum field field = field_of((struct str){ (const char *)room + head, (size_t)got - head });
	size_t n = (size_t)MIN(size - head, (uint64_t)TEXT_MOST);
	return field == MESSAGE && read_at(j, offset + head, text_room, n) ? (struct str){ text_room, n } : STR_NONE;
}

static void take_data(const struct journal *j, uint64_t offset, struct said *said)
{
	static char message[TEXT_MOST];
	struct kept *known = &kept[(offset / 8 + j->serial * 31) % KEPT];

	if (known->offset != offset || known->file != j->serial) {
		struct str text = data_text(j, offset, said);
		enum field field = field_of(text);
		if (field)
			text = str_from(text, strlen(field_name[field]));
		if (field == MESSAGE) {
			memcpy(message, text.at, text.len);
			said->of[MESSAGE] = (struct str){ message, text.len };
			return;
		}
		text = field ? str_first(text, SHORT) : STR("");
		*known = (struct kept){ .offset = offset, .file = j->serial, .field = (uint8_t)field, .n = (uint8_t)text.len };
		memcpy(known->text, text.at, text.len);
	}
	if (!known->field)
		return;
	memcpy(said->room[known->field], known->text, known->n);
	said->of[known->field] = (struct str){ said->room[known->field], known->n };
}

/* A word of a syslog line: without spaces, "-" when there is none. */
static void put_word(struct out *line, struct str word, char end)
{
	for (size_t i = 0; i < word.len; i++)
		out_byte(line, (unsigned char)word.at[i] <= ' ' || word.at[i] == 0x7f ? '_' : word.at[i]);
	if (!word.len)
		out_byte(line, '-');
	out_byte(line, end);
}

static void put_moment(struct out *line, int64_t microseconds)
{
	out_instant_utc(line, (struct instant){ microseconds / 1000 });
	line->len--;                             /* the Z stands behind the fraction */
	out_print(line, ".%03dZ ", (int)(microseconds / 1000 % 1000));
}

static void say_line(struct log_state *state, int64_t microseconds, const struct said *said)
{
	static struct arena *arena;

	if (!arena && !(arena = arena_new((size_t)1 << 20)))
		abort();
	struct out line = out_new(arena);
	out_text(&line, "<38>1 ");
	put_moment(&line, microseconds);
	put_word(&line, said->of[HOST], ' ');
	put_word(&line, said->of[IDENTIFIER].len ? said->of[IDENTIFIER] : said->of[COMM], ' ');
	put_word(&line, said->of[SYSLOG_PID].len ? said->of[SYSLOG_PID] : said->of[PID], ' ');
	out_text(&line, "- - ");
	out_put(&line, said->of[MESSAGE]);
	logs_take(state, out_str(&line), true);
	arena_empty(arena);
}

/* The entry at j->index; false: it cannot be read. */
static bool take_entry(struct log_state *state, struct journal *j, bool is_warm)
{
	static unsigned char entry[ENTRY_ROOM];
	struct said said = { 0 };
	uint64_t offset = entry_offset(j), size;
	size_t item = j->is_compact ? 4 : 16;
	int flags;

	if (!offset || !object_at(j, offset, OBJECT_ENTRY, 64 + item, &size, &flags))
		return false;
	size = MIN(size, (uint64_t)ENTRY_ROOM);
	if (!read_at(j, offset, entry, (size_t)size))
		return false;
	int64_t number = (int64_t)MIN(le(entry + 16, 8), (uint64_t)INT64_MAX - 1), at_us = (int64_t)MIN(le(entry + 24, 8), (uint64_t)INT64_MAX / 2);
	if (!is_warm) {
		if (number > j->tail)
			return false;
		if (number < j->stream->next)
			return true;             /* told before */
		j->stream->next = number + 1;
		j->stream->read_until = MAX(j->stream->read_until, at_us / 1000);
	}
	for (size_t at = 64; at + item <= size; at += item)
		take_data(j, le(entry + at, j->is_compact ? 4 : 8), &said);
	bool is_somebodys = said.of[OWNER].len && said.of[UID].len && !str_equal(said.of[UID], STR("0"));
	if (said.of[MESSAGE].len && !is_somebodys)
		say_line(state, at_us, &said);
	else
		logs.batch.lines++;
	logs.batch.unreadable += said.is_lacking && !said.of[MESSAGE].len;
	return true;
}

/* --- files that come and go --- */

static struct journal_stream streams[LOG_POSITIONS];
static struct journal journals[JOURNALS];
static int n_journals;
static uint64_t last_serial;

/* The moment of the last entry that was read of a source; INT64_MAX: it has never been read. */
static int64_t read_until(uint32_t source)
{
	int64_t until = INT64_MIN;

	for (uint32_t i = 0; i < logs.from.n; i++)
		if (logs.from.at[i].source == source)
			until = MAX(until, (int64_t)logs.from.at[i].head);
	for (size_t i = 0; i < LENGTH(streams); i++)
		if (streams[i].is_there && streams[i].source == source)
			until = MAX(until, streams[i].read_until);
	return until == INT64_MIN ? INT64_MAX : until;
}

static const struct log_position *kept_place(uint32_t source, const struct journal *j)
{
	for (uint32_t i = 0; i < logs.from.n; i++) {
		const struct log_position *at = &logs.from.at[i];
		if (at->source == source && at->device == j->stream_device && at->inode == j->stream_inode)
			return at;
	}
	return NULL;
}

/* Where reading of that stream goes on. A new one begins where core says, else with this file. NULL: too many. */
static struct journal_stream *stream_of(uint32_t source, const struct journal *j, const struct log_position *kept_at)
{
	struct journal_stream *free_one = NULL;

	for (size_t i = 0; i < LENGTH(streams); i++) {
		struct journal_stream *stream = &streams[i];
		if (stream->is_there && stream->source == source && stream->device == j->stream_device && stream->inode == j->stream_inode)
			return stream;
		if (!stream->is_there && !free_one)
			free_one = stream;
	}
	if (free_one)
		*free_one = (struct journal_stream){ .is_there = true, .is_new = !kept_at, .is_cold = kept_at && logs.from.is_cold, .source = source,
			.device = j->stream_device, .inode = j->stream_inode, .next = kept_at ? kept_at->offset : j->head, .read_until = kept_at ? (int64_t)kept_at->head : 0 };
	return free_one;
}

static void say_place(const struct journal_stream *stream, int64_t from, uint32_t flags)
{
	logs_send(&logs.state[stream->source], &(struct log_position){ .device = stream->device, .inode = stream->inode, .offset = stream->next,
		.head = (uint64_t)stream->read_until }, from, flags);
}

/* With the last file of a stream that has been followed by another it is forgotten. */
static void close_journal(int i)
{
	struct journal_stream *stream = journals[i].stream;
	bool is_last = true, is_followed = false;

	close(journals[i].fd);
	journals[i] = journals[--n_journals];
	for (int k = 0; k < n_journals; k++)
		is_last &= journals[k].stream != stream;
	for (size_t k = 0; k < LENGTH(streams); k++)
		is_followed |= streams[k].is_there && streams[k].source == stream->source && streams[k].read_until > stream->read_until;
	if (!is_last || !is_followed)
		return;
	say_place(stream, stream->next, LOG_FORGET);
	stream->is_there = false;
}

/* Room for one more: what has been read to its end, the oldest first. */
static void make_room(void)
{
	int oldest = 0;

	for (int i = 1; i < n_journals; i++)
		if (journals[i].is_read && (!journals[oldest].is_read || journals[i].read_at < journals[oldest].read_at))
			oldest = i;
	if (n_journals == JOURNALS)
		close_journal(oldest);
}

/* Where in this file reading begins; before it, what warms the rules' memory. */
static void begin(struct journal *j)
{
	int64_t index = index_of(j, j->stream->next);
	bool is_last_read = j->tail + 1 == j->stream->next || index < j->n;

	j->warm_until = 0;
	if (j->stream->is_cold && is_last_read && index > 0) {
		j->warm_until = index;
		index = MAX(index - WARM_ENTRIES, (int64_t)0);
	}
	if (j->stream->is_cold && index < j->n)
		j->stream->is_cold = false;
	(void)go_to(j, index);
}

void logs_journal_open(struct log_state *state, const struct log_open *of, int fd)
{
	uint32_t source = (uint32_t)(state - logs.state);
	struct journal j = { .fd = fd, .state = state, .device = of->device, .inode = of->inode, .is_older = of->is_older != 0, .read_at = logs.ticks,
		.serial = ++last_serial };

	for (int i = 0; i < n_journals; i++)
		if (journals[i].state == state && journals[i].device == of->device && journals[i].inode == of->inode) {
			journals[i].is_older |= j.is_older;    /* it has been renamed */
			close(fd);
			return;
		}
	bool is_right = look(&j);
	const struct log_position *kept_at = is_right ? kept_place(source, &j) : NULL;
	j.is_older |= j.is_archived;
	if (is_right && !kept_at && j.is_older && j.began_at <= read_until(source)) {
		close(fd);
		return;
	}
	j.stream = is_right ? stream_of(source, &j, kept_at) : NULL;
	if (!j.stream) {
		world_log("reader: a file of the journal %s is none that can be read", state->source->name);
		logs.batch.unreadable++;
		logs.batch.lines++;
		logs_send(state, NULL, 0, 0);
		close(fd);
		return;
	}
	make_room();
	begin(&j);
	journals[n_journals++] = j;
	if (j.stream->is_new)
		say_place(j.stream, 0, LOG_AGAIN);       /* known from now on, whoever dies */
	j.stream->is_new = false;
}

/* --- reading --- */

static bool read_some(struct log_state *state, struct journal *j)
{
	int64_t from = j->stream->next, before = j->index;
	bool is_warm = j->index < j->warm_until;
	int64_t end = MIN(j->index + A_TURN, is_warm ? j->warm_until : j->n);

	for (; j->index < end; j->index++) {
		if (take_entry(state, j, is_warm))
			continue;
		logs.batch.unreadable++;
		logs.batch.lines++;
	}
	if (j->index == before)
		return false;
	j->read_at = logs.ticks;
	say_place(j->stream, from, is_warm ? LOG_WARM : 0);
	return true;
}

/* Another file of its stream has what comes before. */
static bool must_wait(const struct journal *j)
{
	for (int i = 0; i < n_journals; i++)
		if (journals[i].stream == j->stream && !journals[i].is_read && journals[i].head < j->head)
			return true;
	return false;
}

bool logs_journal_turn(struct log_state *state)
{
	bool is_more = false;

	for (int i = 0; i < n_journals; i++)
		if (journals[i].state == state) {
			(void)look(&journals[i]);
			journals[i].is_read = journals[i].index >= journals[i].n;
		}
	for (int i = 0; i < n_journals && logs_may_send(); i++) {
		struct journal *j = &journals[i];
		if (j->state != state || must_wait(j))
			continue;
		if (!j->is_read && read_some(state, j))
			is_more = true;
		else if (j->is_read && (j->is_older || j->is_archived))
			close_journal(i--);
	}
	return is_more;
}
