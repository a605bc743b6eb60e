/* The menu: which pages of all the tables stand in it for this visitor, in which order, and the page behind "More".
 *
 * A page is in the menu when its row has a word for it and the visitor's roles may get it. Where we stand comes first, then the
 * questions in the leaflet's order, then the rest.
 *
 * SECURITY: a menu hides nothing: whoever knows an address meets the router's own check of rights. */
#include <pthread.h>
#include "router.h"
#include "floor/frame.h"
#include "floor/more.html.h"

enum { MENU_MOST = 32 };

struct entry { const struct page *page; struct str at; unsigned may; };
static struct entry entries[MENU_MOST];
static size_t n_entries;

/* Every page that stands in any menu, in order: where we stand, then the questions, then the rest. */
static void make(void)
{
	const struct page *page;
	size_t n_tables = 0;

	while (page_tables[n_tables])
		n_tables++;
	for (int pass = 0; pass < 3; pass++)
		for (size_t table = 0, row = 0; (page = router_next(&table, &row)); ) {
			struct str at = str_of(page->path);
			if (!page->menu || pass != (at.len == 1 ? 0 : table >= n_tables ? 1 : 2))
				continue;
			assert(n_entries < MENU_MOST);
			entries[n_entries++] = (struct entry){ page, at, router_is_public(page->path) ? page->may_get : page->may_get & ROLE_STAFF };
		}
}

/* All that this visitor's menu has. The deepest that this place lies under is current. */
static size_t menu_of(struct rq *rq, const struct routed *routed, struct frame_item *items)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct str here = routed->visit.path;
	size_t n = 0, deepest = 0;

	pthread_once(&once, make);
	for (size_t i = 0; i < n_entries; i++) {
		const struct entry *entry = &entries[i];
		if (!(entry->may & routed->actor.roles))
			continue;
		bool is_under = str_equal(entry->at, here) || (entry->at.len > 1 && str_starts(here, entry->at) && here.at[entry->at.len] == '/');
		if (is_under)
			deepest = MAX(deepest, entry->at.len);
		items[n++] = (struct frame_item){ .word = tongue(rq->language, entry->page->menu), .at = entry->at, .is_current = is_under };
	}
	for (size_t i = 0; i < n; i++)
		items[i].is_current &= items[i].at.len == deepest;
	return n;
}

/* What there is no room for stands behind "More". */
void router_menu(struct rq *rq, const struct routed *routed, struct frame *frame)
{
	struct frame_item *items = NEW_MANY(rq->arena, MENU_MOST, struct frame_item);
	size_t n = menu_of(rq, routed, items);

	if (n > FRAME_ITEMS) {
		bool is_behind = str_equal(routed->visit.path, STR("/more"));
		for (size_t i = FRAME_ITEMS - 1; i < n; i++)
			is_behind |= items[i].is_current;
		n = FRAME_ITEMS;
		items[n - 1] = (struct frame_item){ .word = _("More"), .at = STR("/more"), .is_current = is_behind };
	}
	frame->items = items;
	frame->n_items = n;
}

static enum err more(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct frame_item *items = NEW_MANY(rq->arena, MENU_MOST, struct frame_item);
	const struct routed routed = { .visit = *visit, .actor = *rq->actor };
	size_t n = menu_of(rq, &routed, items);
	struct more_page_items *rows = NEW_MANY(rq->arena, n + 1, struct more_page_items);

	for (size_t i = 0; i < n; i++)
		rows[i] = (struct more_page_items){ items[i].at, str_of(items[i].word) };
	more_page(&answer->body, rq->language, &(struct more_page){ .items = rows, .n_items = n });
	return OK;
}

const struct page router_menu_pages[] = {
	{ .path = "/more", .may_get = ROLE_STAFF, .get = more },
	{ 0 },
};
