/* Calendar arithmetic on the proleptic Gregorian calendar, and Stockholm's wall.
 *
 * The zone's rules come from the system's tz database through libc (localtime_r with TZ set once at
 * start), so a change of law arrives with the package, not with us. Everything else is pure. */
#include "base/when.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void when_start(void)
{
	setenv("TZ", "Europe/Stockholm", 1);
	tzset();
	/* libc takes a zone that it cannot read for UTC, and says nothing: every deadline would be wrong by an hour or two. */
	if (instant_wall((struct instant){ 1782864000000 }).offset == 120)      /* midsummer 2026 */
		return;
	fputs("samordna: the time zone Europe/Stockholm cannot be read; is the package tzdata installed?\n", stderr);
	exit(1);
}

struct instant instant_plus(struct instant at, struct span by)
{
	int64_t ms;
	if (__builtin_add_overflow(at.ms, by.ms, &ms))
		ms = by.ms > 0 ? INT64_MAX : INT64_MIN;
	return (struct instant){ ms };
}

struct span instant_since(struct instant later, struct instant earlier)
{
	return (struct span){ later.ms - earlier.ms };
}

bool instant_is_before(struct instant a, struct instant b)
{
	return a.ms < b.ms;
}

/* Days since 1970-01-01, and back: the civil calendar counted from March, in eras of 400 years. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && is_leap);
}

static int64_t wall_as_utc(struct wall w)
{
	return ((days_from_civil(w.year, w.month, w.day) * 24 + w.hour) * 60 + w.minute) * 60 + w.second;
}

struct wall instant_wall(struct instant at)
{
	int64_t floor_s = at.ms / 1000 - (at.ms % 1000 < 0);
	/* Moments outside 0001-9999 are shown at the border: no page needs them. */
	floor_s = MAX(MIN(floor_s, (int64_t)253402300799 - 86400), (int64_t)-62135596800 + 86400);
	time_t seconds = (time_t)floor_s;
	struct tm tm;

	localtime_r(&seconds, &tm);
	return (struct wall){
		.year = tm.tm_year + 1900, .month = tm.tm_mon + 1, .day = tm.tm_mday,
		.hour = tm.tm_hour, .minute = tm.tm_min, .second = tm.tm_sec,
		.weekday = tm.tm_wday ? tm.tm_wday : 7, .offset = (int)(tm.tm_gmtoff / 60),
	};
}

static bool wall_is_real(struct wall w)
{
	return w.year >= 1 && w.year <= 9998 && w.month >= 1 && w.month <= 12 && w.day >= 1
	    && w.day <= days_in_month(w.year, w.month) && w.hour >= 0 && w.hour < 24
	    && w.minute >= 0 && w.minute < 60 && w.second >= 0 && w.second < 60;
}

static struct instant at_offset(struct wall w, int offset)
{
	return (struct instant){ (wall_as_utc(w) - (int64_t)offset * 60) * 1000 };
}

enum err wall_instant(struct wall w, struct instant *ret)
{
	if (!wall_is_real(w))
		return ERR_INVALID;
	/* The offsets a day before and a day after bound every change between them. */
	struct instant near = at_offset(w, 0);
	int before = instant_wall(instant_plus(near, DAYS(-1))).offset;
	int after = instant_wall(instant_plus(near, DAYS(1))).offset;
	struct instant early = at_offset(w, before), late = at_offset(w, after);

	if (instant_wall(early).offset == before || instant_wall(late).offset != after)
		*ret = early;   /* the only one, the earlier of two, or a gap: the offset before applies */
	else
		*ret = late;
	return OK;
}

struct instant instant_plus_months(struct instant at, int n)
{
	struct wall w = instant_wall(at);
	int64_t months = (int64_t)w.year * 12 + (w.month - 1) + n;
	struct instant ret;

	w.year = (int)(months / 12);
	w.month = (int)(months % 12) + 1;
	w.day = MIN(w.day, days_in_month(w.year, w.month));
	if (wall_instant(w, &ret) != OK)
		return INSTANT_NEVER;
	ret.ms += at.ms % 1000;
	return ret;
}

struct instant instant_midnight(struct instant at)
{
	struct wall w = instant_wall(at);
	struct instant ret;

	w.hour = w.minute = w.second = 0;
	return wall_instant(w, &ret) == OK ? ret : at;
}

static bool take_number(struct str *s, size_t digits, int *ret)
{
	int64_t n;

	if (s->len < digits || str_number(str_first(*s, digits), 9999, &n) != OK)
		return false;
	*ret = (int)n;
	*s = str_from(*s, digits);
	return true;
}

static bool take_mark(struct str *s, const char *marks)
{
	if (s->len == 0 || !memchr(marks, s->at[0], strlen(marks)))
		return false;
	*s = str_from(*s, 1);
	return true;
}

static bool take_date(struct str *s, struct wall *w)
{
	return take_number(s, 4, &w->year) && take_mark(s, "-") && take_number(s, 2, &w->month)
	    && take_mark(s, "-") && take_number(s, 2, &w->day);
}

static bool take_clock(struct str *s, struct wall *w, int *ms, bool is_strict)
{
	if (!take_number(s, 2, &w->hour) || !take_mark(s, ":") || !take_number(s, 2, &w->minute))
		return false;
	if (!take_mark(s, ":"))
		return !is_strict;
	if (!take_number(s, 2, &w->second))
		return false;
	if (!take_mark(s, "."))
		return true;
	int digit, scale = 100;
	bool has_any = false;
	while (s->len && s->at[0] >= '0' && s->at[0] <= '9' && take_number(s, 1, &digit)) {
		*ms += digit * scale;
		scale /= 10;
		has_any = true;
	}
	return has_any;
}

static bool take_zone(struct str *s, int *offset)
{
	int hours, minutes;

	if (take_mark(s, "Zz")) {
		*offset = 0;
		return true;
	}
	int sign = s->len && s->at[0] == '-' ? -1 : 1;
	if (!take_mark(s, "+-") || !take_number(s, 2, &hours) || !take_mark(s, ":")
	    || !take_number(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*offset = sign * (hours * 60 + minutes);
	return true;
}

enum err instant_parse(struct str s, struct instant *ret)
{
	struct wall w = { 0 };
	int ms = 0;

	if (!take_date(&s, &w) || !take_mark(&s, "Tt ") || !take_clock(&s, &w, &ms, true)
	    || !take_zone(&s, &w.offset) || s.len || !wall_is_real(w))
		return ERR_INVALID;
	*ret = at_offset(w, w.offset);
	ret->ms += ms;
	return OK;
}

enum err instant_parse_loose(struct str s, struct instant *ret)
{
	struct wall w = { 0 };
	int ms = 0;

	if (instant_parse(s, ret) == OK)
		return OK;
	if (!take_date(&s, &w))
		return ERR_INVALID;
	if (s.len && (!take_mark(&s, "Tt ") || !take_clock(&s, &w, &ms, false)))
		return ERR_INVALID;
	if (s.len && take_zone(&s, &w.offset) && s.len == 0 && wall_is_real(w)) {
		*ret = at_offset(w, w.offset);
		return OK;
	}
	return s.len ? ERR_INVALID : wall_instant(w, ret);
}

void out_instant(struct out *out, struct instant at)
{
	struct wall w = instant_wall(at);
	int offset = w.offset < 0 ? -w.offset : w.offset;
	out_print(out, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", w.year, w.month, w.day, w.hour, w.minute,
	          w.second, w.offset < 0 ? '-' : '+', offset / 60, offset % 60);
}

void out_instant_utc(struct out *out, struct instant at)
{
	int64_t floor_s = at.ms / 1000 - (at.ms % 1000 < 0);
	time_t seconds = (time_t)MAX(MIN(floor_s, (int64_t)253402300799), (int64_t)-62135596800);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	out_print(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	          tm.tm_hour, tm.tm_min, tm.tm_sec);
}

int wall_week(struct wall w)
{
	/* The week of a day is the week of its Thursday. */
	int64_t thursday = days_from_civil(w.year, w.month, w.day) + 4 - w.weekday;
	int year = w.year;
	if (thursday < days_from_civil(year, 1, 1))
		year--;
	else if (thursday >= days_from_civil(year + 1, 1, 1))
		year++;
	return (int)((thursday - days_from_civil(year, 1, 1)) / 7) + 1;
}

/* Days since Monday the 29th of December 1969. */
static int64_t day_from_monday(struct instant at)
{
	int64_t ms = at.ms + MINUTES(instant_wall(at).offset).ms + DAYS(3).ms;
	return ms / DAYS(1).ms - (ms % DAYS(1).ms < 0);
}

int64_t working_day(struct instant at)
{
	int64_t day = day_from_monday(at);
	return day / 7 * 5 + MIN(day % 7, (int64_t)4);
}

struct instant working_day_before(struct instant at)
{
	int64_t weekday = day_from_monday(at) % 7, back = weekday == 0 ? 3 : weekday > 4 ? weekday - 3 : 1;
	/* Noon, so that an hour more or less does not change the day. */
	return instant_midnight(instant_plus(instant_midnight(at), (struct span){ HOURS(12).ms - DAYS(back).ms }));
}
