#ifndef FLOOR_SETTING_H
#define FLOOR_SETTING_H
/* Policy settings: what people change while the house runs, by page or command line, each time with a leaf.
 *
 * A setting is a row in a table (struct setting, page.h) of the floor or of a point, with its range and its standard; the store
 * holds only what differs from the standard. Programs hand each point's table over once, before any thread begins
 * (setting_know); the floor's own is always known. To read a name that stands in no table is a mistake of ours: it aborts.
 * When the store cannot be read the standard counts, and rq->trouble says why. */
#include "floor/audit.h"
#include "floor/page.h"

extern const struct setting floor_settings[];
void    setting_know(const struct setting *table);                    /* ended by .name NULL; NULL is fine */
const struct setting *setting_named(struct str name);                 /* NULL: there is none */
/* Every known setting in the order of the tables: start with *at = 0; NULL at the end. */
const struct setting *setting_next(size_t *at);

int64_t    setting_number(struct rq *, const char *name);
bool       setting_bool(struct rq *, const char *name);
struct str setting_text(struct rq *, const char *name);
/* As people write it: "12", "yes", "no", the text itself. For lists and forms, of any type. */
struct str setting_value(struct rq *, const struct setting *);
struct str setting_standard(struct rq *, const struct setting *);      /* the same for what it is when nobody has set it */

/* ERR_INVALID with the sentence that setting_set would say. */
enum err   setting_check(struct rq *, const struct setting *, struct str value);
/* ERR_NONE: no such setting; ERR_INVALID: outside its range. Both with a sentence. To set the standard forgets the row. */
enum err   setting_set(struct change *, struct str name, struct str value);

extern const struct command setting_commands[];
#endif
