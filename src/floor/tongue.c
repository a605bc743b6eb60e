/* The two languages. Until the catalogue is built in, English is what everybody reads; dates are already right. */
#include "floor/rq.h"

const char *const language_tag[LANGUAGES] = { "sv", "en" };

const char *tongue(enum language language, const char *english)
{
	(void)language;
	return english;
}

const char *tongue_n(enum language language, const char *one, const char *many, int64_t n)
{
	(void)language;
	return n == 1 ? one : many;
}

void tongue_instant(struct out *out, enum language language, struct instant at)
{
	struct wall w = instant_wall(at);
	out_print(out, language == LANGUAGE_SV ? "%04d-%02d-%02d kl. %02d.%02d" : "%04d-%02d-%02d %02d:%02d", w.year, w.month, w.day, w.hour, w.minute);
}
