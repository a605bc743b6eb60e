/* The reconcile of gateways that speak RADIUS alone: they have no list to be read, so they are asked about one session after the other.
 *
 * Whom accounting should have told of and has not, for two interims, is asked about where the gateway's line has the mark `coa`: by a change to the end that the session has
 * already (CoA-Request with Session-Timeout, RFC 5176), which changes nothing for who is in. An answer of yes counts like an interim that has come through. "No such
 * session" (Error-Cause 503) is its end: its Stop was lost. Silence, and any other no, say nothing: the place stays taken. So is asked about an accept of which no
 * Start has come, while its lease lasts: a yes counts it in; a no is left to the lease, for it may begin yet.
 *
 * At most 32 are asked about at a gateway at once, in the order of their numbers, and everybody anew after 20 seconds.
 *
 * SECURITY: nobody is asked to leave. An answer counts for a session of the gateway that gave it, and only as what accounting would have said. A gateway that says no to
 * what it has tells of it again by its next interim, and that counts (core_account.c). */
#define LONG_LIVED
#include "core.h"
#include "floor/session.sql.h"
#include "floor/setting.h"
#include "base/world.h"

enum { AT_ONCE = 32, ROUND_MS = 20000, OFFER_SECONDS = 60, SILENT_SECONDS = 2 * CORE_INTERIM_SECONDS + 30 };

/* The last one asked about in this round, and when the next round begins; on the thread of core_end.c alone. */
static struct { int64_t last; struct instant next; } rounds[RADIUS_CLIENTS];

static void ask_at(struct rq *rq, uint16_t client, struct gate_ends *ends)
{
	struct span lease = SECONDS(-setting_number(rq, "gate.lease_seconds"));
	struct session_doubtful_row *rows;
	size_t n;

	if (session_doubtful(rq, &(struct session_doubtful_args){ .gateway = core_gateway_of(client), .now = rq->now,
	    .heard = instant_plus(rq->now, SECONDS(-SILENT_SECONDS)), .after = instant_plus(rq->now, lease),
	    .before = instant_plus(rq->now, SECONDS(-OFFER_SECONDS)), .last = rounds[client].last }, &rows, &n) != OK) {
		world_log("core: whom a gateway is to be asked about could not be read: %s", rq->trouble->text);
		trouble_clear(rq->trouble);
		n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		struct gate_end *end = &ends->end[ends->n++];
		*end = (struct gate_end){ .session = rows[i].id, .client = client, .kind = END_QUESTION,
			.seconds = (uint32_t)MIN(MAX(instant_since(rows[i].until, rq->now).ms / 1000, (int64_t)1), (int64_t)INT32_MAX) };
		core_put(end->nas_session, sizeof end->nas_session, rows[i].nas_session);
		core_end_names(rq, rows[i].id, end);
		if (ends->n == GATE_ENDS)
			core_gate_end(ends);
	}
	if (n)
		rounds[client].last = rows[n - 1].id;
	if (n < AT_ONCE) {
		rounds[client].last = INT64_MIN;
		rounds[client].next = instant_plus(rq->now, (struct span){ ROUND_MS });
	}
}

/* The wall clock may be set back: a round never waits longer than one. */
static bool is_due(struct instant next, struct instant now)
{
	return !instant_is_before(now, next) || instant_since(next, now).ms > ROUND_MS;
}

void core_question(struct rq *rq, struct gate_ends *ends)
{
	for (uint32_t i = 0; i < core.boot.n_gateways; i++) {
		if (!core.boot.gateway[i].can_change || core_gateway_of((uint16_t)i) < 0 || !is_due(rounds[i].next, rq->now))
			continue;
		if (rounds[i].next.ms == 0)
			rounds[i].last = INT64_MIN;
		rounds[i].next = rq->now;
		ask_at(rq, (uint16_t)i, ends);
	}
	core_gate_end(ends);
}

void core_answered(struct worker *worker, const struct gate_ended *ended)
{
	struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("gateway"), .body = -1 }, LANGUAGE_SV);
	struct account_record record = { .serial = ACCOUNT_NOBODY_WAITS, .client = ended->client, .class_leaf = ended->session };
	struct session_named_there_row row;

	bool is_there = ended->outcome == SESSION_THERE;
	if ((!is_there && ended->outcome != SESSION_NOT_THERE) || ended->client >= core.boot.n_gateways
	    || session_named_there(&rq, ended->session, &row) != OK || row.gateway != core_gateway_of(ended->client) || row.closed_at.is
	    || (!is_there && !row.opened_at.is)) {
		trouble_clear(&worker->trouble);
		return;
	}
	record.kind = is_there ? ACCOUNT_INTERIM : ACCOUNT_STOP;
	record.cause = is_there ? 0 : CORE_CAUSE_NOT_LISTED;
	core_put(record.session, sizeof record.session, row.nas_session);
	if (core_account_say(&rq, &record) != OK)
		world_log("core: what a gateway said of a session could not be stored: %s", worker->trouble.text);
	trouble_clear(&worker->trouble);
}
