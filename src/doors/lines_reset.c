/* Resets of log-ins that a directory's own log tells: Windows 4724 (and 4723 by another), Entra's audit log, Keycloak's admin events.
 *
 * What a person does with her own password is none. A factor that somebody else has taken away or put in counts too: with it one comes in.
 *
 * SECURITY: only what the directory itself says of an administrator's act; in a text the words stand where Keycloak puts them, with nothing before them
 * that a stranger could have typed. A machine's account is no person. */
#include "doors/lines_json.h"

static bool has(struct str s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.len; i++)
		if (strncasecmp(s.at + i, word, n) == 0)
			return true;
	return false;
}

static bool is_same_name(struct str a, struct str b)
{
	return a.len && a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

/* --- Windows --- */

static bool windows(const struct json_flat *flat, struct line_reset *ret)
{
	struct str id = json_first_of(flat, (const char *const[]){ "EventID", "event_id", "EventCode", "System.EventID", "Id", NULL });
	int64_t event;

	if (!id.at)
		id = json_find_in(flat, "EventID", "#text");
	if (!id.at)
		id = json_find_in(flat, "event", "code");
	if (!id.at || str_number(id, 99999, &event) != OK || (event != 4724 && event != 4723))
		return false;
	struct str person = json_find(flat, "TargetUserName"), by = json_find(flat, "SubjectUserName"), keywords = json_find(flat, "Keywords");
	bool is_failed = has(keywords, "Failure") || has(keywords, "0x8010") || has(json_find_in(flat, "event", "outcome"), "failure");
	if (is_failed || !person.len || person.at[person.len - 1] == '$' || (event == 4723 && is_same_name(person, by)))
		return false;
	struct str when = json_first_of(flat, (const char *const[]){ "@timestamp", "TimeCreated", "SystemTime", "@SystemTime", "EventTime", "timestamp", "time", NULL });
	*ret = (struct line_reset){ .person = person, .by = by, .kind = "password", .has_time = json_moment(when, false, &ret->at), .at = ret->at };
	return true;
}

/* --- Entra --- */

static const struct { const char *begins, *holds, *kind; } entra_acts[] = {
	{ "Reset user password", "", "password" }, { "Reset password", "admin", "password" }, { "Admin ", "password", "password" },
	{ "Admin deleted", "security info", "factor" }, { "Admin registered", "security info", "factor" }, { "Admin updated", "security info", "factor" },
	{ "Admin changed", "security info", "factor" }, { "Disable Strong Authentication", "", "factor" }, { "Admin started", "mfa re-register", "factor" },
};

static bool entra(const struct json_flat *flat, struct line_reset *ret)
{
	struct str act = json_first_of(flat, (const char *const[]){ "activityDisplayName", "OperationName", NULL });
	struct str person = json_find_in(flat, "targetResources", "userPrincipalName"), by = json_find_in(flat, "initiatedBy", "userPrincipalName");
	struct str result = json_find(flat, "result");

	if (!act.at || !person.len || has(result, "fail") || is_same_name(person, by))
		return false;
	for (size_t i = 0; i < LENGTH(entra_acts); i++) {
		size_t n = strlen(entra_acts[i].begins);
		if (act.len < n || strncasecmp(act.at, entra_acts[i].begins, n) != 0 || !has(act, entra_acts[i].holds))
			continue;
		struct str when = json_first_of(flat, (const char *const[]){ "activityDateTime", "ActivityDateTime", "TimeGenerated", "time", NULL });
		if (!by.len)
			by = json_find_in(flat, "initiatedBy", "displayName");
		*ret = (struct line_reset){ .person = person, .by = by, .kind = entra_acts[i].kind, .has_time = json_moment(when, true, &ret->at), .at = ret->at };
		return true;
	}
	return false;
}

/* --- Keycloak --- */

/* users/ID/reset-password; users/ID/credentials/ID taken away: a factor. */
static bool keycloak_path(struct str path, bool is_delete, struct line_reset *ret)
{
	if (!str_starts(path, STR("users/")))
		return false;
	path = str_from(path, 6);
	ret->person = str_cut(&path, '/');
	bool is_password = str_equal(path, STR("reset-password")) || str_equal(path, STR("execute-actions-email"));
	bool is_factor = is_delete && str_starts(path, STR("credentials/"));
	ret->kind = is_password ? "password" : "factor";
	return ret->person.len && (is_password || is_factor);
}

static bool keycloak(const struct json_flat *flat, struct line_reset *ret)
{
	struct line_reset reset = { 0 };
	struct str name = json_find_in(flat, "details", "username");

	if (json_find(flat, "error").len || !keycloak_path(json_find(flat, "resourcePath"), str_equal(json_find(flat, "operationType"), STR("DELETE")), &reset))
		return false;
	if (name.len)
		reset.person = name;
	reset.by = json_find_in(flat, "authDetails", "username");
	if (!reset.by.len)
		reset.by = json_find_in(flat, "authDetails", "userId");
	reset.has_time = json_moment(json_first_of(flat, (const char *const[]){ "time", "timestamp", "@timestamp", NULL }), true, &reset.at);
	*ret = reset;
	return true;
}

bool reset_of_json(const char *format, const struct json_flat *flat, struct line_reset *ret)
{
	bool is_any = !format;

	return ((is_any || strcmp(format, "windows") == 0) && windows(flat, ret)) || ((is_any || strcmp(format, "entra") == 0) && entra(flat, ret))
	    || ((is_any || strcmp(format, "keycloak") == 0) && keycloak(flat, ret));
}

/* The value behind ", NAME=", with or without quotation marks; a value that a comma could end otherwise is quoted by Keycloak. */
static struct str value_of(struct str text, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i + n + 1 < text.len; i++) {
		if ((i && (i < 2 || text.at[i - 1] != ' ' || text.at[i - 2] != ',')) || memcmp(text.at + i, name, n) != 0 || text.at[i + n] != '=')
			continue;
		struct str rest = str_from(text, i + n + 1);
		bool is_quoted = rest.at[0] == '"';
		return str_cut(&(struct str){ rest.at + is_quoted, rest.len - is_quoted }, is_quoted ? '"' : ',');
	}
	return STR_NONE;
}

bool reset_of_text(const char *format, const struct line_record *record, struct line_reset *ret)
{
	struct str text = record->text, mark = STR("[org.keycloak.events]");
	struct line_reset reset = { 0 };
	bool is_ours = (format && strcmp(format, "keycloak") == 0) || str_starts(record->program, STR("keycloak")) || str_equal(record->program, STR("kc.sh"));

	while (text.len && ((text.at[0] >= 'A' && text.at[0] <= 'Z') || text.at[0] == ' '))
		text = str_from(text, 1);
	if (str_starts(text, mark)) {
		is_ours |= !record->program.len;
		text = str_trim(str_from(text, mark.len));
		if (text.len && text.at[0] == '(')
			text = str_trim(str_from(text, MIN(str_find(text, ')') + 1, text.len)));
	}
	if (!is_ours || !str_starts(text, STR("operationType=")) || value_of(text, "error").len
	    || !keycloak_path(value_of(text, "resourcePath"), str_equal(value_of(text, "operationType"), STR("DELETE")), &reset))
		return false;
	reset.by = value_of(text, "userId");
	reset.has_time = record->has_time;
	reset.at = record->at;
	*ret = reset;
	return true;
}
