/* keeper's walls, what it sees of the others', and the handing over of the store to core's user id.
 *
 * Seccomp, NoNewPrivs and Uid are read from /proc/PID/status; Landlock the kernel does not show, so there stands what the process said
 * when its walls were up. core is told, since neither core nor anybody but keeper may read /proc.
 *
 * SECURITY: what is told are numbers. As root HOME/store is given to core's user id and HOME may be passed through by its group, not
 * listed; settings, seal and lock stay keeper's. Links in HOME/store are changed themselves, never followed. */
#define LONG_LIVED
#include "keeper.h"
#include "base/world.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* --- the store is core's --- */

static enum err give(int dir, uid_t to, struct trouble *trouble)
{
	DIR *list = fdopendir(dir);
	int failed = list && fchown(dir, to, to) == 0 ? 0 : errno;

	for (struct dirent *entry; list && !failed && (entry = readdir(list)); ) {
		bool is_self = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
		if (!is_self && fchownat(dir, entry->d_name, to, to, AT_SYMLINK_NOFOLLOW) != 0 && errno != ENOENT)
			failed = errno;
	}
	if (list)
		closedir(list);
	else
		close(dir);
	return failed ? trouble_say(trouble, ERR_IO, keeper_says(N_("HOME/store cannot be given to user id %u: %s")), (unsigned)to, strerror(failed)) : OK;
}

enum err keeper_hand_over_store(struct keeper *keeper, struct trouble *trouble)
{
	const char *home = keeper->boot->home;
	uid_t core = keeper->boot->first_uid + PROCESS_CORE;
	struct stat about;
	char path[300];

	if (!keeper->boot->first_uid || geteuid() != 0)
		return OK;
	snprintf(path, sizeof path, "%s/control.sock", home);
	if (stat(home, &about) != 0 || chown(home, (uid_t)-1, core) != 0 || chmod(home, (about.st_mode & 0707) | 0010) != 0
	    || lchown(path, about.st_uid, (gid_t)-1) != 0)
		return trouble_say(trouble, ERR_IO, keeper_says(N_("%s cannot be opened to user id %u: %s")), home, (unsigned)core, strerror(errno));
	snprintf(path, sizeof path, "%s/store", home);
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return trouble_say(trouble, ERR_IO, keeper_says(N_("%s cannot be opened: %s")), path, strerror(errno));
	return give(dir, core, trouble);
}

/* --- keeper's own walls --- */

static void keep_file(struct files *files, int fd)
{
	if (fd >= 0 && files->n < CHANNEL_FILES)
		files->fd[files->n++] = fd;
}

enum err keeper_enter(struct keeper *keeper, struct trouble *trouble)
{
	struct files files = { 0 };
	const int own[] = { keeper->lock, keeper->seal_state, keeper->control, keeper->http, keeper->metrics, keeper->radius, keeper->accounting, keeper->signals };

	TRY(keeper_hand_over_store(keeper, trouble));
	for (size_t i = 0; i < LENGTH(own); i++)
		keep_file(&files, own[i]);
	for (int i = 0; i < keeper->upstream.n; i++)
		keep_file(&files, keeper->upstream.fd[i]);
	for (int i = 0; i < keeper->log_doors.n; i++)
		keep_file(&files, keeper->log_doors.fd[i]);
	struct sandbox_wish wish = { .files = files.fd, .n_files = files.n, .home = keeper->boot->home };
	return sandbox_enter(PROCESS_KEEPER, &wish, trouble, &keeper->landlock);
}

/* --- what is seen --- */

static uint32_t mode_of(const char *home, const char *name)
{
	char path[600];
	struct stat about;

	snprintf(path, sizeof path, "%s%s", home, name);
	return stat(path, &about) == 0 ? about.st_mode : 0;
}

static void look_at_home(const struct keeper *keeper, struct home_seen *seen)
{
	const char *home = keeper->boot->home;
	struct stat about;
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*seen = (struct home_seen){ .home = mode_of(home, ""), .settings = mode_of(home, "/samordna.conf"), .seal = mode_of(home, "/seal"),
		.seal_state = mode_of(home, "/seal/state"), .store = mode_of(home, "/store"), .control = mode_of(home, "/control.sock"),
		.secrets = keeper->boot->secret_modes,
		.certificate_key = keeper->boot->key[0] ? mode_of("", keeper->boot->key) : 0,
		.owner = stat(home, &about) == 0 ? about.st_uid : 0, .keeper_uid = geteuid(), .kernel_landlock = abi > 0 ? (uint32_t)abi : 0,
		.is_doorless = keeper->is_doorless };
}

static void look_at(pid_t pid, int landlock, struct wall_seen *wall)
{
	struct sandbox_state seen = { UINT32_MAX, -1, -1, -1, -1, 0 };

	wall->pid = pid;
	if (sandbox_read(pid, &seen) != OK)
		wall->pid = 0;
	wall->uid = seen.uid;
	wall->seccomp = seen.seccomp;
	wall->no_new_privs = seen.no_new_privs;
	wall->landlock = landlock;
	wall->filters = seen.filters;
}

void keeper_tell(struct keeper *keeper)
{
	struct walls walls = { 0 };

	look_at_home(keeper, &walls.home);
	look_at(getpid(), keeper->landlock, &walls.wall[PROCESS_KEEPER]);
	walls.wall[PROCESS_KEEPER].is_wanted = walls.wall[PROCESS_KEEPER].is_walled = 1;
	for (enum row row = 0; row < ROWS; row++) {
		const struct child *child = &keeper->child[row];
		struct wall_seen *wall = &walls.wall[row_process[row]];
		if (child->pid)
			look_at(child->pid, child->landlock, wall);
		wall->is_wanted = child->is_wanted;
		wall->is_walled = child->pid && child->is_walled;
		wall->is_looping = child->quick > 2;
		wall->started_at = child->started_at.ms;
		wall->deaths = child->deaths;
	}
	(void)channel_send(keeper->child[ROW_CORE].channel, (struct message){ .kind = MESSAGE_WALLS }, &walls.home,
	                   sizeof walls - sizeof walls.head, NULL, 0);
}
