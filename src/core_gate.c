/* The gate's thread: takes batches of asks from the gateway process, judges each on the standing, answers refusals at
 * once and accepts after their commit. Accounting goes the same way: stored first, acknowledged after.
 *
 * All accepts of a batch are one job: each its own leaf and session row, one commit with whatever else waits. The place of an accept is
 * taken together with the verdict (places.h), and given back when the accept cannot be stored. What accounting brings changes the
 * count after its commit.
 *
 * SECURITY: the gateway process is believed in what a packet said, never in what it means: core finds the person, judges, and
 * makes the leaf. An accept that could not be committed is not answered at all; the gateway then stays silent. */
#define LONG_LIVED
#include "core.h"
#include "floor/gateway.sql.h"
#include "floor/people.h"
#include "floor/refusal.h"
#include "floor/session.sql.h"
#include "floor/setting.h"
#include "base/world.h"
#include <pthread.h>
#include <unistd.h>

enum { LONGEST_SECONDS = 12 * 3600 };

struct accepts {
	struct job           job;
	struct link         *link;
	struct gate_answers  answers;        /* answers.n of them, beside accept[] */
	struct core_accept   accept[GATE_BATCH];
};

/* What a record has changed, for the count; and the sessions that have ended. */
struct changed { struct place_told told[GATE_BATCH]; uint32_t n; int64_t *over; size_t n_over, room_over; };
struct accounts { struct job job; struct link *link; struct changed changed; struct account_records records; };

/* The channel to one gateway process; lives until the last job of it has been answered. */
struct link { int fd; _Atomic int users; };

/* The one that there is now: it is told which sessions are to end. */
static struct { pthread_mutex_t lock; struct link *link; } current = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void link_leave(struct link *link)
{
	if (--link->users == 0) {
		close(link->fd);
		free(link);
	}
}

void core_gate_end(struct gate_ends *ends)
{
	pthread_mutex_lock(&current.lock);
	if (current.link && ends->n)
		(void)channel_send(current.link->fd, (struct message){ .kind = MESSAGE_GATE_END }, &ends->n,
		                   offsetof(struct gate_ends, end) - sizeof ends->head + ends->n * sizeof ends->end[0], NULL, 0);
	pthread_mutex_unlock(&current.lock);
	ends->n = 0;
}

/* Gateways' numbers in the store's table, by their number among the radius.client lines. */
static int16_t gateway_of(uint16_t client)
{
	if (client >= core.boot.n_gateways)
		return -1;
	return gate_gateway(core.standing, str_of(core.boot.gateway[client].name));
}

int64_t core_find_person(struct str user)
{
	char room[512];
	struct str canonical;

	if (!people_canonical(user, room, sizeof room, &canonical))
		return -1;
	return standing_find(core.standing, canonical);
}

static void send_answers(struct link *link, const struct gate_answers *answers)
{
	if (answers->n == 0)
		return;
	size_t length = offsetof(struct gate_answers, answer) + answers->n * sizeof answers->answer[0];
	(void)channel_send(link->fd, (struct message){ .kind = MESSAGE_GATE_ANSWER }, &answers->n,
	                   length - sizeof answers->head, NULL, 0);
}

/* --- accepts: a job --- */

/* A stranger gets in only where a gateway watches; the name is somebody's, so the leaf does not say it. */
enum err core_store_accept(struct rq *rq, struct core_accept *accept)
{
	struct session_person_row person = { STR("unknown") };
	struct change *change;

	if (accept->person >= 0)
		TRY(session_person(rq, accept->person, &person));
	TRY(audit_begin(rq, "gate.accept", person.code, &change));
	accept->leaf = change_leaf(change);
	/* Asked once more for the same log-in: one session, one place. */
	int64_t before = places_id(core.places, accept->place);
	if (before != PLACE_UNNAMED)
		TRY(session_close(change, accept->at, 0, before));
	return session_offer(change, &(struct session_offer_args){
		.id = accept->leaf, .person = { accept->person >= 0, accept->person }, .gateway = accept->gateway, .offered_at = accept->at,
		.until = accept->until, .nas_session = str_of(accept->session), .calling = str_of(accept->calling),
		.against = accept->against ? str_of(accept->against->code) : STR_NONE });
}

static enum err store_accepts(struct rq *rq, void *of)
{
	struct accepts *accepts = of;

	for (uint32_t i = 0; i < accepts->answers.n; i++)
		TRY(core_store_accept(rq, &accepts->accept[i]));
	return OK;
}

void core_accept_over(const struct core_accept *accept, enum err err)
{
	if (err == OK)
		places_name(core.places, accept->place, accept->leaf);
	else
		places_give_back(core.places, accept->place);
}

static void accepts_done(struct job *job, enum err err, const struct trouble *trouble)
{
	struct accepts *accepts = (struct accepts *)job;

	for (uint32_t i = 0; i < accepts->answers.n; i++)
		core_accept_over(&accepts->accept[i], err);
	if (err == OK) {
		for (uint32_t i = 0; i < accepts->answers.n; i++)
			accepts->answers.answer[i].leaf = accepts->accept[i].leaf;
		send_answers(accepts->link, &accepts->answers);
	} else {
		world_log("gate: %u accepts could not be stored and stay unanswered: %s", accepts->answers.n, trouble->text);
	}
	link_leave(accepts->link);
	free(accepts);
}

/* --- asks --- */

struct asking {
	struct worker      *worker;
	struct link        *link;
	struct gate_answers refusals;
	struct accepts     *accepts;
	struct instant      now;
};

/* How long the accept lasts: the right's end, the upstream's time, our longest; whichever is first. */
static int64_t lease(const struct gate_verdict *verdict, struct instant now, int32_t timeout)
{
	int64_t seconds = verdict->verdict == VERDICT_PASS ? (verdict->until.ms - now.ms) / 1000 : LONGEST_SECONDS;

	seconds = MAX(MIN(seconds, (int64_t)LONGEST_SECONDS), 1);
	return timeout > 0 ? MIN(seconds, (int64_t)timeout) : seconds;
}

static void put_text(char *room, size_t size, struct str s)
{
	s = str_utf8_first(s, size - 1);
	memcpy(room, s.len ? s.at : "", s.len);
	room[s.len] = '\0';
}

static const struct reason no_memory = { "gate.no_memory", false, N_("Your log-in could not be tried. Call the support.") };

/* The verdict and its place in one: nobody else is judged in between. */
static int32_t judge_and_take(const struct core_login *login, struct ask *ask, struct gate_verdict *verdict, struct instant *ret_until)
{
	uint64_t key = place_key(login->gateway, ask->person, login->session);
	int32_t place = PLACE_NONE;

	places_hold(core.places, ask->at);
	int32_t old = places_find(core.places, key);
	places_leave_out(core.places, old);
	ask->taken = places_taken(core.places);
	gate_judge(core.standing, ask, verdict);
	places_strain(core.places, login->gateway, verdict->is_strained);
	if (verdict->verdict == VERDICT_PASS || verdict->is_watched) {
		*ret_until = instant_plus(ask->at, SECONDS(lease(verdict, ask->at, login->timeout)));
		place = places_take(core.places, &(struct place_wish){ .person = ask->person, .gateway = login->gateway,
			.class = (uint8_t)verdict->class, .is_of_reserve = verdict->is_of_reserve, .slot = verdict->slot, .key = key, .now = ask->at,
			.until = *ret_until }, old);
	} else {
		places_put_back(core.places, old);
	}
	places_let_go(core.places);
	return place;
}

bool core_judge(const struct core_login *login, struct instant now, struct gate_verdict *verdict, struct core_accept *ret)
{
	struct ask ask = { .person = core_find_person(login->user), .at = now, .gateway = login->gateway, .factor = login->factor };
	struct instant until = now;
	int32_t place = judge_and_take(login, &ask, verdict, &until);
	const struct reason *against = gate_because(verdict);
	/* A gateway that watches passes what the credentials' own checker passed. */
	bool is_in = !against || verdict->is_watched;

	if (is_in && place == PLACE_NONE && login->gateway >= 0) {
		against = &no_memory;
		is_in = verdict->is_watched = false;
		verdict->verdict = VERDICT_DENY;
		verdict->reason[verdict->n_reasons - 1] = (struct gate_reason){ NULL,
			{ .verdict = VERDICT_DENY, .until = INSTANT_NEVER, .reason = against }, -1 };
	}
	if (against)
		refusal_note(&(struct refusal){ .at = now, .until = verdict->until, .person = ask.person, .gateway = ask.gateway,
			.class = (int16_t)verdict->class, .is_watched = verdict->is_watched, .code = against->code, .why = against->text });
	if (!is_in)
		return false;
	*ret = (struct core_accept){ .person = ask.person, .gateway = ask.gateway, .against = against, .at = now, .until = until, .place = place,
		.seconds = (uint32_t)(instant_since(until, now).ms / 1000) };
	put_text(ret->session, sizeof ret->session, login->session);
	put_text(ret->calling, sizeof ret->calling, login->calling);
	return true;
}

void core_explain(const struct ask *asked, struct gate_verdict *ret)
{
	struct ask ask = *asked;

	places_hold(core.places, ask.at);
	ask.taken = ask.is_then ? NULL : places_taken(core.places);
	gate_judge(core.standing, &ask, ret);
	places_let_go(core.places);
}

static void fill_refusal(struct asking *asking, const struct gate_ask *wire, int16_t gateway, const struct gate_verdict *verdict)
{
	struct gate_answer *answer = &asking->refusals.answer[asking->refusals.n++];
	struct out text = out_new(asking->worker->arena);

	*answer = (struct gate_answer){ .serial = wire->serial };
	gate_sentence(&text, gate_language(core.standing, gateway), verdict);
	put_text(answer->text, sizeof answer->text, out_str(&text));
	put_text(answer->code, sizeof answer->code, str_of(gate_because(verdict)->code));
}

static void judge(struct asking *asking, const struct gate_ask *wire)
{
	struct core_login login = { .user = str_of(wire->user), .session = str_of(wire->session), .calling = str_of(wire->calling),
		.gateway = gateway_of(wire->client), .factor = wire->factor, .timeout = wire->timeout };
	struct accepts *accepts = asking->accepts;
	struct core_accept *accept = &accepts->accept[accepts->answers.n];
	struct gate_verdict verdict;

	if (core_judge(&login, asking->now, &verdict, accept))
		accepts->answers.answer[accepts->answers.n++] = (struct gate_answer){ .serial = wire->serial, .is_permit = 1,
			.timeout = accept->seconds, .interim = CORE_INTERIM_SECONDS };
	else
		fill_refusal(asking, wire, login.gateway, &verdict);
}

static void answer_asks(struct worker *worker, struct link *link, const struct gate_asks *asks)
{
	static _Thread_local struct asking asking;

	asking.worker = worker;
	asking.link = link;
	asking.now = world.now();
	asking.refusals.n = 0;
	asking.accepts = calloc(1, sizeof *asking.accepts);
	if (!asking.accepts)
		return;
	standing_enter(core.standing, worker->reader);
	for (uint32_t i = 0; i < asks->n; i++)
		judge(&asking, &asks->ask[i]);
	standing_leave(core.standing, worker->reader);
	send_answers(link, &asking.refusals);
	if (asking.accepts->answers.n == 0) {
		free(asking.accepts);
		return;
	}
	link->users++;
	asking.accepts->link = link;
	asking.accepts->job = (struct job){ .run = store_accepts, .done = accepts_done, .of = asking.accepts,
		.actor = { .person = -1, .name = STR("gateway"), .body = -1 } };
	writer_put(core.writer, &asking.accepts->job);
}

/* --- accounting --- */

enum { CAUSE_GATEWAY_RESTART = 11 /* RFC 2866: NAS Reboot */, CAUSE_NOT_LISTED = 1001 /* ours: it stood no longer in the gateway's own list */ };

static void is_over(struct changed *changed, int64_t session)
{
	if (changed->n_over == changed->room_over) {
		size_t room = changed->room_over * 2 + 64;
		int64_t *more = realloc(changed->over, room * sizeof more[0]);
		if (!more)
			return;        /* the place then lasts until its end: too many counted, never too few */
		changed->over = more;
		changed->room_over = room;
	}
	changed->over[changed->n_over++] = session;
}

static enum err close_all(struct rq *rq, struct change *change, int64_t gateway, uint32_t delay, struct changed *changed)
{
	struct session_still_open_row *open;
	size_t n;

	TRY(session_still_open(rq, gateway, instant_plus(rq->now, SECONDS(-(int64_t)MIN(delay, 86400u))), &open, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(session_close(change, rq->now, CAUSE_GATEWAY_RESTART, open[i].id));
		is_over(changed, open[i].id);
	}
	return OK;
}

struct known { int64_t id, person; struct instant until; bool is_there, is_open, is_closed, is_from_restart; struct instant closed_at; };

/* A session that nobody offered, or whose offer was lost: adopted, so that the count is never below the truth. */
static enum err adopt(struct rq *rq, struct change *change, const struct account_record *record, int16_t gateway, struct known *ret)
{
	struct session_lowest_row lowest;
	int64_t person = core_find_person(str_of(record->user));

	TRY(session_lowest(rq, &lowest));
	struct instant began = instant_plus(rq->now, SECONDS(-(int64_t)MIN(record->seconds, 86400u)));
	*ret = (struct known){ .id = MIN(lowest.id, (int64_t)0) - 1, .person = person, .until = instant_plus(rq->now, SECONDS(LONGEST_SECONDS)) };
	return session_adopt(change, &(struct session_adopt_args){
		.id = ret->id, .person = { person >= 0, person }, .gateway = gateway, .offered_at = began,
		.until = ret->until, .opened_at = began,
		.nas_session = str_of(record->session), .calling = str_of(record->calling) });
}

#define KNOWN(row) (struct known){ (row).id, (row).person.is ? (row).person.i : -1, (row).until, true, (row).opened_at.is, (row).closed_at.is, \
	(row).cause.is && ((row).cause.i == CAUSE_GATEWAY_RESTART || (row).cause.i == CAUSE_NOT_LISTED), { (row).closed_at.is ? (row).closed_at.i : 0 } }

/* Which session the record speaks of: by Class, else by the gateway's own number. */
static enum err find_session(struct rq *rq, const struct account_record *record, int16_t gateway, struct known *ret)
{
	struct session_named_row named;
	struct session_get_row got;

	*ret = (struct known){ 0 };
	if (record->class_leaf >= 0 && session_get(rq, record->class_leaf, &got) == OK && got.gateway == gateway) {
		*ret = KNOWN(got);
		return OK;
	}
	struct session_unnamed_row unnamed;
	int64_t person = core_find_person(str_of(record->user));
	enum err err = session_named(rq, gateway, str_of(record->session), &named);
	if (err == OK)
		*ret = KNOWN(named);
	if (err != ERR_NONE || person < 0)
		return err == ERR_NONE ? OK : err;
	err = session_unnamed(rq, gateway, (struct maybe_int){ true, person }, instant_plus(rq->now, HOURS(-1)), str_of(record->calling), &unnamed);
	if (err == OK)
		*ret = KNOWN(unnamed);
	return err == ERR_NONE ? OK : err;
}

/* What has ended and is told of all the same. After a Stop only a new beginning counts, and not at once: packets come late and twice. What was
 * closed because the gateway seemed to have restarted lives when it is told of. When in doubt it counts: silence ends it again. */
static bool is_back(const struct known *known, const struct account_record *record, struct instant now)
{
	if (!known->is_there || !known->is_closed || record->kind == ACCOUNT_STOP)
		return false;
	bool is_old = now.ms - known->closed_at.ms > MINUTES(1).ms;
	return known->is_from_restart ? record->kind == ACCOUNT_INTERIM || is_old : record->kind == ACCOUNT_START && is_old;
}

/* When the list that is now being read began, by gateway; on the writer alone. */
static struct instant list_began[PLACES_GATEWAYS];

/* A gateway's own list wins over what it told before: who has not been heard of since it began is no longer in. A record of the list that could not
 * be stored closes one too many here, and the next list brings it back. */
static enum err end_list(struct rq *rq, struct str gateway_name, int16_t gateway, uint32_t n, struct changed *changed)
{
	struct session_unlisted_row *rows;
	struct change *change;
	size_t n_rows;

	if (!list_began[gateway].ms)
		return OK;
	TRY(session_unlisted(rq, gateway, list_began[gateway], instant_plus(list_began[gateway], SECONDS(-setting_number(rq, "gate.lease_seconds"))), &rows,
		&n_rows));
	if (n_rows)
		TRY(audit_begin(rq, "session.not_listed", gateway_name, &change));
	for (size_t i = 0; i < n_rows; i++) {
		TRY(session_close(change, rq->now, CAUSE_NOT_LISTED, rows[i].id));
		is_over(changed, rows[i].id);
	}
	return gateway_contact_listed(rq, gateway, rq->now, n);
}

static enum err store_list(struct rq *rq, const struct account_record *record, struct str gateway_name, int16_t gateway, struct changed *changed)
{
	switch (record->kind) {
	case ACCOUNT_LIST:
		list_began[gateway] = rq->now;
		return OK;
	case ACCOUNT_LISTED:
		return end_list(rq, gateway_name, gateway, record->seconds, changed);
	default:
		list_began[gateway] = (struct instant){ 0 };
		return gateway_contact_lost(rq, gateway, rq->now);
	}
}

static enum err store_record(struct rq *rq, const struct account_record *record, struct changed *changed)
{
	static const char *const action[] = { [ACCOUNT_START] = "session.start", [ACCOUNT_STOP] = "session.stop",
		[ACCOUNT_INTERIM] = "session.adopt", [ACCOUNT_ON] = "session.gateway_on", [ACCOUNT_OFF] = "session.gateway_off" };
	int16_t gateway = gateway_of(record->client);
	struct change *change;
	struct known known;
	struct str subject = str_of(core.boot.gateway[record->client].name);

	if (record->kind >= ACCOUNT_LIST)
		return store_list(rq, record, subject, gateway, changed);
	if (record->kind == ACCOUNT_ON || record->kind == ACCOUNT_OFF) {
		TRY(audit_begin(rq, action[record->kind], subject, &change));
		return close_all(rq, change, gateway, record->delay, changed);
	}
	TRY(find_session(rq, record, gateway, &known));
	if (is_back(&known, record, rq->now))
		known.is_there = false;
	/* An interim of one that has only been offered: its Start was lost. */
	bool begins = record->kind != ACCOUNT_STOP && known.is_there && !known.is_open && !known.is_closed;
	bool has_news = !known.is_there || begins || (record->kind == ACCOUNT_STOP && !known.is_closed);
	if (has_news) {
		TRY(audit_begin(rq, begins ? "session.start" : action[record->kind], subject, &change));
		if (!known.is_there)
			TRY(adopt(rq, change, record, gateway, &known));
		else if (begins)
			TRY(session_open(change, rq->now, str_of(record->session), known.id));
		if (record->kind == ACCOUNT_STOP)
			TRY(session_close(change, rq->now, record->cause, known.id));
	}
	if (record->kind == ACCOUNT_STOP)
		is_over(changed, known.id);
	else if (!known.is_closed)
		changed->told[changed->n++] = (struct place_told){ .id = known.id, .person = known.person, .gateway = gateway, .is_open = true,
			.key = place_key(gateway, known.person, str_of(record->session)), .offered_at = rq->now, .until = known.until,
			.heard_at = rq->now };
	return session_count_up(rq, known.id, rq->now, (int64_t)record->in_octets, (int64_t)record->out_octets);
}

static enum err store_accounts(struct rq *rq, void *of)
{
	struct accounts *accounts = of;

	accounts->changed.n = 0;
	accounts->changed.n_over = 0;
	for (uint32_t i = 0; i < accounts->records.n; i++)
		TRY(store_record(rq, &accounts->records.record[i], &accounts->changed));
	return OK;
}

/* --- the count --- */

/* Whose place it is: the class and whether it is of the reserve are the points' to say. On the writer, or before there are threads. */
static void told(struct place_told told)
{
	struct gate_verdict verdict;

	gate_judge(core.standing, &(struct ask){ .person = told.person, .at = told.heard_at, .gateway = told.gateway }, &verdict);
	told.class = (uint8_t)verdict.class;
	told.is_of_reserve = verdict.is_of_reserve;
	told.slot = verdict.slot;
	places_told(core.places, &told);
}

static void tell_count(const struct accounts *accounts)
{
	for (uint32_t i = 0; i < accounts->records.n; i++) {
		int16_t gateway = gateway_of(accounts->records.record[i].client);
		uint8_t kind = accounts->records.record[i].kind;
		if (kind == ACCOUNT_START || kind == ACCOUNT_INTERIM || kind == ACCOUNT_LISTED)
			places_tells(core.places, gateway);
		if (kind == ACCOUNT_INTERIM)
			places_reports(core.places, gateway);
	}
	for (uint32_t i = 0; i < accounts->changed.n; i++)
		told(accounts->changed.told[i]);
	for (size_t i = 0; i < accounts->changed.n_over; i++)
		places_over(core.places, accounts->changed.over[i]);
}

void core_places_rule(struct rq *rq)
{
	places_rule(core.places, (struct places_rules){ .lease = SECONDS(setting_number(rq, "gate.lease_seconds")), .grace = MINUTES(1),
		.silence = SECONDS(3 * CORE_INTERIM_SECONDS) });
}

static enum err one_live(void *of, const struct session_live_row *row)
{
	struct instant heard = { row->heard_at.is ? row->heard_at.i : row->opened_at.is ? row->opened_at.i : row->offered_at.ms };
	int64_t person = row->person.is ? row->person.i : -1;
	(void)of;

	if (row->heard_at.is && row->opened_at.is && row->heard_at.i - row->opened_at.i > SECONDS(30).ms)
		places_reports(core.places, (int16_t)row->gateway);
	told((struct place_told){ .id = row->id, .person = person, .gateway = (int16_t)row->gateway, .is_open = row->opened_at.is,
		.key = place_key((int16_t)row->gateway, person, row->nas_session), .offered_at = row->offered_at, .until = row->until, .heard_at = heard });
	return OK;
}

enum err core_places_load(struct rq *rq)
{
	struct session_telling_row *telling;
	size_t n;

	core.places = places_new();
	core_places_rule(rq);
	TRY(session_telling(rq, instant_plus(rq->now, DAYS(-30)), &telling, &n));
	for (size_t i = 0; i < n; i++)
		places_tells(core.places, (int16_t)telling[i].gateway);
	return session_live(rq, rq->now, instant_plus(rq->now, SECONDS(-3 * CORE_INTERIM_SECONDS)), one_live, NULL);
}

static void accounts_done(struct job *job, enum err err, const struct trouble *trouble)
{
	struct accounts *accounts = (struct accounts *)job;
	struct account_done done = { .n = accounts->records.n };

	if (err == OK) {
		tell_count(accounts);
		for (uint32_t i = 0; i < done.n; i++)
			done.serial[i] = accounts->records.record[i].serial;
		(void)channel_send(accounts->link->fd, (struct message){ .kind = MESSAGE_ACCOUNT_DONE }, &done.n,
		                   offsetof(struct account_done, serial) + done.n * sizeof done.serial[0] - sizeof done.head, NULL, 0);
	} else {
		world_log("gate: accounting could not be stored and stays unacknowledged: %s", trouble->text);
	}
	link_leave(accounts->link);
	free(accounts->changed.over);
	free(accounts);
}

static void take_accounts(struct link *link, const struct account_records *records)
{
	struct accounts *accounts = calloc(1, sizeof *accounts);

	if (!accounts)
		return;
	memcpy(&accounts->records, records, offsetof(struct account_records, record) + records->n * sizeof records->record[0]);
	for (uint32_t i = 0; i < records->n; i++)
		if (records->record[i].client >= core.boot.n_gateways || gateway_of(records->record[i].client) < 0) {
			free(accounts);
			return;
		}
	link->users++;
	accounts->link = link;
	accounts->job = (struct job){ .run = store_accounts, .done = accounts_done, .of = accounts,
		.actor = { .person = -1, .name = STR("gateway"), .body = -1 } };
	writer_put(core.writer, &accounts->job);
}

/* --- the thread --- */

static void *live(void *of)
{
	struct link *link = of;
	struct worker *worker = core_worker();
	char *room = malloc(CHANNEL_MOST);
	struct parcel parcel;

	if (!room)
		abort();
	for (;;) {
		enum err err = channel_receive(link->fd, room, &parcel);
		if (err == ERR_NONE || err == ERR_IO)
			break;
		if (err != OK)
			continue;
		for (int i = 0; i < parcel.n_files; i++)
			close(parcel.files[i]);
		if (message_check(&parcel, MESSAGE_GATE_ASK))
			answer_asks(worker, link, parcel.at);
		else if (message_check(&parcel, MESSAGE_ACCOUNT))
			take_accounts(link, parcel.at);
		else if (message_check(&parcel, MESSAGE_COUNTERS))
			core_counters = *(const struct gateway_counters *)parcel.at;
		else if (message_check(&parcel, MESSAGE_GATE_ENDED) && ((const struct gate_ended *)parcel.at)->outcome == END_UNKNOWN_THERE)
			core_session_unknown(worker, ((const struct gate_ended *)parcel.at)->session);
		arena_empty(worker->arena);
	}
	free(room);
	core_worker_back(worker);
	pthread_mutex_lock(&current.lock);
	if (current.link == link)
		current.link = NULL;
	pthread_mutex_unlock(&current.lock);
	link_leave(link);
	return NULL;
}

void core_gate_serve(int fd)
{
	struct link *link = malloc(sizeof *link);

	if (!link)
		abort();
	*link = (struct link){ fd, 1 };
	pthread_mutex_lock(&current.lock);
	current.link = link;
	pthread_mutex_unlock(&current.lock);
	if (core_thread(live, link) != OK)
		abort();
}
