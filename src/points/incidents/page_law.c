/* /incidents/law/NUMBER: what an incident must be handed in by: proposals with the facts that are missing, the facts, the text and the PDF of each
 * report, and the receipts.
 *
 * Its forms go to the incident's own address, as acts of the one table (act.c); "from" brings the answer back here. A paper is
 * /incidents/paper/NUMBER?pack=gdpr&step=notification, as text or, with as=pdf, as PDF.
 *
 * SECURITY: for who may see the incident; papers for who may hand them in or works with it. What was handed in and the receipt come as files
 * to be saved, from the log, by their hash. */
#include "law.h"
#include "floor/audit.sql.h"
#include "floor/paper.h"
#include "points/incidents/incidents_law.html.h"

struct law_drawing {
	struct rq *rq;
	const struct visit *visit;
	const struct wrongs *wrongs;
	struct incidents_get_row row;
	struct incidents_duty *duties; size_t n_duties;
	struct significance s;
	struct incidents_law_page page;
};

static struct str sentence_of(struct rq *rq, const struct proposal *p)
{
	if (p->says == SIGNIFICANCE_MUST)
		return str_of(_("Proposal: it must be reported, because of:"));
	if (p->says == SIGNIFICANCE_NEED_NOT)
		return str_print(rq->arena, tongue_n(rq->language, "Proposal: it need not be reported. The %lld criterion is not met.",
			"Proposal: it need not be reported. None of the %lld criteria is met.", p->n_criteria), (long long)p->n_criteria);
	return str_of(_("Cannot be decided yet. Needs:"));
}

static enum err fill_proposals(struct law_drawing *d)
{
	struct incidents_law_page_proposals *rows = NEW_MANY(d->rq->arena, d->n_duties + 1, struct incidents_law_page_proposals);
	struct rq *rq = d->rq;
	struct proposal proposal;
	struct str last = STR_NONE;

	for (size_t i = 0; i < d->n_duties; i++) {
		const struct incidents_duty *duty = &d->duties[i];
		if (!duty->pack || str_equal(duty->name, last))
			continue;
		last = duty->name;
		TRY(significance_propose(rq, &d->s, duty->pack->track, &proposal));
		const char *shape = proposal.says == SIGNIFICANCE_MUST ? "act" : proposal.says == SIGNIFICANCE_NEED_NOT ? "ok" : "unknown";
		const char *word = proposal.says == SIGNIFICANCE_MUST ? N_("Must be reported") : proposal.says == SIGNIFICANCE_NEED_NOT ? N_("Need not be reported") : N_("Cannot decide");
		bool is_decided = duty->applies != DUTY_UNDECIDED;
		rows[d->page.n_proposals++] = (struct incidents_law_page_proposals){ .pack = duty->pack->word, .state = { str_of(shape), word },
			.sentence = sentence_of(rq, &proposal), .because = proposal.because_words,
			.needs = proposal.says == SIGNIFICANCE_CANNOT ? proposal.needs_words : STR(""),
			.decided = !is_decided ? STR("") : str_print(rq->arena, "%s. %.*s", duty->applies == DUTY_APPLIES ? _("Yes") : _("No"), STR_ARG(duty->reason)),
			.by = incidents_person(rq, duty->assessed_by), .decided_at = duty->assessed_at };
	}
	d->page.proposals = rows;
	return OK;
}

static void fill_facts(struct law_drawing *d)
{
	struct incidents_law_page_facts *rows = NEW_MANY(d->rq->arena, d->s.n_facts + 1, struct incidents_law_page_facts);
	struct incidents_law_page_sectors *sectors = NEW_MANY(d->rq->arena, d->s.n_sectors + 1, struct incidents_law_page_sectors);

	for (size_t i = 0; i < d->s.n_sectors; i++)
		sectors[d->page.n_sectors++] = (struct incidents_law_page_sectors){ d->s.sectors[i].name, d->s.sectors[i].word,
			str_equal(d->s.sectors[i].name, d->s.sector) };
	for (size_t i = 0; i < d->s.n_facts; i++) {
		const struct significance_fact *fact = &d->s.facts[i];
		const char *field = str_c(d->rq->arena, str_print(d->rq->arena, "facts_%.*s", STR_ARG(fact->name)));
		struct str typed = d->wrongs->n ? visit_field(d->visit, field) : STR_NONE;
		struct str value = typed.at ? typed : fact->kind == SIGNIFICANCE_TEXT ? fact->text
		                 : fact->number.is ? str_print(d->rq->arena, "%lld", (long long)fact->number.i) : STR("");
		bool is_yes_no = fact->kind == SIGNIFICANCE_YES_NO, is_yes = typed.at ? str_equal(typed, STR("yes")) : fact->number.is && fact->number.i;
		bool is_no = typed.at ? str_equal(typed, STR("no")) : fact->number.is && !fact->number.i;
		if (!fact->is_asked)
			continue;
		rows[d->page.n_facts++] = (struct incidents_law_page_facts){ .name = fact->name, .asks = fact->asks, .error = wrong_of(d->wrongs, field), .value = value,
			.is_yes_no = is_yes_no, .is_number = fact->kind == SIGNIFICANCE_NUMBER, .is_yes = is_yes, .is_no = is_no, .is_unknown = !is_yes && !is_no };
	}
	d->page.facts = rows;
	d->page.sectors = sectors;
	d->page.sector_error = wrong_of(d->wrongs, "facts_sector");
}

static struct str paper_at(struct rq *rq, const struct incidents_get_row *row, const struct incidents_duty *duty, const char *format)
{
	return str_print(rq->arena, "/incidents/paper/%.*s?pack=%.*s&step=%.*s&as=%s", STR_ARG(row->number), STR_ARG(duty->name), STR_ARG(duty->row->step), format);
}

static void fill_receipt(struct law_drawing *d, const struct incidents_duty *duty, const struct incidents_receipt_of_row *receipts, size_t n,
                         struct incidents_law_page_papers *ret)
{
	ret->receipt_at = ret->kept_at = STR("");
	for (size_t i = 0; i < n; i++)
		if (str_equal(receipts[i].pack, duty->name) && str_equal(receipts[i].step, duty->row->step)) {
			ret->kept_at = str_print(d->rq->arena, "/incidents/receipt/%lld?which=paper", (long long)receipts[i].id);
			if (receipts[i].file.at)
				ret->receipt_at = str_print(d->rq->arena, "/incidents/receipt/%lld", (long long)receipts[i].id);
		}
}

static enum err fill_papers(struct law_drawing *d)
{
	struct incidents_law_page_papers *rows = NEW_MANY(d->rq->arena, d->n_duties + 1, struct incidents_law_page_papers);
	struct incidents_law_page_open_steps *steps = NEW_MANY(d->rq->arena, d->n_duties + 1, struct incidents_law_page_open_steps);
	struct incidents_receipt_of_row *receipts;
	struct rq *rq = d->rq;
	size_t n;

	TRY(incidents_receipt_of(rq, d->row.id, &receipts, &n));
	for (size_t i = 0; i < d->n_duties; i++) {
		const struct incidents_duty *duty = &d->duties[i];
		struct incidents_paper paper;
		if (!duty->pack || duty->applies == DUTY_NOT)
			continue;
		TRY(incidents_paper(rq, &d->row, duty, &paper));
		struct incidents_law_page_papers *one = &rows[d->page.n_papers];
		*one = (struct incidents_law_page_papers){ .id = (int64_t)++d->page.n_papers, .pack = duty->pack->word, .step = duty->row->word, .to = duty->pack->to,
			.how = duty->pack->how, .left = duty->is_due && !duty->is_handed ? incidents_left(rq, duty) : STR(""), .missing = paper.missing,
			.text = incidents_paper_text(rq, &paper), .pdf_at = paper_at(rq, &d->row, duty, "pdf"), .text_at = paper_at(rq, &d->row, duty, "text"),
			.is_handed = duty->is_handed, .handed_at = duty->handed_at, .receipt = duty->receipt };
		fill_receipt(d, duty, receipts, n, one);
		if (duty->applies == DUTY_APPLIES && !duty->is_handed)
			steps[d->page.n_open_steps++] = (struct incidents_law_page_open_steps){ .pack = duty->name, .step = duty->row->step,
				.pack_word = duty->pack->word, .word = duty->row->word };
	}
	d->page.papers = rows;
	d->page.open_steps = steps;
	d->page.has_pdf = paper_is_on();
	return OK;
}

enum err incidents_draw_law(struct rq *rq, const struct visit *visit, const struct incidents_get_row *row, const struct wrongs *wrongs, struct answer *answer)
{
	const struct incidents_act *done = incidents_act_named(visit_field(visit, "done"));
	struct law_drawing *d = NEW(rq->arena, struct law_drawing);

	*d = (struct law_drawing){ .rq = rq, .visit = visit, .wrongs = wrongs, .row = *row };
	TRY(incidents_duties(rq, row, NULL, &d->duties, &d->n_duties));
	TRY(incidents_significance(rq, row, &d->s));
	d->page.errors = wrongs_page(wrongs);
	d->page.done = done && !wrongs->n ? str_print(rq->arena, _("Done: %s"), _(done->button)) : STR("");
	d->page.form_token = visit->form_token;
	d->page.self_at = str_print(rq->arena, "/incidents/%.*s", STR_ARG(row->number));
	d->page.track_at = str_print(rq->arena, "/incidents/%.*s#track", STR_ARG(row->number));
	d->page.number = row->number;
	d->page.title = row->title;
	d->page.pack_title = pack_text(&d->s.pack.head, "title", rq->language);
	d->page.pack_date = d->s.pack.date;
	d->page.pack_status = pack_status_text[d->s.pack.status];
	d->page.may_facts = incidents_may_now(rq, "facts", row);
	d->page.may_handed = incidents_may_now(rq, "handed", row);
	d->page.open_handed = wrongs->n && str_equal(visit_field(visit, "act"), STR("handed"));
	d->page.handed_receipt = field_again(visit, wrongs, "handed_receipt", wrongs->n != 0);
	d->page.handed_at = field_again(visit, wrongs, "handed_at", wrongs->n != 0);
	TRY(fill_proposals(d));
	fill_facts(d);
	TRY(fill_papers(d));
	answer->title = str_of(_("What is to be handed in"));
	answer->has_errors = wrongs->n != 0;
	incidents_law_page(&answer->body, rq->language, &d->page);
	return OK;
}

enum err incidents_get_law(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_get_row row;

	TRY(incidents_find(rq, visit->rest, rq->actor->person, &row));
	return incidents_draw_law(rq, visit, &row, &(struct wrongs){ 0 }, answer);
}

/* --- one paper --- */

enum err incidents_duty_find(struct rq *rq, const struct incidents_get_row *row, struct str pack, struct str step, struct incidents_duty *ret)
{
	struct incidents_duty *duties;
	size_t n;

	TRY(incidents_duties(rq, row, NULL, &duties, &n));
	for (size_t i = 0; i < n; i++)
		if (duties[i].pack && str_equal(duties[i].name, pack) && str_equal(duties[i].row->step, step)) {
			*ret = duties[i];
			return OK;
		}
	return fail(rq, ERR_NONE, _("There is no such report for this incident."));
}

enum err incidents_paper_pdf(struct rq *rq, const struct incidents_paper *its, struct out *ret)
{
	struct paper paper = { .title = its->title, .author = its->from, .language = rq->language, .made_at = rq->now, .most_pages = 10,
		.footer = str_of(_("Verify at the authority before you rely on it.")) };

	paper.blocks = NEW_MANY(rq->arena, its->n + 2, struct paper_block);
	paper.blocks[paper.n++] = (struct paper_block){ PAPER_TITLE, its->title };
	paper.blocks[paper.n++] = (struct paper_block){ PAPER_TEXT, its->under };
	for (size_t i = 0; i < its->n; i++)
		paper.blocks[paper.n++] = (struct paper_block){ PAPER_ROW, its->parts[i].label,
			its->parts[i].value.len ? its->parts[i].value : str_of(_("TO BE FILLED IN")) };
	return paper_write(rq, &paper, ret, NULL);
}

enum err incidents_get_paper(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_get_row row;
	struct incidents_duty duty;
	struct incidents_paper paper;
	bool is_pdf = str_equal(visit_field(visit, "as"), STR("pdf"));

	TRY(incidents_find(rq, visit->rest, rq->actor->person, &row));
	TRY(incidents_duty_find(rq, &row, visit_field(visit, "pack"), visit_field(visit, "step"), &duty));
	TRY(incidents_paper(rq, &row, &duty, &paper));
	if (is_pdf)
		TRY(incidents_paper_pdf(rq, &paper, &answer->body));
	else
		out_put(&answer->body, incidents_paper_text(rq, &paper));
	answer->type = is_pdf ? "application/pdf" : "text/plain; charset=utf-8";
	answer->filename = str_print(rq->arena, "%.*s-%.*s-%.*s.%s", STR_ARG(row.number), STR_ARG(duty.name), STR_ARG(duty.row->step), is_pdf ? "pdf" : "txt");
	return OK;
}

enum err incidents_get_receipt(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_receipt_get_row receipt;
	struct audit_document_get_row document;
	struct incidents_get_row row;
	bool is_paper = str_equal(visit_field(visit, "which"), STR("paper"));
	int64_t id;

	if (str_number(visit->rest, INT64_MAX, &id) != OK || incidents_receipt_get(rq, id, &receipt) != OK || incidents_get(rq, receipt.incident, &row) != OK
	    || (!is_paper && !receipt.file.at) || !incidents_may_see(rq, &row, rq->actor->person))
		return fail(rq, ERR_NONE, _("There is no such receipt."));
	TRY(audit_document_get(rq, is_paper ? receipt.paper : receipt.file, &document));
	out_put(&answer->body, document.body);
	answer->type = is_paper ? "text/plain; charset=utf-8" : "application/octet-stream";
	answer->filename = str_print(rq->arena, "%.*s-%lld.%s", STR_ARG(row.number), (long long)id, is_paper ? "txt" : "bin");
	return OK;
}
