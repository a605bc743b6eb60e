/* Does a host that is not ours imitate one that is?
 *
 * Both are folded (link_fold.c); then, from the surest to the least sure: the same folded domain; the same name under another suffix or
 * with other hyphens; a name at most one or two edits away (link_near.c), none for names of four letters or fewer; our name or whole
 * domain as a part of another host; our name beside a word for logging in, in the host or the path; our name before an @.
 *
 * A name is what was registered: "kommunen" of vpn.kommunen.se. Parts are what stands between dots and hyphens, and runs of such parts,
 * so "kom-mun.en.example" holds kommunen. A name that is a common word counts inside another address only beside a word for logging in;
 * one that is itself such a word only with its suffix.
 *
 * SECURITY: pure; decides between two answers that both say "do not log in". Work: the parts of a host of 253 bytes, the names, and at
 * most PATH_MOST bytes of path. */
#include "link_parts.h"

enum { PARTS = 64, PATH_MOST = 512, NAME_INSIDE = 4, NAME_NEAR = 5, NAME_FAR = 9 };

/* Text without its dots and hyphens, and where its parts begin; the end of the last is starts[n]. */
struct parts { uint8_t at[LINK_ROOM]; size_t len; uint16_t starts[PARTS + 1]; size_t n; uint64_t letters; };

struct candidate {
	const struct link_book *book;
	struct link_fold folded;         /* the whole host */
	struct str domain, label, suffix, before_suffix;   /* of it, folded */
	struct link_near near, plain, whole;   /* the label, the same of the plain fold, the host */
	struct parts parts;              /* before the suffix */
	struct str path;
};

static void part_take(struct parts *ret, struct str folded)
{
	bool is_inside = false;

	ret->len = ret->n = 0;
	for (size_t i = 0; i < folded.len && ret->len < sizeof ret->at; i++) {
		char c = folded.at[i];
		if (c == '.' || c == '-' || c == '_' || c == '@' || c == ':') {
			is_inside = false;
			continue;
		}
		if (!is_inside && ret->n < PARTS)
			ret->starts[ret->n++] = (uint16_t)ret->len;
		is_inside = true;
		ret->at[ret->len++] = (uint8_t)c;
	}
	ret->starts[ret->n] = (uint16_t)ret->len;
	ret->letters = link_letters(ret->at, ret->len);
}

static bool ends_part(const struct parts *parts, size_t at)
{
	for (size_t i = 1; i <= parts->n; i++)
		if (parts->starts[i] >= at)
			return parts->starts[i] == at;
	return false;
}

/* A run of whole parts. */
static bool has_run(const struct parts *parts, const struct link_near *name)
{
	for (size_t i = 0; name->len && i < parts->n && parts->starts[i] + name->len <= parts->len; i++)
		if (parts->at[parts->starts[i]] == name->at[0] && memcmp(parts->at + parts->starts[i], name->at, name->len) == 0
		    && ends_part(parts, parts->starts[i] + name->len))
			return true;
	return false;
}

/* At the beginning or the end of a part. */
static bool has_end(const struct parts *parts, const struct link_near *name)
{
	for (size_t i = 0; name->len && i < parts->n; i++) {
		size_t from = parts->starts[i], to = parts->starts[i + 1];
		if (from + name->len <= parts->len && parts->at[from] == name->at[0] && memcmp(parts->at + from, name->at, name->len) == 0)
			return true;
		if (to >= name->len && parts->at[to - name->len] == name->at[0] && memcmp(parts->at + to - name->len, name->at, name->len) == 0)
			return true;
	}
	return false;
}

/* A part made of the name and a word for logging in. */
static bool has_end_with_login(const struct parts *parts, const struct link_near *name)
{
	for (size_t i = 0; i < parts->n; i++) {
		const char *from = (const char *)parts->at + parts->starts[i];
		size_t len = (size_t)(parts->starts[i + 1] - parts->starts[i]);
		if (len <= name->len || !name->len)
			continue;
		if (memcmp(from, name->at, name->len) == 0 && link_is_login_word((struct str){ from + name->len, len - name->len }))
			return true;
		if (memcmp(from + len - name->len, name->at, name->len) == 0 && link_is_login_word((struct str){ from, len - name->len }))
			return true;
	}
	return false;
}

static bool has_login(const struct parts *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		if (link_is_login_word((struct str){ (const char *)parts->at + parts->starts[i], (size_t)(parts->starts[i + 1] - parts->starts[i]) }))
			return true;
	return false;
}

/* ".kommunen.se." with its own dots: any length counts. */
static bool has_domain(struct str host, struct str domain)
{
	for (size_t i = 0; i + domain.len < host.len; i++)
		if ((i == 0 || host.at[i - 1] == '.') && host.at[i + domain.len] == '.' && memcmp(host.at + i, domain.at, domain.len) == 0)
			return true;
	return false;
}

static struct str str_at(const struct link_fold *fold)
{
	return (struct str){ (const char *)fold->at, fold->len };
}

static bool is_inside(const struct parts *parts, struct str host, const struct link_name *name)
{
	if (has_domain(host, str_at(&name->folded)) || (name->domain_near.len >= NAME_NEAR && has_run(parts, &name->domain_near)))
		return true;
	if (name->is_login || name->is_word || name->near.len < NAME_INSIDE)
		return false;
	if (name->main_part.len >= NAME_NEAR && has_run(parts, &name->main_part))
		return true;
	return has_run(parts, &name->near) || (name->near.len >= NAME_NEAR && has_end(parts, &name->near));
}

/* --- the tests, surest first: each says which name, or n_names --- */

static size_t same(const struct candidate *its, uint64_t *reasons)
{
	const struct link_book *book = its->book;

	for (size_t i = 0; i < book->n_names; i++) {
		const struct link_name *name = &book->names[i];
		if (book->glances[i].near != its->near.letters || name->near.len != its->near.len || memcmp(name->near.at, its->near.at, its->near.len) != 0 || !its->near.len)
			continue;
		bool same_suffix = str_ends(str_at(&name->folded), its->suffix) && name->folded.len == name->label.len + 1 + its->suffix.len;
		if (!str_equal(str_at(&name->label), its->label))
			*reasons |= LINK_BIT(HYPHEN);
		else if (same_suffix)
			*reasons |= LINK_BIT(LOOK_ALIKE);
		if (!same_suffix)
			*reasons |= LINK_BIT(SUFFIX);
		return i;
	}
	return book->n_names;
}

static size_t near(const struct candidate *its, uint64_t *reasons)
{
	const struct link_book *book = its->book;

	for (size_t i = 0; i < book->n_names; i++) {
		const struct link_glance *glance = &book->glances[i];
		const struct link_name *name = &book->names[i];
		int most = glance->n_near >= NAME_FAR ? 4 : 2;
		if (glance->n_near < NAME_NEAR || glance->is_login || !link_may_be_near(glance->plain, glance->n_plain, its->plain.letters, its->plain.len, most)
		    || !link_is_near(&name->plain, &its->plain, most))
			continue;
		bool same_suffix = name->folded.len == name->label.len + 1 + its->suffix.len && str_ends(str_at(&name->folded), its->suffix);
		/* The shortest names have many neighbours that are names too; there the suffix must be ours. */
		if (name->near.len == NAME_NEAR && !same_suffix)
			continue;
		if (link_is_common_word(its->label))
			continue;
		*reasons |= LINK_BIT(MISSPELLED);
		return i;
	}
	return book->n_names;
}

/* No name stands in a text that lacks one of its letters. */
static bool may_hold(const struct link_glance *glance, uint64_t letters)
{
	return glance->has_main_part || (glance->near & ~letters) == 0;
}

/* "kom.munen.se": the same letters, other dots. */
static bool is_split(const struct link_near *whole, const struct link_near *domain)
{
	return whole->len == domain->len && whole->len >= NAME_NEAR && memcmp(whole->at, domain->at, whole->len) == 0;
}

static size_t inside(const struct candidate *its, uint64_t *reasons)
{
	for (size_t i = 0; i < its->book->n_names; i++)
		if (may_hold(&its->book->glances[i], its->whole.letters) && (is_inside(&its->parts, its->before_suffix, &its->book->names[i]) || is_split(&its->whole, &its->book->names[i].domain_near))) {
			*reasons |= LINK_BIT(INSIDE);
			return i;
		}
	return its->book->n_names;
}

/* Words of the path, folded. */
static void path_take(struct parts *ret, struct str path)
{
	struct link_fold folded = { .len = 0 };
	char plain[PATH_MOST];

	path = str_first(path, PATH_MOST);
	for (size_t i = 0; i < path.len; i++) {
		char c = path.at[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		plain[i] = is_letter ? c : '-';
	}
	link_fold_text((struct str){ plain, path.len }, &folded);
	part_take(ret, str_at(&folded));
}

static size_t beside(const struct candidate *its, uint64_t *reasons)
{
	const struct link_book *book = its->book;
	struct parts path = { .n = 0 };
	bool is_host = its->parts.n > 0, has_path = its->path.len > 2, login = has_login(&its->parts);

	if (has_path)
		path_take(&path, its->path);
	login = login || has_login(&path);
	for (size_t i = 0; i < book->n_names; i++) {
		const struct link_name *name = &book->names[i];
		if (book->glances[i].is_login || book->glances[i].n_near < 2 || ((book->glances[i].near & ~its->parts.letters) && (book->glances[i].near & ~path.letters)))
			continue;
		if ((is_host && (has_end_with_login(&its->parts, &name->near) || (login && has_run(&its->parts, &name->near))))
		    || (login && name->near.len >= NAME_INSIDE && has_run(&path, &name->near))) {
			*reasons |= LINK_BIT(LOGIN_WORD);
			return i;
		}
	}
	return book->n_names;
}

static size_t before_at(const struct link_book *book, struct str user, uint64_t *reasons)
{
	struct link_fold folded = { .len = 0 };
	struct parts parts;

	if (!user.len)
		return book->n_names;
	link_fold_text(str_first(user, LINK_HOST_MOST), &folded);
	folded.at[folded.len++] = '.';
	part_take(&parts, str_at(&folded));
	for (size_t i = 0; i < book->n_names; i++)
		if (is_inside(&parts, str_at(&folded), &book->names[i])) {
			*reasons |= LINK_BIT(BEFORE_AT);
			return i;
		}
	return book->n_names;
}

/* Of the hosts of a name the one whose fold is this host's; else the one that stands for it. */
static struct str imitated(const struct candidate *its, size_t name)
{
	const struct link_book *book = its->book;

	for (size_t i = 0; i < book->n_owned; i++)
		if (book->owned[i].name == name && str_equal(str_at(&book->owned[i].folded), str_at(&its->folded)))
			return book->owned[i].host;
	return book->names[name].imitated;
}

/* Where the n-th dot from the left stands in a text; folding keeps dots. */
static size_t behind_dots(struct str s, size_t n)
{
	size_t i = 0;

	while (n && i < s.len)
		n -= s.at[i++] == '.';
	return i;
}

static size_t dots(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.at[i] == '.';
	return n;
}

struct str link_imitates(const struct link_book *book, const struct link_url *url, uint64_t *reasons)
{
	struct candidate its = { .book = book, .path = url->path };
	size_t domain = url->domain, suffix = url->suffix, none = book->n_names, found;

	if (url->kind == LINK_HOST_NAME) {
		link_fold_host(book->icu, url->host, &its.folded);
		struct str whole = str_at(&its.folded);
		size_t from = behind_dots(whole, dots(str_first(url->host, domain)));
		size_t to = behind_dots(whole, dots(str_first(url->host, suffix)));
		its.domain = str_from(whole, from);
		its.suffix = str_from(whole, to);
		its.before_suffix = str_first(whole, to);
		its.label = to > from ? (struct str){ whole.at + from, to - from - 1 } : STR("");
		struct str plain = { (const char *)its.folded.plain, its.folded.n_plain };
		size_t plain_from = behind_dots(plain, dots(str_first(url->host, domain))), plain_to = behind_dots(plain, dots(str_first(url->host, suffix)));
		its.near = link_near_of(its.label);
		its.plain = link_near_of(plain_to > plain_from ? (struct str){ plain.at + plain_from, plain_to - plain_from - 1 } : STR(""));
		its.whole = link_near_of(whole);
		part_take(&its.parts, its.before_suffix);
	}
	found = url->kind == LINK_HOST_NAME ? same(&its, reasons) : none;
	if (found == none && url->kind == LINK_HOST_NAME)
		found = near(&its, reasons);
	if (found == none && url->kind == LINK_HOST_NAME)
		found = inside(&its, reasons);
	if (found == none)
		found = beside(&its, reasons);
	if (found == none)
		found = before_at(book, url->user, reasons);
	return found == none ? STR_NONE : imitated(&its, found);
}
