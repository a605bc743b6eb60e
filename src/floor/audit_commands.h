#ifndef FLOOR_AUDIT_COMMANDS_H
#define FLOOR_AUDIT_COMMANDS_H
/* audit verify, audit seal, audit export. They ask seal_of_core(). */
#include "floor/page.h"

extern const struct command audit_commands[];
#endif
