#ifndef PERSON_H
#define PERSON_H
/* What the page of a person (person.c) and one's own page (me.c) both show. */
#include "gate.h"
#include "floor/people.h"
#include "floor/person.html.h"

/* The gate's word on this person now, at no gateway in particular. */
enum err          person_judge(struct rq *, int64_t person, struct gate_verdict *ret);
struct state_page person_verdict_shape(enum verdict);
struct str        person_sentence(struct rq *, const struct gate_verdict *, const char *pass);  /* pass: what is said of a pass */
struct instant    person_right_ends(const struct gate_verdict *);                              /* ms 0: no end known */
/* What each point says, without those that say nothing. */
size_t            person_reasons(struct rq *, const struct gate_verdict *, struct person_page_reasons **ret);
enum err          person_about(struct rq *, int64_t person, struct abouts *ret);
enum err          person_sessions(struct rq *, int64_t person, struct connections_page *ret);
struct str        person_manager_name(struct rq *, const struct people_get_row *);
/* The moment that stands for the last day of what ends at `until`. */
struct instant    person_last_moment(struct instant until);

extern const struct page person_pages[], me_pages[];
#endif
