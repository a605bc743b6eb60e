#ifndef WALL_STATE_H
#define WALL_STATE_H
/* How the seven processes and this installation stand: the one source of `samordna doctor` and of /admin.
 *
 * keeper reads the kernel every two seconds and tells core; walls_now gives what it told last. doctor_look makes one
 * row of each thing looked at: show them as they are. */
#include "core.h"
#include "base/sandbox.h"

/* False: keeper has told nothing yet. ret_at: when it was told; older than WALLS_STALE_MS says that keeper is stuck. */
enum { WALLS_STALE_MS = 10000 };
bool walls_now(struct walls *ret, struct instant *ret_at);
void walls_are(const struct walls *);           /* core's, when keeper tells */

/* Judges one process: the sentence in the reader's language, also when all is well. `name`: process_name[process]. */
enum check wall_judge(struct rq *, const struct walls *, enum process, struct str *ret_text);

struct checked { const char *name; enum check state; struct str text; };   /* "process.web", "disk", "clock" ... */
struct checks { struct checked *at; size_t n, room; };
/* Every check, worst cause in each sentence. Reads only; on a reader's connection. `is_thorough`: also the store's own integrity check,
 * which takes a second a gigabyte. */
enum err doctor_look(struct rq *, bool is_thorough, struct checks *ret);
extern const char *const check_word[];          /* "ok", "warn", "fail": as --json says it */

/* Is the clock in doubt (base/world.h)? While it is, nothing that time brings is told. */
struct clock_doubt clock_doubt_now(void);       /* the clock thread's, copied */
void clock_confirm(void);                       /* a person says that it is right */

extern const struct command doctor_commands[];
#endif
