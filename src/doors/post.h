#ifndef DOORS_POST_H
#define DOORS_POST_H
/* The post process: speaks to the mail server and to webhooks, and to nobody else. It connects outwards only; the store and files are out of
 * its reach. What it is asked for it does once and says what became of it; waiting and trying again are core's. */
#include "doors/message.h"

/* Before the walls: the library and the system's authorities are loaded, resolv.conf and hosts are read. Without mail and webhooks nothing is. */
void post_prepare(const struct post_boot *);
/* Until core is gone. The exit status. */
int post_run(const struct post_boot *, int core_fd);
#endif
