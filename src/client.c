/* Asking core over HOME's control socket: words, options, a file or a folder go there; lines, files and progress come back.
 *
 * A folder is not core's to write in: it hands descriptors of what it has made, and they are put down here, with the caller's rights.
 *
 * SECURITY: what comes is checked as a message; names of files that come are one part each, so nothing is written outside the folder. */
#define LONG_LIVED
#include "client.h"
#include "core.h"
#include "handout.h"
#include "serve.h"
#include "base/world.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { ASK_WORDS = 64, GONE = -1 };             /* as core takes them */

/* --- asking core --- */

/* Why a file of the caller's cannot be had, in her language where it is one of the common reasons. */
static void say_errno(const char *path)
{
	const char *why = errno == ENOENT ? N_("there is no such file") : errno == EACCES ? N_("you may not open it") : errno == EISDIR ? N_("it is a folder") : NULL;

	fprintf(stderr, "samordna: %s: %s\n", path, why ? tongue(language_here(), why) : strerror(errno));
}

static int file_argument(const char *path)
{
	char room[65536];
	int from = open(path, O_RDONLY | O_CLOEXEC), to = channel_file_begin();
	ssize_t got = 1;

	if (from < 0 || to < 0) {
		say_errno(path);
		if (from >= 0)
			close(from);
		return -1;
	}
	while ((got = read(from, room, sizeof room)) > 0)
		for (ssize_t done = 0, put; done < got; done += put)
			if ((put = write(to, room + done, (size_t)(got - done))) <= 0) {
				close(from);
				return -1;
			}
	close(from);
	if (got < 0 || channel_file_seal(to) != OK) {
		say_errno(path);
		return -1;
	}
	return to;
}

static void put_place(char *room, size_t *at, size_t bytes_from, size_t *bytes, struct str text)
{
	struct place place = { (uint32_t)*bytes, (uint32_t)text.len };

	memcpy(room + *at, &place, sizeof place);
	*at += sizeof place;
	memcpy(room + bytes_from + *bytes, text.at, text.len);
	*bytes += text.len;
}

static int send_ask(int fd, const struct line *line, const int *files, int n_files)
{
	static char room[CHANNEL_MOST];
	struct control_ask ask = { .json = line->json, .is_terminal = (uint8_t)isatty(1), .n_words = (uint8_t)line->n_words,
		.n_options = (uint8_t)line->n_options, .language = (uint8_t)language_here(), .has_file = line->command->takes_file && n_files,
		.has_directory = line->command->takes_directory };
	size_t body = sizeof ask - sizeof ask.head, places = line->n_words + 2 * line->n_options, bytes = 0, total = 0;
	size_t at = body, from = body + places * sizeof (struct place);

	for (size_t i = 0; i < line->n_words; i++)
		total += line->words[i].len;
	for (size_t i = 0; i < line->n_options; i++)
		total += line->names[i].len + line->values[i].len;
	if (from + total > CHANNEL_MOST - 64)
		return complain(N_("the command line is too long"));
	memcpy(room, &ask.json, body);
	for (size_t i = 0; i < line->n_words; i++)
		put_place(room, &at, from, &bytes, line->words[i]);
	for (size_t i = 0; i < line->n_options; i++) {
		put_place(room, &at, from, &bytes, line->names[i]);
		put_place(room, &at, from, &bytes, line->values[i]);
	}
	if (channel_send(fd, (struct message){ .kind = MESSAGE_CONTROL_ASK }, room, from + bytes, files, n_files) != OK) {
		complain(N_("the server does not answer"));
		return 7;
	}
	return 0;
}

/* Where an answer goes: NULL, to the terminal; else what it prints into `out`, and the file that it gives. */
static void take_files(struct collected *to, const struct parcel *parcel)
{
	for (int i = 0; i < parcel->n_files; i++)
		if (to && to->file < 0)
			to->file = parcel->files[i];
		else
			close(parcel->files[i]);
}

/* `dir`: where named files go that the command makes, -1 none. */
/* A bar on the terminal, drawn over itself; nothing where nobody looks (a file, a pipe). */
static bool has_bar;

static void clear_progress(void)
{
	if (has_bar)
		fputs("\r\033[K", stderr);
	has_bar = false;
}

static void draw_progress(const struct control_out *out, struct str what)
{
	enum { WIDTH = 30 };
	static const char full[] = "##############################", empty[] = "..............................";
	static int64_t drawn = -1;
	int64_t done = (int64_t)out->done, all = (int64_t)out->all, percent = all > 0 && done <= all && all < INT64_MAX / 100 ? done * 100 / all : 0;
	int width = (int)(percent * WIDTH / 100);

	if (!isatty(2) || (drawn == percent && all > 0 && done < all))
		return;
	drawn = percent;
	has_bar = true;
	if (all > 0)
		fprintf(stderr, "\r\033[K[%.*s%.*s] %3d %% " STR_FMT, width, full, WIDTH - width, empty, (int)percent, STR_ARG(what));
	else
		fprintf(stderr, "\r\033[K" STR_FMT " ...", STR_ARG(what));
	if (all > 0 && done >= all)
		clear_progress();
	fflush(stderr);
}

static int print_answer(int fd, struct collected *to, int dir)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;
	bool is_whole = true;

	while (channel_receive(fd, room, &parcel) == OK) {
		if (!message_check(&parcel, MESSAGE_CONTROL_OUT))
			break;
		const struct control_out *out = parcel.at;
		if (out->stream == STREAM_NAMED)
			is_whole &= handout_take(&parcel, dir);
		take_files(to, &parcel);
		const char *bytes = (const char *)(out + 1);
		size_t n = parcel.length - sizeof *out;
		if (out->stream == STREAM_END) {
			fflush(stdout);
			return out->exit || is_whole ? out->exit : 1;
		}
		if (out->stream == STREAM_NAMED)
			continue;
		if (out->stream == STREAM_PROGRESS) {
			draw_progress(out, (struct str){ bytes, n });
			continue;
		}
		clear_progress();
		if (out->stream == STREAM_OUT && to)
			out_put(to->out, (struct str){ bytes, n });
		else if (out->stream == STREAM_OUT)
			fwrite(bytes, 1, n, stdout);
		else if (out->stream == STREAM_ERR)
			fprintf(stderr, "samordna: %.*s\n", (int)n, bytes);
		else
			fwrite(bytes, 1, n, stderr);
	}
	return GONE;
}

/* A server that was started for this one command and could not: it has said why, and its status tells. */
static int say_gone(pid_t *doorless)
{
	int status;

	for (int i = 0; *doorless > 0 && i < 400; i++) {
		if (waitpid(*doorless, &status, WNOHANG) == *doorless) {
			*doorless = 0;
			if (WIFEXITED(status) && WEXITSTATUS(status))
				return WEXITSTATUS(status);
			break;
		}
		usleep(5000);
	}
	complain(N_("the server went away before it had answered; ask again to see what it did"));
	return 7;
}

/* Starts a server without doors and waits until it answers. */
static pid_t start_doorless(const char *home, int *ret_fd, int *ret_status)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		prctl(PR_SET_PDEATHSIG, SIGTERM);      /* a client that is killed (head closes the pipe) leaves no server behind */
		execl("/proc/self/exe", "samordna", "serve", "--doorless", "--home", home, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; pid > 0 && i < 6000; i++) {
		int status;
		if ((*ret_fd = control_connect(home)) >= 0)
			return pid;
		if (waitpid(pid, &status, WNOHANG) == pid) {
			*ret_status = WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 7;
			return -1;
		}
		usleep(5000);
	}
	*ret_status = 7;
	return -1;
}

int ask_core(struct line *line, const char *home, struct collected *to)
{
	int files[1], n_files = 0, status = 0, dir = -1;
	pid_t doorless = 0;

	if (line->n_words > ASK_WORDS)
		return complain(N_("the command line has too many words"));
	if (line->command->takes_file && line->n_words > line->used) {
		files[0] = file_argument(line->words[line->used].at);
		if (files[0] < 0)
			return errno == ENOENT ? 3 : 1;
		n_files = 1;
	} else if (line->command->takes_file) {
		return complain(N_("which file?"));
	}
	if (line->command->takes_directory) {
		if (line->n_words <= line->used)
			return complain(N_("which directory?"));
		const char *path = line->words[line->used].at;
		if ((mkdir(path, 0700) != 0 && errno != EEXIST) || (dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
			say_errno(path);
			return 1;
		}
		if (!handout_is_empty(dir)) {
			fprintf(stderr, "samordna: %s\n", tongue(language_here(), N_("The directory is not empty; an export wants one of its own.")));
			return 5;
		}
	}
	int fd = control_connect(home);
	if (fd < 0 && (doorless = start_doorless(home, &fd, &status)) < 0)
		return status;
	status = send_ask(fd, line, files, n_files);
	if (!status)
		status = print_answer(fd, to, dir);
	close(fd);
	if (status == GONE)
		status = say_gone(&doorless);
	if (doorless > 0) {
		kill(doorless, SIGTERM);
		waitpid(doorless, NULL, 0);
	}
	return status;
}
