/* Sessions that are to end: what the outbox says is carried out through the gateway process, at least once, until it is known to have happened.
 *
 * Who has lost a grant, or has left, may still be in. The verb that decided it put each of the person's sessions into the outbox, in the same
 * commit. Here each is judged once more on the standing as it is now: who may be in by another right stays in. The others are told of
 * to their VPN server every few seconds (Disconnect-Request), until its Stop comes, it says that there is no such session, or the
 * session's time is over. An acknowledgement is no end: the place stays taken until then.
 *
 * A gateway that cannot be told (no `disconnect` mark in samordna.conf) is said in the log once; its sessions stay in the list of /capacity until
 * they end by themselves.
 *
 * Who is in and got another end than was granted (session_limit) is told of by a CoA-Request where the line has the mark `coa`, until the gateway answers: it
 * then ends the session by itself, whatever becomes of us. At the moment itself the session is told to end all the same.
 *
 * Whose place critical work needs has been warned and chosen by the points (relieve); here too that is carried out, with the sentence that stands in the
 * outbox. The points are asked once a second, with the places as the gate counts them.
 *
 * SECURITY: without a row in the outbox, written by a verb with its leaf, nobody is ended. A gateway that only watches is left alone. */
#define LONG_LIVED
#include "core.h"
#include "wall_state.h"
#include "floor/address.h"
#include "floor/outbox.sql.h"
#include "floor/session.sql.h"
#include "base/world.h"
#include <pthread.h>

enum { LOOK_MS = 1000, AGAIN_MS = 5000, TRACKED = 1024, CAUSE_ADMIN_RESET = 6 };

/* When each was last told of; a session that is not here is told of at once. */
static struct { int64_t session, told; bool is_said; } told[TRACKED];

static bool is_due(int64_t session, int64_t now)
{
	size_t i = (size_t)((uint64_t)session % TRACKED);

	if (told[i].session == session && told[i].told && now - told[i].told < AGAIN_MS)
		return false;
	if (told[i].session != session)
		told[i].is_said = false;
	told[i].session = session;
	told[i].told = now;
	return true;
}

struct ending { int64_t outbox, session; const char *action; bool closes, is_judged; struct ask ask; struct str calling; };

/* By any right, without regard to places; a gateway that watches lets everybody be. */
static bool may_be_in(struct ask ask, struct str calling, struct gate_verdict *verdict)
{
	ask.has_address = address_read(calling, ask.address);
	gate_judge(core.standing, &ask, verdict);
	return verdict->verdict == VERDICT_PASS || verdict->is_watched;
}

/* Who seemed welcome is judged once more here, on the writer: what was decided may have been committed, and read from the outbox, before the
 * standing knew of it. Then the row waits for the next look. */
static enum err settle(struct rq *rq, void *of)
{
	const struct ending *ending = of;
	struct session_get_row session;
	struct gate_verdict verdict;
	struct change *change;

	if (ending->is_judged && !may_be_in(ending->ask, ending->calling, &verdict))
		return OK;
	TRY(session_get(rq, ending->session, &session));
	TRY(audit_begin(rq, ending->action, str_print(rq->arena, "%lld", (long long)ending->session), &change));
	if (ending->closes && !session.closed_at.is) {
		TRY(session_close(change, rq->now, CAUSE_ADMIN_RESET, ending->session));
		TRY(core_session_forget(rq, ending->session));
	}
	return outbox_done(change, rq->now, ending->outbox);
}

static void settle_now(struct rq *rq, const struct ending *ending)
{
	if (writer_do(core.writer, settle, (void *)(uintptr_t)ending, rq) != OK) {
		world_log("core: that a session has ended could not be stored: %s", rq->trouble->text);
		trouble_clear(rq->trouble);
	} else if (ending->closes) {
		places_over(core.places, ending->session, rq->now);
	}
}

static bool may_stay(struct worker *worker, struct ask ask, struct str calling, struct str *ret_why)
{
	struct gate_verdict verdict;
	struct out why = out_new(worker->arena);

	standing_enter(core.standing, worker->reader);
	bool may = may_be_in(ask, calling, &verdict);
	gate_sentence(&why, gate_language(core.standing, ask.gateway), &verdict);
	standing_leave(core.standing, worker->reader);
	*ret_why = out_str(&why);
	return may;
}

static int client_of(struct str name, bool is_change)
{
	for (uint32_t i = 0; i < core.boot.n_gateways; i++)
		if (str_equal(str_of(core.boot.gateway[i].name), name))
			return (is_change ? core.boot.gateway[i].can_change : core.boot.gateway[i].can_end) ? (int)i : -1;
	return -1;
}

void core_end_names(struct rq *rq, int64_t session, struct gate_end *end)
{
	struct session_name_get_row name;

	if (session_name_get(rq, session, &name) != OK)
		return;
	core_put(end->user, sizeof end->user, name.user_name);
	core_put(end->nas, sizeof end->nas, name.nas);
	core_put(end->nas_ip, sizeof end->nas_ip, name.nas_ip);
	core_put(end->framed, sizeof end->framed, name.framed);
}

/* What is told now, and what is over or may stay: that is settled when all are told, since each waits for a commit. */
struct carrying { struct gate_ends *ends; struct ending *settled; size_t n_settled; };

static void carry(struct worker *worker, struct rq *rq, const struct outbox_sessions_row *row, struct carrying *carrying)
{
	struct ending ending = { .outbox = row->id, .session = row->session, .action = "session.ended", .calling = row->calling,
		.ask = { .person = row->person.is ? row->person.i : -1, .at = rq->now, .gateway = (int16_t)row->gateway } };
	struct gate_ends *ends = carrying->ends;
	struct str why;

	if (row->closed_at.is || !instant_is_before(rq->now, instant_plus(row->until, MINUTES(1)))) {
		carrying->settled[carrying->n_settled++] = ending;
		return;
	}
	if (!row->say.at && may_stay(worker, ending.ask, row->calling, &why)) {
		ending.is_judged = true;
		ending.action = "session.stays";
		carrying->settled[carrying->n_settled++] = ending;
		return;
	}
	why = row->say.at ? row->say : why;
	int client = client_of(row->gateway_name, false);
	if (!is_due(row->session, world.ticks()))
		return;
	if (client < 0 || row->nas_session.len == 0) {
		size_t i = (size_t)((uint64_t)row->session % TRACKED);
		if (!told[i].is_said)
			world_log("core: session %lld at gateway " STR_FMT " is to end, and the gateway cannot be told: %s", (long long)row->session,
			          STR_ARG(row->gateway_name), client < 0 ? "no mark `disconnect` in samordna.conf" : "its number there is not known");
		told[i].is_said = true;
		return;
	}
	struct gate_end *end = &ends->end[ends->n++];
	*end = (struct gate_end){ .session = row->session, .client = (uint16_t)client };
	core_put(end->nas_session, sizeof end->nas_session, row->nas_session);
	core_put(end->text, sizeof end->text, why);
	core_end_names(rq, row->session, end);
	if (ends->n == GATE_ENDS)
		core_gate_end(ends);
}

/* --- another end than was granted --- */

/* When each was last told of; as above, but a change must not make an end wait. */
static struct { int64_t session, told; } changed[TRACKED];

static void carry_change(struct rq *rq, const struct session_limits_row *row, struct gate_ends *ends)
{
	size_t i = (size_t)((uint64_t)row->session % TRACKED);
	int client = client_of(row->gateway_name, true);
	int64_t now = world.ticks();

	/* A gateway that takes no changes ends the session when it is told to end it. */
	if (client < 0 || row->nas_session.len == 0 || !instant_is_before(rq->now, row->until)
	    || (changed[i].session == row->session && changed[i].told && now - changed[i].told < AGAIN_MS))
		return;
	changed[i].session = row->session;
	changed[i].told = now;
	struct gate_end *end = &ends->end[ends->n++];
	*end = (struct gate_end){ .session = row->session, .client = (uint16_t)client, .kind = END_CHANGED,
		.seconds = (uint32_t)MIN(MAX(instant_since(row->until, rq->now).ms / 1000, (int64_t)1), (int64_t)INT32_MAX) };
	core_put(end->nas_session, sizeof end->nas_session, row->nas_session);
	core_put(end->text, sizeof end->text, row->say);
	core_end_names(rq, row->session, end);
	if (ends->n == GATE_ENDS)
		core_gate_end(ends);
}

static enum err store_changed(struct rq *rq, void *of)
{
	const struct gate_ended *ended = of;
	enum err err = session_limit_told(rq, rq->now, (struct maybe_int){ ended->outcome == CHANGE_REFUSED, ended->cause }, ended->session);

	return err == ERR_NONE ? OK : err;
}

void core_session_changed(struct worker *worker, const struct gate_ended *ended)
{
	struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("gateway"), .body = -1 }, LANGUAGE_SV);

	if (ended->outcome == CHANGE_REFUSED)
		world_log("core: gateway %s does not take the new end of session %lld (Error-Cause %u): it will be ended at its time",
		          ended->client < core.boot.n_gateways ? core.boot.gateway[ended->client].name : "?", (long long)ended->session, ended->cause);
	if (writer_do(core.writer, store_changed, (void *)(uintptr_t)ended, &rq) != OK)
		world_log("core: what a gateway said to a session's new end could not be stored: %s", worker->trouble.text);
	trouble_clear(&worker->trouble);
}

static void look(void)
{
	static struct gate_ends ends;
	struct worker *worker = core_worker();
	struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("system"), .body = -1 }, LANGUAGE_SV);
	struct outbox_sessions_row *rows;
	size_t n;

	ends.n = 0;
	if (outbox_sessions(&rq, &rows, &n) == OK) {
		struct carrying carrying = { .ends = &ends, .settled = NEW_MANY(rq.arena, n + 1, struct ending) };
		for (size_t i = 0; i < n; i++)
			carry(worker, &rq, &rows[i], &carrying);
		core_gate_end(&ends);
		for (size_t i = 0; i < carrying.n_settled; i++)
			settle_now(&rq, &carrying.settled[i]);
	} else {
		world_log("core: the outbox could not be read: %s", worker->trouble.text);
	}
	struct session_limits_row *limits;
	if (session_limits(&rq, &limits, &n) == OK) {
		for (size_t i = 0; i < n; i++)
			carry_change(&rq, &limits[i], &ends);
		core_gate_end(&ends);
	}
	core_question(&rq, &ends);
	core_worker_back(worker);
}

/* --- who is to leave for others --- */

static enum err relieve_job(struct rq *rq, void *of)
{
	for (size_t i = 0; points[i]; i++)
		if (points[i]->relieve)
			TRY(points[i]->relieve(rq, of));
	return OK;
}

static void relieve(void)
{
	static struct taken taken[PLACES_GATEWAYS];
	struct worker *worker = core_worker();
	struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("system"), .body = -1 }, LANGUAGE_SV);
	bool is_any = false;

	places_count(core.places, rq.now, taken);
	for (int i = 0; i < PLACES_GATEWAYS; i++)
		is_any |= taken[i].n > 0;
	if (is_any && writer_do(core.writer, relieve_job, taken, &rq) != OK) {
		world_log("core: who is to leave for critical work could not be decided: %s", worker->trouble.text);
		trouble_clear(&worker->trouble);
	}
	core_worker_back(worker);
}

static struct { pthread_mutex_t lock; pthread_cond_t wake; bool is_woken; } bell = { .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER };

void core_end_wake(void)
{
	pthread_mutex_lock(&bell.lock);
	bell.is_woken = true;
	pthread_cond_signal(&bell.wake);
	pthread_mutex_unlock(&bell.lock);
}

/* Until somebody rings, or a second has passed: then also the places are looked at, after those who wait already have been told. */
static void *live(void *of)
{
	int64_t relieved = 0;
	(void)of;

	core_gate_wait();
	for (;;) {
		struct timespec until;
		pthread_mutex_lock(&bell.lock);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		while (!bell.is_woken && pthread_cond_timedwait(&bell.wake, &bell.lock, &until) == 0)
			;
		bell.is_woken = false;
		pthread_mutex_unlock(&bell.lock);
		look();
		if (world.ticks() - relieved < LOOK_MS)
			continue;
		core_leases_store();
		/* Nobody is asked to leave by a clock that may be wrong. */
		if (!clock_doubt_now().is_in_doubt)
			relieve();
		relieved = world.ticks();
		look();
	}
	return NULL;
}

void core_end_start(void)
{
	if (!core.boot.is_doorless && core_thread(live, NULL) != OK)
		abort();
}

/* The VPN server knows no such session: then it is over, whatever accounting has failed to say. */
void core_session_unknown(struct worker *worker, int64_t session)
{
	struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("gateway"), .body = -1 }, LANGUAGE_SV);
	struct outbox_waiting_row waiting;

	if (outbox_waiting(&rq, STR("session.end"), session, &waiting) == OK)
		settle_now(&rq, &(struct ending){ .outbox = waiting.id, .session = session, .action = "session.unknown_there", .closes = true });
	trouble_clear(&worker->trouble);
}

enum err core_endings(struct rq *rq, int16_t gateway, struct core_ending **ret, size_t *ret_n)
{
	struct worker *worker = core_worker();
	struct outbox_sessions_row *rows;
	size_t n;
	enum err err = outbox_sessions(rq, &rows, &n);

	*ret = NEW_MANY(rq->arena, n + 1, struct core_ending);
	*ret_n = 0;
	for (size_t i = 0; err == OK && i < n; i++) {
		struct str why = rows[i].say;
		if (rows[i].gateway != gateway || rows[i].closed_at.is
		    || (!why.at && may_stay(worker, (struct ask){ .person = rows[i].person.is ? rows[i].person.i : -1, .at = rq->now,
		                   .gateway = gateway }, rows[i].calling, &why)))
			continue;
		(*ret)[(*ret_n)++] = (struct core_ending){ rows[i].nas_session, str_copy(rq->arena, why) };
	}
	core_worker_back(worker);
	return err;
}
