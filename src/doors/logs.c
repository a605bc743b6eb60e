/* The reader's loop, and what the lines of watched logs become: typed records in batches to core.
 *
 * core grants a few messages at a time, so nothing is read from a file that it cannot take; a file waits, and what a network sends waits in the
 * kernel. Each batch names the place behind its last line, which core keeps in the same commit as what they caused.
 *
 * SECURITY: runs in the reader's jail: no store, no files but those it was handed, no socket but those that keeper bound. What it tells is
 * bounded and typed; core checks every byte of it. */
#include <poll.h>
#include "doors/logs_parts.h"
#include "base/world.h"

enum { WAIT_MS = 100, WAITING = 160 };

struct logs logs;

static void text_into(char *room, size_t size, struct str s)
{
	s = str_utf8_first(s, size - 1);
	if (s.len)
		memcpy(room, s.at, s.len);
	room[s.len] = '\0';
}

static void take_event(void *of, const struct line_event *event)
{
	struct log_lines *batch = &logs.batch;
	(void)of;

	if (event->outcome == LINE_OTHER || !event->service)
		return;
	if (batch->n == LOG_RECORDS)
		logs_send(of, NULL, 0, LOG_PART);
	struct log_record *record = &batch->record[batch->n++];
	memset(record, 0, sizeof *record);
	record->at = event->has_time ? event->at.ms : logs.now.ms;
	record->session = event->session;
	record->count = (uint32_t)MIN(event->count, (int64_t)1000000);
	record->form = event->form;
	record->outcome = (uint8_t)event->outcome;
	record->is_denial = event->is_denial;
	float place[2];
	if (event->outcome == LINE_SUCCESS && logs_places_find(event->address, place)) {
		record->is_placed = 1;
		record->latitude = place[0];
		record->longitude = place[1];
	}
	text_into(record->service, sizeof record->service, str_of(event->service));
	text_into(record->user, sizeof record->user, event->user);
	text_into(record->address, sizeof record->address, event->address);
}

static void take_reset(void *of, const struct line_reset *reset)
{
	struct log_lines *batch = &logs.batch;

	if (batch->n == LOG_RECORDS)
		logs_send(of, NULL, 0, LOG_PART);
	struct log_record *record = &batch->record[batch->n++];
	memset(record, 0, sizeof *record);
	record->at = reset->has_time ? reset->at.ms : logs.now.ms;
	record->count = 1;
	record->outcome = LOG_RESET;
	text_into(record->service, sizeof record->service, str_of(reset->kind));
	text_into(record->user, sizeof record->user, reset->person);
	text_into(record->address, sizeof record->address, reset->by);
}

static struct lines *lines_of(struct log_state *state)
{
	struct lines_options options = { .now = logs.now, .each = take_event, .reset = take_reset, .of = state, .format = state->source->format[0] ? state->source->format : NULL };

	if (!state->lines)
		state->lines = lines_new(&options);
	return state->lines;
}

void logs_take(struct log_state *state, struct str text, bool is_message)
{
	struct lines *lines = lines_of(state);

	if (!lines)
		abort();                         /* no memory: keeper starts the reader anew */
	int64_t before = lines_unreadable(lines);
	lines_live(lines, text, is_message, logs.now);
	logs.batch.unreadable += (uint64_t)(lines_unreadable(lines) - before);
	for (const char *at = text.at, *end = text.at + text.len; !is_message && at && at < end; at++)
		logs.batch.lines += *at == '\n';
	logs.batch.lines += is_message;
}

void logs_send(struct log_state *state, const struct log_position *position, int64_t from, uint32_t flags)
{
	struct log_lines *batch = &logs.batch;

	batch->flags = flags;
	batch->from = from;
	batch->position = position ? *position : (struct log_position){ 0 };
	batch->position.source = (uint32_t)(state - logs.state);
	if (channel_send(logs.channel, (struct message){ .kind = MESSAGE_LOG_LINES }, &batch->n,
	                 offsetof(struct log_lines, record) - sizeof batch->head + batch->n * sizeof batch->record[0], NULL, 0) != OK)
		logs.is_over = true;             /* core is gone, and with it all */
	logs.credit++;
	batch->n = 0;
	batch->lines = batch->unreadable = batch->dropped = 0;
}

/* --- the loop --- */

static void hear_core(void)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;
	enum err err = channel_receive(logs.channel, room, &parcel);

	logs.is_over |= err == ERR_NONE || err == ERR_IO;
	if (err != OK)
		return;
	for (int i = 0; i < parcel.n_files; i++)
		close(parcel.files[i]);
	if (message_check(&parcel, MESSAGE_LOG_TAKEN) && logs.credit > 0) {
		logs.credit--;
	} else if (!logs.is_told && message_check(&parcel, MESSAGE_LOG_FROM)) {
		const struct log_from *from = parcel.at;
		logs.from.n = from->n;
		logs.from.is_cold = from->is_cold;
		memcpy(logs.from.at, from->at, from->n * sizeof from->at[0]);
		logs.is_told = true;
	}
}

/* Files come only once core has said where to go on: keeper's wait on its channel until then. */
static void hear_keeper(void)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;
	enum err err = channel_receive(logs.keeper, room, &parcel);

	logs.is_over |= err == ERR_NONE || err == ERR_IO;
	if (err != OK)
		return;
	const struct log_open *opened = parcel.at;
	bool is_right = message_check(&parcel, MESSAGE_LOG_OPEN) && parcel.n_files == 1 && opened->source < logs.boot->n;
	if (is_right && logs.boot->source[opened->source].kind == LOG_JOURNAL)
		logs_journal_open(&logs.state[opened->source], opened, parcel.files[0]);
	else if (is_right && logs.boot->source[opened->source].kind == LOG_PLACES)
		logs_places_open(&logs.state[opened->source], parcel.files[0]);
	else if (is_right)
		logs_file_open(&logs.state[opened->source], opened, parcel.files[0]);
	for (int i = is_right; i < parcel.n_files; i++)
		close(parcel.files[i]);
}

static bool read_files(void)
{
	bool is_more = false;

	for (uint32_t i = 0; i < logs.boot->n; i++)
		is_more |= logs.boot->source[i].kind == LOG_JOURNAL ? logs_journal_turn(&logs.state[i]) : logs.state[i].n_files && logs_file_turn(&logs.state[i]);
	return is_more;
}

int logs_run(const struct log_boot *boot, int ask, int channel, int keeper, const int *doors, int n_doors)
{
	static struct pollfd wait[WAITING];
	bool is_more = false;

	logs.boot = boot;
	logs.channel = channel;
	logs.keeper = keeper;
	for (uint32_t i = 0; i < boot->n; i++)
		logs.state[i] = (struct log_state){ .source = &boot->source[i], .older = -1 };
	logs_net_start(doors, n_doors);
	while (!logs.is_over) {
		bool has_logs = boot->n > 0;
		wait[0] = (struct pollfd){ .fd = ask, .events = POLLIN };
		wait[1] = (struct pollfd){ .fd = channel, .events = POLLIN };
		wait[2] = (struct pollfd){ .fd = logs.is_told ? keeper : -1, .events = POLLIN };
		int n = 3 + (logs_may_send() ? logs_net_wait(wait + 3) : 0);
		if (poll(wait, (nfds_t)n, is_more && logs_may_send() ? 0 : has_logs ? WAIT_MS : -1) < 0)
			continue;
		logs.now = world.now();
		logs.ticks = world.ticks();
		if (wait[0].revents && !reader_turn(ask))
			return 0;
		if (wait[1].revents)
			hear_core();
		if (wait[2].revents)
			hear_keeper();
		logs_net_turn(wait + 3, n - 3);
		is_more = read_files();
	}
	return 0;
}
