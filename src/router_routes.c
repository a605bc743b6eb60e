/* Addresses to pages: the table of all tables, made once, so that an address costs one look however many pages there are.
 *
 * A page is found by its path, or, when that ends in "/:", by what stands before its last part. An exact path goes before a
 * pattern; of two the same, the first in the tables.
 *
 * SECURITY: what stands in no table does not exist. The list of public paths is here and nowhere else. */
#include <pthread.h>
#include "router.h"

enum { ROUTES = 1024 };      /* places; a power of two, twice as many as pages at least */

/* All that a visitor without a log-in may be shown. A page for everyone that is not here is for those who have logged in. */
static const char *const public_paths[] = {
	"/login", "/setup", "/setup/otp", "/help", "/accessibility", "/healthz", "/readyz", "/metrics", "/api/openapi.json",
	"/rules", "/regler", "/access/call", "/akta", "/akta/:", "/access/login/:", "/incidents/report", "/rapportera", "/logins/link", "/lank", "/incidents/clocks/:",
	"/capacity/slot.ics",
};

bool router_is_public(const char *path)
{
	for (size_t i = 0; i < LENGTH(public_paths); i++)
		if (strcmp(public_paths[i], path) == 0)
			return true;
	return false;
}

const struct page *router_next(size_t *table, size_t *row)
{
	for (;; ++*table, *row = 0) {
		size_t n_own = 0;
		while (page_tables[n_own])
			n_own++;
		const struct page *pages = NULL;
		if (*table < n_own) {
			pages = page_tables[*table];
		} else {
			const struct point *const point = points[*table - n_own];
			if (!point)
				return NULL;
			pages = point->pages;
		}
		if (pages && pages[*row].path)
			return &pages[(*row)++];
	}
}

/* --- the table --- */

struct route { struct str key; bool is_pattern; const struct page *page; };
static struct route routes[ROUTES];

static size_t hash_of(struct str key)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ (unsigned char)key.at[i]) * 16777619u;
	return hash ^ hash >> 15;
}

/* The place of that key, or the empty one where it would stand. */
static struct route *place_of(struct str key, bool is_pattern)
{
	size_t at = hash_of(key) % ROUTES;

	while (routes[at].page && !(routes[at].is_pattern == is_pattern && str_equal(routes[at].key, key)))
		at = (at + 1) % ROUTES;
	return &routes[at];
}

static void make(void)
{
	const struct page *page;
	size_t n = 0;

	for (size_t table = 0, row = 0; (page = router_next(&table, &row)); ) {
		struct str key = str_of(page->path);
		bool is_pattern = str_ends(key, STR("/:"));
		key.len -= is_pattern;
		struct route *route = place_of(key, is_pattern);
		if (route->page)
			continue;
		assert(++n <= ROUTES / 2 || !"more pages than the table has room for: make ROUTES larger");
		*route = (struct route){ key, is_pattern, page };
	}
}

/* "/access/grant/:" takes "/access/grant/7" and nothing deeper. */
const struct page *router_find(struct str path, struct str *ret_rest)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	size_t folder = path.len;

	pthread_once(&once, make);
	*ret_rest = STR("");
	const struct page *page = place_of(path, false)->page;
	while (folder && path.at[folder - 1] != '/')
		folder--;
	if (page || folder == path.len)
		return page;
	page = place_of(str_first(path, folder), true)->page;
	if (page)
		*ret_rest = str_from(path, folder);
	return page;
}

bool router_may_open(const struct rq *rq, struct str at)
{
	struct str path = at, rest;

	path = str_first(path, str_find(path, '#'));
	path = str_first(path, str_find(path, '?'));
	const struct page *page = router_find(path, &rest);
	return page && page->get && (page->may_get & rq->actor->roles);
}
