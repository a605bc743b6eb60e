/* /incidents/form: what works when mail, telephone system or this program do not, or are watched by the attacker (rule I7): whom to call, and an incident
 * form to be filled in by hand. Printed from the page or as PDF, on a quiet day, and kept beside the telephone.
 *
 * `incidents paper` writes the same by command (paper_command.c), also when the web door is down. What was written down is entered afterwards through the ordinary page: the report, then the true times with the reason, then the timeline with the
 * moment of each thing. The page of an incident shows when a thing was entered where that is later than when it happened.
 *
 * SECURITY: it holds the names and numbers of coordinators and support and is for those who work with incidents. Who has protected personal data
 * stands there by number alone. */
#include "parties.h"
#include "floor/mail.h"
#include "floor/paper.h"
#include "floor/people.h"
#include "floor/setting.h"
#include "points/incidents/incidents_form.html.h"

enum { BLOCKS_MOST = 80, PEOPLE_MOST = 12 };
static const struct pack_shape contacts[] = { { "authority", "name* why* phone web" }, { 0 } };
static const struct { const char *ask; int lines; } asked[] = {
	{ N_("Number of this form, and who writes"), 1 }, { N_("What has happened?"), 4 }, { N_("When did it happen? When was it detected, and how?"), 2 },
	{ N_("When did we get to know it, and who did? The legal clocks count from here."), 1 }, { N_("Which activities and systems are affected? How many people?"), 2 },
	{ N_("Personal data? Suspicion of a crime? Reported to the police?"), 1 }, { N_("Which other parties are involved?"), 1 },
	{ N_("What has been done, when and by whom?"), 8 }, { N_("Who leads, and when do we meet next?"), 1 }, { N_("Which help is needed, and how do we reach each other?"), 1 },
	{ N_("To which authority was it told, when, and who took it?"), 2 } };

struct form { struct rq *rq; struct paper_block *at; size_t n; };

static void add(struct form *form, enum paper_kind kind, struct str text, struct str value, int lines)
{
	if (form->n < BLOCKS_MOST)
		form->at[form->n++] = (struct paper_block){ kind, text, value, lines };
}

static enum err add_people(struct form *form)
{
	struct rq *rq = form->rq;
	struct mail_role_row *rows;
	struct people_get_row person;
	size_t n;

	TRY(mail_role(rq, ROLE_COORDINATOR | ROLE_SUPPORT, &rows, &n));
	for (size_t i = 0; i < MIN(n, (size_t)PEOPLE_MOST); i++) {
		TRY(people_get(rq, rows[i].id, &person));
		add(form, PAPER_ROW, people_shown_name(rq, person.name, person.is_protected), str_print(rq->arena, "%.*s, %.*s", STR_ARG(person.phone.len ? person.phone : STR("-")),
			STR_ARG(people_role_words(rq, (unsigned)person.roles & (ROLE_COORDINATOR | ROLE_SUPPORT)))), 0);
	}
	return OK;
}

static enum err add_authorities(struct form *form)
{
	struct rq *rq = form->rq;
	struct pack pack;

	TRY(pack_read(rq, "contacts-se", contacts, &pack));
	for (size_t i = 0; i < pack.n; i++)
		add(form, PAPER_ROW, pack_text(&pack.rows[i], "name", rq->language), pack_text(&pack.rows[i], "phone", rq->language), 0);
	add(form, PAPER_SMALL, str_of(_(pack_status_text[pack.status])), STR(""), 0);
	return OK;
}

static enum err fill(struct form *form)
{
	struct rq *rq = form->rq;
	struct str phone = setting_text(rq, "incidents.phone");

	form->at = NEW_MANY(rq->arena, BLOCKS_MOST, struct paper_block);
	add(form, PAPER_TITLE, str_of(_("Incidents on paper")), STR(""), 0);
	add(form, PAPER_TEXT, str_of(_("When mail, telephones or Samordna do not work, or an attacker may read them: call, meet, and write on this form. Enter it afterwards with the true times.")), STR(""), 0);
	add(form, PAPER_HEADING, str_of(_("Whom to call")), STR(""), 0);
	if (phone.len)
		add(form, PAPER_ROW, str_of(_("What is urgent")), phone, 0);
	TRY(add_people(form));
	TRY(add_authorities(form));
	add(form, PAPER_HEADING, str_of(_("The incident")), STR(""), 0);
	for (size_t i = 0; i < LENGTH(asked); i++)
		add(form, PAPER_BOX, str_of(_(asked[i].ask)), STR(""), asked[i].lines);
	return OK;
}

enum err incidents_form_sheet(struct rq *rq, struct incidents_sheet *ret)
{
	struct form form = { .rq = rq };

	TRY(fill(&form));
	*ret = (struct incidents_sheet){ form.at, form.n };
	return OK;
}

void incidents_form_text(const struct incidents_sheet *sheet, struct out *ret)
{
	for (size_t i = 0; i < sheet->n; i++) {
		const struct paper_block *block = &sheet->at[i];
		out_print(ret, block->kind == PAPER_HEADING ? "\n%.*s\n\n" : block->kind == PAPER_ROW ? "%.*s: " : "%.*s\n", STR_ARG(block->text));
		if (block->kind == PAPER_ROW)
			out_print(ret, "%.*s\n", STR_ARG(block->value));
		for (int line = 0; block->kind == PAPER_BOX && line < block->lines; line++)
			out_text(ret, "\n________________________________________________________________________\n");
	}
}

enum err incidents_form_pdf(struct rq *rq, const struct incidents_sheet *sheet, struct out *ret)
{
	struct out day = out_new(rq->arena);

	tongue_date(&day, rq->language, rq->now);
	struct paper paper = { .title = str_of(_("Incidents on paper")), .author = setting_text(rq, "organisation.name"), .language = rq->language, .made_at = rq->now,
		.blocks = sheet->at, .n = sheet->n, .most_pages = 4, .footer = str_print(rq->arena, _("Printed on %.*s. Print it anew each quarter."), STR_ARG(out_str(&day))) };
	return paper_write(rq, &paper, ret, NULL);
}

enum err incidents_get_form(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_sheet form;

	TRY(incidents_form_sheet(rq, &form));
	if (str_equal(visit_field(visit, "as"), STR("pdf"))) {
		TRY(incidents_form_pdf(rq, &form, &answer->body));
		answer->type = "application/pdf";
		answer->filename = STR("incident-form.pdf");
		return OK;
	}
	struct incidents_form_page_numbers *numbers = NEW_MANY(rq->arena, BLOCKS_MOST, struct incidents_form_page_numbers);
	struct incidents_form_page_questions *questions = NEW_MANY(rq->arena, BLOCKS_MOST, struct incidents_form_page_questions);
	struct incidents_form_page page = { .numbers = numbers, .questions = questions, .has_pdf = paper_is_on(), .pdf_at = STR("/incidents/form?as=pdf") };
	for (size_t i = 0; i < form.n; i++) {
		if (form.at[i].kind == PAPER_ROW)
			numbers[page.n_numbers++] = (struct incidents_form_page_numbers){ form.at[i].text, form.at[i].value };
		if (form.at[i].kind == PAPER_BOX)
			questions[page.n_questions++] = (struct incidents_form_page_questions){ form.at[i].text };
	}
	answer->title = str_of(_("Incidents on paper"));
	incidents_form_page(&answer->body, rq->language, &page);
	return OK;
}
