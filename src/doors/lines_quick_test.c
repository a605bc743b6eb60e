/* The quick ways of the line reader against the slow ones: messages of plain shapes by the tables of forms, a log in one go by its lines one by one. */
#include "doors/lines_parts.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static uint64_t state = 88172645463325252u;

static size_t any(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

static const char *one_of(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return words[any(n)];
}

/* Words that messages are made of, and what strangers call themselves. */
static const char *const names[] = { "x", "root", "from", "for", "invalid", "user", "illegal", "port", "ssh2", "none", "anna.b@muni.example", "-", "1.2.3.4", "by",
	"password", "authenticating", "a'b", "åsa", "x/y", "", "a b", "x from 1.2.3.4 port 5 ssh2", "x user=y", "[preauth]", NULL };
static const char *const places[] = { "192.0.2.1", "0.0.0.0", "255.255.255.255", "256.1.1.1", "01.2.3.4", "1.2.3", "1.2.3.4.5", "2001:db8::1", "::1", "::", "1::", ":1:2",
	"::ffff:192.0.2.1", "fe80::1%eth0", "2001:DB8::1", "2001:db8:0:0:0:0:0:1", "2001:0db8::1", "1:2:3:4:5:6:7:8", "host.example.org", "UNKNOWN", "192.0.2.1:22",
	"[::1]", "1:0:0:2:0:0:0:3", "", NULL };
static const char *const numbers[] = { "1", "65535", "0", "x", "", "123456", NULL };
static const char *const rests[] = { "", "z", "ED25519 SHA256:AbC+/d", "RSA from 6.6.6.6 port 1 ssh2", "x from 6.6.6.6 port 1 ssh2: RSA SHA256:x", " from 6.6.6.6 port 1 ssh2",
	"11: Bye Bye [preauth]", "(uid=0)", NULL };
static const char *const extras[] = { " ", "x", " from 1.2.3.4", " port 9", " [preauth]", ":", "'", " user=z", " ssh2", "\t", NULL };

static struct str make(const char *shape, char *room, size_t size)
{
	size_t n = 0;

	while (*shape && n + 200 < size) {
		const char *piece = shape;
		size_t len = strcspn(shape, "%");
		if (!len) {
			piece = shape[1] == 'u' ? one_of(names) : shape[1] == 'a' ? one_of(places) : shape[1] == 'n' ? one_of(numbers) : one_of(rests);
			len = strlen(piece);
			shape += 2;
		} else {
			shape += len;
		}
		memcpy(room + n, piece, len);
		n += len;
	}
	while (any(3) == 0) {                    /* something added, or something lost */
		const char *extra = one_of(extras);
		size_t len = strlen(extra), at = any(n + 1);
		if (any(2)) {
			memmove(room + at + len, room + at, n - at);
			memcpy(room + at, extra, len);
			n += len;
		} else if (n > at) {
			size_t lost = any(6);
			lost = MIN(lost, n - at);
			memmove(room + at, room + at + lost, n - at - lost);
			n -= lost;
		}
	}
	return (struct str){ room, n };
}

static bool is_same(struct str a, struct str b)
{
	return !a.at == !b.at && str_equal(a, b);
}

static struct str tidy(const struct line_found *found, char *room)
{
	return found->address.at && !found->is_tidy ? address_tidy(found->address, found->has_port, room) : found->address;
}

static void plain_is_what_the_tables_say(void **of)
{
	static struct line_finder finder;
	char room[2000], a[128], b[128];
	size_t n_plain = 0;

	finder_start(&finder, NULL);
	for (int s = 0; line_services[s]; s++) {
		struct line_plain *plain = plain_new(s, finder_judge);
		for (int i = 0; plain && i < 200000; i++) {
			struct line_found quick, slow;
			struct str text = make(one_of(line_services[s]->plain), room, sizeof room);
			if (!plain_match(plain, text, &quick))
				continue;
			n_plain++;
			bool is_right = finder_judge(s, text, &slow) && quick.outcome == slow.outcome && quick.service == slow.service && quick.form == slow.form
			             && quick.count == slow.count && quick.is_denial == slow.is_denial && quick.is_nameless == slow.is_nameless && !slow.is_time
			             && is_same(quick.user, slow.user) && is_same(tidy(&quick, a), tidy(&slow, b)) && is_same(quick.reason, slow.reason)
			             && is_same(quick.session, slow.session);
			if (!is_right)
				print_error("%.*s\n", STR_ARG(text));
			assert_true(is_right);
		}
		free(plain);
	}
	assert_true(n_plain > 20000);
}

enum { LINES = 3000 };
struct told { int64_t line; struct instant at; bool has_time; enum line_outcome outcome; const char *service; char user[80], address[80], reason[80]; };
struct heard { struct told told[LINES + 10]; size_t n; int64_t line; };

static void take(void *of, const struct line_event *event)
{
	struct heard *to = of;
	struct told *told = &to->told[to->n++];

	assert_true(to->n <= LINES);
	memset(told, 0, sizeof *told);
	told->line = to->line + event->line;
	told->at = event->at;
	told->has_time = event->has_time;
	told->outcome = event->outcome;
	told->service = event->service;
	snprintf(told->user, sizeof told->user, "%d:" STR_FMT, event->user.at != NULL, STR_ARG(event->user));
	snprintf(told->address, sizeof told->address, "%d:" STR_FMT, event->address.at != NULL, STR_ARG(event->address));
	snprintf(told->reason, sizeof told->reason, STR_FMT, STR_ARG(event->reason));
}

/* Names, times and programs that change now and then; each line a connection of its own, so that nothing is joined. */
static void a_log_is_its_lines(void **of)
{
	static char text[LINES * 400];
	static struct heard whole, single;
	static const char *const hosts[] = { "gw0", "gw1", "a-long-name.of.a.host.example", "CET", "h", "::1", NULL };
	static const char *const programs[] = { "sshd[%d]: ", "sshd[%d]: ", "sshd-session[%d]: ", "sshd(pam_unix)[%d]: ", "sshd: ", "cron[%d]: ", "sshd[%d] ", NULL };
	static const char *const times[] = { "Nov %2d %02d:%02d:%02d ", "Nov %2d %02d:%02d:%02d ", "Nov %2d %02d:%02d:%02d.5 ", "Nov %2d %02d:%02d:%02d 2026 ", NULL };
	size_t n = 0, from[LINES + 1];
	char room[2000];

	for (int i = 0; i < LINES; i++) {
		char program[60];
		from[i] = n;
		snprintf(program, sizeof program, any(30) ? programs[0] : one_of(programs), 1000 + i);
		n += (size_t)snprintf(text + n, 60, any(30) ? times[0] : one_of(times), 10 + i / 1000, i / 100 % 24, i / 50 % 60, (int)any(60));
		struct str message = any(20) ? make(one_of(line_services[0]->plain), room, sizeof room) : STR("message repeated 2 times: [ Failed password for x from 192.0.2.1 port 1 ssh2]");
		n += (size_t)snprintf(text + n, 300, "%s %s%.*s", any(20) ? hosts[any(2)] : one_of(hosts), program, (int)MIN(message.len, (size_t)150), message.at);
		text[n++] = any(50) ? '\n' : '\r';
		if (text[n - 1] == '\r')
			text[n++] = '\n';
	}
	from[LINES] = n;
	struct lines_options options = { .year = 2026, .now = { (int64_t)1795700000 * 1000 }, .wants_other = true, .each = take, .of = &whole };
	struct lines *lines = lines_new(&options);
	lines_bytes(lines, (struct str){ text, n });
	lines_end(lines);
	options.of = &single;
	for (int i = 0; i < LINES; i++) {
		single.line = i;
		lines = lines_new(&options);
		lines_bytes(lines, (struct str){ text + from[i], from[i + 1] - from[i] });
		lines_end(lines);
	}
	assert_int_equal(whole.n, single.n);
	for (size_t i = 0; i < whole.n; i++) {
		if (memcmp(&whole.told[i], &single.told[i], sizeof whole.told[i]) != 0)
			print_error("%.*s\n", (int)(from[i + 1] - from[i]), text + from[i]);
		assert_memory_equal(&whole.told[i], &single.told[i], sizeof whole.told[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_is_what_the_tables_say),
		cmocka_unit_test(a_log_is_its_lines),
	};

	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
