/* Looks up files that tools/embed.c has put into the program. There are a handful, so a walk is enough. */
#include "floor/embedded.h"

const struct embedded *embedded_find(struct str path)
{
	for (size_t i = 0; i < embedded_n; i++)
		if (str_equal(embedded_files[i].path, path))
			return &embedded_files[i];
	return NULL;
}

const struct embedded *embedded_named(struct str name)
{
	for (size_t i = 0; i < embedded_n; i++)
		if (str_equal(embedded_files[i].name, name))
			return &embedded_files[i];
	abort();
}
