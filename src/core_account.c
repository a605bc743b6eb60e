/* What gateways tell: sessions begin, go on and end; a gateway starts and stops; its own list of who is in is read. Stored first, acknowledged after;
 * the count changes after the commit.
 *
 * All records of a batch are one job, and what they change is one leaf a gateway, in their order. A session is found by the Class that we gave, else by the gateway's own number, else by its person; what
 * nobody offered is adopted, so that the count is never below the truth. A list wins over what was told before.
 *
 * SECURITY: the gateway process is believed in what a packet said. Whose session it is and what it means is said here; a record of a
 * gateway that is not known is not answered. */
#define LONG_LIVED
#include "core.h"
#include "floor/gateway.sql.h"
#include "floor/session.sql.h"
#include "floor/setting.h"
#include "base/world.h"
#include <pthread.h>

enum { LONGEST_SECONDS = 12 * 3600 };

/* What a record has changed, for the count; and the sessions that have ended. */
struct changed { struct place_told told[GATE_BATCH]; uint32_t n; int64_t *over; size_t n_over, room_over; };
/* The leaf of each gateway that the job has begun; the lowest id of a session, once it has been looked for. */
struct leaves { struct { uint16_t client; struct change *change; } at[GATE_BATCH]; uint32_t n; struct maybe_int lowest; };
struct accounts { struct job job; struct gate_link *link; struct changed changed; struct leaves leaves; struct account_records records; };

enum { CAUSE_GATEWAY_RESTART = 11 /* RFC 2866: NAS Reboot */ };

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
static enum err adopt(struct rq *rq, struct change *change, const struct account_record *record, int16_t gateway, struct leaves *leaves, struct known *ret)
{
	int64_t person = core_find_person(str_of(record->user));

	if (!leaves->lowest.is) {
		struct session_lowest_row lowest;
		TRY(session_lowest(rq, &lowest));
		leaves->lowest = (struct maybe_int){ true, MIN(lowest.id, (int64_t)0) };
	}
	struct instant began = instant_plus(rq->now, SECONDS(-(int64_t)MIN(record->seconds, 86400u)));
	*ret = (struct known){ .id = --leaves->lowest.i, .person = person, .until = instant_plus(rq->now, SECONDS(LONGEST_SECONDS)) };
	return session_adopt(change, &(struct session_adopt_args){
		.id = ret->id, .person = { person >= 0, person }, .gateway = gateway, .offered_at = began,
		.until = ret->until, .opened_at = began,
		.nas_session = str_of(record->session), .calling = str_of(record->calling) });
}

#define KNOWN(row) (struct known){ (row).id, (row).person.is ? (row).person.i : -1, (row).until, true, (row).opened_at.is, (row).closed_at.is, \
	(row).cause.is && ((row).cause.i == CAUSE_GATEWAY_RESTART || (row).cause.i == CORE_CAUSE_NOT_LISTED), { (row).closed_at.is ? (row).closed_at.i : 0 } }

/* Which session the record speaks of: by Class, else by the gateway's own number. A log-in that was asked for once more has a session of its own and the one before is
 * closed, but the gateway may go on bringing back the Class that it got first: then the number says which is meant. */
static enum err find_session(struct rq *rq, const struct account_record *record, int16_t gateway, struct known *ret)
{
	struct session_named_row named;
	struct session_get_row got;

	*ret = (struct known){ 0 };
	if (record->class_leaf >= 0 && session_get(rq, record->class_leaf, &got) == OK && got.gateway == gateway) {
		*ret = KNOWN(got);
		if (!ret->is_closed || session_named(rq, gateway, str_of(record->session), &named) != OK || named.closed_at.is)
			return OK;
		*ret = KNOWN(named);
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

enum err core_session_forget(struct rq *rq, int64_t session)
{
	enum err err = session_name_forget(rq, session), limit = session_limit_forget(rq, session);

	if (limit != OK && limit != ERR_NONE)
		return limit;
	return err == ERR_NONE ? OK : err;       /* it never had a name, or has lost it already */
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
		TRY(session_close(change, rq->now, CORE_CAUSE_NOT_LISTED, rows[i].id));
		TRY(core_session_forget(rq, rows[i].id));
		is_over(changed, rows[i].id);
	}
	return gateway_contact_listed(rq, gateway, rq->now, n);
}

static enum err store_list(struct rq *rq, const struct account_record *record, struct str gateway_name, int16_t gateway, struct changed *changed)
{
	switch (record->kind) {
	case ACCOUNT_LIST:
		list_began[gateway] = instant_plus(rq->now, SECONDS(-(int64_t)MIN(record->delay, 86400u)));
		return OK;
	case ACCOUNT_LISTED:
		return end_list(rq, gateway_name, gateway, record->seconds, changed);
	default:
		list_began[gateway] = (struct instant){ 0 };
		return gateway_contact_lost(rq, gateway, rq->now);
	}
}

/* What a gateway's leaf is called: what all its records of this batch say, or that they say several things. */
static const char *action_of(const struct account_records *records, uint16_t client)
{
	unsigned kinds = 0;

	for (uint32_t i = 0; i < records->n; i++)
		if (records->record[i].client == client)
			kinds |= 1u << (records->record[i].kind & 31);
	return kinds == 1u << ACCOUNT_START ? "session.start" : kinds == 1u << ACCOUNT_STOP ? "session.stop"
		: kinds == 1u << ACCOUNT_INTERIM ? "session.adopt" : "session.told";
}

static enum err leaf_of(struct rq *rq, struct accounts *accounts, uint16_t client, struct change **ret)
{
	struct leaves *leaves = &accounts->leaves;

	for (uint32_t i = 0; i < leaves->n; i++)
		if (leaves->at[i].client == client) {
			*ret = leaves->at[i].change;
			return OK;
		}
	TRY(audit_begin(rq, action_of(&accounts->records, client), str_of(core.boot.gateway[client].name), ret));
	leaves->at[leaves->n].client = client;
	leaves->at[leaves->n++].change = *ret;
	return OK;
}

/* What a gateway tells of itself has a leaf of its own; what its sessions do afterwards comes in one behind it. */
static void leaf_is_over(struct leaves *leaves, uint16_t client)
{
	for (uint32_t i = 0; i < leaves->n; i++)
		if (leaves->at[i].client == client)
			leaves->at[i] = leaves->at[--leaves->n];
}

static enum err store_of_gateway(struct rq *rq, const struct account_record *record, struct accounts *accounts)
{
	struct str subject = str_of(core.boot.gateway[record->client].name);
	int16_t gateway = core_gateway_of(record->client);
	struct change *change;

	leaf_is_over(&accounts->leaves, record->client);
	if (record->kind >= ACCOUNT_LIST)
		return store_list(rq, record, subject, gateway, &accounts->changed);
	TRY(audit_begin(rq, record->kind == ACCOUNT_ON ? "session.gateway_on" : "session.gateway_off", subject, &change));
	return close_all(rq, change, gateway, record->delay, &accounts->changed);
}

/* What is new of the session: it is adopted, begins, or ends. */
static enum err store_news(struct rq *rq, const struct account_record *record, int16_t gateway, struct accounts *accounts, struct known *known)
{
	struct change *change;

	TRY(leaf_of(rq, accounts, record->client, &change));
	if (!known->is_there)
		TRY(adopt(rq, change, record, gateway, &accounts->leaves, known));
	else if (record->kind != ACCOUNT_STOP)
		TRY(session_open(change, rq->now, str_of(record->session), known->id));
	if (record->kind == ACCOUNT_STOP)
		return session_close(change, rq->now, record->cause, known->id);
	if (!core.boot.gateway[record->client].can_end || !record->user[0])
		return OK;
	return session_name_set(rq, &(struct session_name_set_args){ .session = known->id, .user_name = str_of(record->user), .nas = str_of(record->nas),
		.nas_ip = str_of(record->nas_ip), .framed = str_of(record->framed) });
}

static enum err store_record(struct rq *rq, const struct account_record *record, struct accounts *accounts)
{
	int16_t gateway = core_gateway_of(record->client);
	struct changed *changed = &accounts->changed;
	struct known known;

	if (record->kind >= ACCOUNT_ON)
		return store_of_gateway(rq, record, accounts);
	TRY(find_session(rq, record, gateway, &known));
	if (is_back(&known, record, rq->now))
		known.is_there = false;
	bool is_stop = record->kind == ACCOUNT_STOP;
	/* An interim of one that has only been offered: its Start was lost. */
	bool has_news = !known.is_there || (!known.is_closed && (is_stop || !known.is_open));
	if (has_news)
		TRY(store_news(rq, record, gateway, accounts, &known));
	if (is_stop) {
		TRY(core_session_forget(rq, known.id));
		is_over(changed, known.id);
	} else if (!known.is_closed) {
		changed->told[changed->n++] = (struct place_told){ .id = known.id, .person = known.person, .gateway = gateway, .is_open = true,
			.key = place_key(gateway, known.person, str_of(record->session)), .offered_at = rq->now, .until = known.until,
			.heard_at = rq->now };
	}
	/* What has just begun has been heard of when it began: its row says so already. */
	if (has_news && !is_stop && record->seconds == 0 && record->in_octets == 0 && record->out_octets == 0)
		return OK;
	/* A list and an answer of a gateway say that it is there, and not how much it has carried. */
	if (record->in_octets == 0 && record->out_octets == 0)
		return session_heard(rq, known.id, rq->now);
	return session_count_up(rq, known.id, rq->now, (int64_t)record->in_octets, (int64_t)record->out_octets);
}

static enum err store_accounts(struct rq *rq, void *of)
{
	struct accounts *accounts = of;

	accounts->changed.n = 0;
	accounts->changed.n_over = 0;
	accounts->leaves = (struct leaves){ 0 };
	for (uint32_t i = 0; i < accounts->records.n; i++)
		TRY(store_record(rq, &accounts->records.record[i], accounts));
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
	struct instant now = world.now();

	for (uint32_t i = 0; i < accounts->records.n; i++) {
		int16_t gateway = core_gateway_of(accounts->records.record[i].client);
		uint8_t kind = accounts->records.record[i].kind;
		if (kind == ACCOUNT_START || kind == ACCOUNT_INTERIM || kind == ACCOUNT_LISTED)
			places_tells(core.places, gateway);
		if (kind == ACCOUNT_INTERIM)
			places_reports(core.places, gateway);
	}
	for (uint32_t i = 0; i < accounts->changed.n; i++)
		told(accounts->changed.told[i]);
	for (size_t i = 0; i < accounts->changed.n_over; i++)
		places_over(core.places, accounts->changed.over[i], now);
}

void core_places_rule(struct rq *rq)
{
	core_leases_rule(rq);
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

static enum err one_past(void *of, const struct session_past_row *row)
{
	int64_t until = row->closed_at.is ? row->closed_at.i : row->heard_at.is ? row->heard_at.i : row->opened_at.i;

	if (row->person.is)
		places_had_been(of, row->person.i, (struct instant){ row->opened_at.i }, (struct instant){ MIN(until, row->until.ms) });
	return OK;
}

/* Until the gate opens. */
static struct places *begun;

enum err core_places_begin(struct rq *rq)
{
	begun = places_new();
	return session_past(rq, working_day_before(rq->now), rq->now, one_past, begun);
}

enum err core_places_load(struct rq *rq)
{
	struct session_telling_row *telling;
	size_t n;

	core.places = begun;
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
	core_link_leave(accounts->link);
	free(accounts->changed.over);
	free(accounts);
}

void core_accounts_take(struct gate_link *link, const struct account_records *records)
{
	struct accounts *accounts = calloc(1, sizeof *accounts);

	if (!accounts)
		return;
	memcpy(&accounts->records, records, offsetof(struct account_records, record) + records->n * sizeof records->record[0]);
	for (uint32_t i = 0; i < records->n; i++)
		if (records->record[i].client >= core.boot.n_gateways || core_gateway_of(records->record[i].client) < 0) {
			free(accounts);
			return;
		}
	link->users++;
	accounts->link = link;
	accounts->job = (struct job){ .run = store_accounts, .done = accounts_done, .of = accounts,
		.actor = { .person = -1, .name = STR("gateway"), .body = -1 } };
	writer_put(core.writer, &accounts->job);
}

/* --- a list that somebody hands over --- */

struct list_part { struct accounts accounts; pthread_mutex_t lock; pthread_cond_t over; bool is_over; enum err err; struct trouble trouble; };

static void part_done(struct job *job, enum err err, const struct trouble *trouble)
{
	struct list_part *part = (struct list_part *)job;

	if (err == OK)
		tell_count(&part->accounts);
	pthread_mutex_lock(&part->lock);
	part->err = err;
	part->trouble = *trouble;
	part->is_over = true;
	pthread_cond_signal(&part->over);
	pthread_mutex_unlock(&part->lock);
}

static enum err store_part(struct list_part *part)
{
	part->is_over = false;
	part->accounts.job = (struct job){ .run = store_accounts, .done = part_done, .of = &part->accounts,
		.actor = { .person = -1, .name = STR("gateway"), .body = -1 } };
	writer_put(core.writer, &part->accounts.job);
	pthread_mutex_lock(&part->lock);
	while (!part->is_over)
		pthread_cond_wait(&part->over, &part->lock);
	pthread_mutex_unlock(&part->lock);
	part->accounts.records.n = 0;
	return part->err;
}

static struct list_part *part_new(void)
{
	struct list_part *part = calloc(1, sizeof *part);

	if (!part)
		return NULL;
	pthread_mutex_init(&part->lock, NULL);
	pthread_cond_init(&part->over, NULL);
	return part;
}

static enum err part_end(struct rq *rq, struct list_part *part, enum err err)
{
	if (err != OK)
		err = trouble_pass(rq->trouble, err, &part->trouble);
	free(part->accounts.changed.over);
	pthread_cond_destroy(&part->over);
	pthread_mutex_destroy(&part->lock);
	free(part);
	return err;
}

enum err core_account_say(struct rq *rq, const struct account_record *record)
{
	struct list_part *part = part_new();

	if (!part)
		return ERR_FULL;
	part->accounts.records.record[part->accounts.records.n++] = *record;
	return part_end(rq, part, store_part(part));
}

enum err core_list_take(struct rq *rq, uint16_t client, uint32_t age, const struct account_record *records, size_t n)
{
	struct list_part *part = part_new();
	struct account_records *to = part ? &part->accounts.records : NULL;
	enum err err = OK;

	if (!part)
		return ERR_FULL;
	to->record[to->n++] = (struct account_record){ .serial = ACCOUNT_NOBODY_WAITS, .client = client, .kind = ACCOUNT_LIST, .delay = age };
	for (size_t i = 0; i < n && err == OK; i++) {
		to->record[to->n] = records[i];
		to->record[to->n].client = client;
		to->record[to->n].kind = ACCOUNT_INTERIM;
		to->record[to->n++].class_leaf = -1;
		if (to->n == GATE_BATCH)
			err = store_part(part);
	}
	to->record[to->n++] = (struct account_record){ .serial = ACCOUNT_NOBODY_WAITS, .client = client, .kind = ACCOUNT_LISTED, .seconds = (uint32_t)n };
	if (err == OK)
		err = store_part(part);
	return part_end(rq, part, err);
}
