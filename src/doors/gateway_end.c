/* Sessions that are to end, now (Disconnect-Request) or at another moment than they were granted (CoA-Request with Session-Timeout): told to the VPN server
 * (RFC 5176), and what it says to that. Whether one is there at all is asked by a change to the end that it has.
 *
 * Core says which, again and again until the session is over; each telling is one packet here, with an identifier of its own. We send from the
 * socket that takes log-ins, to the address that the client's packets come from and the port that its line names.
 *
 * SECURITY: an answer counts only with the identifier, the Response Authenticator and the client of a request that is waited for, and
 * with a right Message-Authenticator where it has one. Nothing that comes in makes us send more.
 *
 * What it does not do: whether the session has really ended is accounting's to say. */
#include "doors/gateway_loop.h"
#include "base/world.h"
#include <arpa/inet.h>

static struct { uint8_t authenticator[16]; int64_t session; uint16_t client; bool is_waiting; uint8_t kind; } asked[256];
static uint8_t next_id;
static struct sockaddr_in6 seen[RADIUS_CLIENTS];

void end_seen(uint16_t client, const struct sockaddr_in6 *from)
{
	seen[client] = *from;
}

/* Where the client is: as its packets came, else as its line says. */
static bool where_is(uint16_t client, struct sockaddr_in6 *ret)
{
	static const uint8_t four[12] = { [10] = 0xff, [11] = 0xff };
	const struct radius_peer *peer = &gateway.boot->client[client];

	*ret = seen[client];
	if (ret->sin6_family == 0 && peer->prefix != 128)
		return false;
	if (ret->sin6_family == 0 && memcmp(peer->address, four, 12) == 0) {
		ret->sin6_family = AF_INET;
		memcpy(&((struct sockaddr_in *)(void *)ret)->sin_addr, peer->address + 12, 4);
	} else if (ret->sin6_family == 0) {
		ret->sin6_family = AF_INET6;
		memcpy(&ret->sin6_addr, peer->address, 16);
	}
	ret->sin6_port = htons(peer->port);      /* the same place in both kinds of address */
	return true;
}

static void put_word(struct radius_out *out, enum radius_type type, const char *text)
{
	struct str word = str_utf8_first(str_of(text), 253);
	if (word.len)
		radius_put(out, type, word.at, word.len);
}

static void put_address(struct radius_out *out, enum radius_type type, const char *text)
{
	uint8_t address[4];
	if (inet_pton(AF_INET, text, address) == 1)
		radius_put(out, type, address, sizeof address);
}

/* What identifies the server and the session, as the server itself named it (RFC 5176 section 3), and why. */
static void put_names(struct radius_out *out, const struct gate_end *end)
{
	put_word(out, RADIUS_USER, end->user);
	put_address(out, RADIUS_NAS_IP, end->nas_ip);
	put_word(out, RADIUS_NAS_ID, end->nas);
	put_address(out, RADIUS_FRAMED_IP, end->framed);
	put_word(out, RADIUS_ACCT_SESSION, end->nas_session);
	put_word(out, RADIUS_REPLY_MESSAGE, end->text);
}

void end_ask(const struct gate_end *end)
{
	static struct radius_out out;
	static const uint8_t zero[16];
	struct sockaddr_in6 to;

	if (end->client < gateway.boot->n_clients && gateway.boot->client[end->client].is_openvpn) {
		openvpn_end(end);
		return;
	}
	if (end->client >= gateway.boot->n_clients || !gateway.boot->client[end->client].port || !where_is(end->client, &to))
		return;
	uint8_t id = next_id++;
	radius_begin(&out, end->kind != END_NOW ? RADIUS_COA : RADIUS_DISCONNECT, id, zero);
	put_names(&out, end);
	if (end->kind != END_NOW)
		radius_put_number(&out, RADIUS_SESSION_TIMEOUT, end->seconds);
	radius_put_number(&out, RADIUS_EVENT_TIMESTAMP, (uint32_t)(world.now().ms / 1000));
	if (!radius_end_disconnect(&out, secret_of(&gateway.boot->client[end->client])))
		return;
	memcpy(asked[id].authenticator, out.bytes + 4, 16);
	asked[id].session = end->session;
	asked[id].client = end->client;
	asked[id].is_waiting = true;
	asked[id].kind = end->kind;
	gateway_send(false, &to, out.bytes, out.length);
}

void end_take(const struct radius *packet, uint16_t client)
{
	enum { SESSION_NOT_FOUND = 503 };
	struct radius_secret secret = secret_of(&gateway.boot->client[client]);
	struct gate_ended ended = { .session = asked[packet->id].session, .client = client, .outcome = END_ACKNOWLEDGED };
	uint32_t cause = 0;

	bool is_change = packet->code == RADIUS_COA_ACK || packet->code == RADIUS_COA_NAK;

	if (!asked[packet->id].is_waiting || (asked[packet->id].kind != END_NOW) != is_change || asked[packet->id].client != client
	    || !radius_reply_is_right(packet, secret, asked[packet->id].authenticator)
	    || radius_signature(packet, secret, asked[packet->id].authenticator) < 0) {
		gateway.counters.bad_authenticator++;
		return;
	}
	asked[packet->id].is_waiting = false;
	(void)radius_number(packet, RADIUS_ERROR_CAUSE, &cause);
	ended.cause = (uint16_t)MIN(cause, (uint32_t)UINT16_MAX);
	if (packet->code == RADIUS_DISCONNECT_NAK)
		ended.outcome = cause == SESSION_NOT_FOUND ? END_UNKNOWN_THERE : END_REFUSED;
	else if (asked[packet->id].kind == END_QUESTION)
		ended.outcome = packet->code == RADIUS_COA_ACK ? SESSION_THERE : cause == SESSION_NOT_FOUND ? SESSION_NOT_THERE : SESSION_NOT_SAID;
	else if (is_change)
		ended.outcome = packet->code == RADIUS_COA_ACK ? CHANGE_ACKNOWLEDGED : CHANGE_REFUSED;
	(void)channel_send(gateway.core_fd, (struct message){ .kind = MESSAGE_GATE_ENDED }, &ended.session, sizeof ended - sizeof ended.head, NULL, 0);
}
