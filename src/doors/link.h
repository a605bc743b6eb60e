#ifndef DOORS_LINK_H
#define DOORS_LINK_H
/* Is this link ours? One of three answers: ours, an imitation of ours, not ours.
 *
 *     struct link_book *book;
 *     TRY(link_book_new(arena, &book, trouble));
 *     TRY(link_book_add(book, STR("login.kommunen.se"), trouble));   // or "*.kommunen.se"
 *     TRY(link_book_close(book, trouble));                            // no more hosts; now links can be checked
 *     link_check(book, scratch, url, &finding);
 *     link_book_end(book);                                            // the arena's memory stays the caller's
 *
 * The question is first whether a browser that follows the link reaches exactly one of the owned hosts over https. Only what
 * remains is compared with the names: an imitation that is not recognised is still "not ours", and nobody logs in there.
 *
 * A book that is closed is only read: several threads may check with one book, each with a scratch of its own. `scratch` is taken
 * from, never emptied: the caller empties it between links. The answer lives in it. */
#include "base/arena.h"
#include "base/trouble.h"

#ifndef N_
#define N_(message) message     /* to be translated where it is shown */
#endif

enum link_verdict { LINK_OURS, LINK_NOT_OURS, LINK_IMITATES };   /* in order: the strictest of several links in a text wins */

/* Code, sentence for people. What the link is like; then why it is ours, why it imitates, why it is not ours. */
#define LINK_REASONS(X) \
	X(LISTED,      "listed",       N_("The address is exactly one of ours.")) \
	X(TEXT,        "text_around",  N_("The link stood in a text and was picked out of it.")) \
	X(BACKSLASH,   "backslash",    N_("It holds a backslash, which a browser reads as a slash.")) \
	X(SLASHES,     "slashes",      N_("It does not have two slashes behind https:, which a browser overlooks.")) \
	X(CONTROL,     "control",      N_("It holds tabs or line breaks, which a browser overlooks.")) \
	X(INVISIBLE,   "invisible",    N_("It holds characters that cannot be seen.")) \
	X(BIDI,        "bidi",         N_("It holds characters that turn the direction of writing, so it is not what it looks like.")) \
	X(ENCODED,     "encoded_host", N_("The host is written with percent signs.")) \
	X(WIDE,        "unusual_host", N_("The host is written with unusual characters that a browser replaces.")) \
	X(DOT,         "trailing_dot", N_("The host ends with a dot.")) \
	X(PORT,        "other_port",   N_("It leads to another port than 443.")) \
	X(USER,        "user_info",    N_("Something stands before an @: the real address is what stands behind it.")) \
	X(ADDRESS,     "ip_address",   N_("It leads to a number instead of a name.")) \
	X(HTTP,        "plain_http",   N_("It is http, not https: the connection is not protected.")) \
	X(REDIRECT,    "redirect",     N_("It sends on to another address, which stands further back in the link.")) \
	X(AMBIGUOUS,   "ambiguous",    N_("Programs disagree on where it leads.")) \
	X(LOOK_ALIKE,  "look_alike",   N_("The name looks the same, but is written with other characters.")) \
	X(SUFFIX,      "other_suffix", N_("The name is the same, but it ends differently.")) \
	X(HYPHEN,      "hyphen",       N_("Only a hyphen differs.")) \
	X(MISSPELLED,  "misspelled",   N_("The name is nearly the same: one or two letters differ.")) \
	X(INSIDE,      "name_inside",  N_("Our name stands inside another address.")) \
	X(LOGIN_WORD,  "login_word",   N_("Our name stands together with a word such as login, in an address that is not ours.")) \
	X(BEFORE_AT,   "name_before_at", N_("Our name stands before an @, where it means nothing.")) \
	X(OWN_DOMAIN,  "own_domain",   N_("The domain is ours, but this host is not one of our login pages.")) \
	X(SHORTENER,   "shortener",    N_("It is a short link: where it leads cannot be seen.")) \
	X(NOT_LISTED,  "not_listed",   N_("The address is not one of ours.")) \
	X(NOT_HTTP,    "not_http",     N_("It is no link to a web page.")) \
	X(NO_LINK,     "no_link",      N_("There is no link in it.")) \
	X(BAD_HOST,    "bad_host",     N_("The host is none that a browser accepts.")) \
	X(BAD_PORT,    "bad_port",     N_("The port is none.")) \
	X(TOO_LONG,    "too_long",     N_("It is longer than a browser takes.")) \
	X(TOO_MANY,    "too_many",     N_("It holds more links than are looked at."))

enum link_reason {
#define X(name, code, text) LINK_##name,
	LINK_REASONS(X)
#undef X
	LINK_REASON_COUNT
};
extern const struct link_reason_row { const char *code, *text; } link_reasons[LINK_REASON_COUNT];

struct link_finding {
	enum link_verdict verdict;
	struct str        host;          /* A-label, an IPv4 or [IPv6] address; STR_NONE when there is none */
	struct str        imitates;      /* the owned host, without "*."; STR_NONE unless the verdict is LINK_IMITATES */
	struct str        domain;        /* what somebody has registered of a host that is a name; STR_NONE: a number, or a suffix such as com.se itself */
	uint64_t          reasons;       /* 1 << enum link_reason */
};

/* The same, as the reader process hands it over (READ_LINK): texts end with NUL. */
struct link_record { uint64_t reasons; uint32_t verdict, spare; char host[256], imitates[256], domain[256]; };

struct link_book;

enum err link_book_new(struct arena *, struct link_book **ret, struct trouble *);
/* One owned host, or *.domain for every depth below a domain: A-label or U-label, any case. ERR_INVALID for anything else. */
enum err link_book_add(struct link_book *, struct str host, struct trouble *);
/* A whole list: one a line, # begins a comment; BOM and CR make no difference. The sentence names the line. */
enum err link_book_add_list(struct link_book *, struct str text, struct trouble *);
enum err link_book_close(struct link_book *, struct trouble *);
void     link_book_end(struct link_book *);      /* NULL is fine */

/* Any bytes. Time grows with the length of the link, not faster. */
void     link_check(const struct link_book *, struct arena *scratch, struct str url, struct link_finding *ret);
#endif
