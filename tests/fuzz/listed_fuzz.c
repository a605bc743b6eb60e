/* Any bytes as a VPN server's own list: whole and clean, or one record that says what is wrong. */
#define LONG_LIVED
#include "doors/files_sessions.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes out = { 0 };
	uint64_t n = 0, bad = 0;

	if (listed_read((struct str){ (const char *)data, size }, &out, &n, &bad) != OK)
		return 0;
	assert(out.len == (n + bad) * sizeof (struct listed_record) && (bad == 0 || (bad == 1 && n == 0)));
	for (size_t i = 0; i < n + bad; i++) {
		const struct listed_record *r = (const struct listed_record *)(const void *)out.at + i;
		assert(memchr(r->user, 0, sizeof r->user) && memchr(r->session, 0, sizeof r->session) && memchr(r->calling, 0, sizeof r->calling)
		       && memchr(r->framed, 0, sizeof r->framed));
		assert(r->problem < LISTED_PROBLEM_KINDS && (r->problem != 0) == (r->user[0] == 0));
		assert(str_is_utf8(str_of(r->user)) && str_is_utf8(str_of(r->session)) && r->number >= 0);
	}
	free(out.at);
	return 0;
}
