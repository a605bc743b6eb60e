#ifndef BACKUP_NOTE_H
#define BACKUP_NOTE_H
/* When the last backup was made, and where it went: HOME/store/last-backup, one line, written by `backup create` when the backup is whole
 * and on the disk. It is no part of the store: a restored home knows only of what is done there. */
#include "base/trouble.h"
#include "base/when.h"

struct backup_note { struct instant at; int64_t bytes; char path[256]; };
void backup_note_write(const char *home, const struct backup_note *);      /* a failure is said in the log; the backup stands */
bool backup_note_read(const char *home, struct backup_note *ret);          /* false: none, or not to be read */
#endif
