#ifndef DOORS_WEB_H
#define DOORS_WEB_H
/* The web process: HTTP from browsers and machines in, typed asks to core, answers out. No files, no store, no decisions.
 *
 * libmicrohttpd on the listening socket that keeper made, behind the guard (web_guard.h). A request is read whole, becomes one
 * WEB_ASK, and waits suspended until its WEB_ANSWER comes. Deadlines count from a request's first byte, not between reads. */
#include "doors/message.h"

enum {
	WEB_BODY_MOST = 1 << 20, WEB_IMPORT_MOST = 256 << 20,   /* a PUT or a form with a file, to a path that ends in /import */
	WEB_SLOTS = 1024                                        /* requests that wait for core, at most */
};

/* Until core is gone; the exit status. */
/* `metrics_fd`: the listener for /metrics, which the other one does not know; -1 none. */
int web_run(const struct web_boot *, int core_fd, int listen_fd, int metrics_fd);

/* Files that web answers by itself (style sheet, mark, script): set before web_run. NULL: none. Their addresses hold a hash of their
 * content, so a browser may keep them for ever. */
struct web_file { struct str bytes, etag; const char *type; };
extern bool (*web_find_file)(struct str path, struct web_file *ret);
#endif
