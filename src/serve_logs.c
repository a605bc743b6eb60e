/* keeper's part of watched logs: it binds the ports for syslog, and looks four times a second which file has a watched name; each file
 * that is new under it goes to the reader as an open descriptor. So does the file that a rotation leaves beside it (PATH.1): it may be
 * the copy of what was cut off, or, after a start, where reading stopped.
 *
 * Journals are serve_journal.c's.
 *
 * SECURITY: nothing is read here. What is no plain file (a pipe, a device) is not handed over. */
#define LONG_LIVED
#include "keeper.h"
#include "doors/lines.h"
#include "base/world.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Behind the doors: certificate and key, for those of TLS. The reader reads them from their beginnings at each start. */
static enum err open_certificate(struct keeper *keeper, struct trouble *trouble)
{
	const struct boot *boot = keeper->boot;
	bool is_own = boot->log_certificate[0] || boot->log_key[0];
	const char *const path[] = { is_own ? boot->log_certificate : boot->certificate, is_own ? boot->log_key : boot->key };

	for (size_t i = 0; i < LENGTH(path); i++) {
		int fd = path[i][0] ? open(path[i], O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
		if (fd < 0)
			return trouble_say(trouble, ERR_INVALID, "%s", keeper_says(N_("watch.syslog with tls needs watch.certificate and watch.key, files that can be read")));
		keeper->log_doors.fd[keeper->log_doors.n++] = fd;
	}
	return OK;
}

enum err keeper_open_logs(struct keeper *keeper, struct trouble *trouble)
{
	const struct boot *boot = keeper->boot;
	bool has_tls = false;

	for (uint32_t i = 0; i < boot->logs.n; i++) {
		const struct log_source *source = &boot->logs.source[i];
		if (source->format[0] && !lines_format_is(str_of(source->format)))
			return trouble_say(trouble, ERR_INVALID, keeper_says(N_("watch.file = %s: there is no format %s")), source->name, source->format);
		if (!log_is_door(source))
			continue;
		int fd = keeper_bind(&boot->log_door[keeper->log_doors.n], source->kind == LOG_UDP ? SOCK_DGRAM : SOCK_STREAM, trouble);
		if (fd < 0)
			return trouble_say(trouble, ERR_IO, keeper_says(N_("the port for syslog cannot be opened")));
		fcntl(fd, F_SETFL, O_NONBLOCK);
		keeper->log_doors.fd[keeper->log_doors.n++] = fd;
		has_tls |= source->kind == LOG_TLS;
	}
	return has_tls ? open_certificate(keeper, trouble) : OK;
}

void keeper_forget_logs(struct keeper *keeper)
{
	memset(keeper->log_file, 0, sizeof keeper->log_file);
	keeper_forget_journals();
	keeper->looked = 0;
}

/* Hands over what is called `path` now, when it is another file than before. */
static void look(struct keeper *keeper, uint32_t source, const char *path, bool is_older)
{
	struct stat about;
	struct log_open opened = { .source = source, .is_older = is_older };
	int64_t *device = &keeper->log_file[source][is_older].device, *inode = &keeper->log_file[source][is_older].inode;

	if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || (*device == (int64_t)about.st_dev && *inode == (int64_t)about.st_ino))
		return;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return;
	bool is_plain = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
	opened.device = (int64_t)about.st_dev;
	opened.inode = (int64_t)about.st_ino;
	if (is_plain && channel_send(keeper->child[ROW_READER].channel, (struct message){ .kind = MESSAGE_LOG_OPEN }, &opened.source,
	                             sizeof opened - sizeof opened.head, &fd, 1) == OK) {
		*device = (int64_t)about.st_dev;
		*inode = (int64_t)about.st_ino;
	}
	close(fd);
}

void keeper_look_at_logs(struct keeper *keeper, int64_t now)
{
	const struct boot *boot = keeper->boot;
	char beside[sizeof boot->log_path[0] + 4];

	if (keeper->is_doorless || !keeper->child[ROW_READER].is_walled || now - keeper->looked < LOGS_LOOK_MS)
		return;
	keeper->looked = now;
	for (uint32_t i = 0; i < boot->logs.n && !log_is_door(&boot->logs.source[i]); i++) {
		if (boot->logs.source[i].kind == LOG_JOURNAL) {
			keeper_look_at_journal(keeper, i, now);
			continue;
		}
		snprintf(beside, sizeof beside, "%s.1", boot->log_path[i]);
		if (boot->logs.source[i].kind == LOG_FILE)
			look(keeper, i, beside, true);
		look(keeper, i, boot->log_path[i], false);
	}
}
