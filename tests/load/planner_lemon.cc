/* LEMON's network simplex as a peer of the planner: reads "vertices arcs", then "from to cap cost" for each arc, from the file named;
 * prints the seconds of the run alone and the least cost of a circulation. Compiled by planner.bench. */
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>
#include <chrono>
#include <cstdio>
#include <vector>

int main(int argc, char **argv)
{
	std::FILE *file = argc > 1 ? std::fopen(argv[1], "r") : nullptr;
	int n_vertices, n_arcs, from, to;
	long long cap, cost;

	if (!file || std::fscanf(file, "%d %d", &n_vertices, &n_arcs) != 2)
		return 1;
	lemon::SmartDigraph graph;
	std::vector<lemon::SmartDigraph::Node> nodes;
	for (int i = 0; i < n_vertices; i++)
		nodes.push_back(graph.addNode());
	lemon::SmartDigraph::ArcMap<long long> caps(graph), costs(graph);
	for (int i = 0; i < n_arcs; i++) {
		if (std::fscanf(file, "%d %d %lld %lld", &from, &to, &cap, &cost) != 4)
			return 1;
		lemon::SmartDigraph::Arc arc = graph.addArc(nodes[from - 1], nodes[to - 1]);
		caps[arc] = cap;
		costs[arc] = cost;
	}
	auto began = std::chrono::steady_clock::now();
	lemon::NetworkSimplex<lemon::SmartDigraph, long long, long long> simplex(graph);
	simplex.upperMap(caps).costMap(costs);
	if (simplex.run() != simplex.OPTIMAL)
		return 1;
	std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
	std::printf("%f %lld\n", took.count(), (long long)simplex.totalCost());
	return 0;
}
