#ifndef FLOOR_REFUSAL_H
#define FLOOR_REFUSAL_H
/* The latest refusals at the gate, in memory: they promise nothing, so they are no leaves, and a start forgets them.
 *
 * The gate notes them; pages show them. Any thread. Beside them the latest time in which accepts could not be stored. */
#include "floor/rq.h"

struct refusal {
	struct instant at, until;      /* until: when it may be otherwise, INSTANT_NEVER not said */
	int64_t        person;         /* -1: a stranger */
	int16_t        gateway;        /* number in the order of gateways, -1 none */
	int16_t        class;          /* of the person then, 0 unknown */
	bool           is_watched;     /* let in all the same: the gateway only watches */
	const char    *code, *why;     /* "access.no_grant"; N_(), the sentence */
};
/* Accepts that could not be written down: since when, until the first that could again; how many were let in all the same, and how many not. */
struct outage { struct instant since, until; uint64_t leased, refused; };    /* since ms 0: none since the start; until ms 0: it goes on */
void          outage_note(struct instant at, bool is_leased);
void          outage_over(struct instant at);      /* often called when there is none */
struct outage outage_latest(void);

enum { REFUSALS = 4096 };
void     refusal_note(const struct refusal *);
size_t   refusal_latest(struct arena *, struct refusal **ret);    /* newest first */
uint64_t refusal_count(bool is_watched);                          /* all, or of these the watched; since the start */
uint64_t refusal_by(int16_t gateway);                             /* those that only watch refuse nobody */
#endif
