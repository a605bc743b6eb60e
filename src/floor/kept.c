/* Remembered answers: sets of four places, found by a hash of statement and arguments; the place longest unused gives way.
 *
 * Every table counts the last commit that wrote it. An answer remembers how many commits there were before it was read; it is
 * true as long as none of the statement's tables has been written since. The writer publishes a commit after it is durable and
 * before it answers anybody: who was told of a change can never meet an answer from before it. An answer read between a
 * commit and its publishing is thrown away once too often, never kept too long.
 *
 * SECURITY: what stands here stood in the store; it goes with the connection. Arguments are compared byte for byte, so that two
 * that share a hash never share an answer. A text of arguments over 256 bytes, or an answer over 16 KiB, is not kept: nobody can fill
 * the memory with questions (1,024 places of 16 KiB are the most a connection holds).
 *
 * What it does not do: it shares nothing between connections, which so need no lock. */
#define LONG_LIVED
#include "floor/kept.h"
#include <stdatomic.h>

enum { WAYS = 4, SETS = 256, ARGS_MOST = 256, ROWS_MOST = 16 * 1024 };

struct place {
	const struct statement *statement;         /* NULL: empty */
	uint64_t                hash, as_of, used;
	struct rows             rows;
	const struct value     *args;
	void                   *bytes;             /* args, cells and their texts, in one piece */
};
struct kept { uint64_t uses; struct place place[SETS][WAYS]; };

static _Atomic uint64_t commits, all_touched;

uint64_t kept_commits(void)
{
	return commits;
}

/* Several may publish at once, since a replay has a store of its own: the later number stays. */
static void raise_to(_Atomic uint64_t *at, uint64_t now)
{
	uint64_t was = *at;

	while (was < now && !atomic_compare_exchange_weak(at, &was, now))
		;
}

/* The counter first: who reads it from then on reads the store after this commit. */
void kept_publish(const struct table *const *tables, size_t n)
{
	uint64_t now = atomic_fetch_add(&commits, 1) + 1;

	for (size_t i = 0; tables && i < n; i++)
		raise_to(tables[i]->touched, now);
	if (!tables)
		raise_to(&all_touched, now);
}

struct kept *kept_new(void)
{
	return calloc(1, sizeof (struct kept));
}

void kept_end(struct kept *kept)
{
	for (size_t i = 0; kept && i < SETS * WAYS; i++)
		free(kept->place[i / WAYS][i % WAYS].bytes);
	free(kept);
}

static bool is_text(const struct value *v)
{
	return v->kind == VALUE_TEXT || v->kind == VALUE_BLOB;
}

static uint64_t mix(uint64_t hash, uint64_t n)
{
	hash = (hash ^ n) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t hash_of(const struct statement *statement, const struct value *args)
{
	uint64_t hash = mix(0, (uintptr_t)statement);

	for (int i = 0; i < statement->n_args; i++) {
		hash = mix(hash, is_text(&args[i]) ? args[i].s.len : (uint64_t)args[i].i);
		for (size_t k = 0; is_text(&args[i]) && k < args[i].s.len; k++)
			hash = mix(hash, (unsigned char)args[i].s.at[k]);
	}
	return hash;
}

static bool is_same(const struct value *a, const struct value *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].kind != b[i].kind || (is_text(&a[i]) ? !str_equal(a[i].s, b[i].s) : a[i].kind != VALUE_NULL && a[i].i != b[i].i))
			return false;
	return true;
}

static bool is_true_still(const struct place *place)
{
	for (const struct table *const *table = place->statement->reads; *table; table++)
		if (*(*table)->touched > place->as_of)
			return false;
	return all_touched <= place->as_of;
}

const struct rows *kept_find(struct kept *kept, const struct statement *statement, const struct value *args)
{
	uint64_t hash = hash_of(statement, args);
	struct place *set = kept->place[hash % SETS];

	for (size_t i = 0; i < WAYS; i++) {
		struct place *place = &set[i];
		if (place->hash != hash || place->statement != statement || !is_same(place->args, args, statement->n_args))
			continue;
		place->used = ++kept->uses;
		return is_true_still(place) ? &place->rows : NULL;
	}
	return NULL;
}

static size_t texts_of(const struct value *values, size_t n)
{
	size_t ret = 0;

	for (size_t i = 0; i < n; i++)
		ret += is_text(&values[i]) ? values[i].s.len + 1 : 0;
	return ret;
}

/* The values with their texts behind them, at *bytes, which moves on. */
static void copy(struct value *to, const struct value *from, size_t n, char **bytes)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = from[i];
		if (!is_text(&from[i]))
			continue;
		memcpy(*bytes, from[i].s.len ? from[i].s.at : "", from[i].s.len);
		(*bytes)[from[i].s.len] = '\0';
		to[i].s.at = *bytes;
		*bytes += from[i].s.len + 1;
	}
}

void kept_put(struct kept *kept, const struct statement *statement, const struct value *args, const struct rows *rows, uint64_t as_of)
{
	uint64_t hash = hash_of(statement, args);
	struct place *set = kept->place[hash % SETS], *place = &set[0];
	size_t n_args = statement->n_args, n_cells = rows->n * rows->n_results;

	if (texts_of(args, n_args) > ARGS_MOST || n_cells > ROWS_MOST / sizeof (struct value))
		return;
	size_t size = (n_args + n_cells) * sizeof (struct value) + texts_of(args, n_args) + texts_of(rows->cells, n_cells);
	if (size > ROWS_MOST)
		return;
	for (size_t i = 1; i < WAYS; i++)
		if (set[i].used < place->used)
			place = &set[i];
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].hash == hash && set[i].statement == statement && is_same(set[i].args, args, n_args))
			place = &set[i];
	struct value *values = malloc(MAX(size, (size_t)1));
	free(place->bytes);
	*place = (struct place){ 0 };
	if (!values)
		return;
	char *bytes = (char *)(values + n_args + n_cells);
	copy(values, args, n_args, &bytes);
	copy(values + n_args, rows->cells, n_cells, &bytes);
	*place = (struct place){ .statement = statement, .hash = hash, .as_of = as_of, .used = ++kept->uses, .args = values, .bytes = values,
		.rows = { rows->n, rows->n_results, values + n_args } };
}
