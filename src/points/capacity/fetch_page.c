/* /capacity/fetch: one's own fetch lists, and the form for a new one; and `capacity fetch`, anybody's.
 *
 * SECURITY: shows the reader's own lists alone. */
#include "fetch.h"
#include "floor/consequence.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/setting.h"
#include "points/capacity/capacity_fetch.html.h"

static enum err fill_own(struct rq *rq, struct capacity_fetch_page *page)
{
	static const char *const shape[FETCH_STATES] = { "unknown", "ok", "act", "ok", "fail", "ok", "unknown" };
	struct capacity_fetch_of_row *rows;
	size_t n;

	TRY(capacity_fetch_of(rq, rq->actor->person, &rows, &n));
	struct capacity_fetch_page_own *own = NEW_MANY(rq->arena, n + 1, struct capacity_fetch_page_own);
	for (size_t i = 0; i < n; i++) {
		const struct capacity_fetch_of_row *row = &rows[i];
		enum fetch_state state = fetch_state_of(row, rq->now);
		own[i] = (struct capacity_fetch_page_own){ .id = row->id, .what = row->what, .device = row->device, .gateway = row->gateway_name,
			.megabytes = row->megabytes, .level = row->level, .erase_at = row->erase_at, .until = { row->until.i },
			.state = { str_of(shape[state]), fetch_state_word[state] }, .may_begin = state == FETCH_ORDERED, .is_now = state == FETCH_NOW,
			.may_finish = state == FETCH_NOW || state == FETCH_TOO_LONG, .may_cancel = state <= FETCH_TOO_LONG,
			.may_erase = state == FETCH_HERE || state == FETCH_LATE };
	}
	page->own = own;
	page->n_own = n;
	return OK;
}

static enum err fill_form(struct rq *rq, const struct visit *visit, bool is_again, struct capacity_fetch_page *page)
{
	struct capacity_known *known;
	struct consequences scale;
	size_t n;
	int64_t level, most = setting_number(rq, "capacity.fetch_megabytes");

	TRY(capacity_gateways(rq, &known, &n));
	TRY(consequence_scale(rq, &scale));
	struct capacity_fetch_page_gateways *gateways = NEW_MANY(rq->arena, n + 1, struct capacity_fetch_page_gateways);
	struct capacity_fetch_page_levels *levels = NEW_MANY(rq->arena, CONSEQUENCE_MOST, struct capacity_fetch_page_levels);
	for (size_t i = 0; i < n; i++)
		gateways[i] = (struct capacity_fetch_page_gateways){ known[i].name, fetch_most(&known[i].limits, most),
			is_again && str_equal(visit_field(visit, "gateway"), known[i].name) };
	if (!is_again || str_number(visit_field(visit, "level"), CONSEQUENCE_MOST, &level) != OK)
		level = 1;
	for (int i = 1; i <= scale.n; i++)
		levels[i - 1] = (struct capacity_fetch_page_levels){ i, scale.level[i].word, i == level };
	page->gateways = gateways;
	page->n_gateways = n;
	page->levels = levels;
	page->n_levels = (size_t)scale.n;
	return OK;
}

static const char *said_of(struct str done)
{
	static const struct { const char *act, *said; } all[] = { { "order", N_("The list is ordered. Begin to fetch it when you are connected.") },
		{ "begin", N_("Your place is yours while you fetch.") }, { "done", N_("It is fetched. Say here when it is erased from the computer.") },
		{ "cancel", N_("The list is given up.") }, { "erased", N_("It is erased from the computer. Thank you.") } };

	for (size_t i = 0; i < LENGTH(all); i++)
		if (str_equal(done, str_of(all[i].act)))
			return all[i].said;
	return NULL;
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	bool is_again = wrongs->n && str_equal(visit_field(visit, "act"), STR("order"));
	const char *said = wrongs->n ? NULL : said_of(visit_field(visit, "done"));
	struct capacity_fetch_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .done = str_of(said ? _(said) : ""),
		.most_level = setting_number(rq, "capacity.fetch_level"), .days = setting_number(rq, "capacity.fetch_days"),
		.what = field_again(visit, wrongs, "what", is_again), .megabytes = field_again(visit, wrongs, "megabytes", is_again),
		.device = field_again(visit, wrongs, "device", is_again), .erase_on = field_again(visit, wrongs, "erase_on", is_again),
		.level_error = field_again(visit, wrongs, "level", false).error, .managed_error = field_again(visit, wrongs, "managed", false).error,
		.is_managed = is_again && visit_field(visit, "managed").len };

	TRY(fill_own(rq, &page));
	TRY(fill_form(rq, visit, is_again, &page));
	answer->has_errors = wrongs->n != 0;
	answer->title = str_of(_("Fetch lists"));
	capacity_fetch_page(&answer->body, rq->language, &page);
	return OK;
}

enum err fetch_get(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw(rq, visit, &(struct wrongs){ 0 }, answer);
}

/* Of a page or a command: numbers that cannot be read are refused as those that are out of range. */
static struct fetch_wish wish_of(struct str gateway, struct str what, struct str device, struct str megabytes, struct str level, struct str managed, struct str erase_on)
{
	struct fetch_wish wish = { .gateway = gateway.at ? gateway : STR(""), .what = what.at ? str_trim(what) : STR(""),
		.device = device.at ? str_trim(device) : STR(""), .is_managed = str_equal(managed, STR("yes")) };

	if (str_number(megabytes, LIMIT_MOST, &wish.megabytes) != OK)
		wish.megabytes = 0;
	if (str_number(level, CONSEQUENCE_MOST, &wish.level) != OK)
		wish.level = 0;
	if (instant_parse_loose(erase_on, &wish.erase_at) != OK)
		wish.erase_at.ms = 0;
	return wish;
}

static enum err act_on(struct rq *rq, const struct visit *visit, struct str act, const char **field)
{
	int64_t id, person = rq->actor->person;

	if (str_equal(act, STR("order"))) {
		struct fetch_wish wish = wish_of(visit_field(visit, "gateway"), visit_field(visit, "what"), visit_field(visit, "device"), visit_field(visit, "megabytes"),
			visit_field(visit, "level"), visit_field(visit, "managed"), visit_field(visit, "erase_on"));
		return fetch_order(rq, person, &wish, &id, field);
	}
	if (str_number(visit_field(visit, "list"), INT32_MAX, &id) != OK)
		return fail(rq, ERR_NONE, _("There is no such list."));
	if (str_equal(act, STR("begin")))
		return fetch_begin(rq, person, id);
	if (str_equal(act, STR("erased")))
		return fetch_erase(rq, person, id);
	return fetch_over(rq, person, id, str_equal(act, STR("done")));
}

enum err fetch_post(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	struct str act = visit_field(visit, "act");
	const char *field = "own";

	if (rq->actor->person < 0)
		return fail(rq, ERR_DENIED, _("Only who is employed can order a list."));
	enum err err = act_on(rq, visit, act, &field);
	bool is_order = str_equal(act, STR("order"));
	if (err == ERR_CONFLICT || err == ERR_INVALID || (is_order && (err == ERR_DENIED || err == ERR_NONE))) {
		wrong_add(&wrongs, field, str_c(rq->arena, str_of(rq->trouble->text)));
		trouble_clear(rq->trouble);
		return draw(rq, visit, &wrongs, answer);
	}
	TRY(err);
	answer->status = 303;
	answer->location = str_print(rq->arena, "/capacity/fetch?done=%.*s", STR_ARG(act));
	return OK;
}

/* --- commands --- */

static enum err say_list(const struct args *args, int64_t id, struct out *ret)
{
	out_print(ret, args->json ? "{\"list\":%lld}\n" : "%lld\n", (long long)id);
	return OK;
}

enum err fetch_run_order(struct rq *rq, const struct args *args, struct out *ret)
{
	struct people_get_row person;
	const char *field;
	int64_t id;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("name one person"));
	TRY(people_find(rq, args->words[0], &person));
	struct fetch_wish wish = wish_of(args_option(args, "gateway"), args_option(args, "what"), args_option(args, "device"), args_option(args, "megabytes"),
		args_option(args, "level"), args_option(args, "managed"), args_option(args, "erase-on"));
	TRY(fetch_order(rq, person.id, &wish, &id, &field));
	return say_list(args, id, ret);
}

static enum err list_named(struct rq *rq, const struct args *args, int64_t *ret)
{
	if (args->n_words != 1 || str_number(args->words[0], INT32_MAX, ret) != OK)
		return fail(rq, ERR_INVALID, _("Name the list by its number: capacity fetch list shows them."));
	return OK;
}

enum err fetch_run_begin(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;

	TRY(list_named(rq, args, &id));
	TRY(fetch_begin(rq, -1, id));
	return say_list(args, id, ret);
}

static enum err run_over(struct rq *rq, const struct args *args, bool is_fetched, struct out *ret)
{
	int64_t id;

	TRY(list_named(rq, args, &id));
	TRY(fetch_over(rq, -1, id, is_fetched));
	return say_list(args, id, ret);
}

enum err fetch_run_done(struct rq *rq, const struct args *args, struct out *ret) { return run_over(rq, args, true, ret); }
enum err fetch_run_cancel(struct rq *rq, const struct args *args, struct out *ret) { return run_over(rq, args, false, ret); }

enum err fetch_run_erased(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;

	TRY(list_named(rq, args, &id));
	TRY(fetch_erase(rq, -1, id));
	return say_list(args, id, ret);
}

enum err fetch_run_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct people_get_row person;
	struct capacity_fetch_of_row *rows;
	size_t n;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("name one person"));
	TRY(people_find(rq, args->words[0], &person));
	TRY(capacity_fetch_of(rq, person.id, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		enum fetch_state state = fetch_state_of(&rows[i], rq->now);
		struct out erase = out_new(rq->arena);
		out_instant(&erase, rows[i].erase_at);
		if (!args->json) {
			out_print(ret, "%lld\t%s\t%.*s\t%lld MB\t%lld\t%.10s\t%.*s\n", (long long)rows[i].id, _(fetch_state_word[state]), STR_ARG(rows[i].gateway_name),
			          (long long)rows[i].megabytes, (long long)rows[i].level, out_str(&erase).at, STR_ARG(rows[i].what));
			continue;
		}
		out_print(ret, "{\"list\":%lld,\"state\":\"%s\",\"gateway\":", (long long)rows[i].id, fetch_state_name[state]);
		out_json(ret, rows[i].gateway_name);
		out_print(ret, ",\"megabytes\":%lld,\"level\":%lld,\"erase\":\"%.*s\",\"until\":", (long long)rows[i].megabytes, (long long)rows[i].level, STR_ARG(out_str(&erase)));
		if (rows[i].until.is) {
			out_byte(ret, '"');
			out_instant(ret, (struct instant){ rows[i].until.i });
			out_byte(ret, '"');
		} else {
			out_text(ret, "null");
		}
		out_text(ret, ",\"what\":");
		out_json(ret, rows[i].what);
		out_text(ret, "}\n");
	}
	return OK;
}
