/* Pages: every value is escaped for its place, dates and numbers are written as people write them, the frame holds. */
#include "floor/frame.h"
#include "floor/embedded.h"
#include "hostile.html.h"
#include "floor/login.html.h"
#include "floor/otp.html.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define HOSTILE "\"'><script>alert(1)</script>&{n}"

static struct arena *arena;
static struct trouble trouble;
static struct actor actor = { .person = 7 };

static struct rq request(enum language language)
{
	return (struct rq){ .arena = arena, .actor = &actor, .language = language, .trouble = &trouble,
		.now = { 1795513320000 } };      /* 2026-11-24 10:42 in Stockholm */
}

static int set_up(void **state)
{
	(void)state;
	when_start();
	arena = arena_new(8 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_end(arena);
	return 0;
}

static void holds(struct str page, const char *what)
{
	if (!memmem(page.at, page.len, what, strlen(what)))
		fail_msg("\"%s\" is missing in:\n%.*s", what, (int)page.len, page.at);
}

static void lacks(struct str page, const char *what)
{
	if (memmem(page.at, page.len, what, strlen(what)))
		fail_msg("\"%s\" stands in:\n%.*s", what, (int)page.len, page.at);
}

static struct str hostile(enum language language, struct hostile_page *page)
{
	struct out out = out_new(arena);

	page->t = STR(HOSTILE);
	page->at = page->on = page->clock = request(language).now;
	hostile_page(&out, language, page);
	return out_str(&out);
}

static void test_escaped(void **state)
{
	static const struct hostile_page_rows_inner inner[] = { { 1 }, { 2 } };
	static const struct hostile_page_rows rows[] = { { STR_NONE, inner, 2 }, { { HOSTILE, sizeof HOSTILE - 1 }, NULL, 0 } };
	struct hostile_page page = { .l = STR("javascript:alert(1)"), .n = 1234567, .h = { STR("<em>so</em>") }, .w = N_("Unknown"),
		.rows = rows, .n_rows = 2 };
	struct str drawn = hostile(LANGUAGE_EN, &page);

	(void)state;
	lacks(drawn, "<script");
	lacks(drawn, "javascript");
	lacks(drawn, "not for the browser");
	holds(drawn, "<p title=\"&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;{n}\" data-n=\"1234567\" class=\"a\">");
	holds(drawn, " 1,234,567 {}</p>");
	holds(drawn, "<a href=\"#\">Go</a>");
	holds(drawn, "<a href=\"/x/%22%27%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%26%7Bn%7D?n=1234567#%22");
	holds(drawn, "<time datetime=\"2026-11-24T10:42:00+01:00\">24\u00a0November 2026, 10:42</time>");
	holds(drawn, "<time datetime=\"2026-11-24\">24\u00a0November 2026</time>10:42");
	/* What a value holds in braces is no hole: only the message's own are filled. */
	holds(drawn, "Hello &quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;{n}, 1,234,567 times<em>so</em>Unknown");
	holds(drawn, "1,234,567 rows of");
	holds(drawn, "<i><b>1</b><b>2</b></i>");
	holds(drawn, "-</i>");
	holds(drawn, "<input><input disabled>");
	holds(drawn, "<textarea name=\"t\">\n&quot;");
}

static void test_branches(void **state)
{
	struct hostile_page page = { .f = true, .l = STR("/a?b=1&c=2"), .n = 1 };
	struct str drawn = hostile(LANGUAGE_SV, &page);

	(void)state;
	holds(drawn, "class=\"a b\"");
	holds(drawn, "<a href=\"/a?b=1&amp;c=2\">");
	holds(drawn, "<input checked><input>");
	holds(drawn, "<i>0</i>");
	holds(drawn, "1 row of");
	holds(drawn, ">24\u00a0november 2026 kl.\u00a010.42<");
}

static void test_links(void **state)
{
	static const char *const good[] = { "/", "/access/grant/7", "/a?b#c", "#main", "?lang=en", "https://example.se/", "http://a.example",
		"mailto:a@b.example", "tel:+4631" };
	static const char *const bad[] = { "", "//example.se", "/\\example.se", "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)",
		"java\tscript:alert(1)", "\x01javascript:x", "data:text/html,x", "vbscript:x", "ftp://x", "example.se", "https:/x", "/\t/example.se" };

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct out out = out_new(arena);
		hole_link(&out, str_of(good[i]));
		assert_true(str_equal(out_str(&out), str_of(good[i])));
	}
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct out out = out_new(arena);
		hole_link(&out, str_of(bad[i]));
		assert_true(str_equal(out_str(&out), STR("#")));
	}
}

static void test_numbers(void **state)
{
	static const struct { int64_t n; const char *sv, *en; } cases[] = {
		{ 0, "0", "0" }, { 999, "999", "999" }, { 3120, "3\u00a0120", "3,120" }, { -1000000, "\u22121\u00a0000\u00a0000", "\u22121,000,000" },
		{ INT64_MIN, "\u22129\u00a0223\u00a0372\u00a0036\u00a0854\u00a0775\u00a0808", "\u22129,223,372,036,854,775,808" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct out sv = out_new(arena), en = out_new(arena);
		tongue_number(&sv, LANGUAGE_SV, cases[i].n);
		tongue_number(&en, LANGUAGE_EN, cases[i].n);
		assert_true(str_equal(out_str(&sv), str_of(cases[i].sv)));
		assert_true(str_equal(out_str(&en), str_of(cases[i].en)));
	}
}

static void test_tongue(void **state)
{
	(void)state;
	assert_string_equal(tongue(LANGUAGE_SV, "In order"), "I ordning");
	assert_string_equal(tongue(LANGUAGE_EN, "In order"), "In order");
	assert_string_equal(tongue(LANGUAGE_SV, "No such message"), "No such message");
	assert_string_equal(tongue(LANGUAGE_SV, ""), "");
	assert_null(tongue(LANGUAGE_SV, NULL));
	assert_string_equal(tongue_n(LANGUAGE_SV, "{waiting} thing waits", "All that waits ({waiting})", 1), "{waiting} sak väntar");
	assert_string_equal(tongue_n(LANGUAGE_SV, "{waiting} thing waits", "All that waits ({waiting})", 0), "Allt som väntar ({waiting})");
	assert_string_equal(tongue_n(LANGUAGE_EN, "%d x", "%d xs", 2), "%d xs");
	struct out never = out_new(arena);
	tongue_instant(&never, LANGUAGE_SV, INSTANT_NEVER);
	assert_true(str_equal(out_str(&never), STR("tills vidare")));
}

static void test_frame(void **state)
{
	struct rq rq = request(LANGUAGE_SV);
	static const struct frame_item items[] = { { N_("Help"), { "/help", 5 }, true, 2 }, { N_("Log in"), { "/login", 6 }, false, 0 } };
	struct frame frame = { .organisation = STR("A & B"), .here = STR("/people?q=x"), .items = items, .n_items = 2, .has_errors = true,
		.person = STR("Siv <b>"), .role = frame_role(ROLE_MANAGER | ROLE_EMPLOYEE), .form_token = STR("t0ken") };
	struct out whole = out_new(arena);

	(void)state;
	frame_draw(&rq, &whole, &frame, STR("<h1 class=\"x\">Anna &amp; <b>Bo</b></h1><p>x</p>"));
	struct str page = out_str(&whole);
	assert_true(str_starts(page, STR("<!DOCTYPE html>\n<html lang=\"sv\">")));
	holds(page, "<title>Fel: Anna &amp; Bo – Samordna</title>");
	holds(page, "A &amp; B");
	holds(page, "Siv &lt;b&gt;</a>, chef");
	holds(page, "<a href=\"/people?q=x&amp;lang=en\" lang=\"en\" hreflang=\"en\">English</a>");
	holds(page, "<a href=\"/help\" aria-current=\"page\">Hjälp (2)</a>");
	holds(page, "name=\"token\" value=\"t0ken\"");
	lacks(page, "style=");

	lacks(page, "<details>");

	struct frame_item many[9];
	for (size_t i = 0; i < LENGTH(many); i++)
		many[i] = (struct frame_item){ "x", str_print(arena, "/%zu", i), i == 7, 0 };
	struct out wide = out_new(arena);
	frame.items = many;
	frame.n_items = LENGTH(many);
	frame_draw(&rq, &wide, &frame, STR("<p>x</p>"));
	page = out_str(&wide);
	holds(page, "<li><a href=\"/4\">x</a>");
	holds(page, "<summary aria-current=\"true\">Mer</summary><ul><li><a href=\"/5\">x</a>");
	holds(page, "<li><a href=\"/7\" aria-current=\"page\">x</a><li><a href=\"/8\">x</a></ul>");
	frame.items = items;
	frame.n_items = 2;

	struct out bare = out_new(arena);
	rq.language = LANGUAGE_EN;
	frame_draw(&rq, &bare, &(struct frame){ .title = STR("Not <here>") }, STR("<p>x</p>"));
	page = out_str(&bare);
	holds(page, "<title>Not &lt;here&gt; – Samordna</title>");
	holds(page, "<h1>Not &lt;here&gt;</h1>");
	holds(page, "href=\"/?lang=sv\"");
	lacks(page, "<nav");
}

static void test_form(void **state)
{
	static const struct field typed[] = { { { "user", 4 }, { "si\"v", 4 } }, { { "password", 8 }, { "secret", 6 } } };
	struct visit visit = { .fields = typed, .n_fields = 2 };
	struct wrongs wrongs = { 0 };
	struct out out = out_new(arena);

	(void)state;
	wrong_add(&wrongs, "user", "First");
	wrong_add(&wrongs, "user", "Second");
	struct login_page page = { .errors = wrongs_page(&wrongs), .user = field_again(&visit, &wrongs, "user", true),
		.password = field_again(&visit, &wrongs, "password", false), .form_token = STR("x") };
	login_page(&out, LANGUAGE_EN, &page);
	struct str drawn = out_str(&out);
	holds(drawn, "<li><a href=\"#user\">First</a>");
	lacks(drawn, "Second");
	lacks(drawn, "secret");
	holds(drawn, "<span class=\"error\" id=\"user-error\">First</span>");
	holds(drawn, "<input id=\"user\" name=\"user\" type=\"text\" autocomplete=\"username\" autocapitalize=\"none\" value=\"si&quot;v\""
		" aria-invalid=\"true\" aria-describedby=\"user-hint user-error\">");
	holds(drawn, "type=\"password\"");
}

static void test_embedded(void **state)
{
	const struct embedded *sheet = embedded_named(STR("samordna.css"));

	(void)state;
	assert_ptr_equal(embedded_find(sheet->path), sheet);
	assert_null(embedded_find(STR("/static/samordna.css")));
	assert_true(str_starts(sheet->path, STR("/static/samordna.")) && str_ends(sheet->path, STR(".css")));
	assert_true(sheet->bytes.len > 8000 && sheet->bytes.len <= 12 * 1024);
	assert_string_equal(embedded_named(STR("samordna.svg"))->type, "image/svg+xml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escaped), cmocka_unit_test(test_branches), cmocka_unit_test(test_links), cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_tongue), cmocka_unit_test(test_frame), cmocka_unit_test(test_form), cmocka_unit_test(test_embedded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
