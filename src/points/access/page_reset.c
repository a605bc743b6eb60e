/* /access/resets: whether the support follows the rules, as other systems' logs tell it.
 *
 * SECURITY: read by those who see all grants. Who is protected is not named; a name that nobody here has is shown as the log has it. */
#include "points/access/reset.h"
#include "floor/people.h"
#include "points/access/access_resets.html.h"

enum { DAYS_SHOWN = 30 };

enum err access_get_resets(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct instant since = instant_plus(rq->now, DAYS(-DAYS_SHOWN));
	struct access_resets_page page = { 0 };
	struct reset_by_agent_row *agents;
	struct reset_latest_row *rows;
	struct reset_count_row count;
	size_t n_agents, n;
	(void)visit;

	TRY(reset_count(rq, since, &count));
	TRY(reset_by_agent(rq, since, &agents, &n_agents));
	TRY(reset_latest(rq, &rows, &n));
	struct access_resets_page_agents *by = NEW_MANY(rq->arena, n_agents + 1, struct access_resets_page_agents);
	struct access_resets_page_resets *resets = NEW_MANY(rq->arena, n + 1, struct access_resets_page_resets);
	for (size_t i = 0; i < n_agents; i++)
		by[i] = (struct access_resets_page_agents){ agents[i].by_name, agents[i].n, agents[i].verified };
	for (size_t i = 0; i < n; i++) {
		struct people_get_row person;
		bool is_known = rows[i].person.is && people_get(rq, rows[i].person.i, &person) == OK;
		resets[i] = (struct access_resets_page_resets){ .at = rows[i].at, .kind = rows[i].kind, .by = rows[i].by_name,
			.person = is_known ? people_shown_name(rq, person.name, person.is_protected) : rows[i].name,
			.state = rows[i].verification.is ? (struct state_page){ STR("ok"), N_("Verified") } : (struct state_page){ STR("fail"), N_("Without verification") } };
	}
	page.all = count.n;
	page.unverified = count.unverified;
	page.agents = by;
	page.n_agents = n_agents;
	page.resets = resets;
	page.n_resets = n;
	access_resets_page(&answer->body, rq->language, &page);
	return OK;
}
