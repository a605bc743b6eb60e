#ifndef CAPACITY_DAY_H
#define CAPACITY_DAY_H
/* A plan for one day: what Samordna knows, made into a problem of the planner, solved, dealt to persons, and laid down as seats.
 *
 *     day_gather   (a reader; no change)  who needs places that day, who may connect where, what is left of each gateway
 *     day_solve    (pure)                 the plan, and each person's unbroken times
 *     day_make, day_adopt, day_undo       the three acts; not on the writer: they put their own jobs there
 *
 * A plan that is made is kept as its figures, its proof and the digest of what it was made of. The same gives the same plan, so adopting
 * gathers and solves once more and lays down what was shown, or refuses when something has changed since. */
#include "capacity.h"
#include "plan.h"

enum { DAY_SEAT_MOST = 16, DAY_GATEWAYS = 64, DAY_BEFORE = 3 };

struct day_person {
	int64_t  person;
	int32_t  unit;
	uint32_t type;
	uint16_t before, held;         /* slot + 1 in which the last plan before let her begin, 0 none; how many slots it gave her */
	uint8_t  class;
};
struct day {
	struct instant         from, until;          /* midnights */
	struct capacity_known *gateways; size_t n_gateways;      /* those with a limit */
	struct plan_problem    problem;
	struct day_person     *people; size_t n_people;          /* by type, then by number */
	size_t                *first;                /* [type]: the first of its people; [n_types]: n_people */
	char                   digest[65];
};
struct day_seat { int64_t person; uint32_t slot; uint16_t gateway, n; };      /* gateway: of day.gateways */
struct day_unit { int64_t unit, class, people, needed, served, less; };
struct day_plan {
	struct plan      plan;
	struct day_seat *seats; size_t n_seats;      /* by person, then by time */
	struct day_unit *units; size_t n_units;
	int64_t          kept;                       /* persons who begin as in the last plan before */
};
/* `at`: any moment of the day. */
enum err day_gather(struct rq *, struct instant at, struct day *ret);
enum err day_solve(struct rq *, const struct day *, struct day_plan *ret);

struct day_kept { const struct day *day; const struct day_plan *made; int64_t id; };
enum err day_keep(struct rq *, void *kept);                  /* a job: the plan's figures; fills id */

enum err day_make(struct rq *, struct instant at, int64_t *ret);
/* `tell` may be NULL; as in struct args. */
struct day_tell { void (*tell)(void *of, const char *what, int64_t done, int64_t all); void *of; };
enum err day_adopt(struct rq *, int64_t plan, struct day_tell);
enum err day_undo(struct rq *, int64_t plan, struct day_tell);

enum err day_plan(struct rq *, int64_t plan, struct capacity_day_plan_get_row *ret);     /* ERR_NONE with a sentence */
enum day_state { DAY_MADE, DAY_LAYING, DAY_ADOPTED, DAY_UNDONE, DAY_STATES };
extern const char *const day_state_name[DAY_STATES], *const day_state_word[DAY_STATES];
enum day_state day_state_of(struct maybe_int adopted_at, struct maybe_int undone_at, int64_t laid, int64_t seats);

struct day_need { struct str unit; int64_t minutes, from_minute, until_minute; bool is_whole; };
enum err day_set_need(struct rq *, const struct day_need *);
enum err day_read_minute(struct str clock, int64_t *ret);     /* "7:30" -> 450; ERR_INVALID */

/* A person gives a time back that a plan has given her; person -1: anybody's. */
enum err day_give_back(struct rq *, int64_t person, int64_t seat);
/* Places of a gateway that plans hold in a slot. */
enum err day_held(struct rq *, int64_t gateway, struct instant slot, int64_t *ret);

/* The hours in which more places would help, by the plan's proof. */
struct capacity_fulls_page;
enum err day_fulls(struct rq *, int64_t plan, size_t most, struct capacity_fulls_page *ret, bool *ret_is_any);

/* --- ways in (day_page.c, day_command.c): rows in the point's tables --- */
enum err day_get_plans(struct rq *, const struct visit *, struct answer *), day_get_plan(struct rq *, const struct visit *, struct answer *);
enum err day_get_needs(struct rq *, const struct visit *, struct answer *);
enum err day_prepare_plans(struct rq *, struct visit *), day_prepare_plan(struct rq *, struct visit *);
enum err day_post_plans(struct rq *, const struct visit *, struct answer *), day_post_plan(struct rq *, const struct visit *, struct answer *);
enum err day_post_needs(struct rq *, const struct visit *, struct answer *);
enum err day_run_make(struct rq *, const struct args *, struct out *), day_run_show(struct rq *, const struct args *, struct out *);
enum err day_run_list(struct rq *, const struct args *, struct out *), day_run_adopt(struct rq *, const struct args *, struct out *);
enum err day_run_undo(struct rq *, const struct args *, struct out *), day_run_need(struct rq *, const struct args *, struct out *);
#endif
