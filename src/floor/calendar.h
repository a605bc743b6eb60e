#ifndef FLOOR_CALENDAR_H
#define FLOOR_CALENDAR_H
/* Calendars as other programs read them (iCalendar, RFC 5545): events with alarms. Lines are folded, texts escaped, moments in UTC.
 *
 *     calendar_begin(out, STR("Legal clocks"));
 *     calendar_event(out, &(struct calendar_event){ .uid = ..., .title = ..., .at = due_at, .made_at = rq->now, .alarms = { HOURS(2) }, .n_alarms = 1 });
 *     calendar_end(out); */
#include "floor/rq.h"

enum { CALENDAR_ALARMS = 4 };
struct calendar_event {
	struct str     uid, title, text;         /* uid: the same for the same thing, always; text may be empty */
	struct str     at_url;                   /* where it is handled; empty: none */
	struct instant at, until, made_at;       /* until ms 0: a moment without length */
	bool           is_tentative;
	struct span    alarms[CALENDAR_ALARMS];  /* how long before */
	size_t         n_alarms;
};
void calendar_begin(struct out *, struct str name);
void calendar_event(struct out *, const struct calendar_event *);
void calendar_end(struct out *);
extern const char calendar_type[];           /* of an answer */
#endif
