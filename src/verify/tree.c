/* The tree of RFC 9162 section 2.1, and files read within bounds.
 *
 * Of the tree only the frontier is kept: a hash for each complete subtree, the largest first. Leaf hash SHA-256(0x00, leaf), node hash
 * SHA-256(0x01, left, right): the prefixes keep a node from being passed off as a leaf.
 *
 * SECURITY: only plain files are opened, nothing is followed inside an export, and a FIFO cannot make us wait. */
#include "verify.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 1 << 20, LONGEST_LINE = 1 << 28 };

static void join(const unsigned char left[32], const unsigned char right[32], unsigned char ret[32])
{
	unsigned char both[65] = { 1 };

	memcpy(both + 1, left, 32);
	memcpy(both + 33, right, 32);
	crypto_hash_sha256(ret, both, sizeof both);
}

void tree_add(struct tree *tree, struct text leaf)
{
	crypto_hash_sha256_state state;
	unsigned char hash[32];
	int n = __builtin_popcountll((uint64_t)tree->size);

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)"\0", 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)leaf.at, leaf.len);
	crypto_hash_sha256_final(&state, hash);
	for (int64_t rest = tree->size; rest & 1; rest >>= 1)
		join(tree->frontier[--n], hash, hash);
	memcpy(tree->frontier[n], hash, 32);
	tree->size++;
}

void tree_root(const struct tree *tree, unsigned char ret[32])
{
	int n = __builtin_popcountll((uint64_t)tree->size);

	if (n == 0)
		crypto_hash_sha256(ret, (const unsigned char *)"", 0);
	else
		memcpy(ret, tree->frontier[--n], 32);
	while (n-- > 0)
		join(tree->frontier[n], ret, ret);
}

/* --- files --- */

int file_open(int dir, const char *name, bool may_follow)
{
	struct stat about;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (may_follow ? 0 : O_NOFOLLOW));

	if (fd < 0)
		return -1;
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

static ssize_t read_some(int fd, char *at, size_t n)
{
	ssize_t got;

	while ((got = read(fd, at, n)) < 0 && errno == EINTR)
		continue;
	return got;
}

char *file_whole(int fd, size_t most, size_t *ret)
{
	size_t size = 4096, n = 0;
	char *room = malloc(size), *more = room;

	for (ssize_t got = 1; room && got > 0; n += (size_t)(got > 0 ? got : 0)) {
		if (n == size && (more = realloc(room, size *= 2)))
			room = more;
		got = more ? read_some(fd, room + n, size - n) : -1;
		if (got < 0 || n + (size_t)got > most) {
			int why = got >= 0 ? EFBIG : more ? errno : ENOMEM;
			free(room);
			errno = why;
			return NULL;
		}
	}
	*ret = n;
	return room;
}

bool file_hash(int fd, unsigned char ret[32])
{
	static char room[1 << 16];
	crypto_hash_sha256_state state;
	ssize_t got;

	crypto_hash_sha256_init(&state);
	while ((got = read_some(fd, room, sizeof room)) > 0)
		crypto_hash_sha256_update(&state, (const unsigned char *)room, (size_t)got);
	crypto_hash_sha256_final(&state, ret);
	return got == 0;
}

/* Makes room behind `to`: what has been handed out goes, and a line that fills the window doubles it. */
static enum reading make_room(struct reader *reader)
{
	memmove(reader->room, reader->room + reader->from, reader->to - reader->from);
	reader->to -= reader->from;
	reader->from = 0;
	if (reader->to < reader->size)
		return READING_LINE;
	size_t size = reader->size * 2;
	char *more = size <= LONGEST_LINE ? realloc(reader->room, size) : NULL;
	if (!more)
		return READING_LONG;
	reader->room = more;
	reader->size = size;
	return READING_LINE;
}

enum reading reader_line(struct reader *reader, struct text *ret)
{
	size_t seen = 0;

	if (!reader->room && !(reader->room = malloc(reader->size = WINDOW))) {
		reader->why = ENOMEM;
		return READING_FAILED;
	}
	for (;;) {
		const char *at = reader->room + reader->from;
		size_t n = reader->to - reader->from;
		const char *hit = n > seen ? memchr(at + seen, '\n', n - seen) : NULL;
		if (hit || reader->is_ended) {
			*ret = (struct text){ at, hit ? (size_t)(hit - at) : n };
			reader->from += ret->len + (hit != NULL);
			return hit ? READING_LINE : n ? READING_TORN : READING_END;
		}
		seen = n;
		if (reader->to == reader->size && make_room(reader) != READING_LINE)
			return READING_LONG;
		ssize_t got = read_some(reader->fd, reader->room + reader->to, reader->size - reader->to);
		if (got < 0) {
			reader->why = errno;
			return READING_FAILED;
		}
		reader->is_ended = got == 0;
		reader->to += (size_t)got;
	}
}
