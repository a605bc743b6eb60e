/* The note of the last backup: "MILLISECONDS BYTES PATH".
 *
 * SECURITY: the file is HOME's own and trusted as far as the store is; what does not have its form counts as no backup, never as one. */
#define LONG_LIVED
#include "backup_note.h"
#include "base/world.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static void name_of(const char *home, const char *ending, char *room, size_t size)
{
	snprintf(room, size, "%s/store/last-backup%s", home, ending);
}

void backup_note_write(const char *home, const struct backup_note *note)
{
	char path[320], part[320], line[400];

	name_of(home, "", path, sizeof path);
	name_of(home, ".part", part, sizeof part);
	int n = snprintf(line, sizeof line, "%lld %lld %s\n", (long long)note->at.ms, (long long)note->bytes, note->path);
	unlink(part);
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	bool is_good = fd >= 0 && n > 0 && n < (int)sizeof line && write(fd, line, (size_t)n) == n && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!is_good || rename(part, path) != 0)
		world_log("samordna: the backup is made, but %s could not be written: %s", path, strerror(errno));
}

static bool read_note(const char *path, struct backup_note *ret)
{
	char line[400];
	struct backup_note note = { 0 };
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, line, sizeof line);
	if (fd >= 0)
		close(fd);
	if (got < 5 || line[got - 1] != '\n')
		return false;
	struct str rest = { line, (size_t)got - 1 }, at = str_cut(&rest, ' '), bytes = str_cut(&rest, ' ');
	if (str_number(at, INT64_MAX, &note.at.ms) != OK || str_number(bytes, INT64_MAX, &note.bytes) != OK || !rest.at
	    || rest.len >= sizeof note.path || !str_is_utf8(rest))
		return false;
	memcpy(note.path, rest.at, rest.len);
	*ret = note;
	return true;
}

/* Every page of a coordinator asks, and backups are seldom: a note that is the same file still is not read again. */
bool backup_note_read(const char *home, struct backup_note *ret)
{
	static _Thread_local struct { ino_t file; struct timespec at; bool is_good; struct backup_note note; } last;
	char path[320];
	struct stat now;

	name_of(home, "", path, sizeof path);
	if (lstat(path, &now) != 0)
		return false;
	if (last.file != now.st_ino || last.at.tv_sec != now.st_mtim.tv_sec || last.at.tv_nsec != now.st_mtim.tv_nsec) {
		last.is_good = read_note(path, &last.note);
		last.file = now.st_ino;
		last.at = now.st_mtim;
	}
	if (last.is_good)
		*ret = last.note;
	return last.is_good;
}
