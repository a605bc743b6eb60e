/* Tests of point 1: the life of a grant, who may do what, the facts in memory, and the opinion against a naive model. The store
 * is in memory, the clock is set by hand. */
#include "floor/fixture.h"
#include "access.h"
#include "points/access/review.h"
#include "floor/gateway.sql.h"
#include "floor/people.h"
#include "floor/session.sql.h"
#include "floor/setting.h"

static struct fixture *f;

/* What is told to the folds in these tests. */
static int ended_events;

static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	ended_events += event->kind == EVENT_grant_ended;
	return access_hear(rq, event, change);
}

static void at(const char *text)
{
	assert_int_equal(instant_parse_loose(str_of(text), &f->rq.now), OK);
}

/* A job as the writer runs it: all or nothing. */
#define JOB(call) FIXTURE_JOB(f, hear, call)

enum { ANNA, BO, CIA, DAN, EVA, FIA, GUN, HUGO, PERSONS };

static enum err add_people(void)
{
	static const struct fixture_house houses[] = { { "One", "One" }, { "Two", "Two" } };
	static const struct fixture_person p[PERSONS] = {
		[ANNA] = { "anna", ROLE_EMPLOYEE, 1 }, [BO] = { "bo", ROLE_MANAGER, 1 }, [CIA] = { "cia", ROLE_SYSTEM_OWNER, 1 },
		[DAN] = { "dan", ROLE_SUPPORT, 2 }, [EVA] = { "eva", ROLE_COORDINATOR, 1 }, [FIA] = { "fia", ROLE_MANAGER, 2 },
		[GUN] = { "gun", ROLE_MANAGER | ROLE_SUPPORT, 1 }, [HUGO] = { "hugo", ROLE_EMPLOYEE, 1 } };
	struct change *change;

	TRY(fixture_people(f, houses, LENGTH(houses), p, PERSONS));
	TRY(audit_begin(&f->rq, "test.gateways", STR("gateways"), &change));
	TRY(gateway_add(change, 1, STR("vpn1"), false, STR("")));
	return gateway_add(change, 2, STR("vpn2"), false, STR("Journal"));
}

static int set_up(void **state)
{
	f = fixture_new();
	setting_know(access_settings);
	at("2026-11-24 10:00");
	assert_int_equal(JOB(add_people()), OK);
	ended_events = 0;
	return 0;
}

static int tear_down(void **state)
{
	fixture_end(f);
	return 0;
}

static struct maybe_int who(int64_t person)
{
	return (struct maybe_int){ person >= 0, person };
}

static struct access_asked asking(int64_t person, const char *service, const char *from, const char *to)
{
	struct access_asked asked = { .person = person, .service = str_of(service), .purpose = STR("on call") };
	assert_int_equal(instant_parse_loose(str_of(from), &asked.from_at), OK);
	assert_int_equal(instant_parse_loose(str_of(to), &asked.until), OK);
	return asked;
}

static int64_t asked_grant(int64_t person, int64_t by)
{
	struct access_asked asked = asking(person, "vpn", "2026-11-24", "2027-02-01");
	int64_t grant = -1;
	asked.requested_by = who(by);
	assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), OK);
	return grant;
}

static enum err stated(int64_t person, int64_t a, int64_t b, int64_t c, int64_t *ret)
{
	struct access_asked asked = asking(person, "vpn", "2026-11-24", "2027-02-01");
	asked.requested_by = who(a);
	asked.approved_by = who(b);
	asked.executed_by = who(c);
	return JOB(access_state_grant(&f->rq, &asked, ret));
}

static enum err doing(const char *name, int64_t grant, int64_t by)
{
	return JOB(access_do(&f->rq, access_move_named(str_of(name)), &(struct access_deed){ .grant = grant, .by = by, .reason = STR("because") }));
}

static enum access_state state_of(int64_t grant)
{
	struct access_grant_get_row row;
	assert_int_equal(access_grant_get(&f->rq, grant, &row), OK);
	return access_state(ACCESS_MOMENTS(&row), f->rq.now);
}

static struct opinion judged_at(int64_t person, int16_t gateway, struct instant when)
{
	static struct access_site site;
	struct access_slice slice[PERSONS];
	struct opinion opinion;

	memset(&site, 0, sizeof site);
	memset(slice, 0, sizeof slice);
	assert_int_equal(access_stand(&f->rq, (struct slices){ 0, PERSONS, (char *)slice, sizeof slice[0] }), OK);
	assert_int_equal(access_stand_site(&f->rq, &site), OK);
	access_opinion(&(struct ask){ .person = person, .at = when, .gateway = gateway }, &slice[person], &site, &opinion);
	return opinion;
}

static struct opinion judged(int64_t person, int16_t gateway)
{
	return judged_at(person, gateway, f->rq.now);
}

static void test_life_of_a_grant(void **state)
{
	assert_ptr_equal(judged(ANNA, 0).reason, &access_no_grant);
	int64_t before = audit_size(f->audit), grant = asked_grant(ANNA, BO);
	assert_int_equal(audit_size(f->audit), before + 1);
	assert_int_equal(state_of(grant), ACCESS_REQUESTED);
	assert_ptr_equal(judged(ANNA, 0).reason, &access_no_grant);
	assert_int_equal(doing("approve", grant, CIA), OK);
	assert_int_equal(state_of(grant), ACCESS_APPROVED);
	assert_ptr_equal(judged(ANNA, 0).reason, &access_no_grant);
	assert_int_equal(doing("execute", grant, DAN), OK);
	assert_int_equal(state_of(grant), ACCESS_ACTIVE);
	assert_int_equal(audit_size(f->audit), before + 3);
	struct opinion opinion = judged(ANNA, 0);
	struct instant end;
	assert_int_equal(instant_parse_loose(STR("2027-02-01"), &end), OK);
	assert_int_equal(opinion.verdict, VERDICT_PASS);
	assert_int_equal(opinion.until.ms, end.ms);
	assert_int_equal(doing("suspend", grant, EVA), OK);
	assert_ptr_equal(judged(ANNA, 0).reason, &access_suspended);
	assert_int_equal(ended_events, 1);
	assert_int_equal(doing("lift", grant, DAN), OK);
	assert_int_equal(judged(ANNA, 0).verdict, VERDICT_PASS);
	assert_int_equal(doing("revoke", grant, BO), OK);
	assert_int_equal(ended_events, 2);
	assert_int_equal(state_of(grant), ACCESS_REVOKED);
	assert_ptr_equal(judged(ANNA, 0).reason, &access_no_grant);
	assert_int_equal(doing("revoke", grant, BO), ERR_CONFLICT);
	at("2027-02-01");
	assert_int_equal(state_of(grant), ACCESS_REVOKED);
}

static void test_time_alone(void **state)
{
	int64_t grant;
	assert_int_equal(stated(ANNA, BO, CIA, DAN, &grant), OK);
	at("2026-11-23 23:59");
	assert_int_equal(state_of(grant), ACCESS_REQUESTED);       /* before it was stated */
	at("2027-01-31 23:59:59");
	assert_int_equal(judged(ANNA, 0).verdict, VERDICT_PASS);
	at("2027-02-01");
	assert_int_equal(state_of(grant), ACCESS_EXPIRED);
	assert_ptr_equal(judged(ANNA, 0).reason, &access_expired);
	struct access_asked asked = asking(ANNA, "vpn", "2027-03-01", "2027-04-01");
	asked.requested_by = who(BO), asked.approved_by = who(CIA), asked.executed_by = who(DAN);
	assert_int_equal(JOB(access_state_grant(&f->rq, &asked, &grant)), OK);
	assert_int_equal(state_of(grant), ACCESS_COMING);
	assert_int_equal(judged(ANNA, 0).verdict, VERDICT_WAIT);
	assert_int_equal(judged(ANNA, 0).until.ms, asked.from_at.ms);
	assert_ptr_equal(judged(ANNA, 0).reason, &access_not_yet);
}

static void test_three_people(void **state)
{
	int64_t grant = -1;
	assert_int_equal(stated(ANNA, BO, BO, DAN, &grant), ERR_DENIED);
	assert_int_equal(stated(ANNA, BO, CIA, BO, &grant), ERR_DENIED);
	assert_int_equal(stated(ANNA, BO, GUN, GUN, &grant), ERR_DENIED);
	assert_int_equal(stated(ANNA, HUGO, CIA, DAN, &grant), ERR_DENIED);     /* an employee requests nothing */
	assert_int_equal(stated(ANNA, BO, EVA, DAN, &grant), ERR_DENIED);       /* the coordinator does not approve */
	assert_int_equal(stated(ANNA, BO, CIA, EVA, &grant), ERR_DENIED);       /* nor execute */
	assert_int_equal(stated(ANNA, FIA, CIA, DAN, &grant), ERR_DENIED);      /* a manager of another body */
	assert_int_equal(stated(ANNA, BO, CIA, 77, &grant), ERR_NONE);
	assert_int_equal(stated(77, BO, CIA, DAN, &grant), ERR_NONE);
	assert_int_equal(grant, -1);
	assert_int_equal(stated(ANNA, BO, CIA, DAN, &grant), OK);
	grant = asked_grant(HUGO, GUN);
	assert_int_equal(doing("approve", grant, GUN), ERR_DENIED);
	assert_int_equal(doing("approve", grant, FIA), ERR_DENIED);
	assert_int_equal(doing("approve", grant, CIA), OK);
	assert_int_equal(doing("execute", grant, GUN), ERR_DENIED);
	assert_int_equal(doing("execute", grant, DAN), OK);
	grant = asked_grant(CIA, BO);
	assert_int_equal(doing("approve", grant, CIA), ERR_DENIED);             /* what is for herself */
	assert_int_equal(doing("approve", grant, GUN), OK);
}

static void test_what_is_refused(void **state)
{
	int64_t grant = -1;
	struct access_asked asked = asking(ANNA, "vpn", "2026-12-01", "2026-12-01");
	asked.requested_by = who(BO);
	assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), ERR_INVALID);
	asked = asking(ANNA, "vpn", "2026-01-01", "2026-11-24");
	assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), ERR_INVALID);
	asked = asking(ANNA, "vpn", "2026-12-01", "2027-12-01 00:01");
	assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), ERR_INVALID);
	asked = asking(ANNA, "vpn", "2026-12-01", "2027-12-01");
	assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), OK);
	assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), ERR_CONFLICT);   /* pressed twice */
	asked = asking(ANNA, " ", "2026-12-01", "2027-02-01");
	assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), ERR_INVALID);
	asked = asking(ANNA, "v\npn", "2026-12-01", "2027-02-01");
	assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), ERR_INVALID);
	asked = asking(ANNA, "vpn", "2026-12-01", "2027-02-01");
	asked.purpose = (struct str){ "\xff", 1 };
	assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), ERR_INVALID);
	assert_int_equal(doing("approve", 99, CIA), ERR_NONE);
}

/* Which moves which role may make in which state: everything else is refused. */
static void test_moves(void **state)
{
	static const char *const way[ACCESS_STATES][4] = {
		[ACCESS_REQUESTED] = { 0 }, [ACCESS_RETURNED] = { "return" }, [ACCESS_APPROVED] = { "approve" },
		[ACCESS_ACTIVE] = { "approve", "execute" }, [ACCESS_SUSPENDED] = { "approve", "execute", "suspend" },
		[ACCESS_REVOKED] = { "approve", "execute", "revoke" }, [ACCESS_REJECTED] = { "reject" }, [ACCESS_WITHDRAWN] = { "withdraw" } };
	static const int64_t people[] = { ANNA, BO, CIA, DAN, EVA, FIA, GUN };
	/* By letter: who of the people above may, when BO asked, CIA approved and DAN executed. */
	static const struct { enum access_state state; const char *move, *may; } allowed[] = {
		{ ACCESS_REQUESTED, "approve", "CG" }, { ACCESS_REQUESTED, "return", "CG" }, { ACCESS_REQUESTED, "reject", "CG" },
		{ ACCESS_REQUESTED, "withdraw", "B" }, { ACCESS_RETURNED, "again", "B" }, { ACCESS_RETURNED, "reject", "CG" },
		{ ACCESS_RETURNED, "withdraw", "B" }, { ACCESS_APPROVED, "withdraw", "B" }, { ACCESS_APPROVED, "execute", "DG" },
		{ ACCESS_APPROVED, "revoke", "BCDEG" }, { ACCESS_ACTIVE, "revoke", "BCDEG" }, { ACCESS_ACTIVE, "suspend", "DEG" },
		{ ACCESS_ACTIVE, "keep", "BCG" }, { ACCESS_SUSPENDED, "lift", "DEG" }, { ACCESS_SUSPENDED, "revoke", "BCDEG" } };
	int64_t per_state = 0;

	for (enum access_state from = 0; from < ACCESS_STATES; from++) {
		if (from == ACCESS_COMING || from == ACCESS_EXPIRED)
			continue;
		struct access_asked asked = asking(ANNA, "vpn", "2026-11-24", "2027-02-01");
		int64_t grant = -1;
		asked.requested_by = who(BO);
		asked.until.ms += 1000 * ++per_state;
		assert_int_equal(JOB(access_ask(&f->rq, &asked, &grant)), OK);
		for (size_t i = 0; i < 4 && way[from][i]; i++) {
			const char *step = way[from][i];
			int64_t by = !strcmp(step, "withdraw") ? BO : !strcmp(step, "execute") || !strcmp(step, "suspend") ? DAN : CIA;
			assert_int_equal(doing(step, grant, by), OK);
		}
		assert_int_equal(state_of(grant), from);
		for (const struct access_move *move = access_moves; move->name; move++)
			for (size_t i = 0; i < LENGTH(people); i++) {
				const char *may = "";
				struct access_grant_get_row row;
				for (size_t k = 0; k < LENGTH(allowed); k++)
					if (allowed[k].state == from && !strcmp(allowed[k].move, move->name))
						may = allowed[k].may;
				assert_int_equal(access_grant_get(&f->rq, grant, &row), OK);
				fixture_forgive(f);
				bool is_allowed = access_may(&f->rq, move, &row, people[i]) == OK;
				if (is_allowed != (strchr(may, "ABCDEFG"[people[i]]) != NULL))
					assert_string_equal(move->name, str_print(f->arena, "%s in state %s by %c: %d", move->name, access_state_name[from],
						"ABCDEFG"[people[i]], is_allowed).at);
			}
	}
}

static void test_leaver(void **state)
{
	int64_t open, waiting;
	struct change *change;
	assert_int_equal(stated(ANNA, BO, CIA, DAN, &open), OK);
	waiting = asked_grant(ANNA, BO);
	at("2026-11-25 09:00");
	assert_int_equal(fixture_job_begin(f), OK);
	assert_int_equal(audit_begin(&f->rq, "people.leave", STR("anna"), &change), OK);
	assert_int_equal(people_leave(change, who(f->rq.now.ms), ANNA), OK);
	event_say(change, (struct event){ EVENT_person_left, ANNA, ANNA, change_leaf(change) });
	int64_t size = audit_size(f->audit);
	assert_int_equal(fixture_job_end(f, OK, hear), OK);
	assert_int_equal(audit_size(f->audit), size + 1);
	assert_int_equal(ended_events, 2);
	assert_int_equal(state_of(open), ACCESS_REVOKED);
	assert_int_equal(state_of(waiting), ACCESS_REVOKED);
	assert_ptr_equal(judged(ANNA, 0).reason, &access_left);
	assert_int_equal(stated(ANNA, BO, CIA, DAN, &open), ERR_CONFLICT);
	assert_int_equal(stated(HUGO, ANNA, CIA, DAN, &open), ERR_DENIED);
}

static void test_services_and_gateways(void **state)
{
	int64_t grant;
	assert_int_equal(stated(ANNA, BO, CIA, DAN, &grant), OK);
	assert_int_equal(judged(ANNA, 0).verdict, VERDICT_PASS);        /* any grant */
	assert_int_equal(judged(ANNA, -1).verdict, VERDICT_PASS);
	assert_ptr_equal(judged(ANNA, 1).reason, &access_no_grant);     /* Journal, which nobody has been granted */
	struct access_asked asked = asking(ANNA, "journal", "2026-11-24", "2026-12-24");
	asked.requested_by = who(BO), asked.approved_by = who(CIA), asked.executed_by = who(DAN);
	assert_int_equal(JOB(access_state_grant(&f->rq, &asked, &grant)), OK);
	assert_int_equal(judged(ANNA, 1).verdict, VERDICT_PASS);
	assert_int_equal(judged(ANNA, 1).until.ms, asked.until.ms);
}

static void test_many_grants(void **state)
{
	int64_t grant;
	for (int i = 0; i < 64; i++) {
		struct access_asked asked = asking(ANNA, i ? "vpn" : "journal", "2026-11-24", "2027-02-01");
		asked.until.ms += i * 3600000;
		asked.requested_by = who(BO), asked.approved_by = who(CIA), asked.executed_by = who(DAN);
		assert_int_equal(JOB(access_state_grant(&f->rq, &asked, &grant)), OK);
		assert_int_equal(judged(ANNA, 0).verdict, VERDICT_PASS);
		assert_int_equal(judged(ANNA, 0).until.ms, asked.until.ms);
		assert_int_equal(judged(ANNA, 1).verdict, VERDICT_PASS);
		assert_ptr_equal(judged(HUGO, 0).reason, &access_no_grant);
	}
	assert_int_equal(stated(ANNA, BO, CIA, DAN, &grant), ERR_FULL);
	at("2027-06-01");
	assert_ptr_equal(judged(ANNA, 0).reason, &access_no_grant);
}

/* --- the opinion against a naive model --- */

static uint64_t seed = 20261124;

static uint32_t chance(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* In at that second, said as plainly as can be. */
static bool naive_in(const struct access_open *facts, size_t n, uint32_t ends, uint16_t service, uint32_t second)
{
	if (second >= ends)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((service == 0 || facts[i].service == service) && !facts[i].is_suspended && facts[i].from <= second && second < facts[i].until)
			return true;
	return false;
}

static void one_random_person(bool is_many)
{
	enum { SPAN = 40 };
	static struct access_site site;
	struct access_open facts[9];
	struct access_slice slice = { 0 };
	size_t n = is_many ? 5 + chance(5) : chance(ACCESS_SLOTS + 1);
	uint32_t base = access_second(f->rq.now), person = chance(3);

	memset(&site, 0, sizeof site);
	site.n_gateways = 3;
	site.service[0] = 0, site.service[1] = (uint16_t)(1 + chance(2)), site.service[2] = ACCESS_NO_SERVICE;
	slice.ends = chance(2) ? UINT32_MAX : base + chance(SPAN);
	slice.has_more = is_many;
	for (uint32_t other = 0; other < 3; other++)
		for (size_t i = 0; i < n; i++) {
			uint32_t from = base + chance(SPAN);
			struct access_open one = { other, from, from + 1 + chance(SPAN / 2), (uint16_t)(1 + chance(2)), chance(5) == 0 };
			if (is_many)
				site.more[site.n_more++] = one;
			if (other != person)
				continue;
			facts[i] = one;
			if (!is_many) {
				slice.from[i] = one.from, slice.until[i] = one.until, slice.service[i] = one.service;
				slice.suspended |= (uint8_t)(one.is_suspended << i);
				slice.n = (uint8_t)(i + 1);
			}
		}
	for (int16_t gateway = -1; gateway < 3; gateway++) {
		uint16_t service = gateway < 0 ? 0 : site.service[gateway];
		for (uint32_t second = base; second < base + 2 * SPAN; second++) {
			struct opinion opinion;
			struct ask ask = { .person = person, .gateway = gateway, .at = { access_moment(second).ms + (int64_t)chance(1000) } };
			access_opinion(&ask, &slice, &site, &opinion);
			uint32_t until = second;
			while (until < base + 3 * SPAN && naive_in(facts, n, slice.ends, service, until))
				until++;
			if (until > second) {
				assert_int_equal(opinion.verdict, VERDICT_PASS);
				assert_int_equal(opinion.until.ms, access_moment(until).ms);
				assert_null(opinion.reason);
				continue;
			}
			uint32_t next = second;
			while (next < base + 3 * SPAN && !naive_in(facts, n, slice.ends, service, next))
				next++;
			assert_int_not_equal(opinion.verdict, VERDICT_PASS);
			assert_non_null(opinion.reason);
			if (opinion.verdict == VERDICT_WAIT)
				assert_int_equal(opinion.until.ms, access_moment(next).ms);
			else if (next < base + 3 * SPAN)
				assert_ptr_equal(opinion.reason, &access_suspended);
			assert_true((opinion.reason == &access_left) == (second >= slice.ends));
		}
	}
}

static void test_opinion_is_the_naive_one(void **state)
{
	for (int i = 0; i < 600; i++)
		one_random_person(i % 3 == 0);
}

static void test_moments(void **state)
{
	assert_int_equal(sizeof (struct access_slice), 48);
	assert_int_equal(access_second((struct instant){ 0 }), 0);
	assert_int_equal(access_second(INSTANT_NEVER), UINT32_MAX);
	assert_int_equal(access_moment(UINT32_MAX).ms, INSTANT_NEVER.ms);
	assert_int_equal(access_second((struct instant){ 1577836800999 }), 0);
	assert_int_equal(access_moment(access_second((struct instant){ 1795510800000 })).ms, 1795510800000);
}

static void test_review(void **state)
{
	int64_t review, grant, other;
	struct tasks tasks = { 0 };
	struct access_review_count_row count;
	struct instant due;
	assert_int_equal(stated(ANNA, BO, CIA, DAN, &grant), OK);
	assert_int_equal(stated(HUGO, BO, CIA, DAN, &other), OK);
	at("2026-11-25 09:00");
	assert_int_equal(instant_parse_loose(STR("2026-12-15"), &due), OK);
	assert_int_equal(JOB(access_review_begin(&f->rq, STR("Autumn"), due, ANNA, &review)), ERR_DENIED);
	assert_int_equal(JOB(access_review_begin(&f->rq, STR("Autumn"), due, EVA, &review)), OK);
	at("2026-11-25 10:00");
	struct access_answered said = { .review = review, .grant = grant, .by = BO, .answer = ACCESS_KEEP };
	said.by = ANNA;
	assert_int_equal(JOB(access_review_say(&f->rq, &said)), ERR_DENIED);
	said.by = BO;
	assert_int_equal(JOB(access_review_say(&f->rq, &said)), OK);
	assert_int_equal(JOB(access_review_say(&f->rq, &said)), ERR_CONFLICT);
	assert_int_equal(access_review_count(&f->rq, review, (struct instant){ f->rq.now.ms - 3600000 }, &count), OK);
	assert_int_equal(count.n, 2);
	assert_int_equal(count.answered, 1);
	assert_int_equal(access_due(&f->rq, &tasks), OK);
	said.grant = other;
	said.answer = ACCESS_REMOVE;
	assert_int_equal(JOB(access_review_say(&f->rq, &said)), OK);
	assert_int_equal(state_of(other), ACCESS_REVOKED);
	assert_int_equal(state_of(grant), ACCESS_ACTIVE);
	assert_int_equal(JOB(access_review_end(&f->rq, review, EVA)), OK);
	assert_int_equal(JOB(access_review_say(&f->rq, &said)), ERR_CONFLICT);
}

static void test_figures(void **state)
{
	struct figures figures = { 0 };
	int64_t grant;
	assert_int_equal(access_figures(&f->rq, &figures), OK);
	assert_int_equal(figures.state, STATE_UNKNOWN);
	assert_int_equal(stated(ANNA, BO, CIA, DAN, &grant), OK);
	assert_int_equal(access_figures(&f->rq, &figures), OK);
	assert_int_equal(figures.state, STATE_NEEDS_ACTION);
	struct access_assessed a = { .is_met = true, .rule = STR("R"), .evidence = STR("E"), .by = EVA };
	a.step = 1;
	assert_int_equal(JOB(access_assess(&f->rq, &a)), ERR_INVALID);        /* no owner */
	a.owner = who(CIA);
	for (a.step = 1; a.step <= ACCESS_STEPS; a.step++)
		assert_int_equal(JOB(access_assess(&f->rq, &a)), OK);
	figures = (struct figures){ 0 };
	assert_int_equal(access_figures(&f->rq, &figures), OK);
	assert_int_equal(figures.state, STATE_IN_ORDER);
	assert_true(str_equal(figures.owner, STR("cia")));
	at("2027-12-01");
	assert_int_equal(access_figures(&f->rq, &figures), OK);
	assert_int_equal(figures.state, STATE_NEEDS_ACTION);
}

static enum err let_in_against(int64_t id, const char *reason)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "gate.accept", STR("anna"), &change));
	TRY(session_offer(change, &(struct session_offer_args){ .id = id, .person = { true, ANNA }, .gateway = 1, .offered_at = f->rq.now,
		.until = instant_plus(f->rq.now, MINUTES(60)), .nas_session = STR(""), .calling = STR(""), .against = reason ? str_of(reason) : STR_NONE }));
	return gateway_set_watch(change, true, 1);
}

/* A gateway that only watches needs action, with the number that it let in against a reason. */
static void test_watching(void **state)
{
	struct figures figures = { 0 };
	int64_t grant;
	struct access_assessed a = { .is_met = true, .rule = STR("R"), .evidence = STR("E"), .by = EVA, .owner = who(CIA) };

	assert_int_equal(stated(ANNA, BO, CIA, DAN, &grant), OK);
	for (a.step = 1; a.step <= ACCESS_STEPS; a.step++)
		assert_int_equal(JOB(access_assess(&f->rq, &a)), OK);
	assert_int_equal(JOB(let_in_against(1001, "access.no_grant")), OK);
	assert_int_equal(JOB(let_in_against(1002, "access.expired")), OK);
	assert_int_equal(JOB(let_in_against(1003, NULL)), OK);
	f->rq.language = LANGUAGE_EN;
	assert_int_equal(access_figures(&f->rq, &figures), OK);
	assert_int_equal(figures.state, STATE_NEEDS_ACTION);
	assert_true(str_equal(figures.next, STR("Let the gateways enforce: 2 log-ins of 30 days would have been refused")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_life_of_a_grant, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_time_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_three_people, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_moves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_leaver, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_services_and_gateways, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_grants, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_opinion_is_the_naive_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_moments, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_review, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_figures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_watching, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
