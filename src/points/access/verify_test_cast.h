#ifndef ACCESS_VERIFY_TEST_CAST_H
#define ACCESS_VERIFY_TEST_CAST_H
/* For verify_test.c alone: the house in which calls are verified, who is in it, and how they act. */

static struct fixture *f;
static struct { char rule[16]; int severity; } said[64];
static int n_said, n_resets;

static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	if (event->kind == EVENT_suspected) {
		snprintf(said[n_said].rule, sizeof said[0].rule, "%s", event->what->rule);
		said[n_said++].severity = event->what->severity;
	}
	n_resets += event->kind == EVENT_access_reset;
	return event->kind == EVENT_phone_changed ? access_hear(rq, event, change) : OK;
}

static void at(const char *text)
{
	assert_int_equal(instant_parse_loose(str_of(text), &f->rq.now), OK);
}

static void later(struct span span)
{
	f->rq.now = instant_plus(f->rq.now, span);
}

#define JOB(call) FIXTURE_JOB(f, hear, call)

enum { ANNA, BO, PER, PIA, EVA, FIA, NEWT, MUTE, GUS, OLA, CHEF, PERSONS };

static enum err add_people(void)
{
	static const struct { const char *code; int64_t roles; int64_t body; int manager; bool is_mute; } p[PERSONS] = {
		[ANNA] = { "anna", ROLE_EMPLOYEE, 1, BO }, [BO] = { "bo", ROLE_MANAGER, 1, CHEF }, [PER] = { "per", ROLE_SUPPORT, 1, CHEF },
		[PIA] = { "pia", ROLE_SUPPORT, 1, CHEF }, [EVA] = { "eva", ROLE_COORDINATOR, 1, CHEF }, [FIA] = { "fia", ROLE_MANAGER, 2, CHEF },
		[NEWT] = { "newt", ROLE_EMPLOYEE, 1, BO }, [MUTE] = { "mute", ROLE_EMPLOYEE, 1, BO, true }, [GUS] = { "gus", ROLE_EMPLOYEE, 1, BO },
		[OLA] = { "ola", ROLE_EMPLOYEE, 1, BO },
		[CHEF] = { "chef", ROLE_MANAGER | ROLE_MANAGEMENT, 1, -1 } };
	struct change *change;

	TRY(audit_begin(&f->rq, "test.people", STR("people"), &change));
	TRY(people_body_add(change, 1, STR("One")));
	TRY(people_body_add(change, 2, STR("Two")));
	for (int64_t body = 1; body <= 2; body++)
		TRY(people_unit_add(change, body, body == 1 ? STR("One") : STR("Two"), body, 3));
	for (int64_t i = 0; i < PERSONS; i++) {
		TRY(people_add(change, &(const struct people_add_args){ .id = i, .code = str_of(p[i].code), .name = str_of(p[i].code),
			.email = p[i].is_mute ? STR("") : str_print(f->rq.arena, "%s@ex.example", p[i].code), .phone = i == NEWT ? STR("") : STR("070-174 06 05"),
			.sort = STR(""), .unit = p[i].body, .roles = p[i].roles, .manager = { p[i].manager >= 0, p[i].manager } }));
		TRY(people_login_add(change, i, 0, str_of(p[i].code), LOGIN_CODE));
		/* OLA and MUTE have no log-in here. */
		if (i != OLA && i != MUTE)
			TRY(account_add(change, &(const struct account_add_args){ .person = i, .password = STR("x"), .totp = STR("x"), .made_at = f->rq.now, .changed_at = f->rq.now }));
	}
	return OK;
}

static int set_up(void **state)
{
	(void)state;
	f = fixture_new();
	setting_know(access_settings);
	mail_is_from(STR("samordna@ex.example"), STR("https://samordna.ex.example"));
	at("2026-11-24 10:00");
	assert_int_equal(JOB(add_people()), OK);
	n_said = n_resets = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_end(f);
	return 0;
}

static enum err begins(int64_t person, const char *errand, int64_t agent, const char *caller, int64_t *ret)
{
	return JOB(verify_begin(&f->rq, &(const struct verify_wish){ .person = person, .agent = agent, .errand = str_of(errand), .caller = str_of(caller) }, ret));
}

static int64_t begun(int64_t person, const char *errand)
{
	int64_t id = -1;
	assert_int_equal(begins(person, errand, PER, NULL, &id), OK);
	return id;
}

static struct verify_done done;

/* Refused or not, a step is one leaf or none. */
static enum err steps(const char *act, int64_t id, int64_t by, struct str text)
{
	int64_t size = audit_size(f->audit);
	enum err err = JOB(verify_do(&f->rq, verify_act_named(str_of(act)), &(const struct verify_deed){ .id = id, .by = by, .said = text, .why = STR("because") }, &done));
	assert_int_equal(audit_size(f->audit) - size, err == OK);
	return err;
}

static enum err does(const char *act, int64_t id)
{
	return steps(act, id, PER, STR(""));
}

static struct str code_of(int64_t id)
{
	struct verify_get_row row;
	assert_int_equal(verify_get(&f->rq, id, &row), OK);
	return verify_code(&f->rq, id, row.codes);
}

static int64_t heard(int64_t person, const char *errand)
{
	int64_t id = begun(person, errand);
	assert_int_equal(does("call", id), OK);
	assert_int_equal(does("code", id), OK);
	assert_int_equal(steps("read", id, PER, code_of(id)), OK);
	assert_false(done.is_wrong);
	return id;
}
#endif
