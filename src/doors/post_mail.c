/* One mail to one address: SMTP with STARTTLS or TLS from the start, certificate checked against the server's name.
 *
 * What became of it is read from where in the conversation the server said no: to the recipient or to the message itself it says something of
 * this mail; before that, or by silence, something of the server, which is then left alone for a while with everything that waits.
 *
 * SECURITY: without TLS nothing is sent but to this machine, and never a password. The server's words are foreign: they are cut, and their control
 * characters become blanks. The sender's own commands are not kept, since one of them holds the password. */
#include <curl/curl.h>
#define LONG_LIVED
#include "doors/post_parts.h"

static size_t give(char *to, size_t size, size_t n, void *of)
{
	struct transfer *transfer = of;
	size_t some = MIN(size * n, transfer->length - transfer->at);

	memcpy(to, transfer->bytes + transfer->at, some);
	transfer->at += some;
	return some;
}

/* The last line the server said, and which of our commands came before it: its first four letters, and never what follows AUTH. */
static int listen_in(CURL *easy, curl_infotype type, char *text, size_t n, void *of)
{
	struct transfer *transfer = of;
	(void)easy;

	/* The good-bye behind a refusal says nothing of why. */
	if (transfer->is_leaving || (type == CURLINFO_HEADER_OUT && n >= 4 && strncasecmp(text, "QUIT", 4) == 0)) {
		transfer->is_leaving = true;
		return 0;
	}
	if (type == CURLINFO_HEADER_OUT && n >= 4) {
		memset(transfer->phase, 0, sizeof transfer->phase);
		for (size_t i = 0; i < 4; i++)
			transfer->phase[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 32) : text[i];
	}
	if (type == CURLINFO_HEADER_IN && !transfer->is_leaving) {
		size_t some = MIN(n, sizeof transfer->reply - 1);
		for (size_t i = 0; i < some; i++)
			transfer->reply[i] = (unsigned char)text[i] < ' ' || (unsigned char)text[i] >= 0x7f ? ' ' : text[i];
		while (some && transfer->reply[some - 1] == ' ')
			some--;
		transfer->reply[some] = '\0';
	}
	return 0;
}

bool post_mail_start(struct transfer *transfer, const struct post_boot *boot, const struct post_mail *mail, const struct parcel *parcel)
{
	struct str to = message_text(parcel, sizeof *mail, mail->to), message = message_text(parcel, sizeof *mail, mail->message);
	char url[700], address[300], from[300];
	const char *domain = strchr(boot->from, '@');
	CURL *easy = transfer->easy;

	if (!boot->has_mail || to.len == 0 || to.len > 254 || !message.len)
		return false;
	for (size_t i = 0; i < to.len; i++)
		if (to.at[i] <= ' ' || to.at[i] >= 0x7f || to.at[i] == '<' || to.at[i] == '>')
			return false;
	transfer->bytes = malloc(message.len);
	if (!transfer->bytes)
		abort();
	memcpy(transfer->bytes, message.at, message.len);
	transfer->length = message.len;
	snprintf(url, sizeof url, "%s://%s%s%s:%u/%s", boot->tls == POST_TLS ? "smtps" : "smtp", strchr(boot->host, ':') ? "[" : "", boot->host,
	         strchr(boot->host, ':') ? "]" : "", boot->port, domain ? domain + 1 : "localhost");
	snprintf(from, sizeof from, "<%s>", boot->from);
	snprintf(address, sizeof address, "<" STR_FMT ">", STR_ARG(to));
	transfer->list = post_curl.slist_append(NULL, address);
	if (!post_set_common(transfer, boot->host, boot->port, boot->ca_length ? (struct str){ boot->ca, boot->ca_length } : post_system_authorities,
	                     boot->tls == POST_PLAIN))
		return false;
#define SET(option, value) post_curl.easy_setopt(easy, option, value)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_USE_SSL, boot->tls == POST_PLAIN ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	SET(CURLOPT_MAIL_FROM, from);
	SET(CURLOPT_MAIL_RCPT, transfer->list);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, give);
	SET(CURLOPT_READDATA, transfer);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->length);
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_DEBUGFUNCTION, listen_in);
	SET(CURLOPT_DEBUGDATA, transfer);
	if (boot->user[0]) {
		SET(CURLOPT_USERNAME, boot->user);
		SET(CURLOPT_PASSWORD, boot->password);
	}
#undef SET
	return true;
}

/* "550 no such person" -> 550; 0: the server said nothing. */
long post_mail_code(const struct transfer *transfer)
{
	int64_t code;
	return str_number(str_first(str_of(transfer->reply), 3), 999, &code) == OK ? (long)code : 0;
}

enum post_outcome post_mail_outcome(const struct transfer *transfer, CURLcode result)
{
	long code = post_mail_code(transfer);
	/* After DATA come the message and its full stop: what the server answers last is of the message. */
	bool is_of_this = strcmp(transfer->phase, "RCPT") == 0 || strcmp(transfer->phase, "DATA") == 0;

	if (result == CURLE_OK)
		return POST_SENT;
	if (!is_of_this || code == 421 || code < 400 || code > 599 || result == CURLE_OPERATION_TIMEDOUT)
		return POST_PEER;
	return code >= 500 ? POST_NEVER : POST_LATER;
}
