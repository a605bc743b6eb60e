#ifndef EVENTS_H
#define EVENTS_H
/* Who hears what: the fold that walks every point's hear() with each event, in the commit of the change that said it. */
#include "point.h"

enum err events_hear(struct rq *, const struct event *, struct change *);
#endif
