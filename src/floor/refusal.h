#ifndef FLOOR_REFUSAL_H
#define FLOOR_REFUSAL_H
/* The latest refusals at the gate, in memory: they promise nothing, so they are no leaves, and a start forgets them.
 *
 * The gate notes them; pages show them. Any thread. */
#include "floor/rq.h"

struct refusal {
	struct instant at, until;      /* until: when it may be otherwise, INSTANT_NEVER not said */
	int64_t        person;         /* -1: a stranger */
	int16_t        gateway;        /* number in the order of gateways, -1 none */
	int16_t        class;          /* of the person then, 0 unknown */
	bool           is_watched;     /* let in all the same: the gateway only watches */
	const char    *code, *why;     /* "access.no_grant"; N_(), the sentence */
};
enum { REFUSALS = 4096 };
void     refusal_note(const struct refusal *);
size_t   refusal_latest(struct arena *, struct refusal **ret);    /* newest first */
uint64_t refusal_count(bool is_watched);                          /* all, or of these the watched; since the start */
uint64_t refusal_by(int16_t gateway);                             /* those that only watch refuse nobody */
#endif
