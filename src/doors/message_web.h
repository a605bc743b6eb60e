#ifndef DOORS_MESSAGE_WEB_H
#define DOORS_MESSAGE_WEB_H
/* web <-> core, and what keeper hands web: a browser's request, typed and bounded, and the answer to it. Included by doors/message.h. */
#include "base/channel.h"

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
#endif
