/* Resets in a directory's log: of whom, by whom and what, in the forms that products write; and what is none. */
#include "doors/lines.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static struct { int n; bool has_time; struct instant at; char person[200], by[200], kind[20]; } seen;

static void nothing(void *of, const struct line_event *event)
{
	(void)of;
	assert_true(event->outcome != LINE_SUCCESS);
}

static void take(void *of, const struct line_reset *reset)
{
	(void)of;
	seen.n++;
	seen.has_time = reset->has_time;
	seen.at = reset->at;
	snprintf(seen.person, sizeof seen.person, STR_FMT, STR_ARG(reset->person));
	snprintf(seen.by, sizeof seen.by, STR_FMT, STR_ARG(reset->by));
	snprintf(seen.kind, sizeof seen.kind, "%s", reset->kind);
}

static void read_line(const char *line)
{
	struct lines_options options = { .each = nothing, .reset = take };

	assert_int_equal(instant_parse(STR("2026-11-28T12:00:00Z"), &options.now), OK);
	memset(&seen, 0, sizeof seen);
	struct lines *lines = lines_new(&options);
	lines_live(lines, str_of(line), true, options.now);
	lines_end(lines);
}

static void is_reset(const char *line, const char *person, const char *by, const char *kind, const char *at)
{
	struct instant wanted;

	read_line(line);
	if (seen.n != 1)
		print_error("%s\n", line);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.person, person);
	assert_string_equal(seen.by, by);
	assert_string_equal(seen.kind, kind);
	assert_int_equal(instant_parse(str_of(at), &wanted), OK);
	assert_true(seen.has_time);
	assert_int_equal(seen.at.ms, wanted.ms);
}

static void is_none(const char *line)
{
	read_line(line);
	if (seen.n)
		print_error("%s\n", line);
	assert_int_equal(seen.n, 0);
}

static void windows(void **state)
{
	is_reset("{\"@timestamp\":\"2026-11-28T10:00:00.500Z\",\"winlog\":{\"event_id\":4724,\"event_data\":{\"TargetUserName\":\"anna\",\"TargetDomainName\":\"EX\","
		"\"SubjectUserName\":\"helpdesk1\"},\"keywords\":[\"Audit Success\"]}}", "anna", "helpdesk1", "password", "2026-11-28T10:00:00.500Z");
	is_reset("{\"EventID\":\"4724\",\"EventTime\":\"2026-11-28T10:00:00Z\",\"TargetUserName\":\"anna\",\"SubjectUserName\":\"per\",\"Keywords\":\"0x8020000000000000\"}", "anna", "per",
		"password", "2026-11-28T10:00:00Z");
	is_reset("{\"EventID\":4723,\"EventTime\":\"2026-11-28T10:00:00Z\",\"TargetUserName\":\"anna\",\"SubjectUserName\":\"per\"}", "anna", "per", "password", "2026-11-28T10:00:00Z");
	is_none("{\"EventID\":4723,\"TargetUserName\":\"anna\",\"SubjectUserName\":\"Anna\"}");                                   /* her own */
	is_none("{\"EventID\":4724,\"TargetUserName\":\"PC17$\",\"SubjectUserName\":\"SYSTEM\"}");                                /* a machine */
	is_none("{\"EventID\":4724,\"TargetUserName\":\"anna\",\"SubjectUserName\":\"x\",\"Keywords\":\"0x8010000000000000\"}");
	is_none("{\"winlog\":{\"event_id\":4724,\"event_data\":{\"TargetUserName\":\"anna\"},\"keywords\":[\"Audit Failure\"]},\"event\":{\"outcome\":\"failure\"}}");
	is_none("{\"EventID\":4625,\"TargetUserName\":\"anna 4724\",\"IpAddress\":\"192.0.2.1\",\"Status\":\"0xC000006D\"}");
}

static void entra(void **state)
{
	static const char form[] = "{\"category\":\"UserManagement\",\"activityDisplayName\":\"%s\",\"activityDateTime\":\"2026-11-28T10:00:00Z\",\"result\":\"%s\","
		"\"initiatedBy\":{\"user\":{\"userPrincipalName\":\"%s\"}},\"targetResources\":[{\"userPrincipalName\":\"anna@ex.example\"}]}";
	char line[1000];

	snprintf(line, sizeof line, form, "Reset user password", "success", "per@ex.example");
	is_reset(line, "anna@ex.example", "per@ex.example", "password", "2026-11-28T10:00:00Z");
	snprintf(line, sizeof line, form, "Reset password (by admin)", "success", "per@ex.example");
	is_reset(line, "anna@ex.example", "per@ex.example", "password", "2026-11-28T10:00:00Z");
	snprintf(line, sizeof line, form, "Admin deleted security info", "success", "per@ex.example");
	is_reset(line, "anna@ex.example", "per@ex.example", "factor", "2026-11-28T10:00:00Z");
	snprintf(line, sizeof line, form, "Disable Strong Authentication", "success", "per@ex.example");
	is_reset(line, "anna@ex.example", "per@ex.example", "factor", "2026-11-28T10:00:00Z");
	is_reset("{\"records\":[{\"time\":\"2026-11-28T10:00:00Z\",\"operationName\":\"Reset user password\",\"properties\":{\"result\":\"success\",\"targetResources\":"
		"[{\"userPrincipalName\":\"anna@ex.example\"}],\"initiatedBy\":{\"app\":{\"displayName\":\"Portal\"}}}}]}", "anna@ex.example", "Portal", "password",
		"2026-11-28T10:00:00Z");
	snprintf(line, sizeof line, form, "Reset user password", "failure", "per@ex.example");
	is_none(line);
	snprintf(line, sizeof line, form, "Reset user password", "success", "Anna@ex.example");
	is_none(line);
	for (const char *const *act = (const char *const[]){ "Change user password", "Reset password (self-service)", "User registered security info", "Update user", NULL }; *act; act++) {
		snprintf(line, sizeof line, form, *act, "success", "per@ex.example");
		is_none(line);
	}
}

static void keycloak(void **state)
{
	is_reset("2026-11-28 11:00:00,250 DEBUG [org.keycloak.events] (executor-thread-7) operationType=\"ACTION\", realmId=\"m\", clientId=\"c\", userId=\"admin-1\", ipAddress=\"192.0.2.3\", "
		"resourceType=\"USER\", resourcePath=\"users/7f1e/reset-password\"", "7f1e", "admin-1", "password", "2026-11-28T10:00:00.250Z");
	is_reset("Nov 28 11:00:00 gw keycloak[5]: operationType=UPDATE, realmId=m, clientId=c, userId=admin-1, ipAddress=192.0.2.3, resourceType=USER, resourcePath=users/7f1e/reset-password",
		"7f1e", "admin-1", "password", "2026-11-28T10:00:00Z");
	is_reset("{\"time\":1795860000000,\"realmId\":\"m\",\"operationType\":\"ACTION\",\"resourceType\":\"USER\",\"resourcePath\":\"users/7f1e/reset-password\","
		"\"authDetails\":{\"userId\":\"a-1\",\"username\":\"per\",\"ipAddress\":\"192.0.2.3\"},\"details\":{\"username\":\"anna\"}}", "anna", "per", "password", "2026-11-28T10:00:00Z");
	is_reset("{\"time\":1795860000000,\"realmId\":\"m\",\"operationType\":\"DELETE\",\"resourcePath\":\"users/7f1e/credentials/9\",\"authDetails\":{\"userId\":\"a-1\"}}", "7f1e", "a-1", "factor",
		"2026-11-28T10:00:00Z");
	is_none("{\"time\":1795860000000,\"operationType\":\"UPDATE\",\"resourcePath\":\"users/7f1e\"}");
	is_none("{\"time\":1795860000000,\"operationType\":\"ACTION\",\"resourcePath\":\"users/7f1e/reset-password\",\"error\":\"not_allowed\"}");
	is_none("Nov 28 11:00:00 gw keycloak[5]: operationType=ACTION, userId=a, resourcePath=users/7f1e/logout");
}

/* Only the directory's own word counts. */
static void strangers_say_nothing(void **state)
{
	is_none("Nov 28 11:00:00 gw sshd[5]: Invalid user operationType=ACTION, resourcePath=users/anna/reset-password from 192.0.2.1 port 22");
	is_none("Nov 28 11:00:00 gw sshd[5]: operationType=ACTION, resourcePath=users/anna/reset-password");
	is_none("Nov 28 11:00:00 gw keycloak[5]: type=\"LOGIN_ERROR\", realmId=\"m\", ipAddress=\"192.0.2.1\", error=\"user_not_found\", username=\"x, operationType=ACTION, "
		"resourcePath=users/anna/reset-password\"");
	is_none("2026-11-28 11:00:00,250 WARN  [org.keycloak.events] (x) type=\"LOGIN_ERROR\", username=\"[org.keycloak.events] operationType=ACTION, resourcePath=users/a/reset-password\"");
	is_none("{\"EventID\":4625,\"TargetUserName\":\"x\\\",\\\"EventID\\\":4724\",\"IpAddress\":\"192.0.2.1\",\"Status\":\"0xC000006D\"}");
	is_none("{\"userPrincipalName\":\"Reset user password\",\"status\":{\"errorCode\":50126},\"ipAddress\":\"192.0.2.1\",\"createdDateTime\":\"2026-11-28T10:00:00Z\"}");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows), cmocka_unit_test(entra), cmocka_unit_test(keycloak), cmocka_unit_test(strangers_say_nothing),
	};

	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
