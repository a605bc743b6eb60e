/* Records that the reader process has made of a foreign file, for those who want all of them in memory at once. (People come as a stream: people_check.c.)
 *
 * SECURITY: what the reader hands over is checked like a foreign thing: its length, and that each text ends inside its record. */
#include "floor/reading.h"
#include "floor/setting.h"
#include "base/channel.h"
#include <unistd.h>

/* The reader is believed in nothing but its bytes: texts must end inside. */
static bool is_sound_text(const char *room, size_t size)
{
	return memchr(room, 0, size) && str_is_utf8(str_of(room));
}

static bool is_sound_reset(const void *of)
{
	const struct reset_record *r = of;

	return is_sound_text(r->person, sizeof r->person) && is_sound_text(r->by, sizeof r->by) && is_sound_text(r->kind, sizeof r->kind)
	    && r->problem < RESET_PROBLEM_KINDS && (r->problem || (r->person[0] && r->kind[0]));
}

static bool is_sound_listed(const void *of)
{
	const struct listed_record *r = of;

	return is_sound_text(r->user, sizeof r->user) && is_sound_text(r->session, sizeof r->session) && is_sound_text(r->calling, sizeof r->calling)
	    && is_sound_text(r->framed, sizeof r->framed) && r->problem < LISTED_PROBLEM_KINDS && (r->problem || (r->user[0] && r->session[0]));
}

struct shape { enum read_kind kind; size_t size, most; bool (*is_sound)(const void *); };

static enum err read_records(struct rq *rq, const struct shape *shape, const struct reading *reading, char **ret, size_t *ret_n)
{
	size_t n = (size_t)(reading->n + reading->n_bad);

	if (n > shape->most + 1)
		return fail(rq, ERR_INVALID, _("The file cannot be read."));
	char *records = arena_take(rq->arena, (n + 1) * shape->size);
	for (size_t done = 0; done < n * shape->size; ) {
		ssize_t got = pread(reading->records, records + done, n * shape->size - done, (off_t)done);
		if (got <= 0)
			return fail(rq, ERR_INVALID, _("The file cannot be read."));
		done += (size_t)got;
	}
	for (size_t i = 0; i < n; i++)
		if (!shape->is_sound(records + i * shape->size))
			return fail(rq, ERR_INVALID, _("The file cannot be read."));
	*ret = records;
	*ret_n = n;
	return OK;
}

static enum err read_all(struct rq *rq, const struct shape *shape, int file, void *ret, size_t *ret_n)
{
	struct reading reading;
	char *records = NULL;

	TRY(reading_ask(rq, shape->kind, file, &reading));
	enum err err = read_records(rq, shape, &reading, &records, ret_n);
	close(reading.records);
	close(reading.problems);
	if (err == OK)
		memcpy(ret, &records, sizeof records);
	return err;
}

enum err reading_link(struct rq *rq, struct str link, struct link_record *ret)
{
	struct out out = out_new(rq->arena);
	struct reading reading;
	struct str bytes;

	out_put(&out, setting_text(rq, "logins.own_hosts"));
	for (size_t i = 0; i < out.len; i++)
		if (out.at[i] == ' ' || out.at[i] == ',' || out.at[i] == ';' || out.at[i] == '\t')
			out.at[i] = '\n';
	out_byte(&out, '\0');
	out_put(&out, link);
	int file = channel_file(out.at, out.len);
	if (file < 0)
		return fail(rq, ERR_FULL, _("There is no room for it now."));
	enum err err = reading_ask(rq, READ_LINK, file, &reading);
	close(file);
	if (err != OK)
		return err;
	err = channel_file_read(rq->arena, reading.records, sizeof *ret, &bytes);
	close(reading.records);
	close(reading.problems);
	if (err != OK || bytes.len != sizeof *ret)
		return fail(rq, ERR_BUSY, _("The link cannot be checked right now. Try again in a moment."));
	memcpy(ret, bytes.at, sizeof *ret);
	ret->host[sizeof ret->host - 1] = ret->imitates[sizeof ret->imitates - 1] = ret->domain[sizeof ret->domain - 1] = '\0';
	return OK;
}

enum err reading_resets(struct rq *rq, int file, struct reset_record **ret, size_t *ret_n)
{
	static const struct shape shape = { READ_RESETS, sizeof (struct reset_record), RESETS_MOST, is_sound_reset };

	return read_all(rq, &shape, file, ret, ret_n);
}

enum err reading_listed(struct rq *rq, int file, struct listed_record **ret, size_t *ret_n)
{
	static const struct shape shape = { READ_LISTED, sizeof (struct listed_record), LISTED_MOST, is_sound_listed };
	static const char *const text[] = { [LISTED_FINE] = "",
#define X(name, words) [LISTED_##name] = words,
		LISTED_PROBLEMS(X)
#undef X
	};
	struct listed_record *records;
	size_t n;

	TRY(read_all(rq, &shape, file, &records, &n));
	for (size_t i = 0; i < n; i++)
		if (records[i].problem)
			return fail(rq, ERR_INVALID, _("The list cannot be read, entry %u: %s. Nothing was changed."), records[i].row, _(text[records[i].problem]));
	*ret = records;
	*ret_n = n;
	return OK;
}
