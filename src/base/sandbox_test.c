/* The walls, tried from inside: a child enters a process's walls, does one thing, and we look at what became of it.
 *
 * A build with sanitizers has wider walls; what it cannot show is skipped there and shown by the release build (tests/walls.sh). */
#include "base/channel.h"
#include "base/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* What an act gives: 0 it worked, else errno. */
static char home[64];
static int other_file, kept_pair[2];
static bool has_scopes;                 /* Landlock's ABI 6: abstract sockets are walled off too */
static pid_t parent;

static int done(long got) { return got >= 0 ? 0 : errno; }

static int open_passwd(void) { return done(open("/etc/passwd", O_RDONLY)); }
static int open_home(void)
{
	char path[96];
	snprintf(path, sizeof path, "%s/new", home);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	return fd < 0 ? errno : write(fd, "x", 1) == 1 && unlink(path) == 0 ? 0 : errno;
}
static int open_outside(void) { return done(open("/tmp/samordna-outside", O_RDWR | O_CREAT, 0600)); }
static int open_proc(void) { return done(open("/proc/1/environ", O_RDONLY)); }
static int stat_passwd(void) { struct stat about; return done(stat("/etc/passwd", &about)); }
static int socket_inet(void) { return done(socket(AF_INET, SOCK_STREAM, 0)); }
static int socket_packet(void) { return done(socket(AF_PACKET, SOCK_RAW, 0)); }
static int socket_netlink(void) { return done(socket(AF_NETLINK, SOCK_RAW, 0)); }
static int socket_unix(void) { return done(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int connect_abstract(void)
{
	struct sockaddr_un to = { AF_UNIX, "\0samordna-test" };
	int fd = has_scopes ? socket(AF_UNIX, SOCK_STREAM, 0) : -1;
	return !has_scopes ? EPERM : fd < 0 ? errno : done(connect(fd, (struct sockaddr *)&to, sizeof to));
}
static int bind_inet(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return fd < 0 ? errno : done(bind(fd, (struct sockaddr *)&at, sizeof at));
}
static int fork_it(void)
{
	long got = syscall(SYS_fork);
	if (got == 0)
		_exit(0);
	return done(got);
}
static int fork_by_clone(void)
{
	long got = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (got == 0)
		_exit(0);
	return done(got);
}
static int fork_by_clone3(void) { char none[88] = { 0 }; return done(syscall(SYS_clone3, none, sizeof none)); }
static int new_namespace(void) { return done(unshare(CLONE_NEWUSER)); }
static void *nothing(void *of) { return of; }
static int thread_start(void)
{
	pthread_t thread;
	int failed = pthread_create(&thread, NULL, nothing, NULL);
	return failed ? failed : pthread_join(thread, NULL);
}
static int execute(void) { execv("/bin/true", (char *[]){ "true", NULL }); return errno; }
static int trace_parent(void) { return done(ptrace(PTRACE_ATTACH, parent, 0, 0)); }
static int read_parent(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { home, 1 };
	return done(syscall(SYS_process_vm_readv, parent, &here, 1, &there, 1, 0));
}
static int map_code(void) { return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0; }
static int map_writable_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}
static int make_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return at == MAP_FAILED ? errno : done(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}
static int kill_parent(void) { return done(kill(parent, 0)); }
static int tgkill_parent(void) { return done(syscall(SYS_tgkill, parent, parent, 0)); }
static int tgkill_self(void) { return done(syscall(SYS_tgkill, getpid(), getpid(), 0)); }
static int ring(void) { char none[120] = { 0 }; return done(syscall(SYS_io_uring_setup, 1, none)); }
static int program_kernel(void) { return done(syscall(SYS_bpf, 0, NULL, 0)); }
static int be_root(void) { return done(setuid(0)); }
static int be_dumpable(void) { return done(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }
static int memory_file(void) { return done(memfd_create("x", MFD_CLOEXEC)); }
static int terminal(void) { return isatty(kept_pair[0]) ? 0 : errno; }
static int use_other_file(void) { return done(fcntl(other_file, F_GETFD)); }
static int use_kept_file(void) { return done(channel_send(kept_pair[0], (struct message){ .kind = 1 }, "abc", 3, NULL, 0) == OK ? 0 : -1); }
static int old_numbers(void) { return done(syscall(0x40000000 | SYS_getpid)); }
static int mount_it(void) { return done(syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, 0)); }
static int raise_limit(void) { struct { uint64_t a, b; } more = { 4096, 4096 }; return done(syscall(SYS_prlimit64, 0, 7, &more, NULL)); }
static int heap(void) { void *at = malloc(64 << 20); if (!at) return ENOMEM; memset(at, 1, 64 << 20); free(at); return 0; }

enum { WORKS = 0, KILLED = -1, REFUSED = -2 /* any errno */ };
enum { W = 1 << PROCESS_WEB, G = 1 << PROCESS_GATEWAY, R = 1 << PROCESS_READER, C = 1 << PROCESS_CORE, P = 1 << PROCESS_POST, S = 1 << PROCESS_SEAL,
       K = 1 << PROCESS_KEEPER, JAILED = W | G | R | C | P | S, ALL = JAILED | K };

static const struct { const char *name; int (*act)(void); unsigned who; int wanted; bool is_relaxed; } acts[] = {
	{ "passwd is not opened", open_passwd, W | G | R | P | S, EPERM, true },
	{ "passwd is not opened by Landlock", open_passwd, C, EACCES, true },
	{ "keeper may read", open_passwd, K, WORKS, false },
	{ "home is written", open_home, C | K, WORKS, false },
	{ "home is not opened", open_home, W | G | R | P | S, REFUSED, false },
	{ "outside of home nothing is written", open_outside, ALL, REFUSED, false },
	{ "another's environment", open_proc, W | G | R | C | P | S, REFUSED, true },
	{ "passwd is not asked about", stat_passwd, W | G | R | P | S, EPERM, true },
	{ "no internet socket", socket_inet, W | G | R | S, EPERM, false },
	{ "no internet socket", socket_inet, C, KILLED, false },
	{ "internet socket", socket_inet, P | K, WORKS, false },
	{ "no raw socket", socket_packet, W | G | R | S, EPERM, false },
	{ "no raw socket", socket_packet, C | P | K, KILLED, false },
	{ "no netlink socket", socket_netlink, C | P, KILLED, false },
	{ "unix socket", socket_unix, C | K, WORKS, false },
	{ "no unix socket", socket_unix, W | G | R | S, EPERM, false },
	{ "no abstract unix socket", connect_abstract, C, EPERM, false },
	{ "no port", bind_inet, W | G | R | S, EPERM, false },
	{ "no port", bind_inet, C | P, KILLED, false },
	{ "a port", bind_inet, K, WORKS, false },
	{ "no fork", fork_it, JAILED, KILLED, false },
	{ "fork", fork_it, K, WORKS, false },
	{ "no fork by clone", fork_by_clone, JAILED, KILLED, true },
	{ "clone3 is unknown", fork_by_clone3, ALL, ENOSYS, false },
	{ "no namespace", new_namespace, ALL, KILLED, false },
	{ "threads", thread_start, JAILED, WORKS, false },
	{ "no program", execute, JAILED, KILLED, false },
	{ "nobody is traced", trace_parent, ALL, KILLED, true },
	{ "nobody's memory is read", read_parent, ALL, KILLED, true },
	{ "no code is mapped", map_code, JAILED, KILLED, true },
	{ "no writable code", map_writable_code, ALL, KILLED, true },
	{ "no code is made", make_code, JAILED, KILLED, true },
	{ "nobody is killed", kill_parent, JAILED, KILLED, true },
	{ "no thread of another is killed", tgkill_parent, JAILED, KILLED, true },
	{ "oneself may be", tgkill_self, ALL, WORKS, false },
	{ "no ring", ring, ALL, KILLED, false },
	{ "no kernel program", program_kernel, ALL, KILLED, false },
	{ "no other id", be_root, JAILED, KILLED, false },
	{ "not to be traced", be_dumpable, JAILED, KILLED, true },
	{ "memory file", memory_file, W | R | C, WORKS, false },
	{ "no memory file", memory_file, G | P | S, KILLED, false },
	{ "a terminal is asked for", terminal, JAILED, REFUSED, false },
	{ "what is not handed over is closed", use_other_file, JAILED, EBADF, false },
	{ "what is handed over is open", use_kept_file, JAILED, WORKS, false },
	{ "no second set of numbers", old_numbers, ALL, KILLED, false },
	{ "nothing is mounted", mount_it, ALL, KILLED, false },
	{ "a limit stays", raise_limit, JAILED, KILLED, true },
	{ "memory", heap, JAILED, WORKS, false },
};

static int inside(enum process process, int (*act)(void))
{
	int kept[] = { kept_pair[1], kept_pair[0] }, landlock;
	struct trouble trouble = { 0 };
	struct sandbox_wish wish = { .first_uid = SANDBOX_FIRST_UID, .files = kept, .n_files = 2, .home = home };

	if (sandbox_enter(process, &wish, &trouble, &landlock) != OK) {
		dprintf(2, "%s\n", trouble.text);
		return 201;
	}
	return act();
}

/* errno, 0 or KILLED; 201 when the walls did not go up. */
static int outcome(enum process process, int (*act)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		dup2(other_file, 2);            /* a sanitizer build says what it missed: here that is what we want */
		_exit(inside(process, act));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : 202;
	return WEXITSTATUS(status) == 159 ? KILLED : WEXITSTATUS(status);
}

static void each_process_can_do_what_its_row_says_and_no_more(void **state)
{
	(void)state;
	int wrong = 0;

	for (size_t i = 0; i < LENGTH(acts); i++)
		for (enum process process = 0; process < PROCESSES; process++) {
			if (!(acts[i].who & 1u << process) || (SANITIZED && acts[i].is_relaxed))
				continue;
			int got = outcome(process, acts[i].act);
			if (got == acts[i].wanted || (acts[i].wanted == REFUSED && got > 0 && got < 200))
				continue;
			print_error("%s: %s: wanted %d, got %d\n", process_name[process], acts[i].name, acts[i].wanted, got);
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

static int wait_for_end(void)
{
	char byte;
	return done(read(kept_pair[0], &byte, 1));
}

static void the_kernel_confirms_each_wall(void **state)
{
	(void)state;
	for (enum process process = 0; process < PROCESSES; process++) {
		struct sandbox_state seen = { 0 };
		const char *lack;
		pid_t child = fork();
		if (child == 0)
			_exit(inside(process, wait_for_end));
		for (int i = 0; i < 500 && seen.seccomp != 2; i++) {
			usleep(10000);
			assert_int_equal(sandbox_read(child, &seen), OK);
		}
		seen.landlock = 1;
		assert_int_equal(seen.seccomp, 2);
		assert_int_equal(seen.no_new_privs, 1);
		if (geteuid() == 0 && process != PROCESS_KEEPER)
			assert_int_equal(seen.uid, SANDBOX_FIRST_UID + process);
		assert_int_equal(sandbox_check(process, &seen, geteuid(), &lack), geteuid() == 0 || process == PROCESS_KEEPER ? CHECK_OK : CHECK_WARN);
		assert_int_equal(send(kept_pair[1], "x", 1, 0), 1);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
}

static void a_missing_wall_is_found(void **state)
{
	(void)state;
	const char *lack;
	struct sandbox_state whole = { SANDBOX_FIRST_UID + PROCESS_WEB, 2, 1, 1 }, holed;

	assert_int_equal(sandbox_check(PROCESS_WEB, &whole, 0, &lack), CHECK_OK);
	assert_null(lack);
	holed = whole;
	holed.seccomp = 0;
	assert_int_equal(sandbox_check(PROCESS_WEB, &holed, 0, &lack), CHECK_FAIL);
	assert_non_null(lack);
	holed = whole;
	holed.filters = holed.outer_filters = 2;
	assert_int_equal(sandbox_check(PROCESS_WEB, &holed, 0, &lack), CHECK_FAIL);
	holed.filters = 3;
	assert_int_equal(sandbox_check(PROCESS_WEB, &holed, 0, &lack), CHECK_OK);
	holed = whole;
	holed.no_new_privs = 0;
	assert_int_equal(sandbox_check(PROCESS_WEB, &holed, 0, &lack), CHECK_FAIL);
	holed = whole;
	holed.uid = 0;
	assert_int_equal(sandbox_check(PROCESS_WEB, &holed, 0, &lack), CHECK_FAIL);
	holed.uid = 1000;
	assert_int_equal(sandbox_check(PROCESS_WEB, &holed, 1000, &lack), CHECK_WARN);
	holed = whole;
	holed.landlock = 0;
	assert_int_equal(sandbox_check(PROCESS_WEB, &holed, 0, &lack), CHECK_WARN);
	/* This test itself is in no sandbox. */
	struct sandbox_state mine;
	assert_int_equal(sandbox_read(getpid(), &mine), OK);
	assert_int_equal(mine.uid, getuid());
	assert_int_equal(sandbox_read(-1, &mine), ERR_NONE);
}

static void *rest(void *of) { pause(); return of; }

static void walls_do_not_go_up_around_threads(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();

	if (child == 0) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, rest, NULL) != 0)
			_exit(1);
		_exit(inside(PROCESS_WEB, tgkill_self));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 201);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_process_can_do_what_its_row_says_and_no_more),
		cmocka_unit_test(the_kernel_confirms_each_wall),
		cmocka_unit_test(a_missing_wall_is_found),
		cmocka_unit_test(walls_do_not_go_up_around_threads),
	};
	parent = getpid();
	snprintf(home, sizeof home, "/tmp/samordna-walls-XXXXXX");
	if (!mkdtemp(home) || chmod(home, 0777) != 0 || channel_pair(kept_pair) != OK)
		return 1;
	other_file = open("/dev/null", O_RDWR);
	has_scopes = syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 6;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un at = { AF_UNIX, "\0samordna-test" };
	if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 9) != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(home);
	return failed;
}
