/* Files named on the command line. Read, never mapped: a file that shrinks while it is mapped kills the reader.
 *
 * SECURITY: a directory or a device is refused like a file that is not there; what stands in a file is nobody's business here. */
#include "base/input.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

int input_open(struct str path, struct trouble *trouble)
{
	char name[4096];
	struct stat about;

	if (str_equal(path, STR("-")))
		return dup(0);
	if (path.len >= sizeof name) {
		(void)trouble_say(trouble, ERR_NONE, "the name of the file is too long");
		return -1;
	}
	memcpy(name, path.at, path.len);
	name[path.len] = '\0';
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0 && fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
		close(fd);
		fd = -1;
		errno = EISDIR;
	}
	if (fd < 0)
		(void)trouble_say(trouble, errno == ENOENT || errno == ENOTDIR ? ERR_NONE : ERR_IO, "%s: %s", name, strerror(errno));
	return fd;
}

enum err input_whole(struct arena *arena, struct str path, size_t most, struct str *ret, struct trouble *trouble)
{
	int fd = input_open(path, trouble);
	struct out out = out_new(arena);
	struct stat about;
	ssize_t got = 1;

	if (fd < 0)
		return trouble->err;
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && (size_t)about.st_size <= most) {
		(void)out_room(&out, (size_t)about.st_size + 65536 + 1);
		out.len = 0;
	}
	while (got > 0 && out.len <= most) {
		size_t before = out.len;
		char *room = out_room(&out, 65536);
		do
			got = read(fd, room, 65536);
		while (got < 0 && errno == EINTR);
		out.len = before + (got > 0 ? (size_t)got : 0);
	}
	close(fd);
	if (got < 0)
		return trouble_say(trouble, ERR_IO, STR_FMT ": %s", STR_ARG(path), strerror(errno));
	if (out.len > most)
		return trouble_say(trouble, ERR_FULL, STR_FMT ": longer than %zu bytes", STR_ARG(path), most);
	out_byte(&out, '\0');
	*ret = (struct str){ out.at, out.len - 1 };
	return OK;
}
