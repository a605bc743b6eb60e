#ifndef DOORS_FILES_RESETS_H
#define DOORS_FILES_RESETS_H
/* Resets as a directory's or a gateway's log tells them: CSV with the columns time, person, kind and by (others are passed over), `,` or `;`, UTF-8.
 *
 * One record a row, wrong ones too, with what is wrong. Texts are UTF-8 without control characters and end in NUL. */
#include "doors/files.h"

#define RESET_PROBLEMS(X) \
	X(HEADER, N_("the first row must name the columns time, person, kind and by; the file must be UTF-8")) \
	X(FIELDS, N_("the row has another number of fields than the header, or an open quotation mark")) \
	X(TIME,   N_("write the time like this: 2026-11-30T08:00:00Z or 2026-11-30 08:00")) \
	X(PERSON, N_("the person is missing, or the name is longer than 253 bytes")) \
	X(KIND,   N_("the kind is missing or longer than 40 bytes; write what was reset, like password or factor")) \
	X(CONTROL_IN, N_("holds a control character")) \
	X(MANY,   N_("the file has more rows than are read at once; divide it"))
enum reset_problem {
	RESET_FINE,
#define X(name, text) RESET_##name,
	RESET_PROBLEMS(X)
#undef X
	RESET_PROBLEM_KINDS
};

enum { RESETS_MOST = 50000, RESET_NAME = 256, RESET_KIND_MOST = 48 };
struct reset_record { int64_t at; uint32_t row; uint32_t problem; char person[RESET_NAME], by[RESET_NAME], kind[RESET_KIND_MOST]; };

/* The whole file. Pure but for the growing buffer, whose bytes are the caller's to free. */
enum err resets_read(struct str text, struct bytes *ret, uint64_t *ret_n, uint64_t *ret_bad);
#endif
