/* Keeper and its process table.
 *
 * Each process is this same program started anew (so that it has its own memory layout and nothing of keeper's), with one
 * channel to keeper as descriptor 3. Its first message is BOOT: its settings and the descriptors it lives on. core is told
 * of each neighbour by PEER. A process that dies is started again and core is handed the new end; when core dies all
 * start again, since every channel ended in it.
 *
 * Long-lived memory outside the store, all of it: core's workers, the standing, the writer's queue and the log's frontier
 * (floor), the gateway's tables of packets in flight, web's connections, and the table below.
 *
 * SECURITY: keeper reads samordna.conf and nothing from outside. It is the only one that binds, forks and starts. */
#define LONG_LIVED
#include "serve.h"
#include "core.h"
#include "doors/files.h"
#include "doors/gateway.h"
#include "doors/web.h"
#include "floor/embedded.h"
#include "seal.h"
#include "base/world.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { KEEPER_FD = 3, UPSTREAM_SOCKETS = 4 };

enum row { ROW_CORE, ROW_SEAL, ROW_READER, ROW_GATEWAY, ROW_WEB, ROWS };

struct files { int fd[CHANNEL_FILES]; int n; };

struct process {
	const char *name;
	pid_t       pid;
	int         channel;            /* keeper's end */
	int64_t     started, deaths;
	bool        is_wanted, is_ready;
};

struct keeper {
	struct boot       *boot;
	bool               is_doorless, is_stopping;
	int                lock, seal_state, control, http, metrics, radius, accounting, signals;
	struct files       upstream;
	struct core_boot   core_boot;
	struct web_boot    web_boot;
	struct process     process[ROWS];
};

/* --- the children's side --- */

static int run_core(const void *boot, const int *files, int n)
{
	(void)files;
	(void)n;
	return core_run(boot, KEEPER_FD);
}

static int run_reader(const void *boot, const int *files, int n)
{
	(void)boot;
	return n == 1 ? reader_run(files[0]) : 1;
}

static int run_seal(const void *boot, const int *files, int n)
{
	(void)boot;
	return n == 3 ? seal_run(files[0], files[1], files[2]) : 1;
}

static int run_gateway(const void *boot, const int *files, int n)
{
	return n >= 3 ? gateway_run(boot, files[0], files[1], files[2], files + 3, n - 3) : 1;
}

static bool find_file(struct str path, struct web_file *ret)
{
	const struct embedded *file = embedded_find(path);

	if (file)
		*ret = (struct web_file){ file->bytes, file->etag, file->type };
	return file != NULL;
}

static int run_web(const void *boot, const int *files, int n)
{
	web_find_file = find_file;
	return n == 2 || n == 3 ? web_run(boot, files[0], files[1], n == 3 ? files[2] : -1) : 1;
}

static const struct { const char *name; int (*run)(const void *boot, const int *files, int n); enum peer_kind peer; } rows[ROWS] = {
	[ROW_CORE]    = { "core", run_core, PEER_KINDS },
	[ROW_SEAL]    = { "seal", run_seal, PEER_KINDS },
	[ROW_READER]  = { "reader", run_reader, PEER_READER },
	[ROW_GATEWAY] = { "gateway", run_gateway, PEER_GATEWAY },
	[ROW_WEB]     = { "web", run_web, PEER_WEB },
};

int serve_child(const char *name)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;

	for (int i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		signal(SIGINT, SIG_IGN);        /* Ctrl-C reaches keeper, which stops us in order */
		if (channel_receive(KEEPER_FD, room, &parcel) != OK || !message_check(&parcel, MESSAGE_BOOT))
			return 1;
		const struct boot_files *boot = parcel.at;
		if (boot->size > parcel.length - sizeof *boot)
			return 1;
		return rows[i].run(boot + 1, parcel.files, parcel.n_files);
	}
	return 2;
}

/* --- starting --- */

static void say_boot(int channel, const void *boot, size_t size, const struct files *files)
{
	static char room[CHANNEL_MOST - 64];
	struct boot_files head = { .size = (uint32_t)size, .n_files = (uint32_t)files->n };

	memcpy(room, &head.size, sizeof head - sizeof head.head);
	memcpy(room + sizeof head - sizeof head.head, boot, size);
	(void)channel_send(channel, (struct message){ .kind = MESSAGE_BOOT }, room, sizeof head - sizeof head.head + size, files->fd, files->n);
	memset(room, 0, sizeof head + size);
}

static _Noreturn void become(const char *name, int channel)
{
	char argument[32], program[32];
	sigset_t none;

	snprintf(program, sizeof program, "samordna-%s", name);
	snprintf(argument, sizeof argument, "--process=%s", name);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* The channel becomes descriptor 3, without close-on-exec; all others close by themselves. */
	if (channel == KEEPER_FD)
		fcntl(channel, F_SETFD, 0);
	else
		dup2(channel, KEEPER_FD);
	execv("/proc/self/exe", (char *[]){ program, argument, NULL });
	_exit(127);
}

static enum err start(struct keeper *keeper, enum row row, const void *boot, size_t size, const struct files *files)
{
	struct process *process = &keeper->process[row];
	int pair[2];

	TRY(channel_pair(pair));
	process->pid = fork();
	if (process->pid == 0)
		become(rows[row].name, pair[1]);
	close(pair[1]);
	process->name = rows[row].name;
	process->channel = pair[0];
	process->started = world.ticks();
	process->is_wanted = true;
	process->is_ready = false;
	if (process->pid < 0)
		return ERR_IO;
	say_boot(pair[0], boot, size, files);
	return OK;
}

static void tell_core(struct keeper *keeper, enum peer_kind kind, int fd)
{
	struct peer peer = { .kind = kind };
	(void)channel_send(keeper->process[ROW_CORE].channel, (struct message){ .kind = MESSAGE_PEER }, &peer.kind,
	                   sizeof peer - sizeof peer.head, &fd, 1);
}

/* Starts a neighbour of core: a fresh pair between them, and whatever else it lives on. */
static enum err start_neighbour(struct keeper *keeper, enum row row, const void *boot, size_t size, const struct files *more)
{
	int pair[2];
	struct files files = { .n = 1 };

	TRY(channel_pair(pair));
	files.fd[0] = pair[0];
	for (int i = 0; i < more->n; i++)
		files.fd[files.n++] = more->fd[i];
	enum err err = start(keeper, row, boot, size, &files);
	tell_core(keeper, rows[row].peer, pair[1]);
	close(pair[0]);
	close(pair[1]);
	return err;
}

/* seal has two channels to core, one for signing and one for secrets, and its state as an open descriptor. */
static enum err start_seal(struct keeper *keeper)
{
	int sign[2], secrets[2];

	TRY(channel_pair(sign));
	TRY(channel_pair(secrets));
	struct files files = { { keeper->seal_state, sign[0], secrets[0] }, 3 };
	enum err err = start(keeper, ROW_SEAL, "", 0, &files);
	tell_core(keeper, PEER_SEAL_SIGN, sign[1]);
	tell_core(keeper, PEER_SEAL_SECRETS, secrets[1]);
	for (int i = 0; i < 2; i++) {
		close(sign[i]);
		close(secrets[i]);
	}
	return err;
}

static enum err start_row(struct keeper *keeper, enum row row)
{
	struct files files = { 0 };
	struct boot *boot = keeper->boot;
	switch (row) {
	case ROW_CORE:
		return start(keeper, row, &keeper->core_boot, sizeof keeper->core_boot, &files);
	case ROW_SEAL:
		return start_seal(keeper);
	case ROW_READER:
		return start_neighbour(keeper, row, "", 0, &files);
	case ROW_GATEWAY:
		if (keeper->is_doorless || !boot->has_radius)
			return OK;
		files = (struct files){ { keeper->radius, keeper->accounting }, 2 };
		for (int i = 0; i < keeper->upstream.n; i++)
			files.fd[files.n++] = keeper->upstream.fd[i];
		return start_neighbour(keeper, row, &boot->gateway, sizeof boot->gateway, &files);
	case ROW_WEB:
		if (keeper->is_doorless)
			return OK;
		files = (struct files){ { keeper->http, keeper->metrics }, keeper->metrics < 0 ? 1 : 2 };
		return start_neighbour(keeper, row, &keeper->web_boot, sizeof keeper->web_boot, &files);
	default:
		return OK;
	}
}

/* Waits for core's READY, so that nobody is let in before the standing is read. Its exit status when it ends instead. */
static int wait_for_core(struct keeper *keeper)
{
	static char room[CHANNEL_MOST];
	struct parcel parcel;
	int status;

	if (channel_receive(keeper->process[ROW_CORE].channel, room, &parcel) == OK && message_check(&parcel, MESSAGE_READY)) {
		keeper->process[ROW_CORE].is_ready = true;
		return 0;
	}
	waitpid(keeper->process[ROW_CORE].pid, &status, 0);
	keeper->process[ROW_CORE].pid = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
}

static int start_all(struct keeper *keeper)
{
	if (start_row(keeper, ROW_CORE) != OK)
		return 1;
	int status = wait_for_core(keeper);
	if (status)
		return status;
	for (enum row row = ROW_CORE + 1; row < ROWS; row++)
		if (start_row(keeper, row) != OK)
			return 1;
	tell_core(keeper, PEER_CONTROL, keeper->control);
	return 0;
}

/* --- stopping, restarting --- */

static void stop_process(struct process *process, int signal_number)
{
	if (process->pid <= 0)
		return;
	close(process->channel);
	process->channel = -1;
	if (signal_number)
		kill(process->pid, signal_number);
	waitpid(process->pid, NULL, 0);
	process->pid = 0;
}

/* Doors first, core last: it finishes what waits when its channel closes. */
static void stop_all(struct keeper *keeper, bool is_orderly)
{
	for (int row = ROWS - 1; row > ROW_CORE; row--)
		stop_process(&keeper->process[row], SIGKILL);
	stop_process(&keeper->process[ROW_CORE], is_orderly ? 0 : SIGKILL);
}

/* A process that dies again and again within seconds waits longer each time, at most ten seconds. */
static void pause_before_restart(struct process *process)
{
	process->deaths = world.ticks() - process->started < 5000 ? process->deaths + 1 : 0;
	if (process->deaths > 1)
		usleep((useconds_t)MIN(process->deaths * 200, (int64_t)10000) * 1000);
}

static int restart(struct keeper *keeper, pid_t gone, int status)
{
	for (enum row row = 0; row < ROWS; row++) {
		struct process *process = &keeper->process[row];
		if (process->pid != gone)
			continue;
		world_log("samordna: %s ended (%s %d) and is started again", process->name, WIFSIGNALED(status) ? "signal" : "status",
		          WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		close(process->channel);
		process->pid = 0;
		pause_before_restart(process);
		if (row != ROW_CORE)
			return start_row(keeper, row) == OK ? 0 : 1;
		stop_all(keeper, false);
		return start_all(keeper);
	}
	return 0;
}

/* --- sockets --- */

static int bind_to(const struct listen_at *at, int type, struct trouble *trouble)
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
		(void)trouble_say(trouble, ERR_INVALID, "%s is not an address", at->address);
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
		(void)trouble_say(trouble, ERR_IO, "%s port %u cannot be opened: %s", at->address, at->port, strerror(errno));
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
		return trouble_say(trouble, ERR_IO, "%s cannot be read: %s", path, got ? strerror(errno) : "it is empty");
	if ((size_t)got >= size)
		return trouble_say(trouble, ERR_INVALID, "%s is longer than %zu bytes", path, size - 1);
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
		return trouble_say(trouble, ERR_INVALID, "http.listen = %s needs http.tls.certificate and http.tls.key", boot->http.address);
	TRY(read_pem(boot->certificate, web->certificate, sizeof web->certificate, &web->certificate_length, trouble));
	return read_pem(boot->key, web->key, sizeof web->key, &web->key_length, trouble);
}

static enum err open_doors(struct keeper *keeper, struct trouble *trouble)
{
	struct boot *boot = keeper->boot;

	keeper->control = control_listen(boot->home);
	if (keeper->control < 0)
		return trouble_say(trouble, ERR_IO, "%s/control.sock cannot be made: %s", boot->home, strerror(errno));
	if (keeper->is_doorless)
		return OK;
	keeper->http = bind_to(&boot->http, SOCK_STREAM, trouble);
	if (keeper->http < 0)
		return trouble_say(trouble, ERR_IO, "the web port cannot be opened");
	TRY(fill_web(keeper, trouble));
	if (boot->metrics.port && (keeper->metrics = bind_to(&boot->metrics, SOCK_STREAM, trouble)) < 0)
		return trouble_say(trouble, ERR_IO, "the port for metrics cannot be opened");
	if (!boot->has_radius)
		return OK;
	keeper->radius = bind_to(&boot->radius, SOCK_DGRAM, trouble);
	keeper->accounting = bind_to(&boot->accounting, SOCK_DGRAM, trouble);
	if (keeper->radius < 0 || keeper->accounting < 0)
		return trouble_say(trouble, ERR_IO, "a RADIUS port cannot be opened");
	int each = boot->gateway.n_upstreams ? MIN(UPSTREAM_SOCKETS, 16 / (int)boot->gateway.n_upstreams) : 0;
	for (uint32_t i = 0; i < boot->gateway.n_upstreams; i++)
		for (int k = 0; k < each; k++) {
			int fd = connect_upstream(&boot->gateway.upstream[i]);
			if (fd < 0)
				return trouble_say(trouble, ERR_IO, "upstream %s cannot be reached: %s", boot->gateway.upstream[i].name, strerror(errno));
			keeper->upstream.fd[keeper->upstream.n++] = fd;
		}
	return OK;
}

static enum err lock_home(struct keeper *keeper, struct trouble *trouble)
{
	char path[300];

	snprintf(path, sizeof path, "%s/lock", keeper->boot->home);
	keeper->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (keeper->lock < 0)
		return trouble_say(trouble, errno == ENOENT ? ERR_NONE : ERR_IO, errno == ENOENT
			? "there is no home at %s; make one: samordna init --home %s" : "%s cannot be opened: %s", keeper->boot->home,
			errno == ENOENT ? keeper->boot->home : strerror(errno));
	if (flock(keeper->lock, LOCK_EX | LOCK_NB) != 0)
		return trouble_say(trouble, ERR_BUSY, "Samordna is running on %s already", keeper->boot->home);
	return OK;
}

static enum err open_seal_state(struct keeper *keeper, struct trouble *trouble)
{
	char path[300];

	snprintf(path, sizeof path, "%s/seal/state", keeper->boot->home);
	keeper->seal_state = open(path, O_RDWR | O_CLOEXEC);
	if (keeper->seal_state < 0)
		return trouble_say(trouble, ERR_IO, "%s, which holds the log's keys, cannot be opened: %s", path, strerror(errno));
	return OK;
}

static void fill_core_boot(struct keeper *keeper)
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
	core_boot->n_gateways = boot->gateway.n_clients;
	for (uint32_t i = 0; i < boot->gateway.n_clients; i++) {
		const struct radius_peer *peer = &boot->gateway.client[i];
		memcpy(core_boot->gateway[i].name, peer->name, sizeof peer->name);
		core_boot->gateway[i].is_authorise_only = peer->is_authorise_only;
		core_boot->gateway[i].no_message_authenticator = peer->no_message_authenticator;
	}
}

/* --- keeping --- */

static int signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int keep(struct keeper *keeper)
{
	struct signalfd_siginfo info;
	int status;
	pid_t gone;

	while (read(keeper->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo != SIGCHLD) {
			stop_all(keeper, true);
			return 0;
		}
		while ((gone = waitpid(-1, &status, WNOHANG)) > 0) {
			int failed = restart(keeper, gone, status);
			if (failed) {
				stop_all(keeper, true);
				return failed;
			}
		}
	}
	return 1;
}

int serve(struct boot *boot, bool is_doorless)
{
	static struct keeper keeper;
	struct trouble trouble = { 0 };

	keeper = (struct keeper){ .boot = boot, .is_doorless = is_doorless, .http = -1, .metrics = -1, .radius = -1, .accounting = -1 };
	if (!boot->origin[0])
		snprintf(boot->origin, sizeof boot->origin, "http://localhost:%u", boot->http.port);
	keeper.signals = signals();
	enum err err = lock_home(&keeper, &trouble);
	if (err == OK)
		err = open_seal_state(&keeper, &trouble);
	if (err == OK)
		err = open_doors(&keeper, &trouble);
	if (err != OK) {
		world_log("samordna: %s", trouble.text);
		return err == ERR_BUSY ? 7 : err_exit(err);
	}
	fill_core_boot(&keeper);
	int status = start_all(&keeper);
	if (status) {
		stop_all(&keeper, true);
		return status;
	}
	if (!is_doorless)
		world_log("Samordna answers on %s", boot->origin);
	return keep(&keeper);
}
