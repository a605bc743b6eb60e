/* A link read as a browser reads it: the WHATWG URL standard for http and https, not RFC 3986.
 *
 * Tabs and line breaks are taken out wherever they stand, backslashes are slashes, any number of slashes may follow the scheme, what
 * stands before the last @ is user information, the host is percent-decoded once, mapped by UTS 46, and a host whose last label is a
 * number is an IPv4 address in any base. Whatever is unusual is noted as a reason; whether that matters is decided in link.c.
 *
 * SECURITY: parses text from strangers. Nothing is written but into the scratch and buffers of known size; every step is linear,
 * and a host longer than LINK_HOST_ROOM bytes before mapping is refused unread (the mapping of a name is not linear). */
#include "link_parts.h"
#include "base/out.h"
#include <arpa/inet.h>

enum { LINK_HOST_ROOM = 2048, AUTHORITY_MOST = 65536 };

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static int hex(char c)
{
	return is_digit(c) ? c - '0' : lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

size_t link_scheme(struct str s)
{
	size_t n = 0;

	if (!s.len || !is_alpha(s.at[0]))
		return 0;
	while (n < s.len && (is_alpha(s.at[n]) || is_digit(s.at[n]) || s.at[n] == '+' || s.at[n] == '-' || s.at[n] == '.'))
		n++;
	return n < s.len && s.at[n] == ':' ? n : 0;
}

struct str link_decode(struct arena *arena, struct str s, bool plus_is_blank)
{
	if (str_find(s, '%') == s.len && (!plus_is_blank || str_find(s, '+') == s.len))
		return s;
	char *to = arena_take(arena, s.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '%' && i + 2 < s.len && hex(s.at[i + 1]) >= 0 && hex(s.at[i + 2]) >= 0) {
			to[n++] = (char)(hex(s.at[i + 1]) * 16 + hex(s.at[i + 2]));
			i += 2;
		} else {
			to[n++] = plus_is_blank && s.at[i] == '+' ? ' ' : s.at[i];
		}
	}
	return (struct str){ to, n };
}

/* --- hosts --- */

/* One part of an IPv4 address, in any base. False when it is no number. */
static bool number(struct str s, uint64_t *ret)
{
	int base = 10;
	uint64_t n = 0;

	if (!s.len)
		return false;
	if (s.len >= 2 && s.at[0] == '0' && lower(s.at[1]) == 'x') {
		base = 16;
		s = str_from(s, 2);
	} else if (s.len >= 2 && s.at[0] == '0') {
		base = 8;
		s = str_from(s, 1);
	}
	for (size_t i = 0; i < s.len; i++) {
		int digit = hex(s.at[i]);
		if (digit < 0 || digit >= base)
			return false;
		n = MIN(n * (uint64_t)base + (uint64_t)digit, (uint64_t)1 << 40);
	}
	*ret = n;
	return true;
}

static bool ends_in_number(struct str host)
{
	size_t from = host.len;
	bool all_digits = true;
	uint64_t n;

	while (from && host.at[from - 1] != '.')
		from--;
	struct str last = str_from(host, from);
	for (size_t i = 0; i < last.len; i++)
		all_digits &= is_digit(last.at[i]);
	return last.len && (all_digits || (last.len >= 2 && last.at[0] == '0' && lower(last.at[1]) == 'x' && number(last, &n)));
}

static bool address4(struct arena *arena, struct str host, struct str *ret)
{
	uint64_t part[4], address = 0;
	struct str rest = host;
	size_t n = 0;

	while (rest.at) {
		if (n == 4 || !number(str_cut(&rest, '.'), &part[n]))
			return false;
		n++;
	}
	for (size_t i = 0; i + 1 < n; i++) {
		if (part[i] > 255)
			return false;
		address |= part[i] << (24 - 8 * i);
	}
	if (part[n - 1] >= (uint64_t)1 << (8 * (5 - n)))
		return false;
	address |= part[n - 1];
	*ret = str_print(arena, "%d.%d.%d.%d", (int)(address >> 24), (int)(address >> 16 & 255), (int)(address >> 8 & 255), (int)(address & 255));
	return true;
}

/* [IPv6] in the one form that browsers write: lower case, the longest run of zeros left out, no dots. */
static bool address6(struct arena *arena, struct str inside, struct str *ret)
{
	char room[64];
	unsigned char bytes[16];
	unsigned piece[8];
	int best = -1, best_n = 1;

	if (inside.len >= sizeof room || !inside.len)
		return false;
	memcpy(room, inside.at, inside.len);
	room[inside.len] = '\0';
	if (memchr(room, '\0', inside.len) || inet_pton(AF_INET6, room, bytes) != 1)
		return false;
	for (int i = 0; i < 8; i++)
		piece[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
	for (int i = 0; i < 8; i++) {
		int n = 0;
		while (i + n < 8 && !piece[i + n])
			n++;
		if (n > best_n) {
			best = i;
			best_n = n;
		}
		i += n;
	}
	struct out out = out_new(arena);
	out_byte(&out, '[');
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			out_text(&out, i ? ":" : "::");
			i += best_n - 1;
			continue;
		}
		out_print(&out, i < 7 ? "%x:" : "%x", piece[i]);
	}
	out_byte(&out, ']');
	*ret = out_str(&out);
	return true;
}

/* What may stand in no host after mapping. */
static bool is_forbidden(unsigned char c)
{
	static const bool listed[128] = { ['#'] = true, ['/'] = true, [':'] = true, ['<'] = true, ['>'] = true, ['?'] = true, ['@'] = true,
		['['] = true, ['\\'] = true, [']'] = true, ['^'] = true, ['|'] = true, ['%'] = true, [0x7f] = true };

	return c <= 0x20 || c >= 0x80 || listed[c];
}

static bool has_xn(struct str s)
{
	for (size_t i = 0; i + 4 <= s.len; i++)
		if ((i == 0 || s.at[i - 1] == '.') && lower(s.at[i]) == 'x' && lower(s.at[i + 1]) == 'n' && s.at[i + 2] == '-' && s.at[i + 3] == '-')
			return true;
	return false;
}

static bool is_ascii(struct str s)
{
	unsigned char all = 0;

	for (size_t i = 0; i < s.len; i++)
		all |= (unsigned char)s.at[i];
	return all < 0x80;
}

/* Characters that leave no trace in the mapped name, or give it a dot or a digit that was not there. */
static void note_unusual(struct str s, uint64_t *reasons)
{
	for (size_t i = 0; i < s.len; i++) {
		const unsigned char *c = (const unsigned char *)s.at + i;
		size_t left = s.len - i;
		if (c[0] < 0x80 || c[0] == 0xc3)
			continue;
		if ((c[0] == 0xc2 && left > 1 && c[1] == 0xad) || (left > 2 && c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0x8b || c[2] == 0x8c || c[2] == 0x8d))
		    || (left > 2 && c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa0 && c[2] <= 0xa4) || (left > 2 && c[0] == 0xef && c[1] == 0xb8 && c[2] <= 0x8f)
		    || (left > 2 && c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf))
			*reasons |= LINK_BIT(INVISIBLE);
		else if (left > 2 && ((c[0] == 0xe3 && c[1] == 0x80) || c[0] == 0xef))
			*reasons |= LINK_BIT(WIDE);
	}
}

static bool name_to_ascii(const struct link_icu *icu, struct arena *arena, struct str text, struct link_url *ret)
{
	char *to = arena_take(arena, LINK_HOST_ROOM * 2);
	size_t n = text.len;

	if (is_ascii(text) && !has_xn(text)) {
		for (size_t i = 0; i < text.len; i++)
			to[i] = lower(text.at[i]);
	} else {
		note_unusual(text, &ret->reasons);
		if (!link_to_ascii(icu, text, to, LINK_HOST_ROOM * 2, &n))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (is_forbidden((unsigned char)to[i]))
			return false;
	if (n && to[n - 1] == '.') {
		n--;
		ret->reasons |= LINK_BIT(DOT);
	}
	ret->host = (struct str){ to, n };
	return n > 0;
}

bool link_host_parse(const struct link_icu *icu, struct arena *arena, struct str text, struct link_url *ret)
{
	ret->kind = LINK_HOST_NONE;
	if (!text.len || text.len > 3 * LINK_HOST_ROOM)
		return false;
	if (text.at[0] == '[') {
		if (text.at[text.len - 1] != ']' || !address6(arena, (struct str){ text.at + 1, text.len - 2 }, &ret->host))
			return false;
		ret->kind = LINK_HOST_ADDRESS;
		ret->reasons |= LINK_BIT(ADDRESS);
		return true;
	}
	struct str plain = link_decode(arena, text, false);
	if (plain.at != text.at)
		ret->reasons |= LINK_BIT(ENCODED);
	if (plain.len > LINK_HOST_ROOM || !name_to_ascii(icu, arena, plain, ret))
		return false;
	if (ends_in_number(ret->host)) {
		if (!address4(arena, ret->host, &ret->host))
			return false;
		ret->kind = LINK_HOST_ADDRESS;
		ret->reasons |= LINK_BIT(ADDRESS);
		return true;
	}
	ret->kind = LINK_HOST_NAME;
	if (ret->host.len > LINK_HOST_MOST)
		return false;
	link_domain(icu, ret->host, &ret->domain, &ret->suffix);
	return true;
}

/* --- the whole --- */

static struct str without_breaks(struct arena *arena, struct str s, uint64_t *reasons)
{
	size_t n = 0;

	if (!memchr(s.at, '\t', s.len) && !memchr(s.at, '\n', s.len) && !memchr(s.at, '\r', s.len))
		return s;
	char *to = arena_take(arena, s.len + 1);
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] != '\t' && s.at[i] != '\n' && s.at[i] != '\r')
			to[n++] = s.at[i];
	*reasons |= LINK_BIT(CONTROL);
	return (struct str){ to, n };
}

static bool scheme_is(struct str s, size_t n, const char *name)
{
	return strlen(name) == n && strncasecmp(s.at, name, n) == 0;
}

/* "host:8443/..." looks like a scheme; so does every host with a port. */
static bool is_port_behind(struct str rest)
{
	size_t n = 0;

	while (n < rest.len && is_digit(rest.at[n]))
		n++;
	return n && n <= 5 && (n == rest.len || strchr("/\\?#", rest.at[n]));
}

/* Cuts the scheme and its slashes off. False when no browser would open it as a page. */
static bool take_scheme(struct str *s, struct link_url *ret)
{
	size_t n = link_scheme(*s), slashes = 0;
	bool is_bare = !n || memchr(s->at, '.', n) || (!scheme_is(*s, n, "http") && !scheme_is(*s, n, "https") && is_port_behind(str_from(*s, n + 1)));

	if (is_bare) {
		ret->is_https = true;
	} else if (scheme_is(*s, n, "https") || scheme_is(*s, n, "http")) {
		ret->is_https = n == 5;
		*s = str_from(*s, n + 1);
	} else {
		ret->reasons |= LINK_BIT(NOT_HTTP);
		return false;
	}
	while (slashes < s->len && (s->at[slashes] == '/' || s->at[slashes] == '\\')) {
		if (s->at[slashes] == '\\')
			ret->reasons |= LINK_BIT(BACKSLASH) | (is_bare ? LINK_BIT(AMBIGUOUS) : 0);
		slashes++;
	}
	if (is_bare ? slashes != 0 && slashes != 2 : slashes != 2)
		ret->reasons |= LINK_BIT(SLASHES) | (is_bare ? LINK_BIT(AMBIGUOUS) : 0);
	*s = str_from(*s, slashes);
	if (!ret->is_https)
		ret->reasons |= LINK_BIT(HTTP);
	return true;
}

static bool take_port(struct str port, struct link_url *ret)
{
	uint64_t n = 0;

	for (size_t i = 0; i < port.len; i++) {
		if (!is_digit(port.at[i]))
			return false;
		n = MIN(n * 10 + (uint64_t)(port.at[i] - '0'), 100000u);
	}
	if (port.len && n != 443 && (ret->is_https || n != 80))
		ret->reasons |= LINK_BIT(PORT);
	return n <= 65535;
}

/* RFC 3986 ends the authority at / ? # alone: where a backslash ends it for browsers and an @ follows, programs disagree. */
static void note_disagreement(struct str s, size_t end, struct link_url *ret)
{
	if (end == s.len || s.at[end] != '\\')
		return;
	ret->reasons |= LINK_BIT(BACKSLASH);
	for (size_t i = end; i < s.len && s.at[i] != '/' && s.at[i] != '?' && s.at[i] != '#'; i++)
		if (s.at[i] == '@')
			ret->reasons |= LINK_BIT(AMBIGUOUS);
}

void link_url_parse(const struct link_icu *icu, struct arena *arena, struct str text, struct link_url *ret)
{
	size_t end = 0, at = SIZE_MAX, colon = SIZE_MAX;

	*ret = (struct link_url){ .host = STR_NONE, .user = STR_NONE };
	struct str s = without_breaks(arena, text, &ret->reasons);
	if (!take_scheme(&s, ret))
		return;
	for (; end < s.len && end <= AUTHORITY_MOST && s.at[end] != '/' && s.at[end] != '\\' && s.at[end] != '?' && s.at[end] != '#'; end++)
		if (s.at[end] == '@')
			at = end;
	if (end > AUTHORITY_MOST) {
		ret->reasons |= LINK_BIT(BAD_HOST) | LINK_BIT(TOO_LONG);
		return;
	}
	note_disagreement(s, end, ret);
	ret->path = str_from(s, end);
	struct str host = str_first(s, end);
	if (at != SIZE_MAX) {
		ret->user = str_first(host, at);
		ret->reasons |= LINK_BIT(USER);
		host = str_from(host, at + 1);
	}
	for (size_t i = 0, depth = 0; i < host.len && colon == SIZE_MAX; i++) {
		depth += host.at[i] == '[';
		depth -= depth && host.at[i] == ']';
		if (host.at[i] == ':' && !depth)
			colon = i;
	}
	if (colon != SIZE_MAX && !take_port(str_from(host, colon + 1), ret)) {
		ret->reasons |= LINK_BIT(BAD_PORT);
		return;
	}
	if (link_host_parse(icu, arena, str_first(host, colon == SIZE_MAX ? host.len : colon), ret))
		ret->is_whole = true;
	else
		ret->reasons |= LINK_BIT(BAD_HOST);
}
