/* Tests of reported links and the block list: who may, what is never blocked, siblings, the time that it took, the end by the clock and by hand,
 * and that an export says the same twice. The reader process is not here: what it makes of a link is given. */
#include "floor/fixture.h"
#include "block.h"
#include "floor/people.h"
#include "floor/reading.h"
#include "floor/setting.h"

static struct fixture *f;

static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	return incidents_hear(rq, event, change);
}
#define JOB(call) FIXTURE_JOB(f, hear, call)

static const struct setting own_settings[] = { { "logins.own_hosts", SETTING_TEXT, .standard_text = "login.kommun.example *.portal.example" }, { 0 } };

enum { ANNA, PER, EVA, PERSONS };

static enum err add_people(void)
{
	static const struct fixture_person p[PERSONS] = { [ANNA] = { "anna", ROLE_EMPLOYEE, 1 }, [PER] = { "per", ROLE_SUPPORT, 1 },
		[EVA] = { "eva", ROLE_COORDINATOR, 1 } };

	return fixture_people(f, &(const struct fixture_house){ "One", "One" }, 1, p, PERSONS);
}

static void at(const char *text)
{
	assert_int_equal(instant_parse_loose(str_of(text), &f->rq.now), OK);
}

static int set_up(void **state)
{
	(void)state;
	f = fixture_new();
	setting_know(incidents_settings);
	setting_know(own_settings);
	at("2026-11-24 10:00");
	assert_int_equal(JOB(add_people()), OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_end(f);
	return 0;
}

static struct block_seen seen_of(const char *host, const char *domain, int64_t verdict)
{
	return (struct block_seen){ .host = str_of(host), .domain = str_of(domain), .imitates = verdict == LINK_IMITATES ? STR("login.kommun.example") : STR(""),
		.verdict = verdict, .is_name = host[0] != '[' && !(host[0] >= '0' && host[0] <= '9'), .is_ours = verdict == LINK_OURS };
}

static struct str report(const char *what, const struct block_seen *seen)
{
	struct incidents_reported r = { .kind = INCIDENTS_LINK, .what = str_of(what), .link = seen };
	assert_int_equal(JOB(incidents_report(&f->rq, &r)), OK);
	return str_copy(f->arena, r.number);
}

static enum err decide(const struct block_seen *seen, bool is_left, bool is_below, int64_t days, int64_t by)
{
	struct block_wish wish = { .seen = *seen, .is_left = is_left, .is_below = is_below, .because = STR("Asks for passwords"), .days = days, .by = by };

	fixture_forgive(f);
	return JOB(block_decide(&f->rq, &wish));
}

static enum err undo(const char *host, int64_t by)
{
	struct block_over over = { .host = str_of(host), .because = STR("Mended"), .by = by };

	fixture_forgive(f);
	return JOB(block_undo(&f->rq, &over));
}

static char *export(enum block_format format)
{
	struct out out = out_new(f->arena);
	int64_t kept;

	assert_int_equal(block_export(&f->rq, format, &out, &kept), OK);
	return str_c(f->arena, str_copy(f->arena, out_str(&out)));
}

static int64_t kept(void)
{
	struct out out = out_new(f->arena);
	int64_t ret;

	assert_int_equal(block_export(&f->rq, BLOCK_HOSTS, &out, &ret), OK);
	return ret;
}

static void hosts_are(const char *list)
{
	struct change *change = fixture_begin(f, "setting.set");
	assert_int_equal(setting_set(change, STR("logins.own_hosts"), str_of(list)), OK);
	fixture_commit(f);
}

static void siblings_join(void **state)
{
	(void)state;
	struct block_seen a = seen_of("login.evil.example", "evil.example", LINK_IMITATES), b = seen_of("www.evil.example", "evil.example", LINK_NOT_OURS),
		none = { .host = STR("") }, ours = seen_of("login.kommun.example", "kommun.example", LINK_OURS);
	struct block_groups_row *groups;
	size_t n;

	struct str first = report("https://login.evil.example/1", &a);
	at("2026-11-24 10:20");
	struct str same = report("https://login.evil.example/2", &a), other = report("https://www.evil.example/", &b), word = report("a letter", &none);
	assert_true(str_equal(first, same));
	assert_false(str_equal(first, other));
	assert_false(str_equal(first, word));
	assert_false(str_equal(report("https://login.kommun.example/a", &ours), report("https://login.kommun.example/b", &ours)));
	assert_int_equal(block_groups(&f->rq, false, INT64_MAX, &groups, &n), OK);
	assert_int_equal(n, 2);
	assert_true(str_equal(groups[1].domain, STR("evil.example")));
	assert_int_equal(groups[1].n, 3);
	assert_int_equal(groups[1].hosts, 2);
	assert_int_equal(groups[1].last_at.ms - groups[1].first_at.ms, MINUTES(20).ms);
	assert_int_equal(groups[1].verdict, LINK_IMITATES);
}

static void who_and_what(void **state)
{
	(void)state;
	struct block_seen evil = seen_of("www.evil.example", "evil.example", LINK_NOT_OURS), whole = seen_of("evil.example", "evil.example", LINK_NOT_OURS),
		suffix = seen_of("com.se", "", LINK_NOT_OURS), number = seen_of("192.0.2.7", "", LINK_NOT_OURS), none = { .host = STR("") };

	assert_int_equal(decide(&evil, false, false, 30, ANNA), ERR_DENIED);
	assert_int_equal(decide(&evil, false, false, 30, -1), ERR_INVALID);
	assert_int_equal(decide(&evil, false, false, 0, PER), ERR_INVALID);
	assert_int_equal(decide(&evil, false, false, 366, PER), ERR_INVALID);
	assert_int_equal(decide(&none, false, false, 30, PER), ERR_INVALID);
	assert_int_equal(decide(&suffix, false, false, 30, PER), ERR_INVALID);
	assert_int_equal(decide(&evil, false, true, 30, PER), ERR_INVALID);
	assert_string_equal(strchr(export(BLOCK_HOSTS), '\n') + 1, "");
	assert_int_equal(decide(&evil, false, false, 30, PER), OK);
	assert_int_equal(decide(&evil, false, false, 30, EVA), ERR_CONFLICT);
	assert_int_equal(decide(&evil, true, false, 30, EVA), ERR_CONFLICT);
	assert_int_equal(decide(&whole, false, true, 30, EVA), OK);
	assert_int_equal(decide(&number, false, false, 30, EVA), OK);
	assert_string_equal(strchr(export(BLOCK_HOSTS), '\n') + 1, "0.0.0.0 www.evil.example\n0.0.0.0 evil.example\n# 192.0.2.7\n");
	assert_non_null(strstr(export(BLOCK_STIX), "[domain-name:value = 'evil.example' OR domain-name:value LIKE '%.evil.example']"));
	assert_non_null(strstr(export(BLOCK_STIX), "[ipv4-addr:value = '192.0.2.7']"));
	struct block_wish wordless = { .seen = whole, .because = STR("  "), .days = 9, .by = PER };
	fixture_forgive(f);
	assert_int_equal(JOB(block_decide(&f->rq, &wordless)), ERR_INVALID);
}

/* What the reader calls ours, and what letters alone show: each case of an own host, its parent, something below it. */
static void never_ours(void **state)
{
	(void)state;
	static const struct { const char *host, *domain; bool is_below, is_ours; } cases[] = {
		{ "login.kommun.example", "kommun.example", false, true }, { "kommun.example", "kommun.example", true, true },
		{ "kommun.example", "kommun.example", false, false }, { "a.portal.example", "portal.example", false, true },
		{ "portal.example", "portal.example", false, true }, { "portal.example", "portal.example", true, true },
		{ "login.kommun.example.evil.example", "evil.example", false, false }, { "notkommun.example", "notkommun.example", true, false } };

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct block_seen seen = seen_of(cases[i].host, cases[i].domain, LINK_NOT_OURS);
		enum err err = decide(&seen, false, cases[i].is_below, 30, PER);
		assert_int_equal(err, cases[i].is_ours ? ERR_DENIED : OK);
	}
	struct block_seen ours = seen_of("x.example", "x.example", LINK_OURS);
	assert_int_equal(decide(&ours, false, false, 30, PER), ERR_DENIED);
	struct block_seen later = seen_of("new.other.example", "other.example", LINK_NOT_OURS);
	assert_int_equal(decide(&later, false, false, 30, PER), OK);
	assert_int_equal(kept(), 0);
	hosts_are("login.kommun.example,NEW.Other.example");
	assert_int_equal(kept(), 1);
	assert_null(strstr(export(BLOCK_STIX), "new.other.example"));
	assert_null(strstr(export(BLOCK_CSV), "new.other.example"));
	hosts_are("");
	struct block_seen any = seen_of("any.example", "any.example", LINK_NOT_OURS);
	assert_int_equal(decide(&any, false, false, 30, PER), ERR_CONFLICT);
}

static void time_and_end(void **state)
{
	(void)state;
	struct block_seen evil = seen_of("www.evil.example", "evil.example", LINK_NOT_OURS);
	struct block_of_row *rows;
	struct tasks tasks = { 0 };
	int64_t median;
	size_t n;

	report("https://www.evil.example/", &evil);
	assert_int_equal(block_due(&f->rq, &tasks), OK);
	assert_int_equal(tasks.n, 1);
	at("2026-11-24 10:42");
	assert_int_equal(decide(&evil, false, false, 30, PER), OK);
	tasks.n = 0;
	assert_int_equal(block_due(&f->rq, &tasks), OK);
	assert_int_equal(tasks.n, 0);
	assert_int_equal(block_median(&f->rq, &median, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(median, MINUTES(42).ms);
	assert_int_equal(block_of(&f->rq, f->rq.now, STR("evil.example"), &rows, &n), OK);
	assert_int_equal(n, 1);
	char *before = export(BLOCK_STIX);
	assert_string_equal(before, export(BLOCK_STIX));
	char *id = str_c(f->arena, (struct str){ strstr(before, "indicator--"), 47 });
	at("2026-11-25 09:00");
	assert_int_equal(undo("www.evil.example", ANNA), ERR_DENIED);
	assert_int_equal(undo("www.evil.example", EVA), OK);
	assert_int_equal(undo("www.evil.example", EVA), ERR_NONE);
	assert_null(strstr(export(BLOCK_HOSTS), "www.evil"));
	assert_non_null(strstr(export(BLOCK_STIX), "\"revoked\":true"));
	assert_non_null(strstr(export(BLOCK_STIX), id));
	/* Again: a decision of its own, and time counts from the report after the end. */
	at("2026-11-25 10:00");
	report("https://www.evil.example/again", &evil);
	at("2026-11-25 10:10");
	assert_int_equal(decide(&evil, false, false, 1, PER), OK);
	assert_int_equal(block_of(&f->rq, f->rq.now, STR("evil.example"), &rows, &n), OK);
	assert_int_equal(rows[0].decided_at.ms - rows[0].first_at.i, MINUTES(10).ms);
	at("2026-11-26 10:11");
	assert_null(strstr(export(BLOCK_HOSTS), "www.evil"));
	assert_int_equal(block_of(&f->rq, f->rq.now, STR("evil.example"), &rows, &n), OK);
	assert_int_equal(n, 0);
}

static void one_act_for_the_group(void **state)
{
	(void)state;
	struct block_seen a = seen_of("a.nice.example", "nice.example", LINK_NOT_OURS), b = seen_of("b.nice.example", "nice.example", LINK_NOT_OURS),
		whole = seen_of("nice.example", "nice.example", LINK_NOT_OURS);
	struct incidents_numbered_row id;
	struct incidents_get_row row;
	struct incidents_entry_of_row *entries;
	size_t n;

	struct str one = report("https://a.nice.example/", &a), two = report("https://b.nice.example/", &b);
	assert_int_equal(decide(&whole, true, true, 30, PER), OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(incidents_numbered(&f->rq, i ? two : one, &id), OK);
		assert_int_equal(incidents_get(&f->rq, id.id, &row), OK);
		assert_int_equal(row.state, INCIDENTS_DISMISSED);
		assert_int_equal(incidents_entry_of(&f->rq, id.id, &entries, &n), OK);
		assert_int_equal(n, 2);
	}
	/* Left alone may be blocked afterwards; and what is over is not joined. */
	struct str three = report("https://a.nice.example/again", &a);
	assert_false(str_equal(three, one));
	assert_int_equal(decide(&whole, false, true, 30, PER), OK);
	assert_non_null(strstr(export(BLOCK_HOSTS), "0.0.0.0 a.nice.example\n0.0.0.0 b.nice.example\n"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(siblings_join, set_up, tear_down), cmocka_unit_test_setup_teardown(who_and_what, set_up, tear_down),
		cmocka_unit_test_setup_teardown(never_ours, set_up, tear_down), cmocka_unit_test_setup_teardown(time_and_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_act_for_the_group, set_up, tear_down) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
