#ifndef DOORS_LINES_PARTS_H
#define DOORS_LINES_PARTS_H
/* What the files of the line reader share. */
#include "doors/lines.h"

/* A message out of its carrier. */
struct line_record {
	struct str     program, pid, host;    /* STR_NONE: not told */
	struct str     text;                  /* the message, behind the program's name */
	struct str     bare;                  /* the message if what looks like a host and a program were part of it */
	struct line_names *names;             /* host and program as they have been met before; or NULL */
	bool           has_time;
	struct instant at;
};

/* What a message says. */
struct line_found {
	enum line_outcome outcome;
	const char       *service;
	struct str        user, address, reason, session, pam;   /* pam: the service that PAM was asked for */
	int64_t           count;
	uint16_t          form;
	bool              is_denial, is_time, has_port, is_echo, is_loose, is_nameless;   /* nameless: no other line's name is this one's */
	bool              is_tidy;            /* the address is as it is kept */
	struct instant    at;                 /* with is_time: the message has a better time than the carrier */
};

/* --- lines_form.c: forms --- */
enum form_flag {
	FORM_DENIAL = 1,
	FORM_RHOST = 2,        /* rhost= and user= of PAM stand behind the pattern */
	FORM_PASSWORD = 4,     /* a user may have /password behind it, which is dropped */
	FORM_STARRED = 8,      /* a user may be quoted or in < >; of stars alone, or UNDEF, it is not known */
	FORM_DOT = 16,         /* a full stop behind the user ends the sentence */
	FORM_NAMELESS = 64,    /* no name is told, and another line's is not this one's */
	FORM_ECHO = 128,       /* said again, and perhaps again, of an attempt that another line tells */
	FORM_LOOSE = 256,      /* several processes tell of one attempt, each in a session of its own: the rules go by who and whence */
	FORM_SESSION = 32      /* PAM's session: other where the service's own daemon says who came in */
};
/* A pattern matches from the message's beginning. Literal text, and
 *   %u user, as long as possible   %l user, as short as possible   %a address   %A address with port   %w a word   %n digits
 *   %c digits: the count   %s session   %r reason, as short as possible   %* anything, as short as possible   {a|b} either
 * What stands behind the pattern's end is free, unless the pattern ends in %$. */
struct line_form {
	enum line_outcome outcome;
	const char       *reason;             /* when the pattern takes none */
	const char       *pattern;
	const char       *line, *user, *address;   /* the form's own test: user and address NULL where it gives none */
	unsigned          flags;
};
struct line_service {
	const char              *name;
	const char *const       *programs;    /* NULL-ended; "x*" is a beginning */
	const struct line_form  *forms;       /* ended by .pattern NULL */
	const char *const       *plain;       /* shapes of its commonest messages (lines_plain.c), NULL-ended; or NULL */
	bool                     is_one_pid_a_session, has_pam;
	/* Takes off what the daemon puts before its messages (an address, a thread), filling in what it tells. */
	struct str             (*strip)(struct str, struct line_found *);
};
extern const struct line_service *const line_services[];   /* ended by NULL */

void form_start(void);                    /* compiles the tables, once */
bool form_match(int service, struct str, struct line_found *ret);    /* number in line_services */
int  form_service(struct str program);    /* number, -1 unknown */
int  form_service_named(struct str name);

/* --- lines_carrier.c --- */
/* "gw sshd[" or "gw charon:": what stands between time and message, as it was read once; few are met in a log. */
struct line_names { char text[88]; uint8_t n, n_host; bool has_pid, has_service; int16_t service; uint64_t host_hash, program_hash; };
enum { LINE_NAMES = 256, LINE_SERVICES = 32 };
struct line_clock {                       /* years that carriers leave out, and what is remembered of the last time */
	int            year, month, day;      /* of the last line without a year; year 0: none yet */
	struct instant now;
	bool           is_live;               /* the year is the one nearest to now */
	char           last[16];
	int64_t        last_minute_ms;
	int64_t        hour_key, hour_offset; /* a wall's hour and its offset from UTC, in ms */
	struct line_names *names;             /* LINE_NAMES of them, or NULL */
};
void carrier_take(struct line_clock *, struct str line, struct line_record *ret);
bool carrier_time(struct line_clock *, struct str *rest, struct instant *ret);    /* any form of time, at the beginning */
bool carrier_wall(struct line_clock *, struct wall, int64_t ms, struct instant *ret);
bool carrier_yearless(struct str line, struct wall *ret);    /* month and day of a line whose time has no year: false for others */

/* --- lines_names.c --- */
extern const bool name_byte[256];                /* what hosts and programs are written with */
bool names_known(const struct line_clock *, struct str, struct line_record *ret);
void names_remember(const struct line_clock *, struct str, struct line_record *);
/* carrier_take of a line whose time is of the last one's minute and whose names have been met; false: it is another. */
bool names_next(struct line_clock *, struct str line, struct line_record *ret);
void names_fill(struct line_record *);           /* host and program, which names_next leaves out */

/* --- lines_plain.c: messages of one plain shape, without the machine of forms --- */
struct line_plain; struct line_plain_found { const struct line_found *what; struct str user, address; bool is_tidy; };    /* these instead of its own */
struct line_plain *plain_new(int service, bool (*judge)(int service, struct str, struct line_found *));    /* NULL: no shapes, or no memory */
bool plain_look(const struct line_plain *, struct str, struct line_plain_found *ret);
bool plain_match(const struct line_plain *, struct str, struct line_found *ret);    /* as `judge` would, with a tidy address where it can */

/* --- lines_find.c --- */
struct line_finder {
	const char *format;
	int         service, program_service;     /* of the format: -1 all, -2 none of the tables'; of the last message: -1 unknown */
	char        program[64], text[1 << 16];   /* the last one */
	size_t      n_program;
};
void finder_start(struct line_finder *, const char *format);
bool finder_find(struct line_finder *, struct line_record *, struct line_found *ret);    /* finder_quick: behind names_next, for plain messages */
bool finder_quick(struct line_finder *, const struct line_record *, struct line_plain_found *ret);
bool finder_judge(int service, struct str, struct line_found *ret);                      /* one service's forms, without quick ways */

/* --- lines_address.c --- */
/* As it is kept: no zone, no port, IPv4 out of ::ffff:, IPv6 in its shortest form; host names as they are. `room` 128 bytes. */
struct str address_tidy(struct str, bool has_port, char *room);

/* --- lines_vendor.c: messages that are no sentences (key=value, CSV, numbers) --- */
bool vendor_match(const char *format, const struct line_record *, struct line_found *ret, char *room, size_t room_n);

/* --- lines_reset.c: texts live as long as what they are read from --- */
struct json_flat;
bool reset_of_json(const char *format, const struct json_flat *, struct line_reset *ret);
bool reset_of_text(const char *format, const struct line_record *, struct line_reset *ret);

/* --- lines_record.c: records of JSON in lines --- */
enum { RECORD_MOST = 1 << 20 };
struct line_collector {
	char    record[RECORD_MOST];
	size_t  n;
	int64_t line;
	int     depth, from_depth;            /* records begin in from_depth: 0 one object, 1 in an array, 2 in an array that an object holds */
	bool    is_collecting, is_too_long;
	void  (*each)(void *of, struct str record, int64_t line);    /* STR_NONE: a record too long */
	void   *of;
};
bool record_is_start(struct str line);
bool record_is_simple(struct str line);   /* one object in one line, if it is JSON at all: it needs no collecting */
bool record_take(struct line_collector *, struct str line, int64_t number);   /* false: this line can be no part of any */

/* --- lines_year.c --- */
bool     year_is_missing(struct str beginning);
int      year_of_bytes(struct str, struct instant now);    /* 0: no line needs one */
enum err year_of_file(int fd, char *buffer, size_t room, struct instant now, int *ret);    /* to its beginning again; room + SCAN_PAST bytes */
#endif
