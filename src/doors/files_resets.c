/* The parser of resets from a log: rows of CSV into fixed records.
 *
 * RFC 4180: a field in quotation marks may hold the mark, newlines and doubled quotation marks. The header says where time, person, kind and by stand. A row
 * that cannot be read is a record with its problem and no text: nothing of it is guessed.
 *
 * SECURITY: runs in the reader process. Every length is bounded: a row by ROW, its fields by FIELDS, the file by RESETS_MOST rows. */
#define LONG_LIVED
#include "doors/files_resets.h"
#include "base/str.h"
#include "base/when.h"

enum { ROW = 16 * 1024, FIELDS = 64 };
enum column { TIME, PERSON, KIND, BY, COLUMNS };
static const char *const column_name[COLUMNS] = { "time", "person", "kind", "by" };

struct parse { struct str rest; char mark; uint32_t row; char room[ROW]; struct str field[FIELDS]; size_t n; bool is_bad; };

/* One field, unquoted into the room at *used. */
static struct str take_field(struct parse *p, size_t *used)
{
	size_t from = *used, i = 0;
	struct str rest = p->rest;
	bool is_quoted = rest.len && rest.at[0] == '"', is_open = is_quoted;

	for (i = is_quoted; i < rest.len; i++) {
		char c = rest.at[i];
		if (is_open && c == '"' && i + 1 < rest.len && rest.at[i + 1] == '"')
			i++;
		else if (is_open && c == '"') {
			is_open = false;
			continue;
		} else if (!is_open && (c == p->mark || c == '\n' || c == '\r'))
			break;
		else if (is_quoted && !is_open)
			p->is_bad = true;               /* something behind the closing mark */
		if (*used < ROW)
			p->room[(*used)++] = c;
		else
			p->is_bad = true;
	}
	p->is_bad |= is_open;
	p->rest = str_from(rest, i);
	return (struct str){ p->room + from, *used - from };
}

static bool next_row(struct parse *p)
{
	size_t used = 0;

	if (p->rest.len == 0)
		return false;
	p->row++;
	p->n = 0;
	p->is_bad = false;
	for (;;) {
		struct str field = take_field(p, &used);
		if (p->n < FIELDS)
			p->field[p->n++] = str_trim(field);
		else
			p->is_bad = true;
		if (p->rest.len == 0 || p->rest.at[0] != p->mark)
			break;
		p->rest = str_from(p->rest, 1);
	}
	if (p->rest.len && p->rest.at[0] == '\r')
		p->rest = str_from(p->rest, 1);
	if (p->rest.len && p->rest.at[0] == '\n')
		p->rest = str_from(p->rest, 1);
	return true;
}

static enum err put(struct bytes *to, const struct reset_record *record)
{
	if (to->room - to->len < sizeof *record) {
		size_t room = MAX(to->room * 2, (size_t)64 * sizeof *record);
		char *more = realloc(to->at, room);
		if (!more)
			return ERR_FULL;
		to->at = more;
		to->room = room;
	}
	memcpy(to->at + to->len, record, sizeof *record);
	to->len += sizeof *record;
	return OK;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f)
			return true;
	return false;
}

static bool keep(struct str s, char *room, size_t size)
{
	if (s.len >= size)
		return false;
	memcpy(room, s.at, s.len);
	return true;
}

static uint32_t fill(const struct parse *p, const size_t at[COLUMNS], struct reset_record *ret)
{
	struct instant moment;

	for (int c = 0; c < COLUMNS; c++)
		if (has_control(p->field[at[c]]))
			return RESET_CONTROL_IN;
	if (instant_parse_loose(p->field[at[TIME]], &moment) != OK && instant_parse(p->field[at[TIME]], &moment) != OK)
		return RESET_TIME;
	if (p->field[at[PERSON]].len == 0 || p->field[at[PERSON]].len > NAME_MOST || !keep(p->field[at[PERSON]], ret->person, sizeof ret->person))
		return RESET_PERSON;
	if (p->field[at[KIND]].len == 0 || p->field[at[KIND]].len > 40 || !keep(p->field[at[KIND]], ret->kind, sizeof ret->kind))
		return RESET_KIND;
	if (p->field[at[BY]].len > NAME_MOST || !keep(p->field[at[BY]], ret->by, sizeof ret->by))
		return RESET_PERSON;
	ret->at = moment.ms;
	return RESET_FINE;
}

static bool read_header(struct parse *p, size_t at[COLUMNS])
{
	for (int c = 0; c < COLUMNS; c++) {
		at[c] = FIELDS;
		for (size_t i = 0; i < p->n; i++)
			if (p->field[i].len == strlen(column_name[c]) && strncasecmp(p->field[i].at, column_name[c], p->field[i].len) == 0)
				at[c] = at[c] == FIELDS ? i : SIZE_MAX;
		if (at[c] >= FIELDS)
			return false;
	}
	return !p->is_bad;
}

enum err resets_read(struct str text, struct bytes *ret, uint64_t *ret_n, uint64_t *ret_bad)
{
	struct parse *p = calloc(1, sizeof *p);
	size_t at[COLUMNS], n_header;
	enum err err = OK;

	if (!p)
		return ERR_FULL;
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	struct str line = str_first(text, str_find(text, '\n'));
	p->rest = text;
	p->mark = str_find(line, ';') < line.len ? ';' : ',';
	if (!str_is_utf8(text) || !next_row(p) || !read_header(p, at)) {
		(*ret_bad)++;
		err = put(ret, &(struct reset_record){ .row = 1, .problem = RESET_HEADER });
		free(p);
		return err;
	}
	for (n_header = p->n; err == OK && next_row(p); ) {
		struct reset_record record = { .row = p->row };
		if (p->n == 1 && p->field[0].len == 0 && !p->is_bad)
			continue;
		record.problem = *ret_n + *ret_bad >= RESETS_MOST ? RESET_MANY : p->is_bad || p->n != n_header ? RESET_FIELDS : fill(p, at, &record);
		if (record.problem)
			record = (struct reset_record){ .row = record.row, .problem = record.problem };
		*(record.problem ? ret_bad : ret_n) += 1;
		err = put(ret, &record);
		if (record.problem == RESET_MANY)
			break;
	}
	free(p);
	return err;
}
