/* keeper's part of watched journals: it looks in the directory for files that have got a name or lost one, and hands them to the reader, archived ones first.
 *
 * Without a directory it is this machine's own: /var/log/journal/ID when journald keeps its journal, else /run/log/journal/ID, never both, since
 * what stood in the second is copied to the first. user-*.journal are people's own processes, whose word on logins is nobody's.
 *
 * SECURITY: nothing is read here but names. What is no plain file is not handed over. A file that cannot be opened is said once. */
#define LONG_LIVED
#include "keeper.h"
#include "base/world.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { NAMES = 512, JOURNAL_NAME = 160, SETTLED_MS = 1000 };

struct name { char text[JOURNAL_NAME]; bool is_older; };
static struct given { uint32_t source; bool is_there, is_older, is_seen; int64_t device, inode; } given[NAMES];
static struct { struct timespec changed; int64_t looked; bool is_whole, is_told; } state[LOG_SOURCES];

void keeper_forget_journals(void)
{
	memset(given, 0, sizeof given);
	memset(state, 0, sizeof state);
}

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);
	return n > k && strcmp(name + n - k, end) == 0;
}

/* "system.journal" is written to, "system@ID-NUMBER-MOMENT.journal" and what ends in ~ no more. */
static bool is_journal(const char *name, struct name *ret)
{
	if (strlen(name) >= JOURNAL_NAME || strncmp(name, "user-", 5) == 0 || !(ends_in(name, ".journal") || ends_in(name, ".journal~")))
		return false;
	snprintf(ret->text, sizeof ret->text, "%s", name);
	ret->is_older = strchr(name, '@') || ends_in(name, "~");
	return true;
}

static int in_order(const void *a, const void *b)
{
	const struct name *one = a, *other = b;
	return one->is_older != other->is_older ? other->is_older - one->is_older : strcmp(one->text, other->text);
}

static struct given *given_of(uint32_t source, const struct stat *about)
{
	struct given *free_one = NULL;

	for (size_t i = 0; i < NAMES; i++) {
		if (given[i].is_there && given[i].source == source && given[i].device == (int64_t)about->st_dev && given[i].inode == (int64_t)about->st_ino)
			return &given[i];
		if (!given[i].is_there && !free_one)
			free_one = &given[i];
	}
	return free_one;
}

/* False: the reader has no room for more now. */
static bool give(struct keeper *keeper, uint32_t source, int dir, const struct name *name)
{
	struct log_open opened = { .source = source, .is_older = name->is_older };
	struct stat about;
	int fd = openat(dir, name->text, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
		if (fd < 0 && errno != ENOENT && !state[source].is_told)
			world_log("keeper: the journal %s: %s cannot be opened: %s", keeper->boot->logs.source[source].name, name->text, strerror(errno));
		state[source].is_told |= fd < 0 && errno != ENOENT;
		if (fd >= 0)
			close(fd);
		return true;
	}
	struct given *to = given_of(source, &about);
	bool is_given = to && to->is_there && to->is_older == name->is_older, is_sent = false;
	opened.device = (int64_t)about.st_dev;
	opened.inode = (int64_t)about.st_ino;
	if (to && !is_given)
		is_sent = channel_send(keeper->child[ROW_READER].channel, (struct message){ .kind = MESSAGE_LOG_OPEN }, &opened.source,
		                       sizeof opened - sizeof opened.head, &fd, 1) == OK;
	if (is_sent)
		*to = (struct given){ .source = source, .is_there = true, .is_older = name->is_older, .device = opened.device, .inode = opened.inode };
	if (is_given || is_sent)
		to->is_seen = true;
	close(fd);
	return is_given || is_sent || !to;
}

/* What has been deleted: its inode may come back as another file. */
static void forget_gone(uint32_t source)
{
	for (size_t i = 0; i < NAMES; i++)
		if (given[i].source == source) {
			given[i].is_there &= given[i].is_seen;
			given[i].is_seen = false;
		}
}

static bool own_directory(char *room, size_t size)
{
	static const char *const places[] = { "/var/log/journal", "/run/log/journal" };
	char id[40] = "";
	struct stat about;
	int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);

	bool has_id = fd >= 0 && read(fd, id, 32) == 32 && strspn(id, "0123456789abcdef") == 32;
	if (fd >= 0)
		close(fd);
	for (size_t i = 0; has_id && i < LENGTH(places); i++) {
		snprintf(room, size, "%s/%s", places[i], id);
		if (stat(room, &about) == 0 && S_ISDIR(about.st_mode))
			return true;
	}
	return false;
}

void keeper_look_at_journal(struct keeper *keeper, uint32_t source, int64_t now)
{
	static struct name names[NAMES];
	char own[300];
	const char *path = keeper->boot->log_path[source];
	struct stat about;
	size_t n = 0;

	if (!path[0])
		path = own_directory(own, sizeof own) ? own : "";
	if (!path[0] || stat(path, &about) != 0)
		return;
	/* A change within the same tick of the file system's clock could not be seen: it is looked at again until it has settled. */
	bool is_same = state[source].changed.tv_sec == about.st_mtim.tv_sec && state[source].changed.tv_nsec == about.st_mtim.tv_nsec;
	if (is_same && state[source].is_whole && now - state[source].looked > SETTLED_MS)
		return;
	DIR *list = opendir(path);
	if (!list) {
		if (!state[source].is_told)
			world_log("keeper: the journal %s: %s cannot be listed: %s", keeper->boot->logs.source[source].name, path, strerror(errno));
		state[source].is_told = true;
		return;
	}
	for (struct dirent *entry; n < NAMES && (entry = readdir(list)); )
		n += is_journal(entry->d_name, &names[n]);
	qsort(names, n, sizeof names[0], in_order);
	bool is_whole = true;
	for (size_t i = 0; i < n && is_whole; i++)
		is_whole = give(keeper, source, dirfd(list), &names[i]);
	closedir(list);
	if (is_whole)
		forget_gone(source);
	if (!is_same)
		state[source].looked = now;
	state[source].changed = about.st_mtim;
	state[source].is_whole = is_whole;
}
