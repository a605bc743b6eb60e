/* /admin/audit: the log, page by page, and one leaf in words.
 *
 * Pages go by the leaf's number, newest first. A filter is a search: leaves are read backwards and compared, at most SEARCH leaves or
 * SEARCH_BYTES a page; when that is not enough the next page goes on where this one stopped. So a page costs the same on a log of a
 * thousand leaves and of a hundred million. A day is found by halving, since leaves are in the order of time.
 *
 * SECURITY: read by auditors, coordinators and system owners. Only what stands in the leaf is shown: personal columns are hashes there.
 * To verify reads the whole log, off the writer, on one of the two threads for slow work; that it was done is noted, not logged. */
#include "admin.h"
#include "admin_words.h"
#include "core.h"
#include "floor/admin_audit.html.h"
#include "floor/admin_leaf.html.h"
#include "floor/audit.sql.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/seal_door.h"
#include "floor/tree.h"

enum { PAGE = 50, SEARCH = 20000, SEARCH_BYTES = 32 << 20, WRITES = 20, LEAF_SHOWN = 8000, COLUMNS = 400, ACTIONS = 40, FAULTS = 50 };

/* --- the filter --- */

struct search {
	struct rq  *rq;
	struct str  action, actor, subject;       /* folded to nothing: as typed; empty: all */
	int64_t     before, least;                /* leaves before <= number < before */
	size_t      n, n_read, n_bytes;
	int64_t     last;                         /* the lowest leaf read */
	bool        is_stopped;                   /* before the end was reached */
	struct admin_audit_page_leaves *found;
};

static bool has(struct str in, struct str part)
{
	for (size_t i = 0; part.len && i + part.len <= in.len; i++)
		if (memcmp(in.at + i, part.at, part.len) == 0)
			return true;
	return part.len == 0;
}

/* Between quotation marks in the leaf; as text. */
static struct str text_of(struct rq *rq, struct str inside)
{
	struct str quoted = str_print(rq->arena, "\"" STR_FMT "\"", STR_ARG(inside)), text;
	return leaf_text(rq->arena, quoted, &text) == OK ? text : inside;
}

static bool fits(const struct search *search, const struct leaf *leaf)
{
	return str_starts(leaf->action, search->action) && (!search->actor.len || has(leaf->actor, search->actor))
		&& (!search->subject.len || has(text_of(search->rq, leaf->subject), search->subject));
}

/* What a point keeps among few is not read out of the log's pages either; an export, and whoever verifies it, has all. */
static bool is_hidden(struct rq *rq, const struct leaf *leaf)
{
	for (size_t i = 0; points[i]; i++)
		if (points[i]->hides && str_starts(leaf->action, str_print(rq->arena, "%s.", points[i]->name)))
			return points[i]->hides(rq, text_of(rq, leaf->subject));
	return false;
}

static enum err look(void *of, const struct audit_back_row *row)
{
	struct search *search = of;
	struct rq *rq = search->rq;
	struct leaf leaf;

	if (search->n == PAGE || search->n_read == SEARCH || search->n_bytes >= SEARCH_BYTES) {
		search->is_stopped = true;
		return ERR_FULL;
	}
	search->n_read++;
	search->n_bytes += row->leaf.len;
	search->last = row->id;
	if (leaf_parse(row->leaf, &leaf) != OK || !fits(search, &leaf) || is_hidden(rq, &leaf))
		return OK;
	struct admin_audit_page_leaves *found = &search->found[search->n++];
	const char *words = admin_action_words(leaf.action);
	*found = (struct admin_audit_page_leaves){ .index = str_print(rq->arena, "%lld", (long long)row->id),
		.at = str_print(rq->arena, "/admin/audit/%lld", (long long)row->id), .actor = str_copy(rq->arena, text_of(rq, leaf.actor)),
		.words = words ? str_of(_(words)) : STR(""), .action = str_copy(rq->arena, leaf.action),
		.subject = str_copy(rq->arena, text_of(rq, leaf.subject)) };
	return instant_parse(leaf.at, &found->at_time);
}

static enum err moment_of(struct rq *rq, int64_t index, struct instant *ret)
{
	struct audit_leaf_get_row row;
	struct leaf leaf;

	TRY(audit_leaf_get(rq, index, &row));
	TRY(leaf_parse(row.leaf, &leaf));
	return instant_parse(leaf.at, ret);
}

/* The first leaf at that moment or later, `size` when there is none. */
static enum err first_since(struct rq *rq, struct instant since, int64_t size, int64_t *ret)
{
	int64_t low = 0, high = size;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		struct instant at;
		TRY(moment_of(rq, middle, &at));
		if (instant_is_before(at, since))
			low = middle + 1;
		else
			high = middle;
	}
	*ret = low;
	return OK;
}

/* A day of the filter. ERR_NONE: none is asked for, or it cannot be read, and the form says so. */
static enum err day_of(struct rq *rq, const struct visit *visit, const char *name, struct wrongs *wrongs, struct instant *ret)
{
	struct str text = visit_field(visit, name);

	if (text.len && instant_parse_loose(text, ret) == OK)
		return OK;
	if (text.len)
		wrong_add(wrongs, name, _("Enter the date like this: 2026-11-30"));
	return ERR_NONE;
}

static enum err open_search(struct rq *rq, const struct visit *visit, int64_t size, struct wrongs *wrongs, struct search *ret)
{
	struct instant day;
	int64_t before;

	*ret = (struct search){ .rq = rq, .action = visit_field(visit, "action"), .actor = visit_field(visit, "actor"),
		.subject = visit_field(visit, "subject"), .before = size, .last = size, .found = NEW_MANY(rq->arena, PAGE, struct admin_audit_page_leaves) };
	if (day_of(rq, visit, "from", wrongs, &day) == OK)
		TRY(first_since(rq, instant_midnight(day), size, &ret->least));
	if (day_of(rq, visit, "until", wrongs, &day) == OK)
		TRY(first_since(rq, instant_midnight(instant_plus(instant_midnight(day), HOURS(36))), size, &ret->before));
	if (str_number(visit_field(visit, "before"), INT64_MAX, &before) == OK)
		ret->before = MIN(ret->before, before);
	enum err err = audit_back(rq, ret->before, ret->least, look, ret);
	return err == ERR_FULL && ret->is_stopped ? OK : err;
}

/* --- the page --- */

static void put_query(struct out *at, const char *name, struct str value)
{
	if (!value.len)
		return;
	out_print(at, "%s%s=", str_find(out_str(at), '?') < at->len ? "&" : "?", name);
	out_url(at, value);
}

static struct str here(struct rq *rq, const struct visit *visit, int64_t before, bool is_csv)
{
	static const char *const names[] = { "action", "actor", "subject", "from", "until" };
	struct out at = out_new(rq->arena);

	out_text(&at, "/admin/audit");
	for (size_t i = 0; i < LENGTH(names); i++)
		put_query(&at, names[i], visit_field(visit, names[i]));
	if (before >= 0)
		put_query(&at, "before", str_print(rq->arena, "%lld", (long long)before));
	if (is_csv)
		put_query(&at, "format", STR("csv"));
	return out_str(&at);
}

static void write_csv(const struct search *search, struct answer *answer)
{
	struct out *out = &answer->body;

	out_text(out, "entry,at,actor,action,subject\r\n");
	for (size_t i = 0; i < search->n; i++) {
		const struct admin_audit_page_leaves *leaf = &search->found[i];
		out_put(out, leaf->index);
		out_byte(out, ',');
		out_instant(out, leaf->at_time);
		const struct str rest[] = { leaf->actor, leaf->action, leaf->subject };
		for (size_t k = 0; k < LENGTH(rest); k++) {
			out_byte(out, ',');
			out_csv(out, rest[k]);
		}
		out_text(out, "\r\n");
	}
	answer->type = "text/csv; charset=utf-8";
	answer->filename = STR("log.csv");
}

static void fill_actions(struct rq *rq, const struct search *search, struct admin_audit_page *page)
{
	struct admin_audit_page_actions *actions = NEW_MANY(rq->arena, ACTIONS, struct admin_audit_page_actions);
	size_t n = 0;

	for (size_t i = 0; i < search->n && n < ACTIONS; i++) {
		bool is_known = false;
		for (size_t k = 0; k < n; k++)
			is_known |= str_equal(actions[k].name, search->found[i].action);
		if (!is_known)
			actions[n++].name = search->found[i].action;
	}
	page->actions = actions;
	page->n_actions = n;
}

static void fill_verdict(struct rq *rq, const struct verdict_of_log *verdict, struct admin_audit_page *page)
{
	size_t n = MIN(verdict->faults.n, (size_t)FAULTS);
	struct admin_audit_page_faults *faults = NEW_MANY(rq->arena, n + 1, struct admin_audit_page_faults);

	for (size_t i = 0; i < n; i++) {
		const struct fault *fault = &verdict->faults.at[i];
		faults[i] = (struct admin_audit_page_faults){ .leaf = fault->leaf < 0 ? STR("") : str_print(rq->arena, "%lld", (long long)fault->leaf),
			.text = fault->text };
	}
	page->has_verdict = true;
	page->faults = faults;
	page->n_faults = n;
}

/* The hash of a document is shown by its beginning. */
static struct str short_of(struct rq *rq, struct str subject)
{
	bool is_hash = subject.len == 64;

	for (size_t i = 0; is_hash && i < subject.len; i++)
		is_hash = (subject.at[i] >= '0' && subject.at[i] <= '9') || (subject.at[i] >= 'a' && subject.at[i] <= 'f');
	return is_hash ? str_print(rq->arena, "%.12s…", subject.at) : subject;
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct verdict_of_log *verdict, struct answer *answer)
{
	static const unsigned may_verify = ROLE_AUDITOR | ROLE_COORDINATOR;
	struct wrongs wrongs = { 0 };
	struct admin_log log;
	struct search search;

	TRY(admin_log_head(rq, &log));
	TRY(open_search(rq, visit, log.size, &wrongs, &search));
	if (visit->wants_csv) {
		write_csv(&search, answer);
		return OK;
	}
	for (size_t i = 0; i < search.n; i++) {
		search.found[i].actor = admin_actor(rq, search.found[i].actor);
		search.found[i].subject = short_of(rq, search.found[i].subject);
	}
	bool is_first = !visit_field(visit, "before").len, has_more = search.last > search.least && search.last < search.before;
	struct admin_audit_page page = { .size = log.size, .root = log.root, .sealed_at = log.sealed_at, .verified_at = log.verified_at,
		.is_whole = log.faults == 0, .n_faults_found = log.faults, .action = visit_field(visit, "action"), .actor = visit_field(visit, "actor"),
		.subject = visit_field(visit, "subject"), .errors = wrongs_page(&wrongs), .from = field_again(visit, &wrongs, "from", true),
		.until = field_again(visit, &wrongs, "until", true),
		.leaves = search.found, .n_leaves = search.n, .csv_at = here(rq, visit, is_first ? -1 : search.before, true),
		.form_token = visit->form_token, .may_verify = (rq->actor->roles & may_verify) != 0,
		.searched_to = has_more && search.n < PAGE ? str_print(rq->arena, "%lld", (long long)search.last) : STR("") };
	page.is_filtered = page.action.len || page.actor.len || page.subject.len || page.from.value.len || page.until.value.len;
	page.pager.first_at = is_first ? STR("") : here(rq, visit, -1, false);
	page.pager.next_at = has_more ? here(rq, visit, search.last, false) : STR("");
	answer->has_errors = wrongs.n != 0;
	fill_actions(rq, &search, &page);
	if (verdict)
		fill_verdict(rq, verdict, &page);
	admin_audit_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_log(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw(rq, visit, NULL, answer);
}

static enum err verify(struct rq *rq, struct visit *visit)
{
	struct verdict_of_log *verdict = NEW(rq->arena, struct verdict_of_log);

	TRY(audit_verify(rq, seal_of_core(), false, verdict));
	visit->prepared = verdict;
	return OK;
}

static enum err post_log(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	const struct verdict_of_log *verdict = visit->prepared;

	TRY(audit_verified_set(rq, 0, rq->now, verdict->size, (int64_t)verdict->faults.n));
	return draw(rq, visit, verdict, answer);
}

/* --- one leaf --- */

static struct str key_words(struct rq *rq, struct str table, struct str key)
{
	struct value read;

	if (key.len && key.at[0] == '[')
		return key;
	if (str_equal(table, STR("person")) || str_equal(table, STR("account")))
		return admin_value_words(rq, STR("person"), STR("id"), key);
	return leaf_value(rq->arena, key, VALUE_TEXT, &read) == OK && read.kind == VALUE_TEXT ? read.s : key;
}

static void fill_columns(struct rq *rq, const struct write *write, struct admin_leaf_page_writes *ret)
{
	struct admin_leaf_page_writes_columns *columns = NEW_MANY(rq->arena, COLUMNS, struct admin_leaf_page_writes_columns);
	struct str rest = write->columns, name, value;
	size_t n = 0;

	while (n < COLUMNS && leaf_column(&rest, &name, &value) == OK) {
		const char *words = admin_column_words(name);
		columns[n++] = (struct admin_leaf_page_writes_columns){ .words = words ? str_of(_(words)) : STR(""), .name = name,
			.value = admin_value_words(rq, write->table, name, value) };
	}
	ret->columns = columns;
	ret->n_columns = n;
}

static void fill_writes(struct rq *rq, const struct leaf *leaf, struct admin_leaf_page *page)
{
	struct admin_leaf_page_writes *writes = NEW_MANY(rq->arena, WRITES, struct admin_leaf_page_writes);
	struct str rest = leaf->writes;
	struct write write;

	for (; leaf_write(&rest, &write) == OK; ) {
		if (page->n_writes == WRITES) {
			page->more++;
			continue;
		}
		struct admin_leaf_page_writes *one = &writes[page->n_writes++];
		*one = (struct admin_leaf_page_writes){ .words = admin_table_words(rq, write.table), .table = write.table,
			.key = key_words(rq, write.table, write.key), .is_delete = write.is_delete };
		fill_columns(rq, &write, one);
	}
	page->writes = writes;
}

static void fill_documents(struct rq *rq, const struct leaf *leaf, struct admin_leaf_page *page)
{
	struct admin_leaf_page_documents *documents = NEW_MANY(rq->arena, WRITES, struct admin_leaf_page_documents);
	struct str rest = leaf->documents, one;

	while (page->n_documents < WRITES && leaf_element(&rest, &one) == OK)
		documents[page->n_documents++].hash = text_of(rq, (struct str){ one.at + 1, one.len - 2 });
	page->documents = documents;
}

/* The subject is often a person's id: then it leads to that person. */
static void fill_subject(struct rq *rq, struct admin_leaf_page *page)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct people_get_row person;
	struct out at = out_new(rq->arena);

	asking.trouble = &trouble;
	page->subject_at = page->subject_link_text = STR("");
	if (!page->subject.len || !(rq->actor->roles & (ROLE_COORDINATOR | ROLE_AUDITOR | ROLE_SYSTEM_OWNER))
	    || people_find(&asking, page->subject, &person) != OK || !str_equal(person.code, page->subject))
		return;
	out_text(&at, "/people/");
	out_url(&at, person.code);
	page->subject_at = out_str(&at);
	page->subject_link_text = person.is_protected ? person.code : person.name;
}

static enum err get_leaf(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct audit_leaf_whole_row row;
	struct admin_log log;
	struct leaf leaf;
	int64_t index;

	TRY(admin_log_head(rq, &log));
	if (str_number(visit->rest, INT64_MAX - 1, &index) != OK || audit_leaf_whole(rq, index, &row) != OK)
		return fail(rq, ERR_NONE, _("There is no entry %.*s in the log."), STR_ARG(str_utf8_first(visit->rest, 30)));
	if (leaf_parse(row.leaf, &leaf) != OK)
		return fail(rq, ERR_CORRUPT, _("Entry %lld has another form than ours. Verify the log."), (long long)index);
	if (is_hidden(rq, &leaf))
		return fail(rq, ERR_NONE, _("There is no entry %.*s in the log."), STR_ARG(str_utf8_first(visit->rest, 30)));
	if (visit_field(visit, "raw").len) {
		out_put(&answer->body, row.leaf);
		answer->type = "application/json";
		answer->filename = str_print(rq->arena, "leaf-%lld.json", (long long)index);
		return OK;
	}
	const char *words = admin_action_words(leaf.action);
	struct out hash = out_new(rq->arena);
	out_hex(&hash, row.hash.at, row.hash.len);
	struct admin_leaf_page page = { .index = str_print(rq->arena, "%lld", (long long)index), .actor_raw = text_of(rq, leaf.actor),
		.words = words ? str_of(_(words)) : STR(""), .action = leaf.action, .subject = text_of(rq, leaf.subject), .hash = out_str(&hash),
		.leaf = row.leaf.len <= LEAF_SHOWN ? row.leaf : STR(""),
		.leaf_at = str_print(rq->arena, "/admin/audit/%lld?raw=1", (long long)index), .older_at = index > 0 ? str_print(rq->arena, "/admin/audit/%lld", (long long)index - 1) : STR(""),
		.newer_at = index + 1 < log.size ? str_print(rq->arena, "/admin/audit/%lld", (long long)index + 1) : STR("") };
	page.actor = admin_actor(rq, page.actor_raw);
	TRY(instant_parse(leaf.at, &page.at));
	fill_subject(rq, &page);
	fill_writes(rq, &leaf, &page);
	fill_documents(rq, &leaf, &page);
	admin_leaf_page(&answer->body, rq->language, &page);
	return OK;
}

PAGE_ACTS(log_acts, "verify")

#define MAY (ROLE_AUDITOR | ROLE_COORDINATOR | ROLE_SYSTEM_OWNER)
const struct page admin_audit_pages[] = {
	{ .path = "/admin/audit", .may_get = MAY, .may_post = ROLE_AUDITOR | ROLE_COORDINATOR, .get = get_log, .prepare = verify, .post = post_log, .act = log_acts,
	  .menu = N_("The log") },
	{ .path = "/admin/audit/:", .may_get = MAY, .get = get_leaf },
	{ 0 }
};
