#ifndef TOOLS_SQLGEN_H
#define TOOLS_SQLGEN_H
/* What the three parts of sqlgen share: the schemas as the marks and the database tell them, and one checked statement.
 *
 * sqlgen.c reads the schemas and writes the tables as data; sqlgen_check.c reads an x.sql and lets the database judge each
 * statement; sqlgen_emit.c writes the typed functions. Everything lives as long as the program: seconds. */
#include "base/out.h"
#include <sqlite3.h>

enum { MOST_COLUMNS = 64, MOST_TABLES = 256, MOST_SCHEMAS = 64, MOST_QUERIES = 400, MOST_POSITIONAL = 4, MOST_READ = 8 };
enum { NAME = 64 };

/* --- the schemas --- */
enum { TYPE_INT = 'i', TYPE_TEXT = 't', TYPE_BLOB = 'b' };
enum { PLAIN, PERSONAL, SECRET };
struct col { char name[NAME]; char type; bool is_key, may_be_null, has_default; int mark; };
struct tab { char name[NAME], component[NAME]; bool is_volatile, is_log; struct col col[MOST_COLUMNS]; int n, n_keys; };
struct tab *tab_named(struct str name);
struct col *col_named(struct tab *, struct str name);

/* --- one statement --- */
struct typed { char name[NAME], type[12]; bool may_be_null, is_sure; };   /* is_sure: of a result, the database forbids NULL there */
enum form { FORM_WRITE, FORM_ONE, FORM_MANY, FORM_EACH };
enum act { ACT_READ, ACT_INSERT, ACT_UPDATE, ACT_DELETE };
struct query {
	char         name[NAME * 2];
	enum form    form;
	enum act     act;
	struct typed arg[MOST_COLUMNS], col[MOST_COLUMNS];
	int          n_args, n_cols, line;
	struct str   prose, sql, sent;      /* sent: with the RETURNING of a logged write */
	struct tab  *tab;                   /* of a write */
	int          returned[MOST_COLUMNS], n_returned;
	bool         is_plain;              /* INSERT ... VALUES ($1, $2 ...): what is written is what was given, and nothing needs to return */
	bool         is_kept;               /* marked "-- kept": answers are remembered as long as no commit touches what it reads */
	struct tab  *reads[MOST_READ];
	int          n_reads;
	int          given[MOST_COLUMNS];   /* then: the argument that a column of the table takes */
};
bool query_takes_rq(const struct query *);   /* not a logged write: those take the change */

/* sqlgen_check.c: reads every statement of the text and stops at the first fault. Returns how many. */
int  queries_read(struct str text, const char *path, const char *own, const char *stem, sqlite3 *, struct query *ret);
/* sqlgen_emit.c */
void emit_queries(FILE *h, FILE *c, const char *h_name, const char *stem, const struct query *, int n);
void emit_c_string(FILE *, struct str);

/* --- small things --- */
extern struct arena *arena;
/* Where in which file, and why; ends the program with 1. */
_Noreturn void stop_at(const char *path, int line, const char *format, ...) CHECKED_FORMAT(3, 4);
void name_copy(char *room, size_t size, struct str, const char *path, int line);

/* Pieces of SQL: a word, a number, a placeholder, a string, or one character; comments and blanks are passed over.
 * kind: 0 at the end, 'w', '0', '$', '\'', or the character. `line` counts what was passed. */
struct token { char kind; struct str text; };
struct token token_next(struct str *rest, int *line);
bool token_is(const struct token *, const char *word);       /* in any case */
#endif
