/* A process that has been taken over, played: behind its walls it tries every system call, named paths, and floods its neighbours.
 *
 * Linked into samordna-hostile only (meson: not built by default, installed nowhere), whose list of system calls refuses with an errno that
 * no call gives (EDOTDOT) instead of killing, so that one process can try all. Which process turns hostile stands in SAMORDNA_HOSTILE; it does
 * so once, at its first start. What passed the list is printed, a line each; tests/faults/hostile.py compares with tests/hostile/allowed.
 *
 * It tries with arguments that can do no harm (-1 everywhere), and the test puts it into namespaces of its own: a wall that fails harms
 * nothing outside. */
#define LONG_LIVED
#include <seccomp.h>
#include "keeper.h"
#include "base/world.h"
#include <errno.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { REFUSED = EDOTDOT, CALLS = 470 };

static const char *name;
static uint64_t chance;

static uint64_t draw(void)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	return chance ^= chance << 17;
}

static void say(const char *what, const char *which)
{
	world_log("hostile: %s %s %s", name, what, which);
}

/* --- every system call --- */

static bool is_spared(enum process process, long number)
{
	if (number == SYS_exit || number == SYS_exit_group || number == SYS_rt_sigreturn)
		return true;                   /* allowed to all, and no test could go on */
	if (number == 335 || number == 336)
		return true;                   /* uretprobe, uprobe: the kernel's own way back from a probe; anybody else it ends with SIGILL */
	return process == PROCESS_KEEPER && (number == SYS_fork || number == SYS_vfork || number == SYS_clone);
}

static void try_calls(enum process process)
{
	for (long number = 0; number < CALLS; number++) {
		if (is_spared(process, number))
			continue;
		long got = syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
		int why = got < 0 ? errno : 0;
		if (got == 0 && (number == SYS_fork || number == SYS_vfork || number == SYS_clone))
			_exit(0);
		if (number == SYS_umask && why != REFUSED)
			umask(077);
		if (why == REFUSED || (number == SYS_clone3 && why == ENOSYS))
			continue;
		char *word = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);
		say("passes", word ? word : "an unnamed call");
		free(word);
	}
}

/* --- those whose arguments decide --- */

static long as_socket(int family, int type) { return socket(family, type, 0); }
static long socket_inet(void) { return as_socket(AF_INET, SOCK_STREAM); }
static long socket_inet6(void) { return as_socket(AF_INET6, SOCK_DGRAM); }
static long socket_unix(void) { return as_socket(AF_UNIX, SOCK_STREAM); }
static long socket_netlink(void) { return as_socket(AF_NETLINK, SOCK_RAW); }
static long socket_packet(void) { return as_socket(AF_PACKET, SOCK_RAW); }
static long socket_alg(void) { return as_socket(AF_ALG, SOCK_SEQPACKET); }
static long socket_vsock(void) { return as_socket(AF_VSOCK, SOCK_STREAM); }
static long map(int how) { return mmap(NULL, 4096, how, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0; }
static long map_code(void) { return map(PROT_READ | PROT_EXEC); }
static long map_writable_code(void) { return map(PROT_READ | PROT_WRITE | PROT_EXEC); }
static long make_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mprotect(at, 4096, PROT_READ | PROT_EXEC);
}
static long make_writable_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mprotect(at, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
}
static long clone_fork(void)
{
	long got = syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
	if (got == 0)
		_exit(0);
	return got;
}
static long clone_namespace(void)
{
	long got = syscall(SYS_clone, (long)(CLONE_NEWUSER | SIGCHLD), 0L, 0L, 0L, 0L);
	if (got == 0)
		_exit(0);
	return got;
}
static long owner_of_descriptor(void) { return fcntl(2, F_SETOWN, getpid()); }
static long push_terminal(void) { return ioctl(0, TIOCSTI, "x"); }
static long dumpable(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }
static long another_filter(void) { return prctl(PR_SET_SECCOMP, 1, 0, 0, 0); }
static long capability(void) { return prctl(PR_CAPBSET_READ, 0, 0, 0, 0); }
static long bind_device(void) { return setsockopt(KEEPER_FD, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3); }
static long pair_unix(void) { int pair[2]; return socketpair(AF_UNIX, SOCK_STREAM, 0, pair); }
static long hear_errors(void) { int one = 1; return setsockopt(KEEPER_FD, IPPROTO_IP, IP_RECVERR, &one, sizeof one); }
static long more_descriptors(void) { struct rlimit most = { 9999, 9999 }; return prlimit(0, RLIMIT_NOFILE, &most, NULL); }
static long limits_of_parent(void) { struct rlimit now; return prlimit(getppid(), RLIMIT_NOFILE, NULL, &now); }
static long kill_parent(void) { return syscall(SYS_kill, (long)getppid(), 0L); }
static long thread_of_parent(void) { return syscall(SYS_tgkill, (long)getppid(), (long)getppid(), 0L); }

static const struct { const char *name; long (*act)(void); } acts[] = {
	{ "socket:inet", socket_inet }, { "socket:inet6", socket_inet6 }, { "socket:unix", socket_unix }, { "socket:netlink", socket_netlink },
	{ "socket:packet", socket_packet }, { "socket:alg", socket_alg }, { "socket:vsock", socket_vsock },
	{ "mmap:code", map_code }, { "mmap:writable-code", map_writable_code },
	{ "mprotect:code", make_code }, { "mprotect:writable-code", make_writable_code },
	{ "clone:fork", clone_fork }, { "clone:namespace", clone_namespace }, { "fcntl:owner", owner_of_descriptor }, { "ioctl:push", push_terminal },
	{ "prctl:dumpable", dumpable }, { "prctl:seccomp", another_filter }, { "prctl:capability", capability }, { "setsockopt:device", bind_device },
	{ "socketpair:unix", pair_unix }, { "setsockopt:errors", hear_errors },
	{ "prlimit:raise", more_descriptors }, { "prlimit:parent", limits_of_parent }, { "kill:parent", kill_parent }, { "tgkill:parent", thread_of_parent },
};

static void try_acts(enum process process)
{
	for (size_t i = 0; i < LENGTH(acts); i++) {
		/* keeper may start others and end them. */
		if (process == PROCESS_KEEPER && (acts[i].act == clone_fork || acts[i].act == another_filter))
			continue;
		if (acts[i].act() >= 0 || errno != REFUSED)
			say("passes", acts[i].name);
	}
}

/* --- paths --- */

/* With %s for HOME. Reading and, where a line says w, making or writing. */
static const struct { const char *path; bool is_write; } paths[] = {
	{ "/etc/passwd", false }, { "/etc/shadow", false }, { "/root/.ssh/id_rsa", false }, { "/proc/1/environ", false }, { "/proc/self/mem", true },
	{ "/proc/self/environ", false }, { "/proc/sys/kernel/core_pattern", true }, { "/dev/mem", false }, { "/dev/kmsg", true }, { "/dev/sda", false },
	{ "/tmp/samordna-hostile", true }, { "/var/tmp/samordna-hostile", true }, { "/run/samordna-hostile", true }, { "/etc/cron.d/samordna", true },
	{ "%s/samordna.conf", false }, { "%s/samordna.conf", true }, { "%s/seal/state", false }, { "%s/lock", true }, { "%s/control.sock", false },
	{ "%s/store/../seal/state", false }, { "/seal/state", false }, { "/samordna.conf", true }, { "/", false }, { "..", false },
};

static void try_paths(void)
{
	const char *home = getenv("SAMORDNA_HOSTILE_HOME");
	char path[300];
	struct stat about;

	for (size_t i = 0; i < LENGTH(paths); i++) {
		snprintf(path, sizeof path, paths[i].path, home ? home : "");
		if (syscall(SYS_openat, AT_FDCWD, path, paths[i].is_write ? O_RDWR | O_CREAT : O_RDONLY, 0600) >= 0
		    || syscall(SYS_open, path, paths[i].is_write ? O_RDWR : O_RDONLY, 0600) >= 0)
			say(paths[i].is_write ? "writes" : "opens", paths[i].path);
		if (paths[i].is_write && (syscall(SYS_unlinkat, AT_FDCWD, path, 0) == 0 || syscall(SYS_rename, path, "/tmp/samordna-moved") == 0))
			say("removes", paths[i].path);
		if (stat(path, &about) == 0 && S_ISSOCK(about.st_mode))
			continue;
	}
}

/* --- neighbours --- */

static const size_t sizes[] = {
#define X(kind, struct_name) sizeof (struct struct_name),
	MESSAGES(X)
#undef X
};

static void drain(int fd)
{
	static char room[CHANNEL_MOST];
	char control[CMSG_SPACE(sizeof (int) * CHANNEL_FILES)];
	struct iovec into = { room, sizeof room };

	for (;;) {
		struct msghdr head = { .msg_iov = &into, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
		if (recvmsg(fd, &head, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0)
			return;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&head); c; c = CMSG_NXTHDR(&head, c))
			for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof (int); i++)
				close(((int *)(void *)CMSG_DATA(c))[i]);
	}
}

/* Bytes of no kind; a whole message of a kind with random fields; one whose length lies; one that is nearly empty. */
static size_t make(char *room, size_t most)
{
	struct message head = { .kind = 1 + (uint32_t)(draw() % LENGTH(sizes)), .serial = (uint32_t)draw() };
	size_t n = sizes[head.kind - 1] + (draw() % 4 ? 0 : draw() % 3000);
	unsigned how = draw() % 4;

	if (how == 0)
		n = 1 + draw() % 4000;
	n = MAX(MIN(n, most), (size_t)1);
	for (size_t i = 0; i < n; i += 8) {
		uint64_t word = how == 3 ? draw() % 16 == 0 ? draw() % 8 : 0 : draw();
		memcpy(room + i, &word, MIN((size_t)8, n - i));
	}
	head.length = (uint32_t)(how == 2 ? draw() : n);
	if (how && n >= sizeof head)
		memcpy(room, &head, sizeof head);
	return n;
}

static void flood(int fd, long messages)
{
	static char room[100000];
	char control[CMSG_SPACE(sizeof (int))] = { 0 };
	long sent = 0, stuck = 0;

	while (sent < messages && stuck < 4000) {
		struct iovec from = { room, make(room, sizeof room) };
		struct msghdr head = { .msg_iov = &from, .msg_iovlen = 1 };
		if (draw() % 16 == 0) {
			head.msg_control = control;
			head.msg_controllen = sizeof control;
			struct cmsghdr *c = CMSG_FIRSTHDR(&head);
			*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof (int)) };
			memcpy(CMSG_DATA(c), &(int){ 2 }, sizeof (int));
		}
		if (sendmsg(fd, &head, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
			sent++;
			stuck = 0;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			break;
		} else {
			stuck++;
			usleep(200);
		}
		drain(fd);
	}
	char text[60];
	snprintf(text, sizeof text, "%ld to descriptor %d", sent, fd);
	say("sent", text);
}

/* core has its neighbours from keeper, one message each: it says that it is ready, takes all, floods all, and ends. */
static _Noreturn void be_hostile_core(long messages)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct ready ready = { .process = PEER_KINDS };
	struct parcel parcel;
	int64_t until = world.ticks() + 1500;

	(void)channel_send(KEEPER_FD, (struct message){ .kind = MESSAGE_READY }, &ready.process, sizeof ready - sizeof ready.head, NULL, 0);
	int peers[16], n = 0;
	fcntl(KEEPER_FD, F_SETFL, O_NONBLOCK);
	while (world.ticks() < until && n < 16) {
		if (channel_receive(KEEPER_FD, room, &parcel) != OK) {
			usleep(2000);
			continue;
		}
		if (message_check(&parcel, MESSAGE_PEER) && parcel.n_files == 1 && ((const struct peer *)parcel.at)->kind != PEER_CONTROL)
			peers[n++] = parcel.files[0];
	}
	for (int i = 0; i < n; i++)
		flood(peers[i], messages);
	flood(KEEPER_FD, messages);
	say("done", "");
	usleep(500000);                        /* its neighbours read what lies there while it still lives */
	_exit(7);
}

void hostile_turn(enum process process, const int *files, int n)
{
	const char *wanted = getenv("SAMORDNA_HOSTILE"), *messages = getenv("SAMORDNA_HOSTILE_MESSAGES");
	long many = messages ? strtol(messages, NULL, 10) : 20000;

	name = process_name[process];
	if (!wanted || strcmp(wanted, name) != 0)
		return;
	world.random(&chance, sizeof chance);
	chance |= 1;
	try_calls(process);
	try_acts(process);
	try_paths();
	if (process == PROCESS_CORE)
		be_hostile_core(many);
	if (process != PROCESS_KEEPER) {
		for (int i = process == PROCESS_SEAL; i < (process == PROCESS_SEAL ? n : MIN(n, 1)); i++)
			flood(files[i], many);
		flood(KEEPER_FD, many);
	}
	say("done", "");
}
