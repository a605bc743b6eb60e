/* Syslog over UDP, TCP and TLS (logs_tls.c): a datagram is a message; a TCP stream is framed by lines or by octet counts (RFC 6587), as its first byte says.
 *
 * A sender has so many messages a second, with room for a burst. What is over is thrown away unread and counted (UDP), or waits in its own
 * connection (TCP), so that one that floods takes nothing from the others but what the kernel's buffer holds.
 *
 * SECURITY: a sender's address can be forged over UDP: it bounds and is never believed. A connection that sends no frame within ROOM bytes
 * is closed. At most CONNECTIONS at once, the oldest idle one makes room. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "doors/logs_parts.h"

enum { DATAGRAMS = 32, DATAGRAM = 16 << 10, ROOM = 64 << 10, CONNECTIONS = 128, SENDERS = 1024, A_SECOND = 5000, BURST = 20000 };

struct sender { uint64_t key; int64_t at; int64_t left; };
struct connection { int fd; struct log_tls *tls; struct log_state *state; struct sender *sender; int64_t at; size_t n; char room[ROOM]; };

static struct { int fd; struct log_state *state; } door[LOG_DOORS];
static int n_doors;
static struct sender senders[SENDERS];
static struct connection *connections[CONNECTIONS];
static int n_connections;

void logs_net_start(const int *fds, int n)
{
	/* Doors stand behind the files in the table of sources. */
	for (uint32_t i = 0; i < logs.boot->n && n_doors < MIN(n, (int)LOG_DOORS); i++)
		if (log_is_door(&logs.boot->source[i])) {
			door[n_doors].fd = fds[n_doors];
			door[n_doors].state = &logs.state[i];
			n_doors++;
		}
	bool has_tls = false;
	for (int i = 0; i < n_doors; i++)
		has_tls |= door[i].state->source->kind == LOG_TLS;
	if (has_tls && n >= n_doors + 2)
		(void)logs_tls_start(fds[n_doors], fds[n_doors + 1]);
}

/* --- who sends how much --- */

static struct sender *sender_of(const struct sockaddr_storage *from)
{
	const struct sockaddr_in *four = (const void *)from;
	const struct sockaddr_in6 *six = (const void *)from;
	uint64_t key = from->ss_family == AF_INET ? str_hash((struct str){ (const char *)&four->sin_addr, 4 })
	                                          : str_hash((struct str){ (const char *)&six->sin6_addr, 16 });
	struct sender *sender = &senders[(key >> 20) % SENDERS];

	if (sender->key != key)
		*sender = (struct sender){ key, logs.ticks, BURST };
	return sender;
}

static bool may_send(struct sender *sender)
{
	int64_t more = (logs.ticks - sender->at) * A_SECOND / 1000;

	if (more > 0) {
		sender->left = MIN(sender->left + more, (int64_t)BURST);
		sender->at = logs.ticks;
	}
	return sender->left > 0;
}

static void take_message(struct log_state *state, struct str text)
{
	while (text.len && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r' || text.at[text.len - 1] == '\0'))
		text.len--;
	if (text.len)
		logs_take(state, text, true);
}

/* --- UDP --- */

static void turn_udp(int fd, struct log_state *state)
{
	static char room[DATAGRAMS][DATAGRAM];
	static struct sockaddr_storage from[DATAGRAMS];
	static struct iovec piece[DATAGRAMS];
	static struct mmsghdr message[DATAGRAMS];

	for (int i = 0; i < DATAGRAMS; i++) {
		piece[i] = (struct iovec){ room[i], DATAGRAM };
		message[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &piece[i], .msg_iovlen = 1 };
	}
	for (int round = 0; round < 16 && logs_may_send(); round++) {
		int n = recvmmsg(fd, message, DATAGRAMS, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++) {
			struct sender *sender = sender_of(&from[i]);
			if (may_send(sender)) {
				sender->left--;
				take_message(state, (struct str){ room[i], message[i].msg_len });
			} else {
				logs.batch.dropped++;
			}
			message[i].msg_hdr.msg_namelen = sizeof from[i];
		}
		if (n < DATAGRAMS)
			break;
	}
	if (logs.batch.lines || logs.batch.dropped)
		logs_send(state, NULL, 0, 0);
}

/* --- TCP --- */

static void close_connection(int i)
{
	logs_tls_end(connections[i]->tls);
	close(connections[i]->fd);
	free(connections[i]);
	connections[i] = connections[--n_connections];
}

static void turn_listener(int fd, struct log_state *state)
{
	struct sockaddr_storage from = { 0 };
	socklen_t length = sizeof from;
	int made = accept4(fd, (struct sockaddr *)&from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK), oldest = 0;

	if (made < 0)
		return;
	for (int i = 1; i < n_connections; i++)
		if (connections[i]->at < connections[oldest]->at)
			oldest = i;
	if (n_connections == CONNECTIONS)
		close_connection(oldest);
	bool is_tls = state->source->kind == LOG_TLS;
	struct log_tls *tls = is_tls ? logs_tls_new(made) : NULL;
	struct connection *connection = is_tls && !tls ? NULL : malloc(sizeof *connection);
	if (!connection) {
		logs_tls_end(tls);
		close(made);
		return;
	}
	connection->tls = tls;
	connection->fd = made;
	connection->state = state;
	connection->sender = sender_of(&from);
	connection->at = logs.ticks;
	connection->n = 0;
	connections[n_connections++] = connection;
}

/* False: it is over. */
static bool take_some(struct connection *c)
{
	ssize_t got = c->tls ? logs_tls_take(c->tls, c->room + c->n, ROOM - c->n) : recv(c->fd, c->room + c->n, ROOM - c->n, MSG_DONTWAIT);
	struct str text;
	size_t done = 0;
	int64_t n = 0;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	c->n += (size_t)got;
	c->at = logs.ticks;
	while ((n = logs_frame(c->room + done, c->n - done, ROOM, &text)) > 0) {
		take_message(c->state, text);
		c->sender->left--;
		done += (size_t)n;
	}
	if (got == 0 && n == 0 && c->n > done)
		take_message(c->state, (struct str){ c->room + done, c->n - done });
	c->n -= done;
	memmove(c->room, c->room + done, c->n);
	if (logs.batch.lines)
		logs_send(c->state, NULL, 0, 0);
	return got > 0 && n >= 0;
}

static bool turn_connection(struct connection *c)
{
	bool is_open = take_some(c);

	while (is_open && c->tls && logs_tls_has_more(c->tls))
		is_open = take_some(c);
	return is_open;
}

/* --- the loop's --- */

int logs_net_wait(struct pollfd *wait)
{
	int n = 0;

	for (int i = 0; i < n_doors; i++)
		wait[n++] = (struct pollfd){ .fd = door[i].fd, .events = POLLIN };
	for (int i = 0; i < n_connections; i++)
		wait[n++] = (struct pollfd){ .fd = may_send(connections[i]->sender) ? connections[i]->fd : -1,
			.events = (short)(connections[i]->tls && logs_tls_writes(connections[i]->tls) ? POLLIN | POLLOUT : POLLIN) };
	return n;
}

void logs_net_turn(const struct pollfd *wait, int n)
{
	for (int i = n - 1; i >= n_doors; i--)   /* from the end: one that is closed is replaced by the last */
		if (wait[i].revents && logs_may_send() && !turn_connection(connections[i - n_doors]))
			close_connection(i - n_doors);
	for (int i = 0; i < n_doors && i < n; i++) {
		if (!wait[i].revents || !logs_may_send())
			continue;
		if (door[i].state->source->kind == LOG_UDP)
			turn_udp(door[i].fd, door[i].state);
		else
			turn_listener(door[i].fd, door[i].state);
	}
}
