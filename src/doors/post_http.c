/* One POST over HTTP(S), as webhooks, SMS and questions to an OpenID provider are sent: a body, some lines of head, and at most a short answer kept.
 *
 * SECURITY: the address is samordna.conf's, never core's; a redirect is not followed. In the clear only to this machine. */
#include <curl/curl.h>
#define LONG_LIVED
#include "doors/post_parts.h"

/* What is longer than there is room for is an answer that nobody asked for: the transfer ends. */
static size_t take_answer(char *from, size_t size, size_t n, void *of)
{
	struct transfer *transfer = of;

	if (!transfer->answer)
		return size * n;
	if (size * n > POST_ANSWER - transfer->answered)
		return 0;
	memcpy(transfer->answer + transfer->answered, from, size * n);
	transfer->answered += size * n;
	return size * n;
}

/* "https://[::1]:8443/x" -> host and port. */
static bool take_apart(const char *url, char host[256], uint16_t *port)
{
	bool is_clear = strncmp(url, "http:", 5) == 0;
	struct str rest = str_from(str_of(url), is_clear ? 7 : 8);
	int64_t number = is_clear ? 80 : 443;

	rest = str_first(rest, MIN(str_find(rest, '/'), str_find(rest, '?')));
	struct str name = rest;
	size_t close_at = str_find(rest, ']');
	if (rest.len && rest.at[0] == '[' && close_at < rest.len) {
		name = str_first(str_from(rest, 1), close_at - 1);
		rest = str_from(rest, close_at + 1);
	} else {
		name = str_first(rest, str_find(rest, ':'));
		rest = str_from(rest, name.len);
	}
	if (rest.len && (rest.at[0] != ':' || str_number(str_from(rest, 1), 65535, &number) != OK))
		return false;
	if (!name.len || name.len > 255)
		return false;
	memcpy(host, name.at, name.len);
	host[name.len] = '\0';
	*port = (uint16_t)number;
	return true;
}

bool post_http_start(struct transfer *transfer, const struct post_boot *boot, const char *url, struct curl_slist *head, struct str body)
{
	char host[256];
	uint16_t port;
	CURL *easy = transfer->easy;

	transfer->list = post_curl.slist_append(head, "Expect:");
	if (!take_apart(url, host, &port))
		return false;
	transfer->bytes = malloc(body.len + 1);
	if (!transfer->bytes)
		abort();
	if (body.len)
		memcpy(transfer->bytes, body.at, body.len);
	transfer->length = body.len;
	if (!post_set_common(transfer, host, port, boot->ca_length ? (struct str){ boot->ca, boot->ca_length } : post_system_authorities,
	                     strncmp(url, "http:", 5) == 0))
		return false;
#define SET(option, value) post_curl.easy_setopt(easy, option, value)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDS, transfer->bytes);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->length);
	SET(CURLOPT_HTTPHEADER, transfer->list);
	SET(CURLOPT_USERAGENT, "Samordna/" SAMORDNA_VERSION);
	SET(CURLOPT_WRITEFUNCTION, take_answer);
	SET(CURLOPT_WRITEDATA, transfer);
#undef SET
	return true;
}
