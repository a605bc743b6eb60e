#ifndef DOORS_MESSAGE_CONTROL_H
#define DOORS_MESSAGE_CONTROL_H
/* The command line <-> core. Included by doors/message.h. */
#include "base/channel.h"

struct control_ask {
	struct message head;
	uint8_t  json, is_terminal, n_words, n_options;
	uint8_t  language, has_file, has_directory, spare;
	char     actor[64];            /* the caller's Unix account, as SO_PEERCRED says: core fills it in */
	char     file_name[256];
	/* places: n_words words, then n_options pairs name, value; then bytes. Words 0.. are the command's own. */
};
enum stream { STREAM_OUT = 1, STREAM_ERR = 2, STREAM_END = 3, STREAM_PROGRESS = 4, STREAM_FILE = 5 /* a descriptor, no bytes */,
              STREAM_NAMED = 6 /* bytes behind: its name; one open descriptor, none for a folder (handout.h) */ };
struct control_out { struct message head; uint32_t stream; int32_t exit; uint64_t done, all; /* bytes behind */ };
#endif
