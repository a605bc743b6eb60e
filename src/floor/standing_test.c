/* The standing: who is called what, through growth and change; and read in steps, while commits go on beside it: what it knows when it opens is what the
 * store holds then, whatever was committed before, between and after the ranges, and nothing of it shows before. */
#include "floor/fixture.h"
#include "floor/people.h"
#include "floor/standing.h"
#include "floor/standing_names.h"
#include "base/world.h"

enum { PEOPLE = 34000 };       /* three ranges */

/* --- the index --- */

static uint64_t hash(uint64_t i)
{
	return (i + 1) * 0x9e3779b97f4a7c15u;
}

static void test_names(void **unused)
{
	struct names *names = names_grown(NULL, 1);
	(void)unused;

	assert_non_null(names);
	for (uint32_t i = 0; i < 50000; i++) {
		struct names *more = names_grown(names, 1);
		if (more != names)
			names_end(names);
		names = more;
		names_put(names, hash(i), i / 2);
		/* Two names a person in 48 bytes at the most, at every size. */
		assert_true(i < 1000 || names_bytes(names) <= (size_t)(i + 1) * 24);
	}
	for (uint32_t i = 0; i < 50000; i++)
		assert_int_equal(names_find(names, hash(i)), i / 2);
	assert_int_equal(names_find(names, hash(50000)), -1);
	/* Persons 10 and 11 have changed; of their four names one is still there. */
	uint64_t changed[25000 / 64 + 1] = { 1 << 10 | 1 << 11 };
	struct name_found present[] = { { hash(23), 11, 0 } };
	names_forget(names, changed, 25000, present, 1);
	assert_int_equal(names_find(names, hash(19)), 9);
	assert_int_equal(names_find(names, hash(20)), -1);
	assert_int_equal(names_find(names, hash(21)), -1);
	assert_int_equal(names_find(names, hash(22)), -1);
	assert_int_equal(names_find(names, hash(23)), 11);
	/* What is nobody's is left behind by the next growth, and the highest hashes, which wrap round, are found too. */
	names_put(names, UINT64_MAX, 1);
	names_put(names, UINT64_MAX - 1, 2);
	struct names *more = names_grown(names, 50000);
	assert_ptr_not_equal(more, names);
	assert_int_equal(more->used, 50000 - 3 + 2);
	assert_int_equal(names_find(more, UINT64_MAX), 1);
	assert_int_equal(names_find(more, UINT64_MAX - 1), 2);
	names_end(names);
	names_end(more);
}

/* --- reading in steps --- */

struct slice { uint64_t left; };        /* a point's own fact: when the person left */
struct site { int64_t persons; };
static int stops;                       /* ranges until somebody stops us; 0: nobody */
static _Atomic bool is_stopped;
static void (*between)(struct fixture *, int range);
static struct fixture *house;
static int ranges;

static enum err stand(struct rq *rq, struct slices slices)
{
	(void)rq;
	for (int64_t person = slices.first; person < slices.last; person++)
		((struct slice *)slice_of(slices, person))->left = (uint64_t)person * 7;
	/* A range of thousands is being read, not a refresh of few. */
	if (slices.last - slices.first > 1000) {
		ranges++;
		is_stopped = ranges == stops;
		if (between)
			between(house, ranges);
	}
	return OK;
}

static enum err site(struct rq *rq, void *of)
{
	struct people_with_role_row employed;

	TRY(people_with_role(rq, ROLE_EMPLOYEE, &employed));
	((struct site *)of)->persons = employed.n;
	return OK;
}

static const struct standing_part part = { sizeof (struct slice), sizeof (struct site), stand, site };

static void add(struct fixture *f, struct change *change, int64_t id, struct str login)
{
	struct str code = str_print(f->arena, "c%lld", (long long)id);

	assert_int_equal(people_add(change, &(struct people_add_args){ .id = id, .code = code, .name = code, .email = STR(""), .phone = STR(""),
		.sort = code, .email_changed_at = f->rq.now, .phone_changed_at = f->rq.now, .unit = 0, .roles = ROLE_EMPLOYEE }), OK);
	assert_int_equal(people_login_add(change, id, 0, login, 0), OK);
	change_touch(change, id);
}

static struct str login(struct fixture *f, int64_t id)
{
	return str_print(f->arena, "k%lld", (long long)id);
}

static struct fixture *fill(void)
{
	struct fixture *f = fixture_new();
	struct change *change = fixture_begin(f, "test.people");

	assert_int_equal(people_body_add(change, 0, STR("B")), OK);
	assert_int_equal(people_unit_add(change, 0, STR("U"), 0, 3), OK);
	for (int64_t i = 0; i < PEOPLE; i++)
		add(f, change, i, login(f, i));
	fixture_commit(f);
	ranges = stops = 0;
	is_stopped = false;
	between = NULL;
	house = f;
	return f;
}

static int64_t noted[16];
static size_t n_noted;

static void note(int64_t person)
{
	noted[n_noted++] = person;
}

/* Beside the first range: one already read and one not yet read change their names, a name moves from the end to the front, and one comes. */
static void meanwhile(struct fixture *f, int range)
{
	if (range != 2)
		return;
	struct change *change = fixture_begin(f, "test.meanwhile");
	assert_int_equal(people_login_drop(change, 5, 0), OK);
	assert_int_equal(people_login_add(change, 5, 1, STR("new5"), 0), OK);
	assert_int_equal(people_login_drop(change, 33000, 0), OK);
	assert_int_equal(people_login_add(change, 6, 1, STR("k33000"), 0), OK);
	add(f, change, PEOPLE, STR("late"));
	fixture_commit(f);
	note(5);
	note(33000);
	note(6);
	note(PEOPLE);
}

static void test_steps(void **unused)
{
	struct fixture *f = fill();
	struct standing *standing;
	(void)unused;

	n_noted = 0;
	between = meanwhile;
	assert_int_equal(standing_new(&f->rq, &part, 1, &standing), OK);
	assert_false(standing_is_loaded(standing));
	assert_int_equal(standing_count(standing), 0);
	assert_int_equal(standing_find(standing, STR("k1")), -1);
	assert_int_equal(standing_size(standing, &f->rq), OK);
	assert_int_equal(standing_take(standing, &f->rq, NULL), OK);
	assert_int_equal(ranges, 3);
	assert_int_equal(standing_read(standing), PEOPLE);
	assert_false(standing_is_loaded(standing));
	assert_int_equal(standing_refresh(standing, &f->rq, noted, n_noted, true), OK);
	standing_open(standing, f->rq.now);
	assert_true(standing_is_loaded(standing));
	assert_int_equal(standing_count(standing), PEOPLE + 1);
	assert_int_equal(((const struct site *)standing_site(standing, 0))->persons, PEOPLE + 1);
	for (int64_t i = 0; i < PEOPLE; i++) {
		int64_t is = i == 5 ? -1 : i == 33000 ? 6 : i;
		assert_int_equal(standing_find(standing, login(f, i)), is);
		assert_int_equal(((const struct slice *)standing_slice(standing, i, 0))->left, (uint64_t)i * 7);
		assert_int_equal(standing_class(standing, i), 3);
	}
	assert_int_equal(standing_find(standing, STR("new5")), 5);
	assert_int_equal(standing_find(standing, STR("late")), PEOPLE);
	assert_true(standing_bytes(standing) <= (size_t)(PEOPLE + STANDING_CHUNK) * STANDING_MOST);
	standing_end(standing);
	fixture_end(f);
}

/* Read in one go, it is the same. Stopped, it ends early and is never loaded. */
static void test_whole_and_stopped(void **unused)
{
	struct fixture *f = fill();
	struct standing *standing;
	(void)unused;

	assert_int_equal(standing_load(&f->rq, &part, 1, &standing), OK);
	assert_true(standing_is_loaded(standing));
	assert_int_equal(standing_count(standing), PEOPLE);
	assert_int_equal(standing_find(standing, STR("k33999")), 33999);
	assert_int_equal(standing_find(standing, STR("k34000")), -1);
	standing_end(standing);
	ranges = 0;
	stops = 1;
	assert_int_equal(standing_new(&f->rq, &part, 1, &standing), OK);
	assert_int_equal(standing_size(standing, &f->rq), OK);
	assert_int_equal(standing_take(standing, &f->rq, &is_stopped), OK);
	assert_int_equal(ranges, 1);
	assert_false(standing_is_loaded(standing));
	standing_end(standing);
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names), cmocka_unit_test(test_steps), cmocka_unit_test(test_whole_and_stopped) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
