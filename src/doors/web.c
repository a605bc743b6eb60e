/* The web process: starts the library, hears core, watches the clocks.
 *
 * One thread: it waits for sockets and for core's answers at once, hands all answers that are there to their requests, and lets the
 * library (epoll) go on with whoever is ready; so no page waits for one thread to wake another. Twice a second it looks at the
 * deadlines. A request that waits for core holds a slot; the slot's number and its turn are the serial of the ask, so that a late
 * answer to a request that is gone falls on nothing.
 *
 * Deadlines: a connection may take 30 s from its last answer to a whole head, a body 20 s and one second for every 64 KiB,
 * an answer 30 s and one second for every 16 KiB, core two minutes. Whoever is slower is cut off: shutdown() on the socket, which
 * the library then sees as the peer's end. So a client that sends a byte now and then holds a place no longer than that. When three
 * places of four are taken, all may take a tenth of it: who sends nothing gives way to who comes.
 *
 * SECURITY: this process reads bytes of strangers. It holds no secret but the TLS key, opens no file, reaches no store and
 * decides nothing. When core is gone it ends at once, without answering what waits; keeper starts it again.
 * Not done here: HTTP/2, compression, ranges, WebSocket, X-Forwarded-* (the address is the peer's own). */
#define LONG_LIVED
#include "doors/web_parts.h"
#include "base/world.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>

enum { HEAD_MS = 30000, CORE_MS = 120000, TICK_MS = 500, LARGE_AT_ONCE = 4, CONNECTIONS = 900, PER_ADDRESS = 300, CROWDED = 10 };
enum { CONNECTION_MEMORY = 40 * 1024, LIBRARY_SECONDS = 180 };

struct web web;
bool (*web_find_file)(struct str path, struct web_file *ret);

struct slot { struct web_request *request; uint32_t turn; int64_t since; int next; };

static struct {
	struct web_link *links;
	unsigned         n_links;
	struct slot      slot[WEB_SLOTS];
	int              free;                /* first free slot, -1 none */
	int              large;
	uint64_t         refused, refused_said;
	int              last_refusal;
	int64_t          said_at;
} state;

/* --- clocks --- */

void web_allow(struct web_link *link, int64_t milliseconds)
{
	link->since = world.ticks();
	link->allowed = milliseconds;
}

void web_extend(struct web_link *link, int64_t milliseconds)
{
	link->allowed = milliseconds;
}

static void link_begin(struct MHD_Connection *connection, void **socket_context)
{
	const union MHD_ConnectionInfo *fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct web_link *link = calloc(1, sizeof *link);

	if (!link || !fd)
		abort();
	*link = (struct web_link){ .fd = fd->connect_fd, .since = world.ticks(), .allowed = HEAD_MS };
	web_send_begins(link->fd);
	link->next = state.links;
	if (link->next)
		link->next->before = link;
	state.links = link;
	state.n_links++;
	*socket_context = link;
}

static void link_end(struct web_link *link)
{
	state.n_links--;
	if (link->before)
		link->before->next = link->next;
	else
		state.links = link->next;
	if (link->next)
		link->next->before = link->before;
	web_send_ends(link->fd);
	free(link);
}

static void notice_connection(void *of, struct MHD_Connection *connection, void **socket_context,
                              enum MHD_ConnectionNotificationCode code)
{
	(void)of;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		link_begin(connection, socket_context);
	else if (*socket_context)
		link_end(*socket_context);
}

static void notice_completed(void *of, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode code)
{
	struct web_request *ended = *request;
	struct web_link *link = ended ? ended->link : NULL;

	web_request_end(of, connection, request, code);
	if (link)
		web_allow(link, HEAD_MS);
}

/* --- slots --- */

enum err web_wait(struct web_request *request, uint32_t *ret_serial)
{
	enum err err = ERR_BUSY;

	if (state.free >= 0) {
		struct slot *slot = &state.slot[state.free];
		request->slot = state.free;
		state.free = slot->next;
		slot->request = request;
		slot->since = world.ticks();
		*ret_serial = ++slot->turn * WEB_SLOTS + (uint32_t)request->slot;
		err = OK;
	}
	return err;
}

static void slot_free(struct web_request *request)
{
	state.slot[request->slot].request = NULL;
	state.slot[request->slot].next = state.free;
	state.free = request->slot;
	request->slot = -1;
}

void web_wait_not(struct web_request *request)
{
	if (request->slot >= 0)
		slot_free(request);
}

bool web_large_begin(void)
{
	bool may = state.large < LARGE_AT_ONCE;
	state.large += may;
	return may;
}

void web_large_end(void)
{
	state.large--;
}

void web_count_refusal(int status)
{
	state.refused++;
	state.last_refusal = status;
}

/* --- core --- */

static void close_files(struct parcel *parcel)
{
	for (int i = 0; i < parcel->n_files; i++)
		close(parcel->files[i]);
}

/* Gives the answer to the request that waits for it; it then runs again when the library is let on. */
static void deliver(struct parcel *parcel)
{
	const struct web_answer *answer = parcel->at;
	uint32_t serial = answer->head.serial, at = serial % WEB_SLOTS;

	struct slot *slot = &state.slot[at];
	struct web_request *request = slot->request && slot->turn * WEB_SLOTS + at == serial ? slot->request : NULL;
	if (request) {
		slot_free(request);
		request->answer = *answer;
		request->answer_file = answer->has_file ? parcel->files[0] : -1;
		request->answer_bytes = NULL;
		if (!answer->has_file && answer->body_length) {
			request->answer_bytes = malloc(answer->body_length);
			if (request->answer_bytes)
				memcpy(request->answer_bytes, answer + 1, answer->body_length);
			else
				request->answer.status = 503;
		}
		request->has_answer = true;
	}
	/* It stays suspended, and so alive, until this call. */
	if (request)
		MHD_resume_connection(request->connection);
	else
		close_files(parcel);
}

/* False: core is gone. */
static bool hear_core(void)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;

	for (;;) {
		enum err err = channel_receive(web.core_fd, room, &parcel);
		if (err == ERR_BUSY)
			return true;
		if (err == ERR_INVALID)
			continue;
		if (err != OK)
			return false;
		if (message_check(&parcel, MESSAGE_WEB_ANSWER))
			deliver(&parcel);
		else
			close_files(&parcel);
	}
}

/* --- deadlines --- */

static struct web_request *give_up_on_core(int64_t now)
{
	struct web_request *ret = NULL;

	for (int i = 0; i < WEB_SLOTS; i++) {
		struct web_request *request = state.slot[i].request;
		if (!request || now - state.slot[i].since < CORE_MS)
			continue;
		slot_free(request);
		request->answer = (struct web_answer){ .status = 504 };
		request->answer_file = -1;
		request->has_answer = true;
		request->next = ret;
		ret = request;
	}
	return ret;
}

static unsigned most_connections(void)
{
	return web.boot.most_connections ? web.boot.most_connections : CONNECTIONS;
}

static void look_at_clocks(void)
{
	int64_t now = world.ticks();

	bool is_crowded = state.n_links * 4 >= most_connections() * 3;
	for (struct web_link *link = state.links; link; link = link->next)
		if (link->allowed && now - link->since > (is_crowded ? link->allowed / CROWDED : link->allowed)) {
			shutdown(link->fd, SHUT_RDWR);
			link->allowed = 0;
		}
	struct web_request *late = give_up_on_core(now);
	uint64_t fresh = state.refused - state.refused_said;
	bool says = fresh && now - state.said_at > 60000;
	if (says) {
		state.refused_said = state.refused;
		state.said_at = now;
	}
	int status = state.last_refusal;
	for (struct web_request *next; late; late = next) {
		next = late->next;
		MHD_resume_connection(late->connection);
	}
	if (says)
		world_log("web: %llu malformed or forged requests refused in the last minutes (the last with %d)",
		          (unsigned long long)fresh, status);
}

/* --- start --- */

static void library_says(void *of, const char *format, va_list list) CHECKED_FORMAT(2, 0);
static void library_says(void *of, const char *format, va_list list)
{
	/* What the library tells of single connections is the peers' doing and would fill the log. */
	(void)of;
	(void)format;
	(void)list;
}

static const char tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:"
	"+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE";

static int metrics_door;                          /* its address marks requests that came there */

static struct MHD_Daemon *start(int listen_fd, void *door, bool is_tls)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (is_tls ? MHD_USE_TLS : 0);
	unsigned per_address = web.boot.most_per_address ? web.boot.most_per_address : PER_ADDRESS;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, web.boot.certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, web.boot.key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_priorities },
		{ MHD_OPTION_END, 0, NULL },
	};

	return MHD_start_daemon(flags, 0, NULL, NULL, web_request_handle, door,
		MHD_OPTION_EXTERNAL_LOGGER, library_says, NULL,
		MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listen_fd,
#if MHD_VERSION < 0x01000000
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
#else
		MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#endif
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIBRARY_SECONDS,
		MHD_OPTION_CONNECTION_LIMIT, most_connections(),
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_address,
		MHD_OPTION_URI_LOG_CALLBACK, web_request_new, door,
		MHD_OPTION_NOTIFY_CONNECTION, notice_connection, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, notice_completed, NULL,
		MHD_OPTION_ARRAY, is_tls ? tls : tls + LENGTH(tls) - 1,
		MHD_OPTION_END);
}

/* --- the loop --- */

/* Bytes that the library holds already, or a connection that it must look at, do not show in epoll. */
static int until_next(struct MHD_Daemon *const *doors, size_t n, int64_t tick_at)
{
	int64_t ret = MAX(tick_at - world.ticks(), (int64_t)0);

	for (size_t i = 0; i < n; i++) {
		MHD_UNSIGNED_LONG_LONG wish;
		if (MHD_get_timeout(doors[i], &wish) == MHD_YES && wish < (MHD_UNSIGNED_LONG_LONG)ret)
			ret = (int64_t)wish;
	}
	return (int)ret;
}

static int stand(struct MHD_Daemon *const *doors, size_t n)
{
	struct pollfd wait[3] = { { .fd = web.core_fd, .events = POLLIN } };
	int64_t tick_at = 0;

	for (size_t i = 0; i < n; i++)
		wait[i + 1] = (struct pollfd){ .fd = MHD_get_daemon_info(doors[i], MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN };
	for (;;) {
		if (poll(wait, n + 1, until_next(doors, n, tick_at)) < 0 && errno != EINTR)
			return 1;
		if (wait[0].revents && !hear_core())
			return 1;
		for (size_t i = 0; i < n; i++)
			if (MHD_run(doors[i]) != MHD_YES)
				return 1;
		if (world.ticks() < tick_at)
			continue;
		look_at_clocks();
		tick_at = world.ticks() + TICK_MS;
	}
}

int web_run(const struct web_boot *boot, int core_fd, int listen_fd, int metrics_fd)
{
	web.boot = *boot;
	web.core_fd = core_fd;
	web.boot.origin[sizeof web.boot.origin - 1] = '\0';
	web.boot.certificate[sizeof web.boot.certificate - 1] = web.boot.key[sizeof web.boot.key - 1] = '\0';
	web.is_tls = boot->certificate_length > 0;
	web.cookie = web.is_tls ? "__Host-samordna" : "samordna";
	if (web.boot.origin[0] == '\0')
		snprintf(web.boot.origin, sizeof web.boot.origin, "http%s://localhost:%u", web.is_tls ? "s" : "", boot->port);
	for (int i = 0; i < WEB_SLOTS; i++)
		state.slot[i].next = i + 1 < WEB_SLOTS ? i + 1 : -1;
	state.said_at = world.ticks() - 60000;
	signal(SIGPIPE, SIG_IGN);
	fcntl(core_fd, F_SETFL, fcntl(core_fd, F_GETFL) | O_NONBLOCK);
	fcntl(listen_fd, F_SETFL, fcntl(listen_fd, F_GETFL) | O_NONBLOCK);
	struct MHD_Daemon *doors[2] = { start(listen_fd, NULL, web.is_tls) };
	size_t n_doors = 1;
	if (metrics_fd >= 0) {
		fcntl(metrics_fd, F_SETFL, fcntl(metrics_fd, F_GETFL) | O_NONBLOCK);
		doors[n_doors] = start(metrics_fd, &metrics_door, false);
		if (doors[n_doors])
			n_doors++;
		else
			world_log("web: the door for metrics could not be opened");
	}
	if (!doors[0]) {
		world_log("web: the door could not be opened%s", web.is_tls ? ": look at http.tls.certificate and http.tls.key" : "");
		return 1;
	}
	return stand(doors, n_doors);
}
