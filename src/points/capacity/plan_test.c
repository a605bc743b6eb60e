/* Tests of the planner: against linear programs solved by GLPK, which knows nothing of flows, on random small problems; on
 * degenerate ones; and the checker against plans that have been damaged in one place. */
#include <glpk.h>
#include "floor/fixture.h"
#include "plan.h"
#include "plan_test_problems.h"

/* --- the other method --- */

struct model { glp_prob *lp; const struct plan_problem *p; int n_rows; int *served_row, *members_row; int class_row[PLAN_CLASSES + 1]; };

static int row(struct model *model)
{
	return glp_add_rows(model->lp, 1);
}

/* One column for each (type, gateway, slot). Rows: a type's needs, its members a slot, a gateway's places, a class's total. */
static void model_new(struct model *model, const struct plan_problem *p)
{
	size_t slots = p->slots;
	int *members = NEW_MANY(arena, p->n_types * slots + 1, int), *places = NEW_MANY(arena, p->n_gateways * slots + 1, int);

	*model = (struct model){ .lp = glp_create_prob(), .p = p, .served_row = NEW_MANY(arena, p->n_types + 1, int), .members_row = members };
	glp_set_obj_dir(model->lp, GLP_MAX);
	for (size_t i = 0; i < p->n_gateways * slots; i++) {
		places[i] = row(model);
		glp_set_row_bnds(model->lp, places[i], GLP_UP, 0, (double)p->places[i]);
	}
	for (int c = 1; c <= PLAN_CLASSES; c++) {
		model->class_row[c] = row(model);
		glp_set_row_bnds(model->lp, model->class_row[c], GLP_FR, 0, 0);
	}
	for (size_t k = 0; k < p->n_types; k++) {
		const struct plan_type *type = &p->types[k];
		model->served_row[k] = row(model);
		glp_set_row_bnds(model->lp, model->served_row[k], GLP_UP, 0, (double)(type->members * type->need));
		for (size_t t = 0; t < slots; t++) {
			if (!(p->windows[k * p->words + t / 64] >> t % 64 & 1))
				continue;
			members[k * slots + t] = row(model);
			glp_set_row_bnds(model->lp, members[k * slots + t], GLP_UP, 0, (double)type->members);
			for (size_t i = 0; i < p->sets[type->set].n; i++) {
				int column = glp_add_cols(model->lp, 1);
				int rows[] = { 0, places[p->sets[type->set].gateways[i] * slots + t], model->class_row[type->class],
					model->served_row[k], members[k * slots + t] };
				double ones[] = { 0, 1, 1, 1, 1 };
				glp_set_col_bnds(model->lp, column, GLP_LO, 0, 0);
				glp_set_mat_col(model->lp, column, 4, rows, ones);
			}
		}
	}
}

static double best(struct model *model)
{
	glp_smcp how;

	glp_init_smcp(&how);
	how.msg_lev = GLP_MSG_OFF;
	assert_int_equal(glp_simplex(model->lp, &how), 0);
	assert_int_equal(glp_get_status(model->lp), GLP_OPT);
	return glp_get_obj_val(model->lp);
}

/* The objective: the total of these types, or the extra column. */
static void aim(struct model *model, int class, int type, int column)
{
	int n = glp_get_num_cols(model->lp), rows[8];
	double values[8];

	for (int j = 1; j <= n; j++) {
		bool is_in = j == column;
		int entries = glp_get_mat_col(model->lp, j, NULL, NULL);
		if (entries == 4) {
			entries = glp_get_mat_col(model->lp, j, rows, values);
			for (int i = 1; i <= entries; i++)
				is_in |= (class && rows[i] == model->class_row[class]) || (type >= 0 && rows[i] == model->served_row[type]);
		}
		glp_set_obj_coef(model->lp, j, is_in);
	}
}

/* Max-min shares of a class, level by level: the most that all can have, then who of them can have no more. */
static void fair_shares(struct model *model, unsigned class, double *share)
{
	const struct plan_problem *p = model->p;
	bool *is_done = NEW_MANY(arena, p->n_types + 1, bool);
	int level = glp_add_cols(model->lp, 1), *link = NEW_MANY(arena, p->n_types + 1, int);

	glp_set_col_bnds(model->lp, level, GLP_DB, 0, 1);
	for (size_t k = 0; k < p->n_types; k++)          /* served - weight * level >= 0: the served row once more, with the level */
		link[k] = p->types[k].class == class ? row(model) : 0;
	for (int j = 1; j < level; j++) {
		int rows[8];
		double values[8];
		int n = glp_get_mat_col(model->lp, j, rows, values);
		for (size_t k = 0; k < p->n_types; k++)
			for (int i = 1; link[k] && i <= n; i++)
				if (rows[i] == model->served_row[k]) {
					rows[++n] = link[k];
					values[n] = 1;
					glp_set_mat_col(model->lp, j, n, rows, values);
					break;
				}
	}
	int *rows = NEW_MANY(arena, p->n_types + 1, int), n_rows = 0;
	double *values = NEW_MANY(arena, p->n_types + 1, double);
	for (size_t k = 0; k < p->n_types; k++)
		if (link[k]) {
			rows[++n_rows] = link[k];
			values[n_rows] = -(double)(p->types[k].members * p->types[k].need);
			glp_set_row_bnds(model->lp, link[k], GLP_LO, 0, 0);
		}
	glp_set_mat_col(model->lp, level, n_rows, rows, values);
	for (int left = n_rows; left > 0;) {
		glp_set_col_bnds(model->lp, level, GLP_DB, 0, 1);
		for (int j = 1; j <= glp_get_num_cols(model->lp); j++)
			glp_set_obj_coef(model->lp, j, j == level);
		double found = best(model);
		glp_set_col_bnds(model->lp, level, GLP_FX, found, found);
		int was = left;
		for (size_t k = 0; k < p->n_types; k++) {
			if (!link[k] || is_done[k])
				continue;
			double weight = (double)(p->types[k].members * p->types[k].need), least = found * weight;
			for (int j = 1; j < level; j++) {
				int in[8];
				double of[8];
				int n = glp_get_mat_col(model->lp, j, in, of);
				bool is_in = false;
				for (int i = 1; i <= n; i++)
					is_in |= in[i] == model->served_row[k];
				glp_set_obj_coef(model->lp, j, is_in);
			}
			glp_set_obj_coef(model->lp, level, 0);
			if (best(model) > least + 1e-6)
				continue;
			is_done[k] = true;
			share[k] = least;
			left--;
		}
		for (size_t k = 0; k < p->n_types; k++)
			if (is_done[k] && link[k]) {
				glp_set_row_bnds(model->lp, link[k], GLP_FR, 0, 0);
				glp_set_row_bnds(model->lp, model->served_row[k], GLP_DB, MAX(0, share[k] - 1e-9), share[k] + 1e-9);
			}
		assert_true(left < was);
	}
	for (size_t k = 0; k < p->n_types; k++)          /* the row stays, the level is nobody's any more */
		if (link[k])
			glp_set_row_bnds(model->lp, link[k], GLP_FR, 0, 0);
	glp_set_col_bnds(model->lp, level, GLP_FX, 0, 0);
}

static void compare(const struct plan_problem *p, const struct plan *plan, bool is_fair)
{
	struct model model;
	double *share = NEW_MANY(arena, p->n_types + 1, double);

	model_new(&model, p);
	for (int c = 1; c <= PLAN_CLASSES; c++) {
		if (!plan->has_class[c])
			continue;
		aim(&model, c, -1, 0);
		double most = best(&model);
		assert_true(most > (double)plan->served_class[c] - 1e-5 && most < (double)plan->served_class[c] + 1e-5);
		glp_set_row_bnds(model.lp, model.class_row[c], GLP_DB, most - 1e-7, most + 1e-7);
	}
	for (unsigned c = 1; is_fair && c <= PLAN_CLASSES; c++) {
		if (!plan->has_class[c])
			continue;
		glp_prob *copy = glp_create_prob();
		struct model one = model;
		glp_copy_prob(copy, model.lp, GLP_OFF);
		one.lp = copy;
		fair_shares(&one, c, share);
		glp_delete_prob(copy);
	}
	for (size_t k = 0; is_fair && k < p->n_types; k++) {
		double off = (double)plan->served[k] - share[k];
		if (off > 1 + 1e-5 || off < -1 - 1e-5)
			printf("type %zu: served %lld, fair %f\n", k, (long long)plan->served[k], share[k]);
		assert_true(off <= 1 + 1e-5 && off >= -1 - 1e-5);
	}
	glp_delete_prob(model.lp);
}

#include "plan_test_text.h"
#include "plan_test_again.h"

static void plans_are_those_of_linear_programs(void **state)
{
	static const struct shape shapes[] = {
		{ 4, 2, 5, 2, 6, 4, 8 }, { 6, 3, 8, 3, 9, 7, 9 }, { 3, 1, 6, 1, 20, 3, 30 }, { 8, 2, 7, 9, 5, 10, 12 }, { 5, 4, 9, 2, 40, 6, 50 },
	};

	glp_term_out(GLP_OFF);
	for (int i = 0; i < 300; i++) {
		struct plan plan;
		seed = (uint32_t)i * 7919 + 1;
		struct plan_problem problem = random_problem(&shapes[i % LENGTH(shapes)]);
		solve(&problem, &plan);
		compare(&problem, &plan, true);
		arena_empty(arena);
	}
	glp_free_env();
}

static void larger_totals_are_those_of_linear_programs(void **state)
{
	static const struct shape shape = { 24, 4, 60, 5, 300, 8, 400 };

	glp_term_out(GLP_OFF);
	for (int i = 0; i < 6; i++) {
		struct plan plan;
		seed = (uint32_t)i + 77;
		struct plan_problem problem = random_problem(&shape);
		solve(&problem, &plan);
		compare(&problem, &plan, false);
		arena_empty(arena);
	}
	glp_free_env();
}

/* --- damaged plans --- */

/* The text without line n (-1), or with line n twice. */
static struct str with_line(struct str text, size_t n, int times)
{
	struct out out = out_new(arena);

	for (size_t i = 0; text.at && text.len; i++) {
		struct str line = str_cut(&text, '\n');
		for (int j = 0; j < (i == n ? times : 1); j++) {
			out_put(&out, line);
			out_byte(&out, '\n');
		}
	}
	return out_str(&out);
}

/* The text with one more in the number that begins at i. */
static struct str one_more(struct str text, size_t i)
{
	struct out out = out_new(arena);
	size_t to = i;
	int64_t n;

	while (to < text.len && text.at[to] >= '0' && text.at[to] <= '9')
		to++;
	assert_int_equal(str_number((struct str){ text.at + i, to - i }, INT64_MAX, &n), OK);
	out_put(&out, str_first(text, i));
	out_int(&out, n + 1);
	out_put(&out, str_from(text, to));
	return out_str(&out);
}

static void damaged_plans_are_found(void **state)
{
	static const struct shape shape = { 6, 2, 6, 3, 6, 4, 9 };
	static const char *const numbers[] = { "\"n\":", "\"cut\":", "\"served\":", "\"slot\":", "\"1\":", "\"2\":" };
	size_t n_lines = 0, n_numbers = 0;

	for (int i = 0; i < 12; i++) {
		struct plan plan;
		seed = (uint32_t)i + 4000;
		struct plan_problem problem = random_problem(&shape);
		solve(&problem, &plan);
		struct str text = written(&problem, &plan, true), rest = text;
		for (size_t n = 0; rest.at && rest.len; n++, n_lines++) {
			(void)str_cut(&rest, '\n');
			assert_false(passes(&problem, with_line(text, n, 0)));
			if (n > 0)
				assert_false(passes(&problem, with_line(text, n, 2)));
		}
		for (size_t at = 0; at < text.len; at++)
			for (size_t j = 0; j < LENGTH(numbers); j++) {
				size_t len = strlen(numbers[j]);
				if (!str_starts(str_from(text, at), str_of(numbers[j])) || text.at[at + len] == '{')
					continue;
				assert_false(passes(&problem, one_more(text, at + len)));
				n_numbers++;
			}
		/* Cut off anywhere but at the end of a line: no JSON; and the seats alone may go. */
		assert_false(passes(&problem, str_first(text, text.len / 2)));
		assert_true(passes(&problem, written(&problem, &plan, false)));
		arena_empty(arena);
	}
	assert_true(n_lines > 200 && n_numbers > 200);
	assert_false(passes(&(struct plan_problem){ .slots = 1, .words = 1 }, STR("")));
}

/* A plan that is feasible and well formed, and serves less than it could: with certificates that agree with it. */
static void lesser_plans_are_found(void **state)
{
	struct plan_problem problem;

	assert_int_equal(problem_read(rq, STR("{\"slots\":2,\"gateways\":[{\"id\":\"g\",\"places\":[1,1]}],\"types\":["
		"{\"id\":\"a\",\"class\":1,\"need\":1,\"members\":1,\"windows\":[[0,2]],\"gateways\":[\"g\"]},"
		"{\"id\":\"b\",\"class\":2,\"need\":1,\"members\":1,\"windows\":[[0,1]],\"gateways\":[\"g\"]}]}"), &problem), OK);
	assert_true(passes(&problem, STR("{\"served\":{\"1\":1,\"2\":1},\"seconds\":0}\n{\"certificate\":{\"classes\":[1],\"cut\":1,\"served\":1}}\n"
		"{\"certificate\":{\"classes\":[1,2],\"cut\":2,\"served\":2}}\n{\"flow\":{\"type\":\"a\",\"gateway\":\"g\",\"slot\":1,\"n\":1}}\n"
		"{\"flow\":{\"type\":\"b\",\"gateway\":\"g\",\"slot\":0,\"n\":1}}\n")));
	assert_false(passes(&problem, STR("{\"served\":{\"1\":1,\"2\":0},\"seconds\":0}\n{\"certificate\":{\"classes\":[1],\"cut\":1,\"served\":1}}\n"
		"{\"certificate\":{\"classes\":[1,2],\"cut\":1,\"served\":1}}\n{\"flow\":{\"type\":\"a\",\"gateway\":\"g\",\"slot\":0,\"n\":1}}\n")));
	assert_false(passes(&problem, STR("{\"served\":{\"1\":0,\"2\":1},\"seconds\":0}\n{\"certificate\":{\"classes\":[1],\"cut\":0,\"served\":0}}\n"
		"{\"certificate\":{\"classes\":[1,2],\"cut\":1,\"served\":1}}\n{\"flow\":{\"type\":\"b\",\"gateway\":\"g\",\"slot\":0,\"n\":1}}\n")));
}

/* Two alike, and all to one of them: as many are served, but it is not fair. */
static void unfair_plans_are_told(void **state)
{
	struct plan_problem problem;

	assert_int_equal(problem_read(rq, STR("{\"slots\":2,\"gateways\":[{\"id\":\"g\",\"places\":[9,0]}],\"types\":["
		"{\"id\":\"a\",\"class\":3,\"need\":1,\"members\":9,\"windows\":[[0,2]],\"gateways\":[\"g\"]},"
		"{\"id\":\"b\",\"class\":3,\"need\":1,\"members\":9,\"windows\":[[0,1]],\"gateways\":[\"g\"]}]}"), &problem), OK);
	for (int a = 1; a < 9; a++) {
		struct str text = str_print(arena, "{\"served\":{\"3\":9},\"seconds\":0}\n{\"certificate\":{\"classes\":[3],\"cut\":9,\"served\":9}}\n"
			"{\"flow\":{\"type\":\"a\",\"gateway\":\"g\",\"slot\":0,\"n\":%d}}\n{\"flow\":{\"type\":\"b\",\"gateway\":\"g\",\"slot\":0,\"n\":%d}}\n",
			a, 9 - a);
		assert_true(passes(&problem, text));
		assert_int_equal(is_fair, a >= 4 && a <= 5);
	}
}

/* --- older debt --- */

/* A debt of the class is a class of its own that comes first: the totals of every (class, debt) are those of that problem, whose plans are held
 * against linear programs above. The class as a whole gets what it got without debts. */
static void older_debt_comes_first(void **state)
{
	struct shape shape = { 5, 2, 7, 2, 4, 4, 6 };
	int differs = 0;

	seed = 99;
	for (int round = 0; round < 300; round++) {
		struct plan_problem plain = random_problem(&shape), debts = plain, classes = plain;
		struct plan a, b, c;
		debts.types = NEW_MANY(arena, plain.n_types, struct plan_type);
		classes.types = NEW_MANY(arena, plain.n_types, struct plan_type);
		memcpy(debts.types, plain.types, plain.n_types * sizeof plain.types[0]);
		memcpy(classes.types, plain.types, plain.n_types * sizeof plain.types[0]);
		for (size_t k = 0; k < plain.n_types; k++) {
			debts.types[k].debt = (uint8_t)below(4);
			classes.types[k].class = (uint8_t)((plain.types[k].class - 1) * 4 + 4 - debts.types[k].debt);
		}
		solve(&plain, &a);
		solve(&debts, &b);
		solve(&classes, &c);
		for (int class = 1; class <= 2; class++) {
			int64_t sum = 0;
			for (int debt = 0; debt < 4; debt++) {
				int64_t level = 0;
				for (size_t k = 0; k < plain.n_types; k++)
					level += plain.types[k].class == class && debts.types[k].debt == debt ? b.served[k] : 0;
				assert_int_equal(level, c.served_class[(class - 1) * 4 + 4 - debt]);
				sum += level;
			}
			assert_int_equal(sum, a.served_class[class]);
		}
		struct plan_verdict verdict = { 0 };
		assert_int_equal(plan_check(rq, &debts, written(&debts, &a, false), &verdict), OK);
		assert_false(verdict.has_fault);
		differs += verdict.is_unfair;
		arena_empty(arena);
	}
	assert_true(differs > 30);         /* the checker sees a plan that was made without the debts */
}

/* --- whole needs --- */

/* The most that can be served when each member gets her whole need or nothing: tries everything. */
struct trying { const struct plan_problem *p; int64_t left[64], best; struct { uint32_t type; } member[16]; int n; };

static void try_slot(struct trying *trying, int i, size_t slot, int64_t need, int64_t served);
static void try_member(struct trying *trying, int i, int64_t served)
{
	if (i == trying->n) {
		trying->best = MAX(trying->best, served);
		return;
	}
	try_member(trying, i + 1, served);
	try_slot(trying, i, 0, trying->p->types[trying->member[i].type].need, served);
}

static void try_slot(struct trying *trying, int i, size_t slot, int64_t need, int64_t served)
{
	const struct plan_problem *p = trying->p;
	uint32_t k = trying->member[i].type;

	if (need == 0) {
		try_member(trying, i + 1, served + p->types[k].need);
		return;
	}
	if (slot == p->slots)
		return;
	try_slot(trying, i, slot + 1, need, served);
	if (!(p->windows[k * p->words] >> slot & 1))
		return;
	for (size_t g = 0; g < p->sets[p->types[k].set].n; g++) {
		int64_t *left = &trying->left[p->sets[p->types[k].set].gateways[g] * p->slots + slot];
		if (*left == 0)
			continue;
		--*left;
		try_slot(trying, i, slot + 1, need - 1, served);
		++*left;
	}
}

static int64_t most_by_trying(const struct plan_problem *p)
{
	struct trying *trying = NEW(arena, struct trying);

	trying->p = p;
	for (size_t i = 0; i < p->n_gateways * p->slots; i++)
		trying->left[i] = p->places[i];
	for (uint32_t k = 0; k < p->n_types; k++)
		for (int64_t m = 0; m < p->types[k].members && trying->n < 16; m++)
			trying->member[trying->n++].type = k;
	try_member(trying, 0, 0);
	return trying->best;
}

static void whole_needs_are_whole_or_nothing(void **state)
{
	struct shape shape = { 4, 1, 3, 1, 2, 3, 3 };
	int64_t best = 0, served = 0, bound = 0;

	seed = 4711;
	for (int round = 0; round < 400; round++) {
		struct plan_problem p = random_problem(&shape);
		struct plan plan;
		for (size_t k = 0; k < p.n_types; k++)
			p.types[k].is_whole = true;
		solve(&p, &plan);
		int64_t most = most_by_trying(&p);
		for (size_t k = 0; k < p.n_types; k++)
			assert_int_equal(plan.served[k] % p.types[k].need, 0);
		assert_true(plan.served_class[1] <= most && most <= plan.proofs[0].cut);
		best += most;
		served += plan.served_class[1];
		bound += plan.proofs[0].cut;
		arena_empty(arena);
	}
	printf("whole needs: %lld served, %lld can be, bound %lld\n", (long long)served, (long long)best, (long long)bound);
	assert_true(served * 100 >= best * 90);
	/* Mixed: what comes before the first whole class is served as well as can be, and what a whole type gives up goes to others. */
	shape = (struct shape){ 6, 3, 8, 3, 5, 5, 5 };
	for (int round = 0; round < 300; round++) {
		struct plan_problem p = random_problem(&shape);
		struct plan plain, plan;
		solve(&p, &plain);
		for (size_t k = 0; k < p.n_types; k++)
			p.types[k].is_whole = p.types[k].class > 1 && below(2);
		solve(&p, &plan);
		assert_int_equal(plan.served_class[1], plain.served_class[1]);
		for (size_t i = 0; i < plan.n_proofs; i++)
			assert_true(plan.proofs[i].cut == plain.proofs[i].cut && plan.proofs[i].served <= plan.proofs[i].cut);
		arena_empty(arena);
	}
}

/* A gap that is not told, a member with half of her need, a cut that is none: found. */
static void lies_about_whole_needs_are_found(void **state)
{
	struct plan_problem problem;
	static const struct { const char *served, *proof, *flows; bool passes; } plans[] = {
		{ "2", "\"cut\":3,\"served\":2,\"gap\":1,\"full\":[{\"gateway\":\"g\",\"slots\":[[0,2]]}]", "2", true },
		{ "2", "\"cut\":3,\"served\":2,\"full\":[{\"gateway\":\"g\",\"slots\":[[0,2]]}]", "2", false },
		{ "2", "\"cut\":2,\"served\":2,\"full\":[{\"gateway\":\"g\",\"slots\":[[0,2]]}]", "2", false },
		{ "2", "\"cut\":2,\"served\":2,\"full\":[{\"gateway\":\"g\",\"slots\":[[0,1]]}]", "2", false },
		{ "2", "\"cut\":5,\"served\":2,\"gap\":3,\"full\":[]", "2", false },
		{ "2", "\"cut\":4,\"served\":2,\"gap\":2,\"full\":[]", "2", true },
		{ "3", "\"cut\":3,\"served\":3,\"gap\":0,\"full\":[{\"gateway\":\"g\",\"slots\":[[0,2]]}]", "3", false },
	};

	assert_int_equal(problem_read(rq, STR("{\"slots\":2,\"gateways\":[{\"id\":\"g\",\"places\":[2,1]}],\"types\":["
		"{\"id\":\"a\",\"class\":3,\"need\":2,\"members\":2,\"windows\":[[0,2]],\"gateways\":[\"g\"],\"whole\":true}]}"), &problem), OK);
	for (size_t i = 0; i < LENGTH(plans); i++) {
		struct str text = str_print(arena, "{\"served\":{\"3\":%s},\"seconds\":0}\n{\"certificate\":{\"classes\":[3],%s}}\n"
			"{\"flow\":{\"type\":\"a\",\"gateway\":\"g\",\"slot\":0,\"n\":%s}}\n{\"flow\":{\"type\":\"a\",\"gateway\":\"g\",\"slot\":1,\"n\":1}}\n",
			plans[i].served, plans[i].proof, plans[i].flows[0] == '3' ? "2" : "1");
		assert_int_equal(passes(&problem, text), plans[i].passes);
	}
}

/* --- at the edges --- */

static struct plan_problem read_text(const char *format, ...) CHECKED_FORMAT(1, 2);
static struct plan_problem read_text(const char *format, ...)
{
	char room[4096];
	struct plan_problem problem = { 0 };
	va_list list;

	va_start(list, format);
	vsnprintf(room, sizeof room, format, list);
	va_end(list);
	assert_int_equal(problem_read(rq, str_copy(arena, str_of(room)), &problem), OK);
	return problem;
}

static void edges(void **state)
{
	struct plan_problem problem;
	struct plan plan;

	problem = read_text("{\"slots\":1,\"gateways\":[],\"types\":[]}");
	solve(&problem, &plan);
	assert_int_equal(plan.n_proofs, 0);

	/* Nobody has a place. */
	problem = read_text("{\"slots\":3,\"gateways\":[{\"id\":\"g\",\"places\":[0,0,0]}],\"types\":[{\"id\":\"a\",\"class\":9,\"need\":2,"
		"\"members\":10000000,\"windows\":[[0,1],[1,3]],\"gateways\":[\"g\"]}]}");
	solve(&problem, &plan);
	assert_int_equal(plan.served_class[9], 0);
	assert_true(plan.has_class[9] && plan.n_flows == 0);

	/* More need than windows, more places than people. */
	problem = read_text("{\"slots\":3,\"gateways\":[{\"id\":\"g\",\"places\":[9,9,99999999999999999999]}],\"types\":[{\"id\":\"a\",\"class\":1,"
		"\"need\":99999999999,\"members\":7,\"windows\":[[1,3]],\"gateways\":[\"g\"]}]}");
	solve(&problem, &plan);
	assert_int_equal(plan.served_class[1], 14);

	/* Everybody can stay: from slot to slot, in the morning or after the break. */
	problem = read_text("{\"slots\":9,\"gateways\":[{\"id\":\"g\",\"places\":[5,5,5,5,0,5,5,5,5]}],\"types\":[{\"id\":\"a\",\"class\":1,\"need\":4,"
		"\"members\":10,\"windows\":[[0,9]],\"gateways\":[\"g\"]}]}");
	solve(&problem, &plan);
	assert_int_equal(plan.served_class[1], 40);
	assert_int_equal(plan.starts, 10);
	assert_int_equal(plan.starts_least, 10);

	/* Two need twice as much as one: shares, not numbers, are alike. */
	problem = read_text("{\"slots\":1,\"gateways\":[{\"id\":\"g\",\"places\":[9]}],\"types\":["
		"{\"id\":\"a\",\"class\":1,\"need\":1,\"members\":6,\"windows\":[[0,1]],\"gateways\":[\"g\"]},"
		"{\"id\":\"b\",\"class\":1,\"need\":1,\"members\":12,\"windows\":[[0,1]],\"gateways\":[\"g\"]}]}");
	solve(&problem, &plan);
	assert_int_equal(plan.served[0], 3);
	assert_int_equal(plan.served[1], 6);
}

/* Days of 92 and 100 quarters, the longest day, every class, ten million alike. */
static void days(void **state)
{
	static const struct shape shapes[] = { { 92, 4, 40, 9, 2000, 12, 900 }, { 100, 4, 40, 9, 2000, 12, 900 }, { 1000, 3, 30, 9, 1000, 40, 300 },
		{ 64, 2, 30, 5, 10000000, 9, 40000000 }, { 65, 6, 50, 2, 9, 70, 20 } };

	for (size_t i = 0; i < LENGTH(shapes); i++) {
		struct plan plan, again;
		seed = (uint32_t)i + 99;
		struct plan_problem problem = random_problem(&shapes[i]);
		assert_int_equal(plan_solve(arena, &problem, true, &plan), OK);
		assert_true(passes(&problem, written(&problem, &plan, false)) && is_fair);
		assert_int_equal(plan_solve(arena, &problem, true, &again), OK);
		assert_int_equal(plan.n_flows, again.n_flows);
		assert_true(plan.n_flows > 0);
		for (size_t j = 0; j < plan.n_flows; j++) {
			const struct plan_flow *x = &plan.flows[j], *y = &again.flows[j];
			assert_true(x->type == y->type && x->gateway == y->gateway && x->slot == y->slot && x->n == y->n && plan_member(x, 0) == plan_member(y, 0));
		}
		arena_empty(arena);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(damaged_plans_are_found, begin, end),
	cmocka_unit_test_setup_teardown(lesser_plans_are_found, begin, end),
	cmocka_unit_test_setup_teardown(unfair_plans_are_told, begin, end),
	cmocka_unit_test_setup_teardown(older_debt_comes_first, begin, end),
		cmocka_unit_test_setup_teardown(whole_needs_are_whole_or_nothing, begin, end),
		cmocka_unit_test_setup_teardown(lies_about_whole_needs_are_found, begin, end),
		cmocka_unit_test_setup_teardown(edges, begin, end),
	cmocka_unit_test_setup_teardown(days, begin, end),
	cmocka_unit_test_setup_teardown(as_much_as_before_is_kept, begin, end),
	cmocka_unit_test_setup_teardown(plans_are_those_of_linear_programs, begin, end),
	cmocka_unit_test_setup_teardown(larger_totals_are_those_of_linear_programs, begin, end),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
