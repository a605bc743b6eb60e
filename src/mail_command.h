#ifndef MAIL_COMMAND_H
#define MAIL_COMMAND_H
/* Commands of the outbox; they wait for core's post, so they stand here and not in the floor. */
#include "point.h"

extern const struct command mail_commands[];
#endif
