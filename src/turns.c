/* Whose turn it is. A record a person, by number, grown as numbers come; the line is a ring in the order in which people were turned away, so
 * the first is the first whose time is over. Who is turned away again, or comes in, leaves an entry behind that no longer bears her serial.
 *
 * How long she had been connected is looked at when she is turned away, and again for each ask: the count of who waits is by the former.
 *
 * SECURITY: numbers of persons and minutes, nothing else. With no memory nobody stands in line, and all have had nothing: then who comes first gets in.
 *
 * What it does not do: it gives no places and knows no limits; public holidays count as working days. */
#define LONG_LIVED
#include "turns.h"

enum { UNIT_MS = 10 * 1000, PERSONS_MOST = 1 << 24 };
struct turn {
	uint16_t day;              /* working day, the low bits */
	uint16_t today, before;    /* connected, in units of ten seconds */
	uint8_t  gateway;
	uint8_t  class : 3, had : 2, is_waiting : 1;
	uint32_t serial;           /* of her latest entry in the line */
};
struct entry { int32_t person; uint32_t serial; struct instant until; };

struct turns {
	struct turn   *at;
	int64_t        room;
	struct entry  *line;
	uint32_t       first, n, serial;
	struct instant day_from, day_until;      /* for which `day` is known */
	int64_t        day;
};

struct turns *turns_new(void)
{
	struct turns *turns = calloc(1, sizeof *turns);

	if (!turns)
		abort();
	return turns;
}

void turns_end(struct turns *turns)
{
	free(turns->at);
	free(turns->line);
	free(turns);
}

static struct turn *turn_of(struct turns *turns, int64_t person)
{
	if (person < 0 || person >= PERSONS_MOST)
		return NULL;
	if (person >= turns->room) {
		int64_t room = MAX(turns->room * 2, (int64_t)1024);
		while (room <= person)
			room *= 2;
		struct turn *at = realloc(turns->at, (size_t)room * sizeof at[0]);
		if (!at)
			return NULL;
		memset(at + turns->room, 0, (size_t)(room - turns->room) * sizeof at[0]);
		turns->at = at;
		turns->room = room;
	}
	return &turns->at[person];
}

/* The working day that it is, asked of the calendar once a day. */
static uint16_t day_of(struct turns *turns, struct instant now)
{
	if (instant_is_before(now, turns->day_from) || !instant_is_before(now, turns->day_until)) {
		turns->day = working_day(now);
		turns->day_from = instant_midnight(now);
		turns->day_until = instant_midnight(instant_plus(turns->day_from, HOURS(36)));
	}
	return (uint16_t)turns->day;
}

/* What was today's is the day before's, and older than that is nothing. A clock that goes back leaves what is there. */
static void come_to(struct turn *turn, uint16_t day)
{
	uint16_t days = (uint16_t)(day - turn->day);

	if (days == 0 || days > 0x7fff)
		return;
	turn->before = days == 1 ? turn->today : 0;
	turn->today = 0;
	turn->day = day;
}

void turns_add(struct turns *turns, int64_t person, struct instant from, struct instant until)
{
	struct turn *turn = from.ms < until.ms ? turn_of(turns, person) : NULL;

	if (!turn)
		return;
	uint16_t day = day_of(turns, until);
	int64_t units = (until.ms - from.ms + UNIT_MS / 2) / UNIT_MS;
	if ((uint16_t)(turn->day - day) == 1) {        /* told late of the day before */
		turn->before = (uint16_t)MIN(turn->before + units, (int64_t)UINT16_MAX);
		return;
	}
	come_to(turn, day);
	turn->today = (uint16_t)MIN(turn->today + units, (int64_t)UINT16_MAX);
}

uint8_t turns_had(struct turns *turns, int64_t person, struct instant now)
{
	if (person < 0 || person >= turns->room)
		return HAD_NO_TIME;
	struct turn *turn = &turns->at[person];
	come_to(turn, day_of(turns, now));
	return had_of((struct span){ ((int64_t)turn->today + turn->before) * UNIT_MS });
}

static void leave(struct turn *turn, struct taken *taken)
{
	if (turn->is_waiting)
		taken[turn->gateway].waiting[turn->class][turn->had]--;
	turn->is_waiting = false;
}

static void drop_first(struct turns *turns, struct taken *taken)
{
	const struct entry *entry = &turns->line[turns->first];
	struct turn *turn = &turns->at[entry->person];

	if (turn->serial == entry->serial)
		leave(turn, taken);
	turns->first = (turns->first + 1) % TURNS_IN_LINE;
	turns->n--;
}

void turns_wait(struct turns *turns, struct taken *taken, int64_t person, int16_t gateway, uint8_t class, struct instant now)
{
	struct turn *turn = gateway >= 0 && gateway <= UINT8_MAX && class <= 4 ? turn_of(turns, person) : NULL;

	if (!turns->line)
		turns->line = malloc(TURNS_IN_LINE * sizeof turns->line[0]);
	if (!turn || !turns->line)
		return;
	leave(turn, taken);
	if (turns->n == TURNS_IN_LINE)
		drop_first(turns, taken);
	turn->had = turns_had(turns, person, now) & 3;
	turn->gateway = (uint8_t)gateway;
	turn->class = class & 7;
	turn->is_waiting = true;
	turn->serial = ++turns->serial;
	taken[gateway].waiting[class][turn->had]++;
	turns->line[(turns->first + turns->n++) % TURNS_IN_LINE] = (struct entry){ (int32_t)person, turn->serial, instant_plus(now, (struct span){ TURN_WAITS_MS }) };
}

void turns_come(struct turns *turns, struct taken *taken, int64_t person)
{
	if (person >= 0 && person < turns->room)
		leave(&turns->at[person], taken);
}

/* A clock that went back keeps them no longer than they would have stood. */
void turns_pass(struct turns *turns, struct taken *taken, struct instant now)
{
	while (turns->n) {
		int64_t left = turns->line[turns->first].until.ms - now.ms;
		if (left > 0 && left <= TURN_WAITS_MS)
			return;
		drop_first(turns, taken);
	}
}
