/* Watched logins and what Samordna knows: each success that a log tells of is put to the gate, as if it asked now; what the gate would have refused
 * is a deviation, told at once (rules R9 and R10, points/incidents/watch_standing.c).
 *
 * Not told: what the gate itself has let in within some minutes, by whatever rule it judged; a gateway that only watches, whose refusals are counted
 * already; lines older than FRESH, since what was revoked or lifted meanwhile is not known for then; R9 while nobody has ever been granted anything.
 * A person and a rule are told once a day, and again when it has become ten times as many.
 *
 * Rested accounts: the day of each person's last login lies in memory, two bytes a person once a line has named her, and in a table.
 *
 * SECURITY: a line names an account, not a person: it accuses the account, and the incident is about who uses it. Failures hold names that strangers
 * typed: they are counted for the address and never for the name. All that is kept is bounded; a full list tells the rest with the next lines. */
#define LONG_LIVED
#include "core_logs.h"
#include "points/access/access.sql.h"
#include "points/incidents/log.sql.h"
#include "points/incidents/watch_standing.h"
#include "floor/address.h"
#include "floor/people.h"
#include "floor/session.sql.h"
#include "floor/setting.h"
#include "base/world.h"

enum { REMEMBERED = 4096, DAY_MS = 86400000, KEY = 72, PRIVILEGED = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SUPPORT | ROLE_SYSTEM_OWNER, LEAVING_DAYS = 30 };
static const struct span fresh = { 10 * 60 * 1000 }, about_before = { 5 * 60 * 1000 }, about_after = { 60 * 1000 }, asked_again = { 60 * 1000 };

struct found {
	const struct watch_standing *rule;
	int64_t person, n, told;         /* person -1: the key is an address */
	int64_t first_at, last_at;
	unsigned weights;
	char    key[KEY], address[64], source[64];
};
static struct {
	struct found  at[REMEMBERED];            /* by hash; the newest of two takes the place */
	struct found *tell[FOUND_MOST];
	size_t        n_tell;
	uint16_t     *day; size_t n_day;         /* by person: of the last login; 0 not read yet */
	struct { int64_t person; uint16_t day; } seen[256]; size_t n_seen;      /* to be kept */
	struct instant asked_at; bool is_granting; int64_t idle_days;
} judge;

/* --- what is told, once --- */

static void find(const struct watch_standing *rule, int64_t person, const struct log_record *r, struct str source, unsigned weights)
{
	struct str key = str_of(person >= 0 ? "" : r->address);
	uint64_t hash = str_hash(key) * 31 + (uint64_t)(person + 1) * 0x9e3779b97f4a7c15u + (uint64_t)(rule - watch_standing) * 0x517cc1b727220a95u;
	struct found *found = &judge.at[hash >> 33 & (REMEMBERED - 1)];
	bool is_same = found->rule == rule && found->person == person && (person >= 0 || str_equal(str_of(found->key), key))
	            && r->at - found->last_at < DAY_MS;

	if (!is_same) {
		for (size_t i = 0; i < judge.n_tell; i++)
			if (judge.tell[i] == found)
				return;                  /* its place is not told yet: this one comes with the next line */
		*found = (struct found){ .rule = rule, .person = person, .first_at = r->at, .last_at = r->at };
		memcpy(found->key, key.len ? key.at : "", MIN(key.len, sizeof found->key - 1));
	}
	found->n += r->count;
	found->last_at = MAX(found->last_at, r->at);
	found->weights |= weights;
	snprintf(found->address, sizeof found->address, "%s", r->address);
	snprintf(found->source, sizeof found->source, STR_FMT, STR_ARG(source));
	if (judge.n_tell == FOUND_MOST || (found->told && found->n < found->told * 10))
		return;
	for (size_t i = 0; i < judge.n_tell; i++)
		if (judge.tell[i] == found)
			return;
	judge.tell[judge.n_tell++] = found;
}

bool core_logs_has_found(void)
{
	return judge.n_tell || judge.n_seen == LENGTH(judge.seen);
}

/* --- what weighs --- */

static unsigned weight_of(struct rq *rq, const struct people_get_row *person, bool is_reset)
{
	bool is_leaver = person->left_at.is || (person->employment_end.is && person->employment_end.i < instant_plus(rq->now, DAYS(LEAVING_DAYS)).ms);

	return (person->roles & PRIVILEGED ? WEIGHT_PRIVILEGED : 0) | (person->class == 1 ? WEIGHT_CRITICAL : 0) | (is_leaver ? WEIGHT_LEAVER : 0)
	     | (is_reset ? WEIGHT_RESET : 0);
}

static struct str weights_text(struct rq *rq, unsigned weights)
{
	struct out out = out_new(rq->arena);

	for (int i = 0; i < WEIGHTS; i++)
		if (weights >> i & 1) {
			out_text(&out, out.len ? ", " : _("It weighs more because it is about:"));
			out_text(&out, out.at[out.len - 1] == ':' ? " " : "");
			out_text(&out, _(watch_weight_word[i]));
		}
	if (out.len)
		out_byte(&out, '.');
	return out_str(&out);
}

/* Of a person: held by the gate after a reset is known from its own reason. */
static bool is_reset(const struct gate_verdict *verdict)
{
	for (size_t i = 0; i < verdict->n_reasons; i++)
		if (verdict->reason[i].opinion.reason && strcmp(verdict->reason[i].opinion.reason->code, "access.quarantine") == 0)
			return true;
	return false;
}

int core_logs_weigh(struct rq *rq, const struct str *names, size_t n, int severity, struct str *ret_why)
{
	int reader = standing_reader(core.standing);
	struct people_get_row person;
	unsigned weights = 0;

	*ret_why = STR("");
	if (reader < 0)
		return severity;
	for (size_t i = 0; i < MIN(n, (size_t)20); i++) {
		struct gate_verdict verdict;
		standing_enter(core.standing, reader);
		int64_t id = core_find_person(names[i]);
		bool was_reset = false;
		if (id >= 0) {
			gate_judge(core.standing, &(struct ask){ .person = id, .at = rq->now, .gateway = -1 }, &verdict);
			was_reset = is_reset(&verdict);
		}
		standing_leave(core.standing, reader);
		if (id >= 0 && people_get(rq, id, &person) == OK)
			weights |= weight_of(rq, &person, was_reset);
	}
	standing_reader_gone(core.standing, reader);
	*ret_why = weights_text(rq, weights);
	return watch_weighed(severity, weights);
}

/* --- one login --- */

/* What the settings and the register say, asked again now and then. */
static void know(struct rq *rq)
{
	struct access_figure_grants_row grants;

	if (judge.asked_at.ms && !instant_is_before(instant_plus(judge.asked_at, asked_again), rq->now))
		return;
	judge.asked_at = rq->now;
	judge.idle_days = setting_number(rq, "incidents.idle_days");
	judge.is_granting = access_figure_grants(rq, &grants) == OK && grants.n > 0;
}

/* The day of the last login before this one; 0 not known. */
static int64_t last_day(struct rq *rq, int64_t person, int64_t today)
{
	struct log_seen_row seen;
	struct session_last_row last;
	int64_t day = 0;

	if ((size_t)person < judge.n_day && judge.day[person])
		return judge.day[person];
	if (log_seen(rq, person, &seen) == OK)
		day = seen.day;
	if (session_last(rq, (struct maybe_int){ true, person }, (struct instant){ today * DAY_MS }, &last) == OK && last.at.is)
		day = MAX(day, last.at.i / DAY_MS);
	return day;
}

static void remember_day(int64_t person, int64_t today)
{
	if ((size_t)person >= judge.n_day) {
		size_t room = (size_t)person + 1024;
		uint16_t *more = realloc(judge.day, room * sizeof *more);
		if (!more)
			return;
		memset(more + judge.n_day, 0, (room - judge.n_day) * sizeof *more);
		judge.day = more;
		judge.n_day = room;
	}
	if (judge.day[person] >= today || judge.n_seen == LENGTH(judge.seen))
		return;
	judge.day[person] = (uint16_t)today;
	judge.seen[judge.n_seen].person = person;
	judge.seen[judge.n_seen++].day = (uint16_t)today;
}

/* The gravest of what the gate says against it. */
static const struct watch_standing *rule_of(const struct gate_verdict *verdict, bool is_remote)
{
	const struct watch_standing *gravest = NULL;
	bool is_elsewhere = false;

	for (size_t i = 0; i < verdict->n_reasons; i++) {
		const struct gate_reason *reason = &verdict->reason[i];
		is_elsewhere |= reason->opinion.has_other_slot && !reason->opinion.slot;
		if (reason->opinion.verdict <= VERDICT_PASS || !reason->opinion.reason || reason->lowered_by >= 0)
			continue;
		const struct watch_standing *rule = watch_standing_of(reason->opinion.reason->code);
		if (!rule || (rule->scope == SCOPE_REMOTE && !is_remote) || (rule->code && strcmp(rule->code, "access.no_grant") == 0 && !judge.is_granting))
			continue;
		if (!gravest || rule->severity < gravest->severity)
			gravest = rule;
	}
	return gravest || !is_remote || !is_elsewhere ? gravest : watch_standing_named("R9.slot");
}

static void came_in(struct worker *worker, struct rq *rq, const struct log_record *r, struct str source)
{
	struct ask ask = { .at = { r->at } };
	struct gate_verdict verdict;
	struct people_get_row person;
	struct session_about_row about = { 0 };
	int64_t today = r->at / DAY_MS, last;

	standing_enter(core.standing, worker->reader);
	ask.person = core_find_person(str_of(r->user));
	ask.gateway = gate_gateway(core.standing, source);
	ask.has_address = address_read(str_of(r->address), ask.address);
	gate_judge(core.standing, &ask, &verdict);
	standing_leave(core.standing, worker->reader);
	if (ask.person < 0)
		return;
	const struct watch_standing *rule = rule_of(&verdict, ask.gateway >= 0 || watch_is_remote(str_of(r->service)));
	last = last_day(rq, ask.person, today);
	remember_day(ask.person, today);
	if (!rule && last && judge.idle_days && today - last > judge.idle_days)
		rule = watch_standing_named("R10.idle");
	if (!rule || (rule->scope == SCOPE_REMOTE && verdict.is_watched))
		return;
	if (session_about(rq, (struct maybe_int){ true, ask.person }, (struct instant){ r->at - about_before.ms }, (struct instant){ r->at + about_after.ms }, &about) != OK
	    || (about.n && rule->scope == SCOPE_REMOTE) || people_get(rq, ask.person, &person) != OK)
		return;
	find(rule, ask.person, r, source, weight_of(rq, &person, is_reset(&verdict)));
}

/* A name that a stranger typed and that is a leaver's: said of where it came from. */
static void failed(struct worker *worker, const struct log_record *r, struct str source)
{
	struct standing_place place;

	if (!r->address[0])
		return;
	standing_enter(core.standing, worker->reader);
	int64_t person = core_find_person(str_of(r->user));
	bool has_left = false;
	if (person >= 0) {
		place = standing_place(core.standing, person);
		has_left = place.ends_at.ms <= r->at;
	}
	standing_leave(core.standing, worker->reader);
	if (has_left)
		find(watch_standing_named("R10.tried"), -1, r, source, 0);
}

void core_logs_judge(struct worker *worker, struct rq *rq, const struct log_record *r, struct str source)
{
	int64_t apart = rq->now.ms - r->at;

	if (!r->user[0] || apart > fresh.ms || apart < -fresh.ms)
		return;
	know(rq);
	if (r->outcome == 3)
		came_in(worker, rq, r, source);
	else
		failed(worker, r, source);
	trouble_clear(rq->trouble);
}

/* --- told --- */

static struct suspicion *suspicion(struct rq *rq, const struct found *found)
{
	struct suspicion *what = NEW(rq->arena, struct suspicion);
	struct people_get_row person;
	struct out at = out_new(rq->arena);
	struct str key = str_of(found->key), shown = key, why = weights_text(rq, found->weights);

	if (found->person >= 0 && people_get(rq, found->person, &person) == OK) {
		key = person.code;
		shown = people_shown_name(rq, person.name, person.is_protected);
	}
	tongue_instant(&at, rq->language, (struct instant){ found->last_at });
	*what = (struct suspicion){ .source = "watch", .rule = found->rule->rule, .key = key, .severity = watch_weighed(found->rule->severity, found->weights),
		.title = str_print(rq->arena, _(found->rule->title), STR_ARG(shown)) };
	what->text = str_print(rq->arena, _("Rule %s in the log %s. %s Last %.*s, from %s; %lld times. %.*s"), found->rule->rule, found->source,
		_(found->rule->definition), STR_ARG(out_str(&at)), found->address[0] ? found->address : "-", (long long)found->n, STR_ARG(why));
	return what;
}

enum err core_logs_say(struct rq *rq)
{
	struct change *change;

	for (size_t i = 0; i < judge.n_seen; i++)
		TRY(log_seen_put(rq, judge.seen[i].person, judge.seen[i].day));
	if (!judge.n_tell)
		return OK;
	TRY(audit_begin(rq, "incidents.watch", judge.tell[0]->person >= 0 ? suspicion(rq, judge.tell[0])->key : STR(""), &change));
	for (size_t i = 0; i < judge.n_tell; i++)
		event_say(change, (struct event){ EVENT_suspected, judge.tell[i]->person, 0, change_leaf(change), suspicion(rq, judge.tell[i]) });
	return OK;
}

void core_logs_said(void)
{
	for (size_t i = 0; i < judge.n_tell; i++)
		judge.tell[i]->told = judge.tell[i]->n;
	judge.n_tell = judge.n_seen = 0;
}
