/* /people/mandates: who may decide, at which level, for which body; to give one and to end one.
 *
 * SECURITY: read by those who coordinate, decide, own systems, manage or audit. To give and to end is for management of the same body, in
 * step-up; the verbs check it once more on the rows as they are now. Names of protected persons are not shown in lists. */
#include "floor/mandate.h"
#include "floor/consequence.h"
#include "floor/frame.h"
#include "floor/mandate_end.html.h"
#include "floor/mandate_give.html.h"
#include "floor/mandates.html.h"
#include "floor/people.h"

#define SEES (ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SYSTEM_OWNER | ROLE_MANAGER | ROLE_AUDITOR)

static struct state_page shape_of(struct rq *rq, const struct mandate_open_row *row)
{
	if (row->own_body != row->body)
		return (struct state_page){ STR("fail"), N_("Does not count: of another legal body now") };
	if ((row->left_at.is && row->left_at.i <= rq->now.ms) || (row->employment_end.is && row->employment_end.i <= rq->now.ms))
		return (struct state_page){ STR("fail"), N_("Does not count: has left") };
	if (row->roles & ROLE_COORDINATOR)
		return (struct state_page){ STR("fail"), N_("Does not count: coordinates now") };
	return instant_is_before(rq->now, row->from_at) ? (struct state_page){ STR("unknown"), N_("To come") } : (struct state_page){ STR("ok"), N_("In force") };
}

/* A last day is shown, not the moment after it. */
static struct instant last_day(struct maybe_int until)
{
	return (struct instant){ until.is ? until.i - 1 : 0 };
}

static void fill_mandate(struct rq *rq, const struct consequences *scale, const struct mandate_open_row *row, struct mandates_page_bodies_mandates *ret)
{
	bool is_known = row->level >= 1 && row->level <= scale->n;
	bool may_end = row->person == rq->actor->person || (rq->actor->roles & ROLE_MANAGEMENT && rq->actor->body == row->body);
	struct out at = out_new(rq->arena);

	out_text(&at, "/people/");
	out_url(&at, row->code);
	*ret = (struct mandates_page_bodies_mandates){ .number = str_print(rq->arena, "%lld", (long long)row->id),
		.person = row->is_protected ? row->code : row->name, .person_at = out_str(&at), .level = row->level,
		.level_word = is_known ? scale->level[row->level].word : STR(""), .from_at = row->from_at, .until = last_day(row->until),
		.state = shape_of(rq, row), .end_at = may_end ? str_print(rq->arena, "/people/mandates/end/%lld", (long long)row->id) : STR("") };
}

static enum err get_list(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str done = visit_field(visit, "done");
	struct mandate_bodies_row *bodies;
	struct mandate_open_row *rows;
	struct consequences scale;
	size_t n_bodies, n;

	TRY(consequence_scale(rq, &scale));
	TRY(mandate_bodies(rq, &bodies, &n_bodies));
	TRY(mandate_open(rq, rq->now, &rows, &n));
	struct mandates_page_bodies *drawn = NEW_MANY(rq->arena, n_bodies + 1, struct mandates_page_bodies);
	struct mandates_page_bodies_mandates *mandates = NEW_MANY(rq->arena, n + 1, struct mandates_page_bodies_mandates);
	for (size_t b = 0; b < n_bodies; b++) {
		drawn[b] = (struct mandates_page_bodies){ .name = bodies[b].name, .people = bodies[b].people, .mandates = mandates };
		for (size_t i = 0; i < n; i++)
			if (rows[i].body == bodies[b].id) {
				fill_mandate(rq, &scale, &rows[i], mandates++);
				drawn[b].n_mandates++;
			}
	}
	struct mandates_page page = { .bodies = drawn, .n_bodies = n_bodies, .may_give = (rq->actor->roles & ROLE_MANAGEMENT) != 0,
		.done = !done.len ? STR("") : str_of(str_equal(done, STR("end")) ? _("The mandate is ended.") : _("The mandate is given.")) };
	mandates_page(&answer->body, rq->language, &page);
	return OK;
}

/* --- to give --- */

static enum err draw_give(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct mandate_body_get_row body;
	struct consequences scale;
	struct mandate_give_page_levels levels[CONSEQUENCE_MOST];
	int64_t chosen = 0;

	TRY(consequence_scale(rq, &scale));
	TRY(mandate_body_get(rq, rq->actor->body, &body));
	if (str_number(visit_field(visit, "level"), CONSEQUENCE_MOST, &chosen) != OK)
		chosen = 0;
	for (int i = 1; i <= scale.n; i++)
		levels[i - 1] = (struct mandate_give_page_levels){ i, scale.level[i].word, scale.level[i].meaning, i == chosen };
	struct mandate_give_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .body = body.name,
		.person = field_again(visit, wrongs, "person", true), .level_wrong = wrong_of(wrongs, "level"), .levels = levels,
		.n_levels = (size_t)scale.n, .from = field_again(visit, wrongs, "from", true), .until = field_again(visit, wrongs, "until", true) };
	answer->has_errors = wrongs->n != 0;
	mandate_give_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_give(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_give(rq, visit, &(struct wrongs){ 0 }, answer);
}

static void read_days(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct mandate_wish *wish)
{
	struct str from = visit_field(visit, "from"), until = visit_field(visit, "until");
	struct instant last;

	wish->from_at = rq->now;
	if (from.len && instant_parse_loose(from, &wish->from_at) != OK)
		wrong_add(wrongs, "from", _("Enter the date like this: 2026-11-30"));
	if (!until.len)
		return;
	if (instant_parse_loose(until, &last) != OK)
		wrong_add(wrongs, "until", _("Enter the date like this: 2026-11-30"));
	else
		wish->until = (struct maybe_int){ true, instant_midnight(instant_plus(instant_midnight(last), HOURS(36))).ms };
}

static void read_give(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct mandate_wish *wish)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct str name = visit_field(visit, "person");
	struct people_get_row person = { 0 };
	int64_t level = 0;

	asking.trouble = &trouble;
	if (people_find(&asking, name, &person) != OK)
		wrong_add(wrongs, "person", name.len ? trouble.text : _("Say who may decide."));
	if (str_number(visit_field(visit, "level"), CONSEQUENCE_MOST, &level) != OK || level < 1)
		wrong_add(wrongs, "level", _("Choose a level."));
	read_days(rq, visit, wrongs, wish);
	wish->person = person.id;
	wish->level = (int)level;
	wish->body = rq->actor->body;
}

static enum err post_give(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct mandate_wish wish = { 0 };
	struct wrongs wrongs = { 0 };
	int64_t id;

	read_give(rq, visit, &wrongs, &wish);
	if (!wrongs.n) {
		enum err err = mandate_give(rq, &wish, rq->actor->person, &id);
		/* Nothing has been written when the verb refuses: the form is drawn again with its sentence. */
		if (err == ERR_INVALID)
			wrong_add(&wrongs, wish.until.is ? "until" : "level", rq->trouble->text);
		else if (err == ERR_CONFLICT || err == ERR_DENIED)
			wrong_add(&wrongs, "person", rq->trouble->text);
		else if (err != OK)
			return err;
	}
	if (wrongs.n)
		return draw_give(rq, visit, &wrongs, answer);
	answer->status = 303;
	answer->location = STR("/people/mandates?done=give");
	return OK;
}

/* --- to end --- */

static enum err find(struct rq *rq, const struct visit *visit, struct mandate_get_row *ret)
{
	int64_t id;

	if (str_number(visit->rest, INT64_MAX, &id) != OK || mandate_get(rq, id, ret) != OK)
		return fail(rq, ERR_NONE, _("There is no such mandate."));
	return OK;
}

static enum err get_end(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct mandate_get_row mandate;
	struct people_get_row person;
	struct mandate_body_get_row body;
	struct consequences scale;

	TRY(find(rq, visit, &mandate));
	TRY(people_get(rq, mandate.person, &person));
	TRY(mandate_body_get(rq, mandate.body, &body));
	TRY(consequence_scale(rq, &scale));
	struct mandate_end_page page = { .form_token = visit->form_token, .number = str_print(rq->arena, "%lld", (long long)mandate.id),
		.person = person.is_protected ? person.code : person.name, .body = body.name, .level = mandate.level,
		.level_word = mandate.level >= 1 && mandate.level <= scale.n ? scale.level[mandate.level].word : STR(""),
		.self_at = str_print(rq->arena, "/people/mandates/end/%lld", (long long)mandate.id) };
	mandate_end_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err post_end(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct mandate_get_row mandate;

	TRY(find(rq, visit, &mandate));
	TRY(mandate_end(rq, mandate.id, rq->actor->person));
	answer->status = 303;
	answer->location = STR("/people/mandates?done=end");
	return OK;
}

const struct page mandate_pages[] = {
	{ .path = "/people/mandates", .may_get = SEES | ROLE_SUPPORT, .get = get_list },
	{ .path = "/people/mandates/give", .may_get = ROLE_MANAGEMENT, .may_post = ROLE_MANAGEMENT, .get = get_give, .post = post_give,
	  .needs_step_up = true },
	{ .path = "/people/mandates/end/:", .may_get = SEES, .may_post = SEES, .get = get_end, .post = post_end, .needs_step_up = true },
	{ 0 }
};
