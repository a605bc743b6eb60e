#ifndef FLOOR_TOKEN_COMMAND_H
#define FLOOR_TOKEN_COMMAND_H
/* `token make | list | end`: bearer tokens of programs that use /api/. */
#include "floor/page.h"

extern const struct command token_commands[];
#endif
