/* keeper's doors: the lock on HOME, the log's keys, the control socket, the ports, the sockets to upstreams, and what core is told of them.
 *
 * All is opened before keeper's own walls go up; afterwards these descriptors are handed to whoever lives on them.
 *
 * SECURITY: keeper reads samordna.conf, certificate and key, and nothing from outside. A port that cannot be had stops the start with a
 * sentence; nothing is opened half. */
#define LONG_LIVED
#include "keeper.h"
#include "serve.h"
#include "base/world.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

int keeper_bind(const struct listen_at *at, int type, struct trouble *trouble)
{
	struct sockaddr_storage room = { 0 };
	socklen_t length;
	int one = 1, buffer = 8 << 20;

	struct sockaddr_in *four = (void *)&room;
	struct sockaddr_in6 *six = (void *)&room;
	if (inet_pton(AF_INET, at->address, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(at->port);
		length = sizeof *four;
	} else if (inet_pton(AF_INET6, at->address, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(at->port);
		length = sizeof *six;
	} else {
		(void)trouble_say(trouble, ERR_INVALID, keeper_says(N_("%s is not an address")), at->address);
		return -1;
	}
	int fd = socket(room.ss_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	else
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	if (bind(fd, (struct sockaddr *)&room, length) != 0 || (type == SOCK_STREAM && listen(fd, 1024) != 0)) {
		(void)trouble_say(trouble, ERR_IO, keeper_says(N_("%s port %u cannot be opened: %s")), at->address, at->port, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int connect_upstream(const struct radius_peer *peer)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(peer->port) };
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	int fd, off = 0, buffer = 4 << 20;

	memcpy(&to.sin6_addr, peer->address, 16);
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && memcmp(peer->address, mapped, 12) == 0)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int connect_openvpn(const struct openvpn_peer *server)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(server->port) };
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	int off = 0;

	memcpy(&six.sin6_addr, server->address, 16);
	memcpy(local.sun_path, server->path, sizeof server->path);
	int fd = socket(server->port ? AF_INET6 : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && server->port)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	const struct sockaddr *to = server->port ? (const struct sockaddr *)&six : (const struct sockaddr *)&local;
	if (fd >= 0 && connect(fd, to, server->port ? sizeof six : sizeof local) != 0 && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Nothing is waited for: whether the connection comes about is the gateway's to see, and it asks again. At most twice a second each. */
void keeper_connect(struct keeper *keeper, uint32_t server)
{
	static int64_t tried[OPENVPN_SERVERS];
	struct management management = { .server = server };
	int64_t now = world.ticks();

	if (server >= keeper->boot->gateway.n_openvpn || (tried[server] && now - tried[server] < 500))
		return;
	tried[server] = now;
	int fd = connect_openvpn(&keeper->boot->gateway.openvpn[server]);
	if (fd < 0)
		return;
	(void)channel_send(keeper->child[ROW_GATEWAY].channel, (struct message){ .kind = MESSAGE_MANAGEMENT }, &management.server,
	                   sizeof management - sizeof management.head, &fd, 1);
	close(fd);
}

/* HOME may be longer than a socket's name can be: it is reached through its descriptor. */
static int control_address(const char *home, struct sockaddr_un *ret)
{
	int dir = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/control.sock", dir);
	return dir;
}

int control_connect(const char *home)
{
	struct sockaddr_un at;
	int dir = control_address(home, &at);
	int fd = dir < 0 ? -1 : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
		close(fd);
		fd = -1;
	}
	if (dir >= 0)
		close(dir);
	return fd;
}

static int control_listen(const char *home)
{
	struct sockaddr_un at;
	int dir = control_address(home, &at);
	int fd = dir < 0 ? -1 : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		unlinkat(dir, "control.sock", 0);
		mode_t before = umask(0177);
		if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 64) != 0) {
			close(fd);
			fd = -1;
		}
		umask(before);
	}
	if (dir >= 0)
		close(dir);
	return fd;
}

static enum err read_pem(const char *path, char *room, size_t size, uint32_t *ret, struct trouble *trouble)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, room, size);

	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return trouble_say(trouble, ERR_IO, keeper_says(N_("%s cannot be read: %s")), path, got ? strerror(errno) : keeper_says(N_("it is empty")));
	if ((size_t)got >= size)
		return trouble_say(trouble, ERR_INVALID, keeper_says(N_("%s is longer than %zu bytes")), path, size - 1);
	room[got] = '\0';
	*ret = (uint32_t)got;
	return OK;
}

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* Passwords and sessions go over plain HTTP to this machine only. */
static enum err fill_web(struct keeper *keeper, struct trouble *trouble)
{
	const struct boot *boot = keeper->boot;
	struct web_boot *web = &keeper->web_boot;

	web->port = boot->http.port;
	memcpy(web->origin, boot->origin, MIN(sizeof web->origin, sizeof boot->origin));
	if (!boot->certificate[0] && is_loopback(boot->http.address))
		return OK;
	if (!boot->certificate[0] || !boot->key[0])
		return trouble_say(trouble, ERR_INVALID, keeper_says(N_("http.listen = %s needs http.tls.certificate and http.tls.key")), boot->http.address);
	TRY(read_pem(boot->certificate, web->certificate, sizeof web->certificate, &web->certificate_length, trouble));
	return read_pem(boot->key, web->key, sizeof web->key, &web->key_length, trouble);
}

/* The authority that signed the mail server's certificate. */
static enum err fill_post(struct keeper *keeper, struct trouble *trouble)
{
	struct boot *boot = keeper->boot;

	if (!boot->mail_ca[0])
		return OK;
	return read_pem(boot->mail_ca, boot->post.ca, sizeof boot->post.ca, &boot->post.ca_length, trouble);
}

static enum err open_doors(struct keeper *keeper, struct trouble *trouble)
{
	struct boot *boot = keeper->boot;

	keeper->control = control_listen(boot->home);
	if (keeper->control < 0)
		return trouble_say(trouble, ERR_IO, keeper_says(N_("%s/control.sock cannot be made: %s")), boot->home, strerror(errno));
	if (keeper->is_doorless)
		return OK;
	keeper->http = keeper_bind(&boot->http, SOCK_STREAM, trouble);
	if (keeper->http < 0)
		return trouble_say(trouble, ERR_IO, keeper_says(N_("the web port cannot be opened")));
	TRY(fill_web(keeper, trouble));
	TRY(fill_post(keeper, trouble));
	if (boot->metrics.port && (keeper->metrics = keeper_bind(&boot->metrics, SOCK_STREAM, trouble)) < 0)
		return trouble_say(trouble, ERR_IO, keeper_says(N_("the port for metrics cannot be opened")));
	TRY(keeper_open_logs(keeper, trouble));
	if (!boot->has_radius)
		return OK;
	keeper->radius = keeper_bind(&boot->radius, SOCK_DGRAM, trouble);
	keeper->accounting = keeper_bind(&boot->accounting, SOCK_DGRAM, trouble);
	if (keeper->radius < 0 || keeper->accounting < 0)
		return trouble_say(trouble, ERR_IO, keeper_says(N_("a RADIUS port cannot be opened")));
	int each = boot->gateway.n_upstreams ? MIN(UPSTREAM_SOCKETS, 16 / (int)boot->gateway.n_upstreams) : 0;
	for (uint32_t i = 0; i < boot->gateway.n_upstreams; i++)
		for (int k = 0; k < each; k++) {
			int fd = connect_upstream(&boot->gateway.upstream[i]);
			if (fd < 0)
				return trouble_say(trouble, ERR_IO, keeper_says(N_("upstream %s cannot be reached: %s")), boot->gateway.upstream[i].name, strerror(errno));
			keeper->upstream.fd[keeper->upstream.n++] = fd;
		}
	return OK;
}

enum { LOCK_PATIENCE_MS = 3000 };

static enum err lock_home(struct keeper *keeper, struct trouble *trouble)
{
	char path[300];

	snprintf(path, sizeof path, "%s/lock", keeper->boot->home);
	keeper->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (keeper->lock < 0)
		return trouble_say(trouble, errno == ENOENT ? ERR_NONE : ERR_IO, errno == ENOENT
			? keeper_says(N_("there is no home at %s; make one: samordna init --home %s")) : keeper_says(N_("%s cannot be opened: %s")), keeper->boot->home,
			errno == ENOENT ? keeper->boot->home : strerror(errno));
	/* A command that came while nobody served has a server of its own for a moment: that one is waited for. */
	for (int i = 0; i < (keeper->is_doorless ? 1 : LOCK_PATIENCE_MS / 50); i++) {
		if (flock(keeper->lock, LOCK_EX | LOCK_NB) == 0)
			return OK;
		usleep(50000);
	}
	return trouble_say(trouble, ERR_BUSY, keeper_says(N_("Samordna is running on %s already")), keeper->boot->home);
}

static enum err open_seal_state(struct keeper *keeper, struct trouble *trouble)
{
	char path[300];

	snprintf(path, sizeof path, "%s/seal/state", keeper->boot->home);
	keeper->seal_state = open(path, O_RDWR | O_CLOEXEC);
	if (keeper->seal_state < 0)
		return trouble_say(trouble, ERR_IO, keeper_says(N_("%s, which holds the log's keys, cannot be opened: %s")), path, strerror(errno));
	return OK;
}

enum err keeper_open(struct keeper *keeper, struct trouble *trouble)
{
	TRY(lock_home(keeper, trouble));
	TRY(open_seal_state(keeper, trouble));
	return open_doors(keeper, trouble);
}

void keeper_fill_core_boot(struct keeper *keeper)
{
	struct boot *boot = keeper->boot;
	struct core_boot *core_boot = &keeper->core_boot;
	struct stat about;

	memcpy(core_boot->home, boot->home, sizeof core_boot->home);
	memcpy(core_boot->store, boot->store, sizeof core_boot->store);
	memcpy(core_boot->origin, boot->origin, sizeof core_boot->origin);
	memcpy(core_boot->settings_hash, boot->hash, sizeof core_boot->settings_hash);
	core_boot->owner_uid = stat(boot->home, &about) == 0 ? about.st_uid : getuid();
	struct passwd *owner = getpwuid(core_boot->owner_uid);
	snprintf(core_boot->owner, sizeof core_boot->owner, "%s", owner ? owner->pw_name : "owner");
	core_boot->is_doorless = keeper->is_doorless;
	core_boot->has_tls = keeper->web_boot.certificate_length > 0;
	core_boot->is_http_loopback = is_loopback(boot->http.address);
	core_boot->n_upstreams = boot->gateway.n_upstreams;
	for (uint32_t i = 0; i < boot->gateway.n_upstreams; i++)
		core_boot->n_upstreams_unsigned += boot->gateway.upstream[i].no_message_authenticator;
	if (boot->post.has_mail) {
		memcpy(core_boot->mail_from, boot->post.from, sizeof core_boot->mail_from);
		snprintf(core_boot->mail_server, sizeof core_boot->mail_server, "%s:%u", boot->post.host, boot->post.port);
	}
	core_boot->has_sms = boot->post.sms.url[0] != '\0';
	core_boot->has_proof = boot->post.ciba.ask[0] != '\0';
	core_boot->is_proof_by_code = boot->post.ciba.is_by_code;
	core_boot->n_hooks = boot->post.n_hooks;
	for (uint32_t i = 0; i < core_boot->n_hooks; i++) {
		struct str host = str_of(strstr(boot->post.hook[i].url, "://") + 3);
		host = str_first(host, MIN(str_find(host, '/'), str_find(host, '?')));
		snprintf(core_boot->hook_host[i], sizeof core_boot->hook_host[i], STR_FMT, STR_ARG(host));
	}
	if (!keeper->is_doorless)
		core_boot->logs = boot->logs;
	core_boot->n_gateways = boot->gateway.n_clients;
	for (uint32_t i = 0; i < boot->gateway.n_clients; i++) {
		const struct radius_peer *peer = &boot->gateway.client[i];
		memcpy(core_boot->gateway[i].name, peer->name, sizeof peer->name);
		core_boot->gateway[i].is_authorise_only = peer->is_authorise_only;
		core_boot->gateway[i].no_message_authenticator = peer->no_message_authenticator;
		core_boot->gateway[i].can_end = peer->port != 0 || peer->is_openvpn;
		core_boot->gateway[i].can_change = peer->takes_changes;
	}
}

int keeper_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
