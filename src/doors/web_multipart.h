#ifndef DOORS_WEB_MULTIPART_H
#define DOORS_WEB_MULTIPART_H
/* A form with a file, multipart/form-data (RFC 7578), as a browser sends it: read as it comes, the fields into memory, the one
 * file into a memfd. Strict: what no browser sends is refused. */
#include "doors/web_form.h"
#include "base/out.h"

enum { MULTIPART_FIELDS = 32 * 1024, MULTIPART_HEAD = 2048, MULTIPART_BOUNDARY = 70 };

struct multipart {
	char           delimiter[MULTIPART_BOUNDARY + 8];      /* CR LF - - boundary */
	size_t         length;
	enum { PART_START, PART_HEAD, PART_BODY, PART_AFTER, PART_END } state;
	struct arena  *arena;
	struct out     rest;                                   /* what is not read yet */
	struct str     name, filename;                         /* of the part that is being read; filename STR_NONE: a field */
	struct out     value;
	size_t         taken;                                  /* bytes of fields */
	bool           has_file;
	int            file;                                   /* -1 until a file has come; the caller's */
	enum err       err;
};

/* False: the type names no boundary that may be. */
bool     multipart_begin(struct multipart *, struct arena *, struct str content_type);
/* The next bytes. What goes wrong stays: ERR_INVALID malformed, ERR_FULL more than may be or no room. */
enum err multipart_feed(struct multipart *, struct str bytes, struct web_fields *ret);
/* After the last: OK when the form was whole. The file's name stands as a field under the file's own. */
enum err multipart_finish(struct multipart *);
#endif
