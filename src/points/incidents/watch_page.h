#ifndef INCIDENTS_WATCH_PAGE_H
#define INCIDENTS_WATCH_PAGE_H
/* The watch's rules as people see them, and as they are now: the standard ones, changed by the setting incidents.rules. */
#include "points/incidents/watch_rules.h"
#include "floor/page.h"

/* ERR_INVALID with the sentence when the setting cannot be read; *ret is then what the standard says. */
enum err watch_rules_now(struct rq *, struct watch_rules *ret);
enum err watch_get_rules(struct rq *, const struct visit *, struct answer *);
enum err watch_run_rules(struct rq *, const struct args *, struct out *);
#endif
