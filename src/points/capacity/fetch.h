#ifndef CAPACITY_FETCH_H
#define CAPACITY_FETCH_H
/* Fetch lists (rule K7): what somebody wants to fetch to her computer while she is connected, so that the rest of the work is done without a connection.
 *
 *     ordered -> fetching -> fetched -> erased
 *             -> given up, at any time before it is fetched
 *
 * While she fetches, as long as the list may take, her session is not chosen for ending, and one that was is ended afterwards. */
#include "capacity.h"
#include "points/capacity/capacity_fetch.sql.h"

enum { FETCH_AHEAD = 2, FETCH_TEXT = 300, FETCH_DEVICE = 60 };
enum fetch_state { FETCH_ORDERED, FETCH_NOW, FETCH_TOO_LONG, FETCH_HERE, FETCH_LATE, FETCH_ERASED, FETCH_GIVEN_UP, FETCH_STATES };
extern const char *const fetch_state_name[FETCH_STATES], *const fetch_state_word[FETCH_STATES];
enum fetch_state fetch_state_of(const struct capacity_fetch_of_row *, struct instant now);

struct fetch_wish { struct str gateway, what, device; int64_t megabytes, level; bool is_managed; struct instant erase_at; };
/* What a list at this gateway may weigh: what one session carries in a booked time, and never more than the setting. Pure. */
int64_t  fetch_most(const struct capacity_limits *, int64_t setting);
/* How long it may take there, at least five minutes and at most a booked time. Pure. */
struct span fetch_time(const struct capacity_limits *, int64_t setting, int64_t megabytes);

/* The verbs, each a leaf. person -1: anybody's list (the command line). *ret_field: of the page, that a refusal is about. */
enum err fetch_order(struct rq *, int64_t person, const struct fetch_wish *, int64_t *ret, const char **ret_field);
enum err fetch_begin(struct rq *, int64_t person, int64_t id);
enum err fetch_over(struct rq *, int64_t person, int64_t id, bool is_fetched);
enum err fetch_erase(struct rq *, int64_t person, int64_t id);

enum err fetch_get(struct rq *, const struct visit *, struct answer *);
enum err fetch_post(struct rq *, const struct visit *, struct answer *);
enum err fetch_due(struct rq *, struct tasks *ret);
enum err fetch_about(struct rq *, int64_t person, struct abouts *ret);
enum err fetch_run_order(struct rq *, const struct args *, struct out *);
enum err fetch_run_begin(struct rq *, const struct args *, struct out *);
enum err fetch_run_done(struct rq *, const struct args *, struct out *);
enum err fetch_run_cancel(struct rq *, const struct args *, struct out *);
enum err fetch_run_erased(struct rq *, const struct args *, struct out *);
enum err fetch_run_list(struct rq *, const struct args *, struct out *);
#endif
