/* What countermeasures tell people: who is held finds on her own page what it is and what to do; whoever decides finds what waits.
 *
 * SECURITY: the person held reads no reason and no incident: what is written there may be about who watches her account. */
#include "incidents.h"
#include "measure.h"
#include "floor/setting.h"

enum err measure_mine(struct rq *rq, int64_t person, struct mines *ret)
{
	struct measure_of_person_row *rows;
	struct str phone = setting_text(rq, "incidents.phone");
	size_t n;

	TRY(measure_of_person(rq, (struct maybe_int){ true, person }, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		bool is_factor = rows[i].kind == MEASURE_FACTOR;
		struct out text = out_new(rq->arena);
		out_text(&text, is_factor ? _("Somebody may know your password. Connect with your second factor. Do not approve a login that you have not begun.")
			: _("Somebody may use your login. You have done nothing wrong. Call the support on the number that you know, and do not wait for a call."));
		if (phone.len)
			out_print(&text, " %.*s.", STR_ARG(phone));
		mines_add(rq, ret, &(struct mine){ .title = str_of(is_factor ? _("You must use your second factor") : _("Your remote connection is held")),
			.text = out_str(&text), .until = rows[i].until });
	}
	return OK;
}

enum err measure_about(struct rq *rq, int64_t person, struct abouts *ret)
{
	struct measure_of_person_row *rows;
	size_t n;

	TRY(measure_of_person(rq, (struct maybe_int){ true, person }, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		abouts_add(rq, ret, &(struct about){ .what = str_of(_(rows[i].kind == MEASURE_FACTOR ? N_("The second factor is required")
			: N_("The remote connection is held while an incident is handled"))), .until = rows[i].until, .state = measure_state_word[MEASURE_ACTIVE],
			.shape = "act", .at = person == rq->actor->person ? STR("") : STR("/incidents/measures") });
	return OK;
}

enum err measure_due(struct rq *rq, struct tasks *ret)
{
	struct measure_waiting_row *rows;
	size_t n;

	TRY(measure_waiting(rq, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		bool is_removal = rows[i].asked_at.is;
		struct instant since = is_removal ? (struct instant){ rows[i].asked_at.i } : rows[i].made_at;
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, is_removal ? _("Decide whether measure %lld is removed")
			: _("Decide whether measure %lld is put in force"), (long long)rows[i].id), .where = STR("/incidents/measures"), .person = -1,
			.roles = rows[i].is_critical ? ROLE_COORDINATOR | ROLE_MANAGEMENT : ROLE_COORDINATOR, .due_at = instant_plus(since, HOURS(1)) });
	}
	return OK;
}
