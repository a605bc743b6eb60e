/* The web door against raw sockets: the conformance table, honest requests in pieces, forged requests, headers, cookies, files.
 *
 * The door runs in a child process as it will in earnest; the test is core, and answers every ask with what it was told:
 * the path, the fields, the session. So what core would see is what the test sees.
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

static struct { int port, core_fd; pid_t pid; pthread_t thread; _Atomic int asks; } door;

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

static int open_door(void **unused)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof at;
	int pair[2], listener = socket(AF_INET, SOCK_STREAM, 0);

	(void)unused;
	if (channel_pair(pair) != OK || bind(listener, (void *)&at, sizeof at) != 0 || listen(listener, 100) != 0)
		return 1;
	getsockname(listener, (void *)&at, &length);
	door.port = ntohs(at.sin_port);
	door.core_fd = pair[0];
	door.pid = fork();
	if (door.pid == 0) {
		static struct web_boot boot;
		close(pair[0]);
		snprintf(boot.origin, sizeof boot.origin, "http://localhost:8080 https://samordna.example");
		_exit(web_run(&boot, pair[1], listener, -1));
	}
	close(listener);
	close(pair[1]);
	signal(SIGPIPE, SIG_IGN);
	return pthread_create(&door.thread, NULL, be_core, NULL);
}

static int close_door(void **unused)
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

static int connect_door(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)door.port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (void *)&at, sizeof at), 0);
	return fd;
}

static char reply[8 << 20];
static bool is_pipelined, is_head;

/* A whole answer that leaves the connection open. */
static bool is_whole(size_t n)
{
	char *body = strstr(reply, "\r\n\r\n"), *length = strstr(reply, "Content-Length: ");

	if (!body || !length || length > body || strstr(reply, "Connection: close"))
		return false;
	return is_head || n >= (size_t)(body + 4 - reply) + strtoul(length + 16, NULL, 10);
}

/* Reads one answer (pipelined: all), or until the end, or until nothing comes for a moment. 0 when nothing came, else the first's status. */
static int read_reply(int fd, bool *ret_is_closed)
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

static void send_all(int fd, const char *at, size_t n)
{
	while (n) {
		ssize_t done = send(fd, at, n, MSG_NOSIGNAL);
		if (done <= 0)
			return;
		at += done;
		n -= (size_t)done;
	}
}

static int ask_bytes(const char *request, size_t n)
{
	bool is_closed;
	int fd = connect_door();

	send_all(fd, request, n);
	int status = read_reply(fd, &is_closed);
	close(fd);
	return status;
}

static int ask(const char *request)
{
	return ask_bytes(request, strlen(request));
}

static bool says(const char *text)
{
	return strstr(reply, text) != NULL;
}

/* --- framing --- */

struct probe { const char *name, *bytes; size_t n; };
#define PROBE(name, bytes) { name, bytes, sizeof (bytes) - 1 }
#define H "Host: localhost:8080\r\n"
#define O "Origin: http://localhost:8080\r\n"
#define T "Content-Type: application/x-www-form-urlencoded\r\n"

static const struct probe table[] = {
	PROBE("two different Content-Length", "POST / HTTP/1.1\r\n" H O T "Content-Length: 3\r\nContent-Length: 5\r\n\r\na=1bc"),
	PROBE("two equal Content-Length", "POST / HTTP/1.1\r\n" H O T "Content-Length: 3\r\nContent-Length: 3\r\n\r\na=1"),
	PROBE("length and chunked", "POST / HTTP/1.1\r\n" H O T "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n"),
	PROBE("chunked and length", "POST / HTTP/1.1\r\n" H O T "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\na=1\r\n0\r\n\r\n"),
	PROBE("xchunked with length", "POST / HTTP/1.1\r\n" H O T "Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\na=1"),
	PROBE("xchunked alone", "POST / HTTP/1.1\r\n" H O T "Transfer-Encoding: xchunked\r\n\r\na=1"),
	PROBE("gzip, chunked", "POST / HTTP/1.1\r\n" H O T "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n"),
	PROBE("two codings", "POST / HTTP/1.1\r\n" H O T "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n"),
	PROBE("chunked on 1.0", "POST / HTTP/1.0\r\n" H O T "Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n"),
	PROBE("no Host", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n"),
	PROBE("no field at all", "GET / HTTP/1.1\r\n\r\n"),
	PROBE("two Host", "GET / HTTP/1.1\r\n" H "Host: evil.example\r\n\r\n"),
	PROBE("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
	PROBE("negative length", "POST / HTTP/1.1\r\n" H O T "Content-Length: -1\r\n\r\n"),
	PROBE("length +14", "POST / HTTP/1.1\r\n" H O T "Content-Length: +14\r\n\r\na=123456789012"),
	PROBE("length 0x5", "POST / HTTP/1.1\r\n" H O T "Content-Length: 0x5\r\n\r\na=123"),
	PROBE("length 5, 5", "POST / HTTP/1.1\r\n" H O T "Content-Length: 5, 5\r\n\r\na=123"),
	PROBE("empty length", "POST / HTTP/1.1\r\n" H O T "Content-Length:\r\n\r\n"),
	PROBE("blank before the colon", "GET / HTTP/1.1\r\n" H "Accept : */*\r\n\r\n"),
	PROBE("blank before the colon of Host", "GET / HTTP/1.1\r\nHost : localhost:8080\r\n\r\n"),
	PROBE("NUL in a value", "GET / HTTP/1.1\r\n" H "X-A: a\0b\r\n\r\n"),
	PROBE("NUL at the end of a value", "GET / HTTP/1.1\r\n" H "X-A: a\0\r\n\r\n"),
	PROBE("NUL in a name", "GET / HTTP/1.1\r\n" H "X\0A: a\r\n\r\n"),
	PROBE("NUL in Host", "GET / HTTP/1.1\r\nHost: localhost:8080\0.evil\r\n\r\n"),
	PROBE("NUL in Content-Length", "POST / HTTP/1.1\r\n" H O T "Content-Length: 3\0" "5\r\n\r\na=1bc"),
	PROBE("NUL in the target", "GET /a\0b HTTP/1.1\r\n" H "\r\n"),
	PROBE("bare LF line ends", "GET / HTTP/1.1\nHost: localhost:8080\n\n"),
	PROBE("one bare LF", "GET / HTTP/1.1\r\n" "Host: localhost:8080\nX-A: b\r\n\r\n"),
	PROBE("bare LF behind the request line", "GET / HTTP/1.1\n" H "\r\n"),
	PROBE("bare LF at the end", "GET / HTTP/1.1\r\n" H "\n"),
	PROBE("folded line", "GET / HTTP/1.1\r\n" H "X-A: a\r\n b\r\n\r\n"),
	PROBE("folded into Host", "GET / HTTP/1.1\r\nHos: evil\r\n t: localhost:8080\r\n\r\n"),
	PROBE("folded name", "GET / HTTP/1.1\r\nHos: evil\r\n t\r\n" H "\r\n"),
	PROBE("folded with TAB", "GET / HTTP/1.1\r\n" H "X-A: a\r\n\tb\r\n\r\n"),
	PROBE("first line folded", "GET / HTTP/1.1\r\n X: y\r\n" H "\r\n"),
	PROBE("bare CR in a value", "GET / HTTP/1.1\r\n" H "X-A: a\rb\r\n\r\n"),
	PROBE("bare CR in Host", "GET / HTTP/1.1\r\nHost: localhost:8080\r.evil\r\n\r\n"),
	PROBE("control byte in a value", "GET / HTTP/1.1\r\n" H "X-A: a\x01" "b\r\n\r\n"),
	PROBE("field without a colon", "GET / HTTP/1.1\r\n" H "nonsense\r\n\r\n"),
	PROBE("field without a name", "GET / HTTP/1.1\r\n" H ": a\r\n\r\n"),
	PROBE("name with a bracket", "GET / HTTP/1.1\r\n" H "X(A): a\r\n\r\n"),
	PROBE("two cookies fields", "GET / HTTP/1.1\r\n" H "Cookie: a=b\r\nCookie: c=d\r\n\r\n"),
	PROBE("two Origin", "POST / HTTP/1.1\r\n" H O O T "Content-Length: 3\r\n\r\na=1"),
	PROBE("body on GET", "GET / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"),
	PROBE("chunked on GET", "GET / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	PROBE("absolute target", "GET http://localhost:8080/ HTTP/1.1\r\n" H "\r\n"),
	PROBE("target without a slash", "GET x HTTP/1.1\r\n" H "\r\n"),
	PROBE("fragment", "GET /#a HTTP/1.1\r\n" H "\r\n"),
	PROBE("high byte in the target", "GET /\xe5 HTTP/1.1\r\n" H "\r\n"),
};

static void test_every_malformed_frame_is_refused_and_closed(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LENGTH(table); i++) {
		bool is_closed;
		int asks = door.asks, fd = connect_door();
		send_all(fd, table[i].bytes, table[i].n);
		int status = read_reply(fd, &is_closed);
		if (status != 400 || !is_closed || door.asks != asks)
			fail_msg("%s: %d, %s, %d asks\n%s", table[i].name, status, is_closed ? "closed" : "open", door.asks - asks, reply);
		close(fd);
	}
}

/* What stands behind a refused request is never read as the next one. */
static void test_nothing_is_smuggled_behind_a_refusal(void **unused)
{
	static const char tail[] = "GET /smuggled HTTP/1.1\r\n" H "\r\n";
	char bytes[2048];

	(void)unused;
	for (size_t i = 0; i < LENGTH(table); i++) {
		int asks = door.asks;
		memcpy(bytes, table[i].bytes, table[i].n);
		memcpy(bytes + table[i].n, tail, sizeof tail - 1);
		ask_bytes(bytes, table[i].n + sizeof tail - 1);
		if (door.asks != asks)
			fail_msg("%s: something came through", table[i].name);
	}
}

static void test_long_heads_are_refused(void **unused)
{
	static char bytes[70000];
	int asks = door.asks;
	(void)unused;

	for (size_t length = 17000; length < 66000; length += 12000) {
		int n = snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\n" H "X-A: ");
		memset(bytes + n, 'a', length);
		memcpy(bytes + (size_t)n + length, "\r\n\r\n", 5);
		int status = ask_bytes(bytes, (size_t)n + length + 4);
		assert_true(status == 431 || status == 413 || status == 0);
	}
	assert_int_equal(door.asks, asks);
	struct out many = out_new(arena_new(1 << 20));
	out_text(&many, "GET / HTTP/1.1\r\n" H);
	for (int i = 0; i < 120; i++)
		out_print(&many, "X-%d: a\r\n", i);
	out_text(&many, "\r\n");
	assert_int_equal(ask_bytes(many.at, many.len), 400);
	arena_end(many.arena);
}

/* --- honest requests --- */

static void test_an_honest_request_reaches_core(void **unused)
{
	(void)unused;
	assert_int_equal(ask("GET /access/grant/7?find=a%20b+c&n=%C3%A5 HTTP/1.1\r\n" H "\r\n"), 200);
	assert_true(says("method=0 path=/access/grant/7 session= bearer= wants=0 language=0 refused=0 check=0 from=127.0.0.1"));
	assert_true(says("find=[a b c]"));
	assert_true(says("n=[\xc3\xa5]"));
	assert_int_equal(ask("POST /a HTTP/1.1\r\n" H O T "Content-Length: 15\r\n\r\nname=Siv&x=%0D%0A"), 400);   /* its length cuts it */
	assert_int_equal(ask("POST /a?q=1 HTTP/1.1\r\n" H O T "Content-Length: 17\r\n\r\nname=Siv&x=a%0D%0A"), 400);
	assert_int_equal(ask("POST /a?q=1 HTTP/1.1\r\n" H O T "Content-Length: 19\r\n\r\nname=Siv&x=a%0D%0Ab"), 200);
	assert_true(says("q=[1]\nname=[Siv]\nx=[a\nb]"));
	is_head = true;
	assert_int_equal(ask("HEAD / HTTP/1.1\r\n" H "\r\n"), 200);
	is_head = false;
	assert_false(says("method="));
	assert_int_equal(ask("GET / HTTP/1.0\r\n" H "\r\n"), 200);
	assert_int_equal(ask("GET /%00 HTTP/1.1\r\n" H "\r\n"), 404);
	assert_int_equal(ask("GET /?a=%00 HTTP/1.1\r\n" H "\r\n"), 400);
	assert_int_equal(ask("GET / HTTP/1.1\r\nHost:localhost:8080\r\nX-A: b \t\r\nX-B:\r\n\r\n"), 200);
	assert_int_equal(ask("DELETE / HTTP/1.1\r\n" H "\r\n"), 405);
	assert_int_equal(ask("OPTIONS / HTTP/1.1\r\n" H "\r\n"), 405);
	assert_int_equal(ask("GET /healthz HTTP/1.1\r\n" H "\r\n"), 200);
	assert_true(says("\r\n\r\nok\n"));
}

static void test_paths_that_could_be_read_in_two_ways_do_not_exist(void **unused)
{
	static const char *const bad[] = { "//a", "/a//b", "/../a", "/a/..", "/a/.", "/a%2e%2e/../b", "/a/%2e%2e/b", "/a/", "/a%zz", "/a%", "/a\\b", "/a%5cb",
		"/%ff", "/a%0ab" };
	char request[200];

	(void)unused;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" H "\r\n", bad[i]);
		if (ask(request) != 404)
			fail_msg("%s: %.30s", bad[i], reply);
	}
}

static void test_kept_connections_and_pipelines(void **unused)
{
	bool is_closed;
	int fd = connect_door();

	(void)unused;
	for (int i = 0; i < 5; i++) {
		const char *one = "POST /a HTTP/1.1\r\n" H O T "Content-Length: 3\r\n\r\na=1";
		send_all(fd, one, strlen(one));
		assert_int_equal(read_reply(fd, &is_closed), 200);
		assert_false(is_closed);
	}
	const char *three = "GET /1 HTTP/1.1\r\n" H "\r\nGET /2 HTTP/1.1\r\n" H "\r\nGET /3 HTTP/1.1\r\n" H "\r\n";
	send_all(fd, three, strlen(three));
	is_pipelined = true;
	assert_int_equal(read_reply(fd, &is_closed), 200);
	is_pipelined = false;
	assert_true(says("path=/1 ") && says("path=/2 ") && says("path=/3 "));
	close(fd);
}

/* The honest ones again, cut into pieces: the answer is the same wherever the network cuts. */
static void test_honest_requests_in_pieces(void **unused)
{
	struct arena *arena = arena_new(1 << 20);
	struct out long_form = out_new(arena), request = out_new(arena);
	bool is_closed;

	(void)unused;
	for (int i = 0; i < 60; i++)
		out_print(&long_form, "%sf%d=%s", i ? "&" : "", i, "v%C3%A4rde+med+blanksteg");
	out_text(&request, "POST /pieces?q=1 HTTP/1.1\r\n" H O T "Cookie: samordna=abc_DEF-1; lang=en\r\n");
	for (int i = 0; i < 50; i++)
		out_print(&request, "X-%d:%s%d%s\r\n", i, i % 3 ? " " : "", i, i % 2 ? "" : "  ");
	out_print(&request, "Content-Length: %zu\r\n\r\n", long_form.len);
	out_put(&request, out_str(&long_form));
	static const size_t cuts[] = { 1, 2, 3, 7, 16, 61, 250, 1000, 4096 };
	for (size_t c = 0; c < LENGTH(cuts); c++) {
		int fd = connect_door(), one = 1;
		setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &one, sizeof one);
		for (size_t at = 0; at < request.len; at += cuts[c])
			send_all(fd, request.at + at, MIN(cuts[c], request.len - at));
		assert_int_equal(read_reply(fd, &is_closed), 200);
		assert_true(says("session=abc_DEF-1 ") && says("language=1") && says("f59=[v\xc3\xa4rde med blanksteg]") && says("f0=[v"));
		close(fd);
	}
	arena_end(arena);
}

static void test_bodies_long_and_chunked(void **unused)
{
	struct arena *arena = arena_new(8 << 20);
	struct out request = out_new(arena);
	(void)unused;

	char *text = arena_take(arena, 1 << 20);
	memset(text, 'a', 1 << 20);
	out_print(&request, "POST /a HTTP/1.1\r\n" H O T "Content-Length: %d\r\n\r\nlong=", (1 << 20) - 10);
	out_put(&request, (struct str){ text, (1 << 20) - 15 });
	assert_int_equal(ask_bytes(request.at, request.len), 200);        /* by way of a sealed file */
	assert_true(says("long=[aaaa"));
	request.len = 0;
	out_print(&request, "POST /a HTTP/1.1\r\n" H O T "Content-Length: %d\r\n\r\n", (1 << 20) + 1);
	assert_int_equal(ask_bytes(request.at, request.len), 413);
	request.len = 0;
	out_text(&request, "POST /a HTTP/1.1\r\n" H O T "Transfer-Encoding: Chunked\r\n\r\n5\r\nlong=\r\n");
	for (int i = 0; i < 20; i++) {
		out_text(&request, "ffff\r\n");
		out_put(&request, (struct str){ text, 0xffff });
		out_text(&request, "\r\n");
	}
	out_text(&request, "0\r\n\r\n");
	assert_int_equal(ask_bytes(request.at, request.len), 413);
	assert_int_equal(ask("POST /a HTTP/1.1\r\n" H O T "Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n"), 200);
	assert_true(says("a=[1]"));
	assert_int_equal(ask("POST /a HTTP/1.1\r\n" H O "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\n--x"), 415);
	assert_int_equal(ask("POST /a HTTP/1.1\r\n" H O T "Content-Length: 7\r\n\r\na=1&a=2"), 400);
	assert_true(says("refused=400"));
	arena_end(arena);
}

static void test_files_are_put(void **unused)
{
	struct arena *arena = arena_new(16 << 20);
	struct out request = out_new(arena);
	int asks = door.asks;
	(void)unused;

	char *text = arena_take(arena, 3 << 20);
	out_print(&request, "PUT /people/import?name=x HTTP/1.1\r\n" H O "Content-Type: text/csv\r\nContent-Length: %d\r\n\r\n", 3 << 20);
	out_put(&request, (struct str){ text, 3 << 20 });
	assert_int_equal(ask_bytes(request.at, request.len), 200);
	assert_int_equal(door.asks, asks + 2);                            /* may I? and then the file */
	assert_true(says("file=3145728") && says("check=0") && says("name=[x]"));
	assert_int_equal(ask("PUT /people/import HTTP/1.1\r\n" H O "Content-Length: 0\r\n\r\n"), 200);
	assert_true(says("file=0"));
	assert_int_equal(ask("PUT /people/import HTTP/1.1\r\n" H O "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), 200);
	assert_true(says("file=3"));
	/* A length out of all bounds is the library's to refuse. */
	assert_int_equal(ask("POST / HTTP/1.1\r\n" H O T "Content-Length: 99999999999999999999999\r\n\r\na=1"), 413);
	/* Who may not is told so, and the file is not kept. */
	request.len = 0;
	out_print(&request, "PUT /no/import HTTP/1.1\r\n" H O "Content-Length: %d\r\n\r\n", 3 << 20);
	out_put(&request, (struct str){ text, 3 << 20 });
	asks = door.asks;
	assert_int_equal(ask_bytes(request.at, request.len), 403);
	assert_int_equal(door.asks, asks + 1);
	assert_int_equal(ask("PUT /people/import HTTP/1.1\r\n" H O "Content-Length: 268435457\r\n\r\n"), 413);
	assert_int_equal(ask("PUT /people/other HTTP/1.1\r\n" H O "Content-Length: 1048577\r\n\r\n"), 413);
	arena_end(arena);
}

static void test_machines(void **unused)
{
	(void)unused;
	const char *body = "{\"person\":\"siv\",\"n\":7,\"yes\":true,\"no\":null,\"User\":{\"a\":[1,2]}}";
	char request[700];
	int n = snprintf(request, sizeof request, "POST /api/v1/gate/ask HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer tok.en_1\r\n"
		"Cookie: samordna=abc\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	assert_int_equal(ask_bytes(request, (size_t)n), 200);
	/* Cut short by its own length, it is no JSON. */
	n = snprintf(request, sizeof request, "POST /api/v1/gate/ask HTTP/1.1\r\n" H "Content-Type: application/json\r\nContent-Length: 20\r\n\r\n%s", body);
	assert_int_equal(ask_bytes(request, (size_t)n), 400);
	n = snprintf(request, sizeof request, "POST /api/v1/gate/ask HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer tok.en_1\r\n"
		"Cookie: samordna=abc\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	assert_int_equal(ask_bytes(request, (size_t)n), 200);
	assert_true(says("session= bearer=tok.en_1 wants=1"));
	assert_true(says("person=[siv]\nn=[7]\nyes=[true]\nUser.a=[1]\nUser.a.1=[2]\n"));
	assert_int_equal(ask("POST /api/v1/gate/ask HTTP/1.1\r\n" H "Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"a\":1, \"a\":2 }"), 400);
	assert_int_equal(ask("POST /api/v1/gate/ask HTTP/1.1\r\n" H T "Content-Length: 3\r\n\r\na=1"), 415);
	assert_int_equal(ask("GET /list?format=csv HTTP/1.1\r\n" H "\r\n"), 200);
	assert_true(says("wants=2") && !says("format="));
}

static void test_languages(void **unused)
{
	static const struct { const char *field, *expect; } rows[] = {
		{ "", "language=0" }, { "Accept-Language: en\r\n", "language=1" }, { "Accept-Language: en-GB,en;q=0.9,sv;q=0.8\r\n", "language=1" },
		{ "Accept-Language: sv-SE,sv;q=0.9,en;q=0.8\r\n", "language=0" }, { "Accept-Language: de, en;q=0.3\r\n", "language=1" },
		{ "Accept-Language: en;q=0.5, sv;q=0.5\r\n", "language=0" }, { "Accept-Language: en;q=x\r\n", "language=0" },
		{ "Accept-Language: en\r\nCookie: lang=sv\r\n", "language=0" }, { "Cookie: lang=en\r\n", "language=1" }, { "Cookie: lang=fr\r\n", "language=0" },
	};
	char request[400];

	(void)unused;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		snprintf(request, sizeof request, "GET / HTTP/1.1\r\n" H "%s\r\n", rows[i].field);
		assert_int_equal(ask(request), 200);
		if (!says(rows[i].expect) || says("Set-Cookie"))
			fail_msg("%s\n%s", rows[i].field, reply);
	}
	assert_int_equal(ask("GET /?lang=en&a=1 HTTP/1.1\r\n" H "\r\n"), 200);
	assert_true(says("language=1") && says("Set-Cookie: lang=en; Path=/; HttpOnly; SameSite=Strict; Max-Age=") && says("a=[1]") && !says("lang=[en]"));
}

/* --- forged requests --- */

static void test_forged_requests(void **unused)
{
	static const struct { const char *fields; int status; } rows[] = {
		{ H "Sec-Fetch-Site: same-origin\r\n", 200 },
		{ H O "Sec-Fetch-Site: same-origin\r\n", 200 },
		{ H O, 200 },
		{ "Host: LOCALHOST:8080\r\n" O, 200 },
		{ "Host: samordna.example\r\nOrigin: https://samordna.example\r\n", 200 },
		{ "Host: samordna.example:443\r\nOrigin: https://samordna.example\r\n", 200 },
		{ H, 403 },
		{ H "Sec-Fetch-Site: same-site\r\n", 403 }, { H "Sec-Fetch-Site: cross-site\r\n", 403 }, { H "Sec-Fetch-Site: none\r\n", 403 },
		{ H "Sec-Fetch-Site: Same-Origin\r\n", 403 }, { H "Sec-Fetch-Site:\r\n", 403 }, { H "Sec-Fetch-Site: same-origin, same-origin\r\n", 403 },
		{ H "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: same-origin\r\n", 403 }, { H O "Sec-Fetch-Site: cross-site\r\n", 403 },
		{ H "Origin: null\r\n", 403 }, { H "Origin: http://evil.example\r\n", 403 }, { H "Origin: http://localhost:8081\r\n", 403 },
		{ H "Origin: https://localhost:8080\r\n", 403 }, { H "Origin: http://localhost:8080/\r\n", 403 }, { H "Origin: http://LOCALHOST:8080\r\n", 403 },
		{ H "Origin: http://localhost\r\n", 403 }, { H "Origin: http://localhost:80801\r\n", 403 }, { H "Origin: http://localhost:8080.evil.example\r\n", 403 },
		{ H "Origin:\r\n", 403 }, { H "Origin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\n", 403 },
		{ H "Referer: http://localhost:8080/\r\n", 403 },
		{ "Host: 127.0.0.1:8080\r\n" O, 421 }, { "Host: evil.example\r\n" O, 421 }, { "Host: localhost\r\n" O, 421 },
		{ "Host: localhost:8080.evil.example\r\n" O, 421 }, { "Host: evil.example\r\nSec-Fetch-Site: same-origin\r\n", 421 },
		{ "Host: localhost:8080:8080\r\n" O, 421 },
	};
	char request[600];

	(void)unused;
	for (size_t i = 0; i < LENGTH(rows); i++)
		for (int put = 0; put < 2; put++) {
			snprintf(request, sizeof request, "%s /a HTTP/1.1\r\n%s" T "Content-Length: 3\r\n\r\na=1", put ? "PUT" : "POST", rows[i].fields);
			int status = ask(request);
			if (status != rows[i].status)
				fail_msg("%s%d instead of %d", request, status, rows[i].status);
			/* A refused form reaches core without its fields: only the page that says why is drawn. */
			assert_true(status == 200 || !says("a=[1]"));
		}
}

/* --- answers --- */

static void test_headers_of_every_answer(void **unused)
{
	static const char *const requests[] = {
		"GET / HTTP/1.1\r\n" H "\r\n", "GET /healthz HTTP/1.1\r\n" H "\r\n", "GET / HTTP/1.1\r\n" H H "\r\n", "POST / HTTP/1.1\r\n" H "\r\n",
		"GET /go HTTP/1.1\r\n" H "\r\n", "GET /big HTTP/1.1\r\n" H "\r\n", "BREW / HTTP/1.1\r\n" H "\r\n", "GET /a// HTTP/1.1\r\n" H "\r\n",
	};
	static const char *const headers[] = { "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; ",
		"frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'\r\n", "form-action 'self'",
		"Cross-Origin-Opener-Policy: same-origin\r\n", "Cross-Origin-Resource-Policy: same-origin\r\n", "X-Content-Type-Options: nosniff\r\n",
		"Referrer-Policy: same-origin\r\n", "Cache-Control: no-store\r\n", "Content-Type: text/" };

	(void)unused;
	for (size_t i = 0; i < LENGTH(requests); i++) {
		assert_true(ask(requests[i]) >= 200);
		for (size_t k = 0; k < LENGTH(headers); k++)
			if (!says(headers[k]))
				fail_msg("%slacks %s\n%.900s", requests[i], headers[k], reply);
		assert_false(says("Strict-Transport-Security") || says("Server:") || says("unsafe-inline"));
	}
}

/* Mozilla Observatory's table, as far as it can speak of us: base 100, bonuses from 90. */
static int observatory(void)
{
	int score = 100;
	bool has_csp = says("default-src 'none'") && !says("unsafe-");

	score += has_csp ? 10 : -25;
	score += says("frame-ancestors 'none'") ? 5 : -20;
	score += says("Referrer-Policy: same-origin") ? 5 : 0;
	score += says("SameSite=Strict") && says("HttpOnly") ? 5 : -20;
	score += says("nosniff") ? 0 : -5;
	score += says("Cross-Origin-Resource-Policy: same-origin") ? 0 : -5;
	return score + 5;   /* scripts carry integrity: the pages' test sees to that */
}

static void test_cookies_redirects_and_files(void **unused)
{
	(void)unused;
	assert_int_equal(ask("GET /in HTTP/1.1\r\n" H "\r\n"), 200);
	assert_true(says("Set-Cookie: samordna=abcDEF_-123; Path=/; HttpOnly; SameSite=Strict\r\n"));
	assert_int_equal(observatory(), 130);
	assert_int_equal(ask("GET /out HTTP/1.1\r\n" H "\r\n"), 200);
	assert_true(says("Set-Cookie: samordna=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0\r\n") && says("Clear-Site-Data: \"cache\", \"cookies\", \"storage\"\r\n"));
	assert_int_equal(ask("GET / HTTP/1.1\r\n" H "Cookie: a=b; samordna=tok; c=d\r\n\r\n"), 200);
	assert_true(says("session=tok "));
	assert_int_equal(ask("GET / HTTP/1.1\r\n" H "Cookie: samordna=one; samordna=two\r\n\r\n"), 200);
	assert_true(says("session= "));
	assert_int_equal(ask("GET / HTTP/1.1\r\n" H "Cookie: samordna=a%20b\r\n\r\n"), 200);
	assert_true(says("session= "));
	assert_int_equal(ask("GET /go HTTP/1.1\r\n" H "\r\n"), 303);
	assert_true(says("Location: /there?a=1\r\n"));
	assert_int_equal(ask("GET /away HTTP/1.1\r\n" H "\r\n"), 303);
	assert_false(says("Location"));
	assert_int_equal(ask("GET /save HTTP/1.1\r\n" H "\r\n"), 200);
	assert_true(says("Content-Disposition: attachment; filename=\"people.csv\"\r\n") && says("Content-Type: text/csv\r\n") && says("Refresh: 3\r\n"));
	assert_int_equal(ask("GET /big HTTP/1.1\r\n" H "\r\n"), 200);
	assert_true(says("Content-Length: 3000000\r\n"));
	assert_true(strlen(strstr(reply, "\r\n\r\n") + 4) == 3000000);
}

/* Whoever leaves while core thinks harms nobody, and a late answer to somebody gone falls on nothing. */
static void test_clients_that_leave(void **unused)
{
	(void)unused;
	for (int i = 0; i < 50; i++) {
		int fd = connect_door();
		const char *request = i % 2 ? "GET /a HTTP/1.1\r\n" H "\r\n" : "POST /a HTTP/1.1\r\n" H O T "Content-Length: 30\r\n\r\na=";
		send_all(fd, request, strlen(request));
		if (i % 3 == 0)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof (struct linger));
		close(fd);
	}
	int silent = connect_door();
	send_all(silent, "GET /silent HTTP/1.1\r\n" H "\r\n", strlen("GET /silent HTTP/1.1\r\n" H "\r\n"));
	close(silent);
	assert_int_equal(ask("GET /after HTTP/1.1\r\n" H "\r\n"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_malformed_frame_is_refused_and_closed),
		cmocka_unit_test(test_nothing_is_smuggled_behind_a_refusal),
		cmocka_unit_test(test_long_heads_are_refused),
		cmocka_unit_test(test_an_honest_request_reaches_core),
		cmocka_unit_test(test_paths_that_could_be_read_in_two_ways_do_not_exist),
		cmocka_unit_test(test_kept_connections_and_pipelines),
		cmocka_unit_test(test_honest_requests_in_pieces),
		cmocka_unit_test(test_bodies_long_and_chunked),
		cmocka_unit_test(test_files_are_put),
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_forged_requests),
		cmocka_unit_test(test_headers_of_every_answer),
		cmocka_unit_test(test_cookies_redirects_and_files),
		cmocka_unit_test(test_clients_that_leave),
	};
	return cmocka_run_group_tests(tests, open_door, close_door);
}
