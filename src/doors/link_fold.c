/* What looks the same becomes the same: names folded to one byte a letter.
 *
 * A name in ASCII, which is nearly every name, is folded here at once: 0 is o, 1 and i are l, rn is m, vv is w. Any other goes through
 * UTS 46 back to its letters, compatibility decomposition without its marks, our own additions, ICU's confusables, decomposition and
 * additions once more, and then through the same classes. The additions are what the confusables miss: most follow from the letter's
 * Unicode name ("LATIN SMALL LETTER K WITH DESCENDER", "LATIN LETTER SMALL CAPITAL K" are a k), so letters that nobody has abused
 * yet fold too; the rest stand in a table. ICU knows that Cyrillic o is an o, but calls k, t, m, n in that script small capitals.
 * A letter that remains foreign counts as one letter, so that distances stay true.
 *
 * SECURITY: the mapping to ASCII decides which host is meant, the folds only what it resembles. Names come in at 253 bytes at most. */
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <libpsl.h>
#include "link_parts.h"

enum { LATIN_MOST = 0x2000, LETTERS = 1024 };

struct link_icu {
	UIDNA             *idna;
	USpoofChecker     *spoof;
	const UNormalizer2 *nfkd;
	const psl_ctx_t   *psl;          /* what libpsl brings along: no file is read, so this runs in a jail too */
	char               latin[LATIN_MOST], phonetic[0x100], latin_d[0x100];   /* by name: U+0000.., U+2C00.., U+A700.. */
};

/* By shape, where neither the name nor the confusables say it: letter, what it is read as. */
static const struct { UChar32 from; const char *to; } additions[] = {
	{ 0x00df, "b" }, { 0x00f0, "d" }, { 0x00fe, "p" }, { 0x00e6, "ae" }, { 0x0153, "oe" }, { 0x0138, "k" }, { 0x014b, "n" }, { 0x0185, "b" },
	{ 0x01bf, "p" }, { 0x01a8, "s" }, { 0x0256, "d" }, { 0x025b, "e" }, { 0x025c, "e" }, { 0x0261, "g" }, { 0x0269, "i" }, { 0x0254, "o" },
	{ 0x0259, "e" }, { 0x01dd, "e" }, { 0x026f, "w" }, { 0x028d, "m" }, { 0x028b, "u" }, { 0x028c, "v" }, { 0x0251, "a" }, { 0x0223, "o" },
	{ 0x0292, "3" }, { 0x01b7, "3" }, { 0x01bd, "5" }, { 0x01bb, "2" }, { 0x1d79, "g" }, { 0x1d25, "o" },
	/* Greek */
	{ 0x03b1, "a" }, { 0x03b2, "b" }, { 0x03b3, "y" }, { 0x03b4, "d" }, { 0x03b5, "e" }, { 0x03b6, "z" }, { 0x03b7, "n" }, { 0x03b9, "i" },
	{ 0x03ba, "k" }, { 0x03bb, "l" }, { 0x03bc, "u" }, { 0x03bd, "v" }, { 0x03be, "e" }, { 0x03bf, "o" }, { 0x03c0, "n" }, { 0x03c1, "p" },
	{ 0x03c2, "s" }, { 0x03c3, "o" }, { 0x03c4, "t" }, { 0x03c5, "u" }, { 0x03c7, "x" }, { 0x03c9, "w" }, { 0x03dd, "f" }, { 0x03f2, "c" }, { 0x03f3, "j" },
	/* Cyrillic */
	{ 0x0430, "a" }, { 0x0431, "6" }, { 0x0432, "b" }, { 0x0433, "r" }, { 0x0435, "e" }, { 0x0437, "3" }, { 0x0438, "u" }, { 0x043a, "k" },
	{ 0x043b, "n" }, { 0x043c, "m" }, { 0x043d, "h" }, { 0x043e, "o" }, { 0x043f, "n" }, { 0x0440, "p" }, { 0x0441, "c" }, { 0x0442, "t" },
	{ 0x0443, "y" }, { 0x0445, "x" }, { 0x0446, "u" }, { 0x0448, "w" }, { 0x0449, "w" }, { 0x044a, "b" }, { 0x044c, "b" }, { 0x044f, "r" },
	{ 0x0454, "e" }, { 0x0455, "s" }, { 0x0456, "i" }, { 0x0458, "j" }, { 0x0459, "lb" }, { 0x045f, "u" }, { 0x0463, "b" }, { 0x0461, "w" },
	{ 0x0475, "v" }, { 0x048d, "b" }, { 0x0491, "r" }, { 0x0493, "f" }, { 0x049b, "k" }, { 0x049d, "k" }, { 0x049f, "k" }, { 0x04a1, "k" },
	{ 0x04a3, "h" }, { 0x04ab, "c" }, { 0x04ad, "t" }, { 0x04af, "y" }, { 0x04b1, "y" }, { 0x04b3, "x" }, { 0x04bb, "h" }, { 0x04bd, "e" },
	{ 0x04cf, "l" }, { 0x04d9, "e" }, { 0x0501, "d" }, { 0x050d, "g" }, { 0x0511, "e" }, { 0x0513, "n" }, { 0x051b, "q" }, { 0x051d, "w" },
	{ 0x051f, "k" }, { 0x0525, "n" }, { 0xa681, "z" }, { 0xa64b, "y" },
	/* Armenian and Georgian, the nearest ones */
	{ 0x0561, "w" }, { 0x0563, "q" }, { 0x0566, "q" }, { 0x0570, "h" }, { 0x0575, "j" }, { 0x0578, "n" }, { 0x057c, "n" }, { 0x057d, "u" },
	{ 0x0581, "g" }, { 0x0582, "l" }, { 0x0584, "p" }, { 0x0585, "o" }, { 0x10e7, "y" }, { 0x10ff, "o" },
};

/* The letter that a Unicode name names: one letter, behind words that leave it readable, before WITH, BAR or the end. */
static char letter_by_name(UChar32 c)
{
	static const char *const prefixes[] = { "LATIN SMALL LETTER ", "LATIN LETTER SMALL CAPITAL ", "LATIN LETTER ", "MODIFIER LETTER SMALL ",
		"LATIN CAPITAL LETTER ", NULL };
	static const char *const words[] = { "DOTLESS ", "LONG ", "BARRED ", "SCRIPT ", "INSULAR ", "REVERSED ", "OPEN ", "CLOSED ", "BLACKLETTER ",
		"LENIS ", "BASELINE ", "SIDEWAYS ", "CROSSED-TAIL ", "FLATTENED ", "ROTUNDA ", "STIRRUP ", "MIDDLE-WELSH ", NULL };
	char name[128];
	UErrorCode code = U_ZERO_ERROR;

	if (u_charName(c, U_UNICODE_CHAR_NAME, name, sizeof name, &code) <= 0 || U_FAILURE(code))
		return 0;
	for (const char *const *prefix = prefixes; *prefix; prefix++) {
		size_t n = strlen(*prefix);
		if (strncmp(name, *prefix, n) != 0)
			continue;
		const char *rest = name + n;
		for (size_t i = 0; words[i]; )
			if (strncmp(rest, words[i], strlen(words[i])) == 0) {
				rest += strlen(words[i]);
				i = 0;
			} else {
				i++;
			}
		return rest[0] >= 'A' && rest[0] <= 'Z' && (!rest[1] || strncmp(rest + 1, " WITH", 5) == 0 || strcmp(rest + 1, " BAR") == 0) ? (char)(rest[0] + 32) : 0;
	}
	return 0;
}

static void learn(char *table, UChar32 from, UChar32 to)
{
	for (UChar32 c = from; c < to; c++)
		table[c - from] = letter_by_name(c);
}

enum err link_icu_open(struct arena *arena, struct link_icu **ret, struct trouble *trouble)
{
	struct link_icu *icu = NEW(arena, struct link_icu);
	UErrorCode code = U_ZERO_ERROR;

	icu->idna = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE, &code);
	icu->nfkd = unorm2_getNFKDInstance(&code);
	icu->spoof = uspoof_open(&code);
	if (U_FAILURE(code)) {
		link_icu_close(icu);
		return trouble_say(trouble, ERR_IO, "ICU: %s", u_errorName(code));
	}
	icu->psl = psl_builtin();
	if (!icu->psl) {
		link_icu_close(icu);
		return trouble_say(trouble, ERR_IO, "libpsl brings no list of public suffixes along");
	}
	learn(icu->latin + 0x80, 0x80, 0x0250);
	learn(icu->latin + 0x0250, 0x0250, 0x02b0);
	learn(icu->latin + 0x1d00, 0x1d00, LATIN_MOST - 0x100);
	learn(icu->phonetic + 0x60, 0x2c60, 0x2c80);
	learn(icu->latin_d + 0x20, 0xa720, 0xa800);
	*ret = icu;
	return OK;
}

void link_icu_close(struct link_icu *icu)
{
	if (!icu)
		return;
	uidna_close(icu->idna);
	uspoof_close(icu->spoof);
}

/* --- names of hosts --- */

bool link_to_ascii(const struct link_icu *icu, struct str utf8, char *ret, size_t room, size_t *ret_len)
{
	/* A browser accepts these: hyphens anywhere, labels that are empty or too long. */
	enum { HARMLESS = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN
		| UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4 };
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode code = U_ZERO_ERROR;
	int32_t n = uidna_nameToASCII_UTF8(icu->idna, utf8.at, (int32_t)utf8.len, ret, (int32_t)room, &info, &code);

	if (U_FAILURE(code) || (info.errors & ~(uint32_t)HARMLESS) || n < 0 || (size_t)n > room)
		return false;
	*ret_len = (size_t)n;
	return true;
}

void link_domain(const struct link_icu *icu, struct str host, size_t *ret_domain, size_t *ret_suffix)
{
	char name[LINK_HOST_MOST + 1];

	assert(host.len <= LINK_HOST_MOST);
	memcpy(name, host.at, host.len);
	name[host.len] = '\0';
	*ret_domain = *ret_suffix = 0;
	const char *suffix = psl_unregistrable_domain(icu->psl, name);
	if (!suffix || suffix <= name)
		return;
	size_t from = (size_t)(suffix - name);
	*ret_suffix = from--;
	while (from && name[from - 1] != '.')
		from--;
	*ret_domain = from;
}

bool link_has_known_suffix(const struct link_icu *icu, struct str host)
{
	char name[LINK_HOST_MOST + 1];
	size_t from = host.len;

	while (from && host.at[from - 1] != '.')
		from--;
	snprintf(name, sizeof name, STR_FMT, STR_ARG(str_from(host, from)));
	return from && psl_is_public_suffix2(icu->psl, name, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}

/* --- folding --- */

static char class_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c + 32);
	return c == '0' ? 'o' : c == '1' || c == 'i' || c == '|' ? 'l' : c;
}

static void put_letter(struct link_fold *fold, char c)
{
	c = class_of(c);
	if (fold->n_plain < LINK_ROOM)
		fold->plain[fold->n_plain++] = (uint8_t)c;
	if (fold->len && ((c == 'n' && fold->at[fold->len - 1] == 'r') || (c == 'v' && fold->at[fold->len - 1] == 'v')))
		fold->at[fold->len - 1] = c == 'n' ? 'm' : 'w';
	else if (fold->len < LINK_ROOM)
		fold->at[fold->len++] = (uint8_t)c;
}

static const char *addition(UChar32 c)
{
	for (size_t i = 0; i < LENGTH(additions); i++)
		if (additions[i].from == c)
			return additions[i].to;
	return NULL;
}

/* Decomposed, marks dropped, our own additions in. */
static int32_t reduce(const struct link_icu *icu, const UChar *from, int32_t n, UChar *to, int32_t room)
{
	UChar wide[LETTERS];
	UErrorCode code = U_ZERO_ERROR;
	int32_t n_wide = unorm2_normalize(icu->nfkd, from, n, wide, LENGTH(wide), &code), at = 0;

	if (U_FAILURE(code))
		return 0;
	for (int32_t i = 0; i < n_wide && at + 2 < room; ) {
		UChar32 c;
		char by_name = 0;
		U16_NEXT(wide, i, n_wide, c);
		if (u_getCombiningClass(c) || u_charType(c) == U_NON_SPACING_MARK || u_charType(c) == U_ENCLOSING_MARK)
			continue;
		const char *shape = c < 0x80 ? NULL : addition(c);
		if (c >= 0x80 && c < LATIN_MOST)
			by_name = icu->latin[c];
		else if (c >= 0x2c00 && c < 0x2d00)
			by_name = icu->phonetic[c - 0x2c00];
		else if (c >= 0xa700 && c < 0xa800)
			by_name = icu->latin_d[c - 0xa700];
		if (shape)
			for (; *shape; shape++)
				to[at++] = (UChar)*shape;
		else if (by_name)
			to[at++] = (UChar)by_name;
		else
			U16_APPEND_UNSAFE(to, at, c);
	}
	return at;
}

/* ICU's confusables, of what is still foreign: an m shall not become the rn that ICU makes of it. */
static int32_t skeleton(const struct link_icu *icu, const UChar *from, int32_t n, UChar *to, int32_t room)
{
	int32_t at = 0;

	for (int32_t i = 0; i < n; ) {
		int32_t first = i, len;
		UErrorCode code = U_ZERO_ERROR;
		UChar32 c;
		U16_NEXT(from, i, n, c);
		if (c < 0x80) {
			if (at < room)
				to[at++] = (UChar)c;
			continue;
		}
		len = uspoof_getSkeleton(icu->spoof, 0, from + first, i - first, to + at, room - at, &code);
		if (U_FAILURE(code) || len > room - at)
			return at;
		at += len;
	}
	return at;
}

static void fold_wide(const struct link_icu *icu, struct str host, struct link_fold *ret)
{
	UChar letters[LETTERS], reduced[LETTERS];
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode code = U_ZERO_ERROR;
	int32_t n = 0;

	u_strFromUTF8(reduced, LENGTH(reduced), &n, host.at, (int32_t)host.len, &code);
	n = uidna_nameToUnicode(icu->idna, reduced, n, letters, LENGTH(letters), &info, &code);
	if (U_FAILURE(code))
		return;
	n = reduce(icu, letters, n, reduced, LENGTH(reduced));
	n = skeleton(icu, reduced, n, letters, LENGTH(letters));
	n = reduce(icu, letters, n, reduced, LENGTH(reduced));
	for (int32_t i = 0; i < n; ) {
		UChar32 c;
		U16_NEXT(reduced, i, n, c);
		put_letter(ret, c < 0x80 ? (char)c : (char)(0x80 | (c ^ c >> 7) % 0x80));
	}
}

void link_fold_text(struct str text, struct link_fold *ret)
{
	ret->len = ret->n_plain = 0;
	for (size_t i = 0; i < text.len; i++)
		put_letter(ret, text.at[i]);
}

void link_fold_host(const struct link_icu *icu, struct str host, struct link_fold *ret)
{
	ret->len = ret->n_plain = 0;
	for (size_t i = 0; i + 4 <= host.len; i++)
		if ((i == 0 || host.at[i - 1] == '.') && memcmp(host.at + i, "xn--", 4) == 0) {
			fold_wide(icu, host, ret);
			return;
		}
	link_fold_text(host, ret);
}
