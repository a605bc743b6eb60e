/* The gate's thread: takes batches of asks from the gateway process, judges each on the standing, answers refusals at
 * once and accepts after their commit. Accounting goes the same way: stored first, acknowledged after.
 *
 * All accepts of a batch are one job: each its own leaf and session row, one commit with whatever else waits.
 *
 * SECURITY: the gateway process is believed in what a packet said, never in what it means: core finds the person, judges, and
 * makes the leaf. An accept that could not be committed is not answered at all; the gateway then stays silent. */
#define LONG_LIVED
#include "core.h"
#include "floor/people.h"
#include "floor/session.sql.h"
#include "floor/setting.h"
#include "base/world.h"
#include <unistd.h>

enum { LONGEST_SECONDS = 12 * 3600 };

struct accepts {
	struct job           job;
	struct link         *link;
	struct gate_answers  answers;        /* answers.n of them, beside accept[] */
	struct core_accept   accept[GATE_BATCH];
};

struct accounts { struct job job; struct link *link; struct account_records records; };

/* The channel to one gateway process; lives until the last job of it has been answered. */
struct link { int fd; _Atomic int users; };

static void link_leave(struct link *link)
{
	if (--link->users == 0) {
		close(link->fd);
		free(link);
	}
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

static void accepts_done(struct job *job, enum err err, const struct trouble *trouble)
{
	struct accepts *accepts = (struct accepts *)job;

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

bool core_judge(const struct core_login *login, struct instant now, struct gate_verdict *verdict, struct core_accept *ret)
{
	struct ask ask = { .person = core_find_person(login->user), .at = now, .gateway = login->gateway, .factor = login->factor };
	const struct reason *against;

	gate_judge(core.standing, &ask, verdict);
	against = gate_because(verdict);
	if (against)
		core_refused(&(struct refusal){ now, ask.person, ask.gateway, verdict->is_watched, against, verdict->until });
	/* A gateway that watches passes what the credentials' own checker passed. */
	if (against && !verdict->is_watched)
		return false;
	*ret = (struct core_accept){ .person = ask.person, .gateway = ask.gateway, .against = against, .at = now,
		.seconds = (uint32_t)lease(verdict, now, login->timeout) };
	ret->until = instant_plus(now, SECONDS((int64_t)ret->seconds));
	put_text(ret->session, sizeof ret->session, login->session);
	put_text(ret->calling, sizeof ret->calling, login->calling);
	return true;
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

static enum err close_all(struct rq *rq, struct change *change, int64_t gateway)
{
	struct session_still_open_row *open;
	size_t n;

	TRY(session_still_open(rq, gateway, &open, &n));
	for (size_t i = 0; i < n; i++)
		TRY(session_close(change, rq->now, 0, open[i].id));
	return OK;
}

/* A session that nobody offered, or whose offer was lost: adopted, so that the count is never below the truth. */
static enum err adopt(struct rq *rq, struct change *change, const struct account_record *record, int16_t gateway, int64_t *ret)
{
	struct session_lowest_row lowest;
	int64_t person = core_find_person(str_of(record->user));

	TRY(session_lowest(rq, &lowest));
	*ret = MIN(lowest.id, (int64_t)0) - 1;
	struct instant began = instant_plus(rq->now, SECONDS(-(int64_t)MIN(record->seconds, 86400u)));
	return session_adopt(change, &(struct session_adopt_args){
		.id = *ret, .person = { person >= 0, person }, .gateway = gateway, .offered_at = began,
		.until = instant_plus(rq->now, SECONDS(LONGEST_SECONDS)), .opened_at = began,
		.nas_session = str_of(record->session), .calling = str_of(record->calling) });
}

/* Which session the record speaks of: by Class, else by the gateway's own number. ERR_NONE: none that we know. */
static enum err find_session(struct rq *rq, const struct account_record *record, int16_t gateway, int64_t *ret, bool *ret_is_open,
                             bool *ret_is_closed)
{
	struct session_named_row named;
	struct session_get_row got;

	if (record->class_leaf >= 0 && session_get(rq, record->class_leaf, &got) == OK && got.gateway == gateway) {
		*ret = got.id;
		*ret_is_open = got.opened_at.is;
		*ret_is_closed = got.closed_at.is;
		return OK;
	}
	TRY(session_named(rq, gateway, str_of(record->session), &named));
	*ret = named.id;
	*ret_is_open = named.opened_at.is;
	*ret_is_closed = named.closed_at.is;
	return OK;
}

static enum err store_record(struct rq *rq, const struct account_record *record)
{
	static const char *const action[] = { [ACCOUNT_START] = "session.start", [ACCOUNT_STOP] = "session.stop",
		[ACCOUNT_INTERIM] = "session.adopt", [ACCOUNT_ON] = "session.gateway_on", [ACCOUNT_OFF] = "session.gateway_off" };
	int16_t gateway = gateway_of(record->client);
	struct change *change;
	int64_t id;
	bool is_open = false, is_closed = false;
	struct str subject = str_of(core.boot.gateway[record->client].name);

	if (record->kind == ACCOUNT_ON || record->kind == ACCOUNT_OFF) {
		TRY(audit_begin(rq, action[record->kind], subject, &change));
		return close_all(rq, change, gateway);
	}
	enum err err = find_session(rq, record, gateway, &id, &is_open, &is_closed);
	bool is_known = err == OK;
	if (!is_known && err != ERR_NONE)
		return err;
	bool has_news = !is_known || (record->kind == ACCOUNT_START && !is_open) || (record->kind == ACCOUNT_STOP && !is_closed);
	if (has_news) {
		TRY(audit_begin(rq, action[record->kind], subject, &change));
		if (!is_known)
			TRY(adopt(rq, change, record, gateway, &id));
		else if (record->kind == ACCOUNT_START)
			TRY(session_open(change, rq->now, str_of(record->session), id));
		if (record->kind == ACCOUNT_STOP)
			TRY(session_close(change, rq->now, record->cause, id));
	}
	return session_count_up(rq, id, rq->now, (int64_t)record->in_octets, (int64_t)record->out_octets);
}

static enum err store_accounts(struct rq *rq, void *of)
{
	struct accounts *accounts = of;

	for (uint32_t i = 0; i < accounts->records.n; i++)
		TRY(store_record(rq, &accounts->records.record[i]));
	return OK;
}

static void accounts_done(struct job *job, enum err err, const struct trouble *trouble)
{
	struct accounts *accounts = (struct accounts *)job;
	struct account_done done = { .n = accounts->records.n };

	if (err == OK) {
		for (uint32_t i = 0; i < done.n; i++)
			done.serial[i] = accounts->records.record[i].serial;
		(void)channel_send(accounts->link->fd, (struct message){ .kind = MESSAGE_ACCOUNT_DONE }, &done.n,
		                   offsetof(struct account_done, serial) + done.n * sizeof done.serial[0] - sizeof done.head, NULL, 0);
	} else {
		world_log("gate: accounting could not be stored and stays unacknowledged: %s", trouble->text);
	}
	link_leave(accounts->link);
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
		arena_empty(worker->arena);
	}
	free(room);
	core_worker_back(worker);
	link_leave(link);
	return NULL;
}

void core_gate_serve(int fd)
{
	struct link *link = malloc(sizeof *link);

	if (!link)
		abort();
	*link = (struct link){ fd, 1 };
	if (core_thread(live, link) != OK)
		abort();
}
