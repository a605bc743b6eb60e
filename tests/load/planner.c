/* The planner beside GLPK's network solver (out-of-kilter) or LEMON's network simplex on the same problems, in interleaved rounds.
 *
 * The peers are given the network that suits them: types merged, one node for each slot and set of gateways, and falling weights
 * instead of one run a class; they find what each class gets in all. Ours finds that, and the fair shares, the proofs and the
 * dealing. Falling weights have one best sum, so equal sums mean equal totals; when they differ the program ends with 1.
 * Prints the medians as the line ./bench wants. Arguments: types, people, rounds, and LEMON's program when it is the peer. */
#include "base/base.h"
#include <sys/wait.h>
#include <glpk.h>
#include "points/capacity/plan.h"

static uint64_t state;
static size_t below(size_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)((state >> 33) * n >> 31);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A working day of an organisation: windows begin and end at any quarter, places for three tenths of the need. */
static void make(struct arena *arena, size_t n_types, size_t people, struct plan_problem *p)
{
	int64_t need = 0;

	*p = (struct plan_problem){ .slots = 96, .words = 2, .n_gateways = 4, .n_types = n_types, .n_sets = 15 };
	p->gateway_ids = NEW_MANY(arena, 4, struct str);
	p->places = NEW_MANY(arena, 4 * 96, int64_t);
	p->types = NEW_MANY(arena, n_types, struct plan_type);
	p->windows = NEW_MANY(arena, n_types * 2, uint64_t);
	p->sets = NEW_MANY(arena, 15, struct plan_set);
	for (uint32_t m = 0; m < 15; m++) {
		p->sets[m].gateways = NEW_MANY(arena, 4, uint32_t);
		for (uint32_t g = 0; g < 4; g++)
			if ((m + 1) >> g & 1)
				p->sets[m].gateways[p->sets[m].n++] = g;
	}
	for (size_t k = 0; k < n_types; k++) {
		size_t from = 20 + below(30), to = MIN((size_t)96, from + 8 + below(40));
		p->types[k] = (struct plan_type){ .id = STR("t"), .class = (uint8_t)(1 + below(5)), .need = 1 + (int64_t)below(8),
			.members = 1 + (int64_t)below(2 * people / n_types), .set = (uint32_t)below(15) };
		for (size_t t = from; t < to; t++)
			p->windows[k * 2 + t / 64] |= UINT64_C(1) << t % 64;
		need += p->types[k].members * p->types[k].need;
	}
	for (size_t g = 0; g < 4; g++) {
		p->gateway_ids[g] = STR("g");
		for (size_t t = 0; t < 96; t++)
			p->places[g * 96 + t] = t >= 28 && t < 68 ? need * 3 / 10 / 160 * (int64_t)(80 + below(40)) / 100 : need / 10 / 160 / 10;
	}
}

/* --- the network that both peers are given --- */

struct arc { int from, to; double cap, cost; };
struct network { struct arc *arcs; int n, n_vertices, types; };

static void join(struct network *net, int from, int to, int64_t cap, int cost)
{
	net->arcs[net->n++] = (struct arc){ from, to, (double)cap, cost };
}

/* Most weight as a circulation of least cost. Vertices count from 1; source 1, sink 2. */
static struct network network_of(struct arena *arena, const struct plan_problem *p)
{
	struct network net = { .arcs = NEW_MANY(arena, p->n_types * 97 + 15 * 96 * 4 + 4 * 96 + 1, struct arc), .types = 3 };
	int sets = net.types + (int)p->n_types, gateways = sets + 15 * 96;
	int64_t all = 0;

	net.n_vertices = gateways + 4 * 96 - 1;
	for (int i = 0; i < 4 * 96; i++) {
		join(&net, gateways + i, 2, p->places[i], 0);
		all += p->places[i];
	}
	for (int m = 0; m < 15; m++)
		for (int t = 0; t < 96; t++)
			for (size_t i = 0; i < p->sets[m].n; i++)
				join(&net, sets + m * 96 + t, gateways + (int)p->sets[m].gateways[i] * 96 + t, p->places[p->sets[m].gateways[i] * 96 + (size_t)t], 0);
	for (size_t k = 0; k < p->n_types; k++) {
		const struct plan_type *type = &p->types[k];
		join(&net, 1, net.types + (int)k, type->members * type->need, type->class - 10);
		for (int t = 0; t < 96; t++)
			if (p->windows[k * 2 + (size_t)t / 64] >> t % 64 & 1)
				join(&net, net.types + (int)k, sets + (int)type->set * 96 + t, type->members, 0);
	}
	join(&net, 2, 1, all, 0);
	return net;
}

/* --- GLPK --- */

struct vertex_data { double supply; };
struct arc_data { double low, cap, cost, x; };

static double glpk(const struct network *net, int64_t *ret_worth)
{
	glp_graph *graph = glp_create_graph(sizeof (struct vertex_data), sizeof (struct arc_data));
	double cost = 0;

	glp_add_vertices(graph, net->n_vertices);
	for (int i = 0; i < net->n; i++) {
		glp_arc *arc = glp_add_arc(graph, net->arcs[i].from, net->arcs[i].to);
		*(struct arc_data *)arc->data = (struct arc_data){ .cap = net->arcs[i].cap, .cost = net->arcs[i].cost };
	}
	double began = now();
	int failed = glp_mincost_okalg(graph, offsetof(struct vertex_data, supply), offsetof(struct arc_data, low), offsetof(struct arc_data, cap),
	                               offsetof(struct arc_data, cost), &cost, offsetof(struct arc_data, x), -1);
	double took = now() - began;
	glp_delete_graph(graph);
	if (failed) {
		fprintf(stderr, "planner: GLPK gave up (%d)\n", failed);
		exit(1);
	}
	*ret_worth = (int64_t)-cost;
	return took;
}

/* --- LEMON, a program of its own in C++: it reads the network and says seconds and cost --- */

static double lemon(const struct network *net, const char *program, int64_t *ret_worth)
{
	char name[] = "/tmp/planner-XXXXXX", out_name[] = "/tmp/planner-XXXXXX";
	int fd = mkstemp(name), out = mkstemp(out_name), status = 1;
	FILE *file = fdopen(fd, "w");
	double took = 0, cost = 0;

	fprintf(file, "%d %d\n", net->n_vertices, net->n);
	for (int i = 0; i < net->n; i++)
		fprintf(file, "%d %d %.0f %.0f\n", net->arcs[i].from, net->arcs[i].to, net->arcs[i].cap, net->arcs[i].cost);
	fclose(file);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(out, 1);
		execl(program, program, name, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	FILE *answer = fdopen(out, "r");
	rewind(answer);
	bool is_read = fscanf(answer, "%lf %lf", &took, &cost) == 2;
	fclose(answer);
	unlink(name);
	unlink(out_name);
	if (status != 0 || !is_read) {
		fprintf(stderr, "planner: %s failed\n", program);
		exit(1);
	}
	*ret_worth = (int64_t)-cost;
	return took;
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	long long n_types = argc > 1 ? strtoll(argv[1], NULL, 10) : 2000, people = argc > 2 ? strtoll(argv[2], NULL, 10) : 1000000;
	int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 3;
	const char *program = argc > 4 ? argv[4] : NULL;
	double ours[99], theirs[99];

	glp_term_out(GLP_OFF);
	rounds = MAX(1, MIN(rounds, 99));
	for (int i = 0; i < rounds; i++) {
		struct arena *arena = arena_new((size_t)16 << 30);
		int64_t worth = 0, their_worth = 0;
		struct plan_problem problem;
		struct plan plan;
		state = (uint64_t)i + 1;
		make(arena, (size_t)n_types, (size_t)people, &problem);
		double began = now();
		if (plan_solve(arena, &problem, true, &plan) != OK)
			return 1;
		ours[i] = now() - began;
		struct network net = network_of(arena, &problem);
		theirs[i] = program ? lemon(&net, program, &their_worth) : glpk(&net, &their_worth);
		for (int c = 1; c <= PLAN_CLASSES; c++)
			worth += plan.served_class[c] * (10 - c);
		if (worth != their_worth) {
			fprintf(stderr, "planner: worth %lld here, %lld there\n", (long long)worth, (long long)their_worth);
			return 1;
		}
		arena_end(arena);
	}
	qsort(ours, (size_t)rounds, sizeof ours[0], by_time);
	qsort(theirs, (size_t)rounds, sizeof theirs[0], by_time);
	double one = ours[rounds / 2], other = theirs[rounds / 2];
	printf("{\"bench\":\"plan_%lld_types_%s\",\"ours\":%.4f,\"peer\":%.4f,\"peer_name\":\"%s, totals alone\",\"unit\":\"s for %lld people, "
	       "96 slots, 4 gateways\",\"ratio\":%.4f}\n", n_types, program ? "lemon" : "glpk", one, other,
	       program ? "LEMON network simplex" : "GLPK out-of-kilter", people, one / other);
	return 0;
}
