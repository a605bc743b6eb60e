#ifndef FLOOR_REFER_H
#define FLOOR_REFER_H
/* References between records of different points, shown at both ends: a vulnerability of an incident belongs to a gateway's capacity, to a rule, to
 * a change. A point that lets others refer to its records has `find` in its table; whoever refers asks before it writes:
 *
 *     struct refer_found found;
 *     TRY(refer_find(rq, "capacity", STR("vpn1"), &found));       // ERR_NONE with a sentence: there is no such record
 *     TRY(refer_add(rq, change, &(const struct refer){ "incidents", STR("2026-118/4"), "capacity", STR("vpn1") }));
 *
 * A point without `find` has no records yet: what is named there is kept as the code that people use for it, and is shown as not checked.
 *
 * SECURITY: `find` says ERR_NONE of what the reader may not see, so neither end shows it to her. */
#include "floor/rq.h"
#include "floor/audit.h"

struct refer_found {
	struct str title, at;     /* what it is called, and its page; at empty: none that the reader may open */
	bool       is_checked;    /* the point has records, and this is one */
};
/* At start: each point of the table; find may be NULL. */
void     refer_know(const char *point, enum err (*find)(struct rq *, struct str name, struct refer_found *ret));
/* ERR_INVALID: there is no such point, or that cannot be a code. */
enum err refer_find(struct rq *, struct str point, struct str name, struct refer_found *ret);

struct refer { const char *point; struct str name; const char *to_point; struct str to_name; };
enum err refer_add(struct rq *, struct change *, const struct refer *);

struct refer_shown { struct str point, name; struct refer_found found; };
/* What it refers to, and what refers to it, as far as the reader may see them. */
enum err refer_from(struct rq *, const char *point, struct str name, struct refer_shown **ret, size_t *ret_n);
enum err refer_to(struct rq *, const char *point, struct str name, struct refer_shown **ret, size_t *ret_n);
#endif
