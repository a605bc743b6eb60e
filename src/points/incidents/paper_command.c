/* `incidents paper DIR [INCIDENT]`: what is needed when the web door, mail or the network do not work, or are watched: the contact list and the incident
 * form, as text and as PDF; with an incident, the texts to hand in too, filled, its own and those of each legal body that shares it.
 *
 * It needs neither the web door nor a running server: a command starts core by itself. The files go out through core's caller.
 *
 * SECURITY: the account that owns HOME reads every incident. File names are ours: numbers, packs, steps. */
#include "parties.h"
#include "floor/paper.h"

struct papers { struct rq *rq; const struct args *args; struct out *said; };

static enum err put(struct papers *p, struct str name, const char *ending, struct str bytes)
{
	struct str file = str_print(p->rq->arena, "%.*s.%s", STR_ARG(name), ending);

	TRY(args_put_file(p->rq, p->args, str_c(p->rq->arena, file), bytes));
	out_print(p->said, p->args->json ? "{\"file\":\"%.*s\"}\n" : "%.*s\n", STR_ARG(file));
	return OK;
}

static enum err put_form(struct papers *p)
{
	struct out text = out_new(p->rq->arena), pdf = out_new(p->rq->arena);
	struct incidents_sheet sheet;

	TRY(incidents_form_sheet(p->rq, &sheet));
	incidents_form_text(&sheet, &text);
	TRY(put(p, STR("incident-form"), "txt", out_str(&text)));
	if (!paper_is_on())
		return OK;
	TRY(incidents_form_pdf(p->rq, &sheet, &pdf));
	return put(p, STR("incident-form"), "pdf", out_str(&pdf));
}

/* Each report that may be asked for: also while nobody has decided whether it is. */
static enum err put_reports(struct papers *p, int64_t incident)
{
	struct incidents_get_row row;
	struct incidents_duty *duties;
	struct incidents_paper paper;
	size_t n;

	TRY(incidents_get(p->rq, incident, &row));
	TRY(incidents_duties(p->rq, &row, NULL, &duties, &n));
	for (size_t i = 0; i < n; i++) {
		const struct incidents_duty *duty = &duties[i];
		struct out pdf = out_new(p->rq->arena);
		if (!duty->pack || duty->applies == DUTY_NOT)
			continue;
		struct str name = str_print(p->rq->arena, "%.*s-%.*s-%.*s", STR_ARG(row.number), STR_ARG(duty->name), STR_ARG(duty->row->step));
		TRY(incidents_paper(p->rq, &row, duty, &paper));
		TRY(put(p, name, "txt", incidents_paper_text(p->rq, &paper)));
		if (!paper_is_on())
			continue;
		TRY(incidents_paper_pdf(p->rq, &paper, &pdf));
		TRY(put(p, name, "pdf", out_str(&pdf)));
	}
	return OK;
}

enum err incidents_run_paper(struct rq *rq, const struct args *args, struct out *ret)
{
	struct papers p = { rq, args, ret };
	struct parties_shares_row *shares;
	struct incidents_get_row row;
	size_t n;

	if (args->directory < 0 || args->n_words > 2)
		return fail(rq, ERR_INVALID, _("Which directory? samordna incidents paper DIR [INCIDENT]"));
	if (args->n_words == 2)
		TRY(incidents_find(rq, args->words[1], -1, &row));
	TRY(put_form(&p));
	if (args->n_words < 2)
		return OK;
	TRY(put_reports(&p, row.id));
	TRY(parties_shares(rq, row.id, &shares, &n));
	for (size_t i = 0; i < n; i++)
		TRY(put_reports(&p, shares[i].incident));
	return OK;
}
