/* Text that somebody else owns. Small, total functions: none of them fails, none allocates.
 *
 * SECURITY: str_number is the only way that wire bytes become numbers; strtol and its kin
 * accept signs, blanks and 0x and are not used on anything from outside. */
#include "base/str.h"

int str_compare(struct str a, struct str b)
{
	size_t n = MIN(a.len, b.len);
	int way = n ? memcmp(a.at, b.at, n) : 0;
	return way ? way : (a.len > b.len) - (a.len < b.len);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_equal(str_from(s, s.len - suffix.len), suffix);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len && is_blank(s.at[0]))
		s = str_from(s, 1);
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

struct str str_cut(struct str *rest, char mark)
{
	struct str whole = *rest;
	size_t n = str_find(whole, mark);
	*rest = n < whole.len ? str_from(whole, n + 1) : STR_NONE;
	return str_first(whole, n);
}

enum err str_number(struct str s, int64_t most, int64_t *ret)
{
	int64_t sum = 0;

	if (s.len == 0)
		return ERR_INVALID;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return ERR_INVALID;
		if (__builtin_mul_overflow(sum, (int64_t)10, &sum)
		    || __builtin_add_overflow(sum, (int64_t)(s.at[i] - '0'), &sum) || sum > most)
			return ERR_INVALID;
	}
	*ret = sum;
	return OK;
}

/* How many bytes the character at p takes, 0 when it is not well formed (RFC 3629 section 4). */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] <= 0xdf ? 2
	         : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)
	    || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

bool str_is_utf8(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.at;

	for (size_t i = 0, n; i < s.len; i += n)
		if ((n = utf8_length(p + i, s.len - i)) == 0)
			return false;
	return true;
}

struct str str_utf8_first(struct str s, size_t n)
{
	if (s.len <= n)
		return s;
	while (n && ((unsigned char)s.at[n] & 0xc0) == 0x80)
		n--;
	return str_first(s, n);
}

uint64_t str_hash(struct str s)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.at[i]) * 1099511628211u;
	return hash;
}
