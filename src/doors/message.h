#ifndef DOORS_MESSAGE_H
#define DOORS_MESSAGE_H
/* What the processes may say to each other: fixed, typed structs, one table of kinds.
 *
 * Every struct begins with struct message (base/channel.h). Texts are fixed arrays ended by NUL or places in the bytes behind
 * the struct. No message carries text that the receiver interprets (no path, command, format or SQL).
 * The structs stand in a header for each neighbour (message_web.h ...); who speaks includes this one, which has the kinds and the checks.
 * The receiver checks kind, length and every place before use; message_check does that for all kinds. */
#include "doors/message_control.h"
#include "doors/message_gateway.h"
#include "doors/message_keeper.h"
#include "doors/message_log.h"
#include "doors/message_post.h"
#include "doors/message_reader.h"
#include "doors/message_seal.h"
#include "doors/message_web.h"

#define MESSAGES(X) /* kind, struct, from -> to, before log-in? */ \
	X(WEB_ASK,         web_ask)          /* web -> core */ \
	X(WEB_ANSWER,      web_answer)       /* core -> web */ \
	X(GATE_ASK,        gate_asks)        /* gateway -> core */ \
	X(GATE_ANSWER,     gate_answers)     /* core -> gateway */ \
	X(ACCOUNT,         account_records)  /* gateway -> core: accounting, to be stored */ \
	X(ACCOUNT_DONE,    account_done)     /* core -> gateway: committed, may be acknowledged */ \
	X(COUNTERS,        gateway_counters) /* gateway -> core, every few seconds */ \
	X(GATE_END,        gate_ends)        /* core -> gateway: sessions that are to end */ \
	X(GATE_ENDED,      gate_ended)       /* gateway -> core: what the VPN server said to that */ \
	X(MANAGEMENT,      management)       /* gateway -> keeper: no connection to this OpenVPN server; keeper -> gateway: one, its descriptor */ \
	X(READ_FILE,       read_file)        /* core -> reader, with one sealed file */ \
	X(READ_DONE,       read_done)        /* reader -> core, with one sealed file of typed records */ \
	X(SEAL_ASK,        seal_ask)         /* core -> seal */ \
	X(SEAL_ANSWER,     seal_answer)      /* seal -> core */ \
	X(POST_MAIL,       post_mail)        /* core -> post: one mail to one address */ \
	X(POST_HOOK,       post_hook)        /* core -> post: one event to one webhook */ \
	X(POST_SMS,        post_sms)         /* core -> post: one SMS to one number */ \
	X(POST_PROOF,      post_proof)       /* core -> post: one question to the OpenID provider */ \
	X(POST_DONE,       post_done)        /* post -> core: what became of it */ \
	X(CONTROL_ASK,     control_ask)      /* command line -> core */ \
	X(CONTROL_OUT,     control_out)      /* core -> command line */ \
	X(BOOT,            boot_files)       /* keeper -> any process, first of all: its settings and descriptors */ \
	X(PEER,            peer)             /* keeper -> core: a new neighbour's end, one descriptor */ \
	X(READY,           ready)            /* core -> keeper: the store is open, neighbours may come */ \
	X(LOADED,          ready)            /* core -> keeper: the standing is read, the gate is open */ \
	X(WALLED,          walled)           /* any process -> keeper, when its walls are up */ \
	X(STUCK,           stuck)            /* core -> keeper: a neighbour that sends nonsense, or nothing: it is ended and started again */ \
	X(LOG_OPEN,        log_open)         /* keeper -> reader, with one open file */ \
	X(LOG_FROM,        log_from)         /* core -> reader */ \
	X(LOG_LINES,       log_lines)        /* reader -> core */ \
	X(LOG_TAKEN,       log_taken)        /* core -> reader */ \
	X(WALLS,           walls)            /* keeper -> core, every two seconds and at each change: how the processes and HOME stand */

enum message_kind {
	MESSAGE_NONE,
#define X(kind, name) MESSAGE_##kind,
	MESSAGES(X)
#undef X
	MESSAGE_KINDS
};

/* True when the parcel is a whole message of that kind: right struct, n within bounds, every place inside. */
bool message_check(const struct parcel *, enum message_kind);
/* The text at a place behind a struct of `head_size` bytes. Call after message_check. */
struct str message_text(const struct parcel *, size_t head_size, struct place);
#endif
