#ifndef SERVE_H
#define SERVE_H
/* Keeper: the process table. Binds the ports, starts the others, passes descriptors, starts again what dies. */
#include "boot.h"

/* Runs until SIGTERM or SIGINT. `is_doorless`: no web, gateway or post; for a command on a home where nothing runs. `is_quiet`: no lines
 * about addresses. `is_one`: threads instead of processes and no walls, for a debugger (serve_one.c). ERR_BUSY: another keeper
 * holds HOME's lock. */
int serve(struct boot *, bool is_doorless, bool is_one);
/* What a started process does first: takes its settings from keeper on descriptor 3 and runs. `name` is from the process table. */
int serve_child(const char *name);
/* Connects to HOME's control socket; -1 when nobody answers. */
int control_connect(const char *home);
#endif
