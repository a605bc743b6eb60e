/* Policy settings: one table of known names, one small table in the store for what differs.
 *
 * A value stands in the store as people write it. Numbers and bools are checked when set; what a later version finds outside
 * its range (the range has become narrower) counts as the standard, so that a reader never meets an impossible value.
 *
 * SECURITY: only known names are ever written, so a form or a command line cannot fill the table with anything else.
 *
 * What it does not do: who may set what is the page's and the command's to say; it keeps nothing in memory, since the store's
 * own cache answers in microseconds and is never stale. */
#include "floor/setting.h"
#include "floor/setting.sql.h"

const struct setting floor_settings[] = {
	{ "organisation.name", SETTING_TEXT, .standard_text = "", .sentence = N_("The organisation's name, as pages and papers show it") },
	{ "organisation.support_phone", SETTING_TEXT, .standard_text = "", .sentence = N_("The number of the organisation's own support, shown on the help page") },
	{ "accessibility.contact", SETTING_TEXT, .standard_text = "",
	  .sentence = N_("A mail address or number for those who cannot use a page, shown in the accessibility statement") },
	{ "accessibility.assessed_on", SETTING_TEXT, .standard_text = "",
	  .sentence = N_("The day of the latest assessment of accessibility, like 2026-11-30") },
	{ "cli.state", SETTING_BOOL, 0, 1, 1, .sentence = N_("May decisions taken elsewhere be stated on the command line?") },
	{ "audit.personal_days", SETTING_NUMBER, 0, 36500, 365,
	  .sentence = N_("For how many days personal data are kept beside the log after they have been replaced or removed everywhere else: 0 for ever") },
	{ "gate.unstored_minutes", SETTING_NUMBER, 1, 1440, 60,
	  .sentence = N_("For how many minutes without a store classes 1 and 2 are let in, where a decision about gate.cannot_store says so") },
	{ "gate.lease_seconds", SETTING_NUMBER, 5, 3600, 360,
	  .sentence = N_("How many seconds an accepted log-in holds its place before the gateway says that the session began") },
	{ "mail.wait_seconds", SETTING_NUMBER, 1, 3600, 60,
	  .sentence = N_("How many seconds to wait before a mail that did not get out is tried again; each wait is twice the one before") },
	{ "mail.digest_days", SETTING_NUMBER, 0, 7, 7,
	  .sentence = N_("A mail in the morning to everybody for whom something waits: 0 never, 1 each weekday, 7 each Monday") },
	{ "mail.days", SETTING_NUMBER, 1, 30, 5, .sentence = N_("For how many days a mail is tried that the server puts off") },
	{ "practice.host", SETTING_TEXT, .standard_text = "",
	  .sentence = N_("A host name that leads here and is none of your own, for practice links: false log-in links that are agreed on beforehand") },
	{ "demo.is_on", SETTING_BOOL, 0, 1, 0, .is_fixed = true,
	  .sentence = N_("Is this an exercise with invented people? Said by the program alone") },
	{ 0 }
};

enum { MOST_TABLES = 32, LONGEST = 4000 };
static const struct setting *tables[MOST_TABLES] = { floor_settings };

void setting_know(const struct setting *table)
{
	size_t i = 0;

	while (table && tables[i] && tables[i] != table) {
		i++;
		assert(i < MOST_TABLES);
	}
	if (table)
		tables[i] = table;
}

const struct setting *setting_next(size_t *at)
{
	size_t n = (*at)++;

	for (size_t i = 0; i < MOST_TABLES && tables[i]; i++)
		for (const struct setting *s = tables[i]; s->name; s++)
			if (n-- == 0)
				return s;
	return NULL;
}

const struct setting *setting_named(struct str name)
{
	const struct setting *s;

	for (size_t at = 0; (s = setting_next(&at)); )
		if (str_equal(str_of(s->name), name))
			return s;
	return NULL;
}

static const struct setting *known(const char *name)
{
	const struct setting *s = setting_named(str_of(name));

	assert(s || !"a setting that stands in no table is read");
	return s;
}

/* A number or a bool out of its text. */
static enum err parse(const struct setting *s, struct str text, int64_t *ret)
{
	int64_t n;

	if (s->type == SETTING_BOOL && !str_equal(text, STR("yes")) && !str_equal(text, STR("no")))
		return ERR_INVALID;
	if (s->type == SETTING_BOOL)
		n = str_equal(text, STR("yes"));
	else
		TRY(str_number(text, INT64_MAX, &n));
	if (s->type == SETTING_NUMBER && (n < s->least || n > s->most))
		return ERR_INVALID;
	*ret = n;
	return OK;
}

struct str setting_standard(struct rq *rq, const struct setting *s)
{
	if (s->type == SETTING_TEXT)
		return s->standard_text ? str_of(s->standard_text) : STR("");
	if (s->type == SETTING_BOOL)
		return s->standard ? STR("yes") : STR("no");
	return str_print(rq->arena, "%lld", (long long)s->standard);
}

struct str setting_value(struct rq *rq, const struct setting *s)
{
	struct setting_get_row row;
	int64_t n;

	if (setting_get(rq, str_of(s->name), &row) != OK)
		return setting_standard(rq, s);
	if (s->type != SETTING_TEXT && parse(s, row.value, &n) != OK)
		return setting_standard(rq, s);
	return row.value;
}

static int64_t number_of(struct rq *rq, const struct setting *s)
{
	int64_t n = s->standard;

	/* The value is the standard or has just been parsed: it cannot fail. */
	(void)!parse(s, setting_value(rq, s), &n);
	return n;
}

int64_t setting_number(struct rq *rq, const char *name)
{
	const struct setting *s = known(name);

	assert(s->type == SETTING_NUMBER);
	return number_of(rq, s);
}

bool setting_bool(struct rq *rq, const char *name)
{
	const struct setting *s = known(name);

	assert(s->type == SETTING_BOOL);
	return number_of(rq, s) != 0;
}

struct str setting_text(struct rq *rq, const char *name)
{
	const struct setting *s = known(name);

	assert(s->type == SETTING_TEXT);
	return setting_value(rq, s);
}

static enum err refuse(struct rq *rq, const struct setting *s)
{
	if (s->type == SETTING_BOOL)
		return fail(rq, ERR_INVALID, _("%s is yes or no"), s->name);
	if (s->type == SETTING_NUMBER)
		return fail(rq, ERR_INVALID, _("%s is a whole number from %lld to %lld"), s->name, (long long)s->least, (long long)s->most);
	return fail(rq, ERR_INVALID, _("%s is a text of at most %d bytes"), s->name, LONGEST);
}

enum err setting_check(struct rq *rq, const struct setting *s, struct str value)
{
	int64_t n;

	value = str_trim(value);
	return (s->type == SETTING_TEXT ? value.len > LONGEST || !str_is_utf8(value) : parse(s, value, &n) != OK) ? refuse(rq, s) : OK;
}

enum err setting_set(struct change *change, struct str name, struct str value)
{
	struct rq *rq = change_rq(change);
	const struct setting *s = setting_named(name);

	if (!s)
		return fail(rq, ERR_NONE, _("there is no setting \"%.*s\""), STR_ARG(str_utf8_first(name, 60)));
	if (s->is_fixed)
		return fail(rq, ERR_DENIED, _("\"%.*s\" is not to be set by hand"), STR_ARG(name));
	TRY(setting_check(rq, s, value));
	value = str_trim(value);
	if (str_equal(value, setting_standard(rq, s))) {
		enum err err = setting_drop(change, name);
		return err == ERR_NONE ? OK : err;      /* it was the standard already */
	}
	return setting_put_by(change, str_of(s->name), value.at ? value : STR(""), rq->now, rq->actor->name);
}
