#ifndef HANDOUT_H
#define HANDOUT_H
/* Files that a command makes (an export) travel to its caller: core writes them into a folder of its own in HOME/store, since it can name no
 * other, and hands each over as an open descriptor; the caller's own program copies them to where it was told. */
#include "core.h"

/* core's side. begin: an empty folder, open; its name for end. send: every file of it, folders one deep. end: the folder goes. */
struct handout { char name[40]; int dir; };
enum err handout_begin(struct rq *, struct handout *ret);
enum err handout_send(struct rq *, const struct handout *, int control_fd);
void     handout_end(struct handout *);
void     handout_tidy(void);                    /* at start: what a kill left behind */

/* The caller's side: a STREAM_NAMED parcel into `dir`. False: it could not be written, and that was said. */
bool     handout_take(const struct parcel *, int dir);
bool     handout_is_empty(int dir);
#endif
