#ifndef BASE_TROUBLE_H
#define BASE_TROUBLE_H
/* What went wrong, in one sentence for the human; the first cause wins.
 *
 * Functions return the code and say the sentence: return trouble_say(trouble, ERR_FULL, "...").
 * Whoever answers the human reads it, once. With a request at hand use fail() from floor/rq.h. */
#include "base/str.h"

struct trouble { enum err err; int exit; char text[320]; };   /* exit: another exit status than the code's, 0 none */

enum err    trouble_say(struct trouble *, enum err, const char *format, ...) CHECKED_FORMAT(3, 4);
/* For commands whose answer is itself a finding: 6 of doctor and verify. */
enum err    trouble_exit(struct trouble *, int exit, enum err);
void        trouble_clear(struct trouble *);

/* Each code's one exit status (see interface of the command line) and one HTTP status. */
int         err_exit(enum err);
int         err_http(enum err);
const char *err_name(enum err);
#endif
