#ifndef DIGEST_H
#define DIGEST_H
/* The mail with what waits: one to each person, on the days that the setting mail.digest_days says. A fold over every point's `due`. */
#include "point.h"

/* A job, each minute: tells some of those who have not been told today; nobody is told twice, after a restart either. */
enum err digest_tick(struct rq *);
#endif
