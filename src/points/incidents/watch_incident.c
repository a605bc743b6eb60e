/* The incidents that the watch opens: found by rule and key, open until a day has gone without an attempt, each with who and whence.
 *
 * They are the answer, so they are all kept. Lists stop at MOST_LISTED names; an attack that is long
 * asks for its list at every attempt, so a list is a small table of hashes beside its texts. */
#define LONG_LIVED
#include "watch_parts.h"

enum { MOST_LISTED = 100, FIRST_SLOTS = 8 };
#define DAY DAYS(1).ms

/* Where it lies, or would. */
static uint64_t *list_slot(const struct watch_list *list, uint64_t hash)
{
	size_t slot = hash >> 33;

	while (list->hashes[slot & list->mask] && list->hashes[slot & list->mask] != hash)
		slot++;
	return &list->hashes[slot & list->mask];
}

/* At the first name, and when half of the slots are taken. */
static void list_grow(struct watch *watch, struct watch_list *list)
{
	const uint64_t *before = list->hashes;
	size_t slots = before ? list->mask + 1u : 0, room = before ? slots * 2 : FIRST_SLOTS;

	list->hashes = NEW_MANY(watch->arena, room, uint64_t);
	list->mask = (uint8_t)(room - 1);
	for (size_t i = 0; i < slots; i++)
		if (before[i])
			*list_slot(list, before[i]) = before[i];
	struct str *texts = NEW_MANY(watch->arena, MIN(room / 2, (size_t)MOST_LISTED), struct str);
	if (list->n)
		memcpy(texts, list->texts, list->n * sizeof *texts);
	list->texts = texts;
}

static void list_name(struct watch *watch, uint64_t hash, struct watch_list *list)
{
	if (!hash || hash == WATCH_NOBODY || (list->has_more && list->n == MOST_LISTED))
		return;
	if (list->n && *list_slot(list, hash))
		return;
	struct str text = list->n < MOST_LISTED ? watch_name_text(watch->names, hash) : STR_NONE;
	if (!text.at) {
		list->has_more = true;
		return;
	}
	if (!list->hashes || list->n * 2u > list->mask)
		list_grow(watch, list);
	*list_slot(list, hash) = hash;
	list->texts[list->n++] = str_copy(watch->arena, text);
}

void watch_incident_hint(const struct watch_incident *incident, uint64_t user)
{
	const struct watch_list *list = &incident->users;

	if (list->n && !(list->has_more && list->n == MOST_LISTED))
		__builtin_prefetch(&list->hashes[(user >> 33) & list->mask]);
}

void watch_incident_user(struct watch *watch, struct watch_incident *incident, uint64_t user)
{
	list_name(watch, user, &incident->users);
}

void watch_incident_address(struct watch *watch, struct watch_incident *incident, uint64_t address)
{
	list_name(watch, address, &incident->addresses);
}

static void touch(struct watch *watch, struct watch_incident *incident)
{
	if (incident->is_touched)
		return;
	incident->is_touched = true;
	watch->touched[watch->n_touched++] = incident;
}

struct watch_incident **watch_touched(struct watch *watch, size_t *ret_n)
{
	size_t n;

	(void)watch_incidents(watch, &n);        /* judges what waits */
	*ret_n = watch->n_touched;
	for (size_t i = 0; i < watch->n_touched; i++)
		watch->touched[i]->is_touched = false;
	watch->n_touched = 0;
	return watch->touched;
}

void watch_incident_add(struct watch *watch, struct watch_incident *incident, int64_t at, int64_t line, uint64_t user, uint64_t address, int64_t n)
{
	incident->events += n;
	touch(watch, incident);
	if (at < incident->first_at.ms)
		incident->first_at.ms = at;
	if (at > incident->last_at.ms)
		incident->last_at.ms = at;
	incident->first_line = MIN(incident->first_line, line);
	incident->last_line = MAX(incident->last_line, line);
	list_name(watch, user, &incident->users);
	list_name(watch, address, &incident->addresses);
}

static uint32_t *by_key(struct watch *watch, uint64_t hash)
{
	size_t slot = (hash >> 5) & watch->by_key_mask;

	while (watch->by_key[slot] && watch->incidents[watch->by_key[slot] - 1]->hash != hash)
		slot = (slot + 1) & watch->by_key_mask;
	return &watch->by_key[slot];
}

static uint64_t incident_hash(enum watch_rule_id rule, struct str key)
{
	return watch_mix(watch_hash(key), (uint64_t)rule + 1);
}

/* The table of keys grows with the incidents. */
static void by_key_grow(struct watch *watch)
{
	if (watch->n_incidents * 2 < watch->by_key_mask)
		return;
	uint32_t *more = calloc((watch->by_key_mask + 1) * 2, sizeof (uint32_t));
	if (!more)
		arena_give_up(watch->arena);
	free(watch->by_key);
	watch->by_key = more;
	watch->by_key_mask = watch->by_key_mask * 2 + 1;
	for (size_t i = 0; i < watch->n_incidents; i++)
		*by_key(watch, watch->incidents[i]->hash) = (uint32_t)i + 1;
}

uint32_t watch_incident_find(struct watch *watch, enum watch_rule_id rule, struct str key, int64_t at)
{
	uint32_t i = *by_key(watch, incident_hash(rule, key));

	return i && at - watch->incidents[i - 1]->last_at.ms <= DAY ? i : 0;
}

uint32_t watch_incident_new(struct watch *watch, enum watch_rule_id rule, struct str key, int64_t at, int64_t line)
{
	if (watch->n_incidents == watch->incidents_room) {
		size_t room = MAX(watch->incidents_room * 2, (size_t)64);
		struct watch_incident **more = realloc(watch->incidents, room * sizeof (*more));
		if (!more)
			arena_give_up(watch->arena);
		watch->incidents = more;
		struct watch_incident **touched = realloc(watch->touched, room * sizeof (*touched));
		if (!touched)
			arena_give_up(watch->arena);
		watch->touched = touched;
		watch->incidents_room = room;
	}
	struct watch_incident *incident = NEW(watch->arena, struct watch_incident);
	*incident = (struct watch_incident){ .rule = rule, .key = str_copy(watch->arena, key), .severity = watch->rules.rule[rule].severity, .first_at = { at },
		.last_at = { at }, .first_line = line, .last_line = line, .hash = incident_hash(rule, key) };
	watch->incidents[watch->n_incidents++] = incident;
	by_key_grow(watch);
	*by_key(watch, incident->hash) = (uint32_t)watch->n_incidents;
	return (uint32_t)watch->n_incidents;
}

struct watch_incident *watch_incident_open(struct watch *watch, uint32_t *i, int64_t at)
{
	if (!*i)
		return NULL;
	struct watch_incident *incident = watch->incidents[*i - 1];
	if (at - incident->last_at.ms <= DAY)
		return incident;
	*i = 0;
	return NULL;
}

uint32_t watch_incident_of_ring(struct watch *watch, enum watch_rule_id rule, struct str key, const struct watch_ring *ring, const int64_t *marks,
                                int first, uint64_t user, uint64_t address)
{
	struct watch_mark mark = watch_ring_mark(ring, marks, first);
	uint32_t i = watch_incident_new(watch, rule, key, mark.at, mark.line);

	for (int k = first; k < ring->n; k++) {
		mark = watch_ring_mark(ring, marks, k);
		watch_incident_add(watch, watch->incidents[i - 1], mark.at, mark.line, user ? user : mark.who, user == WATCH_NOBODY ? mark.who : address, 1);
	}
	return i;
}
