/* Framing: requests that two readers could cut in two ways, each refused with the connection closed, and nothing behind it read.
 *
 * A case is a row of the table. That a row is malformed is RFC 9112's word, not ours. */
#define LONG_LIVED
#include "base/out.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "doors/web_test.h"

struct probe { const char *name, *bytes; size_t n; };
#define PROBE(name, bytes) { name, bytes, sizeof (bytes) - 1 }

static const struct probe table[] = {
	PROBE("two different Content-Length", "POST / HTTP/1.1\r\n" H O T "Content-Length: 3\r\nContent-Length: 5\r\n\r\na=1bc"),
	PROBE("two equal Content-Length", "POST / HTTP/1.1\r\n" H O T "Content-Length: 3\r\nContent-Length: 3\r\n\r\na=1"),
	PROBE("length no number", "POST / HTTP/1.1\r\n" H O T "Content-Length: three\r\n\r\na=1"),
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

void test_every_malformed_frame_is_refused_and_closed(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LENGTH(table); i++) {
		bool is_closed;
		int asks = door.asks, fd = connect_door();
		send_all(fd, table[i].bytes, table[i].n);
		int status = read_reply(fd, &is_closed);
		/* One answer, in our words and with our headers, whoever refused (web_send.c). */
		const char *second = strstr(reply + 1, "HTTP/1.");
		bool is_ours = says("\r\n\r\nThe request is malformed.\n") && says("Content-Security-Policy: ") && says("X-Content-Type-Options: nosniff\r\n")
		            && says("Date: ") && says("Connection: close\r\n") && says("Strict-Transport-Security") == door.is_tls;
		if (status != 400 || !is_closed || door.asks != asks || second || !is_ours)
			fail_msg("%s: %d, %s, %d asks\n%s", table[i].name, status, is_closed ? "closed" : "open", door.asks - asks, reply);
		close(fd);
	}
}

/* What stands behind a refused request is never read as the next one. */
void test_nothing_is_smuggled_behind_a_refusal(void **unused)
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

void test_long_heads_are_refused(void **unused)
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
		assert_true(status == 0 || (says("longer than it may be.\n") && says("Content-Security-Policy: ")));
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
