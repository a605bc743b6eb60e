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

void tongue_number(struct out *out, enum language language, int64_t n)
{
	if (n < 0)
		out_byte(out, '-');
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n, step = 1;
	while (rest / step >= 1000)
		step *= 1000;
	out_int(out, (int64_t)(rest / step));
	for (step /= 1000; step; step /= 1000)
		out_print(out, language == LANGUAGE_SV ? "\u00a0%03d" : ",%03d", (int)(rest / step % 1000));
}
