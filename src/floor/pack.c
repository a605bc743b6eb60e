/* The reader of packs: line by line, each line a comment, a row's head or key = value, each key against the row's shape.
 *
 * A pack is small (some hundred lines), so it is read anew for each use and nothing lives longer than the request.
 *
 * SECURITY: packs come with the program, but are written by people: a broken one is refused whole, with file and line, and what
 * depends on it says so. Nothing in it is run or interpreted; links are checked where they are drawn. */
#include "floor/pack.h"
#include "floor/embedded.h"

enum { LINE_MOST = 2000, ROWS_MOST = 500, FIELDS_MOST = 24 };
static const char head_keys[] = "title* source*";
const char *const pack_status_text[] = {
	[PACK_VERIFY] = N_("Verify with the source before you rely on it."),
	[PACK_VERIFIED] = N_("Verified with the source."),
	[PACK_STANDARD] = N_("A standard: the organisation decides its own."),
};

struct parsing { struct rq *rq; const char *name; int line; const struct pack_shape *shapes; struct pack *pack; struct pack_row *row; bool has[3]; };

static enum err wrong(struct parsing *p, const char *what, struct str value)
{
	struct rq *rq = p->rq;
	value = str_utf8_first(value, 60);
	return fail(rq, ERR_INVALID, "packs/%s.txt:%d: %s: \"" STR_FMT "\"", p->name, p->line, what, STR_ARG(value));
}

/* The word of the shape that this key is written with, without and with its mark. False: there is none. */
static bool key_shape(const char *keys, struct str key, struct str *ret_mark)
{
	struct str rest = str_of(keys);

	while (rest.at && rest.len) {
		struct str word = str_cut(&rest, ' ');
		size_t n = 0;
		while (n < word.len && word.at[n] != '*' && word.at[n] != '#' && word.at[n] != '?')
			n++;
		if (str_equal(str_first(word, n), key)) {
			*ret_mark = str_from(word, n);
			return true;
		}
	}
	return false;
}

static const char *keys_of(const struct parsing *p)
{
	if (p->row == &p->pack->head)
		return head_keys;
	for (const struct pack_shape *shape = p->shapes; shape->kind; shape++)
		if (str_equal(str_of(shape->kind), p->row->kind))
			return shape->keys;
	return "";
}

static const struct pack_field *field_of(const struct pack_row *row, struct str key)
{
	for (size_t i = 0; i < row->n; i++)
		if (str_equal(row->fields[i].key, key))
			return &row->fields[i];
	return NULL;
}

/* When a row is over: does it hold all that its shape demands? */
static enum err check_whole(struct parsing *p)
{
	struct str rest = str_of(keys_of(p));

	while (rest.at && rest.len) {
		struct str word = str_cut(&rest, ' ');
		size_t n = 0;
		while (n < word.len && word.at[n] != '*' && word.at[n] != '#' && word.at[n] != '?')
			n++;
		struct str key = str_first(word, n), mark = str_from(word, n);
		bool is_both = str_starts(mark, STR("*")), may_lack = str_ends(mark, STR("?"));
		if (!is_both) {
			if (!may_lack && !field_of(p->row, key))
				return wrong(p, "the row before this line lacks", key);
			continue;
		}
		struct str sv = str_print(p->rq->arena, STR_FMT ".sv", STR_ARG(key)), en = str_print(p->rq->arena, STR_FMT ".en", STR_ARG(key));
		bool has_sv = field_of(p->row, sv), has_en = field_of(p->row, en);
		if (!has_sv && (has_en || !may_lack))
			return wrong(p, "the row before this line lacks", sv);
		if (!has_en && (has_sv || !may_lack))
			return wrong(p, "the row before this line lacks", en);
	}
	return OK;
}

static enum err take_row(struct parsing *p, struct str line)
{
	struct str inside = line.at[line.len - 1] == ']' ? str_first(str_from(line, 1), line.len - 2) : STR("");
	struct str id = inside, kind = str_cut(&id, ' ');
	bool is_known = false;

	TRY(check_whole(p));
	if (!id.at || id.len == 0 || str_find(id, ' ') < id.len)
		return wrong(p, "write [kind id]", line);
	for (const struct pack_shape *shape = p->shapes; shape->kind; shape++)
		is_known |= str_equal(str_of(shape->kind), kind);
	if (!is_known)
		return wrong(p, "no such kind of row", kind);
	for (size_t i = 0; i < p->pack->n; i++)
		if (str_equal(p->pack->rows[i].kind, kind) && str_equal(p->pack->rows[i].id, id))
			return wrong(p, "this row stands twice", id);
	if (p->pack->n == ROWS_MOST)
		return wrong(p, "more rows than a pack may have", id);
	p->row = &p->pack->rows[p->pack->n++];
	*p->row = (struct pack_row){ .kind = kind, .id = id, .line = p->line, .fields = NEW_MANY(p->rq->arena, FIELDS_MOST, struct pack_field) };
	return OK;
}

/* pack, date and status: the head's own keys, which are no texts. */
static enum err take_own(struct parsing *p, struct str key, struct str value, bool *ret)
{
	static const char *const own[] = { "pack", "date", "status" }, *const status[] = { "verify", "verified", "standard" };
	size_t i = 0, k = 0;

	while (i < LENGTH(own) && !str_equal(key, str_of(own[i])))
		i++;
	*ret = i < LENGTH(own);
	if (!*ret)
		return OK;
	if (p->has[i])
		return wrong(p, "this key stands twice", key);
	p->has[i] = true;
	if (i == 0)
		return str_equal(value, str_of(p->name)) ? OK : wrong(p, "the pack is not called what its file is", value);
	if (i == 1)
		return value.len == 10 && instant_parse_loose(value, &p->pack->date) == OK ? OK : wrong(p, "write the date as 2026-11-30", value);
	while (k < LENGTH(status) && !str_equal(value, str_of(status[k])))
		k++;
	p->pack->status = (enum pack_status)k;
	return k < LENGTH(status) ? OK : wrong(p, "status is verify, verified or standard", value);
}

static enum err take_field(struct parsing *p, struct str key, struct str value)
{
	struct str mark, bare = key;
	int64_t n;
	bool is_in_language = str_ends(key, STR(".sv")) || str_ends(key, STR(".en")), is_own;

	if (p->row == &p->pack->head) {
		TRY(take_own(p, key, value, &is_own));
		if (is_own)
			return OK;
	}
	if (is_in_language)
		bare = str_first(key, key.len - 3);
	if (!key_shape(keys_of(p), bare, &mark) || str_starts(mark, STR("*")) != is_in_language)
		return wrong(p, "unknown key", key);
	if (str_starts(mark, STR("#")) && str_number(value, 1000000000, &n) != OK)
		return wrong(p, "not a whole number", value);
	if (field_of(p->row, key))
		return wrong(p, "this key stands twice", key);
	if (p->row->n == FIELDS_MOST)
		return wrong(p, "more keys than a row may have", key);
	p->row->fields[p->row->n++] = (struct pack_field){ key, value };
	return OK;
}

static enum err take_line(struct parsing *p, struct str line)
{
	struct str value = line, key;

	if (line.len > LINE_MOST)
		return wrong(p, "the line is longer than it may be", line);
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.at[i] < ' ')
			return wrong(p, "a control character", str_first(line, i));
	line = str_trim(line);
	if (line.len == 0 || line.at[0] == '#')
		return OK;
	if (line.at[0] == '[')
		return take_row(p, line);
	if (str_find(line, '=') == line.len)
		return wrong(p, "write key = value", line);
	value = line;
	key = str_trim(str_cut(&value, '='));
	value = str_trim(value);
	if (value.len == 0)
		return wrong(p, "a value is missing after", key);
	return take_field(p, key, value);
}

enum err pack_parse(struct rq *rq, const char *name, struct str bytes, const struct pack_shape *shapes, struct pack *ret)
{
	struct pack pack = { .name = str_of(name), .rows = NEW_MANY(rq->arena, ROWS_MOST, struct pack_row) };
	struct parsing p = { .rq = rq, .name = name, .shapes = shapes, .pack = &pack };
	struct str rest = bytes;

	pack.head.fields = NEW_MANY(rq->arena, FIELDS_MOST, struct pack_field);
	p.row = &pack.head;
	if (!str_is_utf8(bytes))
		return wrong(&p, "the file is not UTF-8", STR(""));
	while (rest.at) {
		p.line++;
		TRY(take_line(&p, str_cut(&rest, '\n')));
	}
	TRY(check_whole(&p));
	for (size_t i = 0; i < LENGTH(p.has); i++)
		if (!p.has[i])
			return wrong(&p, "the head needs pack, date and status", STR(""));
	*ret = pack;
	return OK;
}

enum err pack_read(struct rq *rq, const char *name, const struct pack_shape *shapes, struct pack *ret)
{
	struct str file = str_print(rq->arena, "%s.txt", name);

	return pack_parse(rq, name, embedded_named(file)->bytes, shapes, ret);
}

struct str pack_text(const struct pack_row *row, const char *key, enum language language)
{
	for (size_t i = 0; i < row->n; i++) {
		struct str is = row->fields[i].key, wanted = str_of(key);
		if (!str_starts(is, wanted))
			continue;
		struct str mark = str_from(is, wanted.len);
		if (mark.len == 0 || (mark.len == 3 && mark.at[0] == '.' && memcmp(mark.at + 1, language_tag[language], 2) == 0))
			return row->fields[i].value;
	}
	return STR("");
}

int64_t pack_number(const struct pack_row *row, const char *key)
{
	const struct pack_field *field = field_of(row, str_of(key));
	int64_t n = -1;

	return field && str_number(field->value, INT64_MAX, &n) == OK ? n : -1;
}
