/* The router: looks up the session, finds the page, asks whether this visitor may, and draws what comes of it.
 *
 * Sessions are rows by the hash of their token, so that a copy of the store opens none. They end after 15 idle minutes for
 * coordinators and 30 for others, after 12 hours whatever happens, and at once when the person has left. The last use is noted
 * once a minute, so a session may end up to a minute early, never late.
 *
 * SECURITY: the order is fixed: who, then route, then role, then form token, then second factor, and only then the page. A refusal
 * tells nothing about what stands behind it. A form's token is a hash of the session's token, which a foreign site does not have;
 * a visitor without a session gets one that opens nothing, so that the log-in form has a token too.
 * Pages decide about objects (this grant, this unit) themselves; the router knows only addresses and roles. */
#include <sodium.h>
#include "router.h"
#include "backup_note.h"
#include "floor/account.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/people_import.h"
#include "floor/setting.h"
#include "base/world.h"

enum { SEEN_EVERY = 1, BANNER_DAYS = 7 };   /* minutes; days */

/* --- who --- */

static struct str hash_of(struct routed *routed, struct str token)
{
	crypto_hash_sha256(routed->session_hash, (const unsigned char *)token.at, token.len);
	return (struct str){ (const char *)routed->session_hash, sizeof routed->session_hash };
}

static bool is_over(struct instant now, const struct account_session_row *session, bool is_coordinator)
{
	struct span idle = MINUTES(is_coordinator ? ACCOUNT_IDLE_COORDINATOR : ACCOUNT_IDLE);

	return instant_is_before(instant_plus(session->seen_at, idle), now)
	    || instant_is_before(instant_plus(session->made_at, MINUTES(ACCOUNT_ABSOLUTE)), now);
}

/* Of those whom the person stands in for today: they are of the same legal body. */
static enum err deputised_roles(struct rq *rq, int64_t person, unsigned *roles)
{
	struct people_deputised_row *rows;
	struct people_get_row other;
	size_t n;

	TRY(people_deputised(rq, person, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (instant_is_before(rq->now, rows[i].from_at) || !instant_is_before(rq->now, rows[i].until))
			continue;
		TRY(people_get(rq, rows[i].person, &other));
		if (people_is_employed(&other, rq->now))
			*roles |= (unsigned)other.roles & ROLE_STAFF;
	}
	return OK;
}

static enum err roles_of(struct rq *rq, const struct people_get_row *person, unsigned *ret)
{
	struct account_reports_row report;
	enum err err = account_reports(rq, person->id, &report);

	if (err != OK && err != ERR_NONE)
		return err;
	*ret = ((unsigned)person->roles & ROLE_STAFF) | ROLE_EMPLOYEE | (err == OK ? ROLE_MANAGER : 0);
	return deputised_roles(rq, person->id, ret);
}

/* The session's person; with an exercise on, whom a coordinator has become. ERR_NONE: nobody is logged in by this token. */
static enum err take_person(struct rq *rq, struct routed *routed, const struct account_session_row *session)
{
	struct people_get_row person, other;
	unsigned roles;

	if (!session->person.is)
		return ERR_NONE;
	TRY(people_get(rq, session->person.i, &person));
	TRY(roles_of(rq, &person, &roles));
	if (!people_is_employed(&person, rq->now) || is_over(rq->now, session, roles & ROLE_COORDINATOR))
		return ERR_NONE;
	routed->is_seen = instant_is_before(instant_plus(session->seen_at, MINUTES(SEEN_EVERY)), rq->now);
	routed->actor = (struct actor){ .person = person.id, .name = str_print(rq->arena, "person:" STR_FMT, STR_ARG(person.code)),
		.roles = roles, .stepped_up_at = session->stepped_up_at, .body = person.body };
	routed->person_name = person.name;
	routed->may_become = routed->is_exercise && (roles & ROLE_COORDINATOR);
	if (!session->acts_as.is || !routed->may_become)
		return OK;
	routed->is_acting = true;
	TRY(people_get(rq, session->acts_as.i, &other));
	TRY(roles_of(rq, &other, &roles));
	routed->actor = (struct actor){ .person = other.id, .roles = roles, .stepped_up_at = session->stepped_up_at, .body = other.body,
		.name = str_print(rq->arena, "person:" STR_FMT " as " STR_FMT, STR_ARG(person.code), STR_ARG(other.code)) };
	routed->person_name = other.name;
	return OK;
}

static enum err take_machine(struct rq *rq, struct routed *routed)
{
	struct str bearer = str_of(routed->ask->bearer);
	struct account_token_find_row token;

	if (bearer.len == 0)
		return OK;
	enum err err = account_token_find(rq, hash_of(routed, bearer), &token);
	if (err != OK || token.ended_at.is)
		return err == ERR_NONE ? OK : err;
	routed->actor = (struct actor){ .person = -1, .name = str_print(rq->arena, "token:" STR_FMT, STR_ARG(token.name)),
		.roles = ROLE_MACHINE, .body = -1 };
	return OK;
}

static enum err take_who(struct rq *rq, struct routed *routed)
{
	struct account_session_row session;

	routed->actor = (struct actor){ .person = -1, .name = STR("visitor"), .roles = ROLE_EVERYONE & ~(unsigned)ROLE_STAFF, .body = -1 };
	routed->visit.session = STR("");
	routed->is_exercise = setting_bool(rq, "demo.is_on");
	if (routed->ask->is_api)
		return take_machine(rq, routed);
	struct str token = str_of(routed->ask->session);
	if (token.len == 0)
		return OK;
	routed->visit.session = token;
	routed->visit.form_token = account_form_token(rq->arena, token);
	enum err err = account_session(rq, hash_of(routed, token), &session);
	if (err == OK)
		err = take_person(rq, routed, &session);
	return err == ERR_NONE ? OK : err;
}

static bool is_logged_in(const struct routed *routed)
{
	return (routed->actor.roles & (ROLE_STAFF | ROLE_MACHINE)) != 0;
}

/* --- what --- */

static enum err take_fields(struct rq *rq, const struct parcel *parcel, struct routed *routed, struct str *ret_token)
{
	const struct web_ask *ask = parcel->at;
	const struct place *place = (const void *)(ask + 1);
	size_t head = sizeof *ask + (size_t)ask->n_fields * 2 * sizeof *place, n = 0;
	struct str bytes = { (const char *)parcel->at + head, parcel->length - head };
	struct field *fields = NEW_MANY(rq->arena, ask->n_fields + 1, struct field);

	*ret_token = STR_NONE;
	if (ask->bytes_in_file)
		TRY(channel_file_read(rq->arena, parcel->files[0], 4 << 20, &bytes));
	for (uint32_t i = 0; i < ask->n_fields; i++, place += 2) {
		for (int k = 0; k < 2; k++)
			if (place[k].at > bytes.len || place[k].length > bytes.len - place[k].at)
				return ERR_INVALID;
		struct field field = { { bytes.at + place[0].at, place[0].length }, { bytes.at + place[1].at, place[1].length } };
		if (str_equal(field.name, STR("token")))
			*ret_token = field.value;
		else
			fields[n++] = field;
	}
	routed->visit.fields = fields;
	routed->visit.n_fields = n;
	return OK;
}

/* Path and query of this place, for the link to the other language and for the way back after a log-in. */
static struct str here_of(struct rq *rq, const struct routed *routed)
{
	struct out here = out_new(rq->arena);

	out_put(&here, routed->visit.path);
	for (size_t i = 0; !routed->is_change && i < routed->visit.n_fields; i++) {
		out_byte(&here, i ? '&' : '?');
		out_url(&here, routed->visit.fields[i].name);
		out_byte(&here, '=');
		out_url(&here, routed->visit.fields[i].value);
	}
	return out_str(&here);
}

static void go(struct rq *rq, struct routed *routed, const char *to)
{
	struct out at = out_new(rq->arena);

	/* A form that was sent cannot be sent again from here: back to the page it stands on, when that has its address. */
	struct str next = routed->is_change ? (routed->page && routed->page->get ? routed->visit.path : STR("")) : routed->here;
	out_text(&at, to);
	if (next.len > 1 && next.len < 300) {
		out_text(&at, "?next=");
		out_url(&at, next);
	}
	routed->page = NULL;
	routed->answer.status = 303;
	routed->answer.location = out_str(&at);
}

void router_refuse(struct rq *rq, struct routed *routed, int status, struct str sentence)
{
	struct str number = STR("");

	routed->page = NULL;
	if (status == 500) {
		unsigned char random[3];
		world.random(random, sizeof random);
		number = str_print(rq->arena, "%02X%02X%02X", random[0], random[1], random[2]);
		world_log("core: error " STR_FMT " at " STR_FMT ": " STR_FMT, STR_ARG(number), STR_ARG(routed->visit.path), STR_ARG(sentence));
		sentence = str_of(_("Nothing that you have not been told of was done."));
	}
	struct str kept = routed->answer.location;
	routed->answer = (struct answer){ .status = status, .body = out_new(rq->arena), .location = kept };
	struct str rest;
	const struct page *page = routed->is_change ? router_find(routed->visit.path, &rest) : NULL;
	if (page && page->api && page->api->refuse) {
		page->api->refuse(rq, &routed->answer, status, sentence);
		return;
	}
	if (routed->ask->is_api || routed->visit.wants_json) {
		routed->answer.type = "application/problem+json";
		out_print(&routed->answer.body, "{\"type\":\"about:blank\",\"status\":%d,\"detail\":", status);
		out_json(&routed->answer.body, sentence);
		out_text(&routed->answer.body, "}\n");
		return;
	}
	frame_trouble(rq, &routed->answer.body, status, sentence, number);
}

/* A home in which nobody can log in yet: the first step is the start code. */
static bool is_new_home(struct rq *rq)
{
	static _Atomic bool is_old;
	struct account_any_row any;

	if (!is_old && account_any(rq, &any) == OK)
		is_old = true;
	return !is_old;
}

static void refuse_stranger(struct rq *rq, struct routed *routed)
{
	if (routed->ask->is_api || routed->visit.wants_json)
		router_refuse(rq, routed, 401, str_of(_("A valid token is needed.")));
	else
		go(rq, routed, is_new_home(rq) ? "/setup" : "/login");
}

static const char *why_web_refused(struct rq *rq, int status)
{
	switch (status) {
	case 400: return _("Something in the request stands twice or cannot be read.");
	case 403: return _("The form came from another place than this page. Open the page again and send it from there.");
	case 404: return _("There is no page at that address.");
	case 405: return _("That cannot be done at this address.");
	case 413: return _("What was sent is larger than it may be here.");
	case 415: return _("What was sent is of a kind that is not taken here.");
	case 421: return _("Open Samordna by the address that it was given.");
	default:  return _("There is no room for it now.");
	}
}

static bool is_token_right(const struct routed *routed, struct str token)
{
	struct str right = routed->visit.form_token;
	return right.len && token.len == right.len && sodium_memcmp(token.at, right.at, right.len) == 0;
}

/* What a machine sent has only keys that the page's table knows, and all that it needs. */
static void check_keys(struct rq *rq, struct routed *routed)
{
	const struct api *api = routed->page->api;
	const struct visit *visit = &routed->visit;

	for (size_t i = 0; i < visit->n_fields; i++) {
		struct str name = visit->fields[i].name;
		const struct api_key *key = api->keys;
		while (key && key->name && !str_equal(name, str_of(key->name)))
			key++;
		if ((key && key->name) || (api->takes_attributes && name.at[0] >= 'A' && name.at[0] <= 'Z'))
			continue;
		router_refuse(rq, routed, 400, str_print(rq->arena, _("There is no key \"%.*s\" here."), STR_ARG(name)));
		return;
	}
	for (const struct api_key *key = api->keys; key && key->name; key++)
		if (key->is_needed && visit_field(visit, key->name).len == 0) {
			router_refuse(rq, routed, 400, str_print(rq->arena, _("The key \"%s\" is missing."), key->name));
			return;
		}
}

/* A form says which act it is by a name that the page's row has. */
static bool is_known_act(const struct page *page, const struct visit *visit)
{
	struct str said = visit_field(visit, "act");
	const char *act;

	for (size_t i = 0; (act = page->act(i)); i++)
		if (str_equal(said.at ? said : STR(""), str_of(act)))
			return true;
	return false;
}

/* A form whose fields can go along while the second factor is asked for: not a file, and not where passwords are typed (such pages
 * prepare), which must never stand in a page. */
static bool may_come_late(const struct routed *routed, const struct page *page)
{
	return routed->ask->method == METHOD_POST && !routed->ask->is_api && !routed->ask->is_check && routed->visit.file < 0
		&& page->post && !page->prepare;
}

/* Route, role, token, act, second factor, in that order. Before a file is taken in (is_check) there is no token yet: it stands in the form's body, and
 * is looked at when the whole request comes. */
static void check_rights(struct rq *rq, struct routed *routed, struct str token)
{
	const struct page *page = router_find(routed->visit.path, &routed->visit.rest);

	if (!page) {
		router_refuse(rq, routed, 404, str_of(why_web_refused(rq, 404)));
		return;
	}
	unsigned may = routed->is_change ? page->may_post : page->may_get;
	bool is_there = routed->is_change ? page->post || page->ask : page->get != NULL;
	if (!router_is_public(page->path))
		may &= ROLE_STAFF | ROLE_MACHINE;
	if (!is_logged_in(routed) && !(may & routed->actor.roles)) {
		/* The form is from a session of ours that has ended meanwhile: its token says so. */
		routed->is_kept = may_come_late(routed, page) && is_token_right(routed, token) && account_kept_fits(&routed->visit);
		if (routed->is_kept)
			routed->page = page;
		else
			refuse_stranger(rq, routed);
	} else if (!is_there || !may) {
		router_refuse(rq, routed, 405, str_of(why_web_refused(rq, 405)));
	} else if (!(may & routed->actor.roles)) {
		router_refuse(rq, routed, 403, str_of(_("Your role does not have this page.")));
	} else if (routed->ask->method == METHOD_POST && !routed->ask->is_api && !routed->ask->is_check && !is_token_right(routed, token)) {
		router_refuse(rq, routed, 403, str_of(_("The form is too old. Open the page again and send it from there.")));
	} else if (routed->is_change && page->act && !routed->ask->is_check && !is_known_act(page, &routed->visit)) {
		router_refuse(rq, routed, 400, str_of(_("That cannot be done at this address.")));
	} else if (page->needs_step_up
	           && instant_is_before(instant_plus(routed->actor.stepped_up_at, MINUTES(ACCOUNT_STEP_UP)), rq->now)) {
		routed->page = page;
		routed->is_late = may_come_late(routed, page);
		if (!routed->is_late)
			go(rq, routed, "/step-up");
	} else {
		routed->page = page;
		if (page->api)
			check_keys(rq, routed);
	}
}

/* A visitor without any token gets one with the first form; it opens nothing. */
static void give_token(struct rq *rq, struct routed *routed)
{
	unsigned char random[24];
	char *room = arena_take(rq->arena, 48);

	if (routed->visit.session.len || !routed->page || routed->is_change || !(routed->page->may_post & ~(unsigned)ROLE_STAFF)
	    || routed->ask->is_api)
		return;
	world.random(random, sizeof random);
	sodium_bin2base64(room, 48, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	routed->visit.session = routed->answer.cookie = str_of(room);
	routed->visit.form_token = account_form_token(rq->arena, routed->visit.session);
}

void router_open(struct rq *rq, const struct parcel *parcel, struct routed *ret)
{
	const struct web_ask *ask = parcel->at;
	struct str token = STR_NONE;

	*ret = (struct routed){ .ask = ask, .is_change = ask->method >= METHOD_POST };
	bool has_file = ask->method >= METHOD_POST && !ask->bytes_in_file && parcel->n_files;
	ret->visit = (struct visit){ .path = str_of(ask->path), .file = has_file ? parcel->files[0] : -1,
		.address = str_of(ask->address), .wants_json = ask->wants == 1, .wants_csv = ask->wants == 2 };
	ret->answer.body = out_new(rq->arena);
	rq->actor = &ret->actor;
	rq->language = ask->language == LANGUAGE_EN ? LANGUAGE_EN : LANGUAGE_SV;
	enum err err = take_who(rq, ret);
	if (err == OK)
		err = take_fields(rq, parcel, ret, &token);
	ret->here = here_of(rq, ret);
	if (err != OK)
		router_refuse(rq, ret, err_http(err), trouble_told(rq, err));
	else if (ask->refused)
		router_refuse(rq, ret, ask->refused, str_of(why_web_refused(rq, ask->refused)));
	else
		check_rights(rq, ret, token);
	give_token(rq, ret);
}

/* --- the answer --- */

/* Coordinators and management hear of a login that was reset on the server within the last days. */
static struct str recovered(struct rq *rq, const struct routed *routed)
{
	struct account_code_last_row recovery;

	if (!(routed->actor.roles & (ROLE_COORDINATOR | ROLE_MANAGEMENT)))
		return STR("");
	if (account_code_last(rq, CODE_RECOVERY, &recovery) != OK || !instant_is_before(instant_plus(rq->now, DAYS(-BANNER_DAYS)), recovery.made_at))
		return STR("");
	return str_of(_("A login was reset on the server within the last 7 days. The log says whose."));
}

/* What stands over every page: that the gate is not open yet, or what a point has to say to this person; behind it a login that was reset. */
static struct str banner(struct rq *rq, const struct routed *routed)
{
	struct str said = STR(""), reset = recovered(rq, routed);

	if (rq->standing && !standing_is_loaded(rq->standing) && routed->actor.roles & ROLE_STAFF)
		said = str_print(rq->arena, _("The gate is loading: it has read %lld people so far. Until it has read all it neither lets in nor refuses anybody."),
		                 (long long)standing_read(rq->standing));
	for (size_t i = 0; points[i] && routed->actor.person >= 0 && !said.len; i++)
		if (points[i]->banner && points[i]->banner(rq, &said) != OK)
			said = STR("");
	return said.len && reset.len ? str_print(rq->arena, STR_FMT " " STR_FMT, STR_ARG(said), STR_ARG(reset)) : said.len ? said : reset;
}

static void draw_frame(struct rq *rq, struct routed *routed)
{
	struct answer *answer = &routed->answer;
	struct str main = out_str(&answer->body);
	struct frame frame = { .title = answer->title, .has_errors = answer->has_errors || answer->status >= 400,
		.organisation = setting_text(rq, "organisation.name"), .person = routed->person_name, .role = frame_role(routed->actor.roles),
		.here = routed->here, .form_token = routed->visit.form_token, .banner = banner(rq, routed),
		.is_exercise = routed->is_exercise, .may_become = routed->may_become,
		.acts_as = routed->is_acting ? routed->person_name : STR("") };
	struct out whole = out_new(rq->arena);
	struct backup_note backup;

	if (routed->actor.roles & (ROLE_COORDINATOR | ROLE_SYSTEM_OWNER) && backup_note_read(people_home(), &backup))
		frame.backup_at = backup.at;
	if (!answer->is_bare)
		router_menu(rq, routed, &frame);
	frame_draw(rq, &whole, &frame, main);
	answer->body = whole;
}

static void put(char *room, size_t size, struct str s)
{
	size_t n = MIN(s.len, size - 1);
	memcpy(room, n ? s.at : "", n);
	room[n] = '\0';
}

static void judge(struct rq *rq, struct routed *routed, enum err err)
{
	struct answer *answer = &routed->answer;

	if (err != OK)
		router_refuse(rq, routed, err_http(err), trouble_told(rq, err));
	else if (!answer->status)
		answer->status = answer->location.len ? 303 : answer->has_errors ? 422 : 200;
}

void router_close(struct rq *rq, struct routed *routed, enum err err, struct router_reply *ret)
{
	struct answer *answer = &routed->answer;

	judge(rq, routed, err);
	if (!answer->type && answer->status != 303)
		draw_frame(rq, routed);
	struct web_answer head = { .status = (uint16_t)answer->status, .refresh = (uint32_t)MAX(answer->refresh, 0) };
	put(head.type, sizeof head.type, str_of(answer->type ? answer->type : "text/html; charset=utf-8"));
	/* Half an address would lead astray. */
	if (answer->location.len < sizeof head.location)
		put(head.location, sizeof head.location, answer->location);
	put(head.filename, sizeof head.filename, answer->filename);
	put(head.session, sizeof head.session, answer->cookie);
	head.sets_session = answer->cookie.at != NULL;
	head.clears_site = answer->cookie.at && answer->cookie.len == 0;
	*ret = (struct router_reply){ .head = head, .body = out_str(&answer->body), .file = -1 };
	if (ret->body.len > CHANNEL_MOST - sizeof head - 64) {
		ret->file = channel_file(ret->body.at, ret->body.len);
		ret->head.has_file = 1;
		if (ret->file < 0)
			ret->head = (struct web_answer){ .status = 503 };
		ret->body = STR("");
	}
	ret->head.body_length = (uint32_t)ret->body.len;
}

/* --- pages of the router's own --- */

/* Ready: the store can be read, the schema is ours, and the gate decides. */
static enum err ready(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct people_count_row count;
	(void)visit;

	TRY(people_count(rq, &count));
	if (rq->standing && !standing_is_loaded(rq->standing))
		return fail(rq, ERR_BUSY, _("The gate is starting and has not yet read what it must know. Try again in a moment."));
	answer->type = "text/plain; charset=utf-8";
	out_text(&answer->body, "ready\n");
	return OK;
}

/* The web process answers this one itself; the row is what openapi.json is made of. */
static enum err healthy(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	(void)rq;
	(void)visit;
	answer->type = "text/plain; charset=utf-8";
	out_text(&answer->body, "ok\n");
	return OK;
}

static const struct api health_api = { N_("The web process answers"), "text/plain", NULL, false, NULL };
static const struct api ready_api = { N_("The store can be read; log-ins are decided"), "text/plain", NULL, false, NULL };

const struct page router_pages[] = {
	{ "/healthz", .may_get = ROLE_EVERYONE, .get = healthy, .api = &health_api },
	{ "/readyz", .may_get = ROLE_EVERYONE, .get = ready, .api = &ready_api },
	{ 0 },
};
