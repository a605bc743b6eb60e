#ifndef FLOOR_MANDATE_H
#define FLOOR_MANDATE_H
/* Mandate: who may decide at level L of the consequence scale, for legal body B, at moment T.
 *
 * A legal body is a nämnd or a bolag: each person (through the unit), unit, rule and decision belongs to exactly one, and nobody decides
 * for another's. A mandate is given to a person for a level (that one and all below) in that person's own body, from a day and until one,
 * or until it is ended. A deputy (people_deputise) holds it in the person's place between two dates; a deputy of a deputy holds nothing.
 *
 * Never: a coordinator (who supports and does not own the risk), somebody whose employment is over, somebody of another body. */
#include "floor/mandate.sql.h"
#include "floor/page.h"

/* The highest level, 0 none: the person's own mandates, and those of whom she is deputy. */
enum err mandate_level(struct rq *, int64_t person, int64_t body, struct instant at, int *ret);
/* May this person decide at that level? ERR_DENIED with a sentence that says whom to ask instead. */
enum err mandate_may(struct rq *, int64_t person, int64_t body, int level, struct instant at);

/* To give and to end. `by` is the person who does it, of management in the same body and not the one who gets it; or -1 on the command
 * line, where it is stated that it was decided elsewhere (the setting cli.state; to end is always possible there). */
struct mandate_wish { int64_t person, body; int level; struct instant from_at; struct maybe_int until; };
enum err mandate_give(struct rq *, const struct mandate_wish *, int64_t by, int64_t *ret);
enum err mandate_end(struct rq *, int64_t mandate, int64_t by);

/* By its name; when `name` is STR_NONE the only one there is, else ERR_INVALID. */
enum err mandate_body(struct rq *, struct str name, int64_t *ret);
enum err mandate_body_make(struct rq *, struct str name, int64_t *ret);   /* ERR_CONFLICT: it is there */
enum err mandate_body_unit(struct rq *, struct str unit, int64_t body);   /* the unit and its people belong there from now on */

extern const struct command mandate_commands[];
extern const struct page mandate_pages[];
#endif
