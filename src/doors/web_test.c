/* The web door against raw sockets: honest requests in pieces, forged requests, headers, cookies, files.
 *
 * The door and the client are web_door_test.c's, the framing table web_frames_test.c's. */
#define LONG_LIVED
#include "doors/web.h"
#include "base/out.h"
#include "base/world.h"
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "doors/web_test.h"

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
	const struct CMUnitTest over_tls[] = {
		cmocka_unit_test(test_every_malformed_frame_is_refused_and_closed),
		cmocka_unit_test(test_nothing_is_smuggled_behind_a_refusal),
		cmocka_unit_test(test_long_heads_are_refused),
		cmocka_unit_test(test_an_honest_request_reaches_core),
		cmocka_unit_test(test_kept_connections_and_pipelines),
	};
	int failed = cmocka_run_group_tests(tests, open_door, close_door);

#ifdef __SANITIZE_THREAD__
	/* The client's threads work in GnuTLS, whose locks this sanitizer does not see. */
	(void)over_tls;
	return failed;
#else
	return failed + cmocka_run_group_tests(over_tls, open_tls_door, close_door);
#endif
}
