/* The comment that opens a page: its name, its typed fields, and what stands behind them.
 *
 * A field's type is a word of the table in pagegen_emit.c; a list opens a level of its own, whose fields know it as their parent.
 * What is misspelt, stands twice or does not end stops the build with its line. */
#include <ctype.h>
#include <string.h>
#include "pagegen.h"

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

int field_find(int parent, const char *name, size_t n)
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

void header(void)
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
