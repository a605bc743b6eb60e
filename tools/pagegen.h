#ifndef TOOLS_PAGEGEN_H
#define TOOLS_PAGEGEN_H
/* What the parts of pagegen share: the page being compiled, and who does what. One page a run: everything lives as long as the program. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "place.h"

enum type { TEXT, LINK, NUMBER, MOMENT, DAY, CLOCK, FLAG, HTML, WORD, PART, LIST };
enum { TYPES = LIST + 1 };
extern const struct of_type { const char *name, *c; } types[TYPES];

enum { FIELDS = 256, NAME = 64, LINE = 160, DEEP = 24 };
struct field {
	enum type type;
	char      name[NAME], part[NAME], why[LINE];
	int       parent;                    /* the list that it belongs to, or -1 */
};
struct bytes { char *at; size_t len, room; };
struct branch { enum { IF, EACH } kind; bool has_else; int list, line; struct place begin, first; };

extern struct page {
const char   *file;
	char         *source;
	size_t        i;
	int           line;
	char          name[NAME];
	struct field  fields[FIELDS];
	int           n_fields;
	struct place  place;
	struct branch branches[DEEP];
	int           n_branches, indent;
	struct bytes  literal, body;
	bool          uses_page, uses_language;
} page;
extern struct span { size_t from, to; } hole;    /* in page.source */

/* pagegen_emit.c: what is written */
__attribute__((format(printf, 1, 2))) _Noreturn void stop(const char *format, ...);
void add(struct bytes *to, const char *at, size_t n);
__attribute__((format(printf, 2, 3))) void print(struct bytes *to, const char *format, ...);
void add_c_string(struct bytes *to, const char *at, size_t n);
void tabs(void);
__attribute__((format(printf, 1, 2))) void code(const char *format, ...);
void flush(void);
void put_header(FILE *to);
void put_source(FILE *to);

/* pagegen_header.c: the opening comment */
int field_find(int parent, const char *name, size_t n);
void header(void);

/* pagegen_hole.c: holes that are fields */
void hole_blank(void);
bool hole_word(const char *word);
int path_find(const char *at, size_t n, char c[256]);
int hole_field(char c[256]);
void hole_ends(void);
struct bytes hole_message(void);
void write_for_people(enum type type, const char *c);
enum attribute_kind place_of_hole(void);
void value(void);

/* pagegen_say.c: messages, branches, parts */
void message(struct bytes one, const struct bytes *many, const char *number);
void plural(void);
void hole_if(void);
void hole_each(void);
void hole_else(void);
void hole_end(void);
void hole_part(void);
#endif
