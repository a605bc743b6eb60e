/* A leaf's line: reads the one encoding that a leaf has, and refuses all others with a word on what is wrong.
 *
 * The form: {"index":N,"epoch":N,"at":T,"actor":S,"action":S,"subject":S,"writes":[[table,key,{column:value,...}|null],...],
 * "documents":[hash,...]} and in a seal leaf ,"next":KEY before the last brace. No blank, no other key, no other order. A value is a
 * text, a whole number or null; under "personal" stands a hash, under "secret" a hash, null, or an object of those.
 *
 * SECURITY: the bytes are a stranger's. Every step is bounded by `end`; nothing is copied, nothing recurses. Texts must be UTF-8 and
 * escaped in the one way that the format knows, so that no two lines say the same. */
#include "verify.h"
#include <string.h>

enum { MOST_COLUMNS = 64 };
struct scan { const char *at, *end; const char *why; };

bool text_is(struct text text, const char *want)
{
	return text.at && text.len == strlen(want) && memcmp(text.at, want, text.len) == 0;
}

bool text_same(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

struct text text_cut(struct text *rest, char byte)
{
	const char *hit = rest->len ? memchr(rest->at, byte, rest->len) : NULL;
	struct text first = { rest->at, hit ? (size_t)(hit - rest->at) : rest->len };

	*rest = hit ? (struct text){ hit + 1, rest->len - first.len - 1 } : (struct text){ NULL, 0 };
	return first;
}

bool text_number(struct text text, int64_t *ret)
{
	int64_t n = 0;

	if (text.len == 0 || text.len > 19 || (text.at[0] == '0' && text.len > 1))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < '0' || text.at[i] > '9' || __builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, text.at[i] - '0', &n))
			return false;
	*ret = n;
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_hash(struct text text, unsigned char ret[32])
{
	if (text.len != 64)
		return false;
	for (size_t i = 0; i < 32; i++) {
		int high = hex_digit(text.at[2 * i]), low = hex_digit(text.at[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		ret[i] = (unsigned char)(high * 16 + low);
	}
	return true;
}

/* --- steps: each passes over something and says whether it was there --- */

static bool take(struct scan *s, const char *literal)
{
	size_t n = strlen(literal);

	if ((size_t)(s->end - s->at) < n || memcmp(s->at, literal, n) != 0)
		return false;
	s->at += n;
	return true;
}

/* How many bytes a character has that begins here, 0 when it is none. */
static size_t character(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	bool is_odd = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
	return is_odd ? 0 : n;
}

/* \" \\ \n \r \t, and \u00XX for the other control characters. */
static size_t escape(const char *at, size_t left)
{
	if (left >= 2 && memchr("\"\\nrt", at[1], 5))
		return 2;
	if (left < 6 || memcmp(at, "\\u00", 4) != 0)
		return 0;
	int code = hex_digit(at[4]) * 16 + hex_digit(at[5]);
	bool is_control = hex_digit(at[4]) >= 0 && hex_digit(at[5]) >= 0 && (code < 0x20 || code == 0x7f);
	return is_control && code != '\n' && code != '\r' && code != '\t' ? 6 : 0;
}

/* A text; ret: between its quotation marks, as it stands. */
static bool text(struct scan *s, struct text *ret)
{
	if (!take(s, "\""))
		return false;
	const char *from = s->at;
	while (s->at < s->end && *s->at != '"') {
		size_t left = (size_t)(s->end - s->at);
		unsigned char c = (unsigned char)*s->at;
		size_t n = c == '\\' ? escape(s->at, left) : c < 0x20 || c == 0x7f ? 0 : character((const unsigned char *)s->at, left);
		if (n == 0) {
			s->why = "a text in it is not written in the one way there is";
			return false;
		}
		s->at += n;
	}
	*ret = (struct text){ from, (size_t)(s->at - from) };
	return take(s, "\"");
}

/* A whole number of 64 bits. */
static bool number(struct scan *s)
{
	bool is_negative = take(s, "-");
	struct text digits = { s->at, 0 };
	int64_t n;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	digits.len = (size_t)(s->at - digits.at);
	return is_negative ? text_is(digits, "9223372036854775808") || (text_number(digits, &n) && n > 0) : text_number(digits, &n);
}

static bool natural(struct scan *s, int64_t *ret)
{
	struct text digits = { s->at, 0 };

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	digits.len = (size_t)(s->at - digits.at);
	return text_number(digits, ret);
}

static bool value(struct scan *s)
{
	struct text ignored;

	return s->at < s->end && *s->at == '"' ? text(s, &ignored) : take(s, "null") || number(s);
}

static bool hash(struct scan *s)
{
	struct text hex;
	unsigned char bytes[32];

	return text(s, &hex) && text_hash(hex, bytes);
}

static bool hash_or_null(struct scan *s)
{
	return take(s, "null") || hash(s);
}

/* {"column":value,...}, no column twice. `secrets`: the inner object, whose values are hashes. */
static bool columns(struct scan *s, bool secrets)
{
	struct text seen[MOST_COLUMNS];
	size_t n = 0;

	if (!take(s, "{") || take(s, "}"))
		return s->at[-1] == '}';
	do {
		if (n == MOST_COLUMNS || !text(s, &seen[n]) || !take(s, ":"))
			return false;
		for (size_t i = 0; i < n; i++)
			if (text_same(seen[i], seen[n])) {
				s->why = "a row in it names a column twice";
				return false;
			}
		bool is_secret = !secrets && text_is(seen[n], "secret"), is_personal = !secrets && text_is(seen[n], "personal");
		if (is_secret && s->at < s->end && *s->at == '{' ? !columns(s, true) : secrets || is_secret ? !hash_or_null(s)
		    : is_personal ? !hash(s) : !value(s))
			return false;
		n++;
	} while (take(s, ","));
	return take(s, "}");
}

static bool key(struct scan *s)
{
	if (!take(s, "["))
		return value(s);
	do
		if (!value(s))
			return false;
	while (take(s, ","));
	return take(s, "]");
}

static bool writes(struct scan *s)
{
	struct text table;

	if (take(s, "[]"))
		return true;
	if (!take(s, "["))
		return false;
	do
		if (!take(s, "[") || !text(s, &table) || !table.len || !take(s, ",") || !key(s) || !take(s, ",")
		    || !(take(s, "null") || columns(s, false)) || !take(s, "]"))
			return false;
	while (take(s, ","));
	return take(s, "]");
}

static bool documents(struct scan *s, struct text *ret)
{
	const char *from = s->at + 1;

	if (!take(s, "[]")) {
		if (!take(s, "["))
			return false;
		do
			if (!hash(s))
				return false;
		while (take(s, ","));
		if (!take(s, "]"))
			return false;
	}
	*ret = (struct text){ from, (size_t)(s->at - 1 - from) };
	return true;
}

bool line_document(struct text *rest, unsigned char ret[32])
{
	if (rest->len < 66)
		return false;
	struct text hex = { rest->at + 1, 64 };
	size_t used = rest->len > 66 ? 67 : 66;
	*rest = (struct text){ rest->at + used, rest->len - used };
	return text_hash(hex, ret);
}

/* 2026-03-16T08:00:00.000Z, a moment that exists. */
static bool moment(struct text at)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (at.len != sizeof form - 1)
		return false;
	for (size_t i = 0; i < at.len; i++)
		if (form[i] == 'd' ? at.at[i] < '0' || at.at[i] > '9' : at.at[i] != form[i])
			return false;
#define TWO(i) ((at.at[i] - '0') * 10 + at.at[i + 1] - '0')
	int year = TWO(0) * 100 + TWO(2), month = TWO(5), day = TWO(8);
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && is_leap) && TWO(11) < 24 && TWO(14) < 60 && TWO(17) < 60;
#undef TWO
}

const char *line_read(struct text bytes, struct line *ret)
{
	struct scan scan = { bytes.at, bytes.at + bytes.len, NULL }, *s = &scan;
	struct line line = { .has_next = false };
	struct text at, actor, action, subject;

	bool is_leaf = take(s, "{\"index\":") && natural(s, &line.index) && take(s, ",\"epoch\":") && natural(s, &line.epoch)
		&& take(s, ",\"at\":") && text(s, &at) && take(s, ",\"actor\":") && text(s, &actor) && take(s, ",\"action\":") && text(s, &action)
		&& take(s, ",\"subject\":") && text(s, &subject) && take(s, ",\"writes\":") && writes(s) && take(s, ",\"documents\":")
		&& documents(s, &line.documents);
	if (is_leaf && take(s, ",\"next\":")) {
		line.has_next = true;
		is_leaf = text(s, &line.next);
	}
	if (!is_leaf || !take(s, "}"))
		return scan.why ? scan.why : "it cannot be read as a leaf";
	if (s->at != s->end)
		return "something follows behind the leaf's last brace";
	if (!moment(at))
		return "its time is no moment in UTC";
	line.is_seal = text_is(action, "audit.seal");
	*ret = line;
	return NULL;
}
