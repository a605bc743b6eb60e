#ifndef CAPACITY_PLAN_TEST_PROBLEMS_H
#define CAPACITY_PLAN_TEST_PROBLEMS_H
/* For plan_test.c alone: random problems, as the text that a user would write. */

static struct arena *arena;
static struct trouble trouble;
static struct actor nobody = { .person = -1 };
static struct rq request, *rq = &request;

static int begin(void **state)
{
	arena = arena_new((size_t)2 << 30);
	trouble = (struct trouble){ 0 };
	request = (struct rq){ .arena = arena, .actor = &nobody, .language = LANGUAGE_EN, .trouble = &trouble };
	return 0;
}

static int end(void **state)
{
	arena_end(arena);
	return 0;
}

static uint32_t seed;
static int below(int n)
{
	seed = seed * 1664525 + 1013904223;
	return (int)((uint64_t)(seed >> 4) * (unsigned)n >> 28);
}

/* --- problems --- */

struct shape { int slots, gateways, types, classes, members, need, places; };

static struct plan_problem random_problem(const struct shape *shape)
{
	struct out out = out_new(arena);
	struct plan_problem problem;

	out_print(&out, "{\"slots\":%d,\"gateways\":[", shape->slots);
	for (int g = 0; g < shape->gateways; g++) {
		out_print(&out, "%s{\"id\":\"g%d\",\"places\":[", g ? "," : "", g);
		for (int t = 0; t < shape->slots; t++)
			out_print(&out, "%s%d", t ? "," : "", below(3) ? below(shape->places + 1) : 0);
		out_text(&out, "]}");
	}
	out_text(&out, "],\"types\":[");
	for (int k = 0; k < shape->types; k++) {
		const char *comma = "";
		int t = below(shape->slots / 2 + 1), first = below(shape->gateways);
		out_print(&out, "%s{\"id\":\"t%d\",\"class\":%d,\"need\":%d,\"members\":%d,\"windows\":[", k ? "," : "", k,
		          1 + below(shape->classes), 1 + below(shape->need), 1 + below(shape->members));
		do {
			int to = t + 1 + below(shape->slots);
			to = MIN(to, shape->slots);
			out_print(&out, "%s[%d,%d]", comma, t, to);
			comma = ",";
			t = to + below(3);
		} while (t < shape->slots && below(2));
		out_print(&out, "],\"gateways\":[\"g%d\"", first);
		for (int g = 0; g < shape->gateways; g++)
			if (g != first && below(2))
				out_print(&out, ",\"g%d\"", g);
		out_text(&out, "]}");
	}
	out_text(&out, "]}");
	if (problem_read(rq, out_str(&out), &problem) != OK)
		printf("%s\n%.*s\n", trouble.text, STR_ARG(out_str(&out)));
	assert_int_equal(trouble.err, OK);
	return problem;
}
#endif
