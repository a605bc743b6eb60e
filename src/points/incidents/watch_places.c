/* Longest prefix of a table of networks: one hash over (length, masked address), asked for each length that occurs, the longest first.
 *
 * SECURITY: the table is the administrator's; a row that cannot be is refused with its number, since a place that silently is missing
 * would switch the rule off for that network. */
#include "watch_places.h"
#include <arpa/inet.h>
#include <math.h>

struct row { uint8_t net[16]; uint8_t length; bool is_there, has_place; struct watch_place place; };
struct watch_places { struct row *rows; size_t mask, n; bool has_length[129]; };

static void cover(const uint8_t in[16], int length, uint8_t out[16])
{
	for (int i = 0; i < 16; i++) {
		int bits = length - i * 8;
		out[i] = bits >= 8 ? in[i] : bits <= 0 ? 0 : (uint8_t)(in[i] & 0xff << (8 - bits));
	}
}

/* IPv4 lies in ::ffff:0:0/96. */
static bool address_of(struct str s, uint8_t ret[16], bool *ret_is_v4)
{
	char text[64];
	struct in_addr four;

	if (!s.len || s.len >= sizeof text)
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	*ret_is_v4 = inet_pton(AF_INET, text, &four) == 1;
	if (!*ret_is_v4)
		return inet_pton(AF_INET6, text, ret) == 1;
	memset(ret, 0, 10);
	ret[10] = ret[11] = 0xff;
	memcpy(ret + 12, &four, 4);
	return true;
}

static struct row *slot(const struct watch_places *places, const uint8_t net[16], int length)
{
	size_t at = (str_hash((struct str){ (const char *)net, 16 }) + (size_t)length * 0x9e3779b9u) & places->mask;

	while (places->rows[at].is_there && (places->rows[at].length != length || memcmp(places->rows[at].net, net, 16) != 0))
		at = (at + 1) & places->mask;
	return &places->rows[at];
}

static struct str cell(struct str *row)
{
	struct str s = str_trim(str_cut(row, ','));

	if (s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"')
		s = (struct str){ s.at + 1, s.len - 2 };
	return s;
}

static bool degrees(struct str s, double most, double *ret)
{
	char text[40], *end;

	if (!s.len || s.len >= sizeof text || !memchr("+-0123456789.", s.at[0], 13))
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	if (strspn(text, "+-0123456789.eE") != s.len)
		return false;
	*ret = strtod(text, &end);
	return *end == '\0' && *ret >= -most && *ret <= most;
}

static bool take_row(struct watch_places *places, struct str line)
{
	struct str net = cell(&line), country = cell(&line), latitude = cell(&line), longitude = cell(&line);
	struct str address = str_first(net, str_find(net, '/'));
	uint8_t whole[16], covered[16];
	int64_t length;
	bool is_v4;
	struct row row = { .is_there = true };

	if (!address_of(address, whole, &is_v4))
		return false;
	length = is_v4 ? 32 : 128;
	if (address.len < net.len && str_number(str_from(net, address.len + 1), length, &length) != OK)
		return false;
	length += is_v4 ? 96 : 0;
	if (latitude.len || longitude.len) {
		row.has_place = true;
		if (!degrees(latitude, 90, &row.place.latitude) || !degrees(longitude, 180, &row.place.longitude))
			return false;
	}
	memcpy(row.place.country, country.at ? country.at : "", MIN(country.len, sizeof row.place.country - 1));
	cover(whole, (int)length, covered);
	row.length = (uint8_t)length;
	memcpy(row.net, covered, 16);
	*slot(places, covered, (int)length) = row;
	places->has_length[length] = true;
	return true;
}

enum err watch_places_read(struct rq *rq, struct str csv, struct watch_places **ret)
{
	static const char header[] = "network,country,latitude,longitude";
	size_t lines = 2, slots = 64, number = 1;

	if (str_starts(csv, STR("\xef\xbb\xbf")))
		csv = str_from(csv, 3);
	for (size_t i = 0; i < csv.len; i++)
		lines += csv.at[i] == '\n';
	while (slots < lines * 2)
		slots *= 2;
	struct watch_places *places = NEW(rq->arena, struct watch_places);
	places->rows = NEW_MANY(rq->arena, slots, struct row);
	places->mask = slots - 1;
	if (!str_equal(str_trim(str_cut(&csv, '\n')), str_of(header)))
		return fail(rq, ERR_INVALID, _("--places: the first line must be %s"), header);
	while (csv.len) {
		struct str line = str_trim(str_cut(&csv, '\n'));
		number++;
		if (line.len && line.at[0] != '#' && !take_row(places, line))
			return fail(rq, ERR_INVALID, _("--places, line %zu: want a network, a country, a latitude and a longitude"), number);
	}
	*ret = places;
	return OK;
}

bool watch_places_find(const struct watch_places *places, struct str address, struct watch_place *ret)
{
	uint8_t whole[16], covered[16];
	bool is_v4;

	if (!address_of(address, whole, &is_v4))
		return false;
	for (int length = 128; length >= 0; length--) {
		if (!places->has_length[length])
			continue;
		cover(whole, length, covered);
		const struct row *row = slot(places, covered, length);
		if (row->is_there) {
			*ret = row->place;
			return row->has_place;
		}
	}
	return false;
}

double watch_distance_km(const struct watch_place *a, const struct watch_place *b)
{
	const double to_rad = 3.14159265358979323846 / 180;
	double x = sin((b->latitude - a->latitude) * to_rad / 2), y = sin((b->longitude - a->longitude) * to_rad / 2);
	double h = x * x + cos(a->latitude * to_rad) * cos(b->latitude * to_rad) * y * y;

	return 2 * 6371.0088 * asin(sqrt(h < 1 ? h : 1));
}
