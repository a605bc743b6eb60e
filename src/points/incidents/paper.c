/* What is handed in to the authority: what the record knows, in the order in which the pack of that duty asks at that step, as text to be pasted into
 * the authority's form and as a PDF.
 *
 * There is no public interface to send it through, so a person hands it in and keeps the receipt (act "handed", which keeps the text too).
 * What is not known stands there as "to be filled in" and is never guessed. Which parts a step has is a word in the pack's `asks`; a
 * word is a row of the table below.
 *
 * SECURITY: drawn for who may see the incident. Comments, names and addresses of reporters are not in it; the owner's name and the telephone number
 * of the setting are. */
#include "parties.h"
#include "floor/setting.h"

enum { PARTS_MOST = 64 };
struct writing { struct rq *rq; const struct incidents_get_row *row; struct significance facts; struct incidents_paper *paper; };

static void part(struct writing *w, struct str label, struct str value)
{
	struct incidents_paper *paper = w->paper;

	if (paper->n == PARTS_MOST)
		return;
	paper->parts[paper->n++] = (struct incidents_paper_part){ label, value.at ? value : STR("") };
	paper->missing += value.len == 0;
}

static struct str moment_words(struct rq *rq, struct maybe_int at)
{
	struct out out = out_new(rq->arena);

	if (at.is)
		tongue_instant(&out, rq->language, (struct instant){ at.i });
	return out_str(&out);
}

static struct str number_words(struct rq *rq, int64_t n)
{
	struct out out = out_new(rq->arena);

	tongue_number(&out, rq->language, n);
	return out_str(&out);
}

/* A fact that somebody has stated; is_needed: it stands there also when nobody has. */
static void fact(struct writing *w, const char *name, bool is_needed)
{
	struct rq *rq = w->rq;
	const struct significance_fact *its = significance_fact_named(&w->facts, str_of(name));

	if (!its || (!is_needed && !its->number.is && !its->text.len))
		return;
	struct str value = its->kind == SIGNIFICANCE_TEXT ? its->text : !its->number.is ? STR("")
	                 : its->kind == SIGNIFICANCE_YES_NO ? str_of(its->number.i ? _("Yes") : _("No")) : number_words(rq, its->number.i);
	part(w, its->asks, value);
}

/* --- the parts --- */

static enum err what(struct writing *w)
{
	const struct incidents_get_row *row = w->row;
	struct rq *rq = w->rq;

	part(w, str_of(_("What has happened")), row->title.len || !row->kind ? row->title : str_of(_(incidents_kinds[row->kind].title)));
	return OK;
}

static enum err times(struct writing *w)
{
	const struct incidents_get_row *row = w->row;
	struct rq *rq = w->rq;

	part(w, str_of(_("Happened")), moment_words(rq, row->occurred_at));
	part(w, str_of(_("Detected")), moment_words(rq, (struct maybe_int){ true, row->detected_at.ms }));
	part(w, str_of(_("Known")), moment_words(rq, (struct maybe_int){ true, row->aware_at.ms }));
	if (row->contained_at.is)
		part(w, str_of(_("Contained")), moment_words(rq, row->contained_at));
	if (row->recovered_at.is)
		part(w, str_of(_("Recovered")), moment_words(rq, row->recovered_at));
	return OK;
}

static enum err state(struct writing *w)
{
	struct rq *rq = w->rq;

	part(w, str_of(_("State")), str_of(_(incidents_state_word[w->row->state])));
	return OK;
}

static enum err severity(struct writing *w)
{
	struct rq *rq = w->rq;

	part(w, str_of(_("Severity")), w->row->severity ? str_of(_(incidents_severities[w->row->severity - 1].word)) : STR(""));
	return OK;
}

static enum err category(struct writing *w)
{
	struct rq *rq = w->rq;
	struct str rsit = STR("");

	for (const struct incidents_choice *c = incidents_rsit; c->name; c++)
		if (str_equal(w->row->rsit, str_of(c->name)))
			rsit = str_print(rq->arena, "%s (rsit:%s)", _(c->word), c->name);
	part(w, str_of(_("Category (RSIT)")), rsit);
	part(w, str_of(_("Category (CERT-SE)")), w->row->cert ? str_of(_(incidents_cert[w->row->cert - 1].word)) : STR(""));
	return OK;
}

static enum err effect(struct writing *w)
{
	static const char *const parts[] = { N_("confidentiality"), N_("integrity"), N_("availability (information)") };
	struct rq *rq = w->rq;
	struct out out = out_new(rq->arena);

	for (int i = 0; i < 3; i++)
		if (w->row->effect >> i & 1)
			out_print(&out, "%s%s", out.len ? ", " : "", _(parts[i]));
	part(w, str_of(_("Affected")), out_str(&out));
	return OK;
}

/* The supplier, where one is named: who else is involved. */
static enum err supplier(struct writing *w)
{
	struct parties_supplier_row row;
	struct rq *rq = w->rq;
	int64_t root;
	enum err err = parties_supplier(rq, w->row->id, &row);

	TRY(incidents_root(rq, w->row->id, &root));
	if (err == ERR_NONE && root != w->row->id)
		err = parties_supplier(rq, root, &row);
	if (err == ERR_NONE)
		return OK;
	TRY(err);
	part(w, str_of(_("Supplier")), row.contract.len ? str_print(rq->arena, "%.*s (%.*s)", STR_ARG(row.name), STR_ARG(row.contract)) : row.name);
	return OK;
}

static enum err reach(struct writing *w)
{
	TRY(supplier(w));
	fact(w, "activities", true);
	fact(w, "systems", true);
	static const char *const known[] = { "limited", "reserve", "users", "users_percent", "persons", "persons_range", "protected", "cost", "costs_split", "plan" };
	for (size_t i = 0; i < LENGTH(known); i++)
		fact(w, known[i], false);
	return OK;
}

static enum err personal_data(struct writing *w)
{
	struct rq *rq = w->rq;

	part(w, str_of(_("Personal data?")), w->row->personal_data ? str_of(w->row->personal_data == 1 ? _("Yes") : _("No")) : STR(""));
	fact(w, "persons", true);
	return OK;
}

static enum err cause(struct writing *w)
{
	struct rq *rq = w->rq;
	const struct incidents_get_row *row = w->row;

	part(w, str_of(_("Cause")), row->cause.len ? row->cause : row->unknown_because);
	if (row->cause_class)
		part(w, str_of(_("Class of cause")), str_of(_(incidents_causes[row->cause_class - 1].word)));
	return OK;
}

static enum err lesson(struct writing *w)
{
	struct rq *rq = w->rq;

	part(w, str_of(_("Lesson")), w->row->lesson);
	return OK;
}

static enum err contact(struct writing *w)
{
	struct rq *rq = w->rq;

	part(w, str_of(_("Who answers for it")), incidents_person(rq, w->row->owner));
	part(w, str_of(_("Whom to call")), setting_text(rq, "incidents.phone"));
	return OK;
}

/* What somebody wrote on the timeline, the oldest first: what was done, or what was seen. What acts wrote by themselves is not for the authority,
 * nor what a later entry corrects. */
static enum err write_entries(struct writing *w, int64_t incident, bool is_measures, struct out *out)
{
	struct incidents_entry_of_row *rows;
	struct rq *rq = w->rq;
	size_t n;

	TRY(incidents_entry_of(rq, incident, &rows, &n));
	for (size_t i = n; i-- > 0; ) {
		bool is_corrected = false;
		for (size_t k = 0; k < n; k++)
			is_corrected |= rows[k].corrects.is && rows[k].corrects.i == rows[i].id;
		if (!str_equal(rows[i].act, STR("note")) || is_corrected || (rows[i].kind == INCIDENTS_MITIGATION) != is_measures)
			continue;
		out_print(out, "%s%.*s: %.*s", out->len ? "\n" : "", STR_ARG(moment_words(rq, (struct maybe_int){ true, rows[i].at.ms })), STR_ARG(rows[i].text));
	}
	return OK;
}

/* Of a body's own report: what was done for all, then what the body did. */
static enum err written(struct writing *w, bool is_measures, const char *label)
{
	struct rq *rq = w->rq;
	struct out out = out_new(rq->arena);
	int64_t root;

	TRY(incidents_root(rq, w->row->id, &root));
	if (root != w->row->id)
		TRY(write_entries(w, root, is_measures, &out));
	TRY(write_entries(w, w->row->id, is_measures, &out));
	part(w, str_of(_(label)), out_str(&out));
	return OK;
}

static enum err measures(struct writing *w)
{
	return written(w, true, N_("Measures that have been taken"));
}

static enum err story(struct writing *w)
{
	return written(w, false, N_("What was seen, in order"));
}

static const struct { const char *name; enum err (*write)(struct writing *); } parts[] = {
	{ "what", what }, { "times", times }, { "state", state }, { "severity", severity }, { "category", category }, { "effect", effect },
	{ "reach", reach }, { "personal_data", personal_data }, { "cause", cause }, { "lesson", lesson }, { "contact", contact },
	{ "measures", measures }, { "story", story },
};

/* A word that is no row here is a fact of the pack significance-se. */
static enum err one_part(struct writing *w, struct str name)
{
	for (size_t i = 0; i < LENGTH(parts); i++)
		if (str_equal(name, str_of(parts[i].name)))
			return parts[i].write(w);
	fact(w, str_c(w->rq->arena, name), true);
	return OK;
}

/* Later than the law wants it: the reasons belong to it. */
static void late(struct writing *w, const struct incidents_duty *duty)
{
	struct rq *rq = w->rq;

	if (duty->is_due && !duty->is_handed && instant_is_before(duty->due_at, rq->now))
		part(w, str_of(_("Why it is handed in late")), STR(""));
}

enum err incidents_paper(struct rq *rq, const struct incidents_get_row *row, const struct incidents_duty *duty, struct incidents_paper *ret)
{
	struct incidents_paper paper = { .parts = NEW_MANY(rq->arena, PARTS_MOST, struct incidents_paper_part), .how = duty->pack->how };
	struct writing w = { .rq = rq, .row = row, .paper = &paper };

	struct str organisation = setting_text(rq, "organisation.name");
	struct parties_of_row own;
	enum err err = incidents_body_of(rq, row->id, &own);

	if (err != OK && err != ERR_NONE)
		return err;
	if (err == OK)
		organisation = own.body_name;
	TRY(incidents_significance(rq, row, &w.facts));
	paper.title = str_print(rq->arena, "%.*s: %s %.*s", STR_ARG(duty->row->word), _("Incident"), STR_ARG(row->number));
	paper.from = organisation;
	paper.under = str_print(rq->arena, "%.*s → %.*s", STR_ARG(organisation), STR_ARG(duty->pack->to));
	for (struct str rest = duty->row->asks; rest.at; ) {
		struct str name = str_cut(&rest, ' ');
		if (name.len)
			TRY(one_part(&w, name));
	}
	late(&w, duty);
	*ret = paper;
	return OK;
}

struct str incidents_paper_text(struct rq *rq, const struct incidents_paper *paper)
{
	struct out out = out_new(rq->arena);

	out_print(&out, "%.*s\n%.*s\n\n", STR_ARG(paper->title), STR_ARG(paper->under));
	for (size_t i = 0; i < paper->n; i++) {
		struct str value = paper->parts[i].value.len ? paper->parts[i].value : str_of(_("TO BE FILLED IN"));
		bool is_long = str_find(value, '\n') < value.len || value.len > 90;
		out_print(&out, "%.*s%s%s%.*s\n", STR_ARG(paper->parts[i].label), str_ends(paper->parts[i].label, STR("?")) ? "" : ":", is_long ? "\n" : " ", STR_ARG(value));
	}
	return out_str(&out);
}
