/* Messages of one plain shape, without the machine of lines_form.c: nine of ten lines of a log are of a few shapes, with a name that is one
 * word and an address that is one.
 *
 * A shape is literal text with %u (a word), %a (an IPv4 address as it is kept, or an IPv6 one), %n (digits) and, last, %k (a key: two words at the
 * most, too few to hold another address) or %* (whatever follows, where the table looks no further either). What it means is not written twice: at the start an example of each is given to the tables of forms, and what they make of it is the
 * shape's answer. Nothing is tried twice: what does not fit is left to the tables.
 *
 * SECURITY: a word holds no blank, quote or slash, so no stranger's name can hold the rest of a message; lines_test.c plays both ways with words
 * that are messages' own and compares. */
#include "doors/lines_parts.h"
#include "base/scan.h"

enum { MOST_SHAPES = 40, MOST_PIECES = 12, SLOTS = 64, NONE = 255 };
struct piece { char kind; uint8_t len; const char *at; uint64_t first, mask, second, last; };    /* kind: 0 the end, '"' literal, or its letter */
struct shape { struct piece piece[MOST_PIECES]; uint64_t beginning; uint8_t next; struct line_found found; char reason[48]; };
struct line_plain { struct shape shape[MOST_SHAPES]; size_t n; uint8_t first[SLOTS]; };

/* Of the first 13 bytes; every shape begins with as many that are literal. */
enum { BEGINNING = 13 };
static inline uint64_t beginning_of(const char *at)
{
	uint64_t a, b;

	memcpy(&a, at, 8);
	memcpy(&b, at + BEGINNING - 8, 8);
	return a * 0x9e3779b97f4a7c15u ^ b * 0xd6e8feb86659fd93u;
}

static inline size_t slot_of(uint64_t beginning)
{
	return beginning >> 58;
}

static inline __attribute__((always_inline)) bool has_literal(const struct piece *piece, const char *at, const char *end)
{
	size_t len = piece->len;
	uint64_t word;

	if ((size_t)(end - at) < len)
		return false;
	if (end - at < 8)
		return memcmp(at, piece->at, len) == 0;
	memcpy(&word, at, 8);
	if ((word ^ piece->first) & piece->mask)
		return false;
	if (len <= 8)
		return true;
	memcpy(&word, at + len - 8, 8);
	if (word != piece->last)
		return false;
	if (len <= 16)
		return true;
	memcpy(&word, at + 8, 8);
	return word == piece->second && (len <= 24 || memcmp(at + 16, piece->at + 16, len - 24) == 0);
}

/* An address and the blank behind it, or the end. */
static inline const char *address_end(const char *at, const char *end, bool *ret_is_tidy)
{
	const char *p = scan_four(at, end, NULL);

	*ret_is_tidy = p != NULL;
	if (!p) {
		size_t colons = 0;
		for (p = at; p < end && scan_class[(unsigned char)*p] & SCAN_SIX; p++)
			colons += *p == ':';
		if (colons < 2 || p - at > 39 || (p[-1] == ':' && p[-2] != ':'))
			return NULL;
	}
	return p == end || *p == ' ' ? p : NULL;
}

static bool is_key(const char *at, const char *end)
{
	const char *blank = memchr(at, ' ', (size_t)(end - at));

	return !blank || !memchr(blank + 1, ' ', (size_t)(end - blank) - 1);
}

static bool is_shape(const struct shape *shape, struct str s, struct line_plain_found *ret)
{
	const char *at = s.at, *end = s.at + s.len, *p;
	struct str user = STR_NONE, address = STR_NONE;
	bool is_tidy = false;

	for (const struct piece *piece = shape->piece; ; piece++, at = p)
		switch (piece->kind) {
		case '"':
			if (!has_literal(piece, at, end))
				return false;
			p = at + piece->len;
			break;
		case 'u':
			if ((p = scan_words(at, end)) == at)
				return false;
			user = (struct str){ at, (size_t)(p - at) };
			break;
		case 'n':
			if ((p = scan_digits(at, end)) == at)
				return false;
			break;
		case 'a':
			if (!(p = address_end(at, end, &is_tidy)))
				return false;
			address = (struct str){ at, (size_t)(p - at) };
			break;
		default:
			if (at != end && piece->kind != '*' && (piece->kind != 'k' || !is_key(at, end)))
				return false;
			*ret = (struct line_plain_found){ &shape->found, user, address, is_tidy };
			return true;
		}
}

bool plain_look(const struct line_plain *plain, struct str s, struct line_plain_found *ret)
{
	if (s.len < BEGINNING)
		return false;
	uint64_t beginning = beginning_of(s.at);
	for (uint8_t i = plain->first[slot_of(beginning)]; i != NONE; i = plain->shape[i].next)
		if (plain->shape[i].beginning == beginning && is_shape(&plain->shape[i], s, ret))
			return true;
	return false;
}

bool plain_match(const struct line_plain *plain, struct str s, struct line_found *ret)
{
	struct line_plain_found found;

	if (!plain_look(plain, s, &found))
		return false;
	*ret = *found.what;
	ret->user = found.user;
	ret->address = found.address;
	ret->is_tidy = found.is_tidy;
	return true;
}

/* --- learning --- */

static void compile(const char *text, struct shape *ret)
{
	size_t n = 0;

	while (*text) {
		assert(n < MOST_PIECES - 1);
		struct piece *piece = &ret->piece[n++];
		size_t len = *text == '%' ? 0 : strcspn(text, "%");
		assert(len < 256);
		*piece = (struct piece){ .kind = len ? '"' : text[1], .len = (uint8_t)len, .at = text };
		memcpy(&piece->first, text, MIN(len, (size_t)8));
		piece->mask = len >= 8 ? UINT64_MAX : ((uint64_t)1 << 8 * len) - 1;
		if (len >= 8) {
			memcpy(&piece->second, text + (len >= 16 ? 8 : 0), 8);
			memcpy(&piece->last, text + len - 8, 8);
		}
		text += len ? len : 2;
	}
	assert(ret->piece[0].len >= BEGINNING);
	ret->beginning = beginning_of(ret->piece[0].at);
}

#define NAME "x"
#define PLACE "192.0.2.1"
static size_t example(const struct shape *shape, char *room, size_t size)
{
	size_t n = 0;

	for (const struct piece *p = shape->piece; p->kind; p++) {
		struct str s = p->kind == '"' ? (struct str){ p->at, p->len } : str_of(p->kind == 'u' ? NAME : p->kind == 'a' ? PLACE : p->kind == 'n' ? "7" : "z");
		assert(n + s.len < size);
		memcpy(room + n, s.at, s.len);
		n += s.len;
	}
	return n;
}

static bool has_piece(const struct shape *shape, char kind)
{
	for (const struct piece *p = shape->piece; p->kind; p++)
		if (p->kind == kind)
			return true;
	return false;
}

/* What the tables make of the example; a shape whose name or address they do not see is wrong, and stops every start. */
static void learn(struct shape *shape, int service, bool (*judge)(int, struct str, struct line_found *))
{
	char room[400];
	struct str s = { room, example(shape, room, sizeof room) };
	struct line_found *found = &shape->found;

	bool is_known = judge(service, s, found);
	assert(is_known && !found->session.at && found->count == 1 && !found->is_time);
	assert(str_equal(found->user, has_piece(shape, 'u') ? STR(NAME) : STR_NONE) && str_equal(found->address, has_piece(shape, 'a') ? STR(PLACE) : STR_NONE));
	(void)is_known;
	found->has_port = false;
	found->pam = STR_NONE;                   /* has done its work */
	if (found->reason.at) {
		assert(found->reason.len <= sizeof shape->reason);
		found->reason = (struct str){ memcpy(shape->reason, found->reason.at, found->reason.len), found->reason.len };
	}
}

struct line_plain *plain_new(int service, bool (*judge)(int, struct str, struct line_found *))
{
	const char *const *text = line_services[service]->plain;
	struct line_plain *plain = text ? calloc(1, sizeof *plain) : NULL;

	if (!plain)
		return NULL;
	memset(plain->first, NONE, sizeof plain->first);
	for (; *text; text++) {
		assert(plain->n < MOST_SHAPES);
		struct shape *shape = &plain->shape[plain->n];
		compile(*text, shape);
		learn(shape, service, judge);
		uint8_t *first = &plain->first[slot_of(shape->beginning)];
		while (*first != NONE)
			first = &plain->shape[*first].next;
		shape->next = NONE;
		*first = (uint8_t)plain->n++;
	}
	return plain;
}
