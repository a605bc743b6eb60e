/* The walls: what is left to samordna-verify once it knows what to read.
 *
 * It reads a stranger's files as somebody who may have other rights: so it gives up everything but opening files to read, reading, writing
 * to what is open already (standard output and error) and ending. No socket, no program, no file written.
 *
 * SECURITY: the filter is a plain list for the machine it was compiled for; what is not on it kills the process. On a machine that is not
 * in the table below, and in builds with sanitizers (which need more), only no_new_privs and the limits stand. Not here:
 * Landlock, since which files are named comes from the export itself: names of digits and hex below one directory. */
#include "verify.h"
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#if defined(ARCHITECTURE) && !SANITIZED
#define FILTERED
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
/* An argument that may not have these bits; one that must be either of two. */
#define UNLESS_SET(name, argument, mask) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4), LOAD(args[argument]), \
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, mask, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define WHEN_IS(name, argument, one, other) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 5), LOAD(args[argument]), \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, one, 2, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, other, 1, 0), \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const struct sock_filter filter[] = {
	LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	LOAD(nr),
	ALLOW(read), ALLOW(write), ALLOW(writev), ALLOW(close), ALLOW(fstat), ALLOW(lseek), ALLOW(getdents64),
#ifdef SYS_newfstatat
	ALLOW(newfstatat),
#endif
	ALLOW(brk), ALLOW(munmap), ALLOW(mremap), ALLOW(madvise), ALLOW(getrandom), ALLOW(sysinfo) /* qsort asks how much memory there is */, ALLOW(exit_group), ALLOW(rt_sigreturn), ALLOW(futex),
	/* Opened to read alone; flags looked at, and closed at exec (fdopendir does both); memory never to be run;
	 * is standard output a terminal? */
	UNLESS_SET(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC), WHEN_IS(fcntl, 1, F_GETFL, F_SETFD), UNLESS_SET(mmap, 2, PROT_EXEC),
	WHEN_IS(ioctl, 1, TCGETS, TCGETS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
};
#endif

void walls_up(void)
{
	struct rlimit none = { 0, 0 };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_NPROC, &none);
#ifdef FILTERED
	struct sock_fprog program = { sizeof filter / sizeof filter[0], (struct sock_filter *)filter };
	/* A kernel without filters leaves us as we were: the check is as good, only less fenced in. */
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
#endif
}
