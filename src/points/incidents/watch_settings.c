/* The rules' numbers: the standard ones, and a file that changes them.
 *
 * A file of lines `RULE.key = value`; which keys a rule has stands in the table below, so that a key that a rule does not have is
 * refused and not silently ignored. */
#include "watch_rules.h"

const char *const watch_severity_name[] = { "low", "medium", "high", "critical" };

struct watch_rules watch_rules_standard(void)
{
	return (struct watch_rules){ {
		[WATCH_R1] = { "R1", "guessing, fast", WATCH_MEDIUM, .failed = 6, .window = SECONDS(60) },
		[WATCH_R2] = { "R2", "guessing", WATCH_MEDIUM, .failed = 10, .window = MINUTES(10) },
		[WATCH_R3] = { "R3", "guessing, slow", WATCH_MEDIUM, .failed = 4, .window = HOURS(2), .gap_s = 600 },
		[WATCH_R4] = { "R4", "spraying", WATCH_HIGH, .failed = 15, .users = 5, .window = MINUTES(20) },
		[WATCH_R5] = { "R5", "distributed guessing", WATCH_HIGH, .failed = 25, .users = 8, .addresses = 5, .window = MINUTES(15) },
		[WATCH_R6] = { "R6", "failures, then success", WATCH_HIGH, .failed = 5, .window = MINUTES(10) },
		[WATCH_R7] = { "R7", "second factor fatigue", WATCH_MEDIUM, .failed = 5, .window = MINUTES(10) },
		[WATCH_R8] = { "R8", "impossible travel", WATCH_HIGH, .users = 12, .km = 500, .km_h = 800, .lacks = "places" },
		[WATCH_R9] = { "R9", "no grant, or outside the slot", WATCH_HIGH, .lacks = "grants" },
		[WATCH_R10] = { "R10", "disabled or idle account", WATCH_MEDIUM, .lacks = "accounts" },
	} };
}

/* "60", "60 s", "10 min", "2 h", "1 d" */
static bool span_of(struct str s, struct span *ret)
{
	size_t n = 0;
	int64_t number;

	while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
		n++;
	struct str unit = str_trim(str_from(s, n));
	if (str_number(str_first(s, n), 10000000, &number) != OK || number < 1)
		return false;
	int64_t seconds = !unit.len || str_equal(unit, STR("s")) ? 1 : str_equal(unit, STR("min")) || str_equal(unit, STR("m")) ? 60
	                : str_equal(unit, STR("h")) ? 3600 : str_equal(unit, STR("d")) ? 86400 : 0;
	*ret = SECONDS(number * seconds);
	return seconds && number * seconds <= 366 * 86400;
}

static struct watch_rule *rule_named(struct watch_rules *rules, struct str name)
{
	for (int i = 0; i < WATCH_RULES; i++)
		if (str_equal(name, str_of(rules->rule[i].name)))
			return &rules->rule[i];
	return NULL;
}

static enum err take_number(struct rq *rq, size_t line, struct str key, struct str value, int64_t most, int64_t *ret)
{
	int64_t n;

	if (!*ret)
		return fail(rq, ERR_INVALID, _("--rules, line %zu: this rule has no %.*s"), line, STR_ARG(key));
	if (str_number(value, most, &n) != OK || n < 1)
		return fail(rq, ERR_INVALID, _("--rules, line %zu: %.*s takes a number from 1 to %d"), line, STR_ARG(key), (int)most);
	*ret = n;
	return OK;
}

static enum err take_value(struct rq *rq, size_t line, struct watch_rule *rule, struct str key, struct str value)
{
	struct span window;

	if (str_equal(key, STR("failed")))
		return take_number(rq, line, key, value, WATCH_MOST_FAILED, &rule->failed);
	if (str_equal(key, STR("users")))
		return take_number(rq, line, key, value, WATCH_MOST_WHO, &rule->users);
	if (str_equal(key, STR("addresses")))
		return take_number(rq, line, key, value, WATCH_MOST_WHO, &rule->addresses);
	if (str_equal(key, STR("km")))
		return take_number(rq, line, key, value, 20000, &rule->km);
	if (str_equal(key, STR("km_h")))
		return take_number(rq, line, key, value, 100000, &rule->km_h);
	if (str_equal(key, STR("window")) || str_equal(key, STR("gap"))) {
		bool is_gap = str_equal(key, STR("gap"));
		if (is_gap ? !rule->gap_s : !rule->window.ms)
			return fail(rq, ERR_INVALID, _("--rules, line %zu: this rule has no %.*s"), line, STR_ARG(key));
		if (!span_of(value, &window))
			return fail(rq, ERR_INVALID, _("--rules, line %zu: write a duration like 60 s, 10 min, 2 h or 1 d"), line);
		if (is_gap)
			rule->gap_s = window.ms / 1000;
		else
			rule->window = window;
		return OK;
	}
	if (str_equal(key, STR("severity"))) {
		for (int i = 0; i <= WATCH_CRITICAL; i++)
			if (str_equal(value, str_of(watch_severity_name[i]))) {
				rule->severity = (enum watch_severity)i;
				return OK;
			}
		return fail(rq, ERR_INVALID, _("--rules, line %zu: a severity is low, medium, high or critical"), line);
	}
	return fail(rq, ERR_INVALID, _("--rules, line %zu: there is no key %.*s"), line, (int)MIN(key.len, (size_t)40), key.at);
}

enum err watch_rules_read(struct rq *rq, struct str text, struct watch_rules *rules)
{
	size_t number = 0;

	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	while (text.len) {
		struct str line = str_cut(&text, '\n');
		number++;
		line = str_trim(str_first(line, str_find(line, '#')));
		if (!line.len)
			continue;
		struct str value = line, left = str_trim(str_cut(&value, '='));
		if (!value.at)
			return fail(rq, ERR_INVALID, _("--rules, line %zu: write it like R1.failed = 6, or R5 = off"), number);
		value = str_trim(value);
		struct str key = left, name = str_trim(str_cut(&key, '.'));
		struct watch_rule *rule = rule_named(rules, name);
		if (!rule)
			return fail(rq, ERR_INVALID, _("--rules, line %zu: there is no rule %.*s"), number, (int)MIN(name.len, (size_t)40), name.at);
		if (key.at) {
			TRY(take_value(rq, number, rule, str_trim(key), value));
		} else {
			if (!str_equal(value, STR("on")) && !str_equal(value, STR("off")))
				return fail(rq, ERR_INVALID, _("--rules, line %zu: a rule is on or off"), number);
			rule->is_off = str_equal(value, STR("off"));
		}
	}
	return OK;
}
