/* Any bytes as a link, and any as a list of owned hosts. Beside what the sanitizers see: a link that is called ours has an owned host,
 * whatever stands around it; reasons and verdict agree; the host is ASCII and in lower case; what is checked twice is the same. */
#include "doors/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static const char *const owned[] = { "login.storvik.se", "xn--rksmrgs-5wao1o.se", "[2001:db8::1]", "a.se" };

static struct link_book *book_of(struct arena *arena)
{
	struct link_book *book = NULL;
	struct trouble trouble = { 0 };

	assert(link_book_new(arena, &book, &trouble) == OK);
	for (size_t i = 0; i < LENGTH(owned); i++)
		assert(link_book_add(book, str_of(owned[i]), &trouble) == OK);
	assert(link_book_add(book, STR("*.lillby-kommun.se"), &trouble) == OK);
	assert(link_book_close(book, &trouble) == OK);
	return book;
}

static bool is_owned(struct str host)
{
	for (size_t i = 0; i < LENGTH(owned); i++)
		if (str_equal(host, str_of(owned[i])))
			return true;
	return host.len > sizeof ".lillby-kommun.se" - 1 && str_ends(host, STR(".lillby-kommun.se"));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static struct arena *kept, *scratch;
	static struct link_book *book;
	struct link_finding finding, again;
	struct str text = { (const char *)at, n };

	if (!book) {
		kept = arena_new((size_t)64 << 20);
		scratch = arena_new((size_t)256 << 20);
		book = book_of(kept);
	}
	link_check(book, scratch, text, &finding);
	for (size_t i = 0; i < finding.host.len; i++)
		assert((unsigned char)finding.host.at[i] > 0x20 && (unsigned char)finding.host.at[i] < 0x7f && !(finding.host.at[i] >= 'A' && finding.host.at[i] <= 'Z'));
	assert(finding.reasons && finding.reasons >> LINK_REASON_COUNT == 0);
	assert((finding.verdict == LINK_OURS) == (finding.reasons >> LINK_LISTED & 1));
	assert(finding.verdict != LINK_OURS || is_owned(finding.host));
	assert((finding.verdict == LINK_IMITATES) == (finding.imitates.at != NULL));
	assert(finding.verdict != LINK_IMITATES || !is_owned(finding.host));
	link_check(book, scratch, text, &again);
	assert(again.verdict == finding.verdict && again.reasons == finding.reasons && str_equal(again.host, finding.host));
	arena_empty(scratch);

	/* The same bytes as a list, now and then: a book is slow to open. */
	if (n && at[0] == '#') {
		struct arena *arena = arena_new((size_t)64 << 20);
		struct link_book *other = NULL;
		struct trouble trouble = { 0 };
		assert(link_book_new(arena, &other, &trouble) == OK);
		if (link_book_add_list(other, text, &trouble) == OK) {
			assert(link_book_close(other, &trouble) == OK);
			link_check(other, scratch, text, &finding);
			arena_empty(scratch);
		} else {
			assert(trouble.text[0]);
		}
		link_book_end(other);
		arena_end(arena);
	}
	return 0;
}
