/* The tokenizer behind pagegen: it follows a page's HTML and knows what each byte belongs to.
 *
 * One state per place, one function per state. Names are folded to lower case. Elements are kept on a stack, so an
 * element that is closed by the wrong tag, or never, stops the build with its line.
 *
 * SECURITY: a hole is escaped for the place that is found here, so a place taken for another is an injection. Where the
 * standard is forgiving (unquoted values, missing end tags, < in attributes, scripts) this is not: such a page is refused.
 * Attributes that may hold a hole stand in one list; what is not listed may not. */
#include "place.h"
#include <ctype.h>
#include <string.h>

static bool refuse(struct place *at, const char *why)
{
	at->error = why;
	return false;
}

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(name, *list) == 0)
			return true;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool grow(struct place *at, char *name, char c)
{
	size_t len = strlen(name);

	if (len + 1 >= PLACE_NAME)
		return refuse(at, "a name is too long");
	name[len] = (char)tolower((unsigned char)c);
	name[len + 1] = 0;
	return true;
}

static const char *const url_attributes[] = { "href", "src", "action", "formaction", NULL };

/* --- elements --- */

static const char *const void_elements[] = { "area", "br", "col", "hr", "img", "input", "link", "meta", "wbr", NULL };
static const char *const banned_elements[] = { "style", "iframe", "frame", "object", "embed", "base", "applet", "noscript",
	"template", "foreignobject", "animate", "set", "plaintext", "xmp", "marquee", NULL };

/* The tag's name is whole. */
static bool tag_named(struct place *at)
{
	if (is_one_of(at->element, banned_elements))
		return refuse(at, "this element is not used in our pages: nothing stands inline and nothing is framed");
	return true;
}

static bool element_close(struct place *at)
{
	if (!at->depth || strcmp(at->open[at->depth - 1], at->element) != 0)
		return refuse(at, "this end tag does not close the element that is open: each element is closed by hand, in order");
	memset(at->open[--at->depth], 0, PLACE_NAME);
	return true;
}

/* ">" has been read. */
static bool tag_done(struct place *at)
{
	bool is_end = at->is_end_tag, is_self_closed = at->is_self_closed;

	at->where = AT_TEXT;
	at->is_end_tag = at->is_self_closed = false;
	memset(at->attribute, 0, sizeof at->attribute);
	bool is_void = is_one_of(at->element, void_elements);
	bool may_go_on = true;
	if (is_end) {
		may_go_on = element_close(at);
	} else if (!is_void && !is_self_closed) {
		if (at->depth == PLACE_DEEP)
			return refuse(at, "elements lie too deep in each other");
		memcpy(at->open[at->depth++], at->element, PLACE_NAME);
		if (strcmp(at->element, "script") == 0)
			at->where = AT_SCRIPT;
		at->needs_newline = strcmp(at->element, "textarea") == 0;
	}
	memset(at->element, 0, sizeof at->element);
	return may_go_on;
}

/* --- the states --- */

static bool step_text(struct place *at, char c)
{
	if (c == '<') {
		at->where = AT_OPEN;
		at->is_entity = false;
	} else if (c == '&') {
		at->is_entity = true;
	} else if (at->is_entity && !isalnum((unsigned char)c) && c != '#') {
		if (c != ';')
			return refuse(at, "an & begins an entity that does not end: write &amp;");
		at->is_entity = false;
	}
	return true;
}

static bool step_open(struct place *at, char c)
{
	static const char *const childless[] = { "script", "textarea", "title", NULL };
	bool is_in_words = at->depth && is_one_of(at->open[at->depth - 1], childless);

	if (c == '/') {
		at->is_end_tag = true;
		at->where = AT_NAME;
	} else if (is_in_words) {
		return refuse(at, "a title, textarea or script holds no elements");
	} else if (c == '!') {
		at->where = AT_DOCTYPE;
		at->dashes = 0;
	} else if (isalpha((unsigned char)c)) {
		at->where = AT_NAME;
		return grow(at, at->element, c);
	} else {
		return refuse(at, "a < that begins no tag: write &lt;");
	}
	return true;
}

static bool step_name(struct place *at, char c)
{
	if (isalnum((unsigned char)c) || c == '-')
		return grow(at, at->element, c);
	if (!at->element[0])
		return refuse(at, "a tag without a name");
	if (!tag_named(at))
		return false;
	if (c == '>')
		return tag_done(at);
	if (at->is_end_tag)
		return is_blank(c) || refuse(at, "an end tag holds its name only");
	if (is_blank(c))
		at->where = AT_TAG;
	else if (c == '/')
		at->is_self_closed = true, at->where = AT_AFTER;
	else
		return refuse(at, "a tag's name ends with a blank, / or >");
	return true;
}

static bool step_tag(struct place *at, char c)
{
	if (is_blank(c)) {
		if (at->where == AT_AFTER)
			at->where = AT_TAG;
		return true;
	}
	if (c == '>')
		return tag_done(at);
	if (c == '/') {
		at->is_self_closed = true;
		at->where = AT_AFTER;
		return true;
	}
	if (at->where == AT_AFTER)
		return refuse(at, "a blank is needed before the next attribute");
	if (!isalpha((unsigned char)c))
		return refuse(at, "an attribute's name begins with a letter");
	memset(at->attribute, 0, sizeof at->attribute);
	at->where = AT_ATTRIBUTE;
	return grow(at, at->attribute, c);
}

/* The attribute's name is whole. */
static bool attribute_named(struct place *at)
{
	if (strncmp(at->attribute, "on", 2) == 0)
		return refuse(at, "an on... attribute is a script: nothing stands inline");
	if (strcmp(at->attribute, "style") == 0 || strcmp(at->attribute, "srcdoc") == 0)
		return refuse(at, "a style or srcdoc attribute: nothing stands inline, use a class of the sheet");
	return true;
}

static bool step_attribute(struct place *at, char c)
{
	if (isalnum((unsigned char)c) || c == '-' || c == ':')
		return grow(at, at->attribute, c);
	if (!attribute_named(at))
		return false;
	if (c == '=') {
		at->where = AT_EQUALS;
		return true;
	}
	at->where = AT_AFTER;
	return step_tag(at, c);
}

static bool step_equals(struct place *at, char c)
{
	if (is_blank(c) || c == '>')
		return refuse(at, "a value must follow the =");
	at->url = URL_EMPTY;
	if (c == '"' || c == '\'') {
		at->where = AT_QUOTED;
		at->quote = c;
	} else {
		at->where = AT_UNQUOTED;
	}
	return true;
}

static void url_step(struct place *at, char c)
{
	switch (at->url) {
	case URL_EMPTY:
		at->url = c == '/' ? URL_SLASH : c == '#' || c == '?' ? URL_FIXED : URL_OTHER;
		break;
	case URL_SLASH:
		at->url = c == '/' || c == '\\' ? URL_OTHER : URL_FIXED;
		break;
	case URL_FIXED: case URL_LINK: case URL_OTHER:
		break;
	}
}

static bool step_quoted(struct place *at, char c)
{
	if (c == at->quote) {
		at->where = AT_AFTER;
		at->quote = 0;
		at->url = URL_EMPTY;
		memset(at->attribute, 0, sizeof at->attribute);
		return true;
	}
	if (at->url == URL_LINK)
		return refuse(at, "nothing may follow a link in its attribute");
	if (is_one_of(at->attribute, url_attributes))
		url_step(at, c);
	return true;
}

static bool step_unquoted(struct place *at, char c)
{
	if (is_blank(c) || c == '>') {
		at->where = AT_AFTER;
		memset(at->attribute, 0, sizeof at->attribute);
		return step_tag(at, c);
	}
	return !strchr("\"'`=<", c) || refuse(at, "this value needs quotation marks");
}

/* Both <!doctype html> and <!-- --> begin with <!. */
static bool step_doctype(struct place *at, char c)
{
	if (c == '-' && at->dashes < 2) {
		if (++at->dashes == 2) {
			at->where = AT_COMMENT;
			at->dashes = 0;
		}
	} else if (c == '>') {
		at->where = AT_TEXT;
	}
	return true;
}

static bool step_comment(struct place *at, char c)
{
	if (c == '>' && at->dashes >= 2)
		at->where = AT_TEXT;
	at->dashes = c == '-' ? at->dashes + 1 : 0;
	return true;
}

bool place_step(struct place *at, char c)
{
	at->needs_newline = false;
	switch (at->where) {
	case AT_TEXT:      return step_text(at, c);
	case AT_OPEN:      return step_open(at, c);
	case AT_NAME:      return step_name(at, c);
	case AT_TAG:
	case AT_AFTER:     return step_tag(at, c);
	case AT_ATTRIBUTE: return step_attribute(at, c);
	case AT_EQUALS:    return step_equals(at, c);
	case AT_QUOTED:    return step_quoted(at, c);
	case AT_UNQUOTED:  return step_unquoted(at, c);
	case AT_COMMENT:   return step_comment(at, c);
	case AT_DOCTYPE:   return step_doctype(at, c);
	case AT_SCRIPT:
		if (c != '<')
			return refuse(at, "a script is a file of its own: nothing stands inline");
		at->where = AT_OPEN;
		return true;
	}
	return refuse(at, "an unknown place");
}

/* --- branches --- */

bool place_fork(struct place *at)
{
	switch (at->where) {
	case AT_TEXT:
		return !at->is_entity || refuse(at, "an entity does not end");
	case AT_QUOTED: case AT_TAG: case AT_AFTER:
		return true;
	case AT_NAME:
		if (at->is_end_tag)
			return refuse(at, "no condition in an end tag");
		at->where = AT_AFTER;
		return tag_named(at);
	case AT_ATTRIBUTE:
		at->where = AT_AFTER;
		if (!attribute_named(at))
			return false;
		memset(at->attribute, 0, sizeof at->attribute);
		return true;
	default:
		return refuse(at, "no condition, repetition or part may stand here");
	}
}

bool place_join(struct place *at, const struct place *other)
{
	bool is_in_tag = (at->where == AT_TAG || at->where == AT_AFTER) && (other->where == AT_TAG || other->where == AT_AFTER);
	struct place same = *other;

	if (is_in_tag && at->where != other->where)
		at->where = same.where = AT_AFTER;
	at->needs_newline = same.needs_newline = false;
	if (memcmp(at, &same, sizeof same) != 0)
		return refuse(at, "the branches end in different places: what one opens or closes, the other must too");
	return true;
}

bool place_end(struct place *at)
{
	if (at->where != AT_TEXT)
		return refuse(at, "the page ends inside a tag or comment");
	return !at->depth || refuse(at, "the page ends with an element still open");
}

/* --- what may stand here --- */

static const char *const plain_attributes[] = { "class", "id", "name", "value", "for", "lang", "hreflang", "title", "alt", "label",
	"placeholder", "datetime", "min", "max", "step", "rows", "cols", "colspan", "rowspan", "autocomplete", "inputmode",
	"maxlength", "minlength", "type", "role", "tabindex", "headers", "scope", "start", "span", "download", "list", "form", "abbr",
	"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width", "height", "viewbox", "d", "points", "text-anchor", NULL };

enum attribute_kind place_attribute(const struct place *at)
{
	static const char *const holeless[] = { "script", "meta", NULL };

	if (is_one_of(at->element, holeless))
		return ATTRIBUTE_NONE;
	if (is_one_of(at->attribute, url_attributes))
		return ATTRIBUTE_URL;
	bool is_prefixed = strncmp(at->attribute, "aria-", 5) == 0 || strncmp(at->attribute, "data-", 5) == 0;
	return is_prefixed || is_one_of(at->attribute, plain_attributes) ? ATTRIBUTE_PLAIN : ATTRIBUTE_NONE;
}

bool place_is_words(const struct place *at)
{
	static const char *const read_attributes[] = { "title", "alt", "label", "placeholder", "aria-label", "aria-description",
		"aria-roledescription", "aria-valuetext", "aria-placeholder", "data-is", "abbr", NULL };
	static const char *const code_elements[] = { "code", "kbd", "samp", NULL };

	if (at->where == AT_QUOTED || at->where == AT_UNQUOTED)
		return is_one_of(at->attribute, read_attributes);
	if (at->where != AT_TEXT || at->is_entity)
		return false;
	return !at->depth || !is_one_of(at->open[at->depth - 1], code_elements);
}

bool place_keeps_blanks(const struct place *at)
{
	for (int i = 0; i < at->depth; i++)
		if (strcmp(at->open[i], "pre") == 0 || strcmp(at->open[i], "textarea") == 0)
			return true;
	return false;
}
