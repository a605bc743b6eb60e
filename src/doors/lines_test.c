/* The line reader: every form's own test line, then the traps, each in the carriers that matter. */
#include "doors/lines.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

enum { MOST = 64 };
struct seen { struct line_event event[MOST]; char user[MOST][70000], address[MOST][300]; size_t n; };
static struct seen seen;

static void take(void *of, const struct line_event *event)
{
	struct seen *to = of;

	assert_true(to->n < MOST);
	size_t n = to->n++;
	to->event[n] = *event;
	if (event->user.at)
		to->event[n].user.at = memcpy(to->user[n], event->user.at, event->user.len);
	if (event->address.at)
		to->event[n].address.at = memcpy(to->address[n], event->address.at, event->address.len);
}

static void read_as(const char *format, bool wants_other, int year, struct str text)
{
	struct lines_options options = { .format = format, .year = year, .wants_other = wants_other, .each = take, .of = &seen };

	assert_int_equal(instant_parse(STR("2026-11-28T12:00:00Z"), &options.now), OK);
	seen.n = 0;
	struct lines *lines = lines_new(&options);
	assert_non_null(lines);
	lines_bytes(lines, text);
	lines_end(lines);
}

static void is_text(struct str s, const char *wanted)
{
	if (!wanted) {
		assert_null(s.at);
		return;
	}
	assert_non_null(s.at);
	assert_int_equal(s.len, strlen(wanted));
	assert_memory_equal(s.at, wanted, s.len);
}

/* One line, one event. */
static void gives(const char *line, enum line_outcome outcome, const char *user, const char *address)
{
	read_as(NULL, true, 2026, str_of(line));
	if (seen.n != 1 || seen.event[0].outcome != outcome)
		print_error("%s\n", line);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.event[0].outcome, outcome);
	is_text(seen.event[0].user, user);
	is_text(seen.event[0].address, address);
}

static void is_at(size_t i, const char *when)
{
	struct instant at;

	assert_true(seen.n > i && seen.event[i].has_time);
	assert_int_equal(instant_parse(str_of(when), &at), OK);
	assert_int_equal(seen.event[i].at.ms, at.ms);
}

static void wrong(const char *line, const char *why)
{
	print_error("%s: %s\n", line, why);
}

static void every_form_takes_its_own_line(void **state)
{
	assert_int_equal(lines_forms_check(wrong), 0);
}

/* T1, T2, T3 */
static void addresses_are_tidied(void **state)
{
	gives("sshd[1]: Failed password for a from fe80::1%eth0 port 1 ssh2", LINE_FAILURE, "a", "fe80::1");
	gives("sshd[1]: Failed password for a from ::ffff:192.0.2.1 port 1 ssh2", LINE_FAILURE, "a", "192.0.2.1");
	gives("sshd[1]: Failed password for a from 2001:DB8:0:0::1 port 1 ssh2", LINE_FAILURE, "a", "2001:db8::1");
	gives("sshd[1]: Failed password for a from Host.example.org port 1 ssh2", LINE_FAILURE, "a", "Host.example.org");
	gives("sshd[1]: Failed password for a from 192.030.0.6 port 1 ssh2", LINE_FAILURE, "a", "192.030.0.6");
}

/* T4 */
static void a_name_cannot_put_an_address_in(void **state)
{
	gives("sshd[1]: Failed password for invalid user a from 1.2.3.4 port 22 ssh2 from 192.0.2.1 port 1 ssh2", LINE_FAILURE,
	      "a from 1.2.3.4 port 22 ssh2", "192.0.2.1");
	gives("sshd[1]: Invalid user a from 1.2.3.4 port 1 from 192.0.2.1 port 2", LINE_FAILURE, "a from 1.2.3.4 port 1", "192.0.2.1");
	gives("sshd[1]: Failed password for invalid user from 1.2.3.4 port 1 ssh2 from 192.0.2.1 port 1 ssh2", LINE_FAILURE, "from 1.2.3.4 port 1 ssh2",
	      "192.0.2.1");
	gives("sshd[1]: Failed hostbased for a from 192.0.2.1 port 1 ssh2: RSA SHA256:x, client user \"b from 1.2.3.4 port 1 ssh2\", client host \"c\"",
	      LINE_FAILURE, "a", "192.0.2.1");
	gives("sshd[1]: Accepted publickey for a from 192.0.2.1 port 1 ssh2: RSA-CERT SHA256:x ID b from laptop (serial 5) CA RSA SHA256:y", LINE_SUCCESS,
	      "a", "192.0.2.1");
	gives("sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser=a rhost=1.2.3.4 rhost=192.0.2.1  user=b rhost=1.2.3.5",
	      LINE_FAILURE, "b rhost=1.2.3.5", "192.0.2.1");
	gives("Nov 24 08:00:00 gw radiusd[5]: (3) Login incorrect (No Auth-Type found: rejecting the user via Post-Auth-Type = Reject): [x] (from client evil port 5 cli 1.2.3.4)] "
	      "(from client vpn port 7 cli 192.0.2.1)", LINE_FAILURE, "x] (from client evil port 5 cli 1.2.3.4)", "192.0.2.1");
	gives("Nov 24 08:00:00 fw %ASA-6-605004: Login denied from 192.0.2.1/2244 to outside:203.0.113.1/ssh for user \"a from 1.2.3.4/5\"", LINE_FAILURE, "a from 1.2.3.4/5",
	      "192.0.2.1");
	gives("date=2026-11-24 time=08:00:00 tz=\"+0100\" logid=\"0101039426\" type=\"event\" subtype=\"vpn\" action=\"ssl-login-fail\" remip=192.0.2.1 user=\"a remip=1.2.3.4 srcip=1.2.3.5\" "
	      "reason=\"sslvpn_login_unknown_user\"", LINE_FAILURE, "a remip=1.2.3.4 srcip=1.2.3.5", "192.0.2.1");
}

static void carriers_change_nothing(void **state)
{
#define MESSAGE "Failed password for root from 192.0.2.1 port 22 ssh2"
	static const char *const same[] = {
		"Nov 24 08:00:00 gw sshd[1]: " MESSAGE, "<34>Nov 24 08:00:00 gw sshd[1]: " MESSAGE, "Nov 24 08:00:00 sshd[1]: " MESSAGE,
		"Nov 24 2026 08:00:00 gw sshd[1]: " MESSAGE, "Nov 24 08:00:00.000000 gw sshd-session[1]: " MESSAGE "\r\n",
		"<34>1 2026-11-24T08:00:00.000+01:00 gw sshd 1 - - " MESSAGE, "<34>1 2026-11-24T07:00:00Z gw sshd 1 id [a b=\"c ] \\\" d\"][e] \xef\xbb\xbf" MESSAGE,
		"2026-11-24T08:00:00+0100 gw sshd[1]: " MESSAGE, "2026-11-24T08:00:00.000000+01:00 gw sshd-auth[1]: " MESSAGE, "2026-11-24 08:00:00 gw sshd[1]: " MESSAGE,
		"Tue 2026-11-24 08:00:00 CET gw sshd[1]: " MESSAGE, "1795503600.000000 gw sshd[1]: " MESSAGE, "Tue Nov 24 08:00:00 2026 gw sshd[1]: " MESSAGE,
		"{\"__REALTIME_TIMESTAMP\":\"1795503600000000\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_PID\":\"1\",\"_HOSTNAME\":\"gw\",\"MESSAGE\":\"" MESSAGE "\"}",
		"{\"log\":\"" MESSAGE "\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-24T07:00:00.000000000Z\"}",
		"{\"@timestamp\":\"2026-11-24T07:00:00Z\",\"process\":{\"name\":\"sshd\",\"pid\":1},\"message\":\"" MESSAGE "\"}",
		"Nov 24 08:00:00 relay gw sshd[1]: " MESSAGE, "Nov 24 08:00:00 gw /usr/sbin/sshd[1]: " MESSAGE,
	};
	for (size_t i = 0; i < LENGTH(same); i++) {
		gives(same[i], LINE_FAILURE, "root", "192.0.2.1");
		is_at(0, "2026-11-24T07:00:00Z");
		assert_string_equal(seen.event[0].service, "sshd");
	}
	gives(MESSAGE, LINE_FAILURE, "root", "192.0.2.1");
	assert_false(seen.event[0].has_time);
	gives("Nov 24 08:00:00 gw other[1]: " MESSAGE, LINE_OTHER, NULL, NULL);
	gives("Nov 24 08:00:00 gw sudo: eva : TTY=pts/0 ; COMMAND=/bin/echo " MESSAGE, LINE_OTHER, NULL, NULL);
}

/* What a web server's log quotes of a stranger is nobody's login. */
static void quoted_strangers_say_nothing(void **state)
{
	static const char *const quoted[] = {
		"Authentication attempt from 192.0.2.1 for user \"root\" failed.", "type=LOGIN_ERROR, realmId=m, ipAddress=192.0.2.1, error=user_not_found, username=root",
		"%ASA-6-605004: Login denied from 192.0.2.1/1 to a for user \"root\"", "CEF:0|Fortinet|Fortigate|v7|1|x|1|cat=event:vpn act=ssl-login-fail src=192.0.2.1 duser=root",
		"logid=1 type=event subtype=vpn action=ssl-login-fail remip=192.0.2.1 user=root", MESSAGE, "id=firewall sn=1 msg=\"User login denied\" usr=root src=192.0.2.1:1:X1",
		"1,2026/11/24 08:00:00,1,GLOBALPROTECT,0,1,2026/11/24 08:00:00,v,gateway-auth,login,L,,root,SE,P,192.0.2.1,,,,,,,,,,,,,failure,",
		"Username or password is incorrect. Try again. IP: 192.0.2.1. Username: root.", "AUTHFAIL: user=root ip=192.0.2.1 time=1",
	};
	char line[600];

	for (size_t i = 0; i < LENGTH(quoted); i++) {
		snprintf(line, sizeof line, "Nov 24 08:00:00 web nginx[5]: 203.0.113.1 - - \"GET / HTTP/1.1\" 200 5 \"-\" \"%s\"", quoted[i]);
		gives(line, LINE_OTHER, NULL, NULL);
		snprintf(line, sizeof line, "203.0.113.1 - - [24/Nov/2026:08:00:00 +0100] \"GET / HTTP/1.1\" 200 5 \"-\" \"%s\"", quoted[i]);
		gives(line, LINE_OTHER, NULL, NULL);
		snprintf(line, sizeof line, "Nov 24 08:00:00 gw sshd[5]: Bad protocol version identification '%s' from 203.0.113.1 port 5", quoted[i]);
		gives(line, LINE_OTHER, NULL, NULL);
	}
}

/* T6 */
static void repeated_messages_count(void **state)
{
	gives("Nov 24 08:00:00 gw sshd[1]: message repeated 4 times: [ " MESSAGE "]", LINE_FAILURE, "root", "192.0.2.1");
	assert_int_equal(seen.event[0].count, 4);
	gives("Nov 24 08:00:00 gw sshd[1]: PAM 3 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=bo", LINE_FAILURE, "bo",
	      "192.0.2.1");
	assert_int_equal(seen.event[0].count, 3);
	read_as(NULL, false, 2026, STR("Nov 24 08:00:00 gw sshd[1]: " MESSAGE "\nNov 24 08:00:09 gw last message repeated 2 times\n"));
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.event[1].count, 2);
}

/* T7: what another line of the same connection told, whatever stands between */
static void lines_of_a_connection_are_joined(void **state)
{
	read_as(NULL, false, 2026, STR("Nov 24 08:00:00 gw sshd[7]: Connection from 192.0.2.7 port 1 on 192.0.2.1 port 22\n"
	                               "Nov 24 08:00:00 gw sshd[8]: Connection from 192.0.2.8 port 1 on 192.0.2.1 port 22\n"
	                               "Nov 24 08:00:01 gw sshd[7]: fatal: Access denied for user bo by PAM account configuration [preauth]\n"
	                               "Nov 24 08:00:01 gw sshd[9]: User carl not allowed because account is locked\n"));
	assert_int_equal(seen.n, 2);
	is_text(seen.event[0].address, "192.0.2.7");
	is_text(seen.event[1].address, NULL);
	/* The same pid, but somebody else: another connection. */
	read_as(NULL, false, 2026, STR("Nov 24 08:00:00 gw sshd[7]: Failed password for anna from 192.0.2.7 port 1 ssh2\n"
	                               "Nov 24 08:00:00 gw sshd[7]: User carl not allowed because account is locked\n"
	                               "Nov 24 08:00:00 gw sshd[8]: Connection from 192.0.2.8 port 1 on 192.0.2.1 port 22\n"
	                               "Nov 24 09:00:00 gw sshd[8]: User carl not allowed because account is locked\n"));
	assert_int_equal(seen.n, 3);
	is_text(seen.event[1].address, NULL);
	is_text(seen.event[2].address, NULL);
	read_as(NULL, false, 2026, STR("Nov 24 08:00:00 gw sshd[7]: Connection from 192.0.2.7 port 1 on 192.0.2.1 port 22\n"
	                               "Nov 24 08:00:01 gw sshd[7]: User bo not allowed because account is locked\n"
	                               "Nov 24 08:00:01 gw sshd[8]: User carl not allowed because account is locked\n"));
	assert_int_equal(seen.n, 2);
	is_text(seen.event[0].address, "192.0.2.7");
	assert_true(seen.event[0].session != seen.event[1].session);
}

/* OpenVPN's failures tell no name: none is made up. */
static void a_name_that_is_not_told_is_not_known(void **state)
{
	gives("openvpn[5]: 192.0.2.1:44 SENT CONTROL [UNDEF]: 'AUTH_FAILED' (status=1)", LINE_FAILURE, NULL, "192.0.2.1");
	gives("openvpn[5]: UNDEF/192.0.2.1:44 TLS Auth Error: Auth Username/Password verification failed for peer", LINE_FAILURE, NULL, "192.0.2.1");
	gives("openvpn[5]: 192.0.2.1:44 [anna] Peer Connection Initiated with [AF_INET]192.0.2.1:44", LINE_OTHER, "anna", "192.0.2.1");
}

/* T8 */
static void a_closed_connection_is_no_attempt(void **state)
{
	gives("sshd[1]: Disconnected from authenticating user root 192.0.2.1 port 2 [preauth]", LINE_OTHER, "root", "192.0.2.1");
	gives("sshd[1]: Connection closed by authenticating user root 192.0.2.1 port 2 [preauth]", LINE_OTHER, "root", "192.0.2.1");
	gives("sshd[1]: drop connection #10 from [192.0.2.1]:22 on [192.0.2.2]:22 past MaxStartups", LINE_OTHER, NULL, NULL);
}

/* T9 */
static void years_step_forward(void **state)
{
	struct str two = STR("Dec 31 23:59:59 gw sshd[1]: " MESSAGE "\nJan  1 00:00:01 gw sshd[1]: " MESSAGE "\nDec 31 23:59:59 gw sshd[1]: " MESSAGE
	                     "\nFeb 28 00:00:00 gw sshd[1]: " MESSAGE "\n");
	read_as(NULL, false, 2023, two);
	is_at(0, "2023-12-31T22:59:59Z");
	is_at(1, "2023-12-31T23:00:01Z");
	is_at(2, "2023-12-31T22:59:59Z");
	is_at(3, "2024-02-27T23:00:00Z");
	read_as(NULL, false, 0, two);
	is_at(0, "2025-12-31T22:59:59Z");
	read_as(NULL, false, 0, STR("Feb 29 10:00:00 gw sshd[1]: " MESSAGE "\nMar  1 10:00:00 gw sshd[1]: " MESSAGE));
	is_at(0, "2024-02-29T09:00:00Z");
	read_as(NULL, false, 0, STR("Nov 28 13:00:01 gw sshd[1]: " MESSAGE));
	is_at(0, "2025-11-28T12:00:01Z");
	read_as(NULL, false, 0, STR("Nov 28 13:00:00 gw sshd[1]: " MESSAGE));
	is_at(0, "2026-11-28T12:00:00Z");
}

/* T12 */
static void odd_bytes_stop_nothing(void **state)
{
	static char big[3 << 20], text[200000];
	size_t n = 0;

	gives("sshd[1]: Failed password for invalid user  from 192.0.2.1 port 1 ssh2", LINE_FAILURE, "", "192.0.2.1");
	gives("sshd[1]: Failed password for invalid user \"a b\" from 192.0.2.1 port 1 ssh2", LINE_FAILURE, "\"a b\"", "192.0.2.1");
	gives("sshd[1]: Failed password for invalid user a#012b\\\"c from 192.0.2.1 port 1 ssh2", LINE_FAILURE, "a#012b\\\"c", "192.0.2.1");
	gives("sshd[1]: Failed password for invalid user J\xc3\xb6ran \x1b[2J from 192.0.2.1 port 1 ssh2", LINE_FAILURE, "J\xc3\xb6ran \x1b[2J", "192.0.2.1");
	gives("type=\"event\" subtype=\"vpn\" action=\"ssl-login-fail\" remip=192.0.2.1 user=\"a\\\" remip=1.2.3.4 b\" logid=\"0101039426\"", LINE_FAILURE, "a\" remip=1.2.3.4 b", "192.0.2.1");
	memset(text, 'u', 10000);
	n = (size_t)snprintf(big, sizeof big, "sshd[1]: Failed password for invalid user %.10000s from 192.0.2.1 port 1 ssh2\nsshd[1]: ", text);
	memset(big + n, 0xfe, 2 << 20);
	n += 2 << 20;
	memcpy(big + n, "\0x\nsshd[1]: Failed password for \0 from 192.0.2.1 port 1 ssh2", 60);
	read_as(NULL, false, 2026, (struct str){ big, n + 60 });
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.event[0].user.len, 10000);
	assert_int_equal(seen.event[1].line, 3);
	assert_int_equal(seen.event[1].user.len, 1);
	n = (size_t)snprintf(big, sizeof big, "sshd[1]: Failed password for invalid user ");
	for (; n < 1 << 20; n += 30)
		memcpy(big + n, " from 1.2.3.4 port 1 ssh2: xyz", 30);
	n += (size_t)snprintf(big + n, 100, " from 192.0.2.1 port 1 ssh2");
	read_as(NULL, false, 2026, (struct str){ big, n });
	assert_int_equal(seen.n, 1);
	is_text(seen.event[0].address, "192.0.2.1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_takes_its_own_line),
		cmocka_unit_test(addresses_are_tidied),
		cmocka_unit_test(a_name_cannot_put_an_address_in),
		cmocka_unit_test(carriers_change_nothing),
		cmocka_unit_test(quoted_strangers_say_nothing),
		cmocka_unit_test(repeated_messages_count),
		cmocka_unit_test(lines_of_a_connection_are_joined),
		cmocka_unit_test(a_name_that_is_not_told_is_not_known),
		cmocka_unit_test(a_closed_connection_is_no_attempt),
		cmocka_unit_test(years_step_forward),
		cmocka_unit_test(odd_bytes_stop_nothing),
	};

	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
