/* The other holes: messages with their own holes and plurals, {if}, {each}, {else}, {end}, and parts, which are pages.
 *
 * A message becomes its English text, marked for xgettext; the translation is looked up and its holes are filled when the page is drawn.
 * A branch must leave the tokenizer where it was, so that a page is well formed on every way through it.
 *
 * SECURITY: a message is ours, and escaped like any text; its holes are fields, and are written as pagegen_hole.c says. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "pagegen.h"

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

void message(struct bytes one, const struct bytes *many, const char *number)
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

void plural(void)
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

void hole_if(void)
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

void hole_each(void)
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

void hole_else(void)
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

void hole_end(void)
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

void hole_part(void)
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
