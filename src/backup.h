#ifndef BACKUP_H
#define BACKUP_H
/* backup create | verify | restore: the store and the seal's state of one moment, in one file (backup_file.h). */
#include "floor/page.h"

extern const struct command backup_commands[];
/* core, before a schema file is applied: the store as it stands, beside itself, under a name that tells from which program.
 * OK also where the engine has no such copy (PostgreSQL); a sentence in the log either way. */
enum err backup_before_upgrade(struct rq *, const char *home);
#endif
