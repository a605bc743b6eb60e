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
