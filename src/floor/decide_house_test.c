/* See decide_house_test.h. */
#include "floor/decide_house_test.h"

struct fixture *f;
struct ended ended;
const struct reason lowerable = { "test.lowerable", true, "" }, other = { "test.other", true, "" }, hard = { "test.hard", false, "" };
const struct reason *const reasons[] = { &lowerable, &other, &hard, NULL };
static const struct fixture_house houses[] = { { "N\303\244mnden", "Arkiv" }, { "Bolaget", "Energi" } };

enum err hear(struct rq *rq, const struct event *event, struct change *change)
{
	if (event->kind != EVENT_decision_ended)
		return OK;
	ended.n++;
	ended.person = event->person;
	ended.subject = event->subject;
	return OK;
}

void mandate(int64_t person, int64_t body, int level)
{
	int64_t id;
	assert_int_equal(JOB(mandate_give(&f->rq, &(struct mandate_wish){ person, body, level, f->rq.now, { 0 } }, -1, &id)), OK);
}

void house(const char *at, const struct fixture_person *people, size_t n)
{
	f = fixture_new();
	assert_int_equal(instant_parse_loose(str_of(at), &f->rq.now), OK);
	decide_reasons_are(reasons);
	assert_int_equal(JOB(fixture_people(f, houses, LENGTH(houses), people, n)), OK);
}

int tear_down(void **state)
{
	decide_reasons_are(NULL);
	fixture_end(f);
	return 0;
}
