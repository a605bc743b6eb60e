#ifndef INCIDENTS_H
#define INCIDENTS_H
/* Shared by the files of this point. */
#include "point.h"

extern const struct command incidents_commands[];
#endif
