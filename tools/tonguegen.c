/* tonguegen: turns a compiled catalogue (.mo, made by msgfmt) into a constant C table of translations.
 *
 *     tonguegen sv.mo OUT.c
 *
 * It stops the build when a translation fills other {holes} than its message: msgfmt knows only printf's. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include "floor/tongue_table.h"

static unsigned char *file;
static size_t file_len;

static uint32_t number(size_t at)
{
	uint32_t ret = 0;

	if (at + 4 > file_len) {
		fprintf(stderr, "the catalogue is cut off\n");
		exit(1);
	}
	memcpy(&ret, file + at, 4);
	return ret;
}

/* String i of the table that begins at `table`; its second form, if any, stands behind a NUL. */
static const char *string(uint32_t table, uint32_t i, const char **ret_second)
{
	uint32_t len = number(table + 8 * i), at = number(table + 8 * i + 4);

	if ((size_t)at + len >= file_len || file[at + len] != 0) {
		fprintf(stderr, "the catalogue is broken\n");
		exit(1);
	}
	const char *first = (const char *)file + at;
	size_t n = strlen(first);
	*ret_second = n < len ? first + n + 1 : NULL;
	return first;
}

static bool has_hole(const char *text, const char *hole, size_t len)
{
	for (const char *open = strchr(text, '{'); open; open = strchr(open + 1, '{'))
		if (strncmp(open, hole, len) == 0)
			return true;
	return false;
}

/* Every hole of a stands in b. */
static void compare_holes(const char *a, const char *b)
{
	for (const char *open = strchr(a, '{'); open; open = strchr(open + 1, '{')) {
		const char *close = strchr(open, '}');
		if (!close || !has_hole(b, open, (size_t)(close - open) + 1)) {
			fprintf(stderr, "po: the holes differ: \"%s\" and \"%s\"\n", a, b);
			exit(1);
		}
	}
}

static void put_string(FILE *to, const char *text)
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", to);
		else if (*text == '"' || *text == '\\')
			fprintf(to, "\\%c", *text);
		else
			fputc(*text, to);
	}
	fputc('"', to);
}

static void put_table(FILE *to, uint32_t n, uint32_t english, uint32_t swedish)
{
	uint32_t slots = 16;
	while (slots < 2 * n)
		slots *= 2;
	char *is_taken = calloc(slots, 1);

	if (!is_taken)
		abort();
	fprintf(to, "/* Made by tonguegen. */\n#include \"floor/tongue_table.h\"\n\nconst uint32_t tongue_table_mask = %u;\n", slots - 1);
	fprintf(to, "const struct translation tongue_table[%u] = {\n", slots);
	for (uint32_t i = 0; i < n; i++) {
		const char *many, *many_said, *one = string(english, i, &many), *said = string(swedish, i, &many_said);
		if (!*one)
			continue;
		compare_holes(many ? many : one, many_said ? many_said : said);
		compare_holes(said, many ? many : one);
		uint32_t slot = tongue_hash(one, strlen(one)) & (slots - 1);
		while (is_taken[slot])
			slot = (slot + 1) & (slots - 1);
		is_taken[slot] = 1;
		fprintf(to, "\t[%u] = { ", slot);
		put_string(to, one);
		fprintf(to, ",\n\t\t");
		put_string(to, said);
		fprintf(to, ", ");
		if (many_said)
			put_string(to, many_said);
		else
			fprintf(to, "NULL");
		fprintf(to, " },\n");
	}
	fprintf(to, "};\n");
	free(is_taken);
}

int main(int n, char **words)
{
	FILE *from = n == 3 ? fopen(words[1], "rb") : NULL, *to = n == 3 ? fopen(words[2], "wb") : NULL;

	if (!from || !to) {
		fprintf(stderr, "usage: tonguegen CATALOGUE.mo OUT.c\n");
		return 2;
	}
	file = malloc(16 << 20);
	if (!file)
		abort();
	file_len = fread(file, 1, (16 << 20) - 1, from);
	fclose(from);
	if (number(0) != 0x950412deu) {
		fprintf(stderr, "%s is no catalogue of this machine's byte order\n", words[1]);
		return 1;
	}
	put_table(to, number(8), number(12), number(16));
	free(file);
	return fclose(to) == 0 ? 0 : 1;
}
