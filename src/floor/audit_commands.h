#ifndef FLOOR_AUDIT_COMMANDS_H
#define FLOOR_AUDIT_COMMANDS_H
/* audit verify, audit seal, audit export. They ask seal_of_core(). */
#include "floor/audit.h"
#include "floor/page.h"

/* A line for each fault, as audit verify prints them. */
void audit_say_faults(struct rq *, struct out *, bool is_json, const struct verdict_of_log *);
extern const struct command audit_commands[];
#endif
