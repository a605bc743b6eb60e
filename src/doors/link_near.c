/* How far two folded names are apart: edits, as somebody makes them who wants a name that is read as ours.
 *
 * A letter put in, left out or exchanged, and two that change places, are one edit (optimal string alignment). So is an inserted "es",
 * and half an edit is the exchange of letters that are read for each other at a glance (n for m, cl for d). Counted in halves, on at
 * most 64 letters. Most pairs are told apart by their length and by which letters they have, before anything is computed.
 *
 * SECURITY: pure, no allocation; the work for a pair is bounded by 64 x 64 steps. */
#include "link_parts.h"

/* Read for each other. Both ways; i is l and 0 is o here already. */
static const char alike[][2] = {
	{ 'm', 'n' }, { 'n', 'r' }, { 'b', 'd' }, { 'c', 'e' }, { 'g', 'q' }, { 'u', 'v' }, { '3', '8' }, { '6', '9' }, { '3', 'e' }, { '4', 'a' },
	{ '5', 's' }, { '7', 't' }, { '8', 'b' }, { '6', 'b' }, { '9', 'g' }, { '2', 'z' }, { 'l', 'j' }, { 'h', 'n' }, { 'b', 'h' }, { 'v', 'y' },
};
/* One letter, two that are read for it, and what that costs; by the letter. */
static const struct { char one, two[2]; uint8_t cost; } pair[] = {
	{ 'b', { 'l', 'b' }, 1 }, { 'd', { 'c', 'l' }, 1 }, { 'd', { 'd', 'l' }, 1 }, { 'h', { 'l', 'h' }, 1 }, { 'h', { 'l', 'n' }, 1 },
	{ 'k', { 'l', 'c' }, 1 }, { 'k', { 'l', 'k' }, 1 }, { 'm', { 'r', 'n' }, 0 }, { 'm', { 'n', 'n' }, 1 }, { 'm', { 'r', 'r' }, 1 },
	{ 'u', { 'l', 'l' }, 1 }, { 'w', { 'v', 'v' }, 0 }, { 'w', { 'u', 'u' }, 1 },
};
enum { FAR = 1000 };
static uint8_t is_alike[256][32], first_pair[256];    /* bits; index + 1. Filled once, before main */

static __attribute__((constructor)) void prepare(void)
{
	for (size_t i = 0; i < LENGTH(alike); i++) {
		unsigned char a = (unsigned char)alike[i][0], b = (unsigned char)alike[i][1];
		is_alike[a][b / 8] |= (uint8_t)(1 << b % 8);
		is_alike[b][a / 8] |= (uint8_t)(1 << a % 8);
	}
	for (size_t i = LENGTH(pair); i-- > 0; )
		first_pair[(unsigned char)pair[i].one] = (uint8_t)(i + 1);
}

/* A bit for a letter that is there, another when it is there twice: an edit changes two bits at most, and a part has no bit that the
 * whole lacks. */
uint64_t link_letters(const uint8_t *at, size_t n)
{
	uint64_t letters = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_letter = at[i] >= 'a' && at[i] <= 'z';
		uint64_t bit = (uint64_t)1 << (is_letter ? at[i] - 'a' : at[i] >= '0' && at[i] <= '9' ? 26 + at[i] - '0' : 36 + at[i] % 2);
		letters |= is_letter && letters & bit ? bit << 38 : bit;
	}
	return letters;
}

struct link_near link_near_of(struct str folded)
{
	struct link_near near = { .len = 0 };

	for (size_t i = 0; i < folded.len && near.len < sizeof near.at; i++) {
		unsigned char c = (unsigned char)folded.at[i];
		if (c == '-' || c == '.')
			continue;
		near.at[near.len++] = c;
	}
	near.letters = link_letters(near.at, near.len);
	return near;
}

/* What it costs to read the two for the one. */
static int pair_cost(uint8_t one, const uint8_t *two)
{
	if (first_pair[one])
		for (size_t i = first_pair[one] - 1u; i < LENGTH(pair) && (uint8_t)pair[i].one == one; i++)
			if ((uint8_t)pair[i].two[0] == two[0] && (uint8_t)pair[i].two[1] == two[1])
				return pair[i].cost;
	return FAR;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* One field of the table; a[i - 1] and b[j - 1] are the last letters. Rows i, i - 1, i - 2. */
static int field(const struct link_near *a, const struct link_near *b, size_t i, size_t j, int *const row[3])
{
	const uint8_t *p = a->at, *q = b->at;
	uint8_t x = p[i - 1], y = q[j - 1];
	int cost = row[1][j - 1] + (x == y ? 0 : is_alike[x][y / 8] & 1 << y % 8 ? 1 : 2);

	cost = least(cost, least(row[1][j], row[0][j - 1]) + 2);
	if (i > 1 && j > 1 && x == q[j - 2] && p[i - 2] == y)
		cost = least(cost, row[2][j - 2] + 2);
	if (j > 1 && y == 's' && q[j - 2] == 'e')
		cost = least(cost, row[0][j - 2] + 2);
	if (j > 1)
		cost = least(cost, row[1][j - 2] + pair_cost(x, q + j - 2));
	if (i > 1)
		cost = least(cost, row[2][j - 1] + pair_cost(y, p + i - 2));
	return cost;
}

/* The cheap half of the answer: an edit changes two bits, half an edit too, or three when it makes two letters of one. */
bool link_may_be_near(uint64_t own, size_t n, uint64_t other, size_t m, int most)
{
	uint64_t differs = own ^ other;
	int bits = 0, most_bits = most > 2 ? 7 : 5;

	if ((n > m ? n - m : m - n) > (size_t)most / 2 + 2)
		return false;
	for (; differs && bits <= most_bits; bits++)
		differs &= differs - 1;
	return bits <= most_bits;
}

bool link_is_near(const struct link_near *own, const struct link_near *other, int most)
{
	int room[3][65];
	size_t band = (size_t)most / 2 + 2, n = own->len, m = other->len;
	int before = 0;

	if (!link_may_be_near(own->letters, n, other->letters, m, most))
		return false;
	for (size_t j = 0; j <= m; j++) {
		room[0][j] = 2 * (int)j;
		room[1][j] = room[2][j] = FAR;
	}
	if (m >= 2 && other->at[0] == 'e' && other->at[1] == 's')
		room[0][2] = 2;
	for (size_t i = 1; i <= n; i++) {
		int *row[3] = { room[i % 3], room[(i + 2) % 3], room[(i + 1) % 3] };
		size_t from = i > band ? i - band : 1, to = MIN(m, i + band);
		int best = FAR;
		row[0][0] = 2 * (int)i;
		if (from > 1)
			row[0][from - 1] = row[0][from - 2] = FAR;
		for (size_t j = from; j <= to; j++) {
			row[0][j] = field(own, other, i, j, row);
			best = least(best, row[0][j]);
		}
		if (to < m)
			row[0][to + 1] = FAR;
		if (best > most && before > most)
			return false;
		before = best;
	}
	return room[n % 3][m] <= most;
}
