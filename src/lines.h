#ifndef LINES_H
#define LINES_H
/* `lines read` and `lines replay`: lines_command.c. */
#include "floor/page.h"

extern const struct command lines_commands[];
#endif
