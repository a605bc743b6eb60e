/* Files that core hands the reader: a sealed file in, sealed files of typed records out.
 *
 * It knows four kinds: HR's file (files.c), a link beside the hosts that are ours (link.c), resets as another system's log tells them
 * (files_resets.c), and a VPN server's own list of who is in (files_sessions.c). One at a time, in the order of asking.
 *
 * SECURITY: runs in a jail without store, network or files. What is answered is written to memory files that are sealed before they are
 * handed over; a file that is not sealed is not read. */
#include "doors/files.h"
#include "doors/files_resets.h"
#include "doors/files_sessions.h"
#include "doors/link.h"
#include "doors/logs.h"
#include "base/arena.h"
#include "base/channel.h"

#define LINK_ARENA ((size_t)512 << 20)     /* address space; a link takes a few times its length */

static enum err read_whole(int fd, struct bytes *ret)
{
	size_t length;

	if (!channel_file_is_sealed(fd, &length))
		return ERR_INVALID;
	if (length > FILES_MOST)
		return ERR_FULL;
	ret->at = malloc(length + 1);
	if (!ret->at)
		return ERR_FULL;
	while (ret->len < length) {
		ssize_t got = pread(fd, ret->at + ret->len, length - ret->len, (off_t)ret->len);
		if (got <= 0)
			return ERR_IO;
		ret->len += (size_t)got;
	}
	return OK;
}

static enum err write_away(struct bytes *bytes)
{
	size_t done = 0;

	while (done < bytes->len) {
		ssize_t put_n = write(bytes->file, bytes->at + done, bytes->len - done);
		if (put_n <= 0)
			return ERR_FULL;
		done += (size_t)put_n;
	}
	bytes->len = 0;
	return OK;
}

static enum err read_people(struct str text, const int files[2], struct read_done *done)
{
	struct bytes out[2] = { { .file = files[0], .spill = write_away }, { .file = files[1], .spill = write_away } };
	enum err err = files_people(text, &out[0], &out[1], &done->records, &done->problems);

	for (int i = 0; i < 2; i++) {
		if (err == OK)
			err = write_away(&out[i]);
		if (err == OK)
			err = channel_file_seal(files[i]);
		free(out[i].at);
	}
	return err;
}

static enum err read_table(enum err (*read)(struct str, struct bytes *, uint64_t *, uint64_t *), struct str text, const int files[2], struct read_done *done)
{
	struct bytes out = { .file = files[0] };
	enum err err = read(text, &out, &done->records, &done->problems);

	if (err == OK)
		err = write_away(&out);
	for (int i = 0; i < 2 && err == OK; i++)
		err = channel_file_seal(files[i]);
	free(out.at);
	return err;
}

static enum err read_resets(struct str text, const int files[2], struct read_done *done) { return read_table(resets_read, text, files, done); }
static enum err read_listed(struct str text, const int files[2], struct read_done *done) { return read_table(listed_read, text, files, done); }

/* Owned hosts, NUL, a link. A host that cannot be read is left out: that makes nothing ours. */
static enum err read_link(struct str text, const int files[2], struct read_done *done)
{
	struct arena *arena = arena_new(LINK_ARENA);
	struct str link = text, hosts = str_cut(&link, '\0');
	struct link_record record = { .reasons = 0 };
	struct link_finding finding;
	struct link_book *book = NULL;
	struct trouble trouble = { 0 };
	enum err err = link_book_new(arena, &book, &trouble);

	while (err == OK && hosts.at) {
		struct str host = str_trim(str_cut(&hosts, '\n'));
		struct trouble ignored = { 0 };
		if (host.len && link_book_add(book, host, &ignored) != OK)
			continue;
	}
	if (err == OK)
		err = link_book_close(book, &trouble);
	if (err == OK) {
		link_check(book, arena, link, &finding);
		record.verdict = finding.verdict;
		record.reasons = finding.reasons;
		memcpy(record.host, finding.host.len ? finding.host.at : "", MIN(finding.host.len, sizeof record.host - 1));
		memcpy(record.imitates, finding.imitates.len ? finding.imitates.at : "", MIN(finding.imitates.len, sizeof record.imitates - 1));
		memcpy(record.domain, finding.domain.len ? finding.domain.at : "", MIN(finding.domain.len, sizeof record.domain - 1));
		struct bytes out = { .at = (char *)&record, .len = sizeof record, .file = files[0] };
		err = write_away(&out);
		done->records = 1;
	}
	for (int i = 0; i < 2 && err == OK; i++)
		err = channel_file_seal(files[i]);
	link_book_end(book);
	arena_end(arena);
	return err;
}

static enum err (*const readers[])(struct str, const int files[2], struct read_done *) = {
	[READ_PEOPLE_CSV] = read_people, [READ_LINK] = read_link, [READ_RESETS] = read_resets, [READ_LISTED] = read_listed,
};

static void read_one(int core_fd, uint32_t serial, uint32_t what, int file)
{
	struct bytes text = { 0 };
	struct read_done done = { 0 };
	int files[2] = { channel_file_begin(), channel_file_begin() };
	enum err err = files[0] < 0 || files[1] < 0 ? ERR_FULL : read_whole(file, &text);

	if (err == OK)
		err = readers[what]((struct str){ text.at, text.len }, files, &done);
	free(text.at);
	done.err = err;
	(void)channel_send(core_fd, (struct message){ .kind = MESSAGE_READ_DONE, .serial = serial }, &done.err,
	                   sizeof done - sizeof done.head, files, err == OK ? 2 : 0);
	for (int i = 0; i < 2; i++)
		if (files[i] >= 0)
			close(files[i]);
}

bool reader_turn(int core_fd)
{
	static char room[CHANNEL_MOST];
	struct parcel parcel;
	enum err err = channel_receive(core_fd, room, &parcel);

	if (err == ERR_NONE || err == ERR_IO)
		return false;
	if (err != OK)
		return true;
	const struct read_file *ask = parcel.at;
	if (message_check(&parcel, MESSAGE_READ_FILE) && parcel.n_files == 1 && ask->what < LENGTH(readers) && readers[ask->what])
		read_one(core_fd, ask->head.serial, ask->what, parcel.files[0]);
	for (int i = 0; i < parcel.n_files; i++)
		close(parcel.files[i]);
	return true;
}
