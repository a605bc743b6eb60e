#ifndef DOORS_FILES_H
#define DOORS_FILES_H
/* The reader process: foreign files in, typed records out. It has no store, no network, and writes no file but the sealed
 * memfds that it hands back.
 *
 * People from CSV: RFC 4180 quoting, `,` or `;`, UTF-8 with or without BOM or Windows-1252, at most FILES_MOST bytes.
 * One people_record per row, bad ones too (so that a bad row's person is known to be bad), then its texts. Problems go into
 * a second file. Neither holds a byte that was not checked: texts are UTF-8 without control characters (newline apart), also
 * those of bad rows: what of them is not so is left out. Rows without any content are passed over, but counted. */
#include "doors/message.h"

enum { FILES_MOST = 256 << 20, FIELD_MOST = 64 * 1024,
	ID_MOST = 64,                  /* characters */
	NAME_MOST = 253 };             /* bytes of a name to log in with: what RADIUS can carry */

enum people_column { COLUMN_ID, COLUMN_NAME, COLUMN_EMAIL, COLUMN_PHONE, COLUMN_UNIT, COLUMN_MANAGER, COLUMN_END, COLUMN_ROLES,
	COLUMN_PROTECTED, COLUMN_LOGIN, PEOPLE_COLUMNS };
extern const char *const people_column[PEOPLE_COLUMNS];

#define N_(message) message     /* to be translated where it is shown */
#define PEOPLE_PROBLEMS(X) \
	X(EMPTY_FILE,     N_("the file is empty")) \
	X(MISSING_COLUMN, N_("this column is missing")) \
	X(UNKNOWN_COLUMN, N_("this column is not known; remove it")) \
	X(DOUBLE_COLUMN,  N_("this column stands twice")) \
	X(FIELD_COUNT,    N_("the row has another number of fields than the header")) \
	X(QUOTES,         N_("a quotation mark stands where none may; double it inside a quoted field")) \
	X(UNCLOSED,       N_("a quotation mark is not closed on its row, so that rows are lost in it; mend it first")) \
	X(ENCODING,       N_("the text is neither UTF-8 nor Windows-1252 throughout; save the file in one encoding")) \
	X(TOO_LONG,       N_("longer than it may be")) \
	X(CONTROL,        N_("holds a control character")) \
	X(FORMULA,        N_("begins with = + - @ or a tab, which spreadsheets run as a formula")) \
	X(EMPTY,          N_("must not be empty")) \
	X(ROLE,           N_("holds a word that is no role")) \
	X(PROTECTED,      N_("write yes, no or nothing")) \
	X(DATE,           N_("write the date like this: 2026-11-30")) \
	X(DOUBLE_ID,      N_("this id stands on another row too")) \
	X(NO_MANAGER,     N_("nobody has this manager's id")) \
	X(CYCLE,          N_("this person is, by way of others, their own manager")) \
	X(NAME_TAKEN,     N_("another person has this name to log in with")) \
	X(MANY_NAMES,     N_("at most 32 names to log in with")) \
	X(RESERVED,       N_("ids that begin with local: are Samordna's own"))
enum people_problem_kind {
#define X(name, text) PROBLEM_##name,
	PEOPLE_PROBLEMS(X)
#undef X
	PROBLEMS
};
extern const char *const people_problem_text[PROBLEMS];
/* A problem of the file, not of one row, as is every problem of row 1: such a file is refused even where bad rows may be
 * passed over. */
static inline bool people_problem_is_of_file(enum people_problem_kind kind)
{
	return kind == PROBLEM_EMPTY_FILE || kind == PROBLEM_MISSING_COLUMN || kind == PROBLEM_UNKNOWN_COLUMN
	    || kind == PROBLEM_DOUBLE_COLUMN || kind == PROBLEM_UNCLOSED;
}

enum { NO_END = -1 };
struct people_record {
	uint32_t length;               /* of this and its texts */
	uint32_t row;                  /* the header is 1 */
	int64_t  employment_end;       /* first moment no longer employed, ms; NO_END none */
	uint32_t roles;                /* bits in the order of the list in interface: coordinator 1, management 2 ... */
	uint8_t  is_protected, is_bad, spare[2];
	struct place text[PEOPLE_COLUMNS];     /* in the bytes behind; END, ROLES and PROTECTED empty */
};
struct people_problem {
	uint32_t row;
	uint16_t column;               /* PEOPLE_COLUMNS: the whole row */
	uint16_t kind;
	char     heading[40];          /* of an unknown column, as it stands in the file: UTF-8, ended by NUL, cut */
};

/* Bytes that grow; once they pass 1 MB, `spill` (when there is one) writes them away. at is the caller's to free. */
struct bytes { char *at; size_t len, room; int file; enum err (*spill)(struct bytes *); };

/* Reads `text` (the whole file) and appends records and problems. Pure but for the two growing buffers. */
enum err files_people(struct str text, struct bytes *ret_records, struct bytes *ret_problems, uint64_t *ret_n, uint64_t *ret_bad);
#endif
