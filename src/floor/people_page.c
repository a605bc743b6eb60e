/* Pages about people of the floor: the list with its search and its copy as CSV, and the units with their class.
 *
 * A page of the list holds 50, in Swedish order, and begins behind a key that stands in its address: turning pages costs the same
 * at the end as at the beginning.
 *
 * SECURITY: a manager sees those she manages and no one else; that is a query of its own, not a filter of what was read. Names of
 * protected persons stand in no list and in no copy. A copy holds no contact channels. Cells that a spreadsheet would run get an
 * apostrophe (out_csv). The class of a unit decides what the gate does: only a coordinator sets it, in step-up, with a leaf. */
#include "floor/people.h"
#include "floor/frame.h"
#include "floor/people_list.html.h"
#include "floor/unit.html.h"
#include "floor/units.html.h"

enum { CSV_MOST = 50000 };
enum { SEES_ALL = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SUPPORT | ROLE_SYSTEM_OWNER | ROLE_AUDITOR };

struct str people_shown_name(struct rq *rq, struct str name, bool is_protected)
{
	return is_protected ? str_of(_("Protected identity")) : name;
}

struct str people_role_words(struct rq *rq, int64_t roles)
{
	struct out out = out_new(rq->arena);

	for (unsigned bit = 1; bit & ROLE_STAFF; bit <<= 1)
		if (roles & bit)
			out_print(&out, "%s%s", out.len ? ", " : "", _(frame_role(bit)));
	return out_str(&out);
}

/* --- the list --- */

#define SAME_ROW(x) _Static_assert(sizeof (struct x) == sizeof (struct people_page_row), "lists give the same columns")
SAME_ROW(people_page_unit_row);
SAME_ROW(people_page_manager_row);
SAME_ROW(people_row_row);

static enum err count(struct rq *rq, const struct people_filter *filter, int64_t *ret)
{
	struct people_count_row all;
	struct people_unit_size_row unit;
	struct people_managed_count_row managed;

	if (filter->manager >= 0) {
		TRY(people_managed_count(rq, (struct maybe_int){ true, filter->manager }, &managed));
		*ret = managed.n;
	} else if (filter->unit >= 0) {
		TRY(people_unit_size(rq, filter->unit, &unit));
		*ret = unit.n;
	} else {
		TRY(people_count(rq, &all));
		*ret = all.n;
	}
	return OK;
}

enum err people_list(struct rq *rq, const struct people_filter *filter, struct people_key after, struct people_found *ret)
{
	struct people_page_row *all;
	struct people_page_unit_row *unit;
	struct people_page_manager_row *managed;
	size_t n;

	if (filter->q.len)
		return people_search(rq, filter, after, ret);
	*ret = (struct people_found){ 0 };
	TRY(count(rq, filter, &ret->total));
	if (filter->manager >= 0) {
		TRY(people_page_manager(rq, (struct maybe_int){ true, filter->manager }, after.sort, after.id, &managed, &n));
		ret->at = (const void *)managed;
	} else if (filter->unit >= 0) {
		TRY(people_page_unit(rq, filter->unit, after.sort, after.id, &unit, &n));
		ret->at = (const void *)unit;
	} else {
		TRY(people_page(rq, after.sort, after.id, &all, &n));
		ret->at = all;
	}
	ret->n = MIN(n, (size_t)PEOPLE_PAGE);
	ret->has_more = n > PEOPLE_PAGE;
	if (ret->has_more)
		ret->next = (struct people_key){ ret->at[PEOPLE_PAGE - 1].sort, ret->at[PEOPLE_PAGE - 1].id };
	return OK;
}

static struct people_filter filter_of(const struct rq *rq, const struct visit *visit)
{
	struct people_filter ret = { visit_field(visit, "q"), -1, -1 };

	if (!ret.q.at)
		ret.q = STR("");
	ret.q = str_utf8_first(ret.q, 200);
	if (str_number(visit_field(visit, "unit"), INT32_MAX, &ret.unit) != OK)
		ret.unit = -1;
	if (str_number(visit_field(visit, "manager"), INT32_MAX, &ret.manager) != OK)
		ret.manager = -1;
	if (!(rq->actor->roles & SEES_ALL))
		ret.manager = rq->actor->person;
	return ret;
}

struct people_key people_key_of(const struct visit *visit)
{
	struct people_key key = { visit_field(visit, "after"), -1 };

	if (!key.sort.at || str_number(visit_field(visit, "id"), INT64_MAX, &key.id) != OK)
		return (struct people_key){ STR(""), -1 };
	return key;
}

void people_key_out(struct out *out, struct people_key key)
{
	out_text(out, "&after=");
	out_url(out, key.sort);
	out_print(out, "&id=%lld", (long long)key.id);
}

static struct str list_at(struct rq *rq, const struct people_filter *filter, const struct people_key *key, bool is_csv)
{
	struct out out = out_new(rq->arena);

	out_text(&out, "/people?q=");
	out_url(&out, filter->q);
	if (filter->unit >= 0)
		out_print(&out, "&unit=%lld", (long long)filter->unit);
	if (filter->manager >= 0)
		out_print(&out, "&manager=%lld", (long long)filter->manager);
	if (key)
		people_key_out(&out, *key);
	if (is_csv)
		out_text(&out, "&format=csv");
	return out_str(&out);
}

/* What the row's unit and manager are called. Neighbours in a list often share them, so the last ones are at hand. */
struct called { int64_t unit, manager; struct str unit_name, manager_name; };
static const struct called nobody_yet = { .unit = -1, .manager = -1 };

static enum err call(struct rq *rq, const struct people_page_row *row, struct called *ret)
{
	struct people_unit_get_row unit;
	struct people_name_row manager;

	if (row->unit != ret->unit) {
		TRY(people_unit_get(rq, row->unit, &unit));
		ret->unit_name = unit.name;
		ret->unit = row->unit;
	}
	int64_t id = row->manager.is ? row->manager.i : -1;
	if (id == ret->manager && id >= 0)
		return OK;
	enum err err = id < 0 ? ERR_NONE : people_name(rq, id, &manager);
	if (err != OK && err != ERR_NONE)
		return err;
	ret->manager_name = err == OK ? people_shown_name(rq, manager.name, manager.is_protected) : STR("");
	ret->manager = id;
	return OK;
}

/* --- the copy --- */

static void put_csv(struct rq *rq, const struct people_page_row *row, const struct called *called, struct out *out)
{
	struct out roles = out_new(rq->arena);
	const struct str cells[] = { row->code, row->is_protected ? STR("") : row->name, called->unit_name, called->manager_name };

	people_roles_out(&roles, row->roles);
	for (size_t i = 0; i < LENGTH(cells); i++) {
		out_csv(out, cells[i]);
		out_byte(out, ',');
	}
	out_csv(out, out_str(&roles));
	out_byte(out, ',');
	if (row->employment_end.is) {
		struct wall last = instant_wall((struct instant){ row->employment_end.i - 1 });
		out_print(out, "%04d-%02d-%02d", last.year, last.month, last.day);
	}
	out_print(out, ",%s,%s\r\n", row->is_protected ? "yes" : "no", row->left_at.is ? "yes" : "no");
}

static enum err write_csv(struct rq *rq, const struct people_filter *filter, struct answer *answer)
{
	struct people_key key = { STR(""), -1 };
	struct called called = nobody_yet;
	struct people_found found;
	int64_t n = 0;

	out_text(&answer->body, "id,name,unit,manager,roles,employment_end,protected,left\r\n");
	do {
		TRY(people_list(rq, filter, key, &found));
		for (size_t i = 0; i < found.n; i++) {
			TRY(call(rq, &found.at[i], &called));
			put_csv(rq, &found.at[i], &called, &answer->body);
		}
		n += (int64_t)found.n;
		if (n > CSV_MOST)
			return fail(rq, ERR_FULL, _("A copy holds at most %d people. Narrow the list down, or use \"samordna people list\" on the server."),
			            CSV_MOST);
		key = found.next;
	} while (found.has_more);
	answer->type = "text/csv; charset=utf-8";
	answer->filename = STR("people.csv");
	return OK;
}

/* --- the page --- */

static int by_sort(const void *a, const void *b)
{
	const struct units_page_units *x = a, *y = b;
	return str_compare(x->sort, y->sort);
}

/* All units in Swedish order. */
static enum err sorted_units(struct rq *rq, struct units_page_units **ret, size_t *ret_n)
{
	struct people_unit_list_row *rows;
	size_t n;

	TRY(people_unit_list(rq, &rows, &n));
	struct units_page_units *units = NEW_MANY(rq->arena, n + 1, struct units_page_units);
	for (size_t i = 0; i < n; i++)
		units[i] = (struct units_page_units){ .at = str_print(rq->arena, "/people/unit/%lld", (long long)rows[i].id), .name = rows[i].name,
			.body = rows[i].body, .class = rows[i].class, .people = rows[i].n,
			.people_at = str_print(rq->arena, "/people?unit=%lld", (long long)rows[i].id),
			.sort = people_sort_key(rq->arena, rows[i].name) };
	if (n)
		qsort(units, n, sizeof units[0], by_sort);
	*ret = units;
	*ret_n = n;
	return OK;
}

static enum err fill_people(struct rq *rq, const struct people_found *found, struct people_list_page_people *ret)
{
	struct called called = nobody_yet;

	for (size_t i = 0; i < found->n; i++) {
		const struct people_page_row *row = &found->at[i];
		TRY(call(rq, row, &called));
		ret[i] = (struct people_list_page_people){ .id = row->id, .name = people_shown_name(rq, row->name, row->is_protected),
			.code = row->code, .unit = called.unit_name, .manager = called.manager_name,
			.roles = people_role_words(rq, row->roles & ~ROLE_EMPLOYEE), .has_left = row->left_at.is,
			.until = { row->employment_end.is ? row->employment_end.i - 1 : 0 } };
	}
	return OK;
}

static enum err name_unit(struct rq *rq, int64_t id, struct people_list_page *page)
{
	struct people_unit_get_row unit;
	enum err err = people_unit_get(rq, id, &unit);

	page->unit = str_print(rq->arena, "%lld", (long long)id);
	page->unit_name = err == OK ? unit.name : STR("");
	return err == ERR_NONE ? OK : err;
}

static enum err get_list(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct people_list_page_people people[PEOPLE_PAGE];
	struct people_filter filter = filter_of(rq, visit);
	struct people_key after = people_key_of(visit);
	struct people_found found;
	struct people_get_row manager;

	if (visit->wants_csv)
		return write_csv(rq, &filter, answer);
	TRY(people_list(rq, &filter, after, &found));
	bool is_own = !(rq->actor->roles & SEES_ALL);
	struct people_list_page page = { .q = filter.q, .unit = STR(""), .unit_name = STR(""), .is_filtered = filter.q.len || filter.unit >= 0 || (filter.manager >= 0 && !is_own),
		.total = found.total, .is_more = found.is_total_more, .people = people, .n_people = found.n, .csv_at = list_at(rq, &filter, NULL, true),
		.may_import = (rq->actor->roles & ROLE_COORDINATOR) != 0, .sees_all = !is_own, .managed_by = STR(""), .manager = STR("") };
	if (filter.unit >= 0 && !is_own)
		TRY(name_unit(rq, filter.unit, &page));
	if (filter.manager >= 0 && people_get(rq, filter.manager, &manager) == OK) {
		page.managed_by = people_shown_name(rq, manager.name, manager.is_protected);
		page.manager = is_own ? STR("") : str_print(rq->arena, "%lld", (long long)filter.manager);
	}
	TRY(fill_people(rq, &found, people));
	page.pager.first_at = after.id >= 0 ? list_at(rq, &filter, NULL, false) : STR("");
	page.pager.next_at = found.has_more ? list_at(rq, &filter, &found.next, false) : STR("");
	/* A page may be empty and yet have a next one: a search that has read enough for one answer. */
	if (page.is_filtered)
		page.empty = (struct empty_page){ .what = found.has_more ? str_of(_("Nobody on this page. The search goes on.")) : str_of(_("Nobody matches.")),
			.next = found.has_more ? str_of(_("Search on")) : str_of(_("Show everyone")), .next_at = found.has_more ? page.pager.next_at : STR("/people") };
	else
		page.empty = (struct empty_page){ .what = str_of(is_own ? _("You manage nobody.") : _("Nobody is here yet. HR's file brings them in.")),
			.next = page.may_import ? str_of(_("Import people")) : STR(""), .next_at = STR("/people/import") };
	people_list_page(&answer->body, rq->language, &page);
	return OK;
}

/* --- units --- */

static enum err get_units(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct units_page_units *units;
	struct units_page page = { .may_set = (rq->actor->roles & ROLE_COORDINATOR) != 0, .done = STR("") };

	TRY(sorted_units(rq, &units, &page.n_units));
	page.units = units;
	if (visit_field(visit, "done").at)
		page.done = str_of(_("The class is set. The gate goes by it from now on."));
	page.empty = (struct empty_page){ .what = str_of(_("There are no units yet. HR's file brings them in.")),
		.next = page.may_set ? str_of(_("Import people")) : STR(""), .next_at = STR("/people/import") };
	units_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err draw_unit(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct people_unit_get_row unit;
	struct people_unit_size_row size;
	int64_t id;

	if (str_number(visit->rest, INT32_MAX, &id) != OK || people_unit_get(rq, id, &unit) != OK)
		return fail(rq, ERR_NONE, _("There is no such unit."));
	TRY(people_unit_size(rq, id, &size));
	struct unit_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .name = unit.name, .body = unit.body,
		.class = unit.class, .people = size.n, .people_at = str_print(rq->arena, "/people?unit=%lld", (long long)id), .self_at = visit->path,
		.is_1 = unit.class == 1, .is_2 = unit.class == 2, .is_3 = unit.class == 3, .is_4 = unit.class == 4 };
	answer->has_errors = wrongs->n != 0;
	unit_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_unit(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_unit(rq, visit, &(struct wrongs){ 0 }, answer);
}

static enum err post_unit(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct people_unit_get_row unit;
	struct wrongs wrongs = { 0 };
	int64_t id, class;

	if (str_number(visit->rest, INT32_MAX, &id) != OK || people_unit_get(rq, id, &unit) != OK)
		return fail(rq, ERR_NONE, _("There is no such unit."));
	if (str_number(visit_field(visit, "class"), 4, &class) != OK || class < 1) {
		wrong_add(&wrongs, "class", _("Choose a class."));
		return draw_unit(rq, visit, &wrongs, answer);
	}
	if (class != unit.class)
		TRY(people_set_class(rq, id, unit.name, class));
	answer->location = STR("/people/units?done=class");
	return OK;
}

const struct page people_pages[] = {
	{ .path = "/people", .may_get = SEES_ALL | ROLE_MANAGER, .get = get_list, .menu = N_("People") },
	{ .path = "/people/units", .may_get = SEES_ALL, .get = get_units },
	{ .path = "/people/unit/:", .may_get = ROLE_COORDINATOR, .may_post = ROLE_COORDINATOR, .get = get_unit, .post = post_unit, .needs_step_up = true },
	{ 0 }
};
