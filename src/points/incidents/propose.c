/* The facts of an incident that significance is judged by, and what the machine proposes from them.
 *
 * A person states facts (act "facts"); a fact that is empty is taken back and counts as missing. Facts that are counted come from the record:
 * personal data from the assessment, repeated causes from the half year around it, shares of the turnover from the setting. Each time
 * facts are stated or a duty is decided the proposal of that moment is kept beside it, so both stand in the log (rule I6).
 *
 * SECURITY: costs of other incidents of the same cause are added up for whoever may see this one; the sum alone is used, never shown. Confidential ones
 * are counted for confidential ones alone: a coordinator reads them under "the same within six months" when she decides. */
#include "parties.h"
#include "floor/setting.h"

const char *const incidents_says_mark[] = { "?", "✓", "✗" };

static void count(const struct significance *s, const char *name, int64_t n)
{
	struct significance_fact *fact = significance_fact_named(s, str_of(name));

	if (fact)
		fact->number = (struct maybe_int){ true, n };
}

/* What those of the same kind and cause cost together with this one: known when each of them is. */
static enum err count_recurring(struct rq *rq, const struct incidents_get_row *row, const struct significance *s, struct maybe_int cost, int64_t turnover)
{
	struct incidents_again_row *same;
	struct incidents_fact_get_row one;
	bool is_known = cost.is;
	int64_t sum = cost.is ? cost.i : 0;
	size_t n;

	if (!row->cause_class || !row->rsit.len)
		return OK;
	TRY(incidents_recurring(rq, row, &same, &n));
	size_t counted = 0;
	for (size_t i = 0; i < n; i++) {
		if (same[i].is_confidential && !row->is_confidential)
			continue;
		counted++;
		enum err err = incidents_fact_get(rq, same[i].id, STR("cost"), &one);
		if (err != OK && err != ERR_NONE)
			return err;
		is_known &= err == OK && one.number.is;
		sum += err == OK && one.number.is ? one.number.i : 0;
	}
	count(s, "recurs", (int64_t)counted + 1);
	if (turnover && is_known)
		count(s, "costs_permille", sum * 1000 / turnover);
	return OK;
}

static enum err load_facts(struct rq *rq, int64_t incident, struct significance *s)
{
	struct incidents_fact_of_row *rows;
	size_t n;

	TRY(incidents_fact_of(rq, incident, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		struct significance_fact *fact = significance_fact_named(s, rows[i].fact);
		if (str_equal(rows[i].fact, STR("sector")) && rows[i].text.len)
			s->sector = rows[i].text;
		if (!fact || fact->is_counted)
			continue;
		fact->number = rows[i].number;
		fact->text = rows[i].text;
	}
	return OK;
}

enum err incidents_significance(struct rq *rq, const struct incidents_get_row *row, struct significance *ret)
{
	int64_t turnover = setting_number(rq, "incidents.turnover");
	struct significance s;
	int64_t root;

	TRY(significance_read(rq, &s));
	TRY(incidents_root(rq, row->id, &root));
	s.is_running = incidents_is_running(row->state);
	s.sector = setting_text(rq, "incidents.sector");
	/* Of what bodies share, what each states of itself counts before what is stated for all. */
	if (root != row->id)
		TRY(load_facts(rq, root, &s));
	TRY(load_facts(rq, row->id, &s));
	TRY(significance_choose(rq, &s));
	const struct significance_fact *cost = significance_fact_named(&s, STR("cost"));
	struct maybe_int its_cost = cost ? cost->number : (struct maybe_int){ 0 };
	if (row->personal_data)
		count(&s, "personal_data", row->personal_data == 1);
	if (turnover && its_cost.is)
		count(&s, "cost_permille", its_cost.i * 1000 / turnover);
	TRY(count_recurring(rq, row, &s, its_cost, turnover));
	*ret = s;
	return OK;
}

enum err incidents_propose(struct rq *rq, struct change *change, const struct incidents_get_row *row, const struct significance *s, struct out *out)
{
	struct deadline_book *book = NEW(rq->arena, struct deadline_book);
	struct str rest = row->packs;
	struct proposal proposal;

	TRY(deadline_read(rq, book));
	while (rest.len) {
		const struct deadline_pack *pack = deadline_pack_in(book, str_cut(&rest, ' '));
		if (!pack)
			continue;
		TRY(significance_propose(rq, s, pack->track, &proposal));
		TRY(incidents_proposal_set(change, &(const struct incidents_proposal_set_args){ .incident = row->id, .pack = pack->name, .says = proposal.says,
			.because = proposal.because, .needs = proposal.needs, .made_at = rq->now }));
		struct str why = proposal.says == SIGNIFICANCE_MUST ? proposal.because : proposal.says == SIGNIFICANCE_CANNOT ? proposal.needs : STR("");
		out_print(out, "%s%.*s: %s%s%.*s", out->len ? ". " : "", STR_ARG(pack->name), incidents_says_mark[proposal.says], why.len ? " " : "", STR_ARG(why));
	}
	return OK;
}

/* --- the act "facts" --- */

/* A fact is a field of its own, or a part of "facts": "limited=300; malicious=yes". */
static struct str said(const struct incidents_deed *deed, struct arena *arena, struct str name)
{
	struct str all = incidents_said(deed, "facts"), own = incidents_said(deed, str_c(arena, name));

	while (!own.at && all.at) {
		struct str part = str_cut(&all, ';'), its = str_trim(str_cut(&part, '='));
		if (str_equal(its, name) && part.at)
			return str_trim(part);
	}
	return own;
}

static enum err check_names(struct rq *rq, struct incidents_deed *deed, const struct significance *s)
{
	for (struct str all = incidents_said(deed, "facts"); all.at; ) {
		struct str part = str_cut(&all, ';'), name = str_trim(str_cut(&part, '='));
		const struct significance_fact *fact = significance_fact_named(s, name);
		if (name.len && (!fact || fact->is_counted || !part.at))
			return WRONG(deed, "facts", _("There is no fact %.*s that can be stated. Write name=value; name=value."), STR_ARG(str_utf8_first(name, 40)));
	}
	return OK;
}

static enum err read_fact(struct rq *rq, struct incidents_deed *deed, struct significance_fact *fact, struct str text)
{
	const char *field = str_c(rq->arena, fact->name);

	fact->number = (struct maybe_int){ 0 };
	fact->text = STR("");
	if (text.len == 0 || str_equal(text, STR("unknown")))
		return OK;
	if (fact->kind == SIGNIFICANCE_YES_NO) {
		if (!str_equal(text, STR("yes")) && !str_equal(text, STR("no")))
			return WRONG(deed, field, _("Say yes or no: %.*s"), STR_ARG(fact->asks));
		fact->number = (struct maybe_int){ true, str_equal(text, STR("yes")) };
	} else if (fact->kind == SIGNIFICANCE_NUMBER) {
		struct out digits = out_new(rq->arena);
		for (size_t i = 0; i < text.len; i++)
			if (text.at[i] != ' ')
				out_byte(&digits, text.at[i]);
		fact->number.is = true;
		if (str_number(out_str(&digits), 1000000000000, &fact->number.i) != OK)
			return WRONG(deed, field, _("Write a whole number: %.*s"), STR_ARG(fact->asks));
	} else {
		if (text.len > 1000 || !str_is_utf8(text))
			return WRONG(deed, field, _("%s is longer than %zu characters or not UTF-8"), field, (size_t)1000);
		fact->text = text;
	}
	return OK;
}

static enum err read_sector(struct rq *rq, struct incidents_deed *deed, struct significance *s, bool *ret_is_new)
{
	struct str text = incidents_said(deed, "sector");

	*ret_is_new = false;
	if (text.len == 0)
		return OK;
	for (size_t i = 0; i < s->n_sectors; i++)
		if (str_equal(text, s->sectors[i].name)) {
			*ret_is_new = !str_equal(text, s->sector);
			s->sector = s->sectors[i].name;
			return OK;
		}
	return WRONG(deed, "sector", _("%.*s is not one of the choices."), STR_ARG(str_utf8_first(text, 40)));
}

static enum err write_fact(struct rq *rq, struct change *change, const struct incidents_get_row *row, int64_t by, struct str name, struct maybe_int number, struct str text)
{
	return incidents_fact_set(change, &(const struct incidents_fact_set_args){ .incident = row->id, .fact = name, .number = number, .text = text,
		.said_by = by, .said_at = rq->now });
}

enum err incidents_act_facts(struct rq *rq, const struct incidents_act *act, const struct incidents_get_row *row, struct incidents_deed *deed)
{
	struct significance s;
	struct change *change;
	struct out text = out_new(rq->arena);
	bool is_new_sector, has_new = false;

	TRY(incidents_significance(rq, row, &s));
	bool *is_new = NEW_MANY(rq->arena, s.n_facts, bool);
	TRY(check_names(rq, deed, &s));
	TRY(read_sector(rq, deed, &s, &is_new_sector));
	for (size_t i = 0; i < s.n_facts; i++) {
		struct significance_fact *fact = &s.facts[i], before = *fact;
		struct str told = fact->is_counted ? STR_NONE : said(deed, rq->arena, fact->name);
		is_new[i] = false;
		if (!told.at)
			continue;
		TRY(read_fact(rq, deed, fact, told));
		is_new[i] = before.number.is != fact->number.is || (fact->number.is && before.number.i != fact->number.i) || !str_equal(before.text, fact->text);
		has_new |= is_new[i];
	}
	if (!has_new && !is_new_sector)
		return WRONG(deed, "sector", _("There is nothing new in it."));
	TRY(incidents_begin(rq, act->name, row->number, &change));
	if (is_new_sector)
		TRY(write_fact(rq, change, row, deed->by, STR("sector"), (struct maybe_int){ 0 }, s.sector));
	for (size_t i = 0; i < s.n_facts; i++)
		if (is_new[i]) {
			const struct significance_fact *fact = &s.facts[i];
			TRY(write_fact(rq, change, row, deed->by, fact->name, fact->number, fact->text));
			out_print(&text, "%s%.*s = ", text.len ? ", " : "", STR_ARG(fact->name));
			if (fact->number.is)
				out_int(&text, fact->number.i);
			else
				out_put(&text, fact->text.len ? fact->text : STR("?"));
		}
	TRY(incidents_significance(rq, row, &s));         /* as it stands now, with what is counted from it */
	TRY(incidents_propose(rq, change, row, &s, &text));
	TRY(incidents_active(change, rq->now, row->id));
	return incidents_note_act(rq, change, row, act, deed->by, INCIDENTS_LEGAL, out_str(&text));
}
