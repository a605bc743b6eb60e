/* The log of the database copied in parts between commits: what was committed stands in the file alone, also when it is closed in the middle. */
#include "floor/store_test.h"
#include "floor/store_tidy.h"
#include <fcntl.h>

/* The store's own file alone, as it is now. */
static void copy_file(const struct place *p, const char *to)
{
	static char bytes[1 << 16];
	int from = open(p->path, O_RDONLY | O_CLOEXEC), fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n;

	while ((n = read(from, bytes, sizeof bytes)) > 0)
		assert_int_equal(write(fd, bytes, (size_t)n), n);
	close(from);
	close(fd);
}

/* Bodies `from` and the 99 behind it, a page each. */
static void write_pages(struct store *store, int from, struct trouble *trouble)
{
	struct arena *arena = arena_new(1 << 20);
	struct rq rq = { .arena = arena, .store = store, .trouble = trouble };
	char *name = arena_take(arena, 3000);

	memset(name, 'x', 3000);
	assert_int_equal(store_begin(store, trouble), OK);
	for (int i = from; i < from + 100; i++) {
		const struct value args[] = { value_int(i), value_text((struct str){ name, 3000 }) };
		assert_int_equal(store_run_text(&rq, "INSERT INTO body (id, name) VALUES ($1, $2)", args, 2), OK);
	}
	assert_int_equal(store_commit(store, trouble), OK);
	arena_end(arena);
}

void log_copied_beside(void **state)
{
	struct place p;
	struct store *store, *alone;
	enum err err;
	char copy[100];
	int n = 400;

	place_make(&p);
	place_fill(&p);
	snprintf(copy, sizeof copy, "%s.copy", p.path);
	struct store_place at = { false, copy };
	assert_int_equal(store_open(&p.at, true, &p.trouble, &store), OK);
	for (; n < 400 + 60 * 100; n += 100) {
		write_pages(store, n, &p.trouble);
		assert_int_equal(store_tidy(store, TIDY_BESIDE), OK);
		usleep(1000);
	}
	assert_int_equal(store_tidy(store, TIDY_ALL), OK);
	copy_file(&p, copy);
	assert_int_equal(store_open(&at, false, &p.trouble, &alone), OK);
	assert_int_equal(count_bodies(alone, &p.trouble, &err), n);
	store_close(alone);
	/* Closed in the middle of a round. */
	for (; n < 400 + 85 * 100; n += 100) {
		write_pages(store, n, &p.trouble);
		assert_int_equal(store_tidy(store, TIDY_BESIDE), OK);
	}
	store_close(store);
	assert_int_equal(store_open(&p.at, false, &p.trouble, &store), OK);
	assert_int_equal(count_bodies(store, &p.trouble, &err), n);
	store_close(store);
	place_end(&p);
}
