/* Tests of papers: what a PDF must hold, whatever text goes in. What pdftotext reads of one stands in tests/incidents_law.sh. */
#include "floor/fixture.h"
#include "floor/paper.h"

static bool holds(struct str text, const char *word)
{
	return memmem(text.at, text.len, word, strlen(word)) != NULL;
}

static struct paper paper_of(struct fixture *f, struct paper_block *blocks, size_t n)
{
	return (struct paper){ .title = STR("Lägesrapport"), .author = STR("Övning"), .footer = STR("Fot"), .language = LANGUAGE_SV, .made_at = f->rq.now,
		.blocks = blocks, .n = n, .most_pages = 2 };
}

static void one_page_tagged(void **state)
{
	struct fixture *f = fixture_new();
	struct paper_block blocks[] = { { PAPER_TITLE, STR("Lägesrapport, år 2026") }, { PAPER_HEADING, STR("Åtgärder") }, { PAPER_ROW, STR("Inträffade"), STR("24 november") },
		{ PAPER_TEXT, STR("En rad\nen till") }, { PAPER_SMALL, STR("liten") }, { PAPER_BOX, STR("Vad har hänt?"), .lines = 3 } };
	struct paper paper = paper_of(f, blocks, LENGTH(blocks));
	struct out first = out_new(f->arena), second = out_new(f->arena);
	int pages = 0;

	if (!paper_is_on())
		skip();
	assert_int_equal(paper_write(&f->rq, &paper, &first, &pages), OK);
	assert_int_equal(pages, 1);
	struct str pdf = out_str(&first);
	assert_true(str_starts(pdf, STR("%PDF-1.4")) && str_ends(pdf, STR("%%EOF\n")) && pdf.len < 100 * 1024);
	static const char *const wanted[] = { "/Lang (sv)", "/DisplayDocTitle true", "/StructTreeRoot", "/S /Document", "/S /H1", "/S /H2", "/S /P", "/Marked true", "/ToUnicode", "/FontFile2",
		"/CreationDate" };
	for (size_t i = 0; i < LENGTH(wanted); i++)
		if (!holds(pdf, wanted[i]))
			print_message("lacks %s\n", wanted[i]), assert_true(false);
	assert_int_equal(paper_write(&f->rq, &paper, &second, NULL), OK);
	assert_true(str_equal(pdf, out_str(&second)));                       /* the same paper, the same bytes */
	fixture_end(f);
}

static void hostile_texts(void **state)
{
	struct fixture *f = fixture_new();
	char *word = NEW_MANY(f->arena, 5000, char);
	memset(word, 'W', 5000);
	struct str texts[] = { STR(""), STR("\xff\xfe"), STR("\x01\x1b[31m)(\\"), { word, 400 }, STR("汉字 😀 \xe2\x80\xae"), STR("\n\n\n"), STR("   "), STR("é\xcc\x81") };
	struct paper_block blocks[LENGTH(texts) * 2];
	size_t n = 0;

	if (!paper_is_on())
		skip();
	for (size_t i = 0; i < LENGTH(texts); i++) {
		blocks[n++] = (struct paper_block){ PAPER_TEXT, texts[i] };
		blocks[n++] = (struct paper_block){ PAPER_ROW, texts[i], texts[i] };
	}
	struct paper paper = paper_of(f, blocks, n);
	struct out out = out_new(f->arena);
	paper.title = texts[2];
	paper.most_pages = 3;
	assert_int_equal(paper_write(&f->rq, &paper, &out, NULL), OK);
	assert_true(str_starts(out_str(&out), STR("%PDF-1.4")));
	fixture_end(f);
}

static void too_long_is_refused_whole(void **state)
{
	struct fixture *f = fixture_new();
	struct paper_block blocks[300];
	struct out out = out_new(f->arena);
	int pages = 0;

	if (!paper_is_on())
		skip();
	for (size_t i = 0; i < LENGTH(blocks); i++)
		blocks[i] = (struct paper_block){ PAPER_ROW, STR("Etikett"), STR("värde som är några ord långt och går över en rad om det får gå så långt som det vill på papperet") };
	struct paper paper = paper_of(f, blocks, LENGTH(blocks));
	assert_int_equal(paper_write(&f->rq, &paper, &out, &pages), ERR_FULL);
	assert_int_equal(out_str(&out).len, 0);
	fixture_forgive(f);
	paper.most_pages = 20;
	assert_int_equal(paper_write(&f->rq, &paper, &out, &pages), OK);
	assert_true(pages > 5 && pages <= 20);
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(one_page_tagged), cmocka_unit_test(hostile_texts), cmocka_unit_test(too_long_is_refused_whole) };
	when_start();
	paper_load();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
