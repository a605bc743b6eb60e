/* The page of one incident, as sections of one page: the law's clocks first, then what the reader may do, the timeline, tasks, evidence, reports
 * and the follow-up. Its forms are the rows of incidents_acts that incidents_may lets this reader make; there is no other list of them.
 *
 * A field is called by its act and its own name ("task_owner"), so that the same word can stand in several forms of one page.
 *
 * SECURITY: shown to who may see it (who.c), for everybody else it does not exist. What was pressed is checked by the act on the row as it
 * is then. Evidence comes as a file to be saved, never shown. */
#include "parties.h"
#include "floor/audit.sql.h"
#include "points/incidents/incidents_incident.html.h"

struct drawing {
	struct rq *rq;
	const struct visit *visit;
	const struct wrongs *wrongs;
	struct incidents_get_row row;
	struct incidents_incident_page page;
};

/* --- fields --- */

static void again(struct drawing *d, struct field_page *field, const char *name, struct str standing)
{
	*field = field_again(d->visit, d->wrongs, name, d->wrongs->n != 0);
	if (!field->value.len && !visit_field(d->visit, name).at)
		field->value = standing;
}

static struct str typed_or(const struct drawing *d, const char *name, struct str standing)
{
	struct str typed = d->wrongs->n ? visit_field(d->visit, name) : STR_NONE;
	return typed.at ? typed : standing;
}

static struct incidents_area_page area(const struct drawing *d, const char *name, struct str standing)
{
	return (struct incidents_area_page){ .error = wrong_of(d->wrongs, name), .value = typed_or(d, name, standing), .rows = 2 };
}

static struct incidents_select_page choice(const struct drawing *d, const char *name, const struct incidents_choice *choices, struct str standing)
{
	struct incidents_select_page select = { .error = wrong_of(d->wrongs, name) };
	struct str chosen = typed_or(d, name, standing);
	size_t n = 0;

	while (choices[n].name)
		n++;
	struct incidents_select_page_choices *rows = NEW_MANY(d->rq->arena, n + 1, struct incidents_select_page_choices);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct incidents_select_page_choices){ .value = str_of(choices[i].name), .word = choices[i].word,
			.is_chosen = str_equal(chosen, str_of(choices[i].name)) };
	select.choices = rows;
	select.n_choices = n;
	return select;
}

static struct str chosen_of(const struct incidents_choice *choices, int64_t number)
{
	return number ? str_of(choices[number - 1].name) : STR("");
}

struct str incidents_moment_text(struct rq *rq, struct maybe_int at)
{
	if (!at.is)
		return STR("");
	struct wall w = instant_wall((struct instant){ at.i });
	return str_print(rq->arena, "%04d-%02d-%02d %02d:%02d", w.year, w.month, w.day, w.hour, w.minute);
}

/* --- what the reader may do --- */

static bool may(struct drawing *d, const char *name)
{
	return incidents_may_now(d->rq, name, &d->row);
}

static void fill_moves(struct drawing *d)
{
	struct rq *rq = d->rq;
	struct incidents_incident_page_moves *moves = NEW_MANY(rq->arena, 16, struct incidents_incident_page_moves);

	for (const struct incidents_act *act = incidents_acts; act->name; act++) {
		if (act->to == INCIDENTS_STAYS || !may(d, act->name))
			continue;
		bool is_stop = act->needs_reason || act->to == INCIDENTS_MERGED;
		moves[d->page.n_moves++] = (struct incidents_incident_page_moves){ .name = str_of(act->name), .button = act->button,
			.is_primary = d->page.n_moves == 0 && !is_stop, .is_stop = is_stop };
		d->page.may_merge |= act->to == INCIDENTS_MERGED;
	}
	d->page.moves = moves;
	d->page.move_because = area(d, "move_because", STR(""));
	again(d, &d->page.move_into, "move_into", STR(""));
	again(d, &d->page.move_at, "move_at", STR(""));
	d->page.open_move = d->page.move_at.value.len > 0;
	d->page.instead = str_of(incidents_is_over(d->row.state) ? _("It is over. Support and coordinators can reopen it.")
	                         : _("Support, coordinators and who answers for it take it further."));
}

static void fill_forms(struct drawing *d)
{
	static const struct incidents_choice kinds[] = { { "observation", N_("Observation") }, { "mitigation", N_("Measure") }, { "detection", N_("Detection") }, { 0 } },
		yes_no[] = { { "yes", N_("Yes") }, { "no", N_("No") }, { 0 } }, no_yes[] = { { "no", N_("No") }, { "yes", N_("Yes") }, { 0 } },
		moves[] = { { "start", N_("Under way") }, { "block", N_("Waits") }, { "done", N_("Done") }, { "verify", N_("Verified by me") },
		{ "return", N_("Not done: back to who answers for it") }, { "cancel", N_("Cancelled") }, { 0 } };
	struct incidents_incident_page *p = &d->page;
	const struct incidents_get_row *row = &d->row;
	struct rq *rq = d->rq;

	p->may_assign = may(d, "assign");
	p->may_classify = may(d, "classify");
	p->may_times = may(d, "times");
	p->may_note = may(d, "note");
	p->may_task = may(d, "task");
	p->may_work = may(d, "work");
	p->may_evidence = may(d, "evidence");
	p->may_track = may(d, "track");
	p->may_handed = may(d, "handed");
	again(d, &p->assign_owner, "assign_owner", STR(""));
	again(d, &p->classify_title, "classify_title", row->title);
	p->classify_severity = choice(d, "classify_severity", incidents_severities, chosen_of(incidents_severities, row->severity));
	p->classify_rsit = choice(d, "classify_rsit", incidents_rsit, row->rsit);
	p->classify_cert = choice(d, "classify_cert", incidents_cert, chosen_of(incidents_cert, row->cert));
	p->classify_personal = choice(d, "classify_personal", yes_no, chosen_of(yes_no, row->personal_data));
	p->classify_confidential = choice(d, "classify_confidential", no_yes, row->is_confidential ? STR("yes") : STR("no"));
	p->is_k = row->effect & 1;
	p->is_r = row->effect & 2;
	p->is_t = row->effect & 4;
	again(d, &p->times_occurred, "times_occurred", incidents_moment_text(rq, row->occurred_at));
	again(d, &p->times_detected, "times_detected", incidents_moment_text(rq, (struct maybe_int){ true, row->detected_at.ms }));
	again(d, &p->times_aware, "times_aware", incidents_moment_text(rq, (struct maybe_int){ true, row->aware_at.ms }));
	again(d, &p->times_because, "times_because", STR(""));
	p->note_text = area(d, "note_text", STR(""));
	p->note_kind = choice(d, "note_kind", kinds, STR("observation"));
	again(d, &p->note_at, "note_at", STR(""));
	again(d, &p->note_corrects, "note_corrects", STR(""));
	struct { struct field_page *field; const char *name; } empty[] = { { &p->task_text, "task_text" }, { &p->task_owner, "task_owner" },
		{ &p->task_due, "task_due" }, { &p->weakness_text, "weakness_text" }, { &p->weakness_cause, "weakness_cause" },
		{ &p->weakness_rule, "weakness_rule" }, { &p->weakness_change, "weakness_change" }, { &p->weakness_capacity, "weakness_capacity" },
		{ &p->weakness_owner, "weakness_owner" }, { &p->weakness_due, "weakness_due" },
		{ &p->work_because, "work_because" }, { &p->evidence_name, "evidence_name" }, { &p->evidence_place, "evidence_place" },
		{ &p->told_how, "told_how" }, { &p->track_because, "track_because" }, { &p->handed_receipt, "handed_receipt" }, { &p->handed_at, "handed_at" } };
	for (size_t i = 0; i < LENGTH(empty); i++)
		again(d, empty[i].field, empty[i].name, STR(""));
	p->work_move = choice(d, "work_move", moves, STR("done"));
	p->evidence_content = area(d, "evidence_content", STR(""));
}

/* The form in which something was wrong stands open. */
static void open_form(struct drawing *d)
{
	struct incidents_incident_page *p = &d->page;
	const struct { const char *act; bool *is_open; } forms[] = { { "track", &p->open_track }, { "handed", &p->open_handed }, { "assign", &p->open_assign },
		{ "classify", &p->open_classify }, { "times", &p->open_times }, { "note", &p->open_note }, { "task", &p->open_task },
		{ "weakness", &p->open_weakness }, { "work", &p->open_work }, { "evidence", &p->open_evidence }, { "told", &p->open_told } };

	for (size_t i = 0; i < LENGTH(forms); i++)
		*forms[i].is_open = d->wrongs->n && str_equal(visit_field(d->visit, "act"), str_of(forms[i].act));
}

/* --- the law --- */

static int64_t percent_gone(struct instant from, struct rq *rq, const struct incidents_duty *duty)
{
	int64_t whole = duty->due_at.ms - from.ms, gone = rq->now.ms - from.ms;

	return whole <= 0 ? 100 : MIN(MAX(gone * 100 / whole, (int64_t)0), (int64_t)100);
}

static void one_duty(struct drawing *d, const struct incidents_duty *duty, struct instant from, struct incidents_incident_page_duties *ret)
{
	struct rq *rq = d->rq;
	bool runs = duty->is_due && !duty->is_handed && duty->applies != DUTY_NOT && !(incidents_is_over(d->row.state) && duty->applies != DUTY_APPLIES);

	*ret = (struct incidents_incident_page_duties){ .id = (int64_t)d->page.n_duties + 1, .pack = duty->pack ? duty->pack->word : STR(""),
		.pack_name = duty->name, .step = duty->row ? duty->row->word : STR(""),
		.left = runs ? incidents_left(rq, duty) : STR(""), .is_late = runs && !instant_is_before(rq->now, duty->due_at),
		.is_undecided = duty->applies == DUTY_UNDECIDED, .is_not = duty->applies == DUTY_NOT, .percent = runs ? percent_gone(from, rq, duty) : 0,
		.due_at = runs ? duty->due_at : (struct instant){ 0 }, .needs = duty->needs && !duty->is_handed ? duty->needs : NULL,
		.basis = duty->row ? duty->row->basis : STR(""), .reason = duty->reason.at ? duty->reason : STR(""), .by = incidents_person(rq, duty->assessed_by),
		.is_handed = duty->is_handed, .handed_at = duty->handed_at, .receipt = duty->receipt };
}

static enum err fill_law(struct drawing *d)
{
	struct incidents_duty *duties;
	struct str last = STR_NONE;
	size_t n;

	TRY(incidents_duties(d->rq, &d->row, NULL, &duties, &n));
	struct incidents_incident_page_duties *rows = NEW_MANY(d->rq->arena, n + 1, struct incidents_incident_page_duties);
	struct incidents_incident_page_undecided *undecided = NEW_MANY(d->rq->arena, n + 1, struct incidents_incident_page_undecided);
	struct incidents_incident_page_open_steps *steps = NEW_MANY(d->rq->arena, n + 1, struct incidents_incident_page_open_steps);
	for (size_t i = 0; i < n; i++) {
		one_duty(d, &duties[i], incidents_duty_from(&d->row, duties, n, &duties[i]), &rows[d->page.n_duties]);
		d->page.n_duties++;
		if (duties[i].pack && !str_equal(last, duties[i].name))
			undecided[d->page.n_undecided++] = (struct incidents_incident_page_undecided){ .pack = duties[i].name,
				.word = duties[i].pack->word };
		last = duties[i].name;
		if (duties[i].applies == DUTY_APPLIES && !duties[i].is_handed)
			steps[d->page.n_open_steps++] = (struct incidents_incident_page_open_steps){ .pack = duties[i].name, .step = duties[i].row->step,
				.pack_word = duties[i].pack->word, .word = duties[i].row->word };
	}
	d->page.law_at = n ? str_print(d->rq->arena, "/incidents/law/%.*s", STR_ARG(d->row.number)) : STR("");
	d->page.duties = rows;
	d->page.undecided = undecided;
	d->page.open_steps = steps;
	return OK;
}

/* --- what has been gathered --- */

/* What no act of the incident's own has put there. */
static const char *other_word(struct str act)
{
	static const struct incidents_choice words[] = { { "left", N_("The owner has left") }, { "block", N_("A host was blocked") },
		{ "leave", N_("A host was left alone") }, { "measure", N_("Countermeasure") } };

	for (size_t i = 0; i < LENGTH(words); i++)
		if (str_equal(act, str_of(words[i].name)))
			return words[i].word;
	return NULL;
}

static enum err fill_entries(struct drawing *d)
{
	struct incidents_entry_of_row *rows;
	size_t n;

	TRY(incidents_entry_of(d->rq, d->row.id, &rows, &n));
	struct incidents_incident_page_entries *entries = NEW_MANY(d->rq->arena, n + 1, struct incidents_incident_page_entries);
	for (size_t i = 0; i < n; i++) {
		const struct incidents_act *act = incidents_act_named(rows[i].act);
		entries[i] = (struct incidents_incident_page_entries){ .id = rows[i].id, .at = rows[i].at, .kind = incidents_entry_word[rows[i].kind],
			.who = incidents_person(d->rq, rows[i].made_by), .text = rows[i].text,
			.act = act && strcmp(act->name, "note") != 0 ? act->button : other_word(rows[i].act),
			.entered_at = { rows[i].made_at.ms - rows[i].at.ms > MINUTES(5).ms ? rows[i].made_at.ms : 0 },
			.corrects = rows[i].corrects.is ? str_print(d->rq->arena, "%lld", (long long)rows[i].corrects.i) : STR("") };
	}
	d->page.entries = entries;
	d->page.n_entries = n;
	return OK;
}

static struct state_page work_shape(int64_t state)
{
	const char *kind = state == INCIDENTS_VERIFIED ? "ok" : state == INCIDENTS_CANCELLED ? "unknown" : "act";
	return (struct state_page){ str_of(kind), incidents_work_word[state] };
}

/* The rule, change and gateway that a vulnerability refers to. */
static enum err fill_belongs(struct drawing *d, const struct incidents_work_of_row *w, struct incidents_incident_page_weaknesses *ret)
{
	static const struct incidents_choice words[] = { { "rules", N_("Rule") }, { "changes", N_("Change") }, { "capacity", N_("Capacity") }, { 0 } };
	struct refer_shown *shown;
	size_t n;

	TRY(refer_from(d->rq, "incidents", incidents_work_name_of(d->rq, d->row.number, w->id), &shown, &n));
	struct incidents_incident_page_weaknesses_belongs *rows = NEW_MANY(d->rq->arena, n + 1, struct incidents_incident_page_weaknesses_belongs);
	for (size_t i = 0; i < n; i++) {
		rows[i] = (struct incidents_incident_page_weaknesses_belongs){ .title = shown[i].found.title, .at = shown[i].found.at, .is_unchecked = !shown[i].found.is_checked };
		for (const struct incidents_choice *c = words; c->name; c++)
			if (str_equal(shown[i].point, str_of(c->name)))
				rows[i].word = c->word;
	}
	ret->belongs = rows;
	ret->n_belongs = n;
	return OK;
}

static enum err fill_work(struct drawing *d)
{
	struct incidents_work_of_row *rows;
	struct rq *rq = d->rq;
	size_t n;

	TRY(incidents_work_of(rq, d->row.id, &rows, &n));
	struct incidents_incident_page_tasks *tasks = NEW_MANY(rq->arena, n + 1, struct incidents_incident_page_tasks);
	struct incidents_incident_page_weaknesses *weak = NEW_MANY(rq->arena, n + 1, struct incidents_incident_page_weaknesses);
	struct incidents_incident_page_works *works = NEW_MANY(rq->arena, n + 1, struct incidents_incident_page_works);
	for (size_t i = 0; i < n; i++) {
		const struct incidents_work_of_row *w = &rows[i];
		bool is_late = !w->ended_at.is && !instant_is_before(rq->now, w->due_at);
		struct str owner = incidents_person(rq, w->owner);
		if (w->is_weakness)
			weak[d->page.n_weaknesses++] = (struct incidents_incident_page_weaknesses){ .id = w->id, .text = w->text, .cause = w->cause, .link = w->link,
				.state = work_shape(w->state), .owner = owner, .due_at = w->due_at, .note = w->note, .is_late = is_late };
		else
			tasks[d->page.n_tasks++] = (struct incidents_incident_page_tasks){ .id = w->id, .text = w->text, .state = work_shape(w->state),
				.owner = owner, .due_at = w->due_at, .note = w->note, .is_late = is_late };
		if (w->is_weakness)
			TRY(fill_belongs(d, w, &weak[d->page.n_weaknesses - 1]));
		if (!w->ended_at.is)
			works[d->page.n_works++] = (struct incidents_incident_page_works){ .id = w->id, .text = str_utf8_first(w->text, 60) };
	}
	d->page.tasks = tasks;
	d->page.weaknesses = weak;
	d->page.works = works;
	return OK;
}

static enum err fill_evidence(struct drawing *d)
{
	struct incidents_evidence_of_row *rows;
	size_t n;

	TRY(incidents_evidence_of(d->rq, d->row.id, &rows, &n));
	struct incidents_incident_page_evidence *evidence = NEW_MANY(d->rq->arena, n + 1, struct incidents_incident_page_evidence);
	for (size_t i = 0; i < n; i++)
		evidence[i] = (struct incidents_incident_page_evidence){ .at = str_print(d->rq->arena, "/incidents/evidence/%lld", (long long)rows[i].id),
			.name = rows[i].name, .place = rows[i].place, .hash = rows[i].hash, .size = rows[i].size,
			.who = incidents_person(d->rq, (struct maybe_int){ true, rows[i].collected_by }), .collected_at = rows[i].collected_at };
	d->page.evidence = evidence;
	d->page.n_evidence = n;
	return OK;
}

static enum err fill_reports(struct drawing *d)
{
	struct incidents_report_of_row *rows;
	bool is_left = false;
	size_t n;

	TRY(incidents_report_of(d->rq, d->row.id, &rows, &n));
	struct incidents_incident_page_reports *reports = NEW_MANY(d->rq->arena, n + 1, struct incidents_incident_page_reports);
	for (size_t i = 0; i < n; i++) {
		reports[i] = (struct incidents_incident_page_reports){ .kind = incidents_kinds[rows[i].kind].title, .text = rows[i].text, .what = rows[i].what,
			.contact = rows[i].contact, .who = incidents_person(d->rq, rows[i].reporter), .made_at = rows[i].made_at,
			.told_at = { rows[i].told_at.is ? rows[i].told_at.i : 0 }, .told = rows[i].told.at ? rows[i].told : STR("") };
		is_left |= !rows[i].told_at.is;
	}
	d->page.reports = reports;
	d->page.n_reports = n;
	d->page.may_told = is_left && may(d, "told");
	return OK;
}

static enum err fill_follow(struct drawing *d)
{
	static const struct incidents_choice yes_no[] = { { "yes", N_("Yes") }, { "no", N_("No") }, { 0 } },
		review[] = { { "held", N_("Held") }, { "waived", N_("Not needed") }, { 0 } };
	struct incidents_incident_page_needs *needs = NEW_MANY(d->rq->arena, INCIDENTS_NEEDS, struct incidents_incident_page_needs);
	struct incidents_need need[INCIDENTS_NEEDS];
	struct incidents_incident_page *p = &d->page;
	const struct incidents_get_row *row = &d->row;
	struct incidents_again_row *same;
	size_t n;

	p->may_follow = may(d, "follow");
	p->follow_cause = area(d, "follow_cause", row->cause);
	p->follow_class = choice(d, "follow_class", incidents_causes, chosen_of(incidents_causes, row->cause_class));
	again(d, &p->follow_unknown, "follow_unknown", row->unknown_because);
	p->follow_changed = choice(d, "follow_changed", yes_no, chosen_of(yes_no, row->changed));
	again(d, &p->follow_why, "follow_why", row->changed_why);
	p->follow_review = choice(d, "follow_review", review, chosen_of(review, row->review));
	again(d, &p->follow_note, "follow_note", row->review_note);
	again(d, &p->follow_touched, "follow_touched", row->touched);
	p->follow_lesson = area(d, "follow_lesson", row->lesson);
	p->cause = row->cause.len ? row->cause : row->unknown_because;
	p->lesson = row->lesson;
	TRY(incidents_closing(d->rq, row, d->rq->actor->person, need));
	for (size_t i = 0; i < INCIDENTS_NEEDS; i++)
		needs[p->n_needs++] = (struct incidents_incident_page_needs){ .what = need[i].what, .is_met = need[i].is_met, .why = need[i].why };
	p->needs = needs;
	TRY(incidents_recurring(d->rq, row, &same, &n));
	struct incidents_incident_page_again *rows = NEW_MANY(d->rq->arena, n + 1, struct incidents_incident_page_again);
	for (size_t i = 0; i < n; i++) {
		struct incidents_get_row other;
		if (same[i].is_confidential && (incidents_get(d->rq, same[i].id, &other) != OK || !incidents_may_see(d->rq, &other, d->rq->actor->person)))
			continue;
		rows[p->n_again++] = (struct incidents_incident_page_again){ .at = str_print(d->rq->arena, "/incidents/%.*s", STR_ARG(same[i].number)),
			.number = same[i].number, .title = same[i].title };
	}
	p->again = rows;
	return OK;
}

static void fill_facts(struct drawing *d)
{
	static const char *const personal[] = { N_("not known"), N_("yes"), N_("no") };
	const struct incidents_get_row *row = &d->row;
	struct incidents_incident_page *p = &d->page;
	struct out effect = out_new(d->rq->arena);
	struct rq *rq = d->rq;
	static const char *const part[] = { N_("confidentiality"), N_("integrity"), N_("availability (information)") };

	for (int i = 0; i < 3; i++)
		if (row->effect >> i & 1)
			out_print(&effect, "%s%s", effect.len ? ", " : "", _(part[i]));
	p->number = row->number;
	p->title = row->title;
	p->kind = row->kind ? incidents_kinds[row->kind].title : N_("Incident without a name");
	p->state = incidents_shape(row->state);
	p->severity = row->severity ? incidents_severities[row->severity - 1].word : NULL;
	p->owner = incidents_person(rq, row->owner);
	p->rsit = NULL;
	for (const struct incidents_choice *c = incidents_rsit; c->name; c++)
		if (str_equal(row->rsit, str_of(c->name)))
			p->rsit = c->word;
	p->cert = row->cert ? incidents_cert[row->cert - 1].word : NULL;
	p->effect = out_str(&effect);
	p->personal = personal[row->personal_data];
	p->is_confidential = row->is_confidential;
}

/* Whose own report it is, and who is its supplier: one line each, with the page that holds the rest. */
static enum err fill_parties(struct drawing *d)
{
	struct incidents_incident_page *p = &d->page;
	struct parties_supplier_row supplier;
	struct incidents_get_row parent;
	struct parties_of_row own;
	enum err err = parties_supplier(d->rq, d->row.id, &supplier);

	p->parties_at = str_print(d->rq->arena, "/incidents/parties/%.*s", STR_ARG(d->row.number));
	p->supplier = err == OK ? supplier.name : STR("");
	p->body = p->parent = p->parent_at = STR("");
	if (err != OK && err != ERR_NONE)
		return err;
	err = incidents_body_of(d->rq, d->row.id, &own);
	if (err == ERR_NONE)
		return OK;
	TRY(err);
	TRY(incidents_get(d->rq, own.parent, &parent));
	p->body = own.body_name;
	p->parent = parent.number;
	p->parent_at = incidents_may_see(d->rq, &parent, d->rq->actor->person) ? str_print(d->rq->arena, "/incidents/%.*s", STR_ARG(parent.number)) : STR("");
	return OK;
}

static void fill_times(struct drawing *d)
{
	const struct incidents_get_row *row = &d->row;
	struct incidents_incident_page *p = &d->page;
	struct incidents_get_row target;
	const struct { struct maybe_int at; struct instant *ret; } times[] = { { row->occurred_at, &p->occurred_at }, { row->significant_at, &p->significant_at },
		{ row->contained_at, &p->contained_at }, { row->recovered_at, &p->recovered_at }, { row->closed_at, &p->closed_at } };

	p->opened_at = row->opened_at;
	p->detected_at = row->detected_at;
	p->aware_at = row->aware_at;
	for (size_t i = 0; i < LENGTH(times); i++)
		times[i].ret->ms = times[i].at.is ? times[i].at.i : 0;
	p->merged = p->merged_at = STR("");
	if (row->merged_into.is && incidents_get(d->rq, row->merged_into.i, &target) == OK && incidents_may_see(d->rq, &target, d->rq->actor->person)) {
		p->merged = target.number;
		p->merged_at = str_print(d->rq->arena, "/incidents/%.*s", STR_ARG(target.number));
	}
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct incidents_get_row *row, const struct wrongs *wrongs, struct answer *answer)
{
	struct drawing *d = NEW(rq->arena, struct drawing);
	const struct incidents_act *done = incidents_act_named(visit_field(visit, "done"));

	*d = (struct drawing){ .rq = rq, .visit = visit, .wrongs = wrongs, .row = *row };
	d->page.errors = wrongs_page(wrongs);
	d->page.done = done && !wrongs->n ? str_print(rq->arena, _("Done: %s"), _(done->button)) : STR("");
	d->page.form_token = visit->form_token;
	d->page.self_at = str_print(rq->arena, "/incidents/%.*s", STR_ARG(row->number));
	fill_facts(d);
	fill_times(d);
	fill_moves(d);
	fill_forms(d);
	open_form(d);
	TRY(fill_law(d));
	TRY(fill_entries(d));
	TRY(fill_work(d));
	TRY(fill_evidence(d));
	TRY(fill_reports(d));
	TRY(fill_follow(d));
	TRY(fill_parties(d));
	answer->has_errors = wrongs->n != 0;
	incidents_incident_page(&answer->body, rq->language, &d->page);
	return OK;
}

enum err incidents_get_incident(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_get_row row;

	TRY(incidents_find(rq, visit->rest, rq->actor->person, &row));
	return draw(rq, visit, &row, &(struct wrongs){ 0 }, answer);
}

/* One choice on the page names a pack and a step: "gdpr/notification". */
static void split_which(struct rq *rq, const struct visit *visit, struct incidents_deed *deed)
{
	struct field *fields = NEW_MANY(rq->arena, visit->n_fields + 2, struct field);
	struct str step = visit_field(visit, "handed_which"), pack = str_cut(&step, '/');

	if (visit->n_fields)
		memcpy(fields, visit->fields, visit->n_fields * sizeof *fields);
	fields[visit->n_fields] = (struct field){ STR("handed_pack"), pack.at ? pack : STR("") };
	fields[visit->n_fields + 1] = (struct field){ STR("handed_step"), step.at ? step : STR("") };
	deed->fields = fields;
	deed->n_fields = visit->n_fields + 2;
}

/* The page that a form stood on, where its answer goes. */
static const struct from { const char *name, *folder; enum err (*draw)(struct rq *, const struct visit *, const struct incidents_get_row *, const struct wrongs *, struct answer *); }
	pages[] = { { "", "", draw }, { "law", "law/", incidents_draw_law }, { "parties", "parties/", incidents_draw_parties } };

static const struct from *from_of(const struct visit *visit)
{
	for (size_t i = 1; i < LENGTH(pages); i++)
		if (str_equal(visit_field(visit, "from"), str_of(pages[i].name)))
			return &pages[i];
	return &pages[0];
}

/* Refusals before anything is written come back on the page; what fails later is the router's to say, and nothing stays. */
enum err incidents_post_incident(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	const struct incidents_act *act = incidents_act_named(visit_field(visit, "act"));
	struct incidents_deed deed = { .by = rq->actor->person, .fields = visit->fields, .n_fields = visit->n_fields, .file = visit->file };
	struct incidents_get_row row;
	struct wrongs wrongs = { 0 };

	const struct from *from = from_of(visit);

	TRY(incidents_find(rq, visit->rest, rq->actor->person, &row));
	if (!act)
		return fail(rq, ERR_INVALID, _("Say what to do with it."));
	deed.prefix = act->to == INCIDENTS_STAYS ? str_c(rq->arena, str_print(rq->arena, "%s_", act->name)) : "move_";
	if (strcmp(act->name, "handed") == 0)
		split_which(rq, visit, &deed);
	enum err err = incidents_do(rq, act, row.id, &deed);
	if (err == ERR_INVALID || err == ERR_CONFLICT) {
		wrong_add(&wrongs, deed.wrong ? str_c(rq->arena, str_print(rq->arena, "%s%s", deed.prefix, deed.wrong)) : "",
		          str_c(rq->arena, str_of(rq->trouble->text)));
		return from->draw(rq, visit, &row, &wrongs, answer);
	}
	if (err != OK)
		return err;
	answer->status = 303;
	answer->location = str_print(rq->arena, "/incidents/%s%.*s?done=%s", from->folder, STR_ARG(row.number), act->name);
	return OK;
}

/* A form with a file has an address of its own (the web door takes files at .../import alone); it names its incident. */
enum err incidents_post_evidence(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct visit its = *visit;

	its.rest = visit_field(visit, "incident");
	if (!its.rest.at)
		return fail(rq, ERR_INVALID, _("Say what to do with it."));
	return incidents_post_incident(rq, &its, answer);
}

enum err incidents_get_evidence(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_evidence_get_row evidence;
	struct incidents_get_row row;
	struct audit_document_get_row document;
	int64_t id;

	if (str_number(visit->rest, INT64_MAX, &id) != OK || incidents_evidence_get(rq, id, &evidence) != OK || incidents_get(rq, evidence.incident, &row) != OK
	    || !incidents_may_see(rq, &row, rq->actor->person))
		return fail(rq, ERR_NONE, _("There is no such evidence."));
	TRY(audit_document_get(rq, evidence.hash, &document));
	out_put(&answer->body, document.body);
	answer->type = "application/octet-stream";
	answer->filename = str_print(rq->arena, "%.*s-%lld.bin", STR_ARG(row.number), (long long)id);
	return OK;
}
