/* The gate's thread: takes batches of asks from the gateway process, judges each on the standing, answers refusals at
 * once and accepts after their commit. Accounting goes the same way (core_account.c).
 *
 * All accepts of a batch are one job: each its own leaf and session row, one commit with whatever else waits. The place of an accept is
 * taken together with the verdict (places.h), and given back when the accept cannot be stored.
 *
 * While the standing is read for the first time (core_standing.c) what comes is kept, and answered when the gate opens.
 *
 * SECURITY: the gateway process is believed in what a packet said, never in what it means: core finds the person, judges, and
 * makes the leaf. An accept that could not be committed is a refusal in words, but for those of whom a signed decision says otherwise (core_lease.c). */
#define LONG_LIVED
#include "core.h"
#include "floor/address.h"
#include "floor/people.h"
#include "floor/refusal.h"
#include "floor/session.sql.h"
#include "base/world.h"
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

enum { LONGEST_SECONDS = 12 * 3600, LOOK_MS = 20, LATE_MS = 25000, KEPT_MOST = 16 << 20 };

struct accepts {
	struct job           job;
	struct gate_link         *link;
	struct gate_answers  answers;        /* answers.n of them, beside accept[] */
	struct core_accept   accept[GATE_BATCH];
};

/* The one that there is now: it is told which sessions are to end. */
static struct { pthread_mutex_t lock; struct gate_link *link; } current = { .lock = PTHREAD_MUTEX_INITIALIZER };

void core_link_leave(struct gate_link *link)
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
int16_t core_gateway_of(uint16_t client)
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

static void send_answers(struct gate_link *link, const struct gate_answers *answers)
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
	TRY(audit_begin(rq, accept->is_leased ? "gate.lease" : "gate.accept", person.code, &change));
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

void core_put(char *room, size_t size, struct str s)
{
	s = str_utf8_first(s, size - 1);
	memcpy(room, s.len ? s.at : "", s.len);
	room[s.len] = '\0';
}

static void put_refusal(struct gate_answer *answer, struct arena *arena, int16_t gateway, const struct gate_verdict *verdict)
{
	struct out text = out_new(arena);

	*answer = (struct gate_answer){ .serial = answer->serial };
	gate_sentence(&text, gate_language(core.standing, gateway), verdict);
	core_put(answer->text, sizeof answer->text, out_str(&text));
	core_put(answer->code, sizeof answer->code, str_of(gate_because(verdict)->code));
}

/* Who is refused asks again at once: a line a second says it. On the writer. */
static void say_lost(uint32_t n, const char *why)
{
	static uint64_t unsaid;
	static int64_t said = -1000;

	unsaid += n;
	if (world.ticks() - said < 1000)
		return;
	said = world.ticks();
	world_log("gate: %llu accepts could not be stored and stay out: %s", (unsigned long long)unsaid, why);
	unsaid = 0;
}

/* On the writer, which is the one that changes the standing: it reads it as it likes. */
static void accepts_done(struct job *job, enum err err, const struct trouble *trouble)
{
	struct accepts *accepts = (struct accepts *)job;
	struct arena *arena = err == OK ? NULL : arena_new(1 << 20);

	for (uint32_t i = 0; i < accepts->answers.n; i++) {
		struct core_accept *accept = &accepts->accept[i];
		struct gate_answer *answer = &accepts->answers.answer[i];
		struct gate_verdict refusal;
		if (core_accept_over(accept, err, &refusal)) {
			answer->leaf = accept->leaf;
			answer->timeout = accept->seconds;
		} else {
			put_refusal(answer, arena, accept->gateway, &refusal);
		}
	}
	send_answers(accepts->link, &accepts->answers);
	if (err != OK) {
		say_lost(accepts->answers.n, trouble->text);
		arena_end(arena);
	}
	core_link_leave(accepts->link);
	free(accepts);
}

/* --- asks --- */

struct asking {
	struct worker      *worker;
	struct gate_link        *link;
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

static const struct reason no_memory = { "gate.no_memory", false, N_("Your log-in could not be tried. Call the support.") };

/* The verdict and its place in one: nobody else is judged in between. */
static int32_t judge_and_take(const struct core_login *login, struct ask *ask, struct gate_verdict *verdict, struct instant *ret_until)
{
	uint64_t key = place_key(login->gateway, ask->person, login->session);
	int32_t place = PLACE_NONE;

	places_hold(core.places, ask->at);
	int32_t old = places_find(core.places, key);
	ask->kept_until = places_until(core.places, old);
	places_leave_out(core.places, old);
	ask->taken = places_taken(core.places);
	ask->had = places_had(core.places, ask->person);
	gate_judge(core.standing, ask, verdict);
	places_strain(core.places, login->gateway, verdict->is_strained);
	if (verdict->verdict == VERDICT_PASS || verdict->is_watched) {
		*ret_until = instant_plus(ask->at, SECONDS(lease(verdict, ask->at, login->timeout)));
		place = places_take(core.places, &(struct place_wish){ .person = ask->person, .gateway = login->gateway,
			.class = (uint8_t)verdict->class, .is_of_reserve = verdict->is_of_reserve, .slot = verdict->slot, .key = key, .now = ask->at,
			.until = *ret_until }, old);
	} else {
		places_put_back(core.places, old);
		if (gate_waits(verdict))
			places_wait(core.places, ask->person, login->gateway, (uint8_t)verdict->class);
	}
	places_let_go(core.places);
	return place;
}

bool core_judge(const struct core_login *login, struct instant now, struct gate_verdict *verdict, struct core_accept *ret)
{
	struct ask ask = { .person = core_find_person(login->user), .at = now, .gateway = login->gateway, .factor = login->factor };
	struct instant until = now;
	ask.has_address = address_read(login->calling, ask.address);
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
	*ret = (struct core_accept){ .person = ask.person, .gateway = ask.gateway, .class = (uint8_t)verdict->class, .against = against, .at = now,
		.until = until, .place = place, .may_lease = gate_may_lease(core.standing, &ask, verdict),
		.seconds = (uint32_t)(instant_since(until, now).ms / 1000) };
	core_put(ret->session, sizeof ret->session, login->session);
	core_put(ret->calling, sizeof ret->calling, login->calling);
	return true;
}

void core_explain(const struct ask *asked, struct gate_verdict *ret)
{
	struct ask ask = *asked;

	if (!core_gate_is_open()) {
		gate_not_yet(ret);
		return;
	}
	places_hold(core.places, ask.at);
	ask.taken = ask.is_then ? NULL : places_taken(core.places);
	ask.had = places_had(core.places, ask.person);
	gate_judge(core.standing, &ask, ret);
	places_let_go(core.places);
}

static void fill_refusal(struct asking *asking, const struct gate_ask *wire, int16_t gateway, const struct gate_verdict *verdict)
{
	struct gate_answer *answer = &asking->refusals.answer[asking->refusals.n++];

	answer->serial = wire->serial;
	put_refusal(answer, asking->worker->arena, gateway, verdict);
}

static void judge(struct asking *asking, const struct gate_ask *wire)
{
	struct core_login login = { .user = str_of(wire->user), .session = str_of(wire->session), .calling = str_of(wire->calling),
		.gateway = core_gateway_of(wire->client), .factor = wire->factor, .timeout = wire->timeout };
	struct accepts *accepts = asking->accepts;
	struct core_accept *accept = &accepts->accept[accepts->answers.n];
	struct gate_verdict verdict;

	if (core_judge(&login, asking->now, &verdict, accept))
		accepts->answers.answer[accepts->answers.n++] = (struct gate_answer){ .serial = wire->serial, .is_permit = 1,
			.timeout = accept->seconds, .interim = CORE_INTERIM_SECONDS };
	else
		fill_refusal(asking, wire, login.gateway, &verdict);
}

static void answer_asks(struct worker *worker, struct gate_link *link, const struct gate_asks *asks)
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

/* --- the thread --- */

static void take_ended(struct worker *worker, const struct gate_ended *ended)
{
	if (ended->outcome == END_UNKNOWN_THERE)
		core_session_unknown(worker, ended->session);
	else if (ended->outcome == CHANGE_ACKNOWLEDGED || ended->outcome == CHANGE_REFUSED)
		core_session_changed(worker, ended);
	else
		core_answered(worker, ended);
}

static void take(struct worker *worker, struct gate_link *link, const struct parcel *parcel)
{
	if (message_check(parcel, MESSAGE_GATE_ASK))
		answer_asks(worker, link, parcel->at);
	else if (message_check(parcel, MESSAGE_ACCOUNT))
		core_accounts_take(link, parcel->at);
	else if (message_check(parcel, MESSAGE_COUNTERS))
		core_counters = *(const struct gateway_counters *)parcel->at;
	else if (message_check(parcel, MESSAGE_GATE_ENDED))
		take_ended(worker, parcel->at);
	arena_empty(worker->arena);
}

/* What came while the gate was loading, in its order. */
struct kept { struct kept *next; int64_t came; struct parcel parcel; _Alignas(16) char bytes[]; };
struct keeping { struct kept *first, **last; size_t bytes; };

static void keep(struct keeping *keeping, const struct parcel *parcel)
{
	struct kept *kept = keeping->bytes + parcel->length > KEPT_MOST ? NULL : malloc(sizeof *kept + parcel->length);

	/* Past the bound the gateway's clients ask again: accounting too, which is acknowledged by nobody. */
	if (!kept)
		return;
	*kept = (struct kept){ .came = world.ticks(), .parcel = { .at = kept->bytes, .length = parcel->length } };
	memcpy(kept->bytes, parcel->at, parcel->length);
	*keeping->last = kept;
	keeping->last = &kept->next;
	keeping->bytes += parcel->length;
}

/* Until the gate is open. Nothing is judged, and nothing that came is lost while its asker still waits. False: the gateway is gone. */
static bool wait_for_gate(struct gate_link *link, void *room, struct keeping *keeping)
{
	struct pollfd wait = { .fd = link->fd, .events = POLLIN };
	struct parcel parcel;

	while (!core_gate_is_open()) {
		if (poll(&wait, 1, LOOK_MS) <= 0)
			continue;
		enum err err = channel_receive(link->fd, room, &parcel);
		if (err == ERR_NONE || err == ERR_IO)
			return false;
		for (int i = 0; err == OK && i < parcel.n_files; i++)
			close(parcel.files[i]);
		if (err == OK)
			keep(keeping, &parcel);
	}
	return true;
}

/* Who has waited longer than the gateway keeps an ask is not judged: an accept would hold a place for nobody. */
static void take_kept(struct worker *worker, struct gate_link *link, struct keeping *keeping, bool is_alive)
{
	for (struct kept *kept = keeping->first, *next; kept; kept = next) {
		next = kept->next;
		bool is_late = world.ticks() - kept->came > LATE_MS && message_check(&kept->parcel, MESSAGE_GATE_ASK);
		if (is_alive && !is_late)
			take(worker, link, &kept->parcel);
		free(kept);
	}
}

static void *live(void *of)
{
	struct gate_link *link = of;
	struct worker *worker = core_worker();
	char *room = malloc(CHANNEL_MOST);
	struct parcel parcel;

	if (!room)
		abort();
	struct keeping keeping = { .last = &keeping.first };
	bool is_alive = wait_for_gate(link, room, &keeping);
	take_kept(worker, link, &keeping, is_alive);
	while (is_alive) {
		enum err err = channel_receive(link->fd, room, &parcel);
		if (err == ERR_NONE || err == ERR_IO)
			break;
		if (err != OK)
			continue;
		for (int i = 0; i < parcel.n_files; i++)
			close(parcel.files[i]);
		take(worker, link, &parcel);
	}
	free(room);
	core_worker_back(worker);
	pthread_mutex_lock(&current.lock);
	if (current.link == link)
		current.link = NULL;
	pthread_mutex_unlock(&current.lock);
	core_link_leave(link);
	return NULL;
}

void core_gate_serve(int fd)
{
	struct gate_link *link = malloc(sizeof *link);

	if (!link)
		abort();
	*link = (struct gate_link){ fd, 1 };
	pthread_mutex_lock(&current.lock);
	current.link = link;
	pthread_mutex_unlock(&current.lock);
	if (core_thread(live, link) != OK)
		abort();
}
