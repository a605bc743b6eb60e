#ifndef CAPACITY_JSON_H
#define CAPACITY_JSON_H
/* A reader that walks JSON text once and keeps nothing: the caller knows what should come, asks for it, and names the place
 * when something else is there. Strict RFC 8259; strings must be UTF-8. The first error stays, with its line and column. */
#include "floor/rq.h"

struct json { struct rq *rq; const char *at, *end, *begin; };

enum json_kind { JSON_OBJECT, JSON_LIST, JSON_STRING, JSON_NUMBER, JSON_WORD, JSON_NOTHING };
enum json_kind json_kind(struct json *);                           /* of what comes next */
enum err json_broken(struct json *);                               /* says line and column of where it stands; ERR_INVALID */
enum err json_skip(struct json *);                                 /* any value, well formed */
enum err json_end(struct json *);                                  /* nothing may follow */
/* Members and items: has_more is false at the closing bracket. *first begins as true. */
enum err json_member(struct json *, bool *first, struct str *ret_key, bool *ret_has_more);
enum err json_item(struct json *, bool *first, bool *ret_has_more);
enum err json_string(struct json *, struct str *ret);              /* into the arena, or a piece of the text itself */
/* A whole number without fraction or exponent; what is larger than int64_t becomes its largest. is_whole false: another number. */
enum err json_number(struct json *, int64_t *ret, bool *ret_is_whole);
#endif
