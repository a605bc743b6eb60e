#ifndef FLOOR_PACK_H
#define FLOOR_PACK_H
/* Packs: rule data that has a date and a source (whom to call, the consequence scale, legal deadlines), as text files in packs/, put
 * into the program by the build. A pack says whether it has been checked: what is shown of it says so too.
 *
 *     # a comment
 *     pack = contacts-se            the file's name without its ending
 *     date = 2026-11-20             when the facts were gathered
 *     status = verify               verify | verified | standard (ours, until the organisation decides otherwise)
 *     title.sv = Kontaktbok
 *     title.en = Contact book
 *     source.sv = ...
 *     source.en = ...
 *
 *     [authority cert-se]           a row: its kind and its id
 *     name.sv = CERT-SE
 *     name.en = CERT-SE
 *     phone = 010-...
 *
 * The parser is strict: whatever the shape does not name, whatever lacks or stands twice stops it, with file and line. */
#include "floor/rq.h"

/* Which rows a pack may have and what each holds: "name* phone? days#". Behind a key: * in both languages (key.sv, key.en), # a whole
 * number, ? may be missing; *? and #? both. */
struct pack_shape { const char *kind, *keys; };               /* a table ended by .kind NULL */

enum pack_status { PACK_VERIFY, PACK_VERIFIED, PACK_STANDARD };
struct pack_field { struct str key, value; };
struct pack_row { struct str kind, id; struct pack_field *fields; size_t n; int line; };
struct pack {
	struct str       name;
	struct instant   date;
	enum pack_status status;
	struct pack_row  head;             /* title, source */
	struct pack_row *rows; size_t n;
};
extern const char *const pack_status_text[];                   /* N_() */

/* ERR_INVALID: "packs/contacts-se.txt:7: ...". The pack points into `bytes`. */
enum err pack_parse(struct rq *, const char *name, struct str bytes, const struct pack_shape *, struct pack *ret);
/* One of the program's own. */
enum err pack_read(struct rq *, const char *name, const struct pack_shape *, struct pack *ret);
/* In the language for keys with *; STR("") when an optional key is missing. */
struct str pack_text(const struct pack_row *, const char *key, enum language);
int64_t    pack_number(const struct pack_row *, const char *key);         /* -1 when missing */
#endif
