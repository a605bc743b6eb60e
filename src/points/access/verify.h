#ifndef VERIFY_H
#define VERIFY_H
/* Verifying a caller: the acts over the machine of verify_state.h, for access's own files.
 *
 * verify_begin makes a verification; verify_do takes one step of it, for the agent who began it; verify_answer and verify_not_me are the
 * manager's and the employee's own. Each is one leaf, inside a job on the writer, and reads everything again there. Refusals say what to do.
 *
 * Codes, numbers and links are derived from a key that lies in this process's memory alone (verify_code.c), so the store holds nothing that
 * could be read back to a caller, and a page can show them again; a start makes them void, and the agent gives a new code. */
#include "points/access/access.h"
#include "points/access/verify.sql.h"
#include "points/access/verify_state.h"
#include "floor/people.h"

/* --- the packs (verify_pack.c) --- */
enum { VERIFY_ERRANDS = 16 };
struct verify_errand { struct str name, word; enum verify_class class; bool is_reset; };
struct verify_pack {
	struct verify_errand errand[VERIFY_ERRANDS]; size_t n_errands;
	struct span          code, vouch, token, open, number, number_privileged, hold, hold_privileged, strict;
	int64_t              failed, persons;
};
enum err verify_pack(struct rq *, struct verify_pack *ret);
const struct verify_errand *verify_errand(const struct verify_pack *, struct str name);        /* NULL: there is none */
/* Two words of the list, chosen by four random bytes. */
enum err verify_words(struct rq *, const unsigned char bytes[4], struct str *ret);

/* --- codes and tokens (verify_code.c) --- */
enum verify_secret { VERIFY_SECRET_NUMBER, VERIFY_SECRET_CODE, VERIFY_SECRET_WORDS, VERIFY_SECRET_LINK, VERIFY_SECRET_TOKEN, VERIFY_SECRET_CALLER };
struct str verify_number(struct rq *, int64_t id);                     /* six digits: the number of a genuine call */
struct str verify_code(struct rq *, int64_t id, int64_t round);        /* six digits */
struct str verify_link(struct rq *, int64_t id);                       /* the last part of /akta/... */
struct str verify_token(struct rq *, int64_t id);                      /* 7KQ2-M9XD-4ATB-0HVR */
enum err   verify_words_of(struct rq *, int64_t id, struct str *ret);
/* What is stored of any of these: keyed, so that six digits cannot be tried out against a copy of the store. */
struct str verify_keyed(struct rq *, enum verify_secret, int64_t id, struct str said);
struct str verify_token_typed(struct rq *, struct str said);           /* small letters, blanks or none: in the one form */
struct str verify_digits(struct rq *, struct str typed);               /* without blanks and hyphens */
bool       verify_same(struct str a, struct str b);                    /* in a time that does not tell where they differ */

/* --- where one stands (verify.c) --- */
enum verify_outcome { VERIFY_OUT_DENIED = 1, VERIFY_OUT_ABORTED, VERIFY_OUT_NOT_ME };
extern const char *const verify_end_name[VERIFY_ENDS], *const verify_end_word[VERIFY_ENDS];    /* command line and API; N_() */
struct verification {
	struct verify_get_row   row;
	struct people_get_row   person;
	struct verify_pack      pack;
	const struct verify_errand *errand;
	struct verify_facts     facts;
	bool                    is_privileged, is_strict, is_practice;      /* practice.h */
	struct verify_vouchers_row *vouchers; size_t n_vouchers;
};
/* ERR_NONE with a sentence. */
enum err verify_read(struct rq *, int64_t id, struct verification *ret);
/* Holds power over others' access, or is somebody's manager. */
enum err verify_is_privileged(struct rq *, const struct people_get_row *, bool *ret);
/* Is there a number, and was it there long enough? */
bool     verify_number_counts(const struct verify_pack *, const struct people_get_row *, bool is_privileged, struct instant now);
/* The manager who is told; a coordinator when there is none, or when she is the agent. -1: nobody can be told. */
enum err verify_told_instead(struct rq *, const struct people_get_row *, int64_t agent, int64_t *ret);
enum err verify_can_be_told(struct rq *, const struct people_get_row *, bool *ret);
enum err verify_strict_until(struct rq *, struct maybe_int *ret);
enum err verify_banner(struct rq *, struct str *ret);                  /* over every page of an agent's, while the desk is stricter */

enum verify_end verify_end_of(const struct verify_get_row *, const struct verify_pack *, struct instant now);
/* NULL, or the sentence why this step may not be taken. */
const char *verify_why_not(struct rq *, const struct verification *, enum verify_step);

/* --- acts (verify_act.c) --- */
struct verify_wish { int64_t person, agent; struct str errand, ticket, caller; bool is_stated; };
enum err verify_begin(struct rq *, const struct verify_wish *, int64_t *ret);
struct verify_deed {
	int64_t    id, by;
	struct str said;                /* code, token, who is to vouch, what was shown */
	struct str why;
	bool       is_stated;
	const struct verify_bound_proof *proof;     /* of "bound" alone */
};
struct verify_bound_proof { bool is_checked, is_right; int64_t counter; };
struct verify_done { bool is_wrong; int64_t tries_left; };         /* tries_left -1: not counted here */
struct verify_act {
	const char *name, *button;      /* "call", N_() */
	enum verify_step step;
	enum err  (*make)(struct rq *, struct verification *, const struct verify_deed *, struct verify_done *);
};
extern const struct verify_act verify_acts[];          /* ended by .name NULL */
const struct verify_act *verify_act_named(struct str);
/* verify_bound.c */
enum err verify_make_bound(struct rq *, struct verification *, const struct verify_deed *, struct verify_done *);
/* verify_proof.c: asks, and takes the answer */
enum err verify_make_app(struct rq *, struct verification *, const struct verify_deed *, struct verify_done *);
enum err verify_hear_proof(struct rq *, const struct event *, struct change *);
enum err verify_prepare_one(struct rq *, struct visit *);
enum err verify_do(struct rq *, const struct verify_act *, const struct verify_deed *, struct verify_done *ret);
/* OK when she is the deputy of that manager now; ERR_DENIED with a sentence. */
enum err verify_stands_in(struct rq *, int64_t manager, int64_t deputy);
/* The manager herself, logged in. */
enum err verify_answer(struct rq *, int64_t voucher, int64_t by, bool is_yes);
/* The employee herself: on her own page (by), or with the link that came with the code (by -1). */
enum err verify_not_me(struct rq *, int64_t id, int64_t by);

/* --- what follows (verify_signal.c) --- */
enum quarantine_kind { QUARANTINE_RESET = 1, QUARANTINE_NUMBER, QUARANTINE_FRAUD, QUARANTINE_DURESS };
enum verify_notice { NOTICE_APPROVED = 1, NOTICE_MANAGER, NOTICE_NOT_ME, NOTICE_NOT_ME_MANAGER };
extern const char *const quarantine_word[];            /* N_() */
enum err verify_hold(struct rq *, struct change *, const struct people_get_row *, enum quarantine_kind, struct maybe_int verification);
enum err verify_tell(struct rq *, struct change *, const struct verification *, enum verify_notice to_person, enum verify_notice to_manager);
struct str verify_notice_text(struct rq *, enum verify_notice, struct str errand, struct str name);
enum err verify_tell_call(struct rq *, struct change *, const struct verification *);
enum err verify_tell_voucher(struct rq *, struct change *, const struct verification *, int64_t voucher, int64_t request);
/* Signals, looked for where they can arise. */
enum err verify_signal_begun(struct rq *, struct change *, int64_t id, int64_t person, int64_t agent, struct str caller);
/* Somebody says no: the agent, or the manager who was asked. `title`: N_(). */
enum err verify_signal_denied(struct rq *, struct change *, const struct verification *, const char *title);
enum err verify_signal_failed(struct rq *, struct change *, const struct verification *);
/* She is said to have lost what still logs in. `since`: let in since then counts. */
enum err verify_signal_device(struct rq *, struct change *, const struct verification *, struct instant since);
enum err verify_device_lives(struct rq *, const struct verification *, struct instant since, bool *ret);
enum err verify_signal_reset(struct rq *, struct change *, const struct verification *);
enum err verify_signal_not_me(struct rq *, struct change *, const struct verification *);
enum err verify_signal_duress(struct rq *, struct change *, const struct verification *);
enum err verify_hear_phone(struct rq *, const struct event *, struct change *);

/* --- pages: page_verify.c, page_verify_one.c, page_call.c, page_own.c --- */
struct state_page verify_shape(enum verify_end);
const char *verify_one_acts(size_t n);
enum err verify_mine(struct rq *, int64_t person, struct mines *ret);
#define VERIFY_PAGES(X) X(get_desk) X(post_desk) X(get_one) X(post_one) X(get_call) X(post_call) X(get_link) X(post_link) X(get_vouch) X(post_vouch) X(post_denial)
#define X(name) enum err verify_##name(struct rq *, const struct visit *, struct answer *);
VERIFY_PAGES(X)
#undef X

extern const struct api verify_begin_api, verify_show_api;       /* verify_api.c */
enum err verify_api_begin(struct rq *, const struct visit *, struct answer *);
enum err verify_api_show(struct rq *, const struct visit *, struct answer *);

/* What machines and the command line are told, without the closing brace: no code, no words. */
void verify_json(struct rq *, struct out *, const struct verification *);
#define VERIFY_COMMANDS(X) X(start) X(call) X(code) X(vouch) X(app) X(present) X(approve) X(use) X(hand) X(take) X(close) X(list) X(show)
#define X(name) enum err verify_run_##name(struct rq *, const struct args *, struct out *);
VERIFY_COMMANDS(X)
#undef X
#endif
