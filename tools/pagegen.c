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
 * In parts: here the walk through the page; pagegen_header.c its comment, pagegen_hole.c fields, pagegen_say.c messages and branches,
 * pagegen_emit.c what is written.
 *
 * It does not format HTML, knows no components (a part is another page) and calculates nothing: what a page needs to
 * know stands ready in its struct. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pagegen.h"

struct page page;

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
