/* Acts that stay where the incident is: owner, assessment, times, timeline, evidence, and that the reporter was told.
 *
 * The separate times must follow each other: it happened, it was detected, it was known; none lies in the future. Nothing on the
 * timeline is changed: a correction is a new entry that names the one it corrects.
 *
 * SECURITY: each checks all it was told before it begins its leaf. Evidence is kept by its SHA-256 in the log itself, so that it cannot be
 * exchanged afterwards; at most 4 MB a piece. */
#include "parties.h"
#include "base/channel.h"

enum { EVIDENCE_MOST = 4 << 20 };

enum err incidents_act_assign(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct maybe_int owner = { 0 };
	struct change *change;

	TRY(incidents_said_person(rq, deed, "owner", &owner));
	if (!owner.is)
		return WRONG(deed, "owner", _("Say who answers for it."));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_assign(change, owner, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_STATUS, str_print(rq->arena, "→ %.*s", STR_ARG(incidents_code(rq, owner))));
}

static enum err said_yes(struct rq *rq, struct incidents_deed *deed, const char *name, int64_t *ret)
{
	static const struct incidents_choice yes_no[] = { { "yes", "" }, { "no", "" }, { 0 } };

	return incidents_said_choice(rq, deed, name, yes_no, ret);
}

/* "krt" in any order, also "cia": which of confidentiality, integrity and availability. A page sends three boxes. */
static enum err said_effect(struct rq *rq, struct incidents_deed *deed, int64_t *ret)
{
	struct str text = incidents_said(deed, "effect");
	int64_t effect = 0;

	for (size_t i = 0; i < text.len; i++)
		switch (text.at[i] | 32) {
		case 'k': case 'c': effect |= 1; break;
		case 'r': case 'i': effect |= 2; break;
		case 't': case 'a': effect |= 4; break;
		default: return WRONG(deed, "effect", _("Write the letters of what is affected: K, R and T."));
		}
	if (text.at)
		*ret = effect;
	static const char *const box[] = { "effect_k", "effect_r", "effect_t" };
	if (incidents_said(deed, "boxes").at)
		*ret = 0;
	for (int i = 0; i < 3; i++)
		*ret |= incidents_said(deed, box[i]).at ? 1 << i : 0;
	return OK;
}

/* What is not said stays as it was. */
enum err incidents_act_classify(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct incidents_classify_args args = { .title = row->title, .severity = row->severity, .rsit = row->rsit, .cert = row->cert,
		.effect = row->effect, .personal_data = row->personal_data, .active_at = rq->now, .id = row->id };
	int64_t rsit = 0, confidential = row->is_confidential ? 1 : 2;
	struct change *change;
	struct out text = out_new(rq->arena);

	if (incidents_said(deed, "title").at)
		TRY(incidents_said_text(rq, deed, "title", 200, row->kind == 0, &args.title));
	TRY(incidents_said_choice(rq, deed, "severity", incidents_severities, &args.severity));
	TRY(incidents_said_choice(rq, deed, "rsit", incidents_rsit, &rsit));
	TRY(incidents_said_choice(rq, deed, "cert", incidents_cert, &args.cert));
	TRY(said_effect(rq, deed, &args.effect));
	TRY(said_yes(rq, deed, "personal", &args.personal_data));
	TRY(said_yes(rq, deed, "confidential", &confidential));
	args.is_confidential = confidential == 1;
	if (rsit)
		args.rsit = str_of(incidents_rsit[rsit - 1].name);
	if (args.severity != row->severity)
		out_print(&text, "SEV%lld → SEV%lld ", (long long)row->severity, (long long)args.severity);
	out_put(&text, args.rsit);
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_classify(change, &args));
	TRY(incidents_bodies_hide(rq, change, row, args.is_confidential));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_STATUS, str_trim(out_str(&text)));
}

enum err incidents_act_times(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct maybe_int occurred = row->occurred_at, detected = { true, row->detected_at.ms }, aware = { true, row->aware_at.ms };
	struct change *change;
	struct str reason;

	TRY(incidents_said_moment(rq, deed, "occurred", false, &occurred));
	TRY(incidents_said_moment(rq, deed, "detected", false, &detected));
	TRY(incidents_said_moment(rq, deed, "aware", false, &aware));
	TRY(incidents_said_text(rq, deed, "because", 1000, true, &reason));
	if (aware.i > rq->now.ms)
		return WRONG(deed, "aware", _("None of the times may lie in the future."));
	if (detected.i > aware.i)
		return WRONG(deed, "detected", _("It cannot be detected after it was known."));
	if (occurred.is && occurred.i > detected.i)
		return WRONG(deed, "occurred", _("It cannot have happened after it was detected."));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_times(change, &(const struct incidents_times_args){ .occurred_at = occurred, .detected_at = { detected.i }, .aware_at = { aware.i },
		.active_at = rq->now, .id = row->id }));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_STATUS, reason);
}

static enum err said_corrects(struct rq *rq, const struct incidents_get_row *row, struct incidents_deed *deed, struct maybe_int *ret)
{
	struct str text = incidents_said(deed, "corrects");
	struct incidents_entry_get_row entry;
	int64_t id;

	if (text.len == 0)
		return OK;
	enum err err = str_number(text, INT64_MAX, &id) == OK ? incidents_entry_get(rq, id, &entry) : ERR_NONE;
	if (err == ERR_NONE || (err == OK && entry.incident != row->id))
		return WRONG(deed, "corrects", _("There is no such entry on this timeline."));
	*ret = (struct maybe_int){ true, id };
	return err;
}

enum err incidents_act_note(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	static const struct incidents_choice kinds[] = { { "detection", "" }, { "observation", "" }, { "mitigation", "" }, { 0 } };
	struct maybe_int at = { true, rq->now.ms }, corrects = { 0 };
	int64_t kind = INCIDENTS_OBSERVATION;
	struct change *change;
	struct str text;

	TRY(incidents_said_text(rq, deed, "text", 4000, true, &text));
	TRY(incidents_said_choice(rq, deed, "kind", kinds, &kind));
	TRY(incidents_said_moment(rq, deed, "at", false, &at));
	TRY(said_corrects(rq, row, deed, &corrects));
	if (at.i > rq->now.ms)
		return WRONG(deed, "at", _("None of the times may lie in the future."));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note(rq, change, &(const struct incidents_noted){ .incident = row->id, .at = { at.i }, .by = { true, deed->by }, .text = text,
		.kind = corrects.is ? INCIDENTS_CORRECTION : (enum incidents_entry)kind, .corrects = corrects, .act = "note" });
}

enum err incidents_act_evidence(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct incidents_evidence_most_row most;
	struct str name, place, bytes = STR_NONE, hash;
	struct change *change;

	TRY(incidents_said_text(rq, deed, "name", 200, true, &name));
	TRY(incidents_said_text(rq, deed, "place", 500, true, &place));
	if (deed->file >= 0 && channel_file_read(rq->arena, deed->file, EVIDENCE_MOST, &bytes) != OK)
		return WRONG(deed, "file", _("The file is larger than %d MB. Save its hash as a text instead."), EVIDENCE_MOST >> 20);
	if (bytes.len == 0)
		TRY(incidents_said_text(rq, deed, "content", 100000, false, &bytes));
	if (bytes.len == 0)
		return WRONG(deed, "content", _("Write down the evidence, or choose a file."));
	TRY(incidents_evidence_most(rq, &most));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(change_document(change, bytes, &hash));
	TRY(incidents_evidence_add(change, &(const struct incidents_evidence_add_args){ .id = most.id + 1, .incident = row->id, .name = name, .place = place,
		.hash = hash, .size = (int64_t)bytes.len, .collected_by = deed->by, .collected_at = rq->now }));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_OBSERVATION, str_print(rq->arena, "%.*s, SHA-256 %.*s", STR_ARG(name), STR_ARG(hash)));
}

enum err incidents_act_told(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct incidents_report_of_row *reports;
	struct change *change;
	struct str how;
	size_t n, told = 0;

	TRY(incidents_said_text(rq, deed, "how", 1000, true, &how));
	TRY(incidents_report_of(rq, row->id, &reports, &n));
	for (size_t i = 0; i < n; i++)
		told += !reports[i].told_at.is;
	if (!told)
		return fail(rq, ERR_CONFLICT, _("There is nobody left to tell."));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	for (size_t i = 0; i < n; i++)
		if (!reports[i].told_at.is)
			TRY(incidents_report_told(change, rq->now, how, reports[i].id));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_STATUS, how);
}
