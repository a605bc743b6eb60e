/* /incidents/rules and `incidents rules`: every rule of the watch with what it means, its numbers now, how severe it is and where it comes from.
 *
 * The counting rules' numbers are the standard ones, changed by the setting incidents.rules, written as in a file of `lines replay --rules` with ; between:
 * "R1.failed = 8; R5 = off". What cannot be read there changes nothing, and the page says so.
 *
 * A rule without what it needs is off, and says why: R8 without a file of places (watch.places) that can be used; R9 while nobody has been granted anything is core's to know. */
#include "incidents.h"
#include "log.h"
#include "points/incidents/watch_page.h"
#include "points/incidents/watch_standing.h"
#include "points/incidents/incidents_rules.html.h"
#include "floor/setting.h"

enum { VERSION = 1 };

static const struct { const char *title, *definition, *source; } words[WATCH_R9] = {
	[WATCH_R1] = { N_("Guessing, fast"), N_("Failed logins from one address."), "CrowdSec, ssh-bf" },
	[WATCH_R2] = { N_("Guessing"), N_("Failed logins from one address."), "CrowdSec, ssh-slow-bf; fail2ban" },
	[WATCH_R3] = { N_("Guessing, slow"), N_("Failed logins from one address with long pauses; a success ends it."), "CrowdSec, very slow" },
	[WATCH_R4] = { N_("Spraying"), N_("Several accounts fail from one address or network, and more fail there than come in."), "Microsoft Sentinel, password spray" },
	[WATCH_R5] = { N_("Distributed guessing"), N_("Several accounts fail from several addresses."), "Elastic, Okta" },
	[WATCH_R6] = { N_("Failures, then success"), N_("One account fails from one address and then comes in."), "Elastic, Linux" },
	[WATCH_R7] = { N_("Second factor fatigue"), N_("Somebody says no to her second factor again and again; graver when she then says yes."), "Elastic, Okta" },
	[WATCH_R8] = { N_("Impossible travel"), N_("Two logins of one account are too far apart to travel between."), "Elastic, Entra" },
};
static const char *const severity_word[] = { N_("4 of 5, limited"), N_("3 of 5, moderate"), N_("2 of 5, significant"), N_("1 of 5, severe") };

enum err watch_rules_now(struct rq *rq, struct watch_rules *ret)
{
	struct str text = setting_text(rq, "incidents.rules");
	char *lines = arena_take(rq->arena, text.len + 1);

	*ret = watch_rules_standard();
	for (size_t i = 0; i < text.len; i++)
		lines[i] = text.at[i] == ';' ? '\n' : text.at[i];
	struct watch_rules changed = *ret;
	TRY(watch_rules_read(rq, (struct str){ lines, text.len }, &changed));
	*ret = changed;
	return OK;
}

static void add(struct out *out, const char *text)
{
	if (out->len)
		out_text(out, ", ");
	out_text(out, text);
}

static struct str window_of(struct rq *rq, int64_t seconds)
{
	if (!seconds)
		return STR("");
	return seconds % 3600 == 0 ? str_print(rq->arena, "%lld h", (long long)seconds / 3600)
	     : seconds % 60 == 0 ? str_print(rq->arena, "%lld min", (long long)seconds / 60) : str_print(rq->arena, "%lld s", (long long)seconds);
}

static struct str threshold_of(struct rq *rq, const struct watch_rule *rule)
{
	struct out out = out_new(rq->arena);

	if (rule->failed)
		add(&out, str_c(rq->arena, str_print(rq->arena, tongue_n(rq->language, "%lld failed login", "%lld failed logins", rule->failed), (long long)rule->failed)));
	if (rule->users && !rule->km)
		add(&out, str_c(rq->arena, str_print(rq->arena, tongue_n(rq->language, "%lld account", "%lld accounts", rule->users), (long long)rule->users)));
	if (rule->addresses)
		add(&out, str_c(rq->arena, str_print(rq->arena, tongue_n(rq->language, "%lld address", "%lld addresses", rule->addresses), (long long)rule->addresses)));
	if (rule->gap_s)
		add(&out, str_c(rq->arena, str_print(rq->arena, _("pauses over %.*s"), STR_ARG(window_of(rq, rule->gap_s)))));
	if (rule->km)
		add(&out, str_c(rq->arena, str_print(rq->arena, _("%lld km, %lld km/h, not from an address of %lld accounts"), (long long)rule->km, (long long)rule->km_h,
		    (long long)rule->users)));
	return out_str(&out);
}

enum { ROWS = 40 };
static enum err fill(struct rq *rq, const struct watch_rules *rules, struct incidents_rules_page_rules ret[ROWS], size_t *ret_n)
{
	bool has_places;
	size_t n = 0;

	TRY(incidents_logs_have_places(rq, &has_places));

	for (int i = WATCH_R1; i < WATCH_R9; i++) {
		const struct watch_rule *rule = &rules->rule[i];
		const char *why = rule->is_off ? N_("Off: by the setting") : rule->lacks && !has_places ? N_("Off: no places") : N_("On");
		ret[n++] = (struct incidents_rules_page_rules){ .name = str_of(rule->name), .title = words[i].title, .definition = words[i].definition,
			.threshold = threshold_of(rq, rule), .window = window_of(rq, rule->window.ms / 1000), .severity = severity_word[rule->severity],
			.source = words[i].source, .state = { str_of(rule->is_off || (rule->lacks && !has_places) ? "unknown" : "ok"), why } };
	}
	for (const struct watch_standing *row = watch_standing; row->rule && n < ROWS; row++)
		ret[n++] = (struct incidents_rules_page_rules){ .name = str_of(row->rule), .title = row->scope == SCOPE_REMOTE ? N_("Remote access") : N_("Any login"),
			.definition = row->definition, .source = row->source, .severity = incidents_severities[row->severity - 1].word,
			.threshold = STR(""), .window = strcmp(row->rule, "R10.idle") == 0 ? str_print(rq->arena, "%lld d", (long long)setting_number(rq, "incidents.idle_days"))
			: STR(""), .state = { STR("ok"), N_("On") } };
	*ret_n = n;
	return OK;
}

static enum err read_rules(struct rq *rq, struct watch_rules *rules, struct str *ret_wrong)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	*ret_wrong = watch_rules_now(&asking, rules) == OK ? STR("") : str_print(rq->arena, "%s", trouble.text);
	return OK;
}

enum err watch_get_rules(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_rules_page_rules *rows = NEW_MANY(rq->arena, ROWS, struct incidents_rules_page_rules);
	struct incidents_rules_page page = { .rules = rows, .version = VERSION };
	struct watch_rules rules;
	(void)visit;

	TRY(read_rules(rq, &rules, &page.wrong));
	TRY(fill(rq, &rules, rows, &page.n_rules));
	answer->title = str_of(_("Rules of the watch"));
	incidents_rules_page(&answer->body, rq->language, &page);
	return OK;
}

enum err watch_run_rules(struct rq *rq, const struct args *args, struct out *ret)
{
	struct incidents_rules_page_rules *rows = NEW_MANY(rq->arena, ROWS, struct incidents_rules_page_rules);
	struct watch_rules rules;
	struct str wrong;

	TRY(read_rules(rq, &rules, &wrong));
	size_t n;
	TRY(fill(rq, &rules, rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (args->json) {
			out_print(ret, "{\"rule\":\"%.*s\",\"definition\":", STR_ARG(rows[i].name));
			out_json(ret, str_of(_(rows[i].definition)));
			out_text(ret, ",\"threshold\":");
			out_json(ret, rows[i].threshold);
			out_print(ret, ",\"window\":\"%.*s\",\"severity\":\"%c\",\"source\":", STR_ARG(rows[i].window), rows[i].severity[0]);
			out_json(ret, str_of(_(rows[i].source)));
			out_print(ret, ",\"version\":%d,\"on\":%s}\n", VERSION, str_equal(rows[i].state.kind, STR("ok")) ? "true" : "false");
		} else {
			out_print(ret, "%-14.*s %s  %.*s  %.*s  %s\n", STR_ARG(rows[i].name), _(rows[i].state.word), STR_ARG(rows[i].threshold), STR_ARG(rows[i].window),
			          _(rows[i].definition));
		}
	}
	return wrong.len ? fail(rq, ERR_CONFLICT, "%.*s", STR_ARG(wrong)) : OK;
}
