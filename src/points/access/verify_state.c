/* The steps of verifying a caller: which may come next, and what is missing. Pure; see verify_state.h.
 *
 * How it works: one switch says what a step stands on, one what it changes. Whether somebody is verified is never stored by a route: it is
 * asked of verify_lacks at the moment of approval, with the facts as they are then.
 *
 * SECURITY: verify_state_test.c goes through every order of steps up to a length of eight and holds each approval against the rules
 * written down a second time there. Whoever changes a rule changes both.
 *
 * What it does not do: it does not know who somebody is. That voucher, agent and person are three, that a code was right, and how old a
 * number is, verify.c finds out from the store. */
#include "points/access/verify_state.h"

/* No code can be read back: others who know her stand in for it, each counting once. */
static unsigned lacks_without_page(const struct verify_facts *f)
{
	unsigned lacks = f->has_channel ? 0 : VERIFY_LACKS_CHANNEL;

	if (f->class >= VERIFY_C)
		return lacks | (f->is_present ? 0 : VERIFY_LACKS_PERSON) | (f->vouchers ? 0 : VERIFY_LACKS_SECOND);
	if (f->is_present)
		return lacks;
	if (!f->number_counts)
		return lacks | VERIFY_LACKS_PERSON;
	if (!f->is_called)
		lacks |= VERIFY_LACKS_CALL;
	if (f->vouchers < (f->class == VERIFY_A ? 1 : 2))
		lacks |= f->class == VERIFY_A ? VERIFY_LACKS_SECOND : VERIFY_LACKS_STRONG;
	return lacks;
}

unsigned verify_lacks(const struct verify_facts *f)
{
	if (!f->has_page)
		return lacks_without_page(f);
	bool is_strong = f->is_present || f->vouchers >= 2;
	bool has_second = is_strong || f->vouchers == 1 || f->is_bound;
	unsigned lacks = 0;

	if (f->number_counts && !f->is_called)
		lacks |= VERIFY_LACKS_CALL;
	if (!f->is_right)
		lacks |= VERIFY_LACKS_CODE;
	if ((f->class >= VERIFY_C || !f->number_counts) && !is_strong)
		lacks |= VERIFY_LACKS_STRONG;
	else if (f->class == VERIFY_B && !has_second)
		lacks |= VERIFY_LACKS_SECOND;
	if (!f->has_channel)
		lacks |= VERIFY_LACKS_CHANNEL;
	return lacks;
}

/* Second proofs come after the code: until then nobody but the caller's word is there. Without one: after the call, or once she stands here. */
static enum verify_no may_prove(const struct verify_facts *f, bool is_done)
{
	if (f->has_page ? !f->is_right : !f->is_called && !f->is_present)
		return VERIFY_NO_EARLY;
	return is_done ? VERIFY_NO_AGAIN : VERIFY_MAY;
}

static enum verify_no may_code(const struct verify_facts *f, enum verify_step step)
{
	if (!f->has_page)
		return VERIFY_NO_PAGE;
	if (f->is_right)
		return VERIFY_NO_AGAIN;
	if (f->wrong >= VERIFY_TRIES)
		return VERIFY_NO_TRIES;
	if (step == VERIFY_CODE)
		return f->number_counts && !f->is_called ? VERIFY_NO_EARLY : VERIFY_MAY;
	return f->is_code_live ? VERIFY_MAY : VERIFY_NO_EARLY;
}

enum verify_no verify_may(const struct verify_facts *f, enum verify_step step)
{
	bool is_open = f->end == VERIFY_OPEN;

	if (step == VERIFY_USE)
		return f->end == VERIFY_DONE ? VERIFY_NO_AGAIN : f->end == VERIFY_APPROVED && f->is_token_live ? VERIFY_MAY : VERIFY_NO_TOKEN;
	/* The employee may always say that it was not she: also when it has been approved, done or given up. */
	if (step == VERIFY_NOT_ME)
		return f->end == VERIFY_DENIED ? VERIFY_NO_AGAIN : VERIFY_MAY;
	if (!is_open)
		return VERIFY_NO_OVER;
	/* While it is handed over it can be taken, or come to nothing: whoever presses the agent gets no further. */
	if (step == VERIFY_TAKEN)
		return f->is_handed ? VERIFY_MAY : VERIFY_NO_EARLY;
	if (f->is_handed && step != VERIFY_DENY && step != VERIFY_ABORT)
		return step == VERIFY_HAND ? VERIFY_NO_AGAIN : VERIFY_NO_HANDED;
	switch (step) {
	case VERIFY_CALL:
		return !f->number_counts ? VERIFY_NO_COUNTS : f->is_called ? VERIFY_NO_AGAIN : VERIFY_MAY;
	case VERIFY_CODE: case VERIFY_RIGHT: case VERIFY_WRONG:
		return may_code(f, step);
	case VERIFY_ASK:
		return may_prove(f, f->vouchers >= 2);
	case VERIFY_VOUCH:
		return may_prove(f, f->vouchers >= 2);
	case VERIFY_BOUND:
		return f->has_page ? may_prove(f, f->is_bound) : VERIFY_NO_PAGE;
	case VERIFY_PRESENT:
		return f->has_page ? may_prove(f, f->is_present) : f->is_present ? VERIFY_NO_AGAIN : VERIFY_MAY;
	case VERIFY_APPROVE:
		return verify_lacks(f) ? VERIFY_NO_LACKS : VERIFY_MAY;
	default:
		return VERIFY_MAY;
	}
}

void verify_take(struct verify_facts *f, enum verify_step step)
{
	switch (step) {
	case VERIFY_CALL:    f->is_called = true; break;
	case VERIFY_CODE:    f->is_code_live = true; break;
	case VERIFY_RIGHT:   f->is_right = true; f->is_code_live = false; break;
	/* The same digits can be tried again until the third; then they are gone. */
	case VERIFY_WRONG:   f->is_code_live = ++f->wrong < VERIFY_TRIES; break;
	case VERIFY_VOUCH:   f->vouchers++; break;
	case VERIFY_BOUND:   f->is_bound = true; break;
	case VERIFY_PRESENT: f->is_present = true; break;
	case VERIFY_APPROVE: f->end = VERIFY_APPROVED; f->is_token_live = true; break;
	case VERIFY_USE:     f->end = VERIFY_DONE; f->is_token_live = false; break;
	case VERIFY_DENY:
	case VERIFY_NOT_ME:  f->end = VERIFY_DENIED; f->is_token_live = false; break;
	case VERIFY_HAND:    f->is_handed = true; break;
	case VERIFY_TAKEN:   f->is_handed = false; break;
	case VERIFY_ABORT:   f->end = VERIFY_ABORTED; break;
	default:             break;
	}
}

enum verify_class verify_class_of(enum verify_class errand, bool is_privileged, bool is_strict)
{
	if (is_privileged || (is_strict && errand == VERIFY_B))
		return VERIFY_C;
	return errand;
}
