/* /incidents/links: reported links, siblings together; /incidents/links/DOMAIN: one group and what is decided about it, in one form;
 * /incidents/blocks: the list with the time that each took, and its files.
 *
 * SECURITY: hosts are shown as text, never as links that could be followed. What the form says is read anew by the reader before it is decided
 * (block.c), whatever the page offered. Numbers of confidential incidents are shown to coordinators alone. */
#include "block.h"
#include "floor/reading.h"
#include "points/incidents/incidents_blocks.html.h"
#include "points/incidents/incidents_link.html.h"
#include "points/incidents/incidents_links.html.h"

enum { PAGE = 30, CHOICES = 12 };

static const char *const verdict_word[] = { [LINK_OURS] = N_("One of our pages"), [LINK_NOT_OURS] = N_("Not ours"), [LINK_IMITATES] = N_("Imitates us") };

/* The door's sentences, here without its code. */
static const char *const reason_text[LINK_REASON_COUNT] = {
#define X(name, code, text) text,
	LINK_REASONS(X)
#undef X
};

static const char *word_of(int64_t verdict)
{
	return verdict_word[MIN(MAX(verdict, (int64_t)0), (int64_t)LINK_IMITATES)];
}

static struct str at_group(struct rq *rq, struct str domain)
{
	struct out out = out_new(rq->arena);

	out_text(&out, "/incidents/links/");
	out_url(&out, domain);
	return out_str(&out);
}

static int64_t before_of(const struct visit *visit)
{
	int64_t before;

	return str_number(visit_field(visit, "before"), INT64_MAX - 1, &before) == OK ? before : INT64_MAX;
}

static struct pager_page pager(struct rq *rq, const char *path, int64_t before, bool has_more, int64_t last)
{
	return (struct pager_page){ .first_at = before == INT64_MAX ? STR("") : str_of(path),
		.next_at = has_more ? str_print(rq->arena, "%s?before=%lld", path, (long long)last) : STR("") };
}

static enum err median_text(struct rq *rq, struct str *ret, int64_t *ret_of)
{
	int64_t median;
	size_t n;

	TRY(block_median(rq, &median, &n));
	*ret = n ? block_span(rq, median) : STR("");
	*ret_of = (int64_t)n;
	return OK;
}

/* --- the groups --- */

static enum err state_of(struct rq *rq, const struct block_groups_row *group, struct state_page *ret)
{
	struct block_of_row *rows;
	size_t n;

	TRY(block_of(rq, rq->now, group->domain, &rows, &n));
	*ret = group->verdict == LINK_OURS ? (struct state_page){ STR("ok"), N_("Ours") } : (struct state_page){ STR("act"), N_("To be decided") };
	for (size_t i = 0; i < n; i++) {
		*ret = rows[i].is_left ? (struct state_page){ STR("unknown"), N_("Left alone") } : (struct state_page){ STR("ok"), N_("Blocked") };
		if (!rows[i].is_left)
			break;
	}
	return OK;
}

enum err incidents_get_links(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_links_page_groups groups[PAGE];
	struct incidents_links_page page = { .groups = groups };
	struct block_groups_row *rows;
	struct block_count_row count;
	int64_t before = before_of(visit);
	size_t n;

	TRY(block_groups(rq, incidents_sees_confidential(rq), before, &rows, &n));
	TRY(block_count(rq, rq->now, &count));
	TRY(median_text(rq, &page.median, &page.median_of));
	page.blocked = count.n;
	for (size_t i = 0; i < MIN(n, (size_t)PAGE); i++) {
		groups[i] = (struct incidents_links_page_groups){ .domain = rows[i].domain, .at = at_group(rq, rows[i].domain), .n = rows[i].n, .hosts = rows[i].hosts,
			.first_at = rows[i].first_at, .last_at = rows[i].last_at, .verdict = word_of(rows[i].verdict), .imitates = rows[i].imitates };
		TRY(state_of(rq, &rows[i], &groups[i].state));
		page.n_groups++;
	}
	page.pager = pager(rq, "/incidents/links", before, n > PAGE, n ? rows[MIN(n, (size_t)PAGE) - 1].newest : 0);
	page.empty = (struct empty_page){ .what = str_of(_("Nobody has reported a link yet. Whoever gets a strange one writes it at /rapportera.")),
		.next = str_of(_("Report a link")), .next_at = STR("/incidents/report") };
	incidents_links_page(&answer->body, rq->language, &page);
	return OK;
}

/* --- one group --- */

static enum err fill_found(struct rq *rq, struct str domain, struct incidents_link_page *page)
{
	struct block_incidents_row *incidents;
	struct block_alike_row *alike = NULL;
	struct block_group_row group;
	struct block_newest_row newest = { 0 };
	size_t n_incidents, n_alike = 0;

	TRY(block_group(rq, domain, incidents_sees_confidential(rq), &group));
	if (block_newest(rq, domain, incidents_sees_confidential(rq), &newest) == OK && group.n) {
		page->n = group.n;
		page->is_many = group.n > 1;
		page->first_at.ms = group.first_at.i;
		page->last_at.ms = group.last_at.i;
		page->verdict = word_of(group.verdict.i);
		page->imitates = group.imitates;
		struct incidents_link_page_reasons *reasons = NEW_MANY(rq->arena, LINK_REASON_COUNT, struct incidents_link_page_reasons);
		for (int i = 0; i < LINK_REASON_COUNT; i++)
			if (newest.reasons & (int64_t)1 << i)
				reasons[page->n_reasons++].word = reason_text[i];
		page->reasons = reasons;
		if (group.imitates.len)
			TRY(block_alike(rq, group.imitates, domain, incidents_sees_confidential(rq), &alike, &n_alike));
	}
	TRY(block_incidents(rq, domain, &incidents, &n_incidents));
	struct incidents_link_page_incidents *shown = NEW_MANY(rq->arena, n_incidents + 1, struct incidents_link_page_incidents);
	for (size_t i = 0; i < n_incidents; i++)
		if (!incidents[i].is_confidential || incidents_sees_confidential(rq))
			shown[page->n_incidents++] = (struct incidents_link_page_incidents){ incidents[i].number,
				str_print(rq->arena, "/incidents/%.*s", STR_ARG(incidents[i].number)), incidents_shape(incidents[i].state) };
	page->incidents = shown;
	struct incidents_link_page_alike *others = NEW_MANY(rq->arena, n_alike + 1, struct incidents_link_page_alike);
	for (size_t i = 0; i < n_alike; i++)
		others[i] = (struct incidents_link_page_alike){ alike[i].domain, at_group(rq, alike[i].domain), alike[i].n };
	page->alike = others;
	page->n_alike = n_alike;
	return OK;
}

static enum err fill_decisions(struct rq *rq, struct str domain, struct incidents_link_page *page)
{
	struct block_of_row *rows;
	size_t n;

	TRY(block_of(rq, rq->now, domain, &rows, &n));
	struct incidents_link_page_decisions *decisions = NEW_MANY(rq->arena, n + 1, struct incidents_link_page_decisions);
	for (size_t i = 0; i < n; i++)
		decisions[i] = (struct incidents_link_page_decisions){ .host = rows[i].host, .is_left = rows[i].is_left, .is_below = rows[i].is_below,
			.because = rows[i].because, .by = incidents_person(rq, (struct maybe_int){ true, rows[i].decided_by }), .decided_at = rows[i].decided_at,
			.until_at = rows[i].until_at, .may_end = page->may_decide,
			.took = rows[i].first_at.is && !rows[i].is_left ? block_span(rq, rows[i].decided_at.ms - rows[i].first_at.i) : STR("") };
	page->decisions = decisions;
	page->n_decisions = n;
	return OK;
}

static bool is_blocked(const struct incidents_link_page *page, struct str host)
{
	for (size_t i = 0; i < page->n_decisions; i++)
		if (!page->decisions[i].is_left && str_equal(page->decisions[i].host, host))
			return true;
	return false;
}

/* The domain with all below it first, then each host: what is not decided yet. */
static enum err fill_hosts(struct rq *rq, const struct visit *visit, struct str domain, struct incidents_link_page *page)
{
	struct incidents_link_page_choices *choices = NEW_MANY(rq->arena, CHOICES + 1, struct incidents_link_page_choices);
	struct str wished = visit_field(visit, "host");
	struct block_hosts_row *rows;
	bool is_whole = is_blocked(page, domain);
	size_t n;

	TRY(block_hosts(rq, domain, incidents_sees_confidential(rq), &rows, &n));
	struct incidents_link_page_hosts *hosts = NEW_MANY(rq->arena, n + 1, struct incidents_link_page_hosts);
	/* A number has nothing below it. */
	bool is_number = str_find(domain, ':') < domain.len || !domain.len || (domain.at[domain.len - 1] >= '0' && domain.at[domain.len - 1] <= '9');
	if (!is_whole && !is_number)
		choices[page->n_choices++] = (struct incidents_link_page_choices){ str_print(rq->arena, "*.%.*s", STR_ARG(domain)), domain, .is_below = true };
	if (!is_whole && n == 0)
		choices[page->n_choices++] = (struct incidents_link_page_choices){ domain, domain };
	for (size_t i = 0; i < n; i++) {
		hosts[i] = (struct incidents_link_page_hosts){ rows[i].host, rows[i].n, rows[i].first_at, rows[i].last_at, word_of(rows[i].verdict) };
		if (!is_whole && page->n_choices < CHOICES && !is_blocked(page, rows[i].host))
			choices[page->n_choices++] = (struct incidents_link_page_choices){ rows[i].host, rows[i].host };
	}
	for (size_t i = 0; i < page->n_choices; i++)
		choices[i].is_chosen = wished.at ? str_equal(wished, choices[i].value) : n == 1 ? !choices[i].is_below : i == 0;
	page->hosts = hosts;
	page->n_hosts = n;
	page->choices = choices;
	return OK;
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct str domain = visit->rest;
	struct incidents_link_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .self_at = at_group(rq, domain), .domain = domain,
		.may_decide = (rq->actor->roles & BLOCK_ROLES) != 0 && rq->actor->person >= 0, .host_error = wrong_of(wrongs, "host") };
	bool is_ours = block_is_ours(rq, domain, true);

	TRY(fill_found(rq, domain, &page));
	TRY(fill_decisions(rq, domain, &page));
	TRY(fill_hosts(rq, visit, domain, &page));
	page.may_decide &= page.n_choices > 0;
	page.may_block = !is_ours;
	page.why_not = is_ours ? str_of(_("It is ours, or holds one of our pages: it cannot be blocked.")) : STR("");
	page.days = field_again(visit, wrongs, "days", true);
	page.because = field_again(visit, wrongs, "because", true);
	if (!page.days.value.len)
		page.days.value = str_print(rq->arena, "%d", BLOCK_DAYS);
	answer->has_errors = wrongs->n > 0;
	answer->title = domain;
	incidents_link_page(&answer->body, rq->language, &page);
	return OK;
}

/* Only what a host can be: the address is typed by anybody. */
static bool is_sound(struct str domain)
{
	for (size_t i = 0; i < domain.len; i++) {
		char c = domain.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr(".-_:[]", c))))
			return false;
	}
	return domain.len > 0 && domain.len < 254 && str_find(domain, '.') + str_find(domain, ':') < 2 * domain.len;
}

static enum err there_is_none(struct rq *rq)
{
	return fail(rq, ERR_NONE, "%s", _("There is no such host."));
}

enum err incidents_get_link(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return is_sound(visit->rest) ? draw(rq, visit, &(struct wrongs){ 0 }, answer) : there_is_none(rq);
}

static bool is_act(const struct visit *visit, const char *name)
{
	return str_equal(visit_field(visit, "act"), str_of(name));
}

enum err incidents_prepare_link(struct rq *rq, struct visit *visit)
{
	struct block_seen *seen = NEW(rq->arena, struct block_seen);
	struct str host = visit_field(visit, "host");

	visit->prepared = seen;
	if (is_act(visit, "unblock") || !(rq->actor->roles & BLOCK_ROLES))
		return OK;
	return block_look_at_host(rq, str_starts(host, STR("*.")) ? str_from(host, 2) : host, seen);
}

static enum err decide(struct rq *rq, const struct visit *visit, const char **ret_field)
{
	struct block_wish wish = { .is_left = is_act(visit, "leave"), .is_below = str_starts(visit_field(visit, "host"), STR("*.")),
		.because = visit_field(visit, "because"), .by = rq->actor->person };

	if (visit->prepared)
		wish.seen = *(const struct block_seen *)visit->prepared;
	if (str_number(visit_field(visit, "days"), BLOCK_DAYS_MOST + 1, &wish.days) != OK)
		wish.days = 0;
	enum err err = block_decide(rq, &wish);
	*ret_field = wish.field;
	return err;
}

static enum err end(struct rq *rq, const struct visit *visit, const char **ret_field)
{
	struct block_over over = { .host = visit_field(visit, "host"), .because = visit_field(visit, "because"), .by = rq->actor->person };
	enum err err = block_undo(rq, &over);

	*ret_field = over.field;
	return err;
}

enum err incidents_post_link(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct trouble *trouble = NEW(rq->arena, struct trouble);
	struct rq *asking = NEW(rq->arena, struct rq);       /* the leaf is closed with it after we have returned */
	struct wrongs wrongs = { 0 };
	const char *field = NULL;

	if (!is_sound(visit->rest))
		return there_is_none(rq);
	*trouble = (struct trouble){ 0 };
	*asking = *rq;
	asking->trouble = trouble;
	enum err err = is_act(visit, "unblock") ? end(asking, visit, &field) : decide(asking, visit, &field);
	if (err != OK && !field)
		return fail(rq, err, "%s", trouble->text);
	if (err != OK) {
		wrong_add(&wrongs, field, str_c(rq->arena, str_of(trouble->text)));
		return draw(rq, visit, &wrongs, answer);
	}
	answer->status = 303;
	answer->location = at_group(rq, visit->rest);
	return OK;
}

/* --- the list --- */

enum err incidents_get_blocks(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_blocks_page_blocks blocks[PAGE];
	struct incidents_blocks_page page = { .blocks = blocks };
	struct out unseen = out_new(rq->arena);
	struct block_page_row *rows;
	int64_t before = before_of(visit);
	size_t n;

	TRY(block_page(rq, rq->now, before, &rows, &n));
	TRY(median_text(rq, &page.median, &page.median_of));
	if (n)
		TRY(block_export(rq, BLOCK_CSV, &unseen, &page.kept));
	for (size_t i = 0; i < MIN(n, (size_t)PAGE); i++)
		blocks[page.n_blocks++] = (struct incidents_blocks_page_blocks){ .host = rows[i].host, .at = at_group(rq, rows[i].host), .is_below = rows[i].is_below,
			.because = rows[i].because, .decided_at = rows[i].decided_at, .until_at = rows[i].until_at,
			.took = rows[i].first_at.is ? block_span(rq, rows[i].decided_at.ms - rows[i].first_at.i) : STR("") };
	page.pager = pager(rq, "/incidents/blocks", before, n > PAGE, n ? rows[MIN(n, (size_t)PAGE) - 1].id : 0);
	page.empty = (struct empty_page){ .what = str_of(_("Nothing is blocked. A host comes here when somebody decides so about a reported link.")),
		.next = str_of(_("Reported links")), .next_at = STR("/incidents/links") };
	incidents_blocks_page(&answer->body, rq->language, &page);
	return OK;
}

enum err incidents_get_export(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	enum block_format format = visit->wants_csv ? BLOCK_CSV : BLOCK_HOSTS;
	int64_t kept;

	for (int i = 0; i < BLOCK_FORMATS; i++)
		if (str_equal(visit_field(visit, "as"), str_of(block_formats[i].name)))
			format = i;
	TRY(block_export(rq, format, &answer->body, &kept));
	answer->type = block_formats[format].type;
	answer->filename = str_of(block_formats[format].file);
	return OK;
}
