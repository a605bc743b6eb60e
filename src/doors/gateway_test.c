/* The gateway's tables with the clock in the test's hand: what is answered again, what is a replay, what a flood can do; and packets
 * that fuzzing or thought found awkward. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "doors/gateway_table.h"
#include "base/world.h"

static struct key key_number(unsigned n)
{
	struct key key = { .id = (uint8_t)n };
	memcpy(key.authenticator, &n, sizeof n);
	return key;
}

/* Within 30 s the same bytes; after that none, and the request is known as a replay for at least ten minutes. */
static void resent_and_replayed(void **state)
{
	struct key key = key_number(1), other = key_number(2);
	const uint8_t bytes[] = "an answer";
	size_t length = 0;
	int64_t now = 1000000;
	(void)state;

	assert_false(seen_before(&key));
	assert_null(answer_given(&key, now, &length));
	seen_add(&key, now);
	answer_keep(&key, now, bytes, sizeof bytes);
	const uint8_t *again = answer_given(&key, now + ANSWER_LIVES_MS, &length);
	assert_non_null(again);
	assert_int_equal(length, sizeof bytes);
	assert_memory_equal(again, bytes, sizeof bytes);
	assert_null(answer_given(&other, now, &length));
	assert_null(answer_given(&key, now + ANSWER_LIVES_MS + 1, &length));
	assert_true(seen_before(&key));
	assert_false(seen_before(&other));
	seen_add(&other, now + SEEN_TURNS_MS + 1);
	assert_true(seen_before(&key));
	assert_true(seen_before(&other));
	seen_add(&other, now + 2 * SEEN_TURNS_MS + 2);
	assert_false(seen_before(&key));
}

/* The same identifier and authenticator with other bytes is another request. */
static void other_bytes_are_another_request(void **state)
{
	struct key key = key_number(77), other = key;
	size_t length;
	int64_t now = 5000000;
	(void)state;

	other.digest = 1;
	answer_keep(&key, now, (const uint8_t *)"a", 1);
	assert_non_null(answer_given(&key, now, &length));
	assert_null(answer_given(&other, now, &length));
	seen_add(&key, now);
	assert_true(seen_before(&key));
	assert_false(seen_before(&other));
}

/* Answers longer than the common room are kept whole, and forgotten rather than mixed up when younger ones overwrite them. */
static void large_answers(void **state)
{
	static uint8_t bytes[RADIUS_MOST];
	struct key first = key_number(500000);
	size_t length = 0;
	int64_t now = 9000000;
	(void)state;

	memset(bytes, 7, sizeof bytes);
	answer_keep(&first, now, bytes, sizeof bytes);
	const uint8_t *again = answer_given(&first, now, &length);
	assert_non_null(again);
	assert_int_equal(length, sizeof bytes);
	assert_memory_equal(again, bytes, sizeof bytes);
	for (unsigned i = 1; i <= LARGE_ANSWERS; i++) {
		struct key key = key_number(500000 + i);
		bytes[0] = (uint8_t)i;
		answer_keep(&key, now, bytes, ANSWER_MOST + 1);
		again = answer_given(&key, now, &length);
		assert_non_null(again);
		assert_int_equal(again[0], (uint8_t)i);
	}
	assert_null(answer_given(&first, now, &length));
}

/* More answers than there is room for: the youngest are all there. */
static void many_answers(void **state)
{
	size_t length;
	int64_t now = 20000000;
	unsigned n = ANSWERS + 1000, lost = 0;
	(void)state;

	for (unsigned i = 0; i < n; i++) {
		struct key key = key_number(1000000 + i);
		answer_keep(&key, now + i / 100, (const uint8_t *)&i, sizeof i);
	}
	for (unsigned i = n - 50000; i < n; i++) {
		struct key key = key_number(1000000 + i);
		const uint8_t *again = answer_given(&key, now + n / 100, &length);
		lost += !again;
		if (again)
			assert_memory_equal(again, &i, sizeof i);
	}
	assert_int_equal(lost, 0);
}

static void flights(void **state)
{
	struct flight *taken[FLIGHTS];
	uint64_t silent = 0;
	(void)state;

	for (unsigned i = 0; i < FLIGHTS; i++) {
		taken[i] = flight_new(0);
		assert_non_null(taken[i]);
		taken[i]->state = i % 2 ? FLIGHT_UPSTREAM : FLIGHT_CORE;
		taken[i]->key = key_number(i);
		taken[i]->client = i % 2;
		flight_known(taken[i]);
	}
	assert_null(flight_new(0));
	assert_int_equal(flight_count_of(1), FLIGHTS / 2);
	struct key key = key_number(17);
	assert_ptr_equal(flight_with(&key), taken[17]);
	uint32_t serial = flight_serial(taken[17]);
	assert_ptr_equal(flight_of(serial), taken[17]);
	flight_expire(FLIGHT_LIVES_MS, &silent);
	assert_ptr_equal(flight_of(serial), taken[17]);
	flight_expire(FLIGHT_LIVES_MS + 1, &silent);
	assert_int_equal(silent, FLIGHTS / 2);
	assert_null(flight_of(serial));
	assert_null(flight_with(&key));
	assert_int_equal(flight_count_of(1), 0);
	/* A late answer to the old serial must not fall on whoever has the place now. */
	for (unsigned i = 0; i < FLIGHTS; i++) {
		struct flight *flight = flight_new(0);
		assert_non_null(flight);
		flight->state = FLIGHT_CORE;
		flight->key = key_number(i);
		flight_known(flight);
	}
	assert_null(flight_of(serial));
}

/* --- packets --- */

static size_t make(uint8_t *room, const uint8_t *attributes, size_t n)
{
	memset(room, 0, RADIUS_HEAD);
	room[0] = RADIUS_REQUEST;
	room[3] = (uint8_t)(RADIUS_HEAD + n);
	memcpy(room + RADIUS_HEAD, attributes, n);
	return RADIUS_HEAD + n;
}

static void credentials(void **state)
{
	static const struct { const char *what; uint8_t bytes[12]; size_t n; bool has; } row[] = {
		{ "user name", { 1, 4, 'p', '1' }, 4, false },
		{ "User-Password", { 2, 3, 'x' }, 3, true },
		{ "CHAP-Password", { 3, 3, 'x' }, 3, true },
		{ "EAP", { 79, 2 }, 2, true },
		{ "ARAP", { 70, 2 }, 2, true },
		{ "digest", { 103, 3, 'x' }, 3, true },
		{ "a Microsoft attribute", { 26, 8, 0, 0, 1, 55, 99, 2 }, 8, true },
		{ "another vendor's", { 26, 8, 0, 0, 0, 9, 1, 2 }, 8, false },
		{ "no vendor at all", { 26, 3, 0 }, 3, false },
	};
	uint8_t room[64];
	struct radius packet;
	(void)state;

	for (size_t i = 0; i < LENGTH(row); i++) {
		size_t n = make(room, row[i].bytes, row[i].n);
		assert_true(radius_read(room, n, &packet));
		assert_int_equal(radius_has_credential(&packet), row[i].has);
	}
}

static void singles(void **state)
{
	static const uint8_t two_names[] = { 1, 3, 'a', 1, 3, 'b' }, same_names[] = { 1, 3, 'a', 1, 3, 'a' }, two_proxies[] = { 33, 3, 'a', 33, 3, 'b' };
	uint8_t room[64];
	struct radius packet;
	(void)state;

	assert_true(radius_read(room, make(room, two_names, sizeof two_names), &packet));
	assert_false(radius_is_single(&packet));
	assert_false(radius_names_agree(&packet));
	assert_true(radius_read(room, make(room, same_names, sizeof same_names), &packet));
	assert_false(radius_is_single(&packet));
	assert_true(radius_names_agree(&packet));
	assert_true(radius_read(room, make(room, two_proxies, sizeof two_proxies), &packet));
	assert_true(radius_is_single(&packet));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resent_and_replayed),
		cmocka_unit_test(other_bytes_are_another_request),
		cmocka_unit_test(large_answers),
		cmocka_unit_test(many_answers),
		cmocka_unit_test(flights),
		cmocka_unit_test(credentials),
		cmocka_unit_test(singles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
