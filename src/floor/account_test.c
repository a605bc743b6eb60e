/* Passwords, codes, budgets, networks, the drawing: what of logging in needs no process. The rest: tests/login.sh. */
#include "floor/fixture.h"
#include "floor/account.h"

static const struct password_owner ulla = { .roles = ROLE_COORDINATOR, .name = { "Ulla Åström-Ek", 15 }, .email = { "ulla.ek@prov.example", 20 },
	.code = { "local:0", 7 }, .organisation = { "Provkommunen", 12 } };

static bool is_good(const char *password, unsigned roles)
{
	struct password_owner owner = ulla;

	owner.roles = roles;
	return password_wrong(str_of(password), &owner) == NULL;
}

static void wrong(const char *what, const char *password)
{
	print_error("%s: %s\n", what, password);
	assert_null(password);
}

static void passwords_that_are_good(void **state)
{
	static const char *const good[] = {
		"hund lampa regn cykel", "correct horse battery staple", "xK9#mQ2$vL7!pR4", "Åsnan äter öländska kex", "en rad ur en visa",
		"sommar fotboll hemlig kaffe", "  blanks at the ends too ", "日本語のとてもながいぱすわーど",
	};
	(void)state;

	for (size_t i = 0; i < LENGTH(good); i++)
		if (!is_good(good[i], ROLE_COORDINATOR))
			wrong("refused", good[i]);
}

static void passwords_that_are_not(void **state)
{
	static const char *const bad[] = {
		"", "hund lampa r", "passwordpassword", "P@ssw0rd!P@ssw0rd!2026", "Lösenord123456789", "123456789012345", "qwertyuiopasdfghjkl",
		"Sommar2026Sommar2026", "aaaaaaaaaaaaaaaaaaaa", "abcdefghijklmnop", "lakritslakritslakrits", "Välkommen2026!!!!", "1qaz2wsx3edc4rfv",
		"Provkommunen 2026", "Ulla Astrom-Ek 1970", "ULLA.ÅSTRÖM.2026!", "ulla.ek@prov.example", "!!!!!!!!!!!!!!!!!!", "202611272026112720",
		"provk0mmunen-hund1",
	};
	(void)state;

	for (size_t i = 0; i < LENGTH(bad); i++)
		if (is_good(bad[i], ROLE_COORDINATOR))
			wrong("taken", bad[i]);
}

/* Of the great leaks, with what people add to them; none stands in our own list of stems. */
static void passwords_that_many_have(void **state)
{
	static const char *const many[] = {
		"tinkerbell1", "tinkerbell2014", "blackberry99", "chocolate!1", "basketball12", "butterfly1990", "Volleyball7!", "strawberry2",
		"Cinderella88", "thunderbird1", "Sweetheart!!", "lightning123", "elizabeth1987", "christopher2", "Beautiful2019",
	};
	(void)state;

	for (size_t i = 0; i < LENGTH(many); i++)
		if (is_good(many[i], ROLE_EMPLOYEE))
			wrong("taken", many[i]);
	static const char *const own[] = { "elva tecken", "lakritsbåt nio", "vitsippa regnar", "butterfly regn kanot" };
	for (size_t i = 0; i < LENGTH(own); i++)
		if (!is_good(own[i], ROLE_EMPLOYEE))
			wrong("refused", own[i]);
}

static void the_length_goes_by_role(void **state)
{
	char longest[1200];
	uint32_t seed = 1;
	(void)state;

	assert_true(is_good("hund lampa", ROLE_EMPLOYEE | ROLE_MANAGER));
	assert_false(is_good("hundlampa", ROLE_EMPLOYEE));
	static const unsigned trusted[] = { ROLE_COORDINATOR, ROLE_MANAGEMENT, ROLE_SUPPORT, ROLE_SYSTEM_OWNER, ROLE_AUDITOR };
	for (size_t i = 0; i < LENGTH(trusted); i++) {
		assert_false(is_good("hund lampa reg", trusted[i] | ROLE_EMPLOYEE));
		assert_true(is_good("hund lampa regn", trusted[i] | ROLE_EMPLOYEE));
	}
	/* Characters count, not bytes: fourteen of them in 28 bytes. */
	assert_false(is_good("åäöxåäöyåäözåä", ROLE_COORDINATOR));
	for (size_t i = 0; i < sizeof longest; i++)
		longest[i] = (char)('a' + (seed = seed * 1103515245 + 12345) / 65536 % 26);
	longest[1000] = '\0';
	assert_true(is_good(longest, ROLE_COORDINATOR));
	longest[1000] = 'x';
	longest[1001] = '\0';
	assert_false(is_good(longest, ROLE_COORDINATOR));
}

/* Whatever the bytes: an answer, and no reading past the end. */
static void any_bytes(void **state)
{
	char bytes[300];
	uint32_t seed = 7;
	(void)state;

	for (int round = 0; round < 2000; round++) {
		size_t n = (seed >> 8) % sizeof bytes;
		char *exact = malloc(n + 1);
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			exact[i] = (char)(seed >> 16);
		}
		struct password_owner owner = { .name = { exact, n / 2 }, .email = { exact + n / 2, n - n / 2 } };
		(void)password_wrong((struct str){ exact, n }, &owner);
		free(exact);
	}
}

static void a_password_is_kept_as_typed(void **state)
{
	struct fixture *f = fixture_new();
	/* "a" with a ring above, as some keyboards send it; blanks stay. */
	struct field fields[] = { { STR("password"), STR(" a\xcc\x8asna ") } };
	struct visit visit = { .fields = fields, .n_fields = 1 };
	(void)state;

	assert_true(str_equal(account_password(&f->rq, &visit, "password"), STR(" \xc3\xa5sna ")));
	assert_null(account_password(&f->rq, &visit, "other").at);
	fields[0].value = STR("\xff\xfe");
	assert_true(str_equal(account_password(&f->rq, &visit, "password"), STR("\xff\xfe")));
	fixture_end(f);
}

static void codes(void **state)
{
	char one[ACCOUNT_CODE], two[ACCOUNT_CODE], read[ACCOUNT_CODE];
	(void)state;

	account_code_make(one);
	account_code_make(two);
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), 19);
	assert_true(account_code_read(str_of(one), read));
	assert_string_equal(one, read);
	assert_true(account_code_read(STR(" oil0 abcd-efgh 1lI1 "), read));
	assert_string_equal(read, "0110-ABCD-EFGH-1111");
	static const char *const bad[] = { "", "0110-ABCD-EFGH-111", "0110-ABCD-EFGH-11111", "0110-ABCD-EFGH-111U", "0110_ABCD_EFGH_1111" };
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_false(account_code_read(str_of(bad[i]), read));
	assert_false(account_code_read((struct str){ "0110-ABCD-EFGH-111\0", 19 }, read));
}

static void budgets(void **state)
{
	struct budget budget = { 0 };
	struct instant now = { 1700000000000 };
	(void)state;

	for (int i = 0; i < 10; i++) {
		assert_false(budget_is_spent(BUDGET_NAME_HERE, budget, now));
		assert_int_equal(budget_left(BUDGET_NAME_HERE, budget, now), 10 - i);
		budget = budget_after(BUDGET_NAME_HERE, budget, now);
		now = instant_plus(now, SECONDS(10));
	}
	assert_true(budget_is_spent(BUDGET_NAME_HERE, budget, now));
	/* From the first try on, not from the last: who keeps trying is not stopped for ever, nor longer than said. */
	assert_true(budget_is_spent(BUDGET_NAME_HERE, budget, instant_plus(budget.since, MINUTES(15))));
	struct instant later = instant_plus(budget.since, SECONDS(15 * 60 + 1));
	assert_false(budget_is_spent(BUDGET_NAME_HERE, budget, later));
	budget = budget_after(BUDGET_NAME_HERE, budget, later);
	assert_int_equal(budget.tries, 1);
}

static void budgets_are_kept(void **state)
{
	struct fixture *f = fixture_new();
	int64_t left;
	(void)state;

	for (int i = 0; i < 5; i++) {
		assert_false(account_is_spent(&f->rq, BUDGET_SECOND, STR("7")));
		assert_int_equal(account_spend(&f->rq, BUDGET_SECOND, STR("7"), &left), OK);
		assert_int_equal(left, 4 - i);
	}
	assert_true(account_is_spent(&f->rq, BUDGET_SECOND, STR("7")));
	assert_false(account_is_spent(&f->rq, BUDGET_SECOND, STR("8")));
	assert_false(account_is_spent(&f->rq, BUDGET_START, STR("7")));
	assert_int_equal(account_refund(&f->rq, BUDGET_SECOND, STR("7")), OK);
	assert_int_equal(account_refund(&f->rq, BUDGET_SECOND, STR("7")), OK);
	assert_false(account_is_spent(&f->rq, BUDGET_SECOND, STR("7")));
	assert_int_equal(account_tidy(&f->rq), OK);
	fixture_end(f);
}

static void networks(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	(void)state;

	assert_true(str_equal(account_network(arena, STR("192.0.2.7")), account_network(arena, STR("192.0.2.250"))));
	assert_false(str_equal(account_network(arena, STR("192.0.2.7")), account_network(arena, STR("192.0.3.7"))));
	assert_true(str_equal(account_network(arena, STR("2001:db8::7")), account_network(arena, STR("2001:db8:0:ffff::1"))));
	assert_false(str_equal(account_network(arena, STR("2001:db8::7")), account_network(arena, STR("2001:db8:1::7"))));
	assert_int_equal(account_network(arena, STR("")).len, 0);
	arena_end(arena);
}

static struct str next_of(const char *next)
{
	static struct field field;

	field = (struct field){ STR("next"), str_of(next) };
	return account_next(&(struct visit){ .fields = &field, .n_fields = 1 });
}

static void only_our_own_paths(void **state)
{
	static const char *const bad[] = { "", "/", "//evil.example", "https://evil.example/", "/\\evil.example", "evil", "/a\nb", "/a b", "/\xc3\xa5" };
	(void)state;

	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_int_equal(next_of(bad[i]).len, 0);
	assert_true(str_equal(next_of("/access?state=open"), STR("/access?state=open")));
}

/* The runs give back what the library drew: dark where it is dark, quiet around. */
static void drawing(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct qr_run *runs;
	size_t n;
	int64_t modules;
	static char grid[200][200];
	(void)state;

	assert_true(qr_draw(arena, STR("otpauth://totp/Prov:ulla?secret=ABCDEFGHIJKLMNOP&issuer=Prov"), &runs, &n, &modules));
	assert_in_range(modules, 29, 60);
	for (size_t i = 0; i < n; i++)
		for (int64_t x = runs[i].x; x < runs[i].x + runs[i].width; x++) {
			assert_in_range(x, 4, modules - 5);
			assert_in_range(runs[i].y, 4, modules - 5);
			assert_int_equal(grid[runs[i].y][x], 0);
			grid[runs[i].y][x] = 1;
		}
	/* The three finders: 7 dark, 1 light around a 3 by 3 heart. */
	const int64_t far = modules - 4 - 7, corner[3][2] = { { 4, 4 }, { 4, far }, { far, 4 } };
	for (int k = 0; k < 3; k++)
		for (int64_t y = 0; y < 7; y++)
			for (int64_t x = 0; x < 7; x++) {
				bool is_rim = x == 0 || x == 6 || y == 0 || y == 6, is_heart = x >= 2 && x <= 4 && y >= 2 && y <= 4;
				assert_int_equal(grid[corner[k][0] + y][corner[k][1] + x], is_rim || is_heart);
			}
	char *long_text = arena_take(arena, 5000);
	memset(long_text, 'a', 4999);
	assert_false(qr_draw(arena, (struct str){ long_text, 4999 }, &runs, &n, &modules));
	arena_end(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_that_are_good), cmocka_unit_test(passwords_that_are_not), cmocka_unit_test(passwords_that_many_have), cmocka_unit_test(the_length_goes_by_role),
		cmocka_unit_test(any_bytes), cmocka_unit_test(a_password_is_kept_as_typed), cmocka_unit_test(codes), cmocka_unit_test(budgets),
		cmocka_unit_test(budgets_are_kept), cmocka_unit_test(networks), cmocka_unit_test(only_our_own_paths), cmocka_unit_test(drawing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
