#ifndef FLOOR_DECIDE_HOUSE_TEST_H
#define FLOOR_DECIDE_HOUSE_TEST_H
/* What the tests of decisions and of urgent cases stand on: a house of two legal bodies, reasons of the gate, and who hears that a decision has ended. */
#include "floor/fixture.h"
#include "floor/decide.h"
#include "floor/mandate.h"

enum { COUNCIL = 1, COMPANY = 2 };
static struct fixture *f;
static const struct fixture_house houses[] = { { "N\303\244mnden", "Arkiv" }, { "Bolaget", "Energi" } };
static const struct reason lowerable = { "test.lowerable", true, "" }, other = { "test.other", true, "" }, hard = { "test.hard", false, "" };
static const struct reason *const reasons[] = { &lowerable, &other, &hard, NULL };

/* What was said of decisions' ends: how often, and of whom last. */
static struct { int n; int64_t person, subject; } ended;

static enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	if (event->kind != EVENT_decision_ended)
		return OK;
	ended.n++;
	ended.person = event->person;
	ended.subject = event->subject;
	return OK;
}
#define JOB(call) FIXTURE_JOB(f, hear, call)

static void mandate(int64_t person, int64_t body, int level)
{
	int64_t id;
	assert_int_equal(JOB(mandate_give(&f->rq, &(struct mandate_wish){ person, body, level, f->rq.now, { 0 } }, -1, &id)), OK);
}

/* At a moment, with these people. */
static void house(const char *at, const struct fixture_person *people, size_t n)
{
	f = fixture_new();
	assert_int_equal(instant_parse_loose(str_of(at), &f->rq.now), OK);
	decide_reasons_are(reasons);
	assert_int_equal(JOB(fixture_people(f, houses, LENGTH(houses), people, n)), OK);
}

static int tear_down(void **state)
{
	decide_reasons_are(NULL);
	fixture_end(f);
	return 0;
}
#endif
