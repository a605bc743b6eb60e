/* Report -> event -> incident. Anyone reports, also without an account; a watcher's rule or the gate raises what it has seen. Either is one
 * leaf with the event, the incident and the first entry of its timeline, so nobody is thanked for what is not kept.
 *
 * The incident is known to us (kännedom) from the moment of the report: the legal clocks count from the earliest moment that can be
 * meant. Who assesses can set another, with a reason.
 *
 * SECURITY: texts of strangers are bounded, UTF-8 and without control characters; they are personal columns of the log. What was
 * reported a moment ago in the same words is not taken twice. Nothing here reads what another has reported back to a visitor. */
#include "block.h"
#include "deadline.h"
#include "floor/event.h"
#include "floor/practice_link.h"
#include "floor/setting.h"

enum { LONGEST_TEXT = 4000, LONGEST_WHAT = 2000, LONGEST_CONTACT = 200 };
static const struct span twice = MINUTES(10), reopens = DAYS(7);

static const char *bad_text(struct rq *rq, struct str text, size_t most)
{
	if (text.len > most)
		return _("Shorten what you wrote. The beginning is enough.");
	if (!str_is_utf8(text))
		return _("Some characters cannot be read. Write it by hand.");
	for (size_t i = 0; i < text.len; i++)
		if (((unsigned char)text.at[i] < 0x20 && text.at[i] != '\n' && text.at[i] != '\r' && text.at[i] != '\t') || text.at[i] == 0x7f)
			return _("Some characters cannot be read. Write it by hand.");
	return NULL;
}

/* A telephone number or an e-mail address: what somebody can be reached on. */
static bool is_contact(struct str contact)
{
	size_t digits = 0, at = str_find(contact, '@');

	if (at < contact.len) {
		struct str domain = str_from(contact, at + 1);
		size_t dot = str_find(domain, '.');
		return at > 0 && dot > 0 && dot + 1 < domain.len;
	}
	for (size_t i = 0; i < contact.len; i++)
		digits += contact.at[i] >= '0' && contact.at[i] <= '9';
	return digits >= 4;
}

enum err incidents_report_check(struct rq *rq, struct incidents_reported *r, const char **ret_field)
{
	struct { const char *name; struct str *text; size_t most; } texts[] = { { "text", &r->text, LONGEST_TEXT }, { "what", &r->what, LONGEST_WHAT },
		{ "contact", &r->contact, LONGEST_CONTACT } };

	*ret_field = "kind-link";
	if (r->kind < INCIDENTS_LINK || r->kind >= INCIDENTS_KINDS)
		return fail(rq, ERR_INVALID, "%s", _("Select what has happened"));
	for (size_t i = 0; i < LENGTH(texts); i++) {
		*texts[i].text = texts[i].text->at ? str_trim(*texts[i].text) : STR("");
		const char *why = bad_text(rq, *texts[i].text, texts[i].most);
		*ret_field = texts[i].name;
		if (why)
			return fail(rq, ERR_INVALID, "%s", why);
	}
	if (r->contact.len && !is_contact(r->contact))
		return fail(rq, ERR_INVALID, "%s", _("Enter a telephone number or an e-mail address where we can reach you"));
	return OK;
}

/* --- the incident --- */

/* The year and a count within it. */
static enum err next_number(struct rq *rq, int64_t id, struct str *ret)
{
	struct incidents_first_since_row first;
	struct wall wall = instant_wall(rq->now);
	struct instant year_at;

	TRY(wall_instant((struct wall){ .year = wall.year, .month = 1, .day = 1 }, &year_at));
	enum err err = incidents_first_since(rq, year_at, &first);
	*ret = str_print(rq->arena, "%d-%lld", wall.year, (long long)(err == OK ? id - first.id + 1 : 1));
	return err == ERR_NONE ? OK : err;
}

/* The law's clocks, and those of our contracts, as they are when it is opened. */
static struct str packs_of(struct rq *rq)
{
	return str_print(rq->arena, "%.*s%.*s", STR_ARG(setting_text(rq, "incidents.packs")), STR_ARG(deadline_contracts(rq->arena, setting_text(rq, "incidents.contracts"))));
}

static enum err add_incident(struct rq *rq, struct change *change, const struct incidents_raised *of, int64_t kind, struct str number, int64_t id)
{
	TRY(incidents_add(change, &(const struct incidents_add_args){ .id = id, .number = number, .kind = kind, .title = of->title, .state = INCIDENTS_REPORTED,
		.severity = of->severity, .packs = packs_of(rq), .opened_at = rq->now, .detected_at = of->at, .aware_at = rq->now,
		.active_at = rq->now }));
	if (!of->is_confidential)
		event_say(change, (struct event){ EVENT_incident_opened, -1, id, change_leaf(change) });
	return OK;
}

enum err incidents_open_one(struct rq *rq, struct change *change, const struct incidents_raised *of, int64_t kind, int64_t id, struct str *ret_number)
{
	TRY(next_number(rq, id, ret_number));
	return add_incident(rq, change, of, kind, *ret_number, id);
}

static enum err add_event(struct rq *rq, struct change *change, int64_t incident, const struct incidents_raised *raised, struct maybe_int report)
{
	struct incidents_event_most_row most;

	TRY(incidents_event_most(rq, &most));
	return incidents_event_add(change, &(const struct incidents_event_add_args){ .id = most.id + 1, .incident = incident, .source = raised->source,
		.rule = raised->rule, .key = raised->key, .at = raised->at, .report = report });
}

/* A list shows one line: the first words of what was told. */
static struct str title_of(struct rq *rq, struct str text)
{
	struct str rest = text, first = str_trim(str_cut(&rest, '\n')), cut = str_utf8_first(first, 90);

	return cut.len < first.len ? str_print(rq->arena, "%.*s…", STR_ARG(cut)) : first;
}

static enum err add_report(struct rq *rq, struct change *change, const struct incidents_reported *r, int64_t incident, int64_t *ret)
{
	struct incidents_report_most_row most;

	TRY(incidents_report_most(rq, &most));
	TRY(incidents_report_add(change, &(const struct incidents_report_add_args){ .id = most.id + 1, .incident = incident, .kind = r->kind,
		.text = r->text, .what = r->what, .contact = r->contact, .reporter = r->reporter, .made_at = rq->now }));
	*ret = most.id + 1;
	return OK;
}

enum err incidents_report(struct rq *rq, struct incidents_reported *r)
{
	struct incidents_report_same_row same;
	struct incidents_most_row most;
	struct change *change;
	const char *field;
	int64_t report;

	TRY(incidents_report_check(rq, r, &field));
	if (r->link && r->link->host.len)
		TRY(practice_link_reported(rq, r->link->host, r->what.len ? r->what : r->text, &r->is_practice));
	if (r->is_practice)
		return OK;
	enum err err = r->text.len + r->what.len == 0 ? ERR_NONE
	             : incidents_report_same(rq, &(const struct incidents_report_same_args){ .made_at = instant_plus(rq->now, (struct span){ -twice.ms }),
	                                     .kind = r->kind, .text = r->text, .what = r->what, .contact = r->contact }, &same);
	if (err == OK)
		r->number = same.number;
	if (err != ERR_NONE)
		return err;
	struct incidents_get_row joined;
	err = r->link ? block_incident(rq, r->link, &joined) : ERR_NONE;
	if (err != OK && err != ERR_NONE)
		return err;
	bool is_new = err == ERR_NONE;
	struct incidents_raised seen = { .source = STR("person"), .rule = STR(""), .key = STR(""), .title = title_of(rq, r->text), .at = rq->now };
	if (is_new) {
		TRY(incidents_most(rq, &most));
		TRY(next_number(rq, most.id + 1, &r->number));
	} else {
		r->number = joined.number;
	}
	int64_t incident = is_new ? most.id + 1 : joined.id;
	TRY(incidents_begin(rq, "report", r->number, &change));
	TRY(is_new ? add_incident(rq, change, &seen, r->kind, r->number, incident) : incidents_active(change, rq->now, incident));
	TRY(add_report(rq, change, r, incident, &report));
	TRY(add_event(rq, change, incident, &seen, (struct maybe_int){ true, report }));
	if (r->link && r->link->host.len)
		TRY(block_link(rq, change, report, r->link));
	struct str text = str_print(rq->arena, "%.*s%s%.*s", STR_ARG(r->text), r->text.len && r->what.len ? "\n" : "", STR_ARG(r->what));
	return incidents_note(rq, change, &(const struct incidents_noted){ .incident = incident, .kind = is_new ? INCIDENTS_DETECTION : INCIDENTS_OBSERVATION,
		.at = rq->now, .by = r->reporter, .act = "report", .text = text });
}

/* --- what a watcher or the gate has seen --- */

static enum err join(struct rq *rq, struct change *change, const struct incidents_raised *raised, const struct incidents_get_row *row)
{
	struct incidents_get_row target = *row;

	while (target.state == INCIDENTS_MERGED && target.merged_into.is)
		TRY(incidents_get(rq, target.merged_into.i, &target));
	TRY(add_event(rq, change, target.id, raised, (struct maybe_int){ 0 }));
	if (target.closed_at.is) {
		TRY(incidents_move(change, &(const struct incidents_move_args){ .state = INCIDENTS_REOPENED, .contained_at = target.contained_at,
			.recovered_at = { 0 }, .active_at = rq->now, .id = target.id }));
		if (!target.is_confidential)
			event_say(change, (struct event){ EVENT_incident_opened, -1, target.id, change_leaf(change) });
	} else {
		TRY(incidents_active(change, rq->now, target.id));
	}
	/* Until somebody has assessed it, it is as grave as the gravest that was seen. */
	if (target.state == INCIDENTS_REPORTED && raised->severity && (!target.severity || raised->severity < target.severity))
		TRY(incidents_classify(change, &(const struct incidents_classify_args){ .title = raised->title, .severity = raised->severity, .rsit = target.rsit,
			.cert = target.cert, .effect = target.effect, .personal_data = target.personal_data, .is_confidential = target.is_confidential,
			.active_at = rq->now, .id = target.id }));
	return incidents_note(rq, change, &(const struct incidents_noted){ .incident = target.id, .kind = INCIDENTS_OBSERVATION, .at = raised->at,
		.text = raised->text, .act = "again" });
}

/* Rules that see one attack from several sides: an address that guesses, sprays and tries a leaver's account; an account whose login is wrong in several
 * ways. While the one's incident is open and something happens in it, the others belong to it. */
static const char *const one_attack[][10] = { { "R1", "R2", "R3", "R4", "R10.tried" },
	{ "R9.grant", "R9.ended", "R9.early", "R9.suspended", "R9.quarantine", "R9.blocked", "R9.refused", "R10.left", "R10.held", "R10.idle" } };
static const struct span goes_on = DAYS(1);

static enum err other_side(struct rq *rq, const struct incidents_raised *raised, const char *const rules[10], struct incidents_get_row *ret)
{
	struct incidents_event_last_row last;
	struct incidents_get_row row;

	for (size_t i = 0; i < 10 && rules[i]; i++) {
		enum err err = incidents_event_last(rq, raised->source, str_of(rules[i]), raised->key, &last);
		if (err == ERR_NONE)
			continue;
		TRY(err);
		TRY(incidents_get(rq, last.incident, &row));
		if (row.closed_at.is || instant_is_before(instant_plus(row.active_at, goes_on), rq->now))
			continue;
		*ret = row;
		return OK;
	}
	return ERR_NONE;
}

static enum err campaign(struct rq *rq, const struct incidents_raised *raised, struct incidents_get_row *ret)
{
	for (size_t k = 0; str_equal(raised->source, STR("watch")) && k < LENGTH(one_attack); k++)
		for (size_t i = 0; i < LENGTH(one_attack[k]) && one_attack[k][i]; i++)
			if (str_equal(raised->rule, str_of(one_attack[k][i])))
				return other_side(rq, raised, one_attack[k], ret);
	return ERR_NONE;
}

/* The incident that the same was last put into, while it counts as the same. ERR_NONE: none. */
static enum err same_attack(struct rq *rq, const struct incidents_raised *raised, struct incidents_get_row *ret)
{
	struct incidents_event_last_row last;

	if (raised->key.len == 0)
		return ERR_NONE;
	enum err err = incidents_event_last(rq, raised->source, raised->rule, raised->key, &last);
	if (err == ERR_NONE)
		return campaign(rq, raised, ret);
	TRY(err);
	TRY(incidents_get(rq, last.incident, ret));
	bool is_past = ret->closed_at.is && ret->state != INCIDENTS_MERGED
	            && instant_is_before(instant_plus((struct instant){ ret->closed_at.i }, reopens), rq->now);
	return is_past ? campaign(rq, raised, ret) : OK;
}

enum err incidents_raise(struct rq *rq, struct change *change, const struct incidents_raised *given, int64_t *ret_incident)
{
	struct incidents_raised raised = *given;
	struct incidents_get_row row;
	struct incidents_most_row most;
	struct str number;

	if (instant_is_before(rq->now, raised.at))
		raised.at = rq->now;
	enum err err = same_attack(rq, &raised, &row);
	if (err == OK) {
		*ret_incident = row.id;
		return join(rq, change, &raised, &row);
	}
	if (err != ERR_NONE)
		return err;
	TRY(incidents_most(rq, &most));
	TRY(next_number(rq, most.id + 1, &number));
	TRY(add_incident(rq, change, &raised, 0, number, most.id + 1));
	TRY(add_event(rq, change, most.id + 1, &raised, (struct maybe_int){ 0 }));
	*ret_incident = most.id + 1;
	return incidents_note(rq, change, &(const struct incidents_noted){ .incident = most.id + 1, .kind = INCIDENTS_DETECTION, .at = raised.at,
		.text = raised.text, .act = "report" });
}
