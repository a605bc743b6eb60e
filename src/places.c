/* The count of places taken. One array of places with a list of free ones, and two chained tables over it: by session (the leaf of
 * the accept) and by the gateway's own name for the log-in.
 *
 * Nothing sweeps in the background: whoever holds the book first frees what is over, when anything can be (`next_end`), so no verdict sees a
 * place that has ended, and none that has not ended is missed.
 *
 * A renewal takes the place over that the same log-in has: it keeps its number, whatever becomes of the commit.
 *
 * SECURITY: with doubt a place stays taken. What is freed too early lets in one too many; what is freed too late is freed by its end.
 * The book has room for four million places; past that nobody is let in.
 *
 * What it does not do: it knows no limits. Whether a place may be taken is the points' opinion. */
#define LONG_LIVED
#include "places.h"
#include "turns.h"
#include "base/world.h"
#include <pthread.h>

enum { FREE, OFFERED, OPEN };
struct place {
	int64_t        id, person;
	uint64_t       key;
	struct instant offered_at, until, heard_at;
	int32_t        next_id, next_key;       /* in the chains; of a free place next_id leads to the next free one */
	int16_t        gateway;
	uint32_t       slot;                    /* booked; counts while it lasts */
	uint8_t        class, state;
	uint16_t       pending;                 /* jobs that will name it or give it back */
	bool           is_of_reserve;
};
enum { PLACES_MOST = 1 << 22, JUMP_BACK_MS = 2000, JUMP_AHEAD_MS = 60000 };

struct places {
	pthread_mutex_t     lock;
	struct places_rules rules;
	struct instant      now, next_end;
	uint32_t            slot;               /* that it is now */
	struct place       *at;
	int32_t             n, room, free;
	int32_t            *by_id, *by_key;     /* `room` chains each */
	struct taken        taken[PLACES_GATEWAYS];
	bool                tells[PLACES_GATEWAYS], reports[PLACES_GATEWAYS];
	struct turns       *turns;
	/* How far the wall's clock has jumped since the book was begun, and how far it was from world.lasted when it was last looked at. */
	int64_t             jumped, offset;
	bool                has_looked;
};

struct places *places_new(void)
{
	struct places *places = calloc(1, sizeof *places);

	if (!places)
		abort();
	pthread_mutex_init(&places->lock, NULL);
	places->turns = turns_new();
	places->rules = (struct places_rules){ MINUTES(6), MINUTES(1), MINUTES(15) };
	places->free = PLACE_NONE;
	places->next_end = INSTANT_NEVER;
	return places;
}

void places_end(struct places *places)
{
	pthread_mutex_destroy(&places->lock);
	turns_end(places->turns);
	free(places->at);
	free(places->by_id);
	free(places->by_key);
	free(places);
}

/* --- the tables --- */

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

uint64_t place_key(int16_t gateway, int64_t person, struct str session)
{
	if (session.len == 0 || person < 0 || gateway < 0)
		return 0;
	return mix(str_hash(session) ^ mix((uint64_t)person << 16 ^ (uint64_t)gateway)) | 1;
}

static int32_t *chain_id(const struct places *places, int64_t id) { return &places->by_id[mix((uint64_t)id) & (uint64_t)(places->room - 1)]; }
static int32_t *chain_key(const struct places *places, uint64_t key) { return &places->by_key[mix(key) & (uint64_t)(places->room - 1)]; }

static void link_id(struct places *places, int32_t i)
{
	int32_t *chain = chain_id(places, places->at[i].id);

	if (places->at[i].id == PLACE_UNNAMED)
		return;
	places->at[i].next_id = *chain;
	*chain = i;
}

static void link_key(struct places *places, int32_t i)
{
	int32_t *chain = chain_key(places, places->at[i].key);

	if (places->at[i].key == 0)
		return;
	places->at[i].next_key = *chain;
	*chain = i;
}

static void unlink_id(struct places *places, int32_t i)
{
	if (places->at[i].id == PLACE_UNNAMED)
		return;
	for (int32_t *at = chain_id(places, places->at[i].id); *at != PLACE_NONE; at = &places->at[*at].next_id)
		if (*at == i) {
			*at = places->at[i].next_id;
			return;
		}
}

static void unlink_key(struct places *places, int32_t i)
{
	if (places->at[i].key == 0)
		return;
	for (int32_t *at = chain_key(places, places->at[i].key); *at != PLACE_NONE; at = &places->at[*at].next_key)
		if (*at == i) {
			*at = places->at[i].next_key;
			return;
		}
}

static int32_t find_id(const struct places *places, int64_t id)
{
	if (!places->room)
		return PLACE_NONE;
	int32_t i = *chain_id(places, id);
	while (i != PLACE_NONE && places->at[i].id != id)
		i = places->at[i].next_id;
	return i;
}

static bool grow(struct places *places)
{
	int32_t room = places->room ? places->room * 2 : 1024;

	if (room > PLACES_MOST)
		return false;
	struct place *at = realloc(places->at, (size_t)room * sizeof at[0]);
	if (at)
		places->at = at;
	int32_t *by_id = malloc((size_t)room * sizeof by_id[0]), *by_key = malloc((size_t)room * sizeof by_key[0]);
	if (!at || !by_id || !by_key) {
		free(by_id);
		free(by_key);
		return false;
	}
	free(places->by_id);
	free(places->by_key);
	places->by_id = by_id;
	places->by_key = by_key;
	places->room = room;
	memset(by_id, 0xff, (size_t)room * sizeof by_id[0]);
	memset(by_key, 0xff, (size_t)room * sizeof by_key[0]);
	/* Only when no free place is left: all stand in the tables. */
	for (int32_t i = 0; i < places->n; i++) {
		link_id(places, i);
		link_key(places, i);
	}
	return true;
}

static int32_t new_place(struct places *places)
{
	int32_t i = places->free;

	if (i != PLACE_NONE) {
		places->free = places->at[i].next_id;
		return i;
	}
	if (places->n == places->room && !grow(places))
		return PLACE_NONE;
	return places->n++;
}

/* --- the count --- */

static void count(struct places *places, const struct place *place, int32_t by)
{
	struct taken *taken = &places->taken[place->gateway];

	taken->n += by;
	taken->by_class[place->class] += by;
	if (place->is_of_reserve)
		taken->of_reserve += by;
	if (place->slot && place->slot == places->slot)
		taken->booked += by;
}

static void free_place(struct places *places, int32_t i)
{
	count(places, &places->at[i], -1);
	unlink_id(places, i);
	unlink_key(places, i);
	places->at[i] = (struct place){ .id = PLACE_UNNAMED, .next_id = places->free };
	places->free = i;
}

static struct instant end_of(const struct places *places, const struct place *place)
{
	struct instant end = instant_plus(place->until, places->rules.grace), other;

	if (place->state == OPEN) {
		other = instant_plus(place->heard_at, places->rules.silence);
		/* Nobody gave an adopted one its end: it lasts as long as it is told of. */
		if (place->id < 0)
			return places->reports[place->gateway] ? other : end;
		return instant_is_before(end, other) ? other : end;
	}
	other = instant_plus(place->offered_at, places->rules.lease);
	return places->tells[place->gateway] && instant_is_before(other, end) ? other : end;
}

static void ends_too(struct places *places, const struct place *place)
{
	struct instant end = end_of(places, place);

	if (instant_is_before(end, places->next_end))
		places->next_end = end;
}

/* As long as it was open it was hers: told of piece by piece, as it is heard of. */
static void was_in(struct places *places, const struct place *place, struct instant until)
{
	if (place->state == OPEN)
		turns_add(places->turns, place->person, place->heard_at, until);
}

static void sweep(struct places *places)
{
	if (instant_is_before(places->now, places->next_end))
		return;
	places->next_end = INSTANT_NEVER;
	for (int32_t i = 0; i < places->n; i++) {
		if (places->at[i].state == FREE)
			continue;
		/* One that waits for a commit is its job's to name or to give back. */
		if (places->at[i].pending == 0 && !instant_is_before(places->now, end_of(places, &places->at[i]))) {
			/* Nobody told of an end: it lasted until its own, or until it fell silent. */
			if (!places->reports[places->at[i].gateway])
				was_in(places, &places->at[i], places->at[i].until);
			free_place(places, i);
		}
		else
			ends_too(places, &places->at[i]);
	}
}

/* A new slot has begun: who had booked the last one is one of all now. */
static void turn(struct places *places, uint32_t slot)
{
	if (slot == places->slot)
		return;
	places->slot = slot;
	for (int i = 0; i < PLACES_GATEWAYS; i++)
		places->taken[i].booked = 0;
	for (int32_t i = 0; i < places->n; i++)
		if (places->at[i].state != FREE && places->at[i].slot == slot)
			places->taken[places->at[i].gateway].booked++;
}

/* A clock that is set right, or wrong, makes nothing last longer or shorter: all ends are counted on the clock as it ran when the book was begun. */
static void look_at_clock(struct places *places)
{
	int64_t offset = world.now().ms - world.lasted(), step = offset - places->offset;

	if (places->has_looked && (step < -JUMP_BACK_MS || step > JUMP_AHEAD_MS)) {
		places->jumped += step;
		world_log("gate: the clock jumped by %lld seconds; places last as long as they would have", (long long)step / 1000);
	}
	places->offset = offset;
	places->has_looked = true;
}

static struct instant counted(const struct places *places, struct instant at)
{
	return at.ms == INSTANT_NEVER.ms ? at : (struct instant){ at.ms - places->jumped };
}

void places_hold(struct places *places, struct instant now)
{
	pthread_mutex_lock(&places->lock);
	look_at_clock(places);
	places->now = counted(places, now);
	turn(places, slot_number(now));
	turns_pass(places->turns, places->taken, places->now);
	sweep(places);
}

void places_let_go(struct places *places)
{
	pthread_mutex_unlock(&places->lock);
}

const struct taken *places_taken(const struct places *places)
{
	return places->taken;
}

void places_rule(struct places *places, struct places_rules rules)
{
	pthread_mutex_lock(&places->lock);
	places->rules = rules;
	places->next_end = (struct instant){ 0 };
	pthread_mutex_unlock(&places->lock);
}

void places_count(struct places *places, struct instant now, struct taken ret[PLACES_GATEWAYS])
{
	places_hold(places, now);
	memcpy(ret, places->taken, sizeof places->taken);
	places_let_go(places);
}

void places_strain(struct places *places, int16_t gateway, bool is_strained)
{
	if (gateway >= 0 && gateway < PLACES_GATEWAYS)
		places->taken[gateway].is_strained = is_strained;
}

/* --- whose turn --- */

uint8_t places_had(struct places *places, int64_t person)
{
	return turns_had(places->turns, person, places->now);
}

void places_wait(struct places *places, int64_t person, int16_t gateway, uint8_t class)
{
	turns_wait(places->turns, places->taken, person, gateway, class, places->now);
}

void places_had_been(struct places *places, int64_t person, struct instant from, struct instant until)
{
	pthread_mutex_lock(&places->lock);
	turns_add(places->turns, person, from, until);
	pthread_mutex_unlock(&places->lock);
}

/* --- to take --- */

int32_t places_find(const struct places *places, uint64_t key)
{
	if (key == 0 || !places->room)
		return PLACE_NONE;
	int32_t i = *chain_key(places, key);
	while (i != PLACE_NONE && places->at[i].key != key)
		i = places->at[i].next_key;
	return i;
}

struct instant places_until(const struct places *places, int32_t place)
{
	return place >= 0 ? places->at[place].until : (struct instant){ 0 };
}

void places_leave_out(struct places *places, int32_t place)
{
	if (place >= 0)
		count(places, &places->at[place], -1);
}

void places_put_back(struct places *places, int32_t place)
{
	if (place >= 0)
		count(places, &places->at[place], 1);
}

int32_t places_take(struct places *places, const struct place_wish *wish, int32_t old)
{
	if (wish->gateway < 0 || wish->gateway >= PLACES_GATEWAYS || wish->class > 4)
		return PLACE_NONE;
	int32_t i = old >= 0 ? old : new_place(places);
	if (i == PLACE_NONE)
		return PLACE_NONE;
	struct place *place = &places->at[i];
	struct instant now = counted(places, wish->now), until = counted(places, wish->until);
	if (old >= 0) {
		/* A renewal: nothing is known to have ended, so the later of the two ends counts. */
		was_in(places, place, now);
		place->class = wish->class;
		place->is_of_reserve = wish->is_of_reserve;
		place->slot = wish->slot;
		place->heard_at = place->offered_at = now;
		if (instant_is_before(place->until, until))
			place->until = until;
	} else {
		*place = (struct place){ .id = PLACE_UNNAMED, .person = wish->person, .key = wish->key, .gateway = wish->gateway, .class = wish->class,
			.is_of_reserve = wish->is_of_reserve, .slot = wish->slot, .state = OFFERED, .offered_at = now, .heard_at = now, .until = until,
			.next_id = PLACE_NONE, .next_key = PLACE_NONE };
		link_key(places, i);
	}
	place->pending++;
	count(places, place, 1);
	turns_come(places->turns, places->taken, wish->person);
	ends_too(places, place);
	return i;
}

int64_t places_id(struct places *places, int32_t place)
{
	int64_t id = PLACE_UNNAMED;

	if (place < 0)
		return id;
	pthread_mutex_lock(&places->lock);
	id = places->at[place].id;
	pthread_mutex_unlock(&places->lock);
	return id;
}

void places_name(struct places *places, int32_t place, int64_t id)
{
	if (place < 0)
		return;
	pthread_mutex_lock(&places->lock);
	unlink_id(places, place);
	places->at[place].pending--;
	places->at[place].id = id;
	link_id(places, place);
	ends_too(places, &places->at[place]);
	pthread_mutex_unlock(&places->lock);
}

/* A renewal that could not be stored leaves the place with the session that has it. */
void places_give_back(struct places *places, int32_t place)
{
	if (place < 0)
		return;
	pthread_mutex_lock(&places->lock);
	if (--places->at[place].pending == 0 && places->at[place].id == PLACE_UNNAMED)
		free_place(places, place);
	pthread_mutex_unlock(&places->lock);
}

void places_lease(struct places *places, int32_t place, struct instant until)
{
	if (place < 0)
		return;
	pthread_mutex_lock(&places->lock);
	struct place *at = &places->at[place];
	at->until = counted(places, until);
	at->heard_at = places->now;
	at->state = OPEN;
	ends_too(places, at);
	pthread_mutex_unlock(&places->lock);
}

/* --- what gateways tell --- */

void places_tells(struct places *places, int16_t gateway)
{
	if (gateway < 0 || gateway >= PLACES_GATEWAYS)
		return;
	pthread_mutex_lock(&places->lock);
	if (!places->tells[gateway]) {
		places->tells[gateway] = true;
		places->next_end = (struct instant){ 0 };
	}
	pthread_mutex_unlock(&places->lock);
}

void places_reports(struct places *places, int16_t gateway)
{
	if (gateway < 0 || gateway >= PLACES_GATEWAYS)
		return;
	pthread_mutex_lock(&places->lock);
	places->reports[gateway] = true;
	pthread_mutex_unlock(&places->lock);
}

void places_told(struct places *places, const struct place_told *told)
{
	if (told->gateway < 0 || told->gateway >= PLACES_GATEWAYS || told->class > 4)
		return;
	pthread_mutex_lock(&places->lock);
	int32_t i = find_id(places, told->id);
	bool is_new = i == PLACE_NONE;
	if (is_new)
		i = new_place(places);
	if (i == PLACE_NONE) {
		world_log("gate: no memory to count a session: the count is below the truth until the next start");
		pthread_mutex_unlock(&places->lock);
		return;
	}
	struct place *place = &places->at[i];
	struct instant heard_at = counted(places, told->heard_at);
	if (is_new) {
		*place = (struct place){ .id = told->id, .person = told->person, .key = told->key, .gateway = told->gateway, .class = told->class,
			.is_of_reserve = told->is_of_reserve, .slot = told->slot, .state = OFFERED, .offered_at = counted(places, told->offered_at), .until = counted(places, told->until) };
		link_id(places, i);
		link_key(places, i);
		count(places, place, 1);
	}
	was_in(places, place, heard_at);
	if (told->is_open)
		place->state = OPEN;
	if (instant_is_before(place->heard_at, heard_at))
		place->heard_at = heard_at;
	ends_too(places, place);
	pthread_mutex_unlock(&places->lock);
}

void places_over(struct places *places, int64_t id, struct instant now)
{
	pthread_mutex_lock(&places->lock);
	int32_t i = find_id(places, id);
	if (i != PLACE_NONE)
		was_in(places, &places->at[i], counted(places, now));
	if (i != PLACE_NONE && places->at[i].pending) {
		/* A renewal is on its way: the place is the new session's. */
		unlink_id(places, i);
		places->at[i].id = PLACE_UNNAMED;
		places->at[i].state = OFFERED;
	} else if (i != PLACE_NONE) {
		free_place(places, i);
	}
	pthread_mutex_unlock(&places->lock);
}
