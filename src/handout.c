/* Files for the caller of a command, made behind core's walls and copied outside of them.
 *
 * SECURITY: core can write to HOME/store alone, whoever asks. Names are checked by the caller again: letters, digits, dot, hyphen and
 * underline, at most one folder deep, nothing that begins with a dot; every file is written anew. */
#define LONG_LIVED
#include "handout.h"
#include "base/world.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { MOST_NAME = 520 };

static int open_store(void)
{
	char path[300];

	snprintf(path, sizeof path, "%s/store", core.boot.home);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum err handout_begin(struct rq *rq, struct handout *ret)
{
	uint64_t chance;
	int store = open_store();
	struct handout handout = { .dir = -1 };

	world.random(&chance, sizeof chance);
	snprintf(handout.name, sizeof handout.name, "out-%016llx", (unsigned long long)chance);
	if (store >= 0 && mkdirat(store, handout.name, 0700) == 0)
		handout.dir = openat(store, handout.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int why = errno;
	if (store >= 0)
		close(store);
	if (handout.dir < 0)
		return fail(rq, why == ENOSPC ? ERR_FULL : ERR_IO, _("%s cannot be made: %s"), handout.name, strerror(why));
	*ret = handout;
	return OK;
}

/* Files and, one deep, folders of a folder. */
static int walk(int dir, int depth, const char *prefix, int (*each)(int dir, const char *entry, const char *name, void *of), void *of)
{
	char name[MOST_NAME];
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), failed = 0;
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	for (struct dirent *entry; list && !failed && (entry = readdir(list)); ) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "/" : "", entry->d_name);
		int inner = depth ? openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) : -1;
		if (inner >= 0) {
			failed = walk(inner, depth - 1, name, each, of);
			close(inner);
		}
		failed = failed ? failed : each(dir, entry->d_name, name, of);
	}
	if (list)
		closedir(list);
	return list ? failed : errno;
}

static int send_file(int dir, const char *entry, const char *name, void *of)
{
	struct { struct control_out out; char name[MOST_NAME]; } packet = { .out.stream = STREAM_NAMED };
	struct stat about;
	int fd = openat(dir, entry, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), failed = 0;
	size_t n = strlen(name);

	if (fd < 0)
		return errno;
	memcpy(packet.name, name, n);
	/* A folder goes too, without bytes: an export has it also when it is empty. */
	if (fstat(fd, &about) != 0 || channel_send(*(int *)of, (struct message){ .kind = MESSAGE_CONTROL_OUT }, &packet.out.stream,
	    sizeof packet.out - sizeof packet.out.head + n, &fd, S_ISREG(about.st_mode)) != OK)
		failed = EIO;
	close(fd);
	return failed;
}

enum err handout_send(struct rq *rq, const struct handout *handout, int control_fd)
{
	int failed = walk(handout->dir, 1, "", send_file, &control_fd);
	return failed ? fail(rq, ERR_IO, _("The files could not be handed over: %s"), strerror(failed)) : OK;
}

static int remove_one(int dir, const char *entry, const char *name, void *of)
{
	(void)name;
	(void)of;
	return unlinkat(dir, entry, 0) == 0 || unlinkat(dir, entry, AT_REMOVEDIR) == 0 ? 0 : errno;
}

static void remove_folder(int store, const char *name)
{
	int dir = openat(store, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (dir < 0)
		return;
	int failed = walk(dir, 1, "", remove_one, NULL);
	close(dir);
	if (failed || unlinkat(store, name, AT_REMOVEDIR) != 0)
		world_log("core: HOME/store/%s could not be removed: %s", name, strerror(failed ? failed : errno));
}

void handout_end(struct handout *handout)
{
	int store = open_store();

	close(handout->dir);
	if (store >= 0) {
		remove_folder(store, handout->name);
		close(store);
	}
}

void handout_tidy(void)
{
	int store = open_store();
	DIR *list = store < 0 ? NULL : fdopendir(store);

	for (struct dirent *entry; list && (entry = readdir(list)); )
		if (strncmp(entry->d_name, "out-", 4) == 0)
			remove_folder(store, entry->d_name);
	if (list)
		closedir(list);
}

/* --- the caller's side --- */

bool handout_is_empty(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	for (struct dirent *entry; list && (entry = readdir(list)); )
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	if (list)
		closedir(list);
	return list && n == 0;
}

static bool is_good_name(const char *name)
{
	int slashes = 0;

	for (const char *at = name; *at; at++) {
		bool is_first = at == name || at[-1] == '/';
		bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '-' || *at == '_';
		slashes += *at == '/';
		if (!is_plain && (is_first || (*at != '.' && *at != '/')))
			return false;
	}
	return *name && slashes <= 1 && name[strlen(name) - 1] != '/';
}

static bool copy_bytes(int from, int to)
{
	char room[65536];
	ssize_t got;

	while ((got = read(from, room, sizeof room)) > 0)
		for (ssize_t done = 0, put; done < got; done += put)
			if ((put = write(to, room + done, (size_t)(got - done))) <= 0)
				return false;
	return got == 0;
}

static bool take(const char *name, int from, int dir)
{
	char folder[MOST_NAME];
	const char *slash = strchr(name, '/');

	if (from < 0)
		return mkdirat(dir, name, 0700) == 0 || errno == EEXIST;
	if (slash) {
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - name), name);
		if (mkdirat(dir, folder, 0700) != 0 && errno != EEXIST)
			return false;
	}
	int to = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return false;
	bool is_whole = copy_bytes(from, to);
	return close(to) == 0 && is_whole;
}

bool handout_take(const struct parcel *parcel, int dir)
{
	const struct control_out *out = parcel->at;
	size_t n = parcel->length - sizeof *out;
	char name[MOST_NAME];

	errno = EINVAL;
	if (n >= sizeof name)
		return false;
	memcpy(name, out + 1, n);
	name[n] = '\0';
	if (dir >= 0 && is_good_name(name) && take(name, parcel->n_files ? parcel->files[0] : -1, dir))
		return true;
	fprintf(stderr, "samordna: %s: %s\n", is_good_name(name) ? name : "a file", strerror(errno));
	return false;
}
