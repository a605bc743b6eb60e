/* For machines: the gate over HTTP with JSON, and what describes and measures it.
 *
 * /api/v1/gate/ask explains, as the command `gate ask` does. /api/v1/gate/freeradius decides a log-in whose credentials FreeRADIUS
 * has checked (rlm_rest in its post-auth section): the answer is "permit" or "refuse" in a control attribute of FreeRADIUS,
 * with what the reply shall carry. A gateway is known by its token: the token's name is the gateway's.
 * /api/openapi.json is made by walking the tables of pages. /metrics counts; it has a listener of its own (metrics.listen).
 *
 * SECURITY: rlm_rest heeds the body only when the status is 200, so every answer of that address is one, also to a wrong token or a
 * body that cannot be read: then it says "refuse". Only the word "permit" lets anybody in; it is said after the accept's commit.
 * A body that carries a password is refused: whoever sends it has not understood that we check none. A token opens /api/ only,
 * and its verdicts count for its own gateway. Metrics name gateways and numbers, never persons. */
#define LONG_LIVED
#include "core.h"
#include "router.h"
#include "floor/address.h"
#include "floor/gateway.sql.h"
#include "floor/people.h"
#include "floor/refusal.h"
#include "base/world.h"
#include <stdatomic.h>

/* --- gate/ask --- */

static enum err judge_ask(struct rq *rq, struct str person, struct str gateway, struct ask *ask, struct gate_verdict *ret)
{
	int reader = standing_reader(core.standing);

	if (reader < 0)
		return fail(rq, ERR_BUSY, _("Too much is asked at once. Try again in a moment."));
	standing_enter(core.standing, reader);
	ask->person = core_find_person(person);
	ask->gateway = gate_gateway(core.standing, gateway);
	bool is_known = gateway.len == 0 || ask->gateway >= 0;
	if (is_known)
		core_explain(ask, ret);
	standing_leave(core.standing, reader);
	standing_reader_gone(core.standing, reader);
	return is_known ? OK : fail(rq, ERR_NONE, _("There is no gateway called \"%.*s\"."), STR_ARG(gateway));
}

static enum err ask(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str person = visit_field(visit, "person"), gateway = visit_field(visit, "gateway");
	struct ask ask = { .person = -1, .gateway = -1 };
	struct gate_verdict verdict;

	if (person.len == 0)
		person = visit_field(visit, "user");
	if (person.len == 0)
		return fail(rq, ERR_INVALID, _("The key \"%s\" is missing."), "person");
	TRY(gate_read_when(rq, visit_field(visit, "at"), visit_field(visit, "factor"), &ask));
	ask.has_address = address_read(visit_field(visit, "calling"), ask.address);
	TRY(judge_ask(rq, person, gateway.at ? gateway : STR(""), &ask, &verdict));
	answer->type = "application/json";
	gate_json(&answer->body, rq->language, &verdict);
	out_byte(&answer->body, '\n');
	return OK;
}

static const struct api_key ask_keys[] = {
	{ "person", N_("Who: id, login name or mail address"), false },
	{ "user", N_("The same under the name that RADIUS gives it"), false },
	{ "gateway", N_("Name of the gateway, as in samordna.conf"), false },
	{ "at", N_("For another moment than now, RFC 3339"), false },
	{ "factor", N_("How sure the log-in is: weak or strong"), false },
	{ "calling", N_("Where the person connects from; what is no address is passed over"), false },
	/* So that the very body of gate/freeradius can be explained here. */
	{ "called", N_("Taken as gate/freeradius takes it; changes nothing here"), false },
	{ "session", N_("Taken as gate/freeradius takes it; changes nothing here"), false },
	{ "timeout", N_("Taken as gate/freeradius takes it; changes nothing here"), false },
	{ "nas", N_("Taken as gate/freeradius takes it; changes nothing here"), false },
	{ "port", N_("Taken as gate/freeradius takes it; changes nothing here"), false },
	{ 0 }
};
static const struct api ask_api = { N_("May this person connect, and why? Changes nothing"), "application/json", ask_keys, false, NULL };

/* --- gate/freeradius --- */

static void put_word(struct out *out, const char *name, struct str value)
{
	out_print(out, ",\"%s\":{\"op\":\":=\",\"value\":[", name);
	out_json(out, value);
	out_text(out, "]}");
}

/* `why` is for whoever runs FreeRADIUS: it stands in control, which no client sees. */
static void say_refuse(struct answer *answer, struct str text, struct str why)
{
	answer->status = 200;
	answer->type = "application/json";
	out_text(&answer->body, "{\"control:Tmp-String-0\":\"refuse\"");
	put_word(&answer->body, "control:Tmp-String-1", str_utf8_first(why, 253));
	put_word(&answer->body, "reply:Reply-Message", str_utf8_first(text, 253));
	out_text(&answer->body, "}\n");
}

/* One line in ten seconds, however many there are: a gateway with a wrong token asks at each log-in. */
static void log_trouble(int status, struct str sentence)
{
	static _Atomic int64_t said_at = INT64_MIN / 2;
	static _Atomic uint64_t n;
	int64_t now = world.ticks(), before = said_at;

	n++;
	if (now - before < 10000 || !atomic_compare_exchange_strong(&said_at, &before, now))
		return;
	world_log("api: %llu asks from FreeRADIUS were refused unread, the last with %d: " STR_FMT, (unsigned long long)n, status,
	          STR_ARG(sentence));
	n = 0;
}

static const char could_not_try[] = N_("Your log-in could not be tried. Call the support.");

static void refuse_freeradius(struct rq *rq, struct answer *answer, int status, struct str sentence)
{
	log_trouble(status, sentence);
	say_refuse(answer, str_of(_(could_not_try)), sentence);
}

/* Attributes that carry or prove a secret: whoever sends them means us to check it. */
static bool has_credential(const struct visit *visit)
{
	static const char *const names[] = { "User-Password", "CHAP-Password", "CHAP-Challenge", "EAP-Message", "Cleartext-Password",
		"password", "Password" };

	for (size_t i = 0; i < visit->n_fields; i++) {
		struct str name = visit->fields[i].name;
		if (str_starts(name, STR("MS-CHAP")))
			return true;
		for (size_t k = 0; k < LENGTH(names); k++)
			if (str_equal(name, str_of(names[k])))
				return true;
	}
	return false;
}

static struct str either(const struct visit *visit, const char *name, const char *attribute)
{
	struct str ret = visit_field(visit, name);

	if (!ret.len)
		ret = visit_field(visit, attribute);
	return ret.at ? ret : STR("");
}

static enum err read_login(struct rq *rq, const struct visit *visit, struct core_login *ret)
{
	struct str timeout = visit_field(visit, "timeout"), factor = visit_field(visit, "factor");
	struct ask ask = { 0 };
	int64_t seconds = 0;

	*ret = (struct core_login){ .user = either(visit, "user", "User-Name"), .session = either(visit, "session", "Acct-Session-Id"),
		.calling = either(visit, "calling", "Calling-Station-Id"), .gateway = -1 };
	if (ret->user.len == 0)
		ret->user = either(visit, "person", "User-Name");
	if (has_credential(visit))
		return fail(rq, ERR_INVALID, "the body carries a credential: FreeRADIUS is to check it and to leave it out");
	if (ret->user.len == 0)
		return fail(rq, ERR_INVALID, "the key \"user\" is missing");
	if (timeout.len && str_number(timeout, INT32_MAX, &seconds) != OK)
		return fail(rq, ERR_INVALID, "timeout is a number of seconds");
	TRY(gate_read_when(rq, STR_NONE, factor.len ? factor : STR_NONE, &ask));
	ret->factor = ask.factor;
	ret->timeout = (int32_t)seconds;
	return OK;
}

static enum err know_gateway(struct rq *rq, void *of)
{
	const struct str *name = of;
	struct gateway_all_row *known;
	struct change *change;
	size_t n;

	TRY(gateway_all(rq, &known, &n));
	for (size_t i = 0; i < n; i++)
		if (str_equal(known[i].name, *name))
			return OK;
	TRY(audit_begin(rq, "gateway.known", *name, &change));
	TRY(gateway_add(change, (int64_t)n, *name, false, STR("")));
	change_touch_site(change);
	return OK;
}

struct decided { struct core_login login; struct gate_verdict verdict; struct core_accept accept; bool is_admitted; enum language language; };

/* The token's gateway becomes known with its first ask. */
static enum err decide(struct rq *rq, int reader, struct str gateway, struct decided *ret)
{
	standing_enter(core.standing, reader);
	ret->login.gateway = gate_gateway(core.standing, gateway);
	standing_leave(core.standing, reader);
	if (ret->login.gateway < 0)
		TRY(writer_do(core.writer, know_gateway, &gateway, rq));
	standing_enter(core.standing, reader);
	ret->login.gateway = gate_gateway(core.standing, gateway);
	if (ret->login.gateway >= 0)
		ret->is_admitted = core_judge(&ret->login, rq->now, &ret->verdict, &ret->accept);
	ret->language = gate_language(core.standing, ret->login.gateway);
	standing_leave(core.standing, reader);
	return ret->login.gateway >= 0 ? OK : fail(rq, ERR_NONE, "the token's gateway is not known");
}

/* --- an accept waits for its commit, and no thread with it --- */

struct waiting { struct job job; struct core_later later; struct core_accept accept; char actor[64]; };

static enum err store_accept(struct rq *rq, void *of)
{
	struct waiting *waiting = of;
	return core_store_accept(rq, &waiting->accept);
}

static struct str say_permit(char *room, size_t size, const struct core_accept *accept)
{
	char class[96] = "";

	if (accept->leaf >= 0)
		snprintf(class, sizeof class, "\"reply:Class\":{\"op\":\":=\",\"value\":[\"samordna:%lld\"]},", (long long)accept->leaf);
	int n = snprintf(room, size, "{\"control:Tmp-String-0\":\"permit\",%s\"reply:Session-Timeout\":{\"op\":\":=\",\"value\":[%u]},"
		"\"reply:Acct-Interim-Interval\":{\"op\":\":=\",\"value\":[%d]}}\n", class, accept->seconds, CORE_INTERIM_SECONDS);
	return (struct str){ room, (size_t)n };
}

static void stored(struct job *job, enum err err, const struct trouble *trouble)
{
	struct waiting *waiting = (struct waiting *)job;
	char room[512];

	struct gate_verdict refusal;
	if (core_accept_over(&waiting->accept, err, &refusal)) {
		core_web_say(waiting->later, 200, "application/json", say_permit(room, sizeof room, &waiting->accept));
	} else {
		struct arena *arena = arena_new(1 << 20);
		struct answer answer = { .body = out_new(arena) };
		struct out text = out_new(arena);
		struct trouble why = *trouble;
		trouble_speak(&why, job->language);
		gate_sentence(&text, job->language, &refusal);
		say_refuse(&answer, out_str(&text), str_of(gate_cannot_store.code));
		log_trouble(err_http(err), str_of(why.text));
		core_web_say(waiting->later, 200, answer.type, out_str(&answer.body));
		arena_end(arena);
	}
	free(waiting);
}

static enum err accept_later(struct rq *rq, struct answer *answer, const struct core_accept *accept, enum language language)
{
	struct waiting *waiting = calloc(1, sizeof *waiting);

	if (!waiting) {
		places_give_back(core.places, accept->place);
		return fail(rq, ERR_FULL, "no memory for an accept");
	}
	waiting->accept = *accept;
	struct str name = str_first(rq->actor->name, sizeof waiting->actor - 1);
	memcpy(waiting->actor, name.at, name.len);
	waiting->job = (struct job){ .run = store_accept, .done = stored, .of = waiting, .language = language,
		.actor = { .person = -1, .name = { waiting->actor, name.len }, .roles = ROLE_MACHINE, .body = -1 } };
	waiting->later = core_web_later(answer);
	writer_put(core.writer, &waiting->job);
	return OK;
}

static enum err freeradius(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str gateway = str_from(rq->actor->name, strlen("token:")), language = visit_field(visit, "language");
	struct decided decided = { 0 };

	TRY(read_login(rq, visit, &decided.login));
	struct str named = visit_field(visit, "gateway");
	if (named.len && !str_equal(named, gateway))
		return fail(rq, ERR_DENIED, "the token is another gateway's");
	int reader = standing_reader(core.standing);
	if (reader < 0)
		return fail(rq, ERR_BUSY, "too much is asked at once");
	enum err err = decide(rq, reader, gateway, &decided);
	standing_reader_gone(core.standing, reader);
	TRY(err);
	if (language.len)
		decided.language = str_equal(language, STR("en")) ? LANGUAGE_EN : LANGUAGE_SV;
	if (decided.is_admitted)
		return accept_later(rq, answer, &decided.accept, decided.language);
	struct out text = out_new(rq->arena);
	gate_sentence(&text, decided.language, &decided.verdict);
	say_refuse(answer, out_str(&text), str_of(gate_because(&decided.verdict)->code));
	return OK;
}

static const struct api_key freeradius_keys[] = {
	{ "user", N_("User-Name; needed, unless the attribute itself is sent"), false },
	{ "person", N_("The same under the name that gate/ask gives it"), false },
	{ "gateway", N_("The token's own gateway, if it is named at all"), false },
	{ "calling", N_("Calling-Station-Id: where the person connects from"), false },
	{ "session", N_("Acct-Session-Id: joins accounting with this accept"), false },
	{ "timeout", N_("Session-Timeout that FreeRADIUS would give; the shorter counts"), false },
	{ "factor", N_("How sure the log-in is: weak or strong"), false },
	{ "language", N_("Language of the reason: sv or en; else the gateway's"), false },
	{ "nas", N_("NAS-IP-Address; shown only: the token says which gateway asks"), false },
	{ "called", N_("Called-Station-Id"), false },
	{ "port", N_("NAS-Port"), false },
	{ 0 }
};
static const struct api freeradius_api = { N_("Decide a log-in whose credentials FreeRADIUS has checked. Always 200; only \"permit\" lets in"),
	"application/json", freeradius_keys, true, refuse_freeradius };

/* --- openapi.json --- */

static void put_keys(struct rq *rq, struct out *out, const struct api *api)
{
	int n = 0;

	out_text(out, ",\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\",\"properties\":{");
	for (const struct api_key *key = api->keys; key->name; key++) {
		out_print(out, "%s\"%s\":{\"type\":\"string\",\"description\":", key == api->keys ? "" : ",", key->name);
		out_json(out, str_of(_(key->sentence)));
		out_byte(out, '}');
	}
	out_print(out, "},\"additionalProperties\":%s", api->takes_attributes ? "true" : "false");
	for (const struct api_key *key = api->keys; key->name; key++)
		if (key->is_needed)
			out_print(out, "%s\"%s\"", n++ ? "," : ",\"required\":[", key->name);
	out_text(out, n ? "]}}}}" : "}}}}");
}

static void put_responses(struct rq *rq, struct out *out, const struct page *page)
{
	static const struct { const char *status; const char *why; } refusals[] = {
		{ "400", N_("Not JSON, a key twice, or an unknown key") }, { "401", N_("No valid token") }, { "404", N_("No such gateway") },
		{ "413", N_("Larger than it may be") }, { "422", N_("A value that cannot be") }, { "503", N_("Busy: try again in a moment") },
	};

	out_print(out, ",\"responses\":{\"200\":{\"description\":\"OK\",\"content\":{\"%s\":{}}}", page->api->returns);
	for (size_t i = 0; (page->ask || page->may_get == ROLE_MACHINE || page->may_post == ROLE_MACHINE) && !page->api->refuse && i < LENGTH(refusals); i++) {
		out_print(out, ",\"%s\":{\"description\":", refusals[i].status);
		out_json(out, str_of(_(refusals[i].why)));
		out_text(out, ",\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/problem\"}}}}");
	}
	out_byte(out, '}');
}

static void put_operation(struct rq *rq, struct out *out, const struct page *page, bool is_first)
{
	struct str path = str_of(page->path);
	bool has_part = str_ends(path, STR(":"));

	out_print(out, "%s\n\"%.*s%s\":{\"%s\":{\"summary\":", is_first ? "" : ",", (int)(path.len - has_part), path.at, has_part ? "{id}" : "",
	          page->get ? "get" : "post");
	out_json(out, str_of(_(page->api->sentence)));
	if (has_part)
		out_text(out, ",\"parameters\":[{\"name\":\"id\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\"}}]");
	if ((page->may_get | page->may_post) & ROLE_STAFF)
		out_text(out, ",\"security\":[]");
	if (page->api->keys)
		put_keys(rq, out, page->api);
	put_responses(rq, out, page);
	out_text(out, "}}");
}

static enum err openapi(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct out *out = &answer->body;
	const struct page *page;
	bool is_first = true;

	(void)visit;
	answer->type = "application/json";
	out_text(out, "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"Samordna\",\"version\":\"" SAMORDNA_VERSION "\"},\"servers\":[{\"url\":");
	struct str rest = str_of(core.boot.origin);
	out_json(out, str_cut(&rest, ' '));
	out_text(out, "}],\"security\":[{\"token\":[]}],\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}},"
		"\"schemas\":{\"problem\":{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
		"\"detail\":{\"type\":\"string\"}}}}},\"paths\":{");
	for (size_t table = 0, row = 0; (page = router_next(&table, &row)); )
		if (page->api) {
			put_operation(rq, out, page, is_first);
			is_first = false;
		}
	out_text(out, "\n}}\n");
	return OK;
}

static const struct api openapi_api = { N_("This description"), "application/json", NULL, false, NULL };

/* --- metrics --- */

static void put_metric(struct out *out, const char *name, const char *type, const char *labels, uint64_t value)
{
	if (type)
		out_print(out, "# TYPE samordna_%s %s\n", name, type);
	out_print(out, "samordna_%s%s %llu\n", name, labels, (unsigned long long)value);
}

static void put_standing(struct out *out)
{
	int reader = standing_reader(core.standing);

	if (reader < 0)
		return;
	standing_enter(core.standing, reader);
	put_metric(out, "standing_loaded", "gauge", "", core_gate_is_open());
	put_metric(out, "standing_persons", "gauge", "", (uint64_t)standing_count(core.standing));
	put_metric(out, "standing_bytes", "gauge", "", standing_bytes(core.standing));
	standing_leave(core.standing, reader);
	standing_reader_gone(core.standing, reader);
}

static enum err metrics(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct out *out = &answer->body;
	struct writer_counters writer = writer_count(core.writer);
	struct gateway_counters gateway = core_counters;

	(void)visit;
	answer->type = "text/plain; version=0.0.4; charset=utf-8";
	put_metric(out, "start_time_seconds", "gauge", "", (uint64_t)core.started_at.ms / 1000);
	put_metric(out, "uptime_seconds", "gauge", "", (uint64_t)(rq->now.ms - core.started_at.ms) / 1000);
	put_standing(out);
	put_metric(out, "gate_refused_total", "counter", "{mode=\"enforce\"}", refusal_count(false) - refusal_count(true));
	put_metric(out, "gate_refused_total", NULL, "{mode=\"watch\"}", refusal_count(true));
	put_metric(out, "writer_batches_total", "counter", "", writer.batches);
	put_metric(out, "writer_jobs_total", "counter", "", writer.jobs);
	put_metric(out, "writer_failed_total", "counter", "", writer.failed);
	put_metric(out, "writer_longest_milliseconds", "gauge", "", writer.longest_ms);
#define X(name) put_metric(out, "radius_" #name "_total", "counter", "", gateway.name);
	GATEWAY_COUNTERS(X)
#undef X
	return OK;
}

static const struct api metrics_api = { N_("Counters, as Prometheus reads them; on the listener of metrics.listen alone"), "text/plain", NULL, false, NULL };

extern const struct page api_pages[];
const struct page api_pages[] = {
	{ "/api/v1/gate/ask", .may_post = ROLE_MACHINE, .ask = ask, .api = &ask_api, .needs_gate = true },
	{ "/api/v1/gate/freeradius", .may_post = ROLE_MACHINE, .ask = freeradius, .api = &freeradius_api, .needs_gate = true },
	{ "/api/openapi.json", .may_get = ROLE_EVERYONE, .get = openapi, .api = &openapi_api },
	{ "/metrics", .may_get = ROLE_EVERYONE, .get = metrics, .api = &metrics_api },
	{ 0 },
};
