/* /access/call, known by heart as /akta: is it really support that is calling? And /akta/TOKEN, the link that comes with a call.
 *
 * A call's number is right or it is not: yes with the agent's first name, the errand and the words, or no and whom to call. The page of the link
 * tells the same and has one button: it was not me.
 *
 * SECURITY: public. The answer never names the employee. Wrong numbers are counted: five from one network in ten minutes and two hundred from
 * everywhere; then everything is answered with "wait", right numbers too. A number lives a quarter of an hour and is one of a million. Opening a
 * link changes nothing, since programs open links; the button does. A link of 120 bits is not guessed, and is counted all the same. */
#include "floor/frame.h"
#include "points/access/verify.h"
#include "floor/account.h"
#include "floor/setting.h"
#include "points/access/access_call.html.h"

/* The first name alone; nothing of a protected person. */
static struct str first_name(struct rq *rq, int64_t agent)
{
	struct people_get_row person;

	if (people_get(rq, agent, &person) != OK || person.is_protected)
		return STR("");
	return str_first(person.name, str_find(person.name, ' '));
}

struct found { bool is_there, is_over; int64_t id; };

static enum err find_numbered(struct rq *rq, struct str digits, struct found *ret)
{
	struct verify_call_numbered_row row;
	struct verification v;
	enum err err = verify_call_numbered(rq, verify_keyed(rq, VERIFY_SECRET_NUMBER, 0, digits), rq->now, &row);

	if (err != OK)
		return err == ERR_NONE ? OK : err;
	TRY(verify_read(rq, row.id, &v));
	*ret = (struct found){ v.facts.end == VERIFY_OPEN, false, row.id };
	return OK;
}

static enum err find_linked(struct rq *rq, struct str link, struct found *ret)
{
	struct verify_call_linked_row row;
	struct verification v;
	enum err err = verify_call_linked(rq, account_hash(rq->arena, link), &row);

	if (err != OK)
		return err == ERR_NONE ? OK : err;
	TRY(verify_read(rq, row.id, &v));
	*ret = (struct found){ true, v.facts.end != VERIFY_OPEN, row.id };
	return OK;
}

static enum err fill_call(struct rq *rq, const struct found *found, struct access_call_page *page)
{
	struct verification v;

	TRY(verify_read(rq, found->id, &v));
	page->is_genuine = !found->is_over;
	page->is_over = found->is_over;
	page->agent = first_name(rq, v.row.agent);
	page->errand = v.errand->word.at ? v.errand->word : STR("");
	return verify_words_of(rq, found->id, &page->words);
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct access_call_page page, struct answer *answer)
{
	page.errors = wrongs_page(wrongs);
	page.form_token = visit->form_token;
	page.self_at = visit->path;
	page.phone = setting_text(rq, "organisation.support_phone");
	page.phone_at = page_dial(rq, page.phone);
	page.number = field_again(visit, wrongs, "number", wrongs->n != 0);
	if (!page.agent.at)
		page.agent = page.errand = page.words = STR("");
	answer->has_errors = wrongs->n != 0;
	access_call_page(&answer->body, rq->language, &page);
	return OK;
}

static bool is_spent(struct rq *rq, const struct visit *visit)
{
	return account_is_spent(rq, BUDGET_CALL, account_network(rq->arena, visit->address)) || account_is_spent(rq, BUDGET_CALLS, STR("all"));
}

static enum err spend(struct rq *rq, const struct visit *visit)
{
	TRY(account_spend(rq, BUDGET_CALL, account_network(rq->arena, visit->address), NULL));
	return account_spend(rq, BUDGET_CALLS, STR("all"), NULL);
}

static enum err draw_spent(struct rq *rq, const struct visit *visit, bool is_of_link, struct answer *answer)
{
	struct wrongs wrongs = { 0 };

	wrong_add(&wrongs, is_of_link ? "" : "number", _("Too many wrong numbers in a short time. Hang up, and call support yourself."));
	answer->status = 429;
	return draw(rq, visit, &wrongs, (struct access_call_page){ .is_of_link = is_of_link }, answer);
}

enum err verify_get_call(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw(rq, visit, &(struct wrongs){ 0 }, (struct access_call_page){ .is_genuine = false }, answer);
}

enum err verify_post_call(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str typed = visit_field(visit, "number"), digits = verify_digits(rq, typed.at ? typed : STR(""));
	struct access_call_page page = { .is_unknown = true };
	struct wrongs wrongs = { 0 };
	struct found found = { 0 };
	bool is_number = digits.len == 6;

	for (size_t i = 0; i < digits.len; i++)
		is_number &= digits.at[i] >= '0' && digits.at[i] <= '9';
	if (is_spent(rq, visit))
		return draw_spent(rq, visit, false, answer);
	if (!is_number) {
		wrong_add(&wrongs, "number", _("The number has 6 digits."));
		page.is_unknown = false;
		return draw(rq, visit, &wrongs, page, answer);
	}
	TRY(find_numbered(rq, digits, &found));
	if (found.is_there) {
		page.is_unknown = false;
		TRY(fill_call(rq, &found, &page));
	} else {
		TRY(spend(rq, visit));
	}
	return draw(rq, visit, &wrongs, page, answer);
}

enum err verify_get_link(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct access_call_page page = { .is_of_link = true };
	struct found found = { 0 };

	if (is_spent(rq, visit))
		return draw_spent(rq, visit, true, answer);
	TRY(find_linked(rq, visit->rest, &found));
	if (!found.is_there)
		return draw(rq, visit, &(struct wrongs){ 0 }, (struct access_call_page){ .is_unknown = true }, answer);
	TRY(fill_call(rq, &found, &page));
	return draw(rq, visit, &(struct wrongs){ 0 }, page, answer);
}

enum err verify_post_link(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct found found = { 0 };

	if (is_spent(rq, visit))
		return draw_spent(rq, visit, true, answer);
	TRY(find_linked(rq, visit->rest, &found));
	if (!found.is_there) {
		TRY(spend(rq, visit));
		return draw(rq, visit, &(struct wrongs){ 0 }, (struct access_call_page){ .is_unknown = true }, answer);
	}
	enum err err = verify_not_me(rq, found.id, -1);
	/* Said before: she is told the same once more. */
	if (err != OK && err != ERR_CONFLICT)
		return err;
	return draw(rq, visit, &(struct wrongs){ 0 }, (struct access_call_page){ .is_said = true }, answer);
}
