#ifndef INCIDENTS_TEST_HOUSE_H
#define INCIDENTS_TEST_HOUSE_H
/* What the tests of incidents share: a store in memory with six people, a clock that is set by hand, and acts said as "name=value|name=value". */
#include "floor/fixture.h"
#include "law.h"
#include "floor/people.h"
#include "floor/setting.h"

static struct fixture *f;
static int opened, closed;

static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	opened += event->kind == EVENT_incident_opened;
	closed += event->kind == EVENT_incident_closed;
	return incidents_hear(rq, event, change);
}

static void at(const char *text)
{
	assert_int_equal(instant_parse_loose(str_of(text), &f->rq.now), OK);
}

#define JOB(call) FIXTURE_JOB(f, hear, call)

#ifndef MORE_PERSONS            /* of the second body, for who tests with two */
#define MORE_PERSONS
#define MORE_PEOPLE
#endif
enum { ANNA, PER, SIV, EVA, KIM, MAJ, MORE_PERSONS PERSONS };

static enum err add_people(void)
{
	static const struct fixture_person p[PERSONS] = { [ANNA] = { "anna", ROLE_EMPLOYEE, 1 }, [PER] = { "per", ROLE_SUPPORT, 1 },
		[SIV] = { "siv", ROLE_SYSTEM_OWNER, 1 }, [EVA] = { "eva", ROLE_COORDINATOR, 1 }, [KIM] = { "kim", ROLE_COORDINATOR, 1 },
		[MAJ] = { "maj", ROLE_AUDITOR, 1 }, MORE_PEOPLE };
	static const struct fixture_house houses[] = { { "One", "One" }, { "Two", "Two" } };

	return fixture_people(f, houses, LENGTH(houses), p, PERSONS);
}

static int set_up(void **state)
{
	(void)state;
	f = fixture_new();
	setting_know(incidents_settings);
	at("2026-11-24 10:00");
	assert_int_equal(JOB(add_people()), OK);
	opened = closed = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_end(f);
	return 0;
}

static int64_t id_of(struct str number)
{
	struct incidents_numbered_row row;
	assert_int_equal(incidents_numbered(&f->rq, number, &row), OK);
	return row.id;
}

static int64_t reported(const char *text, const char *contact)
{
	struct incidents_reported r = { .kind = INCIDENTS_CALL, .text = str_of(text), .contact = str_of(contact) };
	assert_int_equal(JOB(incidents_report(&f->rq, &r)), OK);
	return id_of(r.number);
}

static const char *wrong_field;
/* "name=value|name=value" */
static enum err act(const char *name, int64_t incident, int64_t by, const char *said)
{
	struct field fields[16];
	struct incidents_deed deed = { .by = by, .fields = fields, .prefix = "", .file = -1 };
	struct str rest = str_of(said);

	while (rest.len) {
		struct str value = str_cut(&rest, '|'), key = str_cut(&value, '=');
		fields[deed.n_fields++] = (struct field){ key, value };
	}
	enum err err = JOB(incidents_do(&f->rq, incidents_act_named(str_of(name)), incident, &deed));
	wrong_field = deed.wrong;
	return err;
}
#define DO(...) assert_int_equal(act(__VA_ARGS__), OK)

static struct incidents_get_row row_of(int64_t id)
{
	struct incidents_get_row row;
	assert_int_equal(incidents_get(&f->rq, id, &row), OK);
	return row;
}
#endif
