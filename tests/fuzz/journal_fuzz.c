/* Any bytes as a file of the systemd journal, and one that is whole but for some bytes: it is read to an end or passed over, and then again from where reading
 * stopped. What is told never grows with the second reading: an entry counts once.
 *
 * The first byte says how: 0 the rest is the file; else a small file is made, and the rest are changes to it, four bytes each: where (3) and what. */
#include <sys/mman.h>
#include "base/world.h"
#define world_log(...) ((void)0)
#include "../../src/doors/logs_journal.c"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

/* What it leans on. */
struct logs logs;
static int64_t n_told;
void logs_take(struct log_state *state, struct str text, bool is_message)
{
	(void)state;
	assert(is_message && text.len < 70000 && text.at[0] == '<');
	n_told++;
}
void logs_send(struct log_state *state, const struct log_position *position, int64_t from, uint32_t flags)
{
	(void)state;
	assert(!position || flags & (LOG_AGAIN | LOG_WARM | LOG_FORGET) || position->offset >= from);
	memset(&logs.batch, 0, sizeof logs.batch);
}

enum { FILE_MOST = 1 << 20, ENTRIES = 40, ROW = 16 };
static char file[FILE_MOST];

static void put(size_t at, uint64_t value, int n)
{
	for (int i = 0; i < n; i++)
		file[at + (size_t)i] = (char)(value >> 8 * i);
}

static size_t put_object(size_t at, int kind, size_t size)
{
	file[at] = (char)kind;
	put(at + 8, size, 8);
	return (at + size + 7) & ~(size_t)7;
}

static size_t data(size_t *end, const char *text)
{
	size_t at = *end, n = strlen(text);

	memcpy(file + at + 64, text, n);
	*end = put_object(at, 1, 64 + n);
	return at;
}

/* As journald lays it, without its hash tables. */
static size_t make(void)
{
	size_t end = 264, array = 0, last = 0;
	char text[80];

	memset(file, 0, 32768);
	memcpy(file, "LPKSHHRH", 8);
	put(88, 264, 8);
	put(152, ENTRIES, 8);
	put(160, ENTRIES, 8);
	put(168, 1, 8);
	memset(file + 72, 7, 16);
	size_t name = data(&end, "SYSLOG_IDENTIFIER=sshd"), host = data(&end, "_HOSTNAME=gw");
	for (int i = 0; i < ENTRIES; i++) {
		if (i % ROW == 0) {
			last = array;
			array = end;
			end = put_object(array, 6, 24 + 8 * ROW);
			put(last ? last + 16 : 176, array, 8);
		}
		snprintf(text, sizeof text, "MESSAGE=Failed password for root from 192.0.2.%d port 22 ssh2", i);
		size_t said[] = { name, host, data(&end, text) }, entry = end;
		end = put_object(entry, 3, 64 + 16 * 3);
		put(entry + 16, (uint64_t)i + 1, 8);
		put(entry + 24, 1795503600000000u + (uint64_t)i, 8);
		for (size_t k = 0; k < 3; k++)
			put(entry + 64 + 16 * k, said[k], 8);
		put(array + 24 + 8 * (size_t)(i % ROW), entry, 8);
	}
	return end;
}

static void read_it(int fd, int64_t inode)
{
	logs_journal_open(&logs.state[0], &(struct log_open){ .device = 1, .inode = inode }, dup(fd));
	for (int i = 0; i < 100 && logs_journal_turn(&logs.state[0]); i++)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static struct log_boot boot = { .n = 1, .source = { { .name = "fuzz", .kind = LOG_JOURNAL } } };
	size_t size;

	if (n < 1 || n > FILE_MOST)
		return 0;
	logs.boot = &boot;
	logs.is_told = true;
	logs.state[0].source = &boot.source[0];
	if (at[0]) {
		size = make();
		for (size_t i = 1; i + 4 <= n; i += 4)
			file[(at[i] | (size_t)at[i + 1] << 8 | (size_t)at[i + 2] << 16) % size] = (char)at[i + 3];
	} else {
		memcpy(file, at + 1, size = n - 1);
	}
	int fd = memfd_create("journal", MFD_CLOEXEC);
	assert(fd >= 0 && write(fd, file, size) == (ssize_t)size);
	n_told = 0;
	read_it(fd, 1);
	assert((at[0] || n > HEADER || n_told == 0) && (n > 4 || !at[0] || n_told == ENTRIES));
	n_told = 0;
	read_it(fd, 2);
	assert(n_told == 0);
	while (n_journals)
		close_journal(0);
	memset(streams, 0, sizeof streams);
	close(fd);
	return 0;
}
