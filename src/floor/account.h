#ifndef FLOOR_ACCOUNT_H
#define FLOOR_ACCOUNT_H
/* Logging in to Samordna itself: what the pages of set-up, log-in, invitation and "your login" share.
 *
 * A login is a password (argon2id, in seal) and a second factor (TOTP, in seal), or one of ten saved codes instead of the second.
 * It begins with a one-time start code: of set-up, of an invitation, of a recovery. Each page's work that takes time (seal) stands in its
 * `prepare`; what it decides stands in its `post`, which looks again at everything that may have changed in between.
 *
 * Other pages need two things: account_is_stepped_up for an act that asks for the second factor only sometimes, and
 * /people/invite?person=CODE as a link or a form with a hidden field `person`. */
#include "floor/account.sql.h"
#include "floor/page.h"

enum account_code_kind { CODE_SETUP = 1, CODE_INVITATION, CODE_RECOVERY, CODE_SAVED };
enum {                                  /* minutes */
	ACCOUNT_STEP_UP = 5, ACCOUNT_IDLE_COORDINATOR = 15, ACCOUNT_IDLE = 30, ACCOUNT_ABSOLUTE = 12 * 60, ACCOUNT_SECOND = 10,
	ACCOUNT_ENROLMENT = 30,
};
enum { ACCOUNT_START_HOURS = 24, ACCOUNT_SAVED_CODES = 10 };
/* Who can do harm: the longer password, and invited by a coordinator alone. */
enum { ROLE_PRIVILEGED = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SUPPORT | ROLE_SYSTEM_OWNER | ROLE_AUDITOR };

/* --- tokens and one-time codes: only their hashes are kept --- */
struct str account_hash(struct arena *, struct str token);             /* SHA-256 */
struct str account_token(struct arena *);                              /* 192 random bits */
enum { ACCOUNT_CODE = 20 };
void       account_code_make(char ret[ACCOUNT_CODE]);                  /* "7KQ2-M9XD-4ATB-0HVR": 80 random bits */
/* As people type it: small letters, blanks, O for 0. False: no code looks like that. */
bool       account_code_read(struct str typed, char ret[ACCOUNT_CODE]);
/* A new start code for a person, or saved codes; those before it are closed first by the caller. */
enum err   account_code_give(struct change *, struct maybe_int person, enum account_code_kind, struct instant until, const char *code);
enum err   account_saved_codes_give(struct change *, int64_t person, char ret[ACCOUNT_SAVED_CODES][ACCOUNT_CODE]);

/* A write that may find nothing to do. */
static inline enum err account_or_none(enum err err) { return err == ERR_NONE ? OK : err; }

/* --- sessions --- */
/* Ends the session in hand and begins a new one with a new token, which the answer sets. */
struct account_session_wish { struct maybe_int person, waiting_for; struct instant stepped_up_at; };
enum err   account_session_begin(struct rq *, const struct visit *, struct answer *, struct account_session_wish);
bool       account_is_stepped_up(const struct rq *);
/* Where to show the second factor first, and then come back to `here`. */
struct str account_step_up_at(struct rq *, struct str here);
/* The second factor as field `otp` of the very form that it confirms: for its page's prepare, and then in post. OK with wrongs: it was not
 * right, and has been counted. After it rq->actor has stepped up. */
struct wrongs;
enum err   account_confirm_prepare(struct rq *, struct visit *);
enum err   account_confirm(struct rq *, const struct visit *, struct wrongs *, struct answer *);
/* A form that was sent when the second factor had grown old: the code is asked for in its place, what was typed goes along
 * (account_step_up_draw, on a reader), and with the right code the form is done (account_step_up_post, after account_confirm_prepare). */
enum err   account_step_up_draw(struct rq *, const struct visit *, const struct wrongs *, struct answer *);
enum err   account_step_up_post(struct rq *, const struct page *, const struct visit *, struct answer *);
/* A form that was sent when its session had ended: the log-in stands in its place and what was typed goes along, through both steps, to a page that
 * sends it when its writer says so (account_kept.c). */
bool       account_kept_fits(const struct visit *);                     /* not too much for a page */
enum err   account_login_draw(struct rq *, const struct visit *, struct answer *);     /* its first step, with what is kept in its fields */
enum err   account_kept_draw(struct rq *, const struct visit *, struct answer *);
struct account_kept { struct str at; const struct field *fields; size_t n; };     /* at: where the form goes; "" when nothing is kept */
struct account_kept account_kept(struct rq *, const struct visit *);    /* of the log-in's own form */
enum err   account_kept_done(struct rq *, const struct account_kept *, struct answer *);
/* The token of a session that every form carries: 43 letters. */
struct str account_form_token(struct arena *, struct str session);
/* A path of ours that may stand in ?next= : "" otherwise. */
struct str account_next(const struct visit *);
struct str account_path(struct str);
/* The session's own person: who logged in, also while she acts as somebody else. -1: nobody. */
int64_t    account_real_person(struct rq *, const struct visit *, bool *ret_acts);
/* The leaf's actor from now on in this job: for acts of a visitor whom we have come to know. */
enum err   account_act_as(struct rq *, int64_t person);

/* --- budgets: guessing is slowed, per name, per network, per person --- */
enum account_budget_kind { BUDGET_NAME_HERE, BUDGET_NAME, BUDGET_NETWORK, BUDGET_SECOND, BUDGET_SECOND_DAY, BUDGET_START, BUDGET_REPORT, BUDGET_REPORTS,
	BUDGET_LINK, BUDGET_CALL, BUDGET_CALLS, BUDGET_FEED, ACCOUNT_BUDGETS };
struct budget { int64_t tries; struct instant since; };
bool          budget_is_spent(enum account_budget_kind, struct budget, struct instant now);
struct budget budget_after(enum account_budget_kind, struct budget, struct instant now);   /* one more try */
int64_t       budget_left(enum account_budget_kind, struct budget, struct instant now);
/* IPv4 to /24, IPv6 to /48: what one guesser easily has. */
struct str    account_network(struct arena *, struct str address);
/* `of`: the name, network or person's number; kept as a hash. */
bool          account_is_spent(struct rq *, enum account_budget_kind, struct str of);
enum err      account_spend(struct rq *, enum account_budget_kind, struct str of, int64_t *ret_left);
enum err      account_refund(struct rq *, enum account_budget_kind, struct str of);

/* A code from the phone as it was typed, without blanks and hyphens. */
struct str    account_digits(struct rq *, struct str typed);
/* The page that shows new saved codes, this one time. */
enum err      account_show_saved_codes(struct rq *, struct answer *, char codes[ACCOUNT_SAVED_CODES][ACCOUNT_CODE], struct str next);

/* --- a second factor being connected: set-up and "another phone" --- */
struct account_enrolling {
	bool is_there, is_right, is_spent, is_new;
	struct account_enrolment_row row;
	struct str base32;
	int64_t counter;
};
/* For prepare: the row of this session, and whether the code in field `otp` shows its key; visit->prepared is the above. */
enum err      account_enrolment_check(struct rq *, struct visit *);
enum err      account_enrolment_hold(struct rq *, struct visit *, const struct account_enrolment_row *, struct str base32);
/* For post: the key's page, for a new key or again after a wrong code, which is counted. */
enum err      account_enrolment_draw(struct rq *, const struct visit *, struct answer *);

/* --- passwords --- */
/* As it was typed: untrimmed, in the one form (NFC) that every keyboard leads to. STR_NONE: absent. */
struct str    account_password(struct rq *, const struct visit *, const char *field);
struct password_owner { unsigned roles; struct str name, email, code, organisation; };
/* NULL, or what is wrong with it: an N_() sentence. Pure. */
const char   *password_wrong(struct str password, const struct password_owner *);

/* --- drawing --- */
/* The QR code of a text as horizontal runs of dark modules, with the quiet zone around. False: too long. */
struct qr_run { int64_t x, y, width; };
bool          qr_draw(struct arena *, struct str text, struct qr_run **ret, size_t *ret_n, int64_t *ret_modules);

/* What nobody will use any more: a job, now and then. */
enum err      account_tidy(struct rq *);

extern const struct page    account_login_pages[], account_setup_pages[], account_invite_pages[], account_own_pages[],
	account_exercise_pages[];
extern const struct command account_commands[];
#endif
