/* What is written: bytes, lines of C, the struct of a page's fields, the header and the function.
 *
 * Neighbouring literals become one constant (flush). What is longer than a line of ours may be stops the build. */
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "pagegen.h"

const struct of_type types[TYPES] = {
	[TEXT] = { "text", "struct str " }, [LINK] = { "link", "struct str " }, [NUMBER] = { "number", "int64_t " },
	[MOMENT] = { "moment", "struct instant " }, [DAY] = { "day", "struct instant " }, [CLOCK] = { "clock", "struct instant " },
	[FLAG] = { "flag", "bool " }, [HTML] = { "html", "struct safe_html " }, [WORD] = { "word", "const char *" },
	[PART] = { "part", "" }, [LIST] = { "list", "" },
};

/* --- small things --- */

_Noreturn void stop(const char *format, ...)
{
	va_list list;

	fprintf(stderr, "%s:%d: ", page.file, page.line);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

void add(struct bytes *to, const char *at, size_t n)
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

void print(struct bytes *to, const char *format, ...)
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

void add_c_string(struct bytes *to, const char *at, size_t n)
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

void tabs(void)
{
	for (int i = 0; i <= page.indent; i++)
		add(&page.body, "\t", 1);
}

/* One line of the generated function. */
void code(const char *format, ...)
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
void flush(void)
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

void put_header(FILE *to)
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

void put_source(FILE *to)
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
