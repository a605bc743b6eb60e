#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H
/* The walls around each process: who it is, which system calls it has, which files it can name.
 *
 * A process calls sandbox_enter once, single-threaded, after it has loaded all that it needs (time zone, messages, libraries) and
 * holds its descriptors, and before it reads a byte from its neighbours. There is no way back. What each may do stands in
 * one table in sandbox.c. The outer wall is the user id, then Landlock (no file can be named but those of `home`), then the
 * list of system calls. Not root: one id for all, the other walls all the same.
 *
 * keeper enters too, with a wider list that also bounds the others: it must bind, start and restart. */
#include <sys/types.h>
#include "base/trouble.h"

enum process { PROCESS_KEEPER, PROCESS_WEB, PROCESS_GATEWAY, PROCESS_READER, PROCESS_CORE, PROCESS_POST, PROCESS_SEAL, PROCESSES };
extern const char *const process_name[PROCESSES];

enum { SANDBOX_FIRST_UID = 64700 };     /* the default of the setting: keeper stays who it is, web is 64701, ... */

struct sandbox_wish {
	uint32_t    first_uid;          /* as root: become first_uid + process; 0: stay. Not root: no meaning */
	const int  *files;              /* stay open besides 0, 1 and 2; every other descriptor is closed */
	int         n_files;
	const char *home;               /* keeper, core: the folder that may be read and written. Others: no meaning */
	bool        is_open;            /* builds with sanitizers only: no list of system calls, so that a test sees it found */
	const char *root;               /* as root: becomes this process's root folder first (home is then a path inside it); NULL: it stays */
	int         most_files;         /* descriptors; 0: 256 */
};

/* The kernel's Landlock that holds: 0 none (to be said in the log and by doctor), else its ABI. */
enum err sandbox_enter(enum process, const struct sandbox_wish *, struct trouble *, int *ret_landlock);

/* What the kernel says of a process, from /proc/PID/status. Landlock cannot be read from outside: the process
 * itself hands what sandbox_enter gave it to keeper in READY, and whoever shows the state fills it in. ERR_NONE: no such process. */
struct sandbox_state {
	uint32_t uid;
	int      seccomp, no_new_privs, landlock;
	int      filters, outer_filters;        /* lists of system calls that hold, -1 unknown; and keeper's, which its children inherit */
};
enum err sandbox_read(pid_t, struct sandbox_state *ret);

/* Judges it. ret: what is missing, an English sentence that _() translates; NULL when all holds. keeper may be root; Landlock
 * may be missing where the kernel has none; one id for two processes is a warning, as is root. */
enum check { CHECK_OK, CHECK_WARN, CHECK_FAIL };
enum check sandbox_check(enum process, const struct sandbox_state *, uint32_t keeper_uid, const char **ret);
#endif
