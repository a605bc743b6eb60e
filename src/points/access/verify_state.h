#ifndef VERIFY_STATE_H
#define VERIFY_STATE_H
/* The steps of verifying a caller, as a machine without store and without clock: what is proved so far, and what may come next.
 *
 * Somebody rings the support and says who she is. The support hangs up and rings the number on record (call), reads two words to her and
 * has six digits read back (code, right or wrong), asks for a second proof where the errand is strong, and then approves: a token for this
 * person, errand and agent, used once. Any route - page, command, API - hands its facts in here, so none can skip or turn a step.
 *
 *     A  call + code                    unlock, information
 *     B  A + one second proof           password, permission for remote connection
 *     C  A + in person or two vouchers  second factor, new phone; every errand of a privileged person or a manager
 *
 * A number that was changed a short time ago, or that is not there, proves nothing: then it is code + in person or two vouchers, in any class.
 * What somebody knows is no proof and has no step.
 *
 * The code is seen on the person's own page alone, so whoever has no log-in here cannot read one back. She is verified by other people instead:
 *
 *     A  call + a voucher, or in person
 *     B  call + two vouchers, or in person
 *     C  in person + a voucher
 *
 * In person she need not be rung up as well. With a number that proves nothing it is in person, in any class: nothing else ties the caller to her. */
#include "base/base.h"

enum verify_class { VERIFY_A = 1, VERIFY_B, VERIFY_C };

enum verify_step {
	VERIFY_CALL,            /* hung up, rang the number on record, and she answered */
	VERIFY_CODE,            /* two words and six digits are hers to see */
	VERIFY_RIGHT,           /* the digits that she read back are those */
	VERIFY_WRONG,           /* they are not */
	VERIFY_ASK,             /* somebody is asked to vouch */
	VERIFY_VOUCH,           /* and does: another one than before, not the person, not the agent */
	VERIFY_BOUND,           /* a code from the second factor that is still hers */
	VERIFY_PRESENT,         /* she stands here, and somebody has looked at her identity card */
	VERIFY_APPROVE,         /* the token */
	VERIFY_USE,             /* the errand is done with it */
	VERIFY_DENY,            /* the agent does not believe it */
	VERIFY_NOT_ME,          /* the employee herself: it is not me who rings */
	VERIFY_ABORT,           /* it came to nothing */
	VERIFY_HAND,            /* the agent asks a colleague to go on: perhaps she is pressed */
	VERIFY_TAKEN,           /* and one does */
	VERIFY_STEPS
};

enum verify_end { VERIFY_OPEN, VERIFY_APPROVED, VERIFY_DONE, VERIFY_DENIED, VERIFY_ABORTED, VERIFY_LAPSED, VERIFY_ENDS };
enum { VERIFY_TRIES = 3 };

struct verify_facts {
	enum verify_class class;
	enum verify_end   end;
	bool              number_counts;        /* there is one, and it was there long enough before the call */
	bool              has_channel;          /* the employee and her manager can be told of it */
	bool              is_handed;            /* a colleague is asked to go on, and nobody has yet */
	bool              has_page;             /* she has a log-in here, and sees a code there */
	bool              is_called, is_code_live, is_right, is_bound, is_present, is_token_live;
	uint8_t           vouchers, wrong;      /* different people who have vouched; wrong codes */
};

/* What is still missing before it may be approved: bits. */
enum verify_lack {
	VERIFY_LACKS_CALL = 1, VERIFY_LACKS_CODE = 2,
	VERIFY_LACKS_SECOND = 4,        /* one of: a voucher, the bound factor, in person */
	VERIFY_LACKS_STRONG = 8,        /* one of: in person, two vouchers */
	VERIFY_LACKS_PERSON = 32,       /* she herself, here: nothing else will do */
	VERIFY_LACKS_CHANNEL = 16       /* nobody can be told: it ends here, and a risk decision is the only way on */
};
unsigned verify_lacks(const struct verify_facts *);

enum verify_no {
	VERIFY_MAY,
	VERIFY_NO_OVER,         /* it is over, one way or another */
	VERIFY_NO_EARLY,        /* a step before it is not done */
	VERIFY_NO_AGAIN,        /* done already; a step is not done twice */
	VERIFY_NO_TRIES,        /* three wrong codes: deny it, or give it up */
	VERIFY_NO_COUNTS,       /* the number proves nothing */
	VERIFY_NO_HANDED,       /* a colleague goes on, or nobody */
	VERIFY_NO_PAGE,         /* she has no log-in here, so no code reaches her */
	VERIFY_NO_LACKS,        /* verify_lacks says what */
	VERIFY_NO_TOKEN         /* none, or its time is over */
};
enum verify_no verify_may(const struct verify_facts *, enum verify_step);
/* The facts after a step that may be taken. */
void           verify_take(struct verify_facts *, enum verify_step);

/* The class of an errand for this person now: a privileged one or a manager is always C; while strict, what was B is C. */
enum verify_class verify_class_of(enum verify_class errand, bool is_privileged, bool is_strict);
#endif
