/* Host and program as they were met before: few of them are met in a log, so they are read once and compared afterwards.
 *
 * names_next takes the carrier of a line whose time lies in the minute of the line before it and whose host and program have been met: most
 * lines of a log are like that. It gives what carrier_take gives, or leaves the line to it (lines_test.c compares them). */
#include "doors/lines_parts.h"

const bool name_byte[256] = { ['0' ... '9'] = true, ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['.'] = true, ['_'] = true, ['-'] = true,
	['/'] = true, ['@'] = true, ['+'] = true, ['\\'] = true };

static inline struct line_names *names_slot(const struct line_clock *clock, const char *host, size_t n_host)
{
	uint64_t name;
	uint32_t head;

	memcpy(&name, host, 8);                  /* a host has eight bytes behind it at least */
	if (n_host < 8)
		name &= ((uint64_t)1 << 8 * n_host) - 1;
	else
		memcpy(&name, host + n_host - 8, 8);
	memcpy(&head, host + n_host + 1, 4);
	return &clock->names[((name * 0x9e3779b97f4a7c15u) ^ (head * 0x85ebca77c2b2ae63u)) >> 56];
}

/* Eight bytes at a time: where the first blank stands, at most `most`. There are 8 bytes behind `most`. */
static inline size_t first_blank(const char *at, size_t most)
{
	for (size_t n = 0; n < most; n += 8) {
		uint64_t word;
		memcpy(&word, at + n, 8);
		word ^= 0x2020202020202020u;
		uint64_t hit = (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
		if (hit)
			return n + (size_t)__builtin_ctzll(hit) / 8;
	}
	return most;
}

/* The length of a host's name that has at least a short program behind it; 0 for none. */
static inline size_t host_length(struct str s)
{
	if (s.len < 16)
		return 0;
	size_t most = MIN((size_t)64, s.len - 8), n = first_blank(s.at, most);
	return n < most && n + 8 < s.len && n < 64 ? n : 0;
}

/* The names' text has room to be read to its end by sixteens. */
static inline bool is_same_text(const char *at, const char *text, size_t n)
{
	for (size_t i = 0; i + 8 < n; i += 8) {
		uint64_t a, b;
		memcpy(&a, at + i, 8);
		memcpy(&b, text + i, 8);
		if (a != b)
			return false;
	}
	uint64_t a, b;
	memcpy(&a, at + n - 8, 8);
	memcpy(&b, text + n - 8, 8);
	return a == b;
}

/* Names of eight bytes at least: with a shorter one the line goes the slow way. */
static inline __attribute__((always_inline)) bool known(const struct line_clock *clock, struct str s, struct line_record *ret)
{
	size_t n_host = host_length(s);

	if (!n_host)
		return false;
	struct line_names *names = names_slot(clock, s.at, n_host);
	size_t n = names->n;
	if (n < 8 || s.len < n + 3 || !is_same_text(s.at, names->text, n))
		return false;
	ret->pid = STR_NONE;
	if (names->has_pid) {
		const char *from = s.at + n, *end = s.at + s.len, *p = from;
		while (p < end && *p >= '0' && *p <= '9')
			p++;
		if (p == from || p - from > 20 || end - p < 2 || p[0] != ']' || p[1] != ':')
			return false;
		ret->pid = (struct str){ from, (size_t)(p - from) };
		n = (size_t)(p - s.at) + 2;
	}
	if (n + 1 >= s.len || s.at[n] != ' ' || s.at[n + 1] == '[')
		return false;
	ret->text = str_from(s, n + 1);
	ret->names = names;
	return true;
}

static void fill(struct line_record *record, const char *host)
{
	const struct line_names *names = record->names;

	record->host = (struct str){ host, names->n_host };
	record->program = (struct str){ host + names->n_host + 1, (size_t)names->n - names->n_host - 2 };
}

bool names_known(const struct line_clock *clock, struct str s, struct line_record *ret)
{
	if (!known(clock, s, ret))
		return false;
	fill(ret, s.at);
	return true;
}

void names_fill(struct line_record *record)
{
	fill(record, record->bare.at);
}

void names_remember(const struct line_clock *clock, struct str s, struct line_record *ret)
{
	size_t n_host = host_length(s), n = (size_t)(ret->program.at - s.at) + ret->program.len;

	if (!clock->names || n_host != ret->host.len || ret->program.at != s.at + n_host + 1 || n + 1 > sizeof (ret->names->text) || n >= s.len
	    || s.at[n] != (ret->pid.at ? '[' : ':'))
		return;
	for (size_t i = 0; i < n_host; i++)
		if (!name_byte[(unsigned char)s.at[i]])
			return;
	struct line_names *names = ret->names = names_slot(clock, s.at, n_host);
	*names = (struct line_names){ .n = (uint8_t)(n + 1), .n_host = (uint8_t)n_host, .has_pid = ret->pid.at != NULL, .host_hash = str_hash(ret->host),
		.program_hash = str_hash(ret->program) };
	memcpy(names->text, s.at, n + 1);
}

/* A host's small letter first: what begins otherwise may be a zone or a year. */
bool names_next(struct line_clock *clock, struct str s, struct line_record *ret)
{
	uint64_t now[2], last[2];

	if (s.len < 40 || !clock->names || !clock->last[0])
		return false;
	memcpy(now, s.at, 8);
	memcpy(now + 1, s.at + 5, 8);            /* 13 bytes: to the minute's colon */
	memcpy(last, clock->last, 8);
	memcpy(last + 1, clock->last + 5, 8);
	unsigned tens = (unsigned char)s.at[13] - '0', ones = (unsigned char)s.at[14] - '0';
	if (now[0] != last[0] || now[1] != last[1] || tens > 5 || ones > 9 || s.at[15] != ' ' || s.at[16] < 'a' || s.at[16] > 'z')
		return false;
	ret->names = NULL;
	ret->bare = str_from(s, 16);
	ret->has_time = true;
	ret->at.ms = clock->last_minute_ms + (tens * 10 + ones) * 1000;
	return known(clock, ret->bare, ret);
}
