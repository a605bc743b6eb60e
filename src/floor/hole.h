#ifndef FLOOR_HOLE_H
#define FLOOR_HOLE_H
/* What the functions that pagegen makes stand on: the writers of values into pages. */
#include "floor/rq.h"

/* HTML that is safe as it is: a drawn page, or libcmark's output. Nothing else makes one. */
struct safe_html { struct str html; };

void hole_say(struct out *, const char *said);        /* a translated message without holes */
void hole_link(struct out *, struct str);             /* a URL: own path, #, ?, http(s), mailto or tel; else "#" */
void hole_day(struct out *, struct instant);          /* 2026-11-24 */

/* tongue() for a message that stands in this place of a page and no other: looked up the first time. */
#define tongue_here(language, english) ({ static const char *_Atomic here_; hole_heard((language), (english), &here_); })
static inline const char *hole_heard(enum language language, const char *english, const char *_Atomic *here)
{
	if (language != LANGUAGE_SV)
		return english;
	if (!*here)
		*here = tongue(language, english);
	return *here;
}

/* A translated message with holes: hole_next writes up to the next one, and is false at the end. */
struct said { const char *rest; struct str hole; };
static inline struct said hole_begin(const char *said) { return (struct said){ .rest = said }; }
bool hole_next(struct out *, struct said *);
static inline bool hole_is(const struct said *said, struct str name)
{
	return said->hole.len == name.len && memcmp(said->hole.at, name.at, name.len) == 0;
}
#endif
