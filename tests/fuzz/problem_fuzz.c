/* Any bytes as a capacity problem; what is accepted is kept within its limits, is planned, and its plan must pass its own proof.
 * Bytes behind a NUL are a plan for that problem: the checker may say what it likes of it, but must not fall. */
#include "points/capacity/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void check_problem(const struct plan_problem *p)
{
	int64_t members = 0;

	assert(p->slots >= 1 && p->slots <= PLAN_SLOTS_MOST && p->words == (p->slots + 63) / 64);
	for (size_t i = 0; i < p->n_gateways * p->slots; i++)
		assert(p->places[i] >= 0);
	for (size_t k = 0; k < p->n_types; k++) {
		const struct plan_type *type = &p->types[k];
		uint64_t any = 0;
		assert(type->class >= 1 && type->class <= PLAN_CLASSES && type->need >= 1 && type->members >= 1 && type->id.len);
		assert(type->set < p->n_sets && p->sets[type->set].n >= 1);
		for (size_t w = 0; w < p->words; w++)
			any |= p->windows[k * p->words + w];
		assert(any && (p->slots % 64 == 0 || p->windows[k * p->words + p->words - 1] >> p->slots % 64 == 0));
		for (size_t i = 0; i < p->sets[type->set].n; i++)
			assert(p->sets[type->set].gateways[i] < p->n_gateways);
		members += type->members;
	}
	assert(members < 1000000000);
}

static void try(struct arena *arena, const uint8_t *at, size_t n)
{
	static const struct actor nobody = { .person = -1 };
	struct trouble trouble = { 0 };
	struct rq rq = { .arena = arena, .actor = &nobody, .language = LANGUAGE_EN, .trouble = &trouble };
	struct str text = { (const char *)at, n }, behind = { 0 };
	struct plan_problem problem;
	struct plan_verdict verdict;
	struct plan plan;

	size_t nul = str_find(text, '\0');
	if (nul < n) {
		behind = str_from(text, nul + 1);
		text.len = nul;
	}
	ARENA_GUARD(arena)
		return;
	enum err err = problem_read(&rq, text, &problem);
	assert(err == OK || (err == ERR_INVALID && trouble.text[0] && !strchr(trouble.text, '\n')));
	if (err == OK) {
		check_problem(&problem);
		err = plan_solve(arena, &problem, true, &plan);
		assert(err == OK);
		err = plan_check(&rq, &problem, behind, &verdict);
		assert(err == OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	struct arena *arena = arena_new((size_t)1 << 30);

	try(arena, at, n);
	arena_end(arena);
	return 0;
}
