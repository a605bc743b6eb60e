#ifndef CAPACITY_PLAN_TEST_AGAIN_H
#define CAPACITY_PLAN_TEST_AGAIN_H
/* For plan_test.c alone: what a plan keeps of the one before, held against a linear program. */

static int64_t *some_before(const struct plan_problem *p, size_t k)
{
	int64_t *before = NEW_MANY(arena, p->slots, int64_t);

	for (size_t t = 0; t < p->slots; t++)
		before[t] = below(3) ? below((int)MIN(p->types[k].members, (int64_t)9) + 1) : 0;
	return before;
}

/* The most that can be kept by any plan that serves each type the same: one more column for each (type, slot), below both what it gets and what it had. */
static double most_kept(const struct plan_problem *p, const struct plan *plan)
{
	struct model model;
	double ret;

	model_new(&model, p);
	int n = glp_get_num_cols(model.lp);
	for (int j = 1; j <= n; j++)
		glp_set_obj_coef(model.lp, j, 0);
	for (size_t k = 0; k < p->n_types; k++) {
		glp_set_row_bnds(model.lp, model.served_row[k], GLP_FX, (double)plan->served[k], (double)plan->served[k]);
		for (size_t t = 0; t < p->slots && p->types[k].before; t++) {
			if (!model.members_row[k * p->slots + t] || !p->types[k].before[t])
				continue;
			/* kept - what it gets <= 0 */
			int kept = glp_add_cols(model.lp, 1), under = row(&model);
			glp_set_row_bnds(model.lp, under, GLP_UP, 0, 0);
			glp_set_col_bnds(model.lp, kept, GLP_DB, 0, (double)p->types[k].before[t]);
			glp_set_obj_coef(model.lp, kept, 1);
			glp_set_mat_col(model.lp, kept, 1, (int[]){ 0, under }, (double[]){ 0, 1 });
			for (int j = 1; j <= n; j++) {
				int rows[16];
				double values[16];
				int entries = glp_get_mat_col(model.lp, j, rows, values);
				bool is_in = false;
				for (int i = 1; i <= entries; i++)
					is_in |= rows[i] == model.members_row[k * p->slots + t];
				if (!is_in)
					continue;
				rows[++entries] = under;
				values[entries] = -1;
				glp_set_mat_col(model.lp, j, entries, rows, values);
			}
		}
	}
	ret = best(&model);
	glp_delete_prob(model.lp);
	return ret;
}

static int64_t kept_by(const struct plan_problem *p, const struct plan *plan)
{
	int64_t *at = NEW_MANY(arena, p->n_types * p->slots + 1, int64_t), ret = 0;

	for (size_t i = 0; i < plan->n_flows; i++)
		at[plan->flows[i].type * p->slots + plan->flows[i].slot] += plan->flows[i].n;
	for (size_t k = 0; k < p->n_types; k++)
		for (size_t t = 0; t < p->slots && p->types[k].before; t++)
			ret += MIN(at[k * p->slots + t], p->types[k].before[t]);
	return ret;
}

/* Each type is served as without it, the plan passes the checker, and no linear program keeps more. */
static void as_much_as_before_is_kept(void **state)
{
	static const struct shape shapes[] = { { 4, 2, 5, 2, 6, 4, 8 }, { 6, 3, 8, 3, 9, 7, 9 }, { 3, 1, 6, 1, 20, 3, 30 }, { 8, 2, 7, 9, 5, 10, 12 } };
	int64_t more = 0;

	glp_term_out(GLP_OFF);
	for (int i = 0; i < 240; i++) {
		struct plan plain, plan;
		seed = (uint32_t)i * 104729 + 5;
		struct plan_problem p = random_problem(&shapes[i % LENGTH(shapes)]);
		solve(&p, &plain);
		for (size_t k = 0; k < p.n_types; k++)
			p.types[k].before = below(5) ? some_before(&p, k) : NULL;
		more -= kept_by(&p, &plain);
		solve(&p, &plan);
		for (size_t k = 0; k < p.n_types; k++)
			assert_int_equal(plan.served[k], plain.served[k]);
		double most = most_kept(&p, &plan);
		assert_true(!plan.has_before || (plan.is_most_as_before && plan.as_before == kept_by(&p, &plan)));
		assert_true((double)kept_by(&p, &plan) > most - 1e-5 && (double)kept_by(&p, &plan) < most + 1e-5);
		more += kept_by(&p, &plan);
		arena_empty(arena);
	}
	glp_free_env();
	printf("as before: %lld more are kept than without\n", (long long)more);
	assert_true(more > 100);           /* without it less would have been kept */
}
#endif
