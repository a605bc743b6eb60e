/* Files from outside: a CSV reader by RFC 4180, and the checks that need nothing but the row itself.
 *
 * The file is read whole into memory (at most 256 MB) and walked once; records go out as they are made. The encoding is found first,
 * for the whole file: valid UTF-8 throughout is UTF-8; no valid multi-byte sequence at all is Windows-1252; both kinds together is a
 * problem on each row that is not UTF-8. A quotation mark that swallows line breaks and then turns out to be wrong has swallowed
 * persons too: then nothing can be said of who is missing, and the whole file is refused.
 *
 * SECURITY: this is the only CSV parser, it runs in a jail without store, network or files, and is fuzzed. A cell that a
 * spreadsheet would run as a formula is refused at the door, a phone number's leading + excepted. */
#include "doors/files.h"
#include "base/when.h"
#include <sys/stat.h>

const char *const people_column[PEOPLE_COLUMNS] = { "id", "name", "email", "phone", "unit", "manager", "employment_end", "roles",
	"protected", "login" };
const char *const people_problem_text[PROBLEMS] = {
#define X(name, text) [PROBLEM_##name] = text,
	PEOPLE_PROBLEMS(X)
#undef X
};

enum { MOST_FIELDS = 64, SPILL = 1 << 20 };
enum encoding { ENCODING_UTF8, ENCODING_1252, ENCODING_MIXED };

struct csv {
	struct str    text;
	size_t        at;
	uint32_t      row;
	char          mark;
	enum encoding encoding;
	struct bytes  scratch;                   /* the row's fields, unquoted, in UTF-8 */
	struct place  field[MOST_FIELDS];
	int           n_fields;
	bool          has_bad_quotes, has_bad_bytes, has_lines;   /* of the row; lines: a field goes over several */
	bool          is_file_bad;
	int           column[PEOPLE_COLUMNS];    /* which field; -1 absent */
	int           n_header;
	struct bytes *records, *problems;
	uint64_t      n, n_bad;
};

static enum err grow(struct bytes *bytes, const void *more, size_t n)
{
	if (bytes->room - bytes->len < n) {
		size_t room = MAX(bytes->room * 2, MAX(bytes->len + n, (size_t)4096));
		char *at = realloc(bytes->at, room);
		if (!at)
			return ERR_FULL;
		bytes->at = at;
		bytes->room = room;
	}
	if (n)
		memcpy(bytes->at + bytes->len, more, n);
	bytes->len += n;
	return OK;
}

static enum err spill(struct bytes *bytes)
{
	return bytes->spill && bytes->len >= SPILL ? bytes->spill(bytes) : OK;
}

static enum err problem(struct csv *csv, int column, enum people_problem_kind kind)
{
	struct people_problem one = { .row = csv->row, .column = (uint16_t)column, .kind = (uint16_t)kind };

	csv->is_file_bad |= people_problem_is_of_file(kind);
	TRY(grow(csv->problems, &one, sizeof one));
	return spill(csv->problems);
}

static enum err unknown_heading(struct csv *csv, struct str name)
{
	struct people_problem one = { .row = csv->row, .column = PEOPLE_COLUMNS, .kind = PROBLEM_UNKNOWN_COLUMN };

	if (str_is_utf8(name))
		name = str_utf8_first(name, sizeof one.heading - 1);
	else
		name = STR("?");
	for (size_t i = 0; i < name.len; i++)
		one.heading[i] = (unsigned char)name.at[i] < 0x20 || name.at[i] == 0x7f ? '?' : name.at[i];
	csv->is_file_bad = true;
	return grow(csv->problems, &one, sizeof one);
}

/* --- encoding --- */

static size_t sequence(struct str s, size_t i)           /* length of the UTF-8 character there, 0 when it is none */
{
	for (size_t n = 2; n <= 4 && i + n <= s.len; n++)
		if (str_is_utf8((struct str){ s.at + i, n }))
			return n;
	return 0;
}

static enum encoding find_encoding(struct str s)
{
	bool has_utf8 = false, has_other = false;

	for (size_t i = 0; i < s.len; ) {
		size_t n = 1;
		if ((unsigned char)s.at[i] >= 0x80) {
			n = sequence(s, i);
			has_utf8 |= n > 0;
			has_other |= n == 0;
			n += n == 0;
		}
		i += n;
	}
	return !has_other ? ENCODING_UTF8 : has_utf8 ? ENCODING_MIXED : ENCODING_1252;
}

/* Windows-1252, 0x80-0x9f; 0 where nothing is defined. */
static const uint16_t high[32] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
	0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178 };

static enum err put_1252(struct csv *csv, unsigned char c)
{
	unsigned code = c >= 0xa0 ? c : high[c - 0x80];
	char utf8[3];

	if (code == 0) {
		csv->has_bad_bytes = true;
		return OK;
	}
	if (code < 0x800) {
		utf8[0] = (char)(0xc0 | code >> 6);
		utf8[1] = (char)(0x80 | (code & 63));
		return grow(&csv->scratch, utf8, 2);
	}
	utf8[0] = (char)(0xe0 | code >> 12);
	utf8[1] = (char)(0x80 | (code >> 6 & 63));
	utf8[2] = (char)(0x80 | (code & 63));
	return grow(&csv->scratch, utf8, 3);
}

/* A run of bytes of a field, into the row's scratch as UTF-8. */
static enum err put(struct csv *csv, size_t from, size_t to)
{
	if (csv->encoding != ENCODING_1252) {
		struct str run = { csv->text.at + from, to - from };
		csv->has_bad_bytes |= csv->encoding == ENCODING_MIXED && !str_is_utf8(run);
		return grow(&csv->scratch, run.at, run.len);
	}
	for (size_t i = from; i < to; i++) {
		unsigned char c = (unsigned char)csv->text.at[i];
		TRY(c < 0x80 ? grow(&csv->scratch, &c, 1) : put_1252(csv, c));
	}
	return OK;
}

/* --- fields and rows --- */

static bool at_end_of_row(const struct csv *csv)
{
	return csv->at >= csv->text.len || csv->text.at[csv->at] == '\n'
	    || (csv->text.at[csv->at] == '\r' && csv->at + 1 < csv->text.len && csv->text.at[csv->at + 1] == '\n')
	    || (csv->text.at[csv->at] == '\r' && csv->at + 1 == csv->text.len);
}

/* Inside quotes a line may end as the file's lines do; people_record knows only the newline. */
static void plain_newlines(struct csv *csv, size_t from)
{
	size_t to = from;

	for (size_t i = from; i < csv->scratch.len; i++) {
		char c = csv->scratch.at[i];
		csv->has_lines |= c == '\n';
		if (c != '\r' || i + 1 == csv->scratch.len || csv->scratch.at[i + 1] != '\n')
			csv->scratch.at[to++] = c;
	}
	csv->scratch.len = to;
}

/* What stands between a closing quotation mark and the end of the field: nothing, or it is a mistake. */
static void after_quotes(struct csv *csv)
{
	csv->at++;
	while (!at_end_of_row(csv) && csv->text.at[csv->at] != csv->mark) {
		csv->has_bad_quotes = true;
		csv->at++;
	}
}

static enum err quoted(struct csv *csv)
{
	size_t from = ++csv->at, start = csv->scratch.len;
	const char *mark;

	for (;;) {
		mark = memchr(csv->text.at + csv->at, '"', csv->text.len - csv->at);
		csv->at = mark ? (size_t)(mark - csv->text.at) : csv->text.len;
		TRY(put(csv, from, csv->at));
		if (!mark || csv->at + 1 >= csv->text.len || csv->text.at[csv->at + 1] != '"')
			break;
		from = csv->at + 1;                     /* of two, the second is the field's */
		csv->at += 2;
	}
	plain_newlines(csv, start);
	if (mark) {
		after_quotes(csv);
	} else {
		csv->has_bad_quotes = csv->has_lines = true;
	}
	return OK;
}

static enum err bare(struct csv *csv)
{
	size_t from = csv->at;

	while (!at_end_of_row(csv) && csv->text.at[csv->at] != csv->mark)
		csv->has_bad_quotes |= csv->text.at[csv->at++] == '"';
	return put(csv, from, csv->at);
}

/* Reads one record. ERR_NONE at the end of the file. Blank lines are records without fields. */
static enum err read_row(struct csv *csv)
{
	if (csv->at >= csv->text.len)
		return ERR_NONE;
	csv->row++;
	csv->n_fields = 0;
	csv->scratch.len = 0;
	csv->has_bad_quotes = csv->has_bad_bytes = csv->has_lines = false;
	bool is_blank = at_end_of_row(csv);
	while (!is_blank) {
		size_t from = csv->scratch.len;
		TRY(csv->at < csv->text.len && csv->text.at[csv->at] == '"' ? quoted(csv) : bare(csv));
		if (csv->n_fields < MOST_FIELDS)
			csv->field[csv->n_fields] = (struct place){ (uint32_t)from, (uint32_t)(csv->scratch.len - from) };
		csv->n_fields++;
		if (at_end_of_row(csv))
			break;
		csv->at++;                              /* the mark */
	}
	if (csv->at < csv->text.len && csv->text.at[csv->at] == '\r')
		csv->at++;
	if (csv->at < csv->text.len && csv->text.at[csv->at] == '\n')
		csv->at++;
	return OK;
}

static struct str field(const struct csv *csv, int i)
{
	if (i < 0 || i >= MIN(csv->n_fields, (int)MOST_FIELDS))
		return STR("");
	return (struct str){ csv->scratch.at ? csv->scratch.at + csv->field[i].at : "", csv->field[i].length };
}

/* --- the header --- */

static char find_mark(struct str text)
{
	struct str line = str_first(text, str_find(text, '\n'));
	size_t semicolons = 0, commas = 0;

	for (size_t i = 0; i < line.len; i++) {
		semicolons += line.at[i] == ';';
		commas += line.at[i] == ',';
	}
	return semicolons > commas ? ';' : ',';
}

static enum err take_headings(struct csv *csv)
{
	csv->n_header = csv->n_fields;
	for (int i = 0; i < MIN(csv->n_fields, (int)MOST_FIELDS); i++) {
		struct str name = str_trim(field(csv, i));
		int c = 0;
		while (c < PEOPLE_COLUMNS && !str_equal(name, str_of(people_column[c])))
			c++;
		if (c == PEOPLE_COLUMNS)
			TRY(unknown_heading(csv, name));
		else if (csv->column[c] >= 0)
			TRY(problem(csv, c, PROBLEM_DOUBLE_COLUMN));
		else
			csv->column[c] = i;
	}
	for (int c = 0; c < COLUMN_LOGIN; c++)
		if (csv->column[c] < 0)
			TRY(problem(csv, c, PROBLEM_MISSING_COLUMN));
	return OK;
}

/* With any problem here no row is read: without its columns nothing in it can be told apart. */
static enum err read_header(struct csv *csv)
{
	for (int c = 0; c < PEOPLE_COLUMNS; c++)
		csv->column[c] = -1;
	enum err err = read_row(csv);
	if (err == ERR_NONE || (err == OK && csv->n_fields == 0)) {
		csv->row = 1;
		return problem(csv, PEOPLE_COLUMNS, PROBLEM_EMPTY_FILE);
	}
	TRY(err);
	/* A NUL is what UTF-16 looks like from here. */
	csv->has_bad_bytes |= csv->scratch.len && memchr(csv->scratch.at, 0, csv->scratch.len);
	csv->is_file_bad |= csv->has_bad_bytes || csv->has_bad_quotes;
	if (csv->has_bad_bytes)
		return problem(csv, PEOPLE_COLUMNS, PROBLEM_ENCODING);
	if (csv->has_bad_quotes)
		return problem(csv, PEOPLE_COLUMNS, csv->has_lines ? PROBLEM_UNCLOSED : PROBLEM_QUOTES);
	return take_headings(csv);
}

/* --- a person's row --- */

/* ASCII's and the C1 set's (U+0080-U+009F). A newline may stand where people write text. */
static bool has_control(struct str s, bool may_have_lines)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if (c == '\n' ? !may_have_lines : c < 0x20 || c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < s.len && (unsigned char)s.at[i + 1] < 0xa0)
			return true;
	}
	return false;
}

/* Asked of the field as it stands and as it is kept, without the blanks around it. */
static bool is_formula(struct str s, int column)
{
	if (s.len == 0 || !memchr("=+-@\t", s.at[0], 5))
		return false;
	return !(column == COLUMN_PHONE && s.at[0] == '+');
}

static size_t characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.at[i] & 0xc0) != 0x80;
	return n;
}

static bool read_roles(struct str words, uint32_t *ret)
{
	static const char *const role[] = { "coordinator", "management", "support", "system_owner", "employee", "auditor", "manager" };

	while (words.at && words.len) {
		struct str word = str_cut(&words, ' ');
		size_t i = 0;
		while (i < LENGTH(role) && !str_equal(word, str_of(role[i])))
			i++;
		if (i == LENGTH(role) && word.len)
			return false;
		if (i < LENGTH(role))
			*ret |= 1u << i;
	}
	return true;
}

/* The last day employed; the record holds the midnight that ends it. The year 9999 is how HR systems write "no end". */
static bool read_end(struct str day, int64_t *ret)
{
	struct instant at;
	char in_range[10];

	if (day.len != 10)
		return false;
	memcpy(in_range, day.at, 10);
	bool is_never = memcmp(in_range, "9999", 4) == 0;
	if (is_never)
		memcpy(in_range, "2399", 4);
	if (instant_parse_loose((struct str){ in_range, 10 }, &at) != OK)
		return false;
	*ret = is_never ? NO_END : instant_midnight(instant_plus(at, HOURS(36))).ms;
	return true;
}

static enum err check_cell(struct csv *csv, int c, bool *is_bad)
{
	enum people_problem_kind kind = PROBLEMS;
	struct str s = field(csv, csv->column[c]), kept = str_trim(s);
	static const bool must_be[PEOPLE_COLUMNS] = { [COLUMN_ID] = true, [COLUMN_NAME] = true, [COLUMN_UNIT] = true };
	static const bool may_have_lines[PEOPLE_COLUMNS] = { [COLUMN_NAME] = true, [COLUMN_PHONE] = true, [COLUMN_UNIT] = true };

	if (s.len > FIELD_MOST || ((c == COLUMN_ID || c == COLUMN_MANAGER) && characters(kept) > ID_MOST)
	 || ((c == COLUMN_EMAIL || c == COLUMN_ID) && kept.len > NAME_MOST))
		kind = PROBLEM_TOO_LONG;
	else if (is_formula(s, c) || is_formula(kept, c))
		kind = PROBLEM_FORMULA;
	else if (has_control(kept, may_have_lines[c]) || has_control(s, true))
		kind = PROBLEM_CONTROL;
	else if (must_be[c] && kept.len == 0)
		kind = PROBLEM_EMPTY;
	if (kind == PROBLEMS)
		return OK;
	*is_bad = true;
	return problem(csv, c, kind);
}

/* Each of several names to log in with, apart by `;`: what one alone must be. */
static enum err check_logins(struct csv *csv, bool *is_bad)
{
	struct str rest = field(csv, csv->column[COLUMN_LOGIN]);

	while (rest.at && rest.len) {
		struct str name = str_trim(str_cut(&rest, ';'));
		if (name.len <= NAME_MOST && !is_formula(name, COLUMN_LOGIN))
			continue;
		*is_bad = true;
		return problem(csv, COLUMN_LOGIN, name.len > NAME_MOST ? PROBLEM_TOO_LONG : PROBLEM_FORMULA);
	}
	return OK;
}

static enum err take_values(struct csv *csv, struct people_record *record, bool *is_bad)
{
	struct str end = str_trim(field(csv, csv->column[COLUMN_END])), mark = str_trim(field(csv, csv->column[COLUMN_PROTECTED]));

	record->employment_end = NO_END;
	if (end.len && !read_end(end, &record->employment_end)) {
		*is_bad = true;
		TRY(problem(csv, COLUMN_END, PROBLEM_DATE));
	}
	if (!read_roles(field(csv, csv->column[COLUMN_ROLES]), &record->roles)) {
		*is_bad = true;
		TRY(problem(csv, COLUMN_ROLES, PROBLEM_ROLE));
	}
	record->is_protected = str_equal(mark, STR("yes"));
	if (mark.len && !record->is_protected && !str_equal(mark, STR("no"))) {
		*is_bad = true;
		TRY(problem(csv, COLUMN_PROTECTED, PROBLEM_PROTECTED));
	}
	return OK;
}

/* What may go out: a bad row's texts are kept to know its person by, but only where they are harmless. */
static struct str text_out(const struct csv *csv, const struct people_record *record, int c)
{
	struct str s = str_trim(field(csv, csv->column[c]));

	if (c == COLUMN_END || c == COLUMN_ROLES || c == COLUMN_PROTECTED || s.len > FIELD_MOST)
		return STR("");
	if (record->is_bad && (!str_is_utf8(s) || has_control(s, true)))
		return STR("");
	return s;
}

static enum err put_record(struct csv *csv, struct people_record *record)
{
	struct str text[PEOPLE_COLUMNS];
	uint32_t at = 0;
	static const char zero[8];

	for (int c = 0; c < PEOPLE_COLUMNS; c++) {
		text[c] = text_out(csv, record, c);
		record->text[c] = (struct place){ at, (uint32_t)text[c].len };
		at += (uint32_t)text[c].len;
	}
	uint32_t end = (uint32_t)sizeof *record + at;
	record->length = (end + 7) & ~7u;                           /* records begin on multiples of eight */
	TRY(grow(csv->records, record, sizeof *record));
	for (int c = 0; c < PEOPLE_COLUMNS; c++)
		TRY(grow(csv->records, text[c].at, text[c].len));
	TRY(grow(csv->records, zero, record->length - end));
	return spill(csv->records);
}

static bool is_without_content(const struct csv *csv)
{
	for (int i = 0; i < MIN(csv->n_fields, (int)MOST_FIELDS); i++)
		if (str_trim(field(csv, i)).len)
			return false;
	return csv->n_fields <= MOST_FIELDS && !csv->has_bad_quotes && !csv->has_bad_bytes;
}

static enum err take_row(struct csv *csv)
{
	struct people_record record = { .row = csv->row };
	bool is_bad = csv->has_bad_quotes || csv->has_bad_bytes || csv->n_fields != csv->n_header;

	if (is_without_content(csv))
		return OK;
	if (csv->n_fields != csv->n_header && !csv->has_bad_quotes)
		TRY(problem(csv, PEOPLE_COLUMNS, PROBLEM_FIELD_COUNT));
	if (csv->has_bad_quotes)
		TRY(problem(csv, PEOPLE_COLUMNS, csv->has_lines ? PROBLEM_UNCLOSED : PROBLEM_QUOTES));
	if (csv->has_bad_bytes)
		TRY(problem(csv, PEOPLE_COLUMNS, PROBLEM_ENCODING));
	for (int c = 0; c < PEOPLE_COLUMNS && csv->n_fields == csv->n_header; c++)
		TRY(check_cell(csv, c, &is_bad));
	if (csv->n_fields == csv->n_header) {
		TRY(check_logins(csv, &is_bad));
		TRY(take_values(csv, &record, &is_bad));
	}
	record.is_bad = is_bad;
	csv->n++;
	csv->n_bad += is_bad;
	return put_record(csv, &record);
}

enum err files_people(struct str text, struct bytes *ret_records, struct bytes *ret_problems, uint64_t *ret_n, uint64_t *ret_bad)
{
	struct csv csv = { .records = ret_records, .problems = ret_problems };
	enum err err;

	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	csv.text = text;
	csv.mark = find_mark(text);
	csv.encoding = find_encoding(text);
	err = read_header(&csv);
	if (err == OK && !csv.is_file_bad)
		while ((err = read_row(&csv)) == OK && (err = take_row(&csv)) == OK)
			;
	free(csv.scratch.at);
	*ret_n = csv.n;
	*ret_bad = csv.n_bad;
	return err == ERR_NONE ? OK : err;
}
