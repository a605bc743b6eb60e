/* /access/resets: whether the support follows the rules, as other systems' logs tell it.
 *
 * SECURITY: read by those who see all grants. Who is protected is not named; a name that nobody here has is shown as the log has it. */
#include "points/access/practice.h"
#include "points/access/reset.h"
#include "floor/people.h"
#include "points/access/access_resets.html.h"

enum { DAYS_SHOWN = 30, WEEKS = 8, MOST_ROWS = 2000 };

/* --- by week and agent: a table, and the same as CSV --- */

struct share { struct instant from_at; int week; struct reset_of_week_row row; };

static struct instant monday_before(struct instant at)
{
	struct instant day = instant_midnight(at);
	/* At noon, so that a day of 23 or 25 hours does not lead into another. */
	struct instant noon = instant_plus(day, HOURS(12 - 24 * (int64_t)(instant_wall(day).weekday - 1)));
	return instant_midnight(noon);
}

static enum err read_shares(struct rq *rq, int weeks, struct share *ret, size_t *ret_n)
{
	struct instant monday = monday_before(rq->now), end = rq->now;
	struct reset_of_week_row *rows;
	size_t n;

	*ret_n = 0;
	for (int w = 0; w < weeks; w++) {
		TRY(reset_of_week(rq, monday, end, &rows, &n));
		for (size_t i = 0; i < n && *ret_n < MOST_ROWS; i++)
			ret[(*ret_n)++] = (struct share){ monday, wall_week(instant_wall(monday)), rows[i] };
		end = monday;
		monday = monday_before(instant_plus(monday, HOURS(-12)));
	}
	return OK;
}

/* One year of weeks, for whoever follows it up elsewhere. */
static enum err write_csv(struct rq *rq, struct answer *answer)
{
	struct share *shares = NEW_MANY(rq->arena, MOST_ROWS, struct share);
	size_t n;

	TRY(read_shares(rq, 53, shares, &n));
	out_text(&answer->body, "monday,week,by,resets,verified\r\n");
	for (size_t i = 0; i < n; i++) {
		struct wall w = instant_wall(shares[i].from_at);
		out_print(&answer->body, "%04d-%02d-%02d,%d,", w.year, w.month, w.day, shares[i].week);
		out_csv(&answer->body, shares[i].row.by_name);
		out_print(&answer->body, ",%lld,%lld\r\n", (long long)shares[i].row.n, (long long)shares[i].row.verified);
	}
	answer->type = "text/csv; charset=utf-8";
	answer->filename = STR("resets-by-week.csv");
	return OK;
}

static enum err fill_weeks(struct rq *rq, struct access_resets_page *page)
{
	struct share *shares = NEW_MANY(rq->arena, MOST_ROWS, struct share);
	size_t n;

	TRY(read_shares(rq, WEEKS, shares, &n));
	struct access_resets_page_weeks *weeks = NEW_MANY(rq->arena, n + 1, struct access_resets_page_weeks);
	for (size_t i = 0; i < n; i++)
		weeks[i] = (struct access_resets_page_weeks){ shares[i].week, shares[i].from_at, shares[i].row.by_name, shares[i].row.n, shares[i].row.verified,
			100 * shares[i].row.verified / MAX(shares[i].row.n, (int64_t)1) };
	page->weeks = weeks;
	page->n_weeks = n;
	return OK;
}

enum err access_get_resets(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct instant since = instant_plus(rq->now, DAYS(-DAYS_SHOWN));
	struct access_resets_page page = { 0 };
	struct reset_by_agent_row *agents;
	struct reset_latest_row *rows;
	struct reset_count_row count;
	size_t n_agents, n;

	if (visit->wants_csv)
		return write_csv(rq, answer);
	TRY(fill_weeks(rq, &page));
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
	page.may_practice = (rq->actor->roles & (PRACTICE_MAY | ROLE_AUDITOR)) != 0;
	page.all = count.n;
	page.unverified = count.unverified;
	page.agents = by;
	page.n_agents = n_agents;
	page.resets = resets;
	page.n_resets = n;
	access_resets_page(&answer->body, rq->language, &page);
	return OK;
}
