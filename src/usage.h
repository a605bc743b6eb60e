#ifndef USAGE_H
#define USAGE_H
/* What the command line says of itself, walked from the tables of commands: `samordna help`, `samordna COMMAND --help`, and the nearest
 * names when a command is unknown. Nothing here is a list of features; examples are checked by tests/help.sh. */
#include "floor/page.h"
#include <stdio.h>

/* All commands, or those under the words (a noun, or one command). False: there is none under them. */
bool usage_print(FILE *, enum language, struct str under);
/* The start: usage, the first commands to try, where the rest is. */
void usage_short(FILE *, enum language);
/* "There is no such command", and the nearest that there are. */
void usage_unknown(FILE *, enum language, struct str typed);
/* Every command of every table: start with both 0; NULL at the end. */
const struct command *usage_next(size_t *table, size_t *row);
#endif
