/* Search among people: the beginning of any word of a name, of a code, an e-mail address or a log-in name; several words narrow down.
 *
 * Words of names stand folded in the volatile table search_word, the first word of a name under one kind and the rest under another;
 * codes and names to log in with are asked in login. All are prefix ranges, so a search that finds little costs little. What finds
 * up to FOUND_MOST people is fetched and sorted here. What finds more is read in Swedish order from where the page begins until the page is full:
 * people who *begin* with the word stand side by side in that order, the others are spread over it. Such a walk reads at
 * most WALK_MOST rows; a page that ends before it is full says where the next one goes on.
 *
 * SECURITY: the name and address of a protected person find nobody, and their place in the order is that of their code. */
#include "floor/people.h"
#include "floor/writer.h"

enum { FOUND_MOST = 2000, WALK_MOST = 5000, TERMS = 6, NAME_WORDS = 12, ROOM = 1024 };
enum word_kind { WORD_FIRST = 1, WORD_OTHER };

struct words { struct str at[NAME_WORDS]; size_t n; char room[ROOM]; };

/* The words of a text, folded. */
static void split(struct str text, struct words *ret)
{
	struct str folded;
	size_t from = 0;

	ret->n = 0;
	if (!people_canonical(text, ret->room, sizeof ret->room, &folded))
		return;
	for (size_t i = 0; i <= folded.len; i++) {
		bool is_gap = i == folded.len || memchr(" -,()'", folded.at[i], 6);
		if (!is_gap)
			continue;
		if (i > from && ret->n < NAME_WORDS)
			ret->at[ret->n++] = (struct str){ folded.at + from, i - from };
		from = i + 1;
	}
}

/* --- the table of words --- */

static bool stands(const struct words *words, struct str word, bool is_first)
{
	for (size_t i = is_first ? 0 : 1; i < (is_first ? MIN(words->n, (size_t)1) : words->n); i++)
		if (str_equal(words->at[i], word))
			return true;
	return false;
}

enum err people_words_set(struct rq *rq, int64_t id, struct str was, struct str is)
{
	struct words old, new;

	split(was.at ? was : STR(""), &old);
	split(is.at ? is : STR(""), &new);
	for (size_t i = 0; i < old.n; i++)
		if (!stands(&new, old.at[i], i == 0)) {
			enum err err = people_word_drop(rq, i ? WORD_OTHER : WORD_FIRST, old.at[i], id);
			if (err != OK && err != ERR_NONE)
				return err;
		}
	for (size_t i = 0; i < new.n; i++)
		if (!stands(&old, new.at[i], i == 0)) {
			enum err err = people_word_add(rq, i ? WORD_OTHER : WORD_FIRST, new.at[i], id);
			if (err != OK && err != ERR_NONE)
				return err;
		}
	return OK;
}

struct repairing { int64_t next; bool is_done; };

static enum err repair_step(struct rq *rq, void *of)
{
	struct repairing *repairing = of;
	struct people_named_from_row *rows;
	size_t n;

	TRY(people_named_from(rq, repairing->next, &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(people_words_set(rq, rows[i].id, STR_NONE, rows[i].is_protected ? STR_NONE : rows[i].name));
	repairing->is_done = n == 0;
	if (n)
		repairing->next = rows[n - 1].id + 1;
	return OK;
}

enum err people_words_repair(struct rq *rq)
{
	struct people_word_any_row any;
	struct repairing repairing = { 0 };
	enum err err = people_word_any(rq, WORD_FIRST, &any);

	if (err != ERR_NONE)
		return err;
	for (err = OK; err == OK && !repairing.is_done; )
		err = writer_do_step(writer_of_core(), repair_step, &repairing, rq);
	return err;
}

/* --- the search --- */

struct search {
	struct rq                  *rq;
	const struct people_filter *filter;
	struct words                terms;
	struct str                  whole;               /* all that was asked, folded: it may be a code */
	bool                        asks_names;          /* one term: it may be a name to log in with, too */
	int64_t                    *named; size_t n_named;   /* who has such a name, in order; with is_named_more there are too many */
	bool                        is_named_more;
	struct words                of_row;              /* room */
	struct people_page_row     *at; size_t n, most;
	int64_t                     read;
	struct people_key           last;                /* the last row read */
};

static bool starts_one(const struct words *words, struct str term)
{
	for (size_t i = 0; i < words->n; i++)
		if (str_starts(words->at[i], term))
			return true;
	return false;
}

static bool starts_folded(struct str text, struct str term)
{
	char room[ROOM];
	struct str folded;
	return people_canonical(text, room, sizeof room, &folded) && str_starts(folded, term);
}

/* What tells whether somebody matches. */
struct looked { int64_t id, unit; struct maybe_int manager; struct str code, name; bool is_protected; };

static int by_id(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static bool is_named(struct search *search, const struct looked *row)
{
	struct people_logins_of_row *logins;
	size_t n;

	if (starts_folded(row->code, search->whole))
		return true;
	if (row->is_protected || !search->asks_names)
		return false;
	if (!search->is_named_more)
		return search->n_named && bsearch(&row->id, search->named, search->n_named, sizeof search->named[0], by_id);
	if (people_logins_of(search->rq, row->id, &logins, &n) != OK)
		return false;
	for (size_t i = 0; i < n; i++)
		if (str_starts(logins[i].name, search->whole))
			return true;
	return false;
}

static bool is_match(struct search *search, const struct looked *row)
{
	const struct people_filter *filter = search->filter;

	if ((filter->unit >= 0 && row->unit != filter->unit) || (filter->manager >= 0 && !(row->manager.is && row->manager.i == filter->manager)))
		return false;
	search->of_row.n = 0;
	if (!row->is_protected)
		split(row->name, &search->of_row);
	bool is_by_words = search->terms.n > 0;
	for (size_t i = 0; i < search->terms.n && is_by_words; i++)
		is_by_words = starts_one(&search->of_row, search->terms.at[i]);
	return is_by_words || is_named(search, row);
}

static int in_order(const void *a, const void *b)
{
	const struct people_page_row *x = a, *y = b;
	int sort = str_compare(x->sort, y->sort);
	return sort ? sort : (x->id > y->id) - (x->id < y->id);
}

static bool is_after(const struct people_page_row *row, struct people_key key)
{
	int sort = str_compare(row->sort, key.sort);
	return sort > 0 || (sort == 0 && row->id > key.id);
}

/* The end of a prefix's range: the prefix with a byte behind it that no UTF-8 has. */
static struct str past(struct rq *rq, struct str prefix)
{
	/* U+10FFFF sorts behind every other character, and is itself in no name. */
	return str_print(rq->arena, STR_FMT "\xf4\x8f\xbf\xbf", STR_ARG(prefix));
}

struct ids { int64_t *at; size_t n; bool is_more; };

static void take_ids(struct ids *ids, const int64_t *rows, size_t n)
{
	ids->is_more = ids->is_more || n > FOUND_MOST;
	for (size_t i = 0; i < n && !ids->is_more; i++)
		ids->at[ids->n++] = rows[i];
}

_Static_assert(sizeof (struct people_words_row) == sizeof (int64_t), "rows of people_words are bare ids");

/* Who has the term as the beginning of a word of that kind. */
static enum err ids_of_words(struct rq *rq, enum word_kind kind, struct str term, struct ids *ids)
{
	struct people_words_row *rows;
	size_t n;

	TRY(people_words(rq, kind, term, past(rq, term), FOUND_MOST + 1, &rows, &n));
	take_ids(ids, &rows[0].id, n);
	return OK;
}

/* Who has a name to log in with, or a code, that begins with all that was asked. */
static enum err find_named(struct search *search)
{
	struct people_names_row *rows;
	size_t n;

	TRY(people_names(search->rq, search->whole, past(search->rq, search->whole), 3 * FOUND_MOST, &rows, &n));
	int64_t *bare = NEW_MANY(search->rq->arena, n + 1, int64_t);
	for (size_t i = 0; i < n; i++)
		bare[i] = rows[i].id;
	if (n)
		qsort(bare, n, sizeof bare[0], by_id);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || bare[i - 1] != bare[i])
			bare[search->n_named++] = bare[i];
	search->named = bare;
	search->is_named_more = n == 3 * FOUND_MOST || search->n_named > FOUND_MOST;
	return OK;
}

/* Rows of these people that match, in order. */
static enum err fetch(struct search *search, struct ids *ids)
{
	qsort(ids->at, ids->n, sizeof ids->at[0], by_id);
	search->at = NEW_MANY(search->rq->arena, ids->n + 1, struct people_page_row);
	for (size_t i = 0; i < ids->n; i++) {
		struct people_row_row row;
		if (i && ids->at[i] == ids->at[i - 1])
			continue;
		TRY(people_row(search->rq, ids->at[i], &row));
		if (is_match(search, &(struct looked){ row.id, row.unit, row.manager, row.code, row.name, row.is_protected }))
			memcpy(&search->at[search->n++], &row, sizeof row);
	}
	if (search->n)
		qsort(search->at, search->n, sizeof search->at[0], in_order);
	return OK;
}

static enum err walk_one(void *of, const struct people_walk_row *row)
{
	struct search *search = of;
	struct people_row_row whole;

	search->read++;
	bool is_found = is_match(search, &(struct looked){ row->id, row->unit, row->manager, row->code, row->name, row->is_protected });
	/* The last row's place is all that is kept of those that do not match; copied seldom. */
	if (is_found || search->read == WALK_MOST)
		search->last = (struct people_key){ str_copy(search->rq->arena, row->sort), row->id };
	if (!is_found)
		return OK;
	TRY(people_row(search->rq, row->id, &whole));
	memcpy(&search->at[search->n++], &whole, sizeof whole);
	return search->n == search->most ? ERR_FULL : OK;
}

/* Reads on in order until the page is full, the range ends, or enough is read: then ret_ends is false and search->last the place. */
static enum err walk(struct search *search, struct people_key after, struct str before, bool *ret_ends)
{
	search->most = PEOPLE_PAGE + 1;
	search->at = NEW_MANY(search->rq->arena, search->most, struct people_page_row);
	enum err err = people_walk(search->rq, after.sort, after.id, before, WALK_MOST, walk_one, search);
	if (err != OK && err != ERR_FULL)
		return err;
	*ret_ends = err == OK && search->read < WALK_MOST;
	return OK;
}

/* From a whole sorted list: the page that begins behind the key. */
static void cut_page(const struct people_page_row *rows, size_t n, struct people_key after, struct people_found *ret)
{
	size_t from = 0;

	while (from < n && !is_after(&rows[from], after))
		from++;
	ret->at = rows + from;
	ret->n = MIN(n - from, (size_t)PEOPLE_PAGE);
	ret->has_more = n - from > PEOPLE_PAGE;
	if (ret->has_more)
		ret->next = (struct people_key){ ret->at[ret->n - 1].sort, ret->at[ret->n - 1].id };
}

/* Two sorted lists into one, each person once. */
static size_t merge(const struct people_page_row *a, size_t n_a, const struct people_page_row *b, size_t n_b, struct people_page_row *ret)
{
	size_t n = 0, i = 0, k = 0;

	while (i < n_a || k < n_b) {
		int order = i == n_a ? 1 : k == n_b ? -1 : in_order(&a[i], &b[k]);
		ret[n++] = order <= 0 ? a[i] : b[k];
		i += order <= 0;
		k += order >= 0;
	}
	return n;
}

/* Many people begin with the term, few have it otherwise: those side by side, with the few mixed in. */
static enum err search_range(struct search *search, struct str term, struct ids *few, struct people_key after, struct people_found *ret)
{
	struct search walked = *search;
	struct people_key from = after;
	struct str low, high;
	bool ends;

	people_sort_range(search->rq->arena, term, &low, &high);
	if (str_compare(from.sort, low) < 0)
		from = (struct people_key){ low, -1 };
	TRY(walk(&walked, from, high, &ends));
	TRY(fetch(search, few));
	/* What lies behind the place that the walk has reached waits for the next page. */
	if (!ends)
		while (search->n && is_after(&search->at[search->n - 1], walked.last))
			search->n--;
	struct people_page_row *both = NEW_MANY(search->rq->arena, walked.n + search->n + 1, struct people_page_row);
	size_t n = merge(walked.at, walked.n, search->at, search->n, both);
	cut_page(both, n, after, ret);
	if (!ends && !ret->has_more) {
		ret->has_more = true;
		ret->next = walked.last;
	}
	return OK;
}

static enum err search_walk(struct search *search, struct people_key after, struct people_found *ret)
{
	bool ends;

	TRY(walk(search, after, past(search->rq, STR("")), &ends));
	cut_page(search->at, search->n, after, ret);
	if (!ends && !ret->has_more) {
		ret->has_more = true;
		ret->next = search->last;
	}
	return OK;
}

/* The longest term tells most; with one term it may be a code or a name to log in with as well. */
static struct str leading(const struct search *search)
{
	struct str ret = search->terms.at[0];

	for (size_t i = 1; i < search->terms.n; i++)
		if (search->terms.at[i].len > ret.len)
			ret = search->terms.at[i];
	return ret;
}

enum err people_search(struct rq *rq, const struct people_filter *filter, struct people_key after, struct people_found *ret)
{
	struct search *search = NEW(rq->arena, struct search);
	struct ids first = { NEW_MANY(rq->arena, 4 * FOUND_MOST, int64_t), 0, false }, few = { NEW_MANY(rq->arena, 4 * FOUND_MOST, int64_t), 0, false };
	char *room = arena_take(rq->arena, ROOM);

	*ret = (struct people_found){ 0 };
	search->rq = rq;
	search->filter = filter;
	split(filter->q, &search->terms);
	if (search->terms.n == 0 || search->terms.n > TERMS || !people_canonical(filter->q, room, ROOM, &search->whole))
		return OK;
	search->asks_names = memchr(search->whole.at, ' ', search->whole.len) == NULL;
	struct str term = leading(search);
	TRY(ids_of_words(rq, WORD_FIRST, term, &first));
	TRY(ids_of_words(rq, WORD_OTHER, term, &few));
	if (search->asks_names)
		TRY(find_named(search));
	take_ids(&few, search->named, search->is_named_more ? FOUND_MOST + 1 : search->n_named);
	ret->is_total_more = first.is_more || few.is_more;
	if (few.is_more)
		return search_walk(search, after, ret);
	if (first.is_more)
		return search_range(search, term, &few, after, ret);
	memcpy(few.at + few.n, first.at, first.n * sizeof first.at[0]);
	few.n += first.n;
	TRY(fetch(search, &few));
	cut_page(search->at, search->n, after, ret);
	ret->total = (int64_t)search->n;
	return OK;
}
