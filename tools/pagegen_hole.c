/* A hole that is a field: which one, and the one writer that is right for its type in its place.
 *
 * A name with points is a field of the page, or of a list whose {each} is open.
 *
 * SECURITY: here a value is given its writer, and no other way leads into a page: for people in text, for machines in an attribute, checked
 * in a URL. A type that has no safe writer in a place stops the build. */
#include <ctype.h>
#include <string.h>
#include "pagegen.h"

/* --- holes --- */

struct span hole;

void hole_blank(void)
{
	while (hole.from < hole.to && isspace((unsigned char)page.source[hole.from]))
		page.line += page.source[hole.from++] == '\n';
}

bool hole_word(const char *word)
{
	size_t n = strlen(word);

	if (hole.to - hole.from < n || memcmp(page.source + hole.from, word, n) != 0)
		return false;
	char next = hole.from + n < hole.to ? page.source[hole.from + n] : ' ';
	if (isalnum((unsigned char)next) || next == '_' || next == '.')
		return false;
	hole.from += n;
	hole_blank();
	return true;
}

/* A name with points: a field of the page, or of a list whose {each} is open. Writes its C expression. */
int path_find(const char *at, size_t n, char c[256])
{
	int parent = -1;
	const char *path = at;
	size_t all = n;

	for (;;) {
		const char *point = memchr(at, '.', n);
		size_t len = point ? (size_t)(point - at) : n;
		int field = field_find(parent, at, len);
		if (field < 0)
			stop("unknown field \"%.*s\"", (int)all, path);
		if (!point) {
			if (parent < 0)
				page.uses_page = true;
			snprintf(c, 256, "%s->%s", parent < 0 ? "p" : page.fields[parent].name, page.fields[field].name);
			return field;
		}
		bool is_open = false;
		for (int i = 0; i < page.n_branches; i++)
			is_open |= page.branches[i].kind == EACH && page.branches[i].list == field && !page.branches[i].has_else;
		if (page.fields[field].type != LIST || !is_open)
			stop("\"%.*s\" stands outside {each %s}", (int)all, path, page.fields[field].name);
		parent = field;
		n -= len + 1;
		at = point + 1;
	}
}

int hole_field(char c[256])
{
	size_t from = hole.from;

	while (hole.from < hole.to && (isalnum((unsigned char)page.source[hole.from]) || strchr("_.", page.source[hole.from])))
		hole.from++;
	if (hole.from == from)
		stop("a field's name is needed here");
	int field = path_find(page.source + from, hole.from - from, c);
	hole_blank();
	return field;
}

void hole_ends(void)
{
	hole_blank();
	if (hole.from != hole.to)
		stop("\"%.*s\" is too much in this hole", (int)(hole.to - hole.from), page.source + hole.from);
}

/* "a message": blanks and line ends become one blank. */
struct bytes hole_message(void)
{
	struct bytes ret = { 0 };

	if (hole.from == hole.to || page.source[hole.from] != '"')
		stop("a message in quotation marks is needed here");
	for (hole.from++;; hole.from++) {
		if (hole.from >= hole.to)
			stop("a message does not end");
		char c = page.source[hole.from];
		if (c == '"')
			break;
		if (c == '\\' && hole.from + 1 < hole.to)
			c = page.source[++hole.from];
		if (isspace((unsigned char)c)) {
			page.line += c == '\n';
			if (ret.len && ret.at[ret.len - 1] != ' ')
				add(&ret, " ", 1);
		} else {
			add(&ret, &c, 1);
		}
	}
	hole.from++;
	hole_blank();
	if (!ret.len)
		stop("an empty message");
	return ret;
}

/* How a value of this type is written for people; used in text and in messages. */
void write_for_people(enum type type, const char *c)
{
	switch (type) {
	case TEXT:   code("out_html(o, %s);", c); return;
	case NUMBER: code("tongue_number(o, language, %s);", c); break;
	case MOMENT: code("tongue_instant(o, language, %s);", c); break;
	case DAY:    code("tongue_date(o, language, %s);", c); break;
	case CLOCK:  code("tongue_clock(o, language, %s);", c); break;
	case WORD:   code("hole_say(o, tongue(language, %s));", c); break;
	case HTML:   code("out_put(o, %s.html);", c); return;
	case LINK:   stop("a link stands only in href, src, action or formaction; to show it, make it a text");
	case FLAG:   stop("a flag is asked with {if}, not written");
	case PART:   stop("a part is drawn with {part}");
	case LIST:   stop("a list is walked with {each}");
	}
	page.uses_language = true;
}

/* In an attribute machines read: digits, RFC 3339, ISO dates. */
static void write_for_machines(enum type type, const char *c)
{
	switch (type) {
	case NUMBER: code("out_int(o, %s);", c); break;
	case MOMENT: code("out_instant(o, %s);", c); break;
	case DAY:    code("hole_day(o, %s);", c); break;
	case CLOCK:  stop("a clock is for people: use a moment here");
	case HTML:   stop("html stands in text only");
	default:     write_for_people(type, c);
	}
}

static void write_in_url(enum type type, const char *c)
{
	if (type == LINK && page.place.url == URL_EMPTY) {
		code("hole_link(o, %s);", c);
		page.place.url = URL_LINK;
	} else if ((type == TEXT || type == NUMBER) && page.place.url == URL_FIXED) {
		code(type == TEXT ? "out_url(o, %s);" : "out_int(o, %s);", c);
	} else if (type == LINK) {
		stop("a link is the whole value of its attribute");
	} else {
		stop("in a URL only a link may stand, or a text or number behind a fixed path that begins with / and a letter");
	}
}

/* Stops the build unless a hole may stand here. */
enum attribute_kind place_of_hole(void)
{
	switch (page.place.where) {
	case AT_TEXT:
		if (page.place.is_entity)
			stop("a hole inside an entity");
		return ATTRIBUTE_PLAIN;
	case AT_QUOTED:
		if (place_attribute(&page.place) == ATTRIBUTE_NONE)
			stop("no hole may stand in attribute \"%s\" of \"%s\"", page.place.attribute, page.place.element);
		return place_attribute(&page.place);
	case AT_EQUALS: case AT_UNQUOTED: stop("a hole in an unquoted attribute");
	case AT_COMMENT:                  stop("a hole in a comment");
	case AT_SCRIPT:                   stop("a hole in a script");
	case AT_OPEN: case AT_NAME:       stop("a hole in a tag's name");
	case AT_ATTRIBUTE: case AT_TAG: case AT_AFTER: stop("a hole in a tag, outside a value");
	case AT_DOCTYPE:                  stop("a hole in the doctype");
	}
	stop("a hole in an unknown place");
}

void value(void)
{
	char c[256];
	enum attribute_kind kind = place_of_hole();
	enum type type = page.fields[hole_field(c)].type;

	hole_ends();
	flush();
	if (page.place.where == AT_TEXT)
		write_for_people(type, c);
	else if (kind == ATTRIBUTE_URL)
		write_in_url(type, c);
	else
		write_for_machines(type, c);
}
