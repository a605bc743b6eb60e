#ifndef FLOOR_PEOPLE_H
#define FLOOR_PEOPLE_H
/* People: who is meant by a name, what HR says of them, units and legal bodies.
 *
 * A person has a number (the place in the standing), a code (HR's own id), and names to be called by: the code, the mail
 * address and any login names, all in one canonical form in which no two persons share one. */
#include "floor/people.sql.h"
#include "floor/page.h"

enum login_kind { LOGIN_CODE = 1, LOGIN_EMAIL, LOGIN_NAME };

/* The one canonical form: trimmed, NFC, case folded; DOMAIN\user and user@realm are kept whole. False: empty, not UTF-8, a control
 * character, or longer than the room. ret points into room. */
bool     people_canonical(struct str name, char *room, size_t size, struct str *ret);
/* By id, login name or mail address. ERR_NONE with a sentence when nobody is called that. */
enum err people_find(struct rq *, struct str name, struct people_get_row *ret);
/* The digits behind the country's or the trunk's prefix: 070-174 06 05 and +46701740605 are one number written twice. */
struct str people_number(struct arena *, struct str phone);
/* A person's sort key in Swedish order, as text that compares by bytes. */
struct str people_sort_key(struct arena *, struct str name);

/* The range of sort keys of names that begin like that. */
void     people_sort_range(struct arena *, struct str prefix, struct str *ret_low, struct str *ret_high);

/* "coordinator manager" <-> bits. False: a word that is no role; ret_bad is that word. */
bool     people_roles(struct str words, int64_t *ret, struct str *ret_bad);
void     people_roles_out(struct out *, int64_t roles);
/* Employed at that moment: in HR's file and not past the end. */
bool     people_is_employed(const struct people_get_row *, struct instant at);

/* The number of the next new person, inside a job. ERR_BUSY while an import that has numbered its own is going in. */
enum err people_next_id(struct rq *, int64_t *ret);

/* --- acts (people_act.c): each with its leaf, checked against the store --- */
enum err people_set_class(struct rq *, int64_t unit, struct str name, int64_t class);
/* Roles that are given here, beside those of HR's file. Not one's own; the last coordinator keeps the role. */
enum err people_give_roles(struct rq *, int64_t person, int64_t roles);
struct people_deputising { int64_t person, deputy; struct instant from_at, until; };
enum { PEOPLE_DEPUTY_MONTHS = 12 };
enum err people_deputise(struct rq *, const struct people_deputising *);
enum err people_deputy_stop(struct rq *, int64_t person, int64_t id);

/* --- lists and search (people_search.c, people_page.c) --- */
/* Words of a name under which a person is found; what was and what is, STR_NONE for nobody or a protected person. On the writer. */
enum err people_words_set(struct rq *, int64_t id, struct str was, struct str is);
/* When there are none (a home that was restored or replayed): made anew, by jobs of 1,000. Blocks; not on the writer. */
enum err people_words_repair(struct rq *);

struct people_filter { struct str q; int64_t unit, manager; };       /* -1: any */
struct people_key { struct str sort; int64_t id; };                  /* a place in Swedish order; { "", -1 } the beginning */
/* From the address of a page, and as it stands there. */
struct people_key people_key_of(const struct visit *);
void     people_key_out(struct out *, struct people_key);
enum { PEOPLE_PAGE = 50 };
struct people_found {
	const struct people_page_row *at; size_t n;                      /* at most PEOPLE_PAGE */
	bool              has_more; struct people_key next;
	int64_t           total; bool is_total_more;                     /* is_total_more: too many to be counted */
};
/* A page of those whom q finds. */
enum err people_search(struct rq *, const struct people_filter *, struct people_key after, struct people_found *ret);
/* The same also without q. */
enum err people_list(struct rq *, const struct people_filter *, struct people_key after, struct people_found *ret);

struct str people_role_words(struct rq *, int64_t roles);            /* "coordinator, manager", translated */
struct str people_shown_name(struct rq *, struct str name, bool is_protected);

extern const struct command people_commands[];
extern const struct page people_pages[];
#endif
