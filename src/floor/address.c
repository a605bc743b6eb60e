/* Addresses and networks.
 *
 * SECURITY: text is copied into a small room and read by inet_pton alone, which refuses octets with a leading zero and everything that
 * programs disagree about. A network shorter than 1 bit is refused: nothing here can mean "everybody". */
#include "floor/address.h"
#include <arpa/inet.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool has_more_than_one(struct str s, char mark)
{
	size_t first = str_find(s, mark);
	return first < s.len && str_find(str_from(s, first + 1), mark) < s.len - first - 1;
}

/* Without brackets, zone and port. */
static struct str bare(struct str s)
{
	s = str_trim(s);
	if (s.len && s.at[0] == '[')
		s = str_first(str_from(s, 1), str_find(str_from(s, 1), ']'));
	else if (str_find(s, '.') < s.len && str_find(s, ':') < s.len && !has_more_than_one(s, ':'))
		s = str_first(s, str_find(s, ':'));
	return str_first(s, str_find(s, '%'));
}

bool address_read(struct str text, uint8_t ret[16])
{
	char room[INET6_ADDRSTRLEN];
	struct str s = bare(text);
	uint8_t at[16];

	if (s.len == 0 || s.len >= sizeof room || memchr(s.at, '\0', s.len))
		return false;
	memcpy(room, s.at, s.len);
	room[s.len] = '\0';
	if (inet_pton(AF_INET, room, at + 12) == 1)
		memcpy(at, mapped, sizeof mapped);
	else if (inet_pton(AF_INET6, room, at) != 1)
		return false;
	memcpy(ret, at, sizeof at);
	return true;
}

void network_of(const uint8_t address[16], uint8_t prefix, struct network *ret)
{
	ret->prefix = prefix;
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = prefix > i * 8 ? MIN(prefix - i * 8u, 8u) : 0;
		ret->at[i] = (uint8_t)(address[i] & (0xff00u >> kept));
	}
}

bool network_read(struct str text, struct network *ret)
{
	struct str rest = str_trim(text), head = str_cut(&rest, '/');
	uint8_t at[16];
	int64_t length;

	if (!address_read(head, at))
		return false;
	bool is_v4 = memcmp(at, mapped, sizeof mapped) == 0;
	if (!rest.at) {
		network_of(at, 128, ret);
		return true;
	}
	if (str_number(rest, is_v4 ? 32 : 128, &length) != OK || length < 1)
		return false;
	network_of(at, (uint8_t)(is_v4 ? length + 96 : length), ret);
	return true;
}

bool network_has(const struct network *network, const uint8_t address[16])
{
	struct network its;

	network_of(address, network->prefix, &its);
	return memcmp(its.at, network->at, sizeof its.at) == 0;
}

bool network_is_v4(const struct network *network)
{
	return network->prefix >= 96 && memcmp(network->at, mapped, sizeof mapped) == 0;
}

void out_network(struct out *out, const struct network *network)
{
	char room[INET6_ADDRSTRLEN];
	bool is_v4 = network_is_v4(network);

	if (inet_ntop(is_v4 ? AF_INET : AF_INET6, network->at + (is_v4 ? 12 : 0), room, sizeof room))
		out_text(out, room);
	if (network->prefix < 128)
		out_print(out, "/%d", network->prefix - (is_v4 ? 96 : 0));
}
