/* The keys of samordna.conf for watched logs: files and journals by name and path, and ports for syslog from others.
 *
 * In the list files and journals stand before ports, whatever the order in which they are named: keeper looks at the files, and hands the ports over at the start.
 *
 * What it does not do: it opens nothing. Whether a format is known keeper asks the reader's table at the start (serve_logs.c). */
#include "boot_parts.h"

static struct log_source *add_source(struct boot *boot, enum log_kind kind)
{
	struct log_boot *logs = &boot->logs;
	uint32_t at = logs->n;

	/* Files and journals stand before doors, whatever the order in which they are named. */
	while ((kind != LOG_UDP && kind != LOG_TCP && kind != LOG_TLS) && at && log_is_door(&logs->source[at - 1])) {
		logs->source[at] = logs->source[at - 1];
		at--;
	}
	logs->n++;
	logs->source[at] = (struct log_source){ .kind = (uint8_t)kind };
	return &logs->source[at];
}

static enum err check_source(struct reading *reading, struct str name)
{
	const struct log_boot *logs = &reading->boot->logs;

	if (logs->n == LOG_SOURCES)
		return boot_wrong(reading, N_("more watched logs than there is room for"), name);
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 0x7f)
			return boot_wrong(reading, N_("not a name"), name);
	for (uint32_t i = 0; i < logs->n; i++)
		if (str_equal(str_of(logs->source[i].name), name))
			return boot_wrong(reading, N_("two watched logs have the same name"), name);
	return OK;
}

/* NAME PATH [FORMAT]; what a format is the reader knows. */
enum err boot_watch_file(struct reading *reading, struct str value)
{
	struct boot *boot = reading->boot;
	struct str rest = value, name = boot_word(&rest), path = boot_word(&rest), format = boot_word(&rest);

	TRY(check_source(reading, name));
	if (!path.len || path.at[0] != '/')
		return boot_wrong(reading, N_("write NAME /PATH [FORMAT]"), value);
	if (boot_word(&rest).len)
		return boot_wrong(reading, N_("write NAME /PATH [FORMAT]"), value);
	struct log_source *source = add_source(boot, LOG_FILE);
	TRY(boot_keep(reading, name, source->name, sizeof source->name));
	if (!str_equal(format, STR("auto")))
		TRY(boot_keep(reading, format, source->format, sizeof source->format));
	return boot_keep(reading, path, boot->log_path[source - boot->logs.source], sizeof boot->log_path[0]);
}

/* NAME [/DIRECTORY]; without one it is this machine's own. */
enum err boot_watch_journal(struct reading *reading, struct str value)
{
	struct boot *boot = reading->boot;
	struct str rest = value, name = boot_word(&rest), path = boot_word(&rest);

	TRY(check_source(reading, name));
	if (!name.len || (path.len && path.at[0] != '/') || boot_word(&rest).len)
		return boot_wrong(reading, N_("write NAME [/DIRECTORY]"), value);
	struct log_source *source = add_source(boot, LOG_JOURNAL);
	TRY(boot_keep(reading, name, source->name, sizeof source->name));
	return boot_keep(reading, path, boot->log_path[source - boot->logs.source], sizeof boot->log_path[0]);
}

/* One file of where addresses are. */
enum err boot_watch_places(struct reading *reading, struct str value)
{
	struct boot *boot = reading->boot;

	TRY(check_source(reading, STR("places")));
	if (!value.len || value.at[0] != '/')
		return boot_wrong(reading, N_("write /PATH"), value);
	struct log_source *source = add_source(boot, LOG_PLACES);
	TRY(boot_keep(reading, STR("places"), source->name, sizeof source->name));
	return boot_keep(reading, value, boot->log_path[source - boot->logs.source], sizeof boot->log_path[0]);
}

/* ADDRESS:PORT udp|tcp|tls; its name is what was written. */
enum err boot_watch_syslog(struct reading *reading, struct str value)
{
	struct boot *boot = reading->boot;
	struct str rest = value, where = boot_word(&rest), how = boot_word(&rest);
	static const struct { const char *word; enum log_kind kind; } known[] = { { "udp", LOG_UDP }, { "tcp", LOG_TCP }, { "tls", LOG_TLS } };
	size_t k = 0;
	char name[sizeof boot->logs.source[0].name];
	uint32_t n = 0;

	for (uint32_t i = 0; i < boot->logs.n; i++)
		n += log_is_door(&boot->logs.source[i]);
	while (k < LENGTH(known) && !str_equal(how, str_of(known[k].word)))
		k++;
	if (n == LOG_DOORS || boot_word(&rest).len || k == LENGTH(known))
		return boot_wrong(reading, N_("write ADDRESS:PORT udp, tcp or tls, eight at most"), value);
	TRY(boot_listen(reading, where, &boot->log_door[n]));
	int length = snprintf(name, sizeof name, STR_FMT "/%s", (int)MIN(where.len, sizeof name - 8), where.at, known[k].word);
	TRY(check_source(reading, (struct str){ name, (size_t)length }));
	struct log_source *source = add_source(boot, known[k].kind);
	memcpy(source->name, name, sizeof name);
	return OK;
}
