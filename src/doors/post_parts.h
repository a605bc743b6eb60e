#ifndef DOORS_POST_PARTS_H
#define DOORS_POST_PARTS_H
/* Between post*.c. */
#include <curl/curl.h>
#include "doors/post.h"
#include "base/str.h"

/* --- libcurl, loaded by post alone (post_curl.c) --- */
#define POST_CURL(X) X(global_init) X(easy_init) X(easy_cleanup) X(easy_setopt) X(easy_getinfo) X(easy_strerror) \
	X(multi_init) X(multi_setopt) X(multi_add_handle) X(multi_remove_handle) X(multi_perform) X(multi_poll) \
	X(multi_info_read) X(slist_append) X(slist_free_all)
struct post_curl {
	bool is_there;
#define X(name) __typeof__(&(curl_##name)) name;
	POST_CURL(X)
#undef X
};
extern struct post_curl post_curl;
void post_curl_load(void);
extern struct str post_system_authorities;       /* PEM; empty: the system has none */

/* --- names (post_name.c) --- */
enum { POST_ADDRESSES = 8, POST_ADDRESS = 46 };
void post_name_prepare(void);                    /* before the walls: resolv.conf and hosts */
/* The addresses of a host: what it is itself, what hosts says, what DNS says. Blocks for some seconds at most. 0: none. */
size_t post_name_find(const char *host, char ret[POST_ADDRESSES][POST_ADDRESS]);
bool   post_name_is_loopback(const char *address);

/* --- transfers (post.c, post_mail.c, post_http.c, post_hook.c, post_sms.c, post_proof.c) --- */
enum { POST_ANSWER = 16 * 1024 };
struct transfer {
	CURL   *easy;                                /* NULL: free */
	int64_t id;
	uint32_t hook;                               /* POST_MAIL ... */
	struct curl_slist *list, *resolve;
	char   *bytes; size_t length, at;            /* what is sent; its own memory */
	char    error[CURL_ERROR_SIZE], reply[POST_CAUSE], phase[8];
	char   *answer; size_t answered;             /* POST_ANSWER octets of room, of whoever wants the body; NULL: it is thrown away */
	bool    is_leaving;                          /* a mail: QUIT was said */
};
/* Everything that both kinds share: authorities, time limits, no proxies, no following. False: the name has no address, and `error` says so. */
bool post_set_common(struct transfer *, const char *host, uint16_t port, struct str authorities, bool is_loopback_only);
bool post_mail_start(struct transfer *, const struct post_boot *, const struct post_mail *, const struct parcel *);
bool post_hook_start(struct transfer *, const struct post_boot *, const struct post_hook *, const struct parcel *);
bool post_sms_start(struct transfer *, const struct post_boot *, const struct post_sms *, const struct parcel *);
/* One POST; `head` is the transfer's from here on. */
bool post_http_start(struct transfer *, const struct post_boot *, const char *url, struct curl_slist *head, struct str body);
/* application/x-www-form-urlencoded; cut short when there is no room, and then false. */
struct form { char *at; size_t length, room; bool is_full; };
void post_form_add(struct form *, const char *name, struct str value);

/* --- questions to the OpenID provider (post_proof.c) --- */
/* A new one; false: there is no room. */
bool post_proof_take(const struct post_proof *, const struct parcel *, int64_t ticks);
/* Milliseconds until the next has something to send; -1: none has. */
int64_t post_proof_wait(int64_t ticks);
/* Its next request, when it is time for one: true when the transfer was made. */
bool post_proof_start(struct transfer *, const struct post_boot *, int64_t ticks);
/* The transfer of one is over. True: the question is answered, by *ret and *ret_cause. */
bool post_proof_took(struct transfer *, const struct post_boot *, CURLcode, long code, int64_t ticks, enum post_outcome *ret, const char **ret_cause);
enum post_outcome post_mail_outcome(const struct transfer *, CURLcode);
long   post_mail_code(const struct transfer *);
enum post_outcome post_hook_outcome(CURLcode, long code);
#endif
