/* How many links a core checks in a second, with 50 owned names: link.bench.
 *
 *     link ROUNDS < LINKS      each round checks every line once; the median round is printed
 *
 * The names are made up; the links are read into memory first, so that nothing but the checker is measured. */
#include "base/input.h"
#include "doors/link.h"

static double seconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);     /* of this process: the machine has other things to do as well */
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct link_book *book_of(struct arena *arena, struct trouble *trouble)
{
	static const char *const heads[] = { "storvik", "lillby", "vastertorp", "granhem", "solberga", "mossund", "karrfors", "bjorkelund", "tallvik", "norrdal" };
	static const char *const tails[] = { "", "-kommun", "bostad", "energi", "vatten" };
	struct link_book *book;

	if (link_book_new(arena, &book, trouble) != OK)
		return NULL;
	for (size_t h = 0; h < LENGTH(heads); h++)
		for (size_t t = 0; t < LENGTH(tails); t++)
			if (link_book_add(book, str_print(arena, "login.%s%s.se", heads[h], tails[t]), trouble) != OK)
				return NULL;
	return link_book_close(book, trouble) == OK ? book : NULL;
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new((size_t)1 << 30), *scratch = arena_new((size_t)64 << 20);
	struct trouble trouble = { 0 };
	struct link_book *book = book_of(arena, &trouble);
	double took[99];
	struct str text;
	size_t n_links = 0, found[3] = { 0 };
	int64_t rounds;

	if (!book || argc != 2 || str_number(str_of(argv[1]), (int64_t)LENGTH(took), &rounds) != OK || rounds < 1
	    || input_whole(arena, STR("-"), (size_t)512 << 20, &text, &trouble) != OK) {
		fprintf(stderr, "link: %s\n", trouble.text[0] ? trouble.text : "usage: link ROUNDS < LINKS");
		return 2;
	}
	for (int64_t round = 0; round < rounds; round++) {
		double from = seconds();
		struct str rest = text;
		n_links = 0;
		while (rest.at) {
			struct link_finding finding;
			struct str line = str_cut(&rest, '\n');
			if (!line.len)
				continue;
			link_check(book, scratch, line, &finding);
			arena_empty(scratch);
			found[finding.verdict]++;
			n_links++;
		}
		took[round] = seconds() - from;
	}
	qsort(took, (size_t)rounds, sizeof took[0], by_size);
	fprintf(stderr, "link: %zu links, %zu ours, %zu imitate, %zu not ours\n", n_links, found[0] / (size_t)rounds, found[2] / (size_t)rounds, found[1] / (size_t)rounds);
	printf("%.0f\n", (double)n_links / took[rounds / 2]);
	return 0;
}
