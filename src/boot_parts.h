#ifndef BOOT_PARTS_H
#define BOOT_PARTS_H
/* Between boot*.c alone: the file that is being read, and what its keys are taken apart with. What is wrong is said with file and line, in the
 * language of the account that starts the server (language_here). */
#include "boot.h"
#include "floor/rq.h"

struct reading { struct boot *boot; struct trouble *trouble; const char *path; int line, mail_line; };       /* mail_line: the last that began with mail., sms. or ciba. */

static inline const char *boot_says(const char *) __attribute__((format_arg(1)));
static inline const char *boot_says(const char *english) { return tongue(language_here(), english); }

/* "samordna.conf:7: WHAT: \"value\"". `what` is marked N_(). */
enum err   boot_wrong(struct reading *, const char *what, struct str value);
enum err   boot_keep(struct reading *, struct str value, char *room, size_t size);
enum err   boot_listen(struct reading *, struct str value, struct listen_at *ret);         /* ADDRESS:PORT, [ADDRESS6]:PORT */
enum err   boot_secret(struct reading *, struct str word, void *ret, size_t size, size_t *ret_length);   /* SECRET or file:PATH */
struct str boot_word(struct str *rest);                                /* the next word, cut off; empty at the end */

/* boot_mail.c */
enum err boot_mail_server(struct reading *, struct str);
enum err boot_mail_from(struct reading *, struct str);
enum err boot_mail_user(struct reading *, struct str);
enum err boot_mail_ca(struct reading *, struct str);
enum err boot_mail_password(struct reading *, struct str);
enum err boot_webhook(struct reading *, struct str);
enum err boot_sms_url(struct reading *, struct str);
enum err boot_sms_authorization(struct reading *, struct str);
enum err boot_sms_body(struct reading *, struct str);
enum err boot_ciba_issuer(struct reading *, struct str);
enum err boot_ciba_ask(struct reading *, struct str);
enum err boot_ciba_token(struct reading *, struct str);
enum err boot_ciba_client(struct reading *, struct str);
enum err boot_ciba_secret(struct reading *, struct str);
enum err boot_ciba_person(struct reading *, struct str);
enum err boot_ciba_acr(struct reading *, struct str);
enum err boot_mail_check(const struct reading *);
/* boot_logs.c */
enum err boot_watch_file(struct reading *, struct str);
enum err boot_watch_journal(struct reading *, struct str);
enum err boot_watch_places(struct reading *, struct str);
enum err boot_watch_syslog(struct reading *, struct str);
#endif
