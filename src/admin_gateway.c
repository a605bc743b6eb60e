/* Gateways: what mode each is in, which service a grant must be for, and what was decided for the hours when we are silent.
 *
 * Which gateways there are, and their marks, stands in samordna.conf; mode, language and service are policy in the store, changed here
 * or on the command line (gateway_command.c), each with a leaf.
 *
 * What a gateway does when no answer comes is the gateway's own doing, different for each product. No setting of ours changes it, so it
 * is asked for as a written risk decision: product, what happens, who decided, when.
 *
 * SECURITY: in step-up, for coordinators and system owners. Whoever writes a decision down is not the one who decided it, and the one
 * who did is of management or holds a mandate: a coordinator decides no risk. */
#include "admin.h"
#include "core.h"
#include "floor/frame.h"
#include "floor/account.sql.h"
#include "floor/gateway.sql.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/refusal.h"
#include "floor/session.sql.h"
#include "floor/admin_gateway.html.h"

enum { PRODUCT_MOST = 200, TEXT_MOST = 4000, WINDOW_DAYS = 30, SERVICE_MOST = 60 };

/* --- the verbs --- */

enum err admin_gateways(struct rq *rq, struct admin_gateway **ret, size_t *ret_n)
{
	struct session_against_row *against;
	struct account_token_list_row *tokens;
	struct gateway_all_row *rows;
	size_t n, n_against, n_tokens;

	TRY(gateway_all(rq, &rows, &n));
	TRY(account_token_list(rq, &tokens, &n_tokens));
	TRY(session_against(rq, instant_plus(rq->now, DAYS(-WINDOW_DAYS)), &against, &n_against));
	struct admin_gateway *made = NEW_MANY(rq->arena, n + 1, struct admin_gateway);
	for (size_t i = 0; i < n; i++) {
		made[i] = (struct admin_gateway){ .id = rows[i].id, .number = (int16_t)i, .name = rows[i].name, .service = rows[i].service, .is_watch = rows[i].is_watch };
		for (size_t k = 0; k < n_against; k++)
			if (against[k].gateway == rows[i].id)
				made[i].against = against[k].n;
		/* Named by a radius.client line, or by the token that it asks with over HTTP. */
		for (size_t k = 0; k < n_tokens; k++)
			made[i].is_named |= !tokens[k].ended_at.is && str_equal(tokens[k].name, rows[i].name);
		for (uint32_t k = 0; k < core.boot.n_gateways; k++)
			if (str_equal(rows[i].name, str_of(core.boot.gateway[k].name))) {
				made[i].is_named = true;
				made[i].is_authorise_only = core.boot.gateway[k].is_authorise_only;
				made[i].is_lenient = core.boot.gateway[k].no_message_authenticator;
			}
	}
	*ret = made;
	*ret_n = n;
	return OK;
}

enum err admin_gateway_find(struct rq *rq, struct str name, struct admin_gateway *ret)
{
	struct admin_gateway *all;
	size_t n;

	TRY(admin_gateways(rq, &all, &n));
	for (size_t i = 0; i < n; i++)
		if (str_equal(all[i].name, name)) {
			*ret = all[i];
			return OK;
		}
	return fail(rq, ERR_NONE, _("There is no gateway called \"%.*s\"."), STR_ARG(str_utf8_first(name, 60)));
}

enum err admin_gateway_mode(struct rq *rq, struct str name, bool is_watch)
{
	struct admin_gateway gateway;
	struct change *change;

	TRY(admin_gateway_find(rq, name, &gateway));
	if (gateway.is_watch == is_watch)
		return OK;
	TRY(audit_begin(rq, is_watch ? "gateway.watch" : "gateway.enforce", gateway.name, &change));
	TRY(gateway_set_watch(change, is_watch, gateway.id));
	change_touch_site(change);
	return OK;
}

enum err admin_gateway_service(struct rq *rq, struct str name, struct str service)
{
	struct admin_gateway gateway;
	struct change *change;

	service = str_trim(service);
	if (service.len > SERVICE_MOST || !str_is_utf8(service))
		return fail(rq, ERR_INVALID, _("A service has at most %d letters."), SERVICE_MOST);
	TRY(admin_gateway_find(rq, name, &gateway));
	TRY(audit_begin(rq, "gateway.service", gateway.name, &change));
	TRY(gateway_set_service(change, service.at ? service : STR(""), gateway.id));
	change_touch_site(change);
	return OK;
}

/* --- the page --- */

struct silence { struct str product, text; struct people_get_row decider; struct instant decided_at; };

static bool may_decide(struct rq *rq, const struct people_get_row *person)
{
	int level;

	if (!people_is_employed(person, rq->now) || (person->roles & ROLE_COORDINATOR))
		return false;
	if (person->roles & ROLE_MANAGEMENT)
		return true;
	return mandate_level(rq, person->id, person->body, rq->now, &level) == OK && level > 0;
}

static void read_decider(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct silence *ret)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct str name = visit_field(visit, "decider");

	asking.trouble = &trouble;
	if (people_find(&asking, name, &ret->decider) != OK)
		wrong_add(wrongs, "decider", name.len ? trouble.text : _("Say who decided it."));
	else if (ret->decider.id == rq->actor->person)
		wrong_add(wrongs, "decider", _("You cannot write down your own decision. Ask somebody else to write it."));
	else if (!may_decide(&asking, &ret->decider))
		wrong_add(wrongs, "decider", _("That person may not decide on risks. Name somebody in management, or with a mandate."));
}

static void read_silence(struct rq *rq, const struct visit *visit, struct wrongs *wrongs, struct silence *ret)
{
	ret->product = visit_field(visit, "product");
	ret->text = visit_field(visit, "silence");
	if (ret->product.len == 0 || ret->product.len > PRODUCT_MOST)
		wrong_add(wrongs, "product", _("Name the product and its version, in at most 200 bytes."));
	if (ret->text.len == 0 || ret->text.len > TEXT_MOST || !str_is_utf8(ret->text))
		wrong_add(wrongs, "silence", _("Write what the gateway does, and why that is accepted, in at most 4,000 bytes."));
	read_decider(rq, visit, wrongs, ret);
	if (instant_parse_loose(visit_field(visit, "day"), &ret->decided_at) != OK)
		wrong_add(wrongs, "day", _("Enter the date like this: 2026-11-30"));
	else if (instant_is_before(rq->now, ret->decided_at))
		wrong_add(wrongs, "day", _("The decision cannot be from a day to come."));
}

static enum err write_silence(struct rq *rq, const struct admin_gateway *gateway, const struct silence *said)
{
	struct gateway_silence_most_row most;
	struct change *change;
	struct str hash;

	TRY(gateway_silence_most(rq, &most));
	TRY(audit_begin(rq, "gateway.silence", gateway->name, &change));
	TRY(change_document(change, said->text, &hash));
	return gateway_silence_add(change, &(struct gateway_silence_add_args){ .id = most.n + 1, .gateway = gateway->id,
		.product = said->product, .text = said->text, .decided_by = said->decider.id, .decided_at = said->decided_at });
}

static const char *done_text(struct rq *rq, struct str done)
{
	if (str_equal(done, STR("mode")))
		return _("The mode is changed. It counts from the next login on.");
	if (str_equal(done, STR("service")))
		return _("The service is changed. It counts from the next login on.");
	return done.len ? _("The decision is written down.") : "";
}

static enum err fill_silence(struct rq *rq, int64_t gateway, struct admin_gateway_page *page)
{
	struct gateway_silence_of_row row;
	enum err err = gateway_silence_of(rq, gateway, &row);

	page->product = page->silence = page->decider = STR("");
	if (err == ERR_NONE)
		return OK;
	TRY(err);
	page->has_silence = true;
	page->product = row.product;
	page->silence = row.text;
	page->decider = row.decider;
	page->decided_on = row.decided_at;
	return OK;
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct admin_gateway *gateway, const struct wrongs *wrongs, struct answer *answer)
{
	struct out at = out_new(rq->arena);

	out_text(&at, "/admin/gateway/");
	out_url(&at, gateway->name);
	struct admin_gateway_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .name = gateway->name,
		.done = str_of(wrongs->n ? "" : done_text(rq, visit_field(visit, "done"))), .self_at = out_str(&at), .is_watch = gateway->is_watch,
		.refused = gateway->is_watch ? gateway->against : (int64_t)refusal_by(gateway->number), .since = core.started_at,
		.is_authorise_only = gateway->is_authorise_only, .is_lenient = gateway->is_lenient, .is_named = gateway->is_named,
		.service = field_again(visit, wrongs, "service", true),
		.new_product = field_again(visit, wrongs, "product", true), .new_decider = field_again(visit, wrongs, "decider", true),
		.new_day = field_again(visit, wrongs, "day", true), .new_silence = visit_field(visit, "silence"),
		.new_silence_wrong = wrong_of(wrongs, "silence") };
	if (!wrongs->n)
		page.service.value = gateway->service;
	TRY(fill_silence(rq, gateway->id, &page));
	answer->has_errors = wrongs->n != 0;
	admin_gateway_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_gateway(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct admin_gateway gateway;

	TRY(admin_gateway_find(rq, visit->rest, &gateway));
	return draw(rq, visit, &gateway, &(struct wrongs){ 0 }, answer);
}

static enum err post_gateway(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct admin_gateway gateway;
	struct wrongs wrongs = { 0 };
	struct silence said = { 0 };
	struct str act = visit_field(visit, "act");
	const char *done = "mode";
	enum err err = OK;

	TRY(admin_gateway_find(rq, visit->rest, &gateway));
	if (str_equal(act, STR("watch")) || str_equal(act, STR("enforce"))) {
		err = admin_gateway_mode(rq, gateway.name, act.at[0] == 'w');
	} else if (str_equal(act, STR("service"))) {
		done = "service";
		err = admin_gateway_service(rq, gateway.name, visit_field(visit, "service"));
		if (err == ERR_INVALID)
			wrong_add(&wrongs, "service", rq->trouble->text);
	} else if (str_equal(act, STR("silence"))) {
		done = "silence";
		read_silence(rq, visit, &wrongs, &said);
		err = wrongs.n ? ERR_INVALID : write_silence(rq, &gateway, &said);
	} else {
		return fail(rq, ERR_INVALID, _("There is no such act."));
	}
	if (wrongs.n)
		return draw(rq, visit, &gateway, &wrongs, answer);
	TRY(err);
	struct out at = out_new(rq->arena);
	out_text(&at, "/admin/gateway/");
	out_url(&at, gateway.name);
	out_print(&at, "?done=%s", done);
	answer->status = 303;
	answer->location = out_str(&at);
	return OK;
}

PAGE_ACTS(gateway_acts, "watch", "enforce", "service", "silence")

#define MAY (ROLE_COORDINATOR | ROLE_SYSTEM_OWNER)
const struct page admin_gateway_pages[] = {
	{ .path = "/admin/gateway/:", .may_get = MAY, .may_post = MAY, .get = get_gateway, .post = post_gateway, .act = gateway_acts, .needs_step_up = true },
	{ 0 }
};
