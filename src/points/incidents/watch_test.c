/* The rules at their thresholds: one short of it nothing, at it one incident, and innocent look-alikes none. */
#include <stdarg.h>
#include <setjmp.h>
#include "points/incidents/watch_places.h"
#include "points/incidents/watch_rules.h"
#include "floor/frame.h"
#include <cmocka.h>

static struct arena *arena;
static struct trouble trouble;
static struct rq rq;
static struct watch *watch;
static int64_t line;
enum { NOON = 1795500000 };

static void begin_with(const struct watch_rules *rules, const struct watch_places *places)
{
	watch = watch_new(arena, rules, places);
	assert_non_null(watch);
	line = 0;
}

static void begin(void)
{
	struct watch_rules rules = watch_rules_standard();
	begin_with(&rules, NULL);
}

static void take(int64_t second, enum watch_outcome outcome, const char *user, const char *address, uint64_t session, uint16_t form)
{
	watch_take(watch, &(struct watch_attempt){ .line = ++line, .at = { (NOON + second) * 1000 }, .count = 1, .outcome = outcome, .user = str_of(user),
		.address = str_of(address), .session = session, .form = form });
}

static void fails(int64_t second, const char *user, const char *address)
{
	take(second, WATCH_FAILED, user, address, (uint64_t)line + 1000, 1);
}

static void denies(int64_t second, const char *user)
{
	watch_take(watch, &(struct watch_attempt){ .line = ++line, .at = { (NOON + second) * 1000 }, .count = 1, .outcome = WATCH_FAILED, .user = str_of(user),
		.address = STR("198.51.100.1"), .session = (uint64_t)line + 1, .form = 1, .is_denial = true });
}

/* The rules of all incidents, in order, as "R1 R2". Ends the watch. */
static void gives(const char *wanted)
{
	char room[400] = "";
	size_t n, len = 0;
	const struct watch_incident *const *incidents = watch_incidents(watch, &n);
	struct watch_rules rules = watch_rules_standard();

	for (size_t i = 0; i < n && len < sizeof room; i++)
		len += (size_t)snprintf(room + len, sizeof room - len, "%s%s:" STR_FMT ":%lld", i ? " " : "", rules.rule[incidents[i]->rule].name,
		                        STR_ARG(incidents[i]->key), (long long)incidents[i]->events);
	assert_string_equal(room, wanted);
	watch_end(watch);
}

static void guessing_has_its_thresholds(void **state)
{
	begin();
	for (int i = 0; i < 5; i++)
		fails(i * 15, "a", "192.0.2.1");
	gives("");
	begin();
	for (int i = 0; i < 6; i++)
		fails(i * 12, "a", "192.0.2.1");
	gives("R1:192.0.2.1:6");
	begin();
	for (int i = 0; i < 6; i++)
		fails(i * 13, "a", "192.0.2.1");
	gives("");
	begin();
	for (int i = 0; i < 10; i++)
		fails(i * 66, "a", "2001:db8::1");
	gives("R2:2001:db8::1:10");
	begin();
	for (int i = 0; i < 9; i++)
		fails(i * 66, "a", "2001:db8::1");
	gives("");
}

static void slow_guessing_is_cancelled_by_a_success(void **state)
{
	begin();
	for (int i = 0; i < 4; i++)
		fails(i * 660, "a", "192.0.2.1");
	gives("R3:192.0.2.1:4");
	begin();
	for (int i = 0; i < 4; i++) {
		if (i == 3)
			take(i * 660 - 5, WATCH_SUCCESS, "a", "192.0.2.1", 0, 9);
		fails(i * 660, "a", "192.0.2.1");
	}
	gives("");
	begin();
	for (int i = 0; i < 4; i++)
		fails(i * 600, "a", "192.0.2.1");
	gives("");
}

static void spraying_needs_more_who_fail_than_come_in(void **state)
{
	static const char *const people[] = { "a", "b", "c", "d", "e", "f" };
	begin();
	for (int i = 0; i < 15; i++)
		fails(i * 80, people[i % 5], "192.0.2.1");
	gives("R4:192.0.2.1:15");
	begin();
	for (int i = 0; i < 15; i++)
		fails(i * 80, people[i % 4], "192.0.2.1");
	gives("");
	/* A whole office behind one address after a change of passwords. */
	begin();
	for (int i = 0; i < 9; i++)
		take(i, WATCH_SUCCESS, (const char *[]){ "g", "h", "i", "j", "k", "l", "m", "n", "o" }[i], "192.0.2.1", 0, 9);
	for (int i = 0; i < 15; i++)
		fails(i * 80, people[i % 6], "192.0.2.1");
	gives("");
	/* From four addresses of one network: the network is the source. */
	begin();
	for (int i = 0; i < 16; i++)
		fails(i * 70, people[i % 6], (const char *[]){ "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4" }[i % 4]);
	gives("R4:192.0.2.0/24:16");
}

static void distributed_guessing_is_one_incident(void **state)
{
	char address[30], user[10];

	begin();
	for (int i = 0; i < 40; i++) {
		snprintf(address, sizeof address, "198.51.%d.7", i % 9);
		snprintf(user, sizeof user, "u%d", i % 11);
		fails(i * 20, user, address);
	}
	gives("R5:all:40");
}

static void failures_then_success(void **state)
{
	begin();
	for (int i = 0; i < 5; i++)
		fails(i * 100, "a", "192.0.2.1");
	take(600, WATCH_SUCCESS, "a", "192.0.2.1", 0, 9);
	gives("R6:a@192.0.2.1:6");
	begin();
	for (int i = 0; i < 5; i++)
		fails(i * 100, "a", "192.0.2.1");
	take(601, WATCH_SUCCESS, "a", "192.0.2.1", 0, 9);
	gives("");
	begin();
	for (int i = 0; i < 5; i++)
		fails(i * 100, "a", "192.0.2.1");
	take(450, WATCH_SUCCESS, "b", "192.0.2.1", 0, 9);
	gives("");
	/* The failure tells no name. */
	begin();
	for (int i = 0; i < 5; i++)
		fails(i * 100, NULL, "192.0.2.1");
	take(450, WATCH_SUCCESS, "b", "192.0.2.1", 0, 9);
	gives("R6:b@192.0.2.1:6");
}

static void fatigue_ends_with_a_success(void **state)
{
	size_t n;
	begin();
	for (int i = 0; i < 4; i++)
		denies(i * 100, "a");
	take(450, WATCH_SUCCESS, "a", "198.51.100.1", 0, 9);
	denies(500, "a");
	gives("");
	begin();
	for (int i = 0; i < 5; i++)
		denies(i * 100, "a");
	assert_int_equal(watch_incidents(watch, &n)[0]->severity, WATCH_MEDIUM);
	take(450, WATCH_SUCCESS, "a", "203.0.113.1", 0, 9);
	assert_int_equal(watch_incidents(watch, &n)[0]->severity, WATCH_HIGH);
	gives("R7:a:6");
}

static void impossible_travel(void **state)
{
	struct watch_rules rules = watch_rules_standard();
	struct watch_places *places;
	static const char csv[] = "network,country,latitude,longitude\n192.0.2.0/24,SE,59.33,18.07\n198.51.100.0/24,SE,55.60,13.00\n203.0.113.0/24,BR,-23.55,-46.63\n"
		"203.0.113.128/25,BR,,\n2001:db8::/32,FR,48.85,2.35\n";

	assert_int_equal(watch_places_read(&rq, str_of(csv), &places), OK);
	begin_with(&rules, places);
	take(0, WATCH_SUCCESS, "a", "192.0.2.1", 0, 9);
	take(3600, WATCH_SUCCESS, "a", "203.0.113.9", 0, 9);
	gives("R8:a:2");
	begin_with(&rules, places);
	take(0, WATCH_SUCCESS, "a", "192.0.2.1", 0, 9);
	take(3600, WATCH_SUCCESS, "a", "198.51.100.9", 0, 9);        /* Stockholm to Malmö: 513 km in an hour */
	take(3700, WATCH_SUCCESS, "b", "203.0.113.9", 0, 9);
	take(3800, WATCH_SUCCESS, "a", "203.0.113.200", 0, 9);       /* an exit whose place says nothing */
	take(3900, WATCH_SUCCESS, "a", "10.0.0.1", 0, 9);
	take(90000, WATCH_SUCCESS, "a", "203.0.113.9", 0, 9);        /* a day later */
	gives("");
	/* Twelve accounts come in from one address within a day: it is an exit, whoever comes from there or has come from there. */
	begin_with(&rules, places);
	take(0, WATCH_SUCCESS, "last", "203.0.113.9", 0, 9);
	for (int i = 0; i < 11; i++)
		take(i, WATCH_SUCCESS, (char[]){ 'k', (char)('a' + i), '\0' }, "203.0.113.9", 0, 9);
	take(3500, WATCH_SUCCESS, "a", "192.0.2.1", 0, 9);
	take(3600, WATCH_SUCCESS, "a", "203.0.113.9", 0, 9);
	take(3700, WATCH_SUCCESS, "last", "192.0.2.1", 0, 9);
	gives("");
	begin_with(&rules, places);
	for (int i = 0; i < 12; i++)
		take(i, WATCH_SUCCESS, (char[]){ 'k', (char)('a' + i), '\0' }, "203.0.113.9", 0, 9);
	take(3800 + 2 * 86400, WATCH_SUCCESS, "b", "192.0.2.1", 0, 9);   /* two days later it is one again */
	take(3900 + 2 * 86400, WATCH_SUCCESS, "b", "203.0.113.9", 0, 9);
	gives("R8:b:2");
	/* Told with the attempt, it needs no table. */
	begin_with(&rules, NULL);
	watch_take(watch, &(struct watch_attempt){ .at = { 1000 }, .count = 1, .outcome = WATCH_SUCCESS, .user = STR("a"), .address = STR("192.0.2.1"), .is_placed = true,
		.latitude = 59.33f, .longitude = 18.07f });
	watch_take(watch, &(struct watch_attempt){ .at = { 601000 }, .count = 1, .outcome = WATCH_SUCCESS, .user = STR("a"), .address = STR("203.0.113.9"), .is_placed = true,
		.latitude = -23.55f, .longitude = -46.63f });
	gives("R8:a:2");
	assert_int_equal(watch_places_read(&rq, STR("network,country,latitude,longitude\n192.0.2.0/33,SE,1,1\n"), &places), ERR_INVALID);
	assert_non_null(strstr(trouble.text, "2"));
	trouble = (struct trouble){ 0 };
}

static void one_attempt_counts_once(void **state)
{
	begin();
	for (int i = 0; i < 5; i++)
		for (uint16_t form = 1; form <= 4; form++)
			take(i * 10 + form % 2, WATCH_FAILED, form == 3 ? NULL : "a", "192.0.2.1", 500 + (uint64_t)i, form);
	gives("");
	/* Three attempts of one connection, each of two lines, and two more of another. */
	begin();
	for (int i = 0; i < 3; i++) {
		take(i * 7, WATCH_FAILED, "a", "192.0.2.1", 5, 1);
		take(i * 7, WATCH_FAILED, "a", "192.0.2.1", 5, 2);
	}
	for (int i = 0; i < 3; i++)
		take(25 + i * 7, WATCH_FAILED, "a", "192.0.2.1", 6, 1);
	gives("R1:192.0.2.1:6");
}

/* What is said several times of one attempt, before or behind its own line, or alone. */
static void an_echo_adds_nothing(void **state)
{
	begin();
	for (int i = 0; i < 6; i++) {
		if (i % 2)
			take(i, WATCH_FAILED, NULL, "192.0.2.1", 500 + (uint64_t)i, 1);
		take(i, WATCH_FAILED, NULL, "192.0.2.1", 500 + (uint64_t)i, WATCH_ECHO);
		take(i, WATCH_FAILED, NULL, "192.0.2.1", 500 + (uint64_t)i, WATCH_ECHO);
		if (i == 2)
			take(i, WATCH_FAILED, NULL, "192.0.2.1", 500 + (uint64_t)i, 1);
	}
	gives("R1:192.0.2.1:6");
}

static void a_day_of_quiet_ends_an_incident(void **state)
{
	begin();
	for (int k = 0; k < 3; k++)
		for (int i = 0; i < 6; i++)
			fails(k * 50000 + i, "a", "192.0.2.1");
	gives("R1:192.0.2.1:18");
	begin();
	for (int k = 0; k < 2; k++)
		for (int i = 0; i < 6; i++)
			fails(k * 90000 + i, "a", "192.0.2.1");
	gives("R1:192.0.2.1:6 R1:192.0.2.1:6");
}

/* T13 */
static void disorder_of_a_minute_changes_nothing(void **state)
{
	static const int order[] = { 50, 0, 40, 10, 30, 20 };
	begin();
	for (size_t i = 0; i < LENGTH(order); i++)
		fails(order[i], "a", "192.0.2.1");
	gives("R1:192.0.2.1:6");
}

/* Many more strangers than there is room for: who is half-way to an alarm is not forgotten. */
static void a_flood_hides_nobody(void **state)
{
	char address[40];

	begin();
	for (int i = 0; i < 5; i++)
		fails(i, "a", "192.0.2.1");
	for (int i = 0; i < 400000; i++) {
		snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
		take(6, WATCH_FAILED, NULL, address, (uint64_t)i + 5000, 1);
	}
	fails(7, "a", "192.0.2.1");
	gives("R1:192.0.2.1:6");
}

/* What waits in the queue is judged as if nothing had waited. */
static void play(bool is_one_by_one, char *ret, size_t size)
{
	uint64_t chance = 88172645463325252u;
	size_t n, len = 0;

	begin();
	for (int i = 0; i < 260000; i++) {
		char user[20], address[40];
		chance ^= chance << 13;
		chance ^= chance >> 7;
		chance ^= chance << 17;
		snprintf(user, sizeof user, "u%d", (int)(chance >> 8 & 63));
		if (i % 4)                       /* a flood of strangers, and a few who go on */
			snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
		else
			snprintf(address, sizeof address, chance >> 20 & 1 ? "192.0.2.%d" : "2001:db8::%d", (int)(chance >> 24 & 31));
		take(i / 20, chance >> 32 & 7 ? WATCH_FAILED : WATCH_SUCCESS, chance >> 40 & 7 ? user : NULL, chance >> 44 & 15 ? address : NULL,
		     chance >> 48 & 3 ? chance >> 50 & 4095 : 0, (uint16_t)(1 + (chance >> 62)));
		if (is_one_by_one)
			(void)watch_incidents(watch, &n);
	}
	const struct watch_incident *const *incidents = watch_incidents(watch, &n);
	for (size_t i = 0; i < n && len + 200 < size; i++)
		len += (size_t)snprintf(ret + len, size - len, "%d " STR_FMT " %lld %lld %lld %lld %d %d\n", incidents[i]->rule, STR_ARG(incidents[i]->key), (long long)incidents[i]->events,
		                        (long long)incidents[i]->first_line, (long long)incidents[i]->last_line, (long long)incidents[i]->last_at.ms,
		                        incidents[i]->users.n, incidents[i]->addresses.n);
	watch_end(watch);
}

static void waiting_changes_nothing(void **state)
{
	static char together[1 << 20], single[1 << 20];

	play(false, together, sizeof together);
	play(true, single, sizeof single);
	assert_true(strlen(single) > 1000);
	assert_string_equal(together, single);
}

static void is_refused(const char *text, const char *line_number)
{
	struct watch_rules rules = watch_rules_standard();

	trouble = (struct trouble){ 0 };
	assert_int_equal(watch_rules_read(&rq, str_of(text), &rules), ERR_INVALID);
	assert_non_null(strstr(trouble.text, line_number));
	trouble = (struct trouble){ 0 };
}

static void rules_are_settings(void **state)
{
	struct watch_rules rules = watch_rules_standard();

	assert_int_equal(watch_rules_read(&rq, STR("# ours\nR1.failed = 3\r\nR1.window = 2 min\nR1.severity = critical # loud\nR2 = off\n"), &rules), OK);
	begin_with(&rules, NULL);
	for (int i = 0; i < 12; i++)
		fails(i * 50, "a", "192.0.2.1");
	gives("R1:192.0.2.1:12");
	is_refused("R11.failed = 3", "1");
	is_refused("\nR1.colour = 3", "2");
	is_refused("R1.users = 3", "1");
	is_refused("R1.failed = 0", "1");
	is_refused("R1.failed = 1000", "1");
	is_refused("R1.window = soon", "1");
	is_refused("R1 failed 3", "1");
	is_refused("R1 = perhaps", "1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(guessing_has_its_thresholds),
		cmocka_unit_test(slow_guessing_is_cancelled_by_a_success),
		cmocka_unit_test(spraying_needs_more_who_fail_than_come_in),
		cmocka_unit_test(distributed_guessing_is_one_incident),
		cmocka_unit_test(failures_then_success),
		cmocka_unit_test(fatigue_ends_with_a_success),
		cmocka_unit_test(impossible_travel),
		cmocka_unit_test(one_attempt_counts_once),
		cmocka_unit_test(an_echo_adds_nothing),
		cmocka_unit_test(a_day_of_quiet_ends_an_incident),
		cmocka_unit_test(disorder_of_a_minute_changes_nothing),
		cmocka_unit_test(a_flood_hides_nobody),
		cmocka_unit_test(rules_are_settings),
		cmocka_unit_test(waiting_changes_nothing),
	};

	when_start();
	arena = arena_new((size_t)1 << 30);
	rq = (struct rq){ .arena = arena, .language = LANGUAGE_EN, .trouble = &trouble };
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_end(arena);
	return failed;
}
