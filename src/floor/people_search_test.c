/* Search among 9,000: every way of finding gives exactly those whom a plain look at each person finds, each once, in Swedish order,
 * however many pages it takes. */
#include "floor/fixture.h"
#include "floor/people.h"

enum { PEOPLE = 9000 };
static const char *const given[] = { "Anna", "Bo", "Åke", "Siv", "Örjan", "Eva" };
static const char *const family[] = { "Ek", "Åberg", "Ros", "Öberg", "Holm-Annas", "Lind" };
static struct fixture *f;
static struct arena *pages_arena[2];
static struct str sorts[PEOPLE], names[PEOPLE];
static bool is_hidden[PEOPLE];

/* Two thirds are called Anna, a third Ek; few are Siv or Lind, one is Zorro. */
static struct str name_of(int i)
{
	const char *g = i % 3 ? "Anna" : given[(i / 3) % 6], *s = i % 3 == 1 ? "Ek" : family[(i / 7) % 6];
	return i == 4711 ? STR("Zorro Vega") : str_print(f->arena, "%s %s", g, s);
}

static int make(void **unused)
{
	struct people_unit_named_row unit;
	(void)unused;

	f = fixture_new();
	for (int i = 0; i < 2; i++)
		pages_arena[i] = arena_new(64 << 20);
	struct change *change = fixture_begin(f, "test.people");
	if (people_unit_named(&f->rq, STR("U"), &unit) != OK) {
		assert_int_equal(people_body_add(change, 0, STR("B")), OK);
		assert_int_equal(people_unit_add(change, 0, STR("U"), 0, 3), OK);
		assert_int_equal(people_unit_add(change, 1, STR("V"), 0, 3), OK);
	}
	for (int i = 0; i < PEOPLE; i++) {
		struct str code = str_print(f->arena, "k%d", i), login;
		char *room = arena_take(f->arena, 64);
		names[i] = name_of(i);
		is_hidden[i] = i % 500 == 1;
		sorts[i] = people_sort_key(f->arena, is_hidden[i] ? code : names[i]);
		assert_int_equal(people_add(change, &(struct people_add_args){ .id = i, .code = code, .name = names[i], .email = STR(""), .phone = STR(""),
			.sort = sorts[i], .unit = i % 10 == 0, .is_protected = is_hidden[i] }), OK);
		assert_true(people_canonical(code, room, 64, &login));
		assert_int_equal(people_login_add(change, i, 0, login, LOGIN_CODE), OK);
		assert_int_equal(people_words_set(&f->rq, i, STR_NONE, is_hidden[i] ? STR_NONE : names[i]), OK);
	}
	fixture_commit(f);
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	for (int i = 0; i < 2; i++)
		arena_end(pages_arena[i]);
	fixture_end(f);
	return 0;
}

/* The plain look: words of the folded name, cut at blanks and hyphens. */
static bool has_word(int i, const char *term)
{
	char room[256];
	struct str folded, rest;

	if (is_hidden[i] || !people_canonical(names[i], room, sizeof room, &folded))
		return false;
	for (size_t k = 0; k < folded.len; k++)
		if (room[k] == '-')
			room[k] = ' ';
	for (rest = folded; rest.at; )
		if (str_starts(str_cut(&rest, ' '), str_of(term)))
			return true;
	return false;
}

static bool is_wanted(int i, const char *a, const char *b, int64_t unit)
{
	bool is_code = !b && str_starts(str_print(f->arena, "k%d", i), str_of(a));
	return (unit < 0 || unit == (i % 10 == 0)) && (is_code || (has_word(i, a) && (!b || has_word(i, b))));
}

static void look_for(const char *q, const char *a, const char *b, int64_t unit)
{
	struct people_filter filter = { str_of(q), unit, -1 };
	struct people_key key = { STR(""), -1 };
	struct people_found found;
	bool *seen = arena_take(f->arena, PEOPLE);
	struct str last = STR("");
	int64_t last_id = -1, n = 0, wanted = 0, pages = 0;

	for (int i = 0; i < PEOPLE; i++)
		wanted += is_wanted(i, a, b, unit);
	do {
		/* A page's own arena, as each request has one; the key and the last row live one page longer. */
		f->rq.arena = pages_arena[pages % 2];
		arena_empty(f->rq.arena);
		assert_int_equal(people_search(&f->rq, &filter, key, &found), OK);
		for (size_t k = 0; k < found.n; k++) {
			const struct people_page_row *row = &found.at[k];
			assert_true(is_wanted((int)row->id, a, b, unit));
			assert_false(seen[row->id]);
			int order = str_compare(last, row->sort);
			assert_true(order < 0 || (order == 0 && last_id < row->id));
			seen[row->id] = true;
			last = row->sort;
			last_id = row->id;
			n++;
		}
		key = found.next;
		assert_true(++pages < 400);
	} while (found.has_more);
	f->rq.arena = f->arena;
	if (n != wanted)
		print_error("%s: %lld found, %lld wanted\n", q, (long long)n, (long long)wanted);
	assert_true(n == wanted);
	assert_true(found.is_total_more || found.total == wanted);
}

static void test_every_way_of_finding(void **unused)
{
	(void)unused;
	look_for("zorro", "zorro", NULL, -1);        /* one */
	look_for("siv", "siv", NULL, -1);            /* few: sorted here */
	look_for("lin", "lin", NULL, -1);
	look_for("ann", "ann", NULL, -1);            /* many who begin with it, few otherwise (Holm-Annas): side by side, and mixed in */
	look_for("ek", "ek", NULL, -1);              /* many otherwise: the walk */
	look_for("anna ek", "anna", "ek", -1);
	look_for("ek siv", "ek", "siv", -1);
	look_for("Ö", "ö", NULL, -1);
	look_for("k1", "k1", NULL, -1);              /* codes */
	look_for("k12", "k12", NULL, -1);
	look_for("k", "k", NULL, -1);
	look_for("anna", "anna", NULL, 1);           /* of one unit */
	look_for("ek", "ek", NULL, 1);
	look_for("nobody", "nobody", NULL, -1);
}

static void test_words_follow_the_name(void **unused)
{
	struct people_filter filter = { STR("zorro"), -1, -1 };
	struct people_found found;
	(void)unused;

	assert_int_equal(people_words_set(&f->rq, 4711, STR("Zorro Vega"), STR("Vega Zorro")), OK);
	assert_int_equal(people_search(&f->rq, &filter, (struct people_key){ STR(""), -1 }, &found), OK);
	assert_int_equal(found.n, 1);
	assert_int_equal(people_words_set(&f->rq, 4711, STR("Vega Zorro"), STR_NONE), OK);
	assert_int_equal(people_search(&f->rq, &filter, (struct people_key){ STR(""), -1 }, &found), OK);
	assert_int_equal(found.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_way_of_finding),
		cmocka_unit_test(test_words_follow_the_name),
	};
	return cmocka_run_group_tests(tests, make, end);
}
