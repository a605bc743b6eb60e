/* Small questions about a visit, about a command's words and its files, and the list of tasks. */
#include "floor/frame.h"
#include "floor/page.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct str visit_field(const struct visit *visit, const char *name)
{
	for (size_t i = 0; i < visit->n_fields; i++)
		if (str_equal(visit->fields[i].name, str_of(name)))
			return str_trim(visit->fields[i].value);
	return STR_NONE;
}

struct str page_dial(struct rq *rq, struct str phone)
{
	struct out out = out_new(rq->arena);

	for (size_t i = 0; i < phone.len; i++)
		if ((phone.at[i] >= '0' && phone.at[i] <= '9') || (phone.at[i] == '+' && out.len == 0))
			out_byte(&out, phone.at[i]);
	return out.len ? str_print(rq->arena, "tel:" STR_FMT, STR_ARG(out_str(&out))) : STR("");
}

struct str args_option(const struct args *args, const char *name)
{
	for (size_t i = 0; i < args->n_options; i++)
		if (str_equal(args->options[i].name, str_of(name)))
			return args->options[i].value;
	return STR_NONE;
}

enum err args_put_file(struct rq *rq, const struct args *args, const char *name, struct str bytes)
{
	int fd = openat(args->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t done = 0;
	int why = fd < 0 ? errno : 0;

	while (!why && done < bytes.len) {
		ssize_t put = write(fd, bytes.at + done, bytes.len - done);
		if (put > 0)
			done += (size_t)put;
		else if (put == 0 || errno != EINTR)
			why = put == 0 ? EIO : errno;
	}
	if (fd >= 0 && close(fd) != 0 && !why)
		why = errno;
	return !why ? OK : fail(rq, why == ENOSPC ? ERR_FULL : ERR_IO, _("%s cannot be written: %s"), name, strerror(why));
}

void tasks_add(struct rq *rq, struct tasks *tasks, const struct task *task)
{
	if (tasks->n == tasks->room) {
		size_t room = MAX(tasks->room * 2, (size_t)16);
		struct task *more = NEW_MANY(rq->arena, room, struct task);
		if (tasks->n)
			memcpy(more, tasks->at, tasks->n * sizeof more[0]);
		tasks->at = more;
		tasks->room = room;
	}
	tasks->at[tasks->n++] = *task;
}

void abouts_add(struct rq *rq, struct abouts *abouts, const struct about *about)
{
	if (abouts->n == abouts->room) {
		size_t room = MAX(abouts->room * 2, (size_t)16);
		struct about *more = NEW_MANY(rq->arena, room, struct about);
		if (abouts->n)
			memcpy(more, abouts->at, abouts->n * sizeof more[0]);
		abouts->at = more;
		abouts->room = room;
	}
	abouts->at[abouts->n++] = *about;
}

void mines_add(struct rq *rq, struct mines *mines, const struct mine *mine)
{
	if (mines->n == mines->room) {
		size_t room = MAX(mines->room * 2, (size_t)16);
		struct mine *more = NEW_MANY(rq->arena, room, struct mine);
		if (mines->n)
			memcpy(more, mines->at, mines->n * sizeof more[0]);
		mines->at = more;
		mines->room = room;
	}
	mines->at[mines->n++] = *mine;
}
