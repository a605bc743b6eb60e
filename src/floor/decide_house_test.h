#ifndef FLOOR_DECIDE_HOUSE_TEST_H
#define FLOOR_DECIDE_HOUSE_TEST_H
/* What the tests of decisions and of urgent cases stand on: a house of two legal bodies, reasons of the gate, and who hears that a decision has ended. */
#include "floor/fixture.h"
#include "floor/decide.h"
#include "floor/mandate.h"

enum { COUNCIL = 1, COMPANY = 2 };
extern struct fixture *f;
extern const struct reason lowerable, other, hard;       /* of the gate; the last cannot be lowered */
extern const struct reason *const reasons[];             /* all three, ended by NULL */

/* What was said of decisions' ends: how often, and of whom last. */
extern struct ended { int n; int64_t person, subject; } ended;
enum err hear(struct rq *, const struct event *, struct change *);
#define JOB(call) FIXTURE_JOB(f, hear, call)

void mandate(int64_t person, int64_t body, int level);   /* gives it, from now and without an end */
void house(const char *at, const struct fixture_person *people, size_t n);       /* at a moment, with these people */
int  tear_down(void **state);
#endif
