/* One pass over the text; the form that RFC 5952 wants is judged by the groups: no needless zero, "::" for the longest run of two or more,
 * the first of several. What inet_ntop writes with dots (::ffff:192.0.2.1 and ::192.0.2.1) is left to it. */
#include "base/address.h"

enum { GROUPS = 8 };

/* One group; false for none or more than four digits. */
static inline bool group(const char **at, const char *end, unsigned *ret, bool *is_short)
{
	const char *from = *at, *p = from;
	unsigned value = 0;

	for (; p < end && p - from < 5; p++) {
		unsigned char c = (unsigned char)*p;
		if (c >= '0' && c <= '9')
			value = value << 4 | (c - (unsigned)'0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			value = value << 4 | ((c | 32u) - (unsigned)'a' + 10), *is_short &= c >= 'a';
		else
			break;
	}
	*is_short &= *from != '0' || p - from == 1;
	*ret = value;
	*at = p;
	return p > from && p - from <= 4;
}

/* The longest run of two or more zeros, the first of several. */
static bool is_gap_right(const unsigned *groups, int gap, int n_gap)
{
	int best = 0, best_at = -1;

	for (int i = 0, n = 0; i < GROUPS; i++) {
		n = groups[i] ? 0 : n + 1;
		if (n > best) {
			best = n;
			best_at = i - n + 1;
		}
	}
	return best < 2 ? gap < 0 : gap == best_at && n_gap == best;
}

bool address_six(struct str s, uint8_t ret[16], bool *ret_is_short)
{
	const char *at = s.at, *end = s.at + s.len;
	unsigned groups[GROUPS] = { 0 };
	int n = 0, gap = -1;
	bool is_short = true;

	if (s.len < 2 || s.len > 39)
		return false;
	if (at[0] == ':') {
		if (at[1] != ':')
			return false;
		gap = 0;
		at += 2;
	}
	while (at < end) {
		if (n == GROUPS || !group(&at, end, &groups[n], &is_short))
			return false;
		n++;
		if (at == end)
			break;
		if (*at++ != ':' || at == end)
			return false;
		if (*at == ':') {
			if (gap >= 0)
				return false;
			gap = n;
			at++;
		}
	}
	if (gap < 0 ? n != GROUPS : n >= GROUPS)
		return false;
	int n_gap = gap < 0 ? 0 : GROUPS - n;
	for (int i = n; gap >= 0 && i-- > gap; ) {
		groups[i + n_gap] = groups[i];
		groups[i] = 0;
	}
	for (int i = 0; i < GROUPS; i++) {
		ret[2 * i] = (uint8_t)(groups[i] >> 8);
		ret[2 * i + 1] = (uint8_t)groups[i];
	}
	*ret_is_short = is_short && is_gap_right(groups, gap, n_gap) && !(gap == 0 && n_gap >= 5);
	return true;
}
