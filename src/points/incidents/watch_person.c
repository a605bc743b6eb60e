/* R6 to R8: a person at an address, and a person.
 *
 * A person at an address has a ring of failures (R6), a person one of denials (R7) and the last place (R8). An address from which many accounts came in
 * within a day is an exit that many share (a VPN's, a mobile network's): where it stands says nothing of where they are. */
#include "watch_parts.h"

enum { PAIR_MARKS = WATCH_MOST_FAILED };

static int64_t *pair_marks(struct watch_pair *pair)
{
	return (int64_t *)(pair + 1);
}

static int64_t *person_marks(struct watch_person *person)
{
	return (int64_t *)(person + 1);
}

size_t watch_pair_size(const struct watch *watch)
{
	return sizeof (struct watch_pair) + (WATCH_MARK_WORDS - 1) * watch->pair_room * sizeof (int64_t);
}

size_t watch_person_size(const struct watch *watch)
{
	return sizeof (struct watch_person) + WATCH_MARK_WORDS * watch->people_room * sizeof (int64_t);
}

uint64_t watch_pair_key(uint64_t user, uint64_t address)
{
	return watch_mix(user, address);
}

/* --- R6 --- */

void watch_pair_failed(struct watch *watch, const struct attempt *attempt)
{
	bool is_new;

	if (watch->rules.rule[WATCH_R6].is_off)
		return;
	struct watch_pair *pair = watch_table_get(&watch->pairs, attempt->pair, &is_new);
	if (is_new)
		pair->ring.room = (uint8_t)watch->pair_room;
	watch->has_nameless |= !attempt->user;
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->pair_room); i++)
		(void)watch_ring_put(&pair->ring, pair_marks(pair), (struct watch_mark){ attempt->of.at.ms, 0, attempt->of.line });
	pair->head.is_kept = pair->ring.n * 2 >= (int)watch->pair_room;
}

static size_t pair_recent(struct watch_pair *pair, int64_t from, int64_t to, struct watch_mark *ret, size_t n, size_t room)
{
	for (int i = 0; pair && i < pair->ring.n && n < room; i++) {
		struct watch_mark mark = watch_ring_mark(&pair->ring, pair_marks(pair), i);
		if (mark.at >= from && mark.at <= to)
			ret[n++] = mark;
	}
	return n;
}

/* Failures that told no name (OpenVPN's) count for whoever comes in from there. */
static void pair_came_in(struct watch *watch, const struct attempt *attempt, struct watch_pair *named, struct watch_pair *nameless)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R6];
	struct watch_mark marks[2 * PAIR_MARKS] __attribute__((uninitialized));
	int64_t at = attempt->of.at.ms;

	size_t n = pair_recent(named, at - rule->window.ms, at, marks, 0, LENGTH(marks));
	n = pair_recent(nameless, at - rule->window.ms, at, marks, n, LENGTH(marks));
	if (n >= (size_t)rule->failed) {
		char room[2 * WATCH_NAME + 8];
		struct str user = watch_name_text(watch->names, attempt->user), address = watch_name_text(watch->names, attempt->address);
		int len = snprintf(room, sizeof room, STR_FMT "@" STR_FMT, STR_ARG(user), STR_ARG(address));
		struct str key = { room, (size_t)len };
		uint32_t i = watch_incident_find(watch, WATCH_R6, key, at);
		if (!i)
			i = watch_incident_new(watch, WATCH_R6, key, at, attempt->of.line);
		for (size_t k = 0; k < n; k++)
			watch_incident_add(watch, watch->incidents[i - 1], marks[k].at, marks[k].line, attempt->user, attempt->address, 1);
		watch_incident_add(watch, watch->incidents[i - 1], at, attempt->of.line, attempt->user, attempt->address, 1);
	}
	if (named)
		named->ring.n = 0;
	if (nameless && n >= (size_t)rule->failed)
		nameless->ring.n = 0;
}

void watch_pair_came_in(struct watch *watch, const struct attempt *attempt)
{
	struct watch_pair *named = watch_table_find(&watch->pairs, attempt->pair);
	struct watch_pair *nameless = attempt->user && watch->has_nameless ? watch_table_find(&watch->pairs, watch_pair_key(0, attempt->address)) : NULL;

	if (!watch->rules.rule[WATCH_R6].is_off && (named || nameless))
		pair_came_in(watch, attempt, named, nameless);
}

/* --- R7 and R8 --- */

static struct watch_person *person_get(struct watch *watch, uint64_t user)
{
	bool is_new;
	struct watch_person *person = watch_table_get(&watch->people, user, &is_new);

	if (is_new)
		person->ring = (struct watch_ring){ .room = (uint8_t)watch->people_room, .has_who = true };
	return person;
}

void watch_person_denied(struct watch *watch, const struct attempt *attempt)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R7];
	int64_t at = attempt->of.at.ms;
	int put = -1;

	if (rule->is_off || !attempt->user)
		return;
	struct watch_person *person = person_get(watch, attempt->user);
	struct watch_incident *incident = watch_incident_open(watch, &person->fatigue, at);
	if (incident)
		watch_incident_add(watch, incident, at, attempt->of.line, attempt->user, attempt->address, attempt->n);
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->people_room); i++)
		put = watch_ring_put(&person->ring, person_marks(person), (struct watch_mark){ at, attempt->address, attempt->of.line });
	int first = incident ? -1 : watch_ring_find(&person->ring, person_marks(person), put, (size_t)rule->failed, rule->window.ms);
	if (first < 0)
		return;
	struct str key = watch_name_text(watch->names, attempt->user);
	uint32_t i = watch_incident_find(watch, WATCH_R7, key, at);
	if (i) {
		watch_incident_add(watch, watch->incidents[i - 1], at, attempt->of.line, attempt->user, attempt->address, attempt->n);
	} else {
		i = watch_incident_of_ring(watch, WATCH_R7, key, &person->ring, person_marks(person), first, WATCH_NOBODY, 0);
		watch_incident_user(watch, watch->incidents[i - 1], attempt->user);
	}
	person->fatigue = i;
}

enum { EXITS = 2048, EXIT_DAY = 86400000 };

static uint64_t *exit_of(struct watch *watch, uint64_t address)
{
	size_t words = 1 + 2 * watch->exit_room;

	return watch->exits ? watch->exits + (address >> 16) % EXITS * words : NULL;
}

static bool is_shared(struct watch *watch, uint64_t address, int64_t at)
{
	uint64_t *place = exit_of(watch, address);
	return place && place[0] == address && watch_set_count(place + 1, watch->exit_room, at - EXIT_DAY) >= (size_t)watch->rules.rule[WATCH_R8].users;
}

static void came_from(struct watch *watch, const struct attempt *attempt)
{
	if (!watch->exits) {
		watch->exit_room = ((size_t)watch->rules.rule[WATCH_R8].users + 3) / 4 * 4;
		watch->exits = NEW_MANY(watch->arena, EXITS * (1 + 2 * watch->exit_room), uint64_t);
	}
	uint64_t *place = exit_of(watch, attempt->address);
	if (place[0] != attempt->address)
		memset(place, 0, (1 + 2 * watch->exit_room) * sizeof *place);
	place[0] = attempt->address;
	watch_set_put(place + 1, watch->exit_room, attempt->user, attempt->of.at.ms);
}

static bool place_of(struct watch *watch, const struct attempt *attempt, struct watch_place *ret)
{
	if (watch->rules.rule[WATCH_R8].is_off || !attempt->user || !attempt->address)
		return false;
	*ret = (struct watch_place){ .latitude = (double)attempt->of.latitude, .longitude = (double)attempt->of.longitude };
	if (!attempt->of.is_placed && !(watch->places && attempt->of.address.at && watch_places_find(watch->places, attempt->of.address, ret)))
		return false;
	came_from(watch, attempt);
	return !is_shared(watch, attempt->address, attempt->of.at.ms);
}

static void travelled(struct watch *watch, struct watch_person *person, const struct watch_place *place, const struct attempt *attempt)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R8];
	int64_t at = attempt->of.at.ms, apart = at > person->place_at ? at - person->place_at : person->place_at - at;
	double km = watch_distance_km(&person->place, place);

	if (is_shared(watch, person->place_address, at) || km < (double)rule->km || km < (double)rule->km_h * (double)apart / 3600000.0)
		return;
	struct str key = watch_name_text(watch->names, attempt->user);
	uint32_t i = watch_incident_find(watch, WATCH_R8, key, at);
	if (!i) {
		i = watch_incident_new(watch, WATCH_R8, key, person->place_at, person->place_line);
		watch_incident_add(watch, watch->incidents[i - 1], person->place_at, person->place_line, attempt->user, person->place_address, 1);
	}
	watch_incident_add(watch, watch->incidents[i - 1], at, attempt->of.line, attempt->user, attempt->address, 1);
}

void watch_person_came_in(struct watch *watch, const struct attempt *attempt)
{
	struct watch_place place;
	int64_t at = attempt->of.at.ms;
	bool has_place = place_of(watch, attempt, &place);
	struct watch_person *person = has_place ? person_get(watch, attempt->user) : watch->people.n ? watch_table_find(&watch->people, attempt->user) : NULL;

	if (!person)
		return;
	struct watch_incident *incident = watch_incident_open(watch, &person->fatigue, at);
	if (incident && person->ring.n
	    && at - watch_ring_at(&person->ring, person_marks(person), person->ring.n - 1) <= watch->rules.rule[WATCH_R7].window.ms) {
		incident->severity = MAX(incident->severity, WATCH_HIGH);
		watch_incident_add(watch, incident, at, attempt->of.line, attempt->user, attempt->address, 1);
	}
	person->ring.n = 0;                      /* a success ends the counting */
	if (!has_place)
		return;
	if (person->has_place)
		travelled(watch, person, &place, attempt);
	person->has_place = true;
	person->place = place;
	person->place_at = at;
	person->place_line = attempt->of.line;
	person->place_address = attempt->address;
}
