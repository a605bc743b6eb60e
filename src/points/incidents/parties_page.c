/* /incidents/parties/NUMBER: the supplier of an incident with what it has said, and the legal bodies that report it each for itself.
 *
 * Its forms go to the incident's own address, as acts of the one table (act.c); "from" brings the answer back here.
 *
 * SECURITY: for who may see the incident. Bodies' own incidents are as confidential as the shared one, so nothing more is shown by listing them; a
 * link stands where the reader may open it. */
#include "parties.h"
#include "floor/mandate.h"
#include "points/incidents/incidents_parties.html.h"

struct parties_drawing { struct rq *rq; const struct visit *visit; const struct wrongs *wrongs; struct incidents_get_row row; struct incidents_parties_page page; };

static struct str at_incident(struct rq *rq, struct str number)
{
	return str_print(rq->arena, "/incidents/%.*s", STR_ARG(number));
}

static void fill_fields(struct parties_drawing *d, const struct parties_supplier_row *supplier)
{
	struct incidents_parties_page *p = &d->page;
	struct rq *rq = d->rq;
	struct str hours = supplier && supplier->hours.is ? str_print(rq->arena, "%lld", (long long)supplier->hours.i) : STR("");
	const struct { struct field_page *field; const char *name; struct str standing; } fields[] = {
		{ &p->supplier_name, "supplier_name", supplier ? supplier->name : STR("") }, { &p->supplier_contract, "supplier_contract", supplier ? supplier->contract : STR("") },
		{ &p->supplier_contact, "supplier_contact", supplier ? supplier->contact : STR("") }, { &p->supplier_hours, "supplier_hours", hours },
		{ &p->supplier_knew, "supplier_knew", incidents_moment_text(rq, supplier ? supplier->knew_at : (struct maybe_int){ 0 }) },
		{ &p->supplier_told, "supplier_told", incidents_moment_text(rq, supplier ? supplier->told_at : (struct maybe_int){ 0 }) },
		{ &p->said_at, "said_at", STR("") }, { &p->said_next, "said_next", STR("") } };

	for (size_t i = 0; i < LENGTH(fields); i++) {
		*fields[i].field = field_again(d->visit, d->wrongs, fields[i].name, d->wrongs->n != 0);
		if (!fields[i].field->value.len && !visit_field(d->visit, fields[i].name).at)
			fields[i].field->value = fields[i].standing;
	}
	struct str typed = d->wrongs->n ? visit_field(d->visit, "said_text") : STR_NONE;
	p->said_text = (struct incidents_area_page){ .error = wrong_of(d->wrongs, "said_text"), .value = typed.at ? typed : STR(""), .rows = 2 };
}

static void fill_clock(struct parties_drawing *d, const struct parties_supplier_row *supplier, struct maybe_int next)
{
	const struct parties_waiting_row waiting = { .hours = supplier->hours, .knew_at = supplier->knew_at, .told_at = supplier->told_at, .next_at = next };
	struct incidents_duty duty = { 0 };
	struct rq *rq = d->rq;

	d->page.clock = STR("");
	if (incidents_is_over(d->row.state) || !incidents_supplier_clock(&waiting, &duty.due_at))
		return;
	bool is_late = !instant_is_before(rq->now, duty.due_at);
	d->page.clock = incidents_left(rq, &duty);
	d->page.clock_state = is_late ? (struct state_page){ STR("fail"), N_("Late") } : (struct state_page){ STR("ok"), N_("Runs") };
}

static enum err fill_supplier(struct parties_drawing *d)
{
	struct incidents_parties_page *p = &d->page;
	struct parties_supplier_row supplier;
	struct parties_said_row *said;
	size_t n;
	enum err err = parties_supplier(d->rq, d->row.id, &supplier);

	p->supplier = p->contract = p->contact = p->clock = STR("");
	if (err == ERR_NONE) {
		fill_fields(d, NULL);
		return OK;
	}
	TRY(err);
	TRY(parties_said(d->rq, d->row.id, &said, &n));
	struct incidents_parties_page_told *rows = NEW_MANY(d->rq->arena, n + 1, struct incidents_parties_page_told);
	for (size_t i = 0; i < n; i++)
		rows[p->n_told++] = (struct incidents_parties_page_told){ .at = said[i].at, .text = said[i].text, .who = incidents_person(d->rq, (struct maybe_int){ true, said[i].made_by }),
			.entered_at = { said[i].made_at.ms - said[i].at.ms > MINUTES(5).ms ? said[i].made_at.ms : 0 }, .next_at = { said[i].next_at.is ? said[i].next_at.i : 0 } };
	p->told = rows;
	p->supplier = supplier.name;
	p->contract = supplier.contract;
	p->contact = supplier.contact;
	p->hours = supplier.hours.is ? supplier.hours.i : 0;
	p->knew_at.ms = supplier.knew_at.is ? supplier.knew_at.i : 0;
	p->told_at.ms = supplier.told_at.is ? supplier.told_at.i : 0;
	fill_clock(d, &supplier, n ? said[0].next_at : (struct maybe_int){ 0 });
	fill_fields(d, &supplier);
	return OK;
}

static enum err fill_body(struct parties_drawing *d, const struct parties_shares_row *share, struct incidents_parties_page_bodies *ret)
{
	struct incidents_get_row own;
	struct incidents_duty *duties;
	const struct incidents_duty *next = NULL;
	struct str last = STR_NONE;
	size_t n;

	TRY(incidents_get(d->rq, share->incident, &own));
	TRY(incidents_duties(d->rq, &own, NULL, &duties, &n));
	*ret = (struct incidents_parties_page_bodies){ .name = share->body_name, .number = own.number,
		.at = incidents_may_see(d->rq, &own, d->rq->actor->person) ? str_print(d->rq->arena, "/incidents/law/%.*s", STR_ARG(own.number)) : STR(""),
		.state = incidents_shape(own.state), .left = STR("") };
	for (size_t i = 0; i < n; i++) {
		const struct incidents_duty *duty = &duties[i];
		ret->handed += duty->is_handed;
		ret->open += duty->applies == DUTY_APPLIES && !duty->is_handed;
		ret->undecided += duty->applies == DUTY_UNDECIDED && !str_equal(last, duty->name);
		last = duty->name;
		if (duty->is_due && !duty->is_handed && duty->applies != DUTY_NOT && (!next || instant_is_before(duty->due_at, next->due_at)))
			next = duty;
	}
	if (next && !incidents_is_over(own.state))
		ret->left = str_print(d->rq->arena, "%.*s: %.*s", STR_ARG(next->row->word), STR_ARG(incidents_left(d->rq, next)));
	return OK;
}

static enum err fill_bodies(struct parties_drawing *d)
{
	struct incidents_parties_page *p = &d->page;
	struct parties_shares_row *shares;
	struct mandate_bodies_row *bodies;
	struct incidents_get_row parent;
	struct parties_of_row own;
	size_t n, n_bodies;
	enum err err = incidents_body_of(d->rq, d->row.id, &own);

	p->body = p->parent = p->parent_at = STR("");
	if (err == OK) {
		TRY(incidents_get(d->rq, own.parent, &parent));
		p->body = own.body_name;
		p->parent = parent.number;
		p->parent_at = incidents_may_see(d->rq, &parent, d->rq->actor->person) ? at_incident(d->rq, parent.number) : STR("");
		return OK;
	}
	if (err != ERR_NONE)
		return err;
	TRY(parties_shares(d->rq, d->row.id, &shares, &n));
	TRY(mandate_bodies(d->rq, &bodies, &n_bodies));
	struct incidents_parties_page_bodies *rows = NEW_MANY(d->rq->arena, n + 1, struct incidents_parties_page_bodies);
	struct incidents_parties_page_others *others = NEW_MANY(d->rq->arena, n_bodies + 1, struct incidents_parties_page_others);
	for (size_t i = 0; i < n; i++)
		TRY(fill_body(d, &shares[i], &rows[p->n_bodies++]));
	for (size_t i = 0; i < n_bodies; i++) {
		bool is_there = false;
		for (size_t k = 0; k < n; k++)
			is_there |= shares[k].body == bodies[i].id;
		if (!is_there)
			others[p->n_others++] = (struct incidents_parties_page_others){ bodies[i].id, bodies[i].name };
	}
	p->bodies = rows;
	p->others = others;
	p->others_error = wrong_of(d->wrongs, "share_bodies");
	return OK;
}

enum err incidents_draw_parties(struct rq *rq, const struct visit *visit, const struct incidents_get_row *row, const struct wrongs *wrongs, struct answer *answer)
{
	const struct incidents_act *done = incidents_act_named(visit_field(visit, "done"));
	struct parties_drawing *d = NEW(rq->arena, struct parties_drawing);

	*d = (struct parties_drawing){ .rq = rq, .visit = visit, .wrongs = wrongs, .row = *row };
	d->page.errors = wrongs_page(wrongs);
	d->page.done = done && !wrongs->n ? str_print(rq->arena, _("Done: %s"), _(done->button)) : STR("");
	d->page.form_token = visit->form_token;
	d->page.self_at = at_incident(rq, row->number);
	d->page.number = row->number;
	d->page.title = row->title;
	d->page.may_supplier = incidents_may_now(rq, "supplier", row);
	d->page.may_share = incidents_may_now(rq, "share", row);
	TRY(fill_supplier(d));
	TRY(fill_bodies(d));
	answer->title = str_of(_("Supplier and legal bodies"));
	answer->has_errors = wrongs->n != 0;
	incidents_parties_page(&answer->body, rq->language, &d->page);
	return OK;
}

enum err incidents_get_parties(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_get_row row;

	TRY(incidents_find(rq, visit->rest, rq->actor->person, &row));
	return incidents_draw_parties(rq, visit, &row, &(struct wrongs){ 0 }, answer);
}
