/* Acts of the follow-up and of the law: cause, changed circumstances, evaluation, lesson; does a legal duty apply; what was handed in.
 *
 * A duty's assessment is a person's decision with a reason and a name; the machine only counts the time. What was handed in to the
 * authority is never taken back: it was handed in.
 *
 * SECURITY: only packs that were in use when the incident was opened and only steps of that pack are taken. */
#include "law.h"
#include "base/channel.h"

enum { RECEIPT_MOST = 4 << 20 };

enum err incidents_act_follow(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	static const struct incidents_choice changed[] = { { "yes", "" }, { "no", "" }, { 0 } }, review[] = { { "held", "" }, { "waived", "" }, { 0 } };
	struct incidents_follow_args args = { .cause = row->cause, .cause_class = row->cause_class, .unknown_because = row->unknown_because,
		.changed = row->changed, .changed_why = row->changed_why, .review = row->review, .review_note = row->review_note,
		.touched = row->touched, .lesson = row->lesson, .active_at = rq->now, .id = row->id };
	struct { const char *name; struct str *text; } texts[] = { { "cause", &args.cause }, { "unknown", &args.unknown_because },
		{ "why", &args.changed_why }, { "note", &args.review_note }, { "touched", &args.touched }, { "lesson", &args.lesson } };
	struct change *change;

	for (size_t i = 0; i < LENGTH(texts); i++)
		if (incidents_said(deed, texts[i].name).at)
			TRY(incidents_said_text(rq, deed, texts[i].name, 2000, false, texts[i].text));
	TRY(incidents_said_choice(rq, deed, "class", incidents_causes, &args.cause_class));
	TRY(incidents_said_choice(rq, deed, "changed", changed, &args.changed));
	TRY(incidents_said_choice(rq, deed, "review", review, &args.review));
	if (args.changed && args.changed_why.len == 0)
		return WRONG(deed, "why", _("Say why, in a few words."));
	if (args.review && args.review_note.len == 0)
		return WRONG(deed, "note", _("Say when the evaluation was held, or why it is not needed."));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_follow(change, &args));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_STATUS, args.cause.len ? args.cause : args.unknown_because);
}

static enum err said_pack(struct rq *rq, const struct incidents_get_row *row, struct incidents_deed *deed, const struct deadline_pack **ret)
{
	struct str name = incidents_said(deed, "pack"), rest = row->packs;
	struct deadline_book *book = NEW(rq->arena, struct deadline_book);

	TRY(deadline_read(rq, book));

	while (rest.len) {
		struct str one = str_cut(&rest, ' ');
		if (one.len && str_equal(one, name) && (*ret = deadline_pack_in(book, one)))
			return OK;
	}
	return WRONG(deed, "pack", _("The incident's packs are: %.*s."), STR_ARG(row->packs));
}

enum err incidents_act_track(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	static const struct incidents_choice yes_no[] = { { "yes", "" }, { "no", "" }, { 0 } };
	const struct deadline_pack *pack = NULL;
	struct incidents_handed_of_row *handed;
	struct significance s;
	struct out proposals = out_new(rq->arena);
	int64_t applies = 0;
	struct change *change;
	struct str reason;
	size_t n;

	TRY(said_pack(rq, row, deed, &pack));
	TRY(incidents_said_choice(rq, deed, "applies", yes_no, &applies));
	if (!applies)
		return WRONG(deed, "applies", _("Say yes or no. If it cannot be decided yet, leave it: the clock runs on."));
	TRY(incidents_said_text(rq, deed, "because", 1000, true, &reason));
	TRY(incidents_handed_of(rq, row->id, &handed, &n));
	for (size_t i = 0; i < n; i++)
		if (applies == 2 && str_equal(handed[i].pack, pack->name))
			return fail(rq, ERR_CONFLICT, _("A report has been handed in for this duty, so it applies."));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_track_set(change, &(const struct incidents_track_set_args){ .incident = row->id, .pack = pack->name, .applies = applies == 1,
		.reason = reason, .assessed_by = deed->by, .assessed_at = rq->now }));
	bool is_first = applies == 1 && !row->significant_at.is;
	TRY(incidents_significant(change, is_first ? (struct maybe_int){ true, rq->now.ms } : row->significant_at, rq->now, row->id));
	TRY(incidents_significance(rq, row, &s));
	TRY(incidents_propose(rq, change, row, &s, &proposals));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_LEGAL, str_print(rq->arena, "%.*s: %s. %.*s (%s %.*s)", STR_ARG(pack->name),
		incidents_says_mark[applies == 1 ? SIGNIFICANCE_MUST : SIGNIFICANCE_NEED_NOT], STR_ARG(reason), _("proposed:"), STR_ARG(out_str(&proposals))));
}

static enum err check_step(struct rq *rq, const struct incidents_get_row *row, struct incidents_deed *deed, const struct deadline_pack *pack,
                           const struct deadline_row **ret)
{
	struct str step = incidents_said(deed, "step");
	struct incidents_track_of_row *tracks;
	struct incidents_handed_of_row *handed;
	size_t n_tracks, n, i = 0;

	while (i < pack->n && !str_equal(step, pack->rows[i].step))
		i++;
	if (i == pack->n)
		return WRONG(deed, "step", _("There is no such report in %.*s."), STR_ARG(pack->name));
	*ret = &pack->rows[i];
	i = 0;
	TRY(incidents_track_of(rq, row->id, &tracks, &n_tracks));
	while (i < n_tracks && !(tracks[i].applies && str_equal(tracks[i].pack, pack->name)))
		i++;
	if (i == n_tracks)
		return fail(rq, ERR_CONFLICT, _("Decide first that the duty applies."));
	TRY(incidents_handed_of(rq, row->id, &handed, &n));
	for (i = 0; i < n; i++)
		if (str_equal(handed[i].pack, pack->name) && str_equal(handed[i].step, step))
			return fail(rq, ERR_CONFLICT, _("That report has already been handed in."));
	return OK;
}

/* The text as the record stood, and the receipt's file: both by their hash. */
static enum err keep_paper(struct rq *rq, struct change *change, const struct incidents_get_row *row, const struct deadline_row *step, const struct deadline_pack *pack,
                           const struct incidents_paper *paper, struct str file)
{
	struct incidents_receipt_most_row most;
	struct str hash, file_hash = STR_NONE;

	TRY(incidents_receipt_most(rq, &most));
	TRY(change_document(change, incidents_paper_text(rq, paper), &hash));
	if (file.len)
		TRY(change_document(change, file, &file_hash));
	return incidents_receipt_add(change, &(const struct incidents_receipt_add_args){ .id = most.id + 1, .incident = row->id, .pack = pack->name, .step = step->step,
		.paper = hash, .file = file_hash, .name = file.len ? STR("receipt") : STR(""), .size = (int64_t)file.len });
}

enum err incidents_act_handed(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	const struct deadline_pack *pack = NULL;
	const struct deadline_row *step = NULL;
	struct maybe_int at = { true, rq->now.ms };
	struct incidents_duty duty;
	struct incidents_paper paper;
	struct change *change;
	struct str receipt, file = STR_NONE;

	TRY(said_pack(rq, row, deed, &pack));
	TRY(check_step(rq, row, deed, pack, &step));
	TRY(incidents_said_moment(rq, deed, "at", false, &at));
	if (at.i > rq->now.ms)
		return WRONG(deed, "at", _("None of the times may lie in the future."));
	if (at.i < row->aware_at.ms)
		return WRONG(deed, "at", _("Nothing is handed in before the incident was known."));
	TRY(incidents_said_text(rq, deed, "receipt", 1000, true, &receipt));
	if (deed->file >= 0 && channel_file_read(rq->arena, deed->file, RECEIPT_MOST, &file) != OK)
		return WRONG(deed, "file", _("The file is larger than %d MB. Save its hash as a text instead."), RECEIPT_MOST >> 20);
	TRY(incidents_duty_find(rq, row, pack->name, step->step, &duty));
	TRY(incidents_paper(rq, row, &duty, &paper));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_handed_add(change, &(const struct incidents_handed_add_args){ .incident = row->id, .pack = pack->name, .step = step->step,
		.at = { at.i }, .receipt = receipt, .handed_by = deed->by, .made_at = rq->now }));
	TRY(keep_paper(rq, change, row, step, pack, &paper, file));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_LEGAL, str_print(rq->arena, "%.*s %.*s: %.*s", STR_ARG(pack->name), STR_ARG(step->step), STR_ARG(receipt)));
}
