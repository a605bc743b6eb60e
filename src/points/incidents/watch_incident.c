/* The incidents that the watch opens: found by rule and key, open until a day has gone without an attempt, each with who and whence.
 *
 * They are the answer, so they are all kept. Lists stop at MOST_LISTED names; an attack that is long
 * asks for its list at every attempt, so a list is a small table of hashes beside its texts. */
#define LONG_LIVED
#include "watch_parts.h"

enum { MOST_LISTED = 100, FIRST_SLOTS = 8, FIRST_TEXTS = 1 << 10 };

/* Zeroed, beginning with a line of the cache; incidents and lists lie together, in large pages: an attack asks for several at every attempt. */
enum { PAGES = 2 << 20, PAGES_HEAD = 64, INCIDENT = 128 };
static_assert(sizeof (struct watch_incident) <= INCIDENT && offsetof(struct watch_incident, is_touched) < 64);
static void *room(struct watch *watch, size_t n)
{
	n = (n + 63) & ~(size_t)63;
	if (watch->pages_left < n) {
		void **more = watch_pages(PAGES);
		if (!more)
			arena_give_up(watch->arena);
		*more = watch->all_pages;
		watch->all_pages = more;
		watch->pages = (char *)more + PAGES_HEAD;
		watch->pages_left = PAGES - PAGES_HEAD;
	}
	void *ret = watch->pages;
	watch->pages += n;
	watch->pages_left -= n;
	return ret;
}

void watch_incidents_end(struct watch *watch)
{
	while (watch->all_pages) {
		void *one = watch->all_pages;
		watch->all_pages = *(void **)one;
		watch_pages_end(one, PAGES);
	}
	free(watch->by_key);
	free(watch->texts.slots);
	free(watch->incidents);
	free(watch->touched);
}

/* --- texts, each once for all lists --- */

static struct watch_text **text_slot(const struct watch_texts *texts, uint64_t hash)
{
	size_t slot = hash >> 11;

	while (texts->slots[slot & texts->mask] && texts->slots[slot & texts->mask]->hash != hash)
		slot++;
	return &texts->slots[slot & texts->mask];
}

static void texts_grow(struct watch *watch, struct watch_texts *texts)
{
	struct watch_texts more = { .n = texts->n, .mask = texts->slots ? texts->mask * 2 + 1 : FIRST_TEXTS - 1 };

	more.slots = calloc(more.mask + 1, sizeof *more.slots);
	if (!more.slots)
		arena_give_up(watch->arena);
	for (size_t i = 0; texts->slots && i <= texts->mask; i++)
		if (texts->slots[i])
			*text_slot(&more, texts->slots[i]->hash) = texts->slots[i];
	free(texts->slots);
	*texts = more;
}

/* NULL when the name has been forgotten and nobody has listed it. */
static const struct str *listed_text(struct watch *watch, uint64_t hash)
{
	struct watch_texts *texts = &watch->texts;

	if (!texts->slots || texts->n * 2 > texts->mask)
		texts_grow(watch, texts);
	struct watch_text **slot = text_slot(texts, hash);
	if (*slot)
		return &(*slot)->text;
	struct str text = watch_name_text(watch->names, hash);
	if (!text.at)
		return NULL;
	*slot = NEW(watch->arena, struct watch_text);
	**slot = (struct watch_text){ hash, str_copy(watch->arena, text) };
	texts->n++;
	return &(*slot)->text;
}

/* --- lists --- */

/* Where it lies, or would. */
static uint64_t *list_slot(const struct watch_list *list, uint64_t hash)
{
	size_t slot = hash >> 33;

	while (list->hashes[slot & list->mask] && list->hashes[slot & list->mask] != hash)
		slot++;
	return &list->hashes[slot & list->mask];
}

static void list_put(struct watch_list *list, uint64_t hash, const struct str *text)
{
	const struct str **texts = (const struct str **)(list->hashes + list->mask + 1);
	uint64_t *slot = list_slot(list, hash);

	*slot = hash;
	texts[slot - list->hashes] = text;
	((uint8_t *)(texts + list->mask + 1))[list->n++] = (uint8_t)(slot - list->hashes);
}

/* At the first name, and when four of five slots are taken: 8 slots, 32, 128. */
static void list_grow(struct watch *watch, struct watch_list *list)
{
	struct watch_list before = *list;
	size_t slots = before.hashes ? (before.mask + 1u) * 4 : FIRST_SLOTS, most = MIN(slots, (size_t)MOST_LISTED);

	list->hashes = room(watch, slots * (sizeof (uint64_t) + sizeof (struct str *)) + most);
	list->mask = (uint8_t)(slots - 1);
	list->n = 0;
	const struct str *const *texts = (const struct str *const *)(before.hashes + before.mask + 1);
	const uint8_t *order = (const uint8_t *)(texts + before.mask + 1);
	for (size_t i = 0; i < before.n; i++)
		list_put(list, before.hashes[order[i]], texts[order[i]]);
}

static void list_name(struct watch *watch, uint64_t hash, struct watch_list *list)
{
	if (!hash || hash == WATCH_NOBODY || (list->has_more && list->n == MOST_LISTED))
		return;
	if (list->n && *list_slot(list, hash))
		return;
	const struct str *text = list->n < MOST_LISTED ? listed_text(watch, hash) : NULL;
	if (!text) {
		list->has_more = true;
		return;
	}
	if (!list->hashes || list->n * 5u >= (list->mask + 1u) * 4)
		list_grow(watch, list);
	list_put(list, hash, text);
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

	return i && at - watch->incidents[i - 1]->last_at.ms <= WATCH_OPEN ? i : 0;
}

uint32_t watch_incident_new(struct watch *watch, enum watch_rule_id rule, struct str key, int64_t at, int64_t line)
{
	if (watch->n_incidents == watch->incidents_room) {
		size_t n = MAX(watch->incidents_room * 2, (size_t)64);
		struct watch_incident **more = realloc(watch->incidents, n * sizeof (*more));
		if (!more)
			arena_give_up(watch->arena);
		watch->incidents = more;
		struct watch_incident **touched = realloc(watch->touched, n * sizeof (*touched));
		if (!touched)
			arena_give_up(watch->arena);
		watch->touched = touched;
		watch->incidents_room = n;
	}
	struct watch_incident *incident = room(watch, INCIDENT);
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
	if (at - incident->last_at.ms <= WATCH_OPEN)
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
