/* The rules R1 to R8 over a stream of attempts.
 *
 * Each source has a ring of its last failed attempts and two small sets of who failed and who came in; networks the same; a person at an
 * address a ring of failures, a person a ring of denials and the last place. A failed attempt goes into its rings, and a rule looks whether a
 * window holds enough. The incident that opens takes over what led to it and is found by source and rule until a day has gone.
 *
 * One attempt of several lines: in one session the attempts are as many as the lines of that form of message which came most often;
 * a line of another form about the same attempt adds nothing. Without a session the same person at the same address within five
 * seconds is one.
 *
 * SECURITY: what strangers send can fill the tables, which then forget the oldest that is not half-way to an alarm. */
#define LONG_LIVED
#include "watch_rules.h"
#include "watch_places.h"
#include <arpa/inet.h>

enum { MOST_SOURCES = 150000, MOST_NETWORKS = 40000, MOST_PAIRS = 200000, MOST_PEOPLE = 200000, MOST_SESSIONS = 1 << 15, SESSION_WAYS = 4,
	MOST_LISTED = 100, FORMS = 6, ALL_SETS = 64, ALL_WAYS = 4, SOURCE_RULES = 4, PAIR_MARKS = WATCH_MOST_FAILED };
#define DAY DAYS(1).ms
#define SESSION_IDLE MINUTES(10).ms
#define SAME_ATTEMPT SECONDS(5).ms
#define PRINCIPALS DAYS(3).ms
#define NOBODY UINT64_MAX                        /* the ring's own who is no person */

struct session { uint64_t key; int64_t last; uint32_t counted; uint16_t form[FORMS]; uint32_t n[FORMS]; };
/* A source or a network; behind it lie `room` marks, then two sets of `who`. */
struct source {
	struct watch_head head;
	struct watch_ring ring;
	uint64_t name;
	int64_t  success_at;
	uint32_t incident[SOURCE_RULES];         /* + 1; 0 none */
};
struct pair { struct watch_head head; struct watch_ring ring; struct watch_mark marks[]; };
struct person {
	struct watch_head head;
	struct watch_place place;
	int64_t  place_at, place_line;
	uint64_t place_address;
	bool     has_place;
	uint32_t fatigue;                        /* incident + 1 */
	struct watch_ring ring;
	struct watch_mark marks[];
};

struct watch {
	struct arena              *arena;
	struct watch_rules         rules;
	const struct watch_places *places;
	struct watch_names        *names;
	struct watch_table         sources, networks, pairs, people;
	struct session             sessions[MOST_SESSIONS][SESSION_WAYS];
	size_t                     room, who, pair_room, people_room, all_room;
	struct watch_ring          all_ring;
	struct watch_mark          all[WATCH_MOST_FAILED];
	struct watch_who           all_users[ALL_SETS][ALL_WAYS], all_addresses[ALL_SETS][ALL_WAYS];
	uint32_t                   all_incident;
	struct watch_incident    **incidents;
	size_t                     n_incidents, incidents_room;
	uint32_t                  *by_key; size_t by_key_mask;    /* incident + 1, by rule and key; the newest of each */
};

struct attempt { const struct watch_attempt *of; uint64_t user, address, network; int64_t n; uint8_t bytes[16]; int family; };   /* family 0: no address */

struct watch *watch_new(struct arena *arena, const struct watch_rules *rules, const struct watch_places *places)
{
	struct watch *watch = calloc(1, sizeof *watch);

	if (!watch)
		return NULL;
	const struct watch_rule *rule = rules->rule;
	watch->arena = arena;
	watch->rules = *rules;
	watch->places = places;
	watch->room = (size_t)MAX(MAX(rule[WATCH_R1].failed, rule[WATCH_R2].failed), MAX(MAX(rule[WATCH_R4].failed, rule[WATCH_R3].failed), (int64_t)16));
	watch->who = (size_t)MIN(MAX(rule[WATCH_R4].users * 3, (int64_t)16), (int64_t)WATCH_MOST_WHO);
	watch->pair_room = (size_t)rule[WATCH_R6].failed;
	watch->people_room = (size_t)rule[WATCH_R7].failed;
	watch->all_room = (size_t)rule[WATCH_R5].failed;
	watch->by_key_mask = ((size_t)1 << 18) - 1;
	watch->by_key = calloc(watch->by_key_mask + 1, sizeof (uint32_t));
	watch->names = watch_names_new();
	size_t source = sizeof (struct source) + watch->room * sizeof (struct watch_mark) + 2 * watch->who * sizeof (struct watch_who);
	bool is_made = watch_table_new(&watch->sources, source, MOST_SOURCES) & watch_table_new(&watch->networks, source, MOST_NETWORKS)
	             & watch_table_new(&watch->pairs, sizeof (struct pair) + watch->pair_room * sizeof (struct watch_mark), MOST_PAIRS)
	             & watch_table_new(&watch->people, sizeof (struct person) + watch->people_room * sizeof (struct watch_mark), MOST_PEOPLE);
	if (is_made && watch->names && watch->by_key)
		return watch;
	watch_end(watch);
	return NULL;
}

void watch_end(struct watch *watch)
{
	watch_table_end(&watch->sources);
	watch_table_end(&watch->networks);
	watch_table_end(&watch->pairs);
	watch_table_end(&watch->people);
	watch_names_end(watch->names);
	free(watch->by_key);
	free(watch->incidents);
	free(watch);
}

const struct watch_incident *const *watch_incidents(const struct watch *watch, size_t *ret_n)
{
	*ret_n = watch->n_incidents;
	return (const struct watch_incident *const *)watch->incidents;
}

/* --- incidents --- */

static void list_name(struct watch *watch, uint64_t hash, uint64_t **hashes, struct str **texts, size_t *n, bool *ret_more)
{
	if (!hash || hash == NOBODY || (*ret_more && *n == MOST_LISTED))
		return;
	for (size_t i = 0; i < *n; i++)
		if ((*hashes)[i] == hash)
			return;
	if (*n == MOST_LISTED) {
		*ret_more = true;
		return;
	}
	struct str text = watch_name_text(watch->names, hash);
	if (!text.at) {
		*ret_more = true;
		return;
	}
	if ((*n & (*n - 1)) == 0) {              /* 0, 1, 2, 4, ...: twice the room */
		size_t room = *n ? *n * 2 : 1;
		uint64_t *more_hashes = NEW_MANY(watch->arena, room, uint64_t);
		struct str *more_texts = NEW_MANY(watch->arena, room, struct str);
		for (size_t i = 0; i < *n; i++) {
			more_hashes[i] = (*hashes)[i];
			more_texts[i] = (*texts)[i];
		}
		*hashes = more_hashes;
		*texts = more_texts;
	}
	(*hashes)[*n] = hash;
	(*texts)[(*n)++] = str_copy(watch->arena, text);
}

static void incident_add(struct watch *watch, struct watch_incident *incident, int64_t at, int64_t line, uint64_t user, uint64_t address, int64_t n)
{
	incident->events += n;
	if (at < incident->first_at.ms)
		incident->first_at.ms = at;
	if (at > incident->last_at.ms)
		incident->last_at.ms = at;
	incident->first_line = MIN(incident->first_line, line);
	incident->last_line = MAX(incident->last_line, line);
	list_name(watch, user, &incident->user_hashes, &incident->users, &incident->n_users, &incident->has_more_users);
	list_name(watch, address, &incident->address_hashes, &incident->addresses, &incident->n_addresses, &incident->has_more_addresses);
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
	return watch_mix(str_hash(key), (uint64_t)rule + 1);
}

/* The table of keys grows with the incidents; they are the answer, so they are all kept. */
static void by_key_grow(struct watch *watch)
{
	if (watch->n_incidents * 2 < watch->by_key_mask)
		return;
	uint32_t *more = calloc((watch->by_key_mask + 1) * 2, sizeof (uint32_t));
	if (!more)
		abort();
	free(watch->by_key);
	watch->by_key = more;
	watch->by_key_mask = watch->by_key_mask * 2 + 1;
	for (size_t i = 0; i < watch->n_incidents; i++)
		*by_key(watch, watch->incidents[i]->hash) = (uint32_t)i + 1;
}

/* The open incident of this rule and key, or 0. */
static uint32_t incident_open(struct watch *watch, enum watch_rule_id rule, struct str key, int64_t at)
{
	uint32_t i = *by_key(watch, incident_hash(rule, key));

	return i && at - watch->incidents[i - 1]->last_at.ms <= DAY ? i : 0;
}

static uint32_t incident_new(struct watch *watch, enum watch_rule_id rule, struct str key, int64_t at, int64_t line)
{
	if (watch->n_incidents == watch->incidents_room) {
		size_t room = MAX(watch->incidents_room * 2, (size_t)64);
		struct watch_incident **more = realloc(watch->incidents, room * sizeof (*more));
		if (!more)
			abort();
		watch->incidents = more;
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

static struct watch_incident *open_incident(struct watch *watch, uint32_t *i, int64_t at)
{
	if (!*i)
		return NULL;
	struct watch_incident *incident = watch->incidents[*i - 1];
	if (at - incident->last_at.ms <= DAY)
		return incident;
	*i = 0;
	return NULL;
}

static bool is_on(const struct watch *watch, enum watch_rule_id id)
{
	return !watch->rules.rule[id].is_off;
}

/* --- sources and networks: R1 to R4 --- */

static struct watch_mark *marks_of(struct source *source)
{
	return (struct watch_mark *)(source + 1);
}

static struct watch_who *failed_of(const struct watch *watch, struct source *source)
{
	return (struct watch_who *)(marks_of(source) + watch->room);
}

static struct watch_who *came_in_of(const struct watch *watch, struct source *source)
{
	return failed_of(watch, source) + watch->who;
}

/* Marks from `first` on become the incident's. */
static uint32_t from_ring(struct watch *watch, enum watch_rule_id rule, struct str key, const struct watch_ring *ring, const struct watch_mark *marks,
                          int first, uint64_t user, uint64_t address)
{
	uint32_t i = incident_new(watch, rule, key, marks[first].at, marks[first].line);

	for (int k = first; k < ring->n; k++)
		incident_add(watch, watch->incidents[i - 1], marks[k].at, marks[k].line, user ? user : marks[k].who, address, 1);
	return i;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Slow guessing: enough failures in the window since the last success, and the median gap long. -1 or the first mark. */
static int slow_first(const struct watch *watch, struct source *source)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R3];
	const struct watch_mark *marks = marks_of(source);
	int64_t gaps[WATCH_MOST_FAILED], last = source->ring.n ? marks[source->ring.n - 1].at : 0;
	int first = source->ring.n, n;

	while (first > 0 && last - marks[first - 1].at <= rule->window.ms && marks[first - 1].at > source->success_at)
		first--;
	n = source->ring.n - first;
	if (n < rule->failed || n < 2)
		return -1;
	for (int i = 1; i < n; i++)
		gaps[i - 1] = marks[first + i].at - marks[first + i - 1].at;
	qsort(gaps, (size_t)n - 1, sizeof *gaps, by_size);
	int64_t middle = (n - 1) % 2 ? gaps[(n - 1) / 2] : (gaps[(n - 1) / 2] + gaps[(n - 1) / 2 - 1]) / 2;
	return middle > rule->gap_s * 1000 ? first : -1;
}

static bool is_spray(const struct watch *watch, struct source *source, int64_t at)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R4];
	size_t failed = watch_set_count(failed_of(watch, source), watch->who, at - rule->window.ms, INT64_MAX);
	size_t came_in = watch_set_count(came_in_of(watch, source), watch->who, at - PRINCIPALS, INT64_MAX);

	return failed >= (size_t)rule->users && failed > came_in;
}

static struct source *source_get(struct watch *watch, struct watch_table *table, uint64_t name, struct str key, int64_t at, bool *ret_is_new)
{
	struct source *source = watch_table_get(table, name, ret_is_new);

	source->name = name;
	if (*ret_is_new && watch->n_incidents)
		for (int r = 0; r < SOURCE_RULES; r++)
			source->incident[r] = incident_open(watch, (enum watch_rule_id)r, key, at);
	return source;
}

static void source_failed(struct watch *watch, struct str key, const struct attempt *attempt)
{
	int64_t at = attempt->of->at.ms;
	bool is_new, was_open[SOURCE_RULES];
	struct source *source = source_get(watch, &watch->sources, attempt->address, key, at, &is_new);
	struct watch_mark *marks = marks_of(source);
	int put = -1;

	for (int r = 0; r < SOURCE_RULES; r++) {
		struct watch_incident *incident = open_incident(watch, &source->incident[r], at);
		was_open[r] = incident != NULL;
		if (incident)
			incident_add(watch, incident, at, attempt->of->line, attempt->user, 0, attempt->n);
	}
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->room); i++)
		put = watch_ring_put(&source->ring, marks, watch->room, (struct watch_mark){ at, attempt->user, attempt->of->line });
	if (attempt->user)
		watch_set_put(failed_of(watch, source), watch->who, attempt->user, at);
	source->head.is_kept = source->ring.n >= 3;
	if (put < 0 || source->ring.n < 2)
		return;
	for (int r = 0; r < SOURCE_RULES; r++) {
		const struct watch_rule *rule = &watch->rules.rule[r];
		if (was_open[r] || rule->is_off)
			continue;
		int first = r == WATCH_R3 ? slow_first(watch, source) : watch_ring_find(&source->ring, marks, put, (size_t)rule->failed, rule->window.ms);
		if (first < 0 || (r == WATCH_R4 && !is_spray(watch, source, at)))
			continue;
		source->incident[r] = from_ring(watch, (enum watch_rule_id)r, key, &source->ring, marks, first, 0, attempt->address);
		watch->incidents[source->incident[r] - 1]->events += MAX((int64_t)0, attempt->n - (int64_t)watch->room);
	}
}

/* "192.0.2.0/24", "2001:db8::/64" */
static struct str network_text(const struct attempt *attempt, char room[64])
{
	uint8_t bytes[16] = { 0 };
	char text[48];

	if (attempt->family == AF_INET) {
		snprintf(room, 64, "%d.%d.%d.0/24", attempt->bytes[0], attempt->bytes[1], attempt->bytes[2]);
	} else {
		memcpy(bytes, attempt->bytes, 8);
		inet_ntop(AF_INET6, bytes, text, sizeof text);
		snprintf(room, 64, "%s/64", text);
	}
	return str_of(room);
}

/* The address as bytes, and its network's hash. */
static void take_address(struct attempt *attempt, struct str address)
{
	char text[48];
	uint64_t half = 0;
	size_t dots = 0, value = 0, digits = 0;

	for (size_t i = 0; i <= address.len && i < 16; i++) {
		char c = i < address.len ? address.at[i] : '.';
		if (c >= '0' && c <= '9' && digits < 3) {
			value = value * 10 + (size_t)(c - '0');
			digits++;
		} else if (c == '.' && digits && dots < 4 && value < 256) {
			attempt->bytes[dots++] = (uint8_t)value;
			value = digits = 0;
			if (dots == 4 && i == address.len)
				attempt->family = AF_INET;
		} else {
			break;
		}
	}
	if (attempt->family == AF_INET) {
		attempt->network = watch_mix((uint64_t)attempt->bytes[0] << 16 | (uint64_t)attempt->bytes[1] << 8 | attempt->bytes[2], 24);
		return;
	}
	if (address.len >= sizeof text || !memchr(address.at, ':', address.len))
		return;
	memcpy(text, address.at, address.len);
	text[address.len] = '\0';
	if (inet_pton(AF_INET6, text, attempt->bytes) != 1)
		return;
	memcpy(&half, attempt->bytes, sizeof half);
	attempt->family = AF_INET6;
	attempt->network = watch_mix(half, 64);
}

/* Spraying from several addresses of one network: an address that sprays alone has its own incident. */
static void network_failed(struct watch *watch, const struct attempt *attempt)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R4];
	int64_t at = attempt->of->at.ms;
	char room[64];
	bool is_new;

	if (!is_on(watch, WATCH_R4) || !attempt->family)
		return;
	struct source *network = watch_table_get(&watch->networks, attempt->network, &is_new);
	if (is_new && watch->n_incidents)
		network->incident[WATCH_R4] = incident_open(watch, WATCH_R4, network_text(attempt, room), at);
	struct watch_mark *marks = marks_of(network);
	struct watch_incident *incident = open_incident(watch, &network->incident[WATCH_R4], at);
	if (incident)
		incident_add(watch, incident, at, attempt->of->line, attempt->user, attempt->address, attempt->n);
	int put = -1;
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->room); i++)
		put = watch_ring_put(&network->ring, marks, watch->room, (struct watch_mark){ at, attempt->address, attempt->of->line });
	if (attempt->user)
		watch_set_put(failed_of(watch, network), watch->who, attempt->user, at);
	network->head.is_kept = network->ring.n >= 8;
	if (incident || put < 0)
		return;
	int first = watch_ring_find(&network->ring, marks, put, (size_t)rule->failed, rule->window.ms);
	if (first < 0 || !is_spray(watch, network, at))
		return;
	bool has_several = false;
	for (int i = first; i < network->ring.n; i++) {
		has_several |= marks[i].who != marks[first].who;
		struct str text = watch_name_text(watch->names, marks[i].who);
		if (text.at && incident_open(watch, WATCH_R4, text, at))
			return;
	}
	if (!has_several)
		return;
	uint32_t made = incident_new(watch, WATCH_R4, network_text(attempt, room), marks[first].at, marks[first].line);
	incident = watch->incidents[made - 1];
	for (int i = first; i < network->ring.n; i++)
		incident_add(watch, incident, marks[i].at, marks[i].line, 0, marks[i].who, 1);
	for (size_t i = 0; i < watch->who && failed_of(watch, network)[i].who; i++)
		if (failed_of(watch, network)[i].at >= marks[first].at)
			list_name(watch, failed_of(watch, network)[i].who, &incident->user_hashes, &incident->users, &incident->n_users, &incident->has_more_users);
	network->incident[WATCH_R4] = made;
}

/* --- R5: everywhere --- */

static size_t all_count(struct watch_who sets[ALL_SETS][ALL_WAYS], int64_t from)
{
	size_t n = 0;

	for (int i = 0; i < ALL_SETS; i++)
		n += watch_set_count(sets[i], ALL_WAYS, from, INT64_MAX);
	return n;
}

static void all_failed(struct watch *watch, const struct attempt *attempt)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R5];
	int64_t at = attempt->of->at.ms;
	int put = -1;

	if (rule->is_off)
		return;
	struct watch_incident *incident = open_incident(watch, &watch->all_incident, at);
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->all_room); i++)
		put = watch_ring_put(&watch->all_ring, watch->all, watch->all_room, (struct watch_mark){ at, attempt->address, attempt->of->line });
	if (attempt->user)
		watch_set_put(watch->all_users[(attempt->user >> 13) % ALL_SETS], ALL_WAYS, attempt->user, at);
	watch_set_put(watch->all_addresses[(attempt->address >> 13) % ALL_SETS], ALL_WAYS, attempt->address, at);
	if (incident) {
		/* Extended while the attack goes on: as many failures in the window as it takes to open one. */
		if (put >= 0 && watch_ring_find(&watch->all_ring, watch->all, put, (size_t)rule->failed, rule->window.ms) >= 0)
			incident_add(watch, incident, at, attempt->of->line, attempt->user, attempt->address, attempt->n);
		return;
	}
	int first = watch_ring_find(&watch->all_ring, watch->all, put, (size_t)rule->failed, rule->window.ms);
	if (first < 0)
		return;
	int64_t from = at - rule->window.ms;
	if (all_count(watch->all_addresses, from) < (size_t)rule->addresses
	    || all_count(watch->all_users, from) < (size_t)rule->users)
		return;
	watch->all_incident = from_ring(watch, WATCH_R5, STR("all"), &watch->all_ring, watch->all, first, NOBODY, 0);
	incident = watch->incidents[watch->all_incident - 1];
	for (size_t i = 0; i < (size_t)ALL_SETS * ALL_WAYS; i++) {
		const struct watch_who *user = &watch->all_users[i / ALL_WAYS][i % ALL_WAYS], *address = &watch->all_addresses[i / ALL_WAYS][i % ALL_WAYS];
		if (user->who && user->at >= from)
			list_name(watch, user->who, &incident->user_hashes, &incident->users, &incident->n_users, &incident->has_more_users);
		if (address->who && address->at >= from)
			list_name(watch, address->who, &incident->address_hashes, &incident->addresses, &incident->n_addresses, &incident->has_more_addresses);
	}
}

/* --- R6: a person at an address --- */

static uint64_t pair_key(uint64_t user, uint64_t address)
{
	return watch_mix(user, address);
}

static void pair_failed(struct watch *watch, const struct attempt *attempt)
{
	bool is_new;

	if (!is_on(watch, WATCH_R6))
		return;
	struct pair *pair = watch_table_get(&watch->pairs, pair_key(attempt->user, attempt->address), &is_new);
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->pair_room); i++)
		(void)watch_ring_put(&pair->ring, pair->marks, watch->pair_room, (struct watch_mark){ attempt->of->at.ms, attempt->user, attempt->of->line });
	pair->head.is_kept = pair->ring.n * 2 >= (int)watch->pair_room;
}

static size_t pair_recent(const struct pair *pair, int64_t from, int64_t to, struct watch_mark *ret, size_t n, size_t room)
{
	for (int i = 0; pair && i < pair->ring.n && n < room; i++)
		if (pair->marks[i].at >= from && pair->marks[i].at <= to)
			ret[n++] = pair->marks[i];
	return n;
}

/* Failures that told no name (OpenVPN's) count for whoever comes in from there. */
static void pair_came_in(struct watch *watch, const struct attempt *attempt, struct pair *named, struct pair *nameless)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R6];
	struct watch_mark marks[2 * PAIR_MARKS];
	int64_t at = attempt->of->at.ms;

	size_t n = pair_recent(named, at - rule->window.ms, at, marks, 0, LENGTH(marks));
	n = pair_recent(nameless, at - rule->window.ms, at, marks, n, LENGTH(marks));
	if (n >= (size_t)rule->failed) {
		char room[2 * WATCH_NAME + 8];
		struct str user = watch_name_text(watch->names, attempt->user), address = watch_name_text(watch->names, attempt->address);
		int len = snprintf(room, sizeof room, STR_FMT "@" STR_FMT, STR_ARG(user), STR_ARG(address));
		struct str key = { room, (size_t)len };
		uint32_t i = incident_open(watch, WATCH_R6, key, at);
		if (!i)
			i = incident_new(watch, WATCH_R6, key, at, attempt->of->line);
		for (size_t k = 0; k < n; k++)
			incident_add(watch, watch->incidents[i - 1], marks[k].at, marks[k].line, attempt->user, attempt->address, 1);
		incident_add(watch, watch->incidents[i - 1], at, attempt->of->line, attempt->user, attempt->address, 1);
	}
	if (named)
		named->ring.n = 0;
	if (nameless && n >= (size_t)rule->failed)
		nameless->ring.n = 0;
}

static void pair_success(struct watch *watch, const struct attempt *attempt)
{
	struct pair *named = watch_table_find(&watch->pairs, pair_key(attempt->user, attempt->address));
	struct pair *nameless = attempt->user ? watch_table_find(&watch->pairs, pair_key(0, attempt->address)) : NULL;

	if (is_on(watch, WATCH_R6) && (named || nameless))
		pair_came_in(watch, attempt, named, nameless);
}

/* --- R7 and R8: a person --- */

static void denied(struct watch *watch, const struct attempt *attempt)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R7];
	int64_t at = attempt->of->at.ms;
	bool is_new;
	int put = -1;

	if (rule->is_off || !attempt->user)
		return;
	struct person *person = watch_table_get(&watch->people, attempt->user, &is_new);
	struct watch_incident *incident = open_incident(watch, &person->fatigue, at);
	if (incident)
		incident_add(watch, incident, at, attempt->of->line, attempt->user, attempt->address, attempt->n);
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->people_room); i++)
		put = watch_ring_put(&person->ring, person->marks, watch->people_room, (struct watch_mark){ at, attempt->address, attempt->of->line });
	int first = incident ? -1 : watch_ring_find(&person->ring, person->marks, put, (size_t)rule->failed, rule->window.ms);
	if (first < 0)
		return;
	struct str key = watch_name_text(watch->names, attempt->user);
	uint32_t i = incident_open(watch, WATCH_R7, key, at);
	if (i) {
		incident_add(watch, watch->incidents[i - 1], at, attempt->of->line, attempt->user, attempt->address, attempt->n);
	} else {
		i = incident_new(watch, WATCH_R7, key, person->marks[first].at, person->marks[first].line);
		for (int k = first; k < person->ring.n; k++)
			incident_add(watch, watch->incidents[i - 1], person->marks[k].at, person->marks[k].line, attempt->user, person->marks[k].who, 1);
	}
	person->fatigue = i;
}

static void travelled(struct watch *watch, struct person *person, const struct watch_place *place, const struct attempt *attempt)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R8];
	int64_t at = attempt->of->at.ms, apart = at > person->place_at ? at - person->place_at : person->place_at - at;
	double km = watch_distance_km(&person->place, place);

	if (km < (double)rule->km || km < (double)rule->km_h * (double)apart / 3600000.0)
		return;
	struct str key = watch_name_text(watch->names, attempt->user);
	uint32_t i = incident_open(watch, WATCH_R8, key, at);
	if (!i) {
		i = incident_new(watch, WATCH_R8, key, person->place_at, person->place_line);
		incident_add(watch, watch->incidents[i - 1], person->place_at, person->place_line, attempt->user, person->place_address, 1);
	}
	incident_add(watch, watch->incidents[i - 1], at, attempt->of->line, attempt->user, attempt->address, 1);
}

static void person_success(struct watch *watch, const struct attempt *attempt)
{
	struct watch_place place;
	int64_t at = attempt->of->at.ms;
	bool is_new, has_place = watch->places && is_on(watch, WATCH_R8) && attempt->of->address.at
	                      && watch_places_find(watch->places, attempt->of->address, &place);
	struct person *person = has_place ? watch_table_get(&watch->people, attempt->user, &is_new) : watch_table_find(&watch->people, attempt->user);

	if (!person)
		return;
	struct watch_incident *incident = open_incident(watch, &person->fatigue, at);
	if (incident && person->ring.n && at - person->marks[person->ring.n - 1].at <= watch->rules.rule[WATCH_R7].window.ms) {
		incident->severity = MAX(incident->severity, WATCH_HIGH);
		incident_add(watch, incident, at, attempt->of->line, attempt->user, attempt->address, 1);
	}
	person->ring.n = 0;                      /* a success ends the counting */
	if (!has_place)
		return;
	if (person->has_place)
		travelled(watch, person, &place, attempt);
	person->has_place = true;
	person->place = place;
	person->place_at = at;
	person->place_line = attempt->of->line;
	person->place_address = attempt->address;
}

/* --- attempts --- */

static struct session *session_get(struct watch *watch, uint64_t key)
{
	struct session *set = watch->sessions[(key >> 11) % MOST_SESSIONS], *least = set;

	for (int i = 0; i < SESSION_WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].last < least->last)
			least = &set[i];
	}
	*least = (struct session){ .key = key, .last = INT64_MIN / 2 };
	return least;
}

/* How many attempts this line adds to those that its session has told already. */
static int64_t new_attempts(struct watch *watch, const struct watch_attempt *attempt, uint64_t key)
{
	struct session *session = session_get(watch, key);
	int64_t idle = attempt->session ? SESSION_IDLE : SAME_ATTEMPT, apart = attempt->at.ms - session->last, count = MIN(attempt->count, (int64_t)1000000);

	if (apart > idle || apart < -MINUTES(1).ms)
		*session = (struct session){ .key = session->key, .last = attempt->at.ms };
	session->last = MAX(session->last, attempt->at.ms);
	for (size_t i = 0; i < FORMS; i++) {
		if (session->form[i] && session->form[i] != attempt->form)
			continue;
		session->form[i] = attempt->form;
		session->n[i] += (uint32_t)count;
		int64_t added = (int64_t)session->n[i] - session->counted;
		if (added <= 0)
			return 0;
		session->counted = session->n[i];
		return added;
	}
	return count;
}

static void failed(struct watch *watch, struct attempt *attempt)
{
	if (attempt->of->is_denial)
		denied(watch, attempt);
	if (!attempt->address)
		return;
	source_failed(watch, attempt->of->address, attempt);
	network_failed(watch, attempt);
	all_failed(watch, attempt);
	pair_failed(watch, attempt);
}

static void succeeded(struct watch *watch, struct attempt *attempt)
{
	char room[64];

	if (attempt->address) {
		struct source *source = watch_table_find(&watch->sources, attempt->address);
		bool is_new;
		if (!source && attempt->user)
			source = source_get(watch, &watch->sources, attempt->address, attempt->of->address, attempt->of->at.ms, &is_new);
		if (source) {
			source->success_at = MAX(source->success_at, attempt->of->at.ms);
			if (attempt->user)
				watch_set_put(came_in_of(watch, source), watch->who, attempt->user, attempt->of->at.ms);
		}
		if (attempt->user && attempt->family) {
			struct source *network = watch_table_get(&watch->networks, attempt->network, &is_new);
			if (is_new && watch->n_incidents)
				network->incident[WATCH_R4] = incident_open(watch, WATCH_R4, network_text(attempt, room), attempt->of->at.ms);
			watch_set_put(came_in_of(watch, network), watch->who, attempt->user, attempt->of->at.ms);
		}
		pair_success(watch, attempt);
	}
	if (attempt->user)
		person_success(watch, attempt);
}

/* All that the rules will look at is asked for at once, in two steps: where it is, then itself. */
static void look_ahead(const struct watch *watch, const struct attempt *attempt, uint64_t session)
{
	__builtin_prefetch(watch->sessions[(session >> 11) % MOST_SESSIONS]);
	if (!attempt->address)
		return;
	uint64_t pair = pair_key(attempt->user, attempt->address);
	watch_table_hint(&watch->sources, attempt->address);
	watch_table_hint(&watch->networks, attempt->network);
	watch_table_hint(&watch->pairs, pair);
	watch_table_near(&watch->sources, attempt->address);
	watch_table_near(&watch->networks, attempt->network);
	watch_table_near(&watch->pairs, pair);
}

void watch_take(struct watch *watch, const struct watch_attempt *of)
{
	struct attempt attempt = { .of = of, .n = of->count };

	attempt.user = of->user.len ? watch_name_hash(watch->names, of->user) : 0;
	attempt.address = of->address.len ? watch_name_hash(watch->names, of->address) : 0;
	if (attempt.address)
		take_address(&attempt, of->address);
	uint64_t session = of->session ? watch_mix(of->session, 1) : watch_mix(attempt.user, watch_mix(attempt.address, 2));
	look_ahead(watch, &attempt, session);
	if (attempt.user)
		watch_name_keep(watch->names, of->user, attempt.user);
	if (attempt.address)
		watch_name_keep(watch->names, of->address, attempt.address);
	if (of->outcome == WATCH_SUCCESS) {
		succeeded(watch, &attempt);
		return;
	}
	attempt.n = new_attempts(watch, of, session);
	if (attempt.n > 0)
		failed(watch, &attempt);
}
