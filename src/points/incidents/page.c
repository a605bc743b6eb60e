/* /incidents: the list, with what is open first; filter, two orders, 50 rows a page by key, the same as CSV.
 *
 * SECURITY: the queries hold who may see what (those who work with incidents all but the confidential ones, everybody else what she answers for or
 * has a task in); nothing is filtered after the fact. */
#include "block.h"
#include "parties.h"
#include "log.h"
#include "measure.h"
#include "watch_page.h"
#include "floor/people.h"
#include "points/incidents/incidents_list.html.h"

enum { PAGE = 50 };

/* One shape for the rows of several queries that give the same columns. */
struct rows { const struct incidents_list_open_row *at; size_t n; };
#define SAME_ROW(x) _Static_assert(sizeof (struct x) == sizeof (struct incidents_list_open_row), "lists give the same columns")
SAME_ROW(incidents_list_all_row);
SAME_ROW(incidents_list_in_state_row);
SAME_ROW(incidents_list_owned_row);
SAME_ROW(incidents_list_mine_row);

static const struct view { const char *name, *word; } views[] = {
	{ "open", N_("Open incidents") }, { "all", N_("All incidents") }, { "mine", N_("Mine") } };

/* owner: a person's id; NOBODY: those without; ANYBODY: not asked. */
enum { NOBODY = -1, ANYBODY = -2 };
struct wish { const struct view *view; bool is_by_severity; int64_t state, severity, owner, before, after; struct str state_name, owner_name, wrong_owner; };

/* "-" is nobody; a name that nobody has is said, and nothing is filtered by it. */
static void wish_owner(struct rq *rq, struct wish *wish)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct people_get_row person;

	asking.trouble = &trouble;
	wish->owner = ANYBODY;
	wish->wrong_owner = STR("");
	if (str_equal(wish->owner_name, STR("-")))
		wish->owner = NOBODY;
	else if (wish->owner_name.len && people_find(&asking, wish->owner_name, &person) == OK)
		wish->owner = person.id;
	else if (wish->owner_name.len)
		wish->wrong_owner = str_copy(rq->arena, str_of(trouble.text));
}

static struct wish wish_of(struct rq *rq, const struct visit *visit)
{
	struct wish wish = { .view = &views[0], .state = -1, .severity = -1, .state_name = visit_field(visit, "state"),
		.owner_name = visit_field(visit, "owner") };
	struct str view = visit_field(visit, "view");

	for (size_t i = 0; i < LENGTH(views); i++)
		if (str_equal(view, str_of(views[i].name)))
			wish.view = &views[i];
	for (int64_t i = 0; i < INCIDENTS_STATES; i++)
		if (str_equal(wish.state_name, str_of(incidents_state_name[i])))
			wish.state = i;
	wish.is_by_severity = str_equal(visit_field(visit, "sort"), STR("severity"));
	if (str_number(visit_field(visit, "severity"), 5, &wish.severity) != OK)
		wish.severity = -1;
	if (str_number(visit_field(visit, "before"), INT64_MAX - 1, &wish.before) != OK)
		wish.before = INT64_MAX;
	if (str_number(visit_field(visit, "after"), 5, &wish.after) != OK)
		wish.after = -1;
	wish_owner(rq, &wish);
	wish.is_by_severity = wish.is_by_severity && wish.owner == ANYBODY && wish.view->name[0] != 'm';
	return wish;
}

#define WITH(name, ...) do { struct name##_row *got; \
		TRY(name(rq, &(const struct name##_args){ .sees_all = sees_all, .sees_confidential = sees_confidential, .me = me, .before = wish->before, \
			__VA_ARGS__ }, &got, &ret->n)); ret->at = (const void *)got; } while (0)

/* With a state: of one severity, by severity, or the newest. */
static enum err read_in_state(struct rq *rq, const struct wish *wish, bool sees_all, bool sees_confidential, struct maybe_int me, bool is_open, struct rows *ret)
{
	if (wish->severity >= 0)
		WITH(incidents_list_in_state_of_severity, .state = wish->state, .is_open = is_open, .severity = wish->severity);
	else if (wish->is_by_severity)
		WITH(incidents_list_in_state_severe, .state = wish->state, .is_open = is_open, .after_severity = wish->after);
	else
		WITH(incidents_list_in_state, .state = wish->state, .is_open = is_open);
	return OK;
}

static enum err read_newest(struct rq *rq, const struct wish *wish, bool sees_all, bool sees_confidential, struct maybe_int me, bool is_open, struct rows *ret)
{
	struct incidents_list_open_row *open;
	struct incidents_list_all_row *all;

	if (is_open)
		TRY(incidents_list_open(rq, sees_all, sees_confidential, me, wish->before, &open, &ret->n));
	else
		TRY(incidents_list_all(rq, sees_all, sees_confidential, me, wish->before, &all, &ret->n));
	ret->at = is_open ? (const void *)open : (const void *)all;
	return OK;
}

/* Without one: likewise, of the open ones or of all. */
static enum err read_any_state(struct rq *rq, const struct wish *wish, bool sees_all, bool sees_confidential, struct maybe_int me, bool is_open, struct rows *ret)
{
	if (wish->severity >= 0 && is_open)
		WITH(incidents_list_open_of_severity, .severity = wish->severity);
	else if (wish->severity >= 0)
		WITH(incidents_list_all_of_severity, .severity = wish->severity);
	else if (wish->is_by_severity && is_open)
		WITH(incidents_list_open_severe, .after_severity = wish->after);
	else if (wish->is_by_severity)
		WITH(incidents_list_all_severe, .after_severity = wish->after);
	else
		return read_newest(rq, wish, sees_all, sees_confidential, me, is_open, ret);
	return OK;
}

static enum err read_rows(struct rq *rq, const struct wish *wish, struct rows *ret)
{
	bool sees_all = (rq->actor->roles & INCIDENTS_SEE_ALL) != 0, sees_confidential = incidents_sees_confidential(rq);
	struct maybe_int me = { rq->actor->person >= 0, rq->actor->person };
	bool is_open = wish->view->name[0] == 'o';

	if (wish->view->name[0] == 'm' || !sees_all) {
		struct incidents_list_mine_row *mine;
		TRY(incidents_list_mine(rq, me, wish->state, wish->severity, wish->before, &mine, &ret->n));
		ret->at = (const void *)mine;
		return OK;
	}
	if (wish->owner == NOBODY)
		WITH(incidents_list_unowned, .is_open = is_open, .state = wish->state, .severity = wish->severity);
	else if (wish->owner != ANYBODY)
		WITH(incidents_list_owned, .owner = wish->owner, .is_open = is_open, .state = wish->state, .severity = wish->severity);
	else if (wish->state >= 0)
		return read_in_state(rq, wish, sees_all, sees_confidential, me, is_open, ret);
	else
		return read_any_state(rq, wish, sees_all, sees_confidential, me, is_open, ret);
	return OK;
}

static struct str list_at(struct rq *rq, const struct wish *wish, const struct view *view, bool is_by_severity, const char *more)
{
	struct out out = out_new(rq->arena);

	out_print(&out, "/incidents?view=%s&sort=%s", view->name, is_by_severity ? "severity" : "newest");
	if (wish->state >= 0)
		out_print(&out, "&state=%s", incidents_state_name[wish->state]);
	if (wish->severity >= 0)
		out_print(&out, "&severity=%lld", (long long)wish->severity);
	if (wish->owner != ANYBODY) {
		out_text(&out, "&owner=");
		out_url(&out, wish->owner_name);
	}
	out_text(&out, more);
	return out_str(&out);
}

static void write_csv(struct rq *rq, const struct rows *rows, struct answer *answer)
{
	struct out *out = &answer->body;

	out_text(out, "incident,title,state,severity,owner,opened,closed\r\n");
	for (size_t i = 0; i < MIN(rows->n, (size_t)PAGE); i++) {
		const struct incidents_list_open_row *row = &rows->at[i];
		struct str owner = incidents_code(rq, row->owner);
		out_print(out, "%.*s,", STR_ARG(row->number));
		out_csv(out, row->title);
		out_print(out, ",%s,%lld,", incidents_state_name[row->state], (long long)row->severity);
		out_csv(out, owner.at ? owner : STR(""));
		out_byte(out, ',');
		out_instant(out, row->opened_at);
		out_byte(out, ',');
		if (row->closed_at.is)
			out_instant(out, (struct instant){ row->closed_at.i });
		out_text(out, "\r\n");
	}
	answer->type = "text/csv; charset=utf-8";
	answer->filename = STR("incidents.csv");
}

static void fill_rows(struct rq *rq, const struct rows *rows, struct incidents_list_page_incidents *ret)
{
	for (size_t i = 0; i < MIN(rows->n, (size_t)PAGE); i++) {
		const struct incidents_list_open_row *row = &rows->at[i];
		struct parties_of_row own;
		ret[i] = (struct incidents_list_page_incidents){ .at = str_print(rq->arena, "/incidents/%.*s", STR_ARG(row->number)), .number = row->number,
			.title = row->title, .kind = row->kind ? incidents_kinds[row->kind].title : NULL, .state = incidents_shape(row->state),
			.severity = row->severity ? incidents_severities[row->severity - 1].word : NULL, .owner = incidents_person(rq, row->owner),
			.opened_at = row->opened_at, .is_confidential = row->is_confidential,
			.body = incidents_body_of(rq, row->id, &own) == OK ? own.body_name : STR("") };
	}
}

static enum err lead_of(struct rq *rq, struct str *ret)
{
	struct incidents_figure_open_row open;
	struct incidents_figure_closed_row closed;
	struct out out = out_new(rq->arena);

	if (!(rq->actor->roles & INCIDENTS_SEE_ALL)) {
		*ret = str_of(_("Those you answer for or have a task in."));
		return OK;
	}
	TRY(incidents_figure_open(rq, instant_plus(rq->now, HOURS(-1)), incidents_sees_confidential(rq), &open));
	if (open.n) {
		*ret = str_print(rq->arena, tongue_n(rq->language, "%lld open incident, %lld without an owner for an hour, %lld not assessed.",
			"%lld open incidents, %lld without an owner for an hour, %lld not assessed.", open.n), (long long)open.n, (long long)open.unowned,
			(long long)open.unassessed);
		return OK;
	}
	enum err err = incidents_figure_closed(rq, incidents_sees_confidential(rq), &closed);
	if (err != OK && err != ERR_NONE)
		return err;
	out_text(&out, _("No open incidents."));
	if (err == OK && closed.last_at.is) {
		struct out day = out_new(rq->arena);
		tongue_date(&day, rq->language, (struct instant){ closed.last_at.i });
		out_byte(&out, ' ');
		out_print(&out, _("The last one was closed on %.*s."), STR_ARG(out_str(&day)));
	}
	*ret = out_str(&out);
	return OK;
}

static enum err get_list(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_list_page_incidents incidents[PAGE];
	struct incidents_list_page_views links[LENGTH(views)];
	struct incidents_list_page_states states[INCIDENTS_STATES];
	struct incidents_list_page_severities severities[6];
	struct wish wish = wish_of(rq, visit);
	struct rows rows;
	struct str lead;

	TRY(read_rows(rq, &wish, &rows));
	if (visit->wants_csv) {
		write_csv(rq, &rows, answer);
		return OK;
	}
	TRY(lead_of(rq, &lead));
	struct incidents_list_page page = { .lead = lead, .views = links, .view = str_of(wish.view->name), .states = states, .severities = severities,
		.sort = str_of(wish.is_by_severity ? "severity" : "newest"), .incidents = incidents, .n_incidents = MIN(rows.n, (size_t)PAGE),
		.newest_at = list_at(rq, &wish, wish.view, false, ""), .severity_at = list_at(rq, &wish, wish.view, true, ""),
		.is_by_severity = wish.is_by_severity, .owner = { .value = wish.owner_name.at ? wish.owner_name : STR(""), .error = wish.wrong_owner },
		.has_owner = (rq->actor->roles & INCIDENTS_SEE_ALL) != 0 && wish.view->name[0] != 'm' };
	for (size_t i = 0; i < LENGTH(views); i++)
		links[page.n_views++] = (struct incidents_list_page_views){ .word = views[i].word, .at = list_at(rq, &wish, &views[i], wish.is_by_severity, ""),
			.is_current = &views[i] == wish.view };
	for (int64_t i = 0; i < INCIDENTS_STATES; i++)
		states[page.n_states++] = (struct incidents_list_page_states){ .value = str_of(incidents_state_name[i]), .word = incidents_state_word[i],
			.is_chosen = wish.state == i };
	severities[page.n_severities++] = (struct incidents_list_page_severities){ .value = STR("0"), .word = N_("Not assessed"), .is_chosen = wish.severity == 0 };
	for (int64_t i = 0; incidents_severities[i].name; i++)
		severities[page.n_severities++] = (struct incidents_list_page_severities){ .value = str_of(incidents_severities[i].name),
			.word = incidents_severities[i].word, .is_chosen = wish.severity == i + 1 };
	fill_rows(rq, &rows, incidents);
	const struct incidents_list_open_row *last = rows.n > PAGE ? &rows.at[PAGE - 1] : NULL;
	page.csv_at = list_at(rq, &wish, wish.view, wish.is_by_severity, str_c(rq->arena, wish.before == INT64_MAX ? STR("&format=csv")
		: str_print(rq->arena, "&after=%lld&before=%lld&format=csv", (long long)wish.after, (long long)wish.before)));
	page.logs_at = rq->actor->roles & INCIDENTS_SEE_ALL ? STR("/incidents/logs") : STR("");
	page.form_at = rq->actor->roles & INCIDENTS_SEE_ALL ? STR("/incidents/form") : STR("");
	page.clocks_at = rq->actor->roles & INCIDENTS_SEE_ALL ? STR("/incidents/clocks") : STR("");
	page.links_at = page.logs_at.len ? STR("/incidents/links") : STR("");
	page.pager.first_at = wish.before == INT64_MAX ? STR("") : list_at(rq, &wish, wish.view, wish.is_by_severity, "");
	page.pager.next_at = !last ? STR("") : list_at(rq, &wish, wish.view, wish.is_by_severity,
		str_c(rq->arena, str_print(rq->arena, "&after=%lld&before=%lld", (long long)last->severity, (long long)last->id)));
	page.empty = (struct empty_page){ .what = str_of(_("Nothing here.")), .next = str_of(_("Report an incident")), .next_at = STR("/incidents/report") };
	incidents_list_page(&answer->body, rq->language, &page);
	return OK;
}

static const char *incident_acts(size_t n)
{
	return incidents_acts[n].name;
}

PAGE_ACTS(evidence_acts, "evidence")
PAGE_ACTS(link_acts, "block", "leave", "unblock")
PAGE_ACTS(handed_acts, "handed")
PAGE_ACTS(clock_acts, "make", "revoke")

const struct page incidents_pages[] = {
	{ .path = "/incidents", .may_get = ROLE_STAFF, .get = get_list, .menu = N_("Incidents") },
	{ .path = "/incidents/report", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = incidents_get_report,
	  .prepare = incidents_prepare_report, .post = incidents_post_report },
	{ .path = "/rapportera", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = incidents_get_report,
	  .prepare = incidents_prepare_report, .post = incidents_post_report },
	{ .path = "/incidents/logs", .may_get = INCIDENTS_SEE_ALL, .get = incidents_get_logs },
	{ .path = "/incidents/links", .may_get = INCIDENTS_SEE_ALL, .get = incidents_get_links },
	{ .path = "/incidents/links/:", .may_get = INCIDENTS_SEE_ALL, .may_post = BLOCK_ROLES, .get = incidents_get_link, .prepare = incidents_prepare_link,
	  .post = incidents_post_link, .act = link_acts },
	{ .path = "/incidents/blocks", .may_get = INCIDENTS_SEE_ALL, .get = incidents_get_blocks },
	{ .path = "/incidents/blocks/export", .may_get = INCIDENTS_SEE_ALL, .get = incidents_get_export },
	{ .path = "/incidents/rules", .may_get = INCIDENTS_SEE_ALL, .get = watch_get_rules },
	{ .path = "/incidents/measures", .may_get = INCIDENTS_SEE_ALL, .may_post = INCIDENTS_SEE_ALL & ~(unsigned)ROLE_AUDITOR, .get = measure_get_list,
	  .post = measure_post_list, .act = measure_page_acts },
	{ .path = "/incidents/evidence/import", .may_post = ROLE_STAFF, .post = incidents_post_evidence, .act = evidence_acts },
	{ .path = "/incidents/handed/import", .may_post = ROLE_STAFF, .post = incidents_post_evidence, .act = handed_acts },
	{ .path = "/incidents/clocks", .may_get = INCIDENTS_SEE_ALL, .may_post = INCIDENTS_SEE_ALL, .get = incidents_get_clocks, .post = incidents_post_clocks, .act = clock_acts },
	{ .path = "/incidents/clocks/:", .may_get = ROLE_EVERYONE, .get = incidents_get_calendar },
	{ .path = "/incidents/form", .may_get = INCIDENTS_SEE_ALL, .get = incidents_get_form },
	{ .path = "/incidents/parties/:", .may_get = ROLE_STAFF, .get = incidents_get_parties },
	{ .path = "/incidents/law/:", .may_get = ROLE_STAFF, .get = incidents_get_law },
	{ .path = "/incidents/paper/:", .may_get = ROLE_STAFF, .get = incidents_get_paper },
	{ .path = "/incidents/receipt/:", .may_get = ROLE_STAFF, .get = incidents_get_receipt },
	{ .path = "/incidents/evidence/:", .may_get = ROLE_STAFF, .get = incidents_get_evidence },
	{ .path = "/incidents/:", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = incidents_get_incident, .post = incidents_post_incident, .act = incident_acts },
	{ 0 }
};
