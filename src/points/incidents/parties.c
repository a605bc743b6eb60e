/* The supplier of an incident and what it says; the legal bodies that share it.
 *
 * A supplier has a clock of its own: what its contract gives it from when it knew until it has told us, and then each moment for which it has
 * promised to say more. When that passes, who answers for the incident is to ask. What it said is only added to.
 *
 * SECURITY: a body's own incident is as confidential as the shared one. Its track and receipts are for that body alone: the roles that decide
 * elsewhere do not reach into another's. */
#include "parties.h"
#include "floor/mandate.h"
#include "floor/people.h"

static struct str at_parties(struct rq *rq, struct str number)
{
	return str_print(rq->arena, "/incidents/parties/%.*s", STR_ARG(number));
}

/* --- whose it is --- */

enum err incidents_body_of(struct rq *rq, int64_t incident, struct parties_of_row *ret)
{
	return parties_of(rq, incident, ret);
}

enum err incidents_root(struct rq *rq, int64_t incident, int64_t *ret)
{
	struct parties_of_row share;
	enum err err = parties_of(rq, incident, &share);

	*ret = err == OK ? share.parent : incident;
	return err == ERR_NONE ? OK : err;
}

bool incidents_has_mandate(struct rq *rq, int64_t incident, int64_t by)
{
	struct parties_of_row share;
	int level = 0;

	return by >= 0 && parties_of(rq, incident, &share) == OK && mandate_level(rq, by, share.body, rq->now, &level) == OK && level >= 1;
}

enum err incidents_may_for_body(struct rq *rq, const struct incidents_get_row *row, int64_t by, bool has_role)
{
	struct parties_of_row share;
	struct people_get_row person;
	int level = 0;

	TRY(parties_of(rq, row->id, &share));
	TRY(people_get(rq, by, &person));
	TRY(mandate_level(rq, by, share.body, rq->now, &level));
	if (level >= 1 || (has_role && person.body == share.body))
		return OK;
	return fail(rq, ERR_DENIED, _("It is reported by %.*s, and nobody decides for another. A coordinator there, or who holds a mandate there, may."), STR_ARG(share.body_name));
}

/* --- the act "share" --- */

/* A body by its name, as one of "bodies" or as a box of the page. */
static bool is_chosen(const struct incidents_deed *deed, struct arena *arena, const struct mandate_bodies_row *body)
{
	if (incidents_said(deed, str_c(arena, str_print(arena, "body%lld", (long long)body->id))).len)
		return true;
	for (struct str rest = incidents_said(deed, "bodies"); rest.at; )
		if (str_equal(str_trim(str_cut(&rest, ';')), body->name))
			return true;
	return false;
}

static enum err check_names(struct rq *rq, struct incidents_deed *deed, const struct mandate_bodies_row *bodies, size_t n)
{
	for (struct str rest = incidents_said(deed, "bodies"); rest.at; ) {
		struct str name = str_trim(str_cut(&rest, ';'));
		size_t i = 0;
		while (i < n && !str_equal(name, bodies[i].name))
			i++;
		if (name.len && i == n)
			return WRONG(deed, "bodies", _("There is no legal body called \"%.*s\"."), STR_ARG(str_utf8_first(name, 60)));
	}
	return OK;
}

static enum err add_own(struct rq *rq, struct change *change, const struct incidents_get_row *row, const struct mandate_bodies_row *body, int64_t by, struct str *ret_number)
{
	struct incidents_raised own = { .title = row->title, .severity = row->severity, .at = row->detected_at };
	struct incidents_most_row most;

	TRY(incidents_most(rq, &most));
	TRY(incidents_open_one(rq, change, &own, row->kind, most.id + 1, ret_number));
	TRY(incidents_times(change, &(const struct incidents_times_args){ .occurred_at = row->occurred_at, .detected_at = row->detected_at, .aware_at = row->aware_at,
		.active_at = rq->now, .id = most.id + 1 }));
	TRY(incidents_classify(change, &(const struct incidents_classify_args){ .title = row->title, .severity = row->severity, .rsit = row->rsit, .cert = row->cert,
		.effect = row->effect, .personal_data = row->personal_data, .is_confidential = row->is_confidential, .active_at = rq->now, .id = most.id + 1 }));
	TRY(incidents_assign(change, row->owner, rq->now, most.id + 1));
	TRY(incidents_move(change, &(const struct incidents_move_args){ .state = row->severity && row->state >= INCIDENTS_CONFIRMED && row->state <= INCIDENTS_REVIEWING
		? INCIDENTS_CONFIRMED : INCIDENTS_ASSESSING, .active_at = rq->now, .id = most.id + 1 }));
	TRY(parties_share_add(change, &(const struct parties_share_add_args){ .incident = most.id + 1, .parent = row->id, .body = body->id, .made_by = by, .made_at = rq->now }));
	return incidents_note(rq, change, &(const struct incidents_noted){ .incident = most.id + 1, .kind = INCIDENTS_DETECTION, .at = rq->now, .by = { true, by },
		.text = str_print(rq->arena, "%.*s ← %.*s", STR_ARG(body->name), STR_ARG(row->number)), .act = "share" });
}

enum err incidents_act_share(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct parties_of_row share;
	struct parties_shares_row *shares;
	struct mandate_bodies_row *bodies;
	struct out text = out_new(rq->arena);
	struct change *change = NULL;
	struct str number;
	size_t n_shares, n;

	enum err err = parties_of(rq, row->id, &share);
	if (err == OK)
		return WRONG(deed, "bodies", _("It is one body's own already. Share the incident above it."));
	if (err != ERR_NONE)
		return err;
	TRY(mandate_bodies(rq, &bodies, &n));
	TRY(check_names(rq, deed, bodies, n));
	TRY(parties_shares(rq, row->id, &shares, &n_shares));
	for (size_t i = 0; i < n; i++) {
		bool is_there = false;
		for (size_t k = 0; k < n_shares; k++)
			is_there |= shares[k].body == bodies[i].id;
		if (is_there || !is_chosen(deed, rq->arena, &bodies[i]))
			continue;
		if (!change)
			TRY(incidents_begin(rq, act->name, row->number, &change));
		TRY(add_own(rq, change, row, &bodies[i], deed->by, &number));
		out_print(&text, "%s%.*s → %.*s", text.len ? ", " : "", STR_ARG(bodies[i].name), STR_ARG(number));
	}
	if (!change)
		return WRONG(deed, "bodies", _("Choose at least one legal body that has no report of its own yet."));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_LEGAL, out_str(&text));
}

enum err incidents_bodies_hide(struct rq *rq, struct change *change, const struct incidents_get_row *row, bool is_confidential)
{
	struct parties_shares_row *shares;
	size_t n;

	if (row->is_confidential == is_confidential)
		return OK;
	TRY(parties_shares(rq, row->id, &shares, &n));
	for (size_t i = 0; i < n; i++)
		TRY(parties_confidential(change, is_confidential, shares[i].incident));
	return OK;
}

enum err incidents_bodies_undecided(struct rq *rq, const struct incidents_get_row *row, struct out *out)
{
	struct parties_shares_row *shares;
	struct incidents_duty *duties;
	struct incidents_get_row own;
	size_t n, n_duties;

	TRY(parties_shares(rq, row->id, &shares, &n));
	for (size_t i = 0; i < n; i++) {
		bool is_open = false;
		TRY(incidents_get(rq, shares[i].incident, &own));
		TRY(incidents_duties(rq, &own, NULL, &duties, &n_duties));
		for (size_t k = 0; k < n_duties; k++)
			is_open |= duties[k].applies == DUTY_UNDECIDED;
		if (is_open && own.state != INCIDENTS_DISMISSED && own.state != INCIDENTS_MERGED)
			out_print(out, "%s%.*s (%.*s)", out->len ? ", " : "", STR_ARG(shares[i].body_name), STR_ARG(own.number));
	}
	return OK;
}

/* --- the supplier --- */

enum err incidents_act_supplier(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct parties_supplier_row was;
	struct maybe_int knew = { 0 }, told = { 0 }, hours = { 0 };
	struct str name, contract, contact, limit = incidents_said(deed, "hours");
	struct change *change;

	enum err err = parties_supplier(rq, row->id, &was);
	if (err != OK && err != ERR_NONE)
		return err;
	TRY(incidents_said_text(rq, deed, "name", 200, true, &name));
	TRY(incidents_said_text(rq, deed, "contract", 200, false, &contract));
	TRY(incidents_said_text(rq, deed, "contact", 200, false, &contact));
	TRY(incidents_said_moment(rq, deed, "knew", false, &knew));
	TRY(incidents_said_moment(rq, deed, "told", false, &told));
	hours.is = limit.len > 0;
	if (hours.is && (str_number(limit, 9999, &hours.i) != OK || hours.i < 1))
		return WRONG(deed, "hours", _("Write a number of hours from 1 to 9999, or nothing."));
	if ((knew.is && knew.i > rq->now.ms))
		return WRONG(deed, "knew", _("None of the times may lie in the future."));
	if (told.is && told.i > rq->now.ms)
		return WRONG(deed, "told", _("None of the times may lie in the future."));
	if (knew.is && told.is && told.i < knew.i)
		return WRONG(deed, "told", _("It cannot have told us before it knew."));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(parties_supplier_set(change, &(const struct parties_supplier_set_args){ .incident = row->id, .name = name, .contract = contract, .contact = contact,
		.hours = hours, .knew_at = knew, .told_at = told, .set_by = deed->by, .set_at = rq->now }));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_STATUS, contract.len ? str_print(rq->arena, "%.*s, %.*s", STR_ARG(name), STR_ARG(contract)) : name);
}

enum err incidents_act_said(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct parties_supplier_row supplier;
	struct parties_said_most_row most;
	struct maybe_int at = { true, rq->now.ms }, next = { 0 };
	struct change *change;
	struct str text;

	enum err err = parties_supplier(rq, row->id, &supplier);
	if (err == ERR_NONE)
		return WRONG(deed, "text", _("Say first who the supplier is."));
	TRY(err);
	TRY(incidents_said_text(rq, deed, "text", 4000, true, &text));
	TRY(incidents_said_moment(rq, deed, "at", false, &at));
	TRY(incidents_said_moment(rq, deed, "next", true, &next));
	if (at.i > rq->now.ms)
		return WRONG(deed, "at", _("None of the times may lie in the future."));
	if (next.is && next.i <= at.i)
		return WRONG(deed, "next", _("It says more after it has said this, not before."));
	TRY(parties_said_most(rq, &most));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	TRY(parties_said_add(change, &(const struct parties_said_add_args){ .id = most.id + 1, .incident = row->id, .at = { at.i }, .text = text, .next_at = next,
		.made_by = deed->by, .made_at = rq->now }));
	/* The first that it says is when it told us, unless somebody knows better. */
	if (!supplier.told_at.is)
		TRY(parties_supplier_set(change, &(const struct parties_supplier_set_args){ .incident = row->id, .name = supplier.name, .contract = supplier.contract,
			.contact = supplier.contact, .hours = supplier.hours, .knew_at = supplier.knew_at, .told_at = at, .set_by = deed->by, .set_at = rq->now }));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note(rq, change, &(const struct incidents_noted){ .incident = row->id, .kind = INCIDENTS_OBSERVATION, .at = { at.i }, .by = { true, deed->by },
		.text = str_print(rq->arena, "%.*s: %.*s", STR_ARG(supplier.name), STR_ARG(text)), .act = act->name });
}

bool incidents_supplier_clock(const struct parties_waiting_row *row, struct instant *ret)
{
	if (row->next_at.is) {
		*ret = (struct instant){ row->next_at.i };
		return true;
	}
	if (row->told_at.is || !row->knew_at.is || !row->hours.is)
		return false;
	*ret = instant_plus((struct instant){ row->knew_at.i }, HOURS(row->hours.i));
	return true;
}

/* Who answers for it asks, or a coordinator. */
enum err incidents_parties_due(struct rq *rq, struct tasks *ret)
{
	struct parties_waiting_row *rows;
	struct instant due;
	size_t n;

	TRY(parties_waiting(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (incidents_supplier_clock(&rows[i], &due))
			tasks_add(rq, ret, &(struct task){ .title = rows[i].is_confidential ? str_print(rq->arena, _("The supplier's word in incident %.*s"), STR_ARG(rows[i].number))
				: str_print(rq->arena, _("Ask %.*s what it has to say on incident %.*s"), STR_ARG(str_utf8_first(rows[i].name, 60)), STR_ARG(rows[i].number)),
				.where = at_parties(rq, rows[i].number), .person = rows[i].owner.is ? rows[i].owner.i : -1, .roles = rows[i].owner.is ? 0 : ROLE_COORDINATOR,
				.due_at = due });
	return OK;
}

/* --- for machines --- */

static enum err put_supplier(struct rq *rq, const struct incidents_get_row *row, struct out *ret)
{
	struct parties_supplier_row supplier;
	struct parties_said_row *said;
	size_t n;

	enum err err = parties_supplier(rq, row->id, &supplier);
	if (err == ERR_NONE)
		return OK;
	TRY(err);
	TRY(parties_said(rq, row->id, &said, &n));
	out_text(ret, ",\"supplier\":{\"name\":");
	out_json(ret, supplier.name);
	incidents_json_text(ret, "contract", supplier.contract);
	incidents_json_moment(ret, "knew_at", supplier.knew_at);
	incidents_json_moment(ret, "told_at", supplier.told_at);
	out_text(ret, ",\"said\":[");
	for (size_t i = 0; i < n; i++) {
		out_print(ret, "%s{\"text\":", i ? "," : "");
		out_json(ret, said[i].text);
		incidents_json_moment(ret, "at", (struct maybe_int){ true, said[i].at.ms });
		incidents_json_moment(ret, "entered_at", (struct maybe_int){ true, said[i].made_at.ms });
		incidents_json_moment(ret, "next_at", said[i].next_at);
		out_byte(ret, '}');
	}
	out_text(ret, "]}");
	return OK;
}

enum err incidents_parties_json(struct rq *rq, const struct incidents_get_row *row, struct out *ret)
{
	struct parties_of_row share;
	struct parties_shares_row *shares;
	struct incidents_get_row other;
	size_t n;

	enum err err = parties_of(rq, row->id, &share);
	if (err == OK) {
		TRY(incidents_get(rq, share.parent, &other));
		incidents_json_text(ret, "part_of", other.number);
		incidents_json_text(ret, "body", share.body_name);
	} else if (err != ERR_NONE) {
		return err;
	}
	TRY(parties_shares(rq, row->id, &shares, &n));
	out_text(ret, ",\"bodies\":[");
	for (size_t i = 0; i < n; i++) {
		TRY(incidents_get(rq, shares[i].incident, &other));
		out_print(ret, "%s{\"incident\":\"%.*s\"", i ? "," : "", STR_ARG(other.number));
		incidents_json_text(ret, "body", shares[i].body_name);
		out_byte(ret, '}');
	}
	out_byte(ret, ']');
	return put_supplier(rq, row, ret);
}
