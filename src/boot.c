/* samordna.conf: a table of keys, each with the function that takes its value.
 *
 * SECURITY: the file belongs to whoever owns HOME and is trusted; still nothing in it is ever run, and a secret is read from
 * `file:PATH` so that it need not stand in the file itself. Only keeper and the owner's own commands read it. */
#include "boot.h"
#include "base/world.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

const char boot_standard_file[] =
	"# Samordna's boot settings. What is not here is a setting inside the program: samordna setting list\n"
	"\n"
	"# Where browsers come in. Plain HTTP is for a loopback address only.\n"
	"http.listen = 127.0.0.1:8080\n"
	"\n"
	"# Counters for Prometheus, without names of people: a listener of its own, plain HTTP, off unless set.\n"
	"# metrics.listen = 127.0.0.1:9180\n"
	"\n"
	"# RADIUS opens when there is a client. NAME ADDRESS[/LEN] SECRET|file:PATH [authorise-only] [no-message-authenticator] [no-class]\n"
	"# [disconnect[=PORT]]: it takes Disconnect-Requests (RFC 5176, port 3799), so that who loses a right is ended at once\n"
	"# [coa]: and CoA-Requests, at the same port, so that it knows a session's new end by itself\n"
	"# radius.listen = 127.0.0.1:1812\n"
	"# radius.accounting = 127.0.0.1:1813\n"
	"# radius.client = vpn1 192.0.2.1 file:/etc/samordna/secrets/vpn1\n"
	"# The organisation's own RADIUS server, which checks the credentials: ADDRESS:PORT SECRET|file:PATH [no-message-authenticator]\n"
	"# radius.upstream = 192.0.2.10:1812 file:/etc/samordna/secrets/upstream\n"
	"\n"
	"# Mail goes out when there is a server: HOST:PORT starttls|tls, certificate checked; plain-loopback-only for one on this machine\n"
	"# mail.server = smtp.example.org:587 starttls\n"
	"# mail.from = samordna@example.org\n"
	"# mail.user = samordna\n"
	"# mail.password = file:/etc/samordna/secrets/mail\n"
	"# The authority that signed its certificate and those of webhooks, when the system's own do not know it\n"
	"# mail.ca = /etc/samordna/mail-ca.pem\n"
	"# Signed events to other systems, eight at most: URL SECRET|file:PATH\n"
	"# webhook = https://desk.example.org/hooks/samordna file:/etc/samordna/secrets/hook\n"
	"\n"
	"# OpenVPN's management interface, with management-client-auth: NAME ADDRESS:PORT|unix PATH PASSWORD|file:PATH|- [authorise-only] [every=SECONDS]\n"
	"# authorise-only: who shows a certificate and no password is let in by it. Passwords always go to the upstream.\n"
	"# openvpn.management = vpn2 unix /run/openvpn/management.sock file:/etc/samordna/secrets/vpn2\n"
	"\n"
	"# Logs of the daemons that let people in, watched for guessing and the like. A file: NAME PATH [FORMAT], followed over rotations; or\n"
	"# syslog from others: ADDRESS:PORT udp|tcp|tls; the last with watch.certificate and watch.key, or http.tls' own\n"
	"# watch.file = ssh /var/log/auth.log\n"
	"# watch.syslog = 192.0.2.5:5514 udp\n"
	"\n"
	"# store = sqlite\n";

struct reading { struct boot *boot; struct trouble *trouble; const char *path; int line, mail_line; };       /* mail_line: the last that began with mail. */

static enum err wrong(struct reading *reading, const char *what, struct str value)
{
	return trouble_say(reading->trouble, ERR_INVALID, "%s:%d: %s: \"" STR_FMT "\"", reading->path, reading->line, what,
	                   STR_ARG(str_first(value, 80)));
}

static enum err keep(struct reading *reading, struct str value, char *room, size_t size)
{
	if (value.len >= size)
		return wrong(reading, "longer than it may be", value);
	memcpy(room, value.at, value.len);
	room[value.len] = '\0';
	return OK;
}

/* ADDRESS:PORT, [ADDRESS6]:PORT. */
static enum err take_listen(struct reading *reading, struct str value, struct listen_at *ret)
{
	size_t colon = value.len;
	int64_t port;

	while (colon && value.at[colon - 1] != ':')
		colon--;
	if (colon < 2 || str_number(str_from(value, colon), 65535, &port) != OK)
		return wrong(reading, "write ADDRESS:PORT", value);
	struct str address = str_first(value, colon - 1);
	if (address.len > 1 && address.at[0] == '[' && address.at[address.len - 1] == ']')
		address = str_first(str_from(address, 1), address.len - 2);
	ret->port = (uint16_t)port;
	return keep(reading, address, ret->address, sizeof ret->address);
}

/* The address as IPv6, IPv4 as ::ffff:a.b.c.d; the prefix length likewise. */
static enum err take_net(struct reading *reading, struct str value, uint8_t address[16], uint8_t *ret_prefix)
{
	struct str rest = value, host = str_cut(&rest, '/');
	char text[INET6_ADDRSTRLEN];
	int64_t length = -1;

	TRY(keep(reading, host, text, sizeof text));
	memset(address, 0, 16);
	bool is_four = inet_pton(AF_INET, text, address + 12) == 1;
	if (is_four)
		address[10] = address[11] = 0xff;
	else if (inet_pton(AF_INET6, text, address) != 1)
		return wrong(reading, "not an address", value);
	if (rest.at && str_number(rest, is_four ? 32 : 128, &length) != OK)
		return wrong(reading, "not a net", value);
	*ret_prefix = (uint8_t)(length < 0 ? 128 : is_four ? length + 96 : length);
	return OK;
}

/* SECRET or file:PATH, 1 to `size` octets. */
static enum err read_secret(struct reading *reading, struct str word, void *ret, size_t size, size_t *ret_length)
{
	uint8_t room[1024];
	struct str secret = word;

	if (str_starts(word, STR("file:"))) {
		char path[256];
		TRY(keep(reading, str_from(word, 5), path, sizeof path));
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);     /* a pipe that nobody writes must not hold the start */
		ssize_t got = fd < 0 ? -1 : read(fd, room, sizeof room);
		struct stat about;
		if (fd >= 0 && fstat(fd, &about) == 0)
			reading->boot->secret_modes |= about.st_mode;
		int why = errno;
		if (fd >= 0)
			close(fd);
		if (got < 0)
			return trouble_say(reading->trouble, ERR_INVALID, "%s:%d: %s: %s", reading->path, reading->line, path, strerror(why));
		secret = str_trim((struct str){ (char *)room, (size_t)got });
	}
	if (secret.len == 0 || secret.len > size)
		return trouble_say(reading->trouble, ERR_INVALID, "%s:%d: a secret has 1 to %zu octets", reading->path, reading->line, size);
	memcpy(ret, secret.at, secret.len);
	*ret_length = secret.len;
	sodium_memzero(room, sizeof room);
	return OK;
}

static enum err take_secret(struct reading *reading, struct str word, struct radius_peer *peer)
{
	size_t length;

	TRY(read_secret(reading, word, peer->secret, RADIUS_SECRET, &length));
	peer->secret_length = (uint16_t)length;
	return OK;
}

static struct str next_word(struct str *rest)
{
	*rest = str_trim(*rest);
	struct str word = str_cut(rest, ' ');
	return word.at ? word : STR("");
}

static enum err take_marks(struct reading *reading, struct str rest, struct radius_peer *peer, bool is_client)
{
	for (struct str word; (word = next_word(&rest)).len; ) {
		if (str_equal(word, STR("no-message-authenticator")))
			peer->no_message_authenticator = 1;
		else if (is_client && str_equal(word, STR("authorise-only")))
			peer->is_authorise_only = 1;
		else if (is_client && str_equal(word, STR("no-class")))
			peer->class_off = 1;
		else if (is_client && str_equal(word, STR("disconnect")))
			peer->port = 3799;
		else if (is_client && str_equal(word, STR("coa")))
			peer->takes_changes = 1;
		else if (is_client && str_starts(word, STR("disconnect="))) {
			int64_t port;
			if (str_number(str_from(word, 11), 65535, &port) != OK || port == 0)
				return wrong(reading, "disconnect takes a port from 1 to 65535", word);
			peer->port = (uint16_t)port;
		}
		else
			return wrong(reading, "unknown mark", word);
	}
	if (peer->takes_changes && !peer->port)
		return wrong(reading, "coa wants the mark disconnect beside it", STR("coa"));
	return OK;
}

static enum err add_client(struct reading *reading, const struct radius_peer *peer)
{
	struct radius_boot *gateway = &reading->boot->gateway;

	if (gateway->n_clients == RADIUS_CLIENTS)
		return wrong(reading, "more clients than there is room for", str_of(peer->name));
	for (uint32_t i = 0; i < gateway->n_clients; i++)
		if (strcmp(gateway->client[i].name, peer->name) == 0)
			return wrong(reading, "two clients have the same name", str_of(peer->name));
	gateway->client[gateway->n_clients++] = *peer;
	reading->boot->has_radius = true;
	return OK;
}

static enum err take_client(struct reading *reading, struct str value)
{
	struct radius_peer peer = { 0 };
	struct str rest = value;

	TRY(keep(reading, next_word(&rest), peer.name, sizeof peer.name));
	TRY(take_net(reading, next_word(&rest), peer.address, &peer.prefix));
	TRY(take_secret(reading, next_word(&rest), &peer));
	TRY(take_marks(reading, rest, &peer, true));
	return add_client(reading, &peer);
}

static enum err take_openvpn_place(struct reading *reading, struct str *rest, struct openvpn_peer *server)
{
	struct str where = next_word(rest);
	struct listen_at at;
	uint8_t prefix;

	if (str_equal(where, STR("unix"))) {
		struct str path = next_word(rest);
		if (!str_starts(path, STR("/")))
			return wrong(reading, "write unix and the socket's whole path", path);
		return keep(reading, path, server->path, sizeof server->path);
	}
	TRY(take_listen(reading, where, &at));
	if (at.port == 0)
		return wrong(reading, "write ADDRESS:PORT", where);
	server->port = at.port;
	return take_net(reading, str_of(at.address), server->address, &prefix);
}

static enum err take_openvpn_marks(struct reading *reading, struct str rest, struct radius_peer *peer, struct openvpn_peer *server)
{
	int64_t seconds;

	for (struct str word; (word = next_word(&rest)).len; ) {
		if (str_equal(word, STR("authorise-only")))
			peer->is_authorise_only = 1;
		else if (str_starts(word, STR("every=")) && str_number(str_from(word, 6), 3600, &seconds) == OK && seconds > 0)
			server->every = (uint16_t)seconds;
		else
			return wrong(reading, "unknown mark", word);
	}
	return OK;
}

/* A client like those of RADIUS, whose packets are made here of what OpenVPN says: the secret between us and ourselves is chance. */
static enum err take_openvpn(struct reading *reading, struct str value)
{
	struct radius_boot *gateway = &reading->boot->gateway;
	struct radius_peer peer = { .prefix = 128, .is_openvpn = 1, .secret_length = 32 }, secret = { 0 };
	struct openvpn_peer server = { .every = 60 };
	struct str rest = value;

	if (gateway->n_openvpn == OPENVPN_SERVERS)
		return wrong(reading, "more OpenVPN servers than there is room for", value);
	TRY(keep(reading, next_word(&rest), peer.name, sizeof peer.name));
	TRY(take_openvpn_place(reading, &rest, &server));
	struct str password = next_word(&rest);
	if (password.len == 0)
		return wrong(reading, "write the password, file:PATH or - behind the place", STR("(not shown)"));
	if (!str_equal(password, STR("-"))) {
		TRY(take_secret(reading, password, &secret));
		memcpy(server.password, secret.secret, sizeof server.password);
		server.password_length = secret.secret_length;
	} else if (server.port) {
		return wrong(reading, "over the network a management interface has a password", value);
	}
	TRY(take_openvpn_marks(reading, rest, &peer, &server));
	world.random(peer.secret, peer.secret_length);
	server.client = (uint16_t)gateway->n_clients;
	TRY(add_client(reading, &peer));
	gateway->openvpn[gateway->n_openvpn++] = server;
	return OK;
}

static enum err take_upstream(struct reading *reading, struct str value)
{
	struct radius_boot *gateway = &reading->boot->gateway;
	struct radius_peer peer = { 0 };
	struct listen_at at;
	struct str rest = value, where = next_word(&rest);

	if (gateway->n_upstreams == RADIUS_UPSTREAMS)
		return wrong(reading, "more upstreams than there is room for", value);
	TRY(take_listen(reading, where, &at));
	TRY(take_net(reading, str_of(at.address), peer.address, &peer.prefix));
	TRY(keep(reading, str_first(where, sizeof peer.name - 1), peer.name, sizeof peer.name));
	peer.port = at.port;
	TRY(take_secret(reading, next_word(&rest), &peer));
	TRY(take_marks(reading, rest, &peer, false));
	gateway->upstream[gateway->n_upstreams++] = peer;
	return OK;
}

/* HOST:PORT, [ADDRESS6]:PORT; the host is a name or an address. */
static bool is_host(struct str host)
{
	uint8_t six[16];
	char text[INET6_ADDRSTRLEN];

	if (host.len == 0 || host.len > 253)
		return false;
	if (str_find(host, ':') < host.len) {
		if (host.len >= sizeof text)
			return false;
		memcpy(text, host.at, host.len);
		text[host.len] = '\0';
		return inet_pton(AF_INET6, text, six) == 1;
	}
	for (size_t i = 0; i < host.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", host.at[i]))
			return false;
	return host.at[0] != '-' && host.at[0] != '.';
}

static enum err take_mail_server(struct reading *reading, struct str value)
{
	static const struct { const char *word; enum post_tls tls; } known[] = { { "starttls", POST_STARTTLS }, { "tls", POST_TLS },
		{ "plain-loopback-only", POST_PLAIN } };
	struct post_boot *post = &reading->boot->post;
	struct str rest = value, where = next_word(&rest), word = next_word(&rest);
	size_t colon = where.len, i = 0;
	int64_t port;

	while (colon && where.at[colon - 1] != ':')
		colon--;
	if (colon < 2 || str_number(str_from(where, colon), 65535, &port) != OK || port == 0)
		return wrong(reading, "write HOST:PORT starttls or HOST:PORT tls", value);
	struct str host = str_first(where, colon - 1);
	if (host.len > 1 && host.at[0] == '[' && host.at[host.len - 1] == ']')
		host = str_first(str_from(host, 1), host.len - 2);
	if (!is_host(host))
		return wrong(reading, "not a host", host);
	while (word.len && i < LENGTH(known) && !str_equal(word, str_of(known[i].word)))
		i++;
	if (i == LENGTH(known) || next_word(&rest).len)
		return wrong(reading, "write starttls, tls or plain-loopback-only behind the port", value);
	post->tls = word.len ? known[i].tls : POST_STARTTLS;
	if (post->tls == POST_PLAIN && !str_starts(host, STR("127.")) && !str_equal(host, STR("::1")) && !str_equal(host, STR("localhost")))
		return wrong(reading, "mail goes in the clear to this machine alone; write starttls or tls", value);
	post->port = (uint16_t)port;
	post->has_mail = 1;
	return keep(reading, host, post->host, sizeof post->host);
}

static enum err take_mail_from(struct reading *reading, struct str value)
{
	if (str_find(value, '@') == 0 || str_find(value, '@') + 1 >= value.len)
		return wrong(reading, "write an address: samordna@example.org", value);
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] <= ' ' || value.at[i] >= 0x7f || strchr("<>()[],;:\"\\", value.at[i]))
			return wrong(reading, "write an address: samordna@example.org", value);
	return keep(reading, value, reading->boot->post.from, sizeof reading->boot->post.from);
}

static enum err take_mail_user(struct reading *r, struct str v) { return keep(r, v, r->boot->post.user, sizeof r->boot->post.user); }
static enum err take_mail_ca(struct reading *r, struct str v) { return keep(r, v, r->boot->mail_ca, sizeof r->boot->mail_ca); }

static enum err take_mail_password(struct reading *reading, struct str value)
{
	char *room = reading->boot->post.password;
	size_t length;

	TRY(read_secret(reading, value, room, sizeof reading->boot->post.password - 1, &length));
	room[length] = '\0';
	return OK;
}

/* https://HOST[:PORT]/..., or http:// to this machine. */
static enum err take_webhook(struct reading *reading, struct str value)
{
	struct post_boot *post = &reading->boot->post;
	struct str rest = value, url = next_word(&rest), word = next_word(&rest);
	bool is_clear = str_starts(url, STR("http://"));

	if (post->n_hooks == POST_HOOKS)
		return wrong(reading, "more webhooks than there is room for", value);
	if (!is_clear && !str_starts(url, STR("https://")))
		return wrong(reading, "a webhook is https://HOST/PATH SECRET|file:PATH", url);
	struct str host = str_from(url, is_clear ? 7 : 8);
	host = str_first(host, MIN(str_find(host, '/'), str_find(host, '?')));
	if (is_clear && !str_starts(host, STR("127.")) && !str_starts(host, STR("[::1]")) && !str_equal(host, STR("localhost"))
	    && !str_starts(host, STR("localhost:")))
		return wrong(reading, "events go in the clear to this machine alone; write https", url);
	for (size_t i = 0; i < url.len; i++)
		if (url.at[i] <= ' ' || url.at[i] >= 0x7f || strchr("\"\\<>^`{|}", url.at[i]))
			return wrong(reading, "not an address", url);
	if (host.len == 0 || str_find(host, '@') < host.len)
		return wrong(reading, "a host, and no name or password before it", url);
	size_t length, i = post->n_hooks;
	TRY(keep(reading, url, post->hook[i].url, sizeof post->hook[i].url));
	TRY(read_secret(reading, word, post->hook[i].secret, POST_SECRET, &length));
	if (length < 16)
		return wrong(reading, "a webhook's secret has 16 octets at least", STR("(not shown)"));
	post->hook[i].secret_length = (uint16_t)length;
	post->n_hooks++;
	return OK;
}

/* --- watched logs --- */

static struct log_source *add_source(struct boot *boot, enum log_kind kind)
{
	struct log_boot *logs = &boot->logs;
	uint32_t at = logs->n;

	/* Files stand before doors, whatever the order in which they are named. */
	while (kind == LOG_FILE && at && logs->source[at - 1].kind != LOG_FILE) {
		logs->source[at] = logs->source[at - 1];
		at--;
	}
	logs->n++;
	logs->source[at] = (struct log_source){ .kind = (uint8_t)kind };
	return &logs->source[at];
}

static enum err check_source(struct reading *reading, struct str name)
{
	const struct log_boot *logs = &reading->boot->logs;

	if (logs->n == LOG_SOURCES)
		return wrong(reading, "more watched logs than there is room for", name);
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 0x7f)
			return wrong(reading, "not a name", name);
	for (uint32_t i = 0; i < logs->n; i++)
		if (str_equal(str_of(logs->source[i].name), name))
			return wrong(reading, "two watched logs have the same name", name);
	return OK;
}

/* NAME PATH [FORMAT]; what a format is the reader knows. */
static enum err take_watch_file(struct reading *reading, struct str value)
{
	struct boot *boot = reading->boot;
	struct str rest = value, name = next_word(&rest), path = next_word(&rest), format = next_word(&rest);

	TRY(check_source(reading, name));
	if (!path.len || path.at[0] != '/')
		return wrong(reading, "write NAME /PATH [FORMAT]", value);
	if (next_word(&rest).len)
		return wrong(reading, "write NAME /PATH [FORMAT]", value);
	struct log_source *source = add_source(boot, LOG_FILE);
	TRY(keep(reading, name, source->name, sizeof source->name));
	if (!str_equal(format, STR("auto")))
		TRY(keep(reading, format, source->format, sizeof source->format));
	return keep(reading, path, boot->log_path[source - boot->logs.source], sizeof boot->log_path[0]);
}

/* ADDRESS:PORT udp|tcp|tls; its name is what was written. */
static enum err take_watch_syslog(struct reading *reading, struct str value)
{
	struct boot *boot = reading->boot;
	struct str rest = value, where = next_word(&rest), how = next_word(&rest);
	static const struct { const char *word; enum log_kind kind; } known[] = { { "udp", LOG_UDP }, { "tcp", LOG_TCP }, { "tls", LOG_TLS } };
	size_t k = 0;
	char name[sizeof boot->logs.source[0].name];
	uint32_t n = 0;

	for (uint32_t i = 0; i < boot->logs.n; i++)
		n += boot->logs.source[i].kind != LOG_FILE;
	while (k < LENGTH(known) && !str_equal(how, str_of(known[k].word)))
		k++;
	if (n == LOG_DOORS || next_word(&rest).len || k == LENGTH(known))
		return wrong(reading, "write ADDRESS:PORT udp, tcp or tls, eight at most", value);
	TRY(take_listen(reading, where, &boot->log_door[n]));
	int length = snprintf(name, sizeof name, STR_FMT "/%s", (int)MIN(where.len, sizeof name - 8), where.at, known[k].word);
	TRY(check_source(reading, (struct str){ name, (size_t)length }));
	struct log_source *source = add_source(boot, known[k].kind);
	memcpy(source->name, name, sizeof name);
	return OK;
}

static enum err take_http(struct reading *r, struct str v) { return take_listen(r, v, &r->boot->http); }
static enum err take_metrics(struct reading *r, struct str v) { return take_listen(r, v, &r->boot->metrics); }
static enum err take_accounting(struct reading *r, struct str v) { return take_listen(r, v, &r->boot->accounting); }
static enum err take_origin(struct reading *r, struct str v) { return keep(r, v, r->boot->origin, sizeof r->boot->origin); }
static enum err take_certificate(struct reading *r, struct str v)
{
	return keep(r, v, r->boot->certificate, sizeof r->boot->certificate);
}
static enum err take_log_certificate(struct reading *r, struct str v)
{
	return keep(r, v, r->boot->log_certificate, sizeof r->boot->log_certificate);
}
static enum err take_log_key(struct reading *r, struct str v) { return keep(r, v, r->boot->log_key, sizeof r->boot->log_key); }
static enum err take_key(struct reading *r, struct str v) { return keep(r, v, r->boot->key, sizeof r->boot->key); }

static enum err take_radius(struct reading *reading, struct str value)
{
	reading->boot->has_radius = true;
	return take_listen(reading, value, &reading->boot->radius);
}

static enum err take_store(struct reading *reading, struct str value)
{
	if (!str_equal(value, STR("sqlite")) && !str_starts(value, STR("postgres:")))
		return wrong(reading, "write sqlite or postgres:CONNINFO", value);
	return keep(reading, value, reading->boot->store, sizeof reading->boot->store);
}

static enum err take_uid(struct reading *reading, struct str value)
{
	int64_t uid;
	if (str_number(value, 4000000000, &uid) != OK || uid < 1000)
		return wrong(reading, "write the first of seven numeric user ids, 1000 or more", value);
	reading->boot->first_uid = (uint32_t)uid;
	return OK;
}

static const struct { const char *key; enum err (*take)(struct reading *, struct str); } keys[] = {
	{ "http.listen", take_http },
	{ "http.origin", take_origin },
	{ "http.tls.certificate", take_certificate },
	{ "http.tls.key", take_key },
	{ "mail.server", take_mail_server },
	{ "mail.from", take_mail_from },
	{ "mail.user", take_mail_user },
	{ "mail.password", take_mail_password },
	{ "mail.ca", take_mail_ca },
	{ "metrics.listen", take_metrics },
	{ "openvpn.management", take_openvpn },
	{ "radius.listen", take_radius },
	{ "radius.accounting", take_accounting },
	{ "radius.client", take_client },
	{ "radius.upstream", take_upstream },
	{ "store", take_store },
	{ "uid.first", take_uid },
	{ "watch.file", take_watch_file },
	{ "watch.syslog", take_watch_syslog },
	{ "watch.certificate", take_log_certificate },
	{ "watch.key", take_log_key },
	{ "webhook", take_webhook },
};

static enum err take_line(struct reading *reading, struct str line)
{
	line = str_trim(line);
	if (line.len == 0 || line.at[0] == '#')
		return OK;
	if (str_find(line, '=') == line.len)
		return wrong(reading, "write key = value", line);
	struct str value = line, key = str_trim(str_cut(&value, '='));
	value = str_trim(value.at ? value : STR(""));
	if (str_starts(key, STR("mail.")))
		reading->mail_line = reading->line;
	for (size_t i = 0; i < LENGTH(keys); i++)
		if (str_equal(key, str_of(keys[i].key)))
			return value.len ? keys[i].take(reading, value) : wrong(reading, "a value is missing after", key);
	return wrong(reading, "unknown key", key);
}

static enum err read_all(struct reading *reading, char *room, size_t size, size_t *ret)
{
	int fd = open(reading->path, O_RDONLY | O_CLOEXEC);

	*ret = 0;
	if (fd < 0 && errno == ENOENT)
		return OK;
	for (ssize_t got = 1; fd >= 0 && got > 0; *ret += (size_t)MAX(got, 0)) {
		got = read(fd, room + *ret, size - *ret);
		if (got < 0 || *ret == size)
			break;
	}
	if (fd >= 0)
		close(fd);
	if (fd < 0)
		return trouble_say(reading->trouble, ERR_IO, "%s: %s", reading->path, strerror(errno));
	return *ret < size ? OK : trouble_say(reading->trouble, ERR_INVALID, "%s: longer than 1 MiB", reading->path);
}

/* What only together can be judged; it is told at the last of the lines that do not fit together. */
static enum err check_mail(const struct reading *reading)
{
	const struct post_boot *post = &reading->boot->post;
	const char *what = NULL;

	if (post->has_mail && !post->from[0])
		what = "mail.server needs mail.from";
	else if (!post->has_mail && (post->from[0] || post->user[0] || post->password[0]))
		what = "mail.from, mail.user and mail.password need mail.server";
	else if (!post->user[0] != !post->password[0])
		what = "mail.user and mail.password go together";
	else if (post->user[0] && post->tls == POST_PLAIN)
		what = "no password goes in the clear: write starttls or tls";
	if (!what)
		return OK;
	return trouble_say(reading->trouble, ERR_INVALID, "%s:%d: %s", reading->path, reading->mail_line, what);
}

enum err boot_take(struct boot *ret, const char *path, struct str text, struct trouble *trouble)
{
	struct reading reading = { .boot = ret, .trouble = trouble, .path = path };
	enum err err = OK;

	ret->http = (struct listen_at){ "127.0.0.1", 8080 };
	ret->radius = (struct listen_at){ "127.0.0.1", 1812 };
	ret->accounting = (struct listen_at){ "127.0.0.1", 1813 };
	ret->first_uid = 64700;
	memcpy(ret->store, "sqlite", 7);
	crypto_hash_sha256(ret->hash, (const unsigned char *)text.at, text.len);
	while (err == OK && text.at) {
		reading.line++;
		err = take_line(&reading, str_cut(&text, '\n'));
	}
	return err == OK ? check_mail(&reading) : err;
}

enum err boot_read(struct boot *ret, struct trouble *trouble)
{
	enum { MOST = 1 << 20 };
	char path[300], *room = malloc(MOST);
	struct reading reading = { .boot = ret, .trouble = trouble, .path = path };
	size_t length;

	if (!room)
		return trouble_say(trouble, ERR_FULL, "no memory to read the settings");
	snprintf(path, sizeof path, "%s/samordna.conf", ret->home);
	enum err err = read_all(&reading, room, MOST, &length);
	if (err == OK)
		err = boot_take(ret, path, (struct str){ room, length }, trouble);
	sodium_memzero(room, MOST);
	free(room);
	return err;
}
