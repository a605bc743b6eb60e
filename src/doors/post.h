#ifndef DOORS_POST_H
#define DOORS_POST_H
/* The post process: will speak to mail, LDAP, OIDC and webhook peers. No message to it exists yet (message.h), so it has no peers and
 * waits; what comes is thrown away and counted. It connects outwards only; the store and files are out of its reach. */
#include "doors/message.h"

/* Until core is gone. The exit status. */
int post_run(int core_fd);
#endif
