#ifndef CAPACITY_PLAN_TEST_TEXT_H
#define CAPACITY_PLAN_TEST_TEXT_H
/* For plan_test.c alone: a plan written as the text that the checker reads, and checked. */

/* --- a plan as text, for the checker --- */

static struct str written(const struct plan_problem *p, const struct plan *plan, bool is_dealt)
{
	struct out out = out_new(arena);
	const char *comma = "";

	out_text(&out, "{\"served\":{");
	for (int c = 1; c <= PLAN_CLASSES; c++)
		if (plan->has_class[c]) {
			out_print(&out, "%s\"%d\":%lld", comma, c, (long long)plan->served_class[c]);
			comma = ",";
		}
	out_text(&out, "},\"seconds\":0.1}\n");
	for (size_t i = 0; i < plan->n_proofs; i++) {
		out_text(&out, "{\"certificate\":{\"classes\":[");
		for (size_t j = 0; j <= i; j++)
			out_print(&out, "%s%d", j ? "," : "", plan->proofs[j].class);
		out_print(&out, "],\"cut\":%lld,\"served\":%lld,\"gap\":%lld,\"full\":[", (long long)plan->proofs[i].cut, (long long)plan->proofs[i].served,
		          (long long)(plan->proofs[i].cut - plan->proofs[i].served));
		for (size_t g = 0, any = 0; g < p->n_gateways; g++)
			for (size_t t = 0; t < p->slots; t++)
				if (plan->proofs[i].full[g * p->words + t / 64] >> t % 64 & 1)
					out_print(&out, "%s{\"gateway\":\"%.*s\",\"slots\":[[%zu,%zu]]}", any++ ? "," : "", (int)p->gateway_ids[g].len, p->gateway_ids[g].at, t, t + 1);
		out_text(&out, "]}}\n");
	}
	for (size_t i = 0; i < plan->n_flows; i++) {
		const struct plan_flow *f = &plan->flows[i];
		const char *type = p->types[f->type].id.at, *gateway = p->gateway_ids[f->gateway].at;
		int type_len = (int)p->types[f->type].id.len, gateway_len = (int)p->gateway_ids[f->gateway].len;
		out_print(&out, "{\"flow\":{\"type\":\"%.*s\",\"gateway\":\"%.*s\",\"slot\":%u,\"n\":%lld}}\n", type_len, type, gateway_len, gateway,
		          f->slot, (long long)f->n);
		for (int64_t j = 0; is_dealt && j < f->n; j++)
			out_print(&out, "{\"seat\":{\"type\":\"%.*s\",\"member\":%lld,\"gateway\":\"%.*s\",\"slot\":%u}}\n", type_len, type,
			          (long long)plan_member(f, j), gateway_len, gateway, f->slot);
	}
	return out_str(&out);
}

static bool is_fair;            /* what the last check told besides */
static bool passes(const struct plan_problem *p, struct str text)
{
	struct plan_verdict verdict = { 0 };

	assert_int_equal(plan_check(rq, p, text, &verdict), OK);
	if (verdict.has_fault)
		assert_true(verdict.fault[0]);
	is_fair = !verdict.is_unfair;
	return !verdict.has_fault;
}

/* Counts the starts from the seats alone. */
static int64_t count_starts(const struct plan_problem *p, const struct plan *plan)
{
	int64_t starts = 0, from = 0;
	int64_t *first = NEW_MANY(arena, p->n_types + 1, int64_t);

	for (size_t k = 0; k < p->n_types; k++) {
		first[k] = from;
		from += p->types[k].members;
	}
	uint8_t *is_there = NEW_MANY(arena, (size_t)from * (p->slots + 1) + 1, uint8_t);
	for (size_t i = 0; i < plan->n_flows; i++)
		for (int64_t j = 0; j < plan->flows[i].n; j++)
			is_there[(size_t)(first[plan->flows[i].type] + plan_member(&plan->flows[i], j)) * p->slots + plan->flows[i].slot] = 1;
	for (size_t i = 0; i < (size_t)from; i++)
		for (size_t t = 0; t < p->slots; t++)
			starts += is_there[i * p->slots + t] && !(t && is_there[i * p->slots + t - 1]);
	return starts;
}

static void solve(const struct plan_problem *p, struct plan *plan)
{
	assert_int_equal(plan_solve(arena, p, true, plan), OK);
	struct str text = written(p, plan, true);
	struct plan_verdict verdict = { 0 };
	assert_int_equal(plan_check(rq, p, text, &verdict), OK);
	if (verdict.has_fault)
		printf("%s\n", verdict.fault);
	assert_false(verdict.has_fault || verdict.is_unfair);
	assert_true(plan->starts >= plan->starts_least);
	if (p->n_types && p->types[0].members < 1000)
		assert_int_equal(plan->starts, count_starts(p, plan));
}
#endif
