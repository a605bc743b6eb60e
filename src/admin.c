/* /admin: what runs, what is set, what the log holds; and the page where one setting is changed.
 *
 * Nothing is computed here that others know: gateways come from admin_gateway.c, settings from every point's own table, refusals and
 * counters from core's memory, the log's head from the store.
 *
 * SECURITY: read by coordinators, management and system owners; a setting is changed by a coordinator in step-up. Only names that stand in
 * a table are ever shown or set. Names of protected persons are not shown in lists. */
#include "admin.h"
#include "backup_note.h"
#include "core.h"
#include "desk.h"
#include "floor/admin.html.h"
#include "floor/admin_setting.html.h"
#include "floor/audit.sql.h"
#include "floor/frame.h"
#include "floor/gateway.sql.h"
#include "floor/leaf.h"
#include "floor/people.h"
#include "floor/refusal.h"
#include "floor/people_import.h"
#include "floor/setting.h"
#include "floor/setting.sql.h"
#include "floor/tree.h"
#include "wall_state.h"

enum { REFUSALS_SHOWN = 10, LONG_TEXT = 80, GROUPS_MOST = 40, BACKUP_DAYS = 2 };
static const unsigned may_see = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SYSTEM_OWNER;

struct str admin_actor(struct rq *rq, struct str actor)
{
	static const struct { const char *prefix, *text; } known[] = {
		{ "system", N_("the system itself") }, { "gateway", N_("the gateway") }, { "visitor", N_("a visitor") },
		{ "cli:", N_("on the server, as %.*s") }, { "token:", N_("the program %.*s") },
	};
	struct people_get_row person;
	struct people_named_row named;
	char room[1024];
	struct str canonical, rest = actor;

	if (str_starts(actor, STR("person:"))) {
		struct str code = str_from(actor, 7), as = code;
		code = str_cut(&as, ' ');
		if (people_canonical(code, room, sizeof room, &canonical) && people_named(rq, canonical, &named) == OK
		    && people_get(rq, named.person, &person) == OK)
			return person.is_protected ? str_from(actor, 7)
				: as.at ? str_print(rq->arena, STR_FMT " (" STR_FMT ")", STR_ARG(person.name), STR_ARG(str_from(actor, 7))) : person.name;
		return str_from(actor, 7);
	}
	for (size_t i = 0; i < LENGTH(known); i++)
		if (str_starts(actor, str_of(known[i].prefix))) {
			rest = str_from(actor, strlen(known[i].prefix));
			return strstr(known[i].text, "%") ? str_print(rq->arena, _(known[i].text), STR_ARG(rest)) : str_of(_(known[i].text));
		}
	return actor;
}

/* --- gateways and refusals --- */

static enum err fill_gateways(struct rq *rq, struct admin_page *page)
{
	struct admin_gateway *all;
	size_t n;

	TRY(admin_gateways(rq, &all, &n));
	struct admin_page_gateways *rows = NEW_MANY(rq->arena, n + 1, struct admin_page_gateways);
	for (size_t i = 0; i < n; i++) {
		struct gateway_silence_of_row silence;
		struct out at = out_new(rq->arena);
		out_text(&at, "/admin/gateway/");
		out_url(&at, all[i].name);
		rows[i] = (struct admin_page_gateways){ .name = all[i].name, .at = out_str(&at),
			.silence_at = str_print(rq->arena, STR_FMT "#when-silent", STR_ARG(out_str(&at))), .is_watch = all[i].is_watch,
			.refused = all[i].is_watch ? all[i].against : (int64_t)refusal_by(all[i].number), .is_authorise_only = all[i].is_authorise_only,
			.is_lenient = all[i].is_lenient, .is_named = all[i].is_named, .service = all[i].service, .product = STR(""), .decider = STR("") };
		enum err err = gateway_silence_of(rq, all[i].id, &silence);
		if (err != OK && err != ERR_NONE)
			return err;
		if (err == OK) {
			rows[i].product = silence.product;
			rows[i].decider = silence.decider;
			rows[i].decided_on = silence.decided_at;
		}
		page->undecided += err == ERR_NONE && all[i].is_named;
	}
	/* Who has not the gateway's page reads its name and no link. */
	for (size_t i = 0; i < n && !(rq->actor->roles & (ROLE_COORDINATOR | ROLE_SYSTEM_OWNER)); i++)
		rows[i].at = rows[i].silence_at = STR("");
	page->gateways = rows;
	page->n_gateways = n;
	return OK;
}

static void fill_counters(struct rq *rq, struct admin_page *page)
{
	static const char *const word[] = { N_("Requests"), N_("Accepted"), N_("Refused"), N_("Challenges passed on"), N_("Refused by the upstream"),
		N_("Sent again, answered alike"), N_("Replayed too late"), N_("From an unknown address"), N_("Wrongly signed"), N_("Not signed"),
		N_("Malformed"), N_("Over the budget"), N_("The upstream was silent"), N_("Accounting") };
	const uint64_t value[] = {
#define X(name) core_counters.name,
		GATEWAY_COUNTERS(X)
#undef X
	};
	_Static_assert(LENGTH(word) == LENGTH(value), "each counter has its word");
	struct admin_page_counters *rows = NEW_MANY(rq->arena, LENGTH(word), struct admin_page_counters);

	for (size_t i = 0; i < LENGTH(word); i++)
		rows[i] = (struct admin_page_counters){ word[i], (int64_t)value[i] };
	page->counters = rows;
	page->n_counters = LENGTH(word);
}

static void fill_refusals(struct rq *rq, struct admin_page *page)
{
	struct refusal *refusals;
	struct admin_gateway *all = NULL;
	size_t n = refusal_latest(rq->arena, &refusals), n_all = 0;
	struct admin_page_refusals *rows = NEW_MANY(rq->arena, REFUSALS_SHOWN, struct admin_page_refusals);

	if (admin_gateways(rq, &all, &n_all) != OK)
		n_all = 0;
	n = MIN(n, (size_t)REFUSALS_SHOWN);
	for (size_t i = 0; i < n; i++) {
		struct people_get_row person;
		rows[i] = (struct admin_page_refusals){ .at = refusals[i].at, .who = STR(""), .gateway = STR(""),
			.why = refusals[i].why, .is_watched = refusals[i].is_watched };
		if (refusals[i].person >= 0 && people_get(rq, refusals[i].person, &person) == OK)
			rows[i].who = person.is_protected ? person.code : person.name;
		if (refusals[i].gateway >= 0 && (size_t)refusals[i].gateway < n_all)
			rows[i].gateway = all[refusals[i].gateway].name;
	}
	page->refusals = rows;
	page->n_refusals = n;
}

/* --- the log --- */

enum err admin_log_head(struct rq *rq, struct admin_log *ret)
{
	struct admin_log log = { .root = STR("") };
	struct audit_frontier_get_row frontier;
	struct audit_checkpoint_last_row checkpoint;
	struct audit_verified_get_row verified;
	struct audit_leaf_get_row leaf;
	struct leaf parts;
	struct tree tree = { 0 };

	enum err err = audit_frontier_get(rq, &frontier);
	if (err != OK && err != ERR_NONE)
		return err;
	if (err == OK && frontier.hashes.len <= sizeof tree.frontier) {
		struct out root = out_new(rq->arena);
		tree.size = frontier.size;
		memcpy(tree.frontier, frontier.hashes.len ? frontier.hashes.at : "", frontier.hashes.len);
		out_base64(&root, tree_root(&tree).byte, 32);
		log.size = frontier.size;
		log.root = out_str(&root);
	}
	/* A checkpoint bears no time of its own: its last leaf, which closed the epoch, does. */
	if (audit_checkpoint_last(rq, &checkpoint) == OK && audit_leaf_get(rq, checkpoint.id - 1, &leaf) == OK && leaf_parse(leaf.leaf, &parts) == OK
	    && instant_parse(parts.at, &log.sealed_at) != OK)
		log.sealed_at = (struct instant){ 0 };
	if (audit_verified_get(rq, &verified) == OK) {
		log.verified_at = verified.at;
		log.faults = verified.faults;
	}
	*ret = log;
	return OK;
}

static enum err fill_log(struct rq *rq, struct admin_page *page)
{
	struct admin_log log;

	TRY(admin_log_head(rq, &log));
	page->log_size = log.size;
	page->log_root = log.root;
	page->sealed_at = log.sealed_at;
	page->verified_at = log.verified_at;
	page->log_is_whole = log.verified_at.ms && log.faults == 0;
	return OK;
}

/* --- checks and backups --- */

static enum err fill_checks(struct rq *rq, struct admin_page *page)
{
	static const struct state_page shape[] = { [CHECK_OK] = { { "ok", 2 }, N_("In order") }, [CHECK_WARN] = { { "act", 3 }, N_("Warning") },
		[CHECK_FAIL] = { { "fail", 4 }, N_("Failing") } };
	struct checks checks;

	TRY(doctor_look(rq, false, &checks));
	struct admin_page_checks *rows = NEW_MANY(rq->arena, checks.n + 1, struct admin_page_checks);
	for (size_t i = 0; i < checks.n; i++) {
		rows[i] = (struct admin_page_checks){ str_of(checks.at[i].name), shape[checks.at[i].state], checks.at[i].text };
		page->failing += checks.at[i].state == CHECK_FAIL;
		page->warning += checks.at[i].state == CHECK_WARN;
	}
	page->checks = rows;
	page->n_checks = checks.n;
	return OK;
}

static void fill_backup(struct rq *rq, struct admin_page *page)
{
	struct backup_note note;
	struct out size = out_new(rq->arena);

	page->backup_file = page->backup_size = STR("");
	if (!backup_note_read(people_home(), &note))
		return;
	tongue_number(&size, rq->language, (note.bytes + 1023) / 1024);
	page->backup_at = note.at;
	page->backup_file = str_copy(rq->arena, str_of(note.path));
	page->backup_size = str_print(rq->arena, STR_FMT " KiB", STR_ARG(out_str(&size)));
	page->backup_is_old = instant_is_before(instant_plus(note.at, DAYS(BACKUP_DAYS)), rq->now);
}

/* --- settings --- */

/* A setting belongs to whom its name says: a point's question, or the house. */
static struct str heading_of(struct rq *rq, struct str group)
{
	for (size_t i = 0; points[i]; i++)
		if (str_equal(group, str_of(points[i]->name)))
			return str_of(_(points[i]->question));
	return str_of(_("The house"));
}

static struct str limits_of(struct rq *rq, const struct setting *s)
{
	if (s->type == SETTING_BOOL)
		return str_of(_("yes or no"));
	if (s->type == SETTING_NUMBER)
		return str_print(rq->arena, _("%lld to %lld"), (long long)s->least, (long long)s->most);
	return STR("");
}

static struct str shown(struct rq *rq, const struct setting *s, struct str value)
{
	if (s->type == SETTING_BOOL)
		return str_of(str_equal(value, STR("yes")) ? _("yes") : _("no"));
	return value.len > LONG_TEXT ? str_print(rq->arena, STR_FMT "…", STR_ARG(str_utf8_first(value, LONG_TEXT))) : value;
}

static struct admin_page_groups_settings setting_row(struct rq *rq, const struct setting *s, const struct setting_all_row *changed, size_t n)
{
	struct str value = setting_value(rq, s), standard = setting_standard(rq, s);
	bool is_standard = str_equal(value, standard), may = rq->actor->roles & ROLE_COORDINATOR && !s->is_fixed;
	struct admin_page_groups_settings row = { .name = str_of(s->name), .sentence = s->sentence, .value = shown(rq, s, value),
		.standard = is_standard ? STR("") : shown(rq, s, standard), .limits = limits_of(rq, s), .who = STR(""),
		.at = may ? str_print(rq->arena, "/admin/setting/%s", s->name) : STR("") };

	for (size_t i = 0; i < n; i++)
		if (str_equal(changed[i].name, str_of(s->name)) && changed[i].changed_by.len) {
			row.who = admin_actor(rq, changed[i].changed_by);
			row.changed_at = changed[i].changed_at;
		}
	return row;
}

static enum err fill_settings(struct rq *rq, struct admin_page *page)
{
	struct admin_page_groups *groups = NEW_MANY(rq->arena, GROUPS_MOST, struct admin_page_groups);
	struct setting_all_row *changed;
	const struct setting *s;
	size_t n_changed, n_all = 0, n = 0;
	struct str last = STR_NONE;

	TRY(setting_all(rq, &changed, &n_changed));
	for (size_t at = 0; setting_next(&at); )
		n_all++;
	struct admin_page_groups_settings *rows = NEW_MANY(rq->arena, n_all + 1, struct admin_page_groups_settings);
	for (size_t at = 0; (s = setting_next(&at)); rows++) {
		struct str rest = str_of(s->name), heading = heading_of(rq, str_cut(&rest, '.'));
		*rows = setting_row(rq, s, changed, n_changed);
		if (n == 0 || (!str_equal(heading, last) && n < GROUPS_MOST))
			groups[n++] = (struct admin_page_groups){ .heading = heading, .settings = rows };
		groups[n - 1].n_settings++;
		last = heading;
	}
	page->groups = groups;
	page->n_groups = n;
	return OK;
}

static enum err get_admin(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct admin_page page = { .done = visit_field(visit, "done").len ? str_of(_("The setting is saved.")) : STR(""), .counted_at = core.started_at,
		.may_change = (rq->actor->roles & ROLE_COORDINATOR) != 0, .may_outbox = (rq->actor->roles & (ROLE_COORDINATOR | ROLE_SYSTEM_OWNER)) != 0,
		.may_log = (rq->actor->roles & (ROLE_COORDINATOR | ROLE_AUDITOR | ROLE_SYSTEM_OWNER)) != 0 };

	TRY(fill_gateways(rq, &page));
	fill_counters(rq, &page);
	fill_refusals(rq, &page);
	TRY(fill_log(rq, &page));
	TRY(fill_checks(rq, &page));
	fill_backup(rq, &page);
	TRY(fill_settings(rq, &page));
	admin_page(&answer->body, rq->language, &page);
	return OK;
}

/* --- one setting --- */

static enum err find_setting(struct rq *rq, const struct visit *visit, const struct setting **ret)
{
	const struct setting *s = setting_named(visit->rest);

	if (!s || s->is_fixed)
		return fail(rq, ERR_NONE, s ? _("\"%.*s\" is not to be set by hand") : _("there is no setting \"%.*s\""),
		            STR_ARG(str_utf8_first(visit->rest, 60)));
	*ret = s;
	return OK;
}

static enum err draw_setting(struct rq *rq, const struct visit *visit, const struct setting *s, const struct wrongs *wrongs, struct answer *answer)
{
	struct admin_setting_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .name = str_of(s->name),
		.sentence = s->sentence, .value = field_again(visit, wrongs, "value", true), .standard = shown(rq, s, setting_standard(rq, s)),
		.limits = limits_of(rq, s), .is_long = false, .self_at = str_print(rq->arena, "/admin/setting/%s", s->name) };

	if (!wrongs->n)
		page.value.value = setting_value(rq, s);
	page.is_long = page.value.value.len > LONG_TEXT;
	page.text = page.value.value;
	answer->has_errors = wrongs->n != 0;
	answer->title = str_print(rq->arena, "%s: %s", _("Change a setting"), s->name);
	admin_setting_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_setting(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	const struct setting *s;

	TRY(find_setting(rq, visit, &s));
	return draw_setting(rq, visit, s, &(struct wrongs){ 0 }, answer);
}

/* A form may say yes in the reader's language; the store holds English. */
static struct str as_stored(struct rq *rq, const struct setting *s, struct str value)
{
	if (s->type != SETTING_BOOL)
		return value.at ? value : STR("");
	if (str_equal(value, str_of(_("yes"))))
		return STR("yes");
	return str_equal(value, str_of(_("no"))) ? STR("no") : value;
}

static enum err post_setting(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct wrongs wrongs = { 0 };
	const struct setting *s;
	struct change *change;

	TRY(find_setting(rq, visit, &s));
	/* Checked before the leaf is begun: a change with a wrong value must leave none. */
	struct str value = as_stored(rq, s, visit_field(visit, "value"));
	if (setting_check(rq, s, value) != OK) {
		wrong_add(&wrongs, "value", rq->trouble->text);
		return draw_setting(rq, visit, s, &wrongs, answer);
	}
	TRY(audit_begin(rq, "setting.set", str_of(s->name), &change));
	TRY(setting_set(change, str_of(s->name), value));
	change_touch_site(change);
	answer->status = 303;
	answer->location = STR("/admin?done=setting#settings");
	return OK;
}

const struct page admin_pages[] = {
	{ .path = "/admin", .may_get = may_see, .get = get_admin, .menu = N_("Administration") },
	{ .path = "/admin/setting/:", .may_get = ROLE_COORDINATOR, .may_post = ROLE_COORDINATOR, .get = get_setting, .post = post_setting,
	  .needs_step_up = true },
	{ 0 }
};
