/* /decisions/ask: the form that becomes a draft. The draft's own page shows it as the decider will read it, with the button that asks.
 *
 * SECURITY: for those who may ask; whatever the form says, the asker is who is logged in. The verb checks all of it; the page only says beside
 * which field a mistake is. */
#include "floor/decide.h"
#include "floor/decide_own.h"
#include "floor/decision_ask.html.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/urgent.h"

static struct area_page area(const struct visit *visit, const struct wrongs *wrongs, const char *name, int64_t rows)
{
	struct str typed = visit_field(visit, name);
	return (struct area_page){ .error = wrong_of(wrongs, name), .value = typed.at ? typed : STR(""), .rows = rows };
}

static size_t fill_reasons(struct rq *rq, struct str chosen, struct decision_ask_page_reasons *ret, size_t most)
{
	size_t n = 0;

	for (const struct reason *const *r = decide_reasons(); *r && n < most; r++)
		if ((*r)->is_lowerable)
			ret[n++] = (struct decision_ask_page_reasons){ str_of((*r)->code), str_of(_((*r)->text)), str_equal(chosen, str_of((*r)->code)) };
	if (n < most)
		ret[n++] = (struct decision_ask_page_reasons){ DECIDE_RISK, str_of(_("Nothing: a risk is to be accepted, and the gate judges as before")),
			decide_is_risk(chosen) };
	return n;
}

/* Who may use a standing decision: a box each. */
static const struct { const char *name, *field, *word; unsigned role; } users[] = { { "support", "users_support", N_("support"), ROLE_SUPPORT },
	{ "manager", "users_manager", N_("manager"), ROLE_MANAGER }, { "coordinator", "users_coordinator", N_("coordinator"), ROLE_COORDINATOR },
	{ "system_owner", "users_system_owner", N_("system owner"), ROLE_SYSTEM_OWNER } };

static void fill_terms(const struct visit *visit, const struct wrongs *wrongs, struct decision_ask_page_users *drawn, struct decision_ask_page *page)
{
	page->is_standing = visit_field(visit, "standing").len;
	page->hours = field_again(visit, wrongs, "hours", true);
	page->weekly = field_again(visit, wrongs, "weekly", true);
	page->users_wrong = wrong_of(wrongs, "users");
	for (size_t i = 0; i < LENGTH(users); i++)
		drawn[i] = (struct decision_ask_page_users){ str_of(users[i].name), users[i].word, visit_field(visit, users[i].field).len };
	page->users = drawn;
	page->n_users = LENGTH(users);
}

/* A number, or nothing. */
static struct str renewed(const struct visit *visit)
{
	struct str typed = visit_field(visit, "renews");
	int64_t id;

	return typed.len && str_number(typed, INT64_MAX, &id) == OK ? typed : STR("");
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct decision_ask_page_levels levels[CONSEQUENCE_MOST];
	struct decision_ask_page_reasons reasons[64];
	struct decision_ask_page_users boxes[LENGTH(users)];
	struct consequences scale;
	int64_t chosen = 0;

	TRY(consequence_scale(rq, &scale));
	if (str_number(visit_field(visit, "level"), CONSEQUENCE_MOST, &chosen) != OK)
		chosen = 0;
	for (int i = 1; i <= scale.n; i++)
		levels[i - 1] = (struct decision_ask_page_levels){ i, scale.level[i].word, scale.level[i].meaning, i == chosen };
	struct decision_ask_page page = { .renews = renewed(visit), .errors = wrongs_page(wrongs), .form_token = visit->form_token, .reason_wrong = wrong_of(wrongs, "reason"),
		.reasons = reasons, .n_reasons = fill_reasons(rq, visit_field(visit, "reason"), reasons, LENGTH(reasons)),
		.level_wrong = wrong_of(wrongs, "level"), .levels = levels, .n_levels = (size_t)scale.n,
		.title = area(visit, wrongs, "title", 2), .why = area(visit, wrongs, "why", 3), .yes = area(visit, wrongs, "yes", 2),
		.yes_likely = area(visit, wrongs, "yes_likely", 2), .yes_means = area(visit, wrongs, "yes_means", 2), .no = area(visit, wrongs, "no", 2),
		.no_likely = area(visit, wrongs, "no_likely", 2), .no_means = area(visit, wrongs, "no_means", 2),
		.other_happens = area(visit, wrongs, "other_happens", 2), .measures = area(visit, wrongs, "measures", 2),
		.proposal = area(visit, wrongs, "proposal", 2), .person = field_again(visit, wrongs, "person", true),
		.unit = field_again(visit, wrongs, "unit", true), .gateway = field_again(visit, wrongs, "gateway", true),
		.yes_cost = field_again(visit, wrongs, "yes_cost", true), .no_cost = field_again(visit, wrongs, "no_cost", true),
		.other = field_again(visit, wrongs, "other", true), .from = field_again(visit, wrongs, "from", true),
		.until = field_again(visit, wrongs, "until", true), .answer_by = field_again(visit, wrongs, "answer_by", true),
		.decider = field_again(visit, wrongs, "decider", true) };
	fill_terms(visit, wrongs, boxes, &page);
	answer->has_errors = wrongs->n != 0;
	decision_ask_page(&answer->body, rq->language, &page);
	return OK;
}

static void fill(struct visit *visit, struct field *fields, const char *name, struct str value)
{
	fields[visit->n_fields++] = (struct field){ str_of(name), value };
}

static enum err fill_terms_again(struct rq *rq, const struct decide_get_row *d, struct visit *visit, struct field *fields)
{
	struct urgent_terms_row terms;

	TRY(urgent_terms(rq, d->id, &terms));
	fill(visit, fields, "standing", STR("yes"));
	fill(visit, fields, "hours", str_print(rq->arena, "%lld", (long long)terms.hours));
	fill(visit, fields, "weekly", str_print(rq->arena, "%lld", (long long)terms.weekly));
	for (size_t i = 0; i < LENGTH(users); i++)
		if (terms.users & users[i].role)
			fill(visit, fields, users[i].field, STR("yes"));
	return OK;
}

/* As it was asked for then, but for its times: what has changed since is the asker's to say. */
static enum err fill_again(struct rq *rq, const struct decide_get_row *d, struct visit *visit)
{
	struct field *fields = NEW_MANY(rq->arena, 32, struct field);
	struct decide_options_row *o;
	struct decide_gateway_row gateway;
	struct decide_unit_row unit;
	struct people_get_row person;
	size_t n;

	TRY(decide_options(rq, d->id, &o, &n));
	*visit = (struct visit){ .form_token = visit->form_token, .fields = fields, .path = visit->path, .session = visit->session, .file = -1 };
	fill(visit, fields, "renews", str_print(rq->arena, "%lld", (long long)d->id));
	fill(visit, fields, "title", d->title);
	fill(visit, fields, "why", d->why);
	const struct reason *reason = urgent_reason(d->reason);
	fill(visit, fields, "reason", reason ? str_of(reason->code) : d->reason);
	if (reason)
		TRY(fill_terms_again(rq, d, visit, fields));
	fill(visit, fields, "measures", d->measures);
	fill(visit, fields, "proposal", d->proposal);
	fill(visit, fields, "level", str_print(rq->arena, "%lld", (long long)d->level));
	if (d->person.is && people_get(rq, d->person.i, &person) == OK)
		fill(visit, fields, "person", person.code);
	if (d->unit.is && decide_unit(rq, d->unit.i, &unit) == OK)
		fill(visit, fields, "unit", unit.name);
	if (d->gateway.is && decide_gateway(rq, d->gateway.i, &gateway) == OK)
		fill(visit, fields, "gateway", gateway.name);
	static const char *const names[][4] = { { "yes", "yes_likely", "yes_means", "yes_cost" }, { "no", "no_likely", "no_means", "no_cost" } };
	for (size_t i = 0; i < 2 && i < n; i++) {
		fill(visit, fields, names[i][0], o[i].happens);
		fill(visit, fields, names[i][1], o[i].likely);
		fill(visit, fields, names[i][2], o[i].means);
		fill(visit, fields, names[i][3], o[i].cost);
	}
	if (n > 2) {
		fill(visit, fields, "other", o[2].name);
		fill(visit, fields, "other_happens", o[2].happens);
	}
	return OK;
}

enum err decide_get_ask(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct visit filled = *visit;
	struct decide_get_row d;
	int64_t id;

	if (str_number(renewed(visit), INT64_MAX, &id) != OK)
		return draw(rq, visit, &(struct wrongs){ 0 }, answer);
	if (decide_get(rq, id, &d) != OK || !decide_sees(rq, &d))
		return fail(rq, ERR_NONE, _("There is no such decision."));
	TRY(fill_again(rq, &d, &filled));
	return draw(rq, &filled, &(struct wrongs){ 0 }, answer);
}

/* --- reading --- */

struct reading { struct rq *rq; const struct visit *visit; struct wrongs *wrongs; };

static int64_t read_person(struct reading *r, const char *name, const char *missing, bool *ret_is)
{
	struct str typed = visit_field(r->visit, name);
	struct trouble trouble = { 0 };
	struct rq asking = *r->rq;
	struct people_get_row person = { 0 };

	*ret_is = false;
	if (!typed.len) {
		if (missing)
			wrong_add(r->wrongs, name, missing);
		return 0;
	}
	asking.trouble = &trouble;
	if (people_find(&asking, typed, &person) != OK) {
		wrong_add(r->wrongs, name, str_c(r->rq->arena, str_of(trouble.text)));
		return 0;
	}
	*ret_is = true;
	return person.id;
}

static struct instant read_moment(struct reading *r, const char *name, bool is_end)
{
	struct str typed = visit_field(r->visit, name);
	struct rq *rq = r->rq;
	struct instant at = { 0 };

	if (!typed.len)
		return at;
	if (instant_parse_loose(typed, &at) != OK)
		wrong_add(r->wrongs, name, _("Write the moment like this: 2026-11-30 08:00"));
	else if (is_end && typed.len <= 10)
		at = instant_midnight(instant_plus(at, HOURS(36)));
	return at;
}

static void read_scope(struct reading *r, struct decide_wish *wish)
{
	struct str unit_said = visit_field(r->visit, "unit"), gateway_said = visit_field(r->visit, "gateway");
	struct people_unit_named_row unit;
	struct decide_gateway_named_row gateway;
	struct rq *rq = r->rq;

	wish->person.i = read_person(r, "person", NULL, &wish->person.is);
	if (unit_said.len) {
		if (people_unit_named(rq, unit_said, &unit) == OK)
			wish->unit = (struct maybe_int){ true, unit.id };
		else
			wrong_add(r->wrongs, "unit", _("There is no unit called that."));
	}
	if (gateway_said.len) {
		if (decide_gateway_named(rq, gateway_said, &gateway) == OK)
			wish->gateway = (struct maybe_int){ true, gateway.id };
		else
			wrong_add(r->wrongs, "gateway", _("There is no gateway called that."));
	}
	if (!visit_field(r->visit, "person").len && !unit_said.len && !gateway_said.len && !decide_is_risk(wish->reason) && !wish->is_standing)
		wrong_add(r->wrongs, "person", _("Say for whom: a person, a unit or a gateway."));
}

static struct str needed(struct reading *r, const char *name, const char *missing)
{
	struct str text = visit_field(r->visit, name);

	if (!text.len)
		wrong_add(r->wrongs, name, missing);
	return text;
}

static struct str optional(struct reading *r, const char *name)
{
	struct str text = visit_field(r->visit, name);
	return text.at ? text : STR("");
}

static void read_terms(struct reading *r, struct decide_wish *wish)
{
	struct rq *rq = r->rq;

	wish->is_standing = visit_field(r->visit, "standing").len;
	if (!wish->is_standing)
		return;
	if (str_number(visit_field(r->visit, "hours"), URGENT_HOURS_MOST, &wish->hours) != OK || wish->hours < 1)
		wrong_add(r->wrongs, "hours", str_c(rq->arena, str_print(rq->arena, _("An urgent case lasts for 1 to %d hours."), URGENT_HOURS_MOST)));
	if (str_number(visit_field(r->visit, "weekly"), URGENT_WEEKLY_MOST, &wish->weekly) != OK || wish->weekly < 1)
		wrong_add(r->wrongs, "weekly", str_c(rq->arena, str_print(rq->arena, _("It is used 1 to %d times a week."), URGENT_WEEKLY_MOST)));
	for (size_t i = 0; i < LENGTH(users); i++)
		wish->users |= visit_field(r->visit, users[i].field).len ? users[i].role : 0;
	if (!wish->users)
		wrong_add(r->wrongs, "users", _("Say who may use it: support, managers, those who coordinate or own systems."));
}

static void read_texts(struct reading *r, struct decide_wish *wish)
{
	struct rq *rq = r->rq;

	read_terms(r, wish);
	wish->title = needed(r, "title", _("Write the question that is decided, in one sentence."));
	wish->why = needed(r, "why", _("Write why it is needed."));
	wish->reason = needed(r, "reason", _("Choose what stops the connection."));
	read_scope(r, wish);
	wish->choice[0] = (struct decide_choice){ STR("yes"), needed(r, "yes", _("Write what can happen if the answer is yes.")),
		needed(r, "yes_likely", _("Write how likely it is.")), optional(r, "yes_means"), optional(r, "yes_cost") };
	wish->choice[1] = (struct decide_choice){ STR("do nothing"), needed(r, "no", _("Write what happens if nothing is done.")),
		needed(r, "no_likely", _("Write how likely it is.")), optional(r, "no_means"), optional(r, "no_cost") };
	wish->n_choices = 2;
	if (optional(r, "other").len)
		wish->choice[wish->n_choices++] = (struct decide_choice){ optional(r, "other"),
			needed(r, "other_happens", _("Write what the third option leads to.")), STR(""), STR(""), STR("") };
	wish->measures = needed(r, "measures", _("Write what makes up for it meanwhile."));
	wish->proposal = optional(r, "proposal");
}

static void read_form(struct reading *r, struct decide_wish *wish)
{
	struct rq *rq = r->rq;
	int64_t level = 0;
	bool is;

	read_texts(r, wish);
	if (str_number(visit_field(r->visit, "level"), CONSEQUENCE_MOST, &level) != OK || level < 1)
		wrong_add(r->wrongs, "level", _("Choose a level."));
	wish->level = (int)level;
	wish->decider = read_person(r, "decider", _("Say who decides."), &is);
	wish->from_at = read_moment(r, "from", false);
	wish->until = read_moment(r, "until", true);
	if (!visit_field(r->visit, "until").len)
		wrong_add(r->wrongs, "until", _("Say until when. It never lasts without an end."));
	wish->answer_by = read_moment(r, "answer_by", true);
}

enum err decide_post_ask(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct decide_wish wish = { .asker = rq->actor->person };
	struct wrongs wrongs = { 0 };
	struct reading reading = { rq, visit, &wrongs };
	int64_t id;

	read_form(&reading, &wish);
	wish.supersedes.is = str_number(renewed(visit), INT64_MAX, &wish.supersedes.i) == OK;
	if (!wrongs.n) {
		enum err err = decide_draft(rq, &wish, &id);
		/* Nothing has been written when the verb refuses: the form is drawn again with its sentence. */
		if (err == ERR_INVALID)
			wrong_add(&wrongs, "until", rq->trouble->text);
		else if (err == ERR_DENIED || err == ERR_CONFLICT)
			wrong_add(&wrongs, "decider", rq->trouble->text);
		else if (err != OK)
			return err;
	}
	if (wrongs.n)
		return draw(rq, visit, &wrongs, answer);
	answer->status = 303;
	answer->location = str_print(rq->arena, "/decisions/%lld?done=draft", (long long)id);
	return OK;
}
