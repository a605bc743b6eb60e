#ifndef DOORS_RADIUS_H
#define DOORS_RADIUS_H
/* RADIUS packets: read with a reader that can fail, built with the Message-Authenticator first. Pure: no sockets, no clock.
 * RFC 2865 (packets, hiding), 2866 (accounting), 2868 section 3.5 (salted hiding), 2869 (80 Message-Authenticator, 85 interim), 3579 (EAP),
 * 2548 (Microsoft), 5080 (duplicates). */
#include "base/str.h"

enum { RADIUS_MOST = 4096, RADIUS_HEAD = 20 };
enum radius_code { RADIUS_REQUEST = 1, RADIUS_ACCEPT, RADIUS_REJECT, RADIUS_ACCOUNTING, RADIUS_ACCOUNTING_RESPONSE, RADIUS_CHALLENGE = 11,
	RADIUS_DISCONNECT = 40, RADIUS_DISCONNECT_ACK, RADIUS_DISCONNECT_NAK, RADIUS_COA, RADIUS_COA_ACK, RADIUS_COA_NAK };
enum radius_type { RADIUS_USER = 1, RADIUS_PASSWORD = 2, RADIUS_CHAP = 3, RADIUS_NAS_IP = 4, RADIUS_NAS_PORT = 5, RADIUS_FRAMED_IP = 8,
	RADIUS_REPLY_MESSAGE = 18, RADIUS_STATE = 24, RADIUS_CLASS = 25, RADIUS_VENDOR = 26, RADIUS_SESSION_TIMEOUT = 27, RADIUS_CALLED = 30,
	RADIUS_CALLING = 31, RADIUS_NAS_ID = 32, RADIUS_PROXY_STATE = 33, RADIUS_ACCT_STATUS = 40, RADIUS_ACCT_DELAY = 41, RADIUS_ACCT_IN = 42,
	RADIUS_ACCT_OUT = 43, RADIUS_ACCT_SESSION = 44, RADIUS_ACCT_TIME = 46, RADIUS_ACCT_CAUSE = 49, RADIUS_ACCT_IN_GIGA = 52,
	RADIUS_ACCT_OUT_GIGA = 53, RADIUS_EVENT_TIMESTAMP = 55, RADIUS_ERROR_CAUSE = 101, RADIUS_CHAP_CHALLENGE = 60, RADIUS_TUNNEL_PASSWORD = 69,
	RADIUS_ARAP = 70, RADIUS_DIGEST = 103, RADIUS_EAP = 79, RADIUS_SIGNATURE = 80,
	RADIUS_INTERIM = 85 };
enum { MICROSOFT = 311 };

/* A checked packet: whole, its attributes exactly fill it. Points into the buffer it was read from. */
struct radius { const uint8_t *at; size_t length; uint8_t code, id; };
struct radius_attr { uint8_t type; const uint8_t *value; uint8_t length; size_t at; };    /* at: of its type octet in the packet */

bool radius_read(const uint8_t *bytes, size_t n, struct radius *ret);
const uint8_t *radius_authenticator(const struct radius *);
/* Walks: start with *at = 0. False at the end. */
bool radius_next(const struct radius *, size_t *at, struct radius_attr *ret);
bool radius_find(const struct radius *, enum radius_type, struct radius_attr *ret);       /* the first */
bool radius_number(const struct radius *, enum radius_type, uint32_t *ret);
/* Carries User-Password, CHAP, MS-CHAP, EAP, ARAP or a digest: somebody must check it. */
bool radius_has_credential(const struct radius *);
/* What says who asks and what proves it stands once: else we might judge one name and the upstream check another. */
bool radius_is_single(const struct radius *);
/* User-Name may stand twice in an accept (a tunnel's reply copied into the outer one), but then it says the same. */
bool radius_names_agree(const struct radius *);
bool radius_has_mschap(const struct radius *, uint8_t *ret_ident);

struct radius_secret { const uint8_t *at; size_t length; };
/* Message-Authenticator: 1 right, 0 absent, -1 wrong or doubled. `request` is the request's authenticator for a reply, NULL for a request. */
int  radius_signature(const struct radius *, struct radius_secret, const uint8_t *request);
bool radius_reply_is_right(const struct radius *, struct radius_secret, const uint8_t *request);       /* Response Authenticator */
bool radius_accounting_is_right(const struct radius *, struct radius_secret);

/* Building: begin (reserves the signature as first attribute), put, end (length, signature, authenticator). False: no room. */
struct radius_out { uint8_t bytes[RADIUS_MOST]; size_t length; bool is_full; };
void radius_begin(struct radius_out *, enum radius_code, uint8_t id, const uint8_t authenticator[16]);
void radius_put(struct radius_out *, uint8_t type, const void *value, size_t length);
void radius_put_number(struct radius_out *, uint8_t type, uint32_t);
bool radius_end_request(struct radius_out *, struct radius_secret);                       /* authenticator as given to begin */
/* A Disconnect-Request or CoA-Request (RFC 5176): begun with an authenticator of zeros, ended with this. */
bool radius_end_disconnect(struct radius_out *, struct radius_secret);
bool radius_end_reply(struct radius_out *, struct radius_secret, const uint8_t *request); /* Response Authenticator over the request's */
/* An Accounting-Response: without Message-Authenticator, over which implementations disagree there (RFC 2869 has none). */
void radius_begin_bare(struct radius_out *, enum radius_code, uint8_t id);
bool radius_end_bare(struct radius_out *, struct radius_secret, const uint8_t *request);

/* Hidden attributes from one hop's secret to the next's (RFC 2865 5.2; 2868 3.5; 2548 2.4.1-2.4.3). `from`/`to`: secret and the request
 * authenticator that hides there. False: the hidden length contradicts itself: drop the packet. Plain text is wiped. */
struct radius_hop { struct radius_secret secret; const uint8_t *authenticator; };
/* User-Password, hidden for its first hop. False: longer than 128 octets. */
bool radius_put_password(struct radius_out *, const char *password, struct radius_hop to);
bool radius_put_rehidden(struct radius_out *, const struct radius_attr *, struct radius_hop from, struct radius_hop to, uint16_t salt);
/* Whether the attribute is hidden, in a request or in a reply. */
bool radius_is_hidden(const struct radius_attr *, bool is_reply);
#endif
