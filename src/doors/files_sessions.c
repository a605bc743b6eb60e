/* The parser of ocserv's list: an array of objects, flat but for arrays of texts. Objects are cut out by their braces and read one by one by
 * the reader of JSON that log lines have.
 *
 * SECURITY: runs in the reader process. Names come from whoever logged in: nothing is looked for inside a value, every length is bounded, and one object that
 * cannot be read is the end of the whole list. */
#define LONG_LIVED
#include "doors/files_sessions.h"
#include "doors/lines_json.h"
#include "base/scan.h"

enum { OBJECT_MOST = 64 << 10 };
struct parse { struct json_flat flat; char room[OBJECT_MOST], object[OBJECT_MOST + SCAN_PAST]; };

static bool keep(const struct json_flat *flat, const char *name, char *room, size_t size)
{
	struct str value = json_find(flat, name);

	if (value.len >= size || !str_is_utf8(value))
		return false;
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7f)
			return false;
	memcpy(room, value.len ? value.at : "", value.len);
	room[value.len] = '\0';
	return true;
}

/* One that is in; false in *ret_is_in: not yet. */
static uint32_t fill(const struct json_flat *flat, struct listed_record *ret, bool *ret_is_in)
{
	struct str state = json_find(flat, "State"), user = json_find(flat, "Username");

	*ret_is_in = (!state.len || str_equal(state, STR("connected"))) && !str_equal(user, STR("(none)"));
	if (!*ret_is_in)
		return LISTED_FINE;
	if (!keep(flat, "Username", ret->user, sizeof ret->user) || !keep(flat, "Full session", ret->session, sizeof ret->session)
	    || !keep(flat, "Remote IP", ret->calling, sizeof ret->calling) || !keep(flat, "IPv4", ret->framed, sizeof ret->framed)
	    || !ret->user[0] || !ret->session[0] || str_number(json_find(flat, "ID"), INT64_MAX, &ret->number) != OK)
		return LISTED_FIELDS;
	return LISTED_FINE;
}

static void skip(struct str *rest)
{
	while (rest->len && (rest->at[0] == ' ' || rest->at[0] == '\t' || rest->at[0] == '\r' || rest->at[0] == '\n'))
		*rest = str_from(*rest, 1);
}

/* The object at the front, up to its closing brace; empty: there is none that ends. */
static struct str take_object(struct str *rest)
{
	bool is_text = false;
	int depth = 0;

	for (size_t i = 0; i < rest->len && i < OBJECT_MOST; i++) {
		char c = rest->at[i];
		if (is_text) {
			i += c == '\\';
			is_text = c != '"';
			continue;
		}
		is_text = c == '"';
		depth += (c == '{') - (c == '}');
		if (depth == 0) {
			struct str object = str_first(*rest, c == '}' ? i + 1 : 0);
			*rest = str_from(*rest, i + 1);
			return object;
		}
	}
	return STR("");
}

static enum err put(struct bytes *to, const struct listed_record *record)
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

/* The next object's record; LISTED_FINE with *ret_is_in false also for one who is not in yet. */
static uint32_t next(struct parse *p, struct str *rest, struct listed_record *record, bool *ret_is_in)
{
	struct str object = take_object(rest);

	*ret_is_in = false;
	p->flat.n = 0;
	p->flat.room = p->room;
	p->flat.room_n = sizeof p->room;
	p->flat.room_len = 0;
	/* What reads JSON looks past its end (base/scan.h). */
	memcpy(p->object, object.at, object.len);
	if (!object.len || !json_flatten(&p->flat, (struct str){ p->object, object.len }))
		return LISTED_JSON;
	uint32_t problem = fill(&p->flat, record, ret_is_in);
	skip(rest);
	bool has_more = rest->len && rest->at[0] == ',';
	if (has_more) {
		*rest = str_from(*rest, 1);
		skip(rest);
	}
	/* Behind the last one only the array's end; behind a comma another object. */
	if (!rest->len || (rest->at[0] != '{') == has_more)
		return LISTED_JSON;
	return problem;
}

enum err listed_read(struct str text, struct bytes *ret, uint64_t *ret_n, uint64_t *ret_bad)
{
	struct parse *p = calloc(1, sizeof *p);
	struct str rest = text;
	struct listed_record record = { 0 };
	uint32_t row = 0, problem = LISTED_FINE;
	enum err err = OK;

	if (!p)
		return ERR_FULL;
	skip(&rest);
	if (!str_is_utf8(text) || !rest.len || rest.at[0] != '[')
		problem = LISTED_JSON;
	rest = str_from(rest, MIN(rest.len, (size_t)1));
	skip(&rest);
	while (!problem && err == OK && rest.len && rest.at[0] == '{') {
		bool is_in;
		record = (struct listed_record){ .row = ++row };
		problem = next(p, &rest, &record, &is_in);
		if (problem || !is_in)
			continue;
		if (*ret_n == LISTED_MOST)
			problem = LISTED_MANY;
		else if ((err = put(ret, &record)) == OK)
			(*ret_n)++;
	}
	if (!problem) {
		bool is_closed = rest.len && rest.at[0] == ']';
		rest = str_from(rest, MIN(rest.len, (size_t)1));
		skip(&rest);
		problem = is_closed && !rest.len ? LISTED_FINE : LISTED_JSON;
	}
	free(p);
	if (!problem || err != OK)
		return err;
	ret->len = 0;
	*ret_n = 0;
	*ret_bad = 1;
	return put(ret, &(struct listed_record){ .row = MAX(row, 1u), .problem = problem });
}
