#ifndef FICTION_H
#define FICTION_H
/* A fictional municipality ("Övning"): people, grants and sessions of three weeks, made by the real verbs in dated steps.
 *
 * The same seed gives the same municipality relative to the day it is made. Nobody in it is real; its addresses and telephone
 * numbers belong to series set aside for fiction. It goes only into a home that has no people. */
#include "floor/people.h"

struct fiction_unit { const char *name; uint8_t body, class, weight, kind; };   /* weight: share of the staff */
enum fiction_kind { FICTION_OFFICE, FICTION_SCHOOL, FICTION_CARE };             /* how many have e-mail and work remotely */
extern const char *const fiction_bodies[], *const fiction_women[], *const fiction_men[], *const fiction_last[];
extern const struct fiction_unit fiction_units[];
extern const size_t fiction_n_bodies, fiction_n_units, fiction_n_women, fiction_n_men, fiction_n_last;

enum { FICTION_STAFF = 5000 };
struct fiction_person {
	struct str     code, name, email, phone, login;
	int32_t        unit, manager;           /* manager -1: nobody's */
	uint32_t       roles;
	uint8_t        body, kind;
	bool           is_protected;
	struct instant employment_end, left_at; /* ms 0: none */
};
struct fiction_chance { uint64_t state; };
uint32_t fiction_below(struct fiction_chance *, uint32_t n);                    /* 0 .. n-1 */
/* Everybody, in the order of their numbers. */
struct fiction_person *fiction_people(struct arena *, struct fiction_chance *, struct instant now);

/* The decision that waits in it; a job, in the present. */
enum err fiction_decision(struct rq *, const struct fiction_person *, int32_t asker);

/* Its incidents: the day and the minute of that day when each is reported (day -1: so many minutes before now), and what is done. */
enum { FICTION_CAST = 4, FICTION_INCIDENTS = 8 };
struct fiction_incident { int day, minute; };
struct fiction_deed { int incident, minutes, who; const char *act, *said; };       /* minutes: after its report; who: in the cast */
struct fiction_cast { int64_t person[FICTION_CAST]; struct str code[FICTION_CAST]; };   /* two of support, a system owner, the coordinator */
extern const struct fiction_incident fiction_incidents[];
extern const struct fiction_deed fiction_deeds[];
extern const size_t fiction_n_incidents, fiction_n_deeds;
enum err fiction_deed_do(struct rq *, const struct fiction_deed *, const struct fiction_cast *, int64_t incident[FICTION_INCIDENTS]);

extern const struct command fiction_commands[];
/* Client side of `demo wipe`: an exercise home becomes an empty one again. ret_code: as init_home's. */
enum err fiction_wipe(const char *home, char *ret_code, struct trouble *);
#endif
