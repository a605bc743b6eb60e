#ifndef FLOOR_EMBEDDED_H
#define FLOOR_EMBEDDED_H
/* Files that stand in the program: the style sheet and the mark. Their address holds a hash of their content, so an
 * answer may say "Cache-Control: public, max-age=31536000, immutable". */
#include "base/str.h"

struct embedded { struct str name, path; const char *type; struct str etag, bytes; };   /* etag with its quotation marks */

extern const struct embedded embedded_files[];
extern const size_t embedded_n;

const struct embedded *embedded_find(struct str path);         /* "/static/samordna.HASH.css"; NULL when there is none */
const struct embedded *embedded_named(struct str name);        /* "samordna.css"; aborts when there is none */
#endif
