/* The gateway's way of one log-in, or of one accounting record: a request of any attributes, signed as the client would (or not), the
 * upstream's answer of any attributes, signed as it would (or not), core's decision. What goes out to the client is checked:
 * an accept only where one may be, always signed, Message-Authenticator first.
 *
 * Octets: flags, more flags, upstream's code, length of the request's attributes (2), those, then the answer's. */
#include "gateway_ends.h"
#include "base/world.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

enum { BY_UPSTREAM, AUTHORISE_ONLY, RELAXED, CLIENTS };
static struct radius_boot boot;
static int core_end, client_end, accounting_end, upstream_end;
static uint64_t runs;

static void begin(void)
{
	world.random = chance;
	boot.n_clients = CLIENTS;
	boot.n_upstreams = 1;
	for (unsigned i = 0; i < CLIENTS; i++) {
		boot.client[i] = (struct radius_peer){ .address = { [10] = 0xff, 0xff, 127, 0, 0, (uint8_t)(i + 1) }, .prefix = 128, .secret_length = 6,
			.secret = "client", .is_authorise_only = i == AUTHORISE_ONLY, .no_message_authenticator = i == RELAXED };
	}
	boot.upstream[0] = (struct radius_peer){ .prefix = 128, .secret_length = 8, .secret = "upstream" };
	gateway.boot = &boot;
	gateway.now = 100000;
	gateway.core_fd = end_of(SOCK_SEQPACKET, &core_end);
	gateway.auth_fd = end_of(SOCK_DGRAM, &client_end);
	gateway.accounting_fd = end_of(SOCK_DGRAM, &accounting_end);
	int fd = end_of(SOCK_DGRAM, &upstream_end);
	upstream_begin(&fd, 1);
}

/* What a packet of these attributes is on the wire, with the signature first unless `is_bare`. */
static size_t sign(uint8_t *room, uint8_t code, uint8_t id, const uint8_t *authenticator, const uint8_t *attributes, size_t n, struct radius_secret secret,
                   bool is_bare, bool is_reply)
{
	size_t at = RADIUS_HEAD;
	struct hmac_md5_ctx hmac;
	struct md5_ctx md5;

	memcpy(room + 4, authenticator, 16);
	if (!is_bare) {
		memset(room + at, 0, 18);
		room[at] = RADIUS_SIGNATURE;
		room[at + 1] = 18;
		at += 18;
	}
	if (n)
		memcpy(room + at, attributes, n);
	at += n;
	room[0] = code;
	room[1] = id;
	room[2] = (uint8_t)(at >> 8);
	room[3] = (uint8_t)at;
	if (!is_bare) {
		hmac_md5_set_key(&hmac, secret.length, secret.at);
		hmac_md5_update(&hmac, at, room);
		hmac_md5_digest(&hmac, 16, room + RADIUS_HEAD + 2);
	}
	if (is_reply) {
		md5_init(&md5);
		md5_update(&md5, at, room);
		md5_update(&md5, secret.length, secret.at);
		md5_digest(&md5, 16, room + 4);
	}
	return at;
}

struct run { bool is_accounting; unsigned client; bool may_accept, upstream_accepted, core_permitted; uint8_t request[RADIUS_MOST + 64]; };

static void check_outgoing(const struct run *run)
{
	uint8_t room[RADIUS_MOST];
	struct radius out;
	ssize_t n;

	gateway_flush(false);
	gateway_flush(true);
	struct radius_secret secret = secret_of(&boot.client[run->client]);
	while ((n = recv(client_end, room, sizeof room, 0)) > 0) {
		assert(!run->is_accounting && radius_read(room, (size_t)n, &out) && out.length == (size_t)n);
		assert(radius_reply_is_right(&out, secret, run->request + 4) && radius_signature(&out, secret, run->request + 4) == 1);
		assert(room[RADIUS_HEAD] == RADIUS_SIGNATURE && out.id == run->request[1]);
		if (out.code == RADIUS_ACCEPT)
			assert(run->core_permitted && (run->upstream_accepted || run->may_accept));
	}
	while ((n = recv(accounting_end, room, sizeof room, 0)) > 0)
		assert(run->is_accounting && radius_read(room, (size_t)n, &out) && out.code == RADIUS_ACCOUNTING_RESPONSE
		       && radius_reply_is_right(&out, secret, run->request + 4));
}

/* Core: decides what it was asked, as the flags say. */
static void be_core(struct run *run, uint8_t flags)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;

	core_flush();
	while (channel_receive(core_end, room, &parcel) == OK) {
		if (message_check(&parcel, MESSAGE_GATE_ASK)) {
			const struct gate_asks *asks = parcel.at;
			struct gate_answer answer = { .serial = asks->ask[0].serial, .is_permit = flags & 1, .leaf = 7, .timeout = 60, .interim = 300 };
			memset(answer.text, flags & 2 ? 'x' : 0, 253);
			assert(asks->n == 1);
			run->core_permitted = answer.is_permit;
			request_decided(&answer);
		} else {
			assert(message_check(&parcel, MESSAGE_ACCOUNT));
			account_done(((const struct account_records *)parcel.at)->record[0].serial);
		}
	}
}

static void be_upstream(struct run *run, uint8_t flags, uint8_t code, const uint8_t *attributes, size_t n)
{
	uint8_t asked[RADIUS_MOST], reply[RADIUS_MOST + 64];
	struct radius packet;

	ssize_t got = recv(upstream_end, asked, sizeof asked, 0);
	if (got <= 0)
		return;
	struct radius_secret secret = secret_of(&boot.upstream[0]);
	assert(radius_read(asked, (size_t)got, &packet) && packet.code == RADIUS_REQUEST && radius_signature(&packet, secret, NULL) == 1);
	size_t length = sign(reply, code, packet.id, asked + 4, attributes, MIN(n, (size_t)RADIUS_MOST - 40), secret, flags & 4, true);
	if (flags & 8)
		reply[4 + (code & 15)] ^= 1;
	run->upstream_accepted = code == RADIUS_ACCEPT && !(flags & 12);
	assert(send(upstream_end, reply, length, 0) == (ssize_t)length);
	upstream_take(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static struct run run;
	uint8_t authenticator[16] = { 0 };
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct sockaddr_in6 room = { 0 };
	struct radius packet;
	struct radius_attr state;

	if (n < 5)
		return 0;
	if (!runs++)
		begin();
	size_t length = MIN(((size_t)at[3] << 8 | at[4]) % (RADIUS_MOST - 40), n - 5);
	run.client = at[0] % CLIENTS;
	run.is_accounting = at[0] & 64;
	run.upstream_accepted = run.core_permitted = false;
	memcpy(authenticator, &runs, sizeof runs);
	if (run.is_accounting)
		memset(authenticator, 0, sizeof authenticator);
	n -= 5 + length;
	struct radius_secret secret = secret_of(&boot.client[run.client]);
	size_t size = sign(run.request, run.is_accounting ? RADIUS_ACCOUNTING : at[0] & 16 ? at[2] : RADIUS_REQUEST, (uint8_t)runs, authenticator, at + 5, length, secret,
	                   run.is_accounting || at[0] & 32, run.is_accounting);
	if (at[0] & 128)
		run.request[RADIUS_HEAD + at[2] % (size - RADIUS_HEAD + 1)] ^= 1;
	run.may_accept = run.client == AUTHORISE_ONLY && radius_read(run.request, size, &packet) && !radius_has_credential(&packet)
	               && !radius_find(&packet, RADIUS_STATE, &state);
	from.sin_addr.s_addr = htonl(0x7f000001 + run.client);
	memcpy(&room, &from, sizeof from);
	gateway.now += 1;
	gateway_take(run.request, size, &room, run.is_accounting);
	be_upstream(&run, at[1], at[2], at + 5 + length, n);
	be_core(&run, at[1]);
	check_outgoing(&run);
	if (runs % 1024 == 0) {
		uint64_t silent = 0;
		flight_expire(gateway.now + 10 * FLIGHT_LIVES_MS, &silent);
	}
	return 0;
}
