/* Where a verification stands: the row and what belongs to it, read as facts for the machine of verify_state.h.
 *
 * Everything is read anew for each question. A number that has been changed while the call goes on counts no more; a desk that has become
 * stricter asks for more from that moment.
 *
 * SECURITY: nothing here is taken from a door. Who is privileged follows from HR's roles and from having people, not from what was said. */
#include "points/access/practice.h"
#include "points/access/verify.h"
#include "floor/account.h"
#include "floor/mail.h"
#include "floor/people.h"
#include "floor/setting.h"

const char *const verify_end_name[VERIFY_ENDS] = { "open", "approved", "done", "denied", "aborted", "lapsed" };
const char *const verify_end_word[VERIFY_ENDS] = { N_("under way"), N_("verified"), N_("verified, errand done"), N_("denied"), N_("given up"),
	N_("lapsed") };

enum verify_end verify_end_of(const struct verify_get_row *row, const struct verify_pack *pack, struct instant now)
{
	if (row->outcome)
		return row->outcome == VERIFY_OUT_ABORTED ? VERIFY_ABORTED : VERIFY_DENIED;
	if (row->used_at.is)
		return VERIFY_DONE;
	if (row->approved_at.is)
		return row->token_until.is && now.ms < row->token_until.i ? VERIFY_APPROVED : VERIFY_LAPSED;
	return instant_is_before(now, instant_plus(row->started_at, pack->open)) ? VERIFY_OPEN : VERIFY_LAPSED;
}

enum err verify_is_privileged(struct rq *rq, const struct people_get_row *person, bool *ret)
{
	struct access_manages_row manages;

	TRY(access_manages(rq, (struct maybe_int){ true, person->id }, &manages));
	*ret = manages.n > 0 || (person->roles & (ROLE_PRIVILEGED | ROLE_MANAGER)) != 0;
	return OK;
}

bool verify_number_counts(const struct verify_pack *pack, const struct people_get_row *person, bool is_privileged, struct instant now)
{
	struct span cool = is_privileged ? pack->number_privileged : pack->number;

	return person->phone.len && !instant_is_before(now, instant_plus(person->phone_changed_at, cool));
}

enum err verify_can_be_told(struct rq *rq, const struct people_get_row *person, bool *ret)
{
	struct account_get_row account;

	*ret = mail_reaches(rq, person->id);
	if (*ret)
		return OK;
	enum err err = account_get(rq, person->id, &account);
	*ret = err == OK && account.password.at;
	return err == ERR_NONE ? OK : err;
}

enum err verify_told_instead(struct rq *rq, const struct people_get_row *person, int64_t agent, int64_t *ret)
{
	struct verify_coordinator_row other;
	struct people_get_row who;
	bool is_there = false;

	*ret = -1;
	if (person->manager.is && person->manager.i != agent && people_get(rq, person->manager.i, &who) == OK && people_is_employed(&who, rq->now))
		TRY(verify_can_be_told(rq, &who, &is_there));
	if (is_there) {
		*ret = who.id;
		return OK;
	}
	enum err err = verify_coordinator(rq, ROLE_COORDINATOR, person->id, agent, &other);
	if (err == OK && people_get(rq, other.id, &who) == OK)
		TRY(verify_can_be_told(rq, &who, &is_there));
	if (is_there)
		*ret = other.id;
	return err == ERR_NONE ? OK : err;
}

enum err verify_strict_until(struct rq *rq, struct maybe_int *ret)
{
	struct verify_strict_row row;
	enum err err = verify_strict(rq, rq->now, &row);

	*ret = err == OK ? row.until : (struct maybe_int){ 0 };
	return err == ERR_NONE ? OK : err;
}

/* Can she log in here, where a code would be shown to her? */
static enum err has_page(struct rq *rq, int64_t person, bool *ret)
{
	struct account_get_row account;
	enum err err = account_get(rq, person, &account);

	/* In an exercise whoever coordinates can be anybody, and see her page. */
	*ret = (err == OK && account.password.at) || setting_bool(rq, "demo.is_on");
	return err == ERR_NONE ? OK : err;
}

static enum err read_facts(struct rq *rq, struct verification *v)
{
	const struct verify_get_row *row = &v->row;
	struct verify_facts *f = &v->facts;
	struct verify_hand_row hand;
	struct maybe_int strict;
	bool is_told, has_a_page;
	int64_t told;

	TRY(verify_is_privileged(rq, &v->person, &v->is_privileged));
	TRY(verify_strict_until(rq, &strict));
	TRY(verify_can_be_told(rq, &v->person, &is_told));
	TRY(verify_told_instead(rq, &v->person, row->agent, &told));
	v->is_strict = strict.is;
	TRY(has_page(rq, v->person.id, &has_a_page));
	enum err handed = verify_hand(rq, row->id, &hand);
	if (handed != OK && handed != ERR_NONE)
		return handed;
	*f = (struct verify_facts){ .has_page = has_a_page, .is_handed = handed == OK, .class = verify_class_of(v->errand->class, v->is_privileged, v->is_strict),
		.end = verify_end_of(row, &v->pack, rq->now), .has_channel = is_told && told >= 0,
		.number_counts = row->number_counts && verify_number_counts(&v->pack, &v->person, v->is_privileged, rq->now),
		.is_called = row->called_at.is, .is_right = row->right_at.is, .is_bound = row->bound_at.is, .is_present = row->present_at.is,
		.is_code_live = row->code_until.is && rq->now.ms < row->code_until.i && !row->right_at.is && row->wrong < VERIFY_TRIES,
		.is_token_live = row->token_until.is && rq->now.ms < row->token_until.i && !row->used_at.is && !row->outcome,
		.wrong = (uint8_t)MIN(row->wrong, VERIFY_TRIES) };
	for (size_t i = 0; i < v->n_vouchers; i++)
		f->vouchers += v->vouchers[i].is_yes && f->vouchers < 2;
	return OK;
}

enum err verify_read(struct rq *rq, int64_t id, struct verification *ret)
{
	static const struct verify_errand unknown = { .class = VERIFY_C };
	enum err err = verify_get(rq, id, &ret->row);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no verification %lld."), (long long)id);
	TRY(err);
	TRY(verify_pack(rq, &ret->pack));
	TRY(people_get(rq, ret->row.person, &ret->person));
	/* An errand that is in the pack no more is as strong as can be. */
	ret->errand = verify_errand(&ret->pack, ret->row.errand);
	if (!ret->errand)
		ret->errand = &unknown;
	TRY(verify_vouchers(rq, id, &ret->vouchers, &ret->n_vouchers));
	TRY(practice_is(rq, id, &ret->is_practice));
	return read_facts(rq, ret);
}

enum err verify_banner(struct rq *rq, struct str *ret)
{
	struct out at = out_new(rq->arena);
	struct maybe_int strict;

	*ret = STR("");
	if (!(rq->actor->roles & ROLE_SUPPORT))
		return OK;
	TRY(verify_strict_until(rq, &strict));
	if (!strict.is)
		return OK;
	tongue_instant(&at, rq->language, (struct instant){ strict.i });
	*ret = str_print(rq->arena, _("Be stricter now. Somebody may be trying us out. Until %.*s a new password, too, needs the person here or two managers who vouch."), STR_ARG(out_str(&at)));
	return OK;
}

static const char *why_lacking(struct rq *rq, const struct verification *v)
{
	unsigned lacks = verify_lacks(&v->facts);

	if (lacks & VERIFY_LACKS_CALL)
		return _("Hang up and ring the number on record first.");
	if (lacks & VERIFY_LACKS_PERSON)
		return v->facts.class >= VERIFY_C ? _("Without a log-in here this needs the person here, and a manager who vouches.")
		     : _("Without a log-in here and with a number that proves nothing, the person has to come here.");
	if (!v->facts.has_page && (lacks & VERIFY_LACKS_STRONG))
		return _("Without a log-in here this needs two managers who vouch, or the person here.");
	if (!v->facts.has_page && (lacks & VERIFY_LACKS_SECOND))
		return _("Without a log-in here this needs a manager who vouches, or the person here.");
	if (lacks & VERIFY_LACKS_CODE)
		return _("Give a code first, and have it read back to you.");
	if (lacks & VERIFY_LACKS_STRONG)
		return v->facts.number_counts ? _("This needs the person here, or two managers who vouch.")
		     : _("The telephone number is too new or missing, so a call-back is not enough. Ask two managers to vouch, or let the person come here.");
	if (lacks & VERIFY_LACKS_SECOND)
		return _("A second proof is missing: ask the manager to vouch, or let the person come here.");
	return _("Neither the person nor anybody above can be told. It stops here; ask for a risk decision instead.");
}

const char *verify_why_not(struct rq *rq, const struct verification *v, enum verify_step step)
{
	switch (verify_may(&v->facts, step)) {
	case VERIFY_MAY:       return NULL;
	case VERIFY_NO_OVER:   return _("This verification is over. Begin a new one.");
	case VERIFY_NO_EARLY:
		if (step == VERIFY_TAKEN)
			return _("Nobody has asked for a colleague here.");
		if (step == VERIFY_CODE || !v->facts.has_page)
			return _("Hang up and ring the number on record first.");
		return step == VERIFY_RIGHT || step == VERIFY_WRONG ? _("The code is no longer valid. Give a new one.")
		     : _("Give a code first, and have it read back to you.");
	case VERIFY_NO_AGAIN:  return _("That is already done.");
	case VERIFY_NO_TRIES:  return _("Three wrong codes. Deny it, or give it up and begin again.");
	case VERIFY_NO_COUNTS: return _("The telephone number is too new or missing, so a call-back is not enough. Ask two managers to vouch, or let the person come here.");
	case VERIFY_NO_HANDED: return _("A colleague is asked to take over. Until then this goes no further.");
	case VERIFY_NO_PAGE:   return _("This person has no log-in here, so no code can be seen. Ask a manager to vouch, or let the person come here.");
	case VERIFY_NO_TOKEN:  return _("There is no token that is valid now. Begin a new verification.");
	case VERIFY_NO_LACKS:  break;
	}
	return why_lacking(rq, v);
}
