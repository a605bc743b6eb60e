#ifndef DOORS_GATEWAY_TABLE_H
#define DOORS_GATEWAY_TABLE_H
/* What the gateway process remembers of packets: those in flight, the answers of the last 30 s, and the requests of the last minutes.
 * All with fixed room; between gateway*.c alone. */
#include <netinet/in.h>
#include "doors/radius.h"
#include "doors/message.h"

enum { FLIGHTS = 8192, ANSWERS = 262144, ANSWER_MOST = 416, LARGE_ANSWERS = 4096, ANSWER_LIVES_MS = 30000, FLIGHT_LIVES_MS = 30000, SEEN = 1 << 20,
	SEEN_TURNS_MS = 600000 };

/* A request's identity: RFC 5080 section 2.2.2, with the packet's own bytes in place of the source port: the same bytes from another
 * port of the same client are the same request, and other bytes never are. */
struct key { uint8_t address[16]; uint64_t digest; uint8_t id, is_accounting, spare[6]; uint8_t authenticator[16]; };

enum flight_state { FLIGHT_FREE, FLIGHT_UPSTREAM, FLIGHT_CORE, FLIGHT_STORE };
struct flight {
	enum flight_state   state;
	uint32_t            generation;
	int                 next_free;
	struct key          key;
	struct sockaddr_in6 from;
	uint16_t            client;
	uint32_t            visitor;              /* of an OpenVPN server: which (gateway_openvpn.c); 0: it came as a packet */
	int64_t             began, sent;          /* ticks */
	uint8_t             upstream, socket, upstream_id;
	uint8_t             authenticator[16];    /* ours, to the upstream */
	uint8_t             request[RADIUS_MOST]; size_t request_length;
	uint8_t             accept[RADIUS_MOST];  size_t accept_length;   /* the upstream's, while core is asked; 0: authorise-only */
};

struct flight *flight_new(int64_t now);                  /* NULL: all in use */
void           flight_end(struct flight *);
uint32_t       flight_serial(const struct flight *);
struct flight *flight_of(uint32_t serial);               /* NULL: no longer in flight */
struct flight *flight_with(const struct key *);
void           flight_known(struct flight *);            /* after key is filled: found by flight_with */
void           flight_expire(int64_t now, uint64_t *ret_silent);
int            flight_count_of(uint16_t client);

/* Answers given, to be given again byte for byte. NULL: none, or longer ago than 30 s. */
const uint8_t *answer_given(const struct key *, int64_t now, size_t *ret_length);
void           answer_keep(const struct key *, int64_t now, const uint8_t *bytes, size_t length);
/* Has this request been answered in the last 10 to 20 minutes (less under a flood: three quarters of a million requests a turn)?
 * A replay of an older one would be asked again; it still must carry its Message-Authenticator. */
bool           seen_before(const struct key *);
void           seen_add(const struct key *, int64_t now);
#endif
