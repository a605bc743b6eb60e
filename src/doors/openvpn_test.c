/* OpenVPN's management interface: events out of lines as the server writes them, however they are cut; and commands that its own reader takes apart as
 * they were meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "doors/openvpn.h"
#include "base/base.h"

/* Up to 16 events of a text, taken in pieces of `step` bytes. */
static struct openvpn_event got[16];
static size_t take(const char *text, size_t step)
{
	static struct openvpn_reader reader;
	size_t n_got = 0;

	openvpn_begin(&reader);
	for (size_t at = 0, length = strlen(text); at < length; at += step) {
		const char *piece = text + at;
		size_t n = MIN(step, length - at);
		const struct openvpn_event *event;
		while (openvpn_read(&reader, &piece, &n, &event)) {
			assert_true(n_got < LENGTH(got));
			got[n_got++] = *event;
		}
		assert_int_equal(n, 0);
	}
	return n_got;
}

static const char connect_text[] =
	">CLIENT:CONNECT,7,1\n>CLIENT:ENV,n_clients=0\n>CLIENT:ENV,password=hem,ligt=x\n>CLIENT:ENV,untrusted_port=47682\n"
	">CLIENT:ENV,untrusted_ip=192.0.2.7\n>CLIENT:ENV,username=anna\n>CLIENT:ENV,UV_username=other\n>CLIENT:ENV,IV_VER=2.6\n>CLIENT:ENV,END\n";

static void a_login(void **state)
{
	(void)state;
	for (size_t step = 1; step < 40; step += 3) {
		assert_int_equal(take(connect_text, step), 1);
		assert_int_equal(got[0].kind, OPENVPN_CONNECT);
		assert_int_equal(got[0].cid, 7);
		assert_int_equal(got[0].kid, 1);
		assert_string_equal(got[0].user, "anna");
		assert_string_equal(got[0].password, "hem,ligt=x");
		assert_string_equal(got[0].address, "192.0.2.7");
		assert_string_equal(got[0].port, "47682");
		assert_true(got[0].has_user && !got[0].is_damaged && !got[0].has_certificate);
	}
}

/* Nobody gets in by what was cut, too long or contradicts itself. */
static void damaged(void **state)
{
	char text[OPENVPN_LINE + 400];
	int n;
	(void)state;

	assert_int_equal(take(">CLIENT:CONNECT,7,1\n>CLIENT:ENV,username=a\n>CLIENT:ENV,username=b\n>CLIENT:ENV,END\n", 9), 1);
	assert_true(got[0].is_damaged);
	n = snprintf(text, sizeof text, ">CLIENT:CONNECT,7,1\n>CLIENT:ENV,username=a\n>CLIENT:ENV,password=%0*d\n>CLIENT:ENV,END\n", OPENVPN_PASSWORD + 1, 1);
	assert_true(n > 0);
	assert_int_equal(take(text, 100), 1);
	assert_true(got[0].is_damaged);
	n = snprintf(text, sizeof text, ">CLIENT:CONNECT,7,1\n>CLIENT:ENV,x=%0*d\n>CLIENT:ENV,END\n", OPENVPN_LINE + 1, 1);
	assert_true(n > 0);
	assert_int_equal(take(text, 1000), 1);
	assert_true(got[0].is_damaged);
	/* An event that another one interrupts is lost; one without numbers never begins. */
	assert_int_equal(take(">CLIENT:CONNECT,7,1\n>CLIENT:ENV,username=a\n>CLIENT:DISCONNECT,3\n>CLIENT:ENV,time_duration=9\n>CLIENT:ENV,END\n", 7), 1);
	assert_int_equal(got[0].kind, OPENVPN_DISCONNECT);
	assert_int_equal(got[0].seconds, 9);
	assert_string_equal(got[0].user, "");
	assert_int_equal(take(">CLIENT:CONNECT,7\n>CLIENT:ENV,END\n>CLIENT:CONNECT,-1,2\n>CLIENT:ENV,END\n>CLIENT:ENV,END\n", 7), 0);
}

static void the_list(void **state)
{
	(void)state;
	assert_int_equal(take("TITLE\tOpenVPN 2.6.14\nTIME\tx\t1\nHEADER\tCLIENT_LIST\tCommon Name\tReal Address\tVirtual Address\tVirtual IPv6 Address\t"
		"Bytes Received\tBytes Sent\tConnected Since\tConnected Since (time_t)\tUsername\tClient ID\tPeer ID\tData Channel Cipher\n"
		"CLIENT_LIST\tanna\t192.0.2.7:47682\t10.8.0.2\t\t3000\t4000\tx\t1795833935\tanna\t0\t0\tAES\n"
		"CLIENT_LIST\tUNDEF\tudp6:[2001:db8::7]:9\t\t\t1\t2\tx\t1795833936\tUNDEF\t12\t1\t\n"
		"HEADER\tROUTING_TABLE\tVirtual Address\tCommon Name\nROUTING_TABLE\t10.8.0.2\tanna\nGLOBAL_STATS\tx\t0\nEND\n", 11), 4);
	assert_int_equal(got[0].kind, OPENVPN_LIST);
	assert_int_equal(got[1].kind, OPENVPN_LISTED);
	assert_int_equal(got[1].cid, 0);
	assert_int_equal(got[1].since, 1795833935);
	assert_int_equal(got[1].in_octets, 3000);
	assert_string_equal(got[1].framed, "10.8.0.2");
	assert_string_equal(got[1].user, "anna");
	assert_string_equal(got[2].address, "2001:db8::7");
	assert_string_equal(got[2].port, "9");
	assert_false(got[2].has_user);
	assert_int_equal(got[3].kind, OPENVPN_LIST_END);
}

static void the_greeting(void **state)
{
	(void)state;
	assert_int_equal(take("ENTER PASSWORD:SUCCESS: password is correct\r\n>INFO:OpenVPN Management Interface Version 5\r\n>HOLD:Waiting:0\r\nERROR: no\r\n", 5), 4);
	assert_int_equal(got[0].kind, OPENVPN_WANTS_PASSWORD);
	assert_int_equal(got[1].kind, OPENVPN_READY);
	assert_int_equal(got[2].kind, OPENVPN_HOLD);
	assert_int_equal(got[3].kind, OPENVPN_ERROR);
}

/* As OpenVPN's parse_line takes a quoted parameter apart. */
static void unquote(struct str text, char *ret, size_t *ret_used)
{
	size_t i = 1, n = 0;

	assert_int_equal(text.at[0], '"');
	for (; text.at[i] != '"'; i++) {
		if (text.at[i] == '\\')
			i++;
		ret[n++] = text.at[i];
	}
	ret[n] = '\0';
	*ret_used = i + 1;
}

static void what_is_said(void **state)
{
	static struct openvpn_words words;
	char long_text[600], read[600];
	size_t used;
	(void)state;

	openvpn_say_permit(&words, 7, 1, 60);
	openvpn_say_permit(&words, 7, 2, 0);
	openvpn_say_deny(&words, 8, 0, STR("full"), STR("Säg \"nu\\då\"\nrad"));
	openvpn_say_kill(&words, 9, STR("Plats behövs för vård. Åter 13:15."));
	assert_memory_equal(words.at, "client-auth 7 1\nsession-timeout 60\nEND\nclient-auth-nt 7 2\nclient-deny 8 0 \"full\" \"Säg \\\"nu\\\\då\\\" rad\"\n"
		"client-kill 9 \"HALT,Plats behövs för vård. Åter 13:15.\"\n", words.n);
	for (size_t i = 0; i + 2 < sizeof long_text; i += 2)
		memcpy(long_text + i, "å", 3);
	words.n = 0;
	openvpn_quote(&words, STR("HALT,"), str_of(long_text));
	unquote((struct str){ words.at, words.n }, read, &used);
	assert_int_equal(used, words.n);
	assert_true(strlen(read) <= 254 && str_is_utf8(str_of(read)));
	/* A command that has no room is not there at all. */
	words.n = sizeof words.at - 40;
	openvpn_say_deny(&words, 8, 0, STR("full"), str_of(long_text));
	assert_true(words.is_full && words.n == sizeof words.at - 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_login), cmocka_unit_test(damaged), cmocka_unit_test(the_list), cmocka_unit_test(the_greeting),
		cmocka_unit_test(what_is_said) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
