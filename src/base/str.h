#ifndef BASE_STR_H
#define BASE_STR_H
/* A piece of text that somebody else owns: where it begins and how long it is.
 *
 * Not ended by NUL; may hold any bytes. `at == NULL` means "no text" (SQL's NULL) and is
 * different from the empty text. A struct str is valid as long as what it points into:
 * an arena, a message, a row being stepped. Copy with str_copy (arena.h) to keep it. */
#include "base/base.h"

struct str { const char *at; size_t len; };

#define STR(literal) ((struct str){ "" literal, sizeof (literal) - 1 })
#define STR_NONE ((struct str){ NULL, 0 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).at ? (s).at : ""

/* The smallest stand at the end, for the compiler to put in place:
 *   str_of(c_string)        NULL gives STR_NONE
 *   str_equal(a, b)         str_starts(s, prefix)
 *   str_from(s, first)      the rest; empty when first is past it
 *   str_first(s, n)         at most n bytes
 *   str_find(s, char)       index, or len when absent */
int        str_compare(struct str, struct str);         /* by bytes */
bool       str_ends(struct str, struct str suffix);
struct str str_trim(struct str);                        /* blanks, tabs, CR, LF at both ends */
/* Cut at the first `mark`: returns what stands before it and moves *rest behind it.
 * Without a mark all is returned and *rest becomes STR_NONE. */
struct str str_cut(struct str *rest, char mark);

/* Digits only: no sign, no blanks, no 0x. ERR_INVALID on anything else or past `most`. */
enum err   str_number(struct str, int64_t most, int64_t *ret);

bool       str_is_utf8(struct str);                     /* well formed, RFC 3629 */
struct str str_utf8_first(struct str, size_t n);        /* at most n bytes, cut between characters */
uint64_t   str_hash(struct str);                        /* FNV-1a: for tables of our own data only */

static inline struct str str_of(const char *c_string)
{
	return c_string ? (struct str){ c_string, strlen(c_string) } : STR_NONE;
}

static inline bool str_equal(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline struct str str_first(struct str s, size_t n)
{
	return (struct str){ s.at, MIN(n, s.len) };
}

static inline bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

static inline struct str str_from(struct str s, size_t first)
{
	if (first > s.len)
		first = s.len;
	return s.at ? (struct str){ s.at + first, s.len - first } : s;
}

static inline size_t str_find(struct str s, char mark)
{
	const char *hit = s.len ? memchr(s.at, mark, s.len) : NULL;
	return hit ? (size_t)(hit - s.at) : s.len;
}
#endif
