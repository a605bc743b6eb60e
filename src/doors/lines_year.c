/* Which year a file begins in whose times tell none: the newest one that keeps its end from lying in the future.
 *
 * Such a file is looked through once before it is read: how many times December became January, and on which of these years a 29 February
 * fell. Lines of one minute are compared, not parsed. */
#include "doors/lines_parts.h"
#include "base/scan.h"
#include <errno.h>

enum { BASE_YEAR = 4000, OFFSETS = 64, NEAR = 200, AT_ONCE = 1 << 16 };
struct year_scan { struct line_clock clock; int offset; struct wall last; bool has_any; uint64_t leaps; char minute[16]; };

static void scan_line(struct year_scan *scan, struct str line)
{
	struct wall wall;

	if (line.len >= 15 && memcmp(line.at, scan->minute, 12) == 0 && scan->minute[0]) {
		int second = (line.at[13] - '0') * 10 + line.at[14] - '0';
		if (second > scan->last.second && second < 60)
			scan->last.second = second;
		return;
	}
	if (!carrier_yearless(line, &wall))
		return;
	/* Years count from a base that is none, by the same steps as the reading itself. */
	struct line_clock *clock = &scan->clock;
	if (!scan->has_any)
		clock->year = BASE_YEAR;
	if (clock->month && clock->month - wall.month >= 6)
		clock->year++;
	int offset = clock->year - BASE_YEAR;
	bool is_late = clock->month == 1 && clock->day == 1 && wall.month == 12 && wall.day == 31;
	offset -= is_late;
	if (!is_late) {
		clock->month = wall.month;
		clock->day = wall.day;
	}
	if (wall.month == 2 && wall.day == 29 && offset >= 0 && offset < OFFSETS)
		scan->leaps |= (uint64_t)1 << offset;
	wall.year = 0;
	int64_t key = ((wall.month * 32 + wall.day) * 24 + wall.hour) * 3600 + wall.minute * 60 + wall.second;
	int64_t last = ((scan->last.month * 32 + scan->last.day) * 24 + scan->last.hour) * 3600 + scan->last.minute * 60 + scan->last.second;
	if (!scan->has_any || offset > scan->offset || (offset == scan->offset && key > last)) {
		scan->offset = offset;
		scan->last = wall;
		memcpy(scan->minute, line.at, line.len >= 12 && line.at[3] == ' ' ? 12 : 0);
	} else {
		scan->minute[0] = '\0';
	}
	scan->has_any = true;
}

static bool is_leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int first_year(const struct year_scan *scan, struct instant now)
{
	int newest = instant_wall(now).year - scan->offset;

	for (int year = newest; year > newest - 40; year--) {
		struct wall end = scan->last;
		struct instant at;
		bool fits = true;
		for (int i = 0; i < OFFSETS; i++)
			fits &= !(scan->leaps >> i & 1) || is_leap_year(year + i);
		end.year = year + scan->offset;
		if (fits && wall_instant(end, &at) == OK && !instant_is_before(now, at))
			return year;
	}
	return newest;
}

static int scan_end(const struct year_scan *scan, struct instant now)
{
	return scan->has_any ? first_year(scan, now) : 0;
}

bool year_is_missing(struct str text)
{
	struct wall wall;

	for (int i = 0; i < NEAR && text.len; i++)
		if (carrier_yearless(str_cut(&text, '\n'), &wall))
			return true;
	return false;
}

int year_of_bytes(struct str text, struct instant now)
{
	struct year_scan scan = { 0 };

	while (text.len)
		scan_line(&scan, str_cut(&text, '\n'));
	return scan_end(&scan, now);
}

enum err year_of_file(int fd, char *buffer, size_t room, struct instant now, int *ret)
{
	struct year_scan scan = { 0 };
	size_t n = 0;
	ssize_t got;

	for (;;) {
		do
			got = read(fd, buffer + n, MIN(room - n, (size_t)AT_ONCE));
		while (got < 0 && errno == EINTR);
		if (got <= 0)
			break;
		char *at = buffer, *end = buffer + n + got;
		for (char *block = buffer; block < end; block += SCAN_LINES)
			for (uint64_t marks = scan_newlines(block, end); marks; marks &= marks - 1) {
				char *mark = block + __builtin_ctzll(marks);
				scan_line(&scan, (struct str){ at, (size_t)(mark - at) });
				at = mark + 1;
			}
		n = (size_t)(end - at);
		memmove(buffer, at, n);
		if (n == room)                   /* of a line as long as that its beginning is enough */
			n = 1024;
	}
	if (got < 0)
		return ERR_IO;
	scan_line(&scan, (struct str){ buffer, n });
	*ret = scan_end(&scan, now);
	return lseek(fd, 0, SEEK_SET) == 0 ? OK : ERR_IO;
}
