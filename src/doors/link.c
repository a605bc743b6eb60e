/* Is this link ours? The order in which that is asked, and links that stand in a text.
 *
 * A text is first read whole, as a browser does that gets it pasted. A link of an owned host is ours when a browser reaches that host
 * over https and nothing in the link leads on from there. Everything else is not ours, and is then compared with the names. When the
 * text is no link, or holds blanks or brackets, the links in it are looked for and all are judged: the strictest answer is the answer,
 * so a second link cannot hide behind a first.
 *
 * SECURITY: only link_is_owned() can make a link ours, and it compares exactly. What is unusual may make it "not ours", never the other
 * way. A link of more than OURS_MOST bytes is not ours: no server takes it. */
#include "link_parts.h"

enum { LINK_MOST = 2 << 20, OURS_MOST = 65536, LINKS_MOST = 16 };

const struct link_reason_row link_reasons[LINK_REASON_COUNT] = {
#define X(name, code, text) { code, text },
	LINK_REASONS(X)
#undef X
};

/* --- one link --- */

static void judge(const struct link_book *book, struct arena *arena, const struct link_url *url, uint64_t reasons, struct link_finding *ret)
{
	*ret = (struct link_finding){ .verdict = LINK_NOT_OURS, .reasons = reasons | url->reasons };
	if (!url->is_whole)
		return;
	ret->host = url->host;
	if (url->kind == LINK_HOST_NAME && url->domain < url->suffix)
		ret->domain = str_from(url->host, url->domain);
	if (link_is_owned(book, url->host)) {
		if (url->path.len > OURS_MOST)
			ret->reasons |= LINK_BIT(TOO_LONG);
		else if (link_leads_away(book, arena, url->path))
			ret->reasons |= LINK_BIT(REDIRECT);
		if (!(ret->reasons & (LINK_BIT(TOO_LONG) | LINK_BIT(REDIRECT) | LINK_BIT(HTTP) | LINK_BIT(AMBIGUOUS) | LINK_BIT(BIDI)))) {
			ret->verdict = LINK_OURS;
			ret->reasons |= LINK_BIT(LISTED);
		}
		return;
	}
	if (url->kind == LINK_HOST_NAME) {
		if (link_is_own_domain(book, str_from(url->host, url->domain))) {
			ret->reasons |= LINK_BIT(OWN_DOMAIN);
			return;
		}
		if (link_is_shortener(str_from(url->host, url->domain)))
			ret->reasons |= LINK_BIT(SHORTENER);
	}
	ret->imitates = link_imitates(book, url, &ret->reasons);
	if (ret->imitates.at)
		ret->verdict = LINK_IMITATES;
	else if (!(ret->reasons & LINK_BIT(SHORTENER)))
		ret->reasons |= LINK_BIT(NOT_LISTED);
}

/* --- a text --- */

/* The length of a character that cannot be seen, at the beginning of the text; 0 for every other. */
static size_t invisible(struct str s, uint64_t *reasons)
{
	const unsigned char *c = (const unsigned char *)s.at;
	unsigned letter = 0;
	size_t n = s.len > 1 && (c[0] & 0xe0) == 0xc0 ? 2 : s.len > 2 && (c[0] & 0xf0) == 0xe0 ? 3 : 0;

	if (n == 2)
		letter = (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu);
	else if (n == 3)
		letter = (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
	if (letter == 0x61c || letter == 0x200e || letter == 0x200f || (letter >= 0x202a && letter <= 0x202e) || (letter >= 0x2066 && letter <= 0x2069))
		*reasons |= LINK_BIT(BIDI);
	else if (letter == 0xa0 || letter == 0xad || letter == 0x1680 || letter == 0x180e || (letter >= 0x2000 && letter <= 0x200d) || letter == 0x2028
	         || letter == 0x2029 || letter == 0x202f || (letter >= 0x205f && letter <= 0x2064) || letter == 0x3000 || letter == 0xfeff)
		*reasons |= LINK_BIT(INVISIBLE);
	else
		return 0;
	return n;
}

/* Blanks and controls at both ends, as a browser; and what cannot be seen there, which comes along when a link is copied. */
static struct str trimmed(struct str s, uint64_t *reasons)
{
	size_t n, back;

	for (;;) {
		while (s.len && (unsigned char)s.at[0] <= 0x20)
			s = str_from(s, 1);
		while (s.len && (unsigned char)s.at[s.len - 1] <= 0x20)
			s.len--;
		if ((n = s.len ? invisible(s, reasons) : 0)) {
			s = str_from(s, n);
			continue;
		}
		for (back = 2; back <= 3 && back <= s.len; back++)
			if (invisible(str_from(s, s.len - back), reasons) == back)
				break;
		if (back > 3 || back > s.len)
			return s;
		s.len -= back;
	}
}

/* <URL:...>, "...", (...): how links stand in mail and documents. */
static struct str unwrapped(struct str s, uint64_t *reasons)
{
	static const char pairs[][2] = { { '<', '>' }, { '"', '"' }, { '\'', '\'' }, { '(', ')' }, { '`', '`' } };
	bool has_more = true;

	while (has_more) {
		has_more = false;
		for (size_t i = 0; i < LENGTH(pairs); i++)
			if (s.len > 2 && s.at[0] == pairs[i][0] && s.at[s.len - 1] == pairs[i][1]) {
				s = trimmed((struct str){ s.at + 1, s.len - 2 }, reasons);
				has_more = true;
			}
		if (s.len > 4 && strncasecmp(s.at, "url:", 4) == 0) {
			s = trimmed(str_from(s, 4), reasons);
			has_more = true;
		}
		if (has_more)
			*reasons |= LINK_BIT(TEXT);
	}
	return s;
}

static void note_bidi(struct str s, uint64_t *reasons)
{
	uint64_t here = 0;

	for (const char *lead = "\xd8\xe2"; *lead; lead++)
		for (const char *at = s.at, *end = s.at + s.len; (at = memchr(at, *lead, (size_t)(end - at))); at++)
			(void)invisible((struct str){ at, (size_t)(end - at) }, &here);
	*reasons |= here & LINK_BIT(BIDI);
}

static bool ends_word(char c)
{
	return ((unsigned char)c <= 0x20) | (c == '<') | (c == '>') | (c == '"') | (c == '`');
}

static bool opens(char c)
{
	return c == '(' || c == '[' || c == '{' || c == '\'';
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool begins_link(struct str s, size_t i)
{
	return (s.at[i] == 'h' || s.at[i] == 'H') && (i == 0 || !is_alnum(s.at[i - 1]))
		&& (strncasecmp(s.at + i, "http:", MIN(s.len - i, (size_t)5)) == 0 || strncasecmp(s.at + i, "https:", MIN(s.len - i, (size_t)6)) == 0)
		&& s.len - i > 6;
}

/* The next link from *at on: one with a scheme or, with_words, a word that is a host. Moves *at behind it. */
static struct str next_link(const struct link_book *book, struct arena *arena, struct str s, bool with_words, size_t *at)
{
	struct link_url url;

	for (size_t i = *at; i < s.len; i++) {
		if (!with_words) {
			const char *h = memchr(s.at + i, 'h', s.len - i), *capital = memchr(s.at + i, 'H', h ? (size_t)(h - s.at) - i : s.len - i);
			if (!h && !capital)
				break;
			i = (size_t)((capital ? capital : h) - s.at);
		}
		bool has_scheme = begins_link(s, i), begins_word = i == 0 || ends_word(s.at[i - 1]) || opens(s.at[i - 1]);
		if (!has_scheme && (!with_words || !begins_word || !(is_alnum(s.at[i]) || (unsigned char)s.at[i] >= 0x80)))
			continue;
		size_t end = i, first = i + 1;
		while (end < s.len && !ends_word(s.at[end]) && (end == i || !has_scheme || !begins_link(s, end)))
			end++;
		struct str link = { s.at + i, end - i };
		while (link.len && strchr(".,;:!?()[]{}'*_", link.at[link.len - 1]))
			link.len--;
		*at = has_scheme ? end : first;
		if (has_scheme)
			return link;
		if (link.len > LINK_HOST_MOST * 4 || str_find(link, '.') == link.len || str_find(link, '@') < link.len || link_scheme(link))
			continue;
		link_url_parse(book->icu, arena, link, &url);
		if (url.is_whole && url.kind == LINK_HOST_NAME && link_has_known_suffix(book->icu, url.host)) {
			*at = end;
			return link;
		}
	}
	*at = s.len;
	return STR_NONE;
}

static void judge_text(const struct link_book *book, struct arena *arena, struct str s, uint64_t reasons, bool has_first, struct link_finding *ret)
{
	struct link_finding one;
	struct link_url url;
	struct str link;
	size_t at = has_first ? 1 : 0;

	for (int n = 0; (link = next_link(book, arena, s, !has_first, &at)).at; n++) {
		if (n == LINKS_MOST) {
			ret->verdict = MAX(ret->verdict, LINK_NOT_OURS);
			ret->reasons |= LINK_BIT(TOO_MANY);
			return;
		}
		link_url_parse(book->icu, arena, link, &url);
		judge(book, arena, &url, reasons, &one);
		if (link.len < s.len)
			one.reasons |= LINK_BIT(TEXT);
		if ((!has_first && n == 0) || one.verdict > ret->verdict || (one.verdict == ret->verdict && !ret->host.at && one.host.at))
			*ret = one;
	}
}

/* Where the text goes on behind a scheme that no page has: "Link: https://..." */
static bool is_label(struct str s)
{
	size_t n = link_scheme(s);

	return n && n + 1 < s.len && s.at[n + 1] == ' ';     /* a browser takes tabs and line breaks out */
}

void link_check(const struct link_book *book, struct arena *arena, struct str text, struct link_finding *ret)
{
	uint64_t reasons = 0;
	struct link_url url;
	bool has_blank = false;

	*ret = (struct link_finding){ .verdict = LINK_NOT_OURS, .reasons = LINK_BIT(TOO_LONG) };
	if (text.len > LINK_MOST)
		return;
	struct str s = unwrapped(trimmed(text, &reasons), &reasons);
	ret->reasons = LINK_BIT(NO_LINK);
	if (!s.len)
		return;
	note_bidi(s, &reasons);
	link_url_parse(book->icu, arena, s, &url);
	judge(book, arena, &url, reasons, ret);
	for (size_t i = 0; i < s.len; i++)
		has_blank |= ends_word(s.at[i]);
	if (url.is_whole && !has_blank)
		return;
	/* No whole link: only what stands in the text counts. */
	bool is_link = url.is_whole || ((url.reasons & LINK_BIT(NOT_HTTP)) && !is_label(s));
	judge_text(book, arena, s, reasons, is_link, ret);
	if (!is_link && ret->verdict == LINK_NOT_OURS && !ret->host.at && !(ret->reasons & LINK_BIT(TEXT)))
		ret->reasons |= LINK_BIT(NO_LINK);
}
