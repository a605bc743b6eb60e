#ifndef DOORS_GATEWAY_H
#define DOORS_GATEWAY_H
/* The gateway process: RADIUS from VPN servers on one side, the organisation's own RADIUS server on the other, core in between.
 *
 * All sockets are keeper's, and those to OpenVPN's management interfaces come later over `keeper_fd`, when they are asked for: `auth_fd` and `accounting_fd` are bound UDP sockets; `upstream_fds` are UDP sockets connected to the upstreams,
 * n_upstream_fds / boot->n_upstreams of them for each, in the upstreams' order. Runs until core is gone. */
#include "doors/message.h"

int gateway_run(const struct radius_boot *, int keeper_fd, int core_fd, int auth_fd, int accounting_fd, const int *upstream_fds, int n_upstream_fds);
#endif
