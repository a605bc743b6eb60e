#ifndef DOORS_MESSAGE_LOG_H
#define DOORS_MESSAGE_LOG_H
/* Messages about watched logs: keeper hands the reader open files, the reader hands core what their lines say, core remembers how far.
 *
 * A place in a file is device, inode, offset, and a hash of its first bytes, so that a file that was cut off or another with the same inode is
 * noticed. In a journal device and inode are its stream's id, the offset is an entry's number, and the hash the moment of the one before. core
 * keeps the place in the same commit as what the lines before it caused. */
#include "base/channel.h"

enum { LOG_SOURCES = 40, LOG_DOORS = 8, LOG_RECORDS = 256, LOG_POSITIONS = 128, LOG_HEAD = 256 };
enum log_kind { LOG_FILE = 1, LOG_UDP, LOG_TCP, LOG_TLS, LOG_JOURNAL, LOG_PLACES };    /* the last is no log: where addresses are */
struct log_source { char name[64], format[16]; uint8_t kind, spare[7]; };
static inline bool log_is_door(const struct log_source *source) { return source->kind >= LOG_UDP && source->kind <= LOG_TLS; }
/* What keeper hands the reader, and core: watch.* of samordna.conf. Doors stand behind the files, in the order of their descriptors;
 * when one is LOG_TLS, certificate and key follow as open files. */
struct log_boot { uint32_t n, spare; struct log_source source[LOG_SOURCES]; };

/* keeper -> reader, with one open file. older: what stands beside it under the name that a rotation gives the last one (PATH.1);
 * of a journal: nothing more is written to it. */
struct log_open { struct message head; uint32_t source; uint32_t is_older; int64_t device, inode; };
struct log_position { int64_t device, inode, offset; uint64_t head; uint32_t head_length, source; };
/* core -> reader, first of all: where reading goes on. is_cold: the rules remember nothing, so the last lines before are told again. */
struct log_from { struct message head; uint32_t n, is_cold; struct log_position at[LOG_POSITIONS]; };
struct log_record {
	int64_t  at;                   /* milliseconds since 1970 */
	uint64_t session;
	uint32_t count;
	uint16_t form;
	uint8_t  outcome, is_denial;   /* enum line_outcome; or LOG_RESET: of user, by address, kind service */
	uint8_t  is_placed, spare[3];  /* of a success: where its address is, in degrees */
	float    latitude, longitude;
	char     service[16], user[112], address[64];
};
enum { LOG_RESET = 9 };
enum log_flag {
	LOG_WARM = 1,                  /* lines from before the place that core knows: for the rules' memory alone */
	LOG_PART = 2,                  /* more of the same lines follows; the place holds with the last part */
	LOG_AGAIN = 4,                 /* the file was cut off: it begins anew */
	LOG_FORGET = 8,                /* nothing comes from this file any more */
	LOG_BUILT = 16,                /* of LOG_PLACES: `from` is when its file was built, in milliseconds; 0: it cannot be used */
};
/* reader -> core: what lines `from` on, up to position, say; of a door device is 0. */
struct log_lines {
	struct message head;
	uint32_t n, flags;
	int64_t  from;
	struct log_position position;
	uint64_t lines, unreadable, dropped;
	struct log_record record[LOG_RECORDS];      /* only n are sent */
};
struct log_taken { struct message head; uint32_t source, spare; };    /* core -> reader: one log_lines is done with */
#endif
