/* The organisation's own RADIUS server: it checks the credentials, we only carry them.
 *
 * Each socket to an upstream has 256 identifiers; a request takes one until it is answered or gone. We send nothing again by
 * ourselves: when the client asks again the same packet goes out again, and when an upstream has been silent
 * for two seconds, to the next one; new requests then go there too, until that one is silent.
 *
 * SECURITY: an answer counts only with the right identifier, on the right socket, with the right Response Authenticator, and with a
 * right Message-Authenticator (unless the upstream's line relaxes it; never with EAP). A conversation with State stays with
 * the upstream that began it. */
#include "doors/gateway_loop.h"
#include "base/world.h"
#include <sys/socket.h>

enum { SOCKETS = 32, SILENT_MS = 2000 };

static struct { int fd; uint8_t upstream, next; uint32_t serial[256]; bool is_taken[256]; } sockets[SOCKETS];
static int n_sockets, per_upstream;
static uint8_t first_choice;
/* Since when an upstream owes an answer, in ticks; 0: it owes none. */
static int64_t owes_since[RADIUS_UPSTREAMS];
/* Which upstream said a State, by the State's hash: the latest few thousand conversations. */
enum { STATES = 4096 };
static struct { uint64_t hash; uint8_t upstream; } states[STATES];

void upstream_begin(const int *fds, int n)
{
	n_sockets = MIN(n, (int)SOCKETS);
	per_upstream = gateway.boot->n_upstreams ? n_sockets / (int)gateway.boot->n_upstreams : 0;
	for (int i = 0; i < n_sockets; i++) {
		sockets[i].fd = fds[i];
		sockets[i].upstream = (uint8_t)(per_upstream ? i / per_upstream : 0);
	}
}

static void give_back(struct flight *flight)
{
	if (sockets[flight->socket].is_taken[flight->upstream_id]
	    && sockets[flight->socket].serial[flight->upstream_id] == flight_serial(flight))
		sockets[flight->socket].is_taken[flight->upstream_id] = false;
}

/* An identifier that nobody waits for any more is free, also when its flight ended in silence. */
static bool take_id(struct flight *flight, uint8_t upstream)
{
	for (int s = upstream * per_upstream; s < (upstream + 1) * per_upstream; s++)
		for (int tries = 0; tries < 256; tries++) {
			uint8_t id = sockets[s].next++;
			if (sockets[s].is_taken[id] && flight_of(sockets[s].serial[id]))
				continue;
			sockets[s].is_taken[id] = true;
			sockets[s].serial[id] = flight_serial(flight);
			flight->socket = (uint8_t)s;
			flight->upstream_id = id;
			flight->upstream = upstream;
			return true;
		}
	return false;
}

static void put_request(struct radius_out *out, struct flight *flight, const struct radius *request, const struct radius_peer *client,
                        const struct radius_peer *upstream)
{
	struct radius_hop from = { secret_of(client), radius_authenticator(request) }, to = { secret_of(upstream), flight->authenticator };
	struct radius_attr attr, challenge;
	bool has_chap = radius_find(request, RADIUS_CHAP, &attr), has_challenge = radius_find(request, RADIUS_CHAP_CHALLENGE, &challenge);
	uint8_t state[12];
	uint32_t serial = flight_serial(flight);

	for (size_t at = 0; radius_next(request, &at, &attr); ) {
		if (attr.type == RADIUS_SIGNATURE)
			continue;
		if (!radius_is_hidden(&attr, false))
			radius_put(out, attr.type, attr.value, attr.length);
		else if (!radius_put_rehidden(out, &attr, from, to, 0))
			out->is_full = true;
	}
	/* CHAP without a challenge means the request's authenticator, which is not ours (RFC 2865 section 5.3). */
	if (has_chap && !has_challenge)
		radius_put(out, RADIUS_CHAP_CHALLENGE, radius_authenticator(request), 16);
	memcpy(state, gateway_cookie(), 8);
	memcpy(state + 8, &serial, 4);
	radius_put(out, RADIUS_PROXY_STATE, state, sizeof state);
}

static bool forward(struct flight *flight)
{
	static struct radius_out out;
	const struct radius_peer *upstream = &gateway.boot->upstream[flight->upstream];
	struct radius request;

	if (!radius_read(flight->request, flight->request_length, &request))
		return false;
	radius_begin(&out, RADIUS_REQUEST, flight->upstream_id, flight->authenticator);
	put_request(&out, flight, &request, &gateway.boot->client[flight->client], upstream);
	if (!radius_end_request(&out, secret_of(upstream)))
		return false;
	flight->sent = gateway.now;
	if (!owes_since[flight->upstream])
		owes_since[flight->upstream] = gateway.now;
	return send(sockets[flight->socket].fd, out.bytes, out.length, MSG_DONTWAIT) == (ssize_t)out.length;
}

static uint64_t hash_of_state(const struct radius_attr *state)
{
	return str_hash((struct str){ (const char *)state->value, state->length });
}

static void next_choice(void)
{
	first_choice = (uint8_t)((first_choice + 1) % gateway.boot->n_upstreams);
	owes_since[first_choice] = 0;
}

/* The one that began the conversation, else the first choice. */
static uint8_t choose(const struct flight *flight)
{
	struct radius request;
	struct radius_attr state;

	if (radius_read(flight->request, flight->request_length, &request) && radius_find(&request, RADIUS_STATE, &state)) {
		uint64_t hash = hash_of_state(&state);
		if (states[hash % STATES].hash == hash)
			return states[hash % STATES].upstream;
	}
	if (gateway.boot->n_upstreams > 1 && owes_since[first_choice] && gateway.now - owes_since[first_choice] >= SILENT_MS)
		next_choice();
	return first_choice;
}

/* One client's unanswered requests may take most of an upstream's identifiers, never all of them. */
bool upstream_send(struct flight *flight)
{
	bool is_within = flight_count_of(flight->client) <= per_upstream * 256 * 3 / 4;

	world.random(flight->authenticator, sizeof flight->authenticator);
	if (!is_within || !take_id(flight, choose(flight))) {
		gateway.counters.over_budget++;
		return false;
	}
	(void)forward(flight);           /* lost on the way: the client asks again */
	return true;
}

void upstream_again(struct flight *flight)
{
	struct radius request;
	struct radius_attr attr;

	if (!radius_read(flight->request, flight->request_length, &request))
		return;
	bool is_silent = gateway.now - flight->sent >= SILENT_MS && gateway.boot->n_upstreams > 1;
	if (is_silent && !radius_find(&request, RADIUS_STATE, &attr)) {
		give_back(flight);
		uint8_t next = (uint8_t)((flight->upstream + 1) % gateway.boot->n_upstreams);
		if (flight->upstream == first_choice)
			next_choice();
		world.random(flight->authenticator, sizeof flight->authenticator);
		if (!take_id(flight, next))
			return;
	}
	(void)forward(flight);
}

static bool is_right(const struct radius *reply, const struct flight *flight, const struct radius_peer *upstream)
{
	struct radius_attr attr;

	if (!radius_reply_is_right(reply, secret_of(upstream), flight->authenticator))
		return false;
	int signature = radius_signature(reply, secret_of(upstream), flight->authenticator);
	bool may_lack = upstream->no_message_authenticator && !radius_find(reply, RADIUS_EAP, &attr);
	if (signature == 0 && !may_lack)
		gateway.counters.no_authenticator++;
	return signature > 0 || (signature == 0 && may_lack);
}

bool upstream_copy(struct radius_out *out, const struct flight *flight, const struct radius *reply, const uint8_t *but, size_t n_but)
{
	const struct radius_peer *upstream = &gateway.boot->upstream[flight->upstream], *client = &gateway.boot->client[flight->client];
	struct radius_hop from = { secret_of(upstream), flight->authenticator }, to = { secret_of(client), flight->request + 4 };
	struct radius_attr attr;
	uint16_t salt;

	world.random(&salt, sizeof salt);
	for (size_t at = 0; radius_next(reply, &at, &attr); ) {
		bool is_ours = attr.type == RADIUS_PROXY_STATE && attr.length == 12 && memcmp(attr.value, gateway_cookie(), 8) == 0;
		if (attr.type == RADIUS_SIGNATURE || is_ours || (n_but && memchr(but, attr.type, n_but)))
			continue;
		if (!radius_is_hidden(&attr, true))
			radius_put(out, attr.type, attr.value, attr.length);
		else if (!radius_put_rehidden(out, &attr, from, to, salt++ & 0x7fff))
			return false;
	}
	return true;
}

/* Rejects and challenges pass as they are: nothing is decided, nothing is counted as a session. */
static void pass_on(struct flight *flight, const struct radius *reply)
{
	static struct radius_out out;
	const struct radius_peer *client = &gateway.boot->client[flight->client];

	if (flight->visitor) {
		openvpn_refuse(flight, reply->code == RADIUS_REJECT ? STR("Fel användarnamn eller lösenord. / Wrong user name or password.")
			: STR("Inloggningen kräver ett svar som OpenVPN inte kan fråga efter. / Your log-in needs an answer that OpenVPN cannot ask for."));
		return;
	}
	radius_begin(&out, reply->code, flight->key.id, flight->key.authenticator);
	if (upstream_copy(&out, flight, reply, NULL, 0) && radius_end_reply(&out, secret_of(client), flight->key.authenticator))
		gateway_answer(flight, &out);
	else
		flight_end(flight);
}

static void take_reply(int socket, const uint8_t *bytes, size_t n)
{
	const struct radius_peer *upstream = &gateway.boot->upstream[sockets[socket].upstream];
	struct radius reply;

	if (!radius_read(bytes, n, &reply)) {
		gateway.counters.malformed++;
		return;
	}
	struct flight *flight = sockets[socket].is_taken[reply.id] ? flight_of(sockets[socket].serial[reply.id]) : NULL;
	if (!flight || flight->state != FLIGHT_UPSTREAM || flight->socket != socket || flight->upstream_id != reply.id)
		return;
	if (!is_right(&reply, flight, upstream)) {
		gateway.counters.bad_authenticator++;
		return;
	}
	if (!radius_names_agree(&reply)) {
		gateway.counters.malformed++;
		return;
	}
	give_back(flight);
	owes_since[flight->upstream] = 0;
	struct radius_attr state;
	if (reply.code == RADIUS_CHALLENGE && radius_find(&reply, RADIUS_STATE, &state)) {
		uint64_t hash = hash_of_state(&state);
		states[hash % STATES].hash = hash;
		states[hash % STATES].upstream = flight->upstream;
	}
	gateway.counters.upstream_rejects += reply.code == RADIUS_REJECT;
	gateway.counters.challenges += reply.code == RADIUS_CHALLENGE;
	if (reply.code == RADIUS_ACCEPT)
		request_accepted(flight, &reply);
	else if (reply.code == RADIUS_REJECT || reply.code == RADIUS_CHALLENGE)
		pass_on(flight, &reply);
}

void upstream_take(int socket)
{
	uint8_t room[RADIUS_MOST];

	for (int i = 0; i < BATCH; i++) {
		ssize_t n = recv(sockets[socket].fd, room, sizeof room, MSG_DONTWAIT);
		if (n < 0)
			return;
		take_reply(socket, room, (size_t)n);
	}
}
