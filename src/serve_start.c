/* Starting one row of keeper's process table: keeper's side, which forks and hands over settings and descriptors, and the started process's own side, from its
 * first message until it runs.
 *
 * A neighbour of core gets a fresh pair of channels, and core the other end. Which process lives on what stands here and nowhere else.
 *
 * SECURITY: a process puts up its walls before it reads another byte, and keeps no descriptor but those of its first message. */
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
#include <signal.h>

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

const char *keeper_row_name(enum row row)
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
		if (strcmp(keeper_row_name(row), name) != 0)
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
			become(keeper_row_name(row), pair[1]);
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

void keeper_tell_core(struct keeper *keeper, enum peer_kind kind, int fd)
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
		keeper_tell_core(keeper, rows[row].peer, pair[1]);
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
		keeper_tell_core(keeper, PEER_SEAL_SIGN, sign[1]);
		keeper_tell_core(keeper, PEER_SEAL_SECRETS, secrets[1]);
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
		keeper_tell_core(keeper, PEER_READER, ask[1]);
		keeper_tell_core(keeper, PEER_LOGS, lines[1]);
	}
	for (int i = 0; i < 2; i++) {
		close(ask[i]);
		close(lines[i]);
	}
	return err;
}

enum err keeper_start_row(struct keeper *keeper, enum row row)
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
