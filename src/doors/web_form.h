#ifndef DOORS_WEB_FORM_H
#define DOORS_WEB_FORM_H
/* What stands in a request besides its head: the path, the query or form, a JSON object, cookies. Bytes in, checked names and
 * values out; strict, since a value that can be read in two ways is read in two ways.
 *
 * Everywhere: UTF-8, no control characters (TAB and line ends apart), a name stands once. */
#include "doors/message.h"

struct web_field { struct str name, value; };
struct web_fields { struct web_field at[WEB_FIELDS]; size_t n; };
enum { FORM_NAME = 64, FORM_DEPTH = 4 };

/* application/x-www-form-urlencoded, of a query or a body; adds to ret. Line ends become LF. */
enum err form_urlencoded(struct arena *, struct str, struct web_fields *ret);
/* A JSON object, flat: numbers and booleans as text, null left out. {"a":{"b":1}} is a.b; {"a":[1]} and {"a":{"type":..,"value":[1]}}
 * (as FreeRADIUS writes attributes) are a; further elements are a.1, a.2. */
enum err form_json(struct arena *, struct str, struct web_fields *ret);
/* The path of a request target: percent signs decoded, no empty part, no dots, shorter than size. */
enum err form_path(struct str raw, char *ret, size_t size);
/* The cookie's value; STR_NONE when it is not there, stands twice or has a byte that a cookie of ours never has. */
struct str form_cookie(struct str header, struct str name);
/* One more field, checked: its name's letters, its value's, that it stands once. ERR_INVALID, ERR_FULL. */
enum err form_add(struct web_fields *, struct str name, struct str value);
size_t   form_mend_lines(char *, size_t);                    /* CR LF and a lone CR become LF, in place; the new length */
bool     form_is_clean(struct str, bool may_have_lines);    /* UTF-8 without control characters */
const struct web_field *form_field(const struct web_fields *, const char *name);
#endif
