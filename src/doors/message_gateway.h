#ifndef DOORS_MESSAGE_GATEWAY_H
#define DOORS_MESSAGE_GATEWAY_H
/* gateway <-> core, and what keeper hands gateway: log-ins at VPN servers, their accounting, sessions that are to end. Included by doors/message.h. */
#include "base/channel.h"

enum { GATE_BATCH = 100 };
struct gate_ask {
	uint32_t serial;
	uint16_t client;               /* number of the radius.client line, from 0 */
	uint8_t  factor;               /* enum factor of point.h */
	uint8_t  is_authorise_only;
	int32_t  timeout;              /* upstream's Session-Timeout in seconds, 0 none */
	char     user[256], calling[64], called[64], nas[64], session[64], port[24];
};
struct gate_asks { struct message head; uint32_t n; uint32_t spare; struct gate_ask ask[GATE_BATCH]; };   /* only n are sent */
struct gate_answer {
	uint32_t serial;
	uint8_t  is_permit, language, spare[2];
	int64_t  leaf;                 /* Class: samordna:LEAF; with permit only */
	uint32_t timeout, interim;     /* seconds */
	char     code[48], text[256];  /* why not, and what to do instead; at most 253 octets */
};
struct gate_answers { struct message head; uint32_t n; uint32_t spare; struct gate_answer answer[GATE_BATCH]; };
/* The last three are of gateways whose own list of who is in is read: it begins; it was read whole, `seconds` of them; it cannot be read now. */
enum account_kind { ACCOUNT_START = 1, ACCOUNT_STOP = 2, ACCOUNT_INTERIM = 3, ACCOUNT_ON = 7, ACCOUNT_OFF = 8,
	ACCOUNT_LIST = 20, ACCOUNT_LISTED = 21, ACCOUNT_UNLISTED = 22 };
enum { ACCOUNT_NOBODY_WAITS = 0xffffffff };       /* serial: whatever becomes of it, the next list repairs it */
struct account_record {
	uint32_t serial;
	uint16_t client; uint8_t kind; uint8_t spare;
	int64_t  class_leaf;           /* from Class, -1 when absent */
	uint32_t seconds, cause, delay, spare2;
	uint64_t in_octets, out_octets;
	char     user[256], session[64], nas[64], nas_ip[16], calling[64], framed[48];
};
struct account_records { struct message head; uint32_t n; uint32_t spare; struct account_record record[GATE_BATCH]; };
struct account_done { struct message head; uint32_t n; uint32_t spare; uint32_t serial[GATE_BATCH]; };
/* RFC 5176. A change: the session goes on for `seconds` from now (CoA). Told again until the session is over; ACKNOWLEDGED means that the VPN server has understood, not that the session has ended. */
enum { GATE_ENDS = 32 };
struct gate_end {
	int64_t session; uint16_t client; uint8_t kind, spare; uint32_t seconds;     /* kind: enum end_kind; seconds: of a change or question, what is left */
	char    nas_session[64], text[256];                     /* text: why, for who is ended */
	char    user[256], nas[64], nas_ip[16], framed[48];     /* as the gateway named them; empty: it did not */
};
struct gate_ends { struct message head; uint32_t n; uint32_t spare; struct gate_end end[GATE_ENDS]; };
enum end_kind { END_NOW, END_CHANGED, END_QUESTION };      /* a question is a change to the end that it has: is the session there? */
enum end_outcome { END_ACKNOWLEDGED = 1, END_UNKNOWN_THERE = 2, END_REFUSED = 3, CHANGE_ACKNOWLEDGED = 4, CHANGE_REFUSED = 5, SESSION_THERE = 6, SESSION_NOT_THERE = 7,
	SESSION_NOT_SAID = 8 };
struct gate_ended { struct message head; int64_t session; uint32_t outcome; uint16_t client, cause; };    /* cause: its Error-Cause, 0 none */
#define GATEWAY_COUNTERS(X) X(requests) X(accepts) X(refusals) X(challenges) X(upstream_rejects) X(duplicates) X(replayed) \
	X(unknown_client) X(bad_authenticator) X(no_authenticator) X(malformed) X(over_budget) X(upstream_silent) X(accounting)
struct gateway_counters {
	struct message head;
#define X(name) uint64_t name;
	GATEWAY_COUNTERS(X)
#undef X
};

/* What keeper hands the gateway process: radius.* of samordna.conf, parsed. Secrets stand here and nowhere else in it. */
enum { RADIUS_CLIENTS = 256, RADIUS_UPSTREAMS = 8, RADIUS_SECRET = 128 };
struct radius_peer {
	char     name[48];
	uint8_t  address[16]; uint8_t prefix; uint8_t is_authorise_only, no_message_authenticator, class_off;  /* IPv4 as ::ffff:a.b.c.d */
	uint8_t  is_openvpn, takes_changes; /* a client without packets of its own: one of openvpn[] speaks for it; its secret is chance. takes_changes: CoA-Requests too, at `port` */
	uint16_t port, secret_length;   /* port of a client: where it takes Disconnect-Requests; 0: nowhere */
	uint8_t  secret[RADIUS_SECRET];
};
/* An OpenVPN server's management interface: where keeper connects. */
enum { OPENVPN_SERVERS = 32 };
struct openvpn_peer {
	uint16_t client;                /* its number among client[] */
	uint16_t port, every;           /* TCP: its port, with `address`; 0: a unix socket at `path`. every: seconds between two lists */
	uint16_t password_length;       /* 0: it asks for none */
	uint8_t  address[16];
	char     path[104];
	uint8_t  password[RADIUS_SECRET];
};
struct radius_boot {
	uint32_t n_clients, n_upstreams, n_openvpn, spare;
	struct radius_peer client[RADIUS_CLIENTS], upstream[RADIUS_UPSTREAMS];
	struct openvpn_peer openvpn[OPENVPN_SERVERS];
};

struct management { struct message head; uint32_t server; uint32_t spare; };      /* among openvpn[] */
#endif
