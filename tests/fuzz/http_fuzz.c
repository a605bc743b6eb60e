/* Any bytes at the web door: the library, the guard, a request's whole life, and a core that believes nothing.
 *
 * The door runs as it does in the product, in its own threads on a socket; the fuzzer is the client and plays core. Each input is one
 * connection, closed for writing behind it. What reaches core is checked: a whole message, a path of ours, names that stand
 * once, no cookie on /api/ and no bearer elsewhere, no unsafe method without the right origin. */
#include "doors/web.h"
#include "doors/web_form.h"
#include "doors/web_guard.h"
#include "base/channel.h"
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static struct { int core, web, listener; struct sockaddr_un at; } door;
static struct web_boot boot;

static void check_fields(const struct parcel *parcel)
{
	const struct web_ask *ask = parcel->at;
	const struct place *place = (const struct place *)(const void *)(ask + 1);
	size_t n = ask->n_fields, head = sizeof *ask + n * 2 * sizeof *place;

	for (size_t i = 0; i < n && !ask->bytes_in_file; i++) {
		struct str name = message_text(parcel, head, place[2 * i]), value = message_text(parcel, head, place[2 * i + 1]);
		assert(name.len && name.len <= FORM_NAME && str_is_utf8(name) && str_is_utf8(value) && !memchr(value.at, 0, value.len));
		for (size_t k = 0; k < i; k++)
			assert(!str_equal(name, message_text(parcel, head, place[2 * k])));
	}
}

static void check_ask(const struct parcel *parcel)
{
	const struct web_ask *ask = parcel->at;
	struct str path = str_of(ask->path);

	assert(path.len && path.at[0] == '/' && !strstr(ask->path, "//") && !strstr(ask->path, "/../") && str_is_utf8(path));
	assert(ask->is_api ? !ask->session[0] : !ask->bearer[0]);
	assert(!ask->is_api || str_starts(path, STR("/api/")));
	if (ask->method >= METHOD_POST && !ask->is_api && !ask->refused)
		assert(web_host_is_ours(boot.origin, str_of(ask->host)));
	if (ask->refused)
		assert(ask->refused >= 400 && ask->refused < 600);
	check_fields(parcel);
}

static void *be_core(void *of)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct { struct web_answer head; char body[3]; } packet = { .head = { .status = 200, .body_length = 3 }, .body = "ok\n" };
	struct parcel parcel;

	(void)of;
	while (channel_receive(door.core, room, &parcel) == OK) {
		assert(message_check(&parcel, MESSAGE_WEB_ASK));
		check_ask(&parcel);
		const struct web_ask *ask = parcel.at;
		packet.head.status = ask->is_check ? 100 : ask->refused ? ask->refused : 200;
		assert(channel_send(door.core, (struct message){ .kind = MESSAGE_WEB_ANSWER, .serial = ask->head.serial }, &packet.head.status,
		             sizeof packet.head - sizeof packet.head.head + packet.head.body_length, NULL, 0) == OK);
		for (int i = 0; i < parcel.n_files; i++)
			close(parcel.files[i]);
	}
	return NULL;
}

static void *be_web(void *of)
{
	(void)of;
	web_run(&boot, door.web, door.listener, -1);
	abort();
}

static void begin(void)
{
	pthread_t thread;
	int pair[2];

	signal(SIGPIPE, SIG_IGN);
	assert(channel_pair(pair) == OK);
	door.core = pair[0];
	door.web = pair[1];
	snprintf(boot.origin, sizeof boot.origin, "http://localhost:8080");
	boot.most_connections = 400;
	door.at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(door.at.sun_path + 1, sizeof door.at.sun_path - 1, "samordna-http-fuzz-%d", (int)getpid());
	door.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert(bind(door.listener, (void *)&door.at, sizeof door.at) == 0 && listen(door.listener, 100) == 0);
	assert(pthread_create(&thread, NULL, be_core, NULL) == 0 && pthread_create(&thread, NULL, be_web, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static bool has_begun;
	struct timeval patience = { .tv_usec = 15000 };
	char room[8192];

	if (!has_begun)
		begin();
	has_begun = true;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	assert(fd >= 0);
	/* The door's thread may not have come to its first accept. */
	for (int i = 0; connect(fd, (void *)&door.at, sizeof door.at) != 0; i++) {
		assert(i < 1000);
		usleep(1000);
	}
	for (ssize_t sent; n && (sent = send(fd, at, n, MSG_NOSIGNAL)) > 0; at += sent)
		n -= (size_t)sent;
	shutdown(fd, SHUT_WR);
	bool has_any = false;
	for (ssize_t got; (got = recv(fd, room, sizeof room, 0)) > 0; has_any = true)
		assert(has_any || got < 9 || memcmp(room, "HTTP/1.1 ", 9) == 0 || memcmp(room, "HTTP/1.0 ", 9) == 0);
	/* Half a request may stay until its deadline (the end that came with it is not always seen): the client goes away. */
	close(fd);
	return 0;
}
