/* /incidents/clocks: the legal clocks that run, and the calendar of them: to be downloaded, or at a secret address that a calendar program asks by
 * itself.
 *
 * SECURITY: an address holds 192 random bits, is shown once, and only its hash is kept; a person has one, which she ends or makes anew at any time. It
 * opens nothing but the calendar, which holds numbers, reports and moments and nothing that anybody wrote, of incidents that its owner may see now:
 * it ends with her employment or her role. An address that is none is answered like any page that is not there. */
#include "law.h"
#include "floor/account.h"
#include "floor/calendar.h"
#include "floor/mail.h"
#include "points/incidents/incidents_clocks.html.h"

enum { CLOCKS_MOST = 200, CLOCKS_SHOWN = 50 };
struct clocks { struct rq *rq; int64_t person; bool sees_all; struct incidents_clock at[CLOCKS_MOST]; size_t n; };

static enum err take(void *of, const struct incidents_clock *clock)
{
	struct clocks *clocks = of;
	size_t i = clocks->n;

	if (!clocks->sees_all && !incidents_may_see(clocks->rq, clock->row, clocks->person))
		return OK;
	while (i > 0 && instant_is_before(clock->duty->due_at, clocks->at[i - 1].duty->due_at))
		i--;
	if (i == CLOCKS_MOST)
		return OK;
	clocks->n = MIN(clocks->n + 1, (size_t)CLOCKS_MOST);
	memmove(&clocks->at[i + 1], &clocks->at[i], (clocks->n - 1 - i) * sizeof clocks->at[0]);
	clocks->at[i] = *clock;
	return OK;
}

/* The next to strike first. */
static enum err read_clocks(struct rq *rq, int64_t person, bool sees_all, struct clocks **ret)
{
	struct deadline_book *book = NEW(rq->arena, struct deadline_book);
	struct clocks *clocks = NEW(rq->arena, struct clocks);

	*clocks = (struct clocks){ .rq = rq, .person = person, .sees_all = sees_all };
	TRY(deadline_read(rq, book));
	TRY(incidents_clocks(rq, book, take, clocks));
	*ret = clocks;
	return OK;
}

/* --- the calendar --- */

static void write_calendar(struct rq *rq, const struct clocks *clocks, struct out *out)
{
	calendar_begin(out, str_of(_("Legal clocks")));
	for (size_t i = 0; i < clocks->n; i++) {
		const struct incidents_clock *clock = &clocks->at[i];
		const struct incidents_duty *duty = clock->duty;
		struct calendar_event event = { .uid = str_print(rq->arena, "%.*s-%.*s-%.*s@samordna", STR_ARG(clock->row->number), STR_ARG(duty->name), STR_ARG(duty->row->step)),
			.title = str_print(rq->arena, "%.*s, %s %.*s", STR_ARG(duty->row->word), _("incident"), STR_ARG(clock->row->number)),
			.text = str_print(rq->arena, "%.*s. %.*s", STR_ARG(duty->pack->word), STR_ARG(duty->row->basis)),
			.at_url = str_print(rq->arena, "%.*s/incidents/law/%.*s", STR_ARG(mail_origin()), STR_ARG(clock->row->number)),
			.at = duty->due_at, .made_at = clock->from, .is_tentative = duty->applies == DUTY_UNDECIDED, .n_alarms = 2 };
		event.alarms[0] = instant_since(duty->due_at, incidents_alarm_at(clock, ALARM_HALF));
		event.alarms[1] = instant_since(duty->due_at, incidents_alarm_at(clock, ALARM_SOON));
		calendar_event(out, &event);
	}
	calendar_end(out);
}

static enum err send(struct rq *rq, int64_t person, struct answer *answer)
{
	struct clocks *clocks;

	TRY(read_clocks(rq, person, false, &clocks));
	write_calendar(rq, clocks, &answer->body);
	answer->type = calendar_type;
	answer->filename = STR("incidents.ics");
	return OK;
}

enum err incidents_get_calendar(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_calendar_find_row row;
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	unsigned roles;

	asking.trouble = &trouble;
	if (str_equal(visit->rest, STR("download")) && rq->actor->person >= 0 && rq->actor->roles & INCIDENTS_SEE_ALL)
		return send(rq, rq->actor->person, answer);
	if (visit->rest.len < 20 || visit->rest.len > 80 || incidents_calendar_find(&asking, account_hash(rq->arena, visit->rest), &row) != OK
	    || incidents_roles(&asking, row.person, &roles) != OK || !(roles & INCIDENTS_SEE_ALL))
		return fail(rq, ERR_NONE, _("There is no such calendar."));
	return send(rq, row.person, answer);
}

/* --- the page --- */

static enum err draw(struct rq *rq, const struct visit *visit, struct str address, struct answer *answer)
{
	struct incidents_clocks_page_clocks *rows = NEW_MANY(rq->arena, CLOCKS_SHOWN, struct incidents_clocks_page_clocks);
	struct incidents_clocks_page page = { .form_token = visit->form_token, .address = address, .clocks = rows };
	struct incidents_calendar_of_row calendar;
	struct clocks *clocks;

	TRY(read_clocks(rq, rq->actor->person, false, &clocks));
	for (size_t i = 0; i < MIN(clocks->n, (size_t)CLOCKS_SHOWN); i++) {
		const struct incidents_clock *clock = &clocks->at[i];
		bool is_late = !instant_is_before(rq->now, clock->duty->due_at);
		rows[page.n_clocks++] = (struct incidents_clocks_page_clocks){ .at = str_print(rq->arena, "/incidents/law/%.*s", STR_ARG(clock->row->number)),
			.number = clock->row->number, .step = clock->duty->row->word, .pack = clock->duty->pack->word, .left = incidents_left(rq, clock->duty),
			.due_at = clock->duty->due_at, .state = is_late ? (struct state_page){ STR("fail"), N_("Late") }
				: clock->duty->applies == DUTY_UNDECIDED ? (struct state_page){ STR("act"), N_("Not decided") } : (struct state_page){ STR("ok"), N_("Runs") } };
	}
	page.rest = (int64_t)(clocks->n - page.n_clocks);
	enum err err = incidents_calendar_of(rq, rq->actor->person, &calendar);
	if (err != OK && err != ERR_NONE)
		return err;
	page.has_address = err == OK;
	page.made_at = err == OK ? calendar.made_at : (struct instant){ 0 };
	page.empty = (struct empty_page){ .what = str_of(_("No legal clock runs.")) };
	answer->title = str_of(_("Legal clocks"));
	incidents_clocks_page(&answer->body, rq->language, &page);
	return OK;
}

enum err incidents_get_clocks(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw(rq, visit, STR(""), answer);
}

enum err incidents_post_clocks(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	bool is_new = str_equal(visit_field(visit, "act"), STR("make"));
	struct incidents_calendar_of_row old;
	struct incidents_calendar_most_row most;
	struct str token = account_token(rq->arena), address = STR("");
	struct change *change;

	enum err err = incidents_calendar_of(rq, rq->actor->person, &old);
	if (err != OK && err != ERR_NONE)
		return err;
	if (err == ERR_NONE && !is_new)
		return draw(rq, visit, address, answer);
	TRY(audit_begin(rq, is_new ? "incidents.calendar" : "incidents.calendar.end", incidents_code(rq, (struct maybe_int){ true, rq->actor->person }), &change));
	if (err == OK)
		TRY(incidents_calendar_end(change, rq->now, old.id));
	if (is_new) {
		TRY(incidents_calendar_most(rq, &most));
		TRY(incidents_calendar_add(change, most.id + 1, rq->actor->person, account_hash(rq->arena, token), rq->now));
		address = str_print(rq->arena, "%.*s/incidents/clocks/%.*s", STR_ARG(mail_origin()), STR_ARG(token));
	}
	return draw(rq, visit, address, answer);
}

/* --- the command --- */

enum err incidents_run_clocks(struct rq *rq, const struct args *args, struct out *ret)
{
	struct clocks *clocks;

	if (args->n_words)
		return fail(rq, ERR_INVALID, _("nothing may stand behind the command but its options"));
	TRY(read_clocks(rq, -1, true, &clocks));
	for (size_t i = 0; i < clocks->n; i++) {
		const struct incidents_clock *clock = &clocks->at[i];
		const struct incidents_duty *duty = clock->duty;
		if (!args->json) {
			out_print(ret, "%-10.*s %-14.*s %-16.*s ", STR_ARG(clock->row->number), STR_ARG(duty->name), STR_ARG(duty->row->step));
			tongue_instant(ret, rq->language, duty->due_at);
			out_print(ret, "  %.*s\n", STR_ARG(incidents_left(rq, duty)));
			continue;
		}
		out_print(ret, "{\"incident\":\"%.*s\",\"pack\":\"%.*s\",\"step\":\"%.*s\",\"due\":\"", STR_ARG(clock->row->number), STR_ARG(duty->name), STR_ARG(duty->row->step));
		out_instant(ret, duty->due_at);
		out_print(ret, "\",\"applies\":%s}\n", duty->applies == DUTY_APPLIES ? "true" : "null");
	}
	return OK;
}
