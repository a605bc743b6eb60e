/* The acts: what may be done with an incident in which state, by whom, and on what condition. One table; the pages' forms, the commands
 * and the checks are all read from it, so they cannot differ. A row with a state to go to is a move; the others stay.
 *
 * Every act is one leaf with what it wrote and an entry on the timeline. An act reads its fields by name and refuses before it begins
 * its leaf, so a refusal leaves nothing.
 *
 * SECURITY: incidents_do checks sight, state and role on the row as it is inside the writer's transaction. Only a coordinator closes, when
 * closing.c finds nothing missing; at the two highest severities never the one who alone has handled it. */
#include "parties.h"
#include "floor/event.h"
#include "floor/people.h"

/* --- what was said --- */

struct str incidents_said(const struct incidents_deed *deed, const char *name)
{
	size_t before = strlen(deed->prefix), n = strlen(name);

	for (size_t i = 0; i < deed->n_fields; i++) {
		struct str is = deed->fields[i].name;
		if (is.len == before + n && memcmp(is.at, deed->prefix, before) == 0 && memcmp(is.at + before, name, n) == 0)
			return str_trim(deed->fields[i].value);
	}
	return STR_NONE;
}

enum err incidents_said_text(struct rq *rq, struct incidents_deed *deed, const char *name, size_t most, bool is_needed, struct str *ret)
{
	struct str text = incidents_said(deed, name);

	if (!text.at)
		text = STR("");
	if (is_needed && text.len == 0)
		return WRONG(deed, name, _("Say it in a few words: %s."), name);
	if (text.len > most || !str_is_utf8(text))
		return WRONG(deed, name, _("%s is longer than %zu characters or not UTF-8"), name, most);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 && text.at[i] != '\n' && text.at[i] != '\r' && text.at[i] != '\t')
			return WRONG(deed, name, _("%s holds a control character"), name);
	*ret = text;
	return OK;
}

enum err incidents_said_moment(struct rq *rq, struct incidents_deed *deed, const char *name, bool is_end, struct maybe_int *ret)
{
	struct str text = incidents_said(deed, name);
	struct instant at;

	if (text.len == 0)
		return OK;
	if (instant_parse_loose(text, &at) != OK)
		return WRONG(deed, name, _("Enter the time like this: 2026-11-30 or 2026-11-30 14:00"));
	if (is_end && text.len <= 10)
		at = instant_midnight(instant_plus(at, HOURS(36)));
	*ret = (struct maybe_int){ true, at.ms };
	return OK;
}

enum err incidents_said_person(struct rq *rq, struct incidents_deed *deed, const char *name, struct maybe_int *ret)
{
	struct str text = incidents_said(deed, name);
	struct people_get_row row;

	if (text.len == 0)
		return OK;
	enum err err = people_find(rq, text, &row);
	if (err == ERR_NONE || err == ERR_INVALID) {
		deed->wrong = name;          /* whose sentence says that nobody is called so */
		return ERR_INVALID;
	}
	if (err != OK)
		return err;
	if (!people_is_employed(&row, rq->now))
		return WRONG(deed, name, _("%.*s is no longer employed."), STR_ARG(row.code));
	*ret = (struct maybe_int){ true, row.id };
	return OK;
}

enum err incidents_said_choice(struct rq *rq, struct incidents_deed *deed, const char *name, const struct incidents_choice *choices, int64_t *ret)
{
	struct str text = incidents_said(deed, name);

	if (text.len == 0)
		return OK;
	for (int64_t i = 0; choices[i].name; i++)
		if (str_equal(text, str_of(choices[i].name))) {
			*ret = i + 1;
			return OK;
		}
	return WRONG(deed, name, _("%.*s is not one of the choices."), STR_ARG(str_utf8_first(text, 40)));
}

/* --- the leaf and its entry --- */

enum err incidents_begin(struct rq *rq, const char *act, struct str number, struct change **ret)
{
	return audit_begin(rq, str_c(rq->arena, str_print(rq->arena, "incidents.%s", act)), number, ret);
}

enum err incidents_note(struct rq *rq, struct change *change, const struct incidents_noted *noted)
{
	struct incidents_entry_most_row most;

	TRY(incidents_entry_most(rq, &most));
	return incidents_entry_add(change, &(const struct incidents_entry_add_args){ .id = most.id + 1, .incident = noted->incident, .kind = noted->kind,
		.at = noted->at, .made_at = rq->now, .made_by = noted->by, .text = noted->text, .act = str_of(noted->act), .corrects = noted->corrects });
}

enum err incidents_note_act(struct rq *rq, struct change *change, const struct incidents_get_row *row, const struct incidents_act *act, int64_t by,
                            enum incidents_entry kind, struct str text)
{
	return incidents_note(rq, change, &(const struct incidents_noted){ .incident = row->id, .kind = kind, .at = rq->now, .by = { by >= 0, by },
		.text = text, .act = act->name });
}

/* --- the moves --- */

static enum err check_confirm(struct rq *rq, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	if (row->severity == 0)
		return WRONG(deed, NULL, _("Say first how severe it is: classify it."));
	return OK;
}

static enum err check_close(struct rq *rq, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct incidents_need needs[INCIDENTS_NEEDS];
	struct out missing = out_new(rq->arena);

	TRY(incidents_closing(rq, row, deed->by, needs));
	for (size_t i = 0; i < INCIDENTS_NEEDS; i++)
		if (!needs[i].is_met)
			out_print(&missing, "%s%s", missing.len ? ", " : "", _(needs[i].what));
	if (missing.len == 0)
		return OK;
	return fail(rq, ERR_CONFLICT, _("It cannot be closed yet. Missing: %.*s."), STR_ARG(out_str(&missing)));
}

static enum err target_of(struct rq *rq, const struct incidents_get_row *row, struct incidents_deed *deed, struct incidents_get_row *ret)
{
	struct str into = incidents_said(deed, "into");
	struct rq asking = *rq;
	struct trouble trouble = { 0 };

	asking.trouble = &trouble;
	if (into.len == 0)
		return WRONG(deed, "into", _("Say which incident it is merged into, by its number."));
	enum err err = incidents_find(&asking, into, deed->by, ret);
	if (err == ERR_NONE)
		return WRONG(deed, "into", "%s", trouble.text);
	if (err != OK)
		return err;
	if (ret->id == row->id)
		return WRONG(deed, "into", _("An incident cannot be merged into itself."));
	if (row->is_confidential && !ret->is_confidential)
		return WRONG(deed, "into", _("What is confidential is merged only into what is confidential."));
	if (incidents_is_over(ret->state))
		return WRONG(deed, "into", _("Incident %.*s is over. Reopen it first."), STR_ARG(ret->number));
	return OK;
}

static enum err check_merge(struct rq *rq, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct incidents_get_row target;

	return target_of(rq, row, deed, &target);
}

/* What was seen and reported belongs to the other one from now on; the earliest knowledge counts for its legal clocks. */
static enum err move_events(struct rq *rq, struct change *change, const struct incidents_get_row *row, const struct incidents_get_row *target, int64_t by)
{
	struct incidents_event_of_row *events;
	struct incidents_report_of_row *reports;
	size_t n;

	TRY(incidents_event_of(rq, row->id, &events, &n));
	for (size_t i = 0; i < n; i++)
		TRY(incidents_event_move(change, target->id, events[i].id));
	TRY(incidents_report_of(rq, row->id, &reports, &n));
	for (size_t i = 0; i < n; i++)
		TRY(incidents_report_move(change, target->id, reports[i].id));
	if (instant_is_before(row->aware_at, target->aware_at))
		TRY(incidents_times(change, &(const struct incidents_times_args){ .occurred_at = target->occurred_at,
			.detected_at = instant_is_before(row->detected_at, target->detected_at) ? row->detected_at : target->detected_at,
			.aware_at = row->aware_at, .active_at = rq->now, .id = target->id }));
	return incidents_note(rq, change, &(const struct incidents_noted){ .incident = target->id, .kind = INCIDENTS_STATUS, .at = rq->now, .by = { by >= 0, by },
		.text = str_print(rq->arena, "← %.*s: %.*s", STR_ARG(row->number), STR_ARG(row->title)), .act = "merge" });
}

/* at: when it was so, which may be earlier than when it is entered. */
static void move_times(struct rq *rq, const struct incidents_get_row *row, int to, struct maybe_int at, struct incidents_move_args *ret)
{
	const struct maybe_int now = { true, rq->now.ms }, none = { 0 };

	*ret = (struct incidents_move_args){ .state = to, .contained_at = row->contained_at, .recovered_at = row->recovered_at, .closed_at = none,
		.active_at = rq->now, .id = row->id };
	if (to == INCIDENTS_CONTAINED && row->state == INCIDENTS_CONFIRMED)
		ret->contained_at = at;
	if (to <= INCIDENTS_CONFIRMED || to == INCIDENTS_REOPENED)
		ret->contained_at = none;
	if (to == INCIDENTS_RECOVERED && row->state == INCIDENTS_ERADICATED)
		ret->recovered_at = at;
	if (incidents_is_running(to))
		ret->recovered_at = none;
	if (incidents_is_over(to))
		ret->closed_at = now;
}

/* What was written on paper is entered afterwards: the step has its own moment, and the entry keeps the one when it was entered. */
static enum err said_when(struct rq *rq, const struct incidents_get_row *row, struct incidents_deed *deed, struct maybe_int *ret)
{
	TRY(incidents_said_moment(rq, deed, "at", false, ret));
	if (ret->i > rq->now.ms)
		return WRONG(deed, "at", _("None of the times may lie in the future."));
	if (ret->i < row->detected_at.ms || (row->contained_at.is && row->state >= INCIDENTS_CONTAINED && ret->i < row->contained_at.i))
		return WRONG(deed, "at", _("It lies before what happened earlier in this incident."));
	return OK;
}

static enum err make_move(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct incidents_get_row target = { 0 };
	struct incidents_move_args args;
	struct maybe_int at = { true, rq->now.ms };
	struct change *change;
	struct str reason;
	int to = act->to == INCIDENTS_STEPS_BACK ? (int)row->state - 1 : act->to;

	TRY(incidents_said_text(rq, deed, "because", 1000, act->needs_reason, &reason));
	TRY(said_when(rq, row, deed, &at));
	if (act->check)
		TRY(act->check(rq, row, deed));
	if (to == INCIDENTS_MERGED)
		TRY(target_of(rq, row, deed, &target));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	move_times(rq, row, to, at, &args);
	if (to == INCIDENTS_MERGED) {
		args.merged_into = (struct maybe_int){ true, target.id };
		TRY(move_events(rq, change, row, &target, deed->by));
	}
	TRY(incidents_move(change, &args));
	TRY(incidents_note(rq, change, &(const struct incidents_noted){ .incident = row->id, .kind = INCIDENTS_STATUS, .at = { at.i }, .by = { deed->by >= 0, deed->by },
		.text = reason, .act = act->name }));
	/* What is told to others leaves out what only few may know of. */
	if (row->is_confidential)
		return OK;
	if (to == INCIDENTS_CLOSED)
		event_say(change, (struct event){ EVENT_incident_closed, -1, row->id, change_leaf(change) });
	else if (to == INCIDENTS_REOPENED)
		event_say(change, (struct event){ EVENT_incident_opened, -1, row->id, change_leaf(change) });
	return OK;
}

/* --- the table --- */

#define IN(state) (1u << INCIDENTS_##state)
#define MIDDLE (IN(CONFIRMED) | IN(CONTAINED) | IN(ERADICATED) | IN(RECOVERED) | IN(REVIEWING))
#define LIVE (MIDDLE | IN(REPORTED) | IN(ASSESSING) | IN(REOPENED))
#define ANY (LIVE | IN(CLOSED) | IN(DISMISSED) | IN(MERGED))
#define ASSESS (ROLE_SUPPORT | ROLE_COORDINATOR)
#define HANDLE (ROLE_SUPPORT | ROLE_SYSTEM_OWNER | ROLE_COORDINATOR)
#define OWNERS .is_owners = true
const struct incidents_act incidents_acts[] = {
	{ "assess", N_("Begin the assessment"), IN(REPORTED) | IN(REOPENED), INCIDENTS_ASSESSING, ASSESS, .make = make_move },
	{ "confirm", N_("Confirm the incident"), IN(ASSESSING) | IN(REOPENED), INCIDENTS_CONFIRMED, ASSESS, .check = check_confirm, .make = make_move },
	{ "contain", N_("It is contained"), IN(CONFIRMED), INCIDENTS_CONTAINED, HANDLE, OWNERS, .make = make_move },
	{ "eradicate", N_("It is remedied"), IN(CONTAINED), INCIDENTS_ERADICATED, HANDLE, OWNERS, .make = make_move },
	{ "recover", N_("All works again"), IN(ERADICATED), INCIDENTS_RECOVERED, HANDLE, OWNERS, .make = make_move },
	{ "review", N_("Begin the evaluation"), IN(RECOVERED), INCIDENTS_REVIEWING, ASSESS, OWNERS, .make = make_move },
	{ "close", N_("Close the incident"), IN(REVIEWING), INCIDENTS_CLOSED, ROLE_COORDINATOR, .check = check_close, .make = make_move },
	{ "back", N_("Take a step back"), MIDDLE & ~IN(CONFIRMED), INCIDENTS_STEPS_BACK, HANDLE, OWNERS, .needs_reason = true, .make = make_move },
	{ "dismiss", N_("Dismiss it"), IN(REPORTED) | IN(ASSESSING) | IN(REOPENED), INCIDENTS_DISMISSED, ASSESS, .needs_reason = true, .make = make_move },
	{ "merge", N_("Merge it into another"), IN(REPORTED) | IN(ASSESSING) | IN(CONFIRMED) | IN(REOPENED), INCIDENTS_MERGED, ASSESS,
	  .check = check_merge, .make = make_move },
	{ "reopen", N_("Reopen it"), IN(CLOSED) | IN(DISMISSED), INCIDENTS_REOPENED, ASSESS, .needs_reason = true, .make = make_move },

	{ "assign", N_("Assign an owner"), LIVE, INCIDENTS_STAYS, ASSESS, OWNERS, .make = incidents_act_assign },
	{ "classify", N_("Save the assessment"), LIVE, INCIDENTS_STAYS, ASSESS, .make = incidents_act_classify },
	{ "times", N_("Save the times"), LIVE, INCIDENTS_STAYS, ASSESS, .needs_reason = true, .make = incidents_act_times },
	{ "note", N_("Add to the timeline"), ANY, INCIDENTS_STAYS, HANDLE, OWNERS, .is_workers = true, .make = incidents_act_note },
	{ "task", N_("Add the task"), LIVE, INCIDENTS_STAYS, HANDLE, OWNERS, .make = incidents_act_task },
	{ "weakness", N_("Add the vulnerability"), LIVE, INCIDENTS_STAYS, HANDLE, OWNERS, .make = incidents_act_task },
	{ "work", N_("Change its state"), LIVE | IN(CLOSED), INCIDENTS_STAYS, HANDLE, OWNERS, .is_workers = true, .make = incidents_act_work },
	{ "evidence", N_("Save the evidence"), LIVE, INCIDENTS_STAYS, HANDLE, OWNERS, .is_workers = true, .make = incidents_act_evidence },
	{ "told", N_("The reporter has been told"), ANY, INCIDENTS_STAYS, HANDLE, OWNERS, .make = incidents_act_told },
	{ "follow", N_("Save the follow-up"), LIVE, INCIDENTS_STAYS, ASSESS, OWNERS, .make = incidents_act_follow },
	{ "facts", N_("Save the facts"), LIVE, INCIDENTS_STAYS, ASSESS, OWNERS, .make = incidents_act_facts },
	{ "track", N_("Save the decision"), LIVE, INCIDENTS_STAYS, ROLE_COORDINATOR, .is_bodys = true, .make = incidents_act_track },
	{ "handed", N_("It has been handed in"), LIVE | IN(CLOSED), INCIDENTS_STAYS, ROLE_COORDINATOR, .is_bodys = true, .make = incidents_act_handed },
	{ "supplier", N_("Save the supplier"), LIVE, INCIDENTS_STAYS, HANDLE, OWNERS, .make = incidents_act_supplier },
	{ "said", N_("Save what it said"), LIVE, INCIDENTS_STAYS, HANDLE, OWNERS, .is_workers = true, .make = incidents_act_said },
	{ "share", N_("Make a report for each"), LIVE, INCIDENTS_STAYS, ROLE_COORDINATOR, .make = incidents_act_share },
	{ 0 }
};

const struct incidents_act *incidents_act_named(struct str name)
{
	for (const struct incidents_act *act = incidents_acts; act->name; act++)
		if (str_equal(name, str_of(act->name)))
			return act;
	return NULL;
}

static struct str role_words(struct rq *rq, const struct incidents_act *act)
{
	struct out out = out_new(rq->arena);

	out_put(&out, people_role_words(rq, act->roles));
	if (act->is_owners)
		out_print(&out, ", %s", _("who answers for the incident"));
	return out_str(&out);
}

enum err incidents_may(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, int64_t by)
{
	unsigned roles;

	if (!(act->states >> row->state & 1))
		return fail(rq, ERR_CONFLICT, _("Incident %.*s is %s; that cannot be done with it now."), STR_ARG(row->number),
		            incidents_state_name[row->state]);
	if (by < 0)
		return fail(rq, ERR_INVALID, _("Say who does it."));
	TRY(incidents_roles(rq, by, &roles));
	if (act->is_bodys) {
		enum err err = incidents_may_for_body(rq, row, by, (roles & act->roles) != 0);
		if (err != ERR_NONE)
			return err;
	}
	if (roles & act->roles || (act->is_owners && row->owner.is && row->owner.i == by)
	    || (act->is_workers && incidents_works_with(rq, row, by)))
		return OK;
	return fail(rq, ERR_DENIED, _("You may not do that. It takes one of these: %.*s."), STR_ARG(role_words(rq, act)));
}

bool incidents_may_now(struct rq *rq, const char *act, const struct incidents_get_row *row)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	return rq->actor->person >= 0 && incidents_may(&asking, incidents_act_named(str_of(act)), row, rq->actor->person) == OK;
}

enum err incidents_do(struct rq *rq, const struct incidents_act *act, int64_t incident, struct incidents_deed *deed)
{
	struct incidents_get_row row;

	TRY(incidents_get(rq, incident, &row));
	TRY(incidents_may(rq, act, &row, deed->by));
	return act->make(rq, act, &row, deed);
}
