#ifndef INCIDENTS_LOG_H
#define INCIDENTS_LOG_H
/* Watched logs, as the point shows them (log.c); core fills their tables. */
#include "floor/page.h"

/* quietest: when that log last said something which has been quiet longest; oldest, first: of the silent. */
struct incidents_logs { int64_t n, silent; struct instant quietest, oldest; struct str first; };
enum err incidents_logs_figures(struct rq *, struct incidents_logs *ret);
enum err incidents_logs_due(struct rq *, struct tasks *ret);
enum err incidents_logs_tick(struct rq *, bool *ret_has_said);
/* Is there a file of where addresses are that can be used? Without one R8 is off. */
enum err incidents_logs_have_places(struct rq *, bool *ret);
/* What doctor says of each: `why` is a whole sentence, also when all is well. */
struct incidents_log_seen { struct str name, why; bool is_wrong; };
enum err incidents_logs_seen(struct rq *, struct incidents_log_seen **ret, size_t *ret_n);
enum err incidents_get_logs(struct rq *, const struct visit *, struct answer *);
enum err incidents_run_logs(struct rq *, const struct args *, struct out *);
#endif
