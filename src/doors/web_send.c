/* Our words where libmicrohttpd refuses by itself.
 *
 * What the library cannot cut into a request at all (a Content-Length that is no number, a head longer than its memory) it refuses before its
 * handler, and so before our guard, is called: with its own words and none of our headers; and 0.9.75 builds its head twice, so that the
 * reader gets the second one as the body. What the library sends passes here, since a program's own send, sendmsg and gnutls_record_send
 * stand before those of its libraries: a refusal that is not ours is sent as ours, once, and the rest of that connection, which the
 * library then closes, is dropped. A refusal of ours is known by our headers.
 *
 * SECURITY: what goes out instead is a status of the library's and constants of ours; of the library's bytes the first line and the date alone.
 * Everything else passes unchanged.
 *
 * What it does not do: no JSON for /api/, since of such a request not even the address is known. */
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include "doors/web_parts.h"
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { SOCKETS = 4096, REFUSAL_MOST = 2048 };
enum { NOT_OURS, AS_IT_IS, IN_OUR_WORDS, OVER };
struct sending { uint8_t stage; uint16_t sent; };

/* By the socket's number; of each only the thread that serves it. With TLS the plain bytes and the sealed ones pass by the same socket. */
static struct sending plain[SOCKETS], sealed[SOCKETS];

void web_send_begins(int fd)
{
	if (fd >= 0 && fd < SOCKETS)
		plain[fd] = sealed[fd] = (struct sending){ .stage = AS_IT_IS };
}

void web_send_ends(int fd)
{
	if (fd >= 0 && fd < SOCKETS)
		plain[fd] = sealed[fd] = (struct sending){ .stage = NOT_OURS };
}

static bool is_librarys(struct str bytes)
{
	static const char mark[] = "\r\nContent-Security-Policy:";
	struct str version = str_first(bytes, 9), code = str_from(bytes, MIN(bytes.len, (size_t)9));

	if (!(str_equal(version, STR("HTTP/1.1 ")) || str_equal(version, STR("HTTP/1.0 "))) || !(str_starts(code, STR("4")) || str_starts(code, STR("5"))))
		return false;
	return !memmem(bytes.at, bytes.len, mark, sizeof mark - 1);
}

/* True: `ret` is to go out instead of what the library gave. */
static bool is_to_be_said(struct sending *sending, struct str bytes, char *room, struct str *ret)
{
	if (sending->stage == AS_IT_IS && is_librarys(bytes))
		sending->stage = IN_OUR_WORDS;
	if (sending->stage != IN_OUR_WORDS)
		return false;
	*ret = str_from(web_refusal(bytes, room, REFUSAL_MOST), sending->sent);
	return true;
}

/* True: all of it is out, and whatever the library has left for this connection counts as sent. */
static bool is_said(struct sending *sending, struct str words, ssize_t sent)
{
	sending->sent = (uint16_t)(sending->sent + sent);
	if ((size_t)sent < words.len)
		return false;
	sending->stage = OVER;
	return true;
}

static ssize_t say_plain(int fd, struct str words, size_t all, int flags)
{
	ssize_t sent = syscall(SYS_sendto, fd, words.at, words.len, flags, NULL, 0);

	if (sent < 0)
		return sent;
	if (is_said(&plain[fd], words, sent))
		return (ssize_t)all;
	errno = EAGAIN;
	return -1;
}

ssize_t send(int fd, const void *at, size_t n, int flags)
{
	struct sending *sending = fd >= 0 && fd < SOCKETS ? &plain[fd] : NULL;
	char room[REFUSAL_MOST];
	struct str words;

	if (sending && is_to_be_said(sending, (struct str){ at, n }, room, &words))
		return say_plain(fd, words, n, flags);
	return sending && sending->stage == OVER ? (ssize_t)n : syscall(SYS_sendto, fd, at, n, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct sending *sending = fd >= 0 && fd < SOCKETS && message->msg_iovlen ? &plain[fd] : NULL;
	char room[REFUSAL_MOST];
	struct str words;
	size_t all = 0;

	for (size_t i = 0; i < message->msg_iovlen; i++)
		all += message->msg_iov[i].iov_len;
	if (sending && is_to_be_said(sending, (struct str){ message->msg_iov[0].iov_base, message->msg_iov[0].iov_len }, room, &words))
		return say_plain(fd, words, all, flags);
	return sending && sending->stage == OVER ? (ssize_t)all : syscall(SYS_sendmsg, fd, message, flags);
}

/* gnutls_record_send2 without padding or flags is what gnutls_record_send is. */
ssize_t gnutls_record_send(gnutls_session_t session, const void *at, size_t n)
{
	int fd = gnutls_transport_get_int(session);
	struct sending *sending = fd >= 0 && fd < SOCKETS ? &sealed[fd] : NULL;
	char room[REFUSAL_MOST];
	struct str words;

	if (!sending || !is_to_be_said(sending, (struct str){ at, n }, room, &words))
		return sending && sending->stage == OVER ? (ssize_t)n : gnutls_record_send2(session, at, n, 0, 0);
	ssize_t sent = gnutls_record_send2(session, words.at, words.len, 0, 0);
	if (sent < 0)
		return sent;
	return is_said(sending, words, sent) ? (ssize_t)n : GNUTLS_E_AGAIN;
}
