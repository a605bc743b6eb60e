/* `capacity solve` and `capacity check`: the planner at the command line. Pure: a file in, lines out, nothing kept.
 *
 * Both write NDJSON whether --json is there or not: a plan is for a program to read. Nothing is written before all of the plan is
 * found and has passed its own proof. `seconds` is the planning alone, without reading and writing; all else is the same for the same file.
 *
 * SECURITY: the files are foreign; problem.c and plan_check.c say what is believed of them. */
#include "capacity.h"
#include "plan.h"
#include "base/input.h"
#include "base/world.h"

#define FILE_MOST ((size_t)4 << 30)

static void put_first(struct out *out, const struct plan *plan, int64_t ms)
{
	const char *comma = "";

	out_text(out, "{\"served\":{");
	for (int c = 1; c <= PLAN_CLASSES; c++)
		if (plan->has_class[c]) {
			out_print(out, "%s\"%d\":%lld", comma, c, (long long)plan->served_class[c]);
			comma = ",";
		}
	out_print(out, "},\"seconds\":%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
	if (plan->has_before)
		out_print(out, ",\"as_before\":%lld,\"as_before_is_most\":%s", (long long)plan->as_before, plan->is_most_as_before ? "true" : "false");
	if (plan->is_dealt)
		out_print(out, ",\"starts\":%lld,\"starts_least\":%lld", (long long)plan->starts, (long long)plan->starts_least);
	out_text(out, "}\n");
}

/* The places that hold the prefix back: by gateway, half-open stretches of slots. */
static void put_full(struct out *out, const struct plan_problem *problem, const struct plan_proof *proof)
{
	const char *comma = "";

	for (size_t g = 0; g < problem->n_gateways; g++) {
		const uint64_t *bits = proof->full + g * problem->words;
		const char *inner = "";
		bool is_any = false;
		for (size_t t = 0, from; t < problem->slots; t++) {
			if (!(bits[t / 64] >> t % 64 & 1))
				continue;
			if (!is_any) {
				out_print(out, "%s{\"gateway\":", comma);
				out_json(out, problem->gateway_ids[g]);
				out_text(out, ",\"slots\":[");
			}
			is_any = true;
			for (from = t; t + 1 < problem->slots && bits[(t + 1) / 64] >> (t + 1) % 64 & 1; t++)
				;
			out_print(out, "%s[%zu,%zu]", inner, from, t + 1);
			inner = comma = ",";
		}
		if (is_any)
			out_text(out, "]}");
	}
}

static void put_proofs(struct out *out, const struct plan_problem *problem, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_proofs; i++) {
		const struct plan_proof *proof = &plan->proofs[i];
		out_text(out, "{\"certificate\":{\"classes\":[");
		for (size_t j = 0; j <= i; j++)
			out_print(out, "%s%d", j ? "," : "", plan->proofs[j].class);
		out_print(out, "],\"cut\":%lld,\"served\":%lld,", (long long)proof->cut, (long long)proof->served);
		if (proof->has_whole)
			out_print(out, "\"gap\":%lld,", (long long)(proof->cut - proof->served));
		out_text(out, "\"full\":[");
		put_full(out, problem, proof);
		out_text(out, "]}}\n");
	}
}

/* Ids as they stand in JSON, made once. */
static struct str *quoted(struct arena *arena, size_t n, const struct str *first, size_t stride)
{
	struct str *ret = NEW_MANY(arena, n + 1, struct str);

	for (size_t i = 0; i < n; i++) {
		struct out out = out_new(arena);
		out_json(&out, *(const struct str *)(const void *)((const char *)first + i * stride));
		ret[i] = out_str(&out);
	}
	return ret;
}

static void put_flows(struct rq *rq, struct out *out, const struct plan_problem *p, const struct plan *plan)
{
	struct str *types = quoted(rq->arena, p->n_types, p->n_types ? &p->types[0].id : NULL, sizeof p->types[0]);
	struct str *gateways = quoted(rq->arena, p->n_gateways, p->gateway_ids, sizeof p->gateway_ids[0]);

	for (size_t i = 0; i < plan->n_flows; i++) {
		const struct plan_flow *flow = &plan->flows[i];
		out_text(out, "{\"flow\":{\"type\":");
		out_put(out, types[flow->type]);
		out_text(out, ",\"gateway\":");
		out_put(out, gateways[flow->gateway]);
		out_text(out, ",\"slot\":");
		out_int(out, flow->slot);
		out_text(out, ",\"n\":");
		out_int(out, flow->n);
		out_text(out, "}}\n");
		for (int64_t j = 0; plan->is_dealt && j < flow->n; j++) {
			out_text(out, "{\"seat\":{\"type\":");
			out_put(out, types[flow->type]);
			out_text(out, ",\"member\":");
			out_int(out, plan_member(flow, j));
			out_text(out, ",\"gateway\":");
			out_put(out, gateways[flow->gateway]);
			out_text(out, ",\"slot\":");
			out_int(out, flow->slot);
			out_text(out, "}}\n");
		}
	}
}

enum err capacity_solve(struct rq *rq, const struct args *args, struct out *ret)
{
	struct plan_problem problem;
	struct plan plan;
	struct str text;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("Which file? capacity solve FILE.json"));
	TRY(input_whole(rq->arena, args->words[0], FILE_MOST, &text, rq->trouble));
	TRY(problem_read(rq, text, &problem));
	int64_t began = world.ticks();
	if (plan_solve(rq->arena, &problem, args_option(args, "deal").at != NULL, &plan) != OK)
		return trouble_exit(rq->trouble, 1, fail(rq, ERR_CORRUPT, _("The plan did not pass its own proof, so there is none. This is a fault in the planner.")));
	put_first(ret, &plan, world.ticks() - began);
	put_proofs(ret, &problem, &plan);
	put_flows(rq, ret, &problem, &plan);
	return OK;
}

enum err capacity_check(struct rq *rq, const struct args *args, struct out *ret)
{
	struct plan_verdict verdict = { 0 };
	struct plan_problem problem;
	struct str text, plan;

	if (args->n_words != 2)
		return fail(rq, ERR_INVALID, _("Which files? capacity check FILE.json PLAN.ndjson"));
	TRY(input_whole(rq->arena, args->words[0], FILE_MOST, &text, rq->trouble));
	TRY(input_whole(rq->arena, args->words[1], FILE_MOST, &plan, rq->trouble));
	TRY(problem_read(rq, text, &problem));
	TRY(plan_check(rq, &problem, plan, &verdict));
	out_print(ret, "{\"ok\":%s,\"served\":%lld,\"certificates\":%zu,\"flows\":%zu,\"seats\":%zu", verdict.has_fault ? "false" : "true",
	          (long long)verdict.served, verdict.n_proofs, verdict.n_flows, verdict.n_seats);
	if (!verdict.has_fault)
		out_print(ret, ",\"fair\":%s", verdict.is_unfair ? "false" : "true");
	if (verdict.has_fault) {
		out_text(ret, ",\"fault\":");
		out_json(ret, str_of(verdict.fault));
	}
	out_text(ret, "}\n");
	if (verdict.has_fault)
		(void)!trouble_exit(rq->trouble, 6, fail(rq, ERR_CONFLICT, "%s", verdict.fault));
	return OK;                                     /* the check itself went well: what it found is printed */
}
