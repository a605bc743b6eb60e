#ifndef TEAM_H
#define TEAM_H
/* Who may connect when, of a manager's people, and who has which time: for capacity's own files. */
#include "capacity.h"
#include "floor/people.h"
#include "points/capacity/capacity_team.sql.h"

/* The hours of a day that the tables show. */
enum { DAY_FIRST_HOUR = 6, DAY_LAST_HOUR = 20, DAY_HOURS = DAY_LAST_HOUR - DAY_FIRST_HOUR };

/* A day, with what is the same for everybody. */
struct team {
	struct instant         day, after;             /* its midnights */
	struct instant         hour[DAY_HOURS + 1];
	struct capacity_known *known; size_t n_known;
	struct capacity_raise *raises; int32_t n_raises;
};
struct team_person {
	int64_t                                class;  /* that counts: a raise without a decision does not */
	bool                                   may[DAY_HOURS];     /* somebody's gateway would let her in then, were there a place */
	const struct capacity_team_times_row  *times; size_t n_times;
};
/* `at`: any moment of the day. */
enum err team_begin(struct rq *, struct instant at, struct team *ret);
/* ERR_BUSY while the gate is loading. */
enum err team_person(struct rq *, const struct team *, int64_t person, int64_t unit, struct team_person *ret);

/* May whoever asks book and call off this person's times: she herself, her manager, a coordinator. ERR_NONE or ERR_DENIED, with a sentence. */
enum err team_may_change(struct rq *, int64_t person, struct people_get_row *ret);

/* Tells her by mail of a time that somebody else has booked or called off; nothing when she did it herself. */
enum err team_tell(struct change *, int64_t person, struct instant from, bool is_booked);

/* Calendar feeds (capacity_feed.scope): one's own; of all who report to one; from FEED_UNIT on: of the unit with that number. */
enum { FEED_OWN, FEED_TEAM, FEED_UNIT };

enum err team_get(struct rq *, const struct visit *, struct answer *);
enum err team_run(struct rq *, const struct args *, struct out *);
#endif
