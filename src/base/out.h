#ifndef BASE_OUT_H
#define BASE_OUT_H
/* Bytes that grow: pages, leaves, command output are written here.
 *
 * An out lives in an arena and obeys its ceiling. The escaping writers are the only way
 * that foreign text enters HTML, JSON or CSV; each is named for the place it is safe in. */
#include "base/arena.h"

struct out { struct arena *arena; char *at; size_t len, room; int sink; };

struct out out_new(struct arena *);
/* What is written goes to this descriptor in pieces, so that long output needs no memory; out_str holds only what has not gone
 * yet. out_drain writes the rest: ERR_IO when the reader is gone or the disk is full. For programs, not for pages. */
struct out out_to(struct arena *, int fd);
enum err   out_drain(struct out *);
struct str out_str(const struct out *);                 /* what stands there; valid until the next write */
char      *out_room(struct out *, size_t n);            /* n more bytes to fill in; counts as written */

void out_byte(struct out *, char);
void out_put(struct out *, struct str);
void out_text(struct out *, const char *);              /* a C string of ours, as it is */
void out_int(struct out *, int64_t);
void out_print(struct out *, const char *format, ...) CHECKED_FORMAT(2, 3);

void out_html(struct out *, struct str);                /* element text and quoted attributes: & < > " ' */
void out_json(struct out *, struct str);                /* with its quotation marks; bad UTF-8 becomes U+FFFD; STR_NONE: null */
void out_hex(struct out *, const void *, size_t);
void out_base64(struct out *, const void *, size_t);    /* RFC 4648 section 4, with padding */
void out_csv(struct out *, struct str);                 /* quoted when needed; a leading = + - @ TAB gets an apostrophe */
void out_url(struct out *, struct str);                 /* a path segment or query value, percent-encoded */
#endif
