#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H
/* Internet addresses in text, read without the C library: log lines hold one each. */
#include "base/str.h"

/* IPv6 of hexadecimal groups, without zone, port or dots. is_short: exactly as inet_ntop would write it. False: anything else, which inet_pton may
 * still understand. */
bool address_six(struct str, uint8_t ret[16], bool *ret_is_short);
#endif
