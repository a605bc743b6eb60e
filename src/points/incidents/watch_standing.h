#ifndef INCIDENTS_WATCH_STANDING_H
#define INCIDENTS_WATCH_STANDING_H
/* The rules that need what Samordna knows: R9 a login that the gate would have refused, R10 an account that nobody should use.
 *
 * core asks the gate about each login that a watched log tells of (core_logs_judge.c); which reason means which rule is the table here. Pure. */
#include "floor/rq.h"

enum watch_scope {
	SCOPE_REMOTE,            /* logs of remote access: those of VPN servers, and any log that bears a gateway's name */
	SCOPE_ALL,               /* whichever log tells it */
};
struct watch_standing {
	const char      *rule;       /* "R9.ended" */
	const char      *code;       /* the reason of the gate that means it; NULL: core finds it in another way */
	enum watch_scope scope;
	int              severity;   /* 1 (severe) to 5, before what weighs more */
	const char      *title;      /* N_(), with %.*s for whom */
	const char      *definition, *source;   /* N_() */
};
extern const struct watch_standing watch_standing[];           /* ended by .rule NULL */
/* NULL: a refusal that is no sign of anything (no place left, the factor not told). */
const struct watch_standing *watch_standing_of(const char *code);
const struct watch_standing *watch_standing_named(const char *rule);
bool watch_is_remote(struct str service);                      /* of a log line: a server that lets people in from outside */

/* What makes the same sight weigh more: each takes a step up, two at most. */
enum watch_weight { WEIGHT_PRIVILEGED = 1, WEIGHT_CRITICAL = 2, WEIGHT_LEAVER = 4, WEIGHT_RESET = 8, WEIGHTS = 4 };
extern const char *const watch_weight_word[WEIGHTS];           /* N_(), by bit */
int  watch_weighed(int severity, unsigned weights);
#endif
