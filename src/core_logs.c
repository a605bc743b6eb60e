/* core's side of watched logs: what the reader tells of logins goes through the rules; what they find becomes incidents.
 *
 * One thread. How far each file is read stands in the store, written in the same commit as the incidents that its lines caused; while
 * they cause none, every two seconds. So a line counts once, whoever is killed: what was not committed is read again. The rules' own
 * memory is not in the store: after a start the reader tells again the last lines before the kept place (warm), which remake it and cause nothing.
 *
 * The rules keep all incidents that they open; past MOST_OPEN of them the memory is made anew, and what goes on is found again: it joins the
 * incident that is there.
 *
 * SECURITY: of the reader nothing is believed but that there were such lines: sources, counts and texts are checked, and a place that does
 * not follow on the last one is not taken. A sender of syslog can claim any address and name; it can cause alarms, and no right. */
#define LONG_LIVED
#include "core_logs.h"
#include "doors/files_resets.h"
#include "points/access/reset.h"
#include "points/incidents/log.sql.h"
#include "points/incidents/watch_page.h"
#include "points/incidents/watch_tell.h"
#include "floor/setting.h"
#include "base/sandbox.h"
#include "base/world.h"
#include <poll.h>
#include <pthread.h>

enum { MOST_RESETS = 1024, KEEP_MS = 2000, REST_MS = 300, MOST_OPEN = 20000, MOST_TOLD = 64, PENDING = 64, LINE_SUCCESS_WIRE = 3 };
#define OLD DAYS(1).ms

struct source { int64_t lines, logins, unreadable, dropped; struct instant last_at, since; bool is_dirty; };
struct read_place { struct log_position at; bool is_known, is_dirty, is_over; };
struct pending { uint32_t n; struct log_record record[LOG_RECORDS]; };

static struct {
	struct arena   *arena;
	struct watch   *watch;
	int64_t         line, kept_at;
	struct source   source[LOG_SOURCES];
	struct read_place    place[LOG_POSITIONS];
	struct pending *pending[PENDING];
	uint32_t        n_pending;
	struct watch_incident *tell[MOST_TOLD];
	size_t          n_tell;
	bool            is_loaded;
	struct reset_record resets[MOST_RESETS]; size_t n_resets;    /* told by a directory's log, not kept yet */
	struct watch_rules rules;
	uint64_t        rules_said;              /* what the setting was that made them */
} logs;

static const struct actor watcher = { .person = -1, .name = { "watch", 5 }, .body = -1 };

static void watch_begin(const struct watch_rules *rules)
{
	if (logs.watch)
		watch_end(logs.watch);
	if (logs.arena)
		arena_end(logs.arena);
	logs.arena = arena_new((size_t)1 << 30);
	logs.watch = watch_new(logs.arena, rules, NULL);
	if (!logs.watch)
		abort();
}

/* As the setting says now. Other rules begin with an empty memory. */
static void take_rules(struct rq *rq)
{
	uint64_t said = str_hash(setting_text(rq, "incidents.rules"));

	if (logs.watch && said == logs.rules_said)
		return;
	logs.rules_said = said;
	if (watch_rules_now(rq, &logs.rules) != OK) {
		world_log("core: the setting incidents.rules cannot be read, the standard counts: %s", rq->trouble->text);
		trouble_clear(rq->trouble);
	}
	watch_begin(&logs.rules);
}

/* --- places --- */

static struct read_place *place_of(const struct log_position *at, bool is_made)
{
	struct read_place *free_place = NULL;

	for (size_t i = 0; i < LOG_POSITIONS; i++) {
		struct read_place *place = &logs.place[i];
		if (place->is_known && place->at.source == at->source && place->at.device == at->device && place->at.inode == at->inode)
			return place;
		if (!place->is_known && !free_place)
			free_place = place;
	}
	if (!is_made || !free_place)
		return NULL;
	*free_place = (struct read_place){ .at = *at, .is_known = true };
	free_place->at.offset = -1;
	return free_place;
}

/* False: these lines have been taken already, or do not follow. */
static bool take_place(const struct log_lines *lines)
{
	struct read_place *place = place_of(&lines->position, true);

	if (!place)
		return true;                     /* more files than there is room for: read, but not remembered */
	if (lines->flags & LOG_FORGET) {
		place->is_over = place->is_dirty = true;
		return true;
	}
	if (place->at.offset >= 0 && lines->from != place->at.offset && !(lines->flags & LOG_AGAIN))
		return false;
	place->at = lines->position;
	place->is_dirty = true;
	return true;
}

/* --- the store --- */

static int source_number(struct str name)
{
	for (uint32_t i = 0; i < core.boot.logs.n; i++)
		if (str_equal(str_of(core.boot.logs.source[i].name), name))
			return (int)i;
	return -1;
}

static enum err load(struct rq *rq)
{
	struct log_source_all_row *sources;
	struct log_place_all_row *places;
	size_t n_sources, n_places, k = 0;

	for (uint32_t i = 0; i < core.boot.logs.n; i++)
		logs.source[i] = (struct source){ .since = rq->now, .is_dirty = true };
	TRY(log_source_all(rq, &sources, &n_sources));
	TRY(log_place_all(rq, &places, &n_places));
	for (size_t i = 0; i < n_sources; i++) {
		int s = source_number(sources[i].name);
		if (s >= 0 && core.boot.logs.source[s].kind != LOG_PLACES)      /* the reader tells anew of that */
			logs.source[s] = (struct source){ sources[i].lines, sources[i].logins, sources[i].unreadable, sources[i].dropped,
				{ sources[i].last_at.is ? sources[i].last_at.i : 0 }, sources[i].since, true };
	}
	for (size_t i = 0; i < n_places && k < LOG_POSITIONS; i++) {
		int s = source_number(places[i].name);
		if (s >= 0)
			logs.place[k++] = (struct read_place){ .is_known = true, .at = { .source = (uint32_t)s, .device = places[i].device, .inode = places[i].inode,
				.offset = places[i].place, .head = (uint64_t)places[i].head, .head_length = (uint32_t)places[i].head_length } };
	}
	return OK;
}

static enum err keep_source(struct rq *rq, uint32_t i)
{
	const struct source *s = &logs.source[i];
	const struct log_source *named = &core.boot.logs.source[i];

	return log_source_put(rq, &(const struct log_source_put_args){ .name = str_of(named->name), .kind = named->kind, .lines = s->lines,
		.logins = s->logins, .unreadable = s->unreadable, .dropped = s->dropped, .last_at = { s->last_at.ms != 0, s->last_at.ms }, .since = s->since });
}

static enum err keep_place(struct rq *rq, const struct read_place *place)
{
	struct str name = str_of(core.boot.logs.source[place->at.source].name);

	if (place->is_over)
		return log_place_end(rq, name, place->at.device, place->at.inode);
	return log_place_put(rq, &(const struct log_place_put_args){ .name = name, .device = place->at.device, .inode = place->at.inode,
		.place = place->at.offset, .head = (int64_t)place->at.head, .head_length = place->at.head_length });
}

/* Who stands among the accounts weighs. */
static struct suspicion *weighed(struct rq *rq, const struct watch_incident *incident)
{
	struct suspicion *what = watch_suspicion(rq, incident);
	struct str why, names[UINT8_MAX];

	for (size_t i = 0; i < incident->users.n; i++)
		names[i] = watch_listed(&incident->users, i);
	what->severity = core_logs_weigh(rq, names, incident->users.n, what->severity, &why);
	if (why.len)
		what->text = str_print(rq->arena, STR_FMT " " STR_FMT, STR_ARG(what->text), STR_ARG(why));
	return what;
}

/* A job: what samordna.conf names no more is forgotten, else it would be silent for ever. */
static enum err forget_gone(struct rq *rq, void *of)
{
	struct log_source_all_row *sources;
	size_t n;
	(void)of;

	TRY(log_source_all(rq, &sources, &n));
	for (size_t i = 0; i < n; i++)
		if (source_number(sources[i].name) < 0)
			TRY(log_source_end(rq, sources[i].name));
	return OK;
}

/* A job: what was found and how far it was read, in one commit. */
static enum err keep_all(struct rq *rq, void *of)
{
	struct change *change;
	(void)of;

	if (!logs.is_loaded)
		TRY(forget_gone(rq, NULL));
	for (uint32_t i = 0; i < core.boot.logs.n; i++)
		if (logs.source[i].is_dirty)
			TRY(keep_source(rq, i));
	for (size_t i = 0; i < LOG_POSITIONS; i++)
		if (logs.place[i].is_known && logs.place[i].is_dirty && logs.place[i].at.offset >= 0)
			TRY(keep_place(rq, &logs.place[i]));
	if (logs.n_tell) {
		TRY(audit_begin(rq, "incidents.watch", watch_suspicion(rq, logs.tell[0])->key, &change));
		for (size_t i = 0; i < logs.n_tell; i++)
			event_say(change, (struct event){ EVENT_suspected, -1, 0, change_leaf(change), weighed(rq, logs.tell[i]) });
	}
	TRY(reset_see(rq, logs.resets, logs.n_resets));
	return core_logs_say(rq);
}

/* What could not be written is tried again with the next lines. */
static void keep(struct rq *rq)
{
	logs.kept_at = world.ticks();
	if (!logs.n_tell)
		take_rules(rq);
	if (writer_do(core.writer, keep_all, NULL, rq) != OK) {
		world_log("core: what the watched logs tell could not be kept: %s", rq->trouble->text);
		trouble_clear(rq->trouble);
		return;
	}
	for (size_t i = 0; i < logs.n_tell; i++) {
		logs.tell[i]->told = logs.tell[i]->events;
		logs.tell[i]->told_severity = logs.tell[i]->severity;
	}
	logs.n_tell = logs.n_resets = 0;
	core_logs_said();
	for (uint32_t i = 0; i < core.boot.logs.n; i++)
		logs.source[i].is_dirty = false;
	for (size_t i = 0; i < LOG_POSITIONS; i++) {
		logs.place[i].is_known &= !logs.place[i].is_over;
		logs.place[i].is_dirty = logs.place[i].is_over = false;
	}
}

/* --- lines --- */

static struct str told(const char *text)
{
	return text[0] ? str_of(text) : STR_NONE;
}

static bool is_place(const struct log_record *r)
{
	return r->latitude >= -90 && r->latitude <= 90 && r->longitude >= -180 && r->longitude <= 180;
}

/* Somebody's log-in was reset: compared with the verifications in the job that keeps how far was read. An old log that is watched anew tells no news. */
static void take_reset(struct rq *rq, const struct log_record *r)
{
	if (!r->user[0] || rq->now.ms - r->at > OLD || r->at - rq->now.ms > OLD)
		return;
	if (logs.n_resets == MOST_RESETS) {      /* more than one message's: the store takes nothing now, and has said so */
		world_log("core: a reset that a watched log tells of is lost: there is no room for more");
		return;
	}
	struct reset_record *reset = &logs.resets[logs.n_resets++];
	*reset = (struct reset_record){ .at = MIN(r->at, rq->now.ms) };
	snprintf(reset->person, sizeof reset->person, "%s", r->user);
	snprintf(reset->by, sizeof reset->by, "%s", r->address);
	snprintf(reset->kind, sizeof reset->kind, "%s", r->service);
}

static void take_record(struct worker *worker, struct rq *rq, const struct log_record *r, uint32_t source, bool is_warm)
{
	if (r->outcome == LOG_RESET && !is_warm)
		take_reset(rq, r);
	if (r->outcome < 1 || r->outcome > LINE_SUCCESS_WIRE || !r->count)
		return;
	watch_take(logs.watch, &(struct watch_attempt){ .line = logs.line, .at = { r->at }, .count = r->count,
		.outcome = r->outcome == LINE_SUCCESS_WIRE ? WATCH_SUCCESS : WATCH_FAILED, .user = told(r->user), .address = told(r->address),
		.session = r->session, .form = r->form, .is_denial = r->is_denial != 0, .is_placed = r->is_placed && is_place(r), .latitude = r->latitude,
		.longitude = r->longitude });
	logs.line++;
	if (!is_warm)
		core_logs_judge(worker, rq, r, str_of(core.boot.logs.source[source].name));
}

/* Past the ceiling of one commit the rest is told with the next lines. What ended long ago, or is of warm lines, counts as told. */
static void see_what_is_found(struct instant now, bool is_warm)
{
	size_t n;
	struct watch_incident **touched = watch_touched(logs.watch, &n);

	for (size_t i = 0; i < n; i++) {
		struct watch_incident *incident = touched[i];
		bool is_new = watch_is_worth_telling(incident);
		if (is_new && (is_warm || now.ms - incident->last_at.ms > OLD)) {
			incident->told = incident->events;
			incident->told_severity = incident->severity;
			continue;
		}
		for (size_t k = 0; k < logs.n_tell; k++)
			is_new &= logs.tell[k] != incident;
		if (is_new && logs.n_tell < MOST_TOLD)
			logs.tell[logs.n_tell++] = incident;
	}
}

static void drop_pending(void)
{
	for (uint32_t i = 0; i < logs.n_pending; i++)
		free(logs.pending[i]);
	logs.n_pending = 0;
}

static void put_off(const struct log_lines *lines)
{
	struct pending *pending = logs.n_pending < PENDING ? malloc(sizeof *pending) : NULL;

	if (!pending)
		return;
	pending->n = lines->n;
	memcpy(pending->record, lines->record, lines->n * sizeof lines->record[0]);
	logs.pending[logs.n_pending++] = pending;
}

static void take_lines(struct worker *worker, struct rq *rq, const struct log_lines *lines)
{
	struct source *source = &logs.source[lines->position.source];
	bool is_warm = lines->flags & LOG_WARM, is_file = lines->position.device || lines->position.inode;

	if (lines->flags & LOG_BUILT) {
		source->last_at = (struct instant){ MAX(lines->from, (int64_t)0) };
		source->is_dirty = true;
		return;
	}
	if (lines->flags & LOG_PART) {
		put_off(lines);
		return;
	}
	if (is_file && !is_warm && !take_place(lines)) {
		drop_pending();
		return;
	}
	for (uint32_t i = 0; i < logs.n_pending; i++) {
		for (uint32_t k = 0; k < logs.pending[i]->n; k++)
			take_record(worker, rq, &logs.pending[i]->record[k], lines->position.source, is_warm);
		source->logins += is_warm ? 0 : logs.pending[i]->n;
	}
	drop_pending();
	for (uint32_t i = 0; i < lines->n; i++)
		take_record(worker, rq, &lines->record[i], lines->position.source, is_warm);
	if (!is_warm && (lines->lines || lines->dropped)) {
		source->lines += (int64_t)MIN(lines->lines, (uint64_t)1 << 40);
		source->logins += lines->n;
		source->unreadable += (int64_t)MIN(lines->unreadable, (uint64_t)1 << 40);
		source->dropped += (int64_t)MIN(lines->dropped, (uint64_t)1 << 40);
		source->last_at = rq->now;
		source->is_dirty = true;
	}
	see_what_is_found(rq->now, is_warm);
	size_t n;
	(void)watch_incidents(logs.watch, &n);
	if (n > MOST_OPEN && !logs.n_tell)
		watch_begin(&logs.rules);
}

/* --- the thread --- */

static void say_from(int fd, bool is_cold)
{
	static struct log_from from;

	from.n = 0;
	from.is_cold = is_cold;
	for (size_t i = 0; i < LOG_POSITIONS; i++)
		if (logs.place[i].is_known && logs.place[i].at.offset >= 0 && !logs.place[i].is_over)
			from.at[from.n++] = logs.place[i].at;
	(void)channel_send(fd, (struct message){ .kind = MESSAGE_LOG_FROM }, &from.n,
	                   offsetof(struct log_from, at) - sizeof from.head + from.n * sizeof from.at[0], NULL, 0);
}

static void one_message(struct parcel *parcel, int fd)
{
	const struct log_lines *lines = parcel->at;
	struct log_taken taken = { 0 };

	for (int i = 0; i < parcel->n_files; i++)
		close(parcel->files[i]);
	if (!message_check(parcel, MESSAGE_LOG_LINES) || lines->position.source >= core.boot.logs.n) {
		core_is_stuck(PROCESS_READER);
		return;
	}
	struct worker *worker = core_worker();
	struct rq rq = core_rq(worker, watcher, LANGUAGE_SV);
	taken.source = lines->position.source;
	take_lines(worker, &rq, lines);
	if (logs.n_tell || logs.n_resets || core_logs_has_found() || world.ticks() - logs.kept_at >= KEEP_MS)
		keep(&rq);
	core_worker_back(worker);
	(void)channel_send(fd, (struct message){ .kind = MESSAGE_LOG_TAKEN }, &taken.source, sizeof taken - sizeof taken.head, NULL, 0);
}

static void begin(void)
{
	struct worker *worker = core_worker();
	struct rq rq = core_rq(worker, watcher, LANGUAGE_SV);

	take_rules(&rq);
	if (load(&rq) != OK)
		world_log("core: how far the watched logs were read is not known: %s", worker->trouble.text);
	else
		keep(&rq);
	core_worker_back(worker);
	logs.is_loaded = true;
}

/* When nothing comes for a moment. */
static void keep_the_rest(void)
{
	bool is_dirty = logs.n_tell > 0 || logs.n_resets > 0 || core_logs_has_found();

	for (uint32_t i = 0; i < core.boot.logs.n; i++)
		is_dirty |= logs.source[i].is_dirty;
	for (size_t i = 0; i < LOG_POSITIONS; i++)
		is_dirty |= logs.place[i].is_known && logs.place[i].is_dirty;
	if (!is_dirty || world.ticks() - logs.kept_at < REST_MS)
		return;
	struct worker *worker = core_worker();
	struct rq rq = core_rq(worker, watcher, LANGUAGE_SV);
	keep(&rq);
	core_worker_back(worker);
}

/* One reader at a time: the thread of the one before has ended when its channel did. */
static void *serve(void *of)
{
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	static _Alignas(16) char room[CHANNEL_MOST];
	int fd = (int)(intptr_t)of;
	struct parcel parcel;
	enum err err;

	core_gate_wait();                        /* lines are judged by what the gate knows */
	pthread_mutex_lock(&turn);
	bool is_cold = !logs.is_loaded;
	if (is_cold)
		begin();
	drop_pending();
	say_from(fd, is_cold);
	for (struct pollfd wait = { .fd = fd, .events = POLLIN };;) {
		if (poll(&wait, 1, REST_MS) == 0) {
			keep_the_rest();
			continue;
		}
		err = channel_receive(fd, room, &parcel);
		if (err == ERR_NONE || err == ERR_IO)
			break;
		if (err == OK)
			one_message(&parcel, fd);
	}
	keep_the_rest();
	close(fd);
	pthread_mutex_unlock(&turn);
	return NULL;
}

static void *forget(void *of)
{
	(void)of;
	struct worker *worker = core_worker();
	struct rq rq = core_rq(worker, watcher, LANGUAGE_SV);
	struct log_source_all_row *sources;
	size_t n;

	if (log_source_all(&rq, &sources, &n) == OK && n && writer_do(core.writer, forget_gone, NULL, &rq) != OK)
		world_log("core: the watched logs of before could not be forgotten: %s", rq.trouble->text);
	core_worker_back(worker);
	return NULL;
}

void core_logs_serve(int fd)
{
	static int idle = -1;

	/* Nothing is watched: the channel only stays open, since its end would be core's. */
	if (!core.boot.logs.n) {
		if (idle >= 0)
			close(idle);
		else
			(void)core_thread(forget, NULL);
		idle = fd;
		return;
	}
	if (core_thread(serve, (void *)(intptr_t)fd) != OK)
		close(fd);
}
