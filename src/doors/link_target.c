/* Does a link to one of our own hosts carry another address inside, to be sent on to?
 *
 * Path, query and fragment are decoded up to three times, as careless programs do, and each round is walked once. A target is: http: or
 * https: that is no part of a word; two slashes of either kind where a value or the path begins; a script; and, under a key that such
 * programs use (link_words.c), a bare host or what would turn our own host into another's when it is put behind it.
 * A target on an owned host over https is no target.
 *
 * SECURITY: strict, because a link that is called ours is followed. What cannot be read as a host counts as another's; so do more
 * targets than MOST_TARGETS. Work is three walks over the link. */
#include "link_parts.h"

enum { ROUNDS = 3, MOST_TARGETS = 32 };

struct walk {
	const struct link_book *book;
	struct arena *arena;
	int targets;
};

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Controls leave no trace in a browser. */
static struct str visible(struct arena *arena, struct str s)
{
	size_t n = 0;
	unsigned char least = 255;

	for (size_t i = 0; i < s.len; i++)
		least = MIN(least, (unsigned char)s.at[i]);
	if (least >= 0x20)
		return s;
	char *to = arena_take(arena, s.len + 1);
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] >= 0x20)
			to[n++] = s.at[i];
	return (struct str){ to, n };
}

/* `at` begins with a scheme or two slashes. */
static bool is_foreign(struct walk *walk, struct str at)
{
	struct link_url url;
	size_t end = 0;

	while (end < at.len && is_slash(at.at[end]))
		end++;
	if (end == at.len)
		return false;                /* slashes alone lead nowhere */
	if (++walk->targets > MOST_TARGETS)
		return true;
	while (end < at.len && end < 4096 && !strchr("&<>\"' ", at.at[end] ? at.at[end] : ' '))
		end++;
	link_url_parse(walk->book->icu, walk->arena, str_first(at, end), &url);
	return !url.is_whole || !url.is_https || !link_is_owned(walk->book, url.host);
}

/* evil.tld, evil.tld/x, @evil.tld, .evil.tld */
static bool is_foreign_host(struct walk *walk, struct str value)
{
	struct link_url url;
	size_t n = 0, dots = 0;

	if (value.len > 1 && (value.at[0] == '@' || value.at[0] == '.') && is_word(value.at[1]))
		return true;
	while (n < value.len && (is_word(value.at[n]) || value.at[n] == '-' || value.at[n] == '.' || (unsigned char)value.at[n] >= 0x80))
		dots += value.at[n++] == '.';
	if (!dots || n > LINK_HOST_MOST || (n < value.len && !strchr("/\\:?#&@ ", value.at[n])))
		return false;
	link_url_parse(walk->book->icu, walk->arena, str_first(value, n), &url);
	if (!url.is_whole || (url.kind == LINK_HOST_NAME && !link_has_known_suffix(walk->book->icu, url.host)))
		return false;
	return ++walk->targets > MOST_TARGETS || !link_is_owned(walk->book, url.host);
}

static bool begins(struct str s, const char *word)
{
	size_t n = strlen(word);

	return s.len >= n && strncasecmp(s.at, word, n) == 0;
}

/* A value begins here: behind = & ? # or a blank, or where the path does. */
static bool value_leads_away(struct walk *walk, struct str value)
{
	while (value.len && value.at[0] == ' ')
		value = str_from(value, 1);
	if (value.len > 1 && is_slash(value.at[0]) && is_slash(value.at[1]))
		return is_foreign(walk, value);
	return begins(value, "javascript:") || begins(value, "data:") || begins(value, "vbscript:") || begins(value, "aHR0c");
}

static bool round_leads_away(struct walk *walk, struct str s)
{
	size_t key = 0;

	if (s.len > 1 && is_slash(s.at[0]) && is_slash(s.at[1]) && is_foreign(walk, s))
		return true;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if ((c == 'h' || c == 'H') && (i == 0 || !is_word(s.at[i - 1])) && (begins(str_from(s, i), "http:") || begins(str_from(s, i), "https:"))
		    && is_foreign(walk, str_from(s, i)))
			return true;
		if (c == '=' || c == '&' || c == '?' || c == '#' || c == ';' || c == '|' || c == ',') {
			if (value_leads_away(walk, str_from(s, i + 1)))
				return true;
			if (c == '=' && link_is_target_key((struct str){ s.at + key, i - key }) && is_foreign_host(walk, str_from(s, i + 1)))
				return true;
			key = i + 1;
		}
	}
	return false;
}

bool link_leads_away(const struct link_book *book, struct arena *arena, struct str path)
{
	struct walk walk = { book, arena, 0 };

	for (int round = 0; round <= ROUNDS; round++) {
		if (round_leads_away(&walk, path))
			return true;
		struct str next = visible(arena, link_decode(arena, path, true));
		if (next.at == path.at)
			return false;
		path = next;
	}
	return false;
}
