/* What a refused person reads: every reason of every point in both languages, with the longest moment and the longest text of a unit, fits in one attribute, says
 * why and when whole, and is cut between two words. */
#include "floor/fixture.h"
#include "gate.h"

enum { ATTRIBUTE = 253 };

static void every_refusal_fits(void **state)
{
	static const char words[] = "Hämta dokument på kvällen, arbeta lokalt på datorn och lämna in på måndag förmiddag; fråga gruppledaren på växeln om något är "
		"så brådskande att det inte kan vänta till dess.";
	/* A Wednesday in September at ten to three: nothing is written longer. */
	struct instant when = { 1790168999000 };
	struct fixture *f = fixture_new();
	size_t n = 0, n_cut = 0;

	for (size_t i = 0; points[i]; i++)
		for (size_t k = 0; points[i]->reasons && points[i]->reasons[k]; k++)
			for (enum language language = LANGUAGE_SV; language <= LANGUAGE_EN; language++) {
				const struct reason *reason = points[i]->reasons[k];
				struct gate_verdict verdict = { .verdict = VERDICT_WAIT, .until = when, .n_reasons = 1,
					.reason = { { points[i], { .verdict = VERDICT_WAIT, .until = when, .reason = reason }, -1 } } };
				struct out bare = out_new(f->rq.arena), whole = out_new(f->rq.arena);
				gate_sentence(&bare, language, &verdict);
				/* Why and when are never cut. */
				bool is_bare = out_str(&bare).at[out_str(&bare).len - 1] == '.' && str_starts(out_str(&bare), str_of(tongue(language, reason->text)));
				if (!is_bare)
					print_message("%s is cut: %.*s\n", reason->code, STR_ARG(out_str(&bare)));
				assert_true(is_bare);
				memcpy(verdict.instead, words, MIN(sizeof words, sizeof verdict.instead - 1));
				gate_sentence(&whole, language, &verdict);
				struct str said = out_str(&whole);
				assert_true(said.len <= ATTRIBUTE && str_is_utf8(said) && str_starts(said, out_str(&bare)));
				bool is_cut = str_starts(str_from(said, said.len - strlen("…")), STR("…"));
				n_cut += is_cut;
				/* What is left is a beginning of the text, up to the end of a word. */
				if (is_cut && said.len > out_str(&bare).len + strlen("…") + 1) {
					struct str kept = str_from(said, out_str(&bare).len + 1);
					kept.len -= strlen("…");
					assert_true(str_starts(str_of(words), kept) && words[kept.len] == ' ');
				}
				n++;
			}
	assert_true(n > 20 && n_cut > 0);
	fixture_end(f);
}

/* Nothing but the want of a place keeps her out: then she stands in line for one. */
static void who_waits_for_a_place(void **state)
{
	struct gate_verdict verdict = { .verdict = VERDICT_WAIT, .n_reasons = 2, .reason = {
		{ NULL, { .verdict = VERDICT_PASS }, -1 }, { NULL, { .verdict = VERDICT_WAIT, .waits = true }, -1 } } };

	assert_true(gate_waits(&verdict));
	verdict.reason[0].opinion.verdict = VERDICT_WAIT;
	assert_false(gate_waits(&verdict));
	verdict.reason[0].lowered_by = 4;
	assert_true(gate_waits(&verdict));
	verdict.verdict = VERDICT_DENY;
	assert_false(gate_waits(&verdict));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_refusal_fits), cmocka_unit_test(who_waits_for_a_place) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
