/* Forms of what gives a desktop or a page: xrdp, Apache Guacamole, Vaultwarden, pfSense.
 *
 * Guacamole and Vaultwarden write through a logger that puts thread, level and class before the sentence; the strips go to where the
 * sentence begins. */
#include "doors/lines_forms.h"

/* "[INFO ] text", "[ERROR] text", "[pid:1 tid:2] ..." */
static struct str strip_xrdp(struct str s, struct line_found *ret)
{
	(void)ret;
	while (s.len && s.at[0] == '[') {
		s = str_from(s, str_find(s, ']') + 1);
		while (s.len && s.at[0] == ' ')
			s = str_from(s, 1);
	}
	if (str_starts(s, STR("xrdp-sesman: ")))
		s = str_from(s, 13);
	return s;
}

static const char *const xrdp_programs[] = { "xrdp", "xrdp-*", NULL };
static const struct line_form xrdp_forms[] = {
	{ LINE_FAILURE, "password", "AUTHFAIL: user=%u ip=%A{ time=%n|}%$", "[INFO ] AUTHFAIL: user=bo ip=1.2.3.4 ip=::ffff:192.0.2.9 time=1795503600", "bo ip=1.2.3.4", "192.0.2.9" },
	{ LINE_FAILURE, "password", "{Username or password error|login failed|Login failed} for {user: |user |}%u{ from ip %A| from %A|%$}", "[INFO ] Username or password error for user: bo", "bo", NULL },
	{ LINE_FAILURE, "password", "pam_authenticate failed: ", "[ERROR] pam_authenticate failed: Authentication failure", NULL, NULL },
	{ LINE_REFUSED, "not allowed", "{login denied|Login denied|Access denied} for {user: |user |}%u%$", "[INFO ] login denied for user: bo", "bo", NULL },
	{ LINE_REFUSED, "account", "pam_acct_mgmt failed: ", "[ERROR] pam_acct_mgmt failed: User account has expired", NULL, NULL },
	{ LINE_SUCCESS, "session", "{++ |}{created session (access granted)|created session|reconnected session}: {user|username} %l, display %*, ip %A", "[INFO ] reconnected session: username anna, display :10.0, session_pid 55, ip ::ffff:192.0.2.5:50022 - socket: 12", "anna", "192.0.2.5" },
	{ LINE_SUCCESS, "session", "{++ |}{created session (access granted)|created session|reconnected session}: {user|username} %u, ip %A", "[INFO ] ++ created session (access granted): username anna, ip 192.0.2.5:50022 - socket: 12", "anna", "192.0.2.5" },
	{ LINE_SUCCESS, "password", "{Access permitted|login successful|Login successful|login was successful} for {user: |user |}%l{ on display|%$}", "[INFO ] Access permitted for user: anna", "anna", NULL },
	{ LINE_OTHER, NULL, "Received {system login request|request} from xrdp for user: %u IP: %A", "[INFO ] Received system login request from xrdp for user: anna IP: ::ffff:192.0.2.5", "anna", "192.0.2.5" },
	{ LINE_OTHER, NULL, "Socket 12: AF_INET{6|} connection received from %a", "[INFO ] Socket 12: AF_INET6 connection received from ::ffff:192.0.2.5 port 50022", NULL, "192.0.2.5" },
	{ 0 }
};

/* --- Guacamole --- */

static struct str from_needle(struct str s, const char *const *needles)
{
	struct str near = str_first(s, 300);
	size_t at = near.len;

	for (; near.len && *needles; needles++) {
		const char *hit = memmem(near.at, near.len, *needles, strlen(*needles));
		if (hit && (size_t)(hit - near.at) < at)
			at = (size_t)(hit - near.at);
	}
	/* In quotes somebody tells what a stranger sent (a web server's log): that is no message. */
	return at < near.len && !memchr(near.at, '"', at) ? str_from(s, at) : STR("");
}

static struct str strip_guacamole(struct str s, struct line_found *ret)
{
	static const char *const needles[] = { "Authentication attempt from ", "User \"", "Authentication attempt for ", NULL };
	(void)ret;
	return from_needle(s, needles);
}

#define PROXIED "{[%a, %*]|[%a]|%a}"
static const char *const guacamole_programs[] = { "guacamole*", "guacd", "tomcat*", "catalina*", "org.apache.guacamole*", NULL };
static const struct line_form guacamole_forms[] = {
	{ LINE_FAILURE, "password", "Authentication attempt from " PROXIED " for user \"%u\" failed", "12:00:00.000 [http-nio-8080-exec-1] WARN  o.a.g.r.auth.AuthenticationService - Authentication attempt from [192.0.2.9, 10.0.0.1] for user \"bo\" failed.", "bo", "192.0.2.9" },
	{ LINE_FAILURE, "password", "Authentication attempt from " PROXIED " failed", "WARNING: Authentication attempt from 192.0.2.9 failed.", NULL, "192.0.2.9" },
	{ LINE_SUCCESS, NULL, "User \"%u\" successfully authenticated from " PROXIED, "INFO  o.a.g.r.auth.AuthenticationService - User \"anna\" successfully authenticated from [192.0.2.5, 10.0.0.1].", "anna", "192.0.2.5" },
	{ LINE_REFUSED, "not allowed", "User \"%u\" has been denied access from " PROXIED, "User \"bo\" has been denied access from 192.0.2.9.", "bo", "192.0.2.9" },
	{ 0 }
};

/* --- Vaultwarden --- */

static struct str strip_vaultwarden(struct str s, struct line_found *ret)
{
	(void)ret;
	/* "[time][vaultwarden::api::identity][ERROR] text": the carrier has taken the time. */
	while (s.len && s.at[0] == '[') {
		s = str_from(s, str_find(s, ']') + 1);
		while (s.len && s.at[0] == ' ')
			s = str_from(s, 1);
	}
	return s;
}

static const char *const vaultwarden_programs[] = { "vaultwarden*", "bitwarden*", NULL };
static const struct line_form vaultwarden_forms[] = {
	{ LINE_FAILURE, "password", "Username or password is incorrect. Try again. IP: %a. Username: %u{.%$|%$}", "[vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. IP: 192.0.2.9. Username: bo@muni.example.", "bo@muni.example", "192.0.2.9", FORM_DOT },
	{ LINE_FAILURE, "second factor", "{Token is invalid|Invalid {TOTP|authenticator|Yubikey|YubiKey|Duo|email|WebAuthn|2FA|two|passkey|security key|recovery|code|Email|U2F|token}}%*IP: %a", "[vaultwarden::api::core::two_factor::authenticator][ERROR] Invalid TOTP code! Server time: 2026-11-24 07:00:00 UTC IP: 192.0.2.9", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "admin token", "Invalid admin token. IP: %a", "[vaultwarden::api::admin][ERROR] Invalid admin token. IP: 192.0.2.9", NULL, "192.0.2.9" },
	{ LINE_REFUSED, "disabled", "This user has been disabled%*IP: %a. Username: %u{.%$|%$}", "[vaultwarden::api::identity][ERROR] This user has been disabled. IP: 192.0.2.9. Username: bo@muni.example.", "bo@muni.example", "192.0.2.9", FORM_DOT },
	{ LINE_REFUSED, "mail not verified", "Please verify your email before trying again%*IP: %a. Username: %u{.%$|%$}", "Please verify your email before trying again. IP: 192.0.2.9. Username: bo@muni.example.", "bo@muni.example", "192.0.2.9", FORM_DOT },
	{ LINE_SUCCESS, NULL, "User %u logged in successfully{ via %*|}. IP: %a", "[vaultwarden::api::identity][INFO] User anna@muni.example logged in successfully. IP: 192.0.2.5", "anna@muni.example", "192.0.2.5" },
	{ 0 }
};

/* --- pfSense --- */

static const char *const pfsense_programs[] = { "php", "php-fpm", "php-cgi", NULL };
static const struct line_form pfsense_forms[] = {
	{ LINE_FAILURE, "password", "{/%*: |}webConfigurator authentication error for {user |}'%u' from{:|} %a", "/index.php: webConfigurator authentication error for user 'admin' from: 192.0.2.9", "admin", "192.0.2.9" },
	{ LINE_SUCCESS, NULL, "{/%*: |}Successful login for user '%u' from{:|} %a", "/index.php: Successful login for user 'admin' from: 192.0.2.5 (Local Database)", "admin", "192.0.2.5" },
	{ LINE_SUCCESS, NULL, "{/%*: |}Successful webConfigurator login for user '%u' from{:|} %a", "/index.php: Successful webConfigurator login for user 'admin' from 192.0.2.5", "admin", "192.0.2.5" },
	{ LINE_REFUSED, "not allowed", "{/%*: |}{webConfigurator |}{Unauthorized access|unauthorised access} attempt by {user |}'%u' from{:|} %a", "/index.php: Unauthorized access attempt by user 'bo' from: 192.0.2.9", "bo", "192.0.2.9" },
	{ LINE_FAILURE, "password", "user '%u' could not authenticate", "user 'bo' could not authenticate.", "bo", NULL },
	{ LINE_SUCCESS, NULL, "user '%u' authenticated", "user 'bo' authenticated", "bo", NULL },
	{ 0 }
};

const struct line_service line_xrdp = { "xrdp", xrdp_programs, xrdp_forms, .is_one_pid_a_session = false, .has_pam = true, .strip = strip_xrdp };
const struct line_service line_guacamole = { "guacamole", guacamole_programs, guacamole_forms, .strip = strip_guacamole };
const struct line_service line_vaultwarden = { "vaultwarden", vaultwarden_programs, vaultwarden_forms, .strip = strip_vaultwarden };
const struct line_service line_pfsense = { "pfsense", pfsense_programs, pfsense_forms };
