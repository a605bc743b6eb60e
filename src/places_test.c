/* The count of places against a model: a gateway with sessions of its own, a network that loses, doubles, delays and reorders, a store
 * that sometimes fails, and restarts. At every moment there are at most as many sessions as places, and never more than the limit; when all
 * is over, no place is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail
#include "places.h"
#include "base/world.h"
#include <pthread.h>

static uint64_t chance;

static uint32_t below(uint32_t n)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (uint32_t)(chance >> 32) % n;
}

enum { LIMIT = 20, SESSIONS = 3000, PACKETS = 60000, LONGEST = 3600, INTERIM = 300, LEASE = 360 };
enum kind { START, INTERIM_UPDATE, STOP };

/* A row of the store, and beside it what is true at the gateway. */
struct session {
	int64_t id, offered, until, opened, closed, heard;      /* as stored; 0: not */
	int64_t ends, told;                                     /* at the gateway; ends 0: never began there */
};
struct packet { int64_t at; int32_t session; enum kind kind; };

struct model {
	struct places *places;
	struct session session[SESSIONS];
	struct packet  packet[PACKETS];
	int32_t        n, n_packets;
	int64_t        now;
};

static struct instant when(int64_t seconds) { return (struct instant){ seconds * 1000 }; }

static struct places *new_book(void)
{
	struct places *places = places_new();
	places_rule(places, (struct places_rules){ SECONDS(LEASE), SECONDS(60), SECONDS(3 * INTERIM) });
	places_tells(places, 0);
	return places;
}

static void tell(struct model *m, const struct session *s)
{
	places_told(m->places, &(struct place_told){ .id = s->id, .gateway = 0, .class = 3, .is_open = s->opened != 0, .key = place_key(0, s->id, STR("x")),
		.offered_at = when(s->offered), .until = when(s->until), .heard_at = when(s->heard) });
}

static void restart(struct model *m)
{
	places_end(m->places);
	m->places = new_book();
	for (int32_t i = 0; i < m->n; i++)
		if (!m->session[i].closed && (m->session[i].until > m->now || m->session[i].heard > m->now - 3 * INTERIM))
			tell(m, &m->session[i]);
}

/* Sent once or twice, late by up to 50 s; or lost, unless it must come. */
static void post(struct model *m, int32_t session, enum kind kind, bool must_come)
{
	if (!must_come && below(3) == 0)
		return;
	for (uint32_t copies = 1 + below(2); copies && m->n_packets < PACKETS; copies--)
		m->packet[m->n_packets++] = (struct packet){ m->now + below(50), session, kind };
}

static void log_in(struct model *m)
{
	struct session *s = &m->session[m->n];
	struct instant now = when(m->now);

	if (m->n == SESSIONS)
		return;
	*s = (struct session){ .id = m->n + 1, .offered = m->now, .until = m->now + 60 + below(LONGEST), .heard = m->now };
	places_hold(m->places, now);
	bool is_full = places_taken(m->places)[0].n >= LIMIT;
	int32_t place = is_full ? PLACE_NONE : places_take(m->places, &(struct place_wish){ .person = s->id, .gateway = 0, .class = 3,
		.key = place_key(0, s->id, STR("x")), .now = now, .until = when(s->until) }, PLACE_NONE);
	places_let_go(m->places);
	if (is_full)
		return;
	if (below(10) == 0) {
		places_give_back(m->places, place);       /* could not be stored */
		return;
	}
	places_name(m->places, place, s->id);
	m->n++;
	/* One accept in eight never becomes a session. */
	if (below(8) == 0)
		return;
	s->ends = m->now + 30 + below(LONGEST);
	s->ends = MIN(s->ends, s->until);
	s->told = m->now;
	post(m, m->n - 1, START, false);
}

/* The same log-in asks once more: it keeps its place, also in a full pool, and there is one session. */
static void ask_again(struct model *m)
{
	struct session *s = &m->session[below((uint32_t)m->n + 1)];
	int32_t before, after;

	if (s->ends <= m->now || s->closed)
		return;
	places_hold(m->places, when(m->now));
	int32_t old = places_find(m->places, place_key(0, s->id, STR("x")));
	before = places_taken(m->places)[0].n;
	places_leave_out(m->places, old);
	int32_t place = places_take(m->places, &(struct place_wish){ .person = s->id, .gateway = 0, .class = 3, .key = place_key(0, s->id, STR("x")),
		.now = when(m->now), .until = when(s->until) }, old);
	after = places_taken(m->places)[0].n;
	places_let_go(m->places);
	assert_true(old != PLACE_NONE);
	assert_int_equal(before, after);
	assert_int_equal(places_id(m->places, place), s->id);
	if (below(2))
		places_name(m->places, place, s->id);
	else
		places_give_back(m->places, place);
}

static void gateway_lives(struct model *m)
{
	for (int32_t i = 0; i < m->n; i++) {
		struct session *s = &m->session[i];
		if (!s->ends || s->told < 0)
			continue;
		if (m->now >= s->ends) {
			s->told = -1;
			post(m, i, STOP, false);
		} else if (m->now - s->told >= INTERIM) {
			s->told = m->now;
			post(m, i, INTERIM_UPDATE, !s->opened);        /* the first word of it comes in the end */
		}
	}
}

static void deliver(struct model *m)
{
	for (int32_t i = 0; i < m->n_packets; ) {
		struct packet p = m->packet[i];
		struct session *s = &m->session[p.session];
		if (p.at > m->now) {
			i++;
			continue;
		}
		m->packet[i] = m->packet[--m->n_packets];
		s->heard = m->now;
		if (p.kind == STOP) {
			s->closed = m->now;
			places_over(m->places, s->id, when(m->now));
		} else if (!s->closed) {
			s->opened = s->opened ? s->opened : m->now;
			tell(m, s);
		}
	}
}

static int32_t truth(const struct model *m)
{
	int32_t n = 0;
	for (int32_t i = 0; i < m->n; i++)
		n += m->session[i].ends > m->now;
	return n;
}

static void the_count_holds(void **state)
{
	static struct model m;
	int64_t full = 0, below_truth = 0, over = 0;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		chance = seed * 0x9e3779b97f4a7c15u;
		m = (struct model){ .places = new_book(), .now = 1000000 };
		for (int32_t step = 0; step < 3000; step++) {
			struct taken taken[PLACES_GATEWAYS];
			m.now += 5;
			gateway_lives(&m);
			deliver(&m);
			if (step < 1500) {
				for (uint32_t n = below(4); n; n--)
					log_in(&m);
				if (m.n && below(4) == 0)
					ask_again(&m);
			}
			if (below(400) == 0)
				restart(&m);
			places_count(m.places, when(m.now), taken);
			full += taken[0].n == LIMIT;
			below_truth += taken[0].n < truth(&m);
			over += taken[0].n > LIMIT || truth(&m) > LIMIT;
			assert_int_equal(taken[0].n, taken[0].by_class[3]);
		}
		struct taken taken[PLACES_GATEWAYS];
		assert_int_equal(truth(&m), 0);
		places_count(m.places, when(m.now), taken);
		assert_int_equal(taken[0].n, 0);
		places_end(m.places);
	}
	assert_int_equal(below_truth, 0);
	assert_int_equal(over, 0);
	assert_true(full > 1000);        /* the limit was met: the test has tested it */
}

/* --- many threads --- */

enum { THREADS = 8, TRIES = 40000 };
struct race { struct places *places; int32_t most, let_in; pthread_mutex_t lock; };

static void *one_racer(void *of)
{
	struct race *race = of;
	int32_t most = 0, let_in = 0;

	for (int i = 0; i < TRIES; i++) {
		struct instant now = when(1000);
		places_hold(race->places, now);
		int32_t n = places_taken(race->places)[3].n, place = PLACE_NONE;
		most = MAX(most, n);
		if (n < LIMIT)
			place = places_take(race->places, &(struct place_wish){ .person = i, .gateway = 3, .class = 1, .now = now, .until = when(9000) }, PLACE_NONE);
		places_let_go(race->places);
		if (place == PLACE_NONE)
			continue;
		let_in++;
		static _Atomic int64_t next = 1;
		int64_t id = next++;
		if (i % 3 == 0) {
			places_give_back(race->places, place);
		} else {
			places_name(race->places, place, id);
			places_over(race->places, id, now);
		}
	}
	pthread_mutex_lock(&race->lock);
	race->most = MAX(race->most, most);
	race->let_in += let_in;
	pthread_mutex_unlock(&race->lock);
	return NULL;
}

static void threads_never_over_commit(void **state)
{
	struct race race = { .places = places_new(), .lock = PTHREAD_MUTEX_INITIALIZER };
	struct taken taken[PLACES_GATEWAYS];
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, one_racer, &race), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	assert_true(race.most <= LIMIT);
	assert_true(race.let_in > THREADS);
	places_count(race.places, when(1000), taken);
	assert_int_equal(taken[3].n, 0);
	places_end(race.places);
}

/* A gateway that tells nothing: what it was given lasts until its end, for nobody knows better. */
static void a_silent_gateway_keeps_its_places(void **state)
{
	struct places *places = places_new();
	struct taken taken[PLACES_GATEWAYS];

	places_hold(places, when(0));
	int32_t place = places_take(places, &(struct place_wish){ .person = 1, .gateway = 0, .class = 2, .now = when(0), .until = when(7200) }, PLACE_NONE);
	places_let_go(places);
	places_name(places, place, 7);
	places_count(places, when(7200 + 59), taken);
	assert_int_equal(taken[0].n, 1);
	places_count(places, when(7200 + 60), taken);
	assert_int_equal(taken[0].n, 0);
	/* The same where accounting is known to come: the lease ends it. */
	places_tells(places, 0);
	places_hold(places, when(10000));
	place = places_take(places, &(struct place_wish){ .person = 1, .gateway = 0, .class = 2, .now = when(10000), .until = when(17200) }, PLACE_NONE);
	places_let_go(places);
	places_name(places, place, 8);
	places_count(places, when(10000 + 359), taken);
	assert_int_equal(taken[0].n, 1);
	places_count(places, when(10000 + 360), taken);
	assert_int_equal(taken[0].n, 0);
	/* And one that nobody let in is counted above everything, as long as it is told of. */
	places_reports(places, 0);
	places_told(places, &(struct place_told){ .id = -1, .person = -1, .gateway = 0, .class = 0, .is_open = true, .offered_at = when(20000),
		.until = when(63200), .heard_at = when(20000) });
	places_count(places, when(20000 + 899), taken);
	assert_int_equal(taken[0].n, 1);
	assert_int_equal(taken[0].by_class[0], 1);
	places_count(places, when(20000 + 900), taken);
	assert_int_equal(taken[0].n, 0);
	places_end(places);
}

static int64_t wall_ms, lasted_ms;
static struct instant held_now(void) { return (struct instant){ wall_ms }; }
static int64_t held_lasted(void) { return lasted_ms; }

/* The wall's clock jumps, ahead and back, and again: nobody's place ends by it, and each ends when it would have. */
static void a_clock_that_jumps_ends_nothing(void **state)
{
	static const int64_t jumps[] = { 0, 86400, -86400, 3600, -7200, 315360000, -59, 61 };
	struct world before = world;
	struct taken taken[PLACES_GATEWAYS];

	for (size_t i = 0; i < LENGTH(jumps); i++) {
		world.now = held_now;
		world.lasted = held_lasted;
		wall_ms = 1773651600000;
		lasted_ms = 5000;
		struct places *places = places_new();
		places_reports(places, 0);
		places_hold(places, world.now());
		int32_t open = places_take(places, &(struct place_wish){ .person = 1, .gateway = 0, .class = 2, .now = world.now(),
			.until = instant_plus(world.now(), HOURS(2)) }, PLACE_NONE);
		places_let_go(places);
		places_name(places, open, 7);
		/* A minute later it begins; then the clock jumps. */
		wall_ms += 60000;
		lasted_ms += 60000;
		places_told(places, &(struct place_told){ .id = 7, .person = 1, .gateway = 0, .class = 2, .is_open = true, .heard_at = world.now() });
		wall_ms += jumps[i] * 1000;
		places_count(places, world.now(), taken);
		assert_int_equal(taken[0].n, 1);
		for (int minute = 0; minute < 118; minute++) {
			wall_ms += 60000;
			lasted_ms += 60000;
			places_told(places, &(struct place_told){ .id = 7, .person = 1, .gateway = 0, .class = 2, .is_open = true, .heard_at = world.now() });
			places_count(places, world.now(), taken);
			assert_int_equal(taken[0].n, 1);
		}
		/* Two hours and a grace, and a quarter without a word. */
		wall_ms += 16 * 60000;
		lasted_ms += 16 * 60000;
		places_count(places, world.now(), taken);
		assert_int_equal(taken[0].n, 0);
		places_end(places);
	}
	world = before;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_count_holds), cmocka_unit_test(threads_never_over_commit),
		cmocka_unit_test(a_silent_gateway_keeps_its_places), cmocka_unit_test(a_clock_that_jumps_ends_nothing) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
