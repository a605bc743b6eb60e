/* R1 to R4: what one source, or one network, has tried.
 *
 * A ring of the last failed attempts, and two small sets of who failed and who came in. A failed attempt goes into them, and each rule looks
 * whether a window holds enough. R3 looks at its median only when the ring has had as many long gaps as a long median needs.
 *
 * Of most networks only one address is ever seen; that is all that is kept of them. When a second comes, the network gets an entry as its
 * first address has one, and what that holds. */
#define LONG_LIVED
#include "watch_parts.h"
#include <arpa/inet.h>

enum { SEEN_SETS = 1 << 15 };
#define PRINCIPALS DAYS(3).ms
static_assert(sizeof (struct watch_source) == 64);

static int64_t *marks_of(const struct watch_source *source)
{
	return (int64_t *)(source + 1);
}

static uint64_t *failed_of(const struct watch *watch, const struct watch_source *source)
{
	return (uint64_t *)marks_of(source) + WATCH_MARK_WORDS * watch->room;
}

static uint64_t *came_in_of(const struct watch *watch, const struct watch_source *source)
{
	return failed_of(watch, source) + 2 * watch->who;
}

size_t watch_source_size(const struct watch *watch)
{
	return sizeof (struct watch_source) + (WATCH_MARK_WORDS * watch->room + 4 * watch->who) * sizeof (int64_t);
}

bool watch_source_start(struct watch *watch)
{
	watch->seen = watch_pages(SEEN_SETS * sizeof *watch->seen);
	return watch->seen != NULL;
}

void watch_source_end(struct watch *watch)
{
	watch_pages_end(watch->seen, SEEN_SETS * sizeof *watch->seen);
}

static struct watch_seen *seen_set(const struct watch *watch, uint64_t network)
{
	return &watch->seen[(network >> 13) % SEEN_SETS];
}

void watch_source_far(const struct watch *watch, const struct attempt *attempt)
{
	watch_table_hint(&watch->sources, attempt->address);
	if (attempt->family) {
		__builtin_prefetch(seen_set(watch, attempt->network), 1);
		watch_table_hint(&watch->networks, attempt->network);
	}
}

static void hint(const void *from, size_t n)
{
	for (size_t k = 0; k < n; k += 64)
		__builtin_prefetch((const char *)from + k, 1);
}

static void hint_source(const struct watch *watch, const struct watch_source *source, enum watch_outcome outcome)
{
	if (!source)
		return;
	__builtin_prefetch(source, 1);
	if (outcome == WATCH_SUCCESS) {
		hint(came_in_of(watch, source), 2 * watch->who * sizeof (uint64_t));
		return;
	}
	hint(marks_of(source), watch->room * sizeof (int64_t));
	hint(failed_of(watch, source), 2 * watch->who * sizeof (uint64_t));
}

void watch_source_near(const struct watch *watch, const struct attempt *attempt)
{
	hint_source(watch, watch_table_guess(&watch->sources, attempt->address), attempt->of.outcome);
	if (attempt->family)
		hint_source(watch, watch_table_guess(&watch->networks, attempt->network), attempt->of.outcome);
}

void watch_source_nearer(const struct watch *watch, const struct attempt *attempt)
{
	const struct watch_source *source = watch_table_guess(&watch->sources, attempt->address);

	if (!source || attempt->of.outcome == WATCH_SUCCESS)
		return;
	for (int r = 0; r < WATCH_SOURCE_RULES; r++)
		if (source->incident[r])
			__builtin_prefetch(watch->incidents[source->incident[r] - 1], 1);
	const int64_t *next = marks_of(source) + watch->room + (source->ring.n < watch->room ? source->ring.n : source->ring.head);
	__builtin_prefetch(next, 1);
	__builtin_prefetch(next + watch->room, 1);
}

/* Their incidents' lists of names. */
void watch_source_nearest(const struct watch *watch, const struct attempt *attempt)
{
	const struct watch_source *source = watch_table_guess(&watch->sources, attempt->address);

	if (!source || attempt->of.outcome == WATCH_SUCCESS || !attempt->user)
		return;
	for (int r = 0; r < WATCH_SOURCE_RULES; r++)
		if (source->incident[r])
			watch_incident_hint(watch->incidents[source->incident[r] - 1], attempt->user);
}

/* Is the median of the `n` gaps between the marks from `first` on longer? Without sorting: how many are longer, and what lies nearest on each side. */
static bool is_median_longer(const struct watch_ring *ring, const int64_t *marks, int first, int n, int64_t than)
{
	int64_t below = 0, above = INT64_MAX;
	int longer = 0;

	for (int i = 0; i < n; i++) {
		int64_t gap = watch_ring_at(ring, marks, first + i + 1) - watch_ring_at(ring, marks, first + i);
		if (gap > than) {
			longer++;
			above = MIN(above, gap);
		} else {
			below = MAX(below, gap);
		}
	}
	if (n % 2 || longer != n / 2)
		return longer > n / 2;
	return (above + below) / 2 > than;       /* the two in the middle lie on both sides */
}

/* Slow guessing: enough failures in the window since the last success, and the median gap long. -1 or the first mark. */
static int slow_first(const struct watch *watch, const struct watch_source *source)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R3];
	const struct watch_ring *ring = &source->ring;
	const int64_t *marks = marks_of(source);
	int64_t last = watch_ring_at(ring, marks, ring->n - 1);
	int first = ring->n, n;

	/* Half of the gaps at least must be long: of three or more, two. */
	if (last - source->long_at[rule->failed >= 4] > rule->window.ms)
		return -1;
	while (first > 0 && last - watch_ring_at(ring, marks, first - 1) <= rule->window.ms && watch_ring_at(ring, marks, first - 1) > source->success_at)
		first--;
	n = ring->n - first;
	if (n < rule->failed || n < 2)
		return -1;
	return is_median_longer(ring, marks, first, n - 1, rule->gap_s * 1000) ? first : -1;
}

static bool is_spray(const struct watch *watch, const struct watch_source *source, int64_t at)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R4];
	size_t failed = watch_set_count(failed_of(watch, source), watch->who, at - rule->window.ms);

	return failed >= (size_t)rule->users && failed > watch_set_count(came_in_of(watch, source), watch->who, at - PRINCIPALS);
}

static struct watch_source *source_new(struct watch *watch, struct watch_source *source)
{
	source->ring = (struct watch_ring){ .room = (uint8_t)watch->room, .has_who = true };
	source->long_at[0] = source->long_at[1] = INT64_MIN / 2;
	return source;
}

static struct watch_source *source_get(struct watch *watch, uint64_t name, struct str key, int64_t at)
{
	bool is_new;
	struct watch_source *source = watch_table_get(&watch->sources, name, &is_new);

	if (!is_new)
		return source;
	if (watch->n_incidents)
		for (int r = 0; r < WATCH_SOURCE_RULES; r++)
			source->incident[r] = watch_incident_find(watch, (enum watch_rule_id)r, key, at);
	return source_new(watch, source);
}

/* Into the ring, with an eye on gaps. A mark out of order may have made or parted some: as if there were two. */
static int source_put(struct watch *watch, struct watch_source *source, struct watch_mark mark)
{
	struct watch_ring *ring = &source->ring;
	int64_t *marks = marks_of(source), before = ring->n ? watch_ring_at(ring, marks, ring->n - 1) : mark.at;
	int put = watch_ring_put(ring, marks, mark);

	if (mark.at < before) {
		source->long_at[0] = source->long_at[1] = before;
	} else if (mark.at - before > watch->rules.rule[WATCH_R3].gap_s * 1000) {
		source->long_at[1] = source->long_at[0];
		source->long_at[0] = mark.at;
	}
	return put;
}

void watch_source_failed(struct watch *watch, const struct attempt *attempt)
{
	int64_t at = attempt->of.at.ms;
	bool was_open[WATCH_SOURCE_RULES];
	struct str key = attempt->of.address;
	struct watch_source *source = source_get(watch, attempt->address, key, at);
	int put = -1;

	for (int r = 0; r < WATCH_SOURCE_RULES; r++) {
		struct watch_incident *incident = watch_incident_open(watch, &source->incident[r], at);
		was_open[r] = incident != NULL;
		if (incident)
			watch_incident_add(watch, incident, at, attempt->of.line, attempt->user, 0, attempt->n);
	}
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->room); i++)
		put = source_put(watch, source, (struct watch_mark){ at, attempt->user, attempt->of.line });
	if (attempt->user)
		watch_set_put(failed_of(watch, source), watch->who, attempt->user, at);
	source->head.is_kept = source->ring.n >= 3;
	if (put < 0 || source->ring.n < 2)
		return;
	for (int r = 0; r < WATCH_SOURCE_RULES; r++) {
		const struct watch_rule *rule = &watch->rules.rule[r];
		if (was_open[r] || rule->is_off)
			continue;
		int first = r == WATCH_R3 ? slow_first(watch, source)
		          : watch_ring_find(&source->ring, marks_of(source), put, (size_t)rule->failed, rule->window.ms);
		if (first < 0 || (r == WATCH_R4 && !is_spray(watch, source, at)))
			continue;
		source->incident[r] = watch_incident_of_ring(watch, (enum watch_rule_id)r, key, &source->ring, marks_of(source), first, 0, attempt->address);
		watch->incidents[source->incident[r] - 1]->events += MAX((int64_t)0, attempt->n - (int64_t)watch->room);
	}
}

/* --- networks --- */

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

/* The network's own entry; with nothing of what its first address did. */
static struct watch_source *network_get(struct watch *watch, const struct attempt *attempt, bool *ret_is_new)
{
	char room[64];
	struct watch_source *network = watch_table_get(&watch->networks, attempt->network, ret_is_new);

	if (!*ret_is_new)
		return network;
	if (watch->n_incidents)
		network->incident[WATCH_R4] = watch_incident_find(watch, WATCH_R4, network_text(attempt, room), attempt->of.at.ms);
	return source_new(watch, network);
}

/* What the first address did is what its network did. */
static void network_inherit(struct watch *watch, struct watch_source *network, uint64_t address)
{
	const struct watch_source *first = watch_table_find(&watch->sources, address);

	if (!first)
		return;
	for (int i = 0; i < first->ring.n; i++) {
		struct watch_mark mark = watch_ring_mark(&first->ring, marks_of(first), i);
		mark.who = address;
		(void)watch_ring_put(&network->ring, marks_of(network), mark);
	}
	memcpy(failed_of(watch, network), failed_of(watch, first), 4 * watch->who * sizeof (uint64_t));
}

/* The network's entry, or NULL while this address is the only one that has been seen of it. */
static struct watch_source *network_of_several(struct watch *watch, const struct attempt *attempt)
{
	struct watch_seen *set = seen_set(watch, attempt->network);
	bool is_new;
	int way = 0;

	while (way < WATCH_SEEN_WAYS && set->network[way] != attempt->network)
		way++;
	bool is_known = way < WATCH_SEEN_WAYS;
	uint64_t address = is_known ? set->address[way] : watch_table_find(&watch->networks, attempt->network) ? WATCH_NOBODY : attempt->address;
	bool is_second = address != WATCH_NOBODY && address != attempt->address;
	for (int i = MIN(way, WATCH_SEEN_WAYS - 1); i > 0; i--) {
		set->network[i] = set->network[i - 1];
		set->address[i] = set->address[i - 1];
	}
	set->network[0] = attempt->network;
	set->address[0] = is_second ? WATCH_NOBODY : address;
	if (address == attempt->address)
		return NULL;
	struct watch_source *network = network_get(watch, attempt, &is_new);
	if (is_new && is_second)
		network_inherit(watch, network, address);
	return network;
}

/* An address of these marks that sprays alone has its own incident, and one address alone is no network. */
static bool is_of_several(struct watch *watch, const struct watch_source *network, int first, int64_t at)
{
	const struct watch_ring *ring = &network->ring;
	uint64_t one = watch_ring_mark(ring, marks_of(network), first).who;
	bool has_several = false;

	for (int i = first; i < ring->n; i++) {
		uint64_t who = watch_ring_mark(ring, marks_of(network), i).who;
		struct str text = watch_name_text(watch->names, who);
		has_several |= who != one;
		if (text.at && watch_incident_find(watch, WATCH_R4, text, at))
			return false;
	}
	return has_several;
}

/* Spraying from several addresses of one network. */
void watch_network_failed(struct watch *watch, const struct attempt *attempt)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R4];
	int64_t at = attempt->of.at.ms;
	char room[64];

	if (rule->is_off || !attempt->family)
		return;
	struct watch_source *network = network_of_several(watch, attempt);
	if (!network)
		return;
	struct watch_incident *incident = watch_incident_open(watch, &network->incident[WATCH_R4], at);
	if (incident)
		watch_incident_add(watch, incident, at, attempt->of.line, attempt->user, attempt->address, attempt->n);
	int put = -1;
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->room); i++)
		put = watch_ring_put(&network->ring, marks_of(network), (struct watch_mark){ at, attempt->address, attempt->of.line });
	uint64_t *users = failed_of(watch, network);
	if (attempt->user)
		watch_set_put(users, watch->who, attempt->user, at);
	network->head.is_kept = network->ring.n >= 8;
	if (incident || put < 0)
		return;
	int first = watch_ring_find(&network->ring, marks_of(network), put, (size_t)rule->failed, rule->window.ms);
	if (first < 0 || !is_spray(watch, network, at) || !is_of_several(watch, network, first, at))
		return;
	int64_t from = watch_ring_at(&network->ring, marks_of(network), first);
	uint32_t made = watch_incident_of_ring(watch, WATCH_R4, network_text(attempt, room), &network->ring, marks_of(network), first, WATCH_NOBODY, 0);
	for (size_t i = 0; i < watch->who; i++)
		if (users[i] && watch_set_at(users, watch->who, i) >= from)
			watch_incident_user(watch, watch->incidents[made - 1], users[i]);
	network->incident[WATCH_R4] = made;
}

void watch_source_came_in(struct watch *watch, const struct attempt *attempt)
{
	int64_t at = attempt->of.at.ms;
	struct watch_source *source = attempt->user ? source_get(watch, attempt->address, attempt->of.address, at)
	                                            : watch_table_find(&watch->sources, attempt->address);

	if (source) {
		source->success_at = MAX(source->success_at, at);
		if (attempt->user)
			watch_set_put(came_in_of(watch, source), watch->who, attempt->user, at);
	}
	struct watch_source *network = attempt->user && attempt->family ? network_of_several(watch, attempt) : NULL;
	if (network)
		watch_set_put(came_in_of(watch, network), watch->who, attempt->user, at);
}
