/* The two languages: English is the source and stands in the code; Swedish comes from po/sv.po.
 *
 * The catalogue is checked by msgfmt at build and becomes a constant table (tools/tonguegen.c): nothing is read at run
 * time, setlocale is not used, and each request has its own language. A lookup is one hash and one comparison.
 * Dates, clocks and numbers are written as the language writes them, with no-break spaces where a line must not break.
 *
 * SECURITY: a format from the catalogue goes to printf; msgfmt -c has compared its conversions with the source's, and
 * a test fails when a message is missing or not checked. */
#include "floor/rq.h"
#include "floor/tongue_table.h"

#define NBSP "\xc2\xa0"

const char *const language_tag[LANGUAGES] = { "sv", "en" };

static const char *const months[LANGUAGES][12] = {
	{ "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december" },
	{ "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December" },
};

static const struct translation *look_up(const char *english)
{
	for (uint32_t i = tongue_hash(english, strlen(english));; i++) {
		const struct translation *slot = &tongue_table[i & tongue_table_mask];
		if (!slot->english)
			return NULL;
		if (strcmp(slot->english, english) == 0)
			return slot;
	}
}

const char *tongue(enum language language, const char *english)
{
	if (language != LANGUAGE_SV || !english || !*english)
		return english;
	const struct translation *found = look_up(english);
	return found ? found->one : english;
}

const char *tongue_n(enum language language, const char *one, const char *many, int64_t n)
{
	bool is_one = n == 1 || n == -1;
	const struct translation *found = language == LANGUAGE_SV ? look_up(one) : NULL;

	if (!found)
		return is_one ? one : many;
	return is_one || !found->many ? found->one : found->many;
}

enum language language_here(void)
{
	const char *tag = getenv("LC_ALL");

	if (!tag || !*tag)
		tag = getenv("LC_MESSAGES");
	if (!tag || !*tag)
		tag = getenv("LANG");
	return tag && strncmp(tag, "en", 2) == 0 ? LANGUAGE_EN : LANGUAGE_SV;
}

void trouble_speak(struct trouble *trouble, enum language language)
{
	if (trouble->english)
		trouble_reword(trouble, tongue(language, trouble->english));
}

struct str trouble_told(struct rq *rq, enum err err)
{
	trouble_speak(rq->trouble, rq->language);
	return str_copy(rq->arena, str_of(rq->trouble->text[0] ? rq->trouble->text : err_name(err)));
}

void tongue_date(struct out *out, enum language language, struct instant at)
{
	if (at.ms == INSTANT_NEVER.ms) {
		out_text(out, tongue(language, N_("no end")));
		return;
	}
	struct wall wall = instant_wall(at);
	out_print(out, "%d" NBSP "%s %d", wall.day, months[language][wall.month - 1], wall.year);
}

void tongue_clock(struct out *out, enum language language, struct instant at)
{
	struct wall wall = instant_wall(at);

	out_print(out, language == LANGUAGE_SV ? "%02d.%02d" : "%02d:%02d", wall.hour, wall.minute);
}

void tongue_instant(struct out *out, enum language language, struct instant at)
{
	tongue_date(out, language, at);
	if (at.ms == INSTANT_NEVER.ms)
		return;
	out_text(out, language == LANGUAGE_SV ? " kl." NBSP : ", ");
	tongue_clock(out, language, at);
}

void tongue_number(struct out *out, enum language language, int64_t n)
{
	struct str gap = language == LANGUAGE_SV ? STR(NBSP) : STR(",");
	char digits[24];
	size_t at = sizeof digits;
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do
		digits[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (n < 0)
		out_put(out, STR("\xe2\x88\x92"));
	for (; at < sizeof digits; at++) {
		out_byte(out, digits[at]);
		size_t left = sizeof digits - at - 1;
		if (left && left % 3 == 0)
			out_put(out, gap);
	}
}
