/* Any bytes as a log of resets: records are whole, their texts end and are clean, and what is wrong holds no text. */
#define LONG_LIVED
#include "doors/files_resets.h"
#include "base/str.h"
#include "base/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool has_begun;
	struct bytes out = { 0 };
	uint64_t n = 0, bad = 0;

	if (!has_begun)
		when_start();
	has_begun = true;
	if (resets_read((struct str){ (const char *)data, size }, &out, &n, &bad) != OK)
		return 0;
	assert(out.len == (n + bad) * sizeof (struct reset_record));
	for (size_t i = 0; i < n + bad; i++) {
		const struct reset_record *r = (const struct reset_record *)(const void *)out.at + i;
		assert(memchr(r->person, 0, sizeof r->person) && memchr(r->by, 0, sizeof r->by) && memchr(r->kind, 0, sizeof r->kind));
		assert(r->problem < RESET_PROBLEM_KINDS && (r->problem != 0) == (r->person[0] == 0));
		assert(str_is_utf8(str_of(r->person)) && str_is_utf8(str_of(r->by)) && str_is_utf8(str_of(r->kind)));
	}
	free(out.at);
	return 0;
}
