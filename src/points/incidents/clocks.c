/* The legal clocks of all incidents that run now: walked for the calendar, the command and the alarms.
 *
 * Alarms: when half of a clock's time is left, when 2 hours are (1 of 6 or fewer), and when it is late. Each is said once, by mail to the
 * coordinators and to who answers for the incident, of a body's own report to those with a mandate there, and from the second on also to the deputies
 * of all of them; when several have passed unsaid (nobody was running) the last alone is said. What
 * is to be done stands among the tasks all the time (desk.c), with or without mail.
 *
 * SECURITY: mails name number, report and moment, and nothing that anybody wrote. They go to who may see the incident. */
#include "parties.h"
#include "floor/mail.h"
#include "floor/mandate.h"
#include "floor/people.h"

enum { ALARMS_A_TICK = 20, TOLD_MOST = 64 };

enum err incidents_clocks(struct rq *rq, const struct deadline_book *book, enum err (*each)(void *of, const struct incidents_clock *), void *of)
{
	struct incidents_due_legal_row *rows;
	struct incidents_duty *duties;
	size_t n, n_duties;

	TRY(incidents_due_legal(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		struct incidents_get_row *row = NEW(rq->arena, struct incidents_get_row);
		TRY(incidents_get(rq, rows[i].id, row));
		if (row->state == INCIDENTS_DISMISSED || row->state == INCIDENTS_MERGED)
			continue;
		TRY(incidents_duties(rq, row, book, &duties, &n_duties));
		for (size_t k = 0; k < n_duties; k++) {
			const struct incidents_duty *duty = &duties[k];
			bool runs = duty->is_due && !duty->is_handed && duty->applies != DUTY_NOT && (duty->applies == DUTY_APPLIES || !row->closed_at.is);
			if (!runs)
				continue;
			struct incidents_clock clock = { row, duty, incidents_duty_from(row, duties, n_duties, duty) };
			TRY(each(of, &clock));
		}
	}
	return OK;
}

struct instant incidents_alarm_at(const struct incidents_clock *clock, enum incidents_alarm which)
{
	struct instant due = clock->duty->due_at;
	struct span whole = instant_since(due, clock->from), soon = whole.ms > HOURS(6).ms ? HOURS(2) : HOURS(1);

	return which == ALARM_LATE ? due : instant_plus(due, (struct span){ which == ALARM_HALF ? -whole.ms / 2 : -soon.ms });
}

/* --- the alarms --- */

struct saying { struct rq *rq; struct deadline_book book[LANGUAGES]; size_t said; };
struct one_alarm { const struct incidents_clock *clock; const struct saying *saying; enum incidents_alarm which; };

static enum err words(struct rq *rq, enum language language, void *of, struct mail *mail)
{
	static const char *const title[ALARMS] = { [ALARM_HALF] = N_("Half the time is left: incident %.*s, %.*s"), [ALARM_SOON] = N_("Soon: incident %.*s, %.*s"),
		[ALARM_LATE] = N_("Late: incident %.*s, %.*s") };
	const struct one_alarm *said = of;
	const struct incidents_duty *duty = said->clock->duty;
	const struct incidents_get_row *row = said->clock->row;
	const struct deadline_pack *pack = deadline_pack_in(&said->saying->book[language], duty->name);
	struct str step = pack->rows[duty->row - duty->pack->rows].word;
	struct rq its = *rq;
	struct out text = out_new(rq->arena);

	its.language = language;
	mail->kind = "incidents.clock";
	mail->title = str_print(rq->arena, tongue(language, title[said->which]), STR_ARG(row->number), STR_ARG(step));
	out_print(&text, tongue(language, "%.*s: %.*s is to be handed in to %.*s at the latest"), STR_ARG(pack->word), STR_ARG(step), STR_ARG(pack->to));
	out_byte(&text, ' ');
	tongue_instant(&text, language, duty->due_at);
	out_print(&text, ". %.*s.\n\n%s", STR_ARG(incidents_left(&its, duty)), tongue(language, duty->applies == DUTY_UNDECIDED
		? N_("Nobody has decided yet whether it applies. The clock runs on.") : N_("The text is ready to be filled in. Keep the receipt.")));
	mail->text = out_str(&text);
	mail->at = str_print(rq->arena, "/incidents/law/%.*s", STR_ARG(row->number));
	return OK;
}

struct told { int64_t person[TOLD_MOST]; size_t n; };

static void add(struct told *told, int64_t person)
{
	for (size_t i = 0; i < told->n; i++)
		if (told->person[i] == person)
			return;
	if (told->n < TOLD_MOST)
		told->person[told->n++] = person;
}

/* Who stands in now for one of them. */
static enum err add_deputies(struct rq *rq, struct told *told)
{
	struct people_deputies_row *rows;
	size_t n;

	for (size_t i = told->n; i-- > 0; ) {
		TRY(people_deputies(rq, told->person[i], &rows, &n));
		for (size_t k = 0; k < n; k++)
			if (!instant_is_before(rq->now, rows[k].from_at) && instant_is_before(rq->now, rows[k].until))
				add(told, rows[k].deputy);
	}
	return OK;
}

static enum err add_holders(struct rq *rq, int64_t incident, struct told *told)
{
	struct parties_of_row own;
	struct mandate_holders_row *rows;
	size_t n;
	enum err err = incidents_body_of(rq, incident, &own);

	if (err == ERR_NONE)
		return OK;
	TRY(err);
	TRY(mandate_holders(rq, own.body, 1, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		add(told, rows[i].person);
	return OK;
}

static enum err tell(struct saying *saying, struct change *change, const struct incidents_clock *clock, enum incidents_alarm which)
{
	struct one_alarm said = { clock, saying, which };
	struct rq *rq = saying->rq;
	struct mail_role_row *rows;
	struct told told = { .n = 0 };
	unsigned roles;
	size_t n;

	TRY(mail_role(rq, ROLE_COORDINATOR, &rows, &n));
	for (size_t i = 0; i < n; i++)
		add(&told, rows[i].id);
	if (clock->row->owner.is)
		add(&told, clock->row->owner.i);
	TRY(add_holders(rq, clock->row->id, &told));
	if (which != ALARM_HALF)
		TRY(add_deputies(rq, &told));
	for (size_t i = 0; i < told.n; i++) {
		struct trouble trouble = { 0 };
		struct rq asking = *rq;
		struct mail mail = { 0 };
		asking.trouble = &trouble;
		if (!mail_reaches(rq, told.person[i]) || incidents_roles(&asking, told.person[i], &roles) != OK)
			continue;
		TRY(words(rq, mail_language(rq, told.person[i]), &said, &mail));
		mail.person = told.person[i];
		TRY(mail_say(change, &mail));
	}
	return OK;
}

static bool is_said(const struct incidents_alarm_of_row *rows, size_t n, const struct incidents_duty *duty, enum incidents_alarm which)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].which == which && str_equal(rows[i].pack, duty->name) && str_equal(rows[i].step, duty->row->step))
			return true;
	return false;
}

static enum err one_clock(void *of, const struct incidents_clock *clock)
{
	struct saying *saying = of;
	struct rq *rq = saying->rq;
	struct incidents_alarm_of_row *rows;
	enum incidents_alarm last = 0;
	struct change *change;
	size_t n;

	for (enum incidents_alarm which = ALARM_HALF; which < ALARMS; which++)
		if (!instant_is_before(rq->now, incidents_alarm_at(clock, which)))
			last = which;
	if (!last || saying->said >= ALARMS_A_TICK)
		return OK;
	TRY(incidents_alarm_of(rq, clock->row->id, &rows, &n));
	if (is_said(rows, n, clock->duty, last))
		return OK;
	saying->said++;
	TRY(incidents_begin(rq, "alarm", clock->row->number, &change));
	TRY(incidents_alarm_add(change, &(const struct incidents_alarm_add_args){ .incident = clock->row->id, .pack = clock->duty->name, .step = clock->duty->row->step,
		.which = last, .said_at = rq->now }));
	return tell(saying, change, clock, last);
}

enum err incidents_alarms_tick(struct rq *rq, bool *ret_has_said)
{
	struct saying *saying = NEW(rq->arena, struct saying);

	if (!mail_is_on())
		return OK;
	*saying = (struct saying){ .rq = rq };
	for (enum language language = 0; language < LANGUAGES; language++) {
		struct rq its = *rq;
		its.language = language;
		TRY(deadline_read(&its, &saying->book[language]));
	}
	TRY(incidents_clocks(rq, &saying->book[rq->language], one_clock, saying));
	*ret_has_said = saying->said > 0;
	return OK;
}
