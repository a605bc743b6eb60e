/* embed: puts files into the program, so that nothing is read from disk at run time.
 *
 *     embed OUT.c FILE...
 *
 * Each file gets an address that holds a hash of its content (/static/samordna.0123456789abcdef.css), so that browsers may keep
 * it for ever and a new version is a new address. The hash is for names only (FNV-1a); it proves nothing. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *type_of(const char *ending)
{
	static const struct { const char *ending, *type; } types[] = {
		{ ".css", "text/css; charset=utf-8" }, { ".svg", "image/svg+xml" }, { ".js", "text/javascript; charset=utf-8" },
		{ ".txt", "text/plain; charset=utf-8" },
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].ending, ending) == 0)
			return types[i].type;
	fprintf(stderr, "embed: no type for files that end in %s\n", ending);
	exit(1);
}

/* A style sheet without its comments and line ends: they are for us. */
static size_t css_press(unsigned char *at, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (at[i] == '/' && i + 1 < n && at[i + 1] == '*') {
			for (i += 2; i + 1 < n && !(at[i] == '*' && at[i + 1] == '/'); i++) {
			}
			i++;
		} else if (at[i] == '\n' || at[i] == '\t') {
			if (to && !strchr("{};,", at[to - 1]))
				at[to++] = ' ';
		} else {
			at[to++] = at[i];
		}
	}
	return to;
}

static void put_file(FILE *to, const char *path)
{
	static unsigned char bytes[1 << 20];
	FILE *from = fopen(path, "rb");
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path, *ending = strrchr(name, '.');
	uint64_t hash = 0xcbf29ce484222325u;

	if (!from || !ending) {
		perror(path);
		exit(1);
	}
	size_t n = fread(bytes, 1, sizeof bytes, from);
	fclose(from);
	if (n == sizeof bytes) {
		fprintf(stderr, "%s: too large to embed\n", path);
		exit(1);
	}
	if (strcmp(ending, ".css") == 0)
		n = css_press(bytes, n);
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	fprintf(to, "\t{ STR(\"%s\"), STR(\"/static/%.*s.%016llx%s\"), \"%s\", STR(\"\\\"%016llx\\\"\"), STR(", name, (int)(ending - name),
		name, (unsigned long long)hash, ending, type_of(ending), (unsigned long long)hash);
	for (size_t i = 0; i < n; i++) {
		if (i % 100 == 0)
			fprintf(to, "\n\t\t\"");
		if (bytes[i] == '"' || bytes[i] == '\\')
			fprintf(to, "\\%c", bytes[i]);
		else if (bytes[i] < ' ' || bytes[i] > '~')
			fprintf(to, "\\%03o", bytes[i]);
		else
			fputc(bytes[i], to);
		if (i % 100 == 99 || i + 1 == n)
			fputc('"', to);
	}
	fprintf(to, ") },\n");
}

int main(int n, char **words)
{
	FILE *to = n > 1 ? fopen(words[1], "wb") : NULL;

	if (!to) {
		fprintf(stderr, "usage: embed OUT.c FILE...\n");
		return 2;
	}
	fprintf(to, "/* Made by embed. */\n#include \"floor/embedded.h\"\n\nconst struct embedded embedded_files[] = {\n");
	for (int i = 2; i < n; i++)
		put_file(to, words[i]);
	fprintf(to, "};\nconst size_t embedded_n = %d;\n", n - 2);
	return fclose(to) == 0 ? 0 : 1;
}
