#ifndef DOORS_MESSAGE_READER_H
#define DOORS_MESSAGE_READER_H
/* core <-> reader: a file from outside, and what it came to. Included by doors/message.h. */
#include "base/channel.h"

enum read_kind { READ_PEOPLE_CSV = 1, READ_LINK, READ_RESETS, READ_LISTED };   /* READ_LINK: owned hosts one a line, NUL, the link; one struct link_record */
struct read_file { struct message head; uint32_t what; uint32_t spare; };
struct read_done { struct message head; uint32_t err; uint32_t spare; uint64_t records, problems; };
#endif
