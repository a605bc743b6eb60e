/* R5: many people from many addresses, everywhere together.
 *
 * One ring for all, and who and whence in small sets by their hash, which forget the least recent. */
#include "watch_parts.h"

static size_t all_count(const struct watch_set *sets, int64_t from)
{
	size_t n = 0;

	for (int i = 0; i < WATCH_ALL_SETS; i++)
		n += watch_set_count(sets[i].who, WATCH_ALL_WAYS, from);
	return n;
}

static void all_names(struct watch *watch, struct watch_incident *incident, int64_t from)
{
	for (size_t i = 0; i < (size_t)WATCH_ALL_SETS * WATCH_ALL_WAYS; i++) {
		const uint64_t *users = watch->all_users[i / WATCH_ALL_WAYS].who, *addresses = watch->all_addresses[i / WATCH_ALL_WAYS].who;
		size_t k = i % WATCH_ALL_WAYS;
		if (users[k] && watch_set_at(users, WATCH_ALL_WAYS, k) >= from)
			watch_incident_user(watch, incident, users[k]);
		if (addresses[k] && watch_set_at(addresses, WATCH_ALL_WAYS, k) >= from)
			watch_incident_address(watch, incident, addresses[k]);
	}
}

void watch_all_failed(struct watch *watch, const struct attempt *attempt)
{
	const struct watch_rule *rule = &watch->rules.rule[WATCH_R5];
	int64_t at = attempt->of.at.ms, from = at - rule->window.ms;
	int put = -1;

	if (rule->is_off)
		return;
	struct watch_incident *incident = watch_incident_open(watch, &watch->all_incident, at);
	for (int64_t i = 0; i < MIN(attempt->n, (int64_t)watch->all_room); i++)
		put = watch_ring_put(&watch->all_ring, watch->all, (struct watch_mark){ at, attempt->address, attempt->of.line });
	if (attempt->user)
		watch_set_put(watch->all_users[(attempt->user >> 13) % WATCH_ALL_SETS].who, WATCH_ALL_WAYS, attempt->user, at);
	watch_set_put(watch->all_addresses[(attempt->address >> 13) % WATCH_ALL_SETS].who, WATCH_ALL_WAYS, attempt->address, at);
	int first = watch_ring_find(&watch->all_ring, watch->all, put, (size_t)rule->failed, rule->window.ms);
	if (first < 0)
		return;
	if (incident) {
		/* Extended while the attack goes on: as many failures in the window as it takes to open one. */
		watch_incident_add(watch, incident, at, attempt->of.line, attempt->user, attempt->address, attempt->n);
		return;
	}
	if (all_count(watch->all_addresses, from) < (size_t)rule->addresses || all_count(watch->all_users, from) < (size_t)rule->users)
		return;
	watch->all_incident = watch_incident_of_ring(watch, WATCH_R5, STR("all"), &watch->all_ring, watch->all, first, WATCH_NOBODY, 0);
	all_names(watch, watch->incidents[watch->all_incident - 1], from);
}
