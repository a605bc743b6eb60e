#ifndef BASE_SCAN_H
#define BASE_SCAN_H
/* Sixteen bytes of a text at a time: how many of one kind stand at its beginning, without a branch for each.
 *
 * A loop over bytes is guessed wrong at its end, once for each field of each line; here the end is a bit in a mask. On machines without SSE2 the
 * same is done byte by byte.
 *
 * SECURITY: up to SCAN_PAST bytes behind what is asked for are read, never believed: whoever calls has that many there. */
#ifdef __SSE2__
#include <emmintrin.h>                   /* before the names of the heap are poisoned */
#endif
#include "base/str.h"

enum { SCAN = 16, SCAN_LINES = 64, SCAN_PAST = 64 };

enum { SCAN_WORD = 1, SCAN_DIGIT = 2, SCAN_SIX = 4 };
static const uint8_t scan_class[256] = { ['0' ... '9'] = SCAN_WORD | SCAN_DIGIT | SCAN_SIX, ['a' ... 'f'] = SCAN_WORD | SCAN_SIX, ['g' ... 'z'] = SCAN_WORD,
	['A' ... 'Z'] = SCAN_WORD, ['.'] = SCAN_WORD, ['_'] = SCAN_WORD, ['-'] = SCAN_WORD, ['@'] = SCAN_WORD, [':'] = SCAN_SIX };

#define SCAN_EACH(is) \
	unsigned scan_mask = 0; \
	for (int i = 0; i < SCAN; i++) \
		scan_mask |= (unsigned)(is) << i; \
	return scan_mask

/* Which of the next SCAN bytes are one of two marks: a bit each. */
static inline unsigned scan_either(const char *at, char one, char other)
{
#ifdef __SSE2__
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(one)), _mm_cmpeq_epi8(v, _mm_set1_epi8(other))));
#else
	SCAN_EACH((at[i] == one || at[i] == other));
#endif
}

/* The ends of lines in the next SCAN_LINES bytes. */
static inline uint64_t scan_newlines(const char *at, const char *end)
{
	uint64_t mask = 0;

	for (int i = 0; i < SCAN_LINES; i += SCAN)
		mask |= (uint64_t)scan_either(at + i, '\n', '\n') << i;
	return end - at < SCAN_LINES ? mask & (((uint64_t)1 << (end - at)) - 1) : mask;
}

/* The first of two marks, or the end. */
static inline const char *scan_to(const char *at, const char *end, char one, char other)
{
	for (; at < end; at += SCAN) {
		unsigned mask = scan_either(at, one, other);
		if (mask)
			return MIN(at + __builtin_ctz(mask), end);
	}
	return end;
}

#ifdef __SSE2__
static inline __m128i scan_range(__m128i v, char from, char n)      /* n bytes from `from` on */
{
	__m128i apart = _mm_sub_epi8(v, _mm_set1_epi8(from));
	return _mm_cmpeq_epi8(_mm_min_epu8(apart, _mm_set1_epi8((char)(n - 1))), apart);
}
#endif

static inline unsigned scan_digits16(const char *at)
{
#ifdef __SSE2__
	return (unsigned)_mm_movemask_epi8(scan_range(_mm_loadu_si128((const __m128i *)(const void *)at), '0', 10));
#else
	SCAN_EACH((at[i] >= '0' && at[i] <= '9'));
#endif
}

static inline unsigned scan_words16(const char *at)
{
#ifdef __SSE2__
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at), low = _mm_or_si128(v, _mm_set1_epi8(32));
	__m128i is = _mm_andnot_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('/')), scan_range(v, '-', 13));
	is = _mm_or_si128(is, _mm_or_si128(scan_range(low, 'a', 26), _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('_')), _mm_cmpeq_epi8(v, _mm_set1_epi8('@')))));
	return (unsigned)_mm_movemask_epi8(is);
#else
	SCAN_EACH(((scan_class[(unsigned char)at[i]] & SCAN_WORD) != 0));
#endif
}

/* Of what keys are written with: letters, digits, _ and -. */
static inline unsigned scan_keys16(const char *at)
{
#ifdef __SSE2__
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at), low = _mm_or_si128(v, _mm_set1_epi8(32));
	__m128i is = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('_')), _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(is, _mm_or_si128(scan_range(low, 'a', 26), scan_range(v, '0', 10))));
#else
	SCAN_EACH(((scan_class[(unsigned char)at[i]] & SCAN_WORD) && at[i] != '.' && at[i] != '@'));
#endif
}

/* Where a run of digits, or of what names are written with, ends. */
#define SCAN_END(at, end, masks) \
	for (; (at) < (end); (at) += SCAN) { \
		unsigned scan_other = ~masks(at) & 0xffff; \
		if (scan_other) \
			return MIN((at) + __builtin_ctz(scan_other), (end)); \
	} \
	return (end)
static inline const char *scan_digits(const char *at, const char *end) { SCAN_END(at, end, scan_digits16); }
static inline const char *scan_words(const char *at, const char *end) { SCAN_END(at, end, scan_words16); }

/* Behind an IPv4 address without needless zeros; NULL for none. ret_dots, unless NULL: a bit for each of its three dots. */
static inline const char *scan_four(const char *at, const char *end, unsigned *ret_dots)
{
#ifdef __SSE2__
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
	unsigned digit = (unsigned)_mm_movemask_epi8(scan_range(v, '0', 10)), dot = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('.')));
	unsigned n = (unsigned)__builtin_ctz(~(digit | dot) | 1u << SCAN);
	n = (unsigned)MIN((size_t)n, (size_t)(end - at));
	digit &= (1u << n) - 1;
	dot &= (1u << n) - 1;
	unsigned begin = 1 | dot << 1, two = dot & (dot - 1), one = two & (two - 1);
	/* Three dots, a digit behind each and before the first, never four together; no zero before another digit. */
	unsigned zero = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('0')));
	unsigned wrong = (begin & ~digit) | (digit & digit >> 1 & digit >> 2 & digit >> 3) | (begin & zero & digit >> 1);
	/* 256 to 999 */
	unsigned over2 = (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(v, _mm_set1_epi8('2'))), is2 = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('2')));
	unsigned over5 = (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(v, _mm_set1_epi8('5'))), is5 = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('5')));
	wrong |= begin & digit & digit >> 1 & digit >> 2 & (over2 | (is2 & (over5 >> 1 | (is5 >> 1 & over5 >> 2))));
	if (ret_dots)
		*ret_dots = dot;
	return wrong || !one || (one & (one - 1)) ? NULL : at + n;
#else
	const char *begin = at;
	unsigned dots = 0;
	for (int part = 0; part < 4; part++) {
		const char *from = at;
		unsigned value = 0;
		for (; at < end && at - from < 4 && *at >= '0' && *at <= '9'; at++)
			value = value * 10 + (unsigned)(*at - '0');
		if (at == from || value > 255 || (*from == '0' && at - from > 1) || (part < 3 && (at == end || *at++ != '.')))
			return NULL;
		dots |= part < 3 ? 1u << (at - 1 - begin) : 0;
	}
	if (ret_dots)
		*ret_dots = dots;
	return at < end && *at == '.' ? NULL : at;
#endif
}

/* The number of the one to three digits before `end`, which has three bytes before it that may be read. */
static inline uint8_t scan_octet(const char *end, unsigned n)
{
	uint32_t word;

	memcpy(&word, end - 4, 4);
	word &= 0x0f0f0f0fu & (uint32_t)(0xffffffffu << 8 * (4 - n));
	return (uint8_t)((word >> 8 & 255) * 100 + (word >> 16 & 255) * 10 + (word >> 24));
}
#endif
