/* The control socket: the command line speaks to a running core. One thread a connection, one command each.
 *
 * The client sends words and options; core finds the row in the tables of commands and runs it where its kind says: on this
 * thread's reading connection, as one job on the writer, or as long work that puts its own jobs.
 *
 * SECURITY: the kernel tells who is at the other end (SO_PEERCRED); only the account that owns HOME and root are heard. They may
 * do what the host may: act as ROLE_HOST, which is no person and decides nothing. The account's name stands in the leaf. */
#define LONG_LIVED
#include "handout.h"
#include "base/world.h"
#include <sys/socket.h>

enum { MOST_WORDS = 64, CHUNK = 60000 };

struct control { int fd; };

static bool words_match(const char *row, const struct str *words, size_t n, size_t *ret_used)
{
	struct str rest = str_of(row);
	size_t used = 0;

	while (rest.at && rest.len) {
		struct str word = str_cut(&rest, ' ');
		if (used == n || !str_equal(word, words[used]))
			return false;
		used++;
	}
	*ret_used = used;
	return true;
}

static void best_in(const struct command *table, const struct str *words, size_t n, const struct command **best, size_t *ret_used)
{
	for (size_t i = 0, used; table && table[i].words; i++)
		if (words_match(table[i].words, words, n, &used) && used > *ret_used) {
			*best = &table[i];
			*ret_used = used;
		}
}

const struct command *command_find(const struct str *words, size_t n, size_t *ret_used)
{
	const struct command *best = NULL;

	*ret_used = 0;
	for (size_t i = 0; command_tables[i]; i++)
		best_in(command_tables[i], words, n, &best, ret_used);
	for (size_t i = 0; points[i]; i++)
		best_in(points[i]->commands, words, n, &best, ret_used);
	return best;
}

static void send_stream(int fd, enum stream stream, struct str bytes, int exit_status)
{
	struct { struct control_out out; char room[CHUNK]; } packet;

	do {
		size_t n = MIN(bytes.len, (size_t)CHUNK);
		packet.out = (struct control_out){ .stream = stream, .exit = exit_status };
		if (n)
			memcpy(packet.room, bytes.at, n);
		if (channel_send(fd, (struct message){ .kind = MESSAGE_CONTROL_OUT }, &packet.out.stream,
		                 sizeof packet.out - sizeof packet.out.head + n, NULL, 0) != OK)
			return;
		bytes = str_from(bytes, n);
	} while (bytes.len);
}

static void send_file(int fd, int file)
{
	struct control_out out = { .stream = STREAM_FILE };

	(void)channel_send(fd, (struct message){ .kind = MESSAGE_CONTROL_OUT }, &out.stream, sizeof out - sizeof out.head, &file, 1);
}

/* --- running --- */

struct running { const struct command *command; struct args *args; enum err said; int given; struct out out; struct str copy; struct arena *long_arena; };

/* In a job the output is made in the writer's arena: it is copied out before the batch forgets it. */
static enum err run_in_job(struct rq *rq, void *of)
{
	struct running *running = of;
	struct out out = out_new(rq->arena);
	enum err err = running->said = running->command->run(rq, running->args, &out);
	char *at = out.len ? malloc(out.len) : NULL;

	free((char *)(uintptr_t)running->copy.at);
	running->copy = STR_NONE;
	if (at) {
		memcpy(at, out.at, out.len);
		running->copy = (struct str){ at, out.len };
	}
	return err;
}

static enum err run(struct rq *rq, struct running *running);

/* What the command writes is made in a folder of core's and handed over when all of it is there. */
static enum err run_with_folder(struct rq *rq, struct running *running, struct args *args, int control_fd)
{
	struct handout handout;

	TRY(handout_begin(rq, &handout));
	args->directory = handout.dir;
	enum err err = run(rq, running);
	if (err == OK)
		err = handout_send(rq, &handout, control_fd);
	handout_end(&handout);
	return err;
}

static enum err run_bare(struct rq *rq, struct running *running)
{
	if (running->command->kind != COMMAND_WRITE) {
		running->out = out_new(rq->arena);
		return running->command->run(rq, running->args, &running->out);
	}
	enum err err = writer_do(core.writer, run_in_job, running, rq);
	/* The job was content and the commit was not (a full disk): what it would have said is not so. */
	if (err != OK && running->said == OK) {
		free((char *)(uintptr_t)running->copy.at);
		running->copy = STR_NONE;
	}
	return err;
}

/* What takes long has memory of its own. */
static enum err run_long(struct rq *rq, struct running *running)
{
	ARENA_GUARD(rq->arena)
		return fail(rq, ERR_FULL, "the command needed more memory than it may have");
	return run_bare(rq, running);
}

static enum err run(struct rq *rq, struct running *running)
{
	if (running->command->kind != COMMAND_LONG)
		return run_bare(rq, running);
	running->long_arena = rq->arena = arena_new((size_t)2 << 30);
	return run_long(rq, running);
}

static void say_no_memory(const struct control *control)
{
	send_stream(control->fd, STREAM_ERR, STR("the command needed more memory than it may have"), 0);
	send_stream(control->fd, STREAM_END, STR(""), 1);
}

static void answer(struct control *control, struct rq *rq, struct running *running, enum err err)
{
	ARENA_GUARD(rq->arena) {
		say_no_memory(control);
		return;
	}
	struct str made = running->copy.at ? running->copy : out_str(&running->out);

	if (running->given >= 0 && err == OK)
		send_file(control->fd, running->given);
	if (running->given >= 0)
		close(running->given);
	if (made.len)
		send_stream(control->fd, STREAM_OUT, made, 0);
	if (err != OK)
		send_stream(control->fd, STREAM_ERR, trouble_told(rq, err), 0);
	send_stream(control->fd, STREAM_END, STR(""), rq->trouble->exit ? rq->trouble->exit : err_exit(err));
}

static void run_and_answer(struct control *control, struct rq *rq, struct running *running, struct args *args)
{
	answer(control, rq, running, running->command->takes_directory ? run_with_folder(rq, running, args, control->fd) : run(rq, running));
	free((char *)(uintptr_t)running->copy.at);
	arena_end(running->long_arena);
}

/* --- one connection --- */

static struct str actor_name(struct arena *arena, int fd, unsigned *ret_uid)
{
	struct ucred who;
	socklen_t length = sizeof who;

	*ret_uid = UINT32_MAX;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0)
		return STR("cli");
	*ret_uid = who.uid;
	if (who.uid == 0)
		return STR("cli:root");
	return who.uid == core.boot.owner_uid ? str_print(arena, "cli:%s", core.boot.owner) : str_print(arena, "cli:%u", who.uid);
}

static void fill_args(struct arena *arena, const struct parcel *parcel, struct args *args)
{
	const struct control_ask *ask = parcel->at;
	size_t n = (size_t)ask->n_words + (size_t)ask->n_options * 2, head = sizeof *ask + n * sizeof (struct place);
	const struct place *place = (const struct place *)(const void *)(ask + 1);

	*args = (struct args){ .n_words = ask->n_words, .n_options = ask->n_options, .json = ask->json,
		.is_terminal = ask->is_terminal, .file = -1, .directory = -1, .file_name = str_copy(arena, str_of(ask->file_name)) };
	args->words = NEW_MANY(arena, n + 1, struct str);
	args->options = NEW_MANY(arena, n + 1, struct field);
	for (size_t i = 0; i < ask->n_words; i++)
		args->words[i] = str_copy(arena, message_text(parcel, head, *place++));
	for (size_t i = 0; i < ask->n_options; i++) {
		args->options[i].name = str_copy(arena, message_text(parcel, head, *place++));
		args->options[i].value = str_copy(arena, message_text(parcel, head, *place++));
	}
	if (ask->has_file && parcel->n_files)
		args->file = parcel->files[0];
}

/* The client draws it where somebody looks. */
static void tell_client(void *of, const char *what, int64_t done, int64_t all)
{
	const struct control *control = of;
	struct { struct control_out out; char room[64]; } packet = { .out = { .stream = STREAM_PROGRESS, .done = (uint64_t)done, .all = (uint64_t)all } };
	size_t n = MIN(strlen(what), sizeof packet.room);

	memcpy(packet.room, what, n);
	(void)channel_send(control->fd, (struct message){ .kind = MESSAGE_CONTROL_OUT }, &packet.out.stream,
	                   sizeof packet.out - sizeof packet.out.head + n, NULL, 0);
}

static void serve_one(struct control *control, struct worker *worker, const struct parcel *parcel)
{
	struct args args;
	unsigned uid;
	struct actor actor = { .person = -1, .name = actor_name(worker->arena, control->fd, &uid), .roles = ROLE_HOST, .body = -1 };
	const struct control_ask *ask = parcel->at;
	struct rq request = core_rq(worker, actor, ask->language == LANGUAGE_EN ? LANGUAGE_EN : LANGUAGE_SV), *rq = &request;
	size_t used;

	if (uid != 0 && uid != core.boot.owner_uid) {
		send_stream(control->fd, STREAM_ERR, str_of(_("Only the account that owns this home may do that.")), 0);
		send_stream(control->fd, STREAM_END, STR(""), err_exit(ERR_DENIED));
		return;
	}
	fill_args(worker->arena, parcel, &args);
	struct running running = { .command = command_find(args.words, args.n_words, &used), .args = &args, .given = -1 };
	args.given = &running.given;
	if (!running.command || running.command->kind >= COMMAND_PURE) {
		send_stream(control->fd, STREAM_ERR, str_of(_("There is no such command.")), 0);
		send_stream(control->fd, STREAM_END, STR(""), 2);
		return;
	}
	args.tell = tell_client;
	args.tell_of = control;
	args.words += used;
	args.n_words -= used;
	run_and_answer(control, rq, &running, &args);
}

static void serve_guarded(struct control *control, struct worker *worker, const struct parcel *parcel)
{
	ARENA_GUARD(worker->arena)
		say_no_memory(control);
	else if (message_check(parcel, MESSAGE_CONTROL_ASK))
		serve_one(control, worker, parcel);
}

static void *live(void *of)
{
	struct control *control = of;
	char *room = malloc(CHANNEL_MOST);
	struct parcel parcel;

	if (room && channel_receive(control->fd, room, &parcel) == OK) {
		struct worker *worker = core_worker();
		serve_guarded(control, worker, &parcel);
		core_worker_back(worker);
		for (int i = 0; i < parcel.n_files; i++)
			close(parcel.files[i]);
	}
	free(room);
	close(control->fd);
	free(control);
	return NULL;
}

static void *listen_for_ever(void *of)
{
	int listener = (int)(intptr_t)of;

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		struct control *control = fd < 0 ? NULL : malloc(sizeof *control);
		if (fd < 0) {
			usleep(10000);
			continue;
		}
		if (control)
			*control = (struct control){ fd };
		if (!control || core_thread(live, control) != OK) {
			free(control);
			close(fd);
		}
	}
	return NULL;
}

void core_control_serve(int listener)
{
	if (core_thread(listen_for_ever, (void *)(intptr_t)listener) != OK)
		abort();
}
