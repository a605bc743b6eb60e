#ifndef BASE_WHEN_H
#define BASE_WHEN_H
/* Moments and durations, as types, so that nobody adds two moments or guesses a unit.
 *
 * Inside all is UTC in milliseconds since 1970; people see Europe/Stockholm. "A month" is a
 * calendar month there. Call when_start once, before any jail closes: it reads the zone's table, and ends the program
 * when there is none. */
#include "base/out.h"

struct instant { int64_t ms; };
struct span    { int64_t ms; };

#define INSTANT_NEVER ((struct instant){ INT64_MAX })   /* later than all others */
#define SECONDS(n) ((struct span){ (int64_t)(n) * 1000 })
#define MINUTES(n) SECONDS((int64_t)(n) * 60)
#define HOURS(n)   MINUTES((int64_t)(n) * 60)
#define DAYS(n)    HOURS((int64_t)(n) * 24)

/* What the wall in Stockholm shows. weekday 1 is Monday; offset in minutes east of UTC. */
struct wall { int year, month, day, hour, minute, second, weekday, offset; };

void           when_start(void);
struct instant instant_plus(struct instant, struct span);
struct span    instant_since(struct instant later, struct instant earlier);
bool           instant_is_before(struct instant, struct instant);

struct wall    instant_wall(struct instant);
/* Where the clock goes back and the time comes twice, the earlier; where it does not exist, the
 * offset before the change applies. ERR_INVALID for 31 February, hour 25 and the like. */
enum err       wall_instant(struct wall, struct instant *ret);
/* Same clock time n months on, the day clamped to the month's last. */
struct instant instant_plus_months(struct instant, int n);
struct instant instant_midnight(struct instant);        /* 00:00 of that day in Stockholm */

/* RFC 3339 with a zone ("2026-11-24T08:00:00Z", "+01:00"), fractions dropped to milliseconds.
 * instant_parse_loose also takes "2026-11-24" (00:00) and "2026-11-24 08:00" or with T, no zone,
 * in Stockholm. ERR_INVALID when the moment does not exist. */
enum err       instant_parse(struct str, struct instant *ret);
enum err       instant_parse_loose(struct str, struct instant *ret);
void           out_instant(struct out *, struct instant);        /* RFC 3339, Stockholm's offset */
void           out_instant_utc(struct out *, struct instant);    /* RFC 3339, Z */
int            wall_week(struct wall);                           /* ISO 8601 week number */

/* Working days, numbered: Saturday and Sunday are part of the Friday before. Public holidays are not known. */
int64_t        working_day(struct instant);
struct instant working_day_before(struct instant);               /* the midnight with which the last working day before this one began */
#endif
