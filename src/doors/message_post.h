#ifndef DOORS_MESSAGE_POST_H
#define DOORS_MESSAGE_POST_H
/* core <-> post, and what keeper hands post: mail, webhooks, SMS and questions to an OpenID provider on their way out. Included by doors/message.h. */
#include "base/channel.h"

enum { POST_MAIL_MOST = 100 * 1024, POST_HOOKS = 8, POST_SECRET = 128, POST_CAUSE = 256, POST_SMS_MOST = 2000,
	POST_MAIL = 0, POST_SMS = POST_HOOKS + 1, POST_PROOF, POST_ROUTES };      /* 1 to POST_HOOKS: a webhook's number + 1 */
struct post_mail { struct message head; int64_t id; struct place to, message; };
struct post_hook { struct message head; int64_t id; uint32_t hook, spare; struct place event, body; };
struct post_sms  { struct message head; int64_t id; struct place to, text; };
/* One question to the OpenID provider (CIBA): is it she? Asked until it is answered, `seconds` at most. */
struct post_proof { struct message head; int64_t id; uint32_t seconds, spare; struct place hint, words; };
enum post_outcome {
	POST_SENT = 1,
	POST_LATER,                    /* not now: the peer said so of this one */
	POST_NEVER,                    /* refused for good */
	POST_PEER,                     /* the peer cannot be spoken to at all: it says nothing of this one */
	/* Of a question: SENT she said yes, NEVER no, LATER nobody answered in time, PEER it could not be asked, or the answer was not to be believed. */
};
struct post_done { struct message head; int64_t id; uint32_t outcome; uint32_t hook; char cause[POST_CAUSE]; };   /* hook: POST_MAIL ... */

/* What keeper hands the post process: mail.*, webhook, sms.* and ciba.* of samordna.conf, parsed. Passwords and secrets stand here and nowhere else in it. */
enum post_tls { POST_STARTTLS, POST_TLS, POST_PLAIN /* to this machine alone */ };
struct post_boot {
	uint8_t  has_mail, tls, is_sms_form, spare;
	uint16_t port, n_hooks;
	uint32_t ca_length, spare2;    /* PEM, ended by NUL; 0: the system's */
	char     host[256], from[256], user[128], password[256], ca[32 * 1024];
	struct { char url[512]; uint16_t secret_length; uint8_t spare[6]; uint8_t secret[POST_SECRET]; } hook[POST_HOOKS];
	struct { char url[512], authorization[256], body[1024]; } sms;         /* url empty: none */
	struct { char issuer[256], ask[512], token[512], client[128], secret[256], claim[64], acr[128]; uint8_t is_by_code, spare[7]; } ciba;   /* ask empty: none */
};
#endif
