#ifndef FLOOR_DECIDE_OWN_H
#define FLOOR_DECIDE_OWN_H
/* For decide_*.c alone: what their verbs share. */
#include "floor/decide.h"
#include "floor/event.h"

enum err decide_step(struct change *, int64_t id, struct maybe_int person, enum decide_move, struct str words, struct str hash);
/* As herself when logged in; as anybody on the command line, where it is stated (the setting cli.state). */
enum err decide_may_do_as(struct rq *, int64_t by);
enum err decide_words(struct rq *, struct str words, const char *missing, bool is_needed);
/* It has no effect from now on: the gate is told in this commit, and whoever hears it. */
enum err decide_over(struct change *, const struct decide_get_row *);

/* The mails of a decision (decide_mail.c). */
enum err decide_mail_asked(struct change *, const struct decide_get_row *);
enum err decide_mail_answered(struct change *, const struct decide_get_row *, enum decide_answer);

/* May this reader see it? (decide_page.c) */
bool decide_sees(struct rq *, const struct decide_get_row *);
/* As pages name them: empty for nobody; for whom or where a decision is. */
struct str decide_person_name(struct rq *, struct maybe_int id);
struct str decide_scope_words(struct rq *, const struct decide_get_row *);

#define DECIDE_MAY_ASK (ROLE_COORDINATOR | ROLE_SYSTEM_OWNER | ROLE_MANAGER | ROLE_SUPPORT | ROLE_MANAGEMENT)
enum err decide_get_ask(struct rq *, const struct visit *, struct answer *);
enum err decide_post_ask(struct rq *, const struct visit *, struct answer *);
#endif
