#ifndef BOOT_H
#define BOOT_H
/* Boot settings: HOME/samordna.conf, one `key = value` a line, # comments, repeated keys where a list is meant.
 *
 * Read by keeper (and by commands that need no server) at start; an unknown key is an error with its file and line.
 * What may change while it runs is a policy setting in the store instead (floor/setting.h). */
#include "base/trouble.h"
#include "doors/message.h"

struct listen_at { char address[64]; uint16_t port; };

struct boot {
	char               home[256];
	char               store[256];             /* "sqlite" or "postgres:CONNINFO" */
	struct listen_at   http, radius, accounting, metrics;   /* port 0: not set */
	char               origin[128];            /* what browsers call us; http(s)://localhost:PORT when not set */
	char               certificate[256], key[256];
	char               log_certificate[256], log_key[256];    /* of syslog over TLS; empty: the web door's */
	uint32_t           first_uid;              /* of seven in a row */
	uint32_t           secret_modes;           /* of all files that file:PATH names, or-ed; 0: none */
	char               mail_ca[256];
	struct post_boot   post;                   /* its ca is filled by keeper from mail_ca */
	bool               has_radius;             /* the RADIUS door opens: a client or an address is set */
	struct radius_boot gateway;
	struct log_boot    logs;                   /* watched logs: files first, then doors */
	char               log_path[LOG_SOURCES][256];
	struct listen_at   log_door[LOG_DOORS];
	unsigned char      hash[32];               /* SHA-256 of the file: stands in the start leaf */
};

/* ret->home is set by the caller. A missing file gives the defaults. ERR_INVALID: "samordna.conf:7: unknown key \"x\"". */
enum err boot_read(struct boot *ret, struct trouble *);
/* The same of a text; `path` names it in what is said. */
enum err boot_take(struct boot *ret, const char *path, struct str text, struct trouble *);
/* What `init` writes. */
extern const char boot_standard_file[];
#endif
