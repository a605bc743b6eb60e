/* Addresses as they are kept, so that one source has one name.
 *
 * A zone ("%eth0") and a port go, an IPv4 address mapped into IPv6 becomes IPv4, IPv6 is written in its shortest form (RFC 5952). What is
 * no address is kept as text: a host name is somebody's word, and is never looked up.
 *
 * SECURITY: an octet with a leading zero means different things to different programs, so it counts as a name, not as an address. */
#include "doors/lines_parts.h"
#include <arpa/inet.h>
#include "base/address.h"

static bool is_v4(struct str s)
{
	const char *at = s.at, *end = s.at + s.len;

	if (s.len < 7 || s.len > 15)
		return false;
	for (int part = 0; ; part++) {
		unsigned first = (unsigned char)*at++ - (unsigned)'0', value = first, d;
		if (first > 9)
			return false;
		if (at < end && (d = (unsigned char)*at - (unsigned)'0') < 10) {
			value = value * 10 + d;
			if (++at < end && (d = (unsigned char)*at - (unsigned)'0') < 10) {
				value = value * 10 + d;
				at++;
			}
			if (!first || value > 255)
				return false;
		}
		if (at == end)
			return part == 3;
		if (part == 3 || *at++ != '.' || at == end)
			return false;
	}
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
	return s.len > 0 && s.len <= 5;
}

static struct str without_port(struct str s)
{
	const char *mark = memrchr(s.at, ':', s.len);
	if (!mark)
		return s;
	struct str tail = str_from(s, (size_t)(mark - s.at) + 1), head = str_first(s, (size_t)(mark - s.at));
	return is_number(tail) ? head : s;
}

struct str address_tidy(struct str s, bool has_port, char *room)
{
	struct in6_addr six;
	bool is_short;

	if (is_v4(s) || (!has_port && address_six(s, six.s6_addr, &is_short) && is_short))
		return s;
	s = str_trim(s);
	if (s.len && s.at[0] == '[') {
		size_t end = str_find(s, ']');
		s = str_first(str_from(s, 1), end ? end - 1 : 0);
		has_port = false;
	}
	if (!s.at || !s.len)
		return STR_NONE;
	if (is_v4(s))
		return s;
	if (has_port) {
		s = without_port(s);
		if (is_v4(s))
			return s;
	}
	size_t colons = 0;
	for (size_t i = 0; i < s.len; i++)
		colons += s.at[i] == ':';
	if (colons == 1 && is_v4(str_first(s, str_find(s, ':'))))
		return is_number(str_from(s, str_find(s, ':') + 1)) ? str_first(s, str_find(s, ':')) : s;
	if (colons < 2)
		return str_first(s, 1024);
	struct str plain = str_first(s, str_find(s, '%'));
	char text[64];
	if (plain.len >= sizeof text)
		return str_first(s, 1024);
	memcpy(text, plain.at, plain.len);
	text[plain.len] = '\0';
	if (inet_pton(AF_INET6, text, &six) != 1)
		return str_first(s, 1024);
	if (IN6_IS_ADDR_V4MAPPED(&six))
		inet_ntop(AF_INET, &six.s6_addr[12], room, 128);
	else
		inet_ntop(AF_INET6, &six, room, 128);
	return str_of(room);
}
