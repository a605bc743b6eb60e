/* samordna.conf: a table of keys, each with the function that takes its value.
 *
 * Mail and webhooks are boot_mail.c's, watched logs boot_logs.c's.
 *
 * SECURITY: the file belongs to whoever owns HOME and is trusted; still nothing in it is ever run, and a secret is read from
 * `file:PATH` so that it need not stand in the file itself. Only keeper and the owner's own commands read it. */
#include "boot_parts.h"
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
	"# The authority that signed its certificate and those of webhooks, the SMS gateway and the provider, when the system's own do not know it\n"
	"# mail.ca = /etc/samordna/mail-ca.pem\n"
	"# Signed events to other systems, eight at most: URL SECRET|file:PATH\n"
	"# webhook = https://desk.example.org/hooks/samordna file:/etc/samordna/secrets/hook\n"
	"# What nobody may miss goes out by SMS too when there is a gateway that takes a POST: JSON or a form, with {to} and {text} filled in\n"
	"# sms.url = https://sms.example.org/send\n"
	"# sms.authorization = file:/etc/samordna/secrets/sms\n"
	"# sms.body = {\"to\": \"{to}\", \"message\": \"{text}\"}\n"
	"# A second proof of a caller in an app of her own: an OpenID provider with CIBA, poll mode. secret: client_secret_basic.\n"
	"# person: what it is told of whom to ask (email or id), and the claim of the ID token that must say the same. acr: asked for, and demanded.\n"
	"# ciba.issuer = https://id.example.org\n"
	"# ciba.ask = https://id.example.org/ciba/auth\n"
	"# ciba.token = https://id.example.org/token\n"
	"# ciba.client = samordna\n"
	"# ciba.secret = file:/etc/samordna/secrets/ciba\n"
	"# ciba.person = email email\n"
	"# ciba.acr = urn:grn:authn:se:bankid\n"
	"\n"
	"# OpenVPN's management interface, with management-client-auth: NAME ADDRESS:PORT|unix PATH PASSWORD|file:PATH|- [authorise-only] [every=SECONDS]\n"
	"# authorise-only: who shows a certificate and no password is let in by it. Passwords always go to the upstream.\n"
	"# openvpn.management = vpn2 unix /run/openvpn/management.sock file:/etc/samordna/secrets/vpn2\n"
	"\n"
	"# Logs of the daemons that let people in, watched for guessing and the like. A file: NAME PATH [FORMAT], followed over rotations; or\n"
	"# syslog from others: ADDRESS:PORT udp|tcp|tls; the last with watch.certificate and watch.key, or http.tls' own\n"
	"# watch.file = ssh /var/log/auth.log\n"
	"# Or the systemd journal, read by itself: NAME [/DIRECTORY], this machine's own or one that systemd-journal-remote fills\n"
	"# watch.syslog = 192.0.2.5:5514 udp\n"
	"# watch.journal = journal\n"
	"# Where addresses are, for the rule on impossible travel: a file in MaxMind's form with coordinates (City), taken anew when it is replaced\n"
	"# watch.places = /var/lib/GeoIP/GeoLite2-City.mmdb\n"
	"\n"
	"# store = sqlite\n";

enum err boot_wrong(struct reading *reading, const char *what, struct str value)
{
	return trouble_say(reading->trouble, ERR_INVALID, "%s:%d: %s: \"" STR_FMT "\"", reading->path, reading->line, boot_says(what),
	                   STR_ARG(str_first(value, 80)));
}

enum err boot_keep(struct reading *reading, struct str value, char *room, size_t size)
{
	if (value.len >= size)
		return boot_wrong(reading, N_("longer than it may be"), value);
	memcpy(room, value.at, value.len);
	room[value.len] = '\0';
	return OK;
}

/* ADDRESS:PORT, [ADDRESS6]:PORT. */
enum err boot_listen(struct reading *reading, struct str value, struct listen_at *ret)
{
	size_t colon = value.len;
	int64_t port;

	while (colon && value.at[colon - 1] != ':')
		colon--;
	if (colon < 2 || str_number(str_from(value, colon), 65535, &port) != OK)
		return boot_wrong(reading, N_("write ADDRESS:PORT"), value);
	struct str address = str_first(value, colon - 1);
	if (address.len > 1 && address.at[0] == '[' && address.at[address.len - 1] == ']')
		address = str_first(str_from(address, 1), address.len - 2);
	ret->port = (uint16_t)port;
	return boot_keep(reading, address, ret->address, sizeof ret->address);
}

/* The address as IPv6, IPv4 as ::ffff:a.b.c.d; the prefix length likewise. */
static enum err take_net(struct reading *reading, struct str value, uint8_t address[16], uint8_t *ret_prefix)
{
	struct str rest = value, host = str_cut(&rest, '/');
	char text[INET6_ADDRSTRLEN];
	int64_t length = -1;

	TRY(boot_keep(reading, host, text, sizeof text));
	memset(address, 0, 16);
	bool is_four = inet_pton(AF_INET, text, address + 12) == 1;
	if (is_four)
		address[10] = address[11] = 0xff;
	else if (inet_pton(AF_INET6, text, address) != 1)
		return boot_wrong(reading, N_("not an address"), value);
	if (rest.at && str_number(rest, is_four ? 32 : 128, &length) != OK)
		return boot_wrong(reading, N_("not a net"), value);
	*ret_prefix = (uint8_t)(length < 0 ? 128 : is_four ? length + 96 : length);
	return OK;
}

/* SECRET or file:PATH, 1 to `size` octets. */
enum err boot_secret(struct reading *reading, struct str word, void *ret, size_t size, size_t *ret_length)
{
	uint8_t room[1024];
	struct str secret = word;

	if (str_starts(word, STR("file:"))) {
		char path[256];
		TRY(boot_keep(reading, str_from(word, 5), path, sizeof path));
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
		return trouble_say(reading->trouble, ERR_INVALID, boot_says(N_("%s:%d: a secret has 1 to %zu octets")), reading->path, reading->line, size);
	memcpy(ret, secret.at, secret.len);
	*ret_length = secret.len;
	sodium_memzero(room, sizeof room);
	return OK;
}

static enum err take_secret(struct reading *reading, struct str word, struct radius_peer *peer)
{
	size_t length;

	TRY(boot_secret(reading, word, peer->secret, RADIUS_SECRET, &length));
	peer->secret_length = (uint16_t)length;
	return OK;
}

struct str boot_word(struct str *rest)
{
	*rest = str_trim(*rest);
	struct str word = str_cut(rest, ' ');
	return word.at ? word : STR("");
}

static enum err take_marks(struct reading *reading, struct str rest, struct radius_peer *peer, bool is_client)
{
	for (struct str word; (word = boot_word(&rest)).len; ) {
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
				return boot_wrong(reading, N_("disconnect takes a port from 1 to 65535"), word);
			peer->port = (uint16_t)port;
		}
		else
			return boot_wrong(reading, N_("unknown mark"), word);
	}
	if (peer->takes_changes && !peer->port)
		return boot_wrong(reading, N_("coa wants the mark disconnect beside it"), STR("coa"));
	return OK;
}

static enum err add_client(struct reading *reading, const struct radius_peer *peer)
{
	struct radius_boot *gateway = &reading->boot->gateway;

	if (gateway->n_clients == RADIUS_CLIENTS)
		return boot_wrong(reading, N_("more clients than there is room for"), str_of(peer->name));
	for (uint32_t i = 0; i < gateway->n_clients; i++)
		if (strcmp(gateway->client[i].name, peer->name) == 0)
			return boot_wrong(reading, N_("two clients have the same name"), str_of(peer->name));
	gateway->client[gateway->n_clients++] = *peer;
	reading->boot->has_radius = true;
	return OK;
}

static enum err take_client(struct reading *reading, struct str value)
{
	struct radius_peer peer = { 0 };
	struct str rest = value;

	TRY(boot_keep(reading, boot_word(&rest), peer.name, sizeof peer.name));
	TRY(take_net(reading, boot_word(&rest), peer.address, &peer.prefix));
	TRY(take_secret(reading, boot_word(&rest), &peer));
	TRY(take_marks(reading, rest, &peer, true));
	return add_client(reading, &peer);
}

static enum err take_openvpn_place(struct reading *reading, struct str *rest, struct openvpn_peer *server)
{
	struct str where = boot_word(rest);
	struct listen_at at;
	uint8_t prefix;

	if (str_equal(where, STR("unix"))) {
		struct str path = boot_word(rest);
		if (!str_starts(path, STR("/")))
			return boot_wrong(reading, N_("write unix and the socket's whole path"), path);
		return boot_keep(reading, path, server->path, sizeof server->path);
	}
	TRY(boot_listen(reading, where, &at));
	if (at.port == 0)
		return boot_wrong(reading, N_("write ADDRESS:PORT"), where);
	server->port = at.port;
	return take_net(reading, str_of(at.address), server->address, &prefix);
}

static enum err take_openvpn_marks(struct reading *reading, struct str rest, struct radius_peer *peer, struct openvpn_peer *server)
{
	int64_t seconds;

	for (struct str word; (word = boot_word(&rest)).len; ) {
		if (str_equal(word, STR("authorise-only")))
			peer->is_authorise_only = 1;
		else if (str_starts(word, STR("every=")) && str_number(str_from(word, 6), 3600, &seconds) == OK && seconds > 0)
			server->every = (uint16_t)seconds;
		else
			return boot_wrong(reading, N_("unknown mark"), word);
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
		return boot_wrong(reading, N_("more OpenVPN servers than there is room for"), value);
	TRY(boot_keep(reading, boot_word(&rest), peer.name, sizeof peer.name));
	TRY(take_openvpn_place(reading, &rest, &server));
	struct str password = boot_word(&rest);
	if (password.len == 0)
		return boot_wrong(reading, N_("write the password, file:PATH or - behind the place"), STR("(not shown)"));
	if (!str_equal(password, STR("-"))) {
		TRY(take_secret(reading, password, &secret));
		memcpy(server.password, secret.secret, sizeof server.password);
		server.password_length = secret.secret_length;
	} else if (server.port) {
		return boot_wrong(reading, N_("over the network a management interface has a password"), value);
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
	struct str rest = value, where = boot_word(&rest);

	if (gateway->n_upstreams == RADIUS_UPSTREAMS)
		return boot_wrong(reading, N_("more upstreams than there is room for"), value);
	TRY(boot_listen(reading, where, &at));
	TRY(take_net(reading, str_of(at.address), peer.address, &peer.prefix));
	TRY(boot_keep(reading, str_first(where, sizeof peer.name - 1), peer.name, sizeof peer.name));
	peer.port = at.port;
	TRY(take_secret(reading, boot_word(&rest), &peer));
	TRY(take_marks(reading, rest, &peer, false));
	gateway->upstream[gateway->n_upstreams++] = peer;
	return OK;
}

static enum err take_http(struct reading *r, struct str v) { return boot_listen(r, v, &r->boot->http); }
static enum err take_metrics(struct reading *r, struct str v) { return boot_listen(r, v, &r->boot->metrics); }
static enum err take_accounting(struct reading *r, struct str v) { return boot_listen(r, v, &r->boot->accounting); }
static enum err take_origin(struct reading *r, struct str v) { return boot_keep(r, v, r->boot->origin, sizeof r->boot->origin); }
static enum err take_certificate(struct reading *r, struct str v)
{
	return boot_keep(r, v, r->boot->certificate, sizeof r->boot->certificate);
}
static enum err take_log_certificate(struct reading *r, struct str v)
{
	return boot_keep(r, v, r->boot->log_certificate, sizeof r->boot->log_certificate);
}
static enum err take_log_key(struct reading *r, struct str v) { return boot_keep(r, v, r->boot->log_key, sizeof r->boot->log_key); }
static enum err take_key(struct reading *r, struct str v) { return boot_keep(r, v, r->boot->key, sizeof r->boot->key); }

static enum err take_radius(struct reading *reading, struct str value)
{
	reading->boot->has_radius = true;
	return boot_listen(reading, value, &reading->boot->radius);
}

static enum err take_store(struct reading *reading, struct str value)
{
	if (!str_equal(value, STR("sqlite")) && !str_starts(value, STR("postgres:")))
		return boot_wrong(reading, N_("write sqlite or postgres:CONNINFO"), value);
	return boot_keep(reading, value, reading->boot->store, sizeof reading->boot->store);
}

static enum err take_uid(struct reading *reading, struct str value)
{
	int64_t uid;
	if (str_number(value, 4000000000, &uid) != OK || uid < 1000)
		return boot_wrong(reading, N_("write the first of seven numeric user ids, 1000 or more"), value);
	reading->boot->first_uid = (uint32_t)uid;
	return OK;
}

static const struct { const char *key; enum err (*take)(struct reading *, struct str); } keys[] = {
	{ "ciba.issuer", boot_ciba_issuer },
	{ "ciba.ask", boot_ciba_ask },
	{ "ciba.token", boot_ciba_token },
	{ "ciba.client", boot_ciba_client },
	{ "ciba.secret", boot_ciba_secret },
	{ "ciba.person", boot_ciba_person },
	{ "ciba.acr", boot_ciba_acr },
	{ "http.listen", take_http },
	{ "http.origin", take_origin },
	{ "http.tls.certificate", take_certificate },
	{ "http.tls.key", take_key },
	{ "mail.server", boot_mail_server },
	{ "mail.from", boot_mail_from },
	{ "mail.user", boot_mail_user },
	{ "mail.password", boot_mail_password },
	{ "mail.ca", boot_mail_ca },
	{ "metrics.listen", take_metrics },
	{ "openvpn.management", take_openvpn },
	{ "radius.listen", take_radius },
	{ "radius.accounting", take_accounting },
	{ "radius.client", take_client },
	{ "radius.upstream", take_upstream },
	{ "sms.url", boot_sms_url },
	{ "sms.authorization", boot_sms_authorization },
	{ "sms.body", boot_sms_body },
	{ "store", take_store },
	{ "uid.first", take_uid },
	{ "watch.file", boot_watch_file },
	{ "watch.journal", boot_watch_journal },
	{ "watch.places", boot_watch_places },
	{ "watch.syslog", boot_watch_syslog },
	{ "watch.certificate", take_log_certificate },
	{ "watch.key", take_log_key },
	{ "webhook", boot_webhook },
};

static enum err take_line(struct reading *reading, struct str line)
{
	line = str_trim(line);
	if (line.len == 0 || line.at[0] == '#')
		return OK;
	if (str_find(line, '=') == line.len)
		return boot_wrong(reading, N_("write key = value"), line);
	struct str value = line, key = str_trim(str_cut(&value, '='));
	value = str_trim(value.at ? value : STR(""));
	if (str_starts(key, STR("mail.")) || str_starts(key, STR("sms.")) || str_starts(key, STR("ciba.")))
		reading->mail_line = reading->line;
	for (size_t i = 0; i < LENGTH(keys); i++)
		if (str_equal(key, str_of(keys[i].key)))
			return value.len ? keys[i].take(reading, value) : boot_wrong(reading, N_("a value is missing after"), key);
	return boot_wrong(reading, N_("unknown key"), key);
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
	return *ret < size ? OK : trouble_say(reading->trouble, ERR_INVALID, boot_says(N_("%s: longer than 1 MiB")), reading->path);
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
	return err == OK ? boot_mail_check(&reading) : err;
}

enum err boot_read(struct boot *ret, struct trouble *trouble)
{
	enum { MOST = 1 << 20 };
	char path[300], *room = malloc(MOST);
	struct reading reading = { .boot = ret, .trouble = trouble, .path = path };
	size_t length;

	if (!room)
		return trouble_say(trouble, ERR_FULL, "%s", boot_says(N_("There is no memory to read the settings.")));
	snprintf(path, sizeof path, "%s/samordna.conf", ret->home);
	enum err err = read_all(&reading, room, MOST, &length);
	if (err == OK)
		err = boot_take(ret, path, (struct str){ room, length }, trouble);
	sodium_memzero(room, MOST);
	free(room);
	return err;
}
