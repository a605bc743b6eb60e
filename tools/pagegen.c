/* pagegen: compiles one page, x.html, to a C function over a typed struct. HACKING.md, "Pages", is its manual.
 *
 *     pagegen PAGE.html OUT.h OUT.c
 *
 * The comment that opens a page names it and its fields; what follows is HTML with holes in braces. One pass: bytes
 * outside braces are literal and are fed to the tokenizer (place.c), which knows for each hole what it is part of;
 * the hole's type and its place choose the one writer that is right there. Neighbouring literals become one constant.
 *
 * SECURITY: there is no way to write a text into a page unescaped. What cannot be escaped safely stops the build, with
 * file and line: a hole in a script, a style, a name, a comment, an unquoted value; a text where a URL begins.
 *
 * End tags that HTML does not need (of cells, rows, items, options) stand in the source and not in the page: a tenth of a long table.
 * It does not format HTML, knows no components (a part is another page) and calculates nothing: what a page needs to
 * know stands ready in its struct. */
#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "place.h"

enum type { TEXT, LINK, NUMBER, MOMENT, DAY, CLOCK, FLAG, HTML, WORD, PART, LIST };
static const struct { const char *name, *c; } types[] = {
	[TEXT] = { "text", "struct str " }, [LINK] = { "link", "struct str " }, [NUMBER] = { "number", "int64_t " },
	[MOMENT] = { "moment", "struct instant " }, [DAY] = { "day", "struct instant " }, [CLOCK] = { "clock", "struct instant " },
	[FLAG] = { "flag", "bool " }, [HTML] = { "html", "struct safe_html " }, [WORD] = { "word", "const char *" },
	[PART] = { "part", "" }, [LIST] = { "list", "" },
};

enum { FIELDS = 256, NAME = 64, LINE = 160, DEEP = 24 };
struct field {
	enum type type;
	char      name[NAME], part[NAME], why[LINE];
	int       parent;                    /* the list that it belongs to, or -1 */
};
struct bytes { char *at; size_t len, room; };
struct branch { enum { IF, EACH } kind; bool has_else; int list, line; struct place begin, first; };

static struct {
	const char   *file;
	char         *source;
	size_t        i;
	int           line;
	char          name[NAME];
	struct field  fields[FIELDS];
	int           n_fields;
	struct place  place;
	struct branch branches[DEEP];
	int           n_branches, indent;
	struct bytes  literal, body;
	bool          uses_page, uses_language;
} page;

/* --- small things --- */

__attribute__((format(printf, 1, 2))) _Noreturn static void stop(const char *format, ...)
{
	va_list list;

	fprintf(stderr, "%s:%d: ", page.file, page.line);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

static void add(struct bytes *to, const char *at, size_t n)
{
	if (to->room - to->len < n + 1) {
		to->room = (to->room + n + 1) * 2;
		to->at = realloc(to->at, to->room);
		if (!to->at)
			abort();
	}
	memcpy(to->at + to->len, at, n);
	to->len += n;
	to->at[to->len] = 0;
}

__attribute__((format(printf, 2, 3))) static void print(struct bytes *to, const char *format, ...)
{
	char line[4096];
	va_list list;

	va_start(list, format);
	int n = vsnprintf(line, sizeof line, format, list);
	va_end(list);
	if (n < 0 || (size_t)n >= sizeof line)
		stop("a line of the generated code is too long");
	add(to, line, (size_t)n);
}

static void add_c_string(struct bytes *to, const char *at, size_t n)
{
	add(to, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		if (at[i] == '\n')
			add(to, "\\n", 2);
		else if (at[i] == '\t')
			add(to, "\\t", 2);
		else if (at[i] == '"' || at[i] == '\\')
			print(to, "\\%c", at[i]);
		else
			add(to, &at[i], 1);
	}
	add(to, "\"", 1);
}

static void tabs(void)
{
	for (int i = 0; i <= page.indent; i++)
		add(&page.body, "\t", 1);
}

/* One line of the generated function. */
__attribute__((format(printf, 1, 2))) static void code(const char *format, ...)
{
	char line[2048];
	va_list list;

	va_start(list, format);
	int n = vsnprintf(line, sizeof line, format, list);
	va_end(list);
	if (n < 0 || (size_t)n >= sizeof line)
		stop("a line of the generated code is too long");
	tabs();
	add(&page.body, line, (size_t)n);
	add(&page.body, "\n", 1);
}

/* What was literal since the last hole becomes one call, one line of source a line. */
static void flush(void)
{
	struct bytes *text = &page.literal;

	if (!text->len)
		return;
	tabs();
	add(&page.body, "out_put(o, STR(", 15);
	for (size_t from = 0; from < text->len;) {
		const char *end = memchr(text->at + from, '\n', text->len - from);
		size_t to = end ? (size_t)(end - text->at) + 1 : text->len;
		if (from || to < text->len) {
			add(&page.body, "\n", 1);
			tabs();
			add(&page.body, "\t", 1);
		}
		add_c_string(&page.body, text->at + from, to - from);
		from = to;
	}
	add(&page.body, "));\n", 4);
	text->len = 0;
}

/* --- the opening comment --- */

static bool header_blank(void)
{
	while (isspace((unsigned char)page.source[page.i]))
		page.line += page.source[page.i++] == '\n';
	return true;
}

static bool header_word(char ret[NAME])
{
	size_t n = 0;

	while (page.source[page.i] == ' ' || page.source[page.i] == '\t')
		page.i++;
	while (isalnum((unsigned char)page.source[page.i]) || strchr("_/", page.source[page.i] ? page.source[page.i] : ' ')) {
		if (n + 1 == NAME)
			stop("a name is too long");
		ret[n++] = page.source[page.i++];
	}
	ret[n] = 0;
	return n > 0;
}

/* "-- what it is for" behind a field becomes its comment in the struct. */
static void header_why(char ret[LINE])
{
	size_t n = 0;

	ret[0] = 0;
	while (page.source[page.i] == ' ' || page.source[page.i] == '\t')
		page.i++;
	if (strncmp(page.source + page.i, "-- ", 3) != 0)
		return;
	for (page.i += 3; page.source[page.i] && page.source[page.i] != '\n'; page.i++)
		if (n + 1 < LINE)
			ret[n++] = page.source[page.i];
	ret[n] = 0;
	if (strstr(ret, "*/"))
		stop("a comment holds */");
}

static int field_find(int parent, const char *name, size_t n)
{
	for (int i = 0; i < page.n_fields; i++)
		if (page.fields[i].parent == parent && strlen(page.fields[i].name) == n && memcmp(page.fields[i].name, name, n) == 0)
			return i;
	return -1;
}

static void header_fields(int parent);

static void header_field(const char *type, int parent)
{
	struct field field = { .parent = parent };
	size_t t = 0;

	while (t < sizeof types / sizeof types[0] && strcmp(types[t].name, type) != 0)
		t++;
	if (t == sizeof types / sizeof types[0])
		stop("unknown type \"%s\"", type);
	field.type = (enum type)t;
	if (field.type == PART && !header_word(field.part))
		stop("a part needs its page: part PAGE NAME");
	if (!header_word(field.name) || strchr(field.name, '/') || isdigit((unsigned char)field.name[0]))
		stop("a field needs a name");
	if (field_find(parent, field.name, strlen(field.name)) >= 0)
		stop("field \"%s\" stands twice", field.name);
	if (page.n_fields == FIELDS)
		stop("too many fields");
	int self = page.n_fields++;
	page.fields[self] = field;
	if (field.type == LIST) {
		header_blank();
		if (page.source[page.i++] != '{')
			stop("list %s needs its fields in braces", field.name);
		header_why(page.fields[self].why);
		header_fields(self);
	} else {
		header_why(page.fields[self].why);
	}
}

static void header_fields(int parent)
{
	for (;;) {
		char word[NAME];

		header_blank();
		if (parent >= 0 && page.source[page.i] == '}') {
			page.i++;
			return;
		}
		if (strncmp(page.source + page.i, "-->", 3) == 0) {
			if (parent >= 0)
				stop("list %s is not closed", page.fields[parent].name);
			page.i += 3;
			return;
		}
		if (!header_word(word))
			stop("a field is needed here: TYPE NAME");
		header_field(word, parent);
	}
}

static void header(void)
{
	static const char begin[] = "<!--page ";

	if (strncmp(page.source, begin, sizeof begin - 1) != 0)
		stop("a page opens with <!--page NAME");
	page.i = sizeof begin - 1;
	if (!header_word(page.name) || strchr(page.name, '/'))
		stop("the page needs a name");
	header_fields(-1);
	while (page.source[page.i] == '\n')
		page.i++, page.line++;
}

/* --- holes --- */

static struct { size_t from, to; } hole;    /* in page.source */

static void hole_blank(void)
{
	while (hole.from < hole.to && isspace((unsigned char)page.source[hole.from]))
		page.line += page.source[hole.from++] == '\n';
}

static bool hole_word(const char *word)
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
static int path_find(const char *at, size_t n, char c[256])
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

static int hole_field(char c[256])
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

static void hole_ends(void)
{
	hole_blank();
	if (hole.from != hole.to)
		stop("\"%.*s\" is too much in this hole", (int)(hole.to - hole.from), page.source + hole.from);
}

/* "a message": blanks and line ends become one blank. */
static struct bytes hole_message(void)
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
static void write_for_people(enum type type, const char *c)
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
static enum attribute_kind place_of_hole(void)
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

static void value(void)
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

/* --- messages --- */

/* The names in braces in a message, each once; returns how many. */
static int message_holes(const char *text, const char *at[16], size_t len[16])
{
	int n = 0;

	for (const char *open = strchr(text, '{'); open; open = strchr(open + 1, '{')) {
		const char *close = strchr(open, '}');
		if (!close)
			stop("a { in a message does not end");
		bool is_known = false;
		for (int i = 0; i < n; i++)
			is_known |= len[i] == (size_t)(close - open - 1) && memcmp(at[i], open + 1, len[i]) == 0;
		if (is_known)
			continue;
		if (n == 16)
			stop("too many holes in one message");
		at[n] = open + 1;
		len[n++] = (size_t)(close - open - 1);
	}
	return n;
}

static void fill_message(const struct bytes *said, int n, const char *const at[16], const size_t len[16])
{
	code("for (struct said said = hole_begin(%s); hole_next(o, &said);) {", said->at);
	page.indent++;
	for (int i = 0; i < n; i++) {
		char c[256];
		int field = path_find(at[i], len[i], c);
		tabs();
		print(&page.body, "if (hole_is(&said, STR(\"%.*s\")))\n", (int)len[i], at[i]);
		page.indent++;
		if (page.fields[field].type == HTML)
			stop("html stands in text only, not in a message");
		write_for_people(page.fields[field].type, c);
		page.indent--;
	}
	page.indent--;
	code("}");
}

/* The call that has the message translated. */
static struct bytes said_of(const struct bytes *one, const struct bytes *many, const char *number)
{
	struct bytes said = { 0 };

	page.uses_language = true;
	if (many) {
		print(&said, "tongue_n(language, ");
		add_c_string(&said, one->at, one->len);
		print(&said, ", ");
		add_c_string(&said, many->at, many->len);
		print(&said, ", %s)", number);
	} else {
		print(&said, "tongue_here(language, ");
		add_c_string(&said, one->at, one->len);
		print(&said, ")");
	}
	return said;
}

static void message(struct bytes one, const struct bytes *many, const char *number)
{
	const char *at[16];
	size_t len[16];
	enum attribute_kind kind = place_of_hole();

	hole_ends();
	if (kind == ATTRIBUTE_URL)
		stop("a message in a URL");
	flush();
	/* A name that only the plural uses is a hole too. */
	struct bytes both = { 0 };
	print(&both, "%s%s", one.at, many ? many->at : "");
	int n = message_holes(both.at, at, len);
	struct bytes said = said_of(&one, many, number);
	if (strchr(said.at, '%'))
		code("/* xgettext:no-c-format */");
	if (n) {
		fill_message(&said, n, at, len);
	} else {
		tabs();
		print(&page.body, "hole_say(o, %s);\n", said.at);
	}
	free(both.at);
	free(said.at);
}

static void plural(void)
{
	char c[256];
	int field = hole_field(c);

	if (page.fields[field].type != NUMBER)
		stop("plural needs a number: {plural NUMBER \"one\" \"many\"}");
	struct bytes one = hole_message(), many = hole_message();
	message(one, &many, c);
	free(one.at);
	free(many.at);
}

/* --- branches and parts --- */

static struct branch *branch_begin(int kind)
{
	if (!place_fork(&page.place))
		stop("%s", page.place.error);
	if (page.n_branches == DEEP)
		stop("conditions lie too deep in each other");
	struct branch *branch = &page.branches[page.n_branches++];
	memset(branch, 0, sizeof *branch);
	branch->kind = kind;
	branch->line = page.line;
	branch->begin = page.place;
	return branch;
}

static void hole_if(void)
{
	char c[256];
	bool is_not = hole_word("not");
	enum type type = page.fields[hole_field(c)].type;
	char more[300];

	hole_ends();
	flush();
	branch_begin(IF);
	switch (type) {
	case TEXT: case LINK:           snprintf(more, sizeof more, "%s.len", c); break;
	case HTML:                      snprintf(more, sizeof more, "%s.html.len", c); break;
	case MOMENT: case DAY: case CLOCK: snprintf(more, sizeof more, "%s.ms", c); break;
	case LIST: {
		char *name = strstr(c, "->") + 2;
		snprintf(more, sizeof more, "%.*sn_%s", (int)(name - c), c, name);
		break;
	}
	case PART:                      stop("a part cannot be asked");
	default:                        snprintf(more, sizeof more, "%s", c);
	}
	code(is_not ? "if (!%s) {" : "if (%s) {", more);
	page.indent++;
}

static void hole_each(void)
{
	char c[256];
	int list = hole_field(c);
	const char *name = page.fields[list].name;

	if (page.fields[list].type != LIST)
		stop("{each} walks a list, and \"%s\" is none", name);
	hole_ends();
	flush();
	for (int i = 0; i < page.n_branches; i++)
		if (page.branches[i].kind == EACH && page.branches[i].list == list)
			stop("{each %s} stands in itself", name);
	struct branch *branch = branch_begin(EACH);
	branch->list = list;
	char *member = strstr(c, "->") + 2;
	code("for (size_t %s_i = 0; %s_i < %.*sn_%s; %s_i++) {", name, name, (int)(member - c), c, name, name);
	page.indent++;
	struct bytes type = { 0 };
	char path[4][NAME];
	int deep = 0;
	for (int i = list; i >= 0 && deep < 4; i = page.fields[i].parent)
		snprintf(path[deep++], NAME, "%s", page.fields[i].name);
	while (deep--)
		print(&type, "_%s", path[deep]);
	code("const struct %s_page%s *%s = &%s[%s_i];", page.name, type.at, name, c, name);
	free(type.at);
}

static void hole_else(void)
{
	hole_ends();
	flush();
	if (!page.n_branches || page.branches[page.n_branches - 1].has_else)
		stop("{else} without an open {if} or {each}");
	struct branch *branch = &page.branches[page.n_branches - 1];
	if (!place_fork(&page.place))
		stop("%s", page.place.error);
	branch->has_else = true;
	branch->first = page.place;
	page.indent--;
	if (branch->kind == IF) {
		code("} else {");
	} else {
		if (!place_join(&page.place, &branch->begin))
			stop("%s", page.place.error);
		code("}");
		char c[256];
		const struct field *list = &page.fields[branch->list];
		snprintf(c, sizeof c, "%s->n_%s", list->parent < 0 ? "p" : page.fields[list->parent].name, list->name);
		code("if (!%s) {", c);
	}
	page.place = branch->begin;
	page.indent++;
}

static void hole_end(void)
{
	hole_ends();
	flush();
	if (!page.n_branches)
		stop("{end} without an open {if} or {each}");
	if (!place_fork(&page.place))
		stop("%s", page.place.error);
	struct branch *branch = &page.branches[--page.n_branches];
	struct place other = branch->has_else ? branch->first : branch->begin;
	if (!place_join(&page.place, &other))
		stop("%s (it began in line %d)", page.place.error, branch->line);
	page.indent--;
	code("}");
}

/* {part NAME what="A message" name=plain is_so}: what stands behind the name is fixed by the page, not by the caller. */
static void part_arguments(const char *name)
{
	while (hole.from < hole.to) {
		size_t from = hole.from;
		while (hole.from < hole.to && (isalnum((unsigned char)page.source[hole.from]) || page.source[hole.from] == '_'))
			hole.from++;
		int len = (int)(hole.from - from);
		if (!len)
			stop("a part's argument is NAME=\"message\", NAME=word or NAME");
		tabs();
		print(&page.body, "%s.%.*s = ", name, len, page.source + from);
		if (hole.from == hole.to || page.source[hole.from] != '=') {
			print(&page.body, "true;\n");
		} else if (page.source[++hole.from] == '"') {
			struct bytes text = hole_message();
			print(&page.body, "N_(");
			add_c_string(&page.body, text.at, text.len);
			print(&page.body, ");\n");
			free(text.at);
		} else {
			size_t begin = hole.from;
			while (hole.from < hole.to && !isspace((unsigned char)page.source[hole.from]))
				hole.from++;
			print(&page.body, "STR(");
			add_c_string(&page.body, page.source + begin, hole.from - begin);
			print(&page.body, ");\n");
		}
		hole_blank();
	}
}

static void hole_part(void)
{
	char c[256];
	const struct field *part = &page.fields[hole_field(c)];

	if (part->type != PART)
		stop("\"%s\" is not a part", part->name);
	if (page.place.where != AT_TEXT)
		stop("a part stands in text");
	flush();
	const char *slash = strrchr(part->part, '/');
	const char *name = slash ? slash + 1 : part->part;
	page.uses_language = true;
	if (hole.from == hole.to) {
		code("%s_page(o, language, &%s);", name, c);
		return;
	}
	code("{");
	page.indent++;
	code("struct %s_page part = %s;", name, c);
	part_arguments("part");
	code("%s_page(o, language, &part);", name);
	page.indent--;
	code("}");
}

/* --- the page --- */

/* The closing brace of a hole; braces inside a message do not count. */
static size_t hole_close(void)
{
	bool is_quoted = false;

	for (size_t i = page.i + 1; page.source[i]; i++) {
		if (page.source[i] == '\\' && is_quoted && page.source[i + 1])
			i++;
		else if (page.source[i] == '"')
			is_quoted = !is_quoted;
		else if (page.source[i] == '}' && !is_quoted)
			return i;
	}
	stop("a { does not end; a brace itself is written {{");
}

/* A {if}, {each}, {else} or {end} alone on its line leaves no empty line behind. */
static void swallow_line(size_t open, size_t after)
{
	size_t i = open;

	while (i && (page.source[i - 1] == ' ' || page.source[i - 1] == '\t'))
		i--;
	if ((i == 0 || page.source[i - 1] == '\n') && page.source[after] == '\n' && !place_keeps_blanks(&page.place)
	    && page.place.where == AT_TEXT) {
		page.i++;
		page.line++;
	}
}

static void step_hole(void)
{
	size_t open = page.i;

	hole.from = page.i + 1;
	hole.to = hole_close();
	page.i = hole.to + 1;
	hole_blank();
	bool is_word = true;
	if (hole.from < hole.to && page.source[hole.from] == '"') {
		struct bytes text = hole_message();
		message(text, NULL, NULL);
		free(text.at);
		return;
	}
	if (hole_word("plural"))
		plural();
	else if (hole_word("part"))
		hole_part();
	else if (hole_word("if"))
		hole_if();
	else if (hole_word("each"))
		hole_each();
	else if (hole_word("else"))
		hole_else();
	else if (hole_word("end"))
		hole_end();
	else
		value(), is_word = false;
	if (is_word)
		swallow_line(open, page.i);
}

/* End tags that HTML lets out wherever ours stand: the next cell, row or item, or the end of what holds them, says the same. */
static void leave_out(void)
{
	static const char *const spare[] = { "</td>", "</th>", "</tr>", "</thead>", "</tbody>", "</li>", "</option>", "</dt>", "</dd>" };
	struct bytes *text = &page.literal;

	for (size_t i = 0; i < sizeof spare / sizeof spare[0]; i++) {
		size_t n = strlen(spare[i]);
		if (text->len >= n && page.place.where == AT_TEXT && memcmp(text->at + text->len - n, spare[i], n) == 0)
			text->len -= n;
	}
}

static void step_literal(char c)
{
	bool is_letter = isalpha((unsigned char)c) || ((unsigned char)c >= 0xc3 && (unsigned char)c != 0xe2);   /* e2: dashes, quotes */
	bool was_words = place_is_words(&page.place);
	enum where was = page.place.where;
	bool is_indent = (c == '\t' || c == ' ') && page.i && page.source[page.i - 1] == '\n';

	if (c == '\n')
		page.line++;
	if (was_words && is_letter)
		stop("a word that is not translated: write {\"...\"}");
	if (!place_step(&page.place, c))
		stop("%s", page.place.error);
	page.i++;
	/* Indentation is for the reader of the source. */
	if (is_indent && page.place.where == AT_TEXT && !place_keeps_blanks(&page.place)) {
		while (page.source[page.i] == '\t' || page.source[page.i] == ' ')
			page.i++;
		return;
	}
	/* Comments stay in the source. */
	if (was == AT_DOCTYPE && page.place.where == AT_COMMENT)
		page.literal.len -= sizeof "<!-" - 1;
	if (was == AT_COMMENT || page.place.where == AT_COMMENT)
		return;
	add(&page.literal, &c, 1);
	if (c == '>')
		leave_out();
	/* HTML drops the first newline of a textarea; ours goes in its place. */
	if (page.place.needs_newline) {
		add(&page.literal, "\n", 1);
		page.place.needs_newline = false;
	}
}

static void walk(void)
{
	while (page.source[page.i]) {
		char c = page.source[page.i];
		if ((c == '{' || c == '}') && page.source[page.i + 1] == c) {
			page.i++;
			step_literal(c);
		} else if (c == '{') {
			step_hole();
		} else if (c == '}') {
			stop("a } without its {; a brace itself is written }}");
		} else {
			step_literal(c);
		}
	}
	if (page.n_branches)
		stop("the {%s} of line %d has no {end}", page.branches[page.n_branches - 1].kind == IF ? "if" : "each",
			page.branches[page.n_branches - 1].line);
	if (!place_end(&page.place))
		stop("%s", page.place.error);
	flush();
}

/* --- output --- */

static void put_struct(FILE *to, int parent, const char *name)
{
	for (int i = 0; i < page.n_fields; i++) {
		char inner[512];
		if (page.fields[i].parent != parent || page.fields[i].type != LIST)
			continue;
		snprintf(inner, sizeof inner, "%s_%s", name, page.fields[i].name);
		put_struct(to, i, inner);
	}
	fprintf(to, "struct %s {\n", name);
	int n = 0;
	for (int i = 0; i < page.n_fields; i++) {
		const struct field *field = &page.fields[i];
		if (field->parent != parent)
			continue;
		n++;
		const char *slash = strrchr(field->part, '/');
		if (field->type == LIST)
			fprintf(to, "\tconst struct %s_%s *%s; size_t n_%s;", name, field->name, field->name, field->name);
		else if (field->type == PART)
			fprintf(to, "\tstruct %s_page %s;", slash ? slash + 1 : field->part, field->name);
		else
			fprintf(to, "\t%s%s;", types[field->type].c, field->name);
		fprintf(to, field->why[0] ? "   /* %s */\n" : "%s\n", field->why);
	}
	if (!n)
		fprintf(to, "\tchar nothing;\n");
	fprintf(to, "};\n");
}

static void put_header(FILE *to)
{
	char name[NAME + 8];

	fprintf(to, "/* Made by pagegen of %s. */\n#ifndef PAGE_%s_H\n#define PAGE_%s_H\n#include \"floor/hole.h\"\n",
		strrchr(page.file, '/') ? strrchr(page.file, '/') + 1 : page.file, page.name, page.name);
	for (int i = 0; i < page.n_fields; i++) {
		bool is_first = page.fields[i].type == PART;
		for (int k = 0; k < i && is_first; k++)
			is_first = page.fields[k].type != PART || strcmp(page.fields[k].part, page.fields[i].part) != 0;
		if (is_first)
			fprintf(to, "#include \"%s.html.h\"\n", page.fields[i].part);
	}
	fputc('\n', to);
	snprintf(name, sizeof name, "%s_page", page.name);
	put_struct(to, -1, name);
	fprintf(to, "\nvoid %s(struct out *, enum language, const struct %s *);\n#endif\n", name, name);
}

static void put_source(FILE *to)
{
	fprintf(to, "/* Made by pagegen of %s. */\n#include \"%s.html.h\"\n\n",
		strrchr(page.file, '/') ? strrchr(page.file, '/') + 1 : page.file, page.name);
	fprintf(to, "void %s_page(struct out *o, enum language language, const struct %s_page *p)\n{\n", page.name, page.name);
	if (!page.uses_language)
		fprintf(to, "\t(void)language;\n");
	if (!page.uses_page)
		fprintf(to, "\t(void)p;\n");
	fprintf(to, "%s}\n", page.body.at ? page.body.at : "");
}

static char *read_whole(const char *path)
{
	FILE *from = fopen(path, "rb");
	struct bytes all = { 0 };
	char some[8192];

	if (!from) {
		perror(path);
		exit(1);
	}
	for (size_t n; (n = fread(some, 1, sizeof some, from));)
		add(&all, some, n);
	if (ferror(from) || (all.len && memchr(all.at, 0, all.len))) {
		fprintf(stderr, "%s: cannot be read, or holds a NUL\n", path);
		exit(1);
	}
	fclose(from);
	return all.at ? all.at : calloc(1, 1);
}

static void write_whole(const char *path, void (*put)(FILE *))
{
	FILE *to = fopen(path, "wb");

	if (to)
		put(to);
	if (!to || fflush(to) != 0 || fclose(to) != 0) {
		perror(path);
		exit(1);
	}
}

int main(int n, char **words)
{
	if (n != 4) {
		fprintf(stderr, "usage: pagegen PAGE.html OUT.h OUT.c\n");
		return 2;
	}
	page.file = words[1];
	page.line = 1;
	page.source = read_whole(words[1]);
	header();
	/* The file is named for its page, so that the generated include is right. */
	const char *stem = strrchr(page.file, '/') ? strrchr(page.file, '/') + 1 : page.file;
	if (strncmp(stem, page.name, strlen(page.name)) != 0 || strcmp(stem + strlen(page.name), ".html") != 0)
		stop("page \"%s\" stands in file %s: the names must be the same", page.name, stem);
	walk();
	write_whole(words[2], put_header);
	write_whole(words[3], put_source);
	free(page.source);
	return 0;
}
