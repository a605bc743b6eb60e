/* The fictional municipality: `samordna demo` fills a home, `samordna demo wipe` empties it.
 *
 * First a plan is made in memory, from one seed: people, then three weeks of acts with their moments (a manager asks, a system
 * owner approves, support executes, people connect). Then the acts are done in the order of time, some hundreds in a job, each as
 * the person who would do it, at its own moment, through the same verbs as the pages use. So the log of an exercise looks like a
 * real one, and whatever a verb would refuse cannot be in it.
 *
 * SECURITY: only into a home without people. The mark of an exercise (setting demo.is_on) can be set nowhere else, so no real
 * home becomes one; what is possible in an exercise alone (to act as somebody else) hangs on that mark.
 *
 * What it does not do: it makes no log-ins. The first coordinator sets up with the one-time code, as everywhere. */
#include "fiction.h"
#include "floor/event.h"
#include "floor/gateway.sql.h"
#include "floor/session.sql.h"
#include "floor/setting.h"
#include "floor/setting.sql.h"
#include "floor/writer.h"
#include "points/access/access.h"
#include "points/access/review.h"
#include "points/capacity/capacity.h"

enum { DAYS_OF_STORY = 21, STEP_PEOPLE = 250, STEP_ACTS = 250, STAFF_WITH_ACCESS = 1250 };

enum fate { FATE_ACTIVE, FATE_RETURNED, FATE_REJECTED, FATE_WITHDRAWN, FATE_SUSPENDED, FATE_REVOKED };
struct plot {                        /* of one grant */
	int32_t        person, requester, approver, executor;
	enum fate      fate;
	struct instant from, until, executed_at;     /* until: no sessions after it */
	int64_t        id;
};
struct visit_plot { int32_t person, number; struct instant begins, until; int64_t id; };   /* of one session */

enum act_kind { ACT_ASK, ACT_APPROVE, ACT_EXECUTE, ACT_FATE, ACT_ACCEPT, ACT_START, ACT_STOP, ACT_LEAVE, ACT_REVIEW, ACT_ANSWER, ACT_STEP, ACT_DEED };
struct act { struct instant at; int32_t kind, index, serial; };

struct story {
	struct arena          *arena;
	struct fiction_chance  chance;
	struct instant         now, first_day;
	struct fiction_person *person;
	struct plot           *plot; int32_t n_plots;
	struct visit_plot     *visit; int32_t n_visits;
	struct act            *act; int32_t n_acts, room_acts;
	int32_t                coordinator, n_support, support[16], n_owners[16], owner[16][3];
	int64_t                gateway, review, incident[FICTION_INCIDENTS];
	int32_t                done;            /* acts, or people, before this step */
};

/* --- the plan --- */

static uint32_t below(struct story *story, uint32_t n)
{
	return fiction_below(&story->chance, n);
}

static void plan(struct story *story, struct instant at, enum act_kind kind, int32_t index)
{
	if (!instant_is_before(at, story->now))
		return;
	if (story->n_acts == story->room_acts) {
		struct act *more = NEW_MANY(story->arena, (size_t)story->room_acts * 2 + 1024, struct act);
		if (story->n_acts)
			memcpy(more, story->act, (size_t)story->n_acts * sizeof more[0]);
		story->act = more;
		story->room_acts = story->room_acts * 2 + 1024;
	}
	story->act[story->n_acts] = (struct act){ at, kind, index, story->n_acts };
	story->n_acts++;
}

static struct instant day_of(const struct story *story, int day)
{
	return instant_midnight((struct instant){ story->first_day.ms + DAYS(day).ms + HOURS(12).ms });
}

/* A moment in office hours of that day or, at a weekend, of the next working day. */
static struct instant office(struct story *story, int day, uint32_t from_hour, uint32_t hours)
{
	while (instant_wall(day_of(story, day)).weekday > 5)
		day++;
	return instant_plus(day_of(story, day), SECONDS((int64_t)from_hour * 3600 + below(story, hours * 3600)));
}

static int day_number(const struct story *story, struct instant at)
{
	return (int)((at.ms - story->first_day.ms) / DAYS(1).ms);
}

static void find_roles(struct story *story)
{
	story->coordinator = -1;
	for (int32_t i = 0; i < FICTION_STAFF; i++) {
		const struct fiction_person *p = &story->person[i];
		if (p->roles & ROLE_COORDINATOR && story->coordinator < 0)
			story->coordinator = i;
		if (p->roles & ROLE_SUPPORT && story->n_support < 16)
			story->support[story->n_support++] = i;
		if (p->roles & ROLE_SYSTEM_OWNER && story->n_owners[p->body] < 3)
			story->owner[p->body][story->n_owners[p->body]++] = i;
	}
}

/* Who wants to work from home, and has what it takes. */
static bool wants_access(struct story *story, const struct fiction_person *p)
{
	static const uint32_t share[] = { [FICTION_OFFICE] = 80, [FICTION_SCHOOL] = 18, [FICTION_CARE] = 5 };
	return p->email.len && below(story, 100) < share[p->kind];
}

static int32_t requester_of(const struct story *story, int32_t person)
{
	int32_t manager = story->person[person].manager;
	if (manager >= 0 && story->person[manager].body == story->person[person].body)
		return manager;
	return story->owner[story->person[person].body][0];
}

static int32_t approver_of(struct story *story, int32_t person, int32_t requester)
{
	for (;;) {
		int32_t owner = story->owner[story->person[person].body][below(story, 3)];
		if (owner != person && owner != requester)
			return owner;
	}
}

/* Most are asked for in the first week, some every day; the last ones still wait for somebody. */
static void plan_grant(struct story *story, int32_t person)
{
	struct plot *plot = &story->plot[story->n_plots];
	int day = below(story, 10) < 8 ? (int)below(story, 4) : (int)below(story, DAYS_OF_STORY);
	struct instant asked = office(story, day, 8, 8);
	uint32_t luck = below(story, 1000);

	*plot = (struct plot){ .person = person, .requester = requester_of(story, person), .id = -1 };
	plot->approver = approver_of(story, person, plot->requester);
	do
		plot->executor = story->support[below(story, (uint32_t)story->n_support)];
	while (plot->executor == person || plot->executor == plot->requester);
	plot->from = instant_midnight(asked);
	plot->until = INSTANT_NEVER;
	plot->fate = luck < 8 ? FATE_RETURNED : luck < 14 ? FATE_REJECTED : luck < 22 ? FATE_WITHDRAWN : luck < 28 ? FATE_SUSPENDED
	           : luck < 45 ? FATE_REVOKED : FATE_ACTIVE;
	struct instant approved = office(story, day_number(story, asked) + 1 + (below(story, 4) == 0), 8, 8);
	struct instant executed = office(story, day_number(story, approved) + (int)below(story, 2), 16, 1);
	struct instant fate = office(story, day_number(story, executed) + 3 + (int)below(story, 8), 9, 6);
	plan(story, asked, ACT_ASK, story->n_plots);
	if (plot->fate == FATE_RETURNED || plot->fate == FATE_REJECTED || plot->fate == FATE_WITHDRAWN) {
		plan(story, approved, ACT_FATE, story->n_plots++);
		return;
	}
	plan(story, approved, ACT_APPROVE, story->n_plots);
	if (instant_is_before(executed, story->now)) {
		plan(story, executed, ACT_EXECUTE, story->n_plots);
		plot->executed_at = executed;
	}
	if (plot->fate != FATE_ACTIVE) {
		plan(story, fate, ACT_FATE, story->n_plots);
		if (plot->executed_at.ms && instant_is_before(fate, story->now))
			plot->until = fate;
	}
	story->n_plots++;
}

static void plan_sessions(struct story *story, const struct plot *plot)
{
	for (int day = 0; day <= DAYS_OF_STORY; day++) {
		struct instant morning = day_of(story, day);
		bool is_weekend = instant_wall(morning).weekday > 5;
		if (below(story, 100) >= (is_weekend ? 2u : 42u))
			continue;
		struct visit_plot *visit = &story->visit[story->n_visits];
		int64_t begins = 6 * 3600 + 1800 + below(story, 5400) + below(story, 5400), lasts = 1200 + below(story, 15000) + below(story, 15000);
		*visit = (struct visit_plot){ plot->person, story->n_visits, instant_plus(morning, SECONDS(begins)), { 0 }, -1 };
		visit->until = instant_plus(visit->begins, HOURS(12));
		struct instant ends = instant_plus(visit->begins, SECONDS(lasts));
		if (!plot->executed_at.ms || instant_is_before(visit->begins, plot->executed_at) || instant_is_before(plot->until, ends))
			continue;
		plan(story, visit->begins, ACT_ACCEPT, story->n_visits);
		plan(story, instant_plus(visit->begins, SECONDS(2)), ACT_START, story->n_visits);
		plan(story, ends, ACT_STOP, story->n_visits);
		story->n_visits++;
	}
}

/* Some leave, with and without access; what they held ends with them. */
static void plan_leavers(struct story *story)
{
	for (int i = 0; i < 14; i++) {
		struct instant at = office(story, 8 + i % 12, 6, 1);
		int32_t person = i < 5 ? story->plot[below(story, (uint32_t)story->n_plots)].person : (int32_t)below(story, FICTION_STAFF);
		struct fiction_person *p = &story->person[person];
		if (p->roles != ROLE_EMPLOYEE || p->left_at.ms)
			continue;
		p->left_at = at;
		plan(story, at, ACT_LEAVE, person);
		for (int32_t k = 0; k < story->n_plots; k++)
			if (story->plot[k].person == person && instant_is_before(at, story->plot[k].until))
				story->plot[k].until = at;
	}
}

static int by_time(const void *a, const void *b)
{
	const struct act *x = a, *y = b;
	if (x->at.ms != y->at.ms)
		return x->at.ms < y->at.ms ? -1 : 1;
	return (x->serial > y->serial) - (x->serial < y->serial);
}

/* In office hours of a working day; what a table says of an hour is kept. */
static void plan_incidents(struct story *story)
{
	for (int32_t i = 0; i < (int32_t)fiction_n_deeds; i++) {
		const struct fiction_deed *deed = &fiction_deeds[i];
		const struct fiction_incident *its = &fiction_incidents[deed->incident];
		int day = its->day;
		while (day >= 0 && instant_wall(day_of(story, day)).weekday > 5)
			day++;
		struct instant from = day < 0 ? instant_plus(story->now, MINUTES(-its->minute)) : instant_plus(day_of(story, day), MINUTES(its->minute));
		plan(story, instant_plus(from, MINUTES(deed->minutes)), ACT_DEED, i);
	}
}

static void plan_all(struct story *story)
{
	struct instant review = office(story, 15, 10, 1);

	story->plot = NEW_MANY(story->arena, STAFF_WITH_ACCESS, struct plot);
	for (int32_t i = 0; i < FICTION_STAFF && story->n_plots < STAFF_WITH_ACCESS; i++)
		if (!(story->person[i].roles & ROLE_MANAGEMENT) && wants_access(story, &story->person[i]))
			plan_grant(story, i);
	plan_leavers(story);
	story->visit = NEW_MANY(story->arena, (size_t)story->n_plots * (DAYS_OF_STORY + 1) + 1, struct visit_plot);
	for (int32_t i = 0; i < story->n_plots; i++)
		plan_sessions(story, &story->plot[i]);
	for (int32_t step = 1; step < ACCESS_STEPS; step++)
		plan(story, office(story, 2, 13, 2), ACT_STEP, step);
	plan(story, review, ACT_REVIEW, 0);
	for (int32_t i = 0; i < story->n_plots; i++) {
		const struct plot *plot = &story->plot[i];
		if (plot->fate == FATE_ACTIVE && plot->executed_at.ms && instant_is_before(plot->executed_at, review)
		    && !story->person[plot->person].left_at.ms && below(story, 100) < 70)
			plan(story, office(story, 16 + (int)below(story, 4), 8, 8), ACT_ANSWER, i);
	}
	plan_incidents(story);
	qsort(story->act, (size_t)story->n_acts, sizeof story->act[0], by_time);
}

/* --- the acts, each as whoever does it --- */

static struct rq as(struct rq *rq, const struct story *story, int32_t person, struct instant at)
{
	struct actor *actor = NEW(rq->arena, struct actor);
	struct rq ret = *rq;

	*actor = (struct actor){ person, str_print(rq->arena, "person:%.*s", STR_ARG(story->person[person].code)),
		story->person[person].roles, at, story->person[person].body };
	ret.actor = actor;
	ret.now = at;
	return ret;
}

static enum err move(struct rq *rq, const struct story *story, const struct plot *plot, int32_t by, const char *name, const char *why, struct instant at)
{
	struct rq *own = NEW(rq->arena, struct rq);

	*own = as(rq, story, by, at);
	return access_do(own, access_move_named(str_of(name)), &(struct access_deed){ .grant = plot->id, .by = by, .reason = str_of(why) });
}

static enum err act_ask(struct rq *rq, struct story *story, struct plot *plot, struct instant at)
{
	static const char *const purpose[] = { "Arbete hemifrån två dagar i veckan", "Jour och beredskap", "Handläggning hemifrån",
		"Möten utanför kontoret", "Distansarbete enligt överenskommelse" };
	struct rq *own = NEW(rq->arena, struct rq);

	*own = as(rq, story, plot->requester, at);
	return access_ask(own, &(struct access_asked){ .person = plot->person, .service = STR("Distansåtkomst"),
		.purpose = str_of(purpose[(size_t)plot->person % LENGTH(purpose)]), .from_at = plot->from,
		.until = instant_midnight(instant_plus_months(plot->from, 3 + plot->person % 9)),
		.requested_by = { true, plot->requester } }, &plot->id);
}

static enum err act_fate(struct rq *rq, struct story *story, const struct plot *plot, struct instant at)
{
	switch (plot->fate) {
	case FATE_RETURNED: return move(rq, story, plot, plot->approver, "return", "Vilka system gäller det?", at);
	case FATE_REJECTED: return move(rq, story, plot, plot->approver, "reject", "Arbetet går inte att göra på distans.", at);
	case FATE_WITHDRAWN: return move(rq, story, plot, plot->requester, "withdraw", "", at);
	case FATE_SUSPENDED: return move(rq, story, plot, plot->executor, "suspend", "Datorn är anmäld som borttappad.", at);
	case FATE_REVOKED: return move(rq, story, plot, plot->requester, "revoke", "Behövs inte längre.", at);
	default: return OK;
	}
}

/* A session is told by the gateway: the accept, its beginning, its end, a leaf each. */
static enum err act_session(struct rq *rq, struct story *story, struct visit_plot *visit, enum act_kind kind, struct instant at)
{
	static const struct actor gateway = { -1, { "gateway", 7 }, 0, { 0 }, -1 };
	struct rq *own = NEW(rq->arena, struct rq);
	const struct fiction_person *p = &story->person[visit->person];
	struct str number = str_print(rq->arena, "f%07d", visit->number);
	struct change *change;

	*own = *rq;
	own->actor = &gateway;
	own->now = at;
	if (kind != ACT_ACCEPT) {
		TRY(audit_begin(own, kind == ACT_START ? "session.start" : "session.stop", STR("vpn1"), &change));
		return kind == ACT_START ? session_open(change, at, number, visit->id) : session_close(change, at, 1, visit->id);
	}
	TRY(audit_begin(own, "gate.accept", p->code, &change));
	visit->id = change_leaf(change);
	return session_offer(change, &(struct session_offer_args){ .id = visit->id, .person = { true, visit->person }, .gateway = story->gateway,
		.offered_at = at, .until = visit->until, .nas_session = STR(""),
		.calling = str_print(rq->arena, "198.51.100.%d", 1 + visit->person % 254) });
}

static enum err act_leave(struct rq *rq, const struct story *story, int32_t person, struct instant at)
{
	static const struct actor import = { -1, { "system", 6 }, 0, { 0 }, -1 };
	struct rq *own = NEW(rq->arena, struct rq);
	struct change *change;

	*own = *rq;
	own->actor = &import;
	own->now = at;
	TRY(audit_begin(own, "people.import.step", story->person[person].code, &change));
	change_touch(change, person);
	event_say(change, (struct event){ .kind = EVENT_person_left, .person = person });
	return people_leave(change, (struct maybe_int){ true, at.ms }, person);
}

static enum err act_review(struct rq *rq, struct story *story, struct instant at)
{
	struct rq *own = NEW(rq->arena, struct rq);

	*own = as(rq, story, story->coordinator, at);
	return access_review_begin(own, STR("Höstens granskning"), instant_midnight(instant_plus(at, DAYS(20))), story->coordinator, &story->review);
}

static enum err act_answer(struct rq *rq, struct story *story, const struct plot *plot, struct instant at)
{
	struct rq *own = NEW(rq->arena, struct rq);
	bool is_change = plot->person % 97 == 0, is_remove = plot->person % 61 == 0;

	*own = as(rq, story, plot->requester, at);
	return access_review_say(own, &(struct access_answered){ .review = story->review, .grant = plot->id, .by = plot->requester,
		.answer = is_change ? ACCESS_CHANGE : is_remove ? ACCESS_REMOVE : ACCESS_KEEP,
		.note = is_change ? STR("Kortare tid räcker.") : STR("") });
}

static enum err act_step(struct rq *rq, struct story *story, int64_t step, struct instant at)
{
	static const char *const rule[] = { "Riktlinje för behörigheter 4.1", "Riktlinje för behörigheter 4.3", "Riktlinje för loggning 2",
		"Rutin när anställning upphör", "" };
	static const char *const evidence[] = { "Alla öppna behörigheter har tre personer i loggen.", "Höstens granskning pågår.",
		"Registret och loggen i Samordna.", "Personalfilen läses in varje natt.", "" };
	struct rq *own = NEW(rq->arena, struct rq);

	*own = as(rq, story, story->coordinator, at);
	return access_assess(own, &(struct access_assessed){ .step = step, .is_met = true, .rule = str_of(rule[step - 1]),
		.evidence = str_of(evidence[step - 1]), .owner = { true, story->owner[0][(step - 1) % 3] }, .by = story->coordinator });
}

static enum err act_deed(struct rq *rq, struct story *story, const struct fiction_deed *deed, struct instant at)
{
	const int32_t who[FICTION_CAST] = { story->support[0], story->support[1], story->owner[0][0], story->coordinator };
	struct rq *own = NEW(rq->arena, struct rq);
	struct fiction_cast cast;

	for (int i = 0; i < FICTION_CAST; i++) {
		cast.person[i] = who[i];
		cast.code[i] = story->person[who[i]].code;
	}
	*own = as(rq, story, who[deed->who], at);
	return fiction_deed_do(own, deed, &cast, story->incident);
}

static enum err do_act(struct rq *rq, struct story *story, const struct act *act)
{
	switch ((enum act_kind)act->kind) {
	case ACT_ASK: return act_ask(rq, story, &story->plot[act->index], act->at);
	case ACT_APPROVE: return move(rq, story, &story->plot[act->index], story->plot[act->index].approver, "approve", "", act->at);
	case ACT_EXECUTE: return move(rq, story, &story->plot[act->index], story->plot[act->index].executor, "execute", "", act->at);
	case ACT_FATE: return act_fate(rq, story, &story->plot[act->index], act->at);
	case ACT_ACCEPT: case ACT_START: case ACT_STOP: return act_session(rq, story, &story->visit[act->index], act->kind, act->at);
	case ACT_LEAVE: return act_leave(rq, story, act->index, act->at);
	case ACT_REVIEW: return act_review(rq, story, act->at);
	case ACT_ANSWER: return act_answer(rq, story, &story->plot[act->index], act->at);
	case ACT_STEP: return act_step(rq, story, act->index, act->at);
	case ACT_DEED: return act_deed(rq, story, &fiction_deeds[act->index], act->at);
	}
	return ERR_INVALID;
}

/* What a verb refuses (somebody has left meanwhile) simply does not happen in the story. */
static enum err step_acts(struct rq *rq, void *of)
{
	struct story *story = of;

	for (int32_t i = story->done; i < story->n_acts && i < story->done + STEP_ACTS; i++) {
		enum err err = do_act(rq, story, &story->act[i]);
		if (err == ERR_DENIED || err == ERR_CONFLICT || err == ERR_INVALID || err == ERR_NONE)
			trouble_clear(rq->trouble);
		else if (err != OK)
			return err;
	}
	return OK;
}

/* --- the people --- */

static enum err add_person(struct change *change, const struct story *story, int32_t i)
{
	const struct fiction_person *p = &story->person[i];
	struct rq *rq = change_rq(change);
	const struct { struct str name; enum login_kind kind; } names[] = { { p->code, LOGIN_CODE }, { p->email, LOGIN_EMAIL },
		{ p->login, LOGIN_NAME } };
	struct instant channel = { rq->now.ms - DAYS(200).ms };

	change_touch(change, i);
	TRY(people_add(change, &(const struct people_add_args){ .id = i, .code = p->code, .name = p->name, .email = p->email,
		.phone = p->phone, .sort = people_sort_key(rq->arena, p->is_protected ? p->code : p->name), .email_changed_at = channel, .phone_changed_at = channel,
		.unit = p->unit, .manager = { p->manager >= 0, p->manager }, .employment_end = { p->employment_end.ms != 0, p->employment_end.ms },
		.roles = p->roles, .is_protected = p->is_protected }));
	for (size_t k = 0; k < LENGTH(names); k++)
		if (names[k].name.len)
			TRY(people_login_add(change, i, (int64_t)k, names[k].name, names[k].kind));
	return OK;
}

static enum err step_people(struct rq *rq, void *of)
{
	struct story *story = of;
	struct change *change;

	rq->now = story->first_day;
	TRY(audit_begin(rq, "people.import.step", STR("demo"), &change));
	for (int32_t i = story->done; i < FICTION_STAFF && i < story->done + STEP_PEOPLE; i++)
		TRY(add_person(change, story, i));
	return OK;
}

/* What the gateway can carry, what is on order, and what some units do without a connection. */
static enum err capacity_of(struct rq *rq, int64_t gateway, struct str name)
{
	static const struct { const char *unit, *instead; } units[] = {
		{ "Biblioteken", "Arbeta i det lokala systemet. Hämta dokument kl. 14." }, { "Arkiv", "Hämta handlingar på morgonen och arbeta lokalt." },
		{ "Bygglov", "Granska de ärenden som redan är hämtade." }, { "Ekonomi", "Kontera i kalkylarket och läs in det kl. 15." } };
	struct instant tested = instant_plus(rq->now, DAYS(-30));
	int64_t order;

	TRY(capacity_set_limits(rq, &(struct capacity_known){ .id = gateway, .name = name }, &(struct capacity_limits){ .licence = { true, 500 },
		.tested = { true, 420 }, .tested_at = { true, tested.ms }, .addresses = { true, 506 }, .throughput = { true, 1000000 }, .share = { true, 2000 } }));
	TRY(capacity_order(rq, &(struct capacity_wish){ .gateway = name, .note = STR("Fler licenser, ramavtal"), .places = 250, .cost = 180000,
		.delivery_at = instant_plus(rq->now, DAYS(60)) }, &order));
	for (size_t i = 0; i < LENGTH(units); i++)
		TRY(capacity_set_unit(rq, str_of(units[i].unit), (struct maybe_int){ 0 }, str_of(units[i].instead)));
	return capacity_set_unit(rq, STR("Säkerhet och beredskap"), (struct maybe_int){ true, 1 }, STR_NONE);
}


/* The exercise's mark, its bodies, units and gateway: the first leaf of the story. */
static enum err step_begin(struct rq *rq, void *of)
{
	struct story *story = of;
	struct gateway_all_row *gateways;
	struct people_count_row people;
	struct people_bodies_row *bodies;
	struct people_units_row *units;
	size_t n_gateways, n_bodies, n_units;
	struct change *change;

	TRY(people_count(rq, &people));
	TRY(people_bodies(rq, &bodies, &n_bodies));
	TRY(people_units(rq, &units, &n_units));
	if (people.n || n_units || n_bodies > 1)
		return fail(rq, ERR_CONFLICT, _("There are people in this home already; an exercise is made in an empty one only."));
	rq->now = story->first_day;
	TRY(audit_begin(rq, "demo.begin", STR("Exempelkommunen"), &change));
	TRY(setting_put(change, STR("demo.is_on"), STR("yes")));
	TRY(setting_put(change, STR("organisation.name"), STR("Exempelkommunen")));
	TRY(setting_put(change, STR("capacity.places"), STR("400")));
	for (size_t i = 0; i < fiction_n_bodies; i++)
		TRY(i < n_bodies ? people_body_name(change, str_of(fiction_bodies[i]), (int64_t)i)
		    : people_body_add(change, (int64_t)i, str_of(fiction_bodies[i])));
	for (size_t i = 0; i < fiction_n_units; i++)
		TRY(people_unit_add(change, (int64_t)i, str_of(fiction_units[i].name), fiction_units[i].body, fiction_units[i].class));
	TRY(gateway_all(rq, &gateways, &n_gateways));
	story->gateway = 0;
	if (n_gateways == 0)
		TRY(gateway_add(change, 0, STR("vpn1"), false, STR("")));
	change_touch_site(change);
	return capacity_of(rq, story->gateway, n_gateways ? gateways[0].name : STR("vpn1"));
}

static enum err step_decision(struct rq *rq, void *of)
{
	const struct story *story = of;

	rq->now = story->now;
	return fiction_decision(rq, story->person, story->coordinator);
}

static enum err make_story(struct rq *rq, struct story *story)
{
	struct writer *writer = writer_of_core();

	story->person = fiction_people(rq->arena, &story->chance, rq->now);
	find_roles(story);
	plan_all(story);
	TRY(writer_do(writer, step_begin, story, rq));
	for (story->done = 0; story->done < FICTION_STAFF; story->done += STEP_PEOPLE)
		TRY(writer_do(writer, step_people, story, rq));
	for (story->done = 0; story->done < story->n_acts; story->done += STEP_ACTS)
		TRY(writer_do(writer, step_acts, story, rq));
	return writer_do(writer, step_decision, story, rq);
}

static enum err run_demo(struct rq *rq, const struct args *args, struct out *ret)
{
	struct story story = { .arena = rq->arena, .chance = { 20201103 }, .now = rq->now };

	if (args->n_words)
		return fail(rq, ERR_INVALID, _("demo, or demo wipe"));
	story.first_day = instant_midnight((struct instant){ rq->now.ms - DAYS(DAYS_OF_STORY).ms });
	TRY(make_story(rq, &story));
	if (args->json)
		out_print(ret, "{\"people\":%d,\"grants\":%d,\"sessions\":%d}\n", FICTION_STAFF, (int)story.n_plots, (int)story.n_visits);
	else
		out_print(ret, _("Exempelkommunen: %d people, %d grants, %d sessions. All of it is invented."), FICTION_STAFF,
		          (int)story.n_plots, (int)story.n_visits), out_byte(ret, '\n');
	return OK;
}

const struct command fiction_commands[] = {
	{ "demo", "", N_("Fill an empty home with a fictional municipality; demo wipe empties it again"), COMMAND_LONG, run_demo },
	{ 0 }
};
