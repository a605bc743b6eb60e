#ifndef FLOOR_PAGE_H
#define FLOOR_PAGE_H
/* Pages and commands: the two ways to act. Both are rows in a point's table; the router, the menus, /help and the
 * command line walk them. A page or command that is in no table does not exist; one without roles is for nobody. */
#include "floor/rq.h"
#include "floor/audit.h"

struct field { struct str name, value; };

/* A parsed HTTP request, typed by the web door, with its person looked up by the router. */
struct visit {
	struct str          path;             /* "/access/grant/7" */
	struct str          rest;             /* what stood where the path has its colon: "7" */
	const struct field *fields; size_t n_fields;   /* query on GET, form on POST; a name stands once */
	int                 file;             /* a sealed memfd that was PUT or came with a form, or -1; closed after the answer */
	struct str          form_token, address;      /* to be put into each form of the page; where the visitor is */
	struct str          session;          /* the session's token, empty when not logged in */
	void               *prepared;         /* what page.prepare left for page.post */
	bool                wants_json, wants_csv;
};

struct str visit_field(const struct visit *, const char *name);   /* STR_NONE when absent; trimmed */

struct answer {
	int         status;          /* 200 when left 0 */
	struct out  body;            /* a page's main part; the router puts the frame around it */
	const char *type;            /* NULL: text/html with the frame around it */
	struct str  title;           /* of the page; the frame's <title> and, where the page has none, h1 */
	struct str  location;        /* with 303 */
	struct str  cookie;          /* new session token; "" ends the session */
	struct str  filename;        /* to be saved as */
	int         refresh;         /* seconds, 0 none */
	bool        is_bare, has_errors;     /* no menu: login, set-up; title starts "Error: " */
};

/* What machines are told of a page, in /api/openapi.json, and what is checked of what they send: a key that has no row is refused. */
struct api_key { const char *name, *sentence; bool is_needed; };
struct api {
	const char           *sentence, *returns;  /* N_(): what it does; the type of its answer */
	const struct api_key *keys;                /* of the JSON object that is sent; ended by .name NULL; NULL: none is sent */
	bool                  takes_attributes;    /* names that begin with a capital are a packet's attributes: not checked here */
	/* Draws this address's refusals itself, for a client that reads the body whatever the status. */
	void                (*refuse)(struct rq *, struct answer *, int status, struct str sentence);
};

struct page {
	const char *path;            /* "/access/grant/:" ; the colon, at the end, stands for one part of its own */
	unsigned    may_get, may_post;            /* enum role bits; 0: that method is refused with 405 */
	enum err  (*get)(struct rq *, const struct visit *, struct answer *);
	/* A post runs as a job on the writer and may change; it answers 303 or draws the page again with errors.
	 * What is slow and changes nothing (argon2id) runs before, off the writer. */
	enum err  (*prepare)(struct rq *, struct visit *);
	enum err  (*post)(struct rq *, const struct visit *, struct answer *);
	enum err  (*ask)(struct rq *, const struct visit *, struct answer *);   /* instead of post: on a reader; it puts its own jobs, if any */
	const char *(*act)(size_t n);        /* a post's form says in its field "act" which of these it is (PAGE_ACTS); NULL: a post is one act */
	const struct api *api;       /* for machines: stands in openapi.json */
	const char *menu;            /* N_("Access"): its word in the menu; NULL: in no menu */
	bool        needs_step_up;   /* the second factor, at most five minutes ago */
	bool        needs_gate;      /* its answer is a verdict: it waits while the gate is still loading */
};

/* What the field "act" may say at a page: anything else is refused by the router. "" when a form may come without it. `samordna route list`
 * prints them, and tests/leaves_pages.py has a case for each: what one leaves in the log. */
#define PAGE_ACTS(name, ...) \
	static const char *name(size_t n) \
	{ \
		static const char *const acts[] = { __VA_ARGS__ }; \
		return n < LENGTH(acts) ? acts[n] : NULL; \
	}

/* A command: `samordna WORDS [ARGUMENTS]`, run in core over the control socket. */
struct args {
	struct str *words; size_t n_words;        /* what is not an option */
	struct field *options; size_t n_options;  /* --name VALUE, --flag (value "") */
	int file;                                 /* sealed memfd of the first FILE argument, or -1 */
	struct str file_name;
	int directory;                            /* open directory of a DIR argument, or -1 */
	int *given;                               /* core: a file for the client (STREAM_FILE); NULL in a client */
	bool json, is_terminal;
	/* How far long work has come: `what` in a word or two, translated; all 0: not known. May be called as often as it is true; may be NULL. */
	void (*tell)(void *of, const char *what, int64_t done, int64_t all);
	void *tell_of;
};
struct str args_option(const struct args *, const char *name);  /* STR_NONE when absent */
/* A file in the DIR of a command: written anew, never over another. */
enum err   args_put_file(struct rq *, const struct args *, const char *name, struct str bytes);

enum command_kind {
	COMMAND_READ,        /* on a reader */
	COMMAND_WRITE,       /* as one job on the writer */
	COMMAND_LONG,        /* on a thread of its own; puts jobs to the writer itself (import, verify) */
	COMMAND_PURE,        /* in the client: no home, no server, no store */
	COMMAND_OWN          /* main's own: it makes a home or serves one */
};
/* For what a client does himself, as the account that owns HOME, beside what he asks core for. */
struct here {
	const char *home;
	int       (*ask)(void *of, struct out *ret, int *ret_file);   /* the same command, of core: exit status; what it printed and gave */
	void       *of;
};
struct command {
	const char       *words;      /* "access grant" */
	const char       *arguments;  /* "PERSON --service S --from T --to T" : shown by help, and checked: unknown options are refused */
	const char       *sentence;   /* N_("Ask for, or state, an access grant") */
	enum command_kind kind;
	enum err        (*run)(struct rq *, const struct args *, struct out *ret);  /* writes NDJSON or lines */
	bool              takes_file, takes_directory;
	enum err        (*here)(struct rq *, const struct args *, struct out *ret, const struct here *);   /* in the client, instead of run there */
};

/* What waits, for whom, until when. */
struct task { struct str title; struct str where; int64_t person; unsigned roles; struct instant due_at; };
struct tasks { struct task *at; size_t n, room; };
void tasks_add(struct rq *, struct tasks *, const struct task *);

/* What a point tells of one person: on her own page, and on the page that others see of her. */
struct about { struct str what, at; const char *state, *shape; struct instant from_at, until; };   /* state N_(); shape: ok act fail unknown; ms 0: none */
struct abouts { struct about *at; size_t n, room; };
void abouts_add(struct rq *, struct abouts *, const struct about *);

/* What is urgent for this person, at the top of her own page: a call right now, a request to answer. */
struct mine {
	struct str     title, text, words, code;   /* words, code: to be read; may be empty */
	struct instant until, at_moment;           /* until when it counts; when it was; ms 0: not said */
	struct str     at; const char *button;     /* where it is answered, and N_() */
	struct str     no_at;                      /* where a form says "No, that was not me" */
};
struct mines { struct mine *at; size_t n, room; };
void mines_add(struct rq *, struct mines *, const struct mine *);

/* The state of a point's question. Worst wins; no data is UNKNOWN, never in order. */
enum state { STATE_IN_ORDER, STATE_UNKNOWN, STATE_NEEDS_ACTION, STATE_FAILING };
struct figures {
	enum state     state;
	struct str     sentence;     /* the answer in one sentence */
	struct str     evidence;     /* link text */ struct str evidence_at;   /* path */
	struct instant measured_at;  /* age of the oldest source used; ms 0: never measured */
	struct str     next;         /* next step */ struct str next_at;
	struct str     owner;
};

struct setting {
	const char *name;            /* "access.review_months" */
	enum { SETTING_NUMBER, SETTING_BOOL, SETTING_TEXT } type;
	int64_t     least, most, standard;   /* numbers and bools */
	const char *standard_text;
	const char *sentence;        /* N_() : what it does */
	bool        is_fixed;        /* shown; but what it says is decided elsewhere than by setting_set */
};
#endif
