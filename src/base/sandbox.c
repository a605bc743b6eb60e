/* The walls: user id, descriptors, limits, Landlock, and one list of system calls per process.
 *
 * SECURITY: the table `calls` below is the whole truth of what a process may ask of the kernel; read it by column. What stands in no row
 * kills the process (KILL_PROCESS): it is either an attack or a mistake of ours, and neither may go on with half its work done. What
 * the C library tries by itself and can do without (opening a file of /proc or /sys to count processors, asking whether
 * a descriptor is a terminal, a socket to the name service) stands in `probes` and gets EPERM: killing for it would make an
 * update of the library an outage, and refusing it is just as tight. clone3 gets ENOSYS, since its flags lie in memory
 * that a filter cannot see: the library falls back to clone, whose flags it can.
 *
 * No process but keeper ever maps memory executable (so no dlopen after the walls are up), and keeper's list never allows it
 * together with writing. No process but keeper can start another. Descriptors 0, 1, 2 stay open: they lead to the operator's log.
 *
 * A build with sanitizers needs more (`relaxed`, the one such list) and says which call it missed. A build that plays hostile
 * (HOSTILE) refuses with an errno of its own instead of killing, so that one process can try everything; it is never installed.
 *
 * What remains: a process may burn processor time, fill its own memory and send nonsense to its neighbours; whoever takes over core
 * has the store. Landlock is missing in old kernels. Not done here: cgroups, network namespaces (packaging/ does those). */
#include <seccomp.h>
#include "base/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include "base/world.h"

#ifndef HOSTILE
#define HOSTILE 0
#endif

const char *const process_name[PROCESSES] = {
	[PROCESS_KEEPER] = "keeper", [PROCESS_WEB] = "web", [PROCESS_GATEWAY] = "gateway", [PROCESS_READER] = "reader",
	[PROCESS_CORE] = "core", [PROCESS_POST] = "post", [PROCESS_SEAL] = "seal",
};

/* --- the table --- */

enum {
	KEEPER = 1 << PROCESS_KEEPER, WEB = 1 << PROCESS_WEB, GATEWAY = 1 << PROCESS_GATEWAY, READER = 1 << PROCESS_READER,
	CORE = 1 << PROCESS_CORE, POST = 1 << PROCESS_POST, SEAL = 1 << PROCESS_SEAL,
	ALL = (1 << PROCESSES) - 1
};

struct call { int number; unsigned who; uint8_t n; struct scmp_arg_cmp when[2]; };
#define CALL(name, who) { SCMP_SYS(name), who, 0, { { 0 } } }
#define WHEN(name, who, ...) { SCMP_SYS(name), who, sizeof (struct scmp_arg_cmp[]){ __VA_ARGS__ } / sizeof (struct scmp_arg_cmp), { __VA_ARGS__ } }
#define IS(argument, value) { argument, SCMP_CMP_EQ, value, 0 }
#define HAS(argument, mask, value) { argument, SCMP_CMP_MASKED_EQ, mask, value }

enum { THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD };
#define NEW_NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* On a system with 64-bit registers only; others get the numbers that libseccomp knows for them, or none. */
static const struct call calls[] = {
	/* Memory. mmap and mprotect never with PROT_EXEC; keeper's row stands below, with what starting a program needs. */
	WHEN(mmap, ALL, HAS(2, PROT_EXEC, 0)), WHEN(mprotect, ALL, HAS(2, PROT_EXEC, 0)),
	CALL(munmap, ALL), CALL(mremap, ALL), CALL(brk, ALL), CALL(madvise, ALL), CALL(mlock, ALL), CALL(munlock, ALL),
	CALL(membarrier, ALL),
	/* Threads and waiting. */
	WHEN(clone, ALL, HAS(0, THREAD | NEW_NAMESPACES, THREAD)),
	CALL(futex, ALL), CALL(set_robust_list, ALL), CALL(rseq, ALL), CALL(set_tid_address, ALL), CALL(exit, ALL), CALL(exit_group, ALL),
	CALL(sched_yield, ALL), CALL(sched_getaffinity, ALL), CALL(nanosleep, ALL), CALL(clock_nanosleep, ALL),
	CALL(restart_syscall, ALL), CALL(poll, ALL), CALL(ppoll, ALL), CALL(select, ALL), CALL(pselect6, ALL),
	CALL(epoll_create1, ALL), CALL(epoll_ctl, ALL), CALL(epoll_wait, ALL), CALL(epoll_pwait, ALL),
	CALL(eventfd2, ALL), CALL(pipe2, ALL), CALL(timerfd_create, ALL), CALL(timerfd_settime, ALL),
	/* Signals: one's own. tgkill stands apart, since its first argument must be the process itself. */
	CALL(rt_sigaction, ALL), CALL(rt_sigprocmask, ALL), CALL(rt_sigreturn, ALL), CALL(rt_sigtimedwait, ALL), CALL(sigaltstack, ALL),
	/* Who am I, what time is it. */
	CALL(getpid, ALL), CALL(gettid, ALL), CALL(getppid, ALL), CALL(getuid, ALL), CALL(geteuid, ALL), CALL(getgid, ALL), CALL(getegid, ALL),
	CALL(clock_gettime, ALL), CALL(clock_getres, ALL), CALL(gettimeofday, ALL), CALL(time, ALL), CALL(getrandom, ALL),
	CALL(getrusage, ALL), CALL(sysinfo, ALL), CALL(uname, ALL), CALL(getcpu, ALL),
	WHEN(prlimit64, ALL, IS(0, 0), IS(2, 0)), CALL(getrlimit, ALL),
	WHEN(prctl, ALL, IS(0, PR_SET_NAME)), WHEN(prctl, ALL, IS(0, 0x53564d41 /* PR_SET_VMA: names memory */)),
	/* Descriptors that one has. */
	CALL(read, ALL), CALL(readv, ALL), CALL(pread64, ALL), CALL(write, ALL), CALL(writev, ALL), CALL(lseek, ALL), CALL(close, ALL),
	CALL(fstat, ALL),
	WHEN(fcntl, ALL, IS(1, F_GETFD)), WHEN(fcntl, ALL, IS(1, F_SETFD)), WHEN(fcntl, ALL, IS(1, F_GETFL)), WHEN(fcntl, ALL, IS(1, F_SETFL)),
	WHEN(fcntl, ALL, IS(1, F_DUPFD_CLOEXEC)), WHEN(fcntl, ALL, IS(1, F_GET_SEALS)), WHEN(fcntl, ALL, IS(1, F_ADD_SEALS)),
	WHEN(ioctl, ALL, IS(1, FIONBIO)), WHEN(ioctl, ALL, IS(1, FIONREAD)),
	/* Messages. */
	CALL(sendmsg, ALL), CALL(recvmsg, ALL), CALL(sendto, ALL), CALL(recvfrom, ALL), CALL(shutdown, ALL),
	CALL(getsockname, KEEPER | WEB | GATEWAY | CORE | POST), CALL(getpeername, KEEPER | WEB | GATEWAY | CORE | POST),
	CALL(getsockopt, KEEPER | WEB | GATEWAY | CORE | POST),
	CALL(recvmmsg, KEEPER | GATEWAY | READER), CALL(sendmmsg, KEEPER | GATEWAY | POST), CALL(sendfile, KEEPER | WEB),
	CALL(accept4, KEEPER | WEB | CORE | READER), CALL(accept, KEEPER | WEB | CORE),
	WHEN(setsockopt, KEEPER | WEB | GATEWAY | CORE | POST, IS(1, SOL_SOCKET), IS(2, SO_RCVTIMEO)),
	WHEN(setsockopt, KEEPER | WEB | GATEWAY | CORE | POST, IS(1, SOL_SOCKET), IS(2, SO_SNDTIMEO)),
	WHEN(setsockopt, KEEPER | WEB | GATEWAY | CORE | POST, IS(1, SOL_SOCKET), IS(2, SO_RCVBUF)),
	WHEN(setsockopt, KEEPER | WEB | GATEWAY | CORE | POST, IS(1, SOL_SOCKET), IS(2, SO_SNDBUF)),
	WHEN(setsockopt, KEEPER | WEB | POST, IS(1, SOL_SOCKET), IS(2, SO_KEEPALIVE)),
	WHEN(setsockopt, KEEPER | WEB | POST, IS(1, SOL_SOCKET), IS(2, SO_LINGER)),
	WHEN(setsockopt, KEEPER | WEB | POST, IS(1, IPPROTO_TCP), IS(2, TCP_NODELAY)),
	WHEN(setsockopt, KEEPER | WEB | POST, IS(1, IPPROTO_TCP), IS(2, TCP_CORK)),
	/* Large bodies travel as sealed memfds; who makes some. */
	CALL(memfd_create, KEEPER | WEB | READER | CORE), CALL(ftruncate, KEEPER | WEB | READER | CORE | SEAL),
	CALL(pwrite64, KEEPER | WEB | READER | CORE | SEAL), CALL(fsync, KEEPER | CORE | SEAL), CALL(fdatasync, KEEPER | CORE | SEAL),
	/* The store: files that Landlock lets be named, and their locks. */
	CALL(openat, KEEPER | CORE), CALL(open, KEEPER | CORE), CALL(stat, KEEPER | CORE), CALL(lstat, KEEPER | CORE), CALL(newfstatat, KEEPER | CORE),
	CALL(statx, KEEPER | CORE), CALL(access, KEEPER | CORE), CALL(faccessat, KEEPER | CORE), CALL(faccessat2, KEEPER | CORE),
	CALL(readlink, KEEPER | CORE), CALL(readlinkat, KEEPER | CORE), CALL(getcwd, KEEPER | CORE), CALL(getdents64, KEEPER | CORE),
	CALL(unlink, KEEPER | CORE), CALL(unlinkat, KEEPER | CORE), CALL(rename, KEEPER | CORE), CALL(renameat, KEEPER | CORE), CALL(renameat2, KEEPER | CORE),
	CALL(mkdir, KEEPER | CORE), CALL(mkdirat, KEEPER | CORE), CALL(rmdir, KEEPER | CORE), CALL(fchmod, KEEPER | CORE), CALL(fallocate, KEEPER | CORE),
	CALL(statfs, KEEPER | CORE), CALL(fstatfs, KEEPER | CORE), CALL(umask, KEEPER | CORE), CALL(flock, KEEPER | CORE),
	WHEN(fcntl, KEEPER | CORE, IS(1, F_GETLK)), WHEN(fcntl, KEEPER | CORE, IS(1, F_SETLK)), WHEN(fcntl, KEEPER | CORE, IS(1, F_SETLKW)),
	WHEN(fcntl, KEEPER | CORE, IS(1, F_OFD_GETLK)), WHEN(fcntl, KEEPER | CORE, IS(1, F_OFD_SETLK)), WHEN(fcntl, KEEPER | CORE, IS(1, F_DUPFD)),
	/* PostgreSQL on this host: a unix socket and nothing else. post: its peers on the network. */
	WHEN(socket, KEEPER | CORE, IS(0, AF_UNIX)), WHEN(socket, KEEPER | POST, IS(0, AF_INET)), WHEN(socket, KEEPER | POST, IS(0, AF_INET6)),
	CALL(connect, KEEPER | CORE | POST),
	/* post: libcurl wakes itself through a pair of its own; names are asked of DNS over UDP, whose errors the C library wants to hear of. */
	WHEN(socketpair, POST, IS(0, AF_UNIX)), WHEN(setsockopt, POST, IS(1, IPPROTO_IP), IS(2, IP_RECVERR)),
	WHEN(setsockopt, POST, IS(1, IPPROTO_IPV6), IS(2, IPV6_RECVERR)),
	/* Is the clock synchronised? Without CAP_SYS_TIME, which none of them has, it can only be read. */
	CALL(adjtimex, KEEPER | CORE), CALL(clock_adjtime, KEEPER | CORE),
	/* keeper: binds, starts, restarts, and puts up the others' walls. */
	WHEN(mmap, KEEPER, HAS(2, PROT_EXEC | PROT_WRITE, PROT_EXEC)), WHEN(mprotect, KEEPER, HAS(2, PROT_EXEC | PROT_WRITE, PROT_EXEC)),
	WHEN(clone, KEEPER, HAS(0, NEW_NAMESPACES, 0)), CALL(fork, KEEPER), CALL(vfork, KEEPER), CALL(execve, KEEPER), CALL(wait4, KEEPER),
	CALL(waitid, KEEPER), CALL(kill, KEEPER), CALL(tgkill, KEEPER), CALL(bind, KEEPER), CALL(listen, KEEPER), CALL(socketpair, KEEPER),
	CALL(setsockopt, KEEPER), CALL(dup, KEEPER), CALL(dup2, KEEPER), CALL(dup3, KEEPER), CALL(signalfd4, KEEPER), CALL(pipe, KEEPER),
	CALL(setgroups, KEEPER), CALL(setresuid, KEEPER), CALL(setresgid, KEEPER), CALL(setuid, KEEPER), CALL(setgid, KEEPER), CALL(capset, KEEPER),
	CALL(capget, KEEPER), CALL(getgroups, KEEPER), CALL(getresuid, KEEPER), CALL(getresgid, KEEPER), CALL(chown, KEEPER), CALL(lchown, KEEPER),
	CALL(fchown, KEEPER), CALL(fchownat, KEEPER), CALL(chmod, KEEPER), CALL(fchmodat, KEEPER), CALL(chdir, KEEPER), CALL(fchdir, KEEPER),
	CALL(prctl, KEEPER), CALL(arch_prctl, KEEPER), CALL(prlimit64, KEEPER), CALL(setrlimit, KEEPER), CALL(close_range, KEEPER), CALL(seccomp, KEEPER),
	CALL(landlock_create_ruleset, KEEPER), CALL(landlock_add_rule, KEEPER), CALL(landlock_restrict_self, KEEPER), CALL(setsid, KEEPER),
	CALL(setpgid, KEEPER), CALL(chroot, KEEPER), CALL(sched_setaffinity, KEEPER), CALL(getpgrp, KEEPER), CALL(getpgid, KEEPER),
};

/* What the C library tries by itself and can do without: EPERM, where the table above does not allow it. */
static const int probes[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(socket), SCMP_SYS(connect),
	SCMP_SYS(fchown), SCMP_SYS(fchmod), SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
};

/* What the runtimes of AddressSanitizer and LeakSanitizer do: read /proc/self, trace their own threads, map and run what they please. */
static const int relaxed[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(newfstatat), SCMP_SYS(access), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
	SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(clone), SCMP_SYS(wait4), SCMP_SYS(ptrace), SCMP_SYS(prctl), SCMP_SYS(prlimit64), SCMP_SYS(kill),
	SCMP_SYS(tgkill), SCMP_SYS(ioctl), SCMP_SYS(dup), SCMP_SYS(pipe), SCMP_SYS(setrlimit), SCMP_SYS(process_vm_readv), SCMP_SYS(fcntl), SCMP_SYS(arch_prctl),
};

/* --- the list of system calls --- */

enum { HOSTILE_ERRNO = 73 /* EDOTDOT: no call gives it */ };

static bool is_whole(enum process process, int number)
{
	for (size_t i = 0; i < LENGTH(calls); i++)
		if (calls[i].number == number && calls[i].n == 0 && (calls[i].who & 1u << process))
			return true;
	return false;
}

static bool is_named(enum process process, int number)
{
	for (size_t i = 0; i < LENGTH(calls); i++)
		if (calls[i].number == number && (calls[i].who & 1u << process))
			return true;
	return false;
}

static bool is_relaxed(int number)
{
	for (size_t i = 0; i < LENGTH(relaxed) && SANITIZED; i++)
		if (relaxed[i] == number)
			return true;
	return false;
}

/* One rule; a call that this machine's kernel never had is passed over. A whole row makes the conditional ones moot. */
static int add(scmp_filter_ctx filter, uint32_t action, const struct call *call)
{
	int failed = seccomp_rule_add_array(filter, action, call->number, call->n, call->when);
	/* EACCES: the rule says what the list's end says anyway, as in a build that plays hostile. */
	return failed == -EDOM || failed == -EEXIST || (HOSTILE && failed == -EACCES) ? 0 : failed;
}

static int fill(scmp_filter_ctx filter, enum process process)
{
	int failed = 0;

	for (size_t i = 0; i < LENGTH(calls) && !failed; i++) {
		const struct call *call = &calls[i];
		if ((call->who & 1u << process) && !is_relaxed(call->number) && (call->n == 0 || !is_whole(process, call->number)))
			failed = add(filter, SCMP_ACT_ALLOW, call);
	}
	for (size_t i = 0; i < LENGTH(relaxed) && SANITIZED && !failed; i++)
		failed = add(filter, SCMP_ACT_ALLOW, &(struct call){ .number = relaxed[i] });
	for (size_t i = 0; i < LENGTH(probes) && !failed; i++)
		if (!is_named(process, probes[i]) && !is_relaxed(probes[i]))
			failed = add(filter, SCMP_ACT_ERRNO(HOSTILE ? HOSTILE_ERRNO : EPERM), &(struct call){ .number = probes[i] });
	if (!failed && !is_relaxed(SCMP_SYS(ioctl)))
		failed = add(filter, SCMP_ACT_ERRNO(HOSTILE ? HOSTILE_ERRNO : EPERM), &(struct call)WHEN(ioctl, ALL, IS(1, TCGETS)));
	if (!failed)
		failed = add(filter, SCMP_ACT_ERRNO(ENOSYS), &(struct call)CALL(clone3, ALL));
	/* abort and raise: to oneself. */
	if (!failed && !is_whole(process, SCMP_SYS(tgkill)) && !is_relaxed(SCMP_SYS(tgkill)))
		failed = add(filter, SCMP_ACT_ALLOW, &(struct call)WHEN(tgkill, ALL, IS(0, (scmp_datum_t)getpid())));
	return failed;
}

/* Sanitizer builds only: say which call was missed, then die. */
static void say_missed(int signal_number, siginfo_t *info, void *context)
{
	(void)signal_number;
	(void)context;
	world_log("sandbox: system call %d (%s) is not in this process's list", info->si_syscall,
	          seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, info->si_syscall));
	_exit(159);
}

static int close_calls(enum process process)
{
	uint32_t otherwise = HOSTILE ? SCMP_ACT_ERRNO(HOSTILE_ERRNO) : SANITIZED ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS;
	scmp_filter_ctx filter = seccomp_init(otherwise);
	struct sigaction missed = { .sa_sigaction = say_missed, .sa_flags = SA_SIGINFO };

	if (!filter)
		return -ENOMEM;
	if (SANITIZED)
		sigaction(SIGSYS, &missed, NULL);
	int failed = fill(filter, process);
	/* keeper's filter is a superset and holds for its children already; theirs comes on top. */
	if (!failed)
		failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!failed)
		failed = seccomp_load(filter);
	seccomp_release(filter);
	return failed;
}

/* --- Landlock, by raw calls: Debian 12's headers know ABI 2, the kernel may know more --- */

struct rules { uint64_t files, net, scopes; };
enum { ABI_NET = 4, ABI_SCOPES = 6 };

#define ALL_FILE_RIGHTS_1 ((1ull << 13) - 1)
#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

static uint64_t file_rights(int abi)
{
	uint64_t rights = ALL_FILE_RIGHTS_1;            /* ABI 1: bits 0 to 12 */

	if (abi >= 2)
		rights |= 1ull << 13;                   /* REFER: rename between folders; in ABI 1 always refused */
	if (abi >= 3)
		rights |= 1ull << 14;                   /* TRUNCATE */
	if (abi >= 5)
		rights |= 1ull << 15;                   /* IOCTL_DEV */
	return rights;
}

static int allow(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = open(path, O_PATH | O_CLOEXEC) };

	if (rule.parent_fd < 0)
		return -errno;
	int failed = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0 ? 0 : -errno;
	close(rule.parent_fd);
	return failed;
}

/* The ruleset for a process, open; -errno on failure. */
static int ruleset_for(enum process process, const struct sandbox_wish *wish, int abi)
{
	struct rules rules = { .files = file_rights(abi) };
	uint64_t own = rules.files & ~(1ull << 15) & ~(uint64_t)(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR
		| LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM);
	size_t size = sizeof rules.files;
	int failed = 0;

	if (abi >= ABI_NET && process != PROCESS_KEEPER) {
		rules.net = process == PROCESS_POST ? 1 : 3;      /* binding TCP; and connecting TCP, but for post */
		size = sizeof rules.files + sizeof rules.net;
	}
	if (abi >= ABI_SCOPES && process != PROCESS_KEEPER) {
		rules.scopes = 3;                                 /* abstract unix sockets and signals of others */
		size = sizeof rules;
	}
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (ruleset < 0)
		return -errno;
	if (wish->home && (process == PROCESS_KEEPER || process == PROCESS_CORE))
		failed = allow(ruleset, wish->home, own);
	if (!failed && process == PROCESS_KEEPER)
		failed = allow(ruleset, "/", RIGHTS_READ | LANDLOCK_ACCESS_FS_EXECUTE);
	if (!failed && SANITIZED)
		failed = allow(ruleset, "/", RIGHTS_READ);
	if (failed) {
		close(ruleset);
		return failed;
	}
	return ruleset;
}

/* 0: none here; else the ABI that holds; -errno: it should have held and does not. Wants no_new_privs. */
static int close_files(enum process process, const struct sandbox_wish *wish)
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 1)
		return 0;
	int ruleset = ruleset_for(process, wish, abi);
	if (ruleset < 0)
		return ruleset;
	int failed = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 ? 0 : -errno;
	close(ruleset);
	return failed ? failed : abi;
}

/* --- descriptors, limits, id --- */

static void close_range_slowly(unsigned first, unsigned last)
{
	struct rlimit limit = { 0, 0 };

	if (syscall(SYS_close_range, first, last, 0) == 0)
		return;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	for (unsigned fd = first; fd <= last && fd < limit.rlim_cur; fd++)
		close((int)fd);
}

static void close_others(const struct sandbox_wish *wish)
{
	int next = 3;

	/* The next kept descriptor from `next` up, again and again: lists are short. */
	for (;;) {
		int kept = INT32_MAX;
		for (int i = 0; i < wish->n_files; i++)
			if (wish->files[i] >= next && wish->files[i] < kept)
				kept = wish->files[i];
		if (kept == INT32_MAX)
			break;
		if (kept > next)
			close_range_slowly((unsigned)next, (unsigned)kept - 1);
		(void)fcntl(kept, F_SETFD, FD_CLOEXEC);
		next = kept + 1;
	}
	close_range_slowly((unsigned)next, ~0u);
}

static int set_limits(enum process process, const struct sandbox_wish *wish)
{
	rlim_t files = wish->most_files ? (rlim_t)wish->most_files : 256;
	struct rlimit none = { 0, 0 }, now, most = { files, files };

	if (getrlimit(RLIMIT_NOFILE, &now) != 0)
		return -errno;
	if (most.rlim_max > now.rlim_max)
		most.rlim_cur = most.rlim_max = now.rlim_max;
	/* keeper's children inherit: its hard limit stays, theirs comes down. */
	if (process == PROCESS_KEEPER)
		most.rlim_max = now.rlim_max;
	if (setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_NOFILE, &most) != 0)
		return -errno;
	return 0;
}

/* What keeper needs as root after the ports are bound: to start, wall in and end the others, and to look at HOME. */
static int drop_most_rights(void)
{
	enum { NEEDED = 1 << CAP_DAC_READ_SEARCH | 1 << CAP_KILL | 1 << CAP_SETUID | 1 << CAP_SETGID | 1 << CAP_SYS_CHROOT };
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct now[2];

	if (syscall(SYS_capget, &head, now) != 0)
		return -errno;
	now[0].effective = now[0].permitted = now[0].permitted & NEEDED;
	now[1].effective = now[1].permitted = 0;
	now[0].inheritable = now[1].inheritable = 0;
	return syscall(SYS_capset, &head, now) == 0 ? 0 : -errno;
}

static int drop_rights(enum process process, uint32_t first_uid)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 } };
	uid_t uid = first_uid + (uid_t)process;

	if (process == PROCESS_KEEPER)
		return drop_most_rights();
	if (first_uid && geteuid() == 0) {
		if (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
			return -errno;
		if (setresuid(0, 0, 0) == 0)
			return -EPERM;                  /* we could come back: nothing was gained */
	}
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) == 0 ? 0 : -errno;
}

static enum err failed_at(struct trouble *trouble, enum process process, const char *what, int error)
{
	return trouble_say(trouble, ERR_IO, "%s cannot be walled in: %s: %s", process_name[process], what, strerror(error));
}

/* Each thread has walls of its own: one that started before would stand outside. */
static bool is_alone(void)
{
	struct stat about;
	return stat("/proc/self/task", &about) != 0 || about.st_nlink == 3;
}

enum err sandbox_enter(enum process process, const struct sandbox_wish *wish, struct trouble *trouble, int *ret_landlock)
{
	int failed;

	if (!is_alone())
		return failed_at(trouble, process, "there are threads already", EBUSY);
	close_others(wish);
	if ((failed = set_limits(process, wish)) != 0)
		return failed_at(trouble, process, "limits", -failed);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return failed_at(trouble, process, "no_new_privs", errno);
	if (wish->root && (chroot(wish->root) != 0 || chdir("/") != 0))
		return failed_at(trouble, process, "root folder", errno);
	/* Before the id changes: home is opened by who we were. */
	int abi = close_files(process, wish);
	if (abi < 0)
		return failed_at(trouble, process, "Landlock", -abi);
	if ((failed = drop_rights(process, wish->first_uid)) != 0)
		return failed_at(trouble, process, "user id", -failed);
	/* Nobody of the same id may trace us or read our memory; and when keeper is killed, so are we, at once: two cores on one
	 * store would be worse than none. Both are undone by a change of id, so they come after it. */
	if (process != PROCESS_KEEPER) {
		if (!SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
			return failed_at(trouble, process, "PR_SET_DUMPABLE", errno);
		if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
			return failed_at(trouble, process, "PR_SET_PDEATHSIG", errno);
	}
	if (!(SANITIZED && wish->is_open) && (failed = close_calls(process)) != 0)
		return failed_at(trouble, process, "seccomp", -failed);
	*ret_landlock = abi;
	return OK;
}

/* --- what the kernel says --- */

/* "Name:\t12 34" -> 12; -1 when the line is missing. */
static long field(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

enum err sandbox_read(pid_t pid, struct sandbox_state *ret)
{
	char path[40], text[8192];
	ssize_t n = 0, got = 0;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ERR_NONE;
	while ((size_t)n < sizeof text - 1 && (got = read(fd, text + n, sizeof text - 1 - (size_t)n)) > 0)
		n += got;
	close(fd);
	text[n] = '\0';
	long uid = field(text, "\nUid:");
	if (got < 0 || uid < 0)
		return ERR_NONE;
	*ret = (struct sandbox_state){ (uint32_t)uid, (int)field(text, "\nSeccomp:"), (int)field(text, "\nNoNewPrivs:"), 0,
		(int)field(text, "\nSeccomp_filters:"), 0 };
	return OK;
}

enum check sandbox_check(enum process process, const struct sandbox_state *state, uint32_t keeper_uid, const char **ret)
{
	enum { FILTER = 2 };

	*ret = NULL;
	if (state->seccomp != FILTER) {
		*ret = "has no list of system calls";
		return CHECK_FAIL;
	}
	if (process != PROCESS_KEEPER && state->outer_filters > 0 && state->filters >= 0 && state->filters <= state->outer_filters) {
		*ret = "has only the keeper's list of system calls, none of its own";
		return CHECK_FAIL;
	}
	if (state->no_new_privs != 1) {
		*ret = "could gain rights by starting a program";
		return CHECK_FAIL;
	}
	if (process != PROCESS_KEEPER && state->uid == 0) {
		*ret = "runs as root";
		return CHECK_FAIL;
	}
	if (process != PROCESS_KEEPER && state->uid == keeper_uid) {
		*ret = "shares its user id with the others: start Samordna as root for one id each";
		return CHECK_WARN;
	}
	if (state->landlock == 0) {
		*ret = "can name files: this kernel has no Landlock";
		return CHECK_WARN;
	}
	return CHECK_OK;
}
