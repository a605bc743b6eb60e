/* Any bytes as a log, in every format and split anywhere. Beside what the sanitizers see: events come in the order of their lines, counts and
 * outcomes are possible, an address is short, and whole or in pieces gives the same. */
#include "doors/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

struct sum { uint64_t hash, n; int64_t line, most; };

static void take(void *of, const struct line_event *event)
{
	struct sum *sum = of;

	assert(event->line >= 1 && event->line <= sum->most && event->count >= 1);
	assert(event->outcome >= LINE_OTHER && event->outcome <= LINE_SUCCESS && (event->service || event->outcome == LINE_OTHER));
	assert(event->address.len <= 1024 && event->user.len <= 1 << 20 && event->reason.len <= 1 << 20);
	sum->line = event->line;
	sum->n++;
	sum->hash = sum->hash * 31 + str_hash(event->user) + str_hash(event->address) * 3 + str_hash(event->reason) * 5 + (uint64_t)event->line * 7
	          + (uint64_t)event->outcome + (event->has_time ? (uint64_t)event->at.ms * 11 : 0);
}

static struct sum read_as(const char *format, bool wants_other, struct str text)
{
	struct sum sum = { .most = 1 };
	struct lines_options options = { .format = format, .now = { (int64_t)1795500000 * 1000 }, .wants_other = wants_other, .each = take, .of = &sum };

	for (size_t i = 0; i < text.len; i++)
		sum.most += text.at[i] == '\n';
	struct lines *lines = lines_new(&options);
	assert(lines);
	lines_bytes(lines, text);
	assert(lines_count(lines) <= sum.most);
	lines_end(lines);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static const char *const formats[] = { NULL, "sshd", "pam", "openvpn", "ocserv", "strongswan", "freeradius", "fortigate", "asa", "paloalto", "sonicwall",
		"windows", "entra", "keycloak", "dropbear", "cockpit", "pfsense", "guacamole", "vaultwarden", "xrdp" };
	static bool has_begun;

	if (!has_begun)
		when_start();
	has_begun = true;
	if (!n)
		return 0;
	struct str text = { (const char *)at + 1, n - 1 };
	const char *format = formats[at[0] % LENGTH(formats)];
	struct sum one = read_as(format, true, text), again = read_as(format, true, text);
	assert(one.hash == again.hash && one.n == again.n);
	assert(read_as(format, false, text).n <= one.n);
	return 0;
}
