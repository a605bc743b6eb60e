/* One event to one webhook: POST of a JSON body, signed as Standard Webhooks says, so that receivers have libraries for it.
 *
 *     webhook-id: the delivery's number, the same when it is sent again
 *     webhook-timestamp: seconds since 1970, of this try
 *     webhook-signature: v1,BASE64(HMAC-SHA-256(secret, ID "." TIMESTAMP "." BODY))
 *
 * SECURITY: the address is samordna.conf's; a redirect is not followed, an answer is not read but for its status. The secret never leaves this process. */
#include <curl/curl.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#define LONG_LIVED
#include "doors/post_parts.h"
#include "base/world.h"

static size_t ignore(char *from, size_t size, size_t n, void *of)
{
	(void)from;
	(void)of;
	return size * n;
}

static void sign(const struct post_boot *boot, uint32_t hook, const char *id, const char *at, struct str body, char ret[128])
{
	struct hmac_sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];
	char text[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = { 0 };

	hmac_sha256_set_key(&context, boot->hook[hook].secret_length, boot->hook[hook].secret);
	hmac_sha256_update(&context, strlen(id), (const uint8_t *)id);
	hmac_sha256_update(&context, 1, (const uint8_t *)".");
	hmac_sha256_update(&context, strlen(at), (const uint8_t *)at);
	hmac_sha256_update(&context, 1, (const uint8_t *)".");
	hmac_sha256_update(&context, body.len, (const uint8_t *)body.at);
	hmac_sha256_digest(&context, sizeof digest, digest);
	base64_encode_raw(text, sizeof digest, digest);
	snprintf(ret, 128, "webhook-signature: v1,%s", text);
	memset(&context, 0, sizeof context);
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

bool post_hook_start(struct transfer *transfer, const struct post_boot *boot, const struct post_hook *hook, const struct parcel *parcel)
{
	struct str body = message_text(parcel, sizeof *hook, hook->body), event = message_text(parcel, sizeof *hook, hook->event);
	char host[256], line[300], id[32], at[32];
	uint16_t port;
	CURL *easy = transfer->easy;

	if (hook->hook >= boot->n_hooks || !take_apart(boot->hook[hook->hook].url, host, &port) || event.len > 60)
		return false;
	transfer->bytes = malloc(body.len + 1);
	if (!transfer->bytes)
		abort();
	memcpy(transfer->bytes, body.at, body.len);
	transfer->length = body.len;
	snprintf(id, sizeof id, "%lld", (long long)hook->id);
	snprintf(at, sizeof at, "%lld", (long long)world.now().ms / 1000);
	struct curl_slist *list = post_curl.slist_append(NULL, "Content-Type: application/json");
	snprintf(line, sizeof line, "webhook-id: %s", id);
	list = post_curl.slist_append(list, line);
	snprintf(line, sizeof line, "webhook-timestamp: %s", at);
	list = post_curl.slist_append(list, line);
	sign(boot, hook->hook, id, at, body, line);
	list = post_curl.slist_append(list, line);
	transfer->list = post_curl.slist_append(list, "Expect:");
	if (!post_set_common(transfer, host, port, boot->ca_length ? (struct str){ boot->ca, boot->ca_length } : post_system_authorities,
	                     strncmp(boot->hook[hook->hook].url, "http:", 5) == 0))
		return false;
#define SET(option, value) post_curl.easy_setopt(easy, option, value)
	SET(CURLOPT_URL, boot->hook[hook->hook].url);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDS, transfer->bytes);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->length);
	SET(CURLOPT_HTTPHEADER, transfer->list);
	SET(CURLOPT_USERAGENT, "Samordna/" SAMORDNA_VERSION);
	SET(CURLOPT_WRITEFUNCTION, ignore);
#undef SET
	return true;
}

/* 410: the receiver wants no more of it. Everything else but 2xx may be otherwise later. */
enum post_outcome post_hook_outcome(CURLcode result, long code)
{
	if (result != CURLE_OK)
		return POST_PEER;
	return code >= 200 && code < 300 ? POST_SENT : code == 410 ? POST_NEVER : POST_LATER;
}
