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
/* A person's sort key in Swedish order, as text that compares by bytes. */
struct str people_sort_key(struct arena *, struct str name);

/* "coordinator manager" <-> bits. False: a word that is no role; ret_bad is that word. */
bool     people_roles(struct str words, int64_t *ret, struct str *ret_bad);
void     people_roles_out(struct out *, int64_t roles);
/* Employed at that moment: in HR's file and not past the end. */
bool     people_is_employed(const struct people_get_row *, struct instant at);

/* The number of the next new person, inside a job. ERR_BUSY while an import that has numbered its own is going in. */
enum err people_next_id(struct rq *, int64_t *ret);

extern const struct command people_commands[];
#endif
