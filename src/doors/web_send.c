/* One clean answer where libmicrohttpd 0.9.75 refuses by itself.
 *
 * A Content-Length that is no number (or too large a one) the library refuses before its handler, and so before our guard, is called: it builds the head of
 * its answer, forgets that it has, and builds it again behind the first. The status is right and the connection is closed, but the reader
 * gets the second head as the body. What the library sends passes here, since a program's own send and sendmsg stand before those
 * of its libraries: two equal heads of a refusal in a row become one.
 *
 * SECURITY: bytes are only ever left out, and only a head of ours that stands twice, word for word, at the beginning of what is sent.
 *
 * What it does not do: nothing with TLS, where the library hands its bytes to GnuTLS. Later libraries (1.x) build one head; there this file is empty. */
#include <microhttpd.h>
#include "doors/web_parts.h"
#include <sys/socket.h>
#include <sys/syscall.h>

/* So that this file is linked in, and not left in its archive. */
void web_send_once(void)
{
}

#if MHD_VERSION < 0x01000000

/* How many bytes at the beginning are a refusal's head that stands there a second time; 0: none. */
static size_t doubled(const char *at, size_t n)
{
	static const char begin[] = "HTTP/1.1 4";

	if (n < 2 * sizeof begin || memcmp(at, begin, sizeof begin - 1) != 0)
		return 0;
	const char *end = memmem(at, n, "\r\n\r\n", 4);
	size_t head = end ? (size_t)(end - at) + 4 : n;
	return head <= n / 2 && memcmp(at, at + head, head) == 0 ? head : 0;
}

ssize_t send(int fd, const void *at, size_t n, int flags)
{
	size_t skip = doubled(at, n);
	ssize_t sent = syscall(SYS_sendto, fd, (const char *)at + skip, n - skip, flags, NULL, 0);

	return sent < 0 ? sent : sent + (ssize_t)skip;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	size_t skip = message->msg_iovlen ? doubled(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len) : 0;

	if (!skip)
		return syscall(SYS_sendmsg, fd, message, flags);
	struct iovec first = message->msg_iov[0], *whole = message->msg_iov;
	whole[0] = (struct iovec){ (char *)first.iov_base + skip, first.iov_len - skip };
	ssize_t sent = syscall(SYS_sendmsg, fd, message, flags);
	whole[0] = first;
	return sent < 0 ? sent : sent + (ssize_t)skip;
}

#endif
