#ifndef TOOLS_PLACE_H
#define TOOLS_PLACE_H
/* Where in an HTML page we stand: fed byte by byte, it knows at each moment what a hole here would be part of.
 *
 * It is the tokenizer of the HTML standard, cut down to what a page of ours may contain, and stricter: every element
 * is closed by hand, attributes with holes are quoted, and nothing inline (script, style, handlers) is accepted at all. */
#include <stdbool.h>
#include <stddef.h>

enum where {
	AT_TEXT,          /* between tags */
	AT_OPEN,          /* "<" has been read */
	AT_NAME,          /* in a tag's name */
	AT_TAG,           /* in a tag, behind a blank: an attribute may begin */
	AT_AFTER,         /* in a tag, behind a name, a value or a condition: a blank or the tag's end must follow */
	AT_ATTRIBUTE,     /* in an attribute's name */
	AT_EQUALS,        /* behind the = */
	AT_QUOTED,        /* in a quoted value */
	AT_UNQUOTED,      /* in an unquoted value */
	AT_COMMENT,
	AT_DOCTYPE,
	AT_SCRIPT         /* in a script element, which must stay empty */
};
enum url { URL_EMPTY, URL_SLASH, URL_FIXED, URL_LINK, URL_OTHER };  /* what the value of a URL attribute begins with */

enum { PLACE_NAME = 32, PLACE_DEEP = 48 };
struct place {
	enum where where;
	char       quote;
	bool       is_end_tag, is_self_closed, is_entity, needs_newline;
	enum url   url;
	int        dashes;                          /* of a comment's end */
	char       element[PLACE_NAME], attribute[PLACE_NAME];
	char       open[PLACE_DEEP][PLACE_NAME];    /* elements that are open now */
	int        depth;
	const char *error;                          /* set once something is refused */
};

/* One byte of the page. False: refused, see error. */
bool place_step(struct place *, char c);
/* A condition or a repetition stands here: is that possible? Ends a name that was being read. */
bool place_fork(struct place *);
/* Two branches end: they must stand in the same place. *at becomes where both are. */
bool place_join(struct place *at, const struct place *other);
/* At the end of the page. */
bool place_end(struct place *);

enum attribute_kind { ATTRIBUTE_NONE, ATTRIBUTE_PLAIN, ATTRIBUTE_URL };
/* What the attribute that we stand in may hold; NONE: no hole at all. */
enum attribute_kind place_attribute(const struct place *);
bool place_is_words(const struct place *);      /* text here is read by people: it must be translated */
bool place_keeps_blanks(const struct place *);  /* inside pre or textarea */
#endif
