/* Where an address is: a file in MaxMind's form (MMDB 2, "City" or what else tells coordinates), which the administrator gives by watch.places.
 *
 * keeper hands it over, and again when another takes its name. A tree over the bits of an address leads to a record; of it location.latitude and
 * .longitude count. What says nothing of a place has none: no coordinates, a radius over a quarter of what is a journey, or the mark of an
 * anonymous network. core is told when the file was built, or that it cannot be used, so that the rule says that it is off.
 *
 * SECURITY: the file comes from outside: it is read with pread, never mapped, a block at a time; every offset is checked, and depth and steps
 * are bounded. An address is looked up here and nowhere else. */
#include <arpa/inet.h>
#include "doors/logs_parts.h"

enum { META_MOST = 128 << 10, BLOCK = 4096, DEEPEST = 12, STEPS = 4096, NODES_TRIED = 200000, TREE_BITS = 128, RADIUS_MOST_KM = 125,
       POINTER = 1, TEXT = 2, DOUBLE = 3, UINT32 = 6, MAP = 7, ARRAY = 11, BOOLEAN = 14, FLOAT = 15 };

static struct {
	int      fd;                     /* -1: none that can be used */
	int64_t  size, built_at;
	uint32_t nodes, record_bits, four_at;    /* where IPv4 begins in a tree of IPv6 */
	bool     is_six;
	int64_t  data_at, data_end;
	int64_t  block_at; ssize_t block_n;
	unsigned char block[BLOCK];
} places = { .fd = -1, .block_at = -1 };

static bool byte_at(int64_t at, unsigned *ret)
{
	int64_t from = at - at % BLOCK;

	if (at < 0 || at >= places.size)
		return false;
	if (from != places.block_at) {
		places.block_n = pread(places.fd, places.block, BLOCK, from);
		places.block_at = from;
	}
	if (at - from >= places.block_n)
		return false;
	*ret = places.block[at - from];
	return true;
}

static bool number_at(int64_t at, unsigned n, uint64_t *ret)
{
	unsigned byte;

	*ret = 0;
	for (unsigned i = 0; i < n; i++, *ret = *ret << 8 | byte)
		if (!byte_at(at + i, &byte))
			return false;
	return true;
}

/* --- values --- */

struct value { unsigned type; uint64_t n; int64_t at, next; };    /* at: its bytes; next: what stands behind it */
struct walk { int64_t base; int steps; };

static bool pointer_at(const struct walk *walk, unsigned control, int64_t at, struct value *ret)
{
	static const uint32_t add[] = { 0, 2048, 526336, 0 };
	unsigned bytes = (control >> 3 & 3) + 1;
	uint64_t low;

	if (!number_at(at, bytes, &low))
		return false;
	uint64_t to = bytes == 4 ? low : ((uint64_t)(control & 7) << 8 * bytes) + low + add[bytes - 1];
	*ret = (struct value){ POINTER, 0, walk->base + (int64_t)to, at + bytes };
	return true;
}

/* What stands at `at`, as it is. */
static bool raw_value(struct walk *walk, int64_t at, struct value *ret)
{
	unsigned control, type;
	uint64_t more;

	if (++walk->steps > STEPS || !byte_at(at++, &control))
		return false;
	if ((type = control >> 5) == POINTER)
		return pointer_at(walk, control, at, ret);
	if (type == 0) {
		if (!byte_at(at++, &type))
			return false;
		type += 7;
	}
	uint64_t n = control & 31;
	if (n >= 29) {
		unsigned bytes = (unsigned)n - 28;
		if (!number_at(at, bytes, &more))
			return false;
		n = more + (bytes == 1 ? 29 : bytes == 2 ? 285 : 65821);
		at += bytes;
	}
	*ret = (struct value){ type, n, at, at + (type == MAP || type == ARRAY || type == BOOLEAN ? 0 : (int64_t)n) };
	return true;
}

/* The same, through a pointer. */
static bool value_at(struct walk *walk, int64_t at, struct value *ret)
{
	struct value to;

	if (!raw_value(walk, at, ret))
		return false;
	if (ret->type != POINTER)
		return true;
	if (!raw_value(walk, ret->at, &to) || to.type == POINTER)
		return false;
	to.next = ret->next;
	*ret = to;
	return true;
}

static bool skip(struct walk *walk, const struct value *value, int depth, int64_t *ret)
{
	struct value one;
	int64_t at = value->at;

	*ret = value->next;
	if (value->type != MAP && value->type != ARRAY)
		return true;
	for (uint64_t i = 0; i < value->n * (value->type == MAP ? 2 : 1); i++)
		if (depth > DEEPEST || !raw_value(walk, at, &one) || !skip(walk, &one, depth + 1, &at))
			return false;
	*ret = at;
	return true;
}

/* The value of a key of a map; false: there is none. */
static bool value_of(struct walk *walk, const struct value *map, const char *key, struct value *ret)
{
	struct value name, value;
	size_t n = strlen(key);
	int64_t at = map->at;
	unsigned byte;

	for (uint64_t i = 0; map->type == MAP && i < map->n; i++) {
		if (!value_at(walk, at, &name) || name.type != TEXT || !raw_value(walk, name.next, &value))
			return false;
		size_t k = 0;
		while (k < n && name.n == n && byte_at(name.at + (int64_t)k, &byte) && byte == (unsigned char)key[k])
			k++;
		if (k == n && name.n == n)
			return value_at(walk, name.next, ret);
		if (!skip(walk, &value, 0, &at))
			return false;
	}
	return false;
}

static bool real_of(const struct value *value, double *ret)
{
	uint64_t bits;
	uint32_t half;
	float small;

	if (value->type == DOUBLE && value->n == 8 && number_at(value->at, 8, &bits)) {
		memcpy(ret, &bits, sizeof *ret);
		return true;
	}
	if (value->type != FLOAT || value->n != 4 || !number_at(value->at, 4, &bits))
		return false;
	half = (uint32_t)bits;
	memcpy(&small, &half, sizeof small);
	*ret = (double)small;
	return true;
}

static bool number_of(struct walk *walk, const struct value *map, const char *key, uint64_t *ret)
{
	struct value value;

	return value_of(walk, map, key, &value) && value.type != TEXT && value.type != MAP && value.type != ARRAY && value.n <= 8 && number_at(value.at, (unsigned)value.n, ret);
}

/* --- a place --- */

static bool is_anonymous(struct walk *walk, const struct value *of)
{
	static const char *const marks[] = { "is_anonymous", "is_anonymous_vpn", "is_anonymous_proxy", "is_hosting_provider", "is_public_proxy", "is_tor_exit_node", "is_satellite_provider" };
	struct value mark;

	for (size_t i = 0; i < LENGTH(marks); i++)
		if (value_of(walk, of, marks[i], &mark) && mark.type == BOOLEAN && mark.n)
			return true;
	return false;
}

static bool place_at(int64_t at, float ret[2])
{
	struct walk walk = { .base = places.data_at };
	struct value record, location, traits, latitude, longitude;
	double y, x;
	uint64_t radius;

	if (!value_at(&walk, at, &record) || is_anonymous(&walk, &record) || (value_of(&walk, &record, "traits", &traits) && is_anonymous(&walk, &traits))
	    || !value_of(&walk, &record, "location", &location) || (number_of(&walk, &location, "accuracy_radius", &radius) && radius > RADIUS_MOST_KM)
	    || !value_of(&walk, &location, "latitude", &latitude) || !value_of(&walk, &location, "longitude", &longitude)
	    || !real_of(&latitude, &y) || !real_of(&longitude, &x) || !(y >= -90 && y <= 90 && x >= -180 && x <= 180))
		return false;
	ret[0] = (float)y;
	ret[1] = (float)x;
	return true;
}

/* --- the tree --- */

static bool child_of(uint32_t node, unsigned side, uint32_t *ret)
{
	unsigned bytes = places.record_bits * 2 / 8;
	int64_t at = (int64_t)node * bytes;
	uint64_t whole, middle;

	if (places.record_bits == 28) {
		if (!number_at(at + (side ? 4 : 0), 3, &whole) || !number_at(at + 3, 1, &middle))
			return false;
		*ret = (uint32_t)(whole | (side ? middle & 15 : middle >> 4) << 24);
		return true;
	}
	if (!number_at(at + side * (bytes / 2), bytes / 2, &whole))
		return false;
	*ret = (uint32_t)whole;
	return true;
}

/* Where a leaf's record stands; 0: it has none. */
static int64_t record_of(uint32_t leaf)
{
	int64_t at = places.data_at + (int64_t)leaf - places.nodes - 16;
	return leaf > places.nodes && at >= places.data_at && at < places.data_end ? at : 0;
}

bool logs_places_find(struct str address, float ret[2])
{
	unsigned char bytes[16];
	char text[INET6_ADDRSTRLEN];

	if (places.fd < 0 || !address.len || address.len >= sizeof text)
		return false;
	memcpy(text, address.at, address.len);
	text[address.len] = '\0';
	bool is_four = inet_pton(AF_INET, text, bytes) == 1;
	if (!is_four && (!places.is_six || inet_pton(AF_INET6, text, bytes) != 1))
		return false;
	uint32_t node = is_four ? places.four_at : 0;
	for (unsigned i = 0; i < (is_four ? 32u : 128u) && node < places.nodes; i++)
		if (!child_of(node, bytes[i / 8] >> (7 - i % 8) & 1, &node))
			return false;
	int64_t at = record_of(node);
	return at && place_at(at, ret);
}

/* Does any record tell a place? A file of countries, or of providers, does not. */
static bool has_some_place(void)
{
	static struct { uint32_t node; unsigned side; } way[TREE_BITS + 1];
	int depth = 0, tried = 0;
	float place[2];

	way[0].node = way[0].side = 0;
	while (depth >= 0 && tried++ < NODES_TRIED) {
		uint32_t to;
		if (way[depth].side == 2) {
			depth--;
			continue;
		}
		if (!child_of(way[depth].node, way[depth].side++, &to))
			return false;
		if (to < places.nodes && depth < TREE_BITS) {
			depth++;
			way[depth].node = to;
			way[depth].side = 0;
		} else if (record_of(to) && place_at(record_of(to), place)) {
			return true;
		}
	}
	return false;
}

/* --- the file --- */

/* Where the metadata begins: behind the last mark. */
static int64_t meta_at(void)
{
	static const char mark[] = "\xab\xcd\xefMaxMind.com";
	static char tail[META_MOST];
	int64_t from = MAX(places.size - META_MOST, (int64_t)0);
	ssize_t got = pread(places.fd, tail, sizeof tail, from);

	for (ssize_t i = got - (ssize_t)sizeof mark + 1; i >= 0; i--)
		if (memcmp(tail + i, mark, sizeof mark - 1) == 0)
			return from + i + (ssize_t)sizeof mark - 1;
	return -1;
}

static bool take_meta(void)
{
	int64_t at = meta_at();
	struct walk walk = { .base = at };
	struct value meta;
	uint64_t nodes, bits, version, form, built;

	if (at < 0 || !value_at(&walk, at, &meta) || !number_of(&walk, &meta, "node_count", &nodes) || !number_of(&walk, &meta, "record_size", &bits)
	    || !number_of(&walk, &meta, "ip_version", &version) || !number_of(&walk, &meta, "binary_format_major_version", &form)
	    || !number_of(&walk, &meta, "build_epoch", &built))
		return false;
	if (form != 2 || (bits != 24 && bits != 28 && bits != 32) || !nodes || nodes > UINT32_MAX / 2 || built > (uint64_t)INT64_MAX / 1000000 || (version != 4 && version != 6))
		return false;
	places.nodes = (uint32_t)nodes;
	places.record_bits = (uint32_t)bits;
	places.is_six = version == 6;
	places.built_at = (int64_t)built * 1000;
	places.data_at = (int64_t)(nodes * bits / 4) + 16;
	places.data_end = at;
	places.four_at = 0;
	for (int i = 0; i < 96 && places.is_six && places.four_at < places.nodes; i++)
		if (!child_of(places.four_at, 0, &places.four_at))
			return false;
	return places.data_at < places.data_end && has_some_place();
}

void logs_places_open(struct log_state *state, int fd)
{
	if (places.fd >= 0)
		close(places.fd);
	places.fd = fd;
	places.size = (int64_t)lseek(fd, 0, SEEK_END);
	places.block_at = -1;
	bool is_right = take_meta();
	if (!is_right) {
		close(places.fd);
		places.fd = -1;
	}
	logs_send(state, NULL, is_right ? places.built_at : 0, LOG_BUILT);
}
