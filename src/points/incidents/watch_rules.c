/* The rules R1 to R8 over a stream of attempts: a file a family (watch_source.c, watch_all.c, watch_person.c); here what all go through.
 *
 * One attempt of several lines: in one session the attempts are as many as the lines of that form of message which came most often;
 * a line of another form about the same attempt adds nothing. Without a session the same person at the same address within five
 * seconds is one.
 *
 * An attempt waits in a short queue: what the rules will look at for it lies all over a memory far larger than the machine's caches, and is
 * asked for in four steps while those before it are judged. The order stays; watch_incidents judges all that waits.
 *
 * SECURITY: what strangers send can fill the tables, which then forget the oldest that is not half-way to an alarm. */
#define LONG_LIVED
#include "watch_parts.h"
#include <arpa/inet.h>
#include "base/address.h"
#include "base/scan.h"

enum { MOST_SOURCES = 150000, MOST_NETWORKS = 40000, MOST_PAIRS = 200000, MOST_PEOPLE = 200000, SESSION_SETS = 1 << 16, FIRST_KEYS = 1 << 14,
	NEAR = 4, NEARER = 8, NEAREST = 12, FULL = 15 };      /* how far behind the newest an attempt is when the next of its memory is asked for */
#define SESSION_IDLE MINUTES(10).ms
#define SAME_ATTEMPT SECONDS(5).ms

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
	watch->who = (watch->who + 3) & ~(size_t)3;
	watch->pair_room = (size_t)rule[WATCH_R6].failed;
	watch->people_room = (size_t)rule[WATCH_R7].failed;
	watch->all_room = (size_t)rule[WATCH_R5].failed;
	watch->all_ring = (struct watch_ring){ .room = (uint8_t)watch->all_room, .has_who = true };
	watch->by_key_mask = FIRST_KEYS - 1;
	watch->by_key = calloc(FIRST_KEYS, sizeof (uint32_t));
	watch->names = watch_names_new();
	watch->sessions = watch_pages(SESSION_SETS * sizeof *watch->sessions);
	bool is_made = watch_source_start(watch) && watch_table_new(&watch->sources, watch_source_size(watch), MOST_SOURCES)
	             && watch_table_new(&watch->networks, watch_source_size(watch), MOST_NETWORKS)
	             && watch_table_new(&watch->pairs, watch_pair_size(watch), MOST_PAIRS) && watch_table_new(&watch->people, watch_person_size(watch), MOST_PEOPLE);
	if (is_made && watch->names && watch->by_key && watch->sessions)
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
	watch_source_end(watch);
	watch_names_end(watch->names);
	watch_pages_end(watch->sessions, SESSION_SETS * sizeof *watch->sessions);
	watch_incidents_end(watch);
	free(watch);
}

/* --- one attempt of several lines --- */

static struct watch_sessions *session_set(const struct watch *watch, uint64_t key)
{
	return &watch->sessions[(key >> 5) % SESSION_SETS];
}

/* Its place, emptied when it was another's or has rested. */
static struct watch_session *session_get(struct watch *watch, const struct attempt *attempt)
{
	struct watch_session *of = session_set(watch, attempt->session)->of;
	uint32_t tag = (uint32_t)(attempt->session >> 32) | 1, at = (uint32_t)attempt->of.at.ms;
	int32_t idle = (int32_t)(attempt->of.session ? SESSION_IDLE : SAME_ATTEMPT);
	struct watch_session *session = of[0].tag == tag ? &of[0] : of[1].tag == tag ? &of[1]
	                              : !of[0].tag || (of[1].tag && (int32_t)(of[1].last - of[0].last) > 0) ? &of[0] : &of[1];
	int32_t apart = (int32_t)(at - session->last);

	if (session->tag != tag || apart > idle || apart < -(int32_t)MINUTES(1).ms)
		*session = (struct watch_session){ .tag = tag, .last = at };
	else if (apart > 0)
		session->last = at;
	return session;
}

/* How many attempts this line adds to those that its session has told already. */
static int64_t new_attempts(struct watch *watch, const struct attempt *attempt)
{
	struct watch_session *session = session_get(watch, attempt);
	int64_t count = MIN(attempt->of.count, (int64_t)1000000);

	if (attempt->of.form == WATCH_ECHO && session->counted)
		return 0;
	for (size_t i = 0; i < WATCH_SESSION_FORMS; i++) {
		if (session->form[i] && session->form[i] != attempt->of.form)
			continue;
		if (session->n[i] + count > UINT16_MAX)
			return count;
		session->form[i] = attempt->of.form;
		session->n[i] = (uint16_t)(session->n[i] + count);
		int64_t added = (int64_t)session->n[i] - session->counted;
		if (added <= 0)
			return 0;
		session->counted = session->n[i];
		return added;
	}
	return count;
}

/* --- attempts --- */

static void judge(struct watch *watch, struct attempt *attempt)
{
	if (attempt->user)
		watch_name_keep(watch->names, attempt->of.user, attempt->user);
	if (attempt->address)
		watch_name_keep(watch->names, attempt->of.address, attempt->address);
	if (attempt->of.outcome == WATCH_SUCCESS) {
		if (attempt->address) {
			watch_source_came_in(watch, attempt);
			watch_pair_came_in(watch, attempt);
		}
		if (attempt->user)
			watch_person_came_in(watch, attempt);
		return;
	}
	attempt->n = new_attempts(watch, attempt);
	if (attempt->n <= 0)
		return;
	if (attempt->of.is_denial)
		watch_person_denied(watch, attempt);
	if (!attempt->address)
		return;
	watch_source_failed(watch, attempt);
	watch_network_failed(watch, attempt);
	watch_all_failed(watch, attempt);
	watch_pair_failed(watch, attempt);
}

/* With needless zeros too, which some write. */
static bool take_zeros(struct attempt *attempt, struct str s)
{
	const char *at = s.at, *end = s.at + s.len;

	for (int part = 0; ; part++) {
		unsigned value = (unsigned char)*at++ - (unsigned)'0', d;
		if (value > 9)
			return false;
		for (int i = 0; i < 2 && at < end && (d = (unsigned char)*at - (unsigned)'0') < 10; i++, at++)
			value = value * 10 + d;
		if (value > 255)
			return false;
		attempt->bytes[part] = (uint8_t)value;
		if (at == end)
			return part == 3;
		if (part == 3 || *at++ != '.' || at == end)
			return false;
	}
}

/* IPv4 as bytes; false for all else. */
static bool take_v4(struct attempt *attempt, struct str s)
{
	char text[4 + SCAN] = "";
	const char *at = text + 4;
	unsigned dots, n = (unsigned)s.len;

	if (s.len < 7 || s.len > 15)
		return false;
	if (s.len == 7) {                        /* its halves overlap: no loop */
		memcpy(text + 4, s.at, 4);
		memcpy(text + 7, s.at + 3, 4);
	} else {
		memcpy(text + 4, s.at, 8);
		memcpy(text + 4 + n - 8, s.at + n - 8, 8);
	}
	if (scan_four(at, at + n, &dots) != at + n)
		return take_zeros(attempt, s);
	unsigned one = (unsigned)__builtin_ctz(dots), two = (unsigned)__builtin_ctz(dots & (dots - 1)), three = 31u - (unsigned)__builtin_clz(dots);
	attempt->bytes[0] = scan_octet(at + one, one);
	attempt->bytes[1] = scan_octet(at + two, two - one - 1);
	attempt->bytes[2] = scan_octet(at + three, three - two - 1);
	attempt->bytes[3] = scan_octet(at + n, n - three - 1);
	return true;
}

/* The address as bytes, and its network's hash. */
static void take_address(struct attempt *attempt, struct str address)
{
	char text[48] __attribute__((uninitialized));
	uint64_t half = 0;
	bool is_short;

	if (take_v4(attempt, address)) {
		attempt->family = AF_INET;
		attempt->network = watch_mix((uint64_t)attempt->bytes[0] << 16 | (uint64_t)attempt->bytes[1] << 8 | attempt->bytes[2], 24);
		return;
	}
	if (address.len >= sizeof text || !memchr(address.at, ':', address.len))
		return;
	memcpy(text, address.at, address.len);
	text[address.len] = '\0';
	if (!address_six(address, attempt->bytes, &is_short) && inet_pton(AF_INET6, text, attempt->bytes) != 1)
		return;
	memcpy(&half, attempt->bytes, sizeof half);
	attempt->family = AF_INET6;
	attempt->network = watch_mix(half, 64);
}

/* --- what will be asked for --- */

static void look_far(const struct watch *watch, const struct attempt *attempt)
{
	if (attempt->of.outcome != WATCH_SUCCESS)
		__builtin_prefetch(session_set(watch, attempt->session), 1);
	if (!attempt->address)
		return;
	watch_source_far(watch, attempt);
	watch_table_hint(&watch->pairs, attempt->pair);
}

static void look_near(const struct watch *watch, const struct attempt *attempt)
{
	if (!attempt->address)
		return;
	watch_source_near(watch, attempt);
	const char *pair = watch_table_guess(&watch->pairs, attempt->pair);
	for (size_t k = 0; pair && k < watch->pairs.size; k += 64)
		__builtin_prefetch(pair + k, 1);
}

static struct attempt *waiting(struct watch *watch, unsigned number)
{
	return &watch->waiting[number % WATCH_WAITING];
}

static void take_names(struct watch *watch, struct attempt *attempt)
{
	const struct watch_attempt *of = &attempt->of;

	attempt->user = of->user.len ? watch_name_hash(watch->names, of->user) : 0;
	attempt->address = of->address.len ? watch_name_hash(watch->names, of->address) : 0;
	attempt->network = 0;
	attempt->family = 0;
	attempt->n = of->count;
	if (attempt->address)
		take_address(attempt, of->address);
	attempt->pair = watch_pair_key(attempt->user, attempt->address);
	attempt->session = of->session ? watch_mix(of->session, 1) : watch_mix(attempt->user, watch_mix(attempt->address, 2));
}

static void judge_all(struct watch *watch)
{
	while (watch->n_done != watch->n_put)
		judge(watch, waiting(watch, watch->n_done++));
}

/* Most are short: two words that may overlap, or some. */
static struct str kept(char *room, struct str s)
{
	if (!s.len)
		return s;
	if (s.len >= 8) {
		for (size_t i = 0; i + 8 < s.len; i += 8)
			memcpy(room + i, s.at + i, 8);
		memcpy(room + s.len - 8, s.at + s.len - 8, 8);
	} else if (s.len >= 4) {
		memcpy(room, s.at, 4);
		memcpy(room + s.len - 4, s.at + s.len - 4, 4);
	} else {
		room[0] = s.at[0];
		room[s.len / 2] = s.at[s.len / 2];
		room[s.len - 1] = s.at[s.len - 1];
	}
	return (struct str){ room, s.len };
}

void watch_take(struct watch *watch, const struct watch_attempt *of)
{
	if (of->user.len > WATCH_NAME || of->address.len > WATCH_NAME) {     /* too long to wait */
		struct attempt own = { .of = *of };
		judge_all(watch);
		take_names(watch, &own);
		judge(watch, &own);
		return;
	}
	struct attempt *attempt = waiting(watch, watch->n_put++);
	attempt->of = *of;
	attempt->of.user = kept(attempt->user_text, of->user);
	attempt->of.address = kept(attempt->address_text, of->address);
	take_names(watch, attempt);
	look_far(watch, attempt);
	unsigned n = watch->n_put - watch->n_done;
	if (n > NEAR)
		look_near(watch, waiting(watch, watch->n_put - 1 - NEAR));
	if (n > NEARER && waiting(watch, watch->n_put - 1 - NEARER)->address)
		watch_source_nearer(watch, waiting(watch, watch->n_put - 1 - NEARER));
	if (n > NEAREST && waiting(watch, watch->n_put - 1 - NEAREST)->address)
		watch_source_nearest(watch, waiting(watch, watch->n_put - 1 - NEAREST));
	if (n > FULL)
		judge(watch, waiting(watch, watch->n_done++));
}

const struct watch_incident *const *watch_incidents(struct watch *watch, size_t *ret_n)
{
	judge_all(watch);
	*ret_n = watch->n_incidents;
	return (const struct watch_incident *const *)watch->incidents;
}
