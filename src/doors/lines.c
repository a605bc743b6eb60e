/* Reads files of log lines: splits them, takes carriers off, finds what each message says, and joins what one connection tells in pieces.
 *
 * One fixed buffer; of a line longer than LINE_MOST only its beginning and its end are kept. Joining only fills in a user or an address that an
 * earlier line of the same session told: every line keeps its outcome.
 *
 * A time without a year needs the whole file (lines_year.c), so a pipe that begins with such lines is put into a temporary file first.
 *
 * SECURITY: knows base alone, looks nothing up, and keeps nothing of a line but SESSIONS pairs of user and address. A message is only
 * believed from a program whose daemon writes it, or where no program is told at all. */
#include "doors/lines_json.h"
#include "base/scan.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

enum { BUFFER = 1 << 20, AT_ONCE = 1 << 16, LINE_MOST = 1 << 16, SESSIONS = 4096, KEPT_USER = 64, KEPT_ADDRESS = 46, KEPT = 96, JOIN_MOST = 600000, QUICK = 8 };

const char *const line_outcome_name[] = { "other", "failure", "refused", "success" };

/* Two lines of the cache. */
struct kept { uint64_t session; int64_t at:56; uint8_t n_user; uint8_t n_address; bool has_user:1, has_address:1; char address[KEPT_ADDRESS], user[KEPT_USER]; };
static_assert(sizeof (struct kept) == 128);

struct quick { struct line_plain_found found; struct instant at; int64_t line; uint64_t session; };

struct lines {
	void                *memory;         /* it lies in, so that it begins with a line of the cache; what is not used is not touched */
	struct lines_options options;
	int64_t              line, unreadable;
	struct line_clock    clock;
	_Alignas(64) struct kept kept[SESSIONS];
	struct line_found    last;           /* for "last message repeated" */
	char                 last_user[KEPT], last_address[KEPT];
	char                 address[128];
	struct line_finder   finder;
	char                 host[64];       /* the last one */
	size_t               n_host;
	uint64_t             host_hash;
	struct json_flat     flat;
	char                 flat_room[RECORD_MOST];
	struct line_names    names[LINE_NAMES];
	struct line_collector records;
	struct quick         quick[QUICK];   /* texts in the buffer, or in what lines_live was given */
	unsigned             n_quick;
	char                 buffer[BUFFER + SCAN_PAST];
};

/* --- joining --- */

static uint64_t mix(uint64_t a, struct str s)
{
	return (a ^ str_hash(s)) * 0x9e3779b97f4a7c15u;
}

static bool keep(char *room, size_t most, uint8_t *n, struct str s)
{
	if (!s.at || s.len > most)
		return false;
	memcpy(room, s.at, s.len);
	*n = (uint8_t)s.len;
	return true;
}

static struct kept *kept_of(struct lines *lines, uint64_t session)
{
	return &lines->kept[(session >> 20) % SESSIONS];
}

static bool is_same(struct str s, const char *kept, size_t n)
{
	return s.len == n && memcmp(s.at, kept, n) == 0;
}

/* Pids and ports come again: what contradicts what is kept, or comes much later, is another connection. */
static void join(struct lines *lines, struct line_event *event, bool may_name)
{
	struct kept *kept = kept_of(lines, event->session);
	int64_t at = event->has_time ? event->at.ms : kept->at;
	bool is_other = kept->session != event->session || at - kept->at > JOIN_MOST || kept->at - at > JOIN_MOST
	             || (event->address.len && kept->has_address && !is_same(event->address, kept->address, kept->n_address))
	             || (event->user.len && kept->has_user && kept->n_user && !is_same(event->user, kept->user, kept->n_user));

	if (is_other) {
		kept->session = event->session;
		kept->has_user = kept->has_address = false;
	}
	kept->at = at;
	if (!event->address.at && kept->has_address)
		event->address = (struct str){ kept->address, kept->n_address };
	else if (event->address.at && !kept->has_address)
		kept->has_address = keep(kept->address, sizeof kept->address, &kept->n_address, event->address);
	if (!event->user.at && kept->has_user && event->outcome != LINE_OTHER && may_name)
		event->user = (struct str){ kept->user, kept->n_user };
	else if (event->user.at && !kept->has_user)
		kept->has_user = keep(kept->user, sizeof kept->user, &kept->n_user, event->user);
}

static bool knows(struct lines *lines, uint64_t session, struct str user)
{
	const struct kept *kept = kept_of(lines, session);
	return kept->session == session && kept->has_address && kept->has_user && !user.at;
}

static uint64_t host_hash(struct lines *lines, struct str host)
{
	if (host.len > sizeof lines->host)
		return str_hash(host);
	if (!host.len)
		return 1;
	if (host.len != lines->n_host || memcmp(host.at, lines->host, host.len) != 0) {
		lines->n_host = host.len;
		memcpy(lines->host, host.at, host.len);
		lines->host_hash = str_hash(host);
	}
	return lines->host_hash;
}

/* The same for all lines of one connection; 0: not known. */
static inline uint64_t session_of(struct lines *lines, const struct line_record *record, const struct line_found *found)
{
	if (found->session.at && found->session.len)
		return mix(host_hash(lines, record->host), found->session) | 1;
	if (record->pid.len && found->form && lines->finder.program_service >= 0 && line_services[lines->finder.program_service]->is_one_pid_a_session)
		return mix(record->names ? record->names->host_hash + record->names->program_hash
		                         : host_hash(lines, record->host) + str_hash(record->program), record->pid) | 1;
	return 0;
}

/* What nobody wants is only looked at for what it tells of its connection. `of` is what the message says, but for `its` user and address. */
static inline void emit_of(struct lines *lines, const struct line_found *of, const struct line_plain_found *its, bool has_time, struct instant at, int64_t line,
                           uint64_t session)
{
	bool is_unwanted = of->outcome == LINE_OTHER && !lines->options.wants_other;
	if (is_unwanted && (!session || (!its->address.at && !its->user.at) || knows(lines, session, its->user)))
		return;
	struct line_event event = { .line = line, .count = of->count, .outcome = of->outcome, .has_time = has_time, .at = at, .service = of->service,
		.user = its->user, .reason = of->reason, .session = session, .form = of->is_echo ? LINE_ECHO : of->form, .is_denial = of->is_denial };

	if (its->address.at)
		event.address = its->is_tidy ? its->address : address_tidy(its->address, of->has_port, lines->address);
	if (session)
		join(lines, &event, !of->is_nameless);
	if (of->is_loose)
		event.session = 0;
	if (!is_unwanted)
		lines->options.each(lines->options.of, &event);
}

static void emit(struct lines *lines, const struct line_record *record, struct line_found *found, int64_t line)
{
	struct line_plain_found its = { found, found->user, found->address, found->is_tidy };

	emit_of(lines, found, &its, record->has_time || found->is_time, found->is_time ? found->at : record->at, line, session_of(lines, record, found));
}

/* --- what a message says --- */

/* "message repeated 3 times: [ text]": the text, and how often. */
static struct str repeated(struct str text, int64_t *ret)
{
	struct str rest = text;
	int64_t n;

	if (!str_starts(text, STR("message repeated ")))
		return text;
	rest = str_from(rest, 17);
	struct str number = str_cut(&rest, ' ');
	if (str_number(number, 1000000, &n) != OK || !rest.at || !str_starts(rest, STR("times: [")))
		return text;
	rest = str_from(rest, 8);
	while (rest.len && rest.at[0] == ' ')
		rest = str_from(rest, 1);
	if (rest.len && rest.at[rest.len - 1] == ']')
		rest.len--;
	*ret = n;
	return rest;
}

static void remember(struct lines *lines, const struct line_found *found)
{
	lines->last = *found;
	lines->last.reason = lines->last.session = STR_NONE;
	lines->last.is_tidy = false;
	if (found->user.len > KEPT || found->address.len > KEPT) {
		lines->last.count = 0;
		return;
	}
	if (found->user.len)
		lines->last.user.at = memcpy(lines->last_user, found->user.at, found->user.len);
	if (found->address.len)
		lines->last.address.at = memcpy(lines->last_address, found->address.at, found->address.len);
}

static void one_record(struct lines *lines, struct line_record *record, int64_t line)
{
	struct line_found found = { .count = 1 };
	int64_t times = 1;
	bool was_tagged = record->text.at != record->bare.at;
	struct str inner = repeated(record->text, &times);

	if (inner.at != record->text.at) {
		record->text = inner;
		if (!was_tagged)
			record->bare = inner;
	}
	bool is_found = finder_find(&lines->finder, record, &found);
	struct line_reset reset;
	if (lines->options.reset && (!is_found || found.outcome == LINE_OTHER) && reset_of_text(lines->options.format, record, &reset))
		lines->options.reset(lines->options.of, &reset);
	if (is_found) {
		found.count *= times;
		if (found.outcome != LINE_OTHER)
			remember(lines, &found);
		else
			lines->last.count = 0;
		emit(lines, record, &found, line);
		return;
	}
	/* FreeBSD's "last message repeated 2 times" */
	struct str text = str_starts(record->text, STR("last message repeated ")) ? record->text
	                : str_from(record->text, MIN(str_find(record->text, ' ') + 1, record->text.len));
	if (str_starts(text, STR("last message repeated ")) && lines->last.count) {
		struct str rest = str_from(text, 22);
		if (str_number(str_cut(&rest, ' '), 1000000, &times) == OK) {
			found = lines->last;
			found.count = times;
			emit(lines, record, &found, line);
			return;
		}
	}
	lines->last.count = 0;
	lines->unreadable += !record->has_time && record->bare.len;
	found = (struct line_found){ .count = 1 };
	emit(lines, record, &found, line);
}

/* One object of JSON: a sign-in, or a carrier of a message. */
static bool json_record(struct lines *lines, struct str text, int64_t line)
{
	struct line_record record = { 0 };
	struct line_found found = { .count = 1 };

	lines->flat.room = lines->flat_room;
	lines->flat.room_n = sizeof lines->flat_room;
	if (!json_flatten(&lines->flat, text))
		return false;
	struct line_reset reset;
	if (lines->options.reset && reset_of_json(lines->options.format, &lines->flat, &reset))
		lines->options.reset(lines->options.of, &reset);
	if (json_match(lines->options.format, &lines->flat, &found, lines->address)) {
		emit(lines, &record, &found, line);
		return true;
	}
	if (json_carrier(&lines->clock, &lines->flat, &record)) {
		/* The message may itself hold lines, and a carrier of its own. */
		struct str rest = record.text;
		do {
			struct line_record inner = record, own = { 0 };
			struct str one = str_cut(&rest, '\n');
			if (one.len && one.at[one.len - 1] == '\r')
				one.len--;
			inner.text = inner.bare = one;
			if (!record.program.at) {
				carrier_take(&lines->clock, one, &own);
				if (record.has_time) {
					own.has_time = true;
					own.at = record.at;
				}
				inner = own;
			}
			if (one.len)
				one_record(lines, &inner, line);
		} while (rest.len);
		return true;
	}
	emit(lines, &record, &found, line);
	return true;
}

/* --- lines --- */

static void emit_quick(struct lines *lines)
{
	if (!lines->n_quick)
		return;
	for (unsigned i = 0; i < lines->n_quick; i++) {
		const struct quick *quick = &lines->quick[i];
		emit_of(lines, quick->found.what, &quick->found, true, quick->at, quick->line, quick->session);
	}
	const struct line_plain_found *last = &lines->quick[lines->n_quick - 1].found;
	if (last->what->outcome != LINE_OTHER) {
		struct line_found found = *last->what;
		found.user = last->user;
		found.address = last->address;
		remember(lines, &found);
	} else {
		lines->last.count = 0;
	}
	lines->n_quick = 0;
}

/* Lines whose time and names are those of lines before, with a message of a plain shape: most. They wait a little, since what is kept of their
 * connections lies apart and is asked for meanwhile; nothing that they change is needed before. Another message with such a time and names
 * has had its carrier taken off already. */
enum quick_kind { QUICK_NO, QUICK_RECORD, QUICK_ALL };
static inline enum quick_kind quick_line(struct lines *lines, struct str line, struct line_record *record)
{
	struct quick *quick = &lines->quick[lines->n_quick];

	if (!names_next(&lines->clock, line, record))
		return QUICK_NO;
	if (!finder_quick(&lines->finder, record, &quick->found)) {
		names_fill(record);
		return QUICK_RECORD;
	}
	quick->at = record->at;
	quick->line = lines->line;
	quick->session = session_of(lines, record, quick->found.what);
	__builtin_prefetch(kept_of(lines, quick->session), 1);
	__builtin_prefetch((const char *)kept_of(lines, quick->session) + 64, 1);
	if (++lines->n_quick == QUICK)
		emit_quick(lines);
	return QUICK_ALL;
}

static void one_text(struct lines *lines, struct line_record *record)
{
	if (record->text.len && record->text.at[0] == '{' && record_is_start(record->text) && json_record(lines, record->text, lines->line))
		return;
	one_record(lines, record, lines->line);
}

static void one_line(struct lines *lines, struct str line)
{
	struct line_record record __attribute__((uninitialized));

	lines->line++;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	enum quick_kind kind = line.len < 4096 && !lines->records.is_collecting ? quick_line(lines, line, &record) : QUICK_NO;
	if (kind == QUICK_ALL)
		return;
	emit_quick(lines);
	if (kind == QUICK_RECORD) {
		one_text(lines, &record);
		return;
	}
	if (lines->line == 1 && str_starts(line, STR("\xef\xbb\xbf")))
		line = str_from(line, 3);
	if (line.len && line.at[0] == 0x1e)                     /* RFC 7464 */
		line = str_from(line, 1);
	if (lines->records.is_collecting) {
		if (record_take(&lines->records, line, lines->line))
			return;
		lines->records.is_collecting = false;
	}
	if (line.len && (line.at[0] == '{' || line.at[0] == '[' || line.at[0] == ' ' || line.at[0] == '\t') && record_is_start(line)) {
		if (record_is_simple(line) && json_record(lines, line, lines->line))
			return;
		if (record_take(&lines->records, line, lines->line))
			return;
	}
	lines->records.is_collecting = false;
	carrier_take(&lines->clock, line, &record);
	one_text(lines, &record);
}

/* What was collected is a record, or nothing that is known. */
static void one_collected(void *of, struct str text, int64_t line)
{
	struct line_record none = { 0 };
	struct line_found nothing = { .count = 1 };

	if (!text.at || !json_record(of, text, line))
		emit(of, &none, &nothing, line);
}

/* From `at` to `mark`, without its middle when it is too long. */
static void whole_line(struct lines *lines, char *at, const char *mark)
{
	size_t len = (size_t)(mark - at);

	if (len > LINE_MOST) {
		memmove(at + LINE_MOST / 2, mark - LINE_MOST / 2, LINE_MOST / 2);
		len = LINE_MOST;
	}
	one_line(lines, (struct str){ at, len });
}

/* All whole lines; returns how much of the buffer remains, moved to its beginning. */
static size_t take_lines(struct lines *lines, size_t n)
{
	char *at = lines->buffer, *end = lines->buffer + n;

	for (char *block = at; block < end; block += SCAN_LINES)
		for (uint64_t marks = scan_newlines(block, end); marks; marks &= marks - 1) {
			char *mark = block + __builtin_ctzll(marks);
			whole_line(lines, at, mark);
			at = mark + 1;
		}
	emit_quick(lines);
	size_t rest = (size_t)(end - at);
	memmove(lines->buffer, at, rest);
	if (rest == BUFFER) {                    /* a line as long as the buffer: beginning and end are enough */
		memmove(lines->buffer + LINE_MOST / 2, lines->buffer + rest - LINE_MOST / 2, LINE_MOST / 2);
		rest = LINE_MOST;
	}
	return rest;
}

static void last_line(struct lines *lines, size_t n)
{
	if (n > LINE_MOST) {
		memmove(lines->buffer + LINE_MOST / 2, lines->buffer + n - LINE_MOST / 2, LINE_MOST / 2);
		n = LINE_MOST;
	}
	if (n)
		one_line(lines, (struct str){ lines->buffer, n });
	emit_quick(lines);
	if (lines->records.is_collecting && lines->records.n) {
		struct line_record none = { 0 };
		struct line_found nothing = { .count = 1 };
		emit(lines, &none, &nothing, lines->records.line ? lines->records.line : lines->line);
	}
	lines->records.is_collecting = false;
}

static ssize_t read_some(int fd, char *room, size_t n)
{
	ssize_t got;

	do
		got = read(fd, room, n);
	while (got < 0 && errno == EINTR);
	return got;
}

/* What has been read of a pipe, and the rest of it, in a file without a name. */
static int spool(struct lines *lines, int fd, size_t n)
{
	int to = open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	ssize_t got = (ssize_t)n;

	if (to < 0)
		to = memfd_create("lines", MFD_CLOEXEC);
	for (; to >= 0 && got > 0; got = read_some(fd, lines->buffer, BUFFER))
		for (ssize_t done = 0, put; done < got; done += put)
			if ((put = write(to, lines->buffer + done, (size_t)(got - done))) <= 0) {
				close(to);
				return -1;
			}
	if (to >= 0 && (got < 0 || lseek(to, 0, SEEK_SET) != 0)) {
		close(to);
		return -1;
	}
	return to;
}

/* --- the door --- */

struct lines *lines_new(const struct lines_options *options)
{
	char *memory = calloc(1, sizeof (struct lines) + 64);
	struct lines *lines = memory ? (struct lines *)(void *)(((uintptr_t)memory + 63) & ~(uintptr_t)63) : NULL;

	if (!lines)
		return NULL;
	lines->memory = memory;
	lines->options = *options;
	lines->records.each = one_collected;
	lines->records.of = lines;
	finder_start(&lines->finder, options->format);
	return lines;
}

bool lines_format_is(struct str name)
{
	static const char *const vendors[] = { "fortigate", "asa", "paloalto", "sonicwall", "windows", "entra", "keycloak" };

	for (size_t i = 0; i < LENGTH(vendors); i++)
		if (str_equal(name, str_of(vendors[i])))
			return true;
	return form_service_named(name) >= 0;
}

static void begin(struct lines *lines)
{
	lines->line = 0;
	lines->records.is_collecting = false;
	lines->last.count = 0;
	lines->clock = (struct line_clock){ .year = lines->options.year, .now = lines->options.now, .hour_key = INT64_MIN, .names = lines->names };
}

enum err lines_fd(struct lines *lines, int fd)
{
	size_t n = 0;
	ssize_t got = 1;
	int own = -1;

	begin(lines);
	while (n < BUFFER / 2 && (got = read_some(fd, lines->buffer + n, BUFFER - n)) > 0)
		n += (size_t)got;
	if (got >= 0 && !lines->options.year && year_is_missing((struct str){ lines->buffer, n })) {
		if (lseek(fd, 0, SEEK_CUR) < 0 || lseek(fd, 0, SEEK_SET) < 0)
			fd = own = spool(lines, fd, n);
		if (fd < 0 || year_of_file(fd, lines->buffer, BUFFER, lines->options.now, &lines->clock.year) != OK)
			got = -1;
		n = 0;
	}
	if (got >= 0) {
		n = take_lines(lines, n);
		while ((got = read_some(fd, lines->buffer + n, MIN(BUFFER - n, (size_t)AT_ONCE))) > 0)    /* stays near the processor */
			n = take_lines(lines, n + (size_t)got);
		last_line(lines, n);
	}
	if (own >= 0)
		close(own);
	return got < 0 ? ERR_IO : OK;
}

void lines_bytes(struct lines *lines, struct str text)
{
	begin(lines);
	if (!lines->options.year && year_is_missing(text))
		lines->clock.year = year_of_bytes(text, lines->options.now);
	size_t n = 0;
	while (text.len) {
		size_t some = MIN(text.len, BUFFER - n);
		memcpy(lines->buffer + n, text.at, some);
		text = str_from(text, some);
		n = take_lines(lines, n + some);
	}
	last_line(lines, n);
}

void lines_live(struct lines *lines, struct str text, bool is_message, struct instant now)
{
	if (!lines->clock.is_live)
		lines->clock.hour_key = INT64_MIN;
	lines->clock.now = now;
	lines->clock.is_live = true;
	lines->clock.names = lines->names;
	while (text.len) {
		struct str line = is_message ? text : str_cut(&text, '\n');
		if (is_message)
			text = STR_NONE;
		/* Where not enough stands behind it (base/scan.h), or too much in it, it comes into the buffer; who waits may lie there. */
		if (line.len > LINE_MOST || text.len < SCAN_PAST) {
			size_t half = MIN(line.len, (size_t)LINE_MOST) / 2, rest = MIN(line.len, (size_t)LINE_MOST) - half;
			emit_quick(lines);
			if (line.len) {
				memcpy(lines->buffer, line.at, half);
				memcpy(lines->buffer + half, line.at + line.len - rest, rest);
			}
			line = (struct str){ lines->buffer, half + rest };
		}
		one_line(lines, line);
	}
	emit_quick(lines);
	if (is_message)
		lines->records.is_collecting = false;
}

int64_t lines_unreadable(const struct lines *lines)
{
	return lines->unreadable;
}

int64_t lines_count(const struct lines *lines)
{
	return lines->line;
}

void lines_end(struct lines *lines)
{
	free(lines->memory);
}
