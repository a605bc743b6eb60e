/* The words of the log: four small tables, and the kinds of value that are recognised by their column.
 *
 * A column says by its name what its number means: ..._at and until are moments, is_... yes or no, ..._by and person are persons, and so
 * on: the house rule for naming is what makes this short.
 *
 * SECURITY: only what stands in the leaf is shown. Personal columns stand there as a hash and stay one; names of persons are looked up as
 * they are today, and protected persons appear by their code. */
#include "admin_words.h"
#include "floor/gateway.sql.h"
#include "floor/people.h"

const char *admin_action_words(struct str action)
{
	static const struct { const char *action, *words; } known[] = {
		{ "access.ask", N_("Access was requested") }, { "access.state", N_("Access decided elsewhere was stated") },
		{ "access.approve", N_("A request for access was approved") }, { "access.return", N_("A request for access was sent back") },
		{ "access.reject", N_("A request for access was rejected") }, { "access.withdraw", N_("A request for access was withdrawn") },
		{ "access.execute", N_("Access was given") }, { "access.suspend", N_("Access was suspended") },
		{ "access.lift", N_("A suspension was lifted") }, { "access.revoke", N_("Access was revoked") },
		{ "access.keep", N_("Access was kept after a review") }, { "access.review", N_("A review was begun") },
		{ "access.review.answer", N_("A review was answered for one grant") }, { "access.review.close", N_("A review was closed") },
		{ "access.assess", N_("A step was assessed") },
		{ "account.login", N_("Somebody logged in") }, { "account.login_saved_code", N_("Somebody logged in with a saved code") },
		{ "account.logout", N_("Somebody logged out") }, { "account.step_up", N_("Somebody showed the second factor again") },
		{ "account.setup", N_("A login was set up") }, { "account.rehash", N_("A password was hashed harder") },
		{ "account.invite", N_("A start code was made") }, { "account.recover", N_("A login was reset") },
		{ "audit.seal", N_("The epoch was sealed") }, { "audit.erase", N_("Personal data was erased") },
		{ "core.start", N_("The server started") }, { "demo.begin", N_("The exercise began") }, { "demo.act", N_("A coordinator became an invented person") },
		{ "gate.accept", N_("A connection was let in") }, { "gateway.enforce", N_("A gateway began to refuse") },
		{ "gateway.watch", N_("A gateway was set to watch only") }, { "gateway.service", N_("A gateway's service was set") },
		{ "gateway.language", N_("A gateway's language was set") }, { "gateway.known", N_("A gateway asked for the first time") },
		{ "gateway.silence", N_("What a gateway does when we are silent was written down") },
		{ "init", N_("The home was made") }, { "mandate.give", N_("A mandate was given") }, { "mandate.end", N_("A mandate was ended") },
		{ "people.body", N_("A legal body was added") }, { "people.body.unit", N_("A unit was put under a legal body") },
		{ "people.deputy", N_("A deputy was named") }, { "people.deputy.end", N_("A deputyship was ended") },
		{ "people.import", N_("HR's file was accepted") }, { "people.import.step", N_("A part of HR's file was applied") },
		{ "people.roles", N_("Roles were given") }, { "people.unit", N_("A unit's class was set") },
		{ "schema.apply", N_("Tables were made") }, { "session.start", N_("Sessions began") }, { "session.stop", N_("Sessions ended") },
		{ "session.adopt", N_("Sessions whose beginning had not been told of were taken in") },
		{ "session.told", N_("Sessions began and ended") }, { "session.not_listed", N_("Sessions were no longer in the gateway's own list") },
		{ "session.gateway_on", N_("A gateway started") }, { "session.gateway_off", N_("A gateway stopped") },
		{ "setting.set", N_("A setting was changed") }, { "token.make", N_("A program got a token") }, { "token.end", N_("A program's token was ended") },
	};

	for (size_t i = 0; i < LENGTH(known); i++)
		if (str_equal(action, str_of(known[i].action)))
			return known[i].words;
	return NULL;
}

struct str admin_table_words(struct rq *rq, struct str table)
{
	static const struct { const char *table, *words; } known[] = {
		{ "access_grant", N_("Grant") }, { "access_review", N_("Review") }, { "access_review_item", N_("Answer in a review") },
		{ "access_service", N_("Service") }, { "access_step", N_("Step") }, { "account", N_("Login") }, { "account_code", N_("Start code or saved code") },
		{ "account_token", N_("Token of a program") }, { "body", N_("Legal body") }, { "deputy", N_("Deputy") }, { "gateway", N_("Gateway") },
		{ "gateway_silence", N_("When we are silent") }, { "login", N_("Login name") }, { "mandate", N_("Mandate") }, { "person", N_("Person") },
		{ "session", N_("Session") }, { "setting", N_("Setting") }, { "unit", N_("Unit") },
	};

	for (size_t i = 0; i < LENGTH(known); i++)
		if (str_equal(table, str_of(known[i].table)))
			return str_of(_(known[i].words));
	return table;
}

const char *admin_column_words(struct str column)
{
	static const struct { const char *column, *words; } known[] = {
		{ "approved_at", N_("Approved") }, { "approved_by", N_("Approved by") }, { "body", N_("Legal body") }, { "class", N_("Class") },
		{ "changed_at", N_("Changed") }, { "changed_by", N_("Changed by") }, { "closed_at", N_("Closed") }, { "code", N_("Id") },
		{ "decided_at", N_("Decided on") }, { "decided_by", N_("Decided by") }, { "deputy", N_("Deputy") }, { "due_at", N_("Due") },
		{ "employment_end", N_("Employment ends") }, { "end_reason", N_("Why it ended") }, { "ended_at", N_("Ended") }, { "ended_by", N_("Ended by") },
		{ "evidence", N_("Evidence") }, { "executed_at", N_("Executed") }, { "executed_by", N_("Executed by") }, { "from_at", N_("From") },
		{ "gateway", N_("Gateway") }, { "is_met", N_("Met") }, { "is_protected", N_("Protected identity") },
		{ "is_stated", N_("Decided elsewhere and stated") }, { "is_watch", N_("Watches only") }, { "kept_roles", N_("Roles given here") },
		{ "language", N_("Language") }, { "left_at", N_("Left") }, { "level", N_("Level") }, { "made_at", N_("Made") }, { "manager", N_("Manager") },
		{ "name", N_("Name") }, { "note", N_("Note") }, { "offered_at", N_("Let in") }, { "opened_at", N_("Opened") }, { "owner", N_("Owner") },
		{ "person", N_("Person") }, { "personal", N_("Personal data") }, { "product", N_("Product") }, { "purpose", N_("Purpose") },
		{ "rejected_at", N_("Rejected") }, { "rejected_by", N_("Rejected by") }, { "requested_at", N_("Requested") },
		{ "requested_by", N_("Requested by") }, { "returned_at", N_("Sent back") }, { "returned_by", N_("Sent back by") },
		{ "review_due_at", N_("To be reviewed before") }, { "roles", N_("Roles") }, { "rule", N_("Rule") }, { "secret", N_("Secret") },
		{ "service", N_("Service") }, { "suspended_at", N_("Suspended") }, { "suspended_by", N_("Suspended by") }, { "text", N_("Text") },
		{ "unit", N_("Unit") }, { "until", N_("Until") }, { "used_at", N_("Used") }, { "value", N_("Value") }, { "withdrawn_at", N_("Withdrawn") },
	};

	for (size_t i = 0; i < LENGTH(known); i++)
		if (str_equal(column, str_of(known[i].column)))
			return known[i].words;
	return NULL;
}

/* --- values --- */

static bool is_one_of(struct str column, const char *words)
{
	struct str rest = str_of(words);

	while (rest.at && rest.len)
		if (str_equal(str_cut(&rest, ' '), column))
			return true;
	return false;
}

static struct str person_words(struct rq *rq, int64_t id)
{
	struct people_get_row person;

	if (people_get(rq, id, &person) != OK)
		return str_print(rq->arena, "%lld", (long long)id);
	return person.is_protected ? person.code : str_print(rq->arena, STR_FMT " (" STR_FMT ")", STR_ARG(person.name), STR_ARG(person.code));
}

static struct str unit_words(struct rq *rq, int64_t id)
{
	struct people_units_row *units;
	size_t n;

	if (people_units(rq, &units, &n) == OK)
		for (size_t i = 0; i < n; i++)
			if (units[i].id == id)
				return units[i].name;
	return str_print(rq->arena, "%lld", (long long)id);
}

static struct str body_words(struct rq *rq, int64_t id)
{
	struct people_bodies_row *bodies;
	size_t n;

	if (people_bodies(rq, &bodies, &n) == OK)
		for (size_t i = 0; i < n; i++)
			if (bodies[i].id == id)
				return bodies[i].name;
	return str_print(rq->arena, "%lld", (long long)id);
}

static struct str gateway_words(struct rq *rq, int64_t id)
{
	struct gateway_all_row *gateways;
	size_t n;

	if (gateway_all(rq, &gateways, &n) == OK)
		for (size_t i = 0; i < n; i++)
			if (gateways[i].id == id)
				return gateways[i].name;
	return str_print(rq->arena, "%lld", (long long)id);
}

static struct str number_words(struct rq *rq, struct str table, struct str column, int64_t n)
{
	struct out out = out_new(rq->arena);

	if (str_starts(column, STR("is_")))
		return str_of(n ? _("yes") : _("no"));
	if (str_ends(column, STR("_at")) || is_one_of(column, "until employment_end"))
		tongue_instant(&out, rq->language, (struct instant){ n });
	else if (str_ends(column, STR("_by")) || is_one_of(column, "person manager owner deputy reviewer")
	         || (str_equal(table, STR("person")) && str_equal(column, STR("id"))))
		return person_words(rq, n);
	else if (str_ends(column, STR("roles")))
		people_roles_out(&out, n);
	else if (str_equal(column, STR("unit")))
		return unit_words(rq, n);
	else if (str_equal(column, STR("body")))
		return body_words(rq, n);
	else if (str_equal(column, STR("gateway")))
		return gateway_words(rq, n);
	else
		out_print(&out, "%lld", (long long)n);
	return out_str(&out);
}

struct str admin_value_words(struct rq *rq, struct str table, struct str column, struct str value)
{
	struct value read;

	if (is_one_of(column, "personal secret"))
		return str_of(column.at[0] == 'p' ? _("kept apart; a hash stands here") : _("kept in a box; a hash stands here"));
	if (leaf_value(rq->arena, value, VALUE_TEXT, &read) != OK)
		return value;
	if (read.kind == VALUE_NULL)
		return str_of(_("nothing"));
	return read.kind == VALUE_TEXT ? read.s : number_words(rq, table, column, read.i);
}
