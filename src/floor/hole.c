/* Values on their way into a page. The functions that pagegen makes call these and the writers of base/out.h.
 *
 * SECURITY: a link's scheme is looked at here, at the last moment, so that no stored text becomes javascript: or data:.
 * A path of ours begins with one slash; // and /\ would name another host. A translation is our own text, but is escaped
 * like any other: who translates need not know HTML. */
#include "floor/hole.h"

void hole_say(struct out *out, const char *said)
{
	out_html(out, str_of(said));
}

static bool is_link(struct str link)
{
	static const char *const begins[] = { "https://", "http://", "mailto:", "tel:" };

	/* Browsers drop tabs and line ends inside a URL, and blanks before it. */
	for (size_t i = 0; i < link.len; i++)
		if ((unsigned char)link.at[i] <= ' ')
			return false;
	if (!link.len)
		return false;
	if (link.at[0] == '#' || link.at[0] == '?')
		return true;
	if (link.at[0] == '/')
		return link.len == 1 || (link.at[1] != '/' && link.at[1] != '\\');
	for (size_t i = 0; i < LENGTH(begins); i++)
		if (str_starts(link, str_of(begins[i])))
			return true;
	return false;
}

void hole_link(struct out *out, struct str link)
{
	out_html(out, is_link(link) ? link : STR("#"));
}

void hole_day(struct out *out, struct instant at)
{
	struct wall wall = instant_wall(at);

	out_print(out, "%04d-%02d-%02d", wall.year, wall.month, wall.day);
}

bool hole_next(struct out *out, struct said *said)
{
	const char *open = said->rest ? strchr(said->rest, '{') : NULL;
	const char *close = open ? strchr(open, '}') : NULL;

	if (!close) {
		hole_say(out, said->rest);
		said->rest = NULL;
		return false;
	}
	out_html(out, (struct str){ said->rest, (size_t)(open - said->rest) });
	said->hole = (struct str){ open + 1, (size_t)(close - open - 1) };
	said->rest = close + 1;
	return true;
}
