#ifndef BASE_TROUBLE_H
#define BASE_TROUBLE_H
/* What went wrong, in one sentence for the human; the first cause wins.
 *
 * Functions return the code and say the sentence: return trouble_say(trouble, ERR_FULL, "...").
 * Whoever answers the human reads it, once. With a request at hand use fail() from floor/rq.h. */
#include "base/str.h"

struct trouble {
	enum err    err;
	int         exit;          /* another exit status than the code's, 0 none */
	char        text[320];
	const char *english;       /* of trouble_owe, for rewording; else NULL */
	char        holes[320];    /* its texts, one behind the other, each with its NUL */
};

enum err    trouble_say(struct trouble *, enum err, const char *format, ...) CHECKED_FORMAT(3, 4);
/* The same where nobody's language is known (the store says so): English for now, kept with its holes, so that whoever tells the human
 * can say it in theirs (trouble_speak in floor/rq.h). `english` is marked N_() and has no other conversions than %s. */
enum err    trouble_owe(struct trouble *, enum err, const char *english, ...) CHECKED_FORMAT(3, 4);
void        trouble_reword(struct trouble *, const char *said);
/* What another trouble says, owed or not, with a code. */
enum err    trouble_pass(struct trouble *, enum err, const struct trouble *from);
/* For commands whose answer is itself a finding: 6 of doctor and verify. */
enum err    trouble_exit(struct trouble *, int exit, enum err);
void        trouble_clear(struct trouble *);

/* Each code's one exit status (see interface of the command line) and one HTTP status. */
int         err_exit(enum err);
int         err_http(enum err);
const char *err_name(enum err);
#endif
