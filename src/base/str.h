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

struct str str_of(const char *c_string);                /* NULL gives STR_NONE */
bool       str_equal(struct str, struct str);
int        str_compare(struct str, struct str);         /* by bytes */
bool       str_starts(struct str, struct str prefix);
bool       str_ends(struct str, struct str suffix);
struct str str_trim(struct str);                        /* blanks, tabs, CR, LF at both ends */
struct str str_from(struct str, size_t first);          /* the rest; empty when first is past it */
struct str str_first(struct str, size_t n);             /* at most n bytes */
/* Cut at the first `mark`: returns what stands before it and moves *rest behind it.
 * Without a mark all is returned and *rest becomes STR_NONE. */
struct str str_cut(struct str *rest, char mark);
size_t     str_find(struct str, char);                  /* index, or len when absent */

/* Digits only: no sign, no blanks, no 0x. ERR_INVALID on anything else or past `most`. */
enum err   str_number(struct str, int64_t most, int64_t *ret);

bool       str_is_utf8(struct str);                     /* well formed, RFC 3629 */
struct str str_utf8_first(struct str, size_t n);        /* at most n bytes, cut between characters */
uint64_t   str_hash(struct str);                        /* FNV-1a: for tables of our own data only */
#endif
