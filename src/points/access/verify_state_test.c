/* Every order of steps up to a length of eight, in every class, with and without a number that counts: none comes to an approval, or to an
 * errand that is done, without the proofs that the class asks for.
 *
 * The rules stand here a second time, in other words and over the list of steps taken, so that a mistake in the machine is not its own judge.
 * A step that is refused must leave all as it was, so the walk need not follow it further: what follows is what follows without it. Time may
 * pass between any two steps: then a live code, or a live token, is none any more. */
#include "floor/fixture.h"
#include "points/access/verify_state.h"

enum { LONGEST = 8, OLD_CODE = VERIFY_STEPS, OLD_TOKEN, MOVES };
struct walk { int step[LONGEST], n; };
static long n_orders, n_refused, n_approved, n_done;

static int count(const struct walk *walk, int step)
{
	int n = 0;
	for (int i = 0; i < walk->n; i++)
		n += walk->step[i] == step;
	return n;
}

static int first(const struct walk *walk, int step)
{
	for (int i = 0; i < walk->n; i++)
		if (walk->step[i] == step)
			return i;
	return -1;
}

/* She has no log-in here. */
static bool is_proved_by_others(const struct walk *walk, const struct verify_facts *f)
{
	int call = first(walk, VERIFY_CALL), vouch = first(walk, VERIFY_VOUCH), n = count(walk, VERIFY_VOUCH);
	bool is_here = first(walk, VERIFY_PRESENT) >= 0;
	/* Nobody vouches for somebody who has neither been rung up nor been seen. */
	bool is_in_order = !n || (call >= 0 && call < vouch) || (is_here && first(walk, VERIFY_PRESENT) < vouch);

	if (!f->has_channel || !is_in_order || count(walk, VERIFY_CODE) || count(walk, VERIFY_RIGHT) || count(walk, VERIFY_BOUND))
		return false;
	if (f->class == VERIFY_C)
		return is_here && n > 0;
	return is_here || (f->number_counts && call >= 0 && n >= (f->class == VERIFY_A ? 1 : 2));
}

static bool is_proved(const struct walk *walk, const struct verify_facts *f)
{
	if (!f->has_page)
		return is_proved_by_others(walk, f);
	int call = first(walk, VERIFY_CALL), code = first(walk, VERIFY_CODE), right = first(walk, VERIFY_RIGHT);
	bool is_heard = right > code && code >= 0 && count(walk, VERIFY_WRONG) < 3 && count(walk, VERIFY_RIGHT) == 1;
	bool is_called_first = call >= 0 && call < code;
	bool is_strong = count(walk, VERIFY_PRESENT) > 0 || count(walk, VERIFY_VOUCH) > 1;
	bool is_second = is_strong || count(walk, VERIFY_VOUCH) || count(walk, VERIFY_BOUND);

	if (!f->has_channel || !is_heard)
		return false;
	if (!f->number_counts)
		return is_strong;
	return is_called_first && (f->class == VERIFY_A || (f->class == VERIFY_B ? is_second : is_strong));
}

/* Digits are only heard while they live: no OLD_CODE between the code and them. */
static bool is_heard_in_time(const struct walk *walk)
{
	int right = first(walk, VERIFY_RIGHT);
	for (int i = right - 1; i >= 0; i--) {
		if (walk->step[i] == OLD_CODE)
			return false;
		if (walk->step[i] == VERIFY_CODE)
			return true;
	}
	return false;
}

static void check(const struct walk *walk, const struct verify_facts *f)
{
	int end = first(walk, VERIFY_DENY) >= 0 || first(walk, VERIFY_ABORT) >= 0 || first(walk, VERIFY_NOT_ME) >= 0;
	struct walk before = *walk;

	n_orders++;
	if (f->end == VERIFY_APPROVED || f->end == VERIFY_DONE) {
		/* What was handed over has been taken, each time. */
		assert_int_equal(count(walk, VERIFY_HAND), count(walk, VERIFY_TAKEN));
		before.n = first(walk, VERIFY_APPROVE);
		assert_true(before.n > 0 && !end);
		assert_true(is_proved(&before, f));
		assert_true(!f->has_page || is_heard_in_time(walk));
		assert_int_equal(count(walk, VERIFY_APPROVE), 1);
		n_approved++;
	}
	if (f->end == VERIFY_DONE) {
		assert_int_equal(count(walk, VERIFY_USE), 1);
		assert_true(first(walk, OLD_TOKEN) < 0 || first(walk, OLD_TOKEN) > first(walk, VERIFY_USE));
		n_done++;
	} else {
		assert_int_equal(count(walk, VERIFY_USE) && f->end != VERIFY_DENIED, 0);
	}
	assert_true(f->wrong <= 3 && f->vouchers <= 2);
}

static bool moves(struct verify_facts *f, int move)
{
	if (move == OLD_CODE || move == OLD_TOKEN) {
		bool *lives = move == OLD_CODE ? &f->is_code_live : &f->is_token_live, was = *lives;
		*lives = false;
		return was;
	}
	struct verify_facts kept = *f;
	if (verify_may(f, (enum verify_step)move) == VERIFY_MAY) {
		verify_take(f, (enum verify_step)move);
		return true;
	}
	assert_memory_equal(f, &kept, sizeof kept);
	n_refused++;
	return false;
}

static void go(struct walk *walk, const struct verify_facts *f)
{
	check(walk, f);
	if (walk->n == LONGEST)
		return;
	for (int move = 0; move < MOVES; move++) {
		struct verify_facts next = *f;
		if (!moves(&next, move))
			continue;
		walk->step[walk->n++] = move;
		go(walk, &next);
		walk->n--;
	}
}

static void test_every_order(void **state)
{
	(void)state;
	for (int class = VERIFY_A; class <= VERIFY_C; class++)
		for (int counts = 0; counts < 2; counts++)
			for (int more = 0; more < 4; more++) {
				bool channel = more & 1, page = more & 2;
				struct verify_facts f = { .class = (enum verify_class)class, .number_counts = counts, .has_channel = channel, .has_page = page };
				struct walk walk = { .n = 0 };
				n_orders = n_refused = n_approved = n_done = 0;
				go(&walk, &f);
				print_message("class %c, number %s, channel %s, %s: %ld orders, %ld refused steps, %ld approved, %ld done\n", 'A' + class - 1,
				              counts ? "counts" : "does not count", channel ? "yes" : "no", page ? "log-in" : "no log-in", n_orders, n_refused, n_approved, n_done);
				assert_true(channel ? n_done > 0 : n_approved == 0);
			}
}

/* One story each: what is said when a step comes at the wrong time. */
static void test_refusals(void **state)
{
	struct verify_facts f = { .class = VERIFY_B, .number_counts = true, .has_channel = true, .has_page = true };
	(void)state;

	assert_int_equal(verify_may(&f, VERIFY_CODE), VERIFY_NO_EARLY);
	assert_int_equal(verify_may(&f, VERIFY_RIGHT), VERIFY_NO_EARLY);
	assert_int_equal(verify_may(&f, VERIFY_PRESENT), VERIFY_NO_EARLY);
	assert_int_equal(verify_may(&f, VERIFY_APPROVE), VERIFY_NO_LACKS);
	assert_int_equal(verify_may(&f, VERIFY_TAKEN), VERIFY_NO_EARLY);
	verify_take(&f, VERIFY_HAND);
	assert_int_equal(verify_may(&f, VERIFY_HAND), VERIFY_NO_AGAIN);
	assert_int_equal(verify_may(&f, VERIFY_CALL), VERIFY_NO_HANDED);
	assert_int_equal(verify_may(&f, VERIFY_APPROVE), VERIFY_NO_HANDED);
	assert_int_equal(verify_may(&f, VERIFY_DENY), VERIFY_MAY);
	verify_take(&f, VERIFY_TAKEN);
	assert_int_equal(verify_may(&f, VERIFY_USE), VERIFY_NO_TOKEN);
	verify_take(&f, VERIFY_CALL);
	assert_int_equal(verify_may(&f, VERIFY_CALL), VERIFY_NO_AGAIN);
	verify_take(&f, VERIFY_CODE);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(verify_may(&f, VERIFY_WRONG), VERIFY_MAY);
		verify_take(&f, VERIFY_WRONG);
	}
	assert_int_equal(verify_may(&f, VERIFY_RIGHT), VERIFY_NO_TRIES);
	assert_int_equal(verify_may(&f, VERIFY_CODE), VERIFY_NO_TRIES);
	verify_take(&f, VERIFY_ABORT);
	assert_int_equal(verify_may(&f, VERIFY_CALL), VERIFY_NO_OVER);
	assert_int_equal(verify_may(&f, VERIFY_NOT_ME), VERIFY_MAY);
	f = (struct verify_facts){ .class = VERIFY_A, .has_channel = true, .has_page = true };
	assert_int_equal(verify_may(&f, VERIFY_CALL), VERIFY_NO_COUNTS);
	assert_int_equal(verify_lacks(&f), VERIFY_LACKS_CODE | VERIFY_LACKS_STRONG);
	f = (struct verify_facts){ .class = VERIFY_A, .number_counts = true, .has_channel = true };
	assert_int_equal(verify_may(&f, VERIFY_CODE), VERIFY_NO_PAGE);
	assert_int_equal(verify_may(&f, VERIFY_BOUND), VERIFY_NO_PAGE);
	assert_int_equal(verify_may(&f, VERIFY_ASK), VERIFY_NO_EARLY);
	assert_int_equal(verify_may(&f, VERIFY_PRESENT), VERIFY_MAY);
	assert_int_equal(verify_lacks(&f), VERIFY_LACKS_CALL | VERIFY_LACKS_SECOND);
	f.number_counts = false;
	assert_int_equal(verify_lacks(&f), VERIFY_LACKS_PERSON);
}

static void test_class(void **state)
{
	(void)state;
	assert_int_equal(verify_class_of(VERIFY_A, false, true), VERIFY_A);
	assert_int_equal(verify_class_of(VERIFY_B, false, true), VERIFY_C);
	assert_int_equal(verify_class_of(VERIFY_B, false, false), VERIFY_B);
	assert_int_equal(verify_class_of(VERIFY_A, true, false), VERIFY_C);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_order), cmocka_unit_test(test_refusals), cmocka_unit_test(test_class) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
