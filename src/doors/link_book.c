/* What is ours: the owned hosts, and the names that people know them by.
 *
 * Hosts are read by the same code as hosts in links, so that both sides are always in one form. Closing the book groups the hosts by
 * registrable domain, folds what will be compared, and lays three tables: exact hosts, domains whose depths are owned, own domains.
 *
 * SECURITY: `*.domain` is every depth below the domain, never the domain itself; an address that is no name is owned exactly or not
 * at all. A domain that is itself a public suffix can be listed, since some own one, but has no name to compare with but itself. */
#include "link_parts.h"

enum err link_book_new(struct arena *arena, struct link_book **ret, struct trouble *trouble)
{
	struct link_book *book = NEW(arena, struct link_book);

	book->arena = arena;
	TRY(link_icu_open(arena, &book->icu, trouble));
	*ret = book;
	return OK;
}

void link_book_end(struct link_book *book)
{
	if (book)
		link_icu_close(book->icu);
}

enum err link_book_add(struct link_book *book, struct str host, struct trouble *trouble)
{
	struct link_url url = { .host = STR_NONE };
	struct str rest = str_trim(host);
	bool is_below = str_starts(rest, STR("*."));

	if (is_below)
		rest = str_from(rest, 2);
	for (size_t i = 0; i < rest.len; i++)
		if (rest.at[0] != '[' && strchr("/\\?#@:%*", rest.at[i]))
			return trouble_say(trouble, ERR_INVALID, "%.*s: write a host as it stands in a link, like login.kommunen.se or *.kommunen.se",
			                   (int)MIN(host.len, (size_t)100), host.at);
	if (!link_host_parse(book->icu, book->arena, rest, &url) || (is_below && url.kind == LINK_HOST_ADDRESS))
		return trouble_say(trouble, ERR_INVALID, "%.*s is no host that a browser accepts", (int)MIN(host.len, (size_t)100), host.at);
	if (book->n_owned == book->room_owned) {
		struct link_owned *more = NEW_MANY(book->arena, book->room_owned * 2 + 16, struct link_owned);
		if (book->n_owned)
			memcpy(more, book->owned, book->n_owned * sizeof *more);
		book->owned = more;
		book->room_owned = book->room_owned * 2 + 16;
	}
	struct link_owned *owned = &book->owned[book->n_owned++];
	owned->host = url.host;
	owned->is_below = is_below;
	owned->name = url.kind == LINK_HOST_NAME ? 0 : SIZE_MAX;
	link_fold_host(book->icu, url.kind == LINK_HOST_NAME ? url.host : STR(""), &owned->folded);
	return OK;
}

enum err link_book_add_list(struct link_book *book, struct str text, struct trouble *trouble)
{
	struct str rest = str_starts(text, STR("\xef\xbb\xbf")) ? str_from(text, 3) : text;
	int line = 0;

	while (rest.at) {
		struct trouble why = { 0 };
		struct str row = str_cut(&rest, '\n'), host = str_trim(str_first(row, str_find(row, '#')));
		line++;
		if (host.len && link_book_add(book, host, &why) != OK)
			return trouble_say(trouble, ERR_INVALID, "line %d: %s", line, why.text);
	}
	return OK;
}

/* --- tables: open addressing, twice as large as needed at least --- */

static void lay(const struct link_book *book, uint32_t *table, struct str key, size_t index)
{
	size_t i = str_hash(key) & book->mask;

	while (table[i])
		i = (i + 1) & book->mask;
	table[i] = (uint32_t)index + 1;
}

static bool is_in_hosts(const struct link_book *book, const uint32_t *table, struct str key)
{
	for (size_t i = str_hash(key) & book->mask; table[i]; i = (i + 1) & book->mask)
		if (str_equal(book->owned[table[i] - 1].host, key))
			return true;
	return false;
}

bool link_is_owned(const struct link_book *book, struct str host)
{
	if (is_in_hosts(book, book->hosts, host))
		return true;
	for (size_t dot = str_find(host, '.'); dot && dot < host.len; dot = str_find(host, '.')) {
		host = str_from(host, dot + 1);
		if (is_in_hosts(book, book->below, host))
			return true;
	}
	return false;
}

bool link_is_own_domain(const struct link_book *book, struct str domain)
{
	for (size_t i = str_hash(domain) & book->mask; book->domains[i]; i = (i + 1) & book->mask)
		if (str_equal(book->names[book->domains[i] - 1].domain, domain))
			return true;
	return false;
}

static struct str folded_str(const struct link_fold *fold)
{
	return (struct str){ (const char *)fold->at, fold->len };
}

/* "region-storvik", "storvik-kommun": people know it as storvik. */
static void note_main_part(struct link_name *name)
{
	struct str rest = folded_str(&name->label), found = STR_NONE;
	int n = 0;

	while (rest.at) {
		struct str part = str_cut(&rest, '-');
		if (part.len && !link_is_common_word(part)) {
			found = part;
			n++;
		}
	}
	if (n == 1 && found.len < name->label.len)
		name->main_part = link_near_of(found);
}

static void name_new(struct link_book *book, struct link_owned *owned, struct str domain, size_t label)
{
	struct link_name *name = &book->names[book->n_names];

	owned->name = book->n_names++;
	*name = (struct link_name){ .domain = domain, .imitated = owned->host, .suffix = str_from(domain, label + 1) };
	link_fold_host(book->icu, str_first(domain, label), &name->label);
	link_fold_host(book->icu, domain, &name->folded);
	name->near = link_near_of(folded_str(&name->label));
	name->plain = link_near_of((struct str){ (const char *)name->label.plain, name->label.n_plain });
	name->domain_near = link_near_of(folded_str(&name->folded));
	struct str squeezed = { (const char *)name->near.at, name->near.len };
	name->is_login = link_is_login_word(squeezed);
	name->is_word = link_is_common_word(squeezed);
	note_main_part(name);
	book->glances[owned->name] = (struct link_glance){ name->near.letters, name->domain_near.letters, name->plain.letters,
		(uint8_t)name->near.len, (uint8_t)name->plain.len, name->is_login, name->main_part.len > 0 };
}

enum err link_book_close(struct link_book *book, struct trouble *trouble)
{
	size_t slots = 16;

	while (slots < book->n_owned * 4)
		slots *= 2;
	if (slots > UINT32_MAX / 2)
		return trouble_say(trouble, ERR_FULL, "more owned hosts than a list may have");
	book->mask = slots - 1;
	book->hosts = NEW_MANY(book->arena, slots, uint32_t);
	book->below = NEW_MANY(book->arena, slots, uint32_t);
	book->domains = NEW_MANY(book->arena, slots, uint32_t);
	book->names = NEW_MANY(book->arena, book->n_owned + 1, struct link_name);
	book->glances = NEW_MANY(book->arena, book->n_owned + 1, struct link_glance);
	for (size_t i = 0; i < book->n_owned; i++) {
		struct link_owned *owned = &book->owned[i];
		size_t from = 0, suffix = 0, known;
		lay(book, owned->is_below ? book->below : book->hosts, owned->host, i);
		if (owned->name == SIZE_MAX)
			continue;
		link_domain(book->icu, owned->host, &from, &suffix);
		struct str domain = str_from(owned->host, from);
		for (known = 0; known < book->n_names && !str_equal(book->names[known].domain, domain); known++)
			;
		if (known == book->n_names) {
			lay(book, book->domains, domain, known);
			name_new(book, owned, domain, suffix > from ? suffix - from - 1 : str_find(domain, '.'));
		}
		owned->name = known;
		if (str_equal(owned->host, domain))
			book->names[known].imitated = owned->host;
	}
	return OK;
}
