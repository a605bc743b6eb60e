/* The gateway process: one loop over its sockets. What comes from VPN servers is checked and either forwarded to the upstream or, when
 * the client has already checked the credentials, put to core; what the upstream accepts is put to core; what core permits
 * becomes an accept, what it refuses a reject with the reason.
 *
 * Packets are taken and sent in batches; asks to core go in batches too. Nothing is waited for.
 *
 * SECURITY: a request that carries a credential is never accepted without an upstream's Access-Accept, whatever is configured.
 * A Reject or Challenge is never turned into an Accept. An unknown source is dropped in silence; so is everything without a
 * right Message-Authenticator, unless the peer's line in samordna.conf relaxes it (never with EAP). When core is silent we are
 * silent. No secret and no user name is logged here: only counts. */
#include "doors/gateway_loop.h"
#include "doors/gateway.h"
#include "base/world.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

struct gateway gateway;
static uint8_t cookie[8];

struct radius_secret secret_of(const struct radius_peer *peer)
{
	return (struct radius_secret){ peer->secret, peer->secret_length };
}

static const struct radius_peer *client_of(const uint8_t address[16], uint16_t *ret)
{
	int best = -1;

	for (uint32_t i = 0; i < gateway.boot->n_clients; i++) {
		const struct radius_peer *peer = &gateway.boot->client[i];
		int whole = peer->prefix / 8, rest = peer->prefix % 8;
		if (peer->is_openvpn)
			continue;
		if (memcmp(peer->address, address, (size_t)whole) != 0)
			continue;
		if (rest && (peer->address[whole] ^ address[whole]) >> (8 - rest))
			continue;
		if (best < 0 || peer->prefix > gateway.boot->client[best].prefix)
			best = (int)i;
	}
	if (best < 0)
		return NULL;
	*ret = (uint16_t)best;
	return &gateway.boot->client[best];
}

/* --- sending --- */

void gateway_send(bool is_accounting, const struct sockaddr_in6 *to, const uint8_t *bytes, size_t length)
{
	struct sending *s = &gateway.sending[is_accounting];

	if (s->n == BATCH)
		gateway_flush(is_accounting);
	memcpy(s->bytes[s->n], bytes, length);
	s->to[s->n] = *to;
	s->part[s->n] = (struct iovec){ s->bytes[s->n], length };
	s->packet[s->n].msg_hdr = (struct msghdr){ .msg_name = &s->to[s->n],
		.msg_namelen = to->sin6_family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6),
		.msg_iov = &s->part[s->n], .msg_iovlen = 1 };
	s->n++;
}

void gateway_flush(bool is_accounting)
{
	struct sending *s = &gateway.sending[is_accounting];

	for (unsigned done = 0; done < s->n; ) {
		int sent = sendmmsg(is_accounting ? gateway.accounting_fd : gateway.auth_fd, s->packet + done, s->n - done, MSG_DONTWAIT);
		if (sent <= 0 && errno != EINTR)
			break;
		done += (unsigned)MAX(sent, 0);
	}
	s->n = 0;
}

/* Sends the answer to the flight's client, keeps it for a resent packet, and ends the flight. */
void gateway_answer(struct flight *flight, const struct radius_out *out)
{
	answer_keep(&flight->key, gateway.now, out->bytes, out->length);
	if (!flight->key.is_accounting)
		seen_add(&flight->key, gateway.now);
	gateway_send(flight->key.is_accounting, &flight->from, out->bytes, out->length);
	flight_end(flight);
}

/* --- what comes from clients --- */

static struct key key_of(const struct radius *packet, const uint8_t address[16], bool is_accounting)
{
	struct key key = { .id = packet->id, .is_accounting = is_accounting,
		.digest = str_hash((struct str){ (const char *)packet->at, packet->length }) };

	memcpy(key.address, address, 16);
	memcpy(key.authenticator, radius_authenticator(packet), 16);
	return key;
}

static bool is_loop(const struct radius *packet)
{
	struct radius_attr attr;

	for (size_t at = 0; radius_next(packet, &at, &attr); )
		if (attr.type == RADIUS_PROXY_STATE && attr.length >= sizeof cookie && memcmp(attr.value, cookie, sizeof cookie) == 0)
			return true;
	return false;
}

const uint8_t *gateway_cookie(void)
{
	return cookie;
}

static bool may_enter(const struct radius *packet, const struct radius_peer *peer, bool is_accounting)
{
	struct radius_attr attr;

	if (is_accounting) {
		bool is_right = packet->code == RADIUS_ACCOUNTING && radius_accounting_is_right(packet, secret_of(peer));
		gateway.counters.bad_authenticator += !is_right;
		return is_right;
	}
	if (packet->code != RADIUS_REQUEST || is_loop(packet) || !radius_is_single(packet)) {
		gateway.counters.malformed++;
		return false;
	}
	int signature = radius_signature(packet, secret_of(peer), NULL);
	if (signature < 0)
		gateway.counters.bad_authenticator++;
	/* Also a relaxed client signs EAP, and what has passed another proxy: CVE-2024-3596 needs a Proxy-State of its own. */
	bool must = !peer->no_message_authenticator || radius_find(packet, RADIUS_EAP, &attr) || radius_find(packet, RADIUS_PROXY_STATE, &attr);
	if (signature == 0 && must) {
		gateway.counters.no_authenticator++;
		return false;
	}
	return signature >= 0;
}

/* Of one round at most so many packets of one client: a client that floods is thrown away before any work is done for it, so that the
 * socket is drained and the packets of others are not lost in it. */
static bool has_had_its_turn(uint16_t client)
{
	static int64_t round;
	static uint16_t taken[RADIUS_CLIENTS];

	if (round != gateway.now)
		memset(taken, 0, sizeof taken);
	round = gateway.now;
	return taken[client] >= TURN || (taken[client]++, false);
}

/* A resent packet: the same bytes again, or the same packet forwarded again, or patience. True: it was one. */
static bool is_resent(const struct key *key, const struct sockaddr_in6 *from)
{
	size_t length;
	const uint8_t *again = answer_given(key, gateway.now, &length);
	struct flight *flight = again ? NULL : flight_with(key);

	if (!again && !flight)
		return false;
	gateway.counters.duplicates++;
	if (again) {
		gateway_send(key->is_accounting, from, again, length);
		return true;
	}
	flight->from = *from;
	if (flight->state == FLIGHT_UPSTREAM)
		upstream_again(flight);
	return true;
}

void gateway_take(const uint8_t *bytes, size_t n, const struct sockaddr_in6 *from, bool is_accounting)
{
	static const uint8_t four[12] = { [10] = 0xff, [11] = 0xff };
	struct radius packet;
	uint8_t address[16];
	uint16_t client;

	memcpy(address, &from->sin6_addr, 16);
	if (from->sin6_family == AF_INET) {
		memcpy(address, four, 12);
		memcpy(address + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	}
	gateway.counters.requests++;
	const struct radius_peer *peer = client_of(address, &client);
	if (!peer) {
		gateway.counters.unknown_client++;
		return;
	}
	if (has_had_its_turn(client)) {
		gateway.counters.over_budget++;
		return;
	}
	if (!radius_read(bytes, n, &packet)) {
		gateway.counters.malformed++;
		return;
	}
	bool is_of_end = packet.code == RADIUS_DISCONNECT_ACK || packet.code == RADIUS_DISCONNECT_NAK || packet.code == RADIUS_COA_ACK
		|| packet.code == RADIUS_COA_NAK;
	if (!is_accounting && is_of_end) {
		end_take(&packet, client);
		return;
	}
	struct key key = key_of(&packet, address, is_accounting);
	if (!may_enter(&packet, peer, is_accounting) || is_resent(&key, from))
		return;
	if (!is_accounting && seen_before(&key)) {
		gateway.counters.replayed++;
		return;
	}
	end_seen(client, from);
	/* One client may fill most of the table, never all of it. */
	struct flight *flight = flight_count_of(client) < FLIGHTS * 3 / 4 ? flight_new(gateway.now) : NULL;
	if (!flight) {
		gateway.counters.over_budget++;
		return;
	}
	flight->key = key;
	flight->from = *from;
	flight->client = client;
	flight->state = FLIGHT_CORE;
	memcpy(flight->request, bytes, packet.length);
	flight->request_length = packet.length;
	flight_known(flight);
	packet.at = flight->request;
	if (is_accounting)
		account_take(flight, &packet);
	else
		request_take(flight, &packet, peer);
}

/* Until the socket is empty, or ROUND batches. */
static void take_all(int fd, bool is_accounting)
{
	static uint8_t room[BATCH][RADIUS_MOST];
	static struct sockaddr_in6 from[BATCH];
	static struct iovec part[BATCH];
	static struct mmsghdr packet[BATCH];

	for (int i = 0; i < BATCH; i++) {
		part[i] = (struct iovec){ room[i], RADIUS_MOST };
		packet[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &part[i], .msg_iovlen = 1 };
	}
	for (int batch = 0, n = BATCH; batch < ROUND && n == BATCH; batch++) {
		n = recvmmsg(fd, packet, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			gateway_take(room[i], packet[i].msg_len, &from[i], is_accounting);
		for (int i = 0; i < BATCH; i++)
			packet[i].msg_hdr.msg_namelen = sizeof from[i];
	}
}

/* --- core --- */

void core_ask(const struct gate_ask *ask)
{
	gateway.asks.ask[gateway.asks.n++] = *ask;
	if (gateway.asks.n == GATE_BATCH)
		core_flush();
}

void core_account(const struct account_record *record)
{
	gateway.records.record[gateway.records.n++] = *record;
	if (gateway.records.n == GATE_BATCH)
		core_flush();
}

/* Core full or gone: the flights stay unanswered, and the clients ask again. */
void core_flush(void)
{
	if (gateway.asks.n && channel_send(gateway.core_fd, (struct message){ .kind = MESSAGE_GATE_ASK }, &gateway.asks.n,
	    offsetof(struct gate_asks, ask) - sizeof gateway.asks.head + gateway.asks.n * sizeof gateway.asks.ask[0], NULL, 0) != OK)
		gateway.core_refused += gateway.asks.n;
	gateway.asks.n = 0;
	if (gateway.records.n && channel_send(gateway.core_fd, (struct message){ .kind = MESSAGE_ACCOUNT }, &gateway.records.n,
	    offsetof(struct account_records, record) - sizeof gateway.records.head + gateway.records.n * sizeof gateway.records.record[0],
	    NULL, 0) != OK)
		gateway.core_refused += gateway.records.n;
	gateway.records.n = 0;
}

/* False: core is gone. */
static bool take_core(void)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;

	for (;;) {
		enum err err = channel_receive(gateway.core_fd, room, &parcel);
		if (err == ERR_BUSY)
			return true;
		if (err == ERR_NONE || err == ERR_IO)
			return false;
		if (err != OK)
			continue;
		for (int i = 0; i < parcel.n_files; i++)
			close(parcel.files[i]);
		if (message_check(&parcel, MESSAGE_GATE_ANSWER)) {
			const struct gate_answers *answers = parcel.at;
			for (uint32_t i = 0; i < answers->n; i++)
				request_decided(&answers->answer[i]);
		} else if (message_check(&parcel, MESSAGE_ACCOUNT_DONE)) {
			const struct account_done *done = parcel.at;
			for (uint32_t i = 0; i < done->n; i++)
				account_done(done->serial[i]);
		} else if (message_check(&parcel, MESSAGE_GATE_END)) {
			const struct gate_ends *ends = parcel.at;
			for (uint32_t i = 0; i < ends->n; i++)
				end_ask(&ends->end[i]);
		}
	}
}

/* keeper has connected to an OpenVPN server. */
static void take_keeper(void)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;

	while (channel_receive(gateway.keeper_fd, room, &parcel) == OK) {
		bool is_ours = message_check(&parcel, MESSAGE_MANAGEMENT) && parcel.n_files == 1;
		if (is_ours)
			openvpn_connected(((const struct management *)parcel.at)->server, parcel.files[0]);
		for (int i = is_ours; i < parcel.n_files; i++)
			close(parcel.files[i]);
	}
}

/* --- the loop --- */

static void tell(void)
{
	static int64_t told, expired;
	static struct gateway_counters before;
	struct gateway_counters *c = &gateway.counters;

	if (gateway.now - expired >= 250) {
		expired = gateway.now;
		openvpn_tick();
		flight_expire(gateway.now, &c->upstream_silent);
	}
	if (gateway.now - told < 5000)
		return;
	told = gateway.now;
	(void)channel_send(gateway.core_fd, (struct message){ .kind = MESSAGE_COUNTERS }, (const char *)c + sizeof c->head, sizeof *c - sizeof c->head, NULL, 0);
	uint64_t dropped = c->unknown_client + c->malformed + c->bad_authenticator + c->no_authenticator + c->replayed + c->over_budget;
	uint64_t dropped_before = before.unknown_client + before.malformed + before.bad_authenticator + before.no_authenticator
	                        + before.replayed + before.over_budget;
	/* One line for a burst, however large. */
	if (dropped != dropped_before)
		world_log("gateway: %llu packets dropped: unknown client %llu, malformed %llu, wrong authenticator %llu, no Message-Authenticator "
		          "%llu, replayed %llu, over budget %llu", (unsigned long long)(dropped - dropped_before),
		          (unsigned long long)(c->unknown_client - before.unknown_client), (unsigned long long)(c->malformed - before.malformed),
		          (unsigned long long)(c->bad_authenticator - before.bad_authenticator),
		          (unsigned long long)(c->no_authenticator - before.no_authenticator), (unsigned long long)(c->replayed - before.replayed),
		          (unsigned long long)(c->over_budget - before.over_budget));
	if (gateway.core_refused) {
		world_log("gateway: core took no more; %llu requests stay unanswered", (unsigned long long)gateway.core_refused);
		gateway.core_refused = 0;
	}
	before = *c;
}

enum { FD_AUTH, FD_ACCOUNTING, FD_CORE, FD_KEEPER, FD_OPENVPN, FD_UPSTREAM = FD_OPENVPN + OPENVPN_SERVERS };

static void watch(int epoll, int fd, uint32_t number)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = number };

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void gateway_watch_openvpn(int fd, uint32_t server)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = FD_OPENVPN + server };

	epoll_ctl(gateway.epoll, EPOLL_CTL_ADD, fd, &event);
}

int gateway_run(const struct radius_boot *boot, int keeper_fd, int core_fd, int auth_fd, int accounting_fd, const int *upstream_fds, int n_upstream_fds)
{
	struct epoll_event events[32];
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	gateway.boot = boot;
	gateway.keeper_fd = keeper_fd;
	gateway.epoll = epoll;
	gateway.core_fd = core_fd;
	gateway.auth_fd = auth_fd;
	gateway.accounting_fd = accounting_fd;
	world.random(cookie, sizeof cookie);
	upstream_begin(upstream_fds, n_upstream_fds);
	openvpn_start();
	watch(epoll, auth_fd, FD_AUTH);
	watch(epoll, accounting_fd, FD_ACCOUNTING);
	watch(epoll, core_fd, FD_CORE);
	if (boot->n_openvpn)
		watch(epoll, keeper_fd, FD_KEEPER);
	for (int i = 0; i < n_upstream_fds; i++)
		watch(epoll, upstream_fds[i], FD_UPSTREAM + (uint32_t)i);
	for (;;) {
		int n = epoll_wait(epoll, events, (int)LENGTH(events), boot->n_openvpn ? 250 : 1000);
		gateway.now = world.ticks();
		for (int i = 0; i < n; i++) {
			uint32_t number = events[i].data.u32;
			if (number == FD_CORE && !take_core())
				return 0;
			if (number == FD_AUTH || number == FD_ACCOUNTING)
				take_all(number == FD_AUTH ? auth_fd : accounting_fd, number == FD_ACCOUNTING);
			if (number == FD_KEEPER)
				take_keeper();
			if (number >= FD_OPENVPN && number < FD_UPSTREAM)
				openvpn_take(number - FD_OPENVPN);
			if (number >= FD_UPSTREAM)
				upstream_take((int)number - FD_UPSTREAM);
		}
		core_flush();
		gateway_flush(false);
		gateway_flush(true);
		tell();
	}
}
