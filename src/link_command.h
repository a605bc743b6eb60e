#ifndef LINK_COMMAND_H
#define LINK_COMMAND_H
/* `samordna link check`. */
#include "floor/page.h"

extern const struct command link_commands[];
#endif
