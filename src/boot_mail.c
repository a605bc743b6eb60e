/* The keys of samordna.conf for mail, webhooks, SMS and the OpenID provider: what post sends, to whom, and with which secret.
 *
 * What several lines say together is judged at the end (boot_mail_check), and told at the last of them.
 *
 * SECURITY: neither a password nor an event goes in the clear to another machine than this one, and no secret is shown in what is said of its line. */
#include "boot_parts.h"
#include <arpa/inet.h>

/* HOST:PORT, [ADDRESS6]:PORT; the host is a name or an address. */
static bool is_host(struct str host)
{
	uint8_t six[16];
	char text[INET6_ADDRSTRLEN];

	if (host.len == 0 || host.len > 253)
		return false;
	if (str_find(host, ':') < host.len) {
		if (host.len >= sizeof text)
			return false;
		memcpy(text, host.at, host.len);
		text[host.len] = '\0';
		return inet_pton(AF_INET6, text, six) == 1;
	}
	for (size_t i = 0; i < host.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", host.at[i]))
			return false;
	return host.at[0] != '-' && host.at[0] != '.';
}

enum err boot_mail_server(struct reading *reading, struct str value)
{
	static const struct { const char *word; enum post_tls tls; } known[] = { { "starttls", POST_STARTTLS }, { "tls", POST_TLS },
		{ "plain-loopback-only", POST_PLAIN } };
	struct post_boot *post = &reading->boot->post;
	struct str rest = value, where = boot_word(&rest), word = boot_word(&rest);
	size_t colon = where.len, i = 0;
	int64_t port;

	while (colon && where.at[colon - 1] != ':')
		colon--;
	if (colon < 2 || str_number(str_from(where, colon), 65535, &port) != OK || port == 0)
		return boot_wrong(reading, N_("write HOST:PORT starttls or HOST:PORT tls"), value);
	struct str host = str_first(where, colon - 1);
	if (host.len > 1 && host.at[0] == '[' && host.at[host.len - 1] == ']')
		host = str_first(str_from(host, 1), host.len - 2);
	if (!is_host(host))
		return boot_wrong(reading, N_("not a host"), host);
	while (word.len && i < LENGTH(known) && !str_equal(word, str_of(known[i].word)))
		i++;
	if (i == LENGTH(known) || boot_word(&rest).len)
		return boot_wrong(reading, N_("write starttls, tls or plain-loopback-only behind the port"), value);
	post->tls = word.len ? known[i].tls : POST_STARTTLS;
	if (post->tls == POST_PLAIN && !str_starts(host, STR("127.")) && !str_equal(host, STR("::1")) && !str_equal(host, STR("localhost")))
		return boot_wrong(reading, N_("mail goes in the clear to this machine alone; write starttls or tls"), value);
	post->port = (uint16_t)port;
	post->has_mail = 1;
	return boot_keep(reading, host, post->host, sizeof post->host);
}

enum err boot_mail_from(struct reading *reading, struct str value)
{
	if (str_find(value, '@') == 0 || str_find(value, '@') + 1 >= value.len)
		return boot_wrong(reading, N_("write an address: samordna@example.org"), value);
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] <= ' ' || value.at[i] >= 0x7f || strchr("<>()[],;:\"\\", value.at[i]))
			return boot_wrong(reading, N_("write an address: samordna@example.org"), value);
	return boot_keep(reading, value, reading->boot->post.from, sizeof reading->boot->post.from);
}

enum err boot_mail_user(struct reading *r, struct str v) { return boot_keep(r, v, r->boot->post.user, sizeof r->boot->post.user); }
enum err boot_mail_ca(struct reading *r, struct str v) { return boot_keep(r, v, r->boot->mail_ca, sizeof r->boot->mail_ca); }

enum err boot_mail_password(struct reading *reading, struct str value)
{
	char *room = reading->boot->post.password;
	size_t length;

	TRY(boot_secret(reading, value, room, sizeof reading->boot->post.password - 1, &length));
	room[length] = '\0';
	return OK;
}

/* https://HOST[:PORT]/..., or http:// to this machine. `what`: how it is written. */
static enum err take_url(struct reading *reading, struct str url, const char *what, char *room, size_t size)
{
	bool is_clear = str_starts(url, STR("http://"));

	if (!is_clear && !str_starts(url, STR("https://")))
		return boot_wrong(reading, what, url);
	struct str host = str_from(url, is_clear ? 7 : 8);
	host = str_first(host, MIN(str_find(host, '/'), str_find(host, '?')));
	if (is_clear && !str_starts(host, STR("127.")) && !str_starts(host, STR("[::1]")) && !str_equal(host, STR("localhost"))
	    && !str_starts(host, STR("localhost:")))
		return boot_wrong(reading, N_("what is sent goes in the clear to this machine alone; write https"), url);
	for (size_t i = 0; i < url.len; i++)
		if (url.at[i] <= ' ' || url.at[i] >= 0x7f || strchr("\"\\<>^`{|}", url.at[i]))
			return boot_wrong(reading, N_("not an address"), url);
	if (host.len == 0 || str_find(host, '@') < host.len)
		return boot_wrong(reading, N_("a host, and no name or password before it"), url);
	return boot_keep(reading, url, room, size);
}

enum err boot_webhook(struct reading *reading, struct str value)
{
	struct post_boot *post = &reading->boot->post;
	struct str rest = value, url = boot_word(&rest), word = boot_word(&rest);

	if (post->n_hooks == POST_HOOKS)
		return boot_wrong(reading, N_("more webhooks than there is room for"), value);
	size_t length, i = post->n_hooks;
	TRY(take_url(reading, url, N_("a webhook is https://HOST/PATH SECRET|file:PATH"), post->hook[i].url, sizeof post->hook[i].url));
	TRY(boot_secret(reading, word, post->hook[i].secret, POST_SECRET, &length));
	if (length < 16)
		return boot_wrong(reading, N_("a webhook's secret has 16 octets at least"), STR("(not shown)"));
	post->hook[i].secret_length = (uint16_t)length;
	post->n_hooks++;
	return OK;
}

/* A secret as a text, for a line of head. */
static enum err take_text_secret(struct reading *reading, struct str value, char *room, size_t size)
{
	size_t length;

	TRY(boot_secret(reading, value, room, size - 1, &length));
	room[length] = '\0';
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)room[i] < ' ' || (unsigned char)room[i] >= 0x7f)
			return boot_wrong(reading, N_("a secret of one line of ASCII"), STR("(not shown)"));
	return OK;
}

enum err boot_sms_url(struct reading *r, struct str v)
{
	return take_url(r, v, N_("write https://HOST/PATH"), r->boot->post.sms.url, sizeof r->boot->post.sms.url);
}

enum err boot_sms_authorization(struct reading *r, struct str v)
{
	return take_text_secret(r, v, r->boot->post.sms.authorization, sizeof r->boot->post.sms.authorization);
}

/* {"to":"{to}","message":"{text}"} or to={to}&message={text}. */
enum err boot_sms_body(struct reading *reading, struct str value)
{
	struct post_boot *post = &reading->boot->post;

	if (!memmem(value.at, value.len, "{to}", 4) || !memmem(value.at, value.len, "{text}", 6))
		return boot_wrong(reading, N_("the body of an SMS names {to} and {text}"), value);
	post->is_sms_form = value.at[0] != '{' || str_starts(value, STR("{to}")) || str_starts(value, STR("{text}"));
	return boot_keep(reading, value, post->sms.body, sizeof post->sms.body);
}

enum err boot_ciba_ask(struct reading *r, struct str v)
{
	return take_url(r, v, N_("write https://HOST/PATH"), r->boot->post.ciba.ask, sizeof r->boot->post.ciba.ask);
}

enum err boot_ciba_token(struct reading *r, struct str v)
{
	return take_url(r, v, N_("write https://HOST/PATH"), r->boot->post.ciba.token, sizeof r->boot->post.ciba.token);
}

enum err boot_ciba_secret(struct reading *r, struct str v)
{
	return take_text_secret(r, v, r->boot->post.ciba.secret, sizeof r->boot->post.ciba.secret);
}

enum err boot_ciba_issuer(struct reading *r, struct str v) { return boot_keep(r, v, r->boot->post.ciba.issuer, sizeof r->boot->post.ciba.issuer); }
enum err boot_ciba_client(struct reading *r, struct str v) { return boot_keep(r, v, r->boot->post.ciba.client, sizeof r->boot->post.ciba.client); }
enum err boot_ciba_acr(struct reading *r, struct str v) { return boot_keep(r, v, r->boot->post.ciba.acr, sizeof r->boot->post.ciba.acr); }

/* email|id CLAIM: what the provider is told of whom to ask, and where its answer says the same. */
enum err boot_ciba_person(struct reading *reading, struct str value)
{
	struct post_boot *post = &reading->boot->post;
	struct str rest = value, word = boot_word(&rest), claim = boot_word(&rest);

	if ((!str_equal(word, STR("email")) && !str_equal(word, STR("id"))) || !claim.len || boot_word(&rest).len)
		return boot_wrong(reading, N_("write email CLAIM or id CLAIM: the claim of the ID token that names her"), value);
	post->ciba.is_by_code = str_equal(word, STR("id"));
	return boot_keep(reading, claim, post->ciba.claim, sizeof post->ciba.claim);
}

/* What only together can be judged; it is told at the last of the lines that do not fit together. */
enum err boot_mail_check(const struct reading *reading)
{
	const struct post_boot *post = &reading->boot->post;
	const char *what = NULL;

	if (post->has_mail && !post->from[0])
		what = N_("mail.server needs mail.from");
	else if (!post->has_mail && (post->from[0] || post->user[0] || post->password[0]))
		what = N_("mail.from, mail.user and mail.password need mail.server");
	else if (!post->user[0] != !post->password[0])
		what = N_("mail.user and mail.password go together");
	else if (post->user[0] && post->tls == POST_PLAIN)
		what = N_("no password goes in the clear: write starttls or tls");
	if (!what && !post->sms.url[0] != !post->sms.body[0])
		what = N_("sms.url and sms.body go together");
	else if (!what && !post->sms.url[0] && post->sms.authorization[0])
		what = N_("sms.authorization needs sms.url");
	const char *const parts[] = { post->ciba.issuer, post->ciba.ask, post->ciba.token, post->ciba.client, post->ciba.secret, post->ciba.claim };
	size_t n = 0;
	for (size_t i = 0; i < LENGTH(parts); i++)
		n += parts[i][0] != '\0';
	if (!what && (n || post->ciba.acr[0]) && n < LENGTH(parts))
		what = N_("ciba.issuer, ciba.ask, ciba.token, ciba.client, ciba.secret and ciba.person go together");
	if (!what)
		return OK;
	return trouble_say(reading->trouble, ERR_INVALID, "%s:%d: %s", reading->path, reading->mail_line, boot_says(what));
}
