#ifndef INCIDENTS_LOG_H
#define INCIDENTS_LOG_H
/* Watched logs, as the point shows them (log.c); core fills their tables. */
#include "floor/page.h"

struct incidents_logs { int64_t n, silent; struct instant oldest; struct str first; };
enum err incidents_logs_figures(struct rq *, struct incidents_logs *ret);
enum err incidents_logs_due(struct rq *, struct tasks *ret);
enum err incidents_logs_tick(struct rq *, bool *ret_has_said);
enum err incidents_get_logs(struct rq *, const struct visit *, struct answer *);
enum err incidents_run_logs(struct rq *, const struct args *, struct out *);
#endif
