/* Records that the reader process has made of a foreign file, for those who want all of them in memory at once. (People come as a stream: people_check.c.)
 *
 * SECURITY: what the reader hands over is checked like a foreign thing: its length, and that each text ends inside its record. */
#include "floor/reading.h"
#include "floor/setting.h"
#include "base/channel.h"
#include <unistd.h>

/* The reader is believed in nothing but its bytes: texts must end inside. */
static bool is_sound(const struct reset_record *r)
{
	return memchr(r->person, 0, sizeof r->person) && memchr(r->by, 0, sizeof r->by) && memchr(r->kind, 0, sizeof r->kind)
	    && r->problem < RESET_PROBLEM_KINDS && str_is_utf8(str_of(r->person)) && str_is_utf8(str_of(r->by)) && str_is_utf8(str_of(r->kind))
	    && (r->problem || (r->person[0] && r->kind[0]));
}

static enum err read_records(struct rq *rq, const struct reading *reading, struct reset_record **ret, size_t *ret_n)
{
	size_t n = (size_t)(reading->n + reading->n_bad);
	struct reset_record *records;

	if (n > RESETS_MOST + 1)
		return fail(rq, ERR_INVALID, _("The file cannot be read."));
	records = NEW_MANY(rq->arena, n + 1, struct reset_record);
	for (size_t done = 0; done < n * sizeof *records; ) {
		ssize_t got = pread(reading->records, (char *)records + done, n * sizeof *records - done, (off_t)done);
		if (got <= 0)
			return fail(rq, ERR_INVALID, _("The file cannot be read."));
		done += (size_t)got;
	}
	for (size_t i = 0; i < n; i++)
		if (!is_sound(&records[i]))
			return fail(rq, ERR_INVALID, _("The file cannot be read."));
	*ret = records;
	*ret_n = n;
	return OK;
}

enum err reading_resets(struct rq *rq, int file, struct reset_record **ret, size_t *ret_n)
{
	struct reading reading;

	TRY(reading_ask(rq, READ_RESETS, file, &reading));
	enum err err = read_records(rq, &reading, ret, ret_n);
	close(reading.records);
	close(reading.problems);
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
