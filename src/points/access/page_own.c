/* What a verification asks of others than the agent: /access/vouch/ID of the manager who is asked, and what stands on top of one's own page -
 * a call right now with words and code, a request to vouch, what has been done in one's name, how long the connection is held.
 *
 * SECURITY: each sees her own alone. A request to vouch that is another's does not exist. The code is shown to the employee who has logged in
 * with her own second factor, never to the agent; after a start of the server it is gone and the page says so. */
#include "points/access/verify.h"
#include "points/access/access_vouch.html.h"

enum { NOTICE_DAYS = 7 };

/* --- to vouch --- */

static struct str name_of(struct rq *rq, int64_t id)
{
	struct people_get_row person;
	return people_get(rq, id, &person) == OK ? people_shown_name(rq, person.name, person.is_protected) : STR("");
}

static enum err find_request(struct rq *rq, const struct visit *visit, struct verify_voucher_get_row *ret)
{
	int64_t id;

	if (str_number(visit->rest, INT64_MAX, &id) != OK || verify_voucher_get(rq, id, ret) != OK || ret->person != rq->actor->person)
		return fail(rq, ERR_NONE, "%s", _("You are not asked to vouch for anybody here."));
	return OK;
}

static enum err draw_vouch(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct verify_voucher_get_row row;
	struct verification v;

	TRY(find_request(rq, visit, &row));
	TRY(verify_read(rq, row.verification, &v));
	struct access_vouch_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .self_at = visit->path,
		.person = name_of(rq, v.person.id), .errand = v.errand->word.at ? v.errand->word : STR(""), .agent = name_of(rq, v.row.agent), .until = row.until,
		.is_answered = row.answered_at.is, .was_yes = row.is_yes };
	answer->has_errors = wrongs->n != 0;
	access_vouch_page(&answer->body, rq->language, &page);
	return OK;
}

enum err verify_get_vouch(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_vouch(rq, visit, &(struct wrongs){ 0 }, answer);
}

enum err verify_post_vouch(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct verify_voucher_get_row row;
	struct wrongs wrongs = { 0 };

	TRY(find_request(rq, visit, &row));
	enum err err = verify_answer(rq, row.id, rq->actor->person, str_equal(visit_field(visit, "act"), STR("vouch")));
	if (err == ERR_CONFLICT || err == ERR_DENIED) {
		wrong_add(&wrongs, "", rq->trouble->text);
		return draw_vouch(rq, visit, &wrongs, answer);
	}
	if (err != OK)
		return err;
	answer->status = 303;
	answer->location = str_print(rq->arena, "/access/vouch/%lld", (long long)row.id);
	return OK;
}

/* --- it was not me --- */

enum err verify_post_denial(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	int64_t id;

	if (str_number(visit->rest, INT64_MAX, &id) != OK)
		return fail(rq, ERR_NONE, "%s", _("There is no such verification."));
	enum err err = verify_not_me(rq, id, rq->actor->person);
	if (err != OK && err != ERR_CONFLICT)
		return err;
	answer->status = 303;
	answer->location = STR("/me");
	return OK;
}

/* --- on top of one's own page --- */

static enum err add_call(struct rq *rq, const struct verify_pack *pack, const struct verify_calls_row *row, struct mines *ret)
{
	const struct verify_errand *errand = verify_errand(pack, row->errand);
	struct verify_call_get_row call;
	struct mine mine = { .title = str_of(_("Support is calling you right now")), .no_at = str_print(rq->arena, "/access/denial/%lld", (long long)row->id) };

	mine.text = str_print(rq->arena, _("%.*s at support is calling about: %.*s. Say the code only if you hear these words."), STR_ARG(row->agent_name),
	                      STR_ARG(errand ? errand->word : row->errand));
	TRY(verify_words_of(rq, row->id, &mine.words));
	if (row->right_at.is)
		mine.text = str_print(rq->arena, _("%.*s at support is calling about: %.*s."), STR_ARG(row->agent_name), STR_ARG(errand ? errand->word : row->errand));
	bool is_live = row->codes && !row->right_at.is && row->code_until.is && rq->now.ms < row->code_until.i && verify_call_get(rq, row->id, &call) == OK;
	struct str code = verify_code(rq, row->id, row->codes);
	if (is_live && verify_same(verify_keyed(rq, VERIFY_SECRET_CODE, row->id, code), call.code)) {
		mine.code = str_print(rq->arena, "%.3s %.3s", code.at, code.at + 3);
		mine.until = (struct instant){ row->code_until.i };
	}
	mines_add(rq, ret, &mine);
	return OK;
}

static enum err add_requests(struct rq *rq, const struct verify_pack *pack, int64_t person, struct mines *ret)
{
	struct verify_asked_row *rows;
	size_t n;

	TRY(verify_asked(rq, person, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const struct verify_errand *errand = verify_errand(pack, rows[i].errand);
		mines_add(rq, ret, &(struct mine){ .title = str_print(rq->arena, _("Is it %.*s who rings support?"), STR_ARG(rows[i].name)),
			.text = str_print(rq->arena, _("Support asks you to vouch. It is about: %.*s."), STR_ARG(errand ? errand->word : rows[i].errand)),
			.until = rows[i].until, .at = str_print(rq->arena, "/access/vouch/%lld", (long long)rows[i].id), .button = N_("Answer support") });
	}
	return OK;
}

static enum err add_notices(struct rq *rq, const struct verify_pack *pack, int64_t person, struct mines *ret)
{
	struct verify_notices_row *rows;
	size_t n;

	TRY(verify_notices(rq, person, instant_plus(rq->now, DAYS(-NOTICE_DAYS)), &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const struct verify_errand *errand = verify_errand(pack, rows[i].errand);
		bool may_deny = rows[i].kind == NOTICE_APPROVED && rows[i].outcome == 0;
		mines_add(rq, ret, &(struct mine){ .title = str_of(_("From support")), .text = verify_notice_text(rq, (enum verify_notice)rows[i].kind,
				errand ? errand->word : rows[i].errand, rows[i].subject_name),
			.at_moment = rows[i].made_at, .no_at = may_deny ? str_print(rq->arena, "/access/denial/%lld", (long long)rows[i].verification) : STR("") });
	}
	return OK;
}

enum err verify_mine(struct rq *rq, int64_t person, struct mines *ret)
{
	struct verify_calls_row *calls;
	struct verify_holds_row *holds;
	struct verify_pack pack;
	size_t n;

	TRY(verify_pack(rq, &pack));
	TRY(verify_calls(rq, person, instant_plus(rq->now, (struct span){ -pack.open.ms }), &calls, &n));
	for (size_t i = 0; i < n; i++)
		TRY(add_call(rq, &pack, &calls[i], ret));
	TRY(add_requests(rq, &pack, person, ret));
	TRY(verify_holds(rq, person, rq->now, &holds, &n));
	if (n)
		mines_add(rq, ret, &(struct mine){ .title = str_of(_("Your remote connection is held for a time")), .until = holds[0].until,
			.text = str_print(rq->arena, _("It is held %s. It opens again by itself."), _(quarantine_word[holds[0].kind])) });
	return add_notices(rq, &pack, person, ret);
}
