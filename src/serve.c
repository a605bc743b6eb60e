/* Keeper and its process table.
 *
 * Each process is this same program started anew (so that it has its own memory layout and nothing of keeper's), with one
 * channel to keeper as descriptor 3. Its first message is BOOT: its settings and the descriptors it lives on. It puts up its walls
 * before it reads another byte and says WALLED; core says READY besides, when the store is open, and only then do the others start; and
 * LOADED, when everyone is read and its gate answers.
 * core is told of each neighbour by PEER, and every two seconds by WALLS how each process and HOME stand.
 *
 * A process that dies is started again and core is handed the new end; when core dies all start again, since every channel
 * ended in it. Who dies again within seconds waits longer each time. A burst of deaths is said once, when it begins and when it ends.
 *
 * Long-lived memory outside the store, all of it: core's workers, the standing, the places taken, the writer's queue and the log's frontier
 * (floor), the libraries and fonts of papers (floor/paper.c), the key of callers' codes (points/access/verify_code.c), the gateway's tables of packets in flight, web's connections, and the table below.
 *
 * SECURITY: keeper reads samordna.conf and nothing from outside; of its children it hears three fixed messages. It is the only one that
 * binds, forks and starts. */
#define LONG_LIVED
#include "serve.h"
#include "core.h"
#include "keeper.h"
#include "doors/gateway.h"
#include "doors/logs.h"
#include "doors/post.h"
#include "doors/web.h"
#include "floor/embedded.h"
#include "floor/paper.h"
#include "seal.h"
#include "base/world.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

enum { TELL_MS = 2000, STABLE_MS = 5000, STEP_MS = 200, LONGEST_MS = 10000, BURST = 3, STUCK_MS = 1000, STOP_MS = 20000 };

/* --- the children's side --- */

static int run_core(void *boot, int keeper, const int *files, int n)
{
	(void)files;
	(void)n;
	return core_run(boot, keeper);
}

static int run_reader(void *boot, int keeper, const int *files, int n)
{
	return n >= 2 ? logs_run(boot, files[0], files[1], keeper, files + 2, n - 2) : 1;
}

static int run_post(void *boot, int keeper, const int *files, int n)
{
	return n == 1 ? post_run(boot, files[0]) : 1;
}

static void prepare_post(void *boot)
{
	post_prepare(boot);
}

static void prepare_core(void *boot)
{
	(void)boot;
	paper_load();
}

static int run_seal(void *boot, int keeper, const int *files, int n)
{
	(void)boot;
	return n == 3 ? seal_run(files[0], files[1], files[2]) : 1;
}

static int run_gateway(void *boot, int keeper, const int *files, int n)
{
	return n >= 3 ? gateway_run(boot, keeper, files[0], files[1], files[2], files + 3, n - 3) : 1;
}

static bool find_file(struct str path, struct web_file *ret)
{
	const struct embedded *file = embedded_find(path);

	if (file)
		*ret = (struct web_file){ file->bytes, file->etag, file->type };
	return file != NULL;
}

static int run_web(void *boot, int keeper, const int *files, int n)
{
	web_find_file = find_file;
	return n == 2 || n == 3 ? web_run(boot, files[0], files[1], n == 3 ? files[2] : -1) : 1;
}

/* most_files: core has three descriptors a reading connection and one a command; web one a visitor. prepare: what must be loaded and read from
 * the system before the walls go up; it keeps no descriptor and hears nobody. */
static const struct { int (*run)(void *boot, int keeper, const int *files, int n); enum peer_kind peer; int most_files; void (*prepare)(void *boot); } rows[ROWS] = {
	[ROW_CORE]    = { run_core, PEER_KINDS, 2048, prepare_core },
	[ROW_SEAL]    = { run_seal, PEER_KINDS, 0 },
	[ROW_READER]  = { run_reader, PEER_READER, 0 },
	[ROW_POST]    = { run_post, PEER_POST, 0, prepare_post },
	[ROW_GATEWAY] = { run_gateway, PEER_GATEWAY, 0 },
	[ROW_WEB]     = { run_web, PEER_WEB, 4096 },
};

const enum process row_process[ROWS] = {
	[ROW_CORE] = PROCESS_CORE, [ROW_SEAL] = PROCESS_SEAL, [ROW_READER] = PROCESS_READER, [ROW_POST] = PROCESS_POST,
	[ROW_GATEWAY] = PROCESS_GATEWAY, [ROW_WEB] = PROCESS_WEB,
};

static const char *row_name(enum row row)
{
	return process_name[row_process[row]];
}

/* core names files in HOME/store and nowhere else. As root HOME becomes its root too, so that no folder above HOME need let it pass;
 * not with PostgreSQL, whose socket stands elsewhere, and not under the sanitizers, which read /proc at the end. */
static void fill_core_wish(struct core_boot *boot, struct sandbox_wish *wish)
{
	static char root[sizeof boot->home], store[sizeof boot->home + 8];

	if (wish->first_uid && geteuid() == 0 && !SANITIZED && strncmp(boot->store, "postgres:", 9) != 0) {
		memcpy(root, boot->home, sizeof root);
		wish->root = root;
		memset(boot->home, 0, sizeof boot->home);
	}
	snprintf(store, sizeof store, "%s/store", boot->home);
	wish->home = store;
}

/* Builds with sanitizers only: SAMORDNA_WITHOUT_WALLS=NAME leaves that process without a list of system calls; a test sees doctor find it. */
static bool is_spared(enum process process)
{
	const char *name = SANITIZED ? getenv("SAMORDNA_WITHOUT_WALLS") : NULL;
	return name && strcmp(name, process_name[process]) == 0;
}

static enum err say_walled(int channel, int landlock)
{
	struct walled walled = { .landlock = landlock };
	return channel_send(channel, (struct message){ .kind = MESSAGE_WALLED }, &walled.landlock, sizeof walled - sizeof walled.head, NULL, 0);
}

static enum err wall_in(enum row row, struct boot_files *boot, const struct parcel *parcel)
{
	int kept[CHANNEL_FILES + 1] = { KEEPER_FD };
	struct sandbox_wish wish = { .first_uid = boot->first_uid, .files = kept, .n_files = parcel->n_files + 1, .most_files = rows[row].most_files,
		.is_open = is_spared(row_process[row]) };
	struct trouble trouble = { 0 };

	for (int i = 0; i < parcel->n_files; i++)
		kept[i + 1] = parcel->files[i];
	if (row == ROW_CORE)
		fill_core_wish((struct core_boot *)(void *)(boot + 1), &wish);
	int landlock;
	enum err err = sandbox_enter(row_process[row], &wish, &trouble, &landlock);
	if (err != OK) {
		world_log("samordna: %s", trouble.text);
		return err;
	}
	return say_walled(KEEPER_FD, landlock);
}

/* From the first message on. `has_walls`: not in `serve --one`, where `channel` is a thread's own. */
static int be(enum row row, int channel, bool has_walls)
{
	char *room = malloc(CHANNEL_MOST);
	struct parcel parcel;

	if (!room || channel_receive(channel, room, &parcel) != OK || !message_check(&parcel, MESSAGE_BOOT))
		return 1;
	struct boot_files *boot = parcel.at;
	if (boot->size > parcel.length - sizeof *boot)
		return 1;
	if (rows[row].prepare)
		rows[row].prepare(boot + 1);
	if (has_walls ? wall_in(row, boot, &parcel) != OK : say_walled(channel, 0) != OK)
		return 1;
	if (HOSTILE && boot->is_first)
		hostile_turn(row_process[row], parcel.files, parcel.n_files);
	return rows[row].run(boot + 1, channel, parcel.files, parcel.n_files);
}

int serve_child(const char *name)
{
	for (enum row row = 0; row < ROWS; row++) {
		if (strcmp(row_name(row), name) != 0)
			continue;
		signal(SIGINT, SIG_IGN);        /* Ctrl-C reaches keeper, which stops us in order */
		return be(row, KEEPER_FD, true);
	}
	return 2;
}

static int be_one(enum row row, int channel)
{
	return be(row, channel, false);
}

/* --- starting --- */

static void say_boot(const struct keeper *keeper, bool is_first, int channel, const void *boot, size_t size, const struct files *files)
{
	static char room[CHANNEL_MOST - 64];
	struct boot_files head = { .size = (uint32_t)size, .n_files = (uint32_t)files->n, .first_uid = keeper->boot->first_uid,
		.is_first = is_first };

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
	struct child *child = &keeper->child[row];
	int pair[2];

	TRY(channel_pair(pair));
	if (keeper->is_one) {
		child->pid = one_start(row, pair[1], be_one) == OK ? getpid() : -1;
	} else {
		child->pid = fork();
		if (child->pid == 0)
			become(row_name(row), pair[1]);
		close(pair[1]);
	}
	if (child->pid < 0) {
		child->pid = 0;
		close(pair[0]);
		return ERR_IO;
	}
	/* A neighbour that is stuck must not hold keeper up. */
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	child->channel = pair[0];
	child->started = world.ticks();
	child->started_at = world.now();
	child->is_wanted = true;
	child->is_ready = child->is_walled = false;
	child->due = 0;
	keeper->told = 0;
	say_boot(keeper, keeper->child[ROW_CORE].deaths + child->deaths == 0, pair[0], boot, size, files);
	return OK;
}

static void tell_core(struct keeper *keeper, enum peer_kind kind, int fd)
{
	struct peer peer = { .kind = kind };
	(void)channel_send(keeper->child[ROW_CORE].channel, (struct message){ .kind = MESSAGE_PEER }, &peer.kind,
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
	if (err == OK)
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
	if (err == OK) {
		tell_core(keeper, PEER_SEAL_SIGN, sign[1]);
		tell_core(keeper, PEER_SEAL_SECRETS, secrets[1]);
	}
	for (int i = 0; i < 2; i++) {
		close(sign[i]);
		close(secrets[i]);
	}
	return err;
}

/* reader has two channels to core, one for what core asks and one for the lines of logs, and the ports that others send those to. */
static enum err start_reader(struct keeper *keeper)
{
	int ask[2], lines[2];
	static const struct log_boot none;

	TRY(channel_pair(ask));
	TRY(channel_pair(lines));
	struct files files = { { ask[0], lines[0] }, 2 };
	for (int i = 0; i < keeper->log_doors.n; i++)
		files.fd[files.n++] = keeper->log_doors.fd[i];
	keeper_forget_logs(keeper);
	enum err err = start(keeper, ROW_READER, keeper->is_doorless ? &none : &keeper->boot->logs, sizeof none, &files);
	if (err == OK) {
		tell_core(keeper, PEER_READER, ask[1]);
		tell_core(keeper, PEER_LOGS, lines[1]);
	}
	for (int i = 0; i < 2; i++) {
		close(ask[i]);
		close(lines[i]);
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
		return start_reader(keeper);
	case ROW_POST:
		return keeper->is_doorless ? OK : start_neighbour(keeper, row, &boot->post, sizeof boot->post, &files);
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

/* A start that fails (no memory, no descriptors) is a death like another. */
static void start_or_wait(struct keeper *keeper, enum row row)
{
	struct child *child = &keeper->child[row];

	if (start_row(keeper, row) == OK)
		return;
	child->is_wanted = true;
	child->due = world.ticks() + LONGEST_MS;
	world_log("samordna: %s cannot be started: %s; it is tried again", row_name(row), strerror(errno));
}

static void core_is_ready(struct keeper *keeper)
{
	for (enum row row = ROW_CORE + 1; row < ROWS; row++)
		start_or_wait(keeper, row);
	tell_core(keeper, PEER_CONTROL, keeper->control);
	if (!keeper->is_doorless)
		world_log("Samordna answers on %s", keeper->boot->origin);
}

/* --- stopping, restarting --- */

/* Waits until it is gone: at most STOP_MS when it was asked in words. */
static void wait_for_end(struct child *child)
{
	for (int i = 0; i < STOP_MS / 5; i++) {
		if (waitpid(child->pid, NULL, WNOHANG) != 0)
			return;
		usleep(5000);
	}
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
}

static void stop_child(struct child *child, int signal_number)
{
	child->due = 0;
	if (child->pid <= 0)
		return;
	if (child->channel >= 0)
		close(child->channel);
	child->channel = -1;
	if (signal_number)
		kill(child->pid, signal_number);
	wait_for_end(child);
	child->pid = 0;
}

/* Doors first, core last: it finishes what waits when its channel closes. */
static void stop_all(struct keeper *keeper, bool is_orderly)
{
	if (keeper->is_one) {
		one_stop(keeper, STOP_MS);
		return;
	}
	for (int row = ROWS - 1; row > ROW_CORE; row--)
		stop_child(&keeper->child[row], SIGKILL);
	stop_child(&keeper->child[ROW_CORE], is_orderly ? 0 : SIGKILL);
}

static void say_death(enum row row, const struct child *child, int status)
{
	const char *how = WIFSIGNALED(status) ? "signal" : "status";
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);

	if (child->quick < BURST)
		world_log("samordna: %s ended (%s %d) and is started again", row_name(row), how, number);
	else if (child->quick == BURST)
		world_log("samordna: %s ends again and again (%s %d); it is tried every %d seconds, and no more is said until it stays",
		          row_name(row), how, number, LONGEST_MS / 1000);
}

/* Said once when a burst is over, so that the log tells its length. */
static void look_for_calm(struct keeper *keeper, int64_t now)
{
	for (enum row row = 0; row < ROWS; row++) {
		struct child *child = &keeper->child[row];
		if (!child->pid || !child->quick || now - child->started < STABLE_MS)
			continue;
		if (child->quick >= BURST)
			world_log("samordna: %s stays; it had ended %lld times in a row", row_name(row), (long long)child->quick);
		child->quick = 0;
	}
}

/* core says why it cannot serve by its exit status, before it has read everyone. Killed is something else: that is mended by a new start. */
static bool has_given_up(const struct child *child, int status)
{
	return !child->deaths && (!child->is_ready || (!child->is_loaded && WIFEXITED(status) && WEXITSTATUS(status)));
}

/* Its exit status when keeper must end too: core has never served. */
static int child_ended(struct keeper *keeper, enum row row, int status)
{
	struct child *child = &keeper->child[row];
	int64_t now = world.ticks();

	if (child->channel >= 0)
		close(child->channel);
	child->channel = -1;
	child->pid = 0;
	child->last_status = status;
	if (row == ROW_CORE && has_given_up(child, status))
		return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
	child->deaths++;
	child->quick = now - child->started < STABLE_MS ? child->quick + 1 : 1;
	say_death(row, child, status);
	child->is_ready = false;
	if (row == ROW_CORE)
		stop_all(keeper, false);
	child->due = now + MIN((child->quick - 1) * STEP_MS, (int64_t)LONGEST_MS);
	keeper->told = 0;
	return 0;
}

/* --- keeping --- */

/* core has given a neighbour up: SIGKILL also ends who is stopped, and SIGCHLD starts it again. Never core itself, never keeper. */
static void end_stuck(struct keeper *keeper, int32_t process)
{
	for (enum row row = ROW_CORE + 1; row < ROWS; row++) {
		const struct child *child = &keeper->child[row];
		/* Not one that has only just begun: what core says may be of the one before. */
		if (keeper->is_one || (int32_t)row_process[row] != process || child->pid <= 0 || world.ticks() - child->started < STUCK_MS)
			continue;
		world_log("samordna: %s does not answer core and is ended", row_name(row));
		kill(child->pid, SIGKILL);
	}
}

static void hear(struct keeper *keeper, enum row row)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct child *child = &keeper->child[row];
	struct parcel parcel;

	enum err err = channel_receive(child->channel, room, &parcel);
	if (err == ERR_NONE || err == ERR_IO) {         /* it ends: SIGCHLD says so in a moment */
		close(child->channel);
		child->channel = -1;
		return;
	}
	if (err != OK)
		return;
	for (int i = 0; i < parcel.n_files; i++)
		close(parcel.files[i]);
	/* The first word counts: it was said before a byte from outside was read. */
	if (!child->is_walled && message_check(&parcel, MESSAGE_WALLED)) {
		child->landlock = ((const struct walled *)parcel.at)->landlock;
		child->is_walled = true;
		child->is_ready |= row != ROW_CORE;
		keeper->told = 0;
	} else if (row == ROW_CORE && !child->is_ready && message_check(&parcel, MESSAGE_READY)) {
		child->is_ready = true;
		core_is_ready(keeper);
	} else if (row == ROW_CORE && message_check(&parcel, MESSAGE_LOADED)) {
		child->is_loaded = true;
	} else if (row == ROW_GATEWAY && message_check(&parcel, MESSAGE_MANAGEMENT)) {
		keeper_connect(keeper, ((const struct management *)parcel.at)->server);
	} else if (row == ROW_CORE && message_check(&parcel, MESSAGE_STUCK)) {
		end_stuck(keeper, ((const struct stuck *)parcel.at)->process);
	}
}

/* When to look again though nothing happens: the next start that waits, or the next word to core. */
static int patience(const struct keeper *keeper, int64_t now)
{
	bool has_core = keeper->child[ROW_CORE].is_ready;
	int64_t until = has_core ? keeper->told + TELL_MS : now + TELL_MS;

	for (enum row row = 0; row < ROWS; row++)
		if (keeper->child[row].due && (row == ROW_CORE || has_core))
			until = MIN(until, keeper->child[row].due);
	if (keeper->boot->logs.n && keeper->boot->logs.source[0].kind == LOG_FILE)
		until = MIN(until, MAX(keeper->looked, now - LOGS_LOOK_MS) + LOGS_LOOK_MS);
	return (int)MAX(MIN(until - now, (int64_t)TELL_MS), (int64_t)0);
}

static void wait_for_news(struct keeper *keeper)
{
	struct pollfd wait[ROWS + 1] = { { .fd = keeper->signals, .events = POLLIN } };

	for (enum row row = 0; row < ROWS; row++)
		wait[row + 1] = (struct pollfd){ .fd = keeper->child[row].channel, .events = POLLIN };
	if (poll(wait, ROWS + 1, patience(keeper, world.ticks())) <= 0)
		return;
	for (enum row row = 0; row < ROWS; row++)
		if (wait[row + 1].revents && keeper->child[row].channel >= 0)
			hear(keeper, row);
}

static void start_what_is_due(struct keeper *keeper, int64_t now)
{
	for (enum row row = 0; row < ROWS; row++) {
		struct child *child = &keeper->child[row];
		/* Without core a neighbour has nobody to speak to: core's READY starts it. */
		if (child->due && child->due <= now && (row == ROW_CORE || keeper->child[ROW_CORE].is_ready))
			start_or_wait(keeper, row);
	}
}

/* -1: go on. */
static int take_signals(struct keeper *keeper)
{
	struct signalfd_siginfo info;
	int status, failed;
	pid_t gone;

	while (read(keeper->signals, &info, sizeof info) == (ssize_t)sizeof info)
		if (info.ssi_signo != SIGCHLD)
			return 0;
	while ((gone = waitpid(-1, &status, WNOHANG)) > 0)
		for (enum row row = 0; row < ROWS; row++)
			if (keeper->child[row].pid == gone && (failed = child_ended(keeper, row, status)) != 0)
				return failed;
	return -1;
}

static int keep(struct keeper *keeper)
{
	for (;;) {
		wait_for_news(keeper);
		int status = take_signals(keeper);
		if (status >= 0) {
			stop_all(keeper, true);
			return status;
		}
		int64_t now = world.ticks();
		start_what_is_due(keeper, now);
		look_for_calm(keeper, now);
		keeper_look_at_logs(keeper, now);
		if (keeper->child[ROW_CORE].is_ready && now - keeper->told >= TELL_MS) {
			keeper_tell(keeper);
			keeper->told = now;
		}
	}
}

int serve(struct boot *boot, bool is_doorless, bool is_one)
{
	static struct keeper keeper;
	struct trouble trouble = { 0 };

	keeper = (struct keeper){ .boot = boot, .is_doorless = is_doorless, .is_one = is_one, .http = -1, .metrics = -1, .radius = -1, .accounting = -1 };
	for (enum row row = 0; row < ROWS; row++)
		keeper.child[row].channel = -1;
	if (!boot->origin[0])
		snprintf(boot->origin, sizeof boot->origin, "http%s://localhost:%u", boot->certificate[0] ? "s" : "", boot->http.port);
	keeper.signals = keeper_signals();
	/* core, behind its walls, knows the home by no name: who looks for a store is told here where there is none. */
	char store[sizeof boot->home + 32];
	snprintf(store, sizeof store, "%s/store/samordna.db", boot->home);
	if (strncmp(boot->store, "postgres:", 9) != 0 && access(store, F_OK) != 0 && errno == ENOENT) {
		world_log(keeper_says(N_("samordna: there is no store at %s; make one: samordna init")), store);
		return err_exit(ERR_NONE);
	}
	enum err err = keeper_open(&keeper, &trouble);
	if (err == OK) {
		keeper_fill_core_boot(&keeper);
		err = is_one ? OK : keeper_enter(&keeper, &trouble);
	}
	if (err == OK && is_one)
		world_log("%s", keeper_says(N_("samordna: --one: all parts in one process and no walls. For a debugger alone, never where people's data are")));
	if (err != OK) {
		world_log("samordna: %s", trouble.text);
		return err == ERR_BUSY ? 7 : err_exit(err);
	}
	if (HOSTILE)
		hostile_turn(PROCESS_KEEPER, NULL, 0);
	if (start_row(&keeper, ROW_CORE) != OK) {
		world_log(keeper_says(N_("samordna: core cannot be started: %s")), strerror(errno));
		return 1;
	}
	return keep(&keeper);
}
