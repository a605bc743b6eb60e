/* /access/login/TOKEN: where a practice link leads. One button; who presses it is told that it was practice, and is counted in her team.
 *
 * SECURITY: public. There is no field, so nobody can give anything away here. Opening it changes nothing. What is counted has no leaf and no name, whoever is
 * logged in. A token of 65 bits is not guessed; tries are bounded as those of links that are checked. */
#include "points/access/practice.h"
#include "floor/account.h"
#include "points/access/access_login.html.h"

static enum err find(struct rq *rq, const struct visit *visit, struct practice_link_named_row *ret)
{
	enum err err = practice_link_find(rq, visit->rest, ret);
	return err == ERR_NONE ? fail(rq, ERR_NONE, "%s", _("Page not found")) : err;
}

static void draw(struct rq *rq, const struct visit *visit, bool is_told, struct answer *answer)
{
	answer->is_bare = true;
	access_login_page(&answer->body, rq->language, &(const struct access_login_page){ .form_token = visit->form_token, .self_at = visit->path, .is_told = is_told });
}

enum err practice_get_login(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct practice_link_named_row link;

	TRY(find(rq, visit, &link));
	draw(rq, visit, false, answer);
	return OK;
}

enum err practice_post_login(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str network = account_network(rq->arena, visit->address);
	struct practice_link_named_row link;

	TRY(find(rq, visit, &link));
	if (!account_is_spent(rq, BUDGET_LINK, network)) {
		TRY(account_spend(rq, BUDGET_LINK, network, NULL));
		TRY(practice_link_count(rq, &link, PRACTICE_GONE));
	}
	draw(rq, visit, true, answer);
	return OK;
}
