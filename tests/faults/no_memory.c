/* Loaded before a program of ours by tests/faults/no_memory.py: the FAIL_AT-th time that memory is asked for there is none, once, or with FAIL_ON
 * from then on. At the end, how often it was asked for is written to FAIL_COUNT.
 *
 * A server in one process is steered while it runs: FAIL_CONTROL names a file that tests/faults/no_memory_inside.py writes. Not part of the product. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
void *malloc(size_t);
void *calloc(size_t, size_t);
void *realloc(void *, size_t);

static long at, asked;
struct control { long is_on, left, goes_on, asked, failed; };      /* the left-th time from now fails, once or from then on; 0: none */
static struct control *control;
static int goes_on, count_fd = -1;      /* opened at the start: later the program may have walled itself in */

__attribute__((constructor)) static void begin(void)
{
	const char *n = getenv("FAIL_AT");

	goes_on = getenv("FAIL_ON") != NULL;
	at = n ? atol(n) : 0;
	asked = 0;
	int fd = getenv("FAIL_CONTROL") ? open(getenv("FAIL_CONTROL"), O_RDWR | O_CLOEXEC) : -1;
	void *shared = fd >= 0 ? (void *)syscall(SYS_mmap, NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L) : MAP_FAILED;

	control = shared == MAP_FAILED ? NULL : shared;
	if (fd >= 0)
		close(fd);
	if (getenv("FAIL_COUNT"))
		count_fd = open(getenv("FAIL_COUNT"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

__attribute__((destructor)) static void end(void)
{
	char line[32];

	if (count_fd >= 0 && write(count_fd, line, (size_t)snprintf(line, sizeof line, "%ld\n", asked)) < 0)
		return;
}

static int fails(void)
{
	if (control) {
		if (!control->is_on)
			return 0;
		long count = __atomic_add_fetch(&control->asked, 1, __ATOMIC_RELAXED);
		if (control->left == 0 || count < control->left || (count > control->left && !control->goes_on))
			return 0;
		__atomic_add_fetch(&control->failed, 1, __ATOMIC_RELAXED);
		errno = ENOMEM;
		return 1;
	}
	long n = __atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED);

	if (at == 0 || n < at || (n > at && !goes_on))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t each)
{
	return fails() ? NULL : __libc_calloc(n, each);
}

void *realloc(void *old, size_t n)
{
	return fails() ? NULL : __libc_realloc(old, n);
}

void *mmap(void *where, size_t n, int protection, int flags, int fd, off_t from)
{
	if ((flags & MAP_ANONYMOUS) && fails())
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, where, n, protection, flags, fd, from);
}
