#ifndef DOORS_LINES_H
#define DOORS_LINES_H
/* Log lines of the daemons that let people in: what each line says of a login.
 *
 * A line comes in a carrier (RFC 3164 or 5424, ISO times, journal export, the daemon's own file, JSON), which is taken off first
 * (lines_carrier.c, lines_json.c); what remains is the daemon's message, and the tables of forms (lines_forms_*.c, one row a form with
 * its own test line) say what it means. So the same message gives the same result in every carrier, and a new form touches one file.
 *
 * Bounded: a fixed buffer, whatever the lines hold; the middle of a line over 64 KiB is not looked at. Nothing is looked up in DNS.
 *
 * `lines_fd` and `lines_bytes` give events through `each`, whose texts live for the call only. */
#include "base/when.h"

enum line_outcome { LINE_OTHER, LINE_FAILURE, LINE_REFUSED, LINE_SUCCESS };
extern const char *const line_outcome_name[];

enum { LINE_ECHO = 59999 };
struct line_event {
	int64_t           line;          /* of the file, from 1 */
	int64_t           count;         /* attempts: more for "message repeated N times" */
	enum line_outcome outcome;
	bool              has_time;
	struct instant    at;
	const char       *service;       /* "sshd"; NULL: nothing that is known */
	struct str        user, address, reason;   /* STR_NONE: not known */
	uint64_t          session;       /* the same for all lines of one connection; 0 not known */
	uint16_t          form;          /* which message it was: two forms of one attempt differ; LINE_ECHO adds no attempt to a session that has told one */
	bool              is_denial;     /* a person said no on her second factor */
};

/* Somebody's password or second factor was reset by another, as a directory's log says (lines_reset.c). */
struct line_reset { bool has_time; struct instant at; struct str person, by; const char *kind; };    /* kind: "password", "factor" */

struct lines_options {
	const char    *format;           /* NULL: all */
	int            year;             /* of the first line whose carrier tells no year; 0: the newest that fits before `now` */
	struct instant now;
	bool           wants_other;      /* events of outcome LINE_OTHER too: every line gives one at least */
	void         (*each)(void *of, const struct line_event *);
	void         (*reset)(void *of, const struct line_reset *);    /* NULL: they are not looked for */
	void          *of;
};

struct lines;
struct lines *lines_new(const struct lines_options *);    /* NULL without memory */
bool          lines_format_is(struct str name);           /* "auto" is none of them */
/* A file begins: lines count from 1 again. ERR_IO when reading fails. */
enum err      lines_fd(struct lines *, int fd);
/* The same, of bytes in memory. */
void          lines_bytes(struct lines *, struct str);
/* Lines as they come, a log that goes on: whole ones, or a message each (is_message). Their years are those nearest to `now`. */
void          lines_live(struct lines *, struct str, bool is_message, struct instant now);
int64_t       lines_unreadable(const struct lines *);     /* told no time and nothing that is known; since lines_new */
int64_t       lines_count(const struct lines *);          /* of the file that was read last */
void          lines_end(struct lines *);
/* The tables' own test lines: how many were wrong; each is told. For the tests. */
size_t        lines_forms_check(void (*wrong)(const char *line, const char *why));
#endif
