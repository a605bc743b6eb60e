/* The fold of events. audit_hear (floor) keeps the queue and its depth; here stands only who is asked: each point that says it
 * hears that event, in the leaflet's order. A point that cannot act on what it hears fails the whole change: half a decision is none. */
#include "events.h"
#include "floor/hook.h"

const char *const event_name[EVENT_KINDS] = {
#define X(name, text) [EVENT_##name] = #name,
	EVENTS(X)
#undef X
};

const char *const event_text[EVENT_KINDS] = {
#define X(name, text) [EVENT_##name] = text,
	EVENTS(X)
#undef X
};

enum err events_hear(struct rq *rq, const struct event *event, struct change *change)
{
	for (size_t i = 0; points[i]; i++)
		if (points[i]->hear && points[i]->hears & 1u << event->kind)
			TRY(points[i]->hear(rq, event, change));
	return hook_hear(event, change);
}
