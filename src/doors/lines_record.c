/* Records of JSON that go over several lines, or stand several in one: an exported array, pretty-printed objects.
 *
 * Each record that ends is handed on; of an array, or of {"records":[...]}, its members one by one. What can be no JSON is given back as
 * text: the line that broke it, not those before.
 *
 * SECURITY: at most RECORD_MOST bytes are kept of a record, and 200 depths. */
#include "doors/lines_parts.h"

enum { DEPTH_MOST = 200 };

bool record_is_start(struct str line)
{
	size_t i = 0;

	while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'))
		i++;
	if (i == line.len || (line.at[i] != '{' && line.at[i] != '['))
		return false;
	char open = line.at[i++];
	while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'))
		i++;
	if (i == line.len)
		return true;
	return open == '{' ? line.at[i] == '"' || line.at[i] == '}' : line.at[i] == '{' || line.at[i] == ']';
}

/* A list may hold the records: where a [ follows a colon, a comma or nothing it is one, or stands in a text, which costs only time. */
bool record_is_simple(struct str line)
{
	if (!line.len || line.at[0] != '{' || line.at[line.len - 1] != '}')
		return false;
	for (struct str rest = line; rest.len; ) {
		size_t i = str_find(rest, '[');
		if (i == rest.len)
			break;
		size_t before = i;
		while (before && (rest.at[before - 1] == ' ' || rest.at[before - 1] == '\t'))
			before--;
		if (!before || rest.at[before - 1] == ':' || rest.at[before - 1] == ',' || rest.at[before - 1] == '[')
			return false;
		rest = str_from(rest, i + 1);
	}
	return true;
}

static const bool json_byte[256] = { ['{'] = true, ['}'] = true, ['['] = true, [']'] = true, [','] = true, [':'] = true, [' '] = true, ['\t'] = true,
	['"'] = true, ['+'] = true, ['-'] = true, ['.'] = true, ['0' ... '9'] = true, ['e'] = true, ['E'] = true, ['t'] = true, ['r'] = true, ['u'] = true,
	['f'] = true, ['a'] = true, ['l'] = true, ['s'] = true, ['n'] = true };

static void record_byte(struct line_collector *of, char c)
{
	if (of->n < RECORD_MOST)
		of->record[of->n++] = c;
	else
		of->is_too_long = true;
}

static void record_end(struct line_collector *of)
{
	of->each(of->of, of->is_too_long ? STR_NONE : (struct str){ of->record, of->n }, of->line);
	of->n = 0;
	of->is_too_long = false;
}

/* [{ or {"records":[{ : what it holds are the records */
static bool is_list_of_records(const struct line_collector *of)
{
	static const char *const lists[] = { "\"records\"", "\"value\"", "\"Records\"", "\"events\"", "\"Events\"" };
	struct str name = str_trim((struct str){ of->record, of->n });

	if (of->depth == 0)
		return true;
	if (!name.len || name.at[name.len - 1] != ':')
		return false;
	struct str word = str_trim(str_first(name, name.len - 1));
	for (size_t k = 0; k < LENGTH(lists); k++)
		if (str_ends(word, str_of(lists[k])))
			return true;
	return false;
}

/* One byte outside of texts; false when it can be no JSON. */
static bool structure(struct line_collector *of, char c, int64_t number)
{
	if (c == '{' && of->depth == of->from_depth) {
		of->n = 0;
		of->line = number;
	}
	if (c == '[' && of->depth <= 1 && of->from_depth == of->depth - (of->depth == 1) && is_list_of_records(of))
		of->from_depth = of->depth + 1;
	record_byte(of, c);
	if (c == '{' || c == '[')
		return ++of->depth <= DEPTH_MOST;
	if (c != '}' && c != ']')
		return true;
	of->depth--;
	if (c == '}' && of->depth == of->from_depth) {
		record_end(of);
		of->is_collecting = of->depth > 0;
	}
	if (of->depth < of->from_depth)
		of->from_depth = of->depth < 0 ? 0 : of->depth;
	if (of->depth <= 0) {
		of->depth = of->from_depth = 0;
		of->n = 0;
	}
	return true;
}

bool record_take(struct line_collector *of, struct str line, int64_t number)
{
	bool is_string = false;

	if (!of->is_collecting) {
		of->depth = of->from_depth = 0;
		of->n = 0;
		of->is_too_long = false;
	}
	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];
		if (is_string) {
			record_byte(of, c);
			if (c == '\\' && i + 1 < line.len)
				record_byte(of, line.at[++i]);
			else if (c == '"')
				is_string = false;
			continue;
		}
		if (!json_byte[(unsigned char)c])
			return false;
		is_string = c == '"';
		if (!structure(of, c, number))
			return false;
		if ((c == '}' || c == ']') && of->depth == 0 && !str_trim(str_from(line, i + 1)).len) {
			of->is_collecting = false;
			return true;
		}
	}
	if (is_string)
		return false;
	record_byte(of, ' ');
	of->is_collecting = of->depth > 0;
	return true;
}
