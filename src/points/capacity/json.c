/* JSON, walked once: see json.h.
 *
 * A problem of 50,000 types is some megabytes of small numbers; building a tree of them first would cost more than planning. So
 * the caller pulls what it expects, and json_skip goes over the rest with the same strictness.
 *
 * SECURITY: the text is foreign. Every read is bounded by `end`; nesting is bounded, so a file of brackets takes no stack. */
#include "json.h"

enum { DEPTH = 64 };

static void skip_blanks(struct json *json)
{
	while (json->at < json->end && (*json->at == ' ' || *json->at == '\n' || *json->at == '\t' || *json->at == '\r'))
		json->at++;
}

enum err json_broken(struct json *json)
{
	struct rq *rq = json->rq;
	size_t line = 1, column = 1;

	for (const char *p = json->begin; p < json->at; p++) {
		if (*p == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)*p & 0xc0) != 0x80) {
			column++;
		}
	}
	return fail(rq, ERR_INVALID, _("line %zu, column %zu: this is not JSON"), line, column);
}

enum json_kind json_kind(struct json *json)
{
	skip_blanks(json);
	if (json->at == json->end)
		return JSON_NOTHING;
	switch (*json->at) {
	case '{': return JSON_OBJECT;
	case '[': return JSON_LIST;
	case '"': return JSON_STRING;
	case 't': case 'f': case 'n': return JSON_WORD;
	default: return *json->at == '-' || (*json->at >= '0' && *json->at <= '9') ? JSON_NUMBER : JSON_NOTHING;
	}
}

static enum err take(struct json *json, char c)
{
	skip_blanks(json);
	if (json->at == json->end || *json->at != c)
		return json_broken(json);
	json->at++;
	return OK;
}

static enum err next_in(struct json *json, char open, char close, bool *first, bool *ret_has_more)
{
	bool is_first = *first;

	if (is_first)
		TRY(take(json, open));
	*first = false;
	skip_blanks(json);
	if (json->at < json->end && *json->at == close) {
		json->at++;
		*ret_has_more = false;
		return OK;
	}
	*ret_has_more = true;
	return is_first ? OK : take(json, ',');
}

enum err json_member(struct json *json, bool *first, struct str *ret_key, bool *ret_has_more)
{
	TRY(next_in(json, '{', '}', first, ret_has_more));
	if (!*ret_has_more)
		return OK;
	if (json_kind(json) != JSON_STRING)
		return json_broken(json);
	TRY(json_string(json, ret_key));
	return take(json, ':');
}

enum err json_item(struct json *json, bool *first, bool *ret_has_more)
{
	bool was_first = *first;

	TRY(next_in(json, '[', ']', first, ret_has_more));
	if (*ret_has_more && !was_first && json_kind(json) == JSON_NOTHING)
		return json_broken(json);
	return OK;
}

/* --- strings --- */

static enum err four_hex(struct json *json, unsigned *ret)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++, json->at++) {
		const char *digit = json->at < json->end && *json->at ? strchr("0123456789abcdef0123456789ABCDEF", *json->at) : NULL;
		if (!digit)
			return json_broken(json);
		n = n << 4 | ((unsigned)(digit - "0123456789abcdef0123456789ABCDEF") & 15);
	}
	*ret = n;
	return OK;
}

static char *put_character(char *to, unsigned c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 63));
		*to++ = (char)(0x80 | (c & 63));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 63));
		*to++ = (char)(0x80 | (c >> 6 & 63));
		*to++ = (char)(0x80 | (c & 63));
	}
	return to;
}

static enum err escape(struct json *json, char **to)
{
	static const char marks[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	unsigned c, low;

	json->at++;
	if (json->at == json->end)
		return json_broken(json);
	const char *mark = *json->at ? strchr(marks, *json->at) : NULL;
	if (mark) {
		*(*to)++ = means[mark - marks];
		json->at++;
		return OK;
	}
	if (*json->at != 'u')
		return json_broken(json);
	json->at++;
	TRY(four_hex(json, &c));
	if (c >= 0xd800 && c < 0xdc00) {
		if (json->end - json->at < 2 || json->at[0] != '\\' || json->at[1] != 'u')
			return json_broken(json);
		json->at += 2;
		TRY(four_hex(json, &low));
		if (low < 0xdc00 || low > 0xdfff)
			return json_broken(json);
		c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
	} else if (c >= 0xdc00 && c < 0xe000) {
		return json_broken(json);
	}
	*to = put_character(*to, c);
	return OK;
}

enum err json_string(struct json *json, struct str *ret)
{
	skip_blanks(json);
	const char *from = ++json->at;
	bool is_plain = true;

	/* What stands between the marks is no longer written than read. */
	while (json->at < json->end && *json->at != '"') {
		if ((unsigned char)*json->at < 0x20)
			return json_broken(json);
		if (*json->at == '\\') {
			is_plain = false;
			json->at++;
		}
		json->at += json->at < json->end;
	}
	if (json->at == json->end)
		return json_broken(json);
	struct str raw = { from, (size_t)(json->at - from) };
	if (!str_is_utf8(raw)) {
		json->at = from;
		return json_broken(json);
	}
	if (is_plain) {
		json->at++;
		*ret = raw;
		return OK;
	}
	char *room = arena_take(json->rq->arena, raw.len + 1), *to = room;
	json->at = from;
	while (*json->at != '"') {
		if (*json->at == '\\')
			TRY(escape(json, &to));
		else
			*to++ = *json->at++;
	}
	json->at++;
	*ret = (struct str){ room, (size_t)(to - room) };
	return OK;
}

/* --- numbers --- */

static size_t digits(struct json *json)
{
	const char *from = json->at;

	while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
		json->at++;
	return (size_t)(json->at - from);
}

enum err json_number(struct json *json, int64_t *ret, bool *ret_is_whole)
{
	skip_blanks(json);
	bool is_negative = json->at < json->end && *json->at == '-';
	json->at += is_negative;
	const char *from = json->at;
	size_t n = digits(json);
	int64_t number = 0;

	if (n == 0 || (n > 1 && *from == '0'))
		return json_broken(json);
	for (size_t i = 0; i < n; i++)
		if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, from[i] - '0', &number)) {
			number = INT64_MAX;
			break;
		}
	*ret = is_negative ? -number : number;
	*ret_is_whole = true;
	if (json->at < json->end && *json->at == '.') {
		json->at++;
		*ret_is_whole = false;
		if (!digits(json))
			return json_broken(json);
	}
	if (json->at < json->end && (*json->at == 'e' || *json->at == 'E')) {
		json->at++;
		*ret_is_whole = false;
		json->at += json->at < json->end && (*json->at == '+' || *json->at == '-');
		if (!digits(json))
			return json_broken(json);
	}
	return OK;
}

/* --- whatever it is --- */

static enum err word(struct json *json)
{
	static const struct str words[] = { { "true", 4 }, { "false", 5 }, { "null", 4 } };

	for (size_t i = 0; i < LENGTH(words); i++)
		if ((size_t)(json->end - json->at) >= words[i].len && memcmp(json->at, words[i].at, words[i].len) == 0) {
			json->at += words[i].len;
			return OK;
		}
	return json_broken(json);
}

static enum err skip_at(struct json *json, int depth)
{
	bool first = true, has_more;
	struct str text;
	int64_t number;

	if (depth == DEPTH)
		return json_broken(json);
	switch (json_kind(json)) {
	case JSON_OBJECT:
		for (;;) {
			TRY(json_member(json, &first, &text, &has_more));
			if (!has_more)
				return OK;
			TRY(skip_at(json, depth + 1));
		}
	case JSON_LIST:
		for (;;) {
			TRY(json_item(json, &first, &has_more));
			if (!has_more)
				return OK;
			TRY(skip_at(json, depth + 1));
		}
	case JSON_STRING: return json_string(json, &text);
	case JSON_NUMBER: return json_number(json, &number, &has_more);
	case JSON_WORD: return word(json);
	case JSON_NOTHING: break;
	}
	return json_broken(json);
}

enum err json_skip(struct json *json)
{
	return skip_at(json, 0);
}

enum err json_end(struct json *json)
{
	skip_blanks(json);
	return json->at == json->end ? OK : json_broken(json);
}
