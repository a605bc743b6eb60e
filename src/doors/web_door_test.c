/* The door that the tests of web knock at: it runs in a child process as it will in earnest; the test is core.
 *
 * SECURITY: nothing leaves the machine: 127.0.0.1 and a port that the kernel chose. */
#define LONG_LIVED
#include "doors/web.h"
#include "base/out.h"
#include "base/world.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "doors/web_test.h"

struct door door;

/* --- the test's core --- */

static void echo(const struct parcel *parcel, struct out *out)
{
	const struct web_ask *ask = parcel->at;
	const struct place *place = (const void *)(ask + 1);
	struct str bytes = { (const char *)(place + 2 * ask->n_fields), 0 };

	bytes.len = parcel->length - (size_t)(bytes.at - (const char *)parcel->at);
	if (ask->bytes_in_file)
		assert_int_equal(channel_file_read(out->arena, parcel->files[0], 4 << 20, &bytes), OK);
	out_print(out, "method=%d path=%s session=%s bearer=%s wants=%d language=%d refused=%d check=%u from=%s\n", ask->method, ask->path,
	          ask->session, ask->bearer, ask->wants, ask->language, ask->refused, ask->is_check, ask->address);
	for (uint32_t i = 0; i < ask->n_fields; i++) {
		assert_true(place[2 * i].at + place[2 * i].length <= bytes.len && place[2 * i + 1].at + place[2 * i + 1].length <= bytes.len);
		out_print(out, "%.*s=[%.*s]\n", (int)place[2 * i].length, bytes.at + place[2 * i].at,
		          (int)MIN(place[2 * i + 1].length, 200u), bytes.at + place[2 * i + 1].at);
	}
	if (ask->method == METHOD_PUT && parcel->n_files) {
		size_t length = 0;
		assert_true(channel_file_is_sealed(parcel->files[0], &length));
		out_print(out, "file=%zu\n", length);
	}
}

static void answer(struct arena *arena, const struct parcel *parcel)
{
	const struct web_ask *ask = parcel->at;
	struct { struct web_answer head; char room[60000]; } packet = { .head = { .status = 200 } };
	struct str path = str_of(ask->path);
	struct out out = out_new(arena);
	int file = -1;

	echo(parcel, &out);
	struct web_answer *head = &packet.head;
	if (ask->refused)
		head->status = ask->refused;
	if (ask->is_check)
		head->status = str_starts(path, STR("/no")) ? 403 : 100;
	if (str_equal(path, STR("/in")))
		head->sets_session = 1, memcpy(head->session, "abcDEF_-123", 12);
	if (str_equal(path, STR("/out")))
		head->sets_session = 1, head->clears_site = 1;
	if (str_equal(path, STR("/go")))
		head->status = 303, memcpy(head->location, "/there?a=1", 11);
	if (str_equal(path, STR("/away")))
		head->status = 303, memcpy(head->location, "//evil.example", 15);
	if (str_equal(path, STR("/save")))
		memcpy(head->filename, "people.csv", 11), memcpy(head->type, "text/csv", 9), head->refresh = 3;
	if (str_equal(path, STR("/big"))) {
		char *big = arena_take(arena, 3000000);
		memset(big, 'x', 3000000);
		file = channel_file(big, 3000000);
		head->has_file = 1;
		out.len = 0;
	}
	head->body_length = (uint32_t)out.len;
	memcpy(packet.room, out_str(&out).at, out.len);
	if (!str_equal(path, STR("/silent")))
		assert_int_equal(channel_send(door.core_fd, (struct message){ .kind = MESSAGE_WEB_ANSWER, .serial = ask->head.serial },
			&packet.head.status, sizeof packet.head - sizeof packet.head.head + out.len, &file, file >= 0), OK);
	if (file >= 0)
		close(file);
}

static void *be_core(void *of)
{
	char *room = malloc(CHANNEL_MOST);
	struct arena *arena = arena_new(64 << 20);
	struct parcel parcel;

	(void)of;
	for (;;) {
		enum err err = channel_receive(door.core_fd, room, &parcel);
		if (err == ERR_NONE || err == ERR_IO)
			break;
		assert_int_equal(err, OK);
		assert_true(message_check(&parcel, MESSAGE_WEB_ASK));
		door.asks++;
		answer(arena, &parcel);
		for (int i = 0; i < parcel.n_files; i++)
			close(parcel.files[i]);
		arena_empty(arena);
	}
	arena_end(arena);
	free(room);
	return NULL;
}

static int open_it(bool is_tls)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof at;
	int pair[2], listener = socket(AF_INET, SOCK_STREAM, 0);

	door.is_tls = is_tls;
	if (channel_pair(pair) != OK || bind(listener, (void *)&at, sizeof at) != 0 || listen(listener, 100) != 0)
		return 1;
	getsockname(listener, (void *)&at, &length);
	door.port = ntohs(at.sin_port);
	door.core_fd = pair[0];
	door.pid = fork();
	if (door.pid == 0) {
		static struct web_boot boot;
		close(pair[0]);
		if (is_tls)
			tls_certificate(boot.certificate, &boot.certificate_length, boot.key, &boot.key_length, MIN(sizeof boot.certificate, sizeof boot.key));
		snprintf(boot.origin, sizeof boot.origin, "http://localhost:8080 https://samordna.example");
		_exit(web_run(&boot, pair[1], listener, -1));
	}
	close(listener);
	close(pair[1]);
	signal(SIGPIPE, SIG_IGN);
	return pthread_create(&door.thread, NULL, be_core, NULL);
}

int open_door(void **unused)
{
	(void)unused;
	return open_it(false);
}

int open_tls_door(void **unused)
{
	(void)unused;
	return open_it(true);
}

int close_door(void **unused)
{
	int status;

	(void)unused;
	shutdown(door.core_fd, SHUT_RDWR);
	pthread_join(door.thread, NULL);
	close(door.core_fd);
	waitpid(door.pid, &status, 0);
	/* Core gone: it ends by itself, with a status that tells so, and no sanitizer had anything to say. */
	return !(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* --- the test's client --- */

int connect_door(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)door.port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (void *)&at, sizeof at), 0);
	return door.is_tls ? tls_wrap(fd) : fd;
}

char reply[WEB_REPLY_MOST];
bool is_pipelined, is_head;

/* A whole answer that leaves the connection open. */
static bool is_whole(size_t n)
{
	char *body = strstr(reply, "\r\n\r\n"), *length = strstr(reply, "Content-Length: ");

	if (!body || !length || length > body || strstr(reply, "Connection: close"))
		return false;
	return is_head || n >= (size_t)(body + 4 - reply) + strtoul(length + 16, NULL, 10);
}

/* Reads one answer (pipelined: all), or until the end, or until nothing comes for a moment. 0 when nothing came, else the first's status. */
int read_reply(int fd, bool *ret_is_closed)
{
	size_t n = 0;

	*ret_is_closed = false;
	for (;;) {
		struct pollfd wait = { fd, POLLIN, 0 };
		reply[n] = '\0';
		if (poll(&wait, 1, !n ? 3000 : !is_pipelined && is_whole(n) ? 0 : 400) <= 0)
			break;
		ssize_t got = recv(fd, reply + n, sizeof reply - 1 - n, 0);
		if (got <= 0) {
			*ret_is_closed = true;
			break;
		}
		n += (size_t)got;
	}
	reply[n] = '\0';
	return n > 12 && memcmp(reply, "HTTP/1.", 7) == 0 ? (int)strtol(reply + 9, NULL, 10) : 0;
}

void send_all(int fd, const char *at, size_t n)
{
	while (n) {
		ssize_t done = send(fd, at, n, MSG_NOSIGNAL);
		if (done <= 0)
			return;
		at += done;
		n -= (size_t)done;
	}
}

int ask_bytes(const char *request, size_t n)
{
	bool is_closed;
	int fd = connect_door();

	send_all(fd, request, n);
	int status = read_reply(fd, &is_closed);
	close(fd);
	return status;
}

int ask(const char *request)
{
	return ask_bytes(request, strlen(request));
}

bool says(const char *text)
{
	return strstr(reply, text) != NULL;
}
