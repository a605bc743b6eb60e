#ifndef DOORS_MESSAGE_POST_H
#define DOORS_MESSAGE_POST_H
/* core <-> post, and what keeper hands post: mail and webhooks on their way out. Included by doors/message.h. */
#include "base/channel.h"

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
#endif
