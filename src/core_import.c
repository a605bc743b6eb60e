/* HR's file through the browser: sent, checked on a thread of its own, looked at, and only then applied.
 *
 *     POST /people/import     the file    -> a thread checks it           -> /me/job/1, which refreshes without script
 *     GET  /people/imported   what it would change, or what is wrong with it
 *     POST /people/imported   apply       -> a thread reads and checks it anew and applies it when it comes to the same  -> /me/job/1
 *
 * One file at a time, with the command line's. What was checked last lies here in memory with its file; a restart forgets it, and nothing
 * has been changed then. What was accepted is the store's: an import that a stop cuts off goes on at the start.
 *
 * SECURITY: coordinators only, and to apply in step-up. What is applied is what was shown: the same sealed file, and the same counts, or
 * it is refused. More leavers than the stop allows are let go only when their percentage is typed. Copies of problems have their
 * cells guarded against spreadsheets. */
#define LONG_LIVED
#include "core.h"
#include "floor/frame.h"
#include "floor/import.html.h"
#include "floor/imported.html.h"
#include "floor/job.h"
#include "floor/job.html.h"
#include "floor/people_import.h"
#include "base/world.h"
#include <fcntl.h>
#include <pthread.h>

enum { SHOWN = 200, BAD_KEPT = 200000, DOCUMENT = 33, KEPT_CEILING = 64 << 20 };

/* What was checked last. Under `lock`, but for the thread that fills it while is_running. */
struct checked {
	struct arena          *arena;
	struct str             name;
	int                    file;
	char                   document[DOCUMENT];
	bool                   skip_bad;
	enum err               verdict;
	struct people_counts   counts;
	int64_t                vanish, rows;
	bool                   is_file_bad;
	struct people_bad     *bad; size_t n_bad, n_bad_all;
	struct imported_page_changes *changes; size_t n_changes;
	bool                   has_more_changes;
};
static struct {
	pthread_mutex_t lock;
	bool            is_running, is_measured, has_checked;
	enum people_phase phase;
	int64_t         done, all;
	struct instant  phase_at;
	struct checked  checked;
} import = { .lock = PTHREAD_MUTEX_INITIALIZER, .checked = { .file = -1 } };

/* What a thread is to do. */
struct run { int file; struct people_wish wish; enum language language; char actor[80], title[256], document[DOCUMENT]; int64_t person, body; unsigned roles;
	struct instant stepped_up_at; };

static void forget(void)
{
	if (import.checked.file >= 0)
		close(import.checked.file);
	arena_end(import.checked.arena);
	import.checked = (struct checked){ .file = -1 };
	import.has_checked = false;
}

/* --- on the thread --- */

static void tell(void *of, enum people_phase phase, int64_t done, int64_t all)
{
	(void)of;
	pthread_mutex_lock(&import.lock);
	if (!import.is_measured || import.phase != phase)
		import.phase_at = world.now();
	import.is_measured = true;
	import.phase = phase;
	import.done = done;
	import.all = all;
	pthread_mutex_unlock(&import.lock);
}

struct keeping { struct arena *arena; struct checked *to; };

static enum err keep_change(void *of, const struct people_diff *diff)
{
	struct keeping *keeping = of;
	struct checked *to = keeping->to;
	struct arena *arena = keeping->arena;
	const char *what = diff->what == '+' ? N_("is new") : diff->what == '-' ? N_("leaves") : diff->is_back ? N_("comes back") : N_("changes");

	for (size_t i = 0; i < MAX(diff->n, (size_t)1); i++) {
		if (to->n_changes == SHOWN) {
			to->has_more_changes = true;
			return ERR_FULL;
		}
		bool has_column = i < diff->n;
		to->changes[to->n_changes++] = (struct imported_page_changes){ .code = str_copy(arena, diff->code), .what = what,
			.name = str_copy(arena, diff->name), .column = has_column ? str_of(people_column[diff->column[i].column]) : STR(""),
			.was = has_column ? str_copy(arena, diff->column[i].was) : STR(""),
			.becomes = has_column ? str_copy(arena, diff->column[i].becomes) : STR("") };
	}
	return OK;
}

/* The outcome is copied out of the check, which ends with its import. */
static enum err keep(struct rq *rq, struct people_check *check, enum err verdict, void *of)
{
	const struct run *run = of;
	const struct people_outcome *outcome = people_check_outcome(check);
	struct arena *arena = arena_new(KEPT_CEILING);
	struct checked to = { .arena = arena, .name = str_copy(arena, str_of(run->title)), .file = run->file, .verdict = verdict,
		.skip_bad = run->wish.skip_bad, .counts = outcome->counts, .vanish = people_vanish(outcome), .is_file_bad = outcome->is_file_bad,
		.n_bad = MIN(outcome->n_bad, (size_t)BAD_KEPT), .n_bad_all = outcome->n_bad };
	unsigned char random[16];

	to.rows = outcome->counts.added + outcome->counts.changed + outcome->counts.unchanged + outcome->counts.bad;
	to.bad = NEW_MANY(arena, to.n_bad + 1, struct people_bad);
	for (size_t i = 0; i < to.n_bad; i++) {
		to.bad[i] = outcome->bad[i];
		if (to.bad[i].heading)
			to.bad[i].heading = str_c(arena, str_of(to.bad[i].heading));
	}
	to.changes = NEW_MANY(arena, SHOWN + 1, struct imported_page_changes);
	struct keeping keeping = { arena, &to };
	enum err err = verdict == ERR_INVALID ? OK : people_check_each(rq, check, keep_change, &keeping);
	world.random(random, sizeof random);
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(to.document + 2 * i, 3, "%02x", random[i]);
	if (err != OK && !to.has_more_changes) {
		arena_end(arena);
		return err;
	}
	pthread_mutex_lock(&import.lock);
	forget();
	import.checked = to;
	import.has_checked = true;
	pthread_mutex_unlock(&import.lock);
	return OK;
}

/* Applied is what was shown, or nothing. */
static enum err compare(struct rq *rq, struct people_check *check, enum err verdict, void *of)
{
	const struct people_counts *now = &people_check_outcome(check)->counts, *then = of;

	if (verdict != OK)
		return OK;
	if (now->added != then->added || now->changed != then->changed || now->unchanged != then->unchanged || now->left != then->left
	    || now->bad != then->bad)
		return fail(rq, ERR_CONFLICT, _("The list of people has changed since the file was checked. Nothing was imported. Check the file again."));
	return OK;
}

static enum err run_guarded(struct rq *rq, struct run *run)
{
	struct people_progress progress = { tell, NULL };
	struct people_counts shown;

	ARENA_GUARD(rq->arena)
		return fail(rq, ERR_FULL, _("The file is larger than can be checked."));
	if (run->wish.is_dry)
		return people_import(rq, run->file, run->wish, progress, keep, run);
	pthread_mutex_lock(&import.lock);
	shown = import.checked.counts;
	pthread_mutex_unlock(&import.lock);
	return people_import(rq, run->file, run->wish, progress, compare, &shown);
}

static void *run_import(void *of)
{
	struct run *run = of;
	struct worker *worker = core_worker();
	struct rq rq = core_rq(worker, (struct actor){ .person = run->person, .name = str_of(run->actor), .roles = run->roles, .body = run->body,
		.stepped_up_at = run->stepped_up_at }, run->language);

	run->wish.title = str_of(run->title);
	enum err err = run_guarded(&rq, run);
	pthread_mutex_lock(&import.lock);
	bool is_kept = import.has_checked && import.checked.file == run->file;
	/* Applied: what was shown is the past. */
	if (!run->wish.is_dry && err == OK && is_kept)
		forget();
	else if (!is_kept)
		close(run->file);
	import.is_running = false;
	pthread_mutex_unlock(&import.lock);
	core_worker_back(worker);
	free(run);
	return NULL;
}

/* Takes over wish; `file` is kept by whoever calls until the thread has its own. */
static enum err begin(struct rq *rq, int file, struct people_wish wish, struct str title)
{
	struct run *run = calloc(1, sizeof *run);
	bool is_busy = people_import_is_running();

	if (!run)
		return fail(rq, ERR_FULL, "no memory");
	*run = (struct run){ .file = file, .wish = wish, .language = rq->language, .person = rq->actor->person, .body = rq->actor->body,
		.roles = rq->actor->roles, .stepped_up_at = rq->actor->stepped_up_at };
	snprintf(run->actor, sizeof run->actor, STR_FMT, STR_ARG(rq->actor->name));
	snprintf(run->title, sizeof run->title, STR_FMT, STR_ARG(str_utf8_first(title, sizeof run->title - 1)));
	pthread_mutex_lock(&import.lock);
	is_busy = is_busy || import.is_running;
	if (!is_busy) {
		import.is_running = true;
		import.is_measured = false;
	}
	bool has_begun = !is_busy && core_thread(run_import, run) == OK;
	if (!is_busy && !has_begun)
		import.is_running = false;
	pthread_mutex_unlock(&import.lock);
	if (has_begun)
		return OK;
	free(run);
	return fail(rq, ERR_BUSY, _("An import is running. Wait until it is done."));
}

/* --- the file is sent --- */

static bool is_busy_now(void)
{
	pthread_mutex_lock(&import.lock);
	bool ret = import.is_running;
	pthread_mutex_unlock(&import.lock);
	return ret || people_import_is_running();
}

static enum err draw_import(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct import_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .running_at = STR(""), .checked_at = STR(""),
		.checked = STR("") };

	if (is_busy_now())
		page.running_at = str_print(rq->arena, "/me/job/%d", JOB_IMPORT);
	pthread_mutex_lock(&import.lock);
	if (import.has_checked && !import.is_running) {
		page.checked_at = STR("/people/imported");
		page.checked = str_copy(rq->arena, import.checked.name);
	}
	pthread_mutex_unlock(&import.lock);
	answer->has_errors = wrongs->n != 0;
	import_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_import(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw_import(rq, visit, &(struct wrongs){ 0 }, answer);
}

/* Off the writer, once: a post may run twice, and a thread begun twice would be two. */
static enum err prepare_import(struct rq *rq, struct visit *visit)
{
	struct people_wish wish = { .is_dry = true, .vanish = PEOPLE_VANISH };
	size_t length = 0;

	visit->prepared = NULL;
	if (visit->file < 0 || !channel_file_is_sealed(visit->file, &length) || length == 0)
		return OK;
	int file = fcntl(visit->file, F_DUPFD_CLOEXEC, 3);
	if (file < 0)
		return fail(rq, ERR_FULL, _("There is no room for the file now. Try again in a moment."));
	enum err err = begin(rq, file, wish, visit_field(visit, "file"));
	if (err != OK)
		close(file);
	static const char begun[] = "begun";
	visit->prepared = (void *)(uintptr_t)begun;
	return err;
}

static enum err post_import(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };

	if (!visit->prepared) {
		wrong_add(&wrongs, "file", _("Choose a file that is not empty."));
		return draw_import(rq, visit, &wrongs, answer);
	}
	answer->location = str_print(rq->arena, "/me/job/%d?follow=1", JOB_IMPORT);
	return OK;
}

/* --- the result --- */

static void fill_problems(struct rq *rq, const struct checked *c, struct imported_page *page)
{
	size_t n = MIN(c->n_bad, (size_t)SHOWN);
	struct imported_page_problems *at = NEW_MANY(rq->arena, n + 1, struct imported_page_problems);

	for (size_t i = 0; i < n; i++) {
		const struct people_bad *bad = &c->bad[i];
		struct str column = bad->column < PEOPLE_COLUMNS ? str_of(people_column[bad->column]) : bad->heading ? str_copy(rq->arena, str_of(bad->heading)) : STR("");
		at[i] = (struct imported_page_problems){ .row = bad->row, .column = column, .problem = people_problem_text[bad->kind] };
	}
	page->problems = at;
	page->n_problems = n;
	page->more_problems = (int64_t)(c->n_bad_all - n);
}

static void fill_changes(struct rq *rq, const struct checked *c, struct imported_page *page)
{
	struct imported_page_changes *at = NEW_MANY(rq->arena, c->n_changes + 1, struct imported_page_changes);

	for (size_t i = 0; i < c->n_changes; i++) {
		const struct imported_page_changes *from = &c->changes[i];
		at[i] = (struct imported_page_changes){ .code = str_copy(rq->arena, from->code), .what = from->what, .name = str_copy(rq->arena, from->name),
			.column = from->column, .was = str_copy(rq->arena, from->was), .becomes = str_copy(rq->arena, from->becomes) };
	}
	page->changes = at;
	page->n_changes = c->n_changes;
	page->has_more_changes = c->has_more_changes;
}

/* False: nothing is checked now. The page's texts are copies: the next file may take the place of this one at any time. */
static bool fill_imported(struct rq *rq, struct imported_page *page)
{
	const struct checked *c = &import.checked;

	pthread_mutex_lock(&import.lock);
	bool is_there = import.has_checked && !import.is_running;
	if (is_there) {
		page->file = str_copy(rq->arena, c->name);
		page->document = str_copy(rq->arena, str_of(c->document));
		page->is_good = c->verdict == OK;
		page->is_vanishing = c->verdict == ERR_CONFLICT;
		page->is_skipping = c->skip_bad;
		page->is_file_bad = c->is_file_bad;
		page->may_skip = c->verdict == ERR_INVALID && !c->is_file_bad && !c->skip_bad;
		page->vanish_percent = c->vanish;
		page->vanish_most = PEOPLE_VANISH;
		page->rows = c->rows;
		page->added = c->counts.added;
		page->changed = c->counts.changed;
		page->unchanged = c->counts.unchanged;
		page->left = c->counts.left;
		page->bad = c->counts.bad;
		fill_problems(rq, c, page);
		fill_changes(rq, c, page);
	}
	pthread_mutex_unlock(&import.lock);
	return is_there;
}

static enum err draw_imported(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct answer *answer)
{
	struct imported_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .vanish_error = wrong_of(wrongs, "vanish"),
		.problems_at = STR("/people/imported?format=csv") };

	if (!fill_imported(rq, &page)) {
		answer->location = STR("/people/import");
		return OK;
	}
	answer->has_errors = wrongs->n != 0;
	imported_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err write_problems(struct rq *rq, struct answer *answer)
{
	struct out *out = &answer->body;

	out_text(out, "row,column,problem\r\n");
	pthread_mutex_lock(&import.lock);
	size_t n = import.has_checked ? import.checked.n_bad : 0;
	struct people_bad *bad = NEW_MANY(rq->arena, n + 1, struct people_bad);
	for (size_t i = 0; i < n; i++) {
		bad[i] = import.checked.bad[i];
		if (bad[i].heading)
			bad[i].heading = str_c(rq->arena, str_of(bad[i].heading));
	}
	pthread_mutex_unlock(&import.lock);
	for (size_t i = 0; i < n; i++) {
		out_print(out, "%u,", bad[i].row);
		out_csv(out, str_of(bad[i].column < PEOPLE_COLUMNS ? people_column[bad[i].column] : bad[i].heading ? bad[i].heading : ""));
		out_byte(out, ',');
		out_csv(out, str_of(_(people_problem_text[bad[i].kind])));
		out_text(out, "\r\n");
	}
	answer->type = "text/csv; charset=utf-8";
	answer->filename = STR("problems.csv");
	return OK;
}

static enum err get_imported(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return visit->wants_csv ? write_problems(rq, answer) : draw_imported(rq, visit, &(struct wrongs){ 0 }, answer);
}

/* What the form asks for, on the file that it was drawn for. ERR_NONE: another one is there now. */
static enum err wish_of(struct rq *rq, const struct visit *visit, struct people_wish *wish, int *ret_file, struct str *ret_name, bool *ret_is_confirmed)
{
	const struct checked *c = &import.checked;
	bool is_skip = str_equal(visit_field(visit, "act"), STR("skip"));
	int64_t typed = -1;
	enum err err = ERR_NONE;

	(void)str_number(visit_field(visit, "vanish"), 100, &typed);
	pthread_mutex_lock(&import.lock);
	if (import.has_checked && !import.is_running && str_equal(visit_field(visit, "document"), str_of(c->document))) {
		*wish = (struct people_wish){ .skip_bad = is_skip || c->skip_bad, .is_dry = is_skip, .vanish = is_skip ? PEOPLE_VANISH : MAX(c->vanish, (int64_t)PEOPLE_VANISH) };
		*ret_is_confirmed = is_skip ? c->verdict == ERR_INVALID : c->verdict == OK || (c->verdict == ERR_CONFLICT && typed == c->vanish);
		*ret_name = str_copy(rq->arena, c->name);
		*ret_file = is_skip ? fcntl(c->file, F_DUPFD_CLOEXEC, 3) : c->file;
		err = *ret_file < 0 ? ERR_FULL : OK;
	}
	pthread_mutex_unlock(&import.lock);
	return err;
}

static enum err prepare_imported(struct rq *rq, struct visit *visit)
{
	static const char begun[] = "begun", unconfirmed[] = "unconfirmed";
	struct people_wish wish;
	struct str name;
	bool is_confirmed;
	int file;

	visit->prepared = NULL;
	enum err err = wish_of(rq, visit, &wish, &file, &name, &is_confirmed);
	if (err == ERR_NONE)
		return OK;
	TRY(err);
	if (is_confirmed)
		err = begin(rq, file, wish, name);
	if ((!is_confirmed || err != OK) && wish.is_dry)
		close(file);
	visit->prepared = (void *)(uintptr_t)(is_confirmed ? begun : unconfirmed);
	return err;
}

static enum err post_imported(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };

	if (!visit->prepared)
		return fail(rq, ERR_CONFLICT, _("Another file has been checked since. Look at that one."));
	if (str_equal(str_of(visit->prepared), STR("unconfirmed"))) {
		wrong_add(&wrongs, "vanish", _("Write the percentage that would leave, as a number."));
		return draw_imported(rq, visit, &wrongs, answer);
	}
	answer->location = str_print(rq->arena, "/me/job/%d?follow=1", JOB_IMPORT);
	return OK;
}

/* --- the job --- */

static struct str number(struct rq *rq, int64_t n)
{
	struct out out = out_new(rq->arena);
	tongue_number(&out, rq->language, n);
	return out_str(&out);
}

/* How far: what the thread told last, else what the store counts. */
static void fill_measure(struct rq *rq, const struct job_get_row *job, struct job_page *page)
{
	bool is_told = false;
	struct instant since = job->began_at;
	enum people_phase phase = PEOPLE_APPLYING;

	page->done = job->done;
	page->total = job->total;
	pthread_mutex_lock(&import.lock);
	if (import.is_running && import.is_measured) {
		is_told = true;
		phase = import.phase;
		since = import.phase_at;
		page->done = import.done;
		page->total = import.all;
	}
	pthread_mutex_unlock(&import.lock);
	page->has_measure = page->total > 0 && (!is_told || phase == PEOPLE_APPLYING);
	page->percent = page->has_measure ? page->done * 100 / page->total : 0;
	if (!page->has_measure)
		page->sentence = str_of(_("The file is being read and checked. You can close this page."));
	else
		page->sentence = str_print(rq->arena, _("We are importing %.*s of %.*s changes. You can close this page."), STR_ARG(number(rq, page->done)),
		                           STR_ARG(number(rq, page->total)));
	int64_t passed = instant_since(rq->now, since).ms;
	if (page->has_measure && page->done && passed > 2000)
		page->ends_at = (struct instant){ rq->now.ms + passed * (page->total - page->done) / page->done };
}

static const struct { const char *word, *text; bool has_failed; } ends[] = {
	{ "done", N_("The file is imported."), false },
	{ "dry", N_("The file is checked. Nothing has been changed yet."), false },
	{ "bad", N_("Rows are wrong. Nothing has been changed."), true },
	{ "vanish", N_("More people would leave than may without a question. Nothing has been changed."), true },
	{ "lost", N_("The server stopped before the file was accepted. Nothing has been changed. Send the file again."), true },
	{ "failed", N_("The file could not be imported."), true },
};

static void fill_end(struct rq *rq, const struct job_get_row *job, struct job_page *page)
{
	static const char *const words[] = { N_("New"), N_("Changed"), N_("Unchanged"), N_("Leave"), N_("Wrong") };
	struct str rest = job->result, line = str_cut(&rest, '\n'), word = str_cut(&line, ' ');
	struct job_page_counts *counts = NEW_MANY(rq->arena, LENGTH(words), struct job_page_counts);
	size_t i = 0;

	while (i + 1 < LENGTH(ends) && !str_equal(word, str_of(ends[i].word)))
		i++;
	page->result = str_of(_(ends[i].text));
	page->has_failed = ends[i].has_failed;
	if (str_equal(word, STR("failed")) && rest.at && rest.len)
		page->result = rest;
	for (size_t k = 0; k < LENGTH(words); k++) {
		int64_t n = 0;
		(void)str_number(str_cut(&line, ' '), INT64_MAX, &n);
		counts[page->n_counts++] = (struct job_page_counts){ words[k], n };
	}
	page->counts = counts;
	pthread_mutex_lock(&import.lock);
	bool has_result = import.has_checked && !import.is_running;
	pthread_mutex_unlock(&import.lock);
	bool is_done = str_equal(word, STR("done"));
	page->next = str_of(is_done ? _("See everyone") : has_result ? _("See the result") : _("Import people"));
	page->next_at = is_done ? STR("/people") : has_result ? STR("/people/imported") : STR("/people/import");
}

static enum err get_job(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct job_get_row job;
	struct people_get_row who;
	int64_t id;
	struct job_page page = { .is_following = visit_field(visit, "follow").at != NULL, .self_at = visit->path,
		.follow_at = str_print(rq->arena, STR_FMT "?follow=1", STR_ARG(visit->path)), .sentence = STR(""), .result = STR(""), .next = STR(""), .next_at = STR("") };

	if (str_number(visit->rest, INT32_MAX, &id) != OK)
		return fail(rq, ERR_NONE, _("There is no such job."));
	enum err err = job_get(rq, id, &job);
	if (err == ERR_NONE && id == JOB_IMPORT && is_busy_now()) {
		job = (struct job_get_row){ .began_at = rq->now, .title = STR(""), .result = STR("") };       /* begun this moment */
		err = OK;
	}
	bool is_own = err == OK && job.person.is && job.person.i == rq->actor->person;
	if (err == ERR_NONE || (err == OK && !is_own && !(rq->actor->roles & ROLE_COORDINATOR)))
		return fail(rq, ERR_NONE, _("There is no such job."));
	TRY(err);
	page.title = str_of(_("Import of people"));
	page.file = job.title;
	page.began_at = job.began_at;
	page.who = job.person.is && people_get(rq, job.person.i, &who) == OK ? who.name : STR("");
	/* The thread ends a moment after its row does, and begins a moment before. */
	page.is_done = job.ended_at.is && !is_busy_now();
	page.ended_at.ms = page.is_done ? job.ended_at.i : 0;
	if (page.is_done)
		fill_end(rq, &job, &page);
	else
		fill_measure(rq, &job, &page);
	answer->refresh = page.is_following && !page.is_done ? 3 : 0;
	if (page.has_measure)
		answer->title = str_print(rq->arena, _("%lld per cent done: %s"), (long long)page.percent, _("Import of people"));
	job_page(&answer->body, rq->language, &page);
	return OK;
}

PAGE_ACTS(imported_acts, "apply", "skip")

const struct page core_import_pages[] = {
	{ .path = "/people/import", .may_get = ROLE_COORDINATOR, .may_post = ROLE_COORDINATOR, .get = get_import, .prepare = prepare_import, .post = post_import },
	{ .path = "/people/imported", .may_get = ROLE_COORDINATOR, .may_post = ROLE_COORDINATOR, .get = get_imported, .prepare = prepare_imported,
	  .post = post_imported, .act = imported_acts, .needs_step_up = true },
	{ .path = "/me/job/:", .may_get = ROLE_STAFF, .get = get_job },
	{ 0 }
};
