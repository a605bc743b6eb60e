#ifndef DOORS_MESSAGE_KEEPER_H
#define DOORS_MESSAGE_KEEPER_H
/* keeper <-> the others: their settings, their neighbours, how their walls stand; and what keeper hands core. Included by doors/message.h. */
#include "doors/message_log.h"
#include "base/channel.h"
#include "doors/message_gateway.h"
#include "doors/message_post.h"

/* BOOT: the struct that the process's run function takes stands behind; descriptors in the order that function names them. */
struct boot_files { struct message head; uint32_t size; uint32_t n_files; uint32_t first_uid, is_first; };   /* is_first: has never died */
enum peer_kind { PEER_WEB, PEER_GATEWAY, PEER_READER, PEER_POST, PEER_SEAL_SIGN, PEER_SEAL_SECRETS, PEER_CONTROL, PEER_LOGS, PEER_KINDS };
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
	struct { char name[48]; uint8_t is_authorise_only, no_message_authenticator, can_end, can_change, spare[4]; } gateway[RADIUS_CLIENTS];
	char          mail_from[256], mail_server[280];        /* empty: no mail. The server as people call it: HOST:PORT */
	uint32_t      n_hooks;
	uint8_t       has_sms, has_proof, is_proof_by_code, spare;
	char          hook_host[POST_HOOKS][256];              /* of each webhook, for pages: its address may hold a secret */
	struct log_boot logs;
};
#endif
