#ifndef DOORS_GATEWAY_LOOP_H
#define DOORS_GATEWAY_LOOP_H
/* Between the files of the gateway process alone: its one state, and who does what.
 * gateway.c the loop and the sockets · gateway_request.c log-ins · gateway_upstream.c the organisation's own server ·
 * gateway_account.c accounting · gateway_end.c sessions that are to end · gateway_openvpn.c OpenVPN servers · gateway_table.c what is remembered. */
#include "doors/gateway_table.h"
#include <sys/socket.h>

enum { BATCH = 64, ROUND = 64, TURN = 1024 };
struct sending {
	unsigned            n;
	uint8_t             bytes[BATCH][RADIUS_MOST];
	struct sockaddr_in6 to[BATCH];
	struct iovec        part[BATCH];
	struct mmsghdr      packet[BATCH];
};

struct gateway {
	const struct radius_boot *boot;
	int                       keeper_fd, core_fd, auth_fd, accounting_fd, epoll;
	int64_t                   now;
	struct sending            sending[2];
	struct gate_asks          asks;
	struct account_records    records;
	struct gateway_counters   counters;
	uint64_t                  core_refused;
};
extern struct gateway gateway;

struct radius_secret secret_of(const struct radius_peer *);
const uint8_t *gateway_cookie(void);                         /* 8 octets: marks our own Proxy-State */
/* One packet from outside, whatever it is. */
void gateway_take(const uint8_t *bytes, size_t n, const struct sockaddr_in6 *from, bool is_accounting);
void gateway_send(bool is_accounting, const struct sockaddr_in6 *, const uint8_t *bytes, size_t length);
void gateway_flush(bool is_accounting);
void gateway_answer(struct flight *, const struct radius_out *);
void core_ask(const struct gate_ask *);
void core_account(const struct account_record *);
void core_flush(void);

void request_take(struct flight *, const struct radius *, const struct radius_peer *);   /* a checked Access-Request */
void request_accepted(struct flight *, const struct radius *accept);                     /* by the upstream: core decides */
void request_decided(const struct gate_answer *);
void request_refuse(struct flight *, const char *text);

void upstream_begin(const int *fds, int n);
bool upstream_send(struct flight *);                         /* false: no room; counted */
void upstream_again(struct flight *);
void upstream_take(int socket);
/* An upstream's reply made ours for the client: hidden attributes hidden anew, our Proxy-State gone. */
bool upstream_copy(struct radius_out *, const struct flight *, const struct radius *reply, const uint8_t *but, size_t n_but);

void end_ask(const struct gate_end *);                       /* core wants it over */
void end_seen(uint16_t client, const struct sockaddr_in6 *); /* a checked packet of this client: that is where it is */
void end_take(const struct radius *, uint16_t client);       /* what a client says to a Disconnect-Request, unchecked */

/* OpenVPN servers (gateway_openvpn.c), by their number among openvpn[] of the boot settings. */
void openvpn_start(void);
void openvpn_tick(void);                                     /* a few times a second */
void openvpn_connected(uint32_t server, int fd);             /* keeper's new connection, perhaps still on its way */
void openvpn_take(uint32_t server);                          /* there is something to read, or room to write */
void openvpn_take_bytes(uint32_t server, const char *, size_t);
void openvpn_end(const struct gate_end *);
/* What was decided of a request that has a visitor; both end the flight. */
void openvpn_permit(struct flight *, const struct gate_answer *);
void openvpn_refuse(struct flight *, struct str text);
void gateway_watch_openvpn(int fd, uint32_t server);

void account_take(struct flight *, const struct radius *);
void account_done(uint32_t serial);
#endif
