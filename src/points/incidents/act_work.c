/* Tasks of an incident, and vulnerabilities that changed circumstances have caused. Both have an owner, a day and the same states:
 * open -> in_progress -> blocked (on what) -> done -> verified; cancelled with a reason.
 *
 * Who owns it says that it is done; who asked for it or a coordinator verifies, never the one who did it. A vulnerability names the circumstance
 * that changed, and refers to the rule, the change and the gateway that it belongs to (floor/refer.h): each is looked up first, and shows at both
 * ends. Its owner and day are needed before the incident closes.
 *
 * SECURITY: the row is read anew inside the writer's transaction and must belong to the incident that the rights were checked on. */
#include "incidents.h"
#include "floor/refer.h"

/* What a vulnerability may belong to: the field, and the point whose record it names. */
static const struct { const char *field, *point; } belongs_to[] = { { "rule", "rules" }, { "change", "changes" }, { "capacity", "capacity" } };
struct belongs { const char *point; struct str name; };

struct str incidents_work_name_of(struct rq *rq, struct str number, int64_t work)
{
	return str_print(rq->arena, "%.*s/%lld", STR_ARG(number), (long long)work);
}

static enum err said_belongs(struct rq *rq, struct incidents_deed *deed, struct belongs *ret, size_t *ret_n)
{
	struct refer_found found;

	for (size_t i = 0; i < LENGTH(belongs_to); i++) {
		struct str name = incidents_said(deed, belongs_to[i].field);
		if (!name.len)
			continue;
		enum err err = refer_find(rq, str_of(belongs_to[i].point), name, &found);
		if (err == ERR_NONE || err == ERR_INVALID) {
			deed->wrong = belongs_to[i].field;
			return ERR_INVALID;
		}
		TRY(err);
		ret[(*ret_n)++] = (struct belongs){ belongs_to[i].point, name };
	}
	return OK;
}

/* "2026-118/4": a vulnerability, for what it belongs to. */
enum err incidents_find_work(struct rq *rq, struct str name, struct refer_found *ret)
{
	struct str rest = name, number = str_cut(&rest, '/');
	struct incidents_work_get_row work;
	struct incidents_get_row row;
	int64_t id;

	TRY(incidents_find(rq, number, rq->actor->person, &row));
	enum err err = rest.at && str_number(rest, INT64_MAX, &id) == OK ? incidents_work_get(rq, id, &work) : ERR_NONE;
	if (err == ERR_NONE || (err == OK && work.incident != row.id))
		return fail(rq, ERR_NONE, _("There is no such task in this incident."));
	TRY(err);
	bool is_over = work.state == INCIDENTS_VERIFIED || work.state == INCIDENTS_CANCELLED;
	*ret = (struct refer_found){ .title = str_print(rq->arena, "%.*s: %.*s (%s)", STR_ARG(row.number), STR_ARG(work.text),
		is_over ? _(incidents_work_word[work.state]) : _("not fixed yet")), .at = str_print(rq->arena, "/incidents/%.*s#weak", STR_ARG(row.number)) };
	return OK;
}

enum err incidents_act_task(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	bool is_weakness = strcmp(act->name, "weakness") == 0;
	struct incidents_work_most_row most;
	struct maybe_int owner = { 0 }, due = { 0 };
	struct belongs belongs[LENGTH(belongs_to)];
	struct str text, cause = STR("");
	size_t n_belongs = 0;
	struct change *change;

	TRY(incidents_said_text(rq, deed, "text", 1000, true, &text));
	if (is_weakness) {
		TRY(incidents_said_text(rq, deed, "cause", 1000, true, &cause));
		TRY(said_belongs(rq, deed, belongs, &n_belongs));
	}
	TRY(incidents_said_person(rq, deed, "owner", &owner));
	if (!owner.is)
		return WRONG(deed, "owner", _("Say who answers for it."));
	TRY(incidents_said_moment(rq, deed, "due", true, &due));
	if (!due.is)
		return WRONG(deed, "due", _("Enter the date like this: 2026-11-30"));
	if (due.i <= rq->now.ms)
		return WRONG(deed, "due", _("The day has already passed."));
	TRY(incidents_work_most(rq, &most));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_work_add(change, &(const struct incidents_work_add_args){ .id = most.id + 1, .incident = row->id, .is_weakness = is_weakness,
		.text = text, .cause = cause, .link = STR(""), .owner = owner, .due_at = { due.i }, .state = INCIDENTS_OPEN, .note = STR(""),
		.asked_by = { true, deed->by }, .asked_at = rq->now }));
	for (size_t i = 0; i < n_belongs; i++)
		TRY(refer_add(rq, change, &(const struct refer){ "incidents", incidents_work_name_of(rq, row->number, most.id + 1), belongs[i].point, belongs[i].name }));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_STATUS, text);
}

/* --- the moves of work --- */

#define IN(state) (1u << INCIDENTS_##state)
#define UNDONE (IN(OPEN) | IN(IN_PROGRESS) | IN(BLOCKED))
enum part { PART_OWNER = 1, PART_ASKER = 2, PART_COORDINATOR = 4 };
static const struct work_move {
	const char *name;
	unsigned    states;
	enum incidents_work_state to;
	unsigned    parts;
	bool        needs_note, is_others;      /* is_others: not the one who did it */
} work_moves[] = {
	{ "start", IN(OPEN) | IN(BLOCKED), INCIDENTS_IN_PROGRESS, PART_OWNER | PART_COORDINATOR },
	{ "block", IN(OPEN) | IN(IN_PROGRESS), INCIDENTS_BLOCKED, PART_OWNER | PART_COORDINATOR, .needs_note = true },
	{ "done", UNDONE, INCIDENTS_DONE, PART_OWNER },
	{ "verify", IN(DONE), INCIDENTS_VERIFIED, PART_ASKER | PART_COORDINATOR, .is_others = true },
	{ "return", IN(DONE), INCIDENTS_OPEN, PART_ASKER | PART_COORDINATOR, .needs_note = true },
	{ "cancel", UNDONE, INCIDENTS_CANCELLED, PART_ASKER | PART_COORDINATOR, .needs_note = true },
	{ 0 }
};

static bool is_who(struct maybe_int who, int64_t person)
{
	return who.is && who.i == person;
}

static enum err may_move(struct rq *rq, const struct work_move *move, const struct incidents_work_get_row *work, int64_t by)
{
	unsigned roles;

	TRY(incidents_roles(rq, by, &roles));
	if (!(move->states >> work->state & 1))
		return fail(rq, ERR_CONFLICT, _("Task %lld is %s; that cannot be done with it now."), (long long)work->id, incidents_work_name[work->state]);
	if (move->is_others && is_who(work->done_by, by))
		return fail(rq, ERR_DENIED, _("Somebody else verifies than the one who did it."));
	if ((move->parts & PART_OWNER && is_who(work->owner, by)) || (move->parts & PART_ASKER && is_who(work->asked_by, by))
	    || (move->parts & PART_COORDINATOR && roles & ROLE_COORDINATOR))
		return OK;
	return fail(rq, ERR_DENIED, "%s", move->parts & PART_ASKER ? _("Only who asked for it or a coordinator may do that.")
	                                                         : _("Only who answers for the task may do that."));
}

static enum err find_work(struct rq *rq, const struct incidents_get_row *row, struct incidents_deed *deed, struct incidents_work_get_row *ret)
{
	int64_t id;
	enum err err = str_number(incidents_said(deed, "task"), INT64_MAX, &id) == OK ? incidents_work_get(rq, id, ret) : ERR_NONE;

	if (err == ERR_NONE || (err == OK && ret->incident != row->id))
		return WRONG(deed, "task", _("There is no such task in this incident."));
	return err;
}

/* Another owner or another day, with the reason on the timeline. */
static enum err hand_over(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed,
                          const struct incidents_work_get_row *work, struct str note)
{
	struct maybe_int owner = work->owner, due = { true, work->due_at.ms };
	struct change *change;

	if (work->state >= INCIDENTS_VERIFIED)
		return fail(rq, ERR_CONFLICT, _("Task %lld is %s; that cannot be done with it now."), (long long)work->id, incidents_work_name[work->state]);
	if (note.len == 0)
		return WRONG(deed, "because", _("Say why, in a few words."));
	TRY(incidents_said_person(rq, deed, "owner", &owner));
	TRY(incidents_said_moment(rq, deed, "due", true, &due));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_work_owner(change, owner, (struct instant){ due.i }, work->id));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_STATUS,
		str_print(rq->arena, "%.*s → %.*s: %.*s", STR_ARG(work->text), STR_ARG(incidents_code(rq, owner)), STR_ARG(note)));
}

enum err incidents_act_work(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct str name = incidents_said(deed, "move"), note;
	struct incidents_work_get_row work;
	const struct work_move *move = work_moves;
	struct change *change;

	TRY(find_work(rq, row, deed, &work));
	TRY(incidents_said_text(rq, deed, "because", 1000, false, &note));
	if (str_equal(name, STR("move")))
		return hand_over(rq, act, row, deed, &work, note);
	while (move->name && !str_equal(name, str_of(move->name)))
		move++;
	if (!move->name)
		return WRONG(deed, "move", _("Choose start, block, done, verify, return, cancel or move."));
	TRY(may_move(rq, move, &work, deed->by));
	if (move->needs_note && note.len == 0)
		return WRONG(deed, "because", _("Say why, in a few words."));
	bool is_over = move->to == INCIDENTS_VERIFIED || move->to == INCIDENTS_CANCELLED, is_done = move->to == INCIDENTS_DONE;
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_work_move(change, &(const struct incidents_work_move_args){ .state = move->to, .note = note,
		.done_by = is_done ? (struct maybe_int){ true, deed->by } : move->to == INCIDENTS_VERIFIED ? work.done_by : (struct maybe_int){ 0 },
		.done_at = is_done ? (struct maybe_int){ true, rq->now.ms } : move->to == INCIDENTS_VERIFIED ? work.done_at : (struct maybe_int){ 0 },
		.ended_by = { is_over, deed->by }, .ended_at = { is_over, rq->now.ms }, .id = work.id }));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_STATUS, str_print(rq->arena, "%.*s → %s%s%.*s", STR_ARG(work.text),
		incidents_work_name[move->to], note.len ? ": " : "", STR_ARG(note)));
}
