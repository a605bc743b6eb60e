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
#include "base/world.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

enum { TELL_MS = 2000, STABLE_MS = 5000, STEP_MS = 200, LONGEST_MS = 10000, BURST = 3, STUCK_MS = 1000, STOP_MS = 20000 };

/* --- starting --- */

/* A start that fails (no memory, no descriptors) is a death like another. */
static void start_or_wait(struct keeper *keeper, enum row row)
{
	struct child *child = &keeper->child[row];

	if (keeper_start_row(keeper, row) == OK)
		return;
	child->is_wanted = true;
	child->due = world.ticks() + LONGEST_MS;
	world_log("samordna: %s cannot be started: %s; it is tried again", keeper_row_name(row), strerror(errno));
}

static void core_is_ready(struct keeper *keeper)
{
	for (enum row row = ROW_CORE + 1; row < ROWS; row++)
		start_or_wait(keeper, row);
	keeper_tell_core(keeper, PEER_CONTROL, keeper->control);
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
		world_log("samordna: %s ended (%s %d) and is started again", keeper_row_name(row), how, number);
	else if (child->quick == BURST)
		world_log("samordna: %s ends again and again (%s %d); it is tried every %d seconds, and no more is said until it stays",
		          keeper_row_name(row), how, number, LONGEST_MS / 1000);
}

/* Said once when a burst is over, so that the log tells its length. */
static void look_for_calm(struct keeper *keeper, int64_t now)
{
	for (enum row row = 0; row < ROWS; row++) {
		struct child *child = &keeper->child[row];
		if (!child->pid || !child->quick || now - child->started < STABLE_MS)
			continue;
		if (child->quick >= BURST)
			world_log("samordna: %s stays; it had ended %lld times in a row", keeper_row_name(row), (long long)child->quick);
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
		world_log("samordna: %s does not answer core and is ended", keeper_row_name(row));
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
	if (keeper->boot->logs.n && !log_is_door(&keeper->boot->logs.source[0]))
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
	bool has_store = strncmp(boot->store, "postgres:", 9) == 0 || access(store, F_OK) == 0 || errno != ENOENT;
	enum err err = has_store ? keeper_open(&keeper, &trouble) : trouble_owe(&trouble, ERR_NONE, N_("there is no store at %s; make one: samordna init"), store);
	if (err == OK) {
		keeper_fill_core_boot(&keeper);
		err = is_one ? OK : keeper_enter(&keeper, &trouble);
	}
	if (err == OK && is_one)
		world_log("%s", keeper_says(N_("samordna: --one: all parts in one process and no walls. For a debugger alone, never where people's data are")));
	if (err != OK) {
		trouble_speak(&trouble, language_here());
		world_log("samordna: %s", trouble.text);
		return err == ERR_BUSY ? 7 : err_exit(err);
	}
	if (HOSTILE)
		hostile_turn(PROCESS_KEEPER, NULL, 0);
	if (keeper_start_row(&keeper, ROW_CORE) != OK) {
		world_log(keeper_says(N_("samordna: core cannot be started: %s")), strerror(errno));
		return 1;
	}
	return keep(&keeper);
}
