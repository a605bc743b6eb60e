#ifndef DOORS_OPENVPN_H
#define DOORS_OPENVPN_H
/* OpenVPN's management interface: what it says, read line by line, and what is said to it. Pure: no sockets, no clock.
 *
 * Bytes go in as they come; events come out, each whole: a log-in with all that its lines of environment said, one line of the list of who
 * is in, an answer. OpenVPN's own words are in its doc/management-notes.txt. */
#include "base/str.h"

enum openvpn_kind {
	OPENVPN_WANTS_PASSWORD,        /* "ENTER PASSWORD:", without an end of line */
	OPENVPN_READY,                 /* >INFO: it listens */
	OPENVPN_HOLD,                  /* >HOLD: it waits for leave to begin */
	OPENVPN_CONNECT,               /* >CLIENT:CONNECT: somebody wants in */
	OPENVPN_REAUTH,                /* who is in shows the credentials again */
	OPENVPN_ESTABLISHED,
	OPENVPN_DISCONNECT,
	OPENVPN_LIST,                  /* the answer to `status 3` begins */
	OPENVPN_LISTED,                /* one that is connected, or still about to be */
	OPENVPN_LIST_END,
	OPENVPN_ERROR                  /* ERROR: the last command was refused */
};

enum { OPENVPN_LINE = 8192, OPENVPN_PASSWORD = 128 };
struct openvpn_event {
	enum openvpn_kind kind;
	int64_t  cid, kid;             /* the client's number there; the number of its key */
	int64_t  since;                /* LISTED: seconds since 1970 */
	int64_t  seconds, in_octets, out_octets;
	bool     has_user, has_certificate;
	bool     is_damaged;           /* a line was too long, or said one thing twice and differently: nobody gets in by it */
	char     user[256];            /* as typed; unproven */
	char     password[OPENVPN_PASSWORD + 1];
	char     name[256];            /* common name of the certificate; may be the user name where OpenVPN is told so */
	char     address[52], port[8]; /* where the client is */
	char     framed[48];           /* the address it was given */
};

enum openvpn_column { COLUMN_NAME, COLUMN_REAL, COLUMN_FRAMED, COLUMN_IN, COLUMN_OUT, COLUMN_SINCE, COLUMN_USER, COLUMN_CID, OPENVPN_COLUMNS };
struct openvpn_reader {
	char     line[OPENVPN_LINE];
	size_t   n;
	bool     is_overlong, in_client, is_listing;
	int8_t   column[OPENVPN_COLUMNS];     /* where each stands in a CLIENT_LIST line, as HEADER said; -1 nowhere */
	struct openvpn_event event;
};

void openvpn_begin(struct openvpn_reader *);
/* Takes bytes from *at until there is an event. False: all were taken and none is whole. The event lives until the next call; its password is
 * wiped then. */
bool openvpn_read(struct openvpn_reader *, const char **at, size_t *n, const struct openvpn_event **ret);

/* What is said: commands one behind the other, in fixed room. */
struct openvpn_words { char at[16384]; size_t n; bool is_full; };
void openvpn_put(struct openvpn_words *, struct str);           /* as it is */
/* Within quotes, as OpenVPN's own reader takes them apart: `head` and the text together at most 254 octets, cut between characters; a control
 * byte becomes a blank. */
void openvpn_quote(struct openvpn_words *, struct str head, struct str text);
/* Whole commands. `text` is what the person reads; `code` stands in the server's log. A command that has no room is not there at all. */
void openvpn_say_permit(struct openvpn_words *, int64_t cid, int64_t kid, uint32_t seconds);    /* 0: renewed, its end stays */
void openvpn_say_deny(struct openvpn_words *, int64_t cid, int64_t kid, struct str code, struct str text);
void openvpn_say_kill(struct openvpn_words *, int64_t cid, struct str text);
#endif
