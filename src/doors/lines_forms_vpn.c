/* Forms of the daemons that give a network: OpenVPN, ocserv, strongSwan, FreeRADIUS, Cisco ASA and FTD; and Keycloak as text.
 *
 * OpenVPN puts "A:P" or "CN/A:P" before what it says of a client, ocserv "main[U]:A:P", "worker[U]: A" or "sec-mod:", charon "12[IKE]" and
 * FreeRADIUS "(5)": the strips take that off, so that a form is the sentence alone.
 * `Peer Connection Initiated` of OpenVPN comes after a failed login too, so it is never a success. Of FreeRADIUS the Calling-Station-Id
 * (cli) is the address, never the client's name; a password behind the name is dropped. */
#include "doors/lines_forms.h"

/* --- OpenVPN --- */

static struct str skip_word(struct str s)
{
	s = str_from(s, str_find(s, ' '));
	while (s.len && s.at[0] == ' ')
		s = str_from(s, 1);
	return s;
}

static bool ends_in_port(struct str s)
{
	size_t n = s.len;

	while (n && s.at[n - 1] >= '0' && s.at[n - 1] <= '9')
		n--;
	return n < s.len && n > 1 && s.at[n - 1] == ':' && s.len - n <= 5;
}

/* "us=12 CN/[AF_INET]1.2.3.4:1194 text". A common name may hold blanks and slashes: the last / of the first word that ends in a port. */
static struct str strip_openvpn(struct str s, struct line_found *ret)
{
	ret->is_nameless = true;                 /* a common name is not the name that was given with the password */
	if (str_starts(s, STR("us=")))
		s = skip_word(s);
	struct str rest = s;
	for (size_t i = 0; i < 8 && rest.len; i++) {
		size_t n = str_find(rest, ' ');
		struct str word = str_first(rest, n);
		if (ends_in_port(word)) {
			struct str whole = { s.at, (size_t)(word.at - s.at) + word.len };
			const char *slash = memrchr(whole.at, '/', whole.len);
			if (!slash && i)
				break;                   /* words before an address: a sentence, no prefix */
			struct str address = slash ? str_from(whole, (size_t)(slash - whole.at) + 1) : whole;
			if (address.at[0] == '[' && memchr(address.at, ']', address.len) && str_starts(address, STR("[AF_")))
				address = str_from(address, str_find(address, ']') + 1);
			for (const char *const *p = (const char *const[]){ "tcp4-server:", "tcp6-server:", "udp4:", "udp6:", "udp:", "tcp:", NULL }; *p; p++)
				if (str_starts(address, str_of(*p)))
					address = str_from(address, strlen(*p));
			if (slash && !str_starts(whole, STR("UNDEF/")))
				ret->user = str_first(whole, (size_t)(slash - whole.at));
			ret->address = ret->session = address;
			ret->has_port = true;
			return skip_word(rest);
		}
		rest = skip_word(rest);
	}
	return s;
}

static const char *const openvpn_programs[] = { "openvpn", "openvpn*", "ovpn*", NULL };
static const struct line_form openvpn_forms[] = {
	{ LINE_FAILURE, "password", "TLS Auth Error: Auth Username/Password verification failed for peer", "192.0.2.9:1194 TLS Auth Error: Auth Username/Password verification failed for peer", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "password", "TLS: Username/{Password|auth-token} authentication failed for username '%l'{ [CN SET]|}%$", "us=55 2001:db8::9:1194 TLS: Username/auth-token authentication failed for username 'anna'", "anna", "2001:db8::9" },
	{ LINE_FAILURE, NULL, "TLS Auth Error: %r%$", "192.0.2.9:1194 TLS Auth Error: username attempted to change from 'a' to 'b' -- tunnel disabled", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "no password", "TLS Error: Auth Username/Password was not provided by peer", "192.0.2.9:1194 TLS Error: Auth Username/Password was not provided by peer", NULL, "192.0.2.9" },
	{ LINE_FAILURE, NULL, "VERIFY ERROR: depth=%n, error=%r: %*CN=%l{, %*|/%*|%$}", "192.0.2.9:1194 VERIFY ERROR: depth=0, error=certificate has expired: C=SE, O=Muni, CN=anna, serial=5", "anna", "192.0.2.9" },
	{ LINE_FAILURE, NULL, "VERIFY ERROR: %r%$", "192.0.2.9:1194 VERIFY ERROR: depth=1, error=self-signed certificate in certificate chain", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "certificate", "VERIFY {X509NAME|SCRIPT|EKU|KU|nsCertType|PLUGIN|SCRIPT|CERT|X509USER} ERROR", "192.0.2.9:1194 VERIFY EKU ERROR", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "revoked", "VERIFY CRL: {depth=%n, |}%*CN=%l{, %*|/%*| is} revoked", "192.0.2.9:1194 VERIFY CRL: depth=0, C=SE, CN=anna is revoked", "anna", "192.0.2.9" },
	{ LINE_FAILURE, "revoked", "VERIFY CRL: %* is {revoked|REVOKED}", "192.0.2.9:1194 VERIFY CRL: certificate serial number 05 is revoked", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "AUTH_FAILED", "SENT CONTROL [%l]: 'AUTH_FAILED", "192.0.2.9:1194 SENT CONTROL [anna]: 'AUTH_FAILED' (status=1)", "anna", "192.0.2.9", FORM_STARRED | FORM_ECHO },
	{ LINE_FAILURE, "AUTH_FAILED", "Delayed exit in %n seconds%*AUTH_FAILED", "192.0.2.9:1194 Delayed exit in 5 seconds after AUTH_FAILED", NULL, "192.0.2.9", FORM_ECHO },
	{ LINE_FAILURE, "password", "PLUGIN_CALL: POST %*PLUGIN_AUTH_USER_PASS_VERIFY status=1", "192.0.2.9:1194 PLUGIN_CALL: POST /usr/lib/openvpn/openvpn-plugin-auth-pam.so/PLUGIN_AUTH_USER_PASS_VERIFY status=1", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "password", "user '%u' could not authenticate", "user 'bo' could not authenticate.", "bo", NULL },
	{ LINE_SUCCESS, NULL, "user '%u' authenticated", "user 'bo' authenticated", "bo", NULL },
	{ LINE_OTHER, NULL, "TLS: Username/{Password|auth-token} authentication deferred for username '%l'{ [CN SET]|}%$", "192.0.2.5:1194 TLS: Username/Password authentication deferred for username 'anna' [CN SET]", "anna", "192.0.2.5" },
	{ LINE_SUCCESS, "password", "TLS: Username/{Password|auth-token} authentication succeeded for username '%l'{ [CN SET]|}%$", "192.0.2.5:1194 TLS: Username/Password authentication succeeded for username 'an'na' [CN SET]", "an'na", "192.0.2.5" },
	{ LINE_SUCCESS, "connected", "MULTI: primary virtual IP for %l/%A: ", "anna/192.0.2.5:1194 MULTI: primary virtual IP for anna/192.0.2.5:1194: 10.8.0.6", "anna", "192.0.2.5" },
	{ LINE_OTHER, NULL, "[%l] Peer Connection Initiated with {[AF_INET]|[AF_INET6]|}%A", "192.0.2.5:1194 [anna] Peer Connection Initiated with [AF_INET]192.0.2.5:1194", "anna", "192.0.2.5" },
	{ LINE_OTHER, NULL, "TLS: Initial packet from {[AF_INET]|[AF_INET6]|}%A", "192.0.2.5:1194 TLS: Initial packet from [AF_INET]192.0.2.5:1194, sid=1 2", NULL, "192.0.2.5" },
	{ LINE_OTHER, NULL, "MULTI: new incoming connection would exceed maximum number of clients", "192.0.2.5:1194 MULTI: new incoming connection would exceed maximum number of clients (100)", NULL, "192.0.2.5" },
	{ 0 }
};

/* --- ocserv --- */

/* "worker-auth.c:1724: text", as it says what it may have to be traced by. */
static struct str skip_place(struct str s)
{
	size_t n = str_find(str_first(s, 60), ' ');
	const char *dot = n > 4 && n < s.len && s.at[n - 1] == ':' ? memmem(s.at, n, ".c:", 3) : NULL;

	return dot && dot[3] >= '0' && dot[3] <= '9' ? str_from(s, n + 1) : s;
}

/* "main[U]:A:P text", "main: text", "worker[U]: A text", "worker: A text", "sec-mod: text", with the session as "S" behind some. */
static struct str strip_ocserv(struct str s, struct line_found *ret)
{
	bool is_main = str_starts(s, STR("main")), is_worker = str_starts(s, STR("worker"));
	struct str rest;

	if (str_starts(s, STR("sec-mod:")) || str_starts(s, STR("ocserv-sm:")))
		return skip_place(str_trim(str_from(s, str_find(s, ':') + 1)));
	if (!is_main && !is_worker)
		return skip_place(s);
	rest = str_from(s, is_main ? 4 : 6);
	if (rest.len && rest.at[0] == '[') {
		size_t end = str_find(rest, ']');
		if (end > 1 && end < rest.len)
			ret->user = str_first(str_from(rest, 1), end - 1);
		rest = str_from(rest, end + 1);
	}
	if (!rest.len || rest.at[0] != ':')
		return s;
	rest = str_from(rest, 1);
	bool has_blank = rest.len && rest.at[0] == ' ';
	while (rest.len && rest.at[0] == ' ')
		rest = str_from(rest, 1);
	struct str word = str_first(rest, str_find(rest, ' '));
	bool is_address = word.len > 3 && (memchr(word.at, '.', word.len) || memchr(word.at, ':', word.len));
	for (size_t i = 0; i < word.len && is_address; i++)
		is_address = strchr("0123456789abcdefABCDEF.:[]%", word.at[i]) != NULL && word.at[i];
	if (!is_address)
		return skip_place(rest);
	ret->address = word;
	ret->has_port = !has_blank || (word.at[0] != '[' && memchr(word.at, '.', word.len));
	if (!has_blank)
		ret->session = word;
	return skip_place(skip_word(rest));
}

static const char *const ocserv_programs[] = { "ocserv", "ocserv*", NULL };
static const struct line_form ocserv_forms[] = {
	{ LINE_FAILURE, "password", "failed authentication {attempt for user|for} '%u'", "worker[bo]: 192.0.2.9 worker-auth.c:1724: failed authentication for 'bo'", "bo", "192.0.2.9", FORM_LOOSE },
	{ LINE_FAILURE, NULL, "PAM {authenticate|auth|acct-mgmt|account} error for '%l': %r%$", "sec-mod: PAM authenticate error for 'bo': Authentication failure", "bo", NULL, FORM_LOOSE },
	{ LINE_FAILURE, "wrong password", "error in password given in auth %w for user '%u' (session: %s)", "sec-mod: error in password given in auth cont for user 'bo' (session: 5PjpCg)", "bo", NULL, FORM_LOOSE },
	{ LINE_FAILURE, "code", "plain-auth: OTP auth failed for '%u'", "plain-auth: OTP auth failed for 'bo'", "bo", NULL, FORM_LOOSE },
	{ LINE_FAILURE, "password", "plain-auth: error authenticating user '%u'", "plain-auth: error authenticating user 'bo'", "bo", NULL, FORM_LOOSE },
	{ LINE_FAILURE, "password", "radius-auth: error authenticating user '%u'{ (code %n)|}", "radius-auth: error authenticating user 'bo' (code 3)", "bo", NULL, FORM_LOOSE },
	{ LINE_FAILURE, NULL, "{gssapi-auth|pam-auth|oidc-auth|%w-auth}: error authenticating user '%u'", "pam-auth: error authenticating user 'bo'", "bo", NULL, FORM_LOOSE },
	{ LINE_FAILURE, NULL, "client certificate verification failed: %r%$", "worker: 192.0.2.9 client certificate verification failed: The certificate is revoked", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "certificate", "error {verifying client certificate|in client certificate}", "worker: 192.0.2.9 error verifying client certificate", NULL, "192.0.2.9" },
	{ LINE_REFUSED, "banned", "rejected connection from banned IP: %A", "main: rejected connection from banned IP: 192.0.2.9", NULL, "192.0.2.9" },
	{ LINE_REFUSED, "cookie from another address", "user '%u' is re-using cookie from different IP {(prev: '%a', current: '%a')|%*}; rejecting", "main:192.0.2.9:5 user 'bo' is re-using cookie from different IP (prev: '192.0.2.5', current: '192.0.2.9'); rejecting", "bo", "192.0.2.9" },
	{ LINE_REFUSED, "group", "{radius-auth|plain-auth|pam-auth|%w}: user '%u' requested group '%*' but is not a member", "radius-auth: user 'bo' requested group 'it' but is not a member", "bo", NULL },
	{ LINE_REFUSED, "too many sessions", "user '%u' {has already too many sessions|tried to connect more than %*}", "main: user 'bo' tried to connect more than 2 times", "bo", NULL },
	{ LINE_REFUSED, "disabled", "{sec-mod: |}{user|account} '%u' is {disabled|locked}", "account 'bo' is locked", "bo", NULL },
	{ LINE_SUCCESS, "session", "initiating session for user '%u' (session: %s)", "sec-mod: initiating session for user 'anna' (session: Ab3+/=)", "anna", NULL },
	{ LINE_SUCCESS, "session", "new user session", "main[anna]:192.0.2.5:4455 new user session", "anna", "192.0.2.5" },
	{ LINE_OTHER, NULL, "user disconnected (reason: ", "main[anna]:192.0.2.5:4455 user disconnected (reason: user disconnected, rx: 1, tx: 2)", "anna", "192.0.2.5" },
	{ LINE_OTHER, NULL, "added %n points (total %n) for IP '%a' to ban list", "main: added 10 points (total 30) for IP '192.0.2.9' to ban list", NULL, "192.0.2.9" },
	{ LINE_OTHER, NULL, "auth init for user '%u' (session: %s) of group: '%*' from '%a'", "sec-mod: auth init for user 'anna' (session: 1pCi/+=) of group: '' from '192.0.2.5'", "anna", "192.0.2.5" },
	{ LINE_OTHER, NULL, "new sec-mod session for user '%l'", "sec-mod: new sec-mod session for user 'anna'", "anna", NULL },
	{ 0 }
};

/* --- strongSwan --- */

/* "12[IKE] <conn|5> text": thread and IKE_SA name the session. */
static struct str strip_strongswan(struct str s, struct line_found *ret)
{
	size_t n = 0;

	while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
		n++;
	struct str rest = str_from(s, n);
	if (!n || n > 3 || !rest.len || rest.at[0] != '[')
		return s;
	ret->session = str_first(s, n);
	rest = str_from(rest, str_find(rest, ']') + 1);
	while (rest.len && rest.at[0] == ' ')
		rest = str_from(rest, 1);
	if (rest.len && rest.at[0] == '<') {
		size_t end = str_find(str_first(rest, 100), '>');
		if (end < MIN(rest.len, (size_t)100)) {
			ret->session = str_first(rest, end + 1);
			rest = str_from(rest, end + 1);
		}
		while (rest.len && rest.at[0] == ' ')
			rest = str_from(rest, 1);
	}
	return rest;
}

static const char *const strongswan_programs[] = { "charon*", "ipsec*", "strongswan*", "swanctl", "pluto", NULL };
static const struct line_form strongswan_forms[] = {
	{ LINE_FAILURE, NULL, "EAP method %r failed for peer %u%$", "12[IKE] EAP method EAP_MSCHAPV2 failed for peer anna", "anna", NULL },
	{ LINE_FAILURE, "radius", "RADIUS authentication of '%u' failed", "RADIUS authentication of 'anna' failed", "anna", NULL },
	{ LINE_FAILURE, "xauth", "XAuth {authentication of|pam_authenticate for} '%u' failed", "XAuth pam_authenticate for 'anna' failed: Authentication failure", "anna", NULL },
	{ LINE_FAILURE, "eap", "received %w EAP authentication failed", "13[IKE] received EAP_FAILURE, EAP authentication failed", NULL, NULL },
	{ LINE_FAILURE, "eap", "EAP-MS-CHAPv2 verification failed", "13[IKE] EAP-MS-CHAPv2 verification failed, retry (1)", NULL, NULL },
	{ LINE_FAILURE, "shared key", "tried %n shared keys for '%*' - '%l', but MAC mismatched", "12[IKE] tried 1 shared keys for 'gw.example.org' - 'anna', but MAC mismatched", "anna", NULL },
	{ LINE_FAILURE, "shared key", "tried %n shared key{s|} for %*MAC mismatched", "12[IKE] tried 1 shared key for 'anna', but MAC mismatched", NULL, NULL },
	{ LINE_FAILURE, "no shared key", "no shared key found for '%*' - '%l'%$", "no shared key found for 'gw.example.org' - 'anna'", "anna", NULL },
	{ LINE_FAILURE, "no shared key", "no shared key found for {'%l' [%*] - '%*' [%a]|'%l'|%l}%$", "no shared key found for 'anna'", "anna", NULL },
	{ LINE_FAILURE, "no key", "no trusted %w public key found for '%u'", "12[IKE] <rw|5> no trusted RSA public key found for 'C=SE, CN=anna'", "C=SE, CN=anna", NULL },
	{ LINE_FAILURE, "signature", "signature validation failed, looking for another key", "12[IKE] signature validation failed, looking for another key", NULL, NULL },
	{ LINE_OTHER, NULL, "authentication of '%*' (myself)", "authentication of 'gw.example.org' (myself) with RSA signature successful", NULL, NULL },
	{ LINE_REFUSED, "constraint", "constraint check{ing|} failed", "12[CFG] constraint checking failed: EAP identity 'x' required", NULL, NULL },
	{ LINE_REFUSED, "no configuration", "no matching peer config found", "07[CFG] no matching peer config found", NULL, NULL },
	{ LINE_REFUSED, "hook", "XAuth authorization hook forbids IKE_SA", "XAuth authorization hook forbids IKE_SA, cancelling", NULL, NULL },
	{ LINE_REFUSED, "hook", "authorization hook forbids IKE_SA", "authorization hook forbids IKE_SA, cancelling", NULL, NULL },
	{ LINE_REFUSED, "selected peer config unacceptable", "selected peer config '%*' {unacceptable|inacceptable}", "12[CFG] selected peer config 'rw' unacceptable: non-matching authentication done", NULL, NULL },
	{ LINE_SUCCESS, "established", "IKE_SA %w established between %A[%*]...%A[%u]%$", "05[IKE] <rw|5> IKE_SA rw[5] established between 198.51.100.1[gw.example.org]...192.0.2.5[anna]", "anna", "192.0.2.5" },
	{ LINE_OTHER, NULL, "authentication of '%u' with %* successful", "authentication of 'anna' with EAP successful", "anna", NULL },
	{ LINE_OTHER, NULL, "EAP method %* succeeded", "EAP method EAP_MSCHAPV2 succeeded, MSK established", NULL, NULL },
	{ LINE_OTHER, NULL, "%a is initiating {an|a} %*IKE_SA", "192.0.2.5 is initiating an IKE_SA", NULL, "192.0.2.5" },
	{ LINE_OTHER, NULL, "received packet: from %A[%n]", "received packet: from 192.0.2.5[500] to 198.51.100.1[500] (336 bytes)", NULL, "192.0.2.5" },
	{ LINE_OTHER, NULL, "received EAP identity '%u'%$", "12[IKE] <rw|5> received EAP identity 'anna'", "anna", NULL },
	{ LINE_OTHER, NULL, "looking for %*peer configs matching %a[%*]...%a[%u]%$", "12[CFG] looking for peer configs matching 198.51.100.1[%any]...192.0.2.5[anna]", "anna", "192.0.2.5" },
	{ 0 }
};

/* --- FreeRADIUS --- */

static struct str strip_freeradius(struct str s, struct line_found *ret)
{
	static const char *const levels[] = { "Auth: ", "Info: ", "Error: ", "Debug: ", "Warning: ", "rlm_perl: ", NULL };

	for (const char *const *p = levels; *p; p++)
		if (str_starts(s, str_of(*p)))
			s = str_from(s, strlen(*p));
	if (s.len > 3 && s.at[0] == '(' && s.at[1] >= '0' && s.at[1] <= '9') {
		size_t end = str_find(str_first(s, 24), ')');
		if (end < MIN(s.len, (size_t)24)) {
			ret->session = str_first(s, end + 1);
			s = str_from(s, end + 1);
			while (s.len && s.at[0] == ' ')
				s = str_from(s, 1);
		}
	}
	return s;
}

#define NAS " (from client %w port %w"
static const char *const freeradius_programs[] = { "freeradius", "radiusd", "radius", NULL };
static const struct line_form freeradius_forms[] = {
	{ LINE_SUCCESS, NULL, "Login OK: [%u]" NAS " cli %a{ via TLS tunnel|})", "Auth: (5) Login OK: [anna] (from client gw port 0 cli 192.0.2.5)", "anna", "192.0.2.5", FORM_PASSWORD },
	{ LINE_SUCCESS, NULL, "Login OK: [%u]" NAS, "Auth: (5) Login OK: [anna] (from client gw port 0 via TLS tunnel)", "anna", NULL, FORM_PASSWORD },
	{ LINE_REFUSED, "too many logins", "Multiple logins (max %n)%*: [%u]" NAS " cli %a{ via TLS tunnel|})", "Auth: (7) Multiple logins (max 1) : [anna] (from client gw port 0 cli 192.0.2.5)", "anna", "192.0.2.5", FORM_PASSWORD },
	{ LINE_REFUSED, "too many logins", "Multiple logins (max %n)%*: [%u]" NAS, "Auth: (7) Multiple logins (max 1) : [anna] (from client gw port 0)", "anna", NULL, FORM_PASSWORD },
	{ LINE_FAILURE, NULL, "{Login incorrect|Invalid user|Rejected in %w}{ (%r)|}: [%u]" NAS " cli %a{ via TLS tunnel|})", "Auth: (6) Login incorrect (mschap: FAILED: [x] \"y\": no): [an]na] (from client gw port 0 cli 192.0.2.9)", "an]na", "192.0.2.9", FORM_PASSWORD },
	{ LINE_FAILURE, NULL, "{Login incorrect|Invalid user|Rejected in %w}{ (%r)|}: [%u]" NAS, "Auth: (6) Login incorrect (No Auth-Type found: rejecting the user via Post-Auth-Type = Reject): [bo/<via Auth-Type = eap>] (from client gw port 0)", "bo", NULL, FORM_PASSWORD },
	{ 0 }
};

/* --- Cisco ASA and FTD: the number decides --- */

static struct str strip_asa(struct str s, struct line_found *ret)
{
	struct str near = str_first(s, 200);
	const char *hit = NULL;
	static const char *const marks[] = { "%ASA-", "%FTD-", "%PIX-" };

	for (size_t i = 0; i < LENGTH(marks) && !hit && near.len; i++)
		hit = memmem(near.at, near.len, marks[i], 5);
	if (!hit || memchr(s.at, '"', (size_t)(hit - s.at)))     /* in quotes somebody tells what a stranger sent */
		return STR("");
	struct str rest = str_from(s, (size_t)(hit - s.at) + 5);
	/* "6-113005", "auth-6-113005" */
	for (int i = 0; i < 3; i++) {
		size_t dash = str_find(str_first(rest, 12), '-');
		if (dash >= MIN(rest.len, (size_t)12))
			break;
		rest = str_from(rest, dash + 1);
	}
	(void)ret;
	return rest;
}

#define REJECTED "{113005|113015|113016|113017}"
static const char *const asa_programs[] = { "%ASA*", "%FTD*", NULL };
static const struct line_form asa_forms[] = {
	{ LINE_FAILURE, NULL, REJECTED ": %*reason = %r :%* user = %u : user IP = %a", "%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.0.0.5 : user = ann : user IP = 1.2.3.4 : user IP = 192.0.2.9", "ann : user IP = 1.2.3.4", "192.0.2.9", FORM_STARRED },
	{ LINE_FAILURE, NULL, REJECTED ": %*reason = %r :%* user = %u%$", "<166>%FTD-6-113015: AAA user authentication Rejected : reason = Invalid password : local database : user = 'anna'", "anna", NULL, FORM_STARRED },
	{ LINE_FAILURE, "rejected", REJECTED ": ", "%ASA-6-113016: AAA credentials rejected", NULL, NULL },
	{ LINE_FAILURE, "rejected", "{716039|716038}: Group <%*> User <%u> IP <%a> Authentication: rejected", "%ASA-6-716039: Group <vpn> User <anna> IP <192.0.2.9> Authentication: rejected, Session Type: WebVPN.", "anna", "192.0.2.9", FORM_STARRED },
	{ LINE_FAILURE, "rejected", "716039: %*User <%u> IP <%a>", "%ASA-6-716039: Authentication: rejected, group = vpn user = x, User <anna> IP <192.0.2.9>", "anna", "192.0.2.9", FORM_STARRED },
	{ LINE_FAILURE, "rejected", "716039: %*user = %u, Session Type", "%ASA-6-716039: Authentication: rejected, group = vpn user = anna, Session Type: WebVPN.", "anna", NULL, FORM_STARRED },
	{ LINE_FAILURE, "rejected", "716039", "%ASA-6-716039: Authentication: rejected", NULL, NULL },
	{ LINE_FAILURE, "password", "611102: User authentication failed: {IP address: |IP = }%a{,| ,} Uname: %u%$", "%ASA-6-611102: User authentication failed: IP address: 192.0.2.9, Uname: anna", "anna", "192.0.2.9", FORM_STARRED },
	{ LINE_FAILURE, "password", "611102: User authentication failed: Uname: %u%$", "%ASA-6-611102: User authentication failed: Uname: anna", "anna", NULL, FORM_STARRED },
	{ LINE_FAILURE, "login denied", "605004: Login denied from %a/%w to %* for user {\"%u\"|%u}%$", "%ASA-6-605004: Login denied from 192.0.2.9/4022 to outside:198.51.100.1/ssh for user \"a\" from 1.2.3.4/1 to b for user \"c\"", "a\" from 1.2.3.4/1 to b for user \"c", "192.0.2.9", FORM_STARRED },
	{ LINE_FAILURE, "login denied", "605004", "%ASA-6-605004: Login denied", NULL, NULL },
	{ LINE_FAILURE, "enable password", "308001: %*(from %a)", "%ASA-6-308001: console enable password incorrect for 3 tries (from 192.0.2.9)", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "enable password", "308001: %* from %a", "%ASA-6-308001: PIX console enable password incorrect for 3 tries from 192.0.2.9", NULL, "192.0.2.9" },
	{ LINE_FAILURE, "authentication", "109006: Authentication failed for user {'%u'|%u} from %a/%n to ", "%ASA-6-109006: Authentication failed for user 'anna' from 192.0.2.9/4022 to 10.0.0.1/80 on interface outside", "anna", "192.0.2.9", FORM_STARRED },
	{ LINE_FAILURE, "authentication", "{109034|109033}: Authentication failed for {admin |network |}user %u from %a", "%ASA-4-109033: Authentication failed for admin user anna from 192.0.2.9. Interactive challenge processing is not supported for SSH connections", "anna", "192.0.2.9", FORM_STARRED },
	{ LINE_FAILURE, "password", "713167: {Group = %*, Username = %u, IP = %a, |}Remote peer has failed user authentication", "%ASA-3-713167: Group = vpn, Username = anna, IP = 192.0.2.9, Remote peer has failed user authentication - check configured username and password", "anna", "192.0.2.9", FORM_STARRED },
	{ LINE_REFUSED, "locked", "{113006|113007}: {User|user} {'%u'|<%u>|%u} {locked|unlocked}%* out ", "%ASA-6-113006: User 'anna' locked out on exceeding 3 successive failed authentication attempts", "anna", NULL, FORM_STARRED },
	{ LINE_REFUSED, "no admin rights", "113021: %*User %u did NOT have ", "%ASA-3-113021: Attempted console login failed. User anna did NOT have appropriate Admin Rights.", "anna", NULL, FORM_STARRED },
	{ LINE_SUCCESS, NULL, "{113004|113012}: %* user = %u : user IP = %a", "%ASA-6-113004: AAA user authentication Successful : server = 10.0.0.5 : user = anna : user IP = 192.0.2.5", "anna", "192.0.2.5", FORM_STARRED },
	{ LINE_SUCCESS, NULL, "{113004|113012}: %* user = %u%$", "%ASA-6-113012: AAA user authentication Successful : local database : user = anna", "anna", NULL, FORM_STARRED },
	{ LINE_SUCCESS, "session", "{716001|716038|722051|113039|722022|722023|734001}: Group <%*> User <%u> IP <%a>", "%FTD-6-722051: Group <vpn> User <anna> IP <192.0.2.5> IPv4 Address <10.9.0.2> IPv6 address <::> assigned to session", "anna", "192.0.2.5", FORM_STARRED },
	{ LINE_SUCCESS, "login", "605005: Login permitted from %a/%w to %* for user {\"%u\"|%u}%$", "%ASA-6-605005: Login permitted from 192.0.2.5/4022 to inside:10.0.0.1/ssh for user \"anna\"", "anna", "192.0.2.5", FORM_STARRED },
	{ LINE_SUCCESS, "login", "611101: User authentication succeeded: {IP address: |IP = }%a{,| ,} Uname: %u%$", "%ASA-6-611101: User authentication succeeded: IP address: 192.0.2.5, Uname: anna", "anna", "192.0.2.5", FORM_STARRED },
	{ LINE_SUCCESS, "login", "611101: User authentication succeeded: Uname: %u%$", "%ASA-6-611101: User authentication succeeded: Uname: anna", "anna", NULL, FORM_STARRED },
	{ LINE_SUCCESS, "login", "109005: Authentication succeeded for user {'%u'|%u} from %a/%n to ", "%ASA-6-109005: Authentication succeeded for user 'anna' from 192.0.2.5/4022 to 10.0.0.1/80 on interface inside", "anna", "192.0.2.5", FORM_STARRED },
	{ 0 }
};

/* --- Keycloak's log --- */

static struct str strip_keycloak(struct str s, struct line_found *ret)
{
	(void)ret;
	if (s.len < 5)
		return STR("");
	struct str near = str_first(s, 300);
	const char *hit = near.at ? memmem(near.at, near.len, "type=", 5) : NULL;
	if (hit && memchr(s.at, '"', (size_t)(hit - s.at)))      /* somebody quotes a stranger */
		return STR("");
	return hit ? str_from(s, (size_t)(hit - s.at)) : STR("");
}

#define QUIET_ERROR "{user_disabled|user_temporarily_disabled|user_permanently_disabled}"
static const char *const keycloak_programs[] = { "keycloak*", "kc.sh", NULL };
static const struct line_form keycloak_forms[] = {
	{ LINE_REFUSED, "disabled", "type={\"|}LOGIN_ERROR{\"|}, %*ipAddress={\"|}%a{\"|}, %*error={\"|}" QUIET_ERROR "{\"|},%* username={\"%l\"|%l}{, %*|%$}", "type=LOGIN_ERROR, realmId=m, clientId=a, userId=5, ipAddress=192.0.2.9, error=user_disabled, auth_method=openid-connect, username=anna", "anna", "192.0.2.9" },
	{ LINE_REFUSED, "disabled", "type={\"|}LOGIN_ERROR{\"|}, %*ipAddress={\"|}%a{\"|}, %*error={\"|}" QUIET_ERROR, "type=\"LOGIN_ERROR\", realmId=\"m\", ipAddress=\"192.0.2.9\", error=\"user_temporarily_disabled\"", NULL, "192.0.2.9" },
	{ LINE_FAILURE, NULL, "type={\"|}LOGIN_ERROR{\"|}, %*ipAddress={\"|}%a{\"|}, %*error={\"|}{invalid_user_credentials|user_not_found}{\"|},%* username={\"%l\"|%l}{, %*|%$}", "type=\"LOGIN_ERROR\", realmId=\"m\", clientId=\"a\", userId=\"null\", ipAddress=\"192.0.2.9\", error=\"user_not_found\", auth_method=\"openid-connect\", username=\"a, ipAddress=1.2.3.4\"", "a, ipAddress=1.2.3.4", "192.0.2.9" },
	{ LINE_FAILURE, NULL, "type={\"|}LOGIN_ERROR{\"|}, %*ipAddress={\"|}%a{\"|}, %*error={\"|}{invalid_user_credentials|user_not_found}", "type=LOGIN_ERROR, realmId=m, ipAddress=192.0.2.9, error=user_not_found", NULL, "192.0.2.9" },
	{ LINE_OTHER, NULL, "type={\"|}LOGIN_ERROR", "type=LOGIN_ERROR, realmId=m, clientId=x, ipAddress=192.0.2.9, error=client_not_found", NULL, NULL },
	{ LINE_SUCCESS, NULL, "type={\"LOGIN\"|LOGIN}, %*ipAddress={\"|}%a{\"|},%* username={\"%l\"|%l}{, %*|%$}", "org.keycloak.events] (executor-thread-1) type=\"LOGIN\", realmId=\"m\", userId=\"5\", ipAddress=\"192.0.2.5\", username=\"anna\"", "anna", "192.0.2.5" },
	{ LINE_SUCCESS, NULL, "type={\"LOGIN\"|LOGIN}, %*ipAddress={\"|}%a", "type=LOGIN, realmId=m, userId=5, ipAddress=192.0.2.5, auth_method=openid-connect", NULL, "192.0.2.5" },
	{ 0 }
};

const struct line_service line_openvpn = { "openvpn", openvpn_programs, openvpn_forms, .has_pam = true, .strip = strip_openvpn };
const struct line_service line_ocserv = { "ocserv", ocserv_programs, ocserv_forms, .is_one_pid_a_session = true, .has_pam = true, .strip = strip_ocserv };
const struct line_service line_strongswan = { "strongswan", strongswan_programs, strongswan_forms, .strip = strip_strongswan };
const struct line_service line_freeradius = { "freeradius", freeradius_programs, freeradius_forms, .strip = strip_freeradius };
const struct line_service line_asa = { "asa", asa_programs, asa_forms, .strip = strip_asa };
const struct line_service line_keycloak = { "keycloak", keycloak_programs, keycloak_forms, .strip = strip_keycloak };
