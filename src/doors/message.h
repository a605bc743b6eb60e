#ifndef DOORS_MESSAGE_H
#define DOORS_MESSAGE_H
/* What the processes may say to each other: fixed, typed structs, one table of kinds.
 *
 * Every struct begins with struct message (base/channel.h). Texts are fixed arrays ended by NUL or places in the bytes behind
 * the struct. No message carries text that the receiver interprets (no path, command, format or SQL).
 * The receiver checks kind, length and every place before use; message_check does that for all kinds. */
#include "base/channel.h"

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
	X(POST_DONE,       post_done)        /* post -> core: what became of it */ \
	X(CONTROL_ASK,     control_ask)      /* command line -> core */ \
	X(CONTROL_OUT,     control_out)      /* core -> command line */ \
	X(BOOT,            boot_files)       /* keeper -> any process, first of all: its settings and descriptors */ \
	X(PEER,            peer)             /* keeper -> core: a new neighbour's end, one descriptor */ \
	X(READY,           ready)            /* core -> keeper, once the standing is read */ \
	X(WALLED,          walled)           /* any process -> keeper, when its walls are up */ \
	X(STUCK,           stuck)            /* core -> keeper: a neighbour that sends nonsense, or nothing: it is ended and started again */ \
	X(WALLS,           walls)            /* keeper -> core, every two seconds and at each change: how the processes and HOME stand */

enum message_kind {
	MESSAGE_NONE,
#define X(kind, name) MESSAGE_##kind,
	MESSAGES(X)
#undef X
	MESSAGE_KINDS
};

struct place { uint32_t at, length; };       /* in the bytes behind the struct */

/* --- web --- */
enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PUT };
enum { WEB_FIELDS = 256 };
struct web_ask {
	struct message head;
	uint8_t method;
	uint8_t is_secure;             /* came over TLS */
	uint8_t wants;                 /* 0 html, 1 json, 2 csv (by Accept or ?format=) */
	uint8_t is_api;                /* bearer route: cookies were ignored */
	uint8_t language;              /* enum language from cookie, ?lang= or Accept-Language */
	uint8_t bytes_in_file;         /* a long form: the places are in the sealed file, not in the bytes behind */
	uint16_t refused;              /* 0, or the status that web refuses with: core only draws the page that says why */
	uint32_t n_fields;             /* pairs of places follow the struct: name, value */
	uint32_t is_check;             /* before a file is taken in: may this visitor send one here? Answered 100 or with the refusal */
	char path[512], session[48], bearer[128], address[48], host[128];
	/* struct place pairs[n_fields][2]; then bytes. A body that was PUT, and the file of a form, come as one sealed file. */
};
struct web_answer {
	struct message head;
	uint16_t status;
	uint8_t has_file;              /* the body is the sealed file; else the bytes behind */
	uint8_t sets_session;          /* cookie: set when session is not empty, cleared when empty */
	uint32_t refresh;
	uint32_t body_length;
	char type[48], location[512], session[48], filename[96];
	uint8_t language, sets_language, clears_site, spare;
	/* bytes of the body */
};

/* What keeper hands the web process. */
struct web_boot {
	char     origin[256];          /* what browsers call us, several apart by blanks, the first leads; empty: http://localhost:PORT */
	uint16_t port;
	uint16_t most_per_address, most_connections;   /* connections; 0: the standard */
	uint16_t spare;
	uint32_t certificate_length, key_length;       /* PEM, ended by NUL; 0: plain HTTP */
	char     certificate[32 * 1024], key[16 * 1024];
};

/* --- gateway --- */
enum { GATE_BATCH = 100 };
struct gate_ask {
	uint32_t serial;
	uint16_t client;               /* number of the radius.client line, from 0 */
	uint8_t  factor;               /* enum factor of point.h */
	uint8_t  is_authorise_only;
	int32_t  timeout;              /* upstream's Session-Timeout in seconds, 0 none */
	char     user[256], calling[64], called[64], nas[64], session[64], port[24];
};
struct gate_asks { struct message head; uint32_t n; uint32_t spare; struct gate_ask ask[GATE_BATCH]; };   /* only n are sent */
struct gate_answer {
	uint32_t serial;
	uint8_t  is_permit, language, spare[2];
	int64_t  leaf;                 /* Class: samordna:LEAF; with permit only */
	uint32_t timeout, interim;     /* seconds */
	char     code[48], text[256];  /* why not, and what to do instead; at most 253 octets */
};
struct gate_answers { struct message head; uint32_t n; uint32_t spare; struct gate_answer answer[GATE_BATCH]; };
/* The last three are of gateways whose own list of who is in is read: it begins; it was read whole, `seconds` of them; it cannot be read now. */
enum account_kind { ACCOUNT_START = 1, ACCOUNT_STOP = 2, ACCOUNT_INTERIM = 3, ACCOUNT_ON = 7, ACCOUNT_OFF = 8,
	ACCOUNT_LIST = 20, ACCOUNT_LISTED = 21, ACCOUNT_UNLISTED = 22 };
enum { ACCOUNT_NOBODY_WAITS = 0xffffffff };       /* serial: whatever becomes of it, the next list repairs it */
struct account_record {
	uint32_t serial;
	uint16_t client; uint8_t kind; uint8_t spare;
	int64_t  class_leaf;           /* from Class, -1 when absent */
	uint32_t seconds, cause, delay, spare2;
	uint64_t in_octets, out_octets;
	char     user[256], session[64], nas[64], calling[64], framed[48];
};
struct account_records { struct message head; uint32_t n; uint32_t spare; struct account_record record[GATE_BATCH]; };
struct account_done { struct message head; uint32_t n; uint32_t spare; uint32_t serial[GATE_BATCH]; };
/* RFC 5176. Told again until the session is over; ACKNOWLEDGED means that the VPN server has understood, not that the session has ended. */
enum { GATE_ENDS = 32 };
struct gate_end { int64_t session; uint16_t client; uint8_t spare[6]; char nas_session[64], text[256]; };   /* text: why, for who is ended */
struct gate_ends { struct message head; uint32_t n; uint32_t spare; struct gate_end end[GATE_ENDS]; };
enum end_outcome { END_ACKNOWLEDGED = 1, END_UNKNOWN_THERE = 2, END_REFUSED = 3 };
struct gate_ended { struct message head; int64_t session; uint32_t outcome; uint16_t client; uint16_t spare; };
#define GATEWAY_COUNTERS(X) X(requests) X(accepts) X(refusals) X(challenges) X(upstream_rejects) X(duplicates) X(replayed) \
	X(unknown_client) X(bad_authenticator) X(no_authenticator) X(malformed) X(over_budget) X(upstream_silent) X(accounting)
struct gateway_counters {
	struct message head;
#define X(name) uint64_t name;
	GATEWAY_COUNTERS(X)
#undef X
};

/* What keeper hands the gateway process: radius.* of samordna.conf, parsed. Secrets stand here and nowhere else in it. */
enum { RADIUS_CLIENTS = 256, RADIUS_UPSTREAMS = 8, RADIUS_SECRET = 128 };
struct radius_peer {
	char     name[48];
	uint8_t  address[16]; uint8_t prefix; uint8_t is_authorise_only, no_message_authenticator, class_off;  /* IPv4 as ::ffff:a.b.c.d */
	uint8_t  is_openvpn, spare;     /* a client without packets of its own: one of openvpn[] speaks for it; its secret is chance */
	uint16_t port, secret_length;   /* port of a client: where it takes Disconnect-Requests; 0: nowhere */
	uint8_t  secret[RADIUS_SECRET];
};
/* An OpenVPN server's management interface: where keeper connects. */
enum { OPENVPN_SERVERS = 32 };
struct openvpn_peer {
	uint16_t client;                /* its number among client[] */
	uint16_t port, every;           /* TCP: its port, with `address`; 0: a unix socket at `path`. every: seconds between two lists */
	uint16_t password_length;       /* 0: it asks for none */
	uint8_t  address[16];
	char     path[104];
	uint8_t  password[RADIUS_SECRET];
};
struct radius_boot {
	uint32_t n_clients, n_upstreams, n_openvpn, spare;
	struct radius_peer client[RADIUS_CLIENTS], upstream[RADIUS_UPSTREAMS];
	struct openvpn_peer openvpn[OPENVPN_SERVERS];
};

struct management { struct message head; uint32_t server; uint32_t spare; };      /* among openvpn[] */

/* --- reader --- */
enum read_kind { READ_PEOPLE_CSV = 1, READ_LINK };   /* READ_LINK: owned hosts one a line, NUL, the link; one struct link_record */
struct read_file { struct message head; uint32_t what; uint32_t spare; };
struct read_done { struct message head; uint32_t err; uint32_t spare; uint64_t records, problems; };

/* --- seal --- */
enum seal_what {
	/* On the signing channel. */
	SEAL_NEXT_KEY = 1,    /* -> 32 bytes: public key of the next epoch; the same until a checkpoint is signed */
	SEAL_SIGN,            /* with hashes: leaf hashes from index `number` on (32 bytes each), in as many messages as it takes, going
	                       * on where the last checkpoint ends. Without: sign for size `number`; place a: the last leaf, a seal
	                       * -> the signed note. Asked again for the size last signed: the same note. Else ERR_CONFLICT. */
	SEAL_KEYS,            /* -> the two verifier lines */
	SEAL_SIZE,            /* -> number: tree size of the last checkpoint signed; 32 bytes: its root */
	/* On the channel for secrets. Boxes are of three kinds; one kind cannot be opened as another. */
	SEAL_PASSWORD_HASH,   /* place a: password -> box. ERR_BUSY: the queue is full */
	SEAL_PASSWORD_CHECK,  /* place a: password, place b: box, empty for an unknown person (the same work, then no)
	                       * -> number 1: right, but hash it again, the cost has risen; ERR_DENIED when wrong */
	SEAL_SECRET_BOX,      /* place a: at most 4096 bytes -> box */
	SEAL_SECRET_OPEN,     /* place a: box -> bytes: only for what core must use (RADIUS, SMTP); TOTP seeds never leave */
	SEAL_TOTP_NEW,        /* -> a: box, b: the seed in base32, shown once */
	SEAL_TOTP_CHECK       /* place a: code, place b: box; number: unix seconds; -> the counter used, ERR_DENIED when wrong */
};
struct seal_ask {
	struct message head;
	uint32_t what, n_hashes;
	int64_t  number;
	struct place a, b;    /* in the bytes behind */
};
struct seal_answer { struct message head; uint32_t err; uint32_t spare; int64_t number; struct place a, b; };

/* --- post --- */
enum { POST_MAIL_MOST = 100 * 1024, POST_HOOKS = 8, POST_SECRET = 128, POST_CAUSE = 256 };
struct post_mail { struct message head; int64_t id; struct place to, message; };
struct post_hook { struct message head; int64_t id; uint32_t hook, spare; struct place event, body; };
enum post_outcome {
	POST_SENT = 1,
	POST_LATER,                    /* not now: the peer said so of this one */
	POST_NEVER,                    /* refused for good */
	POST_PEER,                     /* the peer cannot be spoken to at all: it says nothing of this one */
};
struct post_done { struct message head; int64_t id; uint32_t outcome; uint32_t hook; char cause[POST_CAUSE]; };   /* hook: 0 a mail, else its number + 1 */

/* What keeper hands the post process: mail.* and webhook of samordna.conf, parsed. Passwords and secrets stand here and nowhere else in it. */
enum post_tls { POST_STARTTLS, POST_TLS, POST_PLAIN /* to this machine alone */ };
struct post_boot {
	uint8_t  has_mail, tls, spare[2];
	uint16_t port, n_hooks;
	uint32_t ca_length, spare2;    /* PEM, ended by NUL; 0: the system's */
	char     host[256], from[256], user[128], password[256], ca[32 * 1024];
	struct { char url[512]; uint16_t secret_length; uint8_t spare[6]; uint8_t secret[POST_SECRET]; } hook[POST_HOOKS];
};

/* --- control --- */
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

/* --- keeper --- */
/* BOOT: the struct that the process's run function takes stands behind; descriptors in the order that function names them. */
struct boot_files { struct message head; uint32_t size; uint32_t n_files; uint32_t first_uid, is_first; };   /* is_first: has never died */
enum peer_kind { PEER_WEB, PEER_GATEWAY, PEER_READER, PEER_POST, PEER_SEAL_SIGN, PEER_SEAL_SECRETS, PEER_CONTROL, PEER_KINDS };
struct peer { struct message head; uint32_t kind; uint32_t spare; };
struct ready { struct message head; int32_t process; int32_t spare; };
struct walled { struct message head; int32_t landlock; int32_t spare; };     /* the ABI that holds, 0 none */

struct stuck { struct message head; int32_t process; int32_t spare; };       /* enum process of base/sandbox.h */

/* One process as the kernel shows it (/proc/PID/status); numbers are -1 when the kernel did not say. By enum process of base/sandbox.h. */
enum { WALLS = 7 };
struct wall_seen {
	int32_t  pid;                  /* 0: does not run now */
	int32_t  seccomp, no_new_privs, landlock, filters, spare2;
	uint32_t uid;
	uint8_t  is_wanted, is_walled, is_looping, spare;   /* looping: dies again and again within seconds */
	int64_t  started_at;           /* milliseconds since 1970 */
	uint64_t deaths;               /* since keeper started */
};
/* HOME and what lies in it, as keeper sees it: modes as stat gives them, 0 for what is not there. */
struct home_seen {
	uint32_t home, settings, seal, seal_state, store, control, certificate_key, secrets;   /* secrets: all modes of files named by file:PATH, or-ed */
	uint32_t owner, keeper_uid, kernel_landlock, is_doorless;
};
struct walls { struct message head; struct home_seen home; struct wall_seen wall[WALLS]; };

/* What keeper hands core. */
struct core_boot {
	char          home[256], store[256], origin[128], owner[48];   /* owner: name of the account that owns HOME */
	unsigned char settings_hash[32];
	uint32_t      owner_uid, is_doorless;
	uint32_t      has_tls, is_http_loopback, n_upstreams, n_upstreams_unsigned;   /* unsigned: Message-Authenticator not demanded of it */
	uint32_t      n_gateways;
	struct { char name[48]; uint8_t is_authorise_only, no_message_authenticator, can_end, spare[5]; } gateway[RADIUS_CLIENTS];
	char          mail_from[256], mail_server[280];        /* empty: no mail. The server as people call it: HOST:PORT */
	uint32_t      n_hooks, spare;
	char          hook_host[POST_HOOKS][256];              /* of each webhook, for pages: its address may hold a secret */
};

/* True when the parcel is a whole message of that kind: right struct, n within bounds, every place inside. */
bool message_check(const struct parcel *, enum message_kind);
/* The text at a place behind a struct of `head_size` bytes. Call after message_check. */
struct str message_text(const struct parcel *, size_t head_size, struct place);
#endif
