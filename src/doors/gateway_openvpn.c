/* OpenVPN servers, each through its management interface: who may come in, who is in, and who must leave.
 *
 * A log-in that the server asks about becomes a request like those that come as packets: a password goes to the organisation's own RADIUS
 * server and then to core, as any other. What OpenVPN tells of (somebody is in, somebody has left) becomes accounting. Every minute its
 * own list of who is in is read; core counts by that list, so an event that was lost, came twice or too late is repaired then, and so is
 * all that happened while there was no connection. A connection is made by keeper, again and again until there is one.
 *
 * A session's number is OpenVPN's number for the client and where it came from: "7/192.0.2.7:1194". OpenVPN tells nobody again of a log-in
 * that it asked about while we were away; that client tries once more by itself.
 *
 * SECURITY: who shows a password is let in only after an upstream's accept. Without one the mark authorise-only is needed, a
 * certificate that OpenVPN has checked, and no user name typed: a typed name would be nobody's word. A damaged event lets nobody in. Texts
 * go out in quotes (openvpn.c). The tables have fixed room; what does not fit is refused with a sentence. */
#include "doors/gateway_loop.h"
#include "doors/openvpn.h"
#include "base/world.h"
#include <errno.h>

enum { VISITORS = 8192, AGAIN_MS = 2000, LONGEST_MS = 15000, KEEPER_MS = 1000, WRONG_PASSWORD_MS = 30000, LATE_MS = 15000, SETTLED_SECONDS = 120 };
enum { CAUSE_USER = 1, CAUSE_ADMIN_RESET = 6 };

enum visitor_state { GONE, ASKED, ADMITTED, OPEN };
struct visitor {
	uint8_t  state, server;
	bool     is_renewal, is_killed, is_from_before;   /* from before: of an earlier connection, when the numbers may have begun anew */
	int64_t  cid, kid, leaf, asked_at, sent_at;
	uint32_t flight, listed;
	char     session[64], user[256], calling[52], framed[48];
};
struct server {
	int                   fd;
	bool                  is_attached, was_listed, has_shut, is_known_lost;
	int64_t               next_try, list_due, list_asked;    /* list_asked: 0 when none is awaited */
	uint32_t              turn, n_listed;
	struct openvpn_reader reader;
	struct openvpn_words  out;
};
static struct server servers[OPENVPN_SERVERS];
static struct visitor visitors[VISITORS];
static uint32_t n_visitors;          /* the highest that was ever used */

static const struct radius_peer *peer_of(uint32_t server)
{
	return &gateway.boot->client[gateway.boot->openvpn[server].client];
}

/* --- visitors --- */

static struct visitor *find(uint32_t server, int64_t cid)
{
	for (uint32_t i = 0; i < n_visitors; i++)
		if (visitors[i].state != GONE && visitors[i].server == server && visitors[i].cid == cid)
			return &visitors[i];
	return NULL;
}

static void put(char *room, size_t size, const char *text)
{
	struct str s = str_first(str_of(text), size - 1);
	memcpy(room, s.len ? s.at : "", s.len);
	room[s.len] = '\0';
}

static void name_session(const struct openvpn_event *event, char ret[64])
{
	bool is_six = strchr(event->address, ':');
	(void)snprintf(ret, 64, is_six ? "%lld/[%s]:%s" : "%lld/%s:%s", (long long)event->cid, event->address, event->port);
}

/* NULL: no room. */
static struct visitor *add(uint32_t server, const struct openvpn_event *event)
{
	struct visitor *visitor = find(server, event->cid);

	for (uint32_t i = 0; !visitor && i < VISITORS; i++)
		if (visitors[i].state == GONE)
			visitor = &visitors[i];
	if (!visitor)
		return NULL;
	n_visitors = MAX(n_visitors, (uint32_t)(visitor - visitors) + 1);
	*visitor = (struct visitor){ .state = ASKED, .server = (uint8_t)server, .cid = event->cid, .kid = event->kid, .leaf = -1,
		.asked_at = gateway.now, .sent_at = gateway.now };
	put(visitor->user, sizeof visitor->user, event->has_user && event->user[0] ? event->user : event->name);
	put(visitor->calling, sizeof visitor->calling, event->address);
	put(visitor->framed, sizeof visitor->framed, event->framed);
	name_session(event, visitor->session);
	return visitor;
}

static struct account_record record_of(const struct visitor *visitor, enum account_kind kind)
{
	struct account_record record = { .serial = ACCOUNT_NOBODY_WAITS, .client = gateway.boot->openvpn[visitor->server].client, .kind = (uint8_t)kind,
		.class_leaf = visitor->leaf };

	put(record.user, sizeof record.user, visitor->user);
	put(record.session, sizeof record.session, visitor->session);
	put(record.calling, sizeof record.calling, visitor->calling);
	put(record.framed, sizeof record.framed, visitor->framed);
	return record;
}

static void tell_list(uint32_t server, enum account_kind kind, uint32_t n)
{
	core_account(&(struct account_record){ .serial = ACCOUNT_NOBODY_WAITS, .client = gateway.boot->openvpn[server].client, .kind = (uint8_t)kind,
		.class_leaf = -1, .seconds = n });
}

/* --- the connection --- */

static void lose(uint32_t i, int64_t wait, const char *why)
{
	struct server *server = &servers[i];

	if (server->fd >= 0)
		close(server->fd);
	if (server->is_attached)
		world_log("gateway: the connection to %s is lost: %s", peer_of(i)->name, why);
	if (!server->is_known_lost)
		tell_list(i, ACCOUNT_UNLISTED, 0);
	server->fd = -1;
	server->is_attached = server->was_listed = false;
	server->is_known_lost = true;
	server->next_try = gateway.now + wait;
	server->list_asked = 0;
	explicit_bzero(&server->reader, sizeof server->reader);
	explicit_bzero(&server->out, sizeof server->out);
	for (uint32_t k = 0; k < n_visitors; k++) {
		if (visitors[k].server != i)
			continue;
		if (visitors[k].state == ASKED)
			visitors[k].state = GONE;
		visitors[k].is_from_before = true;
	}
}

static void flush(uint32_t i)
{
	struct server *server = &servers[i];

	if (server->fd < 0 || server->out.n == 0)
		return;
	if (server->out.is_full) {
		lose(i, KEEPER_MS, "it does not read");
		return;
	}
	ssize_t n = send(server->fd, server->out.at, server->out.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN) {
		lose(i, KEEPER_MS, strerror(errno));
	} else if (n > 0) {
		server->out.n -= (size_t)n;
		memmove(server->out.at, server->out.at + n, server->out.n);
		explicit_bzero(server->out.at + server->out.n, (size_t)n);
	}
}

static void ask_for_list(struct server *server)
{
	openvpn_put(&server->out, STR("status 3\n"));
	server->list_asked = gateway.now;
}

void openvpn_start(void)
{
	for (uint32_t i = 0; i < OPENVPN_SERVERS; i++) {
		servers[i].fd = -1;
		openvpn_begin(&servers[i].reader);
	}
}

void openvpn_connected(uint32_t i, int fd)
{
	if (i >= gateway.boot->n_openvpn || servers[i].fd >= 0) {
		close(fd);
		return;
	}
	servers[i].fd = fd;
	servers[i].list_asked = gateway.now;        /* a connection that says nothing is lost too */
	openvpn_begin(&servers[i].reader);
	gateway_watch_openvpn(fd, i);
}

/* --- log-ins --- */

/* Who is in and is told no may not stay, unless nobody could tell (`is_known`). */
static void deny(struct visitor *visitor, struct str text, bool is_known)
{
	struct openvpn_words *out = &servers[visitor->server].out;

	openvpn_say_deny(out, visitor->cid, visitor->kid, STR("samordna"), text);
	visitor->state = visitor->is_renewal ? OPEN : GONE;
	/* It would stay until its old key wears out. */
	if (visitor->is_renewal && is_known) {
		openvpn_say_kill(out, visitor->cid, text);
		visitor->is_killed = true;
	}
	flush(visitor->server);
}

#define SUPPORT "Ring supporten. / Your log-in cannot be checked. Call the support."

static bool make_request(const struct visitor *visitor, const struct openvpn_event *event, struct radius_out *out)
{
	const struct radius_peer *peer = peer_of(visitor->server);
	uint8_t authenticator[16];

	world.random(authenticator, sizeof authenticator);
	radius_begin(out, RADIUS_REQUEST, 0, authenticator);
	radius_put(out, RADIUS_USER, visitor->user, strlen(visitor->user));
	if (event->password[0] && !radius_put_password(out, event->password, (struct radius_hop){ secret_of(peer), authenticator }))
		return false;
	radius_put(out, RADIUS_CALLING, visitor->calling, strlen(visitor->calling));
	radius_put(out, RADIUS_NAS_ID, peer->name, strlen(peer->name));
	radius_put(out, RADIUS_ACCT_SESSION, visitor->session, strlen(visitor->session));
	radius_put_number(out, RADIUS_NAS_PORT, (uint32_t)visitor->cid);
	return radius_end_request(out, secret_of(peer));
}

static void ask(struct visitor *visitor, const struct openvpn_event *event)
{
	static struct radius_out out;
	const struct radius_peer *peer = peer_of(visitor->server);
	uint16_t client = gateway.boot->openvpn[visitor->server].client;
	struct flight *flight = flight_count_of(client) < FLIGHTS * 3 / 4 ? flight_new(gateway.now) : NULL;
	struct radius packet;

	if (!flight || !make_request(visitor, event, &out) || !radius_read(out.bytes, out.length, &packet)) {
		gateway.counters.over_budget++;
		if (flight)
			flight_end(flight);
		deny(visitor, STR("Din inloggning kan inte kontrolleras nu. " SUPPORT), false);
		return;
	}
	flight->key = (struct key){ .id = 0 };
	world.random(flight->key.authenticator, sizeof flight->key.authenticator);
	flight->client = client;
	flight->state = FLIGHT_CORE;
	flight->visitor = (uint32_t)(visitor - visitors) + 1;
	memcpy(flight->request, out.bytes, out.length);
	flight->request_length = out.length;
	flight_known(flight);
	visitor->flight = flight_serial(flight);
	packet.at = flight->request;
	request_take(flight, &packet, peer);
	explicit_bzero(out.bytes, out.length);
}

static void asked(uint32_t i, const struct openvpn_event *event)
{
	struct visitor *before = find(i, event->cid), was = before ? *before : (struct visitor){ .leaf = -1 };
	struct visitor *visitor = add(i, event);

	gateway.counters.requests++;
	if (!visitor) {
		gateway.counters.over_budget++;
		openvpn_say_deny(&servers[i].out, event->cid, event->kid, STR("samordna"), STR("Din inloggning kan inte kontrolleras nu. " SUPPORT));
		return;
	}
	visitor->is_renewal = event->kind == OPENVPN_REAUTH;
	if (visitor->is_renewal && was.state == OPEN && !was.is_from_before) {
		put(visitor->session, sizeof visitor->session, was.session);        /* it may have moved since */
		put(visitor->framed, sizeof visitor->framed, was.framed);
		visitor->leaf = was.leaf;
	}
	bool is_by_certificate = peer_of(i)->is_authorise_only && event->has_certificate && !event->has_user && !event->password[0];
	if (event->is_damaged || !visitor->user[0] || (!event->password[0] && !is_by_certificate)) {
		gateway.counters.malformed += event->is_damaged;
		deny(visitor, event->password[0] || event->is_damaged ? STR("Din inloggning kan inte kontrolleras. " SUPPORT)
		              : STR("Skriv användarnamn och lösenord. / Write user name and password."), true);
		return;
	}
	ask(visitor, event);
}

static struct visitor *visitor_of(const struct flight *flight)
{
	struct visitor *visitor = &visitors[flight->visitor - 1];
	return visitor->state == ASKED && visitor->flight == flight_serial(flight) ? visitor : NULL;
}

void openvpn_refuse(struct flight *flight, struct str text)
{
	struct visitor *visitor = visitor_of(flight);

	gateway.counters.refusals++;
	flight_end(flight);
	if (visitor)
		deny(visitor, text, true);
}

void openvpn_permit(struct flight *flight, const struct gate_answer *answer)
{
	struct visitor *visitor = visitor_of(flight);

	if (!visitor) {
		/* It has left while core decided: the place is free again. */
		core_account(&(struct account_record){ .serial = ACCOUNT_NOBODY_WAITS, .client = flight->client, .kind = ACCOUNT_STOP,
			.class_leaf = answer->leaf, .cause = CAUSE_USER });
		flight_end(flight);
		return;
	}
	gateway.counters.accepts++;
	flight_end(flight);
	visitor->leaf = answer->leaf;
	openvpn_say_permit(&servers[visitor->server].out, visitor->cid, visitor->kid, visitor->is_renewal ? 0 : answer->timeout);
	visitor->state = visitor->is_renewal ? OPEN : ADMITTED;
	if (visitor->is_renewal) {
		struct account_record record = record_of(visitor, ACCOUNT_START);
		core_account(&record);
	}
	flush(visitor->server);
}

/* Nobody asks again for OpenVPN: the packet goes once more to the upstream, and at last it is told no. */
static void wait_on(struct visitor *visitor)
{
	struct flight *flight = flight_of(visitor->flight);

	if (!flight || gateway.now - visitor->asked_at >= LONGEST_MS) {
		if (flight)
			flight_end(flight);
		deny(visitor, STR("Din inloggning kan inte kontrolleras nu. Försök igen om en stund. / Your log-in cannot be checked now. Try again soon."), false);
	} else if (flight->state == FLIGHT_UPSTREAM && gateway.now - visitor->sent_at >= AGAIN_MS) {
		visitor->sent_at = gateway.now;
		upstream_again(flight);
	}
}

/* --- who is in --- */

static void established(uint32_t i, const struct openvpn_event *event)
{
	struct visitor *visitor = find(i, event->cid);

	/* One that we let in, or that somebody let in before us: the same question comes a second time only for one that has left. */
	if (!visitor || visitor->state == ASKED)
		return;
	visitor->state = OPEN;
	put(visitor->framed, sizeof visitor->framed, event->framed);
	struct account_record record = record_of(visitor, ACCOUNT_START);
	core_account(&record);
}

/* It comes for those who were refused too, some seconds later. */
static void left(uint32_t i, const struct openvpn_event *event)
{
	struct visitor *visitor = find(i, event->cid);

	if (!visitor)
		return;
	if (visitor->state != ASKED || visitor->is_renewal) {
		struct account_record record = record_of(visitor, ACCOUNT_STOP);
		record.seconds = (uint32_t)MIN(event->seconds, (int64_t)UINT32_MAX);
		record.cause = visitor->is_killed ? CAUSE_ADMIN_RESET : CAUSE_USER;
		record.in_octets = (uint64_t)event->in_octets;
		record.out_octets = (uint64_t)event->out_octets;
		core_account(&record);
	}
	visitor->state = GONE;
}

/* In the list stand also those who are only knocking: they have no address yet. */
static void listed(uint32_t i, const struct openvpn_event *event)
{
	struct visitor *visitor = find(i, event->cid);
	int64_t seconds = MAX(world.now().ms / 1000 - event->since, (int64_t)0);
	bool is_in = event->framed[0] || seconds >= SETTLED_SECONDS;
	char session[64];

	name_session(event, session);
	if (visitor && visitor->is_from_before && strcmp(visitor->session, session) != 0)
		visitor->state = GONE;
	if (!is_in || (visitor && visitor->state == ASKED && !visitor->is_renewal))
		return;
	if (!visitor || visitor->state == GONE) {
		visitor = add(i, event);
		if (!visitor)
			return;
		visitor->state = OPEN;
	} else if (visitor->state == ADMITTED) {
		visitor->state = OPEN;
	}
	visitor->is_from_before = false;
	visitor->listed = servers[i].turn;
	put(visitor->framed, sizeof visitor->framed, event->framed);
	servers[i].n_listed++;
	struct account_record record = record_of(visitor, ACCOUNT_INTERIM);
	record.seconds = (uint32_t)MIN(seconds, (int64_t)UINT32_MAX);
	record.in_octets = (uint64_t)event->in_octets;
	record.out_octets = (uint64_t)event->out_octets;
	core_account(&record);
}

static void list_ended(uint32_t i)
{
	struct server *server = &servers[i];

	for (uint32_t k = 0; k < n_visitors; k++) {
		struct visitor *visitor = &visitors[k];
		if (visitor->server != i || visitor->state == GONE || visitor->listed == server->turn || visitor->state == ASKED)
			continue;
		if (visitor->state == OPEN || gateway.now - visitor->asked_at > SETTLED_SECONDS * 1000)
			visitor->state = GONE;
	}
	tell_list(i, ACCOUNT_LISTED, server->n_listed);
	server->was_listed = true;
	server->list_asked = 0;
	server->list_due = gateway.now + gateway.boot->openvpn[i].every * 1000;
}

void openvpn_end(const struct gate_end *end)
{
	struct gate_ended ended = { .session = end->session, .client = end->client, .outcome = END_UNKNOWN_THERE };
	uint32_t i = 0;

	while (i < gateway.boot->n_openvpn && gateway.boot->openvpn[i].client != end->client)
		i++;
	if (i == gateway.boot->n_openvpn || !servers[i].is_attached)
		return;
	for (uint32_t k = 0; k < n_visitors; k++) {
		struct visitor *visitor = &visitors[k];
		if (visitor->state == GONE || visitor->server != i || visitor->is_from_before || strcmp(visitor->session, end->nas_session) != 0)
			continue;
		visitor->is_killed = true;
		openvpn_say_kill(&servers[i].out, visitor->cid, str_of(end->text));
		flush(i);
		return;
	}
	if (servers[i].was_listed)
		(void)channel_send(gateway.core_fd, (struct message){ .kind = MESSAGE_GATE_ENDED }, &ended.session, sizeof ended - sizeof ended.head, NULL, 0);
}

/* --- what comes --- */

static void take_event(uint32_t i, const struct openvpn_event *event)
{
	struct server *server = &servers[i];
	const struct openvpn_peer *at = &gateway.boot->openvpn[i];

	switch (event->kind) {
	case OPENVPN_WANTS_PASSWORD:
		if (at->password_length == 0) {
			world_log("gateway: %s asks for a password, and its line in samordna.conf has none", peer_of(i)->name);
			lose(i, WRONG_PASSWORD_MS, "no password");
			return;
		}
		openvpn_put(&server->out, (struct str){ (const char *)at->password, at->password_length });
		openvpn_put(&server->out, STR("\n"));
		return;
	case OPENVPN_READY:
		if (!server->is_attached)
			world_log("gateway: connected to %s", peer_of(i)->name);
		server->is_attached = true;
		server->is_known_lost = false;
		ask_for_list(server);
		return;
	case OPENVPN_HOLD:
		openvpn_put(&server->out, STR("hold release\n"));
		return;
	case OPENVPN_ERROR:
		/* A server that has only just begun has no list yet. */
		if (server->is_attached && server->list_asked) {
			server->list_asked = 0;
			server->list_due = gateway.now + KEEPER_MS;
		}
		if (!server->is_attached) {
			world_log("gateway: %s does not take the password of its line in samordna.conf", peer_of(i)->name);
			lose(i, WRONG_PASSWORD_MS, "wrong password");
		}
		return;
	case OPENVPN_CONNECT: case OPENVPN_REAUTH: asked(i, event); return;
	case OPENVPN_ESTABLISHED: established(i, event); return;
	case OPENVPN_DISCONNECT: left(i, event); return;
	case OPENVPN_LIST:
		server->turn++;
		server->n_listed = 0;
		tell_list(i, ACCOUNT_LIST, 0);
		return;
	case OPENVPN_LISTED: listed(i, event); return;
	case OPENVPN_LIST_END: list_ended(i); return;
	}
}

void openvpn_take_bytes(uint32_t i, const char *at, size_t n)
{
	const struct openvpn_event *event;

	while (openvpn_read(&servers[i].reader, &at, &n, &event)) {
		take_event(i, event);
		if (servers[i].fd < 0)
			return;
	}
}

void openvpn_take(uint32_t i)
{
	static char room[65536];

	while (servers[i].fd >= 0) {
		ssize_t n = recv(servers[i].fd, room, sizeof room, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == ENOTCONN))
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			lose(i, KEEPER_MS, n ? strerror(errno) : "it has closed it");
			break;
		}
		openvpn_take_bytes(i, room, (size_t)n);
		explicit_bzero(room, (size_t)n);
	}
	flush(i);
}

void openvpn_tick(void)
{
	for (uint32_t i = 0; i < gateway.boot->n_openvpn; i++) {
		struct server *server = &servers[i];
		struct management wish = { .server = i };
		if (server->fd < 0 && gateway.now >= server->next_try) {
			if (!server->is_known_lost)
				tell_list(i, ACCOUNT_UNLISTED, 0);
			server->is_known_lost = true;
			server->next_try = gateway.now + KEEPER_MS;
			(void)channel_send(gateway.keeper_fd, (struct message){ .kind = MESSAGE_MANAGEMENT }, &wish.server, sizeof wish - sizeof wish.head, NULL, 0);
			continue;
		}
		if (server->fd >= 0 && server->list_asked && gateway.now - server->list_asked > LATE_MS)
			lose(i, KEEPER_MS, "it does not answer");
		else if (server->is_attached && !server->list_asked && gateway.now >= server->list_due)
			ask_for_list(server);
		flush(i);
	}
	for (uint32_t k = 0; k < n_visitors; k++)
		if (visitors[k].state == ASKED)
			wait_on(&visitors[k]);
}
