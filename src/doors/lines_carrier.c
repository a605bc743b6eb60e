/* Takes a line's carrier off: the time in all its forms, the host, the program and its pid.
 *
 *   <34>Nov 24 08:00:00 gw sshd[12]: text              RFC 3164, each part optional; with a year as Cisco writes it; with fractions
 *   <34>1 2026-11-24T08:00:00.1+01:00 gw sshd 12 - [..] text     RFC 5424
 *   2026-11-24T08:00:00+0100 gw sshd[12]: text         ISO, T or blank, comma or point, - or /; [in brackets]; 20261124-08:00:00
 *   Tue Nov 24 08:00:00 2026 : text                    as ctime writes it
 *   Tue 2026-11-24 08:00:00 CET gw sshd[12]: text      journalctl -o short-full
 *   1795503600.123456 gw sshd[12]: text                journalctl -o short-unix; [123.45] monotonic times say no date
 *
 * Nothing in a carrier tells for sure whether a host or a program's name stands there, so both readings are kept (text and bare).
 * A time without a year gets the one that lines.c found for the file's first; December to January goes one on. A time without a zone is
 * read on the wall of TZ, which the command sets before (--zone).
 *
 * SECURITY: every number is read from counted digits; a time that does not exist is no time. */
#include "doors/lines_parts.h"

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "MonTueWedThuFriSatSun";

static int name_in(const char *names, size_t n, struct str s)
{
	if (s.len >= 3)
		for (size_t i = 0; i < n; i++)
			if (memcmp(names + 3 * i, s.at, 3) == 0)
				return (int)i + 1;
	return 0;
}

static bool digits(struct str *s, size_t least, size_t most, int *ret)
{
	size_t n = 0;
	int value = 0;

	while (n < most && n < s->len && s->at[n] >= '0' && s->at[n] <= '9')
		value = value * 10 + (s->at[n++] - '0');
	if (n < least)
		return false;
	*s = str_from(*s, n);
	*ret = value;
	return true;
}

static bool mark(struct str *s, const char *marks)
{
	if (!s->len || !s->at[0] || !strchr(marks, s->at[0]))
		return false;
	*s = str_from(*s, 1);
	return true;
}

static void blanks(struct str *s)
{
	while (s->len && (s->at[0] == ' ' || s->at[0] == '\t'))
		*s = str_from(*s, 1);
}

static bool clock_time(struct str *s, struct wall *w, int64_t *ms)
{
	int scale = 100, one;

	if (!digits(s, 1, 2, &w->hour) || !mark(s, ":") || !digits(s, 2, 2, &w->minute) || !mark(s, ":") || !digits(s, 2, 2, &w->second))
		return false;
	if (w->second == 60)
		w->second = 59;                  /* a leap second */
	struct str rest = *s;
	if (mark(&rest, ".,") && rest.len && rest.at[0] >= '0' && rest.at[0] <= '9') {
		while (digits(&rest, 1, 1, &one)) {
			*ms += one * scale;
			scale /= 10;
		}
		*s = rest;
	}
	return w->hour < 24 && w->minute < 60;
}

/* Z, UTC, +01:00, +0100, -05: minutes east. Other letters (CET) are left to the wall. */
static bool zone(struct str *s, int *offset)
{
	struct str rest = *s;
	int hours, minutes = 0;

	blanks(&rest);
	if (str_starts(rest, STR("UTC")) || str_starts(rest, STR("GMT"))) {
		*offset = 0;
		*s = str_from(rest, 3);
		return true;
	}
	if (s->len && (s->at[0] == 'Z' || s->at[0] == 'z') && (s->len == 1 || !((s->at[1] | 32) >= 'a' && (s->at[1] | 32) <= 'z'))) {
		*offset = 0;
		*s = str_from(*s, 1);
		return true;
	}
	if (!rest.len || (rest.at[0] != '+' && rest.at[0] != '-'))
		return false;
	int sign = rest.at[0] == '-' ? -1 : 1;
	rest = str_from(rest, 1);
	if (!digits(&rest, 2, 2, &hours) || hours > 14)
		return false;
	(void)mark(&rest, ":");
	if (!digits(&rest, 2, 2, &minutes))
		minutes = 0;
	if (rest.len && rest.at[0] >= '0' && rest.at[0] <= '9')
		return false;
	*offset = sign * (hours * 60 + minutes);
	*s = rest;
	return true;
}

static int64_t days_of(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = year / 400, of_era = year - era * 400, of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_date(const struct wall *w)
{
	static const int8_t most[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (w->year % 4 == 0 && w->year % 100 != 0) || w->year % 400 == 0;

	return w->year >= 1970 && w->year <= 9000 && w->month >= 1 && w->month <= 12 && w->day >= 1 && w->day <= most[w->month - 1]
	    && (w->month != 2 || w->day < 29 || is_leap) && w->hour >= 0 && w->hour < 24 && w->minute >= 0 && w->minute < 60
	    && w->second >= 0 && w->second < 60;
}

static int64_t as_utc(const struct wall *w)
{
	return ((days_of(w->year, w->month, w->day) * 24 + w->hour) * 60 + w->minute) * 60 + w->second;
}

/* The offset of a wall's quarter is remembered: lines of one moment come together. */
bool carrier_wall(struct line_clock *clock, struct wall w, int64_t ms, struct instant *ret)
{
	if (!is_date(&w))
		return false;
	int64_t utc = as_utc(&w) * 1000, key = utc / 900000;
	if (clock->hour_key != key) {
		struct instant at;
		if (wall_instant(w, &at) != OK)
			return false;
		clock->hour_key = key;
		clock->hour_offset = utc - at.ms;
	}
	ret->ms = utc - clock->hour_offset + ms;
	return true;
}

static bool with_zone(struct line_clock *clock, struct str *s, const struct wall *w, int64_t ms, struct instant *ret)
{
	int offset;

	if (!zone(s, &offset))
		return carrier_wall(clock, *w, ms, ret);
	if (!is_date(w))
		return false;
	ret->ms = (as_utc(w) - (int64_t)offset * 60) * 1000 + ms;
	return true;
}

/* The year of a line whose time tells none; only forwards, but for a line that is a little late at New Year. */
static int year_of(struct line_clock *clock, int month, int day)
{
	if (clock->is_live) {
		struct wall now = instant_wall(clock->now);
		int apart = (month - now.month) * 31 + day - now.day;
		bool is_ahead = month == 1 && day == 1 && now.month == 12 && now.day == 31;
		return apart > 1 ? now.year - 1 : is_ahead ? now.year + 1 : now.year;
	}
	int year = clock->year ? clock->year : instant_wall(clock->now).year;

	if (clock->month && clock->month - month >= 6)
		year++;
	else if (clock->month == 1 && clock->day == 1 && month == 12 && day == 31)
		return year - 1;
	clock->year = year;
	clock->month = month;
	clock->day = day;
	return year;
}

static bool month_day(struct str *s, struct wall *w)
{
	if (!(w->month = name_in(month_names, 12, *s)) || s->len < 6 || s->at[3] != ' ')
		return false;
	*s = str_from(*s, 4);
	blanks(s);
	return digits(s, 1, 2, &w->day) && mark(s, " ,") && w->day >= 1 && w->day <= 31;
}

/* "Nov 24 08:00:00", "Nov  4 2026 08:00:00", "Nov 24 08:00:00 2026" */
static bool bsd_time(struct line_clock *clock, struct str *rest, struct instant *ret)
{
	struct str s = *rest, after;
	struct wall w = { 0 };
	int64_t ms = 0;
	int year;

	if (s.len > 15 && clock->last[0] && memcmp(s.at, clock->last, 13) == 0 && s.at[15] != '.' && s.at[15] != ',') {
		unsigned tens = (unsigned char)s.at[13] - '0', ones = (unsigned char)s.at[14] - '0';
		if (tens < 6 && ones < 10 && !(s.len > 20 && s.at[16] >= '0' && s.at[16] <= '9') && s.at[15] == ' ') {
			ret->ms = clock->last_minute_ms + (tens * 10 + ones) * 1000;
			*rest = str_from(s, 15);
			return true;
		}
	}
	if (!month_day(&s, &w))
		return false;
	blanks(&s);
	after = s;
	if (digits(&after, 4, 4, &year) && mark(&after, " ")) {
		w.year = year;
		s = after;
		blanks(&s);
	}
	bool is_plain = !w.year;
	if (!clock_time(&s, &w, &ms))
		return false;
	after = s;
	int offset = 0;
	bool has_zone = zone(&after, &offset);
	if (!w.year && !has_zone && mark(&after, " ") && digits(&after, 4, 4, &year) && (!after.len || mark(&after, " :"))
	    && year >= 1990 && year < 2100) {
		w.year = year;
		s = str_from(s, 5);
	}
	bool is_yearless = !w.year;
	if (is_yearless)
		w.year = year_of(clock, w.month, w.day);
	if (!with_zone(clock, &s, &w, ms, ret))
		return false;
	if (is_yearless && is_plain && !has_zone && rest->len > 15 && rest->at[15] == ' ' && !ms) {
		memcpy(clock->last, rest->at, 13);
		clock->last_minute_ms = ret->ms - w.second * 1000;
	}
	*rest = s;
	return true;
}

/* "2026-11-24T08:00:00.123+01:00", "2026/11/24 08:00:00", "20261124-08:00:00" */
static bool iso_time(struct line_clock *clock, struct str *rest, struct instant *ret)
{
	struct str s = *rest;
	struct wall w = { 0 };
	int64_t ms = 0;

	if (!digits(&s, 4, 4, &w.year))
		return false;
	if (s.len && (s.at[0] == '-' || s.at[0] == '/')) {
		if (!mark(&s, "-/") || !digits(&s, 2, 2, &w.month) || !mark(&s, "-/") || !digits(&s, 2, 2, &w.day))
			return false;
	} else if (!digits(&s, 2, 2, &w.month) || !digits(&s, 2, 2, &w.day)) {
		return false;
	}
	if (!mark(&s, "T t-_") || !clock_time(&s, &w, &ms) || !with_zone(clock, &s, &w, ms, ret))
		return false;
	*rest = s;
	return true;
}

/* "24/Nov/2026:08:00:00 +0100" */
static bool web_time(struct line_clock *clock, struct str *rest, struct instant *ret)
{
	struct str s = *rest;
	struct wall w = { 0 };
	int64_t ms = 0;

	if (!digits(&s, 2, 2, &w.day) || !mark(&s, "/-") || !(w.month = name_in(month_names, 12, s)))
		return false;
	s = str_from(s, 3);
	if (!mark(&s, "/-") || !digits(&s, 4, 4, &w.year) || !mark(&s, ": ") || !clock_time(&s, &w, &ms) || !with_zone(clock, &s, &w, ms, ret))
		return false;
	*rest = s;
	return true;
}

static bool unix_time(struct str *rest, struct instant *ret)
{
	struct str s = *rest;
	int64_t seconds;
	size_t n = 0;
	int one, scale = 100;

	while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
		n++;
	if (n < 9 || n > 10 || n + 1 >= s.len || str_number(str_first(s, n), INT32_MAX * (int64_t)4, &seconds) != OK)
		return false;
	s = str_from(s, n);
	ret->ms = seconds * 1000;
	if (mark(&s, "."))
		while (digits(&s, 1, 1, &one)) {
			ret->ms += one * scale;
			scale /= 10;
		}
	if (s.len && s.at[0] != ' ' && s.at[0] != ']')
		return false;
	*rest = s;
	return true;
}

bool carrier_time(struct line_clock *clock, struct str *rest, struct instant *ret)
{
	struct str s = *rest;

	if (s.len < 10)
		return false;
	if (s.at[0] >= '0' && s.at[0] <= '9')
		return iso_time(clock, rest, ret) || web_time(clock, rest, ret) || unix_time(rest, ret);
	if (bsd_time(clock, rest, ret))
		return true;
	if (name_in(day_names, 7, s)) {          /* "Tue Nov 24 ...", "Tue 2026-11-24 ...", "Tue, 24 Nov" */
		s = str_from(s, 3);
		(void)mark(&s, ",");
		blanks(&s);
		if (bsd_time(clock, &s, ret) || iso_time(clock, &s, ret)) {
			*rest = s;
			return true;
		}
	}
	return false;
}

bool carrier_yearless(struct str line, struct wall *ret)
{
	struct wall w = { 0 };
	int64_t ms = 0;
	int year;

	if (line.len && line.at[0] == '<')
		line = str_from(line, str_find(line, '>') + 1);
	while (line.len && (line.at[0] == '*' || line.at[0] == '.' || line.at[0] == '[' || line.at[0] == ' '))
		line = str_from(line, 1);
	if (line.len < 15 || line.at[3] != ' ' || !month_day(&line, &w))
		return false;
	blanks(&line);
	if (!clock_time(&line, &w, &ms))
		return false;
	if (mark(&line, " ") && digits(&line, 4, 4, &year) && (!line.len || line.at[0] == ' ' || line.at[0] == ':') && year >= 1990 && year < 2100)
		return false;
	*ret = w;
	return true;
}

/* --- host and program --- */


/* "sshd[12]: ", "sshd: ", "sshd(pam_unix)[12]: ", "sshd[12] ": moves behind it. */
static bool take_tag(struct str *rest, struct line_record *ret)
{
	struct str s = *rest, pid = STR_NONE;
	size_t n = 0;

	bool is_number = true;
	for (; n < s.len && n < 96 && name_byte[(unsigned char)s.at[n]]; n++)
		is_number &= s.at[n] >= '0' && s.at[n] <= '9';
	if (is_number)                           /* charon's thread: "05[IKE] text" */
		return false;
	struct str name = str_first(s, n);
	s = str_from(s, n);
	if (str_starts(s, STR("(pam_unix)")))
		s = str_from(s, 10);
	if (s.len && s.at[0] == '[') {
		size_t end = str_find(str_first(s, 80), ']');
		if (end < 2 || end >= MIN(s.len, (size_t)80))
			return false;
		pid = str_first(str_from(s, 1), end - 1);
		s = str_from(s, end + 1);
	}
	if (s.len && s.at[0] == ':')
		s = str_from(s, 1);
	else if (!pid.at)
		return false;
	if (s.len && s.at[0] != ' ')
		return false;
	ret->program = name;
	ret->pid = pid;
	s = str_from(s, s.len ? 1 : 0);
	if (str_starts(s, STR("[ID ")) && str_find(s, ']') + 2 < s.len)      /* Solaris: "[ID 800047 auth.info] " */
		s = str_from(s, str_find(s, ']') + 2);
	*rest = s;
	return true;
}

/* [id value="..."]... of RFC 5424: moves behind it. */
static void skip_data(struct str *s)
{
	if (s->len && s->at[0] == '-') {
		*s = str_from(*s, 1);
		return;
	}
	while (s->len && s->at[0] == '[') {
		bool is_quoted = false;
		size_t i = 1;
		for (; i < s->len; i++)
			if (is_quoted && s->at[i] == '\\')
				i++;
			else if (s->at[i] == '"')
				is_quoted = !is_quoted;
			else if (s->at[i] == ']' && !is_quoted)
				break;
		*s = str_from(*s, i + 1);
	}
}

static struct str word_or_none(struct str *s)
{
	struct str word = str_cut(s, ' ');
	return str_equal(word, STR("-")) ? STR_NONE : word;
}

static bool rfc_5424(struct line_clock *clock, struct str s, struct line_record *ret)
{
	struct str when = str_cut(&s, ' ');

	if (!s.at || (!str_equal(when, STR("-")) && !(ret->has_time = iso_time(clock, &when, &ret->at))))
		return false;
	ret->host = word_or_none(&s);
	ret->program = word_or_none(&s);
	ret->pid = word_or_none(&s);
	(void)word_or_none(&s);
	skip_data(&s);
	blanks(&s);
	if (str_starts(s, STR("\xef\xbb\xbf")))
		s = str_from(s, 3);
	ret->text = ret->bare = s.at ? s : STR("");
	if (!ret->program.at)
		(void)take_tag(&ret->text, ret);
	return true;
}

/* Behind the time: host and program, either, or none. */
static void take_names(const struct line_clock *clock, struct str s, struct line_record *ret)
{
	ret->text = ret->bare = s;
	if (clock->names && names_known(clock, s, ret))
		return;
	if (take_tag(&ret->text, ret))
		return;
	size_t n = str_find(str_first(s, 260), ' ');
	if (n == 0 || n >= s.len)
		return;
	struct str after = str_from(s, n);
	blanks(&after);
	if (take_tag(&after, ret)) {
		ret->host = str_first(s, n);
		ret->text = after;
		names_remember(clock, s, ret);
		return;
	}
	/* Relays write their own name first: "relay host program[1]: ". */
	struct str third = str_from(after, str_find(str_first(after, 260), ' '));
	blanks(&third);
	if (third.len && take_tag(&third, ret) && ret->pid.at) {
		ret->host = str_first(after, str_find(after, ' '));
		ret->text = third;
		return;
	}
	ret->program = ret->pid = STR_NONE;
}

void carrier_take(struct line_clock *clock, struct str s, struct line_record *ret)
{
	*ret = (struct line_record){ 0 };
	bool is_bracketed = false;
	int number;

	if (s.len > 2 && s.at[0] == '<') {
		struct str rest = str_from(s, 1);
		if (digits(&rest, 1, 3, &number) && mark(&rest, ">")) {
			struct str version = rest;
			s = rest;
			if (digits(&version, 1, 2, &number) && mark(&version, " ") && rfc_5424(clock, version, ret))
				return;
		}
	} else if (s.len > 30 && s.at[0] == '1' && s.at[1] == ' ' && rfc_5424(clock, str_from(s, 2), ret)) {
		return;
	}
	struct str whole = s;
	blanks(&s);
	while (s.len && (s.at[0] == '*' || s.at[0] == '.'))      /* Cisco: the clock is not set */
		s = str_from(s, 1);
	if (s.len && s.at[0] == '[') {
		is_bracketed = true;
		s = str_from(s, 1);
		blanks(&s);
	}
	struct str at = s;
	ret->has_time = carrier_time(clock, &s, &ret->at);
	if (!ret->has_time && is_bracketed) {                    /* [  123.456] */
		size_t n = 0;
		while (n < s.len && ((s.at[n] >= '0' && s.at[n] <= '9') || s.at[n] == '.'))
			n++;
		if (n && n < s.len && s.at[n] == ']') {
			s = str_from(s, n + 1);
			blanks(&s);
			ret->has_time = carrier_time(clock, &s, &ret->at);       /* "[22] Nov 24 08:00:00": a pid before the time */
		}
	}
	if (s.at == at.at) {
		take_names(clock, whole, ret);
		return;
	}
	if (is_bracketed)
		(void)mark(&s, "]");
	blanks(&s);
	/* " CET", "(UTC)", " : " */
	if (s.len > 4 && s.at[0] >= 'A' && s.at[0] <= 'Z') {
		size_t n = 0;
		while (n < s.len && s.at[n] >= 'A' && s.at[n] <= 'Z')
			n++;
		static const char *const zones[] = { "CET", "CEST", "EET", "EEST", "WET", "WEST", "MET", "BST" };
		for (size_t i = 0; i < LENGTH(zones); i++)
			if (str_equal(str_first(s, n), str_of(zones[i])) && n < s.len && (s.at[n] == ' ' || s.at[n] == ':'))
				s = str_from(s, n);
	}
	blanks(&s);
	if (s.len && s.at[0] == ':' && (s.len == 1 || s.at[1] == ' '))
		s = str_from(s, 1);
	blanks(&s);
	take_names(clock, s, ret);
}
