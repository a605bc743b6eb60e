/* Forms of the daemons that give a shell: OpenSSH, Dropbear, Cockpit; and of PAM, which speaks under all of their names.
 *
 * A row: outcome, reason (or NULL: what %r takes), pattern, then its own test line with the user and address that must come out of it.
 * The first row that fits counts, so a narrow one stands above a wide one. What is `other` is listed where it tells an address or a user
 * that a later line of the same connection lacks, or where a wider row would take it for something else. */
#include "doors/lines_forms.h"

#define FROM_PORT "from %a{ port %n|}"
#define WHOM "{invalid user |illegal user |}"

static const char *const sshd_programs[] = { "sshd", "sshd-session", "sshd-auth", "sshd@*", "sshd-*", "openssh*", "in.sshd", NULL };
static const struct line_form sshd_forms[] = {
	{ LINE_SUCCESS, NULL, "Accepted %r for %u from %a port %n{ ssh2| ssh1| ssh|}",
	  "Accepted publickey for anna from 2001:db8::7 port 50022 ssh2: ED25519 SHA256:AAAA", "anna", "2001:db8::7" },
	{ LINE_SUCCESS, NULL, "Accepted %r for %u from %a",
	  "Accepted password for anna from 192.0.2.5", "anna", "192.0.2.5" },
	{ LINE_FAILURE, "none", "Failed none for " WHOM "%u from %a port %n{ ssh2{:| [preauth]|%$| }|%$| }",
	  "Failed none for invalid user ghost from 192.0.2.9 port 4022 ssh2", "ghost", "192.0.2.9" },
	{ LINE_FAILURE, NULL, "Failed %r for {invalid user|illegal user} from %a port %n{ ssh2|}{ [preauth]|}%$",
	  "Failed password for invalid user from 192.0.2.9 port 4022 ssh2", NULL, "192.0.2.9" },
	{ LINE_FAILURE, NULL, "Failed %r for " WHOM "%u from %a port %n ssh{2|1}{:| [preauth]|%$| }",
	  "Failed password for invalid user x from 1.2.3.4 port 1 ssh2 from 192.0.2.9 port 4022 ssh2", "x from 1.2.3.4 port 1 ssh2", "192.0.2.9" },
	{ LINE_FAILURE, NULL, "Failed %r for " WHOM "%u from %a{ port %n|}",
	  "Failed keyboard-interactive for bo from host.example.org", "bo", "host.example.org" },
	{ LINE_FAILURE, "unknown user", "{Invalid|Illegal} user " FROM_PORT "%$", "Invalid user from 192.0.2.9 port 40", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "unknown user", "{Invalid|Illegal} user %u " FROM_PORT "{ [preauth]|}%$",
	  "Invalid user oracle from 192.0.2.9 port 4022", "oracle", "192.0.2.9" },
	{ LINE_FAILURE, "unknown user", "{Invalid|Illegal} user %u from %a", "Illegal user test from 192.0.2.9 (old)", "test", "192.0.2.9" },
	{ LINE_FAILURE, NULL, "{error: |}PAM: %r for {illegal user |invalid user |}%u from %a{ via %w|}{ [preauth]|}%$",
	  "error: PAM: Authentication failure for illegal user toor from fe80::2%eth1", "toor", "fe80::2" },
	{ LINE_FAILURE, "too many attempts", "{error: |}maximum authentication attempts exceeded for " WHOM "%u from %a port %n",
	  "error: maximum authentication attempts exceeded for invalid user a b from 192.0.2.9 port 33 ssh2 [preauth]", "a b", "192.0.2.9" },
	{ LINE_FAILURE, "too many attempts", "{error: |fatal: |}{Disconnecting: |}Too many authentication failures for " WHOM "%u from %a port %n",
	  "error: Too many authentication failures for root from 192.0.2.9 port 22 ssh2", "root", "192.0.2.9" },
	{ LINE_REFUSED, "root may not log in", "ROOT LOGIN REFUSED FROM %a", "ROOT LOGIN REFUSED FROM 192.0.2.9 port 4022", NULL, "192.0.2.9" },
	{ LINE_REFUSED, NULL, "User %u from %a not allowed because %r{ [preauth]%$|%$}",
	  "User backup from 192.0.2.9 not allowed because not listed in AllowUsers", "backup", "192.0.2.9" },
	{ LINE_REFUSED, NULL, "User %u not allowed because %r{ [preauth]%$|%$}", "User carl not allowed because account is locked", "carl", NULL },
	{ LINE_REFUSED, "account", "{fatal: |error: |}Access denied for user %u by PAM account configuration",
	  "fatal: Access denied for user dora by PAM account configuration [preauth]", "dora", NULL },
	{ LINE_REFUSED, "key from another host", "Authentication tried for %u with {correct key|valid certificate} but not from a permitted {host|source address} ({host=%*, |}ip=%a",
	  "Authentication tried for eva with correct key but not from a permitted host (host=x.example.org, ip=192.0.2.9, required options: none).", "eva", "192.0.2.9" },
	{ LINE_REFUSED, NULL, "Login restricted for %u: %r", "Login restricted for fia: account expired", "fia", NULL },
	{ LINE_REFUSED, "tcp wrappers", "refused connect from %l ({%a|%l})%$", "refused connect from pool.example.org (192.0.2.9)", "pool.example.org", "192.0.2.9" },
	/* What speaks of no login, or of a stage of one. */
	{ LINE_OTHER, NULL, "Connection from %a port %n", "Connection from 192.0.2.9 port 4022 on 192.0.2.1 port 22 rdomain \"\"", NULL, "192.0.2.9" },
	{ LINE_OTHER, NULL, "{Postponed|Partial} %w for " WHOM "%u from %a port %n", "Postponed keyboard-interactive for bo from 192.0.2.5 port 50 ssh2 [preauth]", "bo", "192.0.2.5" },
	{ LINE_OTHER, NULL, "Connection {closed|reset} by {authenticating |invalid |}user %u %a port %n", "Connection closed by authenticating user root 192.0.2.9 port 4 [preauth]", "root", "192.0.2.9" },
	{ LINE_OTHER, NULL, "Connection {closed|reset} by %a", "Connection closed by 192.0.2.9 port 4022 [preauth]", NULL, "192.0.2.9" },
	{ LINE_OTHER, NULL, "Disconnected from {authenticating |invalid |}user %u %a port %n", "Disconnected from user anna 192.0.2.5 port 50022", "anna", "192.0.2.5" },
	{ LINE_OTHER, NULL, "Disconnected from %a", "Disconnected from 192.0.2.9 port 4022 [preauth]", NULL, "192.0.2.9" },
	{ LINE_OTHER, NULL, "{error: |}Received disconnect from %a", "Received disconnect from 192.0.2.9 port 4022:11: Bye Bye [preauth]", NULL, "192.0.2.9" },
	{ LINE_OTHER, NULL, "{fatal: |}Timeout before authentication for {connection from |}%a", "fatal: Timeout before authentication for 192.0.2.9 port 4022", NULL, "192.0.2.9" },
	{ LINE_OTHER, NULL, "input_userauth_request: {invalid|illegal} user %l{ [preauth]|}%$", "input_userauth_request: invalid user ghost [preauth]", "ghost", NULL },
	{ LINE_OTHER, NULL, "Disconnecting{: | authenticating user | invalid user }%*: Too many authentication failures", "Disconnecting authenticating user root 192.0.2.9 port 4022: Too many authentication failures [preauth]", NULL, NULL },
	{ 0 }
};

/* "pam_unix(sshd:auth): text", "pam_unix: text", "PAM text": the service, and the text. */
static struct str strip_pam(struct str s, struct line_found *ret)
{
	if (str_starts(s, STR("PAM "))) {
		s = str_from(s, 4);
	} else if (str_starts(s, STR("pam_"))) {
		struct str near = str_first(s, 160);
		size_t open = str_find(near, '('), close = str_find(near, ')'), colon = str_find(near, ':');
		if (open < colon && close < near.len && close > open) {
			struct str inside = { s.at + open + 1, close - open - 1 };
			ret->pam = str_first(inside, str_find(inside, ':'));
			s = str_from(s, close + 1);
			s = str_from(s, s.len && s.at[0] == ':');
		} else {
			s = str_from(s, MIN(colon + 1, near.len));
		}
		while (s.len && s.at[0] == ' ')
			s = str_from(s, 1);
	}
	return s;
}

static const char *const pam_programs[] = { "login", "vsftpd", "proftpd", "pure-ftpd", "gdm-password", "gdm-password]", "gdm*", "lightdm", "sddm", "su", "sudo", "systemd-logind", "unix_chkpwd", NULL };
static const struct line_form pam_forms[] = {
	{ LINE_FAILURE, "authentication failure", "authentication failure; %*rhost=", "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.9  user=x rhost=1.2.3.4", "x rhost=1.2.3.4", "192.0.2.9", FORM_RHOST },
	{ LINE_FAILURE, "authentication failure", "%c more authentication failure{s|}; %*rhost=", "PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=2001:db8::9  user=root", "root", "2001:db8::9", FORM_RHOST },
	{ LINE_REFUSED, "locked", "Consecutive login failures for user %u account temporarily locked", "pam_faillock(sshd:auth): Consecutive login failures for user gun account temporarily locked", "gun", NULL },
	{ LINE_REFUSED, "locked", "user %u (%n) tally %n, deny %n", "pam_tally2(sshd:auth): user gun (1001) tally 6, deny 5", "gun", NULL },
	{ LINE_REFUSED, "locked", "{User|user} %u {is locked|has been locked}", "pam_faillock(sshd:auth): User gun is locked", "gun", NULL },
	{ LINE_REFUSED, "expired", "account %u has expired", "pam_unix(sshd:account): account hans has expired (account expired)", "hans", NULL },
	{ LINE_REFUSED, "not allowed", "access denied for user `%u' from `%a'", "pam_access(sshd:account): access denied for user `ida' from `192.0.2.9'", "ida", "192.0.2.9" },
	{ LINE_REFUSED, "not allowed", "Refused user %u for service %w", "pam_listfile(sshd:auth): Refused user jon for service sshd", "jon", NULL },
	{ LINE_REFUSED, "not allowed", "requirement \"%*\" not met by user \"%u\"", "pam_succeed_if(sshd:auth): requirement \"uid >= 1000\" not met by user \"root\"", "root", NULL },
	{ LINE_REFUSED, NULL, "Access denied for user %u: %n (%r)", "pam_sss(sshd:account): Access denied for user kim: 6 (Permission denied)", "kim", NULL },
	{ LINE_FAILURE, "wrong code", "Invalid verification code for %l{ from %a|}%$", "pam_google_authenticator(sshd:auth): Invalid verification code for lisa", "lisa", NULL },
	{ LINE_FAILURE, "wrong code", "{invalid|wrong} OTP%*user %u", "pam_oath(sshd:auth): invalid OTP for user lisa", "lisa", NULL },
	{ LINE_FAILURE, NULL, "received for user %u: {7|10|4} (%r)", "pam_sss(sshd:auth): received for user mia: 7 (Authentication failure)", "mia", NULL },
	{ LINE_FAILURE, NULL, "user '%u' denied access (%r)", "pam_winbind(sshd:auth): user 'MUNI\\nils' denied access (incorrect password or invalid membership)", "MUNI\\nils", NULL },
	{ LINE_SUCCESS, "session opened", "session opened for user %l{(uid=%n)| by |%$}", "pam_unix(login:session): session opened for user olof(uid=1002) by LOGIN(uid=0)", "olof", NULL, FORM_SESSION },
	{ LINE_OTHER, NULL, "session closed for user %u%$", "pam_unix(sshd:session): session closed for user anna", "anna", NULL },
	{ LINE_OTHER, NULL, "check pass; user unknown", "pam_unix(sshd:auth): check pass; user unknown", NULL, NULL },
	{ LINE_FAILURE, "login", "FAILED LOGIN %*FROM %a FOR %u, ", "FAILED LOGIN 2 FROM 192.0.2.9 FOR root, Authentication failure", "root", "192.0.2.9" },
	{ 0 }
};

/* "[12] Nov 24 08:00:00 text": how it writes where no syslog is; some put that into a syslog line. */
static struct str strip_dropbear(struct str s, struct line_found *ret)
{
	size_t end = str_find(str_first(s, 12), ']');

	(void)ret;
	if (s.len < 24 || s.at[0] != '[' || s.at[1] < '0' || s.at[1] > '9' || end >= 12 || s.at[end + 1] != ' ')
		return s;
	struct str rest = str_from(s, end + 2);
	return rest.len > 16 && rest.at[3] == ' ' && rest.at[9] == ':' && rest.at[12] == ':' ? str_from(rest, 16) : s;
}

static const char *const dropbear_programs[] = { "dropbear", "dropbear-*", "authpriv.warn dropbear", NULL };
static const struct line_form dropbear_forms[] = {
	{ LINE_FAILURE, "password", "{Bad|bad} {PAM |}password attempt for '%u' from %A", "Bad password attempt for 'x' from 1.1.1.1:1' from 2001:db8::9:4022", "x' from 1.1.1.1:1", "2001:db8::9" },
	{ LINE_FAILURE, "unknown user", "{Login|login} attempt for nonexistent user{ '%u'|} from %A", "Login attempt for nonexistent user from 192.0.2.9:4022", NULL, "192.0.2.9", FORM_NAMELESS },
	{ LINE_FAILURE, "too many attempts", "{Exit|exit} before auth{ from <%A>|}%*: Max auth tries reached - user '%u' from %A", "Exit before auth (user 'root', 10 fails): Max auth tries reached - user 'root' from 192.0.2.9:4022", "root", "192.0.2.9" },
	{ LINE_FAILURE, "too many attempts", "{Exit|exit} before auth from <%A>: (user '%u', %n fails): Max auth tries reached", "Exit before auth from <192.0.2.9:4022>: (user 'root', 3 fails): Max auth tries reached", "root", "192.0.2.9" },
	{ LINE_FAILURE, "key", "Pubkey auth {failed|attempt with unknown algo} for '%u' from %A", "Pubkey auth attempt with unknown algo for 'git' from 192.0.2.9:4022", "git", "192.0.2.9" },
	{ LINE_REFUSED, "shell", "{User|user} '%u' has invalid shell, rejected", "User 'www-data' has invalid shell, rejected", "www-data", NULL },
	{ LINE_REFUSED, "locked", "{User account|Account|user} '%u' is locked", "User account 'per' is locked", "per", NULL },
	{ LINE_REFUSED, "root may not log in", "{root|Root} login rejected", "root login rejected", NULL, NULL },
	{ LINE_REFUSED, "no password", "User '%u' has blank password, rejected", "User 'tom' has blank password, rejected", "tom", NULL },
	{ LINE_SUCCESS, NULL, "%r auth succeeded for '%u' {with %w key %* |}from %A", "Pubkey auth succeeded for 'anna' with ssh-ed25519 key SHA256:AAAA from 192.0.2.5:50022", "anna", "192.0.2.5" },
	{ LINE_OTHER, NULL, "Child connection from %A", "Child connection from 192.0.2.9:4022", NULL, "192.0.2.9" },
	{ 0 }
};

static const char *const cockpit_programs[] = { "cockpit*", NULL };
static const struct line_form cockpit_forms[] = {
	{ LINE_FAILURE, NULL, "{cockpit-session: |}user {login|authentication} failed: %l: %r%$", "user authentication failed: per: Authentication failure", "per", NULL },
	{ LINE_FAILURE, NULL, "%a: authentication failed: %r", "192.0.2.9: authentication failed: bad password", NULL, "192.0.2.9" },
	{ LINE_SUCCESS, NULL, "{logged in|User logged in}: %u from %a%$", "logged in: olof from 192.0.2.5", "olof", "192.0.2.5" },
	{ LINE_OTHER, NULL, "New connection {to session |}from %a", "New connection to session from 192.0.2.5", NULL, "192.0.2.5" },
	{ 0 }
};

#define PORT " from %a port %n"
static const char *const sshd_plain[] = {
	"Failed password for invalid user %u" PORT " ssh2", "Failed password for %u" PORT " ssh2",
	"Failed publickey for invalid user %u" PORT " ssh2: %k", "Failed publickey for %u" PORT " ssh2: %k",
	"Failed keyboard-interactive/pam for invalid user %u" PORT " ssh2", "Failed keyboard-interactive/pam for %u" PORT " ssh2",
	"Invalid user %u" PORT, "Accepted password for %u" PORT " ssh2", "Accepted publickey for %u" PORT " ssh2: %k", "Accepted keyboard-interactive/pam for %u" PORT " ssh2",
	"Connection closed by authenticating user %u %a port %n [preauth]", "Connection closed by invalid user %u %a port %n [preauth]",
	"Connection closed by %a port %n [preauth]", "Connection closed by %a port %n",
	"Connection reset by authenticating user %u %a port %n [preauth]", "Connection reset by invalid user %u %a port %n [preauth]",
	"Connection reset by %a port %n [preauth]", "Connection from %a port %n on %*",
	"Disconnected from user %u %a port %n", "Disconnected from authenticating user %u %a port %n [preauth]",
	"Disconnected from invalid user %u %a port %n [preauth]", "Disconnected from %a port %n [preauth]", "Received disconnect from %a port %n:%*",
	"pam_unix(sshd:session): session opened for user %u(uid=%n) by %*", "pam_unix(sshd:session): session opened for user %u by %*",
	"pam_unix(sshd:session): session closed for user %u",
	"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=%a  user=%u",
	"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=%a ",
	NULL
};

const struct line_service line_sshd = { "sshd", sshd_programs, sshd_forms, .plain = sshd_plain, .is_one_pid_a_session = true, .has_pam = true };
const struct line_service line_pam = { "pam", pam_programs, pam_forms, .is_one_pid_a_session = true, .strip = strip_pam };
const struct line_service line_dropbear = { "dropbear", dropbear_programs, dropbear_forms, .is_one_pid_a_session = true, .has_pam = true, .strip = strip_dropbear };
const struct line_service line_cockpit = { "cockpit", cockpit_programs, cockpit_forms, .is_one_pid_a_session = true, .has_pam = true };
