#ifndef CLIENT_H
#define CLIENT_H
/* The command line's side of the control socket: a command that needs core is sent there, and what it answers is printed. When no
 * server runs on HOME, one without doors is started, asked and stopped. Used by main.c alone. */
#include "floor/page.h"

struct line {                        /* the command line, taken apart */
	const char *home;
	bool        json;
	struct str  words[256], names[32], values[32];
	size_t      n_words, n_options;
	const struct command *command;
	size_t      used;
};

int complain(const char *text);                     /* N_(): a sentence on standard error; 2 */

/* Where a command's answer goes when somebody else wants it instead of standard output. */
struct collected { struct out *out; int file; };
/* The exit status. `to` NULL: it is printed. */
int ask_core(struct line *, const char *home, struct collected *to);
#endif
