#ifndef FLOOR_RQ_H
#define FLOOR_RQ_H
/* A request: everything one piece of work may touch, handed down as the first argument.
 *
 * Reads take `struct rq *`; writes take `struct change *` (audit.h), which only audit_begin gives.
 * All that a request returns lives in its arena and dies with it. */
#include "base/arena.h"
#include "base/out.h"
#include "base/trouble.h"
#include "base/when.h"

struct store;
struct audit;
struct standing;
enum language { LANGUAGE_SV, LANGUAGE_EN, LANGUAGES };

/* Roles are bits, so that a page can name several. MANAGER comes from being somebody's manager or from
 * the role; EVERYONE is anybody, logged in or not; STAFF anybody logged in. */
enum role {
	ROLE_COORDINATOR = 1 << 0, ROLE_MANAGEMENT = 1 << 1, ROLE_SUPPORT = 1 << 2,
	ROLE_SYSTEM_OWNER = 1 << 3, ROLE_EMPLOYEE = 1 << 4, ROLE_AUDITOR = 1 << 5, ROLE_MANAGER = 1 << 6,
	ROLE_STAFF = (1 << 7) - 1, ROLE_EVERYONE = 1 << 7 | ROLE_STAFF,
	ROLE_HOST = 1 << 8,  /* the account on the server that owns HOME: the command line */
	ROLE_MACHINE = 1 << 9   /* a program with a bearer token: /api/ and nothing else */
};

struct actor {
	int64_t        person;         /* person's number, -1 for the system, a gateway, the command line */
	struct str     name;           /* as it stands in the leaf: "person:siv", "cli:root", "system", "gateway:vpn1" */
	unsigned       roles;          /* enum role bits */
	struct instant stepped_up_at;  /* when the second factor was last shown; ms 0: never */
	int64_t        body;           /* legal body of the person, -1 none */
};

struct rq {
	struct arena          *arena;
	struct store          *store;     /* a reader's connection, or the writer's inside a job */
	struct audit          *audit;     /* the log; NULL outside the writer: there audit_begin refuses */
	const struct standing *standing;  /* what the gate knows; NULL in a point's own tests */
	const struct actor    *actor;     /* never NULL */
	enum language          language;
	struct instant         now;       /* the one moment of this request */
	struct trouble        *trouble;
};

/* Say what went wrong, in the reader's language, and return the code: first cause wins.
 *     return fail(rq, ERR_FULL, _("no places left until %s"), when); */
#define fail(rq, err, ...) trouble_say((rq)->trouble, (err), __VA_ARGS__)
#define _(message) tongue(rq->language, message)
#define N_(message) message

/* The message in the language; English is the source and the answer when nothing better is known. */
const char *tongue(enum language, const char *english) __attribute__((format_arg(2)));
/* The plural form for n: tongue_n(rq->language, "%d person", "%d persons", n). */
const char *tongue_n(enum language, const char *one, const char *many, int64_t n)
	__attribute__((format_arg(2), format_arg(3)));
enum language language_here(void);          /* of the account that runs the program: LC_ALL, LC_MESSAGES, LANG; Swedish unless they say English */
/* What is owed a language (trouble_owe) is said in this one: before a trouble's text is shown or kept. */
void trouble_speak(struct trouble *, enum language);
/* The request's trouble as its reader is told of it, in the arena; without a sentence the code's name. */
struct str trouble_told(struct rq *, enum err);
/* Dates as people write them: "24 november 2026 kl. 10.42" / "24 November 2026, 10:42". */
void tongue_instant(struct out *, enum language, struct instant);
void tongue_date(struct out *, enum language, struct instant);
void tongue_clock(struct out *, enum language, struct instant);         /* 10.42 / 10:42 */
void tongue_number(struct out *, enum language, int64_t);     /* thousands apart: 3 120 / 3,120 */
extern const char *const language_tag[LANGUAGES];             /* "sv", "en" */
#endif
