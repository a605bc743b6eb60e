/* For other desks' programs: begin a verification with their ticket, and read how one stands.
 *
 * POST /api/v1/access/verification begins; the agent finds it at the address in "at" and takes every step there. GET .../ID tells class, state, what
 * is missing and, while it lasts, until when it is approved.
 *
 * SECURITY: a program may begin and look, and nothing more: no step, no code, no word and no token passes here. The agent is named by the
 * program and must hold the role; the verification is marked as stated. */
#include "points/access/verify.h"

static enum err say(struct rq *rq, int64_t id, struct answer *answer)
{
	struct verification v;

	TRY(verify_read(rq, id, &v));
	answer->type = "application/json";
	verify_json(rq, &answer->body, &v);
	out_print(&answer->body, ",\"at\":\"/access/verification/%lld\"}\n", (long long)id);
	return OK;
}

static enum err person_of(struct rq *rq, const struct visit *visit, const char *key, int64_t *ret)
{
	struct str name = visit_field(visit, key);
	struct people_get_row person;

	if (!name.len)
		return fail(rq, ERR_INVALID, _("The key \"%s\" is missing."), key);
	TRY(people_find(rq, name, &person));
	*ret = person.id;
	return OK;
}

enum err verify_api_begin(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct verify_wish wish = { .errand = visit_field(visit, "errand"), .ticket = visit_field(visit, "ticket"), .caller = visit_field(visit, "caller"),
		.is_stated = true };
	int64_t id;

	TRY(person_of(rq, visit, "person", &wish.person));
	TRY(person_of(rq, visit, "agent", &wish.agent));
	TRY(verify_begin(rq, &wish, &id));
	return say(rq, id, answer);
}

enum err verify_api_show(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	int64_t id;

	if (str_number(visit->rest, INT64_MAX, &id) != OK)
		return fail(rq, ERR_NONE, "%s", _("There is no such verification."));
	return say(rq, id, answer);
}

static const struct api_key keys[] = {
	{ "person", N_("Who the caller says she is: id, login name or mail address"), true },
	{ "errand", N_("What it is about, as the pack names it: password, factor, phone, unlock …"), true },
	{ "agent", N_("The agent, who goes on with it on her page"), true },
	{ "ticket", N_("The number in your own desk"), false },
	{ "caller", N_("The number that was shown; kept as a hash and its last two digits"), false },
	{ 0 }
};
const struct api verify_begin_api = { N_("Begin to verify a caller; the agent takes the steps on her page"), "application/json", keys, false, NULL };
const struct api verify_show_api = { N_("How a verification stands"), "application/json", NULL, false, NULL };
