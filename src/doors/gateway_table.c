/* Fixed tables: flights in an array with a free list, answers in a ring, requests seen in two generations of hashes. Indexes over
 * them are open tables of positions. Nothing is allocated while packets run; untouched pages cost no memory.
 *
 * SECURITY: a flood fills its own client's share and overwrites old answers; it makes nothing grow. The hash is keyed by chance at
 * start, so that nobody can make all packets fall on one place. */
#include "doors/gateway_table.h"
#include "base/world.h"

static struct flight flights[FLIGHTS];
static int first_free = -2;                              /* -2: not begun */
static int per_client[RADIUS_CLIENTS];

/* What does not fit an answer's own room (a challenge with a part of a certificate) lies in a second, smaller ring; `large` is its turn
 * there, 0 none. */
struct answer { struct key key; int64_t at; uint16_t length; uint32_t large; uint8_t bytes[ANSWER_MOST]; };
static struct answer answers[ANSWERS];
static uint32_t next_answer, next_large;
static struct { uint32_t turn; uint8_t bytes[RADIUS_MOST]; } large[LARGE_ANSWERS];

enum { INDEX = 1 << 19 };                                /* places: flights and answers together stay below half of it */
static uint32_t answer_index[INDEX], flight_index[1 << 14];
static uint64_t seen[2][SEEN], salt;
static uint32_t seen_used[2];
static int64_t seen_turned;
static int seen_now;

static uint64_t hash_of(const struct key *key)
{
	if (!salt)
		world.random(&salt, sizeof salt);
	uint64_t hash = str_hash((struct str){ (const char *)key, sizeof *key }) ^ salt;
	hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static bool is_same(const struct key *a, const struct key *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* --- flights --- */

static void begin(void)
{
	for (int i = 0; i < FLIGHTS; i++)
		flights[i].next_free = i + 1 < FLIGHTS ? i + 1 : -1;
	first_free = 0;
}

struct flight *flight_new(int64_t now)
{
	if (first_free == -2)
		begin();
	if (first_free < 0)
		return NULL;
	struct flight *flight = &flights[first_free];
	first_free = flight->next_free;
	flight->generation++;
	flight->began = flight->sent = now;
	flight->accept_length = flight->request_length = 0;
	flight->visitor = 0;
	return flight;
}

uint32_t flight_serial(const struct flight *flight)
{
	return (uint32_t)(flight - flights) | flight->generation << 13;
}

struct flight *flight_of(uint32_t serial)
{
	struct flight *flight = &flights[serial % FLIGHTS];
	return flight->state != FLIGHT_FREE && flight_serial(flight) == serial ? flight : NULL;
}

/* The index holds position + 1; ended flights are passed over, and the table is rebuilt when it has filled up with them. */
static uint32_t index_used;

static void index_flight(const struct flight *flight)
{
	size_t at = hash_of(&flight->key) % LENGTH(flight_index);
	while (flight_index[at])
		at = (at + 1) % LENGTH(flight_index);
	flight_index[at] = (uint32_t)(flight - flights) + 1;
	index_used++;
}

static void rebuild_index(void)
{
	memset(flight_index, 0, sizeof flight_index);
	index_used = 0;
	for (size_t i = 0; i < FLIGHTS; i++)
		if (flights[i].state != FLIGHT_FREE)
			index_flight(&flights[i]);
}

void flight_known(struct flight *flight)
{
	if (index_used > LENGTH(flight_index) * 3 / 4)
		rebuild_index();
	index_flight(flight);
	per_client[flight->client]++;
}

struct flight *flight_with(const struct key *key)
{
	for (size_t at = hash_of(key) % LENGTH(flight_index); flight_index[at]; at = (at + 1) % LENGTH(flight_index)) {
		struct flight *flight = &flights[flight_index[at] - 1];
		if (flight->state != FLIGHT_FREE && is_same(&flight->key, key))
			return flight;
	}
	return NULL;
}

void flight_end(struct flight *flight)
{
	flight->state = FLIGHT_FREE;
	per_client[flight->client]--;
	/* What the packets hold may be a password in the upstream's hiding. */
	explicit_bzero(flight->request, flight->request_length);
	explicit_bzero(flight->accept, flight->accept_length);
	flight->next_free = first_free;
	first_free = (int)(flight - flights);
}

void flight_expire(int64_t now, uint64_t *ret_silent)
{
	for (size_t i = 0; i < FLIGHTS; i++)
		if (flights[i].state != FLIGHT_FREE && now - flights[i].began > FLIGHT_LIVES_MS) {
			*ret_silent += flights[i].state == FLIGHT_UPSTREAM;
			flight_end(&flights[i]);
		}
}

int flight_count_of(uint16_t client)
{
	return per_client[client];
}

/* --- answers --- */

const uint8_t *answer_given(const struct key *key, int64_t now, size_t *ret_length)
{
	for (size_t at = hash_of(key) % INDEX, n = 0; answer_index[at] && n < 64; at = (at + 1) % INDEX, n++) {
		const struct answer *answer = &answers[answer_index[at] - 1];
		if (!is_same(&answer->key, key) || now - answer->at > ANSWER_LIVES_MS)
			continue;
		*ret_length = answer->length;
		if (!answer->large)
			return answer->bytes;
		/* Overwritten since by younger ones: as if it had never been kept. */
		return large[answer->large % LARGE_ANSWERS].turn == answer->large ? large[answer->large % LARGE_ANSWERS].bytes : NULL;
	}
	return NULL;
}

/* A place that is free, or whose answer is too old, or (after 64) simply the last looked at: bounded whatever comes. */
void answer_keep(const struct key *key, int64_t now, const uint8_t *bytes, size_t length)
{
	struct answer *answer = &answers[next_answer];
	size_t at = hash_of(key) % INDEX;

	for (int n = 0; n < 64 && answer_index[at]; n++) {
		const struct answer *old = &answers[answer_index[at] - 1];
		if (now - old->at > ANSWER_LIVES_MS || answer_index[at] - 1 == next_answer)
			break;
		at = (at + 1) % INDEX;
	}
	answer_index[at] = next_answer + 1;
	answer->key = *key;
	answer->at = now;
	answer->length = (uint16_t)length;
	answer->large = 0;
	if (length > ANSWER_MOST) {
		next_large = next_large == UINT32_MAX ? 1 : next_large + 1;
		answer->large = large[next_large % LARGE_ANSWERS].turn = next_large;
		memcpy(large[next_large % LARGE_ANSWERS].bytes, bytes, length);
	} else {
		memcpy(answer->bytes, bytes, length);
	}
	next_answer = (next_answer + 1) % ANSWERS;
}

/* --- seen --- */

static bool is_in(int turn, uint64_t hash)
{
	for (size_t at = hash % SEEN; seen[turn][at]; at = (at + 1) % SEEN)
		if (seen[turn][at] == hash)
			return true;
	return false;
}

bool seen_before(const struct key *key)
{
	uint64_t hash = hash_of(key) | 1;

	return is_in(0, hash) || is_in(1, hash);
}

void seen_add(const struct key *key, int64_t now)
{
	uint64_t hash = hash_of(key) | 1;

	if (now - seen_turned > SEEN_TURNS_MS || seen_used[seen_now] > SEEN * 3 / 4) {
		seen_now = !seen_now;
		seen_turned = now;
		seen_used[seen_now] = 0;
		memset(seen[seen_now], 0, sizeof seen[0]);
	}
	size_t at = hash % SEEN;
	while (seen[seen_now][at])
		at = (at + 1) % SEEN;
	seen[seen_now][at] = hash;
	seen_used[seen_now]++;
}
