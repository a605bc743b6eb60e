/* Growing bytes in an arena. The room doubles, so n bytes cost at most 3n of the arena.
 *
 * SECURITY: escaping happens here, last, at the point of output. out_html escapes for text and
 * for attributes in either quotation mark; there is no place in a page where it is too weak,
 * because pagegen refuses holes in scripts, styles and unquoted attributes. */
#include "base/out.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum { SINK_FULL = 64 * 1024 };

struct out out_new(struct arena *arena)
{
	return (struct out){ .arena = arena };
}

struct out out_to(struct arena *arena, int fd)
{
	assert(fd > 0);
	return (struct out){ .arena = arena, .sink = fd };
}

/* After a failure the rest is thrown away, and every later drain says so again: the sink is negative then. */
enum err out_drain(struct out *out)
{
	size_t done = 0;

	while (out->sink > 0 && done < out->len) {
		ssize_t put = write(out->sink, out->at + done, out->len - done);
		if (put > 0)
			done += (size_t)put;
		else if (put == 0 || errno != EINTR)
			out->sink = -1;
	}
	out->len = 0;
	return out->sink > 0 ? OK : ERR_IO;
}

struct str out_str(const struct out *out)
{
	return (struct str){ out->at ? out->at : "", out->len };
}

static void make_room(struct out *out, size_t n)
{
	if (out->sink && out->len > SINK_FULL)
		(void)!out_drain(out);
	if (out->room - out->len >= n)
		return;
	size_t room = MAX(out->room * 2, MAX(out->len + n, (size_t)512));
	char *at = arena_take(out->arena, room);
	if (out->len)
		memcpy(at, out->at, out->len);
	out->at = at;
	out->room = room;
}

static inline char *room_for(struct out *out, size_t n)
{
	if (out->sink || out->room - out->len < n)
		make_room(out, n);
	char *ret = out->at + out->len;
	out->len += n;
	return ret;
}

char *out_room(struct out *out, size_t n)
{
	return room_for(out, n);
}

void out_byte(struct out *out, char c)
{
	*room_for(out, 1) = c;
}

void out_put(struct out *out, struct str s)
{
	if (s.len)
		memcpy(room_for(out, s.len), s.at, s.len);
}

void out_text(struct out *out, const char *c_string)
{
	out_put(out, str_of(c_string));
}

void out_int(struct out *out, int64_t n)
{
	char digits[24];
	size_t at = sizeof digits;
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do
		digits[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (n < 0)
		digits[--at] = '-';
	out_put(out, (struct str){ digits + at, sizeof digits - at });
}

void out_print(struct out *out, const char *format, ...)
{
	char small[256];
	va_list list, again;

	va_start(list, format);
	va_copy(again, list);
	int n = vsnprintf(small, sizeof small, format, list);
	va_end(list);
	assert(n >= 0);
	if ((size_t)n < sizeof small) {
		out_put(out, (struct str){ small, (size_t)n });
	} else {
		char *at = out_room(out, (size_t)n + 1);
		vsnprintf(at, (size_t)n + 1, format, again);
		out->len--;
	}
	va_end(again);
}

/* What a byte becomes in HTML; NULL: itself. */
static const char *const html_entity[256] = { ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;" };

void out_html(struct out *out, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char *entity = html_entity[(unsigned char)s.at[i]];
		if (!entity)
			continue;
		out_put(out, (struct str){ s.at + from, i - from });
		out_text(out, entity);
		from = i + 1;
	}
	if (s.len > from)
		out_put(out, (struct str){ s.at + from, s.len - from });
}

static void json_byte(struct out *out, unsigned char c)
{
	switch (c) {
	case '"': out_text(out, "\\\""); break;
	case '\\': out_text(out, "\\\\"); break;
	case '\n': out_text(out, "\\n"); break;
	case '\r': out_text(out, "\\r"); break;
	case '\t': out_text(out, "\\t"); break;
	default: out_print(out, "\\u%04x", c);
	}
}

void out_json(struct out *out, struct str s)
{
	size_t from = 0, i = 0;

	if (!s.at) {
		out_text(out, "null");
		return;
	}
	out_byte(out, '"');
	bool is_clean = str_is_utf8(s);
	while (i < s.len) {
		unsigned char c = (unsigned char)s.at[i];
		bool is_plain = c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
		if (is_plain && (c < 0x80 || is_clean)) {
			i++;
			continue;
		}
		out_put(out, (struct str){ s.at + from, i - from });
		if (c < 0x80) {
			json_byte(out, c);
			i++;
		} else {
			/* Not clean as a whole: keep the characters that are, mark the rest. */
			size_t n = 1;
			while (n < 4 && !str_is_utf8((struct str){ s.at + i, MIN(n, s.len - i) }))
				n++;
			if (i + n <= s.len && str_is_utf8((struct str){ s.at + i, n })) {
				out_put(out, (struct str){ s.at + i, n });
				i += n;
			} else {
				out_text(out, "\xef\xbf\xbd");
				i++;
			}
		}
		from = i;
	}
	out_put(out, (struct str){ s.at + from, s.len - from });
	out_byte(out, '"');
}

void out_hex(struct out *out, const void *bytes, size_t n)
{
	static const char digit[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	char *at = out_room(out, n * 2);

	for (size_t i = 0; i < n; i++) {
		at[2 * i] = digit[p[i] >> 4];
		at[2 * i + 1] = digit[p[i] & 15];
	}
}

void out_base64(struct out *out, const void *bytes, size_t n)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0)
		               | (i + 2 < n ? p[i + 2] : 0);
		char *at = out_room(out, 4);
		at[0] = digit[three >> 18];
		at[1] = digit[three >> 12 & 63];
		at[2] = i + 1 < n ? digit[three >> 6 & 63] : '=';
		at[3] = i + 2 < n ? digit[three & 63] : '=';
	}
}

void out_csv(struct out *out, struct str s)
{
	bool is_formula = s.len && memchr("=+-@\t\r", s.at[0], 6);
	bool needs_quotes = is_formula;

	for (size_t i = 0; i < s.len; i++)
		needs_quotes |= memchr("\",;\n\r\t", s.at[i], 6) != NULL;
	if (!needs_quotes) {
		out_put(out, s);
		return;
	}
	out_byte(out, '"');
	if (is_formula)
		out_byte(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '"')
			out_byte(out, '"');
		out_byte(out, s.at[i]);
	}
	out_byte(out, '"');
}

void out_url(struct out *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
		             || c == '-' || c == '.' || c == '_' || c == '~';
		if (is_plain)
			out_byte(out, (char)c);
		else
			out_print(out, "%%%02X", c);
	}
}
