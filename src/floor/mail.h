#ifndef FLOOR_MAIL_H
#define FLOOR_MAIL_H
/* Mail out: say it inside the change that it tells of; it goes with the commit or not at all, at least once, until the server has taken it.
 *
 *     enum language language = mail_language(rq, person);
 *     struct mail mail = { .kind = "decision.asked", .person = person, .title = str_of(tongue(language, "...")), .text = ..., .at = STR("/decisions/7") };
 *     TRY(mail_say(change, &mail));
 *
 * A mail is plain text, in the recipient's language. It carries at most one link, to a page that changes nothing on GET; whoever is told is
 * asked to open the address herself when in doubt. What cannot be delivered stays in the outbox (/admin/outbox) with its cause.
 * While samordna.conf names no mail server mail_say keeps nothing: ask mail_reaches where somebody must be told.
 *
 * SECURITY: header lines are made here alone; titles and addresses with control characters become blanks or fail. A message that was
 * delivered is forgotten; only to whom, when and of what kind is kept. */
#include "floor/mail.sql.h"
#include "floor/page.h"

enum { MAIL_ADDRESS = 254, MAIL_TITLE = 200, MAIL_TEXT = 16000 };

struct mail {
	const char *kind;            /* what it tells of, like "decision.asked": stands in the outbox */
	int64_t     person;          /* to whom; -1: to `address` alone */
	enum language language;      /* of a mail to an address alone; a person's own is mail_language's to say */
	struct str  address;         /* STR_NONE: the person's own; another of hers when her number or address has just changed */
	struct str  title, text;     /* text: paragraphs with an empty line between them; lines end in LF */
	struct str  at;              /* the page that it is about: "/decisions/7"; STR_NONE: none */
	bool        by_sms;          /* by SMS as well, where there is a gateway and a number: what nobody may miss */
};

/* Set at start by core from samordna.conf, before there are threads; `from` empty: no mail. `origin` is where links lead. */
void          mail_is_from(struct str from, struct str origin);
struct str    mail_origin(void);                                 /* https://HOST where links lead; empty: not known */
bool          mail_is_on(void);
/* Set at start by core: samordna.conf names an SMS gateway. Such a row of the outbox has the address "tel:+46...", and is carried out and shown like mail. */
void          sms_is(bool is_on);
bool          sms_is_on(void);
bool          mail_is_sms(struct str address);
struct str    mail_origin(void);                                 /* "https://samordna.example": for an address that somebody copies */
/* Can this person be reached by mail: mail is on, and she has an address that can be one. */
bool          mail_reaches(struct rq *, int64_t person);
enum language mail_language(struct rq *, int64_t person);        /* as she has chosen it on /me/mail; Swedish otherwise */
/* The row in the outbox. An address that cannot be one, or none: a row that has failed, with its cause. */
enum err      mail_say(struct change *, const struct mail *);
/* The same to whoever has one of these roles, each in her own language; text_of makes the words. At most 50. */
enum err      mail_say_roles(struct change *, unsigned roles, enum err (*text_of)(struct rq *, enum language, void *of, struct mail *), void *of);

/* "a@b.example" and nothing more; ASCII. */
bool          mail_address_is_good(struct str);
/* The message as it is sent, CRLF lines (RFC 5322, 2045 to 2047, 3834). Pure. */
struct mail_parts { struct str from, from_name, to, title, text; enum language language; struct instant at; const char *token; };
void          mail_write(struct out *, const struct mail_parts *);

/* How it stands: for pages, doctor and what waits. `since`: the server cannot be spoken to since then, with the cause; ms 0: it can. */
struct mail_stand { int64_t waiting, failed; struct instant oldest, since, sms_since; struct str cause, sms_cause; };   /* sms_*: the same of the SMS gateway */
enum err      mail_stand(struct rq *, struct mail_stand *ret);
enum { MAIL_LATE_MINUTES = 15 };                                 /* waiting longer needs somebody's eye */
enum err      mail_due_tasks(struct rq *, struct tasks *ret);
/* Verbs of the outbox, each with its leaf. ERR_NONE: it is not there, or is sent. */
enum err      mail_again(struct rq *, int64_t id);               /* -1: all that have failed */
enum err      mail_give_up(struct rq *, int64_t id);
enum err      mail_wish(struct rq *, int64_t person, enum language, bool no_digest);

extern const struct page mail_pages[];
#endif
