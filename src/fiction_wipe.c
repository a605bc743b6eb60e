/* `demo wipe`: an exercise home becomes an empty one again, with a new one-time code.
 *
 * Nothing is deleted through the log, which cannot forget: the store and the keys of its log are removed as files, and init makes
 * new ones. samordna.conf stays. Only while no server runs on the home: the same lock decides.
 *
 * SECURITY: it refuses unless the store itself says that it is an exercise (demo.is_on, which nothing but `demo` can set). It reads
 * that before it touches anything, follows no symbolic link and goes into no directory but those that it names. */
#define LONG_LIVED
#include "fiction.h"
#include "init.h"
#include "floor/setting.sql.h"
#include "base/world.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

static enum err is_exercise(const char *store, struct trouble *trouble)
{
	struct store_place place = { .at = store };
	struct arena *arena = arena_new(16 << 20);
	struct rq rq = { .arena = arena, .trouble = trouble, .now = world.now() };
	struct setting_get_row row;

	enum err err = store_open(&place, false, trouble, &rq.store);
	if (err == OK) {
		err = setting_get(&rq, STR("demo.is_on"), &row);
		if (err == ERR_NONE || (err == OK && !str_equal(row.value, STR("yes"))))
			err = trouble_owe(trouble, ERR_DENIED, N_("this home is no exercise: nothing was wiped"));
		store_close(rq.store);
	}
	arena_end(arena);
	return err;
}

/* Files of one directory of the home, not deeper; then the directory. */
static enum err remove_all(const char *home, const char *name, struct trouble *trouble)
{
	int home_fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = home_fd < 0 ? -1 : openat(home_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum err err = fd < 0 && errno != ENOENT ? ERR_IO : OK;

	for (struct dirent *entry; dir && err == OK && (entry = readdir(dir)); )
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlinkat(fd, entry->d_name, 0) != 0)
			err = ERR_IO;
	if (dir && err == OK && unlinkat(home_fd, name, AT_REMOVEDIR) != 0)
		err = ERR_IO;
	if (err != OK)
		err = trouble_owe(trouble, err, N_("%s/%s cannot be removed: %s"), home, name, strerror(errno));
	if (dir)
		closedir(dir);
	if (home_fd >= 0)
		close(home_fd);
	return err;
}

enum err fiction_wipe(const char *home, char *ret_code, struct trouble *trouble)
{
	static struct boot boot;
	char path[400];

	snprintf(boot.home, sizeof boot.home, "%s", home);
	TRY(boot_read(&boot, trouble));
	if (strncmp(boot.store, "postgres:", 9) == 0)
		return trouble_owe(trouble, ERR_CONFLICT, N_("an exercise in PostgreSQL is wiped by dropping its database"));
	snprintf(path, sizeof path, "%s/lock", home);
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0)
		return trouble_say(trouble, errno == ENOENT ? ERR_NONE : ERR_IO, "%s: %s", path, strerror(errno));
	if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		close(lock);
		return trouble_owe(trouble, ERR_CONFLICT, N_("Samordna is running on %s: stop it first"), home);
	}
	snprintf(path, sizeof path, "%s/store/samordna.db", home);
	enum err err = is_exercise(path, trouble);
	if (err == OK)
		err = remove_all(home, "seal", trouble);
	if (err == OK)
		err = remove_all(home, "store", trouble);
	if (err == OK)
		err = init_home(home, STR_NONE, ret_code, trouble);
	close(lock);
	return err;
}
