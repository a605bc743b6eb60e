#ifndef INCIDENTS_WATCH_TELL_H
#define INCIDENTS_WATCH_TELL_H
/* What the watch has found, in words for people, and when it is worth a word: at first, when it has grown tenfold, and when it is worse. */
#include "floor/event.h"
#include "watch_rules.h"

bool watch_is_worth_telling(const struct watch_incident *);
/* In the request's arena; the incident's own texts need not live on. */
struct suspicion *watch_suspicion(struct rq *, const struct watch_incident *);
#endif
