#ifndef FLOOR_ADDRESS_H
#define FLOOR_ADDRESS_H
/* Addresses and networks, as gateways and logs write them, in one form: sixteen bytes, an IPv4 address as ::ffff:a.b.c.d.
 *
 * What is no address (a MAC address, a host name) is none: nothing is looked up. */
#include "base/out.h"

struct network { uint8_t at[16]; uint8_t prefix; };    /* prefix of 128 bits: an IPv4 /24 is 120; bits behind it are 0 */

/* "192.0.2.7", with a port, "::ffff:192.0.2.7", "[2001:db8::1]:443", "fe80::1%eth0". False: none. */
bool address_read(struct str, uint8_t ret[16]);
/* An address, or one with the length of its network behind it: "192.0.2.0/24". */
bool network_read(struct str, struct network *ret);
void network_of(const uint8_t address[16], uint8_t prefix, struct network *ret);
bool network_has(const struct network *, const uint8_t address[16]);
bool network_is_v4(const struct network *);
/* As people and firewalls write it; a single address without a length. */
void out_network(struct out *, const struct network *);
#endif
