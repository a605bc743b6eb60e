#ifndef DOORS_WEB_GUARD_H
#define DOORS_WEB_GUARD_H
/* The framing guard: what libmicrohttpd 0.9.75 lets through and we do not, and the rules against forged requests.
 *
 * Called at the handler's first call, before any body is read. Answers 0, or the status to refuse with. */
#include <microhttpd.h>
#include "doors/message.h"

enum { GUARD_HEAD_MOST = 16 * 1024, GUARD_FIELDS_MOST = 100 };

/* The fields that Samordna reads, each at most once. STR_NONE: absent. */
struct web_head {
	struct str host, length, coding, origin, site, cookie, authorization, type, accept, language;
	bool       is_site_doubled;
	uint64_t   body;               /* Content-Length */
	bool       has_body;           /* Content-Length over 0, or chunked */
};

/* `target` is the raw request target as it came (the library has since cut and decoded its own), `target_at` where it lies in the
 * library's buffer; what `ret` points to lies there too. */
int web_guard(struct MHD_Connection *, const char *method, struct str target, const char *target_at, const char *version,
              struct web_head *ret);

/* One of the origins that are ours (blanks between them): "http://localhost:8080". */
bool web_origin_is_ours(const char *origins, struct str origin);
/* The Host of one of them: "localhost:8080"; the scheme's own port may be left out. */
bool web_host_is_ours(const char *origins, struct str host);
/* May an unsafe method with these fields be obeyed? 0, 403 or 421. */
int web_forgery(const char *origins, const struct web_head *);
#endif
