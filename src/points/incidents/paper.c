/* The text to hand in: what the record knows, in the order in which the authority asks on the telephone, to be pasted into its form.
 *
 * There is no public interface to send it through, so a person hands it in and keeps the receipt (act "handed"). What is not known is named as
 * such and never guessed.
 *
 * SECURITY: drawn for who may see the incident; it is plain text in an element that shows it as it is. */
#include "incidents.h"
#include "floor/setting.h"

static void line(struct rq *rq, struct out *out, const char *label, struct str value)
{
	out_print(out, "%s: %.*s\n", _(label), STR_ARG(value.len ? value : str_of(_("TO BE FILLED IN"))));
}

static struct str moment_words(struct rq *rq, struct maybe_int at)
{
	struct out out = out_new(rq->arena);

	if (at.is)
		tongue_instant(&out, rq->language, (struct instant){ at.i });
	return out_str(&out);
}

static struct str effect_words(struct rq *rq, int64_t effect)
{
	static const char *const part[] = { N_("confidentiality"), N_("integrity"), N_("availability (information)") };
	struct out out = out_new(rq->arena);

	for (int i = 0; i < 3; i++)
		if (effect >> i & 1)
			out_print(&out, "%s%s", out.len ? ", " : "", _(part[i]));
	return out_str(&out);
}

static struct str rsit_words(struct rq *rq, struct str rsit)
{
	for (const struct incidents_choice *c = incidents_rsit; c->name; c++)
		if (str_equal(rsit, str_of(c->name)))
			return str_print(rq->arena, "%s (rsit:%s)", _(c->word), c->name);
	return STR("");
}

/* What somebody wrote on the timeline, the oldest first; what the acts wrote by themselves is not for the authority. */
static enum err written(struct rq *rq, const struct incidents_get_row *row, struct out *out)
{
	struct incidents_entry_of_row *rows;
	size_t n;

	TRY(incidents_entry_of(rq, row->id, &rows, &n));
	for (size_t i = n; i-- > 0; ) {
		if (!str_equal(rows[i].act, STR("note")))
			continue;
		out_print(out, "- %.*s, %s: %.*s\n", STR_ARG(moment_words(rq, (struct maybe_int){ true, rows[i].at.ms })),
		          _(incidents_entry_word[rows[i].kind]), STR_ARG(rows[i].text));
	}
	return OK;
}

enum err incidents_paper(struct rq *rq, const struct incidents_get_row *row, struct str *ret)
{
	static const char *const yes_no[] = { "", N_("Yes"), N_("No") };
	struct out out = out_new(rq->arena);
	struct str title = row->title.len || !row->kind ? row->title : str_of(_(incidents_kinds[row->kind].title));

	out_print(&out, "%.*s, %s %.*s\n", STR_ARG(setting_text(rq, "organisation.name")), _("Incident"), STR_ARG(row->number));
	line(rq, &out, N_("What has happened"), title);
	line(rq, &out, N_("Happened"), moment_words(rq, row->occurred_at));
	line(rq, &out, N_("Detected"), moment_words(rq, (struct maybe_int){ true, row->detected_at.ms }));
	line(rq, &out, N_("Known"), moment_words(rq, (struct maybe_int){ true, row->aware_at.ms }));
	line(rq, &out, N_("Severity"), row->severity ? str_of(_(incidents_severities[row->severity - 1].word)) : STR(""));
	line(rq, &out, N_("Category (RSIT)"), rsit_words(rq, row->rsit));
	line(rq, &out, N_("Category (CERT-SE)"), row->cert ? str_of(_(incidents_cert[row->cert - 1].word)) : STR(""));
	line(rq, &out, N_("Affected"), effect_words(rq, row->effect));
	line(rq, &out, N_("Personal data?"), row->personal_data ? str_of(_(yes_no[row->personal_data])) : STR(""));
	line(rq, &out, N_("Cause"), row->cause.len ? row->cause : row->unknown_because);
	line(rq, &out, N_("Is it malicious, does it cross a border, is it reported to the police?"), STR(""));
	line(rq, &out, N_("Which others are involved, and which help is needed?"), STR(""));
	line(rq, &out, N_("Whom to call"), setting_text(rq, "incidents.phone"));
	TRY(written(rq, row, &out));
	*ret = out_str(&out);
	return OK;
}
