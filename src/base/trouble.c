/* One table maps each error code to what the outside sees: exit status and HTTP status.
 * What RADIUS sees is always "no accept"; the gateway door knows nothing finer. */
#include "base/trouble.h"
#include <stdarg.h>
#include <stdio.h>

static const struct { const char *name; int exit, http; } meaning[] = {
	[OK]           = { "ok", 0, 200 },
	[ERR_NONE]     = { "not found", 3, 404 },
	[ERR_DENIED]   = { "not allowed", 4, 403 },
	[ERR_INVALID]  = { "invalid", 2, 422 },
	[ERR_CONFLICT] = { "conflict", 5, 409 },
	[ERR_FULL]     = { "no room", 1, 507 },
	[ERR_BUSY]     = { "busy", 8, 503 },
	[ERR_IO]       = { "the machine failed", 1, 500 },
	[ERR_CORRUPT]  = { "the store contradicts itself", 6, 500 },
};

enum err trouble_say(struct trouble *trouble, enum err err, const char *format, ...)
{
	va_list list;

	assert(err != OK);
	if (!trouble || trouble->err != OK)
		return err;
	trouble->err = err;
	va_start(list, format);
	vsnprintf(trouble->text, sizeof trouble->text, format, list);
	va_end(list);
	return err;
}

/* A translation names the holes in the order of its message: msgfmt compares them. */
void trouble_reword(struct trouble *trouble, const char *said)
{
	const char *hole = trouble->holes;
	size_t n = 0;

	for (; *said && n < sizeof trouble->text - 1; said++) {
		if (said[0] != '%' || said[1] != 's') {
			trouble->text[n++] = *said;
			continue;
		}
		size_t length = strlen(hole), taken = MIN(length, sizeof trouble->text - 1 - n);
		memcpy(trouble->text + n, hole, taken);
		n += taken;
		hole += length + 1;
		said++;
	}
	trouble->text[n] = '\0';
}

enum err trouble_owe(struct trouble *trouble, enum err err, const char *english, ...)
{
	size_t n = 0;
	va_list list;

	assert(err != OK);
	if (!trouble || trouble->err != OK)
		return err;
	trouble->err = err;
	trouble->english = english;
	memset(trouble->holes, 0, sizeof trouble->holes);
	va_start(list, english);
	for (const char *at = english; (at = strchr(at, '%')); at += 2) {
		assert(at[1] == 's' || !"an owed sentence has only texts in its holes");
		struct str hole = str_of(va_arg(list, const char *));
		/* One byte stays for each hole that may follow. */
		size_t taken = MIN(hole.len, sizeof trouble->holes - 8 - MIN(n, sizeof trouble->holes - 8));
		memcpy(trouble->holes + n, hole.at ? hole.at : "", taken);
		n += taken + 1;
	}
	va_end(list);
	trouble_reword(trouble, english);
	return err;
}

enum err trouble_pass(struct trouble *trouble, enum err err, const struct trouble *from)
{
	if (trouble && trouble->err == OK) {
		int exit = trouble->exit;
		*trouble = *from;
		trouble->err = err;
		trouble->exit = exit;
	}
	return err;
}

enum err trouble_exit(struct trouble *trouble, int exit, enum err err)
{
	trouble->exit = exit;
	return err;
}

void trouble_clear(struct trouble *trouble)
{
	*trouble = (struct trouble){ .err = OK };
}

int err_exit(enum err err)
{
	return meaning[err].exit;
}

int err_http(enum err err)
{
	return meaning[err].http;
}

const char *err_name(enum err err)
{
	return meaning[err].name;
}
